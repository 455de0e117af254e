//! The hand-over to a physician who stands in: written and signed by one of the plan or a deputy, read by the substitute with
//! the chart before the patient is called in (cl-1.2-viii-d).

use super::{Asking, Case, address};
use crate::{
    At, Form, Problem, StaffDesk, Words,
    desk::go,
    patients,
    shell::{Section, StaffShell},
};
use askama::Template;
use axum::response::Response;
use care::{
    ConsultationId, plan, record,
    rota::{self, Note},
    task::Kind,
};

/// Longest part of the note, in characters.
const PART_CHARS: usize = 2_000;

#[derive(Template)]
#[template(path = "consultation/handover.html")]
struct Page {
    shell: StaffShell,
    w: Words,
    address: String,
    band: super::show::Band,
    /// The reader is the one who stands in.
    mine: bool,
    /// The reader hands over as a deputy, where nobody of the plan can be reached.
    deputy: bool,
    /// The reader may write: the visit has not begun, and nobody has acknowledged.
    open: bool,
    /// Each part: its field, the message that names it, what was written.
    parts: [(&'static str, &'static str, String); 5],
    signed: Option<String>,
    read: Option<String>,
}

fn parts(note: Note) -> [(&'static str, &'static str, String); 5] {
    [
        ("problem", "handover-problem", note.problem),
        ("plan", "handover-plan", note.plan),
        ("medication", "handover-medication", note.medication),
        ("alerts", "handover-alerts", note.alerts),
        ("questions", "handover-questions", note.questions),
    ]
}

pub(super) async fn show(desk: StaffDesk, At(id): At<ConsultationId>) -> Result<Response, Problem> {
    let asking = Asking::of(&desk);
    let mut read = desk.read().await?;
    let case = Case::load(&mut read, id, &asking.view).await?;
    if !case.stood_in() {
        return Ok(go(&address(id)));
    }
    let visit = &case.booking.consultation;
    let kept = read.handed_over(visit).await?;
    let signer = match &kept {
        Some((made, _)) => read.name_of(made.by).await?.unwrap_or_default(),
        None => String::new(),
    };
    let rules = read.rota_rules().await?;
    drop(read);
    let (mine, opened) = (visit.physician == desk.person, visit.clone());
    let (by, there) = (desk.by(), kept.is_some());
    desk.write(move |tx| {
        Box::pin(async move {
            patients::keep_opened(tx, &by, "handover", &[opened.patient]).await?;
            if mine && there {
                tx.keep_hand_over_opened(&opened).await?;
            }
            Ok::<_, Problem>(())
        })
    })
    .await?;
    let made = kept.as_ref().map(|(made, _)| *made);
    let listed = case
        .dossier
        .plan
        .in_force
        .as_ref()
        .is_some_and(|plan| plan::rota(plan, desk.person) != plan::Rota::Outside);
    let deputy = !listed && rules.deputies.contains(&desk.person);
    let w = desk.w;
    desk.page(&Page {
        shell: desk.shell("handover-title", Section::Today).await?,
        w,
        address: address(id),
        band: super::show::band(&desk, &case).await?,
        mine,
        deputy,
        open: !mine
            && (listed || deputy)
            && visit.stage.is_before_live()
            && made.is_none_or(|made| made.acknowledged.is_none()),
        signed: made.map(|made| {
            let at = w.day_time(made.at);
            w.fill2("handover-signed", "name", signer.as_str(), "at", at)
                .into_owned()
        }),
        read: made.and_then(|made| made.acknowledged).map(|at| {
            w.fill("handover-read-at", "at", w.day_time(at))
                .into_owned()
        }),
        parts: parts(kept.map(|(_, note)| note).unwrap_or_default()),
    })
}

/// Signs: by a physician whom the plan lists, or by a deputy where none of them can be reached.
pub(super) async fn sign(
    desk: StaffDesk,
    At(id): At<ConsultationId>,
    form: Form,
) -> Result<Response, Problem> {
    let mut reading = form.reading();
    let mut part = |name| reading.maybe(name, PART_CHARS).unwrap_or_default();
    let note = Note {
        problem: part("problem"),
        plan: part("plan"),
        medication: part("medication"),
        alerts: part("alerts"),
        questions: part("questions"),
    };
    reading.done()?;
    let unreachable = form.text("unreachable") == "yes";
    let asking = Asking::of(&desk);
    let (role, qualified) = patients::qualification(&desk, &mut *desk.read().await?).await?;
    record::reserved(role, qualified)?;
    desk.write(move |tx| {
        Box::pin(async move {
            let case = Case::load(tx, id, &asking.view).await?;
            let visit = &case.booking.consultation;
            let in_force = case.dossier.plan.in_force.as_ref();
            let plan = in_force
                .filter(|_| case.stood_in() && visit.stage.is_before_live())
                .ok_or(Problem::OutOfTurn)?;
            let rules = tx.rota_rules().await?;
            rota::signable(
                (plan, visit.physician),
                asking.person,
                (&rules, unreachable),
                &note,
            )?;
            tx.keep_handed_over(&asking.by, asking.person, visit, &note)
                .await?;
            tx.done_with(&asking.by, visit.patient, Kind::HandOverNote, |task| {
                task.visit == Some(id)
            })
            .await?;
            Ok(())
        })
    })
    .await?;
    Ok(go(&format!("{}/handover", address(id))))
}

/// 読みました: by the one who stands in, with the chart opened for this visit.
pub(super) async fn read(
    desk: StaffDesk,
    At(id): At<ConsultationId>,
    _form: Form,
) -> Result<Response, Problem> {
    let asking = Asking::of(&desk);
    desk.write(move |tx| {
        Box::pin(async move {
            let case = Case::load(tx, id, &asking.view).await?;
            let visit = &case.booking.consultation;
            if !case.stood_in() || !visit.stage.is_before_live() {
                return Err(Problem::OutOfTurn);
            }
            rota::read(
                visit,
                asking.person,
                case.dossier.reading,
                case.dossier.rota.hand_over,
            )?;
            tx.keep_hand_over_read(&asking.by, visit).await?;
            Ok(())
        })
    })
    .await?;
    Ok(go(&address(id)))
}
