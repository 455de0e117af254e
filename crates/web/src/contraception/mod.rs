//! Emergency contraception: the lists it rests on, the questions before its hour, what the visit adds, and the course until
//! somebody knows how it came out. Nothing of it is seen where it is not offered.

mod course;
mod entries;
mod flow;
mod lists;
mod pane;
mod patient;
mod remind;
mod report;

pub(crate) use entries::{Line as EntryLine, lines as entry_lines};
pub(crate) use pane::ordered;
pub use remind::remind_three_weeks;

use crate::{
    Form, Problem,
    bookings::make::Wanted,
    route::{Route, Table},
};
use access::{Role, policy::Audience};
use care::{
    ConsultationId, Refusal, Remedy, Service,
    emergency_contraception::{
        Bookable, CaseId, GROUND, ONE_TABLET, PHARMACIST, QUALIFIED, THREE_WEEKS, bookable,
        list::BYTES_MAX,
    },
};
use jiff::civil::Date;
use store::{Conn, Tx, pathway::CONTRACEPTION};

/// Who meets patients at the desk.
const DESK: Audience = Audience::Roles(&[Role::Reception, Role::Nurse, Role::Physician]);
const PHYSICIANS: Audience = Audience::Roles(&[Role::Physician]);
const HOUSE: Audience = Audience::Roles(&[Role::Administrator]);
/// Largest form that brings a list or a certificate.
const FORM_BYTES_MAX: usize = BYTES_MAX + 16 * 1024;

pub(crate) fn routes() -> Table {
    house().and(desk()).and(visit())
}

fn house() -> Table {
    Table::of([
        Route::get("/house/lists", HOUSE, lists::show),
        Route::post("/house/lists", HOUSE, lists::load).body_bytes_max(FORM_BYTES_MAX),
        Route::post("/house/lists/offer", HOUSE, lists::offer),
        Route::post("/house/people/{id}/entry", HOUSE, entries::enter)
            .body_bytes_max(entries::FORM_BYTES_MAX),
        Route::post("/house/entries/{id}/withdraw", HOUSE, entries::withdraw),
    ])
}

fn desk() -> Table {
    Table::of([
        Route::get("/contraception/new", DESK, flow::begin),
        Route::post("/contraception/new", DESK, flow::open).begins(),
        Route::get("/contraception/{id}", DESK, flow::show),
        Route::post("/contraception/{id}/answer", DESK, flow::answer),
        Route::post("/contraception/{id}/ground", DESK, flow::ground),
        Route::post("/contraception/{id}/book", DESK, flow::book).begins(),
        Route::post("/contraception/{id}/slip", DESK, course::slip),
        Route::post("/contraception/{id}/report", DESK, course::paper),
        Route::post("/contraception/{id}/advice", DESK, course::advice),
        Route::post("/contraception/{id}/attempt", DESK, course::attempt),
        Route::post("/contraception/{id}/outcome", DESK, course::outcome),
        Route::post("/contraception/{id}/end", DESK, course::end),
    ])
}

fn visit() -> Table {
    Table::of([
        Route::get("/consultations/{id}/contraception", PHYSICIANS, pane::show),
        Route::post(
            "/consultations/{id}/contraception/follow-up",
            PHYSICIANS,
            pane::follow_up,
        )
        .reserved(THREE_WEEKS),
        Route::post(
            "/consultations/{id}/contraception/explained",
            PHYSICIANS,
            pane::explained,
        )
        .reserved(THREE_WEEKS),
    ])
}

/// What the patient and the pharmacist reach.
pub(crate) fn patients_routes() -> Table {
    Table::of([
        Route::get("/visit/pharmacy", Audience::Patient, patient::show),
        Route::post("/visit/pharmacy", Audience::Patient, patient::choose)
            .patients_word(PHARMACIST),
        Route::get("/r/{token}", Audience::Anyone, report::show).pace(crate::Pace::Guess),
        Route::post("/r/{token}", Audience::Anyone, report::give).pace(crate::Pace::Guess),
    ])
}

/// Whether the institution offers it.
pub(crate) async fn offered(conn: &mut Conn) -> Result<bool, Problem> {
    let setting = conn.pathway_setting(CONTRACEPTION).await?;
    Ok(setting.is_some_and(|setting| setting.offered))
}

/// What a booking of this service rests on: the newest case of the patient, judged as it stands. None for another service.
pub(crate) async fn to_book(
    tx: &mut Tx,
    wanted: &Wanted,
    today: Date,
) -> Result<Option<(CaseId, Bookable)>, Problem> {
    if wanted.service != Service::EmergencyContraception {
        return Ok(None);
    }
    let newest = tx
        .contraception_cases(wanted.patient)
        .await?
        .into_iter()
        .next()
        .map(|(kept, _)| kept)
        .filter(|kept| kept.visit.is_none() && !kept.ended);
    let facts = tx
        .contraception_facts(wanted.patient, newest.as_ref().map(|kept| kept.id))
        .await?;
    let proof = bookable(&facts, wanted.physician, today)?;
    Ok(newest.map(|kept| (kept.id, proof)))
}

/// Gives the case the visit that was booked on it.
pub(crate) async fn booked(
    tx: &mut Tx,
    case: Option<(CaseId, Bookable)>,
    visit: ConsultationId,
) -> Result<(), Problem> {
    if let Some((id, proof)) = case {
        tx.book_contraception(id, visit, proof).await?;
    }
    Ok(())
}

/// An order in this service is dispensed outside, whatever a form says.
pub(crate) fn dispensed_outside(form: &Form) -> Result<(), Problem> {
    match form.text("dispensing") {
        "" | "outside" => Ok(()),
        _ => Err(Refusal::state(ONE_TABLET, Remedy::OneTablet)
            .because("dispensed_inside")
            .into()),
    }
}

/// The clauses that the desk's pages name.
const GROUNDS: [&str; 3] = [GROUND.id(), QUALIFIED.id(), PHARMACIST.id()];
