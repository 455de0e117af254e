//! The chart (診療録): notes by version, finalised (確定) with author and time, never overwritten; and who opened it.

use crate::{By, Conn, Fault, Tx, row::Cells};
use access::PersonId;
use care::{
    Consultation, ConsultationId, NoteId, PatientId,
    examination::SignedAct,
    record::{self, Reading, Soap},
};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use sqlx::any::AnyRow;

/// One version of a visit's note.
#[derive(Clone)]
pub struct NoteVersion {
    /// Its name.
    pub id: NoteId,
    /// Of which visit.
    pub consultation: ConsultationId,
    /// Version, from 1.
    pub version: i64,
    /// The text.
    pub soap: Soap,
    /// Why an amendment was made; empty for the first version.
    pub reason: String,
    /// Who wrote it.
    pub author: PersonId,
    /// When.
    pub written: Timestamp,
    /// By whom and when it was finalised.
    pub finalized: Option<(PersonId, Timestamp)>,
}

/// What lies sealed in a note's row: the text, and the salt of its digest in the ledger.
#[derive(Serialize, Deserialize)]
struct Content {
    soap: Soap,
    reason: String,
    salt: [u8; 16],
}

/// A finalised note whose row no longer says what the ledger says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AlteredNote {
    /// Which note.
    pub note: NoteId,
}

impl Conn {
    /// Every version of a visit's note, oldest first.
    ///
    /// # Errors
    ///
    /// Storage failed.
    pub async fn notes_of(&mut self, visit: ConsultationId) -> Result<Vec<NoteVersion>, Fault> {
        let rows = sqlx::query(
            "SELECT id, patient, consultation, version, content, author, written_at, finalized_at, finalized_by
             FROM note
             WHERE tenant = $1 AND consultation = $2 AND kind = 'visit'
             ORDER BY version
             LIMIT 200",
        )
        .bind(self.tenant().to_string())
        .bind(visit.to_string())
        .fetch_all(self.any())
        .await?;
        let mut notes = Vec::new();
        for row in &rows {
            notes.push(self.note(row).await?.0);
        }
        Ok(notes)
    }

    /// Finalised notes of a patient, newest first: what the chart pane shows.
    ///
    /// # Errors
    ///
    /// Storage failed.
    pub async fn chart(&mut self, patient: PatientId) -> Result<Vec<NoteVersion>, Fault> {
        let rows = sqlx::query(
            "SELECT n.id, n.patient, n.consultation, n.version, n.content, n.author, n.written_at, n.finalized_at, n.finalized_by
             FROM note n
             WHERE n.tenant = $1 AND n.patient = $2 AND n.kind = 'visit' AND n.finalized_at IS NOT NULL -- note_by_patient
               AND n.version = (SELECT MAX(v.version) FROM note v
                                WHERE v.tenant = n.tenant AND v.consultation = n.consultation AND v.kind = 'visit'
                                  AND v.finalized_at IS NOT NULL)
             ORDER BY n.written_at DESC
             LIMIT 50",
        )
        .bind(self.tenant().to_string())
        .bind(patient.to_string())
        .fetch_all(self.any())
        .await?;
        let mut notes = Vec::new();
        for row in &rows {
            notes.push(self.note(row).await?.0);
        }
        Ok(notes)
    }

    /// The newest opening of the chart for a visit: the treating physician's own where there is one.
    ///
    /// A colleague who looks in afterwards takes nothing away from it.
    ///
    /// # Errors
    ///
    /// Storage failed.
    pub async fn chart_reading(&mut self, visit: ConsultationId) -> Result<Option<Reading>, Fault> {
        let row = sqlx::query(
            "SELECT r.id AS id, r.patient AS patient, r.person AS person, r.opened_at AS opened_at
             FROM chart_reading r
             JOIN consultation c ON c.tenant = r.tenant AND c.id = r.consultation
             WHERE r.tenant = $1 AND r.consultation = $2 -- chart_reading_by_consultation
             ORDER BY CASE WHEN r.person = c.physician THEN 0 ELSE 1 END, r.opened_at DESC, r.id DESC
             LIMIT 1",
        )
        .bind(self.tenant().to_string())
        .bind(visit.to_string())
        .fetch_optional(self.any())
        .await?;
        row.map(|row| {
            let cells = Cells::of("chart_reading", &row);
            Ok(Reading {
                patient: cells.parsed("patient")?,
                by: cells.parsed("person")?,
                opened: cells.instant("opened_at")?,
            })
        })
        .transpose()
    }

