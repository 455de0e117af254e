//! `/visit/withdraw`: the agreement ends at any time, at once; `/visit/in-person`: where one is seen instead.

use super::{
    body::{Nearby, partners},
    going::{self, Going},
    load,
    step::{Asking, Case, Step},
};
use crate::{Form, PatientDesk, Problem, desk::go, room, shell::PatientShell, words::Words};
use askama::Template;
use axum::response::Response;

#[derive(Template)]
#[template(path = "visit/withdraw.html")]
struct Page {
    shell: PatientShell,
    w: Words,
}

#[derive(Template)]
#[template(path = "visit/in-person.html")]
struct InPerson {
    shell: PatientShell,
    w: Words,
    withdrawn: bool,
    again: bool,
    going: Option<Going>,
    partners: Vec<Nearby>,
}

pub(super) async fn show(desk: PatientDesk) -> Result<Response, Problem> {
    desk.page(&Page {
        shell: desk.shell("visit-withdraw-title").await?,
        w: desk.w,
    })
}

pub(super) async fn withdraw(desk: PatientDesk, _form: Form) -> Result<Response, Problem> {
    let asking = Asking::of(&desk);
    desk.write(move |tx| {
        Box::pin(async move {
            let case = Case::load(tx, &asking).await?;
            tx.keep_withdrawal(&asking.by(), asking.patient, asking.consultation)
                .await?;
            if case.agreement.rows.is_empty() {
                // Nothing was given yet: then the wish says it.
                tx.keep_wish(&asking.by(), &case.booking.consultation, false)
                    .await?;
            }
            Ok(())
        })
    })
    .await?;
    // Picture and sound end with it; what is still open is the physician's to settle.
    room::close(desk.app(), desk.consultation).await;
    Ok(go(&Step::InPerson.address()))
}

pub(super) async fn in_person(desk: PatientDesk) -> Result<Response, Problem> {
    let case = load(&desk).await?;
    if case.next() != Step::InPerson {
        return Ok(go(&case.next().address()));
    }
    desk.page(&InPerson {
        shell: desk.shell("visit-in-person-title").await?,
        w: desk.w,
        withdrawn: case
            .agreement
            .rows
            .iter()
            .any(|row| row.withdrawn.is_some()),
        again: case.standing.stage.is_before_live(),
        going: going::load(&desk, &case).await?,
        partners: partners(&desk).await?,
    })
}
