//! What a plan in force asks of its physician: a visit in person, a test, or another answer to a sudden change.

use super::{Due, Facts, OFFER_AHEAD_DAYS, Plan, due, item::acute_covered};
use crate::partner::Partner;
use jiff::{ToSpan as _, civil::Date};

/// One thing that is due.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Review {
    /// The visit in person is overdue (item 2).
    InPersonOverdue,
    /// The answer to a sudden change no longer stands (item 7).
    AcuteEnded,
    /// The institution that responds was not informed by this day (cl-1.3-iv-a).
    InformationOverdue(Date),
    /// Somebody whom item 8 lists is no physician here any more.
    PhysicianMissing {
        /// Who.
        name: String,
    },
    /// A test's day has passed.
    TestOverdue {
        /// Which.
        name: String,
        /// Since when.
        due: Date,
    },
    /// The partner of item 7 stands only until this day.
    AcuteEnding(Date),
    /// The visit in person should be offered now; it is due on this day.
    InPersonSoon(Date),
    /// A test is due on this day.
    TestSoon {
        /// Which.
        name: String,
        /// When.
        due: Date,
    },
}

impl Review {
    /// Whether its day has passed.
    #[must_use]
    pub const fn is_late(&self) -> bool {
        match self {
            Self::InPersonOverdue
            | Self::AcuteEnded
            | Self::InformationOverdue(_)
            | Self::PhysicianMissing { .. }
            | Self::TestOverdue { .. } => true,
            Self::AcuteEnding(_) | Self::InPersonSoon(_) | Self::TestSoon { .. } => false,
        }
    }
}

/// What is due, the most pressing first; empty for a plan that asks nothing in the days ahead.
#[must_use]
pub fn review(plan: &Plan, facts: &Facts, partners: &[Partner], today: Date) -> Vec<Review> {
    let ahead = today.saturating_add(OFFER_AHEAD_DAYS.days());
    let in_person = match due(plan, facts, today) {
        Due::Overdue => Some(Review::InPersonOverdue),
        Due::Soon(day) => Some(Review::InPersonSoon(day)),
        Due::By(_) => None,
    };
    let acute = if acute_covered(&plan.draft.acute, partners, today) {
        let partner = plan.draft.acute.partner.filter(|_| !plan.draft.acute.own);
        partner
            .and_then(|id| partners.iter().find(|partner| partner.id == id))
            .filter(|partner| partner.valid_until <= ahead)
            .map(|partner| Review::AcuteEnding(partner.valid_until))
    } else {
        Some(Review::AcuteEnded)
    };
    let tests = plan
        .draft
        .combination
        .tests
        .iter()
        .filter(|test| test.due <= ahead)
        // A test from before the last visit in person was done there.
        .filter(|test| facts.in_person.iter().all(|seen| *seen < test.due))
        .map(|test| {
            let (name, due) = (test.name.clone(), test.due);
            if due < today {
                Review::TestOverdue { name, due }
            } else {
                Review::TestSoon { name, due }
            }
        });
    let mut found: Vec<Review> = in_person.into_iter().chain(acute).chain(tests).collect();
    found.sort();
    found
}
