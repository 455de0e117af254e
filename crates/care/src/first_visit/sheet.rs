//! The after-visit sheet (診察後の説明書): what follows a first visit online, told to the patient before the visit is closed.

use crate::{Consultation, Missing, Part, Refusal, Remedy, Service, legal_day};
use guideline::{Clause, clause};
use jiff::{Timestamp, civil::Date};
use serde::{Deserialize, Serialize};

/// After a first visit online the physician explains what follows.
pub const FOLLOWS: Clause = clause("cl-1.3-ii-a");

/// The sheet as it is written; whatever is not written yet is not there. Sealed at rest, so no `Debug`.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sheet {
    /// What comes next.
    pub next: Option<Next>,
    /// Signs that mean: do not wait for the next visit.
    pub signs: String,
    /// Where the patient is seen in person then.
    pub place: String,
    /// Its telephone.
    pub phone: String,
    /// Whether online care goes on.
    pub goes_on: Option<GoesOn>,
    /// How the physician explained it.
    pub explained: Option<Explained>,
}

/// The next step.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "kind")]
pub enum Next {
    /// Another visit.
    Visit {
        /// On which day.
        day: Date,
        /// By which method.
        how: How,
    },
    /// 受診おわり
    Nothing {
        /// Why no further visit is needed.
        reason: String,
    },
}

/// By which method the next visit is held.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum How {
    /// オンライン
    Online,
    /// 来院
    InPerson,
}

impl How {
    /// The word stored and sent.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Online => "online",
            Self::InPerson => "in_person",
        }
    }
}

/// Whether online care of the condition goes on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum GoesOn {
    /// つづける
    Yes,
    /// つづきそう
    Likely,
    /// つづけない
    No,
}

impl GoesOn {
    /// Every answer, in the order offered.
    pub const ALL: [Self; 3] = [Self::Yes, Self::Likely, Self::No];

    /// The word stored and sent.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Yes => "yes",
            Self::Likely => "likely",
            Self::No => "no",
        }
    }

    /// The answer of that word.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|known| known.as_str() == word)
    }

    /// Whether a plan is asked for (cl-1.3-ii-b).
    #[must_use]
    pub const fn asks_plan(self) -> bool {
        match self {
            Self::Yes | Self::Likely => true,
            Self::No => false,
        }
    }
}

/// How the sheet was explained.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "kind")]
pub enum Explained {
    /// 診察のなかで
    Live,
    /// 電話をかけなおして
    CalledBack {
        /// When.
        at: Timestamp,
    },
}

impl Explained {
    /// The word stored and sent.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Live => "live",
            Self::CalledBack { .. } => "called_back",
        }
    }
}

/// What is known of the sheet of a first visit.
#[derive(Clone, Default)]
pub struct Facts {
    /// As it stands now.
    pub sheet: Option<Sheet>,
}

/// Whether this visit ends with a sheet: a first visit for ordinary care (ADR 32).
#[must_use]
pub fn asked(visit: &Consultation) -> bool {
    visit.class.is_first() && visit.service == Service::Care
}

/// The sheet is whole and explained.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use]
pub struct Handed(());

/// Judges the sheet of a first visit; every other visit has none and needs none.
///
/// # Errors
///
/// A part is not written, or it says something that cannot be: a next visit before this one, no further visit that goes on,
/// a call back before the visit or in the future. Every such part is named.
pub fn handed(
    facts: Option<&Facts>,
    visit: &Consultation,
    now: Timestamp,
) -> Result<Handed, Refusal> {
    let Some(facts) = facts else {
        return Ok(Handed(()));
    };
    let empty = Sheet::default();
    let missing = missing(facts.sheet.as_ref().unwrap_or(&empty), visit, now);
    if missing.is_empty() {
        return Ok(Handed(()));
    }
    Err(Refusal::state(FOLLOWS, Remedy::WriteSheet)
        .because("sheet_incomplete")
        .naming(missing))
}

/// The parts that keep a sheet from being whole.
fn missing(sheet: &Sheet, visit: &Consultation, now: Timestamp) -> Vec<Missing> {
    let filled = |text: &str| !text.trim().is_empty();
    let next = match &sheet.next {
        Some(Next::Visit { day, .. }) => *day >= legal_day(visit.booked_for),
        Some(Next::Nothing { reason }) => filled(reason),
        None => false,
    };
    let goes_on = match (&sheet.next, sheet.goes_on) {
        (_, None)
        // Another visit online is care that goes on; where nothing follows, nothing does.
        | (Some(Next::Visit { how: How::Online, .. }), Some(GoesOn::No))
        | (Some(Next::Nothing { .. }), Some(GoesOn::Yes)) => false,
        (_, Some(GoesOn::Yes | GoesOn::Likely | GoesOn::No)) => true,
    };
    let explained = match sheet.explained {
        Some(Explained::Live) => true,
        Some(Explained::CalledBack { at }) => at >= visit.booked_for && at <= now,
        None => false,
    };
    [
        (next, Part::SheetNext),
        (filled(&sheet.signs), Part::SheetSigns),
        (filled(&sheet.place), Part::SheetPlace),
        (filled(&sheet.phone), Part::SheetPhone),
        (goes_on, Part::SheetGoesOn),
        (explained, Part::SheetExplained),
    ]
    .into_iter()
    .filter(|(whole, _)| !whole)
    .map(|(_, part)| part.into())
    .collect()
}
