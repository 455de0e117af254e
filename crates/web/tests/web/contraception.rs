//! Emergency contraception: the lists and the switch, the questions before an hour exists, the visit with its one tablet, the
//! pharmacist's report, and the course that stays open until somebody knows how it came out.

use crate::{
    consultation_seed::{NOTE, Practice, SECRET, Said, Seed, post, staff, write},
    support::{Answer, Browser, person_id},
};
use access::Role;
use axum::{
    body::Body,
    http::{Method, StatusCode, header},
};
use care::{
    Service,
    emergency_contraception::{
        Answer as Said1, Case, CaseId, Entry, GROUND, Ground, Kept, Setting, bookable, list::List,
    },
    task::Kind,
};
use jiff::{SignedDuration, ToSpan as _, civil::Date};
use store::{
    dossier::legal_day,
    pathway::CONTRACEPTION,
    place_list::{NewPlaces, digest},
    staff_entry::NewEntry,
};
use web::{Surface, visit::link};

const INSTITUTIONS: &[u8] = include_bytes!("../../../../guidelines/sample/institutions_sample.csv");
const PHARMACIES: &[u8] = include_bytes!("../../../../guidelines/sample/pharmacies_sample.csv");
/// The drug of the service, and another.
const DRUG: &str = "620000016";
const OTHER: &str = "620000001";
/// In the municipality of one institution, and far from both.
const NEAR: &str = "長野県みほん市中央1";
const FAR: &str = "長野県みほん郡みずうみ町1";
const PHARMACY: [(&str, &str); 3] = [
    ("pharmacy", "みずうみ薬局"),
    ("address", "長野県みほん郡みずうみ町"),
    ("read", "yes"),
];
const TABLET: [(&str, &str); 8] = [
    ("drug", DRUG),
    ("amount", "1"),
    ("usage", "as_told"),
    ("kind", "as_needed"),
    ("doses", "1"),
    ("days", "1"),
    ("refills", "0"),
    ("dispensing", "outside"),
];

/// What the service rests on, as old as a test wants it, with what the physician carries.
async fn furnished(practice: &Practice, days_ago: i64, entries: &'static [Entry]) {
    practice.lists().await;
    write(&practice.house, move |tx| {
        Box::pin(async move {
            let by = staff(Role::Administrator);
            let administrator = person_id("administrator");
            let today = legal_day(tx.now());
            for (list, file) in [
                (List::Institutions, INSTITUTIONS),
                (List::Pharmacies, PHARMACIES),
            ] {
                let new = NewPlaces {
                    list,
                    edition: "見本",
                    source: today.saturating_sub(days_ago.days()),
                    rows: 2,
                    file,
                };
                tx.load_places(&by, administrator, &new).await?;
            }
            for entry in entries {
                let new = NewEntry {
                    person: person_id("physician"),
                    entry: *entry,
                    certificate: "見本-1",
                    days: (today, None),
                    file: b"%PDF-1.4 a certificate",
                };
                tx.enter_staff_entry(&by, administrator, &new).await?;
            }
            let setting = Setting {
                offered: true,
                drugs: vec![DRUG.parse().unwrap()],
                days_max: 90,
            };
            tx.put_pathway(&by, administrator, (CONTRACEPTION, GROUND), &setting)
                .await
        })
    })
    .await;
}

/// A visit of the service in which nothing is missing but what a test asks for, and its case.
async fn visit(ordered: bool) -> (Practice, CaseId) {
    let mut practice = Seed {
        service: Service::EmergencyContraception,
        accepted: true,
        identity: Some(true),
        chart: false,
        ..Seed::first_visit()
    }
    .open()
    .await;
    furnished(&practice, 5, &[Entry::Designated, Entry::Counselling]).await;
    let (patient, visit) = (practice.patient, practice.visit);
    let id = write(&practice.house, move |tx| {
        Box::pin(async move {
            let by = staff(Role::Reception);
            let case = Case {
                place: FAR.into(),
                institutions: 1,
                shown: vec!["見本やまなみ産婦人科".into()],
                near: 0,
                answer: Some(Said1::CannotGo {
                    because: "遠い".into(),
                }),
                ground: Some(Ground::Geographic {
                    explanation: String::new(),
                }),
                pharmacy: None,
                follow_up: None,
                read: false,
                explained: false,
                outcome: None,
            };
            let id = tx
                .open_contraception(&by, person_id("reception"), patient, &case)
                .await?;
            let facts = tx.contraception_facts(patient, Some(id)).await?;
            let proof = bookable(&facts, person_id("physician"), legal_day(tx.now())).unwrap();
            tx.book_contraception(id, visit, proof).await?;
            Ok(id)
        })
    })
    .await;
    practice.page().await;
    if ordered {
        prepared(&mut practice).await;
        practice.closable().await;
        practice.done("orders/add", &TABLET).await;
        assert_eq!(practice.review().await.status, 303);
        practice.done("close", &NOTE).await;
        assert_eq!(practice.stage().await, "closed");
    }
    (practice, id)
}

