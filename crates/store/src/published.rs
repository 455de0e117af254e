//! The checklist as an institution publishes it (チェックリストの公表): a picture of one moment, kept beside the earlier ones.

use crate::{
    By, Conn, Fault, Tx,
    row::{Cells, json},
};
use access::PersonId;
use jiff::Timestamp;

/// A published checklist.
pub struct Published {
    /// Each clause with the word of its standing.
    pub clauses: Vec<(String, String)>,
    /// Who published it.
    pub by: PersonId,
    /// When.
    pub at: Timestamp,
}

impl Conn {
    /// The newest published checklist.
    ///
    /// # Errors
    ///
    /// Storage failed.
    pub async fn published_checklist(&mut self) -> Result<Option<Published>, Fault> {
        let row = sqlx::query(
            "SELECT id, content, published_by, published_at
             FROM published_checklist
             WHERE tenant = $1
             ORDER BY published_at DESC, id DESC
             LIMIT 1",
        )
        .bind(self.tenant().to_string())
        .fetch_optional(self.any())
        .await?;
        row.map(|row| {
            let cells = Cells::of("published_checklist", &row);
            Ok(Published {
                clauses: cells.json("content")?,
                by: cells.parsed("published_by")?,
                at: cells.instant("published_at")?,
            })
        })
        .transpose()
    }
}

impl Tx {
    /// Publishes the checklist as it stands.
    ///
    /// # Errors
    ///
    /// Storage failed.
    pub async fn publish_checklist(
        &mut self,
        by: &By,
        person: PersonId,
        clauses: &[(&str, &str)],
    ) -> Result<(), Fault> {
        let id = self.fresh_id()?;
        let (tenant, now) = (self.tenant().to_string(), self.now().as_microsecond());
        let content = json(&clauses)?;
        let digest = crate::course::digest(content.as_bytes());
        sqlx::query(
            "INSERT INTO published_checklist (tenant, id, content, published_by, published_at)
             VALUES ($1, $2, $3, $4, $5)",
        )
        .bind(tenant)
        .bind(id.to_string())
        .bind(content)
        .bind(person.to_string())
        .bind(now)
        .execute(self.any())
        .await?;
        self.record(
            by.entry("checklist.published")
                .object("checklist", id.to_string())
                .field("digest", digest),
        )
        .await?;
        Ok(())
    }
}
