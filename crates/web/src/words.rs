//! What stands on screens, in Japanese and English: Fluent texts, compiled in, chosen per request.

use crate::form::FieldError;
use care::Missing;
use fluent_bundle::{FluentArgs, FluentResource, FluentValue, concurrent::FluentBundle};
use jiff::{Timestamp, civil, tz::TimeZone};
use std::{borrow::Cow, fmt, sync::OnceLock};

static SOURCES: &[(&str, &str, &str)] = include!(concat!(env!("OUT_DIR"), "/texts.rs"));

/// A language of the screens. Legal texts are versioned rows and never pass here.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Lang {
    /// 日本語
    #[default]
    Ja,
    /// English
    En,
}

impl Lang {
    /// The language tag (BCP 47).
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Ja => "ja",
            Self::En => "en",
        }
    }

    /// The language of that tag.
    pub fn parse(tag: &str) -> Option<Self> {
        match tag {
            "ja" => Some(Self::Ja),
            "en" => Some(Self::En),
            _ => None,
        }
    }
}

impl fmt::Display for Lang {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

struct Texts {
    ja: FluentBundle<FluentResource>,
    en: FluentBundle<FluentResource>,
}

fn texts() -> &'static Texts {
    static TEXTS: OnceLock<Texts> = OnceLock::new();
    TEXTS.get_or_init(|| Texts {
        ja: bundle("ja"),
        en: bundle("en"),
    })
}

/// Reads every file of one language. A broken file loses its broken lines only; a test refuses it before release.
fn bundle(lang: &str) -> FluentBundle<FluentResource> {
    let mut bundle = FluentBundle::new_concurrent(lang.parse().into_iter().collect());
    bundle.set_use_isolating(false);
    for (_, name, source) in SOURCES.iter().filter(|(of, _, _)| *of == lang) {
        let resource =
            FluentResource::try_new((*source).to_owned()).unwrap_or_else(|(rest, faults)| {
                tracing::error!(lang, name, ?faults, "a text file is broken");
                rest
            });
        if let Err(faults) = bundle.add_resource(resource) {
            tracing::error!(lang, name, ?faults, "a text is named twice");
        }
    }
    bundle
}

/// The embedded sources as (language, file, text), for tests of parity.
pub fn sources() -> &'static [(&'static str, &'static str, &'static str)] {
    SOURCES
}

/// The texts in the reader's language. Templates hold it as `w`.
#[derive(Clone, Copy)]
pub struct Words {
    lang: Lang,
}

impl Words {
    /// The texts of a language.
    pub const fn of(lang: Lang) -> Self {
        Self { lang }
    }

    /// The reader's language.
    pub const fn lang(self) -> Lang {
        self.lang
    }

