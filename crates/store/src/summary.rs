//! Summaries for the institution that responds to a sudden change: released with a note, sealed, and received.

use crate::{By, Conn, Fault, Tx, row::Cells};
use access::Ulid;
use care::{
    Consultation, ConsultationId, PartnerId, PatientId,
    plan::information::{self, INFORMED_BEFOREHAND, Standing},
    task::{self, Kind, Opening},
};
use jiff::{Timestamp, civil::Date};
use serde::{Deserialize, Serialize};
use sqlx::any::AnyRow;

/// Days in which the receiver is expected to say that it arrived.
const RECEIPT_DAYS: u16 = 7;

/// What a summary says. Sealed; no `Debug`.
#[derive(Clone, Serialize, Deserialize)]
pub struct Summary {
    /// The receiver's name and telephone.
    pub to: String,
    /// Line by line: what it is, and what is said.
    pub lines: Vec<(String, String)>,
}

/// A summary with what became of it.
#[derive(Clone)]
pub struct KeptSummary {
    /// Its name.
    pub id: Ulid,
    /// Whose.
    pub patient: PatientId,
    /// Released with the note of this visit.
    pub consultation: ConsultationId,
    /// To whom.
    pub receiver: PartnerId,
    /// What it says.
    pub summary: Summary,
    /// When it was released.
    pub sent: Timestamp,
    /// When it arrived.
    pub received: Option<Timestamp>,
}

impl Conn {
    /// One summary.
    ///
    /// # Errors
    ///
    /// Storage failed.
    pub async fn summary(&mut self, id: Ulid) -> Result<Option<KeptSummary>, Fault> {
        let row = sqlx::query(
            "SELECT id, patient, consultation, receiver, content, sent_at, received_at
             FROM plan_summary
             WHERE tenant = $1 AND id = $2",
        )
        .bind(self.tenant().to_string())
        .bind(id.to_string())
        .fetch_optional(self.any())
        .await?;
        match row {
            Some(row) => Ok(Some(self.kept_summary(&row).await?)),
            None => Ok(None),
        }
    }

    async fn kept_summary(&mut self, row: &AnyRow) -> Result<KeptSummary, Fault> {
        let cells = Cells::of("plan_summary", row);
        let (id, patient): (Ulid, PatientId) = (cells.parsed("id")?, cells.parsed("patient")?);
        let sealed = cells.bytes("content")?;
        Ok(KeptSummary {
            id,
            patient,
            consultation: cells.parsed("consultation")?,
            receiver: cells.parsed("receiver")?,
            summary: self
                .unseal_json(
                    &patient.to_string(),
                    "plan_summary",
                    &id.to_string(),
                    &sealed,
                )
                .await?,
            sent: cells.instant("sent_at")?,
            received: cells.maybe_instant("received_at")?,
        })
    }

    /// The day on which a receiver was last informed of a patient.
    ///
    /// # Errors
    ///
    /// Storage failed.
    pub async fn last_informed(
        &mut self,
        patient: PatientId,
        receiver: PartnerId,
    ) -> Result<Option<Date>, Fault> {
        let row = sqlx::query(
            "SELECT MAX(sent_at) AS sent_at
             FROM plan_summary
             WHERE tenant = $1 AND patient = $2 AND receiver = $3 -- plan_summary_by_patient",
        )
        .bind(self.tenant().to_string())
        .bind(patient.to_string())
        .bind(receiver.to_string())
        .fetch_one(self.any())
        .await?;
        let at = Cells::of("plan_summary", &row).maybe_instant("sent_at")?;
        Ok(at.map(care::legal_day))
    }

    /// How the information under a patient's plan in force stands; none where none is asked for.
    ///
    /// # Errors
    ///
    /// Storage failed.
    pub async fn information(
        &mut self,
        plan: &care::plan::Plan,
        today: Date,
    ) -> Result<Option<Standing>, Fault> {
        let receiver = information::schedule_of(&plan.draft).and_then(|schedule| schedule.receiver);
        let Some(receiver) = receiver else {
            return Ok(None);
        };
        let sent = self.last_informed(plan.patient, receiver).await?;
        Ok(information::standing(plan, sent, today))
    }

