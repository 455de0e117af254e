//! Patients, bookings, the board, notes and the work period, attacked over HTTP.

use crate::{
    support::{Browser, person_id},
    ward::{by, post_json, ward},
};
use access::{Role, Ulid};
use axum::http::{Method, StatusCode, header};
use care::{ConsultationId, identity::Document, record::Soap, statement::Body};
use http_body_util::BodyExt as _;
use store::{By, Fault};
use tower::ServiceExt as _;

fn soap(assessment: &str) -> Soap {
    Soap {
        subjective: "変わりない".into(),
        objective: "血圧 132/78".into(),
        assessment: assessment.into(),
        plan: "続ける".into(),
        explained: "説明した".into(),
        treated: Vec::new(),
        cited: Vec::new(),
    }
}

/// Books a visit and gives it a finalised note, as the closing panel does.
async fn with_note(ward: &crate::ward::Ward) -> ConsultationId {
    let mut reception = ward.house.signed_in("reception").await;
    let id = ward.book(&mut reception).await;
    ward.house
        .store
        .write::<_, Fault, _>(ward.house.tenant, ward.house.now(), move |tx| {
            Box::pin(async move {
                let visit = tx.consultation(id).await?.unwrap().consultation;
                let physician = by("physician", Role::Physician);
                tx.keep_draft(
                    &physician,
                    person_id("physician"),
                    &visit,
                    (&soap("本態性高血圧"), ""),
                )
                .await?;
                tx.finalize_note(&physician, person_id("physician"), &visit)
                    .await?;
                Ok(())
            })
        })
        .await
        .unwrap();
    id
}

const AMENDMENT: [(&str, &str); 6] = [
    ("subjective", "変わりない"),
    ("objective", "血圧 142/88"),
    ("assessment", "本態性高血圧"),
    ("plan", "続ける"),
    ("explained", "説明した"),
    ("reason", "書きまちがい"),
];

#[tokio::test]
async fn a_patient_is_registered_found_and_opened_and_each_opening_is_written_down() {
    let ward = ward().await;
    let mut browser = ward.house.signed_in("reception").await;
    let fields = [
        ("name", "架空 あきら"),
        ("kana", "かくう あきら"),
        ("era", "showa"),
        ("year", "６２"),
        ("month", "3"),
        ("day", "9"),
        ("phone", "090-0000-2222"),
        ("address", "長野県みほん郡"),
        ("alerts", "そば\nペニシリン"),
    ];
    let added = browser.post("/patients/new", &fields).await;
    assert_eq!(added.status, StatusCode::SEE_OTHER, "{}", added.body);
    let before = ward.house.entries(ward.house.tenant, "record.opened").await;
    let chart = browser.get(added.location()).await;
    assert!(
        chart.body.contains("1987年(昭和62年)3月9日") && chart.body.contains("ペニシリン"),
        "{}",
        chart.body
    );
    assert!(chart.body.contains("09000002222"));
    let found = browser.post("/patients", &[("q", "かくう")]).await;
    assert!(
        found.body.contains("架空 あきら") && !found.body.contains("見本 正男"),
        "{} {}",
        found.status,
        found.body
    );
    let after = ward.house.entries(ward.house.tenant, "record.opened").await;
    assert_eq!(after, before + 2, "one entry a page");
    for (field, wrong) in [
        ("name", ""),
        ("year", "99"),
        ("month", "13"),
        ("phone", "x"),
        ("address", ""),
    ] {
        let mut bad = fields;
        bad.iter_mut().find(|(name, _)| *name == field).unwrap().1 = wrong;
        let answer = browser.post("/patients/new", &bad).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{field}");
    }
}

#[tokio::test]
async fn reception_sees_no_note_and_no_plan() {
    let ward = ward().await;
    let visit = with_note(&ward).await;
    let mut reception = ward.house.signed_in("reception").await;
    let chart = reception.get(&format!("/patients/{}", ward.patient)).await;
    assert!(
        chart.body.contains("見本 正男") && !chart.body.contains("本態性高血圧"),
        "{}",
        chart.body
    );
    let note = reception
        .get(&format!("/patients/{}/notes/{visit}", ward.patient))
        .await;
    assert_eq!(note.status, StatusCode::FORBIDDEN);
    let mut nurse = ward.house.signed_in("nurse").await;
    let chart = nurse.get(&format!("/patients/{}", ward.patient)).await;
    assert!(chart.body.contains("本態性高血圧"));
}

