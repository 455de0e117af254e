//! Who has the database open: many programs side by side, or one alone while the master key is changed.
//!
//! The hold ends with the process, however it ends.

use super::fault::OpenError;
use sqlx::{AnyConnection, Connection as _, Row as _};
use std::fs::{File, TryLockError};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;
use std::sync::Mutex;

/// Number of the advisory lock on PostgreSQL: "onshik" in ASCII.
const LOCK: i64 = 0x6f6e_7368_696b;

/// How a program wants to have the database.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Want {
    /// Beside others.
    Shared,
    /// Alone.
    Alone,
}

/// The hold on a database; dropping it gives the database free.
pub(super) enum Hold {
    /// A lock on the file beside a SQLite database.
    File { _held: File },
    /// A lock of a PostgreSQL session of its own.
    Session { _held: Mutex<AnyConnection> },
}

/// Takes hold of a SQLite file.
pub(super) fn file(database: &Path, want: Want) -> Result<Hold, OpenError> {
    let mut name = database.as_os_str().to_owned();
    name.push(".lock");
    let path = Path::new(&name);
    let failed = |why| OpenError::File(path.to_owned(), why);
    let file = std::fs::OpenOptions::new()
        .create(true)
        .append(true)
        .mode(0o600)
        .open(path)
        .map_err(failed)?;
    let taken = match want {
        Want::Shared => file.try_lock_shared(),
        Want::Alone => file.try_lock(),
    };
    match taken {
        Ok(()) => Ok(Hold::File { _held: file }),
        Err(TryLockError::WouldBlock) => Err(OpenError::InUse),
        Err(TryLockError::Error(why)) => Err(failed(why)),
    }
}

/// Takes hold of a PostgreSQL database. If the server restarts, the hold is lost: a program with the old key in memory
/// then goes on, but makes no institution and opens no key that it has not open already.
pub(super) async fn session(url: &str, want: Want) -> Result<Hold, OpenError> {
    let mut session = AnyConnection::connect(url).await?;
    let statement = match want {
        Want::Shared => {
            "SELECT CASE WHEN pg_try_advisory_lock_shared($1) THEN 1 ELSE 0 END::BIGINT AS taken"
        }
        Want::Alone => {
            "SELECT CASE WHEN pg_try_advisory_lock($1) THEN 1 ELSE 0 END::BIGINT AS taken"
        }
    };
    let row = sqlx::query(statement)
        .bind(LOCK)
        .fetch_one(&mut session)
        .await?;
    if row.try_get::<i64, _>("taken")? == 1 {
        Ok(Hold::Session {
            _held: Mutex::new(session),
        })
    } else {
        Err(OpenError::InUse)
    }
}
