//! `/codes`: a demonstration's one-time codes, for whoever sits at its own machine; elsewhere there is no such page.

use crate::{AnonymousDesk, Problem, shell::PublicShell, totp, words::Words};
use access::{TenantId, credential::STEP_SECONDS};
use askama::Template;
use axum::response::Response;

#[derive(Template)]
#[template(path = "signin/codes.html")]
struct Page {
    shell: PublicShell,
    w: Words,
    rows: Vec<Row>,
    /// Seconds until the codes change.
    left: i64,
}

struct Row {
    role: String,
    name: String,
    login: String,
    code: String,
}

pub(super) async fn show(desk: AnonymousDesk) -> Result<Response, Problem> {
    // `serve` never says that it is a demonstration; and a demonstration is for its own machine alone.
    let home = desk
        .home()
        .filter(|_| desk.app().settings().demo && desk.client().is_loopback())
        .ok_or(Problem::NotFound)?;
    let store = desk.app().store();
    let staff = store.read(home).await?.staff(desk.now).await?;
    let mut read = store.read(TenantId::INSTALLATION).await?;
    let mut rows = Vec::new();
    for member in staff {
        let found = read.credential_of(member.person).await?;
        let secret = found.and_then(|credential| credential.totp_secret);
        rows.push(Row {
            role: desk
                .w
                .say(format!("role-{}", member.role.as_str()))
                .into_owned(),
            name: member.name,
            login: read.login_name(member.person).await?.unwrap_or_default(),
            code: secret
                .and_then(|secret| totp::code(&secret, desk.now))
                .unwrap_or_default(),
        });
    }
    drop(read);
    desk.page(&Page {
        shell: desk.shell("codes-title").await,
        w: desk.w,
        rows,
        left: STEP_SECONDS - desk.now.as_second().rem_euclid(STEP_SECONDS),
    })
}
