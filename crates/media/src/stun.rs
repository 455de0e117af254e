//! Finds whose connection a STUN request is for.

/// STUN header length and magic cookie (RFC 8489, section 5).
const HEADER_BYTES: usize = 20;
const MAGIC_COOKIE: [u8; 4] = [0x21, 0x12, 0xa4, 0x42];
const USERNAME: u16 = 0x0006;
/// Attributes looked at before giving up; a browser's check has about eight.
const ATTRIBUTES_MAX: usize = 32;

/// Whether a datagram can be nothing but STUN (RFC 7983).
pub(crate) fn is_stun(datagram: &[u8]) -> bool {
    datagram.len() >= HEADER_BYTES && datagram.first().is_some_and(|first| *first < 4)
}

/// Our half of the user name in a STUN request: it reads "ours:theirs" (RFC 8445, section 7.2.2).
///
/// Nothing is proved by it; the engine checks the message's integrity afterwards.
pub(crate) fn local_ufrag(datagram: &[u8]) -> Option<&str> {
    if !is_stun(datagram) || datagram.get(4..8)? != MAGIC_COOKIE {
        return None;
    }
    let mut rest = datagram.get(HEADER_BYTES..)?;
    for _ in 0..ATTRIBUTES_MAX {
        let &[kind_high, kind_low, length_high, length_low] = rest.first_chunk::<4>()?;
        let length = usize::from(u16::from_be_bytes([length_high, length_low]));
        let value = rest.get(4..4 + length)?;
        if u16::from_be_bytes([kind_high, kind_low]) == USERNAME {
            return std::str::from_utf8(value).ok()?.split(':').next();
        }
        rest = rest.get(4 + length.next_multiple_of(4)..)?;
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn request(username: &[u8]) -> Vec<u8> {
        let mut bytes = vec![0, 1, 0, 0];
        bytes.extend(MAGIC_COOKIE);
        bytes.extend([7; 12]);
        bytes.extend([0x80, 0x22, 0, 3, b'a', b'b', b'c', 0]);
        bytes.extend([0, 6, 0, u8::try_from(username.len()).unwrap()]);
        bytes.extend(username);
        bytes
    }

    #[test]
    fn our_half_comes_first() {
        assert_eq!(local_ufrag(&request(b"ours:theirs")), Some("ours"));
    }

    proptest! {
        #[test]
        fn any_bytes_are_read_without_harm(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            let _ = local_ufrag(&bytes);
            let _ = local_ufrag(&request(&bytes[..bytes.len().min(200)]));
        }
    }
}
