//! A nurse beside the patient: named with a reason, asked of the patient each time, let in by the physician, and doing
//! what an instruction foresees, each act on an order of this visit.

use crate::{
    consultation_seed::{NOTE, Practice, SECRET, Seed, post, staff, write},
    support::{Browser, employ, person, person_id},
};
use access::Role;
use axum::http::StatusCode;
use care::assistance::{Act, Basis, Draft, Foreseen, Trigger};
use jiff::ToSpan as _;
use store::dossier::legal_day;
use web::{Surface, visit::link};

/// An instruction that holds today.
fn foreseen(practice: &Practice, basis: Basis, acts: &[Act]) -> Draft {
    let today = legal_day(practice.house.now());
    Draft {
        basis,
        acts: acts
            .iter()
            .map(|act| Foreseen {
                act: *act,
                condition: String::new(),
            })
            .collect(),
        from: today.saturating_sub(10.days()),
        until: today.saturating_add(60.days()),
        review_by: today.saturating_add(20.days()),
    }
}

async fn instructed(practice: &Practice, draft: Draft) {
    let patient = practice.patient;
    write(&practice.house, move |tx| {
        Box::pin(async move {
            let physician = person_id("physician");
            tx.sign_instruction(&staff(Role::Physician), physician, patient, &draft, None)
                .await
        })
    })
    .await;
}

/// The patient's own browser, come in by the link.
async fn phone(practice: &Practice) -> Browser {
    let mut phone = practice.house.browser(Surface::Patient);
    let link = format!("/v/{}", link::encode(practice.house.tenant, &SECRET));
    let birth = [("era", "showa"), ("y", "26"), ("m", "4"), ("d", "3")];
    let entered = phone.post(&format!("{link}/enter"), &birth).await;
    assert_eq!(entered.location(), "/visit", "{}", entered.body);
    phone
}

fn nurse_id() -> String {
    person_id("nurse").to_string()
}

async fn ask(practice: &mut Practice) -> crate::consultation_seed::Said {
    let nurse = nurse_id();
    practice
        .act(
            "team",
            &[("person", &nurse), ("attendance_reason", "床ずれの処置")],
        )
        .await
}

/// What stands on the patient's page about the first who attends.
async fn attendance(phone: &mut Browser) -> String {
    let page = phone.get("/visit/attendant").await;
    let (_, rest) = page
        .body
        .split_once("name=\"attendance\" value=\"")
        .unwrap_or_else(|| panic!("{}", page.body));
    rest.split('"').next().unwrap().to_owned()
}

/// A follow-up with a nurse who was asked, accepted and seated.
async fn with_nurse(acts: &[Act]) -> (Practice, Browser) {
    let mut practice = Seed::follow_up().open().await;
    let draft = foreseen(&practice, Basis::Plan, acts);
    instructed(&practice, draft).await;
    assert!(ask(&mut practice).await.status < 400);
    let mut phone = phone(&practice).await;
    let id = attendance(&mut phone).await;
    let said = phone
        .post(
            "/visit/attendant",
            &[("attendance", &id), ("answer", "yes")],
        )
        .await;
    assert_eq!(said.location(), "/visit", "{}", said.body);
    let mut nurse = practice.house.signed_in("nurse").await;
    let seat = nurse.get(&format!("{}/seat", practice.address())).await;
    assert_eq!(seat.status, StatusCode::OK, "{}", seat.body);
    (practice, nurse)
}

fn staff_seats(grants: &[store::call::SeatGrant]) -> usize {
    grants
        .iter()
        .filter(|grant| grant.seat.starts_with("staff:"))
        .count()
}

