//! `/livez` and `/readyz`: for the operator and the supervisor, plain text, on loopback.

use crate::{
    App,
    limit::Pace,
    route::{Route, Table},
};
use access::{TenantId, policy::Audience};
use axum::{
    extract::State,
    http::StatusCode,
    response::{IntoResponse, Response},
};
use store::Fault;

pub(crate) fn routes() -> Table {
    Table::of([
        Route::get("/livez", Audience::Anyone, live).pace(Pace::Health),
        Route::get("/readyz", Audience::Anyone, ready).pace(Pace::Health),
    ])
}

/// The process answers.
async fn live() -> &'static str {
    "live\n"
}

/// Storage takes a commit.
async fn ready(State(app): State<App>) -> Response {
    let written: Result<(), Fault> = app
        .store()
        .write(TenantId::INSTALLATION, app.now(), |_| {
            Box::pin(async { Ok(()) })
        })
        .await;
    match written {
        Ok(()) => "ready\n".into_response(),
        Err(fault) => (
            StatusCode::SERVICE_UNAVAILABLE,
            format!("not ready: {fault}\n"),
        )
            .into_response(),
    }
}
