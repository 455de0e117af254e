//! What the physician decides in a visit: suitability, opening strip, enough, stop, hand-over.

use crate::{By, Conn, Fault, Tx, by::Also as _, row::Cells};
use access::{DeviceId, PersonId};
use care::{
    Consultation, ConsultationId, InPersonId, PatientId,
    examination::{self, StopReason, Sufficiency},
    identity, place,
    presence::{self, ThirdPartyCheck},
    referral::{self, Backup},
    suitability::{self, HandOver, Judgement, Phase, Verdict},
};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use ulid::Ulid;

/// A hand-over as kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HandOverTask {
    /// Its name.
    pub id: Ulid,
    /// From which visit.
    pub consultation: ConsultationId,
    /// Whose.
    pub patient: PatientId,
    /// What was agreed.
    pub form: HandOver,
    /// Arrival confirmed, or the outcome recorded.
    pub arrived: Option<Timestamp>,
}

#[derive(Serialize, Deserialize)]
pub(crate) struct HandOverContent {
    pub(crate) destination: String,
    pub(crate) told: String,
    outcome: String,
}

/// One press on the opening strip. No `Debug`: it names people.
pub struct StripPress {
    /// The patient's browser on the line.
    pub device: DeviceId,
    /// Persons named as present; empty means alone.
    pub present: Vec<String>,
    /// A companion only bears the name of a patient of that day.
    pub namesake: bool,
    /// The in-person record that both know each other from.
    pub known: Option<InPersonId>,
}

impl Conn {
    /// The judgements of one visit.
    ///
    /// # Errors
    ///
    /// Storage failed.
    pub async fn judgements(&mut self, visit: ConsultationId) -> Result<Vec<Judgement>, Fault> {
        let rows = sqlx::query(
            "SELECT id, consultation, phase, verdict, judged_by, judged_at
             FROM suitability
             WHERE tenant = $1 AND consultation = $2
             ORDER BY judged_at
             LIMIT 4",
        )
        .bind(self.tenant().to_string())
        .bind(visit.to_string())
        .fetch_all(self.any())
        .await?;
        rows.iter()
            .map(|row| {
                let cells = Cells::of("suitability", row);
                Ok(Judgement {
                    consultation: cells.parsed("consultation")?,
                    phase: cells.word("phase", Phase::parse)?,
                    verdict: cells.word("verdict", |word| match word {
                        "go" => Some(Verdict::Go),
                        "no_go" => Some(Verdict::NoGo),
                        _ => None,
                    })?,
                    by: cells.parsed("judged_by")?,
                    at: cells.instant("judged_at")?,
                })
            })
            .collect()
    }

    /// The newest press on the opening strip.
    ///
    /// # Errors
    ///
    /// Storage failed.
    pub async fn opening_strip(
        &mut self,
        visit: &Consultation,
    ) -> Result<Option<ThirdPartyCheck>, Fault> {
        let row = sqlx::query(
            "SELECT id, checked_by, checked_at, device, namesake, reopened_at, content
             FROM opening_strip
             WHERE tenant = $1 AND consultation = $2 -- opening_strip_by_consultation
             ORDER BY checked_at DESC, id DESC
             LIMIT 1",
        )
        .bind(self.tenant().to_string())
        .bind(visit.id.to_string())
        .fetch_optional(self.any())
        .await?;
        let Some(row) = row else { return Ok(None) };
        let cells = Cells::of("opening_strip", &row);
        let (id, sealed) = (cells.text("id")?, cells.bytes("content")?);
        Ok(Some(ThirdPartyCheck {
            by: cells.parsed("checked_by")?,
            at: cells.instant("checked_at")?,
            device: cells.parsed("device")?,
            namesake: cells.flag("namesake")?,
            reopened: cells.maybe_instant("reopened_at")?,
            present: self
                .unseal_json(&visit.patient.to_string(), "opening_strip", &id, &sealed)
                .await?,
        }))
    }

