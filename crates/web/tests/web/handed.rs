//! Where no message can carry a link, reception hands it over: on purpose, written down, and only then.

use crate::{
    consultation_seed::{Seed, post, write},
    support::{Answer, Browser, House},
};
use axum::http::StatusCode;
use care::ConsultationId;
use store::outbox::Channel;
use web::{App, Parts, Settings, Surface, serve_router};

/// The same clinic, with these channels carried.
fn carried(house: &House, browser: &mut Browser, carried: Vec<Channel>) {
    let now = house.now();
    let app = App::new(Parts {
        store: house.store.clone(),
        media: None,
        settings: Settings {
            carried,
            ..house.app.settings().clone()
        },
        clock: std::sync::Arc::new(move || now),
        entropy: web::system_entropy(),
    });
    browser.router = serve_router(Surface::Staff, app);
}

async fn booking() -> (House, ConsultationId) {
    let practice = Seed::follow_up().open().await;
    (practice.house, practice.visit)
}

fn link(page: &Answer) -> Option<String> {
    let (_, rest) = page.body.split_once("<code>")?;
    let (url, _) = rest.split_once("</code>")?;
    Some(url.to_owned())
}

#[tokio::test]
async fn without_a_carrier_reception_hands_the_link_over_and_it_opens_the_visit() {
    let (house, visit) = booking().await;
    let mut reception = house.signed_in("reception").await;
    carried(&house, &mut reception, Vec::new());
    let page = reception.get(&format!("/bookings/{visit}")).await;
    assert!(page.body.contains("案内は送られません"), "{}", page.body);
    let path = format!("/bookings/{visit}/link");
    assert!(page.body.contains(&format!("action=\"{path}\"")));
    let queued = house.entries(house.tenant, "guidance.queued").await;
    let shown = reception.post(&path, &[]).await;
    assert_eq!(shown.status, StatusCode::OK, "{}", shown.body);
    let url = link(&shown).unwrap();
    assert!(shown.body.contains("on-qr") && url.starts_with("http://localhost:8080/v/"));
    let mut phone = house.browser(Surface::Patient);
    let landed = phone
        .get(url.strip_prefix("http://localhost:8080").unwrap())
        .await;
    assert!(landed.body.contains("生年月日"), "{}", landed.body);
    // Written down as an act of this person, and no message was made of it.
    assert_eq!(house.entries(house.tenant, "link.handed_over").await, 1);
    assert_eq!(house.entries(house.tenant, "guidance.queued").await, queued);
    let secret = url.rsplit_once("/v/").unwrap().1;
    for entry in house.ledger(house.tenant).await {
        assert!(!entry.contains(secret), "the ledger holds the link");
    }
    let again = reception.get(&format!("/bookings/{visit}")).await;
    assert!(!again.body.contains(secret), "it is shown once");
}

#[tokio::test]
async fn while_messages_arrive_no_link_is_shown_and_never_to_others_than_reception() {
    let (house, visit) = booking().await;
    let path = format!("/bookings/{visit}/link");
    let mut reception = house.signed_in("reception").await;
    let page = reception.get(&format!("/bookings/{visit}")).await;
    assert!(!page.body.contains(&path), "{}", page.body);
    assert_eq!(post(&mut reception, &path, &[]).await.status, 409);
    for other in ["physician", "nurse", "administrator"] {
        let mut browser = house.signed_in(other).await;
        carried(&house, &mut browser, Vec::new());
        assert_eq!(post(&mut browser, &path, &[]).await.status, 403, "{other}");
    }
    assert_eq!(house.entries(house.tenant, "link.handed_over").await, 0);
}

#[tokio::test]
async fn a_message_that_came_back_opens_the_way_and_the_hour_bounds_it() {
    let (house, visit) = booking().await;
    let mut reception = house.signed_in("reception").await;
    let path = format!("/bookings/{visit}/invite");
    assert_eq!(
        reception.post(&path, &[]).await.status,
        StatusCode::SEE_OTHER
    );
    let queued = house
        .store
        .read(house.tenant)
        .await
        .unwrap()
        .queued_messages(house.now())
        .await
        .unwrap();
    write(&house, move |tx| {
        Box::pin(async move {
            for sent in &queued {
                tx.keep_delivery(sent, Some("no_such_number")).await?;
            }
            Ok(())
        })
    })
    .await;
    let page = reception.get(&format!("/bookings/{visit}")).await;
    assert!(page.body.contains("届きませんでした"), "{}", page.body);
    let path = format!("/bookings/{visit}/link");
    let mut last = 0;
    for _ in 0..4 {
        last = post(&mut reception, &path, &[]).await.status;
    }
    assert_eq!(last, 429);
}
