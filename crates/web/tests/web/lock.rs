//! The cover over a staff screen: never over a running call, always outside of one, and what it does to a work period.

use crate::{
    consultation_seed::{HAND_OVER, NOTE, Practice, Seed, write},
    support::{Browser, PASSWORD, house, person_id},
};
use axum::http::StatusCode;
use jiff::SignedDuration;
use store::Fault;

async fn is_covered(browser: &mut Browser) -> bool {
    let answer = browser.get("/today").await;
    assert!(!answer.location().starts_with("/sign-in"), "signed out");
    answer.location().starts_with("/unlock")
}

async fn lock(browser: &mut Browser) {
    let answer = browser.post("/lock", &[]).await;
    assert_eq!(answer.status, StatusCode::NO_CONTENT);
}

async fn unlock(browser: &mut Browser, proof: &str) -> StatusCode {
    let fields = [("proof", proof), ("to", "/today")];
    browser.post("/unlock", &fields).await.status
}

impl Practice {
    /// What the media server does every five seconds while the physician is on the line.
    async fn on_the_line(&self) {
        let visit = self.visit;
        write(&self.house, move |tx| {
            Box::pin(async move {
                match tx.take_live_seat(person_id("physician"), visit).await {
                    Ok(()) | Err(Fault::Conflict) => Ok(()),
                    Err(fault) => Err(fault),
                }
            })
        })
        .await;
    }

    fn pass_minutes(&self, minutes: i64) {
        self.house.pass(SignedDuration::from_mins(minutes));
    }
}

#[tokio::test]
async fn a_running_call_is_never_covered_and_its_end_gives_the_lock_back() {
    for end in ["close", "stop"] {
        let mut practice = Seed::follow_up().open().await;
        practice.closable().await;
        // The physician listens and touches nothing; an idle tab beside the call asks for the cover.
        for minutes in [6, 70] {
            practice.pass_minutes(minutes);
            practice.on_the_line().await;
            assert!(!is_covered(&mut practice.physician).await, "{minutes} min");
            lock(&mut practice.physician).await;
            assert!(!is_covered(&mut practice.physician).await, "{minutes} min");
        }
        match end {
            "close" => practice.done(end, &NOTE).await,
            _ => practice.done(end, &HAND_OVER).await,
        }
        assert!(!is_covered(&mut practice.physician).await, "{end}");
        lock(&mut practice.physician).await;
        assert!(is_covered(&mut practice.physician).await, "{end}");
        for wrong in ["", "wrong wrong wrong"] {
            assert_eq!(
                unlock(&mut practice.physician, wrong).await,
                StatusCode::UNPROCESSABLE_ENTITY,
                "{end}: no proof was asked for"
            );
        }
        assert!(is_covered(&mut practice.physician).await, "{end}");
        assert_eq!(
            unlock(&mut practice.physician, PASSWORD).await,
            StatusCode::SEE_OTHER
        );
        practice.pass_minutes(6);
        assert!(
            is_covered(&mut practice.physician).await,
            "{end}: idle after the call"
        );
    }
}

#[tokio::test]
async fn a_call_that_nobody_holds_any_more_holds_no_screen() {
    let mut practice = Seed::follow_up().open().await;
    practice.live().await;
    practice.pass_minutes(6);
    practice.on_the_line().await;
    // The line broke: the last renewal counts as the last act.
    practice.pass_minutes(4);
    assert!(!is_covered(&mut practice.same_browser()).await);
    practice.pass_minutes(6);
    assert!(is_covered(&mut practice.physician).await);
}

#[tokio::test]
async fn a_lock_outside_a_call_stands_although_another_call_begins() {
    let mut practice = Seed::follow_up().open().await;
    practice.live().await;
    practice.house.pass(SignedDuration::from_secs(16));
    lock(&mut practice.physician).await;
    practice.on_the_line().await;
    assert!(is_covered(&mut practice.physician).await);
}

