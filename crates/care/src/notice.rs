//! The visit notice (受診のお知らせ): who it was, of which institution, and whom to ask, as of that day; the patient keeps it.

use crate::{Refusal, Remedy};
use guideline::{Clause, clause};
use jiff::{Timestamp, civil::Date};
use serde::{Deserialize, Serialize};

/// At a receiving facility (オンライン診療受診施設) the physician's name is given so that it can be looked up later.
pub const NAME: Clause = clause("cl-1.4-iii-b");
/// So are the institution and whom to ask.
pub const CONTACT: Clause = clause("cl-2.1-i-c");

/// What a notice says. It is kept as it was on the day: a name that changes later changes nothing here. Sealed.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Notice {
    /// The physician, by the name of the proof card.
    pub physician: String,
    /// 医籍登録年, as the card showed it.
    pub registration_year: Option<i16>,
    /// The institution's name.
    pub institution: String,
    /// Where it is.
    pub address: String,
    /// Its telephone.
    pub phone: String,
    /// When it is open.
    pub hours: String,
    /// Whom to complain to.
    pub complaint: String,
    /// Whom to ask for the records.
    pub disclosure: String,
    /// The facility in which the patient was, in the patient's words; empty anywhere else.
    pub facility: String,
    /// The legal day of the visit.
    pub day: Date,
}

/// How a notice reached the patient.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Receipt {
    /// The port took the message.
    Delivered(Timestamp),
    /// The patient opened the page of the visit.
    Read(Timestamp),
    /// It was printed and given to the patient.
    Printed(Timestamp),
}

/// What is known of a notice when its visit is to be closed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Facts {
    /// The patient was at a facility: without a receipt the visit stays open.
    pub at_facility: bool,
    /// How it reached the patient.
    pub receipt: Option<Receipt>,
}

/// Judges whether the patient has what can be looked up later.
///
/// # Errors
///
/// The patient was at a facility, and the notice was neither delivered, nor read, nor printed.
pub fn told(facts: &Facts) -> Result<(), Refusal> {
    if facts.at_facility && facts.receipt.is_none() {
        return Err(Refusal::state(NAME, Remedy::DeliverNotice).because("notice_undelivered"));
    }
    Ok(())
}
