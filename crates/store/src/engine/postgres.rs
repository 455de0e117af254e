//! Opening a PostgreSQL database: one pool that writes, one that only reads.

use super::fault::OpenError;
use super::migrate::Opened;
use super::store::Engine;
use sqlx::any::AnyPoolOptions;
use sqlx::{AnyPool, Row as _};
use std::time::Duration;

pub(super) const BEGIN_WRITE: &str = "BEGIN";
/// One state for all statements of a page, as on SQLite.
pub(super) const BEGIN_READ: &str = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY";
pub(super) const LOCK_HEAD: &str = "SELECT size FROM ledger_head WHERE tenant = $1 FOR UPDATE";

/// Commits under way on one node.
const WRITERS_MAX: u32 = 16;
/// Pages being read on one node.
const READERS_MAX: u32 = 16;
const ACQUIRE_TIME_MAX: Duration = Duration::from_secs(5);

/// A statement that runs longer is a defect; a lock that waits longer is another node that hangs.
const SETTINGS: &str = "
    SET statement_timeout = '30s';
    SET lock_timeout = '10s';
    SET idle_in_transaction_session_timeout = '60s';
    SET synchronous_commit = on;
    SET client_min_messages = warning;
";
const READING: &str = "SET default_transaction_read_only = on;";

/// Opens both pools and checks how the database was made.
pub(super) async fn open(url: &str) -> Result<Opened, OpenError> {
    let writing = pool(url, WRITERS_MAX, "").await?;
    check(&writing).await?;
    let reading = pool(url, READERS_MAX, READING).await?;
    Ok(Opened {
        engine: Engine::Postgres,
        backup: None,
        writing,
        reading,
    })
}

/// A pool that only reads, for an audit.
pub(super) async fn open_to_read(url: &str) -> Result<AnyPool, OpenError> {
    pool(url, 2, READING).await
}

async fn pool(url: &str, connections: u32, more: &'static str) -> Result<AnyPool, OpenError> {
    let pool = AnyPoolOptions::new()
        .max_connections(connections)
        .acquire_timeout(ACQUIRE_TIME_MAX)
        .after_connect(move |connection, _| {
            Box::pin(async move {
                sqlx::raw_sql(SETTINGS).execute(&mut *connection).await?;
                if !more.is_empty() {
                    sqlx::raw_sql(more).execute(&mut *connection).await?;
                }
                Ok(())
            })
        })
        .connect(url)
        .await?;
    Ok(pool)
}

/// Order and equality of text must not depend on the server's language.
async fn check(pool: &AnyPool) -> Result<(), OpenError> {
    let row = sqlx::query(
        "SELECT datcollate::TEXT AS collate, pg_encoding_to_char(encoding)::TEXT AS encoding
         FROM pg_database
         WHERE datname = current_database()",
    )
    .fetch_one(pool)
    .await?;
    let collate: String = row.try_get("collate")?;
    let encoding: String = row.try_get("encoding")?;
    if matches!(collate.as_str(), "C" | "POSIX") && encoding == "UTF8" {
        Ok(())
    } else {
        Err(OpenError::Collation(format!(
            "LC_COLLATE={collate} and {encoding}"
        )))
    }
}
