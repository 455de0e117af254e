//! Draws a visit: before the call, in the call, closing, over. Opening the page is the reading of the chart.

use super::{
    Asking, Case,
    accept::Accept,
    address,
    aids::Aids,
    answers::Answers,
    closing::Closing,
    facts,
    pane::{self, Due, Pane},
    roster::Roster,
    side::Side,
};
use crate::{
    At, Problem, StaffDesk, Words, room,
    shell::{Section, StaffShell},
};
use askama::Template;
use axum::{
    extract::Query,
    http::StatusCode,
    response::{IntoResponse as _, Response},
};
use care::{
    Class, ConsultationId, Refusal, Remedy, Service, Stage, agreement, examination, explanation,
    gate, identity,
    patient::{age, era_year},
    place, plan, presence, recording, referral,
    suitability::Phase,
};
use guideline::Clause;
use jiff::{SignedDuration, Timestamp, ToSpan as _};
use serde::Deserialize;
use sha2::{Digest as _, Sha256};
use std::fmt::Write as _;
use store::{Conn, chart::NoteVersion, patient::Patient};

/// So long an opened page covers its fragments; a page that stays open longer is read anew, with an entry of its own.
const COVERED: SignedDuration = SignedDuration::from_mins(15);
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
    pub(super) called_in: bool,
    pub(super) alerts: Vec<String>,
    pub(super) plan: Option<String>,
}

/// One line of a gate.
pub(super) struct GateLine {
    pub(super) duty_key: String,
    pub(super) clause: &'static str,
    pub(super) met: bool,
    /// Met, and nothing that the press states anew: it stands behind one line that names it.
    pub(super) folded: bool,
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
            | Stage::NotPerformed
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
    answers: Answers,
    /// Answers stand in the page itself, not beside a block that is fetched anew.
    oob: bool,
    /// What is the patient's to look after is not agreed; nothing waits for it (sec-0.f).
    own_part: bool,
    roster: Roster,
    pane: Pane,
    due: Vec<Due>,
    closing: Option<Closing>,
    /// What the patient of a first visit is told of what follows.
    sheet: Option<super::sheet::Written>,
    /// What goes to the institution that responds to a sudden change, where it is due.
    information: Option<super::information::Prepared>,
    /// A pre-consultation: what was asked, and how it ends.
    pre: Option<crate::preconsultation::Panel>,
    background: Option<super::background::Background>,
    orders: Option<super::orders::Orders>,
    past: Vec<Past>,
    need_accept: bool,
    /// An emergency start whose explanation and agreement are still owed.
    owing: bool,
    /// A service that brings a pane of its own: it is fetched beside the orders.
    special: bool,
    /// A first visit after a pre-consultation: how care in person follows is fetched beside the orders.
    onward: bool,
    need_identity: bool,
    documents: Vec<crate::document::Offered>,
    proof_wait: bool,
    known: bool,
    strip_done: bool,
    companions: Vec<Companion>,
    /// A companion bears the name of a patient of today.
    named_patient: bool,
    stop_reasons: Vec<String>,
    soap: care::record::Soap,
    aids: Aids,
    draft_saved: String,
    answered: bool,
    watch: Watched,
    withdrawn: bool,
    outside: bool,
    /// Somebody stands in for the physicians of the plan.
    stood_in: bool,
    /// No treatment belongs into this visit (cl-1.2-viii-e).
    untreated: bool,
    outside_reasons: Vec<&'static str>,
    /// The case for which item 8 lists this physician; none where it does not.
    outside_case: Option<String>,
    not_yet: Vec<&'static str>,
    tomorrow: String,
    seconds: i64,
    started: i64,
    overdue: bool,
    no_place: bool,
    /// A first visit without a route.
    no_route: bool,
    live_note: Option<Past>,
    /// The patient was at a facility, and has nothing in hand yet that tells who it was.
    untold: bool,
    nonce: String,
    aside: super::disease::Aside,
    drawn: String,
    new_device: bool,
    /// Who helps is on the line.
    helper: Option<String>,
    accept: Accept,
    /// When the draft on this page was written, for the next saving.
    written: String,
    /// Another window wrote at the same time; both texts are kept.
    other: Option<Other>,
    beside: bool,
}

