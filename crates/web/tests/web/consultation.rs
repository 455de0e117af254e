//! Attacks on the admit act and on the start of care: what is missing is named, and nothing is opened.

use crate::{
    consultation_seed::{
        ELSEWHERE, HAND_OVER, NOTE, PHONE, SECRET, Seed, lines, own, post, staff, write,
    },
    support::{clinic, person_id},
};
use access::{Role, TenantId, Ulid};
use axum::http::StatusCode;
use care::{
    Class,
    explanation::Block,
    place::WorkPeriod,
    plan::{Partner, PlanPhysician},
    proof::Answer as CardAnswer,
    statement::{Body, Lines, PlaceKind, Pressed},
    suitability::Phase,
};
use jiff::SignedDuration;
use store::{Fault, NewText};
use web::{Surface, visit::link};

#[tokio::test]
async fn a_routine_follow_up_costs_four_acts() {
    let mut practice = Seed::follow_up().open().await;
    assert_eq!(
        practice.open_lines().await,
        [String::from("refused by cl-1.1-iii-a: cl-1.1-iii-a")]
    );
    practice.live().await;
    practice.done("strip", &[]).await;
    practice.seen(75).await;
    practice
        .done("enough", &[NOTE.as_slice(), &[("enough", "yes")]].concat())
        .await;
    practice.done("close", &NOTE).await;
    assert_eq!(practice.stage().await, "closed");
}

/// Takes one thing away from a visit that lacks nothing, and says which clause must speak.
struct Attack {
    what: &'static str,
    change: fn(&mut Seed),
    clause: &'static str,
    reason: &'static str,
}

const fn attack(
    what: &'static str,
    change: fn(&mut Seed),
    clause: &'static str,
    reason: &'static str,
) -> Attack {
    Attack {
        what,
        change,
        clause,
        reason,
    }
}

/// Admit, begin and emergency of one seeded visit, each with the clause it must be refused by.
async fn refused(attacks: &[Attack]) {
    for attack in attacks {
        let mut seed = Seed::follow_up();
        (attack.change)(&mut seed);
        let mut practice = seed.open().await;
        for act in ["admit", "begin"] {
            let said = practice.refused(act, &[]).await;
            assert_eq!(
                said.spoke(),
                (409, attack.clause),
                "{} {act} {}",
                attack.what,
                said.body
            );
            assert_eq!(said.reason(), attack.reason, "{} {act}", attack.what);
            assert!(
                practice.grants().await.is_empty(),
                "{}: no picture, no sound",
                attack.what
            );
        }
    }
}

#[tokio::test]
async fn cl_1_1_i_without_an_agreement_nobody_is_seen_or_heard() {
    refused(&[attack(
        "never given",
        |seed| (seed.agreed, seed.accepted, seed.signed) = (false, false, false),
        "cl-1.1-i",
        "cl-1.1-i",
    )])
    .await;
}

#[tokio::test]
async fn cl_1_1_i_withdrawn_a_second_earlier_is_withdrawn() {
    let mut practice = Seed::follow_up().open().await;
    practice.withdraw().await;
    practice.house.pass(SignedDuration::from_secs(1));
    assert!(practice.page().await.contains("患者が同意を取りやめました"));
    for act in ["admit", "begin"] {
        let said = practice.refused(act, &[]).await;
        assert_eq!(
            (said.spoke(), said.reason()),
            ((409, "cl-1.1-i"), "consent_withdrawn")
        );
    }
    let said = practice
        .refused("emergency", &[("reason", "sudden_change")])
        .await;
    assert_eq!(
        (said.spoke(), said.reason()),
        ((409, "cl-1.1-i"), "consent_withdrawn"),
        "no emergency passes a withdrawal"
    );
}

#[tokio::test]
async fn cl_1_1_i_the_next_follow_up_unchanged_asks_nothing() {
    let mut practice = Seed::follow_up().open().await;
    practice.closable().await;
    practice.done("close", &NOTE).await;
    let (given, patient) = (practice.entries("agreement.given").await, practice.patient);
    practice.house.pass(SignedDuration::from_mins(1));
    practice.visit = write(&practice.house, move |tx| {
        Box::pin(async move {
            let by = own(patient);
            let next = tx
                .book(
                    &staff(Role::Reception),
                    patient,
                    person_id("physician"),
                    (Class::Followup, care::Service::Care),
                    tx.now(),
                )
                .await?
                .consultation;
            tx.invite(
                &staff(Role::Reception),
                next.id,
                patient,
                None,
                b"the next link",
            )
            .await?;
            let link = tx
                .invitation(b"the next link")
                .await?
                .ok_or(Fault::Conflict)?;
            tx.bind(&by, &link, PHONE).await?;
            let next = tx
                .keep_event(&by, &next, &next.arrive(tx.now()).unwrap())
                .await?;
            tx.keep_body(&by, &next, &Body::Nothing).await?;
            tx.keep_guidance(&by, &next, store::guidance::Told::Shown)
                .await?;
            tx.keep_statement(&by, &next, Pressed::AsShown, 8, &lines())
                .await?;
            tx.keep_card_shown(&by, &next).await?;
            Ok(next.id)
        })
    })
    .await;
    practice.page().await;
    practice.live().await;
    assert_eq!(practice.entries("agreement.given").await, given);
}

