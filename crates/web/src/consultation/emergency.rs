//! The emergency start: care before paper, never before safety (cl-1.1-iv-d).

use super::{Asking, Case, address, admit, first, note};
use crate::{
    At, Form, Problem, StaffDesk, Words,
    desk::go,
    room,
    shell::{Section, StaffShell},
};
use askama::Template;
use axum::response::Response;
use care::{
    ConsultationId, Stage,
    consultation::{self, EmergencyReason},
    gate, record,
    suitability::{self, Phase, Verdict},
    task::{self, Kind, Opening},
};
use jiff::civil::Date;
use store::Tx;

#[derive(Template)]
#[template(path = "consultation/emergency.html")]
struct Page {
    shell: StaffShell,
    w: Words,
    id: ConsultationId,
    band: super::show::Band,
    reasons: Vec<(&'static str, String)>,
    /// A sudden change stands: what was tried in person is said first (cl-1.2-vii-a).
    acute: bool,
    /// What is passed over now and remains due.
    later: Vec<super::show::GateLine>,
    /// What no emergency passes, open lines and met ones.
    holds: Vec<super::show::GateLine>,
}

/// What would be passed over, and what never is.
pub(super) async fn show(desk: StaffDesk, At(id): At<ConsultationId>) -> Result<Response, Problem> {
    let asking = Asking::of(&desk);
    let case = Case::treating(&mut *desk.read().await?, id, &asking).await?;
    crate::patients::opened(&desk, "emergency", vec![case.booking.consultation.patient]).await?;
    let reasons = EmergencyReason::ALL
        .into_iter()
        .map(|reason| {
            (
                reason.as_str(),
                format!("emergency-reason-{}", reason.as_str().replace('_', "-")),
            )
        })
        .collect();
    let lines = gate::emergency_lines(&case.dossier);
    desk.page(&Page {
        shell: desk.shell("emergency-title", Section::Today).await?,
        w: desk.w,
        id,
        band: super::show::band(&desk, &case).await?,
        reasons,
        acute: case.dossier.acute.standing().is_some(),
        later: super::show::lines_of(&desk, &case, lines.later),
        holds: super::show::lines_of(&desk, &case, lines.holds),
    })
}

/// Starts: one reason, no note needed now.
pub(super) async fn start(
    desk: StaffDesk,
    At(id): At<ConsultationId>,
    form: Form,
) -> Result<Response, Problem> {
    let reason = EmergencyReason::parse(form.text("reason"));
    let mut reading = form.reading();
    let tried = reading.maybe("tried", TRIED_CHARS_MAX);
    reading.done()?;
    let asking = Asking::of(&desk);
    let grants = desk
        .write(move |tx| {
            Box::pin(async move {
                let ground = consultation::emergency(id, asking.role, reason)?;
                let mut case = Case::treating(tx, id, &asking).await?;
                admit::before_live(&case)?;
                if let Some(tried) = &tried
                    && case.dossier.acute.standing().is_some()
                {
                    let visit = &case.booking.consultation;
                    tx.keep_acute_attempt(&asking.by, asking.person, visit, tried)
                        .await?;
                    case = Case::treating(tx, id, &asking).await?;
                }
                let visit = &case.booking.consultation;
                let ready = gate::begin_emergency(&case.dossier, ground).map_err(first)?;
                let judged = case
                    .dossier
                    .judgements
                    .iter()
                    .any(|row| row.phase == Phase::Provisional);
                if !judged {
                    suitability::may_write(id, &case.dossier.judgements, Phase::Provisional)?;
                    tx.keep_judgement(
                        &asking.by,
                        asking.person,
                        visit,
                        (Phase::Provisional, Verdict::Go, "emergency"),
                    )
                    .await?;
                    admit::open_room(tx, &asking, &case).await?;
                }
                admit::begun(tx, &asking, &case, ready).await?;
                chart_later(tx, &asking, &case).await?;
                Ok(tx.grants(id).await?)
            })
        })
        .await?;
    room::open(desk.app(), id, &grants).await?;
    Ok(go(&address(id)))
}

/// Longest words about what was tried in person, in characters.
const TRIED_CHARS_MAX: usize = 300;

/// Days in which a chart that was passed over is read (cl-2.1-iv-b).
const CHART_DAYS: u16 = 1;

/// The visit began without the chart: reading it, and adding to the note, stays open until it is done.
async fn chart_later(tx: &mut Tx, asking: &Asking, case: &Case) -> Result<(), Problem> {
    let (visit, dossier) = (&case.booking.consultation, &case.dossier);
    let read = record::chart_read(
        visit.id,
        visit.patient,
        visit.physician,
        dossier.reading,
        dossier.chart_source_up,
    );
    if read.is_err() {
        let opening = Opening {
            kind: Kind::ChartReview,
            patient: visit.patient,
            visit: Some(visit.id),
            about: None,
            words: String::new(),
            due: task::in_days(tx.now(), CHART_DAYS),
        };
        tx.open_task(&asking.by, &opening).await?;
    }
    Ok(())
}

/// Why explanation and agreement are not to be had yet.
#[derive(Clone, Copy)]
pub(super) enum NotYet {
    /// 聞ける状態にない
    CannotListen,
    /// ほかの病院に運ばれた
    Transferred,
    /// 連絡がつかない
    Unreachable,
    /// 説明のあと、本人が同意しない
    Declined,
}

impl NotYet {
    pub(super) const ALL: [Self; 4] = [
        Self::CannotListen,
        Self::Transferred,
        Self::Unreachable,
        Self::Declined,
    ];

    pub(super) const fn as_str(self) -> &'static str {
        match self {
            Self::CannotListen => "cannot_listen",
            Self::Transferred => "transferred",
            Self::Unreachable => "unreachable",
            Self::Declined => "declined",
        }
    }

    fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|reason| reason.as_str() == word)
    }
}

/// "まだできない": why, and the day of the next attempt. A code and a day, no clinical words: this column is not sealed.
pub(super) async fn explain_later(
    desk: StaffDesk,
    At(id): At<ConsultationId>,
    form: Form,
) -> Result<Response, Problem> {
    let mut reading = form.reading();
    let reason = NotYet::parse(form.text("reason"));
    if reason.is_none() {
        reading.wrong("reason", "field-empty");
    }
    let again: Option<Date> = reading.parse("again");
    if again.is_some_and(|day| day < store::dossier::legal_day(desk.now)) {
        reading.wrong("again", "field-past");
    }
    reading.done()?;
    let (Some(reason), Some(again)) = (reason, again) else {
        return Err(Problem::Malformed);
    };
    let asking = Asking::of(&desk);
    desk.write(move |tx| {
        Box::pin(async move {
            let case = Case::treating(tx, id, &asking).await?;
            let visit = &case.booking.consultation;
            let mut start = match (&visit.emergency, visit.stage) {
                (
                    Some(start),
                    Stage::Live { .. } | Stage::Ended { .. } | Stage::Documented { .. },
                ) => start.clone(),
                _ => return Err(Problem::OutOfTurn),
            };
            start.still_impossible = Some(format!("{} {again}", reason.as_str()));
            tx.keep_still_impossible(&asking.by, visit, &start).await?;
            match visit.stage {
                Stage::Documented { .. } => note::closed(tx, id, &asking).await,
                _ => Ok(()),
            }
        })
    })
    .await?;
    Ok(go(&address(id)))
}
