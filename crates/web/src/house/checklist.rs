//! `/house/checklist`: every clause of the ministry's checklist with its standing, computed each time it is asked.

use crate::{
    Form, Problem, StaffDesk,
    desk::go,
    shell::{Section, StaffShell},
    words::{Lang, Words},
};
use askama::Template;
use axum::{
    extract::{FromRequestParts, Query},
    http::request::Parts,
    response::Response,
};
use care::{Service, task::Kind};
use governance::{Code, Facts, Finding, Seen, Standing, findings, is_offered, standing};
use guideline::ClauseText;
use jiff::SignedDuration;
use serde::Deserialize;
use std::collections::BTreeMap;
use store::{
    Conn, dossier::legal_day, pathway::CONTRACEPTION, readiness::SEARCH, standing::Evidence,
};

/// The source that is the checklist.
const CHECKLIST: &str = "001";
/// How far back visits are looked at.
const MONTH: SignedDuration = SignedDuration::from_hours(24 * 31);
/// How far back grounds are counted: there are few of them.
const QUARTER: SignedDuration = SignedDuration::from_hours(24 * 92);

#[derive(Template)]
#[template(path = "house/checklist.html")]
struct Page {
    shell: StaffShell,
    w: Words,
    tallies: Vec<(Standing, usize, bool)>,
    rows: Vec<Row>,
    total: usize,
    findings: Vec<(&'static str, usize)>,
    /// Texts for patients that nobody has reviewed yet.
    unreviewed: usize,
    edition: String,
    /// When patients were shown it last, on the clinic's page.
    published: Option<String>,
}

/// One clause.
struct Row {
    id: &'static str,
    words: &'static str,
    standing: Standing,
    done: u32,
    refused: u32,
    at: Option<String>,
    codes: Vec<&'static str>,
}

/// `?show=`
#[derive(Default, Deserialize)]
pub(super) struct Asked {
    #[serde(default)]
    show: String,
}

impl<S: Send + Sync> FromRequestParts<S> for Asked {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        Ok(Query::<Self>::from_request_parts(parts, state)
            .await
            .map(|Query(asked)| asked)
            .unwrap_or_default())
    }
}

/// What is known of the house at one moment.
pub(super) struct House {
    pub(super) findings: Vec<Finding>,
    evidence: BTreeMap<String, Evidence>,
    answered: BTreeMap<&'static str, &'static str>,
    offered: Vec<Service>,
}

impl House {
    /// Loads the facts and judges them.
    pub(super) async fn load(desk: &StaffDesk) -> Result<Self, Problem> {
        let mut read = desk.read().await?;
        let facts = facts(&mut read, desk).await?;
        let evidence = read.evidence().await?;
        let offered = offered(&mut read).await?;
        Ok(Self {
            offered,
            findings: findings(&facts),
            evidence,
            answered: answered(desk.app().settings().duties),
        })
    }

    /// Where the clause is answered, as crate and module.
    pub(super) fn module(&self, clause: &ClauseText) -> Option<&'static str> {
        self.answered.get(clause.id).copied()
    }

    /// What the ledger holds for the clause: under its own id, else under one it shares its evidence with.
    pub(super) fn evidence(&self, clause: &ClauseText) -> Evidence {
        let of = |id: &str| self.evidence.get(id).copied();
        of(clause.id)
            .or_else(|| clause.evidence_with.iter().find_map(|id| of(id)))
            .unwrap_or_default()
    }

    /// How the clause stands. Clauses that share a piece of evidence share it here.
    pub(super) fn standing(&self, clause: &ClauseText) -> Standing {
        let mut seen = Seen::default();
        for id in [clause.id].iter().chain(clause.evidence_with) {
            if let Some(evidence) = self.evidence.get(*id) {
                seen.done = seen.done.saturating_add(evidence.done);
                seen.refused = seen.refused.saturating_add(evidence.refused);
            }
        }
        let answered = self.answered.contains_key(clause.id);
        match standing(clause, answered, seen, &self.findings) {
            Standing::Met | Standing::Unproved if !is_offered(clause, &self.offered) => {
                Standing::NotOffered
            }
            standing => standing,
        }
    }

    /// What is wrong with it.
    pub(super) fn codes(&self, clause: &ClauseText) -> Vec<&'static str> {
        self.findings
            .iter()
            .filter(|finding| finding.code.clauses().contains(&clause.id))
            .map(|finding| finding.code.as_str())
            .collect()
    }
}

