//! Who may do what: people, roles, credentials, sessions, affiliation and qualification. Pure decisions, no input or output.

pub mod affiliation;
pub mod credential;
mod id;
pub mod policy;
pub mod qualification;
pub mod rate;
mod refused;
mod role;
pub mod session;

pub use id::{DeviceId, NotAnId, PersonId, SessionId, TenantId};
pub use refused::Refused;
pub use role::{NoSuchRole, Role};
pub use ulid::Ulid;

use guideline::Duty;

/// The clauses this crate answers, one line each, and where.
pub const DUTIES: &[Duty] = &[
    (affiliation::AFFILIATION, "affiliation"),
    (qualification::COURSE, "qualification"),
];
