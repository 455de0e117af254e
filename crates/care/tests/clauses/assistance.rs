//! What a nurse beside the patient may do, on whose word, and until when.

use crate::case::{TODAY, followup};
use access::{PersonId, Ulid};
use care::{
    InstructionId, PatientId, Refusal,
    assistance::{
        Act, Aim, Basis, DEVIATIONS_MAX, Draft, Facts, Foreseen, Instruction, Nurse, Order,
        OrderId, Trigger, Unforeseen, entitled, home_visiting, in_force, order, perform, revise,
        signable,
    },
    gate,
};
use jiff::{SignedDuration, Timestamp, ToSpan as _};

fn id(n: u8) -> Ulid {
    Ulid::from_bytes([n; 16])
}

fn signed() -> Timestamp {
    "2026-10-01T09:00:00+09:00".parse().unwrap()
}

fn draft() -> Draft {
    Draft {
        basis: Basis::Plan,
        acts: vec![
            Foreseen {
                act: Act::VitalSigns,
                condition: String::new(),
            },
            Foreseen {
                act: Act::WoundCare,
                condition: "浸出液があるとき".to_owned(),
            },
        ],
        from: TODAY.saturating_sub(30.days()),
        until: TODAY.saturating_add(30.days()),
        review_by: TODAY.saturating_add(10.days()),
    }
}

fn facts() -> Facts {
    Facts {
        nurse: Nurse {
            person: PersonId(id(7)),
            affiliated: true,
            of_station: false,
        },
        instruction: Some(Instruction {
            id: InstructionId(id(1)),
            patient: PatientId(id(2)),
            version: 1,
            draft: draft(),
            signed_by: PersonId(id(3)),
            signed_at: signed(),
            revised_in: None,
        }),
        reviewed: None,
        triggers: Vec::new(),
        seen_in_person: Some(TODAY.saturating_sub(20.days())),
        departure: None,
    }
}

fn with(change: impl FnOnce(&mut Facts)) -> Facts {
    let mut facts = facts();
    change(&mut facts);
    facts
}

fn with_draft(change: impl FnOnce(&mut Draft)) -> Facts {
    with(|facts| change(&mut facts.instruction.as_mut().unwrap().draft))
}

fn reason<T>(judged: Result<T, Refusal>) -> (&'static str, &'static str) {
    let refusal = judged.err().unwrap();
    (refusal.clause.id(), refusal.reason)
}

#[test]
fn cl_2_3_i_a_an_act_is_ordered_only_while_live_and_only_if_it_was_foreseen() {
    let facts = facts();
    let held = in_force(&facts, TODAY).unwrap();
    assert_eq!(
        order(held, Act::WoundCare, true).unwrap().act(),
        Act::WoundCare
    );
    for (act, live, why) in [
        (Act::BloodSample, true, "act_not_foreseen"),
        (Act::WoundCare, false, "not_live"),
    ] {
        assert_eq!(reason(order(held, act, live)), ("cl-2.3-i-a", why));
    }
}

#[test]
fn cl_2_3_i_a_an_instruction_that_is_missing_over_or_to_come_is_none() {
    let none = with(|facts| facts.instruction = None);
    assert_eq!(
        reason(in_force(&none, TODAY)),
        ("cl-2.3-i-a", "no_instruction")
    );
    for facts in [
        with_draft(|draft| draft.until = TODAY.yesterday().unwrap()),
        with_draft(|draft| draft.from = TODAY.tomorrow().unwrap()),
    ] {
        assert_eq!(
            reason(in_force(&facts, TODAY)),
            ("cl-2.3-i-a", "instruction_expired")
        );
    }
    let last = with_draft(|draft| {
        draft.until = TODAY;
        draft.review_by = TODAY;
    });
    assert!(in_force(&last, TODAY).is_ok());
}

#[test]
fn cl_2_3_i_a_an_act_is_entered_once_on_its_order_with_what_came_of_it() {
    let open = Order {
        id: OrderId(id(9)),
        act: Act::VitalSigns,
        ordered_at: signed(),
        performed: None,
    };
    assert!(perform(&open, "128/76").is_ok());
    assert_eq!(reason(perform(&open, " ")), ("cl-2.3-i-a", "result_empty"));
    let done = Order {
        performed: Some((signed(), "128/76".to_owned())),
        ..open
    };
    assert_eq!(
        reason(perform(&done, "130/80")),
        ("cl-2.3-i-a", "act_performed")
    );
}

#[test]
fn cl_2_3_i_b_a_review_that_is_overdue_or_called_for_stops_the_next_start() {
    let overdue = with_draft(|draft| draft.review_by = TODAY.yesterday().unwrap());
    assert_eq!(
        reason(in_force(&overdue, TODAY)),
        ("cl-2.3-i-b", "review_overdue")
    );
    let after = signed() + SignedDuration::from_hours(1);
    for trigger in [Trigger::NewSymptom, Trigger::Admission] {
        let facts = with(|facts| facts.triggers = vec![(trigger, after)]);
        assert_eq!(
            reason(in_force(&facts, TODAY)),
            ("cl-2.3-i-b", "review_triggered")
        );
        // Looked at since: it goes on.
        let reviewed = with(|facts| {
            facts.triggers = vec![(trigger, after)];
            facts.reviewed = Some(after + SignedDuration::from_mins(1));
        });
        assert!(in_force(&reviewed, TODAY).is_ok());
        // Looked at before it happened is not looked at.
        let before = with(|facts| {
            facts.triggers = vec![(trigger, after)];
            facts.reviewed = Some(signed());
        });
        assert!(in_force(&before, TODAY).is_err());
    }
    for (deviations, stops) in [(DEVIATIONS_MAX - 1, false), (DEVIATIONS_MAX, true)] {
        let facts = with(|facts| facts.triggers = vec![(Trigger::Deviation, after); deviations]);
        assert_eq!(in_force(&facts, TODAY).is_err(), stops, "{deviations}");
    }
}

