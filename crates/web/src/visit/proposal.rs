//! `/visit/plan`: another physician wishes to change the plan; the patient sees the differences, and says yes or keeps the plan
//! (cl-1.3-v). Nobody sees this page to whom nothing was put.

use super::{Asking, opened};
use crate::{
    Errors, Form, PatientDesk, Problem, desk::go, plans, shell::PatientShell, words::Words,
};
use askama::Template;
use axum::response::Response;
use care::plan::proposal::Answer;

#[derive(Template)]
#[template(path = "visit/proposal.html")]
struct Page {
    shell: PatientShell,
    w: Words,
    /// The physician says that it may be to the patient's disadvantage.
    harms: bool,
    /// Item by item: before and after.
    changed: Vec<(String, Vec<String>, Vec<String>)>,
}

pub(super) async fn show(desk: PatientDesk) -> Result<Response, Problem> {
    let mut read = desk.read().await?;
    let Some(plan) = read.proposal_open(desk.patient).await? else {
        return Ok(go("/visit"));
    };
    let versions = read.plans(desk.patient).await?;
    let after = versions.iter().find(|version| version.plan.id == plan);
    let before = read.plan_in_force(desk.patient).await?;
    let (Some(after), Some(before)) = (after, before) else {
        return Ok(go("/visit"));
    };
    let harms = read.proposal(plan).await?.is_some_and(|put| put.harms);
    let partners = read.partners().await?;
    drop(read);
    opened(&desk, "plan").await?;
    desk.page(&Page {
        shell: desk.shell("proposal-title").await?,
        w: desk.w,
        harms,
        changed: plans::differences(desk.w, (&before.draft, &after.plan.draft), &partners),
    })
}

/// 変えてよい, or いまの計画のまま: once, by the patient alone.
pub(super) async fn answer(desk: PatientDesk, form: Form) -> Result<Response, Problem> {
    let Some(answer) = Answer::parse(form.text("answer")) else {
        return Err(Problem::Wrong(Errors::one("answer", "field-empty")));
    };
    let asking = Asking::of(&desk);
    desk.write(move |tx| {
        Box::pin(async move {
            let plan = tx
                .proposal_open(asking.patient)
                .await?
                .ok_or(Problem::OutOfTurn)?;
            let about = (asking.patient, plan);
            Ok(tx.keep_proposal_answer(&asking.by(), about, answer).await?)
        })
    })
    .await?;
    Ok(go("/visit"))
}
