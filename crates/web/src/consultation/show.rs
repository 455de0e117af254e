//! Draws a visit: before the call, in the call, closing, over. Opening the page is the reading of the chart.

use super::{Asking, Case, address};
use crate::{
    At, Problem, StaffDesk, Words, room,
    shell::{Section, StaffShell},
};
use askama::Template;
use axum::response::{IntoResponse as _, Response};
use care::{
    Class, ConsultationId, Refusal, Remedy, Stage, agreement, examination, explanation, gate,
    identity,
    patient::{age, era_year},
    place, plan, presence, recording, referral,
    statement::{Body, Medicines, TOO_FAST_SECONDS},
    suitability::Phase,
};
use guideline::Clause;
use jiff::{Timestamp, ToSpan as _};
use store::{Conn, chart::NoteVersion, patient::Patient, statement::DeviceCheck};

/// Past notes shown beside a visit.
const PAST_NOTES: usize = 5;

/// The patient, pinned on every page of a visit.
pub(super) struct Band {
    pub(super) patient: care::PatientId,
    pub(super) name: String,
    pub(super) kana: String,
    pub(super) born: String,
    pub(super) number: i64,
    pub(super) class_key: &'static str,
    pub(super) alerts: Vec<String>,
    pub(super) plan: Option<String>,
}

/// One line of a gate.
pub(super) struct GateLine {
    pub(super) duty_key: String,
    pub(super) clause: &'static str,
    pub(super) met: bool,
    pub(super) fact: String,
    pub(super) mend: Option<Mend>,
    pub(super) who_key: Option<String>,
}

/// What mends an open line, and where.
pub(super) struct Mend {
    pub(super) key: &'static str,
    pub(super) to: String,
}

/// Which of the five faces the page shows.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Face {
    Waiting,
    Admitted,
    Live,
    Closing,
    Over,
}

impl Face {
    fn of(dossier: &care::Dossier, granted: bool) -> Self {
        let judged = dossier
            .judgements
            .iter()
            .any(|row| row.phase == Phase::Final);
        match dossier.consultation.stage {
            Stage::Checks { .. } if granted => Self::Admitted,
            Stage::Requested | Stage::Booked | Stage::Checks { .. } => Self::Waiting,
            Stage::Live { .. } if !judged => Self::Live,
            Stage::Live { .. } | Stage::Ended { .. } => Self::Closing,
            Stage::Documented { .. }
            | Stage::Closed { .. }
            | Stage::Declined
            | Stage::SwitchedInPerson
            | Stage::Aborted => Self::Over,
        }
    }
}

#[derive(Template)]
#[template(path = "consultation/page.html", blocks = ["desk"])]
struct Page {
    shell: StaffShell,
    w: Words,
    id: ConsultationId,
    address: String,
    band: Band,
    face: Face,
    stage_key: String,
    mine: bool,
    lines: Vec<GateLine>,
    open_lines: usize,
    body: String,
    body_alarm: bool,
    statement: Vec<String>,
    fast: bool,
    device: String,
    arrived: bool,
    past: Vec<Past>,
    medicines: String,
    need_accept: bool,
    /// An emergency start whose explanation and agreement are still owed.
    owing: bool,
    need_identity: bool,
    documents: Vec<&'static str>,
    proof_wait: bool,
    known: bool,
    strip_done: bool,
    companions: Vec<String>,
    stop_reasons: Vec<String>,
    soap: care::record::Soap,
    draft_saved: String,
    answered: bool,
    watch: Watched,
    withdrawn: bool,
    outside: bool,
    outside_reasons: Vec<&'static str>,
    not_yet: Vec<&'static str>,
    tomorrow: String,
    seconds: i64,
    started: i64,
    overdue: bool,
    no_place: bool,
    live_note: Option<Past>,
    emergency: bool,
    nonce: String,
    new_device: bool,
}

/// What comes up by itself in a running visit, and what the physician can do about it.
struct Watched {
    withdrawn: bool,
    /// The patient has been away for longer than item 5 of the plan allows.
    lost: bool,
    prompt: bool,
    new_device: bool,
}

