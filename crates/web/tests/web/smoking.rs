//! Smoking cessation without a visit in person: the switch, the check-up, the answers, the weighing, and the start.

use crate::{
    consultation_seed::{NOTE, Practice, Said, Seed, open_work, post, staff, write},
    contraception::{phone, upload},
    support::{Answer, Browser, person_id},
};
use access::Role;
use axum::http::StatusCode;
use care::{
    Class, Service,
    pathway::Setting,
    smoking::{CHECKUP_DAYS_MAX, Checkup, LOW_RISK},
};
use jiff::{SignedDuration, ToSpan as _};
use store::{course::FileKind, dossier::legal_day, pathway::SMOKING};

/// The medicine of the service, and others.
const DRUG: &str = "620000017";
const OTHER: &str = "620000003";
const PAPER: &[u8] = b"%PDF-1.4 a check-up";

async fn offered(practice: &Practice, drugs: &'static [&'static str]) {
    practice.lists().await;
    write(&practice.house, move |tx| {
        Box::pin(async move {
            let setting = Setting {
                offered: true,
                drugs: drugs.iter().map(|code| code.parse().unwrap()).collect(),
                days_max: CHECKUP_DAYS_MAX,
            };
            let by = staff(Role::Administrator);
            let who = person_id("administrator");
            tx.put_pathway(&by, who, (SMOKING, LOW_RISK), &setting)
                .await
        })
    })
    .await;
}

/// A check-up of so many days ago, past every judgement.
async fn checkup_of(practice: &Practice, days_ago: i64) {
    let patient = practice.patient;
    write(&practice.house, move |tx| {
        Box::pin(async move {
            let checkup = Checkup {
                on: legal_day(tx.now()).saturating_sub(days_ago.days()),
                result: "異常なし".into(),
                source: "職場の健診".into(),
                excluded: "胸部X線に所見なし".into(),
            };
            let (by, who) = (staff(Role::Physician), person_id("physician"));
            tx.keep_smoking_checkup(&by, who, patient, (&checkup, FileKind::Pdf, PAPER))
                .await
        })
    })
    .await;
}

/// A follow-up of the service in which nothing but what a test asks for is missing, in a clinic that offers it. Nobody has
/// seen the patient in person within the year.
async fn practice() -> Practice {
    let practice = Seed {
        service: Service::SmokingCessation,
        assessed_days_ago: Some(700),
        ..Seed::follow_up()
    }
    .open()
    .await;
    offered(&practice, &[DRUG]).await;
    practice
}

fn page(practice: &Practice) -> String {
    format!("/smoking/{}", practice.patient)
}

const TERMS: [(&str, &str); 9] = [
    ("way", "online_only"),
    ("psychiatric", "no"),
    ("renal", "no"),
    ("cardiac", "no"),
    ("driving", "no"),
    ("drug", DRUG),
    ("low_risk", "持病がなく 腎機能も正常"),
    ("benefits", "仕事を休まずに続けられる"),
    ("disadvantages", "聴診や呼気の検査ができない"),
];

/// The same with one field otherwise.
fn but(field: &'static str, value: &'static str) -> Vec<(&'static str, &'static str)> {
    TERMS
        .into_iter()
        .map(|(name, own)| (name, if name == field { value } else { own }))
        .collect()
}

async fn sign(practice: &mut Practice, terms: &[(&str, &str)]) -> Said {
    let path = format!("{}/terms", page(practice));
    post(&mut practice.physician, &path, terms).await
}

async fn signed(practice: &mut Practice) {
    let said = sign(practice, &TERMS).await;
    assert_eq!(said.status, 303, "{}", said.body);
}

async fn read(practice: &Practice) -> Answer {
    let mut phone = phone(practice).await;
    let shown = phone.get("/visit/smoking").await;
    assert_eq!(shown.status, StatusCode::OK, "{}", shown.location());
    assert!(shown.body.contains("聴診や呼気の検査ができない"));
    let at = shown.body.find("name=\"course\" value=\"").unwrap() + 21;
    let course = shown.body[at..at + 26].to_owned();
    phone.post("/visit/smoking", &[("course", &course)]).await
}

