//! `/house/smoking`: whether smoking cessation is offered, with which medicines, and how old a check-up may be.

use crate::{
    Errors, Form, Problem, StaffDesk,
    desk::go,
    shell::{Section, StaffShell},
    words::Words,
};
use askama::Template;
use axum::response::Response;
use care::{
    pathway::Setting,
    smoking::{CHECKUP_DAYS_MAX, LOW_RISK},
};
use store::{dossier::legal_day, pathway::SMOKING};

#[derive(Template)]
#[template(path = "smoking/house.html")]
struct Page {
    shell: StaffShell,
    w: Words,
    errors: Errors,
    offered: bool,
    drugs: String,
    /// The medicines by name, so that a code is no riddle.
    names: Vec<String>,
    days_max: u16,
    most: u16,
}

pub(super) async fn show(desk: StaffDesk) -> Result<Response, Problem> {
    let setting = desk.read().await?.smoking_setting().await?;
    let setting = setting.unwrap_or(Setting {
        offered: false,
        drugs: Vec::new(),
        days_max: CHECKUP_DAYS_MAX,
    });
    let typed = setting
        .drugs
        .iter()
        .map(ToString::to_string)
        .collect::<Vec<_>>()
        .join(" ");
    let page = page(&desk, &setting, typed, Errors::default()).await?;
    desk.page(&page)
}

async fn page(
    desk: &StaffDesk,
    setting: &Setting,
    drugs: String,
    errors: Errors,
) -> Result<Page, Problem> {
    let shelf = desk.app().lists().await?;
    let today = legal_day(desk.now);
    Ok(Page {
        shell: desk
            .shell("house-smoking-title", Section::Publishing)
            .await?,
        w: desk.w,
        errors,
        offered: setting.offered,
        names: setting
            .drugs
            .iter()
            .filter_map(|code| shelf.drug(*code, today))
            .map(|drug| drug.name.clone())
            .collect(),
        drugs,
        days_max: setting.days_max,
        most: CHECKUP_DAYS_MAX,
    })
}

pub(super) async fn save(desk: StaffDesk, form: Form) -> Result<Response, Problem> {
    let mut reading = form.reading();
    let days: Option<u16> = reading.parse("days_max");
    // An institution may be stricter than the default, never laxer.
    if days.is_some_and(|days| !(1..=CHECKUP_DAYS_MAX).contains(&days)) {
        reading.wrong("days_max", "field-wrong");
    }
    let shelf = desk.app().lists().await?;
    let drugs = shelf.typed(form.text("drugs"), legal_day(desk.now));
    let wanted = form.has("offered");
    if drugs
        .as_ref()
        .is_none_or(|drugs| wanted && drugs.is_empty())
    {
        reading.wrong("drugs", "lists-drug-wrong");
    }
    let errors = reading.errors();
    let setting = Setting {
        offered: wanted,
        drugs: drugs.unwrap_or_default(),
        days_max: days.unwrap_or(CHECKUP_DAYS_MAX),
    };
    if !errors.is_empty() {
        let drugs = form.text("drugs").to_owned();
        return desk.page_wrong(&page(&desk, &setting, drugs, errors).await?);
    }
    let (by, person) = (desk.by(), desk.person);
    desk.write(move |tx| {
        Box::pin(async move {
            Ok(tx
                .put_pathway(&by, person, (SMOKING, LOW_RISK), &setting)
                .await?)
        })
    })
    .await?;
    Ok(go("/house/smoking"))
}
