//! Rounds of stamping with a pretended authority, an authority over HTTP, and each of its failures.

use super::*;
use crate::demo::authority;
use jiff::SignedDuration;
use signing::pretend::Trouble as Failing;
use std::{
    io::{Read as _, Write as _},
    net::TcpListener,
    sync::{Arc, Mutex},
};
use store::{Against, Database, MasterKey, Settings, Stamping, Standing};

const CLINIC: TenantId = TenantId(access::Ulid::from_bytes([1; 16]));
/// 2026-11-20 10:30 in Tokyo.
const NOW: Timestamp = Timestamp::constant(1_795_138_200, 0);
const DAY: SignedDuration = SignedDuration::from_hours(24);

struct Place {
    folder: tempfile::TempDir,
    key: MasterKey,
    hour: Arc<Mutex<Timestamp>>,
    store: Store,
}

impl Place {
    async fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let key = MasterKey::generate().unwrap();
        let store = Store::open(Settings {
            database: Database::Sqlite(folder.path().join("onshin.sqlite")),
            master_key: key.copy(),
            anchor: Some(folder.path().join("checkpoints.log")),
            reserve: None,
        })
        .await
        .unwrap();
        store.create_tenant(CLINIC, "見本", NOW).await.unwrap();
        let place = Self {
            folder,
            key,
            hour: Arc::new(Mutex::new(NOW)),
            store,
        };
        place.append().await;
        place
    }

    async fn append(&self) {
        let now = *self.hour.lock().unwrap();
        let done: Result<u64, Fault> = self
            .store
            .write(CLINIC, now, |tx| {
                Box::pin(tx.record(ledger::Entry::new(
                    "test.done",
                    ledger::Actor::System,
                    "care",
                )))
            })
            .await;
        done.unwrap();
    }

    fn later(&self, by: SignedDuration) {
        *self.hour.lock().unwrap() += by;
    }

    fn clock(&self) -> Clock {
        let hour = Arc::clone(&self.hour);
        Arc::new(move || *hour.lock().unwrap())
    }

    async fn round(&self, authority: &Authority, turns: &mut HashMap<TenantId, Turn>) {
        round(&self.store, authority, &self.clock(), turns).await;
    }

    async fn stamping(&self) -> Stamping {
        let today = legal_day(*self.hour.lock().unwrap());
        let mut read = self.store.read(CLINIC).await.unwrap();
        read.stamping(today).await.unwrap()
    }
}

/// A pretended authority and its root.
fn pretended() -> (Pretend, Trust) {
    let folder = tempfile::tempdir().unwrap();
    let Authority { port, trust, .. } = authority::of(folder.path()).unwrap();
    match port {
        Port::Pretended(pretend) => (*pretend, trust.unwrap()),
        Port::Remote(_) => unreachable!(),
    }
}

