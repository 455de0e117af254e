//! Consultations at rest: a stage and its times, read with suspicion, changed only by events of the core.

use crate::{
    By, Conn, Fault, Tx,
    by::Also as _,
    row::{Cells, json},
};
use access::{
    PersonId,
    affiliation::{Affiliation, affiliated},
};
use care::{
    Class, Consultation, ConsultationId, Event, PatientId, PlanId, Service, Stage,
    consultation::EmergencyStart,
    examination::Unperformed,
    plan::{Opened, OutsideReason},
};
use guideline::Clause;
use jiff::{Timestamp, civil::Date};
use ledger::Entry;
use sqlx::any::AnyRow;

/// Consultations on one list at most.
pub const LIST_MAX: i64 = 500;

/// A consultation with what only the desk needs.
#[derive(Clone, Debug)]
pub struct Booking {
    /// The consultation.
    pub consultation: Consultation,
    /// The booking number told to the patient.
    pub number: i64,
    /// Whether it was booked, or opened when the patient called.
    pub opened: Opened,
}

impl Conn {
    /// One consultation.
    ///
    /// # Errors
    ///
    /// Storage failed, or the row cannot be.
    pub async fn consultation(&mut self, id: ConsultationId) -> Result<Option<Booking>, Fault> {
        let row = sqlx::query(
            "SELECT id, number, patient, physician, class, service, stage, booked_for, arrived_at, began_at, ended_at, emergency, unbooked
             FROM consultation
             WHERE tenant = $1 AND id = $2",
        )
        .bind(self.tenant().to_string())
        .bind(id.to_string())
        .fetch_optional(self.any())
        .await?;
        row.as_ref().map(booking).transpose()
    }

    /// Consultations booked in a stretch of time, in order.
    ///
    /// # Errors
    ///
    /// Storage failed.
    pub async fn consultations_between(
        &mut self,
        from: Timestamp,
        until: Timestamp,
    ) -> Result<Vec<Booking>, Fault> {
        let rows = sqlx::query(
            "SELECT id, number, patient, physician, class, service, stage, booked_for, arrived_at, began_at, ended_at, emergency, unbooked
             FROM consultation
             WHERE tenant = $1 AND booked_for >= $2 AND booked_for < $3 -- consultation_by_time
             ORDER BY booked_for, id
             LIMIT $4",
        )
        .bind(self.tenant().to_string())
        .bind(from.as_microsecond())
        .bind(until.as_microsecond())
        .bind(LIST_MAX)
        .fetch_all(self.any())
        .await?;
        rows.iter().map(booking).collect()
    }

    /// Consultations of one patient, newest first.
    ///
    /// # Errors
    ///
    /// Storage failed.
    pub async fn consultations_of(&mut self, patient: PatientId) -> Result<Vec<Booking>, Fault> {
        let rows = sqlx::query(
            "SELECT id, number, patient, physician, class, service, stage, booked_for, arrived_at, began_at, ended_at, emergency, unbooked
             FROM consultation
             WHERE tenant = $1 AND patient = $2 -- consultation_by_patient
             ORDER BY booked_for DESC
             LIMIT 100",
        )
        .bind(self.tenant().to_string())
        .bind(patient.to_string())
        .fetch_all(self.any())
        .await?;
        rows.iter().map(booking).collect()
    }

    /// Ended visits whose note nobody has signed, oldest first: the top of a physician's worklist.
    ///
    /// # Errors
    ///
    /// Storage failed.
    pub async fn unsigned_consultations(&mut self) -> Result<Vec<Booking>, Fault> {
        let rows = sqlx::query(
            "SELECT id, number, patient, physician, class, service, stage, booked_for, arrived_at, began_at, ended_at, emergency, unbooked
             FROM consultation
             WHERE tenant = $1 AND stage = 'ended'
             ORDER BY ended_at
             LIMIT $2",
        )
        .bind(self.tenant().to_string())
        .bind(LIST_MAX)
        .fetch_all(self.any())
        .await?;
        rows.iter().map(booking).collect()
    }

