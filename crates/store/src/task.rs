//! Tasks at rest: what stays open until somebody confirms it. The words are sealed, the times and the kind are not.

use crate::{By, Conn, Fault, Tx, row::Cells};
use care::{
    PatientId,
    task::{Closed, Kind, Opening, Outcome, Settled, Task, TaskId},
};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use sqlx::any::AnyRow;

/// Open tasks that are looked at.
pub const OPEN_MAX: i64 = 200;
/// Tasks of one patient that are looked at.
const OF_PATIENT_MAX: i64 = 100;

#[derive(Default, Serialize, Deserialize)]
struct Words {
    asked: String,
    #[serde(default)]
    outcome: String,
    /// The day on which the patient was seen.
    #[serde(default)]
    day: Option<jiff::civil::Date>,
}

impl Conn {
    /// Open tasks, the first due first, at most [`OPEN_MAX`].
    ///
    /// # Errors
    ///
    /// Storage failed.
    pub async fn open_tasks(&mut self) -> Result<Vec<Task>, Fault> {
        let rows = sqlx::query(
            "SELECT id, kind, patient, consultation, about, words, opened_at, due_at, outcome, closed_at
             FROM task
             WHERE tenant = $1 AND closed_at IS NULL -- task_open
             ORDER BY due_at, id
             LIMIT $2",
        )
        .bind(self.tenant().to_string())
        .bind(OPEN_MAX)
        .fetch_all(self.any())
        .await?;
        self.tasks(&rows).await
    }

    /// How many tasks are open, and how many of them are late.
    ///
    /// # Errors
    ///
    /// Storage failed.
    pub async fn tasks_waiting(&mut self, now: Timestamp) -> Result<(i64, i64), Fault> {
        let row = sqlx::query(
            "SELECT COUNT(*) AS open, COUNT(CASE WHEN due_at < $2 THEN 1 END) AS late
             FROM task
             WHERE tenant = $1 AND closed_at IS NULL -- task_open",
        )
        .bind(self.tenant().to_string())
        .bind(now.as_microsecond())
        .fetch_one(self.any())
        .await?;
        let cells = Cells::of("task", &row);
        Ok((cells.int("open")?, cells.int("late")?))
    }

    /// How many open tasks of a kind are past their day.
    ///
    /// # Errors
    ///
    /// Storage failed.
    pub async fn late_tasks(&mut self, kind: Kind, now: Timestamp) -> Result<usize, Fault> {
        let row = sqlx::query(
            "SELECT COUNT(*) AS late
             FROM task
             WHERE tenant = $1 AND kind = $2 AND due_at < $3 AND closed_at IS NULL -- task_open",
        )
        .bind(self.tenant().to_string())
        .bind(kind.as_str())
        .bind(now.as_microsecond())
        .fetch_one(self.any())
        .await?;
        let late = Cells::of("task", &row).int("late")?;
        Ok(usize::try_from(late).unwrap_or(usize::MAX))
    }

    /// The tasks of one patient, open and ended, the newest first.
    ///
    /// # Errors
    ///
    /// Storage failed.
    pub async fn tasks_of(&mut self, patient: PatientId) -> Result<Vec<Task>, Fault> {
        let rows = sqlx::query(
            "SELECT id, kind, patient, consultation, about, words, opened_at, due_at, outcome, closed_at
             FROM task
             WHERE tenant = $1 AND patient = $2 -- task_by_patient
             ORDER BY opened_at DESC, id DESC
             LIMIT $3",
        )
        .bind(self.tenant().to_string())
        .bind(patient.to_string())
        .bind(OF_PATIENT_MAX)
        .fetch_all(self.any())
        .await?;
        self.tasks(&rows).await
    }

    /// Whether a task of a kind is open for a patient.
    ///
    /// # Errors
    ///
    /// Storage failed.
    pub async fn is_open(&mut self, patient: PatientId, kind: Kind) -> Result<bool, Fault> {
        let row = sqlx::query(
            "SELECT id
             FROM task
             WHERE tenant = $1 AND patient = $2 AND kind = $3 AND closed_at IS NULL -- task_by_patient
             LIMIT 1",
        )
        .bind(self.tenant().to_string())
        .bind(patient.to_string())
        .bind(kind.as_str())
        .fetch_optional(self.any())
        .await?;
        Ok(row.is_some())
    }

    /// One task.
    ///
    /// # Errors
    ///
    /// Storage failed.
    pub async fn task(&mut self, id: TaskId) -> Result<Option<Task>, Fault> {
        let rows = sqlx::query(
            "SELECT id, kind, patient, consultation, about, words, opened_at, due_at, outcome, closed_at
             FROM task
             WHERE tenant = $1 AND id = $2",
        )
        .bind(self.tenant().to_string())
        .bind(id.to_string())
        .fetch_all(self.any())
        .await?;
        Ok(self.tasks(&rows).await?.pop())
    }

