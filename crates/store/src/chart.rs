//! The chart (診療録): notes by version, finalised (確定) with author and time, never overwritten; and who opened it.

use crate::{
    By, Conn, Fault, Store, Tx,
    agreement::AgreementEntry,
    by::Also as _,
    dossier::legal_day,
    draft::OtherText,
    row::{Cells, json},
};
use access::{PersonId, TenantId};
use care::{
    Consultation, ConsultationId, NoteId, PatientId,
    examination::SignedAct,
    record::{self, Derived, Reading, Soap},
    task::{Kind, Opening},
};
use jiff::Timestamp;
use ledger::Entry;
use serde::{Deserialize, Serialize};
use sqlx::any::AnyRow;
use std::collections::{BTreeMap, BTreeSet};

/// Entries of the ledger read at once when charts are compared with it.
const LEDGER_PAGE: i64 = 5_000;
/// Entries of charts unsealed at once when they are compared with it.
const NOTE_PAGE: i64 = 1_000;
/// Finalised notes that the nightly check looks at at once.
const ACT_PAGE: i64 = 5_000;

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
    /// The answer it was signed with; none while it is a draft.
    pub answer: Option<Answer>,
    /// What the program knew of the visit when it was signed; none while it is a draft.
    pub derived: Option<Derived>,
    /// Who wrote it.
    pub author: PersonId,
    /// When.
    pub written: Timestamp,
    /// By whom and when it was finalised.
    pub finalized: Option<(PersonId, Timestamp)>,
    /// Another text of the same draft, written in a window that had not seen this one. Never in a finalised version.
    pub other: Option<OtherText>,
}

/// The kind of entry that says what was explained and agreed to.
pub(crate) const AGREEMENT: &str = "agreement";

/// What lies sealed in a note's row: the text, the answer it was signed with, what the program knew, and the salt of its
/// digest in the ledger.
#[derive(Serialize, Deserialize)]
pub(crate) struct Content {
    pub(crate) soap: Soap,
    pub(crate) reason: String,
    /// Whether it was enough to stand in for face to face, from the signature on (cl-1.2-i).
    #[serde(default)]
    pub(crate) answer: Option<Answer>,
    /// What the program wrote by itself, from the signature on (cl-3.2-i-a).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) derived: Option<Derived>,
    /// The second text of a draft; never in a finalised version.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) other: Option<OtherText>,
    pub(crate) salt: [u8; 16],
}

/// The answer to "enough?" as it stands in the signed note, beside what the server measured.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Answer {
    /// 足りる
    pub enough: bool,
    /// By whom.
    pub by: PersonId,
    /// When.
    pub at: Timestamp,
    /// Whether the patient's picture was flowing at that moment.
    pub video_then: bool,
    /// Seconds of sound both ways and the patient's picture, up to the signature.
    pub two_way_seconds: i64,
}

/// An entry of the chart about an agreement, and where it stands (cl-2.5.1.1-iii-b).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChartedAgreement {
    /// Its name.
    pub id: NoteId,
    /// In which visit it was taken.
    pub consultation: ConsultationId,
    /// Version, from 1: a later agreement of the same visit stands beside the earlier one.
    pub version: i64,
    /// What it says.
    pub entry: AgreementEntry,
}

/// Some of the finalised notes, for the nightly check.
#[derive(Clone, Debug)]
pub struct SignedActs {
    /// What was signed, and what was measured.
    pub acts: Vec<SignedAct>,
    /// After which one to go on; none where these were the last.
    pub next: Option<String>,
}

