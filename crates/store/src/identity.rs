//! Checks of a patient's identity. No column for a document's number or image exists.

use crate::{
    By, Conn, Fault, Tx,
    by::Also as _,
    row::{Cells, json},
};
use access::PersonId;
use care::{
    Consultation, ConsultationId, PatientId,
    identity::{self, Attempt, Check, Document, Exemption, Method, OneDocument, Outcome},
    task::{self, Kind, Opening},
};
use serde::{Deserialize, Serialize};
use sqlx::any::AnyRow;

/// What a check says besides its outcome. Sealed; no `Debug`.
#[derive(Default, Serialize, Deserialize)]
struct Detail {
    /// What each document was, where its kind has no name of its own.
    words: Vec<String>,
    /// The steps of a check with one document.
    steps: Option<OneDocument>,
    /// Why the check was left out, and what was tried.
    exemption: Option<Exemption>,
}

/// Exemptions of one patient that are looked at for words that were used before.
const EXEMPTIONS_MAX: i64 = 20;
/// Days after which the next contact counts as missed: a month, as most visits come back.
const NEXT_CONTACT_DAYS: u16 = 31;

impl Conn {
    /// The newest check of a patient that was made.
    ///
    /// # Errors
    ///
    /// Storage failed.
    pub async fn identity_check(&mut self, patient: PatientId) -> Result<Option<Check>, Fault> {
        let row = sqlx::query(
            "SELECT id, patient, consultation, method, document, checked_by, checked_at, matches
             FROM identity_check
             WHERE tenant = $1 AND patient = $2 AND method <> 'exempted' -- identity_check_by_patient
             ORDER BY checked_at DESC, id DESC
             LIMIT 1",
        )
        .bind(self.tenant().to_string())
        .bind(patient.to_string())
        .fetch_optional(self.any())
        .await?;
        row.as_ref().map(check).transpose()
    }

    /// The newest check of a patient that was left out, if none was made since (cl-1.4-i-c).
    ///
    /// # Errors
    ///
    /// Storage failed.
    pub async fn identity_exempted(&mut self, patient: PatientId) -> Result<Option<Check>, Fault> {
        let row = sqlx::query(
            "SELECT id, patient, consultation, method, document, checked_by, checked_at, matches
             FROM identity_check
             WHERE tenant = $1 AND patient = $2 -- identity_check_by_patient
             ORDER BY checked_at DESC, id DESC
             LIMIT 1",
        )
        .bind(self.tenant().to_string())
        .bind(patient.to_string())
        .fetch_optional(self.any())
        .await?;
        let newest = row.as_ref().map(check).transpose()?;
        Ok(newest.filter(|check| check.method == Method::Exempted))
    }

    /// Why the check of a patient was left out before, newest first.
    ///
    /// # Errors
    ///
    /// Storage failed.
    pub async fn exemptions(&mut self, patient: PatientId) -> Result<Vec<Exemption>, Fault> {
        let rows = sqlx::query(
            "SELECT id, detail
             FROM identity_check
             WHERE tenant = $1 AND patient = $2 AND method = 'exempted' -- identity_check_by_patient
             ORDER BY checked_at DESC, id DESC
             LIMIT $3",
        )
        .bind(self.tenant().to_string())
        .bind(patient.to_string())
        .bind(EXEMPTIONS_MAX)
        .fetch_all(self.any())
        .await?;
        let mut found = Vec::new();
        for row in &rows {
            let cells = Cells::of("identity_check", row);
            let detail: Detail = self
                .unseal_json(
                    &patient.to_string(),
                    "identity_check",
                    &cells.text("id")?,
                    &cells.bytes("detail")?,
                )
                .await?;
            found.extend(detail.exemption);
        }
        Ok(found)
    }

    /// Patients whose check was left out more than once without one that was made in between (finding
    /// `identity_exempted_again`).
    ///
    /// # Errors
    ///
    /// Storage failed.
    pub async fn exempted_again(&mut self) -> Result<Vec<PatientId>, Fault> {
        let rows = sqlx::query(
            "SELECT e.patient AS id
             FROM identity_check e
             WHERE e.tenant = $1 AND e.method = 'exempted'
               AND NOT EXISTS (
                   SELECT 1 FROM identity_check made
                   WHERE made.tenant = e.tenant AND made.patient = e.patient AND made.method <> 'exempted'
                     AND made.matches = 1 AND made.checked_at >= e.checked_at)
             GROUP BY e.patient
             HAVING COUNT(*) > 1
             ORDER BY e.patient
             LIMIT 200",
        )
        .bind(self.tenant().to_string())
        .fetch_all(self.any())
        .await?;
        rows.iter()
            .map(|row| Cells::of("identity_check", row).parsed("id"))
            .collect()
    }

