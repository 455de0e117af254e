//! `cargo xtask assets`: makes what the browser is given, and checks its types.
use std::path::PathBuf;

use crate::{fault::Fault, install, places, shell};

fn folder() -> PathBuf {
    places::root().join("crates/web/assets")
}

/// Fills `crates/web/assets/dist/`, which `web` embeds.
pub(crate) fn make() -> Result<(), Fault> {
    install::node(&folder())?;
    let mut build = shell::program("node", &["build.mjs"]);
    shell::step("scripts and styles", build.current_dir(folder()))
}

/// Checks the types of the browser's scripts.
pub(crate) fn types() -> Result<(), Fault> {
    if places::files(&folder().join("ts"), "ts")?.is_empty() {
        return Ok(());
    }
    let mut check = shell::program("node_modules/.bin/tsc", &["--noEmit"]);
    shell::step("types of the scripts", check.current_dir(folder()))
}
