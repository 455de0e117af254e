//! Who attends at rest: asked with a reason, answered by the patient, seated on one browser.

use crate::{By, Conn, Fault, Tx, row::Cells};
use access::{DeviceId, PersonId};
use care::{
    AttendanceId, Consultation, ConsultationId,
    attendance::{ASKED_EACH_TIME, Attendance, Part},
};

/// Attendants of one visit that are looked at, refused ones included.
const ATTENDANTS_MAX: i64 = 20;

impl Conn {
    /// Everybody who was asked to attend a visit, the first first.
    ///
    /// # Errors
    ///
    /// Storage failed.
    pub async fn attendants(&mut self, visit: &Consultation) -> Result<Vec<Attendance>, Fault> {
        let rows = sqlx::query(
            "SELECT id, person, part, reason, accepted, answered_at, device
             FROM attendance
             WHERE tenant = $1 AND consultation = $2 -- attendance_by_consultation
             ORDER BY asked_at, id
             LIMIT $3",
        )
        .bind(self.tenant().to_string())
        .bind(visit.id.to_string())
        .bind(ATTENDANTS_MAX)
        .fetch_all(self.any())
        .await?;
        let patient = visit.patient.to_string();
        let mut attendants = Vec::new();
        for row in &rows {
            let cells = Cells::of("attendance", row);
            let id: AttendanceId = cells.parsed("id")?;
            let sealed = cells.bytes("reason")?;
            let answer = match cells.maybe_instant("answered_at")? {
                Some(at) => Some((cells.flag("accepted")?, at)),
                None => None,
            };
            attendants.push(Attendance {
                id,
                visit: visit.id,
                person: cells.parsed("person")?,
                part: cells.word("part", Part::parse)?,
                reason: self
                    .unseal_json(&patient, "attendance", &id.to_string(), &sealed)
                    .await?,
                answer,
                device: cells.maybe_parsed("device")?,
            });
        }
        Ok(attendants)
    }
}

impl Tx {
    /// Names somebody who attends, for the patient to be asked.
    ///
    /// # Errors
    ///
    /// Storage failed.
    pub async fn ask_attendance(
        &mut self,
        by: &By,
        asked_by: PersonId,
        visit: &Consultation,
        (person, part, reason): (PersonId, Part, &str),
    ) -> Result<AttendanceId, Fault> {
        let id = AttendanceId(self.fresh_id()?);
        let patient = visit.patient.to_string();
        let sealed = self
            .seal_json(&patient, "attendance", &id.to_string(), &reason)
            .await?;
        let (tenant, now) = (self.tenant().to_string(), self.now().as_microsecond());
        sqlx::query(
            "INSERT INTO attendance (tenant, id, consultation, patient, person, part, reason, asked_by, asked_at)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        )
        .bind(tenant)
        .bind(id.to_string())
        .bind(visit.id.to_string())
        .bind(patient)
        .bind(person.to_string())
        .bind(part.as_str())
        .bind(sealed)
        .bind(asked_by.to_string())
        .bind(now)
        .execute(self.any())
        .await?;
        self.record(
            by.under(ASKED_EACH_TIME, "presence.declared")
                .object("consultation", visit.id.to_string())
                .object("attendance", id.to_string())
                .field("part", part.as_str()),
        )
        .await?;
        Ok(id)
    }

    /// Keeps the patient's answer. It is given once.
    ///
    /// # Errors
    ///
    /// `Conflict` when it was answered already; or storage failed.
    pub async fn answer_attendance(
        &mut self,
        by: &By,
        visit: ConsultationId,
        id: AttendanceId,
        accepted: bool,
    ) -> Result<(), Fault> {
        let (tenant, now) = (self.tenant().to_string(), self.now().as_microsecond());
        let done = sqlx::query(
            "UPDATE attendance SET accepted = $1, answered_at = $2
             WHERE tenant = $3 AND id = $4 AND consultation = $5 AND answered_at IS NULL",
        )
        .bind(i64::from(accepted))
        .bind(now)
        .bind(tenant)
        .bind(id.to_string())
        .bind(visit.to_string())
        .execute(self.any())
        .await?;
        if done.rows_affected() == 0 {
            return Err(Fault::Conflict);
        }
        let subject = if accepted {
            "presence.accepted"
        } else {
            "presence.refused"
        };
        self.record(
            by.under(ASKED_EACH_TIME, subject)
                .object("consultation", visit.to_string())
                .object("attendance", id.to_string()),
        )
        .await?;
        Ok(())
    }

    /// Keeps on which browser an attendant has opened the seat.
    ///
    /// # Errors
    ///
    /// Storage failed.
    pub async fn seat_attendant(
        &mut self,
        by: &By,
        visit: ConsultationId,
        id: AttendanceId,
        device: DeviceId,
    ) -> Result<(), Fault> {
        let tenant = self.tenant().to_string();
        sqlx::query(
            "UPDATE attendance SET device = $1 WHERE tenant = $2 AND id = $3 AND consultation = $4",
        )
        .bind(device.to_string())
        .bind(tenant)
        .bind(id.to_string())
        .bind(visit.to_string())
        .execute(self.any())
        .await?;
        self.record(
            by.under(ASKED_EACH_TIME, "presence.seated")
                .object("consultation", visit.to_string())
                .object("attendance", id.to_string()),
        )
        .await?;
        Ok(())
    }
}
