//! Proofs for someone outside: that an entry is in the tree, and that a later tree only adds to an earlier one.
//!
//! A proof is made in two steps, because the hashes lie in a database: first the nodes it needs, then the proof from them.

use crate::tree::Hash;
use std::cell::RefCell;
use std::collections::HashMap;
use std::fmt;
use tlog_tiles::{Error, HashReader, split_stored_hash_index};

/// One hash of the tree: level 0 is a leaf, level 8 the root of a whole tile.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Node {
    /// Height above the leaves.
    pub level: u8,
    /// Which one of its level.
    pub index: u64,
}

/// Nodes and their hashes.
pub type Nodes = HashMap<Node, Hash>;

/// Why there is no such proof.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ProofError {
    /// The entry or the older size lies outside the tree.
    Outside,
    /// A needed node was not given.
    Missing(Node),
    /// The proof does not hold.
    Refused,
}

impl fmt::Display for ProofError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Outside => f.write_str("outside the tree"),
            Self::Missing(node) => {
                write!(f, "no hash for level {} index {}", node.level, node.index)
            }
            Self::Refused => f.write_str("the proof does not hold"),
        }
    }
}

impl std::error::Error for ProofError {}

/// The nodes that [`inclusion`] needs.
///
/// # Errors
///
/// The entry is not in a tree of this size.
pub fn inclusion_needs(size: u64, entry: u64) -> Result<Vec<Node>, ProofError> {
    if entry >= size {
        return Err(ProofError::Outside);
    }
    let asked = Asked::default();
    tlog_tiles::prove_record(size, entry, &asked).map_err(|_| ProofError::Outside)?;
    Ok(asked.0.into_inner())
}

/// The audit path of an entry in a tree of `size` (RFC 6962 section 2.1.1).
///
/// # Errors
///
/// The entry lies outside, or a needed node is missing.
pub fn inclusion(size: u64, entry: u64, nodes: &Nodes) -> Result<Vec<Hash>, ProofError> {
    complete(nodes, &inclusion_needs(size, entry)?)?;
    tlog_tiles::prove_record(size, entry, &Given(nodes)).map_err(|_| ProofError::Outside)
}

/// The nodes that [`consistency`] needs.
///
/// # Errors
///
/// The older tree is empty or larger than the newer.
pub fn consistency_needs(new: u64, old: u64) -> Result<Vec<Node>, ProofError> {
    if old == 0 || old > new {
        return Err(ProofError::Outside);
    }
    let asked = Asked::default();
    tlog_tiles::prove_tree(new, old, &asked).map_err(|_| ProofError::Outside)?;
    Ok(asked.0.into_inner())
}

/// The proof that the tree of `new` entries begins with the tree of `old` (RFC 6962 section 2.1.2).
///
/// # Errors
///
/// The older tree is empty or larger than the newer, or a needed node is missing.
pub fn consistency(new: u64, old: u64, nodes: &Nodes) -> Result<Vec<Hash>, ProofError> {
    complete(nodes, &consistency_needs(new, old)?)?;
    tlog_tiles::prove_tree(new, old, &Given(nodes)).map_err(|_| ProofError::Outside)
}

/// Accepts a proof that `leaf` is entry `entry` of the tree.
///
/// # Errors
///
/// It is not.
pub fn check_inclusion(
    proof: &[Hash],
    size: u64,
    root: Hash,
    entry: u64,
    leaf: Hash,
) -> Result<(), ProofError> {
    tlog_tiles::check_record(&proof.to_vec(), size, root, entry, leaf)
        .map_err(|_| ProofError::Refused)
}

/// Accepts a proof that the newer tree begins with the older one.
///
/// # Errors
///
/// It does not.
pub fn check_consistency(
    proof: &[Hash],
    new: u64,
    new_root: Hash,
    old: u64,
    old_root: Hash,
) -> Result<(), ProofError> {
    tlog_tiles::check_tree(&proof.to_vec(), new, new_root, old, old_root)
        .map_err(|_| ProofError::Refused)
}

fn complete(nodes: &Nodes, needed: &[Node]) -> Result<(), ProofError> {
    match needed.iter().find(|node| !nodes.contains_key(node)) {
        Some(node) => Err(ProofError::Missing(*node)),
        None => Ok(()),
    }
}

fn node(index: u64) -> Node {
    let (level, index) = split_stored_hash_index(index);
    Node { level, index }
}

/// Writes down what it is asked for.
#[derive(Default)]
struct Asked(RefCell<Vec<Node>>);

impl HashReader for Asked {
    fn read_hashes(&self, indexes: &[u64]) -> Result<Vec<Hash>, Error> {
        self.0
            .borrow_mut()
            .extend(indexes.iter().copied().map(node));
        Ok(vec![Hash::default(); indexes.len()])
    }
}

struct Given<'n>(&'n Nodes);

impl HashReader for Given<'_> {
    fn read_hashes(&self, indexes: &[u64]) -> Result<Vec<Hash>, Error> {
        indexes
            .iter()
            .map(|&index| {
                self.0
                    .get(&node(index))
                    .copied()
                    .ok_or(Error::MalformedHash)
            })
            .collect()
    }
}
