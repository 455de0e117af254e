//! The daily root and its time-stamp (cl-2.5.2.1-x-a): which checkpoint is to be stamped, how a token is kept,
//! and how far the stamps reach.
//!
//! The last checkpoint of a day speaks for every entry before it, so one token also covers the days that were missed.

use super::book::number;
use super::conn::{Conn, Tx};
use super::fault::Fault;
use super::hex::hex;
use super::store::Store;
use crate::row::Cells;
use access::TenantId;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use jiff::civil::Date;
use jiff::{Timestamp, ToSpan as _, tz::TimeZone};
use ledger::{Actor, Entry};
use sha2::{Digest as _, Sha256};

/// The clause that asks for it.
const CLAUSE: &str = "cl-2.5.2.1-x-a";
/// What the receipt is called in the ledger.
pub(super) const RECEIPT: &str = "root.time_stamped";
/// Days after a day's end until a missing token is a finding.
const GRACE_DAYS: i32 = 1;

/// A checkpoint that is to be stamped.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Due {
    /// Entries it speaks for.
    pub size: u64,
    /// The signed checkpoint: the bytes to stamp.
    pub checkpoint: String,
}

/// A token that was judged and is to be kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewStamp {
    /// What was stamped.
    pub due: Due,
    /// The token in DER form.
    pub token: Vec<u8>,
    /// Its time.
    pub at: Timestamp,
    /// Who made it, as its certificate says.
    pub authority: String,
    /// Whether a copy was written to the second place before.
    pub copied: bool,
}

/// How far the time-stamps of a ledger reach.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Stamping {
    /// The newest: its time, and who made it.
    pub newest: Option<(Timestamp, String)>,
    /// Days that ended more than a day ago without a stamp that speaks for them.
    pub days_without: u32,
}

/// The legal day begins, in Tokyo.
fn begins(day: Date) -> Result<Timestamp, Fault> {
    let tokyo = TimeZone::get("Asia/Tokyo").unwrap_or(TimeZone::UTC);
    day.to_zoned(tokyo)
        .map(|zoned| zoned.timestamp())
        .map_err(|why| Fault::Unavailable(why.to_string()))
}

impl Conn {
    /// The last checkpoint of the last day that ended before today, if no stamp speaks for it yet.
    ///
    /// # Errors
    ///
    /// Storage failed.
    pub async fn stamp_due(&mut self, today: Date) -> Result<Option<Due>, Fault> {
        let end = self.first_entry_from(begins(today)?).await?;
        let covered = self.newest_stamp().await?.map_or(0, |(size, ..)| size);
        if end <= covered {
            return Ok(None);
        }
        let row = sqlx::query(
            "SELECT size, note
             FROM ledger_checkpoint
             WHERE tenant = $1 AND size > $2 AND size <= $3
             ORDER BY size DESC
             LIMIT 1",
        )
        .bind(self.tenant().to_string())
        .bind(number(covered)?)
        .bind(number(end)?)
        .fetch_optional(self.any())
        .await?;
        let Some(row) = row else { return Ok(None) };
        let cells = Cells::of("ledger_checkpoint", &row);
        Ok(Some(Due {
            size: u64::try_from(cells.int("size")?).map_err(|_| cells.corrupt("size"))?,
            checkpoint: cells.text("note")?,
        }))
    }

    /// How far the stamps reach.
    ///
    /// # Errors
    ///
    /// Storage failed.
    pub async fn stamping(&mut self, today: Date) -> Result<Stamping, Fault> {
        let newest = self.newest_stamp().await?;
        let covered = newest.as_ref().map_or(0, |(size, ..)| *size);
        let days_without = match self.entry_time(covered).await? {
            None => 0,
            Some(first) => {
                let last = today.saturating_sub((1 + GRACE_DAYS).days());
                let first = crate::dossier::legal_day(first);
                let days = first
                    .until(last)
                    .map_or(-1, |span| i64::from(span.get_days()));
                u32::try_from(days + 1).unwrap_or(0)
            }
        };
        Ok(Stamping {
            newest: newest.map(|(_, at, authority)| (at, authority)),
            days_without,
        })
    }

    /// Size, time and authority of the newest stamp.
    async fn newest_stamp(&mut self) -> Result<Option<(u64, Timestamp, String)>, Fault> {
        let row = sqlx::query(
            "SELECT size, gen_time, authority
             FROM time_stamp
             WHERE tenant = $1
             ORDER BY size DESC
             LIMIT 1",
        )
        .bind(self.tenant().to_string())
        .fetch_optional(self.any())
        .await?;
        let Some(row) = row else { return Ok(None) };
        let cells = Cells::of("time_stamp", &row);
        Ok(Some((
            u64::try_from(cells.int("size")?).map_err(|_| cells.corrupt("size"))?,
            cells.instant("gen_time")?,
            cells.text("authority")?,
        )))
    }

