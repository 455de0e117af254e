//! Where the patient can be seen in person at once (急変時の体制), decided before the visit begins.

use crate::{
    ConsultationId, PartnerId, Refusal, Remedy, area::Area, opening::open_at, partner::Partner,
};
use guideline::{Clause, clause};
use jiff::{
    Timestamp,
    civil::{Date, DateTime},
};
use serde::{Deserialize, Serialize};

/// An institution that the patient can reach at once stands ready.
pub const IN_PERSON_PLACE: Clause = clause("cl-2.1-ii");
/// Where care in person is needed, the physician speaks with whoever takes the patient over.
pub const CONTACTED: Clause = clause("cl-1.2-iv-e");
/// Where nothing is urgent, and the physician thinks it necessary: whom to call, what to watch, and a summary for whoever
/// sees the patient next.
pub const GUIDED: Clause = clause("cl-1.2-iv-f");
/// What was learnt before any care goes along, where it is needed and the patient agrees.
pub const PASSED_ON: Clause = clause("cl-1.2-v");

/// Travel that still counts as "at once", in minutes. A clinic may set less ([`crate::house::HouseRules`]).
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
    /// Where the patient is today, as written, when it is not the usual place.
    pub elsewhere: Option<String>,
    /// The patient's usual address.
    pub usual_area: String,
    /// The address of this institution.
    pub own_area: String,
    /// Municipalities, besides its own, from which this institution is reached at once.
    pub own_near: Vec<Area>,
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
    let nearest = whereabouts(facts).and_then(|place| near(&place, facts, today));
    match nearest {
        Some(backup) => found(backup),
        None => Err(Refusal::state(IN_PERSON_PLACE, Remedy::NameInPersonPlace)),
    }
}

/// The municipality in which the patient is today, as far as it was written down.
fn whereabouts(facts: &Facts) -> Option<Area> {
    let usual = Area::read(&facts.usual_area);
    match &facts.elsewhere {
        None => usual,
        Some(said) => Area::read(said).map(|said| match &usual {
            Some(usual) => said.said_by_one_of(usual),
            None => said,
        }),
    }
}

/// This institution if it is near, else the partner with the shortest way.
fn near(place: &Area, facts: &Facts, today: Date) -> Option<Backup> {
    let own = Area::read(&facts.own_area);
    if facts.own_reachable
        && own
            .iter()
            .chain(&facts.own_near)
            .any(|area| area.meets(place))
    {
        return Some(Backup::Own);
    }
    facts
        .partners
        .iter()
        .filter(|partner| partner.areas.iter().any(|area| area.meets(place)))
        .filter(|partner| usable(partner, facts, today))
        .min_by_key(|partner| partner.travel_minutes)
        .map(by_partner)
}

const fn by_partner(partner: &Partner) -> Backup {
    Backup::Partner {
        partner: partner.id,
        travel_minutes: partner.travel_minutes,
    }
}

fn usable(partner: &Partner, facts: &Facts, today: Date) -> bool {
    partner.kind.sees_patients()
        && partner.valid_until >= today
        && partner.travel_minutes <= facts.travel_max.min(TRAVEL_MINUTES_MAX)
        && (partner.night || open_at(&partner.hours, facts.at) == Some(true))
}

/// That somebody there was spoken to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Contact {
    /// Who, there.
    pub who: String,
    /// How: by telephone, in writing.
    pub how: String,
    /// When.
    pub at: Timestamp,
}

/// Whether the information goes along.
#[derive(Clone, PartialEq, Eq)]
pub enum PassOn {
    /// It does: the document in words.
    Yes(String),
    /// It does not, and why.
    No(String),
}

/// What was decided of the information.
#[derive(Clone, PartialEq, Eq)]
#[must_use]
pub enum Passed {
    /// This document goes to the institution.
    Document(String),
    /// Nothing does; why.
    Nothing(String),
}

/// Judges place and day of care in person.
///
/// # Errors
///
/// No place is named, or no day that is still to come.
pub fn placed(destination: &str, target: Option<Date>, today: Date) -> Result<(), Refusal> {
    let refuse = |reason| Err(Refusal::state(CONTACTED, Remedy::HandOver).because(reason));
    if destination.trim().is_empty() {
        return refuse("destination_empty");
    }
    if target.is_none_or(|day| day < today) {
        return refuse("target_day");
    }
    Ok(())
}

