//! Admit → first decoded frame, and the weight of the patient's pages, from real browsers.
use serde::Deserialize;

use super::{
    figure::{Row, median, spread},
    program::Bench,
};
use crate::{fault::Fault, install, places};

/// What the browsers found.
#[derive(Deserialize)]
struct Found {
    pages: Vec<Page>,
    admit: Vec<Admit>,
    direct: Vec<Direct>,
    look_every_ms: u32,
}

#[derive(Deserialize)]
struct Page {
    path: String,
    bytes: u32,
    document: u32,
    files: u32,
}

#[derive(Deserialize)]
struct Admit {
    patient: After,
    physician: After,
}

/// Milliseconds after the press; none for what had been before it.
#[derive(Deserialize)]
struct After {
    page: Option<f64>,
    peer: Option<f64>,
    connected: Option<f64>,
    frame: Option<f64>,
}

#[derive(Deserialize)]
struct Direct {
    camera: f64,
    frame: f64,
}

pub(super) fn run(bench: &Bench, rounds: usize) -> Result<Vec<Row>, Fault> {
    install::node(&places::root().join("tests/e2e"))?;
    let found = bench.script(&["call", &rounds.to_string()])?;
    let found: Found =
        serde_json::from_value(found).map_err(|reason| Fault::new(reason.to_string()))?;
    let mut rows = first_frame(&found);
    rows.extend(weight(&found.pages));
    Ok(rows)
}

fn first_frame(found: &Found) -> Vec<Row> {
    let direct: Vec<f64> = found
        .direct
        .iter()
        .map(|turn| turn.camera + turn.frame)
        .collect();
    let line: Vec<f64> = found.direct.iter().map(|turn| turn.frame).collect();
    let all =
        |pick: fn(&Admit) -> Option<f64>| found.admit.iter().filter_map(pick).collect::<Vec<f64>>();
    let patient = all(|admit| admit.patient.frame);
    let physician = all(|admit| admit.physician.frame);
    let step = |pick: fn(&Admit) -> Option<f64>| median(&all(pick));
    let bare = "two peers in one page, from asking for a camera";
    vec![
        Row::new("admit pressed → the patient's first decoded frame", median(&patient), "ms")
            .beside(bare, median(&direct))
            .note(format!(
                "{}; call page after {:.0}, connection begun {:.0}, connected {:.0} ms; looked at every {} ms",
                spread(&patient),
                step(|admit| admit.patient.page),
                step(|admit| admit.patient.peer),
                step(|admit| admit.patient.connected),
                found.look_every_ms
            )),
        Row::new("admit pressed → the physician's first decoded frame", median(&physician), "ms")
            .beside(bare, median(&direct))
            .note(format!(
                "{}; connection begun {:.0}, connected {:.0} ms",
                spread(&physician),
                step(|admit| admit.physician.peer),
                step(|admit| admit.physician.connected)
            )),
        Row::new("connection begun → the patient's first frame", median(&all(|admit| Some(admit.patient.frame? - admit.patient.peer?))), "ms")
            .beside("two peers in one page, from having a camera", median(&line)),
    ]
}

/// The heaviest page, and the next two.
fn weight(pages: &[Page]) -> Vec<Row> {
    let mut seen: Vec<&Page> = Vec::new();
    for page in pages {
        match seen
            .iter_mut()
            .find(|own| place(&own.path) == place(&page.path))
        {
            Some(own) if own.bytes < page.bytes => *own = page,
            Some(_) => {}
            None => seen.push(page),
        }
    }
    seen.sort_by_key(|page| std::cmp::Reverse(page.bytes));
    let kilobytes = |bytes: u32| f64::from(bytes) / 1000.0;
    let named = ["heaviest", "second", "third"];
    let count = seen.len();
    named
        .iter()
        .zip(seen)
        .map(|(name, page)| {
            Row::new(format!("patient page, {name} of {count}: {}", place(&page.path)), kilobytes(page.bytes), "kB")
                .note(format!(
                    "{} requests, headers and bodies as sent, nothing kept from before; with the files kept: {:.1} kB",
                    page.files,
                    kilobytes(page.document)
                ))
        })
        .collect()
}

/// A path without what is secret or particular in it.
fn place(path: &str) -> String {
    let parts: Vec<&str> = path
        .split('/')
        .map(|part| if part.len() >= 16 { "…" } else { part })
        .collect();
    parts.join("/")
}
