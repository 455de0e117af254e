//! What the program knows of a visit by itself (サーバーが書く記録): drawn on the closing panel, signed with the note (cl-3.2-i-a).

use crate::attended::Interval;
use jiff::{Timestamp, civil::Date};
use serde::{Deserialize, Serialize};

/// What nobody has to write: times, place, people, what was measured, and what the visit rested on.
///
/// Words stand for themselves, as they were stored then: a record is read again after the program has learnt others. Sealed
/// with the note; no `Debug`: it names people.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Derived {
    /// 初診・再診: the word of the visit's class.
    pub class: String,
    /// Whether it began as an emergency, before the paperwork.
    pub emergency: bool,
    /// The physician, by the name that the patient was shown.
    pub physician: String,
    /// The room of the physician's work period.
    pub room: Option<String>,
    /// The kind of place that the patient stated.
    pub place: Option<String>,
    /// Who was found with the patient; none where nobody has looked.
    pub present: Option<Vec<String>>,
    /// When care began.
    pub begun: Option<Timestamp>,
    /// When it ended.
    pub ended: Option<Timestamp>,
    /// Seconds in which sound flowed both ways and the patient's picture flowed, as the server counted them.
    pub two_way_seconds: i64,
    /// How often the line broke.
    pub interruptions: i64,
    /// How the patient's identity was checked.
    pub identity: Option<IdentitySeen>,
    /// Whether patient and physician plainly knew each other, and the physician confirmed it.
    pub known: bool,
    /// The judgements of suitability of this visit, oldest first.
    pub judged: Vec<Judged>,
    /// The agreements that stood.
    pub agreed: Vec<Agreed>,
    /// Version of the plan in force.
    pub plan: Option<i64>,
    /// What the plan says comes next.
    pub next: Option<NextInPerson>,
    /// What was obtained beforehand, where a first visit rests on it (cl-1.2-iii-c).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub prior: Vec<Prior>,
    /// The word of its service; empty for ordinary care.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub service: String,
    /// Who took part besides the physician.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub attended: Vec<Attended>,
    /// Why it was this physician, where the plan does not simply say so (cl-1.3-i-h).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub turn: Option<Turn>,
}

/// Somebody who took part besides the physician.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attended {
    /// The word of the part.
    pub part: String,
    /// The name that the patient was shown.
    pub name: String,
    /// When the first time began.
    pub from: Timestamp,
    /// When the last time ended; none while it lasts.
    pub until: Option<Timestamp>,
    /// How often it broke in between.
    pub breaks: usize,
}

impl Attended {
    /// Who was there at these times; nobody, where there are none.
    #[must_use]
    pub fn over(part: &str, name: String, mut times: Vec<Interval>) -> Option<Self> {
        times.sort_unstable_by_key(|time| time.from);
        let (first, last) = (times.first()?, times.last()?);
        let breaks = times
            .iter()
            .zip(times.iter().skip(1))
            .filter(|(one, next)| one.until.is_some_and(|until| until < next.from))
            .count();
        Some(Self {
            part: part.to_owned(),
            name,
            from: first.from,
            until: last.until,
            breaks,
        })
    }
}

/// Why it was this physician.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Turn {
    /// The word of the reason, or the case of the plan that applied.
    pub reason: String,
    /// The physician's own words, where the reason is none of those listed.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub words: String,
    /// Who handed the case over, and when.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub handed_over: Option<(String, Timestamp)>,
}

/// One thing obtained beforehand.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Prior {
    /// The name of the item.
    pub item: String,
    /// The word of its source.
    pub source: String,
    /// The word of its matter.
    pub matter: String,
    /// When the source was obtained.
    pub obtained: Date,
    /// Confirmed that there is none (なしと確認).
    pub none: bool,
    /// What it says.
    pub text: String,
}

/// One check of identity.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct IdentitySeen {
    /// The word of the method.
    pub method: String,
    /// The word of the document.
    pub document: String,
    /// When.
    pub at: Timestamp,
    /// Whether face and document matched.
    pub matches: bool,
}

/// One judgement of suitability.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Judged {
    /// The word of the phase.
    pub phase: String,
    /// 適する
    pub suitable: bool,
    /// When.
    pub at: Timestamp,
}

/// One agreement.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Agreed {
    /// The word of its kind.
    pub kind: String,
    /// Version of the text's substance.
    pub material: i64,
    /// When the patient gave it.
    pub given: Timestamp,
    /// When a physician accepted it.
    pub accepted: Option<Timestamp>,
}

/// When the patient comes in person again, by item 2 of the plan.
#[derive(Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "next")]
pub enum NextInPerson {
    /// By this day.
    By {
        /// The day.
        day: Date,
    },
    /// After so many visits online, whatever the day.
    AfterVisits,
    /// It is overdue.
    Overdue,
}

impl From<crate::plan::Due> for NextInPerson {
    fn from(due: crate::plan::Due) -> Self {
        use crate::plan::Due;
        match due {
            Due::By(day) | Due::Soon(day) if day < Date::MAX => Self::By { day },
            Due::By(_) | Due::Soon(_) => Self::AfterVisits,
            Due::Overdue => Self::Overdue,
        }
    }
}