/// What an authority over HTTP does with each question.
#[derive(Clone, Copy)]
enum Manner {
    Answers(Option<Failing>),
    Says(&'static str),
    Floods,
    Closes,
}

/// An authority over HTTP on a free port, one answer a connection.
fn over_http(pretend: Pretend, manner: Manner) -> String {
    let door = TcpListener::bind(("127.0.0.1", 0)).unwrap();
    let url = format!("http://{}/tsa", door.local_addr().unwrap());
    std::thread::spawn(move || {
        for stream in door.incoming() {
            let mut stream = stream.unwrap();
            let mut request = Vec::new();
            let mut byte = [0];
            while !request.ends_with(b"\r\n\r\n") && stream.read(&mut byte).unwrap_or(0) == 1 {
                request.push(byte[0]);
            }
            let head = String::from_utf8_lossy(&request).to_lowercase();
            assert!(head.starts_with("post /tsa http/1.1\r\n"), "{head}");
            assert!(head.contains("application/timestamp-query"));
            let length = head
                .lines()
                .find_map(|line| line.strip_prefix("content-length: "))
                .unwrap();
            let mut question = vec![0; length.parse().unwrap()];
            stream.read_exact(&mut question).unwrap();
            let answer = match manner {
                Manner::Closes => Vec::new(),
                Manner::Floods => {
                    let head = "HTTP/1.1 200 OK\r\nContent-Type: application/timestamp-reply\r\nContent-Length: 1000000\r\n\r\n";
                    let mut answer = head.as_bytes().to_vec();
                    answer.resize(1_000_000, 0);
                    answer
                }
                Manner::Says(text) => text.as_bytes().to_vec(),
                Manner::Answers(failing) => {
                    let now = (NOW + DAY).as_microsecond();
                    let body = pretend.answer(&question, now, 1, failing).unwrap();
                    let mut answer = format!(
                        "HTTP/1.1 200 OK\r\nContent-Type: application/timestamp-reply\r\nContent-Length: {}\r\n\r\n",
                        body.len()
                    )
                    .into_bytes();
                    answer.extend(body);
                    answer
                }
            };
            let _ = stream.write_all(&answer);
        }
    });
    url
}

fn remote(url: &str, trust: Option<Trust>) -> Authority {
    Authority {
        port: Port::Remote(Box::new(Remote::new(url).unwrap())),
        trust,
        policy: None,
    }
}

#[tokio::test]
async fn each_day_is_stamped_once_with_a_copy_and_the_audit_agrees() {
    let place = Place::new().await;
    let (pretend, trust) = pretended();
    let authority = Authority::pretended(pretend, trust.clone());
    let mut turns = HashMap::new();
    place.round(&authority, &mut turns).await;
    assert_eq!(place.stamping().await.newest, None, "the day is not over");
    for _ in 0..3 {
        place.later(DAY);
        place.round(&authority, &mut turns).await;
        place.round(&authority, &mut turns).await;
    }
    assert_eq!(place.stamping().await.days_without, 0);
    place.store.close().await;
    let copies = std::fs::read_to_string(place.folder.path().join("time-stamps.log")).unwrap();
    let against = Against {
        master: Some(&place.key),
        time_stamps: Some(&copies),
        trust: Some(&trust),
        pretended: true,
        now: Some(*place.hour.lock().unwrap()),
        ..Against::default()
    };
    let database = Database::Sqlite(place.folder.path().join("onshin.sqlite"));
    let report = store::verify_against(&database, &against).await.unwrap();
    for ledger in report.ledgers {
        assert_eq!(ledger.standing, Standing::Good);
        assert_eq!(ledger.time_stamps.kept, 3, "{}", ledger.tenant);
        assert_eq!(ledger.time_stamps.untraced, 0);
    }
}

#[tokio::test]
async fn missed_days_are_made_good_by_one_stamp() {
    let place = Place::new().await;
    let (pretend, trust) = pretended();
    let authority = Authority::pretended(pretend, trust);
    place.later(DAY);
    place.append().await;
    place.later(DAY * 9);
    assert_eq!(place.stamping().await.days_without, 9);
    place.round(&authority, &mut HashMap::new()).await;
    assert_eq!(place.stamping().await.days_without, 0);
    place.store.close().await;
}

#[tokio::test]
async fn an_authority_over_http_that_pretends_is_refused_and_nothing_of_its_failures_is_kept() {
    let refusals = [
        (Manner::Answers(None), "模擬"),
        (Manner::Answers(Some(Failing::Declines)), "declined"),
        (
            Manner::Answers(Some(Failing::OtherNonce)),
            "another question",
        ),
        (
            Manner::Answers(Some(Failing::OtherImprint)),
            "something else",
        ),
        (Manner::Answers(Some(Failing::FalseSignature)), "signature"),
        (
            Manner::Answers(Some(Failing::Clock(3_600_000_000))),
            "out of bounds",
        ),
        (
            Manner::Says("HTTP/1.1 500 Oh\r\nContent-Length: 0\r\n\r\n"),
            "HTTP 500",
        ),
        (
            Manner::Says(
                "HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n",
            ),
            "HTTP 302",
        ),
        (
            Manner::Says(
                "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 6\r\n\r\n<html>",
            ),
            "application/timestamp-reply",
        ),
        (Manner::Floods, "length limit"),
        (Manner::Closes, "does not answer"),
    ];
    let place = Place::new().await;
    place.later(DAY);
    for (manner, said) in refusals {
        let (pretend, trust) = pretended();
        let authority = remote(&over_http(pretend, manner), Some(trust));
        let trouble = stamp(&place.store, &authority, &place.clock(), CLINIC)
            .await
            .unwrap_err()
            .to_string();
        assert!(trouble.contains(said), "{trouble} for {said}");
    }
    assert_eq!(place.stamping().await.newest, None);
    assert!(!place.folder.path().join("time-stamps.log").exists());
    place.store.close().await;
}

#[tokio::test]
async fn a_failure_is_tried_again_with_growing_pauses_and_becomes_a_finding() {
    let place = Place::new().await;
    place.later(DAY);
    let silent = remote("http://127.0.0.1:1/", None);
    let mut turns = HashMap::new();
    let minute = SignedDuration::from_mins(1);
    let mut tries = 0;
    for _ in 0..(24 * 60) {
        let before = failed(&turns);
        place.round(&silent, &mut turns).await;
        tries += u32::from(failed(&turns) > before);
        place.later(minute);
    }
    assert!((20..40).contains(&tries), "{tries} tries in a day");
    assert_eq!(place.stamping().await.days_without, 1);
    let (pretend, trust) = pretended();
    place.later(DAY);
    place
        .round(&Authority::pretended(pretend, trust), &mut turns)
        .await;
    assert_eq!(place.stamping().await.days_without, 0);
    place.store.close().await;
}

fn failed(turns: &HashMap<TenantId, Turn>) -> u32 {
    match turns.get(&CLINIC) {
        Some(Turn::Later(_, failed)) => *failed,
        Some(Turn::Done(_)) | None => 0,
    }
}
