//! The board's content: loaded in one reading, sorted by trouble, waiting, time.

use super::trials::{Trials, tried};
use crate::{Problem, StaffDesk, words::Words};
use access::{DeviceId, PersonId, Role, Ulid};
use axum::{
    extract::{FromRequestParts, Query},
    http::request::Parts,
};
use care::{
    Consultation, ConsultationId, Mender, PatientId, ProxyId, Remedy, Stage, gate, identity,
    patient::age, plan::Opened,
};
use jiff::{SignedDuration, Timestamp, civil::Date};
use serde::Deserialize;
use store::{
    Conn,
    consultation::Booking,
    dossier::{Viewpoint, legal_day},
    outbox::{Channel, Delivery, Fate},
    patient::{PAGE_MAX, Patient, Proxy},
    request::{Asked as Kind, Request},
};

/// Waiting is yellow from here, in minutes.
const WAIT_WARN: i64 = 10;
/// Waiting is red and first in the list from here, in minutes.
const WAIT_LATE: i64 = 15;
/// A start within so many minutes with something missing is yellow.
const SOON: i64 = 15;
/// Trouble with the line is shown this long after it was told.
const TROUBLE_FRESH: SignedDuration = SignedDuration::from_mins(2);
/// A message that waits longer than this in line has not gone out.
const QUEUED_MAX: SignedDuration = SignedDuration::from_mins(5);
/// A day.
const DAY: SignedDuration = SignedDuration::from_hours(24);

/// Which rows are asked for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Filter {
    #[default]
    All,
    Late,
    Waiting,
    Live,
    Lacking,
    Later,
    Mine,
}

impl Filter {
    const TALLIES: [Self; 5] = [
        Self::Late,
        Self::Waiting,
        Self::Live,
        Self::Lacking,
        Self::Later,
    ];

    pub(super) const fn as_str(self) -> &'static str {
        match self {
            Self::All => "all",
            Self::Late => "late",
            Self::Waiting => "waiting",
            Self::Live => "live",
            Self::Lacking => "lacking",
            Self::Later => "later",
            Self::Mine => "mine",
        }
    }

    const fn look(self) -> &'static str {
        match self {
            Self::Late => "is-bad",
            Self::Waiting | Self::Lacking => "is-warn",
            Self::Live => "is-ok",
            Self::All | Self::Later | Self::Mine => "",
        }
    }

    fn takes(self, row: &Row) -> bool {
        match self {
            Self::All => true,
            Self::Late => row.waits.is_some_and(|wait| wait >= WAIT_LATE),
            Self::Waiting => row.waits.is_some(),
            Self::Live => row.stage == "live",
            Self::Lacking => !row.lacks.is_empty() || row.own_steps > 0 && row.soon,
            Self::Later => row.stage == "booked",
            Self::Mine => row.mine,
        }
    }
}

/// `?show=`
#[derive(Clone, Copy, Default, Deserialize)]
pub(super) struct Asked {
    #[serde(default)]
    pub(super) show: Filter,
}

impl<S: Send + Sync> FromRequestParts<S> for Asked {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        Ok(Query::<Self>::from_request_parts(parts, state)
            .await
            .map(|Query(asked)| asked)
            .unwrap_or_default())
    }
}

/// Who looks at the board.
#[derive(Clone)]
pub(super) struct Looker {
    pub(super) person: PersonId,
    pub(super) device: DeviceId,
    pub(super) roles: Vec<Role>,
    pub(super) w: Words,
}

impl Looker {
    pub(super) fn of(desk: &StaffDesk) -> Self {
        Self {
            person: desk.person,
            device: desk.device,
            roles: desk.roles.clone(),
            w: desk.w,
        }
    }

    fn has(&self, role: Role) -> bool {
        self.roles.contains(&role)
    }
}

