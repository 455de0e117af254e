//! Where both sides are: the physician's work period, and the patient's place of today.

pub mod site;

use crate::{
    ConsultationId, Refusal, Remedy,
    statement::{PlaceKind, Statement},
};
use access::{DeviceId, PersonId};
use guideline::{Clause, clause};
use jiff::{SignedDuration, Timestamp, ToSpan as _, civil::Date};

/// The physician is in a separated room.
pub const PHYSICIAN_ROOM: Clause = clause("cl-2.1-v");
/// Nobody uninvolved sees or hears on the physician's side.
pub const UNSEEN: Clause = clause("cl-2.5.1.1-x-a");
/// The patient's place is as clean and safe as a consulting room.
pub const CLEAN_AND_SAFE: Clause = clause("cl-2.2-i");
/// The patient's room is separated, too.
pub const PATIENT_ROOM: Clause = clause("cl-2.2-ii-a");

/// The patient is told where to be; the web layer answers the clause.
const GUIDED: Clause = clause("cl-2.2-ii-b");

/// A work period holds at most this long.
pub const WORK_PERIOD_MAX: SignedDuration = SignedDuration::from_hours(4);
/// A session locked this long ends the work period.
pub const LOCKED_MAX: SignedDuration = SignedDuration::from_mins(30);
/// A registered room is inspected at least this often, in days.
pub const ROOM_INSPECTION_DAYS: i64 = 366;

/// The physician's statement about the own side (一度の申告), good for this device, room and network.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WorkPeriod {
    /// Whose.
    pub person: PersonId,
    /// On which device.
    pub device: DeviceId,
    /// Where the device stood in the network, as a salted digest.
    pub network: String,
    /// Room by register, or described.
    pub room: String,
    /// 仕切られた部屋
    pub separated: bool,
    /// だれにも見聞きされない
    pub unseen: bool,
    /// 録音・録画をしない
    pub no_recording: bool,
    /// Opened at.
    pub opened: Timestamp,
    /// Ended early at: signed out, other room, other network.
    pub ended: Option<Timestamp>,
    /// Since when the screen has been locked, if it is.
    pub locked: Option<Timestamp>,
}

/// The physician's side is settled for this consultation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use]
pub struct PhysicianPlaced(pub(crate) ConsultationId);

/// The patient's side is settled for this consultation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use]
pub struct PatientPlaced(pub(crate) ConsultationId);

/// Accepts the statement that opens a work period.
///
/// # Errors
///
/// The room is not named, not separated, or others can see or hear.
pub fn openable(period: &WorkPeriod) -> Result<(), Refusal> {
    if period.room.trim().is_empty() || !period.separated {
        return Err(
            Refusal::content(PHYSICIAN_ROOM, Remedy::OpenWorkPeriod).because("room_not_confirmed")
        );
    }
    if !period.unseen {
        return Err(Refusal::content(UNSEEN, Remedy::OpenWorkPeriod).because("room_not_confirmed"));
    }
    Ok(())
}

/// Judges the physician's side for one consultation. Each admit restates and stores it.
///
/// # Errors
///
/// No period is open, it is older than four hours, of another device or network, or was locked too long.
pub fn physician_placed(
    id: ConsultationId,
    period: Option<&WorkPeriod>,
    device: DeviceId,
    network: &str,
    now: Timestamp,
) -> Result<PhysicianPlaced, Refusal> {
    let refuse =
        |clause| Refusal::state(clause, Remedy::OpenWorkPeriod).because("room_not_confirmed");
    let period = period.ok_or_else(|| refuse(PHYSICIAN_ROOM))?;
    let fresh = period.ended.is_none()
        && now.duration_since(period.opened) <= WORK_PERIOD_MAX
        && period.device == device
        && period.network == network
        && period
            .locked
            .is_none_or(|since| now.duration_since(since) < LOCKED_MAX);
    if !fresh || !period.separated {
        return Err(refuse(PHYSICIAN_ROOM));
    }
    if !period.unseen {
        return Err(refuse(UNSEEN));
    }
    Ok(PhysicianPlaced(id))
}

/// Judges whether the patient was told where to be: with a message, or on the page that asks for the place.
///
/// # Errors
///
/// Neither reached the patient for this visit.
pub fn guided(told: bool) -> Result<(), Refusal> {
    if told {
        return Ok(());
    }
    Err(Refusal::state(GUIDED, Remedy::StatePlace).because("guidance_not_served"))
}

/// What the physician answers when the patient sees somebody on that side. A third answer there is none: whoever stays
/// is announced and agreed to first (cl-1.6-iv), or the visit stops.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Beside {
    /// だれもいない: looked, and nobody is there.
    Nobody,
    /// 席を外してもらった: somebody was there and has left.
    Left,
}

impl Beside {
    /// Both answers.
    pub const ALL: [Self; 2] = [Self::Nobody, Self::Left];

    /// The word stored and sent.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Nobody => "nobody",
            Self::Left => "left",
        }
    }

    /// The answer of that word.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|answer| answer.as_str() == word)
    }
}

/// The patient's "somebody is there" (医師のそばに だれかいます), and what the physician answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Doubt {
    /// When the patient pressed.
    pub asked: Timestamp,
    /// The answer, and when it was given.
    pub answer: Option<(Beside, Timestamp)>,
}

/// Judges whether the patient's "somebody is there" is answered: nothing is signed before.
///
/// # Errors
///
/// The newest press waits for its answer.
pub fn doubt_answered(doubt: Option<&Doubt>) -> Result<(), Refusal> {
    match doubt {
        Some(Doubt { answer: None, .. }) => {
            Err(Refusal::state(PHYSICIAN_ROOM, Remedy::AnswerBeside)
                .because("patient_sees_somebody"))
        }
        Some(Doubt {
            answer: Some(_), ..
        })
        | None => Ok(()),
    }
}

/// Whether a registered room waits too long for its inspection (finding `room_inspection_overdue`). Visits go on.
#[must_use]
pub fn room_inspection_overdue(inspected: Option<Date>, today: Date) -> bool {
    inspected.is_none_or(|day| day.saturating_add(ROOM_INSPECTION_DAYS.days()) < today)
}

/// Judges the patient's side from today's statement.
///
/// # Errors
///
/// Nothing was stated today, the place is no place to be examined in, others see or hear, or somebody there has not agreed to.
pub fn patient_placed(
    id: ConsultationId,
    today: Option<&Statement>,
) -> Result<PatientPlaced, Refusal> {
    let lines = &today
        .ok_or_else(|| Refusal::state(CLEAN_AND_SAFE, Remedy::StatePlace))?
        .lines;
    match lines.place {
        PlaceKind::Driving | PlaceKind::Outdoors => {
            return Err(Refusal::state(CLEAN_AND_SAFE, Remedy::MoveToSafety));
        }
        PlaceKind::Home | PlaceKind::Workplace | PlaceKind::Facility | PlaceKind::Other => {}
    }
    if !lines.clean || !lines.safe {
        return Err(Refusal::state(CLEAN_AND_SAFE, Remedy::MoveToSafety));
    }
    if !lines.private {
        return Err(Refusal::state(PATIENT_ROOM, Remedy::FindPrivateRoom));
    }
    if !lines.companions.is_empty() && !lines.companions_agree {
        return Err(
            Refusal::state(PATIENT_ROOM, Remedy::FindPrivateRoom).because("company_not_agreed")
        );
    }
    Ok(PatientPlaced(id))
}
