//! The societies' list of drugs to be considered carefully at a first visit (十分な検討が必要な薬剤, cl-1.5-i-a), as a file of
//! our own layout: UTF-8, the headings in its first line, one group of drugs a line.
//!
//! A group is named by the first characters of its price codes, or by one code of claims. Each line says where it comes from
//! and whether a physician has compared it with the original.

use super::{Code, Drug, Fault, Why, rows};

/// The headings, in this order.
const HEADINGS: [&str; 6] = [
    "group",
    "code",
    "caution_ja",
    "caution_en",
    "source",
    "verified",
];
/// Characters of a code: from a group of effects to one package.
const CODE_CHARS: std::ops::RangeInclusive<usize> = 2..=12;

/// One group of drugs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Group {
    /// What it is called.
    pub name: String,
    /// The first characters of price codes, or a whole code of claims.
    pub code: String,
    /// What is to be considered, in Japanese.
    pub caution_ja: String,
    /// The same in English.
    pub caution_en: String,
    /// Where the line comes from.
    pub source: String,
    /// Whether a physician compared it with the original; otherwise it is 要確認.
    pub verified: bool,
}

/// One edition of the list.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Careful {
    /// The groups, in the order of the file.
    pub groups: Vec<Group>,
}

impl Careful {
    /// The group that a drug falls under, if any; the most particular one.
    #[must_use]
    pub fn group(&self, drug: &Drug) -> Option<&Group> {
        let own: Code = drug.code;
        let own = own.to_string();
        self.groups
            .iter()
            .filter(|group| {
                group.code == own
                    || drug
                        .price_code
                        .as_deref()
                        .is_some_and(|price| price.starts_with(&group.code))
            })
            .max_by_key(|group| group.code.len())
    }
}

/// Whether a file is such a list, by its headings.
#[must_use]
pub fn is_careful(bytes: &[u8]) -> bool {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    bytes.starts_with(b"group,code,")
}

/// Reads the list.
///
/// # Errors
///
/// The first line that cannot be read, with its column.
pub fn careful(bytes: &[u8]) -> Result<Careful, Fault> {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let mut groups = Vec::new();
    let mut headed = false;
    rows::each(bytes, |line, record| {
        let fault = |column: Option<usize>, why| Fault { line, column, why };
        if record.len() != HEADINGS.len() {
            return Err(fault(None, Why::Columns(record.len())));
        }
        let mut fields = Vec::with_capacity(HEADINGS.len());
        for (at, field) in record.iter().enumerate() {
            let text = std::str::from_utf8(field)
                .map_err(|_| fault(Some(at.saturating_add(1)), Why::Value))?;
            if text.trim().is_empty() {
                return Err(fault(Some(at.saturating_add(1)), Why::Missing));
            }
            fields.push(text.trim().to_owned());
        }
        if !headed {
            headed = true;
            return if fields == HEADINGS {
                Ok(())
            } else {
                Err(fault(None, Why::Value))
            };
        }
        let Ok([name, code, caution_ja, caution_en, source, verified]) =
            <[String; 6]>::try_from(fields)
        else {
            return Err(fault(None, Why::Columns(record.len())));
        };
        if !CODE_CHARS.contains(&code.len())
            || !code.bytes().all(|byte| byte.is_ascii_alphanumeric())
        {
            return Err(fault(Some(2), Why::Code));
        }
        let verified = match verified.as_str() {
            "yes" => true,
            "要確認" => false,
            _ => return Err(fault(Some(6), Why::Value)),
        };
        groups.push(Group {
            name,
            code,
            caution_ja,
            caution_en,
            source,
            verified,
        });
        Ok(())
    })?;
    if groups.is_empty() {
        return Err(Fault {
            line: 1,
            column: None,
            why: Why::Empty,
        });
    }
    Ok(Careful { groups })
}
