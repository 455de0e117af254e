//! `cargo xtask demo`: builds onshin and becomes it, with a made-up clinic.
use crate::{assets, binary, fault::Fault, places, shell};

/// Where the demo keeps its state and writes `demo.json`, unless told otherwise.
const STATE: &str = "target/demo";

pub(crate) fn run(args: &[String]) -> Result<(), Fault> {
    assets::make()?;
    let onshin = binary::build()?;
    let mut demo = shell::program(&onshin.to_string_lossy(), &["demo"]);
    if !args.iter().any(|arg| arg.starts_with("--state")) {
        demo.arg("--state").arg(places::root().join(STATE));
    }
    Err(shell::become_program(demo.args(args)))
}
