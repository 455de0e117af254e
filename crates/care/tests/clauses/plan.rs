//! Attacks on the care plan: its nine items, what it rests on, and the visits under it.

use crate::case::{
    self, ASSESSMENT, Case, HOSPITAL, NOW, OTHER_PATIENT, OTHER_PHYSICIAN, PASSES, PATIENT,
    PHYSICIAN, PLAN, TODAY, attack, begin, days_ago, draft, followup, hospital, owned, said,
    spoilt,
};
use care::{
    Class, Dossier, agreement,
    plan::{
        Assessment, Basis, Draft, Due, Partner, Plan, PlanPhysician, PlanState, Review, Rota,
        SigningFacts, Test, acute_expired, deletable_from, due, owner_moved, review, rota,
        signable,
    },
};
use jiff::{SignedDuration, civil::date};

/// A draft about to be signed, and what lies beside it.
pub(crate) struct Desk {
    pub(crate) plan: Plan,
    pub(crate) assessments: Vec<Assessment>,
    pub(crate) partners: Vec<Partner>,
    pub(crate) agreements: agreement::Facts,
    pub(crate) acknowledged: bool,
}

impl Desk {
    pub(crate) fn in_order() -> Self {
        Self {
            plan: Plan {
                state: PlanState::Draft,
                ..case::signed_plan()
            },
            assessments: vec![Assessment {
                id: ASSESSMENT,
                patient: PATIENT,
                physician: PHYSICIAN,
                on: TODAY,
                codes: vec!["I10".to_owned()],
                has_findings: true,
            }],
            partners: vec![hospital()],
            agreements: case::agreement(),
            acknowledged: true,
        }
    }

    pub(crate) fn sign(&self) -> String {
        let facts = SigningFacts {
            first_visits: &[case::VISIT],
            assessments: &self.assessments,
            partners: &self.partners,
            agreements: &self.agreements,
            acknowledged: self.acknowledged,
            today: TODAY,
        };
        said(signable(&self.plan, &facts))
    }
}

/// Shows that a plan in order may be signed, and what each spoilt one is answered.
fn attack_signing(table: &[Case<Desk>]) {
    assert_eq!(Desk::in_order().sign(), PASSES, "unchanged");
    for (what, spoil, answer) in table {
        let mut desk = Desk::in_order();
        spoil(&mut desk);
        assert_eq!(desk.sign(), *answer, "{what}");
    }
}

/// The same for what is written in the draft.
fn attack_draft(table: &[Case<Draft>]) {
    for (what, spoil, answer) in table {
        let mut desk = Desk::in_order();
        spoil(&mut desk.plan.draft);
        assert_eq!(desk.sign(), *answer, "{what}");
    }
    assert_eq!(Desk::in_order().sign(), PASSES, "unchanged");
}

fn in_force(dossier: &mut Dossier, change: fn(&mut Plan)) {
    dossier.plan.in_force.iter_mut().for_each(change);
}

#[test]
fn cl_1_3_i_the_plan_is_signed_on_an_assessment_in_person_of_the_same_patient_and_condition() {
    let refused = "409 cl-1.3-i";
    attack_signing(&[
        ("no basis", |d| d.plan.basis = None, refused),
        ("no assessment", |d| d.assessments.clear(), refused),
        (
            "of another patient",
            |d| d.assessments[0].patient = OTHER_PATIENT,
            refused,
        ),
        (
            "dated after the plan",
            |d| d.assessments[0].on = date(2026, 11, 17),
            refused,
        ),
        (
            "by a physician who is not in the plan",
            |d| d.assessments[0].physician = OTHER_PHYSICIAN,
            refused,
        ),
        (
            "of another condition",
            |d| d.assessments[0].codes = vec!["E11".to_owned()],
            refused,
        ),
        (
            "without findings",
            |d| d.assessments[0].has_findings = false,
            refused,
        ),
        (
            "on a first visit online whose care goes on",
            |d| {
                d.assessments.clear();
                d.plan.basis = Some(Basis::FirstOnline {
                    consultation: case::VISIT,
                });
                d.plan.draft.combination.assess_by = Some(TODAY);
            },
            PASSES,
        ),
        (
            "on a first visit that never was",
            |d| {
                d.assessments.clear();
                d.plan.basis = Some(Basis::FirstOnline {
                    consultation: case::OTHER_VISIT,
                });
            },
            "409 cl-1.3-i first_visit_missing",
        ),
        (
            "unread by the patient",
            |d| d.acknowledged = false,
            "409 cl-1.1-iv-c",
        ),
    ]);
}

