//! In-person care is needed: where the patient goes, by which day, and how that was told (cl-1.1-iii-b).

use super::step::Case;
use crate::{PatientDesk, Problem};

/// A hand-over as the patient reads it. No `Debug`: it is about one patient.
pub(super) struct Going {
    pub(super) destination: String,
    pub(super) day: String,
    pub(super) told: String,
}

/// The hand-over of the caller's visit, if a physician has made one.
pub(super) async fn load(desk: &PatientDesk, case: &Case) -> Result<Option<Going>, Problem> {
    let form = desk
        .read()
        .await?
        .hand_over_of(&case.booking.consultation)
        .await?;
    let Some(form) = form else {
        return Ok(None);
    };
    super::opened(desk, "hand_over").await?;
    Ok(Some(Going {
        destination: crate::words::unbroken(&form.destination),
        day: desk.w.date(form.target),
        told: crate::words::unbroken(&form.told),
    }))
}
