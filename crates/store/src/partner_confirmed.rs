//! What partners can take, and when somebody confirmed it last.

use crate::{By, Conn, Fault, Tx, partner::PARTNERS_MAX, row::Cells};
use care::{PartnerId, partner::Confirmed};
use std::collections::BTreeMap;

impl Conn {
    /// The newest confirmation of each partner.
    ///
    /// # Errors
    ///
    /// Storage failed.
    pub async fn partners_confirmed(&mut self) -> Result<BTreeMap<PartnerId, Confirmed>, Fault> {
        let rows = sqlx::query(
            "SELECT id, partner, takes, confirmed_on
             FROM partner_confirmed AS one
             WHERE tenant = $1
               AND NOT EXISTS (
                 SELECT 1 FROM partner_confirmed AS later
                 WHERE later.tenant = $1 AND later.partner = one.partner AND later.id > one.id
               )
             LIMIT $2",
        )
        .bind(self.tenant().to_string())
        .bind(PARTNERS_MAX)
        .fetch_all(self.any())
        .await?;
        rows.iter()
            .map(|row| {
                let cells = Cells::of("partner_confirmed", row);
                let confirmed = Confirmed {
                    takes: cells.text("takes")?,
                    on: cells.date("confirmed_on")?,
                };
                Ok((cells.parsed("partner")?, confirmed))
            })
            .collect()
    }
}

impl Tx {
    /// Keeps what a partner can take, as it was confirmed on a day.
    ///
    /// # Errors
    ///
    /// Storage failed, or the text holds U+0000.
    pub async fn confirm_partner(
        &mut self,
        by: &By,
        partner: PartnerId,
        confirmed: &Confirmed,
    ) -> Result<(), Fault> {
        let (tenant, id) = (self.tenant().to_string(), self.fresh_id()?);
        sqlx::query(
            "INSERT INTO partner_confirmed (tenant, id, partner, takes, confirmed_on, confirmed_by)
             VALUES ($1, $2, $3, $4, $5, $6)",
        )
        .bind(tenant)
        .bind(id.to_string())
        .bind(partner.to_string())
        .bind(crate::plain(&confirmed.takes)?)
        .bind(confirmed.on.to_string())
        .bind(
            by.person()
                .map(|person| person.to_string())
                .unwrap_or_default(),
        )
        .execute(self.any())
        .await?;
        self.record(
            by.entry("partner.confirmed")
                .object("partner", partner.to_string())
                .field("on", confirmed.on.to_string()),
        )
        .await?;
        Ok(())
    }
}
