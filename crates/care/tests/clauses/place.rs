//! Attacks on both sides' places.

use crate::case::{
    self, Case, NOW, OTHER_PHONE, OTHER_PHYSICIAN, PASSES, RECEPTION, Spoil, TODAY, admit, attack,
    days_ago, minutes_ago, said, seconds_ago, sign, statement, work_period,
};
use care::{
    Dossier,
    agreement::Giver,
    place::{
        Beside, CLEAN_AND_SAFE, Doubt, PATIENT_ROOM, WorkPeriod, openable, physician_placed,
        room_inspection_overdue,
    },
    statement::{Lines, PlaceKind, as_shown},
};
use jiff::{SignedDuration, Timestamp, civil::date};

const NO_ROOM: &str = "409 cl-2.1-v room_not_confirmed";

fn period(dossier: &mut Dossier, change: fn(&mut WorkPeriod)) {
    dossier.work_period.iter_mut().for_each(change);
}

fn lines(dossier: &mut Dossier, change: fn(&mut Lines)) {
    let page = dossier.statement.iter_mut();
    page.for_each(|page| change(&mut page.lines));
}

#[test]
fn cl_2_1_v_nothing_is_signed_before_somebody_is_there_is_answered() {
    attack(
        sign,
        &[
            (
                "pressed",
                |d| {
                    d.doubt = Some(Doubt {
                        asked: minutes_ago(1),
                        answer: None,
                    });
                },
                "409 cl-2.1-v patient_sees_somebody",
            ),
            (
                "pressed and answered",
                |d| {
                    d.doubt = Some(Doubt {
                        asked: minutes_ago(1),
                        answer: Some((Beside::Left, NOW)),
                    });
                },
                PASSES,
            ),
        ],
    );
}

#[test]
fn cl_2_1_v_a_visit_needs_an_open_work_period_of_this_room_device_and_network() {
    attack(
        admit,
        &[
            (
                "none",
                |d| d.work_period = None,
                "409 cl-2.1-v room_not_confirmed | 409 cl-2.5.1.1-xii recording_not_agreed: physician",
            ),
            (
                "opened yesterday",
                |d| period(d, |p| p.opened = days_ago(1)),
                NO_ROOM,
            ),
            (
                "opened four hours ago",
                |d| period(d, |p| p.opened = minutes_ago(240)),
                PASSES,
            ),
            (
                "opened four hours and a second ago",
                |d| period(d, |p| p.opened = seconds_ago(4 * 3600 + 1)),
                NO_ROOM,
            ),
            (
                "on another network",
                |d| d.physician_network = "hotel".to_owned(),
                NO_ROOM,
            ),
            (
                "on another device",
                |d| d.physician_device = OTHER_PHONE,
                NO_ROOM,
            ),
            (
                "ended by signing out",
                |d| period(d, |p| p.ended = Some(minutes_ago(1))),
                NO_ROOM,
            ),
            (
                "locked for 30 minutes",
                |d| period(d, |p| p.locked = Some(minutes_ago(30))),
                NO_ROOM,
            ),
            (
                "locked for 29 minutes",
                |d| period(d, |p| p.locked = Some(minutes_ago(29))),
                PASSES,
            ),
            (
                "not separated",
                |d| period(d, |p| p.separated = false),
                NO_ROOM,
            ),
            (
                "a colleague's",
                |d| period(d, |p| p.person = OTHER_PHYSICIAN),
                "409 cl-2.1-v room_not_confirmed | 409 cl-2.5.1.1-xii recording_not_agreed: physician",
            ),
        ],
    );
}

#[test]
fn cl_2_1_v_the_statement_that_opens_a_period_names_a_separated_room() {
    let table: &[Case<WorkPeriod>] = &[
        ("in order", |_| {}, PASSES),
        (
            "another room, not described",
            |p| p.room = " ".to_owned(),
            "422 cl-2.1-v room_not_confirmed",
        ),
        (
            "not separated",
            |p| p.separated = false,
            "422 cl-2.1-v room_not_confirmed",
        ),
    ];
    for (what, change, answer) in table {
        let mut period = work_period();
        change(&mut period);
        assert_eq!(said(openable(&period)), *answer, "{what}");
    }
}

