//! Smoking cessation at rest: check-ups with their papers, and the courses that physicians signed, all of it sealed. Entries of
//! the ledger name neither result nor answer.

use crate::{
    By, Conn, Fault, Tx,
    by::Also as _,
    course::FileKind,
    pathway::SMOKING,
    place_list::digest,
    row::{Cells, json},
};
use access::PersonId;
use care::{
    Consultation, PatientId, Service,
    explanation::PLAN_TAG,
    pathway::Setting,
    smoking::{
        CHECKED_UP, Checkup, CheckupId, Course, CourseId, Facts, LOW_RISK, Signable, WEIGHED,
    },
};
use guideline::Clause;
use jiff::Timestamp;

/// What is judged and kept together is recorded under each of its clauses.
const OTHERS: [Clause; 2] = [LOW_RISK, WEIGHED];

/// A check-up as it is kept. No `Debug`: it is of a patient.
pub struct KeptCheckup {
    /// Its name.
    pub id: CheckupId,
    /// What it says.
    pub checkup: Checkup,
    /// Who entered it.
    pub by: PersonId,
    /// When.
    pub entered: Timestamp,
    /// SHA-256 of the paper.
    pub digest: String,
}

impl Conn {
    /// The newest check-up of a patient.
    ///
    /// # Errors
    ///
    /// Storage failed.
    pub async fn smoking_checkup(
        &mut self,
        patient: PatientId,
    ) -> Result<Option<KeptCheckup>, Fault> {
        let row = sqlx::query(
            "SELECT id, content, digest, entered_by, entered_at
             FROM smoking_checkup
             WHERE tenant = $1 AND patient = $2 -- smoking_checkup_by_patient
             ORDER BY entered_at DESC, id DESC
             LIMIT 1",
        )
        .bind(self.tenant().to_string())
        .bind(patient.to_string())
        .fetch_optional(self.any())
        .await?;
        let Some(row) = row else { return Ok(None) };
        let cells = Cells::of("smoking_checkup", &row);
        let id: CheckupId = cells.parsed("id")?;
        let sealed = cells.bytes("content")?;
        Ok(Some(KeptCheckup {
            id,
            checkup: self
                .unseal_json(
                    &patient.to_string(),
                    "smoking_checkup",
                    &id.to_string(),
                    &sealed,
                )
                .await?,
            by: cells.parsed("entered_by")?,
            entered: cells.instant("entered_at")?,
            digest: cells.text("digest")?,
        }))
    }

    /// The paper of a check-up.
    ///
    /// # Errors
    ///
    /// Storage failed.
    pub async fn smoking_paper(
        &mut self,
        patient: PatientId,
        id: CheckupId,
    ) -> Result<Option<(FileKind, Vec<u8>)>, Fault> {
        let row = sqlx::query(
            "SELECT id, file, kind
             FROM smoking_checkup
             WHERE tenant = $1 AND id = $2 AND patient = $3",
        )
        .bind(self.tenant().to_string())
        .bind(id.to_string())
        .bind(patient.to_string())
        .fetch_optional(self.any())
        .await?;
        let Some(row) = row else { return Ok(None) };
        let cells = Cells::of("smoking_checkup", &row);
        let kind = cells.word("kind", FileKind::parse)?;
        let sealed = cells.bytes("file")?;
        let file = self
            .unseal(&patient.to_string(), "smoking_checkup", &paper(id), &sealed)
            .await?;
        Ok(Some((kind, file)))
    }

    /// The newest course of a patient.
    ///
    /// # Errors
    ///
    /// Storage failed.
    pub async fn smoking_course(&mut self, patient: PatientId) -> Result<Option<Course>, Fault> {
        let row = sqlx::query(
            "SELECT id, plan_version, content, signed_at, acknowledged_at
             FROM smoking_course
             WHERE tenant = $1 AND patient = $2 -- smoking_course_by_patient
             ORDER BY signed_at DESC, id DESC
             LIMIT 1",
        )
        .bind(self.tenant().to_string())
        .bind(patient.to_string())
        .fetch_optional(self.any())
        .await?;
        let Some(row) = row else { return Ok(None) };
        let cells = Cells::of("smoking_course", &row);
        let id: CourseId = cells.parsed("id")?;
        let sealed = cells.bytes("content")?;
        Ok(Some(Course {
            id,
            patient,
            plan_version: cells.maybe_int("plan_version")?,
            terms: self
                .unseal_json(
                    &patient.to_string(),
                    "smoking_course",
                    &id.to_string(),
                    &sealed,
                )
                .await?,
            signed: cells.instant("signed_at")?,
            acknowledged: cells.maybe_instant("acknowledged_at")?,
        }))
    }

    /// What smoking cessation is judged by for a patient, whether there is a visit or not.
    ///
    /// # Errors
    ///
    /// Storage failed.
    pub async fn smoking_facts(&mut self, patient: PatientId) -> Result<Facts, Fault> {
        let assessments = self.assessments(patient).await?;
        Ok(Facts {
            setting: self.smoking_setting().await?,
            checkup: self
                .smoking_checkup(patient)
                .await?
                .map(|kept| kept.checkup),
            course: self.smoking_course(patient).await?,
            seen: assessments.into_iter().map(|(row, _)| row.on).collect(),
        })
    }