    /// Every finalised note as the nightly check sees it: which visit, and what was measured (cl-1.6-ii-b).
    ///
    /// # Errors
    ///
    /// Storage failed.
    pub async fn signed_acts(&mut self) -> Result<Vec<SignedAct>, Fault> {
        let rows = sqlx::query(
            "SELECT n.id, n.consultation,
                    COALESCE((SELECT CAST(SUM(q.two_way_seconds) AS BIGINT) FROM call_quality q
                              WHERE q.tenant = n.tenant AND q.consultation = n.consultation), 0) AS seconds
             FROM note n
             WHERE n.tenant = $1 AND n.kind = 'visit' AND n.finalized_at IS NOT NULL
             ORDER BY n.written_at DESC
             LIMIT 10000",
        )
        .bind(self.tenant().to_string())
        .fetch_all(self.any())
        .await?;
        rows.iter()
            .map(|row| {
                let cells = Cells::of("note", row);
                Ok(SignedAct {
                    consultation: cells.maybe_parsed("consultation")?,
                    two_way_seconds: cells.int("seconds")?,
                })
            })
            .collect()
    }

    /// Compares every finalised note with the digest that the ledger holds of it.
    ///
    /// # Errors
    ///
    /// Storage failed.
    pub async fn altered_notes(&mut self) -> Result<Vec<AlteredNote>, Fault> {
        let rows = sqlx::query(
            "SELECT id, patient, consultation, version, content, author, written_at, finalized_at, finalized_by
             FROM note
             WHERE tenant = $1 AND kind = 'visit' AND finalized_at IS NOT NULL
             ORDER BY written_at
             LIMIT 100000",
        )
        .bind(self.tenant().to_string())
        .fetch_all(self.any())
        .await?;
        let mut altered = Vec::new();
        for row in &rows {
            let id: NoteId = Cells::of("note", row).parsed("id")?;
            let digest = match self.note(row).await {
                Ok((note, salt)) => {
                    Some(ledger::Digest::salted(&salt, &text_of(&note.soap)?).to_hex())
                }
                Err(Fault::Corrupt { .. }) => None,
                Err(fault) => return Err(fault),
            };
            let known = match digest {
                Some(digest) => {
                    self.ledger_mentions(&format!("\"note\":\"{digest}\""))
                        .await?
                }
                None => false,
            };
            if !known {
                altered.push(AlteredNote { note: id });
            }
        }
        Ok(altered)
    }

    async fn ledger_mentions(&mut self, text: &str) -> Result<bool, Fault> {
        let row = sqlx::query(
            "SELECT COUNT(*) AS found FROM ledger_entry
             WHERE tenant = $1 AND body LIKE $2",
        )
        .bind(self.tenant().to_string())
        .bind(format!("%{text}%"))
        .fetch_one(self.any())
        .await?;
        Ok(Cells::of("ledger_entry", &row).int("found")? > 0)
    }

    async fn note(&mut self, row: &AnyRow) -> Result<(NoteVersion, [u8; 16]), Fault> {
        let cells = Cells::of("note", row);
        let id: NoteId = cells.parsed("id")?;
        let patient = cells.text("patient")?;
        let sealed = cells.bytes("content")?;
        let content: Content = self
            .unseal_json(&patient, "note", &id.to_string(), &sealed)
            .await?;
        Ok((
            NoteVersion {
                id,
                consultation: cells.parsed("consultation")?,
                version: cells.int("version")?,
                soap: content.soap,
                reason: content.reason,
                author: cells.parsed("author")?,
                written: cells.instant("written_at")?,
                finalized: cells
                    .maybe_parsed("finalized_by")?
                    .zip(cells.maybe_instant("finalized_at")?),
            },
            content.salt,
        ))
    }
}

impl Tx {
    /// Keeps a draft. An unfinished version is written over; after a finalised one a new version begins.
    ///
    /// # Errors
    ///
    /// `Conflict` when the draft was changed from another window since version `seen`; or storage failed.
    pub async fn keep_draft(
        &mut self,
        by: &By,
        author: PersonId,
        visit: &Consultation,
        (soap, reason): (&Soap, &str),
    ) -> Result<NoteId, Fault> {
        let newest = self.notes_of(visit.id).await?.into_iter().next_back();
        let (id, version, fresh) = match &newest {
            Some(note) if note.finalized.is_none() => (note.id, note.version, false),
            Some(note) => (NoteId(self.fresh_id()?), note.version + 1, true),
            None => (NoteId(self.fresh_id()?), 1, true),
        };
        let (salt, _) = self.digest(&[])?;
        let content = Content {
            soap: soap.clone(),
            reason: reason.to_owned(),
            salt,
        };
        let sealed = self
            .seal_json(
                &visit.patient.to_string(),
                "note",
                &id.to_string(),
                &content,
            )
            .await?;
        let (tenant, now) = (self.tenant().to_string(), self.now().as_microsecond());
        if fresh {
            sqlx::query(
                "INSERT INTO note (tenant, id, patient, consultation, kind, version, content, author, written_at)
                 VALUES ($1, $2, $3, $4, 'visit', $5, $6, $7, $8)",
            )
            .bind(tenant)
            .bind(id.to_string())
            .bind(visit.patient.to_string())
            .bind(visit.id.to_string())
            .bind(version)
            .bind(sealed)
            .bind(author.to_string())
            .bind(now)
            .execute(self.any())
            .await?;
            self.record(
                by.entry("record.opened")
                    .object("consultation", visit.id.to_string())
                    .object("note", id.to_string()),
            )
            .await?;
        } else {
            sqlx::query(
                "UPDATE note SET content = $1, author = $2, written_at = $3
                 WHERE tenant = $4 AND id = $5 AND finalized_at IS NULL",
            )
            .bind(sealed)
            .bind(author.to_string())
            .bind(now)
            .bind(tenant)
            .bind(id.to_string())
            .execute(self.any())
            .await?;
        }
        Ok(id)
    }

