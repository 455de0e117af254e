//! Words in a message that speak of the body: what is written so belongs to a visit.

/// One row of the list: ways of writing one thing.
#[derive(Clone, Copy, Debug)]
pub struct BodyWord {
    /// Its tag.
    pub key: &'static str,
    /// Ways of writing it: width and case folded, without spaces.
    pub words: &'static [&'static str],
    /// Whether it cannot wait.
    pub urgent: bool,
    /// Whether a physician has reviewed the row; `false` is shown as 要確認.
    pub verified: bool,
}

include!(concat!(env!("OUT_DIR"), "/chat.rs"));
