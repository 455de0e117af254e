//! Attacks on a visit that runs: what is asked before a signature, what stops it, and what an emergency never passes.

use crate::{
    consultation_seed::{
        FIRST_NOTE, HAND_OVER, NOTE, PHONE, Practice, SECRET, Seed, TABLET, agree, lines, own,
        post, staff, write,
    },
    support::Browser,
};
use access::{DeviceId, Role};
use axum::http::StatusCode;
use care::{
    examination::Measured,
    statement::{Body, Lines, PlaceKind},
};
use jiff::SignedDuration;
use store::{Fault, agreement::Left};
use web::{Surface, visit::link};

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
async fn cl_2_1_v_somebody_is_there_is_answered_before_the_signature_and_the_patient_sees_it() {
    let mut practice = Seed::follow_up().open().await;
    let mut phone = enter(&practice).await;
    assert_eq!(
        phone.post("/visit/beside", &[]).await.status,
        StatusCode::CONFLICT,
        "nobody is seen yet"
    );
    practice.closable().await;
    let watch = format!("{}/watch", practice.address());
    assert!(
        !practice
            .physician
            .get(&watch)
            .await
            .body
            .contains("id=\"beside\"")
    );
    let call = phone.get("/visit/call").await.body;
    assert!(call.contains("hx-post=\"/visit/beside\""), "{call}");
    for _ in 0..3 {
        let said = phone.post("/visit/beside", &[]).await;
        assert!(
            said.status == StatusCode::OK && said.body.contains("医師に聞いています"),
            "{}",
            said.body
        );
    }
    assert_eq!(
        practice.entries("place.doubted").await,
        1,
        "one question at a time"
    );
    assert!(
        practice
            .physician
            .get(&watch)
            .await
            .body
            .contains("id=\"beside\""),
        "asked without a press"
    );
    for (act, fields) in [("close", NOTE.as_slice()), ("end", &[])] {
        let said = practice.refused(act, fields).await;
        assert_eq!(
            (said.spoke(), said.reason()),
            ((409, "cl-2.1-v"), "patient_sees_somebody"),
            "{act}"
        );
    }
    // Two answers, and no way around them; nobody else answers.
    for answer in ["", "yes", "stays"] {
        assert_eq!(
            practice.act("beside", &[("answer", answer)]).await.status,
            422
        );
    }
    let mut second = practice.other_physician().await;
    let path = format!("{}/beside", practice.address());
    let said = post(&mut second, &path, &[("answer", "nobody")]).await;
    assert_eq!((said.status, said.reason()), (403, "wrong_actor"));
    practice.done("beside", &[("answer", "left")]).await;
    assert!(
        practice
            .refused("beside", &[("answer", "nobody")])
            .await
            .is_out_of_turn(),
        "answered once"
    );
    assert!(
        phone
            .get("/visit/call")
            .await
            .body
            .contains("医師の答え: 出てもらいました")
    );
    let answered = practice.house.ledger(practice.house.tenant).await;
    assert!(answered.iter().any(|entry| {
        entry.contains("place.answered")
            && entry.contains("\"clause\":\"cl-2.1-v\"")
            && entry.contains("\"answer\":\"left\"")
    }));
    // Seen again: asked again.
    practice.house.pass(SignedDuration::from_secs(1));
    phone.post("/visit/beside", &[]).await;
    assert_eq!(
        practice.refused("close", &NOTE).await.spoke(),
        (409, "cl-2.1-v")
    );
    practice.done("beside", &[("answer", "nobody")]).await;
    practice.done("close", &NOTE).await;
}

