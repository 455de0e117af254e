//! What the plan gives the patient for this day: arrangements of time, what to have ready, and where one is seen in person.

use super::{
    body::{Nearby, nearby},
    explain::written,
    step::Case,
};
use crate::{PatientDesk, Problem, words::Words};
use care::{
    plan::{Draft, Item},
    referral::{self, Backup},
};
use store::{Conn, dossier::Viewpoint};

/// Where the patient is seen in person at once, if it has to be (cl-2.1-ii).
pub(super) enum Place {
    /// This institution: its contact stands on every page.
    Own,
    /// A partner of the register.
    Partner(Nearby),
    /// What a physician has arranged, in words.
    Arranged(String),
}

/// What stands with the booking before and in the waiting room. No `Debug`: it is the patient's own plan.
#[derive(Default)]
pub(super) struct Given {
    /// Item 3: by appointment or not, length, lateness and cancelling, contact outside hours (cl-1.3-i-c).
    pub(super) hours: Vec<String>,
    /// Item 6: what this patient is to have ready (cl-1.3-i-f).
    pub(super) prepare: Vec<String>,
    /// The in-person place of this visit, as far as it is known.
    pub(super) place: Option<Place>,
}

impl Given {
    /// Whether the page shows anything of the patient's own plan.
    pub(super) fn is_of_plan(&self) -> bool {
        !self.hours.is_empty() || !self.prepare.is_empty()
    }
}

/// The draft that counts: the plan in force, or the one the patient has read where none is signed yet.
pub(super) async fn draft(conn: &mut Conn, case: &Case) -> Result<Option<Draft>, Problem> {
    let in_force = conn
        .plan_in_force(case.booking.consultation.patient)
        .await?;
    Ok(in_force.map(|plan| plan.draft).or_else(|| {
        case.plan
            .as_ref()
            .filter(|plan| plan.version.read.is_some())
            .map(|plan| plan.version.plan.draft.clone())
    }))
}

/// Loads all of it for the visit of the caller.
pub(super) async fn load(desk: &PatientDesk, case: &Case) -> Result<Given, Problem> {
    let mut read = desk.read().await?;
    let draft = draft(&mut read, case).await?;
    let place = place(&mut read, desk, case).await?;
    drop(read);
    let given = Given {
        hours: draft
            .as_ref()
            .map(|draft| hours(draft, desk.w))
            .unwrap_or_default(),
        prepare: draft
            .map(|draft| draft.cooperation.prepare)
            .unwrap_or_default(),
        place,
    };
    if given.is_of_plan() {
        super::opened(desk, "plan").await?;
    }
    Ok(given)
}

/// Item 3 in lines; nothing where nobody has settled a mode.
fn hours(draft: &Draft, w: Words) -> Vec<String> {
    if draft.hours.mode.is_none() {
        return Vec::new();
    }
    written(draft, Item::Hours, w)
        .lines()
        .map(ToOwned::to_owned)
        .collect()
}

/// The place decided at admission, or what would be decided now.
pub(super) async fn place(
    conn: &mut Conn,
    desk: &PatientDesk,
    case: &Case,
) -> Result<Option<Place>, Problem> {
    let visit = &case.booking.consultation;
    let view = Viewpoint {
        device: desk.device,
        network: String::new(),
        now: desk.now,
    };
    let dossier = Box::pin(conn.dossier(&case.booking, &view)).await?;
    let backup = match conn.backup_of(visit.id).await? {
        Some(decided) => Some(decided),
        None => referral::backed_up(visit.id, &dossier.referral, dossier.today)
            .ok()
            .map(|found| found.backup),
    };
    Ok(match backup {
        None => None,
        Some(Backup::Own) => Some(Place::Own),
        Some(Backup::Partner { partner, .. }) => dossier
            .referral
            .partners
            .into_iter()
            .find(|known| known.id == partner)
            .map(|partner| Place::Partner(nearby(partner))),
        Some(Backup::Arranged { .. }) => dossier
            .referral
            .arrangement
            .map(|(with, _)| Place::Arranged(with)),
    })
}
