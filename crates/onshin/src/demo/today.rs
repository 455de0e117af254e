//! Today's and tomorrow's book: filled at each start, so that the demo is usable on every day.

use super::{
    CLINIC, Calendar,
    calendar::later,
    past::{BOOKED_BEFORE, Note, OPENED_BEFORE, Telling, draft, find, out_of_turn},
    patients::{Booked, PATIENTS, Sample},
    people::{Staff, broken},
    report::{Birth, Known, Visit},
};
use crate::{outcome::Outcome, secret};
use care::{
    Class, Consultation, PatientId, Stage,
    plan::Basis,
    suitability::HandOver,
    task::{Kind, Opening, in_days},
};
use jiff::{SignedDuration, Timestamp};
use store::{Fault, Store, consultation::Booking};
use web::visit::{self, Receiver};

/// A visit whose hour is so long past that nobody comes any more.
const STALE: SignedDuration = SignedDuration::from_mins(20);
/// A visit so far ahead that opening its link is no arrival yet.
const AHEAD_MAX: SignedDuration = SignedDuration::from_mins(29);
/// A call that is held so long has been forgotten.
const FORGOTTEN: SignedDuration = SignedDuration::from_hours(2);

/// Books what is missing, and answers everything that stands in the book.
pub(super) async fn fill(
    store: &Store,
    calendar: &Calendar,
    known: Option<&Known>,
    base: &str,
) -> Result<Vec<Visit>, Outcome> {
    let book = Book {
        telling: Telling {
            store,
            calendar: *calendar,
            staff: Staff::load(store, calendar).await?,
        },
        base,
        known,
    };
    // What has begun already is told first, in its order; the list keeps that of the charts.
    let mut turns: Vec<(usize, &'static Sample)> = PATIENTS.iter().enumerate().collect();
    turns.sort_by_key(|(_, sample)| book.begun(sample));
    let mut visits = Vec::new();
    for (place, sample) in turns {
        visits.push((place, book.enter(sample).await?));
    }
    visits.sort_by_key(|(place, _)| *place);
    Ok(visits.into_iter().map(|(_, visit)| visit).collect())
}

struct Book<'a> {
    telling: Telling<'a>,
    base: &'a str,
    known: Option<&'a Known>,
}

