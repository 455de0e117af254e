//! `cargo xtask bench`: how fast, how large, how heavy, each figure beside a floor or a peer of the same run.
//! Nothing passes or fails by time.
use std::{fs, path::PathBuf};

use serde::Serialize;

use crate::{assets, fault::Fault};
use figure::{Figure, Row};
use program::{Bench, Profile};

mod audit;
mod call;
mod drugs;
mod figure;
mod house;
mod machine;
mod media;
mod program;
mod readers;
mod reads;
mod start;

/// Visits of browsers; each takes half a minute.
const CALL_ROUNDS: usize = 7;
const USAGE: &str = "\
cargo xtask bench [--json FILE] [--release] [--realtime] [--binary ONSHIN] [start|memory|media|call|ledger|reads|drugs …]

  --json FILE      writes everything for programs as well
  --release        builds as a clinic runs it; takes minutes the first time
  --realtime       as root: runs the packets of `media` before all other work of this machine
  --binary ONSHIN  measures this program instead of building one
";

type Measure = fn(&Bench) -> Result<Vec<Row>, Fault>;

/// Every figure, in the order in which they are taken: what is easily disturbed first.
const FIGURES: [(&str, Measure); 7] = [
    ("start", start::ready),
    ("memory", start::memory),
    ("media", media::run),
    ("call", |bench| call::run(bench, CALL_ROUNDS)),
    ("ledger", audit::run),
    ("reads", reads::run),
    ("drugs", drugs::run),
];

/// What was asked for.
struct Wish {
    json: Option<PathBuf>,
    profile: Profile,
    /// Measured in place of what this tree would build; the examples are built all the same.
    binary: Option<PathBuf>,
    realtime: bool,
    names: Vec<String>,
}

/// Everything, for programs.
#[derive(Serialize)]
struct Report {
    cores: f64,
    /// Mean of runnable processes over the minute before anything was built.
    load_before: Option<f64>,
    figures: Vec<Figure>,
}

/// Measures what was asked for, prints it, and writes it if a file was named.
pub(crate) fn run(args: &[String]) -> Result<(), Fault> {
    let wish = wish(args)?;
    let (load, cores) = (machine::load(), machine::cores());
    let mut bench = if let Some(given) = &wish.binary {
        Bench::given(wish.profile, given)?
    } else {
        assets::make()?;
        Bench::new(wish.profile)?
    };
    bench.realtime = wish.realtime;
    println!(
        "{cores:.0} cores, load {} before; {}",
        load.map_or_else(|| "unknown".to_owned(), |load| format!("{load:.2}")),
        bench.built()
    );
    let mut report = Report {
        cores,
        load_before: load,
        figures: Vec::new(),
    };
    for (name, measure) in FIGURES {
        if !wish.names.is_empty() && !wish.names.iter().any(|wanted| wanted == name) {
            continue;
        }
        let figure = take(&bench, name, measure, load);
        print!("\n{}", figure.text());
        report.figures.push(figure);
    }
    if let Some(file) = wish.json {
        let text = serde_json::to_string_pretty(&report)
            .map_err(|reason| Fault::new(reason.to_string()))?;
        fs::write(&file, text).map_err(|reason| Fault::at(&file, reason))?;
    }
    // What could not be measured is said above, and the exit code says that there is something.
    if report
        .figures
        .iter()
        .any(|figure| figure.not_measured.is_some())
    {
        return Err(Fault::said());
    }
    Ok(())
}

fn take(bench: &Bench, name: &'static str, measure: Measure, load: Option<f64>) -> Figure {
    let busy_cores = machine::busy_cores();
    let bound = machine::cores() / 2.0;
    let (rows, not_measured) = match measure(bench) {
        Ok(rows) => (rows, None),
        Err(fault) => (Vec::new(), Some(fault.to_string())),
    };
    Figure {
        name,
        profile: bench.built(),
        busy_cores,
        disturbed: busy_cores > bound || load.is_some_and(|load| load > bound),
        rows,
        not_measured,
    }
}

fn wish(args: &[String]) -> Result<Wish, Fault> {
    let mut wish = Wish {
        json: None,
        profile: match std::env::var("CARGO_PROFILE").as_deref() {
            Ok("release") => Profile::Release,
            Ok(_) | Err(_) => Profile::Dev,
        },
        binary: None,
        realtime: false,
        names: Vec::new(),
    };
    let mut args = args.iter();
    while let Some(arg) = args.next() {
        match arg.as_str() {
            "--json" => {
                wish.json = Some(PathBuf::from(args.next().ok_or_else(|| Fault::new(USAGE))?));
            }
            "--binary" => {
                wish.binary = Some(PathBuf::from(args.next().ok_or_else(|| Fault::new(USAGE))?));
            }
            "--realtime" => wish.realtime = true,
            "--release" => wish.profile = Profile::Release,
            name if FIGURES.iter().any(|(known, _)| *known == name) => {
                wish.names.push(name.to_owned());
            }
            other => return Err(Fault::new(format!("{other} is not known\n\n{USAGE}"))),
        }
    }
    Ok(wish)
}
