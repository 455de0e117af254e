//! Agreements of two physicians about responsibility, and their signatures.

use crate::{By, Conn, Fault, Tx, row::Cells};
use access::PersonId;
use care::attended::{SHARED, Sharing, SharingId, Side, Terms};

/// Agreements of one pair that are looked at.
const OF_PAIR_MAX: i64 = 20;
const TABLE: &str = "responsibility_agreement";

impl Conn {
    /// The agreements of a pair, the newest first.
    ///
    /// # Errors
    ///
    /// Storage failed.
    pub async fn sharings(
        &mut self,
        attending: PersonId,
        remote: PersonId,
    ) -> Result<Vec<Sharing>, Fault> {
        let rows = sqlx::query(
            "SELECT id, attending, remote, content, attending_signed_at, remote_signed_at
             FROM responsibility_agreement
             WHERE tenant = $1 AND attending = $2 AND remote = $3 -- responsibility_agreement_by_pair
             ORDER BY written_at DESC, id DESC
             LIMIT $4",
        )
        .bind(self.tenant().to_string())
        .bind(attending.to_string())
        .bind(remote.to_string())
        .bind(OF_PAIR_MAX)
        .fetch_all(self.any())
        .await?;
        let mut found = Vec::new();
        for row in &rows {
            let cells = Cells::of(TABLE, row);
            let id: SharingId = cells.parsed("id")?;
            let plain = self.unseal_tenant(TABLE, &id.to_string(), &cells.bytes("content")?)?;
            let terms: Terms =
                serde_json::from_slice(&plain).map_err(|_| cells.corrupt("content"))?;
            found.push(Sharing {
                id,
                attending: cells.parsed("attending")?,
                remote: cells.parsed("remote")?,
                terms,
                attending_signed: cells.maybe_instant("attending_signed_at")?,
                remote_signed: cells.maybe_instant("remote_signed_at")?,
            });
        }
        Ok(found)
    }
}

impl Tx {
    /// Writes an agreement, signed by whoever wrote it.
    ///
    /// # Errors
    ///
    /// Storage failed.
    pub async fn write_sharing(
        &mut self,
        by: &By,
        (attending, remote): (PersonId, PersonId),
        terms: &Terms,
        side: Side,
    ) -> Result<SharingId, Fault> {
        let id = SharingId(self.fresh_id()?);
        let plain = serde_json::to_vec(terms)
            .map_err(|why| Fault::Unavailable(format!("no JSON for {TABLE}: {why}")))?;
        let sealed = self.seal_tenant(TABLE, &id.to_string(), &plain)?;
        let (tenant, now) = (self.tenant().to_string(), self.now().as_microsecond());
        let author = match side {
            Side::Attending => attending,
            Side::Remote => remote,
        };
        sqlx::query(
            "INSERT INTO responsibility_agreement (tenant, id, attending, remote, content, written_by, written_at)
             VALUES ($1, $2, $3, $4, $5, $6, $7)",
        )
        .bind(tenant)
        .bind(id.to_string())
        .bind(attending.to_string())
        .bind(remote.to_string())
        .bind(sealed)
        .bind(author.to_string())
        .bind(now)
        .execute(self.any())
        .await?;
        self.sign_sharing(by, id, side).await?;
        Ok(id)
    }

    /// Signs an agreement for one side, once.
    ///
    /// # Errors
    ///
    /// `Conflict` when that side signed already; or storage failed.
    pub async fn sign_sharing(&mut self, by: &By, id: SharingId, side: Side) -> Result<(), Fault> {
        let (tenant, now) = (self.tenant().to_string(), self.now().as_microsecond());
        let text = match side {
            Side::Attending => {
                "UPDATE responsibility_agreement SET attending_signed_at = $1
                 WHERE tenant = $2 AND id = $3 AND attending_signed_at IS NULL"
            }
            Side::Remote => {
                "UPDATE responsibility_agreement SET remote_signed_at = $1
                 WHERE tenant = $2 AND id = $3 AND remote_signed_at IS NULL"
            }
        };
        let done = sqlx::query(text)
            .bind(now)
            .bind(tenant)
            .bind(id.to_string())
            .execute(self.any())
            .await?;
        if done.rows_affected() == 0 {
            return Err(Fault::Conflict);
        }
        self.record(
            by.under(SHARED, "responsibility.signed")
                .object("agreement", id.to_string())
                .field("side", side.as_str()),
        )
        .await?;
        Ok(())
    }
}
