//! `/patients`: search, registration, the chart, and what the desk does for one patient.

mod acute;
mod amend;
pub(crate) mod assess;
pub(crate) mod background;
mod chart;
mod desk;
mod register;
mod search;

use crate::{
    Problem, StaffDesk,
    route::{Route, Table},
    words::Words,
};
use access::{PersonId, Role, policy::Audience};
use care::{
    PatientId,
    patient::{age, era_year},
};
use jiff::{Timestamp, civil::Date};
use store::{
    By, Conn, Fault, Tx,
    dossier::legal_day,
    patient::{PAGE_MAX, Patient},
};

/// Who meets patients at the desk.
const DESK: Audience = Audience::Roles(&[Role::Physician, Role::Nurse, Role::Reception]);
/// Who reads what is clinical.
pub(crate) const CLINICAL: Audience = Audience::Roles(&[Role::Physician, Role::Nurse]);

pub(crate) fn routes() -> Table {
    Table::of([
        Route::get("/patients", DESK, search::show),
        Route::post("/patients", DESK, search::find),
        Route::get("/patients/new", DESK, register::show),
        Route::post("/patients/new", DESK, register::add).begins(),
        Route::get("/patients/{id}", DESK, chart::show),
        Route::get("/patients/{id}/identity", DESK, desk::identity),
        Route::post("/patients/{id}/identity", DESK, desk::check_identity),
        Route::get("/patients/{id}/recover", DESK, desk::recover),
        Route::post("/patients/{id}/recover", DESK, desk::renew),
        Route::get("/patients/{id}/proxies/new", DESK, desk::proxy),
        Route::post("/patients/{id}/proxies/new", DESK, desk::add_proxy),
        Route::get("/patients/{id}/assessments/new", CLINICAL, assess::show),
        Route::post("/patients/{id}/assessments/new", CLINICAL, assess::add),
        Route::get("/patients/{id}/acute", DESK, acute::show),
        Route::post("/patients/{id}/acute", DESK, acute::raise),
        Route::post("/patients/{id}/acute/lift", DESK, acute::lift).reserved(care::acute::STABLE),
        Route::get("/patients/{id}/background", DESK, background::show),
        Route::post("/patients/{id}/background", DESK, background::add),
        Route::post("/patients/{id}/background/strike", DESK, background::strike),
        Route::get("/patients/{id}/notes/{visit}", CLINICAL, amend::show),
        Route::post("/patients/{id}/notes/{visit}", CLINICAL, amend::confirm)
            .reserved(care::record::RESERVED_ACTS),
    ])
}

/// Keeps that a page showed these patients, before its first byte.
pub(crate) async fn opened(
    desk: &StaffDesk,
    page: &'static str,
    patients: Vec<PatientId>,
) -> Result<(), Problem> {
    let store = desk.app().store();
    Ok(store
        .keep_opened(desk.tenant, desk.now, &desk.by(), page, &patients)
        .await?)
}

/// One entry a page; one more for each fifty patients, so that nobody shown goes unnamed.
pub(crate) async fn keep_opened(
    tx: &mut Tx,
    by: &By,
    page: &'static str,
    patients: &[PatientId],
) -> Result<(), Fault> {
    if patients.is_empty() {
        return tx.keep_read(by, page, &[]).await;
    }
    for some in patients.chunks(PAGE_MAX) {
        tx.keep_read(by, page, some).await?;
    }
    Ok(())
}

/// Everyone who is a physician here today, by name.
pub(crate) async fn physicians(
    read: &mut Conn,
    now: Timestamp,
) -> Result<Vec<(PersonId, String)>, Problem> {
    let mut physicians: Vec<(PersonId, String)> = read
        .staff(now)
        .await?
        .into_iter()
        .filter(|held| held.role == Role::Physician)
        .map(|held| (held.person, held.name))
        .collect();
    physicians.sort_by(|a, b| a.1.cmp(&b.1));
    physicians.dedup_by_key(|(person, _)| *person);
    Ok(physicians)
}

/// The role in which somebody asks for an act reserved to physicians, and whether the licence was verified.
pub(crate) async fn qualification(
    desk: &StaffDesk,
    read: &mut Conn,
) -> Result<(Role, bool), Problem> {
    let role = if desk.has(Role::Physician) {
        Role::Physician
    } else {
        desk.acting
    };
    let proof = read.physician_proof(desk.person).await?;
    let qualified = proof.is_some_and(|proof| {
        proof.registration_year.is_some()
            && proof.withdrawn.is_none()
            && proof.verified_by != proof.person
    });
    Ok((role, qualified))
}

/// The pinned strip that says whose page this is (`patients/band.html`).
pub(crate) struct Band {
    pub(crate) id: PatientId,
    pub(crate) name: String,
    pub(crate) kana: String,
    pub(crate) born: String,
    pub(crate) age: i16,
    pub(crate) sex: String,
    pub(crate) number: i64,
    pub(crate) alerts: Vec<String>,
}

impl Band {
    /// The band of one patient; 404 where there is none.
    pub(crate) async fn load(
        read: &mut Conn,
        id: PatientId,
        w: Words,
        now: Timestamp,
    ) -> Result<(Self, Patient), Problem> {
        let patient = read.patient(id).await?.ok_or(Problem::NotFound)?;
        let profile = &patient.profile;
        let band = Self {
            id,
            name: profile.name.clone(),
            kana: profile.kana.clone(),
            born: born(w, profile.birth),
            age: age(profile.birth, legal_day(now)),
            sex: match profile.sex.as_str() {
                "" => String::new(),
                sex => w.say(format!("patients-sex-{sex}")).into_owned(),
            },
            number: patient.number,
            alerts: profile.alerts.clone(),
        };
        Ok((band, patient))
    }
}

/// A birth date in both calendars: `1951年(昭和26年)4月3日`.
pub(crate) fn born(w: Words, birth: Date) -> String {
    let Some((era, year)) = era_year(birth) else {
        return w.date(birth);
    };
    w.fill_all(
        "patients-born",
        &[
            ("year", birth.year().to_string()),
            (
                "era",
                w.say(format!("patients-era-{}", era.as_str())).into_owned(),
            ),
            ("in_era", year.to_string()),
            ("month", birth.month().to_string()),
            ("day", birth.day().to_string()),
        ],
    )
    .into_owned()
}
