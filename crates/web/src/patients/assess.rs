//! `/patients/{id}/assessments/new`: an assessment face to face (対面診療の記録), which a plan rests on (cl-1.3-i).

use super::Band;
use crate::{
    At, Errors, Form, Problem, StaffDesk,
    desk::go,
    shell::{Section, StaffShell},
    words::Words,
};
use askama::Template;
use axum::response::Response;
use care::{PatientId, plan::Diagnosis, record};
use jiff::civil::Date;
use store::{dossier::legal_day, plan::AssessmentContent};

/// Coded diagnoses that one form takes.
pub(crate) const DIAGNOSES_MAX: usize = 3;
/// Longest code and name of a diagnosis, in characters.
pub(crate) const CODE_CHARS_MAX: usize = 20;
pub(crate) const NAME_CHARS_MAX: usize = 100;
/// Longest findings, in characters.
const FINDINGS_CHARS_MAX: usize = 8_000;

#[derive(Template)]
#[template(path = "patients/assess.html")]
struct Page {
    shell: StaffShell,
    w: Words,
    errors: Errors,
    typed: Form,
    band: Band,
    lines: [usize; DIAGNOSES_MAX],
}

pub(super) async fn show(desk: StaffDesk, At(id): At<PatientId>) -> Result<Response, Problem> {
    let typed = Form::parse(format!("on={}", legal_day(desk.now)).as_bytes())?;
    let page = page(&desk, id, Errors::default(), typed).await?;
    super::opened(&desk, "assessment", vec![id]).await?;
    desk.page(&page)
}

pub(super) async fn add(
    desk: StaffDesk,
    At(id): At<PatientId>,
    form: Form,
) -> Result<Response, Problem> {
    let mut read = desk.read().await?;
    let (role, qualified) = super::qualification(&desk, &mut read).await?;
    drop(read);
    // A diagnosis is reserved to physicians (small-3.1.1.b).
    record::reserved(role, qualified)?;
    let mut reading = form.reading();
    let on: Option<Date> = reading.parse("on");
    if on.is_some_and(|on| on > legal_day(desk.now)) {
        reading.wrong("on", "patients-not-yet");
    }
    let findings = reading.need("findings", FINDINGS_CHARS_MAX);
    let diagnoses = diagnoses(&form);
    if diagnoses.is_empty() {
        reading.wrong("code-0", "patients-diagnosis-missing");
    }
    let errors = reading.errors();
    let (Some(on), true) = (on, errors.is_empty()) else {
        return desk.page_wrong(&page(&desk, id, errors, form).await?);
    };
    let content = AssessmentContent {
        diagnoses,
        findings,
    };
    let (by, person) = (desk.by(), desk.person);
    desk.write(move |tx| {
        Box::pin(async move {
            tx.patient(id).await?.ok_or(Problem::NotFound)?;
            tx.add_assessment(&by, id, person, on, &content).await?;
            Ok(())
        })
    })
    .await?;
    Ok(go(&format!("/patients/{id}")))
}

/// The diagnoses of a form whose code and name are both written.
pub(crate) fn diagnoses(form: &Form) -> Vec<Diagnosis> {
    (0..DIAGNOSES_MAX)
        .map(|line| Diagnosis {
            code: form
                .text(&format!("code-{line}"))
                .chars()
                .take(CODE_CHARS_MAX)
                .collect::<String>()
                .to_uppercase(),
            name: form
                .text(&format!("name-{line}"))
                .chars()
                .take(NAME_CHARS_MAX)
                .collect(),
        })
        .filter(|diagnosis| !diagnosis.code.is_empty() && !diagnosis.name.is_empty())
        .collect()
}

async fn page(
    desk: &StaffDesk,
    id: PatientId,
    errors: Errors,
    typed: Form,
) -> Result<Page, Problem> {
    let (band, _) = Band::load(&mut *desk.read().await?, id, desk.w, desk.now).await?;
    Ok(Page {
        shell: desk
            .shell("patients-assess-title", Section::Patients)
            .await?,
        w: desk.w,
        errors,
        typed,
        band,
        lines: std::array::from_fn(|line| line),
    })
}
