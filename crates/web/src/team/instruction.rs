//! `/patients/{id}/instructions`: what a nurse may do for this patient, signed by a physician, and its reviews.

use crate::{
    At, Errors, Form, Problem, StaffDesk, Words,
    desk::go,
    patients::qualification,
    shell::{Section, StaffShell},
};
use access::Role;
use askama::Template;
use axum::response::Response;
use care::{
    PatientId,
    assistance::{self, Act, Basis, Draft, Foreseen, Trigger, WORDS_CHARS_MAX},
    record,
};
use jiff::{ToSpan as _, civil::Date};
use store::dossier::legal_day;

/// Days that a new instruction holds unless somebody says otherwise.
const VALID_DAYS: i32 = 90;

#[derive(Template)]
#[template(path = "team/instruction.html")]
struct Page {
    shell: StaffShell,
    w: Words,
    errors: Errors,
    typed: Form,
    patient: PatientId,
    name: String,
    versions: Vec<Version>,
    acts: &'static [Act],
    triggers: [Trigger; 3],
    physician: bool,
}

struct Version {
    number: i64,
    station: Option<String>,
    acts: Vec<Foreseen>,
    from: String,
    until: String,
    review_by: String,
    by: String,
    at: String,
    revised: bool,
}

pub(super) async fn show(desk: StaffDesk, At(id): At<PatientId>) -> Result<Response, Problem> {
    let today = legal_day(desk.now);
    let until = today.saturating_add(VALID_DAYS.days());
    let review_by = today.saturating_add((VALID_DAYS / 3).days());
    let typed = format!("basis=plan&from={today}&until={until}&review_by={review_by}");
    let typed = Form::parse(typed.as_bytes())?;
    let page = page(&desk, id, Errors::default(), typed).await?;
    crate::patients::opened(&desk, "instructions", vec![id]).await?;
    desk.page(&page)
}

async fn page(
    desk: &StaffDesk,
    id: PatientId,
    errors: Errors,
    typed: Form,
) -> Result<Page, Problem> {
    let mut read = desk.read().await?;
    let patient = read.patient(id).await?.ok_or(Problem::NotFound)?;
    let mut versions = Vec::new();
    for one in read.instructions(id).await? {
        versions.push(Version {
            number: one.version,
            station: match one.draft.basis {
                Basis::Plan => None,
                Basis::HomeNursing { station } => Some(station),
            },
            acts: one.draft.acts,
            from: desk.w.date(one.draft.from),
            until: desk.w.date(one.draft.until),
            review_by: desk.w.date(one.draft.review_by),
            by: read.name_of(one.signed_by).await?.unwrap_or_default(),
            at: desk.w.day_time(one.signed_at),
            revised: one.revised_in.is_some(),
        });
    }
    drop(read);
    Ok(Page {
        shell: desk.shell("instruction-title", Section::Patients).await?,
        w: desk.w,
        errors,
        typed,
        patient: id,
        name: patient.profile.name,
        versions,
        acts: Act::ALL,
        triggers: Trigger::ALL,
        physician: desk.has(Role::Physician),
    })
}

/// Signs a version. What lies before stays as it was.
pub(super) async fn sign(
    desk: StaffDesk,
    At(id): At<PatientId>,
    form: Form,
) -> Result<Response, Problem> {
    let mut reading = form.reading();
    let basis = match form.text("basis") {
        "plan" => Basis::Plan,
        "home_nursing" => Basis::HomeNursing {
            station: reading.need("station", WORDS_CHARS_MAX),
        },
        _ => {
            reading.wrong("basis", "field-empty");
            Basis::Plan
        }
    };
    let mut acts = Vec::new();
    for act in Act::ALL.iter().filter(|act| form.has(act.as_str())) {
        let field = format!("{}-when", act.as_str());
        let condition = reading.maybe(&field, WORDS_CHARS_MAX).unwrap_or_default();
        acts.push(Foreseen {
            act: *act,
            condition,
        });
    }
    let from: Option<Date> = reading.parse("from");
    let until: Option<Date> = reading.parse("until");
    let review_by: Option<Date> = reading.parse("review_by");
    let errors = reading.errors();
    let (Some(from), Some(until), Some(review_by), true) =
        (from, until, review_by, errors.is_empty())
    else {
        return desk.page_wrong(&page(&desk, id, errors, form).await?);
    };
    let draft = Draft {
        basis,
        acts,
        from,
        until,
        review_by,
    };
    assistance::signable(&draft)?;
    let (role, qualified) = qualification(&desk, &mut *desk.read().await?).await?;
    record::reserved(role, qualified)?;
    let (by, me) = (desk.by(), desk.person);
    desk.write(move |tx| {
        Box::pin(async move {
            tx.patient(id).await?.ok_or(Problem::NotFound)?;
            tx.sign_instruction(&by, me, id, &draft, None).await?;
            Ok(())
        })
    })
    .await?;
    Ok(go(&format!("/patients/{id}/instructions")))
}

/// "変わりなし": looked at, and it stays as it is.
pub(super) async fn review(
    desk: StaffDesk,
    At(id): At<PatientId>,
    _form: Form,
) -> Result<Response, Problem> {
    let (role, qualified) = qualification(&desk, &mut *desk.read().await?).await?;
    record::reserved(role, qualified)?;
    let (by, me, today) = (desk.by(), desk.person, legal_day(desk.now));
    desk.write(move |tx| {
        Box::pin(async move {
            let newest = tx.instructions(id).await?.into_iter().next();
            let mut draft = newest.ok_or(Problem::OutOfTurn)?.draft;
            tx.keep_instruction_event(&by, id, None, "").await?;
            // A day of review that is over is set anew with it: the next is as far away as the first was, within its days.
            if draft.review_by < today {
                let next = today.saturating_add((VALID_DAYS / 3).days());
                draft.review_by = next.min(draft.until);
                assistance::signable(&draft)?;
                tx.sign_instruction(&by, me, id, &draft, None).await?;
            }
            Ok(())
        })
    })
    .await?;
    Ok(go(&format!("/patients/{id}/instructions")))
}

/// Something happened that asks for a review: a symptom, an admission, a deviation.
pub(super) async fn event(
    desk: StaffDesk,
    At(id): At<PatientId>,
    form: Form,
) -> Result<Response, Problem> {
    let _there = desk
        .read()
        .await?
        .patient(id)
        .await?
        .ok_or(Problem::NotFound)?;
    let mut reading = form.reading();
    let trigger = Trigger::parse(form.text("trigger"));
    if trigger.is_none() {
        reading.wrong("trigger", "field-empty");
    }
    let words = reading.need("event_words", WORDS_CHARS_MAX);
    reading.done()?;
    let by = desk.by();
    desk.write(move |tx| {
        Box::pin(async move { Ok(tx.keep_instruction_event(&by, id, trigger, &words).await?) })
    })
    .await?;
    Ok(go(&format!("/patients/{id}/instructions")))
}
