//! The store: one database, opened, migrated, and shared by everyone who reads and writes.

use super::anchor::Anchor;
use super::conn::{Read, Tx};
use super::fault::{Fault, OpenError};
use super::hex::hex;
use super::hold::{self, Hold, Want};
use super::keys::{Keyring, MasterKey};
use super::reserve::Reserve;
use super::wal::{self, Wal};
use super::writer::{self, Act, Appending, IDLE_TIME_MAX, Job, QUEUE_MAX};
use super::{migrate, postgres, sqlite, tenant};
use access::TenantId;
use jiff::Timestamp;
use ledger::Entry;
use sqlx::AnyPool;
use std::collections::HashMap;
use std::future::Future;
use std::path::PathBuf;
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::mpsc::error::TrySendError;
use tokio::sync::{Mutex as AsyncMutex, mpsc};
use tokio::task::JoinHandle;

/// Writers at one time on a PostgreSQL node: tenants with something to write within one minute.
const WRITERS_MAX: usize = 4096;

/// Where the data lie.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Database {
    /// A SQLite file; made if it does not exist.
    Sqlite(PathBuf),
    /// A SQLite database that is gone with the store: for tests.
    Memory,
    /// A PostgreSQL database, by URL.
    Postgres(String),
}

/// What a store needs to open.
pub struct Settings {
    /// Where the data lie.
    pub database: Database,
    /// The key of the installation.
    pub master_key: MasterKey,
    /// `checkpoints.log`: where checkpoints are also written, outside the data folder, better on another machine.
    pub anchor: Option<PathBuf>,
    /// The reserve file that is given up when the disk is full; on the disk of the data.
    pub reserve: Option<PathBuf>,
}

/// The open store. Clones share it.
#[derive(Clone)]
pub struct Store {
    core: Arc<Core>,
    lanes: Arc<Lanes>,
}

/// What the writers share.
pub(super) struct Core {
    pub(super) engine: Engine,
    pub(super) writing: AnyPool,
    pub(super) reading: AnyPool,
    pub(super) ring: Arc<Keyring>,
    pub(super) anchor: Arc<Anchor>,
    pub(super) reserve: Arc<Reserve>,
    pub(super) wal: Arc<Wal>,
    low: AtomicBool,
    _hold: Option<Hold>,
}

impl Drop for Core {
    fn drop(&mut self) {
        self.anchor.end();
        self.wal.end();
    }
}

/// Which engine, with what is particular to it.
pub(super) enum Engine {
    Sqlite {
        /// The folder of a [`Database::Memory`], removed with the store.
        _folder: Option<tempfile::TempDir>,
    },
    Postgres,
}

impl Engine {
    pub(super) const fn begin_write(&self) -> &'static str {
        match self {
            Self::Sqlite { .. } => sqlite::BEGIN_WRITE,
            Self::Postgres => postgres::BEGIN_WRITE,
        }
    }

    const fn begin_read(&self) -> &'static str {
        match self {
            Self::Sqlite { .. } => sqlite::BEGIN_READ,
            Self::Postgres => postgres::BEGIN_READ,
        }
    }

    pub(super) const fn lock_head(&self) -> Option<&'static str> {
        match self {
            Self::Sqlite { .. } => None,
            Self::Postgres => Some(postgres::LOCK_HEAD),
        }
    }
}

/// The writers: one for a SQLite file, one per busy tenant on PostgreSQL. `None` once the store is being closed.
struct Lanes {
    open: Mutex<Option<Open>>,
    anchoring: AsyncMutex<Option<JoinHandle<()>>>,
}

#[derive(Default)]
struct Open {
    queues: HashMap<TenantId, mpsc::Sender<Box<dyn Job>>>,
    running: Vec<JoinHandle<()>>,
}

impl Store {
    /// Opens the database, makes or migrates it, and starts its writer.
    ///
    /// # Errors
    ///
    /// The database cannot be used, is newer than the program, or belongs to another master key.
    pub async fn open(settings: Settings) -> Result<Self, OpenError> {
        Self::open_as(settings, Want::Shared).await
    }

