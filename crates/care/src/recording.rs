//! Nobody records or photographs without agreement; both sides say so for each visit.

use crate::{ConsultationId, Part, Refusal, Remedy, place::WorkPeriod, statement::Statement};
use guideline::{Clause, clause};

/// Both sides state that nothing is recorded without agreement.
pub const NO_RECORDING: Clause = clause("cl-2.5.1.1-xii");

/// Both sides have stated it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use]
pub struct Unrecorded(pub(crate) ConsultationId);

/// Judges both sides' statements.
///
/// # Errors
///
/// One side has not stated it.
pub fn unrecorded(
    id: ConsultationId,
    patient: Option<&Statement>,
    physician: Option<&WorkPeriod>,
) -> Result<Unrecorded, Refusal> {
    if !patient.is_some_and(|statement| statement.lines.no_recording) {
        return Err(Refusal::state(NO_RECORDING, Remedy::PromiseNoRecording)
            .because("recording_not_agreed")
            .naming([Part::PatientSide]));
    }
    if !physician.is_some_and(|period| period.no_recording) {
        return Err(Refusal::state(NO_RECORDING, Remedy::OpenWorkPeriod)
            .because("recording_not_agreed")
            .naming([Part::PhysicianSide]));
    }
    Ok(Unrecorded(id))
}
