//! Walks an institution's ledger back from its newest entry, some at a time and never without an end.

use crate::{Conn, Fault, row::Cells};
use jiff::Timestamp;
use serde_json::Value;

/// Entries read at once.
const PAGE: i64 = 2_000;

/// Where a walk stands. It ends by itself at the first entry, or after so many.
pub(crate) struct Walk {
    before: i64,
    left: i64,
}

impl Walk {
    /// A walk over at most so many entries.
    pub(crate) const fn over(entries_max: i64) -> Self {
        Self {
            before: i64::MAX,
            left: entries_max,
        }
    }

    /// Whether it looked through all that it may.
    pub(crate) const fn spent(&self) -> bool {
        self.left <= 0
    }

    /// Whether the walk came to the very first entry.
    pub(crate) const fn whole(&self) -> bool {
        self.before == 0
    }
}

impl Conn {
    /// The next entries of a walk, newest first; none when it is over.
    pub(crate) async fn walked(&mut self, walk: &mut Walk) -> Result<Vec<String>, Fault> {
        if walk.left <= 0 || walk.before <= 0 {
            return Ok(Vec::new());
        }
        let rows = sqlx::query(
            "SELECT seq, body
             FROM ledger_entry
             WHERE tenant = $1 AND seq < $2
             ORDER BY seq DESC
             LIMIT $3",
        )
        .bind(self.tenant().to_string())
        .bind(walk.before)
        .bind(PAGE.min(walk.left))
        .fetch_all(self.any())
        .await?;
        let mut bodies = Vec::with_capacity(rows.len());
        for row in &rows {
            let cells = Cells::of("ledger_entry", row);
            walk.before = cells.int("seq")?;
            bodies.push(cells.text("body")?);
        }
        walk.left -= i64::try_from(bodies.len()).unwrap_or(i64::MAX);
        if bodies.is_empty() {
            walk.before = 0;
        }
        Ok(bodies)
    }
}

/// When an entry was written.
pub(crate) fn written_at(entry: &Value) -> Option<Timestamp> {
    entry
        .get("at")
        .and_then(Value::as_i64)
        .and_then(|at| Timestamp::from_microsecond(at).ok())
}