    /// Whether the patient has said in this visit that there is no document with a photograph (cl-1.4-ii-b).
    ///
    /// # Errors
    ///
    /// Storage failed.
    pub async fn said_no_photo(&mut self, visit: ConsultationId) -> Result<bool, Fault> {
        let row = sqlx::query(
            "SELECT consultation AS id, no_photo
             FROM identity_answer
             WHERE tenant = $1 AND consultation = $2",
        )
        .bind(self.tenant().to_string())
        .bind(visit.to_string())
        .fetch_optional(self.any())
        .await?;
        row.map_or(Ok(false), |row| {
            Cells::of("identity_answer", &row).flag("no_photo")
        })
    }
}

fn check(row: &AnyRow) -> Result<Check, Fault> {
    let cells = Cells::of("identity_check", row);
    Ok(Check {
        patient: cells.parsed("patient")?,
        visit: cells.maybe_parsed("consultation")?,
        method: cells.word("method", Method::parse)?,
        // A kind that has left the list since is no reason to lose the check.
        documents: cells
            .text("document")?
            .split(' ')
            .filter_map(Document::parse)
            .collect(),
        by: cells.parsed("checked_by")?,
        at: cells.instant("checked_at")?,
        matches: cells.flag("matches")?,
    })
}

/// One row to be kept.
struct Row<'r> {
    patient: PatientId,
    visit: Option<ConsultationId>,
    method: Method,
    documents: Vec<&'static str>,
    outcome: Outcome,
    detail: &'r Detail,
}

impl Tx {
    /// Keeps a check at the desk: what was compared, by whom, and whether it matched.
    ///
    /// # Errors
    ///
    /// Storage failed.
    pub async fn keep_identity_check(
        &mut self,
        by: &By,
        checker: PersonId,
        patient: PatientId,
        document: Document,
        matches: bool,
    ) -> Result<(), Fault> {
        let row = Row {
            patient,
            visit: None,
            method: Method::AtDesk,
            documents: vec![document.as_str()],
            outcome: if matches {
                Outcome::Match
            } else {
                Outcome::Mismatch
            },
            detail: &Detail::default(),
        };
        self.keep_check(by, checker, row).await
    }

    /// Keeps an attempt in the call, as the core judged it.
    ///
    /// # Errors
    ///
    /// Storage failed.
    pub async fn keep_attempt(
        &mut self,
        by: &By,
        checker: PersonId,
        visit: &Consultation,
        (attempt, outcome): (&Attempt, Outcome),
    ) -> Result<(), Fault> {
        let named = attempt.named();
        let detail = Detail {
            words: named.iter().map(|named| named.words.clone()).collect(),
            steps: match attempt {
                Attempt::One { steps, .. } => Some(steps.clone()),
                Attempt::Photo { .. } | Attempt::Two { .. } | Attempt::None { .. } => None,
            },
            exemption: match attempt {
                Attempt::None { exemption } => Some(exemption.clone()),
                Attempt::Photo { .. } | Attempt::Two { .. } | Attempt::One { .. } => None,
            },
        };
        let row = Row {
            patient: visit.patient,
            visit: Some(visit.id),
            method: attempt.method(),
            documents: named.iter().map(|named| named.document.as_str()).collect(),
            outcome,
            detail: &detail,
        };
        self.keep_check(by, checker, row).await?;
        if attempt.method() == Method::Exempted {
            self.ask_identity(by, visit).await?;
        }
        Ok(())
    }

    /// What was left out is asked at the next contact; left out again, an administrator looks why (cl-1.4-i-c).
    async fn ask_identity(&mut self, by: &By, visit: &Consultation) -> Result<(), Fault> {
        let opening = Opening {
            kind: Kind::IdentityDue,
            patient: visit.patient,
            visit: None,
            about: None,
            words: String::new(),
            due: task::in_days(self.now(), NEXT_CONTACT_DAYS),
        };
        self.open_task(by, &opening).await?;
        if self.exempted_again().await?.contains(&visit.patient) {
            let review = Opening {
                kind: Kind::IdentityExemptedAgain,
                visit: Some(visit.id),
                ..opening
            };
            self.open_task(by, &review).await?;
        }
        Ok(())
    }

