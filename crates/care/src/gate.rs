//! The gates of a visit: admit, begin, sign, close. Each asks the modules, collects every refusal, and yields a proof.
//!
//! Admit is not begin: admit opens picture and sound between two people on the patient's own acts; begin turns the
//! physician's confirmations into care.

use crate::{
    ConsultationId, Dossier, Refusal, Remedy, Service, Stage, acute, agreement, assistance,
    attended, consultation, emergency_contraception, examination, explanation, first_visit,
    identity, legal_day, notice, place, plan, preconsultation, presence, proof, record, recording,
    referral, rota, smoking, specialist, statement, suitability, surgery, symptom,
};
use access::{affiliation, qualification};
use first_visit::sheet;
use guideline::Clause;

/// One line of a gate: a duty, and whether it is met.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// The duty it stands for; its name on the panel.
    pub duty: Clause,
    /// The clause that speaks: the duty's own, or a finer one that refuses.
    pub clause: Clause,
    /// What keeps it open, if anything.
    pub refusal: Option<Refusal>,
}

/// The patient may be admitted: picture and sound between these two people.
#[derive(Clone, Debug, PartialEq, Eq)]
#[must_use]
pub struct Admissible {
    consultation: ConsultationId,
    /// Where the patient can be seen in person.
    pub backup: Option<referral::Backup>,
}

impl Admissible {
    /// Of which visit.
    pub const fn consultation(&self) -> ConsultationId {
        self.consultation
    }
}

/// Care may begin.
#[derive(Clone, Debug, PartialEq, Eq)]
#[must_use]
pub enum Ready {
    /// Every proof is at hand.
    Ordinary {
        /// Of which visit.
        consultation: ConsultationId,
    },
    /// An emergency passes paperwork, never safety.
    Emergency {
        /// Of which visit.
        consultation: ConsultationId,
        /// How it came about.
        start: consultation::EmergencyStart,
    },
}

impl Ready {
    pub(crate) const fn consultation(&self) -> ConsultationId {
        match self {
            Self::Ordinary { consultation } | Self::Emergency { consultation, .. } => *consultation,
        }
    }

    pub(crate) fn into_emergency(self) -> Option<consultation::EmergencyStart> {
        match self {
            Self::Ordinary { .. } => None,
            Self::Emergency { start, .. } => Some(start),
        }
    }
}

/// The note may be signed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use]
pub struct Signable(ConsultationId);

impl Signable {
    pub(crate) const fn consultation(self) -> ConsultationId {
        self.0
    }
}

/// The visit may be closed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use]
pub struct Closable(ConsultationId);

impl Closable {
    pub(crate) const fn consultation(self) -> ConsultationId {
        self.0
    }
}

/// The visit may end as not performed as online care.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use]
pub struct NotPerformed(ConsultationId);

impl NotPerformed {
    pub(crate) const fn consultation(self) -> ConsultationId {
        self.0
    }
}

/// The lines of the admit panel, met and open.
#[must_use]
pub fn admit_lines(dossier: &Dossier) -> Vec<Line> {
    let mut lines = safety(dossier);
    lines.extend(paperwork_before_admit(dossier));
    lines.extend(assisted(dossier));
    lines.extend(contraception(dossier));
    lines.extend(smoking(dossier));
    lines.extend(joint_before(dossier));
    lines
}

/// The lines of physicians in turn: none where the plan's own physician sees the patient.
fn in_turn(dossier: &Dossier) -> Vec<Line> {
    let (visit, facts) = (&dossier.consultation, &dossier.rota);
    let in_force = dossier.plan.in_force.as_ref();
    if rota::stands_in(visit, in_force) {
        return vec![
            line(rota::ACCEPTED, rota::accepted(visit, facts)),
            line(rota::HANDED_OVER, rota::handed_over(visit, facts)),
        ];
    }
    rota::in_turn(visit, in_force, facts)
        .err()
        .map(|refusal| line::<()>(rota::IN_TURN, Err(refusal)))
        .into_iter()
        .collect()
}

