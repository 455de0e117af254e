//! Rewrites one forwarded stream so that its subscriber sees a single, continuous one.
//!
//! The source of a stream changes when the sender reloads, and pauses when forwarding
//! stops. The subscriber's SRTP needs sequence numbers that begin below 65,536 and never
//! jump far (RFC 3711, section 3.3.1), and its player needs timestamps that go on.

use crate::admission::Connection;
use crate::quality::Kind;
use std::time::{Duration, Instant};

/// The first number sent: low enough for the receiver's roll-over count, with room for
/// packets that arrive late.
const FIRST_SEQUENCE: u64 = 1000;
/// A jump larger than this begins a new stream; SRTP receivers lose count at 32,768.
const JUMP_MAX: u64 = 3_000;

/// The state of one stream toward one subscriber.
#[derive(Default)]
pub(crate) struct Rewriter {
    origin: Option<Origin>,
    last: Option<Last>,
}

struct Origin {
    publisher: Connection,
    source: u32,
    highest_in: u64,
    first_in: u64,
    first_out: u64,
    timestamp_offset: u32,
}

struct Last {
    sequence: u64,
    timestamp: u32,
    at: Instant,
}

/// The numbers of an incoming packet.
#[derive(Clone, Copy)]
pub(crate) struct Numbers {
    pub(crate) publisher: Connection,
    pub(crate) kind: Kind,
    pub(crate) source: u32,
    pub(crate) sequence: u64,
    pub(crate) timestamp: u32,
}

impl Rewriter {
    /// Ends the present stream, so that what comes next is joined on without a gap.
    pub(crate) fn pause(&mut self) {
        self.origin = None;
    }

    /// The sequence number and timestamp to send with; none for a packet from before the
    /// stream's beginning.
    pub(crate) fn rewrite(&mut self, packet: Numbers, now: Instant) -> Option<(u64, u32)> {
        if !self
            .origin
            .as_ref()
            .is_some_and(|origin| origin.continues(packet))
        {
            self.origin = Some(self.begin(packet, now));
        }
        let origin = self.origin.as_mut()?;
        let sequence = origin.first_out + packet.sequence.checked_sub(origin.first_in)?;
        let timestamp = packet.timestamp.wrapping_add(origin.timestamp_offset);
        origin.highest_in = origin.highest_in.max(packet.sequence);
        if self
            .last
            .as_ref()
            .is_none_or(|last| sequence > last.sequence)
        {
            self.last = Some(Last {
                sequence,
                timestamp,
                at: now,
            });
        }
        Some((sequence, timestamp))
    }

    fn begin(&self, packet: Numbers, now: Instant) -> Origin {
        let (first_out, timestamp_offset) = match &self.last {
            None => (FIRST_SEQUENCE, 0),
            Some(last) => {
                let elapsed = ticks(packet.kind, now.saturating_duration_since(last.at)).max(1);
                let next = last.timestamp.wrapping_add(elapsed);
                (last.sequence + 1, next.wrapping_sub(packet.timestamp))
            }
        };
        Origin {
            publisher: packet.publisher,
            source: packet.source,
            highest_in: packet.sequence,
            first_in: packet.sequence,
            first_out,
            timestamp_offset,
        }
    }
}

impl Origin {
    fn continues(&self, packet: Numbers) -> bool {
        self.publisher == packet.publisher
            && self.source == packet.source
            && self.highest_in.abs_diff(packet.sequence) <= JUMP_MAX
    }
}

/// RTP clock ticks in a time: 48 kHz for Opus (RFC 7587), 90 kHz for VP8 (RFC 7741).
fn ticks(kind: Kind, elapsed: Duration) -> u32 {
    let rate = match kind {
        Kind::Audio => 48_000,
        Kind::Video => 90_000,
    };
    let ticks = elapsed.as_millis() * rate / 1000;
    // Only the lower 32 bits have a meaning on the wire.
    u32::try_from(ticks & u128::from(u32::MAX)).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn packet(publisher: u64, sequence: u64, timestamp: u32) -> Numbers {
        let kind = Kind::Video;
        Numbers {
            publisher: Connection(publisher),
            kind,
            source: 7,
            sequence,
            timestamp,
        }
    }

    #[test]
    fn a_long_running_stream_begins_low() {
        let now = Instant::now();
        let out = Rewriter::default().rewrite(packet(1, 9_000_000, 5), now);
        assert_eq!(out, Some((FIRST_SEQUENCE, 5)));
    }

    #[test]
    fn gaps_and_order_are_kept() {
        let (mut rewriter, now) = (Rewriter::default(), Instant::now());
        rewriter.rewrite(packet(1, 10, 0), now);
        assert_eq!(
            rewriter.rewrite(packet(1, 13, 0), now),
            Some((FIRST_SEQUENCE + 3, 0))
        );
        assert_eq!(
            rewriter.rewrite(packet(1, 12, 0), now),
            Some((FIRST_SEQUENCE + 2, 0))
        );
        assert_eq!(rewriter.rewrite(packet(1, 9, 0), now), None);
    }

    #[test]
    fn a_new_source_joins_on_without_a_gap_and_time_goes_on() {
        let (mut rewriter, now) = (Rewriter::default(), Instant::now());
        rewriter.rewrite(packet(1, 10, 90_000), now);
        let later = now + Duration::from_secs(2);
        let out = rewriter.rewrite(packet(2, 60_000, 4), later);
        assert_eq!(out, Some((FIRST_SEQUENCE + 1, 90_000 + 180_000)));
    }

    #[test]
    fn a_pause_leaves_no_gap() {
        let (mut rewriter, now) = (Rewriter::default(), Instant::now());
        rewriter.rewrite(packet(1, 10, 0), now);
        rewriter.pause();
        let out = rewriter.rewrite(packet(1, 200_000, 0), now).map(|o| o.0);
        assert_eq!(out, Some(FIRST_SEQUENCE + 1));
    }

    #[test]
    fn a_jump_never_reaches_the_subscriber() {
        let (mut rewriter, now) = (Rewriter::default(), Instant::now());
        rewriter.rewrite(packet(1, 10, 0), now);
        let out = rewriter.rewrite(packet(1, 60_000, 0), now).map(|o| o.0);
        assert_eq!(out, Some(FIRST_SEQUENCE + 1));
    }
}
