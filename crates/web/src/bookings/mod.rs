//! `/bookings`: what is booked, a new booking with its invitation, and what reception mends on a row.

mod handed;
pub(crate) mod invite;
mod list;
pub(crate) mod make;
mod new;
mod slip;
mod turn;
mod wellness;

pub(crate) use list::start_of_day;
pub(crate) use new::{route, when};

use crate::route::{Route, Table};
use access::{Role, policy::Audience};

/// Who books: reception; a nurse and a physician may, too, when nobody sits there.
const BOOKERS: Audience = Audience::Roles(&[Role::Reception, Role::Nurse, Role::Physician]);

pub(crate) fn routes() -> Table {
    Table::of([
        Route::get("/bookings", BOOKERS, list::show),
        Route::get("/bookings/new", BOOKERS, new::show),
        Route::post("/bookings/new", BOOKERS, new::book).begins(),
        Route::get("/bookings/wellness/{patient}", BOOKERS, wellness::show),
        Route::post("/bookings/wellness/{patient}", BOOKERS, wellness::book).begins(),
        Route::get("/bookings/{id}", BOOKERS, list::one),
        Route::post("/bookings/{id}/invite", BOOKERS, invite::again).begins(),
        Route::post(
            "/bookings/{id}/link",
            Audience::Roles(&[Role::Reception]),
            handed::hand_over,
        )
        .begins(),
        Route::get("/bookings/{id}/notice", BOOKERS, slip::show),
        Route::post("/bookings/{id}/notice", BOOKERS, slip::printed),
        Route::post("/bookings/{id}/cancel", BOOKERS, list::cancel),
        Route::post("/bookings/{id}/alarm", BOOKERS, list::take_up),
        Route::post("/bookings/{id}/urgent", BOOKERS, list::urgent),
        Route::post("/bookings/{id}/called", BOOKERS, list::called),
        Route::post("/bookings/{id}/phone", BOOKERS, list::phoned),
        Route::post("/hand-overs/{id}/arrival", BOOKERS, list::arrived),
    ])
}