/// The lines that begin asks for besides those of admit.
#[must_use]
pub fn begin_lines(dossier: &Dossier) -> Vec<Line> {
    let id = dossier.consultation.id;
    let mut lines = vec![
        line(
            suitability::EACH_TIME,
            suitability::suitable(id, &dossier.judgements),
        ),
        line(
            agreement::ONLINE_CARE,
            agreement::agreed(id, &dossier.agreement),
        ),
        line(
            explanation::BEFORE_AGREEMENT,
            explanation::explained(id, &dossier.explanation),
        ),
        line(
            record::AGREEMENT_CHARTED,
            record::charted(id, &dossier.agreement),
        ),
        line(
            identity::DOCUMENT,
            identity::identified(id, &dossier.identity, dossier.now),
        ),
        line(
            proof::SHOWN,
            proof::proven(
                id,
                &dossier.proof,
                identity::known(&dossier.identity, dossier.consultation.physician).is_ok(),
                dossier.today,
            ),
        ),
    ];
    lines.extend(joint_there(dossier));
    lines
}

/// Judges the admit act.
///
/// # Errors
///
/// Every open line.
pub fn admit(dossier: &Dossier) -> Result<Admissible, Vec<Refusal>> {
    passed(admit_lines(dossier))?;
    Ok(Admissible {
        consultation: dossier.consultation.id,
        backup: backup(dossier),
    })
}

/// Judges the start of care.
///
/// # Errors
///
/// Every open line of admit and begin.
pub fn begin(dossier: &Dossier) -> Result<Ready, Vec<Refusal>> {
    let mut lines = admit_lines(dossier);
    lines.extend(begin_lines(dossier));
    passed(lines)?;
    Ok(Ready::Ordinary {
        consultation: dossier.consultation.id,
    })
}

/// What an emergency start asks, told apart before it is pressed.
pub struct EmergencyLines {
    /// What no emergency passes, met and open: safety, and the patient's own no.
    pub holds: Vec<Line>,
    /// What is passed over now and remains due: open lines of admit and begin.
    pub later: Vec<Line>,
}

/// The two lists of an emergency start. One function for the page and for [`begin_emergency`]: what is shown is what is judged.
#[must_use]
pub fn emergency_lines(dossier: &Dossier) -> EmergencyLines {
    let id = dossier.consultation.id;
    let withdrawn = if agreement::withdrawn(&dossier.agreement) {
        Err(Refusal::state(agreement::ONLINE_CARE, Remedy::Withdrawn).because("consent_withdrawn"))
    } else {
        Ok(())
    };
    let mut holds = safety(dossier);
    // Beside the patient stands a physician: what is urgent is done there, and nothing of this is left for later.
    holds.extend(joint_before(dossier));
    holds.extend(joint_there(dossier));
    // The patient's own no, and the physician's: nothing is owed here, so a met one is no line.
    holds.extend(
        [
            line(agreement::ONLINE_CARE, withdrawn),
            line(
                suitability::EACH_TIME,
                suitability::may_abort(id, &dossier.judgements),
            ),
            line(proof::SHOWN, proof::undisputed(&dossier.proof)),
        ]
        .into_iter()
        .filter(|line| line.refusal.is_some()),
    );
    let mut later = paperwork_before_admit(dossier);
    later.extend(begin_lines(dossier));
    later.extend(smoking(dossier));
    // Today's judgement is written by the start itself.
    later.retain(|line| line.refusal.is_some() && line.clause != suitability::EACH_TIME);
    // What holds the start is never offered as something to do later, though the paperwork asks for it as well.
    later.retain(|line| {
        !holds
            .iter()
            .any(|held| held.refusal.is_some() && held.duty == line.duty)
    });
    EmergencyLines { holds, later }
}

