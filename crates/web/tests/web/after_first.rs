//! Attacks on what follows a first visit online: the sheet in the patient's hands, and a plan as soon as care goes on.

use crate::{
    consultation_seed::{FIRST_NOTE, NOTE, Practice, SECRET, Seed, own, post, write},
    support::{Browser, person_id},
};
use axum::http::StatusCode;
use care::{Class, task::Kind};
use jiff::SignedDuration;
use store::agreement::Left;
use web::{Surface, visit::link};

/// A first visit that lacks nothing but the signature.
async fn first_visit() -> Practice {
    let seed = Seed {
        accepted: true,
        identity: Some(true),
        ..Seed::first_visit()
    };
    let mut practice = seed.open().await;
    practice.closable().await;
    practice
}

fn with(changes: &[(&'static str, &'static str)]) -> Vec<(&'static str, &'static str)> {
    let mut fields = FIRST_NOTE.to_vec();
    for (name, value) in changes {
        fields.retain(|(known, _)| known != name);
        fields.push((name, value));
    }
    fields
}

async fn phone(practice: &Practice) -> Browser {
    let mut phone = practice.house.browser(Surface::Patient);
    let path = format!("/v/{}/enter", link::encode(practice.house.tenant, &SECRET));
    let birth = [("era", "showa"), ("y", "26"), ("m", "4"), ("d", "3")];
    let entered = phone.post(&path, &birth).await;
    assert_eq!(entered.status, StatusCode::SEE_OTHER, "{}", entered.body);
    phone
}

/// The open plan task: of which visit, and due when.
async fn plan_due(practice: &Practice) -> Option<jiff::Timestamp> {
    let mut read = practice
        .house
        .store
        .read(practice.house.tenant)
        .await
        .unwrap();
    let tasks = read.open_tasks().await.unwrap();
    tasks
        .iter()
        .find(|task| task.opening.kind == Kind::PlanDue)
        .map(|task| task.opening.due)
}

#[tokio::test]
async fn cl_1_3_ii_a_a_first_visit_is_not_closed_without_the_patients_sheet() {
    let mut practice = first_visit().await;
    let said = practice.refused("close", &NOTE).await;
    assert_eq!(
        (said.spoke(), said.reason()),
        ((409, "cl-1.3-ii-a"), "sheet_incomplete"),
        "{}",
        said.body
    );
    for (field, value) in [
        ("sheet-next", ""),
        ("sheet-day", "そのうち"),
        ("sheet-signs", ""),
        ("sheet-place", " "),
        ("sheet-phone", ""),
        ("sheet-goes-on", ""),
        ("sheet-explained", ""),
        ("sheet-explained", "called_back"),
    ] {
        let said = practice.refused("close", &with(&[(field, value)])).await;
        assert_eq!(said.spoke(), (409, "cl-1.3-ii-a"), "{field}: {}", said.body);
    }
    // Ended and still without it.
    practice.done("end", &[]).await;
    assert_eq!(
        practice.refused("close", &NOTE).await.spoke(),
        (409, "cl-1.3-ii-a")
    );
    assert_eq!(practice.stage().await, "ended");
    practice.done("close", &FIRST_NOTE).await;
    assert_eq!(practice.stage().await, "closed");
    let given = practice.house.ledger(practice.house.tenant).await;
    assert!(
        given
            .iter()
            .any(|entry| entry.contains("after_visit_sheet") && entry.contains("explanation.given")),
    );
    assert!(
        !given.iter().any(|entry| entry.contains("息が苦しい")),
        "the ledger holds no content"
    );
    // It stands on the patient's page, and its reading is kept.
    assert_eq!(practice.entries("sheet.delivered").await, 0);
    let mut phone = phone(&practice).await;
    let page = phone.get("/visit/after").await.body;
    for words in ["息が苦しい", "当院", "00-1234-5678", "2026"] {
        assert!(page.contains(words), "{words}: {page}");
    }
    let _again = phone.get("/visit/after").await;
    assert_eq!(practice.entries("sheet.delivered").await, 1, "once");
    assert_eq!(practice.entries("sheet.read").await, 0);
    assert_eq!(
        phone.post("/visit/after", &[]).await.status,
        StatusCode::SEE_OTHER
    );
    assert_eq!(practice.entries("sheet.read").await, 1);
}

#[tokio::test]
async fn cl_1_3_ii_a_a_follow_up_has_no_sheet() {
    let mut practice = Seed::follow_up().open().await;
    practice.closable().await;
    assert!(!practice.page().await.contains("sheet-place"));
    practice.done("close", &NOTE).await;
    assert_eq!(practice.stage().await, "closed");
    assert_eq!(plan_due(&practice).await, None);
}

#[tokio::test]
async fn cl_1_3_ii_a_what_is_known_is_filled_in_and_what_is_typed_stays() {
    let mut practice = first_visit().await;
    let page = practice.page().await;
    assert!(
        page.contains("id=\"sheet-place\" name=\"sheet-place\" value=\"見本"),
        "the place found for this visit: {page}"
    );
    let said = post(
        &mut practice.physician,
        &format!("/consultations/{}/draft", practice.visit),
        &with(&[("sheet-signs", "胸が痛い")]),
    )
    .await;
    assert_eq!(said.status, 200, "{}", said.body);
    assert!(practice.page().await.contains("胸が痛い"));
    assert_eq!(practice.entries("sheet.delivered").await, 0);
}

