//! The course after the tablet was ordered: the pharmacist's report, and the visit in person three weeks later. It stays open
//! until somebody knows how it came out, or three attempts to reach her are written down.

use super::report::{code, report_of};
use crate::{
    At, Form, Problem, StaffDesk,
    desk::go,
    qr::Qr,
    shell::{Section, StaffShell},
    visit::link,
    words::Words,
};
use askama::Template;
use axum::response::Response;
use care::emergency_contraception::{self as ec, CaseId, Kept, Outcome, THREE_WEEKS};
use jiff::civil::Date;
use store::{
    By, Tx,
    contraception::{Attempt, Course},
    dossier::legal_day,
};

/// Longest words, in characters.
const TEXT_CHARS_MAX: usize = 300;

#[derive(Template)]
#[template(path = "contraception/slip.html")]
struct Slip {
    shell: StaffShell,
    w: Words,
    id: CaseId,
    pharmacy: String,
    clinic: String,
    phone: String,
    code: String,
    url: String,
    qr: Option<Qr>,
}

/// A course whose tablet was ordered and that is not ended.
async fn running(tx: &mut Tx, id: CaseId) -> Result<(Kept, Course), Problem> {
    let (kept, course) = tx.contraception_case(id).await?.ok_or(Problem::NotFound)?;
    if course.ordered.is_none() || course.ended.is_some() {
        return Err(Problem::OutOfTurn);
    }
    Ok((kept, course))
}

/// The paper that goes to the pharmacy with the prescription: a link that works once, and the same questions with a code.
pub(super) async fn slip(
    desk: StaffDesk,
    At(id): At<CaseId>,
    _form: Form,
) -> Result<Response, Problem> {
    let secret: [u8; link::SECRET_BYTES] = desk.app().random().ok_or(Problem::Unavailable)?;
    let by = desk.by();
    let (kept, institution) = desk
        .write(move |tx| {
            Box::pin(async move {
                let (kept, _) = running(tx, id).await?;
                tx.keep_pharmacist_link(&by, &kept, &secret).await?;
                let institution = tx.institution().await?.ok_or(Problem::OutOfTurn)?;
                Ok::<_, Problem>((kept, institution))
            })
        })
        .await?;
    let url = format!(
        "{}/r/{}",
        desk.app().settings().patient_url,
        link::encode(desk.tenant, &secret)
    );
    desk.page(&Slip {
        shell: desk.shell("slip-title", Section::Bookings).await?,
        w: desk.w,
        id,
        pharmacy: kept
            .case
            .pharmacy
            .map(|one| format!("{} {}", one.name, one.phone))
            .unwrap_or_default(),
        clinic: institution.name,
        phone: institution.phone,
        code: code(id),
        qr: Qr::of(&url),
        url,
    })
}

/// The paper came back: reception enters what stands on it.
pub(super) async fn paper(
    desk: StaffDesk,
    At(id): At<CaseId>,
    form: Form,
) -> Result<Response, Problem> {
    super::flow::there(&desk, id).await?;
    let (said, report) = report_of(&form)?;
    let by = desk.by();
    desk.write(move |tx| {
        Box::pin(async move {
            let (kept, _) = running(tx, id).await?;
            kept_report(tx, &by, "paper", (&kept, &said), &report).await
        })
    })
    .await?;
    Ok(go(&format!("/contraception/{id}")))
}

/// Keeps a report, whichever way it came: once, and of this course.
pub(super) async fn kept_report(
    tx: &mut Tx,
    by: &By,
    way: &'static str,
    (kept, said): (&Kept, &str),
    report: &ec::Report,
) -> Result<(), Problem> {
    let before = tx.pharmacist_report(kept).await?.is_some();
    ec::reported(before, report)?;
    if said != code(kept.id) {
        return Err(
            care::Refusal::state(ec::PHARMACIST, care::Remedy::CompleteReport)
                .because("code_of_another")
                .into(),
        );
    }
    Ok(tx.keep_pharmacist_report(by, way, kept, report).await?)
}

/// The pharmacy says on the telephone that it has explained.
pub(super) async fn advice(
    desk: StaffDesk,
    At(id): At<CaseId>,
    _form: Form,
) -> Result<Response, Problem> {
    let by = desk.by();
    desk.write(move |tx| {
        Box::pin(async move {
            let (kept, _) = tx.contraception_case(id).await?.ok_or(Problem::NotFound)?;
            match tx.keep_pharmacist_advice(&by, &kept).await {
                Err(store::Fault::Conflict) => Err(Problem::OutOfTurn),
                done => Ok(done?),
            }
        })
    })
    .await?;
    Ok(go(&format!("/contraception/{id}")))
}

/// Somebody tried to reach her.
pub(super) async fn attempt(
    desk: StaffDesk,
    At(id): At<CaseId>,
    form: Form,
) -> Result<Response, Problem> {
    super::flow::there(&desk, id).await?;
    let mut reading = form.reading();
    let on: Option<Date> = reading.parse("on");
    let words = reading.need("words", TEXT_CHARS_MAX);
    let today = legal_day(desk.now);
    if on.is_some_and(|on| on > today) {
        reading.wrong("on", "field-wrong");
    }
    reading.done()?;
    let attempt = Attempt {
        on: on.ok_or(Problem::Malformed)?,
        words,
    };
    let (by, person) = (desk.by(), desk.person);
    desk.write(move |tx| {
        Box::pin(async move {
            let (kept, course) = running(tx, id).await?;
            if course.ordered.is_some_and(|at| legal_day(at) > attempt.on) {
                return Err(Problem::Wrong(crate::Errors::one("on", "field-wrong")));
            }
            Ok(tx
                .keep_contact_attempt(&by, person, &kept, &attempt)
                .await?)
        })
    })
    .await?;
    Ok(go(&format!("/contraception/{id}")))
}

/// She was seen in person, and this was found.
pub(super) async fn outcome(
    desk: StaffDesk,
    At(id): At<CaseId>,
    form: Form,
) -> Result<Response, Problem> {
    super::flow::there(&desk, id).await?;
    let mut reading = form.reading();
    let seen: Option<Date> = reading.parse("seen");
    let words = reading.maybe("words", TEXT_CHARS_MAX).unwrap_or_default();
    reading.done()?;
    let outcome = Outcome {
        seen: seen.ok_or(Problem::Malformed)?,
        words,
    };
    let (by, today) = (desk.by(), legal_day(desk.now));
    desk.write(move |tx| {
        Box::pin(async move {
            let (mut kept, course) = running(tx, id).await?;
            let signed = course.ordered.map_or(today, legal_day);
            ec::seen(&outcome, signed, today)?;
            kept.case.outcome = Some(outcome);
            Ok(tx
                .keep_contraception(&by, (THREE_WEEKS, "pathway.outcome"), &kept)
                .await?)
        })
    })
    .await?;
    Ok(go(&format!("/contraception/{id}")))
}

/// Ends the course.
pub(super) async fn end(
    desk: StaffDesk,
    At(id): At<CaseId>,
    _form: Form,
) -> Result<Response, Problem> {
    let by = desk.by();
    desk.write(move |tx| {
        Box::pin(async move {
            let (kept, _) = running(tx, id).await?;
            let attempts = tx.contact_attempts(&kept).await?.len();
            let proof = ec::ended(&kept.case, attempts)?;
            Ok(tx.end_contraception(&by, &kept, proof).await?)
        })
    })
    .await?;
    Ok(go(&format!("/contraception/{id}")))
}