    /// What the institution has set for it.
    ///
    /// # Errors
    ///
    /// Storage failed.
    pub async fn smoking_setting(&mut self) -> Result<Option<Setting>, Fault> {
        self.pathway_setting(SMOKING).await
    }

    /// What a visit of this service is judged by; none in a visit of another kind.
    pub(crate) async fn smoking_of(
        &mut self,
        visit: &Consultation,
    ) -> Result<Option<Box<Facts>>, Fault> {
        if visit.service != Service::SmokingCessation {
            return Ok(None);
        }
        Ok(Some(Box::new(self.smoking_facts(visit.patient).await?)))
    }
}

/// The row under which the paper of a check-up is sealed: never that of its words.
fn paper(id: CheckupId) -> String {
    format!("{id}/paper")
}

impl Tx {
    /// Keeps a check-up with its paper. It was judged before.
    ///
    /// # Errors
    ///
    /// Storage failed.
    pub async fn keep_smoking_checkup(
        &mut self,
        by: &By,
        person: PersonId,
        patient: PatientId,
        (checkup, kind, file): (&Checkup, FileKind, &[u8]),
    ) -> Result<CheckupId, Fault> {
        let id = CheckupId(self.fresh_id()?);
        let owner = patient.to_string();
        let content = self
            .seal_json(&owner, "smoking_checkup", &id.to_string(), checkup)
            .await?;
        let sealed = self
            .seal(&owner, "smoking_checkup", &paper(id), file)
            .await?;
        let (tenant, now) = (self.tenant().to_string(), self.now().as_microsecond());
        sqlx::query(
            "INSERT INTO smoking_checkup (tenant, id, patient, content, file, kind, digest, entered_by, entered_at)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        )
        .bind(tenant)
        .bind(id.to_string())
        .bind(&owner)
        .bind(content)
        .bind(sealed)
        .bind(kind.media_type())
        .bind(digest(file))
        .bind(person.to_string())
        .bind(now)
        .execute(self.any())
        .await?;
        let (_, digest) = self.digest(json(checkup)?.as_bytes())?;
        let entry = by
            .under(CHECKED_UP, "checkup.entered")
            .object("patient", owner)
            .object("checkup", id.to_string())
            .digest("checkup", digest);
        let entry = self.reserved(entry, person).await?;
        self.record(entry).await?;
        Ok(id)
    }

    /// Keeps a course that a physician signs, with the proof that it may be signed, beside the version of the care plan in force.
    ///
    /// # Errors
    ///
    /// Storage failed.
    pub async fn sign_smoking_course(
        &mut self,
        by: &By,
        physician: PersonId,
        patient: PatientId,
        (terms, _proof): (&care::smoking::Terms, Signable),
    ) -> Result<CourseId, Fault> {
        let id = CourseId(self.fresh_id()?);
        let owner = patient.to_string();
        let version = self.plan_in_force(patient).await?.map(|plan| plan.version);
        let sealed = self
            .seal_json(&owner, "smoking_course", &id.to_string(), terms)
            .await?;
        let (tenant, now) = (self.tenant().to_string(), self.now().as_microsecond());
        sqlx::query(
            "INSERT INTO smoking_course (tenant, id, patient, plan_version, content, signed_by, signed_at)
             VALUES ($1, $2, $3, $4, $5, $6, $7)",
        )
        .bind(tenant)
        .bind(id.to_string())
        .bind(&owner)
        .bind(version)
        .bind(sealed)
        .bind(physician.to_string())
        .bind(now)
        .execute(self.any())
        .await?;
        let (_, digest) = self.digest(json(terms)?.as_bytes())?;
        let entry = by
            .under(CHECKED_UP, "plan.signed")
            .also(OTHERS)
            .object("patient", owner)
            .object("course", id.to_string())
            .field("plan_version", version.unwrap_or(0))
            .digest("course", digest);
        let entry = self.reserved(entry, physician).await?;
        self.record(entry).await?;
        Ok(id)
    }

    /// Keeps that the patient has read what the physician weighed.
    ///
    /// # Errors
    ///
    /// `Conflict` when it was kept before; or storage failed.
    pub async fn acknowledge_smoking_course(
        &mut self,
        by: &By,
        visit: &Consultation,
        course: &Course,
    ) -> Result<(), Fault> {
        let (tenant, now) = (self.tenant().to_string(), self.now().as_microsecond());
        let done = sqlx::query(
            "UPDATE smoking_course SET acknowledged_at = $1
             WHERE tenant = $2 AND id = $3 AND patient = $4 AND acknowledged_at IS NULL",
        )
        .bind(now)
        .bind(tenant)
        .bind(course.id.to_string())
        .bind(visit.patient.to_string())
        .execute(self.any())
        .await?;
        if done.rows_affected() == 0 {
            return Err(Fault::Conflict);
        }
        self.record(
            by.under(WEIGHED, "explanation.acknowledged")
                .object("patient", visit.patient.to_string())
                .object("consultation", visit.id.to_string())
                .object("course", course.id.to_string())
                .field("item", PLAN_TAG)
                .field("plan_version", course.plan_version.unwrap_or(0)),
        )
        .await?;
        Ok(())
    }
}
