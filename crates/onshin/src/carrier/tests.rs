//! The ports against servers that behave like the real ones, failures included.

use super::Carriers;
use crate::{
    config::{Config, Mail, MailTls, Sms},
    courier::{self, Port},
    demo::{self, seeded},
};
use care::{Consultation, ConsultationId};
use jiff::{SignedDuration, Timestamp};
use std::{
    path::PathBuf,
    sync::{
        Arc, Mutex,
        atomic::{AtomicI64, Ordering},
    },
};
use store::{
    By, Fault, Store,
    outbox::{Address, Channel, Delivery, Message},
};
use tokio::{
    io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader},
    net::{TcpListener, TcpStream},
    sync::watch,
};

/// What a message carries and nobody's log may.
const LINK: &str = "https://visit.example/v/SECRETWORDSECRETWORD";

/// A mail server that takes mail for everybody but `nobody@`, and for `later@` only later.
#[derive(Clone, Default)]
struct Server {
    letters: Arc<Mutex<Vec<String>>>,
    commands: Arc<Mutex<Vec<String>>>,
}

impl Server {
    async fn open(&self) -> u16 {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let server = self.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let server = server.clone();
                tokio::spawn(async move { server.talk(stream).await });
            }
        });
        port
    }

    async fn talk(&self, stream: TcpStream) -> std::io::Result<()> {
        let (read, mut write) = stream.into_split();
        let mut lines = BufReader::new(read).lines();
        write.write_all(b"220 mail.example ESMTP\r\n").await?;
        while let Some(line) = lines.next_line().await? {
            self.commands.lock().unwrap().push(line.clone());
            let upper = line.to_uppercase();
            let answer = if upper.starts_with("EHLO") {
                "250-mail.example\r\n250-8BITMIME\r\n250 AUTH PLAIN".to_owned()
            } else if upper.starts_with("AUTH PLAIN") {
                let right = line.ends_with("AGNsaW5pYwByaWdodA==");
                let answer = ["535 5.7.8 bad credentials", "235 2.7.0 ok"];
                answer[usize::from(right)].to_owned()
            } else if upper.starts_with("RCPT") && line.contains("nobody@") {
                format!("550 5.1.1 {line}: no such user")
            } else if upper.starts_with("RCPT") && line.contains("later@") {
                format!("451 4.3.0 {line}: try again later")
            } else if upper.starts_with("DATA") {
                write.write_all(b"354 go on\r\n").await?;
                let mut letter = String::new();
                while let Some(line) = lines.next_line().await? {
                    if line == "." {
                        break;
                    }
                    letter.push_str(&line);
                    letter.push('\n');
                }
                self.letters.lock().unwrap().push(letter);
                "250 2.0.0 taken".to_owned()
            } else if upper.starts_with("QUIT") {
                "221 bye".to_owned()
            } else {
                "250 ok".to_owned()
            };
            write.write_all(format!("{answer}\r\n").as_bytes()).await?;
        }
        Ok(())
    }

    fn said(&self, word: &str) -> usize {
        let commands = self.commands.lock().unwrap();
        commands
            .iter()
            .filter(|line| line.starts_with(word))
            .count()
    }
}

/// A gateway that answers by the last digits of the number.
#[derive(Clone, Default)]
struct Gate {
    asked: Arc<Mutex<Vec<(String, serde_json::Value)>>>,
}

impl Gate {
    async fn open(&self) -> u16 {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let gate = self.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let _ = gate.answer(stream).await;
            }
        });
        port
    }

    async fn answer(&self, stream: TcpStream) -> std::io::Result<()> {
        let (read, mut write) = stream.into_split();
        let mut read = BufReader::new(read);
        let mut head = String::new();
        while read.read_line(&mut head).await? > 2 {}
        let length = head.lines().find_map(|line| {
            line.to_lowercase()
                .strip_prefix("content-length: ")?
                .parse()
                .ok()
        });
        let mut body = vec![0; length.unwrap_or(0)];
        read.read_exact(&mut body).await?;
        let body: serde_json::Value = serde_json::from_slice(&body).unwrap();
        let status = match body["to"].as_str().unwrap() {
            to if to.ends_with("9999") => "422 Unprocessable Content",
            to if to.ends_with("5033") => "503 Service Unavailable",
            _ if !head.contains("Bearer the-token\r\n") => "401 Unauthorized",
            _ => "202 Accepted",
        };
        self.asked.lock().unwrap().push((head, body));
        let answer = format!("HTTP/1.1 {status}\r\nContent-Length: 0\r\n\r\n");
        write.write_all(answer.as_bytes()).await
    }
}

