//! One drug (医薬品) of the master.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use std::{fmt, str::FromStr};

/// Digits of a code of claims (レセプト電算処理コード).
const CODE_DIGITS: usize = 9;
/// Characters of a price code (薬価基準収載医薬品コード) that name action, route and ingredient: the rest is form, strength, maker.
const INGREDIENT_CHARS: usize = 7;

/// A drug's code in claims: nine digits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Code(u32);

impl TryFrom<String> for Code {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse().map_err(|()| "not nine digits")
    }
}

impl From<Code> for String {
    fn from(code: Code) -> Self {
        code.to_string()
    }
}

impl FromStr for Code {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        let digits = text.len() == CODE_DIGITS && text.bytes().all(|byte| byte.is_ascii_digit());
        let number = digits.then(|| text.parse().ok()).flatten();
        number.map(Self).ok_or(())
    }
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:09}", self.0)
    }
}

/// What the law calls a drug (column 14 of the master).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LegalClass {
    /// None of the others.
    Ordinary,
    /// 麻薬
    Narcotic,
    /// 毒薬
    Poison,
    /// 覚醒剤原料
    StimulantRawMaterial,
    /// 向精神薬 (of the law on narcotics; not every drug that acts on the mind)
    Psychotropic,
    /// A value that nobody has explained yet: forbidden until it is.
    Unknown,
}

impl LegalClass {
    /// Every class.
    pub const ALL: [Self; 6] = [
        Self::Ordinary,
        Self::Narcotic,
        Self::Poison,
        Self::StimulantRawMaterial,
        Self::Psychotropic,
        Self::Unknown,
    ];

    /// The word stored and sent.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Ordinary => "ordinary",
            Self::Narcotic => "narcotic",
            Self::Poison => "poison",
            Self::StimulantRawMaterial => "stimulant_raw_material",
            Self::Psychotropic => "psychotropic",
            Self::Unknown => "unknown",
        }
    }

    /// The class of that word.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|class| class.as_str() == word)
    }

    /// Whether it is never prescribed at a first visit, whatever is known of the patient (cl-1.5-i-b).
    #[must_use]
    pub const fn is_controlled(self) -> bool {
        matches!(self, Self::Narcotic | Self::Psychotropic | Self::Unknown)
    }
}

/// How a drug is taken (column 28).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Form {
    /// 内用
    Oral,
    /// その他
    Other,
    /// 注射
    Injected,
    /// 外用
    External,
    /// 歯科
    Dental,
}

impl Form {
    /// Every form.
    pub const ALL: [Self; 5] = [
        Self::Oral,
        Self::Other,
        Self::Injected,
        Self::External,
        Self::Dental,
    ];

    /// The word stored and sent.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Oral => "oral",
            Self::Other => "other",
            Self::Injected => "injected",
            Self::External => "external",
            Self::Dental => "dental",
        }
    }

    /// The form of that word.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|form| form.as_str() == word)
    }
}

/// What days of supply are counted by: the same ingredient under another name or strength is the same.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Ingredient(pub String);

/// One drug.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Drug {
    /// Its code in claims.
    pub code: Code,
    /// Its name with strength.
    pub name: String,
    /// Its name in kana, as the master writes it.
    pub kana: String,
    /// What an amount of it counts: 錠, g, mL.
    pub unit: String,
    /// What the law calls it.
    pub class: LegalClass,
    /// How it is taken.
    pub form: Form,
    /// The twelve characters of the price list (薬価基準収載医薬品コード); shared by drugs that are listed under one name.
    pub price_code: Option<String>,
    /// The code of its generic name (一般名コード).
    pub generic_code: Option<String>,
    /// Its generic name as prescriptions write it.
    pub generic_name: Option<String>,
    /// When the master changed it last.
    pub changed: Option<Date>,
    /// Its last day; none while it is in use.
    pub ends: Option<Date>,
}

impl Drug {
    /// What its days are counted by: action, route and ingredient of the price code, else the drug alone.
    #[must_use]
    pub fn ingredient(&self) -> Ingredient {
        let code = self.price_code.as_deref().or(self.generic_code.as_deref());
        let named = code.and_then(|code| code.get(..INGREDIENT_CHARS));
        Ingredient(named.map_or_else(|| self.code.to_string(), str::to_owned))
    }

    /// Whether it can stand on an order of that day.
    ///
    /// A line without a price code whose form is "other" is no drug by itself: claims use it to take something off (減点・逓減).
    #[must_use]
    pub fn orderable(&self, on: Date) -> bool {
        let is_a_drug = self.price_code.is_some() || self.form != Form::Other;
        is_a_drug && self.ends.is_none_or(|last| on <= last)
    }
}
