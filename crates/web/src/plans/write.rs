//! `/patients/{id}/plans/new`: a new version, filled in from the one before, checked item by item, shown to the patient.

use super::form::{self, PHYSICIANS_MAX, TESTS_MAX};
use crate::{
    At, Errors, Form, Problem, StaffDesk,
    desk::go,
    patients::{self, Band, assess::DIAGNOSES_MAX},
    shell::{Section, StaffShell},
    words::Words,
};
use access::PersonId;
use askama::Template;
use axum::response::Response;
use care::{
    ConsultationId, InPersonId, Part, PatientId,
    agreement::SYSTEM,
    plan::{
        Acute, Basis, Cooperation, Draft, Hours, HoursMode, Method, Partner, PlanPhysician,
        Responsibility, StopConditions, assessment_fixed, complete,
    },
    record,
    rota::{self, Team},
};
use store::{Conn, dossier::legal_day};

/// Minutes of a visit, unless somebody writes another number.
const LENGTH_MINUTES: u16 = 15;
/// Seconds without the patient's picture and sound after which care goes on in person.
const LOST_SECONDS: u16 = 60;

#[derive(Template)]
#[template(path = "plans/write.html")]
struct Page {
    shell: StaffShell,
    w: Words,
    errors: Errors,
    typed: Form,
    band: Band,
    /// The number this version will have.
    version: i64,
    /// What the plan can rest on: assessments in person, and first visits online.
    bases: Vec<(String, String)>,
    partners: Vec<Choice>,
    physicians: Vec<(PersonId, String)>,
    segments: Vec<(String, String)>,
    diagnoses: [usize; DIAGNOSES_MAX],
    tests: [usize; TESTS_MAX],
    lines: [usize; PHYSICIANS_MAX],
    teams: [Team; 4],
}

struct Choice {
    id: String,
    words: String,
}

/// What the form is drawn from.
struct Around {
    band: Band,
    version: i64,
    before: Option<(Draft, Option<Basis>)>,
    assessments: Vec<(InPersonId, String, Vec<care::plan::Diagnosis>)>,
    first_visits: Vec<(ConsultationId, String)>,
    partners: Vec<Partner>,
    physicians: Vec<(PersonId, String)>,
    specialties: Vec<(PersonId, String)>,
    responsibility: Responsibility,
    contact: String,
}

impl Around {
    async fn load(read: &mut Conn, desk: &StaffDesk, id: PatientId) -> Result<Self, Problem> {
        let (band, _) = Band::load(read, id, desk.w, desk.now).await?;
        let versions = read.plans(id).await?;
        let institution = read.institution().await?;
        Ok(Self {
            band,
            version: versions.first().map_or(1, |newest| newest.plan.version + 1),
            before: versions
                .into_iter()
                .next()
                .map(|newest| (newest.plan.draft, newest.plan.basis)),
            assessments: read
                .assessments(id)
                .await?
                .into_iter()
                .map(|(assessment, content)| {
                    let names: Vec<&str> = content
                        .diagnoses
                        .iter()
                        .map(|diagnosis| diagnosis.name.as_str())
                        .collect();
                    (
                        assessment.id,
                        format!("{} {}", desk.w.date(assessment.on), names.join(", ")),
                        content.diagnoses,
                    )
                })
                .collect(),
            first_visits: first_visits(read, desk, id).await?,
            partners: read.partners().await?,
            physicians: patients::physicians(read, desk.now).await?,
            specialties: specialties(read).await?,
            responsibility: read.responsibility().await?,
            contact: institution
                .map(|institution| institution.phone)
                .unwrap_or_default(),
        })
    }

    /// What the installation knows already: nobody writes it twice.
    fn prefilled(&self, desk: &StaffDesk) -> (Draft, Option<Basis>) {
        if let Some(before) = &self.before {
            return before.clone();
        }
        let w = desk.w;
        let newest = self.assessments.first();
        let draft = Draft {
            online_care: care::plan::OnlineCare {
                diagnoses: newest
                    .map(|(_, _, diagnoses)| diagnoses.clone())
                    .unwrap_or_default(),
                treatment: String::new(),
            },
            hours: Hours {
                mode: Some(HoursMode::Appointment),
                length_minutes: LENGTH_MINUTES,
                ..Hours::default()
            },
            method: Method {
                system: SYSTEM.to_owned(),
                devices: w.say("plans-default-devices").into_owned(),
                lent: String::new(),
                fallback: w.say("plans-default-fallback").into_owned(),
            },
            stop: StopConditions {
                technical: vec![w.say("plans-default-technical").into_owned()],
                lost_seconds: LOST_SECONDS,
                destination: w.say("plans-default-destination").into_owned(),
                contact: self.contact.clone(),
                ..StopConditions::default()
            },
            cooperation: Cooperation {
                statement: w.say("plans-default-statement").into_owned(),
                prepare: vec![w.say("plans-default-prepare").into_owned()],
            },
            acute: Acute::default(),
            physicians: self
                .physicians
                .iter()
                .filter(|(person, _)| *person == desk.person)
                .map(|(person, name)| PlanPhysician {
                    person: *person,
                    name: name.clone(),
                    when: w.say("plans-default-when").into_owned(),
                    specialty: String::new(),
                    partner: None,
                })
                .collect(),
            ..Draft::default()
        };
        (
            draft,
            newest
                .map(|(assessment, _, _)| Basis::InPerson {
                    assessment: *assessment,
                })
                .or(self
                    .first_visits
                    .first()
                    .map(|(visit, _)| Basis::FirstOnline {
                        consultation: *visit,
                    })),
        )
    }
}

