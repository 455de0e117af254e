//! `/lost`: the link is sent again, to the contact on file and nowhere else. The answer tells nothing.

use super::{Receiver, help::here, invite, link::SECRET_BYTES};
use crate::{AnonymousDesk, App, Form, Problem, desk::go, shell::PublicShell, words::Words};
use access::TenantId;
use askama::Template;
use axum::{extract::Query, response::Response};
use jiff::{SignedDuration, Timestamp};
use serde::Deserialize;
use store::{
    By, Fault, Tx,
    consultation::Booking,
    invitation::RESEND_MAX_PER_HOUR,
    outbox::Channel,
    patient::{Patient, Proxy},
};

/// Longest contact that is looked at, in characters.
const CONTACT_CHARS_MAX: usize = 100;
/// A visit is near from here to there.
const NEAR_BEFORE: SignedDuration = SignedDuration::from_hours(7 * 24);
const NEAR_AFTER: SignedDuration = SignedDuration::from_hours(3);
/// Links sent for one question at most: a family has some visits a week, a stranger gets no flood out of it.
const LINKS_MAX: usize = 6;
/// The stretch in which re-sending is counted.
const HOUR: SignedDuration = SignedDuration::from_hours(1);

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

/// A secret for each link that may be made.
type Secrets = [[u8; SECRET_BYTES]; LINKS_MAX];

async fn resend(app: &App, tenant: TenantId, contact: String, now: Timestamp) -> Result<(), Fault> {
    let mut secrets: Secrets = [[0; SECRET_BYTES]; LINKS_MAX];
    for secret in &mut secrets {
        match app.random() {
            Some(drawn) => *secret = drawn,
            None => return Ok(()),
        }
    }
    let url = app.settings().patient_url.clone();
    app.store()
        .write::<(), Fault, _>(tenant, now, move |tx| {
            Box::pin(async move { send_all(tx, &contact, &url, &secrets).await })
        })
        .await
}

/// Every open visit near by of everybody whose contact on file this is: each their own link, none more than the hour allows.
async fn send_all(tx: &mut Tx, contact: &str, url: &str, secrets: &Secrets) -> Result<(), Fault> {
    let now = tx.now();
    let mut secrets = secrets.iter();
    for id in tx.patients_by_contact(contact).await? {
        let Some(patient) = tx.patient(id).await? else {
            continue;
        };
        let proxies = tx.proxies(id).await?;
        let visits = near(tx.consultations_of(id).await?, now);
        for booking in &visits {
            for receiver in receivers(&patient, &proxies, contact) {
                let visit = booking.consultation.id;
                let sent = tx.invitations_since(visit, now - HOUR).await?;
                if sent >= RESEND_MAX_PER_HOUR {
                    break;
                }
                let Some(secret) = secrets.next() else {
                    return Ok(());
                };
                let to = (&patient, receiver);
                invite::send_invitation(tx, &By::System, booking, to, url, secret).await?;
            }
        }
    }
    Ok(())
}

/// Open visits of these days, the next one first.
fn near(bookings: Vec<Booking>, now: Timestamp) -> Vec<Booking> {
    let mut near: Vec<Booking> = bookings
        .into_iter()
        .filter(|booking| {
            let visit = &booking.consultation;
            let ahead = visit.booked_for.duration_since(now);
            !visit.stage.is_over() && ahead < NEAR_BEFORE && ahead > -NEAR_AFTER
        })
        .collect();
    near.sort_by_key(|booking| booking.consultation.booked_for);
    near
}

/// Whose contact it is today. One that was replaced at the desk is nobody's any more.
fn receivers<'a>(patient: &Patient, proxies: &'a [Proxy], contact: &str) -> Vec<Receiver<'a>> {
    let profile = &patient.profile;
    let own = if store::digits(&profile.phone) == contact {
        Some(Receiver::Patient(Some(Channel::Sms)))
    } else if profile.mail == contact {
        Some(Receiver::Patient(Some(Channel::Mail)))
    } else {
        None
    };
    own.into_iter()
        .chain(
            proxies
                .iter()
                .filter(|proxy| store::digits(&proxy.person.phone) == contact)
                .map(Receiver::Proxy),
        )
        .collect()
}
