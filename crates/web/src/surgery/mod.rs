//! Remote surgery and the like (遠隔手術等): the registers and attestations of the institution, and what a joint visit needs
//! besides. It is opened, booked and held as any visit with the attending physician beside the patient (`/joint`).
//!
//! Where nobody has attested that the institution does it, nothing of it is shown.

mod act;
mod house;
mod line;
mod page;
mod trial;

use crate::{
    Problem, StaffDesk,
    route::{Route, Table},
};
use access::{PersonId, Role, policy::Audience};
use care::{
    Refusal, Remedy,
    attended::{BESIDE, Joint, JointId, Side},
    surgery::{self, CONTINUES, ELIGIBLE, Lost, TESTED},
};
use store::{By, Conn};

const PHYSICIANS: Audience = Audience::Roles(&[Role::Physician]);
/// Who may leave a page open at a site: it measures a line and shows nothing of a patient.
const SITES: Audience = Audience::Roles(&[Role::Physician, Role::Nurse, Role::Administrator]);
const HOUSE: Audience = Audience::Roles(&[Role::Administrator]);

pub(crate) fn routes() -> Table {
    Table::of([
        Route::get("/house/surgery", HOUSE, house::show),
        Route::post("/house/surgery", HOUSE, house::switch),
        Route::post("/house/surgery/entries", HOUSE, house::enter),
        Route::post("/house/surgery/entries/{id}/end", HOUSE, house::end),
        Route::post("/house/surgery/attest", HOUSE, house::attest),
        Route::get("/surgery/lines/{id}/{side}", SITES, line::show),
        Route::get("/surgery/lines/{id}/{side}/probe", SITES, line::probe),
        Route::get("/joint/{id}/surgery", PHYSICIANS, page::show),
        Route::post("/joint/{id}/eligibility", PHYSICIANS, act::state).reserved(ELIGIBLE),
        Route::post("/joint/{id}/eligibility/sign", PHYSICIANS, act::sign).reserved(ELIGIBLE),
        Route::post("/joint/{id}/arrangement", PHYSICIANS, act::arrange).reserved(CONTINUES),
        Route::post("/joint/{id}/good", PHYSICIANS, act::good).reserved(TESTED),
        Route::post("/joint/{id}/takeover", PHYSICIANS, act::decide).reserved(CONTINUES),
        Route::get("/joint/{id}/trial/{what}", PHYSICIANS, trial::show),
        Route::post("/joint/{id}/trial/{what}", PHYSICIANS, trial::done),
        Route::post("/joint/{id}/trial/{what}/echo", PHYSICIANS, trial::echo),
    ])
}

/// Who presses, as a transaction needs it.
#[derive(Clone, Copy)]
struct Me {
    by: By,
    person: PersonId,
}

impl Me {
    fn of(desk: &StaffDesk) -> Self {
        Self {
            by: desk.by(),
            person: desk.person,
        }
    }
}

/// A joint visit of this service, and which of the two looks.
async fn own(conn: &mut Conn, id: JointId, person: PersonId) -> Result<(Joint, Side), Problem> {
    let joint = conn.joint(id).await?.ok_or(Problem::NotFound)?;
    if joint.service != care::Service::RemoteSurgery {
        return Err(Problem::NotFound);
    }
    let side = joint.side(person).ok_or_else(|| {
        Refusal::person(BESIDE, Remedy::TreatingPhysician).because("one_of_the_two")
    })?;
    Ok((joint, side))
}

/// The same for one of the two sides.
async fn own_as(
    conn: &mut Conn,
    id: JointId,
    person: PersonId,
    wanted: Side,
) -> Result<Joint, Problem> {
    let (joint, side) = own(conn, id, person).await?;
    if side == wanted {
        return Ok(joint);
    }
    Err(Refusal::person(BESIDE, Remedy::TreatingPhysician)
        .because(match wanted {
            Side::Attending => "attending_only",
            Side::Remote => "remote_only",
        })
        .into())
}

fn address(id: JointId) -> String {
    format!("/joint/{id}/surgery")
}

/// What the attending physician has to decide now: the line is lost for the time that was set. Nothing in another service, and
/// nothing that was decided.
pub(crate) async fn lost(
    conn: &mut Conn,
    joint: &Joint,
    now: jiff::Timestamp,
) -> Result<Option<Lost>, Problem> {
    let (care::Service::RemoteSurgery, Some(visit)) = (joint.service, joint.visit) else {
        return Ok(None);
    };
    let stage = conn
        .consultation(visit)
        .await?
        .map(|booking| booking.consultation.stage);
    if !matches!(stage, Some(care::Stage::Live { .. })) {
        return Ok(None);
    }
    let facts = conn.surgery_facts(joint, now).await?;
    let presence = conn.joint_presence(visit).await?;
    let Some(lost) = surgery::lost(&facts, &presence.remote, now) else {
        return Ok(None);
    };
    let decided = conn.surgery_decision(joint.id, lost).await?;
    Ok(surgery::asks(&facts, decided, now).then_some(lost))
}
