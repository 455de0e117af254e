//! A Rust file as a flat row of tokens: no comments, macros opened, strings whole.
//!
//! Flat, because what the chores look for (`const DUTIES`, `fn cl_…`, `.await`) is a short row of words,
//! and because a row also shows what stands inside a macro.
use std::path::Path;

use proc_macro2::{Delimiter, TokenStream, TokenTree};

use crate::{fault::Fault, places};

/// One token and the line it begins on.
pub(crate) struct Token {
    pub(crate) kind: Kind,
    pub(crate) line: usize,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Word(String),
    Mark(char),
    /// What stands between the quotes, escapes as written.
    Text(String),
    /// Any other literal.
    Value,
    Open(Bracket),
    Close(Bracket),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Bracket {
    Round,
    Square,
    Curly,
}

/// A function, with the last names of the attributes that stand before it.
pub(crate) struct Function {
    pub(crate) name: String,
    pub(crate) line: usize,
    pub(crate) attributes: Vec<String>,
}

/// Reads a file.
///
/// # Errors
///
/// When it cannot be read or is not made of Rust tokens.
pub(crate) fn file(path: &Path) -> Result<Vec<Token>, Fault> {
    tokens(&places::read(path)?).map_err(|reason| Fault::at(path, reason))
}

/// The tokens of a text.
pub(crate) fn tokens(text: &str) -> Result<Vec<Token>, Fault> {
    let stream: TokenStream = text
        .parse()
        .map_err(|reason: proc_macro2::LexError| Fault::new(reason.to_string()))?;
    let mut row = Vec::new();
    flatten(stream, &mut row);
    Ok(row)
}

fn flatten(stream: TokenStream, row: &mut Vec<Token>) {
    for tree in stream {
        let line = tree.span().start().line;
        match tree {
            TokenTree::Ident(word) => row.push(Token {
                kind: Kind::Word(word.to_string()),
                line,
            }),
            TokenTree::Punct(mark) => row.push(Token {
                kind: Kind::Mark(mark.as_char()),
                line,
            }),
            TokenTree::Literal(value) => row.push(Token {
                kind: literal(&value.to_string()),
                line,
            }),
            TokenTree::Group(group) => {
                let end = group.span_close().start().line;
                let bracket = bracket(group.delimiter());
                if let Some(bracket) = bracket {
                    let kind = Kind::Open(bracket);
                    row.push(Token { kind, line });
                }
                flatten(group.stream(), row);
                if let Some(bracket) = bracket {
                    let kind = Kind::Close(bracket);
                    row.push(Token { kind, line: end });
                }
            }
        }
    }
}

fn bracket(delimiter: Delimiter) -> Option<Bracket> {
    match delimiter {
        Delimiter::Parenthesis => Some(Bracket::Round),
        Delimiter::Bracket => Some(Bracket::Square),
        Delimiter::Brace => Some(Bracket::Curly),
        Delimiter::None => None,
    }
}

fn literal(written: &str) -> Kind {
    let inside = written
        .find('"')
        .zip(written.rfind('"'))
        .filter(|(first, last)| first < last && !written.starts_with('\''))
        .and_then(|(first, last)| written.get(first + 1..last));
    match inside {
        Some(text) => Kind::Text(text.to_owned()),
        None => Kind::Value,
    }
}

/// The row without attributes (doc comments among them) and without what is built for tests only.
pub(crate) fn shipped(row: Vec<Token>) -> Vec<Token> {
    let mut kept = Vec::new();
    let mut rest = row.into_iter().peekable();
    while let Some(token) = rest.next() {
        if token.kind != Kind::Mark('#') {
            kept.push(token);
            continue;
        }
        rest.next_if(|next| next.kind == Kind::Mark('!'));
        if rest
            .peek()
            .is_none_or(|next| next.kind != Kind::Open(Bracket::Square))
        {
            kept.push(token);
            continue;
        }
        if is_test_only(&group(&mut rest)) {
            skip_item(&mut rest);
        }
    }
    kept
}

/// `cfg(test)` and nothing subtler: `cfg(any(test, …))` is also shipped.
fn is_test_only(attribute: &[Kind]) -> bool {
    let words: Vec<&str> = attribute.iter().filter_map(Kind::word).collect();
    words == ["cfg", "test"]
}

/// Takes one bracketed group and gives what is inside.
fn group(rest: &mut impl Iterator<Item = Token>) -> Vec<Kind> {
    let mut depth = 0_usize;
    let mut inside = Vec::new();
    for token in rest {
        match token.kind {
            Kind::Open(_) => depth += 1,
            Kind::Close(_) => depth -= 1,
            Kind::Word(_) | Kind::Mark(_) | Kind::Text(_) | Kind::Value => {}
        }
        inside.push(token.kind);
        if depth == 0 {
            break;
        }
    }
    inside
}

/// Takes one item: up to its `;` or the end of its braces.
fn skip_item(rest: &mut impl Iterator<Item = Token>) {
    let mut depth = 0_usize;
    for token in rest {
        match token.kind {
            Kind::Open(_) => depth += 1,
            Kind::Close(bracket) => {
                depth = depth.saturating_sub(1);
                if depth == 0 && bracket == Bracket::Curly {
                    return;
                }
            }
            Kind::Mark(';') if depth == 0 => return,
            Kind::Word(_) | Kind::Mark(_) | Kind::Text(_) | Kind::Value => {}
        }
    }
}

/// Every function of the row, those inside macros too.
pub(crate) fn functions(row: &[Token]) -> Vec<Function> {
    let mut found = Vec::new();
    let mut attributes = Vec::new();
    let mut rest = row.iter().peekable();
    while let Some(token) = rest.next() {
        match &token.kind {
            Kind::Mark('#') => attributes.extend(attribute_name(&mut rest)),
            Kind::Mark(';') | Kind::Open(Bracket::Curly) | Kind::Close(Bracket::Curly) => {
                attributes.clear();
            }
            Kind::Word(word) if word == "fn" => {
                let name = rest.peek().and_then(|next| next.kind.word());
                let attributes = std::mem::take(&mut attributes);
                if let Some(name) = name {
                    found.push(Function {
                        name: name.to_owned(),
                        line: token.line,
                        attributes,
                    });
                }
            }
            Kind::Word(_)
            | Kind::Mark(_)
            | Kind::Text(_)
            | Kind::Value
            | Kind::Open(_)
            | Kind::Close(_) => {}
        }
    }
    found
}

/// Takes `[path::to::name(…)]` and gives `name`.
fn attribute_name<'row>(
    rest: &mut std::iter::Peekable<impl Iterator<Item = &'row Token>>,
) -> Option<String> {
    rest.next_if(|next| next.kind == Kind::Open(Bracket::Square))?;
    let mut depth = 1_usize;
    let mut name = None;
    for token in rest.by_ref() {
        match &token.kind {
            Kind::Word(word) if depth == 1 => name = Some(word.clone()),
            Kind::Open(_) => depth += 1,
            Kind::Close(_) => depth -= 1,
            Kind::Word(_) | Kind::Mark(_) | Kind::Text(_) | Kind::Value => {}
        }
        if depth == 0 {
            break;
        }
    }
    name
}

