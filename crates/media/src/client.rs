//! One browser's connection: its engine, its lines, and the streams sent to it.

use crate::admission::{Connection, OfferRefused, SEATS_MAX, Seat};
use crate::forward::{Numbers, Rewriter};
use crate::offer::{Checked, Identity, name_streams};
use crate::picture;
use crate::quality::{Kind, Quality};
use crate::rate::Rate;
use crate::sfu::{Transmit, Transport};
use std::collections::VecDeque;
use std::net::SocketAddr;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::{Duration, Instant};
use str0m::bwe::{Bitrate, BweKind};
use str0m::change::SdpOffer;
use str0m::config::CryptoProvider;
use str0m::format::{Codec, PayloadParams};
use str0m::media::{KeyframeRequestKind, MediaKind, Mid, Pt};
use str0m::net::{Protocol, Receive, TcpType};
use str0m::rtp::{ExtensionValues, RtpPacket, RtpWrite, Ssrc};
use str0m::{Candidate, Event, Input, Output, Rtc, RtcError};

/// Everyone else in a room.
const SLOTS_MAX: usize = SEATS_MAX - 1;
/// Outputs taken from an engine in one go; a video frame of many packets makes about 50.
const OUTPUTS_A_DRIVE_MAX: usize = 4096;
/// Times that an engine may ask to be called again at once.
const ROUNDS_A_DRIVE_MAX: usize = 8;
/// Packets that wait in one stream's queue before new pictures are dropped.
const QUEUED_PACKETS_MAX: usize = 512;
/// Source addresses remembered for one client (a phone changes networks).
const SOURCES_MAX: usize = 16;
/// The least time between two wishes for a whole picture that one sender is told of. Chromium makes none
/// sooner after another.
const WISH_INTERVAL: Duration = Duration::from_millis(300);
/// How soon the same wish is told again, the request or the picture being lost; doubled each time.
const ASK_AGAIN: Duration = Duration::from_millis(200);
/// How often one wish is told, over some 6 s. After that the receiver's own browser has to ask.
const ASKS_MAX: u32 = 6;
/// Where the estimate of a subscriber's line begins, and how far it is probed (bit/s).
const ESTIMATE_START: u64 = 800_000;
const ESTIMATE_WANTED: u64 = 2_500_000;
/// Bounds of what a sender is asked to keep to for its picture (bit/s).
const VIDEO_CAP_MIN: u64 = 150_000;
/// Kept free for sound before the picture gets any (bit/s).
const AUDIO_SHARE: u64 = 64_000;
/// How long a cap is left standing before it is repeated.
const CAP_REPEAT: Duration = Duration::from_secs(5);

/// Whom a connection belongs to.
pub(crate) enum Place {
    Room(Seat),
    /// A device check: its own packets come back to it.
    Echo(Box<Echo>),
}

pub(crate) struct Echo {
    pub(crate) device: String,
    pub(crate) until: Instant,
    pub(crate) quality: Quality,
    pub(crate) report_at: Instant,
}

/// How far a connection has come.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Line {
    Connecting,
    Up,
    Lost { since: Instant },
}

pub(crate) struct Client {
    pub(crate) place: Place,
    pub(crate) identity: Identity,
    pub(crate) ufrag: String,
    pub(crate) line: Line,
    pub(crate) created_at: Instant,
    pub(crate) heard_at: Instant,
    pub(crate) sources: VecDeque<(Transport, SocketAddr)>,
    /// Whether the physician let this person in; counters run only then.
    pub(crate) admitted: bool,
    /// Whom this client's packets go to, and into which of their slots.
    pub(crate) subscribers: Vec<(Connection, usize)>,
    /// Whose packets come to this client; the place in the list is the pair of lines.
    pub(crate) slots: Vec<Slot>,
    /// Whose packets come to this client now.
    pub(crate) publishers: Vec<Connection>,
    /// How much comes from this client.
    pub(crate) rate: Rate,
    pub(crate) deadline: Instant,
    /// The earliest time at which a timer for this client is set.
    pub(crate) timer_at: Option<Instant>,
    estimate: Option<u64>,
    rtc: Rtc,
    lines: Lines,
    keyframe: KeyframeWish,
    cap: Option<(u64, Instant)>,
}

