//! The media server as a state machine without sockets or a clock.
//!
//! Input is a datagram, a command or the passing of time, each with `now`; output is taken
//! with [`Sfu::poll`] until there is none, and [`Sfu::timeout`] says when to come back.
//! The conversation of two people is decided here and nowhere else: packets go only along
//! the routes that [`Admission::flowing`] allows.

use crate::admission::{Admission, AdmitRefused, Connection, OfferRefused, Present, Seat};
use crate::client::{Client, Echo, Happening, Line, Place};
use crate::offer::{self, Checked};
use crate::quality::{Arrival, Flow, Kind, Measure, Quality};
use crate::rate;
use crate::stun;
use std::cmp::Reverse;
use std::collections::{BTreeMap, BinaryHeap, HashMap, VecDeque};
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};
use str0m::config::CryptoProvider;
use str0m::net::Receive;
use str0m::rtp::RtpPacket;

/// Connections at most, of all rooms and device checks.
pub const CLIENTS_MAX: usize = 1024;
/// Of these, connections at most that wait without a grant: those who wait never shut out those who are let in.
pub const WAITING_CLIENTS_MAX: usize = CLIENTS_MAX / 2;
/// Device checks at most at one time.
pub const ECHOES_MAX: usize = 64;
/// How long a device check lasts at most.
pub const ECHO_LASTS: Duration = Duration::from_mins(1);
/// How long an answered offer may take until it is connected.
pub const CONNECT_WITHIN: Duration = Duration::from_secs(30);
/// Silence after which a connection counts as lost. Browsers send a check at least every
/// six seconds (RFC 7675).
pub const LOST_AFTER: Duration = Duration::from_secs(8);
/// How long a lost connection is kept, so that the browser can restart it.
pub const KEPT_AFTER_LOSS: Duration = Duration::from_mins(1);
/// How often an admitted room's figures are told.
pub const MEASURED_EVERY: Duration = Duration::from_secs(5);
/// Rooms without any connection are forgotten after this time.
pub const EMPTY_ROOM_KEPT: Duration = Duration::from_hours(1);
/// Outputs that wait to be taken; more are dropped, oldest first.
const OUTPUTS_MAX: usize = 16 * 1024;
/// How often the engine looks after its rooms.
const HOUSEKEEPING: Duration = Duration::from_millis(250);

/// How a datagram travels.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub enum Transport {
    /// UDP.
    Udp,
    /// TCP with the framing of RFC 4571.
    Tcp,
}

/// A datagram that came in.
#[derive(Clone, Copy)]
pub struct Received<'a> {
    /// How it came.
    pub transport: Transport,
    /// From where.
    pub source: SocketAddr,
    /// To which of our advertised addresses.
    pub local: SocketAddr,
    /// Its content.
    pub bytes: &'a [u8],
}

/// A datagram to be sent.
pub struct Transmit {
    /// How to send it.
    pub transport: Transport,
    /// From which of our advertised addresses.
    pub local: SocketAddr,
    /// Where to.
    pub remote: SocketAddr,
    /// Its content.
    pub bytes: Vec<u8>,
}

/// What the media engine tells the rest of the program.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Notice {
    /// A seat's connection stands (again).
    Connected {
        /// The consultation.
        room: String,
        /// The person.
        seat: String,
    },
    /// Nothing was heard from a seat for [`LOST_AFTER`]; it may come back.
    Lost {
        /// The consultation.
        room: String,
        /// The person.
        seat: String,
    },
    /// A seat's connection has ended for good and was not replaced.
    Left {
        /// The consultation.
        room: String,
        /// The person.
        seat: String,
    },
    /// A connection to a seat was refused.
    Refused {
        /// The consultation.
        room: String,
        /// The person.
        seat: String,
        /// Why.
        reason: OfferRefused,
    },
    /// The figures of an admitted room, every [`MEASURED_EVERY`] and once at its end.
    Measured {
        /// The consultation.
        room: String,
        /// The figures since the room was made.
        measure: Measure,
    },
    /// The figures of a device check, every [`MEASURED_EVERY`] and once at its end.
    EchoResult {
        /// The device.
        device: String,
        /// What came from its microphone.
        audio: Flow,
        /// What came from its camera.
        video: Flow,
        /// Whether the check is over.
        done: bool,
    },
}

