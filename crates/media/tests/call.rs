//! A conversation as the people in it would notice: it connects, flows, survives, and ends.

#![cfg(test)]

#[expect(dead_code, reason = "each test file uses its own part of the network")]
mod network;

use media::sfu::{CONNECT_WITHIN, ECHO_LASTS, KEPT_AFTER_LOSS, LOST_AFTER, WAITING_CLIENTS_MAX};
use media::{Notice, OfferRefused};
use network::{Network, ROOM, Sends, nurse, patient, physician};
use std::time::Duration;

#[test]
fn two_people_hear_and_see_each_other() {
    let (mut network, patient, physician) =
        Network::call(Sends::AudioAndVideo, Sends::AudioAndVideo);
    network.run(5);
    for party in [patient, physician] {
        let party = &network.parties[party];
        assert!(
            party.audio_received() > 200,
            "{} {:?}",
            party.audio_received(),
            party.failed
        );
        assert!(party.video_received() > 100, "{}", party.video_received());
        assert!(party.keyframes_asked > 0);
    }
    assert_eq!(
        network.noticed(|n| matches!(n, Notice::Connected { .. })),
        2
    );
}

#[test]
fn between_two_people_the_first_pair_of_lines_is_used() {
    let (mut network, patient, physician) =
        Network::call(Sends::AudioAndVideo, Sends::AudioAndVideo);
    network.run(2);
    for party in [patient, physician] {
        let party = &mut network.parties[party];
        let wanted = [party.audio_in[0], party.video_in[0]];
        let ssrcs: Vec<_> = party.received.iter().map(|p| p.header.ssrc).collect();
        let mut api = party.rtc.direct_api();
        assert!(
            ssrcs
                .iter()
                .all(|s| wanted.contains(&api.stream_rx(s).unwrap().mid()))
        );
    }
    assert_eq!(
        network.sfu.layout(ROOM, "patient")[0].as_deref(),
        Some("physician")
    );
}

#[test]
fn a_nurse_who_is_let_in_later_needs_no_new_offer_of_the_others() {
    let (mut network, patient, physician_party) =
        Network::call(Sends::AudioAndVideo, Sends::AudioAndVideo);
    let nurse_party = network.join(nurse(), Sends::AudioAndVideo).unwrap();
    network.run(2);
    assert_eq!(network.parties[nurse_party].received.len(), 0);

    let grants = vec![physician(), network::patient(), nurse()];
    network.sfu.admit(ROOM, grants, network.now).unwrap();
    let before = network.parties[patient].received.len();
    network.run(4);
    let gained = network.parties[patient].received.len() - before;
    assert!(gained > 2 * 4 * 70, "two people's packets: {gained}");
    assert!(network.parties[nurse_party].received.len() > 2 * 3 * 70);
    assert_eq!(network.parties[physician_party].failed, None);
    let layout = network.sfu.layout(ROOM, "patient");
    assert_eq!(
        layout,
        [Some("physician".into()), Some("nurse".into()), None]
    );
}

#[test]
fn five_percent_loss_costs_no_picture() {
    let (mut network, patient, _) = Network::call(Sends::AudioAndVideo, Sends::AudioAndVideo);
    network.run(3);
    network.loss_permille = 50;
    let before = network.parties[patient].video_received();
    network.run(10);
    network.loss_permille = 0;
    network.run(2);
    let video = network.parties[patient].video_received() - before;
    assert!(
        video >= 12 * 25 - 3,
        "retransmission brought {video} of 300"
    );
}

#[test]
fn heavy_loss_shows_in_the_figures() {
    let (mut network, _, _) = Network::call(Sends::AudioAndVideo, Sends::AudioAndVideo);
    network.run(3);
    network.loss_permille = 300;
    network.run(60);
    let now = network.now;
    let measure = network.sfu.measure(ROOM, now);
    assert!(measure.seats[0].audio.loss_permille > 150, "{measure:?}");
    assert!(
        measure.patient_poor_seconds >= 30,
        "{}",
        measure.patient_poor_seconds
    );
}

