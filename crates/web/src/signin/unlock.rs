//! `/unlock`, `/lock`, `/sign-out`: the cover over an idle screen, and the end of a session.

use super::check::{Need, Offered, check};
use super::enter::To;
use crate::{
    Errors, Form, Problem, WaitingDesk, cookie,
    desk::{go, page},
    scene::local_place,
    shell::PublicShell,
    surface::Surface,
    words::Words,
};
use access::TenantId;
use askama::Template;
use axum::{
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use store::{By, Fault};

#[derive(Template)]
#[template(path = "signin/unlock.html")]
struct Page {
    shell: PublicShell,
    w: Words,
    errors: Errors,
    to: String,
}

pub(super) async fn show(desk: WaitingDesk, To(to): To) -> Result<Response, Problem> {
    if !desk.covered {
        return Ok(go(to.as_deref().unwrap_or("/today")));
    }
    draw(&desk, StatusCode::OK, Errors::default(), to).await
}

pub(super) async fn post(desk: WaitingDesk, form: Form) -> Result<Response, Problem> {
    let to = local_place(form.text("to")).map(ToOwned::to_owned);
    if !desk.covered {
        return Ok(go(to.as_deref().unwrap_or("/today")));
    }
    let shown = form.get("proof").unwrap_or_default();
    if shown.is_empty() || shown.chars().count() > access::credential::PASSWORD_CHARS_MAX {
        return draw(
            &desk,
            StatusCode::UNPROCESSABLE_ENTITY,
            Errors::one("proof", "field-empty"),
            to,
        )
        .await;
    }
    let found = desk
        .app()
        .store()
        .read(TenantId::INSTALLATION)
        .await?
        .credential_of(desk.person)
        .await?;
    // One field takes either: nobody has to say which it is.
    let offered = Offered {
        password: shown.to_owned(),
        code: shown.to_owned(),
    };
    if check(desk.app(), found, offered, Need::Either, desk.now)
        .await?
        .is_none()
    {
        return draw(
            &desk,
            StatusCode::UNPROCESSABLE_ENTITY,
            Errors::one("proof", "unlock-refused"),
            to,
        )
        .await;
    }
    let (session, entry) = (desk.session, desk.entry("session.uncovered", "care"));
    let entry = entry.object("session", session.to_string());
    desk.app()
        .store()
        .write::<(), Fault, _>(desk.tenant, desk.now, move |tx| {
            Box::pin(async move {
                tx.uncover_session(session).await?;
                tx.record(entry).await?;
                Ok(())
            })
        })
        .await?;
    Ok(go(to.as_deref().unwrap_or("/today")))
}

/// The page says that it covered the screen; the server then knows it too.
pub(super) async fn cover(desk: WaitingDesk) -> Result<Response, Problem> {
    let session = desk.session;
    desk.app()
        .store()
        .write::<(), Fault, _>(desk.tenant, desk.now, move |tx| {
            Box::pin(async move { tx.cover_session(session).await })
        })
        .await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}

pub(super) async fn sign_out(desk: WaitingDesk) -> Result<Response, Problem> {
    let (session, person, entry) = (
        desk.session,
        desk.person,
        desk.entry("session.ended", "care"),
    );
    let entry = entry.object("session", session.to_string());
    desk.app()
        .store()
        .write::<(), Fault, _>(desk.tenant, desk.now, move |tx| {
            Box::pin(async move {
                // Whoever leaves the room leaves the work period too (cl-2.1-v).
                tx.end_work_period(&By::System, person).await?;
                if tx.end_session(session).await? {
                    tx.record(entry).await?;
                }
                Ok(())
            })
        })
        .await?;
    let mut response = go("/sign-in");
    let headers = response.headers_mut();
    if let Some(cookie) = cookie::end_session(Surface::Staff) {
        headers.append(header::SET_COOKIE, cookie);
    }
    headers.insert(
        "clear-site-data",
        HeaderValue::from_static("\"cache\", \"storage\""),
    );
    Ok(response)
}

async fn draw(
    desk: &WaitingDesk,
    status: StatusCode,
    errors: Errors,
    to: Option<String>,
) -> Result<Response, Problem> {
    let template = Page {
        shell: desk.shell("unlock-title").await,
        w: desk.w,
        errors,
        to: to.unwrap_or_default(),
    };
    page(status, &template)
}
