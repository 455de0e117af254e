//! The room of a visit: grants at rest become seats at the media server, and again after a restart.

use crate::{App, Problem};
use access::{PersonId, TenantId};
use care::{Consultation, ConsultationId, ProxyId, Refusal, Remedy, agreement, proof};
use media::{OfferRefused, Role, Seat};
use store::{Conn, Fault, call::SeatGrant, invitation::Side, patient::ProxyPerson};

/// The patient's seat.
pub(crate) const PATIENT: &str = "patient";
/// The physician's seat.
pub(crate) const PHYSICIAN: &str = "physician";

/// Longest description of a session that a browser may send, in bytes.
pub(crate) const SDP_BYTES_MAX: usize = 64 * 1024;

/// The seat of who speaks for the patient: the patient, or a proxy by name.
pub(crate) fn patient_seat(proxy: Option<ProxyId>) -> String {
    proxy.map_or_else(|| PATIENT.to_owned(), |proxy| format!("proxy:{proxy}"))
}

/// The seat of somebody of the staff who attends besides the physician.
pub(crate) fn staff_seat(person: PersonId) -> String {
    format!("{STAFF}{person}")
}

/// Who sits there, if it is such a seat.
pub(crate) fn staff_of(seat: &str) -> Option<PersonId> {
    seat.strip_prefix(STAFF)?.parse().ok()
}

const STAFF: &str = "staff:";

/// Names the seat of one connection.
pub(crate) fn seat(
    visit: ConsultationId,
    seat: &str,
    role: Role,
    device: access::DeviceId,
) -> Seat {
    Seat {
        room: visit.to_string(),
        seat: seat.to_owned(),
        role,
        device: device.to_string(),
    }
}

/// Gives the media server the grants that stand, so that a room lives on after a restart of the program.
///
/// Naming the same grants again changes nothing. What the patient has taken back since stays closed.
///
/// # Errors
///
/// The patient has withdrawn, or said that it is somebody else (409); storage failed (503), or the media server holds
/// as many rooms as it can (503).
pub(crate) async fn restore(
    app: &App,
    tenant: TenantId,
    visit: ConsultationId,
) -> Result<(), Problem> {
    let mut read = app.store().read(tenant).await?;
    let booking = read.consultation(visit).await?.ok_or(Problem::NotFound)?;
    let grants = read.grants(visit).await?;
    // Whoever only waits at the door asks for nothing that could be refused.
    if grants.is_empty() && booking.consultation.stage.is_before_live() {
        return Ok(());
    }
    taken_back(&mut read, &booking.consultation).await?;
    drop(read);
    let_in(app, visit, &grants).await
}

/// Whether the patient still lets picture and sound flow.
///
/// # Errors
///
/// The patient has withdrawn, or said that it is somebody else (409); or storage failed (503).
pub(crate) async fn taken_back(conn: &mut Conn, visit: &Consultation) -> Result<(), Problem> {
    if agreement::withdrawn(&conn.agreement_facts(visit.patient).await?) {
        return Err(Refusal::state(agreement::ONLINE_CARE, Remedy::Withdrawn)
            .because("consent_withdrawn")
            .into());
    }
    let (_, answer) = conn.proof_card(visit).await?;
    if answer == Some(proof::Answer::NotThePerson) {
        return Err(Refusal::state(proof::SHOWN, Remedy::PhysicianDisputed)
            .because("physician_disputed")
            .into());
    }
    Ok(())
}

/// Opens picture and sound between the granted seats, and only these, and tells the pages of the visit.
pub(crate) async fn open(
    app: &App,
    visit: ConsultationId,
    grants: &[SeatGrant],
) -> Result<(), Problem> {
    let opened = let_in(app, visit, grants).await;
    app.bell().ring(visit);
    opened
}

async fn let_in(app: &App, visit: ConsultationId, grants: &[SeatGrant]) -> Result<(), Problem> {
    let Some(media) = app.media() else {
        return Ok(());
    };
    if grants.is_empty() {
        return Ok(());
    }
    // Each browser shows the others in this order: the first of them large.
    let mut grants: Vec<&SeatGrant> = grants.iter().collect();
    grants.sort_by_key(|grant| match role(&grant.role) {
        Role::Patient => 0,
        Role::Physician => 1,
        Role::Other => 2,
    });
    let seats = grants
        .into_iter()
        .map(|grant| seat(visit, &grant.seat, role(&grant.role), grant.device))
        .collect();
    media.admit(visit.to_string(), seats).await.map_err(|why| {
        tracing::error!(%why, "the media server cannot admit");
        Problem::Unavailable
    })
}

/// Closes the room: every connection ends, waiting ones too.
pub(crate) async fn close(app: &App, visit: ConsultationId) {
    if let Some(media) = app.media() {
        media.close(visit.to_string()).await;
    }
    app.bell().ring(visit);
}

/// Answers an offer of one seat.
///
/// # Errors
///
/// The offer is unreadable (400), of another device or role than was granted (403), or there is no room (503).
pub(crate) async fn answer(app: &App, seat: Seat, sdp: String) -> Result<String, Problem> {
    let media = app.media().ok_or(Problem::Unavailable)?;
    media.offer(seat, sdp).await.map_err(refused)
}

pub(crate) fn refused(why: OfferRefused) -> Problem {
    match why {
        OfferRefused::OtherDevice | OfferRefused::OtherRole => {
            care::Refusal::person(ADMITTED, care::Remedy::UseAdmittedDevice)
                .because(why.as_str())
                .into()
        }
        OfferRefused::RoomFull | OfferRefused::Full => Problem::Unavailable,
        _ => Problem::Malformed,
    }
}

/// The room holds only who was admitted, one by one: judged by the media server.
const ADMITTED: guideline::Clause = guideline::clause("cl-2.5.1.1-xi-a");

fn role(word: &str) -> Role {
    match word {
        "patient" => Role::Patient,
        "physician" => Role::Physician,
        _ => Role::Other,
    }
}

/// Who sits on the patient's side: whoever was heard of last, the patient or a helper.
///
/// Once somebody is admitted, only a link opened after that changes it: a page left open elsewhere takes nobody's seat.
///
/// # Errors
///
/// Storage failed.
pub(crate) async fn patient_side(
    conn: &mut Conn,
    visit: &Consultation,
) -> Result<Option<Side>, Fault> {
    let sides = conn.sides(visit.id).await?;
    let admitted = conn
        .grants(visit.id)
        .await?
        .into_iter()
        .find(|grant| grant.role == "patient");
    Ok(match admitted {
        Some(grant) => sides
            .iter()
            .filter(|side| side.bound > grant.granted)
            .max_by_key(|side| side.bound)
            .or_else(|| sides.iter().find(|side| side.device == grant.device))
            .copied(),
        None => sides.into_iter().max_by_key(|side| (side.seen, side.bound)),
    })
}

/// The helper on the line, by name and relation; nobody when it is the patient.
///
/// # Errors
///
/// Storage failed.
pub(crate) async fn helper(
    conn: &mut Conn,
    visit: &Consultation,
) -> Result<Option<ProxyPerson>, Fault> {
    let Some(id) = patient_side(conn, visit).await?.and_then(|side| side.proxy) else {
        return Ok(None);
    };
    let proxies = conn.proxies(visit.patient).await?;
    Ok(proxies
        .into_iter()
        .find(|proxy| proxy.id == id)
        .map(|proxy| proxy.person))
}
