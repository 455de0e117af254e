//! The order pane (処方) of a visit: current medicines on top, the lines with what matters visible, search, and the judgement
//! of everything before the signature.

mod act;
mod form;
mod pane;

pub(super) use pane::Orders;
pub(crate) use pane::{supply, taken};

use super::{Asking, Case, PHYSICIANS, background};
use crate::{
    Problem,
    route::{Route, Table},
    shelf::Shelf,
};
use care::{
    background::Known,
    identity,
    medicines::STATED,
    prescription::{self, Facts, Given, Line, Supplied},
    record::RESERVED_ACTS,
    suitability::EACH_TIME,
};
use store::{
    Conn, Tx,
    prescription::{Medicines, supplied},
};

/// The pane, and what the physician does on it; and the judgement on sources that a first visit's order rests on.
pub(super) fn routes() -> Table {
    Table::of([
        Route::get("/consultations/{id}/orders", PHYSICIANS, pane::show),
        Route::get("/consultations/{id}/orders/line", PHYSICIANS, form::line),
        Route::post("/consultations/{id}/orders/add", PHYSICIANS, act::add).reserved(RESERVED_ACTS),
        Route::post("/consultations/{id}/orders/copy", PHYSICIANS, act::copy)
            .reserved(RESERVED_ACTS),
        Route::post("/consultations/{id}/orders/remove", PHYSICIANS, act::remove)
            .reserved(RESERVED_ACTS),
        Route::post(
            "/consultations/{id}/orders/comment",
            PHYSICIANS,
            act::comment,
        )
        .reserved(RESERVED_ACTS),
        Route::post("/consultations/{id}/orders/told", PHYSICIANS, act::told)
            .reserved(RESERVED_ACTS),
        Route::post("/consultations/{id}/orders/review", PHYSICIANS, act::review)
            .reserved(RESERVED_ACTS),
        Route::post(
            "/consultations/{id}/background",
            PHYSICIANS,
            background::judge,
        )
        .reserved(EACH_TIME),
    ])
}

/// What an order is judged on besides its lines.
struct Judging {
    known: Option<Known>,
    given: Vec<Given>,
    earlier: Vec<Supplied>,
    diagnoses: Vec<String>,
    medicines: Medicines,
    reviewed: Option<jiff::Timestamp>,
}

impl Judging {
    async fn load(conn: &mut Conn, case: &Case) -> Result<Self, Problem> {
        let visit = &case.booking.consultation;
        let given = conn.given(visit.patient).await?;
        let medicines = conn.medicines(visit, case.dossier.today).await?;
        let plan = case.dossier.plan.in_force.as_ref();
        Ok(Self {
            known: case.dossier.background.known(case.dossier.today).ok(),
            earlier: supplied(&given),
            given,
            diagnoses: plan
                .map(|plan| plan.draft.online_care.diagnoses.as_slice())
                .unwrap_or_default()
                .iter()
                .map(|diagnosis| diagnosis.code.clone())
                .collect(),
            reviewed: conn
                .medicines_reviewed(visit.id, &medicines.version)
                .await?,
            medicines,
        })
    }

    fn facts<'a>(&'a self, case: &Case, lists: &'a Shelf) -> Facts<'a> {
        let visit = &case.booking.consultation;
        let own = (visit.class, self.known);
        let (class, known) = identity::limits(visit.id, &case.dossier.identity, own);
        Facts {
            consultation: visit.id,
            class,
            known,
            formulary: lists.formulary.as_ref(),
            high_safety: lists.high_safety.as_ref(),
            careful: lists.careful.as_ref(),
            earlier: &self.earlier,
            given: &self.given,
            diagnoses: &self.diagnoses,
            reviewed: self.reviewed.is_some(),
            today: case.dossier.today,
        }
    }
}

/// The draft of a visit: its lines and the comment.
async fn draft(conn: &mut Conn, case: &Case) -> Result<(Vec<Line>, String), Problem> {
    match conn.prescription(case.booking.consultation.id).await? {
        Some(draft) if draft.signed.is_none() => Ok((draft.lines, draft.comment)),
        Some(_) => Err(Problem::OutOfTurn),
        None => Ok((Vec::new(), String::new())),
    }
}

/// Signs the prescription with the note: every line is judged again, on the lists and the class as they stand now.
///
/// # Errors
///
/// The first line that is refused, or that current medicines were not checked in this visit.
pub(super) async fn signed(
    tx: &mut Tx,
    asking: &Asking,
    case: &Case,
    shelf: &Shelf,
) -> Result<(), Problem> {
    let (lines, comment) = draft(tx, case).await?;
    if !lines.is_empty() {
        care::rota::treats(case.booking.consultation.service)?;
    }
    if lines.is_empty() && comment.is_empty() {
        return Ok(());
    }
    shelf.stands(tx).await?;
    prescription::comment(&comment, shelf.formulary.as_ref())?;
    let judging = Judging::load(tx, case).await?;
    if let Some(facts) = &case.dossier.contraception {
        care::emergency_contraception::tablet(facts, &lines)?;
    }
    if let Some(facts) = &case.dossier.smoking {
        care::smoking::listed(facts, &lines)?;
    }
    let proof = prescription::prescribable(&judging.facts(case, shelf), &lines)?;
    let visit = &case.booking.consultation;
    tx.sign_prescription(&asking.by, asking.person, visit, (&proof, &shelf.editions))
        .await?;
    crate::contraception::ordered(tx, asking, case).await
}

/// The clause under which a patient's medicines are stated; named on the pane.
const STATED_CLAUSE: &str = STATED.id();
