//! `/me/readers`: who of the staff opened this patient's record, and on which day.

use super::opened;
use crate::{PatientDesk, Problem, shell::PatientShell, words::Words};
use askama::Template;
use axum::response::Response;

#[derive(Template)]
#[template(path = "visit/readers.html")]
struct Page {
    shell: PatientShell,
    w: Words,
    days: Vec<Day>,
    /// The first day that was looked at, where there were days before it.
    since: Option<String>,
}

struct Day {
    day: String,
    lines: Vec<Line>,
}

struct Line {
    role: String,
    name: String,
    /// The record itself, not only a list in which the name stands.
    record: bool,
}

/// Only of the patient who asks: whose session it is says whose record, nothing in the address does.
pub(super) async fn show(desk: PatientDesk) -> Result<Response, Problem> {
    let mut read = desk.read().await?;
    let readers = read.readers(desk.patient).await?;
    let mut days: Vec<Day> = Vec::new();
    for reader in readers.rows {
        let day = desk.w.date(reader.day);
        let key = format!("role-{}", reader.role);
        let line = Line {
            role: if desk.w.has(&key) {
                desk.w.say(key).into_owned()
            } else {
                desk.w.say("visit-readers-staff").into_owned()
            },
            name: read.name_of(reader.person).await?.unwrap_or_default(),
            record: reader.record,
        };
        match days.last_mut() {
            Some(newest) if newest.day == day => newest.lines.push(line),
            _ => days.push(Day {
                day,
                lines: vec![line],
            }),
        }
    }
    drop(read);
    opened(&desk, "readers").await?;
    desk.page(&Page {
        shell: desk.shell("visit-readers-title").await?,
        w: desk.w,
        days,
        since: readers.since.map(|day| desk.w.date(day)),
    })
}
