//! Emergency contraception at rest: one case from the question to the end of its course, all of it sealed; the pharmacist's
//! report, and attempts to reach the patient. Entries of the ledger name neither ground nor answer.

use crate::{
    By, Conn, Fault, Tx,
    pathway::CONTRACEPTION,
    row::{Cells, json},
};
use access::PersonId;
use care::{
    Consultation, ConsultationId, PatientId, Service,
    emergency_contraception::{
        ADVICE_DAYS, Bookable, Case, CaseId, Ended, Facts, Kept, OUTCOME_DAYS, PHARMACIST,
        REPORT_DAYS, Report, THREE_WEEKS,
    },
    task::{Kind, Opening, in_days},
};
use guideline::Clause;
use jiff::{Timestamp, civil::Date};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use sqlx::any::AnyRow;

/// Cases of one patient that are looked at, newest first.
const CASES_MAX: i64 = 50;
/// Attempts of one course that are looked at.
const ATTEMPTS_MAX: i64 = 50;

/// A try to reach the patient, in the words of whoever tried.
#[derive(Clone, Serialize, Deserialize)]
pub struct Attempt {
    /// On which day.
    pub on: Date,
    /// How, and what came of it.
    pub words: String,
}

/// When a case came as far as an order, and when its course ended.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Course {
    /// The tablet was ordered.
    pub ordered: Option<Timestamp>,
    /// Nothing is open any more.
    pub ended: Option<Timestamp>,
}

impl Conn {
    /// One case, and how far its course is.
    ///
    /// # Errors
    ///
    /// Storage failed.
    pub async fn contraception_case(
        &mut self,
        id: CaseId,
    ) -> Result<Option<(Kept, Course)>, Fault> {
        let row = sqlx::query(
            "SELECT id, patient, consultation, content, ordered_at, ended_at
             FROM pathway_case
             WHERE tenant = $1 AND id = $2",
        )
        .bind(self.tenant().to_string())
        .bind(id.to_string())
        .fetch_optional(self.any())
        .await?;
        match row {
            Some(row) => Ok(Some(self.opened_case(&row).await?)),
            None => Ok(None),
        }
    }

    /// The cases of a patient, newest first.
    ///
    /// # Errors
    ///
    /// Storage failed.
    pub async fn contraception_cases(
        &mut self,
        patient: PatientId,
    ) -> Result<Vec<(Kept, Course)>, Fault> {
        let rows = sqlx::query(
            "SELECT id, patient, consultation, content, ordered_at, ended_at
             FROM pathway_case
             WHERE tenant = $1 AND patient = $2 -- pathway_case_by_patient
             ORDER BY opened_at DESC, id DESC
             LIMIT $3",
        )
        .bind(self.tenant().to_string())
        .bind(patient.to_string())
        .bind(CASES_MAX)
        .fetch_all(self.any())
        .await?;
        let mut cases = Vec::with_capacity(rows.len());
        for row in &rows {
            cases.push(self.opened_case(row).await?);
        }
        Ok(cases)
    }

    /// The case behind a pharmacist's link.
    ///
    /// # Errors
    ///
    /// Storage failed.
    pub async fn contraception_behind(
        &mut self,
        secret: &[u8],
    ) -> Result<Option<(Kept, Course)>, Fault> {
        let row = sqlx::query(
            "SELECT id, patient, consultation, content, ordered_at, ended_at
             FROM pathway_case
             WHERE tenant = $1 AND token_hash = $2 -- pathway_case_by_token",
        )
        .bind(self.tenant().to_string())
        .bind(hash(secret))
        .fetch_optional(self.any())
        .await?;
        match row {
            Some(row) => Ok(Some(self.opened_case(&row).await?)),
            None => Ok(None),
        }
    }

