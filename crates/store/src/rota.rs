//! Physicians in turn at rest: why somebody stands in, the patient's answer for one visit, the signed hand-over, and what the
//! institution keeps of its turns.

use crate::{
    By, Conn, Fault, Tx,
    row::{Cells, json},
};
use access::PersonId;
use care::{
    Consultation, PatientId,
    plan::{self, Assessment, OutsideReason, Plan},
    rota::{self, Acceptance, Facts, HandedOver, Note, Rules},
};

/// Cases that one look at the findings counts.
const RECURRING_MAX: i64 = 200;

impl Conn {
    /// What the institution keeps of its turns.
    ///
    /// # Errors
    ///
    /// Storage failed.
    pub async fn rota_rules(&mut self) -> Result<Rules, Fault> {
        let row = sqlx::query(
            "SELECT tenant AS id, deputies, wellness
             FROM rota_rule
             WHERE tenant = $1",
        )
        .bind(self.tenant().to_string())
        .fetch_optional(self.any())
        .await?;
        let Some(row) = row else {
            return Ok(Rules::default());
        };
        let cells = Cells::of("rota_rule", &row);
        let named: Vec<String> = cells.json("deputies")?;
        let deputies: Result<_, Fault> = named
            .iter()
            .map(|id| id.parse().map_err(|_| cells.corrupt("deputies")))
            .collect();
        Ok(Rules {
            deputies: deputies?,
            wellness: cells.flag("wellness")?,
        })
    }

    /// What is known of who sees the patient in a visit.
    pub(crate) async fn rota_facts(
        &mut self,
        visit: &Consultation,
        in_force: Option<&Plan>,
        assessments: &[Assessment],
    ) -> Result<Facts, Fault> {
        let mut facts = Facts {
            listed_seen: in_force.is_some_and(|plan| seen_for(plan, assessments)),
            ..Facts::default()
        };
        // The plan's own physician is asked nothing, and nothing is looked up.
        if rota::stands_in(visit, in_force) {
            facts.acceptance = self.substitute_answer(visit).await?;
            facts.hand_over = self.handed_over(visit).await?.map(|(made, _)| made);
        }
        Ok(facts)
    }

    /// The patient's answer about the treating physician, in this visit.
    ///
    /// # Errors
    ///
    /// Storage failed.
    pub async fn substitute_answer(
        &mut self,
        visit: &Consultation,
    ) -> Result<Option<Acceptance>, Fault> {
        let row = sqlx::query(
            "SELECT consultation AS id, physician, accepts, answered_at
             FROM substitute
             WHERE tenant = $1 AND consultation = $2 AND physician = $3 AND answered_at IS NOT NULL",
        )
        .bind(self.tenant().to_string())
        .bind(visit.id.to_string())
        .bind(visit.physician.to_string())
        .fetch_optional(self.any())
        .await?;
        row.map(|row| {
            let cells = Cells::of("substitute", &row);
            Ok(Acceptance {
                physician: cells.parsed("physician")?,
                accepts: cells.flag("accepts")?,
                at: cells.instant("answered_at")?,
            })
        })
        .transpose()
    }

    /// The hand-over to the treating physician of a visit, with its words.
    ///
    /// # Errors
    ///
    /// Storage failed.
    pub async fn handed_over(
        &mut self,
        visit: &Consultation,
    ) -> Result<Option<(HandedOver, Note)>, Fault> {
        let row = sqlx::query(
            "SELECT consultation AS id, physician, content, signed_by, signed_at, opened_at, acknowledged_at
             FROM substitute_note
             WHERE tenant = $1 AND consultation = $2 AND physician = $3",
        )
        .bind(self.tenant().to_string())
        .bind(visit.id.to_string())
        .bind(visit.physician.to_string())
        .fetch_optional(self.any())
        .await?;
        let Some(row) = row else { return Ok(None) };
        let cells = Cells::of("substitute_note", &row);
        let sealed = cells.bytes("content")?;
        let note: Note = self
            .unseal_json(
                &visit.patient.to_string(),
                "substitute_note",
                &place(visit),
                &sealed,
            )
            .await?;
        let made = HandedOver {
            to: cells.parsed("physician")?,
            by: cells.parsed("signed_by")?,
            at: cells.instant("signed_at")?,
            opened: cells.maybe_instant("opened_at")?,
            acknowledged: cells.maybe_instant("acknowledged_at")?,
        };
        Ok(Some((made, note)))
    }