    /// The answer "enough?", the newest "enough, because…", and the stop of a visit.
    ///
    /// # Errors
    ///
    /// Storage failed.
    pub async fn examination_acts(
        &mut self,
        visit: ConsultationId,
    ) -> Result<(Option<Sufficiency>, Option<Timestamp>, Option<Timestamp>), Fault> {
        let tenant = self.tenant().to_string();
        let enough = sqlx::query(
            "SELECT consultation AS id, enough, judged_by, judged_at, video_then
             FROM sufficiency
             WHERE tenant = $1 AND consultation = $2",
        )
        .bind(&tenant)
        .bind(visit.to_string())
        .fetch_optional(self.any())
        .await?
        .map(|row| {
            let cells = Cells::of("sufficiency", &row);
            Ok::<_, Fault>(Sufficiency {
                enough: cells.flag("enough")?,
                by: cells.parsed("judged_by")?,
                at: cells.instant("judged_at")?,
                video_then: cells.flag("video_then")?,
            })
        })
        .transpose()?;
        let continued = sqlx::query(
            "SELECT MAX(judged_at) AS at FROM continuation WHERE tenant = $1 AND consultation = $2",
        )
        .bind(&tenant)
        .bind(visit.to_string())
        .fetch_one(self.any())
        .await?;
        let continued = Cells::of("continuation", &continued).maybe_instant("at")?;
        let stopped = sqlx::query(
            "SELECT stopped_at AS at FROM stop WHERE tenant = $1 AND consultation = $2",
        )
        .bind(&tenant)
        .bind(visit.to_string())
        .fetch_optional(self.any())
        .await?
        .map(|row| Cells::of("stop", &row).instant("at"))
        .transpose()?;
        Ok((enough, continued, stopped))
    }

    /// Hand-overs whose arrival is not confirmed, oldest target first. One that waits for the receiver is a task of its own.
    ///
    /// # Errors
    ///
    /// Storage failed.
    pub async fn open_hand_overs(&mut self) -> Result<Vec<HandOverTask>, Fault> {
        let rows = sqlx::query(
            "SELECT id, consultation, patient, content, target, arrived_at
             FROM hand_over
             WHERE tenant = $1 AND arrived_at IS NULL
               AND NOT EXISTS (
                 SELECT 1 FROM hand_over_contact AS spoken
                 WHERE spoken.tenant = $1 AND spoken.consultation = hand_over.consultation
               )
             ORDER BY target
             LIMIT 200",
        )
        .bind(self.tenant().to_string())
        .fetch_all(self.any())
        .await?;
        let mut tasks = Vec::new();
        for row in &rows {
            let cells = Cells::of("hand_over", row);
            let id: Ulid = cells.parsed("id")?;
            let patient: PatientId = cells.parsed("patient")?;
            let sealed = cells.bytes("content")?;
            let content: HandOverContent = self
                .unseal_json(&patient.to_string(), "hand_over", &id.to_string(), &sealed)
                .await?;
            tasks.push(HandOverTask {
                id,
                consultation: cells.parsed("consultation")?,
                patient,
                form: HandOver {
                    destination: content.destination,
                    target: cells.date("target")?,
                    told: content.told,
                },
                arrived: cells.maybe_instant("arrived_at")?,
            });
        }
        Ok(tasks)
    }

    /// Everybody who was live since an instant.
    ///
    /// # Errors
    ///
    /// Storage failed.
    pub async fn live_people(&mut self, since: Timestamp) -> Result<Vec<PersonId>, Fault> {
        let rows = sqlx::query(
            "SELECT DISTINCT person AS id
             FROM live_lock
             WHERE tenant = $1 AND from_at >= $2
             ORDER BY person
             LIMIT 1000",
        )
        .bind(self.tenant().to_string())
        .bind(since.as_microsecond())
        .fetch_all(self.any())
        .await?;
        rows.iter()
            .map(|row| Cells::of("live_lock", row).parsed("id"))
            .collect()
    }

    /// Physicians' live stretches of time since an instant, for the overlap check.
    ///
    /// # Errors
    ///
    /// Storage failed.
    pub async fn live_intervals(
        &mut self,
        person: PersonId,
        since: Timestamp,
        now: Timestamp,
    ) -> Result<Vec<(ConsultationId, Timestamp, Timestamp)>, Fault> {
        let rows = sqlx::query(
            "SELECT id, consultation, from_at, COALESCE(until_at, $1) AS until_at
             FROM live_lock
             WHERE tenant = $2 AND person = $3 AND from_at >= $4
             ORDER BY from_at
             LIMIT 1000",
        )
        .bind(now.as_microsecond())
        .bind(self.tenant().to_string())
        .bind(person.to_string())
        .bind(since.as_microsecond())
        .fetch_all(self.any())
        .await?;
        rows.iter()
            .map(|row| {
                let cells = Cells::of("live_lock", row);
                Ok((
                    cells.parsed("consultation")?,
                    cells.instant("from_at")?,
                    cells.instant("until_at")?,
                ))
            })
            .collect()
    }
}

