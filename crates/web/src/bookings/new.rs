//! `/bookings/new`: find the patient, choose physician, day and time; one press books and sends the invitation.
//!
//! `?now` is the same page for a patient who has just telephoned: a visit without a booking, with its reason (cl-1.3-i-c).

use super::{
    invite::Letter,
    make::{Wanted, When, make},
};
use crate::{
    Errors, Form, Problem, StaffDesk,
    desk::go,
    form::{Reading, encode},
    shell::{Section, StaffShell},
    words::{Words, tokyo},
};
use access::PersonId;
use askama::Template;
use axum::{
    extract::{FromRequestParts, Query},
    http::request::Parts,
    response::Response,
};
use care::{PatientId, Service, first_visit::Chosen, patient::age};
use jiff::{
    SignedDuration, Timestamp,
    civil::{Date, Time},
};
use serde::Deserialize;
use store::{dossier::legal_day, patient::Patient};

/// Longest search, in characters.
const SEARCH_CHARS_MAX: usize = 60;
/// Longest grounds of a route, in characters.
const BASIS_CHARS_MAX: usize = 200;
/// A booking lies at most this far ahead.
const AHEAD_MAX: SignedDuration = SignedDuration::from_hours(24 * 400);
/// A booking may lie this far back: "now" has passed when the form arrives.
const BACK_MAX: SignedDuration = SignedDuration::from_mins(30);

#[derive(Template)]
#[template(path = "bookings/new.html")]
struct Page {
    shell: StaffShell,
    w: Words,
    errors: Errors,
    typed: Form,
    found: Option<Vec<Found>>,
    physicians: Vec<(PersonId, String)>,
    /// The patient telephoned: no day and time are asked.
    now: bool,
    /// Emergency contraception is offered here.
    contraception: bool,
}

struct Found {
    id: PatientId,
    name: String,
    kana: String,
    number: i64,
    age: i16,
}

/// What the address asks: a patient already chosen. A search is posted: an address stays in the browser's history.
#[derive(Default, Deserialize)]
pub(super) struct Asked {
    patient: Option<String>,
    now: Option<String>,
    /// The day proposed, by the plan's rhythm.
    date: Option<String>,
}

impl<S: Send + Sync> FromRequestParts<S> for Asked {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        Ok(Query::<Self>::from_request_parts(parts, state)
            .await
            .map(|Query(asked)| asked)
            .unwrap_or_default())
    }
}

pub(super) async fn show(desk: StaffDesk, asked: Asked) -> Result<Response, Problem> {
    let chosen: Option<PatientId> = asked.patient.as_deref().and_then(|id| id.parse().ok());
    let day = asked.date.as_deref().and_then(|day| day.parse().ok());
    found(desk, String::new(), chosen, asked.now.is_some(), day).await
}

async fn found(
    desk: StaffDesk,
    words: String,
    chosen: Option<PatientId>,
    now: bool,
    day: Option<Date>,
) -> Result<Response, Problem> {
    let mut read = desk.read().await?;
    let found = match chosen {
        Some(id) => Some(read.patient(id).await?.into_iter().collect::<Vec<_>>()),
        None if words.trim().is_empty() => None,
        None => Some(read.search_patients(&words).await?),
    };
    drop(read);
    if let Some(patients) = &found {
        crate::patients::opened(
            &desk,
            "booking",
            patients.iter().map(|patient| patient.id).collect(),
        )
        .await?;
    }
    let only = found.as_deref().and_then(|patients| match patients {
        [one] => Some(one.id.to_string()),
        _ => None,
    });
    let typed = prefilled(&desk, &words, (only.as_deref(), day), now)?;
    desk.page(&page(&desk, Errors::default(), typed, found).await?)
}

/// A day and time a clinic would choose first: the next full quarter of an hour.
fn prefilled(
    desk: &StaffDesk,
    words: &str,
    (patient, day): (Option<&str>, Option<Date>),
    now: bool,
) -> Result<Form, Problem> {
    const QUARTER_SECONDS: i64 = 15 * 60;
    let next = desk
        .now
        .as_second()
        .div_euclid(QUARTER_SECONDS)
        .saturating_add(1)
        .saturating_mul(QUARTER_SECONDS);
    let at = Timestamp::from_second(next)
        .unwrap_or(desk.now)
        .to_zoned(tokyo());
    let text = format!(
        "q={}&patient={}&physician={}&date={}&time={}{}",
        encode(words),
        patient.unwrap_or_default(),
        desk.person,
        day.unwrap_or_else(|| at.date()),
        encode(&at.strftime("%H:%M").to_string()),
        if now { "&now=1" } else { "" },
    );
    Form::parse(text.as_bytes())
}

