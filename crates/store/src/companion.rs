//! Companions against the patients of a day: nobody is a patient and a companion on one day unnoticed (cl-1.6-iii).

use crate::{Conn, Fault, dossier::legal_day, row::Cells};
use care::{
    Consultation, ConsultationId, PatientId, Stage,
    presence::{self, OfDay},
};
use jiff::{Timestamp, civil::Date, tz::TimeZone};
use std::collections::{BTreeMap, BTreeSet, btree_map::Entry};

/// Presses on the opening strip that one check looks at, newest first.
const STRIPS_MAX: i64 = 1_000;

impl Conn {
    /// Patients with a consultation on a legal day, by name; the visit's own patient is left out.
    ///
    /// Names are opened one by one in memory and nothing is kept.
    ///
    /// # Errors
    ///
    /// Storage failed.
    pub async fn others_of_day(
        &mut self,
        visit: &Consultation,
        day: Date,
    ) -> Result<Vec<OfDay>, Fault> {
        let mut all = self.patients_of_day(day).await?;
        all.retain(|one| one.patient != visit.patient);
        Ok(all)
    }

    async fn patients_of_day(&mut self, day: Date) -> Result<Vec<OfDay>, Fault> {
        let (from, until) = span(day);
        let patients: BTreeSet<PatientId> = self
            .consultations_between(from, until)
            .await?
            .into_iter()
            .map(|booking| booking.consultation)
            .filter(|visit| !matches!(visit.stage, Stage::Declined | Stage::Aborted))
            .map(|visit| visit.patient)
            .collect();
        let mut named = Vec::with_capacity(patients.len());
        for id in patients {
            if let Some(patient) = self.patient(id).await? {
                named.push(OfDay {
                    patient: id,
                    name: patient.profile.name,
                    kana: patient.profile.kana,
                });
            }
        }
        Ok(named)
    }

    /// Visits since an instant whose companion turned out to be a patient of that day (finding `patients_overlap`).
    ///
    /// # Errors
    ///
    /// Storage failed.
    pub async fn companions_overlapping(
        &mut self,
        since: Timestamp,
    ) -> Result<Vec<ConsultationId>, Fault> {
        let rows = sqlx::query(
            "SELECT id, consultation, checked_at
             FROM opening_strip
             WHERE tenant = $1 AND checked_at >= $2
             ORDER BY checked_at DESC, id DESC
             LIMIT $3",
        )
        .bind(self.tenant().to_string())
        .bind(since.as_microsecond())
        .bind(STRIPS_MAX)
        .fetch_all(self.any())
        .await?;
        let mut visits: BTreeMap<ConsultationId, Timestamp> = BTreeMap::new();
        for row in &rows {
            let cells = Cells::of("opening_strip", row);
            // The newest press speaks: a companion who left is named no more.
            visits
                .entry(cells.parsed("consultation")?)
                .or_insert(cells.instant("checked_at")?);
        }
        let mut days: BTreeMap<Date, Vec<OfDay>> = BTreeMap::new();
        let mut found = Vec::new();
        for (id, at) in visits {
            let Some(booking) = self.consultation(id).await? else {
                continue;
            };
            let visit = booking.consultation;
            let Some(strip) = self.opening_strip(&visit).await? else {
                continue;
            };
            if strip.namesake || strip.present.is_empty() {
                continue;
            }
            let day = legal_day(at);
            let patients = match days.entry(day) {
                Entry::Occupied(known) => known.into_mut(),
                Entry::Vacant(new) => new.insert(self.patients_of_day(day).await?),
            };
            let others: Vec<OfDay> = patients
                .iter()
                .filter(|one| one.patient != visit.patient)
                .cloned()
                .collect();
            if presence::companions(&strip.present, &others, false).is_err() {
                found.push(id);
            }
        }
        Ok(found)
    }
}

/// A legal day from its first instant to the next day's.
fn span(day: Date) -> (Timestamp, Timestamp) {
    let tokyo = TimeZone::get("Asia/Tokyo").unwrap_or(TimeZone::UTC);
    let first = |day: Date| {
        day.to_zoned(tokyo.clone())
            .map_or(Timestamp::MIN, |zoned| zoned.timestamp())
    };
    (first(day), first(day.tomorrow().unwrap_or(day)))
}