#[tokio::test]
async fn cl_1_3_ii_b_care_that_is_likely_to_go_on_opens_a_plan_task_that_grows_late() {
    let mut practice = first_visit().await;
    practice.done("close", &FIRST_NOTE).await;
    let due = plan_due(&practice).await.expect("a task");
    let days = due.duration_since(practice.house.now()).as_hours() / 24;
    assert!((6..=7).contains(&days), "{days}");
    practice.house.pass(SignedDuration::from_hours(24 * 8));
    let mut administrator = practice.house.signed_in("administrator").await;
    let checklist = administrator.get("/house/checklist").await.body;
    assert!(checklist.contains("plan_overdue"), "{checklist}");
}

/// Books the patient's next visit; `more` may say that it is for something new.
async fn book(practice: &mut Practice, more: &[(&str, &str)]) -> u16 {
    let (patient, physician) = (
        practice.patient.to_string(),
        person_id("physician").to_string(),
    );
    let mut reception = practice.house.signed_in("reception").await;
    let mut fields = vec![
        ("patient", patient.as_str()),
        ("physician", physician.as_str()),
        ("date", "2026-11-24"),
        ("time", "15:00"),
    ];
    fields.extend_from_slice(more);
    let status = post(&mut reception, "/bookings/new", &fields).await.status;
    let mut read = practice
        .house
        .store
        .read(practice.house.tenant)
        .await
        .unwrap();
    let newest = read
        .consultations_of(practice.patient)
        .await
        .unwrap()
        .into_iter()
        .map(|booking| booking.consultation)
        .max_by_key(|visit| visit.booked_for)
        .unwrap();
    practice.visit = newest.id;
    status
}

const NO_FURTHER: [(&str, &str); 3] = [
    ("sheet-next", "nothing"),
    ("sheet-reason", "治った"),
    ("sheet-goes-on", "no"),
];

#[tokio::test]
async fn cl_1_3_ii_b_who_said_no_further_and_is_booked_again_goes_on_and_waits_for_a_plan() {
    let mut practice = first_visit().await;
    practice.done("close", &with(&NO_FURTHER)).await;
    let first = practice.visit;
    assert_eq!(plan_due(&practice).await, None);
    assert_eq!(book(&mut practice, &[]).await, 303);
    let visit = practice.consultation().await;
    assert_eq!(visit.class, Class::Followup);
    assert_eq!(
        plan_due(&practice).await,
        Some(visit.booked_for),
        "before that visit"
    );
    let held = |lines: Vec<String>| lines.iter().any(|line| line.contains("cl-1.3-ii-b"));
    assert!(held(practice.open_lines().await));
    assert_eq!(practice.refused("admit", &[]).await.status, 409);
    // A plan on that first visit fixes the assessment in person.
    let physician = person_id("physician").to_string();
    let basis = format!("first:{first}");
    let mut fields = vec![
        ("basis", basis.as_str()),
        ("code-0", "I10"),
        ("name-0", "高血圧症"),
        ("treatment", "様子をみる"),
        ("every_months", "3"),
        ("mode", "appointment"),
        ("length_minutes", "15"),
        ("outside", "電話"),
        ("system", "onshin/1"),
        ("devices", "スマホ"),
        ("fallback", "電話"),
        ("clinical", "胸の痛み"),
        ("technical", "映像が使えない"),
        ("destination", "当院"),
        ("contact", "00-1234-5678"),
        ("statement", "協力がいります"),
        ("acute", "own"),
        ("policy", "当院へ電話"),
        ("physician-0", physician.as_str()),
        ("when-0", "いつも"),
    ];
    let path = format!("/patients/{}/plans/new", practice.patient);
    let page = practice.physician.get(&path).await.body;
    assert!(page.contains(&basis), "{page}");
    let refused = practice.physician.post(&path, &fields).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(
        refused.body.contains("href=\"#assess_by\""),
        "{}",
        refused.body
    );
    fields.push(("assess_by", "2026-12-10"));
    let kept = practice.physician.post(&path, &fields).await;
    assert_eq!(kept.status, StatusCode::SEE_OTHER, "{}", kept.body);
    let version = kept.location().to_owned();
    let (patient, seen) = (practice.patient, visit.clone());
    write(&practice.house, move |tx| {
        Box::pin(async move {
            let newest = tx.plans(patient).await?.remove(0).plan;
            let left = Left {
                seconds: 20,
                wants_to_ask: false,
            };
            tx.keep_plan_read(&own(patient), &seen, (newest.id, newest.version), left)
                .await
        })
    })
    .await;
    assert!(held(practice.open_lines().await), "a draft is no plan");
    let signed = practice
        .physician
        .post(&format!("{version}/sign"), &[])
        .await;
    assert_eq!(signed.status, StatusCode::SEE_OTHER, "{}", signed.body);
    assert_eq!(plan_due(&practice).await, None, "the task is done");
    let lines = practice.open_lines().await;
    assert!(!held(lines.clone()), "{lines:?}");
    assert!(
        !lines.iter().any(|line| line.contains("cl-1.3-i-b")),
        "{lines:?}"
    );
    // The day passes without a visit in person.
    practice.house.pass(SignedDuration::from_hours(24 * 21));
    let lines = practice.open_lines().await;
    assert!(
        lines.iter().any(|line| line.contains("cl-1.3-i-b")),
        "{lines:?}"
    );
}

#[tokio::test]
async fn cl_1_3_ii_b_a_new_condition_is_another_first_visit() {
    let mut practice = first_visit().await;
    practice.done("close", &FIRST_NOTE).await;
    let more = [
        ("new_condition", "yes"),
        ("route", "stated"),
        ("basis", "かかりつけ"),
    ];
    assert_eq!(book(&mut practice, &more).await, 303);
    assert!(practice.consultation().await.class.is_first());
}
