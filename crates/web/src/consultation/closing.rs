//! The closing panel: what the server knows of the visit, what comes next, and what the patient will read.

use super::Case;
use crate::{Problem, Words};
use care::{Stage, plan, record::Soap};
use store::Conn;

/// The panel. No `Debug`: it is of a patient.
pub(super) struct Closing {
    /// Place, persons, times, interruptions, quality, the plan's next step: name and words (cl-3.2-i-a).
    pub(super) derived: Vec<(&'static str, String)>,
    /// The next booking, where there is one.
    pub(super) next: Option<String>,
    /// Where the next one is booked, with the day that the plan's rhythm names.
    pub(super) book: String,
    /// What the patient reads after the signature.
    pub(super) told: String,
    pub(super) explained: String,
}

impl Closing {
    pub(super) async fn load(
        conn: &mut Conn,
        case: &Case,
        soap: &Soap,
        w: Words,
    ) -> Result<Self, Problem> {
        let dossier = &case.dossier;
        let visit = &case.booking.consultation;
        let next = conn
            .consultations_of(visit.patient)
            .await?
            .into_iter()
            .map(|booking| booking.consultation)
            .filter(|other| other.stage.is_before_live() && other.booked_for > visit.booked_for)
            .map(|other| other.booked_for)
            .min();
        let in_force = dossier.plan.in_force.as_ref();
        let day = in_force.and_then(|plan| plan::next_online(plan, dossier.today));
        let interrupted = conn.interruptions(visit.id).await?;
        Ok(Self {
            derived: derived(w, case, interrupted),
            next: next.map(|at| w.day_time(at)),
            book: match day {
                Some(day) => format!("/bookings/new?patient={}&date={day}", visit.patient),
                None => format!("/bookings/new?patient={}", visit.patient),
            },
            told: soap.plan.clone(),
            explained: soap.explained.clone(),
        })
    }
}

fn derived(w: Words, case: &Case, interrupted: i64) -> Vec<(&'static str, String)> {
    let dossier = &case.dossier;
    let measured = &dossier.examination.measured;
    let mut lines = vec![(
        "derived-place",
        match &dossier.statement {
            Some(page) => w
                .say(format!("place-{}", page.lines.place.as_str()))
                .into_owned(),
            None => w.say("statement-none").into_owned(),
        },
    )];
    lines.push((
        "derived-persons",
        match &dossier.opening_strip {
            Some(strip) if strip.present.is_empty() => w.say("statement-alone").into_owned(),
            Some(strip) => strip.present.join(w.say("list-comma").as_ref()),
            None => w.say("derived-not-checked").into_owned(),
        },
    ));
    let (since, until) = match dossier.consultation.stage {
        Stage::Live { since } => (Some(since), None),
        Stage::Ended { since, at }
        | Stage::Documented { since, at }
        | Stage::Closed { since, at } => (Some(since), Some(at)),
        _ => (None, None),
    };
    if let Some(since) = since {
        let until = until.map(|at| w.time(at)).unwrap_or_default();
        lines.push(("derived-times", format!("{}–{until}", w.day_time(since))));
    }
    lines.push((
        "derived-quality",
        w.fill("measured", "seconds", measured.two_way_seconds)
            .into_owned(),
    ));
    lines.push((
        "derived-interruptions",
        w.fill("derived-times-count", "count", interrupted)
            .into_owned(),
    ));
    if let Some(in_force) = dossier.plan.in_force.as_ref() {
        let step = match plan::due(in_force, &dossier.plan, dossier.today) {
            plan::Due::By(day) | plan::Due::Soon(day) if day < jiff::civil::Date::MAX => {
                w.fill("band-in-person-by", "day", w.date(day)).into_owned()
            }
            plan::Due::By(_) | plan::Due::Soon(_) => w.say("plans-due-by-visits").into_owned(),
            plan::Due::Overdue => w.say("band-in-person-overdue").into_owned(),
        };
        lines.push(("derived-next", step));
    }
    lines
}