#[test]
fn cl_2_3_i_c_only_what_helps_a_diagnosis_is_added_and_only_while_live() {
    let facts = facts();
    let held = in_force(&facts, TODAY).unwrap();
    let found = |act| Unforeseen {
        symptom: "昨夜から微熱".to_owned(),
        act,
        reason: "炎症をみる".to_owned(),
    };
    let draft = revise(held, &found(Act::BloodSample), true).unwrap();
    assert_eq!(draft.acts.len(), 3);
    // The revision is signed, and then the act can be ordered.
    let revised = with_draft(|now| now.clone_from(&draft));
    assert!(order(in_force(&revised, TODAY).unwrap(), Act::BloodSample, true).is_ok());

    for act in Act::ALL.iter().filter(|act| act.aim() == Aim::Treatment) {
        assert_eq!(
            reason(revise(held, &found(*act), true)),
            ("cl-2.3-i-c", "treatment_not_added"),
            "{}",
            act.as_str()
        );
    }
    assert_eq!(
        reason(revise(held, &found(Act::BloodSample), false)),
        ("cl-2.3-i-c", "not_live")
    );
    let silent = Unforeseen {
        symptom: " ".to_owned(),
        ..found(Act::BloodSample)
    };
    assert_eq!(
        reason(revise(held, &silent, true)),
        ("cl-2.3-i-c", "revision_empty")
    );
    assert_eq!(
        reason(revise(held, &found(Act::VitalSigns), true)),
        ("cl-2.3-i-c", "act_foreseen")
    );
}

#[test]
fn cl_2_3_ii_a_a_physician_who_did_not_visit_for_three_months_says_why() {
    for (days_ago, departure, passes) in [
        (Some(20), None, true),
        (Some(80), None, true),
        (Some(100), None, false),
        (None, None, false),
        (None, Some(" "), false),
        (None, Some("訪問している医師が休み"), true),
    ] {
        let facts = with(|facts| {
            facts.seen_in_person = days_ago.map(|days: i64| TODAY.saturating_sub(days.days()));
            facts.departure = departure.map(ToOwned::to_owned);
        });
        let judged = home_visiting(&facts, TODAY);
        assert_eq!(judged.is_ok(), passes, "{days_ago:?} {departure:?}");
        if !passes {
            assert_eq!(reason(judged), ("cl-2.3-ii-a", "no_home_visit"));
        }
    }
}

#[test]
fn cl_2_3_ii_b_the_nurse_is_of_this_institution_or_of_the_station_instructed() {
    for (affiliated, of_station, passes) in [
        (true, false, true),
        (false, true, true),
        (false, false, false),
    ] {
        let facts = with(|facts| {
            facts.nurse.affiliated = affiliated;
            facts.nurse.of_station = of_station;
        });
        assert_eq!(entitled(&facts).is_ok(), passes);
        if !passes {
            assert_eq!(reason(entitled(&facts)), ("cl-2.3-ii-b", "nurse_of_nobody"));
        }
    }
}

#[test]
fn what_is_signed_is_whole() {
    assert!(signable(&draft()).is_ok());
    let wrong: [(&str, fn(&mut Draft)); 6] = [
        ("no_act_foreseen", |draft| draft.acts.clear()),
        ("act_twice", |draft| {
            let again = draft.acts.first().unwrap().clone();
            draft.acts.push(again);
        }),
        ("station_empty", |draft| {
            draft.basis = Basis::HomeNursing {
                station: "　".to_owned(),
            };
        }),
        ("period_wrong", |draft| {
            draft.until = draft.from.yesterday().unwrap();
        }),
        ("period_wrong", |draft| {
            draft.until = draft.from.saturating_add(7.months());
        }),
        ("review_by_wrong", |draft| {
            draft.review_by = draft.until.tomorrow().unwrap();
        }),
    ];
    for (why, spoil) in wrong {
        let mut draft = draft();
        spoil(&mut draft);
        assert_eq!(reason(signable(&draft)), ("cl-2.3-i-a", why));
    }
}

#[test]
fn the_gate_asks_for_it_where_a_nurse_attends_and_for_nothing_where_none_does() {
    let refused = |assistance| {
        let dossier = care::Dossier {
            assistance,
            ..followup()
        };
        gate::admit(&dossier).err().map(|refusals| {
            refusals
                .iter()
                .map(|refusal| refusal.clause.id())
                .collect::<Vec<_>>()
        })
    };
    assert_eq!(refused(None), None);
    assert_eq!(refused(Some(facts())), None);
    let none = with(|facts| {
        facts.instruction = None;
        facts.nurse.affiliated = false;
        facts.seen_in_person = None;
    });
    assert_eq!(
        refused(Some(none)),
        Some(vec!["cl-2.3-i-a", "cl-2.3-ii-b", "cl-2.3-ii-a"])
    );
}
