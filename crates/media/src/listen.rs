//! Opens the sockets: one UDP socket and one TCP listener per address, all on one port.

use crate::driver::Settings;
use mio::net::{TcpListener, UdpSocket};
use socket2::{Domain, Protocol, Socket, Type};
use std::io;
use std::net::{IpAddr, SocketAddr};

/// Addresses at most; each costs two candidates in every answer.
pub(crate) const ADDRESSES_MAX: usize = 16;
/// Times that another free port is tried when some address has it in use already.
const PORT_TRIES_MAX: usize = 32;
/// Room for a burst of packets in the kernel; it may give less.
const SOCKET_BUFFER_BYTES: usize = 4 * 1024 * 1024;
/// TCP connections that wait to be accepted.
const BACKLOG: i32 = 128;

/// One address that is listened on, and what clients are told instead of it.
pub(crate) struct Listening {
    pub(crate) udp: UdpSocket,
    pub(crate) tcp: TcpListener,
    /// The candidate in answers; another than the bound one behind address translation.
    pub(crate) advertised: SocketAddr,
}

/// What is open.
pub(crate) struct Opened {
    pub(crate) port: u16,
    pub(crate) sockets: Vec<Listening>,
    /// Everything advertised, some of it perhaps without a socket of its own.
    pub(crate) addresses: Vec<SocketAddr>,
}

/// Opens everything that the settings ask for.
///
/// Without `advertise`, an unspecified address stands for every address of the machine,
/// each with its own socket: only so does an answer leave from the address that was asked.
pub(crate) fn open(settings: &Settings) -> io::Result<Opened> {
    let wanted = wanted(settings)?;
    let mut tries = 0;
    loop {
        tries += 1;
        match open_all(&wanted, &settings.advertise) {
            Err(error)
                if error.kind() == io::ErrorKind::AddrInUse
                    && any_port(&wanted)
                    && tries < PORT_TRIES_MAX => {}
            opened => return opened,
        }
    }
}

fn any_port(wanted: &[SocketAddr]) -> bool {
    wanted.iter().any(|a| a.port() == 0)
}

fn wanted(settings: &Settings) -> io::Result<Vec<SocketAddr>> {
    let mut wanted = Vec::new();
    for address in &settings.listen {
        if address.ip().is_unspecified() && settings.advertise.is_empty() {
            let all = local_addresses()?;
            let same_family = all
                .into_iter()
                .filter(|ip| ip.is_ipv4() == address.is_ipv4());
            wanted.extend(same_family.map(|ip| SocketAddr::new(ip, address.port())));
        } else {
            wanted.push(*address);
        }
    }
    wanted.dedup();
    wanted.truncate(ADDRESSES_MAX);
    if wanted.is_empty() {
        return Err(io::Error::new(
            io::ErrorKind::AddrNotAvailable,
            "no address to listen on for media",
        ));
    }
    Ok(wanted)
}

/// The machine's addresses, loopback last. Link-local IPv6 needs a scope, which no
/// candidate can carry.
fn local_addresses() -> io::Result<Vec<IpAddr>> {
    let mut all: Vec<IpAddr> = if_addrs::get_if_addrs()?
        .into_iter()
        .filter(|interface| !interface.is_link_local())
        .map(|interface| interface.ip())
        .collect();
    all.sort_by_key(|ip| (ip.is_loopback(), ip.is_ipv6(), *ip));
    all.dedup();
    Ok(all)
}

fn open_all(wanted: &[SocketAddr], advertise: &[IpAddr]) -> io::Result<Opened> {
    let mut port = 0;
    let mut sockets = Vec::new();
    for address in wanted {
        let mut address = *address;
        if address.port() == 0 {
            address.set_port(port);
        }
        let opened = match open_one(address, advertise) {
            // An interface may lose its IPv6 address between listing and opening it.
            Err(error) if error.kind() == io::ErrorKind::AddrNotAvailable && wanted.len() > 1 => {
                continue;
            }
            opened => opened?,
        };
        port = opened.advertised.port();
        sockets.push(opened);
    }
    if sockets.is_empty() {
        return Err(io::ErrorKind::AddrNotAvailable.into());
    }
    let addresses = if advertise.is_empty() {
        sockets.iter().map(|s| s.advertised).collect()
    } else {
        advertise
            .iter()
            .take(ADDRESSES_MAX)
            .map(|ip| SocketAddr::new(*ip, port))
            .collect()
    };
    Ok(Opened {
        port,
        sockets,
        addresses,
    })
}

fn open_one(address: SocketAddr, advertise: &[IpAddr]) -> io::Result<Listening> {
    let udp = socket(address, Type::DGRAM, Protocol::UDP)?;
    // A smaller buffer only means more loss in a burst.
    let _ = udp.set_recv_buffer_size(SOCKET_BUFFER_BYTES);
    let _ = udp.set_send_buffer_size(SOCKET_BUFFER_BYTES);
    udp.bind(&address.into())?;
    let udp = UdpSocket::from_std(udp.into());
    let bound = udp.local_addr()?;

    let tcp = socket(bound, Type::STREAM, Protocol::TCP)?;
    tcp.set_reuse_address(true)?;
    tcp.bind(&bound.into())?;
    tcp.listen(BACKLOG)?;
    let tcp = TcpListener::from_std(tcp.into());

    let instead = advertise.iter().find(|ip| ip.is_ipv4() == bound.is_ipv4());
    let advertised = SocketAddr::new(instead.copied().unwrap_or(bound.ip()), bound.port());
    Ok(Listening {
        udp,
        tcp,
        advertised,
    })
}

fn socket(address: SocketAddr, kind: Type, protocol: Protocol) -> io::Result<Socket> {
    let socket = Socket::new(Domain::for_address(address), kind, Some(protocol))?;
    socket.set_nonblocking(true)?;
    if address.is_ipv6() {
        // So that 0.0.0.0 and :: can have the same port.
        socket.set_only_v6(true)?;
    }
    Ok(socket)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settings(listen: &[&str], advertise: &[&str]) -> Settings {
        Settings {
            listen: listen.iter().map(|a| a.parse().unwrap()).collect(),
            advertise: advertise.iter().map(|a| a.parse().unwrap()).collect(),
        }
    }

    #[test]
    fn every_address_has_the_same_free_port() {
        let opened = open(&settings(&["0.0.0.0:0", "[::]:0"], &[])).unwrap();
        assert!(opened.port != 0);
        assert!(opened.addresses.iter().all(|a| a.port() == opened.port));
        assert!(
            opened
                .addresses
                .contains(&SocketAddr::from(([127, 0, 0, 1], opened.port)))
        );
    }

    #[test]
    fn behind_translation_only_the_advertised_address_is_told() {
        let opened = open(&settings(&["0.0.0.0:0", "[::]:0"], &["203.0.113.5"])).unwrap();
        assert_eq!(
            opened.addresses,
            [SocketAddr::from(([203, 0, 113, 5], opened.port))]
        );
    }
}
