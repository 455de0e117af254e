//! Pre-consultations at rest: the published terms, whether the pages show them, the patient's word on sharing, the result.

use crate::{By, Conn, Fault, Tx, row::Cells};
use access::PersonId;
use care::{
    Consultation,
    preconsultation::{Concluded, Outcome, PUBLISHED, Terms},
    referral::{CONTACTED, Contact, PASSED_ON, Passed},
};
use jiff::{Timestamp, civil::Date};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use std::fmt::Write as _;

/// The pages on which the terms are looked for: our own, and the clinic's own site where one is registered.
pub const PAGES: [&str; 2] = ["preconsultation", "preconsultation-external"];

/// What came of one, as kept. No `Debug`: words about a patient.
#[derive(Clone)]
pub struct Ended {
    /// What came of it.
    pub outcome: Outcome,
    /// Its words.
    pub content: Content,
    /// SHA-256 of the document that went along.
    pub digest: Option<String>,
    /// When.
    pub ended: Timestamp,
}

/// The words of a result. No `Debug`.
#[derive(Clone, Serialize, Deserialize)]
pub struct Content {
    /// What was heard.
    pub heard: String,
    /// What the patient was told.
    pub told: String,
    /// Where the patient is seen in person.
    pub destination: String,
    /// By when.
    pub target: Option<Date>,
    /// Who there was spoken to.
    pub contact: Option<Contact>,
    /// The document that went along.
    pub document: Option<String>,
    /// Why nothing did.
    pub nothing: Option<String>,
}

impl Conn {
    /// The terms in force: the newest version, offered or not.
    ///
    /// # Errors
    ///
    /// Storage failed.
    pub async fn preconsultation_terms(&mut self) -> Result<Option<Terms>, Fault> {
        Ok(self.published_terms().await?.map(|(terms, _)| terms))
    }

    async fn published_terms(&mut self) -> Result<Option<(Terms, Timestamp)>, Fault> {
        let row = sqlx::query(
            "SELECT version AS id, version, offered, fee_yen, charged, refund, may_not_proceed, external, published_at
             FROM preconsultation_terms
             WHERE tenant = $1
             ORDER BY version DESC
             LIMIT 1",
        )
        .bind(self.tenant().to_string())
        .fetch_optional(self.any())
        .await?;
        row.map(|row| {
            let cells = Cells::of("preconsultation_terms", &row);
            let fee_yen = cells
                .maybe_int("fee_yen")?
                .map(|fee| u32::try_from(fee).map_err(|_| cells.corrupt("fee_yen")))
                .transpose()?;
            let terms = Terms {
                version: cells.int("version")?,
                offered: cells.flag("offered")?,
                fee_yen,
                charged: cells.text("charged")?,
                refund: cells.text("refund")?,
                may_not_proceed: cells.text("may_not_proceed")?,
                external: cells.text("external")?,
            };
            Ok((terms, cells.instant("published_at")?))
        })
        .transpose()
    }

