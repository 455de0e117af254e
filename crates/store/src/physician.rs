//! What makes a physician one here: profile and proof, affiliation, and the work period.

use crate::{By, Conn, Fault, Tx, row::Cells};
use access::{DeviceId, PersonId, affiliation::Affiliation};
use care::{
    Consultation, ConsultationId, PatientId,
    place::{self, WorkPeriod},
    proof::{self, Answer, Basis, Proof},
};
use jiff::{Timestamp, civil::Date};
use sha2::{Digest as _, Sha256};
use sqlx::any::AnyRow;

/// A photograph of a physician at most, in bytes.
pub const PHOTO_MAX: usize = 512 * 1024;

/// What patients are shown of a physician.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PhysicianProfile {
    /// Who.
    pub person: PersonId,
    /// Name as shown.
    pub name: String,
    /// Department.
    pub department: String,
    /// Photograph.
    pub photo: Vec<u8>,
    /// Its media type.
    pub photo_type: String,
}

impl PhysicianProfile {
    /// Digest of the photograph; a proof holds only for the one that was verified.
    #[must_use]
    pub fn photo_digest(&self) -> String {
        if self.photo.is_empty() {
            return String::new();
        }
        crate::engine::hex(&Sha256::digest(&self.photo))
    }
}

/// A registered room (診察室).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Room {
    /// Its id in the register.
    pub id: String,
    /// What it is called.
    pub name: String,
    /// When it was last inspected.
    pub inspected: Date,
}

/// A document seen by a second person.
#[derive(Clone, Copy, Debug)]
pub struct Verified {
    /// Who saw it.
    pub by: PersonId,
    /// Year of registration.
    pub registration_year: Option<i16>,
    /// Last day of validity.
    pub valid_until: Date,
}

impl Conn {
    /// The profile of one physician.
    ///
    /// # Errors
    ///
    /// Storage failed.
    pub async fn physician_profile(
        &mut self,
        person: PersonId,
    ) -> Result<Option<PhysicianProfile>, Fault> {
        let row = sqlx::query(
            "SELECT person AS id, name, department, photo, photo_type
             FROM physician_profile
             WHERE tenant = $1 AND person = $2",
        )
        .bind(self.tenant().to_string())
        .bind(person.to_string())
        .fetch_optional(self.any())
        .await?;
        row.as_ref().map(profile).transpose()
    }

    /// Every physician of the institution.
    ///
    /// # Errors
    ///
    /// Storage failed.
    pub async fn physician_profiles(&mut self) -> Result<Vec<PhysicianProfile>, Fault> {
        let rows = sqlx::query(
            "SELECT person AS id, name, department, photo, photo_type
             FROM physician_profile
             WHERE tenant = $1
             ORDER BY name
             LIMIT 200",
        )
        .bind(self.tenant().to_string())
        .fetch_all(self.any())
        .await?;
        rows.iter().map(profile).collect()
    }

    /// The newest proof of a physician.
    ///
    /// # Errors
    ///
    /// Storage failed.
    pub async fn physician_proof(&mut self, person: PersonId) -> Result<Option<Proof>, Fault> {
        let row = sqlx::query(
            "SELECT id, person, name, photo, registration_year, basis, verified_by, verified_at, valid_until, withdrawn_at
             FROM physician_proof
             WHERE tenant = $1 AND person = $2 -- physician_proof_by_person
             ORDER BY verified_at DESC, id DESC
             LIMIT 1",
        )
        .bind(self.tenant().to_string())
        .bind(person.to_string())
        .fetch_optional(self.any())
        .await?;
        row.map(|row| {
            let cells = Cells::of("physician_proof", &row);
            let year = cells
                .maybe_int("registration_year")?
                .map(|year| i16::try_from(year).map_err(|_| cells.corrupt("registration_year")))
                .transpose()?;
            Ok(Proof {
                person: cells.parsed("person")?,
                name: cells.text("name")?,
                photo: cells.text("photo")?,
                registration_year: year,
                basis: cells.word("basis", |word| {
                    (word == Basis::PhotoDocument.as_str()).then_some(Basis::PhotoDocument)
                })?,
                verified_by: cells.parsed("verified_by")?,
                verified: cells.instant("verified_at")?,
                valid_until: cells.date("valid_until")?,
                withdrawn: cells.maybe_instant("withdrawn_at")?,
            })
        })
        .transpose()
    }

