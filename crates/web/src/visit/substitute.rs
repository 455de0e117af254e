//! `/visit/substitute`: another physician than the plan names sees the patient, who accepts for this one visit or has another
//! hour found at no cost (cl-1.2-viii-c). Nobody sees this page whose own physician is there.

use super::{
    card::{self, Shown},
    load,
    step::{Asking, Case, Step},
};
use crate::{
    Errors, Form, PatientDesk, Problem, desk::go, room, shell::PatientShell, words::Words,
};
use askama::Template;
use axum::response::Response;
use care::task::{Kind, Opening};
use jiff::SignedDuration;

/// Time in which reception finds another hour.
const REBOOK_WITHIN: SignedDuration = SignedDuration::from_hours(24);

#[derive(Template)]
#[template(path = "visit/substitute.html")]
struct Page {
    shell: PatientShell,
    w: Words,
    shown: Shown,
    /// Whom the plan names.
    usual: String,
}

pub(super) async fn show(desk: PatientDesk) -> Result<Response, Problem> {
    let case = load(&desk).await?;
    if case.next() != Step::Substitute {
        return Ok(go(&case.next().address()));
    }
    let mut read = desk.read().await?;
    let shown = card::load_card(&mut read, &case.booking.consultation, desk.w, desk.now).await?;
    let plan = read.plan_in_force(desk.patient).await?;
    drop(read);
    let usual: Vec<String> = plan
        .map(|plan| plan.draft.physicians)
        .unwrap_or_default()
        .into_iter()
        .map(|listed| listed.name)
        .collect();
    desk.page(&Page {
        shell: desk.shell("substitute-title").await?,
        w: desk.w,
        shown,
        usual: usual.join(desk.w.say("list-comma").as_ref()),
    })
}

/// "この医師でよい" for this visit, or "別の日にする": then the visit is given up, and reception finds another hour.
pub(super) async fn answer(desk: PatientDesk, form: Form) -> Result<Response, Problem> {
    let accepts = match form.text("answer") {
        "accept" => true,
        "decline" => false,
        _ => return Err(Problem::Wrong(Errors::one("answer", "field-empty"))),
    };
    let asking = Asking::of(&desk);
    desk.write(move |tx| {
        Box::pin(async move {
            let case = Case::load(tx, &asking).await?;
            if case.next() != Step::Substitute {
                return Err(Problem::OutOfTurn);
            }
            let (visit, by) = (&case.booking.consultation, asking.by());
            tx.keep_substitute_answer(&by, visit, accepts).await?;
            if accepts {
                return Ok(());
            }
            let rebook = Opening {
                kind: Kind::Rebook,
                patient: visit.patient,
                visit: Some(visit.id),
                about: None,
                words: String::new(),
                due: asking.now + REBOOK_WITHIN,
            };
            tx.open_task(&by, &rebook).await?;
            tx.done_with(&by, visit.patient, Kind::HandOverNote, |task| {
                task.visit == Some(visit.id)
            })
            .await?;
            let event = visit.abort()?;
            tx.keep_event(&by, visit, &event).await?;
            if !tx.grants(visit.id).await?.is_empty() {
                tx.end_call(&by, visit.physician, visit.id).await?;
            }
            Ok(())
        })
    })
    .await?;
    if !accepts {
        room::close(desk.app(), desk.consultation).await;
    }
    Ok(go("/visit"))
}