/// Judges an emergency start: safety holds, paperwork is passed over and named.
///
/// # Errors
///
/// A line of safety is open, the patient has refused or withdrawn or said that it is somebody else, or the physician has
/// judged the visit unsuitable.
pub fn begin_emergency(
    dossier: &Dossier,
    ground: consultation::EmergencyGround,
) -> Result<Ready, Vec<Refusal>> {
    let lines = emergency_lines(dossier);
    passed(lines.holds)?;
    acute::passed_over(&dossier.acute).map_err(|refusal| vec![refusal])?;
    if ground.consultation != dossier.consultation.id {
        return Err(vec![Refusal::state(
            consultation::EMERGENCY,
            Remedy::GiveReason,
        )]);
    }
    let passed = lines
        .later
        .into_iter()
        .map(|line| line.clause.id().to_owned())
        .collect();
    Ok(Ready::Emergency {
        consultation: dossier.consultation.id,
        start: consultation::EmergencyStart {
            reason: ground.reason,
            passed,
            still_impossible: None,
        },
    })
}

/// Whether the visit is care at all: a pre-consultation asks for what a call needs, and for nothing of a treatment.
fn is_care(dossier: &Dossier) -> bool {
    dossier.consultation.service != Service::PreConsultation
}

/// The lines of the closing panel.
#[must_use]
pub fn sign_lines(dossier: &Dossier) -> Vec<Line> {
    let id = dossier.consultation.id;
    let withdrawn = if agreement::withdrawn(&dossier.agreement) {
        Err(Refusal::state(agreement::ONLINE_CARE, Remedy::Withdrawn).because("consent_withdrawn"))
    } else {
        Ok(())
    };
    let place = match (&dossier.statement, &dossier.opening_strip) {
        (_, Some(_)) => Ok(()),
        (_, None) => Err(Refusal::state(
            place::PATIENT_ROOM,
            Remedy::PressOpeningStrip,
        )),
    };
    let mut lines = vec![
        line(agreement::ONLINE_CARE, withdrawn),
        line(record::RESERVED_ACTS, reserved(dossier)),
        line(
            presence::NOBODY_ELSE,
            presence::checked(id, dossier.opening_strip.as_ref(), dossier.patient_device),
        ),
        line(place::PATIENT_ROOM, place),
        line(
            suitability::EACH_TIME,
            suitability::finally_suitable(id, &dossier.judgements),
        ),
        line(
            examination::SUFFICIENT,
            examination::examined(id, &dossier.examination),
        ),
        line(
            record::DOCUMENTED,
            record::note_complete(id, dossier.note.as_ref()),
        ),
        line(
            plan::ONLINE_CARE,
            plan::treated_within(dossier.consultation.class, &dossier.plan),
        ),
    ];
    if !dossier.examination.aids.cited.is_empty() {
        // It speaks before the examination itself: whoever cites is told that pictures alone are none.
        let aided = examination::aided(&dossier.examination);
        lines.insert(0, line(examination::AIDED, aided));
    }
    lines.extend(contraception_signed(dossier));
    lines.extend(onward_signed(dossier));
    if let Some(judged) = &dossier.background.judged {
        let block: Vec<_> = dossier.background.names().collect();
        lines.push(line(
            record::OBTAINED_BEFORE,
            record::obtained_before(Some(judged), &block),
        ));
    }
    if !dossier.plan.treated.is_empty() {
        lines.extend(
            rota::treats(dossier.consultation.service)
                .err()
                .map(|refusal| line::<()>(rota::MAINLY_HEALTHY, Err(refusal))),
        );
    }
    if dossier.proof.request.is_some() {
        lines.push(line(
            proof::ON_REQUEST,
            proof::answered(&dossier.proof, dossier.today),
        ));
    }
    lines.extend(joint_there(dossier));
    if let Some(doubt) = &dossier.doubt {
        lines.push(line(
            place::PHYSICIAN_ROOM,
            place::doubt_answered(Some(doubt)),
        ));
    }
    lines
}

