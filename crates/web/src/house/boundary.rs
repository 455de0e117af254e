//! `/house/boundary`: who answers for which part of the way (責任分界点): exactly one for each (cl-1.3-i-i).

use crate::{
    Errors, Form, Problem, StaffDesk,
    desk::go,
    shell::{Section, StaffShell},
    words::Words,
};
use access::Role;
use askama::Template;
use axum::response::Response;
use care::plan::{Segment, owner_moved};

/// Longest name of a part or an owner, in characters.
const NAME_CHARS_MAX: usize = 80;

#[derive(Template)]
#[template(path = "house/boundary.html")]
struct Page {
    shell: StaffShell,
    w: Words,
    errors: Errors,
    typed: Form,
    segments: Vec<Row>,
    moved: usize,
    affected: Vec<Affected>,
}

/// A plan whose patient reads the change before the next visit.
struct Affected {
    name: String,
    version: i64,
    /// Where it is, for whoever may read it.
    plan: Option<String>,
}

/// Affected plans listed at most: as many patients as one entry about reading may name, twice over.
const AFFECTED_MAX: usize = 100;

struct Row {
    name: String,
    place: usize,
    owners: String,
    fits: bool,
}

pub(super) async fn show(desk: StaffDesk) -> Result<Response, Problem> {
    desk.page(&page(&desk, Errors::default(), Form::parse(b"")?).await?)
}

/// Sets the owner of a part. None, or two, can be kept while it is not settled: no plan is signed with it.
pub(super) async fn save(desk: StaffDesk, form: Form) -> Result<Response, Problem> {
    let mut reading = form.reading();
    let name = reading.need("segment", NAME_CHARS_MAX);
    let owners = reading.maybe("owners", NAME_CHARS_MAX).unwrap_or_default();
    let errors = reading.errors();
    if !errors.is_empty() {
        return desk.page_wrong(&page(&desk, errors, form).await?);
    }
    let segment = Segment {
        name,
        owners: owners
            .split(['、', ',', '\n'])
            .map(str::trim)
            .filter(|owner| !owner.is_empty())
            .map(ToOwned::to_owned)
            .collect(),
    };
    let by = desk.by();
    desk.write(move |tx| {
        Box::pin(async move {
            let known = tx.responsibility().await?.segments;
            let place = known
                .iter()
                .position(|known| known.name == segment.name)
                .unwrap_or(known.len());
            let place = i64::try_from(place).unwrap_or(i64::MAX);
            Ok(tx.put_boundary(&by, place, &segment).await?)
        })
    })
    .await?;
    Ok(go("/house/boundary"))
}

async fn page(desk: &StaffDesk, errors: Errors, typed: Form) -> Result<Page, Problem> {
    let mut read = desk.read().await?;
    let register = read.responsibility().await?;
    let plans = read.plans_in_force().await?;
    let moved = owner_moved(&plans, &register);
    let clinical = desk.has(Role::Physician) || desk.has(Role::Nurse);
    let (mut affected, mut shown) = (Vec::new(), Vec::new());
    for plan in plans
        .iter()
        .filter(|plan| moved.contains(&plan.id))
        .take(AFFECTED_MAX)
    {
        let patient = read.patient(plan.patient).await?;
        shown.push(plan.patient);
        affected.push(Affected {
            name: patient
                .map(|patient| patient.profile.name)
                .unwrap_or_default(),
            version: plan.version,
            plan: clinical.then(|| format!("/patients/{}/plans/{}", plan.patient, plan.version)),
        });
    }
    drop(read);
    if !shown.is_empty() {
        crate::patients::opened(desk, "boundary", shown).await?;
    }
    Ok(Page {
        shell: desk
            .shell("house-boundary-title", Section::Publishing)
            .await?,
        w: desk.w,
        errors,
        typed,
        segments: register
            .segments
            .into_iter()
            .enumerate()
            .map(|(place, segment)| Row {
                name: segment.name,
                place,
                fits: segment.owners.len() == 1,
                owners: segment.owners.join("、"),
            })
            .collect(),
        moved: moved.len(),
        affected,
    })
}
