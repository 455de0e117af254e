//! `/visit/smoking`: what the physician weighed, for the patient to read before the start (cl-1.2-ix-c).

use crate::{
    Form, PatientDesk, Problem,
    desk::go,
    shell::PatientShell,
    visit::step::{Asking, Case, Step},
    words::Words,
};
use askama::Template;
use axum::response::Response;
use care::smoking::{Course, Way};
use store::{Conn, Fault};

#[derive(Template)]
#[template(path = "smoking/patient.html")]
struct Page {
    shell: PatientShell,
    w: Words,
    course: Course,
    /// The day of a visit in person, where one is set.
    visit_on: Option<String>,
}

pub(super) async fn show(desk: PatientDesk) -> Result<Response, Problem> {
    let mut read = desk.read().await?;
    let case = Case::load(&mut read, &Asking::of(&desk)).await?;
    if case.next() != Step::Weighing {
        return Ok(go("/visit"));
    }
    let course = course(&mut read, &case).await?;
    drop(read);
    desk.page(&Page {
        shell: desk.shell("visit-smoking-title").await?,
        w: desk.w,
        visit_on: match course.terms.way {
            Way::WithVisit(on) => Some(desk.w.date(on)),
            Way::OnlineOnly => None,
        },
        course,
    })
}

async fn course(conn: &mut Conn, case: &Case) -> Result<Course, Problem> {
    conn.smoking_course(case.booking.consultation.patient)
        .await?
        .ok_or(Problem::NotFound)
}

pub(super) async fn acknowledge(desk: PatientDesk, form: Form) -> Result<Response, Problem> {
    let read = form.text("course").to_owned();
    let asking = Asking::of(&desk);
    desk.write(move |tx| {
        Box::pin(async move {
            let case = Case::load(tx, &asking).await?;
            case.before_live()?;
            if !super::is_unread(tx, &case.booking.consultation).await? {
                return Err(Problem::OutOfTurn);
            }
            let course = course(tx, &case).await?;
            // Signed anew since the page was drawn: that one is read first.
            if course.id.to_string() != read {
                return Err(Problem::OutOfTurn);
            }
            match tx
                .acknowledge_smoking_course(&asking.by(), &case.booking.consultation, &course)
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
