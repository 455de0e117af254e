//! What the tests need of this machine: Debian packages, and node packages by their lock files.
use std::{
    fs,
    path::{Path, PathBuf},
    process::Stdio,
};

use crate::{fault::Fault, places, shell};

/// The browsers, their Japanese letters, the second database engine, and the outside readers of the ledger and its time-stamps.
const DEBIAN: &[&str] = &[
    "chromium",
    "firefox-esr",
    "fonts-noto-cjk",
    "postgresql",
    "golang-go",
    "golang-golang-x-mod-dev",
    "openssl",
];

/// A copy of the lock file that the folder was filled from.
const STAMP: &str = "node_modules/.filled-from";

/// The folders that node packages are installed in.
const NODE: &[&str] = &["crates/web/assets", "tests/e2e"];

/// Everything that `cargo xtask test` needs.
pub(crate) fn everything() -> Result<(), Fault> {
    debian()?;
    NODE.iter()
        .try_for_each(|folder| node(&places::root().join(folder)))
}

/// The lock files of the node packages.
pub(crate) fn node_locks() -> Vec<PathBuf> {
    NODE.iter()
        .map(|folder| places::root().join(folder).join("package-lock.json"))
        .collect()
}

/// A lock file says what, by digest, and not from where: that is for each machine to say.
pub(crate) fn locks_name_no_host() -> Result<(), Fault> {
    let mut faults = Vec::new();
    for path in node_locks() {
        if places::read(&path)?.contains("\"resolved\"") {
            faults.push(format!(
                "{}: names download addresses",
                places::short(&path)
            ));
        }
    }
    Fault::unless_empty(faults)
}

/// Installs missing Debian packages when it may, and says how when it may not.
fn debian() -> Result<(), Fault> {
    if !shell::exists("dpkg-query") {
        return Err(Fault::new(format!(
            "This is no Debian. The tests need what these packages hold: {}",
            DEBIAN.join(" ")
        )));
    }
    let missing = missing()?;
    if missing.is_empty() {
        return Ok(());
    }
    let packages = missing.join(" ");
    if !shell::is_root() {
        return Err(Fault::new(format!(
            "Packages are missing. Please run:\n\n  sudo apt-get install --yes --no-install-recommends {packages}\n"
        )));
    }
    shell::step(
        "apt-get update",
        &mut shell::program("apt-get", &["update", "--quiet"]),
    )?;
    let mut install = shell::program(
        "apt-get",
        &["install", "--quiet", "--yes", "--no-install-recommends"],
    );
    install
        .args(&missing)
        .env("DEBIAN_FRONTEND", "noninteractive");
    shell::step(&format!("apt-get install {packages}"), &mut install)
}

fn missing() -> Result<Vec<&'static str>, Fault> {
    let mut ask = shell::program(
        "dpkg-query",
        &["--show", "--showformat=${db:Status-Status} ${Package}\n"],
    );
    // A package that dpkg has never heard of is a complaint and an exit code, not a line.
    let output = ask.args(DEBIAN).stderr(Stdio::null()).output()?;
    let text = String::from_utf8_lossy(&output.stdout);
    let installed: Vec<&str> = text
        .lines()
        .filter_map(|line| line.strip_prefix("installed "))
        .collect();
    Ok(DEBIAN
        .iter()
        .copied()
        .filter(|name| !installed.contains(name))
        .collect())
}

/// Fills `node_modules` when the lock file is not the one it was filled from.
pub(crate) fn node(folder: &Path) -> Result<(), Fault> {
    let lock = places::read(&folder.join("package-lock.json"))?;
    let stamp = folder.join(STAMP);
    if fs::read_to_string(&stamp).is_ok_and(|filled| filled == lock) {
        return Ok(());
    }
    if !shell::exists("npm") {
        return Err(Fault::new(
            "npm is missing: onshin needs Node 20 or later with npm",
        ));
    }
    let mut fill = shell::program(
        "npm",
        &["ci", "--ignore-scripts", "--no-audit", "--no-fund"],
    );
    shell::step(
        &format!("npm ci in {}", places::short(folder)),
        fill.current_dir(folder),
    )?;
    fs::write(&stamp, lock).map_err(|reason| Fault::at(&stamp, reason))
}
