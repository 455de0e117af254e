//! Which drug may stand on an order, and for how many days.

#![expect(clippy::unwrap_used, reason = "what fails here fails the test")]

use crate::case::{self, TODAY};
use care::{
    Class, Refusal,
    background::{Item, Known, Matter, Source, known},
    formulary::{Code, Drug, Form, Formulary, LegalClass},
    prescription::{
        Directions, Extension, Facts, Given, Line, Ordered, Risk, Supplied, Supply, Tie, Usage,
        is_no_comment, prescribable, refusals,
    },
};
use jiff::{ToSpan as _, civil::Date};
use proptest::prelude::*;
use std::collections::BTreeSet;

/// Codes of the made-up formulary: an ordinary drug twice under two names, then one of each class.
const PLAIN: &str = "620000001";
const SAME: &str = "620000002";
const NARCOTIC: &str = "620000003";
const PSYCHOTROPIC: &str = "620000004";
const UNEXPLAINED: &str = "620000005";
const MANAGED: &str = "620000006";
const CAREFUL: &str = "620000007";
const ABSENT: &str = "699999999";

fn code(text: &str) -> Code {
    text.parse().unwrap()
}

fn drug(text: &str, class: LegalClass, price: &str) -> Drug {
    Drug {
        code: code(text),
        name: format!("見本{text}錠"),
        kana: String::new(),
        unit: "錠".to_owned(),
        class,
        form: Form::Oral,
        price_code: Some(price.to_owned()),
        generic_code: None,
        generic_name: None,
        changed: None,
        ends: None,
    }
}

fn formulary() -> Formulary {
    Formulary::of([
        drug(PLAIN, LegalClass::Ordinary, "2149001F1020"),
        drug(SAME, LegalClass::Ordinary, "2149001F2027"),
        drug(NARCOTIC, LegalClass::Narcotic, "8114001F1020"),
        drug(PSYCHOTROPIC, LegalClass::Psychotropic, "1124001F1020"),
        drug(UNEXPLAINED, LegalClass::Unknown, "9994001F1020"),
        drug(MANAGED, LegalClass::Ordinary, "3332001F1020"),
        drug(CAREFUL, LegalClass::Ordinary, "4299001F1020"),
    ])
}

fn line(text: &str, days: u16) -> Line {
    Line {
        drug: code(text),
        directions: Directions {
            amount_milli: 1_000,
            usage: Usage::Breakfast,
        },
        supply: Supply::Daily { days },
        refills: 0,
        reason: None,
        extension: Some(Extension {
            diagnosis: "I10".to_owned(),
            grounds: "血圧が上がった".to_owned(),
        }),
        risk: None,
    }
}

/// What is written of a drug with grave side effects, to be looked at after so many days.
fn risk(after: i32) -> Risk {
    Risk {
        reason: "ほかの薬が使えない".to_owned(),
        checks: "PT-INR 2.0".to_owned(),
        signs: "血が止まらない".to_owned(),
        monitor: TODAY.saturating_add(after.days()),
        origin: None,
    }
}

fn guarded(days: u16, after: i32) -> Line {
    Line {
        risk: Some(risk(after)),
        ..line(MANAGED, days)
    }
}

/// A line that was signed some days ago.
fn given(line: Line, ago: i32, tie: Option<Tie>) -> Given {
    let drug = formulary().orderable(line.drug, TODAY).unwrap().clone();
    Given {
        on: TODAY.saturating_sub(ago.days()),
        from: "earlier".to_owned(),
        ordered: Ordered {
            name: drug.name.clone(),
            unit: drug.unit.clone(),
            ingredient: drug.ingredient(),
            days: line.supply.days(line.refills),
            class: drug.class,
            high_safety: false,
            careful: false,
            tie,
            changed: true,
            line,
        },
    }
}

fn from_a_letter() -> Known {
    let items = Matter::ALL.map(|matter| Item {
        source: Source::ReferralLetter,
        matter,
        obtained: TODAY,
        says: true,
    });
    known(&items, TODAY).unwrap()
}

struct Desk {
    class: Class,
    known: Option<Known>,
    has_master: bool,
    has_managed: bool,
    has_careful: bool,
    earlier: Vec<Supplied>,
    given: Vec<Given>,
    reviewed: bool,
}

fn first() -> Desk {
    Desk {
        class: Class::First,
        known: None,
        has_master: true,
        has_managed: true,
        has_careful: true,
        earlier: Vec::new(),
        given: Vec::new(),
        reviewed: true,
    }
}

