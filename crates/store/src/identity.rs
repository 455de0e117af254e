//! Checks of a patient's identity. No column for a document's number or image exists.

use crate::{By, Conn, Fault, Tx, row::Cells};
use access::PersonId;
use care::{
    Consultation, ConsultationId, PatientId,
    identity::{self, Check, Document, Method},
};

impl Conn {
    /// The newest check of a patient.
    ///
    /// # Errors
    ///
    /// Storage failed.
    pub async fn identity_check(&mut self, patient: PatientId) -> Result<Option<Check>, Fault> {
        let row = sqlx::query(
            "SELECT id, patient, method, document, checked_by, checked_at, matches
             FROM identity_check
             WHERE tenant = $1 AND patient = $2 -- identity_check_by_patient
             ORDER BY checked_at DESC, id DESC
             LIMIT 1",
        )
        .bind(self.tenant().to_string())
        .bind(patient.to_string())
        .fetch_optional(self.any())
        .await?;
        row.map(|row| {
            let cells = Cells::of("identity_check", &row);
            Ok(Check {
                patient: cells.parsed("patient")?,
                method: cells.word("method", Method::parse)?,
                document: cells.word("document", Document::parse)?,
                by: cells.parsed("checked_by")?,
                at: cells.instant("checked_at")?,
                matches: cells.flag("matches")?,
            })
        })
        .transpose()
    }
}

impl Tx {
    /// Keeps a check: what was compared, by whom, and whether it matched.
    ///
    /// # Errors
    ///
    /// Storage failed.
    pub async fn keep_identity_check(
        &mut self,
        by: &By,
        checker: PersonId,
        patient: PatientId,
        visit: Option<ConsultationId>,
        (method, document, matches): (Method, Document, bool),
    ) -> Result<(), Fault> {
        let id = self.fresh_id()?;
        let (tenant, now) = (self.tenant().to_string(), self.now().as_microsecond());
        sqlx::query(
            "INSERT INTO identity_check (tenant, id, patient, consultation, method, document, checked_by, checked_at, matches)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        )
        .bind(tenant)
        .bind(id.to_string())
        .bind(patient.to_string())
        .bind(visit.map(|visit| visit.to_string()))
        .bind(method.as_str())
        .bind(document.as_str())
        .bind(checker.to_string())
        .bind(now)
        .bind(i64::from(matches))
        .execute(self.any())
        .await?;
        self.record(
            by.under(identity::DOCUMENT, "identity.checked")
                .object("patient", patient.to_string())
                .field("method", method.as_str())
                .field("document", document.as_str())
                .field("matches", i64::from(matches)),
        )
        .await?;
        Ok(())
    }

    /// Keeps a physician's doubt: the check is due again.
    ///
    /// # Errors
    ///
    /// Storage failed.
    pub async fn keep_doubt(&mut self, by: &By, visit: &Consultation) -> Result<(), Fault> {
        let (tenant, now) = (self.tenant().to_string(), self.now().as_microsecond());
        sqlx::query("UPDATE patient SET doubted_at = $1 WHERE tenant = $2 AND id = $3")
            .bind(now)
            .bind(tenant)
            .bind(visit.patient.to_string())
            .execute(self.any())
            .await?;
        self.record(
            by.under(identity::DOCUMENT, "warning.raised")
                .object("patient", visit.patient.to_string())
                .field("warning", "identity_doubted"),
        )
        .await?;
        Ok(())
    }
}
