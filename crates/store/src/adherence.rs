//! How the medicines of a visit are taken, as the patient says some days later (cl-1.5-i-f): asked, answered, and a problem
//! that stays open until a physician has answered it.

use crate::{By, Conn, Fault, Tx, row::Cells};
use care::{
    Consultation,
    prescription::{FOLLOWED, Ordered, check_after},
    task::{Kind, Opening, Task, in_days},
};
use jiff::Timestamp;

/// Days within which a problem is answered; after them it is a finding.
const PROBLEM_DAYS: u16 = 1;

/// An answer as kept. No `Debug`: it is of a patient.
pub struct Adherence {
    /// Something is wrong.
    pub problem: bool,
    /// In the patient's words.
    pub words: String,
    /// When.
    pub at: Timestamp,
}

impl Conn {
    /// The newest answer of a visit.
    ///
    /// # Errors
    ///
    /// Storage failed.
    pub async fn adherence(&mut self, visit: &Consultation) -> Result<Option<Adherence>, Fault> {
        let row = sqlx::query(
            "SELECT id, at, problem, content
             FROM adherence_answer
             WHERE tenant = $1 AND consultation = $2 -- adherence_answer_by_consultation
             ORDER BY at DESC, id DESC
             LIMIT 1",
        )
        .bind(self.tenant().to_string())
        .bind(visit.id.to_string())
        .fetch_optional(self.any())
        .await?;
        let Some(row) = row else { return Ok(None) };
        let cells = Cells::of("adherence_answer", &row);
        let (id, sealed) = (cells.text("id")?, cells.bytes("content")?);
        Ok(Some(Adherence {
            problem: cells.flag("problem")?,
            words: self
                .unseal_json(&visit.patient.to_string(), "adherence_answer", &id, &sealed)
                .await?,
            at: cells.instant("at")?,
        }))
    }

    /// Whether the day has come on which the patient of a visit is asked, and no answer has ended the check yet.
    ///
    /// # Errors
    ///
    /// Storage failed.
    pub async fn check_is_due(
        &mut self,
        visit: &Consultation,
        now: Timestamp,
    ) -> Result<bool, Fault> {
        let tasks = self.tasks_of(visit.patient).await?;
        Ok(tasks.iter().any(|task| {
            task.closed.is_none()
                && task.opening.kind == Kind::MedicineCheck
                && task.opening.visit == Some(visit.id)
                && task.opening.due <= now
        }))
    }

    /// Checks whose day has come and that the patient was not asked about yet, the first due first.
    ///
    /// # Errors
    ///
    /// Storage failed.
    pub async fn checks_to_ask(&mut self, now: Timestamp) -> Result<Vec<Task>, Fault> {
        let mut due = Vec::new();
        for task in self.open_tasks().await? {
            let (Kind::MedicineCheck, Some(visit)) = (task.opening.kind, task.opening.visit) else {
                continue;
            };
            let asked = self
                .fates(visit)
                .await?
                .iter()
                .any(|fate| fate.created >= task.opening.due);
            if task.opening.due <= now && !asked {
                due.push(task);
            }
        }
        Ok(due)
    }
}

impl Tx {
    /// Opens the check of what was signed: some days later the patient is asked.
    ///
    /// # Errors
    ///
    /// Storage failed.
    pub async fn open_check(
        &mut self,
        by: &By,
        visit: &Consultation,
        lines: &[Ordered],
    ) -> Result<(), Fault> {
        let Some(days) = check_after(lines) else {
            return Ok(());
        };
        let names: Vec<&str> = lines
            .iter()
            .filter(|line| line.changed || line.high_safety)
            .map(|line| line.name.as_str())
            .collect();
        let opening = Opening {
            kind: Kind::MedicineCheck,
            patient: visit.patient,
            visit: Some(visit.id),
            about: None,
            words: names.join("、"),
            due: in_days(self.now(), days),
        };
        self.open_task(by, &opening).await?;
        Ok(())
    }

    /// Keeps what the patient says. The check is done by it; a problem opens a task for the physician.
    ///
    /// # Errors
    ///
    /// Storage failed.
    pub async fn keep_adherence(
        &mut self,
        by: &By,
        visit: &Consultation,
        (problem, words): (bool, &str),
    ) -> Result<(), Fault> {
        let id = self.fresh_id()?;
        let sealed = self
            .seal_json(
                &visit.patient.to_string(),
                "adherence_answer",
                &id.to_string(),
                &words,
            )
            .await?;
        let (tenant, now) = (self.tenant().to_string(), self.now());
        sqlx::query(
            "INSERT INTO adherence_answer (tenant, id, patient, consultation, proxy, at, problem, content)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
        )
        .bind(tenant)
        .bind(id.to_string())
        .bind(visit.patient.to_string())
        .bind(visit.id.to_string())
        .bind(by.proxy().map(|proxy| proxy.to_string()))
        .bind(now.as_microsecond())
        .bind(i64::from(problem))
        .bind(sealed)
        .execute(self.any())
        .await?;
        self.record(
            by.under(FOLLOWED, "adherence.answered")
                .object("consultation", visit.id.to_string())
                .field("problem", i64::from(problem)),
        )
        .await?;
        let of_visit = visit.id;
        self.done_with(by, visit.patient, Kind::MedicineCheck, move |opening| {
            opening.visit == Some(of_visit)
        })
        .await?;
        if problem {
            let opening = Opening {
                kind: Kind::MedicineProblem,
                patient: visit.patient,
                visit: Some(visit.id),
                about: Some(id.to_string()),
                words: words.to_owned(),
                due: in_days(now, PROBLEM_DAYS),
            };
            self.open_task(by, &opening).await?;
        }
        Ok(())
    }
}