/// What comes out of the state machine.
pub enum Output {
    /// Send this.
    Transmit(Transmit),
    /// Tell this.
    Notice(Notice),
}

/// The media server. See the module's text.
pub struct Sfu {
    addresses: Vec<SocketAddr>,
    crypto: Arc<CryptoProvider>,
    admission: Admission,
    rooms: BTreeMap<String, RoomState>,
    clients: HashMap<Connection, Client>,
    echoes: HashMap<String, Connection>,
    by_ufrag: HashMap<String, Connection>,
    by_source: HashMap<(Transport, SocketAddr), Connection>,
    timers: BinaryHeap<Reverse<(Instant, Connection)>>,
    sent: VecDeque<Transmit>,
    notices: VecDeque<Notice>,
    next_connection: u64,
    housekeeping_at: Instant,
}

/// What is kept of an admitted room beside its grants.
struct RoomState {
    quality: Quality,
    measure_at: Instant,
    empty_since: Option<Instant>,
}

impl Sfu {
    /// A server that can be reached at these addresses, by UDP and TCP alike.
    pub fn new(addresses: Vec<SocketAddr>, now: Instant) -> Self {
        Self {
            addresses,
            crypto: Arc::new(str0m::crypto::from_feature_flags()),
            admission: Admission::default(),
            rooms: BTreeMap::new(),
            clients: HashMap::new(),
            echoes: HashMap::new(),
            by_ufrag: HashMap::new(),
            by_source: HashMap::new(),
            timers: BinaryHeap::new(),
            sent: VecDeque::new(),
            notices: VecDeque::new(),
            next_connection: 1,
            housekeeping_at: now,
        }
    }

    /// Answers a seat's offer. Without a grant this is transport only: the browser may
    /// connect and wait, and nothing is forwarded to or from it.
    ///
    /// # Errors
    /// See [`OfferRefused`]; a refusal for device or role is also a [`Notice::Refused`].
    pub fn offer(&mut self, seat: Seat, sdp: &str, now: Instant) -> Result<String, OfferRefused> {
        let answer = self.try_offer(&seat, sdp, now);
        if let Err(
            reason @ (OfferRefused::OtherDevice | OfferRefused::OtherRole | OfferRefused::RoomFull),
        ) = answer
        {
            self.notices.push_back(Notice::Refused {
                room: seat.room,
                seat: seat.seat,
                reason,
            });
        }
        self.trim();
        answer
    }

    fn try_offer(&mut self, seat: &Seat, sdp: &str, now: Instant) -> Result<String, OfferRefused> {
        self.admission.may_enter(seat)?;
        let checked = offer::check(sdp)?;
        let holder = self.admission.holder(&seat.room, &seat.seat);
        let same = holder
            .filter(|(_, held)| *held == seat)
            .map(|(connection, _)| connection);
        let continues = |c: &&mut Client| c.identity == checked.identity;
        if let Some((connection, client)) =
            same.and_then(|id| Some((id, self.clients.get_mut(&id).filter(continues)?)))
        {
            let answer = client.accept(&checked.sdp, &checked.mids)?;
            self.reindex(connection);
            self.drive(connection, now);
            return Ok(answer);
        }
        if holder.is_none() && self.is_full_for(seat) {
            return Err(OfferRefused::Full);
        }
        let (connection, answer) = self.connect(Place::Room(seat.clone()), checked, now)?;
        match self.admission.enter(seat, connection) {
            Ok(earlier) => {
                if let Some(earlier) = earlier {
                    self.drop_client(earlier, now);
                }
                self.route(&seat.room, now);
                Ok(answer)
            }
            Err(refused) => {
                self.drop_client(connection, now);
                Err(refused)
            }
        }
    }

    fn is_full_for(&self, seat: &Seat) -> bool {
        let waiting = || {
            let waits = |c: &&Client| matches!(c.place, Place::Room(_)) && !c.admitted;
            self.clients.values().filter(waits).count()
        };
        self.clients.len() >= CLIENTS_MAX
            || !self.admission.is_granted(seat) && waiting() >= WAITING_CLIENTS_MAX
    }

