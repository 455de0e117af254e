//! Datagrams on a TCP stream: two bytes of length before each (RFC 4571).

use std::collections::VecDeque;

/// A larger frame is none of ours; no datagram of a call is longer than a network packet.
pub(crate) const FRAME_BYTES_MAX: usize = 2_000;
/// Bytes that wait for a slow peer; more frames are dropped, as UDP would.
const WAITING_BYTES_MAX: usize = 256 * 1024;

/// Cuts a byte stream into datagrams.
#[derive(Default)]
pub(crate) struct Incoming {
    bytes: Vec<u8>,
}

/// The peer sent something that is no frame of ours.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Unframed;

impl Incoming {
    /// Takes bytes in and gives every datagram that is now complete.
    pub(crate) fn take(&mut self, bytes: &[u8]) -> Result<Vec<Vec<u8>>, Unframed> {
        self.bytes.extend_from_slice(bytes);
        let mut datagrams = Vec::new();
        let mut rest = self.bytes.as_slice();
        while let Some((head, tail)) = rest.split_first_chunk::<2>() {
            let length = usize::from(u16::from_be_bytes(*head));
            if length > FRAME_BYTES_MAX {
                return Err(Unframed);
            }
            let Some((datagram, after)) = tail.split_at_checked(length) else {
                break;
            };
            datagrams.push(datagram.to_vec());
            rest = after;
        }
        self.bytes = rest.to_vec();
        Ok(datagrams)
    }
}

/// Frames that wait to be written.
#[derive(Default)]
pub(crate) struct Outgoing {
    bytes: VecDeque<u8>,
}

impl Outgoing {
    /// Queues a datagram, or drops it if the peer is too slow.
    pub(crate) fn push(&mut self, datagram: &[u8]) {
        let Ok(length) = u16::try_from(datagram.len()) else {
            return;
        };
        if self.bytes.len() + datagram.len() > WAITING_BYTES_MAX {
            return;
        }
        self.bytes.extend(length.to_be_bytes());
        self.bytes.extend(datagram);
    }

    /// The bytes to write next.
    pub(crate) fn front(&self) -> &[u8] {
        self.bytes.as_slices().0
    }

    /// Notes that so many bytes were written.
    pub(crate) fn written(&mut self, count: usize) {
        self.bytes.drain(..count.min(self.bytes.len()));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn frames_may_arrive_in_pieces() {
        let mut incoming = Incoming::default();
        assert_eq!(incoming.take(&[0, 2, 9]), Ok(vec![]));
        assert_eq!(
            incoming.take(&[8, 0, 1, 7, 0]),
            Ok(vec![vec![9, 8], vec![7]])
        );
    }

    #[test]
    fn a_frame_too_large_is_refused() {
        assert_eq!(Incoming::default().take(&[0xff, 0xff]), Err(Unframed));
    }

    #[test]
    fn a_slow_peer_costs_a_bounded_buffer() {
        let mut outgoing = Outgoing::default();
        for _ in 0..1_000 {
            outgoing.push(&[0; 1_200]);
        }
        assert!(outgoing.bytes.len() <= WAITING_BYTES_MAX + 2);
    }

    proptest! {
        #[test]
        fn what_is_framed_is_unframed(datagrams in proptest::collection::vec(proptest::collection::vec(any::<u8>(), 0..50), 0..20)) {
            let mut outgoing = Outgoing::default();
            for datagram in &datagrams {
                outgoing.push(datagram);
            }
            let bytes: Vec<u8> = outgoing.bytes.into();
            prop_assert_eq!(Incoming::default().take(&bytes), Ok(datagrams));
        }
    }
}
