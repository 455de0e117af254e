//! The media thread: sockets, the clock, and the handle by which the program commands it.

use crate::admission::{AdmitRefused, OfferRefused, Present, Seat};
use crate::framing::{FRAME_BYTES_MAX, Incoming, Outgoing};
use crate::listen::{self, Listening, Opened};
use crate::quality::Measure;
use crate::sfu::{Notice, Output, Received, Sfu, Transmit, Transport};
use mio::net::{TcpListener, TcpStream};
use mio::{Events, Interest, Poll, Registry, Token, Waker};
use std::collections::HashMap;
use std::io::{self, Read, Write};
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, Sender, TryRecvError, channel};
use std::time::{Duration, Instant};
use tokio::sync::{mpsc, oneshot};

/// Offers that may wait for their answer; more are refused at once.
const OFFERS_WAITING_MAX: usize = 256;
/// Notices that wait for the program to read them; more are dropped, with a warning.
const NOTICES_MAX: usize = 4096;
/// TCP connections at most, and how long one may stay without a proved request.
const TCP_MAX: usize = 1024;
const TCP_PROVES_WITHIN: Duration = Duration::from_secs(10);
/// Datagrams read from one socket before the others get their turn.
const READS_A_TURN_MAX: usize = 256;
/// No turn waits longer than this, whatever the timers say.
const WAIT_MAX: Duration = Duration::from_secs(1);

/// Errors of one peer, after which the next one can be accepted.
const PASSING: [io::ErrorKind; 3] = [
    io::ErrorKind::Interrupted,
    io::ErrorKind::ConnectionAborted,
    io::ErrorKind::ConnectionReset,
];

const WAKE: Token = Token(usize::MAX);
/// The first token of a TCP connection; below are the sockets, two for each address.
const FIRST_TCP: usize = listen::ADDRESSES_MAX * 2;

/// Where the media server listens.
#[derive(Debug, Clone, Default)]
pub struct Settings {
    /// Addresses and port, the same for UDP and TCP. Port 0 is any free port. An
    /// unspecified address means every address of the machine.
    pub listen: Vec<SocketAddr>,
    /// The addresses that browsers are told; must be set behind address translation.
    /// Empty: those that are listened on.
    pub advertise: Vec<IpAddr>,
}

/// The handle to the media thread, which ends when the last handle is dropped.
#[derive(Clone)]
pub struct Media {
    line: Arc<CommandLine>,
}

struct CommandLine {
    port: u16,
    commands: Option<Sender<Command>>,
    offers_waiting: AtomicUsize,
    waker: Waker,
}

type Answer = Result<String, OfferRefused>;

enum Command {
    Offer(Seat, String, oneshot::Sender<Answer>),
    Echo(String, String, oneshot::Sender<Answer>),
    Admit(String, Vec<Seat>, oneshot::Sender<Result<(), AdmitRefused>>),
    Remove(String, String, oneshot::Sender<()>),
    Close(String, oneshot::Sender<()>),
    Roster(String, oneshot::Sender<Vec<Present>>),
    Layout(String, String, oneshot::Sender<Vec<Option<String>>>),
    Measure(String, oneshot::Sender<Measure>),
}

