//! `/patients`: found by name, kana or chart number. One ledger entry a search.

use crate::{
    Problem, StaffDesk,
    shell::{Section, StaffShell},
    words::Words,
};
use askama::Template;
use axum::{extract::{FromRequestParts, Query}, http::request::Parts, response::Response};
use care::{PatientId, patient::age};
use serde::Deserialize;
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

/// `?q=`
#[derive(Default, Deserialize)]
pub(super) struct Asked {
    #[serde(default)]
    q: String,
}

impl<S: Send + Sync> FromRequestParts<S> for Asked {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        Ok(Query::<Self>::from_request_parts(parts, state).await.map(|Query(asked)| asked).unwrap_or_default())
    }
}

pub(super) async fn show(desk: StaffDesk, asked: Asked) -> Result<Response, Problem> {
    let words: String = asked.q.chars().take(SEARCH_CHARS_MAX).collect();
    let rows = if words.trim().is_empty() {
        None
    } else {
        let mut read = desk.read().await?;
        let found = read.search_patients(&words).await?;
        drop(read);
        super::opened(&desk, "search", found.iter().map(|patient| patient.id).collect()).await?;
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