    /// The place of the first entry written at an instant or later, by halving: times grow with places.
    /// Where the clock was set back, some place near it; a checkpoint speaks for all before it either way.
    async fn first_entry_from(&mut self, instant: Timestamp) -> Result<u64, Fault> {
        let row = sqlx::query("SELECT size FROM ledger_head WHERE tenant = $1")
            .bind(self.tenant().to_string())
            .fetch_one(self.any())
            .await?;
        let cells = Cells::of("ledger_head", &row);
        let size = u64::try_from(cells.int("size")?).map_err(|_| cells.corrupt("size"))?;
        let (mut from, mut until) = (0, size);
        while from < until {
            let middle = from.midpoint(until);
            match self.entry_time(middle).await? {
                Some(at) if at < instant => from = middle + 1,
                Some(_) | None => until = middle,
            }
        }
        Ok(from)
    }

    /// When an entry was written; `None` if there is none at that place.
    async fn entry_time(&mut self, seq: u64) -> Result<Option<Timestamp>, Fault> {
        let row = sqlx::query("SELECT body FROM ledger_entry WHERE tenant = $1 AND seq = $2")
            .bind(self.tenant().to_string())
            .bind(number(seq)?)
            .fetch_optional(self.any())
            .await?;
        let Some(row) = row else { return Ok(None) };
        let cells = Cells::of("ledger_entry", &row);
        let at = ledger::log::time_us(cells.text("body")?.as_bytes());
        at.and_then(|at| Timestamp::from_microsecond(at).ok())
            .map(Some)
            .ok_or_else(|| cells.corrupt("body"))
    }
}

impl Tx {
    /// Keeps a token, and its receipt in the ledger.
    ///
    /// # Errors
    ///
    /// [`Fault::Conflict`] if another node was first; or storage failed.
    pub async fn keep_time_stamp(&mut self, stamp: &NewStamp) -> Result<(), Fault> {
        sqlx::query(
            "INSERT INTO time_stamp (tenant, size, checkpoint, token, gen_time, authority)
             VALUES ($1, $2, $3, $4, $5, $6)",
        )
        .bind(self.tenant().to_string())
        .bind(number(stamp.due.size)?)
        .bind(stamp.due.checkpoint.as_str())
        .bind(stamp.token.as_slice())
        .bind(stamp.at.as_microsecond())
        .bind(stamp.authority.as_str())
        .execute(self.any())
        .await?;
        let size = i64::try_from(stamp.due.size).unwrap_or(i64::MAX);
        self.record(
            Entry::new(RECEIPT, Actor::System, "audit")
                .clause(CLAUSE)
                .field("authority", stamp.authority.as_str())
                .field("copied", i64::from(stamp.copied))
                .field("size", size)
                .field("stamped_at", stamp.at.as_microsecond())
                .field("token_sha256", token_digest(&stamp.token)),
        )
        .await?;
        Ok(())
    }
}

/// The name of a token in its receipt.
pub(super) fn token_digest(token: &[u8]) -> String {
    hex(&Sha256::digest(token))
}

impl Store {
    /// Appends a token to the second place, `time-stamps.log` beside `checkpoints.log`, and says whether there is one.
    /// It comes before the commit: a copy too many does no harm, one too few would.
    ///
    /// # Errors
    ///
    /// The file cannot be written.
    pub async fn copy_time_stamp(&self, tenant: TenantId, stamp: &NewStamp) -> Result<bool, Fault> {
        let Some(path) = self.time_stamps_file() else {
            return Ok(false);
        };
        let line = serde_json::json!({
            "tenant": tenant.to_string(),
            "checkpoint": stamp.due.checkpoint,
            "gen_time": stamp.at.to_string(),
            "authority": stamp.authority,
            "token": STANDARD.encode(&stamp.token),
        });
        let written =
            tokio::task::spawn_blocking(move || super::anchor::append(&path, &format!("{line}\n")))
                .await;
        match written {
            Ok(Ok(())) => Ok(true),
            Ok(Err(why)) => Err(Fault::Unavailable(format!("time-stamps.log: {why}"))),
            Err(why) => Err(Fault::Unavailable(why.to_string())),
        }
    }
}