#[test]
fn an_ice_restart_keeps_the_connection() {
    let (mut network, patient_party, physician_party) =
        Network::call(Sends::AudioAndVideo, Sends::AudioAndVideo);
    network.run(3);
    let offer = network.parties[patient_party].restart_offer();
    let answer = network.sfu.offer(patient(), &offer, network.now).unwrap();
    network.parties[patient_party].set_answer(&answer);
    let before = network.parties[physician_party].received.len();
    network.run(3);
    assert_eq!(network.sfu.clients(), 2);
    assert!(network.parties[physician_party].received.len() > before + 180);
    assert_eq!(network.noticed(|n| matches!(n, Notice::Left { .. })), 0);
}

#[test]
fn a_reload_goes_on_in_the_same_stream() {
    let (mut network, old, physician_party) =
        Network::call(Sends::AudioAndVideo, Sends::AudioAndVideo);
    network.run(3);
    network.cut(old);
    network.join(patient(), Sends::AudioAndVideo).unwrap();
    let before = network.parties[physician_party].received.len();
    network.run(3);
    let received = &network.parties[physician_party].received;
    assert!(received.len() > before + 150);
    let audio: Vec<_> = received.iter().filter(|p| p.payload[0] == b'A').collect();
    assert!(
        audio
            .windows(2)
            .all(|w| w[0].header.ssrc == w[1].header.ssrc)
    );
    assert!(audio.windows(2).all(|w| *w[1].seq_no - *w[0].seq_no == 1));
}

#[test]
fn nothing_flows_before_admit_and_nothing_after_removal() {
    let mut network = Network::new();
    let one = network.join(patient(), Sends::AudioAndVideo).unwrap();
    let other = network.join(physician(), Sends::AudioAndVideo).unwrap();
    network.run(5);
    assert!(network.parties[one].connected && network.parties[other].connected);
    assert_eq!(
        network.parties[one].received.len() + network.parties[other].received.len(),
        0
    );
    assert_eq!(
        network.sfu.measure(ROOM, network.now),
        media::Measure::default()
    );

    network
        .sfu
        .admit(ROOM, vec![patient(), physician()], network.now)
        .unwrap();
    network.run(2);
    assert!(
        network.parties[one].video_received() > 30,
        "without a new offer"
    );

    network.sfu.remove(ROOM, "patient", network.now);
    network.run(1);
    let received = network.parties[other].received.len();
    network.run(3);
    assert_eq!(network.parties[other].received.len(), received);
    assert!(network.parties[one].closed);
}

/// From the server's request to the sender, a frame's time, and the way back through the server.
const ONE_REQUEST: Duration = Duration::from_millis(20 + 40 + 20 + 20 + 2 * 5);

#[test]
fn whoever_waits_is_seen_within_one_request_for_a_whole_picture() {
    let mut network = Network::new();
    let one = network.join(patient(), Sends::AudioAndVideo).unwrap();
    let other = network.join(physician(), Sends::AudioAndVideo).unwrap();
    network.run(60);
    for party in [one, other] {
        assert_eq!(network.parties[party].received.len(), 0);
        assert_eq!(network.parties[party].keyframes_asked, 0);
    }
    let admitted = network.now;
    network
        .sfu
        .admit(ROOM, vec![patient(), physician()], network.now)
        .unwrap();
    network.run(3);
    for party in [one, other] {
        let party = &network.parties[party];
        assert_eq!(party.keyframes_asked, 1);
        let took = party.whole_picture_after(admitted).unwrap();
        assert!(took <= ONE_REQUEST, "{took:?}");
    }
}

