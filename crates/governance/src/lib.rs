//! The house as a whole: what stands, what is missing, and what proves it. Pure judgements over facts that the shell loads.

pub mod standing;

pub use standing::{Code, Facts, Finding, Seen, Standing, findings, is_offered, standing};

use guideline::Duty;

/// The clauses this crate answers, one line each, and where. Snapshots, reviews and attestations come later.
pub const DUTIES: &[Duty] = &[];
