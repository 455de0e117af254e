//! What a physician must have proved before consulting online: the licence and the ministry's course (研修).

use crate::{PersonId, Refused};
use guideline::{Clause, clause};
use jiff::civil::Date;

/// The ministry's course on online care has been completed.
pub const COURSE: Clause = clause("cl-3.1-i");

/// A physician's qualification (資格) as verified, the source of what patients are shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Qualification {
    /// Whose.
    pub person: PersonId,
    /// Year of registration (医籍登録年).
    pub registration_year: i16,
    /// Who verified it: a second person.
    pub verified_by: PersonId,
}

/// A certificate of the ministry's course, as kept in the training register.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CourseCertificate {
    /// Whose.
    pub person: PersonId,
    /// Number on the certificate.
    pub number: String,
    /// Date on the certificate.
    pub completed_on: Date,
    /// SHA-256 of the file that shows it, in hexadecimal; empty where none was handed in.
    pub file: String,
    /// Who compared it with the original; none until then.
    pub verified_by: Option<PersonId>,
}

/// A course certificate that holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use]
pub struct Trained {
    person: PersonId,
    completed_on: Date,
}

impl Trained {
    /// Whose certificate it is.
    pub const fn person(self) -> PersonId {
        self.person
    }

    /// The date shown on the proof card.
    pub const fn completed_on(self) -> Date {
        self.completed_on
    }
}

/// Accepts the course certificate of a physician, looking at the whole register.
///
/// # Errors
///
/// None is held, nobody else verified it, no file shows it, its date lies ahead, or another physician holds the same number.
pub fn trained(
    register: &[CourseCertificate],
    person: PersonId,
    today: Date,
) -> Result<Trained, Refused> {
    let own = register
        .iter()
        .find(|row| {
            row.person == person
                && verified_by_another(row)
                && row.completed_on <= today
                && !row.file.is_empty()
        })
        .ok_or(Refused {
            clause: COURSE,
            reason: "training_missing",
        })?;
    let shared = register
        .iter()
        .any(|row| row.person != person && same_number(&row.number, &own.number));
    if shared || plain(&own.number).is_empty() {
        return Err(Refused {
            clause: COURSE,
            reason: "training_number_shared",
        });
    }
    Ok(Trained {
        person,
        completed_on: own.completed_on,
    })
}

fn verified_by_another(row: &CourseCertificate) -> bool {
    row.verified_by.is_some_and(|by| by != row.person)
}

/// Full-width and half-width, large and small, with and without hyphens: one number.
fn same_number(a: &str, b: &str) -> bool {
    plain(a) == plain(b)
}

fn plain(number: &str) -> String {
    const FULL_WIDTH: std::ops::RangeInclusive<char> = '！'..='～';
    const TO_ASCII: u32 = '！' as u32 - '!' as u32;
    number
        .chars()
        .map(|c| {
            let half = u32::from(c).checked_sub(TO_ASCII).and_then(char::from_u32);
            half.filter(|_| FULL_WIDTH.contains(&c)).unwrap_or(c)
        })
        .filter(|c| c.is_alphanumeric())
        .map(|c| c.to_ascii_uppercase())
        .collect()
}
