//! A plan changed by another physician than the one who signed it: the patient's will decides whether it is changed at all.

use super::{Plan, PlanState, changes};
use crate::{Refusal, Remedy};
use access::PersonId;
use guideline::{Clause, clause};

/// Where a change would be to the patient's disadvantage, the patient's will is respected and the plan is kept.
pub const PATIENTS_WILL: Clause = clause("cl-1.3-v");

/// What the patient answers to a changed plan.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answer {
    /// 変えてよい
    Accept,
    /// いまの計画のまま
    Keep,
}

impl Answer {
    /// The word stored and sent.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Accept => "accept",
            Self::Keep => "keep",
        }
    }

    /// The answer of that word.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        [Self::Accept, Self::Keep]
            .into_iter()
            .find(|known| known.as_str() == word)
    }
}

/// A change put to the patient.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Proposal {
    /// Whether the physician thinks that it disadvantages the patient.
    pub harms: bool,
    /// What the patient answered.
    pub answer: Option<Answer>,
}

/// Whether this physician asks the patient before changing what another one signed.
#[must_use]
pub fn asked(draft: &Plan, in_force: Option<&Plan>, physician: PersonId) -> bool {
    in_force.is_some_and(|now| {
        matches!(now.state, PlanState::Signed { by, .. } if by != physician)
            && now.id != draft.id
            && !changes(&now.draft, &draft.draft).is_empty()
    })
}

/// Judges the signature on a changed plan. What its own physician changes is not asked.
///
/// # Errors
///
/// The change was not put to the patient, the patient has not answered, or wishes to keep the plan in force.
pub fn decided(
    draft: &Plan,
    in_force: Option<&Plan>,
    physician: PersonId,
    proposal: Option<Proposal>,
) -> Result<(), Refusal> {
    if !asked(draft, in_force, physician) {
        return Ok(());
    }
    let refused = |remedy, reason| Err(Refusal::state(PATIENTS_WILL, remedy).because(reason));
    match proposal.map(|proposal| proposal.answer) {
        None => refused(Remedy::AskAboutChange, "patient_not_asked"),
        Some(None) => refused(Remedy::AnswerAboutChange, "patient_has_not_answered"),
        Some(Some(Answer::Keep)) => refused(Remedy::KeepPlan, "patient_keeps_plan"),
        Some(Some(Answer::Accept)) => Ok(()),
    }
}
