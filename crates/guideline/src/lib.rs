//! The guidelines as data: what each clause is called, what it asks, and the reviewed texts that go with it.
//!
//! Nothing here decides anything. Deciding belongs to the crate whose subject the clause is;
//! this crate gives the deciding code a name to answer to.

#![no_std]

pub mod chat;
pub mod document;
pub mod explanation;
pub mod symptom;
pub mod urgent;

/// The name of one clause, such as `cl-1.5-i-b`. Minted once, never reused.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Clause(&'static str);

/// One line of a crate's table of duties: the clause, and the module that answers it.
pub type Duty = (Clause, &'static str);

/// Whether software refuses, proves, or keeps a person's word.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// The violation is refused or made impossible.
    Enforced,
    /// Proof is produced by ordinary use; its absence is a finding.
    Evidenced,
    /// A person states it; software keeps, dates and reminds.
    Attested,
}

/// A clause as the catalogue words it, in our own words, with its place in the ministry's text.
#[derive(Clone, Copy, Debug)]
pub struct ClauseText {
    /// Its name.
    pub id: &'static str,
    /// The document it comes from: `000` to `004`.
    pub source: &'static str,
    /// The heading it stands under.
    pub section: &'static str,
    /// The duty in plain Japanese.
    pub ja: &'static str,
    /// The duty in plain English.
    pub en: &'static str,
    /// Who answers for it.
    pub duty_of: &'static [&'static str],
    /// When it applies: `always`, `followup`, `first_visit`, `emergency`…
    pub applies: &'static str,
    /// How software meets it.
    pub kind: Kind,
    /// The module that answers, as `crate::module`.
    pub module: &'static str,
    /// The milestone that builds it.
    pub milestone: &'static str,
    /// Clauses that share one piece of evidence with this one.
    pub evidence_with: &'static [&'static str],
    /// What the software does.
    pub behaviour: &'static str,
    /// What proves it.
    pub evidence: &'static str,
    /// How a test attacks it.
    pub attack: &'static str,
    /// How long evidence is kept, such as `2y`; empty where the text does not say.
    pub retention: &'static str,
    /// Whether the text only wishes it (望ましい).
    pub desirable: bool,
}

include!(concat!(env!("OUT_DIR"), "/clauses.rs"));

/// Names a clause. In a `const`, a name that no catalogue lists does not compile.
///
/// # Panics
///
/// When no catalogue lists the name.
#[must_use]
#[expect(
    clippy::panic,
    clippy::indexing_slicing,
    reason = "the compiler runs it"
)]
pub const fn clause(id: &'static str) -> Clause {
    let mut i = 0;
    while i < CLAUSES.len() {
        if same(CLAUSES[i].id, id) {
            return Clause(id);
        }
        i += 1;
    }
    panic!("no catalogue lists this clause")
}

/// The clause with this name, if a catalogue lists it: for names that come from outside.
#[must_use]
pub fn find(id: &str) -> Option<Clause> {
    text_of(id).map(|text| Clause(text.id))
}

/// Every clause of every catalogue, sorted by name.
#[must_use]
pub const fn catalogue() -> &'static [ClauseText] {
    CLAUSES
}

impl Clause {
    /// The name as it is printed in code, pages, tests, ledger and evidence.
    #[must_use]
    pub const fn id(self) -> &'static str {
        self.0
    }

    /// The catalogue's line for it.
    #[must_use]
    pub fn text(self) -> Option<&'static ClauseText> {
        text_of(self.0)
    }
}

impl core::fmt::Debug for Clause {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str(self.0)
    }
}

impl core::fmt::Display for Clause {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str(self.0)
    }
}

fn text_of(id: &str) -> Option<&'static ClauseText> {
    let at = CLAUSES.binary_search_by(|row| row.id.cmp(id)).ok()?;
    CLAUSES.get(at)
}

#[expect(clippy::indexing_slicing, reason = "the compiler runs it")]
const fn same(a: &str, b: &str) -> bool {
    let (a, b) = (a.as_bytes(), b.as_bytes());
    if a.len() != b.len() {
        return false;
    }
    let mut i = 0;
    while i < a.len() {
        if a[i] != b[i] {
            return false;
        }
        i += 1;
    }
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_catalogues_list_528_duties() {
        assert_eq!(catalogue().len(), 528);
    }

    #[test]
    fn a_clause_knows_its_own_text() {
        const AGREEMENT: Clause = clause("cl-1.1-i");
        assert_eq!(AGREEMENT.text().map(|text| text.id), Some("cl-1.1-i"));
        assert_eq!(find("cl-9.9"), None);
    }
}
