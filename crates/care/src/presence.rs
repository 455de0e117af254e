//! Who is there: nobody unknown on the patient's side, and one patient at a time for a physician.

use crate::{ConsultationId, PatientId, Refusal, Remedy};
use access::{DeviceId, PersonId};
use guideline::{Clause, clause};
use jiff::Timestamp;
use unicode_normalization::UnicodeNormalization as _;

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
    /// The physician said that a companion only bears the name of a patient of that day.
    pub namesake: bool,
    /// Somebody new was seen or heard since: the strip is due again.
    pub reopened: Option<Timestamp>,
}

/// The strip was pressed for the device that is on the line now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use]
pub struct Alone(pub(crate) ConsultationId);

/// Judges the opening strip. A reconnect from another device or somebody new in the room brings it back; a reconnect from
/// the same device does not.
///
/// # Errors
///
/// The strip is unpressed, was pressed for another device, or somebody new was noticed after it.
pub fn checked(
    id: ConsultationId,
    check: Option<&ThirdPartyCheck>,
    patient_device: Option<DeviceId>,
) -> Result<Alone, Refusal> {
    let due = || Refusal::state(NOBODY_ELSE, Remedy::PressOpeningStrip);
    let check = check.ok_or_else(due)?;
    if patient_device.is_some_and(|device| device != check.device) || check.reopened.is_some() {
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

/// A name of one letter is nobody's: it would be in every other.
const NAME_CHARS_MIN: usize = 2;

/// A patient with a consultation that day, by name; the patient of the visit itself is left out. No `Debug`: names.
#[derive(Clone, PartialEq, Eq)]
pub struct OfDay {
    /// Who.
    pub patient: PatientId,
    /// Name as in the chart.
    pub name: String,
    /// Its reading.
    pub kana: String,
}

/// The patient of the day whose whole name a companion bears, however it is spaced or which kana it is written in.
///
/// What is said of a companion is free text ("娘 見本 花"), so the name is looked for in it.
#[must_use]
pub fn bears(companion: &str, of_day: &[OfDay]) -> Option<PatientId> {
    let said = plain(companion);
    let within = |name: &str| {
        let name = plain(name);
        name.chars().count() >= NAME_CHARS_MIN && said.contains(&name)
    };
    of_day
        .iter()
        .find(|one| within(&one.name) || within(&one.kana))
        .map(|one| one.patient)
}

/// Letters alone, in one width, katakana as hiragana.
fn plain(name: &str) -> String {
    name.nfkc()
        .filter(|c| !c.is_whitespace())
        .map(|c| match c {
            'ァ'..='ヶ' => char::from_u32(u32::from(c) - HIRAGANA_BELOW).unwrap_or(c),
            c => c,
        })
        .collect()
}

/// A hiragana stands this far below its katakana.
const HIRAGANA_BELOW: u32 = 0x60;

/// Judges companions: named non-patients, never a second patient of the day. A name is no proof of a person, so the
/// physician may say that somebody only bears the name (同じ名前の別の人).
///
/// # Errors
///
/// One of them has a consultation that day.
pub fn companions(present: &[String], of_day: &[OfDay], namesake: bool) -> Result<(), Refusal> {
    let patient = present.iter().find_map(|name| bears(name, of_day));
    match patient {
        Some(_) if !namesake => {
            Err(Refusal::state(ONE_PATIENT, Remedy::NameCompanion).because("companion_is_patient"))
        }
        Some(_) | None => Ok(()),
    }
}

/// Judges the consent of both sides to who stays (cl-2.2-ii-a). Whom the patient named on the statement page, the patient
/// has agreed to there; anybody found beyond that is asked aloud, and the patient with them.
///
/// # Errors
///
/// Somebody was found who is not on the statement page, and nobody was asked.
pub fn consented(present: &[String], stated: &[String], asked: bool) -> Result<(), Refusal> {
    let found = present.iter().any(|name| !stated.contains(name));
    if found && !asked {
        return Err(
            Refusal::content(crate::place::PATIENT_ROOM, Remedy::AskCompanion)
                .because("companion_consent"),
        );
    }
    Ok(())
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