/// A pair of lines toward this client, kept for one seat as long as its grant stands.
#[derive(Default)]
pub(crate) struct Slot {
    pub(crate) seat: Option<String>,
    audio: Rewriter,
    video: Rewriter,
}

/// The media lines of the connection, from our side.
#[derive(Default)]
struct Lines {
    audio_in: Option<Mid>,
    video_in: Option<Mid>,
    audio_out: Vec<LineOut>,
    video_out: Vec<LineOut>,
    opus: Option<Pt>,
    vp8: Option<Pt>,
}

/// A line toward the client. Until somebody's packets go into it, its stream is put away:
/// the engine would probe the network with padding there, and the page would take that
/// for a person. Once taken out it stays, for a stream that began anew under the same
/// source identifier would reuse SRTP packet indexes.
struct LineOut {
    mid: Mid,
    put_away: Option<(Ssrc, Option<Ssrc>)>,
}

/// A whole picture that somebody waits for: wished until it comes.
#[derive(Default)]
struct KeyframeWish {
    wanted: bool,
    /// Requests for the present wish so far.
    asks: u32,
    asked_at: Option<Instant>,
    /// For when a timer was last set.
    timer: Option<Instant>,
}

impl KeyframeWish {
    /// The earliest instant of the next request; none if there is no wish, or nobody was asked yet.
    fn again_at(&self) -> Option<Instant> {
        let pause = match self.asks {
            0 => WISH_INTERVAL,
            asks => ASK_AGAIN * 2_u32.pow(asks - 1),
        };
        self.asked_at.filter(|_| self.wanted).map(|at| at + pause)
    }

    /// The instant of the next request, if no timer was set for it yet.
    fn new_timer(&mut self) -> Option<Instant> {
        let at = self.again_at()?;
        (self.timer.replace(at) != Some(at)).then_some(at)
    }

    fn may_ask(&self, now: Instant) -> bool {
        self.wanted && self.again_at().is_none_or(|at| now >= at)
    }

    fn asked(&mut self, now: Instant) {
        self.asked_at = Some(now);
        self.asks += 1;
        if self.asks >= ASKS_MAX {
            self.end();
        }
    }

    fn end(&mut self) {
        self.wanted = false;
        self.asks = 0;
    }
}

/// What an engine tells about itself.
pub(crate) enum Happening {
    Connected,
    Packet(Kind, Box<RtpPacket>),
    /// The browser wants a whole picture in this slot.
    KeyframeWanted(usize),
    Closed,
    /// The engine failed; the connection must end.
    Failed {
        fingerprint: bool,
    },
}

impl Slot {
    fn give_to(&mut self, seat: Option<String>) {
        self.audio.pause();
        self.video.pause();
        self.seat = seat;
    }
}

impl Client {
    /// Answers a first offer.
    pub(crate) fn answer(
        place: Place,
        checked: Checked,
        addresses: &[SocketAddr],
        crypto: &Arc<CryptoProvider>,
        now: Instant,
    ) -> Result<(Self, String), OfferRefused> {
        let mut client = Self {
            place,
            identity: checked.identity,
            ufrag: String::new(),
            line: Line::Connecting,
            created_at: now,
            heard_at: now,
            sources: VecDeque::new(),
            admitted: false,
            subscribers: Vec::new(),
            slots: Vec::new(),
            publishers: Vec::new(),
            rate: Rate::new(now),
            deadline: now,
            timer_at: None,
            estimate: None,
            rtc: engine(addresses, crypto, now),
            lines: Lines::default(),
            keyframe: KeyframeWish::default(),
            cap: None,
        };
        let answer = client.accept(&checked.sdp, &checked.mids)?;
        if client.carries_anything() {
            Ok((client, answer))
        } else {
            Err(OfferRefused::Unsupported)
        }
    }

