//! `/house/institution`: what patients are told on every page; none of it may be empty (cl-2.1-i-b).

use crate::{
    Errors, Form, Problem, StaffDesk,
    desk::go,
    form::encode,
    shell::{Section, StaffShell},
    words::Words,
};
use askama::Template;
use axum::response::Response;
use store::institution::{Desks, Institution};

/// Longest text of a field, in characters.
const TEXT_CHARS_MAX: usize = 200;

#[derive(Template)]
#[template(path = "house/institution.html")]
struct Page {
    shell: StaffShell,
    w: Words,
    errors: Errors,
    typed: Form,
}

pub(super) async fn show(desk: StaffDesk) -> Result<Response, Problem> {
    let typed = match desk.read().await?.institution().await? {
        Some(known) => fields(&known)?,
        None => Form::parse(b"")?,
    };
    desk.page(&page(&desk, Errors::default(), typed).await?)
}

pub(super) async fn save(desk: StaffDesk, form: Form) -> Result<Response, Problem> {
    let mut reading = form.reading();
    let new = Institution {
        name: reading.need("name", TEXT_CHARS_MAX),
        address: reading.need("address", TEXT_CHARS_MAX),
        phone: reading.need("phone", TEXT_CHARS_MAX),
        hours: reading.need("hours", TEXT_CHARS_MAX),
        name_en: reading.maybe("name_en", TEXT_CHARS_MAX).unwrap_or_default(),
        address_en: reading
            .maybe("address_en", TEXT_CHARS_MAX)
            .unwrap_or_default(),
        hours_en: reading
            .maybe("hours_en", TEXT_CHARS_MAX)
            .unwrap_or_default(),
        code: reading.maybe("code", TEXT_CHARS_MAX).unwrap_or_default(),
        online_care_notified: form.has("online_care_notified"),
        desks: Desks::default(),
    };
    let errors = reading.errors();
    if !errors.is_empty() {
        return desk.page_wrong(&page(&desk, errors, form).await?);
    }
    let actor = desk.actor();
    desk.write(move |tx| Box::pin(async move { Ok(tx.keep_institution(&new, actor).await?) }))
        .await?;
    desk.app().forget_institution(desk.tenant);
    Ok(go("/house/institution"))
}

fn fields(known: &Institution) -> Result<Form, Problem> {
    let mut text = [
        ("name", &known.name),
        ("address", &known.address),
        ("phone", &known.phone),
        ("hours", &known.hours),
        ("name_en", &known.name_en),
        ("address_en", &known.address_en),
        ("hours_en", &known.hours_en),
        ("code", &known.code),
    ]
    .map(|(name, value)| format!("{name}={}", encode(value)))
    .join("&");
    if known.online_care_notified {
        text.push_str("&online_care_notified=yes");
    }
    Form::parse(text.as_bytes())
}

async fn page(desk: &StaffDesk, errors: Errors, typed: Form) -> Result<Page, Problem> {
    Ok(Page {
        shell: desk
            .shell("house-institution-title", Section::Publishing)
            .await?,
        w: desk.w,
        errors,
        typed,
    })
}
