//! All entries of a ledger in their order, as fast as an audit can take them.
//!
//! A row has its price in every driver. So a block of entries comes as one row, its texts and hashes strung together;
//! where a block is not whole, the rows are read one by one, which finds what is wrong with it.

use super::fault::Fault;
use access::TenantId;
use ledger::{Hash, leaf_hash};
use sqlx::any::AnyRow;
use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection};
use sqlx::{AnyConnection, Connection as _, Row as _};
use std::path::{Path, PathBuf};
use tokio::sync::mpsc;

/// Entries read by one statement: about half a megabyte.
const BLOCK: u64 = 1024;
const SPAN: i64 = 1024;
/// Blocks that wait for the audit.
const AHEAD: usize = 4;
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
    seq: i64,
    body: String,
    leaf: Vec<u8>,
}

/// Entries that follow one another, with the hash of each text.
pub(super) enum Part {
    /// A whole block, its texts and kept hashes strung together.
    Block {
        from: i64,
        bodies: String,
        leaves: Vec<[u8; 32]>,
        hashes: Vec<Hash>,
    },
    /// Rows one by one, as they lie there.
    Rows(Vec<EntryRow>),
}

/// One entry of a part.
pub(super) struct Read<'p> {
    /// The place in its row.
    pub(super) seq: u64,
    /// Its text.
    pub(super) body: &'p str,
    /// The hash of that text.
    pub(super) hash: Hash,
    /// The hash in its row.
    pub(super) leaf: &'p [u8],
}

impl Part {
    /// The entries in their order.
    pub(super) fn entries(&self) -> Box<dyn Iterator<Item = Read<'_>> + Send + '_> {
        match self {
            Self::Block {
                from,
                bodies,
                leaves,
                hashes,
            } => Box::new(
                (*from..)
                    .zip(bodies.split(BETWEEN))
                    .zip(leaves.iter().zip(hashes))
                    .map(|((seq, body), (leaf, hash))| Read {
                        seq: place(seq),
                        body,
                        hash: *hash,
                        leaf,
                    }),
            ),
            Self::Rows(rows) => Box::new(rows.iter().map(|row| Read {
                seq: place(row.seq),
                body: &row.body,
                hash: leaf_hash(row.body.as_bytes()),
                leaf: &row.leaf,
            })),
        }
    }
}

fn place(seq: i64) -> u64 {
    u64::try_from(seq).unwrap_or(u64::MAX)
}

/// Where blocks are read from.
pub(super) enum Entries {
    /// SQLite, on connections of their own: the common driver would take strung-together hashes for text.
    Sqlite(PathBuf),
    /// PostgreSQL, on the audit's own connection.
    Postgres,
}

/// The entries of one ledger, being read.
pub(super) struct Reading {
    tenant: String,
    /// The last entry that the audit's own connection sees: other connections may see more.
    last: i64,
    /// Blocks that are read and hashed ahead on SQLite, until one is not whole.
    ahead: Option<mpsc::Receiver<Result<Option<Part>, Fault>>>,
    /// Rows are read one by one from here on.
    slowly: bool,
    ended: bool,
}

/// A block as it comes: how many entries, the first and last place, their texts and hashes.
type Block = (i64, i64, i64, Option<String>, Option<Vec<u8>>);

impl Entries {
    pub(super) fn sqlite(path: &Path) -> Self {
        Self::Sqlite(path.to_owned())
    }

    pub(super) async fn of(
        &self,
        any: &mut AnyConnection,
        tenant: TenantId,
    ) -> Result<Reading, Fault> {
        let tenant = tenant.to_string();
        let row = sqlx::query(
            "SELECT COALESCE(MAX(seq), -1) AS last FROM ledger_entry WHERE tenant = $1",
        )
        .bind(tenant.as_str())
        .fetch_one(any)
        .await?;
        let last: i64 = row.try_get("last")?;
        let ahead = match self {
            Self::Sqlite(path) => Some(ahead(path.clone(), tenant.clone(), last)),
            Self::Postgres => None,
        };
        Ok(Reading {
            tenant,
            last,
            ahead,
            slowly: false,
            ended: false,
        })
    }
}

