//! Attacks on the examination: enough, seen and heard, and stopped when it is not.

use crate::case::{
    self, DOCUMENTED, ENDED, LIVE, NOW, PASSES, VISIT, admit, attack, begin, minutes_ago, said,
    seconds_ago, sign, spoilt,
};
use care::{
    Dossier, Stage,
    examination::{Measured, SignedAct, answerable, measured, prompt_due, without_media},
    gate,
};
use jiff::SignedDuration;

/// The patient's picture stays poor for so many seconds, read every five, up to now.
fn poor_for(dossier: &mut Dossier, seconds: i64) {
    for left in (0..=seconds).rev().step_by(5) {
        dossier.examination.measured = measured(
            dossier.examination.measured,
            240,
            true,
            true,
            seconds_ago(left),
        );
    }
}

#[test]
fn cl_1_2_i_nothing_is_signed_without_the_answer_and_an_observation() {
    attack(
        sign,
        &[
            (
                "unanswered",
                |d| d.examination.sufficiency = None,
                "409 cl-1.2-i",
            ),
            (
                "nothing observed",
                |d| d.examination.observation = " \n".to_owned(),
                "409 cl-1.2-i",
            ),
            (
                "not enough",
                |d| {
                    d.examination
                        .sufficiency
                        .iter_mut()
                        .for_each(|s| s.enough = false);
                },
                "409 cl-1.6-i",
            ),
            (
                "answered while no picture of the patient flowed",
                |d| {
                    d.examination
                        .sufficiency
                        .iter_mut()
                        .for_each(|s| s.video_then = false);
                },
                "409 cl-1.6-ii-a",
            ),
        ],
    );
}

#[test]
fn cl_1_2_i_the_answer_is_the_physicians_and_needs_the_picture() {
    for (enough, picture, answer) in [
        (None, true, "422 cl-1.2-i answer_required"),
        (Some(true), false, "409 cl-1.6-ii-a"),
        (Some(true), true, PASSES),
        (Some(false), false, PASSES),
    ] {
        let measured = Measured {
            patient_video_now: picture,
            ..Measured::default()
        };
        assert_eq!(said(answerable(enough, &measured)), answer, "{enough:?}");
    }
}

#[test]
fn cl_1_6_i_two_minutes_of_poor_picture_must_be_answered_before_a_signature() {
    attack(
        sign,
        &[
            ("two minutes", |d| poor_for(d, 120), "409 cl-1.6-i"),
            ("one minute", |d| poor_for(d, 60), "409 cl-1.6-i"),
            ("55 seconds", |d| poor_for(d, 55), PASSES),
            (
                "answered after it",
                |d| {
                    poor_for(d, 120);
                    d.examination.continued = Some(NOW);
                },
                PASSES,
            ),
            (
                "answered before it",
                |d| {
                    poor_for(d, 120);
                    d.examination.continued = Some(minutes_ago(3));
                },
                "409 cl-1.6-i",
            ),
            (
                "stopped",
                |d| d.examination.stopped = Some(NOW),
                "409 cl-1.6-i",
            ),
        ],
    );
}

#[test]
fn cl_1_6_i_an_answer_is_not_asked_again_at_the_next_reading_but_after_another_minute() {
    for (since_answer, asked) in [(5, false), (59, false), (60, true)] {
        let mut dossier = case::followup();
        poor_for(&mut dossier, 120);
        dossier.examination.continued = Some(seconds_ago(since_answer));
        assert_eq!(prompt_due(&dossier.examination), asked, "{since_answer} s");
    }
}

#[test]
fn cl_1_6_i_a_spell_that_ended_is_still_to_be_answered() {
    let mut dossier = case::followup();
    poor_for(&mut dossier, 60);
    let good = measured(
        dossier.examination.measured,
        240,
        true,
        false,
        NOW + SignedDuration::from_secs(5),
    );
    assert_eq!(good.poor_since, None);
    dossier.examination.measured = good;
    assert_eq!(sign(&dossier), "409 cl-1.6-i");
}

