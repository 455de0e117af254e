//! What the patient answers before a visit: the body, the statement page, the device check.

use crate::{By, Conn, Fault, Tx, row::Cells};
use access::{DeviceId, PersonId};
use care::{
    Consultation, ConsultationId, PatientId, place, recording,
    statement::{Body, Lines, Pressed, Statement, URGENT},
};
use guideline::{Clause, clause};
use jiff::Timestamp;
use sqlx::any::AnyRow;
use ulid::Ulid;

/// Each side says which line it uses. Judged by the milestone on the call; the statement is kept from now on.
const NETWORK: Clause = clause("sec-1.iii-d");

/// An answer about the body as kept.
#[derive(Clone, Debug)]
pub struct Answered {
    /// Its name.
    pub id: Ulid,
    /// What was said.
    pub body: Body,
    /// When.
    pub at: Timestamp,
    /// Who took an urgent one up, and when.
    pub handled: Option<(PersonId, Timestamp)>,
}

/// The result of a device check, measured on the path of the call itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeviceCheck {
    /// From which browser.
    pub device: DeviceId,
    /// When.
    pub at: Timestamp,
    /// Picture came.
    pub camera: bool,
    /// Voice came.
    pub microphone: bool,
    /// The tone was heard.
    pub tone: bool,
    /// `udp`, `tcp` or empty.
    pub path: String,
    /// Frames that came back.
    pub frames: i64,
    /// Round trip in milliseconds, if measured.
    pub rtt_ms: Option<i64>,
}

impl Conn {
    /// Every answer about the body for a visit, newest first: a mistake is corrected by a second answer, both are kept.
    ///
    /// # Errors
    ///
    /// Storage failed.
    pub async fn body_answers(
        &mut self,
        visit: ConsultationId,
        patient: PatientId,
    ) -> Result<Vec<Answered>, Fault> {
        let rows = sqlx::query(
            "SELECT id, content, at, handled_by, handled_at
             FROM body_answer
             WHERE tenant = $1 AND consultation = $2 -- body_answer_by_consultation
             ORDER BY at DESC, id DESC
             LIMIT 20",
        )
        .bind(self.tenant().to_string())
        .bind(visit.to_string())
        .fetch_all(self.any())
        .await?;
        let mut answers = Vec::new();
        for row in &rows {
            let cells = Cells::of("body_answer", row);
            let id: Ulid = cells.parsed("id")?;
            let sealed = cells.bytes("content")?;
            answers.push(Answered {
                id,
                body: self
                    .unseal_json(
                        &patient.to_string(),
                        "body_answer",
                        &id.to_string(),
                        &sealed,
                    )
                    .await?,
                at: cells.instant("at")?,
                handled: cells
                    .maybe_parsed("handled_by")?
                    .zip(cells.maybe_instant("handled_at")?),
            });
        }
        Ok(answers)
    }

    /// Visits with an urgent answer that nobody has taken up.
    ///
    /// # Errors
    ///
    /// Storage failed.
    pub async fn open_alarms(&mut self) -> Result<Vec<(ConsultationId, Timestamp)>, Fault> {
        let rows = sqlx::query(
            "SELECT consultation AS id, at
             FROM body_answer
             WHERE tenant = $1 AND urgent = 1 AND handled_at IS NULL
             ORDER BY at
             LIMIT 50",
        )
        .bind(self.tenant().to_string())
        .fetch_all(self.any())
        .await?;
        rows.iter()
            .map(|row| {
                let cells = Cells::of("body_answer", row);
                Ok((cells.parsed("id")?, cells.instant("at")?))
            })
            .collect()
    }

    /// Whether an urgent answer of this patient waits for somebody to take it up.
    ///
    /// # Errors
    ///
    /// Storage failed.
    pub async fn alarm_of(&mut self, patient: PatientId) -> Result<bool, Fault> {
        let row = sqlx::query(
            "SELECT COUNT(*) AS alarms
             FROM body_answer
             WHERE tenant = $1 AND patient = $2 AND urgent = 1 AND handled_at IS NULL",
        )
        .bind(self.tenant().to_string())
        .bind(patient.to_string())
        .fetch_one(self.any())
        .await?;
        Ok(Cells::of("body_answer", &row).int("alarms")? > 0)
    }