    async fn tasks(&mut self, rows: &[AnyRow]) -> Result<Vec<Task>, Fault> {
        let mut tasks = Vec::with_capacity(rows.len());
        for row in rows {
            let cells = Cells::of("task", row);
            let id: TaskId = cells.parsed("id")?;
            let patient: PatientId = cells.parsed("patient")?;
            let sealed = cells.bytes("words")?;
            let words: Words = self
                .unseal_json(&patient.to_string(), "task", &id.to_string(), &sealed)
                .await?;
            let closed = match cells.maybe_instant("closed_at")? {
                Some(at) => Some(Closed {
                    at,
                    outcome: cells.word("outcome", Outcome::parse)?,
                    day: words.day,
                    words: words.outcome,
                }),
                None => None,
            };
            tasks.push(Task {
                id,
                opening: Opening {
                    kind: cells.word("kind", Kind::parse)?,
                    patient,
                    visit: cells.maybe_parsed("consultation")?,
                    about: cells.maybe_text("about")?,
                    words: words.asked,
                    due: cells.instant("due_at")?,
                },
                opened: cells.instant("opened_at")?,
                closed,
            });
        }
        Ok(tasks)
    }
}

impl Tx {
    /// Opens a task. One that is open already for the same thing stays as it is, and is answered.
    ///
    /// # Errors
    ///
    /// Storage failed.
    pub async fn open_task(&mut self, by: &By, opening: &Opening) -> Result<TaskId, Fault> {
        let same = |task: &Task| {
            task.closed.is_none()
                && task.opening.kind == opening.kind
                && task.opening.visit == opening.visit
                && task.opening.about == opening.about
        };
        let known = self.tasks_of(opening.patient).await?;
        if let Some(task) = known.iter().find(|task| same(task)) {
            return Ok(task.id);
        }
        let id = TaskId(self.fresh_id()?);
        let words = Words {
            asked: opening.words.clone(),
            ..Words::default()
        };
        let sealed = self
            .seal_json(
                &opening.patient.to_string(),
                "task",
                &id.to_string(),
                &words,
            )
            .await?;
        let (tenant, now) = (self.tenant().to_string(), self.now().as_microsecond());
        sqlx::query(
            "INSERT INTO task (tenant, id, kind, patient, consultation, about, words, opened_at, due_at)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        )
        .bind(tenant)
        .bind(id.to_string())
        .bind(opening.kind.as_str())
        .bind(opening.patient.to_string())
        .bind(opening.visit.map(|visit| visit.to_string()))
        .bind(opening.about.clone())
        .bind(sealed)
        .bind(now)
        .bind(opening.due.as_microsecond())
        .execute(self.any())
        .await?;
        let mut entry = by
            .under(opening.kind.clause(), "task.opened")
            .object("task", id.to_string())
            .object("patient", opening.patient.to_string())
            .field("kind", opening.kind.as_str());
        if let Some(visit) = opening.visit {
            entry = entry.object("consultation", visit.to_string());
        }
        self.record(entry).await?;
        Ok(id)
    }

    /// Ends the open tasks of a kind for one thing, because the act that they waited for was done. Answers how many.
    ///
    /// # Errors
    ///
    /// Storage failed.
    pub async fn done_with(
        &mut self,
        by: &By,
        patient: PatientId,
        kind: Kind,
        about: impl Fn(&Opening) -> bool + Send,
    ) -> Result<usize, Fault> {
        let open: Vec<Task> = self
            .tasks_of(patient)
            .await?
            .into_iter()
            .filter(|task| task.closed.is_none() && task.opening.kind == kind)
            .filter(|task| about(&task.opening))
            .collect();
        for task in &open {
            self.close(by, task, Outcome::Done, &Words::default())
                .await?;
        }
        Ok(open.len())
    }

    /// Ends a task by hand.
    ///
    /// # Errors
    ///
    /// `Conflict` when it ended meanwhile; or storage failed.
    pub async fn close_task(
        &mut self,
        by: &By,
        task: &Task,
        settled: Settled,
    ) -> Result<(), Fault> {
        let settling = settled.settling();
        let words = Words {
            asked: String::new(),
            outcome: settling.words.clone(),
            day: settling.day,
        };
        self.close(by, task, settling.outcome, &words).await
    }

    async fn close(
        &mut self,
        by: &By,
        task: &Task,
        outcome: Outcome,
        said: &Words,
    ) -> Result<(), Fault> {
        let words = Words {
            asked: task.opening.words.clone(),
            outcome: said.outcome.clone(),
            day: said.day,
        };
        let patient = task.opening.patient.to_string();
        let sealed = self
            .seal_json(&patient, "task", &task.id.to_string(), &words)
            .await?;
        let (tenant, now) = (self.tenant().to_string(), self.now().as_microsecond());
        let done = sqlx::query(
            "UPDATE task SET words = $1, outcome = $2, closed_by = $3, closed_at = $4
             WHERE tenant = $5 AND id = $6 AND closed_at IS NULL",
        )
        .bind(sealed)
        .bind(outcome.as_str())
        .bind(by.person().map(|person| person.to_string()))
        .bind(now)
        .bind(tenant)
        .bind(task.id.to_string())
        .execute(self.any())
        .await?;
        if done.rows_affected() == 0 {
            return Err(Fault::Conflict);
        }
        let mut entry = by
            .under(task.opening.kind.clause(), "task.closed")
            .object("task", task.id.to_string())
            .object("patient", patient)
            .field("kind", task.opening.kind.as_str())
            .field("outcome", outcome.as_str());
        if !words.outcome.trim().is_empty() {
            let (_, digest) = self.digest(words.outcome.as_bytes())?;
            entry = entry.digest("outcome", digest);
        }
        self.record(entry).await?;
        Ok(())
    }
}
