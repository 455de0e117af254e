//! A trial of the patient's camera and line before the day (機器ためし): what the browser said, one row a visit.

use crate::{By, Conn, Fault, Tx, row::Cells};
use care::ConsultationId;
use jiff::Timestamp;

/// What a trial found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Trial {
    /// When.
    pub at: Timestamp,
    /// Picture came.
    pub camera: bool,
    /// Voice came.
    pub microphone: bool,
    /// The tone was heard.
    pub tone: bool,
    /// What was sent to the media server came back.
    pub line: bool,
}

impl Trial {
    /// Whether a visit could be held so.
    #[must_use]
    pub const fn is_good(&self) -> bool {
        self.camera && self.microphone && self.tone && self.line
    }
}

impl Conn {
    /// The last trial for a visit.
    ///
    /// # Errors
    ///
    /// Storage failed.
    pub async fn trial(&mut self, visit: ConsultationId) -> Result<Option<Trial>, Fault> {
        let row = sqlx::query(
            "SELECT consultation AS id, at, camera, microphone, tone, line
             FROM device_trial
             WHERE tenant = $1 AND consultation = $2",
        )
        .bind(self.tenant().to_string())
        .bind(visit.to_string())
        .fetch_optional(self.any())
        .await?;
        row.map(|row| {
            let cells = Cells::of("device_trial", &row);
            Ok(Trial {
                at: cells.instant("at")?,
                camera: cells.flag("camera")?,
                microphone: cells.flag("microphone")?,
                tone: cells.flag("tone")?,
                line: cells.flag("line")?,
            })
        })
        .transpose()
    }
}

impl Tx {
    /// Keeps a trial in place of the one before it. It is no check of the day: that is made again, by the patient signed in.
    ///
    /// # Errors
    ///
    /// Storage failed.
    pub async fn keep_trial(&mut self, visit: ConsultationId, trial: &Trial) -> Result<(), Fault> {
        let tenant = self.tenant().to_string();
        sqlx::query(
            "INSERT INTO device_trial (tenant, consultation, at, camera, microphone, tone, line)
             VALUES ($1, $2, $3, $4, $5, $6, $7)
             ON CONFLICT (tenant, consultation) DO UPDATE
             SET at = excluded.at, camera = excluded.camera, microphone = excluded.microphone, tone = excluded.tone,
                 line = excluded.line",
        )
        .bind(tenant)
        .bind(visit.to_string())
        .bind(trial.at.as_microsecond())
        .bind(i64::from(trial.camera))
        .bind(i64::from(trial.microphone))
        .bind(i64::from(trial.tone))
        .bind(i64::from(trial.line))
        .execute(self.any())
        .await?;
        self.record(
            By::System
                .entry("call.tried")
                .object("consultation", visit.to_string())
                .field("good", i64::from(trial.is_good())),
        )
        .await?;
        Ok(())
    }
}
