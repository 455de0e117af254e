//! When each session last acted, to the second, in memory; storage hears of it every five minutes only.

use access::SessionId;
use jiff::{SignedDuration, Timestamp};
use std::{collections::HashMap, sync::Mutex};

/// Most sessions followed on one node.
const SESSIONS_MAX: usize = 100_000;
/// How often storage is told.
const WRITE_EVERY: SignedDuration = SignedDuration::from_mins(5);
/// A session not seen for so long is forgotten here.
const FORGET_AFTER: SignedDuration = SignedDuration::from_hours(13);

pub(crate) struct Presence(Mutex<HashMap<SessionId, Timestamp>>);

impl Presence {
    pub(crate) fn new() -> Self {
        Self(Mutex::default())
    }

    /// The later of what storage and memory know of the last act.
    pub(crate) fn latest(&self, session: SessionId, stored: Timestamp) -> Timestamp {
        let seen = self
            .0
            .lock()
            .ok()
            .and_then(|all| all.get(&session).copied());
        seen.map_or(stored, |seen| seen.max(stored))
    }

    /// Notes an act. True when storage should hear of it.
    pub(crate) fn acted(&self, session: SessionId, stored: Timestamp, now: Timestamp) -> bool {
        self.note(session, now);
        now.duration_since(stored) >= WRITE_EVERY
    }

    fn note(&self, session: SessionId, now: Timestamp) {
        let Ok(mut all) = self.0.lock() else { return };
        if all.len() >= SESSIONS_MAX && !all.contains_key(&session) {
            all.retain(|_, seen| now.duration_since(*seen) < FORGET_AFTER);
            if all.len() >= SESSIONS_MAX {
                return;
            }
        }
        let seen = all.entry(session).or_insert(now);
        *seen = now.max(*seen);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use access::Ulid;

    const ONE: SessionId = SessionId(Ulid::nil());

    #[test]
    fn storage_hears_of_acts_every_five_minutes_only() {
        let presence = Presence::new();
        let stored = Timestamp::UNIX_EPOCH;
        let four = stored + SignedDuration::from_mins(4);
        assert!(!presence.acted(ONE, stored, four));
        assert_eq!(presence.latest(ONE, stored), four);
        assert!(presence.acted(ONE, stored, stored + WRITE_EVERY));
    }
}