#[tokio::test]
async fn who_attends_is_let_in_only_after_the_patient_has_said_yes_to_this_visit() {
    let mut practice = Seed::follow_up().open().await;
    let draft = foreseen(&practice, Basis::Plan, &[Act::VitalSigns]);
    instructed(&practice, draft).await;
    // Nobody asked: the seat is no seat.
    let mut nurse = practice.house.signed_in("nurse").await;
    let seat = format!("{}/seat", practice.address());
    let signal = format!("{seat}/signal");
    assert_eq!(nurse.get(&seat).await.status, StatusCode::FORBIDDEN);
    let said = ask(&mut practice).await;
    assert!(said.status < 400, "{}", said.body);
    let again = ask(&mut practice).await;
    assert_eq!((again.status, again.reason()), (422, "attendant_twice"));
    // Asked, unanswered: the page is there, the line is not.
    assert_eq!(nurse.get(&seat).await.status, StatusCode::OK);
    let offer = post(&mut nurse, &signal, &[]).await;
    assert_eq!(
        (offer.status, offer.reason()),
        (409, "attendant_unanswered")
    );
    practice.done("admit", &[]).await;
    assert_eq!(staff_seats(&practice.grants().await), 0);
    let waiting = practice.page().await;
    assert!(waiting.contains("/team"), "{waiting}");
    let late = ask(&mut practice).await;
    assert!(late.is_out_of_turn(), "{}", late.body);
    let let_in = practice
        .act(
            "team/let-in",
            &[("attendance", "01J00000000000000000000000")],
        )
        .await;
    assert_eq!(let_in.status, 404, "{}", let_in.body);
}

#[tokio::test]
async fn with_the_patient_the_nurse_who_was_accepted_comes_in_and_refused_she_stays_out() {
    let (mut practice, _nurse) = with_nurse(&[Act::VitalSigns]).await;
    practice.done("admit", &[]).await;
    assert_eq!(staff_seats(&practice.grants().await), 1);
    assert_eq!(practice.entries("presence.accepted").await, 1);

    let mut practice = Seed::follow_up().open().await;
    assert!(ask(&mut practice).await.status < 400);
    let mut phone = phone(&practice).await;
    let id = attendance(&mut phone).await;
    for answer in ["", "maybe"] {
        let said = post(
            &mut phone,
            "/visit/attendant",
            &[("attendance", &id), ("answer", answer)],
        )
        .await;
        assert_eq!(said.status, 422, "{}", said.body);
    }
    phone
        .post("/visit/attendant", &[("attendance", &id), ("answer", "no")])
        .await;
    let twice = [("attendance", id.as_str()), ("answer", "yes")];
    let said = post(&mut phone, "/visit/attendant", &twice).await;
    assert!(said.is_out_of_turn(), "{}", said.body);
    let mut nurse = practice.house.signed_in("nurse").await;
    let seat = nurse.get(&format!("{}/seat", practice.address())).await;
    assert_eq!(seat.status, StatusCode::FORBIDDEN);
    // Refused, there is no assistance, and the visit goes on without.
    practice.done("admit", &[]).await;
    assert_eq!(staff_seats(&practice.grants().await), 0);
}

#[tokio::test]
async fn cl_3_2_i_a_the_signed_record_names_the_nurse_who_was_let_in_and_nobody_who_was_not() {
    let (mut practice, _nurse) = with_nurse(&[Act::VitalSigns]).await;
    practice.closable().await;
    practice.done("close", &NOTE).await;
    let record = practice.record().await;
    assert!(record.contains("看護師 例沢 nurse"), "{record}");
    assert!(!record.contains("ひとり"), "{record}");

    let mut practice = Seed::follow_up().open().await;
    assert!(ask(&mut practice).await.status < 400);
    let mut phone = phone(&practice).await;
    let id = attendance(&mut phone).await;
    phone
        .post("/visit/attendant", &[("attendance", &id), ("answer", "no")])
        .await;
    practice.closable().await;
    practice.done("close", &NOTE).await;
    let record = practice.record().await;
    assert!(!record.contains("看護師"), "{record}");
    assert!(record.contains("ひとり"), "{record}");
}

