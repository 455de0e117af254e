//! The table `DUTIES` of each crate: which clause is answered, and by which module.
//!
//! Read from the source, so that no crate has to compile first. What cannot be read for certain is a fault,
//! never a guess: an entry is `(module::CONSTANT, "module")`, `(clause("cl-…"), "module")` or `("cl-…", "module")`.
use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
};

use crate::{
    fault::Fault,
    places,
    source::{self, Bracket, Kind, Token},
};

/// One line of a table.
pub(crate) struct Duty {
    pub(crate) id: String,
    /// Where the table stands, for messages.
    pub(crate) table: String,
    /// The file of the module that answers, if there is one.
    pub(crate) answer: Option<PathBuf>,
    /// The module as the table names it.
    pub(crate) module: String,
}

/// One entry before its constant is looked up.
struct Written {
    name: Name,
    module: String,
    line: usize,
}

enum Name {
    Id(String),
    /// The path of a constant, without `crate`, `self` and `super`.
    Constant(Vec<String>),
}

/// `const NAME: Clause = clause("id")`, and the modules it stands in.
struct Constant {
    modules: Vec<String>,
    name: String,
    id: String,
}

/// Every duty of every crate; an entry whose constant cannot be found goes to `faults`.
///
/// # Errors
///
/// When a file or a whole table cannot be read.
pub(crate) fn all(faults: &mut Vec<String>) -> Result<Vec<Duty>, Fault> {
    let mut constants = BTreeMap::new();
    let mut tables = Vec::new();
    for own in places::crates()? {
        let folder = source_folder(&own);
        let mut found = Vec::new();
        for path in places::files(&folder, "rs")? {
            let row = source::shipped(source::file(&path)?);
            let modules = modules(&folder, &path);
            found.extend(named(&row).into_iter().map(|(name, id)| Constant {
                modules: modules.clone(),
                name,
                id,
            }));
            for entry in table(&row).map_err(|reason| Fault::at(&path, reason))? {
                tables.push((own.clone(), path.clone(), entry));
            }
        }
        constants.insert(own, found);
    }
    Ok(look_up(&constants, tables, faults))
}

fn look_up(
    constants: &BTreeMap<String, Vec<Constant>>,
    tables: Vec<(String, PathBuf, Written)>,
    faults: &mut Vec<String>,
) -> Vec<Duty> {
    let mut duties = Vec::new();
    for (own, path, Written { name, module, line }) in tables {
        let table = format!("{}:{line}", places::short(&path));
        match resolve(name, &own, constants) {
            Ok(id) => duties.push(Duty {
                id,
                table,
                answer: answer(&own, &module),
                module,
            }),
            Err(reason) => faults.push(format!("{table}: {reason}")),
        }
    }
    duties
}

/// The entries of `const DUTIES: … = &[…];`, none when the file has no table.
fn table(row: &[Token]) -> Result<Vec<Written>, Fault> {
    let Some(start) = row
        .windows(2)
        .position(|pair| is_words(pair, &["const", "DUTIES"]))
    else {
        return Ok(Vec::new());
    };
    let mut rest = row
        .iter()
        .skip(start)
        .skip_while(|t| t.kind != Kind::Mark('='));
    rest.next();
    if rest.next().map(|t| &t.kind) != Some(&Kind::Mark('&'))
        || rest.next().map(|t| &t.kind) != Some(&Kind::Open(Bracket::Square))
    {
        return Err(Fault::new("DUTIES is not written as &[…]"));
    }
    let mut entries = Vec::new();
    let mut depth = 1_usize;
    let mut entry: Vec<&Token> = Vec::new();
    for token in rest {
        match token.kind {
            Kind::Open(_) => depth += 1,
            Kind::Close(_) => depth -= 1,
            Kind::Word(_) | Kind::Mark(_) | Kind::Text(_) | Kind::Value => {}
        }
        match depth {
            0 => break,
            1 if token.kind == Kind::Close(Bracket::Round) => {
                entries.push(written(&std::mem::take(&mut entry))?);
            }
            1 if token.kind == Kind::Mark(',') => {}
            1 => {
                return Err(Fault::new(
                    "an entry of DUTIES is not written as (…, \"module\")",
                ));
            }
            _ => entry.push(token),
        }
    }
    Ok(entries)
}

