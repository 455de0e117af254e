//! One line of an order: a drug by its code, how it is taken, and what the physician adds where the guideline asks.

use super::Supply;
use crate::formulary::{Code, Ingredient, LegalClass};
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

/// When a drug is taken. A closed list: a line has no free text in which another drug could stand.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Usage {
    /// 朝食後
    Breakfast,
    /// 夕食後
    Dinner,
    /// 朝・夕食後
    BreakfastDinner,
    /// 毎食後
    Meals,
    /// 毎食前
    BeforeMeals,
    /// 寝る前
    Bedtime,
    /// 必要なとき
    AsNeeded,
    /// 患部に使う
    Affected,
    /// 医師の指示どおり
    AsTold,
}

impl Usage {
    /// Every way, in the order offered.
    pub const ALL: [Self; 9] = [
        Self::Breakfast,
        Self::Dinner,
        Self::BreakfastDinner,
        Self::Meals,
        Self::BeforeMeals,
        Self::Bedtime,
        Self::AsNeeded,
        Self::Affected,
        Self::AsTold,
    ];

    /// The word stored and sent.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Breakfast => "breakfast",
            Self::Dinner => "dinner",
            Self::BreakfastDinner => "breakfast_dinner",
            Self::Meals => "meals",
            Self::BeforeMeals => "before_meals",
            Self::Bedtime => "bedtime",
            Self::AsNeeded => "as_needed",
            Self::Affected => "affected",
            Self::AsTold => "as_told",
        }
    }

    /// The way of that word.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|usage| usage.as_str() == word)
    }
}

/// How much is taken at once, and when.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Directions {
    /// Thousandths of the drug's unit taken at once: half a tablet is 500.
    pub amount_milli: u32,
    /// When.
    pub usage: Usage,
}

/// Why a drug not given before belongs to what is treated online already (cl-1.5-i-g).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Extension {
    /// The code of a diagnosis of the plan.
    pub diagnosis: String,
    /// In the physician's words.
    pub grounds: String,
}

/// What is written before a drug with grave side effects is signed (cl-1.5-i-e).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Risk {
    /// Why this drug.
    pub reason: String,
    /// What was checked.
    pub checks: String,
    /// The warning signs that the patient is told.
    pub signs: String,
    /// When it is looked at again.
    pub monitor: Date,
    /// The prescription that it was carried over from.
    #[serde(default)]
    pub origin: Option<String>,
}

/// One line of an order. It exists only with a drug's code: free text is no line.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Line {
    /// Which drug.
    pub drug: Code,
    /// How it is taken.
    pub directions: Directions,
    /// How much of it.
    pub supply: Supply,
    /// How often it is supplied again (リフィル).
    pub refills: u8,
    /// Why a drug of the list is given all the same (cl-1.5-i-a).
    pub reason: Option<String>,
    /// Why a drug not given before belongs to the plan's diagnosis.
    pub extension: Option<Extension>,
    /// What is written of a drug with grave side effects.
    pub risk: Option<Risk>,
}

/// What a line of a follow-up is tied to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Tie {
    /// Given before for this diagnosis.
    Given(String),
    /// New, and an extension of this diagnosis.
    Extension(String),
}

impl Tie {
    /// The code of the diagnosis.
    #[must_use]
    pub fn diagnosis(&self) -> &str {
        match self {
            Self::Given(code) | Self::Extension(code) => code,
        }
    }
}

/// A line as it was judged for the signature.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ordered {
    /// The line, the block about its risk carried over where it was.
    pub line: Line,
    /// Its name that day.
    pub name: String,
    /// What an amount of it counts.
    pub unit: String,
    /// What its days are counted by.
    pub ingredient: Ingredient,
    /// For how many days, refills included; none where nobody can tell and nobody has to.
    pub days: Option<u32>,
    /// What the law calls it: the word of its class.
    pub class: LegalClass,
    /// On the list of special management, or no list is there.
    pub high_safety: bool,
    /// On the societies' list.
    pub careful: bool,
    /// Which diagnosis of the plan it is for; none at a first visit.
    pub tie: Option<Tie>,
    /// Not given before, or otherwise than before.
    pub changed: bool,
}

/// A line that this patient was given before.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Given {
    /// The line as it was signed.
    pub ordered: Ordered,
    /// When.
    pub on: Date,
    /// The prescription.
    pub from: String,
}
