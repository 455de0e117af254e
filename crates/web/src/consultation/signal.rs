//! The physician's offer: transport only, until the admit act has granted the seat.

use super::{Asking, Case};
use crate::{At, Problem, StaffDesk, room};
use axum::{
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};
use care::{ConsultationId, Stage};
use media::Role;

/// Answers an offer with the media server's own description; 410 once the visit is over.
///
/// The page connects while the panel is read. That is no call: the screen is covered as ever.
pub(super) async fn signal(
    desk: StaffDesk,
    At(id): At<ConsultationId>,
    sdp: String,
) -> Result<Response, Problem> {
    let asking = Asking::of(&desk);
    let case = Case::own(&mut *desk.read().await?, id, &asking).await?;
    match case.booking.consultation.stage {
        stage if stage.is_before_live() => {}
        Stage::Live { .. } => {}
        _ => return Ok(StatusCode::GONE.into_response()),
    }
    room::restore(desk.app(), desk.tenant, id).await?;
    let seat = room::seat(id, room::PHYSICIAN, Role::Physician, desk.device);
    let answer = room::answer(desk.app(), seat, sdp).await?;
    Ok(([(header::CONTENT_TYPE, "application/sdp")], answer).into_response())
}
