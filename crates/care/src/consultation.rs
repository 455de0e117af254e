//! One online consultation (オンライン診療), from request to closed.
//!
//! ```text
//! requested → booked → checks → live → ended → documented → closed
//!     └─ declined          └──────┴──────┴─ switched_in_person
//!                └─ aborted ──────┤      │
//!                                 ├──────┴─ not_performed (as online care: nobody was seen and heard for long enough)
//!                                        └─ closed (a pre-consultation: nothing of it is signed)
//! ```
//! A transition decides and answers with an [`Event`]; [`Consultation::after`] applies it and cannot fail.

use crate::{ConsultationId, PatientId, Refusal, Remedy, Service, gate::Ready};
use access::{PersonId, Role};
use guideline::{Clause, clause};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// An emergency may start before the explanation, which follows as soon as it can (緊急でやむを得ず).
pub const EMERGENCY: Clause = clause("cl-1.1-iv-d");

/// How a visit is classed. Derived by the server, never chosen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Class {
    /// 初診
    First,
    /// 新たな疾患の初診
    FirstNewCondition,
    /// 再診
    Followup,
}

impl Class {
    /// The word stored and sent.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::First => "first",
            Self::FirstNewCondition => "first_new_condition",
            Self::Followup => "followup",
        }
    }

    /// The class of that word.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        [Self::First, Self::FirstNewCondition, Self::Followup]
            .into_iter()
            .find(|class| class.as_str() == word)
    }

    /// Derives the class from what the chart holds.
    #[must_use]
    pub const fn derive(signed_plan_in_force: bool, new_condition: bool) -> Self {
        match (signed_plan_in_force, new_condition) {
            (false, _) => Self::First,
            (true, true) => Self::FirstNewCondition,
            (true, false) => Self::Followup,
        }
    }

    /// Whether it is a first visit in the sense of the clauses.
    #[must_use]
    pub const fn is_first(self) -> bool {
        match self {
            Self::First | Self::FirstNewCondition => true,
            Self::Followup => false,
        }
    }
}

/// Where a consultation stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the diagram above says it")]
pub enum Stage {
    Requested,
    Booked,
    Checks { arrived: Timestamp },
    Live { since: Timestamp },
    Ended { since: Timestamp, at: Timestamp },
    Documented { since: Timestamp, at: Timestamp },
    Closed { since: Timestamp, at: Timestamp },
    Declined,
    SwitchedInPerson,
    NotPerformed,
    Aborted,
}

impl Stage {
    /// The word stored and sent.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Requested => "requested",
            Self::Booked => "booked",
            Self::Checks { .. } => "checks",
            Self::Live { .. } => "live",
            Self::Ended { .. } => "ended",
            Self::Documented { .. } => "documented",
            Self::Closed { .. } => "closed",
            Self::Declined => "declined",
            Self::SwitchedInPerson => "switched_in_person",
            Self::NotPerformed => "not_performed",
            Self::Aborted => "aborted",
        }
    }

    /// Whether nothing more can follow.
    #[must_use]
    pub const fn is_over(self) -> bool {
        match self {
            Self::Closed { .. }
            | Self::Declined
            | Self::SwitchedInPerson
            | Self::NotPerformed
            | Self::Aborted => true,
            Self::Requested
            | Self::Booked
            | Self::Checks { .. }
            | Self::Live { .. }
            | Self::Ended { .. }
            | Self::Documented { .. } => false,
        }
    }

    /// Whether it is to come or under way: somebody may still be let in.
    #[must_use]
    pub const fn is_running(self) -> bool {
        self.is_before_live() || matches!(self, Self::Live { .. })
    }

    /// Whether the physician still writes: until the note is signed.
    #[must_use]
    pub const fn is_unsigned(self) -> bool {
        self.is_running() || matches!(self, Self::Ended { .. })
    }

    /// Whether the patient may still prepare or wait.
    #[must_use]
    pub const fn is_before_live(self) -> bool {
        matches!(self, Self::Requested | Self::Booked | Self::Checks { .. })
    }
}

/// One online consultation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Consultation {
    /// Its name.
    pub id: ConsultationId,
    /// Whose.
    pub patient: PatientId,
    /// The treating physician.
    pub physician: PersonId,
    /// Derived class.
    pub class: Class,
    /// What it is for.
    pub service: Service,
    /// When it is booked for.
    pub booked_for: Timestamp,
    /// Where it stands.
    pub stage: Stage,
    /// Whether it began as an emergency.
    pub emergency: Option<EmergencyStart>,
}

/// How an emergency start came about.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EmergencyStart {
    /// Why it could not wait.
    pub reason: EmergencyReason,
    /// Clauses whose paperwork was passed over and follows.
    pub passed: Vec<String>,
    /// Why the explanation is still impossible and when it is tried again, if the physician wrote that.
    pub still_impossible: Option<String>,
}

/// Reason codes of an emergency start.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EmergencyReason {
    /// 急変している
    SuddenChange,
    /// 本人が説明を聞ける状態にない
    CannotListen,
    /// 来院も救急も間に合わない
    NoOtherHelp,
}

