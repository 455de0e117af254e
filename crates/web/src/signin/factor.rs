//! `/account/factor`: the first second factor, at the first sign-in.

use crate::{
    Errors, Form, Problem, WaitingDesk,
    desk::{go, page},
    qr::Qr,
    shell::PublicShell,
    totp,
    words::Words,
};
use access::TenantId;
use askama::Template;
use axum::{http::StatusCode, response::Response};
use store::Fault;

#[derive(Template)]
#[template(path = "signin/factor.html")]
struct Page {
    shell: PublicShell,
    w: Words,
    errors: Errors,
    secret: String,
    uri: String,
    qr: Option<Qr>,
}

pub(super) async fn show(desk: WaitingDesk) -> Result<Response, Problem> {
    if has_factor(&desk).await? {
        return Ok(go("/institution"));
    }
    let secret = desk
        .app()
        .random::<{ totp::SECRET_BYTES }>()
        .ok_or(Problem::Unavailable)?;
    draw(&desk, StatusCode::OK, &secret, Errors::default()).await
}

pub(super) async fn add(desk: WaitingDesk, form: Form) -> Result<Response, Problem> {
    if has_factor(&desk).await? {
        return Err(Problem::OutOfTurn);
    }
    let secret = totp::read_secret(form.text("secret")).ok_or(Problem::Malformed)?;
    if totp::matching_step(&secret, form.text("code"), None, desk.now).is_none() {
        return draw(
            &desk,
            StatusCode::UNPROCESSABLE_ENTITY,
            &secret,
            Errors::one("code", "factor-refused"),
        )
        .await;
    }
    let (person, actor) = (desk.person, desk.actor());
    desk.app()
        .store()
        .write::<(), Fault, _>(TenantId::INSTALLATION, desk.now, move |tx| {
            Box::pin(async move { tx.set_totp(person, Some(&secret), actor).await })
        })
        .await?;
    Ok(go("/institution"))
}

async fn has_factor(desk: &WaitingDesk) -> Result<bool, Problem> {
    if desk.covered.is_some() {
        return Err(Problem::Covered);
    }
    let mut read = desk.app().store().read(TenantId::INSTALLATION).await?;
    let credential = read
        .credential_of(desk.person)
        .await?
        .ok_or(Problem::SignIn)?;
    Ok(credential.totp_secret.is_some())
}

async fn draw(
    desk: &WaitingDesk,
    status: StatusCode,
    secret: &[u8],
    errors: Errors,
) -> Result<Response, Problem> {
    let mut read = desk.app().store().read(TenantId::INSTALLATION).await?;
    let name = read.login_name(desk.person).await?.unwrap_or_default();
    drop(read);
    let uri = totp::uri(secret, &name);
    let template = Page {
        qr: Qr::of(&uri),
        shell: desk.shell("factor-title").await,
        w: desk.w,
        errors,
        secret: totp::secret_text(secret),
        uri,
    };
    page(status, &template)
}
