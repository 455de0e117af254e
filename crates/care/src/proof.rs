//! The physician's proof card (証明): who is shown to the patient, and how that was proven.

use crate::{ConsultationId, Refusal, Remedy};
use access::PersonId;
use guideline::{Clause, clause};
use jiff::{Timestamp, civil::Date};

/// The physician shows the patient who he or she is.
pub const SHOWN: Clause = clause("cl-1.4-i-b");
/// Name and face, in principle by a document with a photograph.
pub const NAME_AND_PHOTO: Clause = clause("cl-1.4-iii-a");
/// The year of registration (医籍登録年) tells that it is a physician.
pub const REGISTRATION_YEAR: Clause = clause("cl-1.4-iv-a");

/// A picture of the licence (医師免許証) is the preferred way to show the qualification.
pub const LICENCE: Clause = clause("cl-1.4-iv-b");

/// Those who plainly know each other need not be shown it (医師本人と当然に分かる間柄).
pub const KNOWN: Clause = clause("cl-1.4-iii-c");
/// It is about the name: no number, address or domicile is shown.
pub const NAME_ALONE: Clause = clause("cl-1.4-iii-d");
/// Anybody can look a physician up (医師等資格確認検索), and is told how.
pub const LOOKED_UP: Clause = clause("cl-1.4-iv-c");
/// Whoever asks is shown the proof at once.
pub const ON_REQUEST: Clause = clause("cl-1.4-iv-d");
/// Proof and affiliation of whoever can be booked are ready, and stay so for the days ahead.
pub const READY: Clause = clause("cl-2.5.1.1-vii");
/// The card is a function of the system, and can be told from a forged one.
pub const GENUINE: Clause = clause("cl-2.5.2.1-ix-a");

/// So many days ahead the proofs of bookable physicians are looked at each night.
pub const AHEAD_DAYS: i64 = 14;

/// Years of registration that can be true: the register of today's form began in 1948 (要確認).
pub const YEAR_MIN: i16 = 1940;

/// How a proof came about. Card signatures join with the milestone on signatures.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Basis {
    /// A photo document seen by a second person.
    PhotoDocument,
}

impl Basis {
    /// The word stored and sent.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::PhotoDocument => "photo_document",
        }
    }
}

/// A physician's proof, as verified.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Proof {
    /// Whose.
    pub person: PersonId,
    /// Name as verified.
    pub name: String,
    /// Digest of the photograph as verified.
    pub photo: String,
    /// Year of registration, from the verified qualification.
    pub registration_year: Option<i16>,
    /// How it was proven.
    pub basis: Basis,
    /// Who saw the document: a second person.
    pub verified_by: PersonId,
    /// When.
    pub verified: Timestamp,
    /// Last day of validity.
    pub valid_until: Date,
    /// Withdrawn, for a changed name or photo or a dispute.
    pub withdrawn: Option<Timestamp>,
}

/// What the profile shows now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Profile {
    /// The display name.
    pub name: String,
    /// Digest of the photograph.
    pub photo: String,
}

/// The patient's answer at a first meeting.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answer {
    /// この医師で確認しました
    Confirmed,
    /// ちがう人です
    NotThePerson,
}

/// What is known of the physician's proof in one consultation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Facts {
    /// The proof on file.
    pub proof: Option<Proof>,
    /// The profile as it would be shown.
    pub profile: Profile,
    /// Whether the card was served to this patient for this visit.
    pub shown: bool,
    /// The newest answer this patient gave about this physician, ever.
    pub answer: Option<Answer>,
    /// The patient's wish to see the proof, in this visit.
    pub request: Option<Request>,
}

/// The patient asked for the proof in a visit, and there was no card in force to answer it with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Request {
    /// When.
    pub asked: Timestamp,
    /// When the patient accepted the licence that the physician held into the camera.
    pub accepted: Option<Timestamp>,
}

/// A card that may be shown.
#[derive(Clone, Debug, PartialEq, Eq)]
#[must_use]
pub struct Card {
    /// Name as verified.
    pub name: String,
    /// Year of registration.
    pub registration_year: i16,
    /// How it was proven.
    pub basis: Basis,
    /// Day of verification is before this.
    pub verified: Timestamp,
}

