//! What every request works with: storage, media, settings, the clock, and what is kept in memory with a bound.

use crate::{
    bell::Bell, limit::Limiter, note::Notes, once::Once, password::Hasher, presence::Presence,
    sign::Signs, surface::Surface, visit::Strangers,
};
use access::{TenantId, Ulid};
use care::house::COVER_MINUTES;
use jiff::Timestamp;
use media::Media;
use std::{
    collections::HashMap,
    net::IpAddr,
    sync::{Arc, RwLock},
};
use store::{Fault, Store, institution::Institution, outbox::Channel};

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
    /// A time-stamp authority is configured for the daily root of the ledger.
    pub time_stamp_authority: bool,
    /// The channels by which messages reach patients; where none is, reception hands links over.
    pub carried: Vec<Channel>,
    /// The clauses that the program around these surfaces answers itself, for the checklist.
    pub duties: &'static [guideline::Duty],
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
    institutions: RwLock<HashMap<TenantId, Known>>,
    limiter: Limiter,
    once: Once,
    hasher: Hasher,
    presence: Presence,
    notes: Notes,
    strangers: Strangers,
    bell: Bell,
    signs: Signs,
    shelves: crate::shelf::Kept,
}

/// What is remembered of an institution, and since when.
#[derive(Clone)]
struct Known {
    at: Timestamp,
    institution: Arc<Institution>,
    cover_minutes: u16,
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
            signs: Signs::default(),
            shelves: crate::shelf::Kept::default(),
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
        Some(self.known(tenant, now).await?.institution)
    }

    /// After how many idle minutes an institution covers its staff screens.
    pub(crate) async fn cover_minutes(&self, tenant: TenantId, now: Timestamp) -> u16 {
        self.known(tenant, now)
            .await
            .map_or(*COVER_MINUTES.end(), |known| known.cover_minutes)
    }

    async fn known(&self, tenant: TenantId, now: Timestamp) -> Option<Known> {
        let known = self.remembered(tenant);
        if let Some(known) = &known
            && now.duration_since(known.at) < INSTITUTION_AGE
        {
            return Some(known.clone());
        }
        // Who asks may hold a reading already. If all who do asked for a second one at once, none would get it: so one
        // looks, and the others are told what was known.
        if let Some(known) = &known {
            self.remember(
                tenant,
                &Known {
                    at: now,
                    ..known.clone()
                },
            );
        }
        match self.look_up(tenant, now).await {
            Ok(Some(fresh)) => {
                self.remember(tenant, &fresh);
                Some(fresh)
            }
            Ok(None) => None,
            Err(_) => known,
        }
    }

    async fn look_up(&self, tenant: TenantId, now: Timestamp) -> Result<Option<Known>, Fault> {
        let mut read = self.store().read(tenant).await?;
        let Some(institution) = read.institution().await? else {
            return Ok(None);
        };
        Ok(Some(Known {
            at: now,
            institution: Arc::new(institution),
            cover_minutes: read.house_rules().await?.cover_minutes,
        }))
    }

    /// Forgets what was remembered of an institution, after its settings changed.
    pub fn forget_institution(&self, tenant: TenantId) {
        if let Ok(mut institutions) = self.0.institutions.write() {
            institutions.remove(&tenant);
        }
    }

    fn remembered(&self, tenant: TenantId) -> Option<Known> {
        self.0.institutions.read().ok()?.get(&tenant).cloned()
    }

    fn remember(&self, tenant: TenantId, known: &Known) {
        if let Ok(mut institutions) = self.0.institutions.write()
            && (institutions.len() < INSTITUTIONS_MAX || institutions.contains_key(&tenant))
        {
            institutions.insert(tenant, known.clone());
        }
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

    pub(crate) fn signs(&self) -> &Signs {
        &self.0.signs
    }

    pub(crate) fn bell(&self) -> &Bell {
        &self.0.bell
    }

    pub(crate) fn shelves(&self) -> &crate::shelf::Kept {
        &self.0.shelves
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
