//! All entries of a ledger in their order, as fast as an audit can take them.

use super::fault::{Fault, OpenError};
use access::TenantId;
use futures_util::TryStreamExt as _;
use futures_util::stream::BoxStream;
use sqlx::any::AnyRow;
use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection, SqliteRow};
use sqlx::{AnyConnection, Connection as _, Row as _};
use std::collections::VecDeque;
use std::path::Path;

/// Entries read ahead, or by one statement: about 2 MB.
pub(super) const PAGE: u64 = 4096;

/// An entry's row.
pub(super) struct EntryRow {
    pub(super) seq: i64,
    pub(super) body: String,
    pub(super) leaf: Vec<u8>,
}

/// Where entries are read from.
pub(super) enum Entries {
    /// SQLite: one long statement on a connection of its own. Its thread reads ahead while we hash;
    /// through the common driver the two would wait for each other at every fiftieth row.
    Ahead(Box<SqliteConnection>),
    /// PostgreSQL: pages on the audit's own connection, so that no statement runs long.
    Pages,
}

/// The entries of one ledger, being read.
pub(super) enum Reading<'e> {
    Ahead(BoxStream<'e, sqlx::Result<SqliteRow>>),
    Pages {
        tenant: String,
        rows: VecDeque<AnyRow>,
        ended: bool,
    },
}

impl Entries {
    pub(super) async fn ahead(path: &Path) -> Result<Self, OpenError> {
        let options = SqliteConnectOptions::new()
            .filename(path)
            .create_if_missing(false)
            .row_buffer_size(usize::try_from(PAGE).unwrap_or(usize::MAX))
            .pragma("query_only", "ON");
        Ok(Self::Ahead(Box::new(
            SqliteConnection::connect_with(&options).await?,
        )))
    }

    /// The entries up to the last one that the audit's own connection sees: both then speak of one state,
    /// since entries below it never change.
    pub(super) async fn of(
        &mut self,
        any: &mut AnyConnection,
        tenant: TenantId,
    ) -> Result<Reading<'_>, Fault> {
        let tenant = tenant.to_string();
        match self {
            Self::Pages => Ok(Reading::Pages {
                tenant,
                rows: VecDeque::new(),
                ended: false,
            }),
            Self::Ahead(connection) => {
                let row = sqlx::query(
                    "SELECT COALESCE(MAX(seq), -1) AS last FROM ledger_entry WHERE tenant = $1",
                )
                .bind(tenant.as_str())
                .fetch_one(any)
                .await?;
                let last: i64 = row.try_get("last")?;
                let rows = sqlx::query(
                    "SELECT seq, body, leaf
                     FROM ledger_entry
                     WHERE tenant = $1 AND seq <= $2
                     ORDER BY seq",
                )
                .bind(tenant)
                .bind(last)
                .fetch(&mut **connection);
                Ok(Reading::Ahead(rows))
            }
        }
    }
}

impl Reading<'_> {
    /// The next entry; `from` is the place it should have.
    pub(super) async fn next(
        &mut self,
        any: &mut AnyConnection,
        from: u64,
    ) -> Result<Option<EntryRow>, Fault> {
        match self {
            Self::Ahead(rows) => match rows.try_next().await? {
                Some(row) => Ok(Some(EntryRow {
                    seq: row.try_get(0)?,
                    body: row.try_get(1)?,
                    leaf: row.try_get(2)?,
                })),
                None => Ok(None),
            },
            Self::Pages {
                tenant,
                rows,
                ended,
            } => {
                if rows.is_empty() && !*ended {
                    *rows = page(any, tenant, from).await?.into();
                    *ended = (rows.len() as u64) < PAGE;
                }
                match rows.pop_front() {
                    Some(row) => Ok(Some(EntryRow {
                        seq: row.try_get(0)?,
                        body: row.try_get(1)?,
                        leaf: row.try_get(2)?,
                    })),
                    None => Ok(None),
                }
            }
        }
    }
}

async fn page(any: &mut AnyConnection, tenant: &str, from: u64) -> Result<Vec<AnyRow>, Fault> {
    let rows = sqlx::query(
        "SELECT seq, body, leaf
         FROM ledger_entry
         WHERE tenant = $1 AND seq >= $2
         ORDER BY seq
         LIMIT $3",
    )
    .bind(tenant)
    // No lower bound at the start: an entry put before the first is found as well.
    .bind(if from == 0 {
        i64::MIN
    } else {
        i64::try_from(from).unwrap_or(i64::MAX)
    })
    .bind(i64::try_from(PAGE).unwrap_or(i64::MAX))
    .fetch_all(any)
    .await?;
    Ok(rows)
}
