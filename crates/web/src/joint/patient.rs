//! `/visit/joint`: the patient is shown which physician sits beside, which is far away and who answers for the care.

use crate::{
    Form, PatientDesk, Problem,
    desk::go,
    shell::PatientShell,
    visit::step::{Asking, Case, Step},
    words::Words,
};
use access::PersonId;
use askama::Template;
use axum::response::Response;
use care::{
    attendance::{Attendance, Part},
    attended::{Joint, Told, Way},
};
use store::{Conn, Fault};

#[derive(Template)]
#[template(path = "joint/patient.html")]
struct Page {
    shell: PatientShell,
    w: Words,
    attending: String,
    remote: String,
    responsible: String,
    /// Who is shown to answer for the care: the answer is to what was shown.
    shown: String,
    same_room: bool,
}

/// Whether the patient has still to answer: not asked yet, or something changed since.
pub(crate) fn is_asked(joint: Option<&Joint>, team: &[Attendance]) -> bool {
    let (Some(joint), Some(own)) = (joint, attending(team)) else {
        return false;
    };
    match own.answer {
        None => true,
        Some((true, _)) => joint.responsible.is_some() && !joint.is_told(),
        Some((false, _)) => false,
    }
}

fn attending(team: &[Attendance]) -> Option<&Attendance> {
    team.iter().find(|one| one.part == Part::Attending)
}

pub(super) async fn show(desk: PatientDesk) -> Result<Response, Problem> {
    let mut read = desk.read().await?;
    let case = Case::load(&mut read, &Asking::of(&desk)).await?;
    if case.next() != Step::Beside {
        return Ok(go("/visit"));
    }
    let joint = joint(&mut read, &case).await?;
    let responsible = joint.responsible.ok_or(Problem::OutOfTurn)?;
    let mut name = Vec::new();
    for person in [joint.attending, joint.remote, responsible] {
        name.push(read.name_of(person).await?.unwrap_or_default());
    }
    drop(read);
    let mut name = name.into_iter();
    let mut next = || name.next().unwrap_or_default();
    desk.page(&Page {
        shell: desk.shell("visit-joint-title").await?,
        w: desk.w,
        attending: next(),
        remote: next(),
        responsible: next(),
        shown: shown(responsible, joint.way),
        same_room: joint.way == Way::SameRoom,
    })
}

fn shown(responsible: PersonId, way: Way) -> String {
    format!("{responsible} {}", way.as_str())
}

async fn joint(conn: &mut Conn, case: &Case) -> Result<Joint, Problem> {
    conn.joint_of(&case.booking.consultation)
        .await?
        .ok_or(Problem::NotFound)
}

pub(super) async fn answer(desk: PatientDesk, form: Form) -> Result<Response, Problem> {
    let mut reading = form.reading();
    let yes = match form.text("answer") {
        "yes" => Some(true),
        "no" => Some(false),
        _ => {
            reading.wrong("answer", "field-empty");
            None
        }
    };
    reading.done()?;
    let yes = yes.ok_or(Problem::Malformed)?;
    let read = form.text("shown").to_owned();
    let asking = Asking::of(&desk);
    desk.write(move |tx| {
        Box::pin(async move {
            let case = Case::load(tx, &asking).await?;
            case.before_live()?;
            let visit = &case.booking.consultation;
            let joint = joint(tx, &case).await?;
            let team = tx.attendants(visit).await?;
            let own = attending(&team).ok_or(Problem::OutOfTurn)?;
            if !is_asked(Some(&joint), &team) {
                return Err(Problem::OutOfTurn);
            }
            let responsible = joint.responsible.ok_or(Problem::OutOfTurn)?;
            // Something changed since the page was drawn: it is shown first.
            if yes && read != shown(responsible, joint.way) {
                return Err(Problem::OutOfTurn);
            }
            let by = asking.by();
            if own.answer.is_none() {
                match tx.answer_attendance(&by, visit.id, own.id, yes).await {
                    Err(Fault::Conflict) => return Err(Problem::OutOfTurn),
                    done => done?,
                }
            }
            if yes {
                let told = Told {
                    responsible,
                    way: joint.way,
                };
                tx.keep_joint_told(&by, &joint, told).await?;
            }
            Ok(())
        })
    })
    .await?;
    desk.app().bell().ring(desk.consultation);
    Ok(go("/visit"))
}
