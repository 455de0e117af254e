//! Attacks on the clauses that this crate answers; each must fail for the reason named.

#![cfg(test)]

#[expect(dead_code, reason = "each test file uses its own part of the network")]
mod network;

use media::{Notice, OfferRefused, Role};
use network::{Network, Party, ROOM, Sends, nurse, patient, physician, seat, server_address};
use std::net::SocketAddr;
use std::time::{Duration, Instant};
use str0m::config::Fingerprint;
use str0m::ice::IceCreds;
use str0m::{Candidate, Rtc};

// cl-2.5.1.1-xi-a: no third party slips into the call.

#[test]
fn cl_2_5_1_1_xi_a_a_second_device_is_refused_and_told() {
    let (mut network, _, _) = Network::call(Sends::AudioAndVideo, Sends::AudioAndVideo);
    network.run(2);
    let forwarded_link = seat("patient", Role::Patient, "another phone");
    let refused = network.join(forwarded_link, Sends::AudioAndVideo);
    network.run(2);
    assert_eq!(refused.err(), Some(OfferRefused::OtherDevice));
    assert_eq!(network.sfu.roster(ROOM).len(), 2);
    let told = |n: &Notice| matches!(n, Notice::Refused { reason: OfferRefused::OtherDevice, seat, .. } if seat == "patient");
    assert_eq!(network.noticed(told), 1);
}

#[test]
fn cl_2_5_1_1_xi_a_nobody_makes_himself_host() {
    let (mut network, _, _) = Network::call(Sends::Nothing, Sends::Nothing);
    let host = seat("patient", Role::Physician, "phone");
    assert_eq!(
        network.join(host, Sends::Nothing).err(),
        Some(OfferRefused::OtherRole)
    );
}

#[test]
fn cl_2_5_1_1_xi_a_a_second_connection_replaces_and_never_adds() {
    let (mut network, first, physician) = Network::call(Sends::AudioAndVideo, Sends::AudioAndVideo);
    network.run(2);
    let second = network.join(patient(), Sends::AudioAndVideo).unwrap();
    network.run(2);
    assert_eq!(network.sfu.roster(ROOM).len(), 2);
    assert_eq!(network.sfu.clients(), 2);
    let before = [first, physician].map(|p| network.parties[p].audio_received());
    network.run(2);
    let [first_after, physician_after] =
        [first, physician].map(|p| network.parties[p].audio_received());
    assert_eq!(
        first_after, before[0],
        "the replaced connection receives no more"
    );
    assert!(physician_after - before[1] <= 102, "one voice, not two");
    assert!(network.parties[second].audio_received() > 100);
}

#[test]
fn cl_2_5_1_1_xi_a_a_stranger_receives_and_sends_nothing() {
    let (mut network, one, other) = Network::call(Sends::AudioAndVideo, Sends::AudioAndVideo);
    let stranger = network.join(nurse(), Sends::Nothing).unwrap();
    network.run(5);
    assert!(
        network.parties[stranger].connected,
        "the attack must reach the door"
    );
    assert_eq!(network.parties[stranger].received.len(), 0);

    for party in [one, other] {
        network.parties[party].sends = Sends::Nothing;
    }
    network.run(1);
    network.parties[stranger].sends = Sends::AudioAndVideo;
    let before = [one, other].map(|p| network.parties[p].received.len());
    network.run(5);
    assert_eq!(
        [one, other].map(|p| network.parties[p].received.len()),
        before
    );
    assert!(
        network
            .sfu
            .measure(ROOM, network.now)
            .seats
            .iter()
            .all(|s| s.seat != "nurse")
    );
    let admitted = network
        .sfu
        .roster(ROOM)
        .iter()
        .filter(|p| p.admitted)
        .count();
    assert_eq!(admitted, 2);
}

#[test]
fn cl_2_5_1_1_xi_a_a_grant_opens_no_other_room() {
    let (mut network, one, _) = Network::call(Sends::AudioAndVideo, Sends::AudioAndVideo);
    let mut elsewhere = nurse();
    elsewhere.room = "other visit".into();
    network
        .sfu
        .admit("other visit", vec![elsewhere.clone()], network.now)
        .unwrap();
    let other_room = network.join(elsewhere, Sends::AudioAndVideo).unwrap();
    let in_this_room = network.join(nurse(), Sends::Nothing).unwrap();
    network.parties[one].sends = Sends::Nothing;
    network.run(5);
    assert_eq!(network.parties[other_room].received.len(), 0);
    assert_eq!(network.parties[in_this_room].received.len(), 0);
}