impl EmergencyReason {
    /// Every reason.
    pub const ALL: [Self; 3] = [Self::SuddenChange, Self::CannotListen, Self::NoOtherHelp];

    /// The word stored and sent.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::SuddenChange => "sudden_change",
            Self::CannotListen => "cannot_listen",
            Self::NoOtherHelp => "no_other_help",
        }
    }

    /// The reason of that word.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|reason| reason.as_str() == word)
    }
}

/// Who may start an emergency, and why.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use]
pub struct EmergencyGround {
    pub(crate) consultation: ConsultationId,
    pub(crate) reason: EmergencyReason,
}

/// Accepts the ground for an emergency start: a physician, and one reason.
///
/// # Errors
///
/// Another role asks, or no reason is given.
pub fn emergency(
    id: ConsultationId,
    role: Role,
    reason: Option<EmergencyReason>,
) -> Result<EmergencyGround, Refusal> {
    if role != Role::Physician {
        return Err(Refusal::physicians_only(EMERGENCY));
    }
    let reason = reason.ok_or_else(|| {
        Refusal::content(EMERGENCY, Remedy::GiveReason).because("reason_required")
    })?;
    Ok(EmergencyGround {
        consultation: id,
        reason,
    })
}

/// The share of a month's consultations above which emergency starts look like routine, in percent.
pub const EMERGENCY_SHARE_PERCENT: u32 = 5;

/// Whether the emergency starts of a month have become routine (finding `emergency_start_routine`).
#[must_use]
pub const fn emergency_is_routine(emergencies: u32, consultations: u32) -> bool {
    emergencies > 1 && emergencies * 100 > consultations * EMERGENCY_SHARE_PERCENT
}

/// What happened, in the words of the ledger.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the diagram above says it")]
pub enum Event {
    Booked,
    Declined,
    Arrived {
        at: Timestamp,
    },
    Begun {
        at: Timestamp,
        emergency: Option<EmergencyStart>,
    },
    Ended {
        at: Timestamp,
    },
    Documented,
    Closed,
    Switched,
    NotPerformed,
    Aborted,
    /// A pre-consultation ended by its own conditions.
    Concluded,
}

/// The caller asked for something that cannot follow from where the consultation stands: a stale page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OutOfTurn {
    /// Asked of a consultation at this stage.
    At(Stage),
    /// A proof was about another consultation: a fault in our own code, or a forged request.
    StrayProof,
}

impl std::fmt::Display for OutOfTurn {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::At(stage) => write!(f, "not possible at {}", stage.as_str()),
            Self::StrayProof => f.write_str("proof of another consultation"),
        }
    }
}

impl std::error::Error for OutOfTurn {}

impl Consultation {
    /// Books what was requested.
    ///
    /// # Errors
    ///
    /// The consultation is no open request.
    pub const fn book(&self) -> Result<Event, OutOfTurn> {
        match self.stage {
            Stage::Requested => Ok(Event::Booked),
            stage => Err(OutOfTurn::At(stage)),
        }
    }

    /// Declines what was requested.
    ///
    /// # Errors
    ///
    /// The consultation is no open request.
    pub const fn decline(&self) -> Result<Event, OutOfTurn> {
        match self.stage {
            Stage::Requested => Ok(Event::Declined),
            stage => Err(OutOfTurn::At(stage)),
        }
    }

    /// The patient has opened the link within the window and is here.
    ///
    /// # Errors
    ///
    /// The consultation is not waiting for anybody.
    pub const fn arrive(&self, now: Timestamp) -> Result<Event, OutOfTurn> {
        match self.stage {
            Stage::Booked => Ok(Event::Arrived { at: now }),
            stage => Err(OutOfTurn::At(stage)),
        }
    }

    /// Begins care. The proofs are spent: they serve this consultation, and only this one.
    ///
    /// # Errors
    ///
    /// The consultation is not at its checks, or the proofs are about another one.
    pub fn begin(&self, ready: Ready, now: Timestamp) -> Result<Event, OutOfTurn> {
        if ready.consultation() != self.id {
            return Err(OutOfTurn::StrayProof);
        }
        match self.stage {
            Stage::Checks { .. } => Ok(Event::Begun {
                at: now,
                emergency: ready.into_emergency(),
            }),
            stage => Err(OutOfTurn::At(stage)),
        }
    }

    /// The class after the physician found a disease that the plan does not name (新たな疾患): never chosen from a list, and
    /// never back.
    ///
    /// # Errors
    ///
    /// The visit is over or documented, or it is a first visit anyway.
    pub const fn new_condition(&self) -> Result<Class, OutOfTurn> {
        match (self.stage, self.class) {
            (
                Stage::Booked | Stage::Checks { .. } | Stage::Live { .. } | Stage::Ended { .. },
                Class::Followup,
            ) => Ok(Class::FirstNewCondition),
            (stage, _) => Err(OutOfTurn::At(stage)),
        }
    }

