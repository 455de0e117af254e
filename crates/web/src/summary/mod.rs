//! `/summaries/{id}`: the paper for the institution that responds to a sudden change, and its word that it arrived (cl-1.3-iv-a).

use crate::{
    At, Form, Problem, StaffDesk,
    desk::go,
    patients::CLINICAL,
    route::{Route, Table},
    shell::{Section, StaffShell},
    words::Words,
};
use access::Ulid;
use askama::Template;
use axum::response::Response;
use store::summary::KeptSummary;

/// Longest name of whoever received it, in characters.
const WHO_CHARS_MAX: usize = 100;

pub(crate) fn routes() -> Table {
    Table::of([
        Route::get("/summaries/{id}", CLINICAL, show),
        Route::post("/summaries/{id}/received", CLINICAL, received),
    ])
}

#[derive(Template)]
#[template(path = "summary/paper.html")]
struct Page {
    shell: StaffShell,
    w: Words,
    kept: KeptSummary,
    clinic: String,
    phone: String,
    sent: String,
    received: Option<String>,
}

async fn show(desk: StaffDesk, At(id): At<String>) -> Result<Response, Problem> {
    let mut read = desk.read().await?;
    let kept = read.summary(named(&id)?).await?.ok_or(Problem::NotFound)?;
    let own = read.institution().await?.ok_or(Problem::NotFound)?;
    drop(read);
    crate::patients::opened(&desk, "summary", vec![kept.patient]).await?;
    desk.page(&Page {
        shell: desk.shell("summary-title", Section::Tasks).await?,
        w: desk.w,
        clinic: own.name,
        phone: own.phone,
        sent: desk.w.day_time(kept.sent),
        received: kept.received.map(|at| desk.w.day_time(at)),
        kept,
    })
}

/// 届いた: who there said so, once.
async fn received(desk: StaffDesk, At(id): At<String>, form: Form) -> Result<Response, Problem> {
    let mut reading = form.reading();
    let who = reading.need("who", WHO_CHARS_MAX);
    reading.done()?;
    let (by, id) = (desk.by(), named(&id)?);
    desk.write(move |tx| {
        Box::pin(async move {
            let kept = tx.summary(id).await?.ok_or(Problem::NotFound)?;
            if kept.received.is_some() {
                return Err(Problem::OutOfTurn);
            }
            Ok(tx.keep_summary_receipt(&by, &kept, &who).await?)
        })
    })
    .await?;
    Ok(go(&format!("/summaries/{id}")))
}

fn named(id: &str) -> Result<Ulid, Problem> {
    id.parse().map_err(|_| Problem::NotFound)
}
