//! `/account`: one's own password.

use super::check::{Need, Offered, check};
use super::enter::places;
use crate::{
    Errors, Form, Problem, StaffDesk,
    shell::{Section, StaffShell},
    words::Words,
};
use access::{TenantId, credential};
use askama::Template;
use axum::response::Response;
use store::Fault;

#[derive(Template)]
#[template(path = "signin/account.html")]
struct Page {
    shell: StaffShell,
    w: Words,
    errors: Errors,
    changed: bool,
}

pub(super) async fn show(desk: StaffDesk) -> Result<Response, Problem> {
    desk.page(&page(&desk, Errors::default(), false).await?)
}

pub(super) async fn change(desk: StaffDesk, form: Form) -> Result<Response, Problem> {
    let new = form.get("new").unwrap_or_default().to_owned();
    let mut read = desk.app().store().read(TenantId::INSTALLATION).await?;
    let name = read.login_name(desk.person).await?.unwrap_or_default();
    let found = read.credential_of(desk.person).await?;
    drop(read);
    if let Err(weak) = credential::password(&new, &name) {
        return desk.page_wrong(&page(&desk, Errors::one("new", weak_key(weak)), false).await?);
    }
    // Before a credential changes, both factors are shown again (ASVS 7.5.1).
    let offered = Offered {
        password: form
            .get("current")
            .unwrap_or_default()
            .chars()
            .take(credential::PASSWORD_CHARS_MAX)
            .collect(),
        code: form.text("code").to_owned(),
    };
    if offered.password == new {
        let errors = Errors::one("new", weak_key(credential::Weak::Same));
        return desk.page_wrong(&page(&desk, errors, false).await?);
    }
    if check(desk.app(), found, offered, Need::Both, desk.now)
        .await?
        .is_none()
    {
        return desk
            .page_wrong(&page(&desk, Errors::one("current", "signin-refused"), false).await?);
    }
    let salt = desk.app().random().ok_or(Problem::Unavailable)?;
    let hash = desk.app().hasher().hash(new, salt).await?;
    let (person, actor) = (desk.person, desk.actor());
    desk.app()
        .store()
        .write::<(), Fault, _>(TenantId::INSTALLATION, desk.now, move |tx| {
            Box::pin(async move { tx.set_password(person, &hash, actor).await })
        })
        .await?;
    end_elsewhere(&desk).await?;
    desk.page(&page(&desk, Errors::default(), true).await?)
}

/// Whoever else is signed in as this person is out.
async fn end_elsewhere(desk: &StaffDesk) -> Result<(), Problem> {
    let (person, session) = (desk.person, desk.session);
    let places = places(desk.app(), person, desk.now).await?;
    let tenants = places.iter().map(|place| place.tenant);
    for tenant in tenants.chain([TenantId::INSTALLATION]) {
        desk.app()
            .store()
            .write::<u64, Fault, _>(tenant, desk.now, move |tx| {
                Box::pin(async move { tx.end_sessions_of(person, Some(session)).await })
            })
            .await?;
    }
    Ok(())
}

async fn page(desk: &StaffDesk, errors: Errors, changed: bool) -> Result<Page, Problem> {
    Ok(Page {
        shell: desk.shell("account-title", Section::Elsewhere).await?,
        w: desk.w,
        errors,
        changed,
    })
}

fn weak_key(weak: credential::Weak) -> &'static str {
    match weak {
        credential::Weak::Short => "password-short",
        credential::Weak::Long => "field-long",
        credential::Weak::Simple => "password-simple",
        credential::Weak::HoldsName => "password-holds-name",
        credential::Weak::Same => "password-same",
    }
}
