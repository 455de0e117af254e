//! The invitation again: to the contact on file only, and at most three times an hour.

use crate::{
    At, Form, Problem, StaffDesk,
    desk::go,
    visit::{Receiver, link::SECRET_BYTES, send_invitation},
};
use axum::response::Response;
use care::{ConsultationId, ProxyId};
use jiff::SignedDuration;
use store::{By, Tx, consultation::Booking, invitation::RESEND_MAX_PER_HOUR, outbox::Channel};

/// The stretch in which re-sending is counted.
pub(super) const HOUR: SignedDuration = SignedDuration::from_hours(1);

/// What a link is made of besides the visit: drawn at the desk, before the transaction.
pub(crate) struct Letter {
    secret: [u8; SECRET_BYTES],
    patient_url: String,
}

impl Letter {
    pub(crate) fn new(desk: &StaffDesk) -> Result<Self, Problem> {
        Ok(Self {
            secret: desk.app().random().ok_or(Problem::Unavailable)?,
            patient_url: desk.app().settings().patient_url.clone(),
        })
    }

    /// Makes the link and puts its message into the outbox, in the commit under way.
    pub(super) async fn send(
        self,
        tx: &mut Tx,
        by: &By,
        booking: &Booking,
        to: To,
    ) -> Result<(), Problem> {
        let patient = tx
            .patient(booking.consultation.patient)
            .await?
            .ok_or(Problem::NotFound)?;
        let proxy = match to {
            To::Patient(_) => None,
            To::Proxy(id) => {
                let proxies = tx.proxies(patient.id).await?;
                let known = proxies.into_iter().find(|known| known.id == id);
                Some(known.ok_or(Problem::NotFound)?)
            }
        };
        let receiver = match (to, &proxy) {
            (To::Patient(channel), None) => Receiver::Patient(channel),
            (_, Some(proxy)) => Receiver::Proxy(proxy),
            (To::Proxy(_), None) => return Err(Problem::NotFound),
        };
        Ok(send_invitation(
            tx,
            by,
            booking,
            (&patient, receiver),
            &self.patient_url,
            &self.secret,
        )
        .await?)
    }
}

/// To whom a link is to go.
#[derive(Clone, Copy)]
pub(super) enum To {
    /// The patient, by one channel if it is said which.
    Patient(Option<Channel>),
    /// One registered helper.
    Proxy(ProxyId),
}

/// Sends the link again, to the patient or to one registered proxy.
pub(super) async fn again(
    desk: StaffDesk,
    At(id): At<ConsultationId>,
    form: Form,
) -> Result<Response, Problem> {
    let mut reading = form.reading();
    let proxy: Option<ProxyId> = if form.text("proxy").is_empty() {
        None
    } else {
        reading.parse("proxy")
    };
    reading.done()?;
    let to = proxy.map_or_else(
        || To::Patient(Channel::parse(form.text("channel"))),
        To::Proxy,
    );
    let letter = Letter::new(&desk)?;
    let (by, now) = (desk.by(), desk.now);
    desk.write(move |tx| {
        Box::pin(async move {
            let booking = tx.consultation(id).await?.ok_or(Problem::NotFound)?;
            if !booking.consultation.stage.is_before_live() {
                return Err(Problem::OutOfTurn);
            }
            let sent = tx.invitations_since(id, now - HOUR).await?;
            if sent >= RESEND_MAX_PER_HOUR {
                return Err(Problem::TooMany {
                    wait_seconds: HOUR.as_secs(),
                });
            }
            letter.send(tx, &by, &booking, to).await
        })
    })
    .await?;
    Ok(go(&back(&form, id)))
}

/// Back to where the button stood: the board, or the booking.
fn back(form: &Form, id: ConsultationId) -> String {
    match form.text("from") {
        "today" => "/today".to_owned(),
        _ => format!("/bookings/{id}"),
    }
}
