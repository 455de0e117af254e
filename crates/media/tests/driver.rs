//! The real thread with real sockets on loopback: UDP, TCP, and its end.

#![cfg(test)]

#[expect(dead_code, reason = "each test file uses its own part of the network")]
mod network;

use media::{Media, Notice, OfferRefused, Settings};
use network::{Party, ROOM, Sends, patient, physician};
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream, UdpSocket};
use std::time::{Duration, Instant};
use str0m::net::{Protocol, Receive, TcpType};
use str0m::{Candidate, Event, Input, Output};
use tokio::sync::mpsc;

fn start() -> (Media, mpsc::Receiver<Notice>) {
    let listen = vec![SocketAddr::from(([127, 0, 0, 1], 0))];
    Media::start(Settings {
        listen,
        advertise: vec![],
    })
    .unwrap()
}

fn wait<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap()
        .block_on(future)
}

async fn told(notices: &mut mpsc::Receiver<Notice>, wanted: impl Fn(&Notice) -> bool) -> bool {
    let until = tokio::time::Instant::now() + Duration::from_secs(10);
    while let Ok(Some(notice)) = tokio::time::timeout_at(until, notices.recv()).await {
        if wanted(&notice) {
            return true;
        }
    }
    false
}

/// Runs a party over UDP until it has been connected, or ten seconds have passed.
fn connect_udp(mut party: Party, socket: &UdpSocket) -> Party {
    socket
        .set_read_timeout(Some(Duration::from_millis(5)))
        .unwrap();
    let until = Instant::now() + Duration::from_secs(10);
    let mut buffer = [0; 2000];
    while Instant::now() < until && !party.connected {
        let _ = party.rtc.handle_input(Input::Timeout(Instant::now()));
        take(&mut party, |bytes, target| {
            drop(socket.send_to(bytes, target));
        });
        if let Ok((length, source)) = socket.recv_from(&mut buffer) {
            let address = party.address;
            let receive = Receive::new(Protocol::Udp, source, address, &buffer[..length]).unwrap();
            party
                .rtc
                .handle_input(Input::Receive(Instant::now(), receive))
                .unwrap();
        }
    }
    party
}

fn take(party: &mut Party, mut send: impl FnMut(&[u8], SocketAddr)) {
    loop {
        match party.rtc.poll_output().unwrap() {
            Output::Timeout(_) => return,
            Output::Transmit(transmit) => send(&transmit.contents, transmit.destination),
            Output::Event(Event::Connected) => party.connected = true,
            Output::Event(_) => {}
        }
    }
}

#[test]
fn a_browser_connects_by_udp() {
    let (media, mut notices) = start();
    let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
    let mut party = Party::new(socket.local_addr().unwrap(), Sends::Nothing, Instant::now());
    let offer = party.offer();
    let answer = wait(media.offer(patient(), offer)).unwrap();
    assert!(answer.contains(&format!("127.0.0.1 {}", media.port())));
    party.set_answer(&answer);
    assert!(connect_udp(party, &socket).connected);
    assert!(wait(told(
        &mut notices,
        |n| matches!(n, Notice::Connected { seat, .. } if seat == "patient")
    )));
    assert_eq!(wait(media.roster(ROOM.into())).len(), 1);
}

#[test]
fn a_browser_behind_a_strict_firewall_connects_by_tcp() {
    let (media, mut notices) = start();
    let mut stream = TcpStream::connect(("127.0.0.1", media.port())).unwrap();
    stream
        .set_read_timeout(Some(Duration::from_millis(5)))
        .unwrap();
    let (local, remote) = (stream.local_addr().unwrap(), stream.peer_addr().unwrap());
    let mut party = Party::new(local, Sends::Nothing, Instant::now());
    let active = Candidate::builder()
        .tcp()
        .host(local)
        .tcptype(TcpType::Active)
        .build()
        .unwrap();
    party.rtc.add_local_candidate(active);
    let offer = party.offer();
    let answer = wait(media.offer(patient(), offer)).unwrap();
    let only_tcp: String = answer
        .lines()
        .filter(|l| !(l.starts_with("a=candidate:") && l.contains(" udp ")))
        .flat_map(|l| [l, "\r\n"])
        .collect();
    party.set_answer(&only_tcp);

    let until = Instant::now() + Duration::from_secs(10);
    let (mut buffer, mut bytes) = ([0; 2000], Vec::new());
    while Instant::now() < until && !party.connected {
        let _ = party.rtc.handle_input(Input::Timeout(Instant::now()));
        take(&mut party, |datagram, _| {
            stream
                .write_all(&u16::try_from(datagram.len()).unwrap().to_be_bytes())
                .unwrap();
            stream.write_all(datagram).unwrap();
        });
        if let Ok(length) = stream.read(&mut buffer) {
            bytes.extend_from_slice(&buffer[..length]);
        }
        while bytes.len() >= 2 {
            let length = usize::from(u16::from_be_bytes([bytes[0], bytes[1]]));
            if bytes.len() < 2 + length {
                break;
            }
            let frame: Vec<u8> = bytes.drain(..2 + length).skip(2).collect();
            let receive = Receive::new(Protocol::Tcp, remote, local, &frame).unwrap();
            party
                .rtc
                .handle_input(Input::Receive(Instant::now(), receive))
                .unwrap();
        }
    }
    assert!(party.connected);
    assert!(wait(told(&mut notices, |n| matches!(
        n,
        Notice::Connected { .. }
    ))));
}

#[test]
fn commands_are_answered() {
    let (media, mut notices) = start();
    wait(async {
        media
            .admit(ROOM.into(), vec![patient(), physician()])
            .await
            .unwrap();
        assert!(media.roster(ROOM.into()).await.is_empty());
        assert_eq!(media.measure(ROOM.into()).await, media::Measure::default());
        assert_eq!(
            media.offer(patient(), "nonsense".into()).await,
            Err(OfferRefused::Malformed)
        );
        assert_eq!(
            media.echo(String::new(), String::new()).await,
            Err(OfferRefused::BadName)
        );
        assert!(
            told(&mut notices, |n| matches!(n, Notice::Measured { .. })).await,
            "every five seconds"
        );
        media.remove(ROOM.into(), "patient".into()).await;
        media.close(ROOM.into()).await;
    });
}

#[test]
fn the_thread_ends_with_its_last_handle() {
    let (media, mut notices) = start();
    let port = media.port();
    drop(media.clone());
    assert!(wait(media.roster(ROOM.into())).is_empty());
    drop(media);
    assert_eq!(wait(notices.recv()), None);
    let again = vec![SocketAddr::from(([127, 0, 0, 1], port))];
    assert!(
        Media::start(Settings {
            listen: again,
            advertise: vec![]
        })
        .is_ok(),
        "the port is free again"
    );
}

#[test]
fn a_stream_that_is_none_of_ours_is_cut() {
    let (media, _notices) = start();
    let mut stream = TcpStream::connect(("127.0.0.1", media.port())).unwrap();
    stream
        .set_read_timeout(Some(Duration::from_secs(5)))
        .unwrap();
    stream.write_all(b"GET / HTTP/1.1\r\n\r\n").unwrap();
    let ended = stream.read(&mut [0; 10]);
    assert!(
        matches!(ended, Ok(0))
            || ended.is_err_and(|e| e.kind() == std::io::ErrorKind::ConnectionReset)
    );
}
