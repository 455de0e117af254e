//! The exit "not performed as online care" (オンライン診療としては行わなかった): sight and sound did not suffice, so there is
//! no signature and no fee of it; the patient is told why and what comes next (cl-1.6-ii-a).

use super::{Asking, Case, address};
use crate::{
    At, Form, Problem, StaffDesk, Words,
    desk::go,
    form::Errors,
    room,
    shell::{Section, StaffShell},
};
use askama::Template;
use axum::response::Response;
use care::{ConsultationId, examination::Unperformed, gate};

/// Longest text that the patient is told, in characters.
const TOLD_CHARS: usize = 500;

#[derive(Template)]
#[template(path = "consultation/unperformed.html")]
struct Page {
    shell: StaffShell,
    w: Words,
    id: ConsultationId,
    band: super::show::Band,
    reasons: Vec<&'static str>,
    seconds: i64,
    typed: Form,
    errors: Errors,
}

/// The form, open only where the server's counters leave no other exit.
pub(super) async fn show(desk: StaffDesk, At(id): At<ConsultationId>) -> Result<Response, Problem> {
    let asking = Asking::of(&desk);
    let case = Case::own(&mut *desk.read().await?, id, &asking).await?;
    let _ = case
        .booking
        .consultation
        .not_performed(&gate::not_performed(&case.dossier)?)?;
    crate::patients::opened(
        &desk,
        "unperformed",
        vec![case.booking.consultation.patient],
    )
    .await?;
    desk.page(&page(&desk, id, &case, Form::parse(b"")?, Errors::default()).await?)
}

async fn page(
    desk: &StaffDesk,
    id: ConsultationId,
    case: &Case,
    typed: Form,
    errors: Errors,
) -> Result<Page, Problem> {
    Ok(Page {
        shell: desk.shell("unperformed-title", Section::Today).await?,
        w: desk.w,
        id,
        band: super::show::band(desk, case).await?,
        reasons: Unperformed::ALL.iter().map(|one| one.as_str()).collect(),
        seconds: case.dossier.examination.measured.two_way_seconds,
        typed,
        errors,
    })
}

/// Reason, what the patient is told, and the exit in one commit.
pub(super) async fn leave(
    desk: StaffDesk,
    At(id): At<ConsultationId>,
    form: Form,
) -> Result<Response, Problem> {
    let mut reading = form.reading();
    let reason = Unperformed::parse(form.text("reason"));
    if reason.is_none() {
        reading.wrong("reason", "field-empty");
    }
    let told = reading.need("told", TOLD_CHARS);
    let errors = reading.errors();
    let asking = Asking::of(&desk);
    let (Some(reason), true) = (reason, errors.is_empty()) else {
        if !desk.wants_page() {
            return Err(Problem::Wrong(errors));
        }
        // The form again, with what was written in it.
        let case = Case::own(&mut *desk.read().await?, id, &asking).await?;
        let patient = case.booking.consultation.patient;
        crate::patients::opened(&desk, "unperformed", vec![patient]).await?;
        return desk.page_wrong(&page(&desk, id, &case, form, errors).await?);
    };
    desk.write(move |tx| {
        Box::pin(async move {
            let case = Case::own(tx, id, &asking).await?;
            let visit = &case.booking.consultation;
            let event = visit.not_performed(&gate::not_performed(&case.dossier)?)?;
            tx.keep_unperformed(&asking.by, asking.person, visit, (reason, &told))
                .await?;
            tx.keep_event(&asking.by, visit, &event).await?;
            tx.end_call(&asking.by, asking.person, id).await?;
            Ok(())
        })
    })
    .await?;
    room::close(desk.app(), id).await;
    Ok(go(&address(id)))
}
