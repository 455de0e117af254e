//! Links that nobody sent: they are answered as a link with a wrong date is, tries left and rest included.

use jiff::Timestamp;
use std::{collections::HashMap, sync::Mutex};
use store::invitation::{REST, WRONG_MAX};

/// Most unknown links followed at one time.
const LINKS_MAX: usize = 10_000;

/// Tries of unknown links, in memory: nothing about them is worth a row.
#[derive(Default)]
pub(crate) struct Strangers(Mutex<HashMap<[u8; 32], (i64, Timestamp)>>);

impl Strangers {
    /// Tries left after one more; `None` while the link rests.
    pub(crate) fn try_once(&self, link: [u8; 32], now: Timestamp) -> Option<i64> {
        let mut links = self.0.lock().ok()?;
        links.retain(|_, (_, at)| now.duration_since(*at) < REST);
        if links.len() >= LINKS_MAX && !links.contains_key(&link) {
            return Some(WRONG_MAX - 1);
        }
        let (wrong, at) = links.entry(link).or_insert((0, now));
        if *wrong < WRONG_MAX {
            *wrong += 1;
            *at = now;
        }
        (*wrong < WRONG_MAX).then_some(WRONG_MAX - *wrong)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unknown_link_rests_like_a_known_one() {
        let strangers = Strangers::default();
        let now = Timestamp::UNIX_EPOCH;
        let left: Vec<_> = (0..6).map(|_| strangers.try_once([1; 32], now)).collect();
        assert_eq!(left, [Some(4), Some(3), Some(2), Some(1), None, None]);
        assert_eq!(strangers.try_once([1; 32], now + REST), Some(4));
        assert_eq!(strangers.try_once([2; 32], now), Some(4));
    }
}
