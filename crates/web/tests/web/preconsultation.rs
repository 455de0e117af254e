//! Attacks on pre-consultations: what is published, what the patient acknowledges, and how one may end.

use crate::{
    consultation_seed::{Practice, Seed, own, post, staff, write},
    support::{Answer, Browser, House, person_id},
    ward::{Ward, ward},
};
use access::Role;
use care::{Class, Service, preconsultation::Terms, task::Kind};
use jiff::SignedDuration;
use store::{appointment::Asked, preconsultation::PAGES};
use web::Surface;

const LIMIT: &str = "相談の結果、オンライン診療に進まないことがあります。";

/// What the administrator publishes.
const TERMS: [(&str, &str); 5] = [
    ("fee", "3300"),
    ("charged", "相談の前"),
    ("refund", "始まる前なら返します"),
    ("may_not_proceed", LIMIT),
    ("offered", "yes"),
];

/// What somebody writes on the public page.
const ASKED: [(&str, &str); 12] = [
    ("name", "例山 みつ"),
    ("kana", "れいやま みつ"),
    ("era", "showa"),
    ("year", "30"),
    ("month", "5"),
    ("day", "6"),
    ("phone", "090-0000-2222"),
    ("address", "長野県みほん郡みずうみ町"),
    ("about", "ねつが つづく"),
    ("regular", "となりの医院 例田"),
    ("known", "yes"),
    ("terms", "1"),
];

fn without<'f>(
    fields: &[(&'f str, &'f str)],
    left_out: &str,
    more: &[(&'f str, &'f str)],
) -> Vec<(&'f str, &'f str)> {
    fields
        .iter()
        .filter(|(name, _)| *name != left_out)
        .chain(more)
        .copied()
        .collect()
}

async fn publish(house: &House, fields: &[(&str, &str)]) {
    let mut desk = house.signed_in("administrator").await;
    let said = post(&mut desk, "/house/public", fields).await;
    assert_eq!(said.status, 303, "{}", said.body);
}

/// A new patient's phone: each has an address of its own rate.
fn phone(house: &House) -> Browser {
    house.browser(Surface::Patient)
}

async fn ask(phone: &mut Browser, fields: &[(&str, &str)]) -> Answer {
    phone.post("/request/pre", fields).await
}

async fn waiting(house: &House) -> i64 {
    let mut read = house.store.read(house.tenant).await.unwrap();
    read.appointments_waiting().await.unwrap()
}

/// The address of the one request that waits.
async fn request(house: &House) -> String {
    let mut read = house.store.read(house.tenant).await.unwrap();
    let open = read.open_appointments().await.unwrap();
    assert_eq!(open.len(), 1);
    format!("/requests/{}", open[0].id)
}

fn hour(patient: &str) -> Vec<(&str, &str)> {
    let physician: &'static str = person_id("physician").to_string().leak();
    vec![
        ("patient", patient),
        ("physician", physician),
        ("date", "2026-11-21"),
        ("time", "15:00"),
    ]
}

async fn visits(ward: &Ward) -> Vec<care::Consultation> {
    let mut read = ward.house.store.read(ward.house.tenant).await.unwrap();
    let from = ward.house.now() - SignedDuration::from_hours(24);
    let until = ward.house.now() + SignedDuration::from_hours(240);
    let found = read.consultations_between(from, until).await.unwrap();
    found.into_iter().map(|one| one.consultation).collect()
}

#[tokio::test]
async fn cl_1_2_vi_a_nothing_is_offered_before_fee_and_limits_are_published() {
    let ward = ward().await;
    let mut desk = ward.house.signed_in("administrator").await;
    for (left_out, reason) in [
        ("fee", "fee_missing"),
        ("charged", "fee_charged_missing"),
        ("refund", "fee_refund_missing"),
        ("may_not_proceed", "may_not_proceed_missing"),
    ] {
        let said = post(&mut desk, "/house/public", &without(&TERMS, left_out, &[])).await;
        assert_eq!(said.spoke(), (409, "cl-1.2-vi-a"), "{left_out}");
        assert_eq!(said.reason(), reason);
    }
    let mut reception = ward.house.signed_in("reception").await;
    let other = post(&mut reception, "/house/public", &TERMS).await;
    assert_eq!(other.status, 403, "the administrator alone publishes");
    // What is not offered is not to be seen.
    let mut phone = phone(&ward.house);
    assert_eq!(phone.get("/request/pre").await.status, 404);
    assert!(!phone.get("/").await.body.contains("診療前相談"));
    assert_eq!(ask(&mut phone, &ASKED).await.status, 409);
    assert_eq!(waiting(&ward.house).await, 0);

    publish(&ward.house, &TERMS).await;
    let page = phone.get("/").await.body;
    assert!(page.contains("3,300円") && page.contains(LIMIT), "{page}");
    assert_eq!(phone.get("/request/pre").await.status, 200);
    publish(&ward.house, &without(&TERMS, "offered", &[])).await;
    assert_eq!(phone.get("/request/pre").await.status, 404);
}

