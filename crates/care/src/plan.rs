//! The care plan (診療計画): nine items, written out, signed on an assessment in person.

mod first_online;
mod item;
mod review;
mod rhythm;

pub use first_online::{AFTER_FIRST, DUE_DAYS, Unplanned, assessment_fixed};
pub use item::{
    Acute, Combination, Cooperation, Diagnosis, Draft, Hours, HoursMode, Item, ItemFault, Method,
    OnlineCare, PlanPhysician, Responsibility, Segment, StopConditions, Test, changes, complete,
};

pub use crate::partner::Partner;
pub use review::{Review, review};
pub use rhythm::next_online;

use crate::{ConsultationId, InPersonId, Missing, PatientId, PlanId, Refusal, Remedy, agreement};
use access::PersonId;
use guideline::{Clause, clause};
use jiff::{Timestamp, ToSpan as _, civil::Date};
use serde::{Deserialize, Serialize};

/// A plan rests on an assessment in person.
pub const ASSESSED_FIRST: Clause = clause("cl-1.3-i");
/// What is treated online: diagnosis and treatment.
pub const ONLINE_CARE: Clause = clause("cl-1.3-i-a");
/// How visits in person and tests are combined with it.
pub const COMBINATION: Clause = clause("cl-1.3-i-b");
/// Times and appointments.
pub const HOURS: Clause = clause("cl-1.3-i-c");
/// System and devices.
pub const METHOD: Clause = clause("cl-1.3-i-d");
/// When to stop, and where to go then.
pub const STOP_CONDITIONS: Clause = clause("cl-1.3-i-e");
/// What the patient contributes.
pub const COOPERATION: Clause = clause("cl-1.3-i-f");
/// What happens when the patient suddenly gets worse (急病急変).
pub const ACUTE_POLICY: Clause = clause("cl-1.3-i-g");
/// Which physicians, and when each.
pub const PHYSICIANS: Clause = clause("cl-1.3-i-h");
/// Who answers for which part of the way (責任分界点).
pub const RESPONSIBILITY: Clause = clause("cl-1.3-i-i");

/// A plan and its evidence are kept at least this long after it ends, in years.
pub const RETENTION_YEARS: i16 = 2;
/// The visit in person is offered this many days ahead.
pub const OFFER_AHEAD_DAYS: i64 = 30;

/// The first day on which a plan version may be deleted: never before the retention is over.
#[must_use]
pub fn deletable_from(ended: Date) -> Date {
    ended.saturating_add(i32::from(RETENTION_YEARS).years())
}

/// What a plan rests on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "kind")]
pub enum Basis {
    /// An assessment in person of the same condition.
    InPerson {
        /// The record.
        assessment: InPersonId,
    },
    /// A first visit online whose care goes on (cl-1.3-ii-b).
    FirstOnline {
        /// The visit.
        consultation: ConsultationId,
    },
}

/// An assessment in person (対面診療の記録).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Assessment {
    /// Its name.
    pub id: InPersonId,
    /// Whose.
    pub patient: PatientId,
    /// By which physician.
    pub physician: PersonId,
    /// On which day.
    pub on: Date,
    /// Diagnoses by code.
    pub codes: Vec<String>,
    /// Whether findings are written.
    pub has_findings: bool,
}

/// One version of a plan at rest.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Plan {
    /// Its name.
    pub id: PlanId,
    /// Whose.
    pub patient: PatientId,
    /// Version number, from 1.
    pub version: i64,
    /// What it rests on.
    pub basis: Option<Basis>,
    /// The nine items.
    pub draft: Draft,
    /// Where it stands.
    pub state: PlanState,
}

/// Where a plan version stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PlanState {
    /// Being written or read.
    Draft,
    /// In force since it was signed.
    Signed {
        /// By which physician.
        by: PersonId,
        /// When.
        at: Timestamp,
    },
    /// Ended: replaced by a newer version, or withdrawn.
    Ended {
        /// When.
        at: Timestamp,
    },
}

impl PlanState {
    /// The word stored and sent.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Draft => "draft",
            Self::Signed { .. } => "signed",
            Self::Ended { .. } => "ended",
        }
    }
}

/// What signing looks at besides the plan.
#[derive(Clone, Debug)]
pub struct SigningFacts<'a> {
    /// Assessments of the patient.
    pub assessments: &'a [Assessment],
    /// Partners in the register.
    pub partners: &'a [Partner],
    /// First visits of the patient that were documented as online care.
    pub first_visits: &'a [ConsultationId],
    /// Agreements of the patient.
    pub agreements: &'a agreement::Facts,
    /// Whether the patient has acknowledged this version.
    pub acknowledged: bool,
    /// Today.
    pub today: Date,
}

