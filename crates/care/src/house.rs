//! What an institution may set for itself (院内の決まり): always within the clause, and only toward stricter.

use crate::{area::Area, partner::AREAS_MAX, referral::TRAVEL_MINUTES_MAX};
use jiff::SignedDuration;
use std::ops::RangeInclusive;

/// Minutes before the visit from which opening the link is arrival.
///
/// Before, it is preparation. Less is stricter: what the patient states of place and company is fresher when the visit
/// begins, and nobody sits in a waiting room long before the hour. Under ten minutes a first check of the device would not fit.
pub const ARRIVAL_MINUTES: RangeInclusive<u16> = 10..=30;
/// Minutes of travel that an institution may call "at once" (cl-2.1-ii). Less is stricter; under ten no partner would be left.
pub const TRAVEL_MINUTES: RangeInclusive<u16> = 10..=TRAVEL_MINUTES_MAX;

/// Minutes after which an idle staff screen is covered. Fewer is stricter.
pub const COVER_MINUTES: RangeInclusive<u16> = 1..=access::session::COVER_MINUTES_MAX;

/// Months after which a patient's identity is checked again, where the institution wants that at all (cl-1.4-i-a).
pub const IDENTITY_MONTHS: RangeInclusive<u16> = 1..=60;
/// Hours of a month, as the interval counts it: 31 days, so that nobody is asked early.
const MONTH_HOURS: i64 = 31 * 24;

/// The settings of one institution.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HouseRules {
    /// Minutes before the visit from which opening the link is arrival.
    pub arrival_minutes: u16,
    /// Longest travel to a partner that counts.
    pub travel_minutes_max: u16,
    /// Municipalities, besides its own, from which the institution itself is reached within that time.
    pub near: Vec<Area>,
    /// Minutes after which an idle staff screen is covered.
    pub cover_minutes: u16,
    /// Months after which identity is checked again; never, unless the institution says so.
    pub identity_months: Option<u16>,
}

impl Default for HouseRules {
    fn default() -> Self {
        Self {
            arrival_minutes: *ARRIVAL_MINUTES.end(),
            travel_minutes_max: *TRAVEL_MINUTES.end(),
            near: Vec::new(),
            cover_minutes: *COVER_MINUTES.end(),
            identity_months: None,
        }
    }
}

impl HouseRules {
    /// How long before the visit the waiting room opens.
    #[must_use]
    pub fn arrive_before(&self) -> SignedDuration {
        SignedDuration::from_mins(self.arrival_minutes.into())
    }

    /// How long a check of identity holds; for good, where nothing is set.
    #[must_use]
    pub fn identity_holds(&self) -> Option<SignedDuration> {
        self.identity_months
            .map(|months| SignedDuration::from_hours(i64::from(months) * MONTH_HOURS))
    }

    /// Whether every value lies within its bounds.
    #[must_use]
    pub fn is_within_bounds(&self) -> bool {
        ARRIVAL_MINUTES.contains(&self.arrival_minutes)
            && TRAVEL_MINUTES.contains(&self.travel_minutes_max)
            && self.near.len() <= AREAS_MAX
            && COVER_MINUTES.contains(&self.cover_minutes)
            && self
                .identity_months
                .is_none_or(|months| IDENTITY_MONTHS.contains(&months))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_setting_may_be_stricter_and_never_laxer() {
        let within = |arrival_minutes, travel_minutes_max, cover_minutes| {
            HouseRules {
                arrival_minutes,
                travel_minutes_max,
                near: Vec::new(),
                cover_minutes,
                identity_months: None,
            }
            .is_within_bounds()
        };
        assert!(HouseRules::default().is_within_bounds());
        assert!(within(10, 10, 1));
        for (months, good) in [
            (Some(1), true),
            (Some(60), true),
            (Some(0), false),
            (Some(61), false),
        ] {
            let rules = HouseRules {
                identity_months: months,
                ..HouseRules::default()
            };
            assert_eq!(rules.is_within_bounds(), good, "{months:?}");
        }
        assert_eq!(HouseRules::default().identity_holds(), None);
        for (arrival, travel, cover) in [
            (9, 60, 5),
            (31, 60, 5),
            (30, 9, 5),
            (30, 61, 5),
            (30, 60, 0),
            (30, 60, 6),
        ] {
            assert!(
                !within(arrival, travel, cover),
                "{arrival} {travel} {cover}"
            );
        }
    }
}