/// Judges the signature that documents the visit.
///
/// # Errors
///
/// Every open line.
pub fn sign(dossier: &Dossier) -> Result<Signable, Vec<Refusal>> {
    passed(sign_lines(dossier))?;
    Ok(Signable(dossier.consultation.id))
}

/// Judges the closing: documented, and after an emergency start explained and agreed, or written why not yet.
///
/// # Errors
///
/// The record is missing or incomplete, the visit was judged unsuitable, or the explanation is still open.
pub fn close(dossier: &Dossier) -> Result<Closable, Refusal> {
    let id = dossier.consultation.id;
    if !matches!(
        dossier.consultation.stage,
        Stage::Documented { .. } | Stage::Ended { .. }
    ) || dossier.note.is_none()
    {
        return Err(
            Refusal::state(record::RESERVED_ACTS, Remedy::CompleteNote).because("note_missing")
        );
    }
    let _ = record::note_complete(id, dossier.note.as_ref())?;
    suitability::may_abort(id, &dossier.judgements)?;
    notice::told(&dossier.notice)?;
    let _ = sheet::handed(
        dossier.after_visit.as_ref(),
        &dossier.consultation,
        dossier.now,
    )?;
    let specialist = dossier
        .attended
        .as_ref()
        .and_then(|facts| facts.specialist.as_ref());
    if let Some(facts) = specialist {
        specialist::replied(facts)?;
    }
    if let Some(start) = &dossier.consultation.emergency {
        let explained = explanation::explained(id, &dossier.explanation).is_ok()
            && agreement::agreed(id, &dossier.agreement).is_ok();
        let reasoned = start
            .still_impossible
            .as_ref()
            .is_some_and(|words| !words.trim().is_empty());
        if !explained && !reasoned {
            return Err(Refusal::state(consultation::EMERGENCY, Remedy::ExplainNow));
        }
    }
    Ok(Closable(id))
}

/// Judges the exit "not performed as online care" (cl-1.6-ii-a): open only where sight and sound did not suffice, and where
/// the physician has not already sent the patient to care in person.
///
/// # Errors
///
/// Both were seen and heard long enough, so that the visit is documented; or it was judged unsuitable.
pub fn not_performed(dossier: &Dossier) -> Result<NotPerformed, Refusal> {
    let id = dossier.consultation.id;
    suitability::may_abort(id, &dossier.judgements)?;
    if examination::suffices(&dossier.examination) {
        return Err(
            Refusal::state(examination::REAL_TIME, Remedy::CompleteNote).because("media_suffices")
        );
    }
    Ok(NotPerformed(id))
}

/// What no emergency passes: arrival, urgent signs, a safe place, one patient at a time, and who the physician is:
/// belonging to the institution and trained for this (ADR 4).
/// A place to be seen in person is passed and named: an emergency may be just that nothing is in reach.
fn safety(dossier: &Dossier) -> Vec<Line> {
    let id = dossier.consultation.id;
    let physician = dossier.consultation.physician;
    let arrived = match dossier.consultation.stage {
        Stage::Checks { .. } | Stage::Live { .. } => Ok(()),
        Stage::Requested
        | Stage::Booked
        | Stage::Ended { .. }
        | Stage::Documented { .. }
        | Stage::Closed { .. }
        | Stage::Declined
        | Stage::SwitchedInPerson
        | Stage::NotPerformed
        | Stage::Aborted => Err(match dossier.examination.stopped {
            Some(_) => Refusal::state(examination::STOPPED, Remedy::HandOver),
            None => Refusal::state(statement::URGENT, Remedy::Arrive).because("not_arrived"),
        }),
    };
    let urgent = match (&dossier.body, dossier.urgent_open) {
        (Some(statement::Body::Urgent { .. }), true) => {
            Err(Refusal::state(statement::URGENT, Remedy::GetHelpNow))
        }
        _ => Ok(()),
    };
    let unsafe_place = match &dossier.statement {
        Some(today) => match today.lines.place {
            statement::PlaceKind::Driving | statement::PlaceKind::Outdoors => {
                Err(Refusal::state(place::CLEAN_AND_SAFE, Remedy::MoveToSafety))
            }
            statement::PlaceKind::Home
            | statement::PlaceKind::Workplace
            | statement::PlaceKind::Facility
            | statement::PlaceKind::Other => Ok(()),
        },
        None => Ok(()),
    };
    let affiliated = affiliation::affiliated(
        &dossier.affiliations,
        physician,
        dossier.institution,
        dossier.today,
    )
    .map_err(Refusal::from);
    vec![
        line(statement::URGENT, arrived.and(urgent)),
        line(place::CLEAN_AND_SAFE, unsafe_place),
        line(
            presence::ONE_PATIENT,
            presence::seat_free(dossier.live_seat, id, dossier.now),
        ),
        line(affiliation::AFFILIATION, affiliated),
        line(
            qualification::COURSE,
            qualification::trained(&dossier.courses, physician, dossier.today)
                .map_err(Refusal::from),
        ),
    ]
}

