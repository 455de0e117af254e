//! Smoking cessation (禁煙外来): the switch with its medicines, a patient's check-up and course, the hour, and what the patient
//! reads before the start. Nothing of it is seen where it is not offered.

mod course;
mod house;
mod page;
mod patient;

use crate::{
    Problem,
    route::{Route, Table},
};
use access::{Role, policy::Audience};
use care::{
    Consultation, PatientId, Service,
    smoking::{self, CHECKED_UP, LOW_RISK, WEIGHED},
};
use jiff::civil::Date;
use store::Conn;

/// Who meets patients at the desk.
const DESK: Audience = Audience::Roles(&[Role::Reception, Role::Nurse, Role::Physician]);
const PHYSICIANS: Audience = Audience::Roles(&[Role::Physician]);
const HOUSE: Audience = Audience::Roles(&[Role::Administrator]);

pub(crate) fn routes() -> Table {
    Table::of([
        Route::get("/house/smoking", HOUSE, house::show),
        Route::post("/house/smoking", HOUSE, house::save),
        Route::get("/smoking/{id}", DESK, page::show),
        Route::post("/smoking/{id}/checkup", PHYSICIANS, course::checkup)
            .body_bytes_max(course::FORM_BYTES_MAX)
            .reserved(CHECKED_UP),
        Route::get("/smoking/{id}/papers/{checkup}", PHYSICIANS, course::paper),
        Route::post("/smoking/{id}/terms", PHYSICIANS, course::sign).reserved(LOW_RISK),
        Route::post("/smoking/{id}/book", DESK, page::book).begins(),
    ])
}

/// What the patient reads.
pub(crate) fn patients_routes() -> Table {
    Table::of([
        Route::get("/visit/smoking", Audience::Patient, patient::show),
        Route::post("/visit/smoking", Audience::Patient, patient::acknowledge)
            .patients_word(WEIGHED),
    ])
}

/// Whether the institution offers it.
pub(crate) async fn offered(conn: &mut Conn) -> Result<bool, Problem> {
    let setting = conn.smoking_setting().await?;
    Ok(smoking::open(setting.as_ref()).is_ok())
}

/// What a booking of this service asks before its hour exists, as it stands on the day of the visit.
pub(crate) async fn bookable(
    conn: &mut Conn,
    patient: PatientId,
    day: Date,
) -> Result<(), Problem> {
    let facts = conn.smoking_facts(patient).await?;
    let _ = smoking::bookable(&facts, day)?;
    Ok(())
}

/// Whether the patient has still to read what was weighed.
pub(crate) async fn is_unread(conn: &mut Conn, visit: &Consultation) -> Result<bool, Problem> {
    if visit.service != Service::SmokingCessation {
        return Ok(false);
    }
    let course = conn.smoking_course(visit.patient).await?;
    Ok(course.is_some_and(|course| course.acknowledged.is_none()))
}
