//! Where a patient goes next: derived from what is stored, so that a reload never loses the place.

use crate::{Problem, room, team::LetIn};
use access::DeviceId;
use care::{
    Consultation, ConsultationId, PatientId, ProxyId, Refusal, Service, Stage,
    agreement::{self, Kind},
    attendance::Part,
    explanation::{self, PLAN_TAG},
    house::HouseRules,
    place,
    plan::{self, Item, PlanState, Responsibility},
    proof, rota,
    statement::{Body, Statement},
    symptom,
};
use jiff::{SignedDuration, Timestamp};
use store::{
    By, Conn, LegalText, StandardPlan,
    consultation::Booking,
    dossier::{legal_day, read_until},
    plan::PlanVersion,
    statement::Answered,
};

/// After this long nobody arrives any more: the clinic calls.
pub(crate) const LATE_AFTER: SignedDuration = SignedDuration::from_hours(2);
/// A link leads nowhere this long after its visit.
pub(crate) const LINK_LIFE: SignedDuration = SignedDuration::from_hours(30 * 24);

/// When somebody comes, against the hour of the booking.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Window {
    /// Preparation only.
    Early,
    /// Opening is arrival.
    Open,
    /// Too late for today.
    Late,
}

impl Window {
    /// Before the time that the institution has set, opening the link is preparation; from then on it is arrival.
    pub(crate) fn of(booked_for: Timestamp, rules: &HouseRules, now: Timestamp) -> Self {
        if booked_for.duration_since(now) > rules.arrive_before() {
            Self::Early
        } else if now.duration_since(booked_for) > LATE_AFTER {
            Self::Late
        } else {
            Self::Open
        }
    }

    /// When the waiting room opens.
    pub(crate) fn opens(booked_for: Timestamp, rules: &HouseRules) -> Timestamp {
        booked_for
            .checked_sub(rules.arrive_before())
            .unwrap_or(booked_for)
    }
}

/// One page of the way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Step {
    /// 急ぐときの画面
    Now,
    /// からだの質問
    Body,
    /// 症状の一覧: at a first visit, at a new condition, and after "new or worse".
    Symptoms,
    /// 説明: everything unread on one page, the plan last.
    Explain,
    /// 同意
    Agree,
    /// Nothing is owed any more after an emergency start; said over the running call.
    Owed,
    /// 来院へ: not wished, or withdrawn.
    InPerson,
    /// 代わりの医師: another physician than the plan names.
    Substitute,
    /// 計画の変更: only where another physician put one to the patient.
    Proposal,
    /// いまの場所など
    Statement,
    /// The place or a promise holds the visit.
    Hold,
    /// だれかが同席する: よいか、ことわるか。
    Attendant,
    /// 診療前相談: 内容をほかの医療機関に伝えてよいか。
    Sharing,
    /// 薬を受けとる薬局: only where the service asks for it.
    Pharmacy,
    /// 禁煙の治療: 対面なしの良い点と悪い点。
    Weighing,
    /// 主治医がそばにいる: だれが責任を負うか、同じ部屋か。
    Beside,
    /// カメラとマイク
    Device,
    /// Everything is done, and it is too early.
    Prepared,
    /// Everything is done, and the waiting room is open.
    Arrive,
    /// Too late for today.
    Late,
    /// 待合室
    Wait,
    /// 診察中
    Call,
    /// きょう決まったこと
    After,
    /// Declined, in person, or given up.
    Over,
}

impl Step {
    /// Where it is.
    pub(crate) fn address(self) -> String {
        match self {
            Self::Now => "/visit/now".into(),
            Self::Body => "/visit/body".into(),
            Self::Symptoms => "/visit/symptoms".into(),
            Self::Explain => "/visit/explain".into(),
            Self::Agree => "/visit/agree".into(),
            Self::Owed => "/visit/owed".into(),
            Self::InPerson => "/visit/in-person".into(),
            Self::Substitute => "/visit/substitute".into(),
            Self::Proposal => "/visit/plan".into(),
            Self::Statement => "/visit/statement".into(),
            Self::Hold => "/visit/hold".into(),
            Self::Attendant => "/visit/attendant".into(),
            Self::Sharing => "/visit/sharing".into(),
            Self::Pharmacy => "/visit/pharmacy".into(),
            Self::Weighing => "/visit/smoking".into(),
            Self::Beside => "/visit/joint".into(),
            Self::Device => "/visit/device".into(),
            Self::Prepared | Self::Arrive | Self::Late => "/visit/ready".into(),
            Self::Wait => "/visit/wait".into(),
            Self::Call => "/visit/call".into(),
            Self::After => "/visit/after".into(),
            Self::Over => "/visit/over".into(),
        }
    }
}

