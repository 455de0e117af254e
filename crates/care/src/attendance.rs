//! Who attends besides the physician (同席): named with a reason, asked of the patient each time, and let in by the physician.

use crate::{AttendanceId, ConsultationId, Refusal, Remedy};
use access::{DeviceId, PersonId};
use guideline::{Clause, clause};
use jiff::Timestamp;

/// Whoever attends is explained to the patient each time, and the patient agrees.
pub const ASKED_EACH_TIME: Clause = clause("cl-1.6-iv");

/// Attendants of one visit at most: with patient and physician four people.
pub const ATTENDANTS_MAX: usize = 2;
/// Longest reason, in characters.
pub const REASON_CHARS_MAX: usize = 200;

/// As what somebody attends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// 看護師等: with the patient, assists (D to P with N).
    Nurse,
    /// 主治医等: with the patient (D to P with D).
    Attending,
}

impl Part {
    /// Every part.
    pub const ALL: [Self; 2] = [Self::Nurse, Self::Attending];

    /// The word stored and sent.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Nurse => "nurse",
            Self::Attending => "attending",
        }
    }

    /// The part of that word.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|part| part.as_str() == word)
    }
}

/// One person's attendance in one visit. No `Debug`: the reason is about the patient.
#[derive(Clone, PartialEq, Eq)]
pub struct Attendance {
    /// Its name.
    pub id: AttendanceId,
    /// In which visit.
    pub visit: ConsultationId,
    /// Who.
    pub person: PersonId,
    /// As what.
    pub part: Part,
    /// Why, as the patient reads it.
    pub reason: String,
    /// The patient's answer, and when.
    pub answer: Option<(bool, Timestamp)>,
    /// The browser on which the attendant has opened the seat.
    pub device: Option<DeviceId>,
}

/// The patient has agreed that this person attends this visit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use]
pub struct Accepted {
    person: PersonId,
    device: DeviceId,
}

impl Accepted {
    /// Who.
    pub const fn person(self) -> PersonId {
        self.person
    }

    /// On which browser.
    pub const fn device(self) -> DeviceId {
        self.device
    }
}

/// Judges whether the patient has said yes to this attendant in this visit.
///
/// # Errors
///
/// The attendance is of another visit, or the patient was not asked or said no.
pub fn agreed(attendance: &Attendance, visit: ConsultationId) -> Result<(), Refusal> {
    let no = |reason| Refusal::state(ASKED_EACH_TIME, Remedy::AskAboutAttendant).because(reason);
    if attendance.visit != visit {
        return Err(no("attendance_of_another_visit"));
    }
    match attendance.answer {
        Some((true, _)) => Ok(()),
        Some((false, _)) => Err(no("attendant_refused")),
        None => Err(no("attendant_unanswered")),
    }
}

/// Judges whether picture and sound may open to an attendant.
///
/// # Errors
///
/// The attendance is of another visit, the patient was not asked or said no, or the attendant's page is not open.
pub fn accepted(attendance: &Attendance, visit: ConsultationId) -> Result<Accepted, Refusal> {
    agreed(attendance, visit)?;
    let device = attendance.device.ok_or_else(|| {
        Refusal::state(ASKED_EACH_TIME, Remedy::AskAboutAttendant).because("attendant_away")
    })?;
    Ok(Accepted {
        person: attendance.person,
        device,
    })
}

/// Judges a new name on the list.
///
/// # Errors
///
/// No reason, the physician's own name, the person a second time, or more than [`ATTENDANTS_MAX`].
pub fn may_ask(
    known: &[Attendance],
    physician: PersonId,
    person: PersonId,
    reason: &str,
) -> Result<(), Refusal> {
    let no = |why| Refusal::content(ASKED_EACH_TIME, Remedy::NameAttendant).because(why);
    if reason.trim().is_empty() {
        return Err(no("attendant_reason"));
    }
    let known_already = known.iter().any(|one| one.person == person);
    if person == physician || known_already {
        return Err(no("attendant_twice"));
    }
    if known.len() >= ATTENDANTS_MAX {
        return Err(no("attendants_max"));
    }
    Ok(())
}
