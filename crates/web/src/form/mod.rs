//! Forms as they arrive: bounded, strictly decoded, read field by field, with errors that name their field.

pub mod areas;

use crate::{Problem, once};
use axum::{
    body::to_bytes,
    extract::{FromRequest, Request},
    http::header,
};
use std::str::FromStr;

/// Most fields of a form.
pub const FIELDS_MAX: usize = 64;
/// Largest form body, in bytes.
pub const FORM_BYTES_MAX: usize = 64 * 1024;
/// Longest name of a field, in bytes.
const NAME_BYTES_MAX: usize = 64;

/// What was sent, by name. No `Debug`: it holds what patients and staff wrote.
pub struct Form {
    fields: Vec<(String, String)>,
}

impl<S: Send + Sync> FromRequest<S> for Form {
    type Rejection = Problem;

    async fn from_request(request: Request, _: &S) -> Result<Self, Problem> {
        let kind = request.headers().get(header::CONTENT_TYPE);
        if !kind.is_some_and(|kind| {
            kind.as_bytes()
                .starts_with(b"application/x-www-form-urlencoded")
        }) {
            return Err(Problem::WrongKind);
        }
        let body = to_bytes(request.into_body(), FORM_BYTES_MAX)
            .await
            .map_err(|_| Problem::TooLarge)?;
        Self::parse(&body)
    }
}

impl Form {
    /// Reads `application/x-www-form-urlencoded` bytes.
    ///
    /// # Errors
    ///
    /// Too many fields, a broken escape, text that is no UTF-8, or U+0000 (named with its field).
    pub fn parse(body: &[u8]) -> Result<Self, Problem> {
        let mut fields = Vec::new();
        for pair in body
            .split(|byte| *byte == b'&')
            .filter(|pair| !pair.is_empty())
        {
            if fields.len() == FIELDS_MAX {
                return Err(Problem::TooLarge);
            }
            let at = pair
                .iter()
                .position(|byte| *byte == b'=')
                .unwrap_or(pair.len());
            let (name, value) = pair.split_at_checked(at).ok_or(Problem::Malformed)?;
            let value = value.strip_prefix(b"=").unwrap_or(value);
            let name =
                decode(name).filter(|name| name.len() <= NAME_BYTES_MAX && !name.contains('\0'));
            let name = name.ok_or(Problem::Malformed)?;
            match decode(value) {
                Some(value) if !value.contains('\0') => fields.push((name, value)),
                _ => {
                    let error = FieldError {
                        field: name,
                        key: "field-not-text",
                    };
                    return Err(Problem::Wrong(Errors(vec![error])));
                }
            }
        }
        Ok(Self { fields })
    }

    /// A form that came in parts.
    pub(crate) fn of(fields: Vec<(String, String)>) -> Self {
        Self { fields }
    }

    /// A field as it was sent, if it was.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.all(name).next()
    }

    /// A field without the spaces around it; empty if it was not sent.
    pub fn text(&self, name: &str) -> &str {
        self.get(name).unwrap_or_default().trim()
    }

    /// Whether a field was sent: ticks and buttons.
    pub fn has(&self, name: &str) -> bool {
        self.get(name).is_some()
    }

    /// All values of one name: several ticks.
    pub fn all<'f>(&'f self, name: &str) -> impl Iterator<Item = &'f str> {
        self.fields
            .iter()
            .filter(move |(known, _)| known == name)
            .map(|(_, value)| value.as_str())
    }

    /// Every field but our own, in the order sent.
    pub fn fields(&self) -> impl Iterator<Item = (&str, &str)> {
        self.fields
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_str()))
            .filter(|(name, _)| *name != once::FIELD)
    }

    /// Begins a reading that gathers every error before it answers.
    pub fn reading(&self) -> Reading<'_> {
        Reading {
            form: self,
            errors: Errors::default(),
        }
    }
}

/// One field that cannot be taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FieldError {
    /// The field's name, which is also its id on the page.
    pub field: String,
    /// The text that says why.
    pub key: &'static str,
}

impl FieldError {
    /// The id of the field on its page. `told` is the place of answers in every frame, so that field has another.
    pub(crate) fn place(&self) -> &str {
        match self.field.as_str() {
            "told" => "told-words",
            field => field,
        }
    }
}

/// The fields that cannot be taken.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Errors(Vec<FieldError>);

impl Errors {
    /// One error.
    pub fn one(field: &str, key: &'static str) -> Self {
        let mut errors = Self::default();
        errors.add(field, key);
        errors
    }

    /// Adds an error to a field.
    pub fn add(&mut self, field: &str, key: &'static str) {
        self.0.push(FieldError {
            field: field.to_owned(),
            key,
        });
    }