struct Line {
    store: Store,
    visit: Consultation,
    now: Timestamp,
    port: Port,
    /// Each message is a second younger than the one before it.
    posted: AtomicI64,
    _folder: tempfile::TempDir,
}

fn mail(port: u16, tls: MailTls, password: Option<PathBuf>) -> Mail {
    Mail {
        host: "127.0.0.1".into(),
        port: Some(port),
        tls,
        user: password.as_ref().map(|_| "clinic".into()),
        password_file: password,
        from: "みほん <clinic@mail.example>".into(),
    }
}

/// An outbox whose messages of today go to these ports. `secret` is what the files of secrets hold.
async fn line(secret: &str, ports: impl FnOnce(PathBuf) -> (Option<Mail>, Option<Sms>)) -> Line {
    let (store, visit, now) = Box::pin(seeded::admitted()).await;
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("secret");
    std::fs::write(&file, format!("{secret}\n")).unwrap();
    let (mail, sms) = ports(file);
    let config = Config {
        mail,
        sms,
        ..Config::default()
    };
    let port = Port::Real(Box::new(Carriers::configured(&config).unwrap()));
    // What the seeded day has put in line is no matter of these tests.
    let line = Line {
        store,
        visit,
        now,
        port,
        posted: AtomicI64::new(0),
        _folder: folder,
    };
    line.clear().await;
    line
}

impl Line {
    fn at(&self, after_minutes: i64) -> Timestamp {
        let seconds = self.posted.load(Ordering::Relaxed);
        self.now + SignedDuration::from_mins(after_minutes) + SignedDuration::from_secs(seconds)
    }

    async fn clear(&self) {
        let mut read = self.store.read(demo::CLINIC).await.unwrap();
        let queued = read.queued_messages(self.now).await.unwrap();
        drop(read);
        self.store
            .write::<(), Fault, _>(demo::CLINIC, self.now, move |tx| {
                Box::pin(async move {
                    for sent in &queued {
                        tx.keep_delivery(sent, Some("cleared")).await?;
                    }
                    Ok(())
                })
            })
            .await
            .unwrap();
    }

    async fn post(&self, channel: Channel, to: &str) {
        let address = Address {
            patient: self.visit.patient,
            proxy: None,
            consultation: Some(self.visit.id),
            channel,
        };
        let message = Message {
            to: to.into(),
            subject: "診察のお知らせ".into(),
            text: format!("14:30\n{LINK}\n00-1234-5678"),
        };
        self.posted.fetch_add(1, Ordering::Relaxed);
        self.store
            .write::<(), Fault, _>(demo::CLINIC, self.at(0), move |tx| {
                Box::pin(
                    async move { tx.post(&By::System, &address, "invitation", &message).await },
                )
            })
            .await
            .unwrap();
    }

    async fn round(&self, after_minutes: i64) {
        let at = self.at(after_minutes);
        let (_end, ended) = watch::channel(false);
        let clock: web::Clock = Arc::new(move || at);
        courier::round(&self.store, &self.port, &clock, &ended)
            .await
            .unwrap();
    }

    async fn fate(&self) -> Delivery {
        let visit: ConsultationId = self.visit.id;
        let mut read = self.store.read(demo::CLINIC).await.unwrap();
        read.fates(visit).await.unwrap().first().unwrap().delivery
    }

