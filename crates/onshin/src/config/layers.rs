//! The sources of the configuration, one over the other.

use super::{Config, FILE, Sources};
use crate::outcome::Outcome;
use std::path::PathBuf;
use toml::{Table, Value};

/// Every variable with this beginning is a setting: a misspelt one is refused, not overlooked.
const PREFIX: &str = "ONSHIN_";
/// But for these: the file itself, and what the tests of the tree use.
const NOT_SETTINGS: [&str; 2] = ["ONSHIN_CONFIG", "ONSHIN_BINARY"];
/// Parts the names of a table and its key in a variable: `ONSHIN_DATA__FOLDER`.
const PART: &str = "__";

/// Reads the configuration.
///
/// # Errors
///
/// A source cannot be read, or names what does not exist.
pub(super) fn read(
    sources: &Sources,
    variables: impl Iterator<Item = (String, String)>,
) -> Result<Config, Outcome> {
    let variables: Vec<(String, String)> = variables
        .filter(|(name, _)| name.starts_with(PREFIX))
        .collect();
    let mut table = file(sources, &variables)?;
    for (name, text) in &variables {
        if NOT_SETTINGS.contains(&name.as_str()) {
            continue;
        }
        let key = name.trim_start_matches(PREFIX).to_lowercase();
        put(&mut table, &key.split(PART).collect::<Vec<_>>(), text, name)?;
    }
    for setting in &sources.set {
        let (key, text) = setting.split_once('=').ok_or_else(|| {
            Outcome::new(
                format!("--set {setting}: 「名前=値」の形で書いてください。"),
                format!("--set {setting}: write it as KEY=VALUE."),
            )
        })?;
        put(
            &mut table,
            &key.split('.').collect::<Vec<_>>(),
            text,
            setting,
        )?;
    }
    complete(table)
}

/// The file, or an empty table where none is asked for and none is in the usual place.
fn file(sources: &Sources, variables: &[(String, String)]) -> Result<Table, Outcome> {
    let named = sources.config.clone().or_else(|| {
        let (_, path) = variables.iter().find(|(name, _)| name == "ONSHIN_CONFIG")?;
        Some(PathBuf::from(path))
    });
    let path = match named {
        Some(path) => path,
        None if PathBuf::from(FILE).exists() => PathBuf::from(FILE),
        None => return Ok(Table::new()),
    };
    let text = std::fs::read_to_string(&path).map_err(|why| Outcome::file(&path, &why))?;
    text.parse().map_err(|why: toml::de::Error| {
        Outcome::new(
            format!("{} を読めません: {why}", path.display()),
            format!("{} cannot be read: {why}", path.display()),
        )
    })
}

/// Puts one value at its place. A text that is no TOML value is the text itself.
fn put(table: &mut Table, key: &[&str], text: &str, said: &str) -> Result<(), Outcome> {
    let (last, tables) = key.split_last().ok_or_else(|| unknown(said))?;
    let mut at = table;
    for name in tables {
        let inner = at
            .entry((*name).to_owned())
            .or_insert_with(|| Value::Table(Table::new()));
        at = inner.as_table_mut().ok_or_else(|| unknown(said))?;
    }
    at.insert((*last).to_owned(), value(text));
    Ok(())
}

fn value(text: &str) -> Value {
    let written: Option<Table> = format!("value = {text}").parse().ok();
    written
        .and_then(|mut table| table.remove("value"))
        .filter(|_| !text.contains('\n'))
        .unwrap_or_else(|| Value::String(text.to_owned()))
}

/// Fills in the defaults of the tables that are there in part, then reads the whole.
fn complete(mut table: Table) -> Result<Config, Outcome> {
    let defaults = Config::default();
    for (name, door) in defaults.doors() {
        let Some(Value::Table(written)) = table.get_mut(name) else {
            continue;
        };
        let listen = door
            .listen
            .iter()
            .map(|at| Value::String(at.to_string()))
            .collect();
        written
            .entry("url")
            .or_insert_with(|| Value::String(door.url.clone()));
        written.entry("listen").or_insert(Value::Array(listen));
    }
    Value::Table(table)
        .try_into()
        .map_err(|why: toml::de::Error| {
            Outcome::new(
                format!("設定に、分からない項目か値があります: {why}"),
                format!("the configuration has a key or value that is not known: {why}"),
            )
        })
}

fn unknown(said: &str) -> Outcome {
    Outcome::new(
        format!("分からない設定です: {said}"),
        format!("unknown setting: {said}"),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn variables(pairs: &[(&str, &str)]) -> std::vec::IntoIter<(String, String)> {
        let pairs: Vec<_> = pairs
            .iter()
            .map(|(name, text)| ((*name).to_owned(), (*text).to_owned()))
            .collect();
        pairs.into_iter()
    }

    #[test]
    fn each_source_goes_over_the_one_before() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("onshin.toml");
        std::fs::write(
            &file,
            "[data]\nfolder = \"/file\"\nmaster_key_file = \"/k\"\n[log]\nlevel = \"warn\"",
        )
        .unwrap();
        let sources = Sources {
            config: Some(file),
            set: vec!["log.level=debug".into()],
        };
        let config = read(
            &sources,
            variables(&[
                ("ONSHIN_DATA__FOLDER", "/env"),
                ("ONSHIN_LOG__LEVEL", "error"),
                ("PATH", "x"),
            ]),
        )
        .unwrap();
        assert_eq!(config.data.folder, PathBuf::from("/env"));
        assert_eq!(config.data.master_key_file, PathBuf::from("/k"));
        assert_eq!(config.log.level, "debug");
        assert_eq!(config.staff.url, "http://localhost:8081");
    }

    #[test]
    fn what_is_not_known_is_refused_from_every_source() {
        let nothing = Sources::default();
        for name in ["ONSHIN_DATA_FOLDER", "ONSHIN_DATA__FOLDR", "ONSHIN_X"] {
            assert!(read(&nothing, variables(&[(name, "1")])).is_err(), "{name}");
        }
        for set in ["data.foldr=/x", "data", "patient.tls.password=x"] {
            let sources = Sources {
                config: None,
                set: vec![set.into()],
            };
            assert!(read(&sources, variables(&[])).is_err(), "{set}");
        }
        assert!(read(&nothing, variables(&[("ONSHIN_BINARY", "x")])).is_ok());
    }

    #[test]
    fn a_door_that_is_written_in_part_keeps_the_rest() {
        let sources = Sources {
            config: None,
            set: vec!["staff.url=https://staff.example".into()],
        };
        let config = read(&sources, variables(&[])).unwrap();
        assert_eq!(config.staff.listen.len(), 2);
        assert_eq!(config.staff.url, "https://staff.example");
    }
}
