//! The house rules of what the browser is given: templates and scripts.
use std::path::Path;

use crate::{fault::Fault, places};

/// What no template may hold, and why.
const IN_TEMPLATES: &[(&str, &str)] = &[
    ("|safe", "escaping is not switched off"),
    ("|escape(\"none", "escaping is not switched off"),
    ("|e(\"none", "escaping is not switched off"),
    ("hx-on", "handlers in attributes need a looser policy"),
    ("js:", "script in attributes needs a looser policy"),
    ("javascript:", "script in attributes needs a looser policy"),
    ("style=\"", "styles in attributes need a looser policy"),
];

/// What no script may name, and why.
const IN_SCRIPTS: &[(&str, &str)] = &[
    ("MediaRecorder", "nothing records a visit"),
    ("getDisplayMedia", "sharing the screen is not granted"),
    (
        "localStorage",
        "nothing of the patient is left on a terminal",
    ),
    (
        "sessionStorage",
        "nothing of the patient is left on a terminal",
    ),
    ("indexedDB", "nothing of the patient is left on a terminal"),
    (
        "serviceWorker",
        "nothing of the patient is left on a terminal",
    ),
];

/// A language is named in itself, whatever the page is in: no text to translate.
const OWN_NAME: &str = "日本語";

/// Every breach.
pub(crate) fn faults() -> Result<Vec<String>, Fault> {
    let web = places::root().join("crates/web");
    let mut faults = Vec::new();
    for path in places::files(&web.join("src"), "html")? {
        let text = without(&without(&places::read(&path)?, "{#", "#}"), "<!--", "-->");
        faults.extend(named(&path, &text.replace("| ", "|"), IN_TEMPLATES));
        faults.extend(japanese(&path, &text));
    }
    for path in places::files(&web.join("assets/ts"), "ts")? {
        let text = without(&without(&places::read(&path)?, "/*", "*/"), "//", "\n");
        faults.extend(named(&path, &text, IN_SCRIPTS));
    }
    Ok(faults)
}

fn named(path: &Path, text: &str, forbidden: &[(&str, &str)]) -> Vec<String> {
    let file = places::short(path);
    let mut faults = Vec::new();
    for (line, row) in (1_usize..).zip(text.lines()) {
        for (word, why) in forbidden {
            if row.contains(word) {
                faults.push(format!("{file}:{line}: {word}: {why}"));
            }
        }
    }
    faults
}

fn japanese(path: &Path, text: &str) -> Vec<String> {
    let file = places::short(path);
    (1_usize..)
        .zip(text.lines())
        .filter(|(_, row)| row.replace(OWN_NAME, "").chars().any(is_japanese))
        .map(|(line, _)| format!("{file}:{line}: screen words stand in locales/*.ftl"))
        .collect()
}

/// Kana, kanji, and the marks and wide letters written with them.
fn is_japanese(letter: char) -> bool {
    matches!(letter, '\u{3000}'..='\u{30ff}' | '\u{3400}'..='\u{9fff}' | '\u{f900}'..='\u{faff}' | '\u{ff00}'..='\u{ffef}')
}

/// The text without what stands between two marks, its lines still counted.
fn without(text: &str, open: &str, close: &str) -> String {
    let mut kept = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once(open) {
        kept.push_str(before);
        let (inside, next) = after.split_once(close).unwrap_or((after, ""));
        kept.extend(
            inside
                .chars()
                .chain(close.chars())
                .filter(|letter| *letter == '\n'),
        );
        rest = next;
    }
    kept.push_str(rest);
    kept
}

#[cfg(test)]
mod tests {
    use super::{IN_SCRIPTS, IN_TEMPLATES, japanese, named, without};
    use std::path::Path;

    #[test]
    fn comments_go_and_lines_stay() {
        for (text, left) in [
            ("a{# b\nc #}d\ne", "a\nd\ne"),
            ("a{# b", "a"),
            ("{##}{# x #}y", "y"),
        ] {
            assert_eq!(without(text, "{#", "#}"), left);
        }
        assert_eq!(without("a // b\nc", "//", "\n"), "a \nc");
    }

    #[test]
    fn each_forbidden_word_is_found_with_its_line() {
        let found = named(Path::new("a.html"), "<p>\n{{ x|safe }}", IN_TEMPLATES);
        assert_eq!(found, ["a.html:2: |safe: escaping is not switched off"]);
        assert_eq!(
            named(Path::new("a.ts"), "new MediaRecorder(x)", IN_SCRIPTS).len(),
            1
        );
    }

    #[test]
    fn words_of_the_screen_are_found_in_templates() {
        for (text, count) in [
            ("<p>待合室</p>", 1),
            ("<p>{{ t.waiting() }} ○ é</p>", 0),
            ("<p>ＡＢ</p>", 1),
            ("<button lang=\"ja\">日本語</button>", 0),
        ] {
            assert_eq!(japanese(Path::new("a.html"), text).len(), count, "{text}");
        }
    }
}
