//! `/house`: what the administrator keeps: the live checklist, people, the institution, its texts and registers.

mod boundary;
mod checklist;
mod clause;
mod contacts;
mod course;
mod disputes;
mod institution;
mod licence;
mod outbox;
mod people;
mod person;
mod places;
mod refusals;
mod rooms;
mod rules;
mod statement;
mod symptoms;
mod texts;
mod turns;

pub(crate) use course::Handed;
pub(crate) use licence::marked as marked_licence;
pub(crate) use person::second_person;

use crate::{
    limit::Pace,
    route::{Route, Table},
};
use access::{Role, policy::Audience};

const HOUSE: Audience = Audience::Roles(&[Role::Administrator]);

pub(crate) fn routes() -> Table {
    registers().and(staff()).and(standing())
}

fn registers() -> Table {
    Table::of([
        Route::get("/house/institution", HOUSE, institution::show),
        Route::post("/house/institution", HOUSE, institution::save),
        Route::get("/house/contacts", HOUSE, contacts::show),
        Route::post("/house/contacts", HOUSE, contacts::save),
        Route::get("/house/texts", HOUSE, texts::list),
        Route::get("/house/texts/{kind}/{tag}", HOUSE, texts::show),
        Route::post("/house/texts/{kind}/{tag}", HOUSE, texts::publish),
        Route::get("/house/statement", HOUSE, statement::show),
        Route::post("/house/statement", HOUSE, statement::sign),
        Route::post("/house/statement/release", HOUSE, statement::release),
        Route::get("/house/boundary", HOUSE, boundary::show),
        Route::post("/house/boundary", HOUSE, boundary::save),
        Route::get("/house/places", HOUSE, places::show),
        Route::post("/house/places", HOUSE, places::enter).body_bytes_max(places::FORM_BYTES_MAX),
        Route::post("/house/places/{id}/end", HOUSE, places::end),
        Route::post("/house/places/{id}/except", HOUSE, places::except)
            .body_bytes_max(places::FORM_BYTES_MAX),
        Route::post("/house/exceptions/{id}/sign", HOUSE, places::sign),
        Route::get("/house/rooms", HOUSE, rooms::show),
        Route::post("/house/rooms", HOUSE, rooms::add),
        Route::get("/house/symptoms", HOUSE, symptoms::show),
        Route::post("/house/symptoms", HOUSE, symptoms::add),
        Route::post("/house/symptoms/force", HOUSE, symptoms::force),
        Route::post("/house/symptoms/{id}/end", HOUSE, symptoms::end),
        Route::get("/house/rules", HOUSE, rules::show),
        Route::post("/house/rules", HOUSE, rules::save),
        Route::get("/house/turns", HOUSE, turns::show),
        Route::post("/house/turns", HOUSE, turns::save),
    ])
}

fn staff() -> Table {
    Table::of([
        Route::get("/house/people", HOUSE, people::list),
        Route::post("/house/people", HOUSE, people::add),
        Route::post("/house/memberships/{id}/end", HOUSE, people::end),
        Route::get("/house/people/{id}", HOUSE, person::show),
        Route::post("/house/people/{id}/profile", HOUSE, person::profile)
            .body_bytes_max(person::FORM_BYTES_MAX),
        Route::post("/house/people/{id}/proof", HOUSE, person::proof),
        Route::post("/house/people/{id}/course", HOUSE, course::hand_in)
            .body_bytes_max(course::FORM_BYTES_MAX),
        Route::post("/house/courses/{id}/verify", HOUSE, course::verify),
        Route::get("/house/courses/{id}/file", HOUSE, course::file),
        Route::post("/house/people/{id}/affiliation", HOUSE, person::affiliation),
        Route::get("/house/people/{id}/licence", HOUSE, licence::show),
        Route::post("/house/people/{id}/licence", HOUSE, licence::hand_in)
            .body_bytes_max(licence::FORM_BYTES_MAX),
        Route::post("/house/people/{id}/licence/mask", HOUSE, licence::mask),
        Route::post("/house/people/{id}/licence/remove", HOUSE, licence::remove),
        Route::get(
            "/house/people/{id}/licence/picture",
            HOUSE,
            licence::picture,
        )
        .pace(Pace::Guess),
        Route::get("/people/{id}/photo", Audience::Staff, person::photo),
    ])
}

fn standing() -> Table {
    Table::of([
        Route::post("/house/checklist/publish", HOUSE, checklist::publish),
        Route::get("/house/checklist", HOUSE, checklist::show),
        Route::get("/house/refusals", HOUSE, refusals::show),
        Route::get("/house/disputes", HOUSE, disputes::show),
        Route::post("/house/disputes/{id}", HOUSE, disputes::settle),
        Route::get("/clauses/{id}", Audience::Staff, clause::show),
        Route::get("/outbox", Audience::Staff, outbox::show),
    ])
}
