//! The patient's pages: from the link in a message to what was decided, one page and one main button at a time.

mod after;
mod agree;
mod body;
mod call;
mod callback;
mod card;
mod corrected;
mod device;
mod drugs;
mod events;
mod explain;
mod given;
mod going;
mod help;
mod hold;
pub(crate) mod invite;
mod keepsake;
mod landing;
pub mod link;
mod lost;
mod mail;
mod readers;
mod ready;
mod remind;
mod safety;
mod statement;
pub(crate) mod step;
mod stranger;
mod substitute;
mod symptoms;
mod trial;
mod wait;
mod withdraw;

pub use crate::contraception::remind_three_weeks;
pub(crate) use body::dialled;
pub(crate) use card::year as year_in_words;
pub(crate) use corrected::{concerns_patient, tell as tell_of_correction};
pub use drugs::ask_about_drugs;
pub(crate) use help::here;
pub use invite::{Receiver, SMS_CHARS_MAX, compose, send_invitation};
pub(crate) use keepsake::{Lines, leave as leave_notice};
pub(crate) use landing::reachable;
pub use remind::{REMINDERS_MAX, remind};
pub(crate) use step::Asking;
pub(crate) use stranger::Strangers;

use crate::{
    Form, PatientDesk, Problem,
    desk::go,
    limit::Pace,
    notice::DESKS,
    route::{Route, Table},
};
use access::policy::Audience;
use axum::response::Response;
use care::{
    agreement::{ONLINE_CARE, WISH},
    explanation::BEFORE_AGREEMENT,
    identity::TWO_KINDS,
    place::{CLEAN_AND_SAFE, PHYSICIAN_ROOM},
    prescription::FOLLOWED,
    proof::{ON_REQUEST, SHOWN},
    rota::ACCEPTED,
    statement::URGENT,
    symptom::LISTED,
};
use step::{Case, Step};

const PATIENT: Audience = Audience::Patient;
const ANYONE: Audience = Audience::Anyone;

pub(crate) fn routes() -> Table {
    public().and(before()).and(there())
}

fn public() -> Table {
    Table::of([
        Route::get("/", ANYONE, help::clinic),
        Route::get("/v/{token}", ANYONE, landing::show),
        Route::get("/v/{token}/photo", ANYONE, landing::photo).pace(Pace::File),
        Route::post("/v/{token}/enter", ANYONE, landing::enter).pace(Pace::Guess),
        Route::get("/t/{token}", ANYONE, trial::show),
        Route::post("/t/{token}", ANYONE, trial::keep).pace(Pace::Guess),
        Route::post("/t/{token}/echo", ANYONE, trial::echo)
            .pace(Pace::Guess)
            .body_bytes_max(crate::room::SDP_BYTES_MAX)
            .by_itself(),
        Route::get("/n/{token}", ANYONE, keepsake::show).pace(Pace::Guess),
        Route::get("/lost", ANYONE, lost::show),
        Route::post("/lost", ANYONE, lost::send).pace(Pace::Message),
        Route::get("/help/{what}", ANYONE, help::help),
        Route::get("/me/doctors", ANYONE, help::doctors),
        Route::post("/me/voice", PATIENT, help::write).patients_word(DESKS),
        Route::get("/me/safety", ANYONE, safety::show),
        Route::get("/me/voice", ANYONE, help::voice),
        Route::get("/doctors/{id}/photo", ANYONE, help::photo).pace(Pace::File),
    ])
}

/// Before the waiting room. Statements that only the patient may make name their clause, for whoever else sends them.
fn before() -> Table {
    Table::of([
        Route::get("/visit", PATIENT, next),
        Route::get("/visit/body", PATIENT, body::show),
        Route::post("/visit/body", PATIENT, body::answer).patients_word(URGENT),
        Route::get("/visit/symptoms", PATIENT, symptoms::show),
        Route::post("/visit/symptoms", PATIENT, symptoms::answer).patients_word(LISTED),
        Route::get("/visit/now", PATIENT, body::now),
        Route::get("/visit/owed", PATIENT, explain::owed),
        Route::get("/visit/explain", PATIENT, explain::show),
        Route::post("/visit/explain", PATIENT, explain::answer).patients_word(BEFORE_AGREEMENT),
        Route::get("/visit/agree", PATIENT, agree::show),
        Route::post("/visit/agree", PATIENT, agree::give).patients_word(ONLINE_CARE),
        Route::post("/visit/wish", PATIENT, agree::wish).patients_word(WISH),
        Route::get("/visit/in-person", PATIENT, withdraw::in_person),
        Route::get("/visit/withdraw", PATIENT, withdraw::show),
        Route::get("/me/withdraw", PATIENT, withdraw::show),
        // It looks through the ledger, so nobody asks for it without end.
        Route::get("/me/readers", PATIENT, readers::show).pace(Pace::Guess),
        Route::post("/visit/withdraw", PATIENT, withdraw::withdraw).patients_word(ONLINE_CARE),
        Route::get("/visit/substitute", PATIENT, substitute::show),
        Route::post("/visit/substitute", PATIENT, substitute::answer).patients_word(ACCEPTED),
        Route::get("/visit/statement", PATIENT, statement::show),
        Route::post("/visit/statement", PATIENT, statement::answer).patients_word(CLEAN_AND_SAFE),
        Route::get("/visit/hold", PATIENT, hold::show),
        Route::get("/visit/device", PATIENT, device::show),
        Route::post("/visit/device", PATIENT, device::keep).patients_word(URGENT),
        Route::post("/visit/echo", PATIENT, device::echo)
            .body_bytes_max(crate::room::SDP_BYTES_MAX)
            .by_itself(),
        Route::get("/visit/ready", PATIENT, ready::show),
        Route::post("/visit/ready", PATIENT, ready::arrive).patients_word(URGENT),
    ])
}