async fn enter(browser: &mut Browser, path: &str, on: &str, excluded: &str, file: &[u8]) -> Answer {
    let fields = [
        ("on", on),
        ("result", "異常なし"),
        ("source", "職場の健診"),
        ("excluded", excluded),
    ];
    upload(browser, &format!("{path}/checkup"), &fields, file).await
}

async fn book(practice: &Practice, browser: &mut Browser) -> Said {
    let physician = person_id("physician").to_string();
    let fields = [("physician", physician.as_str()), ("now", "1")];
    post(browser, &format!("{}/book", page(practice)), &fields).await
}

#[tokio::test]
async fn a_clinic_that_does_not_offer_smoking_cessation_shows_nothing_of_it() {
    let mut practice = Seed::follow_up().open().await;
    let chart = format!("/patients/{}", practice.patient);
    let path = page(&practice);
    assert!(!practice.physician.get(&chart).await.body.contains(&path));
    let mut reception = practice.house.signed_in("reception").await;
    assert_eq!(reception.get(&path).await.status, StatusCode::NOT_FOUND);
    for said in [
        book(&practice, &mut reception).await,
        sign(&mut practice, &TERMS).await,
    ] {
        assert_eq!(
            (said.spoke(), said.reason()),
            ((409, "cl-1.2-ix-b"), "smoking_not_offered")
        );
    }
    // The switch is the administrator's, and needs medicines that exist.
    practice.lists().await;
    let on = |drugs| [("offered", "yes"), ("drugs", drugs), ("days_max", "365")];
    let said = post(&mut practice.physician, "/house/smoking", &on(DRUG)).await;
    assert_eq!(said.status, 403);
    let mut administrator = practice.house.signed_in("administrator").await;
    for drugs in ["", "999999999", "x"] {
        let said = administrator.post("/house/smoking", &on(drugs)).await;
        assert_eq!(said.status, StatusCode::UNPROCESSABLE_ENTITY, "{drugs}");
    }
    let said = post(&mut administrator, "/house/smoking", &on(DRUG)).await;
    assert_eq!(said.status, 303, "{}", said.body);
    assert!(practice.physician.get(&chart).await.body.contains(&path));
    let shown = practice.physician.get(&path).await;
    assert!(shown.body.contains("ケムタチノン錠0.5mg"), "{}", shown.body);
    // Reception books, and reads nothing clinical.
    let desk = reception.get(&path).await;
    assert_eq!(desk.status, StatusCode::OK);
    assert!(!desk.body.contains("/terms") && !desk.body.contains("/checkup"));
}