/// The patient has chosen and read, the physician has explained and arranged.
async fn prepared(practice: &mut Practice) {
    let mut phone = phone(practice).await;
    let said = phone.post("/visit/pharmacy", &PHARMACY).await;
    assert_eq!(said.location(), "/visit", "{}", said.body);
    practice.done("contraception/explained", &[]).await;
    let on = in_days(practice, 21).to_string();
    practice
        .done("contraception/follow-up", &follow_up(&on))
        .await;
}

const fn follow_up(on: &str) -> [(&str, &str); 4] {
    [
        ("institution", "見本やまなみ産婦人科"),
        ("phone", "00-5555-0001"),
        ("on", on),
        ("appointed", "yes"),
    ]
}

fn in_days(practice: &Practice, days: i64) -> Date {
    legal_day(practice.house.now()).saturating_add(days.days())
}

pub(crate) async fn phone(practice: &Practice) -> Browser {
    let mut phone = practice.house.browser(Surface::Patient);
    let link = format!("/v/{}", link::encode(practice.house.tenant, &SECRET));
    let birth = [("era", "showa"), ("y", "26"), ("m", "4"), ("d", "3")];
    let entered = phone.post(&format!("{link}/enter"), &birth).await;
    assert_eq!(entered.location(), "/visit", "{}", entered.body);
    phone
}

async fn kept(practice: &Practice, id: CaseId) -> Kept {
    let mut read = practice
        .house
        .store
        .read(practice.house.tenant)
        .await
        .unwrap();
    read.contraception_case(id).await.unwrap().unwrap().0
}

async fn late(practice: &Practice, kind: Kind) -> usize {
    let mut read = practice
        .house
        .store
        .read(practice.house.tenant)
        .await
        .unwrap();
    let now = practice.house.now();
    read.late_tasks(kind, now).await.unwrap()
}

async fn open(practice: &Practice, kind: Kind) -> usize {
    let mut read = practice
        .house
        .store
        .read(practice.house.tenant)
        .await
        .unwrap();
    let tasks = read.open_tasks().await.unwrap();
    tasks
        .iter()
        .filter(|task| task.opening.kind == kind)
        .count()
}

/// Sends a form with a file, as browsers do.
pub(crate) async fn upload(
    browser: &mut Browser,
    path: &str,
    fields: &[(&str, &str)],
    file: &[u8],
) -> Answer {
    let mut body = Vec::new();
    for (name, value) in fields {
        body.extend(
            format!("--x\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n")
                .bytes(),
        );
    }
    body.extend(
        b"--x\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.csv\"\r\n\r\n".iter(),
    );
    body.extend(file);
    body.extend(b"\r\n--x--\r\n".iter());
    let mut request = browser
        .request(&Method::POST, path)
        .body(Body::from(body))
        .unwrap();
    request.headers_mut().insert(
        header::CONTENT_TYPE,
        "multipart/form-data; boundary=x".parse().unwrap(),
    );
    request
        .headers_mut()
        .insert(header::ACCEPT, "application/json".parse().unwrap());
    browser.send(request).await
}

/// A patient and a clinic in which the flow can begin.
async fn desk(entries: &'static [Entry]) -> (Practice, Browser) {
    let practice = Seed {
        arrived: false,
        chart: false,
        ..Seed::first_visit()
    }
    .open()
    .await;
    furnished(&practice, 5, entries).await;
    let reception = practice.house.signed_in("reception").await;
    (practice, reception)
}

/// Begins a case for somebody who is there; answers its address.
async fn begun(practice: &Practice, reception: &mut Browser, place: &str) -> String {
    let patient = practice.patient.to_string();
    let said = reception
        .post(
            "/contraception/new",
            &[("patient", patient.as_str()), ("place", place)],
        )
        .await;
    assert_eq!(said.status, StatusCode::SEE_OTHER, "{}", said.body);
    said.location().to_owned()
}

const CANNOT: [(&str, &str); 2] = [("answer", "cannot_go"), ("because", "足がない")];

async fn book(browser: &mut Browser, case: &str) -> Said {
    let physician = person_id("physician").to_string();
    let fields = [("physician", physician.as_str()), ("now", "1")];
    post(browser, &format!("{case}/book"), &fields).await
}