    /// What one patient has seen of a physician: shown in this visit, and the newest answer ever.
    ///
    /// # Errors
    ///
    /// Storage failed.
    pub async fn proof_card(
        &mut self,
        visit: &Consultation,
    ) -> Result<(bool, Option<Answer>), Fault> {
        let rows = sqlx::query(
            "SELECT consultation AS id, answer
             FROM proof_card
             WHERE tenant = $1 AND patient = $2 AND physician = $3 -- proof_card_by_patient
             ORDER BY shown_at DESC
             LIMIT 100",
        )
        .bind(self.tenant().to_string())
        .bind(visit.patient.to_string())
        .bind(visit.physician.to_string())
        .fetch_all(self.any())
        .await?;
        let (mut shown, mut answer) = (false, None);
        for row in &rows {
            let cells = Cells::of("proof_card", row);
            shown |= cells.text("id")? == visit.id.to_string();
            let said = match cells.maybe_text("answer")?.as_deref() {
                Some("confirmed") => Some(Answer::Confirmed),
                Some("not_the_person") => Some(Answer::NotThePerson),
                Some(_) => return Err(cells.corrupt("answer")),
                None => None,
            };
            answer = answer.or(said);
        }
        Ok((shown, answer))
    }

    /// Every affiliation of a person with this institution.
    ///
    /// # Errors
    ///
    /// Storage failed.
    pub async fn affiliations(&mut self, person: PersonId) -> Result<Vec<Affiliation>, Fault> {
        let institution = self.tenant();
        let rows = sqlx::query(
            "SELECT a.id, a.person, a.from_date, a.until_date, a.set_by, i.code, i.online_care_notified
             FROM affiliation a
             JOIN institution i ON i.tenant = a.tenant
             WHERE a.tenant = $1 AND a.person = $2
             LIMIT 50",
        )
        .bind(institution.to_string())
        .bind(person.to_string())
        .fetch_all(self.any())
        .await?;
        rows.iter()
            .map(|row| {
                let cells = Cells::of("affiliation", row);
                Ok(Affiliation {
                    person: cells.parsed("person")?,
                    institution,
                    institution_code: cells.text("code")?,
                    online_care_notified: cells.flag("online_care_notified")?,
                    from: cells.date("from_date")?,
                    until: cells.maybe_parsed("until_date")?,
                    set_by: cells.parsed("set_by")?,
                })
            })
            .collect()
    }

    /// The newest work period of a physician.
    ///
    /// # Errors
    ///
    /// Storage failed.
    pub async fn work_period(&mut self, person: PersonId) -> Result<Option<WorkPeriod>, Fault> {
        let row = sqlx::query(
            "SELECT id, person, device, network, room, separated, unseen, no_recording, opened_at, ended_at, locked_at
             FROM work_period
             WHERE tenant = $1 AND person = $2 -- work_period_by_person
             ORDER BY opened_at DESC, CASE WHEN ended_at IS NULL THEN 0 ELSE 1 END, id DESC
             LIMIT 1",
        )
        .bind(self.tenant().to_string())
        .bind(person.to_string())
        .fetch_optional(self.any())
        .await?;
        row.map(|row| {
            let cells = Cells::of("work_period", &row);
            Ok(WorkPeriod {
                person: cells.parsed("person")?,
                device: cells.parsed("device")?,
                network: cells.text("network")?,
                room: cells.text("room")?,
                separated: cells.flag("separated")?,
                unseen: cells.flag("unseen")?,
                no_recording: cells.flag("no_recording")?,
                opened: cells.instant("opened_at")?,
                ended: cells.maybe_instant("ended_at")?,
                locked: cells.maybe_instant("locked_at")?,
            })
        })
        .transpose()
    }

    /// The room of that id or name in the register.
    ///
    /// # Errors
    ///
    /// Storage failed.
    pub async fn registered_room(&mut self, id_or_name: &str) -> Result<Option<Room>, Fault> {
        let rooms = self.room_register().await?;
        Ok(rooms
            .into_iter()
            .find(|room| room.id == id_or_name || room.name == id_or_name))
    }

