//! Prescribing (処方): which drug may stand on an order of which visit, and for how many days.
//!
//! The class of the visit is the server's, the drug is one of the formulary, and every way in asks here: screen, set, copy
//! of an earlier order, interface. What is not known counts as forbidden, and there is no override where the guideline has
//! none.

mod comment;
mod line;
mod supply;

pub use comment::is_no_comment;
pub use line::{Directions, Extension, Given, Line, Ordered, Risk, Tie, Usage};
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
/// A drug with grave side effects is given with particular care (重い副作用が起こり得る薬).
pub const GRAVE: Clause = clause("cl-1.5-i-e");
/// How a drug is taken is followed after it was given (飲み方や様子の把握).
pub const FOLLOWED: Clause = clause("cl-1.5-i-f");
/// A symptom that extends what is treated online may be prescribed for (延長といえる症状).
pub const EXTENSION: Clause = clause("cl-1.5-i-g");
/// Current medicines are checked with the patient before anything is signed.
pub const REVIEWED: Clause = clause("cl-1.5-ii-a");

/// The most days of one ingredient while the background is not known.
pub const DAYS_MAX: u32 = 7;
/// Days back in which an earlier supply still counts: a "first visit" that is repeated is the same supply.
pub const COUNTED_BACK_DAYS: i32 = 30;
/// Most lines on one order.
pub const LINES_MAX: usize = 50;

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
    /// The lines that this patient was given before, newest first.
    pub given: &'a [Given],
    /// Codes of the diagnoses of the plan in force.
    pub diagnoses: &'a [String],
    /// Whether current medicines were checked with the patient in this visit, on the list as it stands.
    pub reviewed: bool,
    /// Today.
    pub today: Date,
}

/// The lines of an order may be signed in this visit.
#[derive(Clone, Debug, PartialEq, Eq)]
#[must_use]
pub struct Prescribable {
    consultation: ConsultationId,
    lines: Vec<Ordered>,
}

impl Prescribable {
    /// Of which visit.
    #[must_use]
    pub const fn consultation(&self) -> ConsultationId {
        self.consultation
    }

    /// The lines as they were judged.
    #[must_use]
    pub fn lines(&self) -> &[Ordered] {
        &self.lines
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
    Ok(Prescribable {
        consultation: facts.consultation,
        lines: lines
            .iter()
            .filter_map(|line| ordered(facts, line, drug(facts, line)?))
            .collect(),
    })
}

/// A line with everything that was judged of it; none where it may not stand on the order.
fn ordered(facts: &Facts<'_>, line: &Line, drug: &Drug) -> Option<Ordered> {
    Some(Ordered {
        name: drug.name.clone(),
        unit: drug.unit.clone(),
        ingredient: drug.ingredient(),
        days: line.supply.days(line.refills),
        class: drug.class,
        high_safety: managed(facts, line.drug),
        careful: facts
            .careful
            .is_some_and(|careful| careful.contains(&line.drug)),
        tie: tied(facts, line, drug).ok()?,
        changed: before(facts, line).is_none(),
        line: Line {
            risk: risked(facts, line).ok()?,
            ..line.clone()
        },
    })
}

/// Days after which a new drug, or another dose, is asked about.
const CHECK_AFTER_DAYS: u16 = 3;
/// The same for a drug with grave side effects.
const CHECK_GRAVE_AFTER_DAYS: u16 = 1;

/// After how many days the patient is asked how the drugs are taken; a stable repeat is not asked about (cl-1.5-i-f).
///
/// There is no setting that turns it off.
#[must_use]
pub fn check_after(lines: &[Ordered]) -> Option<u16> {
    if lines.iter().any(|line| line.high_safety) {
        Some(CHECK_GRAVE_AFTER_DAYS)
    } else if lines.iter().any(|line| line.changed) {
        Some(CHECK_AFTER_DAYS)
    } else {
        None
    }
}

/// Judges the comment to the pharmacist (備考): it is no line.
///
/// # Errors
///
/// It names a drug of the formulary, or an amount with its unit.
pub fn comment(text: &str, formulary: Option<&Formulary>) -> Result<(), Refusal> {
    let names = formulary
        .into_iter()
        .flat_map(Formulary::drugs)
        .map(|drug| drug.name.as_str());
    if is_no_comment(text, names) {
        return Err(Refusal::content(CONSIDERED, Remedy::OrderByCode).because("comment_names_drug"));
    }
    Ok(())
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
        let _tie = tied(facts, line, drug).map_err(named)?;
        let _risk = risked(facts, line).map_err(named)?;
        return Ok(());
    }
    if drug.class.is_controlled() {
        let refusal = Refusal::state(CONTROLLED, Remedy::RemoveLine);
        return Err(named(refusal.because("narcotic_psychotropic")));
    }
    if managed(facts, line.drug) && facts.known.is_none() {
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
    let _risk = risked(facts, line).map_err(named)?;
    Ok(())
}

/// On the list of special management; without a list every drug counts as on it.
fn managed(facts: &Facts<'_>, drug: Code) -> bool {
    facts.high_safety.is_none_or(|list| list.contains(&drug))
}

/// The same drug, taken the same way, as it was given last.
fn before<'a>(facts: &Facts<'a>, line: &Line) -> Option<&'a Given> {
    facts
        .given
        .iter()
        .find(|given| given.ordered.line.drug == line.drug)
        .filter(|given| given.ordered.line.directions == line.directions)
}

