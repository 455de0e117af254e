//! Attacks on who is there: nobody unknown, and one patient at a time.

use crate::case::{
    NOW, OTHER_PATIENT, OTHER_PHONE, OTHER_VISIT, PASSES, PHYSICIAN, VISIT, admit, attack, said,
    sign,
};
use access::Ulid;
use care::{
    ConsultationId, Dossier,
    presence::{LiveSeat, OfDay, bears, companions, overlaps},
};
use jiff::{SignedDuration, Timestamp};

fn seated(dossier: &mut Dossier, consultation: ConsultationId, seconds_left: i64) {
    dossier.live_seat = Some(LiveSeat {
        person: PHYSICIAN,
        consultation,
        until: NOW + SignedDuration::from_secs(seconds_left),
    });
}

#[test]
fn cl_1_6_iii_a_physician_sees_one_patient_at_a_time() {
    attack(
        admit,
        &[
            (
                "another patient is live",
                |d| seated(d, OTHER_VISIT, 15),
                "409 cl-1.6-iii physician_busy",
            ),
            (
                "the lease of the other has just lapsed",
                |d| seated(d, OTHER_VISIT, 0),
                PASSES,
            ),
            (
                "the seat of this very visit",
                |d| seated(d, VISIT, 15),
                PASSES,
            ),
        ],
    );
}

#[test]
fn cl_1_6_iii_a_second_patient_of_the_day_is_no_companion() {
    let of_day = [OfDay {
        patient: OTHER_PATIENT,
        name: "見本 花".to_owned(),
        kana: "みほん はな".to_owned(),
    }];
    for (companion, is_patient) in [
        ("見本 花", true),
        ("娘 見本　花", true),
        ("娘の見本花さん", true),
        ("ミホン ハナ", true),
        ("ﾐﾎﾝ ﾊﾅ", true),
        ("娘", false),
        ("見本 正男", false),
        ("", false),
    ] {
        let present = vec!["母".to_owned(), companion.to_owned()];
        let refused = "409 cl-1.6-iii companion_is_patient";
        assert_eq!(bears(companion, &of_day).is_some(), is_patient);
        assert_eq!(
            said(companions(&present, &of_day, false)),
            if is_patient { refused } else { PASSES },
            "{companion}"
        );
        assert_eq!(said(companions(&present, &of_day, true)), PASSES);
        assert_eq!(said(companions(&present, &[], false)), PASSES);
    }
}

fn at(minute: i64) -> Timestamp {
    NOW + SignedDuration::from_mins(minute)
}

#[test]
fn cl_1_6_iii_overlapping_visits_are_a_finding_each() {
    let [a, b, c] = [1, 2, 3].map(|n| ConsultationId(Ulid(n)));
    for (what, intervals, expected) in [
        (
            "one after the other",
            vec![(a, at(0), at(10)), (b, at(10), at(20))],
            vec![],
        ),
        (
            "a second of overlap",
            vec![(b, at(9), at(20)), (a, at(0), at(10))],
            vec![(a, b)],
        ),
        (
            "a long one over two short ones",
            vec![(a, at(0), at(60)), (b, at(10), at(20)), (c, at(30), at(40))],
            vec![(a, b), (a, c)],
        ),
        (
            "two stretches of one visit",
            vec![(a, at(0), at(10)), (a, at(5), at(15))],
            vec![],
        ),
    ] {
        assert_eq!(overlaps(&intervals), expected, "{what}");
    }
}

#[test]
fn cl_2_5_1_1_x_b_the_opening_strip_is_pressed_for_the_device_on_the_line() {
    attack(
        sign,
        &[
            (
                "unpressed",
                |d| d.opening_strip = None,
                "409 cl-2.5.1.1-x-b | 409 cl-2.2-ii-a",
            ),
            (
                "reconnected from another device",
                |d| d.patient_device = Some(OTHER_PHONE),
                "409 cl-2.5.1.1-x-b",
            ),
            (
                "reconnected from the same device on another network",
                |d| d.physician_network = "mobile".to_owned(),
                PASSES,
            ),
            ("the call is over", |d| d.patient_device = None, PASSES),
            (
                "with somebody named",
                |d| {
                    let strip = d.opening_strip.as_mut().expect("pressed");
                    strip.present = vec!["娘".to_owned()];
                },
                PASSES,
            ),
        ],
    );
}
