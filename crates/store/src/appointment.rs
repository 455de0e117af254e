//! Requests for an appointment from the public page: sealed under the institution's key, for nobody is a patient by asking.

use crate::{By, Conn, Fault, Tx, row::Cells};
use care::{
    ConsultationId, PatientId, Service,
    preconsultation::{Acknowledged, KNOWN_BEFORE},
};
use jiff::{Timestamp, civil::Date};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use sqlx::any::AnyRow;

/// Requests that may wait at once: more than reception can answer in a day. Beyond it people are asked to telephone.
pub const OPEN_MAX: i64 = 100;

access::id! {
    /// One request for an appointment (申し込み).
    AppointmentId
}

/// What somebody wrote. No `Debug`: it is of a person.
#[derive(Clone, Serialize, Deserialize)]
pub struct Asked {
    /// 氏名
    pub name: String,
    /// ふりがな
    pub kana: String,
    /// 生年月日
    pub birth: Date,
    /// Telephone, digits only.
    pub phone: String,
    /// Where the person is.
    pub address: String,
    /// What for.
    pub about: String,
    /// When it would suit.
    pub when: String,
    /// The regular physician; empty where there is none.
    pub regular: String,
}

/// How it was answered.
#[derive(Clone, PartialEq, Eq)]
pub enum Reply {
    /// A booking came of it.
    Accepted,
    /// It did not, and why.
    Declined(String),
}

/// A request as kept.
#[derive(Clone)]
pub struct Appointment {
    /// Its name.
    pub id: AppointmentId,
    /// What is asked for.
    pub service: Service,
    /// What was written.
    pub asked: Asked,
    /// The terms that were acknowledged.
    pub acknowledged: Option<Acknowledged>,
    /// When it came.
    pub made: Timestamp,
    /// The answer.
    pub reply: Option<Reply>,
    /// Who it turned out to be.
    pub patient: Option<PatientId>,
    /// What came of it.
    pub consultation: Option<ConsultationId>,
}

impl Conn {
    /// Requests that wait, the oldest first.
    ///
    /// # Errors
    ///
    /// Storage failed.
    pub async fn open_appointments(&mut self) -> Result<Vec<Appointment>, Fault> {
        let rows = sqlx::query(
            "SELECT id, service, content, terms, fee_yen, made_at, answer, reply, patient, consultation
             FROM appointment_request
             WHERE tenant = $1 AND answer IS NULL -- appointment_open
             ORDER BY made_at, id
             LIMIT $2",
        )
        .bind(self.tenant().to_string())
        .bind(OPEN_MAX)
        .fetch_all(self.any())
        .await?;
        rows.iter().map(|row| self.appointment_of(row)).collect()
    }

    /// How many wait.
    ///
    /// # Errors
    ///
    /// Storage failed.
    pub async fn appointments_waiting(&mut self) -> Result<i64, Fault> {
        let row = sqlx::query(
            "SELECT COUNT(*) AS waiting
             FROM appointment_request
             WHERE tenant = $1 AND answer IS NULL -- appointment_open",
        )
        .bind(self.tenant().to_string())
        .fetch_one(self.any())
        .await?;
        Cells::of("appointment_request", &row).int("waiting")
    }

    /// One request.
    ///
    /// # Errors
    ///
    /// Storage failed.
    pub async fn appointment(&mut self, id: AppointmentId) -> Result<Option<Appointment>, Fault> {
        let row = sqlx::query(
            "SELECT id, service, content, terms, fee_yen, made_at, answer, reply, patient, consultation
             FROM appointment_request
             WHERE tenant = $1 AND id = $2",
        )
        .bind(self.tenant().to_string())
        .bind(id.to_string())
        .fetch_optional(self.any())
        .await?;
        row.map(|row| self.appointment_of(&row)).transpose()
    }

    /// The request behind the address that whoever asked was given.
    ///
    /// # Errors
    ///
    /// Storage failed.
    pub async fn appointment_behind(
        &mut self,
        secret: &[u8],
    ) -> Result<Option<Appointment>, Fault> {
        let row = sqlx::query(
            "SELECT id, service, content, terms, fee_yen, made_at, answer, reply, patient, consultation
             FROM appointment_request
             WHERE tenant = $1 AND token_hash = $2 -- appointment_by_token",
        )
        .bind(self.tenant().to_string())
        .bind(hash(secret))
        .fetch_optional(self.any())
        .await?;
        row.map(|row| self.appointment_of(&row)).transpose()
    }

