//! Examination (診察): enough to stand in for face to face, seen and heard, and stopped when it is not.

use crate::{ConsultationId, Refusal, Remedy};
use access::PersonId;
use guideline::{Clause, clause};
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

/// What is learnt of body and mind is useful enough to stand in for face to face.
pub const SUFFICIENT: Clause = clause("cl-1.2-i");
/// When it is not, the visit stops and goes on in person.
pub const STOPPED: Clause = clause("cl-1.6-i");
/// Letters, photographs or recorded films alone are no visit.
pub const SEEN_AND_HEARD: Clause = clause("cl-1.6-ii-b");
/// Pictures and words help beside what is seen and heard at the moment (補助), never in its place.
pub const AIDED: Clause = clause("cl-1.6-ii-d");

/// The duty that the media server's counters answer; named here because signing rests on it.
pub const REAL_TIME: Clause = clause("cl-1.6-ii-a");

/// Seconds of sound both ways and the patient's picture that online care needs at least.
pub const TWO_WAY_SECONDS_MIN: i64 = 60;
/// Quality below the limit for this long asks the physician.
pub const POOR_MAX: SignedDuration = SignedDuration::from_secs(60);

/// What the media server measured, added up over restarts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Measured {
    /// Seconds in which sound flowed both ways and the patient's picture flowed.
    pub two_way_seconds: i64,
    /// Whether the patient's picture is flowing at this moment.
    pub patient_video_now: bool,
    /// Since when quality has been below the limit without a break.
    pub poor_since: Option<Timestamp>,
    /// When the newest spell of 60 s or more ended or was last seen.
    pub poor_spell: Option<Timestamp>,
}

/// The physician's answer to "enough to stand in for face to face?". Nothing is preselected.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sufficiency {
    /// 足りる
    pub enough: bool,
    /// By whom.
    pub by: PersonId,
    /// When.
    pub at: Timestamp,
    /// Whether the patient's picture was flowing at that moment, as the server measured.
    pub video_then: bool,
}

/// Why a visit was stopped.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "why")]
pub enum StopReason {
    /// 映像が足りない
    Picture,
    /// 声が足りない
    Sound,
    /// 協力が得られない
    Cooperation,
    /// さわる診察や検査が要る
    Touch,
    /// 場所がよくない
    Place,
    /// A condition of the plan's item 5.
    Planned {
        /// As written there.
        condition: String,
    },
    /// そのほか
    Other {
        /// In words.
        words: String,
    },
}

impl StopReason {
    /// The code in the ledger; words stay sealed.
    #[must_use]
    pub const fn as_str(&self) -> &'static str {
        match self {
            Self::Picture => "picture",
            Self::Sound => "sound",
            Self::Cooperation => "cooperation",
            Self::Touch => "touch",
            Self::Place => "place",
            Self::Planned { .. } => "planned",
            Self::Other { .. } => "other",
        }
    }

    /// The words, where there are any: a condition of the plan, or the physician's own.
    #[must_use]
    pub fn words(&self) -> Option<&str> {
        match self {
            Self::Planned { condition: words } | Self::Other { words } => Some(words),
            Self::Picture | Self::Sound | Self::Cooperation | Self::Touch | Self::Place => None,
        }
    }
}

/// What is known of the examination.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Facts {
    /// The counters.
    pub measured: Measured,
    /// The answer, if given.
    pub sufficiency: Option<Sufficiency>,
    /// What was seen, heard or measured, in the physician's words.
    pub observation: String,
    /// When the physician last chose "enough, because…" after poor quality.
    pub continued: Option<Timestamp>,
    /// When the visit was stopped.
    pub stopped: Option<Timestamp>,
    /// Since when the patient's picture has been away, where that is longer than the plan allows (cl-1.3-i-e).
    pub lost: Option<Timestamp>,
    /// What the patient sent for this visit, as far as the note cites it.
    pub aids: Aids,
}

/// The examination carries a signature.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use]
pub struct Examined(pub(crate) ConsultationId);

/// Accepts the answer "enough": only where the patient's picture flows while it is given.
///
/// # Errors
///
/// The form left the answer open, or the server measured no picture.
pub fn answerable(enough: Option<bool>, measured: &Measured) -> Result<bool, Refusal> {
    let enough = enough.ok_or_else(|| {
        Refusal::content(SUFFICIENT, Remedy::AnswerEnough).because("answer_required")
    })?;
    if enough && !measured.patient_video_now {
        return Err(Refusal::state(REAL_TIME, Remedy::SeeAndHear));
    }
    Ok(enough)
}

/// Pictures and words that the patient sent for a visit (補助), as a signature looks at them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Aids {
    /// Those the note cites, by id.
    pub cited: Vec<String>,
    /// Those of this visit that the note cites and that can be shown: sent for this visit, and not set aside.
    pub usable: Vec<String>,
}

