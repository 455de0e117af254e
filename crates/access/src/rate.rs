//! How often somebody may ask: a token bucket (RFC 2697's idea) that takes the hour as an argument.

use jiff::{SignedDuration, Timestamp};

/// What one kind of request is allowed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Allowance {
    /// How many may come at once.
    pub burst: u32,
    /// After how long one more is allowed.
    pub refill: SignedDuration,
}

/// How much of an allowance is left to one asker.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bucket {
    /// When the bucket is full again, if nothing more is taken.
    full_at: Timestamp,
}

/// Too many; the next is allowed after this long.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TooMany {
    /// Time until the next request is allowed.
    pub wait: SignedDuration,
}

impl Bucket {
    /// A bucket that nothing was taken from.
    pub const fn full(now: Timestamp) -> Self {
        Self { full_at: now }
    }

    /// Whether nothing is missing, so that forgetting the bucket changes nothing.
    pub fn is_full(self, now: Timestamp) -> bool {
        self.full_at <= now
    }

    /// Takes one.
    ///
    /// # Errors
    ///
    /// The bucket is empty; it is left as it was.
    pub fn take(&mut self, allowed: Allowance, now: Timestamp) -> Result<(), TooMany> {
        let missing = self.full_at.max(now).duration_since(now);
        let room = allowed
            .refill
            .saturating_mul(i32::try_from(allowed.burst).unwrap_or(i32::MAX));
        let after = missing.saturating_add(allowed.refill);
        if after > room {
            return Err(TooMany {
                wait: after.saturating_sub(room),
            });
        }
        self.full_at = now.checked_add(after).unwrap_or(Timestamp::MAX);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const RULE: Allowance = Allowance {
        burst: 3,
        refill: SignedDuration::from_secs(10),
    };

    #[test]
    fn three_pass_and_the_fourth_waits_ten_seconds() {
        let now = Timestamp::UNIX_EPOCH;
        let mut bucket = Bucket::full(now);
        for _ in 0..3 {
            bucket.take(RULE, now).unwrap();
        }
        let wait = SignedDuration::from_secs(10);
        assert_eq!(bucket.take(RULE, now), Err(TooMany { wait }));
        assert_eq!(bucket.take(RULE, now + wait), Ok(()));
        assert!(bucket.take(RULE, now + wait).is_err());
    }

    #[test]
    fn a_bucket_is_full_again_in_time() {
        let now = Timestamp::UNIX_EPOCH;
        let mut bucket = Bucket::full(now);
        bucket.take(RULE, now).unwrap();
        assert!(!bucket.is_full(now));
        assert!(bucket.is_full(now + RULE.refill));
    }
}