/// What the way is derived from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Standing {
    /// Stage of the visit.
    pub(crate) stage: Stage,
    /// The hour against the booking.
    pub(crate) window: Window,
    /// The physician granted this seat on this device.
    pub(crate) admitted: bool,
    /// The newest answer about the body is an urgent sign.
    pub(crate) urgent: bool,
    /// The body was asked about today.
    pub(crate) body: bool,
    /// The list of symptoms is answered for this visit, or not asked in it.
    pub(crate) symptoms: bool,
    /// Not wished, or withdrawn.
    pub(crate) refused: bool,
    /// Numbers of the items of the explanation that are unread, from 1; the plan comes after the texts.
    pub(crate) unread: Vec<usize>,
    /// The patient's own part of the agreement stands.
    pub(crate) agreed: bool,
    /// Somebody stands in for the physicians of the plan, and the patient has not said that it is all right.
    pub(crate) substitute: bool,
    /// A change of the plan by another physician waits for the patient's answer.
    pub(crate) proposed: bool,
    /// Today's statement: none yet, held, or good.
    pub(crate) placed: Option<bool>,
    /// Somebody who attends waits for the answer.
    pub(crate) asked: bool,
    /// A pre-consultation, and nothing is said yet of sharing what is said in it.
    pub(crate) unshared: bool,
    /// The pharmacy is chosen, or none is asked for.
    pub(crate) pharmacy: bool,
    /// What was weighed for a course of smoking cessation waits to be read.
    pub(crate) unweighed: bool,
    /// The attending physician beside the patient waits for the answer.
    pub(crate) beside: bool,
    /// This device was checked.
    pub(crate) checked: bool,
}

/// The first unsettled step.
pub(crate) fn next_step(at: &Standing) -> Step {
    match at.stage {
        Stage::Ended { .. } | Stage::Documented { .. } | Stage::Closed { .. } => {
            return Step::After;
        }
        Stage::Declined | Stage::SwitchedInPerson | Stage::NotPerformed | Stage::Aborted => {
            return Step::Over;
        }
        Stage::Live { .. } if at.refused => return Step::InPerson,
        Stage::Live { .. } if at.admitted => return Step::Call,
        Stage::Live { .. } => return Step::Wait,
        Stage::Requested | Stage::Booked | Stage::Checks { .. } => {}
    }
    if at.urgent {
        return Step::Now;
    }
    if at.refused {
        return Step::InPerson;
    }
    if at.admitted {
        return Step::Call;
    }
    if !at.body {
        return Step::Body;
    }
    if !at.symptoms {
        return Step::Symptoms;
    }
    if !at.unread.is_empty() {
        return Step::Explain;
    }
    if !at.agreed {
        return Step::Agree;
    }
    if at.substitute {
        return Step::Substitute;
    }
    if at.proposed {
        return Step::Proposal;
    }
    match at.placed {
        None => return Step::Statement,
        Some(false) => return Step::Hold,
        Some(true) => {}
    }
    if at.asked {
        return Step::Attendant;
    }
    if at.unshared {
        return Step::Sharing;
    }
    if !at.pharmacy {
        return Step::Pharmacy;
    }
    if at.unweighed {
        return Step::Weighing;
    }
    if at.beside {
        return Step::Beside;
    }
    if !at.checked {
        return Step::Device;
    }
    match (at.stage, at.window) {
        (Stage::Checks { .. }, _) => Step::Wait,
        (_, Window::Early) => Step::Prepared,
        (_, Window::Open) => Step::Arrive,
        (_, Window::Late) => Step::Late,
    }
}

