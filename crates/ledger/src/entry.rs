//! What one entry says: who did what, with which device, why, on what, how it ended, and under which clause.
//!
//! Personal content never stands here: only a salted digest of it, whose salt lies in the sealed row.

use crate::json::{Json, Unfit};
use sha2::{Digest as _, Sha256};
use std::collections::BTreeMap;
use std::fmt::Write as _;

/// Longest entry kept, in bytes: a page of fifty patients stays far below.
pub const ENTRY_BYTES_MAX: usize = 64 * 1024;

/// Version of the entry's form, kept in every entry.
const FORM: i64 = 1;

/// Who acted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Actor {
    /// A person who works for the institution.
    Person {
        /// The person's id.
        id: String,
        /// The role in which the person acted.
        role: &'static str,
    },
    /// A patient, or someone who acts for the patient.
    Patient {
        /// The patient's id.
        id: String,
        /// The registered proxy (登録代理人) who acted, if it was not the patient.
        proxy: Option<String>,
    },
    /// The program by itself: a timer, a migration, a command.
    System,
    /// Someone not signed in.
    Anonymous,
}

/// How the act ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It was done.
    Done,
    /// A clause or a policy refused it.
    Refused,
}

/// A plain fact beside the entry: never personal content.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Field {
    /// Text.
    Str(String),
    /// A whole number.
    Int(i64),
}

impl From<&str> for Field {
    fn from(text: &str) -> Self {
        Self::Str(text.to_owned())
    }
}

impl From<String> for Field {
    fn from(text: String) -> Self {
        Self::Str(text)
    }
}

impl From<i64> for Field {
    fn from(number: i64) -> Self {
        Self::Int(number)
    }
}

impl From<u32> for Field {
    fn from(number: u32) -> Self {
        Self::Int(i64::from(number))
    }
}

/// SHA-256 over a 16-byte salt and the content it stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Digest([u8; 32]);

impl Digest {
    /// The digest of `content` under `salt`. The salt must be random and kept inside the sealed content.
    pub fn salted(salt: &[u8; 16], content: &[u8]) -> Self {
        Self(
            Sha256::new()
                .chain_update(salt)
                .chain_update(content)
                .finalize()
                .into(),
        )
    }

    /// The 32 bytes.
    pub const fn bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// 64 hexadecimal letters, as the entry shows it.
    pub fn to_hex(self) -> String {
        self.0
            .iter()
            .fold(String::with_capacity(64), |mut text, byte| {
                // Writing to a string cannot fail.
                let _ = write!(text, "{byte:02x}");
                text
            })
    }
}

/// One entry before it is given its place and time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// What happened, as `thing.deed`: `agreement.given`.
    pub subject: &'static str,
    /// Who acted.
    pub actor: Actor,
    /// The device it was done from, if known.
    pub device: Option<String>,
    /// Why: `care`, `administration`, `audit`.
    pub purpose: &'static str,
    /// What it was done to: kind and id.
    pub objects: Vec<(&'static str, String)>,
    /// How it ended.
    pub outcome: Outcome,
    /// The clause that asked for the act or refused it.
    pub clause: Option<&'static str>,
    /// Plain facts.
    pub fields: BTreeMap<&'static str, Field>,
    /// Digests of personal content.
    pub digests: BTreeMap<&'static str, Digest>,
}

impl Entry {
    /// An act that was done; the rest is added by the methods below.
    pub const fn new(subject: &'static str, actor: Actor, purpose: &'static str) -> Self {
        Self {
            subject,
            actor,
            device: None,
            purpose,
            objects: Vec::new(),
            outcome: Outcome::Done,
            clause: None,
            fields: BTreeMap::new(),
            digests: BTreeMap::new(),
        }
    }

    /// Names the device.
    #[must_use]
    pub fn device(mut self, device: impl Into<String>) -> Self {
        self.device = Some(device.into());
        self
    }

    /// Adds what the act was done to.
    #[must_use]
    pub fn object(mut self, kind: &'static str, id: impl Into<String>) -> Self {
        self.objects.push((kind, id.into()));
        self
    }

    /// Names the clause.
    #[must_use]
    pub const fn clause(mut self, id: &'static str) -> Self {
        self.clause = Some(id);
        self
    }

    /// Marks the act as refused.
    #[must_use]
    pub const fn refused(mut self) -> Self {
        self.outcome = Outcome::Refused;
        self
    }

    /// Adds a plain fact.
    #[must_use]
    pub fn field(mut self, name: &'static str, value: impl Into<Field>) -> Self {
        self.fields.insert(name, value.into());
        self
    }

    /// Adds the digest of personal content.
    #[must_use]
    pub fn digest(mut self, name: &'static str, digest: Digest) -> Self {
        self.digests.insert(name, digest);
        self
    }