    /// Consultations begun since an instant, and how many of them as emergencies.
    ///
    /// # Errors
    ///
    /// Storage failed.
    pub async fn emergency_share(&mut self, since: Timestamp) -> Result<(u32, u32), Fault> {
        let row = sqlx::query(
            "SELECT COUNT(emergency) AS emergencies, COUNT(*) AS consultations
             FROM consultation
             WHERE tenant = $1 AND began_at >= $2",
        )
        .bind(self.tenant().to_string())
        .bind(since.as_microsecond())
        .fetch_one(self.any())
        .await?;
        let cells = Cells::of("consultation", &row);
        let count = |column| {
            cells
                .int(column)
                .map(|n| u32::try_from(n).unwrap_or(u32::MAX))
        };
        Ok((count("emergencies")?, count("consultations")?))
    }
}

impl Tx {
    /// Books a consultation.
    ///
    /// # Errors
    ///
    /// Storage failed.
    pub async fn book(
        &mut self,
        by: &By,
        patient: PatientId,
        physician: PersonId,
        (class, service): (Class, Service),
        booked_for: Timestamp,
    ) -> Result<Booking, Fault> {
        let id = ConsultationId(self.fresh_id()?);
        let number = self.next_number("consultation").await?;
        let (tenant, now) = (self.tenant().to_string(), self.now().as_microsecond());
        sqlx::query(
            "INSERT INTO consultation (tenant, id, number, patient, physician, class, service, stage, booked_for, created_at)
             VALUES ($1, $2, $3, $4, $5, $6, $7, 'booked', $8, $9)",
        )
        .bind(tenant)
        .bind(id.to_string())
        .bind(number)
        .bind(patient.to_string())
        .bind(physician.to_string())
        .bind(class.as_str())
        .bind(service.as_str())
        .bind(booked_for.as_microsecond())
        .bind(now)
        .execute(self.any())
        .await?;
        self.record(
            by.entry("visit.classified")
                .object("consultation", id.to_string())
                .object("patient", patient.to_string())
                .field("class", class.as_str())
                .field("service", service.as_str()),
        )
        .await?;
        Ok(Booking {
            consultation: Consultation {
                id,
                patient,
                physician,
                class,
                service,
                booked_for,
                stage: Stage::Booked,
                emergency: None,
            },
            number,
            opened: Opened::Booked,
        })
    }

    /// Opens a visit for now without a booking: the patient telephoned (cl-1.3-i-c).
    ///
    /// # Errors
    ///
    /// Storage failed.
    pub async fn open_called_in(
        &mut self,
        by: &By,
        patient: PatientId,
        physician: PersonId,
        kind: (Class, Service),
    ) -> Result<Booking, Fault> {
        let opened = Opened::CalledIn;
        let booking = self.book(by, patient, physician, kind, self.now()).await?;
        let tenant = self.tenant().to_string();
        sqlx::query("UPDATE consultation SET unbooked = $1 WHERE tenant = $2 AND id = $3")
            .bind(opened.reason())
            .bind(tenant)
            .bind(booking.consultation.id.to_string())
            .execute(self.any())
            .await?;
        self.record(
            by.under(care::plan::HOURS, "visit.opened_unbooked")
                .object("consultation", booking.consultation.id.to_string())
                .object("patient", patient.to_string())
                .field("reason", opened.reason().unwrap_or_default()),
        )
        .await?;
        Ok(Booking { opened, ..booking })
    }

    /// Keeps what an event of the core made of a consultation, with its ledger entry.
    ///
    /// # Errors
    ///
    /// Another request changed the stage first (`Conflict`), or storage failed.
    pub async fn keep_event(
        &mut self,
        by: &By,
        before: &Consultation,
        event: &Event,
    ) -> Result<Consultation, Fault> {
        let after = before.clone().after(event);
        let times = Times::of(after.stage);
        let emergency = after.emergency.as_ref().map(json).transpose()?;
        let tenant = self.tenant().to_string();
        let done = sqlx::query(
            "UPDATE consultation
             SET stage = $1,
                 arrived_at = COALESCE($2, arrived_at),
                 began_at = COALESCE($3, began_at),
                 ended_at = COALESCE($4, ended_at),
                 emergency = COALESCE($5, emergency)
             WHERE tenant = $6 AND id = $7 AND stage = $8",
        )
        .bind(after.stage.as_str())
        .bind(times.arrived)
        .bind(times.began)
        .bind(times.ended)
        .bind(emergency)
        .bind(tenant)
        .bind(before.id.to_string())
        .bind(before.stage.as_str())
        .execute(self.any())
        .await?;
        if done.rows_affected() != 1 {
            return Err(Fault::Conflict);
        }
        if let Some(subject) = subject(event) {
            let mut entry = match clause_of(event) {
                Some(clause) => by.under(clause, subject),
                None => by.entry(subject),
            };
            entry = entry
                .object("consultation", before.id.to_string())
                .object("patient", before.patient.to_string());
            if let Event::Begun {
                emergency: Some(start),
                ..
            } = event
            {
                entry = entry
                    .clause(care::consultation::EMERGENCY.id())
                    .field("reason", start.reason.as_str())
                    .field("passed", start.passed.join(" "));
            }
            if matches!(event, Event::Documented) {
                entry = entry.also([care::record::RESERVED_ACTS]);
                if let Some(person) = by.person() {
                    entry = self.reserved(entry, person).await?;
                }
            }
            if matches!(event, Event::Begun { .. }) {
                entry = self.under_what(before, entry).await?;
            }
            self.record(entry).await?;
        }
        Ok(after)
    }