/// Who asks, as far as a transaction needs it.
#[derive(Clone, Copy)]
pub(crate) struct Asking {
    pub(crate) patient: PatientId,
    pub(crate) proxy: Option<ProxyId>,
    pub(crate) consultation: ConsultationId,
    pub(crate) device: DeviceId,
    pub(crate) now: Timestamp,
}

impl Asking {
    pub(crate) fn of(desk: &crate::PatientDesk) -> Self {
        Self {
            patient: desk.patient,
            proxy: desk.proxy,
            consultation: desk.consultation,
            device: desk.device,
            now: desk.now,
        }
    }

    /// The author of the act.
    pub(crate) const fn by(&self) -> By {
        By::Patient {
            id: self.patient,
            proxy: self.proxy,
            device: self.device,
        }
    }
}

/// A version of the plan that the patient has to see.
pub(crate) struct PlanToShow {
    pub(crate) version: PlanVersion,
    /// Items that changed in substance since the version read last; `None` where nothing was read yet.
    pub(crate) changed: Option<Vec<Item>>,
    /// Whether it waits to be read.
    pub(crate) open: bool,
    /// The owners as the boundary register has them now, where the plan in force still names another (cl-1.3-i-i).
    pub(crate) moved: Option<Responsibility>,
}

/// A visit with everything its pages look at.
pub(crate) struct Case {
    pub(crate) booking: Booking,
    /// When the waiting room opens.
    pub(crate) opens: Timestamp,
    pub(crate) texts: Vec<LegalText>,
    pub(crate) explained: explanation::Facts,
    pub(crate) agreement: agreement::Facts,
    pub(crate) plan: Option<PlanToShow>,
    /// The institution's standard draft, at a first visit before there is a plan (cl-1.1-iv-c).
    pub(crate) standard: Option<StandardPlan>,
    pub(crate) answers: Vec<Answered>,
    pub(crate) symptoms: symptom::Facts,
    /// The statement of this visit and day.
    pub(crate) today: Option<Statement>,
    /// What "as shown" shows.
    pub(crate) last: Option<Statement>,
    pub(crate) card_answer: Option<proof::Answer>,
    /// Somebody beside the physician, as the patient said, and the answer.
    pub(crate) doubt: Option<place::Doubt>,
    /// Who attends besides the physician, as the patient agreed.
    pub(crate) attended: Vec<LetIn>,
    pub(crate) standing: Standing,
}

