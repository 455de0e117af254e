//! `/visit/attendant`: somebody attends besides the physician; the patient is told who and why, and says yes or no.

use crate::{
    Form, PatientDesk, Problem,
    desk::go,
    room,
    shell::PatientShell,
    visit::step::{Asking, Case, Step},
    words::Words,
};
use askama::Template;
use axum::response::Response;
use care::{
    AttendanceId, Consultation, ConsultationId,
    attendance::{Attendance, Part},
};
use store::{Conn, Fault};

#[derive(Template)]
#[template(path = "team/asked.html")]
struct Page {
    shell: PatientShell,
    w: Words,
    id: AttendanceId,
    name: String,
    /// As what: the text's key.
    part: String,
    reason: String,
}

/// Somebody who was let in besides the physician.
#[derive(Clone)]
pub(crate) struct LetIn {
    /// As what: the text's key.
    pub(crate) part: String,
    pub(crate) name: String,
    /// The attending physician has left the patient's side: the visit waits.
    pub(crate) away: bool,
}

/// Who was let in besides the physician.
pub(crate) async fn let_in(
    conn: &mut Conn,
    visit: &Consultation,
    team: &[Attendance],
) -> Result<Vec<LetIn>, Fault> {
    let mut names = Vec::new();
    if team.is_empty() {
        return Ok(names);
    }
    let grants = conn.grants(visit.id).await?;
    for one in team {
        let seat = room::staff_seat(one.person);
        if grants.iter().any(|grant| grant.seat == seat) {
            let name = conn.name_of(one.person).await?.unwrap_or_default();
            names.push(LetIn {
                part: format!("part-{}", one.part.as_str()),
                name,
                away: one.part == Part::Attending && !is_beside(conn, visit.id).await?,
            });
        }
    }
    Ok(names)
}

/// Whether the attending physician is at the patient's side now.
pub(super) async fn is_beside(conn: &mut Conn, visit: ConsultationId) -> Result<bool, Fault> {
    let presence = conn.joint_presence(visit).await?;
    Ok(presence.attending.iter().any(|time| time.until.is_none()))
}

pub(super) async fn show(desk: PatientDesk) -> Result<Response, Problem> {
    let mut read = desk.read().await?;
    let case = Case::load(&mut read, &Asking::of(&desk)).await?;
    if case.next() != Step::Attendant {
        return Ok(go("/visit"));
    }
    let known = read.attendants(&case.booking.consultation).await?;
    let Some(one) = known
        .into_iter()
        .find(|one| one.answer.is_none() && one.part == Part::Nurse)
    else {
        return Ok(go("/visit"));
    };
    let name = read.name_of(one.person).await?.unwrap_or_default();
    drop(read);
    desk.page(&Page {
        shell: desk.shell("visit-attendant-title").await?,
        w: desk.w,
        id: one.id,
        name,
        part: format!("part-{}", one.part.as_str()),
        reason: one.reason,
    })
}

pub(super) async fn answer(desk: PatientDesk, form: Form) -> Result<Response, Problem> {
    let mut reading = form.reading();
    let id: Option<AttendanceId> = reading.parse("attendance");
    let yes = match form.text("answer") {
        "yes" => Some(true),
        "no" => Some(false),
        _ => {
            reading.wrong("answer", "field-empty");
            None
        }
    };
    reading.done()?;
    let (Some(id), Some(yes)) = (id, yes) else {
        return Err(Problem::Malformed);
    };
    let asking = Asking::of(&desk);
    desk.write(move |tx| {
        Box::pin(async move {
            Case::load(tx, &asking).await?.before_live()?;
            let by = asking.by();
            match tx
                .answer_attendance(&by, asking.consultation, id, yes)
                .await
            {
                Err(Fault::Conflict) => Err(Problem::OutOfTurn),
                done => Ok(done?),
            }
        })
    })
    .await?;
    desk.app().bell().ring(desk.consultation);
    Ok(go("/visit"))
}
