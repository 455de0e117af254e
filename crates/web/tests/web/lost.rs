//! A lost link: every open visit of the contact, each receiver's own link, to the contact on file, three an hour; and no word about it.

use crate::{
    support::person_id,
    ward::{Ward, by, ward},
};
use access::Role;
use axum::http::StatusCode;
use care::{Class, ConsultationId};
use jiff::{SignedDuration, civil::date};
use std::time::Duration;
use store::{
    Fault,
    outbox::{Channel, Sent},
    patient::ProxyPerson,
};
use web::Surface;

/// The patient's own number, as `ward` registers it.
const PATIENT: &str = "09000001111";
const HELPER: &str = "09000002222";

/// Books visits so many hours from now and registers a helper.
async fn with_visits(hours: &'static [i64]) -> (Ward, Vec<ConsultationId>) {
    let ward = ward().await;
    let (patient, now) = (ward.patient, ward.house.now());
    let visits = ward
        .house
        .store
        .write::<_, Fault, _>(ward.house.tenant, now, move |tx| {
            Box::pin(async move {
                let reception = by("reception", Role::Reception);
                let helper = ProxyPerson {
                    name: "例沢 みらい".into(),
                    relation: "むすめ".into(),
                    phone: HELPER.into(),
                    birth: date(1980, 1, 2),
                };
                tx.add_proxy(&reception, person_id("reception"), patient, &helper)
                    .await?;
                let mut visits = Vec::new();
                for ahead in hours {
                    let at = now + SignedDuration::from_hours(*ahead);
                    let physician = person_id("physician");
                    let booked = tx
                        .book(
                            &reception,
                            patient,
                            physician,
                            (Class::First, care::Service::Care),
                            at,
                        )
                        .await?;
                    visits.push(booked.consultation.id);
                }
                Ok(visits)
            })
        })
        .await
        .unwrap();
    (ward, visits)
}

/// Asks, from a browser of its own, and waits until the outbox holds so many messages; then a little longer.
async fn asked(ward: &Ward, contact: &str, expected: usize) -> Vec<Sent> {
    let mut browser = ward.house.browser(Surface::Patient);
    let answer = browser.post("/lost", &[("contact", contact)]).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.body);
    assert_eq!(answer.location(), "/lost?sent=1");
    let mut sent = Vec::new();
    for _ in 0..60 {
        let mut read = ward.house.store.read(ward.house.tenant).await.unwrap();
        sent = read.outbox().await.unwrap();
        if sent.len() > expected {
            break;
        }
        tokio::time::sleep(Duration::from_millis(if sent.len() == expected {
            10
        } else {
            50
        }))
        .await;
    }
    sent
}

#[tokio::test]
async fn every_open_visit_of_these_days_gets_its_link() {
    let (ward, visits) = with_visits(&[1, 30, 24 * 30, -20]).await;
    let sent = asked(&ward, "090-0000-1111", 2).await;
    let mut about: Vec<_> = sent.iter().filter_map(|one| one.consultation).collect();
    about.sort_unstable();
    let mut near = visits[..2].to_vec();
    near.sort_unstable();
    assert_eq!(about, near, "not the one in a month, nor yesterday's");
    for one in &sent {
        assert_eq!(
            (one.message.to.as_str(), one.channel),
            (PATIENT, Channel::Sms)
        );
        assert!(!one.message.text.contains("例沢"), "{}", one.message.text);
    }
}

#[tokio::test]
async fn a_helper_gets_the_own_link_at_the_own_number_and_nobody_elses() {
    let (ward, visits) = with_visits(&[1]).await;
    let sent = asked(&ward, HELPER, 1).await;
    assert_eq!(sent.len(), 1);
    assert_eq!(sent[0].message.to, HELPER);
    let mut read = ward.house.store.read(ward.house.tenant).await.unwrap();
    assert!(
        read.newest_invitation(visits[0], None)
            .await
            .unwrap()
            .is_none(),
        "no link of the patient's was made"
    );
    let fates = read.fates(visits[0]).await.unwrap();
    assert!(fates[0].proxy.is_some());
}

#[tokio::test]
async fn a_number_that_was_replaced_gets_nothing() {
    let (ward, _) = with_visits(&[1]).await;
    let (patient, now) = (ward.patient, ward.house.now());
    ward.house
        .store
        .write::<_, Fault, _>(ward.house.tenant, now, move |tx| {
            Box::pin(async move {
                let known = tx.patient(patient).await?.unwrap();
                tx.recover_patient(&by("reception", Role::Reception), &known, "09000003333")
                    .await
            })
        })
        .await
        .unwrap();
    assert!(asked(&ward, PATIENT, 0).await.is_empty());
    assert_eq!(asked(&ward, "09000003333", 1).await.len(), 1);
}

#[tokio::test]
async fn three_links_an_hour_for_one_visit_whoever_asks() {
    let (ward, _) = with_visits(&[2]).await;
    for (contact, expected) in [(PATIENT, 1), (HELPER, 2), (PATIENT, 3)] {
        assert_eq!(asked(&ward, contact, expected).await.len(), expected);
    }
    ward.house.pass(SignedDuration::from_mins(30));
    assert_eq!(asked(&ward, PATIENT, 3).await.len(), 3, "not a fourth");
    ward.house.pass(SignedDuration::from_mins(31));
    assert_eq!(asked(&ward, PATIENT, 4).await.len(), 4, "an hour later");
}

#[tokio::test]
async fn six_links_at_most_leave_for_one_question() {
    let (ward, _) = with_visits(&[1, 2, 3, 4, 5, 6, 7, 8]).await;
    assert_eq!(asked(&ward, PATIENT, 6).await.len(), 6);
}
