//! A physician consults only for an institution that he or she belongs to (所属).

use crate::{PersonId, Refused, TenantId};
use guideline::{Clause, clause};
use jiff::civil::Date;

/// A physician who consults online belongs to an institution.
pub const AFFILIATION: Clause = clause("cl-2.1-i-a");

/// One row of affiliation, set by the institution's administrator.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Affiliation {
    /// Who belongs.
    pub person: PersonId,
    /// Where.
    pub institution: TenantId,
    /// The institution's code (医療機関コード).
    pub institution_code: String,
    /// Whether the institution has given notice of online care (届出).
    pub online_care_notified: bool,
    /// First day.
    pub from: Date,
    /// Last day, if there is one.
    pub until: Option<Date>,
    /// Who set it: never the physician.
    pub set_by: PersonId,
}

/// An affiliation that held on the day. Stored with the consultation that used it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use]
pub struct Affiliated {
    person: PersonId,
    institution: TenantId,
}

impl Affiliated {
    /// Whose affiliation it is.
    pub const fn person(self) -> PersonId {
        self.person
    }

    /// With which institution.
    pub const fn institution(self) -> TenantId {
        self.institution
    }
}

/// Accepts an affiliation for a day. The institution comes from the sign-in, never from a request's body.
///
/// # Errors
///
/// No affiliation with this institution is in force, or the institution gave no notice of online care.
pub fn affiliated(
    rows: &[Affiliation],
    person: PersonId,
    institution: TenantId,
    today: Date,
) -> Result<Affiliated, Refused> {
    rows.iter()
        .find(|row| {
            row.person == person
                && row.institution == institution
                && row.online_care_notified
                && !row.institution_code.trim().is_empty()
                && row.set_by != person
                && row.from <= today
                && row.until.is_none_or(|until| today <= until)
        })
        .map(|_| Affiliated {
            person,
            institution,
        })
        .ok_or(Refused {
            clause: AFFILIATION,
            reason: "affiliation_missing",
        })
}
