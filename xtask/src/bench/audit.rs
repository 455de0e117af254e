//! The audit of a ledger of a million entries, beside one SHA-256 over the same bytes.
use std::{fs, path::Path, process::Command, time::Instant};

use super::{
    figure::{Row, median, spread},
    program::{Bench, json},
};
use crate::{fault::Fault, places, shell};

const ENTRIES: u64 = 1_000_000;
const ROUNDS: usize = 3;

pub(super) fn run(bench: &Bench) -> Result<Vec<Row>, Fault> {
    let example = bench.example("store", "ledger_bench")?;
    let state = bench.kept.join("ledger");
    let filled = filled(&example, &state)?;
    let (mut times, mut cpus) = (Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        let (began, cpu) = (Instant::now(), children_cpu());
        let mut verify = bench.onshin(&["verify", "ledger", "--json", "--demo"]);
        verify
            .arg(&state)
            .arg("--anchor")
            .arg(state.join("checkpoints.log"));
        let report = json(&mut verify)?;
        times.push(began.elapsed().as_secs_f64());
        cpus.push(children_cpu() - cpu);
        if largest(&report) != Some(ENTRIES) {
            return Err(Fault::new(format!(
                "{} holds other than {ENTRIES} entries; remove it",
                places::short(&state)
            )));
        }
    }
    let floor = json(Command::new(&example).arg("floor").arg(&state))?;
    let list = |name: &str| -> Vec<f64> {
        let samples = floor.get(name).and_then(serde_json::Value::as_array);
        samples
            .into_iter()
            .flatten()
            .filter_map(serde_json::Value::as_f64)
            .map(|ms| ms / 1000.0)
            .collect()
    };
    let (reads, hashes) = (list("read_ms"), list("hash_ms"));
    let number = |value: &serde_json::Value, name: &str| {
        value
            .get(name)
            .and_then(serde_json::Value::as_f64)
            .unwrap_or_default()
    };
    let made = if number(&filled, "added") > 0.0 {
        format!(
            "; {:.0} entries made in {:.0} s",
            number(&filled, "added"),
            number(&filled, "ms") / 1000.0
        )
    } else {
        "; made in an earlier run".to_owned()
    };
    Ok(vec![
        Row::new(
            "onshin verify ledger, 1 M entries, with anchor",
            median(&times),
            "s",
        )
        .beside(
            "one SHA-256 over the same bytes, in memory",
            median(&hashes),
        )
        .note(format!(
            "{}; CPU {:.2} s; {:.0} MB of entries{made}",
            spread(&times),
            median(&cpus),
            number(&floor, "bytes") / 1e6
        )),
        Row::new("the same, beside reading", median(&times), "s")
            .beside(
                "SELECT of the same bytes, then that SHA-256",
                median(&reads) + median(&hashes),
            )
            .note(format!(
                "database of {:.0} MB, warm in memory",
                database_mb(&state)
            )),
    ])
}

/// Makes the ledger, or finds the one of an earlier run. One of an earlier schema is made anew.
fn filled(example: &Path, state: &Path) -> Result<serde_json::Value, Fault> {
    let fill = || {
        json(
            Command::new(example)
                .arg("fill")
                .arg(state)
                .arg(ENTRIES.to_string()),
        )
    };
    if !state.exists() {
        return fill();
    }
    fill().or_else(|_| {
        shell::begin("the ledger of an earlier run cannot be opened; it is made anew");
        fs::remove_dir_all(state).map_err(|reason| Fault::at(state, reason))?;
        fill()
    })
}

fn largest(report: &serde_json::Value) -> Option<u64> {
    let ledgers = report.get("ledgers")?.as_array()?;
    ledgers
        .iter()
        .filter_map(|ledger| ledger.get("entries")?.as_u64())
        .max()
}

fn database_mb(state: &Path) -> f64 {
    let bytes =
        fs::metadata(state.join("data/onshin.sqlite")).map_or(0, |file| file.len() / 1_000_000);
    u32::try_from(bytes).map_or(0.0, f64::from)
}

/// Seconds on a processor of the children that have ended, to a hundredth.
fn children_cpu() -> f64 {
    let text = fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let after = text.rsplit(')').next().unwrap_or_default();
    // Fields 16 and 17 of the line.
    let ticks: f64 = after
        .split_whitespace()
        .skip(13)
        .take(2)
        .filter_map(|field| field.parse::<f64>().ok())
        .sum();
    ticks / 100.0
}
