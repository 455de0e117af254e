//! `/request`: somebody who is no patient yet asks for an appointment; `/r/{token}` says what became of it.

use super::Block;
use crate::{
    AnonymousDesk, At, Errors, Form, Problem,
    desk::go,
    shell::PatientShell,
    visit::{here, link},
    words::Words,
};
use access::TenantId;
use askama::Template;
use axum::response::Response;
use care::{
    Service,
    patient::{Era, birth_date},
    preconsultation::{self, Terms},
};
use store::{
    Fault,
    appointment::{Asked, Reply},
    digits,
    dossier::legal_day,
};

/// Longest name, in characters.
const NAME_CHARS_MAX: usize = 80;
/// Longest address, in characters.
const ADDRESS_CHARS_MAX: usize = 200;
/// Longest words on what for, and on when, in characters.
const WORDS_CHARS_MAX: usize = 500;
/// A telephone number has so many digits.
const PHONE_DIGITS: std::ops::RangeInclusive<usize> = 10..=15;

#[derive(Template)]
#[template(path = "preconsultation/ask.html")]
struct Page {
    shell: PatientShell,
    w: Words,
    errors: Errors,
    typed: Form,
    eras: [Era; 6],
    /// Fee and limits, where a pre-consultation is asked for.
    block: Option<Block>,
    /// Pre-consultations are offered: another page asks for one.
    other: bool,
    /// So many wait that nobody would be answered in time.
    full: bool,
}

impl Page {
    fn address(&self) -> &'static str {
        if self.block.is_some() {
            "/request/pre"
        } else {
            "/request"
        }
    }
}

/// What is offered at the clinic of this surface.
async fn offered(desk: &AnonymousDesk) -> Result<(TenantId, Option<Terms>, bool), Problem> {
    let tenant = here(desk).await?.ok_or(Problem::NotFound)?;
    let mut read = desk.app().store().read(tenant).await?;
    let terms = read.preconsultation_terms().await?;
    let shown = read.preconsultation_shown().await?;
    let terms = terms.filter(|terms| preconsultation::offered(Some(terms), shown).is_ok());
    Ok((tenant, terms, shown))
}

pub(super) async fn care(desk: AnonymousDesk) -> Result<Response, Problem> {
    let page = page(&desk, Service::Care, Errors::default(), blank()?).await?;
    desk.page(&page)
}

pub(super) async fn pre(desk: AnonymousDesk) -> Result<Response, Problem> {
    let page = page(&desk, Service::PreConsultation, Errors::default(), blank()?).await?;
    desk.page(&page)
}

fn blank() -> Result<Form, Problem> {
    Form::parse(b"era=showa")
}

async fn page(
    desk: &AnonymousDesk,
    service: Service,
    errors: Errors,
    typed: Form,
) -> Result<Page, Problem> {
    let (tenant, terms, _) = offered(desk).await?;
    let pre = service == Service::PreConsultation;
    if pre && terms.is_none() {
        return Err(Problem::NotFound);
    }
    let [reiwa, heisei, showa, taisho, meiji] = Era::JAPANESE;
    let title = if pre { "pre-ask-title" } else { "ask-title" };
    Ok(Page {
        shell: desk.patient_shell(tenant, title).await?,
        w: desk.w,
        errors,
        typed,
        eras: [showa, heisei, reiwa, taisho, meiji, Era::Western],
        other: terms.is_some() && !pre,
        block: terms.filter(|_| pre).map(|terms| Block::of(&terms, desk.w)),
        full: false,
    })
}

pub(super) async fn send_care(desk: AnonymousDesk, form: Form) -> Result<Response, Problem> {
    send(desk, form, Service::Care).await
}

pub(super) async fn send_pre(desk: AnonymousDesk, form: Form) -> Result<Response, Problem> {
    send(desk, form, Service::PreConsultation).await
}

