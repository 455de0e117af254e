//! The visit notice at rest: sealed as it was on the day, found again by the secret of its link.

use crate::{
    By, Conn, Fault, Tx,
    by::Also as _,
    row::{Cells, json},
};
use care::{
    Consultation, ConsultationId, PatientId,
    notice::{self, Notice, Receipt},
    statement::PlaceKind,
};
use jiff::Timestamp;
use sha2::{Digest as _, Sha256};
use sqlx::any::AnyRow;

/// The kind of its message in the outbox.
pub const MESSAGE: &str = "visit_notice";

/// A notice as kept.
#[derive(Clone)]
pub struct KeptNotice {
    /// Of which visit.
    pub consultation: ConsultationId,
    /// Whose.
    pub patient: PatientId,
    /// What it says.
    pub notice: Notice,
    /// When it was made.
    pub made: Timestamp,
    /// When the patient opened it.
    pub read: Option<Timestamp>,
    /// When it was printed for the patient.
    pub printed: Option<Timestamp>,
}

impl Conn {
    /// The notice of a visit.
    ///
    /// # Errors
    ///
    /// Storage failed.
    pub async fn notice(&mut self, visit: ConsultationId) -> Result<Option<KeptNotice>, Fault> {
        let row = sqlx::query(
            "SELECT consultation AS id, patient, content, made_at, read_at, printed_at
             FROM visit_notice
             WHERE tenant = $1 AND consultation = $2",
        )
        .bind(self.tenant().to_string())
        .bind(visit.to_string())
        .fetch_optional(self.any())
        .await?;
        match row {
            Some(row) => Ok(Some(self.kept(&row).await?)),
            None => Ok(None),
        }
    }

    /// The notice behind a link.
    ///
    /// # Errors
    ///
    /// Storage failed.
    pub async fn notice_behind(&mut self, secret: &[u8]) -> Result<Option<KeptNotice>, Fault> {
        let row = sqlx::query(
            "SELECT consultation AS id, patient, content, made_at, read_at, printed_at
             FROM visit_notice
             WHERE tenant = $1 AND token_hash = $2 -- visit_notice_by_token",
        )
        .bind(self.tenant().to_string())
        .bind(hash(secret))
        .fetch_optional(self.any())
        .await?;
        match row {
            Some(row) => Ok(Some(self.kept(&row).await?)),
            None => Ok(None),
        }
    }

    async fn kept(&mut self, row: &AnyRow) -> Result<KeptNotice, Fault> {
        let cells = Cells::of("visit_notice", row);
        let patient: PatientId = cells.parsed("patient")?;
        let consultation: ConsultationId = cells.parsed("id")?;
        let sealed = cells.bytes("content")?;
        Ok(KeptNotice {
            consultation,
            patient,
            notice: self
                .unseal_json(
                    &patient.to_string(),
                    "visit_notice",
                    &consultation.to_string(),
                    &sealed,
                )
                .await?,
            made: cells.instant("made_at")?,
            read: cells.maybe_instant("read_at")?,
            printed: cells.maybe_instant("printed_at")?,
        })
    }

    /// What is known of the notice when the visit is to be closed.
    ///
    /// # Errors
    ///
    /// Storage failed.
    pub async fn notice_facts(&mut self, visit: &Consultation) -> Result<notice::Facts, Fault> {
        let at_facility = self
            .statement_of(visit)
            .await?
            .is_some_and(|page| page.lines.place == PlaceKind::Facility);
        let kept = self.notice(visit.id).await?;
        let delivered = self.notice_delivered(visit.id).await?;
        let receipt = kept.and_then(|kept| {
            kept.printed
                .map(Receipt::Printed)
                .or(kept.read.map(Receipt::Read))
                .or(delivered.map(Receipt::Delivered))
        });
        Ok(notice::Facts {
            at_facility,
            receipt,
        })
    }

