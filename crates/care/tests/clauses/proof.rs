//! Attacks on the physician's proof card.

use crate::case::{
    ADMINISTRATOR, NOW, PASSES, PHYSICIAN, TODAY, admit, attack, begin, followup, said, spoilt,
};
use care::{
    Dossier,
    proof::{Answer, NAME_AND_PHOTO, Proof, REGISTRATION_YEAR, SHOWN, card, may_verify},
};
use jiff::civil::date;

fn proof(dossier: &mut Dossier, change: fn(&mut Proof)) {
    dossier.proof.proof.iter_mut().for_each(change);
}

#[test]
fn cl_1_4_i_b_a_card_comes_of_a_proof_in_force_that_a_second_person_saw() {
    attack(
        admit,
        &[
            ("none", |d| d.proof.proof = None, "409 cl-1.4-i-b"),
            (
                "ended yesterday",
                |d| proof(d, |p| p.valid_until = date(2026, 11, 15)),
                "409 cl-1.4-i-b",
            ),
            (
                "ends today",
                |d| proof(d, |p| p.valid_until = TODAY),
                PASSES,
            ),
            (
                "withdrawn",
                |d| proof(d, |p| p.withdrawn = Some(NOW)),
                "409 cl-1.4-i-b",
            ),
            (
                "verified by the physician",
                |d| proof(d, |p| p.verified_by = PHYSICIAN),
                "403 cl-1.4-i-b second_person_required",
            ),
        ],
    );
}

#[test]
fn cl_1_4_i_b_nobody_verifies_the_own_proof_photograph_or_year() {
    for (clause, answer) in [
        (SHOWN, "403 cl-1.4-i-b second_person_required"),
        (NAME_AND_PHOTO, "403 cl-1.4-iii-a second_person_required"),
        (REGISTRATION_YEAR, "403 cl-1.4-iv-a second_person_required"),
    ] {
        assert_eq!(said(may_verify(PHYSICIAN, PHYSICIAN, clause)), answer);
        assert_eq!(said(may_verify(ADMINISTRATOR, PHYSICIAN, clause)), PASSES);
    }
}

#[test]
fn cl_1_4_i_b_the_patient_answers_at_the_first_meeting_before_care_begins() {
    attack(
        begin,
        &[
            ("not answered", |d| d.proof.answer = None, "409 cl-1.4-i-b"),
            (
                "not the person",
                |d| d.proof.answer = Some(Answer::NotThePerson),
                "409 cl-1.4-i-b physician_disputed",
            ),
        ],
    );
}

#[test]
fn cl_1_4_iii_a_the_card_shows_the_name_and_photo_that_were_verified() {
    let changed = "409 cl-1.4-iii-a";
    attack(
        begin,
        &[
            (
                "another name",
                |d| d.proof.profile.name = "別の 医師".to_owned(),
                changed,
            ),
            (
                "another photo",
                |d| d.proof.profile.photo = "photo-2".to_owned(),
                changed,
            ),
            (
                "no photo at all",
                |d| {
                    d.proof.profile.photo.clear();
                    proof(d, |p| p.photo.clear());
                },
                changed,
            ),
            (
                "no name at all",
                |d| {
                    d.proof.profile.name.clear();
                    proof(d, |p| p.name.clear());
                },
                changed,
            ),
            (
                "not shown for this visit",
                |d| d.proof.shown = false,
                changed,
            ),
        ],
    );
}

#[test]
fn cl_1_4_iv_a_no_card_without_a_year_of_registration() {
    let yearless = "422 cl-1.4-iv-a";
    attack(
        admit,
        &[
            (
                "none",
                |d| proof(d, |p| p.registration_year = None),
                yearless,
            ),
            (
                "next year",
                |d| proof(d, |p| p.registration_year = Some(2027)),
                yearless,
            ),
            (
                "before the register",
                |d| proof(d, |p| p.registration_year = Some(1939)),
                yearless,
            ),
        ],
    );
    let shown = card(&followup().proof, TODAY).map(|card| card.registration_year);
    assert_eq!(shown, Ok(2004));
}

#[test]
fn cl_1_4_iv_a_the_year_is_the_verified_one_whatever_the_profile_says() {
    let renamed = spoilt(|d| d.proof.profile.name = "青葉 医師 1970".to_owned());
    assert_eq!(said(card(&renamed.proof, TODAY)), "409 cl-1.4-iii-a");
}
