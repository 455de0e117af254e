//! Attacks on physicians in turn, on substitutes, and on checks of the healthy.

use crate::{
    consultation_seed::{NOTE, Practice, SECRET, Seed, own, post, staff, write},
    support::{Browser, employ, person, person_id},
};
use access::Role;
use care::{
    Service,
    plan::PlanPhysician,
    rota::Rules,
    task::{Kind, Opening},
};
use store::agreement::Left;
use web::{Surface, visit::link};

const HANDED: [(&str, &str); 5] = [
    ("problem", "高血圧、3年"),
    ("plan", "いまの薬を続ける"),
    ("medication", "ミホンジピン 5mg"),
    ("alerts", "なし"),
    ("questions", "ふらつきの有無"),
];

/// The patient's browser, signed in by the link.
async fn phone(practice: &Practice) -> Browser {
    let mut phone = practice.house.browser(Surface::Patient);
    let link = format!("/v/{}", link::encode(practice.house.tenant, &SECRET));
    let birth = [("era", "showa"), ("y", "26"), ("m", "4"), ("d", "3")];
    let answer = phone.post(&format!("{link}/enter"), &birth).await;
    assert_eq!(answer.status.as_u16(), 303, "{}", answer.body);
    phone
}

/// A visit by somebody whom the plan does not list, with the reason said; and the browser of whom it lists.
async fn substitute() -> (Practice, Browser) {
    stand_in(true).await
}

async fn stand_in(chart: bool) -> (Practice, Browser) {
    let seed = Seed {
        chart,
        ..Seed::stand_in()
    };
    let mut practice = seed.open().await;
    let planned = practice.other_physician().await;
    verify(&practice, "second").await;
    practice.done("rota", &[("reason", "outside:sick")]).await;
    (practice, planned)
}

async fn verify(practice: &Practice, login_name: &'static str) {
    write(&practice.house, move |tx| {
        Box::pin(async move {
            let by = staff(Role::Administrator);
            let profile = store::physician::PhysicianProfile {
                person: person_id(login_name),
                ..crate::consultation_seed::profile()
            };
            tx.put_physician_profile(&by, &profile).await?;
            let verified = store::physician::Verified {
                by: person_id("administrator"),
                registration_year: Some(2001),
                valid_until: jiff::civil::date(2027, 11, 20),
            };
            tx.keep_proof(&by, &profile, verified).await?;
            let course = access::qualification::CourseCertificate {
                person: profile.person,
                number: "R7-9".into(),
                completed_on: jiff::civil::date(2025, 5, 1),
                file: "0".repeat(64),
                verified_by: Some(person_id("administrator")),
            };
            tx.enter_course(&by, &course).await
        })
    })
    .await;
}

async fn hand_over(practice: &mut Practice, planned: &mut Browser) {
    let path = format!("{}/handover", practice.address());
    let said = post(planned, &path, &HANDED).await;
    assert_eq!(said.status, 303, "{}", said.body);
    practice.page().await;
    assert_eq!(practice.physician.get(&path).await.status.as_u16(), 200);
    practice.done("handover/read", &[]).await;
}

#[tokio::test]
async fn cl_1_2_viii_a_a_listed_physician_takes_a_turn_once_one_of_them_has_seen_the_patient() {
    let mut practice = in_turn("second").await;
    practice.done("admit", &[]).await;
    let mut practice = in_turn("third").await;
    let said = practice.refused("admit", &[]).await;
    assert_eq!(
        (said.spoke(), said.reason()),
        ((409, "cl-1.2-viii-a"), "seen_by_none"),
        "{}",
        said.body
    );
    // Nobody on the list: neither admitted nor begun.
    let (mut practice, _) = substitute().await;
    let said = practice.refused("admit", &[]).await;
    assert_eq!(said.spoke(), (409, "cl-1.2-viii-c"), "{}", said.body);
}

/// A plan after a first visit online that lists two; this one has seen the patient in person.
async fn in_turn(assessed_by: &'static str) -> Practice {
    let mut seed = Seed {
        assessed_by,
        online_basis: true,
        ..Seed::follow_up()
    };
    let colleague = PlanPhysician {
        person: person_id("second"),
        ..seed.draft.physicians[0].clone()
    };
    seed.draft.physicians.push(colleague);
    seed.open().await
}

