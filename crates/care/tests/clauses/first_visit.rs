//! By which route a first visit is held online: a regular physician, or sources that the physician has judged.

use crate::case::TODAY;
use access::{PersonId, Ulid};
use care::{
    Class, Refusal,
    background::{Facts, Item, Judged, Matter, Source, from_sources},
    first_visit::{Chosen, booked, routed},
};
use jiff::Timestamp;

fn sourced(judged: bool) -> Facts {
    let items = Matter::ALL.into_iter().map(|matter| Item {
        source: Source::CheckUp,
        matter,
        obtained: TODAY,
        says: true,
    });
    Facts {
        items: items.map(|item| (Ulid::nil(), item)).collect(),
        judged: judged.then(|| Judged {
            by: PersonId(Ulid::nil()),
            at: Timestamp::UNIX_EPOCH,
            on: Vec::new(),
        }),
    }
}

fn reason<T>(judged: Result<T, Refusal>) -> Option<&'static str> {
    judged.err().map(|refusal| refusal.reason)
}

#[test]
fn cl_1_2_iii_a_without_a_visit_in_person_a_route_is_named_and_a_follow_up_needs_none() {
    for class in [Class::First, Class::FirstNewCondition] {
        assert_eq!(reason(booked(class, true, None)), None);
        assert_eq!(reason(booked(class, false, None)), Some("no_route"));
        let silent = Chosen::Stated(" ".to_owned());
        assert_eq!(reason(booked(class, false, Some(silent))), Some("no_basis"));
        let stated = Chosen::Stated("10年 診ている".to_owned());
        assert_eq!(reason(booked(class, false, Some(stated))), None);
    }
    assert_eq!(reason(booked(Class::Followup, false, None)), None);
}

#[test]
fn cl_1_2_iii_b_the_route_from_sources_holds_only_when_they_are_known_and_judged() {
    let chosen = Some(&Chosen::Sources);
    let judge = |facts: &Facts| reason(routed(Class::First, false, chosen, facts, TODAY));
    assert_eq!(judge(&Facts::default()), Some("background_unknown"));
    assert_eq!(judge(&sourced(false)), Some("background_unjudged"));
    assert_eq!(judge(&sourced(true)), None);
}

#[test]
fn cl_1_2_iii_b_the_physician_says_why_the_sources_are_enough() {
    let facts = sourced(false);
    assert_eq!(
        reason(from_sources(&facts, "  ", TODAY)),
        Some("no_grounds")
    );
    assert_eq!(reason(from_sources(&facts, "軽い花粉症", TODAY)), None);
    assert_eq!(
        reason(from_sources(&Facts::default(), "軽い花粉症", TODAY)),
        Some("background_unknown")
    );
}
