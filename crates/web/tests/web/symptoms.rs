//! Attacks on the list of symptoms: asked of the patient, decided by the physician, and the two ways that are left.

use crate::{
    consultation_seed::{Practice, Seed, post, staff, write},
    support::{Browser, person_id},
    visit::{self, due, json, scene},
};
use access::Role;
use axum::http::StatusCode;
use care::{
    Class,
    area::Area,
    partner::{Partner, PartnerKind},
    patient::Profile,
};
use jiff::{SignedDuration, civil::date};
use store::dossier::legal_day;
use web::{Surface, visit::link};

const NONE: [(&str, &str); 1] = [("answer", "none")];
const COUGH: [(&str, &str); 2] = [("answer", "some"), ("hit", "cough")];

/// A first visit of which the patient has chosen this symptom; the physician's page is open.
async fn chosen(hits: &'static [&'static str]) -> Practice {
    let mut practice = Seed {
        symptoms: false,
        ..Seed::first_visit()
    }
    .open()
    .await;
    answer(&mut practice, hits).await;
    practice
}

async fn answer(practice: &mut Practice, hits: &'static [&'static str]) {
    practice.house.pass(SignedDuration::from_secs(1));
    let (patient, visit) = (practice.patient, practice.consultation().await);
    write(&practice.house, move |tx| {
        Box::pin(async move {
            let list = tx.symptom_list().await?;
            let hits = hits.iter().map(|hit| (*hit).to_owned()).collect();
            let by = crate::consultation_seed::own(patient);
            tx.keep_questionnaire(&by, &visit, &list, (hits, String::new()))
                .await
        })
    })
    .await;
    practice.page().await;
}

fn partner(valid_until: jiff::civil::Date) -> Partner {
    Partner {
        id: care::PartnerId(access::Ulid::from_parts(3, 3)),
        kind: PartnerKind::Hospital,
        name: "見本やま病院".into(),
        phone: "00-9876-5432".into(),
        hours: "毎日 9:00〜17:00".into(),
        night: false,
        areas: Area::read("長野県みほん郡みずうみ町").into_iter().collect(),
        travel_minutes: 20,
        valid_until,
    }
}

async fn register(practice: &Practice, valid_until: jiff::civil::Date) -> String {
    let entry = partner(valid_until);
    let id = entry.id.to_string();
    write(&practice.house, move |tx| {
        Box::pin(async move { tx.put_partner(&staff(Role::Administrator), &entry).await })
    })
    .await;
    id
}

#[tokio::test]
async fn cl_1_2_ii_a_the_whole_list_is_asked_in_plain_words_with_nothing_chosen() {
    let scene = scene(Class::First, 10).await;
    let mut phone = scene.inside().await;
    let body = phone.get("/visit/body").await.body;
    assert!(
        !body.contains("value=\"new\""),
        "a first visit is new anyway"
    );
    phone.post("/visit/body", &NONE).await;
    assert_eq!(due(&mut phone).await, "/visit/symptoms");
    let page = phone.get("/visit/symptoms").await.body;
    for row in guideline::symptom::SYMPTOMS {
        assert_eq!(page.contains(row.ja), !row.child, "{}", row.key);
    }
    assert!(!page.contains(" checked"), "{page}");
    for (fields, why) in [
        (vec![("answer", "some")], "nothing chosen"),
        (vec![("answer", "none"), ("hit", "cough")], "both"),
        (vec![("hit", "cough")], "not said which"),
        (vec![("answer", "some"), ("hit", "made-up")], "no such row"),
    ] {
        let answer = phone.post("/visit/symptoms", &fields).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{why}");
    }
    assert_eq!(due(&mut phone).await, "/visit/symptoms");
    phone.post("/visit/symptoms", &COUGH).await;
    assert_eq!(due(&mut phone).await, "/visit/explain");
    let ledger = scene.house.ledger(scene.house.tenant).await.join("\n");
    assert!(ledger.contains("questionnaire.answered") && !ledger.contains("\"cough\""));
}