/// Everything on the board.
pub(super) struct Board {
    pub(super) show: Filter,
    pub(super) tallies: Vec<Tally>,
    pub(super) alarms: Vec<Alarm>,
    pub(super) unsigned: Vec<Unsigned>,
    pub(super) rows: Vec<Row>,
    pub(super) tasks: Vec<Task>,
    /// Open tasks, and how many of them are late.
    pub(super) open: (i64, i64),
    /// Patients who wrote what nobody has opened.
    pub(super) messages: usize,
    /// How the trials of tomorrow's patients stand; none where nobody is booked.
    pub(super) trials: Option<Trials>,
    pub(super) more: bool,
    pub(super) at: String,
    pub(super) clinical: bool,
    patients: Vec<PatientId>,
}

/// A number that filters.
pub(super) struct Tally {
    pub(super) to: String,
    pub(super) look: &'static str,
    pub(super) key: String,
    pub(super) count: usize,
    pub(super) current: bool,
}

/// An urgent answer that nobody has taken up.
pub(super) struct Alarm {
    pub(super) id: ConsultationId,
    pub(super) patient: String,
    pub(super) phone: String,
    pub(super) since: String,
    /// Nobody took it up in time.
    pub(super) late: bool,
}

/// An ended visit without a signature.
pub(super) struct Unsigned {
    pub(super) id: ConsultationId,
    pub(super) patient: String,
    pub(super) at: String,
    pub(super) late: bool,
}

/// A hand-over whose arrival is not confirmed.
pub(super) struct Task {
    pub(super) id: Ulid,
    pub(super) patient: String,
    pub(super) destination: String,
    pub(super) target: String,
    pub(super) late: bool,
}

/// One visit of today.
pub(super) struct Row {
    pub(super) id: ConsultationId,
    pub(super) patient_id: PatientId,
    pub(super) look: &'static str,
    pub(super) waits: Option<i64>,
    pub(super) time: String,
    pub(super) patient: String,
    pub(super) age: i16,
    pub(super) class: String,
    pub(super) proxy: bool,
    pub(super) called_in: bool,
    pub(super) physician: String,
    pub(super) stage: &'static str,
    pub(super) stage_key: String,
    pub(super) link: &'static str,
    /// The trial of the device, while the visit is still to come.
    pub(super) trial: Option<&'static str>,
    /// What somebody has to see to.
    pub(super) lacks: Vec<String>,
    /// Steps that the patient takes alone, in the ordinary course: no trouble before the visit is near.
    pub(super) own_steps: usize,
    pub(super) soon: bool,
    pub(super) act: Act,
    /// Who telephoned last, and when.
    pub(super) phoned: Option<String>,
    /// A call can be written down here: somebody waits too long, or is in a visit.
    pub(super) may_phone: bool,
    pub(super) mine: bool,
    /// This reader attends it.
    pub(super) seat: bool,
    /// A call back is asked for and not yet made.
    pub(super) callback: bool,
    booked: Timestamp,
}