#[tokio::test]
async fn a_clinic_that_does_not_offer_it_shows_nothing_of_it() {
    let practice = Seed::first_visit().open().await;
    let mut reception = practice.house.signed_in("reception").await;
    let page = reception.get("/bookings/new").await;
    assert!(!page.body.contains("/contraception"), "{}", page.body);
    assert_eq!(
        reception.get("/contraception/new").await.status,
        StatusCode::NOT_FOUND
    );
    let patient = practice.patient.to_string();
    let fields = [("patient", patient.as_str()), ("place", FAR)];
    let said = post(&mut reception, "/contraception/new", &fields).await;
    assert_eq!(
        (said.spoke(), said.reason()),
        ((409, "cl-1.2-ec-a"), "not_offered")
    );
}

#[tokio::test]
async fn cl_1_2_ec_a_only_a_geographic_or_a_judged_ground_leads_to_an_hour() {
    let (practice, mut reception) = desk(&[Entry::Designated]).await;
    let case = begun(&practice, &mut reception, NEAR).await;
    let ground = format!("{case}/ground");
    assert_eq!(
        post(&mut reception, &format!("{case}/answer"), &CANNOT)
            .await
            .status,
        303
    );
    // No ground, an unknown one, and the mind judged by somebody at the desk.
    for (fields, spoke, reason) in [
        (vec![], 409, "no_ground"),
        (
            vec![("ground", "convenience"), ("words", "忙しい")],
            409,
            "no_ground",
        ),
        (
            vec![("ground", "geographic"), ("words", " ")],
            409,
            "institution_near",
        ),
        (
            vec![("ground", "psychological"), ("words", "つらい")],
            403,
            "physician_judges",
        ),
    ] {
        let said = post(&mut reception, &ground, &fields).await;
        assert_eq!(
            (said.spoke(), said.reason()),
            ((spoke, "cl-1.2-ec-a"), reason)
        );
    }
    let said = book(&mut reception, &case).await;
    assert_eq!(
        (said.spoke(), said.reason()),
        ((409, "cl-1.2-ec-a"), "no_ground")
    );
    // A physician without the entry of a counselling service judges no state of mind.
    let mut physician = practice.house.signed_in("physician").await;
    let mind = [("ground", "psychological"), ("words", "ひどく怖がる")];
    let said = post(&mut physician, &ground, &mind).await;
    assert_eq!(
        (said.spoke(), said.reason()),
        ((409, "cl-1.2-ec-a"), "no_counselling_entry")
    );
    furnished(&practice, 4, &[Entry::Counselling]).await;
    let empty = [("ground", "psychological"), ("words", " ")];
    let said = post(&mut physician, &ground, &empty).await;
    assert_eq!(
        (said.spoke(), said.reason()),
        ((422, "cl-1.2-ec-a"), "no_judgement")
    );
    assert_eq!(post(&mut physician, &ground, &mind).await.status, 303);
    // The judgement is read by physicians alone, and stands in no ledger.
    assert!(!reception.get(&case).await.body.contains("ひどく怖がる"));
    let ledger = practice
        .house
        .ledger(practice.house.tenant)
        .await
        .join("\n");
    assert!(!ledger.contains("ひどく怖がる") && !ledger.contains("psychological"));
    assert_eq!(book(&mut reception, &case).await.status, 303);
    let again = book(&mut reception, &case).await;
    assert!(again.is_out_of_turn(), "{}", again.body);
}

#[tokio::test]
async fn cl_1_2_ec_a_the_ground_is_judged_again_at_the_start() {
    let (mut practice, id) = visit(false).await;
    prepared(&mut practice).await;
    let before = kept(&practice, id).await;
    write(&practice.house, move |tx| {
        Box::pin(async move {
            let mut kept = before;
            kept.case.ground = None;
            tx.keep_contraception(&staff(Role::Reception), (GROUND, "pathway.grounded"), &kept)
                .await
        })
    })
    .await;
    let said = practice.refused("admit", &[]).await;
    assert_eq!(
        (said.spoke(), said.reason()),
        ((409, "cl-1.2-ec-a"), "no_ground")
    );
}

