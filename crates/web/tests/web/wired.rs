//! Rules that were only half wired: the exit without care, the doubt, the treated disease, the cancelled admission, the texts.

use crate::{
    consultation_seed::{Practice, SECRET, Seed, draft, own, post, staff, write},
    support::{Browser, person_id},
};
use access::Role;
use axum::http::StatusCode;
use care::{
    Class,
    plan::{Diagnosis, Segment},
    proof::Answer as CardAnswer,
};
use jiff::{SignedDuration, ToSpan as _};
use store::{agreement::Left, dossier::legal_day};
use web::{Surface, visit::link};

async fn phone(practice: &Practice) -> Browser {
    let mut phone = practice.house.browser(Surface::Patient);
    let link = format!("/v/{}", link::encode(practice.house.tenant, &SECRET));
    let birth = [("era", "showa"), ("y", "26"), ("m", "4"), ("d", "3")];
    let entered = phone.post(&format!("{link}/enter"), &birth).await;
    assert_eq!(entered.status, StatusCode::SEE_OTHER, "{}", entered.body);
    phone
}

const UNPERFORMED: [(&str, &str); 2] = [("reason", "line"), ("told", "電話で、あすの来院を決めた")];

#[tokio::test]
async fn cl_1_6_ii_a_what_was_not_seen_and_heard_ends_as_no_online_care() {
    let mut practice = Seed::follow_up().open().await;
    practice.live().await;
    practice.seen(5).await;
    assert!(practice.page().await.contains("/unperformed"));
    let form = format!("{}/unperformed", practice.address());
    assert_eq!(practice.physician.get(&form).await.status, StatusCode::OK);
    assert_eq!(
        practice
            .refused("unperformed", &[("reason", "line")])
            .await
            .status,
        422
    );
    practice.done("unperformed", &UNPERFORMED).await;
    assert_eq!(practice.stage().await, "not_performed");
    assert!(practice.grants().await.is_empty(), "the room is closed");
    assert_eq!(practice.entries("consultation.not_performed").await, 1);
    let ledger = practice.house.ledger(practice.house.tenant).await;
    let why = ledger
        .iter()
        .find(|entry| entry.contains("not_performed_as_online_care"))
        .unwrap();
    assert!(
        why.contains("\"online_fee\":0") && why.contains("\"two_way_seconds\":5"),
        "{why}"
    );
    assert!(!why.contains("あすの来院"), "what was told stays sealed");
    assert!(practice.page().await.contains("電話で、あすの来院を決めた"));
    for act in ["close", "unperformed", "enough"] {
        assert_eq!(practice.act(act, &UNPERFORMED).await.status, 409, "{act}");
    }
}

#[tokio::test]
async fn cl_1_6_ii_a_whoever_was_seen_and_heard_is_documented_and_not_sent_away() {
    let mut practice = Seed::follow_up().open().await;
    practice.closable().await;
    let said = practice.refused("unperformed", &UNPERFORMED).await;
    assert_eq!(
        (said.spoke(), said.reason()),
        ((409, "cl-1.6-ii-a"), "media_suffices")
    );
    assert!(!practice.page().await.contains("/unperformed"));
}

#[tokio::test]
async fn cl_2_5_1_1_xi_a_a_visit_cancelled_by_reception_leaves_nobody_connected() {
    let mut practice = Seed::first_visit().open().await;
    practice.done("admit", &[]).await;
    assert_eq!(practice.stage().await, "checks");
    assert!(!practice.grants().await.is_empty());
    let mut reception = practice.house.signed_in("reception").await;
    let cancel = format!("/bookings/{}/cancel", practice.visit);
    let said = post(&mut reception, &cancel, &[]).await;
    assert_eq!(said.status, 303, "{}", said.body);
    assert_eq!(practice.stage().await, "aborted");
    assert!(practice.grants().await.is_empty());
    assert_eq!(practice.entries("room.left").await, 2);
    assert_eq!(practice.act("signal", &[]).await.status, 410);
}

