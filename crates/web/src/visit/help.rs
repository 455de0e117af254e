//! Pages for everyone: the clinic, its physicians, where to complain, and what helps when something does not work.

use super::landing::picture;
use super::step::Asking;
use crate::{
    AnonymousDesk, At, Form, PatientDesk, Problem, caller::Caller, desk::go, notice,
    preconsultation::Block, qr::Qr, shell::PublicShell, words::Words,
};
use access::{PersonId, TenantId};
use askama::Template;
use axum::{extract::Query, response::Response};
use care::{
    proof,
    task::{self, Kind, Opening},
};
use serde::Deserialize;
use store::{By, dossier::legal_day, physician::PhysicianProfile};

/// Days in which a complaint is answered: two weeks, as the clinic sets them (要確認).
const COMPLAINT_DAYS: u16 = 14;
/// Days in which a request for the records is answered: the law says without delay; 30 days are usual (要確認).
const DISCLOSURE_DAYS: u16 = 30;
/// Longest words of either, in characters.
const VOICE_CHARS_MAX: usize = 1_000;

/// The institution that a page for everyone speaks of: the patient's own, or the one that is at home here.
pub(crate) async fn here(desk: &AnonymousDesk) -> Result<Option<TenantId>, Problem> {
    let caller = desk.caller().await?;
    Ok(caller.as_ref().and_then(Caller::tenant).or(desk.home()))
}

struct Physician {
    id: String,
    name: String,
    department: String,
    year: Option<i16>,
    course: Option<i16>,
    sex: Option<String>,
    /// The address at which another device sees that the card is ours, and its code.
    genuine: Option<(String, Qr)>,
    /// Has seen this very patient.
    mine: bool,
}

#[derive(Template)]
#[template(path = "visit/clinic.html")]
struct Clinic {
    shell: PublicShell,
    w: Words,
    /// A visit was read and closed a moment ago.
    done: bool,
    physicians: Vec<Physician>,
    /// Fee and limits of pre-consultations, where they are offered (cl-1.2-vi-a).
    pre: Option<Block>,
    /// The checklist is published.
    checklist: bool,
}

#[derive(Template)]
#[template(path = "visit/doctors.html")]
struct Doctors {
    shell: PublicShell,
    w: Words,
    physicians: Vec<Physician>,
}

#[derive(Template)]
#[template(path = "visit/voice.html")]
struct Voice {
    shell: PublicShell,
    w: Words,
    /// A patient who is known here can write at once.
    known: bool,
    /// It was written down.
    said: bool,
}

#[derive(Template)]
#[template(path = "visit/help.html")]
struct Help {
    shell: PublicShell,
    w: Words,
    lines: Vec<String>,
    other: String,
}

/// Physicians whose proof is in force: nobody else is named to the public.
async fn physicians(desk: &AnonymousDesk) -> Result<Vec<Physician>, Problem> {
    let Some(tenant) = here(desk).await? else {
        return Ok(Vec::new());
    };
    let mut read = desk.app().store().read(tenant).await?;
    let courses = read.courses().await?;
    let own = match desk.caller().await?.as_ref().and_then(Caller::patient) {
        Some(patient) => read
            .consultations_of(patient)
            .await?
            .into_iter()
            .map(|booking| booking.consultation.physician)
            .collect(),
        None => Vec::new(),
    };
    let public_url = &desk.app().settings().patient_url;
    let mut shown: Vec<Physician> = Vec::new();
    for profile in read.physician_profiles().await? {
        let facts = proof::Facts {
            proof: read.physician_proof(profile.person).await?,
            profile: proof::Profile {
                name: profile.name.clone(),
                photo: profile.photo_digest(),
            },
            shown: false,
            answer: None,
            request: None,
        };
        let Ok(card) = proof::card(&facts, legal_day(desk.now)) else {
            continue;
        };
        let genuine = crate::card::address(&mut read, profile.person, legal_day(desk.now))
            .await?
            .and_then(|path| {
                let qr = Qr::of(&format!("{public_url}{path}"))?;
                Some((path, qr))
            });
        shown.push(Physician {
            sex: read.physician_sex(profile.person).await?,
            genuine,
            mine: own.contains(&profile.person),
            id: profile.person.to_string(),
            name: card.name,
            department: profile.department,
            year: Some(card.registration_year),
            course: courses
                .iter()
                .filter(|course| course.person == profile.person && course.verified_by.is_some())
                .map(|course| course.completed_on.year())
                .max(),
        });
    }
    // Whoever has seen this patient comes first.
    shown.sort_by_key(|physician| !physician.mine);
    Ok(shown)
}

/// What the end of a visit leaves in the address: nothing of whose it was.
#[derive(Deserialize)]
pub(super) struct Came {
    done: Option<String>,
}

