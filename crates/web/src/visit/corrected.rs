//! The message that a record was corrected which the patient was shown: that it was, never what.

use super::{
    invite::Receiver,
    link::{self, SECRET_BYTES},
    step::LINK_LIFE,
};
use crate::{
    notice::Contact,
    words::{Lang, Words},
};
use care::record::Soap;
use store::{
    By, Fault, Tx,
    consultation::Booking,
    institution::Institution,
    outbox::{Address, Message},
};

/// Whether a correction changes what the patient reads on the page after the visit; of what only the chart says, nobody is told.
#[must_use]
pub(crate) fn concerns_patient(before: &Soap, after: &Soap) -> bool {
    before.plan != after.plan || before.explained != after.explained
}

/// Puts the message in line for whoever got a link to this visit: the patient, and each helper.
///
/// While links of the visit live it carries one, so that the new text can be read at once; later it asks to call.
///
/// # Errors
///
/// Storage failed.
pub(crate) async fn tell(
    tx: &mut Tx,
    by: &By,
    booking: &Booking,
    public_url: &str,
    secrets: &[[u8; SECRET_BYTES]],
) -> Result<(), Fault> {
    let visit = &booking.consultation;
    let (Some(patient), Some(institution)) =
        (tx.patient(visit.patient).await?, tx.institution().await?)
    else {
        return Ok(());
    };
    let mut receivers = vec![None];
    for proxy in tx.proxies(patient.id).await? {
        if tx
            .newest_invitation(visit.id, Some(proxy.id))
            .await?
            .is_some()
        {
            receivers.push(Some(proxy));
        }
    }
    let linked = tx.now().duration_since(visit.booked_for) < LINK_LIFE;
    let mut secrets = secrets.iter();
    for proxy in &receivers {
        let receiver = proxy
            .as_ref()
            .map_or(Receiver::Patient(None), Receiver::Proxy);
        let Some((channel, to)) = receiver.contact(&patient) else {
            continue;
        };
        let url = match secrets.next().filter(|_| linked) {
            Some(secret) => {
                tx.invite(by, visit.id, patient.id, receiver.proxy(), secret)
                    .await?;
                Some(link::address(public_url, tx.tenant(), secret))
            }
            None => None,
        };
        let message = Message {
            to,
            ..compose(Words::of(Lang::Ja), &institution, booking, url.as_deref())
        };
        let address = Address {
            patient: patient.id,
            proxy: receiver.proxy(),
            consultation: Some(visit.id),
            channel,
        };
        tx.post(by, &address, "correction", &message).await?;
    }
    Ok(())
}

/// Writes the message, without its receiver. No word of the record, no illness, no drug.
fn compose(w: Words, institution: &Institution, booking: &Booking, url: Option<&str>) -> Message {
    let values = [
        ("clinic", Contact::name_of(institution, w)),
        ("day", w.day(booking.consultation.booked_for)),
        ("phone", institution.phone.clone()),
    ];
    let how = match url {
        Some(url) => format!("{}\n{url}", w.say("visit-corrected-link")),
        None => w.say("visit-corrected-call").into_owned(),
    };
    let parts = [
        w.fill_all("visit-corrected-text", &values).into_owned(),
        how,
        w.fill_all("visit-corrected-phone", &values).into_owned(),
    ];
    Message {
        to: String::new(),
        subject: w.say("visit-corrected-subject").into_owned(),
        text: parts.join("\n"),
    }
}
