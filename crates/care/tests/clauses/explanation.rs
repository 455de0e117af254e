//! Attacks on the explanation before the agreement.

use crate::case::{self, PASSES, Spoil, admit, attack, begin, draft, owned, said};
use care::{
    explanation::{Block, DECIDED_TAG, LIMITS_TAG, publishable},
    plan::{Draft, Item, changes},
};
use jiff::civil::date;

const LIMITS: usize = 0;
const DECIDED: usize = 1;
const PLAN: usize = 2;

#[test]
fn cl_1_1_iv_every_item_of_the_text_in_force_is_read_before_picture_and_sound() {
    attack(
        admit,
        &[
            (
                "the agreement first",
                |d| d.explanation.items.clear(),
                "409 cl-1.1-iv: limits_and_combination, decided_each_time, care_plan",
            ),
            (
                "one of three",
                |d| d.explanation.items.truncate(1),
                "409 cl-1.1-iv: decided_each_time, care_plan",
            ),
            (
                "shown and not acknowledged",
                |d| {
                    d.explanation
                        .items
                        .iter_mut()
                        .for_each(|row| row.acknowledged = None);
                },
                "409 cl-1.1-iv: limits_and_combination, decided_each_time, care_plan",
            ),
            (
                "superseded texts",
                |d| {
                    d.explanation
                        .current
                        .iter_mut()
                        .for_each(|(_, version)| *version = 2);
                },
                "409 cl-1.1-iv: limits_and_combination, decided_each_time",
            ),
            (
                "texts no longer published",
                |d| d.explanation.current.clear(),
                "409 cl-1.1-iv: limits_and_combination, decided_each_time",
            ),
        ],
    );
}

#[test]
fn cl_1_1_iv_the_physician_marks_what_was_explained_before_care_begins() {
    let left_out: Spoil = |d| d.explanation.items[DECIDED].given = None;
    attack(
        begin,
        &[
            ("one left out", left_out, "409 cl-1.1-iv: decided_each_time"),
            (
                "nothing marked",
                |d| {
                    d.explanation
                        .items
                        .iter_mut()
                        .for_each(|row| row.given = None);
                },
                "409 cl-1.1-iv: limits_and_combination, decided_each_time, care_plan",
            ),
        ],
    );
    assert_eq!(admit(&case::spoilt(left_out)), PASSES, "marked in the call");
}

fn text(tag: &str, ja: &str, en: &str) -> Block {
    Block {
        tag: tag.to_owned(),
        ja: ja.to_owned(),
        en: en.to_owned(),
    }
}

/// Publishing with the block in order, left out, and blank in either language.
fn published_without(tag: &str, other: &str) -> [String; 4] {
    let rest = text(other, "文", "text");
    [
        vec![rest.clone(), text(tag, "文", "text")],
        vec![rest.clone()],
        vec![rest.clone(), text(tag, " \u{3000}", "text")],
        vec![rest, text(tag, "文", "\n")],
    ]
    .map(|blocks| said(publishable(&blocks)))
}

#[test]
fn cl_1_1_iv_a_no_text_is_published_without_the_limits_and_nobody_agrees_without_reading_them() {
    let refused = "422 cl-1.1-iv-a: limits_and_combination";
    assert_eq!(
        published_without(LIMITS_TAG, DECIDED_TAG),
        [PASSES, refused, refused, refused]
    );
    attack(
        admit,
        &[(
            "this item alone unread",
            |d| d.explanation.items[LIMITS].acknowledged = None,
            "409 cl-1.1-iv-a: limits_and_combination",
        )],
    );
}

#[test]
fn cl_1_1_iv_b_no_text_is_published_without_decided_each_time_and_nobody_agrees_without_reading_it()
{
    let refused = "422 cl-1.1-iv-b: decided_each_time";
    assert_eq!(
        published_without(DECIDED_TAG, LIMITS_TAG),
        [PASSES, refused, refused, refused]
    );
    attack(
        admit,
        &[(
            "this item alone unread",
            |d| d.explanation.items[DECIDED].acknowledged = None,
            "409 cl-1.1-iv-b: decided_each_time",
        )],
    );
}

#[test]
fn cl_1_1_iv_c_the_plan_is_read_and_read_again_when_it_changes_in_substance() {
    attack(
        begin,
        &[
            (
                "not read",
                |d| d.explanation.items[PLAN].acknowledged = None,
                "409 cl-1.1-iv-c: care_plan",
            ),
            (
                "the owner of a segment changed since",
                |d| {
                    let mut moved = draft();
                    moved.responsibility.segments[2] = owned("host", "vendor");
                    d.explanation.unread_plan_items = changes(&draft(), &moved);
                },
                "409 cl-1.1-iv-c: responsibility",
            ),
            (
                "an empty draft",
                |d| d.explanation.plan_to_show = false,
                "422 cl-1.1-iv-c",
            ),
        ],
    );
}

/// What is changed in a plan, and how.
type Change<What> = (What, fn(&mut Draft));

#[test]
fn cl_1_1_iv_c_corrections_of_wording_dates_and_contacts_ask_nothing() {
    let table: &[Change<&str>] = &[
        ("a test's date", |d| {
            d.combination.tests[0].due = date(2027, 2, 28);
        }),
        ("wording", |d| {
            d.online_care.treatment = "降圧薬を、続ける。".to_owned();
        }),
        ("a telephone", |d| d.stop.contact = "03-1111".to_owned()),
        ("the register's digest", |d| {
            d.responsibility.digest = "d2".to_owned();
        }),
        ("a physician's name", |d| {
            d.physicians[0].name = "若葉 医師".to_owned();
        }),
    ];
    for (what, correct) in table {
        let mut corrected = draft();
        correct(&mut corrected);
        assert_eq!(changes(&draft(), &corrected), [], "{what}");
    }
}

#[test]
fn cl_1_1_iv_c_every_item_changed_in_substance_is_shown() {
    let table: &[Change<Item>] = &[
        (Item::OnlineCare, |d| {
            d.online_care.diagnoses[0].code = "E11".to_owned();
        }),
        (Item::Combination, |d| d.combination.every_months = Some(12)),
        (Item::Hours, |d| d.hours.outside = "救急相談".to_owned()),
        (Item::Method, |d| d.method.system = "onshin/2".to_owned()),
        (Item::StopConditions, |d| d.stop.clinical.clear()),
        (Item::Cooperation, |d| {
            d.cooperation.statement = "要らない".to_owned();
        }),
        (Item::AcutePolicy, |d| d.acute.own = false),
        (Item::Physicians, |d| {
            d.physicians[0].when = "月曜".to_owned();
        }),
        (Item::Responsibility, |d| {
            d.responsibility.segments[0].owners.clear();
        }),
    ];
    for (item, change) in table {
        let mut changed = draft();
        change(&mut changed);
        assert_eq!(changes(&draft(), &changed), [*item]);
    }
    assert_eq!(table.len(), Item::ALL.len());
}