#[tokio::test]
async fn cl_1_2_viii_a_whoever_joins_the_list_waits_for_the_patient_to_read_it() {
    let (mut practice, _) = substitute().await;
    let patient = practice.patient;
    let (plan, version) = write(&practice.house, move |tx| {
        Box::pin(async move {
            let kept = tx.plans(patient).await?.remove(0).plan;
            let mut draft = kept.draft.clone();
            draft.responsibility = tx.responsibility().await?;
            draft.team = Some(care::rota::Team::Other);
            draft.physicians[0].specialty = "内科".into();
            draft.physicians.push(PlanPhysician {
                person: person_id("physician"),
                name: "例沢 はるか".into(),
                when: "担当が休みの日".into(),
                specialty: "内科".into(),
                partner: None,
            });
            let by = staff(Role::Physician);
            let id = tx
                .draft_plan(&by, person_id("physician"), patient, kept.basis, &draft)
                .await?;
            Ok((id, kept.version + 1))
        })
    })
    .await;
    let sign = format!("/patients/{patient}/plans/{version}/sign");
    let said = post(&mut practice.physician, &sign, &[]).await;
    assert_eq!(said.spoke(), (409, "cl-1.1-iv-c"), "{}", said.body);
    let visit = practice.consultation().await;
    write(&practice.house, move |tx| {
        Box::pin(async move {
            let left = Left {
                seconds: 9,
                wants_to_ask: false,
            };
            tx.keep_plan_read(&own(patient), &visit, (plan, version), left)
                .await
        })
    })
    .await;
    let said = post(&mut practice.physician, &sign, &[]).await;
    assert_eq!(said.status, 303, "{}", said.body);
    practice.done("rota", &[("reason", "case:applies")]).await;
    practice.done("admit", &[]).await;
}

#[tokio::test]
async fn cl_1_2_viii_b_whoever_left_the_register_is_listed_in_no_plan_and_found_in_old_ones() {
    let (mut practice, mut planned) = substitute().await;
    let patient = practice.patient;
    let mut administrator = practice.house.signed_in("administrator").await;
    let checklist =
        |page: String| page.contains("plan_physician_missing") || page.contains("いない医師の名前");
    let before = administrator.get("/house/checklist").await.body;
    assert!(!checklist(before), "everybody is here");
    // The draft is read and would be signed, but its physician has left.
    let visit = practice.consultation().await;
    write(&practice.house, move |tx| {
        Box::pin(async move {
            let kept = tx.plans(patient).await?.remove(0).plan;
            let by = staff(Role::Physician);
            let mut draft = kept.draft.clone();
            draft.responsibility = tx.responsibility().await?;
            let id = tx
                .draft_plan(&by, person_id("second"), patient, kept.basis, &draft)
                .await?;
            let left = Left {
                seconds: 9,
                wants_to_ask: false,
            };
            tx.keep_plan_read(&own(patient), &visit, (id, kept.version + 1), left)
                .await
        })
    })
    .await;
    let people = administrator.get("/house/people").await.body;
    let end = people
        .split(&format!("/house/people/{}", person_id("second")))
        .nth(1)
        .expect("a row")
        .split("/house/memberships/")
        .nth(1)
        .and_then(|rest| rest.split('"').next())
        .expect("a membership to end");
    let answer = administrator
        .post(&format!("/house/memberships/{end}"), &[])
        .await;
    assert_eq!(answer.status.as_u16(), 303, "{}", answer.body);
    let sign = format!("/patients/{patient}/plans/2/sign");
    let said = post(&mut practice.physician, &sign, &[]).await;
    assert_eq!(said.spoke(), (422, "cl-1.2-viii-b"), "{}", said.body);
    assert!(checklist(administrator.get("/house/checklist").await.body));
    let plans = practice.physician.get("/plans?show=all").await.body;
    assert!(plans.contains("もう当院の医師ではありません"));
    assert_ne!(planned.get("/today").await.status.as_u16(), 200);
}