#[tokio::test]
async fn reception_books_and_invites_in_one_press() {
    let ward = ward().await;
    let mut reception = ward.house.signed_in("reception").await;
    let form = reception
        .get(&format!("/bookings/new?patient={}", ward.patient))
        .await;
    assert!(
        form.body.contains("checked") && form.body.contains("例沢"),
        "{}",
        form.body
    );
    let id = ward.book(&mut reception).await;
    let mut read = ward.house.store.read(ward.house.tenant).await.unwrap();
    let sent = read.outbox().await.unwrap();
    assert_eq!(sent.len(), 1);
    assert_eq!(sent[0].message.to, "09000001111");
    assert!(sent[0].message.text.contains("http://localhost:8080/v/"));
    let booking = read.consultation(id).await.unwrap().unwrap();
    assert_eq!(
        booking.consultation.class,
        care::Class::First,
        "derived: no plan is signed"
    );
    drop(read);
    // Two more within the hour, then no more.
    for expected in [303, 303, 429] {
        let answer = reception.post(&format!("/bookings/{id}/invite"), &[]).await;
        assert_eq!(answer.status.as_u16(), expected);
    }
    let mut read = ward.house.store.read(ward.house.tenant).await.unwrap();
    assert_eq!(read.outbox().await.unwrap().len(), 3);
}

