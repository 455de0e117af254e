//! Rung when the room of a visit was opened or closed: pages that listen look at once, not at their next turn.
//!
//! It is heard on this node only and may be missed: every listener also looks by itself, in its own time.

use care::ConsultationId;
use tokio::sync::broadcast::{self, Receiver, Sender, error::RecvError};

/// Rings that wait for the slowest listener; whoever misses some looks once more than needed.
const RINGS_MAX: usize = 256;

pub(crate) struct Bell(Sender<ConsultationId>);

impl Bell {
    pub(crate) fn new() -> Self {
        Self(broadcast::channel(RINGS_MAX).0)
    }

    /// Something happened to this visit.
    pub(crate) fn ring(&self, visit: ConsultationId) {
        // An error says that nobody listens.
        let _ = self.0.send(visit);
    }

    pub(crate) fn listen(&self, visit: ConsultationId) -> Listener {
        Listener {
            visit,
            rings: self.0.subscribe(),
        }
    }
}

/// Hears the rings of one visit from the moment it was made.
pub(crate) struct Listener {
    visit: ConsultationId,
    rings: Receiver<ConsultationId>,
}

impl Listener {
    /// Comes back when the visit's bell was rung, or may have been.
    pub(crate) async fn rung(&mut self) {
        loop {
            match self.rings.recv().await {
                Ok(visit) if visit != self.visit => {}
                Ok(_) | Err(RecvError::Lagged(_)) => return,
                Err(RecvError::Closed) => return std::future::pending().await,
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    fn visit(n: u128) -> ConsultationId {
        ConsultationId(access::Ulid(n))
    }

    async fn hears(listener: &mut Listener) -> bool {
        let soon = Duration::from_millis(1);
        tokio::time::timeout(soon, listener.rung()).await.is_ok()
    }

    #[tokio::test]
    async fn a_page_hears_its_own_visit_and_no_other() {
        let bell = Bell::new();
        let mut listener = bell.listen(visit(1));
        bell.ring(visit(2));
        assert!(!hears(&mut listener).await);
        bell.ring(visit(1));
        assert!(hears(&mut listener).await);
        assert!(!hears(&mut listener).await, "once");
    }

    #[tokio::test]
    async fn whoever_may_have_missed_a_ring_looks() {
        let bell = Bell::new();
        let mut listener = bell.listen(visit(1));
        (0..=RINGS_MAX).for_each(|_| bell.ring(visit(2)));
        assert!(hears(&mut listener).await);
    }
}