/// What comes up by itself in a running visit, and what the physician can do about it.
struct Watched {
    withdrawn: bool,
    /// The patient has been away for longer than item 5 of the plan allows.
    lost: Option<Lost>,
    /// The patient sees somebody beside the physician, and waits for the answer.
    doubted: bool,
    prompt: bool,
    new_device: bool,
    /// The patient cannot hear, and says so.
    help: bool,
    /// Who helps is on the line.
    helper: Option<String>,
    /// After an emergency start the patient has read and agreed; the physician's press is left.
    accept: bool,
    /// The patient asked for the proof, and none is in force (cl-1.4-iv-d).
    proof_asked: bool,
    /// Somebody who was not let in asked for the room, in words (cl-2.5.1.1-xi-a).
    turned_away: Option<String>,
    /// Somebody who has to be there is away: the clinical part pauses (cl-2.4-i-a).
    paused: bool,
}

impl Watched {
    fn of(case: &Case, side: &Side, turned_away: Option<String>) -> Self {
        let dossier = &case.dossier;
        Self {
            withdrawn: agreement::withdrawn(&dossier.agreement),
            // A pre-consultation is ended with its own result.
            lost: dossier
                .examination
                .lost
                .filter(|_| dossier.consultation.service != Service::PreConsultation)
                .map(|_| Lost::of(dossier)),
            doubted: place::doubt_answered(dossier.doubt.as_ref()).is_err(),
            prompt: examination::prompt_due(&dossier.examination),
            new_device: side.new_device,
            help: side.help,
            helper: side.helper.clone(),
            accept: acceptable(dossier),
            proof_asked: care::proof::answered(&dossier.proof, dossier.today).is_err(),
            turned_away,
            paused: gate::all_there(dossier).is_err(),
        }
    }
}

impl Watched {
    /// What is drawn, in one word: the page asks with it, and nothing is drawn anew over words that are being typed.
    fn drawn(&self) -> String {
        let up: String = [
            self.withdrawn,
            self.lost.is_some(),
            self.doubted,
            self.prompt,
            self.new_device,
            self.help,
            self.helper.is_some(),
            self.accept,
            self.proof_asked,
            self.paused,
        ]
        .iter()
        .map(|up| if *up { '1' } else { '0' })
        .collect();
        match &self.turned_away {
            Some(away) => format!("{up}{}", digest(away)),
            None => up,
        }
    }
}

/// The hand-over form that opens by itself, with what item 5 of the plan says already in it (cl-1.3-i-e).
struct Lost {
    reason: String,
    destination: String,
    target: String,
}

impl Lost {
    fn of(dossier: &care::Dossier) -> Self {
        let stop = dossier.plan.in_force.as_ref().map(|plan| &plan.draft.stop);
        let condition = stop.and_then(|stop| stop.technical.first());
        Self {
            reason: condition.map_or_else(
                || "picture".to_owned(),
                |condition| format!("planned:{condition}"),
            ),
            destination: stop
                .map(|stop| stop.destination.clone())
                .unwrap_or_default(),
            target: dossier.today.saturating_add(1.day()).to_string(),
        }
    }
}

/// Somebody named beside the patient.
struct Companion {
    name: String,
    /// A patient of today bears this name.
    is_patient: bool,
}

/// `?drawn=`: what the page shows of [`Watched`] already.
#[derive(Deserialize)]
pub(super) struct Drawn {
    #[serde(default)]
    drawn: String,
}

impl Drawn {
    pub(super) fn drawn(&self) -> &str {
        &self.drawn
    }
}

#[derive(Template)]
#[template(path = "consultation/watch.html")]
struct Watch {
    shell: StaffShell,
    w: Words,
    address: String,
    accept: Accept,
    watch: Watched,
}