#[tokio::test]
async fn cl_1_2_ii_a_a_follow_up_is_asked_one_question_and_worse_opens_the_list() {
    let calm = scene(Class::Followup, 10).await;
    let mut phone = calm.inside().await;
    phone.post("/visit/body", &NONE).await;
    assert_eq!(due(&mut phone).await, "/visit/statement");
    assert_eq!(calm.booking().await.consultation.class, Class::Followup);

    let worse = scene(Class::Followup, 10).await;
    let mut phone = worse.inside().await;
    phone
        .post("/visit/body", &[("answer", "new"), ("class", "followup")])
        .await;
    assert_eq!(due(&mut phone).await, "/visit/symptoms");
    assert_eq!(
        worse.booking().await.consultation.class,
        Class::FirstNewCondition,
        "derived, whatever was sent"
    );
    phone.post("/visit/symptoms", &NONE).await;
    assert_eq!(due(&mut phone).await, "/visit/statement");
}

#[tokio::test]
async fn cl_1_2_ii_a_a_chosen_symptom_is_decided_with_grounds_before_admit() {
    let mut practice = chosen(&["cough"]).await;
    let said = practice.refused("admit", &[]).await;
    assert_eq!(said.spoke(), (409, "cl-1.2-ii-a"), "{}", said.body);
    assert!(practice.page().await.contains("急性の激しい咳"));
    let form = practice
        .physician
        .get(&format!("/consultations/{}/symptoms", practice.visit))
        .await;
    assert!(form.body.contains("要確認") && form.body.contains("急に はげしい せきが出る"));
    for (fields, status) in [
        (vec![("hit", "cough"), ("fit", "online")], 422),
        (
            vec![("hit", "wheeze"), ("fit", "online"), ("grounds", "軽い")],
            409,
        ),
        (
            vec![("hit", "cough"), ("fit", "maybe"), ("grounds", "軽い")],
            422,
        ),
    ] {
        assert_eq!(practice.refused("symptoms", &fields).await.status, status);
    }
    practice
        .done(
            "symptoms",
            &[
                ("hit", "cough"),
                ("fit", "online"),
                ("grounds", "熱なく 会話できる"),
            ],
        )
        .await;
    assert_eq!(practice.entries("symptom.decided").await, 1);
    practice.done("admit", &[]).await;
}

#[tokio::test]
async fn cl_1_2_ii_a_answers_of_an_older_visit_do_not_count() {
    let mut practice = Seed {
        symptoms: false,
        ..Seed::first_visit()
    }
    .open()
    .await;
    let patient = practice.patient;
    write(&practice.house, move |tx| {
        Box::pin(async move {
            let desk = staff(Role::Reception);
            let at = tx.now();
            let older = tx
                .book(
                    &desk,
                    patient,
                    person_id("physician"),
                    (Class::First, care::Service::Care),
                    at,
                )
                .await?
                .consultation;
            let list = tx.symptom_list().await?;
            let by = crate::consultation_seed::own(patient);
            tx.keep_questionnaire(&by, &older, &list, (Vec::new(), String::new()))
                .await
        })
    })
    .await;
    let said = practice.refused("admit", &[]).await;
    assert_eq!(said.spoke(), (409, "cl-1.2-ii-a"), "{}", said.body);
    assert_eq!(said.reason(), "questionnaire_missing");
}