#[tokio::test]
async fn cl_1_2_viii_c_nobody_stands_in_whom_the_patient_has_not_accepted_for_this_visit() {
    let (mut practice, mut planned) = substitute().await;
    hand_over(&mut practice, &mut planned).await;
    let said = practice.refused("admit", &[]).await;
    assert_eq!(said.spoke(), (409, "cl-1.2-viii-c"), "{}", said.body);
    // An acceptance of somebody else, and one of another visit, are none of this.
    let (patient, visit) = (practice.patient, practice.consultation().await);
    write(&practice.house, move |tx| {
        Box::pin(async move {
            let mut other = visit.clone();
            other.physician = person_id("third");
            tx.keep_substitute_answer(&own(patient), &other, true)
                .await?;
            let by = staff(Role::Reception);
            let kind = (visit.class, visit.service);
            let old = tx
                .book(&by, patient, visit.physician, kind, visit.booked_for)
                .await?
                .consultation;
            tx.keep_substitute_answer(&own(patient), &old, true).await
        })
    })
    .await;
    assert_eq!(
        practice.refused("admit", &[]).await.spoke(),
        (409, "cl-1.2-viii-c")
    );
    // Staff cannot answer in the patient's place.
    let said = post(
        &mut practice.physician,
        "/visit/substitute",
        &[("answer", "accept")],
    )
    .await;
    assert!([401, 403, 404].contains(&said.status), "{}", said.status);
    let mut phone = phone(&practice).await;
    let page = phone.get("/visit").await;
    assert_eq!(page.location(), "/visit/substitute");
    let page = phone.get("/visit/substitute").await.body;
    for shown in [
        "1998",
        "内科",
        "見本みずうみクリニック",
        "お金はかかりません",
    ] {
        assert!(page.contains(shown), "{shown}");
    }
    let answer = phone
        .post("/visit/substitute", &[("answer", "accept")])
        .await;
    assert_eq!(answer.status.as_u16(), 303, "{}", answer.body);
    practice.done("admit", &[]).await;
    assert!(practice.entries("agreement.given").await > 0);
}

#[tokio::test]
async fn cl_1_2_viii_c_declining_a_substitute_finds_another_hour_and_recurring_ones_are_found() {
    let (practice, _) = substitute().await;
    let mut phone = phone(&practice).await;
    let answer = phone
        .post("/visit/substitute", &[("answer", "decline")])
        .await;
    assert_eq!(answer.status.as_u16(), 303, "{}", answer.body);
    assert_eq!(practice.stage().await, "aborted");
    let open = practice
        .house
        .store
        .read(practice.house.tenant)
        .await
        .unwrap()
        .open_tasks()
        .await
        .unwrap();
    let rebook = open
        .iter()
        .find(|task| task.opening.kind == Kind::Rebook)
        .unwrap()
        .clone();
    // What was promised stands on the patient's page until reception has kept it.
    let promised = "受付から 電話します";
    let page = phone.get("/visit/over").await.body;
    assert!(page.contains(promised), "{page}");
    write(&practice.house, move |tx| {
        Box::pin(async move {
            let by = staff(Role::Reception);
            let same = |task: &Opening| task.visit == rebook.opening.visit;
            tx.done_with(&by, rebook.opening.patient, Kind::Rebook, same)
                .await
        })
    })
    .await;
    let page = phone.get("/visit/over").await.body;
    assert!(!page.contains(promised), "{page}");
    let mut administrator = practice.house.signed_in("administrator").await;
    let (patient, visit) = (practice.patient, practice.consultation().await);
    for times in 1..=3 {
        let page = administrator.get("/house/checklist").await.body;
        assert!(!page.contains("3回以上診た患者"), "{times}");
        let (visit, by) = (visit.clone(), staff(Role::Reception));
        write(&practice.house, move |tx| {
            Box::pin(async move {
                let kind = (visit.class, visit.service);
                let next = tx
                    .book(&by, patient, visit.physician, kind, visit.booked_for)
                    .await?
                    .consultation;
                tx.keep_substitute_answer(&own(patient), &next, true).await
            })
        })
        .await;
    }
    let page = administrator.get("/house/checklist").await.body;
    assert!(page.contains("3回以上診た患者"), "the fourth look finds it");
}

