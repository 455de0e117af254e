//! Suitability (適否): the physician judges each visit, provisionally by the admit act and finally by "enough".

use crate::{ConsultationId, Part, Refusal, Remedy};
use access::{PersonId, Role};
use guideline::{Clause, clause};
use jiff::{Timestamp, civil::Date};

/// Each visit is judged anew by the treating physician.
pub const EACH_TIME: Clause = clause("cl-1.1-iii-a");
/// Unsuitable means stop, and a hand-over to care in person.
pub const HANDED_OVER: Clause = clause("cl-1.1-iii-b");

/// When in a visit a judgement was made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Phase {
    /// By the admit act.
    Provisional,
    /// By "enough" on the closing panel.
    Final,
}

impl Phase {
    /// The word stored and sent.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Provisional => "provisional",
            Self::Final => "final",
        }
    }

    /// The phase of that word.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        [Self::Provisional, Self::Final]
            .into_iter()
            .find(|phase| phase.as_str() == word)
    }
}

/// The physician's verdict. An input, never computed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// 適する
    Go,
    /// 適さない
    NoGo,
}

/// One judgement, bound to one consultation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Judgement {
    /// Of which visit.
    pub consultation: ConsultationId,
    /// When in the visit.
    pub phase: Phase,
    /// What was judged.
    pub verdict: Verdict,
    /// By whom.
    pub by: PersonId,
    /// When.
    pub at: Timestamp,
}

/// The provisional judgement of this very visit is "go".
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use]
pub struct Suitable(pub(crate) ConsultationId);

/// The final judgement of this very visit is "go".
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use]
pub struct FinallySuitable(pub(crate) ConsultationId);

/// Who may judge: the treating physician, nobody else.
///
/// # Errors
///
/// Another role, or another physician.
pub fn may_judge(role: Role, by: PersonId, treating: PersonId) -> Result<(), Refusal> {
    if role != Role::Physician {
        return Err(
            Refusal::person(EACH_TIME, Remedy::TreatingPhysician).because("qualification_required")
        );
    }
    if by != treating {
        return Err(Refusal::person(EACH_TIME, Remedy::TreatingPhysician).because("wrong_actor"));
    }
    Ok(())
}

/// Whether a new judgement may be written: each phase once, and nothing after a "no-go".
///
/// # Errors
///
/// The phase was judged already, or a "no-go" stands.
pub fn may_write(id: ConsultationId, rows: &[Judgement], phase: Phase) -> Result<(), Refusal> {
    if locked(id, rows) {
        return Err(Refusal::state(HANDED_OVER, Remedy::HandOver));
    }
    let judged = rows
        .iter()
        .any(|row| row.consultation == id && row.phase == phase);
    if judged {
        return Err(Refusal::state(EACH_TIME, Remedy::JudgeToday).because("judged_already"));
    }
    Ok(())
}

/// Judges whether the visit may begin.
///
/// # Errors
///
/// There is no provisional judgement of this visit, or a "no-go" stands.
pub fn suitable(id: ConsultationId, rows: &[Judgement]) -> Result<Suitable, Refusal> {
    verdict(id, rows, Phase::Provisional, Remedy::JudgeToday).map(|()| Suitable(id))
}

/// Judges whether anything of this visit may be signed.
///
/// # Errors
///
/// There is no final judgement of this visit, or a "no-go" stands.
pub fn finally_suitable(
    id: ConsultationId,
    rows: &[Judgement],
) -> Result<FinallySuitable, Refusal> {
    verdict(id, rows, Phase::Final, Remedy::JudgeFinally).map(|()| FinallySuitable(id))
}

/// Whether a "no-go" has locked diagnosis and orders of this visit.
#[must_use]
pub fn locked(id: ConsultationId, rows: &[Judgement]) -> bool {
    rows.iter()
        .any(|row| row.consultation == id && row.verdict == Verdict::NoGo)
}

/// Whether a visit may be given up. After a "no-go" it may not: the only exit is the hand-over in person.
///
/// # Errors
///
/// A "no-go" stands.
pub fn may_abort(id: ConsultationId, rows: &[Judgement]) -> Result<(), Refusal> {
    if locked(id, rows) {
        return Err(Refusal::state(HANDED_OVER, Remedy::HandOver));
    }
    Ok(())
}

fn verdict(
    id: ConsultationId,
    rows: &[Judgement],
    phase: Phase,
    remedy: Remedy,
) -> Result<(), Refusal> {
    if locked(id, rows) {
        return Err(Refusal::state(HANDED_OVER, Remedy::HandOver));
    }
    rows.iter()
        .find(|row| row.consultation == id && row.phase == phase)
        .map(|_| ())
        .ok_or_else(|| Refusal::state(EACH_TIME, remedy))
}

/// The hand-over that a "no-go" asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HandOver {
    /// Where the patient goes: own slot or a named institution.
    pub destination: String,
    /// By when.
    pub target: Date,
    /// How the patient was told.
    pub told: String,
}

/// Accepts a hand-over that names all three.
///
/// # Errors
///
/// Destination, date or how it was told is missing, or the date lies in the past.
pub fn handed_over(form: &HandOver, today: Date) -> Result<(), Refusal> {
    let mut missing = Vec::new();
    if form.destination.trim().is_empty() {
        missing.push(Part::HandOverDestination);
    }
    if form.target < today {
        missing.push(Part::HandOverTarget);
    }
    if form.told.trim().is_empty() {
        missing.push(Part::HandOverTold);
    }
    if missing.is_empty() {
        Ok(())
    } else {
        Err(Refusal::content(HANDED_OVER, Remedy::HandOver).naming(missing))
    }
}

/// Whether an open hand-over is a finding (`in_person_unconfirmed`).
#[must_use]
pub fn unconfirmed(target: Date, arrived: bool, today: Date) -> bool {
    !arrived && target < today
}
