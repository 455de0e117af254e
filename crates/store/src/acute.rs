//! Sudden changes of a patient at rest: flags, what they were lifted on, and what was tried before an emergency start.

use crate::{By, Conn, Fault, Tx, row::Cells};
use access::PersonId;
use care::{
    Consultation, ConsultationId, PatientId,
    acute::{Facts, Flag, IN_PERSON_FIRST, Liftable, Raised, STABLE},
};

/// Flags of one patient that are read at most, newest first.
const FLAGS_MAX: i64 = 50;

impl Conn {
    /// What is known of sudden changes of a patient; with a visit, what was tried in it.
    ///
    /// # Errors
    ///
    /// Storage failed.
    pub async fn acute_facts(
        &mut self,
        patient: PatientId,
        visit: Option<ConsultationId>,
    ) -> Result<Facts, Fault> {
        let rows = sqlx::query(
            "SELECT id, raised, raised_at, lifted_on
             FROM acute_flag
             WHERE tenant = $1 AND patient = $2 -- acute_flag_by_patient
             ORDER BY raised_at DESC, id DESC
             LIMIT $3",
        )
        .bind(self.tenant().to_string())
        .bind(patient.to_string())
        .bind(FLAGS_MAX)
        .fetch_all(self.any())
        .await?;
        let flags = rows
            .iter()
            .map(|row| {
                let cells = Cells::of("acute_flag", row);
                Ok(Flag {
                    id: cells.parsed("id")?,
                    at: cells.instant("raised_at")?,
                    raised: cells.word("raised", Raised::parse)?,
                    lifted: cells.maybe_parsed("lifted_on")?,
                })
            })
            .collect::<Result<Vec<_>, Fault>>()?;
        let records = if flags.is_empty() {
            Vec::new()
        } else {
            self.assessments(patient)
                .await?
                .into_iter()
                .map(|(record, _)| (record.id, record.on))
                .collect()
        };
        let attempted = match visit {
            Some(visit) if !flags.is_empty() => self.attempt_of(patient, visit).await?,
            Some(_) | None => None,
        };
        Ok(Facts {
            flags,
            records,
            attempted,
        })
    }

    async fn attempt_of(
        &mut self,
        patient: PatientId,
        visit: ConsultationId,
    ) -> Result<Option<String>, Fault> {
        let row = sqlx::query(
            "SELECT consultation AS id, words
             FROM acute_attempt
             WHERE tenant = $1 AND consultation = $2",
        )
        .bind(self.tenant().to_string())
        .bind(visit.to_string())
        .fetch_optional(self.any())
        .await?;
        let Some(row) = row else { return Ok(None) };
        let sealed = Cells::of("acute_attempt", &row).bytes("words")?;
        Ok(Some(
            self.unseal_json(
                &patient.to_string(),
                "acute_attempt",
                &visit.to_string(),
                &sealed,
            )
            .await?,
        ))
    }

    /// What happened, in the words of whoever raised the newest flag.
    ///
    /// # Errors
    ///
    /// Storage failed.
    pub async fn acute_words(
        &mut self,
        patient: PatientId,
        flag: ulid::Ulid,
    ) -> Result<String, Fault> {
        let row = sqlx::query("SELECT id, words FROM acute_flag WHERE tenant = $1 AND id = $2")
            .bind(self.tenant().to_string())
            .bind(flag.to_string())
            .fetch_optional(self.any())
            .await?;
        let Some(row) = row else {
            return Ok(String::new());
        };
        let sealed = Cells::of("acute_flag", &row).bytes("words")?;
        self.unseal_json(
            &patient.to_string(),
            "acute_flag",
            &flag.to_string(),
            &sealed,
        )
        .await
    }

    /// Flags that were lifted on a record that is not there any more (finding `acute_basis_missing`).
    ///
    /// # Errors
    ///
    /// Storage failed.
    pub async fn acute_baseless(&mut self) -> Result<usize, Fault> {
        let row = sqlx::query(
            "SELECT COUNT(*) AS flags
             FROM acute_flag
             WHERE tenant = $1 AND lifted_on IS NOT NULL AND NOT EXISTS (
                 SELECT 1 FROM assessment
                 WHERE assessment.tenant = acute_flag.tenant AND assessment.id = acute_flag.lifted_on
             )",
        )
        .bind(self.tenant().to_string())
        .fetch_one(self.any())
        .await?;
        let flags = Cells::of("acute_flag", &row).int("flags")?;
        Ok(usize::try_from(flags).unwrap_or(usize::MAX))
    }
}

