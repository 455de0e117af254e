//! Who sent a request, as far as the cookie and storage prove it.

use crate::{App, Problem, cookie, scene::Scene, surface::Surface};
use access::{
    DeviceId, PersonId, Role, TenantId,
    policy::{Asker, Audience},
    session::{Course, PATIENT, STAFF, Standing, Terms},
};
use axum::http::HeaderMap;
use care::{ConsultationId, PatientId, ProxyId};
use jiff::Timestamp;
use ledger::{Actor, Entry};
use store::{
    Conn, Fault,
    session::{CallSign, Holder, Session},
};

/// A proved caller, in the extensions of a request that the gate let in.
#[derive(Clone)]
pub(crate) enum Caller {
    Staff(Staff),
    Patient(Patient),
}

#[derive(Clone)]
pub(crate) struct Staff {
    pub(crate) tenant: TenantId,
    pub(crate) session: Session,
    token_hash: [u8; 32],
    pub(crate) person: PersonId,
    pub(crate) name: String,
    pub(crate) roles: Vec<Role>,
    /// Since when the screen is covered, if it is.
    pub(crate) covered: Option<Timestamp>,
    pub(crate) acting: Option<Role>,
}

#[derive(Clone)]
#[expect(
    clippy::struct_field_names,
    reason = "the patient of the patient's session"
)]
pub(crate) struct Patient {
    pub(crate) tenant: TenantId,
    pub(crate) session: Session,
    token_hash: [u8; 32],
    pub(crate) patient: PatientId,
    pub(crate) proxy: Option<ProxyId>,
    pub(crate) consultation: ConsultationId,
}

impl Caller {
    /// The patient, if it is one.
    pub(crate) fn patient(&self) -> Option<PatientId> {
        match self {
            Self::Staff(_) => None,
            Self::Patient(patient) => Some(patient.patient),
        }
    }

    pub(crate) fn tenant(&self) -> Option<TenantId> {
        let tenant = match self {
            Self::Staff(staff) => staff.tenant,
            Self::Patient(patient) => patient.tenant,
        };
        (tenant != TenantId::INSTALLATION).then_some(tenant)
    }

    pub(crate) fn asker(&self) -> Asker<'_> {
        match self {
            Self::Patient(_) => Asker::Patient,
            Self::Staff(staff)
                if staff.covered.is_some() || staff.tenant == TenantId::INSTALLATION =>
            {
                Asker::Waiting
            }
            Self::Staff(staff) => Asker::Staff(&staff.roles),
        }
    }

    /// Whether acts renew the session: not while the screen is covered.
    pub(crate) fn is_open(&self) -> bool {
        match self {
            Self::Staff(staff) => staff.covered.is_none(),
            Self::Patient(_) => true,
        }
    }

    /// What to say to somebody known who must first show more.
    pub(crate) fn way_back(&self) -> Problem {
        match self {
            Self::Staff(staff) if staff.covered.is_some() => Problem::Covered,
            Self::Staff(_) | Self::Patient(_) => Problem::SignIn,
        }
    }

    /// The same caller with the role in which the route lets it act.
    pub(crate) fn acting_as(mut self, audience: Audience) -> Self {
        if let Self::Staff(staff) = &mut self {
            let wanted = |role: &Role| match audience {
                Audience::Roles(roles) => roles.contains(role),
                Audience::Anyone | Audience::Patient | Audience::SignedIn | Audience::Staff => true,
            };
            staff.acting = staff.roles.iter().copied().find(wanted);
        }
        self
    }

    pub(crate) fn session(&self) -> &Session {
        match self {
            Self::Staff(staff) => &staff.session,
            Self::Patient(patient) => &patient.session,
        }
    }

    fn token_hash(&self) -> [u8; 32] {
        match self {
            Self::Staff(staff) => staff.token_hash,
            Self::Patient(patient) => patient.token_hash,
        }
    }

    fn home(&self) -> TenantId {
        match self {
            Self::Staff(staff) => staff.tenant,
            Self::Patient(patient) => patient.tenant,
        }
    }

    /// Who acts, for the ledger.
    pub(crate) fn actor(&self) -> Actor {
        match self {
            Self::Staff(staff) => Actor::Person {
                id: staff.person.to_string(),
                role: staff.acting.map_or("none", Role::as_str),
            },
            Self::Patient(patient) => Actor::Patient {
                id: patient.patient.to_string(),
                proxy: patient.proxy.map(|proxy| proxy.to_string()),
            },
        }
    }

    pub(crate) fn device(&self) -> DeviceId {
        self.session().device
    }
}

/// The caller of a request; `None` where nobody is signed in on this surface.
pub(crate) async fn load(
    app: &App,
    surface: Surface,
    scene: &Scene,
    headers: &HeaderMap,
) -> Result<Option<Caller>, Problem> {
    match cookie::session(surface, headers) {
        Some((tenant, token)) => find(app, surface, tenant, token.hash(), scene.now()).await,
        None => Ok(None),
    }
}

/// Whether a caller who was let in before would be let in now: streams ask while they run.
pub(crate) async fn is_still_open(app: &App, surface: Surface, caller: &Caller) -> bool {
    let now = app.now();
    match find(app, surface, caller.home(), caller.token_hash(), now).await {
        Ok(Some(found)) => found.is_open() && found.asker() == caller.asker(),
        Ok(None) => false,
        // Storage gone ends no stream: a running call does not depend on it.
        Err(_) => true,
    }
}

