//! What the physician confirms in the call: agreement and wish, identity, who is there and where.

use super::{Asking, Case, address};
use crate::{At, Form, Problem, StaffDesk, desk::go, room};
use axum::response::Response;
use care::{
    ConsultationId, Stage, agreement, explanation, identity, place::Beside, presence, record,
};
use store::{Tx, judgement::StripPress};

/// Most persons named as present with the patient.
const COMPANIONS_MAX: usize = 5;
/// Longest name of one of them, in characters.
const NAME_CHARS: usize = 100;

/// Items of an explanation that can be left out of one press.
const ITEMS_MAX: usize = 10;

/// One press: explained, wish confirmed with the patient, agreement accepted, and each in the chart. Where an item was left
/// out, the others are marked and nothing is accepted yet (cl-1.1-iv).
pub(super) async fn agreement(
    desk: StaffDesk,
    At(id): At<ConsultationId>,
    form: Form,
) -> Result<Response, Problem> {
    let left: Vec<String> = form
        .all("left")
        .take(ITEMS_MAX)
        .map(|tag| tag.chars().take(NAME_CHARS).collect())
        .collect();
    let asking = Asking::of(&desk);
    desk.write(move |tx| {
        Box::pin(async move {
            let case = Case::own(tx, id, &asking).await?;
            acceptable(tx, &case).await?;
            record::reserved(asking.role, case.dossier.qualified)?;
            let _read = explanation::acknowledged(&case.dossier.explanation)?;
            let _given = agreement::given(id, &case.dossier.agreement)?;
            if !left.is_empty() {
                let visit = &case.booking.consultation;
                let _marked = tx
                    .mark_explained(&asking.by, asking.person, visit, &left)
                    .await?;
                return Ok(());
            }
            tx.accept_agreement(&asking.by, asking.person, &case.booking.consultation)
                .await?;
            Ok(())
        })
    })
    .await?;
    Ok(go(&address(id)))
}

/// 本人か疑わしい: the physician doubts who it is, and the check by document is due again (cl-1.4-i-a).
pub(super) async fn doubt(
    desk: StaffDesk,
    At(id): At<ConsultationId>,
    _form: Form,
) -> Result<Response, Problem> {
    let asking = Asking::of(&desk);
    desk.write(move |tx| {
        Box::pin(async move {
            let case = Case::own(tx, id, &asking).await?;
            let visit = &case.booking.consultation;
            if visit.stage.is_over() || matches!(visit.stage, Stage::Documented { .. }) {
                return Err(Problem::OutOfTurn);
            }
            tx.keep_doubt(&asking.by, visit).await?;
            Ok(())
        })
    })
    .await?;
    Ok(go(&address(id)))
}

/// The opening strip: asked aloud, looked, pressed once. Whoever is named beside the patient is no patient of that day.
pub(super) async fn strip(
    desk: StaffDesk,
    At(id): At<ConsultationId>,
    form: Form,
) -> Result<Response, Problem> {
    let present: Vec<String> = form
        .all("present")
        .map(str::trim)
        .filter(|name| !name.is_empty())
        .take(COMPANIONS_MAX)
        .map(|name| name.chars().take(NAME_CHARS).collect())
        .collect();
    let namesake = form.text("namesake") == "yes";
    let asked = form.text("asked") == "yes";
    let asking = Asking::of(&desk);
    desk.write(move |tx| {
        Box::pin(async move {
            let case = Case::own(tx, id, &asking).await?;
            in_call(tx, &case).await?;
            let visit = &case.booking.consultation;
            let of_day = tx.others_of_day(visit, case.dossier.today).await?;
            presence::companions(&present, &of_day, namesake)?;
            let stated = case.dossier.statement.as_ref();
            let stated = stated.map_or(&[] as &[String], |page| &page.lines.companions);
            presence::consented(&present, stated, asked)?;
            let device = case.dossier.patient_device.ok_or(Problem::OutOfTurn)?;
            let known = identity::known(&case.dossier.identity, asking.person)
                .ok()
                .map(|known| known.record);
            let press = StripPress {
                device,
                present,
                namesake,
                known,
            };
            tx.keep_opening_strip(&asking.by, asking.person, visit, &press)
                .await?;
            Ok(())
        })
    })
    .await?;
    Ok(go(&address(id)))
}

/// "新しい人がいる": somebody new was seen or heard, and the opening strip is due again (cl-2.5.1.1-x-b).
pub(super) async fn newcomer(
    desk: StaffDesk,
    At(id): At<ConsultationId>,
    _form: Form,
) -> Result<Response, Problem> {
    let asking = Asking::of(&desk);
    desk.write(move |tx| {
        Box::pin(async move {
            let case = Case::own(tx, id, &asking).await?;
            in_call(tx, &case).await?;
            tx.reopen_strip(&asking.by, asking.person, &case.booking.consultation)
                .await?;
            Ok(())
        })
    })
    .await?;
    Ok(go(&address(id)))
}

/// The answer to the patient's "somebody is beside you": looked, and said which of the two is true (cl-2.1-v).
pub(super) async fn beside(
    desk: StaffDesk,
    At(id): At<ConsultationId>,
    form: Form,
) -> Result<Response, Problem> {
    let answer = Beside::parse(form.text("answer"))
        .ok_or_else(|| Problem::Wrong(crate::Errors::one("answer", "field-empty")))?;
    let asking = Asking::of(&desk);
    desk.write(move |tx| {
        Box::pin(async move {
            let case = Case::own(tx, id, &asking).await?;
            if case.booking.consultation.stage.is_over() {
                return Err(Problem::OutOfTurn);
            }
            tx.answer_beside(&asking.by, asking.person, id, answer)
                .await?;
            Ok(())
        })
    })
    .await?;
    desk.app().bell().ring(id);
    Ok(go(&address(id)))
}

/// The agreement is accepted in the call before the start; after an emergency start it is what was passed over.
async fn acceptable(tx: &mut Tx, case: &Case) -> Result<(), Problem> {
    let visit = &case.booking.consultation;
    match visit.stage {
        Stage::Live { .. } | Stage::Ended { .. } | Stage::Documented { .. }
            if visit.emergency.is_some() =>
        {
            Ok(())
        }
        // Closed with the reason why not yet: the next attempt succeeded.
        Stage::Closed { .. }
            if visit
                .emergency
                .as_ref()
                .is_some_and(|start| start.still_impossible.is_some()) =>
        {
            Ok(())
        }
        Stage::Live { .. } => Err(Problem::OutOfTurn),
        _ => in_call(tx, case).await,
    }
}

/// Sight is needed: confirmations are made between admit and the end of the call.
pub(super) async fn in_call(tx: &mut Tx, case: &Case) -> Result<(), Problem> {
    let admitted = tx
        .grants(case.booking.consultation.id)
        .await?
        .iter()
        .any(|grant| grant.seat == room::PHYSICIAN);
    match case.booking.consultation.stage {
        Stage::Checks { .. } | Stage::Live { .. } if admitted => Ok(()),
        _ => Err(Problem::OutOfTurn),
    }
}
