//! What the patient's pages promise beside the straight way: ways out, promised calls, the plan's own words, helpers, corrections.

use crate::{
    consultation_seed::{HAND_OVER, NOTE, Practice, SECRET, Seed},
    support::{Browser, House, person_id},
    visit::{
        self, AGREED, BIRTH, CHECKED, STATED, Scene, due, explained, json, scene, staff, waiting,
    },
};
use access::Role;
use axum::http::StatusCode;
use care::{Class, ConsultationId, PatientId, ProxyId};
use jiff::{SignedDuration, civil::date};
use store::patient::ProxyPerson;
use web::{Surface, visit::link};

/// The patient's own browser at a practice, come in by the link.
async fn phone(practice: &Practice) -> Browser {
    let mut phone = practice.house.browser(Surface::Patient);
    let path = format!("/v/{}/enter", link::encode(practice.house.tenant, &SECRET));
    let entered = phone.post(&path, &BIRTH).await;
    assert_eq!(entered.location(), "/visit", "{}", entered.body);
    phone
}

#[tokio::test]
async fn not_all_agreements_is_no_error_but_two_ways_on_with_the_ticks_kept() {
    let (scene, mut browser) = explained().await;
    let two: Vec<_> = AGREED
        .into_iter()
        .filter(|(_, kind)| *kind != "system_use")
        .collect();
    let page = browser.post("/visit/agree", &two).await;
    assert_eq!(page.status, StatusCode::CONFLICT, "{}", page.body);
    for part in [
        "同意が そろっていません",
        "action=\"/visit/wish\"",
        "action=\"/visit/callback\"",
        "value=\"online_care\" checked",
        "value=\"security_risk\" checked",
    ] {
        assert!(page.body.contains(part), "{part}: {}", page.body);
    }
    assert!(
        !page.body.contains("value=\"system_use\" checked"),
        "what was left out is chosen by nobody else"
    );
    let entries = |subject| scene.house.entries(scene.house.tenant, subject);
    assert_eq!(entries("agreement.given").await, 0);
    // A talk with reception leaves the step where it is; a no leads on, whatever else was ticked.
    let asked = browser
        .post("/visit/callback", &[("why", "agreement")])
        .await;
    assert_eq!(asked.location(), "/visit/agree");
    let no: Vec<_> = two
        .iter()
        .map(|(name, value)| match *name {
            "wish" => ("wish", "no"),
            name => (name, *value),
        })
        .collect();
    let answer = browser.post("/visit/agree", &no).await;
    assert_eq!(answer.location(), "/visit/in-person", "{}", answer.body);
    assert_eq!(entries("agreement.given").await, 0);
}

#[tokio::test]
async fn a_promised_call_is_seen_by_the_patient_until_reception_has_made_it() {
    let (scene, mut browser) = waiting().await;
    for _ in 0..2 {
        let answer = browser.post("/visit/callback", &[("why", "turn")]).await;
        assert_eq!(answer.location(), "/visit/wait");
    }
    assert_eq!(
        scene
            .house
            .entries(scene.house.tenant, "callback.asked")
            .await,
        1,
        "asked twice is one request"
    );
    let page = browser.get("/visit/wait").await.body;
    assert!(
        page.contains("電話の希望を 受けつけました")
            && !page.contains("action=\"/visit/callback\""),
        "{page}"
    );
    let mut reception = scene.house.signed_in("reception").await;
    let board = reception.get("/today").await.body;
    let called = format!("/bookings/{}/called", scene.visit.id);
    assert!(
        board.contains("順番が来たら 電話で呼ぶ(") && board.contains(&called),
        "{board}"
    );
    assert_eq!(
        reception.post(&called, &[]).await.status,
        StatusCode::SEE_OTHER
    );
    assert_eq!(
        reception.post(&called, &[]).await.status,
        StatusCode::CONFLICT
    );
    assert!(!reception.get("/today").await.body.contains(&called));
    let page = browser.get("/visit/wait").await.body;
    assert!(
        page.contains("に お電話しました") && page.contains("action=\"/visit/callback\""),
        "{page}"
    );
}