    /// The statement of one visit.
    ///
    /// # Errors
    ///
    /// Storage failed.
    pub async fn statement_of(&mut self, visit: &Consultation) -> Result<Option<Statement>, Fault> {
        let row = sqlx::query(
            "SELECT id, proxy, at, seconds, content
             FROM statement
             WHERE tenant = $1 AND patient = $2 AND consultation = $3
             ORDER BY at DESC, id DESC
             LIMIT 1",
        )
        .bind(self.tenant().to_string())
        .bind(visit.patient.to_string())
        .bind(visit.id.to_string())
        .fetch_optional(self.any())
        .await?;
        match row {
            Some(row) => Ok(Some(self.opened_statement(visit.patient, &row).await?)),
            None => Ok(None),
        }
    }

    /// The newest statement of any earlier visit: what "as shown" shows.
    ///
    /// # Errors
    ///
    /// Storage failed.
    pub async fn last_statement(
        &mut self,
        visit: &Consultation,
    ) -> Result<Option<Statement>, Fault> {
        let row = sqlx::query(
            "SELECT id, proxy, at, seconds, content
             FROM statement
             WHERE tenant = $1 AND patient = $2 AND consultation <> $3 -- statement_by_patient
             ORDER BY at DESC, id DESC
             LIMIT 1",
        )
        .bind(self.tenant().to_string())
        .bind(visit.patient.to_string())
        .bind(visit.id.to_string())
        .fetch_optional(self.any())
        .await?;
        match row {
            Some(row) => Ok(Some(self.opened_statement(visit.patient, &row).await?)),
            None => Ok(None),
        }
    }

    /// The newest device check of a visit.
    ///
    /// # Errors
    ///
    /// Storage failed.
    pub async fn device_check(
        &mut self,
        visit: ConsultationId,
    ) -> Result<Option<DeviceCheck>, Fault> {
        let row = sqlx::query(
            "SELECT id, device, at, camera, microphone, tone, path, frames, rtt_ms
             FROM device_check
             WHERE tenant = $1 AND consultation = $2 -- device_check_by_consultation
             ORDER BY at DESC, id DESC
             LIMIT 1",
        )
        .bind(self.tenant().to_string())
        .bind(visit.to_string())
        .fetch_optional(self.any())
        .await?;
        row.map(|row| {
            let cells = Cells::of("device_check", &row);
            Ok(DeviceCheck {
                device: cells.parsed("device")?,
                at: cells.instant("at")?,
                camera: cells.flag("camera")?,
                microphone: cells.flag("microphone")?,
                tone: cells.flag("tone")?,
                path: cells.text("path")?,
                frames: cells.int("frames")?,
                rtt_ms: cells.maybe_int("rtt_ms")?,
            })
        })
        .transpose()
    }

    async fn opened_statement(
        &mut self,
        patient: PatientId,
        row: &AnyRow,
    ) -> Result<Statement, Fault> {
        let cells = Cells::of("statement", row);
        let id = cells.text("id")?;
        let sealed = cells.bytes("content")?;
        Ok(Statement {
            at: cells.instant("at")?,
            proxy: cells.maybe_parsed("proxy")?,
            seconds: cells.int("seconds")?,
            lines: self
                .unseal_json(&patient.to_string(), "statement", &id, &sealed)
                .await?,
        })
    }
}

impl Tx {
    /// Keeps an answer about the body. An urgent one raises the alarm in the same commit.
    ///
    /// # Errors
    ///
    /// Storage failed.
    pub async fn keep_body(
        &mut self,
        by: &By,
        visit: &Consultation,
        body: &Body,
    ) -> Result<(), Fault> {
        let id = self.fresh_id()?;
        let sealed = self
            .seal_json(
                &visit.patient.to_string(),
                "body_answer",
                &id.to_string(),
                body,
            )
            .await?;
        let urgent = matches!(body, Body::Urgent { .. });
        let (tenant, now) = (self.tenant().to_string(), self.now().as_microsecond());
        sqlx::query(
            "INSERT INTO body_answer (tenant, id, consultation, patient, proxy, at, urgent, content)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
        )
        .bind(tenant)
        .bind(id.to_string())
        .bind(visit.id.to_string())
        .bind(visit.patient.to_string())
        .bind(by.proxy().map(|proxy| proxy.to_string()))
        .bind(now)
        .bind(i64::from(urgent))
        .bind(sealed)
        .execute(self.any())
        .await?;
        let subject = if urgent {
            "red_flag.alerted"
        } else {
            "questionnaire.answered"
        };
        self.record(
            by.under(URGENT, subject)
                .object("consultation", visit.id.to_string()),
        )
        .await?;
        Ok(())
    }