impl Media {
    /// Opens the sockets and starts the thread. Read the notices: when too many wait,
    /// later ones are dropped.
    ///
    /// # Errors
    /// When no socket can be opened on the addresses and port of the settings.
    #[expect(
        clippy::needless_pass_by_value,
        reason = "the settings belong to the thread that they start"
    )]
    pub fn start(settings: Settings) -> io::Result<(Self, mpsc::Receiver<Notice>)> {
        let opened = listen::open(&settings)?;
        let poll = Poll::new()?;
        let waker = Waker::new(poll.registry(), WAKE)?;
        let port = opened.port;
        let (commands, received) = channel();
        let (notices, told) = mpsc::channel(NOTICES_MAX);
        let mut thread = Thread::new(opened, poll, received, notices)?;
        std::thread::Builder::new()
            .name("media".into())
            .spawn(move || thread.run())?;
        let offers_waiting = AtomicUsize::new(0);
        let line = CommandLine {
            port,
            commands: Some(commands),
            offers_waiting,
            waker,
        };
        Ok((
            Self {
                line: Arc::new(line),
            },
            told,
        ))
    }

    /// The port of all sockets, UDP and TCP.
    pub fn port(&self) -> u16 {
        self.line.port
    }

    /// Answers a seat's SDP offer with an SDP answer. Transport only, until admitted; the
    /// same seat and device replaces its earlier connection or restarts it.
    ///
    /// # Errors
    /// See [`OfferRefused`].
    pub async fn offer(&self, seat: Seat, sdp: String) -> Result<String, OfferRefused> {
        self.ask_offer(|reply| Command::Offer(seat, sdp, reply))
            .await
    }

    /// Answers a device check: what is sent comes back, for at most 60 s.
    ///
    /// # Errors
    /// See [`OfferRefused`].
    pub async fn echo(&self, device: String, sdp: String) -> Result<String, OfferRefused> {
        self.ask_offer(|reply| Command::Echo(device, sdp, reply))
            .await
    }

    /// Lets exactly these people into the room, replacing its earlier grants.
    ///
    /// # Errors
    /// See [`AdmitRefused`]; the earlier grants stay.
    pub async fn admit(&self, room: String, grants: Vec<Seat>) -> Result<(), AdmitRefused> {
        self.ask(|reply| Command::Admit(room, grants, reply))
            .await
            .unwrap_or(Err(AdmitRefused::Stopped))
    }

    /// Takes one person's grant away and ends the connection.
    pub async fn remove(&self, room: String, seat: String) {
        self.ask(|reply| Command::Remove(room, seat, reply))
            .await
            .unwrap_or_default();
    }

    /// Ends a room with all its grants and connections.
    pub async fn close(&self, room: String) {
        self.ask(|reply| Command::Close(room, reply))
            .await
            .unwrap_or_default();
    }

    /// Everyone connected to the room, as the media server itself counts them.
    pub async fn roster(&self, room: String) -> Vec<Present> {
        self.ask(|reply| Command::Roster(room, reply))
            .await
            .unwrap_or_default()
    }

    /// Which seat each receiving pair of a person's browser shows, in order of the pairs.
    pub async fn layout(&self, room: String, seat: String) -> Vec<Option<String>> {
        self.ask(|reply| Command::Layout(room, seat, reply))
            .await
            .unwrap_or_default()
    }

    /// The room's figures so far; all zero if it was never admitted.
    pub async fn measure(&self, room: String) -> Measure {
        self.ask(|reply| Command::Measure(room, reply))
            .await
            .unwrap_or_default()
    }

    async fn ask_offer(&self, command: impl FnOnce(oneshot::Sender<Answer>) -> Command) -> Answer {
        if self.line.offers_waiting.fetch_add(1, Ordering::Relaxed) >= OFFERS_WAITING_MAX {
            self.line.offers_waiting.fetch_sub(1, Ordering::Relaxed);
            return Err(OfferRefused::Full);
        }
        let waiting = OfferWaiting(&self.line.offers_waiting);
        let answer = self.ask(command).await;
        drop(waiting);
        answer.unwrap_or(Err(OfferRefused::Stopped))
    }

    /// Nothing if the thread has ended.
    async fn ask<T>(&self, command: impl FnOnce(oneshot::Sender<T>) -> Command) -> Option<T> {
        let (reply, answer) = oneshot::channel();
        self.line.commands.as_ref()?.send(command(reply)).ok()?;
        self.line.waker.wake().ok()?;
        answer.await.ok()
    }
}

/// Counts an offer down even if its caller gave up waiting.
struct OfferWaiting<'a>(&'a AtomicUsize);

impl Drop for OfferWaiting<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

impl Drop for CommandLine {
    fn drop(&mut self) {
        // First hang up, then wake: the thread must find the line closed.
        self.commands = None;
        let _ = self.waker.wake();
    }
}

struct Thread {
    poll: Poll,
    sockets: Vec<Listening>,
    sfu: Sfu,
    tcp: HashMap<Token, Tcp>,
    tcp_by_peer: HashMap<SocketAddr, Token>,
    next_token: usize,
    commands: Receiver<Command>,
    notices: mpsc::Sender<Notice>,
    /// Sockets that may hold more than one turn's reads.
    unread: Vec<usize>,
    buffer: Vec<u8>,
}

struct Tcp {
    stream: TcpStream,
    peer: SocketAddr,
    local: SocketAddr,
    incoming: Incoming,
    outgoing: Outgoing,
    accepted_at: Instant,
    proved: bool,
}