/// In the waiting room, in the call, and after it.
fn there() -> Table {
    Table::of([
        Route::get("/visit/wait", PATIENT, wait::show),
        Route::get("/visit/physician", PATIENT, card::show),
        Route::get("/visit/physician/photo", PATIENT, card::photo),
        Route::post("/visit/physician", PATIENT, card::answer).patients_word(SHOWN),
        Route::post("/visit/licence", PATIENT, card::licence).patients_word(ON_REQUEST),
        Route::post("/visit/documents", PATIENT, card::no_photo).patients_word(TWO_KINDS),
        Route::post("/visit/callback", PATIENT, callback::ask).patients_word(URGENT),
        Route::get("/visit/leave", PATIENT, ready::leaving),
        Route::post("/visit/leave", PATIENT, ready::leave).patients_word(WISH),
        Route::get("/visit/over", PATIENT, ready::over),
        Route::get("/visit/events", PATIENT, events::stream).by_itself(),
        Route::get("/visit/call", PATIENT, call::show),
        Route::get("/visit/out", PATIENT, ready::out),
        Route::post("/visit/signal", PATIENT, call::signal)
            .body_bytes_max(crate::room::SDP_BYTES_MAX)
            .by_itself(),
        Route::post("/visit/trouble", PATIENT, call::trouble).by_itself(),
        Route::post("/visit/beside", PATIENT, call::beside).patients_word(PHYSICIAN_ROOM),
        Route::get("/visit/after", PATIENT, after::show),
        Route::post("/visit/after", PATIENT, after::read),
        Route::post("/visit/drugs", PATIENT, drugs::answer).patients_word(FOLLOWED),
    ])
}

/// `GET /visit`: on to the first unsettled step.
async fn next(desk: PatientDesk) -> Result<Response, Problem> {
    Ok(go(&load(&desk).await?.next().address()))
}

async fn load(desk: &PatientDesk) -> Result<Case, Problem> {
    Case::load(&mut *desk.read().await?, &Asking::of(desk)).await
}

/// Keeps that a page shows the patient's own plan, note or earlier answers, before its first byte (cl-2.5.2.1-x-a).
async fn opened(desk: &PatientDesk, page: &'static str) -> Result<(), Problem> {
    let (by, patient) = (Asking::of(desk).by(), desk.patient);
    let store = desk.app().store();
    Ok(store
        .keep_opened(desk.tenant, desk.now, &by, page, &[patient])
        .await?)
}

/// Where a page stands on the way, and the way back, for the line above its heading.
struct Steps {
    at: usize,
    of: usize,
    /// The page before, where an answer can be put right; none before the first.
    back: Option<String>,
}

impl Steps {
    /// Body, statement, device: the three of every visit. At a first visit explanation and agreement lie between.
    fn of(case: &Case, here: Step) -> Option<Self> {
        const FIRST: &[Step] = &[
            Step::Body,
            Step::Symptoms,
            Step::Explain,
            Step::Agree,
            Step::Statement,
            Step::Device,
        ];
        const EVERY: &[Step] = &[Step::Body, Step::Statement, Step::Device];
        let way = if case.booking.consultation.class.is_first() {
            FIRST
        } else {
            EVERY
        };
        let at = way.iter().position(|step| *step == here)?;
        let back = way.get(..at)?.last().map(|before| match before {
            // What is agreed is not asked again; what was agreed to can be read again.
            Step::Agree => Step::Explain.address(),
            before => before.address(),
        });
        Some(Self {
            at: at + 1,
            of: way.len(),
            back,
        })
    }
}

/// Seconds that a page was open, as the browser counted them; without script, as the server did.
fn seconds(form: &Form, now: jiff::Timestamp) -> i64 {
    const DAY: i64 = 24 * 60 * 60;
    let counted = form.text("seconds").parse::<i64>().ok();
    let drawn = form.text("drawn").parse::<i64>().ok();
    counted
        .or_else(|| drawn.map(|drawn| now.as_second().saturating_sub(drawn)))
        .unwrap_or_default()
        .clamp(0, DAY)
}
