//! The comment to the pharmacist (備考) is no way round the order lines: no drug, no amount.

use unicode_normalization::UnicodeNormalization as _;

/// Units of an amount, folded.
const UNITS: [&str; 26] = [
    "錠",
    "カプセル",
    "包",
    "滴",
    "枚",
    "本",
    "瓶",
    "管",
    "個",
    "袋",
    "粒",
    "丸",
    "キット",
    "単位",
    "日分",
    "回分",
    "mg",
    "g",
    "μg",
    "mcg",
    "ug",
    "ml",
    "l",
    "cc",
    "iu",
    "%",
];
/// Shortest part of a name that is looked for, in characters: shorter ones stand in ordinary words.
const STEM_CHARS_MIN: usize = 3;

/// Whether a comment holds the name of a drug of the formulary, or an amount with its unit. `names` are names of drugs.
#[must_use]
pub fn is_no_comment<'a>(comment: &str, mut names: impl Iterator<Item = &'a str>) -> bool {
    let comment = folded(comment);
    has_amount(&comment)
        || names.any(|name| stem(&folded(name)).is_some_and(|stem| comment.contains(stem)))
}

/// A digit, perhaps a point and more digits, then a unit.
fn has_amount(comment: &str) -> bool {
    comment
        .match_indices(|letter: char| letter.is_ascii_digit())
        .filter_map(|(at, digit)| comment.get(at.saturating_add(digit.len())..))
        .any(|rest| UNITS.iter().any(|unit| begins(rest, unit)))
}

/// A unit in letters ends where its letters end: "3 line" is no litre.
fn begins(rest: &str, unit: &str) -> bool {
    rest.strip_prefix(unit).is_some_and(|after| {
        !unit.ends_with(|letter: char| letter.is_ascii_alphabetic())
            || !after.starts_with(|letter: char| letter.is_ascii_alphabetic())
    })
}

/// The name before its strength and its form.
fn stem(name: &str) -> Option<&str> {
    let end = name
        .find(|letter: char| letter.is_ascii_digit() || "(「【錠".contains(letter))
        .unwrap_or(name.len());
    let stem = name.get(..end)?;
    // アムロジピンＯＤ錠 is アムロジピン to whoever reads it.
    let stem = stem.strip_suffix("カプセル").unwrap_or(stem);
    let stem = stem.trim_end_matches(|letter: char| letter.is_ascii_alphabetic());
    (stem.chars().count() >= STEM_CHARS_MIN).then_some(stem)
}

fn folded(text: &str) -> String {
    text.nfkc()
        .filter(|letter| !letter.is_whitespace())
        .flat_map(char::to_lowercase)
        .collect()
}
