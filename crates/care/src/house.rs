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

/// The settings of one institution.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HouseRules {
    /// Minutes before the visit from which opening the link is arrival.
    pub arrival_minutes: u16,
    /// Longest travel to a partner that counts.
    pub travel_minutes_max: u16,
    /// Municipalities, besides its own, from which the institution itself is reached within that time.
    pub near: Vec<Area>,
}

impl Default for HouseRules {
    fn default() -> Self {
        Self {
            arrival_minutes: *ARRIVAL_MINUTES.end(),
            travel_minutes_max: *TRAVEL_MINUTES.end(),
            near: Vec::new(),
        }
    }
}

impl HouseRules {
    /// How long before the visit the waiting room opens.
    #[must_use]
    pub fn arrive_before(&self) -> SignedDuration {
        SignedDuration::from_mins(self.arrival_minutes.into())
    }

    /// Whether every value lies within its bounds.
    #[must_use]
    pub fn is_within_bounds(&self) -> bool {
        ARRIVAL_MINUTES.contains(&self.arrival_minutes)
            && TRAVEL_MINUTES.contains(&self.travel_minutes_max)
            && self.near.len() <= AREAS_MAX
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_setting_may_be_stricter_and_never_laxer() {
        let within = |arrival_minutes, travel_minutes_max| {
            HouseRules {
                arrival_minutes,
                travel_minutes_max,
                near: Vec::new(),
            }
            .is_within_bounds()
        };
        assert!(HouseRules::default().is_within_bounds());
        assert!(within(10, 10));
        for (arrival, travel) in [(9, 60), (31, 60), (30, 9), (30, 61)] {
            assert!(!within(arrival, travel), "{arrival} {travel}");
        }
    }
}