    /// Answers an offer of the same browser connection, an ICE restart.
    pub(crate) fn accept(&mut self, sdp: &str, mids: &[String]) -> Result<String, OfferRefused> {
        let offer = quietly(|| SdpOffer::from_sdp_string(sdp))
            .and_then(Result::ok)
            .ok_or(OfferRefused::Malformed)?;
        let rtc = &mut self.rtc;
        let answer = quietly(|| rtc.sdp_api().accept_offer(offer))
            .and_then(Result::ok)
            .ok_or(OfferRefused::Malformed)?;
        self.ufrag = self.rtc.direct_api().local_ice_credentials().ufrag;
        self.read_lines(mids);
        Ok(name_streams(&answer.to_sdp_string()))
    }

    /// Whether the offer had anything that we carry.
    fn carries_anything(&self) -> bool {
        let lines = &self.lines;
        lines.audio_in.is_some() || lines.video_in.is_some() || !lines.audio_out.is_empty()
    }

    /// Whether the engine itself vouches for a STUN request: right names, right integrity.
    pub(crate) fn vouches_for(&self, receive: Receive<'_>, now: Instant) -> bool {
        self.rtc.accepts(&Input::Receive(now, receive))
    }

    /// Hands a datagram to the engine and takes everything that comes of it.
    pub(crate) fn receive(
        &mut self,
        receive: Receive<'_>,
        now: Instant,
        sent: &mut VecDeque<Transmit>,
    ) -> Vec<Happening> {
        let received = |rtc: &mut Rtc| rtc.handle_input(Input::Receive(now, receive));
        self.act(received, now, sent)
    }

    /// Lets time pass in the engine.
    pub(crate) fn drive(&mut self, now: Instant, sent: &mut VecDeque<Transmit>) -> Vec<Happening> {
        self.act(|rtc| rtc.handle_input(Input::Timeout(now)), now, sent)
    }

    /// Tells the browser that this is the end.
    pub(crate) fn close(&mut self, now: Instant, sent: &mut VecDeque<Transmit>) {
        // Whatever still happens inside no longer matters.
        let _ = self.act(Rtc::close, now, sent);
    }

    /// Sends a packet into a slot. What cannot be sent is dropped: calls do not wait.
    pub(crate) fn write(
        &mut self,
        slot: usize,
        publisher: Connection,
        kind: Kind,
        packet: &RtpPacket,
        now: Instant,
    ) {
        if self.line != Line::Up {
            return;
        }
        let (lines, pt) = match kind {
            Kind::Audio => (&self.lines.audio_out, self.lines.opus),
            Kind::Video => (&self.lines.video_out, self.lines.vp8),
        };
        let (Some(mid), Some(pt)) = (lines.get(slot).map(|line| line.mid), pt) else {
            return;
        };
        let Some(slot) = self.slots.get_mut(slot) else {
            return;
        };
        let mut api = self.rtc.direct_api();
        let Some(stream) = api.stream_tx_by_mid(mid, None) else {
            return;
        };
        if kind == Kind::Video
            && stream
                .queue_info()
                .is_some_and(|q| q.packet_count() > QUEUED_PACKETS_MAX)
        {
            return;
        }
        let numbers = Numbers {
            publisher,
            kind,
            source: *packet.header.ssrc,
            sequence: *packet.seq_no,
            timestamp: packet.header.timestamp,
        };
        let rewriter = match kind {
            Kind::Audio => &mut slot.audio,
            Kind::Video => &mut slot.video,
        };
        let Some((sequence, timestamp)) = rewriter.rewrite(numbers, now) else {
            return;
        };
        stream.write_rtp(
            RtpWrite::new(
                pt,
                sequence.into(),
                timestamp,
                packet.timestamp,
                packet.payload.clone(),
            )
            .marker(packet.header.marker)
            .ext_vals(carried_extensions(&packet.header.ext_vals))
            .nackable(kind == Kind::Video),
        );
    }

    /// Frees the slots of everyone but these.
    pub(crate) fn keep_slots_of(&mut self, seats: &[String]) {
        let gone = |slot: &&mut Slot| slot.seat.as_ref().is_some_and(|seat| !seats.contains(seat));
        self.slots
            .iter_mut()
            .filter(gone)
            .for_each(|slot| slot.give_to(None));
    }

