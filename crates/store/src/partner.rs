//! The partner register (連携先): institutions and pharmacies that patients can go to.

use crate::{
    By, Conn, Fault, Tx,
    row::{Cells, json},
};
use care::{
    PartnerId,
    area::Area,
    partner::{Partner, PartnerKind},
};

/// Partners of one institution at most.
pub const PARTNERS_MAX: i64 = 200;

impl Conn {
    /// The partner register, the shortest way first.
    ///
    /// # Errors
    ///
    /// Storage failed.
    pub async fn partners(&mut self) -> Result<Vec<Partner>, Fault> {
        let rows = sqlx::query(
            "SELECT id, kind, name, phone, hours, night, areas, travel_minutes, valid_until
             FROM partner
             WHERE tenant = $1
             ORDER BY travel_minutes, name
             LIMIT $2",
        )
        .bind(self.tenant().to_string())
        .bind(PARTNERS_MAX)
        .fetch_all(self.any())
        .await?;
        rows.iter()
            .map(|row| {
                let cells = Cells::of("partner", row);
                Ok(Partner {
                    id: cells.parsed("id")?,
                    kind: cells.word("kind", PartnerKind::parse)?,
                    name: cells.text("name")?,
                    phone: cells.text("phone")?,
                    hours: cells.text("hours")?,
                    night: cells.flag("night")?,
                    areas: areas(&cells, "areas")?,
                    travel_minutes: u16::try_from(cells.int("travel_minutes")?)
                        .map_err(|_| cells.corrupt("travel_minutes"))?,
                    valid_until: cells.date("valid_until")?,
                })
            })
            .collect()
    }
}

impl Tx {
    /// Enters or renews a partner.
    ///
    /// # Errors
    ///
    /// Storage failed.
    pub async fn put_partner(&mut self, by: &By, partner: &Partner) -> Result<(), Fault> {
        let tenant = self.tenant().to_string();
        sqlx::query(
            "INSERT INTO partner (tenant, id, kind, name, phone, hours, night, areas, travel_minutes, valid_until)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
             ON CONFLICT (tenant, id) DO UPDATE
             SET kind = excluded.kind, name = excluded.name, phone = excluded.phone, hours = excluded.hours,
                 night = excluded.night, areas = excluded.areas, travel_minutes = excluded.travel_minutes,
                 valid_until = excluded.valid_until",
        )
        .bind(tenant)
        .bind(partner.id.to_string())
        .bind(partner.kind.as_str())
        .bind(&partner.name)
        .bind(&partner.phone)
        .bind(&partner.hours)
        .bind(i64::from(partner.night))
        .bind(written(&partner.areas)?)
        .bind(i64::from(partner.travel_minutes))
        .bind(partner.valid_until.to_string())
        .execute(self.any())
        .await?;
        self.record(
            by.entry("partner.kept")
                .object("partner", partner.id.to_string())
                .field("kind", partner.kind.as_str()),
        )
        .await?;
        Ok(())
    }

    /// A new name for the partner register.
    ///
    /// # Errors
    ///
    /// The system gives no randomness.
    pub fn fresh_partner(&self) -> Result<PartnerId, Fault> {
        Ok(PartnerId(self.fresh_id()?))
    }
}

/// Areas at rest: as they are written, in a JSON list.
pub(crate) fn written(areas: &[Area]) -> Result<String, Fault> {
    json(&areas.iter().map(Area::to_string).collect::<Vec<_>>())
}

/// Reads what [`written`] wrote.
pub(crate) fn areas(cells: &Cells<'_>, column: &'static str) -> Result<Vec<Area>, Fault> {
    let texts: Vec<String> = cells.json(column)?;
    texts
        .iter()
        .map(|text| Area::read(text).ok_or_else(|| cells.corrupt(column)))
        .collect()
}