    /// Answers a device check: a room of one, whose packets come back to it for at most
    /// [`ECHO_LASTS`]. A new check of the same device ends the earlier one.
    ///
    /// # Errors
    /// See [`OfferRefused`].
    pub fn echo(
        &mut self,
        device: String,
        sdp: &str,
        now: Instant,
    ) -> Result<String, OfferRefused> {
        if device.is_empty() || device.len() > crate::admission::NAME_BYTES_MAX {
            return Err(OfferRefused::BadName);
        }
        let checked = offer::check(sdp)?;
        if let Some(earlier) = self.echoes.get(&device).copied() {
            self.end(earlier, now);
        }
        if self.echoes.len() >= ECHOES_MAX || self.clients.len() >= CLIENTS_MAX {
            return Err(OfferRefused::Full);
        }
        let echo = Echo {
            device: device.clone(),
            until: now + ECHO_LASTS,
            quality: Quality::new(now),
            report_at: now + MEASURED_EVERY,
        };
        let (connection, answer) = self.connect(Place::Echo(Box::new(echo)), checked, now)?;
        if let Some(client) = self.clients.get_mut(&connection) {
            client.open(0);
        }
        self.drive(connection, now);
        self.echoes.insert(device, connection);
        Ok(answer)
    }

    /// Lets exactly these people into a room, replacing the earlier grants. Repeating the
    /// same grants changes nothing and keeps the figures.
    ///
    /// # Errors
    /// See [`AdmitRefused`]; the earlier grants stay.
    pub fn admit(
        &mut self,
        room: &str,
        grants: Vec<Seat>,
        now: Instant,
    ) -> Result<(), AdmitRefused> {
        let misfits = self.admission.admit(room, grants)?;
        self.rooms
            .entry(room.to_owned())
            .or_insert_with(|| RoomState {
                quality: Quality::new(now),
                measure_at: now + MEASURED_EVERY,
                empty_since: None,
            });
        for (connection, seat) in misfits {
            let reason = OfferRefused::OtherDevice;
            self.notices.push_back(Notice::Refused {
                room: seat.room,
                seat: seat.seat,
                reason,
            });
            self.end(connection, now);
        }
        self.route(room, now);
        self.trim();
        Ok(())
    }

    /// Takes one person's grant away and ends the connection.
    pub fn remove(&mut self, room: &str, seat: &str, now: Instant) {
        if let Some((connection, _)) = self.admission.remove(room, seat) {
            self.end(connection, now);
        }
        self.route(room, now);
        self.trim();
    }

    /// Ends a room: its figures are told once more, all grants go, all connections end.
    pub fn close(&mut self, room: &str, now: Instant) {
        if let Some(mut state) = self.rooms.remove(room) {
            let measure = state.quality.measure(now);
            self.notices.push_back(Notice::Measured {
                room: room.to_owned(),
                measure,
            });
        }
        for (connection, _) in self.admission.close(room) {
            self.end(connection, now);
        }
        self.trim();
    }

    /// Everyone connected to a room, as the server itself sees it.
    pub fn roster(&self, room: &str) -> Vec<Present> {
        self.admission.roster(room)
    }

    /// Which seat each of a person's receiving pairs of lines belongs to, in order.
    pub fn layout(&self, room: &str, seat: &str) -> Vec<Option<String>> {
        let holder = self
            .admission
            .holder(room, seat)
            .map(|(connection, _)| connection);
        let client = holder.and_then(|connection| self.clients.get(&connection));
        client
            .map(|c| c.slots.iter().map(|s| s.seat.clone()).collect())
            .unwrap_or_default()
    }

    /// A room's figures so far; all zero for a room that was never admitted.
    pub fn measure(&mut self, room: &str, now: Instant) -> Measure {
        self.rooms
            .get_mut(room)
            .map(|r| r.quality.measure(now))
            .unwrap_or_default()
    }

    /// Connections held at present, device checks included.
    pub fn clients(&self) -> usize {
        self.clients.len()
    }

