//! `/house/contacts`: whom patients complain to, whom they ask for their records, and where anybody looks a physician up.
//! None of it may be empty: it stands at the foot of every patient page (ext-4.2.e).

use crate::{
    Errors, Form, Problem, StaffDesk,
    desk::go,
    form::encode,
    notice::DESKS,
    shell::{Section, StaffShell},
    words::Words,
};
use askama::Template;
use axum::response::Response;
use care::{Refusal, Remedy, proof::LOOKED_UP};
use store::institution::Desks;

/// Longest text of a field, in characters.
const TEXT_CHARS_MAX: usize = 200;

#[derive(Template)]
#[template(path = "house/contacts.html")]
struct Page {
    shell: StaffShell,
    w: Words,
    errors: Errors,
    typed: Form,
}

pub(super) async fn show(desk: StaffDesk) -> Result<Response, Problem> {
    let known = desk.read().await?.institution().await?;
    let desks = known.map(|known| known.desks).unwrap_or_default();
    let text = [
        ("complaint", &desks.complaint),
        ("complaint_phone", &desks.complaint_phone),
        ("disclosure", &desks.disclosure),
        ("disclosure_phone", &desks.disclosure_phone),
        ("licence_search", &desks.licence_search),
    ]
    .map(|(name, value)| format!("{name}={}", encode(value)))
    .join("&");
    desk.page(&Page {
        shell: desk
            .shell("house-contacts-title", Section::Publishing)
            .await?,
        w: desk.w,
        errors: Errors::default(),
        typed: Form::parse(text.as_bytes())?,
    })
}

pub(super) async fn save(desk: StaffDesk, form: Form) -> Result<Response, Problem> {
    let mut reading = form.reading();
    let mut text = |field| reading.maybe(field, TEXT_CHARS_MAX).unwrap_or_default();
    let new = Desks {
        complaint: text("complaint"),
        complaint_phone: text("complaint_phone"),
        disclosure: text("disclosure"),
        disclosure_phone: text("disclosure_phone"),
        licence_search: text("licence_search"),
    };
    reading.done()?;
    if !new.is_complete() {
        return Err(Refusal::state(DESKS, Remedy::EnterContacts)
            .because("contact_required")
            .into());
    }
    if !new.licence_search.starts_with("https://") {
        return Err(Refusal::content(LOOKED_UP, Remedy::EnterContacts)
            .because("link_required")
            .into());
    }
    let actor = desk.actor();
    desk.write(move |tx| Box::pin(async move { Ok(tx.keep_desks(&new, actor).await?) }))
        .await?;
    desk.app().forget_institution(desk.tenant);
    Ok(go("/house/contacts"))
}
