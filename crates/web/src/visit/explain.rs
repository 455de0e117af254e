//! `/visit/explain/{n}`: one text a page, the last page is the plan. What was shown is kept, and so is what was said to it.

use super::{
    load, seconds,
    step::{Asking, Case, PlanToShow},
};
use crate::{
    At, Form, PatientDesk, Problem,
    desk::go,
    shell::PatientShell,
    words::{Lang, Words},
};
use askama::Template;
use axum::response::Response;
use care::{
    Refusal, Remedy,
    explanation::{BEFORE_AGREEMENT, PLAN_SHOWN},
    plan::{Draft, HoursMode, Item},
};
use store::{LegalText, agreement::Left};

#[derive(Template)]
#[template(path = "visit/explain.html")]
struct Page {
    shell: PatientShell,
    w: Words,
    n: usize,
    of: usize,
    open: bool,
    title: String,
    lines: Vec<String>,
    rhythm: Option<String>,
    material: i64,
    drawn: i64,
}

#[derive(Template)]
#[template(path = "visit/plan.html")]
struct PlanPage {
    shell: PatientShell,
    w: Words,
    n: usize,
    of: usize,
    open: bool,
    changed: bool,
    items: Vec<(usize, &'static str, String)>,
    plan: String,
    drawn: i64,
}

/// Heading and lines of a text in the reader's language.
pub(super) fn wording(text: &LegalText, w: Words) -> (String, Vec<String>) {
    let (title, body) = match w.lang() {
        Lang::Ja => (&text.title_ja, &text.body_ja),
        Lang::En => (&text.title_en, &text.body_en),
    };
    let lines = body
        .lines()
        .map(str::trim)
        .filter(|line| !line.is_empty())
        .map(ToOwned::to_owned)
        .collect();
    (title.clone(), lines)
}

pub(super) async fn show(desk: PatientDesk, At(n): At<usize>) -> Result<Response, Problem> {
    let case = load(&desk).await?;
    let open = case.standing.unread.contains(&n) && case.standing.stage.is_before_live();
    if n == case.plan_page() {
        return plan_page(&desk, &case, n, open).await;
    }
    let text = n
        .checked_sub(1)
        .and_then(|at| case.texts.get(at))
        .ok_or(Problem::NotFound)?;
    let (title, lines) = wording(text, desk.w);
    if open {
        let (asking, text) = (Asking::of(&desk), text.clone());
        let visit = case.booking.consultation.clone();
        desk.write(move |tx| {
            Box::pin(async move {
                tx.keep_shown(&asking.by(), &visit, &text).await?;
                Ok(())
            })
        })
        .await?;
    }
    let rhythm = case
        .plan
        .as_ref()
        .filter(|_| text.tag == care::explanation::LIMITS_TAG)
        .map(|plan| rhythm(&plan.version.plan.draft, desk.w))
        .filter(|words| !words.is_empty());
    desk.page(&Page {
        shell: desk.shell("visit-explain-title").await?,
        w: desk.w,
        n,
        of: case.plan_page() + 1,
        open,
        title,
        lines,
        rhythm,
        material: text.material,
        drawn: desk.now.as_second(),
    })
}

async fn plan_page(
    desk: &PatientDesk,
    case: &Case,
    n: usize,
    open: bool,
) -> Result<Response, Problem> {
    let plan = readable(case)?;
    let draft = &plan.version.plan.draft;
    let changed = plan
        .changed
        .as_ref()
        .filter(|items| !items.is_empty() && open);
    let items = Item::ALL
        .into_iter()
        .enumerate()
        .filter(|(_, item)| changed.is_none_or(|items| items.contains(item)))
        .map(|(at, item)| (at + 1, item.as_str(), written(draft, item, desk.w)))
        .collect();
    desk.page(&PlanPage {
        shell: desk.shell("visit-plan-title").await?,
        w: desk.w,
        n,
        of: case.plan_page() + 1,
        open,
        changed: changed.is_some(),
        items,
        plan: plan.version.plan.id.to_string(),
        drawn: desk.now.as_second(),
    })
}

/// An empty plan is not shown to anybody.
fn readable(case: &Case) -> Result<&PlanToShow, Problem> {
    let plan = case
        .plan
        .as_ref()
        .filter(|plan| plan.version.plan.draft != Draft::default());
    Ok(plan.ok_or_else(|| Refusal::content(PLAN_SHOWN, Remedy::CompletePlan))?)
}

pub(super) async fn answer(
    desk: PatientDesk,
    At(n): At<usize>,
    form: Form,
) -> Result<Response, Problem> {
    let wants_to_ask = match form.text("answer") {
        "understood" => false,
        "ask" => true,
        _ => return Err(Problem::Wrong(crate::Errors::one("answer", "field-empty"))),
    };
    let left = Left {
        seconds: seconds(&form, desk.now),
        wants_to_ask,
    };
    let version = form.text("version").to_owned();
    let asking = Asking::of(&desk);
    let step = desk
        .write(move |tx| {
            Box::pin(async move {
                let case = Case::load(tx, &asking).await?;
                case.before_live()?;
                let visit = &case.booking.consultation;
                if n == case.plan_page() {
                    let plan = readable(&case)?;
                    let shown = &plan.version.plan;
                    if shown.id.to_string() != version {
                        return Err(stale(care::explanation::PLAN_TAG));
                    }
                    if plan.open || case.standing.unread.contains(&n) {
                        tx.keep_plan_read(&asking.by(), visit, (shown.id, shown.version), left)
                            .await?;
                    }
                } else {
                    let text = n
                        .checked_sub(1)
                        .and_then(|at| case.texts.get(at))
                        .ok_or(Problem::NotFound)?;
                    let shown = case
                        .explained
                        .items
                        .iter()
                        .any(|row| row.tag == text.tag && row.material == text.material);
                    if !shown || version != text.material.to_string() {
                        return Err(stale(&text.tag));
                    }
                    if case.standing.unread.contains(&n) {
                        tx.keep_acknowledged(&asking.by(), visit, (&text.tag, text.material), left)
                            .await?;
                    }
                }
                Ok(Case::load(tx, &asking).await?.next())
            })
        })
        .await?;
    Ok(go(&step.address()))
}

/// What was acknowledged is not what is in force, or was never put on this screen.
fn stale(tag: &str) -> Problem {
    Refusal::state(BEFORE_AGREEMENT, Remedy::ReadExplanation)
        .naming([tag])
        .into()
}

/// How visits in person are combined with online care, in one sentence.
fn rhythm(draft: &Draft, w: Words) -> String {
    let rule = &draft.combination;
    let months = rule
        .every_months
        .filter(|months| *months > 0)
        .map(|months| w.fill("visit-plan-months", "n", months));
    let visits = rule
        .every_visits
        .filter(|visits| *visits > 0)
        .map(|visits| w.fill("visit-plan-visits", "n", visits));
    let tests: Vec<&str> = rule.tests.iter().map(|test| test.name.as_str()).collect();
    let mut parts: Vec<String> = months
        .into_iter()
        .chain(visits)
        .map(std::borrow::Cow::into_owned)
        .collect();
    if !tests.is_empty() {
        parts.push(tests.join(w.say("visit-comma").as_ref()));
    }
    parts.join(" / ")
}

/// One item as the patient reads it: the plan's own words.
fn written(draft: &Draft, item: Item, w: Words) -> String {
    let parts: Vec<String> = match item {
        Item::OnlineCare => draft
            .online_care
            .diagnoses
            .iter()
            .map(|diagnosis| diagnosis.name.clone())
            .chain([draft.online_care.treatment.clone()])
            .collect(),
        Item::Combination => vec![rhythm(draft, w)],
        Item::Hours => {
            let mode = match draft.hours.mode {
                Some(HoursMode::Appointment) => w.say("visit-plan-appointment").into_owned(),
                Some(HoursMode::Fixed) => w.say("visit-plan-fixed").into_owned(),
                None => String::new(),
            };
            let length = w
                .fill("visit-plan-minutes", "n", draft.hours.length_minutes)
                .into_owned();
            vec![
                mode,
                length,
                draft.hours.lateness.clone(),
                draft.hours.outside.clone(),
            ]
        }
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
            .chain([draft.stop.destination.clone(), draft.stop.contact.clone()])
            .collect(),
        Item::Cooperation => [draft.cooperation.statement.clone()]
            .into_iter()
            .chain(draft.cooperation.prepare.iter().cloned())
            .collect(),
        Item::AcutePolicy => vec![draft.acute.policy.clone()],
        Item::Physicians => draft
            .physicians
            .iter()
            .map(|one| format!("{} ({})", one.name, one.when))
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
    };
    let filled: Vec<String> = parts
        .into_iter()
        .filter(|part| !part.trim().is_empty())
        .collect();
    crate::words::unbroken(&filled.join("\n"))
}