#[test]
fn cl_1_3_i_no_signed_or_withdrawn_version_is_signed_again() {
    attack_signing(&[
        (
            "signed",
            |d| d.plan.state = case::signed_plan().state,
            "409 cl-1.3-i plan_not_a_draft",
        ),
        (
            "withdrawn",
            |d| d.plan.state = PlanState::Ended { at: NOW },
            "409 cl-1.3-i plan_not_a_draft",
        ),
    ]);
}

#[test]
fn cl_1_3_i_the_follow_up_begins_under_a_signed_plan_in_force_and_the_first_visit_under_none() {
    attack(
        begin,
        &[
            ("none", |d| d.plan.in_force = None, "409 cl-1.3-i"),
            (
                "a draft",
                |d| in_force(d, |plan| plan.state = PlanState::Draft),
                "409 cl-1.3-i",
            ),
            (
                "withdrawn",
                |d| in_force(d, |plan| plan.state = PlanState::Ended { at: NOW }),
                "409 cl-1.3-i",
            ),
            (
                "a first visit for a new condition",
                |d| {
                    d.consultation.class = Class::FirstNewCondition;
                    d.plan.treated = vec!["J00".to_owned()];
                },
                PASSES,
            ),
        ],
    );
    assert_eq!(begin(&case::first_visit()), PASSES);
}

#[test]
fn cl_1_3_i_the_class_follows_from_the_chart() {
    for (plan, new_condition, class) in [
        (false, false, Class::First),
        (false, true, Class::First),
        (true, true, Class::FirstNewCondition),
        (true, false, Class::Followup),
    ] {
        assert_eq!(Class::derive(plan, new_condition), class);
    }
}

#[test]
fn cl_1_3_i_plans_are_kept_two_years() {
    assert_eq!(deletable_from(date(2026, 11, 16)), date(2028, 11, 16));
    assert_eq!(deletable_from(date(2024, 2, 29)), date(2026, 2, 28));
}

#[test]
fn cl_1_3_i_a_the_plan_names_a_coded_disease_and_a_treatment() {
    attack_draft(&[
        (
            "no diagnosis",
            |d| d.online_care.diagnoses.clear(),
            "422 cl-1.3-i-a: diagnosis",
        ),
        (
            "a diagnosis without a code",
            |d| d.online_care.diagnoses[0].code = " ".to_owned(),
            "422 cl-1.3-i-a: diagnosis",
        ),
        (
            "no treatment",
            |d| d.online_care.treatment = "\u{3000}".to_owned(),
            "422 cl-1.3-i-a: treatment",
        ),
    ]);
}

#[test]
fn cl_1_3_i_a_a_disease_outside_the_plan_is_not_treated_under_it() {
    attack(
        begin,
        &[(
            "diabetes under a plan for blood pressure",
            |d| d.plan.treated.push("E11".to_owned()),
            "409 cl-1.3-i-a: E11",
        )],
    );
}

#[test]
fn cl_1_3_i_b_the_plan_says_how_often_in_numbers() {
    attack_draft(&[
        (
            "適宜",
            |d| {
                d.combination.every_months = None;
                d.combination.every_visits = None;
            },
            "422 cl-1.3-i-b: rule",
        ),
        (
            "every zero months",
            |d| {
                d.combination.every_months = Some(0);
                d.combination.every_visits = Some(0);
            },
            "422 cl-1.3-i-b: rule",
        ),
        (
            "every three visits",
            |d| d.combination.every_months = None,
            PASSES,
        ),
        (
            "another date for a test",
            |d| {
                d.combination.tests.push(Test {
                    name: "心電図".to_owned(),
                    due: date(2027, 5, 1),
                });
            },
            PASSES,
        ),
    ]);
}

