//! From a pre-consultation to a first visit by a physician who is not the regular one: on which ground, after what
//! coordination, with which institution near the patient, and how care in person follows.

use crate::{
    PartnerId, PatientId, Refusal, Remedy, area::Area, partner::Partner, referral::Guidance,
};
use guideline::{Clause, clause};
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

/// The situations in which it is foreseen.
pub const GROUND: Clause = clause("cl-1.2-iv-b");
/// After a referral, coordination with whoever referred.
pub const REFERRED: Clause = clause("cl-1.2-iv-c");
/// An arrangement in the area where the patient is.
pub const PLACED: Clause = clause("cl-1.2-iv-d");
/// Care in person follows, and somebody makes sure of it.
pub const LINKED: Clause = clause("cl-1.2-iv-a");

/// The share of grounds in other words above which they look like routine, in percent.
pub const OTHER_SHARE_PERCENT: usize = 20;
/// Below so many entries a share says nothing.
const OTHER_CASES_MIN: usize = 3;

/// Why this physician sees the patient first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Ground {
    /// かかりつけ医がオンライン診療をしていない
    RegularNoOnline,
    /// 休日・夜間などで、かかりつけ医が対応できない
    RegularUnavailable,
    /// かかりつけ医がいない
    NoRegular,
    /// 専門の医療機関として紹介を受けた
    ReferredSpecialist,
    /// セカンドオピニオン
    SecondOpinion,
    /// その他: with a reason, on the list that is looked through.
    Other,
}

impl Ground {
    /// Every ground, in the order offered.
    pub const ALL: [Self; 6] = [
        Self::RegularNoOnline,
        Self::RegularUnavailable,
        Self::NoRegular,
        Self::ReferredSpecialist,
        Self::SecondOpinion,
        Self::Other,
    ];

    /// The word stored and sent.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::RegularNoOnline => "regular_no_online",
            Self::RegularUnavailable => "regular_unavailable",
            Self::NoRegular => "no_regular",
            Self::ReferredSpecialist => "referred_specialist",
            Self::SecondOpinion => "second_opinion",
            Self::Other => "other",
        }
    }

    /// The ground of that word.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|ground| ground.as_str() == word)
    }
}

access::id! {
    /// One record of a referral to us (紹介の記録).
    CoordinationId
}

/// What came from the physician who referred the patient: the letter, or the talk.
#[derive(Clone, PartialEq, Eq)]
pub struct Coordination {
    /// Its name.
    pub id: CoordinationId,
    /// Of whom.
    pub patient: PatientId,
    /// Who referred: name and institution.
    pub referrer: String,
    /// The day of the letter or of the talk.
    pub on: Date,
    /// What it says.
    pub content: String,
}

/// An institution that has accepted for this very patient.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Named {
    /// Which.
    pub institution: String,
    /// Who accepted there.
    pub accepted_by: String,
}

/// On what the first visit stands. No `Debug`: words about a patient.
#[derive(Clone, PartialEq, Eq)]
pub struct Entry {
    /// The ground.
    pub ground: Ground,
    /// In words, for [`Ground::Other`], and where the patient says something else than when asking for the appointment.
    pub reason: String,
    /// Whom the patient names as the regular physician (かかりつけの医師) now; nobody.
    pub regular: Option<String>,
    /// For a referral.
    pub coordination: Option<Coordination>,
    /// Where the patient will be.
    pub location: String,
    /// For a place that no partner covers.
    pub named: Option<Named>,
}

/// What is known when it is judged. No `Debug`.
#[derive(Clone, PartialEq, Eq)]
pub struct Facts {
    /// Of whom.
    pub patient: PatientId,
    /// What was said when it was opened.
    pub entry: Entry,
    /// Whom the patient named as the regular physician when asking for the appointment; nobody.
    pub before: Option<String>,
    /// Where the patient says to be today, once that was said.
    pub elsewhere: Option<String>,
    /// The register.
    pub partners: Vec<Partner>,
    /// The name of this institution.
    pub own: String,
    /// The plan for care in person, once it is written.
    pub linkage: Option<Linkage>,
    /// Whether the patient needs guidance, once it is answered.
    pub guidance: Option<Guidance>,
}

fn said(words: Option<&String>) -> Option<&str> {
    words
        .map(|name| name.trim())
        .filter(|name| !name.is_empty())
}

