//! `/requests`: who asked for an appointment on the public page; reception accepts with an hour, or declines in words.

use crate::{
    At, Errors, Form, Problem, StaffDesk,
    bookings::{
        invite::Letter,
        make::{Wanted, make},
        when,
    },
    desk::go,
    shell::{Section, StaffShell},
    words::Words,
};
use access::PersonId;
use askama::Template;
use axum::response::Response;
use care::{
    PatientId, Service,
    first_visit::Chosen,
    patient::{Profile, age},
};
use store::{
    appointment::{Appointment, AppointmentId, OPEN_MAX},
    dossier::legal_day,
};

/// Longest words of a decline, and grounds of a route, in characters.
const WORDS_CHARS_MAX: usize = 500;

/// A request on the list.
struct Row {
    id: AppointmentId,
    name: String,
    made: String,
    service: String,
}

#[derive(Template)]
#[template(path = "preconsultation/requests.html")]
struct List {
    shell: StaffShell,
    w: Words,
    rows: Vec<Row>,
    more: bool,
}

#[derive(Template)]
#[template(path = "preconsultation/request.html")]
struct Page {
    shell: StaffShell,
    w: Words,
    errors: Errors,
    typed: Form,
    id: AppointmentId,
    one: Appointment,
    service: String,
    made: String,
    born: String,
    age: i16,
    fee: Option<String>,
    /// Who is known here by this telephone number and birth date.
    known: Vec<(PatientId, String, i64)>,
    physicians: Vec<(PersonId, String)>,
    care: bool,
}

fn named(service: Service) -> String {
    format!("bookings-service-{}", service.as_str())
}

pub(super) async fn list(desk: StaffDesk) -> Result<Response, Problem> {
    let open = desk.read().await?.open_appointments().await?;
    desk.page(&List {
        shell: desk.shell("requests-title", Section::Bookings).await?,
        w: desk.w,
        more: i64::try_from(open.len()).is_ok_and(|count| count >= OPEN_MAX),
        rows: open
            .into_iter()
            .map(|one| Row {
                id: one.id,
                name: one.asked.name,
                made: desk.w.day_time(one.made),
                service: named(one.service),
            })
            .collect(),
    })
}

pub(super) async fn one(desk: StaffDesk, At(id): At<AppointmentId>) -> Result<Response, Problem> {
    let page = page(&desk, id, Errors::default(), Form::parse(b"")?).await?;
    desk.page(&page)
}

async fn page(
    desk: &StaffDesk,
    id: AppointmentId,
    errors: Errors,
    typed: Form,
) -> Result<Page, Problem> {
    let mut read = desk.read().await?;
    let one = read
        .appointment(id)
        .await?
        .filter(|one| one.reply.is_none())
        .ok_or(Problem::NotFound)?;
    let mut known = Vec::new();
    for same in read.same_person(&one.asked.phone, one.asked.birth).await? {
        if let Some(patient) = read.patient(same).await? {
            known.push((patient.id, patient.profile.name, patient.number));
        }
    }
    let physicians = crate::patients::physicians(&mut read, desk.now).await?;
    drop(read);
    let seen = known.iter().map(|(id, _, _)| *id).collect();
    crate::patients::opened(desk, "appointment", seen).await?;
    Ok(Page {
        shell: desk.shell("requests-title", Section::Bookings).await?,
        w: desk.w,
        errors,
        typed,
        id,
        service: named(one.service),
        made: desk.w.day_time(one.made),
        born: desk.w.date(one.asked.birth),
        age: age(one.asked.birth, legal_day(desk.now)),
        fee: one.acknowledged.map(|known| super::yen(known.fee_yen)),
        care: one.service == Service::Care,
        one,
        known,
        physicians,
    })
}

/// Accepts: a patient is registered, or the one who is known; the visit is booked and the link sent, in one commit.
pub(super) async fn accept(
    desk: StaffDesk,
    At(id): At<AppointmentId>,
    form: Form,
) -> Result<Response, Problem> {
    let mut reading = form.reading();
    let physician: Option<PersonId> = reading.parse("physician");
    let hour = when(&form, &mut reading, desk.now);
    let known: Option<PatientId> = match form.text("patient") {
        "new" => None,
        _ => reading.parse("patient"),
    };
    let route = match form.text("route") {
        "stated" => Some(Chosen::Stated(
            reading.maybe("basis", WORDS_CHARS_MAX).unwrap_or_default(),
        )),
        "sources" => Some(Chosen::Sources),
        _ => None,
    };
    let errors = reading.errors();
    let (Some(physician), Some(when), true) = (physician, hour, errors.is_empty()) else {
        if !desk.wants_page() {
            return Err(Problem::Wrong(errors));
        }
        return desk.page_wrong(&page(&desk, id, errors, form).await?);
    };
    let letter = Letter::new(&desk)?;
    let by = desk.by();
    let booked = desk
        .write(move |tx| {
            Box::pin(async move {
                let one = tx.appointment(id).await?.ok_or(Problem::NotFound)?;
                let patient = match known {
                    Some(patient) => patient,
                    None => tx.add_patient(&by, &profile(&one)).await?,
                };
                tx.accept_appointment(&by, id, patient).await?;
                let wanted = Wanted {
                    patient,
                    physician,
                    when,
                    new_condition: one.service == Service::PreConsultation,
                    route,
                    service: one.service,
                    place: None,
                };
                let booking = make(tx, &by, letter, wanted).await?;
                let visit = booking.consultation.id;
                // A pre-consultation has used its request already: nothing else makes its hour.
                if one.service != Service::PreConsultation {
                    tx.use_appointment(&by, id, visit).await?;
                }
                Ok(visit)
            })
        })
        .await?;
    Ok(go(&format!("/bookings/{booked}")))
}

/// The patient as far as the request says; the desk completes it at the first contact.
fn profile(one: &Appointment) -> Profile {
    Profile {
        name: one.asked.name.clone(),
        kana: one.asked.kana.clone(),
        birth: one.asked.birth,
        sex: String::new(),
        phone: one.asked.phone.clone(),
        mail: String::new(),
        address: one.asked.address.clone(),
        alerts: Vec::new(),
    }
}

/// Declines, in the words that whoever asked reads under the address of the request.
pub(super) async fn decline(
    desk: StaffDesk,
    At(id): At<AppointmentId>,
    form: Form,
) -> Result<Response, Problem> {
    let mut reading = form.reading();
    let words = reading.need("words", WORDS_CHARS_MAX);
    let errors = reading.errors();
    if !errors.is_empty() {
        if !desk.wants_page() {
            return Err(Problem::Wrong(errors));
        }
        return desk.page_wrong(&page(&desk, id, errors, form).await?);
    }
    let by = desk.by();
    desk.write(move |tx| {
        Box::pin(async move {
            tx.appointment(id).await?.ok_or(Problem::NotFound)?;
            Ok(tx.decline_appointment(&by, id, &words).await?)
        })
    })
    .await?;
    Ok(go("/requests"))
}
