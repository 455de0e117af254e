//! Search in the formulary: by name, kana, generic name or code, made once for an edition.

use super::{Code, Drug, Formulary};
use jiff::civil::Date;
use unicode_normalization::UnicodeNormalization as _;

/// Longest search that is looked for, in characters.
const SOUGHT_CHARS_MAX: usize = 40;
/// Stands before each word of a drug.
const BEFORE: char = '\n';

/// The words of every drug of an edition.
#[derive(Clone, Debug)]
pub struct Index {
    words: Vec<(String, Code)>,
}

impl Index {
    /// The index of an edition.
    #[must_use]
    pub fn of(formulary: &Formulary) -> Self {
        Self {
            words: formulary
                .drugs()
                .map(|drug| (words(drug), drug.code))
                .collect(),
        }
    }

    /// Drugs that may be ordered on a day and of which a word begins with what is sought; after them those that contain it.
    /// Each part by name, at most `most` together.
    #[must_use]
    pub fn search<'a>(
        &self,
        formulary: &'a Formulary,
        sought: &str,
        on: Date,
        most: usize,
    ) -> Vec<&'a Drug> {
        let within: String = folded(sought).take(SOUGHT_CHARS_MAX).collect();
        if within.is_empty() {
            return Vec::new();
        }
        let begins = format!("{BEFORE}{within}");
        let mut found: Vec<(bool, &Drug)> = self
            .words
            .iter()
            .filter(|(words, _)| words.contains(&within))
            .filter_map(|(words, code)| {
                let drug = formulary.orderable(*code, on)?;
                Some((!words.contains(&begins), drug))
            })
            .collect();
        found.sort_unstable_by(|(inside, one), (other_inside, other)| {
            (inside, &one.name, one.code).cmp(&(other_inside, &other.name, other.code))
        });
        found.truncate(most);
        found.into_iter().map(|(_, drug)| drug).collect()
    }
}

fn words(drug: &Drug) -> String {
    let code = drug.code.to_string();
    let words = [
        Some(drug.name.as_str()),
        Some(&drug.kana),
        drug.generic_name.as_deref(),
        Some(&code),
        drug.price_code.as_deref(),
    ];
    let mut text = String::new();
    for word in words.into_iter().flatten() {
        text.push(BEFORE);
        text.extend(folded(word));
    }
    text
}

/// A word as it is sought: full or half width, hiragana or katakana, large or small letters are one.
fn folded(text: &str) -> impl Iterator<Item = char> {
    text.nfkc()
        .filter(|letter| !letter.is_whitespace())
        .flat_map(char::to_lowercase)
        .map(katakana)
}

fn katakana(letter: char) -> char {
    /// From ぁ to ァ.
    const STEP: u32 = 0x60;
    match letter {
        'ぁ'..='ゖ' => char::from_u32(u32::from(letter) + STEP).unwrap_or(letter),
        _ => letter,
    }
}