    /// Everything held in rooms, indexes and timers, for the test that nothing is left behind.
    pub fn footprint(&self) -> usize {
        let rooms = self.rooms.len() + self.admission.rooms();
        let indexes = self.by_ufrag.len() + self.by_source.len() + self.echoes.len();
        rooms + indexes + self.clients.len() + self.timers.len()
    }

    /// Takes a datagram in. False if it belongs to no connection here.
    pub fn receive(&mut self, received: Received<'_>, now: Instant) -> bool {
        let source = (received.transport, received.source);
        let Some(parsed) = parse(received) else {
            return false;
        };
        let connection = if stun::is_stun(received.bytes) {
            self.prove(received, now)
        } else {
            self.by_source.get(&source).copied()
        };
        let Some(connection) = connection else {
            return false;
        };
        let Some(client) = self.clients.get_mut(&connection) else {
            return false;
        };
        client.heard_at = now;
        let happened = client.receive(parsed, now, &mut self.sent);
        self.follow(connection, happened, now);
        self.trim();
        true
    }

    /// Lets time pass. Call it at [`Sfu::timeout`] or earlier.
    pub fn tick(&mut self, now: Instant) {
        while let Some(Reverse((at, connection))) = self.timers.peek().copied() {
            if at > now {
                break;
            }
            self.timers.pop();
            let Some(client) = self.clients.get_mut(&connection) else {
                continue;
            };
            if client.timer_at == Some(at) {
                client.timer_at = None;
            }
            if client.deadline <= now {
                self.drive(connection, now);
            } else {
                self.set_timer(connection);
            }
            if self
                .clients
                .get(&connection)
                .is_some_and(|c| c.asks_now(now))
            {
                self.ask(connection, now);
            }
        }
        if now >= self.housekeeping_at {
            self.housekeeping_at = now + HOUSEKEEPING;
            self.keep_house(now);
        }
        self.trim();
    }

    /// When to call [`Sfu::tick`] next.
    pub fn timeout(&self) -> Instant {
        let timer = self.timers.peek().map(|Reverse((at, _))| *at);
        timer.map_or(self.housekeeping_at, |at| at.min(self.housekeeping_at))
    }

    /// The next output, if any.
    pub fn poll(&mut self) -> Option<Output> {
        let transmit = self.sent.pop_front().map(Output::Transmit);
        transmit.or_else(|| self.notices.pop_front().map(Output::Notice))
    }

    fn connect(
        &mut self,
        place: Place,
        checked: Checked,
        now: Instant,
    ) -> Result<(Connection, String), OfferRefused> {
        let (mut client, answer) =
            Client::answer(place, checked, &self.addresses, &self.crypto, now)?;
        let happened = client.drive(now, &mut self.sent);
        if happened
            .iter()
            .any(|h| matches!(h, Happening::Failed { .. }))
        {
            return Err(OfferRefused::Malformed);
        }
        let connection = Connection(self.next_connection);
        self.next_connection += 1;
        self.clients.insert(connection, client);
        self.reindex(connection);
        self.set_timer(connection);
        Ok((connection, answer))
    }

    /// Makes a client findable by its present ICE user name, and by no earlier one.
    fn reindex(&mut self, connection: Connection) {
        let Some(client) = self.clients.get(&connection) else {
            return;
        };
        self.by_ufrag.retain(|_, held| *held != connection);
        self.by_ufrag.insert(client.ufrag.clone(), connection);
    }

    /// Finds the client that a STUN request names, and believes the sender's address only
    /// if the request's integrity proves that it knows that client's password.
    fn prove(&mut self, received: Received<'_>, now: Instant) -> Option<Connection> {
        let source = (received.transport, received.source);
        let connection = *self.by_ufrag.get(stun::local_ufrag(received.bytes)?)?;
        let client = self.clients.get_mut(&connection)?;
        if !client.vouches_for(parse(received)?, now) {
            return None;
        }
        if let Some(forgotten) = client.remember(source) {
            self.by_source.remove(&forgotten);
        }
        self.by_source.insert(source, connection);
        Some(connection)
    }

    fn drive(&mut self, connection: Connection, now: Instant) {
        let Some(client) = self.clients.get_mut(&connection) else {
            return;
        };
        let happened = client.drive(now, &mut self.sent);
        self.follow(connection, happened, now);
    }