/// Reads what stands between the round brackets, the opening one included.
fn written(entry: &[&Token]) -> Result<Written, Fault> {
    let line = entry.first().map_or(0, |token| token.line);
    let kinds: Vec<&Kind> = entry.iter().skip(1).map(|token| &token.kind).collect();
    let trimmed = match kinds.split_last() {
        Some((Kind::Mark(','), before)) => before,
        Some(_) | None => &kinds,
    };
    let unread = || Fault::new(format!("line {line}: this entry of DUTIES cannot be read"));
    let Some((Kind::Text(module), before)) = trimmed.split_last() else {
        return Err(unread());
    };
    let Some((Kind::Mark(','), name)) = before.split_last() else {
        return Err(unread());
    };
    let module = module.clone();
    let name = name_of(name).ok_or_else(unread)?;
    Ok(Written { name, module, line })
}

fn name_of(kinds: &[&Kind]) -> Option<Name> {
    let texts: Vec<&str> = kinds.iter().filter_map(|kind| kind.text()).collect();
    if let [id] = texts.as_slice() {
        let plain = kinds.len() == 1;
        let called = kinds.iter().any(|kind| kind.word() == Some("clause"));
        return (plain || called).then(|| Name::Id((*id).to_owned()));
    }
    let mut path = Vec::new();
    for kind in kinds {
        match kind {
            Kind::Word(word) => path.push(word.clone()),
            Kind::Mark(':') => {}
            Kind::Mark(_) | Kind::Text(_) | Kind::Value | Kind::Open(_) | Kind::Close(_) => {
                return None;
            }
        }
    }
    path.retain(|step| !matches!(step.as_str(), "crate" | "self" | "super"));
    (!path.is_empty()).then_some(Name::Constant(path))
}

fn resolve(
    name: Name,
    own: &str,
    constants: &BTreeMap<String, Vec<Constant>>,
) -> Result<String, Fault> {
    let path = match name {
        Name::Id(id) => return Ok(id),
        Name::Constant(path) => path,
    };
    let (home, path) = match path.split_first() {
        Some((first, rest)) if constants.contains_key(first) && !rest.is_empty() => {
            (first.as_str(), rest)
        }
        Some(_) | None => (own, path.as_slice()),
    };
    one(constants.get(home).map_or(&[], Vec::as_slice), path)
}

/// The one constant that `path` can mean.
fn one(constants: &[Constant], path: &[String]) -> Result<String, Fault> {
    let Some((name, modules)) = path.split_last() else {
        return Err(Fault::new("an empty path"));
    };
    let named: Vec<&Constant> = constants.iter().filter(|c| c.name == *name).collect();
    let placed: Vec<&&Constant> = named
        .iter()
        .filter(|constant| stands_in(&constant.modules, modules))
        .collect();
    match placed.as_slice() {
        [only] => Ok(only.id.clone()),
        [] => Err(Fault::new(format!(
            "no constant {} names a clause",
            path.join("::")
        ))),
        [..] => Err(Fault::new(format!(
            "{} may be any of {} constants: write the module before it",
            path.join("::"),
            placed.len()
        ))),
    }
}

/// Whether the path can lead to a constant of these modules: each module that it names is one of them.
///
/// Some may be left out, by `use` or by a re-export. A type before the name is not a module.
fn stands_in(modules: &[String], path: &[String]) -> bool {
    path.iter()
        .filter(|step| step.starts_with(|first: char| first.is_lowercase()))
        .all(|step| modules.contains(step))
}

/// Every `const NAME: … = clause("id")` of a file.
fn named(row: &[Token]) -> Vec<(String, String)> {
    let mut found = Vec::new();
    for (at, pair) in row.windows(2).enumerate() {
        let [
            Token {
                kind: Kind::Word(word),
                ..
            },
            Token {
                kind: Kind::Word(name),
                ..
            },
        ] = pair
        else {
            continue;
        };
        if word != "const" || name == "fn" {
            continue;
        }
        let value: Vec<&Kind> = row
            .iter()
            .skip(at)
            .take_while(|token| token.kind != Kind::Mark(';'))
            .map(|token| &token.kind)
            .skip_while(|kind| **kind != Kind::Mark('='))
            .skip(1)
            .collect();
        if let [
            ..,
            Kind::Word(call),
            Kind::Open(Bracket::Round),
            Kind::Text(id),
            Kind::Close(Bracket::Round),
        ] = value.as_slice()
            && call == "clause"
        {
            found.push((name.clone(), id.clone()));
        }
    }
    found
}

