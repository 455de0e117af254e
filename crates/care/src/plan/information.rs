//! Where worsening beyond one's own capacity is foreseeable, the institution that will respond has the record beforehand.

use super::{Draft, Partner, Plan, PlanState};
use crate::{Part, PartnerId, Refusal, Remedy, legal_day};
use guideline::{Clause, clause};
use jiff::{ToSpan as _, civil::Date};
use serde::{Deserialize, Serialize};

/// The responding institution is informed beforehand, regularly.
pub const INFORMED_BEFOREHAND: Clause = clause("cl-1.3-iv-a");

/// Longest interval, in days: half a year.
pub const EVERY_DAYS_MAX: u16 = 183;

/// What is sent, and how often. Part of the sealed plan.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Schedule {
    /// To which partner.
    pub receiver: Option<PartnerId>,
    /// At least every so many days.
    pub every_days: u16,
    /// What it tells besides the plan and the newest record.
    pub content: String,
}

impl Schedule {
    fn is_whole(&self) -> bool {
        self.receiver.is_some()
            && (1..=EVERY_DAYS_MAX).contains(&self.every_days)
            && !self.content.trim().is_empty()
    }
}

/// The schedule of a draft that names somebody else for a sudden change; none where this institution responds itself.
#[must_use]
pub fn schedule_of(draft: &Draft) -> Option<&Schedule> {
    draft.information.as_ref().filter(|_| !draft.acute.own)
}

/// Judges whether a plan that leaves the response to another institution says how that one is informed.
///
/// # Errors
///
/// There is no schedule with receiver, interval and content.
pub fn scheduled(draft: &Draft) -> Result<(), Refusal> {
    if draft.acute.own || schedule_of(draft).is_some_and(Schedule::is_whole) {
        return Ok(());
    }
    Err(Refusal::content(INFORMED_BEFOREHAND, Remedy::CompletePlan).naming([Part::Schedule]))
}

/// Judges the receiver: somebody of the register, whose entry is in force.
///
/// # Errors
///
/// It is not there any more, or its entry has lapsed.
pub fn receivable<'p>(
    schedule: &Schedule,
    partners: &'p [Partner],
    today: Date,
) -> Result<&'p Partner, Refusal> {
    partners
        .iter()
        .find(|partner| Some(partner.id) == schedule.receiver)
        .filter(|partner| partner.kind.sees_patients() && partner.valid_until >= today)
        .ok_or_else(|| {
            Refusal::state(INFORMED_BEFOREHAND, Remedy::RenewReceiver)
                .because("receiver_not_in_register")
        })
}

/// How the information stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// Sent, and not due again yet.
    Sent,
    /// It goes along with the next signature.
    Due,
    /// It should have gone by this day.
    Overdue(Date),
}

/// Counts the interval from the last time it was sent, or from the signature where it never was.
#[must_use]
pub fn standing(plan: &Plan, sent: Option<Date>, today: Date) -> Option<Standing> {
    let schedule = schedule_of(&plan.draft)?;
    let PlanState::Signed { at, .. } = plan.state else {
        return None;
    };
    let by = sent
        .unwrap_or_else(|| legal_day(at))
        .saturating_add(i64::from(schedule.every_days).days());
    Some(if today > by {
        Standing::Overdue(by)
    } else if sent.is_none() || today == by {
        Standing::Due
    } else {
        Standing::Sent
    })
}
