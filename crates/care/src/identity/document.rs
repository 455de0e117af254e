//! The documents that count: a list with an edition, and words for what has no name on it.

use super::KINDS;
use crate::{Refusal, Remedy};
use guideline::document::{self, DocumentKind};

/// The document that was looked at. Its number and image are not kept: there is no field for them.
#[derive(Clone, Copy, Debug)]
pub struct Document(&'static DocumentKind);

impl PartialEq for Document {
    fn eq(&self, other: &Self) -> bool {
        self.0.key == other.0.key
    }
}

impl Eq for Document {}

impl Document {
    /// Every document of the list, in the order offered.
    pub fn all() -> impl Iterator<Item = Self> {
        document::KINDS.iter().map(Self)
    }

    /// The word stored and sent.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        self.0.key
    }

    /// The document of that word.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::all().find(|document| document.as_str() == word)
    }

    /// Its row in the list: names, and how it is inspected.
    #[must_use]
    pub const fn kind(self) -> &'static DocumentKind {
        self.0
    }
}

/// A document as it was named: of the list, with words where the list has no name for it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Named {
    /// Which kind.
    pub document: Document,
    /// What it was, where the kind says nothing.
    pub words: String,
}

impl Named {
    /// Reads a kind and its words.
    ///
    /// # Errors
    ///
    /// The kind is not on the list, or has no name of its own and none was written (422).
    pub fn of(kind: &str, words: &str) -> Result<Self, Refusal> {
        let unknown = || Refusal::content(KINDS, Remedy::NameDocument).because("unlisted_document");
        let document = Document::parse(kind).ok_or_else(unknown)?;
        let words = words.trim();
        if document.kind().words && words.is_empty() {
            return Err(unknown());
        }
        Ok(Self {
            document,
            words: words.to_owned(),
        })
    }
}
