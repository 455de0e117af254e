//! Admit → first decoded frame, and the weight of the patient's pages, from real browsers.
use std::fmt::Write as _;

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
    told: Option<f64>,
    connected: Option<f64>,
    packet: Option<f64>,
    frame: Option<f64>,
    shown: Option<f64>,
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
    let bare = "two peers in one page, from asking for a camera";
    let line_only = "two peers in one page, from having a camera";
    let steps = |of: fn(&Admit) -> &After| {
        let all = |pick: fn(&After) -> Option<f64>| -> Vec<f64> {
            found.admit.iter().filter_map(|a| pick(of(a))).collect()
        };
        let steps: [(&str, fn(&After) -> Option<f64>); 3] = [
            ("connected", |after| after.connected),
            ("told", |after| after.told),
            ("first packet", |after| after.packet),
        ];
        let mut told = String::new();
        for (name, pick) in steps {
            let found = all(pick);
            if !found.is_empty() {
                let (ms, times) = (median(&found), found.len());
                // Writing to a String cannot fail.
                let _ = write!(told, "; {name} after {ms:.0} ({times} times)");
            }
        }
        told
    };
    let mut rows = Vec::new();
    for (whose, of) in [
        ("patient", (|admit| &admit.patient) as fn(&Admit) -> &After),
        ("physician", |admit| &admit.physician),
    ] {
        let frame: Vec<f64> = found.admit.iter().filter_map(|a| of(a).frame).collect();
        let shown: Vec<f64> = found.admit.iter().filter_map(|a| of(a).shown).collect();
        rows.push(
            Row::new(
                format!("admit pressed → the {whose}'s first decoded frame"),
                median(&frame),
                "ms",
            )
            .beside(bare, median(&direct))
            .note(format!(
                "{}{}; looked at every {} ms",
                spread(&frame),
                steps(of),
                found.look_every_ms
            )),
        );
        rows.push(
            Row::new(
                format!("admit pressed → the {whose} sees the picture"),
                median(&shown),
                "ms",
            )
            .beside(line_only, median(&line))
            .note(spread(&shown)),
        );
    }
    rows
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
