//! Migrations: forward only, numbered, embedded, each with its checksum in the database.

use super::fault::{Fault, OpenError};
use super::hex::hex;
use super::sqlite;
use super::store::Engine;
use sha2::{Digest as _, Sha256};
use sqlx::{AnyConnection, AnyPool, Row as _};
use std::path::{Path, PathBuf};

/// Every migration, in order; the number is its place, from one.
pub(super) const MIGRATIONS: &[Migration] = &[
    Migration {
        name: "engine",
        sqlite: include_str!("../../migrations/sqlite/0001_engine.sql"),
        postgres: include_str!("../../migrations/postgres/0001_engine.sql"),
    },
    Migration {
        name: "people",
        sqlite: include_str!("../../migrations/sqlite/0002_people.sql"),
        postgres: include_str!("../../migrations/postgres/0002_people.sql"),
    },
    Migration {
        name: "care",
        sqlite: include_str!("../../migrations/sqlite/0003_care.sql"),
        postgres: include_str!("../../migrations/postgres/0003_care.sql"),
    },
    Migration {
        name: "clinical",
        sqlite: include_str!("../../migrations/sqlite/0004_clinical.sql"),
        postgres: include_str!("../../migrations/postgres/0004_clinical.sql"),
    },
    Migration {
        name: "task",
        sqlite: include_str!("../../migrations/sqlite/0005_task.sql"),
        postgres: include_str!("../../migrations/postgres/0005_task.sql"),
    },
    Migration {
        name: "prescription",
        sqlite: include_str!("../../migrations/sqlite/0006_prescription.sql"),
        postgres: include_str!("../../migrations/postgres/0006_prescription.sql"),
    },
    Migration {
        name: "intake",
        sqlite: include_str!("../../migrations/sqlite/0007_intake.sql"),
        postgres: include_str!("../../migrations/postgres/0007_intake.sql"),
    },
    Migration {
        name: "continuity",
        sqlite: include_str!("../../migrations/sqlite/0008_continuity.sql"),
        postgres: include_str!("../../migrations/postgres/0008_continuity.sql"),
    },
    Migration {
        name: "team",
        sqlite: include_str!("../../migrations/sqlite/0009_team.sql"),
        postgres: include_str!("../../migrations/postgres/0009_team.sql"),
    },
    Migration {
        name: "service",
        sqlite: include_str!("../../migrations/sqlite/0010_service.sql"),
        postgres: include_str!("../../migrations/postgres/0010_service.sql"),
    },
    Migration {
        name: "preconsultation",
        sqlite: include_str!("../../migrations/sqlite/0011_preconsultation.sql"),
        postgres: include_str!("../../migrations/postgres/0011_preconsultation.sql"),
    },
    Migration {
        name: "pathways",
        sqlite: include_str!("../../migrations/sqlite/0012_pathways.sql"),
        postgres: include_str!("../../migrations/postgres/0012_pathways.sql"),
    },
    Migration {
        name: "attended",
        sqlite: include_str!("../../migrations/sqlite/0013_attended.sql"),
        postgres: include_str!("../../migrations/postgres/0013_attended.sql"),
    },
    Migration {
        name: "rota",
        sqlite: include_str!("../../migrations/sqlite/0014_rota.sql"),
        postgres: include_str!("../../migrations/postgres/0014_rota.sql"),
    },
    Migration {
        name: "messages",
        sqlite: include_str!("../../migrations/sqlite/0015_messages.sql"),
        postgres: include_str!("../../migrations/postgres/0015_messages.sql"),
    },
    Migration {
        name: "linkage",
        sqlite: include_str!("../../migrations/sqlite/0016_linkage.sql"),
        postgres: include_str!("../../migrations/postgres/0016_linkage.sql"),
    },
    Migration {
        name: "plans",
        sqlite: include_str!("../../migrations/sqlite/0017_plans.sql"),
        postgres: include_str!("../../migrations/postgres/0017_plans.sql"),
    },
    Migration {
        name: "apart",
        sqlite: include_str!("../../migrations/sqlite/0018_apart.sql"),
        postgres: include_str!("../../migrations/postgres/0018_apart.sql"),
    },
    Migration {
        name: "pictures",
        sqlite: include_str!("../../migrations/sqlite/0019_pictures.sql"),
        postgres: include_str!("../../migrations/postgres/0019_pictures.sql"),
    },
    Migration {
        name: "places",
        sqlite: include_str!("../../migrations/sqlite/0020_places.sql"),
        postgres: include_str!("../../migrations/postgres/0020_places.sql"),
    },
    Migration {
        name: "published",
        sqlite: include_str!("../../migrations/sqlite/0021_published.sql"),
        postgres: include_str!("../../migrations/postgres/0021_published.sql"),
    },
    Migration {
        name: "surgery",
        sqlite: include_str!("../../migrations/sqlite/0022_surgery.sql"),
        postgres: include_str!("../../migrations/postgres/0022_surgery.sql"),
    },
];

pub(super) struct Migration {
    name: &'static str,
    sqlite: &'static str,
    postgres: &'static str,
}