impl Book<'_> {
    async fn enter(&self, sample: &'static Sample) -> Result<Visit, Outcome> {
        let store = self.telling.store;
        let patient = find(store, sample).await?;
        let visits = store.read(CLINIC).await?.consultations_of(patient).await?;
        if let Some(standing) = self.standing(sample, visits).await? {
            return self.told(sample, standing).await;
        }
        let now = self.telling.calendar.now;
        let class = if sample.is_known() {
            Class::Followup
        } else {
            Class::First
        };
        let at = self.hour(sample);
        let (booked_at, prepared) = match sample.booked {
            Booked::InMinutes(_) | Booked::Tomorrow(..) => (now, None),
            Booked::Waiting | Booked::Unsigned | Booked::Closed | Booked::Switched => {
                (later(at, -BOOKED_BEFORE), Some(later(at, -OPENED_BEFORE)))
            }
        };
        let booking = self
            .telling
            .book(sample, patient, booked_at, at, class)
            .await?;
        if !sample.is_known() {
            self.offer_plan(sample, &booking).await?;
        }
        if let Some(opened) = prepared {
            let (visit, side) = self.telling.prepare(sample, &booking, opened, at).await?;
            match sample.booked {
                Booked::Unsigned => {
                    self.telling
                        .visit(sample, visit, side, at, Note::Waits)
                        .await?;
                }
                Booked::Closed => {
                    self.telling
                        .visit(sample, visit, side, at, Note::Signed)
                        .await?;
                }
                Booked::Switched => self.hand_over(sample, visit, later(at, 6)).await?,
                Booked::InMinutes(_) | Booked::Waiting | Booked::Tomorrow(..) => {}
            }
        }
        let found = store
            .read(CLINIC)
            .await?
            .consultation(booking.consultation.id)
            .await?;
        self.told(sample, found.ok_or_else(broken)?).await
    }

    fn hour(&self, sample: &Sample) -> Timestamp {
        let calendar = &self.telling.calendar;
        match sample.booked {
            Booked::InMinutes(minutes) => calendar.in_minutes(minutes),
            Booked::Waiting => calendar.in_minutes(-2),
            Booked::Tomorrow(hour, minute) => calendar.at(-1, hour, minute),
            Booked::Unsigned => calendar.in_minutes(-55),
            Booked::Closed => calendar.in_minutes(-120),
            Booked::Switched => calendar.in_minutes(-85),
        }
    }

    /// When what is shown of a sample began: now, if it lies ahead.
    fn begun(&self, sample: &Sample) -> Timestamp {
        self.hour(sample).min(self.telling.calendar.now)
    }

    /// The visit that this sample shows already, if there is one; those that nobody comes to any more are given up.
    async fn standing(
        &self,
        sample: &Sample,
        visits: Vec<Booking>,
    ) -> Result<Option<Booking>, Outcome> {
        let now = self.telling.calendar.now;
        for booking in visits {
            let visit = &booking.consultation;
            let since_booked = now.duration_since(visit.booked_for);
            let usable = match sample.booked {
                Booked::InMinutes(_) => since_booked < STALE && -since_booked <= AHEAD_MAX,
                Booked::Waiting => since_booked < STALE + STALE,
                Booked::Tomorrow(..) => visit.booked_for > now,
                Booked::Unsigned | Booked::Closed | Booked::Switched => false,
            };
            match visit.stage {
                Stage::Requested | Stage::Booked | Stage::Checks { .. } if usable => {
                    return Ok(Some(booking));
                }
                Stage::Live { since } if now.duration_since(since) < FORGOTTEN => {
                    return Ok(Some(booking));
                }
                Stage::Requested | Stage::Booked | Stage::Checks { .. } | Stage::Live { .. } => {
                    self.give_up(sample, visit.clone()).await?;
                }
                // What was shown once stays shown: it is done by hand, not by the next start.
                Stage::Ended { .. }
                | Stage::Documented { .. }
                | Stage::Closed { .. }
                | Stage::SwitchedInPerson
                    if self.known.is_some_and(|known| known.has(visit.id))
                        && !sample.comes_again() =>
                {
                    return Ok(Some(booking));
                }
                Stage::Ended { .. }
                | Stage::Documented { .. }
                | Stage::Closed { .. }
                | Stage::Declined
                | Stage::SwitchedInPerson
                | Stage::NotPerformed
                | Stage::Aborted => {}
            }
        }
        Ok(None)
    }

    async fn give_up(&self, sample: &Sample, visit: Consultation) -> Result<(), Outcome> {
        let staff = self.telling.staff;
        let which = sample.physician;
        self.telling
            .store
            .write::<(), Outcome, _>(CLINIC, self.telling.calendar.now, move |tx| {
                Box::pin(async move {
                    let (_, by) = staff.reception();
                    let event = visit.abort().map_err(out_of_turn)?;
                    tx.keep_event(&by, &visit, &event).await?;
                    tx.end_call(&by, staff.physician(which).0, visit.id).await?;
                    tx.end_all_visit_sessions(visit.id).await?;
                    Ok(())
                })
            })
            .await
    }

    /// What the plan of a first patient will contain, for reading before the agreement.
    async fn offer_plan(&self, sample: &'static Sample, booking: &Booking) -> Result<(), Outcome> {
        let staff = self.telling.staff;
        let (patient, consultation): (PatientId, _) =
            (booking.consultation.patient, booking.consultation.id);
        self.telling
            .store
            .write::<(), Fault, _>(CLINIC, self.telling.calendar.now, move |tx| {
                Box::pin(async move {
                    if !tx.plans(patient).await?.is_empty() {
                        return Ok(());
                    }
                    let (physician, by) = staff.physician(sample.physician);
                    let draft = draft(tx, &staff, sample).await?;
                    let basis = Basis::FirstOnline { consultation };
                    tx.draft_plan(&by, physician, patient, Some(basis), &draft)
                        .await?;
                    Ok(())
                })
            })
            .await?;
        Ok(())
    }

    /// Not suited today: to be seen in person in the afternoon, arrival not yet confirmed.
    async fn hand_over(
        &self,
        sample: &'static Sample,
        visit: Consultation,
        now: Timestamp,
    ) -> Result<(), Outcome> {
        let (staff, today) = (self.telling.staff, self.telling.calendar.today);
        self.telling
            .store
            .write::<(), Outcome, _>(CLINIC, now, move |tx| {
                Box::pin(async move {
                    let (physician, by) = staff.physician(sample.physician);
                    let form = HandOver {
                        destination: "見本みずうみクリニック きょうの来院の枠".to_owned(),
                        target: today,
                        told: "電話で伝えた".to_owned(),
                    };
                    tx.keep_hand_over(&by, physician, &visit, &form).await?;
                    let opening = Opening {
                        kind: Kind::InPersonVisit,
                        patient: visit.patient,
                        visit: Some(visit.id),
                        about: None,
                        words: "血液検査の結果を聞きに来院".to_owned(),
                        due: in_days(now, 5),
                    };
                    tx.open_task(&by, &opening).await?;
                    let event = visit.switch().map_err(out_of_turn)?;
                    tx.keep_event(&by, &visit, &event).await?;
                    Ok(())
                })
            })
            .await
    }

    /// The visit as `demo.json` says it, with a link that works.
    async fn told(&self, sample: &'static Sample, booking: Booking) -> Result<Visit, Outcome> {
        let visit = &booking.consultation;
        let opens = matches!(
            visit.stage,
            Stage::Booked | Stage::Checks { .. } | Stage::Live { .. }
        );
        let link = match self.known.and_then(|known| known.link(visit.id, self.base)) {
            Some(link) => Some(link),
            None if opens => Some(self.send(&booking).await?),
            None => None,
        };
        let mut read = self.telling.store.read(CLINIC).await?;
        let patient = read.patient(visit.patient).await?.ok_or_else(broken)?;
        let proxy = sample.proxy();
        let birth = proxy
            .as_ref()
            .map_or(patient.profile.birth, |proxy| proxy.birth);
        Ok(Visit {
            purpose: sample.purpose.to_owned(),
            name: patient.profile.name.clone(),
            kana: patient.profile.kana.clone(),
            proxy: proxy.map(|proxy| proxy.name),
            birth: Birth::of(birth),
            number: patient.number,
            booking: booking.number,
            patient: visit.patient.to_string(),
            consultation: visit.id.to_string(),
            physician: super::people::PEOPLE
                .get(sample.physician)
                .map_or("", |person| person.login)
                .to_owned(),
            class: visit.class.as_str().to_owned(),
            stage: visit.stage.as_str().to_owned(),
            booked_for: visit.booked_for.to_string(),
            link,
        })
    }

    async fn send(&self, booking: &Booking) -> Result<String, Outcome> {
        let (staff, booking, base, secret) = (
            self.telling.staff,
            booking.clone(),
            self.base.to_owned(),
            secret::bytes()?,
        );
        let sent = self
            .telling
            .store
            .write::<Option<String>, Fault, _>(CLINIC, self.telling.calendar.now, move |tx| {
                Box::pin(async move {
                    let (_, by) = staff.reception();
                    let id = booking.consultation.patient;
                    let Some(patient) = tx.patient(id).await? else {
                        return Ok(None);
                    };
                    let proxy = tx.proxies(id).await?.into_iter().next();
                    let receiver = proxy
                        .as_ref()
                        .map_or(Receiver::Patient(None), Receiver::Proxy);
                    visit::send_invitation(tx, &by, &booking, (&patient, receiver), &base, &secret)
                        .await?;
                    Ok(Some(visit::link::address(&base, CLINIC, &secret)))
                })
            })
            .await?;
        sent.ok_or_else(broken)
    }
}
