//! What holds for every order of events and every text.

use crate::case::{self, NOW, OTHER_VISIT, TODAY, VISIT, hospital};
use access::Role;
use care::{
    Consultation, Event, OutOfTurn, Stage,
    consultation::{EmergencyReason, emergency},
    gate,
    patient::{age, birth_date, era_year},
    plan::{
        Combination, Cooperation, Diagnosis, Draft, OnlineCare, PlanPhysician, Responsibility,
        Segment, StopConditions, changes, complete,
    },
};
use jiff::SignedDuration;
use proptest::prelude::*;

/// One press, in order or out of it.
#[derive(Clone, Copy, Debug)]
enum Press {
    Book,
    Decline,
    Arrive,
    Begin { own: bool },
    BeginEmergency,
    End,
    Document { own: bool },
    Close { own: bool },
    Switch,
    Abort,
}

fn press() -> impl Strategy<Value = Press> {
    // Exits are rarer than steps, or hardly any walk would reach the end.
    prop_oneof![
        6 => Just(Press::Book),
        1 => Just(Press::Decline),
        6 => Just(Press::Arrive),
        6 => any::<bool>().prop_map(|own| Press::Begin { own }),
        3 => Just(Press::BeginEmergency),
        6 => Just(Press::End),
        6 => any::<bool>().prop_map(|own| Press::Document { own }),
        6 => any::<bool>().prop_map(|own| Press::Close { own }),
        1 => Just(Press::Switch),
        1 => Just(Press::Abort),
    ]
}

/// A visit in order, or the same under another id: its proofs are stray.
fn dossier(own: bool, stage: Stage) -> care::Dossier {
    let mut dossier = case::followup();
    dossier.consultation.id = if own { VISIT } else { OTHER_VISIT };
    for row in &mut dossier.judgements {
        row.consultation = dossier.consultation.id;
    }
    dossier.consultation.stage = stage;
    dossier
}

const ARRIVED: Stage = Stage::Checks { arrived: NOW };

#[expect(
    clippy::expect_used,
    reason = "the visit in order passes every gate; tests beside this show it"
)]
fn decide(visit: &Consultation, press: Press, minute: i64) -> Result<Event, OutOfTurn> {
    let now = NOW + SignedDuration::from_mins(minute);
    match press {
        Press::Book => visit.book(),
        Press::Decline => visit.decline(),
        Press::Arrive => visit.arrive(now),
        Press::Begin { own } => {
            let ready = gate::begin(&dossier(own, ARRIVED)).expect("in order");
            visit.begin(ready, now)
        }
        Press::BeginEmergency => {
            let ground = emergency(VISIT, Role::Physician, Some(EmergencyReason::SuddenChange));
            let ready = gate::begin_emergency(&dossier(true, ARRIVED), ground.expect("grounded"));
            visit.begin(ready.expect("safe"), now)
        }
        Press::End => visit.end(now),
        Press::Document { own } => {
            visit.document(&gate::sign(&dossier(own, case::ENDED)).expect("in order"))
        }
        Press::Close { own } => {
            visit.close(&gate::close(&dossier(own, case::DOCUMENTED)).expect("in order"))
        }
        Press::Switch => visit.switch(),
        Press::Abort => visit.abort(),
    }
}

/// The stage graph: what may follow what.
const GRAPH: &[(&str, &[&str])] = &[
    ("requested", &["booked", "declined", "aborted"]),
    ("booked", &["checks", "switched_in_person", "aborted"]),
    ("checks", &["live", "switched_in_person", "aborted"]),
    ("live", &["ended", "switched_in_person", "aborted"]),
    ("ended", &["documented", "switched_in_person", "aborted"]),
    ("documented", &["closed"]),
    ("closed", &[]),
    ("declined", &[]),
    ("switched_in_person", &[]),
    ("aborted", &[]),
];

fn follows(from: Stage, to: Stage) -> bool {
    GRAPH
        .iter()
        .any(|(stage, next)| *stage == from.as_str() && next.contains(&to.as_str()))
}

#[test]
fn the_straight_way_leads_from_request_to_closed() {
    let mut visit = case::followup().consultation;
    visit.stage = Stage::Requested;
    for press in [
        Press::Book,
        Press::Arrive,
        Press::Begin { own: true },
        Press::End,
        Press::Document { own: true },
        Press::Close { own: true },
    ] {
        let event = decide(&visit, press, 0).expect("in order");
        visit = visit.after(&event);
    }
    assert_eq!(visit.stage.as_str(), "closed");
}

