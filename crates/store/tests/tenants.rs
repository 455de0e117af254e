//! No statement of this crate reads or writes a row without saying whose (design, section 4): every SQL text of the
//! source names the institution for each table that it touches. `visit.rs` reads the tables as another clinic besides.

#![expect(clippy::unwrap_used, reason = "what fails here fails the test")]

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

/// The one statement that crosses institutions: whether a physician is busy, wherever (cl-1.6-iii). It tells no more.
const ACROSS: &[&str] =
    &["SELECT person AS id, consultation, lease_until FROM live_seat WHERE person = $1"];
/// What the list of institutions is about is not one institution's.
const NOBODYS: &[&str] = &["tenant"];

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Every table of the migrations, and those among them whose rows belong to an institution.
fn tables() -> (BTreeSet<String>, BTreeSet<String>) {
    let (mut all, mut owned) = (BTreeSet::new(), BTreeSet::new());
    for entry in fs::read_dir(root().join("migrations/sqlite")).unwrap() {
        let text = fs::read_to_string(entry.unwrap().path()).unwrap();
        for table in text.split("CREATE TABLE ").skip(1) {
            let (name, rest) = table.split_once(" (").unwrap();
            let body = rest.split("\n)").next().unwrap();
            all.insert(name.to_owned());
            if body
                .lines()
                .any(|line| line.trim_start().starts_with("tenant "))
            {
                owned.insert(name.to_owned());
            }
        }
    }
    (all, owned)
}

fn sources(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            sources(&path, found);
        } else if path.extension().is_some_and(|end| end == "rs") {
            found.push(path);
        }
    }
}

/// The SQL texts of a source file, without its tests, each on one line.
fn statements(source: &str) -> Vec<String> {
    let code = source
        .split("#[cfg(test)]\nmod tests")
        .next()
        .unwrap_or(source);
    let mut found = Vec::new();
    let mut rest = code;
    while let Some((_, after)) = rest.split_once('"') {
        let Some((text, next)) = after.split_once('"') else {
            break;
        };
        // A quotation mark inside a text ends it here too soon, and no SQL of ours holds one.
        let begins = ["SELECT ", "INSERT ", "UPDATE ", "DELETE ", "WITH "]
            .iter()
            .any(|word| text.trim_start().starts_with(word));
        if begins {
            found.push(text.split_whitespace().collect::<Vec<_>>().join(" "));
        }
        rest = if begins { next } else { after };
    }
    found
}

/// The tables that a statement reads or writes, with repetitions.
fn touched(statement: &str, tables: &BTreeSet<String>) -> usize {
    let words: Vec<&str> = statement.split(' ').collect();
    words
        .windows(2)
        .filter_map(|pair| match pair {
            ["FROM" | "JOIN" | "UPDATE" | "INTO", name] => Some(name),
            _ => None,
        })
        .filter(|name| tables.contains(name.trim_end_matches([',', ')', '('])))
        .count()
}

fn named(statement: &str) -> usize {
    let compared = statement.matches("tenant = ").count();
    let inserted = statement
        .split_once("INSERT INTO ")
        .and_then(|(_, rest)| rest.split_once('('))
        .is_some_and(|(_, columns)| columns.trim_start().starts_with("tenant"));
    compared + usize::from(inserted)
}

fn is_free(statement: &str, owned: &BTreeSet<String>) -> bool {
    named(statement) >= touched(statement, owned) || ACROSS.contains(&statement)
}

#[test]
fn every_table_belongs_to_an_institution() {
    let (all, owned) = tables();
    let nobodys: Vec<_> = all.difference(&owned).map(String::as_str).collect();
    assert_eq!(nobodys, NOBODYS);
    assert!(owned.len() > 50, "{owned:?}");
}

#[test]
fn every_statement_names_the_institution_for_each_table_it_touches() {
    let (_, owned) = tables();
    let mut files = Vec::new();
    sources(&root().join("src"), &mut files);
    let (mut seen, mut reached) = (0, BTreeSet::new());
    for file in files {
        for statement in statements(&fs::read_to_string(&file).unwrap()) {
            if touched(&statement, &owned) == 0 {
                continue;
            }
            seen += 1;
            assert!(
                is_free(&statement, &owned),
                "{}: {statement}",
                file.display()
            );
            reached.extend(
                owned
                    .iter()
                    .filter(|table| statement.split(' ').any(|word| word == table.as_str()))
                    .cloned(),
            );
        }
    }
    assert!(seen > 200, "only {seen} statements were found");
    let unread: Vec<_> = owned.difference(&reached).collect();
    assert!(unread.is_empty(), "no statement was found for {unread:?}");
}

#[test]
fn a_statement_that_forgets_the_institution_is_found() {
    let (_, owned) = tables();
    for (statement, free) in [
        ("SELECT id FROM patient WHERE tenant = $1 AND id = $2", true),
        ("SELECT id FROM patient WHERE id = $1", false),
        ("UPDATE session SET ended_at = $1 WHERE id = $2", false),
        ("DELETE FROM live_seat WHERE person = $1", false),
        ("INSERT INTO wish (tenant, id) VALUES ($1, $2)", true),
        ("INSERT INTO wish (id) VALUES ($1)", false),
        (
            "SELECT a.id FROM affiliation a JOIN institution i ON i.code = a.code WHERE a.tenant = $1",
            false,
        ),
    ] {
        assert_eq!(is_free(statement, &owned), free, "{statement}");
    }
}
