//! Care plans, the assessments they rest on, and the boundary they name.

use crate::{
    By, Conn, Fault, Tx,
    by::Also as _,
    row::{Cells, json},
};
use access::PersonId;
use care::{
    InPersonId, PatientId, PlanId,
    plan::{
        self, Assessment, Basis, Diagnosis, Draft, Item, Plan, PlanState, Responsibility, Segment,
    },
};
use jiff::{Timestamp, civil::Date};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use sqlx::any::AnyRow;

/// Open plans that one list looks at.
pub const OPEN_PLANS_MAX: i64 = 1000;

/// What an assessment in person says. Sealed; no `Debug`.
#[derive(Clone, Serialize, Deserialize)]
pub struct AssessmentContent {
    /// Coded diagnoses.
    pub diagnoses: Vec<Diagnosis>,
    /// Findings in words.
    pub findings: String,
}

/// A plan version with what only the desk shows.
#[derive(Clone)]
pub struct PlanVersion {
    /// The plan.
    pub plan: Plan,
    /// When it was written.
    pub created: Timestamp,
    /// When it was put on the patient's screen.
    pub shown: Option<Timestamp>,
    /// When the patient read it, and whether a change is wished.
    pub read: Option<(Timestamp, bool)>,
}

impl Conn {
    /// Every version of a patient's plan, newest first.
    ///
    /// # Errors
    ///
    /// Storage failed.
    pub async fn plans(&mut self, patient: PatientId) -> Result<Vec<PlanVersion>, Fault> {
        let rows = sqlx::query(
            "SELECT p.id, p.patient, p.version, p.state, p.basis, p.content, p.created_at, p.shown_at, p.signed_by, p.signed_at,
                    p.ended_at, r.read_at, r.wants
             FROM plan p
             LEFT JOIN plan_reading r ON r.tenant = p.tenant AND r.plan = p.id
             WHERE p.tenant = $1 AND p.patient = $2
             ORDER BY p.version DESC
             LIMIT 100",
        )
        .bind(self.tenant().to_string())
        .bind(patient.to_string())
        .fetch_all(self.any())
        .await?;
        let mut plans = Vec::new();
        for row in &rows {
            plans.push(self.plan_version(row).await?);
        }
        Ok(plans)
    }

    /// The version in force: the newest signed one that has not ended.
    ///
    /// # Errors
    ///
    /// Storage failed.
    pub async fn plan_in_force(&mut self, patient: PatientId) -> Result<Option<Plan>, Fault> {
        let versions = self.plans(patient).await?;
        Ok(versions
            .into_iter()
            .map(|version| version.plan)
            .find(|plan| matches!(plan.state, PlanState::Signed { .. })))
    }

    /// Assessments in person of a patient, newest first.
    ///
    /// # Errors
    ///
    /// Storage failed.
    pub async fn assessments(
        &mut self,
        patient: PatientId,
    ) -> Result<Vec<(Assessment, AssessmentContent)>, Fault> {
        let rows = sqlx::query(
            "SELECT id, patient, physician, on_date, content
             FROM assessment
             WHERE tenant = $1 AND patient = $2 -- assessment_by_patient
             ORDER BY on_date DESC, id DESC
             LIMIT 100",
        )
        .bind(self.tenant().to_string())
        .bind(patient.to_string())
        .fetch_all(self.any())
        .await?;
        let mut assessments = Vec::new();
        for row in &rows {
            let cells = Cells::of("assessment", row);
            let id: InPersonId = cells.parsed("id")?;
            let sealed = cells.bytes("content")?;
            let content: AssessmentContent = self
                .unseal_json(&patient.to_string(), "assessment", &id.to_string(), &sealed)
                .await?;
            let assessment = Assessment {
                id,
                patient: cells.parsed("patient")?,
                physician: cells.parsed("physician")?,
                on: cells.date("on_date")?,
                codes: content
                    .diagnoses
                    .iter()
                    .map(|diagnosis| diagnosis.code.clone())
                    .collect(),
                has_findings: !content.findings.trim().is_empty(),
            };
            assessments.push((assessment, content));
        }
        Ok(assessments)
    }

