//! The invitation: a link in a message, to the contact on file only, and again at most three times an hour.

use crate::{
    At, Form, Problem, StaffDesk,
    desk::go,
    words::{Lang, Words},
};
use axum::response::Response;
use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD};
use care::{ConsultationId, ProxyId};
use jiff::SignedDuration;
use store::{
    By, Tx,
    consultation::Booking,
    invitation::RESEND_MAX_PER_HOUR,
    outbox::Message,
};

/// The stretch in which re-sending is counted.
const HOUR: SignedDuration = SignedDuration::from_hours(1);

/// Random bytes of a link: 128 bits, beside the institution's id.
const SECRET_BYTES: usize = 16;

/// The address of a link. The id in front says whose it is; the rest proves that it was sent by us.
fn link(patient_url: &str, tenant: access::TenantId, secret: &[u8]) -> String {
    format!("{patient_url}/v/{tenant}{}", BASE64_URL_SAFE_NO_PAD.encode(secret))
}

/// What an invitation is made of besides the visit.
pub(super) struct Letter {
    /// The random part of the link.
    pub(super) secret: [u8; SECRET_BYTES],
    /// Where patients reach us.
    pub(super) patient_url: String,
    /// The name of the physician.
    pub(super) physician: String,
}

impl Letter {
    /// Fresh secrets come from the desk, before the transaction.
    pub(super) fn new(desk: &StaffDesk, physician: String) -> Result<Self, Problem> {
        Ok(Self {
            secret: desk.app().random().ok_or(Problem::Unavailable)?,
            patient_url: desk.app().settings().patient_url.clone(),
            physician,
        })
    }

    /// Makes the link and puts the message into the outbox, in the commit under way.
    pub(super) async fn send(self, tx: &mut Tx, by: &By, booking: &Booking, proxy: Option<ProxyId>) -> Result<(), Problem> {
        let visit = &booking.consultation;
        let patient = tx.patient(visit.patient).await?.ok_or(Problem::NotFound)?;
        let to = match proxy {
            None => patient.profile.phone.clone(),
            Some(proxy) => {
                let proxies = tx.proxies(visit.patient).await?;
                let found = proxies.into_iter().find(|known| known.id == proxy);
                found.ok_or(Problem::NotFound)?.person.phone
            }
        };
        let institution = tx.institution().await?.ok_or(Problem::Unavailable)?;
        let link = link(&self.patient_url, tx.tenant(), &self.secret);
        tx.invite(by, visit.id, visit.patient, proxy, &self.secret).await?;
        let w = Words::of(Lang::Ja);
        let text = w.fill_all(
            "bookings-message",
            &[
                ("clinic", institution.name.clone()),
                ("number", booking.number.to_string()),
                ("at", w.day_time(visit.booked_for)),
                ("physician", self.physician),
                ("link", link),
                ("phone", institution.phone.clone()),
            ],
        );
        let message = Message {
            subject: w.fill("bookings-message-subject", "number", booking.number).into_owned(),
            text: text.into_owned(),
            to,
        };
        tx.post(by, visit.patient, Some(visit.id), ("sms", "invitation"), &message).await?;
        Ok(())
    }
}

/// Sends the link again, to the patient or to one registered proxy.
pub(super) async fn again(desk: StaffDesk, At(id): At<ConsultationId>, form: Form) -> Result<Response, Problem> {
    let mut reading = form.reading();
    let proxy: Option<ProxyId> = if form.text("proxy").is_empty() { None } else { reading.parse("proxy") };
    reading.done()?;
    let mut read = desk.read().await?;
    let booking = read.consultation(id).await?.ok_or(Problem::NotFound)?;
    let physician = read.name_of(booking.consultation.physician).await?.unwrap_or_default();
    drop(read);
    let letter = Letter::new(&desk, physician)?;
    let (by, now) = (desk.by(), desk.now);
    desk.write(move |tx| {
        Box::pin(async move {
            let booking = tx.consultation(id).await?.ok_or(Problem::NotFound)?;
            if !booking.consultation.stage.is_before_live() {
                return Err(Problem::OutOfTurn);
            }
            let sent = tx.invitations_since(id, now - HOUR).await?;
            if sent >= RESEND_MAX_PER_HOUR {
                return Err(Problem::TooMany { wait_seconds: HOUR.as_secs() });
            }
            letter.send(tx, &by, &booking, proxy).await
        })
    })
    .await?;
    Ok(go(back(&form, id).as_str()))
}

/// Back to where the button stood: the board, or the booking.
pub(super) fn back(form: &Form, id: ConsultationId) -> String {
    match form.text("from") {
        "today" => "/today".to_owned(),
        _ => format!("/bookings/{id}"),
    }
}
