//! A first visit (初診) online: by which route it may be held at all, and what its patient is told at the end.

pub mod sheet;

use crate::{Class, ConsultationId, Refusal, Remedy, background};
use guideline::{Clause, clause};
use jiff::civil::Date;

/// A first visit online is the regular physician's (かかりつけの医師), as a rule.
pub const REGULAR: Clause = clause("cl-1.2-iii-a");

/// What was said of the route when the visit was booked, where no record in person says it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Chosen {
    /// The regular physician, on grounds in words: listed as a departure.
    Stated(String),
    /// What is known from sources, judged by the physician before the start.
    Sources,
    /// This pre-consultation led on to it: its ground and the institutions near the patient are judged by their own rules.
    Consulted(ConsultationId),
}

impl Chosen {
    /// The word stored and sent.
    #[must_use]
    pub const fn as_str(&self) -> &'static str {
        match self {
            Self::Stated(_) => "regular_stated",
            Self::Sources => "sources",
            Self::Consulted(_) => "preconsultation",
        }
    }
}

/// The route of a first visit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Route {
    /// Seen in person here before.
    RegularOnRecord,
    /// Another way, as chosen.
    Chosen(Chosen),
}

impl Route {
    /// The word stored and sent.
    #[must_use]
    pub const fn as_str(&self) -> &'static str {
        match self {
            Self::RegularOnRecord => "regular_record",
            Self::Chosen(chosen) => chosen.as_str(),
        }
    }
}

/// Derives the route when a visit is booked. A follow-up has none and needs none.
///
/// # Errors
///
/// Nobody here has seen the patient in person, and no other route is named, or the grounds are empty.
pub fn booked(
    class: Class,
    seen_in_person: bool,
    chosen: Option<Chosen>,
) -> Result<Option<Route>, Refusal> {
    if !class.is_first() {
        return Ok(None);
    }
    if seen_in_person {
        return Ok(Some(Route::RegularOnRecord));
    }
    match chosen {
        Some(Chosen::Stated(grounds)) if grounds.trim().is_empty() => {
            Err(Refusal::state(REGULAR, Remedy::ChooseRoute).because("no_basis"))
        }
        Some(chosen) => Ok(Some(Route::Chosen(chosen))),
        None => Err(Refusal::state(REGULAR, Remedy::ChooseRoute).because("no_route")),
    }
}

/// A first visit stands on a route.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use]
pub struct Routed(());

/// Judges the route before the start: nothing that was booked is believed again.
///
/// # Errors
///
/// There is no route; or it is one from sources, and they are not known or not judged in this visit.
pub fn routed(
    class: Class,
    seen_in_person: bool,
    chosen: Option<&Chosen>,
    background: &background::Facts,
    today: Date,
) -> Result<Routed, Refusal> {
    let sources = || background.judged.is_some() && background.known(today).is_ok();
    match booked(class, seen_in_person, chosen.cloned()) {
        Ok(Some(Route::Chosen(Chosen::Sources))) => {
            let _known = background.known(today)?;
            if background.judged.is_none() {
                return Err(Refusal::state(background::FROM_SOURCES, Remedy::AddSource)
                    .because("background_unjudged"));
            }
            Ok(Routed(()))
        }
        Ok(
            None
            | Some(Route::RegularOnRecord | Route::Chosen(Chosen::Stated(_) | Chosen::Consulted(_))),
        ) => Ok(Routed(())),
        // Judged on sources in this very visit: that is the route, whatever was booked.
        Err(_) if sources() => Ok(Routed(())),
        Err(refusal) => Err(refusal),
    }
}
