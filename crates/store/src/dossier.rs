//! Loads the dossier of a consultation: every fact the gates look at, in one consistent reading.

use crate::{Conn, Fault, consultation::Booking};
use access::DeviceId;
use care::{
    Consultation, Dossier, Stage, dossier::Dossier as Facts, examination, explanation, identity,
    plan, proof, referral, statement::Body,
};
use jiff::{Timestamp, civil::Date, tz::TimeZone};

/// Who looks, from where, and when: what the shell knows of the request.
#[derive(Clone, Debug)]
pub struct Viewpoint {
    /// The physician's browser.
    pub device: DeviceId,
    /// Digest of where it stands in the network.
    pub network: String,
    /// The instant of the request.
    pub now: Timestamp,
}

/// The legal day of an instant: Asia/Tokyo.
#[must_use]
pub fn legal_day(now: Timestamp) -> Date {
    let tokyo = TimeZone::get("Asia/Tokyo").unwrap_or(TimeZone::UTC);
    now.to_zoned(tokyo).date()
}

impl Conn {
    /// The dossier of a consultation.
    ///
    /// # Errors
    ///
    /// Storage failed.
    pub async fn dossier(&mut self, booking: &Booking, view: &Viewpoint) -> Result<Dossier, Fault> {
        let visit = booking.consultation.clone();
        let today = legal_day(view.now);
        let patient = self.patient(visit.patient).await?.ok_or(Fault::Corrupt {
            table: "consultation",
            column: "patient",
            id: visit.id.to_string(),
        })?;
        let plans = self.plans(visit.patient).await?;
        let in_force = plans
            .iter()
            .map(|version| &version.plan)
            .find(|plan| matches!(plan.state, plan::PlanState::Signed { .. }))
            .cloned();
        let assessments = self.assessments(visit.patient).await?;
        let (rejudged, arrangement) = self.reasons_of(&visit).await?;
        let answers = self.body_answers(visit.id, visit.patient).await?;
        let statement = self.statement_of(&visit).await?;
        let grants = self.grants(visit.id).await?;
        let link = self.newest_invitation(visit.id, None).await?;
        let (sufficiency, continued, stopped) = self.examination_acts(visit.id).await?;
        let note = self.notes_of(visit.id).await?.into_iter().next_back();
        let profile = self.physician_profile(visit.physician).await?;
        let physician_proof = self.physician_proof(visit.physician).await?;
        let (shown, answer) = self.proof_card(&visit).await?;
        let affiliations = self.affiliations(visit.physician).await?;
        let institution = self.institution().await?;
        let in_person: Vec<Date> = assessments
            .iter()
            .map(|(assessment, _)| assessment.on)
            .collect();
        let patient_device = grants
            .iter()
            .find(|grant| grant.role == "patient")
            .map(|grant| grant.device)
            .or(link.and_then(|link| link.device));
        let explained = self.explanation_of(&visit, &plans).await?;
        let elsewhere = statement
            .as_ref()
            .and_then(|today| today.lines.elsewhere.clone());
        Ok(Facts {
            institution: self.tenant(),
            now: view.now,
            today,
            agreement: self.agreement_facts(visit.patient).await?,
            explanation: explained,
            plan: plan::Facts {
                in_person: in_person.clone(),
                online_since: self
                    .online_since(&visit, in_person.iter().max().copied())
                    .await?,
                rejudged,
                external_service: None,
                treated: Vec::new(),
                in_force: in_force.clone(),
            },
            identity: identity::Facts {
                patient: visit.patient,
                check: self.identity_check(visit.patient).await?,
                recovered: patient.recovered,
                doubted: patient.doubted,
                interval: None,
                in_person_with_physician: assessments
                    .iter()
                    .find(|(assessment, _)| assessment.physician == visit.physician)
                    .map(|(assessment, _)| (assessment.id, assessment.physician)),
                substitute: false,
            },
            proof: proof::Facts {
                profile: proof::Profile {
                    name: profile
                        .as_ref()
                        .map(|profile| profile.name.clone())
                        .unwrap_or_default(),
                    photo: profile
                        .as_ref()
                        .map(crate::physician::PhysicianProfile::photo_digest)
                        .unwrap_or_default(),
                },
                shown,
                answer,
                proof: physician_proof.clone(),
            },
            judgements: self.judgements(visit.id).await?,
            urgent_open: matches!(
                answers.first().map(|answer| &answer.body),
                Some(Body::Urgent { .. })
            ),
            body: answers.first().map(|answer| answer.body.clone()),
            statement,
            work_period: self.work_period(visit.physician).await?,
            physician_device: view.device,
            physician_network: view.network.clone(),
            patient_device,
            opening_strip: self.opening_strip(&visit).await?,
            live_seat: self.live_seat(visit.physician).await?,
            reading: self.chart_reading(visit.id).await?,
            chart_source_up: true,
            examination: examination::Facts {
                measured: self.measured(visit.id).await?,
                sufficiency,
                observation: note
                    .as_ref()
                    .map(|note| note.soap.objective.clone())
                    .unwrap_or_default(),
                continued,
                stopped,
            },
            note: note.map(|note| note.soap),
            referral: referral::Facts {
                plan_own: in_force.as_ref().is_some_and(|plan| plan.draft.acute.own),
                plan_partner: in_force.as_ref().and_then(|plan| plan.draft.acute.partner),
                elsewhere,
                usual_area: patient.profile.address.clone(),
                own_area: institution
                    .map(|institution| institution.address)
                    .unwrap_or_default(),
                own_reachable: true,
                partners: self.partners().await?,
                outside_hours: false,
                arrangement,
                travel_max: referral::TRAVEL_MINUTES_MAX,
            },
            affiliations,
            courses: self.courses().await?,
            qualified: physician_proof.is_some_and(|proof| {
                proof.registration_year.is_some()
                    && proof.withdrawn.is_none()
                    && proof.verified_by != proof.person
            }),
            consultation: visit,
        })
    }

