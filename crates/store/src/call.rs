//! The call at rest: one live seat a physician, grants by the admit act, and what the media server counted.

use crate::{By, Conn, Fault, Tx, by::Also as _, row::Cells};
use access::{DeviceId, PersonId};
use care::{
    Consultation, ConsultationId,
    attended::Interval,
    examination::Measured,
    plan::STOP_CONDITIONS,
    presence::{self, LiveSeat},
};
use guideline::{Clause, clause};
use jiff::{SignedDuration, Timestamp};

/// The room holds only who was admitted, one by one. Answered by the media server; its acts are kept here.
const ADMITTED: Clause = clause("cl-2.5.1.1-xi-a");

/// How long a seat is held without the media server renewing it.
pub const LEASE: SignedDuration = SignedDuration::from_secs(15);

/// Seats of one person in one visit that are looked at.
const SEATED_MAX: i64 = 200;

/// A grant of media: for one person, one device, one visit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SeatGrant {
    /// Who: `patient`, `proxy:…` or `physician`.
    pub seat: String,
    /// `patient`, `physician` or `other`.
    pub role: String,
    /// From which browser.
    pub device: DeviceId,
    /// When it was given.
    pub granted: Timestamp,
}

/// One reading of the media server for one run of the program.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RunMeasure {
    /// The run.
    pub run: String,
    /// Seconds with sound both ways and the patient's picture.
    pub measured: Measured,
    /// Counters per seat and track, as JSON.
    pub counters: String,
}

impl Conn {
    /// The live seat of a person, wherever it is held.
    ///
    /// # Errors
    ///
    /// Storage failed.
    pub async fn live_seat(&mut self, person: PersonId) -> Result<Option<LiveSeat>, Fault> {
        let row = sqlx::query(
            "SELECT person AS id, consultation, lease_until FROM live_seat WHERE person = $1",
        )
        .bind(person.to_string())
        .fetch_optional(self.any())
        .await?;
        row.map(|row| {
            let cells = Cells::of("live_seat", &row);
            Ok(LiveSeat {
                person: cells.parsed("id")?,
                consultation: cells.parsed("consultation")?,
                until: cells.instant("lease_until")?,
            })
        })
        .transpose()
    }

    /// The grants of a visit that have not ended.
    ///
    /// # Errors
    ///
    /// Storage failed.
    pub async fn grants(&mut self, visit: ConsultationId) -> Result<Vec<SeatGrant>, Fault> {
        let rows = sqlx::query(
            "SELECT id, seat, role, device, granted_at
             FROM seat_grant
             WHERE tenant = $1 AND consultation = $2 AND ended_at IS NULL -- seat_grant_by_consultation
             ORDER BY granted_at
             LIMIT 8",
        )
        .bind(self.tenant().to_string())
        .bind(visit.to_string())
        .fetch_all(self.any())
        .await?;
        rows.iter()
            .map(|row| {
                let cells = Cells::of("seat_grant", row);
                Ok(SeatGrant {
                    seat: cells.text("seat")?,
                    role: cells.text("role")?,
                    device: cells.parsed("device")?,
                    granted: cells.instant("granted_at")?,
                })
            })
            .collect()
    }

    /// The times in which somebody of the staff had a seat besides the physician.
    pub(crate) async fn seated(
        &mut self,
        visit: ConsultationId,
        person: PersonId,
    ) -> Result<Vec<Interval>, Fault> {
        let rows = sqlx::query(
            "SELECT id, granted_at, ended_at
             FROM seat_grant
             WHERE tenant = $1 AND consultation = $2 AND seat = $3 -- seat_grant_by_consultation
             ORDER BY granted_at
             LIMIT $4",
        )
        .bind(self.tenant().to_string())
        .bind(visit.to_string())
        .bind(format!("staff:{person}"))
        .bind(SEATED_MAX)
        .fetch_all(self.any())
        .await?;
        rows.iter()
            .map(|row| {
                let cells = Cells::of("seat_grant", row);
                Ok(Interval {
                    from: cells.instant("granted_at")?,
                    until: cells.maybe_instant("ended_at")?,
                })
            })
            .collect()
    }

