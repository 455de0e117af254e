//! Before any care: what the clinic publishes of pre-consultations (診療前相談), who asks for an appointment and how
//! reception answers, and how a pre-consultation ends.

mod after;
mod answer;
mod ask;
mod ending;
mod sharing;
mod shown;
mod terms;

pub(crate) use after::show as after;
pub(crate) use ending::{Panel, evening};
pub(crate) use shown::{Block, names_terms, terms_shown, yen};

use crate::{
    Problem,
    limit::Pace,
    route::{Route, Table},
};
use access::{Role, policy::Audience};
use care::{
    PatientId, Service,
    preconsultation::{self, Acknowledged},
    referral::PASSED_ON,
};
use store::{Tx, appointment::Appointment};

/// Who answers requests: whoever books.
const BOOKERS: Audience = Audience::Roles(&[Role::Reception, Role::Nurse, Role::Physician]);

/// On the patients' surface.
pub(crate) fn patients_routes() -> Table {
    Table::of([
        Route::get("/request", Audience::Anyone, ask::care),
        Route::post("/request", Audience::Anyone, ask::send_care)
            .pace(Pace::Message)
            .begins(),
        Route::get("/request/pre", Audience::Anyone, ask::pre),
        Route::post("/request/pre", Audience::Anyone, ask::send_pre)
            .pace(Pace::Message)
            .begins(),
        Route::get("/request/{token}", Audience::Anyone, ask::state).pace(Pace::Guess),
        Route::get("/visit/sharing", Audience::Patient, sharing::show),
        Route::post("/visit/sharing", Audience::Patient, sharing::answer).patients_word(PASSED_ON),
    ])
}

/// On the staff's surface.
pub(crate) fn routes() -> Table {
    Table::of([
        Route::get("/requests", BOOKERS, answer::list),
        Route::get("/requests/{id}", BOOKERS, answer::one),
        Route::post("/requests/{id}/accept", BOOKERS, answer::accept).begins(),
        Route::post("/requests/{id}/decline", BOOKERS, answer::decline),
        Route::post(
            "/consultations/{id}/preconsultation",
            Audience::Roles(&[Role::Physician]),
            ending::end,
        ),
        Route::get("/house/public", terms::KEEPERS, terms::show),
        Route::post("/house/public", terms::KEEPERS, terms::publish),
    ])
}

/// What a pre-consultation needs before its hour exists, whoever books it: the patient's own acknowledgement (cl-1.2-vi-b).
pub(crate) async fn bookable(
    tx: &mut Tx,
    patient: PatientId,
) -> Result<(Appointment, Acknowledged), Problem> {
    let terms = tx.preconsultation_terms().await?;
    let shown = tx.preconsultation_shown().await?;
    let asked = tx
        .unused_appointment(patient, Service::PreConsultation)
        .await?;
    let known = asked.as_ref().and_then(|asked| asked.acknowledged);
    let known = preconsultation::bookable(terms.as_ref(), shown, known)?;
    Ok((asked.ok_or(Problem::OutOfTurn)?, known))
}
