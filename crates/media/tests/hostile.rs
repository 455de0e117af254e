//! Bytes from people who mean no good: nothing panics, and nobody else is disturbed.

#![cfg(test)]

#[expect(dead_code, reason = "each test file uses its own part of the network")]
mod network;

use media::{OfferRefused, Role};
use network::{Network, Party, ROOM, Sends, patient, physician, seat};
use proptest::prelude::*;
use std::net::SocketAddr;
use std::sync::OnceLock;
use std::time::Instant;

fn good_offer() -> &'static str {
    static OFFER: OnceLock<String> = OnceLock::new();
    OFFER.get_or_init(|| {
        Party::new(
            SocketAddr::from(([198, 51, 100, 9], 9)),
            Sends::Nothing,
            Instant::now(),
        )
        .offer()
    })
}

/// A panic inside the engine would be caught and end one connection; here it must not even happen.
fn panics() -> &'static std::sync::atomic::AtomicUsize {
    static PANICS: std::sync::atomic::AtomicUsize = std::sync::atomic::AtomicUsize::new(0);
    static HOOK: OnceLock<()> = OnceLock::new();
    HOOK.get_or_init(|| {
        let usual = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |info| {
            PANICS.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
            usual(info);
        }));
    });
    &PANICS
}

fn offer(sdp: &str) -> Result<String, OfferRefused> {
    let mut network = Network::new();
    let before = panics().load(std::sync::atomic::Ordering::Relaxed);
    let answer = network.sfu.offer(patient(), sdp, network.now);
    assert_eq!(
        panics().load(std::sync::atomic::Ordering::Relaxed),
        before,
        "a panic was caught inside"
    );
    answer
}

#[test]
fn the_good_offer_is_good() {
    assert!(offer(good_offer()).is_ok());
}

#[test]
fn offers_that_tell_of_nothing_we_carry_are_refused() {
    assert_eq!(offer(""), Err(OfferRefused::Malformed));
    assert_eq!(offer("v=0\r\n"), Err(OfferRefused::Malformed));
    let data = good_offer().replacen(
        "m=audio 9 UDP/TLS/RTP/SAVPF 111",
        "m=application 9 UDP/DTLS/SCTP webrtc-datachannel",
        1,
    );
    assert_eq!(offer(&data), Err(OfferRefused::Unsupported));
    let no_fingerprint: String = good_offer()
        .lines()
        .filter(|l| !l.starts_with("a=fingerprint"))
        .flat_map(|l| [l, "\r\n"])
        .collect();
    assert_eq!(offer(&no_fingerprint), Err(OfferRefused::Malformed));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn any_text_is_refused_or_answered(text in "\\PC{0,400}") {
        let _ = offer(&text);
    }

    /// Lines dropped, doubled, swapped and cut, as a fuzzer would.
    #[test]
    fn a_damaged_offer_is_refused_or_answered(
        drops in proptest::collection::vec(0_usize..200, 0..4),
        doubles in proptest::collection::vec(0_usize..200, 0..3),
        swaps in proptest::collection::vec((0_usize..200, 0_usize..200), 0..3),
        cut in 0_usize..40,
        change in (0_usize..200, "[ -~]{0,40}"),
    ) {
        let mut lines: Vec<String> = good_offer().lines().map(Into::into).collect();
        for (one, other) in swaps {
            let length = lines.len();
            lines.swap(one % length, other % length);
        }
        for double in doubles {
            let line = lines[double % lines.len()].clone();
            lines.push(line);
        }
        for drop in drops {
            let length = lines.len();
            lines.remove(drop % length);
        }
        let length = lines.len();
        let line = &mut lines[change.0 % length];
        let kept: String = line.chars().take(cut).collect();
        *line = kept + &change.1;
        let _ = offer(&(lines.join("\r\n") + "\r\n"));
    }

    #[test]
    fn any_datagram_is_ignored_or_taken(
        datagrams in proptest::collection::vec(proptest::collection::vec(any::<u8>(), 0..300), 1..20),
        first in prop_oneof![Just(0_u8), Just(1), Just(20), Just(22), Just(0x80), Just(0x90)],
    ) {
        let (mut network, one, _) = quick_call();
        let address = network.parties[one].address;
        for mut bytes in datagrams {
            network.inject(address, &bytes);
            if let Some(byte) = bytes.first_mut() {
                *byte = first;
            }
            network.inject(address, &bytes);
        }
        let before = network.parties[one].received.len();
        network.run(1);
        prop_assert!(network.parties[one].received.len() > before, "the call goes on");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]

    /// Whatever order of commands: everyone who is not granted hears nothing, the bounds
    /// hold, and after closing nothing is left.
    #[test]
    fn any_order_of_commands_keeps_the_bounds(acts in proptest::collection::vec((0_u8..7, 0_u8..6, 0_u8..2), 1..25)) {
        let mut network = Network::new();
        for (act, who, device) in acts {
            let name = format!("s{who}");
            let seat = seat(&name, Role::Other, &format!("d{device}"));
            match act {
                0..=2 if network.parties.len() < 20 => drop(network.join(seat, Sends::AudioAndVideo)),
                3 => drop(network.sfu.admit(ROOM, vec![seat], network.now)),
                4 => network.sfu.remove(ROOM, &name, network.now),
                5 => network.sfu.close(ROOM, network.now),
                _ => network.run_for(std::time::Duration::from_millis(300)),
            }
            let roster = network.sfu.roster(ROOM);
            prop_assert!(roster.len() <= 8);
            prop_assert!(roster.iter().filter(|p| p.admitted).count() <= 1);
        }
        network.run(1);
        prop_assert!(network.parties.iter().all(|p| p.received.is_empty()), "one admitted person has nobody to hear");
        network.sfu.close(ROOM, network.now);
        prop_assert_eq!(network.sfu.footprint(), 0);
    }
}

fn quick_call() -> (Network, usize, usize) {
    let mut network = Network::new();
    network
        .sfu
        .admit(ROOM, vec![physician(), patient()], network.now)
        .unwrap();
    let one = network.join(patient(), Sends::Audio).unwrap();
    let other = network.join(physician(), Sends::Audio).unwrap();
    network.run(1);
    (network, one, other)
}

#[test]
fn a_flood_of_connections_stops_at_the_bounds() {
    let mut network = Network::new();
    let mut refused = 0;
    for n in 0..20 {
        let stranger = seat(&format!("s{n}"), Role::Other, "d");
        let answer = network.sfu.offer(stranger, good_offer(), network.now);
        refused += usize::from(answer == Err(OfferRefused::RoomFull));
    }
    assert_eq!((network.sfu.clients(), refused), (4, 16));
}

#[test]
fn a_copied_offer_does_not_take_over_another_seat() {
    let (mut network, one, other) = quick_call();
    let copied = network.parties[other].restart_offer();
    let answer = network.sfu.offer(patient(), &copied, network.now);
    assert!(
        answer.is_ok(),
        "an honest replacement of the patient's own seat"
    );
    let before = network.parties[one].received.len();
    network.run(2);
    assert!(
        network.parties[one].received.len() <= before + 3,
        "the replaced connection is over"
    );
    assert_eq!(
        network
            .sfu
            .roster(ROOM)
            .iter()
            .filter(|p| p.connected)
            .count(),
        1
    );
}
