//! Opening a SQLite file: one connection that writes, some that only read.

use super::fault::OpenError;
use super::migrate::Opened;
use super::store::Engine;
use sqlx::AnyPool;
use sqlx::any::AnyPoolOptions;
use std::fmt::Write as _;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;
use std::time::Duration;

/// Takes the write lock at once: a lock taken later could fail in the middle of an act.
pub(super) const BEGIN_WRITE: &str = "BEGIN IMMEDIATE";
/// One state for all statements of a page.
pub(super) const BEGIN_READ: &str = "BEGIN";

/// Connections that read: more than the cores of a clinic's machine.
const READERS_MAX: u32 = 8;
/// Wait for a connection before the page says that storage is busy.
const ACQUIRE_TIME_MAX: Duration = Duration::from_secs(5);

/// What every connection needs; `recursive_triggers` lets REPLACE meet the ledger's delete triggers.
const PRAGMAS: &str = "
    PRAGMA busy_timeout = 5000;
    PRAGMA foreign_keys = ON;
    PRAGMA recursive_triggers = ON;
    PRAGMA trusted_schema = OFF;
    PRAGMA cache_size = -16384;
";
/// The log is copied beside the commits; the writer completes that at 16 MB, since only without
/// newer commits the log begins anew.
const WRITING: &str =
    "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA wal_autocheckpoint = 4000;";
/// A database of tests need not outlive a power cut.
const WRITING_MEMORY: &str = "PRAGMA journal_mode = WAL; PRAGMA synchronous = OFF;";
const READING: &str = "PRAGMA query_only = ON;";

/// Opens the file, making it (0600) if it does not exist. `folder` is removed with the store.
pub(super) async fn open(
    path: &Path,
    folder: Option<tempfile::TempDir>,
) -> Result<Opened, OpenError> {
    let existed = std::fs::metadata(path).is_ok_and(|file| file.len() > 0);
    own_file(path)?;
    let url = url(path);
    let writing = pool(
        &url,
        1,
        if folder.is_some() {
            WRITING_MEMORY
        } else {
            WRITING
        },
    )
    .await?;
    let reading = pool(&url, READERS_MAX, READING).await?;
    Ok(Opened {
        engine: Engine::Sqlite { _folder: folder },
        backup: existed.then(|| path.to_owned()),
        writing,
        reading,
    })
}

/// A pool that only reads, for an audit that must not change or make the file.
pub(super) async fn open_to_read(path: &Path) -> Result<AnyPool, OpenError> {
    std::fs::metadata(path).map_err(|why| OpenError::File(path.to_owned(), why))?;
    // Opened so, SQLite itself refuses every write, the side files of another program included.
    pool(&format!("{}?mode=ro", url(path)), 2, READING).await
}

/// Makes an empty file that only its owner can read, if there is none. SQLite gives its side files the same mode.
pub(super) fn own_file(path: &Path) -> Result<(), OpenError> {
    match std::fs::OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(path)
    {
        Ok(_) => Ok(()),
        Err(why) if why.kind() == std::io::ErrorKind::AlreadyExists => Ok(()),
        Err(why) => Err(OpenError::File(path.to_owned(), why)),
    }
}

async fn pool(url: &str, connections: u32, more: &'static str) -> Result<AnyPool, OpenError> {
    let pool = AnyPoolOptions::new()
        .max_connections(connections)
        .acquire_timeout(ACQUIRE_TIME_MAX)
        // A local file does not go away: no ping before each use, no end of age.
        .test_before_acquire(false)
        .idle_timeout(None)
        .max_lifetime(None)
        .after_connect(move |connection, _| {
            Box::pin(async move {
                sqlx::raw_sql(PRAGMAS).execute(&mut *connection).await?;
                sqlx::raw_sql(more).execute(&mut *connection).await?;
                Ok(())
            })
        })
        .connect(url)
        .await?;
    Ok(pool)
}

/// The file as a URL, every byte that could mean something else escaped.
fn url(path: &Path) -> String {
    use std::os::unix::ffi::OsStrExt as _;
    let mut url = "sqlite://".to_owned();
    for &byte in path.as_os_str().as_bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'/' | b'.' | b'-' | b'_') {
            url.push(char::from(byte));
        } else {
            let _ = write!(url, "%{byte:02X}");
        }
    }
    url
}