#[tokio::test]
async fn cl_1_2_vi_a_a_page_that_lost_them_pauses_bookings_until_it_is_published_anew() {
    let ward = ward().await;
    publish(&ward.house, &TERMS).await;
    assert_eq!(ask(&mut phone(&ward.house), &ASKED).await.status, 303);
    ward.house.pass(SignedDuration::from_hours(12));
    for page in PAGES {
        write(&ward.house, move |tx| {
            Box::pin(async move { tx.keep_page_check(page, page == PAGES[0]).await })
        })
        .await;
    }
    assert_eq!(ask(&mut phone(&ward.house), &ASKED).await.status, 409);
    let mut reception = ward.house.signed_in("reception").await;
    let accept = format!("{}/accept", request(&ward.house).await);
    let said = post(&mut reception, &accept, &hour("new")).await;
    assert_eq!(said.spoke(), (409, "cl-1.2-vi-a"), "{}", said.body);
    assert_eq!(said.reason(), "notice_missing");
    assert!(visits(&ward).await.is_empty());
    let mut desk = ward.house.signed_in("administrator").await;
    assert!(
        desk.get("/house/checklist")
            .await
            .body
            .contains("診療前相談の料金などの案内がページにない")
    );
    ward.house.pass(SignedDuration::from_secs(61));
    publish(&ward.house, &TERMS).await;
    let said = post(&mut reception, &accept, &hour("new")).await;
    assert_eq!(said.status, 303, "{}", said.body);
}

#[tokio::test]
async fn cl_1_2_vi_b_no_hour_exists_before_the_patient_knows_fee_and_limits() {
    let ward = ward().await;
    publish(&ward.house, &TERMS).await;
    let mut phone = phone(&ward.house);
    let page = phone.get("/request/pre").await.body;
    assert!(page.contains("3,300円") && page.contains(LIMIT));
    assert_eq!(
        ask(&mut phone, &without(&ASKED, "known", &[])).await.status,
        422
    );
    let unsaid = ask(&mut phone, &without(&ASKED, "terms", &[])).await;
    assert_eq!(unsaid.status, 409, "{}", unsaid.body);
    // A request that nobody acknowledged, by whatever way it came to be, makes no booking.
    write(&ward.house, move |tx| {
        Box::pin(async move {
            let asked = Asked {
                name: "例".into(),
                kana: "れい".into(),
                birth: "1955-05-06".parse().unwrap(),
                phone: "09000002222".into(),
                address: "長野県みほん郡".into(),
                about: "ねつ".into(),
                when: String::new(),
                regular: String::new(),
            };
            tx.keep_appointment(Service::PreConsultation, &asked, None, &[1; 16])
                .await
        })
    })
    .await;
    let mut reception = ward.house.signed_in("reception").await;
    let place = request(&ward.house).await;
    let said = post(&mut reception, &format!("{place}/accept"), &hour("new")).await;
    assert_eq!(said.spoke(), (409, "cl-1.2-vi-b"), "{}", said.body);
    assert!(visits(&ward).await.is_empty(), "nothing was booked");
    // A service named in the ordinary form makes none either.
    let fields = [&ward.booking()[..], &[("service", "pre_consultation")]].concat();
    assert_eq!(
        post(&mut reception, "/bookings/new", &fields).await.status,
        303
    );
    assert!(
        visits(&ward)
            .await
            .iter()
            .all(|one| one.service == Service::Care)
    );
}

