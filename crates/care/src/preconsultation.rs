//! Pre-consultation (診療前相談): two people see and hear each other before it is clear whether online care fits. It is no
//! medical act: nothing is diagnosed or prescribed in it, and it ends by conditions of its own.

mod entry;

pub use entry::{
    Coordination, CoordinationId, Entry, Facts, GROUND, Ground, LINKED, Linkage, Named,
    OTHER_SHARE_PERCENT, PLACED, REFERRED, Who, covered, linked, opened, other_is_frequent,
};

use crate::{
    Consultation, Refusal, Remedy, Service, Stage,
    referral::{self, Contact, PassOn, Passed},
};
use guideline::{Clause, clause};
use jiff::{Timestamp, civil::Date};

/// That it may not lead to online care, and what it costs, is published.
pub const PUBLISHED: Clause = clause("cl-1.2-vi-a");
/// The patient knows both beforehand.
pub const KNOWN_BEFORE: Clause = clause("cl-1.2-vi-b");

/// Highest fee that is an entry at all, in yen.
pub const FEE_YEN_MAX: u32 = 1_000_000;
/// Longest text of the terms, of a result or of guidance, in characters.
pub const WORDS_CHARS_MAX: usize = 1_000;

/// What the clinic publishes of its pre-consultations, by version.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Terms {
    /// Counted from 1.
    pub version: i64,
    /// Whether pre-consultations are offered under them.
    pub offered: bool,
    /// What one costs, in yen; nobody has said yet.
    pub fee_yen: Option<u32>,
    /// When it is charged.
    pub charged: String,
    /// When it is given back.
    pub refund: String,
    /// That it may end without online care.
    pub may_not_proceed: String,
    /// The clinic's own site, where it speaks of pre-consultations; empty where it does not.
    pub external: String,
}

impl Terms {
    /// Terms may be published without being offered; offered they are only whole.
    ///
    /// # Errors
    ///
    /// They are offered without a fee, without when it is charged or given back, or without the limit in words.
    pub fn publishable(&self) -> Result<(), Refusal> {
        let missing = |reason| Err(Refusal::state(PUBLISHED, Remedy::PublishTerms).because(reason));
        if !self.offered {
            return Ok(());
        }
        if self.fee_yen.is_none_or(|fee| fee > FEE_YEN_MAX) {
            return missing("fee_missing");
        }
        if self.charged.trim().is_empty() {
            return missing("fee_charged_missing");
        }
        if self.refund.trim().is_empty() {
            return missing("fee_refund_missing");
        }
        if self.may_not_proceed.trim().is_empty() {
            return missing("may_not_proceed_missing");
        }
        Ok(())
    }
}

/// The patient's own "I know": which version, and the fee it named.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Acknowledged {
    /// Version of the terms.
    pub version: i64,
    /// The fee of that version: the one that is charged, whatever came after.
    pub fee_yen: u32,
    /// When.
    pub at: Timestamp,
}

/// Terms that can be acknowledged and booked under now.
///
/// # Errors
///
/// None are offered, or the page that was looked at last did not show them: then bookings pause.
pub fn offered(terms: Option<&Terms>, shown: bool) -> Result<&Terms, Refusal> {
    let terms = terms
        .filter(|terms| terms.offered)
        .ok_or_else(|| Refusal::state(PUBLISHED, Remedy::PublishTerms).because("not_offered"))?;
    terms.publishable()?;
    if !shown {
        return Err(Refusal::state(PUBLISHED, Remedy::ShowTerms).because("notice_missing"));
    }
    Ok(terms)
}

/// Takes the patient's acknowledgement of the terms in force.
///
/// # Errors
///
/// As [`offered`]; or the patient was shown another version, and is asked again.
pub fn acknowledge(
    terms: Option<&Terms>,
    shown: bool,
    version: Option<i64>,
    now: Timestamp,
) -> Result<Acknowledged, Refusal> {
    let terms = offered(terms, shown)?;
    let again = |reason| Refusal::state(KNOWN_BEFORE, Remedy::AcknowledgeTerms).because(reason);
    let version = version.ok_or_else(|| again("not_acknowledged"))?;
    if version != terms.version {
        return Err(again("terms_changed"));
    }
    Ok(Acknowledged {
        version,
        fee_yen: terms.fee_yen.unwrap_or_default(),
        at: now,
    })
}