    /// Whether no look at the pages since the terms were published has missed them. Published anew, they are looked at anew.
    ///
    /// # Errors
    ///
    /// Storage failed.
    pub async fn preconsultation_shown(&mut self) -> Result<bool, Fault> {
        let Some((_, published)) = self.published_terms().await? else {
            return Ok(false);
        };
        for page in PAGES {
            let row = sqlx::query(
                "SELECT id, checked_at, shown
                 FROM page_check
                 WHERE tenant = $1 AND page = $2
                 ORDER BY checked_at DESC, id DESC
                 LIMIT 1",
            )
            .bind(self.tenant().to_string())
            .bind(page)
            .fetch_optional(self.any())
            .await?;
            let Some(row) = row else { continue };
            let cells = Cells::of("page_check", &row);
            if !cells.flag("shown")? && cells.instant("checked_at")? >= published {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// Whether the patient agrees that what is said may go to another institution; no answer yet.
    ///
    /// # Errors
    ///
    /// Storage failed.
    pub async fn sharing_of(&mut self, visit: &Consultation) -> Result<Option<bool>, Fault> {
        let row = sqlx::query(
            "SELECT consultation AS id, agrees
             FROM preconsultation_sharing
             WHERE tenant = $1 AND consultation = $2",
        )
        .bind(self.tenant().to_string())
        .bind(visit.id.to_string())
        .fetch_optional(self.any())
        .await?;
        row.map(|row| Cells::of("preconsultation_sharing", &row).flag("agrees"))
            .transpose()
    }

    /// What came of a pre-consultation.
    ///
    /// # Errors
    ///
    /// Storage failed.
    pub async fn preconsultation_result(
        &mut self,
        visit: &Consultation,
    ) -> Result<Option<Ended>, Fault> {
        let row = sqlx::query(
            "SELECT consultation AS id, outcome, content, digest, ended_at
             FROM preconsultation_result
             WHERE tenant = $1 AND consultation = $2",
        )
        .bind(self.tenant().to_string())
        .bind(visit.id.to_string())
        .fetch_optional(self.any())
        .await?;
        let Some(row) = row else { return Ok(None) };
        let cells = Cells::of("preconsultation_result", &row);
        let sealed = cells.bytes("content")?;
        let content = self
            .unseal_json(
                &visit.patient.to_string(),
                "preconsultation_result",
                &visit.id.to_string(),
                &sealed,
            )
            .await?;
        Ok(Some(Ended {
            outcome: cells.word("outcome", Outcome::parse)?,
            content,
            digest: cells.maybe_text("digest")?,
            ended: cells.instant("ended_at")?,
        }))
    }
}

impl Tx {
    /// Publishes the next version of the terms. The caller has judged them.
    ///
    /// # Errors
    ///
    /// Storage failed, or a text holds U+0000.
    pub async fn publish_preconsultation(&mut self, by: &By, terms: &Terms) -> Result<i64, Fault> {
        let version = self
            .preconsultation_terms()
            .await?
            .map_or(1, |known| known.version + 1);
        let (tenant, now) = (self.tenant().to_string(), self.now().as_microsecond());
        sqlx::query(
            "INSERT INTO preconsultation_terms
               (tenant, version, offered, fee_yen, charged, refund, may_not_proceed, external, published_by, published_at)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
        )
        .bind(tenant)
        .bind(version)
        .bind(i64::from(terms.offered))
        .bind(terms.fee_yen.map(i64::from))
        .bind(crate::plain(&terms.charged)?)
        .bind(crate::plain(&terms.refund)?)
        .bind(crate::plain(&terms.may_not_proceed)?)
        .bind(crate::plain(&terms.external)?)
        .bind(by.person().map(|person| person.to_string()).unwrap_or_default())
        .bind(now)
        .execute(self.any())
        .await?;
        self.record(
            by.under(PUBLISHED, "preconsultation.published")
                .field("version", version)
                .field("offered", i64::from(terms.offered))
                .field("fee_yen", i64::from(terms.fee_yen.unwrap_or_default()))
                .field("charged", terms.charged.as_str())
                .field("refund", terms.refund.as_str())
                .field("may_not_proceed", terms.may_not_proceed.as_str()),
        )
        .await?;
        Ok(version)
    }

    /// Keeps the patient's word on sharing; the newest counts, the ledger has each.
    ///
    /// # Errors
    ///
    /// Storage failed.
    pub async fn keep_sharing(
        &mut self,
        by: &By,
        visit: &Consultation,
        agrees: bool,
    ) -> Result<(), Fault> {
        let (tenant, now) = (self.tenant().to_string(), self.now().as_microsecond());
        sqlx::query(
            "INSERT INTO preconsultation_sharing (tenant, consultation, patient, agrees, proxy, device, at)
             VALUES ($1, $2, $3, $4, $5, $6, $7)
             ON CONFLICT (tenant, consultation) DO UPDATE
             SET agrees = excluded.agrees, proxy = excluded.proxy, device = excluded.device, at = excluded.at",
        )
        .bind(tenant)
        .bind(visit.id.to_string())
        .bind(visit.patient.to_string())
        .bind(i64::from(agrees))
        .bind(by.proxy().map(|proxy| proxy.to_string()))
        .bind(by.device().map(|device| device.to_string()).unwrap_or_default())
        .bind(now)
        .execute(self.any())
        .await?;
        self.record(
            by.under(
                PASSED_ON,
                if agrees {
                    "agreement.given"
                } else {
                    "agreement.refused"
                },
            )
            .object("consultation", visit.id.to_string())
            .object("patient", visit.patient.to_string())
            .field("kind", "provision"),
        )
        .await?;
        Ok(())
    }

    /// Keeps what came of a pre-consultation; its event follows.
    ///
    /// # Errors
    ///
    /// Storage failed.
    pub async fn keep_preconsultation_result(
        &mut self,
        by: &By,
        physician: PersonId,
        visit: &Consultation,
        concluded: &Concluded,
    ) -> Result<(), Fault> {
        let ending = &concluded.ending;
        let (document, nothing) = match &concluded.passed {
            None => (None, None),
            Some(Passed::Document(document)) => (Some(document.clone()), None),
            Some(Passed::Nothing(reason)) => (None, Some(reason.clone())),
        };
        let digest = document.as_deref().map(digest);
        let content = Content {
            heard: ending.heard.clone(),
            told: ending.told.clone(),
            destination: ending.destination.clone(),
            target: ending.target,
            contact: ending.contact.clone(),
            document,
            nothing,
        };
        let sealed = self
            .seal_json(
                &visit.patient.to_string(),
                "preconsultation_result",
                &visit.id.to_string(),
                &content,
            )
            .await?;
        let (tenant, now) = (self.tenant().to_string(), self.now().as_microsecond());
        sqlx::query(
            "INSERT INTO preconsultation_result (tenant, consultation, patient, outcome, content, digest, ended_by, ended_at)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
        )
        .bind(tenant)
        .bind(visit.id.to_string())
        .bind(visit.patient.to_string())
        .bind(ending.outcome.as_str())
        .bind(sealed)
        .bind(digest.clone())
        .bind(physician.to_string())
        .bind(now)
        .execute(self.any())
        .await?;
        if ending.outcome == Outcome::InPersonElsewhere {
            let mut entry = by
                .under(
                    if digest.is_some() {
                        PASSED_ON
                    } else {
                        CONTACTED
                    },
                    "referral.sent",
                )
                .object("consultation", visit.id.to_string())
                .object("patient", visit.patient.to_string());
            if let Some(digest) = digest {
                entry = entry.field("document", digest);
            }
            self.record(entry).await?;
        }
        Ok(())
    }
}

/// SHA-256 in hexadecimal.
fn digest(words: &str) -> String {
    Sha256::digest(words.as_bytes())
        .iter()
        .fold(String::new(), |mut hex, byte| {
            // Writing into a string cannot fail.
            let _ = write!(hex, "{byte:02x}");
            hex
        })
}