    /// When the port took the message of the notice.
    async fn notice_delivered(
        &mut self,
        visit: ConsultationId,
    ) -> Result<Option<Timestamp>, Fault> {
        let row = sqlx::query(
            "SELECT id, sent_at
             FROM outbox
             WHERE tenant = $1 AND consultation = $2 AND kind = $3 AND sent_at IS NOT NULL -- outbox_by_consultation
             ORDER BY sent_at
             LIMIT 1",
        )
        .bind(self.tenant().to_string())
        .bind(visit.to_string())
        .bind(MESSAGE)
        .fetch_optional(self.any())
        .await?;
        row.map_or(Ok(None), |row| {
            Cells::of("outbox", &row).maybe_instant("sent_at")
        })
    }
}

impl Tx {
    /// Keeps the notice of a visit. One that was made stays as it is: it says what was true on the day. Answers whether it is
    /// new.
    ///
    /// # Errors
    ///
    /// Storage failed.
    pub async fn keep_notice(
        &mut self,
        by: &By,
        visit: &Consultation,
        secret: &[u8],
        notice: &Notice,
    ) -> Result<bool, Fault> {
        let (patient, id) = (visit.patient.to_string(), visit.id.to_string());
        let sealed = self
            .seal_json(&patient, "visit_notice", &id, notice)
            .await?;
        let (tenant, now) = (self.tenant().to_string(), self.now().as_microsecond());
        let done = sqlx::query(
            "INSERT INTO visit_notice (tenant, consultation, patient, token_hash, content, made_at)
             VALUES ($1, $2, $3, $4, $5, $6)
             ON CONFLICT (tenant, consultation) DO NOTHING",
        )
        .bind(tenant)
        .bind(&id)
        .bind(patient)
        .bind(hash(secret))
        .bind(sealed)
        .bind(now)
        .execute(self.any())
        .await?;
        if done.rows_affected() == 0 {
            return Ok(false);
        }
        let (_, digest) = self.digest(json(notice)?.as_bytes())?;
        self.record(
            by.under(notice::NAME, "notice.made")
                .also([notice::CONTACT])
                .object("consultation", id)
                .digest("notice", digest),
        )
        .await?;
        Ok(true)
    }

    /// Keeps that the patient opened the notice. The first time counts.
    ///
    /// # Errors
    ///
    /// Storage failed.
    pub async fn keep_notice_read(&mut self, by: &By, visit: ConsultationId) -> Result<(), Fault> {
        let (tenant, now) = (self.tenant().to_string(), self.now().as_microsecond());
        let done = sqlx::query(
            "UPDATE visit_notice SET read_at = $1 WHERE tenant = $2 AND consultation = $3 AND read_at IS NULL",
        )
        .bind(now)
        .bind(tenant)
        .bind(visit.to_string())
        .execute(self.any())
        .await?;
        if done.rows_affected() == 1 {
            self.delivered(by, visit, "read").await?;
        }
        Ok(())
    }

    /// Keeps that the notice was printed and given to the patient.
    ///
    /// # Errors
    ///
    /// `Conflict` where there is none yet; or storage failed.
    pub async fn keep_notice_printed(
        &mut self,
        by: &By,
        visit: ConsultationId,
    ) -> Result<(), Fault> {
        let (tenant, now) = (self.tenant().to_string(), self.now().as_microsecond());
        let done = sqlx::query(
            "UPDATE visit_notice SET printed_at = $1, printed_by = $2 WHERE tenant = $3 AND consultation = $4",
        )
        .bind(now)
        .bind(by.person().map(|person| person.to_string()))
        .bind(tenant)
        .bind(visit.to_string())
        .execute(self.any())
        .await?;
        if done.rows_affected() == 0 {
            return Err(Fault::Conflict);
        }
        self.delivered(by, visit, "printed").await
    }

    async fn delivered(
        &mut self,
        by: &By,
        visit: ConsultationId,
        how: &'static str,
    ) -> Result<(), Fault> {
        self.record(
            by.under(notice::NAME, "notice.delivered")
                .also([notice::CONTACT])
                .object("consultation", visit.to_string())
                .field("channel", how),
        )
        .await?;
        Ok(())
    }
}

fn hash(secret: &[u8]) -> Vec<u8> {
    Sha256::digest(secret).to_vec()
}
