//! The block of the team on the physician's page: who attends, what was ordered, and letting somebody in.

use super::{back, own, patient::is_beside, treats};
use crate::{
    At, Form, Problem, StaffDesk, Words,
    consultation::digest,
    desk::go,
    room,
    shell::{Section, StaffShell},
};
use access::{PersonId, Role};
use askama::Template;
use axum::{
    extract::Query,
    http::StatusCode,
    response::{IntoResponse as _, Response},
};
use care::{
    AttendanceId, Consultation, ConsultationId, Stage,
    assistance::{self, Act, Aim},
    attendance::{self, Attendance, Part, REASON_CHARS_MAX},
};
use serde::Deserialize;
use store::{By, Tx};

#[derive(Template)]
#[template(path = "team/team.html", blocks = ["team"])]
struct Page {
    shell: StaffShell,
    w: Words,
    /// What is drawn, in one word: nothing is drawn anew over an open form.
    drawn: String,
    address: String,
    attendants: Vec<Row>,
    /// Nurses who can be asked: id and name.
    nurses: Vec<(PersonId, String)>,
    before: bool,
    live: bool,
    /// The principle of home visits is departed from, and no reason stands yet.
    departs: bool,
    orders: Vec<OrderRow>,
    /// Acts that the instruction foresees.
    acts: Vec<Act>,
    /// Acts that a revision can add.
    addable: Vec<Act>,
    /// The preparation of a joint visit, and whether everybody who has to be there is.
    joint: Option<(String, bool)>,
}

#[derive(Debug)]
struct Row {
    id: AttendanceId,
    name: String,
    part: Part,
    reason: String,
    state: &'static str,
    /// The patient agreed, the page is open, and nobody has let this person in yet.
    waits: bool,
}

/// `?drawn=`: what the page shows already.
#[derive(Deserialize)]
pub(super) struct Drawn {
    #[serde(default)]
    pub(super) drawn: String,
}

#[derive(Debug)]
pub(super) struct OrderRow {
    pub(super) id: assistance::OrderId,
    pub(super) act: Act,
    pub(super) at: String,
    pub(super) result: Option<String>,
}

pub(super) async fn show(
    desk: StaffDesk,
    At(id): At<ConsultationId>,
    Query(asked): Query<Drawn>,
) -> Result<Response, Problem> {
    let page = page(&desk, id)
        .await?
        .filter(|page| page.drawn != asked.drawn);
    let Some(page) = page else {
        return Ok(StatusCode::NO_CONTENT.into_response());
    };
    if desk.wants_block() {
        desk.page(&page.as_team())
    } else {
        desk.page(&page)
    }
}

async fn page(desk: &StaffDesk, id: ConsultationId) -> Result<Option<Page>, Problem> {
    let mut read = desk.read().await?;
    let visit = own(&mut read, id, desk.person, desk.acting).await?;
    let (before, live) = (
        visit.stage.is_before_live(),
        matches!(visit.stage, Stage::Live { .. }),
    );
    if !before && !live {
        return Ok(None);
    }
    let known = read.attendants(&visit).await?;
    let grants = read.grants(id).await?;
    let facts = read.assistance(&visit, desk.now).await?;
    let today = store::dossier::legal_day(desk.now);
    let foreseen: Vec<Act> = facts
        .as_ref()
        .and_then(|facts| assistance::in_force(facts, today).ok())
        .map(|held| {
            let acts = &held.instruction().draft.acts;
            acts.iter().map(|one| one.act).collect()
        })
        .unwrap_or_default();
    let addable = Act::ALL
        .iter()
        .copied()
        .filter(|act| act.aim() != Aim::Treatment && !foreseen.contains(act))
        .collect();
    let orders = orders(&mut read, &visit, desk.w).await?;
    let mut attendants = Vec::new();
    for one in &known {
        let seat = room::staff_seat(one.person);
        let inside = grants.iter().any(|grant| grant.seat == seat);
        let away = one.part == Part::Attending && !is_beside(&mut read, id).await?;
        attendants.push(Row {
            id: one.id,
            name: read.name_of(one.person).await?.unwrap_or_default(),
            part: one.part,
            reason: one.reason.clone(),
            state: state(one, inside, away),
            waits: !grants.is_empty() && !inside && attendance::accepted(one, id).is_ok(),
        });
    }
    let nurses = nurses(&mut read, &known, desk).await?;
    let joint = read.attended_facts(&visit, desk.now).await?.map(|facts| {
        let there = care::attended::all_there(&facts, visit.stage, desk.now).is_ok();
        (format!("/joint/{}", facts.joint.id), there)
    });
    drop(read);
    let departs = facts
        .as_ref()
        .is_some_and(|facts| assistance::home_visiting(facts, today).is_err());
    let drawn = digest(&format!(
        "{attendants:?} {orders:?} {foreseen:?} {before} {live} {departs} {joint:?}"
    ));
    Ok(Some(Page {
        drawn,
        shell: desk.shell("team-title", Section::Today).await?,
        w: desk.w,
        address: format!("/consultations/{id}"),
        attendants,
        nurses,
        before,
        live,
        departs,
        orders,
        acts: foreseen,
        addable,
        joint,
    }))
}

async fn nurses(
    read: &mut store::Conn,
    known: &[Attendance],
    desk: &StaffDesk,
) -> Result<Vec<(PersonId, String)>, Problem> {
    let staff = read.staff(desk.now).await?;
    Ok(staff
        .into_iter()
        .filter(|held| held.role == Role::Nurse && held.person != desk.person)
        .filter(|held| known.iter().all(|one| one.person != held.person))
        .map(|held| (held.person, held.name))
        .collect())
}