    /// What is known of the explanations of a patient, the plan's among them.
    ///
    /// # Errors
    ///
    /// Storage failed.
    pub async fn explanation_facts(
        &mut self,
        visit: &Consultation,
    ) -> Result<explanation::Facts, Fault> {
        let plans = self.plans(visit.patient).await?;
        self.explanation_of(visit, &plans).await
    }

    async fn explanation_of(
        &mut self,
        visit: &Consultation,
        plans: &[crate::plan::PlanVersion],
    ) -> Result<explanation::Facts, Fault> {
        let current = self
            .texts("explanation")
            .await?
            .into_iter()
            .map(|text| (text.tag, text.material))
            .collect();
        // The version that counts is the one in force, or the newest draft where none is signed yet.
        let counts = plans
            .iter()
            .find(|version| matches!(version.plan.state, plan::PlanState::Signed { .. }))
            .or_else(|| plans.first());
        let read = plans.iter().find(|version| version.read.is_some());
        let unread_plan_items = match (counts, read) {
            (Some(counts), Some(read)) if counts.plan.id != read.plan.id => {
                plan::changes(&read.plan.draft, &counts.plan.draft)
            }
            _ => Vec::new(),
        };
        Ok(explanation::Facts {
            items: self.explained_items(visit.patient).await?,
            current,
            unread_plan_items,
            plan_to_show: counts.is_some(),
        })
    }

    /// Online visits documented since the last visit in person.
    async fn online_since(
        &mut self,
        visit: &Consultation,
        last: Option<Date>,
    ) -> Result<u16, Fault> {
        let visits = self.consultations_of(visit.patient).await?;
        let done = visits
            .iter()
            .filter(|other| {
                matches!(
                    other.consultation.stage,
                    Stage::Documented { .. } | Stage::Closed { .. }
                ) && last.is_none_or(|last| legal_day(other.consultation.booked_for) > last)
            })
            .count();
        Ok(u16::try_from(done).unwrap_or(u16::MAX))
    }
}