async fn send(desk: AnonymousDesk, form: Form, service: Service) -> Result<Response, Problem> {
    let pre = service == Service::PreConsultation;
    let mut reading = form.reading();
    let name = reading.need("name", NAME_CHARS_MAX);
    let kana = reading.need("kana", NAME_CHARS_MAX);
    let phone = reading.need("phone", NAME_CHARS_MAX);
    let address = reading.need("address", ADDRESS_CHARS_MAX);
    let about = reading.need("about", WORDS_CHARS_MAX);
    let when = reading.maybe("when", WORDS_CHARS_MAX).unwrap_or_default();
    let regular = reading
        .maybe("regular", ADDRESS_CHARS_MAX)
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
    let phone = digits(&phone);
    if !PHONE_DIGITS.contains(&phone.len()) && !form.text("phone").is_empty() {
        reading.wrong("phone", "patients-phone-wrong");
    }
    // Asked in so many words: an empty line would say neither.
    if pre && regular.is_empty() && !form.has("no_regular") {
        reading.wrong("regular", "ask-regular-empty");
    }
    if pre && !form.has("known") {
        reading.wrong("known", "pre-known-empty");
    }
    let errors = reading.errors();
    let (Some(birth), true) = (birth, errors.is_empty()) else {
        return desk.page_wrong(&page(&desk, service, errors, form).await?);
    };
    let asked = Asked {
        name,
        kana,
        birth,
        phone,
        address,
        about,
        when,
        regular,
    };
    let tenant = here(&desk).await?.ok_or(Problem::NotFound)?;
    let secret: [u8; link::SECRET_BYTES] = desk.app().random().ok_or(Problem::Unavailable)?;
    let version = form.text("terms").parse::<i64>().ok();
    let kept = desk
        .app()
        .store()
        .write::<Option<_>, Problem, _>(tenant, desk.now, move |tx| {
            Box::pin(async move {
                let acknowledged = if pre {
                    let terms = tx.preconsultation_terms().await?;
                    let shown = tx.preconsultation_shown().await?;
                    Some(preconsultation::acknowledge(
                        terms.as_ref(),
                        shown,
                        version,
                        tx.now(),
                    )?)
                } else {
                    None
                };
                Ok(tx
                    .keep_appointment(service, &asked, acknowledged, &secret)
                    .await?)
            })
        })
        .await;
    match kept {
        Ok(Some(_)) => Ok(go(&format!("/r/{}", link::encode(tenant, &secret)))),
        Ok(None) => {
            let mut page = page(&desk, service, Errors::default(), form).await?;
            page.full = true;
            desk.page_wrong(&page)
        }
        // The fee was raised while the page lay open: it is shown and asked again.
        Err(Problem::Refused(refusal)) if refusal.reason == "terms_changed" => {
            let errors = Errors::one("known", "pre-known-changed");
            desk.page_wrong(&page(&desk, service, errors, without_known(&form)).await?)
        }
        Err(problem) => Err(problem),
    }
}

/// What was written, without the word on terms that are no more.
fn without_known(form: &Form) -> Form {
    Form::of(
        form.fields()
            .filter(|(name, _)| *name != "known")
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .collect(),
    )
}

#[derive(Template)]
#[template(path = "preconsultation/state.html")]
struct State {
    shell: PatientShell,
    w: Words,
    made: String,
    /// Nothing yet, or how it was answered.
    reply: Option<Reply>,
    /// The fee that was acknowledged.
    fee: Option<String>,
}

/// What became of a request, for whoever holds its address. It names nobody.
pub(super) async fn state(desk: AnonymousDesk, At(token): At<String>) -> Result<Response, Problem> {
    let (tenant, secret) = link::decode(&token).ok_or(Problem::NotFound)?;
    let mut read = match desk.app().store().read(tenant).await {
        Err(Fault::UnknownTenant) => return Err(Problem::NotFound),
        other => other?,
    };
    let found = read
        .appointment_behind(&secret)
        .await?
        .ok_or(Problem::NotFound)?;
    drop(read);
    desk.page(&State {
        shell: desk.patient_shell(tenant, "ask-state-title").await?,
        w: desk.w,
        made: desk.w.day_time(found.made),
        fee: found.acknowledged.map(|known| super::yen(known.fee_yen)),
        reply: found.reply,
    })
}
