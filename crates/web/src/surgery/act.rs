//! What the two physicians state, sign, arrange and decide for one joint visit of remote surgery.

use super::{Me, address, lost, own, own_as};
use crate::{At, Form, Problem, StaffDesk, desk::go};
use axum::response::Response;
use care::{
    Refusal, Remedy,
    attended::{JointId, Side, WORDS_CHARS_MAX},
    surgery::{
        self, Arrangement, Content, Counted, DECISION_SECONDS_MAX, Decision, ELIGIBLE, Eligibility,
        EntryId, GUIDED, Register, Try,
    },
};
use store::{Fault, joint::PaperKind};

/// Longest list of criteria that are applied.
const CRITERIA_MAX: usize = 100;

/// The two statements and the guideline: kept as a draft, or signed by the attending physician.
pub(super) async fn state(
    desk: StaffDesk,
    At(id): At<JointId>,
    form: Form,
) -> Result<Response, Problem> {
    own_as(&mut *desk.read().await?, id, desk.person, Side::Attending).await?;
    let mut reading = form.reading();
    let mut words = |field| reading.maybe(field, WORDS_CHARS_MAX).unwrap_or_default();
    let (why_remote, why_not_moved) = (words("why_remote"), words("why_not_moved"));
    reading.done()?;
    let guideline: Option<EntryId> = form.text("guideline").parse().ok();
    let criteria: Vec<String> = form.all("criterion").map(str::to_owned).collect();
    if criteria.len() > CRITERIA_MAX {
        return Err(Problem::Malformed);
    }
    let signed = form.has("sign");
    let me = Me::of(&desk);
    desk.write(move |tx| {
        Box::pin(async move {
            let joint = own_as(tx, id, me.person, Side::Attending).await?;
            let entries = tx.surgery_entries().await?;
            let edition = entries
                .iter()
                .find(|entry| Some(entry.id) == guideline)
                .and_then(|entry| match &entry.content {
                    Content::Guideline { edition, .. } => Some(edition.clone()),
                    Content::Site { .. } | Content::Network { .. } => None,
                });
            if guideline.is_some() && edition.is_none() {
                return Err(Refusal::content(GUIDED, Remedy::ChooseGuideline)
                    .because("guideline_missing")
                    .into());
            }
            let eligibility = Eligibility {
                why_remote,
                why_not_moved,
                guideline,
                edition: edition.unwrap_or_default(),
                criteria,
            };
            if signed {
                let facts = surgery::Facts {
                    entries,
                    stated: Some(surgery::Stated {
                        eligibility: eligibility.clone(),
                        attending: true,
                        remote: true,
                    }),
                    ..surgery::Facts::default()
                };
                surgery::eligible(&facts)?;
            }
            let paper = (PaperKind::Eligibility, &eligibility, signed);
            tx.write_paper(&me.by, me.person, &joint, paper).await?;
            Ok(())
        })
    })
    .await?;
    Ok(go(&address(id)))
}

/// The distant physician signs what the attending one has stated and signed.
pub(super) async fn sign(
    desk: StaffDesk,
    At(id): At<JointId>,
    _form: Form,
) -> Result<Response, Problem> {
    let me = Me::of(&desk);
    desk.write(move |tx| {
        Box::pin(async move {
            let joint = own_as(tx, id, me.person, Side::Remote).await?;
            let paper = tx
                .newest_paper(&joint, PaperKind::Eligibility)
                .await?
                .filter(|paper| paper.signed.is_some())
                .ok_or_else(|| {
                    Refusal::state(ELIGIBLE, Remedy::StateEligibility).because("attending_unsigned")
                })?;
            tx.keep_paper_opened(&me.by, &joint, &paper).await?;
            match tx.answer_paper(&me.by, &joint, &paper, (true, "")).await {
                Err(Fault::Conflict) => Err(Problem::OutOfTurn),
                done => Ok(done?),
            }
        })
    })
    .await?;
    Ok(go(&address(id)))
}