    /// The request that a visit came of.
    ///
    /// # Errors
    ///
    /// Storage failed.
    pub async fn appointment_for(
        &mut self,
        visit: ConsultationId,
    ) -> Result<Option<Appointment>, Fault> {
        let row = sqlx::query(
            "SELECT id, service, content, terms, fee_yen, made_at, answer, reply, patient, consultation
             FROM appointment_request
             WHERE tenant = $1 AND consultation = $2 -- appointment_by_consultation",
        )
        .bind(self.tenant().to_string())
        .bind(visit.to_string())
        .fetch_optional(self.any())
        .await?;
        row.map(|row| self.appointment_of(&row)).transpose()
    }

    /// The acknowledged request of a patient for this service, of which no visit has come yet.
    ///
    /// # Errors
    ///
    /// Storage failed.
    pub async fn unused_appointment(
        &mut self,
        patient: PatientId,
        service: Service,
    ) -> Result<Option<Appointment>, Fault> {
        let row = sqlx::query(
            "SELECT id, service, content, terms, fee_yen, made_at, answer, reply, patient, consultation
             FROM appointment_request
             WHERE tenant = $1 AND patient = $2 AND service = $3 AND consultation IS NULL AND answer = 'accepted' -- appointment_by_patient
             ORDER BY made_at DESC
             LIMIT 1",
        )
        .bind(self.tenant().to_string())
        .bind(patient.to_string())
        .bind(service.as_str())
        .fetch_optional(self.any())
        .await?;
        row.map(|row| self.appointment_of(&row)).transpose()
    }

    /// Patients with this telephone number and birth date: whoever asks may be known here.
    ///
    /// # Errors
    ///
    /// Storage failed.
    pub async fn same_person(&mut self, phone: &str, birth: Date) -> Result<Vec<PatientId>, Fault> {
        let mut found = Vec::new();
        for id in self.patients_by_contact(phone).await? {
            let known = self.patient(id).await?;
            if known.is_some_and(|known| known.profile.birth == birth) {
                found.push(id);
            }
        }
        Ok(found)
    }

    fn appointment_of(&self, row: &AnyRow) -> Result<Appointment, Fault> {
        let cells = Cells::of("appointment_request", row);
        let id: AppointmentId = cells.parsed("id")?;
        let text = id.to_string();
        let opened = self.unseal_tenant("appointment_request", &text, &cells.bytes("content")?)?;
        let made = cells.instant("made_at")?;
        let acknowledged = match (cells.maybe_int("terms")?, cells.maybe_int("fee_yen")?) {
            (Some(version), Some(fee)) => Some(Acknowledged {
                version,
                fee_yen: u32::try_from(fee).map_err(|_| cells.corrupt("fee_yen"))?,
                at: made,
            }),
            _ => None,
        };
        let reply = match cells.maybe_text("answer")?.as_deref() {
            None => None,
            Some("accepted") => Some(Reply::Accepted),
            Some("declined") => {
                let sealed = cells
                    .maybe_bytes("reply")?
                    .ok_or_else(|| cells.corrupt("reply"))?;
                let words = self.unseal_tenant("appointment_request.reply", &text, &sealed)?;
                Some(Reply::Declined(
                    String::from_utf8(words).map_err(|_| cells.corrupt("reply"))?,
                ))
            }
            Some(_) => return Err(cells.corrupt("answer")),
        };
        Ok(Appointment {
            id,
            service: cells.word("service", Service::parse)?,
            asked: serde_json::from_slice(&opened).map_err(|_| cells.corrupt("content"))?,
            acknowledged,
            made,
            reply,
            patient: cells.maybe_parsed("patient")?,
            consultation: cells.maybe_parsed("consultation")?,
        })
    }
}

