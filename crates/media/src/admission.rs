//! Who may be in a room: grants, presence, and the roster (clause cl-2.5.1.1-xi-a).
//!
//! A room holds only people whom the physician let in one by one. A grant is for one
//! person (the seat), one role, one device and one room. Whoever has no grant may keep a
//! connection waiting at the door, but nothing is forwarded to or from it.
//!
//! This module is pure: it knows neither sockets nor time.

use std::collections::BTreeMap;
use std::fmt;

/// People in one room at most: patient, physician, and two more (a nurse, a companion).
pub const SEATS_MAX: usize = 4;
/// Connections at most that wait at one room's door without a grant.
pub const WAITING_MAX: usize = 4;
/// Rooms at most that one media engine keeps.
pub const ROOMS_MAX: usize = 2048;
/// Bytes at most of a room, seat or device name.
pub const NAME_BYTES_MAX: usize = 128;

/// What a person is in the consultation. Fixed by the server; no function changes it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Role {
    /// The patient.
    Patient,
    /// The physician.
    Physician,
    /// Anyone else who was let in: a nurse, a companion, an interpreter.
    Other,
}

/// One person's place in one room, from one device.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Seat {
    /// The consultation's id.
    pub room: String,
    /// The person's id; one connection for each.
    pub seat: String,
    /// What the person is here.
    pub role: Role,
    /// The device that the grant is bound to.
    pub device: String,
}

/// One connection of one browser, never reused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Connection(pub u64);

/// Why an offer was not answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum OfferRefused {
    /// The seat was granted to another device.
    OtherDevice,
    /// The seat was granted in another role.
    OtherRole,
    /// Too many connections wait at this room's door.
    RoomFull,
    /// The engine holds as many connections or rooms as it can.
    Full,
    /// A room, seat or device name is empty or too long.
    BadName,
    /// The offer is too large.
    TooLarge,
    /// The offer is no SDP that we can answer.
    Malformed,
    /// The offer has nothing that we carry: Opus, VP8, plain audio and video lines.
    Unsupported,
    /// The peer's certificate was not the one that its offer named.
    Fingerprint,
    /// The media thread has ended or does not answer.
    Stopped,
}

impl OfferRefused {
    /// A short English word for logs and the ledger.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::OtherDevice => "other_device",
            Self::OtherRole => "other_role",
            Self::RoomFull => "room_full",
            Self::Full => "full",
            Self::BadName => "bad_name",
            Self::TooLarge => "too_large",
            Self::Malformed => "malformed",
            Self::Unsupported => "unsupported",
            Self::Fingerprint => "fingerprint",
            Self::Stopped => "stopped",
        }
    }
}

impl fmt::Display for OfferRefused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl std::error::Error for OfferRefused {}

/// Why a list of grants was not taken; the earlier grants stay.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum AdmitRefused {
    /// More than [`SEATS_MAX`] seats.
    TooManySeats,
    /// One seat was named twice.
    SeatTwice,
    /// A grant names another room.
    OtherRoom,
    /// A name is empty or too long.
    BadName,
    /// The engine holds as many rooms as it can.
    Full,
    /// The media thread has ended or does not answer.
    Stopped,
}

impl fmt::Display for AdmitRefused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::TooManySeats => "too_many_seats",
            Self::SeatTwice => "seat_twice",
            Self::OtherRoom => "other_room",
            Self::BadName => "bad_name",
            Self::Full => "full",
            Self::Stopped => "stopped",
        })
    }
}

impl std::error::Error for AdmitRefused {}

/// One line of the list of participants, as the media engine itself counts them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Present {
    /// The person.
    pub seat: String,
    /// What the person is here.
    pub role: Role,
    /// Whether the physician let this person in; if not, the connection only waits.
    pub admitted: bool,
    /// Whether picture and sound can flow now.
    pub connected: bool,
}

/// All rooms of one media engine.
#[derive(Default)]
pub struct Admission {
    rooms: BTreeMap<String, Room>,
}

#[derive(Default)]
struct Room {
    /// Nothing until the physician's first act of admission.
    grants: Option<Vec<Seat>>,
    present: Vec<Presence>,
}

