//! Browsers as str0m clients, and a lossy network between them and the server, in virtual time.

mod line;
mod steady;

use line::Line;
use media::sfu::{Output as SfuOutput, Received, Sfu, Transport};
use media::{Notice, OfferRefused, Role, Seat};
use std::collections::VecDeque;
use std::net::SocketAddr;
use std::time::{Duration, Instant};
use str0m::change::{SdpAnswer, SdpPendingOffer};
use str0m::format::Codec;
use str0m::media::{Direction, KeyframeRequestKind, MediaKind, Mid};
use str0m::net::Receive;
use str0m::rtp::{RtpPacket, RtpWrite, Ssrc};
use str0m::{Candidate, Event, Input, Output, Rtc};

pub(crate) const ROOM: &str = "visit";
const STEP: Duration = Duration::from_millis(5);
const DELAY: Duration = Duration::from_millis(20);
const PAIRS: usize = 3;
/// The descriptor of a packet in which a VP8 frame begins, and first bytes of such frames.
const FRAME_STARTS: u8 = 0x10;
const WHOLE: u8 = 0x00;
const LEANS: u8 = 0x01;
/// Where a payload names its sender.
const MARK: usize = 3;
const PAYLOAD_BYTES: usize = 100;
/// Payload at most of one packet of a picture.
const PICTURE_BYTES_MAX: usize = 1100;
const PICTURES_A_SECOND: u64 = 25;

pub(crate) fn server_address() -> SocketAddr {
    SocketAddr::from(([192, 0, 2, 1], 3478))
}

pub(crate) fn seat(name: &str, role: Role, device: &str) -> Seat {
    Seat {
        room: ROOM.into(),
        seat: name.into(),
        role,
        device: device.into(),
    }
}

pub(crate) fn patient() -> Seat {
    seat("patient", Role::Patient, "phone")
}

pub(crate) fn physician() -> Seat {
    seat("physician", Role::Physician, "desk")
}

pub(crate) fn nurse() -> Seat {
    seat("nurse", Role::Other, "tablet")
}

pub(crate) fn specialist() -> Seat {
    seat("specialist", Role::Other, "laptop")
}

pub(crate) fn is_picture(packet: &RtpPacket) -> bool {
    packet.payload.get(2) == Some(&b'V')
}

/// What a party sends, every step of 20 ms for sound and 40 ms for the picture.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Sends {
    Nothing,
    Audio,
    AudioAndVideo,
    /// Packets without a payload on both tracks.
    Empty,
}

pub(crate) struct Party {
    pub(crate) rtc: Rtc,
    pub(crate) address: SocketAddr,
    pub(crate) sends: Sends,
    pub(crate) connected: bool,
    pub(crate) closed: bool,
    pub(crate) received: Vec<RtpPacket>,
    pub(crate) keyframes_asked: usize,
    /// Whether a whole picture follows a request; the first picture is whole anyway.
    pub(crate) obeys: bool,
    pub(crate) caps: Vec<u64>,
    /// Whether its pictures are as large as the last cap allows; otherwise they are small.
    pub(crate) heeds_caps: bool,
    pub(crate) line: Line,
    pub(crate) failed: Option<String>,
    pub(crate) audio_out: Mid,
    pub(crate) video_out: Mid,
    pub(crate) audio_in: Vec<Mid>,
    pub(crate) video_in: Vec<Mid>,
    pending: Option<SdpPendingOffer>,
    deadline: Instant,
    pub(crate) audio_sent: u64,
    pub(crate) video_sent: u64,
    frames_sent: u64,
    whole_due: bool,
}

pub(crate) struct Network {
    pub(crate) now: Instant,
    pub(crate) sfu: Sfu,
    pub(crate) parties: Vec<Party>,
    pub(crate) notices: Vec<Notice>,
    /// Packets of a thousand that the network loses, either way.
    pub(crate) loss_permille: u64,
    /// Every datagram the server sent, by receiver.
    pub(crate) sent_to: Vec<SocketAddr>,
    in_flight: VecDeque<(Instant, SocketAddr, SocketAddr, Vec<u8>)>,
    random: u64,
    started: Instant,
}

impl Network {
    pub(crate) fn new() -> Self {
        let now = Instant::now();
        Self {
            now,
            sfu: Sfu::new(vec![server_address()], now),
            parties: Vec::new(),
            notices: Vec::new(),
            loss_permille: 0,
            sent_to: Vec::new(),
            in_flight: VecDeque::new(),
            random: 7,
            started: now,
        }
    }