#[tokio::test]
async fn cl_1_6_iii_a_second_patient_of_the_day_is_no_companion() {
    let with_daughter = || Seed {
        lines: Some(Lines {
            companions: vec!["いとこ 見本 正男2".to_owned()],
            ..lines()
        }),
        ..Seed::follow_up()
    };
    let mut practice = with_daughter().open().await;
    practice.live().await;
    assert!(
        !practice
            .page()
            .await
            .contains("きょう 自分の診察がある人と同じ名前です")
    );
    // The companion has a visit of the own today.
    Seed::follow_up().seed(&practice.house, 2).await;
    assert!(
        practice
            .page()
            .await
            .contains("きょう 自分の診察がある人と同じ名前です")
    );
    let named = [("present", "いとこ 見本 正男2")];
    for fields in [
        named.as_slice(),
        &[("present", "ﾐﾎﾝ ﾏｻｵ")],
        &[("present", "娘"), ("present", "見本正男２さん")],
    ] {
        let said = practice.refused("strip", fields).await;
        assert_eq!(
            (said.spoke(), said.reason()),
            ((409, "cl-1.6-iii"), "companion_is_patient"),
            "{fields:?}"
        );
    }
    let ledger = practice.house.ledger(practice.house.tenant).await.join("");
    assert!(!ledger.contains("正男"), "no name in the ledger");
    // The patient's own name is nobody else's; a namesake is the physician's word, and stays on record.
    practice
        .done("strip", &[("present", "娘"), ("asked", "yes")])
        .await;
    practice.house.pass(SignedDuration::from_secs(1));
    let namesake = [named[0], ("namesake", "yes")];
    practice.done("strip", &namesake).await;
    let ledger = practice.house.ledger(practice.house.tenant).await;
    assert!(
        ledger
            .iter()
            .any(|entry| entry.contains("third_party.checked") && entry.contains("\"namesake\":1"))
    );
    assert!(overlapping(&practice).await.is_empty());
}

/// Visits whose companion turned out to be a patient of that day.
async fn overlapping(practice: &Practice) -> Vec<care::ConsultationId> {
    let since = practice.house.now() - SignedDuration::from_hours(24 * 31);
    let mut read = practice
        .house
        .store
        .read(practice.house.tenant)
        .await
        .unwrap();
    read.companions_overlapping(since).await.unwrap()
}