    /// The browser last admitted on the patient's side, be the call over or not.
    ///
    /// # Errors
    ///
    /// Storage failed.
    pub async fn last_patient_device(
        &mut self,
        visit: ConsultationId,
    ) -> Result<Option<DeviceId>, Fault> {
        let row = sqlx::query(
            "SELECT id, device
             FROM seat_grant
             WHERE tenant = $1 AND consultation = $2 AND role = 'patient' -- seat_grant_by_consultation
             ORDER BY granted_at DESC, id DESC
             LIMIT 1",
        )
        .bind(self.tenant().to_string())
        .bind(visit.to_string())
        .fetch_optional(self.any())
        .await?;
        row.map(|row| Cells::of("seat_grant", &row).parsed("device"))
            .transpose()
    }

    /// What was measured of a visit, added up over the runs of the program.
    ///
    /// # Errors
    ///
    /// Storage failed.
    pub async fn measured(&mut self, visit: ConsultationId) -> Result<Measured, Fault> {
        let rows = sqlx::query(
            "SELECT run AS id, two_way_seconds, video_now, poor_since, poor_spell, measured_at
             FROM call_quality
             WHERE tenant = $1 AND consultation = $2
             ORDER BY measured_at
             LIMIT 1000",
        )
        .bind(self.tenant().to_string())
        .bind(visit.to_string())
        .fetch_all(self.any())
        .await?;
        let mut sum = Measured::default();
        for row in &rows {
            let cells = Cells::of("call_quality", row);
            sum.two_way_seconds += cells.int("two_way_seconds")?;
            sum.patient_video_now = cells.flag("video_now")?;
            sum.poor_since = cells.maybe_instant("poor_since")?;
            sum.poor_spell = cells.maybe_instant("poor_spell")?.or(sum.poor_spell);
        }
        Ok(sum)
    }
}

impl Conn {
    /// Since when the patient has been lost for longer than the plan allows, while that lasts.
    ///
    /// # Errors
    ///
    /// Storage failed.
    pub async fn lost(&mut self, visit: ConsultationId) -> Result<Option<Timestamp>, Fault> {
        let row = sqlx::query(
            "SELECT id, since
             FROM call_lost
             WHERE tenant = $1 AND consultation = $2 AND back_at IS NULL -- call_lost_by_consultation
             ORDER BY marked_at DESC, id DESC
             LIMIT 1",
        )
        .bind(self.tenant().to_string())
        .bind(visit.to_string())
        .fetch_optional(self.any())
        .await?;
        row.map(|row| Cells::of("call_lost", &row).instant("since"))
            .transpose()
    }
}

impl Tx {
    /// Marks a visit whose patient has been lost for longer than item 5 of the plan allows (cl-1.3-i-e). Once: a visit
    /// that is marked already stays as it is.
    ///
    /// # Errors
    ///
    /// Storage failed.
    pub async fn mark_lost(
        &mut self,
        visit: ConsultationId,
        since: Timestamp,
        seconds_max: u16,
    ) -> Result<(), Fault> {
        if self.lost(visit).await?.is_some() {
            return Ok(());
        }
        let id = self.fresh_id()?;
        let (tenant, now) = (self.tenant().to_string(), self.now());
        sqlx::query(
            "INSERT INTO call_lost (tenant, id, consultation, since, seconds_max, marked_at)
             VALUES ($1, $2, $3, $4, $5, $6)",
        )
        .bind(tenant)
        .bind(id.to_string())
        .bind(visit.to_string())
        .bind(since.as_microsecond())
        .bind(i64::from(seconds_max))
        .bind(now.as_microsecond())
        .execute(self.any())
        .await?;
        self.record(
            By::System
                .under(STOP_CONDITIONS, "call.lost")
                .object("consultation", visit.to_string())
                .field("seconds", now.duration_since(since).as_secs())
                .field("seconds_max", i64::from(seconds_max)),
        )
        .await?;
        Ok(())
    }

