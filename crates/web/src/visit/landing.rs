//! `/v/{token}`: what this is, who will see you, and is it you? Opening it changes nothing; the birth date does.

use super::{
    link,
    step::{LINK_LIFE, Window},
};
use crate::{
    AnonymousDesk, At, Errors, Form, Problem,
    desk::{Stub, go},
    shell::PatientShell,
    words::Words,
};
use access::TenantId;
use askama::Template;
use axum::{
    http::header,
    response::{IntoResponse, Response},
};
use care::{Consultation, ConsultationId, PatientId, Stage, patient::birth_date, proof};
use jiff::{Timestamp, civil::Date};
use ledger::Actor;
use sha2::{Digest as _, Sha256};
use std::time::Duration;
use store::{
    By, Conn, Fault, Tx, consultation::Booking, dossier::legal_day, invitation::Invitation,
    physician::PhysicianProfile, session::Holder,
};

/// Every answer to a birth date takes at least this long, so that none tells by its speed what the link is.
const ANSWER_MIN: Duration = Duration::from_millis(250);

/// What a link that is known shows before the birth date.
struct Shown {
    number: i64,
    today: bool,
    at: String,
    physician: String,
    department: String,
    /// Year of registration, from the verified proof only (cl-1.4-iv-a).
    year: String,
    proven: bool,
    window: Window,
    opens: String,
    over: bool,
    /// The visit has not begun: without the physician's proof it does not start (cl-1.4-i-b).
    ahead: bool,
    proxy: bool,
}

#[derive(Template)]
#[template(path = "visit/landing.html")]
struct Landing {
    shell: PatientShell,
    w: Words,
    token: String,
    shown: Option<Shown>,
    errors: Errors,
    left: Option<i64>,
    rests: bool,
    era: String,
    year: String,
    month: String,
    day: String,
}

impl Landing {
    async fn new(desk: &AnonymousDesk, tenant: TenantId, token: &str) -> Result<Self, Problem> {
        Ok(Self {
            shell: desk.patient_shell(tenant, "visit-landing-title").await?,
            w: desk.w,
            token: token.to_owned(),
            shown: None,
            errors: Errors::default(),
            left: None,
            rests: false,
            era: "showa".into(),
            year: String::new(),
            month: String::new(),
            day: String::new(),
        })
    }

    /// Whose date is asked for.
    fn whose(&self) -> &'static str {
        match &self.shown {
            Some(shown) if shown.proxy => "visit-landing-birth-proxy",
            _ => "visit-landing-birth",
        }
    }

    fn form(&self) -> bool {
        !self.rests
            && self.shown.as_ref().is_none_or(|shown| {
                !shown.over && shown.window != Window::Late && (shown.proven || !shown.ahead)
            })
    }
}

/// A link that leads somewhere.
pub(super) async fn known(
    conn: &mut Conn,
    secret: &[u8],
    now: Timestamp,
) -> Result<Option<(Invitation, Booking)>, Fault> {
    let Some(link) = conn.invitation(secret).await? else {
        return Ok(None);
    };
    let booking = conn.consultation(link.consultation).await?;
    Ok(booking
        .filter(|booking| now.duration_since(booking.consultation.booked_for) < LINK_LIFE)
        .map(|booking| (link, booking)))
}

/// The newest visit of a patient to which a link can still be opened: by it somebody is told of something later.
pub(crate) async fn reachable(
    conn: &mut Conn,
    patient: PatientId,
    now: Timestamp,
) -> Result<Option<ConsultationId>, Fault> {
    let open = |visit: &Consultation| {
        now.duration_since(visit.booked_for) < LINK_LIFE
            && !matches!(
                visit.stage,
                Stage::Declined | Stage::SwitchedInPerson | Stage::NotPerformed | Stage::Aborted
            )
    };
    Ok(conn
        .consultations_of(patient)
        .await?
        .into_iter()
        .map(|booking| booking.consultation)
        .find(open)
        .map(|visit| visit.id))
}

