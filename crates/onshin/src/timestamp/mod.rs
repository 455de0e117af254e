//! The daily time-stamp (時刻印, cl-2.5.2.1-x-a): after each day's end the root of every ledger goes to an outside authority,
//! and what comes back is judged, copied to the second place, and kept with a receipt.

use crate::{config::Config, outcome::Outcome, remote::Remote, secret};
use access::TenantId;
use hyper::{HeaderMap, StatusCode, header, header::HeaderValue};
use jiff::{SignedDuration, Timestamp, civil::Date};
use signing::{Policy, Question, Refused, Trust, Wanted, answer, pretend::Pretend};
use std::{collections::HashMap, fmt, path::Path, time::Duration};
use store::{Fault, NewStamp, Store, dossier::legal_day};
use tokio::sync::watch::Receiver;
use web::Clock;

const QUESTION: &str = "application/timestamp-query";
const ANSWER: &str = "application/timestamp-reply";
/// Another look at the clock at least this often: it may be set, and machines sleep.
const LOOK_EVERY: Duration = Duration::from_mins(1);
/// Pause after the first failure; it doubles with each further one …
const PAUSE: SignedDuration = SignedDuration::from_mins(1);
/// … so many times: then it is tried about once an hour.
const DOUBLINGS_MAX: u32 = 6;
/// How much the authority's clock and ours may differ. More means that one of them is wrong.
const CLOCKS_APART_MAX: SignedDuration = SignedDuration::from_mins(5);

/// Who stamps, and what is asked of its tokens.
pub(crate) struct Authority {
    port: Port,
    trust: Option<Trust>,
    policy: Option<Policy>,
}

enum Port {
    /// The configured authority.
    Remote(Box<Remote>),
    /// A pretended one: only `onshin demo` makes it.
    Pretended(Box<Pretend>),
}

/// Why there is no token.
#[derive(Debug)]
pub(crate) enum Trouble {
    /// The authority does not answer.
    Silent(String),
    /// Its answer is no proof.
    Refused(Refused),
    /// Our own storage failed.
    Storage(Fault),
}

impl fmt::Display for Trouble {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Silent(why) => write!(f, "the authority does not answer: {why}"),
            Self::Refused(why) => write!(f, "the answer is refused: {why}"),
            Self::Storage(fault) => fault.fmt(f),
        }
    }
}

impl From<Fault> for Trouble {
    fn from(fault: Fault) -> Self {
        Self::Storage(fault)
    }
}

impl From<Refused> for Trouble {
    fn from(why: Refused) -> Self {
        Self::Refused(why)
    }
}

impl Authority {
    /// The configured authority, if there is one.
    ///
    /// # Errors
    ///
    /// Its certificates cannot be used.
    pub(crate) fn configured(config: &Config) -> Result<Option<Self>, Outcome> {
        let Some(url) = &config.timestamp.url else {
            return Ok(None);
        };
        let remote = Remote::new(url).map_err(|why| {
            Outcome::new(
                format!("timestamp.url: {why}"),
                format!("timestamp.url: {why}"),
            )
        })?;
        Ok(Some(Self {
            port: Port::Remote(Box::new(remote)),
            trust: trust(config)?,
            policy: config.timestamp.policy.as_deref().and_then(Policy::parse),
        }))
    }

    /// The demonstration's.
    pub(crate) fn pretended(pretend: Pretend, trust: Trust) -> Self {
        Self {
            port: Port::Pretended(Box::new(pretend)),
            trust: Some(trust),
            policy: None,
        }
    }

    async fn ask(&self, question: Vec<u8>, now: Timestamp) -> Result<Vec<u8>, Trouble> {
        match &self.port {
            Port::Remote(remote) => over_http(remote, question).await.map_err(Trouble::Silent),
            Port::Pretended(pretend) => {
                let us = now.as_microsecond();
                let serial = u64::try_from(us).unwrap_or_default();
                Ok(pretend.answer(&question, us, serial, None)?)
            }
        }
    }
}

/// Asks an authority by HTTP (RFC 3161, section 3.4).
async fn over_http(remote: &Remote, question: Vec<u8>) -> Result<Vec<u8>, String> {
    let headers = HeaderMap::from_iter([
        (header::CONTENT_TYPE, HeaderValue::from_static(QUESTION)),
        (header::ACCEPT, HeaderValue::from_static(ANSWER)),
    ]);
    let answer = remote.post(headers, question).await?;
    if answer.status() != StatusCode::OK {
        return Err(format!("HTTP {}", answer.status().as_u16()));
    }
    let kind = answer.headers().get(header::CONTENT_TYPE);
    if !kind.is_some_and(|kind| kind.as_bytes().starts_with(ANSWER.as_bytes())) {
        return Err(format!("its answer is not {ANSWER}"));
    }
    Ok(answer.into_body().into())
}

