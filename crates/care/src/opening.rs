//! Opening hours as Japanese clinics write them: 「月〜土 8:30〜18:00」「毎日」「24時間」.
//!
//! What cannot be read is no answer, never a guess: the caller then relies on nothing but a night route.

use jiff::civil::{DateTime, Weekday};
use unicode_normalization::UnicodeNormalization as _;

/// Longest text that is read, in characters.
const CHARS_MAX: usize = 200;
const MINUTES_A_DAY: u16 = 24 * 60;

/// Whether a place with these hours is open then; `None` when the text cannot be read.
///
/// Several stretches are divided by 、 / or a line end: 「月〜金 9:00〜12:00、14:00〜18:00、土 9:00〜12:00」. A stretch
/// without days goes on with the days before it.
#[must_use]
pub fn open_at(hours: &str, at: DateTime) -> Option<bool> {
    let text: String = hours.nfkc().take(CHARS_MAX).collect();
    if text.contains("24時間") {
        return Some(true);
    }
    let minute = u16::try_from(at.hour()).ok()? * 60 + u16::try_from(at.minute()).ok()?;
    let mut days = Days::default();
    let mut understood = false;
    let mut open = false;
    for stretch in text.split(['、', ',', '/', '\n', ';']) {
        let stretch = stretch.trim();
        let from = stretch.find(|c: char| c.is_ascii_digit());
        let (named, times) = match from {
            Some(from) => stretch.split_at_checked(from)?,
            None => continue,
        };
        if let Some(read) = Days::read(named) {
            days = read;
        }
        let (opens, closes) = times_of(times)?;
        understood |= !days.is_empty();
        open |= days.has(at.date().weekday()) && (opens..closes).contains(&minute);
    }
    understood.then_some(open)
}

#[derive(Clone, Copy, Default)]
struct Days([bool; 7]);

impl Days {
    const ORDER: [(char, Weekday); 7] = [
        ('月', Weekday::Monday),
        ('火', Weekday::Tuesday),
        ('水', Weekday::Wednesday),
        ('木', Weekday::Thursday),
        ('金', Weekday::Friday),
        ('土', Weekday::Saturday),
        ('日', Weekday::Sunday),
    ];

    fn read(text: &str) -> Option<Self> {
        let text = text.replace("曜日", "").replace("曜", "");
        if text.contains("毎") {
            return Some(Self([true; 7]));
        }
        if text.contains("平") {
            return Some(Self([true, true, true, true, true, false, false]));
        }
        let mut days = Self::default();
        let mut last: Option<usize> = None;
        let mut ranged = false;
        for c in text.chars() {
            if matches!(c, '~' | '〜' | '-' | '–' | 'ー') {
                ranged = last.is_some();
                continue;
            }
            let Some(place) = Self::ORDER.iter().position(|(name, _)| *name == c) else {
                continue;
            };
            let from = if ranged { last.unwrap_or(place) } else { place };
            for (at, day) in days.0.iter_mut().enumerate() {
                *day |= (from.min(place)..=place).contains(&at);
            }
            ranged = false;
            last = Some(place);
        }
        (!days.is_empty()).then_some(days)
    }

    fn is_empty(self) -> bool {
        !self.0.contains(&true)
    }

    fn has(self, day: Weekday) -> bool {
        Self::ORDER
            .iter()
            .zip(self.0)
            .any(|((_, known), open)| *known == day && open)
    }
}

/// Opening and closing in minutes of the day.
fn times_of(text: &str) -> Option<(u16, u16)> {
    let mut ends = text
        .split(['~', '〜', '-', '–'])
        .map(|end| end.trim().trim_end_matches(|c: char| !c.is_ascii_digit()));
    let opens = minutes(ends.next()?)?;
    let closes = minutes(ends.next()?)?;
    (opens < closes).then_some((opens, closes))
}

fn minutes(text: &str) -> Option<u16> {
    let (hour, minute) = text.split_once(':')?;
    let (hour, minute): (u16, u16) = (hour.trim().parse().ok()?, minute.trim().parse().ok()?);
    let minutes = hour.checked_mul(60)?.checked_add(minute)?;
    (minute < 60 && minutes <= MINUTES_A_DAY).then_some(minutes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    #[test]
    fn hours_are_read_as_clinics_write_them() {
        let friday = |hour, minute| date(2026, 11, 20).at(hour, minute, 0, 0);
        let sunday = |hour| date(2026, 11, 22).at(hour, 0, 0, 0);
        for (hours, at, open) in [
            ("月〜土 8:30〜18:00", friday(8, 30), Some(true)),
            ("月〜土 8:30〜18:00", friday(18, 0), Some(false)),
            ("月〜土 8:30〜18:00", sunday(10), Some(false)),
            ("月～金 ９：００～１７：００", friday(10, 0), Some(true)),
            (
                "月曜〜金曜 9:00-12:00、14:00-18:00、土 9:00-12:00",
                friday(13, 0),
                Some(false),
            ),
            (
                "月曜〜金曜 9:00-12:00、14:00-18:00、土 9:00-12:00",
                friday(15, 0),
                Some(true),
            ),
            ("月・水・金 9:00〜12:00", friday(9, 0), Some(true)),
            ("平日 9:00〜17:00", sunday(10), Some(false)),
            ("毎日 9:00〜17:00", sunday(10), Some(true)),
            ("24時間(救急)", sunday(3), Some(true)),
            ("お電話ください", friday(10, 0), None),
            ("9時から", friday(10, 0), None),
            ("", friday(10, 0), None),
        ] {
            assert_eq!(open_at(hours, at), open, "{hours} at {at}");
        }
    }
}
