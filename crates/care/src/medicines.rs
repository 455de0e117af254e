//! What the patient takes (服薬): stated by the patient, checked by the physician in each visit, before anything is signed.

use crate::{Refusal, Remedy, prescription::REVIEWED, statement::Medicines};
use guideline::{Clause, clause};

/// The patient tells the physician correctly which drugs are taken.
pub const STATED: Clause = clause("cl-1.5-ii-b");

/// There is something to check with the patient.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use]
pub struct Checkable(());

/// Judges whether the list can be marked as checked: the patient stated it, or told it in the visit.
///
/// # Errors
///
/// No answer was given, and nothing was asked aloud and entered as told.
pub fn checkable(stated: Option<&Medicines>, told: Option<&str>) -> Result<Checkable, Refusal> {
    let answered = match stated {
        Some(Medicines::Same | Medicines::Changed { .. } | Medicines::None) => true,
        Some(Medicines::Unknown) | None => false,
    };
    if answered || told.is_some_and(|words| !words.trim().is_empty()) {
        Ok(Checkable(()))
    } else {
        Err(Refusal::state(REVIEWED, Remedy::AskMedicines).because("medicines_not_stated"))
    }
}
