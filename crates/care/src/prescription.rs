//! Prescribing (処方): which drug may stand on an order of which visit, and for how many days.
//!
//! The class of the visit is the server's, the drug is one of the formulary, and every way in asks here: screen, set, copy
//! of an earlier order, interface. What is not known counts as forbidden, and there is no override where the guideline has
//! none.

mod comment;
mod supply;

pub use comment::is_no_comment;
pub use supply::{AS_NEEDED_DOSES_A_DAY, Supplied, Supply};

use crate::{
    Class, ConsultationId, Missing, Refusal, Remedy,
    background::Known,
    formulary::{Code, Drug, Formulary, Ingredient},
};
use guideline::{Clause, clause};
use jiff::{ToSpan as _, civil::Date};
use std::collections::{BTreeMap, BTreeSet};

/// The societies' list of drugs to be considered carefully is looked at.
pub const CONSIDERED: Clause = clause("cl-1.5-i-a");
/// No narcotic or psychotropic at a first visit (麻薬・向精神薬), whatever is known of the patient.
pub const CONTROLLED: Clause = clause("cl-1.5-i-b");
/// No drug of special management (特に安全管理が必要な医薬品) while the background is not known.
pub const HIGH_SAFETY: Clause = clause("cl-1.5-i-c");
/// No eight days or more while the background is not known.
pub const EIGHT_DAYS: Clause = clause("cl-1.5-i-d");
/// Current medicines are checked with the patient before anything is signed.
pub const REVIEWED: Clause = clause("cl-1.5-ii-a");

/// The most days of one ingredient while the background is not known.
pub const DAYS_MAX: u32 = 7;
/// Days back in which an earlier supply still counts: a "first visit" that is repeated is the same supply.
pub const COUNTED_BACK_DAYS: i32 = 30;
/// Most lines on one order.
pub const LINES_MAX: usize = 50;

/// One line of an order. It exists only with a drug's code: free text is no line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// Which drug.
    pub drug: Code,
    /// How much of it.
    pub supply: Supply,
    /// How often it is supplied again (リフィル).
    pub refills: u8,
    /// Why a drug of the list is given all the same (cl-1.5-i-a).
    pub reason: Option<String>,
}

/// What is judged besides the lines.
#[derive(Clone, Copy, Debug)]
pub struct Facts<'a> {
    /// Of which visit.
    pub consultation: ConsultationId,
    /// Its class, as the server derived it.
    pub class: Class,
    /// Whether history, medicines and allergies are known from sources.
    pub known: Option<Known>,
    /// The edition of the master in force; none was imported.
    pub formulary: Option<&'a Formulary>,
    /// The list of special management; without it every drug counts as on it.
    pub high_safety: Option<&'a BTreeSet<Code>>,
    /// Drugs that the societies want considered carefully; without a list nothing is signed at a first visit.
    pub careful: Option<&'a BTreeSet<Code>>,
    /// What this patient was supplied with before, at this institution.
    pub earlier: &'a [Supplied],
    /// Whether current medicines were checked with the patient in this visit, on the list as it stands.
    pub reviewed: bool,
    /// Today.
    pub today: Date,
}

/// The lines of an order may be signed in this visit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use]
pub struct Prescribable(ConsultationId);

impl Prescribable {
    /// Of which visit.
    pub const fn consultation(self) -> ConsultationId {
        self.0
    }
}

/// Judges an order for the signature.
///
/// # Errors
///
/// The first line that is refused, or that current medicines were not checked in this visit.
pub fn prescribable(facts: &Facts<'_>, lines: &[Line]) -> Result<Prescribable, Refusal> {
    if let Some((_, refusal)) = refusals(facts, lines).into_iter().next() {
        return Err(refusal);
    }
    if !facts.reviewed && !lines.is_empty() {
        return Err(Refusal::state(REVIEWED, Remedy::ReviewMedicines).because("not_reviewed"));
    }
    Ok(Prescribable(facts.consultation))
}

