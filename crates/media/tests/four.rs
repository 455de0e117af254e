//! Four people in one call: everyone sees and hears the three others, comes and goes, and a fifth stays out.

#![cfg(test)]

#[expect(dead_code, reason = "each test file uses its own part of the network")]
mod network;

use media::admission::WAITING_MAX;
use media::sfu::{EMPTY_ROOM_KEPT, KEPT_AFTER_LOSS, LOST_AFTER};
use media::{AdmitRefused, Notice, OfferRefused, Role, Seat};
use network::{Network, ROOM, Sends, nurse, patient, physician, seat, specialist};
use std::collections::BTreeSet;
use std::time::Duration;
use str0m::rtp::Ssrc;

const EVERYTHING: Sends = Sends::AudioAndVideo;
fn everyone() -> [Seat; 4] {
    [patient(), physician(), nurse(), specialist()]
}

fn fifth() -> Seat {
    seat("companion", Role::Other, "another phone")
}

#[test]
fn each_of_four_sees_and_hears_the_three_others_and_nobody_twice() {
    let (mut network, all) = Network::call_of_four(EVERYTHING);
    network.run(2);
    let since = network.now;
    network.run(5);
    network.goes_on(&all, since);
    for (party, own) in all.into_iter().zip(everyone()) {
        let layout = network.sfu.layout(ROOM, &own.seat);
        for (other, theirs) in all.into_iter().zip(everyone()) {
            let came = network.parties[party].received_of(&network.parties[other]);
            let streams: BTreeSet<Ssrc> = came.map(|p| p.header.ssrc).collect();
            let wanted = if party == other { 0 } else { 2 };
            assert_eq!(streams.len(), wanted, "{} to {}", theirs.seat, own.seat);
            for stream in streams {
                let pair = network.parties[party].pair_of(stream).unwrap();
                assert_eq!(layout[pair].as_ref(), Some(&theirs.seat));
            }
        }
        let all_came = network.parties[party].received.len();
        let of_others = all.map(|other| {
            let speaks = &network.parties[other];
            network.parties[party].received_of(speaks).count()
        });
        assert_eq!(of_others.iter().sum::<usize>(), all_came);
    }
}

#[test]
fn what_each_of_four_sent_is_counted_at_that_seat() {
    let (mut network, all) = Network::call_of_four(Sends::Nothing);
    network.run(1);
    let sends = [EVERYTHING, EVERYTHING, Sends::Audio, EVERYTHING];
    for (party, sends) in all.into_iter().zip(sends) {
        network.parties[party].sends = sends;
        network.run(2);
    }
    for party in all {
        network.parties[party].sends = Sends::Nothing;
    }
    network.run(1);
    let measure = network.sfu.measure(ROOM, network.now);
    let counted = measure.seats.iter().map(|s| {
        assert_eq!((s.audio.lost, s.video.lost), (0, 0), "{}", s.seat);
        (s.seat.as_str(), s.role, s.audio.packets, s.video.packets)
    });
    let sent = |index: usize| {
        let (party, seat) = (&network.parties[all[index]], &everyone()[index]);
        (seat.role, party.audio_sent, party.video_sent)
    };
    let sent: Vec<_> = [2, 0, 1, 3].map(sent).into();
    let names = ["nurse", "patient", "physician", "specialist"];
    let row = |(name, (role, audio, video))| (name, role, audio, video);
    let sent: Vec<_> = names.into_iter().zip(sent).map(row).collect();
    assert_eq!(counted.collect::<Vec<_>>(), sent);
    assert!(sent.windows(2).all(|w| w[0].2 != w[1].2), "{sent:?}");
    assert!((6..=7).contains(&measure.two_way_seconds), "{measure:?}");
}

#[test]
fn an_ice_restart_of_one_leaves_no_gap_among_four() {
    let (mut network, all) = Network::call_of_four(EVERYTHING);
    network.run(3);
    let offer = network.parties[all[3]].restart_offer();
    let answer = network
        .sfu
        .offer(specialist(), &offer, network.now)
        .unwrap();
    network.parties[all[3]].set_answer(&answer);
    let since = network.now;
    network.run(3);
    network.goes_on(&all[..3], since);
    network.run(1);
    let since = network.now;
    network.run(2);
    network.goes_on(&all, since);
}