/// Every clause that a module of this build claims, the program's own (`outer`) too. What stands in no table of duties
/// is not built.
fn answered(outer: &'static [guideline::Duty]) -> BTreeMap<&'static str, &'static str> {
    let ours = [
        access::DUTIES,
        care::DUTIES,
        governance::DUTIES,
        crate::DUTIES,
        outer,
    ];
    let mut all: BTreeMap<&'static str, &'static str> = BTreeMap::new();
    for (clause, _) in ours.into_iter().flatten() {
        if let Some(text) = clause.text() {
            all.insert(clause.id(), text.module);
        }
    }
    for (id, _) in ledger::DUTIES.iter().chain(media::DUTIES) {
        if let Some(text) = guideline::find(id).and_then(guideline::Clause::text) {
            all.insert(text.id, text.module);
        }
    }
    all
}

/// The services that are switched on, beside ordinary care.
async fn offered(read: &mut Conn) -> Result<Vec<Service>, Problem> {
    let mut offered = read.joint_services().await?;
    let terms = read.preconsultation_terms().await?;
    let emergency = read.pathway_setting(CONTRACEPTION).await?;
    let smoking = read.smoking_setting().await?;
    for (service, on) in [
        (
            Service::PreConsultation,
            terms.is_some_and(|terms| terms.offered),
        ),
        (
            Service::EmergencyContraception,
            emergency.is_some_and(|setting| setting.offered),
        ),
        (
            Service::SmokingCessation,
            smoking.is_some_and(|setting| setting.offered),
        ),
    ] {
        if on {
            offered.push(service);
        }
    }
    Ok(offered)
}

async fn facts(read: &mut Conn, desk: &StaffDesk) -> Result<Facts, Problem> {
    let since = desk.now - MONTH;
    let mut live = Vec::new();
    // Whoever was live, also those who have left since.
    for person in read.live_people(since).await? {
        live.push(read.live_intervals(person, since, desk.now).await?);
    }
    let unsigned = read
        .unsigned_consultations()
        .await?
        .into_iter()
        .filter_map(|booking| match booking.consultation.stage {
            care::Stage::Ended { at, .. } => Some(at),
            _ => None,
        })
        .collect();
    let hand_overs = read
        .open_hand_overs()
        .await?
        .into_iter()
        .map(|task| task.form.target)
        .collect();
    Ok(Facts {
        now: desk.now,
        today: legal_day(desk.now),
        unsigned,
        hand_overs,
        alarms: read
            .open_alarms()
            .await?
            .into_iter()
            .map(|(_, at)| at)
            .collect(),
        acute_baseless: read.acute_baseless().await?,
        symptom_list: read.symptoms_in_force().await?,
        plans: read.plans_in_force().await?,
        partners: read.partners().await?,
        rooms: read.rooms().await?.into_iter().map(|(_, on)| on).collect(),
        disputes: read.disputes().await?.len(),
        live,
        companions: read.companions_overlapping(since).await?.len(),
        emergencies: read.emergency_share(since).await?,
        without_media: newest(read, Code::OrderWithoutMedia).await?,
        days_unstamped: if desk.app().settings().time_stamp_authority {
            Some(read.stamping(legal_day(desk.now)).await?.days_without)
        } else {
            None
        },
        residue: newest(read, Code::ResidueFound).await?,
        pages_without_contact: newest(read, Code::ClinicContactHidden).await?,
        contact_complete: read
            .institution()
            .await?
            .is_some_and(|known| known.is_complete()),
        preconsultation_missed: preconsultation_missed(read).await?,
        exempted_again: read.exempted_again().await?.len(),
        substitutes: read.substitutes_recurring().await?.len(),
        physicians: crate::patients::physicians(read, desk.now)
            .await?
            .into_iter()
            .map(|(person, _)| person)
            .collect(),
        proofs_lapsing: read.proofs_lapsing().await?.len(),
        search_unreachable: read
            .link_check(SEARCH)
            .await?
            .is_some_and(|(_, reached)| !reached),
        own_parts_open: read.own_parts_open().await?,
        requests_overdue: read.late_tasks(Kind::Complaint, desk.now).await?
            + read.late_tasks(Kind::Disclosure, desk.now).await?,
        charts_unread: read.late_tasks(Kind::ChartReview, desk.now).await?,
        medicine_problems: read.late_tasks(Kind::MedicineProblem, desk.now).await?,
        courses_late: [
            read.late_tasks(Kind::PharmacistReport, desk.now).await?,
            read.late_tasks(Kind::PharmacistAdvice, desk.now).await?,
            read.late_tasks(Kind::ThreeWeeks, desk.now).await?,
        ],
        lists_stale: read.lists_stale(legal_day(desk.now)).await?,
        information_late: read.information_overdue(legal_day(desk.now)).await?,
        plans_late: read.late_tasks(Kind::PlanDue, desk.now).await?,
        surgery_guidelines: read.surgery_guidelines_overdue(desk.now).await?,
        chat_flags: read.late_tasks(Kind::ChatFlagged, desk.now).await?,
        licences_missing: licences_missing(read, desk).await?,
        grounds: read.grounds_since(desk.now - QUARTER).await?,
        linkages_late: read.late_tasks(Kind::Linkage, desk.now).await?
            + read.late_tasks(Kind::HandedOver, desk.now).await?,
        guidance_expired: read.guidance_expired(desk.now, legal_day(desk.now)).await?,
    })
}

