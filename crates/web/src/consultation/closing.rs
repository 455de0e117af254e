//! The closing panel: what the server knows of the visit, what comes next, and what the patient will read.

use super::Case;
use crate::{Problem, Words};
use care::{plan, record::Soap};
use store::Conn;

/// The panel. No `Debug`: it is of a patient.
pub(super) struct Closing {
    /// What is signed with the note, name and words (cl-3.2-i-a).
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
        let next = super::sheet::next_booked(conn, visit).await?;
        let in_force = dossier.plan.in_force.as_ref();
        let day = in_force.and_then(|plan| plan::next_online(plan, dossier.today));
        let known = conn.derived(visit, dossier.today).await?;
        Ok(Self {
            derived: crate::derived::lines(w, &known),
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
