//! How much one person sends, and what is left of a line for one of several senders.

use std::time::{Duration, Instant};

const WINDOW: Duration = Duration::from_secs(1);

/// Counts what comes, second by second.
pub(crate) struct Rate {
    second_started: Instant,
    bits: u64,
    bits_before: u64,
}

impl Rate {
    pub(crate) fn new(now: Instant) -> Self {
        Self {
            second_started: now,
            bits: 0,
            bits_before: 0,
        }
    }

    pub(crate) fn count(&mut self, payload_bytes: usize, now: Instant) {
        if now >= self.second_started + WINDOW {
            self.bits_before = self.a_second(now);
            self.second_started = now;
            self.bits = 0;
        }
        self.bits += payload_bytes as u64 * 8;
    }

    /// Bits in the last second that is over.
    pub(crate) fn a_second(&self, now: Instant) -> u64 {
        match now.saturating_duration_since(self.second_started) {
            since if since < WINDOW => self.bits_before,
            since if since < WINDOW * 2 => self.bits,
            _ => 0,
        }
    }
}

/// What a line carries of one sender beside these others: an equal part, or more if they take less.
pub(crate) fn share(carries: u64, others: &[u64]) -> u64 {
    let equal = carries / (others.len() as u64 + 1);
    equal.max(carries.saturating_sub(others.iter().sum()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_second_counts_once_it_is_over_and_until_the_next_one_is() {
        let began = Instant::now();
        let at = |millis| began + Duration::from_millis(millis);
        let mut rate = Rate::new(began);
        rate.count(100, at(10));
        assert_eq!(rate.a_second(at(500)), 0);
        assert_eq!(rate.a_second(at(1_500)), 800);
        rate.count(50, at(1_500));
        assert_eq!(rate.a_second(at(1_600)), 800);
        assert_eq!(rate.a_second(at(9_000)), 0);
    }

    #[test]
    fn nobody_gets_less_than_an_equal_part_and_what_is_not_taken_is_left() {
        let rows: [(&[u64], u64); 4] = [
            (&[], 900),
            (&[0, 0], 900),
            (&[100, 200], 600),
            (&[800, 700], 300),
        ];
        for (others, left) in rows {
            assert_eq!(share(900, others), left, "{others:?}");
        }
    }
}
