//! A distant specialist examines together with the attending physician (希少・難治性の疾患など, D to P with D).

use crate::{
    Refusal, Remedy,
    attended::{Interval, Moment, Presence},
};
use guideline::{Clause, clause};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// The patient is one for whom the region needs it.
pub const NEED: Clause = clause("cl-2.4.2-i");
/// Patient, attending and remote physician are there together.
pub const TOGETHER: Clause = clause("cl-2.4.2-ii-a");
/// The two physicians have coordinated by letter.
pub const COORDINATED: Clause = clause("cl-2.4.2-ii-b");

/// Travel that is a need by itself, in minutes one way. Ours, 要確認.
pub const TRAVEL_MINUTES_MIN: u32 = 60;
/// Longest distance that is an entry at all, in kilometres.
pub const DISTANCE_KM_MAX: u32 = 3000;

/// By what the patient would travel; the speeds are ours, 要確認.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Means {
    /// 車
    Car,
    /// 鉄道・バス
    Public,
    /// 船
    Ship,
}

impl Means {
    /// Every means.
    pub const ALL: [Self; 3] = [Self::Car, Self::Public, Self::Ship];

    /// The word stored and sent.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Car => "car",
            Self::Public => "public",
            Self::Ship => "ship",
        }
    }

    /// The means of that word.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|means| means.as_str() == word)
    }

    const fn kilometres_an_hour(self) -> u32 {
        match self {
            Self::Car => 40,
            Self::Public => 50,
            Self::Ship => 25,
        }
    }
}

/// Minutes one way, computed from distance and means.
#[must_use]
pub const fn travel_minutes(distance_km: u32, means: Means) -> u32 {
    distance_km
        .saturating_mul(60)
        .div_ceil(means.kilometres_an_hour())
}

/// Why the region needs it for this patient.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "ground")]
pub enum Ground {
    /// 近くでは診断が難しい
    Hard,
    /// 通うのに長くかかる
    Travel {
        /// How far, one way.
        distance_km: u32,
        /// By what.
        means: Means,
    },
    /// 通院では治療が途切れる
    Continuity,
    /// ほか
    Other,
}

impl Ground {
    /// The word sent.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Hard => "hard",
            Self::Travel { .. } => "travel",
            Self::Continuity => "continuity",
            Self::Other => "other",
        }
    }

    /// Words offered on a form.
    pub const WORDS: [&'static str; 4] = ["hard", "travel", "continuity", "other"];
}

/// The need as the attending physician states it. No `Debug`: clinical words.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Need {
    /// The ground.
    pub ground: Ground,
    /// In words.
    pub words: String,
}

/// Judges a stated need (cl-2.4.2-i).
///
/// # Errors
///
/// A short way with no explanation, or another ground with no words.
pub fn statable(need: &Need) -> Result<(), Refusal> {
    let explained = !need.words.trim().is_empty();
    let no = |why| Err(Refusal::state(NEED, Remedy::StateNeed).because(why));
    match need.ground {
        Ground::Hard | Ground::Continuity => Ok(()),
        Ground::Travel { distance_km, means } => {
            if travel_minutes(distance_km, means) >= TRAVEL_MINUTES_MIN || explained {
                Ok(())
            } else {
                no("travel_short")
            }
        }
        Ground::Other if explained => Ok(()),
        Ground::Other => no("need_unexplained"),
    }
}

/// A need that was stated, and what the remote physician said to it.
#[derive(Clone, PartialEq, Eq)]
pub struct Stated {
    /// What was stated.
    pub need: Need,
    /// Whether it was accepted.
    pub accepted: Option<bool>,
}

/// A letter that one physician writes and the other opens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Letter {
    /// When its author signed it.
    pub signed: Option<Timestamp>,
    /// When the other opened it.
    pub opened: Option<Timestamp>,
}

/// What such a visit asks besides.
#[derive(Clone, Default)]
pub struct Facts {
    /// The need.
    pub need: Option<Stated>,
    /// The referral letter (紹介状).
    pub letter: Option<Letter>,
    /// The reply (返書).
    pub reply: Option<Letter>,
}

/// Judges the need before an hour is booked, and again at the start (cl-2.4.2-i).
///
/// # Errors
///
/// None was stated, it does not stand by itself, or the remote physician has not accepted it.
pub fn needed(facts: &Facts) -> Result<(), Refusal> {
    let no = |remedy, why| Err(Refusal::state(NEED, remedy).because(why));
    let Some(stated) = &facts.need else {
        return no(Remedy::StateNeed, "need_missing");
    };
    statable(&stated.need)?;
    match stated.accepted {
        Some(true) => Ok(()),
        Some(false) => no(Remedy::StateNeed, "need_refused"),
        None => no(Remedy::AcceptNeed, "need_unaccepted"),
    }
}

/// Judges that patient and both physicians are there at one moment (cl-2.4.2-ii-a).
///
/// # Errors
///
/// One of them is not.
pub fn together(presence: &Presence, at: Moment) -> Result<(), Refusal> {
    let there = |times: &[Interval]| times.iter().any(|time| time.holds(at));
    let absent = |why| Err(Refusal::state(TOGETHER, Remedy::AwaitAttending).because(why));
    if !there(&presence.attending) {
        return absent("attending_absent");
    }
    if !there(&presence.patient) {
        return absent("patient_absent");
    }
    if !there(&presence.remote) {
        return absent("remote_absent");
    }
    Ok(())
}

/// Judges the letter before the start (cl-2.4.2-ii-b).
///
/// # Errors
///
/// None, unsigned, or unopened.
pub fn coordinated(facts: &Facts) -> Result<(), Refusal> {
    let no = |remedy, why| Err(Refusal::state(COORDINATED, remedy).because(why));
    match facts.letter {
        None => no(Remedy::SignReferralLetter, "letter_missing"),
        Some(letter) if letter.signed.is_none() => {
            no(Remedy::SignReferralLetter, "letter_unsigned")
        }
        Some(letter) if letter.opened.is_none() => {
            no(Remedy::OpenReferralLetter, "letter_unopened")
        }
        Some(_) => Ok(()),
    }
}

/// Judges the reply before the visit is closed (cl-2.4.2-ii-b).
///
/// # Errors
///
/// None, or unsigned.
pub fn replied(facts: &Facts) -> Result<(), Refusal> {
    match facts.reply {
        Some(reply) if reply.signed.is_some() => Ok(()),
        Some(_) | None => {
            Err(Refusal::state(COORDINATED, Remedy::WriteReply).because("reply_missing"))
        }
    }
}