    /// Item 9 as the boundary register gives it now.
    ///
    /// # Errors
    ///
    /// Storage failed.
    pub async fn responsibility(&mut self) -> Result<Responsibility, Fault> {
        let rows = sqlx::query(
            "SELECT segment AS id, owners
             FROM boundary
             WHERE tenant = $1
             ORDER BY place
             LIMIT 50",
        )
        .bind(self.tenant().to_string())
        .fetch_all(self.any())
        .await?;
        let mut segments = Vec::new();
        let mut hash = Sha256::new();
        for row in &rows {
            let cells = Cells::of("boundary", row);
            let segment = Segment {
                name: cells.text("id")?,
                owners: cells.json("owners")?,
            };
            hash.update(json(&segment)?);
            segments.push(segment);
        }
        let digest = crate::engine::hex(&hash.finalize());
        Ok(Responsibility { segments, digest })
    }

    /// Plans in force whose partner for a sudden change has lapsed (finding `acute_institution_expired`).
    ///
    /// # Errors
    ///
    /// Storage failed.
    pub async fn plans_in_force(&mut self) -> Result<Vec<Plan>, Fault> {
        let rows = sqlx::query(
            "SELECT p.id, p.patient, p.version, p.state, p.basis, p.content, p.created_at, p.shown_at, p.signed_by, p.signed_at,
                    p.ended_at, r.read_at, r.wants
             FROM plan p
             LEFT JOIN plan_reading r ON r.tenant = p.tenant AND r.plan = p.id
             WHERE p.tenant = $1 AND p.state = 'signed'
             ORDER BY p.patient
             LIMIT 5000",
        )
        .bind(self.tenant().to_string())
        .fetch_all(self.any())
        .await?;
        let mut plans = Vec::new();
        for row in &rows {
            plans.push(self.plan_version(row).await?.plan);
        }
        Ok(plans)
    }

    /// Plans that are written or in force, patient by patient: at most [`OPEN_PLANS_MAX`].
    ///
    /// # Errors
    ///
    /// Storage failed.
    pub async fn open_plans(&mut self) -> Result<Vec<PlanVersion>, Fault> {
        let rows = sqlx::query(
            "SELECT p.id, p.patient, p.version, p.state, p.basis, p.content, p.created_at, p.shown_at, p.signed_by, p.signed_at,
                    p.ended_at, r.read_at, r.wants
             FROM plan p
             LEFT JOIN plan_reading r ON r.tenant = p.tenant AND r.plan = p.id
             WHERE p.tenant = $1 AND p.state IN ('draft', 'signed')
             ORDER BY p.patient, p.version
             LIMIT $2",
        )
        .bind(self.tenant().to_string())
        .bind(OPEN_PLANS_MAX)
        .fetch_all(self.any())
        .await?;
        let mut plans = Vec::new();
        for row in &rows {
            plans.push(self.plan_version(row).await?);
        }
        Ok(plans)
    }

    /// What the rule of item 2 counts for one patient, outside any visit.
    ///
    /// # Errors
    ///
    /// Storage failed.
    pub async fn seen(&mut self, patient: PatientId) -> Result<plan::Facts, Fault> {
        let in_person: Vec<Date> = self
            .assessments(patient)
            .await?
            .into_iter()
            .map(|(assessment, _)| assessment.on)
            .collect();
        Ok(plan::Facts {
            in_force: None,
            online_since: self
                .online_since(patient, in_person.iter().max().copied())
                .await?,
            in_person,
            rejudged: None,
            external_service: None,
            treated: Vec::new(),
            unplanned: None,
        })
    }

    /// The boundary register, where some part of the way has another owner now than in this plan in force, and the patient
    /// has not read that yet (cl-1.3-i-i).
    ///
    /// # Errors
    ///
    /// Storage failed.
    pub async fn boundary_to_show(
        &mut self,
        patient: PatientId,
        plan: &Plan,
    ) -> Result<Option<Responsibility>, Fault> {
        let register = self.responsibility().await?;
        if register.segments.is_empty()
            || care::plan::owner_moved(std::slice::from_ref(plan), &register).is_empty()
        {
            return Ok(None);
        }
        let tag = boundary_tag(&register);
        let read = self
            .explained_items(patient)
            .await?
            .iter()
            .any(|row| row.tag == tag && row.acknowledged.is_some());
        Ok((!read).then_some(register))
    }

