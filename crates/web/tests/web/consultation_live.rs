//! Attacks on a visit that runs: what is asked before a signature, what stops it, and what an emergency never passes.

use crate::consultation_seed::{
    HAND_OVER, NOTE, PHONE, Practice, Seed, TABLET, agree, lines, own, post, staff, write,
};
use access::{DeviceId, Role};
use axum::http::StatusCode;
use care::{
    examination::Measured,
    statement::{Body, Lines, PlaceKind},
};
use jiff::SignedDuration;
use store::{Fault, agreement::Left};

const URGENT: (&str, &str) = ("reason", "sudden_change");

fn enough(answer: &'static str) -> Vec<(&'static str, &'static str)> {
    [NOTE.as_slice(), &[("enough", answer)]].concat()
}

/// A note without one of its parts.
fn without(part: &str) -> Vec<(&'static str, &'static str)> {
    NOTE.iter()
        .map(|(name, text)| (*name, if *name == part { " " } else { *text }))
        .collect()
}

#[tokio::test]
async fn cl_1_2_i_the_answer_and_the_observation_are_the_physicians_own() {
    let mut practice = Seed::follow_up().open().await;
    practice.live().await;
    practice.done("strip", &[]).await;
    assert!(
        !practice
            .page()
            .await
            .contains("name=\"enough\" value=\"yes\" checked"),
        "nothing is preselected"
    );
    practice.seen(75).await;
    for answer in ["", "maybe", "YES"] {
        let said = practice.refused("enough", &enough(answer)).await;
        assert_eq!(
            (said.spoke(), said.reason()),
            ((422, "cl-1.2-i"), "answer_required"),
            "{answer}"
        );
    }
    assert_eq!(
        practice.refused("close", &NOTE).await.status,
        409,
        "the answer is missing"
    );
    let empty = without("objective");
    practice
        .done("enough", &[empty.as_slice(), &[("enough", "yes")]].concat())
        .await;
    assert_eq!(
        practice.refused("close", &empty).await.spoke(),
        (409, "cl-1.2-i"),
        "the block is empty"
    );
    practice.done("close", &NOTE).await;
    assert_eq!(practice.stage().await, "closed");
    assert_eq!(practice.entries("sufficiency.judged").await, 1);
}

#[tokio::test]
async fn cl_1_6_ii_a_enough_needs_the_patients_picture_as_the_server_measured_it() {
    let mut practice = Seed::follow_up().open().await;
    practice.live().await;
    practice.done("strip", &[]).await;
    for (what, two_way_seconds, patient_video_now) in [
        ("nothing measured", None, false),
        ("sound alone", Some(0), false),
        ("the picture is gone", Some(75), false),
    ] {
        if let Some(two_way_seconds) = two_way_seconds {
            practice
                .measured(Measured {
                    two_way_seconds,
                    patient_video_now,
                    ..Measured::default()
                })
                .await;
        }
        // What the browser claims counts for nothing.
        let forged = [
            enough("yes").as_slice(),
            &[("two_way_seconds", "600"), ("video", "1")],
        ]
        .concat();
        assert_eq!(
            practice.refused("enough", &forged).await.spoke(),
            (409, "cl-1.6-ii-a"),
            "{what}"
        );
    }
    for (seconds, clause) in [(5, "cl-1.6-ii-a"), (59, "cl-1.6-ii-a")] {
        practice.seen(seconds).await;
        if seconds == 5 {
            practice.done("enough", &enough("yes")).await;
        }
        assert_eq!(
            practice.refused("close", &NOTE).await.spoke(),
            (409, clause),
            "{seconds} s"
        );
        assert_eq!(practice.stage().await, "live");
    }
    practice.seen(60).await;
    practice.done("close", &NOTE).await;
}

#[tokio::test]
async fn cl_1_6_ii_b_without_a_second_of_sight_and_sound_nothing_is_signed() {
    let mut practice = Seed::follow_up().open().await;
    practice.live().await;
    practice.done("strip", &[]).await;
    practice
        .measured(Measured {
            patient_video_now: true,
            ..Measured::default()
        })
        .await;
    practice.done("enough", &enough("yes")).await;
    assert_eq!(
        practice.refused("close", &NOTE).await.spoke(),
        (409, "cl-1.6-ii-b")
    );
}

/// A poor stretch of a minute and more, and the picture still there.
async fn poor(practice: &Practice) {
    let now = practice.house.now();
    practice
        .measured(Measured {
            two_way_seconds: 90,
            patient_video_now: true,
            poor_since: Some(now - SignedDuration::from_secs(120)),
            poor_spell: Some(now),
        })
        .await;
}

