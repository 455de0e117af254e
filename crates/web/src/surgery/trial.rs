//! `/joint/{id}/trial/{what}`: picture and sound over the line, and once more over the backup line. The media server counts
//! what comes; this page keeps nothing that a browser claims.

use super::{address, own};
use crate::{
    At, Problem, StaffDesk,
    desk::go,
    shell::{Section, StaffShell},
    words::Words,
};
use askama::Template;
use axum::{
    http::header,
    response::{IntoResponse as _, Response},
};
use care::{attended::JointId, surgery::Try};

#[derive(Template)]
#[template(path = "surgery/trial.html")]
struct Page {
    shell: StaffShell,
    w: Words,
    address: String,
    back: String,
    backup: bool,
}

fn tried(what: &str) -> Result<Try, Problem> {
    Try::parse(what)
        .filter(|what| *what != Try::Good)
        .ok_or(Problem::NotFound)
}

pub(super) async fn show(
    desk: StaffDesk,
    At((id, what)): At<(JointId, String)>,
) -> Result<Response, Problem> {
    let what = tried(&what)?;
    own(&mut *desk.read().await?, id, desk.person).await?;
    desk.page(&Page {
        shell: desk
            .shell("surgery-trial-title", Section::Elsewhere)
            .await?,
        w: desk.w,
        address: format!("/joint/{id}/trial/{}", what.as_str()),
        back: address(id),
        backup: what == Try::Backup,
    })
}

/// What the browser found is not kept.
pub(super) async fn done(
    desk: StaffDesk,
    At((id, what)): At<(JointId, String)>,
) -> Result<Response, Problem> {
    let _ = tried(&what)?;
    own(&mut *desk.read().await?, id, desk.person).await?;
    Ok(go(&address(id)))
}

/// Gives back what it gets, under a name by which the counts find their joint visit.
pub(super) async fn echo(
    desk: StaffDesk,
    At((id, what)): At<(JointId, String)>,
    sdp: String,
) -> Result<Response, Problem> {
    let what = tried(&what)?;
    let (_, side) = own(&mut *desk.read().await?, id, desk.person).await?;
    let media = desk.app().media().ok_or(Problem::Unavailable)?;
    let name = format!(
        "surgery {} {id} {} {}",
        desk.tenant,
        side.as_str(),
        what.as_str()
    );
    let answer = media.echo(name, sdp).await.map_err(crate::room::refused)?;
    Ok(([(header::CONTENT_TYPE, "application/sdp")], answer).into_response())
}
