//! `/visit/explain`: all that is to be read, on one page, each item under its own heading; one act answers it, a row an item.

use super::{
    Steps, load, opened, seconds,
    step::{Asking, Case, PlanToShow, Step},
};
use crate::{
    Form, PatientDesk, Problem,
    desk::go,
    shell::PatientShell,
    words::{Lang, Words},
};
use askama::Template;
use axum::response::Response;
use care::{
    Missing, PlanId, Refusal, Remedy,
    explanation::{BEFORE_AGREEMENT, LIMITS_TAG, PLAN_SHOWN, PLAN_TAG},
    plan::{Draft, HoursMode, Item},
};
use store::{LegalText, StandardPlan, agreement::Left};

/// One item: a text, or the plan.
struct Part {
    tag: String,
    title: String,
    lines: Vec<String>,
    /// How visits in person are combined with online care, where the text speaks of it.
    rhythm: Option<String>,
    /// The nine points of the plan: number, name, words.
    points: Vec<(usize, &'static str, String)>,
    /// Which version stands there, as the answer names it.
    version: String,
    ask: &'static str,
}

#[derive(Template)]
#[template(path = "visit/explain.html")]
struct Page {
    shell: PatientShell,
    w: Words,
    steps: Option<Steps>,
    open: bool,
    changed: bool,
    in_call: bool,
    parts: Vec<Part>,
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

#[derive(Template)]
#[template(path = "visit/owed-done.html")]
struct Done {
    shell: PatientShell,
    w: Words,
}

/// `GET /visit/owed`: on to the page that is owed after an emergency start; what the sheet in the call opens with.
pub(super) async fn owed(desk: PatientDesk) -> Result<Response, Problem> {
    let step = load(&desk).await?.onward();
    if step != Step::Owed {
        return Ok(go(&step.address()));
    }
    desk.page(&Done {
        shell: desk.shell("visit-owed-done").await?,
        w: desk.w,
    })
}

/// What waits to be read: everything at a first visit, only what changed at a later one. With nothing left, all of it again.
pub(super) async fn show(desk: PatientDesk) -> Result<Response, Problem> {
    let case = load(&desk).await?;
    let open = !case.standing.unread.is_empty() && case.may_agree().is_ok();
    let shown: Vec<usize> = if open {
        case.standing.unread.clone()
    } else {
        (1..=case.plan_item()).collect()
    };
    let mut parts = Vec::new();
    for n in &shown {
        parts.extend(part(&case, *n, open, desk.w)?);
    }
    if open {
        keep_shown(&desk, &case).await?;
    }
    if parts
        .iter()
        .any(|part| part.rhythm.is_some() || !part.points.is_empty())
    {
        opened(&desk, "explanation").await?;
    }
    let steps = Steps::of(&case, Step::Explain).filter(|_| open && !case.owed());
    desk.page(&Page {
        shell: desk.shell("visit-explain-title").await?,
        w: desk.w,
        steps,
        open,
        changed: open
            && (shown.len() < case.plan_item()
                || case
                    .plan
                    .as_ref()
                    .is_some_and(|plan| plan.changed.is_some())),
        in_call: case.in_call(),
        parts,
        drawn: desk.now.as_second(),
    })
}

/// The item of that number in the reader's language. A plan that nobody has written yet is refused where it is due.
fn part(case: &Case, n: usize, open: bool, w: Words) -> Result<Option<Part>, Problem> {
    if n == case.plan_item() {
        if let Some(standard) = &case.standard {
            return Ok(Some(standard_part(standard, w)));
        }
        return match readable(case) {
            Ok(plan) => Ok(Some(plan_part(plan, open, w))),
            Err(why) if open => Err(why),
            Err(_) => Ok(None),
        };
    }
    let text = n
        .checked_sub(1)
        .and_then(|at| case.texts.get(at))
        .ok_or(Problem::NotFound)?;
    let (title, lines) = wording(text, w);
    let rhythm = case
        .plan
        .as_ref()
        .filter(|_| text.tag == LIMITS_TAG)
        .map(|plan| rhythm(&plan.version.plan.draft, w))
        .filter(|words| !words.is_empty());
    Ok(Some(Part {
        tag: text.tag.clone(),
        title,
        lines,
        rhythm,
        points: Vec::new(),
        version: version_of_text(text),
        ask: "visit-explain-ask",
    }))
}

fn plan_part(plan: &PlanToShow, open: bool, w: Words) -> Part {
    let draft = &plan.version.plan.draft;
    let changed = plan
        .changed
        .as_ref()
        .filter(|items| !items.is_empty() && open);
    Part {
        tag: PLAN_TAG.to_owned(),
        title: w.say("visit-plan-title").into_owned(),
        lines: Vec::new(),
        rhythm: None,
        points: Item::ALL
            .into_iter()
            .enumerate()
            .filter(|(_, item)| changed.is_none_or(|items| items.contains(item)))
            .map(|(at, item)| (at + 1, item.as_str(), written(draft, item, w)))
            .collect(),
        version: version_of_plan(plan.version.plan.id),
        ask: "visit-plan-wish",
    }
}

/// The institution's standard draft, before there is a plan of the patient's own.
fn standard_part(standard: &StandardPlan, w: Words) -> Part {
    Part {
        tag: PLAN_TAG.to_owned(),
        title: w.say("visit-plan-standard").into_owned(),
        lines: Vec::new(),
        rhythm: None,
        points: Item::ALL
            .into_iter()
            .enumerate()
            .filter_map(|(at, item)| {
                let text = standard
                    .items
                    .iter()
                    .find(|text| text.tag == item.as_str())?;
                Some((at + 1, item.as_str(), wording(text, w).1.join("\n")))
            })
            .collect(),
        version: version_of_standard(standard),
        ask: "visit-explain-ask",
    }
}

fn version_of_standard(standard: &StandardPlan) -> String {
    format!("{PLAN_TAG}:standard:{}", standard.material)
}

fn version_of_text(text: &LegalText) -> String {
    format!("{}:{}", text.tag, text.material)
}

fn version_of_plan(plan: PlanId) -> String {
    format!("{PLAN_TAG}:{plan}")
}

/// Keeps that each unread text was put on this patient's screen.
async fn keep_shown(desk: &PatientDesk, case: &Case) -> Result<(), Problem> {
    let texts: Vec<LegalText> = case
        .standing
        .unread
        .iter()
        .filter_map(|n| n.checked_sub(1).and_then(|at| case.texts.get(at)))
        .cloned()
        .collect();
    let (asking, visit) = (Asking::of(desk), case.booking.consultation.clone());
    desk.write(move |tx| {
        Box::pin(async move {
            for text in &texts {
                tx.keep_shown(&asking.by(), &visit, text).await?;
            }
            Ok(())
        })
    })
    .await
}

/// An empty plan is not shown to anybody.
fn readable(case: &Case) -> Result<&PlanToShow, Problem> {
    let plan = case
        .plan
        .as_ref()
        .filter(|plan| plan.version.plan.draft != Draft::default());
    Ok(plan.ok_or_else(|| Refusal::content(PLAN_SHOWN, Remedy::CompletePlan))?)
}

/// "読みました。分かりました": every item that waits, in the versions that stood on the page, or none of them.
pub(super) async fn answer(desk: PatientDesk, form: Form) -> Result<Response, Problem> {
    if form.text("answer") != "understood" {
        return Err(Problem::Wrong(crate::Errors::one("answer", "field-empty")));
    }
    let seconds = seconds(&form, desk.now);
    let said = |name| form.all(name).map(ToOwned::to_owned).collect();
    let (versions, asks): (Vec<String>, Vec<String>) = (said("version"), said("ask"));
    let asking = Asking::of(&desk);
    let step = desk
        .write(move |tx| {
            Box::pin(async move {
                let case = Case::load(tx, &asking).await?;
                case.may_agree()?;
                stood_there(&case, &versions)?;
                let visit = &case.booking.consultation;
                let left = |tag: &str| Left {
                    seconds,
                    wants_to_ask: asks.iter().any(|asked| asked == tag),
                };
                for n in &case.standing.unread {
                    if *n == case.plan_item() {
                        if let Some(standard) = &case.standard {
                            tx.keep_standard_read(&asking.by(), visit, standard, left(PLAN_TAG))
                                .await?;
                            continue;
                        }
                        let shown = readable(&case)?;
                        let plan = &shown.version.plan;
                        let read = (plan.id, plan.version);
                        tx.keep_plan_read(&asking.by(), visit, read, left(PLAN_TAG))
                            .await?;
                        if let Some(register) = &shown.moved {
                            let read = (plan.id, register);
                            tx.keep_boundary_read(&asking.by(), visit, read, left(PLAN_TAG))
                                .await?;
                        }
                    } else if let Some(text) = case.texts.get(n - 1) {
                        let item = (text.tag.as_str(), text.material);
                        tx.keep_acknowledged(&asking.by(), visit, item, left(&text.tag))
                            .await?;
                    }
                }
                Ok(Case::load(tx, &asking).await?.onward())
            })
        })
        .await?;
    Ok(go(&step.address()))
}

/// Every item that waits stood on the page in the version in force, and was shown before.
///
/// # Errors
///
/// Names each item that was left out, is superseded, or was never put on this patient's screen (409).
fn stood_there(case: &Case, versions: &[String]) -> Result<(), Problem> {
    let mut missing = Vec::new();
    for n in &case.standing.unread {
        let text = n.checked_sub(1).and_then(|at| case.texts.get(at));
        let (tag, version, shown) = if let Some(text) = text {
            let shown = case
                .explained
                .items
                .iter()
                .any(|row| row.tag == text.tag && row.material == text.material);
            (text.tag.as_str(), version_of_text(text), shown)
        } else if let Some(standard) = &case.standard {
            (PLAN_TAG, version_of_standard(standard), true)
        } else {
            let plan = readable(case)?.version.plan.id;
            (PLAN_TAG, version_of_plan(plan), true)
        };
        if !shown || !versions.contains(&version) {
            missing.push(tag);
        }
    }
    if missing.is_empty() {
        return Ok(());
    }
    Err(Refusal::state(BEFORE_AGREEMENT, Remedy::ReadExplanation)
        .naming(missing.into_iter().map(Missing::text))
        .into())
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
pub(super) fn written(draft: &Draft, item: Item, w: Words) -> String {
    // A bare name or number says by its label what it is for; nothing stays nothing.
    let labelled = |key: &'static str, what: &str| match what.trim() {
        "" => String::new(),
        what => w.fill(key, "what", what).into_owned(),
    };
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
            labelled("visit-plan-system", &draft.method.system),
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
                labelled("visit-plan-destination", &draft.stop.destination),
                labelled("visit-plan-contact", &draft.stop.contact),
            ])
            .collect(),
        Item::Cooperation => [draft.cooperation.statement.clone()]
            .into_iter()
            .chain([labelled(
                "visit-plan-prepare",
                &draft
                    .cooperation
                    .prepare
                    .join(w.say("visit-comma").as_ref()),
            )])
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