/// First visits online, as far as their care goes on without an assessment in person (cl-1.3-ii-b).
async fn first_visits(
    read: &mut Conn,
    desk: &StaffDesk,
    id: PatientId,
) -> Result<Vec<(ConsultationId, String)>, Problem> {
    let known = read.documented_first_visits(id).await?;
    let visits = read.consultations_of(id).await?;
    Ok(visits
        .into_iter()
        .map(|booking| booking.consultation)
        .filter(|visit| known.contains(&visit.id))
        .map(|visit| {
            let day = desk.w.date(legal_day(visit.booked_for));
            let words = desk.w.fill("plans-basis-online-on", "day", day);
            (visit.id, words.into_owned())
        })
        .collect())
}

/// What each physician of the register is a specialist in.
async fn specialties(read: &mut Conn) -> Result<Vec<(PersonId, String)>, Problem> {
    let profiles = read.physician_profiles().await?;
    Ok(profiles
        .into_iter()
        .map(|profile| (profile.person, profile.department))
        .collect())
}

/// The register says the specialty; nobody writes it (cl-1.2-viii-b).
fn with_specialties(draft: &mut Draft, known: &[(PersonId, String)]) {
    for listed in &mut draft.physicians {
        listed.specialty = known
            .iter()
            .find(|(person, _)| *person == listed.person)
            .map(|(_, specialty)| specialty.clone())
            .unwrap_or_default();
    }
}

pub(super) async fn show(desk: StaffDesk, At(id): At<PatientId>) -> Result<Response, Problem> {
    let around = Around::load(&mut *desk.read().await?, &desk, id).await?;
    patients::opened(&desk, "plan", vec![id]).await?;
    let (draft, basis) = around.prefilled(&desk);
    let typed = form::fields(&draft, basis)?;
    desk.page(&page(&desk, around, Errors::default(), typed).await?)
}

/// 保存して患者に見せる: complete, or every fault under its field.
pub(super) async fn save(
    desk: StaffDesk,
    At(id): At<PatientId>,
    typed: Form,
) -> Result<Response, Problem> {
    let mut read = desk.read().await?;
    let (role, qualified) = patients::qualification(&desk, &mut read).await?;
    record::reserved(role, qualified)?;
    let around = Around::load(&mut read, &desk, id).await?;
    drop(read);
    let today = legal_day(desk.now);
    let form::Read {
        mut draft,
        basis,
        mut errors,
    } = form::read(&typed, &around.physicians, around.responsibility.clone());
    with_specialties(&mut draft, &around.specialties);
    let staff: Vec<PersonId> = around.physicians.iter().map(|(id, _)| *id).collect();
    if let Err(refusal) = rota::named(&draft, &staff, &around.partners, today) {
        if refusal.items.contains(&Part::Team.into()) {
            errors.add("team", "plans-fault-team");
        } else {
            errors.add("physician-0", "plans-fault-register");
        }
    }
    for fault in complete(&draft, &around.partners, today) {
        let (field, key) = form::field(&fault);
        // One line for a field is enough: what could not be read comes first.
        if errors.of(field).is_none() {
            errors.add(field, key);
        }
    }
    if assessment_fixed(basis, &draft.combination, today).is_err() {
        errors.add("assess_by", "plans-fault-assess-by");
    }
    if !errors.is_empty() {
        return desk.page_wrong(&page(&desk, around, errors, typed).await?);
    }
    let (by, person) = (desk.by(), desk.person);
    let version = desk
        .write(move |tx| {
            Box::pin(async move {
                tx.draft_plan(&by, person, id, basis, &draft).await?;
                let newest = tx
                    .plans(id)
                    .await?
                    .into_iter()
                    .next()
                    .ok_or(Problem::Unavailable)?;
                Ok(newest.plan.version)
            })
        })
        .await?;
    Ok(go(&format!("/patients/{id}/plans/{version}")))
}

async fn page(
    desk: &StaffDesk,
    around: Around,
    errors: Errors,
    typed: Form,
) -> Result<Page, Problem> {
    let w = desk.w;
    Ok(Page {
        shell: desk.shell("plans-title", Section::Plans).await?,
        w,
        errors,
        typed,
        band: around.band,
        version: around.version,
        bases: around
            .assessments
            .into_iter()
            .map(|(assessment, words, _)| (Basis::InPerson { assessment }, words))
            .chain(
                around
                    .first_visits
                    .into_iter()
                    .map(|(consultation, words)| (Basis::FirstOnline { consultation }, words)),
            )
            .map(|(basis, words)| (form::basis_word(basis), words))
            .collect(),
        partners: around
            .partners
            .into_iter()
            .filter(|partner| partner.kind.sees_patients())
            .map(|partner| Choice {
                id: partner.id.to_string(),
                words: format!(
                    "{} {} ({})",
                    partner.name,
                    partner.phone,
                    w.date(partner.valid_until)
                ),
            })
            .collect(),
        physicians: around.physicians,
        segments: around
            .responsibility
            .segments
            .into_iter()
            .map(|segment| (segment.name, segment.owners.join(", ")))
            .collect(),
        diagnoses: std::array::from_fn(|line| line),
        tests: std::array::from_fn(|line| line),
        lines: std::array::from_fn(|line| line),
        teams: Team::ALL,
    })
}
