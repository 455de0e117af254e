//! Attacks on what follows a first visit online: the sheet for the patient, and the plan as soon as care goes on.

use crate::{
    case::{self, PASSES, TODAY, VISIT, begin, days_ago, followup, said},
    plan::Desk,
};
use care::{
    Class, Dossier, Service, Stage,
    first_visit::sheet::{Explained, Facts, GoesOn, How, Next, Sheet, asked},
    gate,
    plan::{Basis, PlanState, Unplanned},
};
use jiff::{SignedDuration, ToSpan as _};

fn sheet() -> Sheet {
    Sheet {
        next: Some(Next::Visit {
            day: TODAY.saturating_add(14.days()),
            how: How::Online,
        }),
        signs: "息が苦しい".to_owned(),
        place: "当院".to_owned(),
        phone: "03-0000-0000".to_owned(),
        goes_on: Some(GoesOn::Yes),
        explained: Some(Explained::Live),
    }
}

/// A first visit that is documented, with this sheet.
fn documented(sheet: Option<Sheet>) -> Dossier {
    let mut dossier = followup();
    dossier.consultation.class = Class::First;
    dossier.consultation.stage = case::DOCUMENTED;
    dossier.after_visit = Some(Facts { sheet });
    dossier
}

fn closed(spoil: fn(&mut Sheet)) -> String {
    let mut sheet = sheet();
    spoil(&mut sheet);
    said(gate::close(&documented(Some(sheet))))
}

#[test]
fn cl_1_3_ii_a_a_first_visit_is_closed_with_a_whole_sheet_that_was_explained() {
    assert_eq!(closed(|_| {}), PASSES);
    assert_eq!(
        said(gate::close(&documented(None))),
        "409 cl-1.3-ii-a sheet_incomplete: sheet_next, sheet_signs, sheet_place, sheet_phone, sheet_goes_on, sheet_explained"
    );
    let missing = |part: &str| format!("409 cl-1.3-ii-a sheet_incomplete: {part}");
    let table: [(fn(&mut Sheet), &str); 10] = [
        (|s| s.next = None, "sheet_next"),
        (
            |s| {
                s.next = Some(Next::Visit {
                    day: TODAY.saturating_sub(1.day()),
                    how: How::Online,
                });
            },
            "sheet_next",
        ),
        (|s| s.signs = " \n".to_owned(), "sheet_signs"),
        (|s| s.place = " ".to_owned(), "sheet_place"),
        (|s| s.phone = String::new(), "sheet_phone"),
        (|s| s.goes_on = None, "sheet_goes_on"),
        (|s| s.goes_on = Some(GoesOn::No), "sheet_goes_on"),
        (|s| s.explained = None, "sheet_explained"),
        (
            |s| {
                s.explained = Some(Explained::CalledBack {
                    at: case::NOW + SignedDuration::from_mins(1),
                });
            },
            "sheet_explained",
        ),
        (
            |s| s.explained = Some(Explained::CalledBack { at: days_ago(1) }),
            "sheet_explained",
        ),
    ];
    for (spoil, part) in table {
        assert_eq!(closed(spoil), missing(part));
    }
    let nothing = |reason: &str, goes_on| Sheet {
        next: Some(Next::Nothing {
            reason: reason.to_owned(),
        }),
        goes_on: Some(goes_on),
        ..sheet()
    };
    for (sheet, answer) in [
        (nothing("治った", GoesOn::No), PASSES.to_owned()),
        (nothing(" ", GoesOn::No), missing("sheet_next")),
        (nothing("治った", GoesOn::Yes), missing("sheet_goes_on")),
    ] {
        assert_eq!(said(gate::close(&documented(Some(sheet)))), answer);
    }
}

#[test]
fn cl_1_3_ii_a_only_a_first_visit_for_care_ends_with_a_sheet() {
    let mut visit = followup().consultation;
    assert!(!asked(&visit), "a routine follow-up asks nothing new");
    for class in [Class::First, Class::FirstNewCondition] {
        visit.class = class;
        assert!(asked(&visit));
        visit.service = Service::PreConsultation;
        assert!(!asked(&visit));
        visit.service = Service::Care;
    }
}

