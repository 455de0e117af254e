//! The names of documents, from the list that the core judges by.

use crate::words::{Lang, Words};
use care::identity::Document;

/// One document as a form offers it.
pub(crate) struct Offered {
    /// The word that is sent.
    pub(crate) key: &'static str,
    /// Its name.
    pub(crate) name: &'static str,
    /// How it is looked at, and what stays covered.
    pub(crate) inspect: &'static str,
}

/// The documents of the list, those with a photograph alone or those without.
pub(crate) fn offered(w: Words, photo: bool) -> Vec<Offered> {
    Document::all()
        .filter(|document| document.kind().photo == photo)
        .map(|document| Offered {
            key: document.as_str(),
            name: name(w, document),
            inspect: match w.lang() {
                Lang::Ja => document.kind().inspect_ja,
                Lang::En => document.kind().inspect_en,
            },
        })
        .collect()
}

/// The name of one document.
pub(crate) fn name(w: Words, document: Document) -> &'static str {
    match w.lang() {
        Lang::Ja => document.kind().ja,
        Lang::En => document.kind().en,
    }
}

/// The names of stored words; one that has left the list stands for itself.
pub(crate) fn names(w: Words, stored: &str) -> String {
    stored
        .split(' ')
        .map(|word| Document::parse(word).map_or(word, |document| name(w, document)))
        .collect::<Vec<_>>()
        .join(w.say("list-comma").as_ref())
}