impl Case {
    /// Loads the visit of the caller.
    pub(crate) async fn load(conn: &mut Conn, asking: &Asking) -> Result<Self, Problem> {
        let booking = conn
            .consultation(asking.consultation)
            .await?
            .ok_or(Problem::NotFound)?;
        let visit = &booking.consultation;
        let day = legal_day(asking.now);
        let texts = conn.texts("explanation").await?;
        let explained = conn.explanation_facts(visit).await?;
        let agreement = conn.agreement_facts(asking.patient).await?;
        let plans = conn.plans(asking.patient).await?;
        let plan = shown_with_owners(conn, asking.patient, plan_to_show(&plans)).await?;
        let standard = if plan.is_none() && visit.class.is_first() {
            conn.standard_plan().await?
        } else {
            None
        };
        let in_force = plans
            .iter()
            .map(|version| &version.plan)
            .find(|plan| matches!(plan.state, PlanState::Signed { .. }));
        let stands_in = rota::stands_in(visit, in_force);
        let answers = conn.body_answers(visit.id, asking.patient).await?;
        let symptoms = conn.symptom_facts(visit).await?;
        let own = conn.statement_of(visit).await?;
        let (today, earlier): (Option<Statement>, Option<Statement>) = match own {
            Some(page) if legal_day(page.at) == day => (Some(page), None),
            other => (None, other),
        };
        let last = match earlier {
            Some(page) => Some(page),
            None => conn.last_statement(visit).await?,
        };
        // A line that held the last visit is asked anew, never repeated by one press.
        let last = last.filter(|page| settled(visit.id, page).is_ok());
        let check = conn.device_check(visit.id).await?;
        let seat = room::patient_seat(asking.proxy);
        let admitted = conn
            .grants(visit.id)
            .await?
            .iter()
            .any(|grant| grant.seat == seat && grant.device == asking.device);
        let (_, card_answer) = conn.proof_card(visit).await?;
        let rules = conn.house_rules().await?;
        let doubt = conn.doubt(visit.id).await?;
        let team = conn.attendants(visit).await?;
        let joint = conn.joint_of(visit).await?;
        let attended = crate::team::let_in(conn, visit, &team).await?;
        let newest = answers.first();
        let standing = Standing {
            stage: visit.stage,
            window: Window::of(visit.booked_for, &rules, asking.now),
            admitted,
            urgent: newest.is_some_and(|answer| matches!(answer.body, Body::Urgent { .. })),
            body: newest.is_some_and(|answer| legal_day(answer.at) == day),
            // Without a list in force nobody can be asked: the visit does not start, and staff are told why.
            symptoms: !symptom::is_asked(visit.class, newest.map(|answer| &answer.body))
                || !symptoms.in_force
                || symptoms.current(visit.id).is_some(),
            refused: agreement::withdrawn(&agreement),
            unread: unread(&texts, &explained, plan.as_ref(), standard.is_some()),
            agreed: agreement::given(visit.id, &agreement).is_ok(),
            substitute: stands_in
                && !conn
                    .substitute_answer(visit)
                    .await?
                    .is_some_and(|answer| answer.accepts),
            proposed: conn.proposal_open(asking.patient).await?.is_some(),
            placed: today.as_ref().map(|page| settled(visit.id, page).is_ok()),
            pharmacy: has_pharmacy(conn, visit).await?,
            unweighed: crate::smoking::is_unread(conn, visit).await?,
            unshared: visit.service == Service::PreConsultation
                && conn.sharing_of(visit).await?.is_none(),
            asked: team
                .iter()
                .any(|one| one.answer.is_none() && one.part == Part::Nurse),
            beside: crate::joint::is_asked(joint.as_ref(), &team),
            checked: check
                .as_ref()
                .is_some_and(|check| check.device == asking.device),
        };
        Ok(Self {
            opens: Window::opens(visit.booked_for, &rules),
            booking,
            texts,
            explained,
            agreement,
            plan,
            standard,
            answers,
            symptoms,
            today,
            last,
            card_answer,
            doubt,
            attended,
            standing,
        })
    }

    /// The first unsettled step.
    pub(crate) fn next(&self) -> Step {
        next_step(&self.standing)
    }

    /// Whether the list of symptoms is asked in this visit.
    pub(crate) fn asks_symptoms(&self) -> bool {
        let newest = self.answers.first().map(|answer| &answer.body);
        self.symptoms.in_force && symptom::is_asked(self.booking.consultation.class, newest)
    }

    /// Number of the plan among the items of the explanation: after the texts.
    pub(crate) fn plan_item(&self) -> usize {
        self.texts.len() + 1
    }

    /// The kinds that the patient has still to agree to.
    pub(crate) fn open_kinds(&self) -> Vec<Kind> {
        agreement::open_kinds(&self.agreement)
    }

    /// Whether explanation and agreement are still owed after an emergency start (cl-1.1-iv-d).
    ///
    /// They are read on the phone while the visit runs and after it. A visit closed with the reason why not yet stays
    /// readable: the next attempt is the same page.
    pub(crate) fn owed(&self) -> bool {
        let visit = &self.booking.consultation;
        let started = visit.emergency.as_ref();
        let open = match visit.stage {
            Stage::Live { .. } | Stage::Ended { .. } | Stage::Documented { .. } => {
                started.is_some()
            }
            Stage::Closed { .. } => started.is_some_and(|start| start.still_impossible.is_some()),
            Stage::Requested
            | Stage::Booked
            | Stage::Checks { .. }
            | Stage::Declined
            | Stage::SwitchedInPerson
            | Stage::NotPerformed
            | Stage::Aborted => false,
        };
        let at = &self.standing;
        open && !at.refused && (!at.unread.is_empty() || !at.agreed)
    }

    /// The page on which explanation and agreement go on; what is owed does not move the visit itself.
    pub(crate) fn onward(&self) -> Step {
        let runs = matches!(self.standing.stage, Stage::Live { .. });
        match (self.owed(), self.standing.unread.is_empty()) {
            (true, false) => Step::Explain,
            (true, true) => Step::Agree,
            (false, _) if runs && !self.standing.refused => Step::Owed,
            (false, _) => self.next(),
        }
    }

