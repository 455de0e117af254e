//! Certificates and what they prove. So far one thing: the time-stamp of RFC 3161 (時刻印) — asking for it, judging what came,
//! and a pretended authority for demonstrations and tests.
//!
//! No clock, no randomness, no network: `onshin` carries question and answer, `store` keeps the token.

pub mod answer;
pub mod pretend;
pub mod question;
mod token;
mod trust;
mod wire;

pub use answer::{Chain, Refused, Stamped, Wanted, answer, judge};
pub use question::{Policy, Question};
pub use trust::{Trust, Untrusted};