/// A database just opened.
pub(super) struct Opened {
    pub(super) engine: Engine,
    /// The file to back up before it is migrated, if it held something.
    pub(super) backup: Option<PathBuf>,
    pub(super) writing: AnyPool,
    pub(super) reading: AnyPool,
}

/// Number of the advisory lock that lets one node migrate at a time: "onshin" in ASCII.
const LOCK: i64 = 0x6f6e_7368_696e;

const MAKE_TABLE: &str = "
    CREATE TABLE IF NOT EXISTS migration (
        number   BIGINT NOT NULL PRIMARY KEY,
        name     TEXT   NOT NULL,
        checksum TEXT   NOT NULL
    )
";

/// Brings the database to this program's state.
pub(super) async fn run(opened: &Opened, migrations: &[Migration]) -> Result<(), OpenError> {
    let mut connection = opened.writing.acquire().await?;
    let any = &mut *connection;
    match opened.engine {
        Engine::Sqlite { .. } => {
            if let Some(path) = &opened.backup {
                back_up(any, path, migrations).await?;
            }
            migrate(any, &opened.engine, migrations).await
        }
        Engine::Postgres => {
            sqlx::query("SELECT pg_advisory_lock($1)")
                .bind(LOCK)
                .execute(&mut *any)
                .await?;
            let done = migrate(any, &opened.engine, migrations).await;
            // A connection that failed is closed, which frees the lock as well.
            match sqlx::query("SELECT pg_advisory_unlock($1)")
                .bind(LOCK)
                .execute(&mut *any)
                .await
            {
                Ok(_) => {}
                Err(_) => connection.close_on_drop(),
            }
            done
        }
    }
}

async fn migrate(
    any: &mut AnyConnection,
    engine: &Engine,
    migrations: &[Migration],
) -> Result<(), OpenError> {
    sqlx::raw_sql(engine.begin_write())
        .execute(&mut *any)
        .await?;
    match apply(any, engine, migrations).await {
        Ok(()) => {
            sqlx::raw_sql("COMMIT").execute(any).await?;
            Ok(())
        }
        Err(why) => {
            sqlx::raw_sql("ROLLBACK").execute(any).await?;
            Err(why)
        }
    }
}

async fn apply(
    any: &mut AnyConnection,
    engine: &Engine,
    migrations: &[Migration],
) -> Result<(), OpenError> {
    sqlx::raw_sql(MAKE_TABLE).execute(&mut *any).await?;
    let applied = applied(any, migrations).await?;
    for (number, migration) in (1_i64..).zip(migrations).skip(applied) {
        let text = migration.text(engine);
        tracing::info!(number, name = migration.name, "migrating");
        sqlx::raw_sql(text).execute(&mut *any).await?;
        sqlx::query("INSERT INTO migration (number, name, checksum) VALUES ($1, $2, $3)")
            .bind(number)
            .bind(migration.name)
            .bind(migration.checksum())
            .execute(&mut *any)
            .await?;
    }
    Ok(())
}

/// Whether the database is of exactly this program's state; nothing is changed.
pub(super) async fn is_present(
    any: &mut AnyConnection,
    migrations: &[Migration],
) -> Result<(), OpenError> {
    let applied = applied(any, migrations).await?;
    if applied == migrations.len() {
        Ok(())
    } else {
        Err(OpenError::Older(applied))
    }
}

/// How many migrations are applied; each must be the one this program knows.
async fn applied(any: &mut AnyConnection, migrations: &[Migration]) -> Result<usize, OpenError> {
    let rows = sqlx::query("SELECT number, checksum FROM migration ORDER BY number")
        .fetch_all(any)
        .await?;
    for (expected, row) in (1_i64..).zip(&rows) {
        let number: i64 = row.try_get("number")?;
        let checksum: String = row.try_get("checksum")?;
        let known = usize::try_from(number - 1)
            .ok()
            .and_then(|place| migrations.get(place));
        match known {
            None => return Err(OpenError::Newer(number)),
            Some(known) if number != expected || known.checksum() != checksum => {
                return Err(OpenError::Changed(number));
            }
            Some(_) => {}
        }
    }
    Ok(rows.len())
}

/// Copies a database that is about to be migrated to a file beside it.
async fn back_up(
    any: &mut AnyConnection,
    path: &Path,
    migrations: &[Migration],
) -> Result<(), OpenError> {
    let tables = sqlx::query("SELECT name FROM sqlite_schema WHERE name = 'migration'")
        .fetch_optional(&mut *any)
        .await?;
    if tables.is_none() {
        return Ok(());
    }
    let applied = applied(any, migrations).await?;
    if applied == migrations.len() {
        return Ok(());
    }
    let mut copy = path.as_os_str().to_owned();
    copy.push(format!(".before-{:04}", applied + 1));
    let copy = PathBuf::from(copy);
    // An older try may have left one: the state before this migration is the same.
    match std::fs::remove_file(&copy) {
        Err(why) if why.kind() != std::io::ErrorKind::NotFound => {
            return Err(OpenError::File(copy, why));
        }
        Ok(()) | Err(_) => {}
    }
    sqlite::own_file(&copy)?;
    let Some(name) = copy.to_str() else {
        return Err(OpenError::Database(Fault::Text));
    };
    tracing::info!(backup = name, "copying the database before its migration");
    sqlx::query("VACUUM INTO $1")
        .bind(name)
        .execute(any)
        .await?;
    Ok(())
}

