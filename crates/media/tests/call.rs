//! A conversation as the people in it would notice: it connects, flows, survives, and ends.

mod network;

use media::{Notice, Role};
use network::{Network, ROOM, Sends, nurse, patient, physician, seat};
use std::time::Duration;

#[test]
fn two_people_hear_and_see_each_other() {
    let (mut network, patient, physician) = Network::call(Sends::AudioAndVideo, Sends::AudioAndVideo);
    network.run(5);
    for party in [patient, physician] {
        let party = &network.parties[party];
        assert!(party.audio_received() > 200, "{} {:?}", party.audio_received(), party.failed);
        assert!(party.video_received() > 100, "{}", party.video_received());
        assert!(party.keyframes_asked > 0);
    }
    assert_eq!(network.noticed(|n| matches!(n, Notice::Connected { .. })), 2);
}
