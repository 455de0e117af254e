//! Where the patient can be seen in person at once (急変時の体制), decided before the visit begins.

use crate::{ConsultationId, PartnerId, Refusal, Remedy, opening::open_at, plan::Partner};
use guideline::{Clause, clause};
use jiff::civil::{Date, DateTime};
use serde::{Deserialize, Serialize};
use unicode_normalization::UnicodeNormalization as _;

/// An institution that the patient can reach at once stands ready.
pub const IN_PERSON_PLACE: Clause = clause("cl-2.1-ii");

/// Travel that still counts as "at once", in minutes. A clinic may set less.
pub const TRAVEL_MINUTES_MAX: u16 = 60;

/// The in-person place of one visit.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "kind")]
pub enum Backup {
    /// This institution itself.
    Own,
    /// A partner of the register.
    Partner {
        /// Which.
        partner: PartnerId,
        /// Minutes of travel.
        travel_minutes: u16,
    },
    /// A physician's named arrangement that was accepted.
    Arranged {
        /// With whom.
        with: String,
        /// Who accepted.
        accepted_by: String,
    },
}

/// What is known of the ways to be seen in person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Facts {
    /// From the plan: this institution responds itself.
    pub plan_own: bool,
    /// From the plan: this partner responds.
    pub plan_partner: Option<PartnerId>,
    /// The patient's area today, when it is not the usual one.
    pub elsewhere: Option<String>,
    /// The patient's usual area.
    pub usual_area: String,
    /// The area of this institution.
    pub own_area: String,
    /// Whether this institution is open, or has a night route, at the time of the visit.
    pub own_reachable: bool,
    /// The register.
    pub partners: Vec<Partner>,
    /// The time of the visit, as clocks in Japan show it.
    pub at: DateTime,
    /// A physician's arrangement: with whom, accepted by whom.
    pub arrangement: Option<(String, String)>,
    /// Longest travel that counts.
    pub travel_max: u16,
}

/// A place stands ready for this visit.
#[derive(Clone, Debug, PartialEq, Eq)]
#[must_use]
pub struct BackedUp {
    pub(crate) consultation: ConsultationId,
    /// Which place.
    pub backup: Backup,
}

impl BackedUp {
    /// Of which visit.
    pub const fn consultation(&self) -> ConsultationId {
        self.consultation
    }
}

/// Finds the in-person place: from the plan where the patient is at the usual place, else within reach of today's.
///
/// # Errors
///
/// Nothing is in reach, and nobody has arranged and accepted anything.
pub fn backed_up(id: ConsultationId, facts: &Facts, today: Date) -> Result<BackedUp, Refusal> {
    let found = |backup| {
        Ok(BackedUp {
            consultation: id,
            backup,
        })
    };
    if let Some((with, accepted_by)) = &facts.arrangement
        && !with.trim().is_empty()
        && !accepted_by.trim().is_empty()
    {
        return found(Backup::Arranged {
            with: with.clone(),
            accepted_by: accepted_by.clone(),
        });
    }
    if facts.elsewhere.is_none() {
        if facts.plan_own && facts.own_reachable {
            return found(Backup::Own);
        }
        let planned = facts
            .plan_partner
            .and_then(|id| facts.partners.iter().find(|partner| partner.id == id));
        if let Some(partner) = planned.filter(|partner| usable(partner, facts, today)) {
            return found(by_partner(partner));
        }
    }
    let area = facts.elsewhere.as_deref().unwrap_or(&facts.usual_area);
    if same_area(area, &facts.own_area) && facts.own_reachable {
        return found(Backup::Own);
    }
    let nearest = facts
        .partners
        .iter()
        .filter(|partner| same_area(&partner.area, area) && usable(partner, facts, today))
        .min_by_key(|partner| partner.travel_minutes);
    match nearest {
        Some(partner) => found(by_partner(partner)),
        None => Err(Refusal::state(IN_PERSON_PLACE, Remedy::NameInPersonPlace)),
    }
}

const fn by_partner(partner: &Partner) -> Backup {
    Backup::Partner {
        partner: partner.id,
        travel_minutes: partner.travel_minutes,
    }
}

fn usable(partner: &Partner, facts: &Facts, today: Date) -> bool {
    partner.valid_until >= today
        && partner.travel_minutes <= facts.travel_max.min(TRAVEL_MINUTES_MAX)
        && (partner.night || open_at(&partner.hours, facts.at) == Some(true))
}

/// Whether one area lies in the other, as addresses are written: from the large part to the small.
///
/// 新宿区 lies in 東京都新宿区, but 京都 does not lie in 東京都: a part begins at the front or after a larger part.
fn same_area(a: &str, b: &str) -> bool {
    let (a, b) = (written(a), written(b));
    part_of(&a, &b) || part_of(&b, &a)
}

fn part_of(part: &str, whole: &str) -> bool {
    !part.is_empty()
        && whole.match_indices(part).any(|(at, _)| {
            let before = whole.get(..at).and_then(|text| text.chars().next_back());
            before.is_none_or(|c| LARGER_PARTS.contains(&c))
        })
}

/// Last characters of prefectures, counties, cities, wards, towns and villages.
const LARGER_PARTS: [char; 9] = ['都', '道', '府', '県', '郡', '市', '区', '町', '村'];

fn written(area: &str) -> String {
    area.nfkc().filter(|c| !c.is_whitespace()).collect()
}