    async fn plan_version(&mut self, row: &AnyRow) -> Result<PlanVersion, Fault> {
        let cells = Cells::of("plan", row);
        let id: PlanId = cells.parsed("id")?;
        let patient: PatientId = cells.parsed("patient")?;
        let signed = cells
            .maybe_parsed("signed_by")?
            .zip(cells.maybe_instant("signed_at")?);
        let state = match (
            cells.text("state")?.as_str(),
            signed,
            cells.maybe_instant("ended_at")?,
        ) {
            ("draft", None, None) => PlanState::Draft,
            ("signed", Some((by, at)), None) => PlanState::Signed { by, at },
            ("ended", _, Some(at)) => PlanState::Ended { at },
            _ => return Err(cells.corrupt("state")),
        };
        let sealed = cells.bytes("content")?;
        let read = match cells.maybe_instant("read_at")? {
            Some(at) => Some((at, cells.flag("wants")?)),
            None => None,
        };
        Ok(PlanVersion {
            plan: Plan {
                id,
                patient,
                version: cells.int("version")?,
                basis: cells.maybe_json("basis")?,
                draft: self
                    .unseal_json(&patient.to_string(), "plan", &id.to_string(), &sealed)
                    .await?,
                state,
            },
            created: cells.instant("created_at")?,
            shown: cells.maybe_instant("shown_at")?,
            read,
        })
    }
}

impl Tx {
    /// Writes a new version of a plan as a draft, and offers it to the patient.
    ///
    /// # Errors
    ///
    /// Storage failed.
    pub async fn draft_plan(
        &mut self,
        by: &By,
        author: PersonId,
        patient: PatientId,
        basis: Option<Basis>,
        draft: &Draft,
    ) -> Result<PlanId, Fault> {
        let id = PlanId(self.fresh_id()?);
        let sealed = self
            .seal_json(&patient.to_string(), "plan", &id.to_string(), draft)
            .await?;
        let basis = basis.as_ref().map(json).transpose()?;
        let (tenant, now) = (self.tenant().to_string(), self.now().as_microsecond());
        sqlx::query(
            "INSERT INTO plan (tenant, id, patient, version, state, basis, content, created_at, created_by, shown_at)
             SELECT $1, $2, $3, COALESCE(MAX(version), 0) + 1, 'draft', $4, $5, $6, $7, $6
             FROM plan
             WHERE tenant = $1 AND patient = $3",
        )
        .bind(tenant)
        .bind(id.to_string())
        .bind(patient.to_string())
        .bind(basis)
        .bind(sealed)
        .bind(now)
        .bind(author.to_string())
        .execute(self.any())
        .await?;
        self.record(
            by.entry("plan.kept")
                .object("patient", patient.to_string())
                .object("plan", id.to_string()),
        )
        .await?;
        Ok(id)
    }

    /// Signs a version and ends the one before. The caller holds the core's permission.
    ///
    /// # Errors
    ///
    /// Storage failed, or another request signed first.
    pub async fn sign_plan(
        &mut self,
        by: &By,
        physician: PersonId,
        plan: &Plan,
        signable: care::plan::SignablePlan,
    ) -> Result<(), Fault> {
        let (tenant, now) = (self.tenant().to_string(), self.now().as_microsecond());
        sqlx::query("UPDATE plan SET state = 'ended', ended_at = $1 WHERE tenant = $2 AND patient = $3 AND state = 'signed'")
            .bind(now)
            .bind(&tenant)
            .bind(plan.patient.to_string())
            .execute(self.any())
            .await?;
        let done = sqlx::query(
            "UPDATE plan SET state = 'signed', signed_by = $1, signed_at = $2
             WHERE tenant = $3 AND id = $4 AND state = 'draft'",
        )
        .bind(physician.to_string())
        .bind(now)
        .bind(&tenant)
        .bind(signable.id().to_string())
        .execute(self.any())
        .await?;
        if done.rows_affected() != 1 {
            return Err(Fault::Conflict);
        }
        let (_, digest) = self.digest(json(&plan.draft)?.as_bytes())?;
        let entry = by
            .under(care::plan::ASSESSED_FIRST, "plan.signed")
            .also(Item::ALL.map(Item::clause))
            .also([care::record::RESERVED_ACTS])
            .object("patient", plan.patient.to_string())
            .object("plan", plan.id.to_string())
            .field("version", plan.version)
            .digest("plan", digest);
        let entry = self.reserved(entry, physician).await?;
        self.record(entry).await?;
        Ok(())
    }