#[tokio::test]
async fn cl_1_1_i_withdrawing_on_the_phone_locks_a_live_visit_and_holds_a_booked_one() {
    let mut practice = Seed::follow_up().open().await;
    practice.live().await;
    practice.done("strip", &[]).await;
    practice.seen(75).await;
    practice.enough().await;
    let mut phone = practice.house.browser(Surface::Patient);
    let link = format!("/v/{}", link::encode(practice.house.tenant, &SECRET));
    let birth = [("era", "showa"), ("y", "26"), ("m", "4"), ("d", "3")];
    assert_eq!(
        phone.post(&format!("{link}/enter"), &birth).await.status,
        StatusCode::SEE_OTHER
    );
    assert_eq!(
        phone.post("/visit/withdraw", &[("go", "1")]).await.status,
        StatusCode::SEE_OTHER
    );
    let withdrawn = "患者が同意を取りやめました";
    assert!(practice.page().await.contains(withdrawn));
    let address = practice.address();
    assert!(
        practice
            .physician
            .get(&format!("{address}/watch"))
            .await
            .body
            .contains(withdrawn),
        "said without a press"
    );
    let said = practice.refused("close", &NOTE).await;
    assert_eq!(
        (said.spoke(), said.reason()),
        ((409, "cl-1.1-i"), "consent_withdrawn")
    );
    assert_eq!(practice.stage().await, "live");
    // Nothing opens the room anew: neither the physician's browser nor the other phone.
    for act in ["signal", "readmit"] {
        let said = practice.act(act, &[("sdp", "v=0")]).await;
        assert_eq!(
            (said.spoke(), said.reason()),
            ((409, "cl-1.1-i"), "consent_withdrawn"),
            "{act}"
        );
    }
    practice.done("stop", &HAND_OVER).await;
    assert_eq!(practice.stage().await, "switched_in_person");

    let mut booked = Seed {
        arrived: false,
        ..Seed::follow_up()
    }
    .open()
    .await;
    booked.withdraw().await;
    assert!(booked.page().await.contains(withdrawn));
    assert!(
        booked
            .physician
            .get("/today")
            .await
            .body
            .contains("合意の取り下げ"),
        "the board holds it"
    );
    assert_eq!(booked.refused("admit", &[]).await.status, 409);
}

#[tokio::test]
async fn cl_1_1_ii_a_wish_that_nobody_confirmed_begins_nothing() {
    let mut practice = Seed::first_visit().open().await;
    practice.done("admit", &[]).await;
    assert_eq!(practice.stage().await, "checks");
    assert_eq!(practice.grants().await.len(), 2, "admitted, to be asked");
    practice.seen(5).await;
    practice
        .done(
            "identity",
            &[("document", "driving_licence"), ("agrees", "yes")],
        )
        .await;
    let said = practice.refused("begin", &[]).await;
    assert_eq!(
        said.spoke(),
        (409, "cl-1.1-i"),
        "not accepted yet: {}",
        said.body
    );
    practice.done("agreement", &[]).await;
    // The patient says it once more: the newest statement is the one to be confirmed.
    practice.house.pass(SignedDuration::from_secs(1));
    let (patient, visit) = (practice.patient, practice.consultation().await);
    write(&practice.house, move |tx| {
        Box::pin(async move { tx.keep_wish(&own(patient), &visit, true).await })
    })
    .await;
    let said = practice.refused("begin", &[]).await;
    assert_eq!(said.spoke(), (409, "cl-1.1-ii"), "{}", said.body);
    practice.done("agreement", &[]).await;
    practice.done("begin", &[]).await;
    assert_eq!(practice.stage().await, "live");
    assert!(practice.entries("wish.confirmed").await >= 2);
}

#[tokio::test]
async fn cl_1_1_ii_not_wished_is_not_admitted() {
    let mut practice = Seed::follow_up().open().await;
    let (patient, visit) = (practice.patient, practice.consultation().await);
    write(&practice.house, move |tx| {
        Box::pin(async move { tx.keep_wish(&own(patient), &visit, false).await })
    })
    .await;
    let said = practice.refused("admit", &[]).await;
    assert_eq!(said.spoke(), (409, "cl-1.1-ii"), "{}", said.body);
}

