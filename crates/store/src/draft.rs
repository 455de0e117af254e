//! Drafts of a note: written over while they are one window's, kept side by side when two windows write at once.

use crate::{By, Fault, Tx, chart::Content};
use access::PersonId;
use care::{Consultation, NoteId, record::Soap};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// The second text of a draft that two windows wrote at once: kept until one of the two is chosen.
#[derive(Clone, Serialize, Deserialize)]
pub struct OtherText {
    /// The text.
    pub soap: Soap,
    /// Who wrote it.
    pub author: PersonId,
    /// When.
    pub written: Timestamp,
}

/// A draft as a window sends it. No `Debug`: it is clinical text.
pub struct DraftText<'a> {
    /// The text.
    pub soap: &'a Soap,
    /// Why an amendment is made; empty for the first version.
    pub reason: &'a str,
    /// The draft that the window was drawn with; `None` where the window does not say.
    pub seen: Option<Seen>,
}

/// What a window has seen of the draft before it was written on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Seen {
    /// There was none.
    Nothing,
    /// The one written at this instant.
    At(Timestamp),
    /// Both texts: this one was chosen, the other goes.
    Both,
}

/// What became of a draft.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use]
pub enum Kept {
    /// It is the draft.
    Alone(NoteId),
    /// Another window had written since: both texts are kept, side by side.
    Beside(NoteId),
}

impl Tx {
    /// Keeps a draft of a visit that says nothing of what its window had seen: it is the draft.
    ///
    /// # Errors
    ///
    /// Storage failed.
    pub async fn keep_draft(
        &mut self,
        by: &By,
        author: PersonId,
        visit: &Consultation,
        (soap, reason): (&Soap, &str),
    ) -> Result<NoteId, Fault> {
        let text = DraftText {
            soap,
            reason,
            seen: None,
        };
        match self.keep_draft_text(by, author, visit, text).await? {
            Kept::Alone(id) | Kept::Beside(id) => Ok(id),
        }
    }

    /// Keeps a draft. An unfinished version is written over; after a finalised one a new version begins.
    ///
    /// A window that has not seen the newest draft writes over nothing: its text is kept beside the draft until one of the
    /// two is chosen.
    ///
    /// # Errors
    ///
    /// Storage failed.
    pub async fn keep_draft_text(
        &mut self,
        by: &By,
        author: PersonId,
        visit: &Consultation,
        text: DraftText<'_>,
    ) -> Result<Kept, Fault> {
        let newest = self.notes_of(visit.id).await?.into_iter().next_back();
        let (salt, _) = self.digest(&[])?;
        let mut content = Content {
            soap: text.soap.clone(),
            reason: text.reason.to_owned(),
            answer: None,
            derived: None,
            other: None,
            salt,
        };
        let draft = match newest {
            Some(note) if note.finalized.is_none() => note,
            Some(note) => {
                let id = self
                    .begin_draft(by, author, visit, (note.version + 1, &content))
                    .await?;
                return Ok(Kept::Alone(id));
            }
            None => {
                let id = self.begin_draft(by, author, visit, (1, &content)).await?;
                return Ok(Kept::Alone(id));
            }
        };
        let unseen = match text.seen {
            Some(Seen::Nothing) => true,
            Some(Seen::At(at)) => at != draft.written,
            Some(Seen::Both) | None => false,
        };
        if unseen && content.soap != draft.soap {
            content.soap = draft.soap;
            content.reason = draft.reason;
            content.other = Some(OtherText {
                soap: text.soap.clone(),
                author,
                written: self.now(),
            });
            // The draft itself is not touched: its own window goes on with the instant that it knows.
            self.write_over(visit, draft.id, (&content, draft.author, draft.written))
                .await?;
            return Ok(Kept::Beside(draft.id));
        }
        content.other = match text.seen {
            Some(Seen::Both) => None,
            Some(Seen::Nothing | Seen::At(_)) | None => draft.other,
        };
        let now = self.now();
        self.write_over(visit, draft.id, (&content, author, now))
            .await?;
        Ok(Kept::Alone(draft.id))
    }

    async fn begin_draft(
        &mut self,
        by: &By,
        author: PersonId,
        visit: &Consultation,
        (version, content): (i64, &Content),
    ) -> Result<NoteId, Fault> {
        let id = NoteId(self.fresh_id()?);
        let sealed = self.sealed_note(visit, id, content).await?;
        let (tenant, now) = (self.tenant().to_string(), self.now().as_microsecond());
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
        Ok(id)
    }

    async fn write_over(
        &mut self,
        visit: &Consultation,
        id: NoteId,
        (content, author, written): (&Content, PersonId, Timestamp),
    ) -> Result<(), Fault> {
        let sealed = self.sealed_note(visit, id, content).await?;
        let tenant = self.tenant().to_string();
        sqlx::query(
            "UPDATE note SET content = $1, author = $2, written_at = $3
             WHERE tenant = $4 AND id = $5 AND finalized_at IS NULL",
        )
        .bind(sealed)
        .bind(author.to_string())
        .bind(written.as_microsecond())
        .bind(tenant)
        .bind(id.to_string())
        .execute(self.any())
        .await?;
        Ok(())
    }

    async fn sealed_note(
        &mut self,
        visit: &Consultation,
        id: NoteId,
        content: &Content,
    ) -> Result<Vec<u8>, Fault> {
        let patient = visit.patient.to_string();
        self.seal_json(&patient, "note", &id.to_string(), content)
            .await
    }
}
