//! The house rules of the Rust source: where SQL, sockets, clocks and chance may stand.
use std::path::Path;

use crate::{
    fault::Fault,
    layers, places,
    source::{self, Kind, Token},
};

/// Words that belong to few files.
struct Rule {
    /// A row of words and marks, such as `SystemTime::now`.
    rows: &'static [&'static [&'static str]],
    /// Whether it holds in this crate and file.
    holds: fn(&str, &str) -> bool,
    why: &'static str,
}

const RULES: &[Rule] = &[
    Rule {
        rows: &[
            &["async", "fn"],
            &["async", "move"],
            &["async", "{"],
            &[".", "await"],
            &["SystemTime", ":", ":", "now"],
            &["Instant", ":", ":", "now"],
            &["Timestamp", ":", ":", "now"],
            &["Zoned", ":", ":", "now"],
            &["Ulid", ":", ":", "new"],
            &["getrandom"],
            &["rand"],
            &["std", ":", ":", "fs"],
            &["std", ":", ":", "net"],
            &["std", ":", ":", "env"],
            &["std", ":", ":", "thread"],
            &["std", ":", ":", "process"],
        ],
        holds: |own, _| layers::is_pure(own),
        why: "the domain does no input or output; time and chance are arguments",
    },
    Rule {
        rows: &[
            &["Instant", ":", ":", "now"],
            &["SystemTime", ":", ":", "now"],
            &["std", ":", ":", "fs"],
        ],
        holds: |own, file| own == "media" && !is_media_driver(file),
        why: "media is a state machine in virtual time; its driver alone knows the clock",
    },
    Rule {
        rows: &[
            &["TcpListener"],
            &["TcpStream"],
            &["UdpSocket"],
            &["UnixListener"],
            &["UnixStream"],
        ],
        holds: |_, file| !may_open_sockets(file),
        why: "only media's driver and onshin open sockets",
    },
];

/// The media thread, and the addresses it is given.
const MEDIA_DRIVER: &[&str] = &["crates/media/src/driver", "crates/media/src/listen"];

/// The listeners of the surfaces.
const SURFACES: &[&str] = &["crates/onshin/"];

fn is_media_driver(file: &str) -> bool {
    MEDIA_DRIVER.iter().any(|place| file.starts_with(place))
}

fn may_open_sockets(file: &str) -> bool {
    is_media_driver(file) || SURFACES.iter().any(|place| file.starts_with(place))
}

/// Every breach in what our crates ship.
pub(crate) fn faults() -> Result<Vec<String>, Fault> {
    let mut faults = Vec::new();
    for own in places::crates()? {
        let folder = places::root().join("crates").join(&own).join("src");
        for path in places::files(&folder, "rs")? {
            faults.extend(faults_of(&own, &path)?);
        }
    }
    Ok(faults)
}

fn faults_of(own: &str, path: &Path) -> Result<Vec<String>, Fault> {
    let file = places::short(path);
    let row = source::shipped(source::file(path)?);
    let mut faults = Vec::new();
    for rule in RULES.iter().filter(|rule| (rule.holds)(own, &file)) {
        for (line, found) in breaches(&row, rule.rows) {
            faults.push(format!("{file}:{line}: {found}: {}", rule.why));
        }
    }
    if own != "store" {
        let statements = row
            .iter()
            .filter(|token| token.kind.text().is_some_and(is_sql));
        faults.extend(
            statements.map(|token| format!("{file}:{}: SQL: only store writes it", token.line)),
        );
    }
    Ok(faults)
}

fn breaches(row: &[Token], rules: &[&[&str]]) -> Vec<(usize, String)> {
    let mut found = Vec::new();
    for rule in rules {
        for at in row.windows(rule.len()) {
            if at
                .iter()
                .zip(*rule)
                .all(|(token, word)| is(&token.kind, word))
            {
                let line = at.first().map_or(0, |token| token.line);
                found.push((line, rule.concat()));
            }
        }
    }
    found
}

fn is(kind: &Kind, word: &str) -> bool {
    match kind {
        Kind::Word(own) => own == word,
        Kind::Mark(own) => word.chars().eq([*own]),
        Kind::Open(source::Bracket::Curly) => word == "{",
        Kind::Open(_) | Kind::Close(_) | Kind::Text(_) | Kind::Value => false,
    }
}

/// SQL is written in upper case, so ordinary sentences are not taken for it.
fn is_sql(text: &str) -> bool {
    let words: Vec<&str> = text
        .split(|letter: char| !letter.is_ascii_alphabetic())
        .collect();
    let both = |first: &str, second: &str| {
        let at = words.iter().position(|word| *word == first);
        at.is_some_and(|at| words.iter().skip(at).any(|word| *word == second))
    };
    both("SELECT", "FROM")
        || both("INSERT", "INTO")
        || both("UPDATE", "SET")
        || both("DELETE", "FROM")
        || both("CREATE", "TABLE")
        || words.contains(&"PRAGMA")
}

#[cfg(test)]
mod tests {
    use super::{RULES, breaches, is_sql};
    use crate::source;

    #[test]
    fn sql_is_told_from_prose() {
        for (text, sql) in [
            ("SELECT a FROM b", true),
            ("SELECT a,\\n  b\\n FROM c", true),
            ("INSERT INTO a (b) VALUES ($1)", true),
            ("UPDATE a SET b = $1", true),
            ("DELETE FROM a", true),
            ("Select one from the list", false),
            ("SELECTED FROM", false),
            ("FROM here you may SELECT", false),
        ] {
            assert_eq!(is_sql(text), sql, "{text}");
        }
    }

    #[test]
    fn the_domain_rule_finds_what_it_names() {
        for (text, count) in [
            ("async fn a() {}", 1),
            ("fn a() { b().await; }", 1),
            ("fn a() { let now = jiff::Timestamp::now(); }", 1),
            ("use std::time::{Instant}; fn a(now: Instant) {}", 0),
            ("// SystemTime::now\nfn rand_is_a_word_of_its_own() {}", 0),
            ("use rand::Rng;", 1),
        ] {
            let row = source::tokens(text).unwrap_or_else(|fault| panic!("{fault}"));
            assert_eq!(breaches(&row, RULES[0].rows).len(), count, "{text}");
        }
    }
}
