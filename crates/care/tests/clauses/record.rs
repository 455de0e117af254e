//! Attacks on the chart: read before, agreed to in writing, written after, signed by a physician.

use crate::case::{
    Case, DOCUMENTED, ENDED, LIVE, NOW, OTHER_PATIENT, OTHER_PHYSICIAN, PASSES, admit, attack,
    begin, followup, said, sign, spoilt,
};
use access::Role;
use care::{
    Dossier,
    attended::Interval,
    gate,
    record::{Attended, Soap, reserved, unsigned},
};
use jiff::SignedDuration;

fn note(dossier: &mut Dossier, change: fn(&mut Soap)) {
    dossier.note.iter_mut().for_each(change);
}

#[test]
fn cl_2_1_iv_a_the_chart_of_this_patient_is_open_before_picture_and_sound() {
    attack(
        admit,
        &[
            (
                "the source is down",
                |d| d.chart_source_up = false,
                "409 cl-2.1-iv-a chart_unavailable",
            ),
            ("not served", |d| d.reading = None, "409 cl-2.1-iv-a"),
            (
                "another patient's chart",
                |d| d.reading.iter_mut().for_each(|r| r.patient = OTHER_PATIENT),
                "409 cl-2.1-iv-a patient_mismatch",
            ),
            (
                "served to somebody else",
                |d| d.reading.iter_mut().for_each(|r| r.by = OTHER_PHYSICIAN),
                "409 cl-2.1-iv-a",
            ),
        ],
    );
}

#[test]
fn cl_2_1_iv_a_losing_the_source_while_live_does_not_lock_the_signature() {
    let lost = spoilt(|d| {
        d.consultation.stage = LIVE;
        d.chart_source_up = false;
    });
    assert_eq!(sign(&lost), PASSES);
}

#[test]
fn cl_2_5_1_1_iii_b_care_waits_until_every_agreement_stands_in_the_chart() {
    attack(
        begin,
        &[
            (
                "one entry failed",
                |d| d.agreement.rows[0].charted = false,
                "409 cl-2.5.1.1-iii-b",
            ),
            (
                "all failed",
                |d| {
                    d.agreement
                        .rows
                        .iter_mut()
                        .for_each(|row| row.charted = false);
                },
                "409 cl-2.5.1.1-iii-b",
            ),
        ],
    );
    let unwritten = spoilt(|d| d.agreement.rows[1].charted = false);
    assert_eq!(admit(&unwritten), PASSES, "it is written on acceptance");
}

#[test]
fn cl_3_2_i_a_a_note_says_what_a_note_in_person_says() {
    attack(
        sign,
        &[
            (
                "no assessment",
                |d| note(d, |n| n.assessment = " ".to_owned()),
                "409 cl-3.2-i-a: assessment",
            ),
            (
                "an empty note",
                |d| note(d, |n| *n = Soap::default()),
                "409 cl-3.2-i-a: subjective, objective, assessment, plan, explained",
            ),
        ],
    );
}

#[test]
fn cl_3_2_i_a_a_visit_with_an_empty_assessment_is_not_closed() {
    for stage in [ENDED, DOCUMENTED] {
        let mut dossier = followup();
        dossier.consultation.stage = stage;
        assert_eq!(said(gate::close(&dossier)), PASSES);
        note(&mut dossier, |n| n.assessment.clear());
        assert_eq!(said(gate::close(&dossier)), "409 cl-3.2-i-a: assessment");
    }
}

#[test]
fn cl_3_2_i_a_an_unsigned_note_becomes_a_finding_after_a_day_and_stops_nothing() {
    for (hours, signed, finding) in [(24, false, false), (25, false, true), (25, true, false)] {
        let now = NOW + SignedDuration::from_hours(hours);
        assert_eq!(unsigned(NOW, signed, now), finding, "{hours} h");
    }
    let next = spoilt(|d| d.note = None);
    assert_eq!(begin(&next), PASSES, "new consultations still start");
}

#[test]
fn small_3_1_1_b_reserved_acts_need_a_physician_with_a_verified_qualification() {
    let refused = "403 small-3.1.1.b qualification_required";
    for (role, qualified, answer) in [
        (Role::Nurse, true, refused),
        (Role::Reception, true, refused),
        (Role::Administrator, true, refused),
        (Role::Physician, false, refused),
        (Role::Physician, true, PASSES),
    ] {
        assert_eq!(said(reserved(role, qualified)), answer, "{role:?}");
    }
    attack(sign, &[("not verified", |d| d.qualified = false, refused)]);
}

#[test]
fn small_3_1_1_b_a_visit_with_no_record_is_neither_signed_nor_closed() {
    let missing = "409 small-3.1.1.b note_missing";
    attack(sign, &[("no note", |d| d.note = None, missing)]);
    let table: &[Case<Dossier>] = &[
        ("documented", |d| d.consultation.stage = DOCUMENTED, PASSES),
        (
            "ended without a note",
            |d| {
                d.consultation.stage = ENDED;
                d.note = None;
            },
            missing,
        ),
        ("live", |d| d.consultation.stage = LIVE, missing),
        ("still at its checks", |_| {}, missing),
    ];
    for (what, spoil, answer) in table {
        assert_eq!(said(gate::close(&spoilt(*spoil))), *answer, "{what}");
    }
}

#[test]
fn small_3_1_1_b_a_record_written_and_not_confirmed_closes_nothing() {
    let ended = spoilt(|d| d.consultation.stage = ENDED);
    let closable = gate::close(&ended).expect("written");
    assert_eq!(
        said(ended.consultation.close(&closable)),
        "not possible at ended"
    );
}

#[test]
fn cl_3_2_i_a_who_took_part_is_told_from_the_first_time_to_the_last_with_every_break() {
    let at = |minutes| NOW + SignedDuration::from_mins(minutes);
    let time = |from, until: Option<i64>| Interval {
        from: at(from),
        until: until.map(at),
    };
    let over = |times: Vec<Interval>| {
        Attended::over("nurse", String::new(), times).map(|one| (one.from, one.until, one.breaks))
    };
    assert_eq!(over(Vec::new()), None, "asked, and never there");
    let one = time(2, Some(5));
    assert_eq!(over(vec![one]), Some((at(2), Some(at(5)), 0)));
    // In whichever order they are read; a seat taken anew in the same moment is no break.
    let times = vec![time(8, None), one, time(5, Some(6))];
    assert_eq!(over(times), Some((at(2), None, 1)));
}