    /// Ends the call.
    ///
    /// # Errors
    ///
    /// The consultation is not live.
    pub const fn end(&self, now: Timestamp) -> Result<Event, OutOfTurn> {
        match self.stage {
            Stage::Live { .. } => Ok(Event::Ended { at: now }),
            stage => Err(OutOfTurn::At(stage)),
        }
    }

    /// Documents the visit with a note that may be signed.
    ///
    /// # Errors
    ///
    /// The call has not ended, or the note is about another consultation.
    pub fn document(&self, signable: &crate::gate::Signable) -> Result<Event, OutOfTurn> {
        if signable.consultation() != self.id {
            return Err(OutOfTurn::StrayProof);
        }
        match self.stage {
            Stage::Ended { .. } => Ok(Event::Documented),
            stage => Err(OutOfTurn::At(stage)),
        }
    }

    /// Closes the visit.
    ///
    /// # Errors
    ///
    /// It is not documented, or the permission is about another consultation.
    pub fn close(&self, closable: &crate::gate::Closable) -> Result<Event, OutOfTurn> {
        if closable.consultation() != self.id {
            return Err(OutOfTurn::StrayProof);
        }
        match self.stage {
            Stage::Documented { .. } => Ok(Event::Closed),
            stage => Err(OutOfTurn::At(stage)),
        }
    }

    /// Hands the patient over to care in person.
    ///
    /// # Errors
    ///
    /// The visit has not arrived, or is over.
    pub const fn switch(&self) -> Result<Event, OutOfTurn> {
        match self.stage {
            Stage::Booked | Stage::Checks { .. } | Stage::Live { .. } | Stage::Ended { .. } => {
                Ok(Event::Switched)
            }
            stage => Err(OutOfTurn::At(stage)),
        }
    }

    /// Ends a visit that is not performed as online care: sight and sound did not suffice (cl-1.6-ii-a).
    ///
    /// # Errors
    ///
    /// Care has not begun or is documented, or the permission is about another consultation.
    pub fn not_performed(&self, lacking: &crate::gate::NotPerformed) -> Result<Event, OutOfTurn> {
        if lacking.consultation() != self.id {
            return Err(OutOfTurn::StrayProof);
        }
        match self.stage {
            Stage::Live { .. } | Stage::Ended { .. } => Ok(Event::NotPerformed),
            stage => Err(OutOfTurn::At(stage)),
        }
    }

    /// Ends a pre-consultation with its result: there is nothing to sign.
    ///
    /// # Errors
    ///
    /// The call has not ended, or the result is about another one.
    pub fn conclude(
        &self,
        concluded: &crate::preconsultation::Concluded,
    ) -> Result<Event, OutOfTurn> {
        if concluded.visit != self.id {
            return Err(OutOfTurn::StrayProof);
        }
        match self.stage {
            Stage::Ended { .. } => Ok(Event::Concluded),
            stage => Err(OutOfTurn::At(stage)),
        }
    }

    /// Gives the visit up: the patient did not come, or it ended without care.
    ///
    /// # Errors
    ///
    /// The visit is over or documented.
    pub const fn abort(&self) -> Result<Event, OutOfTurn> {
        match self.stage {
            Stage::Requested
            | Stage::Booked
            | Stage::Checks { .. }
            | Stage::Live { .. }
            | Stage::Ended { .. } => Ok(Event::Aborted),
            stage => Err(OutOfTurn::At(stage)),
        }
    }

    /// The consultation after an event. Total: what the ledger holds has happened.
    #[must_use]
    pub fn after(mut self, event: &Event) -> Self {
        self.stage = match (event, self.stage) {
            (Event::Booked, _) => Stage::Booked,
            (Event::Declined, _) => Stage::Declined,
            (Event::Arrived { at }, _) => Stage::Checks { arrived: *at },
            (Event::Begun { at, .. }, _) => Stage::Live { since: *at },
            (Event::Ended { at }, stage) => Stage::Ended {
                since: since(stage, *at),
                at: *at,
            },
            (Event::Documented, Stage::Ended { since, at }) => Stage::Documented { since, at },
            (Event::Closed, Stage::Documented { since, at })
            | (Event::Concluded, Stage::Ended { since, at }) => Stage::Closed { since, at },
            (Event::Documented | Event::Closed | Event::Concluded, stage) => stage,
            (Event::Switched, _) => Stage::SwitchedInPerson,
            (Event::NotPerformed, _) => Stage::NotPerformed,
            (Event::Aborted, _) => Stage::Aborted,
        };
        if let Event::Begun { emergency, .. } = event {
            self.emergency.clone_from(emergency);
        }
        self
    }
}

const fn since(stage: Stage, otherwise: Timestamp) -> Timestamp {
    match stage {
        Stage::Live { since } => since,
        Stage::Requested
        | Stage::Booked
        | Stage::Checks { .. }
        | Stage::Ended { .. }
        | Stage::Documented { .. }
        | Stage::Closed { .. }
        | Stage::Declined
        | Stage::SwitchedInPerson
        | Stage::NotPerformed
        | Stage::Aborted => otherwise,
    }
}
