//! `/house/places`: places at which several patients are seen (cl-2.2-iii-a), and exceptions for rounds (cl-2.2-iii-b).

use super::course::Handed;
use crate::{
    At, Errors, Form, Problem, StaffDesk,
    desk::go,
    shell::{Section, StaffShell},
    words::Words,
};
use askama::Template;
use axum::{extract::Multipart, response::Response};
use care::{
    SiteId,
    place::site::{self, Exception, GROUP_FROM, Key, Round, SiteKind, WINDOW_DAYS},
};
use jiff::civil::Date;
use store::{
    course::{FILE_BYTES_MAX, FileKind},
    dossier::legal_day,
    site::{Line, Named, NewException, NewSite},
};
use ulid::Ulid;

/// The form around a document.
pub(super) const FORM_BYTES_MAX: usize = FILE_BYTES_MAX + 16 * 1024;
/// Longest name, number or contact, in characters.
const TEXT_CHARS_MAX: usize = 200;

struct Row {
    line: Line,
    exceptions: Vec<Used>,
}

/// An exception as it is listed.
struct Used {
    id: String,
    round: &'static str,
    days: String,
    confirmed: String,
    authority: String,
    signed: bool,
    over: bool,
}

#[derive(Template)]
#[template(path = "house/places.html")]
struct Page {
    shell: StaffShell,
    w: Words,
    errors: Errors,
    typed: Form,
    rows: Vec<Row>,
    from: usize,
    days: i64,
}

pub(super) async fn show(desk: StaffDesk) -> Result<Response, Problem> {
    let page = page(&desk, Errors::default(), Form::parse(b"")?).await?;
    desk.page(&page)
}

async fn page(desk: &StaffDesk, errors: Errors, typed: Form) -> Result<Page, Problem> {
    let (w, today) = (desk.w, legal_day(desk.now));
    let lines = desk.read().await?.sites(today).await?;
    Ok(Page {
        shell: desk.shell("places-title", Section::Publishing).await?,
        w,
        errors,
        typed,
        rows: lines
            .into_iter()
            .map(|line| Row {
                exceptions: line
                    .site
                    .exceptions
                    .iter()
                    .zip(&line.papers)
                    .map(|(one, papers)| Used {
                        id: papers.id.to_string(),
                        round: one.round.as_str(),
                        days: format!("{} – {}", w.date(one.from), w.date(one.until)),
                        confirmed: w.date(one.confirmed),
                        authority: format!("{} {}", papers.authority, papers.contact),
                        signed: one.signed,
                        over: one.until < today,
                    })
                    .collect(),
                line,
            })
            .collect(),
        from: GROUP_FROM,
        days: WINDOW_DAYS,
    })
}

/// A place, as what it is. One that is there already at the same address is replaced.
pub(super) async fn enter(desk: StaffDesk, parts: Multipart) -> Result<Response, Problem> {
    let Handed { fields, file } = Handed::read(parts, FILE_BYTES_MAX).await?;
    let form = Form::of(fields);
    let mut reading = form.reading();
    let named = Named {
        name: reading.need("name", TEXT_CHARS_MAX),
        address: reading.need("address", TEXT_CHARS_MAX),
    };
    let number = reading.maybe("number", TEXT_CHARS_MAX).unwrap_or_default();
    let key = Key::read(&named.address);
    if key.is_none() && !named.address.is_empty() {
        reading.wrong("address", "places-no-number");
    }
    let kind = SiteKind::parse(form.text("kind"));
    if kind.is_none() {
        reading.wrong("kind", "field-empty");
    }
    let document = FileKind::of(&file);
    if !file.is_empty() && document.is_none() {
        reading.wrong("file", "house-course-file-wrong");
    }
    let errors = reading.errors();
    let (Some(kind), Some(key), true) = (kind, key, errors.is_empty()) else {
        return desk.page_wrong(&page(&desk, errors, form).await?);
    };
    site::enterable(kind, &number, document.is_some())?;
    let by = desk.by();
    desk.write(move |tx| {
        Box::pin(async move {
            let notified = document
                .filter(|_| kind == SiteKind::Clinic)
                .map(|document| (number.as_str(), document, file.as_slice()));
            let new = NewSite {
                kind,
                named: &named,
                key: &key,
                notified,
            };
            Ok(tx.enter_site(&by, new).await?)
        })
    })
    .await?;
    Ok(go("/house/places"))
}

pub(super) async fn end(
    desk: StaffDesk,
    At(id): At<SiteId>,
    _form: Form,
) -> Result<Response, Problem> {
    let (by, today) = (desk.by(), legal_day(desk.now));
    desk.write(move |tx| {
        Box::pin(async move {
            let known = tx.sites(today).await?;
            if !known.iter().any(|line| line.site.id == id) {
                return Err(Problem::NotFound);
            }
            Ok(tx.end_site(&by, id).await?)
        })
    })
    .await?;
    Ok(go("/house/places"))
}

/// An exception for named days, with the authority's confirmation. It is signed afterwards.
pub(super) async fn except(
    desk: StaffDesk,
    At(id): At<SiteId>,
    parts: Multipart,
) -> Result<Response, Problem> {
    let Handed { fields, file } = Handed::read(parts, FILE_BYTES_MAX).await?;
    let form = Form::of(fields);
    let mut reading = form.reading();
    let round = Round::parse(form.text("round"));
    let from: Option<Date> = reading.parse("from");
    let until: Option<Date> = reading.parse("until");
    let confirmed: Option<Date> = reading.parse("confirmed");
    let authority = reading.need("authority", TEXT_CHARS_MAX);
    let contact = reading.need("contact", TEXT_CHARS_MAX);
    if round.is_none() {
        reading.wrong("round", "field-empty");
    }
    let document = FileKind::of(&file);
    if document.is_none() {
        let key = if file.is_empty() {
            "field-empty"
        } else {
            "house-course-file-wrong"
        };
        reading.wrong("file", key);
    }
    reading.done()?;
    let (Some(round), Some(from), Some(until), Some(confirmed), Some(document)) =
        (round, from, until, confirmed, document)
    else {
        return Err(Problem::Malformed);
    };
    let exception = Exception {
        round,
        from,
        until,
        confirmed,
        signed: false,
    };
    let (by, today) = (desk.by(), legal_day(desk.now));
    desk.write(move |tx| {
        Box::pin(async move {
            let line = tx
                .sites(today)
                .await?
                .into_iter()
                .find(|line| line.site.id == id)
                .ok_or(Problem::NotFound)?;
            site::exceptable(&exception, &line.site.exceptions, today)?;
            let new = NewException {
                exception: &exception,
                authority: &authority,
                contact: &contact,
                document: (document, &file),
            };
            Ok(tx.enter_exception(&by, id, new).await?)
        })
    })
    .await?;
    Ok(go("/house/places"))
}

/// "署名する": the exception holds on its days from now on.
pub(super) async fn sign(
    desk: StaffDesk,
    At(id): At<String>,
    _form: Form,
) -> Result<Response, Problem> {
    let id: Ulid = id.parse().map_err(|_| Problem::NotFound)?;
    let (by, signer, today) = (desk.by(), desk.person, legal_day(desk.now));
    desk.write(move |tx| {
        Box::pin(async move {
            let known = tx.sites(today).await?;
            let mut papers = known.iter().flat_map(|line| &line.papers);
            if !papers.any(|papers| papers.id == id) {
                return Err(Problem::NotFound);
            }
            Ok(tx.sign_exception(&by, signer, id).await?)
        })
    })
    .await?;
    Ok(go("/house/places"))
}
