//! The formulary (医薬品マスター): which drugs exist, of what legal class, and which need special care in their management.
//!
//! Imported by the operator, never shipped: the ministry's file may not be redistributed. What is not in it is not known,
//! and what is not known counts as forbidden (cl-1.5-i-b, cl-1.5-i-c).

mod careful;
mod drug;
mod high_safety;
mod index;
mod master;
mod rows;

pub use careful::{Careful, Group, careful, is_careful};
pub use drug::{Code, Drug, Form, Ingredient, LegalClass};
pub use high_safety::high_safety;
pub use index::Index;
pub use master::{Change, Line, read};
pub(crate) use rows::each;
pub use rows::{BYTES_MAX, ROWS_MAX};

use jiff::civil::Date;
use std::collections::{BTreeMap, BTreeSet};

/// One edition of the master, by the drug's code.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Formulary {
    drugs: BTreeMap<Code, Drug>,
}

/// Whether a file is a full one: only such a file lists what did not change (変更区分 0); an increment has no line of it.
#[must_use]
pub fn is_whole(lines: &[Line]) -> bool {
    lines.iter().any(|line| line.change == Change::Continued)
}

/// Why a file is refused, and where: nothing of it is taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fault {
    /// Line of the file, from 1.
    pub line: u64,
    /// Column, from 1 as the layout counts them; none where the whole line is meant.
    pub column: Option<usize>,
    /// What is wrong.
    pub why: Why,
}

/// What is wrong with a file of drugs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Why {
    /// Bytes that are no text of CP932 (Shift_JIS as Windows writes it).
    NotCp932,
    /// So many columns instead of 40 or 42.
    Columns(usize),
    /// The kind of master is not "Y" (医薬品).
    OtherMaster,
    /// A kind of change that the layout does not know.
    Change,
    /// Not nine digits.
    Code,
    /// A second line with the code of an earlier one.
    Twice,
    /// A value that the layout does not know here.
    Value,
    /// A needed value is missing.
    Missing,
    /// No day of the calendar.
    Date,
    /// A change of a drug that the edition before does not have.
    NothingToChange,
    /// An increment, and no edition is there that it could go on from.
    NoEditionBefore,
    /// A file without a line.
    Empty,
    /// More lines, or longer ones, than a master can have.
    TooLong,
}

impl Why {
    /// The word that names it to a program.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::NotCp932 => "not_cp932",
            Self::Columns(_) => "columns",
            Self::OtherMaster => "other_master",
            Self::Change => "change",
            Self::Code => "code",
            Self::Twice => "twice",
            Self::Value => "value",
            Self::Missing => "missing",
            Self::Date => "date",
            Self::NothingToChange => "nothing_to_change",
            Self::NoEditionBefore => "no_edition_before",
            Self::Empty => "empty",
            Self::TooLong => "too_long",
        }
    }
}

/// How many drugs of each class an edition has.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Every line, those that are no drug by themselves (減点・逓減) included.
    pub rows: usize,
    /// 麻薬
    pub narcotic: usize,
    /// 毒薬
    pub poison: usize,
    /// 覚醒剤原料
    pub stimulant_raw_material: usize,
    /// 向精神薬
    pub psychotropic: usize,
}

impl Formulary {
    /// An edition of drugs that were kept before.
    #[must_use]
    pub fn of(drugs: impl IntoIterator<Item = Drug>) -> Self {
        Self {
            drugs: drugs.into_iter().map(|drug| (drug.code, drug)).collect(),
        }
    }

    /// The next edition: a full file replaces everything, an increment changes what it names.
    ///
    /// An empty field of an increment's change means "as before".
    ///
    /// # Errors
    ///
    /// Where the file cannot be applied; the edition before stays as it was.
    pub fn next(&self, lines: &[Line]) -> Result<Self, Fault> {
        let is_whole = is_whole(lines);
        if !is_whole && self.drugs.is_empty() {
            let Some(first) = lines.first() else {
                return Err(Fault::of_line(1, Why::Empty));
            };
            if lines.iter().any(|line| line.change != Change::New) {
                return Err(first.fault(None, Why::NoEditionBefore));
            }
        }
        let mut drugs = if is_whole {
            BTreeMap::new()
        } else {
            self.drugs.clone()
        };
        let mut seen = BTreeSet::new();
        for line in lines {
            if !seen.insert(line.code) {
                return Err(line.fault(Some(master::CODE), Why::Twice));
            }
            match line.change {
                Change::Struck | Change::Abolished => {
                    drugs.remove(&line.code);
                }
                Change::Changed if !is_whole => {
                    let before = drugs
                        .get(&line.code)
                        .ok_or_else(|| line.fault(Some(master::CHANGE), Why::NothingToChange))?;
                    let after = line.over(before);
                    drugs.insert(line.code, after);
                }
                Change::Continued | Change::Revived | Change::New | Change::Changed => {
                    drugs.insert(line.code, line.whole()?);
                }
            }
        }
        Ok(Self { drugs })
    }

    /// A drug that may be ordered on a day: known, a drug by itself, and not ended.
    #[must_use]
    pub fn orderable(&self, code: Code, on: Date) -> Option<&Drug> {
        self.drugs.get(&code).filter(|drug| drug.orderable(on))
    }

    /// Every line of the edition, by code.
    pub fn drugs(&self) -> impl Iterator<Item = &Drug> {
        self.drugs.values()
    }

    /// How many of each class.
    #[must_use]
    pub fn counts(&self) -> Counts {
        let mut counts = Counts {
            rows: self.drugs.len(),
            ..Counts::default()
        };
        for drug in self.drugs.values() {
            match drug.class {
                LegalClass::Narcotic => counts.narcotic += 1,
                LegalClass::Poison => counts.poison += 1,
                LegalClass::StimulantRawMaterial => counts.stimulant_raw_material += 1,
                LegalClass::Psychotropic => counts.psychotropic += 1,
                LegalClass::Ordinary | LegalClass::Unknown => {}
            }
        }
        counts
    }

    /// The newest day of change in it: what an edition is called when nobody says otherwise.
    #[must_use]
    pub fn newest_change(&self) -> Option<Date> {
        self.drugs.values().filter_map(|drug| drug.changed).max()
    }
}

impl Fault {
    pub(crate) const fn of_line(line: u64, why: Why) -> Self {
        Self {
            line,
            column: None,
            why,
        }
    }
}
