//! The physician's offer: transport only, until the admit act has granted the seat.

use super::{Asking, Case};
use crate::{At, Problem, StaffDesk, room};
use axum::{
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};
use care::{ConsultationId, Stage};
use jiff::SignedDuration;
use media::Role;

/// How long a running call holds the session open between two offers.
const HELD_OPEN: SignedDuration = SignedDuration::from_hours(2);

/// Answers an offer with the media server's own description; 410 once the visit is over.
pub(super) async fn signal(
    desk: StaffDesk,
    At(id): At<ConsultationId>,
    sdp: String,
) -> Result<Response, Problem> {
    let asking = Asking::of(&desk);
    let case = Case::own(&mut *desk.read().await?, id, &asking).await?;
    match case.booking.consultation.stage {
        Stage::Checks { .. } | Stage::Live { .. } => {}
        _ => return Ok(StatusCode::GONE.into_response()),
    }
    room::restore(desk.app(), desk.tenant, id, desk.now).await?;
    desk.keep_live(desk.now.saturating_add(HELD_OPEN).unwrap_or(desk.now));
    let seat = room::seat(id, room::PHYSICIAN, Role::Physician, desk.device);
    let answer = room::answer(desk.app(), seat, sdp).await?;
    Ok(([(header::CONTENT_TYPE, "application/sdp")], answer).into_response())
}
