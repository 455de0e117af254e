//! Visits with the attending physician beside the patient: opened, papered, agreed on, and who was there when.

mod paper;
mod presence;
mod sharing;

pub use paper::{Paper, PaperKind};
pub use presence::{Source, Who};

use crate::{By, Conn, Fault, Tx, dossier::legal_day, row::Cells};
use access::{PersonId, Role};
use care::{
    Consultation, PatientId, Service,
    attendance::Part,
    attended::{BESIDE, Facts, Joint, JointId, Package, RESPONSIBLE, SharingId, Told, Way},
    specialist::{self, Letter, Stated},
};
use jiff::Timestamp;
use sqlx::any::AnyRow;

/// Joint visits that are listed.
const LISTED_MAX: i64 = 100;

fn joint_of(row: &AnyRow) -> Result<Joint, Fault> {
    let cells = Cells::of("joint", row);
    let told: Option<PersonId> = cells.maybe_parsed("told_responsible")?;
    let told = match told {
        Some(responsible) => Some(Told {
            responsible,
            way: cells.word("told_way", Way::parse)?,
        }),
        None => None,
    };
    Ok(Joint {
        id: cells.parsed("id")?,
        patient: cells.parsed("patient")?,
        attending: cells.parsed("attending")?,
        remote: cells.parsed("remote")?,
        service: cells.word("service", Service::parse)?,
        visit: cells.maybe_parsed("consultation")?,
        responsible: cells.maybe_parsed("responsible")?,
        basis: cells.maybe_parsed("basis")?,
        way: cells.word("way", Way::parse)?,
        here: cells.maybe_instant("here_at")?,
        told,
    })
}

impl Conn {
    /// A joint visit.
    ///
    /// # Errors
    ///
    /// Storage failed.
    pub async fn joint(&mut self, id: JointId) -> Result<Option<Joint>, Fault> {
        let row = sqlx::query(
            "SELECT id, patient, attending, remote, service, consultation, responsible, basis, way, here_at,
                    told_responsible, told_way
             FROM joint
             WHERE tenant = $1 AND id = $2",
        )
        .bind(self.tenant().to_string())
        .bind(id.to_string())
        .fetch_optional(self.any())
        .await?;
        row.as_ref().map(joint_of).transpose()
    }

    /// The joint visit behind a visit.
    ///
    /// # Errors
    ///
    /// Storage failed.
    pub async fn joint_of(&mut self, visit: &Consultation) -> Result<Option<Joint>, Fault> {
        if !visit.service.is_joint() {
            return Ok(None);
        }
        let row = sqlx::query(
            "SELECT id, patient, attending, remote, service, consultation, responsible, basis, way, here_at,
                    told_responsible, told_way
             FROM joint
             WHERE tenant = $1 AND consultation = $2 -- joint_by_consultation
             LIMIT 1",
        )
        .bind(self.tenant().to_string())
        .bind(visit.id.to_string())
        .fetch_optional(self.any())
        .await?;
        row.as_ref().map(joint_of).transpose()
    }

    /// Joint visits, the newest first.
    ///
    /// # Errors
    ///
    /// Storage failed.
    pub async fn joints(&mut self) -> Result<Vec<Joint>, Fault> {
        let rows = sqlx::query(
            "SELECT id, patient, attending, remote, service, consultation, responsible, basis, way, here_at,
                    told_responsible, told_way
             FROM joint
             WHERE tenant = $1
             ORDER BY opened_at DESC, id DESC
             LIMIT $2",
        )
        .bind(self.tenant().to_string())
        .bind(LISTED_MAX)
        .fetch_all(self.any())
        .await?;
        rows.iter().map(joint_of).collect()
    }

    /// Which of these services the institution offers.
    ///
    /// # Errors
    ///
    /// Storage failed.
    pub async fn joint_services(&mut self) -> Result<Vec<Service>, Fault> {
        let rows = sqlx::query(
            "SELECT service AS id FROM joint_service WHERE tenant = $1 AND offered = 1 LIMIT 10",
        )
        .bind(self.tenant().to_string())
        .fetch_all(self.any())
        .await?;
        rows.iter()
            .map(|row| Cells::of("joint_service", row).word("id", Service::parse))
            .collect()
    }

