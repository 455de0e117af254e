//! The chart pane (cl-2.1-iv-a): plan in force, medicines, allergies and results beside the past notes, and what is due.

use super::Case;
use crate::{Problem, Words, plans};
use care::{
    patient::Profile,
    plan::{self, information::Standing},
};
use store::Conn;

/// What the chart holds of a patient. No `Debug`: it is of a patient.
pub(super) struct Pane {
    /// The nine items of the plan in force; none at a first visit.
    pub(super) plan: Option<Plan>,
    pub(super) allergies: Vec<String>,
    /// What the patient takes: the treatment of the plan, and today's own words.
    pub(super) medicines: Vec<String>,
}

pub(super) struct Plan {
    pub(super) title: String,
    pub(super) lines: Vec<plans::Line>,
}

/// One thing that is due: a visit in person, a test.
pub(super) struct Due {
    pub(super) words: String,
    pub(super) late: bool,
    /// Where the visit in person is booked ahead of time (cl-1.3-i-b).
    pub(super) book: Option<String>,
}

impl Pane {
    pub(super) async fn load(
        conn: &mut Conn,
        case: &Case,
        profile: &Profile,
        w: Words,
    ) -> Result<Self, Problem> {
        let partners = conn.partners().await?;
        let in_force = case.dossier.plan.in_force.as_ref();
        Ok(Self {
            plan: in_force.map(|plan| Plan {
                title: w.fill("pane-plan", "version", plan.version).into_owned(),
                lines: plans::lines(w, &plan.draft, &partners),
            }),
            allergies: profile.alerts.clone(),
            medicines: in_force
                .map(|plan| plan.draft.online_care.treatment.trim().to_owned())
                .filter(|treatment| !treatment.is_empty())
                .into_iter()
                .collect(),
        })
    }
}

/// What the plan asks for in the days ahead, the most pressing first.
pub(super) async fn due(conn: &mut Conn, case: &Case, w: Words) -> Result<Vec<Due>, Problem> {
    let dossier = &case.dossier;
    let Some(in_force) = dossier.plan.in_force.as_ref() else {
        return Ok(Vec::new());
    };
    let partners = conn.partners().await?;
    let mut asks = plan::review(in_force, &dossier.plan, &partners, dossier.today);
    // Late information is said before the visit; care goes on (cl-1.3-iv-a).
    if let Some(Standing::Overdue(day)) = conn.information(in_force, dossier.today).await? {
        asks.push(plan::Review::InformationOverdue(day));
        asks.sort();
    }
    Ok(asks
        .iter()
        .map(|one| {
            let said = plans::said(w, one);
            let day = match one {
                plan::Review::InPersonSoon(day) => Some(*day),
                plan::Review::InPersonOverdue => Some(dossier.today),
                plan::Review::AcuteEnded
                | plan::Review::InformationOverdue(_)
                | plan::Review::PhysicianMissing { .. }
                | plan::Review::AcuteEnding(_)
                | plan::Review::TestOverdue { .. }
                | plan::Review::TestSoon { .. } => None,
            };
            Due {
                words: said.words,
                late: said.late,
                book: day.map(|day| {
                    let patient = dossier.consultation.patient;
                    format!("/bookings/new?patient={patient}&date={day}")
                }),
            }
        })
        .collect())
}
