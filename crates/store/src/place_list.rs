//! Published lists of places (対面の医療機関・調剤できる薬局): each edition is kept as the file that it was, with its
//! source's date, its digest, and who loaded it; a later one is put beside it, never over it.

use crate::{By, Conn, Fault, Tx, engine::hex, pathway::CONTRACEPTION, row::Cells};
use access::PersonId;
use care::emergency_contraception::{
    INSTITUTIONS_DAYS_MAX, INTRODUCED, LISTED, Lists, Loaded,
    list::{self, List},
};
use jiff::{Timestamp, civil::Date};
use sha2::{Digest as _, Sha256};

/// One edition as it is told of.
pub struct Edition {
    /// What it is called.
    pub name: String,
    /// The day its publisher gave it.
    pub source: Date,
    /// SHA-256 of the file.
    pub digest: String,
    /// Lines.
    pub rows: i64,
    /// By whom.
    pub loaded_by: PersonId,
    /// When.
    pub loaded: Timestamp,
}

/// A file to be loaded, read and judged before.
#[derive(Clone, Copy)]
pub struct NewPlaces<'f> {
    /// Which list.
    pub list: List,
    /// What it is called.
    pub edition: &'f str,
    /// The day its publisher gave it.
    pub source: Date,
    /// Places in it.
    pub rows: usize,
    /// The file, byte by byte.
    pub file: &'f [u8],
}

/// The digest of a file, in hexadecimal.
#[must_use]
pub fn digest(file: &[u8]) -> String {
    hex(&Sha256::digest(file))
}

impl Conn {
    /// The newest edition of each list, with its places.
    ///
    /// # Errors
    ///
    /// Storage failed, or a file does not read as it did.
    pub async fn place_lists(&mut self) -> Result<Lists, Fault> {
        Ok(Lists {
            institutions: self.places(List::Institutions).await?,
            pharmacies: self.places(List::Pharmacies).await?,
        })
    }

    async fn places(&mut self, list: List) -> Result<Option<Loaded>, Fault> {
        let row = sqlx::query(
            "SELECT edition AS id, number, source_date, file
             FROM place_list
             WHERE tenant = $1 AND list = $2
             ORDER BY number DESC
             LIMIT 1",
        )
        .bind(self.tenant().to_string())
        .bind(list.as_str())
        .fetch_optional(self.any())
        .await?;
        row.map(|row| {
            let cells = Cells::of("place_list", &row);
            Ok(Loaded {
                number: cells.int("number")?,
                edition: cells.text("id")?,
                source: cells.date("source_date")?,
                places: list::read(list, &cells.bytes("file")?)
                    .map_err(|_| cells.corrupt("file"))?,
            })
        })
        .transpose()
    }

    /// The newest edition of a list, without its places.
    ///
    /// # Errors
    ///
    /// Storage failed.
    pub async fn place_edition(&mut self, list: List) -> Result<Option<Edition>, Fault> {
        let row = sqlx::query(
            "SELECT edition AS id, source_date, digest, row_count, loaded_by, loaded_at
             FROM place_list
             WHERE tenant = $1 AND list = $2
             ORDER BY number DESC
             LIMIT 1",
        )
        .bind(self.tenant().to_string())
        .bind(list.as_str())
        .fetch_optional(self.any())
        .await?;
        row.map(|row| {
            let cells = Cells::of("place_list", &row);
            Ok(Edition {
                name: cells.text("id")?,
                source: cells.date("source_date")?,
                digest: cells.text("digest")?,
                rows: cells.int("row_count")?,
                loaded_by: cells.parsed("loaded_by")?,
                loaded: cells.instant("loaded_at")?,
            })
        })
        .transpose()
    }

    /// Whether the lists of institutions and of pharmacies cannot be used by a service that is on, in this order.
    ///
    /// # Errors
    ///
    /// Storage failed.
    pub async fn lists_stale(&mut self, today: Date) -> Result<[bool; 2], Fault> {
        let Some(setting) = self
            .pathway_setting(CONTRACEPTION)
            .await?
            .filter(|setting| setting.offered)
        else {
            return Ok([false; 2]);
        };
        let mut stale = [true; 2];
        for (list, days_max, into) in [
            (List::Institutions, INSTITUTIONS_DAYS_MAX, 0),
            (List::Pharmacies, setting.days_max, 1),
        ] {
            if let Some(edition) = self.place_edition(list).await?
                && let Some(one) = stale.get_mut(into)
            {
                *one = is_older(edition.source, days_max, today);
            }
        }
        Ok(stale)
    }

    /// Lists of a service that is on that are to be loaded anew by now.
    ///
    /// # Errors
    ///
    /// Storage failed.
    pub async fn lists_to_reload(&mut self, today: Date) -> Result<Vec<List>, Fault> {
        let on = self
            .pathway_setting(CONTRACEPTION)
            .await?
            .is_some_and(|setting| setting.offered);
        let mut due = Vec::new();
        for list in List::ALL.into_iter().filter(|_| on) {
            let known = self.place_edition(list).await?;
            if known.is_none_or(|edition| {
                is_older(
                    edition.source,
                    care::emergency_contraception::RELOAD_DAYS,
                    today,
                )
            }) {
                due.push(list);
            }
        }
        Ok(due)
    }
}

fn is_older(source: Date, days: u16, today: Date) -> bool {
    Loaded {
        number: 0,
        edition: String::new(),
        source,
        places: Vec::new(),
    }
    .is_stale(days, today)
}

impl Tx {
    /// Loads an edition beside those before it.
    ///
    /// # Errors
    ///
    /// Storage failed.
    pub async fn load_places(
        &mut self,
        by: &By,
        person: PersonId,
        new: &NewPlaces<'_>,
    ) -> Result<(), Fault> {
        let row = sqlx::query(
            "SELECT COALESCE(MAX(number), 0) AS newest
             FROM place_list
             WHERE tenant = $1 AND list = $2",
        )
        .bind(self.tenant().to_string())
        .bind(new.list.as_str())
        .fetch_one(self.any())
        .await?;
        let number = Cells::of("place_list", &row)
            .int("newest")?
            .saturating_add(1);
        let (tenant, now, digest) = (
            self.tenant().to_string(),
            self.now().as_microsecond(),
            digest(new.file),
        );
        let rows = i64::try_from(new.rows).unwrap_or(i64::MAX);
        sqlx::query(
            "INSERT INTO place_list (tenant, list, number, edition, source_date, digest, row_count, file, loaded_by, loaded_at)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
        )
        .bind(tenant)
        .bind(new.list.as_str())
        .bind(number)
        .bind(crate::plain(new.edition)?)
        .bind(new.source.to_string())
        .bind(&digest)
        .bind(rows)
        .bind(new.file.to_vec())
        .bind(person.to_string())
        .bind(now)
        .execute(self.any())
        .await?;
        let clause = match new.list {
            List::Institutions => INTRODUCED,
            List::Pharmacies => LISTED,
        };
        self.record(
            by.under(clause, "list.loaded")
                .field("list", new.list.as_str())
                .field("edition", new.edition.to_owned())
                .field("source_date", new.source.to_string())
                .field("file", digest)
                .field("rows", rows),
        )
        .await?;
        Ok(())
    }
}
