//! Instructions to nurses at rest: signed versions, what happened since, and the station somebody belongs to.

use crate::{By, Conn, Fault, Tx, row::Cells};
use access::PersonId;
use care::{
    ConsultationId, InstructionId, PatientId,
    assistance::{Draft, FORESEEN, Instruction, NURSE, REVIEWED, REVISED, Trigger},
};
use jiff::Timestamp;

/// Versions of one patient that are looked at.
const VERSIONS_MAX: i64 = 50;
/// Events of one patient that are looked at, newest first.
const EVENTS_MAX: i64 = 200;

impl Conn {
    /// The signed instructions of a patient, the newest first.
    ///
    /// # Errors
    ///
    /// Storage failed.
    pub async fn instructions(&mut self, patient: PatientId) -> Result<Vec<Instruction>, Fault> {
        let rows = sqlx::query(
            "SELECT id, version, content, signed_by, signed_at, revised_in
             FROM nurse_instruction
             WHERE tenant = $1 AND patient = $2
             ORDER BY version DESC
             LIMIT $3",
        )
        .bind(self.tenant().to_string())
        .bind(patient.to_string())
        .bind(VERSIONS_MAX)
        .fetch_all(self.any())
        .await?;
        let mut found = Vec::new();
        for row in &rows {
            let cells = Cells::of("nurse_instruction", row);
            let id: InstructionId = cells.parsed("id")?;
            let sealed = cells.bytes("content")?;
            let draft: Draft = self
                .unseal_json(
                    &patient.to_string(),
                    "nurse_instruction",
                    &id.to_string(),
                    &sealed,
                )
                .await?;
            found.push(Instruction {
                id,
                patient,
                version: cells.int("version")?,
                draft,
                signed_by: cells.parsed("signed_by")?,
                signed_at: cells.instant("signed_at")?,
                revised_in: cells.maybe_parsed("revised_in")?,
            });
        }
        Ok(found)
    }

    /// When an instruction was last found unchanged, and what happened, the newest first.
    ///
    /// # Errors
    ///
    /// Storage failed.
    pub async fn instruction_events(
        &mut self,
        patient: PatientId,
    ) -> Result<(Option<Timestamp>, Vec<(Trigger, Timestamp)>), Fault> {
        let rows = sqlx::query(
            "SELECT id, kind, at
             FROM instruction_event
             WHERE tenant = $1 AND patient = $2 -- instruction_event_by_patient
             ORDER BY at DESC, id DESC
             LIMIT $3",
        )
        .bind(self.tenant().to_string())
        .bind(patient.to_string())
        .bind(EVENTS_MAX)
        .fetch_all(self.any())
        .await?;
        let (mut reviewed, mut triggers) = (None, Vec::new());
        for row in &rows {
            let cells = Cells::of("instruction_event", row);
            let at = cells.instant("at")?;
            match cells.text("kind")?.as_str() {
                "reviewed" => reviewed = reviewed.max(Some(at)),
                word => {
                    let trigger = Trigger::parse(word).ok_or_else(|| cells.corrupt("kind"))?;
                    triggers.push((trigger, at));
                }
            }
        }
        Ok((reviewed, triggers))
    }

    /// The home-nursing station that somebody belongs to; none for a nurse of this institution.
    ///
    /// # Errors
    ///
    /// Storage failed.
    pub async fn station_of(&mut self, person: PersonId) -> Result<Option<String>, Fault> {
        let row = sqlx::query(
            "SELECT person AS id, station FROM station_nurse WHERE tenant = $1 AND person = $2",
        )
        .bind(self.tenant().to_string())
        .bind(person.to_string())
        .fetch_optional(self.any())
        .await?;
        row.map(|row| Cells::of("station_nurse", &row).text("station"))
            .transpose()
    }
}