    /// The register of rooms.
    ///
    /// # Errors
    ///
    /// Storage failed.
    pub async fn room_register(&mut self) -> Result<Vec<Room>, Fault> {
        let rows = sqlx::query(
            "SELECT id, name, inspected_on FROM room WHERE tenant = $1 ORDER BY name LIMIT 200",
        )
        .bind(self.tenant().to_string())
        .fetch_all(self.any())
        .await?;
        rows.iter()
            .map(|row| {
                let cells = Cells::of("room", row);
                Ok(Room {
                    id: cells.text("id")?,
                    name: cells.text("name")?,
                    inspected: cells.date("inspected_on")?,
                })
            })
            .collect()
    }

    /// The days on which a room was inspected, newest first.
    ///
    /// # Errors
    ///
    /// Storage failed.
    pub async fn inspections(&mut self, room: &str) -> Result<Vec<Date>, Fault> {
        let rows = sqlx::query(
            "SELECT room AS id, inspected_on
             FROM room_inspection
             WHERE tenant = $1 AND room = $2
             ORDER BY inspected_on DESC
             LIMIT 50",
        )
        .bind(self.tenant().to_string())
        .bind(room)
        .fetch_all(self.any())
        .await?;
        rows.iter()
            .map(|row| Cells::of("room_inspection", row).date("inspected_on"))
            .collect()
    }

    /// Registered rooms and the day each was last inspected.
    ///
    /// # Errors
    ///
    /// Storage failed.
    pub async fn rooms(&mut self) -> Result<Vec<(String, Date)>, Fault> {
        let rooms = self.room_register().await?;
        Ok(rooms
            .into_iter()
            .map(|room| (room.name, room.inspected))
            .collect())
    }
}

impl Tx {
    /// Sets what is shown of a physician. A changed name or photograph withdraws the proof (cl-1.4-iii-a).
    ///
    /// # Errors
    ///
    /// Storage failed.
    pub async fn put_physician_profile(
        &mut self,
        by: &By,
        profile: &PhysicianProfile,
    ) -> Result<(), Fault> {
        let before = self.physician_profile(profile.person).await?;
        let tenant = self.tenant().to_string();
        sqlx::query(
            "INSERT INTO physician_profile (tenant, person, name, department, photo, photo_type)
             VALUES ($1, $2, $3, $4, $5, $6)
             ON CONFLICT (tenant, person) DO UPDATE
             SET name = excluded.name, department = excluded.department, photo = excluded.photo,
                 photo_type = excluded.photo_type",
        )
        .bind(&tenant)
        .bind(profile.person.to_string())
        .bind(&profile.name)
        .bind(&profile.department)
        .bind(profile.photo.clone())
        .bind(&profile.photo_type)
        .execute(self.any())
        .await?;
        let changed = before
            .is_some_and(|before| before.name != profile.name || before.photo != profile.photo);
        if changed {
            self.withdraw_proof(by, profile.person, proof::NAME_AND_PHOTO)
                .await?;
        }
        self.record(
            by.entry("profile.changed")
                .object("person", profile.person.to_string()),
        )
        .await?;
        Ok(())
    }

