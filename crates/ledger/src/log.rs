//! The audit of a stored log (cl-2.5.2.1-x-a): every entry is hashed again and held against the three things
//! written beside it: its leaf, its tile, and the signed checkpoints, those kept elsewhere (anchors) included.
//!
//! Without an anchor, whoever holds the signing key can still rewrite the log, and whoever can delete rows can go back
//! to an older checkpoint; with an anchor from before, neither stays hidden.

use crate::checkpoint::{self, CheckpointError, Verifier};
use crate::tile::{TILE_WIDTH, Tile};
use crate::tree::{Frontier, Hash, leaf_hash};
use std::fmt;

/// How far the time of an entry may lie before an earlier one's, in µs: acts wait in a queue, machines differ a little.
const CLOCK_SLACK_US: i64 = 60_000_000;
/// Clock findings kept; past this, the clock is plainly wrong.
const CLOCK_FINDINGS_MAX: usize = 100;

/// What is wrong with the log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum What {
    /// The entry's text is not the one that was hashed.
    Edited,
    /// The entry is not there, although later ones are.
    Missing,
    /// The entries end here, although the log was longer.
    Truncated,
    /// The entry is not the one its tile or the checkpoint after it speaks for: changed, moved or put in.
    Replaced,
    /// A tile over these entries is missing, or differs from them.
    Tile,
    /// A checkpoint over these entries is not a true one of this ledger.
    Checkpoint,
    /// No signed checkpoint speaks for these entries.
    Unsigned,
    /// A checkpoint kept elsewhere or time-stamped says something else: the log was rewritten since.
    Rewritten,
    /// A time-stamp over these entries is missing, or is not what its authority made.
    TimeStamp,
}

impl What {
    /// The word for programs that read the report.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Edited => "edited",
            Self::Missing => "missing",
            Self::Truncated => "truncated",
            Self::Replaced => "replaced",
            Self::Tile => "tile",
            Self::Checkpoint => "checkpoint",
            Self::Unsigned => "unsigned",
            Self::Rewritten => "rewritten",
            Self::TimeStamp => "time_stamp",
        }
    }
}

/// Where a log stops being what was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tampered {
    /// The first entry that may be wrong.
    pub entry: u64,
    /// The last entry that the finding speaks of: equal to `entry` where it is exact.
    pub until: u64,
    /// What is wrong.
    pub what: What,
}

impl fmt::Display for Tampered {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.entry == self.until {
            write!(f, "entry {}: {}", self.entry, self.what.as_str())
        } else {
            write!(
                f,
                "entries {} to {}: {}",
                self.entry,
                self.until,
                self.what.as_str()
            )
        }
    }
}

/// An anchor: a checkpoint kept outside the database, its signature already checked.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Anchor {
    /// Entries it speaks for.
    pub size: u64,
    /// The root over them.
    pub root: Hash,
}

/// What the anchor file says of one ledger.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Anchors {
    /// Those of this ledger with a true signature, smallest first.
    pub held: Vec<Anchor>,
    /// How many notes name this ledger but are not truly signed by its present key.
    pub doubtful: u64,
}

impl Anchors {
    /// The anchors of one ledger from the text of an anchor file or of a single older checkpoint.
    pub fn read(file: &str, verifier: &Verifier) -> Self {
        let mut anchors = Self::default();
        for note in checkpoint::split(file) {
            match verifier.open(note) {
                Ok(said) => anchors.held.push(Anchor {
                    size: said.size,
                    root: said.root,
                }),
                Err(CheckpointError::Origin) => {}
                Err(
                    CheckpointError::Malformed
                    | CheckpointError::Key
                    | CheckpointError::UnknownKey
                    | CheckpointError::Signature,
                ) => anchors.doubtful += u64::from(names(note, verifier.origin())),
            }
        }
        anchors.held.sort_by_key(|anchor| anchor.size);
        anchors
    }

    /// The same with more checkpoints, their signatures already checked: those that a time-stamp speaks for.
    #[must_use]
    pub fn and(mut self, more: impl IntoIterator<Item = Anchor>) -> Self {
        self.held.extend(more);
        self.held.sort_by_key(|anchor| anchor.size);
        self
    }
}

/// Whether a note names the ledger in its first line. A note too broken to tell counts as naming it.
fn names(note: &str, origin: &str) -> bool {
    checkpoint::read(note).map_or(true, |said| said.origin == origin)
}

