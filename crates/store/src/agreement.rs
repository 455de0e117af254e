//! Explanations, wishes and agreements of a patient, and their entries in the chart.

use crate::{By, Conn, Fault, LegalText, Tx, row::Cells};
use access::PersonId;
use care::{
    Consultation, PatientId, PlanId,
    agreement::{self, Kind, Row, SYSTEM, Statement, Wish},
    explanation::{self, Explained, PLAN_TAG},
};
use jiff::Timestamp;
use ulid::Ulid;

impl Conn {
    /// What is known of a patient's agreements.
    ///
    /// # Errors
    ///
    /// Storage failed.
    pub async fn agreement_facts(&mut self, patient: PatientId) -> Result<agreement::Facts, Fault> {
        let mut rows = Vec::new();
        for kind in Kind::ALL {
            rows.extend(self.newest_agreement(patient, kind).await?);
        }
        let material = self
            .texts("agreement")
            .await?
            .iter()
            .filter_map(|text| Kind::parse(&text.tag).map(|kind| (kind, text.material)))
            .collect();
        Ok(agreement::Facts {
            wish: self.newest_wish(patient).await?,
            rows,
            material,
            statement: self.security_statement().await?,
        })
    }

    /// What is known of the explanations of a patient. The plan's items are added by the dossier.
    ///
    /// # Errors
    ///
    /// Storage failed.
    pub async fn explained_items(&mut self, patient: PatientId) -> Result<Vec<Explained>, Fault> {
        let rows = sqlx::query(
            "SELECT e.tag, e.material, e.acknowledged_at, e.given_by, e.given_at
             FROM explanation e
             WHERE e.tenant = $1 AND e.patient = $2
               AND e.material = (SELECT MAX(n.material) FROM explanation n
                                 WHERE n.tenant = e.tenant AND n.patient = e.patient AND n.tag = e.tag)
             LIMIT 50",
        )
        .bind(self.tenant().to_string())
        .bind(patient.to_string())
        .fetch_all(self.any())
        .await?;
        rows.iter()
            .map(|row| {
                let cells = Cells::of("explanation", row);
                Ok(Explained {
                    tag: cells.text("tag")?,
                    material: cells.int("material")?,
                    acknowledged: cells.maybe_instant("acknowledged_at")?,
                    given: both(
                        cells.maybe_parsed("given_by")?,
                        cells.maybe_instant("given_at")?,
                    ),
                })
            })
            .collect()
    }

    /// Tags that the patient wants to ask the physician about, with the seconds each page was open.
    ///
    /// # Errors
    ///
    /// Storage failed.
    pub async fn explanation_marks(
        &mut self,
        patient: PatientId,
    ) -> Result<Vec<(String, bool, i64)>, Fault> {
        let rows = sqlx::query(
            "SELECT tag, wants_to_ask, COALESCE(seconds, 0) AS seconds
             FROM explanation
             WHERE tenant = $1 AND patient = $2
             ORDER BY shown_at
             LIMIT 50",
        )
        .bind(self.tenant().to_string())
        .bind(patient.to_string())
        .fetch_all(self.any())
        .await?;
        rows.iter()
            .map(|row| {
                let cells = Cells::of("explanation", row);
                Ok((
                    cells.text("tag")?,
                    cells.flag("wants_to_ask")?,
                    cells.int("seconds")?,
                ))
            })
            .collect()
    }

    /// The security statement in force.
    ///
    /// # Errors
    ///
    /// Storage failed.
    pub async fn security_statement(&mut self) -> Result<Statement, Fault> {
        let row = sqlx::query(
            "SELECT material, vendor_at, institution_at
             FROM security_statement
             WHERE tenant = $1
             ORDER BY material DESC
             LIMIT 1",
        )
        .bind(self.tenant().to_string())
        .fetch_optional(self.any())
        .await?;
        let Some(row) = row else {
            return Ok(Statement {
                material: 1,
                vendor: None,
                institution: None,
            });
        };
        let cells = Cells::of("security_statement", &row);
        let material = cells.int("material")?;
        Ok(Statement {
            material,
            vendor: cells.maybe_int("vendor_at")?.map(|_| material),
            institution: cells.maybe_int("institution_at")?.map(|_| material),
        })
    }

