//! Pages for everyone: the clinic, its physicians, where to complain, and what helps when something does not work.

use super::landing::picture;
use crate::{
    AnonymousDesk, At, Problem, caller::Caller, desk::go, shell::PublicShell, words::Words,
};
use access::{PersonId, TenantId};
use askama::Template;
use axum::{extract::Query, response::Response};
use care::proof;
use serde::Deserialize;
use store::{dossier::legal_day, physician::PhysicianProfile};

/// The institution that a page for everyone speaks of: the patient's own, or the one that is at home here.
pub(super) async fn here(desk: &AnonymousDesk) -> Result<Option<TenantId>, Problem> {
    let caller = desk.caller().await?;
    Ok(caller.as_ref().and_then(Caller::tenant).or(desk.home()))
}

struct Physician {
    id: String,
    name: String,
    department: String,
    year: Option<i16>,
    course: Option<i16>,
}

#[derive(Template)]
#[template(path = "visit/clinic.html")]
struct Clinic {
    shell: PublicShell,
    w: Words,
    /// A visit was read and closed a moment ago.
    done: bool,
    physicians: Vec<Physician>,
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
    let mut shown = Vec::new();
    for profile in read.physician_profiles().await? {
        let facts = proof::Facts {
            proof: read.physician_proof(profile.person).await?,
            profile: proof::Profile {
                name: profile.name.clone(),
                photo: profile.photo_digest(),
            },
            shown: false,
            answer: None,
        };
        let Ok(card) = proof::card(&facts, legal_day(desk.now)) else {
            continue;
        };
        shown.push(Physician {
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
    })
}

pub(super) async fn doctors(desk: AnonymousDesk) -> Result<Response, Problem> {
    desk.page(&Doctors {
        shell: desk.shell("visit-doctors-title").await,
        w: desk.w,
        physicians: physicians(&desk).await?,
    })
}

pub(super) async fn photo(desk: AnonymousDesk, At(id): At<PersonId>) -> Result<Response, Problem> {
    let tenant = here(&desk).await?.ok_or(Problem::NotFound)?;
    let mut read = desk.app().store().read(tenant).await?;
    let profile: Option<PhysicianProfile> = read.physician_profile(id).await?;
    picture(profile)
}

pub(super) async fn voice(desk: AnonymousDesk) -> Result<Response, Problem> {
    desk.page(&Voice {
        shell: desk.shell("visit-voice-title").await,
        w: desk.w,
    })
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
