//! Attacks on plans for remote areas, and on plans changed against the patient's will.

use crate::{
    consultation_seed::{Practice, SECRET, Seed, draft, own, post, staff, write},
    support::{Browser, person_id},
};
use access::Role;
use axum::http::StatusCode;
use care::{
    PartnerId,
    partner::{Partner, PartnerKind},
    plan::{
        PlanState,
        reach::{Agreement, Reach},
    },
};
use jiff::SignedDuration;
use store::agreement::Left;
use web::{Surface, visit::link};

/// A second version of the patient's plan, read by the patient and not signed yet.
async fn second_version(practice: &Practice, change: fn(&mut care::plan::Draft)) -> String {
    let (patient, visit) = (practice.patient, practice.consultation().await);
    let mut next = draft();
    next.online_care.treatment = "べつの治療".into();
    change(&mut next);
    write(&practice.house, move |tx| {
        Box::pin(async move {
            let basis = tx.plans(patient).await?[0].plan.basis;
            next.responsibility = tx.responsibility().await?;
            let author = person_id("physician");
            let plan = tx
                .draft_plan(&staff(Role::Physician), author, patient, basis, &next)
                .await?;
            let left = Left {
                seconds: 20,
                wants_to_ask: false,
            };
            tx.keep_plan_read(&own(patient), &visit, (plan, 2), left)
                .await
        })
    })
    .await;
    format!("/patients/{patient}/plans/2")
}

async fn phone(practice: &Practice) -> Browser {
    let mut phone = practice.house.browser(Surface::Patient);
    let path = format!("/v/{}/enter", link::encode(practice.house.tenant, &SECRET));
    let birth = [("era", "showa"), ("y", "26"), ("m", "4"), ("d", "3")];
    let entered = phone.post(&path, &birth).await;
    assert_eq!(entered.status, StatusCode::SEE_OTHER, "{}", entered.body);
    phone
}

async fn in_force(practice: &Practice) -> i64 {
    let mut read = practice
        .house
        .store
        .read(practice.house.tenant)
        .await
        .unwrap();
    let plan = read.plan_in_force(practice.patient).await.unwrap().unwrap();
    assert!(matches!(plan.state, PlanState::Signed { .. }));
    plan.version
}

/// The plan in force is a colleague's: the physician of the visit would change it.
async fn handed_over() -> (Practice, String) {
    let mut practice = Seed::follow_up().open().await;
    let path = second_version(&practice, |_| {}).await;
    let patient = practice.patient;
    practice.physician = practice.other_physician().await;
    // The colleague has the same standing as the first.
    let profile = crate::consultation_seed::profile();
    write(&practice.house, move |tx| {
        Box::pin(async move {
            let by = staff(Role::Administrator);
            let mut second = profile;
            second.person = person_id("second");
            tx.put_physician_profile(&by, &second).await?;
            let verified = store::physician::Verified {
                by: person_id("administrator"),
                registration_year: Some(1999),
                valid_until: "2027-11-20".parse().unwrap(),
            };
            tx.keep_proof(&by, &second, verified).await?;
            let _ = patient;
            Ok(())
        })
    })
    .await;
    (practice, path)
}