#[tokio::test]
async fn cl_1_2_ec_b_only_a_specialist_or_a_trained_physician_treats() {
    let (practice, mut reception) = desk(&[Entry::Counselling]).await;
    let case = begun(&practice, &mut reception, FAR).await;
    assert_eq!(
        post(&mut reception, &format!("{case}/answer"), &CANNOT)
            .await
            .status,
        303
    );
    let geo = [("ground", "geographic")];
    assert_eq!(
        post(&mut reception, &format!("{case}/ground"), &geo)
            .await
            .status,
        303
    );
    let said = book(&mut reception, &case).await;
    assert_eq!(
        (said.spoke(), said.reason()),
        ((409, "cl-1.2-ec-b"), "not_qualified")
    );
    assert!(!reception.get(&case).await.body.contains("<option"));
    // Nobody enters it of oneself: the physician's own account has no way in, an administrator's own not either.
    let enter = |person: &str| format!("/house/people/{}/entry", person_id(person));
    let fields = [
        ("entry", "designated"),
        ("certificate", "1"),
        ("entry_from", "2026-11-01"),
    ];
    let mut physician = practice.house.signed_in("physician").await;
    let said = upload(&mut physician, &enter("physician"), &fields, b"%PDF-1.4").await;
    assert_eq!(said.status, StatusCode::FORBIDDEN);
    let mut administrator = practice.house.signed_in("administrator").await;
    let own = upload(
        &mut administrator,
        &enter("administrator"),
        &fields,
        b"%PDF-1.4",
    )
    .await;
    assert_eq!(own.status, StatusCode::FORBIDDEN, "{}", own.body);
    let paperless = upload(&mut administrator, &enter("physician"), &fields, b"").await;
    assert_eq!(paperless.status, StatusCode::UNPROCESSABLE_ENTITY);
    let said = upload(
        &mut administrator,
        &enter("physician"),
        &fields,
        b"%PDF-1.4",
    )
    .await;
    assert_eq!(said.status, StatusCode::SEE_OTHER, "{}", said.body);
    assert_eq!(book(&mut reception, &case).await.status, 303);
}

#[tokio::test]
async fn cl_1_2_ec_b_a_certificate_withdrawn_after_the_booking_stops_the_start() {
    let (mut practice, _) = visit(false).await;
    prepared(&mut practice).await;
    let line = {
        let mut read = practice
            .house
            .store
            .read(practice.house.tenant)
            .await
            .unwrap();
        let lines = read.staff_entries().await.unwrap();
        let line = lines
            .into_iter()
            .find(|line| line.entry.entry == Entry::Designated);
        line.unwrap().id
    };
    let mut administrator = practice.house.signed_in("administrator").await;
    let path = format!("/house/entries/{line}/withdraw");
    assert_eq!(post(&mut administrator, &path, &[]).await.status, 303);
    let said = practice.refused("admit", &[]).await;
    assert_eq!(
        (said.spoke(), said.reason()),
        ((409, "cl-1.2-ec-b"), "not_qualified")
    );
}

#[tokio::test]
async fn cl_1_2_ec_c_one_tablet_dispensed_outside_and_nothing_more() {
    let (mut practice, _) = visit(false).await;
    prepared(&mut practice).await;
    practice.closable().await;
    for (field, value, reason) in [
        ("amount", "2", "more_than_one"),
        ("doses", "2", "more_than_one"),
        ("refills", "1", "refilled"),
        ("drug", OTHER, "other_drug"),
        ("dispensing", "inside", "dispensed_inside"),
    ] {
        let fields = [&[(field, value)], TABLET.as_slice()].concat();
        let said = practice.refused("orders/add", &fields).await;
        assert_eq!(
            (said.spoke(), said.reason()),
            ((409, "cl-1.2-ec-c"), reason)
        );
    }
    practice.done("orders/add", &TABLET).await;
    let second = practice.refused("orders/add", &TABLET).await;
    assert_eq!(
        (second.spoke(), second.reason()),
        ((409, "cl-1.2-ec-c"), "second_line")
    );
}

#[tokio::test]
async fn cl_1_2_ec_c_a_second_order_within_the_course_is_refused() {
    let (mut practice, first) = visit(true).await;
    let before = kept(&practice, first).await;
    let (patient, treating) = (practice.patient, person_id("physician"));
    let next = write(&practice.house, move |tx| {
        Box::pin(async move {
            let by = staff(Role::Reception);
            let kind = (
                care::Class::FirstNewCondition,
                Service::EmergencyContraception,
            );
            let at = tx.now();
            let booking = tx.book(&by, patient, treating, kind, at).await?;
            let id = tx
                .open_contraception(&by, person_id("reception"), patient, &before.case)
                .await?;
            let facts = tx.contraception_facts(patient, Some(id)).await?;
            assert!(facts.ordered_before);
            let proof = bookable(&facts, treating, legal_day(tx.now())).unwrap();
            tx.book_contraception(id, booking.consultation.id, proof)
                .await?;
            Ok(booking.consultation.id)
        })
    })
    .await;
    practice.visit = next;
    practice.house.pass(SignedDuration::from_secs(1));
    let said = practice.act("orders/add", &TABLET).await;
    assert_eq!(
        (said.spoke(), said.reason()),
        ((409, "cl-1.2-ec-c"), "ordered_before")
    );
}