    /// Keeps that a second person compared the physician's photo document with the profile (cl-1.4-i-b).
    ///
    /// # Errors
    ///
    /// Storage failed.
    pub async fn keep_proof(
        &mut self,
        by: &By,
        profile: &PhysicianProfile,
        verified: Verified,
    ) -> Result<(), Fault> {
        let id = self.fresh_id()?;
        let (tenant, now) = (self.tenant().to_string(), self.now().as_microsecond());
        sqlx::query(
            "INSERT INTO physician_proof (tenant, id, person, name, photo, registration_year, basis, verified_by, verified_at,
                                          valid_until)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
        )
        .bind(tenant)
        .bind(id.to_string())
        .bind(profile.person.to_string())
        .bind(&profile.name)
        .bind(profile.photo_digest())
        .bind(verified.registration_year.map(i64::from))
        .bind(Basis::PhotoDocument.as_str())
        .bind(verified.by.to_string())
        .bind(now)
        .bind(verified.valid_until.to_string())
        .execute(self.any())
        .await?;
        self.record(
            by.under(proof::SHOWN, "proof.verified")
                .object("person", profile.person.to_string())
                .field("basis", Basis::PhotoDocument.as_str()),
        )
        .await?;
        Ok(())
    }

    /// Keeps that the card was put on the patient's screen. Shown twice is one row.
    ///
    /// # Errors
    ///
    /// Storage failed.
    pub async fn keep_card_shown(&mut self, by: &By, visit: &Consultation) -> Result<(), Fault> {
        let (tenant, now) = (self.tenant().to_string(), self.now().as_microsecond());
        let done = sqlx::query(
            "INSERT INTO proof_card (tenant, consultation, patient, physician, shown_at) VALUES ($1, $2, $3, $4, $5)
             ON CONFLICT (tenant, consultation, physician) DO NOTHING",
        )
        .bind(tenant)
        .bind(visit.id.to_string())
        .bind(visit.patient.to_string())
        .bind(visit.physician.to_string())
        .bind(now)
        .execute(self.any())
        .await?;
        if done.rows_affected() == 1 {
            self.record(
                by.under(proof::SHOWN, "proof.shown")
                    .object("consultation", visit.id.to_string())
                    .object("person", visit.physician.to_string()),
            )
            .await?;
        }
        Ok(())
    }

    /// Keeps the patient's answer about the card.
    ///
    /// # Errors
    ///
    /// Storage failed.
    pub async fn keep_card_answer(
        &mut self,
        by: &By,
        visit: &Consultation,
        answer: Answer,
    ) -> Result<(), Fault> {
        let word = match answer {
            Answer::Confirmed => "confirmed",
            Answer::NotThePerson => "not_the_person",
        };
        let (tenant, now) = (self.tenant().to_string(), self.now().as_microsecond());
        sqlx::query(
            "UPDATE proof_card SET answer = $1, answered_at = $2
             WHERE tenant = $3 AND consultation = $4 AND physician = $5",
        )
        .bind(word)
        .bind(now)
        .bind(tenant)
        .bind(visit.id.to_string())
        .bind(visit.physician.to_string())
        .execute(self.any())
        .await?;
        self.record(
            by.under(proof::SHOWN, "proof.answered")
                .object("consultation", visit.id.to_string())
                .object("person", visit.physician.to_string())
                .field("answer", word),
        )
        .await?;
        Ok(())
    }

    /// Sets an affiliation, by the administrator (cl-2.1-i-a).
    ///
    /// # Errors
    ///
    /// Storage failed.
    pub async fn set_affiliation(
        &mut self,
        by: &By,
        set_by: PersonId,
        person: PersonId,
        (from, until): (Date, Option<Date>),
    ) -> Result<(), Fault> {
        let id = self.fresh_id()?;
        let tenant = self.tenant().to_string();
        sqlx::query(
            "INSERT INTO affiliation (tenant, id, person, from_date, until_date, set_by) VALUES ($1, $2, $3, $4, $5, $6)",
        )
        .bind(tenant)
        .bind(id.to_string())
        .bind(person.to_string())
        .bind(from.to_string())
        .bind(until.map(|until| until.to_string()))
        .bind(set_by.to_string())
        .execute(self.any())
        .await?;
        self.record(
            by.under(access::affiliation::AFFILIATION, "affiliation.set")
                .object("person", person.to_string()),
        )
        .await?;
        Ok(())
    }

    /// Registers a room with the day of its inspection; a room of that name is inspected anew, never backwards (cl-2.1-v).
    /// Earlier inspections stay in the register.
    ///
    /// # Errors
    ///
    /// Storage failed.
    pub async fn add_room(&mut self, by: &By, name: &str, inspected: Date) -> Result<(), Fault> {
        let id = self.fresh_id()?;
        let tenant = self.tenant().to_string();
        sqlx::query(
            "INSERT INTO room (tenant, id, name, inspected_on) VALUES ($1, $2, $3, $4)
             ON CONFLICT (tenant, name) DO UPDATE
             SET inspected_on = excluded.inspected_on
             WHERE excluded.inspected_on > room.inspected_on",
        )
        .bind(&tenant)
        .bind(id.to_string())
        .bind(name)
        .bind(inspected.to_string())
        .execute(self.any())
        .await?;
        let room = self.registered_room(name).await?;
        if let Some(room) = &room {
            self.keep_inspection(by, &room.id, inspected).await?;
        }
        let mut entry = by
            .under(care::place::PHYSICIAN_ROOM, "attestation.given")
            .field("kind", "room")
            .field("inspected", inspected.to_string());
        if let Some(room) = room {
            entry = entry.object("room", room.id);
        }
        self.record(entry).await?;
        Ok(())
    }

    async fn keep_inspection(&mut self, by: &By, room: &str, inspected: Date) -> Result<(), Fault> {
        let (tenant, now) = (self.tenant().to_string(), self.now().as_microsecond());
        sqlx::query(
            "INSERT INTO room_inspection (tenant, room, inspected_on, entered_by, entered_at) VALUES ($1, $2, $3, $4, $5)
             ON CONFLICT (tenant, room, inspected_on) DO NOTHING",
        )
        .bind(tenant)
        .bind(room)
        .bind(inspected.to_string())
        .bind(by.person().map(|person| person.to_string()))
        .bind(now)
        .execute(self.any())
        .await?;
        Ok(())
    }

    /// Opens a work period; an earlier one ends.
    ///
    /// # Errors
    ///
    /// Storage failed.
    pub async fn open_work_period(&mut self, by: &By, period: &WorkPeriod) -> Result<(), Fault> {
        self.end_work_period(by, period.person).await?;
        let id = self.fresh_id()?;
        let tenant = self.tenant().to_string();
        sqlx::query(
            "INSERT INTO work_period (tenant, id, person, device, network, room, separated, unseen, no_recording, opened_at)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
        )
        .bind(tenant)
        .bind(id.to_string())
        .bind(period.person.to_string())
        .bind(period.device.to_string())
        .bind(&period.network)
        .bind(&period.room)
        .bind(i64::from(period.separated))
        .bind(i64::from(period.unseen))
        .bind(i64::from(period.no_recording))
        .bind(period.opened.as_microsecond())
        .execute(self.any())
        .await?;
        self.record(
            by.under(care::place::PHYSICIAN_ROOM, "place.confirmed")
                .field("side", "physician")
                .object("work_period", id.to_string()),
        )
        .await?;
        self.record(
            by.under(care::recording::NO_RECORDING, "recording_ban.accepted")
                .field("side", "physician"),
        )
        .await?;
        Ok(())
    }

    /// Ends a physician's open work period: signed out, or another room or network.
    ///
    /// # Errors
    ///
    /// Storage failed.
    pub async fn end_work_period(&mut self, _by: &By, person: PersonId) -> Result<(), Fault> {
        let (tenant, now) = (self.tenant().to_string(), self.now().as_microsecond());
        sqlx::query("UPDATE work_period SET ended_at = $1 WHERE tenant = $2 AND person = $3 AND ended_at IS NULL")
            .bind(now)
            .bind(tenant)
            .bind(person.to_string())
            .execute(self.any())
            .await?;
        Ok(())
    }

    /// The screen of the device on which the period was stated is locked (cl-2.1-v). An earlier lock stands.
    ///
    /// # Errors
    ///
    /// Storage failed.
    pub async fn lock_work_period(
        &mut self,
        person: PersonId,
        device: DeviceId,
    ) -> Result<(), Fault> {
        let (tenant, now) = (self.tenant().to_string(), self.now().as_microsecond());
        sqlx::query(
            "UPDATE work_period SET locked_at = $1
             WHERE tenant = $2 AND person = $3 AND device = $4 AND ended_at IS NULL AND locked_at IS NULL",
        )
        .bind(now)
        .bind(tenant)
        .bind(person.to_string())
        .bind(device.to_string())
        .execute(self.any())
        .await?;
        Ok(())
    }

    /// The physician is back at a screen that was locked since then: the period goes on, or has ended with the room left
    /// for too long (cl-2.1-v).
    ///
    /// # Errors
    ///
    /// Storage failed.
    pub async fn unlock_work_period(
        &mut self,
        by: &By,
        person: PersonId,
        (device, since): (DeviceId, Timestamp),
    ) -> Result<(), Fault> {
        let Some(period) = self.work_period(person).await? else {
            return Ok(());
        };
        if period.device != device || period.ended.is_some() {
            return Ok(());
        }
        let since = period.locked.unwrap_or(since).min(since);
        if self.now().duration_since(since) >= place::LOCKED_MAX {
            return self.end_work_period(by, person).await;
        }
        let tenant = self.tenant().to_string();
        sqlx::query(
            "UPDATE work_period SET locked_at = NULL
             WHERE tenant = $1 AND person = $2 AND ended_at IS NULL",
        )
        .bind(tenant)
        .bind(person.to_string())
        .execute(self.any())
        .await?;
        Ok(())
    }

    async fn withdraw_proof(
        &mut self,
        by: &By,
        person: PersonId,
        clause: guideline::Clause,
    ) -> Result<(), Fault> {
        let (tenant, now) = (self.tenant().to_string(), self.now().as_microsecond());
        let done = sqlx::query(
            "UPDATE physician_proof SET withdrawn_at = $1 WHERE tenant = $2 AND person = $3 AND withdrawn_at IS NULL",
        )
        .bind(now)
        .bind(tenant)
        .bind(person.to_string())
        .execute(self.any())
        .await?;
        if done.rows_affected() > 0 {
            self.record(
                by.under(clause, "proof.withdrawn")
                    .object("person", person.to_string()),
            )
            .await?;
        }
        Ok(())
    }
}

