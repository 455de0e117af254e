//! What physicians carry in the staff register beside their licence (医師の専門・研修・相談窓口との連携): entered by somebody else,
//! with the certificate.

use crate::{By, Conn, Fault, Tx, place_list::digest, row::Cells};
use access::{PersonId, Ulid};
use care::emergency_contraception::{Entry, GROUND, QUALIFIED, Registered};
use jiff::civil::Date;

/// Entries of one institution that are looked at.
const ENTRIES_MAX: i64 = 500;

/// One line, as it is told of.
pub struct Line {
    /// Its name.
    pub id: Ulid,
    /// Number or title of the certificate.
    pub certificate: String,
    /// What it says.
    pub entry: Registered,
}

/// A line to be entered.
pub struct NewEntry<'f> {
    /// Of whom.
    pub person: PersonId,
    /// What.
    pub entry: Entry,
    /// Number or title of the certificate.
    pub certificate: &'f str,
    /// From and until.
    pub days: (Date, Option<Date>),
    /// The certificate's file.
    pub file: &'f [u8],
}

impl Conn {
    /// The entries that were not withdrawn, in the order in which they were written.
    ///
    /// # Errors
    ///
    /// Storage failed.
    pub async fn staff_entries(&mut self) -> Result<Vec<Line>, Fault> {
        let rows = sqlx::query(
            "SELECT id, person, entry, certificate, valid_from, valid_until, digest, set_by
             FROM staff_entry
             WHERE tenant = $1 AND withdrawn_at IS NULL
             ORDER BY id
             LIMIT $2",
        )
        .bind(self.tenant().to_string())
        .bind(ENTRIES_MAX)
        .fetch_all(self.any())
        .await?;
        rows.iter()
            .map(|row| {
                let cells = Cells::of("staff_entry", row);
                Ok(Line {
                    id: cells.parsed("id")?,
                    certificate: cells.text("certificate")?,
                    entry: Registered {
                        person: cells.parsed("person")?,
                        entry: cells.word("entry", Entry::parse)?,
                        from: cells.date("valid_from")?,
                        until: cells.maybe_parsed("valid_until")?,
                        digest: cells.text("digest")?,
                        by: cells.parsed("set_by")?,
                    },
                })
            })
            .collect()
    }
}

const fn clause(entry: Entry) -> guideline::Clause {
    match entry {
        Entry::Counselling => GROUND,
        Entry::Obstetrics | Entry::Designated => QUALIFIED,
    }
}

impl Tx {
    /// Enters a line with the file of its certificate.
    ///
    /// # Errors
    ///
    /// Storage failed.
    pub async fn enter_staff_entry(
        &mut self,
        by: &By,
        set_by: PersonId,
        new: &NewEntry<'_>,
    ) -> Result<Ulid, Fault> {
        let id = self.fresh_id()?;
        let file = self.seal_tenant("staff_entry", &id.to_string(), new.file)?;
        let (tenant, now, digest) = (
            self.tenant().to_string(),
            self.now().as_microsecond(),
            digest(new.file),
        );
        sqlx::query(
            "INSERT INTO staff_entry (tenant, id, person, entry, certificate, valid_from, valid_until, digest, file, set_by, set_at)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
        )
        .bind(tenant)
        .bind(id.to_string())
        .bind(new.person.to_string())
        .bind(new.entry.as_str())
        .bind(crate::plain(new.certificate)?)
        .bind(new.days.0.to_string())
        .bind(new.days.1.map(|until| until.to_string()))
        .bind(&digest)
        .bind(file)
        .bind(set_by.to_string())
        .bind(now)
        .execute(self.any())
        .await?;
        self.record(
            by.under(clause(new.entry), "qualification.verified")
                .object("person", new.person.to_string())
                .field("entry", new.entry.as_str())
                .field("file", digest),
        )
        .await?;
        Ok(id)
    }

    /// Withdraws a line; it stays in the store.
    ///
    /// # Errors
    ///
    /// `Conflict` when it is not there or was withdrawn before; or storage failed.
    pub async fn withdraw_staff_entry(&mut self, by: &By, line: &Line) -> Result<(), Fault> {
        let (tenant, now) = (self.tenant().to_string(), self.now().as_microsecond());
        let done = sqlx::query(
            "UPDATE staff_entry SET withdrawn_at = $1
             WHERE tenant = $2 AND id = $3 AND withdrawn_at IS NULL",
        )
        .bind(now)
        .bind(tenant)
        .bind(line.id.to_string())
        .execute(self.any())
        .await?;
        if done.rows_affected() == 0 {
            return Err(Fault::Conflict);
        }
        self.record(
            by.under(clause(line.entry.entry), "qualification.withdrawn")
                .object("person", line.entry.person.to_string())
                .field("entry", line.entry.entry.as_str()),
        )
        .await?;
        Ok(())
    }
}