/// Everything of a party's ICE, in the hands of someone with another certificate.
fn thief(offer: &str, answer: &str, now: Instant) -> Party {
    let value = |sdp: &str, name: &str| {
        let line = sdp.lines().find_map(|l| l.strip_prefix(name)).unwrap();
        line.trim().to_owned()
    };
    let creds = |sdp: &str| IceCreds {
        ufrag: value(sdp, "a=ice-ufrag:"),
        pass: value(sdp, "a=ice-pwd:"),
    };
    let address = SocketAddr::from(([203, 0, 113, 66], 6666));
    let mut party = Party::new(address, Sends::Nothing, now);
    party.rtc = Rtc::builder()
        .set_rtp_mode(true)
        .set_local_ice_credentials(creds(offer))
        .set_fingerprint_verification(false)
        .build(now);
    party
        .rtc
        .add_local_candidate(Candidate::host(address, "udp").unwrap());
    party
        .rtc
        .add_remote_candidate(Candidate::host(server_address(), "udp").unwrap());
    let mut api = party.rtc.direct_api();
    api.set_ice_controlling(true);
    api.set_remote_ice_credentials(creds(answer));
    api.set_remote_fingerprint(fingerprint(&value(answer, "a=fingerprint:sha-256 ")));
    api.start_dtls(true).unwrap();
    party
}

fn fingerprint(hex: &str) -> Fingerprint {
    let bytes = hex
        .split(':')
        .map(|b| u8::from_str_radix(b, 16).unwrap())
        .collect();
    Fingerprint {
        hash_func: "sha-256".into(),
        bytes,
    }
}

#[test]
fn cl_2_5_1_1_xi_a_stolen_ice_credentials_fail_the_fingerprint_check() {
    let mut network = Network::new();
    network
        .sfu
        .admit(ROOM, vec![physician(), patient()], network.now)
        .unwrap();
    network.join(physician(), Sends::AudioAndVideo).unwrap();
    let victim = network.party(Sends::Nothing);
    let offer = network.parties[victim].offer();
    let answer = network.sfu.offer(patient(), &offer, network.now).unwrap();
    // The thief is faster than the patient, who never gets the answer.
    network.cut(victim);
    let thief_party = thief(&offer, &answer, network.now);
    network.parties.push(thief_party);
    network.run(5);
    let refused = |n: &Notice| {
        matches!(
            n,
            Notice::Refused {
                reason: OfferRefused::Fingerprint,
                ..
            }
        )
    };
    assert_eq!(network.noticed(refused), 1, "{:?}", network.notices);
    assert_eq!(
        network.noticed(|n| matches!(n, Notice::Connected { seat, .. } if seat == "patient")),
        0
    );
    assert_eq!(network.parties.last().unwrap().received.len(), 0);
    assert_eq!(network.sfu.roster(ROOM).len(), 1);
}

#[test]
fn cl_2_5_1_1_xi_a_stolen_ice_credentials_do_not_open_a_running_call() {
    let mut network = Network::new();
    network
        .sfu
        .admit(ROOM, vec![physician(), patient()], network.now)
        .unwrap();
    network.join(physician(), Sends::AudioAndVideo).unwrap();
    let victim = network.party(Sends::AudioAndVideo);
    let offer = network.parties[victim].offer();
    let answer = network.sfu.offer(patient(), &offer, network.now).unwrap();
    network.parties[victim].set_answer(&answer);
    network.run(3);
    assert!(network.parties[victim].connected);
    let thief_party = thief(&offer, &answer, network.now);
    network.parties.push(thief_party);
    network.run(5);
    let thief_party = network.parties.last().unwrap();
    assert!(!thief_party.connected && thief_party.received.is_empty());
    assert_eq!(network.sfu.roster(ROOM).len(), 2);
}

#[test]
fn cl_2_5_1_1_xi_a_a_user_name_without_its_password_moves_nothing() {
    let mut network = Network::new();
    network
        .sfu
        .admit(ROOM, vec![patient()], network.now)
        .unwrap();
    let victim = network.party(Sends::Nothing);
    let offer = network.parties[victim].offer();
    let answer = network.sfu.offer(patient(), &offer, network.now).unwrap();
    let wrong = answer.lines().map(|l| {
        if l.starts_with("a=ice-pwd:") {
            "a=ice-pwd:0123456789012345678901"
        } else {
            l
        }
    });
    let wrong: String = wrong.flat_map(|l| [l, "\r\n"]).collect();
    let mut guesser = thief(&offer, &wrong, network.now);
    guesser.sends = Sends::Nothing;
    network.parties.push(guesser);
    let held = network.sfu.footprint();
    network.run(5);
    assert_eq!(network.sfu.footprint(), held, "no address was believed");
    let dtls = [22, 254, 253, 0, 0];
    assert!(!network.inject(SocketAddr::from(([203, 0, 113, 66], 6666)), &dtls));
}