    /// The patient's picture is back: the mark ends, and stays on record.
    ///
    /// # Errors
    ///
    /// Storage failed.
    pub async fn mark_back(&mut self, visit: ConsultationId) -> Result<(), Fault> {
        let (tenant, now) = (self.tenant().to_string(), self.now().as_microsecond());
        let done = sqlx::query(
            "UPDATE call_lost SET back_at = $1
             WHERE tenant = $2 AND consultation = $3 AND back_at IS NULL",
        )
        .bind(now)
        .bind(tenant)
        .bind(visit.to_string())
        .execute(self.any())
        .await?;
        if done.rows_affected() > 0 {
            self.record(
                By::System
                    .under(STOP_CONDITIONS, "call.resumed")
                    .object("consultation", visit.to_string()),
            )
            .await?;
        }
        Ok(())
    }

    /// Takes the physician's one live seat, or renews the lease for the same visit.
    ///
    /// # Errors
    ///
    /// `Conflict` when another visit holds an unexpired lease; or storage failed.
    pub async fn take_live_seat(
        &mut self,
        person: PersonId,
        visit: ConsultationId,
    ) -> Result<(), Fault> {
        let now = self.now();
        let until = now.saturating_add(LEASE).unwrap_or(now);
        let tenant = self.tenant().to_string();
        let done = sqlx::query(
            "INSERT INTO live_seat (person, tenant, consultation, taken_at, lease_until) VALUES ($1, $2, $3, $4, $5)
             ON CONFLICT (person) DO UPDATE
             SET tenant = excluded.tenant, consultation = excluded.consultation, lease_until = excluded.lease_until,
                 taken_at = CASE WHEN live_seat.consultation = excluded.consultation THEN live_seat.taken_at
                                 ELSE excluded.taken_at END
             WHERE live_seat.consultation = excluded.consultation OR live_seat.lease_until <= excluded.taken_at",
        )
        .bind(person.to_string())
        .bind(&tenant)
        .bind(visit.to_string())
        .bind(now.as_microsecond())
        .bind(until.as_microsecond())
        .execute(self.any())
        .await?;
        if done.rows_affected() == 1 {
            Ok(())
        } else {
            Err(Fault::Conflict)
        }
    }

    /// Starts the interval that proves one patient at a time (cl-1.6-iii).
    ///
    /// # Errors
    ///
    /// Storage failed.
    pub async fn open_live_lock(
        &mut self,
        person: PersonId,
        visit: ConsultationId,
    ) -> Result<(), Fault> {
        let id = self.fresh_id()?;
        let (tenant, now) = (self.tenant().to_string(), self.now().as_microsecond());
        sqlx::query("INSERT INTO live_lock (tenant, id, person, consultation, from_at) VALUES ($1, $2, $3, $4, $5)")
            .bind(tenant)
            .bind(id.to_string())
            .bind(person.to_string())
            .bind(visit.to_string())
            .bind(now)
            .execute(self.any())
            .await?;
        Ok(())
    }

    /// Gives the seat back and ends the interval and the grants of a visit.
    ///
    /// # Errors
    ///
    /// Storage failed.
    pub async fn end_call(
        &mut self,
        by: &By,
        person: PersonId,
        visit: ConsultationId,
    ) -> Result<(), Fault> {
        let (tenant, now) = (self.tenant().to_string(), self.now().as_microsecond());
        let there = self.grants(visit).await?;
        sqlx::query(
            "DELETE FROM live_seat WHERE person = $1 AND tenant = $2 AND consultation = $3",
        )
        .bind(person.to_string())
        .bind(&tenant)
        .bind(visit.to_string())
        .execute(self.any())
        .await?;
        for text in [
            "UPDATE live_lock SET until_at = $1 WHERE tenant = $2 AND consultation = $3 AND until_at IS NULL",
            "UPDATE seat_grant SET ended_at = $1 WHERE tenant = $2 AND consultation = $3 AND ended_at IS NULL",
        ] {
            sqlx::query(text)
                .bind(now)
                .bind(&tenant)
                .bind(visit.to_string())
                .execute(self.any())
                .await?;
        }
        self.end_presence(visit).await?;
        for (gone, grant) in there.iter().enumerate() {
            self.record(
                by.under(ADMITTED, "room.left")
                    .also([presence::ONE_PATIENT])
                    .object("consultation", visit.to_string())
                    .field("participant", grant.seat.clone())
                    .field("role", grant.role.clone())
                    .field("participants", count(there.len() - gone - 1)),
            )
            .await?;
        }
        if there.is_empty() {
            return Ok(());
        }
        // What was counted so far. The media server's last reading may still come; then its entry follows.
        self.record_measured(visit).await
    }

