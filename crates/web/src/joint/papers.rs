//! What the two physicians hand each other: information beforehand, the need, the referral letter, the reply.

use super::{Me, address, is_own, own};
use crate::{
    At, Errors, Form, Problem, StaffDesk, Words,
    desk::go,
    shell::{Section, StaffShell},
};
use askama::Template;
use axum::response::Response;
use care::{
    Refusal, Remedy, Stage,
    attended::{self, Information, Joint, JointId, Package, Side, WORDS_CHARS_MAX},
    specialist::{self, COORDINATED, DISTANCE_KM_MAX, Ground, Means, NEED, Need},
};
use store::{
    Conn, Fault, Tx,
    joint::{Paper, PaperKind},
};

#[derive(Template)]
#[template(path = "joint/paper.html")]
struct Page {
    shell: StaffShell,
    w: Words,
    id: JointId,
    patient: String,
    title: String,
    by: String,
    at: String,
    signed: bool,
    parts: Vec<(&'static str, String)>,
    /// The reader answers what was sent.
    judges: bool,
}

/// A paper, read by one of the two. The other's first look is kept: it is what the start asks for.
pub(super) async fn show(
    desk: StaffDesk,
    At((id, kind)): At<(JointId, String)>,
) -> Result<Response, Problem> {
    let kind = PaperKind::parse(&kind)
        // Those of remote surgery have a page of their own.
        .filter(|kind| !matches!(kind, PaperKind::Eligibility | PaperKind::Arrangement))
        .ok_or(Problem::NotFound)?;
    let me = Me::of(&desk);
    let (joint, paper) = desk
        .write(move |tx| {
            Box::pin(async move {
                let joint = super::known(tx, id).await?;
                if joint.side(me.person).is_none() {
                    return Err(Problem::Denied);
                }
                let paper = newest(tx, &joint, kind).await?;
                // Nobody has received what its author has not signed.
                if paper.by != me.person && paper.signed.is_some() {
                    tx.keep_paper_opened(&me.by, &joint, &paper).await?;
                }
                tx.keep_read(&me.by, "joint_paper", &[joint.patient])
                    .await?;
                Ok((joint, paper))
            })
        })
        .await?;
    let mut read = desk.read().await?;
    let patient = read
        .patient(joint.patient)
        .await?
        .ok_or(Problem::NotFound)?;
    let by = read.name_of(paper.by).await?.unwrap_or_default();
    drop(read);
    desk.page(&Page {
        shell: desk.shell("joint-title", Section::Bookings).await?,
        w: desk.w,
        id,
        patient: patient.profile.name,
        title: format!("joint-paper-{}", kind.as_str()),
        by,
        at: desk.w.day_time(paper.written),
        signed: paper.signed.is_some(),
        judges: kind == PaperKind::Information
            && joint.side(desk.person) == Some(Side::Remote)
            && paper.answer.is_none(),
        parts: parts(&paper)?,
    })
}

fn parts(paper: &Paper) -> Result<Vec<(&'static str, String)>, Problem> {
    Ok(match paper.kind {
        PaperKind::Information => {
            let said: Information = paper.content()?;
            vec![
                ("joint-summary", said.summary),
                ("joint-results", said.results),
                ("joint-question", said.question),
            ]
        }
        PaperKind::Need => {
            let said: Need = paper.content()?;
            vec![("joint-need-words", said.words)]
        }
        PaperKind::Letter | PaperKind::Reply => vec![("joint-text", paper.content()?)],
        PaperKind::Eligibility | PaperKind::Arrangement => Vec::new(),
    })
}

async fn newest(conn: &mut Conn, joint: &Joint, kind: PaperKind) -> Result<Paper, Problem> {
    conn.newest_paper(joint, kind)
        .await?
        .ok_or(Problem::NotFound)
}

/// Papers that come before the visit are written before it.
async fn before(conn: &mut Conn, joint: &Joint) -> Result<(), Problem> {
    let Some(visit) = joint.visit else {
        return Ok(());
    };
    let stage = conn
        .consultation(visit)
        .await?
        .map(|booking| booking.consultation.stage);
    match stage {
        Some(stage) if stage.is_before_live() => Ok(()),
        None
        | Some(Stage::Declined | Stage::SwitchedInPerson | Stage::NotPerformed | Stage::Aborted) => {
            Ok(())
        }
        Some(_) => Err(Problem::OutOfTurn),
    }
}

/// The attending physician sends what the remote one needs to know (cl-2.4-i-b).
pub(super) async fn inform(
    desk: StaffDesk,
    At(id): At<JointId>,
    form: Form,
) -> Result<Response, Problem> {
    is_own(&desk, id, Side::Attending).await?;
    let mut reading = form.reading();
    let mut part = |name| reading.maybe(name, WORDS_CHARS_MAX).unwrap_or_default();
    let information = Information {
        summary: part("summary"),
        results: part("results"),
        question: part("question"),
    };
    reading.done()?;
    attended::sendable(&information)?;
    let me = Me::of(&desk);
    desk.write(move |tx| {
        Box::pin(async move {
            let joint = own(tx, id, &me, Side::Attending).await?;
            before(tx, &joint).await?;
            tx.write_paper(
                &me.by,
                me.person,
                &joint,
                (PaperKind::Information, &information, true),
            )
            .await?;
            Ok(())
        })
    })
    .await?;
    ring(&desk, id).await?;
    Ok(go(&address(id)))
}

/// The remote physician says whether it is enough (cl-2.4-i-b).
pub(super) async fn judge(
    desk: StaffDesk,
    At(id): At<JointId>,
    form: Form,
) -> Result<Response, Problem> {
    is_own(&desk, id, Side::Remote).await?;
    let yes = yes_or_no(&form)?;
    let mut reading = form.reading();
    let request = reading
        .maybe("request", WORDS_CHARS_MAX)
        .unwrap_or_default();
    reading.done()?;
    let me = Me::of(&desk);
    desk.write(move |tx| {
        Box::pin(async move {
            let joint = own(tx, id, &me, Side::Remote).await?;
            let paper = newest(tx, &joint, PaperKind::Information).await?;
            let package = Package {
                opened: paper.opened,
                sufficient: paper.answer,
            };
            attended::judged(package, yes, &request)?;
            answered(tx, &me, &joint, (&paper, yes, &request)).await
        })
    })
    .await?;
    ring(&desk, id).await?;
    Ok(go(&address(id)))
}

/// The attending physician states why the region needs it (cl-2.4.2-i).
pub(super) async fn need(
    desk: StaffDesk,
    At(id): At<JointId>,
    form: Form,
) -> Result<Response, Problem> {
    is_own(&desk, id, Side::Attending).await?;
    let mut reading = form.reading();
    let ground = match form.text("ground") {
        "hard" => Some(Ground::Hard),
        "continuity" => Some(Ground::Continuity),
        "other" => Some(Ground::Other),
        "travel" => {
            let distance_km: Option<u32> = reading.parse("distance_km");
            if distance_km.is_some_and(|km| km > DISTANCE_KM_MAX) {
                reading.wrong("distance_km", "field-wrong");
            }
            let means = Means::parse(form.text("means"));
            if means.is_none() {
                reading.wrong("means", "field-empty");
            }
            distance_km
                .zip(means)
                .map(|(distance_km, means)| Ground::Travel { distance_km, means })
        }
        _ => {
            reading.wrong("ground", "field-empty");
            None
        }
    };
    let words = reading
        .maybe("need_words", WORDS_CHARS_MAX)
        .unwrap_or_default();
    reading.done()?;
    let need = Need {
        ground: ground.ok_or(Problem::Malformed)?,
        words,
    };
    specialist::statable(&need)?;
    let me = Me::of(&desk);
    desk.write(move |tx| {
        Box::pin(async move {
            let joint = own(tx, id, &me, Side::Attending).await?;
            before(tx, &joint).await?;
            tx.write_paper(&me.by, me.person, &joint, (PaperKind::Need, &need, true))
                .await?;
            Ok(())
        })
    })
    .await?;
    Ok(go(&address(id)))
}

/// The remote physician accepts the need, or not (cl-2.4.2-i).
pub(super) async fn accept(
    desk: StaffDesk,
    At(id): At<JointId>,
    form: Form,
) -> Result<Response, Problem> {
    is_own(&desk, id, Side::Remote).await?;
    let yes = yes_or_no(&form)?;
    let me = Me::of(&desk);
    desk.write(move |tx| {
        Box::pin(async move {
            let joint = own(tx, id, &me, Side::Remote).await?;
            let paper = tx.newest_paper(&joint, PaperKind::Need).await?;
            let paper = paper
                .ok_or_else(|| Refusal::state(NEED, Remedy::StateNeed).because("need_missing"))?;
            answered(tx, &me, &joint, (&paper, yes, "")).await
        })
    })
    .await?;
    Ok(go(&address(id)))
}

/// The referral letter of the attending physician: kept as a draft, or signed (cl-2.4.2-ii-b).
pub(super) async fn letter(
    desk: StaffDesk,
    At(id): At<JointId>,
    form: Form,
) -> Result<Response, Problem> {
    is_own(&desk, id, Side::Attending).await?;
    written(&desk, id, &form, (PaperKind::Letter, Side::Attending)).await
}

/// The remote physician's reply: kept as a draft, or signed (cl-2.4.2-ii-b).
pub(super) async fn reply(
    desk: StaffDesk,
    At(id): At<JointId>,
    form: Form,
) -> Result<Response, Problem> {
    is_own(&desk, id, Side::Remote).await?;
    written(&desk, id, &form, (PaperKind::Reply, Side::Remote)).await
}

async fn written(
    desk: &StaffDesk,
    id: JointId,
    form: &Form,
    (kind, side): (PaperKind, Side),
) -> Result<Response, Problem> {
    let signed = form.has("sign");
    let mut reading = form.reading();
    let text = reading.maybe("text", WORDS_CHARS_MAX).unwrap_or_default();
    reading.done()?;
    if text.trim().is_empty() {
        return Err(Refusal::content(COORDINATED, Remedy::SignReferralLetter)
            .because("letter_empty")
            .into());
    }
    let me = Me::of(desk);
    desk.write(move |tx| {
        Box::pin(async move {
            let joint = own(tx, id, &me, side).await?;
            match kind {
                PaperKind::Letter => before(tx, &joint).await?,
                // A reply is about a visit that began.
                PaperKind::Reply => begun(tx, &joint).await?,
                PaperKind::Information
                | PaperKind::Need
                | PaperKind::Eligibility
                | PaperKind::Arrangement => {}
            }
            tx.write_paper(&me.by, me.person, &joint, (kind, &text, signed))
                .await?;
            Ok(())
        })
    })
    .await?;
    Ok(go(&address(id)))
}

async fn begun(conn: &mut Conn, joint: &Joint) -> Result<(), Problem> {
    let visit = joint.visit.ok_or(Problem::OutOfTurn)?;
    let booking = conn.consultation(visit).await?.ok_or(Problem::NotFound)?;
    if booking.consultation.stage.is_before_live() {
        return Err(Problem::OutOfTurn);
    }
    Ok(())
}

async fn answered(
    tx: &mut Tx,
    me: &Me,
    joint: &Joint,
    (paper, yes, words): (&Paper, bool, &str),
) -> Result<(), Problem> {
    match tx.answer_paper(&me.by, joint, paper, (yes, words)).await {
        Err(Fault::Conflict) => Err(Problem::OutOfTurn),
        done => Ok(done?),
    }
}

fn yes_or_no(form: &Form) -> Result<bool, Problem> {
    match form.text("answer") {
        "yes" => Ok(true),
        "no" => Ok(false),
        _ => Err(Problem::Wrong(Errors::one("answer", "field-empty"))),
    }
}

/// The pages of the visit hear of it.
pub(super) async fn ring(desk: &StaffDesk, id: JointId) -> Result<(), Problem> {
    let joint = super::known(&mut *desk.read().await?, id).await?;
    if let Some(visit) = joint.visit {
        desk.app().bell().ring(visit);
    }
    Ok(())
}
