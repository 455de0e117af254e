//! Messages to patients: kept sealed, handed to the mail or SMS port, shown in the outbox of a demo.

use crate::{By, Conn, Fault, Tx, row::Cells};
use care::{ConsultationId, PatientId};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use ulid::Ulid;

/// Messages on one list at most.
pub const LIST_MAX: i64 = 100;

/// What is sent. Sealed; no `Debug`.
#[derive(Clone, Serialize, Deserialize)]
pub struct Message {
    /// Number or address on file.
    pub to: String,
    /// Subject, for mail.
    pub subject: String,
    /// Plain text.
    pub text: String,
}

/// A message as kept.
#[derive(Clone)]
pub struct Sent {
    /// Its name.
    pub id: Ulid,
    /// For whom.
    pub patient: PatientId,
    /// About which visit.
    pub consultation: Option<ConsultationId>,
    /// `sms` or `mail`.
    pub channel: String,
    /// What kind: `invitation`, `notice`.
    pub kind: String,
    /// The words.
    pub message: Message,
    /// When it was written.
    pub created: Timestamp,
    /// When the port took it.
    pub sent: Option<Timestamp>,
}

impl Conn {
    /// Messages, newest first.
    ///
    /// # Errors
    ///
    /// Storage failed.
    pub async fn outbox(&mut self) -> Result<Vec<Sent>, Fault> {
        let rows = sqlx::query(
            "SELECT id, patient, consultation, channel, kind, message, created_at, sent_at
             FROM outbox
             WHERE tenant = $1 -- outbox_by_time
             ORDER BY created_at DESC, id DESC
             LIMIT $2",
        )
        .bind(self.tenant().to_string())
        .bind(LIST_MAX)
        .fetch_all(self.any())
        .await?;
        let mut messages = Vec::new();
        for row in &rows {
            let cells = Cells::of("outbox", row);
            let id: Ulid = cells.parsed("id")?;
            let patient: PatientId = cells.parsed("patient")?;
            let sealed = cells.bytes("message")?;
            let message = self
                .unseal_json(&patient.to_string(), "outbox", &id.to_string(), &sealed)
                .await?;
            messages.push(Sent {
                id,
                patient,
                consultation: cells.maybe_parsed("consultation")?,
                channel: cells.text("channel")?,
                kind: cells.text("kind")?,
                message,
                created: cells.instant("created_at")?,
                sent: cells.maybe_instant("sent_at")?,
            });
        }
        Ok(messages)
    }
}

impl Tx {
    /// Puts a message into the outbox, in the same commit as what it speaks of.
    ///
    /// # Errors
    ///
    /// Storage failed.
    pub async fn post(
        &mut self,
        by: &By,
        patient: PatientId,
        consultation: Option<ConsultationId>,
        (channel, kind): (&'static str, &'static str),
        message: &Message,
    ) -> Result<(), Fault> {
        let id = self.fresh_id()?;
        let sealed = self
            .seal_json(&patient.to_string(), "outbox", &id.to_string(), message)
            .await?;
        let (tenant, now) = (self.tenant().to_string(), self.now().as_microsecond());
        sqlx::query(
            "INSERT INTO outbox (tenant, id, patient, consultation, channel, kind, message, created_at, sent_at)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $8)",
        )
        .bind(tenant)
        .bind(id.to_string())
        .bind(patient.to_string())
        .bind(consultation.map(|visit| visit.to_string()))
        .bind(channel)
        .bind(kind)
        .bind(sealed)
        .bind(now)
        .execute(self.any())
        .await?;
        self.record(
            by.entry("guidance.sent")
                .object("patient", patient.to_string())
                .field("kind", kind)
                .field("channel", channel),
        )
        .await?;
        Ok(())
    }
}