    async fn newest_agreement(
        &mut self,
        patient: PatientId,
        kind: Kind,
    ) -> Result<Option<Row>, Fault> {
        let row = sqlx::query(
            "SELECT id, material, system, given_at, accepted_by, accepted_at, charted, withdrawn_at
             FROM agreement
             WHERE tenant = $1 AND patient = $2 AND kind = $3 -- agreement_by_patient
             ORDER BY given_at DESC, id DESC
             LIMIT 1",
        )
        .bind(self.tenant().to_string())
        .bind(patient.to_string())
        .bind(kind.as_str())
        .fetch_optional(self.any())
        .await?;
        row.map(|row| {
            let cells = Cells::of("agreement", &row);
            Ok(Row {
                kind,
                material: cells.int("material")?,
                system: cells.text("system")?,
                given: cells.instant("given_at")?,
                accepted: both(
                    cells.maybe_parsed("accepted_by")?,
                    cells.maybe_instant("accepted_at")?,
                ),
                withdrawn: cells.maybe_instant("withdrawn_at")?,
                charted: cells.maybe_text("charted")?.is_some(),
            })
        })
        .transpose()
    }

    async fn newest_wish(&mut self, patient: PatientId) -> Result<Option<Wish>, Fault> {
        let row = sqlx::query(
            "SELECT id, wants, stated_at, confirmed_by, confirmed_at
             FROM wish
             WHERE tenant = $1 AND patient = $2 -- wish_by_patient
             ORDER BY stated_at DESC, id DESC
             LIMIT 1",
        )
        .bind(self.tenant().to_string())
        .bind(patient.to_string())
        .fetch_optional(self.any())
        .await?;
        row.map(|row| {
            let cells = Cells::of("wish", &row);
            Ok(Wish {
                wants: cells.flag("wants")?,
                stated: cells.instant("stated_at")?,
                confirmed: both(
                    cells.maybe_parsed("confirmed_by")?,
                    cells.maybe_instant("confirmed_at")?,
                ),
            })
        })
        .transpose()
    }
}

/// How the patient left a page of the explanation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Left {
    /// Seconds the page was open.
    pub seconds: i64,
    /// "I would like to ask the physician before I decide."
    pub wants_to_ask: bool,
}

impl Tx {
    /// Keeps that a text was put on the patient's screen. Shown twice is one row.
    ///
    /// # Errors
    ///
    /// Storage failed.
    pub async fn keep_shown(
        &mut self,
        by: &By,
        visit: &Consultation,
        text: &LegalText,
    ) -> Result<(), Fault> {
        let (tenant, now) = (self.tenant().to_string(), self.now().as_microsecond());
        let done = sqlx::query(
            "INSERT INTO explanation (tenant, patient, tag, material, digest, consultation, shown_at, wants_to_ask)
             VALUES ($1, $2, $3, $4, $5, $6, $7, 0)
             ON CONFLICT (tenant, patient, tag, material) DO NOTHING",
        )
        .bind(tenant)
        .bind(visit.patient.to_string())
        .bind(&text.tag)
        .bind(text.material)
        .bind(&text.digest)
        .bind(visit.id.to_string())
        .bind(now)
        .execute(self.any())
        .await?;
        if done.rows_affected() == 1 {
            self.record(
                by.under(explanation::BEFORE_AGREEMENT, "explanation.shown")
                    .object("patient", visit.patient.to_string())
                    .field("item", text.tag.clone())
                    .field("text", text.digest.clone()),
            )
            .await?;
        }
        Ok(())
    }

    /// Keeps the acknowledgement of one item, in the version that was shown.
    ///
    /// # Errors
    ///
    /// Storage failed.
    pub async fn keep_acknowledged(
        &mut self,
        by: &By,
        visit: &Consultation,
        (tag, material): (&str, i64),
        left: Left,
    ) -> Result<(), Fault> {
        let (tenant, now) = (self.tenant().to_string(), self.now().as_microsecond());
        sqlx::query(
            "UPDATE explanation
             SET acknowledged_at = $1, seconds = $2, wants_to_ask = $3, proxy = $4
             WHERE tenant = $5 AND patient = $6 AND tag = $7 AND material = $8 AND acknowledged_at IS NULL",
        )
        .bind(now)
        .bind(left.seconds)
        .bind(i64::from(left.wants_to_ask))
        .bind(by.proxy().map(|proxy| proxy.to_string()))
        .bind(tenant)
        .bind(visit.patient.to_string())
        .bind(tag)
        .bind(material)
        .execute(self.any())
        .await?;
        self.record(
            by.under(explanation::BEFORE_AGREEMENT, "explanation.acknowledged")
                .object("patient", visit.patient.to_string())
                .field("item", tag)
                .field("material", material),
        )
        .await?;
        Ok(())
    }