    /// The canonical text of this entry at place `seq` (0 is the first) and time `at_us` (µs since 1970, UTC).
    ///
    /// # Errors
    ///
    /// A number is beyond 2^53 - 1, or the text is longer than [`ENTRY_BYTES_MAX`].
    pub fn canonical(&self, seq: u64, at_us: i64) -> Result<String, Unfit> {
        let mut members = vec![
            ("actor", self.actor.json()),
            ("at", Json::Int(at_us)),
            ("form", Json::Int(FORM)),
            ("outcome", Json::text(self.outcome.as_str())),
            ("purpose", Json::text(self.purpose)),
            (
                "seq",
                Json::Int(i64::try_from(seq).map_err(|_| Unfit::IntegerTooLarge)?),
            ),
            ("subject", Json::text(self.subject)),
        ];
        if let Some(device) = &self.device {
            members.push(("device", Json::text(device.as_str())));
        }
        if let Some(clause) = self.clause {
            members.push(("clause", Json::text(clause)));
        }
        if !self.objects.is_empty() {
            let objects = self.objects.iter().map(|(kind, id)| {
                map([("kind", Json::text(*kind)), ("id", Json::text(id.as_str()))])
            });
            members.push(("objects", Json::List(objects.collect())));
        }
        if !self.fields.is_empty() {
            members.push((
                "fields",
                map(self
                    .fields
                    .iter()
                    .map(|(name, value)| (*name, value.json()))),
            ));
        }
        if !self.digests.is_empty() {
            let digests = self
                .digests
                .iter()
                .map(|(name, digest)| (*name, Json::Text(digest.to_hex())));
            members.push(("digests", map(digests)));
        }
        let text = map(members).canonical()?;
        if text.len() > ENTRY_BYTES_MAX {
            return Err(Unfit::TooLong);
        }
        Ok(text)
    }
}

impl Outcome {
    /// The word in the entry.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Done => "done",
            Self::Refused => "refused",
        }
    }
}

impl Actor {
    fn json(&self) -> Json {
        match self {
            Self::Person { id, role } => map([
                ("kind", Json::text("person")),
                ("id", Json::text(id.as_str())),
                ("role", Json::text(*role)),
            ]),
            Self::Patient { id, proxy: None } => map([
                ("kind", Json::text("patient")),
                ("id", Json::text(id.as_str())),
            ]),
            Self::Patient {
                id,
                proxy: Some(proxy),
            } => map([
                ("kind", Json::text("patient")),
                ("id", Json::text(id.as_str())),
                ("proxy", Json::text(proxy.as_str())),
            ]),
            Self::System => map([("kind", Json::text("system"))]),
            Self::Anonymous => map([("kind", Json::text("anonymous"))]),
        }
    }
}

impl Field {
    fn json(&self) -> Json {
        match self {
            Self::Str(text) => Json::text(text.as_str()),
            Self::Int(number) => Json::Int(*number),
        }
    }
}

fn map<'n>(members: impl IntoIterator<Item = (&'n str, Json)>) -> Json {
    Json::Map(
        members
            .into_iter()
            .map(|(name, value)| (name.to_owned(), value))
            .collect(),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_entry_is_one_canonical_text() {
        let entry = Entry::new(
            "agreement.given",
            Actor::Patient {
                id: "P1".into(),
                proxy: None,
            },
            "care",
        )
        .device("D1")
        .object("consultation", "C1")
        .clause("cl-1.1-iv-a")
        .field("version", 3_i64)
        .digest("text", Digest::salted(&[0; 16], b"x"));
        let digest = Digest::salted(&[0; 16], b"x").to_hex();
        assert_eq!(
            entry.canonical(7, 1_795_000_000_000_000).unwrap(),
            format!(
                "{{\"actor\":{{\"id\":\"P1\",\"kind\":\"patient\"}},\"at\":1795000000000000,\"clause\":\"cl-1.1-iv-a\",\
                 \"device\":\"D1\",\"digests\":{{\"text\":\"{digest}\"}},\"fields\":{{\"version\":3}},\"form\":1,\
                 \"objects\":[{{\"id\":\"C1\",\"kind\":\"consultation\"}}],\"outcome\":\"done\",\"purpose\":\"care\",\
                 \"seq\":7,\"subject\":\"agreement.given\"}}"
            )
        );
    }

    #[test]
    fn an_entry_has_a_greatest_length() {
        let long = "x".repeat(ENTRY_BYTES_MAX);
        let entry = Entry::new("a.b", Actor::System, "care").field("f", long);
        assert_eq!(entry.canonical(0, 0), Err(Unfit::TooLong));
    }
}
