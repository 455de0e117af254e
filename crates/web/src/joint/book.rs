//! A joint visit gets its hour: booked like any other, and the attending physician is asked for the seat beside the patient.

use super::{Me, address, known, list::is_offered};
use crate::{
    At, Form, Problem, StaffDesk,
    bookings::{
        invite::Letter,
        make::{Wanted, When, make},
        when,
    },
    desk::go,
};
use access::Role;
use axum::response::Response;
use care::{
    Refusal, Remedy, Stage,
    attendance::Part,
    attended::{self, BESIDE, Joint, JointId},
    proof, specialist,
};
use store::{Conn, Tx, dossier::legal_day};

/// What a joint service asks before its hour exists.
///
/// # Errors
///
/// Not offered, not opened, or what its own clauses ask beforehand is missing.
pub(crate) async fn bookable(tx: &mut Tx, wanted: &Wanted) -> Result<(), Problem> {
    if !wanted.service.is_joint() {
        return Ok(());
    }
    is_offered(tx, wanted.service).await?;
    let joint = waiting(tx, wanted).await?.ok_or_else(|| {
        Refusal::state(BESIDE, Remedy::NameAttendingPhysician).because("joint_not_opened")
    })?;
    let now = tx.now();
    let facts = tx.joint_facts(joint, now).await?;
    attended::paired(joint.attending, joint.remote, facts.is_physician)?;
    // The attending physician's own proof stands on that day, as the remote one's does (cl-2.5.1.1-vii).
    let day = legal_day(match wanted.when {
        When::Now => now,
        When::At(at) => at,
    });
    proof::bookable(&facts.proof, day)?;
    if let Some(facts) = &facts.specialist {
        specialist::needed(facts)?;
    }
    if let Some(facts) = &facts.surgery {
        care::surgery::bookable(facts, now)?;
    }
    Ok(())
}

/// The newest joint visit of these two for this patient that has no hour that stands.
async fn waiting(conn: &mut Conn, wanted: &Wanted) -> Result<Option<Joint>, Problem> {
    for joint in conn.joints().await? {
        let same = joint.patient == wanted.patient
            && joint.remote == wanted.physician
            && joint.service == wanted.service;
        if same && is_free(conn, &joint).await? {
            return Ok(Some(joint));
        }
    }
    Ok(None)
}

/// Whether a joint visit has no hour, or one that came to nothing.
pub(super) async fn is_free(conn: &mut Conn, joint: &Joint) -> Result<bool, Problem> {
    let Some(visit) = joint.visit else {
        return Ok(true);
    };
    let stage = conn
        .consultation(visit)
        .await?
        .map(|booking| booking.consultation.stage);
    Ok(match stage {
        None
        | Some(Stage::Declined | Stage::SwitchedInPerson | Stage::NotPerformed | Stage::Aborted) => {
            true
        }
        Some(
            Stage::Requested
            | Stage::Booked
            | Stage::Checks { .. }
            | Stage::Live { .. }
            | Stage::Ended { .. }
            | Stage::Documented { .. }
            | Stage::Closed { .. },
        ) => false,
    })
}

pub(super) async fn book(
    desk: StaffDesk,
    At(id): At<JointId>,
    form: Form,
) -> Result<Response, Problem> {
    known(&mut *desk.read().await?, id).await?;
    let mut reading = form.reading();
    let at = when(&form, &mut reading, desk.now);
    let new_condition = form.has("new_condition");
    reading.done()?;
    let at = at.ok_or(Problem::Malformed)?;
    let letter = Letter::new(&desk)?;
    let me = Me::of(&desk);
    let reason = desk.w.say("joint-attends-why").into_owned();
    desk.write(move |tx| {
        Box::pin(async move {
            let joint = known(tx, id).await?;
            if !is_free(tx, &joint).await? {
                return Err(Problem::OutOfTurn);
            }
            let wanted = Wanted {
                patient: joint.patient,
                physician: joint.remote,
                when: at,
                new_condition,
                route: None,
                service: joint.service,
                place: None,
            };
            let booking = make(tx, &me.by, letter, wanted).await?;
            let visit = &booking.consultation;
            tx.keep_joint_visit(&me.by, &joint, visit).await?;
            tx.ask_attendance(
                &me.by,
                me.person,
                visit,
                (joint.attending, Part::Attending, &reason),
            )
            .await?;
            Ok(())
        })
    })
    .await?;
    let place = if desk.has(Role::Physician) {
        address(id)
    } else {
        "/bookings".to_owned()
    };
    Ok(go(&place))
}
