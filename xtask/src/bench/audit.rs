//! The audit of a large ledger, beside one SHA-256 over the same bytes; and proofs from it.
use std::{fs, path::Path, process::Command, time::Instant};

use super::{
    figure::{Row, median, percentile, spread},
    program::{Bench, Profile, json},
};
use crate::{fault::Fault, places, shell};

/// Millions of entries: as many as the budget speaks of where the program is optimised, else a tenth.
const MILLIONS: u64 = 10;
const MILLIONS_DEV: u64 = 1;
const PROOFS: u64 = 2_000;
const ROUNDS: usize = 3;

pub(super) fn run(bench: &Bench) -> Result<Vec<Row>, Fault> {
    let example = bench.example("store", "ledger_bench")?;
    let millions = match bench.profile {
        Profile::Release => MILLIONS,
        Profile::Dev => MILLIONS_DEV,
    };
    let (entries, state) = (
        millions * 1_000_000,
        bench.kept.join(format!("ledger-{millions}m")),
    );
    let filled = filled(&example, &state, entries)?;
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
        if largest(&report) != Some(entries) {
            return Err(Fault::new(format!(
                "{} holds other than {entries} entries; remove it",
                places::short(&state)
            )));
        }
    }
    let floor = json(Command::new(&example).arg("floor").arg(&state))?;
    let proved = json(
        Command::new(&example)
            .arg("prove")
            .arg(&state)
            .arg(PROOFS.to_string()),
    )?;
    let (reads, hashes) = (list(&floor, "read_ms"), list(&floor, "read_and_hash_ms"));
    let proofs = list(&proved, "prove_ms");
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
            format!("onshin verify ledger, {millions} M entries, with anchor"),
            median(&times),
            "s",
        )
        .beside(
            "SELECT of the same bytes and one SHA-256 over them",
            median(&hashes) / 1000.0,
        )
        .note(format!(
            "{}; CPU {:.2} s; SELECT alone {:.2} s; {:.0} MB of entries, database of {:.0} MB{made}",
            spread(&times),
            median(&cpus),
            median(&reads) / 1000.0,
            number(&floor, "bytes") / 1e6,
            database_mb(&state)
        )),
        Row::new(
            format!("inclusion proof from {millions} M entries, built and checked, p50"),
            median(&proofs),
            "ms",
        )
        .note(format!(
            "p99 {:.2} ms; {PROOFS} proofs of at most {:.0} hashes",
            percentile(&proofs, 0.99),
            number(&proved, "hashes")
        )),
    ])
}

fn list(report: &serde_json::Value, name: &str) -> Vec<f64> {
    let samples = report.get(name).and_then(serde_json::Value::as_array);
    samples
        .into_iter()
        .flatten()
        .filter_map(serde_json::Value::as_f64)
        .collect()
}

/// Makes the ledger, or finds the one of an earlier run. One of an earlier schema is made anew.
fn filled(example: &Path, state: &Path, entries: u64) -> Result<serde_json::Value, Fault> {
    let fill = || {
        json(
            Command::new(example)
                .arg("fill")
                .arg(state)
                .arg(entries.to_string()),
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