#[tokio::test]
async fn cl_1_2_ii_a_without_a_list_in_force_first_visits_wait_and_follow_ups_go_on() {
    let mut first = Seed::first_visit().open().await;
    let mut office = first.house.signed_in("administrator").await;
    let nobody = post(
        &mut first.physician,
        "/house/symptoms/force",
        &[("force", "end")],
    )
    .await;
    assert_eq!(nobody.status, 403, "only the administrator");
    let end = [("force", "end"), ("reason", "版を見直す")];
    assert_eq!(
        post(&mut office, "/house/symptoms/force", &end[..1])
            .await
            .status,
        422
    );
    assert_eq!(
        post(&mut office, "/house/symptoms/force", &end)
            .await
            .status,
        303
    );
    assert_eq!(
        post(&mut office, "/house/symptoms/force", &end)
            .await
            .status,
        409
    );
    let said = first.refused("admit", &[]).await;
    assert_eq!(said.spoke(), (409, "cl-1.2-ii-a"), "{}", said.body);
    assert_eq!(said.reason(), "symptom_list_missing");
    let checklist = office.get("/house/checklist").await.body;
    assert!(checklist.contains("症状の一覧が有効でない"), "a finding");
    let put = [("force", "put"), ("reason", "見直した")];
    assert_eq!(
        post(&mut office, "/house/symptoms/force", &put)
            .await
            .status,
        303
    );
    first.done("admit", &[]).await;

    let mut followup = Seed::follow_up().open().await;
    let mut office = followup.house.signed_in("administrator").await;
    post(&mut office, "/house/symptoms/force", &end).await;
    followup.live().await;
}

#[tokio::test]
async fn cl_1_2_ii_a_a_clinic_adds_rows_and_removes_none_in_silence() {
    let mut practice = Seed::first_visit().open().await;
    let mut office: Browser = practice.house.signed_in("administrator").await;
    let row = [
        ("part", "skin"),
        ("ja", "海で くらげに さされた"),
        ("en", "Stung by a jellyfish"),
        ("physician", "刺胞動物による刺傷"),
    ];
    assert_eq!(office.post("/house/symptoms", &row[..3]).await.status, 422);
    assert_eq!(post(&mut office, "/house/symptoms", &row).await.status, 303);
    let list = practice
        .house
        .store
        .read(practice.house.tenant)
        .await
        .unwrap()
        .symptom_list()
        .await
        .unwrap();
    let own = list.rows.last().unwrap().clone();
    assert_eq!(own.physician, "刺胞動物による刺傷");
    let id = own.key.strip_prefix("own-").unwrap().to_owned();
    // No address ends a row of the list itself.
    let shipped = post(
        &mut office,
        "/house/symptoms/cough/end",
        &[("reason", "要らない")],
    )
    .await;
    assert_eq!(shipped.status, 404);
    let end = format!("/house/symptoms/{id}/end");
    assert_eq!(
        post(&mut office, &end, &[]).await.status,
        422,
        "not without a reason"
    );
    assert_eq!(
        post(&mut office, &end, &[("reason", "季節が終わった")])
            .await
            .status,
        303
    );
    assert_eq!(
        post(&mut office, &end, &[("reason", "もう一度")])
            .await
            .status,
        409
    );
    let page = office.get("/house/symptoms").await.body;
    assert!(
        page.contains("季節が終わった") && page.contains("刺胞動物"),
        "it stays to be read"
    );
    assert_eq!(practice.entries("list.row_ended").await, 1);
    practice.done("admit", &[]).await;
}

