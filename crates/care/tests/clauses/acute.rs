//! Attacks on sudden changes.

use crate::case::{self, NOW, days_ago};
use access::{Role, Ulid};
use care::{
    InPersonId,
    acute::{self, Facts, Flag, Raised},
};
use jiff::civil::date;

const BEFORE: InPersonId = InPersonId(Ulid::from_bytes([1; 16]));
const AFTER: InPersonId = InPersonId(Ulid::from_bytes([2; 16]));

fn flagged() -> Facts {
    Facts {
        flags: vec![Flag {
            id: Ulid::from_bytes([9; 16]),
            at: days_ago(2),
            raised: Raised::Staff,
            lifted: None,
        }],
        records: vec![
            (BEFORE, care::legal_day(days_ago(3))),
            (AFTER, care::legal_day(NOW)),
        ],
        attempted: None,
    }
}

#[test]
fn cl_1_2_vii_a_a_flag_refuses_the_start_and_only_an_attempt_passes_in_an_emergency() {
    assert!(acute::calm(&Facts::default()).is_ok());
    assert!(acute::calm(&flagged()).is_err());
    let mut dossier = case::followup();
    dossier.acute = flagged();
    assert_eq!(
        case::said(care::gate::admit(&dossier)),
        "409 cl-1.2-vii-a acute_flag"
    );
    assert!(acute::passed_over(&flagged()).is_err());
    let tried = Facts {
        attempted: Some("救急車".into()),
        ..flagged()
    };
    assert!(acute::passed_over(&tried).is_ok());
}

#[test]
fn cl_1_2_vii_b_the_flag_comes_back_when_its_record_is_gone() {
    let mut facts = flagged();
    facts.flags[0].lifted = Some(AFTER);
    assert!(facts.standing().is_none());
    facts.records.retain(|(id, _)| *id != AFTER);
    assert!(facts.standing().is_some());
    facts.records.push((AFTER, date(2026, 1, 1)));
    assert!(facts.standing().is_none());
}

#[test]
fn cl_1_2_vii_b_lifting_takes_a_physician_a_later_record_and_stable() {
    let lift = |role, on, stable| acute::liftable(&flagged(), role, on, stable).map(|_| ());
    assert!(lift(Role::Physician, Some(AFTER), true).is_ok());
    for (role, on, stable) in [
        (Role::Reception, Some(AFTER), true),
        (Role::Nurse, Some(AFTER), true),
        (Role::Physician, Some(BEFORE), true),
        (Role::Physician, None, true),
        (Role::Physician, Some(AFTER), false),
    ] {
        assert!(lift(role, on, stable).is_err(), "{role:?} {on:?} {stable}");
    }
}