    async fn written(&self, subject: &str) -> usize {
        seeded::entries(&self.store, subject).await
    }
}

#[tokio::test]
async fn mail_goes_to_its_receiver_with_the_link_and_is_marked_sent() {
    let server = Server::default();
    let port = server.open().await;
    let line = line("right", |file| {
        (Some(mail(port, MailTls::None, Some(file))), None)
    })
    .await;
    let before = line.written("guidance.sent").await;
    line.post(Channel::Mail, "masao@example.com").await;
    line.round(0).await;
    line.round(1).await;
    assert!(matches!(line.fate().await, Delivery::Sent(_)));
    assert_eq!(line.written("guidance.sent").await, before + 1);
    let letters = server.letters.lock().unwrap().clone();
    assert_eq!(letters.len(), 1, "sent once");
    let letter = letters.first().unwrap();
    for part in [
        "To: masao@example.com",
        "clinic@mail.example",
        "Subject: =?utf-8?",
        "Auto-Submitted: auto-generated",
        "Content-Type: text/plain; charset=utf-8",
        LINK,
    ] {
        assert!(letter.contains(part), "{part}: {letter}");
    }
}

#[tokio::test]
async fn a_receiver_that_is_refused_is_marked_failed_and_not_tried_again() {
    let server = Server::default();
    let port = server.open().await;
    let line = line("", |_| (Some(mail(port, MailTls::None, None)), None)).await;
    let before = line.written("notice.undeliverable").await;
    for to in ["nobody@example.com", "no address at all"] {
        line.post(Channel::Mail, to).await;
        line.round(0).await;
        assert_eq!(line.fate().await, Delivery::Failed, "{to}");
    }
    line.round(1_000).await;
    assert_eq!(server.said("RCPT"), 1);
    assert_eq!(line.written("notice.undeliverable").await, before + 2);
    assert!(server.letters.lock().unwrap().is_empty());
}

#[tokio::test]
async fn a_server_that_says_later_is_tried_a_bounded_number_of_times() {
    let server = Server::default();
    let port = server.open().await;
    let line = line("", |_| (Some(mail(port, MailTls::None, None)), None)).await;
    line.post(Channel::Mail, "later@example.com").await;
    // Due at 0, then 1, 3, 10, 30 and 60 minutes after each other; between them nobody is asked.
    for (minutes, tries) in [
        (0, 1),
        (0, 1),
        (1, 2),
        (3, 2),
        (4, 3),
        (14, 4),
        (44, 5),
        (103, 5),
    ] {
        line.round(minutes).await;
        assert_eq!(server.said("RCPT"), tries, "after {minutes} min");
        assert_eq!(line.fate().await, Delivery::Queued, "after {minutes} min");
    }
    line.round(104).await;
    assert_eq!(
        (server.said("RCPT"), line.fate().await),
        (6, Delivery::Failed)
    );
    line.round(1_000).await;
    assert_eq!(server.said("RCPT"), 6);
}

#[tokio::test]
async fn a_wrong_password_and_a_line_without_tls_send_nothing_and_give_nothing_back() {
    for (tls, secret) in [(MailTls::None, "wrong"), (MailTls::Starttls, "right")] {
        let server = Server::default();
        let port = server.open().await;
        let line = line(secret, |file| (Some(mail(port, tls, Some(file))), None)).await;
        line.post(Channel::Mail, "masao@example.com").await;
        line.round(0).await;
        assert_eq!(line.fate().await, Delivery::Queued, "{tls:?}");
        assert_eq!(server.said("RCPT"), 0, "{tls:?}");
        if tls == MailTls::Starttls {
            assert_eq!(
                server.said("AUTH"),
                0,
                "the password went over an open line"
            );
        }
    }
    // Nobody listens there.
    let closed = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = closed.local_addr().unwrap().port();
    drop(closed);
    let line = line("", |_| (Some(mail(port, MailTls::None, None)), None)).await;
    line.post(Channel::Mail, "masao@example.com").await;
    line.round(0).await;
    assert_eq!(line.fate().await, Delivery::Queued);
}

