//! From a first visit by a physician who is not the regular one to care in person: the plan, the guidance that the patient
//! holds, the reply to whoever referred, and who was spoken to where the patient is handed over.

use crate::{By, Conn, Fault, Tx, row::Cells};
use care::{
    Consultation, ConsultationId, PatientId,
    preconsultation::{LINKED, Linkage, REFERRED},
    referral::{CONTACTED, Contact, GUIDED, Guidance},
};
use jiff::{Timestamp, civil::Date};
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use sha2::{Digest as _, Sha256};
use sqlx::any::AnyRow;
use std::fmt::Write as _;

/// The physician's answer on guidance, as kept. No `Debug`.
#[derive(Clone)]
pub struct KeptGuidance {
    /// Of which visit.
    pub visit: ConsultationId,
    /// Whose.
    pub patient: PatientId,
    /// Counted from 1.
    pub version: i64,
    /// The answer.
    pub answer: Guidance,
    /// When it was given.
    pub answered: Timestamp,
    /// Until when its link opens; there is none where none is needed.
    pub expires: Option<Timestamp>,
    /// When the patient opened it first.
    pub shown: Option<Timestamp>,
}

/// The reply to whoever referred the patient. No `Debug`.
#[derive(Clone, Serialize, Deserialize)]
pub struct Reply {
    /// To whom.
    pub to: String,
    /// How it was sent.
    pub how: String,
    /// What it says.
    pub text: String,
}

/// Who was spoken to, and what went along. No `Debug`.
#[derive(Clone, Serialize, Deserialize)]
pub struct Handed {
    /// Who, how and when.
    pub contact: Contact,
    /// The document.
    pub document: String,
}

impl Conn {
    /// How care in person follows a visit; nothing is planned yet.
    ///
    /// # Errors
    ///
    /// Storage failed.
    pub async fn linkage_of(&mut self, visit: &Consultation) -> Result<Option<Linkage>, Fault> {
        self.content_of(
            visit,
            "linkage",
            "SELECT consultation AS id, content
             FROM linkage
             WHERE tenant = $1 AND consultation = $2",
        )
        .await
    }

    /// The newest answer on guidance of a visit.
    ///
    /// # Errors
    ///
    /// Storage failed.
    pub async fn guidance_of(
        &mut self,
        visit: &Consultation,
    ) -> Result<Option<KeptGuidance>, Fault> {
        let row = sqlx::query(
            "SELECT consultation AS id, version, patient, content, answered_at, expires_at, shown_at
             FROM linkage_guidance
             WHERE tenant = $1 AND consultation = $2
             ORDER BY version DESC
             LIMIT 1",
        )
        .bind(self.tenant().to_string())
        .bind(visit.id.to_string())
        .fetch_optional(self.any())
        .await?;
        match row {
            Some(row) => Ok(Some(self.guidance_row(&row).await?)),
            None => Ok(None),
        }
    }

    /// The guidance behind a link that has not ended.
    ///
    /// # Errors
    ///
    /// Storage failed.
    pub async fn guidance_behind(
        &mut self,
        secret: &[u8],
        now: Timestamp,
    ) -> Result<Option<KeptGuidance>, Fault> {
        let row = sqlx::query(
            "SELECT consultation AS id, version, patient, content, answered_at, expires_at, shown_at
             FROM linkage_guidance
             WHERE tenant = $1 AND token_hash = $2 AND expires_at > $3 -- linkage_guidance_by_token",
        )
        .bind(self.tenant().to_string())
        .bind(hash(secret))
        .bind(now.as_microsecond())
        .fetch_optional(self.any())
        .await?;
        match row {
            Some(row) => Ok(Some(self.guidance_row(&row).await?)),
            None => Ok(None),
        }
    }

