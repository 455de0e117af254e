//! The append-only, tamper-evident log (台帳): what an entry says, how entries become a tree,
//! how a signed checkpoint and a proof speak for them, and how a stored log is audited.
//!
//! No clock, no randomness, no storage: `store` keeps the rows and is the only way in.

pub mod checkpoint;
pub mod entry;
pub mod json;
pub mod log;
pub mod proof;
pub mod tile;
pub mod tree;

pub use checkpoint::{Checkpoint, Signer, Verifier};
pub use entry::{Actor, Digest, Entry, Field, Outcome};
pub use log::{Audit, Tampered, What};
pub use tile::{TILE_WIDTH, Tile};
pub use tree::{EMPTY_ROOT, Frontier, Hash, leaf_hash};

/// The clauses this crate answers, and the module that does.
pub const DUTIES: &[(&str, &str)] = &[("cl-2.5.2.1-x-a", "log")];
