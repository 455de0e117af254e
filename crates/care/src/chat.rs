//! Messages beside the visits (チャット): what they are for is settled first, and what speaks of the body leads to a visit.
//!
//! A thread stands outside every consultation and is no care (診療ではありません): nothing in it is a ground for anything.

use crate::{Refusal, Remedy};
use guideline::{Clause, chat::WORDS, clause};
use jiff::SignedDuration;
use serde::{Deserialize, Serialize};
use unicode_normalization::UnicodeNormalization as _;

/// What is exchanged is settled beforehand, and has nothing to do with how the illness goes.
pub const SCOPE: Clause = clause("cl-1.6-ii-c");
/// The institution weighs risk and benefit, and tells the patient what to use and how.
pub const INSTRUCTED: Clause = clause("cl-2.5.1.1-xiii");

access::id! {
    /// One version of what chat is for (チャットの使い方).
    ChatScopeId
}

access::id! {
    /// One message (連絡).
    ChatMessageId
}

/// Longest message, in characters.
pub const MESSAGE_CHARS_MAX: usize = 500;
/// Messages of one patient in a day, in one direction.
pub const MESSAGES_PER_DAY_MAX: usize = 30;
/// A message that speaks of the body is decided about within this time (要確認: the source gives none).
pub const DECIDE_WITHIN: SignedDuration = SignedDuration::from_hours(2);
/// Within this time when it cannot wait.
pub const URGENT_WITHIN: SignedDuration = SignedDuration::from_mins(10);

/// What chat is for at an institution, as its administrator writes it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Scope {
    /// 使ってよいこと
    pub topics: String,
    /// 書かないこと
    pub excluded: String,
    /// 返事をする時間
    pub hours: String,
    /// 危険: kept, not shown to patients.
    pub risk: String,
    /// 便益: kept, not shown to patients.
    pub benefit: String,
}

/// The scope may be signed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use]
pub struct Signable(());

impl Scope {
    /// Judges whether it may be signed: nothing is left open, and risk and benefit are two things.
    ///
    /// # Errors
    ///
    /// A part is empty, or risk and benefit are the same words.
    pub fn signable(&self) -> Result<Signable, Refusal> {
        let refuse =
            |reason| Err(Refusal::state(INSTRUCTED, Remedy::SignChatScope).because(reason));
        let parts = [
            &self.topics,
            &self.excluded,
            &self.hours,
            &self.risk,
            &self.benefit,
        ];
        if parts.iter().any(|part| part.trim().is_empty()) {
            return refuse("chat_scope_incomplete");
        }
        if self.risk.trim() == self.benefit.trim() {
            return refuse("chat_not_weighed");
        }
        Ok(Signable(()))
    }
}

/// What a thread rests on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Facts {
    /// The version in force; none where chat is off.
    pub scope: Option<ChatScopeId>,
    /// The version in force, if this patient accepted it; else the newest that was accepted.
    pub accepted: Option<ChatScopeId>,
}

/// Messages may be sent under this version.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use]
pub struct Open(ChatScopeId);

impl Open {
    /// Under which version.
    pub const fn scope(self) -> ChatScopeId {
        self.0
    }
}

/// Judges whether a thread is open.
///
/// # Errors
///
/// Chat is off, the patient has accepted nothing, or something older than what is in force.
pub fn open(facts: Facts) -> Result<Open, Refusal> {
    let scope = facts
        .scope
        .ok_or_else(|| Refusal::state(INSTRUCTED, Remedy::SignChatScope).because("chat_off"))?;
    match facts.accepted {
        None => Err(Refusal::state(SCOPE, Remedy::AcceptChatScope).because("chat_not_accepted")),
        Some(accepted) if accepted != scope => {
            Err(Refusal::state(INSTRUCTED, Remedy::AcceptChatScope).because("chat_scope_changed"))
        }
        Some(_) => Ok(Open(scope)),
    }
}

/// What a patient's message speaks of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Flag {
    /// The body: it belongs to a visit.
    Body,
    /// Something that cannot wait.
    Urgent,
}

impl Flag {
    /// The word stored and sent.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Body => "body",
            Self::Urgent => "urgent",
        }
    }

    /// The flag of that word.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        [Self::Body, Self::Urgent]
            .into_iter()
            .find(|flag| flag.as_str() == word)
    }

    /// Within which time somebody decides.
    #[must_use]
    pub const fn within(self) -> SignedDuration {
        match self {
            Self::Body => DECIDE_WITHIN,
            Self::Urgent => URGENT_WITHIN,
        }
    }
}

/// Width and case folded, spaces taken out: the form in which words are looked for.
fn folded(text: &str) -> String {
    text.nfkc()
        .flat_map(char::to_lowercase)
        .filter(|c| !c.is_whitespace())
        .map(|c| if c == '\u{2019}' { '\'' } else { c })
        .collect()
}

/// Whether a message speaks of the body. The list is cautious: a word too many costs a look, one too few costs more.
#[must_use]
pub fn flag(message: &str) -> Option<Flag> {
    let message = folded(message);
    WORDS
        .iter()
        .filter(|row| row.words.iter().any(|word| message.contains(word)))
        .map(|row| if row.urgent { Flag::Urgent } else { Flag::Body })
        .max()
}

/// Names by which other messengers are reached (要確認: the list is ours). Patients are told to use onshin's own only.
const MESSENGERS: &[&str] = &[
    "line.me",
    "lin.ee",
    "wa.me",
    "whatsapp",
    "t.me/",
    "telegram",
    "m.me/",
    "messenger.com",
    "discord.",
    "instagram.com",
    "facebook.com",
    "kakao",
    "viber",
    "wechat",
    "weixin",
    "signal.me",
    "signal.group",
    "slack.com",
    "skype",
    "teams.microsoft",
    "teams.live",
    "zoom.us",
    "meet.google",
    "chatwork",
];

/// Judges a message of the clinic: it leads nowhere but to the clinic's own pages.
///
/// # Errors
///
/// It holds an address that is not below `own`, or names another messenger.
pub fn sendable(message: &str, own: &str) -> Result<(), Refusal> {
    let text = folded(message);
    let own = folded(own);
    let below_own = |rest: &str| {
        rest.strip_prefix(own.trim_end_matches('/'))
            .is_some_and(|after| {
                !after.starts_with(|c: char| c.is_alphanumeric() || ".:@-".contains(c))
            })
    };
    let strays = text.match_indices("://").any(|(at, _)| {
        let start = text[..at]
            .rfind(|c: char| !c.is_ascii_alphanumeric())
            .map_or(0, |before| {
                before + text[before..].chars().next().map_or(1, char::len_utf8)
            });
        !below_own(&text[start..])
    });
    if strays || text.contains("www.") || MESSENGERS.iter().any(|name| text.contains(name)) {
        return Err(Refusal::state(INSTRUCTED, Remedy::RemoveOutsideLink).because("outside_link"));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_clinics_own_pages_and_nothing_that_looks_like_them() {
        let own = "https://online.clinic.example";
        for (message, good) in [
            ("あすは休診です", true),
            ("https://online.clinic.example/v/abc を開いてください", true),
            ("https://online.clinic.example", true),
            ("https://online.clinic.example.evil.example/", false),
            ("https://online.clinic.example@evil.example/", false),
            ("つづきは http://evil.example で", false),
            ("ＬＩＮＥ．ｍｅ/x で", false),
            ("https : //evil.example", false),
            ("line.me/ti/p/abc", false),
            ("WhatsApp でどうぞ", false),
            ("www.evil.example", false),
        ] {
            assert_eq!(sendable(message, own).is_ok(), good, "{message}");
        }
    }
}
