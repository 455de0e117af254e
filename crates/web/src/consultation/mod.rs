//! `/consultations/{id}`: one address a visit; the stage decides what is drawn. The physician's acts, one file each.

mod accept;
mod admit;
mod answers;
mod background;
mod closing;
mod confirm;
mod disease;
mod emergency;
mod exit;
mod facts;
mod handover;
mod identity;
mod note;
mod orders;
mod pane;
mod roster;
mod saving;
mod sheet;
mod show;
mod side;
mod signal;
mod stop;
mod symptoms;
mod unperformed;

use crate::{
    Problem, StaffDesk,
    route::{Route, Table},
};
use access::{Role, policy::Audience};
use care::{
    ConsultationId, Dossier, Refusal, Service,
    consultation::EMERGENCY,
    identity::{EXEMPTED, ONE_KIND, PHOTO, TWO_KINDS},
    plan::{self, OutsideReason, PlanState},
    record::RESERVED_ACTS,
    rota::{self, HANDED_OVER as TO_SUBSTITUTE},
    suitability::{EACH_TIME, HANDED_OVER},
};
use store::{By, Conn, consultation::Booking, dossier::Viewpoint};

const PHYSICIANS: Audience = Audience::Roles(&[Role::Physician]);

pub(crate) fn routes() -> Table {
    page().and(before()).and(during()).and(orders::routes())
}

/// The page, and what it fetches of itself.
fn page() -> Table {
    Table::of([
        Route::get("/consultations/{id}", PHYSICIANS, show::show),
        Route::get("/consultations/{id}/gate", PHYSICIANS, show::gate).by_itself(),
        Route::get("/consultations/{id}/ahead", PHYSICIANS, show::ahead).by_itself(),
        Route::get("/consultations/{id}/roster", PHYSICIANS, roster::show).by_itself(),
        Route::post("/consultations/{id}/phone", PHYSICIANS, roster::phoned),
        Route::post("/consultations/{id}/helped", PHYSICIANS, side::helped),
        Route::get("/consultations/{id}/watch", PHYSICIANS, show::watch).by_itself(),
        Route::get("/consultations/{id}/saving", PHYSICIANS, saving::saving).by_itself(),
        Route::post("/consultations/{id}/signal", PHYSICIANS, signal::signal)
            .body_bytes_max(crate::room::SDP_BYTES_MAX)
            .by_itself(),
    ])
}

/// Judged, confirmed and let in, up to the start of care.
fn before() -> Table {
    Table::of([
        Route::post("/consultations/{id}/admit", PHYSICIANS, admit::admit)
            .reserved(EACH_TIME)
            .begins(),
        Route::post("/consultations/{id}/readmit", PHYSICIANS, admit::readmit).reserved(EACH_TIME),
        Route::post("/consultations/{id}/begin", PHYSICIANS, admit::begin).reserved(EACH_TIME),
        Route::post("/consultations/{id}/rejudge", PHYSICIANS, admit::rejudge).reserved(EACH_TIME),
        Route::post("/consultations/{id}/rota", PHYSICIANS, admit::stand_in).reserved(EACH_TIME),
        Route::post("/consultations/{id}/arrange", PHYSICIANS, admit::arrange).reserved(EACH_TIME),
        Route::post(
            "/consultations/{id}/agreement",
            PHYSICIANS,
            confirm::agreement,
        )
        .reserved(RESERVED_ACTS),
        Route::post("/consultations/{id}/identity", PHYSICIANS, identity::photo).reserved(PHOTO),
        Route::get("/consultations/{id}/identity", PHYSICIANS, identity::show),
        Route::get("/consultations/{id}/handover", PHYSICIANS, handover::show),
        Route::post("/consultations/{id}/handover", PHYSICIANS, handover::sign)
            .reserved(TO_SUBSTITUTE),
        Route::post(
            "/consultations/{id}/handover/read",
            PHYSICIANS,
            handover::read,
        )
        .reserved(TO_SUBSTITUTE),
        Route::post(
            "/consultations/{id}/identity/two",
            PHYSICIANS,
            identity::two,
        )
        .reserved(TWO_KINDS),
        Route::post(
            "/consultations/{id}/identity/one",
            PHYSICIANS,
            identity::one,
        )
        .reserved(ONE_KIND),
        Route::post(
            "/consultations/{id}/identity/none",
            PHYSICIANS,
            identity::none,
        )
        .reserved(EXEMPTED),
        Route::post("/consultations/{id}/route", PHYSICIANS, admit::route).reserved(EACH_TIME),
        Route::get("/consultations/{id}/symptoms", PHYSICIANS, symptoms::show),
        Route::post("/consultations/{id}/symptoms", PHYSICIANS, symptoms::decide)
            .reserved(EACH_TIME),
        Route::post(
            "/consultations/{id}/new-condition",
            PHYSICIANS,
            note::new_condition,
        ),
        Route::post("/consultations/{id}/doubt", PHYSICIANS, confirm::doubt),
        Route::get("/consultations/{id}/emergency", PHYSICIANS, emergency::show),
        Route::post(
            "/consultations/{id}/emergency",
            PHYSICIANS,
            emergency::start,
        )
        .reserved(EMERGENCY),
        Route::post(
            "/consultations/{id}/explain-later",
            PHYSICIANS,
            emergency::explain_later,
        )
        .reserved(EMERGENCY),
    ])
}

