//! `cargo xtask check`: everything that is judged without running the program.
use crate::{assets, clauses, fault::Fault, install, layers, licences, shell};

/// Makes the assets, which `web` cannot be compiled without, and runs every check.
pub(crate) fn check() -> Result<(), Fault> {
    assets::make()?;
    Fault::unless_empty(failures())
}

/// Runs every check, whatever the others found, and gives what failed.
pub(crate) fn failures() -> Vec<String> {
    let checks: [fn() -> Result<(), Fault>; 7] = [
        format,
        layers,
        clauses,
        locks,
        assets::types,
        clippy,
        licences,
    ];
    checks
        .into_iter()
        .filter_map(|check| check().err())
        .map(|fault| fault.to_string())
        .collect()
}

fn format() -> Result<(), Fault> {
    shell::step("format", &mut shell::cargo(&["fmt", "--all", "--check"]))
}

fn layers() -> Result<(), Fault> {
    shell::own_step("layers", layers::run)
}

fn clauses() -> Result<(), Fault> {
    shell::own_step("clauses", || clauses::run(&[]))
}

fn locks() -> Result<(), Fault> {
    shell::own_step("lock files", install::locks_name_no_host)
}

fn clippy() -> Result<(), Fault> {
    let args = [
        "clippy",
        "--workspace",
        "--all-targets",
        "--",
        "-D",
        "warnings",
    ];
    shell::step("clippy", &mut shell::cargo(&args))
}

fn licences() -> Result<(), Fault> {
    shell::own_step("licences", licences::run)
}