/// A finished entry of a chart that no longer says what the ledger says, or is gone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AlteredNote {
    /// Which entry, as the row or the ledger names it: what somebody put in may bear no id at all.
    pub note: String,
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

    /// Finalised notes as the nightly check sees them: which visit, and what was measured (cl-1.6-ii-b). Some at a time, in
    /// the order of their names, after the one given: a row that bears an old date is looked at like any other.
    ///
    /// # Errors
    ///
    /// Storage failed.
    pub async fn signed_acts(&mut self, after: &str) -> Result<SignedActs, Fault> {
        let rows = sqlx::query(
            "SELECT n.id, n.consultation,
                    COALESCE((SELECT CAST(SUM(q.two_way_seconds) AS BIGINT) FROM call_quality q
                              WHERE q.tenant = n.tenant AND q.consultation = n.consultation), 0) AS seconds
             FROM note n
             WHERE n.tenant = $1 AND n.id > $2 AND n.kind = 'visit' AND n.finalized_at IS NOT NULL
             ORDER BY n.id
             LIMIT $3",
        )
        .bind(self.tenant().to_string())
        .bind(after)
        .bind(ACT_PAGE)
        .fetch_all(self.any())
        .await?;
        let mut found = SignedActs {
            acts: Vec::with_capacity(rows.len()),
            next: None,
        };
        for row in &rows {
            let cells = Cells::of("note", row);
            found.acts.push(SignedAct {
                // A visit that bears no name is none.
                consultation: cells.maybe_parsed("consultation").ok().flatten(),
                two_way_seconds: cells.int("seconds")?,
            });
            found.next = Some(cells.text("id")?);
        }
        if i64::try_from(rows.len()).unwrap_or(i64::MAX) < ACT_PAGE {
            found.next = None;
        }
        Ok(found)
    }

    /// What the chart says of a patient's agreements, newest first.
    ///
    /// # Errors
    ///
    /// Storage failed.
    pub async fn charted_agreements(
        &mut self,
        patient: PatientId,
    ) -> Result<Vec<ChartedAgreement>, Fault> {
        let rows = sqlx::query(
            "SELECT id, patient, consultation, version, content
             FROM note
             WHERE tenant = $1 AND patient = $2 AND kind = 'agreement' -- note_by_patient
             ORDER BY written_at DESC, version DESC
             LIMIT 50",
        )
        .bind(self.tenant().to_string())
        .bind(patient.to_string())
        .fetch_all(self.any())
        .await?;
        let mut entries = Vec::new();
        for row in &rows {
            let cells = Cells::of("note", row);
            let (id, sealed): (NoteId, _) = (cells.parsed("id")?, cells.bytes("content")?);
            entries.push(ChartedAgreement {
                id,
                consultation: cells.parsed("consultation")?,
                version: cells.int("version")?,
                entry: self
                    .unseal_json(&patient.to_string(), "note", &id.to_string(), &sealed)
                    .await?,
            });
        }
        Ok(entries)
    }

    /// Compares the finished entries of every chart with what the ledger holds of them, both ways: from each row to its
    /// entry, and from each entry to its row, so that what was deleted is missed as well.
    ///
    /// # Errors
    ///
    /// Storage failed.
    pub async fn altered_notes(&mut self) -> Result<Vec<AlteredNote>, Fault> {
        let told = self.told_of_notes().await?;
        let mut altered = Vec::new();
        let mut there = BTreeSet::new();
        let mut after = String::new();
        loop {
            let rows = sqlx::query(
                "SELECT id, patient, consultation, kind, version, content, author, written_at, finalized_at, finalized_by
                 FROM note
                 WHERE tenant = $1 AND id > $2 AND kind IN ('visit', 'agreement') AND finalized_at IS NOT NULL
                 ORDER BY id
                 LIMIT $3",
            )
            .bind(self.tenant().to_string())
            .bind(&after)
            .bind(NOTE_PAGE)
            .fetch_all(self.any())
            .await?;
            for row in &rows {
                let id = Cells::of("note", row).text("id")?;
                after.clone_from(&id);
                there.insert(id.clone());
                let digest = match self.digest_of(row).await {
                    Ok(digest) => Some(digest),
                    Err(Fault::Corrupt { .. }) => None,
                    // Shredding erases the content and leaves every proof whole: there is nothing left to compare.
                    Err(Fault::Erased) => continue,
                    Err(fault) => return Err(fault),
                };
                if digest.is_none() || told.get(&id) != digest.as_ref() {
                    altered.push(AlteredNote { note: id });
                }
            }
            if i64::try_from(rows.len()).unwrap_or(i64::MAX) < NOTE_PAGE {
                break;
            }
        }
        altered.extend(
            told.into_keys()
                .filter(|id| !there.contains(id))
                .map(|note| AlteredNote { note }),
        );
        Ok(altered)
    }

    async fn digest_of(&mut self, row: &AnyRow) -> Result<String, Fault> {
        let cells = Cells::of("note", row);
        if cells.text("kind")? != AGREEMENT {
            let (version, content) = self.note(row).await?;
            return Ok(content.digest(&version)?.to_hex());
        }
        let (id, sealed) = (cells.text("id")?, cells.bytes("content")?);
        let entry: AgreementEntry = self
            .unseal_json(&cells.text("patient")?, "note", &id, &sealed)
            .await?;
        Ok(entry.digest()?.to_hex())
    }

    /// The newest digest that the ledger holds of each finished entry.
    async fn told_of_notes(&mut self) -> Result<BTreeMap<String, String>, Fault> {
        let mut told = BTreeMap::new();
        let mut after = -1;
        loop {
            let rows = sqlx::query(
                "SELECT seq, body FROM ledger_entry
                 WHERE tenant = $1 AND seq > $2
                 ORDER BY seq
                 LIMIT $3",
            )
            .bind(self.tenant().to_string())
            .bind(after)
            .bind(LEDGER_PAGE)
            .fetch_all(self.any())
            .await?;
            for row in &rows {
                let cells = Cells::of("ledger_entry", row);
                after = cells.int("seq")?;
                let body = cells.text("body")?;
                if body.contains("\"record.finalized\"") || body.contains("\"agreement.charted\"") {
                    told.extend(told_of(&body));
                }
            }
            if i64::try_from(rows.len()).unwrap_or(i64::MAX) < LEDGER_PAGE {
                return Ok(told);
            }
        }
    }

    async fn note(&mut self, row: &AnyRow) -> Result<(NoteVersion, Content), Fault> {
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
                soap: content.soap.clone(),
                reason: content.reason.clone(),
                answer: content.answer.clone(),
                derived: content.derived.clone(),
                other: content.other.clone(),
                author: cells.parsed("author")?,
                written: cells.instant("written_at")?,
                finalized: cells
                    .maybe_parsed("finalized_by")?
                    .zip(cells.maybe_instant("finalized_at")?),
            },
            content,
        ))
    }
}

