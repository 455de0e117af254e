//! That nothing is missing, and nothing paused, between people in a call.

use super::{Network, is_picture};
use std::time::{Duration, Instant};
use str0m::rtp::RtpPacket;

/// Less than two pictures of one sender are apart: pictures are sent on evenly, and so not at once.
const PAUSE_MAX: Duration = Duration::from_millis(2 * 40 - 5);

impl Network {
    /// Sound and picture went on between each two of these since then.
    pub(crate) fn goes_on(&self, people: &[usize], since: Instant) {
        for listener in people {
            for speaker in people.iter().filter(|speaker| *speaker != listener) {
                self.flows_on(*speaker, *listener, false, since);
                self.flows_on(*speaker, *listener, true, since);
            }
        }
    }

    fn flows_on(&self, speaker: usize, listener: usize, picture: bool, since: Instant) {
        let what = format!("{speaker} to {listener}, picture: {picture}");
        let came: Vec<&RtpPacket> = self.parties[listener]
            .received_of(&self.parties[speaker])
            .filter(|p| is_picture(p) == picture && p.timestamp >= since)
            .collect();
        let at = came.iter().map(|p| p.timestamp);
        let at: Vec<Instant> = [since].into_iter().chain(at).chain([self.now]).collect();
        let pause = at.windows(2).map(|w| w[1] - w[0]).max().unwrap();
        assert!(pause <= PAUSE_MAX, "{what}: a pause of {pause:?}");
        let next = |w: &[&RtpPacket]| *w[1].seq_no == *w[0].seq_no + 1;
        assert!(came.windows(2).all(next), "{what}: one is missing");
    }
}