    /// A named person takes up the urgent answers of a visit: "I will deal with it".
    ///
    /// # Errors
    ///
    /// Storage failed.
    pub async fn take_up_alarm(
        &mut self,
        by: &By,
        person: PersonId,
        visit: ConsultationId,
    ) -> Result<(), Fault> {
        let (tenant, now) = (self.tenant().to_string(), self.now().as_microsecond());
        sqlx::query(
            "UPDATE body_answer SET handled_by = $1, handled_at = $2
             WHERE tenant = $3 AND consultation = $4 AND urgent = 1 AND handled_at IS NULL",
        )
        .bind(person.to_string())
        .bind(now)
        .bind(tenant)
        .bind(visit.to_string())
        .execute(self.any())
        .await?;
        self.record(
            by.under(URGENT, "red_flag.acknowledged")
                .object("consultation", visit.to_string()),
        )
        .await?;
        Ok(())
    }

    /// Keeps the statement page: one row with the words, one ledger entry per line.
    ///
    /// # Errors
    ///
    /// Storage failed.
    pub async fn keep_statement(
        &mut self,
        by: &By,
        visit: &Consultation,
        pressed: Pressed,
        seconds: i64,
        lines: &Lines,
    ) -> Result<(), Fault> {
        let id = self.fresh_id()?;
        let sealed = self
            .seal_json(
                &visit.patient.to_string(),
                "statement",
                &id.to_string(),
                lines,
            )
            .await?;
        let (tenant, now) = (self.tenant().to_string(), self.now().as_microsecond());
        let pressed = match pressed {
            Pressed::AsShown => "as_shown",
            Pressed::Different => "different",
        };
        sqlx::query(
            "INSERT INTO statement (tenant, id, consultation, patient, proxy, device, at, seconds, pressed, content)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
        )
        .bind(tenant)
        .bind(id.to_string())
        .bind(visit.id.to_string())
        .bind(visit.patient.to_string())
        .bind(by.proxy().map(|proxy| proxy.to_string()))
        .bind(by.device().map(|device| device.to_string()).unwrap_or_default())
        .bind(now)
        .bind(seconds)
        .bind(pressed)
        .bind(sealed)
        .execute(self.any())
        .await?;
        let entry = |clause, subject| {
            by.under(clause, subject)
                .object("consultation", visit.id.to_string())
                .field("pressed", pressed)
                .field("seconds", seconds)
        };
        self.record(
            entry(place::CLEAN_AND_SAFE, "place.stated")
                .field("kind", lines.place.as_str())
                .field("clean", i64::from(lines.clean))
                .field("safe", i64::from(lines.safe)),
        )
        .await?;
        self.record(
            entry(place::PATIENT_ROOM, "place.stated")
                .field("kind", lines.place.as_str())
                .field("private", i64::from(lines.private)),
        )
        .await?;
        self.record(
            entry(care::presence::NOBODY_ELSE, "presence.declared")
                .field("companions", count(&lines.companions)),
        )
        .await?;
        self.record(entry(care::medicines::STATED, "medication.stated"))
            .await?;
        self.record(
            entry(NETWORK, "network.declared")
                .field("side", "patient")
                .field("own", i64::from(lines.own_network)),
        )
        .await?;
        if lines.no_recording {
            self.record(
                entry(recording::NO_RECORDING, "recording_ban.accepted").field("side", "patient"),
            )
            .await?;
        }
        Ok(())
    }

    /// Keeps a device check.
    ///
    /// # Errors
    ///
    /// Storage failed.
    pub async fn keep_device_check(
        &mut self,
        by: &By,
        visit: ConsultationId,
        check: &DeviceCheck,
    ) -> Result<(), Fault> {
        let id = self.fresh_id()?;
        let tenant = self.tenant().to_string();
        sqlx::query(
            "INSERT INTO device_check (tenant, id, consultation, device, at, camera, microphone, tone, path, frames, rtt_ms)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
        )
        .bind(tenant)
        .bind(id.to_string())
        .bind(visit.to_string())
        .bind(check.device.to_string())
        .bind(check.at.as_microsecond())
        .bind(i64::from(check.camera))
        .bind(i64::from(check.microphone))
        .bind(i64::from(check.tone))
        .bind(&check.path)
        .bind(check.frames)
        .bind(check.rtt_ms)
        .execute(self.any())
        .await?;
        self.record(
            by.entry("call.probed")
                .object("consultation", visit.to_string())
                .field("path", check.path.clone())
                .field("frames", check.frames),
        )
        .await?;
        Ok(())
    }
}

fn count(list: &[String]) -> i64 {
    i64::try_from(list.len()).unwrap_or(i64::MAX)
}
