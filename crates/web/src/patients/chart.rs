//! `/patients/{id}`: everything about one patient on one page; what is clinical only for physicians and nurses.

use super::Band;
use crate::{
    At, Problem, StaffDesk,
    shell::{Section, StaffShell},
    words::Words,
};
use access::Role;
use askama::Template;
use axum::response::Response;
use care::{ConsultationId, PatientId, plan::PlanState, record::Soap};
use store::Conn;

#[derive(Template)]
#[template(path = "patients/chart.html")]
struct Page {
    shell: StaffShell,
    w: Words,
    band: Band,
    phone: String,
    mail: String,
    address: String,
    identity: Identity,
    agreements: Vec<Agreement>,
    wish: Option<bool>,
    proxies: Vec<(String, String)>,
    visits: Vec<Visit>,
    clinical: Option<Clinical>,
    desk_acts: bool,
    /// A sudden change stands against online care.
    acute: bool,
    /// Checks of the healthy are offered here.
    wellness: bool,
    /// Visits with the attending physician are offered.
    joint: bool,
    /// Smoking cessation is offered here.
    smoking: bool,
    /// Whether messages are in use.
    messages: bool,
}

struct Identity {
    stands: bool,
    words: String,
}

struct Agreement {
    kind: &'static str,
    given: String,
    accepted: Option<String>,
    withdrawn: bool,
}

struct Visit {
    id: ConsultationId,
    number: i64,
    at: String,
    physician: String,
    class: &'static str,
    stage: &'static str,
    open: bool,
}

struct Clinical {
    physician: bool,
    plans: Vec<PlanLine>,
    assessments: Vec<Assessed>,
    notes: Vec<NoteLine>,
    charted: Vec<Charted>,
}

