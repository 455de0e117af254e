//! `/visit/ready`: everything is done before the waiting room opens; also giving the visit up, and what an ended one says.

use super::{
    body::{Nearby, partners},
    given::{self, Given},
    going::{self, Going},
    load,
    step::{Asking, Case, Step, Window},
};
use crate::{Form, PatientDesk, Problem, desk::go, room, shell::PatientShell, words::Words};
use askama::Template;
use axum::response::Response;
use care::{Stage, task::Kind};

#[derive(Template)]
#[template(path = "visit/ready.html")]
struct Page {
    shell: PatientShell,
    w: Words,
    window: Window,
    at: String,
    opens: String,
    given: Given,
    /// The way to the messages.
    messages: Option<bool>,
}

#[derive(Template)]
#[template(path = "visit/leave.html")]
struct Leave {
    shell: PatientShell,
    w: Words,
    given: Given,
}

#[derive(Template)]
#[template(path = "visit/out.html")]
struct Out {
    shell: PatientShell,
    w: Words,
}

#[derive(Template)]
#[template(path = "visit/over.html")]
struct Over {
    shell: PatientShell,
    w: Words,
    in_person: bool,
    going: Option<Going>,
    /// Reception has promised to call and find another hour.
    calls: bool,
    partners: Vec<Nearby>,
}

pub(super) async fn show(desk: PatientDesk) -> Result<Response, Problem> {
    let case = load(&desk).await?;
    let step = case.next();
    if !matches!(step, Step::Prepared | Step::Arrive | Step::Late) {
        return Ok(go(&step.address()));
    }
    let booked = case.booking.consultation.booked_for;
    desk.page(&Page {
        shell: desk.shell("visit-ready-title").await?,
        w: desk.w,
        window: case.standing.window,
        at: desk.w.day_time(booked),
        opens: desk.w.day_time(case.opens),
        given: given::load(&desk, &case).await?,
        messages: crate::chat::entrance(&mut *desk.read().await?, desk.patient).await?,
    })
}

/// The patient is here: the waiting room is open.
pub(super) async fn arrive(desk: PatientDesk, _form: Form) -> Result<Response, Problem> {
    let asking = Asking::of(&desk);
    desk.write(move |tx| {
        Box::pin(async move {
            let case = Case::load(tx, &asking).await?;
            if case.standing.window != Window::Open {
                return Err(Problem::OutOfTurn);
            }
            let visit = &case.booking.consultation;
            let event = visit.arrive(asking.now)?;
            tx.keep_event(&asking.by(), visit, &event).await?;
            Ok(())
        })
    })
    .await?;
    Ok(go("/visit"))
}

pub(super) async fn leaving(desk: PatientDesk) -> Result<Response, Problem> {
    let case = load(&desk).await?;
    if !case.standing.stage.is_before_live() {
        return Ok(go(&case.next().address()));
    }
    desk.page(&Leave {
        shell: desk.shell("visit-leave-title").await?,
        w: desk.w,
        given: given::load(&desk, &case).await?,
    })
}

/// The patient gives the visit up. Nothing is owed, and reception sees it on the board.
pub(super) async fn leave(desk: PatientDesk, _form: Form) -> Result<Response, Problem> {
    let asking = Asking::of(&desk);
    desk.write(move |tx| {
        Box::pin(async move {
            let case = Case::load(tx, &asking).await?;
            case.before_live()?;
            let visit = &case.booking.consultation;
            let event = visit.abort()?;
            tx.keep_event(&asking.by(), visit, &event).await?;
            if !tx.grants(visit.id).await?.is_empty() {
                tx.end_call(&asking.by(), visit.physician, visit.id).await?;
            }
            Ok(())
        })
    })
    .await?;
    room::close(desk.app(), desk.consultation).await;
    Ok(go(&Step::Over.address()))
}

pub(super) async fn over(desk: PatientDesk) -> Result<Response, Problem> {
    let case = load(&desk).await?;
    if case.next() != Step::Over {
        return Ok(go(&case.next().address()));
    }
    desk.page(&Over {
        shell: desk.shell("visit-over-title").await?,
        w: desk.w,
        in_person: case.standing.stage == Stage::SwitchedInPerson,
        going: going::load(&desk, &case).await?,
        calls: desk
            .read()
            .await?
            .is_open(desk.patient, Kind::Rebook)
            .await?,
        partners: partners(&desk).await?,
    })
}

/// The patient left the call page; the visit goes on, and only the physician ends it.
pub(super) async fn out(desk: PatientDesk) -> Result<Response, Problem> {
    let case = load(&desk).await?;
    if case.next() != Step::Call {
        return Ok(go(&case.next().address()));
    }
    desk.page(&Out {
        shell: desk.shell("visit-out-title").await?,
        w: desk.w,
    })
}