#[tokio::test]
async fn cl_1_3_v_a_changed_plan_is_signed_with_the_patients_yes_alone() {
    let (mut practice, path) = handed_over().await;
    let sign = format!("{path}/sign");
    let said = post(&mut practice.physician, &sign, &[]).await;
    assert_eq!(
        (said.spoke(), said.reason()),
        ((409, "cl-1.3-v"), "patient_not_asked"),
        "{}",
        said.body
    );
    assert!(
        practice
            .physician
            .get(&path)
            .await
            .body
            .contains("id=\"propose\"")
    );
    let ask = format!("{path}/ask");
    assert_eq!(post(&mut practice.physician, &ask, &[]).await.status, 422);
    let asked = post(&mut practice.physician, &ask, &[("harms", "yes")]).await;
    assert_eq!(asked.status, 303, "{}", asked.body);
    let said = post(&mut practice.physician, &sign, &[]).await;
    assert_eq!(said.reason(), "patient_has_not_answered", "{}", said.body);
    // Only the patient answers.
    for role in ["reception", "physician", "administrator"] {
        let mut browser = practice.house.browser(Surface::Patient);
        browser.cookies = practice.house.signed_in(role).await.cookies.clone();
        let said = post(&mut browser, "/visit/plan", &[("answer", "accept")]).await;
        assert_eq!(said.spoke(), (403, "cl-1.3-v"), "{role}: {}", said.body);
    }
    let said = post(&mut practice.physician, &sign, &[]).await;
    assert_eq!(said.status, 409, "nobody else's word counts");
    let mut phone = phone(&practice).await;
    let page = phone.get("/visit/plan").await;
    assert_eq!(page.status, StatusCode::OK, "{}", page.body);
    for words in ["べつの治療", "あなたに不利"] {
        assert!(page.body.contains(words), "{words}: {}", page.body);
    }
    let kept = phone.post("/visit/plan", &[("answer", "keep")]).await;
    assert_eq!(kept.status, StatusCode::SEE_OTHER, "{}", kept.body);
    practice.house.pass(SignedDuration::from_secs(61));
    let said = post(&mut practice.physician, &sign, &[]).await;
    assert_eq!(
        (said.spoke(), said.reason()),
        ((409, "cl-1.3-v"), "patient_keeps_plan")
    );
    assert_eq!(
        in_force(&practice).await,
        1,
        "the old version stays in force"
    );
    // An answer stays; nothing is asked until it changes.
    assert_eq!(
        post(&mut practice.physician, &ask, &[("harms", "no")])
            .await
            .status,
        303
    );
    let again = phone.post("/visit/plan", &[("answer", "accept")]).await;
    assert_eq!(again.status, StatusCode::CONFLICT, "{}", again.body);
    assert_eq!(
        practice.entries("plan.kept").await,
        3,
        "two drafts, one answer"
    );
}

#[tokio::test]
async fn cl_1_3_v_with_the_patients_yes_the_plan_is_changed() {
    let (mut practice, path) = handed_over().await;
    let asked = post(
        &mut practice.physician,
        &format!("{path}/ask"),
        &[("harms", "no")],
    )
    .await;
    assert_eq!(asked.status, 303, "{}", asked.body);
    let mut phone = phone(&practice).await;
    assert!(!phone.get("/visit/plan").await.body.contains("あなたに不利"));
    let said = phone.post("/visit/plan", &[("answer", "accept")]).await;
    assert_eq!(said.status, StatusCode::SEE_OTHER, "{}", said.body);
    assert_eq!(practice.entries("plan.accepted").await, 1);
    let signed = post(&mut practice.physician, &format!("{path}/sign"), &[]).await;
    assert_eq!(signed.status, 303, "{}", signed.body);
    assert_eq!(in_force(&practice).await, 2);
}

#[tokio::test]
async fn cl_1_3_v_its_own_physician_changes_a_plan_as_ever() {
    let mut practice = Seed::follow_up().open().await;
    let path = second_version(&practice, |_| {}).await;
    assert!(
        !practice
            .physician
            .get(&path)
            .await
            .body
            .contains("id=\"propose\"")
    );
    let signed = post(&mut practice.physician, &format!("{path}/sign"), &[]).await;
    assert_eq!(signed.status, 303, "{}", signed.body);
}

const PARTNER: PartnerId = PartnerId(access::Ulid::from_bytes([5; 16]));

