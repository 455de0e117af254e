//! Attacks on the route of a first visit and on sudden changes.

use crate::{
    consultation_seed::{Practice, Seed, post, staff, write},
    support::{Browser, House, person_id},
    ward::{Ward, ward},
};
use access::Role;
use care::{Class, InPersonId, PatientId};
use jiff::{SignedDuration, ToSpan as _};
use store::{dossier::legal_day, plan::AssessmentContent};

/// A booking of that patient, as a program sends it.
fn hour(patient: PatientId, more: &[(&'static str, &'static str)]) -> Vec<(&'static str, String)> {
    let mut fields = vec![
        ("patient", patient.to_string()),
        ("physician", person_id("physician").to_string()),
        ("date", "2026-11-20".to_owned()),
        ("time", "15:00".to_owned()),
    ];
    fields.extend(
        more.iter()
            .map(|(name, value)| (*name, (*value).to_owned())),
    );
    fields
}

async fn book(
    desk: &mut Browser,
    patient: PatientId,
    more: &[(&'static str, &'static str)],
) -> (u16, String, String) {
    let fields = hour(patient, more);
    let fields: Vec<_> = fields
        .iter()
        .map(|(name, value)| (*name, value.as_str()))
        .collect();
    let said = post(desk, "/bookings/new", &fields).await;
    (
        said.status,
        said.clause().to_owned(),
        said.reason().to_owned(),
    )
}

/// A record in person, so many days ago.
async fn seen(house: &House, patient: PatientId, days: i64) -> InPersonId {
    write(house, move |tx| {
        Box::pin(async move {
            let content = AssessmentContent {
                diagnoses: Vec::new(),
                findings: "診察".into(),
            };
            let on = legal_day(tx.now()).saturating_sub(days.days());
            let physician = person_id("physician");
            tx.add_assessment(&staff(Role::Physician), patient, physician, on, &content)
                .await
        })
    })
    .await
}

async fn classes(ward: &Ward) -> Vec<Class> {
    let mut read = ward.house.store.read(ward.house.tenant).await.unwrap();
    let visits = read.consultations_of(ward.patient).await.unwrap();
    visits.iter().map(|one| one.consultation.class).collect()
}

#[tokio::test]
async fn cl_1_2_iii_a_no_first_visit_is_booked_without_a_route() {
    let ward = ward().await;
    let mut desk = ward.house.signed_in("reception").await;
    let refused = |reason: &str| (409, "cl-1.2-iii-a".to_owned(), reason.to_owned());
    for (more, reason) in [
        (vec![], "no_route"),
        (vec![("route", "stated")], "no_basis"),
        (vec![("route", "stated"), ("basis", "　")], "no_basis"),
        (
            vec![("visit_class", "followup"), ("class", "followup")],
            "no_route",
        ),
        (vec![("route", "regular_record")], "no_route"),
        (vec![("now", "1")], "no_route"),
    ] {
        assert_eq!(
            book(&mut desk, ward.patient, &more).await,
            refused(reason),
            "{more:?}"
        );
    }
    assert!(classes(&ward).await.is_empty(), "nothing was booked");

    let stated = [
        ("route", "stated"),
        ("basis", "往診で診ている"),
        ("class", "followup"),
    ];
    assert_eq!(book(&mut desk, ward.patient, &stated).await.0, 303);
    assert_eq!(
        classes(&ward).await,
        [Class::First],
        "the server's own class stands"
    );
    let ledger = ward.house.ledger(ward.house.tenant).await.join("\n");
    assert!(ledger.contains("regular_stated") && !ledger.contains("往診"));

    seen(&ward.house, ward.patient, 3).await;
    assert_eq!(book(&mut desk, ward.patient, &[]).await.0, 303, "on record");
}

#[tokio::test]
async fn cl_1_2_iii_a_the_route_is_judged_again_before_anybody_is_let_in() {
    let mut practice = Seed {
        routed: false,
        ..Seed::first_visit()
    }
    .open()
    .await;
    let said = practice.refused("admit", &[]).await;
    assert_eq!(said.spoke(), (409, "cl-1.2-iii-a"), "{}", said.body);
    assert!(practice.page().await.contains("/route"));
    assert_eq!(
        practice.refused("route", &[("basis", " ")]).await.status,
        422
    );
    practice
        .done("route", &[("basis", "家族ぐるみで診ている")])
        .await;
    practice.done("admit", &[]).await;
}

#[tokio::test]
async fn cl_1_2_iii_a_booked_on_sources_waits_for_the_sources() {
    let ward = ward().await;
    let mut desk = ward.house.signed_in("reception").await;
    assert_eq!(
        book(&mut desk, ward.patient, &[("route", "sources")])
            .await
            .0,
        303
    );
    let mut practice = Seed {
        routed: false,
        ..Seed::first_visit()
    }
    .open()
    .await;
    let visit = practice.consultation().await;
    write(&practice.house, move |tx| {
        Box::pin(async move {
            let route = care::first_visit::Route::Chosen(care::first_visit::Chosen::Sources);
            tx.keep_route(&staff(Role::Reception), &visit, &route).await
        })
    })
    .await;
    let said = practice.refused("admit", &[]).await;
    assert_eq!(said.spoke(), (409, "cl-1.2-iii-b"), "{}", said.body);
}

