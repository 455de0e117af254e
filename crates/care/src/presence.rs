//! Who is there: nobody unknown on the patient's side, and one patient at a time for a physician.

use crate::{ConsultationId, PatientId, Refusal, Remedy};
use access::{DeviceId, PersonId};
use guideline::{Clause, clause};
use jiff::Timestamp;

/// The physician makes sure that nobody else is with the patient.
pub const NOBODY_ELSE: Clause = clause("cl-2.5.1.1-x-b");
/// One physician sees one patient at a time.
pub const ONE_PATIENT: Clause = clause("cl-1.6-iii");

/// The press on the opening strip: asked aloud, looked, recorded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ThirdPartyCheck {
    /// Who looked.
    pub by: PersonId,
    /// When.
    pub at: Timestamp,
    /// The patient's device that was on the line.
    pub device: DeviceId,
    /// Persons named as present; empty means alone.
    pub present: Vec<String>,
}

/// The strip was pressed for the device that is on the line now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use]
pub struct Alone(pub(crate) ConsultationId);

/// Judges the opening strip. A reconnect from another device brings it back; one from the same device does not.
///
/// # Errors
///
/// The strip is unpressed, or was pressed for another device.
pub fn checked(
    id: ConsultationId,
    check: Option<&ThirdPartyCheck>,
    patient_device: Option<DeviceId>,
) -> Result<Alone, Refusal> {
    let due = || Refusal::state(NOBODY_ELSE, Remedy::PressOpeningStrip);
    let check = check.ok_or_else(due)?;
    if patient_device.is_some_and(|device| device != check.device) {
        return Err(due());
    }
    Ok(Alone(id))
}

/// A lease on the physician's one live seat.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LiveSeat {
    /// Who sits.
    pub person: PersonId,
    /// In which consultation.
    pub consultation: ConsultationId,
    /// Until when, unless renewed by the media server.
    pub until: Timestamp,
}

/// Judges whether the physician may take the seat for this consultation.
///
/// # Errors
///
/// Another consultation holds an unexpired lease.
pub fn seat_free(
    seat: Option<LiveSeat>,
    consultation: ConsultationId,
    now: Timestamp,
) -> Result<(), Refusal> {
    match seat {
        Some(held) if held.consultation != consultation && held.until > now => {
            Err(Refusal::state(ONE_PATIENT, Remedy::EndTheOther).because("physician_busy"))
        }
        Some(_) | None => Ok(()),
    }
}

/// Judges a companion: a named non-patient, never a second patient of the day.
///
/// # Errors
///
/// The person has a consultation that day.
pub fn companion(has_consultation_today: Option<PatientId>) -> Result<(), Refusal> {
    match has_consultation_today {
        Some(_) => Err(Refusal::state(ONE_PATIENT, Remedy::NameCompanion)),
        None => Ok(()),
    }
}

/// Pairs of live intervals of one physician that overlap (finding `patients_overlap`).
#[must_use]
pub fn overlaps(
    intervals: &[(ConsultationId, Timestamp, Timestamp)],
) -> Vec<(ConsultationId, ConsultationId)> {
    let mut sorted: Vec<_> = intervals.to_vec();
    sorted.sort_by_key(|(_, from, _)| *from);
    sorted
        .iter()
        .enumerate()
        .flat_map(|(at, (a, _, until))| {
            sorted
                .iter()
                .skip(at + 1)
                .take_while(move |(_, from, _)| from < until)
                .filter(move |(b, _, _)| a != b)
                .map(move |(b, _, _)| (*a, *b))
        })
        .collect()
}
