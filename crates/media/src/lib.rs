//! Picture and sound between the people of a consultation: a small media server (SFU).
//!
//! # Admit is not begin
//! A browser's offer opens *transport*: it connects and waits. Packets flow only between
//! seats that [`Media::admit`] named, each for one person, one role, one device and one
//! room. The same seat and device replaces its earlier connection; another device is
//! refused. Rooms live in memory only: after a restart of the program, call `admit` again
//! with the stored grants before answering offers. `admit` with the same grants changes
//! nothing and keeps the figures.
//!
//! # What a browser does (the client contract)
//! 1. `const pc = new RTCPeerConnection({ bundlePolicy: "max-bundle" })`, without a
//!    `certificates` option: a new certificate is how a reload is told from a restart.
//! 2. Add transceivers in this order, and never more than these:
//!    own sound `addTransceiver(track or "audio", {direction: "sendonly"})`,
//!    own picture `addTransceiver(track or "video", {direction: "sendonly"})`, then three
//!    pairs `addTransceiver("audio", {direction: "recvonly"})` and
//!    `addTransceiver("video", {direction: "recvonly"})`. No data channel, no simulcast.
//!    Without camera or microphone leave the track out; `replaceTrack` puts it in later,
//!    with no new offer. Whoever waits leaves both out: nothing is sent before admission.
//! 3. `setLocalDescription()`, and POST `pc.localDescription.sdp` at once. Do not wait for
//!    candidates; any in the offer are ignored. The reply is the answer's SDP.
//! 4. `setRemoteDescription(answer)`. The answer holds all our candidates. That is all:
//!    the server never offers, and nobody renegotiates when a person joins or leaves.
//! 5. Pair `k` (0, 1, 2) arrives as the stream `peer<k>`: `event.streams[0].id` in
//!    `ontrack`, or simply the k-th receiving pair of transceivers. Each other admitted
//!    seat gets the next free pair in the order of the grants and keeps it while its grant
//!    stands, through reloads; between two people it is always pair 0. `ontrack` fires at
//!    once for all pairs, so show a tile by the track's `unmute`, or by the roster;
//!    [`Media::layout`] says which seat is in which pair.
//! 6. When the network changes (`online`, `connectionState` "disconnected" or "failed"):
//!    `pc.restartIce()`, `setLocalDescription()`, POST the offer again, set the answer. If
//!    that is refused or does not connect within ten seconds: close, and begin at 1.
//! 7. After a reload: begin at 1. The new connection replaces the old one of the same seat
//!    and device.
//! 8. The device check is the same with one receiving pair, POSTed to the echo address;
//!    what is sent comes back for at most 60 s. Play the sound muted or delayed. Closing
//!    the connection ends the check early.
//!
//! The server ends a connection by DTLS close: `connectionState` becomes "closed" or
//! "failed". Then ask the server for the visit's state before offering again.
//!
//! # Inside
//! [`admission`] and [`quality`] are pure; [`sfu`] is a state machine in virtual time;
//! the driver owns sockets and the thread. Codecs are Opus and VP8. Of a payload nothing is
//! read but where a whole picture begins, which stays in the clear when frames are encrypted
//! end to end. There is one picture of each person, for all who see it: its sender is asked to
//! keep to what is left for it on the narrowest of their lines (`rate`).

pub mod admission;
mod client;
mod driver;
mod forward;
mod framing;
mod listen;
mod offer;
mod picture;
pub mod quality;
mod rate;
pub mod sfu;
mod stun;

pub use admission::{AdmitRefused, OfferRefused, Present, Role, Seat};
pub use driver::{Media, Settings};
pub use quality::{Flow, Kind, Measure, SeatMeasure};
pub use sfu::Notice;

/// The clauses that this crate answers, and the module that does.
pub const DUTIES: &[(&str, &str)] = &[("cl-2.5.1.1-xi-a", "admission"), ("cl-1.6-ii-a", "quality")];
