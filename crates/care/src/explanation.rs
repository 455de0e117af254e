//! Explanation (説明) before the agreement: shown on the patient's device, acknowledged there, marked by the physician.

use crate::{ConsultationId, Missing, Refusal, Remedy, plan::Item};
use access::PersonId;
use guideline::{Clause, clause};
use jiff::Timestamp;

/// The items are explained before the agreement is taken.
pub const BEFORE_AGREEMENT: Clause = clause("cl-1.1-iv");
/// What a screen cannot show, and hence the combination with care in person.
pub const LIMITS: Clause = clause("cl-1.1-iv-a");
/// The physician decides at each visit.
pub const DECIDED_EACH_TIME: Clause = clause("cl-1.1-iv-b");
/// What the care plan will contain.
pub const PLAN_SHOWN: Clause = clause("cl-1.1-iv-c");

/// The tag of the block that [`LIMITS`] asks for.
pub const LIMITS_TAG: &str = "limits_and_combination";
/// The tag of the block that [`DECIDED_EACH_TIME`] asks for.
pub const DECIDED_TAG: &str = "decided_each_time";
/// The tag under which the plan's acknowledgement is stored.
pub const PLAN_TAG: &str = "care_plan";

/// The tag under which the acknowledgement of the institution's standard draft is stored, at a first visit without a plan.
pub const STANDARD_TAG: &str = "care_plan_standard";

/// The blocks that every explanation has, and the clause behind each.
pub const MANDATORY: [(&str, Clause); 2] = [(LIMITS_TAG, LIMITS), (DECIDED_TAG, DECIDED_EACH_TIME)];

/// One block of an explanation text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Block {
    /// Its tag.
    pub tag: String,
    /// Japanese text.
    pub ja: String,
    /// English text.
    pub en: String,
}

/// What is known of one explained item.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Explained {
    /// The tag.
    pub tag: String,
    /// Material version of the text that was shown.
    pub material: i64,
    /// When it was acknowledged on the patient's device.
    pub acknowledged: Option<Timestamp>,
    /// When and by whom it was explained.
    pub given: Option<(PersonId, Timestamp)>,
}

/// What is known of the explanations of one patient.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Facts {
    /// The newest row per tag; the plan's row has [`PLAN_TAG`].
    pub items: Vec<Explained>,
    /// Material version in force per mandatory tag.
    pub current: Vec<(String, i64)>,
    /// Items of the plan in force that changed in substance since the version that was acknowledged.
    pub unread_plan_items: Vec<Item>,
    /// Whether there is a plan (or the institution's standard draft) to show at all.
    pub plan_to_show: bool,
}

/// Everything has been shown to and acknowledged by the patient.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use]
pub struct Acknowledged(());

/// Everything has also been marked as explained by the physician.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use]
pub struct ExplainedAll(pub(crate) ConsultationId);

/// Accepts a text for publication: each mandatory block is there, in both languages, and not empty.
///
/// # Errors
///
/// A block is missing or blank; the refusal names it.
pub fn publishable(blocks: &[Block]) -> Result<(), Refusal> {
    for (tag, clause) in MANDATORY {
        let written = blocks.iter().any(|block| {
            block.tag == tag && !block.ja.trim().is_empty() && !block.en.trim().is_empty()
        });
        if !written {
            return Err(Refusal::content(clause, Remedy::CompleteText).naming([Missing::text(tag)]));
        }
    }
    Ok(())
}

/// Judges the patient's side: every item of the texts in force acknowledged.
///
/// The answer is spent by [`crate::agreement::offered`], so that no agreement can come before its explanation.
///
/// # Errors
///
/// Names every item that is missing or was read in an old text.
pub fn acknowledged(facts: &Facts) -> Result<Acknowledged, Refusal> {
    if !facts.plan_to_show {
        return Err(Refusal::content(PLAN_SHOWN, Remedy::CompletePlan));
    }
    let missing: Vec<(&str, Clause)> = required()
        .filter(|(tag, _)| !is_acknowledged(facts, tag))
        .collect();
    match missing.as_slice() {
        [] => {}
        [(tag, clause)] => {
            return Err(
                Refusal::state(*clause, Remedy::ReadExplanation).naming([Missing::text(tag)])
            );
        }
        several => {
            return Err(Refusal::state(BEFORE_AGREEMENT, Remedy::ReadExplanation)
                .naming(several.iter().map(|(tag, _)| Missing::text(tag))));
        }
    }
    if !facts.unread_plan_items.is_empty() {
        return Err(Refusal::state(PLAN_SHOWN, Remedy::ShowPlanChange)
            .naming(facts.unread_plan_items.iter().copied()));
    }
    Ok(Acknowledged(()))
}

/// Judges both sides: acknowledged by the patient and marked explained by the physician, before live.
///
/// # Errors
///
/// Names what the patient has not read, or what the physician has not marked.
pub fn explained(id: ConsultationId, facts: &Facts) -> Result<ExplainedAll, Refusal> {
    let Acknowledged(()) = acknowledged(facts)?;
    let unmarked: Vec<&str> = required()
        .map(|(tag, _)| tag)
        .filter(|tag| {
            !facts
                .items
                .iter()
                .any(|row| row.tag == *tag && row.given.is_some())
        })
        .collect();
    if !unmarked.is_empty() {
        return Err(Refusal::state(BEFORE_AGREEMENT, Remedy::MarkExplained)
            .naming(unmarked.into_iter().map(Missing::text)));
    }
    Ok(ExplainedAll(id))
}

fn required() -> impl Iterator<Item = (&'static str, Clause)> {
    MANDATORY.into_iter().chain([(PLAN_TAG, PLAN_SHOWN)])
}

fn is_acknowledged(facts: &Facts, tag: &str) -> bool {
    let Some(row) = facts.items.iter().find(|row| row.tag == tag) else {
        return false;
    };
    let current = facts
        .current
        .iter()
        .find(|(of, _)| of == tag)
        .map(|(_, version)| *version);
    // The plan's versions are compared item by item, in `unread_plan_items`.
    let in_force = tag == PLAN_TAG || current == Some(row.material);
    in_force && row.acknowledged.is_some()
}