#[tokio::test]
async fn cl_1_2_ec_d_a_listed_pharmacy_never_by_mail_and_a_report_that_comes_once() {
    let (mut practice, id) = visit(false).await;
    let mut phone = phone(&practice).await;
    for (field, value, reason) in [
        ("pharmacy", "よその薬局", "pharmacy_not_listed"),
        ("way", "mail", "by_mail"),
    ] {
        let fields = [&[(field, value)], PHARMACY.as_slice()].concat();
        let said = post(&mut phone, "/visit/pharmacy", &fields).await;
        assert_eq!(
            (said.spoke(), said.reason()),
            ((409, "cl-1.2-ec-d"), reason)
        );
    }
    assert!(kept(&practice, id).await.case.pharmacy.is_none());
    prepared(&mut practice).await;
    practice.closable().await;
    practice.done("orders/add", &TABLET).await;
    assert_eq!(practice.review().await.status, 303);
    practice.done("close", &NOTE).await;
    assert_eq!(open(&practice, Kind::PharmacistReport).await, 1);
    practice.house.pass(SignedDuration::from_hours(25));
    assert_eq!(late(&practice, Kind::PharmacistReport).await, 1);
    let mut administrator = practice.house.signed_in("administrator").await;
    let checklist = administrator.get("/house/checklist").await;
    assert!(checklist.body.contains("pharmacist_report_missing"));
    // The paper for the pharmacy: a link and a code of this course.
    let mut reception = practice.house.signed_in("reception").await;
    let slip = reception
        .post(&format!("/contraception/{id}/slip"), &[])
        .await;
    let token = slip
        .body
        .split_once("/r/")
        .and_then(|(_, after)| after.split('<').next())
        .unwrap_or_else(|| panic!("{}", slip.body))
        .to_owned();
    let code = id.to_string()[20..].to_owned();
    let path = format!("/r/{token}");
    let mut pharmacist = practice.house.browser(Surface::Patient);
    let page = pharmacist.get(&path).await;
    assert_eq!(page.status, StatusCode::OK);
    assert!(!page.body.contains("見本 正男") && !page.body.contains("アスノミドリ"));
    let report = [
        ("code", code.as_str()),
        ("pharmacist", "試薬 まもる"),
        ("trained", "yes"),
        ("taken", "2026-11-21T10:00"),
        ("explained", "yes"),
    ];
    let foreign = [&[("code", "ZZZZZZ")], report.as_slice()].concat();
    let said = post(&mut pharmacist, &path, &foreign).await;
    assert_eq!(
        (said.spoke(), said.reason()),
        ((409, "cl-1.2-ec-d"), "code_of_another")
    );
    let untrained: Vec<_> = report
        .into_iter()
        .filter(|(name, _)| *name != "trained")
        .collect();
    assert_eq!(
        post(&mut pharmacist, &path, &untrained).await.spoke(),
        (422, "cl-1.2-ec-d")
    );
    assert_eq!(post(&mut pharmacist, &path, &report).await.status, 303);
    assert_eq!(open(&practice, Kind::PharmacistReport).await, 0);
    assert_eq!(open(&practice, Kind::PharmacistAdvice).await, 0);
    let twice = post(&mut pharmacist, &path, &report).await;
    assert_eq!(
        (twice.spoke(), twice.reason()),
        ((409, "cl-1.2-ec-d"), "reported_before")
    );
    let paper = post(
        &mut reception,
        &format!("/contraception/{id}/report"),
        &report,
    )
    .await;
    assert_eq!(paper.spoke(), (409, "cl-1.2-ec-d"));
    let ledger = practice
        .house
        .ledger(practice.house.tenant)
        .await
        .join("\n");
    assert!(!ledger.contains("試薬 まもる"));
}

#[tokio::test]
async fn cl_1_2_ec_e_physician_and_pharmacist_both_explain_what_is_more_reliable() {
    let (mut practice, id) = visit(false).await;
    // Not before she has the material.
    let said = practice.act("contraception/explained", &[]).await;
    assert_eq!(
        (said.spoke(), said.reason()),
        ((409, "cl-1.2-ec-e"), "not_read")
    );
    let mut phone = phone(&practice).await;
    let said = phone.post("/visit/pharmacy", &PHARMACY).await;
    assert_eq!(said.location(), "/visit");
    let on = in_days(&practice, 21).to_string();
    practice
        .done("contraception/follow-up", &follow_up(&on))
        .await;
    practice.closable().await;
    practice.done("orders/add", &TABLET).await;
    assert_eq!(practice.review().await.status, 303);
    let said = practice.refused("close", &NOTE).await;
    assert_eq!(
        (said.spoke(), said.reason()),
        ((409, "cl-1.2-ec-e"), "not_explained")
    );
    practice.done("contraception/explained", &[]).await;
    practice.done("close", &NOTE).await;
    // The pharmacist leaves it open: a task of its own, a finding after a week.
    let code = id.to_string()[20..].to_owned();
    let report = [
        ("code", code.as_str()),
        ("pharmacist", "試薬 まもる"),
        ("trained", "yes"),
        ("taken", "2026-11-21T10:00"),
    ];
    let mut reception = practice.house.signed_in("reception").await;
    let course = format!("/contraception/{id}");
    assert_eq!(
        post(&mut reception, &format!("{course}/report"), &report)
            .await
            .status,
        303
    );
    assert_eq!(open(&practice, Kind::PharmacistAdvice).await, 1);
    practice.house.pass(SignedDuration::from_hours(24 * 7 + 1));
    assert_eq!(late(&practice, Kind::PharmacistAdvice).await, 1);
    let mut reception = practice.house.signed_in("reception").await;
    let said = post(&mut reception, &format!("{course}/advice"), &[]).await;
    assert_eq!(said.status, 303, "{}", said.body);
    assert_eq!(open(&practice, Kind::PharmacistAdvice).await, 0);
}

