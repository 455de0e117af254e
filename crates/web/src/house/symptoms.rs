//! `/house/symptoms`: the list of symptoms unfit for a first visit online: edition, source, and the clinic's own rows.

use crate::{
    At, Errors, Form, Problem, StaffDesk,
    desk::go,
    shell::{Section, StaffShell},
    words::{Lang, Words},
};
use askama::Template;
use axum::response::Response;
use care::symptom::{OWN_MAX, Row};
use guideline::symptom::{EDITION, GROUPS, SOURCE, SYMPTOMS, Symptom};
use ulid::Ulid;

/// Longest question or reason, in characters.
const TEXT_CHARS_MAX: usize = 120;

#[derive(Template)]
#[template(path = "house/symptoms.html")]
struct Page {
    shell: StaffShell,
    w: Words,
    errors: Errors,
    typed: Form,
    edition: &'static str,
    source: &'static str,
    in_force: bool,
    parts: Vec<Part>,
    rows: usize,
    unverified: usize,
    own: Vec<Own>,
    full: bool,
    history: Vec<String>,
}

struct Part {
    key: &'static str,
    title: &'static str,
    rows: Vec<&'static Symptom>,
}

struct Own {
    id: Ulid,
    row: Row,
    ended: Option<String>,
}

pub(super) async fn show(desk: StaffDesk) -> Result<Response, Problem> {
    let typed = Form::parse(b"")?;
    desk.page(&page(&desk, Errors::default(), typed).await?)
}

async fn page(desk: &StaffDesk, errors: Errors, typed: Form) -> Result<Page, Problem> {
    let w = desk.w;
    let mut read = desk.read().await?;
    let force = read.symptom_force().await?;
    let own = read.own_symptoms().await?;
    let mut history = Vec::new();
    for change in &force {
        let by = read.name_of(change.by).await?.unwrap_or_default();
        let key = if change.in_force {
            "house-symptoms-was-put"
        } else {
            "house-symptoms-was-ended"
        };
        let values = [
            ("at", w.day_time(change.at)),
            ("by", by),
            ("reason", change.reason.clone()),
        ];
        history.push(w.fill_all(key, &values).into_owned());
    }
    drop(read);
    Ok(Page {
        shell: desk
            .shell("house-symptoms-title", Section::Publishing)
            .await?,
        w,
        errors,
        typed,
        edition: EDITION,
        source: SOURCE,
        in_force: force.first().is_none_or(|newest| newest.in_force),
        parts: GROUPS
            .iter()
            .map(|group| Part {
                key: group.key,
                title: match w.lang() {
                    Lang::Ja => group.ja,
                    Lang::En => group.en,
                },
                rows: SYMPTOMS
                    .iter()
                    .filter(|row| row.group == group.key)
                    .collect(),
            })
            .collect(),
        rows: SYMPTOMS.len(),
        unverified: SYMPTOMS.iter().filter(|row| !row.verified).count(),
        full: own.iter().filter(|row| row.ended.is_none()).count() >= OWN_MAX,
        own: own
            .into_iter()
            .map(|row| Own {
                id: row.id,
                ended: row.ended.map(|(at, reason)| {
                    w.fill2(
                        "house-symptoms-ended",
                        "at",
                        w.day_time(at),
                        "reason",
                        reason,
                    )
                    .into_owned()
                }),
                row: row.row,
            })
            .collect(),
        history,
    })
}

/// A row of the clinic's own. The rows of the list stand in the program: no form can take one out.
pub(super) async fn add(desk: StaffDesk, form: Form) -> Result<Response, Problem> {
    let mut reading = form.reading();
    let row = Row {
        key: String::new(),
        group: reading.need("part", TEXT_CHARS_MAX),
        ja: reading.need("ja", TEXT_CHARS_MAX),
        en: reading.need("en", TEXT_CHARS_MAX),
        physician: reading.need("physician", TEXT_CHARS_MAX),
        urgent: form.has("urgent"),
        child: false,
        verified: true,
    };
    if !row.group.is_empty() && !GROUPS.iter().any(|group| group.key == row.group) {
        reading.wrong("part", "field-wrong");
    }
    let errors = reading.errors();
    if !errors.is_empty() {
        return desk.page_wrong(&page(&desk, errors, form).await?);
    }
    let (by, person) = (desk.by(), desk.person);
    desk.write(move |tx| {
        Box::pin(async move {
            let own = tx.own_symptoms().await?;
            if own.iter().filter(|row| row.ended.is_none()).count() >= OWN_MAX {
                return Err(Problem::Wrong(Errors::one("ja", "house-symptoms-own-full")));
            }
            Ok(tx.add_symptom(&by, person, &row).await?)
        })
    })
    .await?;
    Ok(go("/house/symptoms"))
}

/// Ends one row of the clinic's own, with the reason; the page goes on to show it.
pub(super) async fn end(
    desk: StaffDesk,
    At(id): At<String>,
    form: Form,
) -> Result<Response, Problem> {
    let id: Ulid = id.parse().map_err(|_| Problem::NotFound)?;
    let mut reading = form.reading();
    let reason = reading.need("reason", TEXT_CHARS_MAX);
    reading.done()?;
    let (by, person) = (desk.by(), desk.person);
    desk.write(move |tx| {
        Box::pin(async move {
            let own = tx.own_symptoms().await?;
            if !own.iter().any(|row| row.id == id) {
                return Err(Problem::NotFound);
            }
            Ok(tx.end_symptom(&by, person, id, &reason).await?)
        })
    })
    .await?;
    Ok(go("/house/symptoms"))
}

/// Puts the list in force, or out of force with a reason: then no first visit starts.
pub(super) async fn force(desk: StaffDesk, form: Form) -> Result<Response, Problem> {
    let mut reading = form.reading();
    let reason = reading.need("reason", TEXT_CHARS_MAX);
    let in_force = match form.text("force") {
        "put" => Some(true),
        "end" => Some(false),
        _ => None,
    };
    if in_force.is_none() {
        reading.wrong("force", "field-wrong");
    }
    reading.done()?;
    let in_force = in_force.ok_or(Problem::Malformed)?;
    let (by, person) = (desk.by(), desk.person);
    desk.write(move |tx| {
        Box::pin(async move {
            if tx.symptoms_in_force().await? == in_force {
                return Err(Problem::OutOfTurn);
            }
            Ok(tx
                .keep_symptom_force(&by, person, (in_force, &reason))
                .await?)
        })
    })
    .await?;
    Ok(go("/house/symptoms"))
}
