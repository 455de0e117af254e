//! Browsers (端末), each known to one institution by the hash of its device cookie.

use crate::{Conn, Fault, Tx};
use access::DeviceId;
use sqlx::Row as _;

impl Conn {
    /// The device of that cookie, if this institution knows it.
    ///
    /// # Errors
    ///
    /// Storage failed, or the row is impossible.
    pub async fn device(
        &mut self,
        surface: &str,
        token_hash: &[u8; 32],
    ) -> Result<Option<DeviceId>, Fault> {
        let tenant = self.tenant().to_string();
        // Served by the index device_by_token.
        let row = sqlx::query(
            "SELECT id
             FROM device
             WHERE tenant = $1 AND surface = $2 AND token_hash = $3",
        )
        .bind(tenant)
        .bind(surface)
        .bind(token_hash.to_vec())
        .fetch_optional(self.any())
        .await?;
        row.map(|row| {
            let id: String = row.try_get("id")?;
            id.parse().map_err(|_| Fault::Corrupt {
                table: "device",
                column: "id",
                id,
            })
        })
        .transpose()
    }
}

impl Tx {
    /// The device of that cookie, made known if it is new. `kind` is what the browser says it is, such as `phone`.
    ///
    /// # Errors
    ///
    /// Storage failed.
    pub async fn keep_device(
        &mut self,
        surface: &str,
        token_hash: &[u8; 32],
        kind: &str,
    ) -> Result<DeviceId, Fault> {
        let tenant = self.tenant().to_string();
        let now = self.now().as_microsecond();
        if let Some(known) = self.device(surface, token_hash).await? {
            sqlx::query(
                "UPDATE device
                 SET last_seen_at = $3
                 WHERE tenant = $1 AND id = $2",
            )
            .bind(tenant)
            .bind(known.to_string())
            .bind(now)
            .execute(self.any())
            .await?;
            return Ok(known);
        }
        let id = DeviceId(self.fresh_id()?);
        sqlx::query(
            "INSERT INTO device (tenant, id, surface, token_hash, kind, first_seen_at, last_seen_at)
             VALUES ($1, $2, $3, $4, $5, $6, $6)",
        )
        .bind(tenant)
        .bind(id.to_string())
        .bind(surface)
        .bind(token_hash.to_vec())
        .bind(kind)
        .bind(now)
        .execute(self.any())
        .await?;
        Ok(id)
    }
}