    /// The slot that shows a seat; a free one is taken if none does yet.
    pub(crate) fn slot_of(&mut self, seat: &str) -> Option<usize> {
        if let Some(slot) = self
            .slots
            .iter()
            .position(|s| s.seat.as_deref() == Some(seat))
        {
            return Some(slot);
        }
        let slot = self.slots.iter().position(|s| s.seat.is_none())?;
        self.slots.get_mut(slot)?.give_to(Some(seat.to_owned()));
        Some(slot)
    }

    pub(crate) fn want_keyframe(&mut self) {
        self.keyframe.wanted = true;
    }

    /// Asks the sender for a whole picture if one is wanted and the last request is not
    /// too fresh. True if the engine now has something to send.
    pub(crate) fn ask_keyframe(&mut self, now: Instant) -> bool {
        if !self.keyframe.may_ask(now) || self.line != Line::Up {
            return false;
        }
        let Some(mid) = self.lines.video_in else {
            return false;
        };
        let mut api = self.rtc.direct_api();
        // A sender of whom nothing came yet begins with a whole picture by itself.
        let Some(stream) = api.stream_rx_by_mid(mid, None) else {
            return false;
        };
        stream.request_keyframe(KeyframeRequestKind::Pli);
        self.keyframe.asked(now);
        true
    }

    /// Whether it is time to ask for a whole picture, for the first time or again.
    pub(crate) fn asks_now(&self, now: Instant) -> bool {
        self.keyframe.may_ask(now)
    }

    /// When to ask (again), if no timer was set for that yet.
    pub(crate) fn new_ask_timer(&mut self) -> Option<Instant> {
        self.keyframe.new_timer()
    }

    /// Looks whether a packet of this sender ends the wish for a whole picture.
    pub(crate) fn look_for_whole(&mut self, kind: Kind, payload: &[u8]) {
        if self.keyframe.wanted && kind == Kind::Video && picture::begins_whole(payload) {
            self.keyframe.end();
        }
    }

    /// What this client's line carries (bit/s). Nothing is sent on a line that is lost, and so it
    /// holds nobody's picture down.
    pub(crate) fn carries(&self) -> Option<u64> {
        self.estimate.filter(|_| self.line == Line::Up)
    }

    /// Asks the sender to keep its picture within what its subscribers' lines carry.
    /// True if the engine now has something to send.
    pub(crate) fn ask_cap(&mut self, estimate: u64, now: Instant) -> bool {
        let wanted = estimate
            .saturating_sub(AUDIO_SHARE)
            .clamp(VIDEO_CAP_MIN, ESTIMATE_WANTED);
        let stands =
            |(cap, at): (u64, Instant)| cap.abs_diff(wanted) < cap / 20 && now < at + CAP_REPEAT;
        if self.cap.is_some_and(stands) || self.line != Line::Up {
            return false;
        }
        let Some(mid) = self.lines.video_in else {
            return false;
        };
        let mut api = self.rtc.direct_api();
        let Some(stream) = api.stream_rx_by_mid(mid, None) else {
            return false;
        };
        stream.request_remb(Bitrate::bps(wanted));
        self.cap = Some((wanted, now));
        true
    }

    /// Remembers an address from which this client was proved to send; returns the one
    /// that had to be forgotten for it.
    pub(crate) fn remember(
        &mut self,
        source: (Transport, SocketAddr),
    ) -> Option<(Transport, SocketAddr)> {
        if self.sources.contains(&source) {
            return None;
        }
        self.sources.push_back(source);
        if self.sources.len() > SOURCES_MAX {
            self.sources.pop_front()
        } else {
            None
        }
    }

    /// Does something to the engine and takes all output, which str0m demands after
    /// every change. A failure or panic inside ends this one connection and no other.
    fn act(
        &mut self,
        act: impl FnOnce(&mut Rtc) -> Result<(), RtcError>,
        now: Instant,
        sent: &mut VecDeque<Transmit>,
    ) -> Vec<Happening> {
        let mut happened = Vec::new();
        let outcome = quietly(|| {
            act(&mut self.rtc)?;
            self.drain(now, sent, &mut happened)
        });
        match outcome {
            Some(Ok(())) => {}
            Some(Err(error)) if self.rtc.is_alive() && self.line == Line::Up => {
                // Something unreadable arrived on a line that works: not worth a call.
                tracing::debug!(%error, "media engine refused an input");
            }
            Some(Err(error)) => {
                // str0m has no variant of its own for this failure.
                let fingerprint =
                    matches!(&error, RtcError::RemoteSdp(text) if text.contains("fingerprint"));
                tracing::info!(%error, "media connection failed");
                happened.push(Happening::Failed { fingerprint });
            }
            None => {
                tracing::error!("media engine panicked; its connection ends");
                happened.push(Happening::Failed { fingerprint: false });
            }
        }
        happened
    }

