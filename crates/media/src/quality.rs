//! What the server itself saw flow: counters per person and kind (clauses cl-1.6-ii-a, cl-2.1-iii-b).
//!
//! Only RTP packets with a payload, received from an admitted person, are counted. Nothing
//! that a browser claims about itself comes in here. The module is pure: time is an argument.
//!
//! Limit: a film replayed through a virtual camera is packets too; identity and
//! observation are the defence against that, not this count.

use crate::admission::Role;
use std::collections::{BTreeMap, VecDeque};
use std::time::{Duration, Instant};

/// Packets in a second from which sound counts as flowing: Opus in silence suppression
/// still sends one each 400 ms.
pub const AUDIO_PACKETS_A_SECOND_MIN: u32 = 2;
/// Frames in a second from which a picture counts as flowing at all.
pub const VIDEO_FRAMES_A_SECOND_MIN: u32 = 1;
/// Frames in a second under which the picture counts as poor.
pub const VIDEO_FRAMES_A_SECOND_GOOD: u32 = 5;
/// Packets lost of a thousand from which a second counts as poor.
pub const LOSS_PERMILLE_POOR: u32 = 100;
/// Seconds over which the "recent" figures run.
pub const RECENT_SECONDS: usize = 5;
/// A jump in sequence numbers larger than this is a new stream, not loss.
const SEQUENCE_JUMP_MAX: u64 = 3_000;

/// Sound or picture.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Kind {
    /// Sound (Opus).
    Audio,
    /// Picture (VP8).
    Video,
}

/// One RTP packet as the counters see it.
#[derive(Debug, Clone, Copy)]
pub struct Arrival {
    /// Sound or picture.
    pub kind: Kind,
    /// The stream's source identifier (RFC 3550).
    pub source: u32,
    /// Extended sequence number.
    pub sequence: u64,
    /// RTP timestamp; packets of one frame share it.
    pub timestamp: u32,
    /// Bytes of payload, without header and encryption.
    pub payload_bytes: usize,
}

/// What one person sent of one kind since the room was made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Flow {
    /// RTP packets with a payload.
    pub packets: u64,
    /// Bytes of payload.
    pub bytes: u64,
    /// Packets that never came, even after retransmission.
    pub lost: u64,
    /// Seconds in which this kind flowed.
    pub seconds: u32,
    /// Packets a second, over the last [`RECENT_SECONDS`].
    pub packets_a_second: u32,
    /// Frames a second, over the last [`RECENT_SECONDS`]; for sound the same as packets.
    pub frames_a_second: u32,
    /// Packets lost of a thousand, over the last [`RECENT_SECONDS`].
    pub loss_permille: u32,
    /// Seconds in a row, up to now, in which this kind was poor: too few frames or
    /// packets, or too much loss. Counts from the first packet of the person on.
    pub poor_seconds: u32,
}

/// The figures of one person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SeatMeasure {
    /// The person.
    pub seat: String,
    /// What the person is here.
    pub role: Role,
    /// Sound sent.
    pub audio: Flow,
    /// Picture sent.
    pub video: Flow,
}

/// The figures of a room. They start at zero when the room is made and when the program
/// starts; who stores them adds up.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Measure {
    /// Everyone who sent anything after being admitted, in order of name.
    pub seats: Vec<SeatMeasure>,
    /// Seconds in which sound flowed from patient and physician, and the patient's picture.
    pub two_way_seconds: u32,
    /// Seconds in which sound flowed from patient and physician.
    pub two_way_audio_seconds: u32,
    /// Seconds of `two_way_seconds` in which the physician's picture flowed too.
    pub both_pictures_seconds: u32,
    /// Whether the patient's picture flowed in the last full second.
    pub patient_video_now: bool,
    /// Whether the patient's sound flowed in the last full second.
    pub patient_audio_now: bool,
    /// Seconds in a row, up to now, in which the patient's picture or sound was poor.
    pub patient_poor_seconds: u32,
}

/// Counts the packets of one room, second by second.
pub struct Quality {
    second_started: Instant,
    seats: BTreeMap<String, Counted>,
    two_way_seconds: u32,
    two_way_audio_seconds: u32,
    both_pictures_seconds: u32,
    patient_poor_seconds: u32,
}

struct Counted {
    role: Role,
    audio: Counter,
    video: Counter,
}