    async fn guidance_row(&mut self, row: &AnyRow) -> Result<KeptGuidance, Fault> {
        let cells = Cells::of("linkage_guidance", row);
        let (visit, patient): (ConsultationId, PatientId) =
            (cells.parsed("id")?, cells.parsed("patient")?);
        let version = cells.int("version")?;
        let sealed = cells.bytes("content")?;
        Ok(KeptGuidance {
            visit,
            patient,
            version,
            answer: self
                .unseal_json(
                    &patient.to_string(),
                    "linkage_guidance",
                    &format!("{visit}/{version}"),
                    &sealed,
                )
                .await?,
            answered: cells.instant("answered_at")?,
            expires: cells.maybe_instant("expires_at")?,
            shown: cells.maybe_instant("shown_at")?,
        })
    }

    /// How many patients still need guidance whose link has ended.
    ///
    /// # Errors
    ///
    /// Storage failed.
    pub async fn guidance_expired(&mut self, now: Timestamp, today: Date) -> Result<usize, Fault> {
        let row = sqlx::query(
            "SELECT COUNT(*) AS expired
             FROM linkage_guidance AS one
             WHERE tenant = $1 AND needed = 1 AND until >= $2 AND expires_at <= $3
               AND NOT EXISTS (
                 SELECT 1 FROM linkage_guidance AS later
                 WHERE later.tenant = $1 AND later.consultation = one.consultation AND later.version > one.version
               )",
        )
        .bind(self.tenant().to_string())
        .bind(today.to_string())
        .bind(now.as_microsecond())
        .fetch_one(self.any())
        .await?;
        let expired = Cells::of("linkage_guidance", &row).int("expired")?;
        Ok(usize::try_from(expired).unwrap_or(usize::MAX))
    }

    /// The reply to whoever referred the patient.
    ///
    /// # Errors
    ///
    /// Storage failed.
    pub async fn reply_letter(
        &mut self,
        visit: &Consultation,
    ) -> Result<Option<(Reply, Timestamp)>, Fault> {
        let row = sqlx::query(
            "SELECT consultation AS id, content, sent_at
             FROM reply_letter
             WHERE tenant = $1 AND consultation = $2",
        )
        .bind(self.tenant().to_string())
        .bind(visit.id.to_string())
        .fetch_optional(self.any())
        .await?;
        let Some(row) = row else { return Ok(None) };
        let cells = Cells::of("reply_letter", &row);
        let (sealed, sent) = (cells.bytes("content")?, cells.instant("sent_at")?);
        let reply = self
            .unseal_json(
                &visit.patient.to_string(),
                "reply_letter",
                &visit.id.to_string(),
                &sealed,
            )
            .await?;
        Ok(Some((reply, sent)))
    }

    /// Who was spoken to where the patient was handed over.
    ///
    /// # Errors
    ///
    /// Storage failed.
    pub async fn handed_to(&mut self, visit: &Consultation) -> Result<Option<Handed>, Fault> {
        self.content_of(
            visit,
            "hand_over_contact",
            "SELECT consultation AS id, content
             FROM hand_over_contact
             WHERE tenant = $1 AND consultation = $2",
        )
        .await
    }

    /// The sealed content of a table that has one row a visit.
    async fn content_of<T: DeserializeOwned>(
        &mut self,
        visit: &Consultation,
        table: &'static str,
        sql: &'static str,
    ) -> Result<Option<T>, Fault> {
        let id = visit.id.to_string();
        let row = sqlx::query(sql)
            .bind(self.tenant().to_string())
            .bind(&id)
            .fetch_optional(self.any())
            .await?;
        let Some(row) = row else { return Ok(None) };
        let sealed = Cells::of(table, &row).bytes("content")?;
        let patient = visit.patient.to_string();
        Ok(Some(self.unseal_json(&patient, table, &id, &sealed).await?))
    }
}