#[tokio::test]
async fn cl_1_6_i_a_poor_stretch_is_answered_before_anything_is_signed() {
    let mut practice = Seed::follow_up().open().await;
    practice.live().await;
    practice.done("strip", &[]).await;
    assert!(
        practice
            .refused("continue", &[("reason", "よく聞こえる")])
            .await
            .is_out_of_turn(),
        "nothing was asked"
    );
    poor(&practice).await;
    assert!(practice.page().await.contains("poor-reason"));
    let watch = format!("{}/watch", practice.address());
    assert!(
        practice
            .physician
            .get(&watch)
            .await
            .body
            .contains("poor-reason"),
        "asked without a press"
    );
    assert_eq!(
        practice.refused("enough", &enough("yes")).await.spoke(),
        (409, "cl-1.6-i")
    );
    assert_eq!(
        practice.act("continue", &[("reason", "")]).await.status,
        422
    );
    practice
        .done("continue", &[("reason", "声は はっきり聞こえる")])
        .await;
    practice.done("enough", &enough("yes")).await;
    assert_eq!(practice.entries("continuation.judged").await, 1);
    // Once more after the answer: the signature waits again, and stopping is always open.
    practice.house.pass(SignedDuration::from_secs(61));
    poor(&practice).await;
    assert_eq!(
        practice.refused("close", &NOTE).await.spoke(),
        (409, "cl-1.6-i")
    );
    practice
        .done("continue", &[("reason", "もう一度 見えた")])
        .await;
    practice.done("close", &NOTE).await;
}

#[tokio::test]
async fn cl_1_6_i_not_enough_is_an_answer_to_a_poor_stretch() {
    let mut practice = Seed::follow_up().open().await;
    practice.live().await;
    poor(&practice).await;
    practice.done("enough", &enough("no")).await;
    practice.done("stop", &HAND_OVER).await;
}

#[tokio::test]
async fn cl_1_6_i_what_was_stopped_is_not_reopened() {
    let mut practice = Seed::follow_up().open().await;
    practice.live().await;
    practice.done("strip", &[]).await;
    practice.seen(75).await;
    practice
        .done(
            "stop",
            &[
                ("reason", "planned:胸の痛み"),
                ("destination", "当院"),
                ("target", "2026-11-20"),
                ("told", "画面で"),
            ],
        )
        .await;
    assert_eq!(practice.entries("consultation.stopped").await, 1);
    assert!(
        practice.grants().await.is_empty(),
        "picture and sound end with it"
    );
    let acts: [(&str, Vec<(&str, &str)>); 13] = [
        ("admit", vec![]),
        ("readmit", vec![]),
        ("begin", vec![]),
        ("agreement", vec![]),
        (
            "identity",
            vec![("document", "passport"), ("agrees", "yes")],
        ),
        ("strip", vec![]),
        ("note", NOTE.to_vec()),
        ("draft", NOTE.to_vec()),
        ("enough", enough("yes")),
        ("continue", vec![("reason", "x")]),
        ("end", vec![]),
        ("close", NOTE.to_vec()),
        ("emergency", vec![URGENT]),
    ];
    for (act, fields) in acts {
        assert_eq!(practice.refused(act, &fields).await.status, 409, "{act}");
    }
    assert_eq!(practice.act("signal", &[]).await.status, 410);
}

#[tokio::test]
async fn cl_1_3_i_e_a_patient_away_for_too_long_is_shown_with_the_way_on() {
    let mut practice = Seed::follow_up().open().await;
    practice.live().await;
    let watch = format!("{}/watch", practice.address());
    let offer = "/stop?reason=picture";
    for (seconds, shown) in [(59, false), (61, true)] {
        practice
            .measured(Measured {
                poor_since: Some(practice.house.now() - SignedDuration::from_secs(seconds)),
                ..Measured::default()
            })
            .await;
        assert_eq!(practice.page().await.contains(offer), shown, "{seconds} s");
        assert_eq!(
            practice.physician.get(&watch).await.body.contains(offer),
            shown,
            "{seconds} s"
        );
    }
    let address = practice.address();
    let form = practice
        .physician
        .get(&format!("{address}{offer}"))
        .await
        .body;
    assert!(
        form.contains("value=\"picture\" required checked"),
        "the reason is chosen already"
    );
    assert!(
        form.contains("name=\"destination\"") && form.contains("value=\"当院\""),
        "the plan's destination stands there"
    );
    let tapped = format!("{address}/stop?reason={}", web::form::encode("胸の痛み"));
    assert!(
        practice
            .physician
            .get(&tapped)
            .await
            .body
            .contains("value=\"planned:胸の痛み\" required checked")
    );
}