#[tokio::test]
async fn cl_1_2_viii_d_the_case_is_handed_over_signed_opened_and_read_before_anything_begins() {
    let (mut practice, mut planned) = stand_in(false).await;
    let mut phone = phone(&practice).await;
    phone
        .post("/visit/substitute", &[("answer", "accept")])
        .await;
    let path = format!("{}/handover", practice.address());
    assert_eq!(
        practice.refused("admit", &[]).await.spoke(),
        (409, "cl-1.2-viii-d"),
        "none"
    );
    // The empty template, and every template with one part left out.
    let said = post(&mut planned, &path, &[]).await;
    assert_eq!(
        (said.status, said.reason()),
        (409, "hand_over_incomplete"),
        "{}",
        said.body
    );
    for at in 0..HANDED.len() {
        let mut fields = HANDED;
        fields[at].1 = " ";
        let said = post(&mut planned, &path, &fields).await;
        assert_eq!(said.reason(), "hand_over_incomplete", "{}", fields[at].0);
    }
    // Nobody hands over to oneself, and nobody who is neither of the plan nor a named deputy hands over.
    let said = practice.act("handover", &HANDED).await;
    assert_eq!((said.status, said.clause()), (403, "cl-1.2-viii-d"));
    let third = person(&practice.house.store, "third", true, practice.house.now()).await;
    employ(
        &practice.house.store,
        practice.house.tenant,
        third,
        Role::Physician,
        practice.house.now(),
    )
    .await;
    verify(&practice, "third").await;
    let mut third = practice.house.signed_in("third").await;
    let reached = [HANDED.as_slice(), &[("unreachable", "yes")]].concat();
    let said = post(&mut third, &path, &reached).await;
    assert_eq!((said.status, said.clause()), (403, "cl-1.2-viii-d"));
    let mut administrator = practice.house.signed_in("administrator").await;
    let deputy = person_id("third").to_string();
    administrator
        .post("/house/turns", &[("deputy", &deputy)])
        .await;
    let said = post(&mut third, &path, &HANDED).await;
    assert_eq!(said.status, 403, "a deputy says that nobody can be reached");
    assert_eq!(post(&mut third, &path, &reached).await.status, 303);
    // Signed, and neither opened nor read.
    assert_eq!(
        practice.refused("admit", &[]).await.spoke(),
        (409, "cl-1.2-viii-d"),
        "unread"
    );
    // The colleague has the chart open, the substitute has not.
    planned.get(&practice.address()).await;
    let said = practice.refused("handover/read", &[]).await;
    assert_eq!(said.reason(), "chart_unopened", "{}", said.body);
    practice.page().await;
    let said = practice.refused("handover/read", &[]).await;
    assert_eq!(said.reason(), "note_unopened", "{}", said.body);
    practice.physician.get(&path).await;
    let said = post(&mut planned, &format!("{path}/read"), &[]).await;
    assert_eq!(said.status, 403, "only who stands in reads it");
    practice.done("handover/read", &[]).await;
    practice.done("admit", &[]).await;
    for subject in ["handover.signed", "handover.acknowledged"] {
        assert_eq!(practice.entries(subject).await, 1, "{subject}");
    }
    let ledger = practice
        .house
        .ledger(practice.house.tenant)
        .await
        .join("\n");
    assert!(!ledger.contains(HANDED[0].1), "no words of the chart");
}

#[tokio::test]
async fn cl_1_3_i_h_the_signed_record_says_why_it_was_this_physician_and_who_handed_over() {
    let own = [("reason", "outside:other"), ("words", "学会に出ている")];
    let listed = [("reason", "outside:roster")];
    for (reasons, said, unsaid) in [
        ([listed.as_slice(), &own], "学会に出ている", "勤務の変更"),
        // What was written before another reason was chosen is no reason any more.
        ([own.as_slice(), &listed], "勤務の変更", "学会に出ている"),
    ] {
        let (mut practice, mut planned) = substitute().await;
        for reason in reasons {
            practice.done("rota", reason).await;
        }
        let mut phone = phone(&practice).await;
        phone
            .post("/visit/substitute", &[("answer", "accept")])
            .await;
        hand_over(&mut practice, &mut planned).await;
        practice.closable().await;
        assert!(
            practice.record().await.contains(said),
            "before it is signed"
        );
        practice.done("close", &NOTE).await;
        let record = practice.record().await;
        for said in ["例沢 はるか", said, "引きつぎ", "例沢 physician"] {
            assert!(record.contains(said), "{said}: {record}");
        }
        assert!(!record.contains(unsaid), "{record}");
        let ledger = practice.house.ledger(practice.house.tenant).await;
        assert!(
            ledger.iter().all(|entry| !entry.contains(own[1].1)),
            "the own words stay sealed"
        );
    }
}

