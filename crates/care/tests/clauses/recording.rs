//! Attacks on the promise not to record.

use crate::case::{OTHER_PHYSICIAN, admit, attack, days_ago};

#[test]
fn cl_2_5_1_1_xii_both_sides_promise_not_to_record_before_picture_and_sound() {
    let patient = "409 cl-2.5.1.1-xii recording_not_agreed: patient";
    let physician = "409 cl-2.5.1.1-xii recording_not_agreed: physician";
    attack(
        admit,
        &[
            (
                "the patient has not",
                |d| {
                    d.statement
                        .iter_mut()
                        .for_each(|s| s.lines.no_recording = false);
                },
                patient,
            ),
            (
                "the physician has not",
                |d| {
                    d.work_period
                        .iter_mut()
                        .for_each(|p| p.no_recording = false);
                },
                physician,
            ),
        ],
    );
}

#[test]
fn cl_2_5_1_1_xii_neither_yesterdays_page_nor_a_colleagues_period_is_a_promise() {
    attack(
        admit,
        &[
            (
                "the patient's page of yesterday",
                |d| d.statement.iter_mut().for_each(|s| s.at = days_ago(1)),
                "409 cl-2.2-i | 409 cl-2.5.1.1-xii recording_not_agreed: patient",
            ),
            (
                "a colleague's work period",
                |d| {
                    d.work_period
                        .iter_mut()
                        .for_each(|p| p.person = OTHER_PHYSICIAN);
                },
                "409 cl-2.1-v room_not_confirmed | 409 cl-2.5.1.1-xii recording_not_agreed: physician",
            ),
        ],
    );
}
