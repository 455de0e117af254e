//! Attacks on the patient's identity, and on knowing each other.

use crate::case::{
    Case, NOW, OTHER_PATIENT, OTHER_PHYSICIAN, PASSES, PHYSICIAN, attack, begin, days_ago,
    followup, said, sign, spoilt,
};
use care::identity::{Check, known};
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
        method,
        document,
        by: _,
        at: _,
        matches: _,
    } = check;
    assert_eq!(
        (method.as_str(), document.as_str()),
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
