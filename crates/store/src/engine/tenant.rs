//! Tenants (institutions, 医療機関): made with their keys and an empty ledger; and the change of the master key.

use super::conn::{Tx, wrapped_keys};
use super::fault::{Fault, OpenError};
use super::keys::{self, MasterKey};
use super::migrate::Opened;
use super::seal::plain;
use super::store::Store;
use access::TenantId;
use jiff::Timestamp;
use ledger::{Actor, Entry};
use sqlx::{AnyConnection, Row as _};

/// Name of the pseudo-tenant in its row; no page shows it.
const INSTALLATION: &str = "installation";

impl Store {
    /// Makes an institution with its keys and its ledger.
    ///
    /// # Errors
    ///
    /// It exists already, its name holds U+0000, or the master key was changed meanwhile.
    pub async fn create_tenant(
        &self,
        id: TenantId,
        name: &str,
        now: Timestamp,
    ) -> Result<(), Fault> {
        let name = plain(name)?.to_owned();
        self.write(TenantId::INSTALLATION, now, move |tx| {
            Box::pin(async move { create(tx, id, &name).await })
        })
        .await
    }

    /// All institutions with their names, the installation itself left out.
    ///
    /// # Errors
    ///
    /// Storage failed.
    pub async fn tenants(&self) -> Result<Vec<(TenantId, String)>, Fault> {
        let mut read = self.read(TenantId::INSTALLATION).await?;
        let all = list(read.any()).await?;
        Ok(all
            .into_iter()
            .filter(|(id, _)| *id != TenantId::INSTALLATION)
            .collect())
    }
}

async fn create(tx: &mut Tx, id: TenantId, name: &str) -> Result<(), Fault> {
    let ring = std::sync::Arc::clone(&tx.ring);
    // After a change of the master key by another process, ours would make a tenant that nobody can open.
    let installation = wrapped_keys(tx.any(), TenantId::INSTALLATION).await?;
    if keys::open_tenant(&ring.master, TenantId::INSTALLATION, &installation)?.is_none() {
        return Err(Fault::Unavailable(
            "the master key was changed; restart".to_owned(),
        ));
    }
    let created = tx.now().as_microsecond();
    insert(tx.any(), &ring.master, id, name, created).await?;
    tx.record(
        Entry::new("tenant.created", Actor::System, "administration")
            .object("tenant", id.to_string()),
    )
    .await?;
    Ok(())
}

async fn insert(
    any: &mut AnyConnection,
    master: &MasterKey,
    id: TenantId,
    name: &str,
    created: i64,
) -> Result<(), Fault> {
    let keys = keys::new_tenant(master, id)?;
    let tenant = id.to_string();
    sqlx::query("INSERT INTO tenant (id, name, created, wrapped) VALUES ($1, $2, $3, $4)")
        .bind(tenant.as_str())
        .bind(name)
        .bind(created)
        .bind(keys.tenant)
        .execute(&mut *any)
        .await?;
    for (kind, wrapped, public) in [
        ("index", keys.index, None),
        ("ledger", keys.ledger, Some(keys.public)),
    ] {
        sqlx::query(
            "INSERT INTO tenant_key (tenant, kind, wrapped, public) VALUES ($1, $2, $3, $4)",
        )
        .bind(tenant.as_str())
        .bind(kind)
        .bind(wrapped)
        .bind(public)
        .execute(&mut *any)
        .await?;
    }
    sqlx::query("INSERT INTO ledger_head (tenant, size, frontier) VALUES ($1, 0, $2)")
        .bind(tenant)
        .bind(Vec::<u8>::new())
        .execute(any)
        .await?;
    Ok(())
}

