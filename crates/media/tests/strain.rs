//! What many requests and one poor line cost the other people of a call of four.

#![cfg(test)]

#[expect(dead_code, reason = "each test file uses its own part of the network")]
mod network;

use media::sfu::LOST_AFTER;
use media::{Notice, Role};
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
    let once = before.map(|asked| asked + 1);
    assert_eq!(asked(&network, all)[..3], once[..3]);
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

/// Enough for three voices and three small pictures (bit/s).
const NARROW: u64 = 1_000_000;

/// A call in which everyone sends what is asked for, and the specialist has a narrow line.
fn one_line_is_narrow() -> (Network, [usize; 4]) {
    let (mut network, all) = Network::call_of_four(EVERYTHING);
    for party in all {
        network.parties[party].heeds_caps = true;
    }
    network.parties[all[3]].line.bits_a_second = Some(NARROW);
    network.run(20);
    (network, all)
}

fn pictures(network: &Network, all: [usize; 4]) -> (u64, usize) {
    let sent = all[..3].iter().map(|p| network.parties[*p].video_sent);
    (sent.sum(), network.parties[all[3]].video_received())
}

#[test]
fn three_pictures_together_fit_the_narrowest_line() {
    let (mut network, all) = one_line_is_narrow();
    let (sent_before, came_before) = pictures(&network, all);
    let since = network.now;
    network.run(20);
    let (sent, came) = pictures(&network, all);
    let (sent, came) = (sent - sent_before, came - came_before);
    assert!(came as u64 * 10 >= sent * 8, "{came} of {sent}");
    network.goes_on(&all[..3], since);
}

/// The most that a party was asked to keep its picture to, while the network runs on.
fn most_asked(network: &mut Network, party: usize, seconds: u64) -> u64 {
    network.parties[party].caps.clear();
    network.run(seconds);
    *network.parties[party].caps.iter().max().unwrap()
}

#[test]
fn a_line_that_is_lost_holds_nobodys_picture_down() {
    let (mut network, all) = one_line_is_narrow();
    network.cut(all[3]);
    network.run(LOST_AFTER.as_secs());
    let most = most_asked(&mut network, all[0], 40);
    assert!(most > NARROW, "{most}");
    let left = |n: &Notice| matches!(n, Notice::Left { .. });
    assert_eq!(network.noticed(left), 0, "the lost one may still come back");
}

#[test]
fn what_small_pictures_leave_of_a_line_is_left_to_the_large_one() {
    let (mut network, all) = Network::call_of_four(EVERYTHING);
    network.parties[all[0]].heeds_caps = true;
    network.run(20);
    let most = most_asked(&mut network, all[0], 20);
    assert!(most > 2 * NARROW, "{most}");
}