#[tokio::test]
async fn cl_1_1_iv_c_a_draft_that_was_read_says_nothing_of_the_plan_in_force() {
    let mut practice = Seed::follow_up().open().await;
    let patient = practice.patient;
    let mut next = draft();
    next.online_care.treatment = "べつの治療".into();
    let visit = practice.consultation().await;
    write(&practice.house, move |tx| {
        Box::pin(async move {
            let basis = tx.plans(patient).await?[0].plan.basis;
            let plan = tx
                .draft_plan(
                    &staff(Role::Physician),
                    person_id("physician"),
                    patient,
                    basis,
                    &next,
                )
                .await?;
            let left = Left {
                seconds: 9,
                wants_to_ask: true,
            };
            tx.keep_plan_read(&own(patient), &visit, (plan, 2), left)
                .await
        })
    })
    .await;
    practice.live().await;
}

#[tokio::test]
async fn cl_1_1_iv_c_a_first_visit_without_a_plan_shows_the_standard_draft() {
    let practice = Seed {
        draft: care::plan::Draft::default(),
        ..Seed::first_visit()
    }
    .open()
    .await;
    let mut phone = phone(&practice).await;
    let page = phone.get("/visit/explain").await;
    assert!(
        page.body.contains("はじめの診察で、オンラインで診る病気"),
        "{}",
        page.body
    );
    let versions: Vec<String> = page
        .body
        .split("name=\"version\" value=\"")
        .skip(1)
        .filter_map(|rest| rest.split('"').next().map(ToOwned::to_owned))
        .collect();
    assert!(
        versions
            .iter()
            .any(|version| version.starts_with("care_plan:standard:"))
    );
    let mut fields = vec![("answer", "understood"), ("seconds", "20")];
    fields.extend(versions.iter().map(|version| ("version", version.as_str())));
    let answer = phone.post("/visit/explain", &fields).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.body);
    assert_ne!(answer.location(), "/visit/explain");
    let lines = practice.open_lines().await.join("\n");
    assert!(!lines.contains("cl-1.1-iv-c"), "{lines}");
}

#[tokio::test]
async fn cl_1_4_i_a_a_doubt_or_the_clinics_interval_makes_the_check_due_again() {
    let mut practice = Seed {
        class: Class::First,
        signed: false,
        ..Seed::follow_up()
    }
    .open()
    .await;
    assert!(!practice.open_lines().await.join(" ").contains("cl-1.4-i-a"));
    practice.house.pass(SignedDuration::from_secs(1));
    practice.done("doubt", &[]).await;
    assert!(practice.open_lines().await.join(" ").contains("cl-1.4-i-a"));
    assert_eq!(practice.entries("warning.raised").await, 1);

    let practice = Seed::follow_up().open().await;
    let mut rules = care::house::HouseRules {
        identity_months: Some(1),
        ..care::house::HouseRules::default()
    };
    let keep = rules.clone();
    write(&practice.house, move |tx| {
        Box::pin(async move {
            tx.keep_house_rules(&staff(Role::Administrator), &keep)
                .await
        })
    })
    .await;
    practice.house.pass(SignedDuration::from_hours(24 * 30));
    assert!(!practice.open_lines().await.join(" ").contains("cl-1.4-i-a"));
    practice.house.pass(SignedDuration::from_hours(48));
    assert!(practice.open_lines().await.join(" ").contains("cl-1.4-i-a"));
    rules.identity_months = None;
    write(&practice.house, move |tx| {
        Box::pin(async move {
            tx.keep_house_rules(&staff(Role::Administrator), &rules)
                .await
        })
    })
    .await;
    assert!(!practice.open_lines().await.join(" ").contains("cl-1.4-i-a"));
}

