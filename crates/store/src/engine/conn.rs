//! The connection that an act works with: for one tenant, reading or writing.

use super::book::Books;
use super::fault::Fault;
use super::keys::{self, Key, Keyring, TenantKeys, Wrapped};
use access::{PersonId, TenantId};
use jiff::Timestamp;
use ledger::{Digest, Entry};
use sqlx::pool::PoolConnection;
use sqlx::{Any, AnyConnection, Row as _, Transaction};
use std::collections::HashMap;
use std::ops::{Deref, DerefMut};
use std::sync::Arc;
use ulid::Ulid;

/// One tenant's connection. Subject modules add their statements to it.
pub struct Conn {
    held: Held,
    tenant: TenantId,
    pub(super) keys: Arc<TenantKeys>,
    pub(super) ring: Arc<Keyring>,
    /// Patients' keys made in this transaction: they go into the keyring only after the commit.
    pub(super) fresh: Vec<(TenantId, String, Key)>,
    /// Patients whose keys were shredded in this transaction: forgotten again after the commit.
    pub(super) shredded: Vec<(TenantId, String)>,
    /// Names of staff read before on this connection, which sees one state.
    names: HashMap<PersonId, Option<String>>,
}

enum Held {
    Write(PoolConnection<Any>),
    Read(Transaction<'static, Any>),
}

impl Conn {
    /// Whose rows this connection reads and writes.
    pub const fn tenant(&self) -> TenantId {
        self.tenant
    }

    /// The connection for statements of this crate: one text for both engines, `$1` parameters,
    /// only `i64`, text and bytes.
    pub(crate) fn any(&mut self) -> &mut AnyConnection {
        match &mut self.held {
            Held::Write(connection) => connection,
            Held::Read(transaction) => transaction,
        }
    }

    /// A name that was read before in the same state. Who writes reads again: the state changes under it.
    pub(crate) fn known_name(&self, person: PersonId) -> Option<&Option<String>> {
        match &self.held {
            Held::Write(_) => None,
            Held::Read(_) => self.names.get(&person),
        }
    }

    /// Remembers a name for the rest of this reading.
    pub(crate) fn keep_name(&mut self, person: PersonId, name: Option<&String>) {
        if matches!(self.held, Held::Read(_)) {
            self.names.insert(person, name.cloned());
        }
    }

    /// Keeps a patient's key that was read. In a transaction that writes, its row may itself be undone:
    /// then the keyring learns of it only after the commit.
    pub(super) fn keep_patient_key(&mut self, patient: &str, key: &Key) {
        match &self.held {
            Held::Write(_) => self
                .fresh
                .push((self.tenant, patient.to_owned(), key.clone())),
            Held::Read(_) => self.ring.keep_patient(self.tenant, patient, key.clone()),
        }
    }
}

/// Reads one consistent state of one tenant; ends with its drop. Keep it short: it holds a connection.
pub struct Read(Conn);

impl Read {
    pub(super) async fn new(
        mut transaction: Transaction<'static, Any>,
        ring: Arc<Keyring>,
        tenant: TenantId,
    ) -> Result<Self, Fault> {
        let keys = tenant_keys(&mut transaction, &ring, tenant).await?;
        Ok(Self(Conn {
            held: Held::Read(transaction),
            tenant,
            keys,
            ring,
            fresh: Vec::new(),
            shredded: Vec::new(),
            names: HashMap::new(),
        }))
    }
}

impl Deref for Read {
    type Target = Conn;

    fn deref(&self) -> &Conn {
        &self.0
    }
}

impl DerefMut for Read {
    fn deref_mut(&mut self) -> &mut Conn {
        &mut self.0
    }
}

/// One act's part of a commit: its rows and its ledger entries, kept together or not at all.
pub struct Tx {
    pub(super) conn: Conn,
    pub(super) now: Timestamp,
    pub(super) books: Books,
}

impl Tx {
    pub(super) async fn new(
        mut connection: PoolConnection<Any>,
        ring: Arc<Keyring>,
        tenant: TenantId,
        now: Timestamp,
    ) -> Result<Self, (PoolConnection<Any>, Fault)> {
        let keys = match tenant_keys(&mut connection, &ring, tenant).await {
            Ok(keys) => keys,
            Err(fault) => return Err((connection, fault)),
        };
        let conn = Conn {
            held: Held::Write(connection),
            tenant,
            keys,
            ring,
            fresh: Vec::new(),
            shredded: Vec::new(),
            names: HashMap::new(),
        };
        Ok(Self {
            conn,
            now,
            books: Books::default(),
        })
    }

