//! Who the patient is: a document seen once, or people who plainly know each other (社会通念上当然に分かる).

mod document;
mod method;
mod number;

pub use document::{Document, Named};
pub use method::{
    Attempt, Exemption, ExemptionReason, Method, OneDocument, Outcome, QUESTIONS, Question, Sight,
    Substitute, attempted,
};
pub use number::holds_individual_number;

use crate::{Class, ConsultationId, InPersonId, PatientId, Refusal, Remedy, background::Known};
use access::PersonId;
use guideline::{Clause, clause};
use jiff::{SignedDuration, Timestamp};

/// In principle the patient's identity is confirmed with a document.
pub const DOCUMENT: Clause = clause("cl-1.4-i-a");
/// Those who plainly know each other need not confirm each time.
pub const KNOWN: Clause = clause("cl-1.4-i-d");

/// Only where no document is at hand for a reason that cannot be helped is the check left out (やむを得ない事情).
pub const EXEMPTED: Clause = clause("cl-1.4-i-c");
/// Which documents count is a list; what is not on it is described.
pub const KINDS: Clause = clause("cl-1.4-i-e");
/// At a first visit, a document with a photograph.
pub const PHOTO: Clause = clause("cl-1.4-ii-a");
/// Without one, two kinds of document.
pub const TWO_KINDS: Clause = clause("cl-1.4-ii-b");
/// With one kind only: its features, questions, and a look at the whole person.
pub const ONE_KIND: Clause = clause("cl-1.4-ii-c");

/// One check of a patient's identity.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Check {
    /// Whose.
    pub patient: PatientId,
    /// In which visit; none at the desk.
    pub visit: Option<ConsultationId>,
    /// How.
    pub method: Method,
    /// With which documents: none where the check was left out.
    pub documents: Vec<Document>,
    /// By whom.
    pub by: PersonId,
    /// When.
    pub at: Timestamp,
    /// Whether face and document matched. A check that was left out matches nothing.
    pub matches: bool,
}

impl Check {
    /// Whether the check was left out, and in which visit.
    #[must_use]
    pub fn exempts(&self, visit: ConsultationId) -> bool {
        self.method == Method::Exempted && self.visit == Some(visit)
    }
}

/// What is known of a patient's identity.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Facts {
    /// The patient of the consultation.
    pub patient: PatientId,
    /// The newest check that was made.
    pub check: Option<Check>,
    /// The newest check that was left out, if none was made since (cl-1.4-i-c).
    pub exempted: Option<Check>,
    /// When the account was last recovered: new contact, or link closed and opened anew at the desk.
    pub recovered: Option<Timestamp>,
    /// When a physician last raised doubt.
    pub doubted: Option<Timestamp>,
    /// Interval that the clinic has set; none by default.
    pub interval: Option<SignedDuration>,
    /// An in-person record of this patient with the treating physician.
    pub in_person_with_physician: Option<(InPersonId, PersonId)>,
    /// Whether the treating physician stands in for another.
    pub substitute: bool,
}

/// The patient is who the chart says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use]
pub struct Identified(pub(crate) ConsultationId);

/// Whether identity was left unchecked in this visit: what rests on knowing the patient keeps to what is known of nobody.
#[must_use]
pub fn unchecked(id: ConsultationId, facts: &Facts) -> bool {
    facts
        .exempted
        .as_ref()
        .is_some_and(|exempted| exempted.exempts(id))
}

/// By which class, and on what background, drugs are judged in a visit. Where nobody has checked who the patient is, what is
/// known may be of somebody else: the limits are those of a first visit of whom nothing is known (cl-1.4-i-c).
#[must_use]
pub fn limits(
    id: ConsultationId,
    facts: &Facts,
    (class, known): (Class, Option<Known>),
) -> (Class, Option<Known>) {
    if unchecked(id, facts) {
        (Class::First, None)
    } else {
        (class, known)
    }
}

/// Judges the stored check. A follow-up reuses it without asking; one that was left out counts for its own visit alone.
///
/// # Errors
///
/// No check, of another patient, a mismatch, or due again after recovery, doubt or the clinic's interval.
pub fn identified(
    id: ConsultationId,
    facts: &Facts,
    now: Timestamp,
) -> Result<Identified, Refusal> {
    let due = || Refusal::state(DOCUMENT, Remedy::CheckIdentity);
    let of_patient = |check: &Check| check.patient == facts.patient;
    if facts
        .exempted
        .as_ref()
        .is_some_and(|left_out| of_patient(left_out) && left_out.exempts(id))
    {
        return Ok(Identified(id));
    }
    let check = facts.check.as_ref().ok_or_else(due)?;
    let stands = check.patient == facts.patient
        && check.matches
        && facts.recovered.is_none_or(|at| at < check.at)
        && facts.doubted.is_none_or(|at| at < check.at)
        && facts
            .interval
            .is_none_or(|interval| now.duration_since(check.at) <= interval);
    if stands {
        Ok(Identified(id))
    } else {
        Err(due())
    }
}

/// Patient and physician know each other from a visit in person.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use]
pub struct KnownToEachOther {
    /// The record it rests on.
    pub record: InPersonId,
}

/// Derives whether the two plainly know each other. Never asked, never set by hand.
///
/// # Errors
///
/// There is no record in person with this very physician, the physician stands in for another, or the account was
/// recovered since the last check.
pub fn known(facts: &Facts, physician: PersonId) -> Result<KnownToEachOther, Refusal> {
    let unknown = || Refusal::state(KNOWN, Remedy::CheckIdentity);
    if facts.substitute {
        return Err(unknown());
    }
    let recovered = match (facts.recovered, &facts.check) {
        (Some(at), Some(check)) => at >= check.at,
        (Some(_), None) => true,
        (None, _) => false,
    };
    if recovered {
        return Err(unknown());
    }
    facts
        .in_person_with_physician
        .filter(|(_, with)| *with == physician)
        .map(|(record, _)| KnownToEachOther { record })
        .ok_or_else(unknown)
}
