//! Not suitable, not enough, or stopped: the one way on is care in person, with a place, a day, and the patient told.

use super::{
    Asking, Case, address,
    exit::{self, Exit},
};
use crate::{
    At, Form, Lang, Problem, StaffDesk, Words,
    desk::go,
    form::Errors,
    onward::Contacted,
    room,
    shell::{Section, StaffShell},
};
use askama::Template;
use axum::{extract::Query, response::Response};
use care::{
    ConsultationId, Stage,
    examination::StopReason,
    suitability::{self, HandOver, Judgement, Phase, Verdict},
};
use jiff::{ToSpan as _, civil::Date};
use serde::Deserialize;

/// Longest text of the hand-over, in characters.
const TEXT_CHARS: usize = 500;

#[derive(Template)]
#[template(path = "consultation/stop.html")]
struct Page {
    shell: StaffShell,
    w: Words,
    id: ConsultationId,
    band: super::show::Band,
    /// Whether it is drawn beside the call, which goes on while it is written.
    docked: bool,
    /// Stop reasons of the plan's item 5, one tap each.
    planned: Vec<String>,
    /// The reason that was tapped on the visit's page.
    tapped: String,
    words: String,
    /// A symptom of the list was found unfit: only a slot here or a partner in force is a way on (cl-1.2-ii-b).
    unfit: bool,
    /// Partners whose entry is in force.
    partners: Vec<(String, String)>,
    exit: String,
    time: String,
    destination: String,
    target: String,
    told: String,
    /// A first visit after a pre-consultation: who was spoken to, and what goes along (cl-1.2-iv-e).
    contact: Option<Form>,
    errors: Errors,
}

/// `?reason=`: the number of a condition of the plan, whose words stay out of the address, or one of the codes.
#[derive(Deserialize)]
pub(super) struct Asked {
    reason: Option<String>,
}

/// The form of the hand-over.
pub(super) async fn show(
    desk: StaffDesk,
    At(id): At<ConsultationId>,
    Query(asked): Query<Asked>,
) -> Result<Response, Problem> {
    let asking = Asking::of(&desk);
    let case = Case::treating(&mut *desk.read().await?, id, &asking).await?;
    crate::patients::opened(&desk, "stop", vec![case.booking.consultation.patient]).await?;
    let page = page(&desk, id, &case, asked.reason.unwrap_or_default()).await?;
    desk.page(&page)
}

async fn page(
    desk: &StaffDesk,
    id: ConsultationId,
    case: &Case,
    tapped: String,
) -> Result<Page, Problem> {
    let stop = case
        .dossier
        .plan
        .in_force
        .as_ref()
        .map(|plan| plan.draft.stop.clone())
        .unwrap_or_default();
    let planned: Vec<String> = stop
        .clinical
        .iter()
        .chain(&stop.technical)
        .cloned()
        .collect();
    let tapped = match tapped.parse::<usize>() {
        Ok(at) => planned.get(at).cloned().unwrap_or_default(),
        Err(_) => tapped,
    };
    let unfit = case.dossier.symptoms.unfit();
    let default = case.dossier.today.saturating_add(1.day());
    Ok(Page {
        shell: desk.shell("stop-title", Section::Today).await?,
        w: desk.w,
        id,
        band: super::show::band(desk, case).await?,
        docked: desk.wants_block(),
        planned,
        tapped,
        words: String::new(),
        unfit,
        partners: exit::partners(&case.dossier),
        exit: String::new(),
        time: String::new(),
        destination: stop.destination,
        target: default.to_string(),
        told: String::new(),
        contact: match &case.dossier.onward {
            Some(_) => Some(Form::parse(b"")?),
            None => None,
        },
        errors: Errors::default(),
    })
}

/// The form again, with what was written in it: a physician who stops a visit writes nothing twice.
async fn again(
    desk: &StaffDesk,
    id: ConsultationId,
    form: &Form,
    errors: Errors,
) -> Result<Response, Problem> {
    if !(desk.wants_page() || desk.wants_block()) {
        return Err(Problem::Wrong(errors));
    }
    let asking = Asking::of(desk);
    let case = Case::treating(&mut *desk.read().await?, id, &asking).await?;
    crate::patients::opened(desk, "stop", vec![case.booking.consultation.patient]).await?;
    let reason = form.text("reason");
    let tapped = reason.strip_prefix("planned:").unwrap_or(reason).to_owned();
    let bounded = |name| form.text(name).chars().take(TEXT_CHARS).collect();
    let after_talk = case.dossier.onward.is_some();
    let contact = after_talk.then(|| Contacted::typed(form));
    let page = Page {
        tapped,
        contact,
        words: bounded("words"),
        exit: bounded("exit"),
        time: bounded("time"),
        destination: bounded("destination"),
        target: bounded("target"),
        told: bounded("told"),
        errors,
        ..page(desk, id, &case, String::new()).await?
    };
    desk.page_wrong(&page)
}