/// A plan that may be signed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use]
pub struct SignablePlan(PlanId);

impl SignablePlan {
    /// Which plan.
    pub const fn id(self) -> PlanId {
        self.0
    }
}

/// Judges a signature on a plan.
///
/// # Errors
///
/// The version is no draft any more; an item is incomplete, the assessment is missing, of another patient or condition, or later than today; the
/// patient has not read this version or not agreed to the risks of the line.
pub fn signable(plan: &Plan, facts: &SigningFacts<'_>) -> Result<SignablePlan, Refusal> {
    match plan.state {
        PlanState::Draft => {}
        PlanState::Signed { .. } | PlanState::Ended { .. } => {
            return Err(
                Refusal::state(ASSESSED_FIRST, Remedy::SignPlan).because("plan_not_a_draft")
            );
        }
    }
    if let Some(fault) = complete(&plan.draft, facts.partners, facts.today).first() {
        return Err(
            Refusal::content(fault.item.clause(), fault.remedy()).naming(fault.names.clone())
        );
    }
    match plan.basis {
        Some(Basis::InPerson { assessment }) => {
            assessed(plan, assessment, facts)?;
        }
        Some(Basis::FirstOnline { consultation }) => {
            // The one other basis is a first visit that took place: nothing else is taken at its word.
            if !facts.first_visits.contains(&consultation) {
                return Err(Refusal::state(ASSESSED_FIRST, Remedy::RecordInPerson)
                    .because("first_visit_missing"));
            }
        }
        None => return Err(Refusal::state(ASSESSED_FIRST, Remedy::RecordInPerson)),
    }
    assessment_fixed(plan.basis, &plan.draft.combination, facts.today)?;
    agreement::risks_agreed(facts.agreements)?;
    if !facts.acknowledged {
        return Err(Refusal::state(
            crate::explanation::PLAN_SHOWN,
            Remedy::ShowPlanChange,
        ));
    }
    Ok(SignablePlan(plan.id))
}

/// Accepts that a plan in force is withdrawn: by a physician, with a reason. A follow-up then needs another one.
///
/// # Errors
///
/// Another role asks or the qualification is not verified (403); the version is not in force (409); no reason (422).
pub fn withdrawable(
    plan: &Plan,
    (role, qualified): (access::Role, bool),
    reason: &str,
) -> Result<(), Refusal> {
    crate::record::reserved(role, qualified)?;
    match plan.state {
        PlanState::Signed { .. } => {}
        PlanState::Draft | PlanState::Ended { .. } => {
            return Err(
                Refusal::state(ASSESSED_FIRST, Remedy::SignPlan).because("plan_not_in_force")
            );
        }
    }
    if reason.trim().is_empty() {
        return Err(Refusal::content(ASSESSED_FIRST, Remedy::GiveReason).because("reason_required"));
    }
    Ok(())
}

fn assessed(plan: &Plan, assessment: InPersonId, facts: &SigningFacts<'_>) -> Result<(), Refusal> {
    let fits = facts.assessments.iter().any(|row| {
        row.id == assessment
            && row.patient == plan.patient
            && row.on <= facts.today
            && row.has_findings
            && plan
                .draft
                .physicians
                .iter()
                .any(|listed| listed.person == row.physician)
            && plan
                .draft
                .online_care
                .diagnoses
                .iter()
                .all(|diagnosis| row.codes.contains(&diagnosis.code))
    });
    if fits {
        Ok(())
    } else {
        Err(Refusal::state(ASSESSED_FIRST, Remedy::RecordInPerson))
    }
}

/// A plan in force covers the visit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use]
pub struct Planned {
    pub(crate) consultation: ConsultationId,
    /// The version in force; none at a first visit.
    pub plan: Option<PlanId>,
}

/// What is known of the plan when a visit is to start.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Facts {
    /// The newest signed version that has not ended.
    pub in_force: Option<Plan>,
    /// Days on which the patient was seen in person.
    pub in_person: Vec<Date>,
    /// Online visits documented since the last visit in person.
    pub online_since: u16,
    /// The physician's reason for going on although the visit in person is overdue.
    pub rejudged: Option<String>,
    /// The external service the patient joined by, if it was not this system.
    pub external_service: Option<String>,
    /// Diagnosis codes that the visit is about.
    pub treated: Vec<String>,
    /// The newest first visit online, where no plan was signed after it.
    pub unplanned: Option<Unplanned>,
}

