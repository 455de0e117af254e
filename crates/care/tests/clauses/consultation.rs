//! Attacks on the emergency start: it passes paperwork, never safety.

use crate::case::{
    self, OTHER_CLINIC, OTHER_VISIT, PASSES, PHYSICIAN, Spoil, VISIT, emergency_documented,
    followup, said, spoilt,
};
use access::Role;
use care::{
    Dossier, Stage,
    consultation::{EmergencyReason, emergency, emergency_is_routine},
    gate::{self, Ready},
    presence::LiveSeat,
    proof::Answer,
    statement::{Body, PlaceKind},
    suitability::Verdict,
};

fn emergency_start(dossier: &Dossier) -> Result<Ready, Vec<care::Refusal>> {
    emergency(VISIT, Role::Physician, Some(EmergencyReason::SuddenChange))
        .map_err(|refusal| vec![refusal])
        .and_then(|ground| gate::begin_emergency(dossier, ground))
}

/// Nothing but the patient's arrival: no agreement, explanation, plan, statement, work period, chart or proof.
fn without_paperwork(dossier: &mut Dossier) {
    dossier.agreement.rows.clear();
    dossier.agreement.wish = None;
    dossier.explanation.items.clear();
    dossier.plan.in_force = None;
    dossier.identity.check = None;
    dossier.proof.proof = None;
    dossier.judgements.clear();
    dossier.statement = None;
    dossier.work_period = None;
    dossier.reading = None;
    dossier.referral.own_reachable = false;
    dossier.referral.partners.clear();
}

#[test]
fn cl_1_1_iv_d_an_emergency_is_a_physicians_and_has_a_reason() {
    let reason = Some(EmergencyReason::CannotListen);
    for (role, reason, answer) in [
        (
            Role::Reception,
            reason,
            "403 cl-1.1-iv-d qualification_required",
        ),
        (
            Role::Nurse,
            reason,
            "403 cl-1.1-iv-d qualification_required",
        ),
        (
            Role::Administrator,
            reason,
            "403 cl-1.1-iv-d qualification_required",
        ),
        (Role::Physician, None, "422 cl-1.1-iv-d reason_required"),
        (Role::Physician, reason, PASSES),
    ] {
        assert_eq!(said(emergency(VISIT, role, reason)), answer, "{role:?}");
    }
}

#[test]
fn cl_1_1_iv_d_it_passes_every_paper_and_names_what_it_passed() {
    let dossier = spoilt(without_paperwork);
    let start = match emergency_start(&dossier) {
        Ok(Ready::Emergency { start, .. }) => start,
        Ok(Ready::Ordinary { .. }) => panic!("not an emergency"),
        Err(refusals) => panic!("refused: {refusals:?}"),
    };
    assert_eq!(start.reason, EmergencyReason::SuddenChange);
    for clause in [
        "cl-1.1-i",
        "cl-1.1-iv",
        "cl-1.3-i",
        "cl-1.4-i-a",
        "cl-1.4-i-b",
        "cl-2.1-ii",
        "cl-2.1-iv-a",
        "cl-2.1-v",
        "cl-2.2-i",
        "cl-2.5.1.1-xii",
        "sec-0.b",
    ] {
        assert!(start.passed.iter().any(|id| id == clause), "{clause}");
    }
    let judgement = "cl-1.1-iii-a";
    assert!(
        !start.passed.iter().any(|id| id == judgement),
        "the press is the judgement"
    );
}

#[test]
fn cl_1_1_iv_d_an_ordinary_visit_in_order_passes_nothing_over() {
    let start = match emergency_start(&followup()) {
        Ok(Ready::Emergency { start, .. }) => start,
        other => panic!("{other:?}"),
    };
    assert_eq!(start.passed, Vec::<String>::new());
}