    /// A party with its own address, which has not offered yet.
    pub(crate) fn party(&mut self, sends: Sends) -> usize {
        let number = u8::try_from(self.parties.len()).unwrap() + 10;
        let address = SocketAddr::from(([198, 51, 100, number], 40_000));
        self.parties.push(Party::new(address, sends, self.now));
        self.parties.len() - 1
    }

    /// Makes an offer for a seat and sets the answer.
    pub(crate) fn join(&mut self, seat: Seat, sends: Sends) -> Result<usize, OfferRefused> {
        let party = self.party(sends);
        let offer = self.parties[party].offer();
        let answer = self.sfu.offer(seat, &offer, self.now)?;
        self.parties[party].set_answer(&answer);
        Ok(party)
    }

    pub(crate) fn join_echo(&mut self, device: &str, sends: Sends) -> usize {
        let party = self.party(sends);
        let offer = self.parties[party].offer();
        let answer = self.sfu.echo(device.into(), &offer, self.now).unwrap();
        self.parties[party].set_answer(&answer);
        party
    }

    /// Patient and physician, admitted and sending.
    pub(crate) fn call(patient_sends: Sends, physician_sends: Sends) -> (Self, usize, usize) {
        let mut network = Self::new();
        network
            .sfu
            .admit(ROOM, vec![physician(), patient()], network.now)
            .unwrap();
        let one = network.join(patient(), patient_sends).unwrap();
        let other = network.join(physician(), physician_sends).unwrap();
        (network, one, other)
    }

    /// Patient, physician, nurse and specialist, in this order, admitted and sending.
    pub(crate) fn call_of_four(sends: Sends) -> (Self, [usize; 4]) {
        let mut network = Self::new();
        let parties = network.four_join(sends);
        (network, parties)
    }

    pub(crate) fn four_join(&mut self, sends: Sends) -> [usize; 4] {
        let seats = [patient(), physician(), nurse(), specialist()];
        self.sfu.admit(ROOM, seats.to_vec(), self.now).unwrap();
        seats.map(|seat| self.join(seat, sends).unwrap())
    }

    pub(crate) fn run(&mut self, seconds: u64) {
        self.run_for(Duration::from_secs(seconds));
    }

    pub(crate) fn run_for(&mut self, time: Duration) {
        let end = self.now + time;
        while self.now < end {
            self.now += STEP;
            self.deliver();
            self.sfu.tick(self.now);
            self.take_from_server();
            let elapsed = self.now - self.started;
            for index in 0..self.parties.len() {
                self.parties[index].produce(elapsed, self.now);
                self.take_from_party(index);
            }
        }
    }

    fn deliver(&mut self) {
        while let Some((at, _, _, _)) = self.in_flight.front() {
            if *at > self.now {
                return;
            }
            let Some((_, source, target, bytes)) = self.in_flight.pop_front() else {
                return;
            };
            if target == server_address() {
                self.inject(source, &bytes);
            } else if let Some(index) = self
                .parties
                .iter()
                .position(|p| p.address == target && !p.closed)
            {
                self.parties[index].receive(source, &bytes, self.now);
                self.take_from_party(index);
            }
        }
    }

    /// Puts a datagram before the server as if it came from `source`.
    pub(crate) fn inject(&mut self, source: SocketAddr, bytes: &[u8]) -> bool {
        let received = Received {
            transport: Transport::Udp,
            source,
            local: server_address(),
            bytes,
        };
        let taken = self.sfu.receive(received, self.now);
        self.take_from_server();
        taken
    }

    pub(crate) fn take_from_server(&mut self) {
        while let Some(output) = self.sfu.poll() {
            match output {
                SfuOutput::Notice(notice) => self.notices.push(notice),
                SfuOutput::Transmit(transmit) => {
                    self.sent_to.push(transmit.remote);
                    self.carry(transmit.local, transmit.remote, transmit.bytes);
                }
            }
        }
    }

    fn take_from_party(&mut self, index: usize) {
        let now = self.now;
        for (target, bytes) in self.parties[index].drain(now) {
            let source = self.parties[index].address;
            self.carry(source, target, bytes);
        }
    }

    fn carry(&mut self, source: SocketAddr, target: SocketAddr, bytes: Vec<u8>) {
        self.random = self
            .random
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1);
        let chance = (self.random >> 33) % 1000;
        let ends = [source, target];
        let party = self.parties.iter_mut().find(|p| ends.contains(&p.address));
        let waits = match party {
            Some(party) if chance < party.line.loss_permille => None,
            Some(party) if party.address == target => party.line.queue(bytes.len(), self.now),
            Some(_) | None => Some(Duration::ZERO),
        };
        let Some(waits) = waits.filter(|_| chance >= self.loss_permille) else {
            return;
        };
        let at = self.now + DELAY + waits;
        let place = self.in_flight.partition_point(|(other, ..)| *other <= at);
        self.in_flight.insert(place, (at, source, target, bytes));
    }

    /// The party vanishes without a word.
    pub(crate) fn cut(&mut self, party: usize) {
        self.parties[party].closed = true;
    }

    pub(crate) fn noticed(&self, wanted: impl Fn(&Notice) -> bool) -> usize {
        self.notices.iter().filter(|n| wanted(n)).count()
    }
}