pub(super) async fn book(desk: StaffDesk, form: Form) -> Result<Response, Problem> {
    if form.has("find") {
        let words = form.text("q").chars().take(SEARCH_CHARS_MAX).collect();
        return found(desk, words, None, form.has("now"), None).await;
    }
    let mut reading = form.reading();
    let patient: Option<PatientId> = reading.parse("patient");
    let physician: Option<PersonId> = reading.parse("physician");
    let when = when(&form, &mut reading, desk.now);
    let new_condition = form.has("new_condition");
    let route = route(&form, &mut reading);
    let errors = reading.errors();
    let (Some(patient), Some(physician), Some(when), true) =
        (patient, physician, when, errors.is_empty())
    else {
        let found = patients_of(&desk, &form).await?;
        return desk.page_wrong(&page(&desk, errors, form, found).await?);
    };
    let letter = Letter::new(&desk)?;
    let by = desk.by();
    let wanted = Wanted {
        patient,
        physician,
        when,
        new_condition,
        route,
        service: Service::Care,
    };
    let id = desk
        .write(move |tx| {
            Box::pin(async move {
                let booking = make(tx, &by, letter, wanted).await?;
                Ok(booking.consultation.id)
            })
        })
        .await?;
    Ok(go(&format!("/bookings/{id}")))
}

pub(crate) fn when(form: &Form, reading: &mut Reading<'_>, now: Timestamp) -> Option<When> {
    if form.has("now") {
        return Some(When::Now);
    }
    let date: Option<Date> = reading.parse("date");
    let time: Option<Time> = reading.parse("time");
    let at = date.zip(time).and_then(|(date, time)| {
        let zoned = date.to_datetime(time).to_zoned(tokyo()).ok()?;
        Some(zoned.timestamp())
    })?;
    if !(-BACK_MAX..=AHEAD_MAX).contains(&at.duration_since(now)) {
        reading.wrong("date", "bookings-not-then");
    }
    Some(When::At(at))
}

/// The route of a first visit, as the desk chose it.
pub(crate) fn route(form: &Form, reading: &mut crate::form::Reading<'_>) -> Option<Chosen> {
    match form.text("route") {
        "stated" => Some(Chosen::Stated(
            reading.maybe("basis", BASIS_CHARS_MAX).unwrap_or_default(),
        )),
        "sources" => Some(Chosen::Sources),
        _ => None,
    }
}

/// The patients that the form was drawn with.
async fn patients_of(desk: &StaffDesk, form: &Form) -> Result<Option<Vec<Patient>>, Problem> {
    let mut read = desk.read().await?;
    let words: String = form.text("q").chars().take(SEARCH_CHARS_MAX).collect();
    let patients = if words.is_empty() {
        match form.text("patient").parse::<PatientId>() {
            Ok(id) => read.patient(id).await?.into_iter().collect(),
            Err(_) => return Ok(None),
        }
    } else {
        read.search_patients(&words).await?
    };
    Ok(Some(patients))
}

async fn page(
    desk: &StaffDesk,
    errors: Errors,
    typed: Form,
    found: Option<Vec<Patient>>,
) -> Result<Page, Problem> {
    let mut read = desk.read().await?;
    let today = legal_day(desk.now);
    let physicians = crate::patients::physicians(&mut read, desk.now).await?;
    let contraception = crate::contraception::offered(&mut read).await?;
    drop(read);
    let now = typed.has("now");
    let title = if now {
        "bookings-now-title"
    } else {
        "bookings-new-title"
    };
    Ok(Page {
        shell: desk.shell(title, Section::Bookings).await?,
        w: desk.w,
        now,
        contraception,
        errors,
        typed,
        found: found.map(|patients| {
            patients
                .into_iter()
                .map(|patient| Found {
                    id: patient.id,
                    age: age(patient.profile.birth, today),
                    name: patient.profile.name,
                    kana: patient.profile.kana,
                    number: patient.number,
                })
                .collect()
        }),
        physicians,
    })
}
