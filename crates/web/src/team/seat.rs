//! `/consultations/{id}/seat`: the nurse's seat in the call, and the acts that were ordered.

use super::attendants::{Drawn, OrderRow, orders};
use crate::{
    At, Problem, StaffDesk, Words,
    consultation::digest,
    room,
    shell::{Section, StaffShell},
};
use access::PersonId;
use askama::Template;
use axum::{
    extract::Query,
    http::{StatusCode, header},
    response::{IntoResponse as _, Response},
};
use care::{
    Consultation, ConsultationId, Refusal, Remedy,
    attendance::{ASKED_EACH_TIME, Attendance, Part},
    surgery::Lost,
};
use media::Role;
use store::Conn;

#[derive(Template)]
#[template(path = "team/seat.html")]
struct Page {
    shell: StaffShell,
    w: Words,
    address: String,
    patient: String,
    alerts: Vec<String>,
    physician: String,
    reason: String,
    inside: bool,
    over: bool,
    acts: Acts,
}

#[derive(Template)]
#[template(path = "team/acts.html")]
struct Acts {
    w: Words,
    drawn: String,
    once: String,
    nonce: String,
    address: String,
    orders: Vec<OrderRow>,
    state: &'static str,
    /// The attending physician's preparation; a nurse has acts instead.
    joint: Option<String>,
    /// The distant physician is away for the time that was set: take over.
    lost: Option<Lost>,
}

// What this template writes is escaped already.
impl askama::filters::HtmlSafe for Acts {}

/// A visit that this person was asked to attend, and as what.
pub(super) async fn attends(
    conn: &mut Conn,
    id: ConsultationId,
    person: PersonId,
) -> Result<(Consultation, Attendance), Problem> {
    let visit = conn
        .consultation(id)
        .await?
        .ok_or(Problem::NotFound)?
        .consultation;
    let known = conn.attendants(&visit).await?;
    let own = known.into_iter().find(|one| one.person == person);
    let own = own.ok_or_else(|| {
        Refusal::person(ASKED_EACH_TIME, Remedy::NameAttendant).because("attendant_unknown")
    })?;
    if matches!(own.answer, Some((false, _))) {
        return Err(Refusal::person(ASKED_EACH_TIME, Remedy::AskAboutAttendant)
            .because("attendant_refused")
            .into());
    }
    Ok((visit, own))
}

/// Opening the page seats this browser; picture and sound open only when the patient has agreed and the physician lets in.
pub(super) async fn show(desk: StaffDesk, At(id): At<ConsultationId>) -> Result<Response, Problem> {
    let (by, me, device) = (desk.by(), desk.person, desk.device);
    let (visit, own) = desk
        .write(move |tx| {
            Box::pin(async move {
                let (visit, own) = attends(tx, id, me).await?;
                if own.device != Some(device) && !visit.stage.is_over() {
                    tx.seat_attendant(&by, id, own.id, device).await?;
                }
                tx.keep_read(&by, "seat", &[visit.patient]).await?;
                Ok((visit, own))
            })
        })
        .await?;
    desk.app().bell().ring(id);
    let mut read = desk.read().await?;
    let patient = read
        .patient(visit.patient)
        .await?
        .ok_or(Problem::NotFound)?;
    let physician = read.name_of(visit.physician).await?.unwrap_or_default();
    let (state, inside) = standing(&mut read, &visit, &own, desk.device).await?;
    let orders = orders(&mut read, &visit, desk.w).await?;
    let joint = joint(&mut read, &visit, &own).await?;
    drop(read);
    let lost = lost(&desk, &visit, &own).await?;
    let shell = desk.shell("seat-title", Section::Today).await?;
    let over = !visit.stage.is_running();
    desk.page(&Page {
        acts: Acts {
            w: desk.w,
            drawn: drawn(&orders, state, lost),
            lost,
            once: shell.once.clone(),
            nonce: shell.nonce.clone(),
            address: format!("/consultations/{id}"),
            orders,
            state,
            joint,
        },
        shell,
        w: desk.w,
        address: format!("/consultations/{id}"),
        patient: patient.profile.name,
        alerts: patient.profile.alerts,
        physician,
        reason: own.reason,
        inside,
        over,
    })
}

