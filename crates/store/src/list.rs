//! Lists that the operator loads: the drug master, the drugs of special management. Every edition is kept as the file that
//! it was, with its digest; a later one is put beside it, never over it.
//!
//! The files name no patient. They are rows of [`access::TenantId::INSTALLATION`]; open the connection for it.

use crate::{By, Conn, Fault, Tx, row::Cells};
use jiff::Timestamp;
use sha2::{Digest as _, Sha256};

/// Editions of one list that are looked at, newest first: years of monthly increments.
const EDITIONS_MAX: i64 = 500;

/// Which list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum List {
    /// 医薬品マスター
    Drugs,
    /// 特に安全管理が必要な医薬品
    HighSafety,
    /// 十分な検討が必要な薬剤
    Careful,
}

impl List {
    const ALL: [Self; 3] = [Self::Drugs, Self::HighSafety, Self::Careful];

    /// The word stored and sent.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Drugs => "drugs",
            Self::HighSafety => "high_safety",
            Self::Careful => "careful",
        }
    }

    fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|list| list.as_str() == word)
    }
}

/// One edition of a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Edition {
    /// Of which list.
    pub list: List,
    /// Its number, from 1.
    pub number: i64,
    /// What it is called: the day that its publisher gave it.
    pub name: String,
    /// SHA-256 of the file, in hexadecimal.
    pub digest: String,
    /// Whether it replaces everything before it; an increment goes on from there.
    pub whole: bool,
    /// Lines of the file.
    pub rows: i64,
    /// When it was loaded.
    pub loaded: Timestamp,
}

/// A file to be loaded, read and judged before.
#[derive(Clone, Copy, Debug)]
pub struct NewEdition<'a> {
    /// Of which list.
    pub list: List,
    /// What it is called.
    pub name: &'a str,
    /// Whether it replaces everything before it.
    pub whole: bool,
    /// Lines of the file.
    pub rows: i64,
    /// The file, byte by byte.
    pub file: &'a [u8],
}

impl Conn {
    /// The editions that make up a list today, oldest first: the newest whole one and the increments since.
    ///
    /// # Errors
    ///
    /// Storage failed.
    pub async fn editions(&mut self, list: List) -> Result<Vec<Edition>, Fault> {
        let rows = sqlx::query(
            "SELECT list, number, name, digest, whole, row_count, loaded_at
             FROM list_edition
             WHERE tenant = $1 AND list = $2
             ORDER BY number DESC
             LIMIT $3",
        )
        .bind(self.tenant().to_string())
        .bind(list.as_str())
        .bind(EDITIONS_MAX)
        .fetch_all(self.any())
        .await?;
        let mut editions = Vec::new();
        for row in &rows {
            let cells = Cells::of("list_edition", row);
            let edition = Edition {
                list: cells.word("list", List::parse)?,
                number: cells.int("number")?,
                name: cells.text("name")?,
                digest: cells.text("digest")?,
                whole: cells.flag("whole")?,
                rows: cells.int("row_count")?,
                loaded: cells.instant("loaded_at")?,
            };
            let is_whole = edition.whole;
            editions.push(edition);
            if is_whole {
                break;
            }
        }
        editions.reverse();
        Ok(editions)
    }

    /// The file of an edition.
    ///
    /// # Errors
    ///
    /// Storage failed, or the file is not the one of the digest any more.
    pub async fn list_file(&mut self, edition: &Edition) -> Result<Vec<u8>, Fault> {
        let row = sqlx::query(
            "SELECT digest AS id, file
             FROM list_edition
             WHERE tenant = $1 AND list = $2 AND number = $3",
        )
        .bind(self.tenant().to_string())
        .bind(edition.list.as_str())
        .bind(edition.number)
        .fetch_one(self.any())
        .await?;
        let cells = Cells::of("list_edition", &row);
        let file = cells.bytes("file")?;
        if digest(&file) == edition.digest {
            Ok(file)
        } else {
            Err(cells.corrupt("file"))
        }
    }
}

impl Tx {
    /// Loads an edition, and answers its digest and whether it is new: the same file once more changes nothing. The
    /// transaction is the installation's.
    ///
    /// # Errors
    ///
    /// Storage failed.
    pub async fn load_list(
        &mut self,
        by: &By,
        new: &NewEdition<'_>,
    ) -> Result<(String, bool), Fault> {
        let (tenant, now) = (self.tenant().to_string(), self.now().as_microsecond());
        let digest = digest(new.file);
        let before = self.editions(new.list).await?.pop();
        if before
            .as_ref()
            .is_some_and(|before| before.digest == digest)
        {
            return Ok((digest, false));
        }
        let number = before.map_or(0, |before| before.number).saturating_add(1);
        sqlx::query(
            "INSERT INTO list_edition (tenant, list, number, name, digest, whole, row_count, loaded_at, file)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        )
        .bind(tenant)
        .bind(new.list.as_str())
        .bind(number)
        .bind(new.name)
        .bind(&digest)
        .bind(i64::from(new.whole))
        .bind(new.rows)
        .bind(now)
        .bind(new.file)
        .execute(self.any())
        .await?;
        self.record(
            by.entry("list.loaded")
                .object("list", new.list.as_str())
                .field("edition", new.name)
                .field("digest", digest.clone())
                .field("rows", new.rows),
        )
        .await?;
        Ok((digest, true))
    }
}

fn digest(file: &[u8]) -> String {
    crate::engine::hex(&Sha256::digest(file))
}
