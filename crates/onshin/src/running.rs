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
    leave_no_dump();
    tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(Outcome::machine)?
        .block_on(command)
}

/// A program that dies leaves no picture of its memory on the disk: what patients say lies in it (cl-2.5.2.1-vi-a).
///
/// A limit of nothing serves where dumps are files, and being undumpable where they are handed to another program.
fn leave_no_dump() {
    #[cfg(target_os = "linux")]
    {
        use rustix::process::{
            DumpableBehavior, Resource, Rlimit, set_dumpable_behavior, setrlimit,
        };
        let nothing = Rlimit {
            current: Some(0),
            maximum: Some(0),
        };
        let limited = setrlimit(Resource::Core, nothing);
        let undumpable = set_dumpable_behavior(DumpableBehavior::NotDumpable);
        if limited.is_err() || undumpable.is_err() {
            tracing::warn!("the machine may write this program's memory to the disk if it dies");
        }
    }
}
