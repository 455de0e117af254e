//! `onshin drugs import`, from a file as its publisher writes it to what is kept.
#![expect(clippy::unwrap_used, reason = "tests")]

mod program;

use encoding_rs::SHIFT_JIS;
use program::{House, Server, onshin, words};
use serde_json::Value;
use std::{fmt::Write as _, path::PathBuf, process::Output};

/// A line of the master for a made-up drug.
fn drug(change: &str, code: u32, name: &str, class: &str) -> String {
    let mut fields = vec![""; 42];
    let code = code.to_string();
    for (column, text) in [
        (1, change),
        (2, "Y"),
        (3, &code),
        (5, name),
        (10, "錠"),
        (14, class),
        (28, "1"),
        (30, "20260401"),
        (31, "99999999"),
        (32, "2149001F1020"),
    ] {
        *fields.get_mut(column - 1).unwrap() = text;
    }
    fields.join(",") + "\r\n"
}

/// A master of 20,000 drugs: as many of each class as said, the others ordinary.
fn full(classes: &[(&str, usize)]) -> String {
    let of_class = classes
        .iter()
        .flat_map(|(class, count)| std::iter::repeat_n(*class, *count));
    let mut text = String::new();
    for (number, class) in (0..20_000).zip(of_class.chain(std::iter::repeat("0"))) {
        write!(
            text,
            "{}",
            drug("0", 620_000_000 + number, "見本錠５ｍｇ", class)
        )
        .unwrap();
    }
    text
}

struct Clinic(House);

impl Clinic {
    fn new() -> Self {
        let house = House::new();
        house.init();
        Self(house)
    }

    fn file(&self, name: &str, text: &str) -> PathBuf {
        let file = self.0.at(name);
        std::fs::write(&file, SHIFT_JIS.encode(text).0).unwrap();
        file
    }

    fn import(&self, name: &str, text: &str, more: &[&str]) -> Output {
        let file = self.file(name, text);
        let config = self.0.at("onshin.toml");
        let mut args = vec!["drugs", "import", "--config", config.to_str().unwrap()];
        args.extend(more);
        args.push(file.to_str().unwrap());
        onshin(&args)
    }

    fn counts(&self, name: &str, text: &str) -> Value {
        let done = self.import(name, text, &["--json"]);
        assert!(done.status.success(), "{}", words(&done));
        serde_json::from_slice(&done.stdout).unwrap()
    }
}

#[test]
fn a_master_of_full_size_is_counted_kept_and_changed_by_an_increment() {
    let clinic = Clinic::new();
    let text = full(&[("1", 226), ("2", 207), ("3", 7), ("5", 392)]);
    let said = clinic.counts("y_ALL20260401.csv", &text);
    for (name, count) in [
        ("rows", 20_000),
        ("narcotic", 226),
        ("poison", 207),
        ("stimulant_raw_material", 7),
        ("psychotropic", 392),
        ("high_safety", 0),
    ] {
        assert_eq!(said[name], count, "{name}");
    }
    assert_eq!(said["edition"], "20260401");
    assert_eq!(said["sha256"].as_str().unwrap().len(), 64);

    let struck = drug("1", 620_000_000, "", "");
    let new = drug("3", 640_000_001, "架空錠", "5");
    let after = clinic.counts("y_20260501.csv", &(struck + &new));
    assert_eq!(after["rows"], 20_000);
    assert_eq!(
        (&after["narcotic"], &after["psychotropic"]),
        (&225.into(), &393.into())
    );
    assert_ne!(after["sha256"], said["sha256"]);

    let list =
        "医薬品コード,医薬品名\r\n640000001,架空錠\r\n620000005,見本錠\r\n699999999,ない薬\r\n";
    let flagged = clinic.counts("list.csv", list);
    assert_eq!(flagged["high_safety"], 2, "those of the master");
    assert_eq!(flagged["rows"], 20_000);
}

#[test]
fn a_malformed_file_is_refused_whole_in_both_languages_and_the_edition_before_stands() {
    let clinic = Clinic::new();
    clinic.counts("y_ALL20260401.csv", &drug("0", 620_000_001, "見本錠", "1"));
    let broken = drug("3", 620_000_002, "例錠", "0") + &drug("3", 620_000_003, "仮錠", "x");
    let done = clinic.import("y_20260501.csv", &broken, &["--json"]);
    assert_eq!(done.status.code(), Some(2), "{}", words(&done));
    let said = words(&done);
    assert!(said.contains("2行 14列"), "{said}");
    assert!(said.contains("line 2, column 14"), "{said}");
    let again = clinic.counts("y_ALL20260401.csv", &drug("0", 620_000_001, "見本錠", "1"));
    assert_eq!((&again["rows"], &again["narcotic"]), (&1.into(), &1.into()));
    let change = drug("5", 620_000_009, "ない薬", "");
    let done = clinic.import("y_20260601.csv", &change, &[]);
    assert!(words(&done).contains("1行 1列"), "{}", words(&done));
}

#[test]
fn the_same_file_twice_is_one_edition_and_a_running_program_is_no_obstacle() {
    let clinic = Clinic::new();
    let text = drug("0", 620_000_001, "見本錠", "0");
    let config = clinic.0.at("onshin.toml");
    let server = Server::start(
        &["serve", "--config", config.to_str().unwrap()],
        clinic.0.ports[2],
    );
    let first = clinic.import("y_ALL20260401.csv", &text, &[]);
    assert!(
        words(&first).contains("取りこみました"),
        "{}",
        words(&first)
    );
    let second = clinic.import("y_ALL20260401.csv", &text, &[]);
    assert!(
        words(&second).contains("何も変わっていません"),
        "{}",
        words(&second)
    );
    drop(server);
}
