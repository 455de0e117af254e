//! Kinds of document that show who a patient is (本人確認書類): reviewed data, with how each is inspected.

/// One kind of document.
#[derive(Clone, Copy, Debug)]
pub struct DocumentKind {
    /// Its tag.
    pub key: &'static str,
    /// Its name in Japanese.
    pub ja: &'static str,
    /// Its name in English.
    pub en: &'static str,
    /// Whether it carries a photograph of its holder.
    pub photo: bool,
    /// Whether it is a kind without a name of its own, which has to be described in words.
    pub words: bool,
    /// How it is looked at, and what of it stays covered, in Japanese.
    pub inspect_ja: &'static str,
    /// The same in English.
    pub inspect_en: &'static str,
    /// Whether somebody who knows the law has reviewed the row; `false` is 要確認.
    pub verified: bool,
}

include!(concat!(env!("OUT_DIR"), "/documents.rs"));
