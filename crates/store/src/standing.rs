//! What the live checklist looks at: evidence in the ledger by clause, and the facts behind findings.

use crate::{Conn, Fault, Tx, patient::Patient, row::Cells};
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

    /// The newest outcome of a nightly check; none before its first night.
    ///
    /// # Errors
    ///
    /// Storage failed.
    pub async fn newest_check(&mut self, name: &str) -> Result<Option<(i64, Timestamp)>, Fault> {
        let row = sqlx::query(
            "SELECT id, found, checked_at
             FROM invariant_check
             WHERE tenant = $1 AND name = $2
             ORDER BY checked_at DESC, id DESC
             LIMIT 1",
        )
        .bind(self.tenant().to_string())
        .bind(name)
        .fetch_optional(self.any())
        .await?;
        row.map(|row| {
            let cells = Cells::of("invariant_check", &row);
            Ok((cells.int("found")?, cells.instant("checked_at")?))
        })
        .transpose()
    }

    /// Some of the patients by chart number, and how many there are: a nightly search goes through all of them in turn.
    ///
    /// # Errors
    ///
    /// Storage failed.
    pub async fn patients_in_turn(&mut self, turn: u64, some: u64) -> Result<Vec<Patient>, Fault> {
        let row = sqlx::query("SELECT COUNT(*) AS patients FROM patient WHERE tenant = $1")
            .bind(self.tenant().to_string())
            .fetch_one(self.any())
            .await?;
        let all = u64::try_from(Cells::of("patient", &row).int("patients")?).unwrap_or(0);
        let turns = all.div_ceil(some.max(1)).max(1);
        let from = (turn % turns).saturating_mul(some);
        let rows = sqlx::query(
            "SELECT id FROM patient WHERE tenant = $1 ORDER BY number LIMIT $2 OFFSET $3",
        )
        .bind(self.tenant().to_string())
        .bind(i64::try_from(some).unwrap_or(i64::MAX))
        .bind(i64::try_from(from).unwrap_or(i64::MAX))
        .fetch_all(self.any())
        .await?;
        let mut patients = Vec::new();
        for row in &rows {
            let id = Cells::of("patient", row).parsed("id")?;
            patients.extend(self.patient(id).await?);
        }
        Ok(patients)
    }

    /// What was seen of the pages, newest first: the page, when, and whether it showed the contact (cl-2.1-i-b).
    ///
    /// # Errors
    ///
    /// Storage failed.
    pub async fn page_checks(&mut self) -> Result<Vec<(String, Timestamp, bool)>, Fault> {
        let rows = sqlx::query(
            "SELECT id, page, checked_at, shown
             FROM page_check
             WHERE tenant = $1
             ORDER BY checked_at DESC, id DESC
             LIMIT 100",
        )
        .bind(self.tenant().to_string())
        .fetch_all(self.any())
        .await?;
        rows.iter()
            .map(|row| {
                let cells = Cells::of("page_check", row);
                Ok((
                    cells.text("page")?,
                    cells.instant("checked_at")?,
                    cells.flag("shown")?,
                ))
            })
            .collect()
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

impl Tx {
    /// Keeps what was seen of one page in a night.
    ///
    /// # Errors
    ///
    /// Storage failed.
    pub async fn keep_page_check(&mut self, page: &'static str, shown: bool) -> Result<(), Fault> {
        let id = self.fresh_id()?;
        let (tenant, now) = (self.tenant().to_string(), self.now().as_microsecond());
        sqlx::query(
            "INSERT INTO page_check (tenant, id, page, checked_at, shown) VALUES ($1, $2, $3, $4, $5)",
        )
        .bind(tenant)
        .bind(id.to_string())
        .bind(page)
        .bind(now)
        .bind(i64::from(shown))
        .execute(self.any())
        .await?;
        Ok(())
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