pub(super) async fn show(desk: AnonymousDesk, At(token): At<String>) -> Result<Response, Problem> {
    let Some((tenant, secret)) = link::decode(&token) else {
        return Ok(go("/lost"));
    };
    let mut read = match desk.app().store().read(tenant).await {
        Err(Fault::UnknownTenant) => return Ok(go("/lost")),
        other => other?,
    };
    let mut page = Landing::new(&desk, tenant, &token).await?;
    if let Some((link, booking)) = known(&mut read, &secret, desk.now).await? {
        page.rests = link.rests(desk.now);
        page.shown = Some(shown(&mut read, &desk, &link, &booking).await?);
    }
    desk.page(&page)
}

/// What is known of the proof of a visit's physician.
async fn proof_facts(
    conn: &mut Conn,
    visit: &Consultation,
) -> Result<(proof::Facts, Option<PhysicianProfile>), Fault> {
    let profile = conn.physician_profile(visit.physician).await?;
    let facts = proof::Facts {
        profile: proof::Profile {
            name: profile
                .as_ref()
                .map(|profile| profile.name.clone())
                .unwrap_or_default(),
            photo: profile
                .as_ref()
                .map(PhysicianProfile::photo_digest)
                .unwrap_or_default(),
        },
        proof: conn.physician_proof(visit.physician).await?,
        shown: false,
        answer: None,
        request: None,
    };
    Ok((facts, profile))
}

/// Whether the physician can prove who it is today: without that no visit starts.
async fn proven(conn: &mut Conn, visit: &Consultation, now: Timestamp) -> Result<bool, Fault> {
    let (facts, _) = proof_facts(conn, visit).await?;
    Ok(proof::card(&facts, legal_day(now)).is_ok())
}

async fn shown(
    conn: &mut Conn,
    desk: &AnonymousDesk,
    link: &Invitation,
    booking: &Booking,
) -> Result<Shown, Fault> {
    let visit = &booking.consultation;
    let (facts, profile) = proof_facts(conn, visit).await?;
    let today = legal_day(desk.now);
    let card = proof::card(&facts, today).ok();
    let rules = conn.house_rules().await?;
    Ok(Shown {
        number: booking.number,
        today: legal_day(visit.booked_for) == today,
        at: if legal_day(visit.booked_for) == today {
            desk.w.time(visit.booked_for)
        } else {
            desk.w.day_time(visit.booked_for)
        },
        physician: facts.profile.name.clone(),
        department: profile
            .map(|profile| profile.department)
            .unwrap_or_default(),
        year: card
            .as_ref()
            .map(|card| super::card::year(card.registration_year, desk.w))
            .unwrap_or_default(),
        proven: card.is_some(),
        window: if visit.stage.is_before_live() {
            Window::of(visit.booked_for, &rules, desk.now)
        } else {
            Window::Open
        },
        opens: desk.w.day_time(Window::opens(visit.booked_for, &rules)),
        over: matches!(
            visit.stage,
            Stage::Declined | Stage::SwitchedInPerson | Stage::NotPerformed | Stage::Aborted
        ),
        ahead: visit.stage.is_before_live(),
        proxy: link.proxy.is_some(),
    })
}

/// The physician's photograph, for whoever holds the link.
pub(super) async fn photo(desk: AnonymousDesk, At(token): At<String>) -> Result<Response, Problem> {
    let (tenant, secret) = link::decode(&token).ok_or(Problem::NotFound)?;
    let mut read = desk.app().store().read(tenant).await?;
    let (_, booking) = known(&mut read, &secret, desk.now)
        .await?
        .ok_or(Problem::NotFound)?;
    let profile = read
        .physician_profile(booking.consultation.physician)
        .await?;
    picture(profile)
}

/// A photograph as it was entered, in a type that browsers draw and never run.
pub(super) fn picture(profile: Option<PhysicianProfile>) -> Result<Response, Problem> {
    let profile = profile
        .filter(|profile| !profile.photo.is_empty())
        .ok_or(Problem::NotFound)?;
    let kind = match profile.photo_type.as_str() {
        "image/png" => "image/png",
        "image/webp" => "image/webp",
        "image/svg+xml" => "image/svg+xml",
        _ => "image/jpeg",
    };
    Ok(([(header::CONTENT_TYPE, kind)], profile.photo).into_response())
}

/// How a birth date was taken.
enum Entry {
    Entered,
    Wrong(i64),
    Rests,
    Unknown,
    Over,
}