    async fn opened_case(&mut self, row: &AnyRow) -> Result<(Kept, Course), Fault> {
        let cells = Cells::of("pathway_case", row);
        let (id, patient): (CaseId, PatientId) = (cells.parsed("id")?, cells.parsed("patient")?);
        let sealed = cells.bytes("content")?;
        let case: Case = self
            .unseal_json(
                &patient.to_string(),
                "pathway_case",
                &id.to_string(),
                &sealed,
            )
            .await?;
        let course = Course {
            ordered: cells.maybe_instant("ordered_at")?,
            ended: cells.maybe_instant("ended_at")?,
        };
        let kept = Kept {
            id,
            patient,
            visit: cells.maybe_parsed("consultation")?,
            case,
            ended: course.ended.is_some(),
        };
        Ok((kept, course))
    }

    /// The case of a visit.
    ///
    /// # Errors
    ///
    /// Storage failed.
    pub async fn contraception_at(
        &mut self,
        visit: &Consultation,
    ) -> Result<Option<(Kept, Course)>, Fault> {
        let cases = self.contraception_cases(visit.patient).await?;
        Ok(cases
            .into_iter()
            .find(|(kept, _)| kept.visit == Some(visit.id)))
    }

    /// What a case is judged by, whether it has a visit yet or not.
    ///
    /// # Errors
    ///
    /// Storage failed.
    pub async fn contraception_facts(
        &mut self,
        patient: PatientId,
        id: Option<CaseId>,
    ) -> Result<Facts, Fault> {
        let cases = self.contraception_cases(patient).await?;
        let ordered_before = cases.iter().any(|(kept, course)| {
            Some(kept.id) != id && course.ordered.is_some() && course.ended.is_none()
        });
        let kept = cases
            .into_iter()
            .map(|(kept, _)| kept)
            .find(|kept| Some(kept.id) == id);
        let orders = match kept.as_ref().and_then(|kept| kept.visit) {
            Some(visit) => self
                .prescription(visit)
                .await?
                .is_some_and(|order| !order.lines.is_empty()),
            None => false,
        };
        let register = self.staff_entries().await?;
        Ok(Facts {
            setting: self.pathway_setting(CONTRACEPTION).await?,
            lists: self.place_lists().await?,
            register: register.into_iter().map(|line| line.entry).collect(),
            case: kept.map(|kept| kept.case),
            ordered_before,
            orders,
        })
    }

    /// What a visit of this service is judged by; none in a visit of another kind.
    pub(crate) async fn contraception_of(
        &mut self,
        visit: &Consultation,
    ) -> Result<Option<Facts>, Fault> {
        if visit.service != Service::EmergencyContraception {
            return Ok(None);
        }
        let id = self.contraception_at(visit).await?.map(|(kept, _)| kept.id);
        Ok(Some(self.contraception_facts(visit.patient, id).await?))
    }

    /// What the pharmacist returned, and when.
    ///
    /// # Errors
    ///
    /// Storage failed.
    pub async fn pharmacist_report(
        &mut self,
        kept: &Kept,
    ) -> Result<Option<(Report, Timestamp)>, Fault> {
        let row = sqlx::query(
            "SELECT id, content, returned_at
             FROM pharmacist_report
             WHERE tenant = $1 AND id = $2",
        )
        .bind(self.tenant().to_string())
        .bind(kept.id.to_string())
        .fetch_optional(self.any())
        .await?;
        let Some(row) = row else { return Ok(None) };
        let cells = Cells::of("pharmacist_report", &row);
        let (id, sealed) = (cells.text("id")?, cells.bytes("content")?);
        let report = self
            .unseal_json(&kept.patient.to_string(), "pharmacist_report", &id, &sealed)
            .await?;
        Ok(Some((report, cells.instant("returned_at")?)))
    }

