//! What an SDP offer may be before the engine reads it, and what the answer looks like.

use crate::admission::OfferRefused;
use std::fmt::Write;

/// Bytes at most of an offer. A browser's offer of eight lines has about 20,000.
pub(crate) const SDP_BYTES_MAX: usize = 64 * 1024;
/// Media lines at most: own sound and picture, and a pair for each other seat, with room to spare.
pub(crate) const MEDIA_LINES_MAX: usize = 12;

/// What tells one browser connection from another: a re-offer (ICE restart) keeps both
/// parts, a reload changes both.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Identity {
    fingerprint: String,
    session: String,
}

/// An offer that passed the checks, without the peer's candidates.
pub(crate) struct Checked {
    pub(crate) identity: Identity,
    /// The names of its media lines, in order.
    pub(crate) mids: Vec<String>,
    pub(crate) sdp: String,
}

/// Checks bounds and form, reads the identity, and drops the candidates: an ICE-lite
/// server learns addresses from the checks it receives, and must not be told whom to call.
pub(crate) fn check(sdp: &str) -> Result<Checked, OfferRefused> {
    if sdp.len() > SDP_BYTES_MAX {
        return Err(OfferRefused::TooLarge);
    }
    let mut media_lines = 0;
    let mut session = None;
    let mut fingerprints = Vec::new();
    let mut mids = Vec::new();
    let mut kept = String::with_capacity(sdp.len());
    for line in sdp.lines() {
        if let Some(media) = line.strip_prefix("m=") {
            media_lines += 1;
            check_media_line(media, media_lines)?;
        } else if let Some(origin) = line.strip_prefix("o=") {
            session = session.or_else(|| origin.split(' ').nth(1));
        } else if let Some(fingerprint) = line.strip_prefix("a=fingerprint:") {
            fingerprints.push(fingerprint.trim());
        } else if let Some(mid) = line.strip_prefix("a=mid:") {
            check_mid(mid, media_lines, mids.len())?;
            mids.push(mid.to_owned());
        } else if line.starts_with("a=simulcast:") || line.starts_with("a=rid:") {
            return Err(OfferRefused::Unsupported);
        }
        if !line.starts_with("a=candidate:") && !line.starts_with("a=end-of-candidates") {
            kept.push_str(line);
            kept.push_str("\r\n");
        }
    }
    let (Some(session), Some(fingerprint)) = (session, fingerprints.first()) else {
        return Err(OfferRefused::Malformed);
    };
    check_fingerprints(fingerprint, &fingerprints)?;
    let identity = Identity {
        fingerprint: (*fingerprint).to_owned(),
        session: session.to_owned(),
    };
    Ok(Checked {
        identity,
        mids,
        sdp: kept,
    })
}

/// One short name in each media line (RFC 5888); the engine holds 16 bytes.
fn check_mid(mid: &str, media_lines: usize, named: usize) -> Result<(), OfferRefused> {
    let plain = mid.len() <= 16 && mid.chars().all(|c| c.is_ascii_graphic());
    if plain && !mid.is_empty() && media_lines == named + 1 {
        Ok(())
    } else {
        Err(OfferRefused::Malformed)
    }
}

fn check_media_line(media: &str, count: usize) -> Result<(), OfferRefused> {
    if count > MEDIA_LINES_MAX {
        return Err(OfferRefused::TooLarge);
    }
    // Data channels would be a way past the counters; there is no use for them here.
    let carried = media.starts_with("audio ") || media.starts_with("video ");
    if carried {
        Ok(())
    } else {
        Err(OfferRefused::Unsupported)
    }
}

/// One certificate for the whole connection, named by SHA-256 (RFC 8122).
fn check_fingerprints(first: &str, all: &[&str]) -> Result<(), OfferRefused> {
    let sha256 = first
        .get(..8)
        .is_some_and(|hash| hash.eq_ignore_ascii_case("sha-256 "));
    let one = all.iter().all(|f| f.eq_ignore_ascii_case(first));
    if sha256 && one {
        Ok(())
    } else {
        Err(OfferRefused::Malformed)
    }
}

