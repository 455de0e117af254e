//! The reminder of the day before: whoever has a visit tomorrow and heard nothing of it today gets the link once more.

use super::{
    invite::{Receiver, send_invitation},
    link::SECRET_BYTES,
};
use crate::app::Entropy;
use access::TenantId;
use care::{ConsultationId, Stage};
use jiff::{SignedDuration, Timestamp};
use store::{By, Fault, Store};

/// Reminders of one institution and day at most: more than any clinic sees, and a bound for a clock gone wrong.
pub const REMINDERS_MAX: usize = 500;
/// A day.
const DAY: SignedDuration = SignedDuration::from_hours(24);

/// Sends what is due at one institution; answers how many visits were reminded of. Done twice on one day, it sends nothing more.
///
/// # Errors
///
/// Storage failed; what was sent before is kept.
pub async fn remind(
    store: &Store,
    tenant: TenantId,
    now: Timestamp,
    (public_url, entropy): (&str, &Entropy),
) -> Result<usize, Fault> {
    let today = crate::bookings::start_of_day(now);
    let tomorrow = today.saturating_add(DAY).unwrap_or(today);
    let after = tomorrow.saturating_add(DAY).unwrap_or(tomorrow);
    let mut read = store.read(tenant).await?;
    let mut due: Vec<ConsultationId> = Vec::new();
    for booking in read.consultations_between(tomorrow, after).await? {
        let visit = &booking.consultation;
        let told = read
            .fates(visit.id)
            .await?
            .iter()
            .any(|fate| fate.created >= today);
        if visit.stage == Stage::Booked && !told && due.len() < REMINDERS_MAX {
            due.push(visit.id);
        }
    }
    drop(read);
    let mut sent = 0;
    for id in due {
        sent += usize::from(one(store, tenant, now, id, (public_url, entropy)).await?);
    }
    Ok(sent)
}

/// Reminds of one visit, whoever got a link of it: the patient, and each helper.
async fn one(
    store: &Store,
    tenant: TenantId,
    now: Timestamp,
    id: ConsultationId,
    (public_url, entropy): (&str, &Entropy),
) -> Result<bool, Fault> {
    let (url, entropy) = (public_url.to_owned(), entropy.clone());
    store
        .write::<bool, Fault, _>(tenant, now, move |tx| {
            Box::pin(async move {
                let Some(booking) = tx.consultation(id).await? else {
                    return Ok(false);
                };
                // It may have been cancelled since.
                if booking.consultation.stage != Stage::Booked {
                    return Ok(false);
                }
                let Some(patient) = tx.patient(booking.consultation.patient).await? else {
                    return Ok(false);
                };
                let mut receivers = Vec::new();
                if tx.newest_invitation(id, None).await?.is_some() {
                    receivers.push(None);
                }
                for proxy in tx.proxies(patient.id).await? {
                    if tx.newest_invitation(id, Some(proxy.id)).await?.is_some() {
                        receivers.push(Some(proxy));
                    }
                }
                let mut any = false;
                for proxy in &receivers {
                    let mut secret = [0; SECRET_BYTES];
                    if !entropy(&mut secret) {
                        return Err(Fault::Unavailable("no entropy".to_owned()));
                    }
                    let receiver = proxy
                        .as_ref()
                        .map_or(Receiver::Patient(None), Receiver::Proxy);
                    let to = (&patient, receiver);
                    send_invitation(tx, &By::System, &booking, to, &url, &secret).await?;
                    any = true;
                }
                Ok(any)
            })
        })
        .await
}