#[tokio::test]
async fn a_late_attendant_waits_for_the_physicians_own_press() {
    let mut practice = Seed::follow_up().open().await;
    let draft = foreseen(&practice, Basis::Plan, &[Act::VitalSigns]);
    instructed(&practice, draft).await;
    assert!(ask(&mut practice).await.status < 400);
    let mut phone = phone(&practice).await;
    let id = attendance(&mut phone).await;
    phone
        .post(
            "/visit/attendant",
            &[("attendance", &id), ("answer", "yes")],
        )
        .await;
    practice.done("admit", &[]).await;
    let away = practice.act("team/let-in", &[("attendance", &id)]).await;
    assert_eq!((away.status, away.reason()), (409, "attendant_away"));
    let mut nurse = practice.house.signed_in("nurse").await;
    nurse.get(&format!("{}/seat", practice.address())).await;
    assert_eq!(staff_seats(&practice.grants().await), 0);
    practice.done("team/let-in", &[("attendance", &id)]).await;
    assert_eq!(staff_seats(&practice.grants().await), 1);
}

#[tokio::test]
async fn cl_2_3_i_a_the_nurse_does_what_was_ordered_while_live_and_nothing_else() {
    let (mut practice, mut nurse) = with_nurse(&[Act::VitalSigns, Act::WoundCare]).await;
    let early = practice.refused("acts", &[("act", "vital_signs")]).await;
    assert_eq!(
        (early.spoke(), early.reason()),
        ((409, "cl-2.3-i-a"), "not_live")
    );
    practice.live().await;
    let other = practice.refused("acts", &[("act", "blood_sample")]).await;
    assert_eq!(
        (other.spoke(), other.reason()),
        ((409, "cl-2.3-i-a"), "act_not_foreseen")
    );
    // A nurse orders nothing, a physician enters nothing as the nurse.
    let acts = format!("{}/acts", practice.address());
    let hers = post(&mut nurse, &acts, &[("act", "vital_signs")]).await;
    assert_eq!(hers.status, 403, "{}", hers.body);
    let seat_acts = format!("{}/seat/acts", practice.address());
    let none = post(
        &mut nurse,
        &seat_acts,
        &[
            ("order", "01J00000000000000000000000"),
            ("result", "128/76"),
        ],
    )
    .await;
    assert_eq!(none.status, 404, "an act without an order: {}", none.body);

    practice.done("acts", &[("act", "vital_signs")]).await;
    let page = nurse.get(&format!("{}/seat", practice.address())).await;
    let (_, rest) = page.body.split_once("name=\"order\" value=\"").unwrap();
    let order = rest.split('"').next().unwrap().to_owned();
    let empty = post(
        &mut nurse,
        &seat_acts,
        &[("order", &order), ("result", " ")],
    )
    .await;
    assert_eq!((empty.status, empty.reason()), (422, "result_empty"));
    let done = [("order", order.as_str()), ("result", "128/76 脈62")];
    let said = post(&mut nurse, &seat_acts, &done).await;
    assert!(said.status < 400, "{}", said.body);
    let twice = post(&mut nurse, &seat_acts, &done).await;
    assert_eq!((twice.status, twice.reason()), (409, "act_performed"));
    let block = practice
        .physician
        .get(&format!("{}/team", practice.address()))
        .await;
    assert!(block.body.contains("128/76 脈62"), "{}", block.body);
    assert_eq!(practice.entries("act.ordered").await, 1);
    assert_eq!(practice.entries("act.performed").await, 1);
    // What was found is of the patient: the ledger holds a digest of it.
    let ledger = practice.house.ledger(practice.house.tenant).await;
    assert!(ledger.iter().all(|entry| !entry.contains("128/76")));
}

