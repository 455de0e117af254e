//! Messages to patients: kept sealed and in line, handed to the mail or SMS port, and what became of each.

use crate::{By, Conn, Fault, Tx, row::Cells};
use care::{ConsultationId, PatientId, ProxyId};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use sqlx::any::AnyRow;
use ulid::Ulid;

/// Messages on one list at most.
pub const LIST_MAX: i64 = 100;
/// Messages about one visit that are looked at.
const VISIT_MAX: i64 = 50;

/// By which way a message goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Channel {
    /// ショートメッセージ
    Sms,
    /// メール
    Mail,
}

impl Channel {
    /// The word stored and sent.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Sms => "sms",
            Self::Mail => "mail",
        }
    }

    /// The channel of that word.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        [Self::Sms, Self::Mail]
            .into_iter()
            .find(|channel| channel.as_str() == word)
    }
}

/// What became of a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Delivery {
    /// It waits in line.
    Queued,
    /// The port took it.
    Sent(Timestamp),
    /// 不達: the port gave it back.
    Failed,
}

/// What is sent. Sealed; no `Debug`.
#[derive(Clone, Serialize, Deserialize)]
pub struct Message {
    /// Number or address on file.
    pub to: String,
    /// Subject, for mail.
    pub subject: String,
    /// Plain text.
    pub text: String,
}

/// A message as kept.
#[derive(Clone)]
pub struct Sent {
    /// Its name.
    pub id: Ulid,
    /// For whom.
    pub patient: PatientId,
    /// About which visit.
    pub consultation: Option<ConsultationId>,
    /// By which way.
    pub channel: Channel,
    /// What kind: `invitation`, `notice`.
    pub kind: String,
    /// The words.
    pub message: Message,
    /// When it was written.
    pub created: Timestamp,
    /// What became of it.
    pub delivery: Delivery,
    /// How often the port could not be reached so far.
    pub tries: i64,
}

/// What became of one message, without its words.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fate {
    /// To the helper's own contact, if not to the patient's.
    pub proxy: Option<ProxyId>,
    /// By which way.
    pub channel: Channel,
    /// When it was written.
    pub created: Timestamp,
    /// What became of it.
    pub delivery: Delivery,
}

/// About which visit a message is, and for whom.
#[derive(Clone, Copy, Debug)]
pub struct Address {
    /// The patient whom it concerns.
    pub patient: PatientId,
    /// To the helper's own contact, if not to the patient's.
    pub proxy: Option<ProxyId>,
    /// About which visit.
    pub consultation: Option<ConsultationId>,
    /// By which way.
    pub channel: Channel,
}

impl Conn {
    /// Messages, newest first.
    ///
    /// # Errors
    ///
    /// Storage failed.
    pub async fn outbox(&mut self) -> Result<Vec<Sent>, Fault> {
        let rows = sqlx::query(
            "SELECT id, patient, consultation, channel, kind, message, created_at, sent_at, failed, tries
             FROM outbox
             WHERE tenant = $1 -- outbox_by_time
             ORDER BY created_at DESC, id DESC
             LIMIT $2",
        )
        .bind(self.tenant().to_string())
        .bind(LIST_MAX)
        .fetch_all(self.any())
        .await?;
        self.opened_messages(&rows).await
    }

    /// Messages that wait in line and are due, oldest first: not those whose next try comes later.
    ///
    /// # Errors
    ///
    /// Storage failed.
    pub async fn queued_messages(&mut self, now: Timestamp) -> Result<Vec<Sent>, Fault> {
        let rows = sqlx::query(
            "SELECT id, patient, consultation, channel, kind, message, created_at, sent_at, failed, tries
             FROM outbox
             WHERE tenant = $1 AND sent_at IS NULL AND failed IS NULL -- outbox_in_line
               AND (retry_at IS NULL OR retry_at <= $3)
             ORDER BY created_at, id
             LIMIT $2",
        )
        .bind(self.tenant().to_string())
        .bind(LIST_MAX)
        .bind(now.as_microsecond())
        .fetch_all(self.any())
        .await?;
        self.opened_messages(&rows).await
    }

    async fn opened_messages(&mut self, rows: &[AnyRow]) -> Result<Vec<Sent>, Fault> {
        let mut messages = Vec::new();
        for row in rows {
            let cells = Cells::of("outbox", row);
            let id: Ulid = cells.parsed("id")?;
            let patient: PatientId = cells.parsed("patient")?;
            let sealed = cells.bytes("message")?;
            let message = self
                .unseal_json(&patient.to_string(), "outbox", &id.to_string(), &sealed)
                .await?;
            messages.push(Sent {
                id,
                patient,
                consultation: cells.maybe_parsed("consultation")?,
                channel: cells.word("channel", Channel::parse)?,
                kind: cells.text("kind")?,
                message,
                created: cells.instant("created_at")?,
                delivery: delivery(&cells)?,
                tries: cells.int("tries")?,
            });
        }
        Ok(messages)
    }

