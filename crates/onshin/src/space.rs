//! Room on the disk of the records: asked every half minute, so that new visits stop before running ones have to.

use std::{io, path::Path, path::PathBuf, time::Duration};
use store::Store;
use tokio::sync::watch::Receiver;

/// Below this many free bytes nothing new is begun; running visits go on.
const LOW_BYTES: u64 = 256 * 1024 * 1024;
/// Room must come back by this much more before new visits begin again, so that it does not waver.
const ENOUGH_BYTES: u64 = LOW_BYTES + 64 * 1024 * 1024;
const LOOK_EVERY: Duration = Duration::from_secs(30);

/// Free bytes for this program on the disk of a folder.
///
/// # Errors
///
/// The folder is not there, or its disk does not say.
pub(crate) fn free_bytes(folder: &Path) -> io::Result<u64> {
    let disk = rustix::fs::statvfs(folder)?;
    Ok(disk.f_bavail.saturating_mul(disk.f_frsize))
}

/// Watches until the program ends.
pub(crate) async fn run(store: Store, folder: PathBuf, mut end: Receiver<bool>) {
    let mut low = false;
    loop {
        match free_bytes(&folder) {
            Ok(free) => {
                let was = low;
                low = is_low(free, was);
                store.keep_for_running(low);
                if low != was {
                    tracing::warn!(free_mb = free / (1024 * 1024), low, "room on the disk");
                }
                if !low && store.is_scarce() {
                    store.refill_reserve().await;
                }
            }
            Err(why) => tracing::error!(%why, "free space on the disk is not known"),
        }
        tokio::select! {
            () = tokio::time::sleep(LOOK_EVERY) => {}
            _ = end.wait_for(|end| *end) => return,
        }
    }
}

const fn is_low(free: u64, was_low: bool) -> bool {
    free < if was_low { ENOUGH_BYTES } else { LOW_BYTES }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn room_is_low_at_its_edges() {
        for (free, was, low) in [
            (LOW_BYTES, false, false),
            (LOW_BYTES - 1, false, true),
            (LOW_BYTES, true, true),
            (ENOUGH_BYTES - 1, true, true),
            (ENOUGH_BYTES, true, false),
        ] {
            assert_eq!(is_low(free, was), low, "{free} after {was}");
        }
    }

    #[test]
    fn a_disk_says_its_room() {
        assert!(free_bytes(&std::env::temp_dir()).unwrap() > 0);
        assert!(free_bytes(Path::new("/nowhere/at/all")).is_err());
    }
}
