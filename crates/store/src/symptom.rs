//! The list of symptoms as a clinic asks it, the answers of a visit, and the physician's decisions on them.

use crate::{By, Conn, Fault, Tx, row::Cells};
use access::PersonId;
use care::{
    Consultation,
    statement::{Body, URGENT},
    symptom::{self, Answered, Decision, Fit, LISTED, List, OWN_PREFIX, Row},
};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use ulid::Ulid;

/// Rows ever added and changes of force that are read at most.
const CHANGES_MAX: i64 = 200;

/// A clinic's own row, asked or ended.
#[derive(Clone, Debug)]
pub struct OwnRow {
    /// Its name.
    pub id: Ulid,
    /// What is asked.
    pub row: Row,
    /// Since when.
    pub added: Timestamp,
    /// Ended when, and why.
    pub ended: Option<(Timestamp, String)>,
}

/// One change of the list's force.
#[derive(Clone, Debug)]
pub struct Force {
    /// Which edition.
    pub edition: String,
    /// Whether it was put in force.
    pub in_force: bool,
    /// Why.
    pub reason: String,
    /// By whom.
    pub by: PersonId,
    /// When.
    pub at: Timestamp,
}

#[derive(Serialize, Deserialize)]
struct Content {
    hits: Vec<String>,
    words: String,
}

#[derive(Serialize, Deserialize)]
struct Decided {
    hit: String,
    fit: Fit,
    grounds: String,
}

impl Conn {
    /// Changes of the list's force, newest first. None: the shipped edition is in force.
    ///
    /// # Errors
    ///
    /// Storage failed.
    pub async fn symptom_force(&mut self) -> Result<Vec<Force>, Fault> {
        let rows = sqlx::query(
            "SELECT id, edition, in_force, reason, set_by, set_at
             FROM symptom_list
             WHERE tenant = $1
             ORDER BY set_at DESC, id DESC
             LIMIT $2",
        )
        .bind(self.tenant().to_string())
        .bind(CHANGES_MAX)
        .fetch_all(self.any())
        .await?;
        rows.iter()
            .map(|row| {
                let cells = Cells::of("symptom_list", row);
                Ok(Force {
                    edition: cells.text("edition")?,
                    in_force: cells.flag("in_force")?,
                    reason: cells.text("reason")?,
                    by: cells.parsed("set_by")?,
                    at: cells.instant("set_at")?,
                })
            })
            .collect()
    }

    /// Whether an edition of the list is in force.
    ///
    /// # Errors
    ///
    /// Storage failed.
    pub async fn symptoms_in_force(&mut self) -> Result<bool, Fault> {
        Ok(self
            .symptom_force()
            .await?
            .first()
            .is_none_or(|newest| newest.in_force))
    }

    /// The clinic's own rows, those that ended among them, in the order added.
    ///
    /// # Errors
    ///
    /// Storage failed.
    pub async fn own_symptoms(&mut self) -> Result<Vec<OwnRow>, Fault> {
        let rows = sqlx::query(
            "SELECT id, part, ja, en, physician, urgent, added_at, ended_at, reason
             FROM symptom_own
             WHERE tenant = $1
             ORDER BY added_at, id
             LIMIT $2",
        )
        .bind(self.tenant().to_string())
        .bind(CHANGES_MAX)
        .fetch_all(self.any())
        .await?;
        rows.iter()
            .map(|row| {
                let cells = Cells::of("symptom_own", row);
                let id: Ulid = cells.parsed("id")?;
                Ok(OwnRow {
                    id,
                    row: Row {
                        key: format!("{OWN_PREFIX}{id}"),
                        group: cells.text("part")?,
                        ja: cells.text("ja")?,
                        en: cells.text("en")?,
                        physician: cells.text("physician")?,
                        urgent: cells.flag("urgent")?,
                        child: false,
                        verified: true,
                    },
                    added: cells.instant("added_at")?,
                    ended: cells
                        .maybe_instant("ended_at")?
                        .zip(cells.maybe_text("reason")?),
                })
            })
            .collect()
    }

    /// The list as it is asked now.
    ///
    /// # Errors
    ///
    /// Storage failed.
    pub async fn symptom_list(&mut self) -> Result<List, Fault> {
        let own = self.own_symptoms().await?;
        let ended = own.iter().filter(|row| row.ended.is_some()).count();
        let changes = i64::try_from(own.len() + ended).unwrap_or(i64::MAX);
        let asked = own
            .into_iter()
            .filter(|row| row.ended.is_none())
            .map(|row| row.row)
            .collect();
        Ok(List::with(asked, changes))
    }

    /// Every row that was ever asked, for words of old answers.
    ///
    /// # Errors
    ///
    /// Storage failed.
    pub async fn symptom_rows(&mut self) -> Result<Vec<Row>, Fault> {
        let own = self.own_symptoms().await?;
        let mut rows = List::with(Vec::new(), 0).rows;
        rows.extend(own.into_iter().map(|row| row.row));
        Ok(rows)
    }

