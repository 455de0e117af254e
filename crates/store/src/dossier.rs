//! Loads the dossier of a consultation: every fact the gates look at, in one consistent reading.

use crate::{
    Conn, Fault, chart::NoteVersion, consultation::Booking, patient::Patient,
    physician::PhysicianProfile, plan::PlanVersion,
};
use access::{DeviceId, affiliation::Affiliation};
use care::{
    Consultation, ConsultationId, Dossier, PatientId, Stage, examination,
    explanation::{self, Explained, PLAN_TAG, STANDARD_TAG},
    identity,
    opening::open_at,
    place::WorkPeriod,
    plan, proof, referral,
    statement::{Body, Statement},
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

/// What was known of the patient before this visit.
struct Past {
    patient: Patient,
    plans: Vec<PlanVersion>,
    in_force: Option<plan::Plan>,
    assessments: Vec<plan::Assessment>,
}

/// What is known of the treating physician.
struct Physician {
    proof: proof::Facts,
    affiliations: Vec<Affiliation>,
    qualified: bool,
}

/// The legal day of an instant: Asia/Tokyo.
#[must_use]
pub fn legal_day(now: Timestamp) -> Date {
    now.to_zoned(tokyo()).date()
}

fn tokyo() -> TimeZone {
    TimeZone::get("Asia/Tokyo").unwrap_or(TimeZone::UTC)
}

/// The newest version of a plan that was read, up to this one: what the patient knows of it.
///
/// A draft read after the version in force says nothing of that version, so it is not compared with it (cl-1.1-iv-c). Only
/// where nothing earlier was read, the draft is all there is to compare with.
#[must_use]
pub fn read_until(plans: &[PlanVersion], version: i64) -> Option<&PlanVersion> {
    let mut read = plans.iter().filter(|one| one.read.is_some());
    read.clone()
        .find(|one| one.plan.version <= version)
        .or_else(|| read.next())
}

/// Which of the plan's diagnoses a note says were treated; none where it says nothing.
fn treated_in(note: Option<&NoteVersion>) -> Vec<String> {
    note.map(|note| note.soap.treated.clone())
        .unwrap_or_default()
}

impl Conn {
    /// The dossier of a consultation.
    ///
    /// # Errors
    ///
    /// Storage failed.
    pub async fn dossier(&mut self, booking: &Booking, view: &Viewpoint) -> Result<Dossier, Fault> {
        let visit = booking.consultation.clone();
        let past = self.past(&visit).await?;
        let physician = self.physician(&visit).await?;
        let answers = self.body_answers(visit.id, visit.patient).await?;
        let statement = self.statement_of(&visit).await?;
        let note = self.notes_of(visit.id).await?.into_iter().next_back();
        let work_period = self.work_period(visit.physician).await?;
        let (rejudged, arrangement) = self.reasons_of(&visit).await?;
        Ok(Dossier {
            institution: self.tenant(),
            now: view.now,
            today: legal_day(view.now),
            assistance: self.assistance(&visit, view.now).await?,
            contraception: self.contraception_of(&visit).await?,
            smoking: Box::pin(self.smoking_of(&visit)).await?,
            guided: self.guided(visit.id).await?.any(),
            attended: Box::pin(self.attended_facts(&visit, view.now)).await?,
            agreement: self.agreement_facts(visit.patient).await?,
            background: self.background_facts(&visit).await?,
            explanation: self.explanation_of(&visit, &past.plans).await?,
            plan: self
                .plan_facts(&visit, &past, rejudged, treated_in(note.as_ref()))
                .await?,
            identity: self.identity_facts(&visit, &past).await?,
            proof: physician.proof,
            judgements: self.judgements(visit.id).await?,
            urgent_open: matches!(
                answers.first().map(|answer| &answer.body),
                Some(Body::Urgent { .. })
            ),
            symptoms: self.symptom_facts(&visit).await?,
            acute: self.acute_facts(visit.patient, Some(visit.id)).await?,
            route: self.route_of(&visit).await?,
            onward: Box::pin(self.onward_facts(&visit, &past.patient, statement.as_ref()))
                .await?
                .map(Box::new),
            after_visit: Box::pin(self.sheet_facts(&visit)).await?,
            body: answers.first().map(|answer| answer.body.clone()),
            physician_device: view.device,
            physician_network: view.network.clone(),
            patient_device: self.patient_device(visit.id).await?,
            opening_strip: self.opening_strip(&visit).await?,
            live_seat: self.live_seat(visit.physician).await?,
            reading: self.chart_reading(visit.id).await?,
            // The chart is this very store: the reading proves that it is there.
            chart_source_up: true,
            examination: self.examination_facts(visit.id, note.as_ref()).await?,
            note: note.map(|note| note.soap),
            referral: self
                .referral_facts(
                    &past,
                    statement.as_ref(),
                    work_period.as_ref(),
                    arrangement,
                    view.now,
                )
                .await?,
            rota: self
                .rota_facts(&visit, past.in_force.as_ref(), &past.assessments)
                .await?,
            notice: self.notice_facts(&visit).await?,
            statement,
            work_period,
            doubt: self.doubt(visit.id).await?,
            affiliations: physician.affiliations,
            courses: self.courses().await?,
            qualified: physician.qualified,
            consultation: visit,
        })
    }

    async fn past(&mut self, visit: &Consultation) -> Result<Past, Fault> {
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
        let assessments = self
            .assessments(visit.patient)
            .await?
            .into_iter()
            .map(|(row, _)| row)
            .collect();
        Ok(Past {
            patient,
            plans,
            in_force,
            assessments,
        })
    }

    async fn physician(&mut self, visit: &Consultation) -> Result<Physician, Fault> {
        let profile = self.physician_profile(visit.physician).await?;
        let verified = self.physician_proof(visit.physician).await?;
        let (shown, answer) = self.proof_card(visit).await?;
        let qualified = verified.as_ref().is_some_and(|proof| {
            proof.registration_year.is_some()
                && proof.withdrawn.is_none()
                && proof.verified_by != proof.person
        });
        let profile = proof::Profile {
            name: profile
                .as_ref()
                .map(|profile| profile.name.clone())
                .unwrap_or_default(),
            photo: profile
                .as_ref()
                .map(PhysicianProfile::photo_digest)
                .unwrap_or_default(),
        };
        Ok(Physician {
            proof: proof::Facts {
                proof: verified,
                profile,
                shown,
                answer,
                request: self.proof_request(visit).await?,
            },
            affiliations: self.affiliations(visit.physician).await?,
            qualified,
        })
    }

    async fn plan_facts(
        &mut self,
        visit: &Consultation,
        past: &Past,
        rejudged: Option<String>,
        treated: Vec<String>,
    ) -> Result<plan::Facts, Fault> {
        let in_person: Vec<Date> = past
            .assessments
            .iter()
            .map(|assessment| assessment.on)
            .collect();
        Ok(plan::Facts {
            online_since: self
                .online_since(visit.patient, in_person.iter().max().copied())
                .await?,
            in_person,
            rejudged,
            // No other service leads into this system's room.
            external_service: None,
            treated,
            unplanned: Box::pin(self.unplanned_before(visit.patient, Some(visit.id))).await?,
            in_force: past.in_force.clone(),
        })
    }

    async fn identity_facts(
        &mut self,
        visit: &Consultation,
        past: &Past,
    ) -> Result<identity::Facts, Fault> {
        Ok(identity::Facts {
            patient: visit.patient,
            check: self.identity_check(visit.patient).await?,
            exempted: self.identity_exempted(visit.patient).await?,
            recovered: past.patient.recovered,
            doubted: past.patient.doubted,
            interval: self.house_rules().await?.identity_holds(),
            in_person_with_physician: past
                .assessments
                .iter()
                .find(|assessment| assessment.physician == visit.physician)
                .map(|assessment| (assessment.id, assessment.physician)),
            substitute: past
                .in_force
                .as_ref()
                .is_some_and(|plan| plan::rota(plan, visit.physician) == plan::Rota::Outside),
        })
    }

    /// Whether patient and physician of a visit plainly know each other: derived as the gate derives it (cl-1.4-iii-c).
    ///
    /// # Errors
    ///
    /// Storage failed.
    pub async fn known_from_person(&mut self, visit: &Consultation) -> Result<bool, Fault> {
        let past = self.past(visit).await?;
        let facts = self.identity_facts(visit, &past).await?;
        Ok(identity::known(&facts, visit.physician).is_ok())
    }

    async fn examination_facts(
        &mut self,
        visit: ConsultationId,
        note: Option<&NoteVersion>,
    ) -> Result<examination::Facts, Fault> {
        let (sufficiency, continued, stopped) = self.examination_acts(visit).await?;
        Ok(examination::Facts {
            measured: self.measured(visit).await?,
            sufficiency,
            observation: note
                .map(|note| note.soap.objective.clone())
                .unwrap_or_default(),
            continued,
            stopped,
            lost: self.lost(visit).await?,
            aids: self
                .cited_aids(visit, note.map_or(&[], |note| &note.soap.cited))
                .await?,
        })
    }

    async fn referral_facts(
        &mut self,
        past: &Past,
        statement: Option<&Statement>,
        period: Option<&WorkPeriod>,
        arrangement: Option<(String, String)>,
        now: Timestamp,
    ) -> Result<referral::Facts, Fault> {
        let at = now.to_zoned(tokyo()).datetime();
        let own = self.institution().await?;
        let rooms = self.rooms().await?;
        // Hours that nobody can read do not close a clinic in whose own room a physician is at work.
        let staffed =
            period.is_some_and(|period| rooms.iter().any(|(room, _)| *room == period.room));
        let own_reachable = own
            .as_ref()
            .is_some_and(|own| open_at(&own.hours, at).unwrap_or(staffed));
        let acute = past.in_force.as_ref().map(|plan| &plan.draft.acute);
        let rules = self.house_rules().await?;
        Ok(referral::Facts {
            plan_own: acute.is_some_and(|acute| acute.own),
            plan_partner: acute.and_then(|acute| acute.partner),
            elsewhere: statement.and_then(|today| today.lines.elsewhere.clone()),
            usual_area: past.patient.profile.address.clone(),
            own_area: own.map(|own| own.address).unwrap_or_default(),
            own_near: rules.near,
            own_reachable,
            partners: self.partners().await?,
            at,
            arrangement,
            travel_max: rules.travel_minutes_max,
        })
    }

    /// The browser on the patient's side: the one admitted last, else the one that the link is bound to.
    ///
    /// A link opened elsewhere after the call changes nothing of what was seen in it.
    async fn patient_device(&mut self, visit: ConsultationId) -> Result<Option<DeviceId>, Fault> {
        match self.last_patient_device(visit).await? {
            Some(device) => Ok(Some(device)),
            None => Ok(self
                .newest_invitation(visit, None)
                .await?
                .and_then(|link| link.device)),
        }
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
        plans: &[PlanVersion],
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
        let read = counts.and_then(|counts| read_until(plans, counts.plan.version));
        let unread_plan_items = match (counts, read) {
            (Some(counts), Some(read)) if counts.plan.id != read.plan.id => {
                plan::changes(&read.plan.draft, &counts.plan.draft)
            }
            _ => Vec::new(),
        };
        let mut unread_plan_items = unread_plan_items;
        if let Some(counts) = counts
            && self
                .boundary_to_show(visit.patient, &counts.plan)
                .await?
                .is_some()
            && !unread_plan_items.contains(&plan::Item::Responsibility)
        {
            unread_plan_items.push(plan::Item::Responsibility);
        }
        let mut items = self.explained_items(visit.patient).await?;
        // Of the plan, the version that counts here was read and explained; a draft read since is another matter.
        if let Some(read) = read
            && let Some(known) = self
                .explained_plan(visit.patient, read.plan.version)
                .await?
        {
            items.retain(|row| row.tag != PLAN_TAG);
            items.push(known);
        }
        // Before a plan of the patient's own is written, a first visit goes by the institution's standard draft.
        let standard = if counts.is_none() && visit.class.is_first() {
            self.standard_plan().await?
        } else {
            None
        };
        if let Some(standard) = &standard {
            let read = items
                .iter()
                .find(|row| row.tag == STANDARD_TAG && row.material == standard.material)
                .cloned();
            items.extend(read.map(|read| Explained {
                tag: PLAN_TAG.to_owned(),
                ..read
            }));
        }
        Ok(explanation::Facts {
            items,
            current,
            unread_plan_items,
            plan_to_show: counts.is_some() || standard.is_some(),
        })
    }

    /// Online visits documented since the last visit in person.
    pub(crate) async fn online_since(
        &mut self,
        patient: PatientId,
        last: Option<Date>,
    ) -> Result<u16, Fault> {
        let visits = self.consultations_of(patient).await?;
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