    async fn keep_check(
        &mut self,
        by: &By,
        checker: PersonId,
        check: Row<'_>,
    ) -> Result<(), Fault> {
        let id = self.fresh_id()?.to_string();
        let patient = check.patient.to_string();
        let sealed = self
            .seal_json(&patient, "identity_check", &id, check.detail)
            .await?;
        let documents = check.documents.join(" ");
        let matches = i64::from(check.outcome == Outcome::Match);
        let (tenant, now) = (self.tenant().to_string(), self.now().as_microsecond());
        sqlx::query(
            "INSERT INTO identity_check (tenant, id, patient, consultation, method, document, checked_by, checked_at, matches,
                                         outcome, detail)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
        )
        .bind(tenant)
        .bind(&id)
        .bind(&patient)
        .bind(check.visit.map(|visit| visit.to_string()))
        .bind(check.method.as_str())
        .bind(&documents)
        .bind(checker.to_string())
        .bind(now)
        .bind(matches)
        .bind(check.outcome.as_str())
        .bind(sealed)
        .execute(self.any())
        .await?;
        let mut entry = match check.method {
            Method::Exempted => by.under(identity::EXEMPTED, "identity.exempted"),
            Method::PhotoDocumentLive
            | Method::TwoDocuments
            | Method::OneDocument
            | Method::AtDesk => by
                .under(identity::DOCUMENT, "identity.checked")
                .also([identity::KINDS, check.method.clause()]),
        }
        .object("patient", patient)
        .field("method", check.method.as_str());
        if let Some(exemption) = &check.detail.exemption {
            let (_, digest) = self.digest(json(exemption)?.as_bytes())?;
            entry = entry
                .field("reason", exemption.reason.as_str())
                .digest("exemption", digest);
        } else {
            entry = entry
                .field("document", documents)
                .field("edition", guideline::document::EDITION)
                .field("matches", matches);
        }
        self.record(entry).await?;
        if check.outcome == Outcome::Match {
            self.done_with(by, check.patient, Kind::IdentityDue, |_| true)
                .await?;
        }
        Ok(())
    }

    /// Keeps what the patient says of the own documents.
    ///
    /// # Errors
    ///
    /// Storage failed.
    pub async fn keep_no_photo(
        &mut self,
        by: &By,
        visit: &Consultation,
        none: bool,
    ) -> Result<(), Fault> {
        let (tenant, now) = (self.tenant().to_string(), self.now().as_microsecond());
        sqlx::query(
            "INSERT INTO identity_answer (tenant, consultation, patient, proxy, no_photo, at)
             VALUES ($1, $2, $3, $4, $5, $6)
             ON CONFLICT (tenant, consultation) DO UPDATE
             SET proxy = excluded.proxy, no_photo = excluded.no_photo, at = excluded.at",
        )
        .bind(tenant)
        .bind(visit.id.to_string())
        .bind(visit.patient.to_string())
        .bind(by.proxy().map(|proxy| proxy.to_string()))
        .bind(i64::from(none))
        .bind(now)
        .execute(self.any())
        .await?;
        self.record(
            by.under(identity::TWO_KINDS, "identity.answered")
                .object("consultation", visit.id.to_string())
                .field("no_photo", i64::from(none)),
        )
        .await?;
        Ok(())
    }

    /// Keeps a physician's doubt: the check is due again.
    ///
    /// # Errors
    ///
    /// Storage failed.
    pub async fn keep_doubt(&mut self, by: &By, visit: &Consultation) -> Result<(), Fault> {
        let (tenant, now) = (self.tenant().to_string(), self.now().as_microsecond());
        sqlx::query("UPDATE patient SET doubted_at = $1 WHERE tenant = $2 AND id = $3")
            .bind(now)
            .bind(tenant)
            .bind(visit.patient.to_string())
            .execute(self.any())
            .await?;
        self.record(
            by.under(identity::DOCUMENT, "warning.raised")
                .object("patient", visit.patient.to_string())
                .field("warning", "identity_doubted"),
        )
        .await?;
        Ok(())
    }
}
