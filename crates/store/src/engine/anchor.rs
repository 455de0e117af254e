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
const INTERVAL: Duration = Duration::from_mins(1);

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

    /// Where time-stamps go: beside the checkpoints.
    pub(super) fn time_stamps_file(&self) -> Option<PathBuf> {
        Some(self.path.as_ref()?.with_file_name("time-stamps.log"))
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

/// Appends and waits for the disk.
pub(super) fn append(path: &Path, text: &str) -> std::io::Result<()> {
    let mut file = std::fs::OpenOptions::new()
        .create(true)
        .append(true)
        .mode(0o600)
        .open(path)?;
    file.write_all(text.as_bytes())?;
    file.sync_data()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn signed(note: &str) -> Vec<Signed> {
        vec![Signed {
            tenant: TenantId::INSTALLATION,
            note: format!("{note}\n"),
        }]
    }

    async fn kept(path: &Path, wait: Duration) -> String {
        tokio::time::sleep(wait).await;
        std::fs::read_to_string(path).unwrap()
    }

    #[tokio::test(start_paused = true)]
    async fn a_ledger_that_grows_is_written_once_a_minute_and_at_the_end() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("checkpoints.log");
        let anchor = Arc::new(Anchor::new(Some(path.clone())));
        let running = tokio::spawn(Arc::clone(&anchor).run());
        anchor.note(signed("1"));
        assert_eq!(kept(&path, Duration::from_secs(1)).await, "1\n\n");
        anchor.note(signed("2"));
        anchor.note(signed("3"));
        assert_eq!(kept(&path, Duration::from_secs(50)).await, "1\n\n");
        assert_eq!(kept(&path, Duration::from_secs(10)).await, "1\n\n3\n\n");
        anchor.note(signed("4"));
        anchor.end();
        running.await.unwrap();
        assert_eq!(kept(&path, Duration::ZERO).await, "1\n\n3\n\n4\n\n");
    }

    #[tokio::test(start_paused = true)]
    async fn what_could_not_be_written_waits() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("not yet").join("checkpoints.log");
        let anchor = Arc::new(Anchor::new(Some(path.clone())));
        let running = tokio::spawn(Arc::clone(&anchor).run());
        anchor.note(signed("1"));
        tokio::time::sleep(Duration::from_secs(1)).await;
        std::fs::create_dir(folder.path().join("not yet")).unwrap();
        assert_eq!(kept(&path, INTERVAL).await, "1\n\n");
        anchor.end();
        running.await.unwrap();
    }
}