/// The lines of a visit with a nurse beside the patient; none without one.
fn assisted(dossier: &Dossier) -> Vec<Line> {
    let Some(facts) = &dossier.assistance else {
        return Vec::new();
    };
    let today = dossier.today;
    vec![
        line(assistance::FORESEEN, assistance::in_force(facts, today)),
        line(assistance::NURSE, assistance::entitled(facts)),
        line(
            assistance::HOME_VISITING,
            assistance::home_visiting(facts, today),
        ),
    ]
}

/// The lines of emergency contraception before its start: everything that its booking rested on, as it stands now.
fn contraception(dossier: &Dossier) -> Vec<Line> {
    use emergency_contraception as ec;
    let Some(facts) = &dossier.contraception else {
        return Vec::new();
    };
    let (setting, today) = (facts.setting.as_ref(), dossier.today);
    vec![
        line(ec::LISTED, ec::open(setting, &facts.lists, today)),
        line(
            ec::QUALIFIED,
            ec::qualified(&facts.register, dossier.consultation.physician, today),
        ),
        line(ec::GROUND, ec::stands(facts, today)),
    ]
}

/// The lines of emergency contraception before the signature.
fn contraception_signed(dossier: &Dossier) -> Vec<Line> {
    use emergency_contraception as ec;
    let Some(facts) = &dossier.contraception else {
        return Vec::new();
    };
    let (case, today) = (facts.case.as_ref(), dossier.today);
    let mut lines = vec![line(ec::RELIABLE, ec::explained(case))];
    if facts.orders {
        lines.push(line(ec::PHARMACIST, ec::sent(facts, today)));
        lines.push(line(ec::THREE_WEEKS, ec::followed(case, today)));
    }
    lines
}

/// The lines of smoking cessation before its start: what was judged when the course began, as it stands now.
fn smoking(dossier: &Dossier) -> Vec<Line> {
    let Some(facts) = &dossier.smoking else {
        return Vec::new();
    };
    vec![
        line(smoking::CHECKED_UP, smoking::safe(facts, dossier.today)),
        line(smoking::LOW_RISK, smoking::low_risk(facts)),
        line(smoking::WEIGHED, smoking::acknowledged(facts)),
    ]
}

/// Whether the plan covers the visit. A check-up that excludes an overlooked disease takes the place of its visit in person
/// (cl-1.2-ix-a).
fn planned(dossier: &Dossier) -> Result<plan::Planned, Refusal> {
    let (id, class, today) = (
        dossier.consultation.id,
        dossier.consultation.class,
        dossier.today,
    );
    let online_alone = dossier
        .smoking
        .as_ref()
        .is_some_and(|facts| smoking::in_place_of_visit(facts, today));
    if !online_alone {
        return plan::planned(id, class, &dossier.plan, today);
    }
    let facts = plan::Facts {
        rejudged: Some(smoking::CHECKED_UP.id().to_owned()),
        ..dossier.plan.clone()
    };
    plan::planned(id, class, &facts, today)
}

