//! What a person knows and has: rules for passwords, one-time codes, and failing.

use jiff::{SignedDuration, Timestamp};

/// Shortest password, in characters (NIST SP 800-63B asks for 8 beside a second factor; we ask for more).
pub const PASSWORD_CHARS_MIN: usize = 12;
/// Longest password, in characters; more would only cost time.
pub const PASSWORD_CHARS_MAX: usize = 128;

/// Failures without any delay.
const FREE_FAILURES: u32 = 4;
/// The first delay; it doubles with each further failure.
const FIRST_DELAY: SignedDuration = SignedDuration::from_secs(30);
/// The longest delay: an attacker must not be able to keep somebody out for a day.
const DELAY_MAX: SignedDuration = SignedDuration::from_mins(15);

/// How long one one-time code stands (RFC 6238 time step), in seconds.
pub const STEP_SECONDS: i64 = 30;

/// Why a new password is not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Weak {
    /// Fewer than [`PASSWORD_CHARS_MIN`] characters.
    Short,
    /// More than [`PASSWORD_CHARS_MAX`] characters.
    Long,
    /// Made of one or two characters, or a run such as 123456789012.
    Simple,
    /// Holds the sign-in name.
    HoldsName,
    /// The same as before.
    Same,
}

/// Judges a new password: length before composition, as NIST SP 800-63B asks.
///
/// # Errors
///
/// It is too short, too long, too simple, or holds the sign-in name.
pub fn password(new: &str, login_name: &str) -> Result<(), Weak> {
    let count = new.chars().count();
    if count < PASSWORD_CHARS_MIN {
        return Err(Weak::Short);
    }
    if count > PASSWORD_CHARS_MAX {
        return Err(Weak::Long);
    }
    if is_simple(new) {
        return Err(Weak::Simple);
    }
    if !login_name.is_empty() && new.to_lowercase().contains(&login_name.to_lowercase()) {
        return Err(Weak::HoldsName);
    }
    Ok(())
}

/// Few different characters, or each follows the one before.
fn is_simple(text: &str) -> bool {
    let mut kinds: Vec<char> = text.chars().collect();
    kinds.sort_unstable();
    kinds.dedup();
    if kinds.len() < 5 {
        return true;
    }
    let steps: Vec<i64> = text
        .chars()
        .zip(text.chars().skip(1))
        .map(|(a, b)| i64::from(u32::from(b)) - i64::from(u32::from(a)))
        .collect();
    let followed = steps.iter().filter(|step| matches!(step, -1..=1)).count();
    followed * 5 >= steps.len() * 4
}

/// Until when nobody is let in after this many failures in a row, the last of them at `last`.
pub fn shut_until(failures: u32, last: Timestamp) -> Option<Timestamp> {
    let over = failures.checked_sub(FREE_FAILURES + 1)?;
    let factor = 1_i32.checked_shl(over.min(16)).unwrap_or(i32::MAX);
    let delay = FIRST_DELAY.saturating_mul(factor).min(DELAY_MAX);
    last.checked_add(delay).ok()
}

/// The time steps whose codes are good now: the present one and one on either side (RFC 6238, 5.2).
pub fn steps(now: Timestamp) -> [i64; 3] {
    let step = now.as_second().div_euclid(STEP_SECONDS);
    [step - 1, step, step + 1]
}

/// Whether a code of this step may still be used: each code once, and none older than the last used.
pub fn is_fresh(step: i64, last_used: Option<i64>) -> bool {
    last_used.is_none_or(|last| step > last)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn passwords_are_judged_by_length_and_variety() {
        for (new, verdict) in [
            ("short", Err(Weak::Short)),
            ("aaaaaaaaaaaaaaaa", Err(Weak::Simple)),
            ("abcdefghijklmnop", Err(Weak::Simple)),
            ("1234567890123456", Err(Weak::Simple)),
            ("reizawa-no-himitsu", Err(Weak::HoldsName)),
            ("みずうみの あさの ひかり", Ok(())),
            ("correct horse battery", Ok(())),
        ] {
            assert_eq!(password(new, "reizawa"), verdict, "{new}");
        }
        assert_eq!(password(&"aB3 é".repeat(40), "x"), Err(Weak::Long));
    }

    #[test]
    fn delays_grow_to_a_quarter_of_an_hour() {
        let last = Timestamp::UNIX_EPOCH;
        for (failures, seconds) in [
            (0, None),
            (4, None),
            (5, Some(30)),
            (6, Some(60)),
            (9, Some(480)),
            (10, Some(900)),
            (4_000_000, Some(900)),
        ] {
            let until = seconds.map(|s| last + SignedDuration::from_secs(s));
            assert_eq!(shut_until(failures, last), until, "{failures}");
        }
    }

    #[test]
    fn a_code_is_good_once_and_for_one_step_on_either_side() {
        let now = Timestamp::from_second(90).unwrap();
        assert_eq!(steps(now), [2, 3, 4]);
        assert!(is_fresh(3, None));
        assert!(!is_fresh(3, Some(3)));
        assert!(!is_fresh(2, Some(3)));
        assert!(is_fresh(4, Some(3)));
    }
}
