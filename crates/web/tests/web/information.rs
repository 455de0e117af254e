//! Attacks on the regular information for the institution that responds to a sudden change.

use crate::consultation_seed::{NOTE, Practice, Seed, post, staff, write};
use access::Role;
use care::{
    PartnerId,
    partner::{Partner, PartnerKind},
    plan::information::Schedule,
    task::Kind,
};
use jiff::SignedDuration;

const PARTNER: PartnerId = PartnerId(access::Ulid::from_bytes([5; 16]));

fn partner(until: &str) -> Partner {
    Partner {
        id: PARTNER,
        kind: PartnerKind::Hospital,
        name: "見本中央病院".into(),
        phone: "00-0000-0000".into(),
        hours: "24時間".into(),
        night: true,
        areas: vec![care::area::Area::read("長野県みほん郡みずうみ町").unwrap()],
        travel_minutes: 10,
        valid_until: until.parse().unwrap(),
    }
}

async fn enter(practice: &Practice, partner: Partner) {
    write(&practice.house, move |tx| {
        Box::pin(async move { tx.put_partner(&staff(Role::Administrator), &partner).await })
    })
    .await;
}

/// A follow-up under a plan that leaves a sudden change to a hospital, which is informed every 30 days.
async fn practice() -> Practice {
    let mut seed = Seed::follow_up();
    seed.partners = vec![partner("2027-11-20")];
    seed.draft.acute.own = false;
    seed.draft.acute.partner = Some(PARTNER);
    seed.draft.information = Some(Schedule {
        receiver: Some(PARTNER),
        every_days: 30,
        content: "血圧と薬".into(),
    });
    seed.open().await
}

fn released() -> Vec<(&'static str, &'static str)> {
    [NOTE.as_slice(), &[("release", "yes")]].concat()
}

#[tokio::test]
async fn cl_1_3_iv_a_one_press_at_closing_sends_it_sealed_and_the_receipt_is_kept() {
    let mut practice = practice().await;
    practice.closable().await;
    let page = practice.page().await;
    for words in [
        "id=\"information\"",
        "見本中央病院",
        "血圧と薬",
        "name=\"release\" value=\"yes\" checked",
    ] {
        assert!(page.contains(words), "{words}: {page}");
    }
    practice.done("close", &released()).await;
    assert_eq!(practice.stage().await, "closed");
    assert_eq!(practice.entries("summary.sent").await, 1);
    let ledger = practice.house.ledger(practice.house.tenant).await;
    assert!(!ledger.iter().any(|entry| entry.contains("血圧と薬")));
    let mut read = practice
        .house
        .store
        .read(practice.house.tenant)
        .await
        .unwrap();
    let task = read
        .open_tasks()
        .await
        .unwrap()
        .into_iter()
        .find(|task| task.opening.kind == Kind::SummaryReceipt)
        .expect("somebody makes sure that it arrives");
    drop(read);
    let paper = format!("/summaries/{}", task.opening.about.unwrap());
    let page = practice.physician.get(&paper).await.body;
    for words in ["見本中央病院", "血圧と薬", NOTE[2].1] {
        assert!(page.contains(words), "{words}: {page}");
    }
    let receipt = format!("{paper}/received");
    assert_eq!(
        post(&mut practice.physician, &receipt, &[]).await.status,
        422
    );
    let said = post(&mut practice.physician, &receipt, &[("who", "地域連携室")]).await;
    assert_eq!(said.status, 303, "{}", said.body);
    assert_eq!(practice.entries("summary.received").await, 1);
    assert!(
        post(&mut practice.physician, &receipt, &[("who", "だれか")])
            .await
            .is_out_of_turn()
    );
    let mut read = practice
        .house
        .store
        .read(practice.house.tenant)
        .await
        .unwrap();
    let now = practice.house.now() + SignedDuration::from_hours(24 * 9);
    assert_eq!(read.late_tasks(Kind::SummaryReceipt, now).await.unwrap(), 0);
}

#[tokio::test]
async fn cl_1_3_iv_a_a_lapsed_interval_is_shown_and_found_and_care_goes_on() {
    let mut practice = practice().await;
    practice.house.pass(SignedDuration::from_hours(24 * 31));
    let mut administrator = practice.house.signed_in("administrator").await;
    let checklist = administrator.get("/house/checklist").await.body;
    assert!(checklist.contains("information_overdue"), "{checklist}");
    practice.physician = practice.house.signed_in("physician").await;
    let page = practice.page().await;
    assert!(page.contains("連携先へ情報を送る日"), "{page}");
    let lines = practice.open_lines().await;
    assert!(
        !lines.iter().any(|line| line.contains("cl-1.3-iv-a")),
        "care goes on: {lines:?}"
    );
}

#[tokio::test]
async fn cl_1_3_iv_a_nothing_goes_to_a_receiver_whose_entry_has_lapsed() {
    let mut practice = practice().await;
    practice.closable().await;
    enter(&practice, partner("2026-11-19")).await;
    let said = practice.refused("close", &released()).await;
    assert_eq!(
        (said.spoke(), said.reason()),
        ((409, "cl-1.3-iv-a"), "receiver_not_in_register"),
        "{}",
        said.body
    );
    assert_eq!(practice.entries("summary.sent").await, 0);
    practice.done("close", &NOTE).await;
    assert_eq!(practice.stage().await, "closed", "care goes on without it");
}

#[tokio::test]
async fn cl_1_3_iv_a_a_plan_that_responds_itself_has_no_field_and_no_press_for_it() {
    let mut practice = Seed::follow_up().open().await;
    practice.closable().await;
    assert!(!practice.page().await.contains("id=\"information\""));
    practice.done("close", &released()).await;
    assert_eq!(practice.entries("summary.sent").await, 0);
    let path = format!("/patients/{}/plans/new", practice.patient);
    let said = practice
        .physician
        .post(
            &path,
            &[("acute", "partner"), ("partner", &PARTNER.to_string())],
        )
        .await;
    assert_eq!(said.status, 422);
    assert!(
        said.body.contains("href=\"#information_days\""),
        "{}",
        said.body
    );
}