#[test]
fn cl_1_6_i_the_conversation_is_never_interrupted() {
    let mut dossier = case::followup();
    dossier.consultation.stage = LIVE;
    poor_for(&mut dossier, 600);
    assert_eq!(admit(&dossier), PASSES);
}

#[test]
fn cl_1_6_i_a_stopped_visit_is_not_opened_again() {
    for stage in [ENDED, Stage::SwitchedInPerson] {
        let mut dossier = case::followup();
        dossier.consultation.stage = stage;
        dossier.examination.stopped = Some(NOW);
        assert_eq!(admit(&dossier), "409 cl-1.6-i", "{stage:?}");
        assert_eq!(begin(&dossier), "409 cl-1.6-i", "{stage:?}");
        let ready = gate::begin(&case::followup()).expect("in order");
        assert_eq!(
            said(dossier.consultation.begin(ready, NOW)),
            format!("not possible at {}", stage.as_str())
        );
    }
}

#[test]
fn cl_1_6_ii_a_five_seconds_of_picture_are_no_visit() {
    attack(
        sign,
        &[
            (
                "5 s",
                |d| d.examination.measured.two_way_seconds = 5,
                "409 cl-1.6-ii-a",
            ),
            (
                "59 s",
                |d| d.examination.measured.two_way_seconds = 59,
                "409 cl-1.6-ii-a",
            ),
            (
                "60 s",
                |d| d.examination.measured.two_way_seconds = 60,
                PASSES,
            ),
        ],
    );
}

#[test]
fn cl_1_6_ii_b_a_visit_without_sight_and_sound_is_not_signed() {
    let silent = spoilt(|d| d.examination.measured = Measured::default());
    assert_eq!(sign(&silent), "409 cl-1.6-ii-b");
    assert_eq!(sign(&case::followup()), PASSES);
}

#[test]
fn cl_1_6_ii_b_no_signature_comes_of_anything_but_the_signing_gate() {
    let unsigned = spoilt(|d| d.consultation.stage = ENDED);
    let signable = gate::sign(&unsigned).expect("in order");
    assert_eq!(said(unsigned.consultation.document(&signable)), PASSES);
    for stage in [LIVE, DOCUMENTED, Stage::Booked] {
        let mut visit = unsigned.consultation.clone();
        visit.stage = stage;
        assert_eq!(
            said(visit.document(&signable)),
            format!("not possible at {}", stage.as_str())
        );
    }
}

#[test]
fn cl_1_6_ii_b_the_nightly_check_finds_acts_without_media() {
    let act = |consultation, two_way_seconds| SignedAct {
        consultation,
        two_way_seconds,
    };
    let acts = [
        act(Some(VISIT), 60),
        act(Some(VISIT), 59),
        act(Some(VISIT), 0),
        act(None, 600),
    ];
    assert_eq!(without_media(&acts), &acts[1..]);
}

#[test]
fn cl_1_6_ii_a_the_exit_that_is_no_online_care_is_open_only_without_sight_and_sound() {
    let enough = "409 cl-1.6-ii-a media_suffices";
    let table: &[crate::case::Case<care::Dossier>] = &[
        ("seen and heard", |_| {}, enough),
        (
            "five seconds",
            |d| d.examination.measured.two_way_seconds = 5,
            crate::case::PASSES,
        ),
        (
            "no picture at \"enough\"",
            |d| {
                d.examination
                    .sufficiency
                    .iter_mut()
                    .for_each(|answer| answer.video_then = false);
            },
            crate::case::PASSES,
        ),
        (
            "sent to care in person already",
            |d| {
                d.examination.measured.two_way_seconds = 5;
                d.judgements[0].verdict = care::suitability::Verdict::NoGo;
            },
            "409 cl-1.1-iii-b",
        ),
    ];
    for (what, spoil, answer) in table {
        let mut dossier = crate::case::followup();
        spoil(&mut dossier);
        assert_eq!(
            crate::case::said(care::gate::not_performed(&dossier)),
            *answer,
            "{what}"
        );
    }
}