/// Disputes by patients that nobody has settled (finding `physician_disputed`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Dispute {
    /// In which visit.
    pub consultation: ConsultationId,
    /// About whom.
    pub physician: PersonId,
    /// By which patient.
    pub patient: PatientId,
    /// When.
    pub at: Timestamp,
}

impl Conn {
    /// Answers "not the person", newest first.
    ///
    /// # Errors
    ///
    /// Storage failed.
    pub async fn disputes(&mut self) -> Result<Vec<Dispute>, Fault> {
        let rows = sqlx::query(
            "SELECT consultation AS id, physician, patient, answered_at
             FROM proof_card
             WHERE tenant = $1 AND answer = 'not_the_person' AND settled_at IS NULL
             ORDER BY answered_at DESC
             LIMIT 50",
        )
        .bind(self.tenant().to_string())
        .fetch_all(self.any())
        .await?;
        rows.iter()
            .map(|row| {
                let cells = Cells::of("proof_card", row);
                Ok(Dispute {
                    consultation: cells.parsed("id")?,
                    physician: cells.parsed("physician")?,
                    patient: cells.parsed("patient")?,
                    at: cells.instant("answered_at")?,
                })
            })
            .collect()
    }
}

impl Tx {
    /// Settles a patient's "not the person": an administrator says what was found (cl-1.4-i-b). The answer itself stays; what
    /// the patient said is not taken back by anybody else.
    ///
    /// # Errors
    ///
    /// `Conflict` when it is settled already or there is none; or storage failed.
    pub async fn settle_dispute(
        &mut self,
        by: &By,
        settled_by: PersonId,
        dispute: &Dispute,
        reason: &str,
    ) -> Result<(), Fault> {
        let sealed = self
            .seal(
                &dispute.patient.to_string(),
                "proof_card.settled",
                &format!("{}:{}", dispute.consultation, dispute.physician),
                reason.as_bytes(),
            )
            .await?;
        let (tenant, now) = (self.tenant().to_string(), self.now().as_microsecond());
        let done = sqlx::query(
            "UPDATE proof_card SET settled_by = $1, settled_at = $2, settled_reason = $3
             WHERE tenant = $4 AND consultation = $5 AND physician = $6 AND answer = 'not_the_person'
               AND settled_at IS NULL",
        )
        .bind(settled_by.to_string())
        .bind(now)
        .bind(sealed)
        .bind(tenant)
        .bind(dispute.consultation.to_string())
        .bind(dispute.physician.to_string())
        .execute(self.any())
        .await?;
        if done.rows_affected() != 1 {
            return Err(Fault::Conflict);
        }
        let (_, digest) = self.digest(reason.as_bytes())?;
        self.record(
            by.under(proof::SHOWN, "dispute.settled")
                .object("patient", dispute.patient.to_string())
                .object("consultation", dispute.consultation.to_string())
                .object("person", dispute.physician.to_string())
                .digest("reason", digest),
        )
        .await?;
        Ok(())
    }
}

fn profile(row: &AnyRow) -> Result<PhysicianProfile, Fault> {
    let cells = Cells::of("physician_profile", row);
    Ok(PhysicianProfile {
        person: cells.parsed("id")?,
        name: cells.text("name")?,
        department: cells.text("department")?,
        photo: cells.bytes("photo")?,
        photo_type: cells.text("photo_type")?,
    })
}