    /// Plans in force whose receiver was not informed in time (finding `information_overdue`).
    ///
    /// # Errors
    ///
    /// Storage failed.
    pub async fn information_overdue(&mut self, today: Date) -> Result<usize, Fault> {
        let mut overdue = 0;
        for plan in self.plans_in_force().await? {
            let standing = self.information(&plan, today).await?;
            overdue += usize::from(matches!(standing, Some(Standing::Overdue(_))));
        }
        Ok(overdue)
    }
}

impl Tx {
    /// Releases a summary with a note, and waits for the receiver's word that it arrived.
    ///
    /// # Errors
    ///
    /// Storage failed.
    pub async fn send_summary(
        &mut self,
        by: &By,
        visit: &Consultation,
        receiver: PartnerId,
        summary: &Summary,
    ) -> Result<Ulid, Fault> {
        let id = self.fresh_id()?;
        let patient = visit.patient.to_string();
        let sealed = self
            .seal_json(&patient, "plan_summary", &id.to_string(), summary)
            .await?;
        let (tenant, now) = (self.tenant().to_string(), self.now());
        sqlx::query(
            "INSERT INTO plan_summary (tenant, id, patient, consultation, receiver, content, sent_by, sent_at)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
        )
        .bind(tenant)
        .bind(id.to_string())
        .bind(&patient)
        .bind(visit.id.to_string())
        .bind(receiver.to_string())
        .bind(sealed)
        .bind(by.person().map(|person| person.to_string()))
        .bind(now.as_microsecond())
        .execute(self.any())
        .await?;
        let (_, digest) = self.digest(crate::row::json(summary)?.as_bytes())?;
        self.record(
            by.under(INFORMED_BEFOREHAND, "summary.sent")
                .object("patient", patient)
                .object("consultation", visit.id.to_string())
                .object("partner", receiver.to_string())
                .digest("summary", digest),
        )
        .await?;
        let opening = Opening {
            kind: Kind::SummaryReceipt,
            patient: visit.patient,
            visit: Some(visit.id),
            about: Some(id.to_string()),
            words: summary.to.clone(),
            due: task::in_days(now, RECEIPT_DAYS),
        };
        self.open_task(by, &opening).await?;
        Ok(id)
    }

    /// Keeps the receiver's word that a summary arrived: who there said so.
    ///
    /// # Errors
    ///
    /// `Conflict` when that was kept before; or storage failed.
    pub async fn keep_summary_receipt(
        &mut self,
        by: &By,
        kept: &KeptSummary,
        who: &str,
    ) -> Result<(), Fault> {
        let (patient, id) = (kept.patient.to_string(), kept.id.to_string());
        let sealed = self
            .seal_json(&patient, "plan_summary_receipt", &id, &who)
            .await?;
        let (tenant, now) = (self.tenant().to_string(), self.now().as_microsecond());
        let done = sqlx::query(
            "UPDATE plan_summary SET received_at = $1, receipt = $2
             WHERE tenant = $3 AND id = $4 AND received_at IS NULL",
        )
        .bind(now)
        .bind(sealed)
        .bind(tenant)
        .bind(&id)
        .execute(self.any())
        .await?;
        if done.rows_affected() != 1 {
            return Err(Fault::Conflict);
        }
        self.record(
            by.under(INFORMED_BEFOREHAND, "summary.received")
                .object("patient", patient)
                .object("consultation", kept.consultation.to_string())
                .object("partner", kept.receiver.to_string()),
        )
        .await?;
        self.done_with(by, kept.patient, Kind::SummaryReceipt, |task| {
            task.about.as_deref() == Some(id.as_str())
        })
        .await?;
        Ok(())
    }
}