#[derive(Default)]
struct Counter {
    total: Flow,
    now: Second,
    recent: VecDeque<Second>,
    stream: Option<Stream>,
}

/// One second of one flow.
#[derive(Debug, Clone, Copy, Default)]
struct Second {
    packets: u32,
    frames: u32,
    expected: u32,
}

/// Where the stream that is being received stands.
#[derive(Clone, Copy)]
struct Stream {
    source: u32,
    highest: u64,
    timestamp: u32,
}

impl Quality {
    /// Starts counting.
    pub fn new(now: Instant) -> Self {
        Self {
            second_started: now,
            seats: BTreeMap::new(),
            two_way_seconds: 0,
            two_way_audio_seconds: 0,
            both_pictures_seconds: 0,
            patient_poor_seconds: 0,
        }
    }

    /// Counts a packet received from an admitted person. Empty ones do not count.
    pub fn count(&mut self, seat: &str, role: Role, arrival: Arrival, now: Instant) {
        self.roll(now);
        if arrival.payload_bytes == 0 {
            if let Some(counted) = self.seats.get_mut(seat) {
                counted.counter(arrival.kind).skip(arrival);
            }
            return;
        }
        if !self.seats.contains_key(seat) {
            let counted = Counted {
                role,
                audio: Counter::default(),
                video: Counter::default(),
            };
            self.seats.insert(seat.to_owned(), counted);
        }
        if let Some(counted) = self.seats.get_mut(seat) {
            counted.counter(arrival.kind).count(arrival);
        }
    }

    /// The figures as of `now`, full seconds only.
    pub fn measure(&mut self, now: Instant) -> Measure {
        self.roll(now);
        let seat = |(name, counted): (&String, &Counted)| SeatMeasure {
            seat: name.clone(),
            role: counted.role,
            audio: counted.audio.flow(),
            video: counted.video.flow(),
        };
        Measure {
            seats: self.seats.iter().map(seat).collect(),
            two_way_seconds: self.two_way_seconds,
            two_way_audio_seconds: self.two_way_audio_seconds,
            both_pictures_seconds: self.both_pictures_seconds,
            patient_video_now: self
                .of(Role::Patient)
                .any(|c| flows(Kind::Video, c.video.last())),
            patient_audio_now: self
                .of(Role::Patient)
                .any(|c| flows(Kind::Audio, c.audio.last())),
            patient_poor_seconds: self.patient_poor_seconds,
        }
    }

    fn of(&self, role: Role) -> impl Iterator<Item = &Counted> {
        self.seats.values().filter(move |c| c.role == role)
    }

    /// Closes every second that is over. A gap longer than the recent window holds
    /// nothing but silence, so the loop is bounded by the window.
    fn roll(&mut self, now: Instant) {
        let over = now.saturating_duration_since(self.second_started).as_secs();
        for _ in 0..over.min(RECENT_SECONDS as u64 + 1) {
            self.close_second();
        }
        let silent =
            u32::try_from(over.saturating_sub(RECENT_SECONDS as u64 + 1)).unwrap_or(u32::MAX);
        self.silence(silent);
        self.second_started += Duration::from_secs(over);
    }

    fn close_second(&mut self) {
        for counted in self.seats.values_mut() {
            counted.audio.close_second(Kind::Audio);
            counted.video.close_second(Kind::Video);
        }
        let sound = |role| self.of(role).any(|c| flows(Kind::Audio, c.audio.last()));
        let picture = |role| self.of(role).any(|c| flows(Kind::Video, c.video.last()));
        let two_way_audio = sound(Role::Patient) && sound(Role::Physician);
        let two_way = two_way_audio && picture(Role::Patient);
        let both_pictures = two_way && picture(Role::Physician);
        let poor = self.of(Role::Patient).any(Counted::is_poor);
        self.two_way_audio_seconds += u32::from(two_way_audio);
        self.two_way_seconds += u32::from(two_way);
        self.both_pictures_seconds += u32::from(both_pictures);
        self.patient_poor_seconds = if poor {
            self.patient_poor_seconds.saturating_add(1)
        } else {
            0
        };
    }

    /// Adds seconds in which nobody sent anything.
    fn silence(&mut self, seconds: u32) {
        if seconds == 0 {
            return;
        }
        for counted in self.seats.values_mut() {
            for total in [&mut counted.audio.total, &mut counted.video.total] {
                total.poor_seconds = total.poor_seconds.saturating_add(seconds);
            }
        }
        if self.of(Role::Patient).next().is_some() {
            self.patient_poor_seconds = self.patient_poor_seconds.saturating_add(seconds);
        }
    }
}

