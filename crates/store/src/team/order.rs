//! Orders to a nurse in one visit, what came of them, and why a physician who does not visit the patient sees the patient so.

use crate::{By, Conn, Fault, Tx, row::Cells};
use access::PersonId;
use care::{
    Consultation,
    assistance::{Act, FORESEEN, HOME_VISITING, Order, OrderId, Ordered},
};

/// Orders of one visit that are looked at.
const ORDERS_MAX: i64 = 50;

impl Conn {
    /// The orders of a visit, the first first.
    ///
    /// # Errors
    ///
    /// Storage failed.
    pub async fn nurse_orders(&mut self, visit: &Consultation) -> Result<Vec<Order>, Fault> {
        let rows = sqlx::query(
            "SELECT id, act, ordered_at, result, performed_at
             FROM nurse_order
             WHERE tenant = $1 AND consultation = $2 -- nurse_order_by_consultation
             ORDER BY ordered_at, id
             LIMIT $3",
        )
        .bind(self.tenant().to_string())
        .bind(visit.id.to_string())
        .bind(ORDERS_MAX)
        .fetch_all(self.any())
        .await?;
        let patient = visit.patient.to_string();
        let mut orders = Vec::new();
        for row in &rows {
            let cells = Cells::of("nurse_order", row);
            let id: OrderId = cells.parsed("id")?;
            let performed = match (
                cells.maybe_instant("performed_at")?,
                cells.maybe_bytes("result")?,
            ) {
                (Some(at), Some(sealed)) => {
                    let result: String = self
                        .unseal_json(&patient, "nurse_order", &id.to_string(), &sealed)
                        .await?;
                    Some((at, result))
                }
                (Some(_) | None, _) => None,
            };
            orders.push(Order {
                id,
                act: cells.word("act", Act::parse)?,
                ordered_at: cells.instant("ordered_at")?,
                performed,
            });
        }
        Ok(orders)
    }

    /// Why this physician, who does not visit the patient at home, sees the patient with a nurse today.
    ///
    /// # Errors
    ///
    /// Storage failed.
    pub async fn departure_of(&mut self, visit: &Consultation) -> Result<Option<String>, Fault> {
        let row = sqlx::query(
            "SELECT consultation AS id, reason
             FROM assistance_departure
             WHERE tenant = $1 AND consultation = $2",
        )
        .bind(self.tenant().to_string())
        .bind(visit.id.to_string())
        .fetch_optional(self.any())
        .await?;
        let Some(row) = row else {
            return Ok(None);
        };
        let sealed = Cells::of("assistance_departure", &row).bytes("reason")?;
        let patient = visit.patient.to_string();
        let reason = self
            .unseal_json(
                &patient,
                "assistance_departure",
                &visit.id.to_string(),
                &sealed,
            )
            .await?;
        Ok(Some(reason))
    }
}

impl Tx {
    /// Keeps an order.
    ///
    /// # Errors
    ///
    /// Storage failed.
    pub async fn order_act(
        &mut self,
        by: &By,
        physician: PersonId,
        visit: &Consultation,
        ordered: Ordered,
    ) -> Result<OrderId, Fault> {
        let id = OrderId(self.fresh_id()?);
        let (tenant, now) = (self.tenant().to_string(), self.now().as_microsecond());
        sqlx::query(
            "INSERT INTO nurse_order (tenant, id, consultation, patient, instruction, act, ordered_by, ordered_at)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
        )
        .bind(tenant)
        .bind(id.to_string())
        .bind(visit.id.to_string())
        .bind(visit.patient.to_string())
        .bind(ordered.instruction().to_string())
        .bind(ordered.act().as_str())
        .bind(physician.to_string())
        .bind(now)
        .execute(self.any())
        .await?;
        let entry = by
            .under(FORESEEN, "act.ordered")
            .object("consultation", visit.id.to_string())
            .object("order", id.to_string())
            .object("instruction", ordered.instruction().to_string())
            .field("act", ordered.act().as_str());
        let entry = self.reserved(entry, physician).await?;
        self.record(entry).await?;
        Ok(id)
    }

    /// Keeps that an order was carried out, and what came of it.
    ///
    /// # Errors
    ///
    /// `Conflict` when it was entered already; or storage failed.
    pub async fn perform_act(
        &mut self,
        by: &By,
        nurse: PersonId,
        visit: &Consultation,
        order: &Order,
        result: &str,
    ) -> Result<(), Fault> {
        let patient = visit.patient.to_string();
        let sealed = self
            .seal_json(&patient, "nurse_order", &order.id.to_string(), &result)
            .await?;
        let (tenant, now) = (self.tenant().to_string(), self.now().as_microsecond());
        let done = sqlx::query(
            "UPDATE nurse_order SET result = $1, performed_by = $2, performed_at = $3
             WHERE tenant = $4 AND id = $5 AND performed_at IS NULL",
        )
        .bind(sealed)
        .bind(nurse.to_string())
        .bind(now)
        .bind(tenant)
        .bind(order.id.to_string())
        .execute(self.any())
        .await?;
        if done.rows_affected() == 0 {
            return Err(Fault::Conflict);
        }
        let (_, digest) = self.digest(result.as_bytes())?;
        self.record(
            by.under(FORESEEN, "act.performed")
                .object("consultation", visit.id.to_string())
                .object("order", order.id.to_string())
                .field("act", order.act.as_str())
                .digest("result", digest),
        )
        .await?;
        Ok(())
    }

    /// Keeps the reason for departing from the principle of cl-2.3-ii-a.
    ///
    /// # Errors
    ///
    /// Storage failed.
    pub async fn keep_departure(
        &mut self,
        by: &By,
        physician: PersonId,
        visit: &Consultation,
        reason: &str,
    ) -> Result<(), Fault> {
        let patient = visit.patient.to_string();
        let sealed = self
            .seal_json(
                &patient,
                "assistance_departure",
                &visit.id.to_string(),
                &reason,
            )
            .await?;
        let (tenant, now) = (self.tenant().to_string(), self.now().as_microsecond());
        sqlx::query(
            "INSERT INTO assistance_departure (tenant, consultation, reason, by, at) VALUES ($1, $2, $3, $4, $5)
             ON CONFLICT (tenant, consultation) DO UPDATE
             SET reason = excluded.reason, by = excluded.by, at = excluded.at",
        )
        .bind(tenant)
        .bind(visit.id.to_string())
        .bind(sealed)
        .bind(physician.to_string())
        .bind(now)
        .execute(self.any())
        .await?;
        let (_, digest) = self.digest(reason.as_bytes())?;
        self.record(
            by.under(HOME_VISITING, "home_visit.departed")
                .object("consultation", visit.id.to_string())
                .digest("reason", digest),
        )
        .await?;
        Ok(())
    }
}
