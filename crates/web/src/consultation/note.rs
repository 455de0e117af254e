//! The note and the end of a visit: draft, "enough?", the signature that documents and closes.

use super::{Asking, Case, address, first};
use crate::{At, Form, Problem, StaffDesk, Words, desk::go, room};
use askama::Template;
use axum::response::Response;
use care::{
    Consultation, ConsultationId, Event, Stage, consultation, examination, gate, presence, record,
    record::Soap,
    suitability::{self, Phase, Verdict},
};
use store::Tx;

/// Longest part of a note, in characters.
const PART_CHARS: usize = 4_000;
/// Longest reason, in characters.
const REASON_CHARS: usize = 500;

fn soap(form: &Form) -> Result<Soap, Problem> {
    let mut reading = form.reading();
    let mut part = |name| reading.maybe(name, PART_CHARS).unwrap_or_default();
    let soap = Soap {
        subjective: part("subjective"),
        objective: part("objective"),
        assessment: part("assessment"),
        plan: part("plan"),
        explained: part("explained"),
    };
    reading.done()?;
    Ok(soap)
}

/// Keeps the draft. Anybody may draft; only a physician finalises.
pub(super) async fn draft(
    desk: StaffDesk,
    At(id): At<ConsultationId>,
    form: Form,
) -> Result<Response, Problem> {
    let soap = soap(&form)?;
    let asking = Asking::of(&desk);
    desk.write(move |tx| {
        Box::pin(async move {
            let case = Case::own(tx, id, &asking).await?;
            drafted(tx, &asking, &case, &soap).await
        })
    })
    .await?;
    Ok(go(&address(id)))
}

#[derive(Template)]
#[template(path = "consultation/saved.html")]
struct Saved {
    w: Words,
    address: String,
    nonce: String,
    draft_saved: String,
}

/// Keeps the draft while it is being written; answers with the time alone, so that the words stay where they are.
pub(super) async fn autosave(
    desk: StaffDesk,
    At(id): At<ConsultationId>,
    form: Form,
) -> Result<Response, Problem> {
    let soap = soap(&form)?;
    let asking = Asking::of(&desk);
    desk.write(move |tx| {
        Box::pin(async move {
            let case = Case::own(tx, id, &asking).await?;
            drafted(tx, &asking, &case, &soap).await
        })
    })
    .await?;
    desk.page(&Saved {
        w: desk.w,
        address: address(id),
        nonce: desk.nonce().to_owned(),
        draft_saved: super::show::clock(desk.now),
    })
}

async fn drafted(tx: &mut Tx, asking: &Asking, case: &Case, soap: &Soap) -> Result<(), Problem> {
    let visit = &case.booking.consultation;
    if !matches!(
        visit.stage,
        Stage::Checks { .. } | Stage::Live { .. } | Stage::Ended { .. }
    ) {
        return Err(Problem::OutOfTurn);
    }
    tx.keep_draft(&asking.by, asking.person, visit, (soap, ""))
        .await?;
    Ok(())
}

/// "足りる" or "足りない": the answer and the final judgement in one press, the note saved with it.
pub(super) async fn enough(
    desk: StaffDesk,
    At(id): At<ConsultationId>,
    form: Form,
) -> Result<Response, Problem> {
    let answer = match form.text("enough") {
        "yes" => Some(true),
        "no" => Some(false),
        _ => None,
    };
    let soap = soap(&form)?;
    let asking = Asking::of(&desk);
    let enough = desk
        .write(move |tx| {
            Box::pin(async move {
                let case = Case::own(tx, id, &asking).await?;
                let visit = &case.booking.consultation;
                if !matches!(visit.stage, Stage::Live { .. }) {
                    return Err(Problem::OutOfTurn);
                }
                drafted(tx, &asking, &case, &soap).await?;
                let measured = case.dossier.examination.measured;
                let enough = examination::answerable(answer, &measured)?;
                // "Not enough" is one of the two ways out of a poor stretch; only "enough" needs the other answer first.
                if enough && examination::prompt_due(&case.dossier.examination) {
                    return Err(care::Refusal::state(
                        examination::STOPPED,
                        care::Remedy::ContinueOrStop,
                    )
                    .into());
                }
                suitability::may_write(id, &case.dossier.judgements, Phase::Final)?;
                tx.keep_sufficiency(
                    &asking.by,
                    asking.person,
                    visit,
                    (enough, measured.patient_video_now),
                )
                .await?;
                let verdict = if enough { Verdict::Go } else { Verdict::NoGo };
                tx.keep_judgement(
                    &asking.by,
                    asking.person,
                    visit,
                    (Phase::Final, verdict, "enough"),
                )
                .await?;
                Ok(enough)
            })
        })
        .await?;
    Ok(go(&if enough {
        address(id)
    } else {
        format!("{}/stop", address(id))
    }))
}

