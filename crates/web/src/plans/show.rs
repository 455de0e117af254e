//! One version of a plan: what changed, what the patient answered, the dates, the versions, and the signature.

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
        self, Basis, Due, Facts, HoursMode, Item, Plan, PlanState, SigningFacts, changes,
        deletable_from, signable,
    },
    record,
};
use store::{dossier::legal_day, plan::PlanVersion};

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
    due: Option<String>,
    kept_until: Option<String>,
    deletable: bool,
    versions: Vec<(i64, String)>,
    is_draft: bool,
    is_physician: bool,
}

/// One item as it is read.
struct Line {
    number: usize,
    key: String,
    clause: &'static str,
    texts: Vec<String>,
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
    let basis = match shown.plan.basis {
        Some(Basis::InPerson { assessment }) => assessments
            .iter()
            .find(|(row, _)| row.id == assessment)
            .map_or_else(
                || w.say("plans-basis-none").into_owned(),
                |(row, _)| w.date(row.on),
            ),
        Some(Basis::FirstOnline { .. }) => w.say("plans-basis-online").into_owned(),
        None => w.say("plans-basis-none").into_owned(),
    };
    let items = lines(w, &shown.plan, &partners);
    let changed = before.map(|before| {
        let old = lines(
            w,
            &Plan {
                draft: before.clone(),
                ..shown.plan.clone()
            },
            &partners,
        );
        changes(before, &shown.plan.draft)
            .into_iter()
            .filter_map(|item| {
                let at = Item::ALL.iter().position(|known| *known == item)?;
                Some((
                    format!("plans-item-{}", item.as_str()),
                    old.get(at)?.texts.clone(),
                    items.get(at)?.texts.clone(),
                ))
            })
            .collect()
    });
    let facts = Facts {
        in_force: None,
        in_person: assessments.iter().map(|(row, _)| row.on).collect(),
        online_since: 0,
        rejudged: None,
        external_service: None,
        treated: Vec::new(),
    };
    let due = match plan::due(&shown.plan, &facts, today) {
        Due::By(day) | Due::Soon(day) => {
            Some(w.fill("plans-due-by", "day", w.date(day)).into_owned())
        }
        Due::Overdue => Some(w.say("plans-overdue").into_owned()),
    };
    let ended = match shown.plan.state {
        PlanState::Ended { at } => Some(legal_day(at)),
        PlanState::Draft | PlanState::Signed { .. } => None,
    };
    let state = match shown.plan.state {
        PlanState::Draft => w.say("plans-state-draft").into_owned(),
        PlanState::Signed { at, .. } => w
            .fill2(
                "plans-state-signed",
                "at",
                w.day_time(at),
                "name",
                signer.as_str(),
            )
            .into_owned(),
        PlanState::Ended { at } => w
            .fill("plans-state-ended", "at", w.day_time(at))
            .into_owned(),
    };
    desk.page(&Page {
        shell: desk.shell("plans-title", Section::Plans).await?,
        w,
        version,
        state,
        basis,
        items,
        changed: changed.unwrap_or_default(),
        read: shown.read.map(|(at, wants)| (w.day_time(at), wants)),
        due,
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
            let agreements = tx.agreement_facts(id).await?;
            // The boundary register speaks at the signature, not at the draft (cl-1.3-i-i).
            let mut plan = chosen.plan.clone();
            let register = tx.responsibility().await?;
            if register.digest != plan.draft.responsibility.digest {
                plan.draft.responsibility = register;
            }
            let signable = signable(
                &plan,
                &SigningFacts {
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
            Ok(tx.sign_plan(&by, person, &chosen.plan, signable).await?)
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

fn lines(w: Words, plan: &Plan, partners: &[plan::Partner]) -> Vec<Line> {
    let draft = &plan.draft;
    let of = |item: Item| -> Vec<String> {
        match item {
            Item::OnlineCare => draft
                .online_care
                .diagnoses
                .iter()
                .map(|diagnosis| format!("{} ({})", diagnosis.name, diagnosis.code))
                .chain([draft.online_care.treatment.clone()])
                .collect(),
            Item::Combination => {
                let rule = &draft.combination;
                let months = rule
                    .every_months
                    .map(|months| w.fill("plans-every-months", "months", months).into_owned());
                let visits = rule
                    .every_visits
                    .map(|visits| w.fill("plans-every-visits", "visits", visits).into_owned());
                let tests = rule
                    .tests
                    .iter()
                    .map(|test| format!("{} {}", test.name, w.date(test.due)));
                months.into_iter().chain(visits).chain(tests).collect()
            }
            Item::Hours => vec![
                w.say(match draft.hours.mode {
                    Some(HoursMode::Fixed) => "plans-mode-fixed",
                    Some(HoursMode::Appointment) | None => "plans-mode-appointment",
                })
                .into_owned(),
                w.fill("plans-minutes", "minutes", draft.hours.length_minutes)
                    .into_owned(),
                draft.hours.lateness.clone(),
                draft.hours.outside.clone(),
            ],
            Item::Method => vec![
                draft.method.system.clone(),
                draft.method.devices.clone(),
                draft.method.lent.clone(),
                draft.method.fallback.clone(),
            ],
            Item::StopConditions => draft
                .stop
                .clinical
                .iter()
                .chain(&draft.stop.technical)
                .cloned()
                .chain([
                    w.fill("plans-lost", "seconds", draft.stop.lost_seconds)
                        .into_owned(),
                    format!("{} {}", draft.stop.destination, draft.stop.contact),
                ])
                .collect(),
            Item::Cooperation => [draft.cooperation.statement.clone()]
                .into_iter()
                .chain(draft.cooperation.prepare.iter().cloned())
                .collect(),
            Item::AcutePolicy => {
                let partner = draft
                    .acute
                    .partner
                    .and_then(|id| partners.iter().find(|partner| partner.id == id));
                let who = match partner {
                    Some(partner) => {
                        format!("{} {} {}", partner.name, partner.phone, partner.hours)
                    }
                    None => w.say("plans-acute-own").into_owned(),
                };
                vec![who, draft.acute.policy.clone()]
            }
            Item::Physicians => draft
                .physicians
                .iter()
                .map(|listed| format!("{}: {}", listed.name, listed.when))
                .collect(),
            Item::Responsibility => draft
                .responsibility
                .segments
                .iter()
                .map(|segment| {
                    format!(
                        "{}: {}",
                        w.segment(&segment.name),
                        segment.owners.join(", ")
                    )
                })
                .collect(),
        }
    };
    Item::ALL
        .into_iter()
        .enumerate()
        .map(|(at, item)| Line {
            number: at + 1,
            key: format!("plans-item-{}", item.as_str()),
            clause: item.clause().id(),
            texts: of(item)
                .into_iter()
                .filter(|text| !text.trim().is_empty())
                .collect(),
        })
        .collect()
}