#[tokio::test]
async fn cl_1_1_iii_a_each_visit_is_judged_once_by_the_admit_act_and_once_by_enough() {
    let mut practice = Seed::first_visit().open().await;
    practice.done("admit", &[]).await;
    let said = practice.refused("admit", &[]).await;
    assert_eq!(
        (said.spoke(), said.reason()),
        ((409, "cl-1.1-iii-a"), "judged_already"),
        "{}",
        said.body
    );
    let mut practice = Seed::follow_up().open().await;
    practice.live().await;
    assert!(practice.refused("admit", &[]).await.is_out_of_turn());
    practice.done("strip", &[]).await;
    practice.seen(75).await;
    practice.done("note", &NOTE).await;
    let said = practice.refused("close", &NOTE).await;
    assert_eq!(
        said.spoke(),
        (409, "cl-1.1-iii-a"),
        "no signature before the final judgement: {}",
        said.body
    );
    practice.enough().await;
    assert_eq!(practice.judgements().await.len(), 2);
    assert!(!practice.enough().await.body.is_null());
    assert_eq!(practice.judgements().await.len(), 2);
    assert_eq!(
        (
            practice.phase(Phase::Provisional).await,
            practice.phase(Phase::Final).await
        ),
        (1, 1)
    );
    assert_eq!(practice.entries("suitability.judged").await, 2);
}

#[tokio::test]
async fn cl_1_1_iii_a_ten_patients_are_not_admitted_in_a_row() {
    let mut practice = Seed::follow_up().open().await;
    let mut visits = vec![practice.visit];
    for number in 2..=10 {
        visits.push(Seed::follow_up().seed(&practice.house, number).await.1);
    }
    let mut answers = Vec::new();
    for visit in visits {
        practice.visit = visit;
        practice.page().await;
        let said = practice.act("admit", &[]).await;
        answers.push((
            said.status,
            said.clause().to_owned(),
            said.reason().to_owned(),
        ));
    }
    let admitted = answers.iter().filter(|answer| answer.0 == 303).count();
    let busy = (409, "cl-1.6-iii".to_owned(), "physician_busy".to_owned());
    assert_eq!(
        (
            admitted,
            answers.iter().filter(|answer| **answer == busy).count()
        ),
        (1, 9),
        "{answers:?}"
    );
    assert_eq!(practice.entries("suitability.judged").await, 1);
}

#[tokio::test]
async fn cl_1_1_iii_a_nobody_else_judges() {
    let mut practice = Seed::follow_up().open().await;
    let path = format!("{}/admit", practice.address());
    for role in ["nurse", "reception", "administrator"] {
        let mut browser = practice.house.signed_in(role).await;
        let said = post(&mut browser, &path, &[]).await;
        assert_eq!(
            (said.status, practice.judgements().await.len()),
            (403, 0),
            "{role}"
        );
    }
    let mut second = practice.other_physician().await;
    second.get(&practice.address()).await;
    for act in [
        "admit",
        "begin",
        "rejudge",
        "arrange",
        "rota",
        "agreement",
        "identity",
        "strip",
        "note",
        "enough",
        "close",
        "stop",
        "emergency",
    ] {
        let path = format!("{}/{act}", practice.address());
        let fields = [
            HAND_OVER.as_slice(),
            &[
                ("with", "x"),
                ("accepted_by", "x"),
                ("document", "passport"),
                ("agrees", "yes"),
                ("enough", "yes"),
            ],
        ]
        .concat();
        let fields: Vec<_> = match act {
            "emergency" => vec![("reason", "sudden_change")],
            "rota" => vec![("reason", "outside:wished")],
            _ => fields,
        };
        let said = post(&mut second, &path, &fields).await;
        assert_eq!(
            (said.status, said.reason()),
            (403, "wrong_actor"),
            "{act} {}",
            said.body
        );
    }
    assert_eq!(practice.judgements().await.len(), 0);
    // The colleague's look takes nothing away from the treating physician's own reading.
    practice.live().await;
}