/// Ties a line of a follow-up to a diagnosis of the plan: a drug given for it before is tied without a question.
fn tied(facts: &Facts<'_>, line: &Line, drug: &Drug) -> Result<Option<Tie>, Refusal> {
    if facts.class.is_first() {
        return Ok(None);
    }
    let in_plan = |code: &str| facts.diagnoses.iter().any(|known| known == code);
    if let Some(extension) = &line.extension {
        if !in_plan(&extension.diagnosis) {
            return Err(Refusal::state(EXTENSION, Remedy::ChooseExtension).because("not_in_plan"));
        }
        if extension.grounds.trim().is_empty() {
            return Err(Refusal::content(EXTENSION, Remedy::ChooseExtension).because("no_grounds"));
        }
        return Ok(Some(Tie::Extension(extension.diagnosis.clone())));
    }
    let ingredient = drug.ingredient();
    facts
        .given
        .iter()
        .filter(|given| given.ordered.ingredient == ingredient)
        .filter_map(|given| given.ordered.tie.as_ref())
        .map(Tie::diagnosis)
        .find(|code| in_plan(code))
        .map(|code| Some(Tie::Given(code.to_owned())))
        .ok_or_else(|| {
            Refusal::content(EXTENSION, Remedy::ChooseExtension).because("not_given_before")
        })
}

/// The block about a drug's risk: written for a new drug, a changed dose, or when it is to be looked at again; carried over
/// for a stable repeat.
fn risked(facts: &Facts<'_>, line: &Line) -> Result<Option<Risk>, Refusal> {
    if !managed(facts, line.drug) {
        return Ok(None);
    }
    let refused = |reason| Err(Refusal::state(GRAVE, Remedy::WriteRisk).because(reason));
    let Some(risk) = &line.risk else {
        let carried = before(facts, line).and_then(|given| {
            let risk = given.ordered.line.risk.as_ref()?;
            (risk.monitor >= facts.today).then(|| Risk {
                origin: Some(risk.origin.clone().unwrap_or_else(|| given.from.clone())),
                ..risk.clone()
            })
        });
        return match carried {
            Some(risk) => Ok(Some(risk)),
            None => refused("risk_block_empty"),
        };
    };
    let said = [&risk.reason, &risk.checks, &risk.signs];
    if said.iter().any(|text| text.trim().is_empty()) {
        return refused("risk_block_empty");
    }
    let days = i64::from(line.supply.days(line.refills).unwrap_or(0));
    let end = facts.today.saturating_add(days.days());
    if risk.monitor < facts.today || risk.monitor > end {
        return refused("monitoring_beyond_supply");
    }
    // Whoever writes it now writes it here: nobody claims that it was carried over.
    Ok(Some(Risk {
        origin: None,
        ..risk.clone()
    }))
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
