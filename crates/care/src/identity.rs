//! Who the patient is: a document seen once, or people who plainly know each other (社会通念上当然に分かる).

use crate::{ConsultationId, InPersonId, PatientId, Refusal, Remedy};
use access::PersonId;
use guideline::{Clause, clause};
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

/// In principle the patient's identity is confirmed with a document.
pub const DOCUMENT: Clause = clause("cl-1.4-i-a");
/// Those who plainly know each other need not confirm each time.
pub const KNOWN: Clause = clause("cl-1.4-i-d");

/// The document that was compared. Its number and image are not kept: there is no field for them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Document {
    /// マイナンバーカード
    MyNumberCard,
    /// 運転免許証
    DrivingLicence,
    /// パスポート
    Passport,
    /// 在留カードなど
    ResidenceCard,
    /// そのほか顔写真つき
    OtherPhoto,
}

impl Document {
    /// Every document, in the order offered.
    pub const ALL: [Self; 5] = [
        Self::MyNumberCard,
        Self::DrivingLicence,
        Self::Passport,
        Self::ResidenceCard,
        Self::OtherPhoto,
    ];

    /// The word stored and sent.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::MyNumberCard => "my_number_card",
            Self::DrivingLicence => "driving_licence",
            Self::Passport => "passport",
            Self::ResidenceCard => "residence_card",
            Self::OtherPhoto => "other_photo",
        }
    }

    /// The document of that word.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|document| document.as_str() == word)
    }
}

/// How identity was checked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Method {
    /// A photo document, compared with the face in the call.
    PhotoDocumentLive,
    /// At the desk, in person.
    AtDesk,
}

impl Method {
    /// The word stored and sent.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::PhotoDocumentLive => "photo_document_live",
            Self::AtDesk => "at_desk",
        }
    }

    /// The method of that word.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        [Self::PhotoDocumentLive, Self::AtDesk]
            .into_iter()
            .find(|method| method.as_str() == word)
    }
}

/// One check of a patient's identity.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Check {
    /// Whose.
    pub patient: PatientId,
    /// How.
    pub method: Method,
    /// With which document.
    pub document: Document,
    /// By whom.
    pub by: PersonId,
    /// When.
    pub at: Timestamp,
    /// Whether face and document matched.
    pub matches: bool,
}

/// What is known of a patient's identity.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Facts {
    /// The patient of the consultation.
    pub patient: PatientId,
    /// The newest check.
    pub check: Option<Check>,
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

/// Judges the stored check. A follow-up reuses it without asking.
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