/// What the chart says of an agreement (cl-2.5.1.1-iii-b).
struct Charted {
    at: String,
    physician: String,
    version: i64,
    /// Item, version of its substance, when it was read and when explained.
    explained: Vec<(String, i64, String, String)>,
    /// Kind, version of its substance, when it was given.
    agreed: Vec<(&'static str, i64, String)>,
}

struct PlanLine {
    version: i64,
    state: &'static str,
    at: String,
    read: bool,
}

struct Assessed {
    on: String,
    physician: String,
    diagnoses: String,
    findings: String,
}

struct NoteLine {
    visit: ConsultationId,
    at: String,
    author: String,
    version: i64,
    soap: Soap,
    /// What the program knew when it was signed, name and words.
    derived: Vec<(&'static str, String)>,
}

/// The stored words of the documents of a check.
fn words_of(check: &care::identity::Check) -> String {
    let words: Vec<&str> = check.documents.iter().map(|one| one.as_str()).collect();
    words.join(" ")
}

pub(super) async fn show(desk: StaffDesk, At(id): At<PatientId>) -> Result<Response, Problem> {
    let w = desk.w;
    let is_clinical = desk.has(Role::Physician) || desk.has(Role::Nurse);
    let mut read = desk.read().await?;
    let (band, patient) = Band::load(&mut read, id, w, desk.now).await?;
    let check = read.identity_check(id).await?;
    let acute = read.acute_facts(id, None).await?.standing().is_some();
    let wellness = read.rota_rules().await?.wellness;
    let messages = read.chat_scope().await?.is_some();
    let stands = check.as_ref().is_some_and(|check| {
        check.matches
            && patient.recovered.is_none_or(|at| at < check.at)
            && patient.doubted.is_none_or(|at| at < check.at)
    });
    let identity = match &check {
        Some(check) => Identity {
            stands,
            words: format!(
                "{} {} {}",
                w.day_time(check.at),
                crate::document::names(w, &words_of(check)),
                w.say(if check.matches {
                    "patients-matched"
                } else {
                    "patients-matched-not"
                }),
            ),
        },
        None => Identity {
            stands,
            words: w.say("patients-identity-none").into_owned(),
        },
    };
    let facts = read.agreement_facts(id).await?;
    let agreements = facts
        .rows
        .iter()
        .map(|row| Agreement {
            kind: row.kind.as_str(),
            given: w.day_time(row.given),
            accepted: row.accepted.map(|(_, at)| w.day_time(at)),
            withdrawn: row.withdrawn.is_some(),
        })
        .collect();
    let proxies = read.proxies(id).await?;
    let mut visits = Vec::new();
    for booking in read.consultations_of(id).await? {
        let visit = booking.consultation;
        visits.push(Visit {
            id: visit.id,
            number: booking.number,
            at: w.day_time(visit.booked_for),
            physician: read.name_of(visit.physician).await?.unwrap_or_default(),
            class: visit.class.as_str(),
            stage: visit.stage.as_str(),
            open: visit.stage.is_before_live(),
        });
    }
    let clinical = if is_clinical {
        Some(clinical(&mut read, id, w, desk.has(Role::Physician)).await?)
    } else {
        None
    };
    let joint = !read.joint_services().await?.is_empty();
    let smoking = crate::smoking::offered(&mut read).await?;
    drop(read);
    super::opened(&desk, "chart", vec![id]).await?;
    desk.page(&Page {
        joint,
        smoking,
        shell: desk
            .shell("patients-chart-title", Section::Patients)
            .await?,
        w,
        acute,
        wellness,
        messages,
        band,
        phone: patient.profile.phone,
        mail: patient.profile.mail,
        address: patient.profile.address,
        identity,
        agreements,
        wish: facts.wish.map(|wish| wish.wants),
        proxies: proxies
            .into_iter()
            .map(|proxy| (proxy.person.name, proxy.person.relation))
            .collect(),
        visits,
        clinical,
        desk_acts: true,
    })
}

async fn clinical(
    read: &mut Conn,
    id: PatientId,
    w: Words,
    physician: bool,
) -> Result<Clinical, Problem> {
    let plans = read
        .plans(id)
        .await?
        .into_iter()
        .map(|version| PlanLine {
            version: version.plan.version,
            state: version.plan.state.as_str(),
            at: match version.plan.state {
                PlanState::Draft => w.day_time(version.created),
                PlanState::Signed { at, .. } | PlanState::Ended { at } => w.day_time(at),
            },
            read: version.read.is_some(),
        })
        .collect();
    let mut assessments = Vec::new();
    for (assessment, content) in read.assessments(id).await? {
        assessments.push(Assessed {
            on: w.date(assessment.on),
            physician: read
                .name_of(assessment.physician)
                .await?
                .unwrap_or_default(),
            diagnoses: content
                .diagnoses
                .iter()
                .map(|diagnosis| format!("{} ({})", diagnosis.name, diagnosis.code))
                .collect::<Vec<_>>()
                .join(", "),
            findings: content.findings,
        });
    }
    let mut notes = Vec::new();
    for note in read.chart(id).await? {
        notes.push(NoteLine {
            visit: note.consultation,
            at: w.day_time(note.written),
            author: read.name_of(note.author).await?.unwrap_or_default(),
            version: note.version,
            derived: note
                .derived
                .as_ref()
                .map(|derived| crate::derived::lines(w, derived))
                .unwrap_or_default(),
            soap: note.soap,
        });
    }
    let mut charted = Vec::new();
    for one in read.charted_agreements(id).await? {
        charted.push(Charted {
            at: w.day_time(one.entry.accepted),
            physician: read
                .name_of(one.entry.accepted_by)
                .await?
                .unwrap_or_default(),
            version: one.version,
            explained: one
                .entry
                .explained
                .iter()
                .map(|item| {
                    (
                        item.item.clone(),
                        item.material,
                        w.day_time(item.acknowledged),
                        w.day_time(item.explained),
                    )
                })
                .collect(),
            agreed: one
                .entry
                .agreed
                .iter()
                .map(|one| (one.kind.as_str(), one.material, w.day_time(one.given)))
                .collect(),
        });
    }
    Ok(Clinical {
        physician,
        plans,
        assessments,
        notes,
        charted,
    })
}
