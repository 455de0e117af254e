//! Who did it and from which device: the first line of every ledger entry.

use access::{DeviceId, PersonId, Role};
use care::{PatientId, ProxyId};
use guideline::Clause;
use ledger::{Actor, Entry};

/// Why patient data are touched in a visit.
pub(crate) const CARE: &str = "care";

/// The author of an act.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum By {
    /// Somebody of the staff, in one role.
    Person {
        /// Who.
        id: PersonId,
        /// In which role.
        role: Role,
        /// From which browser.
        device: DeviceId,
    },
    /// The patient, or a registered proxy.
    Patient {
        /// Which patient.
        id: PatientId,
        /// Who spoke, if not the patient.
        proxy: Option<ProxyId>,
        /// From which browser.
        device: DeviceId,
    },
    /// The program itself.
    System,
}

impl By {
    /// An entry by this author, in the course of care.
    #[must_use]
    pub fn entry(&self, subject: &'static str) -> Entry {
        match self {
            Self::Person { id, role, device } => Entry::new(
                subject,
                Actor::Person {
                    id: id.to_string(),
                    role: role.as_str(),
                },
                CARE,
            )
            .device(device.to_string()),
            Self::Patient { id, proxy, device } => Entry::new(
                subject,
                Actor::Patient {
                    id: id.to_string(),
                    proxy: proxy.map(|proxy| proxy.to_string()),
                },
                CARE,
            )
            .device(device.to_string()),
            Self::System => Entry::new(subject, Actor::System, CARE),
        }
    }

    /// The entry of an act that a clause asks for.
    #[must_use]
    pub fn under(&self, clause: Clause, subject: &'static str) -> Entry {
        self.entry(subject).clause(clause.id())
    }

    /// The member of staff, if it is one.
    #[must_use]
    pub const fn person(&self) -> Option<PersonId> {
        match self {
            Self::Person { id, .. } => Some(*id),
            Self::Patient { .. } | Self::System => None,
        }
    }

    /// The device, if there is one.
    #[must_use]
    pub const fn device(&self) -> Option<DeviceId> {
        match self {
            Self::Person { device, .. } | Self::Patient { device, .. } => Some(*device),
            Self::System => None,
        }
    }

    /// The proxy who spoke, if one did.
    #[must_use]
    pub const fn proxy(&self) -> Option<ProxyId> {
        match self {
            Self::Patient { proxy, .. } => *proxy,
            Self::Person { .. } | Self::System => None,
        }
    }
}
