//! `/joint/{id}`: one joint visit, with what is still missing and the next act of whoever looks.

use super::{Me, address, book::is_free, known};
use crate::{
    At, Form, Problem, StaffDesk, Words,
    shell::{Section, StaffShell},
};
use askama::Template;
use axum::response::Response;
use care::{
    ConsultationId, PatientId, Refusal, Stage,
    attended::{self, BESIDE, Facts, INFORMED, Joint, JointId, RESPONSIBLE, SHARED, Side, Way},
    specialist::{self, COORDINATED, Ground, Means, NEED, Need},
};
use guideline::Clause;
use jiff::ToSpan as _;
use store::{
    Conn,
    dossier::legal_day,
    joint::{Paper, PaperKind},
};

/// Months that a new agreement holds unless somebody says otherwise.
const SHARING_MONTHS: i32 = 12;

#[derive(Template)]
#[template(path = "joint/page.html")]
struct Page {
    shell: StaffShell,
    w: Words,
    typed: Form,
    address: String,
    patient: (PatientId, String),
    service_key: String,
    attending: String,
    remote: String,
    /// Which of the two looks.
    side: Option<Side>,
    visit: Option<Visit>,
    /// There is no hour that stands: one can be booked.
    free: bool,
    responsible: Option<Side>,
    /// Each of the two, and whether it is that one who answers for the care.
    sides: [(Side, bool); 2],
    told: bool,
    /// The agreement in force lets the remote physician answer for the care.
    may_hand_over: bool,
    way: Way,
    lines: Vec<Line>,
    information: Option<Sent>,
    sharing: Option<Shared>,
    need: Option<Stated>,
    letter: Option<Sent>,
    reply: Option<Sent>,
    specialist: bool,
    /// Remote surgery: prepared on a page of its own.
    surgery: bool,
    grounds: [&'static str; 4],
    means: [Means; 3],
}

struct Visit {
    id: ConsultationId,
    when: String,
    stage: String,
    before: bool,
    /// Picture and sound are open.
    open: bool,
    /// The attending physician is there now.
    there: bool,
    begun: bool,
}

struct Line {
    duty: String,
    clause: &'static str,
    lack: Option<String>,
}

struct Sent {
    at: String,
    signed: bool,
    opened: Option<String>,
    answer: Option<bool>,
    words: String,
}

struct Shared {
    id: attended::SharingId,
    parts: [(&'static str, String); 5],
    responsible: &'static str,
    from: String,
    until: String,
    signed: [Option<String>; 2],
    /// The own signature is missing.
    waits: bool,
}

struct Stated {
    ground: &'static str,
    minutes: Option<u32>,
    words: String,
    accepted: Option<bool>,
}

pub(super) async fn show(desk: StaffDesk, At(id): At<JointId>) -> Result<Response, Problem> {
    let me = Me::of(&desk);
    let mut read = desk.read().await?;
    let joint = known(&mut read, id).await?;
    let patient = read
        .patient(joint.patient)
        .await?
        .ok_or(Problem::NotFound)?;
    let side = joint.side(me.person);
    let visit = visit(&mut read, &joint, &desk).await?;
    let facts = match &visit {
        Some((booked, _)) => read.attended_facts(booked, me.now).await?,
        None => None,
    };
    let facts = match facts {
        Some(facts) => facts,
        None => read.joint_facts(joint, me.now).await?,
    };
    let lines = lines(&desk, &facts, visit.as_ref().map(|(booked, _)| booked));
    let today = legal_day(me.now);
    let newest = facts.sharings.first();
    let sharing = newest.map(|one| Shared {
        id: one.id,
        parts: parts(&one.terms),
        responsible: one.terms.responsible.as_str(),
        from: desk.w.date(one.terms.from),
        until: desk.w.date(one.terms.until),
        signed: [one.attending_signed, one.remote_signed]
            .map(|at| at.map(|at| desk.w.day_time(at))),
        waits: match side {
            Some(Side::Attending) => one.attending_signed.is_none(),
            Some(Side::Remote) => one.remote_signed.is_none(),
            None => false,
        },
    });
    let need = read.newest_paper(&joint, PaperKind::Need).await?;
    let page = Page {
        typed: prefilled(&desk)?,
        address: address(id),
        service_key: format!("service-{}", joint.service.as_str()),
        attending: read.name_of(joint.attending).await?.unwrap_or_default(),
        remote: read.name_of(joint.remote).await?.unwrap_or_default(),
        side,
        free: is_free(&mut read, &joint).await?,
        visit: visit.map(|(_, shown)| shown),
        responsible: joint.responsible.and_then(|person| joint.side(person)),
        sides: Side::ALL.map(|side| {
            let answers = joint.responsible.and_then(|person| joint.side(person));
            (side, answers == Some(side))
        }),
        told: joint.is_told(),
        may_hand_over: attended::responsible_for(
            &joint,
            Some(Side::Remote),
            &facts.sharings,
            today,
        )
        .is_ok(),
        way: joint.way,
        lines,
        information: sent(&mut read, &joint, (PaperKind::Information, &desk)).await?,
        letter: sent(&mut read, &joint, (PaperKind::Letter, &desk)).await?,
        reply: sent(&mut read, &joint, (PaperKind::Reply, &desk)).await?,
        // Clinical words are between the two.
        need: match need {
            Some(paper) if side.is_some() => Some(stated(&paper)?),
            Some(_) | None => None,
        },
        sharing: sharing.filter(|_| side.is_some()),
        specialist: facts.specialist.is_some(),
        surgery: facts.surgery.is_some() && side.is_some(),
        grounds: Ground::WORDS,
        means: Means::ALL,
        patient: (patient.id, patient.profile.name),
        shell: desk.shell("joint-title", Section::Bookings).await?,
        w: desk.w,
    };
    drop(read);
    crate::patients::opened(&desk, "joint", vec![joint.patient]).await?;
    desk.page(&page)
}

/// Tomorrow at nine, and an agreement for a year: what a clinic would write first.
fn prefilled(desk: &StaffDesk) -> Result<Form, Problem> {
    let today = legal_day(desk.now);
    let text = format!(
        "date={}&time=09%3A00&from={today}&until={}",
        today.saturating_add(1.day()),
        today.saturating_add(SHARING_MONTHS.months()),
    );
    Form::parse(text.as_bytes())
}

async fn visit(
    read: &mut Conn,
    joint: &Joint,
    desk: &StaffDesk,
) -> Result<Option<(care::Consultation, Visit)>, Problem> {
    let Some(id) = joint.visit else {
        return Ok(None);
    };
    let booking = read.consultation(id).await?.ok_or(Problem::NotFound)?;
    let visit = booking.consultation;
    let there = read
        .joint_presence(id)
        .await?
        .attending
        .iter()
        .any(|time| time.until.is_none());
    let shown = Visit {
        id,
        when: desk.w.day_time(visit.booked_for),
        stage: format!("bookings-stage-{}", visit.stage.as_str()),
        before: visit.stage.is_before_live(),
        open: matches!(visit.stage, Stage::Checks { .. } | Stage::Live { .. })
            && !read.grants(id).await?.is_empty(),
        there,
        begun: matches!(
            visit.stage,
            Stage::Live { .. }
                | Stage::Ended { .. }
                | Stage::Documented { .. }
                | Stage::Closed { .. }
        ),
    };
    Ok(Some((visit, shown)))
}

/// What the start asks for: the same judgements as at the gate.
fn lines(desk: &StaffDesk, facts: &Facts, visit: Option<&care::Consultation>) -> Vec<Line> {
    let today = legal_day(desk.now);
    let w = desk.w;
    let line = |clause: Clause, judged: Result<(), Refusal>| Line {
        duty: format!("duty-{}", clause.id().replace('.', "-")),
        clause: clause.id(),
        lack: judged
            .err()
            .map(|refusal| w.say(refusal.remedy.key()).into_owned()),
    };
    let beside = attended::beside(facts, desk.tenant, today).and_then(|()| match visit {
        Some(visit) => attended::seated(facts, visit.id)
            .and_then(|()| attended::all_there(facts, visit.stage, desk.now)),
        None => Ok(()),
    });
    let mut lines = vec![
        line(BESIDE, beside),
        line(INFORMED, attended::informed(facts)),
        line(
            SHARED,
            attended::shared(&facts.joint, &facts.sharings, today).map(|_| ()),
        ),
    ];
    if visit.is_some() {
        lines.push(line(RESPONSIBLE, attended::responsible(facts, today)));
    }
    if let Some(facts) = &facts.specialist {
        lines.push(line(NEED, specialist::needed(facts)));
        lines.push(line(COORDINATED, specialist::coordinated(facts)));
    }
    lines
}

fn parts(terms: &attended::Terms) -> [(&'static str, String); 5] {
    [
        ("joint-cases", terms.cases.clone()),
        ("joint-line-failure", terms.line_failure.clone()),
        ("joint-decides", terms.decides.clone()),
        ("joint-explains", terms.explains.clone()),
        ("joint-insurance", terms.insurance.clone()),
    ]
}

async fn sent(
    read: &mut Conn,
    joint: &Joint,
    (kind, desk): (PaperKind, &StaffDesk),
) -> Result<Option<Sent>, Problem> {
    let paper = read.newest_paper(joint, kind).await?;
    Ok(paper.map(|paper| Sent {
        at: desk.w.day_time(paper.written),
        signed: paper.signed.is_some(),
        opened: paper.opened.map(|at| desk.w.day_time(at)),
        answer: paper.answer,
        words: if joint.side(desk.person).is_some() {
            paper.words
        } else {
            String::new()
        },
    }))
}

fn stated(paper: &Paper) -> Result<Stated, Problem> {
    let need: Need = paper.content()?;
    Ok(Stated {
        ground: need.ground.as_str(),
        minutes: match need.ground {
            Ground::Travel { distance_km, means } => {
                Some(specialist::travel_minutes(distance_km, means))
            }
            Ground::Hard | Ground::Continuity | Ground::Other => None,
        },
        words: need.words,
        accepted: paper.answer,
    })
}
