//! Attacks on the physician's standing as the gates meet it: belonging to the institution, and the course.

use crate::case::{ADMINISTRATOR, OTHER_CLINIC, OTHER_PHYSICIAN, PHYSICIAN, admit, attack};
use jiff::civil::date;

#[test]
fn cl_2_1_i_a_a_visit_needs_an_affiliation_in_force() {
    let missing = "409 cl-2.1-i-a affiliation_missing";
    attack(
        admit,
        &[
            ("none", |d| d.affiliations.clear(), missing),
            (
                "ended yesterday",
                |d| d.affiliations[0].until = Some(date(2026, 11, 15)),
                missing,
            ),
            (
                "another institution",
                |d| d.institution = OTHER_CLINIC,
                missing,
            ),
        ],
    );
}

#[test]
fn cl_3_1_i_a_visit_needs_the_course() {
    attack(
        admit,
        &[
            (
                "none",
                |d| d.courses.clear(),
                "409 cl-3.1-i training_missing",
            ),
            (
                "verified by the physician",
                |d| d.courses[0].verified_by = Some(PHYSICIAN),
                "409 cl-3.1-i training_missing",
            ),
            (
                "the number of another physician",
                |d| {
                    let mut same = d.courses[0].clone();
                    same.person = OTHER_PHYSICIAN;
                    same.verified_by = Some(ADMINISTRATOR);
                    d.courses.push(same);
                },
                "409 cl-3.1-i training_number_shared",
            ),
        ],
    );
}
