//! `/sign-in`

use super::check::{Need, Offered, check};
use crate::{
    AnonymousDesk, App, Errors, Form, Problem,
    desk::{Ticket, go},
    form::encode,
    scene::local_place,
    shell::PublicShell,
    words::Words,
};
use access::{PersonId, Role, TenantId};
use askama::Template;
use axum::{
    extract::{FromRequestParts, Query},
    http::request::Parts,
    response::Response,
};
use jiff::Timestamp;
use ledger::Actor;
use serde::Deserialize;
use store::{Fault, session::Holder};

/// Longest sign-in name and password that are looked at, in characters.
const NAME_CHARS_MAX: usize = 64;
const CODE_CHARS_MAX: usize = 16;

#[derive(Template)]
#[template(path = "signin/enter.html")]
struct Page {
    shell: PublicShell,
    w: Words,
    errors: Errors,
    to: String,
    demo: bool,
}

/// Where to go afterwards: `?to=`.
pub(super) struct To(pub(super) Option<String>);

#[derive(Deserialize)]
struct Asked {
    to: Option<String>,
}

impl<S: Send + Sync> FromRequestParts<S> for To {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let asked = Query::<Asked>::from_request_parts(parts, state).await.ok();
        let to = asked.and_then(|Query(asked)| asked.to);
        Ok(Self(
            to.as_deref().and_then(local_place).map(ToOwned::to_owned),
        ))
    }
}

pub(super) async fn show(desk: AnonymousDesk, To(to): To) -> Result<Response, Problem> {
    if desk.caller().await?.is_some() {
        return Ok(go("/institution"));
    }
    desk.page(&page(&desk, Errors::default(), to).await)
}

pub(super) async fn post(desk: AnonymousDesk, form: Form) -> Result<Response, Problem> {
    let to = local_place(form.text("to")).map(ToOwned::to_owned);
    let mut reading = form.reading();
    let name = reading.need("name", NAME_CHARS_MAX);
    let code = reading.maybe("code", CODE_CHARS_MAX).unwrap_or_default();
    let password = form.get("password").unwrap_or_default();
    if password.is_empty() {
        reading.wrong("password", "field-empty");
    }
    if password.chars().count() > access::credential::PASSWORD_CHARS_MAX {
        reading.wrong("password", "field-long");
    }
    let errors = reading.errors();
    if !errors.is_empty() {
        return desk.page_wrong(&page(&desk, errors, to).await);
    }
    let found = desk
        .app()
        .store()
        .read(TenantId::INSTALLATION)
        .await?
        .credential(&name)
        .await?;
    let offered = Offered {
        password: password.to_owned(),
        code,
    };
    let Some(passed) = check(desk.app(), found, offered, Need::Both, desk.now).await? else {
        return desk.page_wrong(&page(&desk, Errors::one("name", "signin-refused"), to).await);
    };
    let places = places(desk.app(), passed.person, desk.now).await?;
    let place = match places.as_slice() {
        [] => {
            return desk.page_wrong(&page(&desk, Errors::one("name", "signin-no-place"), to).await);
        }
        [only] if !passed.must_enrol => Some(only.clone()),
        _ => None,
    };
    let ticket = desk.ticket()?;
    let tenant = open(desk.app(), &ticket, passed.person, place.as_ref(), desk.now).await?;
    let next = match (&place, passed.must_enrol, to) {
        (_, true, _) => "/account/factor".to_owned(),
        (None, false, Some(to)) => format!("/institution?to={}", encode(&to)),
        (None, false, None) => "/institution".to_owned(),
        (Some(_), false, to) => to.unwrap_or_else(|| "/today".to_owned()),
    };
    Ok(ticket.hand_over(tenant, go(&next)))
}

async fn page(desk: &AnonymousDesk, errors: Errors, to: Option<String>) -> Page {
    Page {
        shell: desk.shell("signin-title").await,
        w: desk.w,
        errors,
        to: to.unwrap_or_default(),
        demo: desk.app().settings().demo,
    }
}

/// An institution where somebody has a role today.
#[derive(Clone)]
pub(super) struct Place {
    pub(super) tenant: TenantId,
    pub(super) role: Role,
}

/// Where a person has a role now.
pub(super) async fn places(
    app: &App,
    person: PersonId,
    now: Timestamp,
) -> Result<Vec<Place>, Problem> {
    let all = app
        .store()
        .read(TenantId::INSTALLATION)
        .await?
        .workplaces(person)
        .await?;
    let mut places = Vec::new();
    for tenant in all {
        let held = app
            .store()
            .read(tenant)
            .await?
            .memberships(person, now)
            .await?;
        if let Some(first) = held.first() {
            places.push(Place {
                tenant,
                role: first.role,
            });
        }
    }
    Ok(places)
}

/// Opens the session at an institution, or at the installation until one is chosen. Answers where it is.
pub(super) async fn open(
    app: &App,
    ticket: &Ticket,
    person: PersonId,
    place: Option<&Place>,
    now: Timestamp,
) -> Result<TenantId, Problem> {
    let tenant = place.map_or(TenantId::INSTALLATION, |place| place.tenant);
    let role = place.map_or("none", |place| place.role.as_str());
    let stub = ticket.stub();
    app.store()
        .write::<(), Fault, _>(tenant, now, move |tx| {
            Box::pin(async move {
                let actor = Actor::Person {
                    id: person.to_string(),
                    role,
                };
                stub.open(tx, Holder::Person(person), actor, "password+totp")
                    .await?;
                Ok(())
            })
        })
        .await?;
    Ok(tenant)
}
