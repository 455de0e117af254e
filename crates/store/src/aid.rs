//! Pictures and words that a patient sends as an aid for a visit (補助), sealed; what is not safe to show is set aside.

use crate::{By, Conn, Fault, Tx, row::Cells};
use care::{
    Consultation, ConsultationId,
    examination::{AIDED, Aids},
};
use jiff::Timestamp;
use sha2::{Digest as _, Sha256};
use ulid::Ulid;

/// Aids of one visit at most.
pub const AIDS_MAX: usize = 12;

/// One aid as it is listed. No `Debug`: it is somebody's word.
#[derive(Clone)]
pub struct Aid {
    /// Which.
    pub id: Ulid,
    /// What.
    pub content: Content,
    /// When it was sent.
    pub sent: Timestamp,
}

/// What an aid is.
#[derive(Clone)]
pub enum Content {
    /// A picture; its points are read by [`Conn::aid_picture`].
    Picture,
    /// Words.
    Words(String),
    /// It was set aside, and nothing of it is kept but its digest.
    SetAside,
}

/// Why something that was sent is not shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Danger {
    /// It holds a signature of malicious software.
    Signature,
    /// It is a program.
    Program,
}

impl Danger {
    /// The word stored and sent.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Signature => "signature",
            Self::Program => "program",
        }
    }
}

/// Something sent for a visit, as it is to be kept.
pub enum Sent<'a> {
    /// A picture, drawn anew: JPEG.
    Picture(&'a [u8]),
    /// Words.
    Words(&'a str),
    /// Bytes that are not kept, and why.
    Dangerous(&'a [u8], Danger),
}

impl Conn {
    /// What was sent for a visit, the oldest first.
    ///
    /// # Errors
    ///
    /// Storage failed.
    pub async fn aids(&mut self, visit: &Consultation) -> Result<Vec<Aid>, Fault> {
        let rows = sqlx::query(
            "SELECT id, kind, set_aside, sent_at, CASE WHEN kind = 'words' THEN content END AS words
             FROM aid
             WHERE tenant = $1 AND consultation = $2 -- aid_by_visit
             ORDER BY sent_at, id
             LIMIT $3",
        )
        .bind(self.tenant().to_string())
        .bind(visit.id.to_string())
        .bind(i64::try_from(AIDS_MAX).unwrap_or(i64::MAX))
        .fetch_all(self.any())
        .await?;
        let patient = visit.patient.to_string();
        let mut aids = Vec::with_capacity(rows.len());
        for row in &rows {
            let cells = Cells::of("aid", row);
            let id: Ulid = cells.parsed("id")?;
            let content = if cells.maybe_text("set_aside")?.is_some() {
                Content::SetAside
            } else if let Some(sealed) = cells.maybe_bytes("words")? {
                let words = self
                    .unseal_json(&patient, "aid", &id.to_string(), &sealed)
                    .await?;
                Content::Words(words)
            } else {
                Content::Picture
            };
            aids.push(Aid {
                id,
                content,
                sent: cells.instant("sent_at")?,
            });
        }
        Ok(aids)
    }

    /// The picture of one aid of a visit; none where it is none, or was set aside.
    ///
    /// # Errors
    ///
    /// Storage failed.
    pub async fn aid_picture(
        &mut self,
        visit: &Consultation,
        id: Ulid,
    ) -> Result<Option<Vec<u8>>, Fault> {
        let row = sqlx::query(
            "SELECT id, content
             FROM aid
             WHERE tenant = $1 AND id = $2 AND consultation = $3 AND kind = 'picture' AND content IS NOT NULL",
        )
        .bind(self.tenant().to_string())
        .bind(id.to_string())
        .bind(visit.id.to_string())
        .fetch_optional(self.any())
        .await?;
        let Some(row) = row else {
            return Ok(None);
        };
        let sealed = Cells::of("aid", &row).bytes("content")?;
        let patient = visit.patient.to_string();
        self.unseal(&patient, "aid", &id.to_string(), &sealed)
            .await
            .map(Some)
    }

    /// How the aids that a note cites stand; looks nothing up where it cites none.
    pub(crate) async fn cited_aids(
        &mut self,
        visit: ConsultationId,
        cited: &[String],
    ) -> Result<Aids, Fault> {
        if cited.is_empty() {
            return Ok(Aids::default());
        }
        let rows = sqlx::query(
            "SELECT id
             FROM aid
             WHERE tenant = $1 AND consultation = $2 AND set_aside IS NULL -- aid_by_visit
             LIMIT $3",
        )
        .bind(self.tenant().to_string())
        .bind(visit.to_string())
        .bind(i64::try_from(AIDS_MAX).unwrap_or(i64::MAX))
        .fetch_all(self.any())
        .await?;
        let kept: Vec<String> = rows
            .iter()
            .map(|row| Cells::of("aid", row).text("id"))
            .collect::<Result<_, _>>()?;
        Ok(Aids {
            cited: cited.to_vec(),
            usable: kept.into_iter().filter(|id| cited.contains(id)).collect(),
        })
    }
}

impl Tx {
    /// Keeps what was sent for a visit, or that it was set aside.
    ///
    /// # Errors
    ///
    /// The visit has as many as it may (`Conflict`), or storage failed.
    pub async fn keep_aid(
        &mut self,
        by: &By,
        visit: &Consultation,
        sent: Sent<'_>,
    ) -> Result<Ulid, Fault> {
        if self.aids(visit).await?.len() >= AIDS_MAX {
            return Err(Fault::Conflict);
        }
        let id = self.fresh_id()?;
        let (patient, row) = (visit.patient.to_string(), id.to_string());
        let (kind, content, danger) = match sent {
            Sent::Picture(bytes) => {
                let sealed = self.seal(&patient, "aid", &row, bytes).await?;
                ("picture", Some(sealed), None)
            }
            Sent::Words(words) => {
                let sealed = self.seal_json(&patient, "aid", &row, &words).await?;
                ("words", Some(sealed), None)
            }
            Sent::Dangerous(bytes, danger) => ("picture", None, Some((bytes, danger))),
        };
        let (tenant, now) = (self.tenant().to_string(), self.now().as_microsecond());
        sqlx::query(
            "INSERT INTO aid (tenant, id, consultation, patient, kind, content, set_aside, digest, sent_at)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        )
        .bind(tenant)
        .bind(row)
        .bind(visit.id.to_string())
        .bind(patient)
        .bind(kind)
        .bind(content)
        .bind(danger.map(|(_, danger)| danger.as_str()))
        .bind(danger.map(|(bytes, _)| crate::engine::hex(&Sha256::digest(bytes))))
        .bind(now)
        .execute(self.any())
        .await?;
        let entry = match danger {
            None => by.under(AIDED, "aid.kept").field("kind", kind),
            Some((_, danger)) => by
                .under(AIDED, "aid.set_aside")
                .field("danger", danger.as_str()),
        };
        self.record(entry.object("consultation", visit.id.to_string()))
            .await?;
        Ok(id)
    }
}
