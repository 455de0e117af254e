//! Physicians in turn (担当医の交代): whoever the plan lists, once one of them has seen the patient; anybody else only as a
//! substitute, whom the patient accepts for this one visit, and to whom the case was handed over.

use crate::{
    Class, Consultation, Missing, Part, Refusal, Remedy, Service,
    partner::Partner,
    plan::{self, Draft, Plan, PlanState},
    record::Reading,
};
use access::PersonId;
use guideline::{Clause, clause};
use jiff::{Timestamp, civil::Date};
use serde::{Deserialize, Serialize};

/// Listed physicians see the patient in turn, once one of them has seen the patient in person.
pub const IN_TURN: Clause = clause("cl-1.2-viii-a");
/// Their names stand in the plan.
pub const NAMED: Clause = clause("cl-1.2-viii-b");
/// Whoever is not listed needs the patient's consent.
pub const ACCEPTED: Clause = clause("cl-1.2-viii-c");
/// And is handed the case over, with a note in the chart.
pub const HANDED_OVER: Clause = clause("cl-1.2-viii-d");
/// Care of mainly healthy people is given in turn on the same conditions, and is no treatment.
pub const MAINLY_HEALTHY: Clause = clause("cl-1.2-viii-e");

/// So often may one substitute see one patient before somebody asks why the plan does not say so.
pub const RECURRING: i64 = 3;
/// Deputies of one institution at most.
pub const DEPUTIES_MAX: usize = 5;

/// Why several physicians see one patient (連携の形).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Team {
    /// 在宅の連携体制
    HomeNetwork,
    /// 複数の診療科のチーム
    Specialties,
    /// 健診など、主に健康な人を診る
    MainlyHealthy,
    /// そのほか
    Other,
}

impl Team {
    /// Every kind, in the order offered.
    pub const ALL: [Self; 4] = [
        Self::HomeNetwork,
        Self::Specialties,
        Self::MainlyHealthy,
        Self::Other,
    ];

    /// The word stored and sent.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::HomeNetwork => "home_network",
            Self::Specialties => "specialties",
            Self::MainlyHealthy => "mainly_healthy",
            Self::Other => "other",
        }
    }

    /// The kind of that word.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|team| team.as_str() == word)
    }
}

/// What an institution keeps of its turns: who hands over where nobody of the plan can be reached, and what it offers.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Rules {
    /// Deputies (名代): physicians here.
    pub deputies: Vec<PersonId>,
    /// Checks of mainly healthy people are offered.
    pub wellness: bool,
}

/// The patient's answer about one substitute, in one visit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Acceptance {
    /// About whom.
    pub physician: PersonId,
    /// この医師でよい
    pub accepts: bool,
    /// When.
    pub at: Timestamp,
}

/// What is handed over. Sealed; no `Debug`.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Note {
    /// 病気と経過
    pub problem: String,
    /// 方針
    pub plan: String,
    /// 薬
    pub medication: String,
    /// アレルギー・注意
    pub alerts: String,
    /// きょう確かめてほしいこと
    pub questions: String,
}

impl Note {
    /// Judges whether it may be signed.
    ///
    /// # Errors
    ///
    /// A part is empty: what there is nothing to say of is said to be nothing.
    pub fn complete(&self) -> Result<(), Refusal> {
        let whole = [
            &self.problem,
            &self.plan,
            &self.medication,
            &self.alerts,
            &self.questions,
        ]
        .into_iter()
        .all(|part| !part.trim().is_empty());
        if whole {
            Ok(())
        } else {
            Err(Refusal::state(HANDED_OVER, Remedy::WriteHandOver).because("hand_over_incomplete"))
        }
    }
}

/// A hand-over that was signed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HandedOver {
    /// To whom.
    pub to: PersonId,
    /// By whom.
    pub by: PersonId,
    /// When.
    pub at: Timestamp,
    /// When the substitute opened it.
    pub opened: Option<Timestamp>,
    /// When the substitute said that it was read.
    pub acknowledged: Option<Timestamp>,
}