#[tokio::test]
async fn cl_1_4_i_b_without_the_physicians_proof_nothing_starts_and_the_telephone_stands() {
    let scene = scene(Class::Followup, 10).await;
    let mut browser = scene.browser();
    let page = browser.get(&scene.link()).await.body;
    assert!(
        page.contains("name=\"y\"") && page.contains("1998年(平成10年)"),
        "{page}"
    );
    visit::write(&scene.house, |tx| {
        Box::pin(async move {
            let mut profile = tx.physician_profile(person_id("physician")).await?.unwrap();
            profile.photo = b"another face".to_vec();
            tx.put_physician_profile(&staff(Role::Physician), &profile)
                .await
        })
    })
    .await;
    let page = browser.get(&scene.link()).await.body;
    assert!(
        !page.contains("name=\"y\"") && page.contains("00-1234-5678"),
        "{page}"
    );
    let answer = browser
        .post(&format!("{}/enter", scene.link()), &BIRTH)
        .await;
    assert_eq!(answer.location(), scene.link(), "{}", answer.body);
    assert_eq!(
        scene.house.entries(scene.house.tenant, "link.opened").await,
        0
    );
}

#[tokio::test]
async fn cl_1_1_iii_b_where_one_is_seen_in_person_is_said_first() {
    let mut practice = Seed::follow_up().open().await;
    let mut phone = phone(&practice).await;
    practice.done("stop", &HAND_OVER).await;
    let page = phone.get("/visit/over").await.body;
    for part in ["行き先", "当院", "2026年11月21日", "電話で"] {
        assert!(page.contains(part), "{part}: {page}");
    }
    assert!(
        page.find("行き先") < page.find("00-1234-5678</b>"),
        "the destination comes before the rest"
    );
}

#[tokio::test]
async fn cl_2_2_ii_a_who_is_there_must_agree_and_a_hold_has_its_ways_out() {
    let scene = scene(Class::Followup, 10).await;
    let mut browser = scene.inside().await;
    browser.post("/visit/body", &[("answer", "none")]).await;
    let with = |agree| {
        let mut fields: Vec<_> = STATED
            .into_iter()
            .map(|(name, value)| match name {
                "alone" => (name, "no"),
                _ => (name, value),
            })
            .collect();
        fields.extend([("companions", "妻"), ("companions_agree", agree)]);
        fields
    };
    browser.post("/visit/statement", &with("no")).await;
    assert_eq!(due(&mut browser).await, "/visit/hold");
    let page = browser.get("/visit/hold").await.body;
    for part in [
        "承知が 要ります",
        "href=\"/visit/statement?different=1\"",
        "action=\"/visit/callback\"",
        "href=\"/visit/leave\"",
        "tel:0012345678",
    ] {
        assert!(page.contains(part), "{part}: {page}");
    }
    let asked = browser.post("/visit/callback", &[("why", "place")]).await;
    assert_eq!(asked.location(), "/visit/hold");
    let page = browser.get("/visit/hold").await.body;
    assert!(page.contains("電話の希望を 受けつけました"), "{page}");
    scene.house.pass(SignedDuration::from_secs(1));
    browser.post("/visit/statement", &with("yes")).await;
    assert_eq!(due(&mut browser).await, "/visit/device");
}

