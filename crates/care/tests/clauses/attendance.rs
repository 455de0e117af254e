//! Who attends besides the physician: named once with a reason, and let in only on the patient's yes to this very visit.

use access::{DeviceId, PersonId, Ulid};
use care::{
    AttendanceId, ConsultationId, Refusal,
    attendance::{ATTENDANTS_MAX, Attendance, Part, accepted, may_ask},
};
use jiff::Timestamp;

fn id(n: u8) -> Ulid {
    Ulid::from_bytes([n; 16])
}

fn visit() -> ConsultationId {
    ConsultationId(id(1))
}

fn asked(person: u8) -> Attendance {
    Attendance {
        id: AttendanceId(id(9)),
        visit: visit(),
        person: PersonId(id(person)),
        part: Part::Nurse,
        reason: "処置".to_owned(),
        answer: Some((true, Timestamp::UNIX_EPOCH)),
        device: Some(DeviceId(id(5))),
    }
}

fn reason<T>(judged: Result<T, Refusal>) -> Option<&'static str> {
    judged.err().map(|refusal| refusal.reason)
}

#[test]
fn only_a_yes_to_this_visit_from_an_open_page_lets_somebody_in() {
    assert_eq!(reason(accepted(&asked(2), visit())), None);
    let other = ConsultationId(id(8));
    assert_eq!(
        reason(accepted(&asked(2), other)),
        Some("attendance_of_another_visit")
    );
    let now = Timestamp::UNIX_EPOCH;
    for (answer, device, why) in [
        (None, Some(DeviceId(id(5))), "attendant_unanswered"),
        (
            Some((false, now)),
            Some(DeviceId(id(5))),
            "attendant_refused",
        ),
        (Some((true, now)), None, "attendant_away"),
    ] {
        let one = Attendance {
            answer,
            device,
            ..asked(2)
        };
        assert_eq!(reason(accepted(&one, visit())), Some(why));
    }
}

#[test]
fn whoever_is_asked_for_is_somebody_else_once_with_a_reason_and_there_is_an_end() {
    let physician = PersonId(id(3));
    let ask = |known: &[Attendance], person: u8, why: &str| {
        reason(may_ask(known, physician, PersonId(id(person)), why))
    };
    assert_eq!(ask(&[], 2, "処置"), None);
    assert_eq!(ask(&[], 2, " 　"), Some("attendant_reason"));
    assert_eq!(ask(&[], 3, "処置"), Some("attendant_twice"));
    assert_eq!(ask(&[asked(2)], 2, "処置"), Some("attendant_twice"));
    let full: Vec<Attendance> = (10..).take(ATTENDANTS_MAX).map(asked).collect();
    assert_eq!(ask(&full, 2, "処置"), Some("attendants_max"));
    assert_eq!(ask(&full[1..], 2, "処置"), None);
}
