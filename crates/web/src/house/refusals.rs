//! `/house/refusals`: how often each clause refused in the last month, so that what hinders people is seen (rev-0.c).
//!
//! Counts alone: who was refused, and of which patient, stays in the ledger.

use crate::{
    Problem, StaffDesk,
    shell::{Section, StaffShell},
    words::{Lang, Words},
};
use askama::Template;
use axum::response::Response;
use jiff::SignedDuration;
use store::dossier::legal_day;

/// How far back refusals are counted.
const MONTH: SignedDuration = SignedDuration::from_hours(30 * 24);

#[derive(Template)]
#[template(path = "house/refusals.html")]
struct Page {
    shell: StaffShell,
    w: Words,
    since: String,
    rows: Vec<Row>,
}

struct Row {
    clause: String,
    words: &'static str,
    reason: String,
    staff: u64,
    patients: u64,
    newest: String,
}

pub(super) async fn show(desk: StaffDesk) -> Result<Response, Problem> {
    let w = desk.w;
    let since = desk.now.saturating_sub(MONTH).unwrap_or(desk.now);
    let refusals = desk.read().await?.refusals(since).await?;
    let rows = refusals
        .rows
        .into_iter()
        .map(|row| Row {
            words: guideline::find(&row.clause)
                .and_then(guideline::Clause::text)
                .map(|text| match desk.lang() {
                    Lang::Ja => text.ja,
                    Lang::En => text.en,
                })
                .unwrap_or_default(),
            clause: row.clause,
            reason: row.reason,
            staff: row.staff,
            patients: row.patients,
            newest: w.day_time(row.newest),
        })
        .collect();
    desk.page(&Page {
        shell: desk
            .shell("house-refusals-title", Section::Checklist)
            .await?,
        w,
        since: w.date(legal_day(refusals.since)),
        rows,
    })
}
