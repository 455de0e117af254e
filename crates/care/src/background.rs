//! What is known of a patient from named sources before a first visit: history, medicines, allergies (cl-1.2-iii-b).
//!
//! Nobody ticks "known": it is computed from items, each with its source, the day it was obtained, and what it says.

use crate::{Missing, Part, Refusal, Remedy};
use access::{PersonId, Ulid};
use guideline::{Clause, clause};
use jiff::{Timestamp, civil::Date};

/// A physician who is not the regular one gives a first visit on what is known from elsewhere.
pub const FROM_SOURCES: Clause = clause("cl-1.2-iii-b");

/// Where something is known from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Source {
    /// 自院のカルテ
    OwnChart,
    /// 診療情報提供書
    ReferralLetter,
    /// 健診の結果
    CheckUp,
    /// 地域医療情報ネットワーク
    RegionalNetwork,
    /// お薬手帳
    MedicineNotebook,
    /// PHR・電子処方箋などの記録
    HealthRecord,
    /// 本人の申告: beside another source, never alone.
    Patient,
}

impl Source {
    /// Every source, in the order offered.
    pub const ALL: [Self; 7] = [
        Self::OwnChart,
        Self::ReferralLetter,
        Self::CheckUp,
        Self::RegionalNetwork,
        Self::MedicineNotebook,
        Self::HealthRecord,
        Self::Patient,
    ];

    /// The word stored and sent.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::OwnChart => "own_chart",
            Self::ReferralLetter => "referral_letter",
            Self::CheckUp => "check_up",
            Self::RegionalNetwork => "regional_network",
            Self::MedicineNotebook => "medicine_notebook",
            Self::HealthRecord => "health_record",
            Self::Patient => "patient",
        }
    }

    /// The source of that word.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|source| source.as_str() == word)
    }

    /// Whether it counts without another beside it.
    #[must_use]
    pub const fn stands_alone(self) -> bool {
        !matches!(self, Self::Patient)
    }
}

/// What is to be known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Matter {
    /// 既往歴・基礎疾患
    History,
    /// 服薬歴
    Medication,
    /// アレルギー歴
    Allergy,
}

impl Matter {
    /// Every matter.
    pub const ALL: [Self; 3] = [Self::History, Self::Medication, Self::Allergy];

    /// The word stored and sent.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::History => "history",
            Self::Medication => "medication",
            Self::Allergy => "allergy",
        }
    }

    /// The matter of that word.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|matter| matter.as_str() == word)
    }
}

/// One thing known from one source.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Item {
    /// Where from.
    pub source: Source,
    /// Of what.
    pub matter: Matter,
    /// The day on which the source was obtained.
    pub obtained: Date,
    /// Whether it says something: a text, an attachment with content, or "confirmed none" (なしと確認).
    pub says: bool,
}

/// History, medicines and allergies are each known from a source that counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use]
pub struct Known(());

/// Judges what is known on a day.
///
/// # Errors
///
/// Names what is not known from a source that counts: an empty item, one from a day to come, and the patient's word alone
/// do not.
pub fn known(items: &[Item], today: Date) -> Result<Known, Refusal> {
    let missing: Vec<Missing> = Matter::ALL
        .into_iter()
        .filter(|matter| {
            !items.iter().any(|item| {
                item.matter == *matter
                    && item.source.stands_alone()
                    && item.says
                    && item.obtained <= today
            })
        })
        .map(|matter| Missing::Part(matter.into()))
        .collect();
    if missing.is_empty() {
        Ok(Known(()))
    } else {
        Err(Refusal::state(FROM_SOURCES, Remedy::AddSource)
            .because("background_unknown")
            .naming(missing))
    }
}

/// The physician's own judgement that a first visit is possible with these symptoms, on what is known from sources.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Judged {
    /// By whom.
    pub by: PersonId,
    /// When.
    pub at: Timestamp,
    /// The items that it rests on, by name.
    pub on: Vec<Ulid>,
}

/// What is known of a patient, and what was judged on it in this visit.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Facts {
    /// Each item with its name; what was struck out is not among them.
    pub items: Vec<(Ulid, Item)>,
    /// The newest judgement of this visit.
    pub judged: Option<Judged>,
}

impl Facts {
    /// Whether history, medicines and allergies are known on a day.
    ///
    /// # Errors
    ///
    /// Names what is not.
    pub fn known(&self, today: Date) -> Result<Known, Refusal> {
        let items: Vec<Item> = self.items.iter().map(|(_, item)| *item).collect();
        known(&items, today)
    }

    /// The names of the items.
    pub fn names(&self) -> impl Iterator<Item = Ulid> + '_ {
        self.items.iter().map(|(name, _)| *name)
    }
}

/// A physician who is not the regular one may see a first visit on these sources.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use]
pub struct FromSources(());

/// Judges the physician's choice of a first visit from sources, with the grounds in the physician's words.
///
/// # Errors
///
/// Names what is not known (409), or the grounds are missing (422).
pub fn from_sources(facts: &Facts, grounds: &str, today: Date) -> Result<FromSources, Refusal> {
    let _known = facts.known(today)?;
    if grounds.trim().is_empty() {
        return Err(Refusal::content(FROM_SOURCES, Remedy::GiveReason).because("no_grounds"));
    }
    Ok(FromSources(()))
}

/// Judges one item before it is kept: it says something, and was not obtained on a day to come.
///
/// # Errors
///
/// Names the matter that stays unknown.
pub fn entered(item: &Item, today: Date) -> Result<(), Refusal> {
    if item.says && item.obtained <= today {
        return Ok(());
    }
    let why = if item.says {
        "source_not_yet"
    } else {
        "source_empty"
    };
    Err(Refusal::state(FROM_SOURCES, Remedy::AddSource)
        .because(why)
        .naming([item.matter]))
}

impl From<Matter> for Part {
    fn from(matter: Matter) -> Self {
        match matter {
            Matter::History => Self::History,
            Matter::Medication => Self::Medication,
            Matter::Allergy => Self::Allergy,
        }
    }
}
