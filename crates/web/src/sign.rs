//! When the page of each visit's patient last gave a sign, in memory: whether somebody is still there.
//!
//! It is known on this node only; where nothing is known, storage says when the patient was last seen.

use care::ConsultationId;
use jiff::{SignedDuration, Timestamp};
use std::{collections::HashMap, sync::Mutex};

/// Most visits followed on one node.
const VISITS_MAX: usize = 10_000;
/// A visit without a sign for so long is forgotten here.
const FORGET_AFTER: SignedDuration = SignedDuration::from_hours(13);

#[derive(Default)]
pub(crate) struct Signs(Mutex<HashMap<ConsultationId, Timestamp>>);

impl Signs {
    /// The patient's page looked, or was drawn.
    pub(crate) fn note(&self, visit: ConsultationId, now: Timestamp) {
        let Ok(mut all) = self.0.lock() else { return };
        if all.len() >= VISITS_MAX && !all.contains_key(&visit) {
            all.retain(|_, seen| now.duration_since(*seen) < FORGET_AFTER);
            if all.len() >= VISITS_MAX {
                return;
            }
        }
        let seen = all.entry(visit).or_insert(now);
        *seen = now.max(*seen);
    }

    /// The last sign, where this node heard one.
    pub(crate) fn last(&self, visit: ConsultationId) -> Option<Timestamp> {
        self.0.lock().ok()?.get(&visit).copied()
    }
}
