//! No page shows a patient without an entry in the ledger first: every address of both surfaces is walked (cl-2.5.2.1-x-a).

use crate::{
    consultation_seed::{Practice, SECRET, Seed},
    support::{Browser, person_id},
};
use access::Role;
use axum::http::{Method, StatusCode};
use jiff::SignedDuration;
use web::{Surface, surface, visit::link};

/// What stands on a page only where this patient is shown: name, plan, last statement, note.
const MARKS: [&str; 6] = [
    "見本 正男1",
    "みほん まさお",
    "0011112221",
    "降圧薬の調整",
    "血圧を毎朝",
    "ふらつきなし",
];

/// What an opened page fetches by itself.
const FRAGMENTS: [&str; 3] = [
    "/consultations/{id}/gate",
    "/consultations/{id}/watch",
    "/consultations/{id}/roster",
];

/// An address of the table with the names of this practice in it.
fn filled(path: &str, practice: &Practice) -> String {
    let (patient, visit) = (practice.patient.to_string(), practice.visit.to_string());
    let person = person_id("physician").to_string();
    let mut filled = path.to_owned();
    for (place, id) in [
        ("/patients/{id}", &patient),
        ("/consultations/{id}", &visit),
        ("/bookings/{id}", &visit),
        ("/people/{id}", &person),
        ("{visit}", &visit),
        ("{version}", &"1".to_owned()),
    ] {
        let named = place.replace("{id}", id);
        let named = if named == place { id.clone() } else { named };
        filled = filled.replace(place, &named);
    }
    if filled == "/bookings/new" {
        filled = format!("{filled}?patient={patient}");
    }
    filled
}

/// Opens every page of a surface; answers with those that showed the patient, and fails on one that left no entry.
async fn walk(
    practice: &Practice,
    browser: &mut Browser,
    surface: Surface,
    who: &str,
) -> Vec<String> {
    let mut shown = Vec::new();
    for route in surface::table(surface) {
        if *route.method() != Method::GET {
            continue;
        }
        let address = filled(route.path(), practice);
        let before = practice.house.ledger(practice.house.tenant).await.len();
        let answer = browser.get(&address).await;
        let ledger = practice.house.ledger(practice.house.tenant).await;
        if answer.status != StatusCode::OK || !MARKS.iter().any(|mark| answer.body.contains(mark)) {
            continue;
        }
        // A fragment is covered by the page that was opened before; how long, another test asks.
        let from = if FRAGMENTS.contains(&route.path()) {
            0
        } else {
            before
        };
        let read = ledger.iter().skip(from).any(|entry| {
            (entry.contains("\"record.opened\"") || entry.contains("\"chart.opened\""))
                && entry.contains(&practice.patient.to_string())
                && entry.contains(who)
        });
        assert!(read, "{address} showed the patient and left no entry");
        shown.push(route.path().to_owned());
    }
    shown
}

/// The patient's own browser, come in by the link.
async fn phone(practice: &Practice) -> Browser {
    let mut phone = practice.house.browser(Surface::Patient);
    let link = format!("/v/{}", link::encode(practice.house.tenant, &SECRET));
    let birth = [("era", "showa"), ("y", "26"), ("m", "4"), ("d", "3")];
    let entered = phone.post(&format!("{link}/enter"), &birth).await;
    assert_eq!(entered.status, StatusCode::SEE_OTHER, "{}", entered.body);
    phone
}

