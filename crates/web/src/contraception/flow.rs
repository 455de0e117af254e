//! `/contraception/{id}`: the questions before there is an hour. Institutions near her and the counselling services come first;
//! only who knows of them and cannot go is asked for a ground.

use super::offered;
use crate::{
    At, Errors, Form, Problem, StaffDesk,
    bookings::{
        invite::Letter,
        make::{Wanted, When, make},
    },
    desk::go,
    shell::{Section, StaffShell},
    words::{Words, tokyo},
};
use access::{PersonId, Role};
use askama::Template;
use axum::{
    extract::{FromRequestParts, Query},
    http::request::Parts,
    response::Response,
};
use care::{
    PatientId, Refusal, Remedy, Service,
    area::Area,
    emergency_contraception::{
        self as ec, Answer, Case, CaseId, GROUND, Ground, Kept, Lists, Report,
        list::{Place, PlaceKind},
    },
};
use jiff::{
    SignedDuration, Timestamp,
    civil::{Date, Time},
};
use serde::Deserialize;
use store::{contraception::Course, dossier::legal_day, patient::Patient};

/// Longest place or reason, in characters.
const TEXT_CHARS_MAX: usize = 300;
/// Longest search, in characters.
const SEARCH_CHARS_MAX: usize = 60;
/// Most institutions on one page.
pub(super) const SHOWN_MAX: usize = 30;
/// The hour lies at most this far ahead: it works for three days.
const AHEAD_MAX: SignedDuration = SignedDuration::from_hours(72);

#[derive(Template)]
#[template(path = "contraception/begin.html")]
struct Begin {
    shell: StaffShell,
    w: Words,
    sought: String,
    found: Option<Vec<(PatientId, String, String)>>,
    place: String,
    place_error: bool,
}

/// `?patient=`
#[derive(Default, Deserialize)]
pub(super) struct Asked {
    #[serde(default)]
    patient: String,
}

impl<S: Send + Sync> FromRequestParts<S> for Asked {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        Ok(Query::<Self>::from_request_parts(parts, state)
            .await
            .map(|Query(asked)| asked)
            .unwrap_or_default())
    }
}

pub(super) async fn begin(desk: StaffDesk, asked: Asked) -> Result<Response, Problem> {
    let found = match asked.patient.parse::<PatientId>() {
        Ok(id) => Some(desk.read().await?.patient(id).await?.into_iter().collect()),
        Err(_) => None,
    };
    begun(&desk, String::new(), found, (String::new(), false)).await
}

async fn begun(
    desk: &StaffDesk,
    sought: String,
    found: Option<Vec<Patient>>,
    (place, place_error): (String, bool),
) -> Result<Response, Problem> {
    if !offered(&mut *desk.read().await?).await? {
        return Err(Problem::NotFound);
    }
    if let Some(patients) = &found {
        let ids = patients.iter().map(|patient| patient.id).collect();
        crate::patients::opened(desk, "booking", ids).await?;
    }
    let page = Begin {
        shell: desk.shell("contraception-title", Section::Bookings).await?,
        w: desk.w,
        sought,
        found: found.map(|patients| {
            patients
                .into_iter()
                .map(|one| (one.id, one.profile.name, one.profile.kana))
                .collect()
        }),
        place,
        place_error,
    };
    if page.place_error {
        desk.page_wrong(&page)
    } else {
        desk.page(&page)
    }
}