// cl-1.6-ii-a: only sound both ways and the patient's picture, as the server saw them.

fn two_way_seconds(patient_sends: Sends, physician_sends: Sends, seconds: u64) -> u32 {
    let (mut network, _, _) = Network::call(patient_sends, physician_sends);
    network.run(seconds);
    network.sfu.measure(ROOM, network.now).two_way_seconds
}

#[test]
fn cl_1_6_ii_a_sound_and_the_patients_picture_are_counted() {
    let seconds = two_way_seconds(Sends::AudioAndVideo, Sends::Audio, 65);
    assert!((60..=65).contains(&seconds), "{seconds}");
}

#[test]
fn cl_1_6_ii_a_audio_only_is_no_online_care() {
    assert_eq!(two_way_seconds(Sends::Audio, Sends::AudioAndVideo, 90), 0);
}

#[test]
fn cl_1_6_ii_a_a_silent_physician_is_no_online_care() {
    assert_eq!(two_way_seconds(Sends::AudioAndVideo, Sends::Nothing, 90), 0);
}

#[test]
fn cl_1_6_ii_a_tracks_without_packets_do_not_count() {
    assert_eq!(two_way_seconds(Sends::Nothing, Sends::AudioAndVideo, 90), 0);
}

#[test]
fn cl_1_6_ii_a_empty_packets_do_not_count() {
    let (mut network, _, physician) = Network::call(Sends::Empty, Sends::AudioAndVideo);
    network.run(90);
    let measure = network.sfu.measure(ROOM, network.now);
    assert_eq!(measure.two_way_seconds, 0);
    assert!(measure.seats.iter().all(|s| s.seat != "patient"));
    assert_eq!(network.parties[physician].received.len(), 0);
}

#[test]
fn cl_1_6_ii_a_five_seconds_of_video_stay_under_sixty() {
    let (mut network, patient, _) = Network::call(Sends::AudioAndVideo, Sends::AudioAndVideo);
    network.run(5);
    network.parties[patient].sends = Sends::Audio;
    network.run(120);
    let measure = network.sfu.measure(ROOM, network.now);
    assert!(measure.two_way_seconds <= 6, "{}", measure.two_way_seconds);
    assert!(measure.two_way_audio_seconds > 100);
    assert!(
        !measure.patient_video_now,
        "the picture is judged at the time of 'enough'"
    );
}

#[test]
fn cl_1_6_ii_a_packets_before_admission_do_not_count() {
    let mut network = Network::new();
    network.join(patient(), Sends::AudioAndVideo).unwrap();
    network.join(physician(), Sends::AudioAndVideo).unwrap();
    network.run(90);
    network
        .sfu
        .admit(ROOM, vec![patient(), physician()], network.now)
        .unwrap();
    network.run_for(Duration::from_millis(2_500));
    assert!(network.sfu.measure(ROOM, network.now).two_way_seconds <= 3);
}

#[test]
fn cl_1_6_ii_a_forged_packets_from_outside_do_not_count() {
    let (mut network, one, _) = Network::call(Sends::Audio, Sends::AudioAndVideo);
    network.run(3);
    let address = network.parties[one].address;
    for n in 0..2_000_u16 {
        let mut rtp = vec![0x80, 96];
        rtp.extend(n.to_be_bytes());
        rtp.extend([7; 120]);
        network.inject(address, &rtp);
        network.run_for(Duration::from_millis(5));
    }
    let measure = network.sfu.measure(ROOM, network.now);
    assert_eq!(measure.two_way_seconds, 0);
}

#[test]
fn cl_1_6_ii_a_admitting_again_keeps_the_figures() {
    let (mut network, _, _) = Network::call(Sends::AudioAndVideo, Sends::AudioAndVideo);
    network.run(10);
    network
        .sfu
        .admit(ROOM, vec![patient(), physician()], network.now)
        .unwrap();
    assert!(network.sfu.measure(ROOM, network.now).two_way_seconds >= 8);
}
