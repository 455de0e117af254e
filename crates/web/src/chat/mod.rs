//! Messages beside the visits (連絡): `/me/messages` for the patient, `/messages` and `/patients/{id}/messages` for the clinic,
//! `/house/chat` for what they are for. None of it is care.

mod house;
mod patient;
mod staff;

pub(crate) use patient::entrance;

use crate::{
    Problem,
    route::{Route, Table},
    words::Words,
};
use access::{Role, policy::Audience};
use care::chat::{Flag, SCOPE};
use store::chat::Message;

/// Who answers patients.
const DESK: Audience = Audience::Roles(&[Role::Physician, Role::Nurse, Role::Reception]);
const HOUSE: Audience = Audience::Roles(&[Role::Administrator]);

pub(crate) fn patients_routes() -> Table {
    Table::of([
        Route::get("/me/messages", Audience::Patient, patient::show),
        Route::post("/me/messages", Audience::Patient, patient::send).patients_word(SCOPE),
        Route::post("/me/messages/accept", Audience::Patient, patient::accept).patients_word(SCOPE),
    ])
}

pub(crate) fn routes() -> Table {
    Table::of([
        Route::get("/messages", DESK, staff::list),
        Route::get("/patients/{id}/messages", DESK, staff::show),
        Route::post("/patients/{id}/messages", DESK, staff::send).begins(),
        Route::get("/house/chat", HOUSE, house::show),
        Route::post("/house/chat", HOUSE, house::sign),
        Route::post("/house/chat/end", HOUSE, house::end),
    ])
}

/// One message as a page shows it.
struct Line {
    /// Whether the reader's own side wrote it.
    own: bool,
    /// Who wrote, where it was the clinic.
    name: String,
    at: String,
    words: String,
    flag: Option<Flag>,
}

impl Line {
    fn of(message: Message, patients: bool, name: String, w: Words) -> Self {
        Self {
            own: message.person.is_none() == patients,
            name,
            at: w.day_time(message.sent),
            words: message.words,
            flag: message.flag,
        }
    }
}

/// More of one patient and day than anybody reads is not taken.
fn enough() -> Problem {
    Problem::Wrong(crate::Errors::one("words", "chat-enough"))
}
