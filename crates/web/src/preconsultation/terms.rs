//! `/house/public`: what the public page says of pre-consultations; they can be booked only when it is whole (cl-1.2-vi-a).

use super::Block;
use crate::{
    Errors, Form, Problem, StaffDesk,
    desk::go,
    form::encode,
    shell::{Section, StaffShell},
    words::Words,
};
use access::{Role, policy::Audience};
use askama::Template;
use axum::response::Response;
use care::preconsultation::{Terms, WORDS_CHARS_MAX};

/// Who keeps them.
pub(super) const KEEPERS: Audience = Audience::Roles(&[Role::Administrator]);
/// Longest address, in characters.
const ADDRESS_CHARS_MAX: usize = 300;

#[derive(Template)]
#[template(path = "preconsultation/terms.html")]
struct Page {
    shell: StaffShell,
    w: Words,
    errors: Errors,
    typed: Form,
    /// What is published now, where it is offered.
    block: Option<Block>,
    /// The page that was looked at last did not show it: bookings pause.
    missed: bool,
    public: String,
}

pub(super) async fn show(desk: StaffDesk) -> Result<Response, Problem> {
    let known = desk.read().await?.preconsultation_terms().await?;
    let typed = known.map(|known| {
        let fee = known.fee_yen.map(|fee| fee.to_string()).unwrap_or_default();
        let mut text = [
            ("fee", fee.as_str()),
            ("charged", &known.charged),
            ("refund", &known.refund),
            ("may_not_proceed", &known.may_not_proceed),
            ("external", &known.external),
        ]
        .map(|(name, value)| format!("{name}={}", encode(value)))
        .join("&");
        if known.offered {
            text.push_str("&offered=yes");
        }
        text
    });
    // What a clinic would say most often; it reads it and publishes it, or writes its own.
    let proposed = format!(
        "may_not_proceed={}",
        encode(&desk.w.say("pre-proposed-limit"))
    );
    let typed = Form::parse(typed.unwrap_or(proposed).as_bytes())?;
    desk.page(&page(&desk, Errors::default(), typed).await?)
}

pub(super) async fn publish(desk: StaffDesk, form: Form) -> Result<Response, Problem> {
    let mut reading = form.reading();
    let fee_yen: Option<u32> = match form.text("fee") {
        "" => None,
        _ => reading.parse("fee"),
    };
    let mut text = |field| reading.maybe(field, WORDS_CHARS_MAX).unwrap_or_default();
    let (charged, refund) = (text("charged"), text("refund"));
    let may_not_proceed = text("may_not_proceed");
    let external = reading
        .maybe("external", ADDRESS_CHARS_MAX)
        .unwrap_or_default();
    if !external.is_empty() && !external.starts_with("https://") {
        reading.wrong("external", "field-wrong");
    }
    let errors = reading.errors();
    if !errors.is_empty() {
        return desk.page_wrong(&page(&desk, errors, form).await?);
    }
    let terms = Terms {
        version: 0,
        offered: form.has("offered"),
        fee_yen,
        charged,
        refund,
        may_not_proceed,
        external,
    };
    terms.publishable()?;
    let by = desk.by();
    desk.write(move |tx| {
        Box::pin(async move {
            tx.publish_preconsultation(&by, &terms).await?;
            Ok(())
        })
    })
    .await?;
    Ok(go("/house/public"))
}

async fn page(desk: &StaffDesk, errors: Errors, typed: Form) -> Result<Page, Problem> {
    let mut read = desk.read().await?;
    let known = read.preconsultation_terms().await?;
    let shown = read.preconsultation_shown().await?;
    drop(read);
    let offered = known.filter(|known| known.offered);
    Ok(Page {
        shell: desk.shell("pre-terms-title", Section::Publishing).await?,
        w: desk.w,
        errors,
        typed,
        missed: offered.is_some() && !shown,
        block: offered.map(|known| Block::of(&known, desk.w)),
        public: desk.app().settings().patient_url.clone(),
    })
}