#[tokio::test]
async fn every_step_but_the_first_leads_back() {
    let scene = scene(Class::First, 10).await;
    let mut browser = scene.inside().await;
    let first = browser.get("/visit/body").await.body;
    assert!(first.contains("6つのうち 1つめ"), "{first}");
    browser.post("/visit/body", &[("answer", "none")]).await;
    for (path, at, back) in [
        ("/visit/symptoms", 2, "/visit/body"),
        ("/visit/explain", 3, "/visit/symptoms"),
        ("/visit/agree", 4, "/visit/explain"),
        ("/visit/statement", 5, "/visit/explain"),
        ("/visit/device", 6, "/visit/statement"),
    ] {
        assert_eq!(due(&mut browser).await, path);
        let page = browser.get(path).await.body;
        let line = format!("6つのうち {at}つめ</span><a href=\"{back}\">もどる</a>");
        assert!(page.contains(&line), "{path}: {page}");
        match path {
            "/visit/symptoms" => drop(browser.post(path, &[("answer", "none")]).await),
            "/visit/explain" => drop(visit::read(&mut browser).await),
            "/visit/agree" => drop(browser.post(path, &AGREED).await),
            _ => drop(browser.post(path, &STATED).await),
        }
    }
    let again = browser.get("/visit/explain").await.body;
    assert!(
        again.contains("href=\"/visit\"") && !again.contains("name=\"version\""),
        "what was read can be read again, and asks nothing: {again}"
    );
}

#[tokio::test]
async fn cl_1_3_i_c_f_and_cl_2_1_ii_the_plan_stands_where_it_is_needed() {
    let practice = Seed::follow_up().open().await;
    let mut phone = phone(&practice).await;
    phone.post("/visit/device", &CHECKED).await;
    let wait = phone.get("/visit/wait").await;
    assert_eq!(wait.status, StatusCode::OK, "{}", wait.location());
    for part in [
        "手元に 用意するもの",
        "血圧を毎朝",
        "すぐに 直接みてもらえる病院",
        "予約の決まり",
        "予約制",
        "10分",
    ] {
        assert!(wait.body.contains(part), "{part}: {}", wait.body);
    }
    let leave = phone.get("/visit/leave").await.body;
    assert!(leave.contains("予約の決まり"), "{leave}");
}

#[tokio::test]
async fn cl_1_3_i_g_the_emergency_button_shows_exactly_the_plans_policy() {
    let practice = Seed::follow_up().open().await;
    let mut stranger = practice.house.browser(Surface::Patient);
    let page = stranger.get("/me/safety").await;
    assert_eq!(page.status, StatusCode::OK);
    for part in ["tel:119", "tel:%237119", "tel:%238000"] {
        assert!(page.body.contains(part), "{part}: {}", page.body);
    }
    assert!(!page.body.contains("当院へ電話"), "a plan is its patient's");
    let mut phone = phone(&practice).await;
    let page = phone.get("/me/safety").await.body;
    for part in ["tel:119", "tel:%237119", "当院へ電話", "tel:0012345678"] {
        assert!(page.contains(part), "{part}: {page}");
    }
    assert!(
        !page.contains("tel:%238000"),
        "a patient of 75 is no child: {page}"
    );
    for path in ["/visit/body", "/visit/wait", "/me/voice"] {
        let page = phone.get(path).await;
        let page = if page.status == StatusCode::SEE_OTHER {
            let to = page.location().to_owned();
            phone.get(&to).await
        } else {
            page
        };
        assert!(page.body.contains("href=\"/me/safety\""), "{path}");
    }
}

#[tokio::test]
async fn a_correction_shows_the_new_text_and_the_old() {
    let mut practice = Seed::follow_up().open().await;
    let mut phone = phone(&practice).await;
    practice.closable().await;
    practice.done("close", &NOTE).await;
    let page = phone.get("/visit/after").await.body;
    assert!(
        page.contains("続けます") && !page.contains("訂正"),
        "{page}"
    );
    practice.house.pass(SignedDuration::from_mins(2));
    let amend = format!("/patients/{}/notes/{}", practice.patient, practice.visit);
    let with = |part: &'static str, text: &'static str| {
        let mut fields: Vec<_> = NOTE
            .into_iter()
            .map(|(name, value)| (name, if name == part { text } else { value }))
            .collect();
        fields.push(("reason", "書きちがい"));
        fields
    };
    // What only the chart says is no news to the patient.
    let amended = practice
        .physician
        .post(&amend, &with("assessment", "よい"))
        .await;
    assert_eq!(amended.status, StatusCode::SEE_OTHER, "{}", amended.body);
    let page = phone.get("/visit/after").await.body;
    assert!(!page.contains("訂正"), "{page}");
    practice.house.pass(SignedDuration::from_mins(2));
    let amended = practice
        .physician
        .post(&amend, &with("explained", "半分にします"))
        .await;
    assert!(!amended.location().starts_with("/unlock"));
    let page = phone.get("/visit/after").await.body;
    for part in [
        "に 訂正しました",
        "半分にします",
        "訂正の前",
        "<del>続けます</del>",
    ] {
        assert!(page.contains(part), "{part}: {page}");
    }
    assert!(page.find("半分にします") < page.find("<del>続けます</del>"));
}