    /// Withdraws the plan in force. The caller holds the core's word.
    ///
    /// # Errors
    ///
    /// `Conflict` when it is not in force any more; or storage failed.
    pub async fn withdraw_plan(
        &mut self,
        by: &By,
        physician: PersonId,
        plan: &Plan,
        reason: &str,
    ) -> Result<(), Fault> {
        let (tenant, now) = (self.tenant().to_string(), self.now().as_microsecond());
        let done = sqlx::query(
            "UPDATE plan SET state = 'ended', ended_at = $1
             WHERE tenant = $2 AND id = $3 AND state = 'signed'",
        )
        .bind(now)
        .bind(tenant)
        .bind(plan.id.to_string())
        .execute(self.any())
        .await?;
        if done.rows_affected() != 1 {
            return Err(Fault::Conflict);
        }
        let (_, digest) = self.digest(reason.as_bytes())?;
        let entry = by
            .under(care::plan::ASSESSED_FIRST, "plan.withdrawn")
            .object("patient", plan.patient.to_string())
            .object("plan", plan.id.to_string())
            .field("version", plan.version)
            .digest("reason", digest);
        let entry = self.reserved(entry, physician).await?;
        self.record(entry).await?;
        Ok(())
    }

    /// Deletes a plan version whose retention is over; anything younger is refused by the caller's rule and here again.
    ///
    /// # Errors
    ///
    /// `Conflict` when the version is in force or was ended less than two years ago.
    pub async fn expire_plan(&mut self, plan: &Plan, today: Date) -> Result<(), Fault> {
        let PlanState::Ended { at } = plan.state else {
            return Err(Fault::Conflict);
        };
        let ended = at.to_zoned(jiff::tz::TimeZone::UTC).date();
        if today < care::plan::deletable_from(ended) {
            return Err(Fault::Conflict);
        }
        let tenant = self.tenant().to_string();
        sqlx::query("DELETE FROM plan_reading WHERE tenant = $1 AND plan = $2")
            .bind(&tenant)
            .bind(plan.id.to_string())
            .execute(self.any())
            .await?;
        sqlx::query("DELETE FROM plan WHERE tenant = $1 AND id = $2")
            .bind(&tenant)
            .bind(plan.id.to_string())
            .execute(self.any())
            .await?;
        self.record(
            By::System
                .entry("retention.expired")
                .object("plan", plan.id.to_string()),
        )
        .await?;
        Ok(())
    }

    /// Records an assessment in person.
    ///
    /// # Errors
    ///
    /// Storage failed.
    pub async fn add_assessment(
        &mut self,
        by: &By,
        patient: PatientId,
        physician: PersonId,
        on: Date,
        content: &AssessmentContent,
    ) -> Result<InPersonId, Fault> {
        let id = InPersonId(self.fresh_id()?);
        let sealed = self
            .seal_json(&patient.to_string(), "assessment", &id.to_string(), content)
            .await?;
        let tenant = self.tenant().to_string();
        sqlx::query(
            "INSERT INTO assessment (tenant, id, patient, physician, on_date, content) VALUES ($1, $2, $3, $4, $5, $6)",
        )
        .bind(tenant)
        .bind(id.to_string())
        .bind(patient.to_string())
        .bind(physician.to_string())
        .bind(on.to_string())
        .bind(sealed)
        .execute(self.any())
        .await?;
        self.record(
            by.entry("in_person.recorded")
                .object("patient", patient.to_string())
                .object("assessment", id.to_string()),
        )
        .await?;
        Ok(id)
    }

    /// Sets who answers for one part of the way.
    ///
    /// # Errors
    ///
    /// Storage failed.
    pub async fn put_boundary(
        &mut self,
        by: &By,
        place: i64,
        segment: &Segment,
    ) -> Result<(), Fault> {
        let tenant = self.tenant().to_string();
        sqlx::query(
            "INSERT INTO boundary (tenant, segment, place, owners) VALUES ($1, $2, $3, $4)
             ON CONFLICT (tenant, segment) DO UPDATE SET place = excluded.place, owners = excluded.owners",
        )
        .bind(tenant)
        .bind(&segment.name)
        .bind(place)
        .bind(json(&segment.owners)?)
        .execute(self.any())
        .await?;
        self.record(
            by.under(care::plan::RESPONSIBILITY, "boundary.signed")
                .field("segment", segment.name.clone()),
        )
        .await?;
        Ok(())
    }
}

/// The tag under which it is kept that a patient has read who answers for which part of the way, as the register says now.
pub(crate) fn boundary_tag(register: &Responsibility) -> String {
    let digest: String = register.digest.chars().take(BOUNDARY_TAG_CHARS).collect();
    format!("{BOUNDARY_TAG}{digest}")
}

/// How such tags begin.
pub(crate) const BOUNDARY_TAG: &str = "responsibility:";
/// So much of the digest tells two states of the register apart.
const BOUNDARY_TAG_CHARS: usize = 32;
