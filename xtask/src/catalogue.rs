//! The clauses as `guidelines/*.toml` list them: id and milestone.
use std::collections::BTreeMap;

use serde::Deserialize;

use crate::{fault::Fault, places};

/// Milestone by clause id.
pub(crate) type Catalogue = BTreeMap<String, String>;

#[derive(Deserialize)]
struct File {
    #[serde(default)]
    clause: Vec<Entry>,
}

#[derive(Deserialize)]
struct Entry {
    id: String,
    milestone: String,
}

/// Reads every clause of every file.
///
/// # Errors
///
/// When a file is no TOML, or two clauses have one name.
pub(crate) fn read() -> Result<Catalogue, Fault> {
    let mut catalogue = Catalogue::new();
    for path in places::files(&places::root().join("guidelines"), "toml")? {
        let file: File =
            toml::from_str(&places::read(&path)?).map_err(|reason| Fault::at(&path, reason))?;
        for Entry { id, milestone } in file.clause {
            if catalogue.insert(id.clone(), milestone).is_some() {
                return Err(Fault::at(&path, format!("{id} is listed twice")));
            }
        }
    }
    Ok(catalogue)
}
