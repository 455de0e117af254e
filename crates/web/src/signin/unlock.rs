//! `/unlock`, `/lock`, `/sign-out`: the cover over an idle screen, and the end of a session.

use super::check::{Need, Offered, check};
use super::{enter::To, kept::Kept};
use crate::{
    Errors, Form, Problem, WaitingDesk,
    caller::with_call,
    cookie,
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
pub(super) struct Page {
    pub(super) shell: PublicShell,
    pub(super) w: Words,
    pub(super) errors: Errors,
    pub(super) to: String,
    /// What was written when the screen was covered.
    pub(super) kept: Option<Kept>,
}

pub(super) async fn show(desk: WaitingDesk, To(to): To) -> Result<Response, Problem> {
    if desk.covered.is_none() {
        return Ok(go(to.as_deref().unwrap_or("/today")));
    }
    draw(&desk, StatusCode::OK, Errors::default(), (to, None)).await
}

pub(super) async fn post(desk: WaitingDesk, form: Form) -> Result<Response, Problem> {
    let to = local_place(form.text("to")).map(ToOwned::to_owned);
    let kept = Kept::of(&form);
    let Some(since) = desk.covered else {
        return opened(&desk, to, kept).await;
    };
    let shown = form.get("proof").unwrap_or_default();
    if shown.is_empty() || shown.chars().count() > access::credential::PASSWORD_CHARS_MAX {
        return draw(
            &desk,
            StatusCode::UNPROCESSABLE_ENTITY,
            Errors::one("proof", "field-empty"),
            (to, kept),
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
            (to, kept),
        )
        .await;
    }
    let (session, entry) = (desk.session, desk.entry("session.uncovered", "care"));
    let entry = entry.object("session", session.to_string());
    let (person, device) = (desk.person, desk.device);
    desk.app()
        .store()
        .write::<(), Fault, _>(desk.tenant, desk.now, move |tx| {
            Box::pin(async move {
                tx.uncover_session(session).await?;
                tx.unlock_work_period(&By::System, person, (device, since))
                    .await?;
                tx.record(entry).await?;
                Ok(())
            })
        })
        .await?;
    opened(&desk, to, kept).await
}

/// Back to where the person was: the page under the cover, what was written, or the place.
async fn opened(
    desk: &WaitingDesk,
    to: Option<String>,
    kept: Option<Kept>,
) -> Result<Response, Problem> {
    if desk.wants_json() {
        // The page lies under its cover, with everything typed in it.
        return Ok(StatusCode::NO_CONTENT.into_response());
    }
    match kept {
        Some(kept) => kept.give_back(desk.shell("back-title").await, desk.w),
        None => Ok(go(to.as_deref().unwrap_or("/today"))),
    }
}

/// The page says that it covered the screen, or the person locks it: the server then knows it too, and the work period
/// is locked with it (cl-2.1-v). A running call is never cut, so that another tab's idleness lays no cover over it.
pub(super) async fn cover(desk: WaitingDesk) -> Result<Response, Problem> {
    let (session, person, device, now) = (desk.held(), desk.person, desk.device, desk.now);
    desk.app()
        .store()
        .write::<(), Fault, _>(desk.tenant, desk.now, move |tx| {
            Box::pin(async move {
                if with_call(tx, &session, now).await?.in_call(now) {
                    return Ok(());
                }
                tx.cover_session(session.id).await?;
                tx.lock_work_period(person, device).await
            })
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
    (to, kept): (Option<String>, Option<Kept>),
) -> Result<Response, Problem> {
    if desk.wants_json() {
        return Err(Problem::Wrong(errors));
    }
    let template = Page {
        shell: desk.shell("unlock-title").await,
        w: desk.w,
        errors,
        to: to.unwrap_or_default(),
        kept,
    };
    page(status, &template)
}
