//! The morning's work: reminders of tomorrow's visits and the question how a new drug is taken, at an hour when a telephone
//! may ring.

use jiff::{Timestamp, tz::TimeZone};
use std::time::Duration;
use store::{Fault, Store};
use tokio::sync::watch::Receiver;
use web::{Clock, Entropy};

/// Hours of the day, Asia/Tokyo, in which reminders are sent.
const HOURS: std::ops::Range<i8> = 10..18;
/// How often the clock is looked at: it may be set, and machines sleep.
const LOOK_EVERY: Duration = Duration::from_mins(10);

/// Looks until the program ends. A visit that was spoken of today is not spoken of again, so that looking often costs nothing.
pub(crate) async fn run(
    store: Store,
    patient_url: String,
    (clock, entropy): (Clock, Entropy),
    mut end: Receiver<bool>,
) {
    loop {
        tokio::select! {
            () = tokio::time::sleep(LOOK_EVERY) => {}
            _ = end.wait_for(|end| *end) => return,
        }
        let now = clock();
        if !is_daytime(now) {
            continue;
        }
        if let Err(fault) = all(&store, now, &patient_url, &entropy).await {
            tracing::error!(%fault, "reminders could not be sent; they are tried again");
        }
    }
}

async fn all(store: &Store, now: Timestamp, url: &str, entropy: &Entropy) -> Result<(), Fault> {
    for (tenant, _) in store.tenants().await? {
        web::visit::remind(store, tenant, now, (url, entropy)).await?;
        web::visit::ask_about_drugs(store, tenant, now, (url, entropy)).await?;
        web::visit::remind_three_weeks(store, tenant, now).await?;
    }
    Ok(())
}

fn is_daytime(now: Timestamp) -> bool {
    let tokyo = TimeZone::get("Asia/Tokyo").unwrap_or(TimeZone::UTC);
    HOURS.contains(&now.to_zoned(tokyo).hour())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_telephone_rings_at_night() {
        for (now, day) in [
            ("2026-11-20T00:59:59Z", false),
            ("2026-11-20T01:00:00Z", true),
            ("2026-11-20T08:59:59Z", true),
            ("2026-11-20T09:00:00Z", false),
            ("2026-11-20T18:00:00Z", false),
        ] {
            assert_eq!(is_daytime(now.parse().unwrap()), day, "{now}");
        }
    }
}
