//! `/today/paper`: the list for the time without the system, to be printed before it is needed.

use crate::{
    Problem, StaffDesk, patients,
    shell::{Section, StaffShell},
    words::Words,
};
use access::Role;
use askama::Template;
use axum::response::Response;
use store::paper::PaperVisit;

#[derive(Template)]
#[template(path = "today/paper.html")]
struct Page {
    shell: StaffShell,
    w: Words,
    /// Diagnoses, treatment and warnings are for physicians and nurses.
    clinical: bool,
    made: String,
    clinic: String,
    rows: Vec<Row>,
}

struct Row {
    at: String,
    birth: String,
    class: String,
    visit: PaperVisit,
}

pub(super) async fn show(desk: StaffDesk) -> Result<Response, Problem> {
    let visits = desk.read().await?.paper(desk.now).await?;
    let mut shown: Vec<_> = visits.iter().map(|visit| visit.patient).collect();
    shown.sort_unstable();
    shown.dedup();
    patients::opened(&desk, "paper", shown).await?;
    let w = desk.w;
    let institution = desk.app().institution(desk.tenant, desk.now).await;
    desk.page(&Page {
        shell: desk.shell("today-paper-title", Section::Today).await?,
        w,
        clinical: desk.has(Role::Physician) || desk.has(Role::Nurse),
        made: w.day_time(desk.now),
        clinic: institution
            .map(|own| format!("{} {}", own.name, own.phone))
            .unwrap_or_default(),
        rows: visits
            .into_iter()
            .map(|visit| Row {
                at: w.day_time(visit.at),
                birth: w.date(visit.birth),
                class: format!("bookings-class-{}", visit.class.as_str()),
                visit,
            })
            .collect(),
    })
}
