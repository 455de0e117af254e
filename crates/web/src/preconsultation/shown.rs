//! The two blocks that a page on pre-consultations must have, and how they are looked for.

use crate::{Problem, Words};
use askama::Template;
use care::preconsultation::Terms;

/// Fee and limits as every page shows them.
#[derive(Clone, Template)]
#[template(path = "preconsultation/block.html")]
pub(crate) struct Block {
    w: Words,
    pub(crate) version: i64,
    fee: String,
    charged: String,
    refund: String,
    may_not_proceed: String,
}

// What this template writes is escaped already.
impl askama::filters::HtmlSafe for Block {}

impl Block {
    pub(crate) fn of(terms: &Terms, w: Words) -> Self {
        Self {
            w,
            version: terms.version,
            fee: yen(terms.fee_yen.unwrap_or_default()),
            charged: terms.charged.clone(),
            refund: terms.refund.clone(),
            may_not_proceed: terms.may_not_proceed.clone(),
        }
    }
}

/// An amount as people write it: 3,300.
pub(crate) fn yen(amount: u32) -> String {
    let digits = amount.to_string();
    let mut text = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// Whether our own page, drawn as everybody gets it, shows fee and limits.
///
/// # Errors
///
/// The page could not be drawn.
pub(crate) fn terms_shown(terms: &Terms, w: Words) -> Result<bool, Problem> {
    Ok(names_terms(&Block::of(terms, w).render()?, terms))
}

/// Whether a page names the fee and says the published sentence on the limits, whatever stands between its words.
pub(crate) fn names_terms(html: &str, terms: &Terms) -> bool {
    let fee = terms.fee_yen.unwrap_or_default();
    let said = bare(&without_tags(html));
    let limit = bare(&terms.may_not_proceed);
    let amount = format!("{fee}円");
    !limit.is_empty() && said.contains(&limit) && names_amount(&said, &amount)
}

/// 300円 does not name 3,300円.
fn names_amount(said: &str, amount: &str) -> bool {
    said.match_indices(amount).any(|(at, _)| {
        let before = said.get(..at).and_then(|before| before.chars().next_back());
        !before.is_some_and(|digit| digit.is_ascii_digit())
    })
}

/// Text between the tags; what scripts and styles hold is nothing that anybody reads.
fn without_tags(html: &str) -> String {
    let mut text = String::with_capacity(html.len());
    let mut rest = html;
    while let Some(open) = rest.find('<') {
        text.push_str(rest.get(..open).unwrap_or_default());
        let tag = rest.get(open..).unwrap_or_default();
        let lower: String = tag.chars().take(8).collect::<String>().to_ascii_lowercase();
        let end = if lower.starts_with("<script") {
            "</script>"
        } else if lower.starts_with("<style") {
            "</style>"
        } else if lower.starts_with("<!--") {
            "-->"
        } else {
            ">"
        };
        rest = match tag.find(end) {
            Some(at) => tag.get(at + end.len()..).unwrap_or_default(),
            None => "",
        };
    }
    text.push_str(rest);
    text
}

/// Words without spaces, commas in numbers, and escapes.
fn bare(text: &str) -> String {
    let text = text
        .replace("&#38;", "&")
        .replace("&#60;", "<")
        .replace("&#62;", ">")
        .replace("&#34;", "\"")
        .replace("&#39;", "'")
        .replace("&amp;", "&")
        .replace("&nbsp;", " ");
    text.chars()
        .filter(|c| !c.is_whitespace() && !matches!(c, ',' | '，'))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Lang;

    fn terms() -> Terms {
        Terms {
            version: 1,
            offered: true,
            fee_yen: Some(3_300),
            charged: "相談の前".into(),
            refund: "始まる前なら返します".into(),
            may_not_proceed: "相談の結果、オンライン診療に進まないことがあります。".into(),
            external: String::new(),
        }
    }

    #[test]
    fn our_own_block_names_both_and_a_page_that_lost_one_does_not() {
        let terms = terms();
        assert!(terms_shown(&terms, Words::of(Lang::Ja)).is_ok_and(|shown| shown));
        assert!(terms_shown(&terms, Words::of(Lang::En)).is_ok_and(|shown| shown));
        let page = |fee: &str, limit: &str| format!("<p>料金 <b>{fee}</b></p>\n<p>{limit}</p>");
        let limit = "相談の結果、<br>オンライン診療に進まないことがあります。";
        assert!(names_terms(&page("3,300 円", limit), &terms));
        for (fee, said) in [
            ("", limit),
            ("13,300円", limit),
            ("300円", limit),
            ("3,300円", "オンライン診療をしています。"),
        ] {
            assert!(!names_terms(&page(fee, said), &terms), "{fee} {said}");
        }
        let hidden = format!("<!-- {} -->", page("3,300円", limit));
        assert!(!names_terms(&hidden, &terms));
    }

    #[test]
    fn an_amount_is_written_in_threes() {
        for (amount, text) in [
            (0, "0"),
            (300, "300"),
            (3_300, "3,300"),
            (1_000_000, "1,000,000"),
        ] {
            assert_eq!(yen(amount), text);
        }
    }
}
