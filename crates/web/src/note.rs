//! Refusals of signed-in people go to the ledger, the same one at most once a minute, with a count of those between.

use jiff::{SignedDuration, Timestamp};
use std::{collections::HashMap, sync::Mutex};

/// How often the same refusal is written.
const EVERY: SignedDuration = SignedDuration::from_mins(1);
/// Most refusals followed.
const KINDS_MAX: usize = 10_000;

#[derive(Default)]
pub(crate) struct Notes(Mutex<HashMap<String, (Timestamp, i64)>>);

impl Notes {
    /// How many refusals of this kind the entry to write now stands for; `None` while the last one is fresh.
    pub(crate) fn due(&self, kind: String, now: Timestamp) -> Option<i64> {
        let mut notes = self.0.lock().ok()?;
        if let Some((at, held_back)) = notes.get_mut(&kind) {
            if now.duration_since(*at) < EVERY {
                *held_back = held_back.saturating_add(1);
                return None;
            }
            let count = held_back.saturating_add(1);
            *at = now;
            *held_back = 0;
            return Some(count);
        }
        if notes.len() >= KINDS_MAX {
            notes.retain(|_, (at, _)| now.duration_since(*at) < EVERY);
        }
        if notes.len() < KINDS_MAX {
            notes.insert(kind, (now, 0));
        }
        Some(1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_refusal_is_written_once_a_minute_with_its_count() {
        let notes = Notes::default();
        let now = Timestamp::UNIX_EPOCH;
        assert_eq!(notes.due("a".into(), now), Some(1));
        assert_eq!(notes.due("a".into(), now), None);
        assert_eq!(notes.due("b".into(), now), Some(1));
        assert_eq!(notes.due("a".into(), now + EVERY), Some(2));
        assert_eq!(notes.due("a".into(), now + EVERY + EVERY), Some(1));
    }
}
