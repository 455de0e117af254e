//! What the media server pays for a packet: `forward_cost ROOMS SECONDS [PEOPLE]`, one line of JSON.
//!
//! `floor` is the least that forwarding costs: receive, open, seal, send, the same sizes, on one thread. `direct` is
//! what the clients see without a server between them, `server` with it. Each room holds two clients; each sends 100
//! packets of a picture and 50 of sound a second. CPU is that of the media thread alone, by the kernel's count. With
//! PEOPLE, `crowd` is the same with so many in each room, who send so much less of a picture that everyone receives as
//! much of pictures as one of two does; `each` and `room` are its CPU for a packet and for a room in proportion to two.

#![expect(
    clippy::print_stdout,
    reason = "a measuring program prints what it measured"
)]

use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, Nonce, UnboundKey};
use media::{Media, Role, Seat, Settings};
use mio::{Events, Interest, Poll, Token, net::UdpSocket};
use std::{
    error::Error,
    fs,
    io::ErrorKind,
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    thread,
    time::{Duration, Instant},
};
use str0m::{
    Candidate, Event, Input, Output, Rtc,
    change::{SdpAnswer, SdpOffer, SdpPendingOffer},
    format::Codec,
    media::{Direction, MediaKind, Mid, Pt},
    net::{Protocol, Receive},
    rtp::RtpWrite,
};

type Done<T> = Result<T, Box<dyn Error>>;

const USAGE: &str = "forward_cost ROOMS SECONDS [PEOPLE]";
const PEOPLE: [(&str, Role); 4] = [
    ("patient", Role::Patient),
    ("physician", Role::Physician),
    ("nurse", Role::Other),
    ("specialist", Role::Other),
];
const PAIRS: usize = 3;
const PICTURE_EVERY: Duration = Duration::from_millis(10);
const SOUND_EVERY: Duration = Duration::from_millis(20);
const PICTURE_BYTES: usize = 1150;
const SOUND_BYTES: usize = 100;
/// RTP header, extensions and authentication tag, about.
const AROUND_BYTES: usize = 40;
const WARM_UP: Duration = Duration::from_secs(2);
/// After the window, for what is still on its way.
const COME_IN: Duration = Duration::from_millis(500);
const CONNECT_MAX: Duration = Duration::from_secs(20);
const FLOOR: Duration = Duration::from_secs(2);
/// Datagrams on their way at most, so that none is lost.
const WINDOW: u64 = 64;
const TURNS_MAX: usize = 16;
/// What our packets carry at their eighth byte.
const MARK: &[u8] = b"ONSH";

fn main() -> Done<()> {
    let mut words = std::env::args().skip(1);
    let rooms: usize = words.next().ok_or(USAGE)?.parse()?;
    let window = Duration::from_secs(words.next().ok_or(USAGE)?.parse()?);
    let people: Option<usize> = words.next().map(|word| word.parse()).transpose()?;
    let floor = floor()?;
    let direct = Load::direct(rooms)?.run(window)?;
    let server = Load::server(rooms, 2)?.run(window)?;
    let crowd = match people {
        Some(people) => Load::server(rooms, people)?
            .run(window)?
            .beside(people, &server),
        None => String::new(),
    };
    println!(
        "{{\"rooms\":{rooms},\"floor_us\":{floor},\"direct\":{},\"server\":{}{crowd}}}",
        direct.json, server.json
    );
    Ok(())
}

/// What a load cost, and all that was seen of it.
struct Cost {
    packet_us: f64,
    cores: f64,
    json: String,
}

impl Cost {
    /// As part of a line of JSON, in proportion to the same number of rooms of two.
    fn beside(&self, people: usize, two: &Self) -> String {
        let (each, room) = (self.packet_us / two.packet_us, self.cores / two.cores);
        format!(
            ",\"people\":{people},\"each\":{each:.2},\"room\":{room:.2},\"crowd\":{}",
            self.json
        )
    }
}

// ---- the floor -----------------------------------------------------------------------------------------