/// An audit under way. Feed the rows in their order: the entries of a tile, then that tile; and before an entry,
/// each checkpoint whose size is already reached.
pub struct Audit {
    verifier: Verifier,
    edge: Frontier,
    /// The leaves since the last complete tile of level 0, then the hashes since the last complete tile of level 1, …
    open: Vec<Vec<Hash>>,
    /// Complete tiles that the rows have not shown yet, with their roots.
    due: Vec<(Tile, Hash)>,
    /// Size at the newest checkpoint or anchor that agreed.
    agreed: u64,
    /// Size at the newest checkpoint of the database that agreed.
    signed: u64,
    anchors: std::vec::IntoIter<Anchor>,
    next_anchor: Option<Anchor>,
    latest_us: i64,
    set_back: Vec<u64>,
}

impl Audit {
    /// Starts an audit at the first entry.
    pub fn new(verifier: Verifier, anchors: Anchors) -> Self {
        let mut anchors = anchors.held.into_iter();
        let next_anchor = anchors.next();
        Self {
            verifier,
            edge: Frontier::new(),
            open: Vec::new(),
            due: Vec::new(),
            agreed: 0,
            signed: 0,
            anchors,
            next_anchor,
            latest_us: i64::MIN,
            set_back: Vec::new(),
        }
    }

    /// Entries read so far.
    pub const fn size(&self) -> u64 {
        self.edge.size()
    }

    /// The root over the entries read so far.
    pub fn root(&self) -> Hash {
        self.edge.root()
    }

    /// The next entry's row.
    ///
    /// # Errors
    ///
    /// It is out of its place, was edited, or an anchor at this size says something else.
    pub fn entry(&mut self, seq: u64, body: &[u8], leaf: &[u8]) -> Result<(), Tampered> {
        self.hashed(seq, body, leaf_hash(body), leaf)
    }

    /// The same for a caller who has hashed the text already, perhaps on another core.
    ///
    /// # Errors
    ///
    /// As [`Audit::entry`].
    pub fn hashed(
        &mut self,
        seq: u64,
        body: &[u8],
        hash: Hash,
        leaf: &[u8],
    ) -> Result<(), Tampered> {
        let place = self.edge.size();
        if seq != place {
            return Err(exact(place, What::Missing));
        }
        if leaf != hash.0 {
            return Err(exact(place, What::Edited));
        }
        self.look_at_clock(place, body);
        self.edge.push(hash);
        self.grow(hash);
        self.anchor()
    }

    /// Entries before which the clock had been set back by more than a minute, the first hundred of them.
    /// The log is whole all the same: it tells the order, and that the times are not to be trusted there.
    pub fn clock_set_back(&self) -> &[u64] {
        &self.set_back
    }

    /// The next tile's row, given when its last entry has been read; lower levels first.
    ///
    /// # Errors
    ///
    /// It is not the tile over the entries.
    pub fn tile(
        &mut self,
        level: u8,
        index: u64,
        root: &[u8],
        hashes: &[u8],
    ) -> Result<(), Tampered> {
        let Some(place) = self
            .due
            .iter()
            .position(|(due, _)| due.level == level && due.index == index)
        else {
            return Err(covered(level, index, What::Tile));
        };
        let (due, due_root) = self.due.remove(place);
        let Some(kept) = Tile::from_bytes(level, index, hashes) else {
            return Err(covered(level, index, What::Tile));
        };
        if let Some(first) = due
            .hashes
            .iter()
            .zip(&kept.hashes)
            .position(|(due, kept)| due != kept)
        {
            let first = index * TILE_WIDTH + first as u64;
            return Err(if level == 0 {
                exact(first, What::Replaced)
            } else {
                covered(level - 1, first, What::Replaced)
            });
        }
        if root != due_root.0 {
            return Err(covered(level, index, What::Tile));
        }
        Ok(())
    }

    /// The next checkpoint's row, given when exactly `size` entries have been read.
    ///
    /// `prove` asks for its signature to be checked; its size and root always are. The newest must be proved:
    /// its root speaks for all older ones.
    ///
    /// # Errors
    ///
    /// It is not a true checkpoint of this ledger, or the entries differ from what it says.
    pub fn checkpoint(&mut self, size: u64, note: &str, prove: bool) -> Result<(), Tampered> {
        let wrong = |what| Tampered {
            entry: self.agreed.min(size.saturating_sub(1)),
            until: size.saturating_sub(1),
            what,
        };
        let said = if prove {
            self.verifier.open(note)
        } else {
            checkpoint::read(note)
        };
        let Ok(said) = said else {
            return Err(wrong(What::Checkpoint));
        };
        if said.origin != self.verifier.origin() || said.size != size || size != self.edge.size() {
            return Err(wrong(What::Checkpoint));
        }
        if said.root != self.edge.root() {
            // A checkpoint that was itself changed must not blame the entries.
            let forged = self.verifier.open(note).is_err();
            return Err(wrong(if forged {
                What::Checkpoint
            } else {
                What::Replaced
            }));
        }
        self.agreed = size;
        self.signed = size;
        Ok(())
    }