#[tokio::test]
async fn cl_1_6_iii_a_companion_who_becomes_a_patient_of_that_day_is_found_afterwards() {
    let mut practice = Seed::follow_up().open().await;
    practice.live().await;
    practice
        .done(
            "strip",
            &[("present", "いとこ 見本 正男2"), ("asked", "yes")],
        )
        .await;
    assert!(overlapping(&practice).await.is_empty());
    let mut administrator = practice.house.signed_in("administrator").await;
    let before = administrator.get("/house/checklist").await.body;
    assert!(!before.contains("patients_overlap"), "{before}");
    Seed::follow_up().seed(&practice.house, 2).await;
    assert_eq!(overlapping(&practice).await, [practice.visit]);
    let after = administrator.get("/house/checklist").await.body;
    assert!(after.contains("patients_overlap"));
    // The newest press speaks: the companion had left.
    practice.house.pass(SignedDuration::from_secs(1));
    practice.done("strip", &[]).await;
    assert!(overlapping(&practice).await.is_empty());
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

/// The mark that the room's watch sets, and takes back.
async fn lost(practice: &Practice, seconds: i64) {
    let (visit, since) = (
        practice.visit,
        practice.house.now() - SignedDuration::from_secs(seconds),
    );
    write(&practice.house, move |tx| {
        Box::pin(async move { tx.mark_lost(visit, since, 60).await })
    })
    .await;
}

#[tokio::test]
async fn cl_1_3_i_e_a_patient_away_for_too_long_opens_the_hand_over_form() {
    let mut practice = Seed::follow_up().open().await;
    practice.live().await;
    let address = practice.address();
    let watch = format!("{address}/watch");
    let form = "id=\"lost\"";
    // Figures alone open nothing: the visit is marked by the watch over the room, which knows the plan's limit.
    practice.measured(Measured::default()).await;
    assert!(!practice.page().await.contains(form));
    lost(&practice, 61).await;
    lost(&practice, 90).await;
    assert_eq!(practice.entries("call.lost").await, 1, "marked once");
    for page in [
        practice.page().await,
        practice.physician.get(&watch).await.body,
    ] {
        assert!(page.contains(form), "opened without a press");
        assert!(
            page.contains(
                "name=\"destination\" maxlength=\"500\" autocomplete=\"off\" value=\"当院\""
            ),
            "the plan's destination stands there: {page}"
        );
        assert!(
            page.contains("name=\"reason\" value=\"planned:60秒以上 映像がない\""),
            "the plan's own condition is the reason"
        );
    }
    // What is being typed is not drawn over: nothing new, nothing sent.
    let page = practice.page().await;
    let at = page
        .split("hx-get=\"")
        .find(|part| part.contains("/watch?drawn="))
        .unwrap();
    let at = at.split('"').next().unwrap().to_owned();
    assert_eq!(
        practice.physician.get(&at).await.status,
        StatusCode::NO_CONTENT
    );
    // Back again: the form goes, the mark stays in the ledger.
    let visit = practice.visit;
    write(&practice.house, move |tx| {
        Box::pin(async move { tx.mark_back(visit).await })
    })
    .await;
    assert!(!practice.physician.get(&at).await.body.contains(form));
    assert_eq!(practice.entries("call.resumed").await, 1);
    lost(&practice, 61).await;
    let fields = [
        ("reason", "planned:60秒以上 映像がない"),
        ("destination", "当院"),
        ("target", "2026-11-21"),
        ("told", "電話で"),
    ];
    practice.done("stop", &fields).await;
    assert_eq!(practice.stage().await, "switched_in_person");
}

#[tokio::test]
async fn cl_1_3_i_e_the_plans_conditions_are_one_tap_reasons() {
    let mut practice = Seed::follow_up().open().await;
    practice.live().await;
    let address = practice.address();
    let form = practice
        .physician
        .get(&format!("{address}/stop?reason=picture"))
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
    practice
        .done("strip", &[("present", "娘 見本 花"), ("asked", "yes")])
        .await;
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
        let before = practice.entries("refusal.recorded").await;
        let said = post(&mut browser, &path, &NOTE).await;
        assert_eq!(
            (said.spoke(), said.reason()),
            ((403, "small-3.1.1.b"), "qualification_required"),
            "{role}"
        );
        assert_eq!(
            said.body["remedy"]["who"], "physician",
            "it says who can do it"
        );
        assert_eq!(practice.entries("refusal.recorded").await, before + 1);
        assert_eq!(practice.stage().await, "live", "{role}");
    }
    // Each reserved act answers with the clause that reserves it; a page that is merely not theirs does not.
    let mut nurse = practice.house.signed_in("nurse").await;
    for (act, clause) in [
        ("admit", "cl-1.1-iii-a"),
        ("enough", "cl-1.1-iii-a"),
        ("stop", "cl-1.1-iii-b"),
        ("emergency", "cl-1.1-iv-d"),
        ("note", "small-3.1.1.b"),
        ("beside", "small-3.1.1.b"),
    ] {
        let path = format!("{}/{act}", practice.address());
        let said = post(&mut nurse, &path, &[]).await;
        assert_eq!(
            (said.spoke(), said.reason()),
            ((403, clause), "qualification_required"),
            "{act}"
        );
    }
    let page = nurse.get(&practice.address()).await;
    assert_eq!(page.status, StatusCode::FORBIDDEN);
    assert!(!page.body.contains("cl-1.1-iii-a"));
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
    practice.done("close", &FIRST_NOTE).await;
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
    practice.done("close", &FIRST_NOTE).await;
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
    practice.house.pass(SignedDuration::from_mins(2));
    practice.done("agreement", &[]).await;
    practice.done("close", &[]).await;
    assert_eq!(practice.stage().await, "closed");
    let ledger = practice.house.ledger(practice.house.tenant).await;
    let owed: Vec<_> = ledger
        .iter()
        .filter(|entry| entry.contains("\"explanation.given\""))
        // The sheet of what follows was explained in the call; it was never owed.
        .filter(|entry| !entry.contains("after_visit_sheet"))
        .collect();
    assert!(!owed.is_empty());
    for entry in owed {
        let entry: serde_json::Value = serde_json::from_str(entry).unwrap();
        let seconds = entry["fields"]["seconds_owed"].as_i64();
        assert!(
            seconds.is_some_and(|seconds| seconds >= 120),
            "how long the patient went without it: {entry}"
        );
    }
}