#[tokio::test]
async fn cl_2_5_2_1_x_a_no_page_of_the_staff_shows_a_patient_without_an_entry() {
    let mut practice = Seed::follow_up().open().await;
    let mut shown = Vec::new();
    for role in Role::ALL {
        let mut browser = practice.house.signed_in(role.as_str()).await;
        let who = person_id(role.as_str()).to_string();
        shown.extend(walk(&practice, &mut browser, Surface::Staff, &who).await);
    }
    practice.physician = practice.house.signed_in("physician").await;
    crate::consultation_seed::open_work(&mut practice.physician).await;
    practice.page().await;
    let who = person_id("physician").to_string();
    practice.live().await;
    let mut browser = practice.same_browser();
    shown.extend(walk(&practice, &mut browser, Surface::Staff, &who).await);
    practice.done("strip", &[]).await;
    practice.seen(75).await;
    practice.enough().await;
    practice.done("end", &[]).await;
    shown.extend(walk(&practice, &mut browser, Surface::Staff, &who).await);
    // The walk is worth something only where patients are shown.
    for page in [
        "/today",
        "/bookings",
        "/bookings/{id}",
        "/patients/{id}",
        "/patients/{id}/plans/{version}",
        "/patients/{id}/notes/{visit}",
        "/consultations/{id}",
        "/consultations/{id}/stop",
        "/consultations/{id}/emergency",
    ] {
        assert!(
            shown.iter().any(|path| path == page),
            "{page} was never seen"
        );
    }
}

#[tokio::test]
async fn cl_2_5_2_1_x_a_the_patients_own_reading_is_in_the_ledger_too() {
    let mut practice = Seed::follow_up().open().await;
    let who = format!("{{\"id\":\"{}\",\"kind\":\"patient\"}}", practice.patient);
    let mut next = phone(&practice).await;
    let mut shown = walk(&practice, &mut next, Surface::Patient, "").await;
    practice.closable().await;
    practice.done("close", &[]).await;
    shown.extend(walk(&practice, &mut next, Surface::Patient, "").await);
    assert!(
        shown.iter().any(|path| path == "/visit/explain"),
        "never seen: {shown:?}"
    );
    let before = practice.entries("record.opened").await;
    let after = next.get("/visit/after").await;
    assert!(after.body.contains("続けます"), "{}", after.body);
    assert_eq!(practice.entries("record.opened").await, before + 1);
    let ledger = practice.house.ledger(practice.house.tenant).await;
    let last = ledger.last().unwrap();
    assert!(
        last.contains("\"page\":\"after\"") && last.contains(&who),
        "{last}"
    );
}

#[tokio::test]
async fn cl_2_5_2_1_x_a_a_fragment_is_covered_for_a_quarter_of_an_hour() {
    for (name, live) in [("gate", false), ("watch", true), ("roster", true)] {
        let mut practice = Seed::follow_up().open().await;
        if live {
            practice.live().await;
        }
        practice.page().await;
        let fragment = format!("{}/{name}", practice.address());
        let opened = practice.entries("chart.opened").await;
        for minutes in (4..=36).step_by(4) {
            practice.house.pass(SignedDuration::from_mins(4));
            // Another page keeps the screen from being covered; it is no reading of this patient.
            practice.physician.get("/work").await;
            let answer = practice.physician.get(&fragment).await;
            assert!(
                answer.status.is_success(),
                "{name} {minutes}: {}",
                answer.status
            );
            let renewed = match minutes {
                ..16 => 0,
                16..32 => 1,
                _ => 2,
            };
            assert_eq!(
                practice.entries("chart.opened").await,
                opened + renewed,
                "{name} after {minutes} min"
            );
        }
    }
    // Nobody gets a fragment of a page that was never opened.
    let mut practice = Seed {
        chart: false,
        ..Seed::follow_up()
    }
    .open()
    .await;
    let fragment = format!("{}/gate", practice.address());
    let answer = practice.physician.get(&fragment).await;
    assert_eq!(
        (answer.header("hx-refresh"), answer.body.as_str()),
        ("true", "")
    );
    assert_eq!(practice.entries("chart.opened").await, 0);
}

/// A first visit reads a plan that is not in force yet: it counts as reading all the same.
#[tokio::test]
async fn cl_2_5_2_1_x_a_a_draft_read_by_the_patient_is_a_reading() {
    let practice = Seed::first_visit().open().await;
    let mut phone = phone(&practice).await;
    let before = practice.entries("record.opened").await;
    let page = phone.get("/visit/explain").await;
    assert!(page.body.contains("降圧薬の調整"), "{}", page.body);
    assert_eq!(practice.entries("record.opened").await, before + 1);
}
