//! What a booking with a physician outside the plan leaves to do: the hand-over, which one of the plan writes (cl-1.2-viii-d).

use care::{
    Consultation,
    plan::{self, Plan},
    rota,
    task::{Kind, Opening},
};
use store::{By, Fault, Tx};

/// Asks for the hand-over where somebody stands in; where the plan's own physician does not, another hour was found.
pub(super) async fn asked(
    tx: &mut Tx,
    by: &By,
    visit: &Consultation,
    in_force: Option<&Plan>,
) -> Result<(), Fault> {
    if rota::stands_in(visit, in_force) {
        let opening = Opening {
            kind: Kind::HandOverNote,
            patient: visit.patient,
            visit: Some(visit.id),
            about: None,
            words: String::new(),
            due: visit.booked_for,
        };
        tx.open_task(by, &opening).await?;
    } else if in_force.is_some_and(|plan| plan::rota(plan, visit.physician) != plan::Rota::Outside)
    {
        tx.done_with(by, visit.patient, Kind::Rebook, |_| true)
            .await?;
    }
    Ok(())
}