#[tokio::test]
async fn cl_1_2_ix_a_no_course_online_alone_without_a_checkup_of_the_last_year() {
    let mut practice = practice().await;
    let path = page(&practice);
    let said = sign(&mut practice, &TERMS).await;
    assert_eq!(
        (said.spoke(), said.reason()),
        ((409, "cl-1.2-ix-a"), "checkup_missing")
    );
    // Day, result, paper and the physician's own statement: each is asked, and nobody else enters it.
    let mut reception = practice.house.signed_in("reception").await;
    let by_desk = enter(&mut reception, &path, "2026-06-01", "なし", PAPER).await;
    assert_eq!(by_desk.status, StatusCode::FORBIDDEN);
    for (on, excluded, file, status) in [
        ("2026-06-01", " ", PAPER, StatusCode::UNPROCESSABLE_ENTITY),
        (
            "2999-01-01",
            "所見なし",
            PAPER,
            StatusCode::UNPROCESSABLE_ENTITY,
        ),
        (
            "2026-06-01",
            "所見なし",
            b"",
            StatusCode::UNPROCESSABLE_ENTITY,
        ),
        (
            "2026-06-01",
            "所見なし",
            b"MZ",
            StatusCode::UNPROCESSABLE_ENTITY,
        ),
    ] {
        let said = enter(&mut practice.physician, &path, on, excluded, file).await;
        assert_eq!(said.status, status, "{on} {excluded}: {}", said.body);
    }
    let days = |practice: &Practice, ago: i64| {
        legal_day(practice.house.now())
            .saturating_sub(ago.days())
            .to_string()
    };
    // Eighteen months ago.
    let on = days(&practice, 548);
    let said = enter(&mut practice.physician, &path, &on, "所見なし", PAPER).await;
    assert_eq!(said.status, StatusCode::SEE_OTHER, "{}", said.body);
    let said = sign(&mut practice, &TERMS).await;
    assert_eq!(
        (said.spoke(), said.reason()),
        ((409, "cl-1.2-ix-a"), "checkup_old")
    );
    let mut desk = practice.house.signed_in("reception").await;
    let said = book(&practice, &mut desk).await;
    assert_eq!(
        (said.spoke(), said.reason()),
        ((409, "cl-1.2-ix-a"), "no_course")
    );
    practice.house.pass(SignedDuration::from_secs(1));
    let on = days(&practice, 200);
    let said = enter(&mut practice.physician, &path, &on, "所見なし", PAPER).await;
    assert_eq!(said.status, StatusCode::SEE_OTHER, "{}", said.body);
    signed(&mut practice).await;
    assert_eq!(book(&practice, &mut desk).await.status, 303);
    // The paper is there for physicians alone; the ledger has no word of it.
    let shown = practice.physician.get(&path).await.body;
    let at = shown.find("/papers/").unwrap() + 8;
    let paper = format!("{path}/papers/{}", &shown[at..at + 26]);
    let got = practice.physician.get(&paper).await;
    assert_eq!(got.body.as_bytes(), PAPER);
    assert_eq!(desk.get(&paper).await.status, StatusCode::FORBIDDEN);
    let ledger = practice
        .house
        .ledger(practice.house.tenant)
        .await
        .join("\n");
    assert!(ledger.contains("checkup.entered") && ledger.contains("plan.signed"));
    assert!(!ledger.contains("異常なし") && !ledger.contains("呼気"));
}

#[tokio::test]
async fn cl_1_2_ix_a_a_checkup_that_ages_out_stops_the_next_start() {
    let mut practice = practice().await;
    checkup_of(&practice, 360).await;
    signed(&mut practice).await;
    assert_eq!(read(&practice).await.location(), "/visit");
    // Some days later it is too old.
    practice.house.pass(SignedDuration::from_hours(10 * 24));
    practice.physician = practice.house.signed_in("physician").await;
    open_work(&mut practice.physician).await;
    let said = practice.act("admit", &[]).await;
    let open = practice.open_lines().await;
    assert_eq!(said.status, 409);
    assert!(
        open.iter()
            .any(|line| line.contains("cl-1.2-ix-a: checkup_old")),
        "{open:?}"
    );
    let mut desk = practice.house.signed_in("reception").await;
    let said = book(&practice, &mut desk).await;
    assert_eq!(
        (said.spoke(), said.reason()),
        ((409, "cl-1.2-ix-a"), "checkup_old")
    );
    // Renewed, it goes on; the course itself is not signed anew.
    checkup_of(&practice, 3).await;
    let open = practice.open_lines().await;
    assert!(
        !open.iter().any(|line| line.contains("cl-1.2-ix")),
        "{open:?}"
    );
}