#[test]
fn cl_1_3_i_b_the_visit_after_the_agreed_number_waits_for_one_in_person_or_a_reason() {
    attack(
        begin,
        &[
            ("the third of three", |d| d.plan.online_since = 2, PASSES),
            ("the fourth", |d| d.plan.online_since = 3, "409 cl-1.3-i-b"),
            (
                "the fourth, judged anew with a reason",
                |d| {
                    d.plan.online_since = 3;
                    d.plan.rejudged = Some("雪で来院できない".to_owned());
                },
                PASSES,
            ),
            (
                "the fourth, judged anew without a reason",
                |d| {
                    d.plan.online_since = 3;
                    d.plan.rejudged = Some(" ".to_owned());
                },
                "409 cl-1.3-i-b",
            ),
            (
                "six months and a day later",
                |d| d.plan.in_person = vec![date(2026, 5, 15)],
                "409 cl-1.3-i-b",
            ),
            (
                "six months later",
                |d| d.plan.in_person = vec![date(2026, 5, 16)],
                PASSES,
            ),
            (
                "never seen in person",
                |d| d.plan.in_person.clear(),
                "409 cl-1.3-i-b",
            ),
        ],
    );
}

#[test]
fn cl_1_3_i_b_the_visit_in_person_is_offered_ahead_and_zero_is_no_number() {
    let facts = followup().plan;
    let table: &[Case<Plan, Due>] = &[
        ("as agreed", |_| {}, Due::By(date(2027, 3, 16))),
        (
            "three months: a month ahead",
            |plan| plan.draft.combination.every_months = Some(3),
            Due::Soon(date(2026, 12, 16)),
        ),
        (
            "zero visits",
            |plan| plan.draft.combination.every_visits = Some(0),
            Due::By(date(2027, 3, 16)),
        ),
        (
            "zero months",
            |plan| plan.draft.combination.every_months = Some(0),
            Due::By(jiff::civil::Date::MAX),
        ),
    ];
    for (what, change, expected) in table {
        let mut plan = case::signed_plan();
        change(&mut plan);
        assert_eq!(due(&plan, &facts, TODAY), *expected, "{what}");
    }
}

#[test]
fn cl_1_3_i_c_the_plan_says_when_and_how_to_reach_the_clinic() {
    attack_draft(&[
        ("no mode", |d| d.hours.mode = None, "422 cl-1.3-i-c: mode"),
        (
            "no length",
            |d| d.hours.length_minutes = 0,
            "422 cl-1.3-i-c: length",
        ),
        (
            "nothing outside hours",
            |d| d.hours.outside.clear(),
            "422 cl-1.3-i-c: outside",
        ),
    ]);
}

#[test]
fn cl_1_3_i_c_a_patient_called_in_without_a_booking_is_seen() {
    let called_in = spoilt(|d| d.consultation.booked_for = days_ago(3));
    assert_eq!(begin(&called_in), PASSES);
}

#[test]
fn cl_1_3_i_d_the_plan_names_system_devices_and_fallback() {
    attack_draft(&[
        (
            "no system",
            |d| d.method.system.clear(),
            "422 cl-1.3-i-d: system",
        ),
        (
            "no devices",
            |d| d.method.devices.clear(),
            "422 cl-1.3-i-d: system",
        ),
        (
            "no fallback",
            |d| d.method.fallback.clear(),
            "422 cl-1.3-i-d: fallback",
        ),
    ]);
}

#[test]
fn cl_1_3_i_d_an_outside_service_is_refused_and_another_phone_asks_nothing() {
    attack(
        begin,
        &[
            (
                "an outside service",
                |d| d.plan.external_service = Some("chat-app".to_owned()),
                "409 cl-1.3-i-d",
            ),
            (
                "another phone",
                |d| d.patient_device = Some(case::OTHER_PHONE),
                PASSES,
            ),
        ],
    );
    let mut first = case::first_visit();
    first.plan.external_service = Some("chat-app".to_owned());
    assert_eq!(begin(&first), "409 cl-1.3-i-d");
}

