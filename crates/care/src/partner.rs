//! Other institutions that patients of this one can go to (連携先).

use crate::{PartnerId, area::Area};
use jiff::civil::Date;

/// Areas of one entry at most.
pub const AREAS_MAX: usize = 40;

/// What an entry is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PartnerKind {
    /// 病院
    Hospital,
    /// 診療所
    Clinic,
    /// 薬局
    Pharmacy,
}

impl PartnerKind {
    /// Every kind, in the order offered.
    pub const ALL: [Self; 3] = [Self::Hospital, Self::Clinic, Self::Pharmacy];

    /// The word stored and sent.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Hospital => "hospital",
            Self::Clinic => "clinic",
            Self::Pharmacy => "pharmacy",
        }
    }

    /// The kind of that word.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == word)
    }

    /// Whether a physician there sees patients: a pharmacy is no place to be examined in.
    #[must_use]
    pub const fn sees_patients(self) -> bool {
        match self {
            Self::Hospital | Self::Clinic => true,
            Self::Pharmacy => false,
        }
    }
}

/// An institution or pharmacy in the partner register.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Partner {
    /// Its name in the register.
    pub id: PartnerId,
    /// What it is.
    pub kind: PartnerKind,
    /// Name.
    pub name: String,
    /// Telephone.
    pub phone: String,
    /// Opening hours in words.
    pub hours: String,
    /// Whether there is a route outside hours.
    pub night: bool,
    /// Municipalities it serves.
    pub areas: Vec<Area>,
    /// Minutes of travel from the farthest of them.
    pub travel_minutes: u16,
    /// Last day the entry is valid.
    pub valid_until: Date,
}

/// What a partner can take, as somebody there said on a day.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Confirmed {
    /// What it can take, in words.
    pub takes: String,
    /// The day on which it was asked.
    pub on: Date,
}

/// Days after which it is asked again. The sources give none (要確認).
pub const CONFIRMED_DAYS_MAX: i32 = 365;

/// Whether what a partner can take is to be asked (again).
#[must_use]
pub fn to_confirm(confirmed: Option<&Confirmed>, today: Date) -> bool {
    confirmed.is_none_or(|known| (today - known.on).get_days() > CONFIRMED_DAYS_MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_nobody_has_asked_for_a_year_is_asked_again() {
        let today: Date = "2026-11-20".parse().unwrap();
        let asked = |on: &str| Confirmed {
            takes: "発熱".into(),
            on: on.parse().unwrap(),
        };
        for (confirmed, due) in [
            (None, true),
            (Some(asked("2025-11-19")), true),
            (Some(asked("2025-11-20")), false),
            (Some(asked("2026-11-20")), false),
        ] {
            assert_eq!(to_confirm(confirmed.as_ref(), today), due, "{confirmed:?}");
        }
    }
}