/// Sites, line, and how it goes on without the line.
pub(super) async fn arrange(
    desk: StaffDesk,
    At(id): At<JointId>,
    form: Form,
) -> Result<Response, Problem> {
    own_as(&mut *desk.read().await?, id, desk.person, Side::Attending).await?;
    let mut reading = form.reading();
    let attending_site: Option<EntryId> = reading.parse("attending_site");
    let remote_site: Option<EntryId> = reading.parse("remote_site");
    let network: Option<EntryId> = reading.parse("network");
    let takes_over = reading.need("takes_over", WORDS_CHARS_MAX);
    let skills = reading.need("skills", WORDS_CHARS_MAX);
    let equipment = reading.need("equipment", WORDS_CHARS_MAX);
    let seconds: Option<u32> = reading.parse("decision_seconds");
    if seconds.is_some_and(|seconds| !(1..=DECISION_SECONDS_MAX).contains(&seconds)) {
        reading.wrong("decision_seconds", "field-wrong");
    }
    reading.done()?;
    let (Some(attending_site), Some(remote_site), Some(network), Some(decision_seconds)) =
        (attending_site, remote_site, network, seconds)
    else {
        return Err(Problem::Malformed);
    };
    let arrangement = Arrangement {
        attending_site,
        remote_site,
        network,
        takes_over,
        skills,
        equipment,
        decision_seconds,
    };
    let me = Me::of(&desk);
    desk.write(move |tx| {
        Box::pin(async move {
            let joint = own_as(tx, id, me.person, Side::Attending).await?;
            let entries = tx.surgery_entries().await?;
            for (about, register) in [
                (attending_site, Register::Site),
                (remote_site, Register::Site),
                (network, Register::Network),
            ] {
                let known = entries
                    .iter()
                    .any(|entry| entry.id == about && entry.content.register() == register);
                if !known {
                    return Err(Problem::NotFound);
                }
            }
            let paper = (PaperKind::Arrangement, &arrangement, true);
            tx.write_paper(&me.by, me.person, &joint, paper).await?;
            Ok(())
        })
    })
    .await?;
    Ok(go(&address(id)))
}

/// "Good": the physician's own word, once the own side was tried over both lines.
pub(super) async fn good(
    desk: StaffDesk,
    At(id): At<JointId>,
    _form: Form,
) -> Result<Response, Problem> {
    let me = Me::of(&desk);
    desk.write(move |tx| {
        Box::pin(async move {
            let (joint, side) = own(tx, id, me.person).await?;
            let now = tx.now();
            let facts = tx.surgery_facts(&joint, now).await?;
            surgery::may_call_good(&facts, side, now)?;
            let what = (joint.id, side, Try::Good);
            Ok(tx
                .keep_surgery_try(&me.by, what, (true, Counted::default()))
                .await?)
        })
    })
    .await?;
    Ok(go(&address(id)))
}

/// The line is lost: the attending physician takes over, or waits a little.
pub(super) async fn decide(
    desk: StaffDesk,
    At(id): At<JointId>,
    form: Form,
) -> Result<Response, Problem> {
    own_as(&mut *desk.read().await?, id, desk.person, Side::Attending).await?;
    let mut reading = form.reading();
    let decision = Decision::parse(form.text("decision"));
    if decision.is_none() {
        reading.wrong("decision", "field-empty");
    }
    reading.done()?;
    let decision = decision.ok_or(Problem::Malformed)?;
    let me = Me::of(&desk);
    let visit = desk
        .write(move |tx| {
            Box::pin(async move {
                let joint = own_as(tx, id, me.person, Side::Attending).await?;
                let now = tx.now();
                let lost = lost(tx, &joint, now).await?.ok_or(Problem::OutOfTurn)?;
                let whose = (joint.id, joint.patient);
                match tx
                    .decide_surgery_loss(&me.by, whose, lost, (me.person, decision))
                    .await
                {
                    Err(Fault::Conflict) => return Err(Problem::OutOfTurn),
                    done => done?,
                }
                joint.visit.ok_or(Problem::OutOfTurn)
            })
        })
        .await?;
    desk.app().bell().ring(visit);
    Ok(go(&format!("/consultations/{visit}/seat")))
}