#[test]
fn cl_1_3_i_e_the_plan_says_when_to_stop_and_where_to_go() {
    attack_draft(&[
        (
            "only clinical conditions",
            |d| d.stop.technical.clear(),
            "422 cl-1.3-i-e: technical",
        ),
        (
            "only technical conditions",
            |d| d.stop.clinical = vec![" ".to_owned()],
            "422 cl-1.3-i-e: clinical",
        ),
        (
            "no destination",
            |d| d.stop.destination.clear(),
            "422 cl-1.3-i-e: destination",
        ),
        (
            "no contact",
            |d| d.stop.contact.clear(),
            "422 cl-1.3-i-e: destination",
        ),
    ]);
}

#[test]
fn cl_1_3_i_e_media_lost_for_longer_than_planned_ends_the_visit() {
    for (limit, away, over) in [(120, 120, false), (120, 121, true), (0, 100_000, false)] {
        let mut stop = draft().stop;
        stop.lost_seconds = limit;
        let now = NOW + SignedDuration::from_secs(away);
        assert_eq!(stop.lost_too_long(NOW, now), over, "{away} of {limit}");
    }
}

#[test]
fn cl_1_3_i_f_the_plan_says_that_the_patients_help_is_needed() {
    attack_draft(&[(
        "no statement",
        |d| d.cooperation.statement = "\n".to_owned(),
        "422 cl-1.3-i-f: statement",
    )]);
}

#[test]
fn cl_1_3_i_g_a_clinic_that_does_not_respond_names_an_institution_that_does() {
    let refused = "422 cl-1.3-i-g: institution";
    attack_signing(&[
        ("none named", |d| d.plan.draft.acute.own = false, refused),
        (
            "an entry that ended yesterday",
            |d| {
                answered_by_hospital(&mut d.plan);
                d.partners[0].valid_until = date(2026, 11, 15);
            },
            refused,
        ),
        (
            "not in the register",
            |d| {
                answered_by_hospital(&mut d.plan);
                d.partners.clear();
            },
            refused,
        ),
        (
            "without a telephone",
            |d| {
                answered_by_hospital(&mut d.plan);
                d.partners[0].phone.clear();
            },
            refused,
        ),
        (
            "without hours",
            |d| {
                answered_by_hospital(&mut d.plan);
                d.partners[0].hours.clear();
            },
            refused,
        ),
        (
            "an entry that ends today",
            |d| {
                answered_by_hospital(&mut d.plan);
                d.partners[0].valid_until = TODAY;
            },
            PASSES,
        ),
        (
            "no policy",
            |d| d.plan.draft.acute.policy.clear(),
            "422 cl-1.3-i-g: policy",
        ),
    ]);
}

fn answered_by_hospital(plan: &mut Plan) {
    plan.draft.acute.own = false;
    plan.draft.acute.partner = Some(HOSPITAL);
}

#[test]
fn cl_1_3_i_g_plans_whose_institution_has_expired_are_a_finding() {
    let own = case::signed_plan();
    let mut by_hospital = case::signed_plan();
    answered_by_hospital(&mut by_hospital);
    let mut ended = by_hospital.clone();
    ended.state = PlanState::Ended { at: NOW };
    let plans = [own, by_hospital, ended];
    let last = hospital().valid_until;
    assert_eq!(acute_expired(&plans, &[hospital()], last), []);
    let after = date(2027, 4, 1);
    assert_eq!(acute_expired(&plans, &[hospital()], after), [PLAN]);
}

#[test]
fn cl_1_3_i_h_the_plan_names_its_physicians_and_when_each() {
    attack_draft(&[
        ("none", |d| d.physicians.clear(), "422 cl-1.3-i-h: names"),
        (
            "two names without a rule",
            |d| {
                d.physicians[0].when.clear();
                d.physicians.push(second_physician(""));
            },
            "422 cl-1.3-i-h: when",
        ),
        (
            "one of two without a rule",
            |d| d.physicians.push(second_physician("")),
            "422 cl-1.3-i-h: when",
        ),
        (
            "a physician without a name",
            |d| d.physicians[0].name.clear(),
            "422 cl-1.3-i-h: names",
        ),
        (
            "two with a rule each",
            |d| d.physicians.push(second_physician("火曜")),
            PASSES,
        ),
    ]);
}

