//! The writer: takes up to 64 waiting acts into one commit, each undone alone if it fails, and answers them all after it.

use super::book::Signed;
use super::conn::Tx;
use super::fault::{Fault, MET_FULL_DISK};
use super::store::Core;
use access::TenantId;
use futures_util::FutureExt as _;
use jiff::Timestamp;
use ledger::Entry;
use sqlx::pool::PoolConnection;
use sqlx::{Any, AnyConnection};
use std::cell::Cell;
use std::future::Future;
use std::panic::AssertUnwindSafe;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{mpsc, oneshot};

/// Acts in one commit: past this, waiting for the disk no longer dominates.
pub(super) const BATCH_MAX: usize = 64;
/// Acts waiting for one writer; the next is told to come back. Sixteen full commits, well under a second.
pub(super) const QUEUE_MAX: usize = 1024;
/// One act's statements: anything longer is a defect and must not hold up a clinic.
const ACT_TIME_MAX: Duration = Duration::from_secs(10);
/// A tenant's writer that finds nothing to do for this long ends (PostgreSQL only).
pub(super) const IDLE_TIME_MAX: Duration = Duration::from_mins(1);

type Boxed<'t, T> = Pin<Box<dyn Future<Output = T> + Send + 't>>;

/// An act that waits for the writer.
pub(super) trait Job: Send {
    fn tenant(&self) -> TenantId;
    fn now(&self) -> Timestamp;
    /// Entries, if that is all the act is: no row is touched, so that nothing needs to be undone but them.
    fn entries(&mut self) -> Option<Vec<Entry>> {
        None
    }
    /// Runs the act and keeps its result; says whether its writes are wanted.
    fn run<'t>(&'t mut self, tx: &'t mut Tx) -> Boxed<'t, bool>;
    /// Replaces the result by a fault.
    fn fail(&mut self, fault: Fault);
    /// Tells the caller.
    fn answer(self: Box<Self>);
}

/// The one kind of job: a closure, its result, and who waits for it.
pub(super) struct Act<T, E, F> {
    tenant: TenantId,
    now: Timestamp,
    closure: Option<F>,
    result: Option<Result<T, E>>,
    caller: oneshot::Sender<Result<T, E>>,
}

impl<T, E, F> Act<T, E, F> {
    pub(super) fn new(
        tenant: TenantId,
        now: Timestamp,
        act: F,
    ) -> (Self, oneshot::Receiver<Result<T, E>>) {
        let (caller, answer) = oneshot::channel();
        (
            Self {
                tenant,
                now,
                closure: Some(act),
                result: None,
                caller,
            },
            answer,
        )
    }
}

impl<T, E, F> Job for Act<T, E, F>
where
    F: for<'t> FnOnce(&'t mut Tx) -> Boxed<'t, Result<T, E>> + Send,
    E: From<Fault> + Send,
    T: Send,
{
    fn tenant(&self) -> TenantId {
        self.tenant
    }

    fn now(&self) -> Timestamp {
        self.now
    }

    fn run<'t>(&'t mut self, tx: &'t mut Tx) -> Boxed<'t, bool> {
        Box::pin(async move {
            let Some(act) = self.closure.take() else {
                return false;
            };
            let result = act(tx).await;
            let wanted = result.is_ok();
            self.result = Some(result);
            wanted
        })
    }

    fn fail(&mut self, fault: Fault) {
        self.result = Some(Err(fault.into()));
    }

    fn answer(self: Box<Self>) {
        // A caller that went away needs no answer.
        let _ = match self.result {
            Some(result) => self.caller.send(result),
            None => self.caller.send(Err(
                Fault::Unavailable("the act was not run".to_owned()).into()
            )),
        };
    }
}

/// An act that only appends to the ledger: what a page showed.
pub(super) struct Appending {
    tenant: TenantId,
    now: Timestamp,
    entries: Option<Vec<Entry>>,
    result: Result<(), Fault>,
    caller: oneshot::Sender<Result<(), Fault>>,
}