#[tokio::test]
async fn cl_1_3_i_a_a_disease_outside_the_plan_is_not_signed_under_it() {
    let mut practice = Seed::follow_up().open().await;
    practice.live().await;
    practice.done("strip", &[]).await;
    practice.seen(75).await;
    let note = [
        crate::consultation_seed::NOTE.as_slice(),
        &[
            ("enough", "yes"),
            ("treated", "I10"),
            ("treated", "another"),
        ],
    ]
    .concat();
    practice.done("enough", &note).await;
    let said = practice.refused("close", &[]).await;
    assert_eq!(said.spoke(), (409, "cl-1.3-i-a"), "{}", said.body);
    assert!(practice.page().await.contains("/new-condition"));
    practice.done("new-condition", &[]).await;
    assert_eq!(
        practice.consultation().await.class,
        Class::FirstNewCondition
    );
    practice
        .done("close", &crate::consultation_seed::FIRST_NOTE[5..])
        .await;
    assert_eq!(practice.stage().await, "closed");
    assert_eq!(practice.act("new-condition", &[]).await.status, 409);
}

#[tokio::test]
async fn cl_1_3_i_a_a_plan_changed_to_name_the_disease_covers_it() {
    let mut seed = Seed::follow_up();
    seed.draft.online_care.diagnoses.push(Diagnosis {
        code: "E78".into(),
        name: "脂質異常症".into(),
    });
    seed.assessed_days_ago = None;
    seed.class = Class::First;
    seed.signed = false;
    let mut practice = seed.open().await;
    practice.live().await;
    practice.done("strip", &[]).await;
    practice.seen(75).await;
    let note = [
        crate::consultation_seed::NOTE.as_slice(),
        &[("enough", "yes"), ("treated", "E78")],
    ]
    .concat();
    practice.done("enough", &note).await;
    practice
        .done("close", &crate::consultation_seed::FIRST_NOTE[5..])
        .await;
}

#[tokio::test]
async fn cl_1_4_i_b_a_dispute_is_settled_by_somebody_else_with_a_reason() {
    let practice = Seed {
        card: Some(CardAnswer::NotThePerson),
        ..Seed::follow_up()
    }
    .open()
    .await;
    let mut administrator = practice.house.signed_in("administrator").await;
    let list = administrator.get("/house/disputes").await;
    assert!(list.body.contains("見本 正男1"), "{}", list.body);
    let act = format!("/house/disputes/{}", practice.visit);
    assert_eq!(administrator.post(&act, &[]).await.status, 422);
    let reason = [("reason", "写真を見せ、電話で確かめた")];
    assert_eq!(post(&mut administrator, &act, &reason).await.status, 303);
    assert_eq!(
        post(&mut administrator, &act, &reason).await.status,
        409,
        "once"
    );
    assert_eq!(practice.entries("dispute.settled").await, 1);
    let mut read = practice
        .house
        .store
        .read(practice.house.tenant)
        .await
        .unwrap();
    assert!(
        read.disputes().await.unwrap().is_empty(),
        "the finding is gone"
    );
}

#[tokio::test]
async fn cl_2_1_v_a_room_is_inspected_anew_and_only_a_registered_one_is_called_so() {
    let mut practice = Seed::follow_up().open().await;
    let today = legal_day(practice.house.now());
    write(&practice.house, move |tx| {
        Box::pin(async move {
            let by = staff(Role::Administrator);
            tx.add_room(&by, "診察室3", today.saturating_sub(2.years()))
                .await?;
            tx.add_room(&by, "診察室3", today).await?;
            tx.add_room(&by, "診察室3", today.saturating_sub(1.year()))
                .await
        })
    })
    .await;
    let mut read = practice
        .house
        .store
        .read(practice.house.tenant)
        .await
        .unwrap();
    let rooms = read.room_register().await.unwrap();
    drop(read);
    let again: Vec<_> = rooms.iter().filter(|room| room.name == "診察室3").collect();
    assert_eq!(again.len(), 1);
    assert_eq!(again[0].inspected, today);
    let state = |room: &str| [("room", room.to_owned()), ("stated", "all".to_owned())];
    for (room, status) in [(again[0].id.as_str(), 303), ("だれも知らない部屋", 422)] {
        let fields = state(room);
        let fields: Vec<_> = fields
            .iter()
            .map(|(name, value)| (*name, value.as_str()))
            .collect();
        let said = practice.physician.post("/work", &fields).await;
        assert_eq!(said.status, status, "{room}");
    }
    assert_eq!(practice.period().await.room, "診察室3");
}