/// What is known of who sees the patient.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Facts {
    /// Whether one of the listed physicians has seen the patient in person, for what the plan treats.
    pub listed_seen: bool,
    /// The patient's answer about the treating physician, in this visit.
    pub acceptance: Option<Acceptance>,
    /// The hand-over to the treating physician, in this visit.
    pub hand_over: Option<HandedOver>,
}

/// Whether a visit is held under a plan: every ordinary follow-up, and every check of the healthy. A first visit has none, and
/// a service with grounds of its own does not rest on it.
const fn under_plan(visit: &Consultation) -> bool {
    match visit.service {
        Service::WellnessCheck => true,
        Service::Care | Service::SmokingCessation => matches!(visit.class, Class::Followup),
        Service::PreConsultation
        | Service::EmergencyContraception
        | Service::WithPhysician
        | Service::RemoteSpecialist
        | Service::RemoteSurgery => false,
    }
}

/// Whether the treating physician stands in: the plan in force does not list this person.
#[must_use]
pub fn stands_in(visit: &Consultation, in_force: Option<&Plan>) -> bool {
    under_plan(visit)
        && in_force.is_some_and(|plan| plan::rota(plan, visit.physician) == plan::Rota::Outside)
}

/// Judges whether this physician may see the patient in turn.
///
/// # Errors
///
/// Several take turns and none of them has seen the patient for this; a check of the healthy without a plan.
pub fn in_turn(
    visit: &Consultation,
    in_force: Option<&Plan>,
    facts: &Facts,
) -> Result<(), Refusal> {
    if !under_plan(visit) {
        return Ok(());
    }
    let Some(plan) = in_force else {
        // A follow-up without a plan is the plan's own matter.
        return match visit.service {
            Service::WellnessCheck => {
                Err(Refusal::state(MAINLY_HEALTHY, Remedy::SignPlan).because("no_plan"))
            }
            _ => Ok(()),
        };
    };
    if plan.draft.physicians.len() > 1 && !facts.listed_seen {
        return Err(Refusal::state(IN_TURN, Remedy::RecordInPerson).because("seen_by_none"));
    }
    Ok(())
}

/// Judges whether the patient has accepted whoever stands in, for this visit.
///
/// # Errors
///
/// There is no answer, it is no, or it is about somebody else.
pub fn accepted(visit: &Consultation, facts: &Facts) -> Result<(), Refusal> {
    let accepted = facts
        .acceptance
        .is_some_and(|answer| answer.accepts && answer.physician == visit.physician);
    if accepted {
        Ok(())
    } else {
        let clause = match visit.service {
            Service::WellnessCheck => MAINLY_HEALTHY,
            _ => ACCEPTED,
        };
        Err(Refusal::state(clause, Remedy::AcceptSubstitute).because("substitute_not_accepted"))
    }
}

/// Judges whether the case was handed over to whoever stands in, and read.
///
/// # Errors
///
/// There is no hand-over to this physician, or it was not acknowledged.
pub fn handed_over(visit: &Consultation, facts: &Facts) -> Result<(), Refusal> {
    let hand_over = facts
        .hand_over
        .filter(|hand_over| hand_over.to == visit.physician && hand_over.by != visit.physician)
        .ok_or_else(|| {
            Refusal::state(HANDED_OVER, Remedy::WriteHandOver).because("hand_over_missing")
        })?;
    if hand_over.acknowledged.is_none() {
        return Err(Refusal::state(HANDED_OVER, Remedy::ReadHandOver).because("hand_over_unread"));
    }
    Ok(())
}

/// Judges who may sign the hand-over: a physician of the plan, or a named deputy where none of them can be reached.
///
/// # Errors
///
/// The substitute, anybody else, or a deputy who does not say that nobody can be reached; a part of the note is empty.
pub fn signable(
    (plan, substitute): (&Plan, PersonId),
    signer: PersonId,
    (rules, unreachable): (&Rules, bool),
    note: &Note,
) -> Result<(), Refusal> {
    let listed = plan::rota(plan, signer) != plan::Rota::Outside;
    let deputy = unreachable && rules.deputies.contains(&signer);
    if signer == substitute || !(listed || deputy) {
        return Err(Refusal::person(HANDED_OVER, Remedy::WriteHandOver).because("wrong_actor"));
    }
    note.complete()
}

