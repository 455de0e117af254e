//! `/house/disputes`: patients who said that it is not this physician, until somebody looked into it (cl-1.4-i-b).

use crate::{
    At, Errors, Form, Problem, StaffDesk,
    desk::go,
    shell::{Section, StaffShell},
    words::Words,
};
use askama::Template;
use axum::response::Response;
use care::{ConsultationId, proof};

/// Longest word on what was found, in characters.
const REASON_CHARS_MAX: usize = 500;

#[derive(Template)]
#[template(path = "house/disputes.html")]
struct Page {
    shell: StaffShell,
    w: Words,
    errors: Errors,
    rows: Vec<Row>,
}

struct Row {
    visit: ConsultationId,
    at: String,
    physician: String,
    patient: String,
    patient_address: String,
    mine: bool,
}

pub(super) async fn show(desk: StaffDesk) -> Result<Response, Problem> {
    desk.page(&page(&desk, Errors::default()).await?)
}

async fn page(desk: &StaffDesk, errors: Errors) -> Result<Page, Problem> {
    let mut read = desk.read().await?;
    let mut rows = Vec::new();
    let mut shown = Vec::new();
    for dispute in read.disputes().await? {
        let patient = read.patient(dispute.patient).await?;
        shown.push(dispute.patient);
        rows.push(Row {
            visit: dispute.consultation,
            at: desk.w.day_time(dispute.at),
            physician: read.name_of(dispute.physician).await?.unwrap_or_default(),
            patient: patient
                .map(|patient| patient.profile.name)
                .unwrap_or_default(),
            patient_address: format!("/patients/{}", dispute.patient),
            mine: dispute.physician == desk.person,
        });
    }
    drop(read);
    crate::patients::opened(desk, "disputes", shown).await?;
    Ok(Page {
        shell: desk
            .shell("house-disputes-title", Section::Publishing)
            .await?,
        w: desk.w,
        errors,
        rows,
    })
}

/// What was found, in words. The answer of the patient stays; only the finding is settled.
pub(super) async fn settle(
    desk: StaffDesk,
    At(id): At<ConsultationId>,
    form: Form,
) -> Result<Response, Problem> {
    let mut reading = form.reading();
    let reason = reading.need("reason", REASON_CHARS_MAX);
    let errors = reading.errors();
    if !errors.is_empty() {
        return desk.page_wrong(&page(&desk, errors).await?);
    }
    let (by, person) = (desk.by(), desk.person);
    desk.write(move |tx| {
        Box::pin(async move {
            let dispute = tx
                .disputes()
                .await?
                .into_iter()
                .find(|dispute| dispute.consultation == id)
                .ok_or(Problem::OutOfTurn)?;
            proof::may_verify(person, dispute.physician, proof::SHOWN)?;
            Ok(tx.settle_dispute(&by, person, &dispute, &reason).await?)
        })
    })
    .await?;
    Ok(go("/house/disputes"))
}
