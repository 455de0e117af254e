//! A database that is only read: nothing is made, nothing migrated, and no writer runs (`onshin verify`).

use super::conn::{self, Read};
use super::fault::{Fault, OpenError};
use super::keys::{self, Keyring, MasterKey};
use super::store::Database;
use super::{migrate, postgres, sqlite, tenant};
use access::TenantId;
use sqlx::AnyPool;
use std::sync::Arc;

/// The open database.
pub struct Reader {
    pool: AnyPool,
    begin: &'static str,
    ring: Arc<Keyring>,
}

/// A pool that cannot write, and how a reading of one state begins on it.
///
/// # Errors
///
/// There is no such database, or it lies in memory.
pub(super) async fn pool(database: &Database) -> Result<(AnyPool, &'static str), OpenError> {
    sqlx::any::install_default_drivers();
    match database {
        Database::Sqlite(path) => Ok((sqlite::open_to_read(path).await?, sqlite::BEGIN_READ)),
        Database::Postgres(url) => Ok((postgres::open_to_read(url).await?, postgres::BEGIN_READ)),
        Database::Memory => {
            Err(Fault::Unavailable("a database in memory has no other reader".to_owned()).into())
        }
    }
}

impl Reader {
    /// Opens a database as it stands.
    ///
    /// # Errors
    ///
    /// It cannot be read, is not of exactly this program's state, or belongs to another master key.
    pub async fn open(database: &Database, master_key: MasterKey) -> Result<Self, OpenError> {
        let (pool, begin) = pool(database).await?;
        let mut connection = pool.acquire().await?;
        migrate::is_present(&mut connection, migrate::MIGRATIONS).await?;
        let wrapped = conn::wrapped_keys(&mut connection, TenantId::INSTALLATION).await?;
        if keys::open_tenant(&master_key, TenantId::INSTALLATION, &wrapped)?.is_none() {
            return Err(OpenError::WrongKey);
        }
        drop(connection);
        Ok(Self {
            pool,
            begin,
            ring: Arc::new(Keyring::new(master_key)),
        })
    }

    /// One consistent state of one tenant.
    ///
    /// # Errors
    ///
    /// No such tenant, or the database does not answer.
    pub async fn read(&self, tenant: TenantId) -> Result<Read, Fault> {
        let transaction = self.pool.begin_with(self.begin).await?;
        Read::new(transaction, Arc::clone(&self.ring), tenant).await
    }

    /// All institutions with their names, the installation itself left out.
    ///
    /// # Errors
    ///
    /// The database does not answer.
    pub async fn tenants(&self) -> Result<Vec<(TenantId, String)>, Fault> {
        let mut read = self.read(TenantId::INSTALLATION).await?;
        let all = tenant::list(read.any()).await?;
        Ok(all
            .into_iter()
            .filter(|(id, _)| *id != TenantId::INSTALLATION)
            .collect())
    }

    /// Ends all connections.
    pub async fn close(self) {
        self.pool.close().await;
    }
}