impl Tx {
    /// Keeps one judgement of suitability. The table holds one per visit and phase.
    ///
    /// # Errors
    ///
    /// `Conflict` when the phase was judged already; or storage failed.
    pub async fn keep_judgement(
        &mut self,
        by: &By,
        physician: PersonId,
        visit: &Consultation,
        (phase, verdict, reason): (Phase, Verdict, &str),
    ) -> Result<(), Fault> {
        let id = self.fresh_id()?;
        let verdict = match verdict {
            Verdict::Go => "go",
            Verdict::NoGo => "no_go",
        };
        let (tenant, now) = (self.tenant().to_string(), self.now().as_microsecond());
        sqlx::query(
            "INSERT INTO suitability (tenant, id, consultation, phase, verdict, reason, judged_by, judged_at)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
        )
        .bind(tenant)
        .bind(id.to_string())
        .bind(visit.id.to_string())
        .bind(phase.as_str())
        .bind(verdict)
        .bind(reason)
        .bind(physician.to_string())
        .bind(now)
        .execute(self.any())
        .await?;
        self.record(
            by.under(suitability::EACH_TIME, "suitability.judged")
                .object("consultation", visit.id.to_string())
                .field("stage", phase.as_str())
                .field("verdict", verdict)
                .field("reason", reason),
        )
        .await?;
        Ok(())
    }