#[tokio::test]
async fn sec_0_b_the_vendor_stands_on_the_text_of_the_release_alone() {
    let mut practice = Seed::follow_up().open().await;
    let mut administrator = practice.house.signed_in("administrator").await;
    let own = [
        ("title_ja", "通信の危険"),
        ("title_en", "Risks"),
        ("body_ja", "当院の言葉で書いた危険"),
        ("body_en", "In our own words"),
        ("change", "substance"),
    ];
    let page = "/house/texts/agreement/security_risk";
    assert_eq!(post(&mut administrator, page, &own).await.status, 303);
    practice.physician = practice.house.signed_in("physician").await;
    crate::consultation_seed::open_work(&mut practice.physician).await;
    practice.page().await;
    let lines = practice.open_lines().await.join("\n");
    assert!(lines.contains("sec-0.b: vendor_not_agreed"), "{lines}");
    assert_eq!(practice.act("admit", &[]).await.status, 409);
    // The institution cannot sign in the vendor's place; it goes back, and signs.
    assert_eq!(
        post(&mut administrator, "/house/statement", &[])
            .await
            .status,
        409
    );
    let statement = administrator.get("/house/statement").await.body;
    assert!(statement.contains("/house/statement/release"));
    assert!(
        statement.contains("<ins>当院の言葉で書いた危険</ins>"),
        "the difference is shown"
    );
    assert_eq!(
        post(&mut administrator, "/house/statement/release", &[])
            .await
            .status,
        303
    );
    assert_eq!(
        post(&mut administrator, "/house/statement", &[])
            .await
            .status,
        303
    );
    let lines = practice.open_lines().await.join("\n");
    assert!(
        !lines.contains("vendor_not_agreed") && lines.contains("agreement_stale"),
        "{lines}"
    );
}

#[tokio::test]
async fn cl_1_3_i_i_another_owner_is_shown_at_the_next_visit_once() {
    let practice = Seed {
        arrived: false,
        ..Seed::follow_up()
    }
    .open()
    .await;
    write(&practice.house, |tx| {
        Box::pin(async move {
            let host = Segment {
                name: "host".into(),
                owners: vec!["べつの会社".into()],
            };
            tx.put_boundary(&staff(Role::Administrator), 1, &host).await
        })
    })
    .await;
    let lines = practice.open_lines().await.join("\n");
    assert!(lines.contains("cl-1.1-iv-c"), "{lines}");
    let mut phone = phone(&practice).await;
    let page = phone.get("/visit/explain").await;
    assert!(page.body.contains("べつの会社"), "{}", page.body);
    assert!(!page.body.contains("降圧薬の調整"), "only what changed");
    let version = page
        .body
        .split("name=\"version\" value=\"")
        .nth(1)
        .and_then(|rest| rest.split('"').next())
        .unwrap()
        .to_owned();
    let fields = [
        ("answer", "understood"),
        ("version", version.as_str()),
        ("seconds", "9"),
    ];
    let answer = phone.post("/visit/explain", &fields).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.body);
    let lines = practice.open_lines().await.join("\n");
    assert!(!lines.contains("cl-1.1-iv-c"), "{lines}");
}

