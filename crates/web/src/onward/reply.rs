//! `/consultations/{id}/reply`: the reply to whoever referred the patient. It ends the task that the signature opened
//! (cl-1.2-iv-c).

use super::pane::after;
use crate::{
    At, Errors, Form, Problem, StaffDesk,
    consultation::Asking,
    desk::go,
    shell::{Section, StaffShell},
    words::Words,
};
use askama::Template;
use axum::response::Response;
use care::{ConsultationId, Stage, preconsultation::Coordination, record, task::Kind};
use store::linkage::Reply;

/// Longest way of sending, in characters.
const LINE_CHARS_MAX: usize = 200;
/// Longest letter, in characters.
const LETTER_CHARS_MAX: usize = 4_000;

#[derive(Template)]
#[template(path = "onward/reply.html")]
struct Page {
    shell: StaffShell,
    w: Words,
    errors: Errors,
    typed: Form,
    id: ConsultationId,
    name: String,
    referrer: String,
    /// When it was sent, how, and what it says; not yet.
    sent: Option<(String, Reply)>,
}

pub(super) async fn show(desk: StaffDesk, At(id): At<ConsultationId>) -> Result<Response, Problem> {
    let page = page(&desk, id, Errors::default(), None).await?;
    desk.page(&page)
}

async fn page(
    desk: &StaffDesk,
    id: ConsultationId,
    errors: Errors,
    typed: Option<Form>,
) -> Result<Page, Problem> {
    let asking = Asking::of(desk);
    let mut read = desk.read().await?;
    let (case, facts) = after(&mut read, id, &asking).await?;
    let known = facts.entry.coordination.ok_or(Problem::NotFound)?;
    let visit = &case.booking.consultation;
    let patient = read
        .patient(visit.patient)
        .await?
        .ok_or(Problem::NotFound)?;
    let sent = read.reply_letter(visit).await?;
    drop(read);
    crate::patients::opened(desk, "reply", vec![patient.id]).await?;
    let typed = typed.unwrap_or_else(|| {
        let note = case.dossier.note.as_ref();
        let text = note.map(|note| format!("{}\n{}", note.assessment, note.plan));
        Form::of(vec![("text".to_owned(), text.unwrap_or_default())])
    });
    Ok(Page {
        shell: desk.shell("reply-title", Section::Today).await?,
        w: desk.w,
        errors,
        typed,
        id,
        name: patient.profile.name,
        referrer: to(&known),
        sent: sent.map(|(reply, at)| (desk.w.day_time(at), reply)),
    })
}

fn to(known: &Coordination) -> String {
    known.referrer.clone()
}

pub(super) async fn send(
    desk: StaffDesk,
    At(id): At<ConsultationId>,
    form: Form,
) -> Result<Response, Problem> {
    let asking = Asking::of(&desk);
    after(&mut *desk.read().await?, id, &asking).await?;
    let mut reading = form.reading();
    let how = reading.need("how", LINE_CHARS_MAX);
    let text = reading.need("text", LETTER_CHARS_MAX);
    let errors = reading.errors();
    if !errors.is_empty() {
        if !desk.wants_page() {
            return Err(Problem::Wrong(errors));
        }
        return desk.page_wrong(&page(&desk, id, errors, Some(form)).await?);
    }
    desk.write(move |tx| {
        Box::pin(async move {
            let (case, facts) = after(tx, id, &asking).await?;
            record::reserved(asking.role, case.dossier.qualified)?;
            let known = facts.entry.coordination.ok_or(Problem::NotFound)?;
            let visit = &case.booking.consultation;
            let signed = matches!(visit.stage, Stage::Documented { .. } | Stage::Closed { .. });
            if !signed {
                return Err(Problem::OutOfTurn);
            }
            let reply = Reply {
                to: to(&known),
                how,
                text,
            };
            tx.keep_reply_letter(&asking.by, visit, &reply).await?;
            tx.done_with(&asking.by, visit.patient, Kind::ReplyLetter, |opening| {
                opening.visit == Some(id)
            })
            .await?;
            Ok(())
        })
    })
    .await?;
    Ok(go(&format!("/consultations/{id}/reply")))
}