    /// The sum over the runs of the program, as it stands now.
    async fn record_measured(&mut self, visit: ConsultationId) -> Result<(), Fault> {
        let sum = self.measured(visit).await?;
        self.record(
            By::System
                .under(care::examination::REAL_TIME, "call.measured")
                .object("consultation", visit.to_string())
                .field("two_way_seconds", sum.two_way_seconds)
                .field("video_now", i64::from(sum.patient_video_now)),
        )
        .await?;
        Ok(())
    }

    /// Grants media to one person on one device. A second grant for the same seat replaces the first.
    ///
    /// # Errors
    ///
    /// Storage failed.
    pub async fn grant_seat(
        &mut self,
        by: &By,
        granted_by: PersonId,
        visit: &Consultation,
        (seat, role, device): (&str, &'static str, DeviceId),
    ) -> Result<(), Fault> {
        let (tenant, now) = (self.tenant().to_string(), self.now().as_microsecond());
        sqlx::query(
            "UPDATE seat_grant SET ended_at = $1
             WHERE tenant = $2 AND consultation = $3 AND seat = $4 AND ended_at IS NULL",
        )
        .bind(now)
        .bind(&tenant)
        .bind(visit.id.to_string())
        .bind(seat)
        .execute(self.any())
        .await?;
        let id = self.fresh_id()?;
        sqlx::query(
            "INSERT INTO seat_grant (tenant, id, consultation, seat, role, device, granted_by, granted_at)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
        )
        .bind(&tenant)
        .bind(id.to_string())
        .bind(visit.id.to_string())
        .bind(seat)
        .bind(role)
        .bind(device.to_string())
        .bind(granted_by.to_string())
        .bind(now)
        .execute(self.any())
        .await?;
        let participants = self.grants(visit.id).await?.len();
        self.record(
            by.under(ADMITTED, "room.admitted")
                .object("consultation", visit.id.to_string())
                .field("participant", seat)
                .field("role", role)
                .field("participants", count(participants))
                .field("grant_device", device.to_string()),
        )
        .await?;
        Ok(())
    }

    /// Keeps that the media server refused somebody.
    ///
    /// # Errors
    ///
    /// Storage failed.
    pub async fn keep_room_refused(
        &mut self,
        visit: ConsultationId,
        seat: &str,
        reason: &str,
    ) -> Result<(), Fault> {
        self.keep_at_the_door(visit, seat, reason).await?;
        self.record(
            By::System
                .under(ADMITTED, "room.refused")
                .refused()
                .object("consultation", visit.to_string())
                .field("participant", seat)
                .field("reason", reason),
        )
        .await?;
        Ok(())
    }

    /// Keeps a reading of the counters. Readings of one run replace each other; runs add up.
    ///
    /// # Errors
    ///
    /// Storage failed.
    pub async fn keep_measure(
        &mut self,
        visit: ConsultationId,
        reading: &RunMeasure,
        last: bool,
    ) -> Result<(), Fault> {
        let (tenant, now) = (self.tenant().to_string(), self.now().as_microsecond());
        let measured = reading.measured;
        sqlx::query(
            "INSERT INTO call_quality (tenant, consultation, run, two_way_seconds, video_now, poor_since, poor_spell, counters,
                                       measured_at)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
             ON CONFLICT (tenant, consultation, run) DO UPDATE
             SET two_way_seconds = excluded.two_way_seconds, video_now = excluded.video_now,
                 poor_since = excluded.poor_since, poor_spell = excluded.poor_spell, counters = excluded.counters,
                 measured_at = excluded.measured_at",
        )
        .bind(tenant)
        .bind(visit.to_string())
        .bind(&reading.run)
        .bind(measured.two_way_seconds)
        .bind(i64::from(measured.patient_video_now))
        .bind(measured.poor_since.map(Timestamp::as_microsecond))
        .bind(measured.poor_spell.map(Timestamp::as_microsecond))
        .bind(&reading.counters)
        .bind(now)
        .execute(self.any())
        .await?;
        if last {
            self.record_measured(visit).await?;
        }
        Ok(())
    }
}

fn count(people: usize) -> i64 {
    i64::try_from(people).unwrap_or(i64::MAX)
}