#[tokio::test]
async fn cl_1_3_i_a_withdrawn_plan_starts_no_follow_up() {
    let mut practice = Seed::follow_up().open().await;
    let plan = format!("/patients/{}/plans/1", practice.patient);
    assert!(
        practice
            .physician
            .get(&plan)
            .await
            .body
            .contains("/withdraw")
    );
    let act = format!("{plan}/withdraw");
    let said = post(&mut practice.physician, &act, &[]).await;
    assert_eq!(said.spoke(), (422, "cl-1.3-i"), "{}", said.body);
    let mut nurse = practice.house.signed_in("nurse").await;
    let said = post(&mut nurse, &act, &[("reason", "x")]).await;
    assert_eq!(said.status, 403);
    practice.physician = practice.house.signed_in("physician").await;
    let said = post(&mut practice.physician, &act, &[("reason", "治療を変える")]).await;
    assert_eq!(said.status, 303, "{}", said.body);
    assert_eq!(practice.entries("plan.withdrawn").await, 1);
    let lines = practice.open_lines().await.join("\n");
    assert!(
        lines.contains("cl-1.3-i:")
            || lines.contains("cl-1.3-i\n")
            || lines.contains("by cl-1.3-i"),
        "{lines}"
    );
    let said = post(&mut practice.physician, &act, &[("reason", "もう一度")]).await;
    assert_eq!(said.spoke(), (409, "cl-1.3-i"));
}

#[tokio::test]
async fn cl_2_5_1_1_iii_b_the_chart_shows_what_was_explained_and_agreed() {
    let mut practice = Seed::follow_up().open().await;
    let chart = format!("/patients/{}", practice.patient);
    let page = practice.physician.get(&chart).await.body;
    assert!(page.contains("id=\"charted\""), "{page}");
    for words in [
        "できること・できないことの説明",
        "毎回 医師が決めることの説明",
    ] {
        assert!(page.contains(words), "{words}");
    }
}

#[tokio::test]
async fn cl_1_3_i_h_a_physician_listed_for_a_case_says_that_it_applies() {
    let mut seed = Seed::follow_up();
    let mut usual = seed.draft.physicians[0].clone();
    usual.person = person_id("second");
    usual.name = "例田 つき".into();
    seed.draft.physicians[0].when = "例田が休みのとき".into();
    seed.draft.physicians.insert(0, usual);
    let mut practice = seed.open().await;
    assert!(practice.page().await.contains("case:applies"));
    let said = practice.refused("admit", &[]).await;
    assert_eq!(
        (said.spoke(), said.reason()),
        ((409, "cl-1.3-i-h"), "reason_required")
    );
    practice.done("rota", &[("reason", "case:applies")]).await;
    practice.live().await;
    let mut read = practice
        .house
        .store
        .read(practice.house.tenant)
        .await
        .unwrap();
    let rule = read.rota_of(practice.visit).await.unwrap();
    assert_eq!(
        rule.as_deref(),
        Some("例田が休みのとき"),
        "the rule that applied is stored"
    );
    drop(read);
    practice.done("strip", &[]).await;
    practice.seen(75).await;
    assert_eq!(practice.enough().await.status, 303);
    let record = practice.record().await;
    assert!(record.contains("「例田が休みのとき」にあたる"), "{record}");
}

#[tokio::test]
async fn cl_1_1_iii_b_a_hand_over_that_lacks_a_field_comes_back_with_what_was_written() {
    let mut practice = Seed::follow_up().open().await;
    practice.live().await;
    practice.seen(5).await;
    let half = [
        ("reason", "other"),
        ("words", "足の傷を直接みる"),
        ("destination", "当院 あす"),
    ];
    for (act, typed) in [
        ("stop", &half[..]),
        ("unperformed", &[("reason", "line")][..]),
    ] {
        let form = format!("{}/{act}", practice.address());
        let again = practice.physician.post(&form, typed).await;
        assert_eq!(again.status, StatusCode::UNPROCESSABLE_ENTITY, "{act}");
        // The list names the field and leads to it; a second thing of the same id would hide it.
        for there in [
            "href=\"#told-words\"",
            "患者へ伝えたこと: 入れてください。",
            "id=\"told-words\"",
        ] {
            assert!(again.body.contains(there), "{act} {there}: {}", again.body);
        }
        assert_eq!(again.body.matches("id=\"told\"").count(), 1, "{act}");
    }
    let again = practice
        .physician
        .post(&format!("{}/stop", practice.address()), &half)
        .await;
    for kept in ["足の傷を直接みる", "当院 あす"] {
        assert!(again.body.contains(kept), "{kept}");
    }
    assert_eq!(practice.stage().await, "live", "nothing has changed");
}