/// Judges whether a plan covers the visit: a follow-up needs one in force, first visits do not.
///
/// # Errors
///
/// No plan in force; the visit in person is overdue without a reason; an unplanned service; an unlisted disease.
pub fn planned(
    id: ConsultationId,
    class: crate::Class,
    facts: &Facts,
    today: Date,
) -> Result<Planned, Refusal> {
    if facts.external_service.is_some() {
        return Err(Refusal::state(METHOD, Remedy::ChangePlan));
    }
    match class {
        crate::Class::First | crate::Class::FirstNewCondition => {
            return Ok(Planned {
                consultation: id,
                plan: facts.in_force.as_ref().map(|plan| plan.id),
            });
        }
        crate::Class::Followup => {}
    }
    first_online::planned_since(class, facts)?;
    let plan = facts
        .in_force
        .as_ref()
        .filter(|plan| matches!(plan.state, PlanState::Signed { .. }))
        .ok_or_else(|| Refusal::state(ASSESSED_FIRST, Remedy::SignPlan))?;
    let rejudged = facts
        .rejudged
        .as_ref()
        .is_some_and(|reason| !reason.trim().is_empty());
    if due(plan, facts, today) == Due::Overdue && !rejudged {
        return Err(Refusal::state(COMBINATION, Remedy::VisitOrRejudge));
    }
    treated_within(class, facts)?;
    Ok(Planned {
        consultation: id,
        plan: Some(plan.id),
    })
}

/// Judges whether what was treated is in the plan (cl-1.3-i-a). A first visit, and one for a new condition, has no plan to
/// stay within: its plan follows.
///
/// # Errors
///
/// A disease was treated that the plan in force does not name: the plan is changed, or the visit is one for a new condition.
pub fn treated_within(class: crate::Class, facts: &Facts) -> Result<(), Refusal> {
    let Some(plan) = facts.in_force.as_ref().filter(|_| !class.is_first()) else {
        return Ok(());
    };
    let outside = facts.treated.iter().find(|code| {
        !plan
            .draft
            .online_care
            .diagnoses
            .iter()
            .any(|diagnosis| diagnosis.code == **code)
    });
    match outside {
        Some(code) => {
            Err(Refusal::state(ONLINE_CARE, Remedy::ChangePlan)
                .naming([Missing::Named(code.clone())]))
        }
        None => Ok(()),
    }
}

/// How the rule of item 2 stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Due {
    /// Nothing is due before this day.
    By(Date),
    /// The visit in person should be offered now; due on this day.
    Soon(Date),
    /// The visit in person is overdue.
    Overdue,
}

/// Counts item 2: months since the last visit in person, and online visits since. Zero is no number.
#[must_use]
pub fn due(plan: &Plan, facts: &Facts, today: Date) -> Due {
    if let Some(due) = first_online::assessment_due(plan, facts, today) {
        return due;
    }
    let rule = &plan.draft.combination;
    let Some(last) = facts.in_person.iter().max().copied() else {
        return Due::Overdue;
    };
    if rule
        .every_visits
        .filter(|visits| *visits > 0)
        .is_some_and(|visits| facts.online_since >= u16::from(visits))
    {
        return Due::Overdue;
    }
    let months = rule.every_months.filter(|months| *months > 0);
    let by = months.map_or(Date::MAX, |months| {
        last.saturating_add(i32::from(months).months())
    });
    if today > by {
        return Due::Overdue;
    }
    let days_left = by
        .since(today)
        .map_or(i64::MAX, |span| i64::from(span.get_days()));
    if days_left <= OFFER_AHEAD_DAYS {
        Due::Soon(by)
    } else {
        Due::By(by)
    }
}

/// Signed plans whose answer to a sudden change no longer stands (finding `acute_institution_expired`).
#[must_use]
pub fn acute_expired(plans: &[Plan], partners: &[Partner], today: Date) -> Vec<PlanId> {
    signed(plans)
        .filter(|plan| !item::acute_covered(&plan.draft.acute, partners, today))
        .map(|plan| plan.id)
        .collect()
}

