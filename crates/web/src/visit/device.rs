//! `/visit/device`: own picture, own voice, a tone and the line, on the path of the call itself.

use super::{
    Steps, load,
    step::{Asking, Case, Step},
};
use crate::{Form, PatientDesk, Problem, desk::go, room, shell::PatientShell, words::Words};
use askama::Template;
use axum::{
    http::header,
    response::{IntoResponse, Response},
};
use store::statement::DeviceCheck;

/// Most frames or milliseconds that a browser is believed.
const COUNT_MAX: i64 = 1_000_000;

#[derive(Template)]
#[template(path = "visit/device.html")]
struct Page {
    shell: PatientShell,
    w: Words,
    steps: Option<Steps>,
    echo: &'static str,
    act: &'static str,
}

pub(super) async fn show(desk: PatientDesk) -> Result<Response, Problem> {
    let case = load(&desk).await?;
    if !case.standing.stage.is_before_live() {
        return Ok(go(&case.next().address()));
    }
    desk.page(&Page {
        shell: desk.shell("visit-device-title").await?,
        w: desk.w,
        steps: Steps::of(&case, Step::Device),
        echo: "/visit/echo",
        act: "/visit/device",
    })
}

pub(super) async fn keep(desk: PatientDesk, form: Form) -> Result<Response, Problem> {
    let yes = |name: &str| form.text(name) == "yes";
    let count = |name: &str| {
        form.text(name)
            .parse::<i64>()
            .ok()
            .filter(|n| (0..=COUNT_MAX).contains(n))
    };
    let path = match form.text("path") {
        path @ ("udp" | "tcp") => path,
        _ => "",
    };
    let check = DeviceCheck {
        device: desk.device,
        at: desk.now,
        camera: yes("camera"),
        microphone: yes("mic"),
        tone: yes("tone"),
        path: path.to_owned(),
        frames: count("frames").unwrap_or_default(),
        rtt_ms: count("rtt_ms").filter(|_| !path.is_empty()),
    };
    let asking = Asking::of(&desk);
    let step = desk
        .write(move |tx| {
            Box::pin(async move {
                let case = Case::load(tx, &asking).await?;
                case.before_live()?;
                tx.keep_device_check(&asking.by(), asking.consultation, &check)
                    .await?;
                Ok(Case::load(tx, &asking).await?.next())
            })
        })
        .await?;
    Ok(go(&step.address()))
}

/// Answers the offer of the check: what is sent comes back, to this browser and nobody else.
pub(super) async fn echo(desk: PatientDesk, sdp: String) -> Result<Response, Problem> {
    let media = desk.app().media().ok_or(Problem::Unavailable)?;
    let answer = media
        .echo(desk.device.to_string(), sdp)
        .await
        .map_err(room::refused)?;
    Ok(([(header::CONTENT_TYPE, "application/sdp")], answer).into_response())
}
