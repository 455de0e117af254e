//! The attacks of the clauses that `care` answers, one test or more for each, named by the clause's id.
//!
//! [`case`] holds a visit in which everything is in order; each test spoils one thing and says what must be answered.

mod acute;
mod after_first;
mod agreement;
#[cfg(test)]
mod assistance;
#[cfg(test)]
mod attendance;
mod case;
mod consultation;
mod desk;
mod examination;
mod explanation;
#[cfg(test)]
mod first_visit;
#[cfg(test)]
mod identity;
#[cfg(test)]
mod notice;
mod place;
mod plan;
#[cfg(test)]
mod preconsultation;
mod prescription;
mod presence;
mod proof;
mod properties;
mod record;
mod recording;
mod referral;
mod standing;
mod suitability;
mod symptom;
