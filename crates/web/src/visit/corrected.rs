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

/// Longest clinic name in the message; the telephone number tells the rest of a longer one.
const NAME_CHARS_MAX: usize = 20;

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
    let name = Contact::name_of(institution, w);
    let values = [
        ("clinic", name.chars().take(NAME_CHARS_MAX).collect()),
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::visit::SMS_CHARS_MAX;
    use access::{PersonId, TenantId, Ulid};
    use care::{Class, Consultation, ConsultationId, PatientId, Stage};

    #[test]
    fn the_message_fits_whatever_the_clinic_is_called() {
        let institution = Institution {
            name: "長い名前の病院".repeat(9),
            address: "長野県".into(),
            phone: "00-1234-5678".into(),
            hours: "月〜土".into(),
            name_en: String::new(),
            address_en: String::new(),
            hours_en: String::new(),
            code: String::new(),
            online_care_notified: true,
            desks: store::institution::Desks::default(),
        };
        let booking = Booking {
            consultation: Consultation {
                id: ConsultationId(Ulid::from_parts(1, 1)),
                patient: PatientId(Ulid::from_parts(1, 2)),
                physician: PersonId(Ulid::from_parts(1, 3)),
                class: Class::Followup,
                service: care::Service::Care,
                booked_for: "2026-11-20T05:30:00Z".parse().unwrap(),
                stage: Stage::Booked,
                emergency: None,
            },
            number: 482,
            opened: care::plan::Opened::Booked,
        };
        let url = link::address(
            "https://online.mihon-mizuumi-clinic.example",
            TenantId(Ulid::nil()),
            &[9; SECRET_BYTES],
        );
        for lang in [Lang::Ja, Lang::En] {
            for url in [Some(url.as_str()), None] {
                let message = compose(Words::of(lang), &institution, &booking, url);
                let chars = message.text.chars().count();
                assert!(chars <= SMS_CHARS_MAX, "{chars} {}", message.text);
                assert!(message.text.contains("00-1234-5678"));
                assert!(url.is_none_or(|url| message.text.lines().any(|line| line == url)));
            }
        }
    }
}