impl Party {
    pub(crate) fn new(address: SocketAddr, sends: Sends, now: Instant) -> Self {
        let mut rtc = Rtc::builder()
            .set_rtp_mode(true)
            .clear_codecs()
            .enable_opus(true, false)
            .enable_vp8(true)
            .build(now);
        rtc.add_local_candidate(Candidate::host(address, "udp").unwrap());
        let none = Mid::from("none");
        Self {
            rtc,
            address,
            sends,
            connected: false,
            closed: false,
            received: Vec::new(),
            keyframes_asked: 0,
            obeys: true,
            caps: Vec::new(),
            heeds_caps: false,
            line: Line::new(now),
            failed: None,
            audio_out: none,
            video_out: none,
            audio_in: Vec::new(),
            video_in: Vec::new(),
            pending: None,
            deadline: now,
            audio_sent: 0,
            video_sent: 0,
            frames_sent: 0,
            whole_due: true,
        }
    }

    /// The offer that the client contract in `lib.rs` describes.
    pub(crate) fn offer(&mut self) -> String {
        let mut api = self.rtc.sdp_api();
        self.audio_out = api.add_media(MediaKind::Audio, Direction::SendOnly, None, None, None);
        self.video_out = api.add_media(MediaKind::Video, Direction::SendOnly, None, None, None);
        for _ in 0..PAIRS {
            self.audio_in.push(api.add_media(
                MediaKind::Audio,
                Direction::RecvOnly,
                None,
                None,
                None,
            ));
            self.video_in.push(api.add_media(
                MediaKind::Video,
                Direction::RecvOnly,
                None,
                None,
                None,
            ));
        }
        let (offer, pending) = api.apply().unwrap();
        self.pending = Some(pending);
        offer.to_sdp_string()
    }

    pub(crate) fn restart_offer(&mut self) -> String {
        let mut api = self.rtc.sdp_api();
        api.ice_restart(true);
        let (offer, pending) = api.apply().unwrap();
        self.pending = Some(pending);
        offer.to_sdp_string()
    }

    pub(crate) fn set_answer(&mut self, answer: &str) {
        let answer = SdpAnswer::from_sdp_string(answer).unwrap();
        let pending = self.pending.take().unwrap();
        self.rtc.sdp_api().accept_answer(pending, answer).unwrap();
    }

    pub(crate) fn audio_received(&self) -> usize {
        self.received
            .iter()
            .filter(|p| p.payload.first() == Some(&b'A'))
            .count()
    }

    pub(crate) fn video_received(&self) -> usize {
        self.received.iter().filter(|p| is_picture(p)).count()
    }

    /// Says goodbye, as a page that is closed does.
    pub(crate) fn leave(&mut self, now: Instant) {
        self.rtc.close().unwrap();
        self.deadline = now;
    }