    fn drain(
        &mut self,
        now: Instant,
        sent: &mut VecDeque<Transmit>,
        happened: &mut Vec<Happening>,
    ) -> Result<(), RtcError> {
        for _ in 0..ROUNDS_A_DRIVE_MAX {
            self.poll(sent, happened)?;
            if self.deadline > now {
                return Ok(());
            }
            self.rtc.handle_input(Input::Timeout(now))?;
        }
        self.poll(sent, happened)
    }

    fn poll(
        &mut self,
        sent: &mut VecDeque<Transmit>,
        happened: &mut Vec<Happening>,
    ) -> Result<(), RtcError> {
        for _ in 0..OUTPUTS_A_DRIVE_MAX {
            match self.rtc.poll_output()? {
                Output::Timeout(at) => {
                    self.deadline = at;
                    return Ok(());
                }
                Output::Transmit(transmit) => sent.push_back(Transmit {
                    transport: Transport::of(transmit.proto),
                    local: transmit.source,
                    remote: transmit.destination,
                    bytes: transmit.contents.into(),
                }),
                Output::Event(event) => happened.extend(self.note(event)),
            }
        }
        Ok(())
    }

    fn note(&mut self, event: Event) -> Option<Happening> {
        match event {
            Event::Connected => {
                self.probe();
                Some(Happening::Connected)
            }
            Event::RtpPacket(packet) => {
                let kind = self.lines.kind_of(packet.header.payload_type)?;
                Some(Happening::Packet(kind, Box::new(packet)))
            }
            Event::KeyframeRequest(request) => {
                let slot = self
                    .lines
                    .video_out
                    .iter()
                    .position(|line| line.mid == request.mid)?;
                Some(Happening::KeyframeWanted(slot))
            }
            Event::EgressBitrateEstimate(BweKind::Twcc { estimate, .. }) => {
                self.estimate = Some(estimate.as_u64());
                None
            }
            Event::Closed => Some(Happening::Closed),
            // str0m's events grow with every version; those not named do not concern us.
            _ => None,
        }
    }

    /// Learns from the answered offer which line is for what.
    fn read_lines(&mut self, mids: &[String]) {
        let config = self.rtc.codec_config();
        let codec = |codec| {
            config
                .find(|p| p.spec().codec == codec)
                .map(PayloadParams::pt)
        };
        let mut lines = Lines {
            opus: codec(Codec::Opus),
            vp8: codec(Codec::Vp8),
            ..Lines::default()
        };
        for mid in mids {
            let mid = Mid::from(mid.as_str());
            let Some(media) = self.rtc.media(mid) else {
                continue;
            };
            let (receives, sends) = (
                media.direction().is_receiving(),
                media.direction().is_sending(),
            );
            lines.add(
                media.kind(),
                mid,
                receives && !media.remote_pts().is_empty(),
                sends,
            );
        }
        for line in lines.audio_out.iter_mut().chain(&mut lines.video_out) {
            if !self.lines.in_use(line.mid) {
                line.put_away(&mut self.rtc);
            }
        }
        self.slots.resize_with(
            lines.audio_out.len().max(lines.video_out.len()),
            Slot::default,
        );
        self.lines = lines;
    }

    /// Makes a slot's lines ready to send.
    pub(crate) fn open(&mut self, slot: usize) {
        let lines = [
            self.lines.audio_out.get_mut(slot),
            self.lines.video_out.get_mut(slot),
        ];
        for line in lines.into_iter().flatten() {
            line.take_out(&mut self.rtc);
        }
        self.probe();
    }