    /// Attempts to reach the patient, the first first, with who tried.
    ///
    /// # Errors
    ///
    /// Storage failed.
    pub async fn contact_attempts(
        &mut self,
        kept: &Kept,
    ) -> Result<Vec<(Attempt, PersonId)>, Fault> {
        let rows = sqlx::query(
            "SELECT id, content, tried_by
             FROM contact_attempt
             WHERE tenant = $1 AND course = $2 -- contact_attempt_by_course
             ORDER BY tried_at, id
             LIMIT $3",
        )
        .bind(self.tenant().to_string())
        .bind(kept.id.to_string())
        .bind(ATTEMPTS_MAX)
        .fetch_all(self.any())
        .await?;
        let mut attempts = Vec::with_capacity(rows.len());
        for row in &rows {
            let cells = Cells::of("contact_attempt", row);
            let (id, sealed) = (cells.text("id")?, cells.bytes("content")?);
            let attempt = self
                .unseal_json(&kept.patient.to_string(), "contact_attempt", &id, &sealed)
                .await?;
            attempts.push((attempt, cells.parsed("tried_by")?));
        }
        Ok(attempts)
    }
}

impl Tx {
    /// Begins a case: the institutions near her are shown.
    ///
    /// # Errors
    ///
    /// Storage failed.
    pub async fn open_contraception(
        &mut self,
        by: &By,
        person: PersonId,
        patient: PatientId,
        case: &Case,
    ) -> Result<CaseId, Fault> {
        let id = CaseId(self.fresh_id()?);
        let owner = patient.to_string();
        let sealed = self
            .seal_json(&owner, "pathway_case", &id.to_string(), case)
            .await?;
        let (tenant, now) = (self.tenant().to_string(), self.now().as_microsecond());
        sqlx::query(
            "INSERT INTO pathway_case (tenant, id, patient, content, opened_by, opened_at)
             VALUES ($1, $2, $3, $4, $5, $6)",
        )
        .bind(tenant)
        .bind(id.to_string())
        .bind(&owner)
        .bind(sealed)
        .bind(person.to_string())
        .bind(now)
        .execute(self.any())
        .await?;
        self.record(
            by.under(care::emergency_contraception::INTRODUCED, "pathway.shown")
                .object("patient", owner)
                .object("case", id.to_string())
                .field("institutions", case.institutions),
        )
        .await?;
        Ok(id)
    }