/// Microseconds of one thread's CPU for a packet: receive, open, seal, send.
fn floor() -> Done<f64> {
    let (own, sink) = (
        std::net::UdpSocket::bind("127.0.0.1:0")?,
        std::net::UdpSocket::bind("127.0.0.1:0")?,
    );
    own.set_read_timeout(Some(Duration::from_millis(50)))?;
    let (to, goal) = (own.local_addr()?, sink.local_addr()?);
    let (stop, taken) = (
        Arc::new(AtomicBool::new(false)),
        Arc::new(AtomicU64::new(0)),
    );
    let (stop_there, taken_there) = (Arc::clone(&stop), Arc::clone(&taken));
    let source = thread::spawn(move || blast(to, &stop_there, &taken_there));
    let cost = forward(&own, goal, &taken);
    stop.store(true, Ordering::Relaxed);
    source.join().map_err(|_| "the source ended badly")??;
    cost
}

fn forward(own: &std::net::UdpSocket, goal: SocketAddr, taken: &AtomicU64) -> Done<f64> {
    let key = LessSafeKey::new(UnboundKey::new(&AES_256_GCM, &[3; 32]).map_err(|_| "no key")?);
    let mut sealed = vec![5; PICTURE_BYTES];
    key.seal_in_place_append_tag(nonce(0), Aad::empty(), &mut sealed)
        .map_err(|_| "not sealed")?;
    let mut sealed_small = vec![5; SOUND_BYTES];
    key.seal_in_place_append_tag(nonce(0), Aad::empty(), &mut sealed_small)
        .map_err(|_| "not sealed")?;
    let (mut buffer, mut plain, mut packets) = ([0; 2048], Vec::new(), 0_u32);
    let (began, cpu) = (Instant::now(), cpu_ns("/proc/thread-self")?);
    while began.elapsed() < FLOOR {
        let Ok((length, _)) = own.recv_from(&mut buffer) else {
            continue;
        };
        let content = if length > PICTURE_BYTES {
            &sealed
        } else {
            &sealed_small
        };
        plain.clear();
        plain.extend_from_slice(content);
        let opened = key
            .open_in_place(nonce(0), Aad::empty(), &mut plain)
            .map_err(|_| "not opened")?;
        packets += 1;
        let tag = key
            .seal_in_place_separate_tag(nonce(packets), Aad::empty(), opened)
            .map_err(|_| "not sealed")?;
        std::hint::black_box(&tag);
        own.send_to(buffer.get(..length).unwrap_or_default(), goal)?;
        taken.store(packets.into(), Ordering::Relaxed);
    }
    Ok((cpu_ns("/proc/thread-self")? - cpu) / 1000.0 / f64::from(packets.max(1)))
}

fn nonce(number: u32) -> Nonce {
    let mut bytes = [0; 12];
    for (byte, value) in bytes.iter_mut().zip(number.to_be_bytes()) {
        *byte = value;
    }
    Nonce::assume_unique_for_key(bytes)
}

/// Sends two packets of a picture to one of sound, as the clients do.
fn blast(to: SocketAddr, stop: &AtomicBool, taken: &AtomicU64) -> std::io::Result<()> {
    let socket = std::net::UdpSocket::bind("127.0.0.1:0")?;
    let (picture, sound) = (
        vec![7; PICTURE_BYTES + AROUND_BYTES],
        vec![7; SOUND_BYTES + AROUND_BYTES],
    );
    let mut sent = 0_u64;
    while !stop.load(Ordering::Relaxed) {
        if sent.saturating_sub(taken.load(Ordering::Relaxed)) > WINDOW {
            thread::yield_now();
            continue;
        }
        let datagram = if sent % 3 == 2 { &sound } else { &picture };
        socket.send_to(datagram, to)?;
        sent += 1;
    }
    Ok(())
}

// ---- the clients ---------------------------------------------------------------------------------------

struct Client {
    rtc: Rtc,
    socket: UdpSocket,
    address: SocketAddr,
    picture: Line,
    sound: Line,
    deadline: Instant,
    connected: bool,
}

/// One of a client's sending tracks.
struct Line {
    mid: Mid,
    pt: Pt,
    bytes: usize,
    every: Duration,
    /// RTP clock ticks between two packets.
    ticks: u64,
    sent: u64,
    next: Instant,
}

