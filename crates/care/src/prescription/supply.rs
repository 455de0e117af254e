//! For how many days a line supplies.

use crate::formulary::Ingredient;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

/// Doses as needed that count as one day: what a label says of days cannot stretch them (cl-1.5-i-d).
pub const AS_NEEDED_DOSES_A_DAY: u16 = 1;
/// The smallest package of a drug for external use whose days nobody stated counts as so many.
const SMALLEST_PACKAGE_DAYS: u32 = 7;

/// How much a line supplies.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Supply {
    /// 日分: taken each day.
    Daily {
        /// For how many days.
        days: u16,
    },
    /// 頓服: taken as needed.
    AsNeeded {
        /// So many doses.
        doses: u16,
        /// The days that they cover, as the physician states them.
        days: Option<u16>,
    },
    /// 外用・注射: by package.
    Package {
        /// The days that it covers, as the physician states them.
        days: Option<u16>,
        /// Whether it is the smallest package there is.
        smallest: bool,
    },
}

impl Supply {
    /// The days that count, refills included; none where nobody can tell.
    #[must_use]
    pub fn days(self, refills: u8) -> Option<u32> {
        let once = match self {
            Self::AsNeeded { doses, days } => {
                let by_doses = u32::from(doses.div_ceil(AS_NEEDED_DOSES_A_DAY));
                by_doses.max(days.map_or(0, u32::from))
            }
            Self::Daily { days }
            | Self::Package {
                days: Some(days), ..
            } => u32::from(days),
            Self::Package {
                days: None,
                smallest: true,
            } => SMALLEST_PACKAGE_DAYS,
            Self::Package {
                days: None,
                smallest: false,
            } => return None,
        };
        let times = u32::from(refills).saturating_add(1);
        // Nothing is supplied for no day at all.
        Some(once.max(1).saturating_mul(times))
    }
}

/// What a patient was supplied with before.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Supplied {
    /// Which ingredient.
    pub ingredient: Ingredient,
    /// For how many days, refills included.
    pub days: u32,
    /// When it was signed.
    pub on: Date,
}