    /// Turns to the next act of the batch.
    pub(super) async fn enter(&mut self, tenant: TenantId, now: Timestamp) -> Result<(), Fault> {
        let ring = Arc::clone(&self.conn.ring);
        let keys = tenant_keys(self.conn.any(), &ring, tenant).await?;
        self.books.open(&mut self.conn, tenant).await?;
        self.conn.keys = keys;
        self.conn.tenant = tenant;
        self.now = now;
        Ok(())
    }

    /// Gives the connection back, to be returned or closed.
    pub(super) fn into_connection(self) -> Option<PoolConnection<Any>> {
        match self.conn.held {
            Held::Write(connection) => Some(connection),
            Held::Read(_) => None,
        }
    }

    /// The instant of this act, given by its caller.
    pub const fn now(&self) -> Timestamp {
        self.now
    }

    /// Appends an entry to the tenant's ledger, in the same commit as the rows it explains. Returns its place.
    ///
    /// The row itself is written at the end of the batch: statements of the same commit do not see it yet.
    ///
    /// # Errors
    ///
    /// The entry is too long or holds a number beyond 2^53 - 1.
    #[expect(
        clippy::unused_async,
        reason = "an entry's place may one day need the database"
    )]
    pub async fn record(&mut self, entry: Entry) -> Result<u64, Fault> {
        self.books.record(self.conn.tenant, self.now, &entry)
    }

    /// A new id: the act's time and 80 random bits.
    ///
    /// # Errors
    ///
    /// The system gives no randomness.
    pub fn fresh_id(&self) -> Result<Ulid, Fault> {
        let mut random = [0; 16];
        keys::fill(&mut random)?;
        let millis = u64::try_from(self.now.as_millisecond()).unwrap_or(0);
        Ok(Ulid::from_parts(millis, u128::from_be_bytes(random)))
    }

    /// A salted digest of personal content for a ledger entry. The salt goes into the sealed content, nowhere else.
    ///
    /// # Errors
    ///
    /// The system gives no randomness.
    pub fn digest(&self, content: &[u8]) -> Result<([u8; 16], Digest), Fault> {
        let mut salt = [0; 16];
        keys::fill(&mut salt)?;
        Ok((salt, Digest::salted(&salt, content)))
    }
}

impl Deref for Tx {
    type Target = Conn;

    fn deref(&self) -> &Conn {
        &self.conn
    }
}

impl DerefMut for Tx {
    fn deref_mut(&mut self) -> &mut Conn {
        &mut self.conn
    }
}

/// A tenant's keys, from the keyring or from its rows.
async fn tenant_keys(
    any: &mut AnyConnection,
    ring: &Keyring,
    tenant: TenantId,
) -> Result<Arc<TenantKeys>, Fault> {
    if let Some(keys) = ring.tenant(tenant) {
        return Ok(keys);
    }
    let wrapped = wrapped_keys(any, tenant).await?;
    match keys::open_tenant(&ring.master, tenant, &wrapped)? {
        Some(keys) => Ok(ring.keep_tenant(tenant, keys)),
        None => Err(Fault::Corrupt {
            table: "tenant",
            column: "wrapped",
            id: tenant.to_string(),
        }),
    }
}

/// A tenant's keys as its rows keep them.
pub(super) async fn wrapped_keys(
    any: &mut AnyConnection,
    tenant: TenantId,
) -> Result<Wrapped, Fault> {
    let row = sqlx::query(
        "SELECT t.wrapped AS tenant_wrapped, i.wrapped AS index_wrapped, l.wrapped AS ledger_wrapped, l.public AS public
         FROM tenant t
         JOIN tenant_key i ON i.tenant = t.id AND i.kind = 'index'
         JOIN tenant_key l ON l.tenant = t.id AND l.kind = 'ledger'
         WHERE t.id = $1",
    )
    .bind(tenant.to_string())
    .fetch_optional(any)
    .await?
    .ok_or(Fault::UnknownTenant)?;
    Ok(Wrapped {
        tenant: row.try_get("tenant_wrapped")?,
        index: row.try_get("index_wrapped")?,
        ledger: row.try_get("ledger_wrapped")?,
        public: row.try_get("public")?,
    })
}
