//! `/visit/symptoms`: the whole list, by part of the body, in plain words; nothing is chosen beforehand (cl-1.2-ii-a).

use super::{
    Steps, load,
    step::{Asking, Case, Step},
};
use crate::{
    Errors, Form, PatientDesk, Problem,
    desk::go,
    shell::PatientShell,
    words::{Lang, Words},
};
use askama::Template;
use axum::response::Response;
use care::{
    patient::age,
    symptom::{CHILD_UNDER, List, Row},
};
use guideline::symptom::GROUPS;
use store::{Conn, dossier::legal_day};

/// Longest words beside the list, in characters.
const WORDS_CHARS_MAX: usize = 500;

#[derive(Template)]
#[template(path = "visit/symptoms.html")]
struct Page {
    shell: PatientShell,
    w: Words,
    steps: Option<Steps>,
    parts: Vec<Part>,
    words: String,
    errors: Errors,
}

struct Part {
    key: &'static str,
    title: &'static str,
    rows: Vec<Choice>,
}

struct Choice {
    key: String,
    says: String,
    /// Chosen by the patient a moment ago: never by anybody else.
    ticked: bool,
}

/// A row in the reader's language.
pub(super) fn says(row: &Row, w: Words) -> String {
    match w.lang() {
        Lang::Ja => row.ja.clone(),
        Lang::En => row.en.clone(),
    }
}

/// The rows that this patient is asked: those for children only where the patient is one.
async fn asked(conn: &mut Conn, case: &Case, now: jiff::Timestamp) -> Result<List, Problem> {
    let child = conn
        .patient(case.booking.consultation.patient)
        .await?
        .is_some_and(|patient| age(patient.profile.birth, legal_day(now)) < CHILD_UNDER);
    let mut list = conn.symptom_list().await?;
    list.rows.retain(|row| child || !row.child);
    Ok(list)
}

pub(super) async fn show(desk: PatientDesk) -> Result<Response, Problem> {
    let case = load(&desk).await?;
    if !case.standing.stage.is_before_live() || !case.asks_symptoms() {
        return Ok(go(&case.next().address()));
    }
    let page = draw(&desk, &case, None, Errors::default()).await?;
    desk.page(&page)
}

async fn draw(
    desk: &PatientDesk,
    case: &Case,
    sent: Option<&Form>,
    errors: Errors,
) -> Result<Page, Problem> {
    let list = asked(&mut *desk.read().await?, case, desk.now).await?;
    let chosen: Vec<&str> = sent.into_iter().flat_map(|form| form.all("hit")).collect();
    let parts = GROUPS
        .iter()
        .map(|group| Part {
            key: group.key,
            title: match desk.w.lang() {
                Lang::Ja => group.ja,
                Lang::En => group.en,
            },
            rows: list
                .rows
                .iter()
                .filter(|row| row.group == group.key)
                .map(|row| Choice {
                    says: says(row, desk.w),
                    ticked: chosen.contains(&row.key.as_str()),
                    key: row.key.clone(),
                })
                .collect(),
        })
        .filter(|part: &Part| !part.rows.is_empty())
        .collect();
    Ok(Page {
        shell: desk.shell("visit-symptoms-title").await?,
        w: desk.w,
        steps: Steps::of(case, Step::Symptoms),
        parts,
        words: sent
            .map(|form| form.text("words").chars().take(WORDS_CHARS_MAX).collect())
            .unwrap_or_default(),
        errors,
    })
}

pub(super) async fn answer(desk: PatientDesk, form: Form) -> Result<Response, Problem> {
    let mut reading = form.reading();
    let words = reading.maybe("words", WORDS_CHARS_MAX).unwrap_or_default();
    let hits: Vec<String> = form.all("hit").map(ToOwned::to_owned).collect();
    // "None of these" and a choice at once is no answer: the patient is asked which of the two is meant.
    match (form.text("answer"), hits.is_empty()) {
        ("none", true) | ("some", false) => {}
        ("none", false) => reading.wrong("answer", "visit-symptoms-both"),
        _ => reading.wrong("answer", "visit-symptoms-neither"),
    }
    let errors = reading.errors();
    if !errors.is_empty() {
        let case = load(&desk).await?;
        case.before_live()?;
        let page = draw(&desk, &case, Some(&form), errors).await?;
        return desk.page_wrong(&page);
    }
    let asking = Asking::of(&desk);
    let step = desk
        .write(move |tx| {
            Box::pin(async move {
                let case = Case::load(tx, &asking).await?;
                case.before_live()?;
                let list = asked(tx, &case, asking.now).await?;
                if hits.iter().any(|hit| list.row(hit).is_none()) {
                    return Err(Problem::Wrong(Errors::one("hit", "field-wrong")));
                }
                tx.keep_questionnaire(
                    &asking.by(),
                    &case.booking.consultation,
                    &list,
                    (hits, words),
                )
                .await?;
                Ok(Case::load(tx, &asking).await?.next())
            })
        })
        .await?;
    Ok(go(&step.address()))
}
