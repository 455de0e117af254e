//! Screen words: the same in both languages, all there, and nowhere but in the text files.

use fluent_syntax::{ast, parser};
use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
};
use web::words::sources;

type Messages = BTreeMap<String, BTreeSet<String>>;

fn messages(lang: &str) -> Messages {
    let mut all = Messages::new();
    for (of, file, text) in sources() {
        if *of != lang {
            continue;
        }
        let resource =
            parser::parse(*text).unwrap_or_else(|(_, faults)| panic!("{lang}/{file}: {faults:?}"));
        for entry in resource.body {
            if let ast::Entry::Message(message) = entry {
                let mut variables = BTreeSet::new();
                pattern(message.value.as_ref().unwrap(), &mut variables);
                let twice = all.insert(message.id.name.to_owned(), variables).is_some();
                assert!(!twice, "{lang}/{file}: {} stands twice", message.id.name);
            }
        }
    }
    all
}

fn pattern(pattern: &ast::Pattern<&str>, variables: &mut BTreeSet<String>) {
    for element in &pattern.elements {
        if let ast::PatternElement::Placeable { expression: placed } = element {
            expression(placed, variables);
        }
    }
}

fn expression(placed: &ast::Expression<&str>, variables: &mut BTreeSet<String>) {
    match placed {
        ast::Expression::Inline(inline_part) => inline(inline_part, variables),
        ast::Expression::Select { selector, variants } => {
            inline(selector, variables);
            for variant in variants {
                pattern(&variant.value, variables);
            }
        }
    }
}

fn inline(part: &ast::InlineExpression<&str>, variables: &mut BTreeSet<String>) {
    match part {
        ast::InlineExpression::VariableReference { id } => {
            variables.insert(id.name.to_owned());
        }
        ast::InlineExpression::Placeable { expression: placed } => expression(placed, variables),
        _ => {}
    }
}

#[test]
fn both_languages_have_the_same_texts_with_the_same_variables() {
    let (ja, en) = (messages("ja"), messages("en"));
    let keys = |all: &Messages| all.keys().cloned().collect::<BTreeSet<_>>();
    let only_ja: Vec<_> = keys(&ja).difference(&keys(&en)).cloned().collect();
    let only_en: Vec<_> = keys(&en).difference(&keys(&ja)).cloned().collect();
    assert!(
        only_ja.is_empty() && only_en.is_empty(),
        "only ja: {only_ja:?}, only en: {only_en:?}"
    );
    for (key, variables) in &ja {
        assert_eq!(variables, &en[key], "{key}");
    }
}

fn files(ending: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut open = vec![Path::new(env!("CARGO_MANIFEST_DIR")).join("src")];
    while let Some(folder) = open.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                open.push(path);
            } else if path.extension().is_some_and(|end| end == ending) {
                found.push(path);
            }
        }
    }
    found
}

/// The string that begins right behind each of these calls.
fn called<'t>(text: &'t str, calls: &[&str]) -> Vec<&'t str> {
    let mut found = Vec::new();
    for call in calls {
        for (at, _) in text.match_indices(call) {
            let rest = text[at + call.len()..].trim_start();
            if let Some(rest) = rest.strip_prefix('"')
                && let Some(end) = rest.find('"')
            {
                found.push(&rest[..end]);
            }
        }
    }
    found
}

#[test]
fn every_text_that_is_used_exists() {
    let ja = messages("ja");
    let mut missing = Vec::new();
    for path in files("html").into_iter().chain(files("rs")) {
        let text = fs::read_to_string(&path).unwrap();
        // The examples of the crate's documentation are no pages.
        let text: String = text
            .lines()
            .filter(|line| !line.trim_start().starts_with("//"))
            .collect::<Vec<_>>()
            .join("\n");
        let calls = [
            ".say(",
            ".fill(",
            ".fill2(",
            ".fill_all(",
            ".shell(",
            "patient_shell(tenant, ",
        ];
        for key in called(&text, &calls) {
            if !ja.contains_key(key) {
                missing.push(format!("{}: {key}", path.display()));
            }
        }
    }
    assert!(missing.is_empty(), "{missing:#?}");
}