    /// Adds to the start of a visit what it rests on: the affiliation used (cl-2.1-i-a) and the plan with its rule.
    async fn under_what(&mut self, visit: &Consultation, entry: Entry) -> Result<Entry, Fault> {
        let today = crate::dossier::legal_day(self.now());
        let used = self.affiliation_used(visit.physician, today).await?;
        let Some((id, code)) = used else {
            return Ok(entry);
        };
        let tenant = self.tenant().to_string();
        sqlx::query("UPDATE consultation SET affiliation = $1 WHERE tenant = $2 AND id = $3")
            .bind(&id)
            .bind(tenant)
            .bind(visit.id.to_string())
            .execute(self.any())
            .await?;
        Ok(entry
            .also([access::affiliation::AFFILIATION])
            .object("affiliation", id)
            .field("institution_code", code))
    }

    /// Stores which plan version and which rule of item 8 the visit began under.
    ///
    /// # Errors
    ///
    /// Storage failed.
    pub async fn keep_plan_of(
        &mut self,
        id: ConsultationId,
        plan: Option<PlanId>,
        rota: &str,
    ) -> Result<(), Fault> {
        let tenant = self.tenant().to_string();
        sqlx::query("UPDATE consultation SET plan = $1, rota = $2 WHERE tenant = $3 AND id = $4")
            .bind(plan.map(|plan| plan.to_string()))
            .bind(rota)
            .bind(tenant)
            .bind(id.to_string())
            .execute(self.any())
            .await?;
        Ok(())
    }

    /// Keeps that a visit turned out to be one for a new condition (cl-1.3-i-a).
    ///
    /// # Errors
    ///
    /// Storage failed.
    pub async fn keep_class(
        &mut self,
        by: &By,
        visit: &Consultation,
        class: Class,
    ) -> Result<(), Fault> {
        let tenant = self.tenant().to_string();
        sqlx::query("UPDATE consultation SET class = $1 WHERE tenant = $2 AND id = $3")
            .bind(class.as_str())
            .bind(tenant)
            .bind(visit.id.to_string())
            .execute(self.any())
            .await?;
        self.record(
            by.under(care::plan::ONLINE_CARE, "visit.classified")
                .object("consultation", visit.id.to_string())
                .object("patient", visit.patient.to_string())
                .field("class", class.as_str())
                .field("before", visit.class.as_str()),
        )
        .await?;
        Ok(())
    }

    /// Keeps why a physician outside item 8 of the plan sees the patient (cl-1.3-i-h). The start carries it on.
    ///
    /// # Errors
    ///
    /// Storage failed.
    pub async fn keep_outside_reason(
        &mut self,
        by: &By,
        id: ConsultationId,
        reason: OutsideReason,
    ) -> Result<(), Fault> {
        let tenant = self.tenant().to_string();
        sqlx::query("UPDATE consultation SET rota = $1 WHERE tenant = $2 AND id = $3")
            .bind(reason.as_str())
            .bind(tenant)
            .bind(id.to_string())
            .execute(self.any())
            .await?;
        self.record(
            by.under(care::plan::PHYSICIANS, "warning.decided")
                .object("consultation", id.to_string())
                .field("warning", "physician_outside_plan")
                .field("reason", reason.as_str()),
        )
        .await?;
        Ok(())
    }

