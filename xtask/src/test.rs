//! `cargo xtask test`: installs what is missing and runs every test there is.
use std::{
    io::{BufRead, BufReader},
    process::Stdio,
};

use crate::{assets, check, e2e, fault::Fault, install, postgres::Cluster, shell, tally::Tally};

/// Runs everything and ends with one line, `N passed, N failed`.
pub(crate) fn run() -> Result<(), Fault> {
    let done = everything();
    let tally = match &done {
        Ok(tally) => *tally,
        Err(fault) => {
            eprintln!("{fault}");
            Tally::ONE_FAILED
        }
    };
    println!("{} passed, {} failed", tally.passed, tally.failed);
    if tally.is_good() {
        Ok(())
    } else {
        Err(Fault::said())
    }
}

fn everything() -> Result<Tally, Fault> {
    install::everything()?;
    assets::make()?;
    let mut tally = Tally::default();
    let mut failures = check::failures();
    tally.failed += u64::try_from(failures.len()).unwrap_or(u64::MAX);
    let cluster = Cluster::start()?;
    tally += cargo_test(&cluster)?;
    drop(cluster);
    match e2e::run("") {
        Ok(own) => tally += own,
        Err(fault) => {
            tally += Tally::ONE_FAILED;
            failures.push(fault.to_string());
        }
    }
    for failure in failures {
        eprintln!("{failure}");
    }
    Ok(tally)
}

/// Every test of every crate, those of the documentation included.
fn cargo_test(cluster: &Cluster) -> Result<Tally, Fault> {
    shell::begin("cargo test");
    let mut tests = shell::cargo(&["test", "--workspace", "--no-fail-fast"]);
    tests
        .env("ONSHIN_TEST_POSTGRES", cluster.url())
        .stdout(Stdio::piped());
    let mut running = tests.spawn()?;
    let mut tally = Tally::default();
    if let Some(output) = running.stdout.take() {
        for line in BufReader::new(output).lines() {
            let line = line?;
            println!("{line}");
            if let Some(own) = Tally::of_line(&line) {
                tally += own;
            }
        }
    }
    // What does not compile, or dies of a signal, prints no result of its own.
    if !running.wait()?.success() && tally.failed == 0 {
        tally += Tally::ONE_FAILED;
    }
    Ok(tally)
}