#[test]
fn whoever_waits_without_sending_is_seen_as_soon_as_the_page_sends() {
    let mut network = Network::new();
    let one = network.join(patient(), Sends::Nothing).unwrap();
    let other = network.join(physician(), Sends::Nothing).unwrap();
    network.run(60);
    network
        .sfu
        .admit(ROOM, vec![patient(), physician()], network.now)
        .unwrap();
    network.run_for(Duration::from_millis(50));
    let began = network.now;
    for party in [one, other] {
        network.parties[party].sends = Sends::AudioAndVideo;
    }
    network.run(1);
    for party in [one, other] {
        let took = network.parties[party].whole_picture_after(began).unwrap();
        assert!(took <= ONE_REQUEST, "{took:?}");
        assert!(network.parties[party].audio_received() > 40);
    }
}

#[test]
fn a_lost_request_for_a_whole_picture_is_repeated_until_one_comes() {
    let mut network = Network::new();
    let one = network.join(patient(), Sends::AudioAndVideo).unwrap();
    let other = network.join(physician(), Sends::Nothing).unwrap();
    network.run(5);
    network
        .sfu
        .admit(ROOM, vec![patient(), physician()], network.now)
        .unwrap();
    network.loss_permille = 1000;
    network.run_for(Duration::from_millis(500));
    network.loss_permille = 0;
    let healed = network.now;
    network.run(3);
    let took = network.parties[other].whole_picture_after(healed).unwrap();
    assert!(took <= Duration::from_millis(200) + ONE_REQUEST, "{took:?}");
    assert_eq!(
        network.parties[one].keyframes_asked, 1,
        "and not again after it"
    );
}

#[test]
fn a_sender_without_whole_pictures_is_not_asked_for_ever() {
    let mut network = Network::new();
    let one = network.join(patient(), Sends::AudioAndVideo).unwrap();
    network.join(physician(), Sends::Nothing).unwrap();
    network.run(5);
    network.parties[one].obeys = false;
    network
        .sfu
        .admit(ROOM, vec![patient(), physician()], network.now)
        .unwrap();
    network.run(120);
    assert_eq!(network.parties[one].keyframes_asked, 6);
}

#[test]
fn those_who_wait_never_shut_out_those_who_are_let_in() {
    let mut network = Network::new();
    let offer = network.party(Sends::Nothing);
    let offer = network.parties[offer].offer();
    let seat = |n: usize| media::Seat {
        room: format!("visit {n}"),
        ..patient()
    };
    for n in 0..WAITING_CLIENTS_MAX {
        network.sfu.offer(seat(n), &offer, network.now).unwrap();
    }
    let late = seat(WAITING_CLIENTS_MAX);
    let refused = network.sfu.offer(late.clone(), &offer, network.now);
    assert_eq!(refused.err(), Some(OfferRefused::Full));
    let grants = vec![late.clone()];
    network.sfu.admit(&late.room, grants, network.now).unwrap();
    assert!(network.sfu.offer(late, &offer, network.now).is_ok());
}

#[test]
fn taking_the_grants_back_stops_the_flow_and_keeps_the_line() {
    let (mut network, one, other) = Network::call(Sends::AudioAndVideo, Sends::AudioAndVideo);
    network.run(3);
    network
        .sfu
        .admit(ROOM, vec![physician()], network.now)
        .unwrap();
    network.run(1);
    let received = [one, other].map(|p| network.parties[p].received.len());
    network.run(60);
    assert_eq!(
        [one, other].map(|p| network.parties[p].received.len()),
        received
    );

    network
        .sfu
        .admit(ROOM, vec![physician(), patient()], network.now)
        .unwrap();
    network.run(3);
    assert!(
        network.parties[one].received.len() > received[0] + 150,
        "after a pause of 4,500 packets"
    );
}

#[test]
fn waiting_costs_almost_no_traffic() {
    let mut network = Network::new();
    network.join(patient(), Sends::Nothing).unwrap();
    network.run(3);
    network.sent_to.clear();
    network.run(10);
    assert!(
        network.sent_to.len() < 100,
        "{} datagrams to someone who waits",
        network.sent_to.len()
    );
}

