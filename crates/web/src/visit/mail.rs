//! The mail with the link, which has room for all of it: place guidance, what to prepare, cancelling, care in person nearby.

use super::step::Window;
use crate::{notice::Contact, words::Words};
use care::house::HouseRules;
use store::{
    Fault, Tx, consultation::Booking, dossier::legal_day, institution::Institution, outbox::Message,
};

/// Writes the mail of an invitation, without its receiver. Plain text that is complete by itself; no illness, no drug.
///
/// # Errors
///
/// Storage failed.
pub(super) async fn compose(
    tx: &mut Tx,
    w: Words,
    institution: &Institution,
    rules: &HouseRules,
    booking: &Booking,
    url: &str,
) -> Result<Message, Fault> {
    let visit = &booking.consultation;
    let physician = tx.physician_profile(visit.physician).await?;
    let today = legal_day(tx.now());
    let near = tx
        .partners()
        .await?
        .into_iter()
        .find(|partner| super::body::in_force(partner, today))
        .map_or_else(
            || format!("{} {}", institution.name, institution.phone),
            |partner| format!("{} {}", partner.name, partner.phone),
        );
    let guidance = tx
        .guidance()
        .await?
        .map_or_else(String::new, |text| text.body_ja);
    let values = [
        ("guidance", guidance),
        ("clinic", Contact::name_of(institution, w)),
        ("number", booking.number.to_string()),
        ("at", w.day_time(visit.booked_for)),
        ("opens", w.time(Window::opens(visit.booked_for, rules))),
        (
            "physician",
            physician
                .map(|physician| physician.name)
                .unwrap_or_default(),
        ),
        ("url", url.to_owned()),
        ("near", near),
        ("phone", institution.phone.clone()),
        ("hours", institution.hours.clone()),
    ];
    let tomorrow = legal_day(visit.booked_for) == today.tomorrow().unwrap_or(today);
    let subject = if tomorrow {
        "visit-mail-tomorrow"
    } else {
        "visit-mail-subject"
    };
    Ok(Message {
        to: String::new(),
        subject: w.fill_all(subject, &values).into_owned(),
        text: w.fill_all("visit-mail-text", &values).into_owned(),
    })
}
