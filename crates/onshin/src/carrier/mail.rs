//! Mail by SMTP submission (RFC 6409): one message a receiver, plain text, TLS unless the server is on this machine.

use super::Taken;
use crate::{
    config::{Mail, MailTls},
    outcome::Outcome,
};
use lettre::{
    AsyncSmtpTransport, AsyncTransport as _, Message, Tokio1Executor,
    message::{
        Mailbox,
        header::{ContentType, HeaderName, HeaderValue},
    },
    transport::smtp::{
        authentication::Credentials,
        client::{CertificateStore, Tls, TlsParameters},
    },
};
use std::time::Duration;
use store::outbox::Sent;

/// One command and its answer.
const ANSWER_TIME_MAX: Duration = Duration::from_secs(30);
/// One message, from greeting to farewell.
const MESSAGE_TIME_MAX: Duration = Duration::from_secs(90);
/// Answers that say that this receiver or this message will never be taken (RFC 5321, 4.2.3). Other refusals are about
/// us: a password, a policy, a quota. They are tried again and told to the operator.
const FOR_GOOD: [&str; 6] = ["501", "550", "551", "552", "553", "554"];

/// A mail server.
pub(super) struct MailPort {
    transport: AsyncSmtpTransport<Tokio1Executor>,
    from: Mailbox,
}

impl MailPort {
    pub(super) fn new(set: &Mail) -> Result<Self, Outcome> {
        let from: Mailbox = set.from.parse().map_err(Outcome::machine)?;
        let secured = || {
            TlsParameters::builder(set.host.clone())
                .certificate_store(CertificateStore::Default)
                .build_rustls()
                .map_err(Outcome::machine)
        };
        let tls = match set.tls {
            MailTls::None => Tls::None,
            MailTls::Starttls => Tls::Required(secured()?),
            MailTls::Tls => Tls::Wrapper(secured()?),
        };
        let mut builder = AsyncSmtpTransport::<Tokio1Executor>::builder_dangerous(&set.host)
            .port(set.port())
            .tls(tls)
            .timeout(Some(ANSWER_TIME_MAX));
        if let (Some(user), Some(file)) = (&set.user, &set.password_file) {
            let text = std::fs::read_to_string(file).map_err(|why| Outcome::file(file, &why))?;
            builder = builder.credentials(Credentials::new(user.clone(), text.trim().to_owned()));
        }
        Ok(Self {
            transport: builder.build(),
            from,
        })
    }

    pub(super) async fn take(&self, sent: &Sent) -> Taken {
        let Ok(to) = sent.message.to.trim().parse::<Mailbox>() else {
            return Taken::GivenBack("no_mail_address");
        };
        let Some(letter) = self.letter(to, sent) else {
            return Taken::GivenBack("not_a_message");
        };
        let sending = tokio::time::timeout(MESSAGE_TIME_MAX, self.transport.send(letter));
        match sending.await {
            Ok(Ok(_)) => Taken::Yes,
            Ok(Err(why)) => judged(&why),
            Err(_) => {
                tracing::warn!("the mail server did not answer in time");
                Taken::NotNow
            }
        }
    }

    fn letter(&self, to: Mailbox, sent: &Sent) -> Option<Message> {
        // Nobody is to be told by a machine that this machine wrote (RFC 3834).
        let by_machine = HeaderValue::new(
            HeaderName::new_from_ascii_str("Auto-Submitted"),
            "auto-generated".to_owned(),
        );
        let name = format!("<{}@{}>", sent.id, self.from.email.domain());
        Message::builder()
            .from(self.from.clone())
            .to(to)
            .subject(sent.message.subject.clone())
            .message_id(Some(name))
            .raw_header(by_machine)
            .header(ContentType::TEXT_PLAIN)
            .body(sent.message.text.clone())
            .ok()
    }
}

/// What a refusal means. Its words are not logged: a server repeats the receiver's address in them.
fn judged(why: &lettre::transport::smtp::Error) -> Taken {
    let code = why.status().map(|code| code.to_string());
    match code.as_deref() {
        Some(code) if FOR_GOOD.contains(&code) => Taken::GivenBack("no_such_box"),
        Some(code) => {
            tracing::warn!(code, "the mail server takes no mail of ours now");
            Taken::NotNow
        }
        None => {
            let (tls, late) = (why.is_tls(), why.is_timeout());
            tracing::warn!(tls, late, "the mail server cannot be reached");
            Taken::NotNow
        }
    }
}
