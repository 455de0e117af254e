//! Rate limits of the routes that need no sign-in: per client address and kind of route, in memory, with a bound.

use access::rate::{Allowance, Bucket, TooMany};
use jiff::{SignedDuration, Timestamp};
use std::{
    collections::{HashMap, hash_map::RandomState},
    hash::BuildHasher,
    net::{IpAddr, Ipv6Addr},
    sync::Mutex,
};

/// Most clients remembered; beyond it, newcomers share one bucket until the old ones are full again.
const CLIENTS_MAX: usize = 65_536;

/// What a route costs whom it lets in without a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Pace {
    /// A page.
    Page,
    /// A file that browsers keep.
    File,
    /// A guess at something secret: a password, a code, a birth date, a link.
    Guess,
    /// An act that costs somebody else something: a message sent.
    Message,
    /// The operator's health checks.
    Health,
}

impl Pace {
    const fn allowance(self) -> Allowance {
        let (burst, millis) = match self {
            Self::Page => (60, 500),
            Self::File => (400, 20),
            Self::Guess => (20, 3_000),
            Self::Message => (3, 1_200_000),
            Self::Health => (100, 10),
        };
        Allowance {
            burst,
            refill: SignedDuration::from_millis(millis),
        }
    }
}

/// The buckets. An address is kept as a keyed hash only, and never written to a log.
pub(crate) struct Limiter {
    key: RandomState,
    buckets: Mutex<HashMap<u64, Bucket>>,
}

impl Limiter {
    pub(crate) fn new() -> Self {
        Self {
            key: RandomState::new(),
            buckets: Mutex::default(),
        }
    }

    /// Takes one from the client's bucket of this pace.
    ///
    /// # Errors
    ///
    /// Too many came from there.
    pub(crate) fn take(&self, client: IpAddr, pace: Pace, now: Timestamp) -> Result<(), TooMany> {
        let name = self.key.hash_one((network(client), pace));
        let Ok(mut buckets) = self.buckets.lock() else {
            return Err(TooMany {
                wait: SignedDuration::from_secs(1),
            });
        };
        if buckets.len() >= CLIENTS_MAX && !buckets.contains_key(&name) {
            buckets.retain(|_, bucket| !bucket.is_full(now));
        }
        let name = if buckets.len() >= CLIENTS_MAX && !buckets.contains_key(&name) {
            self.key.hash_one(("everyone else", pace))
        } else {
            name
        };
        buckets
            .entry(name)
            .or_insert_with(|| Bucket::full(now))
            .take(pace.allowance(), now)
    }
}

/// One household or clinic counts as one: an IPv6 client by its /64.
fn network(client: IpAddr) -> IpAddr {
    match client.to_canonical() {
        IpAddr::V4(v4) => IpAddr::V4(v4),
        IpAddr::V6(v6) => IpAddr::V6(Ipv6Addr::from_bits(v6.to_bits() & (u128::MAX << 64))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_limited_and_its_neighbour_is_not() {
        let limiter = Limiter::new();
        let now = Timestamp::UNIX_EPOCH;
        let one: IpAddr = "192.0.2.1".parse().unwrap();
        let two: IpAddr = "192.0.2.2".parse().unwrap();
        for _ in 0..20 {
            limiter.take(one, Pace::Guess, now).unwrap();
        }
        assert!(limiter.take(one, Pace::Guess, now).is_err());
        assert!(limiter.take(one, Pace::Page, now).is_ok());
        assert!(limiter.take(two, Pace::Guess, now).is_ok());
    }

    #[test]
    fn one_ipv6_network_is_one_client() {
        let a: IpAddr = "2001:db8::1".parse().unwrap();
        let b: IpAddr = "2001:db8::ffff:2".parse().unwrap();
        assert_eq!(network(a), network(b));
    }

    #[test]
    fn memory_is_bounded() {
        let limiter = Limiter::new();
        let now = Timestamp::UNIX_EPOCH;
        for n in 0..70_000_u32 {
            let _ = limiter.take(IpAddr::V4(n.into()), Pace::Page, now);
        }
        assert!(limiter.buckets.lock().unwrap().len() <= CLIENTS_MAX + 5);
    }
}