impl Watched {
    fn of(case: &Case, new_device: bool) -> Self {
        let dossier = &case.dossier;
        let measured = &dossier.examination.measured;
        let away = measured.poor_since.filter(|_| !measured.patient_video_now);
        let stop = dossier.plan.in_force.as_ref().map(|plan| &plan.draft.stop);
        Self {
            withdrawn: agreement::withdrawn(&dossier.agreement),
            lost: away
                .zip(stop)
                .is_some_and(|(since, stop)| stop.lost_too_long(since, dossier.now)),
            prompt: examination::prompt_due(&dossier.examination),
            new_device,
        }
    }
}

#[derive(Template)]
#[template(path = "consultation/watch.html")]
struct Watch {
    shell: StaffShell,
    w: Words,
    address: String,
    watch: Watched,
}

struct Past {
    when: String,
    soap: care::record::Soap,
    by: String,
}

#[derive(Template)]
#[template(path = "consultation/gate.html")]
struct Gate {
    shell: StaffShell,
    w: Words,
    address: String,
    new_device: bool,
    lines: Vec<GateLine>,
    open_lines: usize,
}

/// The visit's page. The reading is in the ledger before its first byte (cl-2.1-iv-a).
pub(super) async fn show(desk: StaffDesk, At(id): At<ConsultationId>) -> Result<Response, Problem> {
    let asking = Asking::of(&desk);
    let opening = asking.clone();
    let mine = desk
        .write(move |tx| {
            Box::pin(async move {
                let booking = tx.consultation(id).await?.ok_or(Problem::NotFound)?;
                tx.keep_chart_reading(&opening.by, opening.person, &booking.consultation)
                    .await?;
                Ok(booking.consultation.physician == opening.person)
            })
        })
        .await?;
    let page = page(&desk, id, &asking, mine).await?;
    if !desk.wants_block() {
        return desk.page(&page);
    }
    // Before admission and after the end the dock beside the block is another: the page is drawn anew.
    if matches!(page.face, Face::Waiting | Face::Over) {
        return Ok(([("hx-refresh", "true")], "").into_response());
    }
    desk.page(&page.as_desk())
}

/// The gate alone, fetched anew while the patient's facts arrive. Covered by the page's own reading.
pub(super) async fn gate(desk: StaffDesk, At(id): At<ConsultationId>) -> Result<Response, Problem> {
    let asking = Asking::of(&desk);
    let mut read = desk.read().await?;
    let case = Case::own(&mut read, id, &asking).await?;
    let new_device = new_device(&mut read, &case).await?;
    drop(read);
    if !case.booking.consultation.stage.is_before_live() {
        return Ok(([("hx-refresh", "true")], "").into_response());
    }
    let lines = gate_lines(&desk, &case);
    let open_lines = lines.iter().filter(|line| !line.met).count();
    let shell = desk.shell("visit-title", Section::Today).await?;
    desk.page(&Gate {
        shell,
        w: desk.w,
        address: address(id),
        new_device,
        lines,
        open_lines,
    })
}

/// What has come up since, fetched while the visit runs: nobody has to press a button to hear of it.
pub(super) async fn watch(
    desk: StaffDesk,
    At(id): At<ConsultationId>,
) -> Result<Response, Problem> {
    let asking = Asking::of(&desk);
    let mut read = desk.read().await?;
    let case = Case::own(&mut read, id, &asking).await?;
    let new_device = new_device(&mut read, &case).await?;
    drop(read);
    if !matches!(case.booking.consultation.stage, Stage::Live { .. }) {
        return Ok(([("hx-refresh", "true")], "").into_response());
    }
    let shell = desk.shell("visit-title", Section::Today).await?;
    let watch = Watched::of(&case, new_device);
    desk.page(&Watch {
        shell,
        w: desk.w,
        address: address(id),
        watch,
    })
}

