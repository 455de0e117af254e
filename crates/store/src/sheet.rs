//! The after-visit sheet at rest: written on while it is a draft, sealed, signed with the note, shown to the patient and read.

use crate::{By, Conn, Fault, Tx, row::Cells};
use access::PersonId;
use care::{
    Consultation, ConsultationId, PatientId, Stage,
    first_visit::sheet::{self, Facts, Sheet},
    plan::{PlanState, Unplanned},
    task::Kind,
};
use jiff::Timestamp;
use ledger::Entry;

/// A sheet with what became of it.
#[derive(Clone)]
pub struct KeptSheet {
    /// What it says.
    pub sheet: Sheet,
    /// When it was signed.
    pub signed: Option<Timestamp>,
    /// When it first stood on the patient's page.
    pub shown: Option<Timestamp>,
    /// When the patient said that it was read.
    pub read: Option<Timestamp>,
}

impl Conn {
    /// The sheet of a visit.
    ///
    /// # Errors
    ///
    /// Storage failed.
    pub async fn sheet(&mut self, visit: &Consultation) -> Result<Option<KeptSheet>, Fault> {
        let row = sqlx::query(
            "SELECT consultation AS id, content, signed_at, shown_at, read_at
             FROM after_visit_sheet
             WHERE tenant = $1 AND consultation = $2",
        )
        .bind(self.tenant().to_string())
        .bind(visit.id.to_string())
        .fetch_optional(self.any())
        .await?;
        let Some(row) = row else { return Ok(None) };
        let cells = Cells::of("after_visit_sheet", &row);
        let sealed = cells.bytes("content")?;
        let (patient, id) = (visit.patient.to_string(), visit.id.to_string());
        Ok(Some(KeptSheet {
            sheet: self
                .unseal_json(&patient, "after_visit_sheet", &id, &sealed)
                .await?,
            signed: cells.maybe_instant("signed_at")?,
            shown: cells.maybe_instant("shown_at")?,
            read: cells.maybe_instant("read_at")?,
        }))
    }

    /// What is known of the sheet where the visit ends with one.
    pub(crate) async fn sheet_facts(
        &mut self,
        visit: &Consultation,
    ) -> Result<Option<Facts>, Fault> {
        if !sheet::asked(visit) {
            return Ok(None);
        }
        let sheet = self.sheet(visit).await?.map(|kept| kept.sheet);
        Ok(Some(Facts { sheet }))
    }

    /// The newest first visit of ordinary care that no plan was signed after; none where there is none.
    ///
    /// # Errors
    ///
    /// Storage failed.
    pub async fn unplanned_first(
        &mut self,
        patient: PatientId,
    ) -> Result<Option<Unplanned>, Fault> {
        self.unplanned_before(patient, None).await
    }

    /// The same as seen from one visit, which is never its own predecessor.
    pub(crate) async fn unplanned_before(
        &mut self,
        patient: PatientId,
        but: Option<ConsultationId>,
    ) -> Result<Option<Unplanned>, Fault> {
        let newest = self
            .consultations_of(patient)
            .await?
            .into_iter()
            .map(|booking| booking.consultation)
            .filter(|visit| sheet::asked(visit) && Some(visit.id) != but)
            .filter_map(|visit| match visit.stage {
                Stage::Documented { since, .. } | Stage::Closed { since, .. } => {
                    Some((since, visit))
                }
                _ => None,
            })
            .max_by_key(|(since, _)| *since);
        let Some((since, visit)) = newest else {
            return Ok(None);
        };
        let in_force = self.plan_in_force(patient).await?;
        let planned = in_force
            .is_some_and(|plan| matches!(plan.state, PlanState::Signed { at, .. } if at >= since));
        if planned {
            return Ok(None);
        }
        let kept = self.sheet(&visit).await?;
        Ok(Some(Unplanned {
            first: visit.id,
            goes_on: kept
                .and_then(|kept| kept.sheet.goes_on)
                .is_some_and(sheet::GoesOn::asks_plan),
        }))
    }
}

impl Tx {
    /// Keeps the sheet as it is being written. What is signed stays as it is.
    ///
    /// # Errors
    ///
    /// Storage failed.
    pub async fn keep_sheet(&mut self, visit: &Consultation, sheet: &Sheet) -> Result<(), Fault> {
        let (patient, id) = (visit.patient.to_string(), visit.id.to_string());
        let sealed = self
            .seal_json(&patient, "after_visit_sheet", &id, sheet)
            .await?;
        let (tenant, now) = (self.tenant().to_string(), self.now().as_microsecond());
        sqlx::query(
            "INSERT INTO after_visit_sheet (tenant, consultation, patient, content, kept_at)
             VALUES ($1, $2, $3, $4, $5)
             ON CONFLICT (tenant, consultation) DO UPDATE
             SET content = excluded.content, kept_at = excluded.kept_at
             WHERE after_visit_sheet.signed_at IS NULL",
        )
        .bind(tenant)
        .bind(id)
        .bind(patient)
        .bind(sealed)
        .bind(now)
        .execute(self.any())
        .await?;
        Ok(())
    }