impl Conn {
    /// The answer to "enough?" of a visit, with what was measured by now.
    async fn answer_of(&mut self, visit: ConsultationId) -> Result<Option<Answer>, Fault> {
        let (answer, ..) = self.examination_acts(visit).await?;
        let measured = self.measured(visit).await?;
        Ok(answer.map(|answer| Answer {
            enough: answer.enough,
            by: answer.by,
            at: answer.at,
            video_then: answer.video_then,
            two_way_seconds: measured.two_way_seconds,
        }))
    }
}

impl Tx {
    /// Finalises (確定) the draft: author, time, and one digest in the ledger of the text, the answer and what the program
    /// knows of the visit.
    ///
    /// An amendment changes words, never the visit: what was known and answered stays as the first signature found it.
    ///
    /// # Errors
    ///
    /// `Conflict` when there is no draft, or two texts of it; or storage failed.
    pub async fn finalize_note(
        &mut self,
        by: &By,
        physician: PersonId,
        visit: &Consultation,
    ) -> Result<NoteVersion, Fault> {
        let mut versions = self.notes_of(visit.id).await?;
        let draft = versions
            .pop()
            .filter(|note| note.finalized.is_none() && note.other.is_none())
            .ok_or(Fault::Conflict)?;
        let (salt, _) = self.digest(&[])?;
        let first = versions.into_iter().find(|note| note.finalized.is_some());
        let (answer, derived) = if let Some(first) = first {
            (first.answer, first.derived)
        } else {
            let today = legal_day(self.now());
            let derived = self.derived(visit, today).await?;
            (self.answer_of(visit.id).await?, Some(derived))
        };
        let now = self.now();
        let content = Content {
            soap: draft.soap.clone(),
            reason: draft.reason.clone(),
            answer: answer.clone(),
            derived: derived.clone(),
            other: None,
            salt,
        };
        let note = NoteVersion {
            answer,
            derived,
            finalized: Some((physician, now)),
            ..draft
        };
        let digest = content.digest(&note)?;
        let sealed = self
            .seal_json(
                &visit.patient.to_string(),
                "note",
                &note.id.to_string(),
                &content,
            )
            .await?;
        let tenant = self.tenant().to_string();
        sqlx::query(
            "UPDATE note SET content = $1, finalized_at = $2, finalized_by = $3
             WHERE tenant = $4 AND id = $5 AND finalized_at IS NULL",
        )
        .bind(sealed)
        .bind(now.as_microsecond())
        .bind(physician.to_string())
        .bind(tenant)
        .bind(note.id.to_string())
        .execute(self.any())
        .await?;
        let entry = by
            .under(record::DOCUMENTED, "record.finalized")
            .also([record::RESERVED_ACTS])
            .object("consultation", visit.id.to_string())
            .object("note", note.id.to_string())
            .field("version", note.version)
            .digest("note", digest);
        let entry = self.reserved(entry, physician).await?;
        self.record(entry).await?;
        self.reviewed(by, physician, visit).await?;
        Ok(note)
    }

