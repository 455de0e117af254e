//! Sudden change (急病急変): seen in person first; online again only after that, when the physician calls it stable.

use crate::{InPersonId, Refusal, Remedy, legal_day};
use access::Role;
use guideline::{Clause, clause};
use jiff::{Timestamp, civil::Date};
use ulid::Ulid;

/// Whoever changed suddenly is seen in person, as a rule.
pub const IN_PERSON_FIRST: Clause = clause("cl-1.2-vii-a");
/// After a visit in person, and when it is stable, online care may be thought of again.
pub const STABLE: Clause = clause("cl-1.2-vii-b");

/// Who raised a flag.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Raised {
    /// An urgent answer of the patient that a named person took up as a sudden change.
    Intake,
    /// Staff heard of it.
    Staff,
    /// The physician.
    Physician,
}

impl Raised {
    /// The word stored and sent.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Intake => "intake",
            Self::Staff => "staff",
            Self::Physician => "physician",
        }
    }

    /// The source of that word.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        [Self::Intake, Self::Staff, Self::Physician]
            .into_iter()
            .find(|raised| raised.as_str() == word)
    }
}

/// One flag of one patient.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Flag {
    /// Its name.
    pub id: Ulid,
    /// When it was raised.
    pub at: Timestamp,
    /// By whom.
    pub raised: Raised,
    /// The record in person that it was lifted on.
    pub lifted: Option<InPersonId>,
}

/// What is known of sudden changes of one patient.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Facts {
    /// Every flag, newest first.
    pub flags: Vec<Flag>,
    /// The records in person that exist, with their days.
    pub records: Vec<(InPersonId, Date)>,
    /// What was tried to have the patient of this visit seen in person, in words.
    pub attempted: Option<String>,
}

impl Facts {
    /// The flag that stands: not lifted, or lifted on a record that is not there any more.
    #[must_use]
    pub fn standing(&self) -> Option<&Flag> {
        self.flags.iter().find(|flag| match flag.lifted {
            None => true,
            Some(on) => !self.records.iter().any(|(id, _)| *id == on),
        })
    }
}

/// Nothing stands against online care.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use]
pub struct Calm(());

/// Judges whether a visit may be booked or begun online.
///
/// # Errors
///
/// A flag stands.
pub fn calm(facts: &Facts) -> Result<Calm, Refusal> {
    match facts.standing() {
        None => Ok(Calm(())),
        Some(_) => {
            Err(Refusal::state(IN_PERSON_FIRST, Remedy::SeeInPersonFirst).because("acute_flag"))
        }
    }
}

/// Judges the one way past: an emergency start that says what was tried in person.
///
/// # Errors
///
/// A flag stands, and nothing is said of an attempt.
pub fn passed_over(facts: &Facts) -> Result<(), Refusal> {
    let tried = facts
        .attempted
        .as_ref()
        .is_some_and(|words| !words.trim().is_empty());
    if facts.standing().is_some() && !tried {
        return Err(
            Refusal::content(IN_PERSON_FIRST, Remedy::SayWhatWasTried).because("no_attempt")
        );
    }
    Ok(())
}

/// A flag may be lifted on this record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use]
pub struct Liftable {
    pub(crate) flag: Ulid,
    pub(crate) on: InPersonId,
}

impl Liftable {
    /// Which flag.
    pub const fn flag(&self) -> Ulid {
        self.flag
    }

    /// On which record.
    pub const fn on(&self) -> InPersonId {
        self.on
    }
}

/// Judges the lifting: a physician, a record in person from the day of the change or later, and "stable".
///
/// # Errors
///
/// Another role (403); no flag stands; no such record, or one from before; "stable" is not said (422).
pub fn liftable(
    facts: &Facts,
    role: Role,
    on: Option<InPersonId>,
    stable: bool,
) -> Result<Liftable, Refusal> {
    if role != Role::Physician {
        return Err(Refusal::physicians_only(STABLE));
    }
    let flag = facts
        .standing()
        .ok_or_else(|| Refusal::state(STABLE, Remedy::SeeInPersonFirst).because("no_acute_flag"))?;
    let seen = facts
        .records
        .iter()
        .find(|(id, day)| Some(*id) == on && *day >= legal_day(flag.at))
        .ok_or_else(|| {
            Refusal::state(STABLE, Remedy::RecordInPerson).because("not_seen_since_change")
        })?;
    if !stable {
        return Err(Refusal::content(STABLE, Remedy::SayStable).because("not_called_stable"));
    }
    Ok(Liftable {
        flag: flag.id,
        on: seen.0,
    })
}