    fn follow(&mut self, connection: Connection, happened: Vec<Happening>, now: Instant) {
        self.set_timer(connection);
        self.revive(connection, now);
        for happening in happened {
            match happening {
                Happening::Connected => self.connected(connection, now),
                Happening::Packet(kind, packet) => self.forward(connection, kind, &packet, now),
                Happening::KeyframeWanted(slot) => self.want_keyframe(connection, slot, now),
                Happening::Closed => self.end(connection, now),
                Happening::Failed { fingerprint } => self.fail(connection, fingerprint, now),
            }
        }
    }

    fn set_timer(&mut self, connection: Connection) {
        let Some(client) = self.clients.get_mut(&connection) else {
            return;
        };
        if client.timer_at.is_none_or(|at| client.deadline < at) {
            client.timer_at = Some(client.deadline);
            self.timers.push(Reverse((client.deadline, connection)));
        }
    }

    fn connected(&mut self, connection: Connection, now: Instant) {
        let Some(client) = self.clients.get_mut(&connection) else {
            return;
        };
        client.line = Line::Up;
        client.heard_at = now;
        let Place::Room(seat) = &client.place else {
            return;
        };
        let (seat, admitted) = (seat.clone(), client.admitted);
        self.admission.connected(&seat, connection, true);
        if admitted {
            self.want_all_keyframes(&seat.room, now);
        }
        self.notices.push_back(Notice::Connected {
            room: seat.room,
            seat: seat.seat,
        });
    }

    /// A lost client that is heard again is up again.
    fn revive(&mut self, connection: Connection, now: Instant) {
        let Some(client) = self.clients.get_mut(&connection) else {
            return;
        };
        let Line::Lost { since } = client.line else {
            return;
        };
        if client.heard_at > since {
            self.connected(connection, now);
        }
    }

    fn fail(&mut self, connection: Connection, fingerprint: bool, now: Instant) {
        let Some(client) = self.clients.get(&connection) else {
            return;
        };
        if let (true, Place::Room(seat)) = (fingerprint, &client.place) {
            let (room, seat) = (seat.room.clone(), seat.seat.clone());
            self.notices.push_back(Notice::Refused {
                room,
                seat,
                reason: OfferRefused::Fingerprint,
            });
        }
        self.end(connection, now);
    }

    /// Counts a packet and sends it where it may go.
    fn forward(&mut self, from: Connection, kind: Kind, packet: &RtpPacket, now: Instant) {
        let Some(client) = self.clients.get_mut(&from) else {
            return;
        };
        let arrival = Arrival {
            kind,
            source: *packet.header.ssrc,
            sequence: *packet.seq_no,
            timestamp: packet.header.timestamp,
            payload_bytes: packet.payload.len(),
        };
        client.look_for_whole(kind, &packet.payload);
        client.rate.count(packet.payload.len(), now);
        let targets = match &mut client.place {
            Place::Echo(echo) if now < echo.until => {
                echo.quality
                    .count(&echo.device, crate::admission::Role::Patient, arrival, now);
                vec![(from, 0)]
            }
            Place::Room(seat) if client.admitted => {
                if let Some(state) = self.rooms.get_mut(&seat.room) {
                    state.quality.count(&seat.seat, seat.role, arrival, now);
                }
                client.subscribers.clone()
            }
            Place::Echo(_) | Place::Room(_) => Vec::new(),
        };
        if packet.payload.is_empty() {
            return;
        }
        for (to, slot) in targets {
            let Some(subscriber) = self.clients.get_mut(&to) else {
                continue;
            };
            subscriber.write(slot, from, kind, packet, now);
            self.drive(to, now);
        }
    }