    /// What the judgement of a joint visit rests on; nothing for any other visit.
    ///
    /// # Errors
    ///
    /// Storage failed.
    pub async fn attended_facts(
        &mut self,
        visit: &Consultation,
        now: Timestamp,
    ) -> Result<Option<Facts>, Fault> {
        let Some(joint) = self.joint_of(visit).await? else {
            return Ok(None);
        };
        let facts = self.joint_facts(joint, now).await?;
        let attendance = self
            .attendants(visit)
            .await?
            .into_iter()
            .find(|one| one.part == Part::Attending && one.person == joint.attending);
        Ok(Some(Facts {
            attendance,
            granted: !self.grants(visit.id).await?.is_empty(),
            presence: self.joint_presence(visit.id).await?,
            ..facts
        }))
    }

    /// The same before there is a visit.
    ///
    /// # Errors
    ///
    /// Storage failed.
    pub async fn joint_facts(&mut self, joint: Joint, now: Timestamp) -> Result<Facts, Fault> {
        let held = self.memberships(joint.attending, now).await?;
        let seen_in_person =
            self.assessments(joint.patient)
                .await?
                .iter()
                .any(|(assessment, _)| {
                    assessment.physician == joint.attending && assessment.on <= legal_day(now)
                });
        let package = self
            .newest_paper(&joint, PaperKind::Information)
            .await?
            .map(|paper| Package {
                opened: paper.opened,
                sufficient: paper.answer,
            });
        let specialist = match joint.service {
            Service::RemoteSpecialist => Some(self.specialist_facts(&joint).await?),
            Service::RemoteSurgery
            | Service::WithPhysician
            | Service::Care
            | Service::PreConsultation
            | Service::WellnessCheck
            | Service::EmergencyContraception
            | Service::SmokingCessation => None,
        };
        let surgery = match joint.service {
            Service::RemoteSurgery => Some(Box::new(self.surgery_facts(&joint, now).await?)),
            _ => None,
        };
        Ok(Facts {
            surgery,
            is_physician: held.iter().any(|row| row.role == Role::Physician),
            affiliations: self.affiliations(joint.attending).await?,
            proof: self.proof_facts(joint.attending).await?,
            seen_in_person,
            package,
            sharings: self.sharings(joint.attending, joint.remote).await?,
            attendance: None,
            granted: false,
            presence: care::attended::Presence::default(),
            specialist,
            joint,
        })
    }

    async fn specialist_facts(&mut self, joint: &Joint) -> Result<specialist::Facts, Fault> {
        let letter = |paper: Paper| Letter {
            signed: paper.signed,
            opened: paper.opened,
        };
        let need = match self.newest_paper(joint, PaperKind::Need).await? {
            Some(paper) => Some(Stated {
                accepted: paper.answer,
                need: paper.content()?,
            }),
            None => None,
        };
        Ok(specialist::Facts {
            need,
            letter: self
                .newest_paper(joint, PaperKind::Letter)
                .await?
                .map(letter),
            reply: self
                .newest_paper(joint, PaperKind::Reply)
                .await?
                .map(letter),
        })
    }
}

impl Tx {
    /// Opens a joint visit; the attending physician answers for it.
    ///
    /// # Errors
    ///
    /// Storage failed.
    pub async fn open_joint(
        &mut self,
        by: &By,
        patient: PatientId,
        (attending, remote): (PersonId, PersonId),
        service: Service,
    ) -> Result<JointId, Fault> {
        let id = JointId(self.fresh_id()?);
        let (tenant, now) = (self.tenant().to_string(), self.now().as_microsecond());
        sqlx::query(
            "INSERT INTO joint (tenant, id, patient, attending, remote, service, opened_by, opened_at, responsible, way)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
        )
        .bind(tenant)
        .bind(id.to_string())
        .bind(patient.to_string())
        .bind(attending.to_string())
        .bind(remote.to_string())
        .bind(service.as_str())
        .bind(by.person().map(|person| person.to_string()).unwrap_or_default())
        .bind(now)
        .bind(attending.to_string())
        .bind(Way::Device.as_str())
        .execute(self.any())
        .await?;
        self.record(
            by.under(BESIDE, "joint.opened")
                .object("joint", id.to_string())
                .object("patient", patient.to_string())
                .object("attending", attending.to_string())
                .object("remote", remote.to_string())
                .field("service", service.as_str()),
        )
        .await?;
        Ok(id)
    }