    /// Keeps that the patient has read a version of the plan; it stands as the item `care_plan` of the explanation.
    ///
    /// # Errors
    ///
    /// Storage failed.
    pub async fn keep_plan_read(
        &mut self,
        by: &By,
        visit: &Consultation,
        (plan, version): (PlanId, i64),
        left: Left,
    ) -> Result<(), Fault> {
        let (tenant, now) = (self.tenant().to_string(), self.now().as_microsecond());
        sqlx::query(
            "INSERT INTO plan_reading (tenant, plan, patient, proxy, read_at, wants) VALUES ($1, $2, $3, $4, $5, $6)
             ON CONFLICT (tenant, plan) DO NOTHING",
        )
        .bind(&tenant)
        .bind(plan.to_string())
        .bind(visit.patient.to_string())
        .bind(by.proxy().map(|proxy| proxy.to_string()))
        .bind(now)
        .bind(i64::from(left.wants_to_ask))
        .execute(self.any())
        .await?;
        sqlx::query(
            "INSERT INTO explanation (tenant, patient, tag, material, digest, consultation, shown_at, acknowledged_at,
                                      seconds, wants_to_ask)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $7, $8, $9)
             ON CONFLICT (tenant, patient, tag, material) DO NOTHING",
        )
        .bind(&tenant)
        .bind(visit.patient.to_string())
        .bind(PLAN_TAG)
        .bind(version)
        .bind(plan.to_string())
        .bind(visit.id.to_string())
        .bind(now)
        .bind(left.seconds)
        .bind(i64::from(left.wants_to_ask))
        .execute(self.any())
        .await?;
        self.record(
            by.under(explanation::PLAN_SHOWN, "explanation.acknowledged")
                .object("patient", visit.patient.to_string())
                .object("plan", plan.to_string())
                .field("item", PLAN_TAG)
                .field("plan_version", version),
        )
        .await?;
        Ok(())
    }

    /// Keeps the wish as the patient states it.
    ///
    /// # Errors
    ///
    /// Storage failed.
    pub async fn keep_wish(
        &mut self,
        by: &By,
        visit: &Consultation,
        wants: bool,
    ) -> Result<(), Fault> {
        let id = self.fresh_id()?;
        let (tenant, now) = (self.tenant().to_string(), self.now().as_microsecond());
        sqlx::query(
            "INSERT INTO wish (tenant, id, patient, consultation, wants, proxy, stated_at) VALUES ($1, $2, $3, $4, $5, $6, $7)",
        )
        .bind(tenant)
        .bind(id.to_string())
        .bind(visit.patient.to_string())
        .bind(visit.id.to_string())
        .bind(i64::from(wants))
        .bind(by.proxy().map(|proxy| proxy.to_string()))
        .bind(now)
        .execute(self.any())
        .await?;
        self.record(
            by.under(agreement::WISH, "wish.stated")
                .object("patient", visit.patient.to_string())
                .object("consultation", visit.id.to_string())
                .field("wants", i64::from(wants)),
        )
        .await?;
        Ok(())
    }

    /// Keeps one agreement as the patient gives it: one row per kind.
    ///
    /// # Errors
    ///
    /// Storage failed.
    pub async fn keep_agreement(
        &mut self,
        by: &By,
        visit: &Consultation,
        kind: Kind,
        text: &LegalText,
    ) -> Result<(), Fault> {
        let id = self.fresh_id()?;
        let (tenant, now) = (self.tenant().to_string(), self.now().as_microsecond());
        sqlx::query(
            "INSERT INTO agreement (tenant, id, patient, consultation, kind, material, digest, system, proxy, device, given_at)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
        )
        .bind(tenant)
        .bind(id.to_string())
        .bind(visit.patient.to_string())
        .bind(visit.id.to_string())
        .bind(kind.as_str())
        .bind(text.material)
        .bind(&text.digest)
        .bind(SYSTEM)
        .bind(by.proxy().map(|proxy| proxy.to_string()))
        .bind(by.device().map(|device| device.to_string()).unwrap_or_default())
        .bind(now)
        .execute(self.any())
        .await?;
        self.record(
            by.under(kind.clause(), "agreement.given")
                .object("patient", visit.patient.to_string())
                .object("agreement", id.to_string())
                .field("kind", kind.as_str())
                .field("text", text.digest.clone()),
        )
        .await?;
        Ok(())
    }

    /// Keeps the patient's withdrawal of everything. It takes effect at once.
    ///
    /// # Errors
    ///
    /// Storage failed.
    pub async fn keep_withdrawal(&mut self, by: &By, patient: PatientId) -> Result<(), Fault> {
        let (tenant, now) = (self.tenant().to_string(), self.now().as_microsecond());
        sqlx::query("UPDATE agreement SET withdrawn_at = $1 WHERE tenant = $2 AND patient = $3 AND withdrawn_at IS NULL")
            .bind(now)
            .bind(tenant)
            .bind(patient.to_string())
            .execute(self.any())
            .await?;
        self.record(
            by.under(agreement::ONLINE_CARE, "agreement.withdrawn")
                .object("patient", patient.to_string()),
        )
        .await?;
        Ok(())
    }

    /// The physician's one press: explained, wish confirmed, agreement accepted, and each in the chart.
    ///
    /// # Errors
    ///
    /// Storage failed; then nothing of it is kept.
    pub async fn accept_agreement(
        &mut self,
        by: &By,
        physician: PersonId,
        visit: &Consultation,
    ) -> Result<(), Fault> {
        let (tenant, now) = (self.tenant().to_string(), self.now().as_microsecond());
        let patient = visit.patient.to_string();
        for (text, clause, subject) in [
            (
                "UPDATE explanation SET given_by = $1, given_at = $2
                 WHERE tenant = $3 AND patient = $4 AND acknowledged_at IS NOT NULL AND given_at IS NULL",
                explanation::BEFORE_AGREEMENT,
                "explanation.given",
            ),
            (
                "UPDATE wish SET confirmed_by = $1, confirmed_at = $2
                 WHERE tenant = $3 AND patient = $4 AND wants = 1 AND confirmed_at IS NULL",
                agreement::WISH,
                "wish.confirmed",
            ),
        ] {
            sqlx::query(text)
                .bind(physician.to_string())
                .bind(now)
                .bind(&tenant)
                .bind(&patient)
                .execute(self.any())
                .await?;
            self.record(by.under(clause, subject).object("patient", patient.clone())).await?;
        }
        self.chart_agreements(by, physician, visit).await
    }

    async fn chart_agreements(
        &mut self,
        by: &By,
        physician: PersonId,
        visit: &Consultation,
    ) -> Result<(), Fault> {
        let (tenant, now) = (self.tenant().to_string(), self.now().as_microsecond());
        let rows = sqlx::query(
            "SELECT id, kind, digest, given_at
             FROM agreement
             WHERE tenant = $1 AND patient = $2 AND accepted_at IS NULL AND withdrawn_at IS NULL
             ORDER BY given_at
             LIMIT 20",
        )
        .bind(&tenant)
        .bind(visit.patient.to_string())
        .fetch_all(self.any())
        .await?;
        if rows.is_empty() {
            return Ok(());
        }
        let mut lines = Vec::new();
        for row in &rows {
            let cells = Cells::of("agreement", row);
            lines.push((
                cells.text("kind")?,
                cells.text("digest")?,
                cells.instant("given_at")?.to_string(),
            ));
        }
        let note = self
            .chart_entry(physician, visit, "agreement", &lines)
            .await?;
        for row in &rows {
            let cells = Cells::of("agreement", row);
            let (id, kind) = (cells.text("id")?, cells.word("kind", Kind::parse)?);
            sqlx::query("UPDATE agreement SET accepted_by = $1, accepted_at = $2, charted = $3 WHERE tenant = $4 AND id = $5")
                .bind(physician.to_string())
                .bind(now)
                .bind(note.to_string())
                .bind(&tenant)
                .bind(&id)
                .execute(self.any())
                .await?;
            self.record(
                by.under(kind.clause(), "agreement.accepted")
                    .object("agreement", id.clone())
                    .field("kind", kind.as_str()),
            )
            .await?;
            self.record(
                by.under(care::record::AGREEMENT_CHARTED, "agreement.charted")
                    .object("agreement", id)
                    .object("note", note.to_string()),
            )
            .await?;
        }
        Ok(())
    }

    /// Writes a finished entry into the chart that is not a visit's note.
    pub(crate) async fn chart_entry<T: serde::Serialize + Sync>(
        &mut self,
        author: PersonId,
        visit: &Consultation,
        kind: &'static str,
        content: &T,
    ) -> Result<Ulid, Fault> {
        let id = self.fresh_id()?;
        let sealed = self
            .seal_json(&visit.patient.to_string(), "note", &id.to_string(), content)
            .await?;
        let (tenant, now) = (self.tenant().to_string(), self.now().as_microsecond());
        sqlx::query(
            "INSERT INTO note (tenant, id, patient, consultation, kind, version, content, author, written_at, finalized_at,
                               finalized_by)
             SELECT $1, $2, $3, $4, $5, COALESCE(MAX(version), 0) + 1, $6, $7, $8, $8, $7
             FROM note
             WHERE tenant = $1 AND consultation = $4 AND kind = $5",
        )
        .bind(tenant)
        .bind(id.to_string())
        .bind(visit.patient.to_string())
        .bind(visit.id.to_string())
        .bind(kind)
        .bind(sealed)
        .bind(author.to_string())
        .bind(now)
        .execute(self.any())
        .await?;
        Ok(id)
    }
}

fn both(person: Option<PersonId>, at: Option<Timestamp>) -> Option<(PersonId, Timestamp)> {
    person.zip(at)
}
