//! A change by another physician than the one who signed the plan is put to the patient first (cl-1.3-v).

use crate::{At, Errors, Problem, StaffDesk, desk::go, patients};
use axum::response::Response;
use care::{
    PatientId,
    plan::{PlanState, proposal},
    record,
};

/// 患者に聞く: whether it disadvantages the patient is said first; the differences stand on the patient's own page.
pub(super) async fn ask(
    desk: StaffDesk,
    At((id, version)): At<(PatientId, i64)>,
    form: crate::Form,
) -> Result<Response, Problem> {
    let mut read = desk.read().await?;
    let (role, qualified) = patients::qualification(&desk, &mut read).await?;
    drop(read);
    record::reserved(role, qualified)?;
    let harms = match form.text("harms") {
        "yes" => true,
        "no" => false,
        _ => return Err(Problem::Wrong(Errors::one("harms", "field-empty"))),
    };
    let (by, person) = (desk.by(), desk.person);
    desk.write(move |tx| {
        Box::pin(async move {
            let versions = tx.plans(id).await?;
            let chosen = super::show::find(&versions, version)?;
            let in_force = tx.plan_in_force(id).await?;
            let is_draft = matches!(chosen.plan.state, PlanState::Draft);
            if !is_draft || !proposal::asked(&chosen.plan, in_force.as_ref(), person) {
                return Err(Problem::OutOfTurn);
            }
            Ok(tx.propose(&by, (id, chosen.plan.id), harms).await?)
        })
    })
    .await?;
    Ok(go(&format!("/patients/{id}/plans/{version}")))
}
