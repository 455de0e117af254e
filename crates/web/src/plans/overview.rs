//! `/plans`: which plans ask something of a physician: a visit in person, a test, a signature, another partner.

use crate::{
    Problem, StaffDesk, patients,
    shell::{Section, StaffShell},
    words::Words,
};
use access::{PersonId, Role};
use askama::Template;
use axum::{
    extract::{FromRequestParts, Query},
    http::request::Parts,
    response::Response,
};
use care::{
    PatientId,
    partner::Partner,
    plan::{PlanState, Review, information::Standing, review},
};
use jiff::civil::Date;
use serde::Deserialize;
use store::{
    Conn,
    dossier::legal_day,
    patient::PAGE_MAX,
    plan::{OPEN_PLANS_MAX, PlanVersion},
};

/// `?show=all` asks for colleagues' patients, too.
#[derive(Default, Deserialize)]
pub(super) struct Asked {
    #[serde(default)]
    show: String,
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

#[derive(Template)]
#[template(path = "plans/overview.html")]
struct Page {
    shell: StaffShell,
    w: Words,
    all: bool,
    is_physician: bool,
    due: Vec<Row>,
    drafts: Vec<Row>,
    calm: usize,
    more: bool,
}

/// One plan that asks something.
struct Row {
    patient: PatientId,
    name: String,
    number: i64,
    version: i64,
    asks: Vec<Ask>,
}

pub(crate) struct Ask {
    pub(crate) late: bool,
    pub(crate) words: String,
}

pub(super) async fn show(desk: StaffDesk, asked: Asked) -> Result<Response, Problem> {
    let is_physician = desk.has(Role::Physician);
    let all = asked.show == "all" || !is_physician;
    let today = legal_day(desk.now);
    let mut read = desk.read().await?;
    let plans = read.open_plans().await?;
    let mut more = i64::try_from(plans.len()).is_ok_and(|count| count >= OPEN_PLANS_MAX);
    let partners = read.partners().await?;
    let staff: Vec<PersonId> = patients::physicians(&mut read, desk.now)
        .await?
        .into_iter()
        .map(|(person, _)| person)
        .collect();
    let (mut due, mut drafts, mut calm) = (Vec::new(), Vec::new(), 0);
    for version in plans {
        if !all && !concerns(&version, desk.person) {
            continue;
        }
        if matches!(version.plan.state, PlanState::Draft) {
            drafts.push(version);
            continue;
        }
        let asks = asks_of(&mut read, &version, (&partners, &staff), today).await?;
        match asks.first() {
            None => calm += 1,
            Some(first) => due.push((first.clone(), asks, version)),
        }
    }
    due.sort_by(|(one, ..), (two, ..)| one.cmp(two));
    drafts.sort_by_key(|version| (rank(version), version.created));
    more |= due.len() > PAGE_MAX || drafts.len() > PAGE_MAX;
    due.truncate(PAGE_MAX);
    drafts.truncate(PAGE_MAX);
    let w = desk.w;
    let (mut due_rows, mut draft_rows) = (Vec::new(), Vec::new());
    for (_, asks, version) in due {
        let asks = asks.iter().map(|ask| said(w, ask)).collect();
        due_rows.extend(row(&mut read, &version, asks).await?);
    }
    for version in drafts {
        let ask = Ask {
            late: false,
            words: w.say(standing(&version)).into_owned(),
        };
        draft_rows.extend(row(&mut read, &version, vec![ask]).await?);
    }
    drop(read);
    let mut shown: Vec<PatientId> = due_rows
        .iter()
        .chain(&draft_rows)
        .map(|row| row.patient)
        .collect();
    shown.sort_unstable();
    shown.dedup();
    patients::opened(&desk, "plans", shown).await?;
    desk.page(&Page {
        shell: desk.shell("plans-overview-title", Section::Plans).await?,
        w,
        all,
        is_physician,
        due: due_rows,
        drafts: draft_rows,
        calm,
        more,
    })
}

/// Whether item 8 names the physician.
fn concerns(version: &PlanVersion, physician: PersonId) -> bool {
    let listed = &version.plan.draft.physicians;
    listed.iter().any(|listed| listed.person == physician)
}

async fn asks_of(
    read: &mut Conn,
    version: &PlanVersion,
    (partners, staff): (&[Partner], &[PersonId]),
    today: Date,
) -> Result<Vec<Review>, Problem> {
    let facts = read.seen(version.plan.patient).await?;
    let mut asks = review(&version.plan, &facts, partners, today);
    let listed = &version.plan.draft.physicians;
    asks.extend(
        listed
            .iter()
            .filter(|listed| !staff.contains(&listed.person))
            .map(|listed| Review::PhysicianMissing {
                name: listed.name.clone(),
            }),
    );
    if let Some(Standing::Overdue(day)) = read.information(&version.plan, today).await? {
        asks.push(Review::InformationOverdue(day));
    }
    asks.sort();
    Ok(asks)
}

/// Drafts that wait for the physician come before those that wait for the patient.
const fn rank(version: &PlanVersion) -> u8 {
    match version.read {
        Some((_, true)) => 0,
        Some((_, false)) => 1,
        None => 2,
    }
}

/// What a draft waits for.
const fn standing(version: &PlanVersion) -> &'static str {
    match version.read {
        Some((_, true)) => "plans-wants-change",
        Some((_, false)) => "plans-overview-read",
        None => "plans-unread",
    }
}

/// What is due, in words.
pub(crate) fn said(w: Words, ask: &Review) -> Ask {
    let words = match ask {
        Review::InPersonOverdue => w.say("plans-overdue").into_owned(),
        Review::InPersonSoon(day) => w.fill("plans-due-by", "day", w.date(*day)).into_owned(),
        Review::AcuteEnded => w.say("plans-overview-acute-ended").into_owned(),
        Review::AcuteEnding(day) => w
            .fill("plans-overview-acute-ending", "day", w.date(*day))
            .into_owned(),
        Review::InformationOverdue(day) => w
            .fill("plans-overview-information-overdue", "day", w.date(*day))
            .into_owned(),
        Review::PhysicianMissing { name } => w
            .fill("plans-overview-physician-missing", "name", name.as_str())
            .into_owned(),
        Review::TestOverdue { name, due } => w
            .fill2(
                "plans-overview-test-overdue",
                "name",
                name.as_str(),
                "day",
                w.date(*due),
            )
            .into_owned(),
        Review::TestSoon { name, due } => w
            .fill2(
                "plans-overview-test-soon",
                "name",
                name.as_str(),
                "day",
                w.date(*due),
            )
            .into_owned(),
    };
    Ask {
        late: ask.is_late(),
        words,
    }
}

async fn row(
    read: &mut Conn,
    version: &PlanVersion,
    asks: Vec<Ask>,
) -> Result<Option<Row>, Problem> {
    let patient = read.patient(version.plan.patient).await?;
    Ok(patient.map(|patient| Row {
        patient: patient.id,
        name: patient.profile.name,
        number: patient.number,
        version: version.plan.version,
        asks,
    }))
}