/// Judges the contact with the institution that takes the patient over (cl-1.2-iv-e).
///
/// # Errors
///
/// Nobody was spoken to, it is not said who or how, or it lies in the future.
pub fn contacted(contact: Option<&Contact>, now: Timestamp) -> Result<(), Refusal> {
    let whole = contact.is_some_and(|contact| {
        !contact.who.trim().is_empty() && !contact.how.trim().is_empty() && contact.at <= now
    });
    if whole {
        Ok(())
    } else {
        Err(Refusal::state(CONTACTED, Remedy::ContactInstitution).because("no_contact"))
    }
}

/// Judges the answer to "does the information go along?" (cl-1.2-v).
///
/// # Errors
///
/// It is not answered; yes without the patient's agreement or without a document; no without a reason.
pub fn passed_on(answer: Option<&PassOn>, shares: Option<bool>) -> Result<Passed, Refusal> {
    let refuse = |remedy, reason| Err(Refusal::state(PASSED_ON, remedy).because(reason));
    match answer {
        None => refuse(Remedy::AnswerPassOn, "pass_on_unanswered"),
        Some(PassOn::Yes(_)) if shares != Some(true) => {
            refuse(Remedy::AgreeToShare, "sharing_not_agreed")
        }
        Some(PassOn::Yes(document)) if document.trim().is_empty() => {
            refuse(Remedy::AnswerPassOn, "document_empty")
        }
        Some(PassOn::No(reason)) if reason.trim().is_empty() => {
            refuse(Remedy::AnswerPassOn, "pass_on_reason_empty")
        }
        Some(PassOn::Yes(document)) => Ok(Passed::Document(document.clone())),
        Some(PassOn::No(reason)) => Ok(Passed::Nothing(reason.clone())),
    }
}

/// Judges the hand-over of a patient whom a first visit after a pre-consultation sends to care in person (cl-1.2-iv-e). Here
/// in this house there is nobody to be called, and the chart is at hand.
///
/// # Errors
///
/// Nobody was spoken to, or no document goes along.
pub fn handed(
    here: bool,
    contact: Option<&Contact>,
    document: &str,
    now: Timestamp,
) -> Result<(), Refusal> {
    if here {
        return Ok(());
    }
    contacted(contact, now)?;
    if document.trim().is_empty() {
        return Err(Refusal::state(CONTACTED, Remedy::SendDocument).because("no_document"));
    }
    Ok(())
}

/// Whom the patient calls when it gets worse.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reach {
    /// This institution.
    Own,
    /// A partner of the register.
    Partner(PartnerId),
}

/// What the patient has in hand on the way to care in person. No `Debug`: words about a patient.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Guide {
    /// Whom to call.
    pub reach: Reach,
    /// What to watch.
    pub symptoms: String,
    /// What was seen, for whoever sees the patient next.
    pub summary: String,
    /// The day until which it is needed.
    pub until: Date,
}

/// The physician's answer to "does the patient need guidance?". No `Debug`.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Guidance {
    /// Yes: this.
    Needed(Guide),
    /// No, and why.
    NotNeeded(String),
}

/// Whether whoever is to be called can be reached at the time of the visit.
#[must_use]
pub fn reachable(reach: Reach, facts: &Facts, today: Date) -> bool {
    match reach {
        Reach::Own => facts.own_reachable,
        Reach::Partner(id) => facts.partners.iter().any(|partner| {
            partner.id == id
                && partner.kind.sees_patients()
                && partner.valid_until >= today
                && (partner.night || open_at(&partner.hours, facts.at) == Some(true))
        }),
    }
}

/// Judges the answer to "does the patient need guidance on the way to care in person?" (cl-1.2-iv-f).
///
/// # Errors
///
/// It is not answered; no without a reason; yes without somebody who can be reached at that time of day, without what to
/// watch, without a summary, or until a day that has passed.
pub fn guided(answer: Option<&Guidance>, facts: &Facts, today: Date) -> Result<(), Refusal> {
    let refuse = |remedy, reason| Err(Refusal::state(GUIDED, remedy).because(reason));
    match answer {
        None => refuse(Remedy::AnswerGuidance, "guidance_unanswered"),
        Some(Guidance::NotNeeded(reason)) if reason.trim().is_empty() => {
            refuse(Remedy::AnswerGuidance, "guidance_reason_empty")
        }
        Some(Guidance::NotNeeded(_)) => Ok(()),
        Some(Guidance::Needed(guide)) => {
            if !reachable(guide.reach, facts, today) {
                return refuse(Remedy::NameReachable, "contact_unreachable");
            }
            let empty = guide.symptoms.trim().is_empty() || guide.summary.trim().is_empty();
            if empty || guide.until < today {
                return refuse(Remedy::AnswerGuidance, "guidance_incomplete");
            }
            Ok(())
        }
    }
}
