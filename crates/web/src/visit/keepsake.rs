//! The visit notice: made when the note is signed, sent to the contact on file, read by its own link for as long as records
//! are kept, and printed where somebody has no contact (cl-1.4-iii-b, cl-2.1-i-c).

use super::{
    invite::Receiver,
    link::{self, SECRET_BYTES},
};
use crate::{
    AnonymousDesk, At, Problem,
    notice::Contact,
    shell::PatientShell,
    words::{Lang, Words},
};
use askama::Template;
use axum::response::Response;
use care::{Consultation, notice::Notice, proof, statement::PlaceKind};
use store::{
    By, Fault, Tx,
    dossier::legal_day,
    institution::Institution,
    notice::MESSAGE,
    outbox::{Address, Message},
};

/// Longest clinic name in the message; the telephone number tells the rest of a longer one.
const NAME_CHARS_MAX: usize = 20;

/// Makes the notice of a visit as things stand today, and puts its message in line. One that was made stays as it is.
///
/// # Errors
///
/// Storage failed.
pub(crate) async fn leave(
    tx: &mut Tx,
    by: &By,
    visit: &Consultation,
    public_url: &str,
    secret: &[u8; SECRET_BYTES],
) -> Result<(), Fault> {
    let (Some(patient), Some(institution)) =
        (tx.patient(visit.patient).await?, tx.institution().await?)
    else {
        return Ok(());
    };
    let notice = notice(tx, visit, &institution).await?;
    if !tx.keep_notice(by, visit, secret, &notice).await? {
        return Ok(());
    }
    let receiver = Receiver::Patient(None);
    let Some((channel, to)) = receiver.contact(&patient) else {
        return Ok(());
    };
    let tenant = tx.tenant();
    let url = format!("{public_url}/n/{}", link::encode(tenant, secret));
    let message = Message {
        to,
        ..compose(Words::of(Lang::Ja), &notice, &url)
    };
    let address = Address {
        patient: visit.patient,
        proxy: None,
        consultation: Some(visit.id),
        channel,
    };
    tx.post(by, &address, MESSAGE, &message).await
}

async fn notice(
    tx: &mut Tx,
    visit: &Consultation,
    institution: &Institution,
) -> Result<Notice, Fault> {
    let today = legal_day(tx.now());
    let facts = tx.proof_facts(visit.physician).await?;
    let card = proof::card(&facts, today).ok();
    let w = Words::of(Lang::Ja);
    let contact = Contact::of(institution, w);
    let desk = |desk: Option<crate::notice::Desk>| {
        desk.map(|desk| format!("{} {}", desk.name, desk.phone))
            .unwrap_or_default()
    };
    let statement = tx.statement_of(visit).await?;
    Ok(Notice {
        physician: card
            .as_ref()
            .map_or(facts.profile.name, |card| card.name.clone()),
        registration_year: card.map(|card| card.registration_year),
        institution: institution.name.clone(),
        address: institution.address.clone(),
        phone: institution.phone.clone(),
        hours: institution.hours.clone(),
        complaint: desk(contact.clone().map(|contact| contact.complaint)),
        disclosure: desk(contact.map(|contact| contact.disclosure)),
        facility: statement
            .filter(|page| page.lines.place == PlaceKind::Facility)
            .map(|page| page.lines.place_name.unwrap_or_default())
            .unwrap_or_default(),
        day: legal_day(visit.booked_for),
    })
}

/// Writes the message, without its receiver. No word of the record, no illness.
fn compose(w: Words, notice: &Notice, url: &str) -> Message {
    let values = [
        (
            "clinic",
            notice.institution.chars().take(NAME_CHARS_MAX).collect(),
        ),
        ("day", w.date(notice.day)),
        ("physician", notice.physician.clone()),
        ("phone", notice.phone.clone()),
    ];
    Message {
        to: String::new(),
        subject: w.fill_all("keepsake-subject", &values).into_owned(),
        text: format!("{}\n{url}", w.fill_all("keepsake-text", &values)),
    }
}

/// What a notice says, line by line, for the page and the slip.
pub(crate) struct Lines(pub(crate) Vec<(&'static str, String)>);

impl Lines {
    /// The lines of a notice; what is empty is left out.
    pub(crate) fn of(notice: &Notice, w: Words) -> Self {
        let year = notice
            .registration_year
            .map(|year| super::card::year(year, w))
            .unwrap_or_default();
        Self(
            [
                ("keepsake-day", w.date(notice.day)),
                ("keepsake-physician", notice.physician.clone()),
                ("visit-card-year", year),
                ("keepsake-clinic", notice.institution.clone()),
                ("keepsake-address", notice.address.clone()),
                ("keepsake-phone", notice.phone.clone()),
                ("keepsake-hours", notice.hours.clone()),
                ("keepsake-facility", notice.facility.clone()),
                ("shell-complaint", notice.complaint.clone()),
                ("shell-disclosure", notice.disclosure.clone()),
            ]
            .into_iter()
            .filter(|(_, words)| !words.trim().is_empty())
            .collect(),
        )
    }
}

#[derive(Template)]
#[template(path = "visit/keepsake.html")]
struct Page {
    shell: PatientShell,
    w: Words,
    lines: Lines,
}

/// `GET /n/{token}`: readable from any device, without a sign-in; it names no patient and nothing of the record.
pub(super) async fn show(desk: AnonymousDesk, At(token): At<String>) -> Result<Response, Problem> {
    let Some((tenant, secret)) = link::decode(&token) else {
        return Err(Problem::NotFound);
    };
    let mut read = match desk.app().store().read(tenant).await {
        Err(Fault::UnknownTenant) => return Err(Problem::NotFound),
        other => other?,
    };
    let kept = read
        .notice_behind(&secret)
        .await?
        .ok_or(Problem::NotFound)?;
    drop(read);
    if kept.read.is_none() {
        let visit = kept.consultation;
        desk.app()
            .store()
            .write::<(), Problem, _>(tenant, desk.now, move |tx| {
                Box::pin(async move { Ok(tx.keep_notice_read(&By::System, visit).await?) })
            })
            .await?;
    }
    desk.page(&Page {
        shell: desk.patient_shell(tenant, "keepsake-title").await?,
        w: desk.w,
        lines: Lines::of(&kept.notice, desk.w),
    })
}
