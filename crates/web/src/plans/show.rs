//! One version of a plan: what changed, what the patient answered, the dates, the versions, and the signature.

use super::item::{self, Line, lines};
use crate::{
    At, Problem, StaffDesk,
    desk::go,
    patients::{self, Band},
    shell::{Section, StaffShell},
    words::Words,
};
use access::Role;
use askama::Template;
use axum::response::Response;
use care::{
    PatientId,
    plan::{
        self, Assessment, Basis, Draft, Due, Facts, Item, Partner, Plan, PlanState, SigningFacts,
        changes, deletable_from, signable,
    },
    record,
    task::Kind,
};
use jiff::civil::Date;
use store::{
    dossier::legal_day,
    plan::{AssessmentContent, PlanVersion},
};

/// Longest reason of a withdrawal, in characters.
const REASON_CHARS_MAX: usize = 500;

#[derive(Template)]
#[template(path = "plans/show.html")]
struct Page {
    shell: StaffShell,
    w: Words,
    band: Band,
    version: i64,
    state: String,
    basis: String,
    items: Vec<Line>,
    changed: Vec<(String, Vec<String>, Vec<String>)>,
    read: Option<(String, bool)>,
    due: String,
    kept_until: Option<String>,
    deletable: bool,
    versions: Vec<(i64, String)>,
    is_draft: bool,
    in_force: bool,
    is_physician: bool,
}

pub(super) async fn show(
    desk: StaffDesk,
    At((id, version)): At<(PatientId, i64)>,
) -> Result<Response, Problem> {
    let w = desk.w;
    let today = legal_day(desk.now);
    let mut read = desk.read().await?;
    let (band, _) = Band::load(&mut read, id, w, desk.now).await?;
    let versions = read.plans(id).await?;
    let shown = find(&versions, version)?;
    let before = versions
        .iter()
        .find(|other| other.plan.version < version)
        .map(|other| &other.plan.draft);
    let partners = read.partners().await?;
    let assessments = read.assessments(id).await?;
    let mut signer = String::new();
    if let PlanState::Signed { by, .. } = shown.plan.state {
        signer = read.name_of(by).await?.unwrap_or_default();
    }
    drop(read);
    patients::opened(&desk, "plan", vec![id]).await?;
    let items = lines(w, &shown.plan.draft, &partners);
    let ended = match shown.plan.state {
        PlanState::Ended { at } => Some(legal_day(at)),
        PlanState::Draft | PlanState::Signed { .. } => None,
    };
    desk.page(&Page {
        shell: desk.shell("plans-title", Section::Plans).await?,
        w,
        version,
        state: state(w, &shown.plan, &signer),
        basis: basis(w, &shown.plan, &assessments),
        changed: before.map_or_else(Vec::new, |before| {
            differences(w, (before, &shown.plan.draft), &partners)
        }),
        items,
        read: shown.read.map(|(at, wants)| (w.day_time(at), wants)),
        due: due(w, &shown.plan, &assessments, today),
        kept_until: ended.map(|ended| w.date(deletable_from(ended))),
        deletable: ended.is_some_and(|ended| today >= deletable_from(ended)),
        versions: versions
            .iter()
            .map(|other| {
                (
                    other.plan.version,
                    format!("plans-short-{}", other.plan.state.as_str()),
                )
            })
            .collect(),
        is_draft: matches!(shown.plan.state, PlanState::Draft),
        in_force: matches!(shown.plan.state, PlanState::Signed { .. }),
        is_physician: desk.has(Role::Physician),
        band,
    })
}

/// 署名する: physicians only, on an assessment in person, after the patient has read it.
pub(super) async fn sign(
    desk: StaffDesk,
    At((id, version)): At<(PatientId, i64)>,
) -> Result<Response, Problem> {
    let mut read = desk.read().await?;
    let (role, qualified) = patients::qualification(&desk, &mut read).await?;
    drop(read);
    record::reserved(role, qualified)?;
    let (by, person, today) = (desk.by(), desk.person, legal_day(desk.now));
    desk.write(move |tx| {
        Box::pin(async move {
            tx.patient(id).await?.ok_or(Problem::NotFound)?;
            let versions = tx.plans(id).await?;
            let chosen = find(&versions, version)?;
            let assessments: Vec<_> = tx
                .assessments(id)
                .await?
                .into_iter()
                .map(|(row, _)| row)
                .collect();
            let partners = tx.partners().await?;
            let first_visits = tx.documented_first_visits(id).await?;
            let agreements = tx.agreement_facts(id).await?;
            // The boundary register speaks at the signature, not at the draft (cl-1.3-i-i).
            let mut plan = chosen.plan.clone();
            let register = tx.responsibility().await?;
            if register.digest != plan.draft.responsibility.digest {
                plan.draft.responsibility = register;
            }
            // Whoever left the registers since the draft is listed in no plan (cl-1.2-viii-b).
            let now = tx.now();
            let staff: Vec<_> = patients::physicians(tx, now)
                .await?
                .into_iter()
                .map(|(person, _)| person)
                .collect();
            care::rota::named(&plan.draft, &staff, &partners, today)?;
            let signable = signable(
                &plan,
                &SigningFacts {
                    first_visits: &first_visits,
                    assessments: &assessments,
                    partners: &partners,
                    agreements: &agreements,
                    acknowledged: chosen.read.is_some_and(|(_, wants)| !wants),
                    today,
                },
            )?;
            if plan.draft != chosen.plan.draft {
                // Somebody else answers for a part of the way now: the patient reads a new version first.
                return Err(Problem::OutOfTurn);
            }
            tx.sign_plan(&by, person, &chosen.plan, signable).await?;
            tx.done_with(&by, id, Kind::PlanDue, |_| true).await?;
            Ok(())
        })
    })
    .await?;
    Ok(go(&format!("/patients/{id}/plans/{version}")))
}

