//! The line of one party: how much of it is lost, and how much it carries.

use std::time::{Duration, Instant};

/// A packet that would wait longer than this before a narrow line is lost.
const WAITS_MAX: Duration = Duration::from_millis(300);

pub(crate) struct Line {
    /// Packets of a thousand that are lost, either way.
    pub(crate) loss_permille: u64,
    /// What it carries toward the party; everything at once if nothing is said.
    pub(crate) bits_a_second: Option<u64>,
    free_at: Instant,
}

impl Line {
    pub(crate) fn new(now: Instant) -> Self {
        Self {
            loss_permille: 0,
            bits_a_second: None,
            free_at: now,
        }
    }

    /// How long a packet toward the party takes more than on a wide line; none if it is lost.
    pub(crate) fn queue(&mut self, bytes: usize, now: Instant) -> Option<Duration> {
        let Some(rate) = self.bits_a_second else {
            return Some(Duration::ZERO);
        };
        let begins = self.free_at.max(now);
        if begins - now > WAITS_MAX {
            return None;
        }
        let bits = u64::try_from(bytes).unwrap() * 8;
        self.free_at = begins + Duration::from_micros(bits * 1_000_000 / rate);
        Some(self.free_at - now)
    }
}