fn second_physician(when: &str) -> PlanPhysician {
    PlanPhysician {
        person: OTHER_PHYSICIAN,
        name: "若葉 医師".to_owned(),
        when: when.to_owned(),
        specialty: String::new(),
        partner: None,
    }
}

#[test]
fn cl_1_3_i_h_the_rule_that_lets_a_physician_see_the_patient_is_known() {
    let mut plan = case::signed_plan();
    assert_eq!(rota(&plan, OTHER_PHYSICIAN), Rota::Outside);
    plan.draft.physicians.push(second_physician("火曜"));
    assert_eq!(
        rota(&plan, OTHER_PHYSICIAN),
        Rota::Listed {
            when: "火曜".to_owned()
        }
    );
}

#[test]
fn cl_1_3_i_i_each_part_of_the_way_has_exactly_one_owner() {
    let refused = "422 cl-1.3-i-i: host";
    attack_draft(&[
        (
            "no owner",
            |d| d.responsibility.segments[2].owners.clear(),
            refused,
        ),
        (
            "a blank owner",
            |d| d.responsibility.segments[2].owners = vec![" ".to_owned()],
            refused,
        ),
        (
            "two owners",
            |d| {
                d.responsibility.segments[2]
                    .owners
                    .push("vendor".to_owned());
            },
            refused,
        ),
        (
            "two owners on two lines",
            |d| d.responsibility.segments.push(owned("host", "vendor")),
            refused,
        ),
        (
            "no segments",
            |d| d.responsibility.segments.clear(),
            "422 cl-1.3-i-i: segments",
        ),
    ]);
}

#[test]
fn cl_1_3_i_i_plans_are_listed_when_a_segment_moves_to_another_owner() {
    let plans = [case::signed_plan()];
    let mut register = draft().responsibility;
    register.digest = "d2".to_owned();
    assert_eq!(owner_moved(&plans, &register), []);
    register.segments[2] = owned("host", "vendor");
    assert_eq!(owner_moved(&plans, &register), [PLAN]);
}

#[test]
fn cl_1_3_i_b_a_plan_says_what_is_due_the_most_pressing_first() {
    let (plan, facts) = {
        let dossier = followup();
        let plan = dossier.plan.in_force.clone().expect("in force");
        (plan, dossier.plan)
    };
    let asked = |change: &dyn Fn(&mut Plan, &mut care::plan::Facts, &mut Vec<Partner>)| {
        let (mut plan, mut facts, mut partners) = (plan.clone(), facts.clone(), vec![hospital()]);
        plan.draft.combination.tests.clear();
        change(&mut plan, &mut facts, &mut partners);
        review(&plan, &facts, &partners, TODAY)
    };
    assert_eq!(asked(&|_, _, _| {}), []);
    let overdue = asked(&|_, facts, _| facts.in_person = vec![date(2020, 1, 1)]);
    assert_eq!(overdue, [Review::InPersonOverdue]);
    let ending = asked(&|plan, _, partners| {
        plan.draft.acute.own = false;
        plan.draft.acute.partner = Some(HOSPITAL);
        partners[0].valid_until = TODAY;
    });
    assert_eq!(ending, [Review::AcuteEnding(TODAY)]);
    let ended = asked(&|plan, facts, partners| {
        plan.draft.acute.own = false;
        plan.draft.acute.partner = Some(HOSPITAL);
        partners[0].kind = care::partner::PartnerKind::Pharmacy;
        facts.in_person.clear();
    });
    assert_eq!(ended, [Review::InPersonOverdue, Review::AcuteEnded]);
    let test = |due| Test {
        name: "採血".to_owned(),
        due,
    };
    let tests = asked(&|plan, _, _| {
        plan.draft.combination.tests = vec![test(TODAY), test(date(2030, 1, 1))];
    });
    assert_eq!(
        tests,
        [Review::TestSoon {
            name: "採血".to_owned(),
            due: TODAY
        }]
    );
    let late = asked(&|plan, _, _| {
        plan.draft.combination.tests = vec![test(TODAY.yesterday().expect("a day"))];
    });
    assert!(late.iter().all(Review::is_late) && late.len() == 1);
}
