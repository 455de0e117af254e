//! A drug master of full size: its import by the program, beside one SHA-256 over its bytes; and a search in it, beside one look
//! through the names.
use std::{process::Command, time::Instant};

use super::{
    figure::{Row, median, percentile, spread},
    program::{Bench, json},
};
use crate::fault::Fault;

/// As many as the real master has.
const ROWS: &str = "20000";
/// Entries of the made-up ledger whose folder the import goes into: it needs keys and a database, no more.
const ENTRIES: &str = "1000";
const ROUNDS: usize = 5;

pub(super) fn run(bench: &Bench) -> Result<Vec<Row>, Fault> {
    let example = bench.example("store", "drug_bench")?;
    let folder = bench.example("store", "ledger_bench")?;
    let mut times = Vec::new();
    let mut made = serde_json::Value::Null;
    for round in 0..ROUNDS {
        // A folder of its own each time: the same file once more would change nothing.
        let state = bench.run.path().join(format!("drugs-{round}"));
        json(Command::new(&folder).arg("fill").arg(&state).arg(ENTRIES))?;
        let file = bench.run.path().join(format!("y_all2026110{round}.csv"));
        made = json(Command::new(&example).arg("make").arg(&file).arg(ROWS))?;
        let mut import = bench.onshin(&["drugs", "import", "--json", "--demo"]);
        import.arg(&state).arg(&file);
        let began = Instant::now();
        let report = json(&mut import)?;
        times.push(began.elapsed().as_secs_f64());
        if report.get("rows").and_then(serde_json::Value::as_u64) != ROWS.parse().ok() {
            return Err(Fault::new(format!(
                "the import told of other rows: {report}"
            )));
        }
    }
    let file = bench.run.path().join("y_all20261100.csv");
    let report = json(Command::new(&example).arg("search").arg(&file))?;
    let number = |value: &serde_json::Value, name: &str| {
        value
            .get(name)
            .and_then(serde_json::Value::as_f64)
            .unwrap_or_default()
    };
    let list = |name: &str| -> Vec<f64> {
        let samples = report.get(name).and_then(serde_json::Value::as_array);
        samples
            .into_iter()
            .flatten()
            .filter_map(serde_json::Value::as_f64)
            .collect()
    };
    let (searches, floors) = (list("search_ms"), list("floor_ms"));
    Ok(vec![
        Row::new(
            format!("onshin drugs import, {ROWS} drugs, from start to end"),
            median(&times),
            "s",
        )
        .beside(
            "one SHA-256 over the same bytes",
            number(&report, "hash_ms") / 1_000.0,
        )
        .note(format!(
            "{}; file of {:.1} MB; reading alone {:.0} ms",
            spread(&times),
            number(&made, "bytes") / 1e6,
            number(&report, "read_ms")
        )),
        Row::new(
            format!("search among {ROWS} drugs, p50"),
            median(&searches),
            "ms",
        )
        .beside("one look through the names", median(&floors))
        .note(format!(
            "p99 {:.2} ms; index made once in {:.0} ms",
            percentile(&searches, 0.99),
            number(&report, "index_ms")
        )),
    ])
}