    /// What the treating physician wrote as the reason to see the patient outside item 8; empty where nothing was written.
    pub(crate) async fn outside_words(&mut self, visit: &Consultation) -> Result<String, Fault> {
        let row = sqlx::query(
            "SELECT consultation AS id, words
             FROM substitute
             WHERE tenant = $1 AND consultation = $2 AND physician = $3 AND words IS NOT NULL",
        )
        .bind(self.tenant().to_string())
        .bind(visit.id.to_string())
        .bind(visit.physician.to_string())
        .fetch_optional(self.any())
        .await?;
        let Some(row) = row else {
            return Ok(String::new());
        };
        let cells = Cells::of("substitute", &row);
        let patient = visit.patient.to_string();
        let words = self
            .unseal(
                &patient,
                "substitute",
                &place(visit),
                &cells.bytes("words")?,
            )
            .await?;
        String::from_utf8(words).map_err(|_| cells.corrupt("words"))
    }

    /// Patients whom one substitute has seen again and again (finding `substitute_recurring`).
    ///
    /// # Errors
    ///
    /// Storage failed.
    pub async fn substitutes_recurring(&mut self) -> Result<Vec<PatientId>, Fault> {
        let rows = sqlx::query(
            "SELECT patient AS id
             FROM substitute
             WHERE tenant = $1 AND accepts = 1 -- substitute_by_patient
             GROUP BY patient, physician
             HAVING COUNT(*) >= $2
             ORDER BY patient
             LIMIT $3",
        )
        .bind(self.tenant().to_string())
        .bind(rota::RECURRING)
        .bind(RECURRING_MAX)
        .fetch_all(self.any())
        .await?;
        rows.iter()
            .map(|row| Cells::of("substitute", row).parsed("id"))
            .collect()
    }
}

/// Whether somebody whom the plan lists has seen the patient in person, for what it treats.
fn seen_for(plan: &Plan, assessments: &[Assessment]) -> bool {
    let draft = &plan.draft;
    assessments.iter().any(|row| {
        let listed = draft
            .physicians
            .iter()
            .any(|one| one.person == row.physician);
        let treats = draft
            .online_care
            .diagnoses
            .iter()
            .any(|diagnosis| row.codes.contains(&diagnosis.code));
        listed && treats
    })
}

/// The row that a hand-over is sealed to.
fn place(visit: &Consultation) -> String {
    format!("{}:{}", visit.id, visit.physician)
}

impl Tx {
    /// Keeps who hands over as a deputy, and whether checks of the healthy are offered.
    ///
    /// # Errors
    ///
    /// Storage failed.
    pub async fn keep_rota_rules(&mut self, by: &By, rules: &Rules) -> Result<(), Fault> {
        let (tenant, now) = (self.tenant().to_string(), self.now().as_microsecond());
        let deputies: Vec<String> = rules.deputies.iter().map(ToString::to_string).collect();
        let deputies = json(&deputies)?;
        sqlx::query(
            "INSERT INTO rota_rule (tenant, deputies, wellness, changed_at)
             VALUES ($1, $2, $3, $4)
             ON CONFLICT (tenant) DO UPDATE
             SET deputies = excluded.deputies, wellness = excluded.wellness, changed_at = excluded.changed_at",
        )
        .bind(&tenant)
        .bind(&deputies)
        .bind(i64::from(rules.wellness))
        .bind(now)
        .execute(self.any())
        .await?;
        self.record(
            by.under(rota::HANDED_OVER, "rota_rules.changed")
                .object("institution", tenant)
                .field("deputies", deputies)
                .field("wellness", i64::from(rules.wellness)),
        )
        .await?;
        Ok(())
    }

    /// Keeps why a physician outside item 8 of the plan sees the patient (cl-1.3-i-h, cl-1.2-viii-c). The start carries it on.
    ///
    /// # Errors
    ///
    /// Storage failed.
    pub async fn keep_outside_reason(
        &mut self,
        by: &By,
        visit: &Consultation,
        (reason, words): (OutsideReason, &str),
    ) -> Result<(), Fault> {
        let (tenant, patient) = (self.tenant().to_string(), visit.patient.to_string());
        sqlx::query("UPDATE consultation SET rota = $1 WHERE tenant = $2 AND id = $3")
            .bind(reason.as_str())
            .bind(&tenant)
            .bind(visit.id.to_string())
            .execute(self.any())
            .await?;
        let mut entry = by
            .under(plan::PHYSICIANS, "warning.decided")
            .object("consultation", visit.id.to_string())
            .field("warning", "physician_outside_plan")
            .field("reason", reason.as_str());
        if !words.is_empty() {
            let sealed = self
                .seal(&patient, "substitute", &place(visit), words.as_bytes())
                .await?;
            sqlx::query(
                "INSERT INTO substitute (tenant, consultation, physician, patient, words)
                 VALUES ($1, $2, $3, $4, $5)
                 ON CONFLICT (tenant, consultation, physician) DO UPDATE SET words = excluded.words",
            )
            .bind(&tenant)
            .bind(visit.id.to_string())
            .bind(visit.physician.to_string())
            .bind(patient)
            .bind(sealed)
            .execute(self.any())
            .await?;
            let (_, digest) = self.digest(words.as_bytes())?;
            entry = entry.digest("words", digest);
        }
        self.record(entry).await?;
        Ok(())
    }

