//! Pages, forms and routes: the three surfaces, their security, sign-in, and one folder per subject.
//!
//! # Writing a page
//! A subject is a folder with its routes, its handlers, and its templates beside them:
//!
//! ```ignore
//! // crates/web/src/bookings/mod.rs
//! pub(crate) fn routes() -> Table {
//!     Table::of([
//!         Route::get("/bookings/new", Audience::Roles(&[Role::Reception]), show),
//!         Route::post("/bookings/new", Audience::Roles(&[Role::Reception]), book),
//!     ])
//! }
//!
//! #[derive(Template)]
//! #[template(path = "bookings/new.html")]
//! struct Page { shell: StaffShell, w: Words, errors: Errors }
//!
//! async fn show(desk: StaffDesk) -> Result<Response, Problem> {
//!     let shell = desk.shell("booking-title", Section::Bookings).await?;
//!     desk.page(&Page { shell, w: desk.w, errors: Errors::default() })
//! }
//!
//! async fn book(desk: StaffDesk, form: Form) -> Result<Response, Problem> {
//!     let mut reading = form.reading();
//!     let patient: Option<PatientId> = reading.parse("patient");
//!     let note = reading.maybe("note", 200);
//!     reading.done()?;                                     // 422, or draw the form again: reading.errors(), desk.page_wrong
//!     let entry = desk.entry("consultation.booked", "care");
//!     desk.write(move |tx| Box::pin(async move {
//!         // load, judge, keep: `?` turns care::Refusal, OutOfTurn and store::Fault into a Problem
//!         tx.record(entry).await?;
//!         Ok(())
//!     })).await?;
//!     Ok(go("/today"))                                     // 303 to a GET
//! }
//! ```
//! Then add `.and(bookings::routes())` to [`surface::table`]. A path's parts come by [`At`], which answers 404 to what is no id.
//!
//! ```html
//! {% extends "shell/staff.html" %}
//! {% block main %}
//! <h1>{{ w.say("booking-title") }}</h1>
//! <form method="post" action="/bookings/new">
//! <input type="hidden" name="on-once" value="{{ shell.once }}">
//! <p class="on-field"><label for="note">{{ w.say("booking-note") }}</label>
//! <input class="on-in" id="note" name="note"{% if errors.of("note").is_some() %} aria-invalid="true"{% endif %}></p>
//! <button class="on-btn is-main" hx-post="/bookings/new" hx-target="#board" hx-select="#board" hx-swap="outerHTML" hx-nonce="{{ shell.nonce }}">…</button>
//! </form>
//! {% endblock %}
//! ```
//! Blocks of the frames: `head`, `main`, `after` (scripts: `<script nonce="{{ shell.nonce }}" src="{{ crate::asset::address("call.js") }}" defer>`),
//! staff `band`, patient `tel` and `links`. Icons: `{{ crate::icon("tel") }}`. `|safe` is forbidden.
//! Texts lie in `locales/ja` and `locales/en`, one file per subject: `w.say("key")`, `w.fill("key", "n", n)`, `w.fill2(…)`.
//! A patient's page is the same with [`PatientDesk`] and [`shell::PatientShell`].
//! What a page fetches by itself (events, signalling probes) is declared with `.by_itself()`: it does not renew the session.
//! A stream asks `desk.is_still_open()` before each block; a running call holds its session by its lease, so that no cover cuts it.
//! Tests drive the surfaces in process: `tests/web/support.rs` has a clinic in memory, a clock to turn, and browsers.
//!
//! # Opening a patient's session (in the POST of the birth date)
//! ```ignore
//! let ticket = desk.ticket()?;                             // AnonymousDesk
//! let stub = ticket.stub();
//! let opened = desk.app().store().write(tenant, desk.now, move |tx| Box::pin(async move {
//!     tx.end_visit_sessions(consultation, proxy).await?;
//!     stub.open(tx, Holder::Patient { patient, proxy, consultation }, actor, "link+birth_date").await
//! })).await?;
//! Ok(ticket.hand_over(tenant, go("/visit")))
//! ```
//!
//! # Serving
//! ```ignore
//! let app = App::new(Parts { store, media, settings, clock: system_clock(), entropy: system_entropy() });
//! axum::serve(listener, serve_router(Surface::Staff, app.clone()).into_make_service_with_connect_info::<SocketAddr>())
//! ```
//! A TLS listener inserts `axum::extract::ConnectInfo<SocketAddr>` into each request's extensions by itself.

mod app;
pub mod asset;
mod at;
mod bell;
mod bookings;
mod caller;
pub mod card;
mod chat;
mod consultation;
mod contraception;
mod cookie;
mod derived;
pub mod desk;
mod difference;
mod document;
pub mod form;
mod gate;
mod health;
mod house;
mod joint;
mod keyboard;
mod language;
mod layer;
mod limit;
mod note;
pub mod notice;
mod once;
mod onward;
pub mod page_check;
mod partners;
pub mod password;
mod patients;
mod picture;
mod plans;
mod preconsultation;
mod presence;
pub mod problem;
pub mod qr;
mod room;
pub mod route;
mod scan;
mod scene;
mod shelf;
pub mod shell;
mod sign;
mod signin;
mod smoking;
mod summary;
pub mod surface;
mod surgery;
mod tasks;
mod team;
pub mod text;
mod today;
pub mod totp;
pub mod visit;
pub mod words;
mod work;

pub use app::{App, Clock, Entropy, Parts, Settings, system_clock, system_entropy};
pub use asset::icon;
pub use at::At;
pub use desk::{AnonymousDesk, PatientDesk, StaffDesk, Stub, Ticket, WaitingDesk, go};
pub use form::{Errors, Form};
pub use limit::Pace;
pub use problem::Problem;
pub use route::{Route, Table};
pub use surface::{Surface, serve_router};
pub use words::{Lang, Words};

use guideline::Duty;

/// The clauses this crate answers, one line each, and where.
pub const DUTIES: &[Duty] = &[
    (notice::CONTACT, "notice"),
    (notice::ALWAYS, "notice"),
    (notice::DESKS, "notice"),
    (notice::GUIDED, "notice"),
    (text::REFUSED_IN_WORDS, "text"),
];
