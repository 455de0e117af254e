//! Running other programs: in the repository, without standard input, their words passed on.
use std::{
    io,
    os::unix::process::CommandExt,
    path::Path,
    process::{Command, Stdio},
    time::Instant,
};

use crate::{fault::Fault, places};

/// A program that will run at the top of the repository.
pub(crate) fn program(name: &str, args: &[&str]) -> Command {
    let mut command = Command::new(name);
    command
        .args(args)
        .current_dir(places::root())
        .stdin(Stdio::null());
    command
}

/// The cargo that runs this chore.
pub(crate) fn cargo(args: &[&str]) -> Command {
    let cargo = std::env::var("CARGO").unwrap_or_else(|_| "cargo".to_owned());
    program(&cargo, args)
}

/// Says what is done, does it, and says how long it took.
pub(crate) fn step(what: &str, command: &mut Command) -> Result<(), Fault> {
    begin(what);
    let start = Instant::now();
    let status = command
        .status()
        .map_err(|reason| not_started(command, &reason))?;
    end(what, start, status.success());
    if status.success() {
        Ok(())
    } else {
        Err(Fault::new(format!("{what}: failed ({status})")))
    }
}

/// The same for work of our own.
pub(crate) fn own_step(what: &str, work: impl FnOnce() -> Result<(), Fault>) -> Result<(), Fault> {
    begin(what);
    let start = Instant::now();
    let done = work();
    end(what, start, done.is_ok());
    done
}

/// What a program prints, when it succeeds.
pub(crate) fn answer(command: &mut Command) -> Result<String, Fault> {
    let output = command
        .stderr(Stdio::inherit())
        .output()
        .map_err(|reason| not_started(command, &reason))?;
    if !output.status.success() {
        return Err(Fault::new(format!(
            "{}: failed ({})",
            command.get_program().display(),
            output.status
        )));
    }
    String::from_utf8(output.stdout).map_err(|reason| Fault::new(reason.to_string()))
}

/// Becomes the program; comes back only when it cannot be started.
pub(crate) fn become_program(command: &mut Command) -> Fault {
    let reason = command.exec();
    not_started(command, &reason)
}

/// Whether a program of this name can be found.
pub(crate) fn exists(name: &str) -> bool {
    let Some(path) = std::env::var_os("PATH") else {
        return false;
    };
    std::env::split_paths(&path).any(|folder| folder.join(name).is_file())
}

/// Whether this process may do everything.
pub(crate) fn is_root() -> bool {
    use std::os::unix::fs::MetadataExt;
    Path::new("/proc/self")
        .metadata()
        .is_ok_and(|own| own.uid() == 0)
}

pub(crate) fn begin(what: &str) {
    eprintln!("── {what}");
}

fn end(what: &str, start: Instant, good: bool) {
    let word = if good { "done" } else { "FAILED" };
    eprintln!("── {what}: {word} in {} s", start.elapsed().as_secs());
}

fn not_started(command: &Command, reason: &io::Error) -> Fault {
    Fault::new(format!(
        "{} could not be started: {reason}",
        command.get_program().display()
    ))
}
