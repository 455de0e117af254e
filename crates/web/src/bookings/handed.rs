//! The link in reception's own hands, where no message can carry it: shown once, on purpose, and written down.

use super::invite::HOUR;
use crate::{
    At, Form, Problem, StaffDesk,
    qr::Qr,
    shell::{Section, StaffShell},
    visit::link::{self, SECRET_BYTES},
    words::Words,
};
use access::Role;
use askama::Template;
use axum::response::Response;
use care::{ConsultationId, ProxyId, patient::Profile};
use store::{
    Conn, Fault,
    consultation::Booking,
    invitation::RESEND_MAX_PER_HOUR,
    outbox::{Channel, Delivery},
};

#[derive(Template)]
#[template(path = "bookings/handed.html")]
struct Page {
    shell: StaffShell,
    w: Words,
    id: ConsultationId,
    receiver: String,
    url: String,
    qr: Option<Qr>,
}

/// Why a link has to be handed over.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Why {
    /// Nobody carries messages to this patient's contact.
    NotCarried,
    /// The newest message came back.
    Failed,
    /// Nothing is on file to write to.
    NoContact,
}

impl Why {
    pub(super) fn key(self) -> &'static str {
        match self {
            Self::NotCarried => "bookings-hand-not-carried",
            Self::Failed => "bookings-hand-failed",
            Self::NoContact => "bookings-hand-no-contact",
        }
    }
}

/// Whether reception has to hand the patient's link over itself. While messages arrive, nobody here needs to see it.
pub(super) async fn by_hand(
    conn: &mut Conn,
    carried: &[Channel],
    visit: ConsultationId,
    profile: &Profile,
) -> Result<Option<Why>, Fault> {
    let contacts = [
        (Channel::Sms, profile.phone.as_str()),
        (Channel::Mail, profile.mail.as_str()),
    ];
    let on_file: Vec<Channel> = contacts
        .into_iter()
        .filter(|(_, contact)| !contact.trim().is_empty())
        .map(|(channel, _)| channel)
        .collect();
    if on_file.is_empty() {
        return Ok(Some(Why::NoContact));
    }
    // The first on file is the one that is written to.
    if on_file
        .first()
        .is_some_and(|first| !carried.contains(first))
    {
        return Ok(Some(Why::NotCarried));
    }
    let newest = conn.fates(visit).await?.into_iter().next();
    let failed = newest.is_some_and(|fate| fate.delivery == Delivery::Failed);
    Ok(failed.then_some(Why::Failed))
}

/// Makes a link and shows it to reception: no message is written.
pub(super) async fn hand_over(
    desk: StaffDesk,
    At(id): At<ConsultationId>,
    form: Form,
) -> Result<Response, Problem> {
    let mut reading = form.reading();
    let proxy: Option<ProxyId> = match form.text("proxy") {
        "" => None,
        _ => reading.parse("proxy"),
    };
    reading.done()?;
    let secret: [u8; SECRET_BYTES] = desk.app().random().ok_or(Problem::Unavailable)?;
    let carried = desk.app().settings().carried.clone();
    let (by, now) = (desk.by(), desk.now);
    let receiver = desk
        .write(move |tx| {
            Box::pin(async move {
                let booking = tx.consultation(id).await?.ok_or(Problem::NotFound)?;
                let patient = open(tx, &booking, &carried).await?;
                if tx.invitations_since(id, now - HOUR).await? >= RESEND_MAX_PER_HOUR {
                    return Err(Problem::TooMany {
                        wait_seconds: HOUR.as_secs(),
                    });
                }
                let receiver = match proxy {
                    None => patient.1.name,
                    Some(proxy) => {
                        let known = tx.proxies(patient.0).await?;
                        let known = known.into_iter().find(|known| known.id == proxy);
                        known.ok_or(Problem::NotFound)?.person.name
                    }
                };
                tx.invite(&by, id, patient.0, proxy, &secret).await?;
                tx.record(
                    by.entry("link.handed_over")
                        .object("consultation", id.to_string())
                        .object("patient", patient.0.to_string()),
                )
                .await?;
                Ok(receiver)
            })
        })
        .await?;
    let url = link::address(&desk.app().settings().patient_url, desk.tenant, &secret);
    desk.page(&Page {
        shell: desk.shell("bookings-hand-title", Section::Bookings).await?,
        w: desk.w,
        id,
        receiver,
        qr: Qr::of(&url),
        url,
    })
}

async fn open(
    conn: &mut Conn,
    booking: &Booking,
    carried: &[Channel],
) -> Result<(care::PatientId, Profile), Problem> {
    let visit = &booking.consultation;
    if !visit.stage.is_before_live() {
        return Err(Problem::OutOfTurn);
    }
    let patient = conn
        .patient(visit.patient)
        .await?
        .ok_or(Problem::NotFound)?;
    by_hand(conn, carried, visit.id, &patient.profile)
        .await?
        .ok_or(Problem::OutOfTurn)?;
    Ok((patient.id, patient.profile))
}

/// Whether this reader may hand links over.
pub(super) fn may(desk: &StaffDesk) -> bool {
    desk.has(Role::Reception)
}