/// Signed plans that name another owner for some part of the way than the boundary register does now.
#[must_use]
pub fn owner_moved(plans: &[Plan], register: &Responsibility) -> Vec<PlanId> {
    signed(plans)
        .filter(|plan| {
            let now = Draft {
                responsibility: register.clone(),
                ..plan.draft.clone()
            };
            changes(&plan.draft, &now).contains(&Item::Responsibility)
        })
        .map(|plan| plan.id)
        .collect()
}

fn signed(plans: &[Plan]) -> impl Iterator<Item = &Plan> {
    plans
        .iter()
        .filter(|plan| matches!(plan.state, PlanState::Signed { .. }))
}

/// How a visit came to be (item 3). A plan by appointment keeps nobody out who calls: the reason is stored, and the visit starts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Opened {
    /// 予約ずみ
    Booked,
    /// 予約なし: the patient telephoned.
    CalledIn,
}

impl Opened {
    /// The reason stored and sent; a booking needs none.
    #[must_use]
    pub const fn reason(self) -> Option<&'static str> {
        match self {
            Self::Booked => None,
            Self::CalledIn => Some("called_in"),
        }
    }

    /// What that reason says.
    #[must_use]
    pub fn because(reason: Option<&str>) -> Option<Self> {
        [Self::Booked, Self::CalledIn]
            .into_iter()
            .find(|opened| opened.reason() == reason)
    }
}

/// How a physician comes to see a patient under the plan (item 8).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Rota {
    /// Listed, with the rule that applies.
    Listed {
        /// The rule of item 8.
        when: String,
    },
    /// Not listed: a reason is asked and stored.
    Outside,
}

/// Why a physician outside item 8 sees the patient today.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OutsideReason {
    /// 担当の医師が病気など
    Sick,
    /// 勤務の変更
    Roster,
    /// 患者が望んだ
    Wished,
    /// 急ぐ
    Urgent,
    /// そのほか: with words.
    Other,
    /// 計画にある場合にあたる: no exception at all, for a physician whom the plan lists for some case.
    CaseApplies,
}

impl OutsideReason {
    /// Every reason, in the order offered.
    pub const ALL: [Self; 6] = [
        Self::CaseApplies,
        Self::Sick,
        Self::Roster,
        Self::Wished,
        Self::Urgent,
        Self::Other,
    ];

    /// What is offered to this physician: that a case of the plan applies only to whom the plan lists.
    pub fn offered(plan: &Plan, physician: PersonId) -> impl Iterator<Item = Self> {
        let listed = rota(plan, physician) != Rota::Outside;
        Self::ALL
            .into_iter()
            .filter(move |reason| listed || *reason != Self::CaseApplies)
    }

    /// The word stored and sent.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Sick => "outside:sick",
            Self::Roster => "outside:roster",
            Self::Wished => "outside:wished",
            Self::Urgent => "outside:urgent",
            Self::Other => "outside:other",
            Self::CaseApplies => "case:applies",
        }
    }

    /// The reason of that word.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|reason| reason.as_str() == word)
    }
}

/// What lets this physician see the patient: the rule of item 8, or the reason given for an exception.
///
/// The first physician of the list is the usual one. Whoever else is listed is listed for a case, which only a person can tell
/// to be there today; that it applies, or why it is this physician all the same, is said once and stored.
///
/// # Errors
///
/// The physician is not listed or listed for a case, and nobody has said why it is this one today.
pub fn seen_by(
    plan: &Plan,
    physician: PersonId,
    reason: Option<OutsideReason>,
) -> Result<String, Refusal> {
    let asked = || Refusal::state(PHYSICIANS, Remedy::GiveReason).because("reason_required");
    let usual = plan
        .draft
        .physicians
        .first()
        .is_some_and(|first| first.person == physician);
    match (rota(plan, physician), reason) {
        (Rota::Listed { when }, None) if usual => Ok(when),
        (Rota::Listed { when }, Some(OutsideReason::CaseApplies)) => Ok(when),
        (Rota::Listed { .. }, None) | (Rota::Outside, None | Some(OutsideReason::CaseApplies)) => {
            Err(asked())
        }
        (Rota::Listed { .. } | Rota::Outside, Some(reason)) => Ok(reason.as_str().to_owned()),
    }
}

/// Which rule of item 8 lets this physician see the patient.
#[must_use]
pub fn rota(plan: &Plan, physician: PersonId) -> Rota {
    plan.draft
        .physicians
        .iter()
        .find(|listed| listed.person == physician)
        .map_or(Rota::Outside, |listed| Rota::Listed {
            when: listed.when.clone(),
        })
}
