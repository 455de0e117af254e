//! Attacks on what the physician's desk starts from: headings that say nothing, people found in the room, two lists of an emergency.

use crate::case::{PASSES, attack, followup, minutes_ago, said, sign, signed_plan, spoilt};
use care::{
    gate,
    place::CLEAN_AND_SAFE,
    plan::next_online,
    presence::consented,
    record::{observation_headings, says_nothing},
    statement::PlaceKind,
};

#[test]
fn cl_1_2_i_headings_alone_are_no_observation() {
    let headings = observation_headings(followup().plan.in_force.as_ref().map(|plan| &plan.draft));
    assert!(!headings.is_empty(), "the plan asks for something");
    let template = headings.join(":\n") + ":\n";
    for (text, nothing) in [
        (template.as_str(), true),
        ("\u{898b}\u{305f}\u{3053}\u{3068}\u{ff1a}\n\n  \n", true),
        ("血圧: 132/78", false),
        ("血圧:\n132/78", false),
    ] {
        assert_eq!(says_nothing(text), nothing, "{text}");
    }
    attack(
        sign,
        &[(
            "the template alone",
            |d| d.examination.observation = "見たこと:\n血圧:\n".to_owned(),
            "409 cl-1.2-i",
        )],
    );
}

#[test]
fn the_next_visit_online_follows_the_plans_own_rhythm() {
    let mut plan = signed_plan();
    let today = jiff::civil::date(2026, 11, 20);
    for (months, visits, day) in [
        (Some(3), Some(3), Some(jiff::civil::date(2026, 12, 20))),
        (Some(2), None, Some(jiff::civil::date(2026, 12, 20))),
        (Some(1), Some(30), Some(jiff::civil::date(2026, 11, 27))),
        (None, Some(3), None),
    ] {
        plan.draft.combination.every_months = months;
        plan.draft.combination.every_visits = visits;
        assert_eq!(next_online(&plan, today), day, "{months:?} {visits:?}");
    }
}

#[test]
fn cl_2_5_1_1_x_b_somebody_new_brings_the_strip_back() {
    attack(
        sign,
        &[(
            "somebody new was heard",
            |d| {
                if let Some(strip) = d.opening_strip.as_mut() {
                    strip.reopened = Some(minutes_ago(1));
                }
            },
            "409 cl-2.5.1.1-x-b",
        )],
    );
}

#[test]
fn cl_2_2_ii_a_who_was_found_stays_with_the_consent_of_both() {
    let names = |names: &[&str]| {
        names
            .iter()
            .map(|name| (*name).to_owned())
            .collect::<Vec<_>>()
    };
    for (what, present, stated, asked, answer) in [
        ("alone", names(&[]), names(&[]), false, PASSES),
        (
            "as the patient stated",
            names(&["娘"]),
            names(&["娘"]),
            false,
            PASSES,
        ),
        (
            "found, not asked",
            names(&["娘", "隣の人"]),
            names(&["娘"]),
            false,
            "422 cl-2.2-ii-a companion_consent",
        ),
        (
            "found and asked",
            names(&["隣の人"]),
            names(&[]),
            true,
            PASSES,
        ),
    ] {
        assert_eq!(said(consented(&present, &stated, asked)), answer, "{what}");
    }
}

#[test]
fn cl_1_1_iv_d_what_is_safe_is_never_in_the_list_that_is_passed_over() {
    let dossier = spoilt(|d| {
        d.agreement.rows.clear();
        if let Some(page) = d.statement.as_mut() {
            page.lines.place = PlaceKind::Driving;
        }
    });
    let lines = gate::emergency_lines(&dossier);
    let open = |lines: &[gate::Line]| {
        lines
            .iter()
            .filter(|line| line.refusal.is_some())
            .map(|line| line.duty.id())
            .collect::<Vec<_>>()
    };
    assert_eq!(open(&lines.holds), [CLEAN_AND_SAFE.id()]);
    let later = open(&lines.later);
    assert!(later.contains(&"cl-1.1-i"), "{later:?}");
    assert!(!later.contains(&CLEAN_AND_SAFE.id()), "{later:?}");
    assert!(
        later.contains(&"cl-2.5.1.1-iii-b"),
        "lines of begin remain due as well: {later:?}"
    );
    assert_eq!(later.len(), lines.later.len(), "what is met is not owed");
}
