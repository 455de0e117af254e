//! Attacks on the judgement of each visit, and on what follows a no-go.

use crate::case::{
    self, ENDED, LIVE, NOW, OTHER_PHYSICIAN, OTHER_VISIT, PASSES, PHYSICIAN, RECEPTION, Spoil,
    TODAY, VISIT, attack, begin, judged, said, sign,
};
use access::Role;
use care::{
    gate,
    suitability::{
        HandOver, Judgement, Phase, Verdict, handed_over, may_abort, may_judge, may_write,
        unconfirmed,
    },
};
use jiff::civil::date;

#[test]
fn cl_1_1_iii_a_a_visit_begins_on_its_own_judgement_only() {
    attack(
        begin,
        &[
            ("not judged", |d| d.judgements.clear(), "409 cl-1.1-iii-a"),
            (
                "last month's judgement",
                |d| {
                    d.judgements
                        .iter_mut()
                        .for_each(|row| row.consultation = OTHER_VISIT);
                },
                "409 cl-1.1-iii-a",
            ),
            (
                "a final one in place of the provisional",
                |d| d.judgements.retain(|row| row.phase == Phase::Final),
                "409 cl-1.1-iii-a",
            ),
        ],
    );
}

#[test]
fn cl_1_1_iii_a_nothing_is_signed_before_the_final_judgement() {
    attack(
        sign,
        &[
            (
                "only admitted",
                |d| d.judgements.retain(|row| row.phase == Phase::Provisional),
                "409 cl-1.1-iii-a",
            ),
            (
                "last month's",
                |d| {
                    d.judgements
                        .iter_mut()
                        .for_each(|row| row.consultation = OTHER_VISIT);
                },
                "409 cl-1.1-iii-a",
            ),
        ],
    );
}

#[test]
fn cl_1_1_iii_a_only_the_treating_physician_judges() {
    for (role, by, answer) in [
        (
            Role::Nurse,
            PHYSICIAN,
            "403 cl-1.1-iii-a qualification_required",
        ),
        (
            Role::Reception,
            RECEPTION,
            "403 cl-1.1-iii-a qualification_required",
        ),
        (
            Role::Administrator,
            PHYSICIAN,
            "403 cl-1.1-iii-a qualification_required",
        ),
        (
            Role::Physician,
            OTHER_PHYSICIAN,
            "403 cl-1.1-iii-a wrong_actor",
        ),
        (Role::Physician, PHYSICIAN, PASSES),
    ] {
        assert_eq!(said(may_judge(role, by, PHYSICIAN)), answer, "{role:?}");
    }
}

#[test]
fn cl_1_1_iii_a_a_visit_gets_exactly_two_judgements() {
    let mut rows = vec![judged(Phase::Provisional)];
    rows[0].consultation = OTHER_VISIT;
    for phase in [Phase::Provisional, Phase::Final] {
        assert_eq!(said(may_write(VISIT, &rows, phase)), PASSES, "{phase:?}");
        rows.push(judged(phase));
        assert_eq!(
            said(may_write(VISIT, &rows, phase)),
            "409 cl-1.1-iii-a judged_already",
            "{phase:?}"
        );
    }
}

#[test]
fn cl_1_1_iii_a_one_admission_serves_one_visit() {
    let ready = gate::begin(&case::followup()).expect("in order");
    let mut next = case::followup().consultation;
    next.id = OTHER_VISIT;
    assert_eq!(
        said(next.begin(ready, NOW)),
        "proof of another consultation"
    );
}

#[test]
fn cl_1_1_iii_b_a_no_go_locks_the_start_and_the_signature() {
    let no_go: Spoil = |d| d.judgements[0].verdict = Verdict::NoGo;
    let table: &[case::Case<care::Dossier>] = &[
        ("at admit", no_go, "409 cl-1.1-iii-b"),
        (
            "at the closing panel",
            |d| d.judgements[1].verdict = Verdict::NoGo,
            "409 cl-1.1-iii-b",
        ),
        (
            "overwritten with go",
            |d| {
                d.judgements[0].verdict = Verdict::NoGo;
                d.judgements.insert(0, judged(Phase::Provisional));
                d.judgements.push(judged(Phase::Final));
            },
            "409 cl-1.1-iii-b",
        ),
    ];
    attack(begin, table);
    attack(sign, table);
}

#[test]
fn cl_1_1_iii_b_a_no_go_is_not_overwritten_given_up_or_closed() {
    let rows = [Judgement {
        verdict: Verdict::NoGo,
        ..judged(Phase::Provisional)
    }];
    for phase in [Phase::Provisional, Phase::Final] {
        assert_eq!(said(may_write(VISIT, &rows, phase)), "409 cl-1.1-iii-b");
    }
    assert_eq!(said(may_abort(VISIT, &rows)), "409 cl-1.1-iii-b");
    assert_eq!(said(may_abort(OTHER_VISIT, &rows)), PASSES);

    for stage in [ENDED, case::DOCUMENTED] {
        let mut dossier = case::followup();
        dossier.consultation.stage = stage;
        assert_eq!(said(gate::close(&dossier)), PASSES, "{stage:?}");
        dossier.judgements[1].verdict = Verdict::NoGo;
        assert_eq!(said(gate::close(&dossier)), "409 cl-1.1-iii-b", "{stage:?}");
    }
}

#[test]
fn cl_1_1_iii_b_the_exit_is_a_hand_over_with_place_day_and_how_it_was_told() {
    let whole = HandOver {
        destination: "みなと病院".to_owned(),
        target: TODAY,
        told: "通話で".to_owned(),
    };
    let blank = " ".to_owned();
    for (form, answer) in [
        (whole.clone(), PASSES),
        (
            HandOver {
                destination: blank.clone(),
                ..whole.clone()
            },
            "422 cl-1.1-iii-b: destination",
        ),
        (
            HandOver {
                target: date(2026, 11, 15),
                ..whole.clone()
            },
            "422 cl-1.1-iii-b: target",
        ),
        (
            HandOver {
                told: blank,
                ..whole
            },
            "422 cl-1.1-iii-b: told",
        ),
    ] {
        assert_eq!(said(handed_over(&form, TODAY)), answer);
    }
    for stage in [LIVE, ENDED] {
        let mut visit = case::followup().consultation;
        visit.stage = stage;
        let switched = visit.switch().map(|event| visit.after(&event).stage);
        assert_eq!(switched, Ok(care::Stage::SwitchedInPerson));
    }
}

#[test]
fn cl_1_1_iii_b_an_arrival_unconfirmed_past_its_day_is_a_finding() {
    for (target, arrived, finding) in [
        (date(2026, 11, 15), false, true),
        (date(2026, 11, 15), true, false),
        (TODAY, false, false),
    ] {
        assert_eq!(unconfirmed(target, arrived, TODAY), finding, "{target}");
    }
}
