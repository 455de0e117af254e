//! The reserve: a file that holds space on the data's disk, given up once when the disk is full,
//! so that visits under way can be finished and documented.

use std::io::Write as _;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// Bytes held: the writes of a clinic's day.
pub(super) const RESERVE_BYTES: u64 = 64 * 1024 * 1024;
const CHUNK_BYTES: usize = 1024 * 1024;

pub(super) struct Reserve {
    path: Option<PathBuf>,
    released: AtomicBool,
}

impl Reserve {
    pub(super) const fn new(path: Option<PathBuf>) -> Self {
        Self {
            path,
            released: AtomicBool::new(false),
        }
    }

    /// Makes or completes the file, without holding up the start.
    pub(super) fn fill(self: &Arc<Self>) {
        if self.path.is_some() {
            let reserve = Arc::clone(self);
            tokio::task::spawn_blocking(move || {
                if let Some(path) = &reserve.path
                    && let Err(why) = fill(path, || reserve.is_released())
                {
                    tracing::error!(%why, "the disk has no room for the reserve");
                }
            });
        }
    }

    /// Whether the space was given up and has not come back.
    pub(super) fn is_released(&self) -> bool {
        self.released.load(Ordering::SeqCst)
    }

    /// Takes the space back if the disk has room again. True when nothing is missing any more.
    pub(super) fn refill(&self) -> bool {
        if !self.is_released() {
            return true;
        }
        if let Some(path) = &self.path
            && let Err(why) = fill(path, || false)
        {
            tracing::warn!(%why, "the disk still has no room for the reserve");
            // A half-filled file would hold space that visits under way need.
            let _ = std::fs::remove_file(path);
            return false;
        }
        self.released.store(false, Ordering::SeqCst);
        tracing::info!("the disk has room again; the reserve is held");
        true
    }

    /// Gives the space up. Only the first call does anything, until the space was taken back.
    pub(super) fn release(&self) {
        if self.released.swap(true, Ordering::SeqCst) {
            return;
        }
        let Some(path) = &self.path else { return };
        match std::fs::remove_file(path) {
            Ok(()) => tracing::error!("the disk is full; the reserve was released"),
            Err(why) => {
                tracing::error!(%why, "the disk is full, and the reserve could not be released");
            }
        }
    }
}

fn fill(path: &Path, stop: impl Fn() -> bool) -> std::io::Result<()> {
    let mut file = std::fs::OpenOptions::new()
        .create(true)
        .append(true)
        .mode(0o600)
        .open(path)?;
    let chunk = vec![0x5a; CHUNK_BYTES];
    while file.metadata()?.len() < RESERVE_BYTES && !stop() {
        file.write_all(&chunk)?;
    }
    file.sync_all()
}
