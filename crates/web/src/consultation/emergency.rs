//! The emergency start: care before paper, never before safety (cl-1.1-iv-d).

use super::{Asking, Case, address, admit, first};
use crate::{
    At, Form, Problem, StaffDesk, Words,
    desk::go,
    room,
    shell::{Section, StaffShell},
};
use askama::Template;
use axum::response::Response;
use care::{
    ConsultationId,
    consultation::{self, EmergencyReason},
    gate,
    suitability::{self, Phase, Verdict},
};

#[derive(Template)]
#[template(path = "consultation/emergency.html")]
struct Page {
    shell: StaffShell,
    w: Words,
    id: ConsultationId,
    band: super::show::Band,
    reasons: Vec<(&'static str, String)>,
    lines: Vec<super::show::GateLine>,
}

/// What would be passed over, and what never is.
pub(super) async fn show(desk: StaffDesk, At(id): At<ConsultationId>) -> Result<Response, Problem> {
    let asking = Asking::of(&desk);
    let case = Case::own(&mut *desk.read().await?, id, &asking).await?;
    let reasons = EmergencyReason::ALL
        .into_iter()
        .map(|reason| (reason.as_str(), format!("emergency-reason-{}", reason.as_str().replace('_', "-"))))
        .collect();
    desk.page(&Page {
        shell: desk.shell("emergency-title", Section::Today).await?,
        w: desk.w,
        id,
        band: super::show::band(&desk, &case).await?,
        reasons,
        lines: super::show::gate_lines(&desk, &case).into_iter().filter(|line| !line.met).collect(),
    })
}

/// Starts: one reason, no note needed now.
pub(super) async fn start(desk: StaffDesk, At(id): At<ConsultationId>, form: Form) -> Result<Response, Problem> {
    let reason = EmergencyReason::parse(form.text("reason"));
    let asking = Asking::of(&desk);
    let grants = desk
        .write(move |tx| {
            Box::pin(async move {
                let ground = consultation::emergency(id, asking.role, reason)?;
                let case = Case::own(tx, id, &asking).await?;
                let visit = &case.booking.consultation;
                let ready = gate::begin_emergency(&case.dossier, ground).map_err(first)?;
                let judged = case.dossier.judgements.iter().any(|row| row.phase == Phase::Provisional);
                if !judged {
                    suitability::may_write(id, &case.dossier.judgements, Phase::Provisional)?;
                    tx.keep_judgement(&asking.by, asking.person, visit, (Phase::Provisional, Verdict::Go, "emergency"))
                        .await?;
                    admit::open_room(tx, &asking, &case).await?;
                }
                admit::begun(tx, &asking, &case, ready).await?;
                Ok(tx.grants(id).await?)
            })
        })
        .await?;
    room::open(desk.app(), id, &grants).await?;
    Ok(go(&address(id)))
}
