//! What the physician does on the order pane. Each way in is judged by the same rules, on the server's own class of the visit.

use super::{
    super::{Asking, Case},
    Judging, draft,
    form::line_of,
};
use crate::{At, Form, Problem, StaffDesk, desk::go, shelf::Shelf};
use axum::response::Response;
use care::{
    Consultation, ConsultationId, Missing, Refusal, emergency_contraception, gate, medicines,
    prescription::{self, LINES_MAX, Line},
    record,
};
use std::sync::Arc;
use store::{Tx, prescription::NewOrder};

/// Longest comment to the pharmacist, in characters.
const COMMENT_CHARS: usize = 200;
/// Longest list of medicines as told, in characters.
const TOLD_CHARS: usize = 500;

/// The pane's own address.
fn pane(id: ConsultationId) -> String {
    format!("/consultations/{id}/orders")
}

/// Orders are drafted until the note is signed.
fn open(visit: &Consultation) -> Result<(), Problem> {
    let open = visit.stage.is_unsigned();
    if open {
        Ok(())
    } else {
        Err(Problem::OutOfTurn)
    }
}

/// A visit of this physician whose orders are open.
async fn opened(tx: &mut Tx, id: ConsultationId, asking: &Asking) -> Result<Case, Problem> {
    let case = Case::treating(tx, id, asking).await?;
    record::reserved(asking.role, case.dossier.qualified)?;
    care::rota::treats(case.booking.consultation.service)?;
    open(&case.booking.consultation)?;
    // While somebody who has to be there is away, nothing is ordered (cl-2.4-i-a).
    gate::all_there(&case.dossier)?;
    Ok(case)
}

/// Judges lines that are added to a draft, and keeps all of them or none.
async fn added(
    tx: &mut Tx,
    asking: &Asking,
    case: &Case,
    (shelf, new): (&Shelf, Vec<Line>),
) -> Result<(), Problem> {
    shelf.stands(tx).await?;
    let (mut lines, comment) = draft(tx, case).await?;
    let first_new = lines.len();
    lines.extend(new);
    if lines.len() > LINES_MAX {
        return Err(Problem::Wrong(crate::Errors::one(
            "drug",
            "orders-too-many",
        )));
    }
    if let Some(facts) = &case.dossier.contraception {
        emergency_contraception::tablet(facts, &lines)
            .map_err(|refusal| by_name(refusal, shelf, case))?;
    }
    if let Some(facts) = &case.dossier.smoking {
        care::smoking::listed(facts, &lines).map_err(|refusal| by_name(refusal, shelf, case))?;
    }
    let judging = Judging::load(tx, case).await?;
    let refused = prescription::refusals(&judging.facts(case, shelf), &lines);
    // A line that was there before and may not stand any more says so in its own row.
    if let Some((_, refusal)) = refused.into_iter().find(|(at, _)| *at >= first_new) {
        return Err(by_name(refusal, shelf, case).into());
    }
    kept(tx, asking, case, (shelf, &lines, &comment)).await
}

/// Keeps the draft with the editions it was judged by.
async fn kept(
    tx: &mut Tx,
    asking: &Asking,
    case: &Case,
    (shelf, lines, comment): (&Shelf, &[Line], &str),
) -> Result<(), Problem> {
    let order = NewOrder {
        lines,
        comment,
        editions: &shelf.editions,
    };
    tx.keep_order(&asking.by, &case.booking.consultation, &order)
        .await?;
    Ok(())
}

/// A refusal that names its drug as people do.
fn by_name(mut refusal: Refusal, shelf: &Shelf, case: &Case) -> Refusal {
    for item in &mut refusal.items {
        let drug = item.as_str().parse().ok();
        if let Some(drug) = drug.and_then(|code| shelf.drug(code, case.dossier.today)) {
            *item = Missing::Named(drug.name.clone());
        }
    }
    refusal
}

/// One line more.
pub(in super::super) async fn add(
    desk: StaffDesk,
    At(id): At<ConsultationId>,
    form: Form,
) -> Result<Response, Problem> {
    let line = line_of(&form)?;
    let (shelf, asking) = (desk.app().lists().await?, Asking::of(&desk));
    desk.write(move |tx| {
        Box::pin(async move {
            let case = opened(tx, id, &asking).await?;
            if case.dossier.contraception.is_some() {
                crate::contraception::dispensed_outside(&form)?;
            }
            added(tx, &asking, &case, (&shelf, vec![line])).await
        })
    })
    .await?;
    Ok(go(&pane(id)))
}

