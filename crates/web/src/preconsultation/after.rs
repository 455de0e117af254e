//! `/visit/after` of a pre-consultation: what the patient was told, where it goes on, and that it was no treatment.

use crate::{PatientDesk, Problem, shell::PatientShell, visit::step::Case, words::Words};
use askama::Template;
use axum::response::Response;
use care::Stage;

#[derive(Template)]
#[template(path = "preconsultation/after.html")]
struct Page {
    shell: PatientShell,
    w: Words,
    title: String,
    told: String,
    destination: String,
    target: Option<String>,
    fee: Option<String>,
}

/// The page; nothing yet while the physician writes.
pub(crate) async fn show(desk: &PatientDesk, case: &Case) -> Result<Response, Problem> {
    let visit = &case.booking.consultation;
    let mut read = desk.read().await?;
    let ended = match visit.stage {
        Stage::Closed { .. } => read.preconsultation_result(visit).await?,
        _ => None,
    };
    let asked = read.appointment_for(visit.id).await?;
    drop(read);
    let content = ended.as_ref().map(|ended| &ended.content);
    desk.page(&Page {
        shell: desk.shell("pre-after-title").await?,
        w: desk.w,
        title: format!(
            "pre-after-{}",
            ended
                .as_ref()
                .map_or("waiting", |ended| ended.outcome.as_str())
        ),
        told: content.map(|said| said.told.clone()).unwrap_or_default(),
        destination: content
            .map(|said| said.destination.clone())
            .unwrap_or_default(),
        target: content
            .and_then(|said| said.target)
            .map(|day| desk.w.date(day)),
        fee: asked
            .and_then(|asked| asked.acknowledged)
            .map(|known| super::yen(known.fee_yen)),
    })
}
