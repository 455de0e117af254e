//! A fresh store on each engine, for every test of this folder.
//!
//! `ONSHIN_TEST_POSTGRES` holds the URL of a server whose user may create databases. It must be set: a suite that
//! quietly leaves one engine out proves nothing about it. `off` leaves it out and says so.

#![expect(
    clippy::panic,
    clippy::print_stdout,
    reason = "what fails here fails the test; what is left out is said"
)]

use access::TenantId;
use jiff::Timestamp;
use sqlx::{AssertSqlSafe, Connection as _, Executor as _, PgConnection};
use std::future::Future;
use std::path::{Path, PathBuf};
use store::{Database, Fault, MasterKey, Settings, Store};

/// The instant of most tests: 2026-11-20 10:30 in Tokyo.
pub(crate) const NOW: Timestamp = Timestamp::constant(1_795_138_200, 0);
pub(crate) const CLINIC: TenantId = TenantId(access::Ulid::from_bytes([1; 16]));
pub(crate) const OTHER_CLINIC: TenantId = TenantId(access::Ulid::from_bytes([2; 16]));

/// One engine with an empty database, a master key and a folder.
pub(crate) struct Place {
    pub(crate) engine: &'static str,
    pub(crate) database: Database,
    pub(crate) key: MasterKey,
    pub(crate) folder: tempfile::TempDir,
    made: Option<(String, String)>,
}

impl Place {
    pub(crate) fn sqlite() -> Self {
        let folder = tempfile::tempdir().unwrap();
        Self {
            engine: "sqlite",
            database: Database::Sqlite(folder.path().join("onshin データ.sqlite")),
            key: MasterKey::generate().unwrap(),
            folder,
            made: None,
        }
    }

    pub(crate) async fn postgres(server: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let name = format!(
            "onshin_{}",
            folder
                .path()
                .file_name()
                .unwrap()
                .to_str()
                .unwrap()
                .replace('.', "")
                .to_lowercase()
        );
        let mut admin = PgConnection::connect(server).await.unwrap();
        admin
            .execute(AssertSqlSafe(format!("CREATE DATABASE {name} TEMPLATE template0 ENCODING 'UTF8' LC_COLLATE 'C' LC_CTYPE 'C'")))
            .await
            .unwrap();
        Self {
            engine: "postgres",
            database: Database::Postgres(with_database(server, &name)),
            key: MasterKey::generate().unwrap(),
            folder,
            made: Some((server.to_owned(), name)),
        }
    }

    pub(crate) fn anchor(&self) -> PathBuf {
        self.folder.path().join("checkpoints.log")
    }

    pub(crate) fn file(&self) -> &Path {
        match &self.database {
            Database::Sqlite(path) => path,
            Database::Memory | Database::Postgres(_) => panic!("not a file"),
        }
    }

    pub(crate) fn settings(&self) -> Settings {
        Settings {
            database: self.database.clone(),
            master_key: self.key.copy(),
            anchor: Some(self.anchor()),
            reserve: None,
        }
    }

    /// A store with two clinics.
    pub(crate) async fn open(&self) -> Store {
        let store = Store::open(self.settings()).await.unwrap();
        for (clinic, name) in [(CLINIC, "渡邊クリニック"), (OTHER_CLINIC, "となりの医院")]
        {
            match store.create_tenant(clinic, name, NOW).await {
                Ok(()) | Err(Fault::Conflict) => {}
                Err(fault) => panic!("{fault}"),
            }
        }
        store
    }

    pub(crate) async fn remove(self) {
        if let Some((server, name)) = self.made {
            let mut admin = PgConnection::connect(&server).await.unwrap();
            admin
                .execute(AssertSqlSafe(format!("DROP DATABASE {name} WITH (FORCE)")))
                .await
                .unwrap();
        }
    }
}

fn with_database(server: &str, name: &str) -> String {
    let (address, options) = server
        .split_once('?')
        .map_or((server, String::new()), |(a, o)| (a, format!("?{o}")));
    let host_end = address.find("://").map_or(0, |at| at + 3);
    let base = address[host_end..]
        .find('/')
        .map_or(address, |slash| &address[..host_end + slash]);
    format!("{base}/{name}{options}")
}

/// The PostgreSQL server of the tests, if it was not left out.
pub(crate) fn server() -> Option<String> {
    match std::env::var("ONSHIN_TEST_POSTGRES") {
        Ok(off) if off == "off" => {
            println!("PostgreSQL was left out: ONSHIN_TEST_POSTGRES=off");
            None
        }
        Ok(url) => Some(url),
        Err(std::env::VarError::NotPresent | std::env::VarError::NotUnicode(_)) => panic!(
            "set ONSHIN_TEST_POSTGRES to the URL of a PostgreSQL server whose user may create databases, or to `off`"
        ),
    }
}

/// Runs a test on a fresh database of each engine.
pub(crate) fn both_engines<F, W>(test: F)
where
    F: Fn(std::sync::Arc<Place>) -> W,
    W: Future<Output = ()>,
{
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(async {
        let mut places = vec![Place::sqlite()];
        if let Some(server) = server() {
            places.push(Place::postgres(&server).await);
        }
        for place in places {
            println!("on {}", place.engine);
            let place = std::sync::Arc::new(place);
            test(std::sync::Arc::clone(&place)).await;
            if let Some(place) = std::sync::Arc::into_inner(place) {
                place.remove().await;
            }
        }
    });
}