#[tokio::test]
async fn cl_2_5_1_1_x_b_who_is_there_is_asked_before_the_signature() {
    let mut practice = Seed::follow_up().open().await;
    practice.live().await;
    practice.seen(75).await;
    practice.done("enough", &enough("yes")).await;
    assert_eq!(
        practice.refused("close", &NOTE).await.spoke(),
        (409, "cl-2.5.1.1-x-b")
    );
    assert_eq!(
        practice.refused("end", &[]).await.spoke(),
        (409, "cl-2.5.1.1-x-b"),
        "sight is needed to look"
    );
    practice.done("strip", &[("present", "娘 見本 花")]).await;
    assert!(!practice.page().await.contains("id=\"strip\""));
    assert_eq!(practice.entries("third_party.checked").await, 1);
    // From another browser: nothing is open until it is let in, then the strip is due again.
    reconnect(&practice, TABLET).await;
    assert!(practice.page().await.contains("/readmit"));
    practice.house.pass(SignedDuration::from_secs(1));
    practice.done("readmit", &[]).await;
    assert_eq!(
        practice
            .grants()
            .await
            .iter()
            .filter(|grant| grant.device == TABLET)
            .count(),
        1
    );
    assert!(practice.page().await.contains("id=\"strip\""));
    assert_eq!(
        practice.refused("close", &NOTE).await.spoke(),
        (409, "cl-2.5.1.1-x-b")
    );
    practice.done("strip", &[]).await;
    // From the same browser again: nothing is asked.
    practice.house.pass(SignedDuration::from_secs(1));
    practice.done("readmit", &[]).await;
    practice.done("close", &NOTE).await;
}

#[tokio::test]
async fn cl_2_5_1_1_x_b_a_link_opened_elsewhere_after_the_call_does_not_lock_the_note() {
    let mut practice = Seed::follow_up().open().await;
    practice.closable().await;
    practice.done("end", &[]).await;
    reconnect(&practice, TABLET).await;
    practice.done("close", &NOTE).await;
    assert_eq!(practice.stage().await, "closed");
}

/// The patient opens the link in a browser.
async fn reconnect(practice: &Practice, device: DeviceId) {
    let patient = practice.patient;
    write(&practice.house, move |tx| {
        Box::pin(async move {
            let link = tx
                .invitation(&crate::consultation_seed::SECRET)
                .await?
                .ok_or(Fault::Conflict)?;
            tx.bind(&own(patient), &link, device).await
        })
    })
    .await;
}

#[tokio::test]
async fn cl_2_5_1_1_xii_no_page_of_a_visit_may_record() {
    let mut practice = Seed::follow_up().open().await;
    practice.live().await;
    let address = practice.address();
    for page in ["", "/stop", "/watch"] {
        let answer = practice.physician.get(&format!("{address}{page}")).await;
        assert!(
            answer
                .header("permissions-policy")
                .contains("display-capture=()"),
            "{page}"
        );
        assert!(
            !answer.body.contains("MediaRecorder") && !answer.body.contains("getDisplayMedia"),
            "{page}"
        );
    }
    let page = practice.page().await;
    let script = page
        .split("src=\"")
        .find(|part| part.contains("call") && part.contains(".js"))
        .unwrap()
        .split('"')
        .next()
        .unwrap()
        .to_owned();
    let code = practice.physician.get(&script).await;
    assert_eq!(code.status, StatusCode::OK, "{script}");
    assert!(
        code.body.len() > 1_000
            && !code.body.contains("MediaRecorder")
            && !code.body.contains("getDisplayMedia")
    );
    assert!(
        page.contains("録音なし") && page.contains("class=\"on-mark\""),
        "the notice and the mark stay on screen"
    );
    for side in ["patient", "physician"] {
        let said = practice
            .house
            .ledger(practice.house.tenant)
            .await
            .into_iter()
            .any(|entry| {
                entry.contains("recording_ban.accepted")
                    && entry.contains(&practice.visit.to_string())
                    && entry.contains(&format!("\"side\":\"{side}\""))
            });
        assert!(said, "{side}");
    }
}

#[tokio::test]
async fn cl_3_2_i_a_a_visit_is_closed_with_a_whole_note_only() {
    let mut practice = Seed::follow_up().open().await;
    practice.closable().await;
    for part in ["subjective", "assessment", "plan"] {
        let said = practice.refused("close", &without(part)).await;
        assert_eq!(said.spoke(), (409, "cl-3.2-i-a"), "{part}");
        assert_eq!(said.body["items"][0], part);
    }
    practice.done("close", &NOTE).await;
    assert_eq!(
        (
            practice.entries("record.finalized").await,
            practice.entries("consultation.documented").await
        ),
        (1, 1)
    );
    // What is signed stays signed: no act of the visit writes over it.
    for act in ["note", "draft", "close"] {
        assert!(
            practice
                .refused(act, &without("assessment"))
                .await
                .is_out_of_turn(),
            "{act}"
        );
    }
}

