//! `/visit/sharing`: before a pre-consultation the patient says whether what is said may go to another institution, should
//! one take over (cl-1.2-v). The patient's own word, on the own phone.

use crate::{
    Form, PatientDesk, Problem,
    desk::go,
    shell::PatientShell,
    visit::step::{Asking, Case},
    words::Words,
};
use askama::Template;
use axum::response::Response;
use care::Service;

#[derive(Template)]
#[template(path = "preconsultation/sharing.html")]
struct Page {
    shell: PatientShell,
    w: Words,
    said: Option<bool>,
}

pub(super) async fn show(desk: PatientDesk) -> Result<Response, Problem> {
    let mut read = desk.read().await?;
    let case = Case::load(&mut read, &Asking::of(&desk)).await?;
    let visit = &case.booking.consultation;
    if visit.service != Service::PreConsultation || visit.stage.is_over() {
        return Ok(go("/visit"));
    }
    let said = read.sharing_of(visit).await?;
    drop(read);
    desk.page(&Page {
        shell: desk.shell("pre-sharing-title").await?,
        w: desk.w,
        said,
    })
}

pub(super) async fn answer(desk: PatientDesk, form: Form) -> Result<Response, Problem> {
    let mut reading = form.reading();
    let agrees = match form.text("answer") {
        "yes" => Some(true),
        "no" => Some(false),
        _ => {
            reading.wrong("answer", "field-empty");
            None
        }
    };
    reading.done()?;
    let agrees = agrees.ok_or(Problem::Malformed)?;
    let asking = Asking::of(&desk);
    desk.write(move |tx| {
        Box::pin(async move {
            let case = Case::load(tx, &asking).await?;
            let visit = &case.booking.consultation;
            if visit.service != Service::PreConsultation || visit.stage.is_over() {
                return Err(Problem::OutOfTurn);
            }
            Ok(tx.keep_sharing(&asking.by(), visit, agrees).await?)
        })
    })
    .await?;
    desk.app().bell().ring(desk.consultation);
    Ok(go("/visit"))
}