/// The patient's own browser, come in by the link.
async fn enter(practice: &Practice) -> Browser {
    let mut phone = practice.house.browser(Surface::Patient);
    let link = format!("/v/{}", link::encode(practice.house.tenant, &SECRET));
    let birth = [("era", "showa"), ("y", "26"), ("m", "4"), ("d", "3")];
    let entered = phone.post(&format!("{link}/enter"), &birth).await;
    assert_eq!(
        (entered.status, entered.location()),
        (StatusCode::SEE_OTHER, "/visit"),
        "{}",
        entered.body
    );
    phone
}

/// Reads what is owed, on one page, and agrees; answers with the pages that were passed through.
async fn read_and_agree(phone: &mut Browser, kinds: &[(&str, &str)]) -> Vec<String> {
    let at = phone.get("/visit/owed").await.location().to_owned();
    let page = phone.get(&at).await.body;
    let versions: Vec<String> = page
        .split("name=\"version\" value=\"")
        .skip(1)
        .filter_map(|rest| rest.split('"').next())
        .map(ToOwned::to_owned)
        .collect();
    assert_eq!(versions.len(), 3, "{at} is not open: {page}");
    let mut fields = vec![("answer", "understood"), ("seconds", "9")];
    fields.extend(versions.iter().map(|version| ("version", version.as_str())));
    let read = phone.post(&at, &fields).await;
    assert_eq!(read.status, StatusCode::SEE_OTHER, "{}", read.body);
    let then = read.location().to_owned();
    assert_eq!(phone.get(&then).await.status, StatusCode::OK);
    let agreed = phone.post(&then, kinds).await;
    let last = agreed.location().to_owned();
    vec![at, format!("{then} {}", agreed.status.as_u16()), last]
}

const AGREED: [(&str, &str); 4] = [
    ("wish", "yes"),
    ("kind", "online_care"),
    ("kind", "security_risk"),
    ("kind", "system_use"),
];

#[tokio::test]
async fn cl_1_1_iv_d_the_patient_reads_and_agrees_on_the_phone_while_the_call_runs() {
    let mut practice = unexplained().open().await;
    let mut phone = enter(&practice).await;
    // Before the start nothing is owed: the way begins where it always does.
    assert_eq!(phone.get("/visit/owed").await.location(), "/visit/explain");
    practice.done("emergency", &[URGENT]).await;
    assert_eq!(phone.get("/visit").await.location(), "/visit/call");
    let call = phone.get("/visit/call").await.body;
    assert!(
        call.contains("data-open=\"owed\"") && call.contains("hx-get=\"/visit/owed\""),
        "the call says what is owed and opens it: {call}"
    );
    let address = practice.address();
    let watch = format!("{address}/watch");
    assert!(
        !practice
            .physician
            .get(&watch)
            .await
            .body
            .contains("id=\"accept\""),
        "nothing to confirm yet"
    );
    // Agreement before explanation is none, in an emergency either.
    let early = phone.post("/visit/agree", &AGREED).await;
    assert_eq!(early.status, StatusCode::CONFLICT);
    let way = read_and_agree(&mut phone, &AGREED).await;
    assert_eq!(way, ["/visit/explain", "/visit/agree 303", "/visit/owed"]);
    let done = phone.get("/visit/owed").await;
    assert!(
        done.status == StatusCode::OK && done.body.contains("id=\"reading\""),
        "said over the call, which goes on"
    );
    let call = phone.get("/visit/call").await.body;
    assert!(!call.contains("data-open=\"owed\""), "{call}");
    assert!(
        practice
            .physician
            .get(&watch)
            .await
            .body
            .contains("id=\"accept\""),
        "the physician hears of it without a press"
    );
    practice.done("agreement", &[]).await;
    practice.done("strip", &[]).await;
    practice.seen(75).await;
    practice.done("enough", &enough("yes")).await;
    practice.done("close", &FIRST_NOTE).await;
    assert_eq!(practice.stage().await, "closed");
    assert_eq!(practice.entries("explanation.acknowledged").await, 3);
}