/// What is answered where no plan was signed after a first visit.
fn second(class: Class, goes_on: bool, spoil: fn(&mut Dossier)) -> String {
    let mut dossier = followup();
    dossier.consultation.class = class;
    dossier.plan.unplanned = Some(Unplanned {
        first: case::OTHER_VISIT,
        goes_on,
    });
    spoil(&mut dossier);
    begin(&dossier)
}

#[test]
fn cl_1_3_ii_b_the_second_visit_online_waits_for_a_plan() {
    let refused = "409 cl-1.3-ii-b no_plan_after_first";
    let none: fn(&mut Dossier) = |d| d.plan.in_force = None;
    assert_eq!(second(Class::Followup, true, none), refused);
    assert_eq!(
        second(Class::Followup, false, none),
        refused,
        "who said no further and is back goes on"
    );
    assert_eq!(
        second(Class::Followup, true, |_| {}),
        refused,
        "a plan from before the first visit is not its plan"
    );
    assert_eq!(
        second(Class::Followup, false, |_| {}),
        PASSES,
        "nothing goes on: the plan in force carries its own visits"
    );
    assert!(
        !second(Class::FirstNewCondition, true, |_| {}).contains("cl-1.3-ii-b"),
        "a new condition is another first visit"
    );
}

fn on_first_visit(by: Option<i64>) -> Desk {
    let mut desk = Desk::in_order();
    desk.assessments.clear();
    desk.plan.basis = Some(Basis::FirstOnline {
        consultation: VISIT,
    });
    desk.plan.draft.combination.assess_by = by.map(|days| TODAY.saturating_add(days.days()));
    desk
}

#[test]
fn cl_1_3_ii_b_a_plan_on_a_first_visit_online_fixes_an_assessment_in_person() {
    let refused = "422 cl-1.3-ii-b: assess_by";
    assert_eq!(on_first_visit(None).sign(), refused);
    assert_eq!(on_first_visit(Some(-1)).sign(), refused);
    assert_eq!(on_first_visit(Some(0)).sign(), PASSES);
    assert_eq!(on_first_visit(Some(30)).sign(), PASSES);
}

#[test]
fn cl_1_3_ii_b_after_that_day_online_starts_wait_for_the_assessment_or_a_reasoned_judgement() {
    let start = |days: i64, seen: Option<i64>, rejudged: Option<&str>| {
        let mut dossier = followup();
        let plan = dossier.plan.in_force.as_mut().expect("in force");
        plan.basis = Some(Basis::FirstOnline {
            consultation: case::OTHER_VISIT,
        });
        plan.draft.combination.assess_by = Some(TODAY.saturating_add(days.days()));
        assert!(matches!(plan.state, PlanState::Signed { at, .. } if at == days_ago(60)));
        dossier.plan.in_person = seen
            .map(|days| TODAY.saturating_sub(days.days()))
            .into_iter()
            .collect();
        dossier.plan.rejudged = rejudged.map(ToOwned::to_owned);
        begin(&dossier)
    };
    assert_eq!(start(0, None, None), PASSES, "on the day itself");
    assert_eq!(start(-1, None, None), "409 cl-1.3-i-b");
    assert_eq!(start(-1, None, Some(" ")), "409 cl-1.3-i-b");
    assert_eq!(start(-1, None, Some("足をけがして来られない")), PASSES);
    assert_eq!(start(-1, Some(10), None), PASSES, "assessed since");
    assert_eq!(
        start(-1, Some(61), None),
        "409 cl-1.3-i-b",
        "a record from before the plan is not that assessment"
    );
}

#[test]
fn cl_1_3_ii_a_the_exits_that_are_no_closing_ask_for_no_sheet() {
    let mut dossier = documented(None);
    dossier.consultation.stage = Stage::Ended {
        since: case::seconds_ago(600),
        at: case::seconds_ago(60),
    };
    dossier.examination.measured.two_way_seconds = 0;
    assert!(!said(gate::not_performed(&dossier)).contains("cl-1.3-ii-a"));
}
