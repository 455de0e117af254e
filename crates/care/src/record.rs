//! The chart (診療録): read before the visit, written after it, signed by a physician, never overwritten.

mod derived;

pub use derived::{Agreed, Attended, Derived, IdentitySeen, Judged, NextInPerson, Prior, Turn};

use crate::{ConsultationId, Part, PatientId, Refusal, Remedy};
use access::{PersonId, Role, Ulid};
use guideline::{Clause, clause};
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

/// Acts reserved to physicians, and a visit that is written down.
pub const RESERVED_ACTS: Clause = clause("small-3.1.1.b");
/// The chart is at hand before and during the visit.
pub const CHART_READ: Clause = clause("cl-2.1-iv-a");
/// In an emergency that cannot wait it is read afterwards (緊急でやむを得ないとき).
pub const CHART_LATER: Clause = clause("cl-2.1-iv-b");
/// Both sides' agreement stands in the chart before care begins.
pub const AGREEMENT_CHARTED: Clause = clause("cl-2.5.1.1-iii-b");
/// An online visit is charted no worse than one in person.
pub const DOCUMENTED: Clause = clause("cl-3.2-i-a");

/// What was obtained beforehand stands in the chart, where a first visit rests on it.
pub const OBTAINED_BEFORE: Clause = clause("cl-1.2-iii-c");

/// An unsigned note becomes a finding after this long.
pub const UNSIGNED_MAX: SignedDuration = SignedDuration::from_hours(24);
/// A chart is kept this many years after the last visit.
pub const RETENTION_YEARS: i16 = 5;

/// The note's own text. Sealed at rest; no `Debug`.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Soap {
    /// S 訴え
    pub subjective: String,
    /// O 見たこと・聞いたこと
    pub objective: String,
    /// A 評価
    pub assessment: String,
    /// P 方針
    pub plan: String,
    /// 患者への説明
    pub explained: String,
    /// きょう診た病気: codes of the plan's diagnoses, and [`ANOTHER`]. Empty where the plan has nothing to choose from.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub treated: Vec<String>,
    /// Pictures and words of the patient that the note cites, by id (cl-1.6-ii-d).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub cited: Vec<String>,
}

/// What stands for a disease that the plan does not name.
pub const ANOTHER: &str = "another";

impl Soap {
    /// Parts that are still empty.
    #[must_use]
    pub fn empty_parts(&self) -> Vec<Part> {
        [
            (Part::Subjective, &self.subjective),
            (Part::Objective, &self.objective),
            (Part::Assessment, &self.assessment),
            (Part::NotePlan, &self.plan),
            (Part::NoteExplained, &self.explained),
        ]
        .into_iter()
        .filter(|(_, text)| says_nothing(text))
        .map(|(part, _)| part)
        .collect()
    }
}

/// Whether a part holds no more than headings: a line that ends with a colon waits for what follows it.
///
/// The observation block starts from the plan's headings (cl-1.2-i); they alone are no observation.
#[must_use]
pub fn says_nothing(text: &str) -> bool {
    text.lines()
        .map(str::trim)
        .all(|line| line.is_empty() || line.ends_with([':', '\u{ff1a}']))
}

/// Most headings an observation block starts from.
const HEADINGS_MAX: usize = 8;

/// What the plan asks to be measured or shown, as headings of the observation block (cl-1.2-i): item 6.
#[must_use]
pub fn observation_headings(plan: Option<&crate::plan::Draft>) -> Vec<String> {
    plan.into_iter()
        .flat_map(|draft| &draft.cooperation.prepare)
        .map(|heading| heading.trim().to_owned())
        .filter(|heading| !heading.is_empty())
        .take(HEADINGS_MAX)
        .collect()
}

/// What is known of the reading of the chart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reading {
    /// Whose chart was opened.
    pub patient: PatientId,
    /// By whom.
    pub by: PersonId,
    /// When the panel was served.
    pub opened: Timestamp,
}

/// The chart was opened for this visit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use]
pub struct ChartRead(pub(crate) ConsultationId);

/// Judges the reading of the chart: served to the treating physician, of this patient, with the source at hand.
///
/// # Errors
///
/// The panel was not served, the source is down, or another patient's chart is open.
pub fn chart_read(
    id: ConsultationId,
    patient: PatientId,
    physician: PersonId,
    reading: Option<Reading>,
    source_up: bool,
) -> Result<ChartRead, Refusal> {
    if !source_up {
        return Err(Refusal::state(CHART_READ, Remedy::OpenChart).because("chart_unavailable"));
    }
    let reading = reading.ok_or_else(|| Refusal::state(CHART_READ, Remedy::OpenChart))?;
    if reading.patient != patient {
        return Err(Refusal::state(CHART_READ, Remedy::OpenChart).because("patient_mismatch"));
    }
    if reading.by != physician {
        return Err(Refusal::state(CHART_READ, Remedy::OpenChart));
    }
    Ok(ChartRead(id))
}

/// The agreement stands in the chart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use]
pub struct Charted(pub(crate) ConsultationId);

/// Judges whether every accepted agreement has its chart entry.
///
/// # Errors
///
/// An entry was not written.
pub fn charted(
    id: ConsultationId,
    agreements: &crate::agreement::Facts,
) -> Result<Charted, Refusal> {
    let all = agreements
        .rows
        .iter()
        .filter(|row| row.withdrawn.is_none())
        .all(|row| row.charted);
    if all && !agreements.rows.is_empty() {
        Ok(Charted(id))
    } else {
        Err(Refusal::state(AGREEMENT_CHARTED, Remedy::WriteChartEntry))
    }
}

/// Judges the block of what was obtained beforehand: every item that a first visit was judged on stands in it.
///
/// # Errors
///
/// An item is not in the block; it was struck out since, or the block was left out.
pub fn obtained_before(
    judged: Option<&crate::background::Judged>,
    block: &[Ulid],
) -> Result<(), Refusal> {
    let Some(judged) = judged else { return Ok(()) };
    if !judged.on.is_empty() && judged.on.iter().all(|item| block.contains(item)) {
        return Ok(());
    }
    Err(Refusal::state(OBTAINED_BEFORE, Remedy::JudgeOnSources).because("prior_block_short"))
}

/// Judges an act reserved to physicians: diagnosis, prescription, approval of a plan, confirmation of a record.
///
/// # Errors
///
/// Another role asks, or the qualification is not verified.
pub fn reserved(role: Role, qualified: bool) -> Result<(), Refusal> {
    if role == Role::Physician && qualified {
        Ok(())
    } else {
        Err(Refusal::physicians_only(RESERVED_ACTS))
    }
}

/// A note that says what a note must say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use]
pub struct NoteComplete(pub(crate) ConsultationId);

/// Judges the note's completeness.
///
/// # Errors
///
/// Names the parts that are empty.
pub fn note_complete(id: ConsultationId, note: Option<&Soap>) -> Result<NoteComplete, Refusal> {
    let note = note.ok_or_else(|| {
        Refusal::state(RESERVED_ACTS, Remedy::CompleteNote).because("note_missing")
    })?;
    let empty = note.empty_parts();
    if empty.is_empty() {
        Ok(NoteComplete(id))
    } else {
        Err(Refusal::state(DOCUMENTED, Remedy::CompleteNote).naming(empty))
    }
}

/// Whether an unsigned note is a finding (`note_unsigned`). New visits start all the same.
#[must_use]
pub fn unsigned(ended: Timestamp, signed: bool, now: Timestamp) -> bool {
    !signed && now.duration_since(ended) > UNSIGNED_MAX
}