impl Client {
    /// `number` spreads the clients over time, so that they do not send all at once. A line that carries several
    /// pictures carries as much as with one, as the server asks of browsers.
    fn new(number: usize, pictures: u32) -> Done<Self> {
        let socket = UdpSocket::bind("127.0.0.1:0".parse()?)?;
        let (address, now) = (socket.local_addr()?, Instant::now());
        let mut rtc = Rtc::builder()
            .set_rtp_mode(true)
            .clear_codecs()
            .enable_opus(true, false)
            .enable_vp8(true)
            .build(now);
        rtc.add_local_candidate(Candidate::host(address, "udp")?);
        let pt = |codec| {
            rtc.codec_config()
                .find(|params| params.spec().codec == codec)
                .map(str0m::format::PayloadParams::pt)
        };
        let (vp8, opus) = (
            pt(Codec::Vp8).ok_or("no VP8")?,
            pt(Codec::Opus).ok_or("no Opus")?,
        );
        let next = now + Duration::from_micros(u64::try_from(number)? * 1_237 % 20_000);
        let line = |pt, bytes, every, ticks| Line {
            mid: Mid::from("none"),
            pt,
            bytes,
            every,
            ticks,
            sent: 0,
            next,
        };
        Ok(Self {
            picture: line(
                vp8,
                PICTURE_BYTES,
                PICTURE_EVERY * pictures,
                900 * u64::from(pictures),
            ),
            sound: line(opus, SOUND_BYTES, SOUND_EVERY, 960),
            rtc,
            socket,
            address,
            deadline: now,
            connected: false,
        })
    }

    /// An offer with own sound and picture, and as many receiving pairs.
    fn offer(&mut self, own: Direction, pairs: usize) -> Done<(SdpOffer, SdpPendingOffer)> {
        let mut api = self.rtc.sdp_api();
        let mut add = |kind, direction| api.add_media(kind, direction, None, None, None);
        self.sound.mid = add(MediaKind::Audio, own);
        self.picture.mid = add(MediaKind::Video, own);
        for _ in 0..pairs {
            add(MediaKind::Audio, Direction::RecvOnly);
            add(MediaKind::Video, Direction::RecvOnly);
        }
        api.apply().ok_or_else(|| "nothing to offer".into())
    }

    fn read(&mut self, now: Instant, seen: &mut Seen) -> Done<()> {
        let mut buffer = [0; 2048];
        loop {
            let (length, from) = match self.socket.recv_from(&mut buffer) {
                Ok(read) => read,
                Err(error) if error.kind() == ErrorKind::WouldBlock => return Ok(()),
                Err(error) => return Err(error.into()),
            };
            let bytes = buffer.get(..length).unwrap_or_default();
            if let Ok(packet) = Receive::new(Protocol::Udp, from, self.address, bytes) {
                self.rtc.handle_input(Input::Receive(now, packet))?;
                self.drain(now, seen)?;
            }
        }
    }

    fn drain(&mut self, now: Instant, seen: &mut Seen) -> Done<()> {
        for _ in 0..TURNS_MAX {
            loop {
                match self.rtc.poll_output()? {
                    Output::Timeout(at) => {
                        self.deadline = at;
                        break;
                    }
                    Output::Transmit(transmit) => {
                        // A full buffer is a lost packet, and is counted where it does not arrive.
                        let _ = self
                            .socket
                            .send_to(&transmit.contents, transmit.destination);
                    }
                    Output::Event(Event::Connected) => self.connected = true,
                    Output::Event(Event::RtpPacket(packet)) => seen.take(&packet.payload),
                    Output::Event(_) => {}
                }
            }
            if self.deadline > now {
                return Ok(());
            }
            self.rtc.handle_input(Input::Timeout(now))?;
        }
        Ok(())
    }

    fn send(&mut self, now: Instant, seen: &mut Seen) -> Done<()> {
        let mut wrote = false;
        for line in [&mut self.picture, &mut self.sound] {
            if line.next > now {
                continue;
            }
            wrote = true;
            line.next += line.every;
            line.sent += 1;
            let mut api = self.rtc.direct_api();
            let Some(stream) = api.stream_tx_by_mid(line.mid, None) else {
                continue;
            };
            let time = u32::try_from(line.sent * line.ticks % u64::from(u32::MAX))?;
            let payload = seen.payload(line.bytes);
            let packet = RtpWrite::new(line.pt, (line.sent + 1000).into(), time, now, payload);
            stream.write_rtp(packet.marker(true).nackable(line.bytes == PICTURE_BYTES));
        }
        if wrote { self.drain(now, seen) } else { Ok(()) }
    }
}

/// What was sent and what arrived in the window.
struct Seen {
    began: Instant,
    open: bool,
    sent: u32,
    came: u32,
    late_us: Vec<u32>,
}