    /// What was received of another party.
    pub(crate) fn received_of<'a>(&'a self, other: &Self) -> impl Iterator<Item = &'a RtpPacket> {
        let mark = other.mark();
        self.received
            .iter()
            .filter(move |p| p.payload[MARK] == mark)
    }

    /// The receiving pair of lines to which a stream belongs.
    pub(crate) fn pair_of(&mut self, stream: Ssrc) -> Option<usize> {
        let mid = self.rtc.direct_api().stream_rx(&stream)?.mid();
        let in_pair = |(sound, picture): (&Mid, &Mid)| [sound, picture].contains(&&mid);
        self.audio_in.iter().zip(&self.video_in).position(in_pair)
    }

    /// Asks, as a browser that cannot decode does, for a whole picture in a pair.
    pub(crate) fn ask_whole(&mut self, pair: usize, now: Instant) {
        let mut api = self.rtc.direct_api();
        let stream = api.stream_rx_by_mid(self.video_in[pair], None).unwrap();
        stream.request_keyframe(KeyframeRequestKind::Pli);
        self.deadline = now;
    }

    /// How long after `since` the first whole picture came, if one has.
    pub(crate) fn whole_picture_after(&self, since: Instant) -> Option<Duration> {
        let whole = |p: &&RtpPacket| is_picture(p) && p.payload.get(1) == Some(&WHOLE);
        let first = self
            .received
            .iter()
            .filter(whole)
            .find(|p| p.timestamp >= since)?;
        Some(first.timestamp - since)
    }

    fn receive(&mut self, source: SocketAddr, bytes: &[u8], now: Instant) {
        let protocol = str0m::net::Protocol::Udp;
        let Ok(receive) = Receive::new(protocol, source, self.address, bytes) else {
            return;
        };
        if let Err(error) = self.rtc.handle_input(Input::Receive(now, receive)) {
            self.failed = Some(error.to_string());
        }
    }

    fn produce(&mut self, elapsed: Duration, now: Instant) {
        if self.closed || !self.connected || self.sends == Sends::Nothing {
            return;
        }
        let due = u64::try_from(elapsed.as_millis()).unwrap();
        if due % 20 == 0 {
            self.audio_sent += 1;
            let sound = self.marked(vec![b'A'; PAYLOAD_BYTES]);
            self.write(
                Codec::Opus,
                self.audio_sent,
                self.audio_sent * 960,
                sound,
                now,
            );
        }
        if due % 40 == 0 && self.sends != Sends::Audio {
            self.frames_sent += 1;
            for part in self.picture() {
                self.video_sent += 1;
                let part = self.marked(part);
                self.write(
                    Codec::Vp8,
                    self.video_sent,
                    self.frames_sent * 3600,
                    part,
                    now,
                );
            }
        }
    }

    fn write(&mut self, codec: Codec, sequence: u64, time: u64, payload: Vec<u8>, now: Instant) {
        let pt = self
            .rtc
            .codec_config()
            .find(|p| p.spec().codec == codec)
            .unwrap()
            .pt();
        let is_audio = codec == Codec::Opus;
        let mid = if is_audio {
            self.audio_out
        } else {
            self.video_out
        };
        let mut api = self.rtc.direct_api();
        let Some(stream) = api.stream_tx_by_mid(mid, None) else {
            return;
        };
        let time = u32::try_from(time).unwrap();
        let write = RtpWrite::new(pt, (sequence + 40_000).into(), time, now, payload);
        stream.write_rtp(write.marker(true).nackable(!is_audio));
        self.deadline = now;
    }

    /// A payload that tells whose it is; empty for who sends empty ones.
    fn marked(&self, mut payload: Vec<u8>) -> Vec<u8> {
        if self.sends == Sends::Empty {
            return Vec::new();
        }
        payload[MARK] = self.mark();
        payload
    }

    fn mark(&self) -> u8 {
        let SocketAddr::V4(address) = self.address else {
            return 0;
        };
        address.ip().octets()[3]
    }

    /// A VP8 frame in packets: the descriptor, the frame's first byte, and filling.
    fn picture(&mut self) -> Vec<Vec<u8>> {
        let whole = std::mem::take(&mut self.whole_due);
        let cap = self.caps.last().filter(|_| self.heeds_caps);
        let bytes = cap.map_or(PAYLOAD_BYTES, |cap| {
            usize::try_from(cap / 8 / PICTURES_A_SECOND).unwrap()
        });
        let count = bytes.div_ceil(PICTURE_BYTES_MAX);
        let mut parts = vec![vec![b'V'; bytes / count]; count];
        for part in &mut parts {
            part[..2].copy_from_slice(&[0, LEANS]);
        }
        parts[0][..2].copy_from_slice(&[FRAME_STARTS, if whole { WHOLE } else { LEANS }]);
        parts
    }

    fn drain(&mut self, now: Instant) -> Vec<(SocketAddr, Vec<u8>)> {
        let mut out = Vec::new();
        if self.closed {
            return out;
        }
        for _ in 0..10 {
            if self.deadline <= now && self.rtc.handle_input(Input::Timeout(now)).is_err() {
                return out;
            }
            loop {
                match self.rtc.poll_output() {
                    Ok(Output::Timeout(at)) => {
                        self.deadline = at;
                        break;
                    }
                    Ok(Output::Transmit(t)) => out.push((t.destination, t.contents.to_vec())),
                    Ok(Output::Event(event)) => self.note(event),
                    Err(error) => {
                        self.failed = Some(error.to_string());
                        return out;
                    }
                }
            }
            if self.deadline > now {
                break;
            }
        }
        out
    }

    fn note(&mut self, event: Event) {
        match event {
            Event::Connected => self.connected = true,
            Event::RtpPacket(packet) => self.received.push(packet),
            Event::KeyframeRequest(_) => {
                self.keyframes_asked += 1;
                self.whole_due |= self.obeys;
            }
            Event::EgressBitrateEstimate(str0m::bwe::BweKind::Remb { estimate, .. }) => {
                self.caps.push(estimate.as_u64());
            }
            Event::Closed => self.closed = true,
            _ => {}
        }
    }
}