    /// Keeps the patient's answer about the treating physician, for this visit alone.
    ///
    /// # Errors
    ///
    /// Storage failed.
    pub async fn keep_substitute_answer(
        &mut self,
        by: &By,
        visit: &Consultation,
        accepts: bool,
    ) -> Result<(), Fault> {
        let (tenant, now) = (self.tenant().to_string(), self.now().as_microsecond());
        sqlx::query(
            "INSERT INTO substitute (tenant, consultation, physician, patient, proxy, accepts, answered_at)
             VALUES ($1, $2, $3, $4, $5, $6, $7)
             ON CONFLICT (tenant, consultation, physician) DO UPDATE
             SET proxy = excluded.proxy, accepts = excluded.accepts, answered_at = excluded.answered_at",
        )
        .bind(tenant)
        .bind(visit.id.to_string())
        .bind(visit.physician.to_string())
        .bind(visit.patient.to_string())
        .bind(by.proxy().map(|proxy| proxy.to_string()))
        .bind(i64::from(accepts))
        .bind(now)
        .execute(self.any())
        .await?;
        self.record(
            by.under(rota::ACCEPTED, "agreement.given")
                .object("consultation", visit.id.to_string())
                .object("person", visit.physician.to_string())
                .field("kind", "substitute")
                .field("accepts", i64::from(accepts)),
        )
        .await?;
        Ok(())
    }

    /// Signs the hand-over to the treating physician. A newer one takes the place of one that nobody has acknowledged.
    ///
    /// # Errors
    ///
    /// `Conflict` where it was acknowledged already; or storage failed.
    pub async fn keep_handed_over(
        &mut self,
        by: &By,
        signer: PersonId,
        visit: &Consultation,
        note: &Note,
    ) -> Result<(), Fault> {
        let patient = visit.patient.to_string();
        let sealed = self
            .seal_json(&patient, "substitute_note", &place(visit), note)
            .await?;
        let (tenant, now) = (self.tenant().to_string(), self.now().as_microsecond());
        let done = sqlx::query(
            "INSERT INTO substitute_note (tenant, consultation, physician, patient, content, signed_by, signed_at)
             VALUES ($1, $2, $3, $4, $5, $6, $7)
             ON CONFLICT (tenant, consultation, physician) DO UPDATE
             SET content = excluded.content, signed_by = excluded.signed_by, signed_at = excluded.signed_at
             WHERE substitute_note.acknowledged_at IS NULL",
        )
        .bind(tenant)
        .bind(visit.id.to_string())
        .bind(visit.physician.to_string())
        .bind(patient)
        .bind(sealed)
        .bind(signer.to_string())
        .bind(now)
        .execute(self.any())
        .await?;
        if done.rows_affected() == 0 {
            return Err(Fault::Conflict);
        }
        let (_, digest) = self.digest(json(note)?.as_bytes())?;
        let entry = by
            .under(rota::HANDED_OVER, "handover.signed")
            .object("consultation", visit.id.to_string())
            .object("person", visit.physician.to_string())
            .digest("note", digest);
        let entry = self.reserved(entry, signer).await?;
        self.record(entry).await?;
        Ok(())
    }

    /// Keeps that the substitute has the hand-over open before the own eyes.
    ///
    /// # Errors
    ///
    /// Storage failed.
    pub async fn keep_hand_over_opened(&mut self, visit: &Consultation) -> Result<(), Fault> {
        let (tenant, now) = (self.tenant().to_string(), self.now().as_microsecond());
        sqlx::query(
            "UPDATE substitute_note SET opened_at = $1
             WHERE tenant = $2 AND consultation = $3 AND physician = $4",
        )
        .bind(now)
        .bind(tenant)
        .bind(visit.id.to_string())
        .bind(visit.physician.to_string())
        .execute(self.any())
        .await?;
        Ok(())
    }

    /// Keeps that the substitute has read the hand-over. The caller holds the core's word.
    ///
    /// # Errors
    ///
    /// `Conflict` where there is none; or storage failed.
    pub async fn keep_hand_over_read(
        &mut self,
        by: &By,
        visit: &Consultation,
    ) -> Result<(), Fault> {
        let (tenant, now) = (self.tenant().to_string(), self.now().as_microsecond());
        let done = sqlx::query(
            "UPDATE substitute_note SET acknowledged_at = $1
             WHERE tenant = $2 AND consultation = $3 AND physician = $4",
        )
        .bind(now)
        .bind(tenant)
        .bind(visit.id.to_string())
        .bind(visit.physician.to_string())
        .execute(self.any())
        .await?;
        if done.rows_affected() == 0 {
            return Err(Fault::Conflict);
        }
        self.record(
            by.under(rota::HANDED_OVER, "handover.acknowledged")
                .object("consultation", visit.id.to_string())
                .object("person", visit.physician.to_string()),
        )
        .await?;
        Ok(())
    }
}
