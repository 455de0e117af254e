//! Who is beside the two that were let in: strangers at the door of the room, and somebody new in the patient's.

use crate::{By, Conn, Fault, Tx, row::Cells};
use access::PersonId;
use care::{Consultation, ConsultationId, presence};
use jiff::Timestamp;

/// Refusals at the door of one visit that are counted.
const REFUSED_MAX: i64 = 100;

/// How often the media server turned somebody away from a visit, and when it last did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TurnedAway {
    /// How often.
    pub times: i64,
    /// The last time.
    pub at: Timestamp,
}

impl Conn {
    /// Whether somebody who was not let in asked for the room of a visit (cl-2.5.1.1-xi-a).
    ///
    /// # Errors
    ///
    /// Storage failed.
    pub async fn turned_away(
        &mut self,
        visit: ConsultationId,
    ) -> Result<Option<TurnedAway>, Fault> {
        let row = sqlx::query(
            "SELECT COUNT(*) AS times, MAX(at) AS at
             FROM (SELECT at FROM room_refused
                   WHERE tenant = $1 AND consultation = $2 -- room_refused_by_consultation
                   ORDER BY at DESC
                   LIMIT $3) newest",
        )
        .bind(self.tenant().to_string())
        .bind(visit.to_string())
        .bind(REFUSED_MAX)
        .fetch_one(self.any())
        .await?;
        let cells = Cells::of("room_refused", &row);
        let times = cells.int("times")?;
        Ok(cells
            .maybe_instant("at")?
            .map(|at| TurnedAway { times, at }))
    }
}

impl Conn {
    /// How often the patient was away for longer than the plan allows, in one visit.
    ///
    /// # Errors
    ///
    /// Storage failed.
    pub async fn interruptions(&mut self, visit: ConsultationId) -> Result<i64, Fault> {
        let row = sqlx::query(
            "SELECT COUNT(*) AS times FROM call_lost WHERE tenant = $1 AND consultation = $2 -- call_lost_by_consultation",
        )
        .bind(self.tenant().to_string())
        .bind(visit.to_string())
        .fetch_one(self.any())
        .await?;
        Cells::of("call_lost", &row).int("times")
    }
}

impl Tx {
    /// Keeps that somebody who was not let in asked for the room.
    pub(crate) async fn keep_at_the_door(
        &mut self,
        visit: ConsultationId,
        seat: &str,
        reason: &str,
    ) -> Result<(), Fault> {
        let id = self.fresh_id()?;
        let (tenant, now) = (self.tenant().to_string(), self.now().as_microsecond());
        sqlx::query(
            "INSERT INTO room_refused (tenant, id, consultation, seat, reason, at) VALUES ($1, $2, $3, $4, $5, $6)",
        )
        .bind(tenant)
        .bind(id.to_string())
        .bind(visit.to_string())
        .bind(crate::plain(seat)?)
        .bind(crate::plain(reason)?)
        .bind(now)
        .execute(self.any())
        .await?;
        Ok(())
    }

    /// Brings the opening strip back: the physician saw or heard somebody new (cl-2.5.1.1-x-b). The press stays on record.
    ///
    /// # Errors
    ///
    /// `Conflict` when the strip is due already; or storage failed.
    pub async fn reopen_strip(
        &mut self,
        by: &By,
        physician: PersonId,
        visit: &Consultation,
    ) -> Result<(), Fault> {
        let (tenant, now) = (self.tenant().to_string(), self.now().as_microsecond());
        let done = sqlx::query(
            "UPDATE opening_strip SET reopened_at = $1, reopened_by = $2
             WHERE tenant = $3 AND consultation = $4 AND reopened_at IS NULL -- opening_strip_by_consultation",
        )
        .bind(now)
        .bind(physician.to_string())
        .bind(tenant)
        .bind(visit.id.to_string())
        .execute(self.any())
        .await?;
        if done.rows_affected() == 0 {
            return Err(Fault::Conflict);
        }
        self.record(
            by.under(presence::NOBODY_ELSE, "third_party.noticed")
                .object("consultation", visit.id.to_string()),
        )
        .await?;
        Ok(())
    }
}