#[expect(
    clippy::too_many_lines,
    reason = "a flat list: one line for each thing on the page"
)]
async fn page(
    desk: &StaffDesk,
    id: ConsultationId,
    asking: &Asking,
    mine: bool,
) -> Result<Page, Problem> {
    let mut read = desk.read().await?;
    let case = Case::load(&mut read, id, &asking.view).await?;
    let visit = &case.booking.consultation;
    let patient = read
        .patient(visit.patient)
        .await?
        .ok_or(Problem::NotFound)?;
    let granted = read
        .grants(id)
        .await?
        .iter()
        .any(|grant| grant.seat == room::PHYSICIAN);
    let notes = read.notes_of(id).await?;
    let chart = read.chart(visit.patient).await?;
    let check = read.device_check(id).await?;
    let names = names(&mut read, &chart, &notes).await?;
    let new_device = new_device(&mut read, &case).await?;
    drop(read);
    let face = Face::of(&case.dossier, granted);
    let w = desk.w;
    let dossier = &case.dossier;
    let lines = match face {
        Face::Waiting => gate_lines(desk, &case),
        Face::Admitted => lines_of(desk, &case, gate::begin_lines(dossier)),
        Face::Live | Face::Closing => lines_of(desk, &case, gate::sign_lines(dossier)),
        Face::Over => Vec::new(),
    };
    let open_lines = lines.iter().filter(|line| !line.met).count();
    let newest = notes.last();
    let since = match visit.stage {
        Stage::Live { since } => Some(since),
        _ => None,
    };
    let owing = visit.emergency.is_some()
        && matches!(
            visit.stage,
            Stage::Live { .. } | Stage::Ended { .. } | Stage::Documented { .. }
        )
        && (agreement::agreed(id, &dossier.agreement).is_err()
            || explanation::explained(id, &dossier.explanation).is_err());
    // The physician's press needs the patient's own part; without it only the reason why not yet can be written.
    let passed_over = owing
        && agreement::given(id, &dossier.agreement).is_ok()
        && explanation::acknowledged(&dossier.explanation).is_ok();
    let refused = |clause: Clause| {
        lines_open(dossier, face)
            .iter()
            .any(|refusal| refusal.clause == clause)
    };
    Ok(Page {
        shell: desk.shell("visit-title", Section::Today).await?,
        w,
        id,
        address: address(id),
        band: band_of(desk, &case, &patient),
        face,
        stage_key: format!("stage-{}", visit.stage.as_str().replace('_', "-")),
        mine,
        body: body_words(w, dossier.body.as_ref()),
        body_alarm: matches!(
            dossier.body,
            Some(Body::Urgent { .. } | Body::NewOrWorse { .. })
        ),
        statement: statement_words(w, &case),
        fast: dossier
            .statement
            .as_ref()
            .is_some_and(|statement| statement.seconds < TOO_FAST_SECONDS),
        medicines: medicines_words(w, &case),
        device: device_words(w, check.as_ref()),
        arrived: matches!(visit.stage, Stage::Checks { .. } | Stage::Live { .. }),
        past: chart
            .iter()
            .filter(|note| note.consultation != id)
            .take(PAST_NOTES)
            .map(|note| past(w, note, &names))
            .collect(),
        need_accept: (face == Face::Admitted || passed_over)
            && (agreement::agreed(id, &dossier.agreement).is_err()
                || explanation::explained(id, &dossier.explanation).is_err()),
        owing,
        need_identity: face == Face::Admitted
            && identity::identified(id, &dossier.identity, dossier.now).is_err(),
        documents: identity::Document::ALL
            .iter()
            .map(|document| document.as_str())
            .collect(),
        proof_wait: face == Face::Admitted
            && care::proof::proven(id, &dossier.proof, dossier.today).is_err(),
        known: identity::known(&dossier.identity, visit.physician).is_ok(),
        strip_done: presence::checked(id, dossier.opening_strip.as_ref(), dossier.patient_device)
            .is_ok(),
        companions: dossier
            .statement
            .as_ref()
            .map(|statement| statement.lines.companions.clone())
            .unwrap_or_default(),
        stop_reasons: dossier
            .plan
            .in_force
            .as_ref()
            .map(|plan| {
                plan.draft
                    .stop
                    .clinical
                    .iter()
                    .chain(&plan.draft.stop.technical)
                    .cloned()
                    .collect()
            })
            .unwrap_or_default(),
        soap: newest.map(|note| note.soap.clone()).unwrap_or_default(),
        draft_saved: newest
            .filter(|note| note.finalized.is_none())
            .map(|note| clock(note.written))
            .unwrap_or_default(),
        answered: dossier.examination.sufficiency.is_some(),
        watch: Watched::of(&case, new_device),
        withdrawn: agreement::withdrawn(&dossier.agreement),
        outside: face == Face::Waiting && case.seen_by().is_err(),
        outside_reasons: plan::OutsideReason::ALL
            .iter()
            .map(|reason| reason.as_str())
            .collect(),
        not_yet: super::emergency::NotYet::ALL
            .iter()
            .map(|reason| reason.as_str())
            .collect(),
        tomorrow: dossier.today.saturating_add(1.day()).to_string(),
        seconds: dossier.examination.measured.two_way_seconds,
        started: since.map_or(0, |since| desk.now.duration_since(since).as_secs()),
        overdue: refused(plan::COMBINATION),
        no_place: refused(referral::IN_PERSON_PLACE),
        live_note: (face == Face::Over)
            .then(|| newest.map(|note| past(w, note, &names)))
            .flatten(),
        emergency: visit.emergency.is_some(),
        nonce: desk.nonce().to_owned(),
        new_device,
        lines,
        open_lines,
    })
}

