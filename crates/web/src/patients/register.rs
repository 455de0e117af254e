//! `/patients/new`: a patient is registered with a contact of the own and a birth date in either calendar.

use crate::{
    Errors, Form, Problem, StaffDesk,
    desk::go,
    shell::{Section, StaffShell},
    words::Words,
};
use askama::Template;
use axum::response::Response;
use care::patient::{Era, Profile, birth_date};
use store::{digits, dossier::legal_day};

/// Longest name, in characters.
const NAME_CHARS_MAX: usize = 80;
/// Longest address, in characters.
const ADDRESS_CHARS_MAX: usize = 200;
/// Longest warning, in characters, and most of them.
const ALERT_CHARS_MAX: usize = 60;
const ALERTS_MAX: usize = 10;
/// A telephone number has so many digits.
const PHONE_DIGITS: std::ops::RangeInclusive<usize> = 10..=15;
/// The words for sex as clinics record it.
const SEXES: [&str; 3] = ["female", "male", "other"];

#[derive(Template)]
#[template(path = "patients/new.html")]
struct Page {
    shell: StaffShell,
    w: Words,
    errors: Errors,
    typed: Form,
    eras: [Era; 6],
    sexes: [&'static str; 3],
}

pub(super) async fn show(desk: StaffDesk) -> Result<Response, Problem> {
    desk.page(&page(&desk, Errors::default(), Form::parse(b"era=western")?).await?)
}

pub(super) async fn add(desk: StaffDesk, form: Form) -> Result<Response, Problem> {
    let mut reading = form.reading();
    let name = reading.need("name", NAME_CHARS_MAX);
    let kana = reading.need("kana", NAME_CHARS_MAX);
    let phone = reading.need("phone", NAME_CHARS_MAX);
    let mail = reading.maybe("mail", ADDRESS_CHARS_MAX).unwrap_or_default();
    let address = reading.need("address", ADDRESS_CHARS_MAX);
    let alerts = reading
        .maybe("alerts", ALERTS_MAX * ALERT_CHARS_MAX)
        .unwrap_or_default();
    let birth = birth_date(
        form.text("era"),
        form.text("year"),
        form.text("month"),
        form.text("day"),
    )
    .filter(|birth| *birth <= legal_day(desk.now));
    if birth.is_none() {
        reading.wrong("year", "patients-birth-wrong");
    }
    let phone = phone_number(&phone);
    if phone.is_none() && !form.text("phone").is_empty() {
        reading.wrong("phone", "patients-phone-wrong");
    }
    if !mail.is_empty() && !mail.contains('@') {
        reading.wrong("mail", "field-wrong");
    }
    let sex = SEXES
        .into_iter()
        .find(|sex| *sex == form.text("sex"))
        .unwrap_or_default();
    let errors = reading.errors();
    let (Some(birth), Some(phone), true) = (birth, phone, errors.is_empty()) else {
        return desk.page_wrong(&page(&desk, errors, form).await?);
    };
    let profile = Profile {
        name,
        kana,
        birth,
        sex: sex.to_owned(),
        phone,
        mail,
        address,
        alerts: alerts
            .lines()
            .map(str::trim)
            .filter(|line| !line.is_empty())
            .take(ALERTS_MAX)
            .map(|line| line.chars().take(ALERT_CHARS_MAX).collect())
            .collect(),
    };
    let by = desk.by();
    let id = desk
        .write(move |tx| Box::pin(async move { Ok(tx.add_patient(&by, &profile).await?) }))
        .await?;
    Ok(go(&format!("/patients/{id}")))
}

/// Digits only, if there are as many as a telephone number has.
pub(super) fn phone_number(text: &str) -> Option<String> {
    let digits = digits(text);
    PHONE_DIGITS.contains(&digits.len()).then_some(digits)
}

async fn page(desk: &StaffDesk, errors: Errors, typed: Form) -> Result<Page, Problem> {
    let [reiwa, heisei, showa, taisho, meiji] = Era::JAPANESE;
    Ok(Page {
        shell: desk.shell("patients-new-title", Section::Patients).await?,
        w: desk.w,
        errors,
        typed,
        eras: [Era::Western, showa, heisei, reiwa, taisho, meiji],
        sexes: SEXES,
    })
}
