//! Who opened a patient's record: read from the ledger, for the patient (cl-2.5.2.1-x-a).

use crate::{
    Conn, Fault,
    dossier::legal_day,
    newest::{Walk, written_at},
};
use access::PersonId;
use care::PatientId;
use jiff::civil::Date;
use serde_json::Value;
use std::collections::BTreeMap;

/// Entries looked through: some weeks of a busy clinic, and a bound for what one page may cost.
pub const ENTRIES_MAX: i64 = 60_000;
/// Readers listed at most.
pub const READERS_MAX: usize = 200;

/// Pages on which the patient is one of many.
const LISTS: &[&str] = &[
    "today", "bookings", "plans", "paper", "disputes", "search", "boundary",
];

/// Somebody of the staff, on one day.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reader {
    /// The legal day.
    pub day: Date,
    /// Who.
    pub person: PersonId,
    /// The word of the role in which it was done.
    pub role: String,
    /// Whether the record itself was opened, not only a list in which the name stands.
    pub record: bool,
}

/// Who opened a record, the newest day first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Readers {
    /// One row a day, person and role.
    pub rows: Vec<Reader>,
    /// The first day that was looked at; none where it is every day there is.
    pub since: Option<Date>,
}

impl Conn {
    /// Who of the staff opened this patient's record, or a list with the name in it.
    ///
    /// # Errors
    ///
    /// Storage failed.
    pub async fn readers(&mut self, patient: PatientId) -> Result<Readers, Fault> {
        let name = patient.to_string();
        let mut walk = Walk::over(ENTRIES_MAX);
        let mut found: BTreeMap<(Date, PersonId, String), bool> = BTreeMap::new();
        let mut oldest = None;
        loop {
            let bodies = self.walked(&mut walk).await?;
            let Some(last) = bodies.last() else { break };
            oldest = serde_json::from_str(last)
                .ok()
                .as_ref()
                .and_then(written_at)
                .map(legal_day);
            // Few entries are about one patient; the others are not even parsed.
            for body in bodies.iter().filter(|body| body.contains(&name)) {
                if let Some(reader) = reading(body, &name) {
                    let record = found
                        .entry((reader.day, reader.person, reader.role))
                        .or_default();
                    *record |= reader.record;
                }
            }
        }
        let rows = found
            .into_iter()
            .rev()
            .take(READERS_MAX)
            .map(|((day, person, role), record)| Reader {
                day,
                person,
                role,
                record,
            })
            .collect();
        Ok(Readers {
            rows,
            since: oldest.filter(|_| !walk.whole()),
        })
    }
}

/// The reading that an entry tells of, if somebody of the staff read of this patient.
fn reading(body: &str, patient: &str) -> Option<Reader> {
    let entry: Value = serde_json::from_str(body).ok()?;
    let subject = entry.get("subject")?.as_str()?;
    let record = match subject {
        "chart.opened" => true,
        "record.opened" => {
            let page = entry.get("fields").and_then(|fields| fields.get("page"));
            let page = page.and_then(Value::as_str)?;
            !LISTS.contains(&page)
        }
        _ => return None,
    };
    let of_patient = entry.get("objects")?.as_array()?.iter().any(|object| {
        let part = |part: &str| object.get(part).and_then(Value::as_str);
        part("kind") == Some("patient") && part("id") == Some(patient)
    });
    let actor = entry.get("actor")?;
    if !of_patient || actor.get("kind")?.as_str()? != "person" {
        return None;
    }
    Some(Reader {
        day: legal_day(written_at(&entry)?),
        person: actor.get("id")?.as_str()?.parse().ok()?,
        role: actor.get("role")?.as_str()?.to_owned(),
        record,
    })
}
