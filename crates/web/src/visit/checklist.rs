//! `/me/checklist`: the ministry's checklist as the clinic published it, for everyone.

use super::help::here;
use crate::{
    AnonymousDesk, Problem,
    shell::PublicShell,
    words::{Lang, Words},
};
use askama::Template;
use axum::response::Response;
use governance::Standing;

/// One clause, in the reader's language.
struct Row {
    words: &'static str,
    standing: Standing,
}

#[derive(Template)]
#[template(path = "visit/checklist.html")]
struct Page {
    shell: PublicShell,
    w: Words,
    at: String,
    tallies: Vec<(Standing, usize)>,
    rows: Vec<Row>,
}

pub(super) async fn show(desk: AnonymousDesk) -> Result<Response, Problem> {
    let tenant = here(&desk).await?.ok_or(Problem::NotFound)?;
    let mut read = desk.app().store().read(tenant).await?;
    let published = read.published_checklist().await?.ok_or(Problem::NotFound)?;
    drop(read);
    let rows: Vec<Row> = published
        .clauses
        .iter()
        .filter_map(|(id, word)| {
            let clause = guideline::find(id)?.text()?;
            Some(Row {
                words: match desk.w.lang() {
                    Lang::Ja => clause.ja,
                    Lang::En => clause.en,
                },
                standing: Standing::parse(word)?,
            })
        })
        .collect();
    desk.page(&Page {
        shell: desk.shell("checklist-title").await,
        w: desk.w,
        at: desk.w.day_time(published.at),
        tallies: Standing::ALL
            .into_iter()
            .map(|one| (one, rows.iter().filter(|row| row.standing == one).count()))
            .filter(|(_, count)| *count > 0)
            .collect(),
        rows,
    })
}
