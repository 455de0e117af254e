//! The write-ahead log of SQLite, copied into the database beside the commits, so that no commit waits for it.

use super::store::Core;
use std::sync::Weak;
use std::sync::atomic::{AtomicU32, Ordering};
use tokio::sync::Notify;

/// Commits between two copies: about a megabyte of log.
const COMMITS: u32 = 256;

/// Counts commits and wakes who copies.
#[derive(Default)]
pub(super) struct Wal {
    commits: AtomicU32,
    wake: Notify,
}

impl Wal {
    /// A commit was made.
    pub(super) fn grew(&self) {
        if self.commits.fetch_add(1, Ordering::Relaxed) + 1 >= COMMITS {
            self.commits.store(0, Ordering::Relaxed);
            self.wake.notify_one();
        }
    }

    /// Asks whoever copies to look whether the store is still there.
    pub(super) fn end(&self) {
        self.wake.notify_one();
    }
}

/// Copies whenever it is due, until the store is gone. What it cannot copy, because somebody still reads an older
/// state, the next one does. The log begins anew only where nothing is left to copy: in a pause, or when the writer
/// copies the little that is left.
pub(super) async fn run(core: Weak<Core>) {
    loop {
        let Some(held) = core.upgrade() else { return };
        let wal = std::sync::Arc::clone(&held.wal);
        drop(held);
        wal.wake.notified().await;
        let Some(held) = core.upgrade() else { return };
        if held.reading.is_closed() {
            return;
        }
        if let Err(error) = sqlx::query("PRAGMA wal_checkpoint(PASSIVE)")
            .execute(&held.reading)
            .await
        {
            tracing::warn!(%error, "the log of the database could not be copied yet");
        }
    }
}