pub(super) async fn enter(
    desk: AnonymousDesk,
    At(token): At<String>,
    form: Form,
) -> Result<Response, Problem> {
    let Some((tenant, secret)) = link::decode(&token) else {
        return Ok(go("/lost"));
    };
    let mut page = match Landing::new(&desk, tenant, &token).await {
        Err(Problem::Unavailable | Problem::NotFound) => return Ok(go("/lost")),
        other => other?,
    };
    let field = |name| form.text(name).chars().take(8).collect::<String>();
    (page.era, page.year, page.month, page.day) =
        (field("era"), field("y"), field("m"), field("d"));
    let Some(birth) = birth_date(&page.era, &page.year, &page.month, &page.day) else {
        page.errors = Errors::one("d", "visit-landing-unreadable");
        return desk.page_wrong(&page);
    };
    let ticket = desk.ticket()?;
    let stub = ticket.stub();
    let work = desk.app().store().write(tenant, desk.now, move |tx| {
        Box::pin(try_enter(tx, secret, birth, stub))
    });
    let (entry, ()) = tokio::join!(work, tokio::time::sleep(ANSWER_MIN));
    let left = match entry? {
        Entry::Entered => return Ok(ticket.hand_over(tenant, go("/visit"))),
        Entry::Over => return Ok(go(&format!("/v/{token}"))),
        Entry::Wrong(left) => Some(left),
        Entry::Rests => None,
        Entry::Unknown => desk
            .app()
            .strangers()
            .try_once(Sha256::digest(&token).into(), desk.now),
    };
    match left {
        Some(left) => {
            page.left = Some(left);
        }
        None => page.rests = true,
    }
    // The date is not sent back: whoever guesses starts over.
    (page.year, page.month, page.day) = (String::new(), String::new(), String::new());
    desk.page_wrong(&page)
}

async fn try_enter(
    tx: &mut Tx,
    secret: [u8; link::SECRET_BYTES],
    birth: Date,
    stub: Stub,
) -> Result<Entry, Problem> {
    let now = tx.now();
    let Some((link, booking)) = known(tx, &secret, now).await? else {
        return Ok(Entry::Unknown);
    };
    if link.rests(now) {
        return Ok(Entry::Rests);
    }
    let Some(own) = birth_of(tx, &link).await? else {
        return Ok(Entry::Unknown);
    };
    if own != birth {
        let after = tx.wrong_date(&link).await?;
        return Ok(if after.rests(now) {
            Entry::Rests
        } else {
            Entry::Wrong(after.left())
        });
    }
    let visit = booking.consultation;
    let window = Window::of(visit.booked_for, &tx.house_rules().await?, now);
    let late = visit.stage == Stage::Booked && window == Window::Late;
    let unproven = visit.stage.is_before_live() && !proven(tx, &visit, now).await?;
    if late
        || unproven
        || matches!(
            visit.stage,
            Stage::Declined | Stage::SwitchedInPerson | Stage::NotPerformed | Stage::Aborted
        )
    {
        return Ok(Entry::Over);
    }
    let device = stub.device(tx).await?;
    let by = By::Patient {
        id: link.patient,
        proxy: link.proxy,
        device,
    };
    tx.bind(&by, &link, device).await?;
    tx.end_visit_sessions(visit.id, link.proxy).await?;
    let holder = Holder::Patient {
        patient: link.patient,
        proxy: link.proxy,
        consultation: visit.id,
    };
    let actor = Actor::Patient {
        id: link.patient.to_string(),
        proxy: link.proxy.map(|proxy| proxy.to_string()),
    };
    stub.open(tx, holder, actor, "link+birth_date").await?;
    if visit.stage == Stage::Booked && window == Window::Open {
        let event = visit.arrive(now)?;
        tx.keep_event(&by, &visit, &event).await?;
    }
    Ok(Entry::Entered)
}

/// Whose birth date opens the link: the patient's, or the proxy's own.
async fn birth_of(tx: &mut Tx, link: &Invitation) -> Result<Option<Date>, Fault> {
    match link.proxy {
        None => Ok(tx
            .patient(link.patient)
            .await?
            .map(|patient| patient.profile.birth)),
        Some(id) => {
            let proxies = tx.proxies(link.patient).await?;
            Ok(proxies
                .into_iter()
                .find(|proxy| proxy.id == id)
                .map(|proxy| proxy.person.birth))
        }
    }
}
