//! The question to a time-stamp authority (時刻認証局): the digest of what is to be stamped, a number used once, and the policy wished.

use crate::answer::Refused;
use crate::wire::{MessageImprint, TimeStampReq, sha_256};
use aws_lc_rs::digest::{SHA256, digest};
use der::Encode as _;
use der::asn1::{Int, ObjectIdentifier, OctetString};
use std::fmt;

/// The rules by which an authority stamps, by their number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Policy(pub(crate) ObjectIdentifier);

impl Policy {
    /// The policy of a dotted number such as `1.2.392.200…`. `None` if it is no such number.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        ObjectIdentifier::new(text).ok().map(Self)
    }
}

impl fmt::Display for Policy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// One question.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Question {
    pub(crate) imprint: [u8; 32],
    pub(crate) nonce: Int,
    pub(crate) policy: Option<Policy>,
}

impl Question {
    /// Asks for a stamp on `content`. `random` must be new for each question: it ties the answer to it.
    ///
    /// # Errors
    ///
    /// [`Refused::Malformed`]; it does not happen with eight bytes.
    pub fn new(content: &[u8], random: [u8; 8], policy: Option<Policy>) -> Result<Self, Refused> {
        let [first, rest @ ..] = random;
        let mut nonce = vec![(first & 0x3f) | 0x40];
        nonce.extend(rest);
        Ok(Self {
            imprint: imprint(content),
            // Positive and without a leading zero, so that there is one way to write it.
            nonce: Int::new(&nonce).map_err(|_| Refused::Malformed("nonce"))?,
            policy,
        })
    }

    /// The body of the request, `application/timestamp-query`.
    ///
    /// # Errors
    ///
    /// [`Refused::Malformed`]; it does not happen.
    pub fn to_der(&self) -> Result<Vec<u8>, Refused> {
        let bad = |_| Refused::Malformed("question");
        TimeStampReq {
            version: 1,
            message_imprint: MessageImprint {
                hash_algorithm: sha_256(),
                hashed_message: OctetString::new(self.imprint).map_err(bad)?,
            },
            req_policy: self.policy.map(|policy| policy.0),
            nonce: Some(self.nonce.clone()),
            cert_req: true,
            extensions: None,
        }
        .to_der()
        .map_err(bad)
    }
}

/// SHA-256 of what is stamped.
pub(crate) fn imprint(content: &[u8]) -> [u8; 32] {
    let mut bytes = [0; 32];
    for (to, from) in bytes.iter_mut().zip(digest(&SHA256, content).as_ref()) {
        *to = *from;
    }
    bytes
}
