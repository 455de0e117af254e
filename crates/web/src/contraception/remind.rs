//! The day before the visit in person: a message in words that tell nobody what it is about.

use crate::{
    notice::Contact,
    visit::invite::Receiver,
    words::{Lang, Words},
};
use access::TenantId;
use care::{emergency_contraception::THREE_WEEKS, task::Kind};
use jiff::{Timestamp, ToSpan as _};
use store::{
    By, Fault, Store, Tx,
    dossier::legal_day,
    outbox::{Address, Message},
};

/// Messages of one institution and look at most.
const SENT_MAX: usize = 200;

/// Reminds whoever wants it of tomorrow's visit in person, once a day; answers how many.
///
/// # Errors
///
/// Storage failed; what was sent before is kept.
pub async fn remind_three_weeks(
    store: &Store,
    tenant: TenantId,
    now: Timestamp,
) -> Result<usize, Fault> {
    let tomorrow = legal_day(now).saturating_add(1.day());
    let today = crate::bookings::start_of_day(now);
    let mut read = store.read(tenant).await?;
    let mut due = Vec::new();
    for task in read.open_tasks().await? {
        let (Kind::ThreeWeeks, Some(about), Some(visit)) = (
            task.opening.kind,
            task.opening.about.as_deref().and_then(|id| id.parse().ok()),
            task.opening.visit,
        ) else {
            continue;
        };
        let told = read
            .fates(visit)
            .await?
            .iter()
            .any(|fate| fate.created >= today);
        let wanted = read
            .contraception_case(about)
            .await?
            .and_then(|(kept, _)| kept.case.follow_up)
            .is_some_and(|follow_up| follow_up.remind && follow_up.on == tomorrow);
        if wanted && !told && due.len() < SENT_MAX {
            due.push((task.opening.patient, visit));
        }
    }
    drop(read);
    let sent = due.len();
    for (patient, visit) in due {
        store
            .write::<(), Fault, _>(tenant, now, move |tx| {
                Box::pin(async move { one(tx, patient, visit).await })
            })
            .await?;
    }
    Ok(sent)
}

async fn one(
    tx: &mut Tx,
    patient: care::PatientId,
    visit: care::ConsultationId,
) -> Result<(), Fault> {
    let (Some(patient), Some(institution)) = (tx.patient(patient).await?, tx.institution().await?)
    else {
        return Ok(());
    };
    let Some((channel, to)) = Receiver::Patient(None).contact(&patient) else {
        return Ok(());
    };
    let w = Words::of(Lang::Ja);
    let values = [
        ("clinic", Contact::name_of(&institution, w).clone()),
        ("phone", institution.phone.clone()),
    ];
    let message = Message {
        to,
        subject: w
            .fill_all("contraception-remind-subject", &values)
            .into_owned(),
        text: w
            .fill_all("contraception-remind-text", &values)
            .into_owned(),
    };
    let address = Address {
        patient: patient.id,
        proxy: None,
        consultation: Some(visit),
        channel,
    };
    tx.post(&By::System, &address, "reminder", &message).await?;
    tx.record(
        By::System
            .under(THREE_WEEKS, "pathway.reminded")
            .object("consultation", visit.to_string()),
    )
    .await
    .map(|_| ())
}
