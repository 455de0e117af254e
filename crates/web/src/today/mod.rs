//! `/today`: the board (きょうの一覧).

use crate::{
    Problem, StaffDesk,
    desk::go,
    route::{Route, Table},
    shell::{Section, StaffShell},
    words::Words,
};
use access::policy::Audience;
use askama::Template;
use axum::response::Response;

pub(crate) fn routes() -> Table {
    Table::of([
        Route::get("/", Audience::SignedIn, root),
        Route::get("/today", Audience::Staff, show),
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
}

async fn show(desk: StaffDesk) -> Result<Response, Problem> {
    desk.page(&Today {
        shell: desk.shell("today-title", Section::Today).await?,
        w: desk.w,
    })
}