    /// Whether the page is read in a sheet over the running call, which must not be left for it.
    pub(crate) fn in_call(&self) -> bool {
        matches!(self.standing.stage, Stage::Live { .. }) && self.owed()
    }

    /// Explanation and agreement are answered before the visit, or after an emergency start.
    pub(crate) fn may_agree(&self) -> Result<(), Problem> {
        if self.owed() {
            Ok(())
        } else {
            self.before_live()
        }
    }

    /// Patients act only before their visit is over.
    pub(crate) fn before_live(&self) -> Result<(), Problem> {
        if self.standing.stage.is_before_live() {
            Ok(())
        } else {
            Err(Problem::OutOfTurn)
        }
    }
}

/// Whether a statement lets the visit go on: the place, who sees and hears, and no recording.
pub(crate) fn settled(visit: ConsultationId, page: &Statement) -> Result<(), Refusal> {
    let _ = place::patient_placed(visit, Some(page))?;
    if page.lines.no_recording {
        Ok(())
    } else {
        Err(Refusal::state(
            care::recording::NO_RECORDING,
            care::Remedy::PromiseNoRecording,
        )
        .because("recording_not_agreed"))
    }
}

/// The plan with who owns each segment now, where that has moved since it was signed.
async fn shown_with_owners(
    conn: &mut Conn,
    patient: PatientId,
    plan: Option<PlanToShow>,
) -> Result<Option<PlanToShow>, Problem> {
    let Some(mut shown) = plan else {
        return Ok(None);
    };
    if matches!(shown.version.plan.state, PlanState::Signed { .. }) {
        let moved = conn.boundary_to_show(patient, &shown.version.plan).await?;
        shown.with_owners(moved);
    }
    Ok(Some(shown))
}

/// Whether the pharmacy is chosen, or none is asked for.
async fn has_pharmacy(conn: &mut Conn, visit: &Consultation) -> Result<bool, Problem> {
    if visit.service != Service::EmergencyContraception {
        return Ok(true);
    }
    let found = conn.contraception_at(visit).await?;
    Ok(found.is_none_or(|(kept, _)| kept.case.pharmacy.is_some()))
}

fn plan_to_show(plans: &[PlanVersion]) -> Option<PlanToShow> {
    let newest = plans.first()?;
    let offered = matches!(newest.plan.state, PlanState::Draft) && newest.read.is_none();
    let counts = plans
        .iter()
        .find(|version| matches!(version.plan.state, PlanState::Signed { .. }))
        .unwrap_or(newest);
    let version = if offered { newest } else { counts }.clone();
    let changed = read_until(plans, version.plan.version)
        .map(|read| plan::changes(&read.plan.draft, &version.plan.draft));
    let open = version.read.is_none() && changed.as_ref().is_none_or(|items| !items.is_empty());
    Some(PlanToShow {
        version,
        changed,
        open,
        moved: None,
    })
}

impl PlanToShow {
    /// Shows the owners of today in place of those that were signed, and asks for item 9 once.
    fn with_owners(&mut self, moved: Option<Responsibility>) {
        let Some(register) = &moved else { return };
        self.version.plan.draft.responsibility = register.clone();
        if !self.open {
            self.changed = Some(Vec::new());
        }
        if let Some(items) = &mut self.changed
            && !items.contains(&Item::Responsibility)
        {
            items.push(Item::Responsibility);
        }
        self.open = true;
        self.moved = moved;
    }
}

fn unread(
    texts: &[LegalText],
    explained: &explanation::Facts,
    plan: Option<&PlanToShow>,
    standard: bool,
) -> Vec<usize> {
    let read = |tag: &str, material: Option<i64>| {
        explained.items.iter().any(|row| {
            row.tag == tag
                && row.acknowledged.is_some()
                && material.is_none_or(|now| now == row.material)
        })
    };
    let mut items: Vec<usize> = texts
        .iter()
        .enumerate()
        .filter(|(_, text)| !read(&text.tag, Some(text.material)))
        .map(|(at, _)| at + 1)
        .collect();
    let open = plan.map_or(!standard, |plan| plan.open);
    if open || !read(PLAN_TAG, None) {
        items.push(texts.len() + 1);
    }
    items
}

