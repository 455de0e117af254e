//! `/me/safety`: suddenly worse (急病急変): exactly what this patient's plan says, and numbers that answer day and night.

use super::{
    body::{Nearby, at_any_hour, in_force, nearby},
    help::here,
};
use crate::{AnonymousDesk, Problem, caller::Caller, shell::PublicShell, words::Words};
use access::TenantId;
use askama::Template;
use axum::response::Response;
use care::{
    PatientId,
    patient::age,
    plan::{Acute, PlanState},
};
use store::{By, Conn, dossier::legal_day};

/// The telephone for children is meant for them: #8000 speaks with parents of those under this age.
pub(super) const CHILD_UNDER: i16 = 15;

/// Who responds by the plan.
enum Responds {
    /// This institution.
    Own,
    /// A partner of the register, whose entry is in force.
    Partner(Nearby),
}

#[derive(Template)]
#[template(path = "visit/safety.html")]
struct Page {
    shell: PublicShell,
    w: Words,
    /// What the plan tells the patient to do.
    policy: Vec<String>,
    responds: Option<Responds>,
    child: bool,
    partners: Vec<Nearby>,
}

/// For everybody: nobody who is in need is asked to sign in. Who is in a visit reads the own plan.
pub(super) async fn show(desk: AnonymousDesk) -> Result<Response, Problem> {
    let tenant = here(&desk).await?;
    let caller = match desk.caller().await? {
        Some(Caller::Patient(patient)) => Some(patient),
        Some(Caller::Staff(_)) | None => None,
    };
    let mut page = Page {
        shell: desk.shell("visit-safety-title").await,
        w: desk.w,
        policy: Vec::new(),
        responds: None,
        child: true,
        partners: Vec::new(),
    };
    if let Some(tenant) = tenant {
        let mut read = desk.app().store().read(tenant).await?;
        let register = read.partners().await?;
        let today = legal_day(desk.now);
        if let Some(caller) = &caller {
            page.child = read
                .patient(caller.patient)
                .await?
                .is_some_and(|patient| age(patient.profile.birth, today) < CHILD_UNDER);
            if let Some(acute) = acute(&mut read, caller.patient).await? {
                page.policy = acute
                    .policy
                    .lines()
                    .filter(|line| !line.trim().is_empty())
                    .map(crate::words::unbroken)
                    .collect();
                page.responds = if acute.own {
                    Some(Responds::Own)
                } else {
                    register
                        .iter()
                        .find(|entry| Some(entry.id) == acute.partner && in_force(entry, today))
                        .cloned()
                        .map(|entry| Responds::Partner(nearby(entry)))
                };
            }
        }
        drop(read);
        // Beside the plan's own answer whoever is there day and night: the clinic may be closed when it is needed.
        let named = match &page.responds {
            Some(Responds::Partner(partner)) => Some(partner.name.clone()),
            Some(Responds::Own) | None => None,
        };
        let others = register
            .into_iter()
            .filter(|entry| in_force(entry, today) && Some(&entry.name) != named.as_ref())
            .map(nearby)
            .collect();
        page.partners = at_any_hour(others);
        if !page.policy.is_empty() {
            let by = caller.map(|caller| By::Patient {
                id: caller.patient,
                proxy: caller.proxy,
                device: caller.session.device,
            });
            keep_read(&desk, tenant, by).await?;
        }
    }
    desk.page(&page)
}

/// Item 7 of the plan in force, or of the one the patient has read where none is signed yet.
async fn acute(conn: &mut Conn, patient: PatientId) -> Result<Option<Acute>, Problem> {
    let plans = conn.plans(patient).await?;
    let counts = plans
        .iter()
        .find(|version| matches!(version.plan.state, PlanState::Signed { .. }))
        .or_else(|| plans.iter().find(|version| version.read.is_some()));
    Ok(counts.map(|version| version.plan.draft.acute.clone()))
}

/// The page shows the patient's own plan: that is kept as for every other page that does (cl-2.5.2.1-x-a).
async fn keep_read(desk: &AnonymousDesk, tenant: TenantId, by: Option<By>) -> Result<(), Problem> {
    let Some(by @ By::Patient { id, .. }) = by else {
        return Ok(());
    };
    desk.app()
        .store()
        .write::<(), Problem, _>(tenant, desk.now, move |tx| {
            Box::pin(async move { Ok(tx.keep_read(&by, "safety", &[id]).await?) })
        })
        .await
}
