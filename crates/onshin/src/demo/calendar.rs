//! Days and hours relative to now: the made-up past moves along with the present.

use jiff::{SignedDuration, Timestamp, ToSpan as _, civil::Date, tz::TimeZone};

/// One look at the clock.
#[derive(Clone, Copy)]
pub(super) struct Calendar {
    /// The hour.
    pub(super) now: Timestamp,
    /// The legal day.
    pub(super) today: Date,
}

impl Calendar {
    pub(super) fn of(now: Timestamp) -> Self {
        Self {
            now,
            today: store::dossier::legal_day(now),
        }
    }

    /// The day so many days ago; negative counts ahead.
    pub(super) fn day(&self, days_ago: i64) -> Date {
        self.today.saturating_sub(days_ago.days())
    }

    /// An hour of such a day in Japan.
    pub(super) fn at(&self, days_ago: i64, hour: i8, minute: i8) -> Timestamp {
        let tokyo = TimeZone::get("Asia/Tokyo").unwrap_or(TimeZone::UTC);
        self.day(days_ago)
            .at(hour, minute, 0, 0)
            .to_zoned(tokyo)
            .map_or(self.now, |zoned| zoned.timestamp())
    }

    /// So many minutes from now, on a full minute; negative lies behind.
    pub(super) fn in_minutes(&self, minutes: i64) -> Timestamp {
        let second = self.now.as_second().div_euclid(60) * 60;
        let full = Timestamp::from_second(second).unwrap_or(self.now);
        later(full, minutes)
    }
}

/// So many minutes later.
pub(super) fn later(at: Timestamp, minutes: i64) -> Timestamp {
    at.saturating_add(SignedDuration::from_mins(minutes))
        .unwrap_or(at)
}