impl Counted {
    fn counter(&mut self, kind: Kind) -> &mut Counter {
        match kind {
            Kind::Audio => &mut self.audio,
            Kind::Video => &mut self.video,
        }
    }

    fn is_poor(&self) -> bool {
        self.audio.total.poor_seconds > 0 || self.video.total.poor_seconds > 0
    }
}

impl Counter {
    fn count(&mut self, arrival: Arrival) {
        self.total.packets += 1;
        self.total.bytes += arrival.payload_bytes as u64;
        self.now.packets += 1;
        let (ahead, new_frame) = self.advance(arrival);
        self.now.expected = self.now.expected.saturating_add(ahead);
        self.now.frames += u32::from(new_frame);
    }

    /// Takes note of an empty packet, so that its number is not taken for a loss.
    fn skip(&mut self, arrival: Arrival) {
        if self.stream.is_some_and(|s| s.continues(arrival)) {
            let (ahead, _) = self.advance(arrival);
            self.now.expected = self.now.expected.saturating_add(ahead.saturating_sub(1));
        }
    }

    /// How many packets were due up to this one, and whether it begins a frame.
    fn advance(&mut self, arrival: Arrival) -> (u32, bool) {
        let fresh = Stream {
            source: arrival.source,
            highest: arrival.sequence,
            timestamp: arrival.timestamp,
        };
        let Some(stream) = self.stream.as_mut().filter(|s| s.continues(arrival)) else {
            self.stream = Some(fresh);
            return (1, true);
        };
        let ahead = arrival.sequence.saturating_sub(stream.highest);
        let new_frame = ahead > 0 && stream.timestamp != arrival.timestamp;
        if ahead > 0 {
            *stream = fresh;
        }
        (u32::try_from(ahead).unwrap_or(u32::MAX), new_frame)
    }

    fn close_second(&mut self, kind: Kind) {
        let second = std::mem::take(&mut self.now);
        let lost = second.expected.saturating_sub(second.packets);
        self.total.lost += u64::from(lost);
        self.total.seconds += u32::from(flows(kind, second));
        let poor = is_poor(kind, second);
        self.total.poor_seconds = if poor {
            self.total.poor_seconds.saturating_add(1)
        } else {
            0
        };
        if self.recent.len() >= RECENT_SECONDS {
            self.recent.pop_front();
        }
        self.recent.push_back(second);
    }

    fn last(&self) -> Second {
        self.recent.back().copied().unwrap_or_default()
    }

    fn flow(&self) -> Flow {
        let seconds = u32::try_from(self.recent.len()).unwrap_or(1).max(1);
        let packets: u32 = self.recent.iter().map(|s| s.packets).sum();
        let frames: u32 = self.recent.iter().map(|s| s.frames).sum();
        let expected: u32 = self.recent.iter().map(|s| s.expected).sum();
        Flow {
            packets_a_second: packets / seconds,
            frames_a_second: frames / seconds,
            loss_permille: permille(expected.saturating_sub(packets), expected),
            ..self.total
        }
    }
}

impl Stream {
    fn continues(&self, arrival: Arrival) -> bool {
        self.source == arrival.source
            && self.highest.abs_diff(arrival.sequence) <= SEQUENCE_JUMP_MAX
    }
}

fn flows(kind: Kind, second: Second) -> bool {
    match kind {
        Kind::Audio => second.packets >= AUDIO_PACKETS_A_SECOND_MIN,
        Kind::Video => second.frames >= VIDEO_FRAMES_A_SECOND_MIN,
    }
}

fn is_poor(kind: Kind, second: Second) -> bool {
    let lost = second.expected.saturating_sub(second.packets);
    let lossy = permille(lost, second.expected) >= LOSS_PERMILLE_POOR;
    let slow = match kind {
        Kind::Audio => second.packets < AUDIO_PACKETS_A_SECOND_MIN,
        Kind::Video => second.frames < VIDEO_FRAMES_A_SECOND_GOOD,
    };
    lossy || slow
}

