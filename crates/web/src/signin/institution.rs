//! `/institution`: somebody who works at several places says where today.

use super::enter::{Place, To, open, places};
use crate::{
    Errors, Form, Problem, WaitingDesk,
    desk::{go, page},
    notice::Contact,
    scene::local_place,
    shell::PublicShell,
    words::Words,
};
use access::TenantId;
use askama::Template;
use axum::{http::StatusCode, response::Response};
use store::Fault;

#[derive(Template)]
#[template(path = "signin/institution.html")]
struct Page {
    shell: PublicShell,
    w: Words,
    places: Vec<(TenantId, String, String)>,
    to: String,
}

pub(super) async fn show(desk: WaitingDesk, To(to): To) -> Result<Response, Problem> {
    if desk.covered.is_some() {
        return Err(Problem::Covered);
    }
    if must_enrol(&desk).await? {
        return Ok(go("/account/factor"));
    }
    let places = places(desk.app(), desk.person, desk.now).await?;
    if let ([only], true) = (places.as_slice(), desk.tenant != TenantId::INSTALLATION)
        && only.tenant == desk.tenant
    {
        return Ok(go(to.as_deref().unwrap_or("/today")));
    }
    let mut offered = Vec::with_capacity(places.len());
    for place in places {
        let institution = desk.app().institution(place.tenant, desk.now).await;
        let name = institution
            .as_deref()
            .map(|one| Contact::name_of(one, desk.w));
        let role = format!("role-{}", place.role.as_str());
        offered.push((place.tenant, name.unwrap_or_default(), role));
    }
    let shell = desk.shell("institution-title").await;
    page(
        StatusCode::OK,
        &Page {
            shell,
            w: desk.w,
            places: offered,
            to: to.unwrap_or_default(),
        },
    )
}

pub(super) async fn choose(desk: WaitingDesk, form: Form) -> Result<Response, Problem> {
    if desk.covered.is_some() {
        return Err(Problem::Covered);
    }
    if must_enrol(&desk).await? {
        return Ok(go("/account/factor"));
    }
    let places = places(desk.app(), desk.person, desk.now).await?;
    let chosen: Option<TenantId> = form.text("institution").parse().ok();
    let place = places
        .into_iter()
        .find(|place: &Place| Some(place.tenant) == chosen);
    let place = place.ok_or_else(|| Problem::Wrong(Errors::one("institution", "field-wrong")))?;
    let ticket = desk.ticket()?;
    let tenant = open(desk.app(), &ticket, desk.person, Some(&place), desk.now).await?;
    let (session, entry) = (desk.session, desk.entry("session.ended", "care"));
    let entry = entry.object("session", session.to_string());
    desk.app()
        .store()
        .write::<(), Fault, _>(desk.tenant, desk.now, move |tx| {
            Box::pin(async move {
                if tx.end_session(session).await? {
                    tx.record(entry).await?;
                }
                Ok(())
            })
        })
        .await?;
    let to = local_place(form.text("to")).unwrap_or("/today");
    Ok(ticket.hand_over(tenant, go(to)))
}

/// Nobody comes to an institution without a second factor.
async fn must_enrol(desk: &WaitingDesk) -> Result<bool, Problem> {
    let mut read = desk.app().store().read(TenantId::INSTALLATION).await?;
    let credential = read.credential_of(desk.person).await?;
    Ok(credential.is_none_or(|credential| credential.totp_secret.is_none()))
}