/// Judges what a note cites: aids of this visit, beside an examination in real time that was enough by itself.
///
/// # Errors
///
/// An aid is of another visit or was set aside, or nothing seen and heard at the moment stands beside the aids.
pub fn aided(facts: &Facts) -> Result<(), Refusal> {
    let aids = &facts.aids;
    if aids.cited.iter().any(|one| !aids.usable.contains(one)) {
        return Err(Refusal::state(AIDED, Remedy::CiteAids).because("aid_not_usable"));
    }
    let enough = facts.sufficiency.is_some_and(|answer| answer.enough);
    let in_real_time = facts.measured.two_way_seconds >= TWO_WAY_SECONDS_MIN
        && !crate::record::says_nothing(&facts.observation);
    if aids.cited.is_empty() || enough && in_real_time {
        return Ok(());
    }
    Err(Refusal::state(AIDED, Remedy::ExamineBesideAids).because("aids_alone"))
}

/// Judges whether a note or an order of this visit may be signed.
///
/// # Errors
///
/// The visit was stopped, a poor stretch is unanswered, the question is open or answered no, nothing was observed, or
/// sound and picture did not flow long enough.
pub fn examined(id: ConsultationId, facts: &Facts) -> Result<Examined, Refusal> {
    if facts.stopped.is_some() {
        return Err(Refusal::state(STOPPED, Remedy::HandOver));
    }
    if prompt_due(facts) {
        return Err(Refusal::state(STOPPED, Remedy::ContinueOrStop));
    }
    let answer = facts
        .sufficiency
        .ok_or_else(|| Refusal::state(SUFFICIENT, Remedy::AnswerEnough))?;
    if !answer.enough {
        return Err(Refusal::state(STOPPED, Remedy::HandOver));
    }
    if crate::record::says_nothing(&facts.observation) {
        return Err(Refusal::state(SUFFICIENT, Remedy::WriteObservation));
    }
    if facts.measured.two_way_seconds == 0 {
        return Err(Refusal::state(SEEN_AND_HEARD, Remedy::SeeAndHear));
    }
    if !suffices(facts) {
        return Err(Refusal::state(REAL_TIME, Remedy::SeeAndHear));
    }
    Ok(Examined(id))
}

/// Whether sight and sound suffice for online care (cl-1.6-ii-a): both long enough, and the patient's picture at "enough".
#[must_use]
pub fn suffices(facts: &Facts) -> bool {
    let video = facts
        .sufficiency
        .map_or(facts.measured.patient_video_now, |answer| answer.video_then);
    facts.measured.two_way_seconds >= TWO_WAY_SECONDS_MIN && video
}

/// Why a visit is not performed as online care.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unperformed {
    /// 映像が足りなかった
    Picture,
    /// 声が足りなかった
    Sound,
    /// 回線が切れた
    Line,
    /// 患者が席を離れた
    Left,
}

impl Unperformed {
    /// Every reason, in the order offered.
    pub const ALL: [Self; 4] = [Self::Picture, Self::Sound, Self::Line, Self::Left];

    /// The word stored and sent.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Picture => "picture",
            Self::Sound => "sound",
            Self::Line => "line",
            Self::Left => "left",
        }
    }

    /// The reason of that word.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|reason| reason.as_str() == word)
    }
}

/// Whether the physician must choose before anything is signed. The conversation itself is never interrupted.
///
/// A choice answers the stretch it was made in for as long as such a stretch lasts; then it is asked again.
#[must_use]
pub fn prompt_due(facts: &Facts) -> bool {
    facts.measured.poor_spell.is_some_and(|seen| {
        facts
            .continued
            .is_none_or(|chosen| seen.duration_since(chosen) >= POOR_MAX)
    })
}

/// Folds one reading of the media server into the running measure.
#[must_use]
pub fn measured(
    before: Measured,
    two_way_seconds: i64,
    video: bool,
    poor: bool,
    now: Timestamp,
) -> Measured {
    let poor_since = poor.then(|| before.poor_since.unwrap_or(now));
    let spell = poor_since.filter(|since| now.duration_since(*since) >= POOR_MAX);
    Measured {
        two_way_seconds: before.two_way_seconds.max(two_way_seconds),
        patient_video_now: video,
        poor_since,
        poor_spell: spell.map(|_| now).or(before.poor_spell),
    }
}

/// A signed note or order, as the nightly check sees it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SignedAct {
    /// Of which visit; none where the row hangs in the air.
    pub consultation: Option<ConsultationId>,
    /// Seconds measured for it.
    pub two_way_seconds: i64,
}

/// Signed acts without sight and sound (finding `order_without_media`).
#[must_use]
pub fn without_media(acts: &[SignedAct]) -> Vec<SignedAct> {
    acts.iter()
        .copied()
        .filter(|act| act.consultation.is_none() || act.two_way_seconds < TWO_WAY_SECONDS_MIN)
        .collect()
}