impl Tx {
    /// Keeps a signed version of an instruction; its number follows the newest.
    ///
    /// # Errors
    ///
    /// Storage failed.
    pub async fn sign_instruction(
        &mut self,
        by: &By,
        physician: PersonId,
        patient: PatientId,
        draft: &Draft,
        revised_in: Option<ConsultationId>,
    ) -> Result<InstructionId, Fault> {
        let newest = self.instructions(patient).await?.into_iter().next();
        let version = newest.map_or(1, |newest| newest.version.saturating_add(1));
        let id = InstructionId(self.fresh_id()?);
        let owner = patient.to_string();
        let sealed = self
            .seal_json(&owner, "nurse_instruction", &id.to_string(), draft)
            .await?;
        let (tenant, now) = (self.tenant().to_string(), self.now().as_microsecond());
        sqlx::query(
            "INSERT INTO nurse_instruction (tenant, id, patient, version, content, signed_by, signed_at, revised_in)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
        )
        .bind(tenant)
        .bind(id.to_string())
        .bind(&owner)
        .bind(version)
        .bind(sealed)
        .bind(physician.to_string())
        .bind(now)
        .bind(revised_in.map(|visit| visit.to_string()))
        .execute(self.any())
        .await?;
        let entry = match revised_in {
            Some(visit) => by
                .under(REVISED, "instruction.revised")
                .object("consultation", visit.to_string()),
            None => by.under(FORESEEN, "instruction.signed"),
        };
        let entry = entry
            .object("patient", owner)
            .object("instruction", id.to_string())
            .field("version", version);
        let entry = self.reserved(entry, physician).await?;
        self.record(entry).await?;
        Ok(id)
    }

    /// Keeps that an instruction was looked at and stays as it is, or what happened that asks for a look (`trigger`).
    ///
    /// # Errors
    ///
    /// Storage failed.
    pub async fn keep_instruction_event(
        &mut self,
        by: &By,
        patient: PatientId,
        trigger: Option<Trigger>,
        words: &str,
    ) -> Result<(), Fault> {
        let id = self.fresh_id()?.to_string();
        let owner = patient.to_string();
        let sealed = self
            .seal_json(&owner, "instruction_event", &id, &words)
            .await?;
        let kind = trigger.map_or("reviewed", Trigger::as_str);
        let (tenant, now) = (self.tenant().to_string(), self.now().as_microsecond());
        sqlx::query(
            "INSERT INTO instruction_event (tenant, id, patient, kind, words, by, at) VALUES ($1, $2, $3, $4, $5, $6, $7)",
        )
        .bind(tenant)
        .bind(id)
        .bind(&owner)
        .bind(kind)
        .bind(sealed)
        .bind(by.person().map(|person| person.to_string()).unwrap_or_default())
        .bind(now)
        .execute(self.any())
        .await?;
        let subject = match trigger {
            None => "instruction.reviewed",
            Some(_) => "instruction.triggered",
        };
        self.record(
            by.under(REVIEWED, subject)
                .object("patient", owner)
                .field("kind", kind),
        )
        .await?;
        Ok(())
    }

    /// Keeps that a nurse belongs to a home-nursing station, or with no station to this institution.
    ///
    /// # Errors
    ///
    /// Storage failed.
    pub async fn keep_station(
        &mut self,
        by: &By,
        set_by: PersonId,
        person: PersonId,
        station: Option<&str>,
    ) -> Result<(), Fault> {
        let (tenant, now) = (self.tenant().to_string(), self.now().as_microsecond());
        sqlx::query("DELETE FROM station_nurse WHERE tenant = $1 AND person = $2")
            .bind(&tenant)
            .bind(person.to_string())
            .execute(self.any())
            .await?;
        if let Some(station) = station {
            sqlx::query(
                "INSERT INTO station_nurse (tenant, person, station, set_by, set_at) VALUES ($1, $2, $3, $4, $5)",
            )
            .bind(&tenant)
            .bind(person.to_string())
            .bind(crate::plain(station)?)
            .bind(set_by.to_string())
            .bind(now)
            .execute(self.any())
            .await?;
        }
        self.record(
            by.under(NURSE, "station.kept")
                .object("person", person.to_string())
                .field("station", i64::from(station.is_some())),
        )
        .await?;
        Ok(())
    }
}