/// The lines of a visit with the attending physician beside the patient; none without one.
fn joint_before(dossier: &Dossier) -> Vec<Line> {
    let Some(facts) = &dossier.attended else {
        return Vec::new();
    };
    let (id, today) = (dossier.consultation.id, dossier.today);
    let beside = attended::beside(facts, dossier.institution, today)
        .and_then(|()| attended::seated(facts, id));
    let mut lines = vec![
        line(attended::BESIDE, beside),
        line(attended::INFORMED, attended::informed(facts)),
        line(attended::RESPONSIBLE, attended::responsible(facts, today)),
        line(
            attended::SHARED,
            attended::shared(&facts.joint, &facts.sharings, today),
        ),
    ];
    if let Some(facts) = &facts.surgery {
        let judged = surgery::judged(facts, dossier.now);
        lines.extend(judged.map(|(clause, judged)| line(clause, judged)));
    }
    if let Some(facts) = &facts.specialist {
        lines.push(line(specialist::NEED, specialist::needed(facts)));
        lines.push(line(
            specialist::COORDINATED,
            specialist::coordinated(facts),
        ));
    }
    lines
}

/// Judges whether all who have to be there are: the clinical part pauses without (cl-2.4-i-a, cl-2.4.2-ii-a).
///
/// # Errors
///
/// Somebody is away; always passed where nobody besides patient and physician has to be there.
pub fn all_there(dossier: &Dossier) -> Result<(), Refusal> {
    match &dossier.attended {
        Some(facts) => attended::all_there(facts, dossier.consultation.stage, dossier.now),
        None => Ok(()),
    }
}

/// The same as a line: asked once picture and sound are open, up to the signature.
fn joint_there(dossier: &Dossier) -> Vec<Line> {
    if dossier.attended.is_none() {
        return Vec::new();
    }
    vec![line(attended::BESIDE, all_there(dossier))]
}

fn paperwork_before_admit(dossier: &Dossier) -> Vec<Line> {
    let id = dossier.consultation.id;
    let physician = dossier.consultation.physician;
    let period = dossier
        .work_period
        .as_ref()
        .filter(|period| period.person == physician);
    let statement = todays_statement(dossier);
    let mut lines = intake(dossier);
    lines.extend(in_turn(dossier));
    lines.extend([
        line(
            agreement::ONLINE_CARE,
            agreement::given(id, &dossier.agreement),
        ),
        line(agreement::THREE_PARTIES, three_parties(dossier)),
        line(
            explanation::BEFORE_AGREEMENT,
            explanation::acknowledged(&dossier.explanation),
        ),
        line(plan::ASSESSED_FIRST, planned(dossier)),
        line(
            place::CLEAN_AND_SAFE,
            place::patient_placed(id, statement)
                .and_then(|placed| place::guided(dossier.guided).map(|()| placed)),
        ),
        line(
            place::PHYSICIAN_ROOM,
            place::physician_placed(
                id,
                period,
                dossier.physician_device,
                &dossier.physician_network,
                dossier.now,
            ),
        ),
        line(
            recording::NO_RECORDING,
            recording::unrecorded(id, statement, period),
        ),
        line(
            proof::SHOWN,
            proof::undisputed(&dossier.proof)
                .and_then(|()| proof::card(&dossier.proof, dossier.today)),
        ),
        line(
            record::CHART_READ,
            record::chart_read(
                id,
                dossier.consultation.patient,
                physician,
                dossier.reading,
                dossier.chart_source_up,
            ),
        ),
    ]);
    if is_care(dossier) {
        lines.push(line(
            referral::IN_PERSON_PLACE,
            referral::backed_up(id, &dossier.referral, dossier.today),
        ));
    }
    // Of a remote physician no visit in person is asked, but the attending one's information (cl-2.4-i-b).
    if dossier.attended.is_some() {
        lines.retain(|line| line.duty != plan::ASSESSED_FIRST);
    }
    lines
}

