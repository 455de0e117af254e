//! Symptoms unfit for a first visit online: asked of the patient in plain words, each hit judged by the physician.

use crate::{Class, ConsultationId, Refusal, Remedy, statement::Body};
use access::PersonId;
use guideline::{Clause, clause, symptom};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// The physician judges by the list whether a symptom can be seen online.
pub const LISTED: Clause = clause("cl-1.2-ii-a");
/// What cannot be seen online is seen in person: here, or where the patient is referred to.
pub const IN_PERSON: Clause = clause("cl-1.2-ii-b");

/// Patients under this age are asked the rows for children.
pub const CHILD_UNDER: i16 = 16;
/// Rows of its own that a clinic may ask besides the list: one page must still be read.
pub const OWN_MAX: usize = 12;
/// What the keys of a clinic's own rows begin with.
pub const OWN_PREFIX: &str = "own-";

/// One row of the list as asked here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// Its tag.
    pub key: String,
    /// Its group's tag.
    pub group: String,
    /// As the patient is asked in Japanese.
    pub ja: String,
    /// As the patient is asked in English.
    pub en: String,
    /// As the physician reads it.
    pub physician: String,
    /// 119 or an emergency department now.
    pub urgent: bool,
    /// Asked of children only.
    pub child: bool,
    /// Whether a physician compared it with its source.
    pub verified: bool,
}

/// The list that a clinic asks by: the shipped edition, and the clinic's own rows beside it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct List {
    /// Which edition, with the number of the clinic's own changes behind `+`.
    pub edition: String,
    /// The rows, group by group.
    pub rows: Vec<Row>,
}

impl List {
    /// The shipped rows and a clinic's own. No row of the list can be left out here: there is no argument for it.
    #[must_use]
    pub fn with(own: Vec<Row>, changes: i64) -> Self {
        let mut rows: Vec<Row> = symptom::SYMPTOMS
            .iter()
            .map(|row| Row {
                key: row.key.to_owned(),
                group: row.group.to_owned(),
                ja: row.ja.to_owned(),
                en: row.en.to_owned(),
                physician: row.physician.to_owned(),
                urgent: row.urgent,
                child: row.child,
                verified: row.verified,
            })
            .collect();
        rows.extend(own.into_iter().take(OWN_MAX));
        let edition = if changes == 0 {
            symptom::EDITION.to_owned()
        } else {
            format!("{}+{changes}", symptom::EDITION)
        };
        Self { edition, rows }
    }

    /// The row of that tag.
    #[must_use]
    pub fn row(&self, key: &str) -> Option<&Row> {
        self.rows.iter().find(|row| row.key == key)
    }
}

/// The answers of one visit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answered {
    /// Of which visit.
    pub consultation: ConsultationId,
    /// By which edition they were asked.
    pub edition: String,
    /// When.
    pub at: Timestamp,
    /// Tags of the rows that were chosen; empty means none.
    pub hits: Vec<String>,
    /// What else the patient wrote.
    pub words: String,
    /// One of them cannot wait: the visit stopped there, and the list is asked anew after it.
    pub urgent: bool,
}

/// What the physician decides of a hit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Fit {
    /// オンラインで診られる
    Online,
    /// 対面で診る
    InPerson,
}

impl Fit {
    /// The word stored and sent.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Online => "online",
            Self::InPerson => "in_person",
        }
    }

    /// The decision of that word.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        [Self::Online, Self::InPerson]
            .into_iter()
            .find(|fit| fit.as_str() == word)
    }
}

/// One decision on one hit, with grounds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decision {
    /// The tag of the row.
    pub hit: String,
    /// What was decided.
    pub fit: Fit,
    /// Why.
    pub grounds: String,
    /// By whom.
    pub by: PersonId,
    /// When.
    pub at: Timestamp,
}

/// What is known of the symptoms of one visit.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Facts {
    /// An edition of the list is in force here.
    pub in_force: bool,
    /// The newest answers of this visit.
    pub answered: Option<Answered>,
    /// When the patient last said that something is new, worse or urgent: answers before that are old.
    pub since: Option<Timestamp>,
    /// The physician's decisions, newest first.
    pub decisions: Vec<Decision>,
}

impl Facts {
    /// The answers that count for this visit.
    #[must_use]
    pub fn current(&self, id: ConsultationId) -> Option<&Answered> {
        self.answered.as_ref().filter(|answered| {
            answered.consultation == id
                && !answered.urgent
                && self.since.is_none_or(|since| since <= answered.at)
        })
    }

    /// The newest decision on a hit.
    #[must_use]
    pub fn decision(&self, hit: &str) -> Option<&Decision> {
        self.decisions.iter().find(|row| row.hit == hit)
    }

    /// Whether the physician found a symptom of this visit unfit for online care.
    #[must_use]
    pub fn unfit(&self) -> bool {
        self.decisions.iter().any(|row| row.fit == Fit::InPerson)
    }
}

/// Every hit was judged, and none of them stands against online care.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use]
pub struct Judged(());

/// Whether the whole list is asked: at a first visit, at a new condition, and where the patient says "new or worse".
#[must_use]
pub const fn is_asked(class: Class, body: Option<&Body>) -> bool {
    class.is_first() || matches!(body, Some(Body::NewOrWorse { .. }))
}

/// Judges whether the symptoms of a visit let it begin.
///
/// # Errors
///
/// No edition of the list is in force, the list was not answered for this visit, a hit is undecided, or one was found unfit.
pub fn judged(
    id: ConsultationId,
    class: Class,
    body: Option<&Body>,
    facts: &Facts,
) -> Result<Judged, Refusal> {
    if facts.unfit() {
        return Err(Refusal::state(IN_PERSON, Remedy::HandOver).because("unfit_online"));
    }
    if !is_asked(class, body) {
        return Ok(Judged(()));
    }
    if !facts.in_force {
        return Err(Refusal::state(LISTED, Remedy::PutListInForce).because("symptom_list_missing"));
    }
    let answered = facts.current(id).ok_or_else(|| {
        Refusal::state(LISTED, Remedy::AnswerSymptoms).because("questionnaire_missing")
    })?;
    let open = answered
        .hits
        .iter()
        .any(|hit| facts.decision(hit).is_none_or(|row| row.at < answered.at));
    if open {
        return Err(Refusal::state(LISTED, Remedy::DecideSymptoms).because("symptom_undecided"));
    }
    Ok(Judged(()))
}

/// Accepts a decision on a hit: it was answered in this visit, and there are grounds.
///
/// # Errors
///
/// Nobody chose this row, or no grounds are given.
pub fn may_decide(
    id: ConsultationId,
    facts: &Facts,
    hit: &str,
    grounds: &str,
) -> Result<(), Refusal> {
    let chosen = facts
        .current(id)
        .is_some_and(|answered| answered.hits.iter().any(|known| known == hit));
    if !chosen {
        return Err(Refusal::state(LISTED, Remedy::AnswerSymptoms).because("no_such_hit"));
    }
    if grounds.trim().is_empty() {
        return Err(Refusal::content(LISTED, Remedy::GiveReason).because("reason_required"));
    }
    Ok(())
}