impl Thread {
    fn new(
        opened: Opened,
        poll: Poll,
        commands: Receiver<Command>,
        notices: mpsc::Sender<Notice>,
    ) -> io::Result<Self> {
        let mut sockets = opened.sockets;
        for (index, socket) in sockets.iter_mut().enumerate() {
            poll.registry()
                .register(&mut socket.udp, Token(index * 2), Interest::READABLE)?;
            poll.registry()
                .register(&mut socket.tcp, Token(index * 2 + 1), Interest::READABLE)?;
        }
        Ok(Self {
            poll,
            sockets,
            sfu: Sfu::new(opened.addresses, Instant::now()),
            tcp: HashMap::new(),
            tcp_by_peer: HashMap::new(),
            next_token: FIRST_TCP,
            commands,
            notices,
            unread: Vec::new(),
            buffer: vec![0; FRAME_BYTES_MAX],
        })
    }

    fn run(&mut self) {
        let mut events = Events::with_capacity(256);
        loop {
            let until = self.sfu.timeout().saturating_duration_since(Instant::now());
            let wait = if self.unread.is_empty() {
                until.min(WAIT_MAX)
            } else {
                Duration::ZERO
            };
            if let Err(error) = self.poll.poll(&mut events, Some(wait))
                && error.kind() != io::ErrorKind::Interrupted
            {
                tracing::error!(%error, "the media thread cannot wait for packets and ends");
                return;
            }
            let mut ready = std::mem::take(&mut self.unread);
            for event in &events {
                match event.token() {
                    WAKE => {}
                    Token(token) if token >= FIRST_TCP => self.serve_tcp(Token(token)),
                    Token(token) if token % 2 == 1 => self.accept(token / 2),
                    Token(token) => ready.push(token / 2),
                }
            }
            ready.sort_unstable();
            ready.dedup();
            for index in ready {
                self.read_udp(index);
            }
            if !self.obey() {
                return;
            }
            let now = Instant::now();
            self.sfu.tick(now);
            self.flush();
            self.drop_unproved(now);
        }
    }

    /// Carries out what was commanded; false when the last handle is gone.
    fn obey(&mut self) -> bool {
        loop {
            match self.commands.try_recv() {
                Ok(command) => self.carry_out(command),
                Err(TryRecvError::Empty) => return true,
                Err(TryRecvError::Disconnected) => return false,
            }
        }
    }

    fn carry_out(&mut self, command: Command) {
        let (now, sfu) = (Instant::now(), &mut self.sfu);
        match command {
            Command::Offer(seat, sdp, reply) => answer(reply, sfu.offer(seat, &sdp, now)),
            Command::Echo(device, sdp, reply) => answer(reply, sfu.echo(device, &sdp, now)),
            Command::Admit(room, grants, reply) => answer(reply, sfu.admit(&room, grants, now)),
            Command::Remove(room, seat, reply) => {
                sfu.remove(&room, &seat, now);
                answer(reply, ());
            }
            Command::Close(room, reply) => {
                sfu.close(&room, now);
                answer(reply, ());
            }
            Command::Roster(room, reply) => answer(reply, sfu.roster(&room)),
            Command::Layout(room, seat, reply) => answer(reply, sfu.layout(&room, &seat)),
            Command::Measure(room, reply) => answer(reply, sfu.measure(&room, now)),
        }
        self.flush();
    }

    fn read_udp(&mut self, index: usize) {
        let Some(socket) = self.sockets.get(index) else {
            return;
        };
        for _ in 0..READS_A_TURN_MAX {
            match socket.udp.recv_from(&mut self.buffer) {
                Ok((length, source)) => {
                    let bytes = self.buffer.get(..length).unwrap_or_default();
                    let (transport, local) = (Transport::Udp, socket.advertised);
                    self.sfu.receive(
                        Received {
                            transport,
                            source,
                            local,
                            bytes,
                        },
                        Instant::now(),
                    );
                }
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => return self.flush(),
                // An ICMP error about an earlier packet shows here; it is not about this one.
                Err(_) => {}
            }
        }
        self.unread.push(index);
        self.flush();
    }

    /// Accepts until nobody waits, since mio tells only once.
    fn accept(&mut self, index: usize) {
        loop {
            let Some(socket) = self.sockets.get(index) else {
                return;
            };
            let token = Token(self.next_token);
            match accept_one(&socket.tcp, self.poll.registry(), token, socket.advertised) {
                Ok(tcp) if self.tcp.len() < TCP_MAX => {
                    self.tcp_by_peer.insert(tcp.peer, token);
                    self.tcp.insert(token, tcp);
                    self.next_token += 1;
                }
                // Dropped, and so closed.
                Ok(_) => {}
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => return,
                Err(error) if PASSING.contains(&error.kind()) => {}
                Err(error) => {
                    tracing::warn!(%error, "a media connection by TCP could not be accepted");
                    return;
                }
            }
        }
    }

