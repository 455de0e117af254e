//! `/house/institution`: what the clinic is called and where it is reached.

use crate::{
    Errors, Form, Problem, StaffDesk,
    shell::{Section, StaffShell},
    words::Words,
};
use askama::Template;
use axum::response::Response;
use store::institution::Institution;

/// Longest text of each setting, in characters.
const NAME_CHARS_MAX: usize = 100;
const LINE_CHARS_MAX: usize = 200;
const PHONE_CHARS_MAX: usize = 20;
/// Shortest telephone number, in digits: 119 is not a clinic's.
const PHONE_DIGITS_MIN: usize = 8;

#[derive(Template)]
#[template(path = "notice/settings.html")]
struct Page {
    shell: StaffShell,
    w: Words,
    errors: Errors,
    kept: bool,
    fields: Vec<Line>,
    notified: bool,
}

/// One field of the form.
struct Line {
    name: &'static str,
    key: &'static str,
    value: String,
    must: bool,
}

pub(super) async fn show(desk: StaffDesk) -> Result<Response, Problem> {
    let institution = desk.read().await?.institution().await?;
    let institution = institution.unwrap_or_else(empty);
    desk.page(&page(&desk, &institution, Errors::default(), false).await?)
}

pub(super) async fn keep(desk: StaffDesk, form: Form) -> Result<Response, Problem> {
    let mut reading = form.reading();
    let mut line = |name, max| reading.maybe(name, max).unwrap_or_default();
    let new = Institution {
        name: line("name", NAME_CHARS_MAX),
        address: line("address", LINE_CHARS_MAX),
        phone: line("phone", PHONE_CHARS_MAX),
        hours: line("hours", LINE_CHARS_MAX),
        name_en: line("name_en", NAME_CHARS_MAX),
        address_en: line("address_en", LINE_CHARS_MAX),
        hours_en: line("hours_en", LINE_CHARS_MAX),
        code: line("code", PHONE_CHARS_MAX),
        online_care_notified: form.has("notified"),
    };
    for (name, value) in [
        ("name", &new.name),
        ("address", &new.address),
        ("phone", &new.phone),
        ("hours", &new.hours),
    ] {
        if value.is_empty() {
            reading.wrong(name, "field-empty");
        }
    }
    let digits = new.phone.chars().filter(char::is_ascii_digit).count();
    if !new.phone.is_empty() && digits < PHONE_DIGITS_MIN {
        reading.wrong("phone", "notice-phone-wrong");
    }
    let errors = reading.errors();
    if !errors.is_empty() {
        return desk.page_wrong(&page(&desk, &new, errors, false).await?);
    }
    let actor = desk.actor();
    let kept = new.clone();
    desk.write(move |tx| Box::pin(async move { Ok(tx.keep_institution(&kept, actor).await?) }))
        .await?;
    desk.app().forget_institution(desk.tenant);
    desk.page(&page(&desk, &new, Errors::default(), true).await?)
}

async fn page(
    desk: &StaffDesk,
    now: &Institution,
    errors: Errors,
    kept: bool,
) -> Result<Page, Problem> {
    let line = |name, key, value: &str, must| Line {
        name,
        key,
        value: value.to_owned(),
        must,
    };
    Ok(Page {
        shell: desk.shell("notice-title", Section::Contact).await?,
        w: desk.w,
        errors,
        kept,
        fields: vec![
            line("name", "notice-name", &now.name, true),
            line("address", "notice-address", &now.address, true),
            line("phone", "notice-phone", &now.phone, true),
            line("hours", "notice-hours", &now.hours, true),
            line("name_en", "notice-name-en", &now.name_en, false),
            line("address_en", "notice-address-en", &now.address_en, false),
            line("hours_en", "notice-hours-en", &now.hours_en, false),
            line("code", "notice-code", &now.code, false),
        ],
        notified: now.online_care_notified,
    })
}

fn empty() -> Institution {
    Institution {
        name: String::new(),
        address: String::new(),
        phone: String::new(),
        hours: String::new(),
        name_en: String::new(),
        address_en: String::new(),
        hours_en: String::new(),
        code: String::new(),
        online_care_notified: false,
    }
}
