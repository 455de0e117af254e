//! `/r/{token}`: the pharmacist returns who was there, the training, and when the tablet was taken; once, without an account.
//! The page names no patient: the pharmacist has the prescription.

use super::course::kept_report;
use crate::{AnonymousDesk, At, Form, Problem, shell::PatientShell, visit::link, words::Words};
use access::TenantId;
use askama::Template;
use axum::response::Response;
use care::emergency_contraception::{CaseId, Kept, Report};
use store::{By, Fault};

/// Longest text of a field, in characters.
const TEXT_CHARS_MAX: usize = 100;
/// Characters of the code on the paper.
const CODE_CHARS: usize = 6;

/// The code on the paper that goes with a prescription: it tells one course from another, and opens nothing.
pub(super) fn code(id: CaseId) -> String {
    let text = id.to_string();
    text.get(text.len().saturating_sub(CODE_CHARS)..)
        .unwrap_or_default()
        .to_owned()
}

/// Reads the code and the report, from the link's page or from the paper.
pub(super) fn report_of(form: &Form) -> Result<(String, Report), Problem> {
    let mut reading = form.reading();
    let code = reading.need("code", CODE_CHARS).to_ascii_uppercase();
    let pharmacist = reading
        .maybe("pharmacist", TEXT_CHARS_MAX)
        .unwrap_or_default();
    let taken = reading.maybe("taken", TEXT_CHARS_MAX).unwrap_or_default();
    reading.done()?;
    let report = Report {
        pharmacist,
        trained: form.has("trained"),
        taken,
        explained: form.has("explained"),
    };
    Ok((code, report))
}

#[derive(Template)]
#[template(path = "contraception/report.html")]
struct Page {
    shell: PatientShell,
    w: Words,
    token: String,
    done: bool,
}

/// The course behind a link, and whether its report is there.
async fn behind(
    desk: &AnonymousDesk,
    token: &str,
) -> Result<(TenantId, [u8; link::SECRET_BYTES], bool), Problem> {
    let (tenant, secret) = link::decode(token).ok_or(Problem::NotFound)?;
    let mut read = match desk.app().store().read(tenant).await {
        Err(Fault::UnknownTenant) => return Err(Problem::NotFound),
        other => other?,
    };
    let (kept, _): (Kept, _) = read
        .contraception_behind(&secret)
        .await?
        .ok_or(Problem::NotFound)?;
    let done = read.pharmacist_report(&kept).await?.is_some();
    Ok((tenant, secret, done))
}

pub(super) async fn show(desk: AnonymousDesk, At(token): At<String>) -> Result<Response, Problem> {
    let (tenant, _, done) = behind(&desk, &token).await?;
    desk.page(&Page {
        shell: desk.patient_shell(tenant, "report-title").await?,
        w: desk.w,
        token,
        done,
    })
}

pub(super) async fn give(
    desk: AnonymousDesk,
    At(token): At<String>,
    form: Form,
) -> Result<Response, Problem> {
    let (tenant, secret, _) = behind(&desk, &token).await?;
    let (said, report) = report_of(&form)?;
    desk.app()
        .store()
        .write::<(), Problem, _>(tenant, desk.now, move |tx| {
            Box::pin(async move {
                let (kept, _) = tx
                    .contraception_behind(&secret)
                    .await?
                    .ok_or(Problem::NotFound)?;
                kept_report(tx, &By::System, "link", (&kept, &said), &report).await
            })
        })
        .await?;
    Ok(crate::desk::go(&format!("/r/{token}")))
}