/// 取り下げる: a plan in force ends without another in its place, and the next follow-up needs one (cl-1.3-i).
pub(super) async fn withdraw(
    desk: StaffDesk,
    At((id, version)): At<(PatientId, i64)>,
    form: crate::Form,
) -> Result<Response, Problem> {
    let mut read = desk.read().await?;
    let asked = patients::qualification(&desk, &mut read).await?;
    drop(read);
    let reason: String = form.text("reason").chars().take(REASON_CHARS_MAX).collect();
    let (by, person) = (desk.by(), desk.person);
    desk.write(move |tx| {
        Box::pin(async move {
            let versions = tx.plans(id).await?;
            let chosen = find(&versions, version)?;
            care::plan::withdrawable(&chosen.plan, asked, &reason)?;
            Ok(tx.withdraw_plan(&by, person, &chosen.plan, &reason).await?)
        })
    })
    .await?;
    Ok(go(&format!("/patients/{id}/plans/{version}")))
}

/// Only what has ended more than two years ago can be deleted; the store refuses the rest.
pub(super) async fn delete(
    desk: StaffDesk,
    At((id, version)): At<(PatientId, i64)>,
) -> Result<Response, Problem> {
    let today = legal_day(desk.now);
    desk.write(move |tx| {
        Box::pin(async move {
            let versions = tx.plans(id).await?;
            let chosen = find(&versions, version)?;
            Ok(tx.expire_plan(&chosen.plan, today).await?)
        })
    })
    .await?;
    Ok(go(&format!("/patients/{id}")))
}

fn find(versions: &[PlanVersion], version: i64) -> Result<&PlanVersion, Problem> {
    versions
        .iter()
        .find(|known| known.plan.version == version)
        .ok_or(Problem::NotFound)
}

fn state(w: Words, plan: &Plan, signer: &str) -> String {
    match plan.state {
        PlanState::Draft => w.say("plans-state-draft"),
        PlanState::Signed { at, .. } => {
            w.fill2("plans-state-signed", "at", w.day_time(at), "name", signer)
        }
        PlanState::Ended { at } => w.fill("plans-state-ended", "at", w.day_time(at)),
    }
    .into_owned()
}

/// The assessment that the version rests on, by its day.
fn basis(w: Words, plan: &Plan, assessments: &[(Assessment, AssessmentContent)]) -> String {
    let known = |assessment| assessments.iter().find(|(row, _)| row.id == assessment);
    match plan.basis {
        Some(Basis::InPerson { assessment }) => known(assessment).map_or_else(
            || w.say("plans-basis-none").into_owned(),
            |(row, _)| w.date(row.on),
        ),
        Some(Basis::FirstOnline { .. }) => w.say("plans-basis-online").into_owned(),
        None => w.say("plans-basis-none").into_owned(),
    }
}

/// What differs in substance, item by item: before and after.
fn differences(
    w: Words,
    (before, after): (&Draft, &Draft),
    partners: &[Partner],
) -> Vec<(String, Vec<String>, Vec<String>)> {
    let (old, new) = (lines(w, before, partners), lines(w, after, partners));
    changes(before, after)
        .into_iter()
        .filter_map(|item| {
            let at = Item::ALL.iter().position(|known| *known == item)?;
            let texts = |lines: &[Line]| lines.get(at).map(|line| line.texts.clone());
            Some((item::key(item), texts(&old)?, texts(&new)?))
        })
        .collect()
}

/// By when the patient is to be seen in person again. Visits online are counted on the admit panel.
fn due(
    w: Words,
    plan: &Plan,
    assessments: &[(Assessment, AssessmentContent)],
    today: Date,
) -> String {
    let facts = Facts {
        in_force: None,
        in_person: assessments.iter().map(|(row, _)| row.on).collect(),
        online_since: 0,
        rejudged: None,
        external_service: None,
        treated: Vec::new(),
        unplanned: None,
    };
    match plan::due(plan, &facts, today) {
        Due::By(day) | Due::Soon(day) if day == Date::MAX => w.say("plans-due-by-visits"),
        Due::By(day) | Due::Soon(day) => w.fill("plans-due-by", "day", w.date(day)),
        Due::Overdue => w.say("plans-overdue"),
    }
    .into_owned()
}