#[tokio::test]
async fn cl_1_2_ix_a_a_visit_in_person_carries_a_course_without_a_checkup() {
    let mut practice = practice().await;
    let day = legal_day(practice.house.now())
        .saturating_add(30.days())
        .to_string();
    let mut terms = but("way", "with_visit");
    let said = sign(&mut practice, &terms).await;
    assert_eq!(said.status, 422, "a day is asked: {}", said.body);
    for on in ["2020-01-01", "2999-01-01"] {
        let said = sign(
            &mut practice,
            &[terms.as_slice(), &[("visit_on", on)]].concat(),
        )
        .await;
        assert_eq!(
            (said.spoke(), said.reason()),
            ((422, "cl-1.2-ix-a"), "visit_day_wrong")
        );
    }
    let day: &'static str = Box::leak(day.into_boxed_str());
    terms.push(("visit_on", day));
    assert_eq!(sign(&mut practice, &terms).await.status, 303);
    let open = practice.open_lines().await;
    assert!(
        !open.iter().any(|line| line.contains("cl-1.2-ix-a")),
        "{open:?}"
    );
    // Its day goes by, and nobody has seen the patient.
    practice.house.pass(SignedDuration::from_hours(31 * 24));
    let open = practice.open_lines().await;
    assert!(
        open.iter()
            .any(|line| line.contains("cl-1.2-ix-a: visit_missed")),
        "{open:?}"
    );
}

#[tokio::test]
async fn cl_1_2_ix_a_the_checkup_takes_the_place_of_the_plans_visit_in_person() {
    let mut practice = practice().await;
    let overdue = |open: Vec<String>| open.iter().any(|line| line.contains("cl-1.3-i-b"));
    assert!(overdue(practice.open_lines().await));
    checkup_of(&practice, 100).await;
    signed(&mut practice).await;
    assert!(!overdue(practice.open_lines().await));
    // Of this service alone: an ordinary follow-up of the same patient is overdue all the same.
    let ordinary = Seed {
        assessed_days_ago: Some(700),
        ..Seed::follow_up()
    }
    .open()
    .await;
    assert!(overdue(ordinary.open_lines().await));
}

#[tokio::test]
async fn cl_1_2_ix_b_one_contraindication_removes_the_way_without_a_visit() {
    let mut practice = practice().await;
    checkup_of(&practice, 100).await;
    for field in ["psychiatric", "renal", "cardiac", "driving"] {
        let said = sign(&mut practice, &but(field, "yes")).await;
        assert_eq!(
            (said.spoke(), said.reason()),
            ((409, "cl-1.2-ix-b"), "contraindicated"),
            "{field}"
        );
        assert_eq!(said.body["items"][0], field, "{}", said.body);
        // A question that was left out is no "no".
        let said = sign(&mut practice, &but(field, "")).await;
        assert_eq!(said.status, 422, "{field}: {}", said.body);
    }
    let said = sign(&mut practice, &but("low_risk", " ")).await;
    assert_eq!(
        (said.spoke(), said.reason()),
        ((422, "cl-1.2-ix-b"), "risk_unjudged")
    );
    // With a visit in person it may go on.
    let mut terms = but("renal", "yes");
    terms[0].1 = "with_visit";
    let day = legal_day(practice.house.now())
        .saturating_add(7.days())
        .to_string();
    let day: &'static str = Box::leak(day.into_boxed_str());
    terms.push(("visit_on", day));
    assert_eq!(sign(&mut practice, &terms).await.status, 303);
}