#[tokio::test]
async fn a_proxy_gets_the_own_named_link() {
    let ward = ward().await;
    let mut reception = ward.house.signed_in("reception").await;
    let id = ward.book(&mut reception).await;
    let fields = [
        ("name", "見本 花"),
        ("relation", "娘"),
        ("phone", "09000003333"),
        ("era", "western"),
        ("year", "1980"),
        ("month", "1"),
        ("day", "2"),
    ];
    let added = reception
        .post(&format!("/patients/{}/proxies/new", ward.patient), &fields)
        .await;
    assert_eq!(added.status, StatusCode::SEE_OTHER, "{}", added.body);
    let mut read = ward.house.store.read(ward.house.tenant).await.unwrap();
    let proxy = read.proxies(ward.patient).await.unwrap().remove(0).id;
    drop(read);
    ward.house.pass(jiff::SignedDuration::from_secs(1));
    let answer = reception
        .post(
            &format!("/bookings/{id}/invite"),
            &[("proxy", &proxy.to_string())],
        )
        .await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER);
    let mut read = ward.house.store.read(ward.house.tenant).await.unwrap();
    assert_eq!(read.outbox().await.unwrap()[0].message.to, "09000003333");
    assert!(
        read.newest_invitation(id, Some(proxy))
            .await
            .unwrap()
            .is_some()
    );
    drop(read);
    let stranger = Ulid::from_parts(9, 9).to_string();
    let answer = reception
        .post(&format!("/bookings/{id}/invite"), &[("proxy", &stranger)])
        .await;
    assert_eq!(answer.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn cl_3_1_i_a_physician_without_the_course_gets_no_online_slot() {
    let ward = ward().await;
    let other =
        crate::support::person(&ward.house.store, "physician2", true, ward.house.now()).await;
    crate::support::employ(
        &ward.house.store,
        ward.house.tenant,
        other,
        Role::Physician,
        ward.house.now(),
    )
    .await;
    let mut reception = ward.house.signed_in("reception").await;
    let other = other.to_string();
    let mut fields = ward.booking();
    fields[1].1 = &other;
    let (status, body) = post_json(&mut reception, "/bookings/new", &fields).await;
    assert_eq!(
        (status, &body["clause"]),
        (409, &"cl-3.1-i".into()),
        "{body}"
    );
    let mut read = ward.house.store.read(ward.house.tenant).await.unwrap();
    assert!(
        read.consultations_of(ward.patient)
            .await
            .unwrap()
            .is_empty()
    );
}

#[tokio::test]
async fn cl_1_4_i_a_identity_is_checked_without_a_document_number() {
    let ward = ward().await;
    let mut reception = ward.house.signed_in("reception").await;
    let path = format!("/patients/{}/identity", ward.patient);
    let page = reception.get(&path).await;
    let form = page.body.split("<main").nth(1).unwrap();
    let form = form.split("</main>").next().unwrap();
    let names: Vec<&str> = form
        .split("name=\"")
        .skip(1)
        .map(|rest| rest.split('"').next().unwrap())
        .collect();
    assert!(
        names
            .iter()
            .all(|name| matches!(*name, "on-once" | "document" | "matches")),
        "{names:?}"
    );
    for (fields, field) in [
        (vec![("matches", "yes")], "#document"),
        (vec![("document", "passport")], "#matches"),
        (vec![("document", "12345"), ("matches", "yes")], "#document"),
    ] {
        let answer = reception.post(&path, &fields).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(answer.body.contains(field), "{field}");
    }
    let number = "AB1234567";
    let fields = [
        ("document", "passport"),
        ("matches", "yes"),
        ("number", number),
        ("document_number", number),
    ];
    assert_eq!(
        reception.post(&path, &fields).await.status,
        StatusCode::SEE_OTHER
    );
    let mut read = ward.house.store.read(ward.house.tenant).await.unwrap();
    let check = read.identity_check(ward.patient).await.unwrap().unwrap();
    assert!(check.matches && check.documents == [Document::parse("passport").unwrap()]);
    drop(read);
    assert!(
        !ward
            .house
            .ledger(ward.house.tenant)
            .await
            .iter()
            .any(|entry| entry.contains(number))
    );
    // A new contact makes it due again.
    ward.house.pass(jiff::SignedDuration::from_secs(1));
    let renewed = reception
        .post(
            &format!("/patients/{}/recover", ward.patient),
            &[("phone", "09000009999")],
        )
        .await;
    assert_eq!(renewed.status, StatusCode::SEE_OTHER);
    let chart = reception.get(&format!("/patients/{}", ward.patient)).await;
    assert!(chart.body.contains("確認がいります") && chart.body.contains("09000009999"));
}

#[tokio::test]
async fn small_3_1_1_b_a_nurse_confirms_no_record() {
    let ward = ward().await;
    let visit = with_note(&ward).await;
    let mut nurse = ward.house.signed_in("nurse").await;
    let note = format!("/patients/{}/notes/{visit}", ward.patient);
    let assessment = format!("/patients/{}/assessments/new", ward.patient);
    let plan = format!("/patients/{}/plans/new", ward.patient);
    for (path, fields) in [
        (&note, &AMENDMENT[..]),
        (
            &assessment,
            &[
                ("on", "2026-11-20"),
                ("code-0", "I10"),
                ("name-0", "高血圧"),
                ("findings", "x"),
            ][..],
        ),
        (&plan, &[][..]),
    ] {
        let (status, body) = post_json(&mut nurse, path, fields).await;
        assert_eq!(status, 403, "{path} {body}");
        assert_eq!(body["clause"], "small-3.1.1.b", "{path}");
        assert_eq!(body["reason"], "qualification_required", "{path}");
    }
    let mut read = ward.house.store.read(ward.house.tenant).await.unwrap();
    assert_eq!(read.notes_of(visit).await.unwrap().len(), 1);
    assert!(read.assessments(ward.patient).await.unwrap().is_empty());
}

#[tokio::test]
async fn small_3_1_1_b_a_physician_whose_licence_nobody_saw_confirms_no_record() {
    let ward = ward().await;
    let visit = with_note(&ward).await;
    let other =
        crate::support::person(&ward.house.store, "physician2", true, ward.house.now()).await;
    crate::support::employ(
        &ward.house.store,
        ward.house.tenant,
        other,
        Role::Physician,
        ward.house.now(),
    )
    .await;
    let mut browser = ward.house.signed_in("physician2").await;
    let (status, body) = post_json(
        &mut browser,
        &format!("/patients/{}/notes/{visit}", ward.patient),
        &AMENDMENT,
    )
    .await;
    assert_eq!(
        (status, &body["clause"]),
        (403, &"small-3.1.1.b".into()),
        "{body}"
    );
}

#[tokio::test]
async fn cl_3_2_i_a_an_amendment_is_a_new_version_beside_the_old() {
    let ward = ward().await;
    let visit = with_note(&ward).await;
    let mut physician = ward.house.signed_in("physician").await;
    let path = format!("/patients/{}/notes/{visit}", ward.patient);
    for (field, _) in AMENDMENT.iter().filter(|(field, _)| *field != "explained") {
        let fields: Vec<_> = AMENDMENT
            .iter()
            .map(|(name, value)| (*name, if name == field { " " } else { *value }))
            .collect();
        let answer = physician.post(&path, &fields).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{field}");
        assert!(
            answer.body.contains(&format!("href=\"#{field}\"")),
            "{field}"
        );
    }
    let answer = physician.post(&path, &AMENDMENT).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.body);
    let mut read = ward.house.store.read(ward.house.tenant).await.unwrap();
    let notes = read.notes_of(visit).await.unwrap();
    assert_eq!(notes.len(), 2);
    assert_eq!(
        notes[0].soap.objective, "血圧 132/78",
        "the old version stands"
    );
    assert_eq!(notes[1].soap.objective, "血圧 142/88");
    assert!(notes.iter().all(|note| note.finalized.is_some()));
    assert!(read.altered_notes().await.unwrap().is_empty());
    drop(read);
    let page = physician.get(&path).await;
    for words in [
        "血圧 132/78",
        "血圧 142/88",
        "第1版",
        "第2版",
        "書きまちがい",
        "変更",
    ] {
        assert!(page.body.contains(words), "{words}");
    }
}