/// The one act of a row.
pub(super) enum Act {
    /// To the visit's own page.
    Visit(&'static str),
    /// A page of ours.
    Page(&'static str, String),
    /// The link is sent again.
    Invite(&'static str),
    /// The link is sent by another way, to the patient or a helper.
    Second(Second),
    /// Nobody can be written to: somebody calls.
    Call(String),
    /// Nothing.
    None,
}

/// A message came back; this way is left.
pub(super) struct Second {
    pub(super) key: &'static str,
    pub(super) channel: &'static str,
}

impl Board {
    pub(super) fn patients(&self) -> Vec<PatientId> {
        self.patients.clone()
    }

    pub(super) async fn load(
        read: &mut Conn,
        looker: &Looker,
        asked: Asked,
        now: Timestamp,
    ) -> Result<Self, Problem> {
        let w = looker.w;
        let from = crate::bookings::start_of_day(now);
        let bookings = read.consultations_between(from, from + DAY).await?;
        let more = bookings.len() > PAGE_MAX;
        let mut patients = Vec::new();
        let mut rows = Vec::new();
        for booking in bookings.iter().take(PAGE_MAX) {
            patients.push(booking.consultation.patient);
            rows.push(row(read, looker, booking, now).await?);
        }
        rows.sort_by_key(|row| (rank(row), row.booked));
        let tallies = Filter::TALLIES
            .into_iter()
            .map(|filter| Tally {
                to: format!(
                    "/today?show={}",
                    if asked.show == filter {
                        "all"
                    } else {
                        filter.as_str()
                    }
                ),
                look: filter.look(),
                key: format!("today-tally-{}", filter.as_str()),
                count: rows.iter().filter(|row| filter.takes(row)).count(),
                current: asked.show == filter,
            })
            .collect();
        rows.retain(|row| asked.show.takes(row));
        let mut alarms = Vec::new();
        for (id, at) in read.open_alarms().await? {
            let Some(booking) = read.consultation(id).await? else {
                continue;
            };
            let Some(patient) = read.patient(booking.consultation.patient).await? else {
                continue;
            };
            patients.push(patient.id);
            alarms.push(Alarm {
                id,
                patient: patient.profile.name,
                phone: patient.profile.phone,
                since: w.time(at),
                late: care::statement::unacknowledged(at, now),
            });
        }
        let mut unsigned = Vec::new();
        if looker.has(Role::Physician) {
            for booking in read.unsigned_consultations().await? {
                let visit = &booking.consultation;
                let Stage::Ended { at, .. } = visit.stage else {
                    continue;
                };
                if visit.physician != looker.person || unsigned.len() == PAGE_MAX {
                    continue;
                }
                let Some(patient) = read.patient(visit.patient).await? else {
                    continue;
                };
                patients.push(patient.id);
                unsigned.push(Unsigned {
                    id: visit.id,
                    patient: patient.profile.name,
                    at: w.day_time(at),
                    late: care::record::unsigned(at, false, now),
                });
            }
        }
        let tasks = Task::open(read, w, legal_day(now), &mut patients).await?;
        patients.sort_unstable();
        patients.dedup();
        let trials = Trials::of(read, from + DAY, from + DAY + DAY).await?;
        Ok(Self {
            show: asked.show,
            tallies,
            alarms,
            unsigned,
            rows,
            tasks,
            open: read.tasks_waiting(now).await?,
            messages: read.chat_unread().await?.len(),
            trials,
            more,
            at: w.time(now),
            clinical: looker.has(Role::Physician),
            patients,
        })
    }
}

impl Task {
    /// The hand-overs that wait for an arrival, and whose they are.
    async fn open(
        read: &mut Conn,
        w: Words,
        today: Date,
        patients: &mut Vec<PatientId>,
    ) -> Result<Vec<Self>, Problem> {
        let mut tasks = Vec::new();
        for task in read.open_hand_overs().await?.into_iter().take(PAGE_MAX) {
            let Some(patient) = read.patient(task.patient).await? else {
                continue;
            };
            patients.push(patient.id);
            tasks.push(Self {
                id: task.id,
                patient: patient.profile.name,
                destination: task.form.destination,
                target: w.date(task.form.target),
                late: task.form.target < today,
            });
        }
        Ok(tasks)
    }
}

/// Trouble first, then those who wait longest, then by time; what is over comes last.
fn rank(row: &Row) -> (u8, i64) {
    match (row.look, row.waits) {
        ("is-late", wait) => (0, -wait.unwrap_or_default()),
        // Who asked to be called waits for reception, whether in the waiting room or not.
        (_, wait) if row.callback => (1, -wait.unwrap_or(WAIT_WARN)),
        (_, Some(wait)) => (1, -wait),
        ("is-past", None) => (3, 0),
        (_, None) => (2, 0),
    }
}

async fn row(
    read: &mut Conn,
    looker: &Looker,
    booking: &Booking,
    now: Timestamp,
) -> Result<Row, Problem> {
    let w = looker.w;
    let visit = &booking.consultation;
    let patient = read
        .patient(visit.patient)
        .await?
        .ok_or(Problem::NotFound)?;
    let physician = read.name_of(visit.physician).await?.unwrap_or_default();
    let mine = visit.physician == looker.person && looker.has(Role::Physician);
    let waits = match visit.stage {
        Stage::Checks { arrived } => Some(
            now.duration_since(arrived.max(visit.booked_for.min(now)))
                .as_mins(),
        ),
        _ => None,
    };
    let (mut link, mut closed, mut proxy, mut lacks) = ("", false, false, Vec::new());
    let (mut own_steps, mut trial) = (0, None);
    if visit.stage.is_before_live() {
        (link, closed, proxy) = invited(read, visit, now).await?;
        let own: Vec<_>;
        (own, lacks) = missing(read, looker, booking, now)
            .await?
            .into_iter()
            .partition(|remedy| OWN_STEPS.contains(remedy));
        own_steps = own.len();
        trial = tried(read, visit.id).await?;
    }
    let asks = asked(read, looker, booking, now).await?;
    let phoned = phoned(read, w, visit.id).await?;
    let undelivered = if visit.stage.is_before_live() {
        undelivered(read, &patient, visit.id, now).await?
    } else {
        None
    };
    let words = undelivered
        .as_ref()
        .map(|lost| w.say(lost.key).into_owned());
    let phone = patient.profile.phone.trim().to_owned();
    let urgent = visit.stage.is_before_live() && lacks.contains(&Remedy::GetHelpNow);
    let calls = !phone.is_empty() && (urgent || asks.callback || asks.help);
    let soon = visit.booked_for.duration_since(now).as_mins() <= SOON;
    let look = match (visit.stage, waits) {
        (_, Some(wait)) if wait >= WAIT_LATE => "is-late",
        (_, Some(wait)) if wait >= WAIT_WARN => "is-warn",
        _ if asks.callback => "is-warn",
        (Stage::Booked, _) if soon && (own_steps > 0 || !lacks.is_empty() || closed) => "is-warn",
        (Stage::Ended { .. } | Stage::Documented { .. }, _) => "is-past",
        (stage, _) if stage.is_over() => "is-past",
        _ => "",
    };
    Ok(Row {
        id: visit.id,
        patient_id: visit.patient,
        phoned,
        may_phone: matches!(look, "is-late" | "is-warn")
            || matches!(visit.stage, Stage::Live { .. }),
        look,
        waits,
        time: w.time(visit.booked_for),
        age: age(patient.profile.birth, legal_day(now)),
        patient: patient.profile.name,
        class: format!("bookings-class-{}", visit.class.as_str()),
        proxy,
        called_in: booking.opened == Opened::CalledIn,
        physician,
        stage: visit.stage.as_str(),
        stage_key: format!("bookings-stage-{}", visit.stage.as_str()),
        link,
        act: match undelivered.and_then(|lost| lost.act) {
            // Whoever waits for a voice gets one: the number stands where the hand already is.
            _ if !mine && calls => Act::Call(phone),
            Some(second) if !mine => second,
            _ => act(visit.stage, mine, closed, link, &lacks, visit.patient),
        },
        callback: asks.callback,
        trial,
        own_steps,
        soon: soon || waits.is_some(),
        lacks: asks
            .words
            .into_iter()
            .chain(words)
            .chain(lacks.into_iter().map(|remedy| lack(w, remedy)))
            .collect(),
        mine,
        seat: attends(read, looker, visit).await?,
        booked: visit.booked_for,
    })
}

/// Whether this reader was asked to attend a visit that is not over.
async fn attends(read: &mut Conn, looker: &Looker, visit: &Consultation) -> Result<bool, Problem> {
    let running = visit.stage.is_running();
    let attends = looker.has(Role::Nurse) || visit.service.is_joint();
    if !running || !attends {
        return Ok(false);
    }
    let known = read.attendants(visit).await?;
    Ok(known
        .iter()
        .any(|one| one.person == looker.person && !matches!(one.answer, Some((false, _)))))
}

/// How far the newest link got, whether it rests after wrong birth dates, and whether somebody helps.
async fn invited(
    read: &mut Conn,
    visit: &Consultation,
    now: Timestamp,
) -> Result<(&'static str, bool, bool), Problem> {
    let helpers = read.proxies(visit.patient).await?;
    let mut newest = read.newest_invitation(visit.id, None).await?;
    for helper in &helpers {
        if newest.as_ref().is_none_or(|link| link.device.is_none()) {
            newest = read
                .newest_invitation(visit.id, Some(helper.id))
                .await?
                .or(newest);
        }
    }
    let closed = newest.as_ref().is_some_and(|newest| newest.rests(now));
    let link = match &newest {
        None => "today-link-none",
        Some(_) if closed => "today-link-closed",
        Some(newest) if newest.device.is_some() => "today-link-opened",
        Some(_) => "today-link-sent",
    };
    Ok((link, closed, !helpers.is_empty()))
}

/// Who telephoned last, and when.
async fn phoned(
    read: &mut Conn,
    w: Words,
    visit: ConsultationId,
) -> Result<Option<String>, Problem> {
    let Some(call) = read.phone_call(visit).await? else {
        return Ok(None);
    };
    let name = read.name_of(call.by).await?.unwrap_or_default();
    let said = w.fill2("phone-called", "name", name, "at", w.time(call.at));
    Ok(Some(said.into_owned()))
}

/// What every patient does on the way to the waiting room. Reception can do nothing about it but help, so it is no row's
/// trouble until the hour is near; what an answer brought up, or what the clinic owes, is not in here.
const OWN_STEPS: [Remedy; 7] = [
    Remedy::GiveAgreement,
    Remedy::StateWish,
    Remedy::AgreeAgain,
    Remedy::ReadExplanation,
    Remedy::ShowPlanChange,
    Remedy::StatePlace,
    Remedy::PromiseNoRecording,
];

/// A message about the visit that did not go out, and the way that is left.
struct Undelivered {
    key: &'static str,
    act: Option<Act>,
}

/// Looks at the newest message to each receiver. One that the visit was opened by has arrived, whatever the port says.
async fn undelivered(
    read: &mut Conn,
    patient: &Patient,
    visit: ConsultationId,
    now: Timestamp,
) -> Result<Option<Undelivered>, Problem> {
    let mut looked: Vec<Option<ProxyId>> = Vec::new();
    for fate in read.fates(visit).await? {
        if looked.contains(&fate.proxy) {
            continue;
        }
        looked.push(fate.proxy);
        let opened = read
            .newest_invitation(visit, fate.proxy)
            .await?
            .is_some_and(|link| link.device.is_some());
        if opened {
            continue;
        }
        match fate.delivery {
            Delivery::Sent(_) => {}
            Delivery::Queued if now.duration_since(fate.created) < QUEUED_MAX => {}
            Delivery::Queued => {
                return Ok(Some(Undelivered {
                    key: "today-message-waits",
                    act: None,
                }));
            }
            Delivery::Failed => {
                let key = match fate.channel {
                    Channel::Sms => "today-sms-failed",
                    Channel::Mail => "today-mail-failed",
                };
                return Ok(Some(Undelivered {
                    key,
                    act: second(patient, &fate, read.proxies(patient.id).await?),
                }));
            }
        }
    }
    Ok(None)
}

/// The other channel on file, else the telephone.
fn second(patient: &Patient, fate: &Fate, proxies: Vec<Proxy>) -> Option<Act> {
    let call = |phone: String| (!phone.trim().is_empty()).then_some(Act::Call(phone));
    if let Some(id) = fate.proxy {
        let helper = proxies.into_iter().find(|helper| helper.id == id)?;
        return call(helper.person.phone);
    }
    let (channel, key, contact) = match fate.channel {
        Channel::Sms => (
            Channel::Mail,
            "today-act-by-mail",
            patient.profile.mail.as_str(),
        ),
        Channel::Mail => (
            Channel::Sms,
            "today-act-by-sms",
            patient.profile.phone.as_str(),
        ),
    };
    if contact.trim().is_empty() {
        return call(patient.profile.phone.clone());
    }
    Some(Act::Second(Second {
        key,
        channel: channel.as_str(),
    }))
}

/// What is missing and the physician cannot mend alone: the patient's, reception's and the administrator's part.
async fn missing(
    read: &mut Conn,
    looker: &Looker,
    booking: &Booking,
    now: Timestamp,
) -> Result<Vec<Remedy>, Problem> {
    let view = Viewpoint {
        device: looker.device,
        network: String::new(),
        now,
    };
    let dossier = Box::pin(read.dossier(booking, &view)).await?;
    let mut lacks: Vec<Remedy> = gate::admit_lines(&dossier)
        .into_iter()
        .filter_map(|line| line.refusal)
        .map(|refusal| refusal.remedy)
        .filter(|remedy| !matches!(remedy.mender(), Mender::Physician) && *remedy != Remedy::Arrive)
        .collect();
    if identity::identified(booking.consultation.id, &dossier.identity, now).is_err() {
        lacks.push(Remedy::CheckIdentity);
    }
    let mut seen = Vec::new();
    lacks.retain(|remedy| {
        let fresh = !seen.contains(remedy);
        seen.push(*remedy);
        fresh
    });
    Ok(lacks)
}

fn lack(w: Words, remedy: Remedy) -> String {
    let key = format!("today-lack-{}", remedy.key().trim_start_matches("remedy-"));
    let key = if w.has(&key) {
        key
    } else {
        "today-lack-other".to_owned()
    };
    w.say(key).into_owned()
}

fn act(
    stage: Stage,
    mine: bool,
    closed: bool,
    link: &'static str,
    lacks: &[Remedy],
    patient: PatientId,
) -> Act {
    match stage {
        Stage::Booked if mine => Act::Visit("today-act-prepare"),
        Stage::Checks { .. } if mine => Act::Visit("today-act-see"),
        Stage::Live { .. } if mine => Act::Visit("today-act-return"),
        Stage::Ended { .. } | Stage::Documented { .. } if mine => Act::Visit("today-act-sign"),
        Stage::Booked | Stage::Checks { .. } if closed || link == "today-link-none" => {
            Act::Invite("today-act-invite")
        }
        Stage::Booked | Stage::Checks { .. } if lacks.contains(&Remedy::CheckIdentity) => {
            Act::Page(
                "today-act-identity",
                format!("/patients/{patient}/identity"),
            )
        }
        Stage::Booked | Stage::Checks { .. } if lacks.contains(&Remedy::NameInPersonPlace) => {
            Act::Page("today-act-partners", "/partners".to_owned())
        }
        Stage::Booked => Act::Invite("today-act-invite-again"),
        _ => Act::None,
    }
}

/// What the patient asks for: a call back until reception has called, help until it is settled, and what a browser
/// noticed by itself while it is fresh, each in words.
async fn asked(
    read: &mut Conn,
    looker: &Looker,
    booking: &Booking,
    now: Timestamp,
) -> Result<Asks, Problem> {
    let visit = &booking.consultation;
    let (w, mut asks) = (looker.w, Asks::default());
    if visit.stage.is_over() {
        return Ok(asks);
    }
    let requests = read.requests(visit.id).await?;
    let callback =
        Request::open(&requests, Kind::Callback).filter(|_| visit.stage.is_before_live());
    if let Some(callback) = callback {
        asks.callback = true;
        let key = format!("today-asks-callback-{}", callback.what);
        let key = if w.has(&key) {
            key
        } else {
            "today-asks-callback".to_owned()
        };
        asks.words
            .push(w.fill(&key, "at", w.time(callback.at)).into_owned());
    }
    let fresh = requests.iter().find(|request| {
        request.kind == Kind::Trouble
            && request.settled.is_none()
            && now.duration_since(request.at) <= TROUBLE_FRESH
    });
    asks.help = Request::help(&requests).is_some();
    if let Some(trouble) = Request::help(&requests).or(fresh) {
        let key = format!("today-trouble-{}", trouble.what);
        let key = if w.has(&key) {
            key
        } else {
            "today-asks-trouble".to_owned()
        };
        asks.words.push(w.say(key).into_owned());
    }
    Ok(asks)
}

/// What a patient waits for, in words.
#[derive(Default)]
struct Asks {
    words: Vec<String>,
    /// A call back is owed: the row goes up, and reception marks it done.
    callback: bool,
    /// The patient pressed for help and nobody has settled it.
    help: bool,
}