/// 前回と同じ: the lines of the last prescription, judged anew.
pub(in super::super) async fn copy(
    desk: StaffDesk,
    At(id): At<ConsultationId>,
    _form: Form,
) -> Result<Response, Problem> {
    let (shelf, asking): (Arc<Shelf>, _) = (desk.app().lists().await?, Asking::of(&desk));
    desk.write(move |tx| {
        Box::pin(async move {
            let case = opened(tx, id, &asking).await?;
            let last = tx
                .prescriptions_of(case.booking.consultation.patient)
                .await?
                .into_iter()
                .next()
                .ok_or(Problem::OutOfTurn)?;
            // Reasons and blocks were of that day: what stands unchanged is carried over by the judgement itself.
            let lines = last
                .ordered
                .into_iter()
                .map(|ordered| Line {
                    reason: None,
                    extension: None,
                    risk: None,
                    ..ordered.line
                })
                .collect();
            added(tx, &asking, &case, (&shelf, lines)).await
        })
    })
    .await?;
    Ok(go(&pane(id)))
}

/// One line less.
pub(in super::super) async fn remove(
    desk: StaffDesk,
    At(id): At<ConsultationId>,
    form: Form,
) -> Result<Response, Problem> {
    let mut reading = form.reading();
    let at: Option<usize> = reading.parse("at");
    reading.done()?;
    let drug = form.text("drug").to_owned();
    let (shelf, asking) = (desk.app().lists().await?, Asking::of(&desk));
    desk.write(move |tx| {
        Box::pin(async move {
            let case = opened(tx, id, &asking).await?;
            let (mut lines, comment) = draft(tx, &case).await?;
            let at = at.ok_or(Problem::OutOfTurn)?;
            // A row that moved since the page was drawn is not taken for another.
            if lines.get(at).map(|line| line.drug.to_string()) != Some(drug) {
                return Err(Problem::OutOfTurn);
            }
            lines.remove(at);
            kept(tx, &asking, &case, (&shelf, &lines, &comment)).await
        })
    })
    .await?;
    Ok(go(&pane(id)))
}

/// The comment to the pharmacist (備考).
pub(in super::super) async fn comment(
    desk: StaffDesk,
    At(id): At<ConsultationId>,
    form: Form,
) -> Result<Response, Problem> {
    let mut reading = form.reading();
    let text = reading.maybe("comment", COMMENT_CHARS).unwrap_or_default();
    reading.done()?;
    let (shelf, asking) = (desk.app().lists().await?, Asking::of(&desk));
    prescription::comment(&text, shelf.formulary.as_ref())?;
    desk.write(move |tx| {
        Box::pin(async move {
            let case = opened(tx, id, &asking).await?;
            let (lines, _) = draft(tx, &case).await?;
            kept(tx, &asking, &case, (&shelf, &lines, &text)).await
        })
    })
    .await?;
    Ok(go(&pane(id)))
}

/// What the patient told of medicines in the visit; entered as told, never as the patient's own statement (cl-1.5-ii-b).
pub(in super::super) async fn told(
    desk: StaffDesk,
    At(id): At<ConsultationId>,
    form: Form,
) -> Result<Response, Problem> {
    let mut reading = form.reading();
    let words = reading.need("words", TOLD_CHARS);
    reading.done()?;
    let asking = Asking::of(&desk);
    desk.write(move |tx| {
        Box::pin(async move {
            let case = opened(tx, id, &asking).await?;
            tx.keep_medicines_told(
                &asking.by,
                asking.person,
                &case.booking.consultation,
                &words,
            )
            .await?;
            Ok(())
        })
    })
    .await?;
    Ok(go(&pane(id)))
}

/// 患者と確かめた: of this visit, and of the list as it stands and was shown.
pub(in super::super) async fn review(
    desk: StaffDesk,
    At(id): At<ConsultationId>,
    form: Form,
) -> Result<Response, Problem> {
    let shown = form.text("version").to_owned();
    let asking = Asking::of(&desk);
    desk.write(move |tx| {
        Box::pin(async move {
            let case = opened(tx, id, &asking).await?;
            let visit = &case.booking.consultation;
            let list = tx.medicines(visit, case.dossier.today).await?;
            if list.version != shown {
                return Err(Problem::OutOfTurn);
            }
            let checkable = medicines::checkable(
                list.stated.as_ref().map(|(said, _)| said),
                list.told.as_ref().map(|(words, _)| words.as_str()),
            )?;
            tx.keep_medicines_review(&asking.by, asking.person, visit, (checkable, &list.version))
                .await?;
            Ok(())
        })
    })
    .await?;
    Ok(go(&pane(id)))
}