struct Past {
    when: String,
    soap: care::record::Soap,
    by: String,
    /// What the program knew when it was signed, name and words.
    derived: Vec<(&'static str, String)>,
}

#[derive(Template)]
#[template(path = "consultation/news.html")]
struct Gate {
    shell: StaffShell,
    drawn: String,
    w: Words,
    address: String,
    new_device: bool,
    helper: Option<String>,
    answers: Answers,
    oob: bool,
    own_part: bool,
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
    let page = Box::pin(page(&desk, id, &asking, mine)).await?;
    if !desk.wants_block() {
        return desk.page(&page);
    }
    // Before admission and after the end the dock beside the block is another: the page is drawn anew.
    if matches!(page.face, Face::Waiting | Face::Over) {
        return Ok(([("hx-refresh", "true")], "").into_response());
    }
    desk.page(&page.as_desk())
}

/// A panel in one word: what is open on it stays open while nothing has changed.
fn drawn(lines: &[GateLine], side: &Side, answers: &str) -> String {
    let mut digest = Sha256::new();
    digest.update(answers);
    for line in lines {
        digest.update(&line.duty_key);
        digest.update(&line.fact);
        digest.update([u8::from(line.met), 0]);
    }
    digest.update([u8::from(side.new_device)]);
    digest.update(side.helper.as_deref().unwrap_or_default());
    word(digest)
}

/// What was drawn, in one word.
pub(crate) fn digest(drawn: &str) -> String {
    word(Sha256::new_with_prefix(drawn))
}

fn word(digest: Sha256) -> String {
    digest
        .finalize()
        .iter()
        .take(DRAWN_BYTES)
        .fold(String::new(), |mut word, byte| {
            // Writing into a string cannot fail.
            let _ = write!(word, "{byte:02x}");
            word
        })
}

/// Bytes of the digest that tell two panels apart.
const DRAWN_BYTES: usize = 8;

/// The gate alone, fetched anew while the patient's facts arrive. Covered by the page's own reading.
pub(super) async fn gate(
    desk: StaffDesk,
    At(id): At<ConsultationId>,
    Query(asked): Query<Drawn>,
) -> Result<Response, Problem> {
    let asking = Asking::of(&desk);
    let mut read = desk.read().await?;
    let case = Case::own(&mut read, id, &asking).await?;
    let side = Side::load(&mut read, &case, desk.w).await?;
    let new_device = side.new_device;
    let answers = Answers::load(&mut read, &case, desk.w).await?;
    drop(read);
    if !case.booking.consultation.stage.is_before_live() || !covered(&desk, &case).await? {
        return Ok(([("hx-refresh", "true")], "").into_response());
    }
    let lines = gate_lines(&desk, &case);
    let drawn = drawn(&lines, &side, &answers.mark);
    if drawn == asked.drawn {
        return Ok(StatusCode::NO_CONTENT.into_response());
    }
    let open_lines = lines.iter().filter(|line| !line.met).count();
    let shell = desk.shell("visit-title", Section::Today).await?;
    desk.page(&Gate {
        drawn,
        shell,
        w: desk.w,
        address: address(id),
        new_device,
        helper: side.helper,
        answers,
        oob: true,
        own_part: agreement::own_part_open(&case.dossier.agreement),
        lines,
        open_lines,
    })
}

/// Whether an opened page of this very person covers a fragment. A reading that has grown old is followed by the next, so
/// that a page left open is read again and again in the ledger, too (cl-2.5.2.1-x-a).
pub(crate) async fn covered(desk: &StaffDesk, case: &Case) -> Result<bool, Problem> {
    let own = case
        .dossier
        .reading
        .filter(|reading| reading.by == desk.person);
    let Some(own) = own else { return Ok(false) };
    if desk.now.duration_since(own.opened) >= COVERED {
        let (by, person) = (desk.by(), desk.person);
        let visit = case.booking.consultation.clone();
        desk.write(move |tx| {
            Box::pin(async move { Ok(tx.keep_chart_reading(&by, person, &visit).await?) })
        })
        .await?;
    }
    Ok(true)
}

/// What has come up since, fetched while the visit runs: nobody has to press a button to hear of it.
pub(super) async fn watch(
    desk: StaffDesk,
    At(id): At<ConsultationId>,
    Query(asked): Query<Drawn>,
) -> Result<Response, Problem> {
    let asking = Asking::of(&desk);
    let mut read = desk.read().await?;
    let case = Case::own(&mut read, id, &asking).await?;
    let side = Side::load(&mut read, &case, desk.w).await?;
    let granted = !read.grants(id).await?.is_empty();
    let turned_away = turned_away(&mut read, &case, desk.w).await?;
    let accept = Accept::load(&mut read, &case, desk.w).await?;
    drop(read);
    match case.booking.consultation.stage {
        Stage::Live { .. } => {}
        Stage::Checks { .. } if granted => {}
        _ => return Ok(([("hx-refresh", "true")], "").into_response()),
    }
    if !covered(&desk, &case).await? {
        return Ok(([("hx-refresh", "true")], "").into_response());
    }
    let watch = Watched::of(&case, &side, turned_away);
    if watch.drawn() == asked.drawn {
        return Ok(StatusCode::NO_CONTENT.into_response());
    }
    let shell = desk.shell("visit-title", Section::Today).await?;
    desk.page(&Watch {
        shell,
        w: desk.w,
        address: address(id),
        accept,
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
    let shelf = desk.app().lists().await?;
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
    let names = names(&mut read, &chart, &notes).await?;
    let side = Side::load(&mut read, &case, desk.w).await?;
    let new_device = side.new_device;
    let companions = companions(&mut read, &case).await?;
    let answers = Answers::load(&mut read, &case, desk.w).await?;
    let roster = Roster::load(desk, &mut read, &case).await?;
    let pane = Pane::load(&mut read, &case, &patient.profile, desk.w).await?;
    let due = pane::due(&mut read, &case, desk.w).await?;
    let background = super::background::Background::load(&mut read, &case, desk.w).await?;
    let orders = match visit.stage {
        Stage::Requested | Stage::Booked | Stage::Checks { .. } => None,
        _ if care::rota::treats(visit.service).is_err() => None,
        _ => Some(super::orders::Orders::load(&mut read, &case, (&shelf, ""), desk.w).await?),
    };
    let accept = Accept::load(&mut read, &case, desk.w).await?;
    let soap = soap_of(desk.w, &case, notes.last());
    let aids = Aids::load(&mut read, visit, &soap.cited, (desk.w, desk.nonce())).await?;
    let closing = match visit.stage {
        Stage::Live { .. } | Stage::Ended { .. } => {
            Some(Closing::load(&mut read, &case, &soap, desk.w).await?)
        }
        _ => None,
    };
    let information = match &closing {
        Some(_) => super::information::Prepared::load(&mut read, &case, &soap, desk.w).await?,
        None => None,
    };
    let sheet = match visit.stage {
        Stage::Live { .. } | Stage::Ended { .. } | Stage::Documented { .. } => {
            let booked = super::sheet::next_booked(&mut read, visit).await?;
            super::sheet::Written::load(&mut read, &case, booked).await?
        }
        _ => None,
    };
    let turned_away = turned_away(&mut read, &case, desk.w).await?;
    let aside = super::disease::Aside::load(&mut read, &case).await?;
    let pre = crate::preconsultation::Panel::load(&mut read, &case, desk.w).await?;
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
    let mark = answers.mark.clone();
    let newest = notes.last();
    let since = match visit.stage {
        Stage::Live { since } => Some(since),
        _ => None,
    };
    let owing = owing(dossier);
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
        answers,
        oob: false,
        special: mine && dossier.contraception.is_some(),
        onward: mine && dossier.onward.is_some(),
        own_part: agreement::own_part_open(&dossier.agreement),
        roster,
        pane,
        due,
        closing,
        sheet,
        information,
        pre,
        background,
        orders,
        past: chart
            .iter()
            .filter(|note| note.consultation != id)
            .take(PAST_NOTES)
            .map(|note| past(w, note, &names))
            .collect(),
        need_accept: if face == Face::Admitted {
            unconfirmed(dossier)
        } else {
            acceptable(dossier)
        },
        owing,
        need_identity: face == Face::Admitted
            && identity::identified(id, &dossier.identity, dossier.now).is_err(),
        documents: crate::document::offered(w, true),
        proof_wait: face == Face::Admitted
            && gate::begin_lines(dossier)
                .iter()
                .any(|line| line.duty == care::proof::SHOWN && line.refusal.is_some()),
        known: identity::known(&dossier.identity, visit.physician).is_ok(),
        strip_done: presence::checked(id, dossier.opening_strip.as_ref(), dossier.patient_device)
            .is_ok(),
        named_patient: companions.iter().any(|one| one.is_patient),
        companions,
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
        soap,
        aids,
        draft_saved: newest
            .filter(|note| note.finalized.is_none())
            .map(|note| clock(note.written))
            .unwrap_or_default(),
        answered: dossier.examination.sufficiency.is_some(),
        watch: Watched::of(&case, &side, turned_away),
        withdrawn: agreement::withdrawn(&dossier.agreement),
        stood_in: case.stood_in(),
        untreated: care::rota::treats(visit.service).is_err(),
        outside: face == Face::Waiting && case.seen_by().is_err(),
        outside_case: dossier.plan.in_force.as_ref().and_then(|plan| {
            match plan::rota(plan, visit.physician) {
                plan::Rota::Listed { when } => Some(when),
                plan::Rota::Outside => None,
            }
        }),
        outside_reasons: dossier
            .plan
            .in_force
            .iter()
            .flat_map(|plan| plan::OutsideReason::offered(plan, visit.physician))
            .map(plan::OutsideReason::as_str)
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
        no_route: refused(care::first_visit::REGULAR),
        live_note: (face == Face::Over)
            .then(|| newest.map(|note| past(w, note, &names)))
            .flatten(),
        untold: care::notice::told(&dossier.notice).is_err(),
        nonce: desk.nonce().to_owned(),
        aside,
        drawn: drawn(&lines, &side, &mark),
        new_device,
        helper: side.helper,
        accept,
        written: written(newest),
        other: newest.and_then(|note| other(w, note, &names)),
        beside: false,
        lines,
        open_lines,
    })
}

/// Whether the patient's part or the physician's confirmation of explanation and agreement is missing.
fn unconfirmed(dossier: &care::Dossier) -> bool {
    let id = dossier.consultation.id;
    agreement::agreed(id, &dossier.agreement).is_err()
        || explanation::explained(id, &dossier.explanation).is_err()
}

/// Whether an emergency start still owes them (cl-1.1-iv-d). After a closing with the reason why not yet, too.
fn owing(dossier: &care::Dossier) -> bool {
    let visit = &dossier.consultation;
    let started = visit.emergency.as_ref();
    let open = match visit.stage {
        Stage::Live { .. } | Stage::Ended { .. } | Stage::Documented { .. } => started.is_some(),
        Stage::Closed { .. } => started.is_some_and(|start| start.still_impossible.is_some()),
        Stage::Requested
        | Stage::Booked
        | Stage::Checks { .. }
        | Stage::Declined
        | Stage::SwitchedInPerson
        | Stage::NotPerformed
        | Stage::Aborted => false,
    };
    open && unconfirmed(dossier)
}

/// The physician's press needs the patient's own part; without it only the reason why not yet can be written.
fn acceptable(dossier: &care::Dossier) -> bool {
    owing(dossier)
        && agreement::given(dossier.consultation.id, &dossier.agreement).is_ok()
        && explanation::acknowledged(&dossier.explanation).is_ok()
}

/// Whom the patient named on the statement page, and whether one of them is a patient of today (cl-1.6-iii).
async fn companions(conn: &mut Conn, case: &Case) -> Result<Vec<Companion>, Problem> {
    let visit = &case.booking.consultation;
    let named = match &case.dossier.statement {
        Some(statement) if !statement.lines.companions.is_empty() => &statement.lines.companions,
        Some(_) | None => return Ok(Vec::new()),
    };
    let of_day = conn.others_of_day(visit, case.dossier.today).await?;
    Ok(named
        .iter()
        .map(|name| Companion {
            is_patient: presence::bears(name, &of_day).is_some(),
            name: name.clone(),
        })
        .collect())
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
            _ if case.booking.consultation.service == Service::PreConsultation => {
                "class-pre-consultation"
            }
            Class::First => "class-first",
            Class::FirstNewCondition => "class-first-new-condition",
            Class::Followup => "class-followup",
        },
        called_in: case.booking.opened == plan::Opened::CalledIn,
        alerts: patient.profile.alerts.clone(),
        plan: case.dossier.plan.in_force.as_ref().map(|plan| {
            let due = match plan::due(plan, &case.dossier.plan, case.dossier.today) {
                plan::Due::By(day) | plan::Due::Soon(day) if day.year() < 9999 => {
                    w.fill("band-in-person-by", "day", w.date(day)).into_owned()
                }
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

/// What the admit press states anew for this visit stays in words before the physician's eyes (cl-2.1-v).
const RESTATED: [Clause; 2] = [place::PHYSICIAN_ROOM, recording::NO_RECORDING];

/// The one line that stands for what is met: how many, and which.
pub(super) fn folded(lines: &[GateLine], w: Words) -> String {
    let names: Vec<_> = lines
        .iter()
        .filter(|line| line.folded)
        .map(|line| w.say(line.duty_key.as_str()))
        .collect();
    if names.is_empty() {
        return String::new();
    }
    let listed = names.join(w.say("list-comma").as_ref());
    w.fill2("gate-folded", "count", names.len(), "names", listed)
        .into_owned()
}

pub(super) fn lines_of(desk: &StaffDesk, case: &Case, lines: Vec<gate::Line>) -> Vec<GateLine> {
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
                    folded: !RESTATED.contains(&line.duty),
                    fact: facts::fact(w, case, line.duty),
                    mend: None,
                    who_key: None,
                },
                Some(refusal) => GateLine {
                    duty_key,
                    clause: line.clause.id(),
                    met: false,
                    folded: false,
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
        Remedy::ReadHandOver | Remedy::WriteHandOver => {
            ("mend-handover", format!("{here}/handover"))
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
        Remedy::AnswerBeside => ("mend-beside", format!("{here}#watch")),
        Remedy::PressOpeningStrip => ("mend-strip", format!("{here}#strip")),
        Remedy::ChooseRoute => ("mend-route", format!("{here}#route")),
        Remedy::SeeInPersonFirst => ("mend-acute", format!("/patients/{}/acute", visit.patient)),
        Remedy::DecideSymptoms => ("mend-symptoms", format!("{here}/symptoms")),
        Remedy::StateEligibility
        | Remedy::SignEligibility
        | Remedy::ChooseGuideline
        | Remedy::ArrangeSurgery
        | Remedy::ProbeLine
        | Remedy::TestTogether => {
            let joint = case.dossier.attended.as_ref()?.joint.id;
            ("surgery-link", format!("/joint/{joint}/surgery"))
        }
        Remedy::NameAttendingPhysician
        | Remedy::AwaitAttending
        | Remedy::SendInformation
        | Remedy::JudgeInformation
        | Remedy::SignSharing
        | Remedy::NameResponsible
        | Remedy::StateNeed
        | Remedy::AcceptNeed
        | Remedy::SignReferralLetter
        | Remedy::OpenReferralLetter
        | Remedy::WriteReply => {
            let joint = case.dossier.attended.as_ref()?.joint.id;
            ("mend-joint", format!("/joint/{joint}"))
        }
        Remedy::FindInstitution => ("mend-partners", "/partners".to_owned()),
        Remedy::RenewCheckup | Remedy::SignCourse | Remedy::ChooseListedDrug | Remedy::SetVisit => {
            ("mend-smoking", format!("/smoking/{}", visit.patient))
        }
        Remedy::HandOver => ("mend-stop", format!("{here}/stop")),
        Remedy::WriteSheet => ("mend-note", format!("{here}#sheet")),
        Remedy::CompleteNote | Remedy::WriteObservation => ("mend-note", format!("{here}#note")),
        _ => return None,
    };
    Some(Mend { key, to })
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
        derived: note
            .derived
            .as_ref()
            .map(|derived| crate::derived::lines(w, derived))
            .unwrap_or_default(),
    }
}

/// The text the note starts from: what was drafted, or the headings of the plan in the observation block (cl-1.2-i).
fn soap_of(w: Words, case: &Case, newest: Option<&NoteVersion>) -> care::record::Soap {
    if let Some(note) = newest {
        return note.soap.clone();
    }
    let plan = case.dossier.plan.in_force.as_ref();
    let mut headings = w.say("soap-headings").into_owned();
    for heading in care::record::observation_headings(plan.map(|plan| &plan.draft)) {
        headings.push('\n');
        headings.push_str(&heading);
        headings.push(':');
    }
    care::record::Soap {
        objective: headings,
        ..care::record::Soap::default()
    }
}

/// When the newest draft was written, as the form sends it back; empty where there is none.
pub(super) fn written(newest: Option<&NoteVersion>) -> String {
    newest
        .filter(|note| note.finalized.is_none())
        .map(|note| note.written.as_microsecond().to_string())
        .unwrap_or_default()
}

/// The second text of a draft, beside the one in the form.
struct Other {
    soap: care::record::Soap,
    by: String,
    when: String,
}

fn other(w: Words, note: &NoteVersion, names: &[(access::PersonId, String)]) -> Option<Other> {
    let other = note.other.as_ref()?;
    Some(Other {
        soap: other.soap.clone(),
        by: names
            .iter()
            .find(|(known, _)| *known == other.author)
            .map(|(_, name)| name.clone())
            .unwrap_or_default(),
        when: w.time(other.written),
    })
}

/// That somebody who was not let in asked for the room: how often, and when last.
async fn turned_away(conn: &mut Conn, case: &Case, w: Words) -> Result<Option<String>, Problem> {
    let away = conn.turned_away(case.booking.consultation.id).await?;
    Ok(away.map(|away| {
        w.fill2(
            "door-turned-away",
            "count",
            away.times,
            "at",
            w.time(away.at),
        )
        .into_owned()
    }))
}

#[derive(Template)]
#[template(path = "consultation/ahead.html")]
struct Ahead {
    shell: StaffShell,
    w: Words,
    address: String,
    mine: bool,
    drawn: String,
    lines: Vec<GateLine>,
    open_lines: usize,
    need_accept: bool,
    accept: Accept,
    need_identity: bool,
    documents: Vec<crate::document::Offered>,
    proof_wait: bool,
    aside: super::disease::Aside,
}

/// What is left before the start, fetched anew: the patient's answer to the proof card enables the start by itself.
pub(super) async fn ahead(
    desk: StaffDesk,
    At(id): At<ConsultationId>,
    Query(asked): Query<Drawn>,
) -> Result<Response, Problem> {
    let asking = Asking::of(&desk);
    let page = Box::pin(page(&desk, id, &asking, true)).await?;
    let own = Case::own(&mut *desk.read().await?, id, &asking).await?;
    if page.face != Face::Admitted || !covered(&desk, &own).await? {
        return Ok(([("hx-refresh", "true")], "").into_response());
    }
    if page.drawn == asked.drawn {
        return Ok(StatusCode::NO_CONTENT.into_response());
    }
    desk.page(&Ahead {
        shell: page.shell,
        w: page.w,
        address: page.address,
        mine: page.mine,
        drawn: page.drawn,
        lines: page.lines,
        open_lines: page.open_lines,
        need_accept: page.need_accept,
        accept: page.accept,
        need_identity: page.need_identity,
        documents: page.documents,
        proof_wait: page.proof_wait,
        aside: page.aside,
    })
}

pub(super) fn clock(at: Timestamp) -> String {
    let zone = jiff::tz::TimeZone::get("Asia/Tokyo").unwrap_or(jiff::tz::TimeZone::UTC);
    at.to_zoned(zone).strftime("%H:%M").to_string()
}
