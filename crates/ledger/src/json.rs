//! Canonical JSON (RFC 8785) of strings and integers: one text per meaning, so that one hash speaks for it.
//!
//! Fractions, `true`, `false` and `null` are left out on purpose: an entry never needs them, and numbers that are
//! not integers are where implementations of RFC 8785 disagree.

use std::fmt::{self, Write as _};

/// Largest magnitude that every JSON reader keeps exactly: 2^53 - 1 (RFC 7493).
pub const INTEGER_MAX: i64 = 9_007_199_254_740_991;

/// A value of the restricted JSON.
#[derive(Clone, PartialEq, Eq)]
pub enum Json {
    /// A whole number, at most [`INTEGER_MAX`] away from zero.
    Int(i64),
    /// Text.
    Text(String),
    /// Values in order.
    List(Vec<Json>),
    /// Named values; sorted when written.
    Map(Vec<(String, Json)>),
}

/// Why a value has no canonical form.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unfit {
    /// An integer beyond [`INTEGER_MAX`].
    IntegerTooLarge,
    /// A name that stands twice in one map.
    NameTwice,
    /// The text is longer than its reader allows.
    TooLong,
}

impl fmt::Display for Unfit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::IntegerTooLarge => "an integer is beyond 2^53 - 1",
            Self::NameTwice => "a name stands twice",
            Self::TooLong => "the text is too long",
        })
    }
}

impl std::error::Error for Unfit {}

impl Json {
    /// Text from anything that can be one.
    pub fn text(text: impl Into<String>) -> Self {
        Self::Text(text.into())
    }

    /// The canonical text.
    ///
    /// # Errors
    ///
    /// An integer is too large, or a name stands twice.
    pub fn canonical(&self) -> Result<String, Unfit> {
        let mut out = String::new();
        write(self, &mut out)?;
        Ok(out)
    }
}

fn write(value: &Json, out: &mut String) -> Result<(), Unfit> {
    match value {
        Json::Int(number) => {
            if number.unsigned_abs() > INTEGER_MAX.unsigned_abs() {
                return Err(Unfit::IntegerTooLarge);
            }
            out.push_str(&number.to_string());
        }
        Json::Text(text) => write_text(text, out),
        Json::List(items) => {
            out.push('[');
            for (place, item) in items.iter().enumerate() {
                if place > 0 {
                    out.push(',');
                }
                write(item, out)?;
            }
            out.push(']');
        }
        Json::Map(members) => write_map(members, out)?,
    }
    Ok(())
}

fn write_map(members: &[(String, Json)], out: &mut String) -> Result<(), Unfit> {
    let mut sorted: Vec<&(String, Json)> = members.iter().collect();
    // RFC 8785 section 3.2.3: names are ordered by their UTF-16 code units, not by their bytes.
    sorted.sort_by(|a, b| a.0.encode_utf16().cmp(b.0.encode_utf16()));
    out.push('{');
    let mut before: Option<&str> = None;
    for (name, value) in sorted {
        if before == Some(name) {
            return Err(Unfit::NameTwice);
        }
        if before.is_some() {
            out.push(',');
        }
        write_text(name, out);
        out.push(':');
        write(value, out)?;
        before = Some(name);
    }
    out.push('}');
    Ok(())
}

fn write_text(text: &str, out: &mut String) {
    out.push('"');
    for letter in text.chars() {
        match letter {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\u{8}' => out.push_str("\\b"),
            '\t' => out.push_str("\\t"),
            '\n' => out.push_str("\\n"),
            '\u{c}' => out.push_str("\\f"),
            '\r' => out.push_str("\\r"),
            control if control < ' ' => {
                // Writing to a string cannot fail.
                let _ = write!(out, "\\u{:04x}", u32::from(control));
            }
            other => out.push(other),
        }
    }
    out.push('"');
}

#[cfg(test)]
mod tests {
    use super::*;

    fn map(members: &[(&str, Json)]) -> Json {
        Json::Map(
            members
                .iter()
                .map(|(name, value)| ((*name).to_owned(), value.clone()))
                .collect(),
        )
    }

    #[test]
    fn names_are_ordered_by_utf16_code_units() {
        // The example of RFC 8785 section 3.2.3, its values shortened.
        let value = map(&[
            ("\u{20ac}", Json::Int(1)),
            ("\r", Json::Int(2)),
            ("\u{fb33}", Json::Int(3)),
            ("1", Json::Int(4)),
            ("\u{1f600}", Json::Int(5)),
            ("\u{80}", Json::Int(6)),
            ("\u{f6}", Json::Int(7)),
        ]);
        assert_eq!(
            value.canonical().unwrap(),
            "{\"\\r\":2,\"1\":4,\"\u{80}\":6,\"\u{f6}\":7,\"\u{20ac}\":1,\"\u{1f600}\":5,\"\u{fb33}\":3}"
        );
    }

    #[test]
    fn text_is_escaped_as_little_as_possible() {
        for (text, written) in [
            (
                "\u{20ac}$\u{f}\nA'B\"\\\"/",
                "\"\u{20ac}$\\u000f\\nA'B\\\"\\\\\\\"/\"",
            ),
            ("\u{8}\t\n\u{c}\r", "\"\\b\\t\\n\\f\\r\""),
            ("\0\u{1f}\u{7f}", "\"\\u0000\\u001f\u{7f}\""),
            ("渡邊 𠮷", "\"渡邊 𠮷\""),
        ] {
            assert_eq!(Json::text(text).canonical().unwrap(), written);
        }
    }

    #[test]
    fn integers_end_where_a_double_stops_being_exact() {
        for (number, fits) in [
            (INTEGER_MAX, true),
            (INTEGER_MAX + 1, false),
            (-INTEGER_MAX, true),
            (-INTEGER_MAX - 1, false),
            (i64::MIN, false),
            (0, true),
        ] {
            assert_eq!(Json::Int(number).canonical().is_ok(), fits, "{number}");
        }
    }

    #[test]
    fn a_name_that_stands_twice_is_refused() {
        let twice = map(&[("a", Json::Int(1)), ("a", Json::Int(2))]);
        assert_eq!(twice.canonical(), Err(Unfit::NameTwice));
    }

    proptest::proptest! {
        #[test]
        fn any_reader_gets_back_what_was_written(name in ".*", text in ".*", number in -INTEGER_MAX..=INTEGER_MAX) {
            let value = map(&[("list", Json::List(vec![Json::text(text.clone()), Json::Int(number)])), (&format!("_{name}"), Json::Int(1))]);
            let read: serde_json::Value = serde_json::from_str(&value.canonical().unwrap()).unwrap();
            proptest::prop_assert_eq!(read["list"][0].as_str().unwrap(), text);
            proptest::prop_assert_eq!(read["list"][1].as_i64().unwrap(), number);
            proptest::prop_assert_eq!(read[format!("_{name}")].as_i64().unwrap(), 1);
        }
    }
}