/// Looked, written, signed; and every other way out.
fn during() -> Table {
    Table::of([
        Route::post(
            "/consultations/{id}/newcomer",
            PHYSICIANS,
            confirm::newcomer,
        )
        .reserved(RESERVED_ACTS),
        Route::post("/consultations/{id}/choose", PHYSICIANS, note::choose).reserved(RESERVED_ACTS),
        Route::post("/consultations/{id}/strip", PHYSICIANS, confirm::strip)
            .reserved(RESERVED_ACTS),
        Route::post("/consultations/{id}/beside", PHYSICIANS, confirm::beside)
            .reserved(RESERVED_ACTS),
        Route::post("/consultations/{id}/note", PHYSICIANS, note::draft).reserved(RESERVED_ACTS),
        Route::post("/consultations/{id}/draft", PHYSICIANS, note::autosave)
            .reserved(RESERVED_ACTS)
            .by_itself(),
        Route::post("/consultations/{id}/enough", PHYSICIANS, note::enough).reserved(EACH_TIME),
        Route::post("/consultations/{id}/continue", PHYSICIANS, note::carry_on)
            .reserved(RESERVED_ACTS),
        Route::post("/consultations/{id}/end", PHYSICIANS, note::end).reserved(RESERVED_ACTS),
        Route::post("/consultations/{id}/close", PHYSICIANS, note::close).reserved(RESERVED_ACTS),
        Route::get("/consultations/{id}/stop", PHYSICIANS, stop::show),
        Route::post("/consultations/{id}/stop", PHYSICIANS, stop::stop).reserved(HANDED_OVER),
        Route::get(
            "/consultations/{id}/unperformed",
            PHYSICIANS,
            unperformed::show,
        ),
        Route::post(
            "/consultations/{id}/unperformed",
            PHYSICIANS,
            unperformed::leave,
        ),
    ])
}

use show::folded;
pub(crate) use show::{covered, digest};

pub(crate) use orders::{supply, taken};

/// A visit with everything its gates look at.
pub(crate) struct Case {
    pub(crate) booking: Booking,
    pub(crate) dossier: Dossier,
    /// Why a physician outside item 8 of the plan sees the patient, if that was said.
    outside: Option<OutsideReason>,
    /// Who signed the plan in force.
    signer: String,
}

impl Case {
    async fn load(conn: &mut Conn, id: ConsultationId, view: &Viewpoint) -> Result<Self, Problem> {
        let booking = conn.consultation(id).await?.ok_or(Problem::NotFound)?;
        // The dossier is large: it does not lie in every future that asks for a case.
        let dossier = Box::pin(conn.dossier(&booking, view)).await?;
        let outside = conn
            .rota_of(id)
            .await?
            .as_deref()
            .and_then(OutsideReason::parse);
        let signer = match dossier.plan.in_force.as_ref().map(|plan| plan.state) {
            Some(PlanState::Signed { by, .. }) => conn.name_of(by).await?.unwrap_or_default(),
            Some(PlanState::Draft | PlanState::Ended { .. }) | None => String::new(),
        };
        Ok(Self {
            booking,
            dossier,
            outside,
            signer,
        })
    }

    /// The rule of item 8 under which the treating physician sees the patient; empty where there is no plan.
    fn seen_by(&self) -> Result<String, Refusal> {
        // The remote physician of a joint visit stands on the attending one's information, not on item 8.
        if self.dossier.attended.is_some() {
            return Ok(JOINT.to_owned());
        }
        match &self.dossier.plan.in_force {
            Some(plan) => plan::seen_by(plan, self.booking.consultation.physician, self.outside),
            None => Ok(String::new()),
        }
    }

    /// Whether the treating physician stands in for those of the plan.
    fn stood_in(&self) -> bool {
        rota::stands_in(
            &self.booking.consultation,
            self.dossier.plan.in_force.as_ref(),
        )
    }

    /// A visit that this physician treats: nobody else judges, confirms or signs it.
    pub(crate) async fn own(
        conn: &mut Conn,
        id: ConsultationId,
        desk: &Asking,
    ) -> Result<Self, Problem> {
        let case = Self::load(conn, id, &desk.view).await?;
        care::suitability::may_judge(desk.role, desk.person, case.booking.consultation.physician)?;
        Ok(case)
    }

    /// A visit in which this physician treats: a pre-consultation has no note, no diagnosis and no order (cl-1.2-v).
    async fn treating(conn: &mut Conn, id: ConsultationId, desk: &Asking) -> Result<Self, Problem> {
        let case = Self::own(conn, id, desk).await?;
        match case.booking.consultation.service {
            Service::PreConsultation => Err(Problem::NotFound),
            Service::Care
            | Service::WellnessCheck
            | Service::EmergencyContraception
            | Service::SmokingCessation
            | Service::WithPhysician
            | Service::RemoteSpecialist
            | Service::RemoteSurgery => Ok(case),
        }
    }
}

/// The rule under which the remote physician of a joint visit sees the patient.
const JOINT: &str = "joint";

/// What an act takes of the desk into its transaction.
#[derive(Clone)]
pub(crate) struct Asking {
    pub(crate) by: By,
    pub(crate) person: access::PersonId,
    pub(crate) role: Role,
    view: Viewpoint,
}

impl Asking {
    pub(crate) fn of(desk: &StaffDesk) -> Self {
        Self {
            by: By::Person {
                id: desk.person,
                role: desk.acting,
                device: desk.device,
            },
            person: desk.person,
            role: desk.acting,
            view: Viewpoint {
                device: desk.device,
                network: crate::work::network(desk),
                now: desk.now,
            },
        }
    }
}

/// The first of several refusals speaks; the panel shows them all.
fn first(refusals: Vec<Refusal>) -> Problem {
    refusals
        .into_iter()
        .next()
        .map_or(Problem::OutOfTurn, Problem::from)
}

pub(crate) fn address(id: ConsultationId) -> String {
    format!("/consultations/{id}")
}