impl Appending {
    pub(super) fn new(
        tenant: TenantId,
        now: Timestamp,
        entries: Vec<Entry>,
    ) -> (Self, oneshot::Receiver<Result<(), Fault>>) {
        let (caller, answer) = oneshot::channel();
        (
            Self {
                tenant,
                now,
                entries: Some(entries),
                result: Ok(()),
                caller,
            },
            answer,
        )
    }
}

impl Job for Appending {
    fn tenant(&self) -> TenantId {
        self.tenant
    }

    fn now(&self) -> Timestamp {
        self.now
    }

    fn entries(&mut self) -> Option<Vec<Entry>> {
        self.entries.take()
    }

    fn run<'t>(&'t mut self, _: &'t mut Tx) -> Boxed<'t, bool> {
        Box::pin(std::future::ready(false))
    }

    fn fail(&mut self, fault: Fault) {
        self.result = Err(fault);
    }

    fn answer(self: Box<Self>) {
        // A caller that went away needs no answer.
        let _ = self.caller.send(self.result);
    }
}

/// Runs until its queue is closed and empty, or, with `idle`, until nothing came for that long.
pub(super) async fn run(
    core: Arc<Core>,
    mut queue: mpsc::Receiver<Box<dyn Job>>,
    idle: Option<Duration>,
) {
    let mut jobs = Vec::with_capacity(BATCH_MAX);
    loop {
        let wait = queue.recv_many(&mut jobs, BATCH_MAX);
        let taken = match idle {
            None => wait.await,
            Some(idle) => {
                let Ok(taken) = tokio::time::timeout(idle, wait).await else {
                    // What slipped in before the close is still taken; then zero ends the loop.
                    queue.close();
                    continue;
                };
                taken
            }
        };
        if taken == 0 {
            return;
        }
        let signed = match commit(&core, &mut jobs).await {
            Ok(signed) => signed,
            Err(fault) => {
                if fault == Fault::Full {
                    core.reserve.release();
                }
                // A tenant made in this batch does not exist: neither do its keys.
                core.ring.forget_tenants();
                tracing::error!(%fault, acts = jobs.len(), "a commit failed");
                for job in &mut jobs {
                    job.fail(fault.clone());
                }
                Vec::new()
            }
        };
        for job in jobs.drain(..) {
            job.answer();
        }
        core.anchor.note(signed);
    }
}

/// One transaction over all jobs. An error means that nothing of it may be answered as done.
async fn commit(core: &Core, jobs: &mut [Box<dyn Job>]) -> Result<Vec<Signed>, Fault> {
    let Some(first) = jobs.first() else {
        return Ok(Vec::new());
    };
    let (tenant, now) = (first.tenant(), first.now());
    let mut connection = core.writing.acquire().await?;
    if let Err(fault) = begin(core, &mut connection, tenant).await {
        connection.close_on_drop();
        return Err(fault);
    }
    // The installation's own keys always exist, so that one unknown tenant does not fail its neighbours.
    let opened = Tx::new(
        connection,
        Arc::clone(&core.ring),
        TenantId::INSTALLATION,
        now,
    )
    .await;
    let mut tx = match opened {
        Ok(tx) => tx,
        Err((connection, fault)) => {
            undo(connection).await;
            return Err(fault);
        }
    };
    let done = run_jobs(core, &mut tx, jobs).await;
    let books = std::mem::take(&mut tx.books);
    let done = match done {
        Ok(()) => books.write(&mut tx.conn).await,
        Err(fault) => Err(fault),
    };
    let signed = match done {
        Ok(signed) => signed,
        Err(fault) => {
            if let Some(connection) = tx.into_connection() {
                undo(connection).await;
            }
            return Err(fault);
        }
    };
    let fresh = std::mem::take(&mut tx.conn.fresh);
    let shredded = std::mem::take(&mut tx.conn.shredded);
    if let Err(error) = sqlx::raw_sql("COMMIT").execute(tx.conn.any()).await {
        // Whether it happened is not known. The connection is closed: a half-open one must not serve the next batch.
        let known = Fault::from(error);
        if let Some(mut connection) = tx.into_connection() {
            connection.close_on_drop();
        }
        return Err(match known {
            Fault::Full => Fault::Full,
            other => Fault::Unavailable(format!("the outcome of a commit is unknown: {other}")),
        });
    }
    core.wal.grew();
    for (tenant, patient, key) in fresh {
        core.ring.keep_patient(tenant, &patient, key);
    }
    for (tenant, patient) in shredded {
        core.ring.forget_patient(tenant, &patient);
    }
    Ok(signed)
}

