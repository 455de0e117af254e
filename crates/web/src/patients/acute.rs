//! `/patients/{id}/acute`: a sudden change (急変): the flag that keeps visits from starting online, and what lifts it.

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
    InPersonId, PatientId,
    acute::{self, Raised},
    legal_day,
};

/// Longest words about what happened, in characters.
const WORDS_CHARS_MAX: usize = 300;

#[derive(Template)]
#[template(path = "patients/acute.html")]
struct Page {
    shell: StaffShell,
    w: Words,
    band: Band,
    errors: Errors,
    typed: Form,
    /// The flag that stands: when, by whom, what happened.
    standing: Option<(String, &'static str, String)>,
    /// Records in person from the day of the change on.
    records: Vec<(InPersonId, String)>,
    physician: bool,
}

pub(super) async fn show(desk: StaffDesk, At(id): At<PatientId>) -> Result<Response, Problem> {
    let typed = Form::parse(b"")?;
    let page = page(&desk, id, Errors::default(), typed).await?;
    super::opened(&desk, "acute", vec![id]).await?;
    desk.page(&page)
}

async fn page(
    desk: &StaffDesk,
    id: PatientId,
    errors: Errors,
    typed: Form,
) -> Result<Page, Problem> {
    let w = desk.w;
    let mut read = desk.read().await?;
    let (band, _) = Band::load(&mut read, id, w, desk.now).await?;
    let facts = read.acute_facts(id, None).await?;
    let (standing, records) = match facts.standing() {
        Some(flag) => {
            let words = read.acute_words(id, flag.id).await?;
            let from = legal_day(flag.at);
            let records = facts
                .records
                .iter()
                .filter(|(_, day)| *day >= from)
                .map(|(record, day)| (*record, w.date(*day)))
                .collect();
            let said = (w.day_time(flag.at), flag.raised.as_str(), words);
            (Some(said), records)
        }
        None => (None, Vec::new()),
    };
    drop(read);
    Ok(Page {
        shell: desk.shell("acute-title", Section::Patients).await?,
        w,
        band,
        errors,
        typed,
        standing,
        records,
        physician: desk.has(Role::Physician),
    })
}

/// Raises the flag. Whoever heard of it may: waiting for a physician would be the wrong way round.
pub(super) async fn raise(
    desk: StaffDesk,
    At(id): At<PatientId>,
    form: Form,
) -> Result<Response, Problem> {
    let mut reading = form.reading();
    let words = reading.need("words", WORDS_CHARS_MAX);
    let errors = reading.errors();
    if !errors.is_empty() {
        return desk.page_wrong(&page(&desk, id, errors, form).await?);
    }
    let raised = if desk.acting == Role::Physician {
        Raised::Physician
    } else {
        Raised::Staff
    };
    let (by, person) = (desk.by(), desk.person);
    desk.write(move |tx| {
        Box::pin(async move {
            tx.patient(id).await?.ok_or(Problem::NotFound)?;
            if tx.acute_facts(id, None).await?.standing().is_some() {
                return Err(Problem::OutOfTurn);
            }
            Ok(tx.raise_acute(&by, person, id, (raised, &words)).await?)
        })
    })
    .await?;
    Ok(go(&format!("/patients/{id}/acute")))
}

/// Lifts it: a record in person since then, and the physician's word that it is stable (cl-1.2-vii-b).
pub(super) async fn lift(
    desk: StaffDesk,
    At(id): At<PatientId>,
    form: Form,
) -> Result<Response, Problem> {
    let on: Option<InPersonId> = form.text("record").parse().ok();
    let stable = form.text("stable") == "yes";
    let (by, person, role) = (desk.by(), desk.person, desk.acting);
    desk.write(move |tx| {
        Box::pin(async move {
            tx.patient(id).await?.ok_or(Problem::NotFound)?;
            let facts = tx.acute_facts(id, None).await?;
            let liftable = acute::liftable(&facts, role, on, stable)?;
            Ok(tx.lift_acute(&by, person, id, liftable).await?)
        })
    })
    .await?;
    Ok(go(&format!("/patients/{id}/acute")))
}
