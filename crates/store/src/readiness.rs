//! Proofs at rest besides the proof itself: requests to see it, the third term of the public search, the nightly look at
//! those who can be booked, and the code that tells our card from a forged one.

use crate::{By, Conn, Fault, Tx, by::Also as _, physician::PhysicianProfile, row::Cells};
use access::{PersonId, Ulid};
use care::{
    Consultation,
    proof::{self, Request},
};
use jiff::{Timestamp, civil::Date};

/// The name of the public search in the register of links.
pub const SEARCH: &str = "licence_search";
/// Bytes of the code on a card.
const CODE_BYTES: usize = 12;

/// One night's look at one physician.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Look {
    /// Who.
    pub person: PersonId,
    /// Last day of the proof.
    pub until: Option<Date>,
    /// Whether no visit can be booked after that day.
    pub hidden: bool,
    /// Whether the card could be drawn and checked.
    pub drawn: bool,
}

impl Conn {
    /// The proof of a physician as it stands, with nothing of any patient.
    ///
    /// # Errors
    ///
    /// Storage failed.
    pub async fn proof_facts(&mut self, physician: PersonId) -> Result<proof::Facts, Fault> {
        let profile = self.physician_profile(physician).await?;
        Ok(proof::Facts {
            proof: self.physician_proof(physician).await?,
            profile: proof::Profile {
                name: profile
                    .as_ref()
                    .map(|profile| profile.name.clone())
                    .unwrap_or_default(),
                photo: profile
                    .as_ref()
                    .map(PhysicianProfile::photo_digest)
                    .unwrap_or_default(),
            },
            shown: false,
            answer: None,
            request: None,
        })
    }

    /// The patient's wish to see the proof in a visit.
    ///
    /// # Errors
    ///
    /// Storage failed.
    pub async fn proof_request(&mut self, visit: &Consultation) -> Result<Option<Request>, Fault> {
        let row = sqlx::query(
            "SELECT consultation AS id, asked_at, accepted_at
             FROM proof_request
             WHERE tenant = $1 AND consultation = $2",
        )
        .bind(self.tenant().to_string())
        .bind(visit.id.to_string())
        .fetch_optional(self.any())
        .await?;
        row.map(|row| {
            let cells = Cells::of("proof_request", &row);
            Ok(Request {
                asked: cells.instant("asked_at")?,
                accepted: cells.maybe_instant("accepted_at")?,
            })
        })
        .transpose()
    }

    /// The sex under which a physician is found in the public register; none where nobody has entered it.
    ///
    /// # Errors
    ///
    /// Storage failed.
    pub async fn physician_sex(&mut self, physician: PersonId) -> Result<Option<String>, Fault> {
        let row = sqlx::query(
            "SELECT person AS id, sex
             FROM physician_sex
             WHERE tenant = $1 AND person = $2",
        )
        .bind(self.tenant().to_string())
        .bind(physician.to_string())
        .fetch_optional(self.any())
        .await?;
        row.map(|row| Cells::of("physician_sex", &row).text("sex"))
            .transpose()
    }

    /// The code of a card: who it is of, what it says, and until when, under the institution's own key.
    #[must_use]
    pub fn card_code(&self, physician: PersonId, card: &proof::Card, until: Date) -> Vec<u8> {
        let says = format!(
            "{physician}\n{}\n{}\n{until}",
            card.name, card.registration_year
        );
        let mut code = self.lookup_hash("proof_card", &says);
        code.truncate(CODE_BYTES);
        code
    }

    /// Physicians whose proof the newest night found to lapse in the days ahead, or whose card could not be drawn (finding
    /// `proof_lapsed`).
    ///
    /// # Errors
    ///
    /// Storage failed.
    pub async fn proofs_lapsing(&mut self) -> Result<Vec<PersonId>, Fault> {
        let rows = sqlx::query(
            "SELECT person AS id
             FROM readiness_report
             WHERE tenant = $1 AND (hidden = 1 OR drawn = 0)
               AND looked_at = (SELECT MAX(looked_at) FROM readiness_report WHERE tenant = $1)
             ORDER BY person
             LIMIT 200",
        )
        .bind(self.tenant().to_string())
        .fetch_all(self.any())
        .await?;
        rows.iter()
            .map(|row| Cells::of("readiness_report", row).parsed("id"))
            .collect()
    }

    /// Patients who agreed to online care and not to their own part (finding `patient_conduct_open`).
    ///
    /// # Errors
    ///
    /// Storage failed.
    pub async fn own_parts_open(&mut self) -> Result<usize, Fault> {
        let row = sqlx::query(
            "SELECT COUNT(DISTINCT a.patient) AS patients
             FROM agreement a
             WHERE a.tenant = $1 AND a.kind = 'online_care' AND a.withdrawn_at IS NULL
               AND EXISTS (SELECT 1 FROM legal_text t
                           WHERE t.tenant = a.tenant AND t.kind = 'agreement' AND t.tag = 'patient_conduct')
               AND NOT EXISTS (SELECT 1 FROM agreement own
                               WHERE own.tenant = a.tenant AND own.patient = a.patient AND own.kind = 'patient_conduct'
                                 AND own.withdrawn_at IS NULL)",
        )
        .bind(self.tenant().to_string())
        .fetch_one(self.any())
        .await?;
        let open = Cells::of("agreement", &row).int("patients")?;
        Ok(usize::try_from(open).unwrap_or(usize::MAX))
    }