#[tokio::test]
async fn cl_2_3_i_a_without_an_instruction_that_holds_nobody_is_let_in() {
    let mut practice = Seed::follow_up().open().await;
    assert!(ask(&mut practice).await.status < 400);
    let mut phone = phone(&practice).await;
    let id = attendance(&mut phone).await;
    phone
        .post(
            "/visit/attendant",
            &[("attendance", &id), ("answer", "yes")],
        )
        .await;
    let said = practice.refused("admit", &[]).await;
    assert_eq!(
        (said.spoke(), said.reason()),
        ((409, "cl-2.3-i-a"), "no_instruction")
    );
    let mut over = foreseen(&practice, Basis::Plan, &[Act::VitalSigns]);
    over.until = legal_day(practice.house.now()).yesterday().unwrap();
    over.review_by = over.until;
    instructed(&practice, over).await;
    let said = practice.refused("admit", &[]).await;
    assert_eq!(said.reason(), "instruction_expired");
}

#[tokio::test]
async fn cl_2_3_i_b_an_admission_stops_the_next_visit_until_a_physician_has_looked() {
    let (mut practice, mut nurse) = with_nurse(&[Act::VitalSigns]).await;
    let page = format!("/patients/{}/instructions", practice.patient);
    let event = format!("{page}/event");
    practice.house.pass(jiff::SignedDuration::from_secs(5));
    let kept = post(
        &mut nurse,
        &event,
        &[
            ("trigger", Trigger::Admission.as_str()),
            ("event_words", "肺炎で入院"),
        ],
    )
    .await;
    assert!(kept.status < 400, "{}", kept.body);
    let said = practice.refused("admit", &[]).await;
    assert_eq!(
        (said.spoke(), said.reason()),
        ((409, "cl-2.3-i-b"), "review_triggered")
    );
    let review = format!("{page}/review");
    let hers = post(&mut nurse, &review, &[]).await;
    assert_eq!(hers.status, 403, "signed by a nurse: {}", hers.body);
    practice.house.pass(jiff::SignedDuration::from_secs(5));
    let reviewed = post(&mut practice.physician, &review, &[]).await;
    assert!(reviewed.status < 400, "{}", reviewed.body);
    practice.done("admit", &[]).await;
}

#[tokio::test]
async fn cl_2_3_i_c_a_test_nobody_foresaw_is_ordered_after_the_revision_and_a_treatment_never() {
    let (mut practice, _nurse) = with_nurse(&[Act::VitalSigns]).await;
    practice.live().await;
    let order = [("act", "blood_sample")];
    assert_eq!(
        practice.refused("acts", &order).await.reason(),
        "act_not_foreseen"
    );
    let revision = |act: &'static str| {
        [
            ("symptom", "昨夜から微熱"),
            ("act", act),
            ("revision_reason", "炎症をみる"),
        ]
    };
    let treats = practice.refused("acts/revise", &revision("infusion")).await;
    assert_eq!(
        (treats.spoke(), treats.reason()),
        ((422, "cl-2.3-i-c"), "treatment_not_added")
    );
    practice
        .done("acts/revise", &revision("blood_sample"))
        .await;
    assert_eq!(practice.entries("instruction.revised").await, 1);
    practice.done("acts", &order).await;
}

#[tokio::test]
async fn cl_2_3_ii_a_a_physician_who_does_not_visit_writes_why() {
    let mut seed = Seed::follow_up();
    // The plan asks for a visit in person every half year; the last was four months ago.
    seed.assessed_days_ago = Some(120);
    seed.draft.combination.every_months = Some(6);
    seed.draft.combination.every_visits = None;
    let mut practice = seed.open().await;
    let draft = foreseen(&practice, Basis::Plan, &[Act::VitalSigns]);
    instructed(&practice, draft).await;
    assert!(ask(&mut practice).await.status < 400);
    let mut phone = phone(&practice).await;
    let id = attendance(&mut phone).await;
    phone
        .post(
            "/visit/attendant",
            &[("attendance", &id), ("answer", "yes")],
        )
        .await;
    let said = practice.refused("admit", &[]).await;
    assert_eq!(
        (said.spoke(), said.reason()),
        ((409, "cl-2.3-ii-a"), "no_home_visit")
    );
    let empty = practice.act("team/departure", &[("departure", " ")]).await;
    assert_eq!(empty.status, 422, "{}", empty.body);
    practice
        .done("team/departure", &[("departure", "訪問の医師が休み")])
        .await;
    practice.done("admit", &[]).await;
    assert_eq!(practice.entries("home_visit.departed").await, 1);
}

