//! A refusal that concerns a person's standing.

use guideline::Clause;

/// The person may not, by this clause.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Refused {
    /// The clause that refuses.
    pub clause: Clause,
    /// Reason code, such as `training_missing`.
    pub reason: &'static str,
}

impl std::fmt::Display for Refused {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}: {}", self.clause, self.reason)
    }
}

impl std::error::Error for Refused {}
