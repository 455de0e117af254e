//! `/joint`: which joint visits there are, and a new one for a patient (`?patient=`).

use super::{Me, address};
use crate::{
    Errors, Form, Problem, StaffDesk, Words,
    desk::go,
    form::encode,
    shell::{Section, StaffShell},
};
use access::{PersonId, Role};
use askama::Template;
use axum::{extract::Query, response::Response};
use care::{
    PatientId, Refusal, Remedy, Service,
    attended::{self, BESIDE, JointId},
};
use serde::Deserialize;
use store::Conn;

#[derive(Template)]
#[template(path = "joint/list.html")]
struct Page {
    shell: StaffShell,
    w: Words,
    errors: Errors,
    typed: Form,
    rows: Vec<Row>,
    services: Vec<Service>,
    /// For whom a new one is opened.
    patient: Option<(PatientId, String)>,
    physicians: Vec<(PersonId, String)>,
}

struct Row {
    id: JointId,
    patient: String,
    service: Service,
    attending: String,
    remote: String,
    when: Option<String>,
}

/// `?patient=`: for whom.
#[derive(Default, Deserialize)]
pub(super) struct Asked {
    #[serde(default)]
    patient: String,
}

/// Which joint services the institution offers; what it does not offer is not shown.
pub(crate) async fn offered(conn: &mut Conn) -> Result<Vec<Service>, Problem> {
    Ok(conn.joint_services().await?)
}

pub(super) async fn show(desk: StaffDesk, Query(asked): Query<Asked>) -> Result<Response, Problem> {
    let typed = Form::parse(
        format!(
            "patient={}&attending={}",
            encode(&asked.patient),
            desk.person
        )
        .as_bytes(),
    )?;
    let page = page(&desk, Errors::default(), typed).await?;
    desk.page(&page)
}

async fn page(desk: &StaffDesk, errors: Errors, typed: Form) -> Result<Page, Problem> {
    let mut read = desk.read().await?;
    let services = offered(&mut read).await?;
    let (mut rows, mut shown) = (Vec::new(), Vec::new());
    for joint in read.joints().await? {
        let Some(patient) = read.patient(joint.patient).await? else {
            continue;
        };
        let when = match joint.visit {
            Some(visit) => read
                .consultation(visit)
                .await?
                .map(|booking| desk.w.day_time(booking.consultation.booked_for)),
            None => None,
        };
        shown.push(joint.patient);
        rows.push(Row {
            id: joint.id,
            patient: patient.profile.name,
            service: joint.service,
            attending: read.name_of(joint.attending).await?.unwrap_or_default(),
            remote: read.name_of(joint.remote).await?.unwrap_or_default(),
            when,
        });
    }
    // A service that nobody switched on, and that never was used here, is not there.
    if services.is_empty() && rows.is_empty() {
        return Err(Problem::NotFound);
    }
    let patient = match typed.text("patient").parse::<PatientId>() {
        Ok(id) => read
            .patient(id)
            .await?
            .map(|patient| (id, patient.profile.name)),
        Err(_) => None,
    };
    shown.extend(patient.iter().map(|(id, _)| *id));
    let physicians = crate::patients::physicians(&mut read, desk.now).await?;
    drop(read);
    shown.sort_unstable();
    shown.dedup();
    crate::patients::opened(desk, "joint", shown).await?;
    Ok(Page {
        shell: desk.shell("joint-title", Section::Bookings).await?,
        w: desk.w,
        errors,
        typed,
        rows,
        services,
        patient,
        physicians,
    })
}

/// Opens one: whose patient, who attends, who is far away, what for.
pub(super) async fn open(desk: StaffDesk, form: Form) -> Result<Response, Problem> {
    let mut reading = form.reading();
    let patient: Option<PatientId> = reading.parse("patient");
    let attending: Option<PersonId> = reading.parse("attending");
    let remote: Option<PersonId> = reading.parse("remote");
    let service = Service::parse(form.text("service")).filter(|service| service.is_joint());
    if service.is_none() {
        reading.wrong("service", "field-empty");
    }
    let errors = reading.errors();
    let (Some(patient), Some(attending), Some(remote), Some(service), true) =
        (patient, attending, remote, service, errors.is_empty())
    else {
        return desk.page_wrong(&page(&desk, errors, form).await?);
    };
    let me = Me::of(&desk);
    let id = desk
        .write(move |tx| {
            Box::pin(async move {
                tx.patient(patient).await?.ok_or(Problem::NotFound)?;
                is_offered(tx, service).await?;
                let physician = |held: Vec<store::person::Membership>| {
                    held.iter().any(|held| held.role == Role::Physician)
                };
                let attends = physician(tx.memberships(attending, me.now).await?);
                attended::paired(attending, remote, attends)?;
                if !physician(tx.memberships(remote, me.now).await?) {
                    return Err(Problem::Wrong(Errors::one("remote", "field-wrong")));
                }
                Ok(tx
                    .open_joint(&me.by, patient, (attending, remote), service)
                    .await?)
            })
        })
        .await?;
    Ok(go(&address(id)))
}

/// Whether the administrator has switched a service on.
pub(super) async fn is_offered(conn: &mut Conn, service: Service) -> Result<(), Problem> {
    if offered(conn).await?.contains(&service) {
        Ok(())
    } else {
        Err(Refusal::state(BESIDE, Remedy::SwitchServiceOn)
            .because("service_off")
            .into())
    }
}
