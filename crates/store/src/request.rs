//! What a patient asks for while waiting or in the call: to be called back, or help with the line.

use crate::{By, Conn, Fault, Tx, row::Cells};
use access::PersonId;
use care::{
    ConsultationId,
    place::{Beside, Doubt, PHYSICIAN_ROOM},
};
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
    /// 医師のそばに だれかいます
    Beside,
}

impl Asked {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Callback => "callback",
            Self::Trouble => "trouble",
            Self::Beside => "beside",
        }
    }

    fn parse(word: &str) -> Option<Self> {
        [Self::Callback, Self::Trouble, Self::Beside]
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
    /// When it was settled.
    pub settled: Option<Timestamp>,
}

/// The patient's own press on 聞こえない・困った; other troubles are what a browser noticed by itself.
pub const CANNOT_HEAR: &str = "cannot-hear";

impl Request {
    /// The patient's own call for help that nobody has settled, of a list that begins with the newest.
    #[must_use]
    pub fn help(requests: &[Self]) -> Option<&Self> {
        requests.iter().find(|request| {
            request.kind == Asked::Trouble
                && request.what == CANNOT_HEAR
                && request.settled.is_none()
        })
    }

    /// What of the newest request of a kind still waits, of a list that begins with the newest.
    #[must_use]
    pub fn open(requests: &[Self], kind: Asked) -> Option<&Self> {
        requests
            .iter()
            .find(|request| request.kind == kind)
            .filter(|newest| newest.settled.is_none())
    }
}

/// How a request was settled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Settled {
    /// Reception called.
    Called,
    /// The physician helped, or saw that it is over.
    Helped,
    /// The patient says that it works again.
    Works,
}

impl Settled {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Called => "called",
            Self::Helped => "helped",
            Self::Works => "works",
        }
    }
}

impl Conn {
    /// The requests of one visit, newest first.
    ///
    /// # Errors
    ///
    /// Storage failed.
    pub async fn requests(&mut self, visit: ConsultationId) -> Result<Vec<Request>, Fault> {
        let rows = sqlx::query(
            "SELECT id, kind, what, at, answered_at
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
                    settled: cells.maybe_instant("answered_at")?,
                })
            })
            .collect()
    }
}

impl Conn {
    /// The patient's newest "somebody is beside the physician", and what was answered (cl-2.1-v).
    ///
    /// # Errors
    ///
    /// Storage failed.
    pub async fn doubt(&mut self, visit: ConsultationId) -> Result<Option<Doubt>, Fault> {
        let row = sqlx::query(
            "SELECT id, at, answer, answered_at
             FROM patient_request
             WHERE tenant = $1 AND consultation = $2 AND kind = 'beside' -- patient_request_by_consultation
             ORDER BY at DESC, id DESC
             LIMIT 1",
        )
        .bind(self.tenant().to_string())
        .bind(visit.to_string())
        .fetch_optional(self.any())
        .await?;
        row.map(|row| {
            let cells = Cells::of("patient_request", &row);
            let answer = match cells.maybe_instant("answered_at")? {
                Some(at) => Some((cells.word("answer", Beside::parse)?, at)),
                None => None,
            };
            Ok(Doubt {
                asked: cells.instant("at")?,
                answer,
            })
        })
        .transpose()
    }
}

impl Tx {
    /// Keeps the physician's answer to "somebody is beside you", for every press that waits.
    ///
    /// # Errors
    ///
    /// `Conflict` when no press waits; or storage failed.
    pub async fn answer_beside(
        &mut self,
        by: &By,
        physician: PersonId,
        visit: ConsultationId,
        answer: Beside,
    ) -> Result<(), Fault> {
        let (tenant, now) = (self.tenant().to_string(), self.now().as_microsecond());
        let done = sqlx::query(
            "UPDATE patient_request SET answer = $1, answered_by = $2, answered_at = $3
             WHERE tenant = $4 AND consultation = $5 AND kind = 'beside' AND answered_at IS NULL",
        )
        .bind(answer.as_str())
        .bind(physician.to_string())
        .bind(now)
        .bind(tenant)
        .bind(visit.to_string())
        .execute(self.any())
        .await?;
        if done.rows_affected() == 0 {
            return Err(Fault::Conflict);
        }
        self.record(
            by.under(PHYSICIAN_ROOM, "place.answered")
                .object("consultation", visit.to_string())
                .field("side", "physician")
                .field("answer", answer.as_str()),
        )
        .await?;
        Ok(())
    }

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
        let entry = match kind {
            Asked::Callback => by.entry("callback.asked").field("what", what),
            Asked::Trouble => by.entry("call.troubled").field("what", what),
            Asked::Beside => by
                .under(PHYSICIAN_ROOM, "place.doubted")
                .field("side", "physician"),
        };
        self.record(entry.object("consultation", visit.to_string()))
            .await?;
        Ok(())
    }

    /// Settles every open request of a kind. Answers whether there was one.
    ///
    /// # Errors
    ///
    /// Storage failed.
    pub async fn settle_requests(
        &mut self,
        by: &By,
        visit: ConsultationId,
        kind: Asked,
        how: Settled,
    ) -> Result<bool, Fault> {
        let (tenant, now) = (self.tenant().to_string(), self.now().as_microsecond());
        let done = sqlx::query(
            "UPDATE patient_request SET answer = $1, answered_by = $2, answered_at = $3
             WHERE tenant = $4 AND consultation = $5 AND kind = $6 AND answered_at IS NULL",
        )
        .bind(how.as_str())
        .bind(by.person().map(|person| person.to_string()))
        .bind(now)
        .bind(tenant)
        .bind(visit.to_string())
        .bind(kind.as_str())
        .execute(self.any())
        .await?;
        if done.rows_affected() == 0 {
            return Ok(false);
        }
        self.record(
            by.entry("request.settled")
                .object("consultation", visit.to_string())
                .field("kind", kind.as_str())
                .field("how", how.as_str()),
        )
        .await?;
        Ok(true)
    }
}