struct Presence {
    connection: Connection,
    seat: Seat,
    connected: bool,
}

impl Admission {
    /// Takes a connection into its seat and names the one that it replaces.
    ///
    /// Never adds a second connection of one seat: the same device replaces its earlier
    /// connection, another device is refused once the seat is granted.
    ///
    /// # Errors
    /// [`OfferRefused::OtherDevice`] and [`OfferRefused::OtherRole`] if the grant says so,
    /// [`OfferRefused::RoomFull`] and [`OfferRefused::Full`] at the bounds,
    /// [`OfferRefused::BadName`].
    pub fn enter(
        &mut self,
        seat: &Seat,
        connection: Connection,
    ) -> Result<Option<Connection>, OfferRefused> {
        self.may_enter(seat)?;
        let room = self.rooms.entry(seat.room.clone()).or_default();
        let earlier = room.present.iter().position(|p| p.seat.seat == seat.seat);
        let replaced = earlier.map(|index| room.present.remove(index).connection);
        room.present.push(Presence {
            connection,
            seat: seat.clone(),
            connected: false,
        });
        Ok(replaced)
    }

    /// Judges an offer without taking it.
    ///
    /// # Errors
    /// As [`Admission::enter`].
    pub fn may_enter(&self, seat: &Seat) -> Result<(), OfferRefused> {
        if !seat.named_well() {
            return Err(OfferRefused::BadName);
        }
        let Some(room) = self.rooms.get(&seat.room) else {
            let full = self.rooms.len() >= ROOMS_MAX;
            return if full {
                Err(OfferRefused::Full)
            } else {
                Ok(())
            };
        };
        if let Some(grant) = room.grant(&seat.seat) {
            return grant.fits(seat);
        }
        let others = room.present.iter().filter(|p| p.seat.seat != seat.seat);
        let waiting = others.filter(|p| !room.admits(&p.seat)).count();
        if waiting >= WAITING_MAX {
            Err(OfferRefused::RoomFull)
        } else {
            Ok(())
        }
    }

    /// Notes whether a connection carries media now. Unknown connections are ignored.
    pub fn connected(&mut self, seat: &Seat, connection: Connection, connected: bool) {
        let Some(room) = self.rooms.get_mut(&seat.room) else {
            return;
        };
        for presence in room
            .present
            .iter_mut()
            .filter(|p| p.connection == connection)
        {
            presence.connected = connected;
        }
    }

    /// Forgets a connection that has ended. Its grant stays, so that the person can return.
    pub fn leave(&mut self, seat: &Seat, connection: Connection) {
        let Some(room) = self.rooms.get_mut(&seat.room) else {
            return;
        };
        room.present.retain(|p| p.connection != connection);
        if room.present.is_empty() && room.grants.is_none() {
            self.rooms.remove(&seat.room);
        }
    }

    /// Replaces the grants of a room and names the connections that must end, because
    /// their seat now belongs to another device or role.
    ///
    /// # Errors
    /// See [`AdmitRefused`]; the earlier grants stay.
    pub fn admit(
        &mut self,
        room: &str,
        grants: Vec<Seat>,
    ) -> Result<Vec<(Connection, Seat)>, AdmitRefused> {
        check_grants(room, &grants)?;
        if !self.rooms.contains_key(room) && self.rooms.len() >= ROOMS_MAX {
            return Err(AdmitRefused::Full);
        }
        let room = self.rooms.entry(room.to_owned()).or_default();
        room.grants = Some(grants);
        let misfits = |p: &&Presence| {
            room.grant(&p.seat.seat)
                .is_some_and(|g| g.fits(&p.seat).is_err())
        };
        Ok(room
            .present
            .iter()
            .filter(misfits)
            .map(|p| (p.connection, p.seat.clone()))
            .collect())
    }

    /// Takes one person's grant away and names the connection that must end.
    pub fn remove(&mut self, room: &str, seat: &str) -> Option<(Connection, Seat)> {
        let room = self.rooms.get_mut(room)?;
        if let Some(grants) = &mut room.grants {
            grants.retain(|g| g.seat != seat);
        }
        let presence = room.present.iter().find(|p| p.seat.seat == seat)?;
        Some((presence.connection, presence.seat.clone()))
    }