/// The certificates of the configured authority, if they were given.
///
/// # Errors
///
/// The file cannot be read or holds something else.
pub(crate) fn trust(config: &Config) -> Result<Option<Trust>, Outcome> {
    let Some(file) = &config.timestamp.ca_file else {
        return Ok(None);
    };
    let pem = std::fs::read(file).map_err(|why| Outcome::file(file, &why))?;
    Trust::from_pem(&pem).map(Some).map_err(|why| {
        let file = file.display();
        Outcome::new(
            format!("timestamp.ca_file: {file} を使えません: {why}"),
            format!("timestamp.ca_file: {file} cannot be used: {why}"),
        )
    })
}

/// What kept tokens are held against: the configured certificates, or those of a demo's pretended authority.
///
/// # Errors
///
/// As [`trust`].
pub(crate) fn trust_for(config: &Config, demo: Option<&Path>) -> Result<Option<Trust>, Outcome> {
    match demo {
        None => trust(config),
        Some(state) => {
            let pem = std::fs::read(state.join(crate::demo::authority::ROOT)).ok();
            Ok(pem.and_then(|pem| Trust::from_pem(&pem).ok()))
        }
    }
}

/// Where each ledger stands today.
enum Turn {
    /// Nothing more to do on this day.
    Done(Date),
    /// It failed so many times; not before then.
    Later(Timestamp, u32),
}

/// Stamps what is due until the program ends; at its start what was missed.
pub(crate) async fn run(store: Store, authority: Authority, clock: Clock, mut end: Receiver<bool>) {
    let mut turns = HashMap::new();
    loop {
        round(&store, &authority, &clock, &mut turns).await;
        tokio::select! {
            () = tokio::time::sleep(LOOK_EVERY) => {}
            _ = end.wait_for(|end| *end) => return,
        }
    }
}

/// One look at every ledger.
async fn round(
    store: &Store,
    authority: &Authority,
    clock: &Clock,
    turns: &mut HashMap<TenantId, Turn>,
) {
    let institutions = match store.tenants().await {
        Ok(institutions) => institutions,
        Err(fault) => {
            tracing::error!(%fault, "the ledgers to be stamped are not known; it is tried again");
            return;
        }
    };
    let all = institutions.into_iter().map(|(id, _)| id);
    for tenant in [TenantId::INSTALLATION].into_iter().chain(all) {
        let now = clock();
        let failed = match turns.get(&tenant) {
            Some(Turn::Done(day)) if *day == legal_day(now) => continue,
            Some(Turn::Later(until, _)) if now < *until => continue,
            Some(Turn::Later(_, failed)) => *failed,
            Some(Turn::Done(_)) | None => 0,
        };
        let turn = match stamp(store, authority, clock, tenant).await {
            Ok(()) => Turn::Done(legal_day(now)),
            Err(trouble) => {
                tracing::error!(%tenant, %trouble, failed = failed + 1, "the root of the ledger could not be time-stamped; it is tried again");
                Turn::Later(now + PAUSE * (1 << failed.min(DOUBLINGS_MAX)), failed + 1)
            }
        };
        turns.insert(tenant, turn);
    }
}

/// Stamps the last checkpoint of the last day that ended, if no token speaks for it yet.
async fn stamp(
    store: &Store,
    authority: &Authority,
    clock: &Clock,
    tenant: TenantId,
) -> Result<(), Trouble> {
    let asked = clock();
    let mut read = store.read(tenant).await?;
    let due = read.stamp_due(legal_day(asked)).await?;
    drop(read);
    let Some(due) = due else { return Ok(()) };
    let chance = secret::bytes()
        .map_err(|_| Trouble::Storage(Fault::Unavailable("no randomness".to_owned())))?;
    let content = due.checkpoint.clone();
    let question = Question::new(content.as_bytes(), chance, authority.policy)?;
    let body = authority.ask(question.to_der()?, asked).await?;
    let wanted = Wanted {
        content: content.as_bytes(),
        between: (
            (asked - CLOCKS_APART_MAX).as_microsecond(),
            (clock() + CLOCKS_APART_MAX).as_microsecond(),
        ),
        policy: authority.policy,
        trust: authority.trust.as_ref(),
        pretended: matches!(authority.port, Port::Pretended(_)),
    };
    let stamped = answer(&body, &question, wanted)?;
    let mut new = NewStamp {
        due,
        token: stamped.token,
        at: Timestamp::from_microsecond(stamped.at_us).map_err(|_| Refused::Time(stamped.at_us))?,
        authority: stamped.authority,
        copied: false,
    };
    new.copied = store.copy_time_stamp(tenant, &new).await?;
    let kept = store
        .write(tenant, clock(), move |tx| {
            Box::pin(async move { tx.keep_time_stamp(&new).await })
        })
        .await;
    match kept {
        // Another node was first.
        Ok(()) | Err(Fault::Conflict) => Ok(()),
        Err(fault) => Err(fault.into()),
    }
}

#[cfg(test)]
mod tests;