#[tokio::test]
async fn cl_3_2_i_a_what_is_not_finalised_is_not_amended() {
    let ward = ward().await;
    let mut reception = ward.house.signed_in("reception").await;
    let visit = ward.book(&mut reception).await;
    let mut physician = ward.house.signed_in("physician").await;
    let answer = physician
        .post(
            &format!("/patients/{}/notes/{visit}", ward.patient),
            &AMENDMENT,
        )
        .await;
    assert_eq!(answer.status, StatusCode::CONFLICT);
}

#[tokio::test]
async fn the_board_shows_who_is_missing_what_and_an_alarm_until_somebody_takes_it() {
    let ward = ward().await;
    let mut reception = ward.house.signed_in("reception").await;
    let empty = reception.get("/today").await;
    assert!(empty.body.contains("きょうの予約はありません"));
    let id = ward.book(&mut reception).await;
    let before = ward.house.entries(ward.house.tenant, "record.opened").await;
    let board = reception.get("/today").await;
    for words in [
        "見本 正男",
        "本人確認",
        "リンク未開封",
        "15:00",
        &format!("c-{id}"),
    ] {
        assert!(board.body.contains(words), "{words}: {}", board.body);
    }
    assert!(
        board
            .body
            .contains("<noscript><meta http-equiv=\"refresh\"")
    );
    assert_eq!(
        ward.house.entries(ward.house.tenant, "record.opened").await,
        before + 1,
        "one entry a page"
    );
    let patient = ward.patient;
    ward.house
        .store
        .write::<_, Fault, _>(ward.house.tenant, ward.house.now(), move |tx| {
            Box::pin(async move {
                let visit = tx.consultation(id).await?.unwrap().consultation;
                let by = By::Patient {
                    id: patient,
                    proxy: None,
                    device: access::DeviceId(Ulid::from_parts(4, 4)),
                };
                tx.keep_body(
                    &by,
                    &visit,
                    &Body::Urgent {
                        sign: "chest_pain".into(),
                    },
                )
                .await?;
                Ok(())
            })
        })
        .await
        .unwrap();
    let board = reception.get("/today").await;
    assert!(
        board.body.contains("data-alarm") && board.body.contains("わたしが対応します"),
        "{}",
        board.body
    );
    let taken = reception.post(&format!("/bookings/{id}/alarm"), &[]).await;
    assert_eq!(taken.status, StatusCode::SEE_OTHER);
    let board = reception.get("/today").await;
    assert!(!board.body.contains("data-alarm"));
    let once = reception.get("/today/events").await;
    assert!(once.body.contains("見本 正男") && !once.body.contains("<html"));
    // The row of the physician who treats leads to the visit.
    let mut physician = ward.house.signed_in("physician").await;
    let board = physician.get("/today").await;
    assert!(
        board.body.contains(&format!("/consultations/{id}")),
        "{}",
        board.body
    );
    assert!(
        !reception
            .get("/today")
            .await
            .body
            .contains(&format!("/consultations/{id}"))
    );
}

