//! Many at once: a page that reads twice must not wait for readers who wait for it.

use crate::support::house;
use axum::http::StatusCode;
use jiff::SignedDuration;
use std::time::{Duration, Instant};

/// More browsers than connections that read.
const BROWSERS: usize = 12;
/// Far below the time after which waiting for a connection is given up.
const WAIT_MAX: Duration = Duration::from_secs(3);

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_crowd_that_comes_when_nothing_is_remembered_any_more_is_served_at_once() {
    let house = house().await;
    let mut browsers = Vec::new();
    for _ in 0..BROWSERS {
        // A code serves once.
        house.pass(SignedDuration::from_secs(31));
        browsers.push(house.signed_in("physician").await);
        // Who does nothing for minutes has a covered screen.
        for browser in &mut browsers {
            browser.get("/account").await;
        }
    }
    for _ in 0..5 {
        // What an institution is called is remembered for ten seconds.
        house.pass(SignedDuration::from_secs(11));
        let began = Instant::now();
        let mut crowd = tokio::task::JoinSet::new();
        for mut browser in std::mem::take(&mut browsers) {
            crowd.spawn(async move { (browser.get("/account").await.status, browser) });
        }
        for (status, browser) in crowd.join_all().await {
            assert_eq!(status, StatusCode::OK);
            browsers.push(browser);
        }
        assert!(began.elapsed() < WAIT_MAX, "{:?}", began.elapsed());
    }
}