/// Registers a helper and sends the helper's own link.
async fn helper(
    house: &House,
    visit: ConsultationId,
    patient: PatientId,
    secret: [u8; link::SECRET_BYTES],
) -> ProxyId {
    visit::write(house, move |tx| {
        Box::pin(async move {
            let by = staff(Role::Reception);
            let person = ProxyPerson {
                name: "海辺 なぎ".into(),
                relation: "娘".into(),
                phone: "09000000000".into(),
                birth: date(1980, 1, 2),
            };
            let proxy = tx
                .add_proxy(&by, person_id("reception"), patient, &person)
                .await?;
            tx.invite(&by, visit, patient, Some(proxy), &secret).await?;
            Ok(proxy)
        })
    })
    .await
}

/// Opens a link by a birth date of 1980.
async fn opened_by_helper(house: &House, secret: &[u8; link::SECRET_BYTES]) -> Browser {
    let mut browser = house.browser(Surface::Patient);
    let path = format!("/v/{}/enter", link::encode(house.tenant, secret));
    let own = [("era", "western"), ("y", "1980"), ("m", "1"), ("d", "2")];
    let answer = browser.post(&path, &own).await;
    assert_eq!(answer.location(), "/visit", "{}", answer.body);
    browser
}

#[tokio::test]
async fn the_helper_who_came_last_is_let_in_and_the_physician_is_told_who_it_is() {
    let mut practice = Seed::follow_up().open().await;
    // The patient was here first, on the own phone.
    phone(&practice).await;
    practice.house.pass(SignedDuration::from_mins(2));
    let proxy = helper(
        &practice.house,
        practice.visit,
        practice.patient,
        [8; link::SECRET_BYTES],
    )
    .await;
    let mut helping = opened_by_helper(&practice.house, &[8; link::SECRET_BYTES]).await;
    helping.post("/visit/device", &CHECKED).await;
    let page = practice.page().await;
    assert!(
        page.contains("手伝う方です: 海辺 なぎ(娘)"),
        "before admission: {page}"
    );
    practice.live().await;
    let seats: Vec<String> = practice
        .grants()
        .await
        .into_iter()
        .map(|grant| grant.seat)
        .collect();
    assert!(
        seats.contains(&format!("proxy:{proxy}")) && !seats.contains(&"patient".to_owned()),
        "{seats:?}"
    );
    assert_eq!(helping.get("/visit").await.location(), "/visit/call");
    let page = practice.page().await;
    assert!(page.contains("手伝う方です: 海辺 なぎ(娘)"), "{page}");
    // A page left open elsewhere takes nobody's seat; a link opened anew is seen, and the physician decides.
    assert!(!page.contains("別の端末で開き直しました"), "{page}");
    practice.house.pass(SignedDuration::from_secs(5));
    phone(&practice).await;
    let page = practice.page().await;
    assert!(page.contains("別の端末で開き直しました"), "{page}");
}

