//! The legal day: Asia/Tokyo, which has known no summer time since 1951.

use jiff::{
    Timestamp,
    civil::Date,
    tz::{Offset, offset},
};

const OFFSET: Offset = offset(9);

/// The legal day of an instant.
#[must_use]
pub fn legal_day(at: Timestamp) -> Date {
    OFFSET.to_datetime(at).date()
}