#[tokio::test]
async fn the_board_draws_itself_anew_when_something_was_written_and_ends_with_the_role() {
    let ward = ward().await;
    let mut reception = ward.house.signed_in("reception").await;
    let mut request = reception
        .request(&Method::GET, "/today/events?show=all")
        .body(axum::body::Body::empty())
        .unwrap();
    let accept = "text/html, text/event-stream".parse().unwrap();
    request.headers_mut().insert(header::ACCEPT, accept);
    let response = reception.router.clone().oneshot(request).await.unwrap();
    assert_eq!(
        response.headers()[header::CONTENT_TYPE],
        "text/event-stream"
    );
    let mut stream = response.into_body();
    let id = ward.book(&mut reception).await;
    let mut heard = String::new();
    while !heard.contains(&format!("c-{id}")) {
        let frame = stream.frame().await.unwrap().unwrap();
        heard.push_str(&String::from_utf8_lossy(frame.data_ref().unwrap()));
    }
    assert!(heard.contains("data: ") && heard.contains("見本 正男"));
    let mut administrator = ward.house.signed_in("administrator").await;
    let people = administrator.get("/house/people").await;
    let row = people.body.split("例沢 reception").nth(1).unwrap();
    let end = row
        .split("action=\"")
        .nth(1)
        .unwrap()
        .split('"')
        .next()
        .unwrap();
    let ended = administrator.post(end, &[]).await;
    assert_eq!(ended.status, StatusCode::SEE_OTHER);
    while let Some(frame) = stream.frame().await {
        let frame = frame.unwrap();
        let more = String::from_utf8_lossy(frame.data_ref().unwrap()).into_owned();
        assert!(
            !more.contains("正男"),
            "drawn for somebody who has no role any more"
        );
    }
}

async fn open_work(browser: &mut Browser, fields: &[(&str, &str)]) -> u16 {
    browser
        .post("/work?next=/today", fields)
        .await
        .status
        .as_u16()
}

#[tokio::test]
async fn cl_2_1_v_a_work_period_needs_its_one_statement_and_ends_with_sign_out() {
    let ward = ward().await;
    let mut physician = ward.house.signed_in("physician").await;
    assert_eq!(
        open_work(&mut physician, &[("stated", "all")]).await,
        422,
        "no room"
    );
    assert_eq!(
        open_work(&mut physician, &[("room", "other"), ("stated", "all")]).await,
        422,
        "not described"
    );
    let (status, body) = post_json(&mut physician, "/work", &[("room", "診察室1")]).await;
    assert_eq!(
        (status, &body["clause"]),
        (422, &"cl-2.1-v".into()),
        "{body}"
    );
    let fields = [
        ("room", "other"),
        ("described", "自宅の書斎"),
        ("stated", "all"),
        ("next", "//evil.example"),
    ];
    let answer = physician.post("/work", &fields).await;
    assert_eq!(
        (answer.status, answer.location()),
        (StatusCode::SEE_OTHER, "/today")
    );
    let mut read = ward.house.store.read(ward.house.tenant).await.unwrap();
    let period = read
        .work_period(person_id("physician"))
        .await
        .unwrap()
        .unwrap();
    assert!(period.separated && period.unseen && period.no_recording && period.ended.is_none());
    assert_eq!(period.room, "自宅の書斎");
    assert!(
        period.network.len() >= 32 && !period.network.contains("0.0.0.0"),
        "{}",
        period.network
    );
    drop(read);
    physician.post("/sign-out", &[]).await;
    let mut read = ward.house.store.read(ward.house.tenant).await.unwrap();
    assert!(
        read.work_period(person_id("physician"))
            .await
            .unwrap()
            .unwrap()
            .ended
            .is_some()
    );
}

#[tokio::test]
async fn an_arrival_in_person_is_confirmed_once() {
    let ward = ward().await;
    let mut reception = ward.house.signed_in("reception").await;
    let none = Ulid::from_parts(5, 5);
    let answer = reception
        .post(
            &format!("/hand-overs/{none}/arrival"),
            &[("outcome", "来た")],
        )
        .await;
    assert_eq!(answer.status, StatusCode::CONFLICT);
    assert_eq!(
        reception.post("/hand-overs/x/arrival", &[]).await.status,
        StatusCode::NOT_FOUND
    );
}