/// Stops the visit: reason, "no-go", hand-over and exit in one commit; the follow-up task stays open.
pub(super) async fn stop(
    desk: StaffDesk,
    At(id): At<ConsultationId>,
    form: Form,
) -> Result<Response, Problem> {
    let mut reading = form.reading();
    let reason = reason(&form);
    if reason.is_none() {
        reading.wrong("reason", "field-empty");
    }
    let exit = Exit::read(&form, &mut reading);
    let destination = match exit {
        Some(_) => String::new(),
        // Whether a place in words is enough, the transaction knows: after "not fit" it is not.
        None if form.text("destination").is_empty() && !form.has("exit") => {
            reading.need("destination", TEXT_CHARS)
        }
        None => reading.maybe("destination", TEXT_CHARS).unwrap_or_default(),
    };
    let told = reading.need("told", TEXT_CHARS);
    let target: Option<Date> = reading.parse("target");
    let contacted = Contacted::read(&form, &mut reading, desk.now);
    let errors = reading.errors();
    let (Some(reason), Some(target), true) = (reason, target, errors.is_empty()) else {
        return Box::pin(again(&desk, id, &form, errors)).await;
    };
    let mut hand_over = HandOver {
        destination,
        target,
        told,
    };
    let asking = Asking::of(&desk);
    desk.write(move |tx| {
        Box::pin(async move {
            let case = Case::treating(tx, id, &asking).await?;
            let visit = &case.booking.consultation;
            let event = visit.switch()?;
            exit::only_way(&case.dossier.symptoms, exit.as_ref())?;
            if let Some(exit) = &exit {
                hand_over.destination = exit.kept(tx, &asking.by, &case, target).await?;
            }
            suitability::handed_over(&hand_over, case.dossier.today)?;
            contacted.kept(tx, &asking, &case, &hand_over).await?;
            let in_care = matches!(visit.stage, Stage::Live { .. } | Stage::Ended { .. });
            if in_care && case.dossier.examination.stopped.is_none() {
                tx.keep_stop(&asking.by, asking.person, visit, &reason)
                    .await?;
            }
            if let Some(phase) = open_phase(id, &case.dossier.judgements) {
                tx.keep_judgement(
                    &asking.by,
                    asking.person,
                    visit,
                    (phase, Verdict::NoGo, reason.as_str()),
                )
                .await?;
            }
            tx.keep_hand_over(&asking.by, asking.person, visit, &hand_over)
                .await?;
            tx.keep_event(&asking.by, visit, &event).await?;
            tx.end_call(&asking.by, asking.person, id).await?;
            Ok(())
        })
    })
    .await?;
    room::close(desk.app(), id).await;
    Ok(go(&address(id)))
}

/// Where the "no-go" is written: the first phase that nobody has judged.
///
/// After "no-go" none is needed, and after a final "go" none is left: there the stop itself says it (cl-1.6-i). Whoever
/// was admitted, and even found fit, can still be sent to care in person.
fn open_phase(id: ConsultationId, judgements: &[Judgement]) -> Option<Phase> {
    [Phase::Provisional, Phase::Final]
        .into_iter()
        .find(|phase| suitability::may_write(id, judgements, *phase).is_ok())
}

fn reason(form: &Form) -> Option<StopReason> {
    Some(match form.text("reason") {
        "picture" => StopReason::Picture,
        "sound" => StopReason::Sound,
        "cooperation" => StopReason::Cooperation,
        "touch" => StopReason::Touch,
        "place" => StopReason::Place,
        "symptom" => StopReason::Other {
            words: Words::of(Lang::Ja).say("stop-reason-symptom").into_owned(),
        },
        "other" => StopReason::Other {
            words: form.text("words").chars().take(TEXT_CHARS).collect(),
        },
        planned => StopReason::Planned {
            condition: planned
                .strip_prefix("planned:")?
                .chars()
                .take(TEXT_CHARS)
                .collect(),
        },
    })
}
