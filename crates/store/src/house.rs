//! What an institution has set for itself (院内の決まり).

use crate::{
    By, Conn, Fault, Tx,
    partner::{areas, written},
    row::Cells,
};
use care::{house::HouseRules, referral::IN_PERSON_PLACE};

impl Conn {
    /// The settings of this institution; what nobody has set is as the guideline leaves it.
    ///
    /// # Errors
    ///
    /// Storage failed, or a value lies outside its bounds.
    pub async fn house_rules(&mut self) -> Result<HouseRules, Fault> {
        let row = sqlx::query(
            "SELECT tenant AS id, arrival_minutes, travel_minutes_max, near, cover_minutes, identity_months
             FROM house_rule
             WHERE tenant = $1",
        )
        .bind(self.tenant().to_string())
        .fetch_optional(self.any())
        .await?;
        let Some(row) = row else {
            return Ok(HouseRules::default());
        };
        let cells = Cells::of("house_rule", &row);
        let minutes = |column| -> Result<u16, Fault> {
            u16::try_from(cells.int(column)?).map_err(|_| cells.corrupt(column))
        };
        let rules = HouseRules {
            arrival_minutes: minutes("arrival_minutes")?,
            travel_minutes_max: minutes("travel_minutes_max")?,
            near: areas(&cells, "near")?,
            cover_minutes: minutes("cover_minutes")?,
            identity_months: cells
                .maybe_int("identity_months")?
                .map(|months| u16::try_from(months).map_err(|_| cells.corrupt("identity_months")))
                .transpose()?,
        };
        if rules.is_within_bounds() {
            Ok(rules)
        } else {
            Err(cells.corrupt("arrival_minutes"))
        }
    }
}

impl Tx {
    /// Keeps the settings; the ledger holds their history. The caller has judged that they lie within their bounds.
    ///
    /// # Errors
    ///
    /// Storage failed.
    pub async fn keep_house_rules(&mut self, by: &By, rules: &HouseRules) -> Result<(), Fault> {
        let (tenant, now) = (self.tenant().to_string(), self.now().as_microsecond());
        let near = written(&rules.near)?;
        sqlx::query(
            "INSERT INTO house_rule (tenant, arrival_minutes, travel_minutes_max, near, cover_minutes, identity_months, changed_at)
             VALUES ($1, $2, $3, $4, $5, $6, $7)
             ON CONFLICT (tenant) DO UPDATE
             SET arrival_minutes = excluded.arrival_minutes, travel_minutes_max = excluded.travel_minutes_max,
                 near = excluded.near, cover_minutes = excluded.cover_minutes,
                 identity_months = excluded.identity_months, changed_at = excluded.changed_at",
        )
        .bind(&tenant)
        .bind(i64::from(rules.arrival_minutes))
        .bind(i64::from(rules.travel_minutes_max))
        .bind(&near)
        .bind(i64::from(rules.cover_minutes))
        .bind(rules.identity_months.map(i64::from))
        .bind(now)
        .execute(self.any())
        .await?;
        self.record(
            by.under(IN_PERSON_PLACE, "house_rules.changed")
                .object("institution", tenant)
                .field("arrival_minutes", i64::from(rules.arrival_minutes))
                .field("travel_minutes_max", i64::from(rules.travel_minutes_max))
                .field("near", near)
                .field("cover_minutes", i64::from(rules.cover_minutes))
                .field(
                    "identity_months",
                    i64::from(rules.identity_months.unwrap_or_default()),
                ),
        )
        .await?;
        Ok(())
    }
}
