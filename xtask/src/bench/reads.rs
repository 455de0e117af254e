//! Audited chart reads: each commits its ledger entry before the first byte of the page.
use std::{
    fs::File,
    io::Write as _,
    path::Path,
    time::{Duration, Instant},
};

use super::{
    figure::{Row, median, percentile},
    house::House,
    machine,
    program::{Bench, json},
    readers::{Read, Reading},
};
use crate::fault::Fault;

const READERS: usize = 32;
const WARM_UP: Duration = Duration::from_secs(1);
const WINDOW: Duration = Duration::from_secs(5);
/// A page behind the same sign-in, drawn in the same frame, that says nothing about a patient.
const FLOOR_PAGE: &str = "/account";
const SYNCS: usize = 200;
/// What one commit at least writes: a page of the database's log.
const SYNC_BYTES: usize = 4096;

pub(super) fn run(bench: &Bench) -> Result<Vec<Row>, Fault> {
    let state = bench.run.path().join("reads");
    let house = House::demo(bench, &state)?;
    let session = bench.script(&["session", &state.to_string_lossy()])?;
    let word = |name: &str| {
        let found = session.get(name).and_then(serde_json::Value::as_str);
        found.ok_or_else(|| Fault::new(format!("the session has no {name}")))
    };
    let (cookie, chart) = (word("cookie")?, word("chart")?);
    let syncs = syncs(bench.run.path())?;

    let floor = Load::of(&house, FLOOR_PAGE, cookie, READERS)?;
    let before = entries(bench, &state)?;
    let alone = Load::of(&house, chart, cookie, 1)?;
    let charts = Load::of(&house, chart, cookie, READERS)?;
    let grown = entries(bench, &state)? - before;
    house.stop()?;

    let answered = alone.read.answered + charts.read.answered;
    if grown != answered {
        return Err(Fault::new(format!(
            "{answered} charts were answered, and the ledger grew by {grown} entries"
        )));
    }
    Ok(vec![
        Row::new(format!("audited chart reads, {READERS} connections"), charts.a_second(), "1/s")
            .beside(format!("{FLOOR_PAGE}: same server and session, no entry"), floor.a_second())
            .note(format!(
                "GET {chart_path}, {} B; {answered} answered, {grown} entries added; CPU a read: server {:.0} µs, readers {:.0} µs",
                charts.read.body,
                charts.server_us,
                charts.readers_us,
                chart_path = "/patients/{id}",
            )),
        charts.part("audited chart read, p50", 0.5, &floor),
        charts.part("audited chart read, p99", 0.99, &floor),
        Row::new("audited chart read alone, 1 connection, p50", median(&alone.read.ms), "ms")
            .beside("4 KiB written and synced to the same disk, p50", median(&syncs))
            .note(format!("p99 {:.2} ms; synced p99 {:.2} ms", percentile(&alone.read.ms, 0.99), percentile(&syncs, 0.99))),
    ])
}

/// What came of one load.
struct Load {
    read: Read,
    server_us: f64,
    readers_us: f64,
}

impl Load {
    fn of(house: &House, path: &str, cookie: &str, readers: usize) -> Result<Self, Fault> {
        let cpu = |pid| machine::cpu_seconds(pid).unwrap_or_default();
        let (server, began) = (cpu(house.pid()), own_cpu());
        let read = Reading {
            port: house.ports.staff,
            path,
            cookie,
            readers,
            warm_up: WARM_UP,
            window: WINDOW,
        }
        .run()?;
        let a_read = |seconds: f64| seconds * 1e6 / count(read.answered);
        let (server_us, readers_us) =
            (a_read(cpu(house.pid()) - server), a_read(own_cpu() - began));
        Ok(Self {
            read,
            server_us,
            readers_us,
        })
    }

    fn a_second(&self) -> f64 {
        count(self.read.ms.len()) / WINDOW.as_secs_f64()
    }

    fn part(&self, what: &str, part: f64, floor: &Self) -> Row {
        Row::new(what, percentile(&self.read.ms, part), "ms").beside(
            format!("{FLOOR_PAGE}, the same"),
            percentile(&floor.read.ms, part),
        )
    }
}

/// Seconds on a processor of this process, ended threads included, to a hundredth.
fn own_cpu() -> f64 {
    let text = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let after = text.rsplit(')').next().unwrap_or_default();
    // Fields 14 and 15 of the line: user and system, in hundredths of a second.
    let ticks: f64 = after
        .split_whitespace()
        .skip(11)
        .take(2)
        .filter_map(|field| field.parse::<f64>().ok())
        .sum();
    ticks / 100.0
}

fn count(number: usize) -> f64 {
    u32::try_from(number).map_or(f64::from(u32::MAX), f64::from)
}

/// Entries of all ledgers, as the program's own audit counts them; the audit must be good.
fn entries(bench: &Bench, state: &Path) -> Result<usize, Fault> {
    let report = json(
        bench
            .onshin(&["verify", "ledger", "--json", "--demo"])
            .arg(state),
    )?;
    let ledgers = report
        .get("ledgers")
        .and_then(serde_json::Value::as_array)
        .ok_or_else(|| Fault::new("no ledgers"))?;
    let counts = ledgers
        .iter()
        .filter_map(|ledger| ledger.get("entries")?.as_u64());
    Ok(usize::try_from(counts.sum::<u64>()).unwrap_or(usize::MAX))
}

/// Milliseconds of writing and syncing, on the disk where the database lies.
fn syncs(folder: &Path) -> Result<Vec<f64>, Fault> {
    let mut file = File::create(folder.join("syncs"))?;
    let mut times = Vec::new();
    for _ in 0..SYNCS {
        let began = Instant::now();
        file.write_all(&[7; SYNC_BYTES])?;
        file.sync_data()?;
        times.push(began.elapsed().as_secs_f64() * 1000.0);
    }
    Ok(times)
}
