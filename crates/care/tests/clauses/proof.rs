//! Attacks on the physician's proof card.

use crate::case::{
    ADMINISTRATOR, NOW, PASSES, PHYSICIAN, TODAY, admit, attack, begin, followup, said, sign,
    spoilt,
};
use care::{
    Dossier,
    proof::{
        Answer, Card, NAME_AND_PHOTO, Proof, REGISTRATION_YEAR, Request, SHOWN, bookable, card,
        may_verify,
    },
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
            (
                "not answered",
                |d| {
                    d.proof.answer = None;
                    d.identity.in_person_with_physician = None;
                },
                "409 cl-1.4-i-b",
            ),
            (
                "not the person",
                |d| d.proof.answer = Some(Answer::NotThePerson),
                "409 cl-1.4-i-b physician_disputed",
            ),
        ],
    );
}

#[test]
fn cl_1_4_iii_c_whoever_knows_the_physician_is_asked_nothing_and_nobody_else() {
    attack(
        begin,
        &[
            ("known", |d| d.proof.answer = None, PASSES),
            (
                "at a first visit",
                |d| {
                    d.proof.answer = None;
                    d.consultation.class = care::Class::First;
                    d.identity.in_person_with_physician = None;
                },
                "409 cl-1.4-i-b",
            ),
            (
                "a substitute",
                |d| {
                    d.proof.answer = None;
                    d.identity.substitute = true;
                },
                "409 cl-1.4-i-b",
            ),
            (
                "the account was recovered",
                |d| {
                    d.proof.answer = None;
                    d.identity.recovered = Some(NOW);
                    d.identity.check.iter_mut().for_each(|c| c.at = NOW);
                },
                "409 cl-1.4-i-a | 409 cl-1.4-i-b",
            ),
        ],
    );
}

#[test]
fn cl_1_4_iv_d_a_request_holds_the_signature_until_a_card_or_the_licence_answers_it() {
    let asked = |accepted| {
        Some(Request {
            asked: NOW,
            accepted,
        })
    };
    for (what, request, lapsed, answer) in [
        ("nobody asked", None, true, PASSES),
        ("a card answers", asked(None), false, PASSES),
        (
            "no card in force",
            asked(None),
            true,
            "409 cl-1.4-iv-d proof_requested",
        ),
        ("the licence was seen", asked(Some(NOW)), true, PASSES),
    ] {
        let mut dossier = followup();
        dossier.proof.request = request;
        if lapsed {
            proof(&mut dossier, |p| p.valid_until = date(2026, 11, 15));
        }
        assert_eq!(sign(&dossier), answer, "{what}");
    }
}

#[test]
fn cl_2_5_1_1_vii_nobody_is_booked_for_a_day_after_the_proof() {
    let facts = followup().proof;
    let last = facts.proof.as_ref().map(|proof| proof.valid_until);
    let last = last.unwrap_or_default();
    assert_eq!(said(bookable(&facts, last)), PASSES);
    let after = last.tomorrow().unwrap_or_default();
    assert_eq!(
        said(bookable(&facts, after)),
        "409 cl-2.5.1.1-vii proof_lapsed"
    );
}

#[test]
fn cl_1_4_iii_d_the_card_has_no_field_for_a_number_or_an_address() {
    // Every field by name: one more would not compile here.
    let shown = card(&followup().proof, TODAY);
    let Ok(Card {
        name: _,
        registration_year: _,
        basis: _,
        verified: _,
    }) = shown
    else {
        assert!(shown.is_ok());
        return;
    };
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
