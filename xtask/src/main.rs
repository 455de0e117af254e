//! `cargo xtask`: the chores of this repository, and the proofs that are not tests.
#![expect(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a chore speaks on the terminal"
)]

mod assets;
mod bench;
mod binary;
mod catalogue;
mod check;
mod clauses;
mod demo;
mod duties;
mod e2e;
mod fault;
mod install;
mod layers;
mod licences;
mod lint;
mod places;
mod postgres;
mod shell;
mod source;
mod tally;
mod templates;
mod test;

use std::{env, process::ExitCode};

use fault::Fault;

const USAGE: &str = "\
cargo xtask <chore>

  demo [--fresh] [ARGS]       build onshin and start it with a made-up clinic
  test                        install what is missing and run every test
  check                       format, clippy, layers, clauses, types, licences
  clauses [--json] [--lower]  which clauses are answered and tested
  layers                      prove the arrows between the crates, and the house rules
  e2e [FILTER]                browsers hold real consultations
  bench [--json FILE] [NAME]  measure start, memory, call, reads, ledger, media
  assets                      make what the browser is given
  install                     Debian and node packages for the tests
";

fn main() -> ExitCode {
    let args: Vec<String> = env::args().skip(1).collect();
    let done = match args.split_first() {
        Some((chore, rest)) => run(chore, rest),
        None => Err(Fault::new(USAGE)),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(fault) => {
            if !fault.is_said() {
                eprintln!("{fault}");
            }
            ExitCode::FAILURE
        }
    }
}

fn run(chore: &str, rest: &[String]) -> Result<(), Fault> {
    match chore {
        "assets" => assets::make(),
        "bench" => bench::run(rest),
        "check" => check::check(),
        "clauses" => clauses::run(rest),
        "demo" => demo::run(rest),
        "e2e" => e2e::chore(rest),
        "install" => install::everything(),
        "layers" => layers::run(),
        "test" => test::run(),
        "help" | "--help" | "-h" => {
            print!("{USAGE}");
            Ok(())
        }
        other => Err(Fault::new(format!("no chore is called {other}\n\n{USAGE}"))),
    }
}
