//! `/patients/{id}/background`: what is known of a patient before a first visit, each item from a named source (cl-1.2-iii-b).
//!
//! Whoever meets the patient may enter an item; what it says is read by physicians and nurses alone.

use super::Band;
use crate::{
    At, Errors, Form, Problem, StaffDesk,
    desk::go,
    shell::{Section, StaffShell},
    words::Words,
};
use access::Role;
use askama::Template;
use axum::response::Response;
use care::{
    PatientId,
    background::{self, Matter, Source, entered, known},
};
use jiff::civil::Date;
use store::{
    Conn,
    background::{NewPrior, PriorItem},
    dossier::legal_day,
};

/// Longest text of one item, in characters.
const TEXT_CHARS_MAX: usize = 2_000;

#[derive(Template)]
#[template(path = "patients/background.html")]
struct Page {
    shell: StaffShell,
    w: Words,
    errors: Errors,
    typed: Form,
    band: Band,
    matters: Vec<Known>,
    clinical: bool,
    sources: Vec<&'static str>,
}

/// One matter, and what is known of it.
pub(crate) struct Known {
    pub(crate) matter: &'static str,
    pub(crate) known: bool,
    pub(crate) items: Vec<Line>,
}

/// One item as it is shown.
pub(crate) struct Line {
    pub(crate) id: String,
    pub(crate) source: &'static str,
    /// It counts only beside another source.
    pub(crate) beside: bool,
    pub(crate) obtained: String,
    pub(crate) none: bool,
    pub(crate) text: String,
    pub(crate) by: String,
}

/// Every matter with its items.
pub(crate) async fn matters(
    read: &mut Conn,
    patient: PatientId,
    today: Date,
    w: Words,
) -> Result<Vec<Known>, Problem> {
    let items = read.prior_information(patient).await?;
    let judged: Vec<background::Item> = items.iter().map(PriorItem::item).collect();
    let unknown = match known(&judged, today) {
        Ok(_) => Vec::new(),
        Err(refusal) => refusal.items,
    };
    let mut matters: Vec<Known> = Matter::ALL
        .into_iter()
        .map(|matter| Known {
            matter: matter.as_str(),
            known: !unknown.contains(&matter.into()),
            items: Vec::new(),
        })
        .collect();
    for item in items {
        let line = Line {
            id: item.id.to_string(),
            source: item.source.as_str(),
            beside: !item.source.stands_alone(),
            obtained: w.date(item.obtained),
            none: item.none,
            text: item.text,
            by: read.name_of(item.by).await?.unwrap_or_default(),
        };
        if let Some(of) = matters
            .iter_mut()
            .find(|of| of.matter == item.matter.as_str())
        {
            of.items.push(line);
        }
    }
    Ok(matters)
}

pub(super) async fn show(desk: StaffDesk, At(id): At<PatientId>) -> Result<Response, Problem> {
    let typed = Form::parse(format!("obtained={}", legal_day(desk.now)).as_bytes())?;
    let page = page(&desk, id, Errors::default(), typed).await?;
    super::opened(&desk, "background", vec![id]).await?;
    desk.page(&page)
}

pub(super) async fn add(
    desk: StaffDesk,
    At(id): At<PatientId>,
    form: Form,
) -> Result<Response, Problem> {
    let mut reading = form.reading();
    let matter = Matter::parse(form.text("matter"));
    if matter.is_none() {
        reading.wrong("matter", "background-choose");
    }
    let source = Source::parse(form.text("source"));
    if source.is_none() {
        reading.wrong("source", "background-choose");
    }
    let obtained: Option<Date> = reading.parse("obtained");
    let text = reading.maybe("text", TEXT_CHARS_MAX).unwrap_or_default();
    let errors = reading.errors();
    let (Some(matter), Some(source), Some(obtained), true) =
        (matter, source, obtained, errors.is_empty())
    else {
        return desk.page_wrong(&page(&desk, id, errors, form).await?);
    };
    let new = NewPrior {
        source,
        matter,
        obtained,
        none: form.has("none"),
        text,
    };
    entered(&new.item(), legal_day(desk.now))?;
    let (by, person) = (desk.by(), desk.person);
    desk.write(move |tx| {
        Box::pin(async move {
            tx.patient(id).await?.ok_or(Problem::NotFound)?;
            tx.add_prior(&by, person, id, &new).await?;
            Ok(())
        })
    })
    .await?;
    Ok(go(&format!("/patients/{id}/background")))
}

/// Strikes out what was entered by mistake: it stays in storage and counts no more.
pub(super) async fn strike(
    desk: StaffDesk,
    At(id): At<PatientId>,
    form: Form,
) -> Result<Response, Problem> {
    let mut reading = form.reading();
    let item = reading.parse("item");
    reading.done()?;
    let item = item.ok_or(Problem::NotFound)?;
    let (by, person) = (desk.by(), desk.person);
    let struck = desk
        .write(move |tx| {
            Box::pin(async move {
                tx.patient(id).await?.ok_or(Problem::NotFound)?;
                Ok(tx.strike_prior(&by, person, id, item).await?)
            })
        })
        .await?;
    if struck {
        Ok(go(&format!("/patients/{id}/background")))
    } else {
        Err(Problem::OutOfTurn)
    }
}

async fn page(
    desk: &StaffDesk,
    id: PatientId,
    errors: Errors,
    typed: Form,
) -> Result<Page, Problem> {
    let mut read = desk.read().await?;
    let (band, _) = Band::load(&mut read, id, desk.w, desk.now).await?;
    let matters = matters(&mut read, id, legal_day(desk.now), desk.w).await?;
    drop(read);
    Ok(Page {
        shell: desk.shell("background-title", Section::Patients).await?,
        w: desk.w,
        errors,
        typed,
        band,
        matters,
        clinical: desk.has(Role::Physician) || desk.has(Role::Nurse),
        sources: Source::ALL.iter().map(|source| source.as_str()).collect(),
    })
}
