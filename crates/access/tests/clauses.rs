//! The attacks of the clauses that `access` answers: belonging to an institution, and the ministry's course.

use access::{
    PersonId, Refused, TenantId, Ulid,
    affiliation::{Affiliation, affiliated},
    qualification::{CourseCertificate, trained},
};
use jiff::civil::{Date, date};

const TODAY: Date = date(2026, 11, 16);
const YESTERDAY: Date = date(2026, 11, 15);
const TOMORROW: Date = date(2026, 11, 17);
const CLINIC: TenantId = TenantId(Ulid(1));
const OTHER_CLINIC: TenantId = TenantId(Ulid(2));
const PHYSICIAN: PersonId = PersonId(Ulid(11));
const COLLEAGUE: PersonId = PersonId(Ulid(12));
const ADMINISTRATOR: PersonId = PersonId(Ulid(13));

const PASSES: &str = "passes";

/// What is spoilt, how, and what must be answered.
type Attack<T> = (&'static str, fn(&mut T), &'static str);

fn said<T>(answer: Result<T, Refused>) -> String {
    answer.map_or_else(|refused| refused.to_string(), |_| PASSES.to_owned())
}

fn affiliation() -> Affiliation {
    Affiliation {
        person: PHYSICIAN,
        institution: CLINIC,
        institution_code: "1312345678".to_owned(),
        online_care_notified: true,
        from: date(2020, 4, 1),
        until: None,
        set_by: ADMINISTRATOR,
    }
}

fn certificate(person: PersonId, number: &str) -> CourseCertificate {
    CourseCertificate {
        person,
        number: number.to_owned(),
        completed_on: date(2022, 5, 1),
        file: "0".repeat(64),
        verified_by: Some(ADMINISTRATOR),
    }
}

#[test]
fn cl_2_1_i_a_only_an_affiliation_in_force_with_this_institution_lets_a_physician_start() {
    let missing = "cl-2.1-i-a: affiliation_missing";
    let table: &[Attack<Affiliation>] = &[
        ("in force", |_| {}, PASSES),
        (
            "ended yesterday",
            |row| row.until = Some(YESTERDAY),
            missing,
        ),
        ("ends today", |row| row.until = Some(TODAY), PASSES),
        ("begins tomorrow", |row| row.from = TOMORROW, missing),
        ("begins today", |row| row.from = TODAY, PASSES),
        ("a colleague's", |row| row.person = COLLEAGUE, missing),
        (
            "with another institution",
            |row| row.institution = OTHER_CLINIC,
            missing,
        ),
        (
            "set by the physician",
            |row| row.set_by = PHYSICIAN,
            missing,
        ),
        (
            "no institution code",
            |row| " ".clone_into(&mut row.institution_code),
            missing,
        ),
        (
            "no notice of online care",
            |row| row.online_care_notified = false,
            missing,
        ),
    ];
    for (what, spoil, answer) in table {
        let mut row = affiliation();
        spoil(&mut row);
        let judged = affiliated(&[row], PHYSICIAN, CLINIC, TODAY);
        assert_eq!(said(judged), *answer, "{what}");
    }
    assert_eq!(said(affiliated(&[], PHYSICIAN, CLINIC, TODAY)), missing);
}

#[test]
fn cl_2_1_i_a_the_institution_asked_for_must_be_the_one_belonged_to() {
    let judged = affiliated(&[affiliation()], PHYSICIAN, OTHER_CLINIC, TODAY);
    assert_eq!(said(judged), "cl-2.1-i-a: affiliation_missing");
}

#[test]
fn cl_2_1_i_a_the_affiliation_that_was_used_is_known() {
    let mut ended = affiliation();
    ended.until = Some(YESTERDAY);
    let used = affiliated(&[ended, affiliation()], PHYSICIAN, CLINIC, TODAY);
    let used = used.map(|used| (used.person(), used.institution()));
    assert_eq!(used, Ok((PHYSICIAN, CLINIC)));
}

#[test]
fn cl_3_1_i_a_course_counts_when_a_second_person_has_verified_it() {
    let missing = "cl-3.1-i: training_missing";
    let table: &[Attack<CourseCertificate>] = &[
        ("verified", |_| {}, PASSES),
        ("not verified", |row| row.verified_by = None, missing),
        (
            "verified by the physician",
            |row| row.verified_by = Some(PHYSICIAN),
            missing,
        ),
        ("without a file", |row| row.file.clear(), missing),
        ("dated tomorrow", |row| row.completed_on = TOMORROW, missing),
        ("dated today", |row| row.completed_on = TODAY, PASSES),
        ("a colleague's", |row| row.person = COLLEAGUE, missing),
        (
            "without a number",
            |row| " - ".clone_into(&mut row.number),
            "cl-3.1-i: training_number_shared",
        ),
    ];
    for (what, spoil, answer) in table {
        let mut row = certificate(PHYSICIAN, "A-1024");
        spoil(&mut row);
        assert_eq!(said(trained(&[row], PHYSICIAN, TODAY)), *answer, "{what}");
    }
    assert_eq!(said(trained(&[], PHYSICIAN, TODAY)), missing);
}

#[test]
fn cl_3_1_i_one_number_serves_one_physician_however_it_is_written() {
    let shared = "cl-3.1-i: training_number_shared";
    for (number, answer) in [
        ("A-1024", shared),
        (" a-1024 ", shared),
        ("Ａ－１０２４", shared),
        ("A1024", shared),
        ("A-1025", PASSES),
    ] {
        let register = [
            certificate(PHYSICIAN, "A-1024"),
            certificate(COLLEAGUE, number),
        ];
        let judged = trained(&register, PHYSICIAN, TODAY);
        assert_eq!(said(judged), answer, "{number}");
    }
}

#[test]
fn cl_3_1_i_the_day_of_completion_is_known_for_the_proof_card() {
    let register = [certificate(PHYSICIAN, "A-1024")];
    let held = trained(&register, PHYSICIAN, TODAY);
    let held = held.map(|held| (held.person(), held.completed_on()));
    assert_eq!(held, Ok((PHYSICIAN, date(2022, 5, 1))));
}
