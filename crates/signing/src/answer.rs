//! The judgement on an authority's answer: what it must be before anything is kept (RFC 3161 section 2.4.2).

use crate::question::{Policy, Question, imprint};
use crate::token;
use crate::trust::Trust;
use crate::wire::{SHA_256, TimeStampResp, TstInfo};
use der::asn1::Int;
use der::{Decode as _, Encode as _};
use std::fmt;

/// Longest answer read, in bytes: a token with a chain of certificates is below ten thousand.
pub const ANSWER_BYTES_MAX: usize = 64 * 1024;
/// Longest words of an authority that are repeated.
const SAID_CHARS_MAX: usize = 200;

/// Why an answer or a kept token is no proof.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refused {
    /// Not of the form; which part.
    Malformed(&'static str),
    /// The authority declined; its number and words.
    Declined(u8, String),
    /// It stamps something else.
    Imprint,
    /// It answers another question.
    Nonce,
    /// Another policy than the one wished.
    Policy,
    /// Its time is not within the bounds, in µs since 1970.
    Time(i64),
    /// The signer's certificate is missing, not named by the token, or not for time-stamping alone.
    Signer,
    /// The signature is false, or of a kind that is not accepted.
    Signature,
    /// The signer's certificate does not lead to the authority's, or was not valid then.
    Chain,
    /// It comes from a pretended authority, which proves nothing.
    Pretended,
}

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Malformed(part) => write!(f, "not of the form of RFC 3161 ({part})"),
            Self::Declined(status, said) => {
                write!(f, "the authority declined (status {status}) {said}")
            }
            Self::Imprint => f.write_str("it stamps something else"),
            Self::Nonce => f.write_str("it answers another question"),
            Self::Policy => f.write_str("its policy is not the one wished"),
            Self::Time(us) => write!(f, "its time is out of bounds ({us} µs since 1970)"),
            Self::Signer => f.write_str("its signer's certificate is not one for time-stamping"),
            Self::Signature => f.write_str("its signature is false"),
            Self::Chain => {
                f.write_str("its signer's certificate does not lead to the configured authority")
            }
            Self::Pretended => {
                f.write_str("it comes from a pretended authority (模擬), which proves nothing")
            }
        }
    }
}

impl std::error::Error for Refused {}

/// What a token must be.
#[derive(Clone, Copy)]
pub struct Wanted<'a> {
    /// What it must stamp.
    pub content: &'a [u8],
    /// The earliest and latest time it may name, in µs since 1970.
    pub between: (i64, i64),
    /// The policy, if one was wished.
    pub policy: Option<Policy>,
    /// Whom the signer must lead to. Without it only the token itself is judged.
    pub trust: Option<&'a Trust>,
    /// A pretended authority will do: demonstrations and tests only.
    pub pretended: bool,
}

/// Whether the signer was traced to somebody.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Chain {
    /// To one of the certificates given.
    Trusted,
    /// No certificate was given: the signer may be anybody.
    NotChecked,
}

/// A token that passed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stamped {
    /// The token (`ContentInfo`), as it is kept.
    pub token: Vec<u8>,
    /// Its time, in µs since 1970.
    pub at_us: i64,
    /// By how much that time may be wrong, in µs, where the authority says.
    pub accuracy_us: Option<i64>,
    /// Its number at the authority, hexadecimal.
    pub serial: String,
    /// The policy.
    pub policy: Policy,
    /// The signer, as its certificate names it.
    pub authority: String,
    /// Whether the signer was traced.
    pub chain: Chain,
    /// The authority is a pretended one.
    pub pretended: bool,
}

/// Judges the answer to a question.
///
/// # Errors
///
/// The first thing that is wrong with it.
pub fn answer(body: &[u8], question: &Question, wanted: Wanted<'_>) -> Result<Stamped, Refused> {
    if body.len() > ANSWER_BYTES_MAX {
        return Err(Refused::Malformed("length"));
    }
    let answer = TimeStampResp::from_der(body).map_err(|_| Refused::Malformed("answer"))?;
    // 0 is granted, 1 granted with changes: the token itself says whether they matter.
    if answer.status.status > 1 {
        let said = answer.status.status_string.unwrap_or_default().join(" ");
        let said = said.chars().filter(|c| !c.is_control());
        return Err(Refused::Declined(
            answer.status.status,
            said.take(SAID_CHARS_MAX).collect(),
        ));
    }
    let token = answer
        .time_stamp_token
        .ok_or(Refused::Malformed("no token"))?
        .to_der()
        .map_err(|_| Refused::Malformed("token"))?;
    if question.imprint != imprint(wanted.content) {
        return Err(Refused::Imprint);
    }
    judged(token, Some(&question.nonce), wanted)
}

/// Judges a kept token. That it answered our own question was judged when it came.
///
/// # Errors
///
/// The first thing that is wrong with it.
pub fn judge(token: &[u8], wanted: Wanted<'_>) -> Result<Stamped, Refused> {
    if token.len() > ANSWER_BYTES_MAX {
        return Err(Refused::Malformed("length"));
    }
    judged(token.to_vec(), None, wanted)
}

fn judged(token: Vec<u8>, nonce: Option<&Int>, wanted: Wanted<'_>) -> Result<Stamped, Refused> {
    let envelope = token::open(&token)?;
    let info = TstInfo::from_der(&envelope.content).map_err(|_| Refused::Malformed("TSTInfo"))?;
    if info.version != 1 {
        return Err(Refused::Malformed("version"));
    }
    let said = &info.message_imprint;
    if said.hash_algorithm.oid != SHA_256
        || said.hashed_message.as_bytes() != imprint(wanted.content)
    {
        return Err(Refused::Imprint);
    }
    if nonce.is_some() && info.nonce.as_ref() != nonce {
        return Err(Refused::Nonce);
    }
    if info
        .extensions
        .iter()
        .flatten()
        .any(|extension| extension.critical)
    {
        return Err(Refused::Malformed("critical extension"));
    }
    let policy = Policy(info.policy);
    if wanted.policy.is_some_and(|wished| wished != policy) {
        return Err(Refused::Policy);
    }
    let at_us = info.gen_time.0;
    let (earliest, latest) = wanted.between;
    if !(earliest..=latest).contains(&at_us) {
        return Err(Refused::Time(at_us));
    }
    let signer = envelope.signer()?;
    envelope.prove(&signer)?;
    let pretended = crate::pretend::pretends(policy, signer.der());
    if pretended && !wanted.pretended {
        return Err(Refused::Pretended);
    }
    let chain = match wanted.trust {
        Some(trust) => {
            envelope.trace(&signer, trust, at_us)?;
            Chain::Trusted
        }
        None => Chain::NotChecked,
    };
    Ok(Stamped {
        at_us,
        accuracy_us: info.accuracy.as_ref().map(|accuracy| {
            i64::from(accuracy.seconds.unwrap_or(0)) * 1_000_000
                + i64::from(accuracy.millis.unwrap_or(0)) * 1_000
                + i64::from(accuracy.micros.unwrap_or(0))
        }),
        serial: hex(info.serial_number.as_bytes()),
        policy,
        authority: signer.name(),
        chain,
        pretended,
        token,
    })
}

fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    bytes.iter().fold(String::new(), |mut text, byte| {
        // Writing to a string cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}