    fn serve_tcp(&mut self, token: Token) {
        let mut ended = false;
        while let Some(tcp) = self.tcp.get_mut(&token) {
            tcp.write();
            let received = match tcp.stream.read(&mut self.buffer) {
                Ok(0) => Err(()),
                Ok(length) => tcp
                    .incoming
                    .take(self.buffer.get(..length).unwrap_or_default())
                    .map_err(|_| ()),
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => break,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(_) => Err(()),
            };
            let Ok(datagrams) = received else {
                ended = true;
                break;
            };
            let (transport, source, local) = (Transport::Tcp, tcp.peer, tcp.local);
            for bytes in &datagrams {
                let known = self.sfu.receive(
                    Received {
                        transport,
                        source,
                        local,
                        bytes,
                    },
                    Instant::now(),
                );
                tcp.proved |= known;
            }
        }
        if ended {
            self.drop_tcp(token);
        }
        self.flush();
    }

    fn flush(&mut self) {
        while let Some(output) = self.sfu.poll() {
            match output {
                Output::Transmit(transmit) => self.send(&transmit),
                Output::Notice(notice) => {
                    if self.notices.try_send(notice).is_err() {
                        tracing::warn!("a media notice was not read in time and is lost");
                    }
                }
            }
        }
    }

    /// What the kernel does not take at once is lost, as on any network.
    fn send(&mut self, transmit: &Transmit) {
        match transmit.transport {
            Transport::Udp => {
                let from = self.sockets.iter().find(|s| s.advertised == transmit.local);
                let family = |s: &&Listening| s.advertised.is_ipv4() == transmit.remote.is_ipv4();
                if let Some(socket) = from.or_else(|| self.sockets.iter().find(family)) {
                    let _ = socket.udp.send_to(&transmit.bytes, transmit.remote);
                }
            }
            Transport::Tcp => {
                let token = self.tcp_by_peer.get(&transmit.remote);
                if let Some(tcp) = token.and_then(|t| self.tcp.get_mut(t)) {
                    tcp.outgoing.push(&transmit.bytes);
                    tcp.write();
                }
            }
        }
    }

    fn drop_tcp(&mut self, token: Token) {
        let Some(mut tcp) = self.tcp.remove(&token) else {
            return;
        };
        if self.tcp_by_peer.get(&tcp.peer) == Some(&token) {
            self.tcp_by_peer.remove(&tcp.peer);
        }
        let _ = self.poll.registry().deregister(&mut tcp.stream);
    }

    fn drop_unproved(&mut self, now: Instant) {
        let late = |tcp: &Tcp| !tcp.proved && now >= tcp.accepted_at + TCP_PROVES_WITHIN;
        let tokens: Vec<Token> = self
            .tcp
            .iter()
            .filter(|(_, tcp)| late(tcp))
            .map(|(t, _)| *t)
            .collect();
        for token in tokens {
            self.drop_tcp(token);
        }
    }
}

/// A reply that nobody waits for any more is dropped.
fn answer<T>(reply: oneshot::Sender<T>, value: T) {
    let _ = reply.send(value);
}

fn accept_one(
    listener: &TcpListener,
    registry: &Registry,
    token: Token,
    local: SocketAddr,
) -> io::Result<Tcp> {
    let (mut stream, peer) = listener.accept()?;
    // Without it packets would wait for each other.
    let _ = stream.set_nodelay(true);
    registry.register(&mut stream, token, Interest::READABLE | Interest::WRITABLE)?;
    let (incoming, outgoing) = (Incoming::default(), Outgoing::default());
    Ok(Tcp {
        stream,
        peer,
        local,
        incoming,
        outgoing,
        accepted_at: Instant::now(),
        proved: false,
    })
}

impl Tcp {
    /// Writes what the kernel takes. After an error the next readiness event follows, or
    /// the reader finds the end.
    fn write(&mut self) {
        while let Ok(count) = self.stream.write(self.outgoing.front()) {
            if count == 0 {
                return;
            }
            self.outgoing.written(count);
        }
    }
}