#[tokio::test]
async fn another_browser_is_noticed_across_links_that_were_sent_again() {
    let mut practice = Seed::follow_up().open().await;
    phone(&practice).await;
    let (again, other) = ([9; link::SECRET_BYTES], [8; link::SECRET_BYTES]);
    practice.house.pass(SignedDuration::from_mins(1));
    send(&practice, None, again).await;
    let mut browser = practice.house.browser(Surface::Patient);
    let path = format!("/v/{}/enter", link::encode(practice.house.tenant, &again));
    assert_eq!(browser.post(&path, &BIRTH).await.location(), "/visit");
    let page = practice.page().await;
    assert!(page.contains("別の端末で開き直しました"), "{page}");
    // The helper's first browser is no change, the second is one.
    practice.house.pass(SignedDuration::from_mins(1));
    let proxy = helper(&practice.house, practice.visit, practice.patient, other).await;
    opened_by_helper(&practice.house, &other).await;
    let page = practice.page().await;
    assert!(!page.contains("別の端末で開き直しました"), "{page}");
    practice.house.pass(SignedDuration::from_mins(1));
    let third = [6; link::SECRET_BYTES];
    send(&practice, Some(proxy), third).await;
    opened_by_helper(&practice.house, &third).await;
    let page = practice.page().await;
    assert!(page.contains("別の端末で開き直しました"), "{page}");
}

/// Sends one more link, as reception does when a message is lost.
async fn send(practice: &Practice, proxy: Option<ProxyId>, secret: [u8; link::SECRET_BYTES]) {
    let (visit, patient) = (practice.visit, practice.patient);
    visit::write(&practice.house, move |tx| {
        Box::pin(async move {
            tx.invite(&staff(Role::Reception), visit, patient, proxy, &secret)
                .await
        })
    })
    .await;
}

#[tokio::test]
async fn who_cannot_hear_is_seen_by_the_physician_and_on_the_board_until_it_is_settled() {
    let mut practice = Seed::follow_up().open().await;
    let mut phone = phone(&practice).await;
    practice.live().await;
    let say = [("what", "cannot-hear")];
    let watch = format!("{}/watch", practice.address());
    for way in ["helped", "works"] {
        practice.house.pass(SignedDuration::from_secs(3));
        let answer = phone.post("/visit/trouble", &say).await;
        assert_eq!(answer.status, StatusCode::NO_CONTENT);
        // Long after it is no fresh news any more, it still stands.
        practice.house.pass(SignedDuration::from_mins(4));
        let seen = practice.physician.get(&watch).await.body;
        assert!(seen.contains("id=\"help\""), "{way}: {seen}");
        let mut reception = practice.house.signed_in("reception").await;
        let board = reception.get("/today").await.body;
        assert!(
            board.contains("「聞こえない・困った」を押しました"),
            "{board}"
        );
        if way == "helped" {
            practice.done("helped", &[]).await;
            assert!(practice.act("helped", &[]).await.is_out_of_turn());
        } else {
            phone.post("/visit/trouble", &[("what", "works")]).await;
        }
        let seen = practice.physician.get(&watch).await.body;
        assert!(!seen.contains("id=\"help\""), "{way}: {seen}");
    }
}

#[tokio::test]
async fn cl_1_2_ii_c_a_sign_taken_back_stays_before_the_physicians_eyes() {
    let mut practice = Seed::follow_up().open().await;
    let mut phone = phone(&practice).await;
    phone.post("/visit/body", &[("answer", "chest")]).await;
    practice.house.pass(SignedDuration::from_secs(20));
    phone.post("/visit/body", &[("answer", "none")]).await;
    let page = practice.page().await;
    let chest = guideline::urgent::SIGNS
        .iter()
        .find(|sign| sign.key == "chest")
        .unwrap()
        .ja;
    assert!(page.contains("前の答え(") && page.contains(chest), "{page}");
}

#[tokio::test]
async fn cl_1_1_iv_what_the_patient_wants_to_ask_reaches_the_physician() {
    let mut practice = Seed {
        acknowledged: false,
        agreed: false,
        ..Seed::first_visit()
    }
    .open()
    .await;
    let mut phone = phone(&practice).await;
    let page = phone.get("/visit/explain").await.body;
    let versions: Vec<&str> = page
        .split("name=\"version\" value=\"")
        .skip(1)
        .filter_map(|rest| rest.split('"').next())
        .collect();
    let mut fields = vec![
        ("answer", "understood"),
        ("seconds", "1"),
        ("ask", "care_plan"),
    ];
    fields.extend(versions.iter().map(|version| ("version", *version)));
    assert_eq!(
        phone.post("/visit/explain", &fields).await.location(),
        "/visit/agree"
    );
    phone.post("/visit/agree", &AGREED).await;
    practice.done("admit", &[]).await;
    let page = practice.page().await;
    assert!(
        page.contains("医師に聞きたい") && page.contains("読む時間が短い"),
        "{page}"
    );
}