/// A sudden change, the route of a first visit, the list of symptoms: no line where it does not apply, so that a routine
/// follow-up has nothing more to read.
fn intake(dossier: &Dossier) -> Vec<Line> {
    let visit = &dossier.consultation;
    let body = dossier.body.as_ref();
    let mut lines = Vec::new();
    if dossier.acute.standing().is_some() {
        lines.push(line(acute::IN_PERSON_FIRST, acute::calm(&dossier.acute)));
    }
    // Emergency contraception stands on a ground of its own, a joint visit on the attending physician's information: each is judged
    // in its own lines.
    let stands_otherwise = dossier.contraception.is_some() || dossier.attended.is_some();
    if visit.class.is_first() && is_care(dossier) && !stands_otherwise {
        let seen = !dossier.plan.in_person.is_empty();
        let route = dossier.route.as_ref();
        lines.push(line(
            first_visit::REGULAR,
            first_visit::routed(visit.class, seen, route, &dossier.background, dossier.today),
        ));
        lines.extend(onward(dossier));
    }
    // What the patient answered to the list stands before the physician's eyes; a pre-consultation has nothing to decide on it.
    if is_care(dossier) && (symptom::is_asked(visit.class, body) || dossier.symptoms.unfit()) {
        lines.push(line(
            symptom::LISTED,
            symptom::judged(visit.id, visit.class, body, &dossier.symptoms),
        ));
    }
    lines
}

/// The lines of a first visit after a pre-consultation: its ground, and who stands ready where the patient is today.
fn onward(dossier: &Dossier) -> Vec<Line> {
    use preconsultation as pre;
    let Some(facts) = &dossier.onward else {
        return Vec::new();
    };
    let (patient, today) = (dossier.consultation.patient, dossier.today);
    let ground = pre::opened(Some(&facts.entry), facts.before.as_ref(), patient, today);
    vec![
        line(pre::GROUND, ground),
        line(pre::PLACED, pre::covered(facts, today)),
    ]
}

/// The lines of such a visit before the signature: how care in person follows, and what the patient has in hand until then.
fn onward_signed(dossier: &Dossier) -> Vec<Line> {
    use preconsultation as pre;
    let Some(facts) = &dossier.onward else {
        return Vec::new();
    };
    let today = dossier.today;
    vec![
        line(
            pre::LINKED,
            pre::linked(facts.linkage.as_ref(), facts, today),
        ),
        line(
            referral::GUIDED,
            referral::guided(facts.guidance.as_ref(), &dossier.referral, today),
        ),
    ]
}

/// A statement counts on its own legal day only.
fn todays_statement(dossier: &Dossier) -> Option<&statement::Statement> {
    dossier
        .statement
        .as_ref()
        .filter(|page| legal_day(page.at) == dossier.today)
}

fn three_parties(dossier: &Dossier) -> Result<(), Refusal> {
    agreement::stands_on_statement(&dossier.agreement)
}

fn reserved(dossier: &Dossier) -> Result<(), Refusal> {
    record::reserved(access::Role::Physician, dossier.qualified)
}

fn backup(dossier: &Dossier) -> Option<referral::Backup> {
    referral::backed_up(dossier.consultation.id, &dossier.referral, dossier.today)
        .ok()
        .map(|found| found.backup)
}

/// A line speaks for the clause of its refusal, which may be finer than the duty it stands for.
fn line<T>(clause: Clause, judged: Result<T, Refusal>) -> Line {
    match judged {
        Ok(_) => Line {
            duty: clause,
            clause,
            refusal: None,
        },
        Err(refusal) => Line {
            duty: clause,
            clause: refusal.clause,
            refusal: Some(refusal),
        },
    }
}

fn passed(lines: Vec<Line>) -> Result<(), Vec<Refusal>> {
    let open: Vec<Refusal> = lines.into_iter().filter_map(|line| line.refusal).collect();
    if open.is_empty() { Ok(()) } else { Err(open) }
}
