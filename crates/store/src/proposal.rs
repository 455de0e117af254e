//! Changes of a plan by another physician, at rest: put to the patient, and what the patient answered.

use crate::{By, Conn, Fault, Tx, row::Cells};
use care::{
    PatientId, PlanId,
    plan::proposal::{Answer, PATIENTS_WILL, Proposal},
};

impl Conn {
    /// The proposal that a version of a plan is.
    ///
    /// # Errors
    ///
    /// Storage failed.
    pub async fn proposal(&mut self, plan: PlanId) -> Result<Option<Proposal>, Fault> {
        let row = sqlx::query(
            "SELECT plan AS id, harms, answer
             FROM plan_proposal
             WHERE tenant = $1 AND plan = $2",
        )
        .bind(self.tenant().to_string())
        .bind(plan.to_string())
        .fetch_optional(self.any())
        .await?;
        row.map(|row| {
            let cells = Cells::of("plan_proposal", &row);
            let answer = match cells.maybe_text("answer")? {
                Some(word) => Some(Answer::parse(&word).ok_or_else(|| cells.corrupt("answer"))?),
                None => None,
            };
            Ok(Proposal {
                harms: cells.flag("harms")?,
                answer,
            })
        })
        .transpose()
    }

    /// The draft of a patient that waits for the patient's answer, the newest first.
    ///
    /// # Errors
    ///
    /// Storage failed.
    pub async fn proposal_open(&mut self, patient: PatientId) -> Result<Option<PlanId>, Fault> {
        let row = sqlx::query(
            "SELECT r.plan AS id
             FROM plan_proposal r
             JOIN plan p ON p.tenant = r.tenant AND p.id = r.plan
             WHERE r.tenant = $1 AND r.patient = $2 AND r.answer IS NULL AND p.state = 'draft' -- plan_proposal_by_patient
             ORDER BY p.version DESC
             LIMIT 1",
        )
        .bind(self.tenant().to_string())
        .bind(patient.to_string())
        .fetch_optional(self.any())
        .await?;
        row.map(|row| Cells::of("plan_proposal", &row).parsed("id"))
            .transpose()
    }
}

impl Tx {
    /// Puts a changed plan to the patient. What was answered stays answered.
    ///
    /// # Errors
    ///
    /// Storage failed.
    pub async fn propose(
        &mut self,
        by: &By,
        (patient, plan): (PatientId, PlanId),
        harms: bool,
    ) -> Result<(), Fault> {
        let (tenant, now) = (self.tenant().to_string(), self.now().as_microsecond());
        let done = sqlx::query(
            "INSERT INTO plan_proposal (tenant, plan, patient, harms, asked_by, asked_at)
             VALUES ($1, $2, $3, $4, $5, $6)
             ON CONFLICT (tenant, plan) DO NOTHING",
        )
        .bind(tenant)
        .bind(plan.to_string())
        .bind(patient.to_string())
        .bind(i64::from(harms))
        .bind(by.person().map(|person| person.to_string()))
        .bind(now)
        .execute(self.any())
        .await?;
        if done.rows_affected() == 1 {
            self.record(
                by.under(PATIENTS_WILL, "plan.proposed")
                    .object("patient", patient.to_string())
                    .object("plan", plan.to_string())
                    .field("harms", i64::from(harms)),
            )
            .await?;
        }
        Ok(())
    }

    /// Keeps the patient's answer: once.
    ///
    /// # Errors
    ///
    /// `Conflict` when it was answered before; or storage failed.
    pub async fn keep_proposal_answer(
        &mut self,
        by: &By,
        (patient, plan): (PatientId, PlanId),
        answer: Answer,
    ) -> Result<(), Fault> {
        let (tenant, now) = (self.tenant().to_string(), self.now().as_microsecond());
        let done = sqlx::query(
            "UPDATE plan_proposal SET answer = $1, answered_at = $2
             WHERE tenant = $3 AND plan = $4 AND patient = $5 AND answer IS NULL",
        )
        .bind(answer.as_str())
        .bind(now)
        .bind(tenant)
        .bind(plan.to_string())
        .bind(patient.to_string())
        .execute(self.any())
        .await?;
        if done.rows_affected() != 1 {
            return Err(Fault::Conflict);
        }
        let subject = match answer {
            Answer::Accept => "plan.accepted",
            Answer::Keep => "plan.kept",
        };
        self.record(
            by.under(PATIENTS_WILL, subject)
                .object("patient", patient.to_string())
                .object("plan", plan.to_string())
                .field("answer", answer.as_str()),
        )
        .await?;
        Ok(())
    }
}
