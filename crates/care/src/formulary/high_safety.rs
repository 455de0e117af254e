//! The list of drugs that need special care in their management (「薬剤管理指導料の1」の対象, cl-1.5-i-c), saved from the
//! official sheet as CSV.
//!
//! The sheet's layout was not seen (要確認): the column is found by its heading, in UTF-8 or CP932, so that a moved column
//! or a new one beside it does no harm.

use super::{Code, Fault, Why, rows};
use encoding_rs::{Encoding, SHIFT_JIS, UTF_8};
use std::collections::BTreeSet;

/// Lines above the headings: a title, a date.
const LINES_ABOVE_MAX: usize = 20;

/// Headings of the column with the code of claims.
const HEADINGS: [&str; 5] = [
    "医薬品コード",
    "レセプト電算処理コード",
    "レセプト電算処理システム用コード",
    "レセ電コード",
    "レセプト電算コード",
];

/// Reads the codes of the list.
///
/// # Errors
///
/// No column is headed as one of codes, or a line has none.
pub fn high_safety(bytes: &[u8]) -> Result<BTreeSet<Code>, Fault> {
    let mut column = None;
    let mut above = 0;
    let mut codes = BTreeSet::new();
    rows::each(bytes, |line, record| {
        let Some(at) = column else {
            column = record.iter().position(|field| {
                text(field).is_some_and(|text| HEADINGS.contains(&text.as_str()))
            });
            above += 1;
            return if column.is_none() && above > LINES_ABOVE_MAX {
                Err(Fault::of_line(1, Why::Missing))
            } else {
                Ok(())
            };
        };
        if record.iter().all(<[u8]>::is_empty) {
            return Ok(());
        }
        let fault = |why| Fault {
            line,
            column: Some(at.saturating_add(1)),
            why,
        };
        let text = text(record.get(at).unwrap_or_default()).ok_or_else(|| fault(Why::NotCp932))?;
        codes.insert(text.parse().map_err(|()| fault(Why::Code))?);
        Ok(())
    })?;
    if column.is_none() {
        return Err(Fault::of_line(1, Why::Missing));
    }
    if codes.is_empty() {
        return Err(Fault::of_line(1, Why::Empty));
    }
    Ok(codes)
}

fn text(field: &[u8]) -> Option<String> {
    let field = field.strip_prefix(b"\xef\xbb\xbf").unwrap_or(field);
    let decoded = |encoding: &'static Encoding| {
        encoding.decode_without_bom_handling_and_without_replacement(field)
    };
    let text = decoded(UTF_8).or_else(|| decoded(SHIFT_JIS))?;
    let without_space: String = text
        .chars()
        .filter(|letter| !letter.is_whitespace())
        .collect();
    Some(without_space)
}