#[tokio::test]
async fn short_messages_go_to_the_gateway_as_json_with_the_token() {
    let gate = Gate::default();
    let port = gate.open().await;
    let line = line("the-token", |file| {
        let sms = Sms {
            url: format!("http://127.0.0.1:{port}/messages?from=clinic"),
            token_file: file,
        };
        (None, Some(sms))
    })
    .await;
    for (to, fate) in [
        ("00-1111-2222", None),
        ("0011119999", Some(Delivery::Failed)),
        ("110", Some(Delivery::Failed)),
        ("0011115033", Some(Delivery::Queued)),
    ] {
        line.post(Channel::Sms, to).await;
        line.round(0).await;
        let became = line.fate().await;
        match fate {
            Some(fate) => assert_eq!(became, fate, "{to}"),
            None => assert!(matches!(became, Delivery::Sent(_)), "{to}"),
        }
    }
    let asked = gate.asked.lock().unwrap().clone();
    let (head, body) = asked.first().unwrap();
    assert!(
        head.starts_with("POST /messages?from=clinic HTTP/1.1\r\n"),
        "{head}"
    );
    assert_eq!(body["to"], "+81011112222");
    assert!(body["text"].as_str().unwrap().contains(LINK));
    assert!(!body["id"].as_str().unwrap().is_empty());
    assert_eq!(asked.len(), 3, "110 is nobody's telephone");
}

#[tokio::test]
async fn a_token_that_is_refused_gives_no_message_back() {
    let gate = Gate::default();
    let port = gate.open().await;
    let line = line("another", |file| {
        let sms = Sms {
            url: format!("http://127.0.0.1:{port}/"),
            token_file: file,
        };
        (None, Some(sms))
    })
    .await;
    line.post(Channel::Sms, "0011112222").await;
    line.round(0).await;
    assert_eq!(line.fate().await, Delivery::Queued);
}

#[tokio::test]
async fn what_nobody_carries_stays_in_line_and_what_lay_a_day_is_not_sent() {
    let server = Server::default();
    let port = server.open().await;
    let line = line("", |_| (Some(mail(port, MailTls::None, None)), None)).await;
    line.post(Channel::Sms, "0011112222").await;
    line.round(0).await;
    assert_eq!(line.fate().await, Delivery::Queued);
    line.post(Channel::Mail, "masao@example.com").await;
    line.round(24 * 60).await;
    assert_eq!(line.fate().await, Delivery::Failed);
    assert!(server.letters.lock().unwrap().is_empty());
}

#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl std::io::Write for Log {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

#[tokio::test]
async fn no_log_says_to_whom_or_what() {
    let (server, gate) = (Server::default(), Gate::default());
    let (mail_port, sms_port) = (server.open().await, gate.open().await);
    let line = line("the-token", |file| {
        let sms = Sms {
            url: format!("http://127.0.0.1:{sms_port}/"),
            token_file: file,
        };
        (Some(mail(mail_port, MailTls::None, None)), Some(sms))
    })
    .await;
    let log = Log::default();
    let writer = log.clone();
    let subscriber = tracing_subscriber::fmt()
        .with_max_level(tracing::Level::TRACE)
        .with_writer(move || writer.clone())
        .finish();
    let guard = tracing::subscriber::set_default(subscriber);
    for (channel, to) in [
        (Channel::Mail, "nobody@example.com"),
        (Channel::Mail, "later@example.com"),
        (Channel::Sms, "0011115033"),
        (Channel::Sms, "0011119999"),
    ] {
        line.post(channel, to).await;
    }
    line.round(0).await;
    drop(guard);
    let text = String::from_utf8(log.0.lock().unwrap().clone()).unwrap();
    assert!(text.contains("takes no mail of ours now"), "{text}");
    for secret in [
        "nobody@",
        "later@",
        "11115033",
        "11119999",
        "SECRETWORD",
        "the-token",
    ] {
        assert!(!text.contains(secret), "{secret}: {text}");
    }
}