#[tokio::test]
async fn cl_1_2_vi_b_a_raised_fee_is_asked_again_and_the_acknowledged_one_stands() {
    let ward = ward().await;
    publish(&ward.house, &TERMS).await;
    let mut late = phone(&ward.house);
    let mut early = phone(&ward.house);
    let sent = ask(&mut early, &ASKED).await;
    assert_eq!(sent.status, 303, "{}", sent.body);
    ward.house.pass(SignedDuration::from_secs(1));
    publish(&ward.house, &without(&TERMS, "fee", &[("fee", "5500")])).await;
    let again = ask(&mut late, &ASKED).await;
    assert_eq!(again.status, 422);
    assert!(
        again.body.contains("5,500円") && !again.body.contains("value=\"yes\" required checked")
    );
    assert_eq!(waiting(&ward.house).await, 1);

    let mut reception = ward.house.signed_in("reception").await;
    let place = request(&ward.house).await;
    assert!(reception.get(&place).await.body.contains("3,300円"));
    let said = post(&mut reception, &format!("{place}/accept"), &hour("new")).await;
    assert_eq!(said.status, 303, "{}", said.body);
    let [visit] = &visits(&ward).await[..] else {
        panic!("one visit")
    };
    assert_eq!(
        (visit.service, visit.class),
        (Service::PreConsultation, Class::First)
    );
    let ledger = ward.house.ledger(ward.house.tenant).await;
    let at = |needle: &str| {
        ledger
            .iter()
            .position(|entry| entry.contains(needle))
            .unwrap()
    };
    let known = at("notice.acknowledged");
    assert!(known < at("visit.classified"));
    assert!(ledger[known].contains("3300") && ledger[known].contains("\"terms\":1"));
    let told = messages(&ward, visit.patient).await;
    assert!(
        told[0].contains("3,300円") && told[0].contains("進まないことがあります"),
        "{told:?}"
    );
    // The reminder says both again.
    ward.house.pass(SignedDuration::from_hours(24 - 5));
    let now = visit.booked_for - SignedDuration::from_hours(20);
    let reminded = web::visit::remind(
        &ward.house.store,
        ward.house.tenant,
        now,
        ("http://localhost:8080", &web::system_entropy()),
    )
    .await
    .unwrap();
    let told = messages(&ward, visit.patient).await;
    assert!(told.iter().all(|text| text.contains("3,300円")), "{told:?}");
    assert!(reminded <= 1);
    assert!(
        early
            .get(sent.location())
            .await
            .body
            .contains("予約になりました")
    );
    assert!(
        !ledger.join("\n").contains("例山") && !ledger.join("\n").contains("ねつが"),
        "the ledger holds no content"
    );
}

/// The words of the messages to a patient.
async fn messages(ward: &Ward, patient: care::PatientId) -> Vec<String> {
    let mut read = ward.house.store.read(ward.house.tenant).await.unwrap();
    let all = read.outbox().await.unwrap();
    all.into_iter()
        .filter(|one| one.patient == patient)
        .map(|one| one.message.text)
        .collect()
}

#[tokio::test]
async fn a_request_is_declined_in_words_that_whoever_asked_can_read() {
    let ward = ward().await;
    let mut phone = phone(&ward.house);
    let fields = without(&ASKED, "known", &[]);
    let sent = phone.post("/request", &fields).await;
    assert_eq!(sent.status, 303, "{}", sent.body);
    assert!(
        phone
            .get(sent.location())
            .await
            .body
            .contains("まだ予約ではありません")
    );
    let mut reception = ward.house.signed_in("reception").await;
    assert!(
        reception
            .get("/bookings")
            .await
            .body
            .contains("返事を待つ申し込み 1 件")
    );
    assert!(reception.get("/requests").await.body.contains("例山 みつ"));
    let place = request(&ward.house).await;
    let decline = format!("{place}/decline");
    assert_eq!(
        post(&mut reception, &decline, &[("words", " ")])
            .await
            .status,
        422
    );
    let words = [("words", "今月は満員です")];
    assert_eq!(post(&mut reception, &decline, &words).await.status, 303);
    assert_eq!(post(&mut reception, &decline, &words).await.status, 409);
    let page = phone.get(sent.location()).await.body;
    assert!(
        page.contains("今月は満員です") && !page.contains("例山"),
        "{page}"
    );
    assert_eq!(phone.get("/r/nothing").await.status, 404);
    assert_eq!(reception.get(&place).await.status, 404, "answered");
}

