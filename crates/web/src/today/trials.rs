//! The trials of camera, sound and line before the visit (機器ためし), as the board tells of them.

use crate::Problem;
use care::ConsultationId;
use jiff::Timestamp;
use store::{Conn, patient::PAGE_MAX};

/// The patients of a stretch of time, and how many of them have tried.
#[derive(Default)]
pub(super) struct Trials {
    pub(super) all: usize,
    pub(super) good: usize,
    pub(super) bad: usize,
}

impl Trials {
    /// None where nobody is booked.
    pub(super) async fn of(
        read: &mut Conn,
        from: Timestamp,
        until: Timestamp,
    ) -> Result<Option<Self>, Problem> {
        let mut trials = Self::default();
        for booking in read.consultations_between(from, until).await? {
            if booking.consultation.stage.is_over() || trials.all == PAGE_MAX {
                continue;
            }
            trials.all += 1;
            match read.trial(booking.consultation.id).await? {
                Some(trial) if trial.is_good() => trials.good += 1,
                Some(_) => trials.bad += 1,
                None => {}
            }
        }
        Ok((trials.all > 0).then_some(trials))
    }
}

/// What the trial of one visit came to, as the key of its words.
pub(super) async fn tried(
    read: &mut Conn,
    visit: ConsultationId,
) -> Result<Option<&'static str>, Problem> {
    Ok(read.trial(visit).await?.map(|trial| {
        if trial.is_good() {
            "bookings-trial-good"
        } else {
            "bookings-trial-bad"
        }
    }))
}
