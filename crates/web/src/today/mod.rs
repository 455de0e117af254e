//! `/today`: the board (きょうの一覧): who waits, what is missing, and the one act that mends it.

mod board;
mod events;
mod paper;
mod trials;

use crate::{
    Problem, StaffDesk,
    desk::go,
    route::{Route, Table},
    shell::{Section, StaffShell},
    words::Words,
};
use access::{Role, policy::Audience};
use askama::Template;
use axum::response::Response;
use board::{Asked, Board, Looker};

/// Who reaches patients when the system does not answer.
const DESK: Audience = Audience::Roles(&[Role::Reception, Role::Nurse, Role::Physician]);

pub(crate) fn routes() -> Table {
    Table::of([
        Route::get("/", Audience::SignedIn, root),
        Route::get("/today", Audience::Staff, show),
        Route::get("/today/paper", DESK, paper::show),
        Route::get("/today/events", Audience::Staff, events::stream).by_itself(),
    ])
}

async fn root() -> Response {
    go("/today")
}

#[derive(Template)]
#[template(path = "today/today.html")]
struct Today {
    shell: StaffShell,
    w: Words,
    board: Board,
    once: String,
}

async fn show(desk: StaffDesk, asked: Asked) -> Result<Response, Problem> {
    let looker = Looker::of(&desk);
    let board = Board::load(&mut *desk.read().await?, &looker, asked, desk.now).await?;
    crate::patients::opened(&desk, "today", board.patients()).await?;
    let shell = desk.shell("today-title", Section::Today).await?;
    desk.page(&Today {
        once: shell.once.clone(),
        shell,
        w: desk.w,
        board,
    })
}