    /// Works out anew who hears whom in a room. Everything that changes grants or
    /// presence ends here.
    fn route(&mut self, room: &str, now: Instant) {
        let mut earlier = Vec::new();
        let flowing: Vec<(Connection, String)> = self
            .admission
            .flowing(room)
            .into_iter()
            .map(|(c, s)| (c, s.seat.clone()))
            .collect();
        let granted = self.admission.granted(room);
        for connection in self.admission.connections(room) {
            let Some(client) = self.clients.get_mut(&connection) else {
                continue;
            };
            client.publishers.clear();
            let subscribers = client.subscribers.drain(..);
            earlier.extend(subscribers.map(|(subscriber, _)| (connection, subscriber)));
            client.admitted = flowing.iter().any(|(c, _)| *c == connection);
            client.keep_slots_of(if client.admitted { &granted } else { &[] });
        }
        for (subscriber, own_seat) in &flowing {
            for seat in granted.iter().filter(|s| *s != own_seat) {
                self.subscribe(*subscriber, seat, &flowing, &earlier);
            }
        }
        for (connection, _) in &flowing {
            self.drive(*connection, now);
            self.ask(*connection, now);
        }
    }

    /// Reserves a slot for a seat, and fills it if that seat is there. Only who gains a subscriber
    /// by it owes a whole picture: someone who leaves, or waits at the door, costs nobody one, and
    /// whoever is still being connected asks when that is done.
    fn subscribe(
        &mut self,
        subscriber: Connection,
        seat: &str,
        flowing: &[(Connection, String)],
        earlier: &[(Connection, Connection)],
    ) {
        let Some(client) = self.clients.get_mut(&subscriber) else {
            return;
        };
        let Some(slot) = client.slot_of(seat) else {
            return;
        };
        let Some((publisher, _)) = flowing.iter().find(|(_, s)| s == seat) else {
            return;
        };
        client.open(slot);
        client.publishers.push(*publisher);
        let gained = client.line == Line::Up && !earlier.contains(&(*publisher, subscriber));
        if let Some(publisher) = self.clients.get_mut(publisher) {
            publisher.subscribers.push((subscriber, slot));
            if gained {
                publisher.want_keyframe();
            }
        }
    }

    fn want_all_keyframes(&mut self, room: &str, now: Instant) {
        let flowing: Vec<Connection> = self
            .admission
            .flowing(room)
            .into_iter()
            .map(|(c, _)| c)
            .collect();
        for connection in flowing {
            if let Some(client) = self.clients.get_mut(&connection) {
                client.want_keyframe();
            }
            self.ask(connection, now);
        }
    }

    fn want_keyframe(&mut self, subscriber: Connection, slot: usize, now: Instant) {
        let Some(client) = self.clients.get(&subscriber) else {
            return;
        };
        let publisher = match &client.place {
            Place::Echo(_) => Some(subscriber),
            Place::Room(seat) => client
                .slots
                .get(slot)
                .and_then(|s| s.seat.as_deref())
                .and_then(|wanted| self.admission.holder(&seat.room, wanted))
                .map(|(connection, _)| connection),
        };
        let Some(publisher) = publisher else { return };
        if let Some(client) = self.clients.get_mut(&publisher) {
            client.want_keyframe();
        }
        self.ask(publisher, now);
    }

    /// Sends what this publisher should be asked for: a whole picture, a lower rate.
    fn ask(&mut self, publisher: Connection, now: Instant) {
        let Some(client) = self.clients.get(&publisher) else {
            return;
        };
        let estimates = client
            .subscribers
            .iter()
            .filter_map(|(s, _)| self.share(publisher, *s, now));
        let estimate = estimates.min();
        let Some(client) = self.clients.get_mut(&publisher) else {
            return;
        };
        let asked_keyframe = client.ask_keyframe(now);
        let asked_cap = estimate.is_some_and(|e| client.ask_cap(e, now));
        if let Some(again) = client.new_ask_timer() {
            self.timers.push(Reverse((again, publisher)));
        }
        if asked_keyframe || asked_cap {
            self.drive(publisher, now);
        }
    }

    /// What a subscriber's line carries of what this publisher sends (bit/s).
    fn share(&self, publisher: Connection, subscriber: Connection, now: Instant) -> Option<u64> {
        let client = self.clients.get(&subscriber)?;
        let others = client.publishers.iter().filter(|p| **p != publisher);
        let take = |p: &Connection| Some(self.clients.get(p)?.rate.a_second(now));
        let others: Vec<u64> = others.filter_map(take).collect();
        Some(rate::share(client.carries()?, &others))
    }

