//! `/plans` and `/patients/{id}/plans`: the care plan (診療計画), nine items, read by the patient, signed by a physician.

mod form;
mod item;
mod overview;
mod propose;
mod show;
mod write;

pub(crate) use item::{Line, lines};
pub(crate) use overview::said;
pub(crate) use show::differences;

use crate::{
    patients::CLINICAL,
    route::{Route, Table},
};

pub(crate) fn routes() -> Table {
    Table::of([
        Route::get("/plans", CLINICAL, overview::show),
        Route::get("/patients/{id}/plans/new", CLINICAL, write::show),
        Route::post("/patients/{id}/plans/new", CLINICAL, write::save),
        Route::get("/patients/{id}/plans/{version}", CLINICAL, show::show),
        Route::post("/patients/{id}/plans/{version}/sign", CLINICAL, show::sign)
            .reserved(care::record::RESERVED_ACTS),
        Route::post("/patients/{id}/plans/{version}/ask", CLINICAL, propose::ask)
            .reserved(care::record::RESERVED_ACTS),
        Route::post(
            "/patients/{id}/plans/{version}/withdraw",
            CLINICAL,
            show::withdraw,
        )
        .reserved(care::record::RESERVED_ACTS),
        Route::post(
            "/patients/{id}/plans/{version}/delete",
            CLINICAL,
            show::delete,
        ),
    ])
}