#[tokio::test]
async fn cl_1_2_ec_f_nothing_is_signed_without_a_visit_in_person_three_weeks_later() {
    let (mut practice, _) = visit(false).await;
    let mut phone = phone(&practice).await;
    let said = phone.post("/visit/pharmacy", &PHARMACY).await;
    assert_eq!(said.location(), "/visit");
    practice.done("contraception/explained", &[]).await;
    practice.closable().await;
    practice.done("orders/add", &TABLET).await;
    assert_eq!(practice.review().await.status, 303);
    let said = practice.refused("close", &NOTE).await;
    assert_eq!(
        (said.spoke(), said.reason()),
        ((409, "cl-1.2-ec-f"), "no_appointment")
    );
    for days in [17, 25, 60] {
        let on = in_days(&practice, days).to_string();
        let said = practice
            .act("contraception/follow-up", &follow_up(&on))
            .await;
        assert_eq!(
            (said.spoke(), said.reason()),
            ((409, "cl-1.2-ec-f"), "not_three_weeks")
        );
    }
    let on = in_days(&practice, 18).to_string();
    practice
        .done("contraception/follow-up", &follow_up(&on))
        .await;
    practice.done("close", &NOTE).await;
    assert_eq!(open(&practice, Kind::ThreeWeeks).await, 1);
}

#[tokio::test]
async fn cl_1_2_ec_f_the_course_stays_open_until_the_outcome_or_three_attempts() {
    let (practice, id) = visit(true).await;
    practice.house.pass(SignedDuration::from_hours(24 * 25));
    assert_eq!(late(&practice, Kind::ThreeWeeks).await, 1);
    let mut reception = practice.house.signed_in("reception").await;
    let course = format!("/contraception/{id}");
    let end = format!("{course}/end");
    let said = post(&mut reception, &end, &[]).await;
    assert_eq!(
        (said.spoke(), said.reason()),
        ((409, "cl-1.2-ec-f"), "outcome_unconfirmed")
    );
    // Nobody ticks the task off.
    let task = {
        let mut read = practice
            .house
            .store
            .read(practice.house.tenant)
            .await
            .unwrap();
        let tasks = read.open_tasks().await.unwrap();
        let task = tasks
            .iter()
            .find(|task| task.opening.kind == Kind::ThreeWeeks);
        task.unwrap().id
    };
    let ticked = [("outcome", "not_needed"), ("words", "もういい")];
    let said = post(&mut reception, &format!("/tasks/{task}/end"), &ticked).await;
    assert_eq!(
        (said.spoke(), said.reason()),
        ((409, "cl-1.2-ec-f"), "task_by_act")
    );
    let today = in_days(&practice, 0).to_string();
    let tried = [("on", today.as_str()), ("words", "電話に出ない")];
    for attempt in 1..=3 {
        let said = post(&mut reception, &end, &[]).await;
        assert_eq!(
            said.spoke(),
            (409, "cl-1.2-ec-f"),
            "after {} attempts",
            attempt - 1
        );
        let said = post(&mut reception, &format!("{course}/attempt"), &tried).await;
        assert_eq!(said.status, 303, "{}", said.body);
    }
    assert_eq!(post(&mut reception, &end, &[]).await.status, 303);
    assert_eq!(open(&practice, Kind::ThreeWeeks).await, 0);
}