#[tokio::test]
async fn cl_1_1_iii_b_after_no_go_the_only_exit_is_in_person() {
    let mut practice = Seed::follow_up().open().await;
    for left_out in ["destination", "target", "told", "reason"] {
        let fields: Vec<_> = HAND_OVER
            .iter()
            .copied()
            .filter(|(name, _)| *name != left_out)
            .collect();
        let said = practice.act("stop", &fields).await;
        assert_eq!(said.status, 422, "{left_out}: {}", said.body);
        assert_eq!(practice.stage().await, "checks");
    }
    let past: Vec<_> = HAND_OVER
        .iter()
        .map(|field| {
            if field.0 == "target" {
                ("target", "2026-11-19")
            } else {
                *field
            }
        })
        .collect();
    assert_eq!(
        practice.refused("stop", &past).await.spoke(),
        (422, "cl-1.1-iii-b")
    );
    practice.done("stop", &HAND_OVER).await;
    assert_eq!(practice.stage().await, "switched_in_person");
    for (act, fields) in [
        ("enough", [NOTE.as_slice(), &[("enough", "yes")]].concat()),
        ("close", NOTE.to_vec()),
        ("begin", vec![]),
        ("admit", vec![]),
        ("stop", HAND_OVER.to_vec()),
    ] {
        assert_eq!(practice.refused(act, &fields).await.status, 409, "{act}");
    }
    let mut read = practice
        .house
        .store
        .read(practice.house.tenant)
        .await
        .unwrap();
    let tasks = read.open_hand_overs().await.unwrap();
    drop(read);
    assert_eq!(
        (
            tasks.len(),
            tasks[0].form.destination.as_str(),
            tasks[0].form.told.as_str()
        ),
        (1, "当院", "電話で")
    );
    let task = tasks[0].clone();
    write(&practice.house, move |tx| {
        Box::pin(async move {
            tx.confirm_arrival(&staff(Role::Reception), person_id("reception"), &task, "")
                .await
        })
    })
    .await;
    assert!(
        practice
            .house
            .store
            .read(practice.house.tenant)
            .await
            .unwrap()
            .open_hand_overs()
            .await
            .unwrap()
            .is_empty()
    );
    assert_eq!(
        (
            practice.entries("consultation.switched").await,
            practice.entries("arrival.confirmed").await
        ),
        (1, 1)
    );
}

#[tokio::test]
async fn cl_1_1_iii_b_not_enough_locks_the_visit_at_once() {
    let mut practice = Seed::follow_up().open().await;
    practice.live().await;
    practice.done("strip", &[]).await;
    practice.seen(75).await;
    let said = practice
        .act("enough", &[NOTE.as_slice(), &[("enough", "no")]].concat())
        .await;
    assert_eq!(said.status, 303);
    for (act, fields) in [
        ("enough", [NOTE.as_slice(), &[("enough", "yes")]].concat()),
        ("close", NOTE.to_vec()),
    ] {
        assert_eq!(
            practice.refused(act, &fields).await.spoke(),
            (409, "cl-1.1-iii-b"),
            "{act}"
        );
    }
    practice.done("stop", &HAND_OVER).await;
    assert_eq!(
        (practice.stage().await, practice.judgements().await.len()),
        ("switched_in_person", 2)
    );
}

#[tokio::test]
async fn cl_1_1_iii_b_whoever_was_let_in_or_found_fit_can_still_be_sent_in_person() {
    let mut admitted = Seed::first_visit().open().await;
    admitted.done("admit", &[]).await;
    admitted.done("stop", &HAND_OVER).await;
    assert_eq!(
        (admitted.stage().await, admitted.grants().await.len()),
        ("switched_in_person", 0)
    );
    let mut judged = Seed::follow_up().open().await;
    judged.closable().await;
    judged.done("stop", &HAND_OVER).await;
    assert_eq!(
        (
            judged.stage().await,
            judged.entries("consultation.stopped").await
        ),
        ("switched_in_person", 1)
    );
}

#[tokio::test]
async fn cl_1_3_i_b_an_overdue_visit_in_person_needs_a_reason() {
    let mut seed = Seed::follow_up();
    seed.assessed_days_ago = Some(100);
    let mut practice = seed.open().await;
    assert!(practice.page().await.contains("id=\"rejudge\""));
    assert_eq!(
        practice.refused("admit", &[]).await.spoke(),
        (409, "cl-1.3-i-b")
    );
    assert_eq!(
        practice.act("rejudge", &[("reason", " ")]).await.status,
        422
    );
    practice
        .done("rejudge", &[("reason", "落ちついていて、来月 来院する")])
        .await;
    practice.live().await;
    assert_eq!(practice.entries("warning.decided").await, 1);
}

#[tokio::test]
async fn cl_1_3_i_h_a_physician_outside_the_plan_says_why() {
    let mut practice = Seed::stand_in().open().await;
    assert!(
        practice.page().await.contains("id=\"outside\""),
        "the page asks"
    );
    assert_eq!(
        practice.refused("admit", &[]).await.spoke(),
        (409, "cl-1.3-i-h")
    );
    for reason in ["", "because"] {
        assert_eq!(
            practice
                .refused("rota", &[("reason", reason)])
                .await
                .spoke(),
            (422, "cl-1.3-i-h")
        );
    }
    practice.done("rota", &[("reason", "outside:absent")]).await;
    assert!(!practice.page().await.contains("id=\"outside\""));
    practice.live().await;
    let rota = practice
        .house
        .store
        .read(practice.house.tenant)
        .await
        .unwrap()
        .rota_of(practice.visit)
        .await
        .unwrap();
    assert_eq!(rota.as_deref(), Some("outside:absent"));
    let mut listed = Seed::follow_up().open().await;
    listed.live().await;
    let rota = listed
        .house
        .store
        .read(listed.house.tenant)
        .await
        .unwrap()
        .rota_of(listed.visit)
        .await
        .unwrap();
    assert_eq!(rota.as_deref(), Some("いつも"));
}

