//! Who did it, from which device and on what qualification: the first line of every ledger entry.

use crate::{Conn, Fault, row::Cells};
use access::{DeviceId, PersonId, Role};
use care::{PatientId, ProxyId};
use guideline::Clause;
use ledger::{Actor, Entry, Field};

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

/// The field that names clauses besides the one an act was asked for by; the checklist counts it under each of them.
pub(crate) const CLAUSES: &str = "clauses";

/// An entry that serves more than one clause.
pub(crate) trait Also: Sized {
    /// Adds clauses that the same act answers.
    fn also(self, clauses: impl IntoIterator<Item = Clause>) -> Self;
}

impl Also for Entry {
    fn also(mut self, clauses: impl IntoIterator<Item = Clause>) -> Self {
        let mut named: Vec<String> = match self.fields.remove(CLAUSES) {
            Some(Field::Str(words)) => words.split(' ').map(ToOwned::to_owned).collect(),
            Some(Field::Int(_)) | None => Vec::new(),
        };
        named.extend(clauses.into_iter().map(|clause| clause.id().to_owned()));
        named.sort();
        named.dedup();
        self.field(CLAUSES, named.join(" "))
    }
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

impl Conn {
    /// What proves that somebody may do what is reserved to physicians: the newest proof that was not withdrawn. It stands
    /// on the ledger entry of each such act (small-3.1.1.b).
    ///
    /// # Errors
    ///
    /// Storage failed.
    pub(crate) async fn qualification_of(
        &mut self,
        person: PersonId,
    ) -> Result<Option<String>, Fault> {
        let row = sqlx::query(
            "SELECT id
             FROM physician_proof
             WHERE tenant = $1 AND person = $2 AND withdrawn_at IS NULL -- physician_proof_by_person
             ORDER BY verified_at DESC, id DESC
             LIMIT 1",
        )
        .bind(self.tenant().to_string())
        .bind(person.to_string())
        .fetch_optional(self.any())
        .await?;
        row.map(|row| Cells::of("physician_proof", &row).text("id"))
            .transpose()
    }

    /// An entry of an act reserved to physicians, with the qualification it rests on.
    ///
    /// # Errors
    ///
    /// Storage failed.
    pub(crate) async fn reserved(
        &mut self,
        entry: Entry,
        physician: PersonId,
    ) -> Result<Entry, Fault> {
        Ok(match self.qualification_of(physician).await? {
            Some(proof) => entry.object("qualification", proof),
            None => entry,
        })
    }
}
