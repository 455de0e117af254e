//! How many tests passed and failed, summed over every runner.
use std::ops::AddAssign;

use serde::Deserialize;

#[derive(Clone, Copy, Debug, Default, Deserialize, PartialEq, Eq)]
pub(crate) struct Tally {
    pub(crate) passed: u64,
    pub(crate) failed: u64,
}

impl Tally {
    /// Something failed that is no test of its own: a check, a build, a runner.
    pub(crate) const ONE_FAILED: Self = Self {
        passed: 0,
        failed: 1,
    };

    /// Reads libtest's `test result: ok. 3 passed; 0 failed; …`.
    pub(crate) fn of_line(line: &str) -> Option<Self> {
        let (_, counts) = line.strip_prefix("test result: ")?.split_once(". ")?;
        let count = |name: &str| {
            let part = counts
                .split("; ")
                .find_map(|part| part.strip_suffix(name))?;
            part.trim().parse().ok()
        };
        Some(Self {
            passed: count(" passed")?,
            failed: count(" failed")?,
        })
    }

    /// All tests ran and none failed; no test at all is no success.
    pub(crate) fn is_good(self) -> bool {
        self.failed == 0 && self.passed > 0
    }
}

impl AddAssign for Tally {
    fn add_assign(&mut self, other: Self) {
        self.passed += other.passed;
        self.failed += other.failed;
    }
}

#[cfg(test)]
mod tests {
    use super::Tally;

    #[test]
    fn the_line_of_libtest_is_read() {
        let tally = |passed, failed| Some(Tally { passed, failed });
        for (line, read) in [
            (
                "test result: ok. 3 passed; 0 failed; 1 ignored; 0 measured; 0 filtered out; finished in 0.00s",
                tally(3, 0),
            ),
            (
                "test result: FAILED. 12 passed; 4 failed; 0 ignored; 0 measured; 0 filtered out",
                tally(12, 4),
            ),
            ("test a ... ok", None),
            ("test result: odd", None),
        ] {
            assert_eq!(Tally::of_line(line), read, "{line}");
        }
    }

    #[test]
    fn no_test_at_all_is_no_success() {
        for (passed, failed, good) in [(1, 0, true), (0, 0, false), (5, 1, false)] {
            assert_eq!(Tally { passed, failed }.is_good(), good);
        }
    }
}
