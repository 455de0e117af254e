//! Attacks on the patient's identity, and on knowing each other.

use crate::case::{
    Case, NOW, OTHER_PATIENT, OTHER_PHYSICIAN, PASSES, PHYSICIAN, attack, begin, days_ago,
    followup, said, sign, spoilt,
};
use care::background;
use care::identity::{
    Attempt, Check, Document, Exemption, ExemptionReason, Method, Named, OneDocument, Outcome,
    Question, Sight, Substitute, attempted, holds_individual_number, known, limits,
};
use jiff::SignedDuration;

#[test]
fn cl_1_4_i_a_care_begins_on_a_check_of_this_patient_that_still_stands() {
    attack(
        begin,
        &[
            ("none", |d| d.identity.check = None, "409 cl-1.4-i-a"),
            (
                "of another patient",
                |d| {
                    d.identity
                        .check
                        .iter_mut()
                        .for_each(|c| c.patient = OTHER_PATIENT);
                },
                "409 cl-1.4-i-a",
            ),
            (
                "a mismatch",
                |d| d.identity.check.iter_mut().for_each(|c| c.matches = false),
                "409 cl-1.4-i-a",
            ),
            (
                "the account was recovered since",
                |d| d.identity.recovered = Some(days_ago(1)),
                "409 cl-1.4-i-a",
            ),
            (
                "the account was recovered before",
                |d| d.identity.recovered = Some(days_ago(61)),
                PASSES,
            ),
            (
                "a physician doubts",
                |d| d.identity.doubted = Some(days_ago(1)),
                "409 cl-1.4-i-a",
            ),
            (
                "the clinic's interval has run out",
                |d| d.identity.interval = Some(SignedDuration::from_hours(24 * 59)),
                "409 cl-1.4-i-a",
            ),
            (
                "the clinic's interval has not run out",
                |d| d.identity.interval = Some(SignedDuration::from_hours(24 * 60)),
                PASSES,
            ),
            (
                "the tenth follow-up, years later",
                |d| {
                    d.identity
                        .check
                        .iter_mut()
                        .for_each(|c| c.at = days_ago(900));
                },
                PASSES,
            ),
        ],
    );
}

#[test]
fn cl_1_4_i_a_no_number_and_no_image_of_a_document_are_kept() {
    let check = followup().identity.check.expect("checked");
    // Every field by name: one more would not compile here.
    let Check {
        patient: _,
        visit: _,
        method,
        documents,
        by: _,
        at: _,
        matches: _,
    } = check;
    assert_eq!(
        (method.as_str(), documents[0].as_str()),
        ("photo_document_live", "my_number_card")
    );
}

#[test]
fn cl_1_4_i_d_knowing_each_other_is_derived_from_a_record_in_person() {
    let unknown = "409 cl-1.4-i-d";
    let table: &[Case<care::Dossier>] = &[
        ("unchanged", |_| {}, PASSES),
        ("a substitute", |d| d.identity.substitute = true, unknown),
        (
            "never seen in person",
            |d| d.identity.in_person_with_physician = None,
            unknown,
        ),
        (
            "seen in person by another physician",
            |d| {
                let record = d.identity.in_person_with_physician.as_mut();
                record.expect("seen").1 = OTHER_PHYSICIAN;
            },
            unknown,
        ),
        (
            "the account was recovered",
            |d| d.identity.recovered = Some(NOW),
            unknown,
        ),
        (
            "the account was recovered and never checked",
            |d| {
                d.identity.recovered = Some(NOW);
                d.identity.check = None;
            },
            unknown,
        ),
        (
            "checked again after the recovery",
            |d| d.identity.recovered = Some(days_ago(61)),
            PASSES,
        ),
    ];
    for (what, spoil, answer) in table {
        let dossier = spoilt(*spoil);
        assert_eq!(said(known(&dossier.identity, PHYSICIAN)), *answer, "{what}");
    }
}

#[test]
fn cl_1_4_i_d_the_press_on_the_opening_strip_confirms_it_before_a_signature() {
    let unpressed = spoilt(|d| d.opening_strip = None);
    assert_eq!(sign(&unpressed), "409 cl-2.5.1.1-x-b | 409 cl-2.2-ii-a");
}

/// One change of an attempt or of what is seen, and the answer.
type Try<A> = (&'static str, fn(&mut A, &mut Sight), &'static str);

fn sight() -> Sight {
    Sight {
        seen: true,
        seen_now: true,
        no_photo: true,
        physician: true,
        before: Vec::new(),
    }
}