    /// Has the engine find out how much the line carries, once there is something to carry.
    fn probe(&mut self) {
        let wanted = if self.lines.any_in_use() {
            ESTIMATE_WANTED
        } else {
            0
        };
        self.rtc
            .bwe()
            .set_bitrate(Bitrate::ZERO, Bitrate::bps(wanted));
    }
}

impl LineOut {
    fn put_away(&mut self, rtc: &mut Rtc) {
        let mut api = rtc.direct_api();
        let Some(stream) = api.stream_tx_by_mid(self.mid, None) else {
            return;
        };
        let (ssrc, rtx) = (stream.ssrc(), stream.rtx());
        api.remove_stream_tx(ssrc);
        self.put_away = Some((ssrc, rtx));
    }

    fn take_out(&mut self, rtc: &mut Rtc) {
        if let Some((ssrc, rtx)) = self.put_away.take() {
            rtc.direct_api()
                .declare_stream_tx(ssrc, rtx, self.mid, None);
        }
    }
}

impl Lines {
    fn add(&mut self, kind: MediaKind, mid: Mid, receives: bool, sends: bool) {
        let (line_in, lines_out) = match kind {
            MediaKind::Audio => (&mut self.audio_in, &mut self.audio_out),
            MediaKind::Video => (&mut self.video_in, &mut self.video_out),
        };
        if receives && line_in.is_none() {
            *line_in = Some(mid);
        }
        if sends && lines_out.len() < SLOTS_MAX {
            lines_out.push(LineOut {
                mid,
                put_away: None,
            });
        }
    }

    fn in_use(&self, mid: Mid) -> bool {
        self.outs()
            .any(|line| line.mid == mid && line.put_away.is_none())
    }

    fn any_in_use(&self) -> bool {
        self.outs().any(|line| line.put_away.is_none())
    }

    fn outs(&self) -> impl Iterator<Item = &LineOut> {
        self.audio_out.iter().chain(&self.video_out)
    }

    fn kind_of(&self, pt: Pt) -> Option<Kind> {
        if self.opus == Some(pt) {
            Some(Kind::Audio)
        } else if self.vp8 == Some(pt) {
            Some(Kind::Video)
        } else {
            None
        }
    }
}

fn engine(addresses: &[SocketAddr], crypto: &Arc<CryptoProvider>, now: Instant) -> Rtc {
    let mut rtc = Rtc::builder()
        .set_crypto_provider(crypto.clone())
        .set_rtp_mode(true)
        .set_ice_lite(true)
        .clear_codecs()
        .enable_opus(true, false)
        .enable_vp8(true)
        .enable_bwe(Some(Bitrate::bps(ESTIMATE_START)))
        .build(now);
    for address in addresses {
        let udp = Candidate::host(*address, "udp");
        let tcp = Candidate::builder()
            .tcp()
            .host(*address)
            .tcptype(TcpType::Passive)
            .build();
        for candidate in [udp, tcp].into_iter().flatten() {
            rtc.add_local_candidate(candidate);
        }
    }
    rtc
}

/// What a subscriber may learn of the sender's packet: how loud, and which way is up. All
/// other extensions belong to one hop only.
fn carried_extensions(values: &ExtensionValues) -> ExtensionValues {
    ExtensionValues {
        audio_level: values.audio_level,
        voice_activity: values.voice_activity,
        video_orientation: values.video_orientation,
        ..ExtensionValues::default()
    }
}

/// Runs the engine; nothing if it panicked. Its state is thrown away then, so that a
/// broken invariant cannot be met later.
fn quietly<T>(run: impl FnOnce() -> T) -> Option<T> {
    catch_unwind(AssertUnwindSafe(run)).ok()
}

impl Transport {
    pub(crate) fn of(protocol: Protocol) -> Self {
        match protocol {
            Protocol::Udp => Self::Udp,
            // We offer no other candidates than these two.
            Protocol::Tcp | Protocol::SslTcp | Protocol::Tls => Self::Tcp,
        }
    }

    pub(crate) fn protocol(self) -> Protocol {
        match self {
            Self::Udp => Protocol::Udp,
            Self::Tcp => Protocol::Tcp,
        }
    }
}