#[tokio::test]
async fn cl_1_2_ec_f_an_outcome_has_a_day_after_the_order_and_words() {
    let (practice, id) = visit(true).await;
    practice.house.pass(SignedDuration::from_hours(24 * 21));
    let mut reception = practice.house.signed_in("reception").await;
    let course = format!("/contraception/{id}");
    let today = in_days(&practice, 0).to_string();
    for (seen, words) in [
        (in_days(&practice, -22).to_string(), "妊娠なし"),
        (in_days(&practice, 1).to_string(), "妊娠なし"),
        (today.clone(), " "),
    ] {
        let fields = [("seen", seen.as_str()), ("words", words)];
        let said = post(&mut reception, &format!("{course}/outcome"), &fields).await;
        assert_eq!(said.spoke(), (422, "cl-1.2-ec-f"), "{seen} {words}");
    }
    let fields = [("seen", today.as_str()), ("words", "妊娠なし")];
    assert_eq!(
        post(&mut reception, &format!("{course}/outcome"), &fields)
            .await
            .status,
        303
    );
    assert_eq!(
        post(&mut reception, &format!("{course}/end"), &[])
            .await
            .status,
        303
    );
    let ledger = practice
        .house
        .ledger(practice.house.tenant)
        .await
        .join("\n");
    assert!(!ledger.contains("妊娠なし"));
}

#[tokio::test]
async fn cl_1_2_ec_g_who_did_not_know_goes_to_an_institution_and_books_nothing() {
    let (practice, mut reception) = desk(&[Entry::Designated]).await;
    let case = begun(&practice, &mut reception, NEAR).await;
    let page = reception.get(&case).await.body;
    assert!(page.contains("見本やまなみ産婦人科") && page.contains("見本 女性の健康相談"));
    assert!(
        !page.contains("見本レディースクリニック"),
        "another municipality"
    );
    // Before she has answered nothing goes on.
    let geo = [("ground", "geographic"), ("words", "遠い")];
    let said = post(&mut reception, &format!("{case}/ground"), &geo).await;
    assert_eq!(
        (said.spoke(), said.reason()),
        ((409, "cl-1.2-ec-g"), "unanswered")
    );
    let unknown = [("answer", "did_not_know"), ("institution", "どこか")];
    let said = post(&mut reception, &format!("{case}/answer"), &unknown).await;
    assert_eq!(
        (said.spoke(), said.reason()),
        ((422, "cl-1.2-ec-g"), "not_shown")
    );
    let introduced = [
        ("answer", "did_not_know"),
        ("institution", "見本やまなみ産婦人科"),
    ];
    assert_eq!(
        post(&mut reception, &format!("{case}/answer"), &introduced)
            .await
            .status,
        303
    );
    assert!(reception.get(&case).await.body.contains("00-5555-0001"));
    for path in ["ground", "book"] {
        let fields = [&[("physician", "x")], geo.as_slice()].concat();
        let said = if path == "book" {
            book(&mut reception, &case).await
        } else {
            post(&mut reception, &format!("{case}/{path}"), &fields).await
        };
        assert_eq!(
            (said.spoke(), said.reason()),
            ((409, "cl-1.2-ec-g"), "did_not_know")
        );
    }
    // Nor does a second answer undo the first.
    let said = post(&mut reception, &format!("{case}/answer"), &CANNOT).await;
    assert_eq!(
        (said.spoke(), said.reason()),
        ((409, "cl-1.2-ec-g"), "answered")
    );
}

#[tokio::test]
async fn cl_1_2_ec_g_an_old_list_of_institutions_closes_the_service() {
    let (practice, mut reception) = desk(&[Entry::Designated]).await;
    let case = begun(&practice, &mut reception, FAR).await;
    assert_eq!(
        post(&mut reception, &format!("{case}/answer"), &CANNOT)
            .await
            .status,
        303
    );
    let geo = [("ground", "geographic")];
    assert_eq!(
        post(&mut reception, &format!("{case}/ground"), &geo)
            .await
            .status,
        303
    );
    practice.house.pass(SignedDuration::from_hours(24 * 176));
    let mut reception = practice.house.signed_in("reception").await;
    let said = book(&mut reception, &case).await;
    assert_eq!(
        (said.spoke(), said.reason()),
        ((409, "cl-1.2-ec-g"), "institution_list_stale")
    );
    let mut administrator = practice.house.signed_in("administrator").await;
    let checklist = administrator.get("/house/checklist").await.body;
    assert!(checklist.contains("institution_list_stale"));
    assert!(checklist.contains("pharmacy_list_stale"));
}

