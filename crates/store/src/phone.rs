//! Telephone calls of the staff about a visit: who called, and when. What was said is in the note, if it belongs there.

use crate::{By, Conn, Fault, Tx, row::Cells};
use access::PersonId;
use care::ConsultationId;
use jiff::Timestamp;

/// One call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PhoneCall {
    /// Who telephoned.
    pub by: PersonId,
    /// When it was said to have been done.
    pub at: Timestamp,
}

impl Conn {
    /// The newest call about a visit.
    ///
    /// # Errors
    ///
    /// Storage failed.
    pub async fn phone_call(&mut self, visit: ConsultationId) -> Result<Option<PhoneCall>, Fault> {
        let row = sqlx::query(
            "SELECT id, called_by, called_at
             FROM phone_call
             WHERE tenant = $1 AND consultation = $2 -- phone_call_by_consultation
             ORDER BY called_at DESC, id DESC
             LIMIT 1",
        )
        .bind(self.tenant().to_string())
        .bind(visit.to_string())
        .fetch_optional(self.any())
        .await?;
        row.map(|row| {
            let cells = Cells::of("phone_call", &row);
            Ok(PhoneCall {
                by: cells.parsed("called_by")?,
                at: cells.instant("called_at")?,
            })
        })
        .transpose()
    }
}

impl Tx {
    /// Keeps that somebody of the staff telephoned the patient. The visit is online care only if picture and sound return.
    ///
    /// # Errors
    ///
    /// Storage failed.
    pub async fn keep_phone_call(
        &mut self,
        by: &By,
        person: PersonId,
        visit: ConsultationId,
    ) -> Result<(), Fault> {
        let id = self.fresh_id()?;
        let (tenant, now) = (self.tenant().to_string(), self.now().as_microsecond());
        sqlx::query(
            "INSERT INTO phone_call (tenant, id, consultation, called_by, called_at) VALUES ($1, $2, $3, $4, $5)",
        )
        .bind(tenant)
        .bind(id.to_string())
        .bind(visit.to_string())
        .bind(person.to_string())
        .bind(now)
        .execute(self.any())
        .await?;
        self.record(
            by.entry("patient.telephoned")
                .object("consultation", visit.to_string()),
        )
        .await?;
        Ok(())
    }
}