#[tokio::test]
async fn a_program_is_refused_where_a_person_is_shown_the_way() {
    let (_, mut browser): (Scene, Browser) = explained().await;
    let (answer, problem) = json(&mut browser, "/visit/agree", &AGREED[..3]).await;
    assert_eq!(
        (answer.status, problem["reason"].as_str()),
        (StatusCode::CONFLICT, Some("agreement_incomplete"))
    );
}

/// What waits in the outbox for a visit, newest first: to whom, by which way, and the words.
async fn messages(scene: &Scene) -> Vec<(String, store::outbox::Channel, String)> {
    let mut read = scene.house.store.read(scene.house.tenant).await.unwrap();
    read.outbox()
        .await
        .unwrap()
        .into_iter()
        .filter(|sent| sent.consultation == Some(scene.visit.id))
        .map(|sent| (sent.message.to, sent.channel, sent.message.text))
        .collect()
}

#[tokio::test]
async fn tomorrows_visits_are_reminded_of_once_and_nobody_elses() {
    let tomorrow = scene(Class::Followup, 24 * 60).await;
    let entropy = web::system_entropy();
    let (store, tenant) = (tomorrow.house.store.clone(), tomorrow.house.tenant);
    let url = "http://localhost:8080";
    for (sent, what) in [(1, "due"), (0, "told today"), (0, "told today")] {
        let now = tomorrow.house.now();
        let done = web::visit::remind(&store, tenant, now, (url, &entropy))
            .await
            .unwrap();
        assert_eq!(done, sent, "{what}");
        tomorrow.house.pass(SignedDuration::from_mins(10));
    }
    let told = messages(&tomorrow).await;
    assert_eq!(told.len(), 1);
    assert!(told[0].2.contains("/v/"), "{}", told[0].2);
    for minutes in [10, 24 * 60 * 3] {
        let other = scene(Class::Followup, minutes).await;
        let now = other.house.now();
        let done = web::visit::remind(&other.house.store, other.house.tenant, now, (url, &entropy))
            .await
            .unwrap();
        assert_eq!(done, 0, "{minutes}");
    }
}

#[tokio::test]
async fn a_mail_has_room_for_guidance_preparation_cancelling_and_care_nearby() {
    let scene = scene(Class::Followup, 24 * 60).await;
    let visit = scene.visit.id;
    visit::write(&scene.house, move |tx| {
        Box::pin(async move {
            let booking = tx.consultation(visit).await?.unwrap();
            let mut patient = tx.patient(booking.consultation.patient).await?.unwrap();
            patient.profile.phone = String::new();
            patient.profile.mail = "umibe@example.jp".into();
            let to = (&patient, web::visit::Receiver::Patient(None));
            let secret = [5; link::SECRET_BYTES];
            web::visit::send_invitation(
                tx,
                &staff(Role::Reception),
                &booking,
                to,
                "http://localhost:8080",
                &secret,
            )
            .await
        })
    })
    .await;
    let told = messages(&scene).await;
    let (to, channel, text) = told.first().unwrap();
    assert_eq!(
        (to.as_str(), *channel),
        ("umibe@example.jp", store::outbox::Channel::Mail)
    );
    for part in [
        "聞かれない",
        "お薬手帳",
        "毎回 医師が決めます",
        "お金は かかりません",
        "近くで直接みる病院",
        "00-1234-5678",
        "例沢 はるか",
        "/v/",
    ] {
        assert!(text.contains(part), "{part}: {text}");
    }
    assert!(
        !text.contains("海辺") && !text.contains("血圧の薬"),
        "{text}"
    );
}