    /// The same, while no other program has the database open: none can begin either, until this one ends.
    ///
    /// # Errors
    ///
    /// As [`Store::open`], and [`OpenError::InUse`].
    pub async fn open_alone(settings: Settings) -> Result<Self, OpenError> {
        Self::open_as(settings, Want::Alone).await
    }

    async fn open_as(settings: Settings, want: Want) -> Result<Self, OpenError> {
        sqlx::any::install_default_drivers();
        let hold = match &settings.database {
            Database::Sqlite(path) => Some(hold::file(path, want)?),
            Database::Memory => None,
            Database::Postgres(url) => Some(hold::session(url, want).await?),
        };
        let opened = match &settings.database {
            Database::Sqlite(path) => sqlite::open(path, None).await?,
            Database::Memory => {
                let folder = tempfile::tempdir()
                    .map_err(|why| OpenError::File(std::env::temp_dir(), why))?;
                let path = folder.path().join("memory.sqlite");
                sqlite::open(&path, Some(folder)).await?
            }
            Database::Postgres(url) => postgres::open(url).await?,
        };
        migrate::run(&opened, migrate::MIGRATIONS).await?;
        tenant::installation(&opened, &settings.master_key).await?;
        let anchor = Arc::new(Anchor::new(settings.anchor));
        let reserve = Arc::new(Reserve::new(settings.reserve));
        reserve.fill();
        let core = Arc::new(Core {
            engine: opened.engine,
            writing: opened.writing,
            reading: opened.reading,
            ring: Arc::new(Keyring::new(settings.master_key)),
            anchor: Arc::clone(&anchor),
            reserve,
            wal: Arc::default(),
            low: AtomicBool::new(false),
            _hold: hold,
        });
        if matches!(core.engine, Engine::Sqlite { .. }) {
            tokio::spawn(wal::run(Arc::downgrade(&core)));
        }
        let anchoring = tokio::spawn(anchor.run());
        Ok(Self {
            core,
            lanes: Arc::new(Lanes {
                open: Mutex::new(Some(Open::default())),
                anchoring: AsyncMutex::new(Some(anchoring)),
            }),
        })
    }

    /// Whether room is short, by [`Self::keep_for_running`] or because a write met a full disk:
    /// what is left is for visits under way, and nothing new may be begun.
    pub fn is_scarce(&self) -> bool {
        self.core.low.load(Ordering::Relaxed) || self.core.reserve.is_released()
    }

    /// Says that the disk is nearly full, or no longer.
    pub fn keep_for_running(&self, low: bool) {
        self.core.low.store(low, Ordering::Relaxed);
    }

    /// Takes the reserve back if the disk has room again. False while it has not.
    pub async fn refill_reserve(&self) -> bool {
        let core = Arc::clone(&self.core);
        tokio::task::spawn_blocking(move || core.reserve.refill())
            .await
            .unwrap_or(false)
    }