    /// Keeps the physician's reason for going on although the visit in person is overdue (cl-1.3-i-b).
    ///
    /// # Errors
    ///
    /// Storage failed.
    pub async fn keep_rejudged(
        &mut self,
        by: &By,
        visit: &Consultation,
        reason: &str,
    ) -> Result<(), Fault> {
        let sealed = self
            .seal(
                &visit.patient.to_string(),
                "consultation.rejudged",
                &visit.id.to_string(),
                reason.as_bytes(),
            )
            .await?;
        let tenant = self.tenant().to_string();
        sqlx::query("UPDATE consultation SET rejudged = $1 WHERE tenant = $2 AND id = $3")
            .bind(sealed)
            .bind(tenant)
            .bind(visit.id.to_string())
            .execute(self.any())
            .await?;
        let (_, digest) = self.digest(reason.as_bytes())?;
        self.record(
            by.under(care::plan::COMBINATION, "warning.decided")
                .object("consultation", visit.id.to_string())
                .field("warning", "in_person_overdue")
                .digest("reason", digest),
        )
        .await?;
        Ok(())
    }

    /// Keeps a physician's arrangement for care in person: with whom, accepted by whom (cl-2.1-ii).
    ///
    /// # Errors
    ///
    /// Storage failed.
    pub async fn keep_arrangement(
        &mut self,
        by: &By,
        visit: &Consultation,
        arrangement: &(String, String),
    ) -> Result<(), Fault> {
        let sealed = self
            .seal_json(
                &visit.patient.to_string(),
                "consultation.arranged",
                &visit.id.to_string(),
                arrangement,
            )
            .await?;
        let tenant = self.tenant().to_string();
        sqlx::query("UPDATE consultation SET arranged = $1 WHERE tenant = $2 AND id = $3")
            .bind(sealed)
            .bind(tenant)
            .bind(visit.id.to_string())
            .execute(self.any())
            .await?;
        self.record(
            by.under(care::referral::IN_PERSON_PLACE, "linkage.planned")
                .object("consultation", visit.id.to_string()),
        )
        .await?;
        Ok(())
    }

    /// Keeps that a visit is not performed as online care, why, and what the patient was told (cl-1.6-ii-a).
    ///
    /// # Errors
    ///
    /// `Conflict` when it was kept already; or storage failed.
    pub async fn keep_unperformed(
        &mut self,
        by: &By,
        physician: PersonId,
        visit: &Consultation,
        (reason, told): (Unperformed, &str),
    ) -> Result<(), Fault> {
        let sealed = self
            .seal(
                &visit.patient.to_string(),
                "unperformed",
                &visit.id.to_string(),
                told.as_bytes(),
            )
            .await?;
        let measured = self.measured(visit.id).await?;
        let (tenant, now) = (self.tenant().to_string(), self.now().as_microsecond());
        sqlx::query(
            "INSERT INTO unperformed (tenant, consultation, reason, told, decided_by, decided_at)
             VALUES ($1, $2, $3, $4, $5, $6)",
        )
        .bind(tenant)
        .bind(visit.id.to_string())
        .bind(reason.as_str())
        .bind(sealed)
        .bind(physician.to_string())
        .bind(now)
        .execute(self.any())
        .await?;
        let (_, digest) = self.digest(told.as_bytes())?;
        self.record(
            by.under(care::examination::REAL_TIME, "warning.decided")
                .object("consultation", visit.id.to_string())
                .field("warning", "not_performed_as_online_care")
                .field("reason", reason.as_str())
                .field("two_way_seconds", measured.two_way_seconds)
                .field("online_fee", 0_i64)
                .digest("told", digest),
        )
        .await?;
        Ok(())
    }

    /// Writes why the explanation after an emergency start is still impossible (cl-1.1-iv-d).
    ///
    /// # Errors
    ///
    /// Storage failed.
    pub async fn keep_still_impossible(
        &mut self,
        by: &By,
        visit: &Consultation,
        start: &EmergencyStart,
    ) -> Result<(), Fault> {
        let tenant = self.tenant().to_string();
        sqlx::query("UPDATE consultation SET emergency = $1 WHERE tenant = $2 AND id = $3")
            .bind(json(start)?)
            .bind(tenant)
            .bind(visit.id.to_string())
            .execute(self.any())
            .await?;
        self.record(
            by.under(care::consultation::EMERGENCY, "warning.decided")
                .object("consultation", visit.id.to_string())
                .field("warning", "explanation_still_impossible"),
        )
        .await?;
        Ok(())
    }
}

