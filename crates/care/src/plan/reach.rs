//! Patients who are hard to reach quickly (離島など): what is done when they get worse is agreed beforehand.

use crate::{Part, PartnerId, Refusal, Remedy, area::Area, partner::Partner};
use guideline::{Clause, clause};
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

/// Where quick response is likely to be difficult, it is agreed beforehand with the institutions concerned.
pub const AGREED_BEFOREHAND: Clause = clause("cl-1.3-iv-b");

/// "Hard to reach quickly?", as the plan answers it. Part of the sealed plan.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reach {
    /// はい
    pub hard: bool,
    /// Why not, where the register of areas says that it is.
    pub reason: String,
    /// With which partner it is agreed.
    pub partner: Option<PartnerId>,
}

/// What is agreed with a partner for such patients.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Agreement {
    /// With whom.
    pub partner: PartnerId,
    /// How the patient is brought there.
    pub transport: String,
    /// Which place receives the patient.
    pub place: String,
    /// Whom to call.
    pub contact: String,
    /// SHA-256 of the signed document, in hexadecimal.
    pub document: String,
    /// Last day it is valid.
    pub valid_until: Date,
}

impl Agreement {
    /// Whether it covers transport, place and contact, and its document is kept.
    #[must_use]
    pub fn is_whole(&self) -> bool {
        [&self.transport, &self.place, &self.contact, &self.document]
            .into_iter()
            .all(|text| !text.trim().is_empty())
    }
}

/// What is known of one patient's area.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Facts {
    /// The patient lives where quick response is likely to be difficult.
    pub far: bool,
    /// Agreements of the register.
    pub agreements: Vec<Agreement>,
}

/// Whether an address is far: in a listed area, or no partner that serves it is within the institution's limit of travel.
#[must_use]
pub fn is_far(address: &str, listed: &[Area], partners: &[Partner], minutes_max: u16) -> bool {
    let Some(home) = Area::read(address) else {
        return false;
    };
    if listed.iter().any(|area| area.meets(&home)) {
        return true;
    }
    let mut near = partners
        .iter()
        .filter(|partner| partner.kind.sees_patients())
        .filter(|partner| partner.areas.iter().any(|area| area.meets(&home)))
        .map(|partner| partner.travel_minutes)
        .peekable();
    near.peek().is_some() && near.all(|minutes| minutes > minutes_max)
}

/// Judges whether the answer says why a flagged address is none.
///
/// # Errors
///
/// The address is flagged, and the plan says "no" without a reason.
pub fn answered(reach: Option<&Reach>, far: bool) -> Result<(), Refusal> {
    let said = reach.is_some_and(|reach| reach.hard || !reach.reason.trim().is_empty());
    if far && !said {
        return Err(
            Refusal::content(AGREED_BEFOREHAND, Remedy::CompletePlan).naming([Part::ReachReason])
        );
    }
    Ok(())
}

/// Judges the answer at the signature.
///
/// # Errors
///
/// A flagged address without a reason; "yes" without an agreement in force that covers transport, place and contact.
pub fn agreed(reach: Option<&Reach>, facts: &Facts, today: Date) -> Result<(), Refusal> {
    answered(reach, facts.far)?;
    let Some(reach) = reach.filter(|reach| reach.hard) else {
        return Ok(());
    };
    let asked = Refusal::state(AGREED_BEFOREHAND, Remedy::AgreeResponse);
    let kept = facts
        .agreements
        .iter()
        .find(|kept| Some(kept.partner) == reach.partner && kept.is_whole());
    match kept {
        None => Err(asked.because("no_agreement")),
        Some(kept) if kept.valid_until < today => Err(asked.because("agreement_expired")),
        Some(_) => Ok(()),
    }
}