async fn begin(core: &Core, any: &mut AnyConnection, tenant: TenantId) -> Result<(), Fault> {
    sqlx::raw_sql(core.engine.begin_write())
        .execute(&mut *any)
        .await?;
    if let Some(lock) = core.engine.lock_head() {
        // Two nodes that write for one tenant take turns here, so that its tree never forks.
        sqlx::query(lock)
            .bind(tenant.to_string())
            .execute(any)
            .await?;
    }
    Ok(())
}

async fn run_jobs(core: &Core, tx: &mut Tx, jobs: &mut [Box<dyn Job>]) -> Result<(), Fault> {
    for job in jobs {
        if let Err(fault) = tx.enter(job.tenant(), job.now()).await {
            match fault {
                Fault::UnknownTenant | Fault::Corrupt { .. } => {
                    job.fail(fault);
                    continue;
                }
                other => return Err(other),
            }
        }
        let mark = tx.books.mark(tx.tenant());
        if let Some(entries) = job.entries() {
            if let Err(fault) = append(tx, &entries) {
                if let Some(mark) = mark {
                    tx.books.back_to(mark);
                }
                job.fail(fault);
            }
            continue;
        }
        sqlx::raw_sql("SAVEPOINT act").execute(tx.any()).await?;
        let (fresh, shredded) = (tx.conn.fresh.len(), tx.conn.shredded.clone());
        let ran = run_job(core, tx, job).await;
        if ran.wanted {
            sqlx::raw_sql("RELEASE SAVEPOINT act")
                .execute(tx.any())
                .await?;
            continue;
        }
        // If this fails, the database has given up the whole transaction (SQLite does so on a full disk), and so do we.
        if let Err(error) = sqlx::raw_sql("ROLLBACK TO SAVEPOINT act")
            .execute(tx.any())
            .await
        {
            return Err(if ran.met_full_disk {
                Fault::Full
            } else {
                error.into()
            });
        }
        sqlx::raw_sql("RELEASE SAVEPOINT act")
            .execute(tx.any())
            .await?;
        if let Some(mark) = mark {
            tx.books.back_to(mark);
        }
        tx.conn.fresh.truncate(fresh);
        tx.conn.shredded = shredded;
    }
    Ok(())
}

fn append(tx: &mut Tx, entries: &[Entry]) -> Result<(), Fault> {
    for entry in entries {
        tx.books.record(tx.conn.tenant(), tx.now, entry)?;
    }
    Ok(())
}

/// How an act went.
struct Ran {
    wanted: bool,
    met_full_disk: bool,
}

/// Runs one act. A panic or a time-out is its own failure, not the writer's.
async fn run_job(core: &Core, tx: &mut Tx, job: &mut Box<dyn Job>) -> Ran {
    let act = async {
        let run = AssertUnwindSafe(job.run(tx)).catch_unwind();
        let run = tokio::time::timeout(ACT_TIME_MAX, run).await;
        (run, MET_FULL_DISK.with(Cell::get))
    };
    let (run, met_full_disk) = MET_FULL_DISK.scope(Cell::new(false), act).await;
    if met_full_disk {
        core.reserve.release();
    }
    let wanted = match run {
        Ok(Ok(wanted)) => wanted,
        Ok(Err(_)) => {
            tracing::error!("an act panicked; it was undone");
            job.fail(Fault::Unavailable("the act failed".to_owned()));
            false
        }
        Err(_) => {
            tracing::error!("an act took too long; it was undone");
            job.fail(Fault::Unavailable("the act took too long".to_owned()));
            false
        }
    };
    Ran {
        wanted,
        met_full_disk,
    }
}

