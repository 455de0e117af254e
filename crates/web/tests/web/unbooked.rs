//! A patient who telephones is seen without a booking, and the reason stays (cl-1.3-i-c).

use crate::{
    consultation_seed::Seed,
    support::person_id,
    ward::{post_json, ward},
};
use axum::http::StatusCode;
use care::{
    ConsultationId,
    plan::{HoursMode, Opened},
};
use jiff::SignedDuration;

#[tokio::test]
async fn cl_1_3_i_c_a_plan_by_appointment_keeps_nobody_out_who_calls() {
    let seed = Seed {
        called_in: true,
        ..Seed::follow_up()
    };
    assert_eq!(seed.draft.hours.mode, Some(HoursMode::Appointment));
    let mut practice = seed.open().await;
    assert!(practice.page().await.contains("予約なし・電話があった"));
    practice.live().await;
    assert_eq!(practice.stage().await, "live");
    let mut read = practice
        .house
        .store
        .read(practice.house.tenant)
        .await
        .unwrap();
    let booking = read.consultation(practice.visit).await.unwrap().unwrap();
    assert_eq!(booking.opened, Opened::CalledIn);
}

#[tokio::test]
async fn cl_1_3_i_c_reception_opens_a_visit_for_a_caller_and_the_reason_is_stored() {
    let ward = ward().await;
    let mut reception = ward.house.signed_in("reception").await;
    let page = reception.get("/bookings/new?now=1").await;
    assert!(page.body.contains("name=\"now\""), "{}", page.body);
    let fields = [
        ("patient", ward.patient.to_string()),
        ("physician", person_id("physician").to_string()),
        ("now", "1".to_owned()),
        ("route", "sources".to_owned()),
    ];
    let fields: Vec<(&str, &str)> = fields
        .iter()
        .map(|(name, value)| (*name, value.as_str()))
        .collect();
    let answer = reception.post("/bookings/new", &fields).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.body);
    let visit: ConsultationId = answer.location()[10..].parse().unwrap();
    let mut read = ward.house.store.read(ward.house.tenant).await.unwrap();
    let booking = read.consultation(visit).await.unwrap().unwrap();
    assert_eq!(booking.opened, Opened::CalledIn);
    assert_eq!(booking.consultation.booked_for, ward.house.now());
    let sent = read.outbox().await.unwrap();
    assert_eq!(sent.len(), 1, "the link is sent at once");
    drop(read);
    let entries = ward.house.ledger(ward.house.tenant).await;
    let entry = entries
        .iter()
        .find(|entry| entry.contains("visit.opened_unbooked"))
        .unwrap();
    assert!(
        entry.contains("called_in") && entry.contains("cl-1.3-i-c"),
        "{entry}"
    );
    for path in ["/today", answer.location()] {
        let page = reception.get(path).await;
        assert!(page.body.contains("予約なし・電話があった"), "{path}");
    }
}

#[tokio::test]
async fn cl_1_3_i_c_a_booked_visit_gives_no_such_reason() {
    let ward = ward().await;
    let mut reception = ward.house.signed_in("reception").await;
    ward.book(&mut reception).await;
    let entries = ward
        .house
        .entries(ward.house.tenant, "visit.opened_unbooked");
    assert_eq!(entries.await, 0);
    let page = reception.get("/today").await;
    assert!(!page.body.contains("予約なし"), "{}", page.body);
    ward.house.pass(SignedDuration::from_secs(1));
    let (status, _) = post_json(&mut reception, "/bookings/new", &[("now", "1")]).await;
    assert_eq!(status, 422, "somebody has to be named");
}
