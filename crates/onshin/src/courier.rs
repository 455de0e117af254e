//! Carries messages from the outbox to the port that takes them, and keeps what became of each.
//!
//! At least once: a program that dies between the port's yes and the commit sends again. Nothing clinical is in a
//! message, and its link opens the same visit.

use crate::carrier::{Carriers, Taken};
use jiff::{SignedDuration, Timestamp};
use std::time::Duration;
use store::{
    Fault, Store,
    outbox::{Channel, Sent},
};
use tokio::sync::watch::Receiver;
use web::Clock;

/// How long a message lies before somebody looks.
const LOOK_EVERY: Duration = Duration::from_secs(2);
/// After how many minutes a port that could not be reached is tried again: once each, then the message is given back,
/// so that reception calls.
const AGAIN_AFTER_MINUTES: [i64; 5] = [1, 3, 10, 30, 60];
/// A message that lay for so long, with nobody to carry it, is not sent any more: what it says may be over.
const AGE_MAX: SignedDuration = SignedDuration::from_hours(24);
/// A telephone number of the demonstration that takes no messages ends so.
const NO_SUCH_NUMBER: &str = "9999";
/// A mail address of the demonstration that gives everything back begins so.
const NO_SUCH_BOX: &str = "nobody@";

/// The outside party that takes messages.
pub(crate) enum Port {
    /// What the configuration names; where it names none, messages stay in line, and reception is told.
    Real(Box<Carriers>),
    /// The demonstration's: takes everything but what is made to fail.
    Fake,
}

impl Port {
    /// The channels that are carried.
    pub(crate) fn channels(&self) -> Vec<Channel> {
        match self {
            Self::Real(carriers) => carriers.channels(),
            Self::Fake => vec![Channel::Sms, Channel::Mail],
        }
    }

    /// Hands a message over. `None` where nobody took it at all.
    async fn take(&self, sent: &Sent) -> Option<Taken> {
        let to = &sent.message.to;
        match (self, sent.channel) {
            (Self::Real(carriers), _) => carriers.take(sent).await,
            (Self::Fake, Channel::Sms) if to.ends_with(NO_SUCH_NUMBER) => {
                Some(Taken::GivenBack("no_such_number"))
            }
            (Self::Fake, Channel::Mail) if to.starts_with(NO_SUCH_BOX) => {
                Some(Taken::GivenBack("no_such_box"))
            }
            (Self::Fake, Channel::Sms | Channel::Mail) => Some(Taken::Yes),
        }
    }
}

/// Carries until the program ends.
pub(crate) async fn run(store: Store, port: Port, clock: Clock, mut end: Receiver<bool>) {
    if port.channels().is_empty() {
        return;
    }
    loop {
        tokio::select! {
            () = tokio::time::sleep(LOOK_EVERY) => {}
            _ = end.wait_for(|end| *end) => return,
        }
        if let Err(fault) = round(&store, &port, &clock, &end).await {
            tracing::warn!(%fault, "messages could not be carried; they stay in line");
        }
    }
}

/// One round: everything in line and due at every institution, one after another.
pub(crate) async fn round(
    store: &Store,
    port: &Port,
    clock: &Clock,
    end: &Receiver<bool>,
) -> Result<(), Fault> {
    for (tenant, _) in store.tenants().await? {
        let queued = store.read(tenant).await?.queued_messages(clock()).await?;
        for sent in queued {
            if *end.borrow() {
                return Ok(());
            }
            let taken = if too_late(&sent, clock()) {
                Some(Taken::GivenBack("too_late"))
            } else {
                port.take(&sent).await
            };
            let Some(taken) = taken else { continue };
            let now = clock();
            store
                .write::<(), Fault, _>(tenant, now, move |tx| {
                    Box::pin(async move {
                        match outcome(&sent, taken, now) {
                            Kept::Delivered => tx.keep_delivery(&sent, None).await,
                            Kept::Failed(why) => tx.keep_delivery(&sent, Some(why)).await,
                            Kept::Again(at) => tx.keep_try(&sent, at).await,
                        }
                    })
                })
                .await?;
        }
    }
    Ok(())
}

fn too_late(sent: &Sent, now: Timestamp) -> bool {
    now.duration_since(sent.created) >= AGE_MAX
}

/// What is kept of a try.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kept {
    Delivered,
    Failed(&'static str),
    Again(Timestamp),
}

fn outcome(sent: &Sent, taken: Taken, now: Timestamp) -> Kept {
    match taken {
        Taken::Yes => Kept::Delivered,
        Taken::GivenBack(why) => Kept::Failed(why),
        Taken::NotNow => {
            let tries = usize::try_from(sent.tries).unwrap_or_default();
            let again = AGAIN_AFTER_MINUTES
                .get(tries)
                .and_then(|minutes| now.checked_add(SignedDuration::from_mins(*minutes)).ok());
            again.map_or(Kept::Failed("port_unreachable"), Kept::Again)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Config;
    use access::Ulid;
    use care::PatientId;
    use store::outbox::{Delivery, Message};

    #[tokio::test]
    async fn the_demonstration_gives_back_what_is_made_to_fail_and_no_port_takes_nothing() {
        let sent = |channel, to: &str| Sent {
            id: Ulid::from_parts(1, 1),
            patient: PatientId(Ulid::from_parts(1, 2)),
            consultation: None,
            channel,
            kind: "invitation".to_owned(),
            message: Message {
                to: to.to_owned(),
                subject: String::new(),
                text: String::new(),
            },
            created: Timestamp::UNIX_EPOCH,
            delivery: Delivery::Queued,
            tries: 0,
        };
        let nobody = Port::Real(Box::new(Carriers::configured(&Config::default()).unwrap()));
        assert!(nobody.channels().is_empty());
        for (channel, to, said) in [
            (Channel::Sms, "0001000001", Taken::Yes),
            (
                Channel::Sms,
                "0001009999",
                Taken::GivenBack("no_such_number"),
            ),
            (Channel::Mail, "akira@patient.example", Taken::Yes),
            (
                Channel::Mail,
                "nobody@patient.example",
                Taken::GivenBack("no_such_box"),
            ),
        ] {
            let sent = sent(channel, to);
            assert_eq!(Port::Fake.take(&sent).await, Some(said), "{to}");
            assert_eq!(nobody.take(&sent).await, None, "{to}");
        }
    }
}
