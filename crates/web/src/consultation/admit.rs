//! The admit act and the start of care: one press on a routine follow-up, two at a first visit.

use super::{Asking, Case, address, first};
use crate::{At, Form, Problem, StaffDesk, desk::go, room};
use axum::response::Response;
use care::{
    ConsultationId, Dossier, Refusal, Remedy,
    first_visit::{self, Chosen},
    gate, place,
    plan::{self, OutsideReason},
    presence, recording,
    suitability::{self, Phase, Verdict},
};
use store::{Fault, Tx, call::SeatGrant};

/// Longest reason a physician writes here, in characters.
const REASON_CHARS: usize = 500;

/// "適する。呼び入れる": the provisional judgement, the grant of media, and care itself where nothing more is due.
pub(super) async fn admit(
    desk: StaffDesk,
    At(id): At<ConsultationId>,
    form: Form,
) -> Result<Response, Problem> {
    let asking = Asking::of(&desk);
    let seen = form.get("seen").map(str::to_owned);
    let grants = desk
        .write(move |tx| Box::pin(admitted(tx, id, asking, seen)))
        .await?;
    room::open(desk.app(), id, &grants).await?;
    Ok(go(&address(id)))
}

async fn admitted(
    tx: &mut Tx,
    id: ConsultationId,
    asking: Asking,
    seen: Option<String>,
) -> Result<Vec<SeatGrant>, Problem> {
    let case = Case::own(tx, id, &asking).await?;
    // Something new or worse was answered since the page was drawn: it is looked at first.
    if seen.is_some_and(|seen| seen != super::answers::mark(&case)) {
        return Err(Problem::OutOfTurn);
    }
    let visit = &case.booking.consultation;
    before_live(&case)?;
    // Why somebody outside the plan sees the patient is said before anything else is asked of it.
    case.seen_by()?;
    let admissible = gate::admit(&case.dossier).map_err(first)?;
    suitability::may_write(id, &case.dossier.judgements, Phase::Provisional)?;
    tx.keep_judgement(
        &asking.by,
        asking.person,
        visit,
        (Phase::Provisional, Verdict::Go, "admit"),
    )
    .await?;
    if let Some(backup) = &admissible.backup {
        tx.keep_backup(&asking.by, visit, backup).await?;
    }
    open_room(tx, &asking, &case).await?;
    let after = Case::own(tx, id, &asking).await?;
    if let Ok(ready) = gate::begin(&after.dossier) {
        begun(tx, &asking, &after, ready).await?;
    }
    Ok(tx.grants(id).await?)
}

/// Takes the physician's one seat, restates the own side for this visit, and grants media to both.
pub(super) async fn open_room(tx: &mut Tx, asking: &Asking, case: &Case) -> Result<(), Problem> {
    let visit = &case.booking.consultation;
    take_seat(tx, asking, visit.id).await?;
    tx.open_live_lock(asking.person, visit.id).await?;
    let object = visit.id.to_string();
    // An emergency passes over a room that nobody has stated: then nothing is restated, for it would not be true.
    let stated = restated(&case.dossier);
    for (clause, subject) in [
        (place::PHYSICIAN_ROOM, "place.confirmed"),
        (recording::NO_RECORDING, "recording_ban.accepted"),
    ] {
        if !stated {
            break;
        }
        tx.record(
            asking
                .by
                .under(clause, subject)
                .object("consultation", object.clone())
                .field("side", "physician"),
        )
        .await?;
    }
    let side = room::patient_side(tx, visit).await?.ok_or_else(|| {
        Refusal::state(care::statement::URGENT, Remedy::Arrive).because("not_arrived")
    })?;
    tx.grant_seat(
        &asking.by,
        asking.person,
        visit,
        (&room::patient_seat(side.proxy), "patient", side.device),
    )
    .await?;
    tx.grant_seat(
        &asking.by,
        asking.person,
        visit,
        (room::PHYSICIAN, "physician", asking.view.device),
    )
    .await?;
    crate::team::let_in_with(tx, &asking.by, asking.person, visit).await?;
    crate::joint::opened(tx, &asking.by, visit).await
}

/// Whether the work period of this room, device and hour stands.
fn restated(dossier: &Dossier) -> bool {
    let visit = &dossier.consultation;
    let period = dossier
        .work_period
        .as_ref()
        .filter(|period| period.person == visit.physician);
    let (device, network) = (dossier.physician_device, &dossier.physician_network);
    place::physician_placed(visit.id, period, device, network, dossier.now).is_ok()
}

/// One patient at a time: the seat is the lock, whoever comes second is told so (cl-1.6-iii).
async fn take_seat(tx: &mut Tx, asking: &Asking, id: ConsultationId) -> Result<(), Problem> {
    match tx.take_live_seat(asking.person, id).await {
        Ok(()) => Ok(()),
        Err(Fault::Conflict) => Err(Refusal::state(presence::ONE_PATIENT, Remedy::EndTheOther)
            .because("physician_busy")
            .into()),
        Err(fault) => Err(fault.into()),
    }
}

/// Turns proofs into care, with the plan version and the rule of item 8 that it stands on.
pub(super) async fn begun(
    tx: &mut Tx,
    asking: &Asking,
    case: &Case,
    ready: gate::Ready,
) -> Result<(), Problem> {
    let visit = &case.booking.consultation;
    let event = visit.begin(ready, tx.now())?;
    let in_force = case.dossier.plan.in_force.as_ref();
    let rota = case
        .seen_by()
        .unwrap_or_else(|_| crate::derived::UNSAID.to_owned());
    tx.keep_plan_of(visit.id, in_force.map(|plan| plan.id), &rota)
        .await?;
    tx.keep_event(&asking.by, visit, &event).await?;
    Ok(())
}

