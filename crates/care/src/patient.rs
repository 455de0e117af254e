//! Who the patient is, as far as rules need it: names for the screen, and a birth date in both calendars.

use jiff::civil::{Date, date};
use serde::{Deserialize, Serialize};

/// What is known of a patient as a person. Sealed at rest; no `Debug`, so that it cannot reach a log.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Profile {
    /// 氏名
    pub name: String,
    /// ふりがな
    pub kana: String,
    /// 生年月日
    pub birth: Date,
    /// Sex as the clinic records it.
    pub sex: String,
    /// Mobile number on file, digits only; empty when there is none.
    pub phone: String,
    /// Mail address on file; empty when there is none.
    pub mail: String,
    /// Usual address, for the in-person place.
    pub address: String,
    /// Allergies and other warnings for the band.
    pub alerts: Vec<String>,
}

/// A Japanese era (元号).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Era {
    /// 明治, from 1868
    Meiji,
    /// 大正, from 1912-07-30
    Taisho,
    /// 昭和, from 1926-12-25
    Showa,
    /// 平成, from 1989-01-08
    Heisei,
    /// 令和, from 2019-05-01
    Reiwa,
    /// 西暦
    Western,
}

impl Era {
    /// Every era, newest first.
    pub const JAPANESE: [Self; 5] = [
        Self::Reiwa,
        Self::Heisei,
        Self::Showa,
        Self::Taisho,
        Self::Meiji,
    ];

    /// The word in forms.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Meiji => "meiji",
            Self::Taisho => "taisho",
            Self::Showa => "showa",
            Self::Heisei => "heisei",
            Self::Reiwa => "reiwa",
            Self::Western => "western",
        }
    }

    /// The era of that word.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::JAPANESE
            .into_iter()
            .chain([Self::Western])
            .find(|era| era.as_str() == word)
    }

    const fn first_day(self) -> Date {
        match self {
            Self::Meiji => date(1868, 1, 25),
            Self::Taisho => date(1912, 7, 30),
            Self::Showa => date(1926, 12, 25),
            Self::Heisei => date(1989, 1, 8),
            Self::Reiwa => date(2019, 5, 1),
            Self::Western => date(1, 1, 1),
        }
    }
}

/// Reads a birth date from era, year, month and day, in half or full width.
///
/// Era boundaries are read as people say them: 昭和64 and 平成1 both name 1989, whatever the day.
#[must_use]
pub fn birth_date(era: &str, year: &str, month: &str, day: &str) -> Option<Date> {
    let era = Era::parse(era)?;
    let year = number(year)?;
    let western = match era {
        Era::Western => year,
        japanese => {
            let highest = 64;
            if !(1..=highest).contains(&year) {
                return None;
            }
            japanese.first_day().year().checked_add(year - 1)?
        }
    };
    let month = i8::try_from(number(month)?).ok()?;
    let day = i8::try_from(number(day)?).ok()?;
    Date::new(western, month, day).ok()
}

/// The era and the year in it, for showing.
#[must_use]
pub fn era_year(date: Date) -> Option<(Era, i16)> {
    Era::JAPANESE
        .into_iter()
        .find(|era| era.first_day() <= date)
        .map(|era| (era, date.year() - era.first_day().year() + 1))
}

/// Full years of age on a day.
#[must_use]
pub fn age(birth: Date, today: Date) -> i16 {
    let had_birthday = (today.month(), today.day()) >= (birth.month(), birth.day());
    today.year() - birth.year() - i16::from(!had_birthday)
}

fn number(text: &str) -> Option<i16> {
    use unicode_normalization::UnicodeNormalization as _;
    const DIGITS_MAX: usize = 4;
    let text: String = text.trim().nfkc().collect();
    let text = if text == "元" { "1" } else { &text };
    let digits = text.len() <= DIGITS_MAX && text.bytes().all(|byte| byte.is_ascii_digit());
    digits.then(|| text.parse().ok()).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn birth_dates_are_read_in_both_calendars_and_widths() {
        for (era, y, m, d, expected) in [
            ("showa", "26", "4", "3", Some(date(1951, 4, 3))),
            ("showa", "２６", "４", "３", Some(date(1951, 4, 3))),
            ("western", "1951", "04", "03", Some(date(1951, 4, 3))),
            ("reiwa", "元", "5", "1", Some(date(2019, 5, 1))),
            ("heisei", "31", "4", "30", Some(date(2019, 4, 30))),
            ("showa", "64", "1", "7", Some(date(1989, 1, 7))),
            ("showa", "0", "1", "7", None),
            ("showa", "65", "1", "7", None),
            ("western", "1951", "2", "30", None),
            ("western", "19511", "2", "3", None),
            ("edo", "3", "2", "3", None),
        ] {
            assert_eq!(birth_date(era, y, m, d), expected, "{era} {y} {m} {d}");
        }
    }

    #[test]
    fn a_date_is_shown_in_its_era() {
        for (day, era, year) in [
            (date(2019, 4, 30), Era::Heisei, 31),
            (date(2019, 5, 1), Era::Reiwa, 1),
            (date(1951, 4, 3), Era::Showa, 26),
        ] {
            assert_eq!(era_year(day), Some((era, year)));
        }
    }

    #[test]
    fn age_changes_on_the_birthday() {
        assert_eq!(age(date(1951, 4, 3), date(2026, 4, 2)), 74);
        assert_eq!(age(date(1951, 4, 3), date(2026, 4, 3)), 75);
    }
}