fn lines_open(dossier: &care::Dossier, face: Face) -> Vec<Refusal> {
    match face {
        Face::Waiting => gate::admit_lines(dossier)
            .into_iter()
            .filter_map(|line| line.refusal)
            .collect(),
        Face::Admitted | Face::Live | Face::Closing | Face::Over => Vec::new(),
    }
}

/// The band, for pages beside the visit's own.
pub(super) async fn band(desk: &StaffDesk, case: &Case) -> Result<Band, Problem> {
    let patient = desk
        .read()
        .await?
        .patient(case.booking.consultation.patient)
        .await?
        .ok_or(Problem::NotFound)?;
    Ok(band_of(desk, case, &patient))
}

fn band_of(desk: &StaffDesk, case: &Case, patient: &Patient) -> Band {
    let w = desk.w;
    let born = patient.profile.birth;
    let era = era_year(born).map_or_else(String::new, |(era, year)| {
        w.fill(&format!("era-{}", era.as_str()), "year", i64::from(year))
            .into_owned()
    });
    let values = [
        ("western", born.strftime("%Y").to_string()),
        ("era", era),
        ("month", born.month().to_string()),
        ("day", born.day().to_string()),
        ("age", age(born, case.dossier.today).to_string()),
    ];
    Band {
        patient: patient.id,
        name: patient.profile.name.clone(),
        kana: patient.profile.kana.clone(),
        born: w.fill_all("band-born", &values).into_owned(),
        number: patient.number,
        class_key: match case.booking.consultation.class {
            Class::First => "class-first",
            Class::FirstNewCondition => "class-first-new-condition",
            Class::Followup => "class-followup",
        },
        alerts: patient.profile.alerts.clone(),
        plan: case.dossier.plan.in_force.as_ref().map(|plan| {
            let due = match plan::due(plan, &case.dossier.plan, case.dossier.today) {
                plan::Due::By(day) | plan::Due::Soon(day) if day.year() < 9999 => w
                    .fill("band-in-person-by", "day", day.to_string())
                    .into_owned(),
                plan::Due::By(_) | plan::Due::Soon(_) => String::new(),
                plan::Due::Overdue => w.say("band-in-person-overdue").into_owned(),
            };
            w.fill2("band-plan", "version", plan.version, "due", due)
                .into_owned()
        }),
    }
}

/// The lines of the admit panel.
pub(super) fn gate_lines(desk: &StaffDesk, case: &Case) -> Vec<GateLine> {
    let mut judged = gate::admit_lines(&case.dossier);
    judged.extend(case.seen_by().err().map(|refusal| gate::Line {
        duty: plan::PHYSICIANS,
        clause: refusal.clause,
        refusal: Some(refusal),
    }));
    let mut lines = lines_of(desk, case, judged);
    // Open lines first: the panel is read from the top, and what is met needs no reading.
    lines.sort_by_key(|line| line.met);
    // Two judgements may speak for one duty; one line says both, the open one first.
    let mut shown: Vec<GateLine> = Vec::with_capacity(lines.len());
    for line in lines {
        let said = shown
            .iter()
            .any(|known| (known.met || line.met) && known.duty_key == line.duty_key);
        if !said {
            shown.push(line);
        }
    }
    shown
}

