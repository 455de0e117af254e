//! What every request works with: storage, media, settings, the clock, and what is kept in memory with a bound.

use crate::{
    bell::Bell, limit::Limiter, note::Notes, once::Once, password::Hasher, presence::Presence,
    surface::Surface, visit::Strangers,
};
use access::{TenantId, Ulid};
use jiff::Timestamp;
use media::Media;
use std::{
    collections::HashMap,
    net::IpAddr,
    sync::{Arc, RwLock},
};
use store::{Store, institution::Institution};

/// Reads the hour. Only the shell calls it, once a request.
pub type Clock = Arc<dyn Fn() -> Timestamp + Send + Sync>;

/// Fills bytes with chance; false where the machine has none to give.
pub type Entropy = Arc<dyn Fn(&mut [u8]) -> bool + Send + Sync>;

/// How long what an institution is called may be told from memory.
const INSTITUTION_AGE: jiff::SignedDuration = jiff::SignedDuration::from_secs(10);
/// Most institutions remembered.
const INSTITUTIONS_MAX: usize = 10_000;

/// Where each surface is reached, and by whom it is fronted.
#[derive(Clone)]
pub struct Settings {
    /// `https://…` or `http://localhost:8080` of the patient surface, without a slash at the end.
    pub patient_url: String,
    /// The same of the staff surface.
    pub staff_url: String,
    /// The same of the operator's surface.
    pub admin_url: String,
    /// Proxies whose `X-Forwarded-For` is believed.
    pub proxies: Vec<IpAddr>,
    /// The institution shown to those who have not signed in, where there is one.
    pub home: Option<TenantId>,
    /// A demonstration: pages say so, and the outbox page may be served.
    pub demo: bool,
}

impl Settings {
    /// Where a surface is reached.
    pub fn url(&self, surface: Surface) -> &str {
        match surface {
            Surface::Patient => &self.patient_url,
            Surface::Staff => &self.staff_url,
            Surface::Admin => &self.admin_url,
        }
    }
}

/// What an [`App`] is made of.
pub struct Parts {
    /// Storage.
    pub store: Store,
    /// The media server, where this node has one.
    pub media: Option<Media>,
    /// Addresses and the like.
    pub settings: Settings,
    /// The clock: [`system_clock`] outside tests.
    pub clock: Clock,
    /// Chance: [`system_entropy`] outside tests.
    pub entropy: Entropy,
}

/// The one state of all surfaces. Cloning it is cheap.
#[derive(Clone)]
pub struct App(Arc<Inner>);

struct Inner {
    parts: Parts,
    institutions: RwLock<HashMap<TenantId, (Timestamp, Arc<Institution>)>>,
    limiter: Limiter,
    once: Once,
    hasher: Hasher,
    presence: Presence,
    notes: Notes,
    strangers: Strangers,
    bell: Bell,
}

impl App {
    /// Wires the parts together.
    pub fn new(parts: Parts) -> Self {
        Self(Arc::new(Inner {
            parts,
            institutions: RwLock::default(),
            limiter: Limiter::new(),
            once: Once::new(),
            hasher: Hasher::new(),
            presence: Presence::new(),
            notes: Notes::default(),
            strangers: Strangers::default(),
            bell: Bell::new(),
        }))
    }

    /// Storage.
    pub fn store(&self) -> &Store {
        &self.0.parts.store
    }

    /// The media server, where this node has one.
    pub fn media(&self) -> Option<&Media> {
        self.0.parts.media.as_ref()
    }

    /// Addresses and the like.
    pub fn settings(&self) -> &Settings {
        &self.0.parts.settings
    }

    /// The hour. A request reads it once, through its desk.
    pub fn now(&self) -> Timestamp {
        (self.0.parts.clock)()
    }

    /// Random bytes, or `None` where the machine gives none: then nothing is signed in.
    pub fn random<const N: usize>(&self) -> Option<[u8; N]> {
        let mut bytes = [0; N];
        (self.0.parts.entropy)(&mut bytes).then_some(bytes)
    }

    /// A new id. Without entropy it is unique only by its time; ids are names, never secrets.
    pub fn fresh_id(&self, now: Timestamp) -> Ulid {
        let chance = u128::from_be_bytes(self.random().unwrap_or_default());
        let millis = u64::try_from(now.as_millisecond()).unwrap_or_default();
        Ulid::from_parts(millis, chance)
    }

    /// What an institution is called and where it is reached, at most ten seconds old.
    ///
    /// With storage gone it is told from memory: the telephone number must stand on every page.
    pub async fn institution(&self, tenant: TenantId, now: Timestamp) -> Option<Arc<Institution>> {
        let known = self.remembered(tenant);
        if let Some((at, institution)) = &known
            && now.duration_since(*at) < INSTITUTION_AGE
        {
            return Some(Arc::clone(institution));
        }
        let Ok(mut read) = self.store().read(tenant).await else {
            return known.map(|(_, institution)| institution);
        };
        match read.institution().await {
            Ok(Some(institution)) => Some(self.remember(tenant, now, institution)),
            Ok(None) => None,
            Err(_) => known.map(|(_, institution)| institution),
        }
    }

    /// Forgets what was remembered of an institution, after its settings changed.
    pub fn forget_institution(&self, tenant: TenantId) {
        if let Ok(mut institutions) = self.0.institutions.write() {
            institutions.remove(&tenant);
        }
    }

    fn remembered(&self, tenant: TenantId) -> Option<(Timestamp, Arc<Institution>)> {
        self.0.institutions.read().ok()?.get(&tenant).cloned()
    }

    fn remember(
        &self,
        tenant: TenantId,
        now: Timestamp,
        institution: Institution,
    ) -> Arc<Institution> {
        let institution = Arc::new(institution);
        if let Ok(mut institutions) = self.0.institutions.write()
            && (institutions.len() < INSTITUTIONS_MAX || institutions.contains_key(&tenant))
        {
            institutions.insert(tenant, (now, Arc::clone(&institution)));
        }
        institution
    }

    pub(crate) fn limiter(&self) -> &Limiter {
        &self.0.limiter
    }

    pub(crate) fn once(&self) -> &Once {
        &self.0.once
    }

    pub(crate) fn hasher(&self) -> &Hasher {
        &self.0.hasher
    }

    pub(crate) fn presence(&self) -> &Presence {
        &self.0.presence
    }

    pub(crate) fn notes(&self) -> &Notes {
        &self.0.notes
    }

    pub(crate) fn bell(&self) -> &Bell {
        &self.0.bell
    }

    pub(crate) fn strangers(&self) -> &Strangers {
        &self.0.strangers
    }
}

/// The machine's clock, cut to the µs that storage keeps.
#[expect(
    clippy::disallowed_methods,
    reason = "the one place where the shell reads the clock"
)]
pub fn system_clock() -> Clock {
    Arc::new(|| {
        let now = Timestamp::now();
        Timestamp::from_microsecond(now.as_microsecond()).unwrap_or(now)
    })
}

/// The machine's entropy.
pub fn system_entropy() -> Entropy {
    Arc::new(|bytes| getrandom::fill(bytes).is_ok())
}