async fn find(
    app: &App,
    surface: Surface,
    tenant: TenantId,
    token_hash: [u8; 32],
    now: Timestamp,
) -> Result<Option<Caller>, Problem> {
    // Before the reading below: it must not wait for another one.
    let Some(terms) = terms(app, surface, tenant, now).await else {
        return Ok(None);
    };
    let mut read = match app.store().read(tenant).await {
        Ok(read) => read,
        Err(Fault::UnknownTenant) => return Ok(None),
        Err(fault) => return Err(fault.into()),
    };
    let Some(mut session) = read.session(surface.as_str(), &token_hash).await? else {
        return Ok(None);
    };
    session.course.last_act = app.presence().latest(session.id, session.course.last_act);
    if terms.standing(session.course, now) != Standing::Open {
        session.course = with_call(&mut read, &session, now).await?;
    }
    let standing = terms.standing(session.course, now);
    if standing == Standing::Ended {
        return Ok(None);
    }
    let covered = (standing == Standing::Covered).then(|| terms.covered_since(session.course));
    match session.holder {
        Holder::Patient {
            patient,
            proxy,
            consultation,
        } => Ok(Some(Caller::Patient(Patient {
            tenant,
            session,
            token_hash,
            patient,
            proxy,
            consultation,
        }))),
        Holder::Person(person) => {
            if read.is_disabled(person).await? {
                return Ok(None);
            }
            let memberships = read.memberships(person, now).await?;
            if memberships.is_empty() && tenant != TenantId::INSTALLATION {
                return Ok(None);
            }
            Ok(Some(Caller::Staff(Staff {
                tenant,
                session,
                token_hash,
                person,
                name: memberships
                    .first()
                    .map(|one| one.name.clone())
                    .unwrap_or_default(),
                roles: memberships.iter().map(|one| one.role).collect(),
                covered,
                acting: memberships.first().map(|one| one.role),
            })))
        }
    }
}

async fn terms(app: &App, surface: Surface, tenant: TenantId, now: Timestamp) -> Option<Terms> {
    match surface {
        Surface::Patient => Some(PATIENT),
        Surface::Staff => Some(STAFF.covered_within(app.cover_minutes(tenant, now).await)),
        Surface::Admin => None,
    }
}

/// The course with what the call of this session adds: while it runs it holds the session, and to have been in it was
/// an act.
pub(crate) async fn with_call(
    conn: &mut Conn,
    session: &Session,
    now: Timestamp,
) -> Result<Course, Fault> {
    let mut course = session.course;
    match conn.call_sign(session).await? {
        Some(CallSign::Until(lease)) => {
            course.live_until = Some(lease);
            course.last_act = course.last_act.max(lease.min(now));
        }
        Some(CallSign::Over(at)) => course.last_act = course.last_act.max(at.min(now)),
        None => {}
    }
    Ok(course)
}

/// Notes that the person acted; storage hears of it every five minutes, and the request does not wait for it.
pub(crate) fn acted(app: &App, caller: &Caller, now: Timestamp) {
    let session = *caller.session();
    if app
        .presence()
        .acted(session.id, session.course.last_act, now)
    {
        tell(app, caller, now);
    }
}

fn tell(app: &App, caller: &Caller, now: Timestamp) {
    let store = app.store().clone();
    let (tenant, id) = (caller.home(), caller.session().id);
    tokio::spawn(async move {
        let kept: Result<(), Fault> = store
            .write(tenant, now, move |tx| {
                Box::pin(async move { tx.session_seen(id).await })
            })
            .await;
        if let Err(fault) = kept {
            tracing::warn!(%fault, "a session's last act was not kept");
        }
    });
}

/// Writes down that somebody known asked for what the role does not allow. The refusal stands whether or not it is kept.
pub(crate) async fn deny(app: &App, caller: &Caller, path: &'static str, now: Timestamp) {
    let kind = format!("denied {} {path}", caller.session().id);
    let Some(count) = app.notes().due(kind, now) else {
        return;
    };
    let entry = Entry::new("access.denied", caller.actor(), "administration")
        .device(caller.device().to_string())
        .refused()
        .field("route", path)
        .field("count", count);
    record(app, caller.home(), entry, now).await;
}

/// Writes down a clause's refusal to somebody signed in.
pub(crate) async fn refused(
    app: &App,
    caller: &Caller,
    refusal: &care::Refusal,
    place: &str,
    now: Timestamp,
) {
    let kind = format!("refused {} {} {place}", caller.session().id, refusal.clause);
    let Some(count) = app.notes().due(kind, now) else {
        return;
    };
    let entry = Entry::new("refusal.recorded", caller.actor(), "care")
        .device(caller.device().to_string())
        .refused()
        .clause(refusal.clause.id())
        .object("place", place)
        .field("reason", refusal.reason)
        .field("count", count);
    record(app, caller.home(), entry, now).await;
}

async fn record(app: &App, tenant: TenantId, entry: Entry, now: Timestamp) {
    let kept: Result<u64, Fault> = app
        .store()
        .write(tenant, now, move |tx| {
            Box::pin(async move { tx.record(entry).await })
        })
        .await;
    if let Err(fault) = kept {
        tracing::error!(%fault, "a refusal was not written down");
    }
}
