//! When each session last acted, to the second, in memory; storage hears of it every five minutes only.

use access::SessionId;
use jiff::{SignedDuration, Timestamp};
use std::{collections::HashMap, sync::Mutex};

/// Most sessions followed on one node.
const SESSIONS_MAX: usize = 100_000;
/// How often storage is told.
const WRITE_EVERY: SignedDuration = SignedDuration::from_mins(5);
/// How far ahead storage is told that a call holds a session: a restart in a call covers nobody's screen.
pub(crate) const LIVE_AHEAD: SignedDuration = SignedDuration::from_mins(10);
/// A session not seen for so long is forgotten here.
const FORGET_AFTER: SignedDuration = SignedDuration::from_hours(13);

#[derive(Clone, Copy)]
struct Seen {
    last_act: Timestamp,
    live_until: Option<Timestamp>,
    live_told: Option<Timestamp>,
}

pub(crate) struct Presence(Mutex<HashMap<SessionId, Seen>>);

impl Presence {
    pub(crate) fn new() -> Self {
        Self(Mutex::default())
    }

    /// The later of what storage and memory know: last act, and until when a call holds the session.
    pub(crate) fn latest(
        &self,
        session: SessionId,
        stored: Timestamp,
        stored_live: Option<Timestamp>,
    ) -> (Timestamp, Option<Timestamp>) {
        let seen = self
            .0
            .lock()
            .ok()
            .and_then(|all| all.get(&session).copied());
        match seen {
            Some(seen) => (seen.last_act.max(stored), seen.live_until.or(stored_live)),
            None => (stored, stored_live),
        }
    }

    /// Notes an act. True when storage should hear of it.
    pub(crate) fn acted(&self, session: SessionId, stored: Timestamp, now: Timestamp) -> bool {
        self.note(session, stored, now, |seen| {
            seen.last_act = seen.last_act.max(now);
        });
        now.duration_since(stored) >= WRITE_EVERY
    }

    /// A running call holds the session open until then. True when storage should hear of it.
    pub(crate) fn live(&self, session: SessionId, until: Timestamp, now: Timestamp) -> bool {
        let mut tell = false;
        self.note(session, now, now, |seen| {
            seen.last_act = seen.last_act.max(now);
            seen.live_until = seen.live_until.max(Some(until));
            tell = seen.live_told.is_none_or(|told| told < until);
            if tell {
                seen.live_told = until.checked_add(LIVE_AHEAD).ok();
            }
        });
        tell
    }

    fn note(
        &self,
        session: SessionId,
        stored: Timestamp,
        now: Timestamp,
        change: impl FnOnce(&mut Seen),
    ) {
        let Ok(mut all) = self.0.lock() else { return };
        if all.len() >= SESSIONS_MAX && !all.contains_key(&session) {
            all.retain(|_, seen| now.duration_since(seen.last_act) < FORGET_AFTER);
            if all.len() >= SESSIONS_MAX {
                return;
            }
        }
        change(all.entry(session).or_insert(Seen {
            last_act: stored,
            live_until: None,
            live_told: None,
        }));
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
        assert_eq!(presence.latest(ONE, stored, None), (four, None));
        assert!(presence.acted(ONE, stored, stored + WRITE_EVERY));
    }

    #[test]
    fn a_call_holds_its_session_and_tells_storage_ahead() {
        let presence = Presence::new();
        let now = Timestamp::UNIX_EPOCH;
        let until = now + SignedDuration::from_secs(30);
        assert!(presence.live(ONE, until, now));
        let later = until + SignedDuration::from_secs(30);
        assert!(!presence.live(ONE, later, until));
        assert_eq!(presence.latest(ONE, now, None).1, Some(later));
        assert!(presence.live(
            ONE,
            until + LIVE_AHEAD + SignedDuration::from_secs(1),
            later
        ));
    }
}