    fn keep_house(&mut self, now: Instant) {
        let connections: Vec<Connection> = self.clients.keys().copied().collect();
        for connection in connections {
            if self.is_over(connection, now) {
                self.end(connection, now);
            } else {
                self.ask(connection, now);
                self.report_echo(connection, now);
            }
        }
        self.measure_rooms(now);
    }

    /// Notes loss, and says whether the connection's time is over.
    fn is_over(&mut self, connection: Connection, now: Instant) -> bool {
        let Some(client) = self.clients.get_mut(&connection) else {
            return true;
        };
        if matches!(&client.place, Place::Echo(echo) if now >= echo.until) {
            return true;
        }
        match client.line {
            Line::Connecting => now >= client.created_at + CONNECT_WITHIN,
            Line::Lost { since } => now >= since + KEPT_AFTER_LOSS,
            Line::Up if now < client.heard_at + LOST_AFTER => false,
            Line::Up => {
                client.line = Line::Lost { since: now };
                if let Place::Room(seat) = &client.place {
                    self.admission.connected(seat, connection, false);
                    let (room, seat) = (seat.room.clone(), seat.seat.clone());
                    self.notices.push_back(Notice::Lost { room, seat });
                }
                false
            }
        }
    }

    fn report_echo(&mut self, connection: Connection, now: Instant) {
        let Some(client) = self.clients.get_mut(&connection) else {
            return;
        };
        let Place::Echo(echo) = &mut client.place else {
            return;
        };
        if now >= echo.report_at {
            echo.report_at = now + MEASURED_EVERY;
            let notice = echo.result(now, false);
            self.notices.push_back(notice);
        }
    }

    fn measure_rooms(&mut self, now: Instant) {
        let admission = &self.admission;
        let mut forgotten = Vec::new();
        for (room, state) in &mut self.rooms {
            if now >= state.measure_at {
                state.measure_at = now + MEASURED_EVERY;
                let measure = state.quality.measure(now);
                self.notices.push_back(Notice::Measured {
                    room: room.clone(),
                    measure,
                });
            }
            if admission.connections(room).is_empty() {
                let since = *state.empty_since.get_or_insert(now);
                if now >= since + EMPTY_ROOM_KEPT {
                    forgotten.push(room.clone());
                }
            } else {
                state.empty_since = None;
            }
        }
        for room in forgotten {
            self.close(&room, now);
        }
    }

    /// Ends a connection and tells so.
    fn end(&mut self, connection: Connection, now: Instant) {
        let Some(client) = self.drop_client(connection, now) else {
            return;
        };
        match client.place {
            Place::Room(seat) => {
                self.admission.leave(&seat, connection);
                self.route(&seat.room, now);
                self.notices.push_back(Notice::Left {
                    room: seat.room,
                    seat: seat.seat,
                });
            }
            Place::Echo(mut echo) => {
                self.echoes.remove(&echo.device);
                let notice = echo.result(now, true);
                self.notices.push_back(notice);
            }
        }
    }

    /// Says goodbye and frees everything that is held for a connection.
    fn drop_client(&mut self, connection: Connection, now: Instant) -> Option<Client> {
        let mut client = self.clients.remove(&connection)?;
        client.close(now, &mut self.sent);
        self.by_ufrag.retain(|_, held| *held != connection);
        self.by_source.retain(|_, held| *held != connection);
        self.timers.retain(|Reverse((_, held))| *held != connection);
        Some(client)
    }

    fn trim(&mut self) {
        while self.sent.len() > OUTPUTS_MAX {
            self.sent.pop_front();
        }
        while self.notices.len() > OUTPUTS_MAX {
            self.notices.pop_front();
        }
    }
}

impl Echo {
    fn result(&mut self, now: Instant, done: bool) -> Notice {
        let measure = self.quality.measure(now);
        let seat = measure.seats.first();
        Notice::EchoResult {
            device: self.device.clone(),
            audio: seat.map(|s| s.audio).unwrap_or_default(),
            video: seat.map(|s| s.video).unwrap_or_default(),
            done,
        }
    }
}

fn parse(received: Received<'_>) -> Option<Receive<'_>> {
    let protocol = received.transport.protocol();
    Receive::new(protocol, received.source, received.local, received.bytes).ok()
}