#[tokio::test]
async fn cl_1_2_ix_b_only_the_institutions_medicines_are_ordered_in_a_course() {
    let mut practice = practice().await;
    checkup_of(&practice, 100).await;
    let said = sign(&mut practice, &but("drug", OTHER)).await;
    assert_eq!(
        (said.spoke(), said.reason()),
        ((409, "cl-1.2-ix-b"), "drug_outside")
    );
    let said = sign(&mut practice, &but("drug", "x")).await;
    assert_eq!(said.status, 422);
    signed(&mut practice).await;
    assert_eq!(read(&practice).await.location(), "/visit");
    practice.closable().await;
    let line = |drug: &'static str| {
        [
            ("drug", drug),
            ("amount", "1"),
            ("usage", "as_told"),
            ("kind", "daily"),
            ("days", "7"),
            ("refills", "0"),
            ("diagnosis", "I10"),
            ("grounds", "続けて使う"),
        ]
    };
    let said = practice.refused("orders/add", &line(OTHER)).await;
    assert_eq!(
        (said.spoke(), said.reason()),
        ((409, "cl-1.2-ix-b"), "drug_outside")
    );
    practice.done("orders/add", &line(DRUG)).await;
    // Taken off the institution's list after it was drafted: the signature is refused.
    offered(&practice, &[OTHER]).await;
    let said = practice.refused("close", &NOTE).await;
    assert_eq!(
        (said.spoke(), said.reason()),
        ((409, "cl-1.2-ix-b"), "drug_outside")
    );
}

#[tokio::test]
async fn cl_1_2_ix_c_benefits_and_disadvantages_are_both_written_and_not_the_same() {
    let mut practice = practice().await;
    checkup_of(&practice, 100).await;
    for (field, value, reason) in [
        ("benefits", "", "weighing_empty"),
        ("disadvantages", "  ", "weighing_empty"),
        (
            "disadvantages",
            "仕事を休まずに 続けられる",
            "weighing_identical",
        ),
    ] {
        let said = sign(&mut practice, &but(field, value)).await;
        assert_eq!(
            (said.spoke(), said.reason()),
            ((422, "cl-1.2-ix-c"), reason),
            "{field}"
        );
    }
    signed(&mut practice).await;
}

#[tokio::test]
async fn cl_1_2_ix_c_nothing_starts_before_the_patient_has_read_what_was_weighed() {
    let mut practice = practice().await;
    checkup_of(&practice, 100).await;
    signed(&mut practice).await;
    let said = practice.refused("admit", &[]).await;
    assert_eq!(
        (said.spoke(), said.reason()),
        ((409, "cl-1.2-ix-c"), "weighing_unacknowledged")
    );
    // An answer to another course than the one that counts is none.
    let mut other = phone(&practice).await;
    let said = post(&mut other, "/visit/smoking", &[("course", "x")]).await;
    assert!(said.is_out_of_turn(), "{}", said.body);
    let before = practice.entries("explanation.acknowledged").await;
    assert_eq!(read(&practice).await.location(), "/visit");
    let after = practice.entries("explanation.acknowledged").await;
    assert_eq!(after, before + 1);
    practice.live().await;
}

#[tokio::test]
async fn cl_1_2_ix_c_a_course_signed_anew_is_read_anew() {
    let mut practice = practice().await;
    checkup_of(&practice, 100).await;
    signed(&mut practice).await;
    assert_eq!(read(&practice).await.location(), "/visit");
    practice.house.pass(SignedDuration::from_secs(1));
    signed(&mut practice).await;
    let said = practice.refused("admit", &[]).await;
    assert_eq!(said.spoke(), (409, "cl-1.2-ix-c"));
}

#[tokio::test]
async fn a_first_visit_of_the_service_stands_on_a_route_as_any_other() {
    let mut practice = Seed {
        class: Class::First,
        signed: false,
        assessed_days_ago: None,
        ..Seed::follow_up()
    }
    .open()
    .await;
    offered(&practice, &[DRUG]).await;
    checkup_of(&practice, 100).await;
    signed(&mut practice).await;
    let mut desk = practice.house.signed_in("reception").await;
    let said = book(&practice, &mut desk).await;
    assert_eq!(said.clause(), "cl-1.2-iii-a", "{}", said.body);
    let physician = person_id("physician").to_string();
    let fields = [
        ("physician", physician.as_str()),
        ("now", "1"),
        ("route", "stated"),
        ("basis", "かかりつけ"),
    ];
    let said = post(&mut desk, &format!("{}/book", page(&practice)), &fields).await;
    assert_eq!(said.status, 303, "{}", said.body);
}
