//! The night's work: once a day, when no clinic is open.

use crate::{invariants, page_check, readiness, residue};
use jiff::{Timestamp, ToSpan as _, civil::time, tz::TimeZone};
use std::{path::PathBuf, time::Duration};
use store::Store;
use tokio::sync::watch::Receiver;
use web::Clock;

/// Hour of the night's work, Asia/Tokyo.
const HOUR: i8 = 3;
/// Another look at the clock at least this often: it may be set, and machines sleep.
const LOOK_EVERY: Duration = Duration::from_mins(1);

/// Waits for each night until the program ends. `places` are where records lie and where temporary files may.
pub(crate) async fn run(store: Store, places: Vec<PathBuf>, clock: Clock, mut end: Receiver<bool>) {
    let mut next = after(clock());
    loop {
        tokio::select! {
            () = tokio::time::sleep(LOOK_EVERY) => {}
            _ = end.wait_for(|end| *end) => return,
        }
        let now = clock();
        if now < next {
            continue;
        }
        next = after(now);
        match residue::search(&store, &places, now).await {
            Ok(0) => {}
            Ok(found) => tracing::error!(found, "files hold patients' names in plain text"),
            Err(fault) => {
                tracing::error!(%fault, "the search for residue could not be done; it is tried again tomorrow");
            }
        }
        match page_check::all(&store, now).await {
            Ok(0) => {}
            Ok(found) => tracing::error!(found, "pages do not show whom patients can ask"),
            Err(fault) => {
                tracing::error!(%fault, "the look at the pages could not be done; it is tried again tomorrow");
            }
        }
        match page_check::preconsultations(&store, now).await {
            Ok(0) => {}
            Ok(found) => tracing::error!(found, "pages do not show the terms of pre-consultations"),
            Err(fault) => {
                tracing::error!(%fault, "the look at the terms of pre-consultations could not be done; it is tried again tomorrow");
            }
        }
        match readiness::all(&store, now).await {
            Ok(0) => {}
            Ok(found) => tracing::error!(found, "proofs of physicians lapse in the days ahead"),
            Err(fault) => {
                tracing::error!(%fault, "the look at the proofs could not be done; it is tried again tomorrow");
            }
        }
        match readiness::links(&store, now).await {
            Ok(0) => {}
            Ok(found) => tracing::warn!(found, "the public search for physicians was not reached"),
            Err(fault) => {
                tracing::error!(%fault, "the look at the public search could not be done; it is tried again tomorrow");
            }
        }
        match invariants::all(&store, now).await {
            Ok(found) => {
                for one in found.iter().filter(|one| one.without_media > 0) {
                    tracing::error!(tenant = %one.tenant, found = one.without_media, "records were signed without picture and sound");
                }
            }
            Err(fault) => {
                tracing::error!(%fault, "the nightly check could not be done; it is tried again tomorrow");
            }
        }
    }
}

/// The next hour of the night's work.
fn after(now: Timestamp) -> Timestamp {
    let tokyo = TimeZone::get("Asia/Tokyo").unwrap_or(TimeZone::UTC);
    let here = now.to_zoned(tokyo.clone());
    let tonight = here.date().to_datetime(time(HOUR, 0, 0, 0));
    let day = if here.datetime() < tonight {
        tonight
    } else {
        tonight.saturating_add(1.day())
    };
    day.to_zoned(tokyo).map_or(now, |zoned| zoned.timestamp())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_night_comes_once_a_day_at_three_in_japan() {
        for (now, next) in [
            ("2026-11-20T17:59:59Z", "2026-11-20T18:00:00Z"),
            ("2026-11-20T18:00:00Z", "2026-11-21T18:00:00Z"),
            ("2026-11-20T05:42:00Z", "2026-11-20T18:00:00Z"),
        ] {
            let expected: Timestamp = next.parse().unwrap();
            assert_eq!(after(now.parse().unwrap()), expected, "{now}");
        }
    }
}