#[tokio::test]
async fn cl_1_4_i_a_without_a_document_that_matches_nothing_begins() {
    for (what, identity) in [("no row", None), ("mismatch", Some(false))] {
        let mut practice = Seed {
            identity,
            ..Seed::follow_up()
        }
        .open()
        .await;
        practice.done("admit", &[]).await;
        assert_eq!(
            practice.stage().await,
            "checks",
            "{what}: admitted, not begun"
        );
        assert_eq!(
            practice.refused("begin", &[]).await.spoke(),
            (409, "cl-1.4-i-a"),
            "{what}"
        );
        practice.seen(5).await;
        practice
            .done(
                "identity",
                &[("document", "my_number_card"), ("agrees", "no")],
            )
            .await;
        assert_eq!(
            practice.refused("begin", &[]).await.spoke(),
            (409, "cl-1.4-i-a"),
            "{what}"
        );
        assert_eq!(
            practice
                .act(
                    "identity",
                    &[("document", "my_number_card"), ("agrees", "")]
                )
                .await
                .status,
            422
        );
        practice.house.pass(SignedDuration::from_secs(1));
        practice
            .done(
                "identity",
                &[
                    ("document", "my_number_card"),
                    ("agrees", "yes"),
                    ("number", "123456789012"),
                ],
            )
            .await;
        practice.done("begin", &[]).await;
        assert_eq!(practice.stage().await, "live");
        assert!(
            !practice.page().await.contains("123456789012"),
            "no number is kept"
        );
    }
}

#[tokio::test]
async fn cl_1_4_i_a_doubt_and_recovery_make_the_check_due_again() {
    for doubt in [true, false] {
        let mut practice = Seed::follow_up().open().await;
        let visit = practice.consultation().await;
        write(&practice.house, move |tx| {
            Box::pin(async move {
                if doubt {
                    return tx.keep_doubt(&staff(Role::Physician), &visit).await;
                }
                let patient = tx.patient(visit.patient).await?.ok_or(Fault::Conflict)?;
                tx.recover_patient(&staff(Role::Reception), &patient, "0099998888")
                    .await
            })
        })
        .await;
        practice.done("admit", &[]).await;
        assert_eq!(
            practice.refused("begin", &[]).await.spoke(),
            (409, "cl-1.4-i-a")
        );
        practice.house.pass(SignedDuration::from_secs(1));
        practice.seen(5).await;
        practice
            .done("identity", &[("document", "passport"), ("agrees", "yes")])
            .await;
        practice.done("begin", &[]).await;
    }
}

#[tokio::test]
async fn cl_1_4_i_b_without_a_valid_proof_nobody_is_admitted() {
    refused(&[attack(
        "no proof",
        |seed| seed.proven = false,
        "cl-1.4-i-b",
        "cl-1.4-i-b",
    )])
    .await;
    refused(&[attack(
        "not the person",
        |seed| seed.card = Some(CardAnswer::NotThePerson),
        "cl-1.4-i-b",
        "physician_disputed",
    )])
    .await;
    let mut practice = Seed::follow_up().open().await;
    write(&practice.house, |tx| {
        Box::pin(async move {
            let mut profile = tx
                .physician_profile(person_id("physician"))
                .await?
                .ok_or(Fault::Conflict)?;
            profile.photo = b"\x89PNG\r\n\x1a\n another face".to_vec();
            tx.put_physician_profile(&staff(Role::Physician), &profile)
                .await
        })
    })
    .await;
    assert_eq!(
        practice.refused("admit", &[]).await.spoke(),
        (409, "cl-1.4-i-b"),
        "a photo changed by the own account"
    );
    let mut unanswered = Seed {
        card: None,
        ..Seed::follow_up()
    }
    .open()
    .await;
    unanswered.done("admit", &[]).await;
    assert_eq!(
        unanswered.refused("begin", &[]).await.status,
        409,
        "a first meeting is answered first"
    );
}

