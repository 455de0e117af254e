//! Sign-in of staff: password and one-time code, the institution, the cover, and one's own credentials.

mod account;
mod check;
mod codes;
mod enter;
mod factor;
mod institution;
pub(crate) mod kept;
mod unlock;

use crate::{
    limit::Pace,
    route::{Route, Table},
};
use access::policy::Audience;

pub(crate) fn routes() -> Table {
    Table::of([
        Route::get("/sign-in", Audience::Anyone, enter::show),
        Route::post("/sign-in", Audience::Anyone, enter::post).pace(Pace::Guess),
        Route::get("/codes", Audience::Anyone, codes::show),
        Route::get("/institution", Audience::SignedIn, institution::show),
        Route::post("/institution", Audience::SignedIn, institution::choose),
        Route::get("/unlock", Audience::SignedIn, unlock::show),
        Route::post("/unlock", Audience::SignedIn, unlock::post).by_itself(),
        Route::post("/lock", Audience::SignedIn, unlock::cover).by_itself(),
        Route::post("/sign-out", Audience::SignedIn, unlock::sign_out).by_itself(),
        Route::get("/account", Audience::Staff, account::show),
        Route::post("/account", Audience::Staff, account::change),
        Route::get("/account/factor", Audience::SignedIn, factor::show),
        Route::post("/account/factor", Audience::SignedIn, factor::add),
    ])
}