#[tokio::test]
async fn cl_1_3_i_h_the_record_says_that_an_emergency_left_no_time_to_ask_why() {
    let mut practice = Seed::stand_in().open().await;
    practice
        .done("emergency", &[("reason", "sudden_change")])
        .await;
    practice.done("strip", &[]).await;
    practice.seen(75).await;
    assert_eq!(practice.enough().await.status, 303);
    let record = practice.record().await;
    assert!(record.contains("計画にない医師"), "{record}");
}

async fn offer(practice: &Practice, wellness: bool) {
    write(&practice.house, move |tx| {
        Box::pin(async move {
            let rules = Rules {
                wellness,
                ..Rules::default()
            };
            tx.keep_rota_rules(&staff(Role::Administrator), &rules)
                .await
        })
    })
    .await;
}

#[tokio::test]
async fn cl_1_2_viii_e_a_check_of_the_healthy_is_booked_with_whom_the_plan_lists() {
    let practice = Seed::follow_up().open().await;
    let _second = practice.other_physician().await;
    verify(&practice, "second").await;
    let mut reception = practice.house.signed_in("reception").await;
    let path = format!("/bookings/wellness/{}", practice.patient);
    let chart = format!("/patients/{}", practice.patient);
    let fields = |who: &str| {
        vec![
            ("physician", person_id(who).to_string()),
            ("date", "2026-11-25".to_owned()),
            ("time", "10:00".to_owned()),
        ]
    };
    let book = async |browser: &mut Browser, who: &str| {
        let fields = fields(who);
        let fields: Vec<(&str, &str)> = fields
            .iter()
            .map(|(name, value)| (*name, value.as_str()))
            .collect();
        post(browser, &path, &fields).await
    };
    // Not offered: invisible, and refused to whoever knows the address.
    assert_eq!(reception.get(&path).await.status.as_u16(), 404);
    assert!(!reception.get(&chart).await.body.contains(&path));
    assert_eq!(
        book(&mut reception, "physician").await.spoke(),
        (409, "cl-1.2-viii-e")
    );
    offer(&practice, true).await;
    assert!(reception.get(&chart).await.body.contains(&path));
    let said = book(&mut reception, "second").await;
    assert_eq!(
        (said.spoke(), said.reason()),
        ((409, "cl-1.2-viii-e"), "not_listed")
    );
    let said = book(&mut reception, "physician").await;
    assert_eq!(said.status, 303, "{}", said.body);
}

#[tokio::test]
async fn cl_1_2_viii_e_a_check_of_the_healthy_is_no_treatment() {
    // An unlisted physician holds none, whoever booked it.
    let mut seed = Seed::stand_in();
    seed.service = Service::WellnessCheck;
    let mut practice = seed.open().await;
    practice.done("rota", &[("reason", "outside:sick")]).await;
    assert_eq!(
        practice.refused("admit", &[]).await.spoke(),
        (409, "cl-1.2-viii-e")
    );
    let mut seed = Seed::follow_up();
    seed.service = Service::WellnessCheck;
    let mut practice = seed.open().await;
    practice.live().await;
    for (act, fields) in [
        ("orders/told", vec![("words", "なし")]),
        ("orders/comment", vec![("comment", "x")]),
        ("new-condition", Vec::new()),
    ] {
        let said = practice.refused(act, &fields).await;
        assert_eq!(said.spoke(), (409, "cl-1.2-viii-e"), "{act} {}", said.body);
    }
    practice.done("strip", &[]).await;
    practice.seen(75).await;
    let treated = [NOTE.as_slice(), &[("treated", "I10"), ("enough", "yes")]].concat();
    practice.done("enough", &treated).await;
    let page = practice.page().await;
    assert!(!page.contains("/orders"), "no pane of orders");
    let closing = [NOTE.as_slice(), &[("treated", "I10")]].concat();
    let said = practice.refused("close", &closing).await;
    assert_eq!(said.spoke(), (409, "cl-1.2-viii-e"), "{}", said.body);
    practice.done("close", &NOTE).await;
    assert_eq!(practice.stage().await, "closed");
}