#[tokio::test]
async fn cl_1_2_ii_b_not_suitable_leaves_a_slot_here_or_a_partner_in_force() {
    let mut practice = chosen(&["cough"]).await;
    let lapsed = register(&practice, date(2026, 11, 19)).await;
    practice
        .done(
            "symptoms",
            &[
                ("hit", "cough"),
                ("fit", "in_person"),
                ("grounds", "喘鳴が強い"),
            ],
        )
        .await;
    assert_eq!(practice.refused("admit", &[]).await.status, 409);
    let no = practice
        .refused("emergency", &[("reason", "sudden_change")])
        .await;
    assert_eq!(no.status, 409, "not by the emergency start either");
    let (day, told) = (("target", "2026-11-20"), ("told", "画面で"));
    let free = [
        ("reason", "symptom"),
        ("destination", "どこかの病院"),
        day,
        told,
    ];
    let said = practice.refused("stop", &free).await;
    assert_eq!(said.spoke(), (409, "cl-1.2-ii-b"), "{}", said.body);
    for exit in [lapsed.as_str(), &access::Ulid::from_parts(8, 8).to_string()] {
        let referral = [("reason", "symptom"), ("exit", exit), day, told];
        let said = practice.refused("stop", &referral).await;
        assert_eq!(said.spoke(), (409, "cl-1.2-ii-b"), "{}", said.body);
    }
    let past = [
        ("reason", "symptom"),
        ("exit", "own"),
        ("time", "09:00"),
        day,
        told,
    ];
    assert_eq!(
        practice.refused("stop", &past).await.spoke(),
        (409, "cl-1.2-ii-b")
    );
    let partner = register(&practice, legal_day(practice.house.now())).await;
    let page = practice
        .physician
        .get(&format!("/consultations/{}/stop", practice.visit))
        .await
        .body;
    assert!(
        page.contains("見本やま病院") && !page.contains("name=\"destination\""),
        "{page}"
    );
    practice
        .done(
            "stop",
            &[("reason", "symptom"), ("exit", &partner), day, told],
        )
        .await;
    assert_eq!(practice.stage().await, "switched_in_person");
    let mut read = practice
        .house
        .store
        .read(practice.house.tenant)
        .await
        .unwrap();
    let sent = read.outbox().await.unwrap();
    let letter = sent.iter().find(|sent| sent.kind == "in_person").unwrap();
    for part in [
        "見本やま病院",
        "00-9876-5432",
        "毎日 9:00〜17:00",
        "みずうみ町",
    ] {
        assert!(letter.message.text.contains(part), "{part}");
    }
}

#[tokio::test]
async fn cl_1_2_ii_b_a_slot_here_is_a_way_on_too() {
    let mut practice = chosen(&["cough", "wheeze"]).await;
    practice
        .done(
            "symptoms",
            &[("hit", "wheeze"), ("fit", "in_person"), ("grounds", "強い")],
        )
        .await;
    practice
        .done(
            "stop",
            &[
                ("reason", "symptom"),
                ("exit", "own"),
                ("time", "16:30"),
                ("target", "2026-11-20"),
                ("told", "画面で"),
            ],
        )
        .await;
    assert_eq!(practice.stage().await, "switched_in_person");
    assert_eq!(practice.entries("referral.sent").await, 1);
}

#[tokio::test]
async fn cl_1_2_ii_c_an_urgent_symptom_stops_everything_until_somebody_acts() {
    let scene = scene(Class::First, 10).await;
    let mut phone = scene.inside().await;
    phone.post("/visit/body", &NONE).await;
    scene.house.pass(SignedDuration::from_secs(1));
    let answer = phone
        .post(
            "/visit/symptoms",
            &[
                ("answer", "some"),
                ("hit", "cough"),
                ("hit", "blood-coughed"),
            ],
        )
        .await;
    assert_eq!(answer.location(), "/visit/now");
    let page = phone.get("/visit/now").await.body;
    for part in ["tel:119", "tel:%237119", "せきで 血が出る"] {
        assert!(page.contains(part), "{part}: {page}");
    }
    assert!(!page.contains("tel:%238000"), "no child");
    let house = &scene.house;
    assert_eq!(house.entries(house.tenant, "red_flag.alerted").await, 1);

    // No new hour is booked over it, by whatever address.
    let mut desk = house.signed_in("reception").await;
    let patient = scene.patient.to_string();
    let physician = person_id("physician").to_string();
    let hour = [
        ("patient", patient.as_str()),
        ("physician", physician.as_str()),
        ("date", "2026-11-24"),
        ("time", "10:00"),
    ];
    let said = post(&mut desk, "/bookings/new", &hour).await;
    assert_eq!(said.spoke(), (409, "cl-1.2-ii-c"), "{}", said.body);

    // Ten minutes without a named person are a finding; the board says it.
    house.pass(SignedDuration::from_mins(11));
    let mut desk = house.signed_in("reception").await;
    assert!(desk.get("/today").await.body.contains("10分をこえました"));
    let mut office = house.signed_in("administrator").await;
    let finding = "急ぐ答えに10分以上だれも対応していない";
    assert!(office.get("/house/checklist").await.body.contains(finding));
    let path = format!("/bookings/{}/alarm", scene.visit.id);
    assert_eq!(post(&mut desk, &path, &[]).await.status, 303);
    assert_eq!(
        house.entries(house.tenant, "red_flag.acknowledged").await,
        1
    );
    assert!(!office.get("/house/checklist").await.body.contains(finding));

    let mut phone = scene.inside().await;
    // A mistake leads back through the list, and both answers are kept.
    phone.post("/visit/body", &NONE).await;
    assert_eq!(due(&mut phone).await, "/visit/symptoms");
    let (early, problem) = json(&mut phone, "/visit/ready", &[("go", "1")]).await;
    assert!(
        early.status.is_client_error() || early.status.is_redirection(),
        "{problem}"
    );
    phone.post("/visit/symptoms", &NONE).await;
    assert_eq!(due(&mut phone).await, "/visit/explain");
}

