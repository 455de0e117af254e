//! The message with the link: clinic, booking number, time, link, telephone. Never a name, an illness or a drug.

use super::{
    link::{self, SECRET_BYTES},
    mail,
    step::Window,
};
use crate::{
    notice::Contact,
    words::{Lang, Words},
};
use care::{PatientId, ProxyId, Service, house::HouseRules};
use store::{
    By, Fault, Tx,
    consultation::Booking,
    guidance::Told,
    institution::Institution,
    outbox::{Address, Channel, Message},
    patient::{Patient, Proxy},
};

/// Longest message: three parts of an SMS in Japanese.
pub const SMS_CHARS_MAX: usize = 201;
/// Longest message about a pre-consultation: one part more, for the fee and the limits are said in whole words (cl-1.2-vi-b).
const TERMS_CHARS_MAX: usize = 268;
/// Longest clinic name in a message; longer ones are cut, the telephone number tells the rest.
const NAME_CHARS_MAX: usize = 24;
/// A name is not cut below this: it would say nothing any more.
const NAME_CHARS_MIN: usize = 10;

/// Writes the message of an invitation, without its receiver. `decided` is what it ends with.
///
/// That the physician decides each time (cl-1.1-iv-b) stands in it: a long name gives way first. Only an address that leaves
/// no room at all takes it out, and that is logged.
pub fn compose(
    w: Words,
    institution: &Institution,
    rules: &HouseRules,
    booking: &Booking,
    url: &str,
    decided: &str,
) -> Message {
    let name = Contact::name_of(institution, w);
    let at = w.day_time(booking.consultation.booked_for);
    let opens = w.time(Window::opens(booking.consultation.booked_for, rules));
    let number = booking.number.to_string();
    let values = |name_chars: usize, last: &str| {
        [
            ("clinic", name.chars().take(name_chars).collect()),
            ("number", number.clone()),
            ("at", at.clone()),
            ("opens", opens.clone()),
            ("phone", institution.phone.clone()),
            ("last", last.to_owned()),
        ]
    };
    let whole = |name_chars, last: &str| {
        let values = values(name_chars, last);
        let head = w.fill_all("visit-sms-head", &values);
        let foot = w.fill_all("visit-sms-foot", &values);
        [&*head, url, foot.trim()].join("\n")
    };
    let chars_max = match booking.consultation.service {
        Service::PreConsultation => TERMS_CHARS_MAX,
        _ => SMS_CHARS_MAX,
    };
    let text = (NAME_CHARS_MIN..=NAME_CHARS_MAX)
        .rev()
        .map(|name_chars| whole(name_chars, decided))
        .find(|text| text.chars().count() <= chars_max)
        .unwrap_or_else(|| {
            tracing::warn!("the address of links is too long for a message that says that the physician decides");
            whole(NAME_CHARS_MIN, "")
        });
    Message {
        to: String::new(),
        subject: w
            .fill_all("visit-mail-subject", &values(NAME_CHARS_MAX, ""))
            .into_owned(),
        text,
    }
}

/// To whose contact on file a link goes.
#[derive(Clone, Copy)]
pub enum Receiver<'a> {
    /// The patient, by telephone number, or by mail where there is none or it is asked for.
    Patient(Option<Channel>),
    /// The helper: a link of the own, to the own telephone.
    Proxy(&'a Proxy),
}

impl Receiver<'_> {
    /// The contact on file; `None` where nobody can be written to in that way.
    pub(crate) fn contact(self, patient: &Patient) -> Option<(Channel, String)> {
        let profile = &patient.profile;
        let wanted = match self {
            Self::Patient(channel) => channel,
            Self::Proxy(_) => Some(Channel::Sms),
        };
        let (phone, mail) = match self {
            Self::Patient(_) => (profile.phone.as_str(), profile.mail.as_str()),
            Self::Proxy(proxy) => (proxy.person.phone.as_str(), ""),
        };
        [(Channel::Sms, phone), (Channel::Mail, mail)]
            .into_iter()
            .find(|(channel, contact)| {
                !contact.trim().is_empty() && wanted.is_none_or(|wanted| wanted == *channel)
            })
            .map(|(channel, contact)| (channel, contact.to_owned()))
    }

    pub(super) fn proxy(self) -> Option<ProxyId> {
        match self {
            Self::Patient(_) => None,
            Self::Proxy(proxy) => Some(proxy.id),
        }
    }
}

