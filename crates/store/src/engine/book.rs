//! The ledgers of a batch: entries gathered act by act, written with their tiles and one signed checkpoint at its end.

use super::conn::Conn;
use super::fault::Fault;
use super::keys::Keyring;
use access::TenantId;
use jiff::Timestamp;
use ledger::{Entry, Frontier, Hash, Tile, leaf_hash, tile};
use sqlx::{AssertSqlSafe, Row as _};
use std::collections::BTreeMap;
use std::sync::LazyLock;

/// Entries one act may append: fifty for a page of patients, and room for an import.
const ENTRIES_PER_BATCH_MAX: usize = 20_000;
/// Entries written by one statement: the largest that fits what is left, so that 31 of them take five.
const ROWS: [usize; 5] = [16, 8, 4, 2, 1];

static INSERT_ROWS: LazyLock<[String; 5]> = LazyLock::new(|| ROWS.map(insert_rows));

fn insert_rows(count: usize) -> String {
    let rows: Vec<String> = (0..count)
        .map(|row| {
            format!(
                "(${}, ${}, ${}, ${})",
                4 * row + 1,
                4 * row + 2,
                4 * row + 3,
                4 * row + 4
            )
        })
        .collect();
    format!(
        "INSERT INTO ledger_entry (tenant, seq, body, leaf) VALUES {}",
        rows.join(", ")
    )
}

/// The ledgers that the acts of one batch append to.
#[derive(Default)]
pub(super) struct Books {
    books: BTreeMap<TenantId, Book>,
}

struct Book {
    /// The tree with the new entries.
    edge: Frontier,
    /// Its size in the database.
    stored: u64,
    /// New entries and their leaves, from place `stored` on.
    new: Vec<(String, Hash)>,
}

/// What a book returns to when an act fails.
pub(super) struct Mark {
    tenant: TenantId,
    edge: Frontier,
    new: usize,
}

/// A checkpoint that was committed, for the anchor file.
pub(super) struct Signed {
    pub(super) tenant: TenantId,
    pub(super) note: String,
}

impl Books {
    /// Loads a tenant's ledger head, once a batch. On PostgreSQL its row was locked before.
    pub(super) async fn open(&mut self, conn: &mut Conn, tenant: TenantId) -> Result<(), Fault> {
        if self.books.contains_key(&tenant) {
            return Ok(());
        }
        let corrupt = |column| Fault::Corrupt {
            table: "ledger_head",
            column,
            id: tenant.to_string(),
        };
        let row = sqlx::query("SELECT size, frontier FROM ledger_head WHERE tenant = $1")
            .bind(tenant.to_string())
            .fetch_optional(conn.any())
            .await?
            .ok_or_else(|| corrupt("tenant"))?;
        let stored = u64::try_from(row.try_get::<i64, _>("size")?).map_err(|_| corrupt("size"))?;
        let frontier: Vec<u8> = row.try_get("frontier")?;
        let edge = Frontier::from_bytes(stored, &frontier).map_err(|_| corrupt("frontier"))?;
        self.books.insert(
            tenant,
            Book {
                edge,
                stored,
                new: Vec::new(),
            },
        );
        Ok(())
    }

    pub(super) fn record(
        &mut self,
        tenant: TenantId,
        now: Timestamp,
        entry: &Entry,
    ) -> Result<u64, Fault> {
        let Some(book) = self.books.get_mut(&tenant) else {
            return Err(Fault::Unavailable("the ledger is not open".to_owned()));
        };
        if book.new.len() >= ENTRIES_PER_BATCH_MAX {
            return Err(Fault::Busy);
        }
        let place = book.edge.size();
        let body = entry
            .canonical(place, now.as_microsecond())
            .map_err(|why| Fault::Unavailable(format!("entry {}: {why}", entry.subject)))?;
        let leaf = leaf_hash(body.as_bytes());
        book.edge.push(leaf);
        book.new.push((body, leaf));
        Ok(place)
    }

    pub(super) fn mark(&self, tenant: TenantId) -> Option<Mark> {
        let book = self.books.get(&tenant)?;
        Some(Mark {
            tenant,
            edge: book.edge.clone(),
            new: book.new.len(),
        })
    }

    pub(super) fn back_to(&mut self, mark: Mark) {
        if let Some(book) = self.books.get_mut(&mark.tenant) {
            book.edge = mark.edge;
            book.new.truncate(mark.new);
        }
    }

    /// Writes what the acts appended. Must be the last thing before COMMIT.
    pub(super) async fn write(self, conn: &mut Conn) -> Result<Vec<Signed>, Fault> {
        let mut signed = Vec::new();
        for (tenant, book) in self.books {
            if book.new.is_empty() {
                continue;
            }
            insert_entries(conn, tenant, book.stored, &book.new).await?;
            insert_tiles(conn, tenant, book.stored, book.edge.size()).await?;
            signed.push(insert_checkpoint(conn, tenant, &book.edge).await?);
            move_head(conn, tenant, book.stored, &book.edge).await?;
        }
        Ok(signed)
    }
}

