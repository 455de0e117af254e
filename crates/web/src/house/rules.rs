//! `/house/rules`: what the institution sets for itself, within the clauses and only toward stricter.

use crate::{
    Errors, Form, Problem, StaffDesk,
    desk::go,
    form::{areas::lines, encode},
    shell::{Section, StaffShell},
    words::Words,
};
use askama::Template;
use axum::response::Response;
use care::{
    area::Area,
    house::{ARRIVAL_MINUTES, COVER_MINUTES, HouseRules, IDENTITY_MONTHS, TRAVEL_MINUTES},
};
use std::ops::RangeInclusive;

#[derive(Template)]
#[template(path = "house/rules.html")]
struct Page {
    shell: StaffShell,
    w: Words,
    errors: Errors,
    typed: Form,
    own: String,
    arrival: RangeInclusive<u16>,
    travel: RangeInclusive<u16>,
    cover: RangeInclusive<u16>,
    identity: RangeInclusive<u16>,
}

pub(super) async fn show(desk: StaffDesk) -> Result<Response, Problem> {
    let rules = desk.read().await?.house_rules().await?;
    let text = format!(
        "arrival={}&travel={}&near={}&cover={}&identity={}",
        rules.arrival_minutes,
        rules.travel_minutes_max,
        encode(&lines(&rules.near)),
        rules.cover_minutes,
        rules
            .identity_months
            .map(|months| months.to_string())
            .unwrap_or_default(),
    );
    let typed = Form::parse(text.as_bytes())?;
    desk.page(&page(&desk, Errors::default(), typed).await?)
}

pub(super) async fn save(desk: StaffDesk, form: Form) -> Result<Response, Problem> {
    let mut reading = form.reading();
    let arrival: Option<u16> = reading.parse("arrival");
    let travel: Option<u16> = reading.parse("travel");
    let cover: Option<u16> = reading.parse("cover");
    let near = reading.areas("near");
    // Left empty, identity is checked once.
    let identity_months: Option<u16> = if form.text("identity").trim().is_empty() {
        None
    } else {
        reading.parse("identity")
    };
    for (field, value, bounds) in [
        ("arrival", arrival, ARRIVAL_MINUTES),
        ("travel", travel, TRAVEL_MINUTES),
        ("cover", cover, COVER_MINUTES),
        ("identity", identity_months, IDENTITY_MONTHS),
    ] {
        if value.is_some_and(|value| !bounds.contains(&value)) {
            reading.wrong(field, "house-rules-bounds");
        }
    }
    let errors = reading.errors();
    let (Some(arrival_minutes), Some(travel_minutes_max), Some(cover_minutes), true) =
        (arrival, travel, cover, errors.is_empty())
    else {
        return desk.page_wrong(&page(&desk, errors, form).await?);
    };
    let rules = HouseRules {
        arrival_minutes,
        travel_minutes_max,
        near,
        cover_minutes,
        identity_months,
    };
    let by = desk.by();
    desk.write(move |tx| Box::pin(async move { Ok(tx.keep_house_rules(&by, &rules).await?) }))
        .await?;
    desk.app().forget_institution(desk.tenant);
    Ok(go("/house/rules"))
}

async fn page(desk: &StaffDesk, errors: Errors, typed: Form) -> Result<Page, Problem> {
    let institution = desk.read().await?.institution().await?;
    Ok(Page {
        shell: desk.shell("house-rules-title", Section::Publishing).await?,
        w: desk.w,
        errors,
        typed,
        own: institution
            .and_then(|own| Area::read(&own.address))
            .map(|area| area.to_string())
            .unwrap_or_default(),
        arrival: ARRIVAL_MINUTES,
        travel: TRAVEL_MINUTES,
        cover: COVER_MINUTES,
        identity: IDENTITY_MONTHS,
    })
}