/// The card was shown, and confirmed where it had to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use]
pub struct Proven(pub(crate) ConsultationId);

/// Judges the card: verified by somebody else, in force, and unchanged since.
///
/// # Errors
///
/// No valid proof; a name or photo that differs from what was verified; no year of registration.
pub fn card(facts: &Facts, today: Date) -> Result<Card, Refusal> {
    let unproven = || Refusal::state(SHOWN, Remedy::VerifyProof);
    let proof = facts.proof.as_ref().ok_or_else(unproven)?;
    if proof.verified_by == proof.person {
        return Err(Refusal::person(SHOWN, Remedy::VerifyProof).because("second_person_required"));
    }
    if proof.withdrawn.is_some() || proof.valid_until < today {
        return Err(unproven());
    }
    if proof.name != facts.profile.name
        || proof.photo != facts.profile.photo
        || proof.name.trim().is_empty()
        || proof.photo.is_empty()
    {
        return Err(Refusal::state(NAME_AND_PHOTO, Remedy::VerifyProof));
    }
    let registration_year = proof
        .registration_year
        .filter(|year| (YEAR_MIN..=today.year()).contains(year))
        .ok_or_else(|| Refusal::content(REGISTRATION_YEAR, Remedy::EnterRegistrationYear))?;
    Ok(Card {
        name: proof.name.clone(),
        registration_year,
        basis: proof.basis,
        verified: proof.verified,
    })
}

/// Judges what the patient has seen: the card of a valid proof, and at a first meeting an answer.
///
/// Whoever knows the physician from a visit in person is asked nothing: `known` is derived, never chosen (cl-1.4-iii-c).
///
/// # Errors
///
/// The card is invalid or was not shown, the answer is due, or the patient said it is somebody else.
pub fn proven(
    id: ConsultationId,
    facts: &Facts,
    known: bool,
    today: Date,
) -> Result<Proven, Refusal> {
    let _ = card(facts, today)?;
    if !facts.shown {
        return Err(Refusal::state(NAME_AND_PHOTO, Remedy::AnswerProof));
    }
    undisputed(facts)?;
    match facts.answer {
        Some(_) => Ok(Proven(id)),
        None if known => Ok(Proven(id)),
        None => Err(Refusal::state(SHOWN, Remedy::AnswerProof)),
    }
}

/// Judges a patient's wish to see the proof: a card in force answers it by itself, else the licence on camera, accepted.
///
/// # Errors
///
/// It was asked for in this visit, no card is in force, and the patient has not accepted the licence yet.
pub fn answered(facts: &Facts, today: Date) -> Result<(), Refusal> {
    match facts.request {
        Some(Request { accepted: None, .. }) if card(facts, today).is_err() => {
            Err(Refusal::state(ON_REQUEST, Remedy::ShowLicence).because("proof_requested"))
        }
        Some(_) | None => Ok(()),
    }
}

/// Judges whether a physician may be booked for a day: the proof of today still stands then.
///
/// # Errors
///
/// There is no card, or it lapses before that day.
pub fn bookable(facts: &Facts, day: Date) -> Result<(), Refusal> {
    match card(facts, day) {
        Ok(_) => Ok(()),
        Err(_) => Err(Refusal::state(READY, Remedy::VerifyProof).because("proof_lapsed")),
    }
}

/// Judges whether the patient has said that it is somebody else: then no room opens, whatever else is in order.
///
/// # Errors
///
/// The newest answer is "not the person".
pub fn undisputed(facts: &Facts) -> Result<(), Refusal> {
    match facts.answer {
        Some(Answer::NotThePerson) => {
            Err(Refusal::state(SHOWN, Remedy::PhysicianDisputed).because("physician_disputed"))
        }
        Some(Answer::Confirmed) | None => Ok(()),
    }
}

/// Who may enter a proof, a photograph or a year of registration: somebody else.
///
/// # Errors
///
/// The physician edits the own proof.
pub fn may_verify(by: PersonId, of: PersonId, clause: Clause) -> Result<(), Refusal> {
    if by == of {
        return Err(Refusal::person(clause, Remedy::VerifyProof).because("second_person_required"));
    }
    Ok(())
}