fn place(practice: &Practice) -> String {
    format!("/patients/{}/acute", practice.patient)
}

async fn flagged() -> Practice {
    let mut practice = Seed::follow_up().open().await;
    let path = place(&practice);
    let mut desk = practice.house.signed_in("reception").await;
    assert_eq!(
        post(&mut desk, &path, &[("words", "けさ 意識がうすれた")])
            .await
            .status,
        303
    );
    assert_eq!(
        post(&mut desk, &path, &[("words", "もう一度")])
            .await
            .status,
        409
    );
    practice.page().await;
    practice
}

#[tokio::test]
async fn cl_1_2_vii_a_after_a_sudden_change_nothing_starts_or_is_booked_online() {
    let mut practice = flagged().await;
    let said = practice.refused("admit", &[]).await;
    assert_eq!(said.spoke(), (409, "cl-1.2-vii-a"), "{}", said.body);
    let mut desk = practice.house.signed_in("reception").await;
    let other = book(&mut desk, practice.patient, &[("new_condition", "yes")]).await;
    assert_eq!(other.1, "cl-1.2-vii-a", "{other:?}");
    let later = book(&mut desk, practice.patient, &[]).await;
    assert_eq!(later.0, 409, "{later:?}");
    let ledger = practice
        .house
        .ledger(practice.house.tenant)
        .await
        .join("\n");
    assert!(ledger.contains("acute.flagged") && !ledger.contains("意識"));
}

#[tokio::test]
async fn cl_1_2_vii_a_an_emergency_start_says_why_and_what_was_tried_in_person() {
    let mut practice = flagged().await;
    let page = practice
        .physician
        .get(&format!("/consultations/{}/emergency", practice.visit))
        .await;
    assert!(page.body.contains("name=\"tried\""), "{}", page.body);
    for fields in [
        vec![("reason", "sudden_change")],
        vec![("reason", "sudden_change"), ("tried", " ")],
        vec![("tried", "救急車を呼んだ")],
    ] {
        let said = practice.refused("emergency", &fields).await;
        assert_eq!(said.status, 422, "{fields:?} {}", said.body);
    }
    practice
        .done(
            "emergency",
            &[
                ("reason", "sudden_change"),
                ("tried", "救急車を呼んだ。来るまで診る"),
            ],
        )
        .await;
    assert_eq!(practice.stage().await, "live");
    assert_eq!(practice.entries("consultation.emergency_started").await, 1);
}

#[tokio::test]
async fn cl_1_2_vii_b_only_a_later_record_in_person_and_stable_lift_the_flag() {
    let mut practice = flagged().await;
    let lift = format!("{}/lift", place(&practice));
    // The follow-up's own record in person is twenty days old.
    let old = {
        let mut read = practice
            .house
            .store
            .read(practice.house.tenant)
            .await
            .unwrap();
        read.assessments(practice.patient).await.unwrap()[0]
            .0
            .id
            .to_string()
    };
    let tick = |record: &str| {
        [
            ("record".to_owned(), record.to_owned()),
            ("stable".to_owned(), "yes".to_owned()),
        ]
    };
    let send = |fields: &[(String, String)]| -> Vec<(&'static str, &'static str)> {
        fields
            .iter()
            .map(|(name, value)| (&*name.clone().leak(), &*value.clone().leak()))
            .collect()
    };
    let before = post(&mut practice.physician, &lift, &send(&tick(&old))).await;
    assert_eq!(before.spoke(), (409, "cl-1.2-vii-b"), "{}", before.body);
    let made_up = post(
        &mut practice.physician,
        &lift,
        &send(&tick("01ARZ3NDEKTSV4RRFFQ69G5FAV")),
    )
    .await;
    assert_eq!(made_up.spoke(), (409, "cl-1.2-vii-b"));
    let record = seen(&practice.house, practice.patient, 0).await.to_string();
    let mut clerk = practice.house.signed_in("reception").await;
    assert_eq!(
        post(&mut clerk, &lift, &send(&tick(&record))).await.status,
        403
    );
    let unsaid = post(&mut practice.physician, &lift, &[("record", &record)]).await;
    assert_eq!(unsaid.spoke(), (422, "cl-1.2-vii-b"));
    assert_eq!(
        practice.refused("admit", &[]).await.spoke(),
        (409, "cl-1.2-vii-a")
    );
    assert_eq!(
        post(&mut practice.physician, &lift, &send(&tick(&record)))
            .await
            .status,
        303
    );
    assert_eq!(practice.entries("acute.lifted").await, 1);
    practice.house.pass(SignedDuration::from_secs(1));
    practice.live().await;
}
