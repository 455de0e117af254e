//! The program itself: built, and where it is.
use std::path::PathBuf;

use serde::Deserialize;

use crate::{fault::Fault, shell};

#[derive(Deserialize)]
struct Metadata {
    target_directory: PathBuf,
}

/// Builds `onshin` and gives its path.
pub(crate) fn build() -> Result<PathBuf, Fault> {
    shell::step(
        "build onshin",
        &mut shell::cargo(&["build", "--package", "onshin"]),
    )?;
    Ok(target()?.join("debug/onshin"))
}

/// The folder that cargo builds in.
pub(crate) fn target() -> Result<PathBuf, Fault> {
    let text = shell::answer(&mut shell::cargo(&[
        "metadata",
        "--no-deps",
        "--format-version",
        "1",
    ]))?;
    let metadata: Metadata =
        serde_json::from_str(&text).map_err(|reason| Fault::new(reason.to_string()))?;
    Ok(metadata.target_directory)
}