/// The patient came back from another browser: the physician looks, and lets that one in instead of the first.
///
/// The opening strip is due again before anything is signed (cl-2.5.1.1-x-b).
pub(super) async fn readmit(
    desk: StaffDesk,
    At(id): At<ConsultationId>,
    _form: Form,
) -> Result<Response, Problem> {
    let asking = Asking::of(&desk);
    let grants = desk
        .write(move |tx| {
            Box::pin(async move {
                let case = Case::own(tx, id, &asking).await?;
                let visit = &case.booking.consultation;
                if tx.grants(id).await?.is_empty() || visit.stage.is_over() {
                    return Err(Problem::OutOfTurn);
                }
                room::taken_back(tx, visit).await?;
                let side = room::patient_side(tx, visit)
                    .await?
                    .ok_or(Problem::OutOfTurn)?;
                tx.grant_seat(
                    &asking.by,
                    asking.person,
                    visit,
                    (&room::patient_seat(side.proxy), "patient", side.device),
                )
                .await?;
                Ok(tx.grants(id).await?)
            })
        })
        .await?;
    room::open(desk.app(), id, &grants).await?;
    Ok(go(&address(id)))
}

/// "診察を始める" after the confirmations of a first visit.
pub(super) async fn begin(
    desk: StaffDesk,
    At(id): At<ConsultationId>,
    _form: Form,
) -> Result<Response, Problem> {
    let asking = Asking::of(&desk);
    desk.write(move |tx| {
        Box::pin(async move {
            let case = Case::own(tx, id, &asking).await?;
            before_live(&case)?;
            let ready = gate::begin(&case.dossier).map_err(first)?;
            begun(tx, &asking, &case, ready).await
        })
    })
    .await?;
    Ok(go(&address(id)))
}

/// "判断を書いて続ける": the visit in person is overdue, and the physician says why online is right today.
pub(super) async fn rejudge(
    desk: StaffDesk,
    At(id): At<ConsultationId>,
    form: Form,
) -> Result<Response, Problem> {
    let mut reading = form.reading();
    let reason = reading.need("reason", REASON_CHARS);
    reading.done()?;
    let asking = Asking::of(&desk);
    desk.write(move |tx| {
        Box::pin(async move {
            let case = Case::own(tx, id, &asking).await?;
            before_live(&case)?;
            tx.keep_rejudged(&asking.by, &case.booking.consultation, &reason)
                .await?;
            Ok(())
        })
    })
    .await?;
    Ok(go(&address(id)))
}

/// Why a physician outside item 8 of the plan sees the patient today: one choice on the panel (cl-1.3-i-h).
pub(super) async fn stand_in(
    desk: StaffDesk,
    At(id): At<ConsultationId>,
    form: Form,
) -> Result<Response, Problem> {
    let reason = OutsideReason::parse(form.text("reason")).ok_or_else(|| {
        Refusal::content(plan::PHYSICIANS, Remedy::GiveReason).because("reason_required")
    })?;
    let mut reading = form.reading();
    let words = match reason {
        OutsideReason::Other => reading.need("words", REASON_CHARS),
        _ => String::new(),
    };
    reading.done()?;
    let asking = Asking::of(&desk);
    desk.write(move |tx| {
        Box::pin(async move {
            let case = Case::own(tx, id, &asking).await?;
            before_live(&case)?;
            tx.keep_outside_reason(
                &asking.by,
                &case.booking.consultation,
                (reason, words.as_str()),
            )
            .await?;
            Ok(())
        })
    })
    .await?;
    Ok(go(&address(id)))
}

/// On what grounds the regular physician gives a first visit, where no record in person says it (cl-1.2-iii-a).
pub(super) async fn route(
    desk: StaffDesk,
    At(id): At<ConsultationId>,
    form: Form,
) -> Result<Response, Problem> {
    let mut reading = form.reading();
    let basis = reading.need("basis", REASON_CHARS);
    reading.done()?;
    let asking = Asking::of(&desk);
    desk.write(move |tx| {
        Box::pin(async move {
            let case = Case::own(tx, id, &asking).await?;
            before_live(&case)?;
            let visit = &case.booking.consultation;
            let seen = !case.dossier.plan.in_person.is_empty();
            let route = first_visit::booked(visit.class, seen, Some(Chosen::Stated(basis)))?
                .ok_or(Problem::OutOfTurn)?;
            tx.keep_route(&asking.by, visit, &route).await?;
            Ok(())
        })
    })
    .await?;
    Ok(go(&address(id)))
}

/// What is settled before the start is not settled again after it: the button is stale.
pub(super) fn before_live(case: &Case) -> Result<(), Problem> {
    if case.booking.consultation.stage.is_before_live() {
        Ok(())
    } else {
        Err(Problem::OutOfTurn)
    }
}

/// A physician's arrangement for care in person where no partner is in reach: with whom, and who accepted.
pub(super) async fn arrange(
    desk: StaffDesk,
    At(id): At<ConsultationId>,
    form: Form,
) -> Result<Response, Problem> {
    let mut reading = form.reading();
    let arrangement = (
        reading.need("with", REASON_CHARS),
        reading.need("accepted_by", REASON_CHARS),
    );
    reading.done()?;
    let asking = Asking::of(&desk);
    desk.write(move |tx| {
        Box::pin(async move {
            let case = Case::own(tx, id, &asking).await?;
            before_live(&case)?;
            tx.keep_arrangement(&asking.by, &case.booking.consultation, &arrangement)
                .await?;
            Ok(())
        })
    })
    .await?;
    Ok(go(&address(id)))
}
