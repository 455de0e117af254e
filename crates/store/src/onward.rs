//! On from a pre-consultation to a first visit: what it stands on, and the referrals to us.

use crate::{By, Conn, Fault, Tx, patient::Patient, row::Cells};
use care::{
    Consultation, ConsultationId, PatientId,
    preconsultation::{
        Coordination, CoordinationId, Entry, Facts, GROUND, Ground, Named, REFERRED,
    },
    statement::Statement,
};
use jiff::{Timestamp, civil::Date};
use serde::{Deserialize, Serialize};
use sqlx::any::AnyRow;

/// Referrals of one patient that a page offers, at most.
const COORDINATIONS_MAX: i64 = 20;

/// What a first visit stands on, as kept. No `Debug`.
#[derive(Clone)]
pub struct Onward {
    /// What was said.
    pub entry: Entry,
    /// When it was opened.
    pub opened: Timestamp,
    /// The visit that was booked on it last.
    pub visit: Option<ConsultationId>,
}

/// A referral that was received: what is entered. No `Debug`.
#[derive(Clone, Serialize, Deserialize)]
pub struct Received {
    /// Who referred: name and institution.
    pub referrer: String,
    /// The day of the letter or of the talk.
    pub on: Date,
    /// What it says.
    pub content: String,
}

/// The sealed part of an entry.
#[derive(Serialize, Deserialize)]
struct Words {
    reason: String,
    regular: Option<String>,
    location: String,
    named: Option<Named>,
}

impl Conn {
    /// What the first visit after this pre-consultation stands on; nothing yet.
    ///
    /// # Errors
    ///
    /// Storage failed.
    pub async fn onward(&mut self, from: ConsultationId) -> Result<Option<Onward>, Fault> {
        let row = sqlx::query(
            "SELECT preconsultation AS id, patient, ground, coordination, content, opened_at, consultation
             FROM onward
             WHERE tenant = $1 AND preconsultation = $2",
        )
        .bind(self.tenant().to_string())
        .bind(from.to_string())
        .fetch_optional(self.any())
        .await?;
        match row {
            Some(row) => Ok(Some(self.onward_row(&row).await?)),
            None => Ok(None),
        }
    }

    async fn onward_row(&mut self, row: &AnyRow) -> Result<Onward, Fault> {
        let cells = Cells::of("onward", row);
        let (id, patient) = (cells.text("id")?, cells.text("patient")?);
        let words: Words = self
            .unseal_json(&patient, "onward", &id, &cells.bytes("content")?)
            .await?;
        let coordination = match cells.maybe_parsed("coordination")? {
            Some(id) => self.coordination(id).await?,
            None => None,
        };
        Ok(Onward {
            entry: Entry {
                ground: cells.word("ground", Ground::parse)?,
                reason: words.reason,
                regular: words.regular,
                coordination,
                location: words.location,
                named: words.named,
            },
            opened: cells.instant("opened_at")?,
            visit: cells.maybe_parsed("consultation")?,
        })
    }

    /// The pre-consultation from which a visit comes.
    ///
    /// # Errors
    ///
    /// Storage failed.
    pub async fn led_from(
        &mut self,
        visit: &Consultation,
    ) -> Result<Option<ConsultationId>, Fault> {
        let row = sqlx::query(
            "SELECT preconsultation AS id
             FROM onward
             WHERE tenant = $1 AND consultation = $2 -- onward_by_consultation",
        )
        .bind(self.tenant().to_string())
        .bind(visit.id.to_string())
        .fetch_optional(self.any())
        .await?;
        row.map(|row| Cells::of("onward", &row).parsed("id"))
            .transpose()
    }

