//! `/visit/hold`: the place or a promise holds the visit in its checks, and this is how it goes on.

use super::{callback::Callback, load, step::Step};
use crate::{PatientDesk, Problem, desk::go, shell::PatientShell, words::Words};
use askama::Template;
use axum::response::Response;
use care::statement::PlaceKind;

/// Why the visit is held.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Why {
    Moving,
    Unfit,
    Heard,
    Company,
    Recording,
}

#[derive(Template)]
#[template(path = "visit/hold.html")]
struct Page {
    shell: PatientShell,
    w: Words,
    why: Why,
    callback: Callback,
}

impl Page {
    fn key(&self, part: &str) -> String {
        let why = match self.why {
            Why::Moving => "moving",
            Why::Unfit => "unfit",
            Why::Heard => "heard",
            Why::Company => "company",
            Why::Recording => "recording",
        };
        format!("visit-hold-{why}-{part}")
    }
}

pub(super) async fn show(desk: PatientDesk) -> Result<Response, Problem> {
    let case = load(&desk).await?;
    let Some(page) = case.today.as_ref().filter(|_| case.next() == Step::Hold) else {
        return Ok(go("/visit"));
    };
    let lines = &page.lines;
    let why = match lines.place {
        PlaceKind::Driving | PlaceKind::Outdoors => Why::Moving,
        _ if !lines.clean || !lines.safe => Why::Unfit,
        _ if !lines.private => Why::Heard,
        _ if !lines.companions.is_empty() && !lines.companions_agree => Why::Company,
        _ => Why::Recording,
    };
    let callback = Callback::load(&mut *desk.read().await?, desk.consultation, desk.w).await?;
    desk.page(&Page {
        shell: desk.shell("visit-hold-title").await?,
        w: desk.w,
        why,
        callback,
    })
}