#[tokio::test]
async fn cl_2_1_v_a_work_period_ends_after_thirty_minutes_locked() {
    for (told, minutes, refused) in [
        (true, 29, None),
        (true, 30, Some((409, "cl-2.1-v".to_owned()))),
        // The page was gone and told nobody: five minutes idle, then thirty.
        (false, 34, None),
        (false, 35, Some((409, "cl-2.1-v".to_owned()))),
    ] {
        let mut practice = Seed::follow_up().open().await;
        if told {
            lock(&mut practice.physician).await;
            assert!(practice.period().await.locked.is_some());
        }
        practice.pass_minutes(minutes);
        assert_eq!(
            unlock(&mut practice.physician, PASSWORD).await,
            StatusCode::SEE_OTHER
        );
        assert_eq!(practice.period().await.ended.is_some(), refused.is_some());
        if let Some(refused) = refused {
            let said = practice.refused("admit", &[]).await;
            assert_eq!(
                (said.status, said.clause().to_owned()),
                refused,
                "{minutes}"
            );
        } else {
            assert!(practice.period().await.locked.is_none(), "{minutes}");
            practice.live().await;
        }
    }
}

#[tokio::test]
async fn cl_2_1_v_whoever_signs_in_anew_instead_of_unlocking_was_away_as_long() {
    for (minutes, ended) in [(20, false), (90, true)] {
        let mut practice = Seed::follow_up().open().await;
        lock(&mut practice.physician).await;
        practice.pass_minutes(minutes);
        let answer = practice
            .house
            .sign_in(&mut practice.physician, "physician")
            .await;
        assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.body);
        let period = practice.period().await;
        assert_eq!(
            (period.ended.is_some(), period.locked.is_some() && !ended),
            (ended, false),
            "{minutes} min"
        );
    }
}

#[tokio::test]
async fn another_device_of_the_physician_locks_no_work_period() {
    let practice = Seed::follow_up().open().await;
    let mut tablet = practice.house.signed_in("physician").await;
    lock(&mut tablet).await;
    assert!(practice.period().await.locked.is_none());
}

#[tokio::test]
async fn an_institution_may_cover_its_screens_sooner_and_never_later() {
    let house = house().await;
    let mut administrator = house.signed_in("administrator").await;
    let mut nurse = house.signed_in("nurse").await;
    let rules = |cover| {
        [
            ("arrival", "30"),
            ("travel", "60"),
            ("near", ""),
            ("cover", cover),
        ]
    };
    for laxer in ["6", "0", "60", ""] {
        let answer = administrator.post("/house/rules", &rules(laxer)).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{laxer}");
    }
    let today = nurse.get("/today").await.body;
    assert!(today.contains("data-idle-minutes=\"5\""), "{today}");
    let answer = administrator.post("/house/rules", &rules("2")).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.body);
    let today = nurse.get("/today").await.body;
    assert!(today.contains("data-idle-minutes=\"2\""), "{today}");
    house.pass(SignedDuration::from_mins(2));
    assert!(is_covered(&mut nurse).await);
}

#[tokio::test]
async fn keys_are_turned_off_and_on_without_a_name_and_without_script() {
    let house = house().await;
    let mut nurse = house.signed_in("nurse").await;
    let account = nurse.get("/account").await.body;
    assert!(
        account.contains("data-keys=\"on\"") && account.contains("action=\"/keys\""),
        "{account}"
    );
    for (wish, other) in [("off", "on"), ("on", "off")] {
        let answer = nurse
            .post("/keys", &[("keys", wish), ("to", "/account")])
            .await;
        assert_eq!(answer.location(), "/account");
        let account = nurse.get("/account").await.body;
        assert!(account.contains(&format!("<body class=\"on-staff\" data-keys=\"{wish}\"")));
        assert!(account.contains(&format!(
            "name=\"keys\" value=\"{other}\" data-keys-now=\"{wish}\">"
        )));
    }
    let wrong = nurse.post("/keys", &[("keys", "maybe")]).await;
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
}
