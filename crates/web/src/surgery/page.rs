//! `/joint/{id}/surgery`: what remote surgery asks of a joint visit, with what is still missing and the next act of whoever looks.

use super::own;
use crate::{
    At, Problem, StaffDesk, Words,
    shell::{Section, StaffShell},
};
use askama::Template;
use axum::response::Response;
use care::{
    PatientId,
    attended::{JointId, Side},
    surgery::{self, Content, DECISION_SECONDS_MAX, Entry, EntryId, Register, Try},
};

#[derive(Template)]
#[template(path = "surgery/page.html")]
struct Page {
    shell: StaffShell,
    w: Words,
    id: JointId,
    patient: (PatientId, String),
    side: Side,
    lines: Vec<Line>,
    stated: Option<Shown>,
    guidelines: Vec<Guideline>,
    sites: Vec<(EntryId, String)>,
    networks: Vec<(EntryId, String)>,
    arrangement: Option<Arranged>,
    tries: Vec<(Side, Vec<(&'static str, Option<(String, bool)>)>)>,
    may_call_good: bool,
    most: u32,
}

struct Line {
    duty: String,
    clause: &'static str,
    lack: Option<String>,
}

struct Shown {
    why_remote: String,
    why_not_moved: String,
    guideline: String,
    edition: String,
    criteria: Vec<String>,
    attending: bool,
    remote: bool,
    /// The same, by side.
    signed: [(&'static str, bool); 2],
}

struct Guideline {
    id: EntryId,
    name: String,
    edition: String,
    criteria: Vec<String>,
}

struct Arranged {
    sites: [String; 2],
    network: (EntryId, String),
    takes_over: String,
    skills: String,
    equipment: String,
    seconds: u32,
}

pub(super) async fn show(desk: StaffDesk, At(id): At<JointId>) -> Result<Response, Problem> {
    let w = desk.w;
    let mut read = desk.read().await?;
    let (joint, side) = own(&mut read, id, desk.person).await?;
    let facts = read.surgery_facts(&joint, desk.now).await?;
    let patient = read
        .patient(joint.patient)
        .await?
        .ok_or(Problem::NotFound)?;
    drop(read);
    let name = |id: EntryId| {
        facts
            .entries
            .iter()
            .find(|entry| entry.id == id)
            .map(|entry| entry.content.name().to_owned())
            .unwrap_or_default()
    };
    let stated = facts.stated.as_ref().map(|stated| Shown {
        why_remote: stated.eligibility.why_remote.clone(),
        why_not_moved: stated.eligibility.why_not_moved.clone(),
        guideline: stated.eligibility.guideline.map(name).unwrap_or_default(),
        edition: stated.eligibility.edition.clone(),
        criteria: stated.eligibility.criteria.clone(),
        attending: stated.attending,
        remote: stated.remote,
        signed: [("attending", stated.attending), ("remote", stated.remote)],
    });
    let tries = Side::ALL
        .into_iter()
        .map(|side| {
            let tries = Try::ALL
                .into_iter()
                .map(|what| {
                    let newest = facts
                        .tries
                        .iter()
                        .find(|one| one.side == side && one.what == what);
                    (
                        what.as_str(),
                        newest.map(|one| (w.day_time(one.at), one.good)),
                    )
                })
                .collect();
            (side, tries)
        })
        .collect();
    let page = Page {
        shell: desk.shell("surgery-title", Section::Bookings).await?,
        w,
        id,
        patient: (patient.id, patient.profile.name),
        side,
        lines: surgery::judged(&facts, desk.now)
            .into_iter()
            .map(|(clause, judged)| Line {
                duty: format!("duty-{}", clause.id().replace('.', "-")),
                clause: clause.id(),
                lack: judged
                    .err()
                    .map(|refusal| w.say(refusal.remedy.key()).into_owned()),
            })
            .collect(),
        stated,
        guidelines: guidelines(&facts.entries),
        sites: of(&facts.entries, Register::Site),
        networks: of(&facts.entries, Register::Network),
        arrangement: facts.arrangement.as_ref().map(|one| Arranged {
            sites: [name(one.attending_site), name(one.remote_site)],
            network: (one.network, name(one.network)),
            takes_over: one.takes_over.clone(),
            skills: one.skills.clone(),
            equipment: one.equipment.clone(),
            seconds: one.decision_seconds,
        }),
        tries,
        may_call_good: surgery::may_call_good(&facts, side, desk.now).is_ok(),
        most: DECISION_SECONDS_MAX,
    };
    crate::patients::opened(&desk, "surgery", vec![joint.patient]).await?;
    desk.page(&page)
}

fn of(entries: &[Entry], register: Register) -> Vec<(EntryId, String)> {
    entries
        .iter()
        .filter(|entry| entry.content.register() == register)
        .map(|entry| (entry.id, entry.content.name().to_owned()))
        .collect()
}

fn guidelines(entries: &[Entry]) -> Vec<Guideline> {
    entries
        .iter()
        .filter_map(|entry| match &entry.content {
            Content::Guideline {
                name,
                edition,
                criteria,
            } => Some(Guideline {
                id: entry.id,
                name: name.clone(),
                edition: edition.clone(),
                criteria: criteria.clone(),
            }),
            Content::Site { .. } | Content::Network { .. } => None,
        })
        .collect()
}
