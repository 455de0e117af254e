//! Whether what happens in a running visit can be kept: the dock asks, so that nobody writes into the void unaware.

use crate::{At, Problem, StaffDesk, Words, shell::Section};
use askama::Template;
use axum::response::Response;
use care::{ConsultationId, Stage};

#[derive(Template)]
#[template(path = "consultation/saving.html")]
struct Saving {
    w: Words,
    nonce: String,
    fails: bool,
    /// Seconds of picture and sound so far, for the physician of a running visit: the number on the page grows with it.
    seconds: Option<i64>,
}

/// Tries a commit of nothing. Picture and sound need none: whatever the answer, they go on.
pub(super) async fn saving(
    desk: StaffDesk,
    At(id): At<ConsultationId>,
) -> Result<Response, Problem> {
    let tried: Result<(), Problem> = desk.write(|_| Box::pin(async { Ok(()) })).await;
    let seconds = if tried.is_ok() {
        measured(&desk, id).await?
    } else {
        None
    };
    let shell = desk.shell("visit-title", Section::Today).await?;
    desk.page(&Saving {
        w: desk.w,
        nonce: shell.nonce.clone(),
        fails: tried.is_err(),
        seconds,
    })
}

async fn measured(desk: &StaffDesk, id: ConsultationId) -> Result<Option<i64>, Problem> {
    let mut read = desk.read().await?;
    let Some(booking) = read.consultation(id).await? else {
        return Ok(None);
    };
    let visit = &booking.consultation;
    if visit.physician != desk.person || !matches!(visit.stage, Stage::Live { .. }) {
        return Ok(None);
    }
    Ok(Some(read.measured(id).await?.two_way_seconds))
}
