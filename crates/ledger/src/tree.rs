//! The tree over all entries (RFC 6962, in the order of tlog), known by its right edge alone.

use std::fmt;
pub use tlog_tiles::Hash;
use tlog_tiles::{EMPTY_HASH, HASH_SIZE, node_hash, record_hash};

/// The root of a tree without entries: SHA-256 of nothing (RFC 6962 section 2.1).
pub const EMPTY_ROOT: Hash = EMPTY_HASH;

/// The hash of one entry as a leaf of the tree.
pub fn leaf_hash(body: &[u8]) -> Hash {
    record_hash(body)
}

/// The roots of the perfect subtrees that cover all entries, largest first: at most 64 hashes,
/// enough to append and to name the root.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Frontier {
    size: u64,
    peaks: Vec<Hash>,
}

/// Stored bytes that are no frontier.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NoFrontier;

impl fmt::Display for NoFrontier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the bytes are not the right edge of a tree")
    }
}

impl std::error::Error for NoFrontier {}

impl Frontier {
    /// The edge of the empty tree.
    pub const fn new() -> Self {
        Self {
            size: 0,
            peaks: Vec::new(),
        }
    }

    /// How many entries the tree holds.
    pub const fn size(&self) -> u64 {
        self.size
    }

    /// Appends a leaf.
    pub fn push(&mut self, leaf: Hash) {
        let mut grown = leaf;
        // Each trailing one bit of the size is a subtree of the same height, waiting for its sibling.
        for _ in 0..self.size.trailing_ones() {
            if let Some(left) = self.peaks.pop() {
                grown = node_hash(left, grown);
            }
        }
        self.peaks.push(grown);
        self.size += 1;
    }

    /// The root of the tree.
    pub fn root(&self) -> Hash {
        self.peaks
            .iter()
            .rev()
            .copied()
            .reduce(|right, left| node_hash(left, right))
            .unwrap_or(EMPTY_ROOT)
    }

    /// The peaks' bytes, as a row keeps them beside the size.
    pub fn to_bytes(&self) -> Vec<u8> {
        self.peaks.iter().flat_map(|peak| peak.0).collect()
    }

    /// The edge of a tree of `size` entries from its stored bytes.
    ///
    /// # Errors
    ///
    /// The number of peaks does not fit the size.
    pub fn from_bytes(size: u64, bytes: &[u8]) -> Result<Self, NoFrontier> {
        let (peaks, rest) = bytes.as_chunks::<HASH_SIZE>();
        if !rest.is_empty() || peaks.len() != size.count_ones() as usize {
            return Err(NoFrontier);
        }
        Ok(Self {
            size,
            peaks: peaks.iter().copied().map(Hash).collect(),
        })
    }
}

/// The root of a perfect subtree from all its hashes; their number is a power of two.
pub fn fold(hashes: &[Hash]) -> Hash {
    let mut edge = Frontier::new();
    for hash in hashes {
        edge.push(*hash);
    }
    edge.root()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::cell::RefCell;
    use tlog_tiles::{Error, HashReader, stored_hashes, tree_hash};

    struct Kept(RefCell<Vec<Hash>>);

    impl HashReader for Kept {
        fn read_hashes(&self, indexes: &[u64]) -> Result<Vec<Hash>, Error> {
            Ok(indexes
                .iter()
                .map(|&at| self.0.borrow()[usize::try_from(at).unwrap()])
                .collect())
        }
    }

    #[test]
    fn the_edge_names_the_same_root_as_the_whole_tree() {
        let kept = Kept(RefCell::new(Vec::new()));
        let mut edge = Frontier::new();
        for n in 0..600_u64 {
            assert_eq!(edge.root(), tree_hash(n, &kept).unwrap(), "size {n}");
            let body = n.to_string();
            let grown = stored_hashes(n, body.as_bytes(), &kept).unwrap();
            kept.0.borrow_mut().extend(grown);
            edge.push(leaf_hash(body.as_bytes()));
        }
    }

    #[test]
    fn an_edge_survives_storage_and_a_wrong_one_is_refused() {
        let mut edge = Frontier::new();
        for n in 0..77_u8 {
            edge.push(leaf_hash(&[n]));
        }
        let bytes = edge.to_bytes();
        assert_eq!(Frontier::from_bytes(77, &bytes), Ok(edge));
        assert_eq!(Frontier::from_bytes(79, &bytes), Err(NoFrontier));
        assert_eq!(Frontier::from_bytes(77, &bytes[1..]), Err(NoFrontier));
    }
}
