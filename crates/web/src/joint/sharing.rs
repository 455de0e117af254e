//! How the two share responsibility: written and signed by one, signed by the other; and who answers for this care.

use super::{Me, address, known, papers::ring};
use crate::{At, Form, Problem, StaffDesk, desk::go};
use axum::response::Response;
use care::attended::{self, Joint, JointId, Side, Terms, WORDS_CHARS_MAX};
use jiff::civil::Date;
use store::{Conn, Fault, dossier::legal_day};

/// The side of whoever presses: one of the two, or nobody here.
async fn mine(conn: &mut Conn, id: JointId, me: &Me) -> Result<(Joint, Side), Problem> {
    let joint = known(conn, id).await?;
    let side = joint.side(me.person).ok_or(Problem::Denied)?;
    Ok((joint, side))
}

/// Writes an agreement and signs it; the other side signs after it.
pub(super) async fn write(
    desk: StaffDesk,
    At(id): At<JointId>,
    form: Form,
) -> Result<Response, Problem> {
    let me = Me::of(&desk);
    mine(&mut *desk.read().await?, id, &me).await?;
    let mut reading = form.reading();
    let mut part = |name| reading.maybe(name, WORDS_CHARS_MAX).unwrap_or_default();
    let (cases, line_failure, decides, explains, insurance) = (
        part("cases"),
        part("line_failure"),
        part("decides"),
        part("explains"),
        part("insurance"),
    );
    let responsible = Side::parse(form.text("responsible"));
    if responsible.is_none() {
        reading.wrong("responsible", "field-empty");
    }
    let from: Option<Date> = reading.parse("from");
    let until: Option<Date> = reading.parse("until");
    reading.done()?;
    let (Some(responsible), Some(from), Some(until)) = (responsible, from, until) else {
        return Err(Problem::Malformed);
    };
    let terms = Terms {
        cases,
        line_failure,
        decides,
        explains,
        insurance,
        responsible,
        from,
        until,
    };
    attended::agreeable(&terms)?;
    desk.write(move |tx| {
        Box::pin(async move {
            let (joint, side) = mine(tx, id, &me).await?;
            tx.write_sharing(&me.by, (joint.attending, joint.remote), &terms, side)
                .await?;
            Ok(())
        })
    })
    .await?;
    Ok(go(&address(id)))
}

/// Signs the newest agreement of these two for the own side.
pub(super) async fn sign(
    desk: StaffDesk,
    At(id): At<JointId>,
    form: Form,
) -> Result<Response, Problem> {
    let me = Me::of(&desk);
    mine(&mut *desk.read().await?, id, &me).await?;
    let mut reading = form.reading();
    let shown: Option<attended::SharingId> = reading.parse("agreement");
    reading.done()?;
    desk.write(move |tx| {
        Box::pin(async move {
            let (joint, side) = mine(tx, id, &me).await?;
            let known = tx.sharings(joint.attending, joint.remote).await?;
            // What was read is what is signed.
            let sharing = known
                .iter()
                .find(|one| Some(one.id) == shown)
                .ok_or(Problem::NotFound)?;
            match tx.sign_sharing(&me.by, sharing.id, side).await {
                Err(Fault::Conflict) => Err(Problem::OutOfTurn),
                done => Ok(done?),
            }
        })
    })
    .await?;
    Ok(go(&address(id)))
}

/// Names who answers for the care: the attending physician, or whom the agreement in force names (cl-2.4-ii-a).
pub(super) async fn responsible(
    desk: StaffDesk,
    At(id): At<JointId>,
    form: Form,
) -> Result<Response, Problem> {
    let me = Me::of(&desk);
    mine(&mut *desk.read().await?, id, &me).await?;
    let side = Side::parse(form.text("responsible"));
    desk.write(move |tx| {
        Box::pin(async move {
            let (joint, _) = mine(tx, id, &me).await?;
            if let Some(visit) = joint.visit {
                let booking = tx.consultation(visit).await?.ok_or(Problem::NotFound)?;
                // The patient is told before the start; during the visit nobody hands it on.
                if !booking.consultation.stage.is_before_live()
                    || !tx.grants(visit).await?.is_empty()
                {
                    return Err(Problem::OutOfTurn);
                }
            }
            let sharings = tx.sharings(joint.attending, joint.remote).await?;
            let named = attended::responsible_for(&joint, side, &sharings, legal_day(me.now))?;
            tx.keep_responsible(&me.by, &joint, named).await?;
            Ok(())
        })
    })
    .await?;
    ring(&desk, id).await?;
    Ok(go(&address(id)))
}
