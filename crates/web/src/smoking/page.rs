//! `/smoking/{patient}`: the check-up, the course, and the hour. Reception sees whether an hour can be booked, and nothing
//! clinical.

use crate::{
    At, Errors, Form, Problem, StaffDesk,
    bookings::{
        invite::Letter,
        make::{Wanted, make},
        route, when,
    },
    desk::go,
    patients::Band,
    shell::{Section, StaffShell},
    words::Words,
};
use access::{PersonId, Role};
use askama::Template;
use axum::response::Response;
use care::{
    PatientId, Refusal, Service,
    smoking::{self, CheckupId, Facts, Question, Terms, Way},
};
use jiff::{ToSpan as _, civil::Date};
use store::dossier::legal_day;

#[derive(Template)]
#[template(path = "smoking/page.html")]
struct Page {
    shell: StaffShell,
    w: Words,
    errors: Errors,
    typed: Form,
    band: Band,
    physician: bool,
    today: String,
    /// Text of what keeps the hour away, if anything does.
    lack: Option<&'static str>,
    checkup: Option<Seen>,
    course: Option<Signed>,
    /// The medicines of the institution, by code and name, and whether the course has them.
    drugs: Vec<(String, String, bool)>,
    questions: [Question; 4],
    physicians: Vec<(PersonId, String)>,
}

struct Seen {
    id: CheckupId,
    on: String,
    result: String,
    source: String,
    excluded: String,
    by: String,
    /// Why it does not carry the way online only.
    stale: bool,
    until: String,
}

struct Signed {
    terms: Terms,
    at: String,
    online_only: bool,
    visit_on: String,
    drugs: Vec<String>,
    acknowledged: Option<String>,
    plan_version: Option<i64>,
}

pub(super) async fn show(desk: StaffDesk, At(id): At<PatientId>) -> Result<Response, Problem> {
    let typed = Form::parse(format!("date={}", legal_day(desk.now)).as_bytes())?;
    let page = page(&desk, id, Errors::default(), typed).await?;
    crate::patients::opened(&desk, "smoking", vec![id]).await?;
    desk.page(&page)
}

async fn page(
    desk: &StaffDesk,
    id: PatientId,
    errors: Errors,
    typed: Form,
) -> Result<Page, Problem> {
    let (w, today) = (desk.w, legal_day(desk.now));
    let shelf = desk.app().lists().await?;
    let mut read = desk.read().await?;
    if !super::offered(&mut read).await? {
        return Err(Problem::NotFound);
    }
    let (band, _) = Band::load(&mut read, id, w, desk.now).await?;
    let facts = read.smoking_facts(id).await?;
    let kept = read.smoking_checkup(id).await?;
    let physicians = crate::patients::physicians(&mut read, desk.now).await?;
    let days_max = facts.setting.as_ref().map_or(0, |setting| setting.days_max);
    let checkup = match kept {
        Some(kept) => Some(Seen {
            id: kept.id,
            on: w.date(kept.checkup.on),
            stale: smoking::checked_up(Some(&kept.checkup), days_max, today).is_err(),
            until: w.date(kept.checkup.on.saturating_add(i32::from(days_max).days())),
            by: read.name_of(kept.by).await?.unwrap_or_default(),
            result: kept.checkup.result,
            source: kept.checkup.source,
            excluded: kept.checkup.excluded,
        }),
        None => None,
    };
    drop(read);
    let name = |code| {
        shelf
            .drug(code, today)
            .map_or_else(|| code.to_string(), |drug| drug.name.clone())
    };
    let chosen = |code| {
        let course = facts.course.as_ref();
        course.is_some_and(|course| course.terms.drugs.contains(&code))
    };
    let drugs = facts
        .setting
        .iter()
        .flat_map(|setting| setting.drugs.iter().copied())
        .map(|code| (code.to_string(), name(code), chosen(code)))
        .collect();
    let lack = lacking(&facts, today);
    let course = facts.course.map(|course| Signed {
        at: w.day_time(course.signed),
        online_only: course.terms.way == Way::OnlineOnly,
        visit_on: match course.terms.way {
            Way::WithVisit(on) => w.date(on),
            Way::OnlineOnly => String::new(),
        },
        drugs: course.terms.drugs.iter().map(|code| name(*code)).collect(),
        acknowledged: course.acknowledged.map(|at| w.day_time(at)),
        plan_version: course.plan_version,
        terms: course.terms,
    });
    Ok(Page {
        shell: desk.shell("smoking-title", Section::Patients).await?,
        w,
        errors,
        typed,
        band,
        physician: desk.has(Role::Physician),
        today: today.to_string(),
        lack,
        checkup,
        course,
        drugs,
        questions: Question::ALL,
        physicians,
    })
}

fn lacking(facts: &Facts, today: Date) -> Option<&'static str> {
    let judged: Result<_, Refusal> = smoking::bookable(facts, today);
    judged.err().map(|refusal| refusal.remedy.key())
}

/// Books: everything is judged again where every booking is made.
pub(super) async fn book(
    desk: StaffDesk,
    At(patient): At<PatientId>,
    form: Form,
) -> Result<Response, Problem> {
    let mut reading = form.reading();
    let physician: Option<PersonId> = reading.parse("physician");
    let at = when(&form, &mut reading, desk.now);
    let route = route(&form, &mut reading);
    let errors = reading.errors();
    let (Some(physician), Some(at), true) = (physician, at, errors.is_empty()) else {
        return desk.page_wrong(&page(&desk, patient, errors, form).await?);
    };
    let wanted = Wanted {
        patient,
        physician,
        when: at,
        new_condition: form.has("new_condition"),
        route,
        service: Service::SmokingCessation,
    };
    let (letter, by) = (Letter::new(&desk)?, desk.by());
    let id = desk
        .write(move |tx| {
            Box::pin(async move { Ok(make(tx, &by, letter, wanted).await?.consultation.id) })
        })
        .await?;
    Ok(go(&format!("/bookings/{id}")))
}