    /// Ties a joint visit to its hour.
    ///
    /// # Errors
    ///
    /// Storage failed.
    pub async fn keep_joint_visit(
        &mut self,
        by: &By,
        joint: &Joint,
        visit: &Consultation,
    ) -> Result<(), Fault> {
        let tenant = self.tenant().to_string();
        // A new hour is another visit: what was confirmed for the last one is asked again.
        sqlx::query(
            "UPDATE joint SET consultation = $1, here_at = NULL, told_responsible = NULL, told_way = NULL, told_at = NULL
             WHERE tenant = $2 AND id = $3",
        )
        .bind(visit.id.to_string())
        .bind(tenant)
        .bind(joint.id.to_string())
        .execute(self.any())
        .await?;
        self.record(
            by.under(BESIDE, "joint.booked")
                .object("joint", joint.id.to_string())
                .object("consultation", visit.id.to_string()),
        )
        .await?;
        Ok(())
    }

    /// Keeps who answers for the care, and on which agreement.
    ///
    /// # Errors
    ///
    /// Storage failed.
    pub async fn keep_responsible(
        &mut self,
        by: &By,
        joint: &Joint,
        (person, basis): (PersonId, Option<SharingId>),
    ) -> Result<(), Fault> {
        let tenant = self.tenant().to_string();
        sqlx::query("UPDATE joint SET responsible = $1, basis = $2 WHERE tenant = $3 AND id = $4")
            .bind(person.to_string())
            .bind(basis.map(|basis| basis.to_string()))
            .bind(tenant)
            .bind(joint.id.to_string())
            .execute(self.any())
            .await?;
        let entry = by
            .under(RESPONSIBLE, "responsible.named")
            .object("joint", joint.id.to_string())
            .object("responsible", person.to_string());
        let entry = match basis {
            Some(basis) => entry.object("agreement", basis.to_string()),
            None => entry,
        };
        self.record(entry).await?;
        Ok(())
    }

    /// Keeps how the attending physician takes part; to be in the patient's room is confirmed by saying so.
    ///
    /// # Errors
    ///
    /// Storage failed.
    pub async fn keep_way(&mut self, by: &By, joint: &Joint, way: Way) -> Result<(), Fault> {
        let (tenant, now) = (self.tenant().to_string(), self.now().as_microsecond());
        let here = match way {
            Way::SameRoom => Some(now),
            Way::Device => None,
        };
        sqlx::query("UPDATE joint SET way = $1, here_at = $2 WHERE tenant = $3 AND id = $4")
            .bind(way.as_str())
            .bind(here)
            .bind(tenant)
            .bind(joint.id.to_string())
            .execute(self.any())
            .await?;
        self.record(
            by.under(BESIDE, "joint.way")
                .object("joint", joint.id.to_string())
                .field("way", way.as_str()),
        )
        .await?;
        Ok(())
    }

    /// Keeps what the patient was shown and agreed to.
    ///
    /// # Errors
    ///
    /// Storage failed.
    pub async fn keep_joint_told(
        &mut self,
        by: &By,
        joint: &Joint,
        told: Told,
    ) -> Result<(), Fault> {
        let (tenant, now) = (self.tenant().to_string(), self.now().as_microsecond());
        sqlx::query(
            "UPDATE joint SET told_responsible = $1, told_way = $2, told_at = $3
             WHERE tenant = $4 AND id = $5",
        )
        .bind(told.responsible.to_string())
        .bind(told.way.as_str())
        .bind(now)
        .bind(tenant)
        .bind(joint.id.to_string())
        .execute(self.any())
        .await?;
        self.record(
            by.under(RESPONSIBLE, "responsible.shown")
                .object("joint", joint.id.to_string())
                .object("responsible", told.responsible.to_string())
                .field("way", told.way.as_str()),
        )
        .await?;
        Ok(())
    }

    /// Switches a service on or off.
    ///
    /// # Errors
    ///
    /// Storage failed.
    pub async fn offer_joint(
        &mut self,
        by: &By,
        service: Service,
        offered: bool,
    ) -> Result<(), Fault> {
        let (tenant, now) = (self.tenant().to_string(), self.now().as_microsecond());
        sqlx::query(
            "INSERT INTO joint_service (tenant, service, offered, set_by, set_at) VALUES ($1, $2, $3, $4, $5)
             ON CONFLICT (tenant, service) DO UPDATE
             SET offered = excluded.offered, set_by = excluded.set_by, set_at = excluded.set_at",
        )
        .bind(tenant)
        .bind(service.as_str())
        .bind(i64::from(offered))
        .bind(by.person().map(|person| person.to_string()).unwrap_or_default())
        .bind(now)
        .execute(self.any())
        .await?;
        self.record(
            by.under(BESIDE, "joint.offered")
                .field("service", service.as_str())
                .field("offered", i64::from(offered)),
        )
        .await?;
        Ok(())
    }
}