/// Names the streams of an answer: the k-th receiving audio line and the k-th receiving
/// video line become one stream `peer<k>`, so that browsers keep lips and voice together
/// (RFC 8830) and a page can tell the pairs apart.
pub(crate) fn name_streams(answer: &str) -> String {
    let mut named = String::with_capacity(answer.len());
    let (mut audio, mut video) = (0, 0);
    let mut in_video = false;
    let sections = answer
        .split_inclusive('\n')
        .fold(Vec::new(), |mut all: Vec<String>, line| {
            match all.last_mut() {
                Some(section) if !line.starts_with("m=") => section.push_str(line),
                _ => all.push(line.to_owned()),
            }
            all
        });
    for section in sections {
        let sends = ["a=sendonly", "a=sendrecv"]
            .iter()
            .any(|d| section.contains(d));
        let media = section.starts_with("m=");
        in_video = if media {
            section.starts_with("m=video")
        } else {
            in_video
        };
        let next = if in_video { &mut video } else { &mut audio };
        let number = *next;
        *next += usize::from(media && sends);
        for line in section.split_inclusive('\n') {
            if media && line.starts_with("a=msid:") {
                if sends {
                    let kind = if in_video { "video" } else { "audio" };
                    // Writing to a String cannot fail.
                    let _ = write!(named, "a=msid:peer{number} {kind}{number}\r\n");
                }
            } else {
                named.push_str(line);
            }
        }
    }
    named
}

#[cfg(test)]
mod tests {
    use super::*;

    const OFFER: &str = "v=0\r\no=- 42 2 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\n\
        a=fingerprint:sha-256 AA:BB\r\nm=audio 9 UDP/TLS/RTP/SAVPF 111\r\n\
        a=candidate:1 1 udp 1 192.0.2.1 9 typ host\r\na=mid:0\r\n";

    #[test]
    fn candidates_are_dropped_and_the_rest_is_kept() {
        let checked = check(OFFER).ok().unwrap();
        assert!(!checked.sdp.contains("192.0.2.1"));
        assert!(checked.sdp.contains("a=mid:0"));
    }

    #[test]
    fn a_reload_has_another_identity() {
        let first = check(OFFER).ok().unwrap().identity;
        let reload = check(&OFFER.replace("AA:BB", "AA:CC"))
            .ok()
            .unwrap()
            .identity;
        let other = check(&OFFER.replace("- 42 ", "- 43 "))
            .ok()
            .unwrap()
            .identity;
        assert!(first != reload && first != other);
    }

    #[test]
    fn what_we_do_not_carry_is_refused() {
        let refused = |sdp: &str| check(sdp).err();
        let data = format!("{OFFER}m=application 9 UDP/DTLS/SCTP webrtc-datachannel\r\n");
        assert_eq!(refused(&data), Some(OfferRefused::Unsupported));
        assert_eq!(
            refused(&format!("{OFFER}a=simulcast:send h;l\r\n")),
            Some(OfferRefused::Unsupported)
        );
        assert_eq!(
            refused(&OFFER.replace("sha-256", "sha-1")),
            Some(OfferRefused::Malformed)
        );
        assert_eq!(
            refused(&format!("{OFFER}a=fingerprint:sha-256 CC:DD\r\n")),
            Some(OfferRefused::Malformed)
        );
        assert_eq!(
            refused(&"x".repeat(SDP_BYTES_MAX + 1)),
            Some(OfferRefused::TooLarge)
        );
        let lines = "m=audio 9 UDP/TLS/RTP/SAVPF 111\r\n".repeat(MEDIA_LINES_MAX);
        assert_eq!(
            refused(&format!("{OFFER}{lines}")),
            Some(OfferRefused::TooLarge)
        );
        assert_eq!(refused(""), Some(OfferRefused::Malformed));
    }

    #[test]
    fn the_lines_of_a_pair_share_one_stream() {
        let answer = "v=0\r\na=msid-semantic:WMS x\r\nm=audio 9 X 1\r\na=recvonly\r\na=msid:a b\r\n\
            m=audio 9 X 1\r\na=sendonly\r\na=msid:c d\r\nm=video 9 X 2\r\na=sendonly\r\na=msid:e f\r\n\
            m=audio 9 X 1\r\na=sendonly\r\na=msid:g h\r\n";
        let named = name_streams(answer);
        let streams: Vec<&str> = named.lines().filter(|l| l.starts_with("a=msid:")).collect();
        assert_eq!(
            streams,
            [
                "a=msid:peer0 audio0",
                "a=msid:peer0 video0",
                "a=msid:peer1 audio1"
            ]
        );
    }
}