#[cfg(test)]
mod tests {
    use super::*;

    fn done() -> Standing {
        Standing {
            stage: Stage::Checks {
                arrived: Timestamp::UNIX_EPOCH,
            },
            window: Window::Open,
            admitted: false,
            urgent: false,
            body: true,
            symptoms: true,
            refused: false,
            unread: Vec::new(),
            agreed: true,
            substitute: false,
            proposed: false,
            placed: Some(true),
            asked: false,
            unshared: false,
            pharmacy: true,
            unweighed: false,
            beside: false,
            checked: true,
        }
    }

    #[test]
    fn the_first_unsettled_step_is_the_next() {
        type Change = fn(&mut Standing);
        let at = Timestamp::UNIX_EPOCH;
        let rows: [(Change, Step); 25] = [
            (
                |s| (s.substitute, s.placed) = (true, None),
                Step::Substitute,
            ),
            (|_| (), Step::Wait),
            (|s| s.admitted = true, Step::Call),
            (|s| (s.admitted, s.urgent) = (true, true), Step::Now),
            (|s| (s.admitted, s.refused) = (true, true), Step::InPerson),
            (|s| s.body = false, Step::Body),
            (|s| (s.body, s.urgent) = (false, true), Step::Now),
            (|s| (s.symptoms, s.agreed) = (false, false), Step::Symptoms),
            (|s| s.unread = vec![2, 3], Step::Explain),
            (|s| s.agreed = false, Step::Agree),
            (|s| (s.agreed, s.unread) = (false, vec![3]), Step::Explain),
            (|s| s.placed = None, Step::Statement),
            (|s| s.placed = Some(false), Step::Hold),
            (|s| s.asked = true, Step::Attendant),
            (|s| (s.unshared, s.checked) = (true, false), Step::Sharing),
            (|s| s.checked = false, Step::Device),
            (|s| (s.pharmacy, s.checked) = (false, false), Step::Pharmacy),
            (|s| (s.unweighed, s.checked) = (true, false), Step::Weighing),
            (
                |s| (s.stage, s.window) = (Stage::Booked, Window::Early),
                Step::Prepared,
            ),
            (|s| s.stage = Stage::Booked, Step::Arrive),
            (
                |s| (s.stage, s.window) = (Stage::Booked, Window::Late),
                Step::Late,
            ),
            (
                |s| (s.stage, s.window, s.body) = (Stage::Booked, Window::Early, false),
                Step::Body,
            ),
            (|s| s.refused = true, Step::InPerson),
            (
                |s| (s.body, s.placed, s.checked) = (false, None, false),
                Step::Body,
            ),
            (|s| s.stage = Stage::Aborted, Step::Over),
        ];
        for (number, (change, step)) in rows.into_iter().enumerate() {
            let mut standing = done();
            change(&mut standing);
            assert_eq!(next_step(&standing), step, "row {number}");
        }
        for (stage, admitted, step) in [
            (Stage::Live { since: at }, true, Step::Call),
            (Stage::Live { since: at }, false, Step::Wait),
            (Stage::Ended { since: at, at }, true, Step::After),
            (Stage::Closed { since: at, at }, false, Step::After),
            (Stage::SwitchedInPerson, true, Step::Over),
        ] {
            let standing = Standing {
                stage,
                admitted,
                ..done()
            };
            assert_eq!(next_step(&standing), step);
        }
    }

    #[test]
    fn the_waiting_room_opens_half_an_hour_before_or_later_if_the_house_says_so() {
        let booked = Timestamp::UNIX_EPOCH + SignedDuration::from_hours(9);
        let usual = HouseRules::default();
        let later = HouseRules {
            arrival_minutes: 10,
            ..usual.clone()
        };
        for (rules, minutes, window) in [
            (&usual, -31, Window::Early),
            (&usual, -30, Window::Open),
            (&usual, 0, Window::Open),
            (&usual, 120, Window::Open),
            (&usual, 121, Window::Late),
            (&later, -11, Window::Early),
            (&later, -10, Window::Open),
            (&later, 121, Window::Late),
        ] {
            let now = booked + SignedDuration::from_mins(minutes);
            assert_eq!(Window::of(booked, rules, now), window, "{minutes}");
        }
    }
}