impl Conn {
    /// First visits of a patient that were documented as online care.
    ///
    /// # Errors
    ///
    /// Storage failed.
    pub async fn documented_first_visits(
        &mut self,
        patient: PatientId,
    ) -> Result<Vec<ConsultationId>, Fault> {
        let visits = self.consultations_of(patient).await?;
        Ok(visits
            .into_iter()
            .map(|booking| booking.consultation)
            .filter(|visit| {
                visit.class.is_first()
                    && matches!(visit.stage, Stage::Documented { .. } | Stage::Closed { .. })
            })
            .map(|visit| visit.id)
            .collect())
    }

    /// Why a visit was not performed as online care, and what the patient was told.
    ///
    /// # Errors
    ///
    /// Storage failed.
    pub async fn unperformed(
        &mut self,
        visit: &Consultation,
    ) -> Result<Option<(Unperformed, String)>, Fault> {
        let row = sqlx::query(
            "SELECT consultation AS id, reason, told
             FROM unperformed
             WHERE tenant = $1 AND consultation = $2",
        )
        .bind(self.tenant().to_string())
        .bind(visit.id.to_string())
        .fetch_optional(self.any())
        .await?;
        let Some(row) = row else { return Ok(None) };
        let cells = Cells::of("unperformed", &row);
        let reason = cells.word("reason", Unperformed::parse)?;
        let told = self
            .unseal(
                &visit.patient.to_string(),
                "unperformed",
                &visit.id.to_string(),
                &cells.bytes("told")?,
            )
            .await?;
        let told = String::from_utf8(told).map_err(|_| cells.corrupt("told"))?;
        Ok(Some((reason, told)))
    }

    /// Under which rule of item 8 the visit stands, or why outside it: as stored.
    ///
    /// # Errors
    ///
    /// Storage failed.
    pub async fn rota_of(&mut self, id: ConsultationId) -> Result<Option<String>, Fault> {
        let row = sqlx::query("SELECT id, rota FROM consultation WHERE tenant = $1 AND id = $2")
            .bind(self.tenant().to_string())
            .bind(id.to_string())
            .fetch_optional(self.any())
            .await?;
        row.map(|row| Cells::of("consultation", &row).maybe_text("rota"))
            .transpose()
            .map(Option::flatten)
    }

    /// The affiliation under which a physician consults on a day, and the institution's code.
    async fn affiliation_used(
        &mut self,
        person: PersonId,
        today: Date,
    ) -> Result<Option<(String, String)>, Fault> {
        let institution = self.tenant();
        let rows = sqlx::query(
            "SELECT a.id, a.person, a.from_date, a.until_date, a.set_by, i.code, i.online_care_notified
             FROM affiliation a
             JOIN institution i ON i.tenant = a.tenant
             WHERE a.tenant = $1 AND a.person = $2
             ORDER BY a.id
             LIMIT 50",
        )
        .bind(institution.to_string())
        .bind(person.to_string())
        .fetch_all(self.any())
        .await?;
        for row in &rows {
            let cells = Cells::of("affiliation", row);
            let row = Affiliation {
                person: cells.parsed("person")?,
                institution,
                institution_code: cells.text("code")?,
                online_care_notified: cells.flag("online_care_notified")?,
                from: cells.date("from_date")?,
                until: cells.maybe_parsed("until_date")?,
                set_by: cells.parsed("set_by")?,
            };
            let code = row.institution_code.clone();
            if affiliated(&[row], person, institution, today).is_ok() {
                return Ok(Some((cells.text("id")?, code)));
            }
        }
        Ok(None)
    }

    /// The sealed reasons beside a consultation: going on although overdue, and the arrangement in person.
    pub(crate) async fn reasons_of(
        &mut self,
        visit: &Consultation,
    ) -> Result<(Option<String>, Option<(String, String)>), Fault> {
        let row = sqlx::query(
            "SELECT id, rejudged, arranged FROM consultation WHERE tenant = $1 AND id = $2",
        )
        .bind(self.tenant().to_string())
        .bind(visit.id.to_string())
        .fetch_one(self.any())
        .await?;
        let cells = Cells::of("consultation", &row);
        let (patient, id) = (visit.patient.to_string(), visit.id.to_string());
        let rejudged = match cells.maybe_bytes("rejudged")? {
            Some(sealed) => {
                let bytes = self
                    .unseal(&patient, "consultation.rejudged", &id, &sealed)
                    .await?;
                Some(String::from_utf8(bytes).map_err(|_| cells.corrupt("rejudged"))?)
            }
            None => None,
        };
        let arranged = match cells.maybe_bytes("arranged")? {
            Some(sealed) => Some(
                self.unseal_json(&patient, "consultation.arranged", &id, &sealed)
                    .await?,
            ),
            None => None,
        };
        Ok((rejudged, arranged))
    }
}

