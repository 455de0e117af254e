//! Who the patient is, looked at in the call: a photograph beside the face, two documents, one document step by step, or
//! none at all with the reason. Nothing that was sent ahead counts, and no number or image is kept.

use super::{Asking, Case, address, confirm::in_call};
use crate::{
    At, Form, Problem, StaffDesk, Words,
    desk::go,
    document::{self, Offered},
    form::Reading,
    shell::{Section, StaffShell},
};
use askama::Template;
use axum::response::Response;
use care::{
    ConsultationId,
    identity::{
        self, Attempt, Exemption, ExemptionReason, Named, OneDocument, Outcome, QUESTIONS,
        Question, Sight, Substitute,
    },
    record,
};
use store::Tx;

/// Longest words on a document, a question, or a reason, in characters.
const WORDS_CHARS: usize = 200;

#[derive(Template)]
#[template(path = "consultation/identity.html")]
struct Page {
    shell: StaffShell,
    w: Words,
    address: String,
    band: super::show::Band,
    /// Documents without a photograph.
    plain: Vec<Offered>,
    /// Every document.
    all: Vec<Offered>,
    no_photo: bool,
    questions: [usize; QUESTIONS],
    outcomes: [Outcome; 3],
    reasons: [ExemptionReason; 4],
    instead: [Substitute; 4],
    /// The check was left out for this patient before.
    again: bool,
}

/// The ways besides the photograph, one card each.
pub(super) async fn show(desk: StaffDesk, At(id): At<ConsultationId>) -> Result<Response, Problem> {
    let asking = Asking::of(&desk);
    let mut read = desk.read().await?;
    let case = Case::own(&mut read, id, &asking).await?;
    let patient = case.booking.consultation.patient;
    let no_photo = read.said_no_photo(id).await?;
    let again = !read.exemptions(patient).await?.is_empty();
    drop(read);
    crate::patients::opened(&desk, "identity", vec![patient]).await?;
    let mut all = document::offered(desk.w, true);
    all.extend(document::offered(desk.w, false));
    desk.page(&Page {
        shell: desk.shell("identity-ways-title", Section::Today).await?,
        w: desk.w,
        address: address(id),
        band: super::show::band(&desk, &case).await?,
        plain: document::offered(desk.w, false),
        all,
        no_photo,
        questions: std::array::from_fn(|at| at + 1),
        outcomes: Outcome::ALL,
        reasons: ExemptionReason::ALL,
        instead: Substitute::ALL,
        again,
    })
}

/// What is not there, or not theirs, is said before what is wrong with a form.
async fn theirs(desk: &StaffDesk, id: ConsultationId) -> Result<(), Problem> {
    Case::own(&mut *desk.read().await?, id, &Asking::of(desk))
        .await
        .map(|_| ())
}

/// The photo document held beside the face, compared live (cl-1.4-ii-a).
pub(super) async fn photo(
    desk: StaffDesk,
    At(id): At<ConsultationId>,
    form: Form,
) -> Result<Response, Problem> {
    theirs(&desk, id).await?;
    let mut reading = form.reading();
    let words = reading.maybe("words", WORDS_CHARS).unwrap_or_default();
    // Not "matches": a field of that name would hide the function of the form, and htmx would stumble.
    let outcome = match form.text("agrees") {
        "yes" => Some(Outcome::Match),
        "no" => Some(Outcome::Mismatch),
        "unclear" => Some(Outcome::Unclear),
        _ => {
            reading.wrong("agrees", "field-empty");
            None
        }
    };
    if form.text("document").is_empty() {
        reading.wrong("document", "field-empty");
    }
    reading.done()?;
    let outcome = outcome.ok_or(Problem::Malformed)?;
    let named = Named::of(form.text("document"), &words)?;
    attempt(&desk, id, Attempt::Photo { named, outcome }).await
}

/// Two documents without a photograph, each with name and birth date (cl-1.4-ii-b).
pub(super) async fn two(
    desk: StaffDesk,
    At(id): At<ConsultationId>,
    form: Form,
) -> Result<Response, Problem> {
    theirs(&desk, id).await?;
    let mut reading = form.reading();
    let mut one = |at: usize| {
        let words = reading
            .maybe(&format!("words-{at}"), WORDS_CHARS)
            .unwrap_or_default();
        let outcome = outcome(&form, &mut reading, &format!("agrees-{at}"));
        (words, outcome)
    };
    let (first, second) = (one(1), one(2));
    reading.done()?;
    let document = |at: usize, words: &str| Named::of(form.text(&format!("document-{at}")), words);
    let whole = |outcome: Option<Outcome>| outcome.ok_or(Problem::Malformed);
    let named = [
        (document(1, &first.0)?, whole(first.1)?),
        (document(2, &second.0)?, whole(second.1)?),
    ];
    attempt(&desk, id, Attempt::Two { named }).await
}

