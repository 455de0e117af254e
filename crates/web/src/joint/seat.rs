//! How the attending physician takes part, and whether the physician is there: by the media server, or by name in one room.

use super::{Me, address, is_own, known, own, papers::ring};
use crate::{At, Errors, Form, Problem, StaffDesk, desk::go};
use axum::response::Response;
use care::{
    Consultation, Refusal, Remedy, Stage,
    attended::{BESIDE, Joint, JointId, Side, Way},
};
use store::{
    By, Conn, Tx,
    joint::{Source, Who},
};

/// With the room, everybody who was let in is there; from then on the media server says who stays.
pub(crate) async fn opened(tx: &mut Tx, by: &By, visit: &Consultation) -> Result<(), Problem> {
    let Some(joint) = tx.joint_of(visit).await? else {
        return Ok(());
    };
    let grants = tx.grants(visit.id).await?;
    let seat = crate::room::staff_seat(joint.attending);
    let beside = match joint.way {
        Way::SameRoom => joint.here.map(|_| Source::Named),
        Way::Device => grants
            .iter()
            .any(|grant| grant.seat == seat)
            .then_some(Source::Media),
    };
    if let Some(source) = beside {
        tx.keep_presence(by, visit.id, (Who::Attending, source), true)
            .await?;
    }
    for (who, role) in [(Who::Remote, "physician"), (Who::Patient, "patient")] {
        if grants.iter().any(|grant| grant.role == role) {
            tx.keep_presence(by, visit.id, (who, Source::Media), true)
                .await?;
        }
    }
    Ok(())
}

/// Own device, or the patient's room: said by the attending physician before the call, and confirmed by the patient.
pub(super) async fn way(
    desk: StaffDesk,
    At(id): At<JointId>,
    form: Form,
) -> Result<Response, Problem> {
    is_own(&desk, id, Side::Attending).await?;
    let way = Way::parse(form.text("way"))
        .ok_or_else(|| Problem::Wrong(Errors::one("way", "field-empty")))?;
    let me = Me::of(&desk);
    desk.write(move |tx| {
        Box::pin(async move {
            let joint = own(tx, id, &me, Side::Attending).await?;
            let visit = visit_of(tx, &joint).await?;
            if !visit.stage.is_before_live() || !tx.grants(visit.id).await?.is_empty() {
                return Err(Problem::OutOfTurn);
            }
            tx.keep_way(&me.by, &joint, way).await?;
            Ok(())
        })
    })
    .await?;
    ring(&desk, id).await?;
    Ok(go(&address(id)))
}

async fn visit_of(conn: &mut Conn, joint: &Joint) -> Result<Consultation, Problem> {
    let visit = joint.visit.ok_or(Problem::OutOfTurn)?;
    let booking = conn.consultation(visit).await?.ok_or(Problem::NotFound)?;
    Ok(booking.consultation)
}

/// In one room nobody measures: whoever goes says so, or the other physician does; back comes only the physician's own word.
pub(super) async fn presence(
    desk: StaffDesk,
    At(id): At<JointId>,
    form: Form,
) -> Result<Response, Problem> {
    let me = Me::of(&desk);
    let side = known(&mut *desk.read().await?, id)
        .await?
        .side(me.person)
        .ok_or(Problem::Denied)?;
    let there = match form.text("there") {
        "yes" => true,
        "no" => false,
        _ => return Err(Problem::Wrong(Errors::one("there", "field-empty"))),
    };
    if there && side == Side::Remote {
        return Err(Refusal::person(BESIDE, Remedy::TreatingPhysician)
            .because("attending_only")
            .into());
    }
    desk.write(move |tx| {
        Box::pin(async move {
            let joint = known(tx, id).await?;
            let visit = visit_of(tx, &joint).await?;
            let running = matches!(visit.stage, Stage::Checks { .. } | Stage::Live { .. });
            if !running || tx.grants(visit.id).await?.is_empty() {
                return Err(Problem::OutOfTurn);
            }
            // With an own device the picture says who is there; only in one room a word does.
            if there && joint.way == Way::Device {
                return Err(Problem::OutOfTurn);
            }
            tx.keep_presence(&me.by, visit.id, (Who::Attending, Source::Named), there)
                .await?;
            Ok(())
        })
    })
    .await?;
    ring(&desk, id).await?;
    Ok(go(&address(id)))
}