    /// Runs one act and answers after its commit. The act loads what its judgement rests on, judges, writes rows and
    /// ledger entries; no network, no password hash, no rendering inside. An `Err` undoes the act alone.
    ///
    /// # Errors
    ///
    /// What the act returns, or a fault: then nothing of the act was kept, except after [`Fault::Unavailable`],
    /// where it may have been and must be read again before any retry.
    pub async fn write<T, E, F>(&self, tenant: TenantId, now: Timestamp, act: F) -> Result<T, E>
    where
        F: for<'t> FnOnce(&'t mut Tx) -> Pin<Box<dyn Future<Output = Result<T, E>> + Send + 't>>
            + Send
            + 'static,
        E: From<Fault> + Send + 'static,
        T: Send + 'static,
    {
        let (job, answer) = Act::new(tenant, now, act);
        self.send(tenant, Box::new(job))?;
        match answer.await {
            Ok(result) => result,
            Err(_) => Err(Fault::Unavailable("the writer stopped".to_owned()).into()),
        }
    }

    /// Appends entries that no row goes with, such as what a page showed, and answers after their commit. It costs less
    /// than [`Store::write`]: many of them share one statement.
    ///
    /// # Errors
    ///
    /// A fault, as of [`Store::write`]; then none of the entries was kept.
    pub async fn append(
        &self,
        tenant: TenantId,
        now: Timestamp,
        entries: Vec<Entry>,
    ) -> Result<(), Fault> {
        let (job, answer) = Appending::new(tenant, now, entries);
        self.send(tenant, Box::new(job))?;
        answer
            .await
            .unwrap_or_else(|_| Err(Fault::Unavailable("the writer stopped".to_owned())))
    }

    /// A read-only connection on one consistent state of one tenant.
    ///
    /// # Errors
    ///
    /// No such tenant, or no connection in time.
    pub async fn read(&self, tenant: TenantId) -> Result<Read, Fault> {
        let transaction = self
            .core
            .reading
            .begin_with(self.core.engine.begin_read())
            .await?;
        Read::new(transaction, Arc::clone(&self.core.ring), tenant).await
    }

    /// A keyed digest of what must be recognised again and never be read, such as where a client stands in the network.
    ///
    /// `None` until the tenant's keys were used once in this process: a reading or writing of the tenant comes before.
    #[must_use]
    pub fn blind(&self, tenant: TenantId, kind: &'static str, text: &str) -> Option<String> {
        let keys = self.core.ring.tenant(tenant)?;
        let tag = aws_lc_rs::hmac::sign(&keys.index, format!("{kind}\0{text}").as_bytes());
        Some(hex(tag.as_ref()))
    }

    /// Ends: lets the waiting acts finish, writes the last checkpoints to the anchor, closes all connections.
    pub async fn close(&self) {
        let open = self
            .lanes
            .open
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take();
        if let Some(Open { queues, running }) = open {
            // A writer ends when its queue is closed and empty.
            drop(queues);
            for writer in running {
                let _ = writer.await;
            }
        }
        if let Some(anchoring) = self.lanes.anchoring.lock().await.take() {
            self.core.anchor.end();
            let _ = anchoring.await;
        }
        self.core.wal.end();
        self.core.writing.close().await;
        self.core.reading.close().await;
    }

    pub(super) fn time_stamps_file(&self) -> Option<PathBuf> {
        self.core.anchor.time_stamps_file()
    }

    #[cfg(test)]
    pub(super) fn writing(&self) -> &AnyPool {
        &self.core.writing
    }

    fn send(&self, tenant: TenantId, job: Box<dyn Job>) -> Result<(), Fault> {
        // One writer for a SQLite file: all tenants share its lane.
        let (lane, idle) = match self.core.engine {
            Engine::Sqlite { .. } => (TenantId::INSTALLATION, None),
            Engine::Postgres => (tenant, Some(IDLE_TIME_MAX)),
        };
        let mut open = self
            .lanes
            .open
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        let open = open.as_mut().ok_or(Fault::Closed)?;
        match open.queues.get(&lane).map(mpsc::Sender::try_reserve) {
            Some(Ok(place)) => {
                place.send(job);
                return Ok(());
            }
            Some(Err(TrySendError::Full(()))) => return Err(Fault::Busy),
            // No writer yet, or one that ended because it was idle.
            Some(Err(TrySendError::Closed(()))) | None => {}
        }
        open.queues.retain(|_, queue| !queue.is_closed());
        open.running.retain(|writer| !writer.is_finished());
        if open.queues.len() >= WRITERS_MAX {
            return Err(Fault::Busy);
        }
        let (queue, jobs) = mpsc::channel(QUEUE_MAX);
        // A new queue has room.
        let _ = queue.try_send(job);
        open.queues.insert(lane, queue);
        open.running.push(tokio::spawn(writer::run(
            Arc::clone(&self.core),
            jobs,
            idle,
        )));
        Ok(())
    }
}
