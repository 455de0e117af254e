//! `/bookings`: the coming days, one booking with its links, and the acts of the board's rows.

use super::handed::{self, Why, by_hand};
use crate::{
    At, Form, Problem, StaffDesk,
    desk::go,
    room,
    shell::{Section, StaffShell},
    words::{Words, tokyo},
};
use access::Ulid;
use askama::Template;
use axum::response::Response;
use care::{ConsultationId, ProxyId, Service, plan::Opened};
use jiff::{SignedDuration, Timestamp};
use store::{
    invitation::RESEND_MAX_PER_HOUR,
    patient::PAGE_MAX,
    request::{Asked, Settled},
};

/// The stretch of time that the list shows.
const AHEAD: SignedDuration = SignedDuration::from_hours(24 * 60);
/// Longest outcome of a hand-over, in characters.
const OUTCOME_CHARS_MAX: usize = 500;

#[derive(Template)]
#[template(path = "bookings/list.html")]
struct List {
    shell: StaffShell,
    w: Words,
    rows: Vec<Row>,
    more: bool,
    /// Visits with the attending physician are offered.
    joint: bool,
    /// Requests from the public page that nobody has answered.
    requests: i64,
}

struct Row {
    id: ConsultationId,
    number: i64,
    at: String,
    patient: String,
    patient_address: String,
    physician: String,
    class: String,
    called_in: bool,
    trial: Option<&'static str>,
    stage: String,
}

#[derive(Template)]
#[template(path = "bookings/one.html")]
struct One {
    shell: StaffShell,
    w: Words,
    row: Row,
    contact: String,
    sent: i64,
    left: i64,
    open: bool,
    closed: bool,
    proxies: Vec<(ProxyId, String, String)>,
    /// Why reception has to hand the link over itself, if it has to.
    by_hand: Option<Why>,
    may_hand: bool,
}

pub(super) async fn show(desk: StaffDesk) -> Result<Response, Problem> {
    let from = start_of_day(desk.now);
    let mut read = desk.read().await?;
    let bookings = read.consultations_between(from, desk.now + AHEAD).await?;
    let more = bookings.len() > PAGE_MAX;
    let mut rows = Vec::new();
    let mut shown = Vec::new();
    for booking in bookings.into_iter().take(PAGE_MAX) {
        shown.push(booking.consultation.patient);
        rows.push(row(&mut read, &booking, desk.w).await?.0);
    }
    let joint = !read.joint_services().await?.is_empty();
    let requests = read.appointments_waiting().await?;
    drop(read);
    crate::patients::opened(&desk, "bookings", shown).await?;
    desk.page(&List {
        joint,
        shell: desk.shell("bookings-title", Section::Bookings).await?,
        w: desk.w,
        rows,
        more,
        requests,
    })
}

pub(super) async fn one(desk: StaffDesk, At(id): At<ConsultationId>) -> Result<Response, Problem> {
    let mut read = desk.read().await?;
    let booking = read.consultation(id).await?.ok_or(Problem::NotFound)?;
    let (row, contact) = row(&mut read, &booking, desk.w).await?;
    let sent = read
        .invitations_since(id, desk.now - SignedDuration::from_hours(1))
        .await?;
    let link = read.newest_invitation(id, None).await?;
    let visit = &booking.consultation;
    let proxies = read.proxies(visit.patient).await?;
    let patient = read.patient(visit.patient).await?;
    let profile = patient.ok_or(Problem::NotFound)?.profile;
    let carried = &desk.app().settings().carried;
    let by_hand = by_hand(&mut read, carried, visit.id, &profile).await?;
    drop(read);
    crate::patients::opened(&desk, "booking", vec![booking.consultation.patient]).await?;
    desk.page(&One {
        shell: desk.shell("bookings-one-title", Section::Bookings).await?,
        w: desk.w,
        row,
        contact,
        sent,
        left: (RESEND_MAX_PER_HOUR - sent).max(0),
        open: booking.consultation.stage.is_before_live(),
        by_hand,
        may_hand: handed::may(&desk),
        closed: link.is_some_and(|link| link.rests(desk.now)),
        proxies: proxies
            .into_iter()
            .map(|proxy| (proxy.id, proxy.person.name, proxy.person.relation))
            .collect(),
    })
}

/// Cancels what has not begun. Whoever was let in already is let out: picture and sound end with the visit (cl-2.5.1.1-xi-a).
pub(super) async fn cancel(
    desk: StaffDesk,
    At(id): At<ConsultationId>,
) -> Result<Response, Problem> {
    let by = desk.by();
    desk.write(move |tx| {
        Box::pin(async move {
            let booking = tx.consultation(id).await?.ok_or(Problem::NotFound)?;
            if !booking.consultation.stage.is_before_live() {
                return Err(Problem::OutOfTurn);
            }
            let event = booking.consultation.abort()?;
            tx.keep_event(&by, &booking.consultation, &event).await?;
            if !tx.grants(id).await?.is_empty() {
                tx.end_call(&by, booking.consultation.physician, id).await?;
            }
            Ok(())
        })
    })
    .await?;
    room::close(desk.app(), id).await;
    Ok(go("/today"))
}