impl Desk {
    fn with<T>(&self, judge: impl FnOnce(&Facts<'_>) -> T) -> T {
        let all = formulary();
        let managed = BTreeSet::from([code(MANAGED)]);
        let careful = BTreeSet::from([code(CAREFUL)]);
        judge(&Facts {
            consultation: case::VISIT,
            class: self.class,
            known: self.known,
            formulary: self.has_master.then_some(&all),
            high_safety: self.has_managed.then_some(&managed),
            careful: self.has_careful.then_some(&careful),
            earlier: &self.earlier,
            given: &self.given,
            diagnoses: &["I10".to_owned()],
            reviewed: self.reviewed,
            today: TODAY,
        })
    }

    fn signs(&self, lines: &[Line]) -> Result<(), (u16, &'static str, &'static str)> {
        self.with(|facts| match prescribable(facts, lines) {
            Ok(proof) => {
                assert_eq!(proof.consultation(), case::VISIT);
                Ok(())
            }
            Err(refusal) => Err(spoken(&refusal)),
        })
    }
}

fn spoken(refusal: &Refusal) -> (u16, &'static str, &'static str) {
    let status = match refusal.ground {
        care::Ground::State => 409,
        care::Ground::Person => 403,
        care::Ground::Content => 422,
    };
    (status, refusal.clause.id(), refusal.reason)
}

#[test]
fn cl_1_5_i_b_no_narcotic_or_psychotropic_at_a_first_visit_whatever_is_known() {
    let refused = Err((409, "cl-1.5-i-b", "narcotic_psychotropic"));
    for class in [Class::First, Class::FirstNewCondition] {
        for known in [None, Some(from_a_letter())] {
            for drug in [NARCOTIC, PSYCHOTROPIC, UNEXPLAINED] {
                let desk = Desk {
                    class,
                    known,
                    ..first()
                };
                assert_eq!(
                    desk.signs(&[line(PLAIN, 3), line(drug, 1)]),
                    refused,
                    "{drug}"
                );
            }
        }
    }
    let later = Desk {
        class: Class::Followup,
        ..first()
    };
    assert_eq!(later.signs(&[line(PSYCHOTROPIC, 14)]), Ok(()));
}

#[test]
fn cl_1_5_i_b_a_drug_that_nobody_knows_is_forbidden_at_every_visit() {
    let unknown = Err((409, "cl-1.5-i-b", "unknown_drug"));
    for class in [Class::First, Class::FirstNewCondition, Class::Followup] {
        let desk = Desk {
            class,
            known: Some(from_a_letter()),
            ..first()
        };
        assert_eq!(desk.signs(&[line(ABSENT, 1)]), unknown);
        let bare = Desk {
            has_master: false,
            ..desk
        };
        assert_eq!(bare.signs(&[line(PLAIN, 1)]), unknown);
    }
}

#[test]
fn cl_1_5_i_c_no_drug_of_special_management_while_the_background_is_not_known() {
    let refused = Err((409, "cl-1.5-i-c", "high_safety"));
    assert_eq!(first().signs(&[line(MANAGED, 3)]), refused);
    assert_eq!(first().signs(&[line(PLAIN, 3)]), Ok(()));
    let told = Desk {
        known: Some(from_a_letter()),
        ..first()
    };
    assert_eq!(told.signs(&[guarded(3, 3)]), Ok(()));
    let without_a_list = Desk {
        has_managed: false,
        ..first()
    };
    assert_eq!(
        without_a_list.signs(&[line(PLAIN, 3)]),
        refused,
        "without a list every drug is on it"
    );
}

#[test]
fn cl_1_5_i_d_eight_days_are_refused_however_they_are_written() {
    let refused = Err((409, "cl-1.5-i-d", "eight_days"));
    let as_needed = |doses, days| Line {
        supply: Supply::AsNeeded { doses, days },
        ..line(PLAIN, 0)
    };
    let package = |days, smallest| Line {
        supply: Supply::Package { days, smallest },
        ..line(PLAIN, 0)
    };
    let refilled = |days, refills| Line {
        refills,
        ..line(PLAIN, days)
    };
    for (lines, said) in [
        (vec![line(PLAIN, 7)], Ok(())),
        (vec![line(PLAIN, 8)], refused),
        (vec![line(PLAIN, 4), line(PLAIN, 4)], refused),
        (vec![line(PLAIN, 4), line(SAME, 4)], refused),
        (vec![refilled(7, 1)], refused),
        (vec![refilled(3, 1)], Ok(())),
        (vec![as_needed(14, Some(1))], refused),
        (vec![as_needed(7, Some(1))], Ok(())),
        (vec![as_needed(1, Some(8))], refused),
        (vec![package(Some(8), false)], refused),
        (vec![package(None, true)], Ok(())),
        (vec![package(None, true), package(None, true)], refused),
        (
            vec![package(None, false)],
            Err((422, "cl-1.5-i-d", "days_not_stated")),
        ),
        (
            vec![line(PLAIN, u16::MAX), refilled(u16::MAX, u8::MAX)],
            refused,
        ),
    ] {
        assert_eq!(first().signs(&lines), said, "{lines:?}");
    }
    let told = Desk {
        known: Some(from_a_letter()),
        ..first()
    };
    assert_eq!(told.signs(&[line(PLAIN, 90)]), Ok(()));
    let later = Desk {
        class: Class::Followup,
        ..first()
    };
    assert_eq!(later.signs(&[line(PLAIN, 90)]), Ok(()));
}

#[test]
fn cl_1_5_i_d_a_first_visit_repeated_within_thirty_days_is_the_same_supply() {
    let before = |days: u32, ago: i32| {
        let ingredient = formulary()
            .orderable(code(SAME), TODAY)
            .unwrap()
            .ingredient();
        let on = TODAY.saturating_sub(ago.days());
        Desk {
            earlier: vec![Supplied {
                ingredient,
                days,
                on,
            }],
            ..first()
        }
    };
    let refused = Err((409, "cl-1.5-i-d", "eight_days"));
    assert_eq!(before(4, 1).signs(&[line(PLAIN, 4)]), refused);
    assert_eq!(before(4, 30).signs(&[line(PLAIN, 4)]), refused);
    assert_eq!(before(4, 31).signs(&[line(PLAIN, 4)]), Ok(()));
    assert_eq!(before(3, 1).signs(&[line(PLAIN, 4)]), Ok(()));
    assert_eq!(
        before(7, 1).signs(&[line(CAREFUL, 7)]).unwrap_err().1,
        "cl-1.5-i-a",
        "another ingredient"
    );
    let found = before(4, 1).with(|facts| refusals(facts, &[line(PLAIN, 4)]));
    let shown: Vec<&str> = found[0].1.items.iter().map(care::Missing::as_str).collect();
    assert_eq!(shown, [PLAIN, "8"], "the computed number is shown");
}

#[test]
fn cl_1_5_i_a_a_drug_of_the_societies_list_needs_a_written_reason_and_no_list_signs_nothing() {
    let with = |reason: Option<&str>| Line {
        reason: reason.map(str::to_owned),
        ..line(CAREFUL, 3)
    };
    let refused = Err((422, "cl-1.5-i-a", "consider_carefully"));
    assert_eq!(first().signs(&[with(None)]), refused);
    assert_eq!(first().signs(&[with(Some("　 "))]), refused);
    assert_eq!(first().signs(&[with(Some("ほかに効く薬がない"))]), Ok(()));
    let bare = Desk {
        has_careful: false,
        ..first()
    };
    assert_eq!(
        bare.signs(&[line(PLAIN, 3)]),
        Err((409, "cl-1.5-i-a", "no_list"))
    );
    let later = Desk {
        class: Class::Followup,
        has_careful: false,
        ..first()
    };
    assert_eq!(later.signs(&[line(CAREFUL, 3)]), Ok(()));
}

#[test]
fn cl_1_5_ii_a_nothing_is_signed_before_the_medicines_were_checked_with_the_patient() {
    let desk = Desk {
        class: Class::Followup,
        reviewed: false,
        ..first()
    };
    assert_eq!(
        desk.signs(&[line(PLAIN, 3)]),
        Err((409, "cl-1.5-ii-a", "not_reviewed"))
    );
    assert_eq!(desk.signs(&[]), Ok(()), "no order, nothing to check");
}

#[test]
fn cl_1_2_iii_b_a_background_is_known_only_from_sources_that_count() {
    let item = |source, matter| Item {
        source,
        matter,
        obtained: TODAY,
        says: true,
    };
    let all = |source| Matter::ALL.map(|matter| item(source, matter)).to_vec();
    let missing = |items: &[Item]| -> Vec<String> {
        match known(items, TODAY) {
            Ok(_) => Vec::new(),
            Err(refusal) => {
                assert_eq!(
                    spoken(&refusal),
                    (409, "cl-1.2-iii-b", "background_unknown")
                );
                refusal
                    .items
                    .iter()
                    .map(|item| item.as_str().to_owned())
                    .collect()
            }
        }
    };
    for source in Source::ALL {
        let expected: &[&str] = if source == Source::Patient {
            &["history", "medication", "allergy"]
        } else {
            &[]
        };
        assert_eq!(missing(&all(source)), expected, "{source:?}");
    }
    assert_eq!(missing(&[]), ["history", "medication", "allergy"]);
    let mut mixed = all(Source::CheckUp);
    mixed[2] = item(Source::Patient, Matter::Allergy);
    assert_eq!(missing(&mixed), ["allergy"]);
    mixed.push(item(Source::MedicineNotebook, Matter::Allergy));
    assert_eq!(missing(&mixed), Vec::<String>::new());
    let mut empty = all(Source::ReferralLetter);
    empty[0].says = false;
    assert_eq!(missing(&empty), ["history"]);
    let mut tomorrow = all(Source::ReferralLetter);
    tomorrow[1].obtained = TODAY.saturating_add(1.day());
    assert_eq!(missing(&tomorrow), ["medication"]);
}

#[test]
fn cl_1_5_i_e_a_drug_with_grave_side_effects_is_signed_with_its_block_and_a_day_before_the_supply_ends()
 {
    let desk = |given: Vec<Given>| Desk {
        class: Class::Followup,
        given,
        ..first()
    };
    let refused = |why| Err((409, "cl-1.5-i-e", why));
    let new = desk(Vec::new());
    assert_eq!(new.signs(&[line(MANAGED, 28)]), refused("risk_block_empty"));
    let mut blank = guarded(28, 14);
    blank.risk.as_mut().unwrap().signs = " ".to_owned();
    assert_eq!(new.signs(&[blank]), refused("risk_block_empty"));
    for (after, said) in [
        (28, Ok(())),
        (29, refused("monitoring_beyond_supply")),
        (-1, refused("monitoring_beyond_supply")),
    ] {
        assert_eq!(new.signs(&[guarded(28, after)]), said, "{after}");
    }
    // At a first visit, with the background known.
    let known = Desk {
        known: Some(from_a_letter()),
        ..first()
    };
    assert_eq!(
        known.signs(&[line(MANAGED, 7)]),
        refused("risk_block_empty")
    );
    // Unchanged, and to be looked at only later: carried over with its origin.
    let before = |after| given(guarded(28, after), 27, None);
    desk(vec![before(3)]).with(|facts| {
        let proof = prescribable(facts, &[line(MANAGED, 28)]).unwrap();
        let carried = proof.lines()[0].line.risk.as_ref().unwrap();
        assert_eq!(carried.origin.as_deref(), Some("earlier"));
        assert_eq!(carried.signs, "血が止まらない");
    });
    assert_eq!(
        desk(vec![before(-1)]).signs(&[line(MANAGED, 28)]),
        refused("risk_block_empty"),
        "monitoring is due"
    );
    let mut changed = line(MANAGED, 28);
    changed.directions.amount_milli = 1_500;
    assert_eq!(
        desk(vec![before(3)]).signs(&[changed]),
        refused("risk_block_empty"),
        "another dose"
    );
}

#[test]
fn cl_1_5_i_g_a_new_drug_of_a_follow_up_extends_a_diagnosis_of_the_plan_with_grounds() {
    let desk = |given: Vec<Given>| Desk {
        class: Class::Followup,
        given,
        ..first()
    };
    let as_is = |text: &str| Line {
        extension: None,
        ..line(text, 28)
    };
    let extends = |diagnosis: &str, grounds: &str| Line {
        extension: Some(Extension {
            diagnosis: diagnosis.to_owned(),
            grounds: grounds.to_owned(),
        }),
        ..line(PSYCHOTROPIC, 14)
    };
    let new = desk(Vec::new());
    for (line, said) in [
        (as_is(PLAIN), Err((422, "cl-1.5-i-g", "not_given_before"))),
        (
            extends("F51", "眠れない"),
            Err((409, "cl-1.5-i-g", "not_in_plan")),
        ),
        (extends("I10", " "), Err((422, "cl-1.5-i-g", "no_grounds"))),
        (extends("I10", "血圧が上がって眠れない"), Ok(())),
    ] {
        assert_eq!(new.signs(std::slice::from_ref(&line)), said, "{line:?}");
    }
    // Last month's drug, under another name: tied to its diagnosis, nothing asked.
    let tie = Some(Tie::Extension("I10".to_owned()));
    desk(vec![given(line(PLAIN, 28), 28, tie)]).with(|facts| {
        let proof = prescribable(facts, &[as_is(SAME)]).unwrap();
        assert_eq!(proof.lines()[0].tie, Some(Tie::Given("I10".to_owned())));
    });
    // Given for what the plan does not name any more: asked again.
    let gone = Some(Tie::Given("J45".to_owned()));
    assert_eq!(
        desk(vec![given(line(PLAIN, 28), 28, gone)]).signs(&[as_is(PLAIN)]),
        Err((422, "cl-1.5-i-g", "not_given_before"))
    );
}

#[test]
fn a_comment_to_the_pharmacist_carries_no_drug_and_no_amount() {
    let names = [
        "アムロジピンＯＤ錠５ｍｇ「見本」",
        "ロキソニン錠６０ｍｇ",
        "Ａ錠",
    ];
    let refused = |comment: &str| is_no_comment(comment, names.into_iter());
    for comment in [
        "アムロジピンも追加で",
        "ｱﾑﾛｼﾞﾋﾟﾝODでも可",
        "ロキソニン",
        "１錠ふやす",
        "5 mg に",
        "０．５ｇ",
        "14日分",
        "2.5mL",
        "3 T 10単位",
    ] {
        assert!(refused(comment), "{comment}");
    }
    for comment in [
        "粉にしてください",
        "一包化",
        "朝だけ",
        "2026年11月の来院で確認",
        "Aで",
        "3 lines",
        "",
    ] {
        assert!(!refused(comment), "{comment}");
    }
}

/// One "first visit" of a patient nobody knows, some days after the one before.
fn visit() -> impl Strategy<Value = (i32, Vec<Line>)> {
    let supply = prop_oneof![
        (0_u16..12).prop_map(|days| Supply::Daily { days }),
        (0_u16..12, proptest::option::of(0_u16..12))
            .prop_map(|(doses, days)| Supply::AsNeeded { doses, days }),
        (proptest::option::of(0_u16..12), any::<bool>())
            .prop_map(|(days, smallest)| Supply::Package { days, smallest }),
    ];
    let drug = prop::sample::select(vec![
        PLAIN,
        SAME,
        NARCOTIC,
        PSYCHOTROPIC,
        UNEXPLAINED,
        MANAGED,
        CAREFUL,
        ABSENT,
    ]);
    let line =
        (drug, supply, 0_u8..3, any::<bool>()).prop_map(|(drug, supply, refills, reason)| Line {
            supply,
            refills,
            reason: reason.then(|| "理由".to_owned()),
            ..line(drug, 0)
        });
    (0_i32..40, prop::collection::vec(line, 0..4))
}

proptest! {
    #[test]
    fn cl_1_5_i_d_no_sequence_of_first_visits_gives_more_than_seven_days_of_one_ingredient(
        visits in prop::collection::vec(visit(), 1..8)
    ) {
        let all = formulary();
        let mut earlier: Vec<Supplied> = Vec::new();
        let mut today: Date = TODAY;
        for (pause, lines) in visits {
            today = today.saturating_add(pause.days());
            let managed = BTreeSet::from([code(MANAGED)]);
            let careful = BTreeSet::from([code(CAREFUL)]);
            let facts = Facts {
                consultation: case::VISIT,
                class: Class::First,
                known: None,
                formulary: Some(&all),
                high_safety: Some(&managed),
                careful: Some(&careful),
                earlier: &earlier,
                given: &[],
                diagnoses: &[],
                reviewed: true,
                today,
            };
            if prescribable(&facts, &lines).is_err() {
                continue;
            }
            for line in &lines {
                let drug = all.orderable(line.drug, today).unwrap();
                prop_assert!(!drug.class.is_controlled());
                prop_assert!(line.drug != code(MANAGED));
                earlier.push(Supplied {
                    ingredient: drug.ingredient(),
                    days: line.supply.days(line.refills).unwrap(),
                    on: today,
                });
            }
            for drug in all.drugs() {
                let since = today.saturating_sub(30.days());
                let sum: u32 = earlier
                    .iter()
                    .filter(|one| one.ingredient == drug.ingredient() && one.on >= since)
                    .map(|one| one.days)
                    .sum();
                prop_assert!(sum <= 7, "{sum} days of {}", drug.name);
            }
        }
    }
}

#[test]
fn cl_1_5_i_a_a_comment_to_the_pharmacist_is_no_line() {
    let formulary = formulary();
    let judge = |text: &str| {
        care::prescription::comment(text, Some(&formulary))
            .err()
            .map(|refusal| refusal.reason)
    };
    assert_eq!(judge("一包化をお願いします"), None);
    let named = format!("見本{PLAIN}錠も");
    assert_eq!(judge(&named), Some("comment_names_drug"));
    assert_eq!(judge("1回5mgにしてください"), Some("comment_names_drug"));
}
