//! What the live checklist looks at: evidence in the ledger by clause, and the facts behind findings.

use crate::{Conn, Fault, row::Cells};
use jiff::Timestamp;
use std::collections::BTreeMap;

/// Entries of the ledger that one count looks at, newest first; beyond it the checklist says "at least".
pub const ENTRIES_MAX: i64 = 20_000;

/// What the ledger holds under one clause.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Evidence {
    /// Acts done.
    pub done: u32,
    /// Acts refused.
    pub refused: u32,
    /// The newest entry's place.
    pub newest: i64,
    /// When the newest was written.
    pub at: Option<Timestamp>,
}

impl Conn {
    /// How many entries the institution's ledger has: whoever polls a page asks this first.
    ///
    /// # Errors
    ///
    /// Storage failed.
    pub async fn ledger_size(&mut self) -> Result<i64, Fault> {
        let row = sqlx::query("SELECT size FROM ledger_head WHERE tenant = $1")
            .bind(self.tenant().to_string())
            .fetch_one(self.any())
            .await?;
        Cells::of("ledger_head", &row).int("size")
    }

    /// What the newest entries prove, by clause id.
    ///
    /// # Errors
    ///
    /// Storage failed.
    pub async fn evidence(&mut self) -> Result<BTreeMap<String, Evidence>, Fault> {
        let rows = sqlx::query(
            "SELECT seq, body
             FROM ledger_entry
             WHERE tenant = $1
             ORDER BY seq DESC
             LIMIT $2",
        )
        .bind(self.tenant().to_string())
        .bind(ENTRIES_MAX)
        .fetch_all(self.any())
        .await?;
        let mut found: BTreeMap<String, Evidence> = BTreeMap::new();
        for row in &rows {
            let cells = Cells::of("ledger_entry", row);
            let body = cells.text("body")?;
            // An entry without a clause proves none; it is not even parsed.
            if !body.contains("\"clause\":") {
                continue;
            }
            let Ok(entry) = serde_json::from_str::<serde_json::Value>(&body) else {
                continue;
            };
            let refused =
                entry.get("outcome").and_then(|outcome| outcome.as_str()) == Some("refused");
            let (seq, at) = (cells.int("seq")?, instant(&entry));
            for clause in clauses(&entry) {
                let evidence = found.entry(clause.to_owned()).or_default();
                if refused {
                    evidence.refused = evidence.refused.saturating_add(1);
                } else {
                    evidence.done = evidence.done.saturating_add(1);
                }
                if evidence.at.is_none() {
                    (evidence.newest, evidence.at) = (seq, at);
                }
            }
        }
        Ok(found)
    }
}

/// The clause that an entry stands for, and those that the same act answers.
fn clauses(entry: &serde_json::Value) -> impl Iterator<Item = &str> {
    let own = entry.get("clause").and_then(|clause| clause.as_str());
    let also = entry
        .get("fields")
        .and_then(|fields| fields.get(crate::by::CLAUSES))
        .and_then(|words| words.as_str())
        .unwrap_or_default();
    own.into_iter().chain(
        also.split(' ')
            .filter(move |id| Some(*id) != own && !id.is_empty()),
    )
}

fn instant(entry: &serde_json::Value) -> Option<Timestamp> {
    entry
        .get("at")
        .and_then(serde_json::Value::as_i64)
        .and_then(|at| Timestamp::from_microsecond(at).ok())
}
