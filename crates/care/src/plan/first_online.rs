//! Online care that goes on after a first visit online: a plan as soon as possible, with the day of an assessment in person.

use super::{Basis, Combination, Due, Facts, OFFER_AHEAD_DAYS, Plan, PlanState};
use crate::{Class, ConsultationId, Part, Refusal, Remedy, legal_day};
use guideline::{Clause, clause};
use jiff::civil::Date;

/// Online care that goes on, or is likely to, gets a plan as soon as possible.
pub const AFTER_FIRST: Clause = clause("cl-1.3-ii-b");

/// So many days after a first visit the plan is due, unless an online visit comes first.
pub const DUE_DAYS: u16 = 7;

/// A first visit online that no plan was signed after.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Unplanned {
    /// The first visit.
    pub first: ConsultationId,
    /// Whether its physician said that online care goes on, or is likely to.
    pub goes_on: bool,
}

impl Unplanned {
    /// Whether the next visit for ordinary care waits for a plan.
    ///
    /// Who said "no further" and is back for the same condition goes on all the same; where a plan of another condition is in
    /// force, the visit is held under that plan.
    #[must_use]
    pub const fn holds(&self, another_in_force: bool) -> bool {
        self.goes_on || !another_in_force
    }
}

/// Judges whether a visit may be held although no plan was signed after the first one.
///
/// # Errors
///
/// It is the second visit for the condition, and there is no plan yet.
pub(super) fn planned_since(class: Class, facts: &Facts) -> Result<(), Refusal> {
    match facts.unplanned {
        Some(open) if !class.is_first() && open.holds(facts.in_force.is_some()) => {
            Err(Refusal::state(AFTER_FIRST, Remedy::SignPlan).because("no_plan_after_first"))
        }
        Some(_) | None => Ok(()),
    }
}

/// Judges the day that a plan on a first visit online fixes for an assessment in person; any other plan has an assessment.
///
/// # Errors
///
/// No day, or one before today.
pub fn assessment_fixed(
    basis: Option<Basis>,
    rule: &Combination,
    today: Date,
) -> Result<(), Refusal> {
    match (basis, rule.assess_by) {
        (Some(Basis::FirstOnline { .. }), by) if by.is_none_or(|by| by < today) => {
            Err(Refusal::content(AFTER_FIRST, Remedy::CompletePlan).naming([Part::AssessBy]))
        }
        (Some(Basis::FirstOnline { .. } | Basis::InPerson { .. }) | None, _) => Ok(()),
    }
}

/// By when the patient is assessed in person; none once that is recorded, or where the plan rests on such a record.
pub(super) fn assessment_due(plan: &Plan, facts: &Facts, today: Date) -> Option<Due> {
    let by = plan
        .draft
        .combination
        .assess_by
        .filter(|_| matches!(plan.basis, Some(Basis::FirstOnline { .. })))?;
    let PlanState::Signed { at, .. } = plan.state else {
        return None;
    };
    let signed = legal_day(at);
    if facts.in_person.iter().any(|day| *day >= signed) {
        return None;
    }
    if today > by {
        return Some(Due::Overdue);
    }
    let days_left = by
        .since(today)
        .map_or(i64::MAX, |span| i64::from(span.get_days()));
    Some(if days_left <= OFFER_AHEAD_DAYS {
        Due::Soon(by)
    } else {
        Due::By(by)
    })
}