    /// The text for one field, if it is wrong: stands under the field.
    pub fn of(&self, field: &str) -> Option<&'static str> {
        self.0
            .iter()
            .find(|error| error.field == field)
            .map(|error| error.key)
    }

    /// Every error, in the order of the fields: the list at the top.
    pub fn iter(&self) -> std::slice::Iter<'_, FieldError> {
        self.0.iter()
    }

    /// Whether nothing is wrong.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl<'e> IntoIterator for &'e Errors {
    type Item = &'e FieldError;
    type IntoIter = std::slice::Iter<'e, FieldError>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

/// A form being read.
pub struct Reading<'f> {
    form: &'f Form,
    errors: Errors,
}

impl Reading<'_> {
    /// Text that must be there, of at most so many characters. Empty after an error.
    pub fn need(&mut self, field: &str, chars_max: usize) -> String {
        let text = self.form.text(field);
        if text.is_empty() {
            self.errors.add(field, "field-empty");
        }
        self.bounded(field, text, chars_max)
    }

    /// Text that may be left out.
    pub fn maybe(&mut self, field: &str, chars_max: usize) -> Option<String> {
        let text = self.form.text(field);
        let text = self.bounded(field, text, chars_max);
        (!text.is_empty()).then_some(text)
    }

    /// A value that must be there and be one of its type: an id, a number, a date, an enum.
    pub fn parse<T: FromStr>(&mut self, field: &str) -> Option<T> {
        let text = self.form.text(field);
        if text.is_empty() {
            self.errors.add(field, "field-empty");
            return None;
        }
        let value = text.parse().ok();
        if value.is_none() {
            self.errors.add(field, "field-wrong");
        }
        value
    }

    /// Marks a field as wrong.
    pub fn wrong(&mut self, field: &str, key: &'static str) {
        self.errors.add(field, key);
    }

    /// The errors so far: for handlers that draw their own form again.
    pub fn errors(self) -> Errors {
        self.errors
    }

    /// Ends the reading.
    ///
    /// # Errors
    ///
    /// The fields that cannot be taken (422).
    pub fn done(self) -> Result<(), Problem> {
        if self.errors.is_empty() {
            Ok(())
        } else {
            Err(Problem::Wrong(self.errors))
        }
    }

    fn bounded(&mut self, field: &str, text: &str, chars_max: usize) -> String {
        if text.chars().count() > chars_max {
            self.errors.add(field, "field-long");
            return String::new();
        }
        // The law lets no clinic keep it, whatever the field is for (cl-1.4-i-e).
        if care::identity::holds_individual_number(text) {
            self.errors.add(field, "field-individual-number");
            return String::new();
        }
        text.to_owned()
    }
}

/// Percent-decoding that refuses what it cannot read.
fn decode(text: &[u8]) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.iter();
    while let Some(byte) = rest.next() {
        bytes.push(match byte {
            b'+' => b' ',
            b'%' => hex(*rest.next()?)? * 16 + hex(*rest.next()?)?,
            other => *other,
        });
    }
    String::from_utf8(bytes).ok()
}

fn hex(digit: u8) -> Option<u8> {
    char::from(digit)
        .to_digit(16)
        .and_then(|value| u8::try_from(value).ok())
}

/// Percent-encodes one value of a query.
pub fn encode(text: &str) -> String {
    text.bytes()
        .map(|byte| match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' | b'/' => {
                char::from(byte).to_string()
            }
            other => format!("%{other:02X}"),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_are_read_by_name() {
        let form = Form::parse("a=%E5%B1%B1+%E7%94%B0&tick=1&tick=2&on-once=x&empty=".as_bytes())
            .ok()
            .unwrap();
        assert_eq!(form.text("a"), "山 田");
        assert_eq!(form.all("tick").collect::<Vec<_>>(), ["1", "2"]);
        assert!(form.has("empty") && !form.has("none"));
        assert_eq!(form.fields().count(), 4);
    }

    #[test]
    fn what_cannot_be_read_is_refused() {
        for (body, status) in [
            ("a=%00".as_bytes().to_vec(), 422),
            (b"a=%ff".to_vec(), 422),
            (b"a=%2".to_vec(), 422),
            (b"a=%zz".to_vec(), 422),
            (b"%00=a".to_vec(), 400),
            ("f=1&".repeat(65).into_bytes(), 413),
        ] {
            let problem = Form::parse(&body).err().unwrap();
            assert_eq!(
                problem.status().as_u16(),
                status,
                "{}",
                String::from_utf8_lossy(&body)
            );
        }
    }

    #[test]
    fn a_reading_gathers_every_error() {
        let form = Form::parse(b"name=&age=old&note=abc").ok().unwrap();
        let mut reading = form.reading();
        assert_eq!(reading.need("name", 10), "");
        assert_eq!(reading.parse::<u8>("age"), None);
        assert_eq!(reading.maybe("note", 2), None);
        let errors = reading.errors();
        assert_eq!(errors.of("name"), Some("field-empty"));
        assert_eq!(errors.of("age"), Some("field-wrong"));
        assert_eq!(errors.of("note"), Some("field-long"));
    }
}