/// Judges whether the substitute may say that the hand-over was read: with the chart, both opened by this very person.
///
/// # Errors
///
/// Somebody else says it; the chart was not opened for this visit, or the note was not since it was signed.
pub fn read(
    visit: &Consultation,
    by: PersonId,
    reading: Option<Reading>,
    hand_over: Option<HandedOver>,
) -> Result<(), Refusal> {
    if by != visit.physician {
        return Err(Refusal::person(HANDED_OVER, Remedy::TreatingPhysician).because("wrong_actor"));
    }
    let hand_over = hand_over.ok_or_else(|| {
        Refusal::state(HANDED_OVER, Remedy::WriteHandOver).because("hand_over_missing")
    })?;
    if !reading.is_some_and(|reading| reading.by == by && reading.patient == visit.patient) {
        return Err(Refusal::state(HANDED_OVER, Remedy::OpenChart).because("chart_unopened"));
    }
    if hand_over.opened.is_none_or(|opened| opened < hand_over.at) {
        return Err(Refusal::state(HANDED_OVER, Remedy::ReadHandOver).because("note_unopened"));
    }
    Ok(())
}

/// Judges the physicians of a draft against the registers. One physician alone needs no team and no specialty.
///
/// # Errors
///
/// Somebody is no physician here, belongs to an institution that is not in the partner register today, or takes turns
/// without a specialty; several take turns and nothing says why.
pub fn named(
    draft: &Draft,
    staff: &[PersonId],
    partners: &[Partner],
    today: Date,
) -> Result<(), Refusal> {
    let refused =
        |items: Vec<Missing>| Refusal::content(NAMED, Remedy::NameFromRegister).naming(items);
    let several = draft.physicians.len() > 1;
    for listed in &draft.physicians {
        let here = staff.contains(&listed.person);
        let partnered = listed.partner.is_none_or(|id| {
            partners.iter().any(|partner| {
                partner.id == id && partner.kind.sees_patients() && partner.valid_until >= today
            })
        });
        if !here || !partnered || (several && listed.specialty.trim().is_empty()) {
            return Err(refused(vec![Missing::Named(listed.name.clone())]));
        }
    }
    if several && draft.team.is_none() {
        return Err(refused(vec![Part::Team.into()]));
    }
    Ok(())
}

/// Judges a booking of a check of mainly healthy people.
///
/// # Errors
///
/// The institution does not offer it; there is no plan, the plan does not list this physician, or it is for a disease.
pub fn bookable(
    in_force: Option<&Plan>,
    physician: PersonId,
    rules: &Rules,
    new_condition: bool,
) -> Result<(), Refusal> {
    let refused = |remedy, reason| Refusal::state(MAINLY_HEALTHY, remedy).because(reason);
    if !rules.wellness {
        return Err(refused(Remedy::OfferWellness, "not_offered"));
    }
    if new_condition {
        return Err(refused(Remedy::NewConsultation, "no_treatment"));
    }
    match in_force {
        Some(plan) if plan::rota(plan, physician) != plan::Rota::Outside => Ok(()),
        Some(_) => Err(refused(Remedy::ListPhysician, "not_listed")),
        None => Err(refused(Remedy::SignPlan, "no_plan")),
    }
}

/// Judges an act of treatment: a check of mainly healthy people has none. Treatment is a new consultation.
///
/// # Errors
///
/// The visit is such a check.
pub fn treats(service: Service) -> Result<(), Refusal> {
    match service {
        Service::WellnessCheck => {
            Err(Refusal::state(MAINLY_HEALTHY, Remedy::NewConsultation).because("no_treatment"))
        }
        _ => Ok(()),
    }
}

/// Plans in force that list somebody who is no physician here any more (finding `plan_physician_missing`).
#[must_use]
pub fn unlisted<'a>(plans: &'a [Plan], staff: &[PersonId]) -> Vec<&'a Plan> {
    plans
        .iter()
        .filter(|plan| matches!(plan.state, PlanState::Signed { .. }))
        .filter(|plan| {
            plan.draft
                .physicians
                .iter()
                .any(|listed| !staff.contains(&listed.person))
        })
        .collect()
}
