//! What a person is at one institution.

use serde::{Deserialize, Serialize};

/// A role (役割). One membership carries one role; a person may hold several.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// 医師
    Physician,
    /// 看護師
    Nurse,
    /// 受付
    Reception,
    /// 管理者
    Administrator,
}

impl Role {
    /// Every role.
    pub const ALL: [Self; 4] = [
        Self::Physician,
        Self::Nurse,
        Self::Reception,
        Self::Administrator,
    ];

    /// The word stored and sent.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Physician => "physician",
            Self::Nurse => "nurse",
            Self::Reception => "reception",
            Self::Administrator => "administrator",
        }
    }
}

/// No such role.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NoSuchRole;

impl std::fmt::Display for NoSuchRole {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("no such role")
    }
}

impl std::error::Error for NoSuchRole {}

impl std::str::FromStr for Role {
    type Err = NoSuchRole;

    fn from_str(text: &str) -> Result<Self, NoSuchRole> {
        Self::ALL
            .into_iter()
            .find(|role| role.as_str() == text)
            .ok_or(NoSuchRole)
    }
}
