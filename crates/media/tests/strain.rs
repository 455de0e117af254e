//! What many requests and one poor line cost the other people of a call of four.

#![cfg(test)]

#[expect(dead_code, reason = "each test file uses its own part of the network")]
mod network;

use media::Role;
use network::{Network, Sends, is_picture, seat};
use std::time::Duration;

const EVERYTHING: Sends = Sends::AudioAndVideo;
/// As `WISH_INTERVAL` says: a sender is asked for a whole picture so often at most.
const ASKED_EVERY: Duration = Duration::from_millis(300);

fn asked(network: &Network, all: [usize; 4]) -> [usize; 4] {
    all.map(|party| network.parties[party].keyframes_asked)
}

fn settled() -> (Network, [usize; 4]) {
    let (mut network, all) = Network::call_of_four(EVERYTHING);
    network.run(3);
    (network, all)
}

/// The physician, the nurse and the specialist ask for a whole picture of the patient, who is in their first pair.
fn three_ask(network: &mut Network, all: [usize; 4]) {
    for party in &all[1..] {
        let now = network.now;
        network.parties[*party].ask_whole(0, now);
    }
}

#[test]
fn three_who_ask_at_once_cost_one_whole_picture() {
    let (mut network, all) = settled();
    let before = asked(&network, all);
    three_ask(&mut network, all);
    network.run(3);
    let [patient, others @ ..] = asked(&network, all);
    assert_eq!(patient, before[0] + 1);
    assert_eq!(others, before[1..]);
}

#[test]
fn three_who_ask_without_end_are_heard_three_times_a_second() {
    let (mut network, all) = settled();
    let before = asked(&network, all);
    for _ in 0..60 {
        three_ask(&mut network, all);
        network.run_for(Duration::from_millis(100));
    }
    let [patient, others @ ..] = asked(&network, all);
    let most = 6_000 / usize::try_from(ASKED_EVERY.as_millis()).unwrap() + 1;
    assert!((2..=most).contains(&(patient - before[0])), "{patient}");
    assert_eq!(others, before[1..]);
}

#[test]
fn whoever_waits_or_leaves_costs_nobody_a_whole_picture() {
    let (mut network, all) = settled();
    let before = asked(&network, all);
    for _ in 0..5 {
        let companion = seat("companion", Role::Other, "another phone");
        network.join(companion, EVERYTHING).unwrap();
        network.run(1);
    }
    assert_eq!(asked(&network, all), before, "a reload at the door");
    network.parties[all[3]].leave(network.now);
    network.run(1);
    assert_eq!(asked(&network, all)[..3], before[..3], "one who left");
}

#[test]
fn one_who_comes_back_costs_each_other_one_whole_picture() {
    let (mut network, all) = settled();
    let before = asked(&network, all);
    network.cut(all[3]);
    network.join(network::specialist(), EVERYTHING).unwrap();
    network.run(3);
    let after = asked(&network, all);
    assert!(
        (0..3).all(|n| (1..=2).contains(&(after[n] - before[n]))),
        "{before:?} {after:?}"
    );
}

#[test]
fn what_one_line_loses_the_others_have() {
    let (mut network, all) = settled();
    network.parties[all[3]].line.loss_permille = 300;
    network.run(1);
    let since = network.now;
    network.run(10);
    network.goes_on(&all[..3], since);
    let lossy = &network.parties[all[3]];
    let heard = lossy
        .received_of(&network.parties[all[0]])
        .filter(|p| !is_picture(p));
    assert!(heard.count() > 11 * 50 / 2);
}
