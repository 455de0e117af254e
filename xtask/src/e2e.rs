//! `cargo xtask e2e`: browsers hold real consultations with the built program.
use std::{fs, path::Path};

use crate::{assets, binary, fault::Fault, install, places, shell, tally::Tally};

/// Runs the scenarios whose file name holds the filter, and says how many passed.
pub(crate) fn chore(args: &[String]) -> Result<(), Fault> {
    install::everything()?;
    assets::make()?;
    let filter = args.first().map_or("", String::as_str);
    let tally = run(filter)?;
    println!("{} passed, {} failed", tally.passed, tally.failed);
    if tally.is_good() {
        Ok(())
    } else {
        Err(Fault::said())
    }
}

/// Builds the program and runs the scenarios.
///
/// # Errors
///
/// When the program does not compile, or the runner did not come to its end.
pub(crate) fn run(filter: &str) -> Result<Tally, Fault> {
    let onshin = binary::build()?;
    let folder = places::root().join("tests/e2e");
    let results = folder.join("out/results.json");
    // Yesterday's figures are no answer.
    if results.exists() {
        fs::remove_file(&results).map_err(|reason| Fault::at(&results, reason))?;
    }
    let mut node = shell::program("node", &["run.mjs", filter]);
    node.current_dir(&folder).env("ONSHIN_BINARY", onshin);
    let done = shell::step("e2e", &mut node);
    let tally =
        read(&results).map_err(|missing| done.as_ref().err().map_or(missing, Fault::clone))?;
    match done {
        Err(_) if tally.failed == 0 => Ok(Tally { failed: 1, ..tally }),
        Ok(()) | Err(_) => Ok(tally),
    }
}

fn read(results: &Path) -> Result<Tally, Fault> {
    serde_json::from_str(&places::read(results)?).map_err(|reason| Fault::at(results, reason))
}
