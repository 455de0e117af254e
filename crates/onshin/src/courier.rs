//! Carries messages from the outbox to the port that takes them, and keeps what became of each.

use jiff::Timestamp;
use std::time::Duration;
use store::{
    Fault, Store,
    outbox::{Channel, Sent},
};
use tokio::sync::watch::Receiver;
use web::Clock;

/// How long a message lies before somebody looks.
const LOOK_EVERY: Duration = Duration::from_secs(2);
/// A telephone number of the demonstration that takes no messages ends so.
const NO_SUCH_NUMBER: &str = "9999";
/// A mail address of the demonstration that gives everything back begins so.
const NO_SUCH_BOX: &str = "nobody@";

/// The outside party that takes messages.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Port {
    /// None is connected: messages stay in line, and the board says so.
    None,
    /// The demonstration's: takes everything but what is made to fail.
    Fake,
}

impl Port {
    /// Hands a message over. The answer names why it was given back; `None` where nobody took it at all.
    fn take(self, sent: &Sent) -> Option<Result<(), &'static str>> {
        let to = &sent.message.to;
        match (self, sent.channel) {
            (Self::None, _) => None,
            (Self::Fake, Channel::Sms) if to.ends_with(NO_SUCH_NUMBER) => {
                Some(Err("no_such_number"))
            }
            (Self::Fake, Channel::Mail) if to.starts_with(NO_SUCH_BOX) => Some(Err("no_such_box")),
            (Self::Fake, Channel::Sms | Channel::Mail) => Some(Ok(())),
        }
    }
}

/// Carries until the program ends.
pub(crate) async fn run(store: Store, port: Port, clock: Clock, mut end: Receiver<bool>) {
    if port == Port::None {
        return;
    }
    loop {
        tokio::select! {
            () = tokio::time::sleep(LOOK_EVERY) => {}
            _ = end.wait_for(|end| *end) => return,
        }
        if let Err(fault) = round(&store, port, clock()).await {
            tracing::warn!(%fault, "messages could not be carried; they stay in line");
        }
    }
}

/// One round: everything in line at every institution.
pub(crate) async fn round(store: &Store, port: Port, now: Timestamp) -> Result<(), Fault> {
    for (tenant, _) in store.tenants().await? {
        let queued = store.read(tenant).await?.queued_messages().await?;
        let taken: Vec<_> = queued
            .into_iter()
            .filter_map(|sent| port.take(&sent).map(|said| (sent, said)))
            .collect();
        if taken.is_empty() {
            continue;
        }
        store
            .write::<(), Fault, _>(tenant, now, move |tx| {
                Box::pin(async move {
                    for (sent, said) in &taken {
                        tx.keep_delivery(sent, said.err()).await?;
                    }
                    Ok(())
                })
            })
            .await?;
    }
    Ok(())
}
