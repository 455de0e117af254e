//! What the patient states before each visit: one question about the body, and one page of lines.

use crate::{ProxyId, Refusal, Remedy};
use guideline::{Clause, clause};
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

/// What cannot wait goes to care in person at once: the visit stops, help is named, staff are told until somebody acts.
pub const URGENT: Clause = clause("cl-1.2-ii-c");

/// A page answered faster than this is marked on the admit panel, in seconds.
pub const TOO_FAST_SECONDS: i64 = 3;

/// An urgent answer that nobody took up within this time is a finding (`red_flag_unacknowledged`).
pub const TAKE_UP_WITHIN: SignedDuration = SignedDuration::from_mins(10);

/// Whether an urgent answer has waited too long for a named person.
#[must_use]
pub fn unacknowledged(at: Timestamp, now: Timestamp) -> bool {
    now.duration_since(at) > TAKE_UP_WITHIN
}

/// The answer to "is anything new or worse?". Nothing is preselected.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "answer")]
pub enum Body {
    /// どれもない
    Nothing,
    /// 新しい症状・悪くなった
    NewOrWorse {
        /// In the patient's words; may be empty.
        words: String,
    },
    /// An urgent sign: the visit stops and help comes first.
    Urgent {
        /// Which sign.
        sign: String,
    },
}

/// Kind of place the patient is in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PlaceKind {
    /// 自宅
    Home,
    /// 職場・学校
    Workplace,
    /// 施設
    Facility,
    /// ほかの部屋
    Other,
    /// 外・歩行中
    Outdoors,
    /// 運転中
    Driving,
}

impl PlaceKind {
    /// Every kind, in the order asked.
    pub const ALL: [Self; 6] = [
        Self::Home,
        Self::Workplace,
        Self::Facility,
        Self::Other,
        Self::Outdoors,
        Self::Driving,
    ];

    /// The word stored and sent.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Home => "home",
            Self::Workplace => "workplace",
            Self::Facility => "facility",
            Self::Other => "other",
            Self::Outdoors => "outdoors",
            Self::Driving => "driving",
        }
    }

    /// The kind of that word.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == word)
    }
}

/// The lines of the statement page. Each is stored as an act of its own.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is one line of the page, answered on its own"
)]
pub struct Lines {
    /// Kind of place.
    pub place: PlaceKind,
    /// Name of the facility or workplace, where it is one.
    #[serde(default)]
    pub place_name: Option<String>,
    /// Which town or place, when it is not the usual one.
    pub elsewhere: Option<String>,
    /// Clean enough, as in a consulting room.
    pub clean: bool,
    /// Safe to be examined in.
    pub safe: bool,
    /// Others cannot see or hear.
    pub private: bool,
    /// Who is there: empty means alone.
    pub companions: Vec<String>,
    /// Whoever is there agrees to see and hear it.
    #[serde(default)]
    pub companions_agree: bool,
    /// Same medicines as last time, or what changed.
    pub medicines: Medicines,
    /// On the own or a known network.
    pub own_network: bool,
    /// Nothing is recorded or photographed without agreement.
    pub no_recording: bool,
}

/// What the patient says of medicines.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "state")]
pub enum Medicines {
    /// 前と同じ
    Same,
    /// 変わった
    Changed {
        /// In the patient's words.
        words: String,
    },
    /// 分からない
    Unknown,
    /// 飲んでいない
    None,
}

/// How the page was answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pressed {
    /// 同じです
    AsShown,
    /// ちがうところがある
    Different,
}

/// A statement page of one visit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Statement {
    /// When it was sent.
    pub at: Timestamp,
    /// The proxy who spoke, if it was not the patient.
    pub proxy: Option<ProxyId>,
    /// Seconds the page was open.
    pub seconds: i64,
    /// What it says.
    pub lines: Lines,
}

/// Accepts "as shown" only where something was shown.
///
/// # Errors
///
/// No earlier statement exists.
pub fn as_shown(last: Option<&Lines>) -> Result<Lines, Refusal> {
    last.cloned().ok_or_else(|| {
        Refusal::content(crate::place::CLEAN_AND_SAFE, Remedy::StatePlace)
            .because("nothing_to_repeat")
    })
}
