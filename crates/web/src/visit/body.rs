//! `/visit/body`: what cannot wait is asked before anything else; `/visit/now`: the stop page.

use super::{
    Steps, load,
    safety::CHILD_UNDER,
    step::{Asking, Case, Step},
};
use crate::{
    Form, PatientDesk, Problem,
    desk::go,
    shell::PatientShell,
    words::{Lang, Words},
};
use askama::Template;
use axum::response::Response;
use care::{patient::age, statement::Body};
use guideline::urgent::{SIGNS, UrgentSign};
use store::{Conn, dossier::legal_day};

/// Longest words about the body, in characters.
const WORDS_CHARS_MAX: usize = 500;

#[derive(Template)]
#[template(path = "visit/body.html")]
struct Page {
    shell: PatientShell,
    w: Words,
    steps: Option<Steps>,
    signs: Vec<(&'static str, &'static str)>,
    /// A first visit is asked the whole list next, whatever is answered here.
    first: bool,
}

/// A sign in the reader's language.
fn says(sign: &UrgentSign, w: Words) -> &'static str {
    match w.lang() {
        Lang::Ja => sign.ja,
        Lang::En => sign.en,
    }
}

pub(super) async fn show(desk: PatientDesk) -> Result<Response, Problem> {
    let case = load(&desk).await?;
    if !case.standing.stage.is_before_live() {
        return Ok(go(&case.next().address()));
    }
    desk.page(&Page {
        shell: desk.shell("visit-body-title").await?,
        w: desk.w,
        steps: Steps::of(&case, Step::Body),
        first: case.booking.consultation.class.is_first(),
        signs: SIGNS
            .iter()
            .map(|sign| (sign.key, says(sign, desk.w)))
            .collect(),
    })
}

pub(super) async fn answer(desk: PatientDesk, form: Form) -> Result<Response, Problem> {
    let mut reading = form.reading();
    let words = reading.maybe("words", WORDS_CHARS_MAX).unwrap_or_default();
    let body = match form.text("answer") {
        "none" => Some(Body::Nothing),
        "new" => Some(Body::NewOrWorse { words }),
        sign => SIGNS
            .iter()
            .find(|known| known.key == sign)
            .map(|known| Body::Urgent {
                sign: known.key.to_owned(),
            }),
    };
    if body.is_none() {
        reading.wrong("answer", "field-empty");
    }
    reading.done()?;
    let body = body.ok_or(Problem::Malformed)?;
    let asking = Asking::of(&desk);
    let step = desk
        .write(move |tx| {
            Box::pin(async move {
                let case = Case::load(tx, &asking).await?;
                case.before_live()?;
                let visit = &case.booking.consultation;
                tx.keep_body(&asking.by(), visit, &body).await?;
                // Something new or worse makes it a first visit for a new condition, whoever booked it as what (cl-1.2-ii-a).
                if matches!(body, Body::NewOrWorse { .. }) && !visit.class.is_first() {
                    tx.keep_class(&asking.by(), visit, visit.new_condition()?)
                        .await?;
                }
                Ok(Case::load(tx, &asking).await?.next())
            })
        })
        .await?;
    Ok(go(&step.address()))
}

#[derive(Template)]
#[template(path = "visit/now.html")]
struct Now {
    shell: PatientShell,
    w: Words,
    sign: String,
    /// The telephone that advises parents is meant for them.
    child: bool,
    partners: Vec<Nearby>,
}

/// A whole page on purpose: it works with a broken script, and stays readable.
pub(super) async fn now(desk: PatientDesk) -> Result<Response, Problem> {
    let case = load(&desk).await?;
    if case.next() != Step::Now {
        return Ok(go("/visit"));
    }
    let mut read = desk.read().await?;
    let sign = match case.answers.first().map(|answer| &answer.body) {
        Some(Body::Urgent { sign }) => sign_says(&mut read, sign, desk.w).await?,
        Some(Body::Nothing | Body::NewOrWorse { .. }) | None => String::new(),
    };
    let child = read
        .patient(desk.patient)
        .await?
        .is_some_and(|patient| age(patient.profile.birth, legal_day(desk.now)) < CHILD_UNDER);
    drop(read);
    desk.page(&Now {
        shell: desk.shell("visit-now-title").await?,
        w: desk.w,
        sign,
        child,
        partners: at_any_hour(partners(&desk).await?),
    })
}

/// An urgent sign in words: one of the first question, or a row of the list. Empty where the clinic itself said it.
pub(crate) async fn sign_says(conn: &mut Conn, sign: &str, w: Words) -> Result<String, Problem> {
    if let Some(known) = SIGNS.iter().find(|known| known.key == sign) {
        return Ok(says(known, w).to_owned());
    }
    Ok(conn
        .symptom_rows()
        .await?
        .iter()
        .find(|row| row.key == sign)
        .map(|row| super::symptoms::says(row, w))
        .unwrap_or_default())
}

/// Who is in need is sent where somebody is there day and night; where no such place is registered, to those there are.
pub(super) fn at_any_hour(partners: Vec<Nearby>) -> Vec<Nearby> {
    if partners.iter().any(|partner| partner.night) {
        partners
            .into_iter()
            .filter(|partner| partner.night)
            .collect()
    } else {
        partners
    }
}

/// A place to be seen in person, with its telephone as people write it and as a `tel:` link takes it.
pub(super) struct Nearby {
    pub(super) name: String,
    pub(super) hours: String,
    pub(super) phone: String,
    pub(super) dial: String,
    pub(super) minutes: u16,
    pub(super) night: bool,
}

/// Places whose entry is in force, nearest first.
pub(super) async fn partners(desk: &PatientDesk) -> Result<Vec<Nearby>, Problem> {
    let today = legal_day(desk.now);
    let partners = desk.read().await?.partners().await?;
    Ok(partners
        .into_iter()
        .filter(|partner| in_force(partner, today))
        .map(nearby)
        .collect())
}

/// Whether a physician sees patients there, and it can be called.
pub(super) fn in_force(partner: &care::partner::Partner, today: jiff::civil::Date) -> bool {
    partner.kind.sees_patients() && partner.valid_until >= today && !partner.phone.trim().is_empty()
}

/// A telephone number as a `tel:` link takes it.
pub(crate) fn dialled(phone: &str) -> String {
    phone
        .chars()
        .filter(|c| c.is_ascii_digit() || *c == '+')
        .collect()
}

/// An entry of the register as the patient's pages show it.
pub(super) fn nearby(partner: care::partner::Partner) -> Nearby {
    Nearby {
        dial: dialled(&partner.phone),
        name: partner.name,
        hours: partner.hours,
        phone: partner.phone,
        minutes: partner.travel_minutes,
        night: partner.night,
    }
}