    /// What the gates look at in a first visit after a pre-consultation; nothing in any other.
    pub(crate) async fn onward_facts(
        &mut self,
        visit: &Consultation,
        patient: &Patient,
        statement: Option<&Statement>,
    ) -> Result<Option<Facts>, Fault> {
        if !visit.class.is_first() {
            return Ok(None);
        }
        let Some(from) = self.led_from(visit).await? else {
            return Ok(None);
        };
        let Some(onward) = self.onward(from).await? else {
            return Ok(None);
        };
        let mut facts = self
            .onward_to_judge(from, visit.patient, onward.entry)
            .await?;
        // Who is not elsewhere is at the usual place, whatever was said at booking.
        facts.elsewhere = statement.map(|today| {
            let said = today.lines.elsewhere.clone();
            said.unwrap_or_else(|| patient.profile.address.clone())
        });
        facts.linkage = self.linkage_of(visit).await?;
        facts.guidance = self.guidance_of(visit).await?.map(|kept| kept.answer);
        Ok(Some(facts))
    }

    /// The same before there is a visit.
    ///
    /// # Errors
    ///
    /// Storage failed.
    pub async fn onward_to_judge(
        &mut self,
        from: ConsultationId,
        patient: PatientId,
        entry: Entry,
    ) -> Result<Facts, Fault> {
        Ok(Facts {
            patient,
            entry,
            before: self
                .appointment_for(from)
                .await?
                .map(|asked| asked.asked.regular),
            elsewhere: None,
            partners: self.partners().await?,
            own: self
                .institution()
                .await?
                .map(|own| own.name)
                .unwrap_or_default(),
            linkage: None,
            guidance: None,
        })
    }

    /// One referral, of whichever patient.
    ///
    /// # Errors
    ///
    /// Storage failed.
    pub async fn coordination(
        &mut self,
        id: CoordinationId,
    ) -> Result<Option<Coordination>, Fault> {
        let row = sqlx::query(
            "SELECT id, patient, content
             FROM coordination
             WHERE tenant = $1 AND id = $2",
        )
        .bind(self.tenant().to_string())
        .bind(id.to_string())
        .fetch_optional(self.any())
        .await?;
        match row {
            Some(row) => Ok(Some(self.coordination_row(&row).await?)),
            None => Ok(None),
        }
    }

    /// The referrals of one patient, the newest first.
    ///
    /// # Errors
    ///
    /// Storage failed.
    pub async fn coordinations(&mut self, patient: PatientId) -> Result<Vec<Coordination>, Fault> {
        let rows = sqlx::query(
            "SELECT id, patient, content
             FROM coordination
             WHERE tenant = $1 AND patient = $2 -- coordination_by_patient
             ORDER BY entered_at DESC, id DESC
             LIMIT $3",
        )
        .bind(self.tenant().to_string())
        .bind(patient.to_string())
        .bind(COORDINATIONS_MAX)
        .fetch_all(self.any())
        .await?;
        let mut found = Vec::with_capacity(rows.len());
        for row in &rows {
            found.push(self.coordination_row(row).await?);
        }
        Ok(found)
    }

    async fn coordination_row(&mut self, row: &AnyRow) -> Result<Coordination, Fault> {
        let cells = Cells::of("coordination", row);
        let (id, patient): (CoordinationId, PatientId) =
            (cells.parsed("id")?, cells.parsed("patient")?);
        let received: Received = self
            .unseal_json(
                &patient.to_string(),
                "coordination",
                &id.to_string(),
                &cells.bytes("content")?,
            )
            .await?;
        Ok(Coordination {
            id,
            patient,
            referrer: received.referrer,
            on: received.on,
            content: received.content,
        })
    }

    /// How many first visits were opened since then, and how many of them on a ground in other words.
    ///
    /// # Errors
    ///
    /// Storage failed.
    pub async fn grounds_since(&mut self, since: Timestamp) -> Result<(usize, usize), Fault> {
        let row = sqlx::query(
            "SELECT COUNT(*) AS opened, COUNT(CASE WHEN ground = 'other' THEN 1 END) AS other
             FROM onward
             WHERE tenant = $1 AND opened_at >= $2 -- onward_opened",
        )
        .bind(self.tenant().to_string())
        .bind(since.as_microsecond())
        .fetch_one(self.any())
        .await?;
        let cells = Cells::of("onward", &row);
        let count = |column| Ok::<_, Fault>(usize::try_from(cells.int(column)?).unwrap_or(0));
        Ok((count("opened")?, count("other")?))
    }
}

