//! onshin (オン診): one program, its commands, and nothing else. The rest of the workspace does the work.

mod carrier;
mod catalogue;
mod config;
mod courier;
mod demo;
mod doctor;
mod door;
mod drugs;
mod init;
mod invariants;
mod nightly;
mod outcome;
mod page_check;
mod readiness;
mod recover;
mod reminder;
mod remote;
mod residue;
mod room_watch;
mod rotate;
mod running;
mod secret;
mod serve;
mod space;
mod stores;
mod tell;
mod timestamp;
mod verify;

use clap::{Parser, Subcommand};
use guideline::Duty;
use outcome::Outcome;
use std::{path::PathBuf, process::ExitCode};

/// The clauses this crate answers, one line each, and where.
pub const DUTIES: &[Duty] = &[(stores::REGISTERED_ONLY, "stores")];

/// オンライン診療システム onshin / the online consultation system onshin
#[derive(Parser)]
#[command(version, about, propagate_version = true)]
struct Command {
    #[command(subcommand)]
    what: What,
}

#[derive(Subcommand)]
enum What {
    /// Serves the three surfaces (診療を始める)
    Serve(config::Sources),
    /// Starts a made-up clinic on this machine only (見本の診療所)
    Demo(demo::Wish),
    /// Makes an institution, its first administrator and master.key (はじめの設定)
    Init(init::Wish),
    /// Lets the administrator in again with the printed recovery code (管理者がはいれないとき)
    RecoverAdmin(recover::Wish),
    /// Changes master.key; nothing may be running (鍵の交換)
    RotateMasterKey(rotate::Wish),
    /// Says every fault of the configuration (設定の点検)
    CheckConfig(config::Sources),
    /// Runs the nightly checks now (夜の点検を今する)
    CheckInvariants(config::Sources),
    /// Verifies what was recorded (記録を確かめる)
    Verify {
        #[command(subcommand)]
        what: Verified,
    },
    /// Lists of drugs (医薬品のマスター)
    Drugs {
        #[command(subcommand)]
        what: Drugs,
    },
    /// Lists the duties of the guidelines (指針の条項の一覧)
    Clauses(catalogue::Wish),
    /// Says what is wrong with this installation (この機械の具合をみる)
    Doctor(doctor::Wish),
}

#[derive(Subcommand)]
enum Verified {
    /// Every ledger and every finalised note (台帳と、確定した記録)
    Ledger(verify::Wish),
}

#[derive(Subcommand)]
enum Drugs {
    /// Takes a file of the drug master, or of drugs of special management (取りこみ)
    Import(drugs::Wish),
}

/// Where the demo keeps its state when nothing is said.
const DEMO_STATE: &str = "./target/demo";

fn main() -> ExitCode {
    let done = match Command::parse().what {
        What::Serve(sources) => serve::run(&sources),
        What::Demo(wish) => demo::run(&wish),
        What::Init(wish) => init::run(wish),
        What::RecoverAdmin(wish) => recover::run(wish),
        What::RotateMasterKey(wish) => rotate::run(&wish),
        What::CheckConfig(sources) => config::check(&sources),
        What::CheckInvariants(sources) => invariants::run(&sources),
        What::Verify {
            what: Verified::Ledger(wish),
        } => verify::run(&wish),
        What::Drugs {
            what: Drugs::Import(wish),
        } => drugs::run(&wish),
        What::Clauses(wish) => catalogue::run(&wish),
        What::Doctor(wish) => doctor::run(&wish),
    };
    match done {
        Ok(code) => code,
        Err(outcome) => outcome.say(),
    }
}

/// The demo's folder, from the command line or the default.
fn demo_state(given: Option<PathBuf>) -> PathBuf {
    given.unwrap_or_else(|| PathBuf::from(DEMO_STATE))
}

/// What a command answers: an exit code, or what went wrong.
type Done = Result<ExitCode, Outcome>;