#[test]
fn the_device_check_comes_back_for_sixty_seconds() {
    let mut network = Network::new();
    let party = network.join_echo("phone", Sends::AudioAndVideo);
    network.run(58);
    let echoed = network.parties[party].received.len();
    assert!(echoed > 57 * 70, "{echoed}");
    network.run(3);
    assert!(network.parties[party].closed);
    assert_eq!(network.sfu.footprint(), 0);
    let most = usize::try_from(ECHO_LASTS.as_secs()).unwrap() * 76;
    network.run(10);
    assert!(network.parties[party].received.len() <= most);
    let done = |n: &Notice| matches!(n, Notice::EchoResult { done: true, video, .. } if video.seconds >= 57);
    assert_eq!(network.noticed(done), 1);
}

#[test]
fn whoever_vanishes_is_lost_then_freed() {
    let (mut network, one, _) = Network::call(Sends::AudioAndVideo, Sends::AudioAndVideo);
    network.run(3);
    network.cut(one);
    network.run(LOST_AFTER.as_secs() + 1);
    assert_eq!(
        network.noticed(|n| matches!(n, Notice::Lost { seat, .. } if seat == "patient")),
        1
    );
    assert_eq!(network.sfu.clients(), 2);
    network.run(KEPT_AFTER_LOSS.as_secs() + 1);
    assert_eq!(
        network.noticed(|n| matches!(n, Notice::Left { seat, .. } if seat == "patient")),
        1
    );
    assert_eq!(network.sfu.clients(), 1);
}

#[test]
fn whoever_is_heard_again_was_only_lost_for_a_while() {
    let (mut network, one, _) = Network::call(Sends::AudioAndVideo, Sends::AudioAndVideo);
    network.run(3);
    network.loss_permille = 1000;
    network.run(LOST_AFTER.as_secs() + 2);
    network.loss_permille = 0;
    let before = network.parties[one].received.len();
    network.run(10);
    assert!(network.parties[one].received.len() > before + 300);
    assert_eq!(network.noticed(|n| matches!(n, Notice::Lost { .. })), 2);
    assert_eq!(
        network.noticed(|n| matches!(n, Notice::Connected { .. })),
        4
    );
}

#[test]
fn offers_that_never_connect_are_freed() {
    let mut network = Network::new();
    let party = network.join(patient(), Sends::Nothing).unwrap();
    network.cut(party);
    network.run(CONNECT_WITHIN.as_secs() + 1);
    assert_eq!(network.sfu.footprint(), 0);
}

#[test]
fn closing_a_room_ends_everything_and_leaves_nothing_behind() {
    let (mut network, one, other) = Network::call(Sends::AudioAndVideo, Sends::AudioAndVideo);
    network.run(3);
    network.sfu.close(ROOM, network.now);
    network.run_for(Duration::from_millis(200));
    assert!(network.parties[one].closed && network.parties[other].closed);
    assert_eq!(network.sfu.footprint(), 0);
    assert!(network.sfu.roster(ROOM).is_empty());
    let last = network.notices.iter().rev().find_map(|n| match n {
        Notice::Measured { measure, .. } => Some(measure.two_way_seconds),
        _ => None,
    });
    assert!(
        last.is_some_and(|seconds| seconds >= 1),
        "the figures are told once more"
    );
}

#[test]
fn an_offer_that_is_too_large_is_refused_unread() {
    let mut network = Network::new();
    let huge = "a".repeat(70_000);
    let refused = network.sfu.offer(patient(), &huge, network.now);
    assert_eq!(refused, Err(OfferRefused::TooLarge));
}

#[test]
fn a_slow_line_lowers_what_the_sender_is_asked_for() {
    let (mut network, patient_party, _) = Network::call(Sends::AudioAndVideo, Sends::AudioAndVideo);
    network.run(10);
    assert!(
        !network.parties[patient_party].caps.is_empty(),
        "no REMB arrived"
    );
}
