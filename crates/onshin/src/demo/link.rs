//! Links to the demo's visits, as reception would send them.

use super::{CLINIC, people::institution};
use crate::{outcome::Outcome, secret};
use care::ProxyId;
use store::{By, Fault, Tx, consultation::Booking, outbox::Message, patient::Patient};

/// Bytes of a link's secret.
const SECRET_BYTES: usize = 16;

/// A new secret.
pub(super) fn fresh() -> Result<[u8; SECRET_BYTES], Outcome> {
    secret::bytes()
}

/// The address of a link: the institution and the secret in one word.
pub(super) fn address(base: &str, secret: &[u8; SECRET_BYTES]) -> String {
    let mut bytes = CLINIC.0.to_bytes().to_vec();
    bytes.extend(secret);
    format!("{base}/v/{}", secret::for_address(&bytes))
}

/// Makes the link and puts its message into the outbox. Answers the address.
pub(super) async fn send(
    tx: &mut Tx,
    by: &By,
    booking: &Booking,
    patient: &Patient,
    proxy: Option<(ProxyId, &str)>,
    base: &str,
    secret: &[u8; SECRET_BYTES],
) -> Result<String, Fault> {
    let visit = &booking.consultation;
    tx.invite(by, visit.id, patient.id, proxy.map(|(id, _)| id), secret).await?;
    let address = address(base, secret);
    let clinic = institution();
    let message = Message {
        to: proxy.map_or(patient.profile.phone.as_str(), |(_, phone)| phone).to_owned(),
        subject: format!("【{}】オンライン診療のご案内", clinic.name),
        text: format!(
            "【{}】\n予約番号 {} オンライン診療です。下を押してください。\n{address}\n開かないとき・予約した覚えがないときは 電話 {}",
            clinic.name, booking.number, clinic.phone
        ),
    };
    tx.post(by, patient.id, Some(visit.id), ("sms", "invitation"), &message).await?;
    Ok(address)
}
