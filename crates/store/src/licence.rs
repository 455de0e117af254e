//! The picture of a physician's licence (医師免許証), sealed: shown to patients only when its private parts are hidden.

use crate::{By, Conn, Fault, Tx, row::Cells};
use access::PersonId;
use care::proof::LICENCE;
use jiff::Timestamp;
use sha2::{Digest as _, Sha256};

/// Cells of a mask at most.
pub const CELLS_MAX: usize = 1_000;

/// A picture of a licence.
pub struct Licence {
    /// As it is kept: JPEG. Masked parts are black in it; what was under them is gone.
    pub picture: Vec<u8>,
    /// Which cells were hidden; none while it waits for that.
    pub masked: Option<Vec<u32>>,
    /// When it was handed in.
    pub handed_in: Timestamp,
}

impl Conn {
    /// The picture of somebody's licence.
    ///
    /// # Errors
    ///
    /// Storage failed, or the picture is no longer the one of the digest.
    pub async fn licence(&mut self, person: PersonId) -> Result<Option<Licence>, Fault> {
        let row = sqlx::query(
            "SELECT person AS id, picture, digest, masked, handed_in_at
             FROM licence_picture
             WHERE tenant = $1 AND person = $2",
        )
        .bind(self.tenant().to_string())
        .bind(person.to_string())
        .fetch_optional(self.any())
        .await?;
        let Some(row) = row else {
            return Ok(None);
        };
        let cells = Cells::of("licence_picture", &row);
        let picture = self.unseal_tenant(
            "licence_picture",
            &person.to_string(),
            &cells.bytes("picture")?,
        )?;
        if digest(&picture) != cells.text("digest")? {
            return Err(cells.corrupt("digest"));
        }
        Ok(Some(Licence {
            picture,
            masked: cells.maybe_json("masked")?,
            handed_in: cells.instant("handed_in_at")?,
        }))
    }

    /// Whether somebody's licence can be shown to patients.
    ///
    /// # Errors
    ///
    /// Storage failed.
    pub async fn licence_is_shown(&mut self, person: PersonId) -> Result<bool, Fault> {
        let row = sqlx::query(
            "SELECT person AS id FROM licence_picture WHERE tenant = $1 AND person = $2 AND masked IS NOT NULL",
        )
        .bind(self.tenant().to_string())
        .bind(person.to_string())
        .fetch_optional(self.any())
        .await?;
        Ok(row.is_some())
    }
}

impl Tx {
    /// Keeps a picture in place of the one before: first as handed in, then with its private parts hidden.
    ///
    /// # Errors
    ///
    /// Storage failed.
    pub async fn put_licence(
        &mut self,
        by: &By,
        person: PersonId,
        picture: &[u8],
        masked: Option<&[u32]>,
    ) -> Result<(), Fault> {
        let sealed = self.seal_tenant("licence_picture", &person.to_string(), picture)?;
        let masked_json = masked.map(|cells| crate::row::json(&cells)).transpose()?;
        let (tenant, now) = (self.tenant().to_string(), self.now().as_microsecond());
        sqlx::query(
            "INSERT INTO licence_picture (tenant, person, picture, digest, masked, handed_in_at)
             VALUES ($1, $2, $3, $4, $5, $6)
             ON CONFLICT (tenant, person) DO UPDATE
             SET picture = excluded.picture, digest = excluded.digest, masked = excluded.masked,
                 handed_in_at = excluded.handed_in_at",
        )
        .bind(tenant)
        .bind(person.to_string())
        .bind(sealed)
        .bind(digest(picture))
        .bind(masked_json)
        .bind(now)
        .execute(self.any())
        .await?;
        let entry = match masked {
            // Only what patients can see is evidence of the clause.
            Some(_) => by
                .under(LICENCE, "licence.masked")
                .field("digest", digest(picture)),
            None => by.entry("licence.handed_in"),
        };
        self.record(entry.object("person", person.to_string()))
            .await?;
        Ok(())
    }

    /// Takes the picture away.
    ///
    /// # Errors
    ///
    /// There is none (`Conflict`), or storage failed.
    pub async fn remove_licence(&mut self, by: &By, person: PersonId) -> Result<(), Fault> {
        let tenant = self.tenant().to_string();
        let done = sqlx::query("DELETE FROM licence_picture WHERE tenant = $1 AND person = $2")
            .bind(tenant)
            .bind(person.to_string())
            .execute(self.any())
            .await?;
        if done.rows_affected() != 1 {
            return Err(Fault::Conflict);
        }
        self.record(
            by.entry("licence.removed")
                .object("person", person.to_string()),
        )
        .await?;
        Ok(())
    }
}

fn digest(picture: &[u8]) -> String {
    crate::engine::hex(&Sha256::digest(picture))
}