impl Tx {
    /// Keeps a referral to us.
    ///
    /// # Errors
    ///
    /// Storage failed.
    pub async fn keep_coordination(
        &mut self,
        by: &By,
        patient: PatientId,
        received: &Received,
    ) -> Result<CoordinationId, Fault> {
        let id = CoordinationId(self.fresh_id()?);
        let sealed = self
            .seal_json(
                &patient.to_string(),
                "coordination",
                &id.to_string(),
                received,
            )
            .await?;
        let (tenant, now) = (self.tenant().to_string(), self.now().as_microsecond());
        sqlx::query(
            "INSERT INTO coordination (tenant, id, patient, content, entered_by, entered_at)
             VALUES ($1, $2, $3, $4, $5, $6)",
        )
        .bind(tenant)
        .bind(id.to_string())
        .bind(patient.to_string())
        .bind(sealed)
        .bind(
            by.person()
                .map(|person| person.to_string())
                .unwrap_or_default(),
        )
        .bind(now)
        .execute(self.any())
        .await?;
        self.record(
            by.under(REFERRED, "referral.received")
                .object("coordination", id.to_string())
                .object("patient", patient.to_string()),
        )
        .await?;
        Ok(id)
    }

    /// Keeps on what a first visit stands; what was said before is replaced. The caller has judged it.
    ///
    /// # Errors
    ///
    /// Storage failed.
    pub async fn keep_onward(
        &mut self,
        by: &By,
        from: &Consultation,
        entry: &Entry,
    ) -> Result<(), Fault> {
        let words = Words {
            reason: entry.reason.clone(),
            regular: entry.regular.clone(),
            location: entry.location.clone(),
            named: entry.named.clone(),
        };
        let sealed = self
            .seal_json(
                &from.patient.to_string(),
                "onward",
                &from.id.to_string(),
                &words,
            )
            .await?;
        let (tenant, now) = (self.tenant().to_string(), self.now().as_microsecond());
        let coordination = entry
            .coordination
            .as_ref()
            .map(|known| known.id.to_string());
        sqlx::query(
            "INSERT INTO onward (tenant, preconsultation, patient, ground, coordination, content, opened_by, opened_at)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
             ON CONFLICT (tenant, preconsultation) DO UPDATE
             SET ground = excluded.ground, coordination = excluded.coordination, content = excluded.content,
                 opened_by = excluded.opened_by, opened_at = excluded.opened_at, consultation = NULL",
        )
        .bind(tenant)
        .bind(from.id.to_string())
        .bind(from.patient.to_string())
        .bind(entry.ground.as_str())
        .bind(coordination.clone())
        .bind(sealed)
        .bind(by.person().map(|person| person.to_string()).unwrap_or_default())
        .bind(now)
        .execute(self.any())
        .await?;
        let mut entry = by
            .under(GROUND, "preconsultation.opened")
            .object("consultation", from.id.to_string())
            .object("patient", from.patient.to_string())
            .field("ground", entry.ground.as_str());
        if let Some(coordination) = coordination {
            entry = entry.object("coordination", coordination);
        }
        self.record(entry).await?;
        Ok(())
    }

    /// Keeps which first visit was booked on it.
    ///
    /// # Errors
    ///
    /// Storage failed.
    pub async fn book_onward(
        &mut self,
        from: ConsultationId,
        visit: ConsultationId,
    ) -> Result<(), Fault> {
        let tenant = self.tenant().to_string();
        sqlx::query(
            "UPDATE onward SET consultation = $1
             WHERE tenant = $2 AND preconsultation = $3",
        )
        .bind(visit.to_string())
        .bind(tenant)
        .bind(from.to_string())
        .execute(self.any())
        .await?;
        Ok(())
    }
}
