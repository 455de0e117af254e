//! `/joint`: visits with the attending physician beside the patient (D to P with D). Opened, papered and agreed on here, then
//! booked; the call itself is the ordinary one.

mod book;
mod house;
mod list;
mod page;
mod papers;
mod patient;
mod seat;
mod sharing;

use crate::{
    Problem, StaffDesk,
    route::{Route, Table},
};
use access::{Role, policy::Audience};
use care::{
    attendance::ASKED_EACH_TIME,
    attended::{BESIDE, INFORMED, Joint, JointId, RESPONSIBLE, SHARED, Side},
    specialist::{COORDINATED, NEED},
};
use store::Conn;

pub(crate) use book::bookable;

pub(crate) use patient::is_asked;
pub(crate) use seat::opened;

/// Who opens and books: whoever books other visits.
const BOOKERS: Audience = Audience::Roles(&[Role::Reception, Role::Nurse, Role::Physician]);
const PHYSICIANS: Audience = Audience::Roles(&[Role::Physician]);
const HOUSE: Audience = Audience::Roles(&[Role::Administrator]);

pub(crate) fn routes() -> Table {
    Table::of([
        Route::get("/joint", BOOKERS, list::show),
        Route::post("/joint", BOOKERS, list::open).begins(),
        Route::get("/joint/{id}", BOOKERS, page::show),
        Route::post("/joint/{id}/book", BOOKERS, book::book).begins(),
        Route::get("/joint/{id}/papers/{kind}", PHYSICIANS, papers::show),
        Route::post("/joint/{id}/information", PHYSICIANS, papers::inform).reserved(INFORMED),
        Route::post("/joint/{id}/information/judge", PHYSICIANS, papers::judge).reserved(INFORMED),
        Route::post("/joint/{id}/need", PHYSICIANS, papers::need).reserved(NEED),
        Route::post("/joint/{id}/need/answer", PHYSICIANS, papers::accept).reserved(NEED),
        Route::post("/joint/{id}/letter", PHYSICIANS, papers::letter).reserved(COORDINATED),
        Route::post("/joint/{id}/reply", PHYSICIANS, papers::reply).reserved(COORDINATED),
        Route::post("/joint/{id}/sharing", PHYSICIANS, sharing::write).reserved(SHARED),
        Route::post("/joint/{id}/sharing/sign", PHYSICIANS, sharing::sign).reserved(SHARED),
        Route::post("/joint/{id}/responsible", PHYSICIANS, sharing::responsible)
            .reserved(RESPONSIBLE),
        Route::post("/joint/{id}/way", PHYSICIANS, seat::way).reserved(BESIDE),
        Route::post("/joint/{id}/presence", PHYSICIANS, seat::presence).reserved(BESIDE),
        Route::get("/house/joint", HOUSE, house::show),
        Route::post("/house/joint", HOUSE, house::save),
    ])
}

/// The patient's own page of it.
pub(crate) fn patients_routes() -> Table {
    Table::of([
        Route::get("/visit/joint", Audience::Patient, patient::show),
        Route::post("/visit/joint", Audience::Patient, patient::answer)
            .patients_word(ASKED_EACH_TIME),
    ])
}

async fn known(conn: &mut Conn, id: JointId) -> Result<Joint, Problem> {
    conn.joint(id).await?.ok_or(Problem::NotFound)
}

/// A joint visit in which this person has that side. Whoever has none, or the other, is told whose act it is.
async fn own(conn: &mut Conn, id: JointId, desk: &Me, wanted: Side) -> Result<Joint, Problem> {
    let joint = known(conn, id).await?;
    if joint.side(desk.person) == Some(wanted) {
        Ok(joint)
    } else {
        Err(
            care::Refusal::person(BESIDE, care::Remedy::TreatingPhysician)
                .because(match wanted {
                    Side::Attending => "attending_only",
                    Side::Remote => "remote_only",
                })
                .into(),
        )
    }
}

/// The same before a form is read: what is not there, or not theirs, is said before what is wrong with the form.
async fn is_own(desk: &StaffDesk, id: JointId, wanted: Side) -> Result<(), Problem> {
    own(&mut *desk.read().await?, id, &Me::of(desk), wanted)
        .await
        .map(|_| ())
}

/// Who presses, as a transaction needs it.
#[derive(Clone, Copy)]
struct Me {
    by: store::By,
    person: access::PersonId,
    now: jiff::Timestamp,
}

impl Me {
    fn of(desk: &StaffDesk) -> Self {
        Self {
            by: desk.by(),
            person: desk.person,
            now: desk.now,
        }
    }
}

fn address(id: JointId) -> String {
    format!("/joint/{id}")
}
