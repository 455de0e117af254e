//! A visit with more than two people: who attends, what a nurse is asked to do, and the nurse's own seat in the call.

mod attendants;
mod instruction;
mod orders;
mod patient;
mod seat;
mod station;

use crate::{
    Problem, StaffDesk,
    route::{Route, Table},
};
use access::{Role, policy::Audience};
use care::{
    Consultation, ConsultationId,
    assistance::{FORESEEN, REVIEWED, REVISED},
    attendance::ASKED_EACH_TIME,
    suitability,
};
use store::Conn;

pub(crate) use attendants::let_in_with;
pub(crate) use patient::{LetIn, let_in};

const PHYSICIANS: Audience = Audience::Roles(&[Role::Physician]);
const NURSES: Audience = Audience::Roles(&[Role::Nurse]);
const CLINICAL: Audience = Audience::Roles(&[Role::Physician, Role::Nurse]);

pub(crate) fn routes() -> Table {
    Table::of([
        Route::get("/patients/{id}/instructions", CLINICAL, instruction::show),
        Route::post("/patients/{id}/instructions", PHYSICIANS, instruction::sign)
            .reserved(FORESEEN),
        Route::post(
            "/patients/{id}/instructions/review",
            PHYSICIANS,
            instruction::review,
        )
        .reserved(REVIEWED),
        Route::post(
            "/patients/{id}/instructions/event",
            CLINICAL,
            instruction::event,
        ),
        Route::get("/consultations/{id}/team", PHYSICIANS, attendants::show).by_itself(),
        Route::post("/consultations/{id}/team", PHYSICIANS, attendants::ask),
        Route::post(
            "/consultations/{id}/team/departure",
            PHYSICIANS,
            attendants::departure,
        ),
        Route::post(
            "/consultations/{id}/team/let-in",
            PHYSICIANS,
            attendants::let_in,
        ),
        Route::post("/consultations/{id}/acts", PHYSICIANS, orders::order).reserved(FORESEEN),
        Route::post(
            "/consultations/{id}/acts/revise",
            PHYSICIANS,
            orders::revise,
        )
        .reserved(REVISED),
        Route::post(
            "/house/people/{id}/station",
            Audience::Roles(&[Role::Administrator]),
            station::keep,
        ),
        Route::get("/consultations/{id}/seat", CLINICAL, seat::show),
        Route::get("/consultations/{id}/seat/acts", CLINICAL, seat::acts).by_itself(),
        Route::post("/consultations/{id}/seat/acts", NURSES, orders::perform),
        Route::post("/consultations/{id}/seat/signal", CLINICAL, seat::signal)
            .body_bytes_max(crate::room::SDP_BYTES_MAX)
            .by_itself(),
    ])
}

/// The patient's own pages of it.
pub(crate) fn patients_routes() -> Table {
    Table::of([
        Route::get("/visit/attendant", Audience::Patient, patient::show),
        Route::post("/visit/attendant", Audience::Patient, patient::answer)
            .patients_word(ASKED_EACH_TIME),
    ])
}

/// A visit that this physician treats.
async fn own(
    conn: &mut Conn,
    id: ConsultationId,
    person: access::PersonId,
    role: Role,
) -> Result<Consultation, Problem> {
    let visit = conn
        .consultation(id)
        .await?
        .ok_or(Problem::NotFound)?
        .consultation;
    suitability::may_judge(role, person, visit.physician)?;
    Ok(visit)
}

/// The same before a form is read: what is not there, or not theirs, is said before what is wrong with the form.
async fn treats(desk: &StaffDesk, id: ConsultationId) -> Result<(), Problem> {
    own(&mut *desk.read().await?, id, desk.person, desk.acting)
        .await
        .map(|_| ())
}

/// The physician's page of a visit, or its block of the team.
fn back(desk: &StaffDesk, id: ConsultationId) -> String {
    if desk.wants_block() {
        format!("/consultations/{id}/team")
    } else {
        format!("/consultations/{id}")
    }
}
