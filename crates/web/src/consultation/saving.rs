//! Whether what happens in a running visit can be kept: the dock asks, so that nobody writes into the void unaware.

use crate::{At, Problem, StaffDesk, Words};
use askama::Template;
use axum::response::Response;
use care::ConsultationId;

#[derive(Template)]
#[template(path = "consultation/saving.html")]
struct Saving {
    w: Words,
    fails: bool,
}

/// Tries a commit of nothing. Picture and sound need none: whatever the answer, they go on.
pub(super) async fn saving(
    desk: StaffDesk,
    At(_): At<ConsultationId>,
) -> Result<Response, Problem> {
    let tried: Result<(), Problem> = desk.write(|_| Box::pin(async { Ok(()) })).await;
    desk.page(&Saving {
        w: desk.w,
        fails: tried.is_err(),
    })
}