proptest! {
    #[test]
    fn no_order_of_presses_leaves_the_stage_graph(presses in prop::collection::vec(press(), 0..40)) {
        let mut visit = case::followup().consultation;
        visit.stage = Stage::Requested;
        let mut walked = vec![visit.stage.as_str()];
        for (minute, press) in (0_i64..).zip(presses) {
            let Ok(event) = decide(&visit, press, minute) else { continue };
            let next = visit.clone().after(&event);
            prop_assert!(follows(visit.stage, next.stage), "{:?} to {:?}", visit.stage, next.stage);
            prop_assert!(!visit.stage.is_over());
            visit = next;
            walked.push(visit.stage.as_str());
        }
        if walked.contains(&"documented") {
            prop_assert!(walked.contains(&"live"));
        }
        if let Stage::Closed { since, at } | Stage::Documented { since, at } = visit.stage {
            prop_assert!(since <= at);
        }
    }

    #[test]
    fn a_stray_proof_moves_nothing(stage in stages()) {
        let mut visit = case::followup().consultation;
        visit.stage = stage;
        for press in [
            Press::Begin { own: false },
            Press::Document { own: false },
            Press::Close { own: false },
        ] {
            prop_assert_eq!(decide(&visit, press, 0), Err(OutOfTurn::StrayProof));
        }
    }

    #[test]
    fn completing_a_plan_never_panics_and_a_complete_one_is_filled(draft in drafts()) {
        let faults = complete(&draft, &[hospital()], TODAY);
        let diagnosed = draft.online_care.diagnoses.iter().any(|diagnosis| !diagnosis.code.trim().is_empty());
        prop_assert!(!faults.is_empty() || diagnosed);
        prop_assert_eq!(changes(&draft, &draft), []);
    }

    #[test]
    fn a_birth_date_is_read_or_not_and_never_panics(
        era in "\\PC{0,8}|meiji|taisho|showa|heisei|reiwa|western",
        year in "\\PC{0,6}|[0-9０-９]{1,4}|元",
        month in "\\PC{0,3}|[0-9]{1,2}",
        day in "\\PC{0,3}|[0-9]{1,2}",
    ) {
        if let Some(date) = birth_date(&era, &year, &month, &day) {
            let _ = age(date, TODAY);
            let _ = era_year(date);
        }
    }

    #[test]
    fn a_date_shown_in_its_era_is_read_back(days in 0_i64..58_000) {
        let date = jiff::civil::date(1868, 1, 25)
            .checked_add(jiff::Span::new().days(days))
            .expect("within the calendar");
        let (era, year) = era_year(date).expect("an era");
        let (month, day) = (date.month().to_string(), date.day().to_string());
        prop_assert_eq!(birth_date(era.as_str(), &year.to_string(), &month, &day), Some(date));
    }
}

fn stages() -> impl Strategy<Value = Stage> {
    prop::sample::select(vec![
        Stage::Requested,
        Stage::Booked,
        ARRIVED,
        case::LIVE,
        case::ENDED,
        case::DOCUMENTED,
        Stage::Closed {
            since: NOW,
            at: NOW,
        },
        Stage::Declined,
        Stage::SwitchedInPerson,
        Stage::Aborted,
    ])
}

/// Drafts with arbitrary texts in the places that are judged.
fn drafts() -> impl Strategy<Value = Draft> {
    let texts = || prop::collection::vec(any::<String>(), 0..4);
    (
        prop::collection::vec((any::<String>(), any::<String>()), 0..3),
        any::<[String; 3]>(),
        any::<(Option<u8>, Option<u8>, u16)>(),
        texts(),
        texts(),
        prop::collection::vec((any::<String>(), texts()), 0..4),
    )
        .prop_map(
            |(
                diagnoses,
                [treatment, statement, when],
                (months, visits, lost),
                clinical,
                technical,
                segments,
            )| {
                Draft {
                    online_care: OnlineCare {
                        diagnoses: diagnoses
                            .into_iter()
                            .map(|(code, name)| Diagnosis { code, name })
                            .collect(),
                        treatment,
                    },
                    combination: Combination {
                        every_months: months,
                        every_visits: visits,
                        tests: vec![],
                        assess_by: None,
                    },
                    stop: StopConditions {
                        clinical,
                        technical,
                        lost_seconds: lost,
                        ..StopConditions::default()
                    },
                    cooperation: Cooperation {
                        statement,
                        prepare: vec![],
                    },
                    physicians: vec![PlanPhysician {
                        person: case::PHYSICIAN,
                        name: "x".to_owned(),
                        when,
                        specialty: String::new(),
                        partner: None,
                    }],
                    responsibility: Responsibility {
                        segments: segments
                            .into_iter()
                            .map(|(name, owners)| Segment { name, owners })
                            .collect(),
                        digest: String::new(),
                    },
                    ..case::draft()
                }
            },
        )
}