#[test]
fn cl_1_1_iv_d_it_never_passes_safety() {
    let table: &[case::Case<Dossier>] = &[
        (
            "nobody has arrived",
            |d| d.consultation.stage = Stage::Booked,
            "409 cl-1.2-ii-c not_arrived",
        ),
        (
            "an urgent sign nobody has taken up",
            |d| {
                d.urgent_open = true;
                d.body = Some(Body::Urgent {
                    sign: "chest".to_owned(),
                });
            },
            "409 cl-1.2-ii-c",
        ),
        (
            "the patient is driving",
            |d| {
                d.statement
                    .iter_mut()
                    .for_each(|s| s.lines.place = PlaceKind::Driving);
            },
            "409 cl-2.2-i",
        ),
        (
            "another patient is live",
            |d| {
                d.live_seat = Some(LiveSeat {
                    person: PHYSICIAN,
                    consultation: OTHER_VISIT,
                    until: d.now + jiff::SignedDuration::from_secs(1),
                });
            },
            "409 cl-1.6-iii physician_busy",
        ),
        (
            "a physician of another institution",
            |d| d.institution = OTHER_CLINIC,
            "409 cl-2.1-i-a affiliation_missing",
        ),
        (
            "a physician without the ministry's course",
            |d| d.courses.clear(),
            "409 cl-3.1-i training_missing",
        ),
        (
            "the patient has withdrawn",
            |d| d.agreement.rows[0].withdrawn = Some(case::seconds_ago(1)),
            "409 cl-1.1-i consent_withdrawn",
        ),
        (
            "the physician judged it unsuitable",
            |d| d.judgements[0].verdict = Verdict::NoGo,
            "409 cl-1.1-iii-b",
        ),
        (
            "the patient said it is somebody else",
            |d| d.proof.answer = Some(Answer::NotThePerson),
            "409 cl-1.4-i-b physician_disputed",
        ),
    ];
    case::attack(|d| said(emergency_start(d)), table);
}

#[test]
fn cl_1_1_iv_d_a_ground_serves_its_own_visit_only() {
    let mut other = followup();
    other.consultation.id = OTHER_VISIT;
    assert_eq!(said(emergency_start(&other)), "409 cl-1.1-iv-d");
}

#[test]
fn cl_1_1_iv_d_the_visit_goes_live_and_keeps_how_it_came_about() {
    let dossier = spoilt(without_paperwork);
    let begun = emergency_start(&dossier)
        .ok()
        .and_then(|ready| dossier.consultation.begin(ready, case::NOW).ok())
        .map(|event| dossier.consultation.clone().after(&event));
    let begun = begun.expect("it begins");
    assert_eq!(begun.stage, case::LIVE);
    assert_eq!(
        begun.emergency.map(|start| start.reason),
        Some(EmergencyReason::SuddenChange)
    );
}

#[test]
fn cl_1_1_iv_d_it_is_not_closed_before_the_explanation_or_a_written_reason() {
    let close = |spoil: Spoil| {
        let mut dossier = emergency_documented();
        spoil(&mut dossier);
        said(gate::close(&dossier))
    };
    let still = |d: &mut Dossier, words: &str| {
        d.explanation.items.clear();
        let start = d.consultation.emergency.as_mut();
        start.expect("an emergency").still_impossible = Some(words.to_owned());
    };
    assert_eq!(close(|_| {}), PASSES);
    assert_eq!(close(|d| d.explanation.items.clear()), "409 cl-1.1-iv-d");
    assert_eq!(close(|d| d.agreement.rows.clear()), "409 cl-1.1-iv-d");
    for (words, answer) in [
        ("  ", "409 cl-1.1-iv-d"),
        ("意識が戻らない。明日もう一度", PASSES),
    ] {
        let mut dossier = emergency_documented();
        still(&mut dossier, words);
        assert_eq!(said(gate::close(&dossier)), answer, "{words}");
    }
}

#[test]
fn cl_1_1_iv_d_routine_use_is_a_finding() {
    for (emergencies, consultations, routine) in [
        (0, 0, false),
        (1, 1, false),
        (5, 100, false),
        (6, 100, true),
        (2, 39, true),
        (2, 40, false),
    ] {
        assert_eq!(
            emergency_is_routine(emergencies, consultations),
            routine,
            "{emergencies} of {consultations}"
        );
    }
}

#[test]
fn a_proof_of_another_visit_moves_nothing() {
    let mut other = followup().consultation;
    other.id = OTHER_VISIT;
    let ready = gate::begin(&followup()).expect("in order");
    assert_eq!(
        said(other.begin(ready, case::NOW)),
        "proof of another consultation"
    );
    other.stage = case::ENDED;
    let signable = gate::sign(&followup()).expect("in order");
    assert_eq!(
        said(other.document(&signable)),
        "proof of another consultation"
    );
    other.stage = case::DOCUMENTED;
    let closable = gate::close(&emergency_documented()).expect("in order");
    assert_eq!(
        said(other.close(&closable)),
        "proof of another consultation"
    );
}