/// Judges ground and coordination.
///
/// # Errors
///
/// There is no ground; "no regular physician" although the patient names one, or named one when asking and nobody has
/// written what changed; other words without a reason; a referral without who referred, when and with what, or one of
/// another patient.
pub fn opened(
    entry: Option<&Entry>,
    before: Option<&String>,
    patient: PatientId,
    today: Date,
) -> Result<(), Refusal> {
    let wrong = |reason| Err(Refusal::state(GROUND, Remedy::NameGround).because(reason));
    let Some(entry) = entry else {
        return wrong("no_ground");
    };
    let silent = entry.reason.trim().is_empty();
    match (entry.ground, said(entry.regular.as_ref())) {
        (Ground::NoRegular, Some(_)) => return wrong("regular_named"),
        (Ground::NoRegular, None) if silent && said(before).is_some() => {
            return wrong("regular_named");
        }
        (Ground::RegularNoOnline | Ground::RegularUnavailable, None) => {
            return wrong("regular_not_named");
        }
        (Ground::Other, _) if silent => return wrong("ground_reason_empty"),
        (
            Ground::NoRegular
            | Ground::RegularNoOnline
            | Ground::RegularUnavailable
            | Ground::ReferredSpecialist
            | Ground::SecondOpinion
            | Ground::Other,
            _,
        ) => {}
    }
    if entry.ground == Ground::ReferredSpecialist {
        coordinated(entry.coordination.as_ref(), patient, today)?;
    }
    Ok(())
}

/// Judges what came from whoever referred the patient (cl-1.2-iv-c).
fn coordinated(
    known: Option<&Coordination>,
    patient: PatientId,
    today: Date,
) -> Result<(), Refusal> {
    let refuse = |reason| Err(Refusal::state(REFERRED, Remedy::EnterCoordination).because(reason));
    let Some(known) = known else {
        return refuse("no_coordination");
    };
    if known.patient != patient {
        return refuse("coordination_of_another");
    }
    if known.referrer.trim().is_empty() || known.content.trim().is_empty() || known.on > today {
        return refuse("no_coordination");
    }
    Ok(())
}

/// Judges whether somebody near the patient stands ready: a partner whose entry is in force, or an institution that has
/// accepted for this patient. Where the patient is elsewhere today, that place counts.
///
/// # Errors
///
/// Neither.
pub fn covered(facts: &Facts, day: Date) -> Result<Option<PartnerId>, Refusal> {
    let refuse = |reason| Err(Refusal::state(PLACED, Remedy::FindInstitution).because(reason));
    let booked = Area::read(&facts.entry.location);
    let place = match &facts.elsewhere {
        None => booked.clone(),
        Some(said) => Area::read(said).map(|said| match &booked {
            Some(booked) => said.said_by_one_of(booked),
            None => said,
        }),
    };
    let Some(place) = place else {
        return refuse("place_unreadable");
    };
    let near = facts.partners.iter().find(|partner| {
        partner.kind.sees_patients()
            && partner.valid_until >= day
            && partner.areas.iter().any(|area| area.meets(&place))
    });
    if let Some(partner) = near {
        return Ok(Some(partner.id));
    }
    // Whoever accepted did so for the place that was named then.
    let same = booked.is_some_and(|booked| booked.meets(&place));
    let accepted = facts.entry.named.as_ref().is_some_and(|named| {
        !named.institution.trim().is_empty() && !named.accepted_by.trim().is_empty()
    });
    if same && accepted {
        return Ok(None);
    }
    refuse("area_uncovered")
}

/// Who makes the contact.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Who {
    /// We contact the institution.
    Clinic,
    /// The patient goes there.
    Patient,
}

impl Who {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Clinic, Self::Patient];

    /// The word stored and sent.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Clinic => "clinic",
            Self::Patient => "patient",
        }
    }

    /// The one of that word.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|who| who.as_str() == word)
    }
}

/// How care in person follows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Linkage {
    /// The partner where the patient is seen; none where one accepted for this patient, or it is here.
    pub partner: Option<PartnerId>,
    /// Its name.
    pub institution: String,
    /// On what day at the latest it is looked at whether it came about.
    pub due: Date,
    /// Under what condition, in words.
    pub condition: String,
    /// Who contacts whom.
    pub who: Who,
}

/// Judges the plan for care in person (cl-1.2-iv-a).
///
/// # Errors
///
/// There is none; the institution is neither in the register and in force, nor the one that accepted, nor this one; or the
/// day has passed.
pub fn linked(linkage: Option<&Linkage>, facts: &Facts, today: Date) -> Result<(), Refusal> {
    let refuse = |reason| Err(Refusal::state(LINKED, Remedy::PlanLinkage).because(reason));
    let Some(linkage) = linkage else {
        return refuse("no_linkage");
    };
    let in_register = |id| {
        facts.partners.iter().any(|partner| {
            partner.id == id && partner.kind.sees_patients() && partner.valid_until >= today
        })
    };
    let here_or_accepted = || {
        let accepted = facts.entry.named.as_ref();
        let name = linkage.institution.trim();
        !name.is_empty()
            && (name == facts.own.trim()
                || accepted.is_some_and(|named| named.institution.trim() == name))
    };
    let known = linkage.partner.map_or_else(here_or_accepted, in_register);
    if !known {
        return refuse("institution_unknown");
    }
    if linkage.due < today {
        return refuse("linkage_day_passed");
    }
    if linkage.condition.trim().is_empty() {
        return refuse("linkage_condition_empty");
    }
    Ok(())
}

/// Whether grounds in other words have become routine (finding `ground_other_frequent`).
#[must_use]
pub const fn other_is_frequent(other: usize, all: usize) -> bool {
    other >= OTHER_CASES_MIN && other * 100 > all * OTHER_SHARE_PERCENT
}