    /// Ends a room: every grant goes, and every connection named must end.
    pub fn close(&mut self, room: &str) -> Vec<(Connection, Seat)> {
        let Some(room) = self.rooms.remove(room) else {
            return Vec::new();
        };
        room.present
            .into_iter()
            .map(|p| (p.connection, p.seat))
            .collect()
    }

    /// The connections between which media may flow now: granted seats of an admitted room.
    ///
    /// This is the only place that says so.
    pub fn flowing(&self, room: &str) -> Vec<(Connection, &Seat)> {
        let Some(room) = self.rooms.get(room) else {
            return Vec::new();
        };
        let may = room.present.iter().filter(|p| room.admits(&p.seat));
        may.map(|p| (p.connection, &p.seat)).collect()
    }

    /// The seats that the physician let into a room, in the order of the grants.
    pub fn granted(&self, room: &str) -> Vec<String> {
        let grants = self.rooms.get(room).and_then(|r| r.grants.as_deref());
        grants
            .unwrap_or_default()
            .iter()
            .map(|g| g.seat.clone())
            .collect()
    }

    /// Every connection to a room, waiting or admitted.
    pub fn connections(&self, room: &str) -> Vec<Connection> {
        let Some(room) = self.rooms.get(room) else {
            return Vec::new();
        };
        room.present.iter().map(|p| p.connection).collect()
    }

    /// The connection that holds a seat, if any.
    pub fn holder(&self, room: &str, seat: &str) -> Option<(Connection, &Seat)> {
        let room = self.rooms.get(room)?;
        let presence = room.present.iter().find(|p| p.seat.seat == seat)?;
        Some((presence.connection, &presence.seat))
    }

    /// Everyone with a connection to the room, waiting or admitted.
    pub fn roster(&self, room: &str) -> Vec<Present> {
        let Some(room) = self.rooms.get(room) else {
            return Vec::new();
        };
        let line = |p: &Presence| Present {
            seat: p.seat.seat.clone(),
            role: p.seat.role,
            admitted: room.admits(&p.seat),
            connected: p.connected,
        };
        room.present.iter().map(line).collect()
    }

    /// Whether the physician let in exactly this person, in this role, from this device.
    pub fn is_granted(&self, seat: &Seat) -> bool {
        self.rooms.get(&seat.room).is_some_and(|r| r.admits(seat))
    }

    /// Whether the physician has let anyone into this room.
    pub fn is_admitted(&self, room: &str) -> bool {
        self.rooms.get(room).is_some_and(|r| r.grants.is_some())
    }

    /// How many rooms are kept.
    pub fn rooms(&self) -> usize {
        self.rooms.len()
    }
}

impl Room {
    fn grant(&self, seat: &str) -> Option<&Seat> {
        self.grants.iter().flatten().find(|g| g.seat == seat)
    }

    fn admits(&self, seat: &Seat) -> bool {
        self.grant(&seat.seat).is_some_and(|g| g.fits(seat).is_ok())
    }
}

impl Seat {
    fn named_well(&self) -> bool {
        [&self.room, &self.seat, &self.device]
            .iter()
            .all(|name| named_well(name))
    }

    /// Whether a connection from `seat` is the one that this grant is for.
    fn fits(&self, seat: &Seat) -> Result<(), OfferRefused> {
        if self.device != seat.device {
            return Err(OfferRefused::OtherDevice);
        }
        if self.role != seat.role {
            return Err(OfferRefused::OtherRole);
        }
        Ok(())
    }
}

fn named_well(name: &str) -> bool {
    !name.is_empty() && name.len() <= NAME_BYTES_MAX
}