/// "足りる、なぜなら…" after a minute of poor picture or sound.
pub(super) async fn carry_on(
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
            let running = matches!(
                case.booking.consultation.stage,
                Stage::Live { .. } | Stage::Ended { .. }
            );
            if !running || !examination::prompt_due(&case.dossier.examination) {
                return Err(Problem::OutOfTurn);
            }
            tx.keep_continuation(
                &asking.by,
                asking.person,
                &case.booking.consultation,
                &reason,
            )
            .await?;
            Ok(())
        })
    })
    .await?;
    Ok(go(&address(id)))
}

/// Ends the call; the note may follow.
pub(super) async fn end(
    desk: StaffDesk,
    At(id): At<ConsultationId>,
    _form: Form,
) -> Result<Response, Problem> {
    let asking = Asking::of(&desk);
    desk.write(move |tx| {
        Box::pin(async move {
            let case = Case::own(tx, id, &asking).await?;
            seen_in_the_call(&case)?;
            ended(tx, &asking, &case.booking.consultation).await?;
            Ok(())
        })
    })
    .await?;
    room::close(desk.app(), id).await;
    Ok(go(&address(id)))
}

/// Who is there and whether it was enough can be answered only while the two see each other: then comes the end.
///
/// Without these answers nothing can ever be signed, and the one way out is the hand-over, which ends the call as well.
fn seen_in_the_call(case: &Case) -> Result<(), Problem> {
    let (visit, dossier) = (&case.booking.consultation, &case.dossier);
    if !matches!(visit.stage, Stage::Live { .. }) {
        return Err(Problem::OutOfTurn);
    }
    let _alone = presence::checked(
        visit.id,
        dossier.opening_strip.as_ref(),
        dossier.patient_device,
    )?;
    if dossier.examination.sufficiency.is_none() {
        return Err(
            care::Refusal::state(examination::SUFFICIENT, care::Remedy::AnswerEnough).into(),
        );
    }
    Ok(())
}

async fn ended(
    tx: &mut Tx,
    asking: &Asking,
    visit: &Consultation,
) -> Result<Consultation, Problem> {
    let event = visit.end(tx.now())?;
    let after = tx.keep_event(&asking.by, visit, &event).await?;
    tx.end_call(&asking.by, asking.person, visit.id).await?;
    Ok(after)
}

/// "まとめて署名して終える": ends the call if it runs, finalises the note, documents and closes the visit.
pub(super) async fn close(
    desk: StaffDesk,
    At(id): At<ConsultationId>,
    form: Form,
) -> Result<Response, Problem> {
    let soap = form.has("subjective").then(|| soap(&form)).transpose()?;
    let asking = Asking::of(&desk);
    desk.write(move |tx| Box::pin(signed_and_closed(tx, id, asking, soap)))
        .await?;
    room::close(desk.app(), id).await;
    Ok(go(&address(id)))
}

async fn signed_and_closed(
    tx: &mut Tx,
    id: ConsultationId,
    asking: Asking,
    soap: Option<Soap>,
) -> Result<(), Problem> {
    let mut case = Case::own(tx, id, &asking).await?;
    record::reserved(asking.role, case.dossier.qualified)?;
    match case.booking.consultation.stage {
        Stage::Live { .. } | Stage::Ended { .. } => {
            if let Some(soap) = soap {
                drafted(tx, &asking, &case, &soap).await?;
                case = Case::own(tx, id, &asking).await?;
            }
            let mut visit = case.booking.consultation.clone();
            let signable = gate::sign(&case.dossier).map_err(first)?;
            if matches!(visit.stage, Stage::Live { .. }) {
                visit = ended(tx, &asking, &visit).await?;
            }
            let event = visit.document(&signable)?;
            tx.finalize_note(&asking.by, asking.person, &visit).await?;
            tx.keep_event(&asking.by, &visit, &event).await?;
        }
        Stage::Documented { .. } => return closed(tx, id, &asking).await,
        _ => return Err(Problem::OutOfTurn),
    }
    match closed(tx, id, &asking).await {
        // The note is signed and stays so; the visit waits for the explanation.
        Err(Problem::Refused(refusal)) if refusal.clause == consultation::EMERGENCY => Ok(()),
        done => done,
    }
}

/// Closes what is documented. After an emergency start the explanation comes first (cl-1.1-iv-d).
pub(super) async fn closed(
    tx: &mut Tx,
    id: ConsultationId,
    asking: &Asking,
) -> Result<(), Problem> {
    let case = Case::own(tx, id, asking).await?;
    let visit = &case.booking.consultation;
    let closable = gate::close(&case.dossier)?;
    let event: Event = visit.close(&closable)?;
    tx.keep_event(&asking.by, visit, &event).await?;
    Ok(())
}