const fn state(one: &Attendance, inside: bool, away: bool) -> &'static str {
    match (one.answer, one.device, inside) {
        (_, _, true) if away => "team-left",
        (_, _, true) => "team-inside",
        (Some((false, _)), _, _) => "team-refused",
        (None, _, _) => "team-unanswered",
        (Some((true, _)), None, _) => "team-away",
        (Some((true, _)), Some(_), _) => "team-waits",
    }
}

pub(super) async fn orders(
    read: &mut store::Conn,
    visit: &Consultation,
    w: Words,
) -> Result<Vec<OrderRow>, Problem> {
    Ok(read
        .nurse_orders(visit)
        .await?
        .into_iter()
        .map(|order| OrderRow {
            id: order.id,
            act: order.act,
            at: w.time(order.ordered_at),
            result: order.performed.map(|(_, result)| result),
        })
        .collect())
}

/// Names a nurse who attends, and why. The patient is asked on the own phone.
pub(super) async fn ask(
    desk: StaffDesk,
    At(id): At<ConsultationId>,
    form: Form,
) -> Result<Response, Problem> {
    treats(&desk, id).await?;
    let mut reading = form.reading();
    let person: Option<PersonId> = reading.parse("person");
    let reason = reading.need("attendance_reason", REASON_CHARS_MAX);
    reading.done()?;
    let person = person.ok_or(Problem::Malformed)?;
    let (by, me, role, now) = (desk.by(), desk.person, desk.acting, desk.now);
    desk.write(move |tx| {
        Box::pin(async move {
            let visit = own(tx, id, me, role).await?;
            // Whoever is asked during the call would have to be explained over it: before, or another time.
            if !visit.stage.is_before_live() || !tx.grants(id).await?.is_empty() {
                return Err(Problem::OutOfTurn);
            }
            let nurses = tx.memberships(person, now).await?;
            if !nurses.iter().any(|held| held.role == Role::Nurse) {
                return Err(Problem::NotFound);
            }
            let known = tx.attendants(&visit).await?;
            attendance::may_ask(&known, visit.physician, person, &reason)?;
            tx.ask_attendance(&by, me, &visit, (person, Part::Nurse, &reason))
                .await?;
            Ok(())
        })
    })
    .await?;
    desk.app().bell().ring(id);
    Ok(go(&back(&desk, id)))
}

/// Why a physician who does not visit this patient at home sees the patient with a nurse today (cl-2.3-ii-a).
pub(super) async fn departure(
    desk: StaffDesk,
    At(id): At<ConsultationId>,
    form: Form,
) -> Result<Response, Problem> {
    treats(&desk, id).await?;
    let mut reading = form.reading();
    let reason = reading.need("departure", assistance::WORDS_CHARS_MAX);
    reading.done()?;
    let (by, me, role) = (desk.by(), desk.person, desk.acting);
    desk.write(move |tx| {
        Box::pin(async move {
            let visit = own(tx, id, me, role).await?;
            if !visit.stage.is_before_live() {
                return Err(Problem::OutOfTurn);
            }
            Ok(tx.keep_departure(&by, me, &visit, &reason).await?)
        })
    })
    .await?;
    Ok(go(&back(&desk, id)))
}

/// Lets an attendant in who came after the patient was admitted.
pub(super) async fn let_in(
    desk: StaffDesk,
    At(id): At<ConsultationId>,
    form: Form,
) -> Result<Response, Problem> {
    treats(&desk, id).await?;
    let mut reading = form.reading();
    let attendance: Option<AttendanceId> = reading.parse("attendance");
    reading.done()?;
    let (by, me, role) = (desk.by(), desk.person, desk.acting);
    let grants = desk
        .write(move |tx| {
            Box::pin(async move {
                let visit = own(tx, id, me, role).await?;
                let running = visit.stage.is_running();
                if !running || tx.grants(id).await?.is_empty() {
                    return Err(Problem::OutOfTurn);
                }
                room::taken_back(tx, &visit).await?;
                let known = tx.attendants(&visit).await?;
                let one = known
                    .iter()
                    .find(|one| Some(one.id) == attendance)
                    .ok_or(Problem::NotFound)?;
                grant(tx, &by, me, &visit, one).await?;
                crate::joint::opened(tx, &by, &visit).await?;
                Ok(tx.grants(id).await?)
            })
        })
        .await?;
    room::open(desk.app(), id, &grants).await?;
    Ok(go(&back(&desk, id)))
}

async fn grant(
    tx: &mut Tx,
    by: &By,
    physician: PersonId,
    visit: &Consultation,
    one: &Attendance,
) -> Result<(), Problem> {
    let accepted = attendance::accepted(one, visit.id)?;
    let seat = room::staff_seat(accepted.person());
    tx.grant_seat(by, physician, visit, (&seat, "other", accepted.device()))
        .await?;
    Ok(())
}

/// With the patient, whoever the patient has agreed to and whose page is open is let in too.
pub(crate) async fn let_in_with(
    tx: &mut Tx,
    by: &By,
    physician: PersonId,
    visit: &Consultation,
) -> Result<(), Problem> {
    for one in tx.attendants(visit).await? {
        if attendance::accepted(&one, visit.id).is_ok() {
            grant(tx, by, physician, visit, &one).await?;
        }
    }
    Ok(())
}