impl Migration {
    const fn text(&self, engine: &Engine) -> &'static str {
        match engine {
            Engine::Sqlite { .. } => self.sqlite,
            Engine::Postgres => self.postgres,
        }
    }

    /// Over both texts, so that neither is changed alone unseen.
    fn checksum(&self) -> String {
        let hash = Sha256::new()
            .chain_update(self.sqlite)
            .chain_update([0])
            .chain_update(self.postgres)
            .finalize();
        hex(&hash)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FIRST: Migration = Migration {
        name: "first",
        sqlite: "CREATE TABLE a (x INTEGER NOT NULL) STRICT; INSERT INTO a VALUES (7);",
        postgres: "",
    };
    const SECOND: Migration = Migration {
        name: "second",
        sqlite: "DROP TABLE a;",
        postgres: "",
    };
    const BROKEN: Migration = Migration {
        name: "broken",
        sqlite: "DROP TABLE a; DROP TABLE nothing;",
        postgres: "",
    };
    const OTHER: Migration = Migration {
        name: "first",
        sqlite: "CREATE TABLE b (x INTEGER NOT NULL) STRICT;",
        postgres: "",
    };

    async fn at(path: &Path, migrations: &[Migration]) -> (Opened, Result<(), OpenError>) {
        sqlx::any::install_default_drivers();
        let opened = sqlite::open(path, None).await.unwrap();
        let done = run(&opened, migrations).await;
        (opened, done)
    }

    async fn rows(opened: &Opened, sql: &'static str) -> Option<i64> {
        sqlx::query(sql)
            .fetch_one(&opened.reading)
            .await
            .ok()?
            .try_get(0)
            .ok()
    }

    /// What one engine calls a type the other does not know: a word left over fails only when that engine is opened.
    #[test]
    fn each_pair_of_files_is_of_the_same_number_and_speaks_its_own_engines_words() {
        for one in MIGRATIONS {
            for (file, foreign) in [
                (one.postgres, ["BLOB", "INTEGER", "STRICT"]),
                (one.sqlite, ["BYTEA", "BIGINT", "JSONB"]),
            ] {
                let words = file
                    .lines()
                    .filter_map(|line| line.split("--").next())
                    .flat_map(|line| line.split(|c: char| !c.is_alphanumeric()));
                let found: Vec<&str> = words.filter(|word| foreign.contains(word)).collect();
                assert!(found.is_empty(), "{}: {found:?}", one.name);
            }
            let tables = |file: &str| file.matches("CREATE TABLE").count();
            assert_eq!(tables(one.sqlite), tables(one.postgres), "{}", one.name);
        }
    }

    #[tokio::test]
    async fn a_database_is_copied_before_it_is_migrated() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("x.sqlite");
        at(&path, &[FIRST]).await.1.unwrap();
        let copy = folder.path().join("x.sqlite.before-0002");
        assert!(!copy.exists());
        let (opened, done) = at(&path, &[FIRST, SECOND]).await;
        done.unwrap();
        assert_eq!(rows(&opened, "SELECT x FROM a").await, None);
        let before = sqlite::open(&copy, None).await.unwrap();
        assert_eq!(rows(&before, "SELECT x FROM a").await, Some(7));
    }

    #[tokio::test]
    async fn who_only_reads_refuses_an_older_database_and_leaves_it_so() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("x.sqlite");
        at(&path, &[FIRST]).await.1.unwrap();
        let pool = sqlite::open_to_read(&path).await.unwrap();
        let mut connection = pool.acquire().await.unwrap();
        assert!(matches!(
            is_present(&mut connection, &[FIRST, SECOND]).await,
            Err(OpenError::Older(1))
        ));
        is_present(&mut connection, &[FIRST]).await.unwrap();
        let written = sqlx::raw_sql("PRAGMA query_only = OFF; DELETE FROM a")
            .execute(&mut *connection)
            .await;
        assert!(written.is_err());
    }

    #[tokio::test]
    async fn a_migration_that_fails_changes_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("x.sqlite");
        at(&path, &[FIRST]).await.1.unwrap();
        let (opened, done) = at(&path, &[FIRST, BROKEN]).await;
        assert!(matches!(done, Err(OpenError::Database(_))));
        assert_eq!(rows(&opened, "SELECT x FROM a").await, Some(7));
        assert_eq!(
            rows(&opened, "SELECT COUNT(*) FROM migration").await,
            Some(1)
        );
    }

    #[tokio::test]
    async fn a_database_newer_than_the_program_or_of_another_past_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("x.sqlite");
        at(&path, &[FIRST, SECOND]).await.1.unwrap();
        assert!(matches!(
            at(&path, &[FIRST]).await.1,
            Err(OpenError::Newer(2))
        ));
        assert!(matches!(
            at(&path, &[OTHER, SECOND]).await.1,
            Err(OpenError::Changed(1))
        ));
    }
}
