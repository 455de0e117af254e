//! The surfaces: three doors with nothing in common but the state behind them.

use crate::{
    App, asset, bookings, chat, consultation, contraception, gate, health, house, joint, keyboard,
    language, layer, onward, partners, patients, plans, preconsultation,
    route::{Route, Table},
    signin, smoking, summary, surgery, tasks, team, today, visit, work,
};
use access::policy::Audience;
use axum::{Router, middleware};
use tower_http::compression::CompressionLayer;

/// One listener's set of pages.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Surface {
    /// What patients and the public reach: few routes, no record.
    Patient,
    /// What those who work here reach.
    Staff,
    /// What the operator reaches, on loopback.
    Admin,
}

impl Surface {
    /// Every surface.
    pub const ALL: [Self; 3] = [Self::Patient, Self::Staff, Self::Admin];

    /// The word stored with sessions and devices.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Patient => "patient",
            Self::Staff => "staff",
            Self::Admin => "admin",
        }
    }
}

/// Every route of a surface, so that tests can walk them. **A subject adds its routes here.**
pub fn table(surface: Surface) -> Table {
    let mut table = match surface {
        Surface::Patient => Table::default()
            .and(language::routes())
            .and(keyboard::routes())
            .and(crate::card::routes())
            .and(visit::routes())
            .and(team::patients_routes())
            .and(chat::patients_routes())
            .and(contraception::patients_routes())
            .and(smoking::patients_routes())
            .and(joint::patients_routes())
            .and(onward::patients_routes())
            .and(preconsultation::patients_routes()),
        Surface::Staff => Table::default()
            .and(language::routes())
            .and(keyboard::routes())
            .and(signin::routes())
            .and(today::routes())
            .and(bookings::routes())
            .and(work::routes())
            .and(patients::routes())
            .and(plans::routes())
            .and(partners::routes())
            .and(summary::routes())
            .and(tasks::routes())
            .and(chat::routes())
            .and(preconsultation::routes())
            .and(team::routes())
            .and(joint::routes())
            .and(onward::routes())
            .and(house::routes())
            .and(contraception::routes())
            .and(smoking::routes())
            .and(surgery::routes())
            .and(consultation::routes()),
        Surface::Admin => return Table::default().and(health::routes()),
    };
    table.add(Route::get("/static/{*rest}", Audience::Anyone, asset::get).pace(crate::Pace::File));
    table
}

/// The router of a surface. The binary opens the listener and the TLS before it.
pub fn serve_router(surface: Surface, app: App) -> Router {
    let mut router = Router::new();
    for route in table(surface) {
        let (path, gated) = gate::gated(surface, &app, route);
        router = router.route(path, gated);
    }
    // Pages hold secrets beside what a stranger may inject, so only files are compressed (BREACH).
    let compress = CompressionLayer::new().compress_when(layer::is_file);
    router
        .fallback(layer::not_found)
        .method_not_allowed_fallback(layer::not_allowed)
        .layer(compress)
        .layer(middleware::from_fn_with_state(
            (app.clone(), surface),
            layer::dress,
        ))
        .with_state(app)
}
