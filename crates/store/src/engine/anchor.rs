//! The anchor file (`checkpoints.log`): checkpoints kept outside the database, where a thief of the signing key
//! cannot rewrite them. Each ledger that grew is written once a minute at most, and at the end.

use super::book::Signed;
use access::TenantId;
use std::collections::BTreeMap;
use std::io::Write as _;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::sync::Notify;

/// Time between two writes.
const INTERVAL: Duration = Duration::from_secs(60);

/// The newest checkpoints that wait to be written.
pub(super) struct Anchor {
    path: Option<PathBuf>,
    waiting: Mutex<Waiting>,
    wake: Notify,
}

#[derive(Default)]
struct Waiting {
    notes: BTreeMap<TenantId, String>,
    ended: bool,
}

impl Anchor {
    pub(super) fn new(path: Option<PathBuf>) -> Self {
        Self {
            path,
            waiting: Mutex::default(),
            wake: Notify::new(),
        }
    }

    /// Takes the checkpoints of a commit; a newer one of the same ledger speaks for the older.
    pub(super) fn note(&self, signed: Vec<Signed>) {
        if self.path.is_none() || signed.is_empty() {
            return;
        }
        let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        waiting.notes.extend(
            signed
                .into_iter()
                .map(|signed| (signed.tenant, signed.note)),
        );
        self.wake.notify_one();
    }

    /// Asks for the last write.
    pub(super) fn end(&self) {
        self.waiting
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .ended = true;
        self.wake.notify_one();
    }

    /// Writes until the end. The first checkpoint after a pause is written at once.
    pub(super) async fn run(self: Arc<Self>) {
        let Some(path) = self.path.clone() else {
            return;
        };
        loop {
            self.wake.notified().await;
            let (notes, ended) = {
                let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
                (std::mem::take(&mut waiting.notes), waiting.ended)
            };
            if !notes.is_empty() {
                self.write(&path, notes).await;
            }
            if ended {
                return;
            }
            self.rest().await;
        }
    }

    /// Waits for the interval, or for the end.
    async fn rest(&self) {
        let end = async {
            while !self
                .waiting
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .ended
            {
                self.wake.notified().await;
            }
        };
        let _ = tokio::time::timeout(INTERVAL, end).await;
        // What came meanwhile took the wake-up; look again.
        self.wake.notify_one();
    }

    async fn write(&self, path: &Path, notes: BTreeMap<TenantId, String>) {
        // An empty line after each note parts it from the next.
        let text: String = notes
            .values()
            .flat_map(|note| [note.as_str(), "\n"])
            .collect();
        let file = path.to_owned();
        let done = tokio::task::spawn_blocking(move || append(&file, &text)).await;
        if let Ok(Ok(())) = done {
            return;
        }
        tracing::error!(path = %path.display(), "checkpoints could not be written to the anchor; they wait");
        let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        for (tenant, note) in notes {
            waiting.notes.entry(tenant).or_insert(note);
        }
    }
}

fn append(path: &Path, text: &str) -> std::io::Result<()> {
    let mut file = std::fs::OpenOptions::new()
        .create(true)
        .append(true)
        .mode(0o600)
        .open(path)?;
    file.write_all(text.as_bytes())?;
    file.sync_data()
}
