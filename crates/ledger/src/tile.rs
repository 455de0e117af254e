//! Tiles (C2SP tlog-tiles, height 8): 256 neighbouring hashes of one level, written once when they are complete.
//!
//! Level 0 holds leaves; a hash of level 1 is the root of a whole tile of level 0, and so on.

use crate::tree::{Hash, fold};

/// Hashes in a tile.
pub const TILE_WIDTH: u64 = 256;

/// Tile levels a tree of 2^63 entries can reach.
pub const LEVELS_MAX: u8 = 8;

/// A complete tile.
#[derive(Clone, Debug, PartialEq)]
pub struct Tile {
    /// Tile level: 0 for leaves.
    pub level: u8,
    /// Which tile of its level.
    pub index: u64,
    /// Its 256 hashes.
    pub hashes: Vec<Hash>,
}

impl Tile {
    /// The tile of these hashes, if there are exactly [`TILE_WIDTH`].
    pub fn new(level: u8, index: u64, hashes: Vec<Hash>) -> Option<Self> {
        (hashes.len() as u64 == TILE_WIDTH).then_some(Self {
            level,
            index,
            hashes,
        })
    }

    /// The tile from stored bytes.
    pub fn from_bytes(level: u8, index: u64, bytes: &[u8]) -> Option<Self> {
        let (hashes, rest) = bytes.as_chunks::<32>();
        rest.is_empty()
            .then(|| hashes.iter().copied().map(Hash).collect())
            .and_then(|hashes| Self::new(level, index, hashes))
    }

    /// The 8,192 bytes as stored and as the C2SP format serves them.
    pub fn to_bytes(&self) -> Vec<u8> {
        self.hashes.iter().flat_map(|hash| hash.0).collect()
    }

    /// The root over the tile: one hash of the next level.
    pub fn root(&self) -> Hash {
        fold(&self.hashes)
    }
}

/// The tiles of `level` that become complete when a tree grows from `old` to `new` entries.
pub fn completed(level: u8, old: u64, new: u64) -> std::ops::Range<u64> {
    let entries_log2 = 8 * (u32::from(level) + 1);
    if entries_log2 >= u64::BITS {
        return 0..0;
    }
    (old >> entries_log2)..(new >> entries_log2)
}
