//! `/patients/{id}/notes/{visit}`: every version of a note side by side; an amendment is a new version (cl-3.2-i-a).

use super::Band;
use crate::{
    At, Errors, Form, Problem, StaffDesk,
    desk::go,
    form::encode,
    shell::{Section, StaffShell},
    visit::{concerns_patient, tell_of_correction},
    words::Words,
};
use access::Role;
use askama::Template;
use axum::response::Response;
use care::{
    ConsultationId, PatientId, Stage,
    record::{self, Soap},
};
use store::chart::NoteVersion;

/// Whoever is told of a correction gets a link of the own; more helpers than this are asked to call.
const LINKS_MAX: usize = 4;

/// Longest part of a note, in characters.
const PART_CHARS_MAX: usize = 8_000;
/// Longest reason, in characters.
const REASON_CHARS_MAX: usize = 500;

#[derive(Template)]
#[template(path = "patients/amend.html")]
struct Page {
    shell: StaffShell,
    w: Words,
    errors: Errors,
    typed: Form,
    band: Band,
    visit: ConsultationId,
    at: String,
    versions: Vec<Version>,
    parts: Vec<Part>,
    /// What the program knew when the first version was signed, name and words: an amendment leaves it as it is.
    derived: Vec<(&'static str, String)>,
    may_amend: bool,
}

struct Version {
    number: i64,
    author: String,
    finalized: Option<String>,
    reason: String,
}

/// One part of the note in every version.
struct Part {
    label: &'static str,
    texts: Vec<(i64, String, bool)>,
}

pub(super) async fn show(
    desk: StaffDesk,
    At((id, visit)): At<(PatientId, ConsultationId)>,
) -> Result<Response, Problem> {
    let page = page(&desk, id, visit, Errors::default(), None).await?;
    super::opened(&desk, "note", vec![id]).await?;
    desk.page(&page)
}

/// 確定: the new version is written and finalised in one act; the one before stays as it is.
pub(super) async fn confirm(
    desk: StaffDesk,
    At((id, visit)): At<(PatientId, ConsultationId)>,
    form: Form,
) -> Result<Response, Problem> {
    let mut read = desk.read().await?;
    let (role, qualified) = super::qualification(&desk, &mut read).await?;
    drop(read);
    record::reserved(role, qualified)?;
    let mut reading = form.reading();
    let soap = Soap {
        subjective: reading.need("subjective", PART_CHARS_MAX),
        objective: reading.need("objective", PART_CHARS_MAX),
        assessment: reading.need("assessment", PART_CHARS_MAX),
        plan: reading.need("plan", PART_CHARS_MAX),
        explained: reading
            .maybe("explained", PART_CHARS_MAX)
            .unwrap_or_default(),
        treated: Vec::new(),
        cited: Vec::new(),
    };
    let reason = reading.need("reason", REASON_CHARS_MAX);
    let errors = reading.errors();
    if !errors.is_empty() {
        return desk.page_wrong(&page(&desk, id, visit, errors, Some(form)).await?);
    }
    let (by, person) = (desk.by(), desk.person);
    let secrets: Vec<_> = (0..LINKS_MAX).map_while(|_| desk.app().random()).collect();
    let url = desk.app().settings().patient_url.clone();
    desk.write(move |tx| {
        Box::pin(async move {
            let booking = tx.consultation(visit).await?.ok_or(Problem::NotFound)?;
            let visit = booking.consultation.clone();
            if visit.patient != id {
                return Err(Problem::NotFound);
            }
            // The first version is finalised on the closing panel; only what is finalised can be amended.
            let newest = tx.notes_of(visit.id).await?.into_iter().next_back();
            let before = newest
                .filter(|note| note.finalized.is_some())
                .ok_or(Problem::OutOfTurn)?
                .soap;
            // What was treated was said in the visit, and stays.
            let soap = Soap {
                treated: before.treated.clone(),
                cited: before.cited.clone(),
                ..soap
            };
            tx.keep_draft(&by, person, &visit, (&soap, &reason)).await?;
            tx.finalize_note(&by, person, &visit).await?;
            let shown = matches!(visit.stage, Stage::Documented { .. } | Stage::Closed { .. });
            if shown && concerns_patient(&before, &soap) {
                tell_of_correction(tx, &by, &booking, &url, &secrets).await?;
            }
            Ok(())
        })
    })
    .await?;
    Ok(go(&format!("/patients/{id}/notes/{visit}")))
}

async fn page(
    desk: &StaffDesk,
    id: PatientId,
    visit: ConsultationId,
    errors: Errors,
    typed: Option<Form>,
) -> Result<Page, Problem> {
    let w = desk.w;
    let mut read = desk.read().await?;
    let (band, _) = Band::load(&mut read, id, w, desk.now).await?;
    let booking = read.consultation(visit).await?.ok_or(Problem::NotFound)?;
    if booking.consultation.patient != id {
        return Err(Problem::NotFound);
    }
    let notes = read.notes_of(visit).await?;
    let mut versions = Vec::new();
    for note in &notes {
        let finalized = match note.finalized {
            Some((by, at)) => Some(format!(
                "{} {}",
                w.day_time(at),
                read.name_of(by).await?.unwrap_or_default()
            )),
            None => None,
        };
        versions.push(Version {
            number: note.version,
            author: read.name_of(note.author).await?.unwrap_or_default(),
            finalized,
            reason: note.reason.clone(),
        });
    }
    drop(read);
    let newest = notes.last();
    let typed = match (typed, newest) {
        (Some(typed), _) => typed,
        (None, Some(note)) => prefilled(&note.soap)?,
        (None, None) => Form::parse(b"")?,
    };
    Ok(Page {
        shell: desk.shell("patients-note-title", Section::Patients).await?,
        w,
        errors,
        typed,
        band,
        visit,
        at: w.day_time(booking.consultation.booked_for),
        versions,
        parts: parts(&notes),
        derived: notes
            .iter()
            .find_map(|note| note.derived.as_ref())
            .map(|derived| crate::derived::lines(w, derived))
            .unwrap_or_default(),
        may_amend: desk.has(Role::Physician) && newest.is_some_and(|note| note.finalized.is_some()),
    })
}

fn prefilled(soap: &Soap) -> Result<Form, Problem> {
    let text = [
        ("subjective", &soap.subjective),
        ("objective", &soap.objective),
        ("assessment", &soap.assessment),
        ("plan", &soap.plan),
        ("explained", &soap.explained),
    ]
    .map(|(name, value)| format!("{name}={}", encode(value)))
    .join("&");
    Form::parse(text.as_bytes())
}

fn parts(notes: &[NoteVersion]) -> Vec<Part> {
    let part = |label: &'static str, of: fn(&Soap) -> &String| {
        let mut before: Option<&String> = None;
        let texts = notes
            .iter()
            .map(|note| {
                let text = of(&note.soap);
                let changed = before.is_some_and(|before| before != text);
                before = Some(text);
                (note.version, text.clone(), changed)
            })
            .collect();
        Part { label, texts }
    };
    vec![
        part("subjective", |soap| &soap.subjective),
        part("objective", |soap| &soap.objective),
        part("assessment", |soap| &soap.assessment),
        part("plan", |soap| &soap.plan),
        part("explained", |soap| &soap.explained),
    ]
}