/// Every line that is refused, with the reason; as it stands now, while the physician still writes.
#[must_use]
pub fn refusals(facts: &Facts<'_>, lines: &[Line]) -> Vec<(usize, Refusal)> {
    let mut refused: Vec<(usize, Refusal)> = lines
        .iter()
        .enumerate()
        .filter_map(|(at, line)| match line_allowed(facts, line) {
            Ok(()) => None,
            Err(refusal) => Some((at, refusal)),
        })
        .collect();
    for (at, refusal) in too_long(facts, lines) {
        if !refused.iter().any(|(known, _)| *known == at) {
            refused.push((at, refusal));
        }
    }
    refused.sort_by_key(|(at, _)| *at);
    refused
}

fn drug<'a>(facts: &Facts<'a>, line: &Line) -> Option<&'a Drug> {
    facts.formulary?.orderable(line.drug, facts.today)
}

fn line_allowed(facts: &Facts<'_>, line: &Line) -> Result<(), Refusal> {
    let named = |refusal: Refusal| refusal.naming([Missing::Named(line.drug.to_string())]);
    let Some(drug) = drug(facts, line) else {
        // No class, no name: nobody can say what it is.
        let refusal = Refusal::state(CONTROLLED, Remedy::UpdateFormulary).because("unknown_drug");
        return Err(named(refusal));
    };
    if !facts.class.is_first() {
        return Ok(());
    }
    if drug.class.is_controlled() {
        let refusal = Refusal::state(CONTROLLED, Remedy::RemoveLine);
        return Err(named(refusal.because("narcotic_psychotropic")));
    }
    let managed = facts
        .high_safety
        .is_none_or(|list| list.contains(&line.drug));
    if managed && facts.known.is_none() {
        let refusal = Refusal::state(HIGH_SAFETY, Remedy::AddSource);
        return Err(named(refusal.because("high_safety")));
    }
    let Some(careful) = facts.careful else {
        let refusal = Refusal::state(CONSIDERED, Remedy::UpdateFormulary);
        return Err(refusal.because("no_list"));
    };
    let has_reason = line
        .reason
        .as_deref()
        .is_some_and(|reason| !reason.trim().is_empty());
    if careful.contains(&line.drug) && !has_reason {
        let refusal = Refusal::content(CONSIDERED, Remedy::GiveReason);
        return Err(named(refusal.because("consider_carefully")));
    }
    Ok(())
}

/// Days of each ingredient, over all lines, their refills, and what was supplied before.
fn too_long(facts: &Facts<'_>, lines: &[Line]) -> Vec<(usize, Refusal)> {
    if !facts.class.is_first() || facts.known.is_some() {
        return Vec::new();
    }
    let since = facts.today.saturating_sub(COUNTED_BACK_DAYS.days());
    let mut days: BTreeMap<Ingredient, u32> = BTreeMap::new();
    for supplied in facts.earlier.iter().filter(|earlier| earlier.on >= since) {
        let sum = days.entry(supplied.ingredient.clone()).or_default();
        *sum = sum.saturating_add(supplied.days);
    }
    for (line, drug) in lines
        .iter()
        .filter_map(|line| Some((line, drug(facts, line)?)))
    {
        let sum = days.entry(drug.ingredient()).or_default();
        *sum = sum.saturating_add(line.supply.days(line.refills).unwrap_or(0));
    }
    lines
        .iter()
        .enumerate()
        .filter_map(|(at, line)| {
            let named = Missing::Named(line.drug.to_string());
            if line.supply.days(line.refills).is_none() {
                let refusal = Refusal::content(EIGHT_DAYS, Remedy::StateDays);
                return Some((at, refusal.because("days_not_stated").naming([named])));
            }
            let sum = *days.get(&drug(facts, line)?.ingredient())?;
            (sum > DAYS_MAX).then(|| {
                let refusal = Refusal::state(EIGHT_DAYS, Remedy::ShortenSupply);
                let total = Missing::Named(sum.to_string());
                (at, refusal.because("eight_days").naming([named, total]))
            })
        })
        .collect()
}