/// Judges whether the hour of a pre-consultation may exist (cl-1.2-vi-b).
///
/// # Errors
///
/// It is not offered, the page does not show it, or the patient has not acknowledged.
pub fn bookable(
    terms: Option<&Terms>,
    shown: bool,
    acknowledged: Option<Acknowledged>,
) -> Result<Acknowledged, Refusal> {
    let _ = offered(terms, shown)?;
    acknowledged.ok_or_else(|| {
        Refusal::state(KNOWN_BEFORE, Remedy::AcknowledgeTerms).because("not_acknowledged")
    })
}

/// What came of a pre-consultation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// On to a first visit online.
    FirstVisit,
    /// Seen in person here.
    InPersonHere,
    /// Seen in person elsewhere.
    InPersonElsewhere,
    /// No further care; the patient has guidance.
    NoFurther,
}

impl Outcome {
    /// Every outcome, in the order offered.
    pub const ALL: [Self; 4] = [
        Self::FirstVisit,
        Self::InPersonHere,
        Self::InPersonElsewhere,
        Self::NoFurther,
    ];

    /// The word stored and sent.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::FirstVisit => "first_visit",
            Self::InPersonHere => "in_person_here",
            Self::InPersonElsewhere => "in_person_elsewhere",
            Self::NoFurther => "no_further",
        }
    }

    /// The outcome of that word.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|outcome| outcome.as_str() == word)
    }
}

/// How the physician ends it. No `Debug`: words about a patient.
#[derive(Clone)]
pub struct Ending {
    /// What came of it.
    pub outcome: Outcome,
    /// What was heard, in words; it is no diagnosis.
    pub heard: String,
    /// What the patient is told, word for word.
    pub told: String,
    /// Where the patient is seen in person, for the two outcomes in person.
    pub destination: String,
    /// By when.
    pub target: Option<Date>,
    /// Who there was spoken to.
    pub contact: Option<Contact>,
    /// Whether the information goes along.
    pub pass_on: Option<PassOn>,
}

/// A pre-consultation may end like this.
#[derive(Clone)]
#[must_use]
pub struct Concluded {
    pub(crate) visit: crate::ConsultationId,
    /// The ending that was judged.
    pub ending: Ending,
    /// What goes to the institution, and why not.
    pub passed: Option<Passed>,
}

/// Judges the end of a pre-consultation.
///
/// # Errors
///
/// The visit is none, or not under way; words are missing; or the way to care in person is not whole: no day, nobody
/// spoken to, the question of the information unanswered or answered yes without the patient's agreement.
pub fn conclude(
    visit: &Consultation,
    ending: Ending,
    shares: Option<bool>,
    (now, today): (Timestamp, Date),
) -> Result<Concluded, Refusal> {
    if visit.service != Service::PreConsultation
        || !matches!(visit.stage, Stage::Live { .. } | Stage::Ended { .. })
    {
        return Err(Refusal::state(PUBLISHED, Remedy::HoldFirst).because("not_under_way"));
    }
    if ending.heard.trim().is_empty() {
        return Err(Refusal::content(PUBLISHED, Remedy::SayWhatWasHeard).because("heard_empty"));
    }
    if ending.told.trim().is_empty() {
        return Err(Refusal::content(PUBLISHED, Remedy::SayWhatWasHeard).because("told_empty"));
    }
    let passed = match ending.outcome {
        Outcome::FirstVisit | Outcome::NoFurther => None,
        Outcome::InPersonHere => {
            referral::placed(&ending.destination, ending.target, today)?;
            None
        }
        Outcome::InPersonElsewhere => {
            referral::placed(&ending.destination, ending.target, today)?;
            referral::contacted(ending.contact.as_ref(), now)?;
            Some(referral::passed_on(ending.pass_on.as_ref(), shares)?)
        }
    };
    Ok(Concluded {
        visit: visit.id,
        ending,
        passed,
    })
}