/// Reads and hashes whole blocks ahead of the audit, on another core where there is one.
fn ahead(path: PathBuf, tenant: String, last: i64) -> mpsc::Receiver<Result<Option<Part>, Fault>> {
    let (sender, parts) = mpsc::channel(AHEAD);
    tokio::spawn(async move {
        let options = SqliteConnectOptions::new()
            .filename(path)
            .create_if_missing(false)
            .read_only(true)
            .pragma("query_only", "ON");
        let mut connection = match SqliteConnection::connect_with(&options).await {
            Ok(connection) => connection,
            Err(error) => {
                let _ = sender.send(Err(error.into())).await;
                return;
            }
        };
        let mut from = 0;
        while fits(from, last) {
            let block: Result<Block, sqlx::Error> = sqlx::query_as(BLOCK_SQLITE)
                .bind(tenant.as_str())
                .bind(first(from))
                .bind(from + SPAN)
                .bind(BETWEEN.to_string())
                .bind(Vec::<u8>::new())
                .fetch_one(&mut connection)
                .await;
            let part = block.map(|block| whole(block, from)).map_err(Fault::from);
            let goes_on = matches!(part, Ok(Some(_)));
            // An audit that has ended wants no more.
            if sender.send(part).await.is_err() || !goes_on {
                return;
            }
            from += SPAN;
        }
    });
    parts
}

/// Whether a whole block can lie there.
const fn fits(from: i64, last: i64) -> bool {
    from + SPAN - 1 <= last
}

impl Reading {
    /// The next entries; `from` is the place the first should have.
    pub(super) async fn next(
        &mut self,
        any: &mut AnyConnection,
        from: u64,
    ) -> Result<Option<Part>, Fault> {
        if self.ended {
            return Ok(None);
        }
        let from = i64::try_from(from).unwrap_or(i64::MAX);
        if !self.slowly {
            if let Some(part) = self.block(any, from).await? {
                return Ok(Some(part));
            }
            self.slowly = true;
        }
        let rows = page(any, &self.tenant, from).await?;
        self.ended = (rows.len() as u64) < BLOCK;
        Ok((!rows.is_empty()).then_some(Part::Rows(rows)))
    }

    /// A whole block from a place on, or nothing.
    async fn block(&mut self, any: &mut AnyConnection, from: i64) -> Result<Option<Part>, Fault> {
        if let Some(ahead) = &mut self.ahead {
            return ahead.recv().await.unwrap_or(Ok(None));
        }
        if !fits(from, self.last) {
            return Ok(None);
        }
        let block: Block = sqlx::query_as(BLOCK_POSTGRES)
            .bind(self.tenant.as_str())
            .bind(first(from))
            .bind(from + SPAN)
            .bind(BETWEEN.to_string())
            .bind(Vec::<u8>::new())
            .fetch_one(any)
            .await?;
        Ok(whole(block, from))
    }
}

/// The entries of a block that has no gap and nothing too much.
fn whole((count, least, most, bodies, leaves): Block, from: i64) -> Option<Part> {
    let (bodies, leaves) = (bodies?, leaves?);
    let (leaves, rest) = leaves.as_chunks::<32>();
    if least != from
        || most - least + 1 != count
        || leaves.len() as u64 != BLOCK
        || !rest.is_empty()
    {
        return None;
    }
    let hashes: Vec<Hash> = bodies
        .split(BETWEEN)
        .map(|body| leaf_hash(body.as_bytes()))
        .collect();
    if hashes.len() != leaves.len() {
        return None;
    }
    Some(Part::Block {
        from,
        leaves: leaves.to_vec(),
        hashes,
        bodies,
    })
}

async fn page(any: &mut AnyConnection, tenant: &str, from: i64) -> Result<Vec<EntryRow>, Fault> {
    let rows = sqlx::query(
        "SELECT seq, body, leaf
         FROM ledger_entry
         WHERE tenant = $1 AND seq >= $2
         ORDER BY seq
         LIMIT $3",
    )
    .bind(tenant)
    .bind(first(from))
    .bind(SPAN)
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