async fn undo(mut connection: PoolConnection<Any>) {
    if sqlx::raw_sql("ROLLBACK")
        .execute(&mut *connection)
        .await
        .is_err()
    {
        connection.close_on_drop();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Database, MasterKey, Settings, Store};
    use ledger::Actor;

    const NOW: Timestamp = Timestamp::constant(1_795_138_200, 0);

    async fn pragma(store: &Store, text: &'static str) {
        let mut writer = store.writing().acquire().await.unwrap();
        sqlx::raw_sql(text).execute(&mut *writer).await.unwrap();
    }

    async fn large(store: &Store) -> Result<u64, Fault> {
        store
            .write(TenantId::INSTALLATION, NOW, |tx| {
                let text = "x".repeat(60_000);
                Box::pin(
                    tx.record(Entry::new("test.done", Actor::System, "care").field("text", text)),
                )
            })
            .await
    }

    async fn large_rows(store: &Store) -> Result<(), Fault> {
        store
            .write(TenantId::INSTALLATION, NOW, |tx| {
                Box::pin(async move {
                    for n in 0..500 {
                        tx.new_patient_key(&format!("{n}{}", "x".repeat(1000)))
                            .await?;
                    }
                    Ok(())
                })
            })
            .await
    }

    #[tokio::test]
    async fn a_full_disk_is_said_and_the_reserve_is_given_up_once() {
        let folder = tempfile::tempdir().unwrap();
        let reserve = folder.path().join("reserve");
        let settings = Settings {
            database: Database::Memory,
            master_key: MasterKey::generate().unwrap(),
            anchor: None,
            reserve: Some(reserve.clone()),
        };
        let store = Store::open(settings).await.unwrap();
        large(&store).await.unwrap();
        while std::fs::metadata(&reserve).map_or(0, |file| file.len())
            < crate::engine::reserve::RESERVE_BYTES
        {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        // SQLite answers as on a full disk once the file may not grow.
        pragma(&store, "PRAGMA max_page_count = 1").await;
        assert_eq!(large(&store).await, Err(Fault::Full));
        assert!(!reserve.exists());
        std::fs::write(&reserve, "").unwrap();
        // The writer took a new connection after the failed commit.
        pragma(&store, "PRAGMA max_page_count = 1").await;
        assert_eq!(large_rows(&store).await, Err(Fault::Full));
        assert!(reserve.exists(), "the reserve is given up only once");
        assert!(store.is_scarce(), "new starts stop");
        assert!(store.refill_reserve().await);
        assert!(!store.is_scarce(), "with room again, they may go on");
        pragma(&store, "PRAGMA max_page_count = 1000000").await;
        large_rows(&store).await.unwrap();
        assert_eq!(large(&store).await, Ok(1));
        store.close().await;
    }

    #[tokio::test]
    async fn an_act_that_meets_the_full_disk_gives_up_the_reserve_though_it_hides_the_fault() {
        let folder = tempfile::tempdir().unwrap();
        let reserve = folder.path().join("reserve");
        let settings = Settings {
            database: Database::Memory,
            master_key: MasterKey::generate().unwrap(),
            anchor: None,
            reserve: Some(reserve.clone()),
        };
        let store = Store::open(settings).await.unwrap();
        pragma(&store, "PRAGMA max_page_count = 1").await;
        assert_eq!(large_rows(&store).await, Err(Fault::Full));
        // The file may still be under way of being written; it is not completed after its release.
        tokio::time::sleep(Duration::from_millis(300)).await;
        let left = std::fs::metadata(&reserve).map_or(0, |file| file.len());
        assert!(left < crate::engine::reserve::RESERVE_BYTES);
        store.close().await;
    }
}