/// わたしが対応します: a named person takes up an urgent answer.
pub(super) async fn take_up(
    desk: StaffDesk,
    At(id): At<ConsultationId>,
) -> Result<Response, Problem> {
    let (by, person) = (desk.by(), desk.person);
    desk.write(move |tx| {
        Box::pin(async move {
            tx.consultation(id).await?.ok_or(Problem::NotFound)?;
            Ok(tx.take_up_alarm(&by, person, id).await?)
        })
    })
    .await?;
    Ok(go("/today"))
}

/// 急ぐ症状: staff heard something that cannot wait; the patient's page stops at once (cl-1.2-ii-c).
pub(super) async fn urgent(
    desk: StaffDesk,
    At(id): At<ConsultationId>,
) -> Result<Response, Problem> {
    let by = desk.by();
    desk.write(move |tx| {
        Box::pin(async move {
            let booking = tx.consultation(id).await?.ok_or(Problem::NotFound)?;
            if !booking.consultation.stage.is_before_live() {
                return Err(Problem::OutOfTurn);
            }
            Ok(tx.raise_alarm(&by, &booking.consultation).await?)
        })
    })
    .await?;
    desk.app().bell().ring(id);
    Ok(go("/today"))
}

/// 電話しました: the call back that the patient asked for was made.
pub(super) async fn called(
    desk: StaffDesk,
    At(id): At<ConsultationId>,
) -> Result<Response, Problem> {
    let by = desk.by();
    desk.write(move |tx| {
        Box::pin(async move {
            tx.consultation(id).await?.ok_or(Problem::NotFound)?;
            if tx
                .settle_requests(&by, id, Asked::Callback, Settled::Called)
                .await?
            {
                Ok(())
            } else {
                Err(Problem::OutOfTurn)
            }
        })
    })
    .await?;
    Ok(go("/today"))
}

/// 電話しました: somebody telephoned the patient; who and when stand on the board and in the dock.
pub(super) async fn phoned(
    desk: StaffDesk,
    At(id): At<ConsultationId>,
) -> Result<Response, Problem> {
    let (by, person) = (desk.by(), desk.person);
    desk.write(move |tx| {
        Box::pin(async move {
            tx.consultation(id).await?.ok_or(Problem::NotFound)?;
            Ok(tx.keep_phone_call(&by, person, id).await?)
        })
    })
    .await?;
    Ok(go("/today"))
}

/// The patient came in person, or what became of it in words (cl-1.1-iii-b).
pub(super) async fn arrived(
    desk: StaffDesk,
    At(id): At<String>,
    form: Form,
) -> Result<Response, Problem> {
    let id: Ulid = id.parse().map_err(|_| Problem::NotFound)?;
    let mut reading = form.reading();
    // The task stays until somebody says what became of the patient.
    let outcome = reading.need("outcome", OUTCOME_CHARS_MAX);
    let errors = reading.errors();
    let (by, person) = (desk.by(), desk.person);
    desk.write(move |tx| {
        Box::pin(async move {
            let tasks = tx.open_hand_overs().await?;
            let task = tasks
                .iter()
                .find(|task| task.id == id)
                .ok_or(Problem::OutOfTurn)?;
            if !errors.is_empty() {
                return Err(Problem::Wrong(errors));
            }
            Ok(tx.confirm_arrival(&by, person, task, &outcome).await?)
        })
    })
    .await?;
    Ok(go("/today"))
}

/// Midnight in Japan of the day of an instant.
pub(crate) fn start_of_day(now: Timestamp) -> Timestamp {
    now.to_zoned(tokyo())
        .start_of_day()
        .map_or(now, |day| day.timestamp())
}

async fn row(
    read: &mut store::Conn,
    booking: &store::consultation::Booking,
    w: Words,
) -> Result<(Row, String), Problem> {
    let visit = &booking.consultation;
    let patient = read
        .patient(visit.patient)
        .await?
        .ok_or(Problem::NotFound)?;
    let physician = read.name_of(visit.physician).await?.unwrap_or_default();
    let row = Row {
        id: visit.id,
        number: booking.number,
        at: w.day_time(visit.booked_for),
        patient: patient.profile.name,
        patient_address: format!("/patients/{}", visit.patient),
        physician,
        called_in: booking.opened == Opened::CalledIn,
        trial: read.trial(visit.id).await?.map(|trial| {
            if trial.is_good() {
                "bookings-trial-good"
            } else {
                "bookings-trial-bad"
            }
        }),
        class: match visit.service {
            Service::PreConsultation => "bookings-service-pre_consultation".to_owned(),
            _ => format!("bookings-class-{}", visit.class.as_str()),
        },
        stage: format!("bookings-stage-{}", visit.stage.as_str()),
    };
    Ok((row, patient.profile.phone))
}