    /// Signs the sheet: from now on it is the patient's. The caller holds the core's word.
    ///
    /// # Errors
    ///
    /// Storage failed.
    pub async fn sign_sheet(
        &mut self,
        by: &By,
        physician: PersonId,
        visit: &Consultation,
        sheet: &Sheet,
    ) -> Result<(), Fault> {
        let (tenant, now) = (self.tenant().to_string(), self.now().as_microsecond());
        let done = sqlx::query(
            "UPDATE after_visit_sheet SET signed_by = $1, signed_at = $2
             WHERE tenant = $3 AND consultation = $4 AND signed_at IS NULL",
        )
        .bind(physician.to_string())
        .bind(now)
        .bind(tenant)
        .bind(visit.id.to_string())
        .execute(self.any())
        .await?;
        if done.rows_affected() == 0 {
            return Ok(());
        }
        let (_, digest) = self.digest(crate::row::json(sheet)?.as_bytes())?;
        let entry = by
            .under(sheet::FOLLOWS, "explanation.given")
            .object("consultation", visit.id.to_string())
            .object("patient", visit.patient.to_string())
            .field("item", "after_visit_sheet")
            .field("how", sheet.explained.map_or("", sheet::Explained::as_str))
            .digest("sheet", digest);
        let entry = self.reserved(entry, physician).await?;
        self.record(entry).await?;
        Ok(())
    }

    /// Keeps that the signed sheet stands on the patient's page, the first time it does.
    ///
    /// # Errors
    ///
    /// Storage failed.
    pub async fn sheet_shown(&mut self, by: &By, visit: &Consultation) -> Result<(), Fault> {
        let (tenant, now) = (self.tenant().to_string(), self.now().as_microsecond());
        let done = sqlx::query(
            "UPDATE after_visit_sheet SET shown_at = $1
             WHERE tenant = $2 AND consultation = $3 AND signed_at IS NOT NULL AND shown_at IS NULL",
        )
        .bind(now)
        .bind(tenant)
        .bind(visit.id.to_string())
        .execute(self.any())
        .await?;
        if done.rows_affected() == 1 {
            self.record(reached(by, visit, "sheet.delivered")).await?;
        }
        Ok(())
    }

    /// Keeps that the patient says to have read it, the first time.
    ///
    /// # Errors
    ///
    /// Storage failed.
    pub async fn sheet_read(&mut self, by: &By, visit: &Consultation) -> Result<(), Fault> {
        let (tenant, now) = (self.tenant().to_string(), self.now().as_microsecond());
        let done = sqlx::query(
            "UPDATE after_visit_sheet SET read_at = $1
             WHERE tenant = $2 AND consultation = $3 AND shown_at IS NOT NULL AND read_at IS NULL",
        )
        .bind(now)
        .bind(tenant)
        .bind(visit.id.to_string())
        .execute(self.any())
        .await?;
        if done.rows_affected() == 1 {
            self.record(reached(by, visit, "sheet.read")).await?;
        }
        Ok(())
    }

    /// Brings the day of an open plan task forward: the plan is there before the next visit online (cl-1.3-ii-b).
    ///
    /// # Errors
    ///
    /// Storage failed.
    pub async fn plan_due_by(
        &mut self,
        by: &By,
        patient: PatientId,
        due: Timestamp,
    ) -> Result<(), Fault> {
        let tenant = self.tenant().to_string();
        let done = sqlx::query(
            "UPDATE task SET due_at = $1
             WHERE tenant = $2 AND patient = $3 AND kind = $4 AND closed_at IS NULL AND due_at > $1 -- task_by_patient",
        )
        .bind(due.as_microsecond())
        .bind(tenant)
        .bind(patient.to_string())
        .bind(Kind::PlanDue.as_str())
        .execute(self.any())
        .await?;
        if done.rows_affected() > 0 {
            self.record(
                by.under(care::plan::AFTER_FIRST, "task.sooner")
                    .object("patient", patient.to_string())
                    .field("kind", Kind::PlanDue.as_str()),
            )
            .await?;
        }
        Ok(())
    }
}

/// The entry that the sheet has come to the patient.
fn reached(by: &By, visit: &Consultation, subject: &'static str) -> Entry {
    by.under(sheet::FOLLOWS, subject)
        .object("consultation", visit.id.to_string())
        .object("patient", visit.patient.to_string())
}
