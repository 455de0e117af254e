//! How identity is checked in the call, and what each way asks before it counts.

use super::{DOCUMENT, EXEMPTED, Named, ONE_KIND, PHOTO, TWO_KINDS};
use crate::{Refusal, Remedy};
use serde::{Deserialize, Serialize};

/// How identity was checked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Method {
    /// A photo document, compared with the face in the call.
    PhotoDocumentLive,
    /// Two documents without a photograph.
    TwoDocuments,
    /// One document, with its features, questions, and a look at the whole person.
    OneDocument,
    /// Left out, for a reason that cannot be helped.
    Exempted,
    /// At the desk, in person.
    AtDesk,
}

impl Method {
    const ALL: [Self; 5] = [
        Self::PhotoDocumentLive,
        Self::TwoDocuments,
        Self::OneDocument,
        Self::Exempted,
        Self::AtDesk,
    ];

    /// The word stored and sent.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::PhotoDocumentLive => "photo_document_live",
            Self::TwoDocuments => "two_docs",
            Self::OneDocument => "one_doc",
            Self::Exempted => "exempted",
            Self::AtDesk => "at_desk",
        }
    }

    /// The method of that word.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|method| method.as_str() == word)
    }
}

/// What a comparison came to. What is unclear goes on to another way; it never counts as a match.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// 一致
    Match,
    /// 一致しない
    Mismatch,
    /// はっきりしない
    Unclear,
}

impl Outcome {
    /// Every outcome, in the order offered.
    pub const ALL: [Self; 3] = [Self::Match, Self::Mismatch, Self::Unclear];

    /// The word stored and sent.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Match => "match",
            Self::Mismatch => "mismatch",
            Self::Unclear => "unclear",
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

/// Questions that one document asks for beside it.
pub const QUESTIONS: usize = 3;

/// One question, and how it was answered.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Question {
    /// What was asked.
    pub asked: String,
    /// Whether the answer fits; `None` where none was given.
    pub fits: Option<Outcome>,
}

/// The steps of a check with one document, each with what was seen; `None` is a step that was skipped.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct OneDocument {
    /// Tilted, with its edge and thickness.
    pub tilt: Option<Outcome>,
    /// Front and back.
    pub sides: Option<Outcome>,
    /// The whole person.
    pub body: Option<Outcome>,
    /// Three questions from what is on file, or asked fresh.
    pub questions: Vec<Question>,
    /// Why the physician was satisfied, or was not.
    pub why: String,
}

/// Why no document could be shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ExemptionReason {
    /// 急な病状で、取りに行けない
    Emergency,
    /// 災害で持ち出せない
    Disaster,
    /// なくした・盗まれた
    Lost,
    /// そのほか
    Other,
}

impl ExemptionReason {
    /// Every reason, in the order offered.
    pub const ALL: [Self; 4] = [Self::Emergency, Self::Disaster, Self::Lost, Self::Other];

    /// The word stored and sent.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Emergency => "emergency",
            Self::Disaster => "disaster",
            Self::Lost => "lost",
            Self::Other => "other",
        }
    }

    /// The reason of that word.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|reason| reason.as_str() == word)
    }
}

/// What was tried in place of a document.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Substitute {
    /// 生年月日・住所などをきいた
    AskedFacts,
    /// 家族など、知っている人にきいた
    AskedKin,
    /// 登録の電話番号にかけた
    CalledNumber,
    /// できることがなかった
    NothingPossible,
}

impl Substitute {
    /// Every substitute, in the order offered.
    pub const ALL: [Self; 4] = [
        Self::AskedFacts,
        Self::AskedKin,
        Self::CalledNumber,
        Self::NothingPossible,
    ];

    /// The word stored and sent.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::AskedFacts => "asked_facts",
            Self::AskedKin => "asked_kin",
            Self::CalledNumber => "called_number",
            Self::NothingPossible => "nothing_possible",
        }
    }

    /// The substitute of that word.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|one| one.as_str() == word)
    }
}

/// A check that is left out: why, in words, and what was tried instead.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Exemption {
    /// Why.
    pub reason: ExemptionReason,
    /// In the physician's words.
    pub words: String,
    /// What was tried instead.
    pub instead: Vec<Substitute>,
}

/// One attempt at knowing who the patient is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Attempt {
    /// Face and photograph, side by side.
    Photo {
        /// The document.
        named: Named,
        /// What the comparison came to.
        outcome: Outcome,
    },
    /// Two documents without a photograph, each with name and birth date.
    Two {
        /// The documents, and what each came to.
        named: [(Named, Outcome); 2],
    },
    /// One document, step by step.
    One {
        /// The document.
        named: Named,
        /// The steps.
        steps: OneDocument,
    },
    /// None at all.
    None {
        /// Why.
        exemption: Exemption,
    },
}

/// What else is known when an attempt is made.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sight {
    /// Whether the patient's picture has flowed in this call, by the server's count.
    pub seen: bool,
    /// Whether it flows now.
    pub seen_now: bool,
    /// Whether the patient has said that there is no document with a photograph.
    pub no_photo: bool,
    /// Whether a physician with a verified qualification makes it.
    pub physician: bool,
    /// What was written when the check was left out before.
    pub before: Vec<Exemption>,
}

