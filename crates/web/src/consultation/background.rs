//! A first visit by a physician who is not the regular one: what is known from sources, and the judgement on it.

use super::{Asking, Case, address, show::digest};
use crate::{
    At, Form, Problem, StaffDesk, Words,
    desk::go,
    patients::background::{Known, matters},
};
use axum::response::Response;
use care::{ConsultationId, background, record};
use store::Conn;

/// Longest grounds, in characters.
const GROUNDS_CHARS: usize = 500;

/// The card. No `Debug`: it is of a patient.
pub(super) struct Background {
    pub(super) matters: Vec<Known>,
    pub(super) judged: Option<Judged>,
    pub(super) page: String,
    /// Judged, and every source that it rests on still stands.
    pub(super) stands: bool,
    /// What the closing form sends back: it was before the physician's eyes.
    pub(super) mark: String,
}

pub(super) struct Judged {
    pub(super) at: String,
    pub(super) grounds: String,
}

impl Background {
    /// The card of a first visit; none at a follow-up.
    pub(super) async fn load(
        conn: &mut Conn,
        case: &Case,
        w: Words,
    ) -> Result<Option<Self>, Problem> {
        let visit = &case.booking.consultation;
        if !visit.class.is_first() {
            return Ok(None);
        }
        let facts = &case.dossier.background;
        let block: Vec<_> = facts.names().collect();
        Ok(Some(Self {
            matters: matters(conn, visit.patient, case.dossier.today, w).await?,
            judged: conn
                .background_judgement(visit)
                .await?
                .map(|(judged, grounds)| Judged {
                    at: w.day_time(judged.at),
                    grounds,
                }),
            page: format!("/patients/{}/background", visit.patient),
            stands: record::obtained_before(facts.judged.as_ref(), &block).is_ok(),
            mark: mark(facts),
        }))
    }
}

/// What the block held that the physician saw.
fn mark(facts: &background::Facts) -> String {
    let names: Vec<String> = facts.names().map(|name| name.to_string()).collect();
    digest(&names.join(" "))
}

/// 差し支えない: the physician's judgement that a first visit is possible with these symptoms, on what is known.
pub(super) async fn judge(
    desk: StaffDesk,
    At(id): At<ConsultationId>,
    form: Form,
) -> Result<Response, Problem> {
    let mut reading = form.reading();
    let grounds = reading.maybe("grounds", GROUNDS_CHARS).unwrap_or_default();
    reading.done()?;
    let asking = Asking::of(&desk);
    desk.write(move |tx| {
        Box::pin(async move {
            let case = Case::treating(tx, id, &asking).await?;
            record::reserved(asking.role, case.dossier.qualified)?;
            let visit = &case.booking.consultation;
            let open = visit.stage.is_unsigned();
            if !open || !visit.class.is_first() {
                return Err(Problem::OutOfTurn);
            }
            let facts = &case.dossier.background;
            let judged = background::from_sources(facts, &grounds, case.dossier.today)?;
            tx.judge_background(&asking.by, asking.person, visit, (judged, facts, &grounds))
                .await?;
            Ok(())
        })
    })
    .await?;
    Ok(go(&address(id)))
}

/// The block of what was obtained beforehand goes into the signed note as it was shown, whole (cl-1.2-iii-c).
///
/// # Errors
///
/// A first visit was judged on sources, and the form comes without the block, or with another.
pub(super) fn shown(case: &Case, sent: &str) -> Result<(), care::Refusal> {
    let facts = &case.dossier.background;
    if facts.judged.is_none() || sent == mark(facts) {
        return Ok(());
    }
    Err(
        care::Refusal::state(record::OBTAINED_BEFORE, care::Remedy::JudgeOnSources)
            .because("prior_block_absent"),
    )
}
