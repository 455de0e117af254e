//! What a patient asks for while waiting or in the call: to be called back, or help with the line.

use crate::{By, Conn, Fault, Tx, row::Cells};
use care::ConsultationId;
use jiff::Timestamp;

/// Requests of one visit that are looked at.
const REQUESTS_MAX: i64 = 20;

/// A kind of request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Asked {
    /// 順番が来たら電話で呼んでほしい
    Callback,
    /// 聞こえない・困った
    Trouble,
}

impl Asked {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Callback => "callback",
            Self::Trouble => "trouble",
        }
    }

    fn parse(word: &str) -> Option<Self> {
        [Self::Callback, Self::Trouble]
            .into_iter()
            .find(|kind| kind.as_str() == word)
    }
}

/// One request, as the board shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    /// Its kind.
    pub kind: Asked,
    /// A code word, such as `mic-silent`.
    pub what: String,
    /// When it was made.
    pub at: Timestamp,
}

impl Conn {
    /// The requests of one visit, newest first.
    ///
    /// # Errors
    ///
    /// Storage failed.
    pub async fn requests(&mut self, visit: ConsultationId) -> Result<Vec<Request>, Fault> {
        let rows = sqlx::query(
            "SELECT id, kind, what, at
             FROM patient_request
             WHERE tenant = $1 AND consultation = $2 -- patient_request_by_consultation
             ORDER BY at DESC, id DESC
             LIMIT $3",
        )
        .bind(self.tenant().to_string())
        .bind(visit.to_string())
        .bind(REQUESTS_MAX)
        .fetch_all(self.any())
        .await?;
        rows.iter()
            .map(|row| {
                let cells = Cells::of("patient_request", row);
                Ok(Request {
                    kind: cells.word("kind", Asked::parse)?,
                    what: cells.text("what")?,
                    at: cells.instant("at")?,
                })
            })
            .collect()
    }
}

impl Tx {
    /// Keeps a request, in the same commit as its ledger entry.
    ///
    /// # Errors
    ///
    /// Storage failed.
    pub async fn keep_request(
        &mut self,
        by: &By,
        visit: ConsultationId,
        kind: Asked,
        what: &str,
    ) -> Result<(), Fault> {
        let id = self.fresh_id()?;
        let (tenant, now) = (self.tenant().to_string(), self.now().as_microsecond());
        sqlx::query(
            "INSERT INTO patient_request (tenant, id, consultation, kind, what, at) VALUES ($1, $2, $3, $4, $5, $6)",
        )
        .bind(tenant)
        .bind(id.to_string())
        .bind(visit.to_string())
        .bind(kind.as_str())
        .bind(crate::plain(what)?)
        .bind(now)
        .execute(self.any())
        .await?;
        let subject = match kind {
            Asked::Callback => "callback.asked",
            Asked::Trouble => "call.troubled",
        };
        self.record(
            by.entry(subject)
                .object("consultation", visit.to_string())
                .field("what", what),
        )
        .await?;
        Ok(())
    }
}