impl Kind {
    pub(crate) fn word(&self) -> Option<&str> {
        match self {
            Self::Word(word) => Some(word),
            Self::Mark(_) | Self::Text(_) | Self::Value | Self::Open(_) | Self::Close(_) => None,
        }
    }

    pub(crate) fn text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            Self::Mark(_) | Self::Word(_) | Self::Value | Self::Open(_) | Self::Close(_) => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Kind, functions, shipped, tokens};

    fn row(text: &str) -> Vec<super::Token> {
        tokens(text).unwrap_or_else(|fault| panic!("{fault}"))
    }

    #[test]
    fn comments_are_not_code_and_strings_are_whole() {
        let row = row("// x.await\nlet a = r#\"SELECT \"b\"\"#;");
        assert!(row.iter().all(|token| token.kind.word() != Some("await")));
        assert!(
            row.iter()
                .any(|token| token.kind.text() == Some("SELECT \"b\""))
        );
    }

    #[test]
    fn what_is_built_for_tests_only_is_not_shipped() {
        let cases = [
            (
                "#[cfg(test)] mod tests { fn hidden() {} } fn seen() {}",
                "seen",
            ),
            ("#[cfg(test)] use a::hidden; fn seen() {}", "seen"),
            ("#[doc = \"hidden\"] fn seen() {}", "seen"),
            (
                "#[cfg(test)] #[derive(A)] struct Hidden { a: u8 } fn seen() {}",
                "seen",
            ),
        ];
        for (text, name) in cases {
            let kept = shipped(row(text));
            let names: Vec<_> = functions(&kept).into_iter().map(|f| f.name).collect();
            assert_eq!(names, [name], "{text}");
            assert!(
                !kept
                    .iter()
                    .any(|t| matches!(&t.kind, Kind::Word(w) if w.eq_ignore_ascii_case("hidden")))
            );
        }
    }

    #[test]
    fn a_function_knows_its_attributes_even_inside_a_macro() {
        let cases = [
            ("#[test] fn a() {}", vec!["test"]),
            (
                "#[tokio::test(flavor = \"x\")] async fn a() {}",
                vec!["test"],
            ),
            (
                "proptest! { #![config(1)] #[test] #[ignore = \"slow\"] fn a(x in 0..1) {} }",
                vec!["test", "ignore"],
            ),
            ("#[test] const B: u8 = 1; fn a() {}", vec![]),
        ];
        for (text, attributes) in cases {
            let row = row(text);
            let found = functions(&row);
            assert_eq!(found.len(), 1, "{text}");
            assert_eq!(found[0].attributes, attributes, "{text}");
        }
    }
}