/// The clause under which a change of stage is filed.
const fn clause_of(event: &Event) -> Option<Clause> {
    match event {
        Event::Booked | Event::Declined | Event::Arrived { .. } | Event::Aborted => None,
        Event::Begun { .. } | Event::Ended { .. } => Some(care::presence::ONE_PATIENT),
        Event::Documented => Some(care::record::DOCUMENTED),
        Event::Closed => Some(care::record::RESERVED_ACTS),
        Event::Switched => Some(care::suitability::HANDED_OVER),
        Event::NotPerformed => Some(care::examination::REAL_TIME),
        Event::Concluded => Some(care::preconsultation::KNOWN_BEFORE),
    }
}

fn subject(event: &Event) -> Option<&'static str> {
    match event {
        Event::Booked | Event::Declined => None,
        // Into the waiting room. Arrival in person, after a hand-over, is another subject.
        Event::Arrived { .. } => Some("visit.arrived"),
        Event::Begun {
            emergency: None, ..
        } => Some("consultation.begun"),
        Event::Begun {
            emergency: Some(_), ..
        } => Some("consultation.emergency_started"),
        Event::Ended { .. } => Some("consultation.ended"),
        Event::Documented => Some("consultation.documented"),
        Event::Closed => Some("consultation.closed"),
        Event::Switched => Some("consultation.switched"),
        Event::NotPerformed => Some("consultation.not_performed"),
        Event::Aborted => Some("consultation.aborted"),
        Event::Concluded => Some("preconsultation.ended"),
    }
}

#[derive(Default)]
struct Times {
    arrived: Option<i64>,
    began: Option<i64>,
    ended: Option<i64>,
}

impl Times {
    fn of(stage: Stage) -> Self {
        match stage {
            Stage::Checks { arrived } => Self {
                arrived: Some(arrived.as_microsecond()),
                ..Self::default()
            },
            Stage::Live { since } => Self {
                began: Some(since.as_microsecond()),
                ..Self::default()
            },
            Stage::Ended { at, .. } => Self {
                ended: Some(at.as_microsecond()),
                ..Self::default()
            },
            Stage::Requested
            | Stage::Booked
            | Stage::Documented { .. }
            | Stage::Closed { .. }
            | Stage::Declined
            | Stage::SwitchedInPerson
            | Stage::NotPerformed
            | Stage::Aborted => Self::default(),
        }
    }
}

fn booking(row: &AnyRow) -> Result<Booking, Fault> {
    let cells = Cells::of("consultation", row);
    let arrived = cells.maybe_instant("arrived_at")?;
    let began = cells.maybe_instant("began_at")?;
    let ended = cells.maybe_instant("ended_at")?;
    let stage = match (cells.text("stage")?.as_str(), arrived, began, ended) {
        ("requested", ..) => Stage::Requested,
        ("booked", ..) => Stage::Booked,
        ("checks", Some(arrived), ..) => Stage::Checks { arrived },
        ("live", _, Some(since), _) => Stage::Live { since },
        ("ended", _, Some(since), Some(at)) => Stage::Ended { since, at },
        ("documented", _, Some(since), Some(at)) => Stage::Documented { since, at },
        ("closed", _, Some(since), Some(at)) => Stage::Closed { since, at },
        ("declined", ..) => Stage::Declined,
        ("switched_in_person", ..) => Stage::SwitchedInPerson,
        ("not_performed", ..) => Stage::NotPerformed,
        ("aborted", ..) => Stage::Aborted,
        _ => return Err(cells.corrupt("stage")),
    };
    Ok(Booking {
        consultation: Consultation {
            id: cells.parsed("id")?,
            patient: cells.parsed("patient")?,
            physician: cells.parsed("physician")?,
            class: cells.word("class", Class::parse)?,
            service: cells.word("service", Service::parse)?,
            booked_for: cells.instant("booked_for")?,
            stage,
            emergency: cells.maybe_json("emergency")?,
        },
        number: cells.int("number")?,
        opened: Opened::because(cells.maybe_text("unbooked")?.as_deref())
            .ok_or_else(|| cells.corrupt("unbooked"))?,
    })
}