    /// The chart was read after an emergency start, and the note goes on from there: the review is done (cl-2.1-iv-b).
    async fn reviewed(
        &mut self,
        by: &By,
        physician: PersonId,
        visit: &Consultation,
    ) -> Result<(), Fault> {
        let read = self.chart_reading(visit.id).await?;
        if read.is_some_and(|reading| reading.by == physician) {
            let of_visit = |asked: &Opening| asked.visit == Some(visit.id);
            self.done_with(by, visit.patient, Kind::ChartReview, of_visit)
                .await?;
        }
        Ok(())
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
        self.record(opened(by, page, patients)).await?;
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

impl Content {
    /// The digest that the ledger holds of a finalised note: all that is sealed, and what stands beside it in the row (whose
    /// visit, which version, who wrote and who signed it, and when).
    fn digest(&self, note: &NoteVersion) -> Result<ledger::Digest, Fault> {
        let row = (
            note.id,
            note.consultation,
            note.version,
            note.author,
            note.written.as_microsecond(),
            note.finalized.map(|(by, at)| (by, at.as_microsecond())),
        );
        let said = json(&(row, &self.soap, &self.reason, &self.answer, &self.derived))?;
        Ok(ledger::Digest::salted(&self.salt, said.as_bytes()))
    }
}

/// Which chart entry a ledger entry speaks of, and its digest.
fn told_of(body: &str) -> Option<(String, String)> {
    let entry: serde_json::Value = serde_json::from_str(body).ok()?;
    let note = entry
        .get("objects")?
        .as_array()?
        .iter()
        .find(|object| object.get("kind").and_then(|kind| kind.as_str()) == Some("note"))?
        .get("id")?
        .as_str()?
        .to_owned();
    let digests = entry.get("digests")?;
    let digest = digests.get("note").or_else(|| digests.get("entry"))?;
    Some((note, digest.as_str()?.to_owned()))
}

impl Store {
    /// Keeps that a page showed these patients, before its first byte: one entry a page, and one more for each further
    /// fifty patients, so that nobody shown goes unnamed.
    ///
    /// # Errors
    ///
    /// Storage failed; then nothing may be shown.
    pub async fn keep_opened(
        &self,
        tenant: TenantId,
        now: Timestamp,
        by: &By,
        page: &'static str,
        patients: &[PatientId],
    ) -> Result<(), Fault> {
        let mut entries: Vec<Entry> = patients
            .chunks(crate::patient::PAGE_MAX)
            .map(|some| opened(by, page, some))
            .collect();
        if entries.is_empty() {
            entries.push(opened(by, page, &[]));
        }
        self.append(tenant, now, entries).await
    }
}

/// The entry of a page that showed patients.
fn opened(by: &By, page: &'static str, patients: &[PatientId]) -> Entry {
    let mut entry = by.entry("record.opened").field("page", page);
    for patient in patients.iter().take(crate::patient::PAGE_MAX) {
        entry = entry.object("patient", patient.to_string());
    }
    entry
}
