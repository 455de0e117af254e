//! Where things are in the repository, and how to list and read them.
use std::{
    fs,
    path::{Path, PathBuf},
};

use crate::fault::Fault;

/// The top of the repository, wherever the command was given.
pub(crate) fn root() -> &'static Path {
    let own = Path::new(env!("CARGO_MANIFEST_DIR"));
    own.parent().unwrap_or(own)
}

/// A path as the reader of a message knows it.
pub(crate) fn short(path: &Path) -> String {
    path.strip_prefix(root())
        .unwrap_or(path)
        .display()
        .to_string()
}

pub(crate) fn read(path: &Path) -> Result<String, Fault> {
    fs::read_to_string(path).map_err(|reason| Fault::at(path, reason))
}

/// The names of our crates, sorted.
pub(crate) fn crates() -> Result<Vec<String>, Fault> {
    let folder = root().join("crates");
    let mut names = Vec::new();
    for entry in fs::read_dir(&folder).map_err(|reason| Fault::at(&folder, reason))? {
        let entry = entry?;
        if entry.path().join("Cargo.toml").is_file() {
            names.push(entry.file_name().to_string_lossy().into_owned());
        }
    }
    names.sort();
    Ok(names)
}

/// Every file below `folder` whose name ends in `.{ending}`, sorted; none when there is no such folder.
pub(crate) fn files(folder: &Path, ending: &str) -> Result<Vec<PathBuf>, Fault> {
    let mut found = Vec::new();
    let mut open = vec![folder.to_path_buf()];
    while let Some(next) = open.pop() {
        if !next.is_dir() {
            continue;
        }
        for entry in fs::read_dir(&next).map_err(|reason| Fault::at(&next, reason))? {
            let path = entry?.path();
            if path.is_dir() {
                open.push(path);
            } else if path.extension().is_some_and(|own| own == ending) {
                found.push(path);
            }
        }
    }
    found.sort();
    Ok(found)
}
