//! `/work/device`: the physician's own camera, microphone, tone and line, on the path of the call itself.

use crate::{
    Problem, StaffDesk,
    desk::go,
    shell::{Section, StaffShell},
    words::Words,
};
use askama::Template;
use axum::{
    http::header,
    response::{IntoResponse, Response},
};

#[derive(Template)]
#[template(path = "work/device.html")]
struct Page {
    shell: StaffShell,
    w: Words,
}

pub(super) async fn show(desk: StaffDesk) -> Result<Response, Problem> {
    desk.page(&Page {
        shell: desk.shell("work-device-title", Section::Elsewhere).await?,
        w: desk.w,
    })
}

/// The check was looked at by the physician alone; nothing of it is kept.
pub(super) async fn done(_: StaffDesk) -> Response {
    go("/work")
}

/// Answers an offer with a room of one that gives back what it gets, for at most a minute.
pub(super) async fn echo(desk: StaffDesk, sdp: String) -> Result<Response, Problem> {
    let media = desk.app().media().ok_or(Problem::Unavailable)?;
    let answer = media
        .echo(desk.device.to_string(), sdp)
        .await
        .map_err(crate::room::refused)?;
    Ok(([(header::CONTENT_TYPE, "application/sdp")], answer).into_response())
}