/// `GET /`: the clinic's page; who is in a visit comes back to it.
pub(super) async fn clinic(
    desk: AnonymousDesk,
    Query(came): Query<Came>,
) -> Result<Response, Problem> {
    if desk.caller().await?.is_some() {
        return Ok(go("/visit"));
    }
    let mut shell = desk.shell("visit-clinic-title").await;
    shell.look = "on-public";
    desk.page(&Clinic {
        shell,
        w: desk.w,
        done: came.done.is_some(),
        physicians: physicians(&desk).await?,
        pre: pre(&desk).await?,
        checklist: has_checklist(&desk).await?,
    })
}

/// Whether the clinic has published its checklist.
async fn has_checklist(desk: &AnonymousDesk) -> Result<bool, Problem> {
    let Some(tenant) = here(desk).await? else {
        return Ok(false);
    };
    let mut read = desk.app().store().read(tenant).await?;
    Ok(read.published_checklist().await?.is_some())
}

/// What is published of pre-consultations. While bookings pause it still stands here: that is what is looked for.
async fn pre(desk: &AnonymousDesk) -> Result<Option<Block>, Problem> {
    let Some(tenant) = here(desk).await? else {
        return Ok(None);
    };
    let terms = desk
        .app()
        .store()
        .read(tenant)
        .await?
        .preconsultation_terms()
        .await?;
    Ok(terms
        .filter(|terms| terms.offered)
        .map(|terms| Block::of(&terms, desk.w)))
}

pub(super) async fn doctors(desk: AnonymousDesk) -> Result<Response, Problem> {
    served(&desk).await?;
    desk.page(&Doctors {
        shell: desk.shell("visit-doctors-title").await,
        w: desk.w,
        physicians: physicians(&desk).await?,
    })
}

/// That a patient was shown it, once a minute at most (cl-2.5.1.1-viii).
async fn served(desk: &AnonymousDesk) -> Result<(), Problem> {
    let Some(Caller::Patient(caller)) = desk.caller().await? else {
        return Ok(());
    };
    let kind = format!("clinic {}", caller.session.id);
    if desk.app().notes().due(kind, desk.now).is_none() {
        return Ok(());
    }
    let by = By::Patient {
        id: caller.patient,
        proxy: caller.proxy,
        device: caller.session.device,
    };
    desk.app()
        .store()
        .write::<(), Problem, _>(caller.tenant, desk.now, move |tx| {
            Box::pin(async move {
                tx.record(by.under(notice::ALWAYS, "clinic_page.served"))
                    .await?;
                Ok(())
            })
        })
        .await
}

pub(super) async fn photo(desk: AnonymousDesk, At(id): At<PersonId>) -> Result<Response, Problem> {
    let tenant = here(&desk).await?.ok_or(Problem::NotFound)?;
    let mut read = desk.app().store().read(tenant).await?;
    let profile: Option<PhysicianProfile> = read.physician_profile(id).await?;
    picture(profile)
}

pub(super) async fn voice(
    desk: AnonymousDesk,
    Query(came): Query<Came>,
) -> Result<Response, Problem> {
    let known = desk
        .caller()
        .await?
        .as_ref()
        .and_then(Caller::patient)
        .is_some();
    desk.page(&Voice {
        shell: desk.shell("visit-voice-title").await,
        w: desk.w,
        known,
        said: came.done.is_some(),
    })
}

/// A complaint, or a request for the records: a case with a day, on the administrator's list until it is answered (ext-4.2.e).
pub(super) async fn write(desk: PatientDesk, form: Form) -> Result<Response, Problem> {
    let mut reading = form.reading();
    let kind = match form.text("what") {
        "complaint" => Some((Kind::Complaint, COMPLAINT_DAYS)),
        "disclosure" => Some((Kind::Disclosure, DISCLOSURE_DAYS)),
        _ => {
            reading.wrong("what", "field-empty");
            None
        }
    };
    let words = reading.need("words", VOICE_CHARS_MAX);
    reading.done()?;
    let (kind, days) = kind.ok_or(Problem::Malformed)?;
    let asking = Asking::of(&desk);
    desk.write(move |tx| {
        Box::pin(async move {
            let opening = Opening {
                kind,
                patient: asking.patient,
                visit: None,
                // Each is a case of its own: two complaints are not one.
                about: Some(tx.now().as_microsecond().to_string()),
                words,
                due: task::in_days(tx.now(), days),
            };
            tx.open_task(&asking.by(), &opening).await?;
            Ok(())
        })
    })
    .await?;
    Ok(go("/me/voice?done=1"))
}

pub(super) async fn help(desk: AnonymousDesk, At(what): At<String>) -> Result<Response, Problem> {
    let (what, title, steps): (_, _, usize) = match what.as_str() {
        "camera" => ("camera", "visit-help-camera-title", 3),
        "line" => ("line", "visit-help-line-title", 3),
        "network" => ("network", "visit-help-network-title", 2),
        "sound" => ("sound", "visit-help-sound-title", 3),
        _ => return Err(Problem::NotFound),
    };
    desk.page(&Help {
        shell: desk.shell(title).await,
        w: desk.w,
        lines: (1..=steps)
            .map(|step| desk.w.say(format!("visit-help-{what}-{step}")).into_owned())
            .collect(),
        other: desk.w.say(format!("visit-help-{what}-else")).into_owned(),
    })
}