#[tokio::test]
async fn cl_1_2_ec_h_lists_are_loaded_whole_with_a_day_that_has_come() {
    let (practice, _) = desk(&[Entry::Designated]).await;
    let mut administrator = practice.house.signed_in("administrator").await;
    let list = [
        ("list", "pharmacies"),
        ("edition", "R8-11"),
        ("source_date", "2026-11-19"),
    ];
    let future = [&[("source_date", "2026-11-21")], &list[..2]].concat();
    let said = upload(&mut administrator, "/house/lists", &future, PHARMACIES).await;
    assert_eq!(said.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(said.body.contains("cl-1.2-ec-h"), "{}", said.body);
    let forged = [list.as_slice(), &[("digest", "00")]].concat();
    let said = upload(&mut administrator, "/house/lists", &forged, PHARMACIES).await;
    assert_eq!(
        said.status,
        StatusCode::UNPROCESSABLE_ENTITY,
        "{}",
        said.body
    );
    let broken = [PHARMACIES, b"pharmacy,,a,b,c\n".as_slice()].concat();
    let said = upload(&mut administrator, "/house/lists", &list, &broken).await;
    assert_eq!(said.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(said.body.contains("4 行目の 2 列目"), "{}", said.body);
    assert_eq!(
        practice.entries("list.loaded").await,
        2,
        "nothing was loaded"
    );
    let sum = digest(PHARMACIES);
    let whole = [list.as_slice(), &[("digest", sum.as_str())]].concat();
    let said = upload(&mut administrator, "/house/lists", &whole, PHARMACIES).await;
    assert_eq!(said.status, StatusCode::SEE_OTHER, "{}", said.body);
    let page = administrator.get("/house/lists").await.body;
    assert!(page.contains("R8-11") && page.contains(&sum));
    // Nobody but the administrator.
    let mut reception = practice.house.signed_in("reception").await;
    let said = upload(&mut reception, "/house/lists", &whole, PHARMACIES).await;
    assert_eq!(said.status, StatusCode::FORBIDDEN);
    // After thirty days the administrator is asked for it anew.
    assert!(
        !administrator
            .get("/tasks")
            .await
            .body
            .contains("/house/lists")
    );
    practice.house.pass(SignedDuration::from_hours(24 * 31));
    let mut administrator = practice.house.signed_in("administrator").await;
    assert!(
        administrator
            .get("/tasks")
            .await
            .body
            .contains("/house/lists")
    );
}

#[tokio::test]
async fn cl_1_2_ec_h_an_old_list_of_pharmacies_closes_the_prescription() {
    let (mut practice, _) = visit(false).await;
    prepared(&mut practice).await;
    practice.closable().await;
    practice.done("orders/add", &TABLET).await;
    assert_eq!(practice.review().await.status, 303);
    // The limit is made stricter than the list is old.
    let mut administrator = practice.house.signed_in("administrator").await;
    let strict = [("offered", "yes"), ("drugs", DRUG), ("days_max", "3")];
    let said = post(&mut administrator, "/house/lists/offer", &strict).await;
    assert_eq!(
        (said.spoke(), said.reason()),
        ((409, "cl-1.2-ec-h"), "pharmacy_list_stale"),
        "what cannot be used is not switched on"
    );
    write(&practice.house, |tx| {
        Box::pin(async move {
            let setting = Setting {
                offered: true,
                drugs: vec![DRUG.parse().unwrap()],
                days_max: 3,
            };
            let administrator = person_id("administrator");
            let by = staff(Role::Administrator);
            tx.put_pathway(&by, administrator, (CONTRACEPTION, GROUND), &setting)
                .await
        })
    })
    .await;
    let said = practice.refused("close", &NOTE).await;
    assert_eq!(
        (said.spoke(), said.reason()),
        ((409, "cl-1.2-ec-h"), "pharmacy_list_stale")
    );
}

#[tokio::test]
async fn cl_1_2_ec_f_the_day_before_she_is_reminded_in_words_that_tell_nothing() {
    let (practice, id) = visit(true).await;
    let mut wanted = kept(&practice, id).await;
    wanted.case.follow_up.as_mut().unwrap().remind = true;
    write(&practice.house, move |tx| {
        Box::pin(async move {
            let by = staff(Role::Physician);
            tx.keep_contraception(&by, (GROUND, "pathway.follow_up"), &wanted)
                .await
        })
    })
    .await;
    let house = &practice.house;
    let remind = || web::visit::remind_three_weeks(&house.store, house.tenant, house.now());
    house.pass(SignedDuration::from_hours(24 * 19));
    assert_eq!(remind().await.unwrap(), 0, "two days before");
    house.pass(SignedDuration::from_hours(24));
    assert_eq!(remind().await.unwrap(), 1);
    house.pass(SignedDuration::from_secs(60));
    assert_eq!(remind().await.unwrap(), 0, "once");
    let mut read = house.store.read(house.tenant).await.unwrap();
    let sent = read.outbox().await.unwrap();
    let message = &sent[0].message;
    for word in ["避妊", "薬", "産婦人科", "三週間"] {
        assert!(!message.text.contains(word) && !message.subject.contains(word));
    }
}
