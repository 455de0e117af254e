//! Explanations, wishes and agreements of a patient, and their entries in the chart.

use crate::{
    By, Conn, Fault, LegalText, StandardPlan, Tx,
    by::Also as _,
    row::{Cells, json},
};
use access::PersonId;
use care::{
    Consultation, ConsultationId, PatientId, PlanId, ProxyId, Stage,
    agreement::{self, Kind, Row, SYSTEM, Statement, Wish},
    explanation::{self, Explained, PLAN_TAG, STANDARD_TAG},
    plan::{Item, Responsibility},
};
use guideline::Clause;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use ulid::Ulid;

impl Conn {
    /// What is known of a patient's agreements.
    ///
    /// # Errors
    ///
    /// Storage failed.
    pub async fn agreement_facts(&mut self, patient: PatientId) -> Result<agreement::Facts, Fault> {
        let rows = self.newest_agreements(patient).await?;
        let material = self
            .materials("agreement")
            .await?
            .into_iter()
            .filter_map(|(tag, material)| Kind::parse(&tag).map(|kind| (kind, material)))
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

    /// What is known of one version of the plan as an item of the explanation.
    ///
    /// # Errors
    ///
    /// Storage failed.
    pub(crate) async fn explained_plan(
        &mut self,
        patient: PatientId,
        version: i64,
    ) -> Result<Option<Explained>, Fault> {
        let row = sqlx::query(
            "SELECT tag AS id, material, acknowledged_at, given_by, given_at
             FROM explanation
             WHERE tenant = $1 AND patient = $2 AND tag = $3 AND material = $4",
        )
        .bind(self.tenant().to_string())
        .bind(patient.to_string())
        .bind(PLAN_TAG)
        .bind(version)
        .fetch_optional(self.any())
        .await?;
        row.map(|row| {
            let cells = Cells::of("explanation", &row);
            Ok(Explained {
                tag: PLAN_TAG.to_owned(),
                material: cells.int("material")?,
                acknowledged: cells.maybe_instant("acknowledged_at")?,
                given: both(
                    cells.maybe_parsed("given_by")?,
                    cells.maybe_instant("given_at")?,
                ),
            })
        })
        .transpose()
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

    /// The newest agreement of each kind, in the order of the kinds.
    async fn newest_agreements(&mut self, patient: PatientId) -> Result<Vec<Row>, Fault> {
        let rows = sqlx::query(
            "SELECT a.kind, a.material, a.system, a.given_at, a.accepted_by, a.accepted_at, a.charted, a.withdrawn_at
             FROM agreement a
             WHERE a.tenant = $1 AND a.patient = $2
               AND a.id = (SELECT n.id FROM agreement n
                           WHERE n.tenant = a.tenant AND n.patient = a.patient AND n.kind = a.kind -- agreement_by_patient
                           ORDER BY n.given_at DESC, n.id DESC
                           LIMIT 1)",
        )
        .bind(self.tenant().to_string())
        .bind(patient.to_string())
        .fetch_all(self.any())
        .await?;
        let mut newest = Vec::new();
        for row in &rows {
            let cells = Cells::of("agreement", row);
            newest.push(Row {
                kind: cells.word("kind", Kind::parse)?,
                material: cells.int("material")?,
                system: cells.text("system")?,
                given: cells.instant("given_at")?,
                accepted: both(
                    cells.maybe_parsed("accepted_by")?,
                    cells.maybe_instant("accepted_at")?,
                ),
                withdrawn: cells.maybe_instant("withdrawn_at")?,
                charted: cells.maybe_text("charted")?.is_some(),
            });
        }
        newest.sort_by_key(|row| Kind::ALL.iter().position(|kind| *kind == row.kind));
        Ok(newest)
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

impl Conn {
    async fn newest_wish_id(&mut self, patient: PatientId) -> Result<Option<String>, Fault> {
        let row = sqlx::query(
            "SELECT id FROM wish
             WHERE tenant = $1 AND patient = $2 -- wish_by_patient
             ORDER BY stated_at DESC, id DESC
             LIMIT 1",
        )
        .bind(self.tenant().to_string())
        .bind(patient.to_string())
        .fetch_optional(self.any())
        .await?;
        row.map(|row| Cells::of("wish", &row).text("id"))
            .transpose()
    }

    async fn newest_agreement_id(
        &mut self,
        patient: PatientId,
        kind: Kind,
    ) -> Result<Option<String>, Fault> {
        let row = sqlx::query(
            "SELECT id FROM agreement
             WHERE tenant = $1 AND patient = $2 AND kind = $3 -- agreement_by_patient
             ORDER BY given_at DESC, id DESC
             LIMIT 1",
        )
        .bind(self.tenant().to_string())
        .bind(patient.to_string())
        .bind(kind.as_str())
        .fetch_optional(self.any())
        .await?;
        row.map(|row| Cells::of("agreement", &row).text("id"))
            .transpose()
    }
}

/// What the chart says of an agreement: what was explained, in which text, both parties, and when (cl-2.5.1.1-iii-b).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AgreementEntry {
    /// Every item that was read and explained before.
    pub explained: Vec<ExplainedItem>,
    /// What the patient agreed to, one a kind.
    pub agreed: Vec<AgreedKind>,
    /// The physician who accepted.
    pub accepted_by: PersonId,
    /// When.
    pub accepted: Timestamp,
    /// Salt of its digest in the ledger.
    salt: [u8; 16],
}

/// One item of the explanation, as it stood when the agreement was taken.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExplainedItem {
    /// Its tag.
    pub item: String,
    /// Version of its substance.
    pub material: i64,
    /// Digest of the text that was shown; the plan's name, where it is the plan.
    pub text: String,
    /// When the patient acknowledged it.
    pub acknowledged: Timestamp,
    /// When the physician marked it as explained.
    pub explained: Timestamp,
}

/// One agreement of the patient.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AgreedKind {
    /// What was agreed to.
    pub kind: Kind,
    /// Version of its substance.
    pub material: i64,
    /// Digest of the text.
    pub text: String,
    /// When the patient gave it.
    pub given: Timestamp,
    /// Who spoke for the patient, if a proxy did.
    pub proxy: Option<ProxyId>,
}

impl AgreementEntry {
    /// The digest that the ledger holds of it.
    pub(crate) fn digest(&self) -> Result<ledger::Digest, Fault> {
        Ok(ledger::Digest::salted(&self.salt, json(self)?.as_bytes()))
    }
}

/// The clause that asks for an item of the explanation.
fn clause_of(tag: &str) -> Clause {
    if tag.starts_with(crate::plan::BOUNDARY_TAG) {
        return care::plan::RESPONSIBILITY;
    }
    explanation::MANDATORY
        .into_iter()
        .chain([
            (PLAN_TAG, explanation::PLAN_SHOWN),
            (STANDARD_TAG, explanation::PLAN_SHOWN),
        ])
        .find(|(known, _)| *known == tag)
        .map_or(explanation::BEFORE_AGREEMENT, |(_, clause)| clause)
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
                by.under(clause_of(&text.tag), "explanation.shown")
                    .also([explanation::BEFORE_AGREEMENT])
                    .object("patient", visit.patient.to_string())
                    .object("consultation", visit.id.to_string())
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
            by.under(clause_of(tag), "explanation.acknowledged")
                .also([explanation::BEFORE_AGREEMENT])
                .object("patient", visit.patient.to_string())
                .object("consultation", visit.id.to_string())
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
                .also([explanation::BEFORE_AGREEMENT])
                .also(Item::ALL.map(Item::clause))
                .object("patient", visit.patient.to_string())
                .object("consultation", visit.id.to_string())
                .object("plan", plan.to_string())
                .field("item", PLAN_TAG)
                .field("plan_version", version),
        )
        .await?;
        Ok(())
    }

    /// Keeps that the patient has read the institution's standard draft, at a first visit without a plan (cl-1.1-iv-c).
    ///
    /// # Errors
    ///
    /// Storage failed.
    pub async fn keep_standard_read(
        &mut self,
        by: &By,
        visit: &Consultation,
        standard: &StandardPlan,
        left: Left,
    ) -> Result<(), Fault> {
        let (tenant, now) = (self.tenant().to_string(), self.now().as_microsecond());
        sqlx::query(
            "INSERT INTO explanation (tenant, patient, tag, material, digest, consultation, shown_at, acknowledged_at,
                                      seconds, wants_to_ask, proxy)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $7, $8, $9, $10)
             ON CONFLICT (tenant, patient, tag, material) DO NOTHING",
        )
        .bind(&tenant)
        .bind(visit.patient.to_string())
        .bind(STANDARD_TAG)
        .bind(standard.material)
        .bind(&standard.digest)
        .bind(visit.id.to_string())
        .bind(now)
        .bind(left.seconds)
        .bind(i64::from(left.wants_to_ask))
        .bind(by.proxy().map(|proxy| proxy.to_string()))
        .execute(self.any())
        .await?;
        self.record(
            by.under(explanation::PLAN_SHOWN, "explanation.acknowledged")
                .also([explanation::BEFORE_AGREEMENT])
                .object("patient", visit.patient.to_string())
                .object("consultation", visit.id.to_string())
                .field("item", PLAN_TAG)
                .field("standard_material", standard.material)
                .field("text", standard.digest.clone()),
        )
        .await?;
        Ok(())
    }

    /// Keeps that the patient has read who answers for which part of the way now, after an owner changed (cl-1.3-i-i).
    ///
    /// # Errors
    ///
    /// Storage failed.
    pub async fn keep_boundary_read(
        &mut self,
        by: &By,
        visit: &Consultation,
        (plan, register): (PlanId, &Responsibility),
        left: Left,
    ) -> Result<(), Fault> {
        let (tenant, now) = (self.tenant().to_string(), self.now().as_microsecond());
        sqlx::query(
            "INSERT INTO explanation (tenant, patient, tag, material, digest, consultation, shown_at, acknowledged_at,
                                      seconds, wants_to_ask, proxy)
             VALUES ($1, $2, $3, 1, $4, $5, $6, $6, $7, $8, $9)
             ON CONFLICT (tenant, patient, tag, material) DO NOTHING",
        )
        .bind(&tenant)
        .bind(visit.patient.to_string())
        .bind(crate::plan::boundary_tag(register))
        .bind(&register.digest)
        .bind(visit.id.to_string())
        .bind(now)
        .bind(left.seconds)
        .bind(i64::from(left.wants_to_ask))
        .bind(by.proxy().map(|proxy| proxy.to_string()))
        .execute(self.any())
        .await?;
        self.record(
            by.under(care::plan::RESPONSIBILITY, "explanation.acknowledged")
                .also([explanation::PLAN_SHOWN])
                .object("patient", visit.patient.to_string())
                .object("consultation", visit.id.to_string())
                .object("plan", plan.to_string())
                .field("item", Item::Responsibility.as_str())
                .field("text", register.digest.clone()),
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
                .object("wish", id.to_string())
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
        let wish = self.newest_wish_id(visit.patient).await?;
        let mut entry = by
            .under(kind.clause(), "agreement.given")
            .object("patient", visit.patient.to_string())
            .object("consultation", visit.id.to_string())
            .object("agreement", id.to_string())
            .field("kind", kind.as_str())
            .field("text", text.digest.clone());
        if let Some(wish) = wish {
            entry = entry.object("wish", wish);
        }
        self.record(entry).await?;
        Ok(())
    }

    /// Keeps the patient's withdrawal of everything. It takes effect at once.
    ///
    /// # Errors
    ///
    /// Storage failed.
    pub async fn keep_withdrawal(
        &mut self,
        by: &By,
        patient: PatientId,
        visit: ConsultationId,
    ) -> Result<(), Fault> {
        let (tenant, now) = (self.tenant().to_string(), self.now().as_microsecond());
        sqlx::query("UPDATE agreement SET withdrawn_at = $1 WHERE tenant = $2 AND patient = $3 AND withdrawn_at IS NULL")
            .bind(now)
            .bind(tenant)
            .bind(patient.to_string())
            .execute(self.any())
            .await?;
        self.record(
            by.under(agreement::ONLINE_CARE, "agreement.withdrawn")
                .object("patient", patient.to_string())
                .object("consultation", visit.to_string()),
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
        let explained = self.mark_explained(by, physician, visit, &[]).await?;
        self.confirm_wish(by, physician, visit).await?;
        self.chart_agreements(by, physician, visit, explained).await
    }

    /// Marks what the patient has acknowledged as explained by the physician, but for the items left out (cl-1.1-iv); answers
    /// with every item that is explained.
    ///
    /// # Errors
    ///
    /// Storage failed.
    pub async fn mark_explained(
        &mut self,
        by: &By,
        physician: PersonId,
        visit: &Consultation,
        left: &[String],
    ) -> Result<Vec<ExplainedItem>, Fault> {
        let (tenant, now) = (self.tenant().to_string(), self.now());
        let rows = sqlx::query(
            "SELECT tag AS id, material, digest, acknowledged_at, given_at
             FROM explanation
             WHERE tenant = $1 AND patient = $2 AND acknowledged_at IS NOT NULL
             ORDER BY tag, material
             LIMIT 100",
        )
        .bind(&tenant)
        .bind(visit.patient.to_string())
        .fetch_all(self.any())
        .await?;
        let mut items = Vec::new();
        for row in &rows {
            let cells = Cells::of("explanation", row);
            let given = cells.maybe_instant("given_at")?;
            let item = ExplainedItem {
                item: cells.text("id")?,
                material: cells.int("material")?,
                text: cells.text("digest")?,
                acknowledged: cells.instant("acknowledged_at")?,
                explained: given.unwrap_or(now),
            };
            if given.is_none() && left.contains(&item.item) {
                continue;
            }
            if given.is_none() {
                sqlx::query(
                    "UPDATE explanation SET given_by = $1, given_at = $2
                     WHERE tenant = $3 AND patient = $4 AND tag = $5 AND material = $6",
                )
                .bind(physician.to_string())
                .bind(now.as_microsecond())
                .bind(&tenant)
                .bind(visit.patient.to_string())
                .bind(&item.item)
                .bind(item.material)
                .execute(self.any())
                .await?;
                let entry = by
                    .under(clause_of(&item.item), "explanation.given")
                    .also([explanation::BEFORE_AGREEMENT])
                    .object("patient", visit.patient.to_string())
                    .object("consultation", visit.id.to_string())
                    .field("item", item.item.clone())
                    .field("material", item.material)
                    .field("text", item.text.clone());
                let entry = match owed_since(visit) {
                    // How long the patient went without it (cl-1.1-iv-d).
                    Some(since) => entry
                        .also([care::consultation::EMERGENCY])
                        .field("seconds_owed", now.duration_since(since).as_secs()),
                    None => entry,
                };
                self.record(entry).await?;
            }
            items.push(item);
        }
        Ok(items)
    }

    async fn confirm_wish(
        &mut self,
        by: &By,
        physician: PersonId,
        visit: &Consultation,
    ) -> Result<(), Fault> {
        let (tenant, now) = (self.tenant().to_string(), self.now().as_microsecond());
        let wish = self.newest_wish_id(visit.patient).await?;
        let agreement = self
            .newest_agreement_id(visit.patient, Kind::OnlineCare)
            .await?;
        let done = sqlx::query(
            "UPDATE wish SET confirmed_by = $1, confirmed_at = $2
             WHERE tenant = $3 AND patient = $4 AND wants = 1 AND confirmed_at IS NULL",
        )
        .bind(physician.to_string())
        .bind(now)
        .bind(&tenant)
        .bind(visit.patient.to_string())
        .execute(self.any())
        .await?;
        if done.rows_affected() == 0 {
            return Ok(());
        }
        let mut entry = by
            .under(agreement::WISH, "wish.confirmed")
            .object("patient", visit.patient.to_string())
            .object("consultation", visit.id.to_string());
        for (kind, id) in [("wish", wish), ("agreement", agreement)] {
            if let Some(id) = id {
                entry = entry.object(kind, id);
            }
        }
        self.record(entry).await?;
        Ok(())
    }

    async fn chart_agreements(
        &mut self,
        by: &By,
        physician: PersonId,
        visit: &Consultation,
        explained: Vec<ExplainedItem>,
    ) -> Result<(), Fault> {
        let (tenant, now) = (self.tenant().to_string(), self.now());
        let rows = sqlx::query(
            "SELECT id, kind, material, digest, proxy, given_at
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
        let mut agreed = Vec::new();
        let mut ids = Vec::new();
        for row in &rows {
            let cells = Cells::of("agreement", row);
            let kind = cells.word("kind", Kind::parse)?;
            ids.push((cells.text("id")?, kind));
            agreed.push(AgreedKind {
                kind,
                material: cells.int("material")?,
                text: cells.text("digest")?,
                given: cells.instant("given_at")?,
                proxy: cells.maybe_parsed("proxy")?,
            });
        }
        let (salt, _) = self.digest(&[])?;
        let entry = AgreementEntry {
            explained,
            agreed,
            accepted_by: physician,
            accepted: now,
            salt,
        };
        let digest = entry.digest()?;
        let note = self
            .chart_entry(physician, visit, crate::chart::AGREEMENT, &entry)
            .await?;
        for (id, kind) in ids {
            sqlx::query("UPDATE agreement SET accepted_by = $1, accepted_at = $2, charted = $3 WHERE tenant = $4 AND id = $5")
                .bind(physician.to_string())
                .bind(now.as_microsecond())
                .bind(note.to_string())
                .bind(&tenant)
                .bind(&id)
                .execute(self.any())
                .await?;
            self.record(
                by.under(kind.clause(), "agreement.accepted")
                    .object("patient", visit.patient.to_string())
                    .object("consultation", visit.id.to_string())
                    .object("agreement", id.clone())
                    .field("kind", kind.as_str()),
            )
            .await?;
            self.record(
                by.under(care::record::AGREEMENT_CHARTED, "agreement.charted")
                    .object("consultation", visit.id.to_string())
                    .object("agreement", id)
                    .object("note", note.to_string())
                    .digest("entry", digest),
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

/// When an emergency start began without the explanation.
fn owed_since(visit: &Consultation) -> Option<Timestamp> {
    visit.emergency.as_ref()?;
    match visit.stage {
        Stage::Live { since }
        | Stage::Ended { since, .. }
        | Stage::Documented { since, .. }
        | Stage::Closed { since, .. } => Some(since),
        Stage::Requested
        | Stage::Booked
        | Stage::Checks { .. }
        | Stage::Declined
        | Stage::SwitchedInPerson
        | Stage::NotPerformed
        | Stage::Aborted => None,
    }
}