#[tokio::test]
async fn a_request_for_care_needs_the_route_of_a_first_visit_like_any_booking() {
    let ward = ward().await;
    let sent = phone(&ward.house).post("/request", &ASKED).await;
    assert_eq!(sent.status, 303);
    let mut reception = ward.house.signed_in("reception").await;
    let accept = format!("{}/accept", request(&ward.house).await);
    let said = post(&mut reception, &accept, &hour("new")).await;
    assert_eq!(said.spoke(), (409, "cl-1.2-iii-a"), "{}", said.body);
    assert_eq!(waiting(&ward.house).await, 1, "it still waits");
    let routed = [&hour("new")[..], &[("route", "sources")]].concat();
    assert_eq!(post(&mut reception, &accept, &routed).await.status, 303);
    assert_eq!(visits(&ward).await[0].service, Service::Care);
}

#[tokio::test]
async fn requests_are_bounded_by_address_and_in_number() {
    let ward = ward().await;
    let mut phone = phone(&ward.house);
    for _ in 0..3 {
        assert_eq!(phone.post("/request", &ASKED).await.status, 303);
    }
    assert_eq!(phone.post("/request", &ASKED).await.status, 429);
    let long = "あ".repeat(501);
    ward.house.pass(SignedDuration::from_hours(2));
    let fields = without(&ASKED, "about", &[("about", &long)]);
    assert_eq!(phone.post("/request", &fields).await.status, 422);
}

/// A pre-consultation under way.
async fn talking() -> Practice {
    let mut practice = Seed {
        service: Service::PreConsultation,
        class: Class::First,
        signed: false,
        routed: false,
        symptoms: false,
        assessed_days_ago: None,
        ..Seed::follow_up()
    }
    .open()
    .await;
    practice.live().await;
    practice
}

async fn shares(practice: &Practice, agrees: bool) {
    let visit = practice.consultation().await;
    write(&practice.house, move |tx| {
        Box::pin(async move { tx.keep_sharing(&own(visit.patient), &visit, agrees).await })
    })
    .await;
}

const HEARD: [(&str, &str); 2] = [
    ("heard", "三日前から熱"),
    ("told", "近くで診てもらってください"),
];
const ELSEWHERE: [(&str, &str); 6] = [
    ("outcome", "in_person_elsewhere"),
    ("destination", "見本総合病院"),
    ("target", "2026-11-22"),
    ("contact_who", "内科 例本医師"),
    ("contact_how", "電話"),
    ("contact_at", "14:00"),
];

#[tokio::test]
async fn cl_1_2_v_information_goes_along_only_answered_agreed_and_written() {
    let mut practice = talking().await;
    let whole = [&HEARD[..], &ELSEWHERE].concat();
    let yes = [("pass_on", "yes"), ("document", "三日前から38度。既往なし")];
    let no = [("pass_on", "no"), ("nothing", "本人が自分で話すため")];
    let said = practice.refused("preconsultation", &whole).await;
    assert_eq!(said.spoke(), (409, "cl-1.2-v"), "{}", said.body);
    assert_eq!(said.reason(), "pass_on_unanswered");
    for agrees in [None, Some(false)] {
        if let Some(agrees) = agrees {
            shares(&practice, agrees).await;
        }
        let said = practice
            .refused("preconsultation", &[&whole[..], &yes].concat())
            .await;
        assert_eq!(said.spoke(), (409, "cl-1.2-v"));
        assert_eq!(said.reason(), "sharing_not_agreed");
    }
    let said = practice
        .refused("preconsultation", &[&whole[..], &no[..1]].concat())
        .await;
    assert_eq!(said.reason(), "pass_on_reason_empty");
    shares(&practice, true).await;
    let said = practice
        .refused("preconsultation", &[&whole[..], &yes[..1]].concat())
        .await;
    assert_eq!(said.reason(), "document_empty");
    practice
        .done("preconsultation", &[&whole[..], &yes].concat())
        .await;
    assert_eq!(practice.stage().await, "closed");
    let ledger = practice
        .house
        .ledger(practice.house.tenant)
        .await
        .join("\n");
    assert!(ledger.contains("\"kind\":\"provision\"") && ledger.contains("referral.sent"));
    assert!(!ledger.contains("38度"));
    assert!(practice.page().await.contains("三日前から38度"));
}