impl Seen {
    /// Zeros but for the mark, whether it was sent in the window, and when.
    fn payload(&mut self, bytes: usize) -> Vec<u8> {
        let mut payload = vec![0; 8];
        payload.extend_from_slice(MARK);
        payload.push(u8::from(self.open));
        let now = u64::try_from(self.began.elapsed().as_nanos()).unwrap_or(u64::MAX);
        payload.extend_from_slice(&now.to_be_bytes());
        payload.resize(bytes, 0);
        self.sent += u32::from(self.open);
        payload
    }

    fn take(&mut self, payload: &[u8]) {
        let Some((mark, rest)) = payload
            .get(8..)
            .and_then(|rest| rest.split_at_checked(MARK.len()))
        else {
            return;
        };
        if mark != MARK {
            return;
        }
        let Some((counted, rest)) = rest.split_first() else {
            return;
        };
        let Some(sent) = rest.first_chunk().map(|bytes| u64::from_be_bytes(*bytes)) else {
            return;
        };
        if *counted == 1 {
            let now = u64::try_from(self.began.elapsed().as_nanos()).unwrap_or(u64::MAX);
            self.came += 1;
            self.late_us
                .push(u32::try_from(now.saturating_sub(sent) / 1000).unwrap_or(u32::MAX));
        }
    }
}

// ---- the load ------------------------------------------------------------------------------------------

struct Load {
    clients: Vec<Client>,
    poll: Poll,
    seen: Seen,
    media: Option<Media>,
    set_up_ms: f64,
}

impl Load {
    fn new(media: Option<Media>) -> Done<Self> {
        Ok(Self {
            clients: Vec::new(),
            poll: Poll::new()?,
            seen: Seen {
                began: Instant::now(),
                open: false,
                sent: 0,
                came: 0,
                late_us: Vec::new(),
            },
            media,
            set_up_ms: 0.0,
        })
    }

    /// Pairs of clients straight to each other.
    fn direct(rooms: usize) -> Done<Self> {
        let mut load = Self::new(None)?;
        let began = Instant::now();
        for room in 0..rooms {
            let (mut one, mut other) = (Client::new(room * 2, 1)?, Client::new(room * 2 + 1, 1)?);
            let (offer, pending) = one.offer(Direction::SendRecv, 0)?;
            let answer = other.rtc.sdp_api().accept_offer(offer)?;
            one.rtc.sdp_api().accept_answer(pending, answer)?;
            (other.picture.mid, other.sound.mid) = (one.picture.mid, one.sound.mid);
            load.join(one)?;
            load.join(other)?;
            load.connect()?;
        }
        load.set_up_ms = began.elapsed().as_secs_f64() * 1000.0 / f64::from(u32::try_from(rooms)?);
        Ok(load)
    }

    /// The same with the server between them, and so many people in each room.
    fn server(rooms: usize, people: usize) -> Done<Self> {
        let (media, mut notices) = Media::start(Settings {
            listen: vec!["127.0.0.1:0".parse()?],
            advertise: Vec::new(),
        })?;
        // Whoever does not read the notices gets a warning for each; they end with the server.
        thread::spawn(move || while notices.blocking_recv().is_some() {});
        let runtime = tokio::runtime::Builder::new_current_thread().build()?;
        let mut load = Self::new(Some(media.clone()))?;
        let pictures = u32::try_from(people.saturating_sub(1).max(1))?;
        let began = Instant::now();
        for room in 0..rooms {
            let seats = PEOPLE.get(..people).ok_or(USAGE)?.iter();
            let seats = seats.map(|(name, role)| Seat {
                room: format!("room-{room}"),
                seat: (*name).to_owned(),
                role: *role,
                device: format!("{name}-{room}"),
            });
            let seats: Vec<Seat> = seats.collect();
            runtime.block_on(media.admit(format!("room-{room}"), seats.clone()))?;
            for seat in seats {
                let mut client = Client::new(load.clients.len(), pictures)?;
                let (offer, pending) = client.offer(Direction::SendOnly, PAIRS)?;
                let answer = runtime.block_on(media.offer(seat, offer.to_sdp_string()))?;
                client
                    .rtc
                    .sdp_api()
                    .accept_answer(pending, SdpAnswer::from_sdp_string(&answer)?)?;
                load.join(client)?;
            }
            load.connect()?;
        }
        load.set_up_ms = began.elapsed().as_secs_f64() * 1000.0 / f64::from(u32::try_from(rooms)?);
        Ok(load)
    }

