//! A booking comes about: what every kind of visit asks before its hour exists, whoever books it.

use super::invite::{Letter, To};
use crate::{Errors, Problem, contraception};
use access::{PersonId, Role, qualification};
use care::{
    Class, PatientId, Refusal, Remedy, Service, acute,
    first_visit::{self, Chosen},
    place::site::{self, Key},
    plan::{self, Unplanned},
    proof, rota,
    statement::URGENT,
    task::{self, Kind, Opening},
};
use jiff::Timestamp;
use store::{By, Tx, consultation::Booking, dossier::legal_day};

/// What is to be booked.
pub(crate) struct Wanted {
    pub(crate) patient: PatientId,
    pub(crate) physician: PersonId,
    pub(crate) when: When,
    /// The patient comes for something the plan does not name.
    pub(crate) new_condition: bool,
    /// The route of a first visit, where no record in person says it.
    pub(crate) route: Option<Chosen>,
    pub(crate) service: Service,
    /// The address at which the patient is seen, where that is not the usual one.
    pub(crate) place: Option<String>,
}

/// When the visit is to be.
#[derive(Clone, Copy)]
pub(crate) enum When {
    /// At once: the patient telephoned.
    Now,
    /// By appointment.
    At(Timestamp),
}

/// Books in the commit under way and sends the invitation.
///
/// # Errors
///
/// The duty that forbids the hour; no such patient; storage failed.
pub(crate) async fn make(
    tx: &mut Tx,
    by: &By,
    letter: Letter,
    wanted: Wanted,
) -> Result<Booking, Problem> {
    let Wanted {
        patient, physician, ..
    } = wanted;
    let now = tx.now();
    let today = legal_day(now);
    let known = tx.patient(patient).await?.ok_or(Problem::NotFound)?;
    let held = tx.memberships(physician, now).await?;
    if !held.iter().any(|held| held.role == Role::Physician) {
        return Err(Problem::Wrong(Errors::one("physician", "field-wrong")));
    }
    // No online slot without the ministry's course (cl-3.1-i).
    let _ = qualification::trained(&tx.courses().await?, physician, today)?;
    // Nor without a proof that stands on that day (cl-2.5.1.1-vii).
    let day = match wanted.when {
        When::Now => today,
        When::At(at) => legal_day(at),
    };
    proof::bookable(&tx.proof_facts(physician).await?, day)?;
    // Something urgent was answered and nobody has taken it up: help first, no new hour (cl-1.2-ii-c).
    if tx.alarm_of(patient).await? {
        return Err(Refusal::state(URGENT, Remedy::GetHelpNow)
            .because("red_flag_open")
            .into());
    }
    let in_force = tx.plan_in_force(patient).await?;
    if wanted.service == Service::WellnessCheck {
        let rules = tx.rota_rules().await?;
        rota::bookable(in_force.as_ref(), physician, &rules, wanted.new_condition)?;
    }
    // Who comes again for what a first visit was held for goes on, whatever was said then (cl-1.3-ii-b).
    let unplanned = if wanted.service == Service::Care {
        tx.unplanned_first(patient).await?
    } else {
        None
    };
    let goes_on = unplanned.is_some_and(|first| first.holds(in_force.is_some()));
    let class = Class::derive(in_force.is_some() || goes_on, wanted.new_condition);
    // What a service asks before its hour exists.
    let asked = match wanted.service {
        Service::PreConsultation => Some(crate::preconsultation::bookable(tx, patient).await?.0),
        Service::SmokingCessation => {
            crate::smoking::bookable(tx, patient, day).await?;
            None
        }
        Service::Care
        | Service::WellnessCheck
        | Service::EmergencyContraception
        | Service::WithPhysician
        | Service::RemoteSpecialist
        | Service::RemoteSurgery => None,
    };
    // Derived, whatever was sent: a first visit stands on a route, or is not booked (cl-1.2-iii-a).
    let seen = tx.seen_in_person(patient).await?;
    let route = match wanted.service {
        // A pre-consultation is no first visit, nor care at all; emergency contraception stands on a ground of its own (cl-1.2-ec-a).
        Service::PreConsultation | Service::EmergencyContraception => None,
        // A joint visit stands on the attending physician's information (cl-2.4-i-b).
        Service::WithPhysician | Service::RemoteSpecialist | Service::RemoteSurgery => {
            crate::joint::bookable(tx, &wanted).await?;
            None
        }
        Service::Care | Service::WellnessCheck | Service::SmokingCessation => {
            first_visit::booked(class, seen, wanted.route.clone())?
        }
    };
    let onward = crate::onward::bookable(tx, &wanted, route.as_ref(), day).await?;
    if matches!(wanted.when, When::At(_)) {
        let _ = acute::calm(&tx.acute_facts(patient, None).await?)?;
    }
    // Several people at one place: what the place is registered as (cl-2.2-iii-a).
    let key = Key::read(wanted.place.as_deref().unwrap_or(&known.profile.address));
    if let Some(key) = &key {
        let is_checkup = wanted.service == Service::WellnessCheck;
        site::bookable(&tx.place_facts(patient, key, (day, is_checkup)).await?)?;
    } else if wanted.place.is_some() {
        return Err(Problem::Wrong(Errors::one("place", "places-no-number")));
    }
    let case = contraception::to_book(tx, &wanted, today).await?;
    let kind = (class, wanted.service);
    let booking = match wanted.when {
        When::Now => tx.open_called_in(by, patient, physician, kind).await?,
        When::At(at) => tx.book(by, patient, physician, kind, at).await?,
    };
    if let Some(key) = &key {
        tx.keep_visit_place(booking.consultation.id, patient, key, day)
            .await?;
    }
    if let (Some(first), Class::Followup, true) = (unplanned, class, goes_on) {
        plan_due(tx, by, &booking, first).await?;
    }
    if let Some(route) = &route {
        tx.keep_route(by, &booking.consultation, route).await?;
    }
    if let Some(asked) = asked {
        tx.use_appointment(by, asked.id, booking.consultation.id)
            .await?;
    }
    contraception::booked(tx, case, booking.consultation.id).await?;
    crate::onward::booked(tx, by, onward, &booking.consultation).await?;
    super::turn::asked(tx, by, &booking.consultation, in_force.as_ref()).await?;
    letter.send(tx, by, &booking, To::Patient(None)).await?;
    Ok(booking)
}

/// A plan is due before this visit, which goes on with what a first visit began (cl-1.3-ii-b).
async fn plan_due(
    tx: &mut Tx,
    by: &By,
    booking: &Booking,
    first: Unplanned,
) -> Result<(), Problem> {
    let visit = &booking.consultation;
    let due = task::in_days(tx.now(), plan::DUE_DAYS).min(visit.booked_for);
    let opening = Opening {
        kind: Kind::PlanDue,
        patient: visit.patient,
        visit: Some(first.first),
        about: None,
        words: String::new(),
        due,
    };
    tx.open_task(by, &opening).await?;
    // One that was opened by the first visit itself may have had more time.
    Ok(tx.plan_due_by(by, visit.patient, due).await?)
}