impl Attempt {
    /// The method it is.
    #[must_use]
    pub const fn method(&self) -> Method {
        match self {
            Self::Photo { .. } => Method::PhotoDocumentLive,
            Self::Two { .. } => Method::TwoDocuments,
            Self::One { .. } => Method::OneDocument,
            Self::None { .. } => Method::Exempted,
        }
    }

    /// The documents that were looked at.
    #[must_use]
    pub fn named(&self) -> Vec<&Named> {
        match self {
            Self::Photo { named, .. } | Self::One { named, .. } => vec![named],
            Self::Two { named } => named.iter().map(|(named, _)| named).collect(),
            Self::None { .. } => Vec::new(),
        }
    }
}

/// Judges an attempt. A picture that was sent ahead never counts: there is only what the camera shows in this call.
///
/// # Errors
///
/// The patient was not seen yet; two documents are of one kind, do not both match, or were not asked for; a step of the
/// check with one document was skipped, or somebody else than a physician made it; a check is left out without a reason,
/// without a word on what was tried, or with the words of the last time.
pub fn attempted(attempt: &Attempt, sight: &Sight) -> Result<Outcome, Refusal> {
    match attempt {
        Attempt::Photo { named, outcome } => {
            if !sight.seen {
                return Err(unseen(PHOTO));
            }
            if !named.document.kind().photo {
                return Err(Refusal::content(PHOTO, Remedy::CheckIdentity)
                    .because("document_without_photo"));
            }
            Ok(*outcome)
        }
        Attempt::Two { named } => two(named, sight),
        Attempt::One { steps, .. } => one(steps, sight),
        Attempt::None { exemption } => exempted(exemption, sight),
    }
}

fn unseen(clause: guideline::Clause) -> Refusal {
    Refusal::state(clause, Remedy::SeePatientFirst).because("patient_not_seen")
}

fn two(named: &[(Named, Outcome); 2], sight: &Sight) -> Result<Outcome, Refusal> {
    let refused = |reason| Refusal::state(TWO_KINDS, Remedy::CheckTwoDocuments).because(reason);
    if !sight.seen {
        return Err(unseen(TWO_KINDS));
    }
    if !sight.no_photo {
        return Err(Refusal::state(TWO_KINDS, Remedy::SayNoPhoto).because("photo_not_ruled_out"));
    }
    let [(first, first_outcome), (second, second_outcome)] = named;
    if first.document == second.document && first.words == second.words {
        return Err(refused("same_document"));
    }
    match (first_outcome, second_outcome) {
        (Outcome::Match, Outcome::Match) => Ok(Outcome::Match),
        (Outcome::Mismatch, _) | (_, Outcome::Mismatch) => Err(refused("documents_differ")),
        (Outcome::Unclear, _) | (_, Outcome::Unclear) => Err(refused("document_unclear")),
    }
}

fn one(steps: &OneDocument, sight: &Sight) -> Result<Outcome, Refusal> {
    if !sight.physician {
        return Err(Refusal::physicians_only(ONE_KIND));
    }
    if !sight.seen_now {
        return Err(unseen(ONE_KIND));
    }
    let refused = |reason| Refusal::state(ONE_KIND, Remedy::FinishSteps).because(reason);
    let (Some(tilt), Some(sides), Some(body)) = (steps.tilt, steps.sides, steps.body) else {
        return Err(refused("step_missing"));
    };
    let asked: Vec<Outcome> = steps
        .questions
        .iter()
        .filter(|question| !question.asked.trim().is_empty())
        .filter_map(|question| question.fits)
        .collect();
    if asked.len() < QUESTIONS {
        return Err(refused("question_unanswered"));
    }
    if steps.why.trim().is_empty() {
        return Err(Refusal::content(ONE_KIND, Remedy::FinishSteps).because("reason_required"));
    }
    let all = [tilt, sides, body].into_iter().chain(asked);
    Ok(all.fold(Outcome::Match, worse))
}

/// The worse of two outcomes: one that does not match spoils all.
const fn worse(one: Outcome, other: Outcome) -> Outcome {
    match (one, other) {
        (Outcome::Mismatch, _) | (_, Outcome::Mismatch) => Outcome::Mismatch,
        (Outcome::Unclear, _) | (_, Outcome::Unclear) => Outcome::Unclear,
        (Outcome::Match, Outcome::Match) => Outcome::Match,
    }
}

/// An emergency is never held up; it is only made to say why, each time anew.
fn exempted(exemption: &Exemption, sight: &Sight) -> Result<Outcome, Refusal> {
    let refused = |reason| Refusal::content(EXEMPTED, Remedy::GiveReason).because(reason);
    if !sight.physician {
        return Err(Refusal::physicians_only(EXEMPTED));
    }
    if exemption.words.trim().is_empty() {
        return Err(refused("reason_required"));
    }
    if exemption.instead.is_empty() {
        return Err(refused("substitute_required"));
    }
    let again = |before: &Exemption| {
        before.reason == exemption.reason && before.words.trim() == exemption.words.trim()
    };
    if sight.before.iter().any(again) {
        return Err(refused("reason_repeated"));
    }
    Ok(Outcome::Unclear)
}

impl Method {
    /// The clause whose way this is.
    #[must_use]
    pub const fn clause(self) -> guideline::Clause {
        match self {
            Self::PhotoDocumentLive => PHOTO,
            Self::TwoDocuments => TWO_KINDS,
            Self::OneDocument => ONE_KIND,
            Self::Exempted => EXEMPTED,
            Self::AtDesk => DOCUMENT,
        }
    }
}
