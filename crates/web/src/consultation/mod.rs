//! `/consultations/{id}`: one address a visit; the stage decides what is drawn. The physician's acts, one file each.

mod admit;
mod confirm;
mod emergency;
mod note;
mod saving;
mod show;
mod signal;
mod stop;

use crate::{
    Problem, StaffDesk,
    route::{Route, Table},
};
use access::{Role, policy::Audience};
use care::{
    ConsultationId, Dossier, Refusal,
    plan::{self, OutsideReason},
};
use store::{By, Conn, consultation::Booking, dossier::Viewpoint};

const PHYSICIANS: Audience = Audience::Roles(&[Role::Physician]);

pub(crate) fn routes() -> Table {
    Table::of([
        Route::get("/consultations/{id}", PHYSICIANS, show::show),
        Route::get("/consultations/{id}/gate", PHYSICIANS, show::gate).by_itself(),
        Route::post("/consultations/{id}/admit", PHYSICIANS, admit::admit),
        Route::post("/consultations/{id}/readmit", PHYSICIANS, admit::readmit),
        Route::post("/consultations/{id}/begin", PHYSICIANS, admit::begin),
        Route::post("/consultations/{id}/rejudge", PHYSICIANS, admit::rejudge),
        Route::post("/consultations/{id}/rota", PHYSICIANS, admit::stand_in),
        Route::post("/consultations/{id}/arrange", PHYSICIANS, admit::arrange),
        Route::post(
            "/consultations/{id}/agreement",
            PHYSICIANS,
            confirm::agreement,
        ),
        Route::post(
            "/consultations/{id}/identity",
            PHYSICIANS,
            confirm::identity,
        ),
        Route::post("/consultations/{id}/strip", PHYSICIANS, confirm::strip),
        Route::post("/consultations/{id}/note", PHYSICIANS, note::draft),
        Route::post("/consultations/{id}/draft", PHYSICIANS, note::autosave).by_itself(),
        Route::post("/consultations/{id}/enough", PHYSICIANS, note::enough),
        Route::post("/consultations/{id}/continue", PHYSICIANS, note::carry_on),
        Route::post("/consultations/{id}/end", PHYSICIANS, note::end),
        Route::post("/consultations/{id}/close", PHYSICIANS, note::close),
        Route::get("/consultations/{id}/stop", PHYSICIANS, stop::show),
        Route::post("/consultations/{id}/stop", PHYSICIANS, stop::stop),
        Route::get("/consultations/{id}/emergency", PHYSICIANS, emergency::show),
        Route::post(
            "/consultations/{id}/emergency",
            PHYSICIANS,
            emergency::start,
        ),
        Route::post(
            "/consultations/{id}/explain-later",
            PHYSICIANS,
            emergency::explain_later,
        ),
        Route::get("/consultations/{id}/watch", PHYSICIANS, show::watch).by_itself(),
        Route::get("/consultations/{id}/saving", PHYSICIANS, saving::saving).by_itself(),
        Route::post("/consultations/{id}/signal", PHYSICIANS, signal::signal)
            .body_bytes_max(crate::room::SDP_BYTES_MAX)
            .by_itself(),
    ])
}

/// A visit with everything its gates look at.
struct Case {
    booking: Booking,
    dossier: Dossier,
    /// Why a physician outside item 8 of the plan sees the patient, if that was said.
    outside: Option<OutsideReason>,
}

impl Case {
    async fn load(conn: &mut Conn, id: ConsultationId, view: &Viewpoint) -> Result<Self, Problem> {
        let booking = conn.consultation(id).await?.ok_or(Problem::NotFound)?;
        let dossier = conn.dossier(&booking, view).await?;
        let outside = conn
            .rota_of(id)
            .await?
            .as_deref()
            .and_then(OutsideReason::parse);
        Ok(Self {
            booking,
            dossier,
            outside,
        })
    }

    /// The rule of item 8 under which the treating physician sees the patient; empty where there is no plan.
    fn seen_by(&self) -> Result<String, Refusal> {
        match &self.dossier.plan.in_force {
            Some(plan) => plan::seen_by(plan, self.booking.consultation.physician, self.outside),
            None => Ok(String::new()),
        }
    }

    /// A visit that this physician treats: nobody else judges, confirms or signs it.
    async fn own(conn: &mut Conn, id: ConsultationId, desk: &Asking) -> Result<Self, Problem> {
        let case = Self::load(conn, id, &desk.view).await?;
        care::suitability::may_judge(desk.role, desk.person, case.booking.consultation.physician)?;
        Ok(case)
    }
}

/// What an act takes of the desk into its transaction.
#[derive(Clone)]
struct Asking {
    by: By,
    person: access::PersonId,
    role: Role,
    view: Viewpoint,
}

impl Asking {
    fn of(desk: &StaffDesk) -> Self {
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

fn address(id: ConsultationId) -> String {
    format!("/consultations/{id}")
}