impl Tx {
    /// Keeps a request; answers `None` where so many wait that nobody would be answered in time.
    ///
    /// # Errors
    ///
    /// Storage failed.
    pub async fn keep_appointment(
        &mut self,
        service: Service,
        asked: &Asked,
        acknowledged: Option<Acknowledged>,
        secret: &[u8],
    ) -> Result<Option<AppointmentId>, Fault> {
        if self.appointments_waiting().await? >= OPEN_MAX {
            return Ok(None);
        }
        let id = AppointmentId(self.fresh_id()?);
        let bytes = serde_json::to_vec(asked).map_err(|why| Fault::Unavailable(why.to_string()))?;
        let sealed = self.seal_tenant("appointment_request", &id.to_string(), &bytes)?;
        let (tenant, now) = (self.tenant().to_string(), self.now().as_microsecond());
        sqlx::query(
            "INSERT INTO appointment_request (tenant, id, service, content, terms, fee_yen, token_hash, made_at)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
        )
        .bind(tenant)
        .bind(id.to_string())
        .bind(service.as_str())
        .bind(sealed)
        .bind(acknowledged.map(|known| known.version))
        .bind(acknowledged.map(|known| i64::from(known.fee_yen)))
        .bind(hash(secret))
        .bind(now)
        .execute(self.any())
        .await?;
        let mut entry = By::System
            .entry("appointment.requested")
            .object("appointment", id.to_string())
            .field("service", service.as_str());
        if let Some(known) = acknowledged {
            self.record(
                By::System
                    .under(KNOWN_BEFORE, "notice.acknowledged")
                    .object("appointment", id.to_string())
                    .field("terms", known.version)
                    .field("fee_yen", i64::from(known.fee_yen)),
            )
            .await?;
            entry = entry.field("terms", known.version);
        }
        self.record(entry).await?;
        Ok(Some(id))
    }

    /// Keeps that reception accepts a request, for whom. The booking follows in the same commit.
    ///
    /// # Errors
    ///
    /// `Conflict` when it was answered meanwhile; or storage failed.
    pub async fn accept_appointment(
        &mut self,
        by: &By,
        id: AppointmentId,
        patient: PatientId,
    ) -> Result<(), Fault> {
        let (tenant, now) = (self.tenant().to_string(), self.now().as_microsecond());
        let done = sqlx::query(
            "UPDATE appointment_request SET answer = 'accepted', patient = $1, answered_by = $2, answered_at = $3
             WHERE tenant = $4 AND id = $5 AND answer IS NULL",
        )
        .bind(patient.to_string())
        .bind(by.person().map(|person| person.to_string()))
        .bind(now)
        .bind(tenant)
        .bind(id.to_string())
        .execute(self.any())
        .await?;
        if done.rows_affected() != 1 {
            return Err(Fault::Conflict);
        }
        self.record(
            by.entry("appointment.accepted")
                .object("appointment", id.to_string())
                .object("patient", patient.to_string()),
        )
        .await?;
        Ok(())
    }

    /// Keeps which visit came of a request. Each serves one.
    ///
    /// # Errors
    ///
    /// `Conflict` when it served another; or storage failed.
    pub async fn use_appointment(
        &mut self,
        by: &By,
        id: AppointmentId,
        visit: ConsultationId,
    ) -> Result<(), Fault> {
        let tenant = self.tenant().to_string();
        let done = sqlx::query(
            "UPDATE appointment_request SET consultation = $1
             WHERE tenant = $2 AND id = $3 AND consultation IS NULL AND answer = 'accepted'",
        )
        .bind(visit.to_string())
        .bind(tenant)
        .bind(id.to_string())
        .execute(self.any())
        .await?;
        if done.rows_affected() != 1 {
            return Err(Fault::Conflict);
        }
        self.record(
            by.entry("appointment.booked")
                .object("appointment", id.to_string())
                .object("consultation", visit.to_string()),
        )
        .await?;
        Ok(())
    }

    /// Keeps that reception declines, with the words that whoever asked will read.
    ///
    /// # Errors
    ///
    /// `Conflict` when it was answered meanwhile; or storage failed.
    pub async fn decline_appointment(
        &mut self,
        by: &By,
        id: AppointmentId,
        words: &str,
    ) -> Result<(), Fault> {
        let sealed = self.seal_tenant(
            "appointment_request.reply",
            &id.to_string(),
            words.as_bytes(),
        )?;
        let (tenant, now) = (self.tenant().to_string(), self.now().as_microsecond());
        let done = sqlx::query(
            "UPDATE appointment_request SET answer = 'declined', reply = $1, answered_by = $2, answered_at = $3
             WHERE tenant = $4 AND id = $5 AND answer IS NULL",
        )
        .bind(sealed)
        .bind(by.person().map(|person| person.to_string()))
        .bind(now)
        .bind(tenant)
        .bind(id.to_string())
        .execute(self.any())
        .await?;
        if done.rows_affected() != 1 {
            return Err(Fault::Conflict);
        }
        self.record(
            by.entry("appointment.declined")
                .object("appointment", id.to_string()),
        )
        .await?;
        Ok(())
    }
}

fn hash(secret: &[u8]) -> Vec<u8> {
    Sha256::digest(secret).to_vec()
}