/// Where she is; the institutions there are shown, and kept as shown.
pub(super) async fn open(desk: StaffDesk, form: Form) -> Result<Response, Problem> {
    let words: String = form.text("q").chars().take(SEARCH_CHARS_MAX).collect();
    if form.has("find") {
        let found = desk.read().await?.search_patients(&words).await?;
        return begun(&desk, words, Some(found), (String::new(), false)).await;
    }
    let mut reading = form.reading();
    let patient: Option<PatientId> = reading.parse("patient");
    let place = reading.need("place", TEXT_CHARS_MAX);
    reading.done()?;
    let patient = patient.ok_or(Problem::Malformed)?;
    let Some(area) = Area::read(&place).filter(Area::names_prefecture) else {
        let found = desk.read().await?.patient(patient).await?;
        let found = Some(found.into_iter().collect());
        return begun(&desk, words, found, (place, true)).await;
    };
    let (by, person, today) = (desk.by(), desk.person, legal_day(desk.now));
    let id = desk
        .write(move |tx| {
            Box::pin(async move {
                tx.patient(patient).await?.ok_or(Problem::NotFound)?;
                let facts = tx.contraception_facts(patient, None).await?;
                ec::open(facts.setting.as_ref(), &facts.lists, today)?;
                let institutions = facts.lists.institutions(today)?;
                let (shown, near) = ec::shown(institutions, &area);
                let case = Case {
                    place,
                    institutions: institutions.number,
                    shown: shown
                        .iter()
                        .take(SHOWN_MAX)
                        .map(|one| one.name.clone())
                        .collect(),
                    near,
                    answer: None,
                    ground: None,
                    pharmacy: None,
                    follow_up: None,
                    read: false,
                    explained: false,
                    outcome: None,
                };
                Ok(tx.open_contraception(&by, person, patient, &case).await?)
            })
        })
        .await?;
    Ok(go(&format!("/contraception/{id}")))
}

/// Where a case stands; one thing is asked at a time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Face {
    Shown,
    Introduced,
    Grounds,
    Booking,
    Booked,
    Course,
    Ended,
}

