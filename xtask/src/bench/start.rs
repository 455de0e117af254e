//! Start to ready, and memory at rest.
use std::{
    path::Path,
    process::Stdio,
    thread,
    time::{Duration, Instant},
};

use super::{
    figure::{Row, median, spread},
    house::{self, House, Ports},
    machine,
    program::Bench,
};
use crate::{fault::Fault, shell};

const ROUNDS: usize = 7;
/// Rounds in which a clinic is made up: each takes seconds.
const FRESH_ROUNDS: usize = 1;
/// After being ready, until it is called idle.
const SETTLE: Duration = Duration::from_secs(3);

/// From `exec` to the first good answer of `/readyz`.
pub(super) fn ready(bench: &Bench) -> Result<Vec<Row>, Fault> {
    let floor = process(&mut shell::program("true", &[]))?;
    let version = process(&mut bench.onshin(&["--version"]))?;
    let mut rows = vec![
        Row::new(
            "a process of the same program: onshin --version",
            median(&version),
            "ms",
        )
        .note(spread(&version)),
    ];

    let ports = Ports::free()?;
    let config = house::init(bench, &bench.run.path().join("clinic"), ports)?;
    let serve = starts(ROUNDS, || House::serve(bench, &config, ports))?;
    rows.push(
        Row::new(
            "start to ready: serve, an institution that init made",
            median(&serve),
            "ms",
        )
        .beside("true, from its start to its end", median(&floor))
        .note(spread(&serve)),
    );

    let state = bench.run.path().join("demo");
    let fresh = starts(FRESH_ROUNDS, || House::demo(bench, &state))?;
    rows.push(
        Row::new(
            "start to ready: demo, making up its clinic",
            median(&fresh),
            "ms",
        )
        .note(spread(&fresh)),
    );
    let kept = starts(ROUNDS, || House::demo(bench, &state))?;
    rows.push(
        Row::new(
            "start to ready: demo, on the clinic of last time",
            median(&kept),
            "ms",
        )
        .beside("true, from its start to its end", median(&floor))
        .note(spread(&kept)),
    );
    Ok(rows)
}

/// Milliseconds to ready, each stopped well.
fn starts(rounds: usize, start: impl Fn() -> Result<House, Fault>) -> Result<Vec<f64>, Fault> {
    let mut times = Vec::new();
    for _ in 0..rounds {
        let house = start()?;
        times.push(house.ready.as_secs_f64() * 1000.0);
        house.stop()?;
    }
    Ok(times)
}

/// Milliseconds from a program's start to its end.
fn process(command: &mut std::process::Command) -> Result<Vec<f64>, Fault> {
    command.stdout(Stdio::null());
    let mut times = Vec::new();
    for _ in 0..ROUNDS {
        let began = Instant::now();
        command.status()?;
        times.push(began.elapsed().as_secs_f64() * 1000.0);
    }
    Ok(times)
}

/// Memory after a start, before anybody came.
pub(super) fn memory(bench: &Bench) -> Result<Vec<Row>, Fault> {
    let state = bench.run.path().join("memory");
    // The first start makes up the clinic; what that needed is not rest.
    House::demo(bench, &state)?.stop()?;
    let demo = House::demo(bench, &state)?;
    let mut rows = vec![at_rest("demo, on the clinic of last time", &demo)?];
    demo.stop()?;
    let ports = Ports::free()?;
    let config = house::init(bench, &bench.run.path().join("memory-clinic"), ports)?;
    let serve = House::serve(bench, Path::new(&config), ports)?;
    rows.push(at_rest("serve, an institution that init made", &serve)?);
    serve.stop()?;
    Ok(rows)
}

fn at_rest(what: &str, house: &House) -> Result<Row, Fault> {
    thread::sleep(SETTLE);
    let read = |name| {
        machine::memory_mb(house.pid(), name).ok_or_else(|| Fault::new("no /proc/PID/status"))
    };
    let row = Row::new(format!("idle memory: {what} (VmRSS)"), read("VmRSS")?, "MB");
    Ok(row.note(format!(
        "{} s after being ready; its own {:.1} MB, pages of files, which the kernel may drop, {:.1} MB",
        SETTLE.as_secs(),
        read("RssAnon")?,
        read("RssFile")?
    )))
}