#[tokio::test]
async fn cl_3_2_i_a_an_unsigned_note_does_not_take_the_next_patient_away() {
    let mut practice = Seed::follow_up().open().await;
    practice.closable().await;
    practice.done("end", &[]).await;
    assert_eq!(practice.stage().await, "ended");
    let first = practice.visit;
    practice.visit = Seed::follow_up().seed(&practice.house, 2).await.1;
    practice.page().await;
    practice.closable().await;
    practice.done("close", &NOTE).await;
    practice.visit = first;
    practice.done("close", &NOTE).await;
    assert_eq!(practice.stage().await, "closed");
}

#[tokio::test]
async fn small_3_1_1_b_what_is_reserved_to_physicians_is_refused_to_others() {
    let mut practice = Seed::follow_up().open().await;
    practice.closable().await;
    let path = format!("{}/close", practice.address());
    for role in ["nurse", "reception", "administrator"] {
        let mut browser = practice.house.signed_in(role).await;
        assert_eq!(post(&mut browser, &path, &NOTE).await.status, 403, "{role}");
        assert_eq!(practice.stage().await, "live", "{role}");
    }
    // A physician whose proof fell while the visit ran signs nothing.
    write(&practice.house, |tx| {
        Box::pin(async move {
            let mut profile = crate::consultation_seed::profile();
            profile.name = "べつの 名前".into();
            tx.put_physician_profile(&staff(Role::Administrator), &profile)
                .await
        })
    })
    .await;
    let said = practice.refused("close", &NOTE).await;
    assert_eq!(
        (said.spoke(), said.reason()),
        ((403, "small-3.1.1.b"), "qualification_required")
    );
}

#[tokio::test]
async fn cl_1_1_iv_d_an_emergency_passes_paperwork_and_says_which() {
    let mut seed = Seed::first_visit();
    (
        seed.work,
        seed.chart,
        seed.agreed,
        seed.acknowledged,
        seed.card,
    ) = (false, false, false, false, None);
    let mut practice = seed.open().await;
    assert_eq!(practice.refused("admit", &[]).await.status, 409);
    let path = format!("{}/emergency", practice.address());
    for role in ["reception", "nurse"] {
        let mut browser = practice.house.signed_in(role).await;
        assert_eq!(
            post(&mut browser, &path, &[URGENT]).await.status,
            403,
            "{role}"
        );
    }
    for reason in ["", "because"] {
        assert_eq!(
            practice
                .refused("emergency", &[("reason", reason)])
                .await
                .spoke(),
            (422, "cl-1.1-iv-d")
        );
    }
    practice.done("emergency", &[URGENT]).await;
    assert_eq!(
        (practice.stage().await, practice.grants().await.len()),
        ("live", 2)
    );
    let start = practice.consultation().await.emergency.unwrap();
    for clause in ["cl-1.1-i", "cl-2.1-v", "cl-2.1-iv-a", "cl-1.4-i-a"] {
        assert!(
            start.passed.iter().any(|passed| passed == clause),
            "{clause} {:?}",
            start.passed
        );
    }
    let ledger = practice.house.ledger(practice.house.tenant).await;
    let claimed = |subject: &str| {
        ledger
            .iter()
            .any(|entry| entry.contains(subject) && entry.contains("\"side\":\"physician\""))
    };
    assert!(
        !claimed("place.confirmed") && !claimed("recording_ban.accepted"),
        "nobody stated a room: nothing is claimed"
    );
}

/// An emergency as far as "enough".
async fn emergency(seed: Seed) -> Practice {
    let mut practice = seed.open().await;
    practice.done("emergency", &[URGENT]).await;
    practice.done("strip", &[]).await;
    practice.seen(75).await;
    practice.done("enough", &enough("yes")).await;
    practice
}

fn unexplained() -> Seed {
    Seed {
        agreed: false,
        acknowledged: false,
        ..Seed::first_visit()
    }
}