#[tokio::test]
async fn cl_1_2_v_there_is_no_note_no_diagnosis_and_no_prescription_in_it() {
    let mut practice = talking().await;
    let page = practice.page().await;
    assert!(
        page.contains("/preconsultation\"")
            && !page.contains("/orders")
            && !page.contains("name=\"assessment\""),
        "{page}"
    );
    for act in [
        "orders/add",
        "orders/copy",
        "orders/remove",
        "orders/comment",
        "orders/told",
        "orders/review",
        "note",
        "draft",
        "enough",
        "close",
        "choose",
        "new-condition",
        "background",
        "stop",
        "emergency",
    ] {
        let said = practice
            .act(
                act,
                &[
                    ("enough", "yes"),
                    ("reason", "touch"),
                    ("destination", "a"),
                    ("target", "2026-11-22"),
                    ("told", "a"),
                    ("code", "620000001"),
                ],
            )
            .await;
        assert!(
            matches!(said.status, 404 | 409 | 422),
            "{act}: {}",
            said.status
        );
        assert_eq!(practice.stage().await, "live", "{act}");
    }
    let orders = format!("{}/orders", practice.address());
    assert_eq!(practice.physician.get(&orders).await.status, 404);
    let (patient, visit) = (practice.patient, practice.visit);
    let mut read = practice
        .house
        .store
        .read(practice.house.tenant)
        .await
        .unwrap();
    assert!(read.notes_of(visit).await.unwrap().is_empty());
    assert!(read.prescription(visit).await.unwrap().is_none());
    assert!(read.given(patient).await.unwrap().is_empty());
}

#[tokio::test]
async fn a_pre_consultation_ends_with_its_result_and_what_follows_stays_open() {
    for (fields, kind) in [
        (vec![("outcome", "no_further")], None),
        (vec![("outcome", "first_visit")], Some(Kind::FirstVisitDue)),
        (
            vec![
                ("outcome", "in_person_here"),
                ("destination", "当院"),
                ("target", "2026-11-22"),
            ],
            Some(Kind::Referred),
        ),
    ] {
        let mut practice = talking().await;
        for wrong in [
            vec![("outcome", "diagnosed")],
            vec![("outcome", "no_further"), ("heard", "a")],
            vec![("outcome", "no_further"), ("told", "a")],
        ] {
            assert_eq!(
                practice.refused("preconsultation", &wrong).await.status,
                422
            );
        }
        practice
            .done("preconsultation", &[&HEARD[..], &fields].concat())
            .await;
        assert_eq!(practice.stage().await, "closed");
        assert_eq!(practice.entries("preconsultation.ended").await, 1);
        assert_eq!(practice.act("preconsultation", &HEARD).await.status, 422);
        let mut read = practice
            .house
            .store
            .read(practice.house.tenant)
            .await
            .unwrap();
        let open: Vec<_> = read
            .open_tasks()
            .await
            .unwrap()
            .into_iter()
            .map(|task| task.opening.kind)
            .collect();
        assert_eq!(open, kind.into_iter().collect::<Vec<_>>());
        drop(read);
        assert!(practice.page().await.contains("近くで診てもらってください"));
    }
}

#[tokio::test]
async fn only_a_pre_consultation_ends_as_one() {
    let mut practice = Seed::follow_up().open().await;
    practice.live().await;
    let fields = [&HEARD[..], &[("outcome", "no_further")]].concat();
    assert_eq!(practice.act("preconsultation", &fields).await.status, 404);
    assert_eq!(practice.stage().await, "live");
}

#[tokio::test]
async fn terms_are_kept_by_version_and_a_clinics_own_words_are_escaped() {
    let ward = ward().await;
    let by = staff(Role::Administrator);
    let terms = Terms {
        version: 0,
        offered: true,
        fee_yen: Some(1),
        charged: "<b>前</b>".into(),
        refund: "なし".into(),
        may_not_proceed: LIMIT.into(),
        external: String::new(),
    };
    for version in 1..3 {
        let (by, terms) = (by, terms.clone());
        let kept = write(&ward.house, move |tx| {
            Box::pin(async move { tx.publish_preconsultation(&by, &terms).await })
        })
        .await;
        assert_eq!(kept, version);
    }
    let page = phone(&ward.house).get("/").await.body;
    assert!(page.contains("&#60;b&#62;前"), "{page}");
}
