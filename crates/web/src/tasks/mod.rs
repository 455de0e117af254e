//! `/tasks`: what stays open until somebody confirms it, the first due first (残っていること).

use crate::{
    At, Form, Problem, StaffDesk,
    desk::go,
    route::{Route, Table},
    shell::{Section, StaffShell},
    words::Words,
};
use access::policy::Audience;
use askama::Template;
use axum::response::Response;
use care::{
    PatientId,
    emergency_contraception::list::List,
    task::{self, Ends, Kind, Outcome, Settling, Task, TaskId, WORDS_CHARS_MAX},
};
use jiff::civil::Date;
use store::{dossier::legal_day, task::OPEN_MAX};

pub(crate) fn routes() -> Table {
    Table::of([
        Route::get("/tasks", Audience::Staff, show),
        Route::post("/tasks/{id}/end", Audience::Staff, end),
    ])
}

#[derive(Template)]
#[template(path = "tasks/tasks.html")]
struct Page {
    shell: StaffShell,
    w: Words,
    rows: Vec<Row>,
    today: String,
    more: bool,
    /// Published lists that the administrator is to load anew.
    reload: Vec<&'static str>,
}

struct Row {
    id: TaskId,
    kind: Kind,
    patient: PatientId,
    name: String,
    phone: String,
    words: String,
    due: String,
    late: bool,
    /// Whether this reader settles it.
    mine: bool,
    /// What may be entered as its end.
    outcomes: Vec<Outcome>,
    /// The day it was opened: nobody arrives before it.
    from: String,
    /// Where it is done, when it ends by an act.
    place: String,
}

impl Row {
    fn asks_a_day(&self) -> bool {
        matches!(self.kind.ends(), Ends::ByArrival | Ends::ByReceiver)
    }

    /// Whether it is ended by hand, and yet has a page on which what it asks for is done.
    fn leads(&self) -> bool {
        self.kind == Kind::FirstVisitDue
    }
}

async fn show(desk: StaffDesk) -> Result<Response, Problem> {
    let mut read = desk.read().await?;
    let tasks = read.open_tasks().await?;
    let reload = if desk.has(access::Role::Administrator) {
        let due = read.lists_to_reload(legal_day(desk.now)).await?;
        due.into_iter().map(List::as_str).collect()
    } else {
        Vec::new()
    };
    let more = i64::try_from(tasks.len()).is_ok_and(|count| count >= OPEN_MAX);
    let (mut rows, mut patients) = (Vec::new(), Vec::new());
    for task in tasks {
        let Some(patient) = read.patient(task.opening.patient).await? else {
            continue;
        };
        patients.push(patient.id);
        rows.push(row(
            &desk,
            task,
            patient.profile.name,
            patient.profile.phone,
        ));
    }
    drop(read);
    patients.sort_unstable();
    patients.dedup();
    crate::patients::opened(&desk, "tasks", patients).await?;
    // What this reader can settle comes before what others do.
    rows.sort_by_key(|row| !row.mine);
    desk.page(&Page {
        shell: desk.shell("tasks-title", Section::Tasks).await?,
        w: desk.w,
        rows,
        today: legal_day(desk.now).to_string(),
        more,
        reload,
    })
}

fn row(desk: &StaffDesk, task: Task, name: String, phone: String) -> Row {
    let late = task.is_late(desk.now);
    let kind = task.opening.kind;
    Row {
        id: task.id,
        kind,
        name,
        phone,
        due: desk.w.date(legal_day(task.opening.due)),
        late,
        mine: kind.roles().iter().any(|role| desk.has(*role)),
        outcomes: Outcome::ALL
            .into_iter()
            .filter(|outcome| outcome.fits(kind.ends()))
            .collect(),
        from: legal_day(task.opened).to_string(),
        place: place(&task),
        patient: task.opening.patient,
        words: task.opening.words,
    }
}

/// The page on which the act is done that a task waits for.
fn place(task: &Task) -> String {
    if let (Kind::PharmacistReport | Kind::PharmacistAdvice | Kind::ThreeWeeks, Some(course)) =
        (task.opening.kind, &task.opening.about)
    {
        return format!("/contraception/{course}");
    }
    if let (Kind::SummaryReceipt, Some(summary)) = (task.opening.kind, &task.opening.about) {
        return format!("/summaries/{summary}");
    }
    match task.opening.visit {
        _ if task.opening.kind == Kind::PlanDue => {
            format!("/patients/{}/plans/new", task.opening.patient)
        }
        Some(visit) if task.opening.kind == Kind::HandOverNote => {
            format!("/consultations/{visit}/handover")
        }
        Some(visit) if task.opening.kind == Kind::FirstVisitDue => format!("/onward/{visit}"),
        Some(visit) if task.opening.kind == Kind::ReplyLetter => {
            format!("/consultations/{visit}/reply")
        }
        Some(visit) => format!("/consultations/{visit}"),
        None => format!("/patients/{}", task.opening.patient),
    }
}

async fn end(desk: StaffDesk, At(id): At<TaskId>, form: Form) -> Result<Response, Problem> {
    // What is not there is said before what is wrong with the form.
    let _there = desk
        .read()
        .await?
        .task(id)
        .await?
        .ok_or(Problem::NotFound)?;
    let mut reading = form.reading();
    let outcome = Outcome::parse(form.text("outcome"));
    if outcome.is_none() {
        reading.wrong("outcome", "field-empty");
    }
    let words = reading.maybe("words", WORDS_CHARS_MAX).unwrap_or_default();
    let day: Option<Date> = match form.text("day") {
        "" => None,
        _ => reading.parse("day"),
    };
    reading.done()?;
    let Some(outcome) = outcome else {
        return Err(Problem::NotFound);
    };
    let settling = Settling {
        outcome,
        day,
        words,
    };
    let (by, roles, now) = (desk.by(), desk.roles.clone(), desk.now);
    desk.write(move |tx| {
        Box::pin(async move {
            let task = tx.task(id).await?.ok_or(Problem::NotFound)?;
            let settled = task::settle(&task, &roles, settling, now)?;
            Ok(tx.close_task(&by, &task, settled).await?)
        })
    })
    .await?;
    Ok(go("/tasks"))
}
