//! Attacks on pictures: what a patient sends as an aid, and the licence that a patient may look at.

use crate::{
    consultation_seed::{NOTE, Practice, SECRET, Seed},
    support::{Answer, Browser},
    ward::upload_as,
};
use axum::{body::Body, http::Method};
use image::{ImageFormat, RgbImage};
use std::io::Cursor;
use tower::ServiceExt as _;
use web::{Surface, visit::link};

/// The test file of virus scanners, put together here so that this file itself is none.
const SIGNATURE: &str = concat!(
    "X5O!P%@AP[4\\PZX54(P^)7CC)7}$EICAR",
    "-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"
);

fn png(side: u32) -> Vec<u8> {
    let mut file = Cursor::new(Vec::new());
    RgbImage::from_pixel(side, side, image::Rgb([200, 60, 60]))
        .write_to(&mut file, ImageFormat::Png)
        .unwrap();
    file.into_inner()
}

async fn phone(practice: &Practice) -> Browser {
    let mut phone = practice.house.browser(Surface::Patient);
    let link = format!("/v/{}", link::encode(practice.house.tenant, &SECRET));
    let birth = [("era", "showa"), ("y", "26"), ("m", "4"), ("d", "3")];
    let entered = phone.post(&format!("{link}/enter"), &birth).await;
    assert_eq!(entered.status, 303, "{}", entered.body);
    phone
}

async fn send(phone: &mut Browser, words: &str, file: &[u8]) -> Answer {
    upload_as(
        phone,
        "/visit/aids",
        &[("words", words)],
        Some(("file", file)),
    )
    .await
}

/// The bytes of a picture, as a browser gets them.
async fn bytes(browser: &Browser, path: &str) -> (u16, Vec<u8>) {
    let request = browser
        .request(&Method::GET, path)
        .body(Body::empty())
        .unwrap();
    let answer = browser.router.clone().oneshot(request).await.unwrap();
    let status = answer.status().as_u16();
    let body = axum::body::to_bytes(answer.into_body(), 10_000_000)
        .await
        .unwrap();
    (status, body.to_vec())
}

/// The ids of what can be cited, as the physician's page lists them.
async fn listed(practice: &mut Practice) -> Vec<String> {
    let list = practice
        .physician
        .get(&format!("/consultations/{}/aids", practice.visit))
        .await;
    assert_eq!(list.status, 200, "{}", list.body);
    list.body
        .split("name=\"cited\" value=\"")
        .skip(1)
        .filter_map(|rest| rest.split('"').next())
        .map(ToOwned::to_owned)
        .collect()
}

#[tokio::test]
async fn cl_1_6_ii_d_a_note_cites_pictures_only_beside_what_was_seen_and_heard() {
    let mut practice = Seed::follow_up().open().await;
    let mut phone = phone(&practice).await;
    assert_eq!(send(&mut phone, "昨日から赤い", &png(40)).await.status, 303);
    let aids = listed(&mut practice).await;
    assert_eq!(aids.len(), 2, "a picture and words");
    practice.live().await;
    practice.done("strip", &[]).await;
    let citing = [NOTE.as_slice(), &[("cited", aids[0].as_str())]].concat();
    let alone: Vec<(&str, &str)> = citing
        .iter()
        .map(|(name, text)| (*name, if *name == "objective" { "" } else { *text }))
        .collect();

    // No picture and sound at all: a note that cites only what was sent is not signed, whatever else it says.
    for note in [&alone, &citing] {
        let said = practice.refused("close", note).await;
        assert_eq!(
            (said.spoke(), said.reason()),
            ((409, "cl-1.6-ii-d"), "aids_alone")
        );
    }
    // Seen and heard, found enough, and yet nothing was observed but the picture.
    practice.seen(75).await;
    practice
        .done("enough", &[alone.as_slice(), &[("enough", "yes")]].concat())
        .await;
    let said = practice.refused("close", &alone).await;
    assert_eq!(
        (said.spoke(), said.reason()),
        ((409, "cl-1.6-ii-d"), "aids_alone")
    );
    // What was sent for another visit, or never, is not cited.
    let other = [NOTE.as_slice(), &[("cited", "01J00000000000000000000000")]].concat();
    let said = practice.refused("close", &other).await;
    assert_eq!(
        (said.spoke(), said.reason()),
        ((409, "cl-1.6-ii-d"), "aid_not_usable")
    );
    // The page shows what the draft cites.
    practice.done("note", &citing).await;
    assert!(
        practice
            .page()
            .await
            .contains(&format!("value=\"{}\" checked", aids[0]))
    );

    practice.done("close", &citing).await;
    assert_eq!(practice.stage().await, "closed");
    assert_eq!(practice.entries("aid.kept").await, 2);
    // Afterwards it would reach nobody.
    assert_eq!(send(&mut phone, "もう一枚", &png(40)).await.status, 410);
}