#[tokio::test]
async fn cl_1_4_i_b_not_the_person_closes_the_room() {
    let mut practice = Seed {
        card: None,
        ..Seed::follow_up()
    }
    .open()
    .await;
    practice.done("admit", &[]).await;
    let (patient, visit) = (practice.patient, practice.consultation().await);
    write(&practice.house, move |tx| {
        Box::pin(async move {
            tx.keep_card_shown(&own(patient), &visit).await?;
            tx.keep_card_answer(&own(patient), &visit, CardAnswer::NotThePerson)
                .await
        })
    })
    .await;
    for act in ["begin", "readmit", "signal"] {
        let said = practice.act(act, &[("sdp", "v=0")]).await;
        assert_eq!(
            (said.spoke(), said.reason()),
            ((409, "cl-1.4-i-b"), "physician_disputed"),
            "{act} {}",
            said.body
        );
    }
    let said = practice
        .refused("emergency", &[("reason", "sudden_change")])
        .await;
    assert_eq!(said.reason(), "physician_disputed");
}

#[tokio::test]
async fn cl_1_4_i_d_known_is_derived_and_pressed_never_set() {
    for (what, assessed_by, known) in [
        ("seen here", "physician", 1),
        ("seen by a colleague", "second", 0),
    ] {
        let mut seed = Seed {
            assessed_by,
            ..Seed::follow_up()
        };
        let colleague = PlanPhysician {
            person: person_id("second"),
            ..seed.draft.physicians[0].clone()
        };
        seed.draft.physicians.push(colleague);
        let mut practice = seed.open().await;
        practice.live().await;
        assert_eq!(
            practice.page().await.contains("来院で会っている患者です"),
            known == 1,
            "{what}"
        );
        practice.done("strip", &[("known", "yes")]).await;
        assert_eq!(practice.entries("identity.known").await, known, "{what}");
    }
    let mut practice = Seed::stand_in().open().await;
    practice.done("rota", &[("reason", "outside:absent")]).await;
    practice.live().await;
    practice.done("strip", &[]).await;
    assert_eq!(
        practice.entries("identity.known").await,
        0,
        "a substitute knows nobody"
    );
}

#[tokio::test]
async fn cl_2_1_iv_a_whoever_has_not_opened_the_chart_admits_nobody() {
    refused(&[attack(
        "no panel",
        |seed| seed.chart = false,
        "cl-2.1-iv-a",
        "cl-2.1-iv-a",
    )])
    .await;
    let mut practice = Seed {
        chart: false,
        ..Seed::follow_up()
    }
    .open()
    .await;
    let other = Seed::follow_up().seed(&practice.house, 2).await.0;
    let mut mixed_up = practice.consultation().await;
    mixed_up.patient = other;
    write(&practice.house, move |tx| {
        Box::pin(async move {
            tx.keep_chart_reading(&staff(Role::Physician), person_id("physician"), &mixed_up)
                .await
        })
    })
    .await;
    let said = practice.refused("admit", &[]).await;
    assert_eq!(
        (said.spoke(), said.reason()),
        ((409, "cl-2.1-iv-a"), "patient_mismatch")
    );
    assert_eq!(practice.entries("chart.opened").await, 1);
    practice.page().await;
    assert_eq!(practice.entries("chart.opened").await, 2);
}

#[tokio::test]
async fn cl_2_1_v_a_room_is_stated_for_this_device_network_and_day() {
    refused(&[attack(
        "no work period",
        |seed| seed.work = false,
        "cl-2.1-v",
        "room_not_confirmed",
    )])
    .await;
    for (what, change) in [
        (
            "yesterday's",
            (|period| period.opened -= SignedDuration::from_hours(24)) as fn(&mut WorkPeriod),
        ),
        ("more than four hours old", |period| {
            period.opened -= SignedDuration::from_secs(4 * 3600 + 60);
        }),
        ("on another network", |period| {
            period.network = "elsewhere".into();
        }),
        ("on another device", |period| period.device = ELSEWHERE),
        ("of a room that others hear", |period| period.unseen = false),
        ("of no room", |period| period.separated = false),
    ] {
        let mut practice = Seed::follow_up().open().await;
        let mut period = practice.period().await;
        change(&mut period);
        write(&practice.house, move |tx| {
            Box::pin(async move { tx.open_work_period(&staff(Role::Physician), &period).await })
        })
        .await;
        let said = practice.refused("admit", &[]).await;
        assert_eq!(
            (said.status, said.reason()),
            (409, "room_not_confirmed"),
            "{what}: {}",
            said.body
        );
    }
    let mut ended = Seed::follow_up().open().await;
    assert_eq!(
        ended.physician.post("/work/end", &[]).await.status,
        StatusCode::SEE_OTHER
    );
    assert_eq!(ended.refused("admit", &[]).await.spoke(), (409, "cl-2.1-v"));
}

