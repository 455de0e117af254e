//! Where to be during a visit: told with the message, shown with the question, and never left out.

use crate::{
    consultation_seed::Seed,
    visit::scene,
    ward::{post_json, ward},
};
use care::Class;

#[tokio::test]
async fn cl_2_2_ii_b_no_version_is_published_without_the_guidance() {
    let ward = ward().await;
    let mut browser = ward.house.signed_in("administrator").await;
    let full = [
        ("title_ja", "場所"),
        ("title_en", "Place"),
        ("body_ja", "静かな部屋で"),
        ("body_en", "In a quiet room"),
        ("change", "wording"),
    ];
    for field in ["body_ja", "body_en"] {
        let fields = full.map(|(name, value)| (name, if name == field { " " } else { value }));
        let (status, body) = post_json(&mut browser, "/house/texts/guidance/place", &fields).await;
        assert_eq!(
            (status, &body["clause"]),
            (422, &"cl-2.2-ii-b".into()),
            "{field} {body}"
        );
    }
    let answer = browser.post("/house/texts/guidance/place", &full).await;
    assert_eq!(answer.location(), "/house/texts", "{}", answer.body);
    let mut read = ward.house.store.read(ward.house.tenant).await.unwrap();
    let text = read.guidance().await.unwrap().unwrap();
    assert_eq!((text.version, text.body_ja.as_str()), (2, "静かな部屋で"));
}

#[tokio::test]
async fn cl_2_2_ii_b_the_invitation_and_the_page_say_where_to_be() {
    let ward = ward().await;
    let mut reception = ward.house.signed_in("reception").await;
    let visit = ward.book(&mut reception).await;
    let mut read = ward.house.store.read(ward.house.tenant).await.unwrap();
    let sent = read.outbox().await.unwrap();
    let text = &sent
        .iter()
        .find(|letter| letter.consultation == Some(visit))
        .unwrap()
        .message
        .text;
    assert!(text.contains("ひとりの部屋で"), "{text}");
    assert!(read.guided(visit).await.unwrap().sent);
    assert_eq!(
        ward.house.entries(ward.house.tenant, "guidance.sent").await,
        1
    );

    // No message went out for this one: the page says it in full, and that it did is kept.
    let scene = scene(Class::Followup, 10).await;
    let mut phone = scene.inside().await;
    phone.post("/visit/body", &[("answer", "none")]).await;
    for _ in 0..2 {
        let page = phone.get("/visit/statement").await.body;
        assert!(page.contains("話をほかの人に聞かれない"), "{page}");
    }
    let tenant = scene.house.tenant;
    assert_eq!(scene.house.entries(tenant, "guidance.shown").await, 1);
}

#[tokio::test]
async fn cl_2_2_ii_b_nothing_starts_where_nobody_was_told() {
    let mut practice = Seed {
        guided: false,
        ..Seed::follow_up()
    }
    .open()
    .await;
    let said = practice.refused("admit", &[]).await;
    assert_eq!(said.spoke(), (409, "cl-2.2-ii-b"));
    assert_eq!(said.reason(), "guidance_not_served");
}