/// Makes a link to a visit and puts its message in line, in one act: to the contact on file, and nowhere else.
///
/// # Errors
///
/// Storage failed.
pub async fn send_invitation(
    tx: &mut Tx,
    by: &By,
    booking: &Booking,
    (patient, receiver): (&Patient, Receiver<'_>),
    public_url: &str,
    secret: &[u8; SECRET_BYTES],
) -> Result<(), Fault> {
    let visit = booking.consultation.id;
    let tenant = tx.tenant();
    let Some(institution) = tx.institution().await? else {
        return Err(Fault::UnknownTenant);
    };
    let proxy = receiver.proxy();
    tx.invite(by, visit, patient.id, proxy, secret).await?;
    let Some((channel, to)) = receiver.contact(patient) else {
        return told_by_voice(tx, by, patient.id).await;
    };
    let url = link::address(public_url, tenant, secret);
    let rules = tx.house_rules().await?;
    let w = Words::of(Lang::Ja);
    let decided = decided(tx, w, booking).await?;
    let message = match channel {
        Channel::Sms => compose(w, &institution, &rules, booking, &url, &decided),
        Channel::Mail => {
            let mail = mail::compose(tx, w, &institution, &rules, booking, &url).await?;
            match booking.consultation.service {
                Service::PreConsultation => Message {
                    text: format!("{decided}\n\n{}", mail.text),
                    ..mail
                },
                _ => mail,
            }
        }
    };
    let message = Message { to, ..message };
    let address = Address {
        patient: patient.id,
        proxy,
        consultation: Some(visit),
        channel,
    };
    tx.post(by, &address, "invitation", &message).await?;
    // Both kinds of message say where to be (cl-2.2-ii-b).
    tx.keep_guidance(by, &booking.consultation, Told::Sent)
        .await
}

/// That the physician decides each time (cl-1.1-iv-b); of a pre-consultation its fee, and that it may end without online care
/// (cl-1.2-vi-b): the invitation says it, and so does the reminder.
async fn decided(tx: &mut Tx, w: Words, booking: &Booking) -> Result<String, Fault> {
    let visit = &booking.consultation;
    if visit.service != Service::PreConsultation {
        return Ok(w.say("visit-sms-decided").into_owned());
    }
    let fee = tx
        .appointment_for(visit.id)
        .await?
        .and_then(|asked| asked.acknowledged)
        .map(|known| crate::preconsultation::yen(known.fee_yen))
        .unwrap_or_default();
    Ok(w.fill("pre-sms", "fee", fee).into_owned())
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
                service: care::Service::Care,
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
            desks: store::institution::Desks::default(),
        }
    }

    #[test]
    fn cl_2_1_i_b_a_message_fits_and_says_who_when_where_and_whom_to_call() {
        let url = link::address(
            "https://online.mihon-mizuumi-clinic.example",
            TenantId(Ulid::nil()),
            &[9; SECRET_BYTES],
        );
        let long = "長い名前の病院".repeat(9);
        for (name, number) in [
            ("見本みずうみクリニック", 482),
            (&long, 482),
            (&long, 99_999),
        ] {
            for lang in [Lang::Ja, Lang::En] {
                let message = compose(
                    Words::of(lang),
                    &institution(name),
                    &HouseRules::default(),
                    &Booking {
                        number,
                        ..booking()
                    },
                    &url,
                    &Words::of(lang).say("visit-sms-decided"),
                );
                let text = &message.text;
                assert!(
                    text.chars().count() <= SMS_CHARS_MAX,
                    "{} {text}",
                    text.chars().count()
                );
                assert!(text.lines().any(|line| line == url), "{text}");
                let decided = Words::of(lang).say("visit-sms-decided").into_owned();
                for needle in [
                    "【",
                    &number.to_string(),
                    "14:30",
                    "14:00",
                    "00-1234-5678",
                    &decided,
                    &name.chars().take(NAME_CHARS_MIN).collect::<String>(),
                ] {
                    assert!(text.contains(needle), "{needle}: {text}");
                }
            }
        }
    }
}