#[tokio::test]
async fn cl_2_5_1_1_xii_the_physicians_side_states_that_nothing_is_recorded() {
    let mut practice = Seed::follow_up().open().await;
    let mut period = practice.period().await;
    period.no_recording = false;
    write(&practice.house, move |tx| {
        Box::pin(async move { tx.open_work_period(&staff(Role::Physician), &period).await })
    })
    .await;
    assert_eq!(
        practice.refused("admit", &[]).await.spoke(),
        (409, "cl-2.5.1.1-xii")
    );
}

#[tokio::test]
async fn cl_2_5_1_1_x_a_five_patients_in_a_row_store_five_statements_and_ask_once() {
    let mut practice = Seed::follow_up().open().await;
    let mut visits = vec![practice.visit];
    for number in 2..=5 {
        visits.push(Seed::follow_up().seed(&practice.house, number).await.1);
    }
    for visit in visits {
        practice.visit = visit;
        practice.page().await;
        practice.closable().await;
        practice.done("close", &NOTE).await;
    }
    let ledger = practice.house.ledger(practice.house.tenant).await;
    let said = |subject: &str, more: &str| {
        ledger
            .iter()
            .filter(|entry| {
                entry.contains(&format!("\"subject\":\"{subject}\""))
                    && entry.contains("\"side\":\"physician\"")
                    && entry.contains(more)
            })
            .count()
    };
    assert_eq!(said("place.confirmed", "\"consultation\""), 5);
    assert_eq!(said("recording_ban.accepted", "\"consultation\""), 5);
    assert_eq!(said("place.confirmed", "\"work_period\""), 1);
}

#[tokio::test]
async fn cl_1_6_iii_fifty_admits_at_once_let_exactly_one_in() {
    let mut practice = Seed::follow_up().open().await;
    let other = Seed::follow_up().seed(&practice.house, 2).await.1;
    let mine = practice.visit;
    for visit in [other, mine] {
        practice.visit = visit;
        practice.page().await;
    }
    let mut presses = tokio::task::JoinSet::new();
    for turn in 0..50 {
        let mut browser = practice.same_browser();
        let path = format!(
            "/consultations/{}/admit",
            if turn % 2 == 0 { mine } else { other }
        );
        presses.spawn(async move { post(&mut browser, &path, &[]).await.status });
    }
    let mut answers = std::collections::BTreeMap::new();
    while let Some(status) = presses.join_next().await {
        *answers.entry(status.unwrap()).or_insert(0) += 1;
    }
    assert_eq!(answers, [(303, 1), (409, 49)].into());
    assert_eq!(
        (
            practice.entries("suitability.judged").await,
            practice.entries("consultation.begun").await
        ),
        (1, 1)
    );
}

#[tokio::test]
async fn cl_1_6_iii_the_seat_is_free_when_the_first_visit_has_ended() {
    let mut practice = Seed::follow_up().open().await;
    let other = Seed::follow_up().seed(&practice.house, 2).await.1;
    practice.closable().await;
    practice.done("close", &NOTE).await;
    practice.visit = other;
    practice.page().await;
    practice.live().await;
}

#[tokio::test]
async fn sec_0_b_a_statement_changed_in_substance_is_agreed_to_anew() {
    for in_substance in [true, false] {
        let mut practice = Seed::follow_up().open().await;
        write(&practice.house, move |tx| {
            Box::pin(async move {
                let text = tx
                    .texts("agreement")
                    .await?
                    .into_iter()
                    .find(|text| text.tag == "security_risk")
                    .ok_or(Fault::Conflict)?;
                let new = NewText {
                    kind: "agreement",
                    block: Block {
                        tag: text.tag.clone(),
                        ja: "文を なおしました".into(),
                        en: "Words were put right".into(),
                    },
                    titles: (text.title_ja.clone(), text.title_en.clone()),
                    in_substance,
                };
                tx.publish_text(&staff(Role::Administrator), &new).await?;
                tx.sign_statement(&staff(Role::Administrator)).await
            })
        })
        .await;
        practice.house.pass(SignedDuration::from_secs(1));
        if in_substance {
            let said = practice.refused("admit", &[]).await;
            assert_eq!(
                (said.status, said.reason()),
                (409, "agreement_stale"),
                "{}",
                said.body
            );
        } else {
            practice.live().await;
        }
    }
}