impl Tx {
    /// Raises a flag, with what happened in words.
    ///
    /// # Errors
    ///
    /// Storage failed.
    pub async fn raise_acute(
        &mut self,
        by: &By,
        person: PersonId,
        patient: PatientId,
        (raised, words): (Raised, &str),
    ) -> Result<(), Fault> {
        let id = self.fresh_id()?;
        let sealed = self
            .seal_json(&patient.to_string(), "acute_flag", &id.to_string(), &words)
            .await?;
        let (tenant, now) = (self.tenant().to_string(), self.now().as_microsecond());
        sqlx::query(
            "INSERT INTO acute_flag (tenant, id, patient, raised, words, raised_by, raised_at)
             VALUES ($1, $2, $3, $4, $5, $6, $7)",
        )
        .bind(tenant)
        .bind(id.to_string())
        .bind(patient.to_string())
        .bind(raised.as_str())
        .bind(sealed)
        .bind(person.to_string())
        .bind(now)
        .execute(self.any())
        .await?;
        self.record(
            by.under(IN_PERSON_FIRST, "acute.flagged")
                .object("patient", patient.to_string())
                .object("flag", id.to_string())
                .field("source", raised.as_str()),
        )
        .await?;
        Ok(())
    }

    /// Lifts a flag on a record in person and the physician's word that it is stable.
    ///
    /// # Errors
    ///
    /// `Conflict` where it was lifted meanwhile; or storage failed.
    pub async fn lift_acute(
        &mut self,
        by: &By,
        person: PersonId,
        patient: PatientId,
        liftable: Liftable,
    ) -> Result<(), Fault> {
        let (tenant, now) = (self.tenant().to_string(), self.now().as_microsecond());
        let done = sqlx::query(
            "UPDATE acute_flag SET lifted_on = $1, lifted_by = $2, lifted_at = $3
             WHERE tenant = $4 AND id = $5 AND patient = $6",
        )
        .bind(liftable.on().to_string())
        .bind(person.to_string())
        .bind(now)
        .bind(tenant)
        .bind(liftable.flag().to_string())
        .bind(patient.to_string())
        .execute(self.any())
        .await?;
        if done.rows_affected() != 1 {
            return Err(Fault::Conflict);
        }
        self.record(
            by.under(STABLE, "acute.lifted")
                .object("patient", patient.to_string())
                .object("flag", liftable.flag().to_string())
                .object("assessment", liftable.on().to_string())
                .field("judgement", "stable"),
        )
        .await?;
        Ok(())
    }

    /// Keeps what was tried in person before an emergency start past a flag.
    ///
    /// # Errors
    ///
    /// Storage failed.
    pub async fn keep_acute_attempt(
        &mut self,
        by: &By,
        person: PersonId,
        visit: &Consultation,
        words: &str,
    ) -> Result<(), Fault> {
        let sealed = self
            .seal_json(
                &visit.patient.to_string(),
                "acute_attempt",
                &visit.id.to_string(),
                &words,
            )
            .await?;
        let (tenant, now) = (self.tenant().to_string(), self.now().as_microsecond());
        sqlx::query(
            "INSERT INTO acute_attempt (tenant, consultation, words, said_by, said_at)
             VALUES ($1, $2, $3, $4, $5)
             ON CONFLICT (tenant, consultation) DO UPDATE SET words = $3, said_by = $4, said_at = $5",
        )
        .bind(tenant)
        .bind(visit.id.to_string())
        .bind(sealed)
        .bind(person.to_string())
        .bind(now)
        .execute(self.any())
        .await?;
        let (_, digest) = self.digest(words.as_bytes())?;
        self.record(
            by.under(IN_PERSON_FIRST, "warning.decided")
                .object("consultation", visit.id.to_string())
                .field("warning", "acute_flag_passed")
                .digest("attempt", digest),
        )
        .await?;
        Ok(())
    }
}
