//! The message with the link: clinic, booking number, time, link, telephone. Never a name, an illness or a drug.

use super::{
    link::{self, SECRET_BYTES},
    step::Window,
};
use crate::words::{Lang, Words};
use care::{PatientId, house::HouseRules};
use store::{
    By, Fault, Tx,
    consultation::Booking,
    institution::Institution,
    outbox::Message,
    patient::{Patient, Proxy},
};

/// Longest message: three parts of an SMS in Japanese.
pub const SMS_CHARS_MAX: usize = 201;
/// Longest clinic name in a message; longer ones are cut, the telephone number tells the rest.
const NAME_CHARS_MAX: usize = 24;

/// Writes the message of an invitation, without its receiver.
pub fn compose(
    w: Words,
    institution: &Institution,
    rules: &HouseRules,
    booking: &Booking,
    url: &str,
) -> Message {
    let clinic: String = match w.lang() {
        Lang::En if !institution.name_en.trim().is_empty() => &institution.name_en,
        Lang::En | Lang::Ja => &institution.name,
    }
    .chars()
    .take(NAME_CHARS_MAX)
    .collect();
    let at = w.day_time(booking.consultation.booked_for);
    let opens = w.time(Window::opens(booking.consultation.booked_for, rules));
    let number = booking.number.to_string();
    let values = |last: &str| {
        [
            ("clinic", clinic.clone()),
            ("number", number.clone()),
            ("at", at.clone()),
            ("opens", opens.clone()),
            ("phone", institution.phone.clone()),
            ("last", last.to_owned()),
        ]
    };
    let decided = w.say("visit-sms-decided").into_owned();
    let whole = |last: &str| {
        let head = w.fill_all("visit-sms-head", &values(last));
        let foot = w.fill_all("visit-sms-foot", &values(last));
        [&*head, url, &*foot].join("\n")
    };
    // The reminder that the physician decides each time (cl-1.1-iv-b) stands in every message that has room for it.
    let with = whole(&decided);
    let text = if with.chars().count() <= SMS_CHARS_MAX {
        with
    } else {
        whole("")
    };
    Message {
        to: String::new(),
        subject: w.fill_all("visit-mail-subject", &values("")).into_owned(),
        text: text.replace("\n\n", "\n"),
    }
}

/// Makes a link to a visit and puts its message into the outbox, in one act: to the contact on file, and nowhere else.
///
/// With a proxy the link is the proxy's own and goes to the proxy's telephone.
///
/// # Errors
///
/// Storage failed.
pub async fn send_invitation(
    tx: &mut Tx,
    by: &By,
    booking: &Booking,
    patient: &Patient,
    proxy: Option<&Proxy>,
    public_url: &str,
    secret: &[u8; SECRET_BYTES],
) -> Result<(), Fault> {
    let visit = booking.consultation.id;
    let tenant = tx.tenant();
    let Some(institution) = tx.institution().await? else {
        return Err(Fault::UnknownTenant);
    };
    tx.invite(by, visit, patient.id, proxy.map(|proxy| proxy.id), secret)
        .await?;
    let url = link::address(public_url, tenant, secret);
    let rules = tx.house_rules().await?;
    let mut message = compose(Words::of(Lang::Ja), &institution, &rules, booking, &url);
    let (phone, mail) = match proxy {
        Some(proxy) => (proxy.person.phone.as_str(), ""),
        None => (
            patient.profile.phone.as_str(),
            patient.profile.mail.as_str(),
        ),
    };
    let channel = if phone.trim().is_empty() {
        "mail"
    } else {
        "sms"
    };
    message.to = if channel == "sms" { phone } else { mail }.to_owned();
    if message.to.trim().is_empty() {
        return told_by_voice(tx, by, patient.id).await;
    }
    tx.post(
        by,
        patient.id,
        Some(visit),
        (channel, "invitation"),
        &message,
    )
    .await
}

/// Nobody can be written to: reception reads the ledger's word on the board and calls.
async fn told_by_voice(tx: &mut Tx, by: &By, patient: PatientId) -> Result<(), Fault> {
    let entry = by
        .entry("notice.undeliverable")
        .object("patient", patient.to_string())
        .field("reason", "no_contact");
    tx.record(entry).await?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use access::{PersonId, TenantId, Ulid};
    use care::{Class, Consultation, ConsultationId, Stage};

    fn booking() -> Booking {
        Booking {
            consultation: Consultation {
                id: ConsultationId(Ulid::from_parts(1, 1)),
                patient: PatientId(Ulid::from_parts(1, 2)),
                physician: PersonId(Ulid::from_parts(1, 3)),
                class: Class::Followup,
                booked_for: "2026-11-20T05:30:00Z".parse().unwrap(),
                stage: Stage::Booked,
                emergency: None,
            },
            number: 482,
            opened: care::plan::Opened::Booked,
        }
    }

    fn institution(name: &str) -> Institution {
        Institution {
            name: name.into(),
            address: "長野県".into(),
            phone: "00-1234-5678".into(),
            hours: "月〜土".into(),
            name_en: String::new(),
            address_en: String::new(),
            hours_en: String::new(),
            code: String::new(),
            online_care_notified: true,
        }
    }

    #[test]
    fn cl_2_1_i_b_a_message_fits_and_says_who_when_where_and_whom_to_call() {
        let url = link::address(
            "https://online.mihon-mizuumi-clinic.example",
            TenantId(Ulid::nil()),
            &[9; SECRET_BYTES],
        );
        for name in ["見本みずうみクリニック", &"長い名前の病院".repeat(9)] {
            for lang in [Lang::Ja, Lang::En] {
                let message = compose(
                    Words::of(lang),
                    &institution(name),
                    &HouseRules::default(),
                    &booking(),
                    &url,
                );
                let text = &message.text;
                assert!(
                    text.chars().count() <= SMS_CHARS_MAX,
                    "{} {text}",
                    text.chars().count()
                );
                assert!(text.lines().any(|line| line == url), "{text}");
                for needle in ["【", "482", "14:30", "14:00", "00-1234-5678"] {
                    assert!(text.contains(needle), "{needle}: {text}");
                }
            }
        }
    }
}
