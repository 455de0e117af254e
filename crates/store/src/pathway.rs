//! What an institution has switched on beside ordinary care, and with which drugs.

use crate::{
    By, Conn, Fault, Tx,
    row::{Cells, json},
};
use access::PersonId;
use care::{Service, pathway::Setting};
use guideline::Clause;

/// The word of emergency contraception.
pub const CONTRACEPTION: &str = Service::EmergencyContraception.as_str();
/// The word of smoking cessation.
pub const SMOKING: &str = Service::SmokingCessation.as_str();

impl Conn {
    /// What is set for a pathway; none where it was never switched on.
    ///
    /// # Errors
    ///
    /// Storage failed.
    pub async fn pathway_setting(&mut self, pathway: &str) -> Result<Option<Setting>, Fault> {
        let row = sqlx::query(
            "SELECT pathway AS id, offered, drugs, days_max
             FROM pathway_setting
             WHERE tenant = $1 AND pathway = $2",
        )
        .bind(self.tenant().to_string())
        .bind(pathway)
        .fetch_optional(self.any())
        .await?;
        row.map(|row| {
            let cells = Cells::of("pathway_setting", &row);
            let codes: Vec<String> = cells.json("drugs")?;
            Ok(Setting {
                offered: cells.flag("offered")?,
                drugs: codes
                    .iter()
                    .map(|code| code.parse().map_err(|()| cells.corrupt("drugs")))
                    .collect::<Result<_, _>>()?,
                days_max: u16::try_from(cells.int("days_max")?)
                    .map_err(|_| cells.corrupt("days_max"))?,
            })
        })
        .transpose()
    }
}

impl Tx {
    /// Keeps what is set for a pathway.
    ///
    /// # Errors
    ///
    /// Storage failed.
    pub async fn put_pathway(
        &mut self,
        by: &By,
        person: PersonId,
        (pathway, clause): (&'static str, Clause),
        setting: &Setting,
    ) -> Result<(), Fault> {
        let codes: Vec<String> = setting.drugs.iter().map(ToString::to_string).collect();
        let (tenant, now) = (self.tenant().to_string(), self.now().as_microsecond());
        sqlx::query(
            "INSERT INTO pathway_setting (tenant, pathway, offered, drugs, days_max, set_by, set_at)
             VALUES ($1, $2, $3, $4, $5, $6, $7)
             ON CONFLICT (tenant, pathway) DO UPDATE
             SET offered = excluded.offered, drugs = excluded.drugs, days_max = excluded.days_max,
                 set_by = excluded.set_by, set_at = excluded.set_at",
        )
        .bind(tenant)
        .bind(pathway)
        .bind(i64::from(setting.offered))
        .bind(json(&codes)?)
        .bind(i64::from(setting.days_max))
        .bind(person.to_string())
        .bind(now)
        .execute(self.any())
        .await?;
        self.record(
            by.under(clause, "pathway.set")
                .field("pathway", pathway)
                .field("offered", i64::from(setting.offered))
                .field("drugs", codes.join(" ")),
        )
        .await?;
        Ok(())
    }
}