fn lines_of(desk: &StaffDesk, case: &Case, lines: Vec<gate::Line>) -> Vec<GateLine> {
    let w = desk.w;
    lines
        .into_iter()
        .map(|line| {
            let duty_key = format!("duty-{}", line.duty.id().replace('.', "-"));
            match &line.refusal {
                None => GateLine {
                    duty_key,
                    clause: line.clause.id(),
                    met: true,
                    fact: fact(w, case, line.duty),
                    mend: None,
                    who_key: None,
                },
                Some(refusal) => GateLine {
                    duty_key,
                    clause: line.clause.id(),
                    met: false,
                    fact: w.say(refusal.remedy.key()).into_owned(),
                    mend: mend(case, refusal.remedy),
                    who_key: Some(format!(
                        "mender-{}",
                        crate::problem::mender(refusal.remedy.mender())
                    )),
                },
            }
        })
        .collect()
}

/// The place where a physician mends what is open; what others mend is said, not linked.
fn mend(case: &Case, remedy: Remedy) -> Option<Mend> {
    let visit = &case.booking.consultation;
    let here = address(visit.id);
    let (key, to) = match remedy {
        Remedy::OpenWorkPeriod => (
            "mend-work",
            format!("/work?next={}", crate::form::encode(&here)),
        ),
        Remedy::SignPlan | Remedy::ShowPlanChange | Remedy::CompletePlan | Remedy::ChangePlan => {
            ("mend-plan", format!("/patients/{}", visit.patient))
        }
        Remedy::VisitOrRejudge => ("mend-rejudge", format!("{here}#rejudge")),
        Remedy::GiveReason => ("mend-outside", format!("{here}#outside")),
        Remedy::NameInPersonPlace => ("mend-arrange", format!("{here}#arrange")),
        Remedy::RecordInPerson => (
            "mend-in-person",
            format!("/patients/{}/assessments/new", visit.patient),
        ),
        Remedy::CheckIdentity => ("mend-identity", format!("{here}#identity")),
        Remedy::AcceptAgreement | Remedy::MarkExplained => {
            ("mend-accept", format!("{here}#accept"))
        }
        Remedy::PressOpeningStrip => ("mend-strip", format!("{here}#strip")),
        Remedy::HandOver => ("mend-stop", format!("{here}/stop")),
        Remedy::CompleteNote | Remedy::WriteObservation => ("mend-note", format!("{here}#note")),
        _ => return None,
    };
    Some(Mend { key, to })
}

/// Whether the patient's side is now in another browser than the one admitted, or than the one that opened the link first.
async fn new_device(conn: &mut Conn, case: &Case) -> Result<bool, Problem> {
    let visit = &case.booking.consultation;
    let here = room::patient_side(conn, visit)
        .await?
        .map(|(_, device)| device);
    let admitted = conn
        .grants(visit.id)
        .await?
        .into_iter()
        .find(|grant| grant.role == "patient");
    match admitted {
        Some(grant) => Ok(here.is_some_and(|device| device != grant.device)),
        None => Ok(conn
            .newest_invitation(visit.id, None)
            .await?
            .is_some_and(|link| link.rebound.is_some())),
    }
}

/// What stands behind a line that is met.
fn fact(w: Words, case: &Case, duty: Clause) -> String {
    let dossier = &case.dossier;
    let said = match duty {
        agreement::ONLINE_CARE => dossier
            .agreement
            .rows
            .first()
            .map(|row| w.fill("fact-agreed", "day", day(row.given))),
        plan::ASSESSED_FIRST => match &dossier.plan.in_force {
            Some(plan) => Some(w.fill("fact-plan", "version", plan.version)),
            None => Some(w.say("fact-first-visit")),
        },
        place::PHYSICIAN_ROOM => dossier
            .work_period
            .as_ref()
            .map(|period| w.fill("fact-room", "room", period.room.clone())),
        place::CLEAN_AND_SAFE => dossier
            .statement
            .as_ref()
            .map(|statement| w.say(format!("place-{}", statement.lines.place.as_str()))),
        identity::DOCUMENT => dossier
            .identity
            .check
            .as_ref()
            .map(|check| w.fill("fact-identity", "day", day(check.at))),
        recording::NO_RECORDING => Some(w.say("fact-no-recording")),
        _ => None,
    };
    said.map_or_else(
        || w.say("fact-met").into_owned(),
        std::borrow::Cow::into_owned,
    )
}