fn named(kind: &str) -> Named {
    Named::of(kind, "").expect("listed")
}

fn tried<A: Clone>(whole: &A, attempt: fn(A) -> Attempt, table: &[Try<A>]) {
    for (what, change, answer) in table {
        let (mut parts, mut seen) = (whole.clone(), sight());
        change(&mut parts, &mut seen);
        let said = match attempted(&attempt(parts), &seen) {
            Ok(outcome) => outcome.as_str().to_owned(),
            Err(refusal) => said(Err::<(), _>(refusal)),
        };
        assert_eq!(said, *answer, "{what}");
    }
}

#[test]
fn cl_1_4_i_e_a_kind_outside_the_list_needs_words() {
    assert_eq!(
        said(Named::of("library_card", "図書館の証")),
        "422 cl-1.4-i-e unlisted_document"
    );
    for kind in ["other", "other_photo"] {
        assert_eq!(
            said(Named::of(kind, " ")),
            "422 cl-1.4-i-e unlisted_document",
            "{kind}"
        );
        assert_eq!(said(Named::of(kind, "学生証")), PASSES, "{kind}");
    }
    for document in Document::all().filter(|one| !one.kind().words) {
        let kind = document.kind();
        assert_eq!(said(Named::of(kind.key, "")), PASSES, "{}", kind.key);
        assert!(!kind.inspect_ja.is_empty() && !kind.inspect_en.is_empty());
    }
}

#[test]
fn cl_1_4_i_e_an_individual_number_is_known_by_its_check_digit() {
    for (text, held) in [
        ("123456789018", true),
        ("番号は 1234-5678-9018 です", true),
        ("１２３４５６７８９０１８", true),
        ("123456789012", false),
        ("1234567890180", false),
        ("12345678901", false),
        ("+123456789018", false),
        ("血圧 120 80、脈 60", false),
        ("000000000000", true),
    ] {
        assert_eq!(holds_individual_number(text), held, "{text}");
    }
}

#[test]
fn cl_1_4_ii_a_a_photograph_is_compared_with_a_face_that_was_seen() {
    tried(
        &(named("passport"), Outcome::Match),
        |(named, outcome)| Attempt::Photo { named, outcome },
        &[
            ("unchanged", |_, _| {}, "match"),
            (
                "from a picture sent ahead",
                |_, s| s.seen = false,
                "409 cl-1.4-ii-a patient_not_seen",
            ),
            (
                "no photograph on it",
                |a, _| a.0 = named("resident_record"),
                "422 cl-1.4-ii-a document_without_photo",
            ),
            ("unclear", |a, _| a.1 = Outcome::Unclear, "unclear"),
            ("another face", |a, _| a.1 = Outcome::Mismatch, "mismatch"),
        ],
    );
}

#[test]
fn cl_1_4_ii_b_two_documents_are_two_kinds_and_both_match() {
    let pair = [
        (named("qualification_certificate"), Outcome::Match),
        (named("resident_record"), Outcome::Match),
    ];
    tried(
        &pair,
        |named| Attempt::Two { named },
        &[
            ("unchanged", |_, _| {}, "match"),
            (
                "one twice",
                |a, _| a[1].0 = a[0].0.clone(),
                "409 cl-1.4-ii-b same_document",
            ),
            (
                "names differ",
                |a, _| a[1].1 = Outcome::Mismatch,
                "409 cl-1.4-ii-b documents_differ",
            ),
            (
                "one is unclear",
                |a, _| a[0].1 = Outcome::Unclear,
                "409 cl-1.4-ii-b document_unclear",
            ),
            (
                "not asked for a photograph",
                |_, s| s.no_photo = false,
                "409 cl-1.4-ii-b photo_not_ruled_out",
            ),
            (
                "patient not seen",
                |_, s| s.seen = false,
                "409 cl-1.4-ii-b patient_not_seen",
            ),
        ],
    );
}

fn steps() -> OneDocument {
    let question = |asked: &str| Question {
        asked: asked.into(),
        fits: Some(Outcome::Match),
    };
    OneDocument {
        tilt: Some(Outcome::Match),
        sides: Some(Outcome::Match),
        body: Some(Outcome::Match),
        questions: vec![question("干支"), question("前の病院"), question("住所")],
        why: "答えがすべて合った".into(),
    }
}