    /// What is known of the symptoms of a visit.
    ///
    /// # Errors
    ///
    /// Storage failed.
    pub async fn symptom_facts(&mut self, visit: &Consultation) -> Result<symptom::Facts, Fault> {
        let since = self
            .body_answers(visit.id, visit.patient)
            .await?
            .into_iter()
            .filter(|answer| !matches!(answer.body, Body::Nothing))
            .map(|answer| answer.at)
            .max();
        Ok(symptom::Facts {
            in_force: self.symptoms_in_force().await?,
            answered: self.questionnaire(visit).await?,
            since,
            decisions: self.symptom_decisions(visit).await?,
        })
    }

    /// The newest answers of a visit.
    ///
    /// # Errors
    ///
    /// Storage failed.
    pub async fn questionnaire(&mut self, visit: &Consultation) -> Result<Option<Answered>, Fault> {
        let row = sqlx::query(
            "SELECT id, edition, urgent, at, content
             FROM questionnaire
             WHERE tenant = $1 AND consultation = $2 -- questionnaire_by_consultation
             ORDER BY at DESC, id DESC
             LIMIT 1",
        )
        .bind(self.tenant().to_string())
        .bind(visit.id.to_string())
        .fetch_optional(self.any())
        .await?;
        let Some(row) = row else { return Ok(None) };
        let cells = Cells::of("questionnaire", &row);
        let (id, sealed) = (cells.text("id")?, cells.bytes("content")?);
        let content: Content = self
            .unseal_json(&visit.patient.to_string(), "questionnaire", &id, &sealed)
            .await?;
        Ok(Some(Answered {
            consultation: visit.id,
            edition: cells.text("edition")?,
            at: cells.instant("at")?,
            hits: content.hits,
            words: content.words,
            urgent: cells.flag("urgent")?,
        }))
    }

    /// The decisions on the symptoms of a visit, newest first.
    ///
    /// # Errors
    ///
    /// Storage failed.
    pub async fn symptom_decisions(
        &mut self,
        visit: &Consultation,
    ) -> Result<Vec<Decision>, Fault> {
        let rows = sqlx::query(
            "SELECT id, content, decided_by, decided_at
             FROM symptom_decision
             WHERE tenant = $1 AND consultation = $2 -- symptom_decision_by_consultation
             ORDER BY decided_at DESC, id DESC
             LIMIT $3",
        )
        .bind(self.tenant().to_string())
        .bind(visit.id.to_string())
        .bind(CHANGES_MAX)
        .fetch_all(self.any())
        .await?;
        let mut decisions = Vec::new();
        for row in &rows {
            let cells = Cells::of("symptom_decision", row);
            let (id, sealed) = (cells.text("id")?, cells.bytes("content")?);
            let decided: Decided = self
                .unseal_json(&visit.patient.to_string(), "symptom_decision", &id, &sealed)
                .await?;
            decisions.push(Decision {
                hit: decided.hit,
                fit: decided.fit,
                grounds: decided.grounds,
                by: cells.parsed("decided_by")?,
                at: cells.instant("decided_at")?,
            });
        }
        Ok(decisions)
    }
}

