//! The hour, the legal day, and the runtime: what every command reads once at its beginning.

use crate::outcome::Outcome;
use jiff::{Timestamp, civil::Date};
use std::future::Future;

/// The hour. The program's commands read it here and nowhere else.
pub(crate) fn now() -> Timestamp {
    web::system_clock()()
}

/// The legal day: Asia/Tokyo.
pub(crate) fn today() -> Date {
    store::dossier::legal_day(now())
}

/// Runs a command that needs storage.
///
/// # Errors
///
/// What the command answers, or the machine gives no threads.
pub(crate) fn run<T>(command: impl Future<Output = Result<T, Outcome>>) -> Result<T, Outcome> {
    tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(Outcome::machine)?
        .block_on(command)
}