    /// The newest look at a link: when, and whether it was reached.
    ///
    /// # Errors
    ///
    /// Storage failed.
    pub async fn link_check(&mut self, link: &str) -> Result<Option<(Timestamp, bool)>, Fault> {
        let row = sqlx::query(
            "SELECT id, checked_at, reached
             FROM link_check
             WHERE tenant = $1 AND link = $2
             ORDER BY checked_at DESC, id DESC
             LIMIT 1",
        )
        .bind(self.tenant().to_string())
        .bind(link)
        .fetch_optional(self.any())
        .await?;
        row.map(|row| {
            let cells = Cells::of("link_check", &row);
            Ok((cells.instant("checked_at")?, cells.flag("reached")?))
        })
        .transpose()
    }
}

impl Tx {
    /// Keeps that a patient asked for the proof, and whether a card answered it at once.
    ///
    /// # Errors
    ///
    /// Storage failed.
    pub async fn keep_proof_request(
        &mut self,
        by: &By,
        visit: &Consultation,
        shown: bool,
    ) -> Result<(), Fault> {
        let object = visit.id.to_string();
        self.record(
            by.under(proof::ON_REQUEST, "proof.requested")
                .object("consultation", object.clone())
                .object("person", visit.physician.to_string()),
        )
        .await?;
        if shown {
            self.record(
                by.under(proof::ON_REQUEST, "proof.shown")
                    .object("consultation", object)
                    .object("person", visit.physician.to_string()),
            )
            .await?;
            return Ok(());
        }
        let (tenant, now) = (self.tenant().to_string(), self.now().as_microsecond());
        sqlx::query(
            "INSERT INTO proof_request (tenant, consultation, patient, asked_at) VALUES ($1, $2, $3, $4)
             ON CONFLICT (tenant, consultation) DO NOTHING",
        )
        .bind(tenant)
        .bind(object)
        .bind(visit.patient.to_string())
        .bind(now)
        .execute(self.any())
        .await?;
        Ok(())
    }

    /// Keeps that the patient accepted the licence that was held into the camera.
    ///
    /// # Errors
    ///
    /// `Conflict` where nobody asked for it; or storage failed.
    pub async fn keep_licence_seen(&mut self, by: &By, visit: &Consultation) -> Result<(), Fault> {
        let (tenant, now) = (self.tenant().to_string(), self.now().as_microsecond());
        let done = sqlx::query(
            "UPDATE proof_request SET accepted_at = $1 WHERE tenant = $2 AND consultation = $3",
        )
        .bind(now)
        .bind(tenant)
        .bind(visit.id.to_string())
        .execute(self.any())
        .await?;
        if done.rows_affected() == 0 {
            return Err(Fault::Conflict);
        }
        self.record(
            by.under(proof::ON_REQUEST, "proof.accepted")
                .object("consultation", visit.id.to_string())
                .object("person", visit.physician.to_string()),
        )
        .await?;
        Ok(())
    }

    /// Sets the sex under which a physician is found in the public register.
    ///
    /// # Errors
    ///
    /// Storage failed.
    pub async fn set_physician_sex(
        &mut self,
        by: &By,
        physician: PersonId,
        sex: &str,
    ) -> Result<(), Fault> {
        let tenant = self.tenant().to_string();
        sqlx::query(
            "INSERT INTO physician_sex (tenant, person, sex, set_by) VALUES ($1, $2, $3, $4)
             ON CONFLICT (tenant, person) DO UPDATE SET sex = excluded.sex, set_by = excluded.set_by",
        )
        .bind(tenant)
        .bind(physician.to_string())
        .bind(sex)
        .bind(by.person().map(|person| person.to_string()).unwrap_or_default())
        .execute(self.any())
        .await?;
        self.record(
            by.under(proof::LOOKED_UP, "profile.changed")
                .object("person", physician.to_string()),
        )
        .await?;
        Ok(())
    }

    /// Keeps one night's looks, all of one instant.
    ///
    /// # Errors
    ///
    /// Storage failed.
    pub async fn keep_looks(&mut self, looks: &[Look]) -> Result<(), Fault> {
        let (tenant, now) = (self.tenant().to_string(), self.now().as_microsecond());
        for look in looks {
            let id: Ulid = self.fresh_id()?;
            sqlx::query(
                "INSERT INTO readiness_report (tenant, id, person, looked_at, until_date, hidden, drawn)
                 VALUES ($1, $2, $3, $4, $5, $6, $7)",
            )
            .bind(&tenant)
            .bind(id.to_string())
            .bind(look.person.to_string())
            .bind(now)
            .bind(look.until.map(|day| day.to_string()))
            .bind(i64::from(look.hidden))
            .bind(i64::from(look.drawn))
            .execute(self.any())
            .await?;
        }
        let lapsing = looks
            .iter()
            .filter(|look| look.hidden || !look.drawn)
            .count();
        self.record(
            By::System
                .under(proof::READY, "readiness.looked")
                .also([proof::GENUINE])
                .field("physicians", i64::try_from(looks.len()).unwrap_or(i64::MAX))
                .field("lapsing", i64::try_from(lapsing).unwrap_or(i64::MAX)),
        )
        .await?;
        Ok(())
    }

    /// Keeps whether a link was reached.
    ///
    /// # Errors
    ///
    /// Storage failed.
    pub async fn keep_link_check(&mut self, link: &str, reached: bool) -> Result<(), Fault> {
        let id = self.fresh_id()?;
        let (tenant, now) = (self.tenant().to_string(), self.now().as_microsecond());
        sqlx::query(
            "INSERT INTO link_check (tenant, id, link, checked_at, reached) VALUES ($1, $2, $3, $4, $5)",
        )
        .bind(tenant)
        .bind(id.to_string())
        .bind(link)
        .bind(now)
        .bind(i64::from(reached))
        .execute(self.any())
        .await?;
        self.record(
            By::System
                .under(proof::LOOKED_UP, "link.checked")
                .field("reached", i64::from(reached)),
        )
        .await?;
        Ok(())
    }
}