fn check_grants(room: &str, grants: &[Seat]) -> Result<(), AdmitRefused> {
    if !named_well(room) || !grants.iter().all(Seat::named_well) {
        return Err(AdmitRefused::BadName);
    }
    if grants.len() > SEATS_MAX {
        return Err(AdmitRefused::TooManySeats);
    }
    if grants.iter().any(|g| g.room != room) {
        return Err(AdmitRefused::OtherRoom);
    }
    let twice =
        |(index, g): (usize, &Seat)| grants.iter().skip(index + 1).any(|o| o.seat == g.seat);
    if grants.iter().enumerate().any(twice) {
        return Err(AdmitRefused::SeatTwice);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seat(name: &str, role: Role, device: &str) -> Seat {
        Seat {
            room: "r".into(),
            seat: name.into(),
            role,
            device: device.into(),
        }
    }

    fn patient(device: &str) -> Seat {
        seat("pat", Role::Patient, device)
    }

    #[test]
    fn a_seat_without_a_grant_waits_and_does_not_flow() {
        let mut admission = Admission::default();
        admission.enter(&patient("phone"), Connection(1)).unwrap();
        assert!(admission.flowing("r").is_empty());
        assert_eq!(admission.roster("r").len(), 1);
    }

    #[test]
    fn a_granted_seat_is_refused_to_another_device_or_role() {
        let mut admission = Admission::default();
        admission.admit("r", vec![patient("phone")]).unwrap();
        let other = admission.enter(&patient("tablet"), Connection(1));
        assert_eq!(other, Err(OfferRefused::OtherDevice));
        let host = admission.enter(&seat("pat", Role::Physician, "phone"), Connection(2));
        assert_eq!(host, Err(OfferRefused::OtherRole));
    }

    #[test]
    fn the_same_device_replaces_and_never_adds() {
        let mut admission = Admission::default();
        admission.admit("r", vec![patient("phone")]).unwrap();
        assert_eq!(admission.enter(&patient("phone"), Connection(1)), Ok(None));
        assert_eq!(
            admission.enter(&patient("phone"), Connection(2)),
            Ok(Some(Connection(1)))
        );
        assert_eq!(admission.flowing("r").len(), 1);
    }

    #[test]
    fn admitting_another_device_ends_the_one_that_waited() {
        let mut admission = Admission::default();
        admission.enter(&patient("tablet"), Connection(1)).unwrap();
        let ended = admission.admit("r", vec![patient("phone")]).unwrap();
        assert_eq!(ended.first().map(|e| e.0), Some(Connection(1)));
        assert!(admission.flowing("r").is_empty());
    }

    #[test]
    fn bad_lists_of_grants_change_nothing() {
        let mut admission = Admission::default();
        admission.admit("r", vec![patient("phone")]).unwrap();
        let many = (0..=SEATS_MAX)
            .map(|n| seat(&format!("s{n}"), Role::Other, "d"))
            .collect();
        assert_eq!(admission.admit("r", many), Err(AdmitRefused::TooManySeats));
        let twice = vec![patient("a"), patient("b")];
        assert_eq!(admission.admit("r", twice), Err(AdmitRefused::SeatTwice));
        assert_eq!(
            admission.admit("q", vec![patient("a")]),
            Err(AdmitRefused::OtherRoom)
        );
        assert!(admission.enter(&patient("phone"), Connection(1)).is_ok());
        assert_eq!(admission.flowing("r").len(), 1);
    }

    #[test]
    fn strangers_at_the_door_are_bounded_and_never_shut_out_the_granted() {
        let mut admission = Admission::default();
        admission.admit("r", vec![patient("phone")]).unwrap();
        for n in 0..WAITING_MAX {
            let stranger = seat(&format!("s{n}"), Role::Other, "d");
            admission.enter(&stranger, Connection(n as u64)).unwrap();
        }
        let one_more = admission.enter(&seat("x", Role::Other, "d"), Connection(90));
        assert_eq!(one_more, Err(OfferRefused::RoomFull));
        assert!(admission.enter(&patient("phone"), Connection(91)).is_ok());
    }

    #[test]
    fn closing_ends_everyone_and_forgets_the_room() {
        let mut admission = Admission::default();
        admission.admit("r", vec![patient("phone")]).unwrap();
        admission.enter(&patient("phone"), Connection(1)).unwrap();
        assert_eq!(admission.close("r").len(), 1);
        assert_eq!(admission.rooms(), 0);
    }
}