/// A partner of the register, and what is agreed with it until that day.
async fn agreed(practice: &Practice, until: &'static str) {
    write(&practice.house, move |tx| {
        Box::pin(async move {
            let by = staff(Role::Administrator);
            let partner = Partner {
                id: PARTNER,
                kind: PartnerKind::Hospital,
                name: "見本島病院".into(),
                phone: "00-0000-0000".into(),
                hours: "24時間".into(),
                night: true,
                areas: Vec::new(),
                travel_minutes: 10,
                valid_until: "2027-11-20".parse().unwrap(),
            };
            tx.put_partner(&by, &partner).await?;
            let agreement = Agreement {
                partner: PARTNER,
                transport: "船".into(),
                place: "救急外来".into(),
                contact: "00-0000-0000".into(),
                document: String::new(),
                valid_until: until.parse().unwrap(),
            };
            tx.keep_response_agreement(&by, &agreement, b"%PDF-1.4")
                .await
        })
    })
    .await;
}

fn far_away(plan: &mut care::plan::Draft) {
    plan.reach = Some(Reach {
        hard: true,
        reason: String::new(),
        partner: Some(PARTNER),
    });
}

#[tokio::test]
async fn cl_1_3_iv_b_an_expired_agreement_signs_no_plan() {
    let mut practice = Seed::follow_up().open().await;
    let path = second_version(&practice, far_away).await;
    let sign = format!("{path}/sign");
    let said = post(&mut practice.physician, &sign, &[]).await;
    assert_eq!(
        (said.spoke(), said.reason()),
        ((409, "cl-1.3-iv-b"), "no_agreement"),
        "{}",
        said.body
    );
    agreed(&practice, "2026-11-19").await;
    practice.house.pass(SignedDuration::from_secs(61));
    let said = post(&mut practice.physician, &sign, &[]).await;
    assert_eq!(
        (said.spoke(), said.reason()),
        ((409, "cl-1.3-iv-b"), "agreement_expired")
    );
    agreed(&practice, "2027-11-19").await;
    practice.house.pass(SignedDuration::from_secs(61));
    let signed = post(&mut practice.physician, &sign, &[]).await;
    assert_eq!(signed.status, 303, "{}", signed.body);
    assert!(
        practice
            .physician
            .get(&path)
            .await
            .body
            .contains("見本島病院")
    );
}

#[tokio::test]
async fn cl_1_3_iv_b_the_administrators_list_of_areas_presets_yes_and_asks_why_not() {
    let mut practice = Seed::follow_up().open().await;
    let new = format!("/patients/{}/plans/new", practice.patient);
    let before = practice.physician.get(&new).await.body;
    assert!(!before.contains("reach_reason"));
    let patient = practice.patient;
    let mut read = practice
        .house
        .store
        .read(practice.house.tenant)
        .await
        .unwrap();
    let address = read
        .patient(patient)
        .await
        .unwrap()
        .unwrap()
        .profile
        .address;
    drop(read);
    let area = care::area::Area::read(&address).unwrap().to_string();
    let mut reception = practice.house.signed_in("reception").await;
    let fields = [("areas", area.as_str())];
    assert_eq!(
        post(&mut reception, "/partners/far", &fields).await.status,
        403
    );
    let mut administrator = practice.house.signed_in("administrator").await;
    let said = post(&mut administrator, "/partners/far", &fields).await;
    assert_eq!(said.status, 303, "{}", said.body);
    assert!(
        administrator
            .get("/partners/far")
            .await
            .body
            .contains(&area)
    );
    let page = practice.physician.get(&new).await.body;
    assert!(
        page.contains("name=\"reach\" value=\"yes\" checked"),
        "preset: {page}"
    );
    // "No" without a reason is refused under its field, and nothing is kept.
    let said = practice.physician.post(&new, &[("reach", "no")]).await;
    assert_eq!(said.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(
        said.body.contains("href=\"#reach_reason\""),
        "{}",
        said.body
    );
    let said = practice
        .physician
        .post(&new, &[("reach", "no"), ("reach_reason", "橋ができた")])
        .await;
    assert!(
        !said.body.contains("href=\"#reach_reason\""),
        "{}",
        said.body
    );
    // A draft from before the list is not signed without the answer.
    let path = second_version(&practice, |_| {}).await;
    let said = post(&mut practice.physician, &format!("{path}/sign"), &[]).await;
    assert_eq!(said.spoke(), (422, "cl-1.3-iv-b"), "{}", said.body);
}
