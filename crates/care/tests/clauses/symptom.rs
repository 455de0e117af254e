//! Attacks on the list of symptoms and on the two ways that are left for what cannot be seen online.

use crate::case::{
    self, NOW, PASSES, PHYSICIAN, VISIT, admit, answered, first_visit, followup, minutes_ago, said,
};
use access::Ulid;
use care::{
    Class, ConsultationId, Dossier, Refusal, gate,
    statement::{self, Body},
    symptom::{self, Decision, Fit, List},
};
use jiff::SignedDuration;

const UNDECIDED: &str = "409 cl-1.2-ii-a symptom_undecided";
const UNANSWERED: &str = "409 cl-1.2-ii-a questionnaire_missing";
const NO_LIST: &str = "409 cl-1.2-ii-a symptom_list_missing";
const UNFIT: &str = "409 cl-1.2-ii-b unfit_online";

fn decided(hit: &str, fit: Fit) -> Decision {
    Decision {
        hit: hit.to_owned(),
        fit,
        grounds: "様子から".to_owned(),
        by: PHYSICIAN,
        at: NOW,
    }
}

fn first(change: fn(&mut Dossier)) -> String {
    let mut dossier = first_visit();
    change(&mut dossier);
    said(gate::admit(&dossier))
}

#[test]
fn cl_1_2_ii_a_no_first_visit_without_the_list_its_answers_and_a_decision_on_each() {
    for (what, change, expected) in [
        ("everything answered", (|_| ()) as fn(&mut Dossier), PASSES),
        (
            "a symptom without a decision",
            |d| d.symptoms.answered = Some(answered(&["cough"])),
            UNDECIDED,
        ),
        (
            "a decision from before the answer",
            |d| {
                d.symptoms.answered = Some(answered(&["cough"]));
                let mut old = decided("cough", Fit::Online);
                old.at = minutes_ago(2);
                d.symptoms.decisions = vec![old];
            },
            UNDECIDED,
        ),
        (
            "a decision on another symptom",
            |d| {
                d.symptoms.answered = Some(answered(&["cough"]));
                d.symptoms.decisions = vec![decided("wheeze", Fit::Online)];
            },
            UNDECIDED,
        ),
        (
            "decided",
            |d| {
                d.symptoms.answered = Some(answered(&["cough"]));
                d.symptoms.decisions = vec![decided("cough", Fit::Online)];
            },
            PASSES,
        ),
        ("not answered", |d| d.symptoms.answered = None, UNANSWERED),
        (
            "answered in an older visit",
            |d| {
                let mut old = answered(&[]);
                old.consultation = ConsultationId(Ulid::from_parts(9, 9));
                d.symptoms.answered = Some(old);
            },
            UNANSWERED,
        ),
        (
            "answered before something became worse",
            |d| d.symptoms.since = Some(NOW),
            UNANSWERED,
        ),
        ("no list in force", |d| d.symptoms.in_force = false, NO_LIST),
    ] {
        assert_eq!(first(change), expected, "{what}");
    }
}

#[test]
fn cl_1_2_ii_a_new_or_worse_opens_the_whole_list_whatever_the_visit_is_called() {
    case::attack(
        admit,
        &[
            (
                "nothing new, no list in force",
                |d| d.symptoms.in_force = false,
                PASSES,
            ),
            (
                "worse, and the class sent as follow-up",
                |d| {
                    d.body = Some(Body::NewOrWorse {
                        words: String::new(),
                    });
                    d.symptoms.since = Some(NOW);
                },
                UNANSWERED,
            ),
        ],
    );
    assert!(symptom::is_asked(Class::FirstNewCondition, None));
}

#[test]
fn cl_1_2_ii_b_one_unfit_symptom_leaves_only_care_in_person() {
    let mut dossier = first_visit();
    dossier.symptoms.answered = Some(answered(&["cough"]));
    dossier.symptoms.decisions = vec![decided("cough", Fit::InPerson)];
    assert_eq!(said(gate::admit(&dossier)), UNFIT);
    let mut dossier = followup();
    dossier.symptoms.decisions = vec![decided("cough", Fit::InPerson)];
    assert_eq!(
        said(gate::admit(&dossier)),
        UNFIT,
        "it does not go away when nothing is new any more"
    );
}

#[test]
fn cl_1_2_ii_a_a_decision_is_on_what_was_chosen_and_has_grounds() {
    let facts = symptom::Facts {
        in_force: true,
        answered: Some(answered(&["cough"])),
        ..symptom::Facts::default()
    };
    let clause = |judged: Result<(), Refusal>| judged.err().map(|refusal| refusal.reason);
    assert_eq!(
        clause(symptom::may_decide(VISIT, &facts, "wheeze", "理由")),
        Some("no_such_hit")
    );
    assert_eq!(
        clause(symptom::may_decide(VISIT, &facts, "cough", "　")),
        Some("reason_required")
    );
    assert!(symptom::may_decide(VISIT, &facts, "cough", "理由").is_ok());
}

#[test]
fn a_clinics_rows_come_beside_the_list_and_never_in_its_place() {
    let shipped = List::with(Vec::new(), 0);
    let mut own = shipped.rows[0].clone();
    own.key = "own-1".to_owned();
    let list = List::with(vec![own; symptom::OWN_MAX + 3], 1);
    assert_eq!(list.rows.len(), shipped.rows.len() + symptom::OWN_MAX);
    assert!(shipped.rows.iter().all(|row| list.row(&row.key).is_some()));
    assert_ne!(list.edition, shipped.edition);
}

#[test]
fn cl_1_2_ii_c_an_urgent_answer_waits_ten_minutes_at_most() {
    let at = NOW - SignedDuration::from_mins(10);
    assert!(!statement::unacknowledged(at, NOW));
    assert!(statement::unacknowledged(
        at - SignedDuration::from_secs(1),
        NOW
    ));
}
