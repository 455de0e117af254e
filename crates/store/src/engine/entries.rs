//! All entries of a ledger in their order, as fast as an audit can take them.
//!
//! A row has its price in every driver. So a block of entries comes as one row, its texts and hashes strung together;
//! where a block is not whole, the rows are read one by one, which finds what is wrong with it.

use super::fault::{Fault, OpenError};
use access::TenantId;
use sqlx::any::AnyRow;
use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection};
use sqlx::{AnyConnection, Connection as _, Row as _};
use std::collections::VecDeque;
use std::path::Path;

/// Entries read by one statement: about half a megabyte.
const BLOCK: u64 = 1024;
/// Stands between two texts. Canonical JSON never holds it.
const BETWEEN: char = '\u{1e}';

/// PostgreSQL sorts what it strings together only when told so.
const BLOCK_POSTGRES: &str = "
    SELECT COUNT(*), COALESCE(MIN(seq), -1), COALESCE(MAX(seq), -1),
           string_agg(body, $4 ORDER BY seq), string_agg(leaf, $5 ORDER BY seq)
    FROM ledger_entry
    WHERE tenant = $1 AND seq >= $2 AND seq < $3
";
/// SQLite walks the primary key in order; told to sort, it would build a table of its own for every block.
const BLOCK_SQLITE: &str = "
    SELECT COUNT(*), COALESCE(MIN(seq), -1), COALESCE(MAX(seq), -1), string_agg(body, $4), string_agg(leaf, $5)
    FROM (SELECT seq, body, leaf FROM ledger_entry WHERE tenant = $1 AND seq >= $2 AND seq < $3 ORDER BY seq)
";

/// An entry's row.
pub(super) struct EntryRow {
    pub(super) seq: i64,
    pub(super) body: String,
    pub(super) leaf: Vec<u8>,
}

/// Where blocks are read from.
pub(super) enum Entries {
    /// SQLite, on a connection of its own: the common driver would take strung-together hashes for text.
    Sqlite(Box<SqliteConnection>),
    /// PostgreSQL, on the audit's own connection.
    Postgres,
}

/// The entries of one ledger, being read.
pub(super) struct Reading<'e> {
    entries: &'e mut Entries,
    tenant: String,
    /// The last entry that the audit's own connection sees: other connections may see more.
    last: i64,
    rows: VecDeque<EntryRow>,
    ended: bool,
}

/// A block as it comes: how many entries, the first and last place, their texts and hashes.
type Block = (i64, i64, i64, Option<String>, Option<Vec<u8>>);

impl Entries {
    pub(super) async fn sqlite(path: &Path) -> Result<Self, OpenError> {
        let options = SqliteConnectOptions::new()
            .filename(path)
            .create_if_missing(false)
            .read_only(true)
            .pragma("query_only", "ON");
        Ok(Self::Sqlite(Box::new(
            SqliteConnection::connect_with(&options).await?,
        )))
    }

    pub(super) async fn of(
        &mut self,
        any: &mut AnyConnection,
        tenant: TenantId,
    ) -> Result<Reading<'_>, Fault> {
        let tenant = tenant.to_string();
        let row = sqlx::query(
            "SELECT COALESCE(MAX(seq), -1) AS last FROM ledger_entry WHERE tenant = $1",
        )
        .bind(tenant.as_str())
        .fetch_one(any)
        .await?;
        Ok(Reading {
            entries: self,
            tenant,
            last: row.try_get("last")?,
            rows: VecDeque::new(),
            ended: false,
        })
    }
}

impl Reading<'_> {
    /// The next entry; `from` is the place it should have.
    pub(super) async fn next(
        &mut self,
        any: &mut AnyConnection,
        from: u64,
    ) -> Result<Option<EntryRow>, Fault> {
        if self.rows.is_empty() && !self.ended {
            let from = i64::try_from(from).unwrap_or(i64::MAX);
            self.rows = match self.block(any, from).await? {
                Some(rows) => rows,
                None => page(any, &self.tenant, from).await?,
            };
            self.ended = (self.rows.len() as u64) < BLOCK;
        }
        Ok(self.rows.pop_front())
    }

    /// A whole block from a place on, or nothing.
    async fn block(
        &mut self,
        any: &mut AnyConnection,
        from: i64,
    ) -> Result<Option<VecDeque<EntryRow>>, Fault> {
        let until = from.saturating_add(i64::try_from(BLOCK).unwrap_or(i64::MAX));
        if until - 1 > self.last {
            return Ok(None);
        }
        let block: Block = match self.entries {
            Entries::Sqlite(connection) => {
                sqlx::query_as(BLOCK_SQLITE)
                    .bind(self.tenant.as_str())
                    .bind(first(from))
                    .bind(until)
                    .bind(BETWEEN.to_string())
                    .bind(Vec::<u8>::new())
                    .fetch_one(&mut **connection)
                    .await?
            }
            Entries::Postgres => {
                sqlx::query_as(BLOCK_POSTGRES)
                    .bind(self.tenant.as_str())
                    .bind(first(from))
                    .bind(until)
                    .bind(BETWEEN.to_string())
                    .bind(Vec::<u8>::new())
                    .fetch_one(any)
                    .await?
            }
        };
        Ok(whole(block, from))
    }
}

/// The entries of a block that has no gap and nothing too much.
fn whole((count, least, most, bodies, leaves): Block, from: i64) -> Option<VecDeque<EntryRow>> {
    let (bodies, leaves) = (bodies?, leaves?);
    let (leaves, rest) = leaves.as_chunks::<32>();
    if least != from
        || most - least + 1 != count
        || leaves.len() as u64 != BLOCK
        || !rest.is_empty()
    {
        return None;
    }
    let rows: VecDeque<EntryRow> = (from..)
        .zip(bodies.split(BETWEEN))
        .map(|(seq, body)| EntryRow {
            seq,
            body: body.to_owned(),
            leaf: Vec::new(),
        })
        .collect();
    if rows.len() != leaves.len() {
        return None;
    }
    Some(
        rows.into_iter()
            .zip(leaves)
            .map(|(row, leaf)| EntryRow {
                leaf: leaf.to_vec(),
                ..row
            })
            .collect(),
    )
}

async fn page(
    any: &mut AnyConnection,
    tenant: &str,
    from: i64,
) -> Result<VecDeque<EntryRow>, Fault> {
    let rows = sqlx::query(
        "SELECT seq, body, leaf
         FROM ledger_entry
         WHERE tenant = $1 AND seq >= $2
         ORDER BY seq
         LIMIT $3",
    )
    .bind(tenant)
    .bind(first(from))
    .bind(i64::try_from(BLOCK).unwrap_or(i64::MAX))
    .fetch_all(any)
    .await?;
    rows.iter().map(entry).collect()
}

fn entry(row: &AnyRow) -> Result<EntryRow, Fault> {
    Ok(EntryRow {
        seq: row.try_get("seq")?,
        body: row.try_get("body")?,
        leaf: row.try_get("leaf")?,
    })
}

/// No lower bound at the start: an entry put before the first is found as well.
const fn first(from: i64) -> i64 {
    if from == 0 { i64::MIN } else { from }
}