    /// Keeps the press on the opening strip: who is there, where, and that both know each other where they do.
    ///
    /// # Errors
    ///
    /// Storage failed.
    pub async fn keep_opening_strip(
        &mut self,
        by: &By,
        physician: PersonId,
        visit: &Consultation,
        press: &StripPress,
    ) -> Result<(), Fault> {
        let id = self.fresh_id()?;
        let sealed = self
            .seal_json(
                &visit.patient.to_string(),
                "opening_strip",
                &id.to_string(),
                &press.present,
            )
            .await?;
        let (tenant, now) = (self.tenant().to_string(), self.now().as_microsecond());
        sqlx::query(
            "INSERT INTO opening_strip (tenant, id, consultation, checked_by, checked_at, device, known, namesake, content)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        )
        .bind(tenant)
        .bind(id.to_string())
        .bind(visit.id.to_string())
        .bind(physician.to_string())
        .bind(now)
        .bind(press.device.to_string())
        .bind(press.known.map(|record| record.to_string()))
        .bind(i64::from(press.namesake))
        .bind(sealed)
        .execute(self.any())
        .await?;
        let object = visit.id.to_string();
        let people = i64::try_from(press.present.len()).unwrap_or(i64::MAX);
        self.record(
            by.under(presence::NOBODY_ELSE, "third_party.checked")
                .object("consultation", object.clone())
                .field("present", people)
                .field("namesake", i64::from(press.namesake)),
        )
        .await?;
        self.record(
            by.under(place::PATIENT_ROOM, "place.confirmed")
                .object("consultation", object.clone())
                .field("side", "patient"),
        )
        .await?;
        if let Some(record) = press.known {
            self.record(
                by.under(identity::KNOWN, "identity.known")
                    .also([care::proof::KNOWN])
                    .object("consultation", object)
                    .object("assessment", record.to_string()),
            )
            .await?;
        }
        Ok(())
    }

    /// Keeps the answer to "enough?", with what the server measured at that moment.
    ///
    /// # Errors
    ///
    /// `Conflict` when it was answered already; or storage failed.
    pub async fn keep_sufficiency(
        &mut self,
        by: &By,
        physician: PersonId,
        visit: &Consultation,
        (enough, video_then): (bool, bool),
    ) -> Result<(), Fault> {
        let (tenant, now) = (self.tenant().to_string(), self.now().as_microsecond());
        sqlx::query(
            "INSERT INTO sufficiency (tenant, consultation, enough, judged_by, judged_at, video_then)
             VALUES ($1, $2, $3, $4, $5, $6)",
        )
        .bind(tenant)
        .bind(visit.id.to_string())
        .bind(i64::from(enough))
        .bind(physician.to_string())
        .bind(now)
        .bind(i64::from(video_then))
        .execute(self.any())
        .await?;
        let measured = self.measured(visit.id).await?;
        self.record(
            by.under(examination::SUFFICIENT, "sufficiency.judged")
                .object("consultation", visit.id.to_string())
                .field("enough", i64::from(enough))
                .field("video_then", i64::from(video_then))
                .field("two_way_seconds", measured.two_way_seconds),
        )
        .await?;
        Ok(())
    }

    /// Keeps "enough, because…" after a poor stretch.
    ///
    /// # Errors
    ///
    /// Storage failed.
    pub async fn keep_continuation(
        &mut self,
        by: &By,
        physician: PersonId,
        visit: &Consultation,
        reason: &str,
    ) -> Result<(), Fault> {
        let id = self.fresh_id()?;
        let sealed = self
            .seal(
                &visit.patient.to_string(),
                "continuation",
                &id.to_string(),
                reason.as_bytes(),
            )
            .await?;
        let (tenant, now) = (self.tenant().to_string(), self.now().as_microsecond());
        sqlx::query(
            "INSERT INTO continuation (tenant, id, consultation, reason, judged_by, judged_at) VALUES ($1, $2, $3, $4, $5, $6)",
        )
        .bind(tenant)
        .bind(id.to_string())
        .bind(visit.id.to_string())
        .bind(sealed)
        .bind(physician.to_string())
        .bind(now)
        .execute(self.any())
        .await?;
        let (_, digest) = self.digest(reason.as_bytes())?;
        let measured = self.measured(visit.id).await?;
        let mut entry = by
            .under(examination::STOPPED, "continuation.judged")
            .object("consultation", visit.id.to_string())
            .field("two_way_seconds", measured.two_way_seconds)
            .field("video_now", i64::from(measured.patient_video_now))
            .digest("reason", digest);
        for (name, at) in [
            ("poor_since", measured.poor_since),
            ("poor_spell", measured.poor_spell),
        ] {
            if let Some(at) = at {
                entry = entry.field(name, at.as_microsecond());
            }
        }
        self.record(entry).await?;
        Ok(())
    }

    /// Keeps that the visit was stopped, and why.
    ///
    /// # Errors
    ///
    /// `Conflict` when it was stopped already; or storage failed.
    pub async fn keep_stop(
        &mut self,
        by: &By,
        physician: PersonId,
        visit: &Consultation,
        reason: &StopReason,
    ) -> Result<(), Fault> {
        let sealed = self
            .seal_json(
                &visit.patient.to_string(),
                "stop",
                &visit.id.to_string(),
                reason,
            )
            .await?;
        let (tenant, now) = (self.tenant().to_string(), self.now().as_microsecond());
        sqlx::query("INSERT INTO stop (tenant, consultation, reason, stopped_by, stopped_at) VALUES ($1, $2, $3, $4, $5)")
            .bind(tenant)
            .bind(visit.id.to_string())
            .bind(sealed)
            .bind(physician.to_string())
            .bind(now)
            .execute(self.any())
            .await?;
        let mut entry = by
            .under(examination::STOPPED, "consultation.stopped")
            .object("consultation", visit.id.to_string())
            .field("reason", reason.as_str());
        if let Some(words) = reason.words() {
            let (_, digest) = self.digest(words.as_bytes())?;
            entry = entry.digest("words", digest);
        }
        self.record(entry).await?;
        Ok(())
    }

    /// Keeps a hand-over; it stays open until arrival is confirmed.
    ///
    /// # Errors
    ///
    /// Storage failed.
    pub async fn keep_hand_over(
        &mut self,
        by: &By,
        physician: PersonId,
        visit: &Consultation,
        form: &HandOver,
    ) -> Result<(), Fault> {
        let id = self.fresh_id()?;
        let content = HandOverContent {
            destination: form.destination.clone(),
            told: form.told.clone(),
            outcome: String::new(),
        };
        let sealed = self
            .seal_json(
                &visit.patient.to_string(),
                "hand_over",
                &id.to_string(),
                &content,
            )
            .await?;
        let (tenant, now) = (self.tenant().to_string(), self.now().as_microsecond());
        sqlx::query(
            "INSERT INTO hand_over (tenant, id, consultation, patient, content, target, made_by, made_at)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
        )
        .bind(tenant)
        .bind(id.to_string())
        .bind(visit.id.to_string())
        .bind(visit.patient.to_string())
        .bind(sealed)
        .bind(form.target.to_string())
        .bind(physician.to_string())
        .bind(now)
        .execute(self.any())
        .await?;
        self.record(
            by.under(suitability::HANDED_OVER, "referral.sent")
                .object("consultation", visit.id.to_string())
                .object("hand_over", id.to_string()),
        )
        .await?;
        Ok(())
    }

    /// Confirms arrival in person, or records the outcome in words.
    ///
    /// # Errors
    ///
    /// Storage failed.
    pub async fn confirm_arrival(
        &mut self,
        by: &By,
        person: PersonId,
        task: &HandOverTask,
        outcome: &str,
    ) -> Result<(), Fault> {
        let content = HandOverContent {
            destination: task.form.destination.clone(),
            told: task.form.told.clone(),
            outcome: outcome.to_owned(),
        };
        let sealed = self
            .seal_json(
                &task.patient.to_string(),
                "hand_over",
                &task.id.to_string(),
                &content,
            )
            .await?;
        let (tenant, now) = (self.tenant().to_string(), self.now().as_microsecond());
        sqlx::query(
            "UPDATE hand_over SET content = $1, arrived_by = $2, arrived_at = $3
             WHERE tenant = $4 AND id = $5 AND arrived_at IS NULL",
        )
        .bind(sealed)
        .bind(person.to_string())
        .bind(now)
        .bind(tenant)
        .bind(task.id.to_string())
        .execute(self.any())
        .await?;
        // That the patient came is one thing; what became of it otherwise, in words, is another.
        let mut entry = by
            .under(
                suitability::HANDED_OVER,
                if outcome.trim().is_empty() {
                    "arrival.confirmed"
                } else {
                    "outcome.recorded"
                },
            )
            .object("patient", task.patient.to_string())
            .object("consultation", task.consultation.to_string())
            .object("hand_over", task.id.to_string());
        if !outcome.trim().is_empty() {
            let (_, digest) = self.digest(outcome.as_bytes())?;
            entry = entry.digest("outcome", digest);
        }
        self.record(entry).await?;
        Ok(())
    }

    /// Keeps the in-person place of a visit (cl-2.1-ii).
    ///
    /// # Errors
    ///
    /// Storage failed.
    pub async fn keep_backup(
        &mut self,
        by: &By,
        visit: &Consultation,
        backup: &Backup,
    ) -> Result<(), Fault> {
        let (kind, partner, minutes) = match backup {
            Backup::Own => ("own", None, None),
            Backup::Partner {
                partner,
                travel_minutes,
            } => (
                "partner",
                Some(partner.to_string()),
                Some(i64::from(*travel_minutes)),
            ),
            Backup::Arranged { .. } => ("arranged", None, None),
        };
        let (tenant, now) = (self.tenant().to_string(), self.now().as_microsecond());
        sqlx::query(
            "INSERT INTO in_person_backup (tenant, consultation, kind, partner, travel_minutes, decided_at)
             VALUES ($1, $2, $3, $4, $5, $6)
             ON CONFLICT (tenant, consultation) DO UPDATE
             SET kind = excluded.kind, partner = excluded.partner, travel_minutes = excluded.travel_minutes,
                 decided_at = excluded.decided_at",
        )
        .bind(tenant)
        .bind(visit.id.to_string())
        .bind(kind)
        .bind(partner)
        .bind(minutes)
        .bind(now)
        .execute(self.any())
        .await?;
        self.record(
            by.under(referral::IN_PERSON_PLACE, "linkage.resolved")
                .object("consultation", visit.id.to_string())
                .field("kind", kind),
        )
        .await?;
        Ok(())
    }
}