/// How many physicians have no picture of their licence that patients can look at.
async fn licences_missing(read: &mut Conn, desk: &StaffDesk) -> Result<usize, Problem> {
    let mut missing = 0;
    for (person, _) in crate::patients::physicians(read, desk.now).await? {
        missing += usize::from(!read.licence_is_shown(person).await?);
    }
    Ok(missing)
}

/// Whether pre-consultations are offered on pages that did not show their terms when they were looked at last.
async fn preconsultation_missed(read: &mut Conn) -> Result<usize, Problem> {
    let terms = read.preconsultation_terms().await?;
    let offered = terms.is_some_and(|terms| terms.offered);
    Ok(usize::from(offered && !read.preconsultation_shown().await?))
}

/// How many cases the newest night found.
async fn newest(read: &mut Conn, code: Code) -> Result<usize, Problem> {
    let found = read.newest_check(code.as_str()).await?;
    Ok(found.map_or(0, |(cases, _)| usize::try_from(cases).unwrap_or(usize::MAX)))
}

pub(super) async fn show(desk: StaffDesk, asked: Asked) -> Result<Response, Problem> {
    let w = desk.w;
    let house = House::load(&desk).await?;
    let unreviewed = super::texts::unreviewed(&desk).await?;
    let published = desk.read().await?.published_checklist().await?;
    let chosen = Standing::parse(&asked.show);
    let mut rows: Vec<Row> = guideline::catalogue()
        .iter()
        .filter(|clause| clause.source == CHECKLIST)
        .map(|clause| {
            let evidence = house.evidence(clause);
            Row {
                id: clause.id,
                words: match desk.lang() {
                    Lang::Ja => clause.ja,
                    Lang::En => clause.en,
                },
                standing: house.standing(clause),
                done: evidence.done,
                refused: evidence.refused,
                at: evidence.at.map(|at| w.day_time(at)),
                codes: house.codes(clause),
            }
        })
        .collect();
    let total = rows.len();
    let tallies = Standing::ALL
        .into_iter()
        .map(|one| {
            (
                one,
                rows.iter().filter(|row| row.standing == one).count(),
                chosen == Some(one),
            )
        })
        .collect();
    if let Some(chosen) = chosen {
        rows.retain(|row| row.standing == chosen);
    }
    rows.sort_by_key(|row| (row.standing, row.id));
    desk.page(&Page {
        shell: desk
            .shell("house-checklist-title", Section::Checklist)
            .await?,
        w,
        tallies,
        rows,
        total,
        unreviewed,
        findings: house
            .findings
            .iter()
            .filter(|finding| !finding.code.is_desirable())
            .map(|finding| (finding.code.as_str(), finding.cases))
            .collect(),
        edition: w.day_time(desk.now),
        published: published.map(|published| w.day_time(published.at)),
    })
}

/// Publishes every clause with its standing of this moment on the clinic's page.
pub(super) async fn publish(desk: StaffDesk, _form: Form) -> Result<Response, Problem> {
    let house = House::load(&desk).await?;
    let clauses: Vec<(&str, &str)> = guideline::catalogue()
        .iter()
        .filter(|clause| clause.source == CHECKLIST)
        .map(|clause| (clause.id, house.standing(clause).as_str()))
        .collect();
    let (by, person) = (desk.by(), desk.person);
    desk.write(move |tx| {
        Box::pin(async move { Ok(tx.publish_checklist(&by, person, &clauses).await?) })
    })
    .await?;
    Ok(go("/house/checklist"))
}
