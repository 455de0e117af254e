//! Why a chore could not be done, in words for the person at the terminal.
use std::{fmt, io, path::Path};

/// One reason or several, a line each.
#[derive(Clone, Debug)]
pub(crate) struct Fault(Vec<String>);

impl Fault {
    pub(crate) fn new(reason: impl Into<String>) -> Self {
        Self(vec![reason.into()])
    }

    /// Everything was said already, and the last line is to stay the last.
    pub(crate) fn said() -> Self {
        Self(Vec::new())
    }

    pub(crate) fn is_said(&self) -> bool {
        self.0.is_empty()
    }

    /// What went wrong with one file or folder.
    pub(crate) fn at(path: &Path, reason: impl fmt::Display) -> Self {
        Self::new(format!("{}: {reason}", path.display()))
    }

    /// Nothing found is no fault; anything found is.
    pub(crate) fn unless_empty(found: Vec<String>) -> Result<(), Self> {
        if found.is_empty() {
            Ok(())
        } else {
            Err(Self(found))
        }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.join("\n"))
    }
}

impl From<io::Error> for Fault {
    fn from(reason: io::Error) -> Self {
        Self::new(reason.to_string())
    }
}