#[test]
fn cl_2_1_v_five_patients_in_a_row_rest_on_one_question() {
    let period = work_period();
    for patient in 0..5 {
        let now = NOW + SignedDuration::from_mins(15 * patient);
        let id = care::ConsultationId(access::Ulid(100 + u128::from(patient.unsigned_abs())));
        let placed = physician_placed(id, Some(&period), period.device, &period.network, now);
        assert_eq!(said(placed), PASSES, "{patient}");
    }
}

#[test]
fn cl_2_1_v_a_room_whose_inspection_lapsed_is_a_finding() {
    for (inspected, finding) in [
        (None, true),
        (Some(date(2025, 11, 14)), true),
        (Some(date(2025, 11, 15)), false),
        (Some(TODAY), false),
    ] {
        assert_eq!(room_inspection_overdue(inspected, TODAY), finding);
    }
}

#[test]
fn cl_2_2_i_the_patient_states_a_clean_and_safe_place_each_day() {
    let unsafe_place = "409 cl-2.2-i";
    attack(
        admit,
        &[
            (
                "driving",
                |d| lines(d, |l| l.place = PlaceKind::Driving),
                unsafe_place,
            ),
            (
                "outdoors",
                |d| lines(d, |l| l.place = PlaceKind::Outdoors),
                unsafe_place,
            ),
            ("not clean", |d| lines(d, |l| l.clean = false), unsafe_place),
            ("not safe", |d| lines(d, |l| l.safe = false), unsafe_place),
            (
                "at work",
                |d| lines(d, |l| l.place = PlaceKind::Workplace),
                PASSES,
            ),
            (
                "nothing stated",
                |d| d.statement = None,
                "409 cl-2.2-i | 409 cl-2.5.1.1-xii recording_not_agreed: patient",
            ),
            (
                "stated yesterday",
                |d| stated(d, days_ago(1)),
                "409 cl-2.2-i | 409 cl-2.5.1.1-xii recording_not_agreed: patient",
            ),
            (
                "stated in the first second of this day in Japan",
                |d| stated(d, minutes_ago(600)),
                PASSES,
            ),
            (
                "stated in the last second of yesterday in Japan",
                |d| stated(d, seconds_ago(36_001)),
                "409 cl-2.2-i | 409 cl-2.5.1.1-xii recording_not_agreed: patient",
            ),
        ],
    );
}

fn stated(dossier: &mut Dossier, at: Timestamp) {
    dossier.statement.iter_mut().for_each(|page| page.at = at);
}

#[test]
fn cl_2_2_i_as_shown_needs_something_shown() {
    assert_eq!(said(as_shown(None)), "422 cl-2.2-i nothing_to_repeat");
    let last = statement().lines;
    assert_eq!(as_shown(Some(&last)), Ok(last));
}

#[test]
fn cl_2_2_ii_a_the_patient_is_where_nobody_sees_or_hears() {
    let heard: Spoil = |d| lines(d, |l| l.private = false);
    attack(admit, &[("others can hear", heard, "409 cl-2.2-ii-a")]);
}

#[test]
fn cl_2_2_ii_a_nobody_states_it_for_the_patient() {
    for (clause, answer) in [
        (PATIENT_ROOM, "403 cl-2.2-ii-a wrong_actor"),
        (CLEAN_AND_SAFE, "403 cl-2.2-i wrong_actor"),
    ] {
        let by_staff = Giver::Staff(RECEPTION).speaks_for_patient(clause);
        assert_eq!(said(by_staff), answer);
        assert_eq!(said(Giver::Patient.speaks_for_patient(clause)), PASSES);
    }
}

#[test]
fn cl_2_2_ii_a_the_physician_looks_before_anything_is_signed() {
    attack(
        sign,
        &[(
            "the strip is unpressed",
            |d| d.opening_strip = None,
            "409 cl-2.5.1.1-x-b | 409 cl-2.2-ii-a",
        )],
    );
}

#[test]
fn cl_2_5_1_1_x_a_nobody_uninvolved_sees_or_hears_on_the_physicians_side() {
    attack(
        admit,
        &[(
            "others can hear",
            |d| period(d, |p| p.unseen = false),
            "409 cl-2.5.1.1-x-a room_not_confirmed",
        )],
    );
    let mut heard = work_period();
    heard.unseen = false;
    assert_eq!(
        said(openable(&heard)),
        "422 cl-2.5.1.1-x-a room_not_confirmed"
    );
}

#[test]
fn cl_2_5_1_1_x_a_no_visit_without_a_work_period() {
    let absent = case::spoilt(|d| d.work_period = None);
    assert!(admit(&absent).starts_with(NO_ROOM));
}