    /// Keeps a step of a case: which, the entry says; what was said, nobody but the sealed row.
    ///
    /// # Errors
    ///
    /// Storage failed.
    pub async fn keep_contraception(
        &mut self,
        by: &By,
        (clause, subject): (Clause, &'static str),
        kept: &Kept,
    ) -> Result<(), Fault> {
        let owner = kept.patient.to_string();
        let sealed = self
            .seal_json(&owner, "pathway_case", &kept.id.to_string(), &kept.case)
            .await?;
        let tenant = self.tenant().to_string();
        let done = sqlx::query(
            "UPDATE pathway_case SET content = $1
             WHERE tenant = $2 AND id = $3 AND ended_at IS NULL",
        )
        .bind(sealed)
        .bind(tenant)
        .bind(kept.id.to_string())
        .execute(self.any())
        .await?;
        if done.rows_affected() == 0 {
            return Err(Fault::Conflict);
        }
        let (_, digest) = self.digest(json(&kept.case)?.as_bytes())?;
        let mut entry = by
            .under(clause, subject)
            .object("patient", owner)
            .object("case", kept.id.to_string())
            .digest("case", digest);
        if let Some(visit) = kept.visit {
            entry = entry.object("consultation", visit.to_string());
        }
        self.record(entry).await?;
        Ok(())
    }

    /// Gives a case its visit, with the proof that it may have one.
    ///
    /// # Errors
    ///
    /// `Conflict` when it has one; or storage failed.
    pub async fn book_contraception(
        &mut self,
        id: CaseId,
        visit: ConsultationId,
        _proof: Bookable,
    ) -> Result<(), Fault> {
        let tenant = self.tenant().to_string();
        let done = sqlx::query(
            "UPDATE pathway_case SET consultation = $1
             WHERE tenant = $2 AND id = $3 AND consultation IS NULL",
        )
        .bind(visit.to_string())
        .bind(tenant)
        .bind(id.to_string())
        .execute(self.any())
        .await?;
        if done.rows_affected() == 1 {
            Ok(())
        } else {
            Err(Fault::Conflict)
        }
    }

    /// Keeps that the tablet was ordered: what has to come back is open from now on.
    ///
    /// # Errors
    ///
    /// Storage failed.
    pub async fn order_contraception(&mut self, by: &By, kept: &Kept) -> Result<(), Fault> {
        let (tenant, now) = (self.tenant().to_string(), self.now());
        sqlx::query(
            "UPDATE pathway_case SET ordered_at = $1
             WHERE tenant = $2 AND id = $3 AND ordered_at IS NULL",
        )
        .bind(now.as_microsecond())
        .bind(tenant)
        .bind(kept.id.to_string())
        .execute(self.any())
        .await?;
        let pharmacy = kept.case.pharmacy.as_ref();
        let follow_up = kept.case.follow_up.as_ref();
        let report = pharmacy.map_or_else(String::new, |one| format!("{} {}", one.name, one.phone));
        let visit = follow_up.map_or_else(String::new, |one| {
            format!("{} {} {}", one.on, one.institution, one.phone)
        });
        for (kind, days, words) in [
            (Kind::PharmacistReport, REPORT_DAYS, report),
            (Kind::ThreeWeeks, OUTCOME_DAYS, visit),
        ] {
            let opening = Opening {
                kind,
                patient: kept.patient,
                visit: kept.visit,
                about: Some(kept.id.to_string()),
                words,
                due: in_days(now, days),
            };
            self.open_task(by, &opening).await?;
        }
        self.record(
            by.under(PHARMACIST, "pathway.ordered")
                .object("patient", kept.patient.to_string())
                .object("case", kept.id.to_string())
                .field("pharmacies", pharmacy.map_or(0, |pharmacy| pharmacy.number)),
        )
        .await?;
        Ok(())
    }

    /// Keeps the secret of the pharmacist's link; one that was there leads nowhere any more.
    ///
    /// # Errors
    ///
    /// Storage failed.
    pub async fn keep_pharmacist_link(
        &mut self,
        by: &By,
        kept: &Kept,
        secret: &[u8],
    ) -> Result<(), Fault> {
        let tenant = self.tenant().to_string();
        sqlx::query("UPDATE pathway_case SET token_hash = $1 WHERE tenant = $2 AND id = $3")
            .bind(hash(secret))
            .bind(tenant)
            .bind(kept.id.to_string())
            .execute(self.any())
            .await?;
        self.record(
            by.under(PHARMACIST, "pathway.link")
                .object("case", kept.id.to_string()),
        )
        .await?;
        Ok(())
    }

    /// Keeps what the pharmacist returned: once. An explanation that is left open becomes a task of its own.
    ///
    /// # Errors
    ///
    /// `Conflict` when one was returned before; or storage failed.
    pub async fn keep_pharmacist_report(
        &mut self,
        by: &By,
        way: &'static str,
        kept: &Kept,
        report: &Report,
    ) -> Result<(), Fault> {
        let (owner, id) = (kept.patient.to_string(), kept.id.to_string());
        let sealed = self
            .seal_json(&owner, "pharmacist_report", &id, report)
            .await?;
        let (tenant, now) = (self.tenant().to_string(), self.now());
        let done = sqlx::query(
            "INSERT INTO pharmacist_report (tenant, id, patient, content, way, returned_at)
             VALUES ($1, $2, $3, $4, $5, $6)
             ON CONFLICT (tenant, id) DO NOTHING",
        )
        .bind(tenant)
        .bind(&id)
        .bind(&owner)
        .bind(sealed)
        .bind(way)
        .bind(now.as_microsecond())
        .execute(self.any())
        .await?;
        if done.rows_affected() == 0 {
            return Err(Fault::Conflict);
        }
        let (_, digest) = self.digest(json(report)?.as_bytes())?;
        self.record(
            by.under(PHARMACIST, "pharmacist.reported")
                .object("case", id.clone())
                .field("way", way)
                .field("explained", i64::from(report.explained))
                .digest("report", digest),
        )
        .await?;
        self.done_with(by, kept.patient, Kind::PharmacistReport, |task| {
            task.about.as_deref() == Some(id.as_str())
        })
        .await?;
        if !report.explained {
            let opening = Opening {
                kind: Kind::PharmacistAdvice,
                patient: kept.patient,
                visit: kept.visit,
                about: Some(id),
                words: kept
                    .case
                    .pharmacy
                    .as_ref()
                    .map_or_else(String::new, |one| format!("{} {}", one.name, one.phone)),
                due: in_days(now, ADVICE_DAYS),
            };
            self.open_task(by, &opening).await?;
        }
        Ok(())
    }

    /// Keeps that the pharmacy said on the telephone that it explained more reliable contraception.
    ///
    /// # Errors
    ///
    /// `Conflict` when no report left it open; or storage failed.
    pub async fn keep_pharmacist_advice(&mut self, by: &By, kept: &Kept) -> Result<(), Fault> {
        let about = kept.id.to_string();
        let done = self
            .done_with(by, kept.patient, Kind::PharmacistAdvice, |task| {
                task.about.as_deref() == Some(about.as_str())
            })
            .await?;
        if done == 0 {
            return Err(Fault::Conflict);
        }
        self.record(
            by.under(
                care::emergency_contraception::RELIABLE,
                "pharmacist.explained",
            )
            .object("case", kept.id.to_string()),
        )
        .await?;
        Ok(())
    }

    /// Keeps that somebody tried to reach the patient.
    ///
    /// # Errors
    ///
    /// Storage failed.
    pub async fn keep_contact_attempt(
        &mut self,
        by: &By,
        person: PersonId,
        kept: &Kept,
        attempt: &Attempt,
    ) -> Result<(), Fault> {
        let id = self.fresh_id()?.to_string();
        let owner = kept.patient.to_string();
        let sealed = self
            .seal_json(&owner, "contact_attempt", &id, attempt)
            .await?;
        let (tenant, now) = (self.tenant().to_string(), self.now().as_microsecond());
        sqlx::query(
            "INSERT INTO contact_attempt (tenant, id, course, patient, content, tried_by, tried_at)
             VALUES ($1, $2, $3, $4, $5, $6, $7)",
        )
        .bind(tenant)
        .bind(&id)
        .bind(kept.id.to_string())
        .bind(&owner)
        .bind(sealed)
        .bind(person.to_string())
        .bind(now)
        .execute(self.any())
        .await?;
        self.record(
            by.under(THREE_WEEKS, "contact.tried")
                .object("patient", owner)
                .object("case", kept.id.to_string()),
        )
        .await?;
        Ok(())
    }

    /// Ends a course, with the proof that it may end.
    ///
    /// # Errors
    ///
    /// Storage failed.
    pub async fn end_contraception(
        &mut self,
        by: &By,
        kept: &Kept,
        _proof: Ended,
    ) -> Result<(), Fault> {
        let (tenant, now) = (self.tenant().to_string(), self.now().as_microsecond());
        let id = kept.id.to_string();
        let done = sqlx::query(
            "UPDATE pathway_case SET ended_at = $1
             WHERE tenant = $2 AND id = $3 AND ended_at IS NULL",
        )
        .bind(now)
        .bind(tenant)
        .bind(&id)
        .execute(self.any())
        .await?;
        if done.rows_affected() == 0 {
            return Err(Fault::Conflict);
        }
        self.done_with(by, kept.patient, Kind::ThreeWeeks, |task| {
            task.about.as_deref() == Some(id.as_str())
        })
        .await?;
        self.record(
            by.under(THREE_WEEKS, "pathway.ended")
                .object("patient", kept.patient.to_string())
                .object("case", id),
        )
        .await?;
        Ok(())
    }
}

fn hash(secret: &[u8]) -> Vec<u8> {
    Sha256::digest(secret).to_vec()
}
