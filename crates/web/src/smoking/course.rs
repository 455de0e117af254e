//! What a physician enters and signs for a course of smoking cessation: the check-up with its paper, and the judgement.

use crate::{At, Form, Problem, StaffDesk, desk::go, house::Handed, patients::qualification};
use axum::{
    extract::Multipart,
    http::header,
    response::{IntoResponse, Response},
};
use care::{
    PatientId,
    formulary::Code,
    record,
    smoking::{self, Checkup, CheckupId, Question, Terms, Way},
};
use jiff::civil::Date;
use store::{
    course::{FILE_BYTES_MAX, FileKind},
    dossier::legal_day,
};

/// Largest form that brings the paper of a check-up.
pub(super) const FORM_BYTES_MAX: usize = FILE_BYTES_MAX + 16 * 1024;
/// Longest name of a paper, in characters.
const NAME_CHARS_MAX: usize = 100;
/// Longest words of one field, in characters.
pub(super) const WORDS_CHARS_MAX: usize = 1000;

/// What is not there is said before what is wrong with a form; and only a physician with a verified licence goes on.
async fn known(desk: &StaffDesk, patient: PatientId) -> Result<(), Problem> {
    let mut read = desk.read().await?;
    read.patient(patient).await?.ok_or(Problem::NotFound)?;
    let (role, qualified) = qualification(desk, &mut read).await?;
    drop(read);
    Ok(record::reserved(role, qualified)?)
}

/// A check-up with its paper: the newest counts.
pub(super) async fn checkup(
    desk: StaffDesk,
    At(id): At<PatientId>,
    parts: Multipart,
) -> Result<Response, Problem> {
    known(&desk, id).await?;
    let Handed { fields, file } = Handed::read(parts, FILE_BYTES_MAX).await?;
    let form = Form::of(fields);
    let mut reading = form.reading();
    let on: Option<Date> = reading.parse("on");
    let result = reading.need("result", WORDS_CHARS_MAX);
    let source = reading.need("source", NAME_CHARS_MAX);
    let excluded = reading
        .maybe("excluded", WORDS_CHARS_MAX)
        .unwrap_or_default();
    let kind = FileKind::of(&file);
    if file.is_empty() {
        reading.wrong("file", "field-empty");
    } else if kind.is_none() {
        reading.wrong("file", "house-course-file-wrong");
    }
    reading.done()?;
    let (Some(on), Some(kind)) = (on, kind) else {
        return Err(Problem::Malformed);
    };
    let checkup = Checkup {
        on,
        result,
        source,
        excluded,
    };
    smoking::enterable(&checkup, legal_day(desk.now))?;
    let (by, person) = (desk.by(), desk.person);
    desk.write(move |tx| {
        Box::pin(async move {
            smoking::open(tx.smoking_setting().await?.as_ref())?;
            tx.keep_smoking_checkup(&by, person, id, (&checkup, kind, &file))
                .await?;
            Ok(())
        })
    })
    .await?;
    Ok(go(&format!("/smoking/{id}")))
}

/// The paper of a check-up, to be kept and never shown by the browser.
pub(super) async fn paper(
    desk: StaffDesk,
    At((id, checkup)): At<(PatientId, CheckupId)>,
) -> Result<Response, Problem> {
    let paper = desk.read().await?.smoking_paper(id, checkup).await?;
    let (kind, bytes) = paper.ok_or(Problem::NotFound)?;
    crate::patients::opened(&desk, "checkup", vec![id]).await?;
    let headers = [
        (header::CONTENT_TYPE, kind.media_type()),
        (header::CONTENT_DISPOSITION, "attachment"),
    ];
    Ok((headers, bytes).into_response())
}

/// The course, signed by one press: what was asked, chosen, judged and weighed.
pub(super) async fn sign(
    desk: StaffDesk,
    At(id): At<PatientId>,
    form: Form,
) -> Result<Response, Problem> {
    known(&desk, id).await?;
    let terms = terms(&form)?;
    let (by, person, today) = (desk.by(), desk.person, legal_day(desk.now));
    desk.write(move |tx| {
        Box::pin(async move {
            let facts = tx.smoking_facts(id).await?;
            let proof = smoking::signable(&terms, &facts, today)?;
            tx.sign_smoking_course(&by, person, id, (&terms, proof))
                .await?;
            Ok(())
        })
    })
    .await?;
    Ok(go(&format!("/smoking/{id}")))
}

fn terms(form: &Form) -> Result<Terms, Problem> {
    let mut reading = form.reading();
    let way = match form.text("way") {
        "online_only" => Some(Way::OnlineOnly),
        "with_visit" => reading.parse("visit_on").map(Way::WithVisit),
        _ => {
            reading.wrong("way", "field-empty");
            None
        }
    };
    let mut yes = Vec::new();
    for question in Question::ALL {
        // No answer is no "no": every question was asked.
        match form.text(question.as_str()) {
            "yes" => yes.push(question),
            "no" => {}
            _ => reading.wrong(question.as_str(), "field-empty"),
        }
    }
    let drugs: Vec<Option<Code>> = form.all("drug").map(|word| word.parse().ok()).collect();
    if drugs.iter().any(Option::is_none) {
        reading.wrong("drug", "field-wrong");
    }
    let mut words = |field| reading.maybe(field, WORDS_CHARS_MAX).unwrap_or_default();
    let (low_risk, benefits, disadvantages) =
        (words("low_risk"), words("benefits"), words("disadvantages"));
    reading.done()?;
    Ok(Terms {
        way: way.ok_or(Problem::Malformed)?,
        yes,
        drugs: drugs.into_iter().flatten().collect(),
        low_risk,
        benefits,
        disadvantages,
    })
}