#[tokio::test]
async fn cl_1_6_ii_d_a_file_with_a_signature_is_set_aside_and_shown_to_nobody() {
    let mut practice = Seed::follow_up().open().await;
    let mut phone = phone(&practice).await;
    let mut hidden = png(40);
    hidden.extend(SIGNATURE.as_bytes());
    for file in [SIGNATURE.as_bytes(), &hidden, b"MZ\x90\0\x03"] {
        let said = send(&mut phone, "", file).await;
        assert_eq!(said.status, 422);
        assert!(said.body.contains("aria-invalid"), "the field is named");
    }
    assert_eq!(practice.entries("aid.set_aside").await, 3);
    assert_eq!(practice.entries("aid.kept").await, 0);
    assert!(listed(&mut practice).await.is_empty());
    let list = practice
        .physician
        .get(&format!("/consultations/{}/aids", practice.visit))
        .await;
    assert!(!list.body.contains("<img"), "{}", list.body);

    // What is no picture is not kept at all, and neither is nothing.
    for file in [
        b"<svg onload=alert(1)>".as_slice(),
        b"%PDF-1.7",
        b"\xff\xd8\xff",
        b"",
    ] {
        assert_eq!(send(&mut phone, "", file).await.status, 422);
    }
    assert_eq!(practice.entries("aid.kept").await, 0);
}

#[tokio::test]
async fn cl_1_6_ii_d_of_a_picture_its_points_alone_reach_the_physician() {
    let mut practice = Seed::follow_up().open().await;
    let mut phone = phone(&practice).await;
    let mut file = png(2_000);
    file.extend(b"GPS 35.0 135.0 <script>");
    assert_eq!(send(&mut phone, "", &file).await.status, 303);
    let aid = listed(&mut practice).await.remove(0);
    let path = format!("/consultations/{}/aids/{aid}", practice.visit);
    let (status, shown) = bytes(&practice.physician, &path).await;
    assert_eq!(status, 200);
    assert!(shown.starts_with(b"\xff\xd8\xff"));
    assert!(!shown.windows(4).any(|word| word == b"GPS "));
    assert_eq!(image::load_from_memory(&shown).unwrap().width(), 1_600);
    let other = practice.other_physician().await;
    assert_eq!(bytes(&other, &path).await.0, 403);
    // Twelve of a visit, and no more.
    for _ in 0..11 {
        assert_eq!(send(&mut phone, "", &png(20)).await.status, 303);
    }
    assert_eq!(send(&mut phone, "", &png(20)).await.status, 422);
}

#[tokio::test]
async fn cl_1_4_iv_b_the_licence_is_shown_hidden_in_parts_and_marked_or_not_at_all() {
    let mut practice = Seed::follow_up().open().await;
    let mut administrator = practice.house.signed_in("administrator").await;
    let phone = phone(&practice).await;
    let physician = crate::support::person_id("physician");
    let home = format!("/house/people/{physician}/licence");
    let seen = "/visit/physician/licence";
    let desirable = |page: &str| page.contains("show=desirable\"") && page.contains("cl-1.4-iv-b");

    // Left out: nothing is blocked, and the checklist says that it is desirable and not done.
    assert_eq!(bytes(&phone, seen).await.0, 404);
    let list = administrator.get("/house/checklist?show=desirable").await;
    assert!(desirable(&list.body), "{}", list.body);
    practice.live().await;

    let handed = upload_as(&mut administrator, &home, &[], Some(("file", &png(2_400)))).await;
    assert_eq!(handed.status, 303, "{}", handed.body);
    assert_eq!(bytes(&phone, seen).await.0, 404, "nothing is hidden yet");
    let unsure = administrator
        .post(&format!("{home}/mask"), &[("cell", "0")])
        .await;
    assert_eq!(unsure.status, 422);
    let masked = [("cell", "0"), ("cell", "99"), ("private", "yes")];
    let masked = administrator.post(&format!("{home}/mask"), &masked).await;
    assert_eq!(masked.status, 303);

    let (status, shown) = bytes(&phone, seen).await;
    assert_eq!(status, 200);
    let shown = image::load_from_memory(&shown).unwrap().into_rgb8();
    assert!(shown.width() <= 1_000, "no full resolution");
    // The upper left cell is black but for the mark across it; the picture elsewhere is marked too.
    let (dark, light) = (shown.get_pixel(2, 2), shown.get_pixel(500, 2));
    assert!(dark.0.iter().all(|part| *part < 60), "{dark:?}");
    assert!(light.0[0] > 150, "{light:?}");
    let marks = |x: std::ops::Range<u32>| {
        x.flat_map(|x| (100..900).map(move |y| (x, y)))
            .filter(|(x, y)| shown.get_pixel(*x, *y).0[0] < 150)
            .count()
    };
    for stripe in [120..320, 400..600, 680..880] {
        assert!(marks(stripe) > 500, "a part without the mark");
    }
    let list = administrator.get("/house/checklist?show=desirable").await;
    assert!(!list.body.contains(">cl-1.4-iv-b<"), "met");

    // No other route gives it out, and nobody shows the own one.
    for path in [
        home.clone(),
        format!("{home}/original"),
        format!("{seen}?w=2400"),
    ] {
        let (_, body) = bytes(&phone, &path).await;
        assert!(image::load_from_memory(&body).map_or(true, |one| one.width() <= 1_000));
    }
    let mut own = practice.physician.get(&home).await;
    assert_eq!(own.status, 403);
    own = practice
        .physician
        .post(&format!("{home}/remove"), &[])
        .await;
    assert_eq!(own.status, 403);
    assert_eq!(
        administrator
            .post(&format!("{home}/remove"), &[])
            .await
            .status,
        303
    );
    assert_eq!(bytes(&phone, seen).await.0, 404);
}
