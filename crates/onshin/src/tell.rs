//! Words for the person at the terminal, in both languages; and the log of the running program.

use std::{fmt, io::Write as _};
use tracing_subscriber::EnvFilter;

/// One message in Japanese and English.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Both {
    /// 日本語
    pub(crate) ja: String,
    /// English
    pub(crate) en: String,
}

impl Both {
    pub(crate) fn new(ja: impl Into<String>, en: impl Into<String>) -> Self {
        Self {
            ja: ja.into(),
            en: en.into(),
        }
    }
}

impl fmt::Display for Both {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}\n  {}", self.ja, self.en)
    }
}

/// A line on standard output. A closed pipe is nobody's fault.
pub(crate) fn say(line: impl fmt::Display) {
    let _ = writeln!(std::io::stdout(), "{line}");
}

/// A line on standard error.
pub(crate) fn warn(line: impl fmt::Display) {
    let _ = writeln!(std::io::stderr(), "{line}");
}

/// Begins the log on standard error: JSON lines, for a collector.
pub(crate) fn log_json(level: &str) {
    let _ = tracing_subscriber::fmt()
        .json()
        .with_env_filter(EnvFilter::new(level))
        .with_writer(std::io::stderr)
        .try_init();
}

/// The same in words, for the demo.
pub(crate) fn log_plain(level: &str) {
    let _ = tracing_subscriber::fmt()
        .compact()
        .with_env_filter(EnvFilter::new(level))
        .with_writer(std::io::stderr)
        .try_init();
}
