//! When the next visit online falls due by the plan's own rhythm (item 2).

use super::Plan;
use jiff::{ToSpan as _, civil::Date};

/// Days of a month, as the rhythm counts.
const MONTH_DAYS: i64 = 30;
/// No rhythm proposes a visit sooner than this.
const DAYS_MIN: i64 = 7;

/// The day proposed for the next visit online: the months between two visits in person, shared out among the visits online
/// that item 2 allows between them. None where the plan counts no months.
#[must_use]
pub fn next_online(plan: &Plan, today: Date) -> Option<Date> {
    let rule = &plan.draft.combination;
    let months = i64::from(rule.every_months.filter(|months| *months > 0)?);
    let visits = rule
        .every_visits
        .filter(|visits| *visits > 0)
        .map_or(months, i64::from);
    let days = (months * MONTH_DAYS / visits.max(1)).max(DAYS_MIN);
    Some(today.saturating_add(days.days()))
}