    fn join(&mut self, mut client: Client) -> Done<()> {
        let token = Token(self.clients.len());
        self.poll
            .registry()
            .register(&mut client.socket, token, Interest::READABLE)?;
        self.clients.push(client);
        Ok(())
    }

    /// Runs until everyone is connected; nothing is sent meanwhile.
    fn connect(&mut self) -> Done<()> {
        let until = Instant::now() + CONNECT_MAX;
        while self.clients.iter().any(|client| !client.connected) {
            if Instant::now() > until {
                return Err("a client was not connected in time".into());
            }
            self.turn(false)?;
        }
        Ok(())
    }

    fn run(mut self, window: Duration) -> Done<Cost> {
        let now = Instant::now();
        for client in &mut self.clients {
            client.picture.next = client.picture.next.max(now);
            client.sound.next = client.sound.next.max(now);
        }
        self.spend(WARM_UP, true)?;
        self.seen.open = true;
        let (server, own) = (self.server_cpu(), cpu_ns("/proc/thread-self")?);
        self.spend(window, true)?;
        let (server, own) = (
            self.server_cpu() - server,
            cpu_ns("/proc/thread-self")? - own,
        );
        self.seen.open = false;
        self.spend(COME_IN, true)?;
        self.seen.late_us.sort_unstable();
        let seconds = window.as_secs_f64();
        let packet_us = server / 1000.0 / f64::from(self.seen.came.max(1));
        let cores = server / 1e9 / seconds;
        let json = format!(
            "{{\"sent\":{},\"came\":{},\"a_second\":{:.0},\"cpu_us\":{:.3},\"server_cores\":{:.3},\"client_cores\":{:.3},\
             \"p50_ms\":{:.3},\"p99_ms\":{:.3},\"set_up_ms\":{:.3}}}",
            self.seen.sent,
            self.seen.came,
            f64::from(self.seen.came) / seconds,
            packet_us,
            cores,
            own / 1e9 / seconds,
            self.part(50),
            self.part(99),
            self.set_up_ms,
        );
        Ok(Cost {
            packet_us,
            cores,
            json,
        })
    }

    /// Nanoseconds that the media thread was on a processor.
    fn server_cpu(&self) -> f64 {
        if self.media.is_none() {
            return 0.0;
        }
        let tasks = fs::read_dir("/proc/self/task")
            .into_iter()
            .flatten()
            .flatten();
        tasks
            .filter(|task| {
                fs::read_to_string(task.path().join("comm"))
                    .is_ok_and(|name| name.trim() == "media")
            })
            .filter_map(|task| cpu_ns(&task.path().to_string_lossy()).ok())
            .sum()
    }

    fn part(&self, hundredths: usize) -> f64 {
        let place = self.seen.late_us.len() * hundredths / 100;
        f64::from(self.seen.late_us.get(place).copied().unwrap_or(0)) / 1000.0
    }

    fn spend(&mut self, time: Duration, send: bool) -> Done<()> {
        let until = Instant::now() + time;
        while Instant::now() < until {
            self.turn(send)?;
        }
        Ok(())
    }

    /// Waits for a packet or the next thing to do, and does what is due.
    fn turn(&mut self, send: bool) -> Done<()> {
        let now = Instant::now();
        let next = self.clients.iter().map(|client| {
            let due = client.picture.next.min(client.sound.next);
            if send {
                due.min(client.deadline)
            } else {
                client.deadline
            }
        });
        let wait = next
            .min()
            .map_or(Duration::ZERO, |next| next.saturating_duration_since(now));
        let mut events = Events::with_capacity(256);
        self.poll
            .poll(&mut events, Some(wait.min(Duration::from_millis(10))))?;
        for event in &events {
            if let Some(client) = self.clients.get_mut(event.token().0) {
                client.read(Instant::now(), &mut self.seen)?;
            }
        }
        let now = Instant::now();
        for client in &mut self.clients {
            if send && client.connected {
                client.send(now, &mut self.seen)?;
            }
            if client.deadline <= now {
                client.rtc.handle_input(Input::Timeout(now))?;
                client.drain(now, &mut self.seen)?;
            }
        }
        Ok(())
    }
}

/// Nanoseconds that a task was on a processor, by the kernel's count.
fn cpu_ns(task: &str) -> Done<f64> {
    let text = fs::read_to_string(format!("{task}/schedstat"))?;
    Ok(text
        .split_whitespace()
        .next()
        .ok_or("no schedstat")?
        .parse()?)
}
