//! `/patients`: found by name, kana or chart number. One ledger entry a search.
//!
//! What is searched for is posted: an address stays in the browser's history, and a name must not.

use crate::{
    Form, Problem, StaffDesk,
    shell::{Section, StaffShell},
    words::Words,
};
use askama::Template;
use axum::response::Response;
use care::{PatientId, patient::age};
use store::{dossier::legal_day, patient::PAGE_MAX};

/// Longest search, in characters.
const SEARCH_CHARS_MAX: usize = 60;

#[derive(Template)]
#[template(path = "patients/search.html")]
struct Page {
    shell: StaffShell,
    w: Words,
    words: String,
    rows: Option<Vec<Row>>,
    full: bool,
}

struct Row {
    id: PatientId,
    name: String,
    kana: String,
    born: String,
    age: i16,
    number: i64,
}

pub(super) async fn show(desk: StaffDesk) -> Result<Response, Problem> {
    found(desk, String::new()).await
}

pub(super) async fn find(desk: StaffDesk, form: Form) -> Result<Response, Problem> {
    let words = form.text("q").chars().take(SEARCH_CHARS_MAX).collect();
    found(desk, words).await
}

async fn found(desk: StaffDesk, words: String) -> Result<Response, Problem> {
    let rows = if words.trim().is_empty() {
        None
    } else {
        let mut read = desk.read().await?;
        let found = read.search_patients(&words).await?;
        drop(read);
        super::opened(
            &desk,
            "search",
            found.iter().map(|patient| patient.id).collect(),
        )
        .await?;
        let today = legal_day(desk.now);
        Some(
            found
                .into_iter()
                .map(|patient| Row {
                    id: patient.id,
                    born: super::born(desk.w, patient.profile.birth),
                    age: age(patient.profile.birth, today),
                    name: patient.profile.name,
                    kana: patient.profile.kana,
                    number: patient.number,
                })
                .collect::<Vec<_>>(),
        )
    };
    desk.page(&Page {
        shell: desk.shell("patients-title", Section::Patients).await?,
        w: desk.w,
        words,
        full: rows.as_ref().is_some_and(|rows| rows.len() >= PAGE_MAX),
        rows,
    })
}