impl Tx {
    /// Keeps how care in person follows; what was planned before is replaced. The caller has judged it.
    ///
    /// # Errors
    ///
    /// Storage failed.
    pub async fn keep_linkage(
        &mut self,
        by: &By,
        visit: &Consultation,
        linkage: &Linkage,
    ) -> Result<(), Fault> {
        let sealed = self
            .seal_json(
                &visit.patient.to_string(),
                "linkage",
                &visit.id.to_string(),
                linkage,
            )
            .await?;
        let (tenant, now) = (self.tenant().to_string(), self.now().as_microsecond());
        sqlx::query(
            "INSERT INTO linkage (tenant, consultation, patient, content, planned_by, planned_at)
             VALUES ($1, $2, $3, $4, $5, $6)
             ON CONFLICT (tenant, consultation) DO UPDATE
             SET content = excluded.content, planned_by = excluded.planned_by, planned_at = excluded.planned_at",
        )
        .bind(tenant)
        .bind(visit.id.to_string())
        .bind(visit.patient.to_string())
        .bind(sealed)
        .bind(by.person().map(|person| person.to_string()).unwrap_or_default())
        .bind(now)
        .execute(self.any())
        .await?;
        let mut entry = by
            .under(LINKED, "linkage.planned")
            .object("consultation", visit.id.to_string())
            .object("patient", visit.patient.to_string())
            .field("who", linkage.who.as_str());
        if let Some(partner) = linkage.partner {
            entry = entry.object("partner", partner.to_string());
        }
        self.record(entry).await?;
        Ok(())
    }