/// `src/prescription/first_visit.rs` is `["prescription", "first_visit"]`.
fn modules(folder: &Path, path: &Path) -> Vec<String> {
    let inside = path.strip_prefix(folder).unwrap_or(path).with_extension("");
    inside
        .iter()
        .map(|step| step.to_string_lossy().into_owned())
        .filter(|step| !matches!(step.as_str(), "mod" | "lib" | "main"))
        .collect()
}

/// The file of a module, named with or without its crate.
fn answer(own: &str, module: &str) -> Option<PathBuf> {
    let mut steps: Vec<&str> = module.split("::").collect();
    if steps.first() == Some(&own) {
        steps.remove(0);
    }
    let folder = source_folder(own);
    let place = folder.join(steps.join("/"));
    let candidates = if steps.is_empty() {
        vec![folder.join("lib.rs"), folder.join("main.rs")]
    } else {
        vec![place.with_extension("rs"), place.join("mod.rs")]
    };
    candidates.into_iter().find(|path| path.is_file())
}

fn source_folder(own: &str) -> PathBuf {
    places::root().join("crates").join(own).join("src")
}

fn is_words(row: &[Token], words: &[&str]) -> bool {
    row.iter()
        .map(|token| token.kind.word())
        .eq(words.iter().copied().map(Some))
}

#[cfg(test)]
mod tests {
    use super::{Constant, Name, named, one, table};
    use crate::source;

    fn row(text: &str) -> Vec<source::Token> {
        source::shipped(source::tokens(text).unwrap_or_else(|fault| panic!("{fault}")))
    }

    #[test]
    fn a_table_is_read_in_each_of_its_three_forms() {
        let text = r#"
            /// const DUTIES in a comment is nothing
            pub const DUTIES: &[(&str, &str)] = &[
                (first_visit::CONTROLLED, "prescription::first_visit"), // cl-0
                (guideline::clause("cl-1.1-i"), "place"),
                ("cl-2.4-i", "admission",),
            ];"#;
        let read = table(&row(text)).unwrap_or_else(|fault| panic!("{fault}"));
        let names: Vec<String> = read
            .iter()
            .map(|entry| match &entry.name {
                Name::Id(id) => id.clone(),
                Name::Constant(path) => path.join("::"),
            })
            .collect();
        assert_eq!(names, ["first_visit::CONTROLLED", "cl-1.1-i", "cl-2.4-i"]);
        assert_eq!(read[0].module, "prescription::first_visit");
    }

    #[test]
    fn a_table_that_cannot_be_read_is_a_fault() {
        for text in [
            "const DUTIES: &[D] = concat(A, B);",
            "const DUTIES: &[D] = &[duty!(A)];",
            "const DUTIES: &[D] = &[(A, MODULE)];",
            "const DUTIES: &[D] = &[(pick(1), \"m\")];",
        ] {
            assert!(table(&row(text)).is_err(), "{text}");
        }
    }

    #[test]
    fn constants_are_found_with_their_ids() {
        let text = r#"
            pub const A: Clause = clause("cl-1.1-i");
            impl B { const C: guideline::Clause = guideline::clause("cl-1.1-ii"); }
            const LIMIT: u8 = 3; const fn d() {} const E: &str = "cl-0";"#;
        let expected = [("A", "cl-1.1-i"), ("C", "cl-1.1-ii")];
        let found = named(&row(text));
        assert!(
            found
                .iter()
                .map(|(a, b)| (a.as_str(), b.as_str()))
                .eq(expected)
        );
    }

    #[test]
    fn a_constant_is_found_only_when_it_is_the_only_one() {
        let constant = |modules: &[&str], id: &str| Constant {
            modules: modules.iter().map(|m| (*m).to_owned()).collect(),
            name: "KEPT".to_owned(),
            id: id.to_owned(),
        };
        let two = [
            constant(&["plan", "draft"], "cl-1"),
            constant(&["chart"], "cl-2"),
        ];
        let ask = |path: &str| {
            one(
                &two,
                &path.split("::").map(str::to_owned).collect::<Vec<_>>(),
            )
            .ok()
        };
        assert_eq!(ask("plan::draft::KEPT").as_deref(), Some("cl-1"));
        assert_eq!(ask("draft::KEPT").as_deref(), Some("cl-1"));
        assert_eq!(ask("plan::KEPT").as_deref(), Some("cl-1"));
        assert_eq!(ask("chart::Chart::KEPT").as_deref(), Some("cl-2"));
        assert_eq!(ask("KEPT"), None);
        assert_eq!(ask("other::KEPT"), None);
        assert_eq!(ask("MISSING"), None);
    }
}
