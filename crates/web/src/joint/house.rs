//! `/house/joint`: which visits with the attending physician the institution offers. What is off is nowhere shown.

use super::Me;
use crate::{
    Form, Problem, StaffDesk, Words,
    desk::go,
    shell::{Section, StaffShell},
};
use askama::Template;
use axum::response::Response;
use care::Service;

/// Services that a tick switches on.
const TICKED: [Service; 2] = [Service::WithPhysician, Service::RemoteSpecialist];

#[derive(Template)]
#[template(path = "joint/house.html")]
struct Page {
    shell: StaffShell,
    w: Words,
    services: Vec<(Service, bool)>,
}

pub(super) async fn show(desk: StaffDesk) -> Result<Response, Problem> {
    let offered = desk.read().await?.joint_services().await?;
    desk.page(&Page {
        shell: desk.shell("house-joint-title", Section::Publishing).await?,
        w: desk.w,
        services: TICKED
            .into_iter()
            .map(|service| (service, offered.contains(&service)))
            .collect(),
    })
}

pub(super) async fn save(desk: StaffDesk, form: Form) -> Result<Response, Problem> {
    let me = Me::of(&desk);
    desk.write(move |tx| {
        Box::pin(async move {
            let offered = tx.joint_services().await?;
            for service in TICKED {
                let wanted = form.has(service.as_str());
                if offered.contains(&service) != wanted {
                    tx.offer_joint(&me.by, service, wanted).await?;
                }
            }
            Ok(())
        })
    })
    .await?;
    Ok(go("/house/joint"))
}