    /// Keeps the physician's answer on guidance, as the next version; a link of an earlier one ends. With a link, the caller
    /// sends it.
    ///
    /// # Errors
    ///
    /// Storage failed.
    pub async fn keep_guidance_answer(
        &mut self,
        by: &By,
        visit: &Consultation,
        answer: &Guidance,
        link: Option<(&[u8], Timestamp)>,
    ) -> Result<i64, Fault> {
        self.end_guidance(visit.id).await?;
        let version = self
            .guidance_of(visit)
            .await?
            .map_or(1, |known| known.version + 1);
        let sealed = self
            .seal_json(
                &visit.patient.to_string(),
                "linkage_guidance",
                &format!("{}/{version}", visit.id),
                answer,
            )
            .await?;
        let (digest, until) = match answer {
            Guidance::Needed(guide) => (
                Some(self::digest(&guide.summary)),
                Some(guide.until.to_string()),
            ),
            Guidance::NotNeeded(_) => (None, None),
        };
        let (tenant, now) = (self.tenant().to_string(), self.now().as_microsecond());
        sqlx::query(
            "INSERT INTO linkage_guidance
               (tenant, consultation, version, patient, needed, content, digest, until, token_hash, expires_at, answered_by, answered_at)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)",
        )
        .bind(tenant)
        .bind(visit.id.to_string())
        .bind(version)
        .bind(visit.patient.to_string())
        .bind(i64::from(digest.is_some()))
        .bind(sealed)
        .bind(digest.clone())
        .bind(until)
        .bind(link.map(|(secret, _)| hash(secret)))
        .bind(link.map(|(_, expires)| expires.as_microsecond()))
        .bind(by.person().map(|person| person.to_string()).unwrap_or_default())
        .bind(now)
        .execute(self.any())
        .await?;
        let action = if digest.is_some() {
            "guidance.sent"
        } else {
            "guidance.not_needed"
        };
        let mut entry = by
            .under(GUIDED, action)
            .object("consultation", visit.id.to_string())
            .object("patient", visit.patient.to_string())
            .field("version", version);
        if let Some(digest) = digest {
            entry = entry.field("summary", digest);
        }
        self.record(entry).await?;
        Ok(version)
    }

    /// Ends the links to the guidance of a visit now.
    ///
    /// # Errors
    ///
    /// Storage failed.
    pub async fn end_guidance(&mut self, visit: ConsultationId) -> Result<(), Fault> {
        let (tenant, now) = (self.tenant().to_string(), self.now().as_microsecond());
        sqlx::query(
            "UPDATE linkage_guidance SET expires_at = $1
             WHERE tenant = $2 AND consultation = $3 AND expires_at > $1",
        )
        .bind(now)
        .bind(tenant)
        .bind(visit.to_string())
        .execute(self.any())
        .await?;
        Ok(())
    }

    /// Keeps that the patient opened the guidance: each time in the ledger, the first time in the row.
    ///
    /// # Errors
    ///
    /// Storage failed.
    pub async fn keep_guidance_shown(
        &mut self,
        by: &By,
        guidance: &KeptGuidance,
    ) -> Result<(), Fault> {
        let (tenant, now) = (self.tenant().to_string(), self.now().as_microsecond());
        sqlx::query(
            "UPDATE linkage_guidance SET shown_at = $1
             WHERE tenant = $2 AND consultation = $3 AND version = $4 AND shown_at IS NULL",
        )
        .bind(now)
        .bind(tenant)
        .bind(guidance.visit.to_string())
        .bind(guidance.version)
        .execute(self.any())
        .await?;
        self.record(
            by.under(GUIDED, "guidance.shown")
                .object("consultation", guidance.visit.to_string())
                .object("patient", guidance.patient.to_string())
                .field("version", guidance.version),
        )
        .await?;
        Ok(())
    }

    /// Keeps the reply to whoever referred the patient. The task that waits for it ends with it.
    ///
    /// # Errors
    ///
    /// `Conflict` when it was sent before; or storage failed.
    pub async fn keep_reply_letter(
        &mut self,
        by: &By,
        visit: &Consultation,
        reply: &Reply,
    ) -> Result<(), Fault> {
        if self.reply_letter(visit).await?.is_some() {
            return Err(Fault::Conflict);
        }
        let sealed = self
            .seal_json(
                &visit.patient.to_string(),
                "reply_letter",
                &visit.id.to_string(),
                reply,
            )
            .await?;
        let digest = digest(&reply.text);
        let (tenant, now) = (self.tenant().to_string(), self.now().as_microsecond());
        sqlx::query(
            "INSERT INTO reply_letter (tenant, consultation, patient, content, digest, sent_by, sent_at)
             VALUES ($1, $2, $3, $4, $5, $6, $7)",
        )
        .bind(tenant)
        .bind(visit.id.to_string())
        .bind(visit.patient.to_string())
        .bind(sealed)
        .bind(&digest)
        .bind(by.person().map(|person| person.to_string()).unwrap_or_default())
        .bind(now)
        .execute(self.any())
        .await?;
        self.record(
            by.under(REFERRED, "reply.sent")
                .object("consultation", visit.id.to_string())
                .object("patient", visit.patient.to_string())
                .field("document", digest),
        )
        .await?;
        Ok(())
    }

    /// Keeps who was spoken to where the patient is handed over, and the document that went along.
    ///
    /// # Errors
    ///
    /// Storage failed.
    pub async fn keep_handed_to(
        &mut self,
        by: &By,
        visit: &Consultation,
        handed: &Handed,
    ) -> Result<(), Fault> {
        let sealed = self
            .seal_json(
                &visit.patient.to_string(),
                "hand_over_contact",
                &visit.id.to_string(),
                handed,
            )
            .await?;
        let digest = digest(&handed.document);
        let (tenant, now) = (self.tenant().to_string(), self.now().as_microsecond());
        sqlx::query(
            "INSERT INTO hand_over_contact (tenant, consultation, patient, content, digest, contacted_at, made_by, made_at)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
        )
        .bind(tenant)
        .bind(visit.id.to_string())
        .bind(visit.patient.to_string())
        .bind(sealed)
        .bind(&digest)
        .bind(handed.contact.at.as_microsecond())
        .bind(by.person().map(|person| person.to_string()).unwrap_or_default())
        .bind(now)
        .execute(self.any())
        .await?;
        self.record(
            by.under(CONTACTED, "referral.sent")
                .object("consultation", visit.id.to_string())
                .object("patient", visit.patient.to_string())
                .field("document", digest),
        )
        .await?;
        Ok(())
    }
}

fn hash(secret: &[u8]) -> Vec<u8> {
    Sha256::digest(secret).to_vec()
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