#[tokio::test]
async fn cl_1_1_iv_d_the_patient_reads_and_agrees_on_the_phone_after_the_call() {
    let mut practice = unexplained().open().await;
    let mut phone = enter(&practice).await;
    practice.done("emergency", &[URGENT]).await;
    practice.done("strip", &[]).await;
    practice.seen(75).await;
    practice.done("enough", &enough("yes")).await;
    practice.done("close", &FIRST_NOTE).await;
    assert_eq!(practice.stage().await, "documented", "signed, not closed");
    assert!(phone.get("/visit/after").await.body.contains("/visit/owed"));
    // One kind left out: the agreement is not complete, and the visit stays open.
    let way = read_and_agree(&mut phone, &AGREED[..3]).await;
    assert_eq!(way[1], "/visit/agree 409");
    assert_eq!(
        practice.refused("close", &[]).await.spoke(),
        (409, "cl-1.1-iv-d")
    );
    let answer = phone.post("/visit/agree", &AGREED).await;
    assert_eq!(answer.location(), "/visit/after", "{}", answer.body);
    assert!(!phone.get("/visit/after").await.body.contains("/visit/owed"));
    assert_eq!(
        practice.refused("close", &[]).await.spoke(),
        (409, "cl-1.1-iv-d"),
        "given, not yet accepted"
    );
    practice.done("agreement", &[]).await;
    practice.done("close", &[]).await;
    assert_eq!(practice.stage().await, "closed");
    // What is settled is not asked again, and an ordinary visit is never asked after its start.
    assert_eq!(
        phone.post("/visit/agree", &AGREED).await.status,
        StatusCode::CONFLICT
    );
}

#[tokio::test]
async fn cl_1_1_iv_d_closed_with_a_reason_the_next_attempt_is_still_open_to_both() {
    let mut practice = unexplained().open().await;
    enter(&practice).await;
    practice.done("emergency", &[URGENT]).await;
    practice.done("strip", &[]).await;
    practice.seen(75).await;
    practice.done("enough", &enough("yes")).await;
    practice.done("close", &FIRST_NOTE).await;
    let not_yet = [("reason", "transferred"), ("again", "2026-11-21")];
    practice.done("explain-later", &not_yet).await;
    assert_eq!(practice.stage().await, "closed");
    assert!(
        practice.refused("agreement", &[]).await.status == 409,
        "the patient has read nothing"
    );
    practice.house.pass(SignedDuration::from_hours(20));
    // The next day the same link leads in.
    let mut phone = enter(&practice).await;
    practice.physician = practice.house.signed_in("physician").await;
    assert_eq!(
        read_and_agree(&mut phone, &AGREED).await,
        ["/visit/explain", "/visit/agree 303", "/visit/after"]
    );
    assert!(practice.page().await.contains("id=\"accept\""));
    practice.done("agreement", &[]).await;
    assert!(!practice.page().await.contains("id=\"accept\""));
    assert_eq!(practice.entries("agreement.accepted").await, 3);
}

#[tokio::test]
async fn cl_1_1_iv_d_whoever_says_no_after_an_emergency_start_is_not_treated_on_and_the_reason_is_kept()
 {
    let mut practice = unexplained().open().await;
    let mut phone = enter(&practice).await;
    practice.done("emergency", &[URGENT]).await;
    let no = phone.post("/visit/wish", &[("wish", "no")]).await;
    assert_eq!(no.location(), "/visit/in-person", "{}", no.body);
    assert_eq!(phone.get("/visit").await.location(), "/visit/in-person");
    assert!(practice.page().await.contains("患者が同意を取りやめました"));
    let watch = format!("{}/watch", practice.address());
    assert!(
        !practice
            .physician
            .get(&watch)
            .await
            .body
            .contains("id=\"accept\"")
    );
    assert_eq!(practice.refused("agreement", &[]).await.status, 409);
    let declined = [("reason", "declined"), ("again", "2026-11-21")];
    practice.done("explain-later", &declined).await;
    practice.done("stop", &HAND_OVER).await;
    assert_eq!(practice.stage().await, "switched_in_person");
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