/// Every tenant with its name, the installation first.
pub(super) async fn list(any: &mut AnyConnection) -> Result<Vec<(TenantId, String)>, Fault> {
    let rows = sqlx::query("SELECT id, name FROM tenant ORDER BY id")
        .fetch_all(any)
        .await?;
    rows.iter()
        .map(|row| {
            let text: String = row.try_get("id")?;
            let id = text.parse().map_err(|_| Fault::Corrupt {
                table: "tenant",
                column: "id",
                id: text,
            })?;
            Ok((id, row.try_get("name")?))
        })
        .collect()
}

/// Makes the installation's own tenant at the first open, and refuses a foreign master key at every later one.
pub(super) async fn installation(opened: &Opened, master: &MasterKey) -> Result<(), OpenError> {
    let mut connection = opened.writing.acquire().await?;
    let any = &mut *connection;
    match wrapped_keys(any, TenantId::INSTALLATION).await {
        Ok(wrapped) => match keys::open_tenant(master, TenantId::INSTALLATION, &wrapped)? {
            Some(_) => Ok(()),
            None => Err(OpenError::WrongKey),
        },
        Err(Fault::UnknownTenant) => {
            sqlx::raw_sql(opened.engine.begin_write())
                .execute(&mut *any)
                .await?;
            match insert(any, master, TenantId::INSTALLATION, INSTALLATION, 0).await {
                Ok(()) => {
                    sqlx::raw_sql("COMMIT").execute(any).await?;
                    Ok(())
                }
                // Another node was first.
                Err(Fault::Conflict) => {
                    sqlx::raw_sql("ROLLBACK").execute(&mut *any).await?;
                    let wrapped = wrapped_keys(any, TenantId::INSTALLATION).await?;
                    keys::open_tenant(master, TenantId::INSTALLATION, &wrapped)?
                        .map(|_| ())
                        .ok_or(OpenError::WrongKey)
                }
                Err(fault) => {
                    connection.close_on_drop();
                    Err(fault.into())
                }
            }
        }
        Err(fault) => Err(fault.into()),
    }
}

/// Wraps every tenant key under a new master key, all in one commit. What the tenant keys wrap stays as it is.
///
/// Running programs go on with the old key in memory and must be restarted with the new one. Returns how many
/// tenant keys were wrapped anew. Keep the old key until the last backup made under it is gone.
///
/// # Errors
///
/// The present key is not the right one, a tenant key does not open, or storage failed: then nothing was changed.
pub async fn rotate_master_key(
    store: &Store,
    new: &MasterKey,
    now: Timestamp,
) -> Result<u64, Fault> {
    let new = new.copy();
    store
        .write(TenantId::INSTALLATION, now, move |tx| {
            Box::pin(async move { rotate(tx, &new).await })
        })
        .await
}

async fn rotate(tx: &mut Tx, new: &MasterKey) -> Result<u64, Fault> {
    let ring = std::sync::Arc::clone(&tx.ring);
    let (old, new) = (ring.master.key()?, new.key()?);
    let rows = sqlx::query("SELECT id, wrapped FROM tenant ORDER BY id")
        .fetch_all(tx.any())
        .await?;
    let mut wrapped_anew = 0;
    for row in &rows {
        let id: String = row.try_get("id")?;
        let wrapped: Vec<u8> = row.try_get("wrapped")?;
        let corrupt = |column| Fault::Corrupt {
            table: "tenant",
            column,
            id: id.clone(),
        };
        let place = keys::tenant_place(id.parse().map_err(|_| corrupt("id"))?);
        let bytes = old
            .unwrap(&place, &wrapped)
            .map_err(|_| corrupt("wrapped"))?;
        sqlx::query("UPDATE tenant SET wrapped = $2 WHERE id = $1")
            .bind(id.as_str())
            .bind(new.seal(&place, &*bytes)?)
            .execute(tx.any())
            .await?;
        wrapped_anew += 1;
    }
    tx.record(
        Entry::new("key.rotated", Actor::System, "administration")
            .field("tenants", i64::try_from(wrapped_anew).unwrap_or(i64::MAX)),
    )
    .await?;
    Ok(wrapped_anew)
}
