//! Where a whole picture begins in a stream of VP8 packets: all that is ever read of a payload.

/// Of the descriptor's first byte (RFC 7741, section 4.2): more bytes follow it, a partition begins here, and which.
const EXTENDED: u8 = 0x80;
const STARTS: u8 = 0x10;
const PARTITION: u8 = 0x07;
/// Of the second byte, if there is one: which further bytes follow.
const PICTURE_ID: u8 = 0x80;
const LAYER_ZERO: u8 = 0x40;
const LAYER_OR_KEY: u8 = 0x30;
/// Of the picture's number: it takes two bytes.
const LONG_ID: u8 = 0x80;
/// Of the frame's own first byte (RFC 6386, section 9.1): it leans on earlier frames.
const LEANS: u8 = 0x01;

/// Whether a VP8 payload begins a whole picture (a key frame).
///
/// Frames that are encrypted end to end keep these bytes in the clear. Where they do not, the answer is
/// meaningless, and nothing but the number of requests for a whole picture depends on it.
pub(crate) fn begins_whole(payload: &[u8]) -> bool {
    begins(payload).unwrap_or(false)
}

/// Nothing if the payload ends too early.
fn begins(payload: &[u8]) -> Option<bool> {
    let mut bytes = payload.iter().copied();
    let first = bytes.next()?;
    if first & STARTS == 0 || first & PARTITION != 0 {
        return Some(false);
    }
    if first & EXTENDED != 0 {
        let more = bytes.next()?;
        if more & PICTURE_ID != 0 && bytes.next()? & LONG_ID != 0 {
            bytes.next()?;
        }
        if more & LAYER_ZERO != 0 {
            bytes.next()?;
        }
        if more & LAYER_OR_KEY != 0 {
            bytes.next()?;
        }
    }
    Some(bytes.next()? & LEANS == 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_first_packet_of_a_frame_that_leans_on_none_begins_a_whole_picture() {
        let rows: [(&[u8], bool, &str); 11] = [
            (&[], false, "nothing"),
            (&[0x10], false, "a descriptor alone"),
            (&[0x10, 0x00], true, "a key frame"),
            (&[0x10, 0x01], false, "a frame that leans on earlier ones"),
            (&[0x00, 0x00], false, "the middle of a frame"),
            (&[0x11, 0x00], false, "the second partition"),
            (&[0x90, 0x80, 0x05, 0x00], true, "with a short number"),
            (&[0x90, 0x80, 0x85, 0x05, 0x00], true, "with a long number"),
            (
                &[0x90, 0xe0, 0x85, 0x05, 0x01, 0x20, 0x00],
                true,
                "with everything, as Chromium sends it",
            ),
            (
                &[0x90, 0xe0, 0x85, 0x05, 0x01, 0x20, 0x01],
                false,
                "the same, leaning",
            ),
            (&[0x90, 0xe0, 0x85], false, "cut off"),
        ];
        for (payload, whole, what) in rows {
            assert_eq!(begins_whole(payload), whole, "{what}");
        }
    }
}
