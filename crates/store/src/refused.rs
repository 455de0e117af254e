//! What clauses refused: counted from the ledger, without anybody's name (rev-0.c).

use crate::{
    Conn, Fault,
    newest::{Walk, written_at},
};
use jiff::Timestamp;
use serde_json::Value;
use std::collections::BTreeMap;

/// Entries looked through: a month of a clinic, and a bound for what one page may cost.
pub const ENTRIES_MAX: i64 = 200_000;

/// How often one clause refused for one reason.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refused {
    /// The clause's id.
    pub clause: String,
    /// The word of the reason.
    pub reason: String,
    /// How often staff was refused.
    pub staff: u64,
    /// How often patients were.
    pub patients: u64,
    /// When last.
    pub newest: Timestamp,
}

/// Refusals since a moment, by clause and reason.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusals {
    /// One row a clause and reason, the most frequent first.
    pub rows: Vec<Refused>,
    /// Since when they are counted: what was asked, or later where there are more entries than are looked through.
    pub since: Timestamp,
}

impl Conn {
    /// Counts refusals since a moment. The same refusal to the same person within a minute is one entry with a count.
    ///
    /// # Errors
    ///
    /// Storage failed.
    pub async fn refusals(&mut self, since: Timestamp) -> Result<Refusals, Fault> {
        let mut walk = Walk::over(ENTRIES_MAX);
        let mut found: BTreeMap<(String, String), Refused> = BTreeMap::new();
        let mut reached = None;
        'walk: loop {
            let bodies = self.walked(&mut walk).await?;
            let Some(last) = bodies.last() else { break };
            reached = serde_json::from_str(last)
                .ok()
                .as_ref()
                .and_then(written_at);
            for body in bodies
                .iter()
                .filter(|body| body.contains("\"refusal.recorded\""))
            {
                let Some((at, count, patient, clause, reason)) = refusal(body) else {
                    continue;
                };
                if at < since {
                    break 'walk;
                }
                let row = found
                    .entry((clause.clone(), reason.clone()))
                    .or_insert(Refused {
                        clause,
                        reason,
                        staff: 0,
                        patients: 0,
                        newest: at,
                    });
                let side = if patient {
                    &mut row.patients
                } else {
                    &mut row.staff
                };
                *side = side.saturating_add(count);
            }
            if reached.is_some_and(|at| at < since) {
                break;
            }
        }
        let cut = walk.spent() && reached.is_some_and(|at| at > since);
        let mut rows: Vec<Refused> = found.into_values().collect();
        rows.sort_by_key(|row| std::cmp::Reverse(row.staff.saturating_add(row.patients)));
        Ok(Refusals {
            rows,
            since: reached.filter(|_| cut).unwrap_or(since),
        })
    }
}

/// When, how often, whether a patient, by which clause, and why.
fn refusal(body: &str) -> Option<(Timestamp, u64, bool, String, String)> {
    let entry: Value = serde_json::from_str(body).ok()?;
    if entry.get("subject")?.as_str()? != "refusal.recorded" {
        return None;
    }
    let fields = entry.get("fields");
    let count = fields
        .and_then(|fields| fields.get("count"))
        .and_then(Value::as_u64)
        .unwrap_or(1);
    let reason = fields
        .and_then(|fields| fields.get("reason"))
        .and_then(Value::as_str)
        .unwrap_or_default();
    let patient = entry.get("actor")?.get("kind")?.as_str()? == "patient";
    Some((
        written_at(&entry)?,
        count,
        patient,
        entry.get("clause")?.as_str()?.to_owned(),
        reason.to_owned(),
    ))
}