fn outcome(form: &Form, reading: &mut Reading<'_>, field: &str) -> Option<Outcome> {
    let outcome = Outcome::parse(form.text(field));
    if outcome.is_none() {
        reading.wrong(field, "field-empty");
    }
    outcome
}

/// One document, step by step. What was skipped is refused by the core, which says what is missing (cl-1.4-ii-c).
pub(super) async fn one(
    desk: StaffDesk,
    At(id): At<ConsultationId>,
    form: Form,
) -> Result<Response, Problem> {
    theirs(&desk, id).await?;
    let mut reading = form.reading();
    let mut words = |field: &str| reading.maybe(field, WORDS_CHARS).unwrap_or_default();
    let described = words("words");
    let why = words("why");
    let questions = (1..=QUESTIONS)
        .map(|at| Question {
            asked: words(&format!("question-{at}")),
            fits: Outcome::parse(form.text(&format!("fits-{at}"))),
        })
        .collect();
    reading.done()?;
    let step = |field: &str| Outcome::parse(form.text(field));
    let steps = OneDocument {
        tilt: step("tilt"),
        sides: step("sides"),
        body: step("body"),
        questions,
        why,
    };
    let named = Named::of(form.text("document"), &described)?;
    attempt(&desk, id, Attempt::One { named, steps }).await
}

/// No document at hand: why, and what was tried instead (cl-1.4-i-c).
pub(super) async fn none(
    desk: StaffDesk,
    At(id): At<ConsultationId>,
    form: Form,
) -> Result<Response, Problem> {
    theirs(&desk, id).await?;
    let mut reading = form.reading();
    let words = reading.maybe("why", WORDS_CHARS).unwrap_or_default();
    reading.done()?;
    let reason = ExemptionReason::parse(form.text("reason")).ok_or_else(|| {
        care::Refusal::content(identity::EXEMPTED, care::Remedy::GiveReason)
            .because("reason_required")
    })?;
    let instead = form.all("instead").filter_map(Substitute::parse).collect();
    let exemption = Exemption {
        reason,
        words,
        instead,
    };
    attempt(&desk, id, Attempt::None { exemption }).await
}

/// Judges the attempt on what the server has seen, and keeps it. The page then says what is left to do.
async fn attempt(
    desk: &StaffDesk,
    id: ConsultationId,
    attempt: Attempt,
) -> Result<Response, Problem> {
    let asking = Asking::of(desk);
    let flowing = flowing(desk, id).await;
    desk.write(move |tx| Box::pin(attempted(tx, id, asking, attempt, flowing)))
        .await?;
    Ok(go(&address(id)))
}

/// Whether the patient's picture flows at this moment, by the media server's own count.
async fn flowing(desk: &StaffDesk, id: ConsultationId) -> bool {
    match desk.app().media() {
        Some(media) => media.measure(id.to_string()).await.patient_video_now,
        None => false,
    }
}

async fn attempted(
    tx: &mut Tx,
    id: ConsultationId,
    asking: Asking,
    attempt: Attempt,
    flowing: bool,
) -> Result<(), Problem> {
    let case = Case::own(tx, id, &asking).await?;
    // After an emergency start the check follows while the visit runs; before it, between admit and begin.
    in_call(tx, &case).await?;
    let visit = &case.booking.consultation;
    let measured = case.dossier.examination.measured;
    let sight = Sight {
        seen: flowing || measured.patient_video_now || measured.two_way_seconds > 0,
        seen_now: flowing || measured.patient_video_now,
        no_photo: tx.said_no_photo(id).await?,
        physician: record::reserved(asking.role, case.dossier.qualified).is_ok(),
        before: tx.exemptions(visit.patient).await?,
    };
    let outcome = identity::attempted(&attempt, &sight)?;
    tx.keep_attempt(&asking.by, asking.person, visit, (&attempt, outcome))
        .await?;
    Ok(())
}
