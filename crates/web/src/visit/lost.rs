//! `/lost`: the link is sent again, to the contact on file and nowhere else. The answer tells nothing.

use super::{help::here, invite, link::SECRET_BYTES};
use crate::{AnonymousDesk, App, Form, Problem, desk::go, shell::PublicShell, words::Words};
use access::TenantId;
use askama::Template;
use axum::{extract::Query, response::Response};
use jiff::{SignedDuration, Timestamp};
use serde::Deserialize;
use store::{By, Fault, invitation::RESEND_MAX_PER_HOUR};

/// Longest contact that is looked at, in characters.
const CONTACT_CHARS_MAX: usize = 100;
/// A visit is near from here to there.
const NEAR_BEFORE: SignedDuration = SignedDuration::from_hours(7 * 24);
const NEAR_AFTER: SignedDuration = SignedDuration::from_hours(3);

#[derive(Template)]
#[template(path = "visit/lost.html")]
struct Page {
    shell: PublicShell,
    w: Words,
    sent: bool,
}

#[derive(Deserialize)]
pub(super) struct Asked {
    sent: Option<String>,
}

pub(super) async fn show(
    desk: AnonymousDesk,
    Query(asked): Query<Asked>,
) -> Result<Response, Problem> {
    desk.page(&Page {
        shell: desk.shell("visit-lost-title").await,
        w: desk.w,
        sent: asked.sent.is_some(),
    })
}

pub(super) async fn send(desk: AnonymousDesk, form: Form) -> Result<Response, Problem> {
    let mut reading = form.reading();
    let contact = reading.need("contact", CONTACT_CHARS_MAX);
    reading.done()?;
    // A number is kept as its digits; people write it with hyphens, or in full width.
    let contact = if contact.contains('@') {
        contact
    } else {
        store::digits(&contact)
    };
    if let Some(tenant) = here(&desk).await? {
        let (app, now) = (desk.app().clone(), desk.now);
        // Behind the answer's back: how long it takes tells nobody whether the contact is known.
        tokio::spawn(async move {
            if let Err(fault) = resend(&app, tenant, contact, now).await {
                tracing::warn!(%fault, "a link could not be sent again");
            }
        });
    }
    Ok(go("/lost?sent=1"))
}

async fn resend(app: &App, tenant: TenantId, contact: String, now: Timestamp) -> Result<(), Fault> {
    let Some(secret) = app.random::<SECRET_BYTES>() else {
        return Ok(());
    };
    let url = app.settings().patient_url.clone();
    app.store()
        .write::<(), Fault, _>(tenant, now, move |tx| {
            Box::pin(async move {
                for patient in tx.patients_by_contact(&contact).await? {
                    let near = tx
                        .consultations_of(patient)
                        .await?
                        .into_iter()
                        .filter(|booking| {
                            let visit = &booking.consultation;
                            let ahead = visit.booked_for.duration_since(now);
                            !visit.stage.is_over() && ahead < NEAR_BEFORE && ahead > -NEAR_AFTER
                        })
                        .min_by_key(|booking| booking.consultation.booked_for);
                    let (Some(booking), Some(patient)) = (near, tx.patient(patient).await?) else {
                        continue;
                    };
                    let hour_ago = now - SignedDuration::from_hours(1);
                    if tx
                        .invitations_since(booking.consultation.id, hour_ago)
                        .await?
                        < RESEND_MAX_PER_HOUR
                    {
                        // One link is one secret: only the first visit found gets it.
                        return invite::send_invitation(
                            tx,
                            &By::System,
                            &booking,
                            &patient,
                            None,
                            &url,
                            &secret,
                        )
                        .await;
                    }
                }
                Ok(())
            })
        })
        .await
}
