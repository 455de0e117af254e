//! The drug master that `cargo xtask bench` imports and searches, and the floors beneath.
//!
//! `drug_bench make FILE ROWS` writes a made-up master of so many drugs. `drug_bench search FILE` reads it, searches it, and
//! does with the same bytes the least that any import and any search must: one SHA-256 over the file; one look through the
//! words. Prints one line of JSON; times are in milliseconds.

#![expect(
    clippy::print_stdout,
    reason = "a measuring program prints what it measured"
)]

use care::formulary::{self, Formulary, Index};
use jiff::civil::date;
use sha2::{Digest as _, Sha256};
use std::{error::Error, fmt::Write as _, fs, hint::black_box, path::Path, time::Instant};

/// What is searched for: names, kana, codes; found early, late, and not at all.
const SOUGHT: [&str; 8] = [
    "MIHON",
    "MIHON 00019",
    "ﾐﾎﾝ",
    "みほん199",
    "620019999",
    "2149001F1",
    "5MG",
    "zzz",
];
const ROUNDS: usize = 25;
const FOUND_MAX: usize = 20;
const USAGE: &str = "drug_bench make FILE ROWS | search FILE";

fn main() -> Result<(), Box<dyn Error>> {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    match words.as_slice() {
        ["make", file, rows] => make(Path::new(file), rows.parse()?),
        ["search", file] => search(Path::new(file)),
        _ => Err(USAGE.into()),
    }
}

/// A master of 42 columns; its kana are of half width, one byte each in CP932.
fn make(file: &Path, rows: u32) -> Result<(), Box<dyn Error>> {
    let mut text = Vec::new();
    for row in 0..rows {
        let mut fields = vec![String::new(); 42];
        let class = match row % 500 {
            1 => "1",
            2 => "2",
            3 => "3",
            5 => "5",
            _ => "0",
        };
        for (column, value) in [
            (1, "0".to_owned()),
            (2, "Y".to_owned()),
            (3, format!("{}", 620_000_000 + row)),
            (5, format!("MIHON {row:05} 5MG")),
            (7, format!("KANA{row:05}")),
            (10, "T".to_owned()),
            (14, class.to_owned()),
            (28, "1".to_owned()),
            (30, "20261101".to_owned()),
            (31, "99999999".to_owned()),
            (
                32,
                format!(
                    "{:04}{:03}F1{:03}",
                    1_000 + row % 9_000,
                    row % 1_000,
                    row % 1_000
                ),
            ),
            (38, format!("GENERIC MIHON {:05}", row / 4)),
        ] {
            if let Some(field) = fields.get_mut(column - 1) {
                *field = value;
            }
        }
        let mut line = String::new();
        for (at, field) in fields.iter().enumerate() {
            write!(line, "{}\"{field}\"", if at == 0 { "" } else { "," })?;
        }
        line.push_str("\r\n");
        for letter in line.into_bytes() {
            text.push(letter);
        }
    }
    // "KANA" becomes ﾐﾎﾝﾒ: four letters of half width.
    let kana: [u8; 4] = [0xD0, 0xCE, 0xDD, 0xD2];
    let mut at = 0;
    while let Some(found) = text.get(at..at + 4) {
        if found == b"KANA"
            && let Some(place) = text.get_mut(at..at + 4)
        {
            place.copy_from_slice(&kana);
        }
        at += 1;
    }
    fs::write(file, &text)?;
    println!("{{\"rows\":{rows},\"bytes\":{}}}", text.len());
    Ok(())
}

fn search(file: &Path) -> Result<(), Box<dyn Error>> {
    let bytes = fs::read(file)?;
    let began = Instant::now();
    black_box(Sha256::digest(&bytes));
    let hash_ms = ms(began);
    let began = Instant::now();
    let lines = formulary::read(&bytes).map_err(|fault| format!("{fault:?}"))?;
    let drugs = Formulary::default()
        .next(&lines)
        .map_err(|fault| format!("{fault:?}"))?;
    let read_ms = ms(began);
    let began = Instant::now();
    let index = Index::of(&drugs);
    let index_ms = ms(began);
    let today = date(2026, 11, 21);
    let flat: String = drugs.drugs().map(|drug| drug.name.as_str()).collect();
    let (mut searches, mut floors, mut found) = (Vec::new(), Vec::new(), 0);
    for _ in 0..ROUNDS {
        for sought in SOUGHT {
            let began = Instant::now();
            found += black_box(index.search(&drugs, sought, today, FOUND_MAX)).len();
            searches.push(ms(began));
            let began = Instant::now();
            black_box(flat.matches(black_box(sought)).count());
            floors.push(ms(began));
        }
    }
    println!(
        "{{\"rows\":{},\"read_ms\":{read_ms},\"hash_ms\":{hash_ms},\"index_ms\":{index_ms},\"found\":{found},\"search_ms\":{searches:?},\"floor_ms\":{floors:?}}}",
        drugs.counts().rows
    );
    Ok(())
}

fn ms(since: Instant) -> f64 {
    since.elapsed().as_secs_f64() * 1_000.0
}