#[derive(Template)]
#[template(path = "contraception/case.html")]
struct Page {
    shell: StaffShell,
    w: Words,
    errors: Errors,
    typed: Form,
    id: CaseId,
    patient: PatientId,
    name: String,
    phone: String,
    face: Face,
    case: Case,
    institutions: Vec<Place>,
    counselling: Vec<Place>,
    introduced: Option<Place>,
    /// A physician is at the desk: grounds of the mind are a physician's to judge.
    physician: bool,
    physicians: Vec<(PersonId, String)>,
    visit: String,
    report: Option<(Report, String)>,
    advice_open: bool,
    attempts: Vec<(String, String, String)>,
    may_end: bool,
    today: String,
    follow_up_on: String,
    clauses: [&'static str; 3],
}

fn face(kept: &Kept, course: Course) -> Face {
    match (&kept.case.answer, &kept.case.ground) {
        _ if course.ended.is_some() => Face::Ended,
        _ if course.ordered.is_some() => Face::Course,
        _ if kept.visit.is_some() => Face::Booked,
        (None, _) => Face::Shown,
        (Some(Answer::DidNotKnow { .. }), _) => Face::Introduced,
        (Some(Answer::CannotGo { .. }), None) => Face::Grounds,
        (Some(Answer::CannotGo { .. }), Some(_)) => Face::Booking,
    }
}

pub(super) async fn show(desk: StaffDesk, At(id): At<CaseId>) -> Result<Response, Problem> {
    let page = page(&desk, id, Errors::default(), Form::parse(b"")?).await?;
    crate::patients::opened(&desk, "pathway", vec![page.patient]).await?;
    desk.page(&page)
}

async fn page(desk: &StaffDesk, id: CaseId, errors: Errors, typed: Form) -> Result<Page, Problem> {
    let (w, today) = (desk.w, legal_day(desk.now));
    let mut read = desk.read().await?;
    let (mut kept, course) = read
        .contraception_case(id)
        .await?
        .ok_or(Problem::NotFound)?;
    let patient = read.patient(kept.patient).await?.ok_or(Problem::NotFound)?;
    let facts = read.contraception_facts(kept.patient, Some(id)).await?;
    let mut physicians = Vec::new();
    for (person, name) in crate::patients::physicians(&mut read, desk.now).await? {
        if ec::qualified(&facts.register, person, today).is_ok() {
            physicians.push((person, name));
        }
    }
    let report = read.pharmacist_report(&kept).await?;
    let tasks = read.tasks_of(kept.patient).await?;
    let about = id.to_string();
    let advice_open = tasks.iter().any(|task| {
        task.closed.is_none()
            && task.opening.kind == care::task::Kind::PharmacistAdvice
            && task.opening.about.as_deref() == Some(about.as_str())
    });
    let mut attempts = Vec::new();
    for (attempt, who) in read.contact_attempts(&kept).await? {
        let name = read.name_of(who).await?.unwrap_or_default();
        attempts.push((w.date(attempt.on), attempt.words, name));
    }
    drop(read);
    // The judgement is a physician's, for physicians.
    if !desk.has(Role::Physician)
        && let Some(Ground::Psychological { judgement, .. }) = &mut kept.case.ground
    {
        judgement.clear();
    }
    let places = |lists: &Lists| {
        let all = lists
            .institutions
            .as_ref()
            .map(|loaded| loaded.places.clone());
        all.unwrap_or_default()
    };
    let all = places(&facts.lists);
    let introduced = match &kept.case.answer {
        Some(Answer::DidNotKnow { institution }) => {
            all.iter().find(|one| one.name == *institution).cloned()
        }
        Some(Answer::CannotGo { .. }) | None => None,
    };
    Ok(Page {
        shell: desk.shell("contraception-title", Section::Bookings).await?,
        w,
        errors,
        typed,
        id,
        patient: kept.patient,
        name: patient.profile.name,
        phone: patient.profile.phone,
        face: face(&kept, course),
        institutions: all
            .iter()
            .filter(|one| one.kind == PlaceKind::Institution)
            .filter(|one| kept.case.shown.contains(&one.name))
            .cloned()
            .collect(),
        counselling: all
            .iter()
            .filter(|one| one.kind == PlaceKind::Counselling)
            .take(SHOWN_MAX)
            .cloned()
            .collect(),
        introduced,
        physician: desk.has(Role::Physician),
        physicians,
        visit: kept
            .visit
            .map(|visit| visit.to_string())
            .unwrap_or_default(),
        report: report.map(|(report, at)| (report, w.day_time(at))),
        advice_open,
        may_end: ec::ended(&kept.case, attempts.len()).is_ok(),
        attempts,
        today: today.to_string(),
        follow_up_on: kept
            .case
            .follow_up
            .as_ref()
            .map(|one| w.date(one.on))
            .unwrap_or_default(),
        case: kept.case,
        clauses: super::GROUNDS,
    })
}

/// What is not there is said before what is wrong with the form.
pub(super) async fn there(desk: &StaffDesk, id: CaseId) -> Result<(), Problem> {
    let known = desk.read().await?.contraception_case(id).await?;
    known.map(|_| ()).ok_or(Problem::NotFound)
}

/// 知らなかった, or 知っているが行けない.
pub(super) async fn answer(
    desk: StaffDesk,
    At(id): At<CaseId>,
    form: Form,
) -> Result<Response, Problem> {
    there(&desk, id).await?;
    let mut reading = form.reading();
    let answer = match form.text("answer") {
        "did_not_know" => Some(Answer::DidNotKnow {
            institution: form.text("institution").to_owned(),
        }),
        "cannot_go" => Some(Answer::CannotGo {
            because: reading.maybe("because", TEXT_CHARS_MAX).unwrap_or_default(),
        }),
        _ => {
            reading.wrong("answer", "field-empty");
            None
        }
    };
    reading.done()?;
    let answer = answer.ok_or(Problem::Malformed)?;
    let by = desk.by();
    desk.write(move |tx| {
        Box::pin(async move {
            let (mut kept, _) = tx.contraception_case(id).await?.ok_or(Problem::NotFound)?;
            ec::answered(&kept.case, &answer)?;
            kept.case.answer = Some(answer);
            Ok(tx
                .keep_contraception(&by, (ec::INTRODUCED, "pathway.answered"), &kept)
                .await?)
        })
    })
    .await?;
    Ok(go(&format!("/contraception/{id}")))
}

/// One of the two grounds. What is hard for her state of mind is judged by the physician who writes it.
pub(super) async fn ground(
    desk: StaffDesk,
    At(id): At<CaseId>,
    form: Form,
) -> Result<Response, Problem> {
    let mut reading = form.reading();
    let words = reading.maybe("words", TEXT_CHARS_MAX).unwrap_or_default();
    reading.done()?;
    let ground = match form.text("ground") {
        "geographic" => Some(Ground::Geographic { explanation: words }),
        "psychological" => {
            if !desk.has(Role::Physician) {
                return Err(Refusal::person(GROUND, Remedy::WriteJudgement)
                    .because("physician_judges")
                    .into());
            }
            Some(Ground::Psychological {
                by: desk.person,
                judgement: words,
            })
        }
        _ => None,
    };
    let (by, today) = (desk.by(), legal_day(desk.now));
    desk.write(move |tx| {
        Box::pin(async move {
            let (mut kept, _) = tx.contraception_case(id).await?.ok_or(Problem::NotFound)?;
            if kept.visit.is_some() {
                return Err(Problem::OutOfTurn);
            }
            let facts = tx.contraception_facts(kept.patient, Some(id)).await?;
            ec::grounded(&kept.case, ground.as_ref(), &facts.register, today)?;
            kept.case.ground = ground;
            Ok(tx
                .keep_contraception(&by, (GROUND, "pathway.grounded"), &kept)
                .await?)
        })
    })
    .await?;
    Ok(go(&format!("/contraception/{id}")))
}

/// Books: everything is judged again where every booking is made.
pub(super) async fn book(
    desk: StaffDesk,
    At(id): At<CaseId>,
    form: Form,
) -> Result<Response, Problem> {
    let mut reading = form.reading();
    let physician: Option<PersonId> = reading.parse("physician");
    let when = when(&form, &mut reading, desk.now);
    let errors = reading.errors();
    let (Some(physician), Some(when), true) = (physician, when, errors.is_empty()) else {
        return desk.page_wrong(&page(&desk, id, errors, form).await?);
    };
    let letter = Letter::new(&desk)?;
    let by = desk.by();
    let visit = desk
        .write(move |tx| {
            Box::pin(async move {
                let (kept, _) = tx.contraception_case(id).await?.ok_or(Problem::NotFound)?;
                if kept.visit.is_some() || kept.ended {
                    return Err(Problem::OutOfTurn);
                }
                let wanted = Wanted {
                    patient: kept.patient,
                    physician,
                    when,
                    // A thing of its own, whatever the plan of another illness says.
                    new_condition: true,
                    route: None,
                    service: Service::EmergencyContraception,
                    place: None,
                };
                let booking = make(tx, &by, letter, wanted).await?;
                Ok(booking.consultation.id)
            })
        })
        .await?;
    Ok(go(&format!("/bookings/{visit}")))
}

fn when(form: &Form, reading: &mut crate::form::Reading<'_>, now: Timestamp) -> Option<When> {
    if form.has("now") {
        return Some(When::Now);
    }
    let date: Option<Date> = reading.parse("date");
    let time: Option<Time> = reading.parse("time");
    let at = date.zip(time).and_then(|(date, time)| {
        let zoned = date.to_datetime(time).to_zoned(tokyo()).ok()?;
        Some(zoned.timestamp())
    })?;
    if !(SignedDuration::ZERO..=AHEAD_MAX).contains(&at.duration_since(now)) {
        reading.wrong("date", "bookings-not-then");
    }
    Some(When::At(at))
}
