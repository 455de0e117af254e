//! `/partners/far`: where patients are hard to reach quickly, and what is agreed with partners for them (cl-1.3-iv-b).

use crate::{
    Errors, Form, Problem, StaffDesk,
    desk::go,
    form::{areas::lines, encode},
    house::Handed,
    shell::{Section, StaffShell},
    words::Words,
};
use askama::Template;
use axum::{extract::Multipart, response::Response};
use care::{PartnerId, plan::reach::Agreement};
use jiff::civil::Date;
use store::dossier::legal_day;

/// Longest text of a field, in characters.
const TEXT_CHARS_MAX: usize = 200;
/// Largest document, in bytes.
const DOCUMENT_BYTES_MAX: usize = 2 * 1024 * 1024;
/// Largest form that brings one.
pub(super) const FORM_BYTES_MAX: usize = DOCUMENT_BYTES_MAX + 64 * 1024;
/// How a document of this kind begins.
const PDF: &[u8] = b"%PDF-";

#[derive(Template)]
#[template(path = "partners/far.html")]
struct Page {
    shell: StaffShell,
    w: Words,
    errors: Errors,
    typed: Form,
    rows: Vec<Row>,
    partners: Vec<(String, String)>,
}

struct Row {
    name: String,
    agreement: Agreement,
    until: String,
    expired: bool,
}

pub(super) async fn show(desk: StaffDesk) -> Result<Response, Problem> {
    let listed = desk.read().await?.far_areas().await?;
    let typed = Form::parse(format!("areas={}", encode(&lines(&listed))).as_bytes())?;
    desk.page(&page(&desk, Errors::default(), typed).await?)
}

/// The areas, one a line; an empty list takes every flag away.
pub(super) async fn areas(desk: StaffDesk, form: Form) -> Result<Response, Problem> {
    let mut reading = form.reading();
    let areas = reading.areas("areas");
    let errors = reading.errors();
    if !errors.is_empty() {
        return desk.page_wrong(&page(&desk, errors, form).await?);
    }
    let by = desk.by();
    desk.write(move |tx| Box::pin(async move { Ok(tx.keep_far_areas(&by, &areas).await?) }))
        .await?;
    Ok(go("/partners/far"))
}

/// What is agreed with one partner, with the signed document.
pub(super) async fn agree(desk: StaffDesk, parts: Multipart) -> Result<Response, Problem> {
    let Handed { fields, file } = Handed::read(parts, DOCUMENT_BYTES_MAX).await?;
    let form = Form::of(fields);
    let mut reading = form.reading();
    let partner: Option<PartnerId> = reading.parse("partner");
    let transport = reading.need("transport", TEXT_CHARS_MAX);
    let place = reading.need("place", TEXT_CHARS_MAX);
    let contact = reading.need("contact", TEXT_CHARS_MAX);
    let valid_until: Option<Date> = reading.parse("valid_until");
    if !file.starts_with(PDF) {
        reading.wrong("file", "far-file-wrong");
    }
    let errors = reading.errors();
    let (Some(partner), Some(valid_until), true) = (partner, valid_until, errors.is_empty()) else {
        return desk.page_wrong(&page(&desk, errors, form).await?);
    };
    let by = desk.by();
    desk.write(move |tx| {
        Box::pin(async move {
            let known = tx.partners().await?;
            if !known
                .iter()
                .any(|known| known.id == partner && known.kind.sees_patients())
            {
                return Err(Problem::NotFound);
            }
            let agreement = Agreement {
                partner,
                transport,
                place,
                contact,
                document: String::new(),
                valid_until,
            };
            Ok(tx.keep_response_agreement(&by, &agreement, &file).await?)
        })
    })
    .await?;
    Ok(go("/partners/far"))
}

async fn page(desk: &StaffDesk, errors: Errors, typed: Form) -> Result<Page, Problem> {
    let today = legal_day(desk.now);
    let mut read = desk.read().await?;
    let partners = read.partners().await?;
    let agreements = read.response_agreements().await?;
    drop(read);
    let name = |id: PartnerId| {
        let known = partners.iter().find(|known| known.id == id);
        known.map(|known| known.name.clone()).unwrap_or_default()
    };
    Ok(Page {
        shell: desk.shell("far-title", Section::Partners).await?,
        w: desk.w,
        errors,
        typed,
        rows: agreements
            .into_iter()
            .map(|agreement| Row {
                name: name(agreement.partner),
                until: desk.w.date(agreement.valid_until),
                expired: agreement.valid_until < today,
                agreement,
            })
            .collect(),
        partners: partners
            .iter()
            .filter(|known| known.kind.sees_patients())
            .map(|known| (known.id.to_string(), known.name.clone()))
            .collect(),
    })
}
