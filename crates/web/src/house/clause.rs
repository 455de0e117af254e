//! `/clauses/{id}`: one clause: the duty, what the program does, how it stands, and what proves it.

use super::checklist::House;
use crate::{
    At, Problem, StaffDesk,
    shell::{Section, StaffShell},
    words::{Lang, Words},
};
use askama::Template;
use axum::response::Response;
use governance::Standing;
use guideline::ClauseText;

#[derive(Template)]
#[template(path = "house/clause.html")]
struct Page {
    shell: StaffShell,
    w: Words,
    clause: &'static ClauseText,
    words: &'static str,
    standing: Standing,
    module: Option<&'static str>,
    done: u32,
    refused: u32,
    newest: Option<(i64, String)>,
    codes: Vec<&'static str>,
}

pub(super) async fn show(desk: StaffDesk, At(id): At<String>) -> Result<Response, Problem> {
    let clause = guideline::find(&id)
        .and_then(guideline::Clause::text)
        .ok_or(Problem::NotFound)?;
    let house = House::load(&desk).await?;
    let evidence = house.evidence(clause);
    desk.page(&Page {
        shell: desk.shell("house-clause-title", Section::Checklist).await?,
        w: desk.w,
        clause,
        words: match desk.lang() {
            Lang::Ja => clause.ja,
            Lang::En => clause.en,
        },
        standing: house.standing(clause),
        module: house.module(clause),
        done: evidence.done,
        refused: evidence.refused,
        newest: evidence.at.map(|at| (evidence.newest, desk.w.day_time(at))),
        codes: house.codes(clause),
    })
}