/// Whether the attending physician is to take over; that it was said is kept.
async fn lost(
    desk: &StaffDesk,
    visit: &Consultation,
    own: &Attendance,
) -> Result<Option<Lost>, Problem> {
    if own.part != Part::Attending || visit.service != care::Service::RemoteSurgery {
        return Ok(None);
    }
    let mut read = desk.read().await?;
    let Some(joint) = read.joint_of(visit).await? else {
        return Ok(None);
    };
    let lost = crate::surgery::lost(&mut read, &joint, desk.now).await?;
    drop(read);
    if let Some(lost) = lost {
        let (by, whose) = (desk.by(), (joint.id, joint.patient));
        desk.write(move |tx| {
            Box::pin(async move { Ok(tx.keep_surgery_loss(&by, whose, lost).await?) })
        })
        .await?;
    }
    Ok(lost)
}

/// Where the attending physician prepares the visit.
async fn joint(
    read: &mut Conn,
    visit: &Consultation,
    own: &Attendance,
) -> Result<Option<String>, Problem> {
    if own.part != Part::Attending {
        return Ok(None);
    }
    let joint = read.joint_of(visit).await?;
    Ok(joint.map(|joint| format!("/joint/{}", joint.id)))
}

async fn standing(
    read: &mut Conn,
    visit: &Consultation,
    own: &Attendance,
    device: access::DeviceId,
) -> Result<(&'static str, bool), Problem> {
    let seat = room::staff_seat(own.person);
    let inside = read
        .grants(visit.id)
        .await?
        .iter()
        .any(|grant| grant.seat == seat && grant.device == device);
    let over = !visit.stage.is_running();
    Ok((
        match own.answer {
            _ if over => "seat-over",
            _ if inside => "seat-inside",
            None => "seat-unanswered",
            Some((true, _)) => "seat-waits",
            Some((false, _)) => "team-refused",
        },
        inside,
    ))
}

fn drawn(orders: &[OrderRow], state: &str, lost: Option<Lost>) -> String {
    let since = lost.map(|lost| lost.since);
    digest(&format!("{orders:?} {state} {since:?}"))
}

/// The acts alone, fetched anew while the page is open.
pub(super) async fn acts(
    desk: StaffDesk,
    At(id): At<ConsultationId>,
    Query(asked): Query<Drawn>,
) -> Result<Response, Problem> {
    let mut read = desk.read().await?;
    let (visit, own) = attends(&mut read, id, desk.person).await?;
    let (state, _) = standing(&mut read, &visit, &own, desk.device).await?;
    let orders = orders(&mut read, &visit, desk.w).await?;
    let joint = joint(&mut read, &visit, &own).await?;
    drop(read);
    let lost = lost(&desk, &visit, &own).await?;
    let drawn = drawn(&orders, state, lost);
    if drawn == asked.drawn {
        return Ok(StatusCode::NO_CONTENT.into_response());
    }
    let shell = desk.shell("seat-title", Section::Today).await?;
    let page = desk.page(&Acts {
        w: desk.w,
        drawn,
        once: shell.once.clone(),
        nonce: shell.nonce.clone(),
        address: format!("/consultations/{id}"),
        orders,
        state,
        joint,
        lost,
    })?;
    // The seat has no stream of its own: this is where it hears of the end.
    let heard = (!visit.stage.is_running()).then_some([("hx-trigger", "call-ended")]);
    Ok(match heard {
        Some(heard) => (heard, page).into_response(),
        None => page,
    })
}

/// Answers the offer of the nurse's seat: transport only, until it is granted. 410 once the visit is over.
pub(super) async fn signal(
    desk: StaffDesk,
    At(id): At<ConsultationId>,
    sdp: String,
) -> Result<Response, Problem> {
    let (visit, own) = attends(&mut *desk.read().await?, id, desk.person).await?;
    if !visit.stage.is_running() {
        return Ok(StatusCode::GONE.into_response());
    }
    // Until the patient has agreed there is not even a line.
    if own.answer.is_none() {
        return Err(Refusal::state(ASKED_EACH_TIME, Remedy::AskAboutAttendant)
            .because("attendant_unanswered")
            .into());
    }
    room::restore(desk.app(), desk.tenant, id).await?;
    let seat = room::seat(id, &room::staff_seat(desk.person), Role::Other, desk.device);
    let answer = room::answer(desk.app(), seat, sdp).await?;
    Ok(([(header::CONTENT_TYPE, "application/sdp")], answer).into_response())
}