#[test]
fn cl_1_4_ii_c_one_document_takes_every_step_three_answers_and_a_physician() {
    tried(
        &steps(),
        |steps| Attempt::One {
            named: named("qualification_certificate"),
            steps,
        },
        &[
            ("unchanged", |_, _| {}, "match"),
            (
                "no tilt",
                |a, _| a.tilt = None,
                "409 cl-1.4-ii-c step_missing",
            ),
            (
                "one side",
                |a, _| a.sides = None,
                "409 cl-1.4-ii-c step_missing",
            ),
            (
                "not the whole body",
                |a, _| a.body = None,
                "409 cl-1.4-ii-c step_missing",
            ),
            (
                "no answer to any question",
                |a, _| a.questions.iter_mut().for_each(|q| q.fits = None),
                "409 cl-1.4-ii-c question_unanswered",
            ),
            (
                "two questions",
                |a, _| a.questions.truncate(2),
                "409 cl-1.4-ii-c question_unanswered",
            ),
            (
                "no reason",
                |a, _| a.why = " ".into(),
                "422 cl-1.4-ii-c reason_required",
            ),
            (
                "reception",
                |_, s| s.physician = false,
                "403 cl-1.4-ii-c qualification_required",
            ),
            (
                "the picture is off",
                |_, s| s.seen_now = false,
                "409 cl-1.4-ii-c patient_not_seen",
            ),
            (
                "a thin edge",
                |a, _| a.tilt = Some(Outcome::Unclear),
                "unclear",
            ),
            (
                "a wrong answer",
                |a, _| a.questions[1].fits = Some(Outcome::Mismatch),
                "mismatch",
            ),
        ],
    );
}

fn exemption() -> Exemption {
    Exemption {
        reason: ExemptionReason::Emergency,
        words: "胸が痛く動けない".into(),
        instead: vec![Substitute::AskedFacts],
    }
}

#[test]
fn cl_1_4_i_c_a_check_is_left_out_for_a_reason_of_its_own_and_never_for_the_same_words() {
    tried(
        &exemption(),
        |exemption| Attempt::None { exemption },
        &[
            ("unchanged", |_, _| {}, "unclear"),
            (
                "no reason",
                |a, _| a.words = "　".into(),
                "422 cl-1.4-i-c reason_required",
            ),
            (
                "nothing tried",
                |a, _| a.instead.clear(),
                "422 cl-1.4-i-c substitute_required",
            ),
            (
                "the same words again",
                |_, s| s.before = vec![exemption()],
                "422 cl-1.4-i-c reason_repeated",
            ),
            (
                "a new reason",
                |a, s| {
                    s.before = vec![exemption()];
                    a.words = "まだ届いていない".into();
                },
                "unclear",
            ),
            (
                "somebody else",
                |_, s| s.physician = false,
                "403 cl-1.4-i-c qualification_required",
            ),
        ],
    );
}

#[test]
fn cl_1_4_i_c_what_was_left_out_counts_for_its_own_visit_alone() {
    let left_out = |visit| {
        Some(Check {
            visit: Some(visit),
            method: Method::Exempted,
            documents: Vec::new(),
            matches: false,
            at: NOW,
            ..followup().identity.check.expect("checked")
        })
    };
    for (what, visit, answer) in [
        ("this visit", crate::case::VISIT, PASSES),
        (
            "an earlier visit",
            crate::case::OTHER_VISIT,
            "409 cl-1.4-i-a",
        ),
    ] {
        let mut dossier = followup();
        dossier.identity.check = None;
        dossier.identity.exempted = left_out(visit);
        assert_eq!(begin(&dossier), answer, "{what}");
    }
}

#[test]
fn cl_1_4_i_c_drugs_keep_to_the_limits_of_a_patient_of_whom_nothing_is_known() {
    let item = |matter| background::Item {
        source: background::Source::ReferralLetter,
        matter,
        obtained: crate::case::TODAY,
        says: true,
    };
    let known = background::known(&background::Matter::ALL.map(item), crate::case::TODAY).ok();
    assert!(known.is_some());
    let mut facts = followup().identity;
    let judged = |facts: &care::identity::Facts| {
        limits(crate::case::VISIT, facts, (care::Class::Followup, known))
    };
    assert_eq!(judged(&facts), (care::Class::Followup, known));
    facts.exempted = facts.check.clone().map(|check| Check {
        method: Method::Exempted,
        visit: Some(crate::case::VISIT),
        ..check
    });
    assert_eq!(judged(&facts), (care::Class::First, None));
}