#[test]
fn whoever_vanishes_and_comes_back_disturbs_nobody_and_takes_the_same_places() {
    for away in [Duration::ZERO, LOST_AFTER * 2, KEPT_AFTER_LOSS * 2] {
        let (mut network, all) = Network::call_of_four(EVERYTHING);
        network.run(3);
        let layouts = everyone().map(|seat| network.sfu.layout(ROOM, &seat.seat));
        let since = network.now;
        network.cut(all[2]);
        network.run_for(away);
        let back = network.join(nurse(), EVERYTHING).unwrap();
        network.run(3);
        network.goes_on(&[all[0], all[1], all[3]], since);
        let since = network.now;
        network.run(2);
        network.goes_on(&[all[0], all[1], back, all[3]], since);
        let after = everyone().map(|seat| network.sfu.layout(ROOM, &seat.seat));
        assert_eq!(after, layouts, "away for {away:?}");
        assert_eq!(network.sfu.clients(), 4);
    }
}

#[test]
fn a_fifth_is_not_let_in_and_the_four_go_on() {
    let (mut network, all) = Network::call_of_four(EVERYTHING);
    network.run(3);
    let since = network.now;
    let five = everyone().into_iter().chain([fifth()]).collect();
    let refused = network.sfu.admit(ROOM, five, network.now);
    assert_eq!(refused, Err(AdmitRefused::TooManySeats));
    let in_the_nurses_place = Seat {
        seat: nurse().seat,
        ..fifth()
    };
    let refused = network.join(in_the_nurses_place, EVERYTHING);
    assert_eq!(refused.err(), Some(OfferRefused::OtherDevice));

    let at_the_door = network.join(fifth(), EVERYTHING).unwrap();
    network.run(3);
    assert!(network.parties[at_the_door].connected);
    assert!(network.parties[at_the_door].received.is_empty());
    for party in all {
        let party = &network.parties[party];
        let heard = party.received_of(&network.parties[at_the_door]).count();
        assert_eq!(heard, 0);
    }
    network.goes_on(&all, since);
}

#[test]
fn the_door_of_a_full_room_holds_few() {
    let (mut network, _) = Network::call_of_four(Sends::Nothing);
    let stranger = |n: usize| seat(&format!("stranger {n}"), Role::Other, "phone");
    for n in 0..WAITING_MAX {
        network.join(stranger(n), Sends::Nothing).unwrap();
    }
    let refused = network.join(stranger(WAITING_MAX), Sends::Nothing);
    assert_eq!(refused.err(), Some(OfferRefused::RoomFull));
    let told = |n: &Notice| matches!(n, Notice::Refused { reason, .. } if *reason == OfferRefused::RoomFull);
    network.run(1);
    assert_eq!(network.noticed(told), 1);
}

#[test]
fn one_after_the_other_leaves_and_nothing_is_left_behind() {
    let (mut network, all) = Network::call_of_four(EVERYTHING);
    network.run(3);
    for gone in 0..all.len() {
        network.parties[all[gone]].leave(network.now);
        let since = network.now;
        network.run(1);
        network.goes_on(&all[gone + 1..], since);
        assert_eq!(network.sfu.clients(), all.len() - gone - 1);
    }
    assert_eq!(network.noticed(|n| matches!(n, Notice::Left { .. })), 4);
    assert!(network.sfu.roster(ROOM).is_empty());
    // The grants stay for whoever comes back, and are forgotten in the end.
    network.now += EMPTY_ROOM_KEPT;
    network.run(1);
    assert_eq!(network.sfu.footprint(), 0);
}

#[test]
fn a_call_of_four_that_is_closed_frees_everything_each_time() {
    let mut network = Network::new();
    for _ in 0..3 {
        let all = network.four_join(EVERYTHING);
        network.run(2);
        network.sfu.close(ROOM, network.now);
        assert_eq!(network.sfu.footprint(), 0);
        network.run_for(Duration::from_millis(200));
        assert!(all.iter().all(|party| network.parties[*party].closed));
    }
}