/// rev-0.c: every refusal says in plain words what is missing and who can mend it.
#[test]
fn rev_0_c_every_remedy_and_every_problem_has_its_words() {
    let ja = messages("ja");
    let mut missing = Vec::new();
    for remedy in care::Remedy::ALL {
        if !ja.contains_key(remedy.key()) {
            missing.push(remedy.key().to_owned());
        }
    }
    for part in care::Part::ALL {
        if !ja.contains_key(part.key()) {
            missing.push(part.key().to_owned());
        }
    }
    for who in [
        "patient",
        "physician",
        "reception",
        "administrator",
        "vendor",
    ] {
        let key = format!("mender-{who}");
        if !ja.contains_key(&key) {
            missing.push(key);
        }
    }
    for kind in [
        "refused",
        "wrong",
        "out-of-turn",
        "not-found",
        "not-allowed",
        "sign-in",
        "covered",
        "denied",
        "foreign-origin",
        "misdirected",
        "malformed",
        "too-large",
        "wrong-kind",
        "too-many",
        "scarce",
        "unavailable",
    ] {
        for part in ["title", "detail"] {
            let key = format!("problem-{kind}-{part}");
            if !ja.contains_key(&key) {
                missing.push(key);
            }
        }
    }
    assert!(missing.is_empty(), "{missing:#?}");
    report();
}

/// The release report "refusals": each way forward with who can mend it, where, and the words in both languages.
fn report() {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("../reports");
    fs::create_dir_all(&folder).unwrap();
    let mut lines = vec!["refusal\twho\twhere\tja\ten".to_owned()];
    for remedy in care::Remedy::ALL {
        let place = web::text::place(*remedy, web::Surface::Staff, "/consultations/X/act");
        let words = |lang| web::Words::of(lang).say(remedy.key()).replace('\n', " ");
        lines.push(format!(
            "{}\t{:?}\t{place}\t{}\t{}",
            remedy.key(),
            remedy.mender(),
            words(web::Lang::Ja),
            words(web::Lang::En),
        ));
    }
    fs::write(folder.join("refusals.tsv"), lines.join("\n")).unwrap();
}

#[test]
fn templates_hold_no_japanese_no_inline_style_and_no_way_around_escaping() {
    for path in files("html") {
        let text = fs::read_to_string(&path).unwrap();
        let name = path.display();
        for (number, line) in text.lines().enumerate() {
            let plain = line.replace("日本語", "");
            let japanese = plain
                .chars()
                .any(|c| matches!(c, '\u{3040}'..='\u{30ff}' | '\u{4e00}'..='\u{9fff}'));
            assert!(
                !japanese,
                "{name}:{}: words belong into locales/",
                number + 1
            );
            for forbidden in [
                "|safe",
                "| safe",
                " style=",
                "hx-on:",
                "js:",
                "javascript:",
                " onclick=",
            ] {
                assert!(
                    !line.contains(forbidden),
                    "{name}:{}: {forbidden}",
                    number + 1
                );
            }
        }
    }
}

#[test]
fn every_element_with_htmx_carries_the_nonce() {
    for path in files("html") {
        let text = fs::read_to_string(&path).unwrap();
        for tag in text.split('<').filter(|tag| tag.contains(" hx-")) {
            assert!(
                tag.contains("hx-nonce="),
                "{}: <{}",
                path.display(),
                tag.split('>').next().unwrap()
            );
        }
    }
}

#[test]
fn every_icon_that_is_used_exists() {
    for path in files("html") {
        let text = fs::read_to_string(&path).unwrap();
        for name in called(&text, &["crate::icon("]) {
            assert!(!web::icon(name).is_empty(), "{}: {name}", path.display());
        }
    }
}

/// What a signed record says in a word of its own has a text: the kind of visit, who took part, and why it was this physician.
#[test]
fn every_word_of_a_signed_record_has_its_text() {
    use care::{Service, attendance::Part, plan::OutsideReason};
    let ja = messages("ja");
    // Ordinary care is not named, and a pre-consultation has no note.
    let services = Service::ALL
        .into_iter()
        .filter(|service| !matches!(service, Service::Care | Service::PreConsultation))
        .map(|service| format!("service-{}", service.as_str()));
    let parts = Part::ALL
        .into_iter()
        .map(|part| format!("part-{}", part.as_str()));
    let reasons = OutsideReason::ALL
        .into_iter()
        .map(|reason| reason.as_str().replace(':', "-"));
    for key in services.chain(parts).chain(reasons) {
        assert!(ja.contains_key(&key), "{key}");
    }
}