#[tokio::test]
async fn cl_2_1_ii_a_place_to_be_seen_in_person_is_known_before_the_visit() {
    let elsewhere = || Lines {
        elsewhere: Some("沖縄県しろまち".into()),
        ..lines()
    };
    let mut practice = Seed {
        lines: Some(elsewhere()),
        ..Seed::follow_up()
    }
    .open()
    .await;
    assert!(practice.page().await.contains("id=\"arrange\""));
    assert_eq!(
        practice.refused("admit", &[]).await.spoke(),
        (409, "cl-2.1-ii")
    );
    for fields in [
        vec![("with", "しろ病院")],
        vec![("accepted_by", "救急 当直")],
    ] {
        assert_eq!(practice.act("arrange", &fields).await.status, 422);
    }
    practice
        .done(
            "arrange",
            &[("with", "しろ病院"), ("accepted_by", "救急 当直")],
        )
        .await;
    practice.live().await;
    assert!(practice.resolved("arranged").await);

    // A partner in reach that is closed and has no night route is none.
    for (night, admitted) in [(false, false), (true, true)] {
        let mut practice = Seed {
            lines: Some(elsewhere()),
            ..Seed::follow_up()
        }
        .open()
        .await;
        write(&practice.house, move |tx| {
            Box::pin(async move {
                let partner = Partner {
                    id: tx.fresh_partner()?,
                    kind: care::partner::PartnerKind::Hospital,
                    name: "しろ病院".into(),
                    phone: "0980000000".into(),
                    hours: "土 8:30〜12:00".into(),
                    night,
                    areas: care::area::Area::read("沖縄県しろまち")
                        .into_iter()
                        .collect(),
                    travel_minutes: 20,
                    valid_until: jiff::civil::date(2027, 1, 1),
                };
                tx.put_partner(&staff(Role::Administrator), &partner).await
            })
        })
        .await;
        if admitted {
            practice.live().await;
            assert!(practice.resolved("partner").await);
        } else {
            assert_eq!(
                practice.refused("admit", &[]).await.spoke(),
                (409, "cl-2.1-ii")
            );
        }
    }
    let mut usual = Seed::follow_up().open().await;
    usual.live().await;
    assert!(
        usual.resolved("own").await,
        "nothing is asked, the row is there"
    );
}

#[tokio::test]
async fn cl_2_2_i_the_place_and_the_promise_of_the_patient_hold_the_visit() {
    refused(&[
        attack(
            "nothing stated",
            |seed| seed.lines = None,
            "cl-2.2-i",
            "cl-2.2-i",
        ),
        attack(
            "outdoors",
            |seed| {
                seed.lines = Some(Lines {
                    place: PlaceKind::Outdoors,
                    ..lines()
                });
            },
            "cl-2.2-i",
            "cl-2.2-i",
        ),
        attack(
            "others hear",
            |seed| {
                seed.lines = Some(Lines {
                    private: false,
                    ..lines()
                });
            },
            "cl-2.2-ii-a",
            "cl-2.2-ii-a",
        ),
        attack(
            "may record",
            |seed| {
                seed.lines = Some(Lines {
                    no_recording: false,
                    ..lines()
                });
            },
            "cl-2.5.1.1-xii",
            "recording_not_agreed",
        ),
        attack(
            "not arrived",
            |seed| seed.arrived = false,
            "cl-1.2-ii-c",
            "not_arrived",
        ),
        attack(
            "no plan signed",
            |seed| seed.signed = false,
            "cl-1.3-i",
            "cl-1.3-i",
        ),
    ])
    .await;
}

#[tokio::test]
async fn a_visit_of_another_clinic_is_not_there() {
    let mut practice = Seed::follow_up().open().await;
    let (tenant, now) = (TenantId(Ulid::from_parts(1, 2)), practice.house.now());
    clinic(&practice.house.store, tenant, "よその診療所", now).await;
    let visit = practice
        .house
        .store
        .write::<_, Fault, _>(tenant, now, move |tx| {
            Box::pin(async move {
                let profile = tx.physician_profile(person_id("physician")).await?;
                assert!(profile.is_none(), "the other clinic's physician");
                let patient = tx
                    .add_patient(
                        &staff(Role::Reception),
                        &crate::ward::profile_of("よその 人", "よその ひと"),
                    )
                    .await?;
                Ok(tx
                    .book(
                        &staff(Role::Reception),
                        patient,
                        person_id("physician"),
                        (Class::First, care::Service::Care),
                        now,
                    )
                    .await?
                    .consultation
                    .id)
            })
        })
        .await
        .unwrap();
    practice.visit = visit;
    let address = practice.address();
    for page in ["", "/gate", "/watch", "/stop", "/emergency"] {
        assert_eq!(
            practice
                .physician
                .get(&format!("{address}{page}"))
                .await
                .status,
            StatusCode::NOT_FOUND,
            "{page}"
        );
    }
    for act in [
        "admit",
        "begin",
        "readmit",
        "strip",
        "agreement",
        "end",
        "close",
    ] {
        assert_eq!(practice.act(act, &[]).await.status, 404, "{act}");
    }
    let mut read = practice.house.store.read(tenant).await.unwrap();
    assert!(
        read.chart_reading(visit).await.unwrap().is_none(),
        "nothing was written there"
    );
}