    /// What became of the messages about a visit, newest first.
    ///
    /// # Errors
    ///
    /// Storage failed.
    pub async fn fates(&mut self, visit: ConsultationId) -> Result<Vec<Fate>, Fault> {
        let rows = sqlx::query(
            "SELECT id, proxy, channel, created_at, sent_at, failed
             FROM outbox
             WHERE tenant = $1 AND consultation = $2 -- outbox_by_consultation
             ORDER BY created_at DESC, id DESC
             LIMIT $3",
        )
        .bind(self.tenant().to_string())
        .bind(visit.to_string())
        .bind(VISIT_MAX)
        .fetch_all(self.any())
        .await?;
        rows.iter()
            .map(|row| {
                let cells = Cells::of("outbox", row);
                Ok(Fate {
                    proxy: cells.maybe_parsed("proxy")?,
                    channel: cells.word("channel", Channel::parse)?,
                    created: cells.instant("created_at")?,
                    delivery: delivery(&cells)?,
                })
            })
            .collect()
    }
}

fn delivery(cells: &Cells<'_>) -> Result<Delivery, Fault> {
    match (cells.maybe_instant("sent_at")?, cells.maybe_text("failed")?) {
        (None, None) => Ok(Delivery::Queued),
        (Some(at), None) => Ok(Delivery::Sent(at)),
        (None, Some(_)) => Ok(Delivery::Failed),
        (Some(_), Some(_)) => Err(cells.corrupt("failed")),
    }
}

impl Tx {
    /// Puts a message in line, in the same commit as what it speaks of.
    ///
    /// # Errors
    ///
    /// Storage failed.
    pub async fn post(
        &mut self,
        by: &By,
        address: &Address,
        kind: &'static str,
        message: &Message,
    ) -> Result<(), Fault> {
        let id = self.fresh_id()?;
        let patient = address.patient.to_string();
        let sealed = self
            .seal_json(&patient, "outbox", &id.to_string(), message)
            .await?;
        let (tenant, now) = (self.tenant().to_string(), self.now().as_microsecond());
        sqlx::query(
            "INSERT INTO outbox (tenant, id, patient, proxy, consultation, channel, kind, message, created_at, tries)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, 0)",
        )
        .bind(tenant)
        .bind(id.to_string())
        .bind(&patient)
        .bind(address.proxy.map(|proxy| proxy.to_string()))
        .bind(address.consultation.map(|visit| visit.to_string()))
        .bind(address.channel.as_str())
        .bind(kind)
        .bind(sealed)
        .bind(now)
        .execute(self.any())
        .await?;
        self.record(
            by.entry("guidance.queued")
                .object("patient", patient)
                .field("kind", kind)
                .field("channel", address.channel.as_str()),
        )
        .await?;
        Ok(())
    }

    /// Keeps that the port could not be reached with a message, and when it is tried again.
    ///
    /// # Errors
    ///
    /// Storage failed.
    pub async fn keep_try(&mut self, sent: &Sent, again: Timestamp) -> Result<(), Fault> {
        let tenant = self.tenant().to_string();
        sqlx::query(
            "UPDATE outbox SET tries = tries + 1, retry_at = $1
             WHERE tenant = $2 AND id = $3 AND sent_at IS NULL AND failed IS NULL",
        )
        .bind(again.as_microsecond())
        .bind(tenant)
        .bind(sent.id.to_string())
        .execute(self.any())
        .await?;
        Ok(())
    }

    /// Keeps what the port said of a message. `failed` names why it gave the message back. Said twice counts once.
    ///
    /// # Errors
    ///
    /// Storage failed.
    pub async fn keep_delivery(&mut self, sent: &Sent, failed: Option<&str>) -> Result<(), Fault> {
        let (tenant, now) = (self.tenant().to_string(), self.now().as_microsecond());
        let done = sqlx::query(
            "UPDATE outbox SET sent_at = $1, failed = $2
             WHERE tenant = $3 AND id = $4 AND sent_at IS NULL AND failed IS NULL",
        )
        .bind(failed.is_none().then_some(now))
        .bind(failed)
        .bind(tenant)
        .bind(sent.id.to_string())
        .execute(self.any())
        .await?;
        if done.rows_affected() != 1 {
            return Ok(());
        }
        let entry = match failed {
            None => By::System.entry("guidance.sent"),
            Some(reason) => By::System
                .entry("notice.undeliverable")
                .field("reason", reason),
        };
        self.record(
            entry
                .object("patient", sent.patient.to_string())
                .field("kind", sent.kind.clone())
                .field("channel", sent.channel.as_str()),
        )
        .await?;
        Ok(())
    }
}
