//! `/bookings/wellness/{patient}`: a check of somebody who is mainly healthy (健診など), by one of the physicians of the plan
//! (cl-1.2-viii-e). Where the institution does not offer it, nothing is here.

use super::{
    invite::Letter,
    make::{Wanted, When, make},
};
use crate::{
    At, Errors, Form, Problem, StaffDesk,
    desk::go,
    patients::Band,
    shell::{Section, StaffShell},
    words::Words,
};
use access::PersonId;
use askama::Template;
use axum::response::Response;
use care::{PatientId, Service};
use store::dossier::legal_day;

#[derive(Template)]
#[template(path = "bookings/wellness.html")]
struct Page {
    shell: StaffShell,
    w: Words,
    errors: Errors,
    typed: Form,
    band: Band,
    /// Those whom the plan lists.
    physicians: Vec<(PersonId, String)>,
}

pub(super) async fn show(desk: StaffDesk, At(id): At<PatientId>) -> Result<Response, Problem> {
    let typed = Form::parse(format!("date={}", legal_day(desk.now)).as_bytes())?;
    let page = page(&desk, id, Errors::default(), typed).await?;
    crate::patients::opened(&desk, "booking", vec![id]).await?;
    desk.page(&page)
}

pub(super) async fn book(
    desk: StaffDesk,
    At(patient): At<PatientId>,
    form: Form,
) -> Result<Response, Problem> {
    let mut reading = form.reading();
    let physician: Option<PersonId> = reading.parse("physician");
    let when = super::new::when(&form, &mut reading, desk.now);
    let errors = reading.errors();
    let (Some(physician), Some(when @ When::At(_)), true) = (physician, when, errors.is_empty())
    else {
        return desk.page_wrong(&page(&desk, patient, errors, form).await?);
    };
    let wanted = Wanted {
        patient,
        physician,
        when,
        new_condition: false,
        route: None,
        service: Service::WellnessCheck,
        place: None,
    };
    let (letter, by) = (Letter::new(&desk)?, desk.by());
    let id = desk
        .write(move |tx| {
            Box::pin(async move { Ok(make(tx, &by, letter, wanted).await?.consultation.id) })
        })
        .await?;
    Ok(go(&format!("/bookings/{id}")))
}

async fn page(
    desk: &StaffDesk,
    id: PatientId,
    errors: Errors,
    typed: Form,
) -> Result<Page, Problem> {
    let mut read = desk.read().await?;
    if !read.rota_rules().await?.wellness {
        return Err(Problem::NotFound);
    }
    let (band, _) = Band::load(&mut read, id, desk.w, desk.now).await?;
    let plan = read.plan_in_force(id).await?;
    drop(read);
    Ok(Page {
        shell: desk.shell("wellness-title", Section::Bookings).await?,
        w: desk.w,
        errors,
        typed,
        band,
        physicians: plan
            .map(|plan| plan.draft.physicians)
            .unwrap_or_default()
            .into_iter()
            .map(|listed| (listed.person, listed.name))
            .collect(),
    })
}
