//! The ports that carry messages to patients: mail by SMTP, short messages by an HTTP gateway. Neither says in a log to
//! whom or what.

mod mail;
mod sms;
#[cfg(test)]
mod tests;

use crate::{config::Config, outcome::Outcome};
use mail::MailPort;
use sms::Gateway;
use store::outbox::{Channel, Sent};

/// What a port did with a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Taken {
    /// It took it.
    Yes,
    /// It gave it back for good, and why in one word.
    GivenBack(&'static str),
    /// It could not be reached, or takes nothing now: tried again later.
    NotNow,
}

/// Every port that is configured.
pub(crate) struct Carriers {
    mail: Option<MailPort>,
    sms: Option<Gateway>,
}

impl Carriers {
    /// # Errors
    ///
    /// A setting or a secret cannot be used.
    pub(crate) fn configured(config: &Config) -> Result<Self, Outcome> {
        Ok(Self {
            mail: config.mail.as_ref().map(MailPort::new).transpose()?,
            sms: config.sms.as_ref().map(Gateway::new).transpose()?,
        })
    }

    /// The channels that somebody carries.
    pub(crate) fn channels(&self) -> Vec<Channel> {
        let mail = self.mail.as_ref().map(|_| Channel::Mail);
        let sms = self.sms.as_ref().map(|_| Channel::Sms);
        mail.into_iter().chain(sms).collect()
    }

    /// Hands a message over. `None` where no port carries its channel: it stays in line.
    pub(crate) async fn take(&self, sent: &Sent) -> Option<Taken> {
        match sent.channel {
            Channel::Mail => Some(self.mail.as_ref()?.take(sent).await),
            Channel::Sms => Some(self.sms.as_ref()?.take(sent).await),
        }
    }
}
