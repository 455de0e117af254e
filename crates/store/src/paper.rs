//! What a clinic needs on paper when the system does not answer: who comes, how to reach them, and where they go if they get worse.

use crate::{Conn, Fault, consultation::Booking};
use care::{
    Class, PatientId,
    partner::Partner,
    plan::{Acute, Plan},
};
use jiff::{SignedDuration, Timestamp, civil::Date};

/// How far ahead the paper looks: the rest of today, and tomorrow.
const AHEAD: SignedDuration = SignedDuration::from_hours(36);
/// And how far back: who is late is still awaited.
const BACK: SignedDuration = SignedDuration::from_hours(2);

/// One visit on paper. No `Debug`.
#[derive(Clone)]
pub struct PaperVisit {
    /// Whose.
    pub patient: PatientId,
    /// When.
    pub at: Timestamp,
    /// The booking number.
    pub number: i64,
    /// First or follow-up.
    pub class: Class,
    /// The physician's name.
    pub physician: String,
    /// Name.
    pub name: String,
    /// 読み
    pub kana: String,
    /// Birth date.
    pub birth: Date,
    /// Telephone.
    pub phone: String,
    /// Address.
    pub address: String,
    /// Helpers: relation, name, telephone.
    pub helpers: Vec<(String, String, String)>,
    /// Warnings of the chart: for clinical eyes.
    pub alerts: Vec<String>,
    /// The plan in force.
    pub plan: Option<PaperPlan>,
}

/// A plan on paper.
#[derive(Clone)]
pub struct PaperPlan {
    /// Version number.
    pub version: i64,
    /// Diagnoses and treatment: for clinical eyes.
    pub care: String,
    /// Where the patient goes when it gets worse; none means this institution.
    pub partner: Option<Partner>,
    /// What the patient does then.
    pub policy: String,
}

impl Conn {
    /// The visits that are still to come or to end, in order. Who reads them is named in the ledger by the caller.
    ///
    /// # Errors
    ///
    /// Storage failed.
    pub async fn paper(&mut self, now: Timestamp) -> Result<Vec<PaperVisit>, Fault> {
        let bookings = self.consultations_between(now - BACK, now + AHEAD).await?;
        let partners = self.partners().await?;
        let mut visits = Vec::new();
        for booking in bookings {
            if !booking.consultation.stage.is_over() {
                visits.extend(self.on_paper(&booking, &partners).await?);
            }
        }
        Ok(visits)
    }

    async fn on_paper(
        &mut self,
        booking: &Booking,
        partners: &[Partner],
    ) -> Result<Option<PaperVisit>, Fault> {
        let visit = &booking.consultation;
        let Some(patient) = self.patient(visit.patient).await? else {
            return Ok(None);
        };
        let plan = self.plan_in_force(visit.patient).await?;
        let helpers = self.proxies(visit.patient).await?;
        let profile = patient.profile;
        Ok(Some(PaperVisit {
            patient: patient.id,
            at: visit.booked_for,
            number: booking.number,
            class: visit.class,
            physician: self.name_of(visit.physician).await?.unwrap_or_default(),
            name: profile.name,
            kana: profile.kana,
            birth: profile.birth,
            phone: profile.phone,
            address: profile.address,
            helpers: helpers
                .into_iter()
                .map(|helper| helper.person)
                .map(|person| (person.relation, person.name, person.phone))
                .collect(),
            alerts: profile.alerts,
            plan: plan.map(|plan| on_paper(&plan, partners)),
        }))
    }
}

fn on_paper(plan: &Plan, partners: &[Partner]) -> PaperPlan {
    let care = &plan.draft.online_care;
    let names: Vec<&str> = care.diagnoses.iter().map(|one| one.name.as_str()).collect();
    let Acute {
        own,
        partner,
        policy,
    } = &plan.draft.acute;
    PaperPlan {
        version: plan.version,
        care: format!("{} / {}", names.join("、"), care.treatment),
        partner: partner
            .filter(|_| !own)
            .and_then(|id| partners.iter().find(|partner| partner.id == id))
            .cloned(),
        policy: policy.clone(),
    }
}