impl Tx {
    /// Keeps the answers to the list. An urgent one raises the alarm in the same commit, as the first question does.
    ///
    /// # Errors
    ///
    /// Storage failed.
    pub async fn keep_questionnaire(
        &mut self,
        by: &By,
        visit: &Consultation,
        list: &List,
        (hits, words): (Vec<String>, String),
    ) -> Result<(), Fault> {
        let cannot_wait = hits
            .iter()
            .find(|hit| list.row(hit).is_some_and(|row| row.urgent))
            .cloned();
        let id = self.fresh_id()?;
        let count = i64::try_from(hits.len()).unwrap_or(i64::MAX);
        let sealed = self
            .seal_json(
                &visit.patient.to_string(),
                "questionnaire",
                &id.to_string(),
                &Content { hits, words },
            )
            .await?;
        let (tenant, now) = (self.tenant().to_string(), self.now().as_microsecond());
        sqlx::query(
            "INSERT INTO questionnaire (tenant, id, consultation, patient, proxy, edition, urgent, at, content)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        )
        .bind(tenant)
        .bind(id.to_string())
        .bind(visit.id.to_string())
        .bind(visit.patient.to_string())
        .bind(by.proxy().map(|proxy| proxy.to_string()))
        .bind(&list.edition)
        .bind(i64::from(cannot_wait.is_some()))
        .bind(now)
        .bind(sealed)
        .execute(self.any())
        .await?;
        self.record(
            by.under(LISTED, "questionnaire.answered")
                .object("consultation", visit.id.to_string())
                .field("edition", list.edition.clone())
                .field("hits", count),
        )
        .await?;
        if let Some(sign) = cannot_wait {
            self.keep_body(by, visit, &Body::Urgent { sign }).await?;
        }
        Ok(())
    }

    /// Keeps the physician's decision on one symptom.
    ///
    /// # Errors
    ///
    /// Storage failed.
    pub async fn keep_symptom_decision(
        &mut self,
        by: &By,
        physician: PersonId,
        visit: &Consultation,
        (hit, fit, grounds): (&str, Fit, &str),
    ) -> Result<(), Fault> {
        let id = self.fresh_id()?;
        let decided = Decided {
            hit: hit.to_owned(),
            fit,
            grounds: grounds.to_owned(),
        };
        let sealed = self
            .seal_json(
                &visit.patient.to_string(),
                "symptom_decision",
                &id.to_string(),
                &decided,
            )
            .await?;
        let (tenant, now) = (self.tenant().to_string(), self.now().as_microsecond());
        sqlx::query(
            "INSERT INTO symptom_decision (tenant, id, consultation, patient, content, decided_by, decided_at)
             VALUES ($1, $2, $3, $4, $5, $6, $7)",
        )
        .bind(tenant)
        .bind(id.to_string())
        .bind(visit.id.to_string())
        .bind(visit.patient.to_string())
        .bind(sealed)
        .bind(physician.to_string())
        .bind(now)
        .execute(self.any())
        .await?;
        let (_, digest) = self.digest(grounds.as_bytes())?;
        self.record(
            by.under(LISTED, "symptom.decided")
                .object("consultation", visit.id.to_string())
                .field("decision", fit.as_str())
                .digest("grounds", digest),
        )
        .await?;
        Ok(())
    }

    /// Puts the shipped edition in force, or out of force with a reason.
    ///
    /// # Errors
    ///
    /// Storage failed.
    pub async fn keep_symptom_force(
        &mut self,
        by: &By,
        person: PersonId,
        (in_force, reason): (bool, &str),
    ) -> Result<(), Fault> {
        let id = self.fresh_id()?;
        let (tenant, now) = (self.tenant().to_string(), self.now().as_microsecond());
        sqlx::query(
            "INSERT INTO symptom_list (tenant, id, edition, in_force, reason, set_by, set_at)
             VALUES ($1, $2, $3, $4, $5, $6, $7)",
        )
        .bind(tenant)
        .bind(id.to_string())
        .bind(guideline::symptom::EDITION)
        .bind(i64::from(in_force))
        .bind(reason)
        .bind(person.to_string())
        .bind(now)
        .execute(self.any())
        .await?;
        self.record(
            by.under(
                LISTED,
                if in_force {
                    "list.loaded"
                } else {
                    "list.ended"
                },
            )
            .field("list", "symptoms")
            .field("edition", guideline::symptom::EDITION),
        )
        .await?;
        Ok(())
    }

    /// Adds a row of the clinic's own.
    ///
    /// # Errors
    ///
    /// Storage failed.
    pub async fn add_symptom(&mut self, by: &By, person: PersonId, row: &Row) -> Result<(), Fault> {
        let id = self.fresh_id()?;
        let (tenant, now) = (self.tenant().to_string(), self.now().as_microsecond());
        sqlx::query(
            "INSERT INTO symptom_own (tenant, id, part, ja, en, physician, urgent, added_by, added_at)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        )
        .bind(tenant)
        .bind(id.to_string())
        .bind(&row.group)
        .bind(&row.ja)
        .bind(&row.en)
        .bind(&row.physician)
        .bind(i64::from(row.urgent))
        .bind(person.to_string())
        .bind(now)
        .execute(self.any())
        .await?;
        self.record(
            by.under(LISTED, "list.row_added")
                .object("symptom", id.to_string())
                .field("list", "symptoms"),
        )
        .await?;
        Ok(())
    }

    /// Ends a row of the clinic's own, with the reason. The list's own rows have no such act.
    ///
    /// # Errors
    ///
    /// `Conflict` where it ended already or is no row of this clinic; or storage failed.
    pub async fn end_symptom(
        &mut self,
        by: &By,
        person: PersonId,
        id: Ulid,
        reason: &str,
    ) -> Result<(), Fault> {
        let (tenant, now) = (self.tenant().to_string(), self.now().as_microsecond());
        let done = sqlx::query(
            "UPDATE symptom_own SET ended_by = $1, ended_at = $2, reason = $3
             WHERE tenant = $4 AND id = $5 AND ended_at IS NULL",
        )
        .bind(person.to_string())
        .bind(now)
        .bind(reason)
        .bind(tenant)
        .bind(id.to_string())
        .execute(self.any())
        .await?;
        if done.rows_affected() != 1 {
            return Err(Fault::Conflict);
        }
        self.record(
            by.under(LISTED, "list.row_ended")
                .object("symptom", id.to_string())
                .field("list", "symptoms"),
        )
        .await?;
        Ok(())
    }

    /// Somebody of the staff says that it cannot wait: the patient's page stops as if the patient had said so.
    ///
    /// # Errors
    ///
    /// Storage failed.
    pub async fn raise_alarm(&mut self, by: &By, visit: &Consultation) -> Result<(), Fault> {
        self.keep_body(
            by,
            visit,
            &Body::Urgent {
                sign: STAFF_SIGN.to_owned(),
            },
        )
        .await?;
        self.record(
            by.under(URGENT, "red_flag.raised")
                .object("consultation", visit.id.to_string())
                .field("by", "staff"),
        )
        .await?;
        Ok(())
    }
}

/// The sign that stands for "the clinic says so".
pub const STAFF_SIGN: &str = "clinic";