#[tokio::test]
async fn cl_1_2_ii_c_staff_stop_a_visit_and_parents_are_given_the_telephone_for_children() {
    let scene = scene(Class::Followup, 10).await;
    let mut phone = scene.inside().await;
    let mut desk = scene.house.signed_in("reception").await;
    let path = format!("/bookings/{}/urgent", scene.visit.id);
    assert_eq!(post(&mut desk, &path, &[]).await.status, 303);
    assert_eq!(due(&mut phone).await, "/visit/now");
    let (_, problem) = json(&mut phone, &path, &[]).await;
    assert!(
        problem["status"].as_u64() >= Some(400),
        "no address of patients"
    );

    // The patient may say that it was none; the alarm stays with the staff until a named person takes it up.
    scene.house.pass(SignedDuration::from_secs(1));
    phone.post("/visit/body", &NONE).await;
    assert_eq!(due(&mut phone).await, "/visit/statement");
    assert!(
        desk.get("/today")
            .await
            .body
            .contains(&path.replace("urgent", "alarm"))
    );
}

#[tokio::test]
async fn cl_1_2_ii_c_parents_are_asked_the_rows_for_children_and_given_their_telephone() {
    let scene = scene(Class::Followup, 10).await;
    let secret: [u8; link::SECRET_BYTES] = [9; link::SECRET_BYTES];
    visit::write(&scene.house, move |tx| {
        Box::pin(async move {
            let desk = staff(Role::Reception);
            let child = Profile {
                name: "見本 ひな".into(),
                kana: "みほん ひな".into(),
                birth: date(2020, 5, 5),
                sex: "female".into(),
                phone: "00011112222".into(),
                mail: String::new(),
                address: "長野県みほん郡みずうみ町".into(),
                alerts: Vec::new(),
            };
            let child = tx.add_patient(&desk, &child).await?;
            let at = tx.now();
            let booking = tx
                .book(
                    &desk,
                    child,
                    person_id("physician"),
                    (Class::First, care::Service::Care),
                    at,
                )
                .await?;
            tx.invite(&desk, booking.consultation.id, child, None, &secret)
                .await
        })
    })
    .await;
    let mut phone = scene.house.browser(Surface::Patient);
    let enter = format!("/v/{}/enter", link::encode(scene.house.tenant, &secret));
    let birth = [("era", "reiwa"), ("y", "2"), ("m", "5"), ("d", "5")];
    phone.post(&enter, &birth).await;
    phone.post("/visit/body", &NONE).await;
    let page = phone.get("/visit/symptoms").await.body;
    for row in guideline::symptom::SYMPTOMS {
        assert!(page.contains(row.ja), "{}", row.key);
    }
    scene.house.pass(SignedDuration::from_secs(1));
    phone.post("/visit/body", &[("answer", "breath")]).await;
    assert!(phone.get("/visit/now").await.body.contains("tel:%238000"));
}