    /// Finalises (確定) the draft: author, time, and a digest of the text in the ledger.
    ///
    /// # Errors
    ///
    /// `Conflict` when there is no draft; or storage failed.
    pub async fn finalize_note(
        &mut self,
        by: &By,
        physician: PersonId,
        visit: &Consultation,
    ) -> Result<NoteVersion, Fault> {
        let draft = self
            .notes_of(visit.id)
            .await?
            .into_iter()
            .next_back()
            .filter(|note| note.finalized.is_none())
            .ok_or(Fault::Conflict)?;
        let (salt, digest) = self.digest(&text_of(&draft.soap)?)?;
        let content = Content {
            soap: draft.soap.clone(),
            reason: draft.reason.clone(),
            salt,
        };
        let sealed = self
            .seal_json(
                &visit.patient.to_string(),
                "note",
                &draft.id.to_string(),
                &content,
            )
            .await?;
        let (tenant, now) = (self.tenant().to_string(), self.now().as_microsecond());
        sqlx::query(
            "UPDATE note SET content = $1, finalized_at = $2, finalized_by = $3
             WHERE tenant = $4 AND id = $5 AND finalized_at IS NULL",
        )
        .bind(sealed)
        .bind(now)
        .bind(physician.to_string())
        .bind(tenant)
        .bind(draft.id.to_string())
        .execute(self.any())
        .await?;
        self.record(
            by.under(record::DOCUMENTED, "record.finalized")
                .object("consultation", visit.id.to_string())
                .object("note", draft.id.to_string())
                .field("version", draft.version)
                .digest("note", digest),
        )
        .await?;
        Ok(draft)
    }

    /// Keeps that the chart was put before the physician for this visit (cl-2.1-iv-a).
    ///
    /// # Errors
    ///
    /// Storage failed.
    pub async fn keep_chart_reading(
        &mut self,
        by: &By,
        person: PersonId,
        visit: &Consultation,
    ) -> Result<(), Fault> {
        let id = self.fresh_id()?;
        let (tenant, now) = (self.tenant().to_string(), self.now().as_microsecond());
        sqlx::query(
            "INSERT INTO chart_reading (tenant, id, consultation, patient, person, opened_at) VALUES ($1, $2, $3, $4, $5, $6)",
        )
        .bind(tenant)
        .bind(id.to_string())
        .bind(visit.id.to_string())
        .bind(visit.patient.to_string())
        .bind(person.to_string())
        .bind(now)
        .execute(self.any())
        .await?;
        self.record(
            by.under(record::CHART_READ, "chart.opened")
                .object("patient", visit.patient.to_string())
                .object("consultation", visit.id.to_string()),
        )
        .await?;
        Ok(())
    }

    /// Keeps that a page showed these patients: one entry for the page, before its first byte.
    ///
    /// # Errors
    ///
    /// Storage failed.
    pub async fn keep_read(
        &mut self,
        by: &By,
        page: &'static str,
        patients: &[PatientId],
    ) -> Result<(), Fault> {
        let mut entry = by.entry("record.opened").field("page", page);
        for patient in patients.iter().take(crate::patient::PAGE_MAX) {
            entry = entry.object("patient", patient.to_string());
        }
        self.record(entry).await?;
        Ok(())
    }

    /// Keeps the outcome of a nightly check.
    ///
    /// # Errors
    ///
    /// Storage failed.
    pub async fn keep_invariant(&mut self, name: &'static str, found: usize) -> Result<(), Fault> {
        let id = self.fresh_id()?;
        let found = i64::try_from(found).unwrap_or(i64::MAX);
        let (tenant, now) = (self.tenant().to_string(), self.now().as_microsecond());
        sqlx::query("INSERT INTO invariant_check (tenant, id, name, checked_at, found) VALUES ($1, $2, $3, $4, $5)")
            .bind(tenant)
            .bind(id.to_string())
            .bind(name)
            .bind(now)
            .bind(found)
            .execute(self.any())
            .await?;
        self.record(
            By::System
                .entry("selftest.reported")
                .field("check", name)
                .field("found", found),
        )
        .await?;
        Ok(())
    }
}

fn text_of(soap: &Soap) -> Result<Vec<u8>, Fault> {
    serde_json::to_vec(soap).map_err(|why| Fault::Unavailable(why.to_string()))
}