fn body_words(w: Words, body: Option<&Body>) -> String {
    match body {
        None => w.say("answer-none").into_owned(),
        Some(Body::Nothing) => w.say("answer-nothing-new").into_owned(),
        Some(Body::NewOrWorse { words }) => {
            w.fill("answer-new", "words", words.clone()).into_owned()
        }
        Some(Body::Urgent { sign }) => {
            let known = guideline::urgent::SIGNS
                .iter()
                .find(|known| known.key == sign);
            let sign = known.map_or(sign.as_str(), |known| match w.lang() {
                crate::Lang::Ja => known.ja,
                crate::Lang::En => known.en,
            });
            w.fill("answer-urgent", "sign", sign.to_owned())
                .into_owned()
        }
    }
}

fn statement_words(w: Words, case: &Case) -> Vec<String> {
    let Some(statement) = &case.dossier.statement else {
        return vec![w.say("statement-none").into_owned()];
    };
    let lines = &statement.lines;
    let mut said = vec![
        w.say(format!("place-{}", lines.place.as_str()))
            .into_owned(),
    ];
    said.push(if lines.companions.is_empty() {
        w.say("statement-alone").into_owned()
    } else {
        w.fill("statement-with", "names", lines.companions.join("、"))
            .into_owned()
    });
    for (holds, yes, no) in [
        (lines.private, "statement-private", "statement-not-private"),
        (
            lines.no_recording,
            "statement-no-recording",
            "statement-may-record",
        ),
        (
            lines.own_network,
            "statement-own-network",
            "statement-other-network",
        ),
    ] {
        said.push(w.say(if holds { yes } else { no }).into_owned());
    }
    said
}

fn medicines_words(w: Words, case: &Case) -> String {
    match case
        .dossier
        .statement
        .as_ref()
        .map(|statement| &statement.lines.medicines)
    {
        None => String::new(),
        Some(Medicines::Same) => w.say("medicines-same").into_owned(),
        Some(Medicines::Changed { words }) => w
            .fill("medicines-changed", "words", words.clone())
            .into_owned(),
        Some(Medicines::Unknown) => w.say("medicines-unknown").into_owned(),
    }
}

fn device_words(w: Words, check: Option<&DeviceCheck>) -> String {
    match check {
        None => w.say("device-unchecked").into_owned(),
        Some(check) if check.camera && check.microphone && check.tone => {
            w.say("device-good").into_owned()
        }
        Some(check) if check.microphone => w.say("device-no-camera").into_owned(),
        Some(_) => w.say("device-bad").into_owned(),
    }
}

/// Names of authors, so that a note says who wrote it.
async fn names(
    conn: &mut Conn,
    chart: &[NoteVersion],
    notes: &[NoteVersion],
) -> Result<Vec<(access::PersonId, String)>, Problem> {
    let mut names: Vec<(access::PersonId, String)> = Vec::new();
    for note in chart.iter().take(PAST_NOTES + 1).chain(notes) {
        if !names.iter().any(|(known, _)| *known == note.author) {
            let name = conn.name_of(note.author).await?.unwrap_or_default();
            names.push((note.author, name));
        }
    }
    Ok(names)
}

fn past(w: Words, note: &NoteVersion, names: &[(access::PersonId, String)]) -> Past {
    Past {
        when: w.day_time(note.written),
        soap: note.soap.clone(),
        by: names
            .iter()
            .find(|(known, _)| *known == note.author)
            .map(|(_, name)| name.clone())
            .unwrap_or_default(),
    }
}

fn day(at: Timestamp) -> String {
    store::dossier::legal_day(at).to_string()
}

pub(super) fn clock(at: Timestamp) -> String {
    let zone = jiff::tz::TimeZone::get("Asia/Tokyo").unwrap_or(jiff::tz::TimeZone::UTC);
    at.to_zoned(zone).strftime("%H:%M").to_string()
}