#[tokio::test]
async fn cl_1_1_iv_d_a_visit_stays_open_until_explained_or_written_why_not() {
    let mut practice = emergency(unexplained()).await;
    assert!(
        practice.page().await.contains("id=\"explain-later\""),
        "the task is open from the start"
    );
    practice.done("close", &NOTE).await;
    assert_eq!(practice.stage().await, "documented", "signed, not closed");
    let said = practice.refused("close", &[]).await;
    assert_eq!(said.spoke(), (409, "cl-1.1-iv-d"));
    assert_eq!(
        practice.refused("agreement", &[]).await.status,
        409,
        "the patient has read nothing"
    );
    for fields in [
        vec![("again", "2026-11-21")],
        vec![("reason", "words"), ("again", "2026-11-21")],
        vec![("reason", "transferred")],
        vec![("reason", "transferred"), ("again", "2026-11-19")],
    ] {
        assert_eq!(
            practice.act("explain-later", &fields).await.status,
            422,
            "{fields:?}"
        );
    }
    practice
        .done(
            "explain-later",
            &[("reason", "transferred"), ("again", "2026-11-21")],
        )
        .await;
    assert_eq!(practice.stage().await, "closed");
    let start = practice.consultation().await.emergency.unwrap();
    assert_eq!(
        start.still_impossible.as_deref(),
        Some("transferred 2026-11-21")
    );
    assert!(
        practice
            .refused(
                "explain-later",
                &[("reason", "transferred"), ("again", "2026-11-21")]
            )
            .await
            .is_out_of_turn()
    );
}

#[tokio::test]
async fn cl_1_1_iv_d_explained_and_agreed_afterwards_the_visit_closes() {
    let mut practice = emergency(unexplained()).await;
    practice.done("close", &NOTE).await;
    let (patient, visit, plan) = (
        practice.patient,
        practice.consultation().await,
        practice.plan,
    );
    write(&practice.house, move |tx| {
        Box::pin(async move {
            let (by, left) = (
                own(patient),
                Left {
                    seconds: 20,
                    wants_to_ask: false,
                },
            );
            for text in tx.texts("explanation").await? {
                tx.keep_shown(&by, &visit, &text).await?;
                tx.keep_acknowledged(&by, &visit, (&text.tag, text.material), left)
                    .await?;
            }
            tx.keep_plan_read(&by, &visit, (plan, 1), left).await?;
            agree(tx, &by, &visit).await
        })
    })
    .await;
    assert_eq!(
        practice.refused("close", &[]).await.spoke(),
        (409, "cl-1.1-iv-d"),
        "given, not yet accepted"
    );
    assert!(practice.page().await.contains("id=\"accept\""));
    practice.done("agreement", &[]).await;
    practice.done("close", &[]).await;
    assert_eq!(practice.stage().await, "closed");
}

#[tokio::test]
async fn cl_1_1_iv_d_no_emergency_passes_safety() {
    type Change = fn(&mut Seed);
    let rows: [(&str, Change, &str); 3] = [
        ("not arrived", |seed| seed.arrived = false, "cl-1.2-ii-c"),
        (
            "outdoors",
            |seed| {
                seed.lines = Some(Lines {
                    place: PlaceKind::Outdoors,
                    ..lines()
                });
            },
            "cl-2.2-i",
        ),
        (
            "an urgent sign",
            |seed| {
                seed.body = Some(Body::Urgent {
                    sign: "chest_pain".into(),
                });
            },
            "cl-1.2-ii-c",
        ),
    ];
    for (what, change, clause) in rows {
        let mut seed = Seed::follow_up();
        change(&mut seed);
        let mut practice = seed.open().await;
        assert_eq!(
            practice.refused("emergency", &[URGENT]).await.spoke(),
            (409, clause),
            "{what}"
        );
        assert!(practice.grants().await.is_empty(), "{what}");
    }
    let mut busy = Seed::follow_up().open().await;
    let other = Seed::follow_up().seed(&busy.house, 2).await.1;
    busy.live().await;
    busy.visit = other;
    let said = busy.refused("emergency", &[URGENT]).await;
    assert_eq!(
        (said.spoke(), said.reason()),
        ((409, "cl-1.6-iii"), "physician_busy")
    );
    let mut unfit = Seed::follow_up().open().await;
    unfit.done("stop", &HAND_OVER).await;
    assert_eq!(unfit.refused("emergency", &[URGENT]).await.status, 409);
    let mut ordinary = Seed::follow_up().open().await;
    ordinary.live().await;
    assert!(
        ordinary
            .refused("emergency", &[URGENT])
            .await
            .is_out_of_turn()
    );
    assert!(
        ordinary
            .refused(
                "explain-later",
                &[("reason", "transferred"), ("again", "2026-11-21")]
            )
            .await
            .is_out_of_turn()
    );
    assert_eq!(PHONE, ordinary.grants().await[0].device);
}
