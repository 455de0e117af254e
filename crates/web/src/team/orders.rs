//! Acts of a nurse in the visit: ordered by the physician while live, entered as done by the nurse who attends.

use super::{back, own, seat::attends, treats};
use crate::{At, Form, Problem, StaffDesk, desk::go};
use axum::response::Response;
use care::{
    Consultation, ConsultationId, Stage,
    assistance::{self, Act, OrderId, Trigger, Unforeseen, WORDS_CHARS_MAX},
    attendance,
};
use jiff::Timestamp;
use store::{Fault, Tx, dossier::legal_day};

/// Reads the act that is asked for.
fn act(form: &Form) -> Result<Act, Problem> {
    Act::parse(form.text("act"))
        .ok_or_else(|| Problem::Wrong(crate::Errors::one("act", "field-empty")))
}

/// What an order rests on: the nurse whom the patient has agreed to, and the instruction.
async fn assisted(
    tx: &mut Tx,
    visit: &Consultation,
    now: Timestamp,
) -> Result<assistance::Facts, Problem> {
    let facts = tx.assistance(visit, now).await?.ok_or(Problem::OutOfTurn)?;
    let known = tx.attendants(visit).await?;
    let nurse = known.iter().find(|one| one.person == facts.nurse.person);
    attendance::agreed(nurse.ok_or(Problem::OutOfTurn)?, visit.id)?;
    Ok(facts)
}

/// Orders a foreseen act (cl-2.3-i-a).
pub(super) async fn order(
    desk: StaffDesk,
    At(id): At<ConsultationId>,
    form: Form,
) -> Result<Response, Problem> {
    treats(&desk, id).await?;
    let act = act(&form)?;
    let (by, me, role, now) = (desk.by(), desk.person, desk.acting, desk.now);
    desk.write(move |tx| {
        Box::pin(async move {
            let visit = own(tx, id, me, role).await?;
            let live = matches!(visit.stage, Stage::Live { .. });
            let facts = assisted(tx, &visit, now).await?;
            let held = assistance::in_force(&facts, legal_day(now))?;
            let ordered = assistance::order(held, act, live)?;
            tx.order_act(&by, me, &visit, ordered).await?;
            Ok(())
        })
    })
    .await?;
    desk.app().bell().ring(id);
    Ok(go(&back(&desk, id)))
}

/// Adds what was not foreseen to the instruction, signed while live, and with it the trigger that asks for it (cl-2.3-i-c).
pub(super) async fn revise(
    desk: StaffDesk,
    At(id): At<ConsultationId>,
    form: Form,
) -> Result<Response, Problem> {
    treats(&desk, id).await?;
    let mut reading = form.reading();
    let symptom = reading.need("symptom", WORDS_CHARS_MAX);
    let reason = reading.need("revision_reason", WORDS_CHARS_MAX);
    reading.done()?;
    let found = Unforeseen {
        symptom,
        act: act(&form)?,
        reason,
    };
    let (by, me, role, now) = (desk.by(), desk.person, desk.acting, desk.now);
    desk.write(move |tx| {
        Box::pin(async move {
            let visit = own(tx, id, me, role).await?;
            let live = matches!(visit.stage, Stage::Live { .. });
            let facts = assisted(tx, &visit, now).await?;
            let held = assistance::in_force(&facts, legal_day(now))?;
            let draft = assistance::revise(held, &found, live)?;
            tx.keep_instruction_event(
                &by,
                visit.patient,
                Some(Trigger::NewSymptom),
                &found.symptom,
            )
            .await?;
            tx.sign_instruction(&by, me, visit.patient, &draft, Some(id))
                .await?;
            Ok(())
        })
    })
    .await?;
    Ok(go(&back(&desk, id)))
}

/// The nurse enters an ordered act as done, with what came of it.
pub(super) async fn perform(
    desk: StaffDesk,
    At(id): At<ConsultationId>,
    form: Form,
) -> Result<Response, Problem> {
    let _there = attends(&mut *desk.read().await?, id, desk.person).await?;
    let mut reading = form.reading();
    let order: Option<OrderId> = reading.parse("order");
    let result = reading.maybe("result", WORDS_CHARS_MAX).unwrap_or_default();
    reading.done()?;
    let (by, me) = (desk.by(), desk.person);
    desk.write(move |tx| {
        Box::pin(async move {
            let (visit, own) = attends(tx, id, me).await?;
            attendance::agreed(&own, id)?;
            let orders = tx.nurse_orders(&visit).await?;
            let order = orders
                .iter()
                .find(|one| Some(one.id) == order)
                .ok_or(Problem::NotFound)?;
            assistance::perform(order, &result)?;
            match tx.perform_act(&by, me, &visit, order, &result).await {
                Err(Fault::Conflict) => Err(Problem::OutOfTurn),
                done => Ok(done?),
            }
        })
    })
    .await?;
    desk.app().bell().ring(id);
    Ok(go(&if desk.wants_block() {
        format!("/consultations/{id}/seat/acts")
    } else {
        format!("/consultations/{id}/seat")
    }))
}
