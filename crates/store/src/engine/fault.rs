//! What can go wrong between the program and its storage, for the operator's eyes.

use std::fmt;

/// A write or read that storage could not carry out. No clause speaks here; those are refusals of the domain.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fault {
    /// The database cannot be reached, or it is not known whether the commit happened. Read again before retrying.
    Unavailable(String),
    /// The disk is full; the reserve has been released for visits under way.
    Full,
    /// More is waiting than the queue holds, or another writer holds the rows. Try again shortly.
    Busy,
    /// A row that cannot be: it was changed from outside, or the program has a defect.
    Corrupt {
        /// Which table.
        table: &'static str,
        /// Which column.
        column: &'static str,
        /// Which row.
        id: String,
    },
    /// The row exists already, or another row that it names does not exist.
    Conflict,
    /// The store is being closed.
    Closed,
    /// No such institution.
    UnknownTenant,
    /// The patient's key was shredded: the content is erased for good.
    Erased,
    /// Text with U+0000, which not every database can keep.
    Text,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unavailable(why) => write!(f, "storage is unavailable: {why}"),
            Self::Full => f.write_str("the disk is full"),
            Self::Busy => f.write_str("storage is busy"),
            Self::Corrupt { table, column, id } => {
                write!(f, "impossible row: {table}.{column} of {id}")
            }
            Self::Conflict => f.write_str("the row conflicts with another"),
            Self::Closed => f.write_str("storage is being closed"),
            Self::UnknownTenant => f.write_str("no such institution"),
            Self::Erased => f.write_str("the content was erased"),
            Self::Text => f.write_str("text with U+0000"),
        }
    }
}

impl std::error::Error for Fault {}

tokio::task_local! {
    /// Whether a statement of the act under way met a full disk. The act's own error type may hide it from the writer.
    pub(super) static MET_FULL_DISK: std::cell::Cell<bool>;
}

/// SQLITE_BUSY and SQLITE_LOCKED, their extended codes in the upper bytes.
const SQLITE_BUSY: i32 = 5;
const SQLITE_LOCKED: i32 = 6;
/// SQLITE_FULL.
const SQLITE_FULL: i32 = 13;

impl From<sqlx::Error> for Fault {
    fn from(error: sqlx::Error) -> Self {
        match &error {
            sqlx::Error::PoolTimedOut => return Self::Busy,
            sqlx::Error::PoolClosed => return Self::Closed,
            _ => {}
        }
        let Some(said) = error.as_database_error() else {
            return Self::Unavailable(error.to_string());
        };
        if said.is_unique_violation() || said.is_foreign_key_violation() {
            return Self::Conflict;
        }
        let code = said.code().unwrap_or_default();
        // SQLite gives a number, PostgreSQL five letters (SQLSTATE), some of which are digits only.
        if code.len() == 5 {
            match &*code {
                // disk_full
                "53100" => return full(),
                // lock_not_available, serialization_failure, deadlock_detected, too_many_connections, query_canceled
                "55P03" | "40001" | "40P01" | "53300" | "57014" => return Self::Busy,
                // character_not_in_repertoire: PostgreSQL refuses U+0000 in text
                "22021" => return Self::Text,
                _ => {}
            }
        } else if let Ok(number) = code.parse::<i32>() {
            match number & 0xff {
                SQLITE_FULL => return full(),
                SQLITE_BUSY | SQLITE_LOCKED => return Self::Busy,
                _ => {}
            }
        }
        Self::Unavailable(format!("{code} {}", said.message()))
    }
}

fn full() -> Fault {
    // Outside a write there is no one to tell.
    let _ = MET_FULL_DISK.try_with(|met| met.set(true));
    Fault::Full
}

/// Why the store did not open. Nothing was changed, except where a migration was under way.
#[derive(Debug)]
pub enum OpenError {
    /// The database could not be used.
    Database(Fault),
    /// A file could not be read or written.
    File(std::path::PathBuf, std::io::Error),
    /// The master key is not the one this database was made with.
    WrongKey,
    /// Another program has the database open, and one of both wants it alone.
    InUse,
    /// The file holds no master key.
    NotAKey(std::path::PathBuf),
    /// The file with the master key can be read by others; it must be 0600.
    KeyIsOpen(std::path::PathBuf),
    /// The database was made by a newer program; this is its migration number.
    Newer(i64),
    /// The database was made by an older program and is only to be read; so many migrations are applied.
    Older(usize),
    /// A migration that was applied is not the one this program knows.
    Changed(i64),
    /// PostgreSQL must have been made with `LC_COLLATE=C` and UTF-8; this is what it has.
    Collation(String),
}

impl fmt::Display for OpenError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Database(fault) => write!(f, "{fault}"),
            Self::File(path, why) => write!(f, "{}: {why}", path.display()),
            Self::WrongKey => {
                f.write_str("the master key is not the one this database was made with")
            }
            Self::InUse => f.write_str(
                "another program has the database open, or the master key is being changed",
            ),
            Self::NotAKey(path) => write!(f, "{} holds no master key", path.display()),
            Self::KeyIsOpen(path) => {
                write!(f, "{} can be read by others: chmod 600", path.display())
            }
            Self::Newer(number) => {
                write!(
                    f,
                    "the database was made by a newer program (migration {number}); use that program"
                )
            }
            Self::Older(applied) => write!(
                f,
                "the database was made by an older program ({applied} migrations); start the present one once"
            ),
            Self::Changed(number) => write!(
                f,
                "migration {number} in the database is not the one this program knows"
            ),
            Self::Collation(found) => write!(
                f,
                "the database has {found}; it must be made with LC_COLLATE=C and UTF8"
            ),
        }
    }
}

impl std::error::Error for OpenError {}

impl From<Fault> for OpenError {
    fn from(fault: Fault) -> Self {
        Self::Database(fault)
    }
}

impl From<sqlx::Error> for OpenError {
    fn from(error: sqlx::Error) -> Self {
        Self::Database(error.into())
    }
}
