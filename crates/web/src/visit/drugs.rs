//! `/visit/drugs`: how the medicines are taken, some days after the visit (cl-1.5-i-f); and the message that asks for it.

use super::{
    invite::Receiver,
    link::{self, SECRET_BYTES},
    step::{Asking, Case, Step},
};
use crate::{
    Errors, Form, PatientDesk, Problem,
    app::Entropy,
    desk::go,
    notice::Contact,
    words::{Lang, Words},
};
use access::TenantId;
use axum::response::Response;
use care::prescription::FOLLOWED;
use jiff::Timestamp;
use store::{
    By, Fault, Store, Tx,
    outbox::{Address, Message},
};

/// Longest answer, in characters.
const WORDS_CHARS_MAX: usize = 300;
/// Questions of one institution and look at most.
const ASKED_MAX: usize = 200;

/// かわりない・気になることがある. A problem reaches the physicians' list in the same commit.
pub(super) async fn answer(desk: PatientDesk, form: Form) -> Result<Response, Problem> {
    let problem = match form.text("drugs") {
        "fine" => false,
        "problem" => true,
        _ => return Err(Problem::Wrong(Errors::one("drugs", "field-empty"))),
    };
    let mut reading = form.reading();
    let words = reading.maybe("words", WORDS_CHARS_MAX).unwrap_or_default();
    reading.done()?;
    let asking = Asking::of(&desk);
    desk.write(move |tx| {
        Box::pin(async move {
            let case = Case::load(tx, &asking).await?;
            let visit = &case.booking.consultation;
            let signed = tx
                .prescription(visit.id)
                .await?
                .is_some_and(|prescription| prescription.signed.is_some());
            if case.next() != Step::After || !signed {
                return Err(Problem::OutOfTurn);
            }
            // "All is well" before the day says nothing of the day; that something is wrong is heard at any time.
            let now = tx.now();
            if !problem && !tx.check_is_due(visit, now).await? {
                return Err(Problem::OutOfTurn);
            }
            tx.keep_adherence(&asking.by(), visit, (problem, &words))
                .await?;
            Ok(())
        })
    })
    .await?;
    Ok(go("/visit/after"))
}

/// Asks, once each, whoever was given something new some days ago; answers how many.
///
/// # Errors
///
/// Storage failed; what was sent before is kept.
pub async fn ask_about_drugs(
    store: &Store,
    tenant: TenantId,
    now: Timestamp,
    (public_url, entropy): (&str, &Entropy),
) -> Result<usize, Fault> {
    let due = store.read(tenant).await?.checks_to_ask(now).await?;
    let mut asked = 0;
    for task in due.into_iter().take(ASKED_MAX) {
        let Some(visit) = task.opening.visit else {
            continue;
        };
        let (url, entropy) = (public_url.to_owned(), entropy.clone());
        store
            .write::<(), Fault, _>(tenant, now, move |tx| {
                Box::pin(async move {
                    let mut secret = [0; SECRET_BYTES];
                    if !entropy(&mut secret) {
                        return Err(Fault::Unavailable("no entropy".to_owned()));
                    }
                    ask(tx, visit, &url, &secret).await
                })
            })
            .await?;
        asked += 1;
    }
    Ok(asked)
}

async fn ask(
    tx: &mut Tx,
    visit: care::ConsultationId,
    public_url: &str,
    secret: &[u8; SECRET_BYTES],
) -> Result<(), Fault> {
    let Some(booking) = tx.consultation(visit).await? else {
        return Ok(());
    };
    let patient = booking.consultation.patient;
    let (Some(patient), Some(institution)) = (tx.patient(patient).await?, tx.institution().await?)
    else {
        return Ok(());
    };
    let Some((channel, to)) = Receiver::Patient(None).contact(&patient) else {
        return Ok(());
    };
    let by = By::System;
    tx.invite(&by, visit, patient.id, None, secret).await?;
    let w = Words::of(Lang::Ja);
    let values = [
        ("clinic", Contact::name_of(&institution, w).clone()),
        ("number", booking.number.to_string()),
        ("phone", institution.phone.clone()),
    ];
    let url = link::address(public_url, tx.tenant(), secret);
    let message = Message {
        to,
        subject: w.fill_all("visit-mail-drugs-subject", &values).into_owned(),
        text: [
            &*w.fill_all("visit-sms-drugs", &values),
            &url,
            &*w.fill_all("visit-sms-drugs-foot", &values),
        ]
        .join("\n"),
    };
    let address = Address {
        patient: patient.id,
        proxy: None,
        consultation: Some(visit),
        channel,
    };
    tx.post(&by, &address, "medicine_check", &message).await?;
    let entry = by
        .under(FOLLOWED, "adherence.asked")
        .object("consultation", visit.to_string());
    tx.record(entry).await?;
    Ok(())
}