fn permille(part: u32, whole: u32) -> u32 {
    let share = u64::from(part) * 1000 / u64::from(whole.max(1));
    u32::try_from(share).unwrap_or(1000)
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Room {
        quality: Quality,
        start: Instant,
        sequences: BTreeMap<(String, Kind), u64>,
    }

    impl Room {
        fn new() -> Self {
            let start = Instant::now();
            Self {
                quality: Quality::new(start),
                start,
                sequences: BTreeMap::new(),
            }
        }

        fn at(&self, millis: u64) -> Instant {
            self.start + Duration::from_millis(millis)
        }

        /// Sends at even distances during whole seconds.
        fn send(
            &mut self,
            seat: &str,
            role: Role,
            kind: Kind,
            a_second: u64,
            seconds: std::ops::Range<u64>,
        ) {
            for second in seconds {
                for n in 0..a_second {
                    self.packet(seat, role, kind, second * 1000 + n * 1000 / a_second, 100);
                }
            }
        }

        fn packet(
            &mut self,
            seat: &str,
            role: Role,
            kind: Kind,
            millis: u64,
            payload_bytes: usize,
        ) {
            let sequence = self.sequences.entry((seat.into(), kind)).or_default();
            *sequence += 1;
            let arrival = Arrival {
                kind,
                source: 1,
                sequence: *sequence,
                timestamp: u32::try_from(*sequence).unwrap(),
                payload_bytes,
            };
            let now = self.at(millis);
            self.quality.count(seat, role, arrival, now);
        }

        fn measure(&mut self, millis: u64) -> Measure {
            let now = self.at(millis);
            self.quality.measure(now)
        }
    }

    /// One second of everyone, interleaved, since time only goes forward.
    fn everyone(room: &mut Room, second: u64, picture: bool) {
        for n in 0..10 {
            let at = second * 1000 + n * 100;
            room.packet("d", Role::Physician, Kind::Audio, at, 50);
            room.packet("p", Role::Patient, Kind::Audio, at, 50);
            if picture {
                room.packet("p", Role::Patient, Kind::Video, at, 900);
            }
        }
    }

    #[test]
    fn two_way_needs_both_voices_and_the_patients_picture() {
        let mut room = Room::new();
        for second in 0..10 {
            everyone(&mut room, second, second >= 5);
        }
        let measure = room.measure(10_000);
        assert_eq!(
            (measure.two_way_audio_seconds, measure.two_way_seconds),
            (10, 5)
        );
        assert_eq!(measure.both_pictures_seconds, 0);
        assert!(measure.patient_video_now);
    }

    #[test]
    fn empty_packets_do_not_count() {
        let mut room = Room::new();
        for n in 0..100 {
            room.packet("p", Role::Patient, Kind::Video, n * 100, 0);
        }
        assert_eq!(room.measure(10_000), Measure::default());
    }

    #[test]
    fn a_picture_that_stopped_is_not_now() {
        let mut room = Room::new();
        everyone(&mut room, 0, true);
        assert!(room.measure(1_000).patient_video_now);
        assert!(!room.measure(2_000).patient_video_now);
    }

    #[test]
    fn two_frames_a_second_are_poor_for_as_long_as_they_last() {
        let mut room = Room::new();
        room.send("p", Role::Patient, Kind::Video, 2, 0..120);
        let measure = room.measure(120_000);
        assert_eq!(measure.patient_poor_seconds, 120);
        assert_eq!(measure.seats[0].video.frames_a_second, 2);
    }

    #[test]
    fn a_long_silence_is_poor_and_costs_no_loop() {
        let mut room = Room::new();
        everyone(&mut room, 0, true);
        let measure = room.measure(1_000_000);
        assert_eq!(measure.patient_poor_seconds, 999);
        assert_eq!(measure.two_way_seconds, 1);
    }

    #[test]
    fn loss_is_counted_from_sequence_numbers() {
        let mut room = Room::new();
        for second in 0..3_u64 {
            for n in 0..100 {
                *room.sequences.entry(("p".into(), Kind::Video)).or_default() +=
                    u64::from(n % 5 == 0);
                room.packet("p", Role::Patient, Kind::Video, second * 1000 + n * 10, 900);
            }
        }
        let video = room.measure(3_000).seats[0].video;
        assert!(
            (160..=170).contains(&video.loss_permille),
            "{}",
            video.loss_permille
        );
        assert_eq!(video.poor_seconds, 3);
    }
}
