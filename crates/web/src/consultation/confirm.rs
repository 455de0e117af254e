//! What the physician confirms in the call: agreement and wish, identity, who is there and where.

use super::{Asking, Case, address};
use crate::{At, Form, Problem, StaffDesk, desk::go, room};
use axum::response::Response;
use care::{
    ConsultationId, Stage, agreement, explanation,
    identity::{self, Document, Method},
    record,
};
use store::Tx;

/// Most persons named as present with the patient.
const COMPANIONS_MAX: usize = 5;
/// Longest name of one of them, in characters.
const NAME_CHARS: usize = 100;

/// One press: explained, wish confirmed with the patient, agreement accepted, and each in the chart.
pub(super) async fn agreement(
    desk: StaffDesk,
    At(id): At<ConsultationId>,
    _form: Form,
) -> Result<Response, Problem> {
    let asking = Asking::of(&desk);
    desk.write(move |tx| {
        Box::pin(async move {
            let case = Case::own(tx, id, &asking).await?;
            acceptable(tx, &case).await?;
            record::reserved(asking.role, case.dossier.qualified)?;
            let _read = explanation::acknowledged(&case.dossier.explanation)?;
            let _given = agreement::given(id, &case.dossier.agreement)?;
            tx.accept_agreement(&asking.by, asking.person, &case.booking.consultation)
                .await?;
            Ok(())
        })
    })
    .await?;
    Ok(go(&address(id)))
}

/// The photo document held beside the face, compared live. Its number and image go nowhere.
pub(super) async fn identity(
    desk: StaffDesk,
    At(id): At<ConsultationId>,
    form: Form,
) -> Result<Response, Problem> {
    let mut reading = form.reading();
    let document = Document::parse(form.text("document"));
    if document.is_none() {
        reading.wrong("document", "field-empty");
    }
    // Not "matches": a field of that name would hide the function of the form, and htmx would stumble.
    let matches = match form.text("agrees") {
        "yes" => Some(true),
        "no" => Some(false),
        _ => {
            reading.wrong("agrees", "field-empty");
            None
        }
    };
    reading.done()?;
    let (Some(document), Some(matches)) = (document, matches) else {
        return Err(Problem::Malformed);
    };
    let asking = Asking::of(&desk);
    desk.write(move |tx| {
        Box::pin(async move {
            let case = Case::own(tx, id, &asking).await?;
            let visit = &case.booking.consultation;
            in_call(tx, &case).await?;
            let result = (Method::PhotoDocumentLive, document, matches);
            tx.keep_identity_check(&asking.by, asking.person, visit.patient, Some(id), result)
                .await?;
            Ok(())
        })
    })
    .await?;
    Ok(go(&address(id)))
}

/// The opening strip: asked aloud, looked, pressed once.
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
    let asking = Asking::of(&desk);
    desk.write(move |tx| {
        Box::pin(async move {
            let case = Case::own(tx, id, &asking).await?;
            in_call(tx, &case).await?;
            let device = case.dossier.patient_device.ok_or(Problem::OutOfTurn)?;
            let known = identity::known(&case.dossier.identity, asking.person)
                .ok()
                .map(|known| known.record);
            let seen = (device, present.as_slice(), known);
            tx.keep_opening_strip(&asking.by, asking.person, &case.booking.consultation, seen)
                .await?;
            Ok(())
        })
    })
    .await?;
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
        Stage::Live { .. } => Err(Problem::OutOfTurn),
        _ => in_call(tx, case).await,
    }
}

/// Sight is needed: confirmations are made between admit and the end of the call.
async fn in_call(tx: &mut Tx, case: &Case) -> Result<(), Problem> {
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