async fn insert_entries(
    conn: &mut Conn,
    tenant: TenantId,
    stored: u64,
    new: &[(String, Hash)],
) -> Result<(), Fault> {
    let tenant = tenant.to_string();
    let mut seq = number(stored)?;
    let mut left = new;
    for (count, statement) in ROWS.iter().zip(INSERT_ROWS.iter()) {
        while let Some((rows, rest)) = left.split_at_checked(*count) {
            let mut insert = sqlx::query(AssertSqlSafe(statement.as_str()));
            for (body, leaf) in rows {
                insert = insert
                    .bind(tenant.as_str())
                    .bind(seq)
                    .bind(body.as_str())
                    .bind(leaf.0.as_slice());
                seq += 1;
            }
            insert.execute(conn.any()).await?;
            left = rest;
        }
    }
    Ok(())
}

async fn insert_tiles(conn: &mut Conn, tenant: TenantId, old: u64, new: u64) -> Result<(), Fault> {
    for level in 0..tile::LEVELS_MAX {
        let complete = tile::completed(level, old, new);
        if complete.is_empty() {
            return Ok(());
        }
        for place in complete {
            let hashes = children(
                conn,
                tenant,
                level,
                place * ledger::TILE_WIDTH,
                ledger::TILE_WIDTH,
            )
            .await?;
            let tile = Tile::new(level, place, hashes).ok_or_else(|| Fault::Corrupt {
                table: "ledger_entry",
                column: "leaf",
                id: format!("{tenant} tile {level}/{place}"),
            })?;
            sqlx::query("INSERT INTO ledger_tile (tenant, level, place, root, hashes) VALUES ($1, $2, $3, $4, $5)")
                .bind(tenant.to_string())
                .bind(i64::from(level))
                .bind(number(place)?)
                .bind(tile.root().0.as_slice())
                .bind(tile.to_bytes())
                .execute(conn.any())
                .await?;
        }
    }
    Ok(())
}

/// The hashes `first .. first + count` of a tile level: leaves, or the roots of the tiles below.
pub(super) async fn children(
    conn: &mut Conn,
    tenant: TenantId,
    level: u8,
    first: u64,
    count: u64,
) -> Result<Vec<Hash>, Fault> {
    let (from, until) = (number(first)?, number(first + count)?);
    let rows = if level == 0 {
        sqlx::query(
            "SELECT seq AS place, leaf AS hash
             FROM ledger_entry
             WHERE tenant = $1 AND seq >= $2 AND seq < $3
             ORDER BY seq",
        )
        .bind(tenant.to_string())
        .bind(from)
        .bind(until)
        .fetch_all(conn.any())
        .await?
    } else {
        sqlx::query(
            "SELECT place, root AS hash
             FROM ledger_tile
             WHERE tenant = $1 AND level = $2 AND place >= $3 AND place < $4
             ORDER BY place",
        )
        .bind(tenant.to_string())
        .bind(i64::from(level) - 1)
        .bind(from)
        .bind(until)
        .fetch_all(conn.any())
        .await?
    };
    rows.iter()
        .map(|row| {
            let hash: Vec<u8> = row.try_get("hash")?;
            let place: i64 = row.try_get("place")?;
            hash.try_into().map(Hash).map_err(|_| Fault::Corrupt {
                table: if level == 0 {
                    "ledger_entry"
                } else {
                    "ledger_tile"
                },
                column: if level == 0 { "leaf" } else { "root" },
                id: format!("{tenant} {place}"),
            })
        })
        .collect()
}

async fn insert_checkpoint(
    conn: &mut Conn,
    tenant: TenantId,
    edge: &Frontier,
) -> Result<Signed, Fault> {
    let note = signed_note(&conn.ring, tenant, edge)?;
    sqlx::query("INSERT INTO ledger_checkpoint (tenant, size, note) VALUES ($1, $2, $3)")
        .bind(tenant.to_string())
        .bind(number(edge.size())?)
        .bind(note.as_str())
        .execute(conn.any())
        .await?;
    Ok(Signed { tenant, note })
}

fn signed_note(ring: &Keyring, tenant: TenantId, edge: &Frontier) -> Result<String, Fault> {
    let keys = ring.tenant(tenant).ok_or(Fault::UnknownTenant)?;
    keys.signer
        .sign(edge.size(), edge.root())
        .map_err(|why| Fault::Unavailable(why.to_string()))
}

async fn move_head(
    conn: &mut Conn,
    tenant: TenantId,
    stored: u64,
    edge: &Frontier,
) -> Result<(), Fault> {
    let moved = sqlx::query(
        "UPDATE ledger_head SET size = $3, frontier = $4 WHERE tenant = $1 AND size = $2",
    )
    .bind(tenant.to_string())
    .bind(number(stored)?)
    .bind(number(edge.size())?)
    .bind(edge.to_bytes())
    .execute(conn.any())
    .await?;
    // Someone appended between our reading and writing: the tree must never fork.
    if moved.rows_affected() == 1 {
        Ok(())
    } else {
        Err(Fault::Conflict)
    }
}

/// A place as the database keeps it.
pub(super) fn number(place: u64) -> Result<i64, Fault> {
    i64::try_from(place).map_err(|_| Fault::Unavailable("the ledger is full".to_owned()))
}