#[tokio::test]
async fn cl_2_3_ii_b_a_nurse_of_a_station_needs_an_instruction_to_that_station() {
    for (station, basis, passes) in [
        ("みほん訪問看護", Basis::Plan, false),
        (
            "みほん訪問看護",
            Basis::HomeNursing {
                station: "べつの訪問看護".to_owned(),
            },
            false,
        ),
        (
            "みほん訪問看護",
            Basis::HomeNursing {
                station: "みほん訪問看護".to_owned(),
            },
            true,
        ),
    ] {
        let mut practice = Seed::follow_up().open().await;
        let draft = foreseen(&practice, basis, &[Act::VitalSigns]);
        instructed(&practice, draft).await;
        let mut administrator = practice.house.signed_in("administrator").await;
        let path = format!("/house/people/{}/station", person_id("nurse"));
        let set = post(&mut administrator, &path, &[("station", station)]).await;
        assert!(set.status < 400, "{}", set.body);
        assert!(ask(&mut practice).await.status < 400);
        let mut phone = phone(&practice).await;
        let id = attendance(&mut phone).await;
        phone
            .post(
                "/visit/attendant",
                &[("attendance", &id), ("answer", "yes")],
            )
            .await;
        if passes {
            practice.done("admit", &[]).await;
        } else {
            let said = practice.refused("admit", &[]).await;
            assert_eq!(
                (said.spoke(), said.reason()),
                ((403, "cl-2.3-ii-b"), "nurse_of_nobody")
            );
        }
    }
}

#[tokio::test]
async fn whoever_is_no_nurse_here_is_not_asked_for() {
    let mut practice = Seed::follow_up().open().await;
    let stranger = person(
        &practice.house.store,
        "stranger",
        true,
        practice.house.now(),
    )
    .await;
    for (who, status) in [
        (person_id("reception").to_string(), 404),
        (stranger.to_string(), 404),
        ("x".to_owned(), 422),
    ] {
        let said = practice
            .act("team", &[("person", &who), ("attendance_reason", "処置")])
            .await;
        assert_eq!(said.status, status, "{who}: {}", said.body);
    }
    employ(
        &practice.house.store,
        practice.house.tenant,
        stranger,
        Role::Nurse,
        practice.house.now(),
    )
    .await;
    let who = stranger.to_string();
    let silent = practice
        .act("team", &[("person", &who), ("attendance_reason", " ")])
        .await;
    assert_eq!(silent.status, 422, "{}", silent.body);
    practice
        .done("team", &[("person", &who), ("attendance_reason", "処置")])
        .await;
    // The other nurse of the house has no seat by that.
    let mut nurse = practice.house.signed_in("nurse").await;
    let seat = nurse.get(&format!("{}/seat", practice.address())).await;
    assert_eq!(seat.status, StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn nothing_is_asked_of_a_nurse_to_whom_the_patient_has_not_said_yes() {
    let mut practice = Seed::follow_up().open().await;
    let draft = foreseen(&practice, Basis::Plan, &[Act::VitalSigns]);
    instructed(&practice, draft).await;
    assert!(ask(&mut practice).await.status < 400);
    practice.live().await;
    for (act, fields) in [
        ("acts", vec![("act", "vital_signs")]),
        (
            "acts/revise",
            vec![
                ("symptom", "微熱"),
                ("act", "blood_sample"),
                ("revision_reason", "炎症をみる"),
            ],
        ),
    ] {
        let said = practice.refused(act, &fields).await;
        assert_eq!(
            (said.spoke(), said.reason()),
            ((409, "cl-1.6-iv"), "attendant_unanswered")
        );
    }
}