    /// A text without variables.
    pub fn say(self, key: impl AsRef<str>) -> Cow<'static, str> {
        self.format(key.as_ref(), None)
    }

    /// A text with one variable.
    pub fn fill(self, key: &str, name: &'static str, value: impl Value) -> Cow<'static, str> {
        let mut args = FluentArgs::new();
        args.set(name, value.fluent());
        self.format(key, Some(&args))
    }

    /// A text with two variables.
    pub fn fill2(
        self,
        key: &str,
        a: &'static str,
        of_a: impl Value,
        b: &'static str,
        of_b: impl Value,
    ) -> Cow<'static, str> {
        let mut args = FluentArgs::new();
        args.set(a, of_a.fluent());
        args.set(b, of_b.fluent());
        self.format(key, Some(&args))
    }

    /// A text with any number of variables.
    pub fn fill_all(self, key: &str, values: &[(&'static str, String)]) -> Cow<'static, str> {
        let mut args = FluentArgs::new();
        for (name, value) in values {
            args.set(*name, FluentValue::from(value.clone()));
        }
        self.format(key, Some(&args))
    }

    /// A part of the way from the patient's device to the record; one that the institution named itself stays as written.
    pub(crate) fn segment(self, name: &str) -> String {
        let key = format!("visit-segment-{}", name.replace('_', "-"));
        if self.has(&key) {
            self.say(key).into_owned()
        } else {
            name.to_owned()
        }
    }

    /// What a refusal names as missing, in words: a code is read by programs only (rev-0.c).
    pub fn missing(self, what: &Missing) -> String {
        match what {
            Missing::Part(part) => self.say(part.key()).into_owned(),
            Missing::Named(name) => self.segment(name),
        }
    }

    /// An error of a form with the field's name before it, where one word names the field on every page it stands on.
    pub(crate) fn of_field(self, error: &FieldError) -> String {
        let field = error
            .field
            .trim_end_matches(|c: char| c == '-' || c.is_ascii_digit());
        let name = format!("field-name-{}", field.replace('_', "-"));
        let why = self.say(error.key);
        if self.has(&name) && error.key.starts_with("field-") {
            self.fill2("field-error", "field", self.say(name), "why", why)
                .into_owned()
        } else {
            why.into_owned()
        }
    }

    /// Whether there is such a text.
    pub fn has(self, key: &str) -> bool {
        self.bundle().has_message(key)
    }

    fn bundle(self) -> &'static FluentBundle<FluentResource> {
        match self.lang {
            Lang::Ja => &texts().ja,
            Lang::En => &texts().en,
        }
    }

    fn format(self, key: &str, args: Option<&FluentArgs<'_>>) -> Cow<'static, str> {
        let bundle = self.bundle();
        let Some(pattern) = bundle.get_message(key).and_then(|message| message.value()) else {
            tracing::error!(key, lang = self.lang.as_str(), "a text is missing");
            return Cow::Owned(format!("[{key}]"));
        };
        let mut faults = Vec::new();
        let text = bundle
            .format_pattern(pattern, args, &mut faults)
            .into_owned();
        if !faults.is_empty() {
            tracing::error!(key, lang = self.lang.as_str(), "a text could not be filled");
        }
        Cow::Owned(text)
    }

    /// Day and time in Japan: `11月20日(金) 14:42`.
    pub fn day_time(self, at: Timestamp) -> String {
        format!("{} {}", self.day(at), self.time(at))
    }

    /// Day in Japan: `11月20日(金)`.
    pub fn day(self, at: Timestamp) -> String {
        let date = at.to_zoned(tokyo()).date();
        match self.lang {
            Lang::Ja => format!("{}月{}日({})", date.month(), date.day(), weekday(date)),
            Lang::En => date.strftime("%a %-d %b").to_string(),
        }
    }

    /// Time of day in Japan: `14:42`.
    pub fn time(self, at: Timestamp) -> String {
        at.to_zoned(tokyo()).strftime("%H:%M").to_string()
    }

    /// A civil date with its year: `2026年11月20日`.
    pub fn date(self, date: civil::Date) -> String {
        match self.lang {
            Lang::Ja => format!("{}年{}月{}日", date.year(), date.month(), date.day()),
            Lang::En => date.strftime("%-d %B %Y").to_string(),
        }
    }
}

/// Legal days are days in Japan.
pub fn tokyo() -> TimeZone {
    TimeZone::get("Asia/Tokyo").unwrap_or(TimeZone::UTC)
}

fn weekday(date: civil::Date) -> &'static str {
    match date.weekday() {
        civil::Weekday::Monday => "月",
        civil::Weekday::Tuesday => "火",
        civil::Weekday::Wednesday => "水",
        civil::Weekday::Thursday => "木",
        civil::Weekday::Friday => "金",
        civil::Weekday::Saturday => "土",
        civil::Weekday::Sunday => "日",
    }
}

/// What a text can be filled with: numbers and words.
pub trait Value {
    /// As Fluent takes it.
    fn fluent(&self) -> FluentValue<'static>;
}

impl<T: Value + ?Sized> Value for &T {
    fn fluent(&self) -> FluentValue<'static> {
        (**self).fluent()
    }
}

macro_rules! text_value {
    ($($t:ty),*) => { $(impl Value for $t {
        fn fluent(&self) -> FluentValue<'static> {
            FluentValue::from(self.to_string())
        }
    })* };
}

macro_rules! number_value {
    ($($t:ty),*) => { $(impl Value for $t {
        fn fluent(&self) -> FluentValue<'static> {
            FluentValue::from(*self)
        }
    })* };
}

text_value!(str, String, Cow<'_, str>);
number_value!(i8, i16, i32, i64, u8, u16, u32, u64, usize);

/// Telephone numbers in running text stay in one line: their hyphens become ones that do not break.
pub(crate) fn unbroken(text: &str) -> String {
    const NO_BREAK: char = '\u{2011}';
    let mut before = ' ';
    let mut letters = text.chars().peekable();
    let mut whole = String::with_capacity(text.len());
    while let Some(letter) = letters.next() {
        let inside = before.is_ascii_digit() && letters.peek().is_some_and(char::is_ascii_digit);
        whole.push(if letter == '-' && inside {
            NO_BREAK
        } else {
            letter
        });
        before = letter;
    }
    whole
}