    /// Level and index of the next tile whose row must be given.
    pub fn due(&self) -> Option<(u8, u64)> {
        self.due.first().map(|(due, _)| (due.level, due.index))
    }

    /// Whether tiles are complete whose rows have not been given.
    ///
    /// # Errors
    ///
    /// Names the first entry of the first such tile.
    pub fn tiles_shown(&self) -> Result<(), Tampered> {
        match self.due.first() {
            Some((due, _)) => Err(covered(due.level, due.index, What::Tile)),
            None => Ok(()),
        }
    }

    /// The end of the rows: the log must be as long as its newest checkpoint and every anchor say.
    ///
    /// # Errors
    ///
    /// A tile is missing, entries are unsigned, or an anchor speaks for more entries than there are.
    pub fn end(self, newest_checkpoint: u64) -> Result<(), Tampered> {
        let size = self.edge.size();
        self.tiles_shown()?;
        let longest = self
            .anchors
            .map(|anchor| anchor.size)
            .chain(self.next_anchor.map(|anchor| anchor.size))
            .max();
        let longest = longest.unwrap_or(0).max(newest_checkpoint);
        if longest > size {
            return Err(Tampered {
                entry: size,
                until: longest - 1,
                what: What::Truncated,
            });
        }
        if self.signed < size {
            return Err(Tampered {
                entry: self.signed,
                until: size - 1,
                what: What::Unsigned,
            });
        }
        Ok(())
    }

    fn look_at_clock(&mut self, place: u64, body: &[u8]) {
        let Some(at_us) = time_us(body) else { return };
        let back = at_us < self.latest_us.saturating_sub(CLOCK_SLACK_US);
        if back && self.set_back.len() < CLOCK_FINDINGS_MAX {
            self.set_back.push(place);
        }
        // From a finding on, times count from the clock as it now is: one setting back is one finding.
        self.latest_us = if back {
            at_us
        } else {
            self.latest_us.max(at_us)
        };
    }

    fn grow(&mut self, leaf: Hash) {
        let mut hash = leaf;
        let mut entries = 1_u64;
        for level in 0_u8.. {
            entries = entries.saturating_mul(TILE_WIDTH);
            if self.open.len() <= usize::from(level) {
                self.open.push(Vec::new());
            }
            let Some(open) = self.open.get_mut(usize::from(level)) else {
                return;
            };
            open.push(hash);
            if (open.len() as u64) < TILE_WIDTH {
                return;
            }
            let index = self.edge.size() / entries - 1;
            let Some(tile) = Tile::new(level, index, std::mem::take(open)) else {
                return;
            };
            hash = tile.root();
            self.due.push((tile, hash));
        }
    }

    fn anchor(&mut self) -> Result<(), Tampered> {
        while let Some(anchor) = self
            .next_anchor
            .filter(|anchor| anchor.size <= self.edge.size())
        {
            // An anchor of size zero speaks for nothing.
            if anchor.size > 0 && anchor.root != self.edge.root() {
                return Err(Tampered {
                    entry: self.agreed.min(anchor.size - 1),
                    until: anchor.size - 1,
                    what: What::Rewritten,
                });
            }
            self.next_anchor = self.anchors.next();
        }
        Ok(())
    }
}

/// The time of a canonical entry, in µs since 1970: `at` is the second name of the outermost map, after `actor`, which holds no such name;
/// within text the quotation marks would be escaped.
pub fn time_us(body: &[u8]) -> Option<i64> {
    const NAME: &[u8] = b",\"at\":";
    let start = body.windows(NAME.len()).position(|bytes| bytes == NAME)? + NAME.len();
    let number = body
        .get(start..)?
        .split(|&byte| byte == b',' || byte == b'}')
        .next()?;
    std::str::from_utf8(number).ok()?.parse().ok()
}

const fn exact(entry: u64, what: What) -> Tampered {
    Tampered {
        entry,
        until: entry,
        what,
    }
}

/// A finding about all entries under a tile.
const fn covered(level: u8, index: u64, what: What) -> Tampered {
    let shift = 8 * (level as u32 + 1);
    let first = match index.checked_shl(shift) {
        Some(first) => first,
        None => u64::MAX,
    };
    let width = match 1_u64.checked_shl(shift) {
        Some(width) => width,
        None => u64::MAX,
    };
    Tampered {
        entry: first,
        until: first.saturating_add(width - 1),
        what,
    }
}
