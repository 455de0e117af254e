//! The ledger as it is read: entries, the newest checkpoint, and proofs for someone outside.

use super::book::{children, number};
use super::conn::Conn;
use super::fault::Fault;
use ledger::proof::{self, Node, Nodes, ProofError};
use ledger::{Hash, TILE_WIDTH, Tile, tree};
use sqlx::Row as _;
use std::collections::HashMap;

/// Entries of one reading: a screen of the journal.
const ENTRIES_MAX: u32 = 1000;

/// An entry as it was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Logged {
    /// Its place, from zero.
    pub seq: u64,
    /// Its canonical JSON.
    pub body: String,
}

/// A proof that an entry is in the tree of a signed checkpoint (RFC 6962 section 2.1.1).
#[derive(Clone, Debug, PartialEq)]
pub struct Inclusion {
    /// The entry.
    pub entry: u64,
    /// Entries in the tree.
    pub size: u64,
    /// The hash of the entry.
    pub leaf: Hash,
    /// The audit path.
    pub path: Vec<Hash>,
    /// The signed checkpoint of that tree.
    pub checkpoint: String,
}

/// A proof that the tree of a signed checkpoint begins with an older one (RFC 6962 section 2.1.2).
#[derive(Clone, Debug, PartialEq)]
pub struct Consistency {
    /// Entries in the older tree.
    pub old: u64,
    /// Entries in the newer tree.
    pub new: u64,
    /// The proof.
    pub path: Vec<Hash>,
    /// The signed checkpoint of the newer tree.
    pub checkpoint: String,
}

impl Conn {
    /// The tenant's entries from a place on, at most `limit` (and 1,000). The entries of the commit under way are not among them.
    ///
    /// # Errors
    ///
    /// Storage failed.
    pub async fn entries(&mut self, from: u64, limit: u32) -> Result<Vec<Logged>, Fault> {
        let tenant = self.tenant().to_string();
        let rows = sqlx::query(
            "SELECT seq, body
             FROM ledger_entry
             WHERE tenant = $1 AND seq >= $2
             ORDER BY seq
             LIMIT $3",
        )
        .bind(tenant.as_str())
        .bind(number(from)?)
        .bind(i64::from(limit.min(ENTRIES_MAX)))
        .fetch_all(self.any())
        .await?;
        rows.iter()
            .map(|row| {
                let seq: i64 = row.try_get("seq")?;
                let seq = u64::try_from(seq).map_err(|_| Fault::Corrupt {
                    table: "ledger_entry",
                    column: "seq",
                    id: format!("{tenant} {seq}"),
                })?;
                Ok(Logged {
                    seq,
                    body: row.try_get("body")?,
                })
            })
            .collect()
    }

    /// Size and text of the tenant's newest signed checkpoint; `None` for an empty ledger.
    ///
    /// # Errors
    ///
    /// Storage failed.
    pub async fn checkpoint(&mut self) -> Result<Option<(u64, String)>, Fault> {
        let tenant = self.tenant().to_string();
        let row = sqlx::query(
            "SELECT size, note FROM ledger_checkpoint WHERE tenant = $1 ORDER BY size DESC LIMIT 1",
        )
        .bind(tenant.as_str())
        .fetch_optional(self.any())
        .await?;
        let Some(row) = row else { return Ok(None) };
        let size: i64 = row.try_get("size")?;
        let size = u64::try_from(size).map_err(|_| Fault::Corrupt {
            table: "ledger_checkpoint",
            column: "size",
            id: format!("{tenant} {size}"),
        })?;
        Ok(Some((size, row.try_get("note")?)))
    }

    /// The public key of the tenant's ledger in the signed-note form, to be given to people outside.
    pub fn ledger_public_key(&self) -> &str {
        self.keys.signer.public()
    }

    /// Proves that an entry is in the tree of the newest checkpoint. `None` if there is no such entry yet.
    ///
    /// # Errors
    ///
    /// Storage failed, or rows of the ledger are missing.
    pub async fn inclusion(&mut self, entry: u64) -> Result<Option<Inclusion>, Fault> {
        let Some((size, checkpoint)) = self.checkpoint().await? else {
            return Ok(None);
        };
        let Ok(needed) = proof::inclusion_needs(size, entry) else {
            return Ok(None);
        };
        let mut tiles = Tiles::default();
        let nodes = tiles.nodes(self, &needed).await?;
        let leaf = tiles
            .node(
                self,
                Node {
                    level: 0,
                    index: entry,
                },
            )
            .await?;
        let path = proof::inclusion(size, entry, &nodes).map_err(|why| broken(self, &why))?;
        Ok(Some(Inclusion {
            entry,
            size,
            leaf,
            path,
            checkpoint,
        }))
    }

    /// Proves that the tree of the newest checkpoint begins with the one of `old` entries. `None` if it cannot: `old` is
    /// zero or larger.
    ///
    /// # Errors
    ///
    /// Storage failed, or rows of the ledger are missing.
    pub async fn consistency(&mut self, old: u64) -> Result<Option<Consistency>, Fault> {
        let Some((new, checkpoint)) = self.checkpoint().await? else {
            return Ok(None);
        };
        let Ok(needed) = proof::consistency_needs(new, old) else {
            return Ok(None);
        };
        let nodes = Tiles::default().nodes(self, &needed).await?;
        let path = proof::consistency(new, old, &nodes).map_err(|why| broken(self, &why))?;
        Ok(Some(Consistency {
            old,
            new,
            path,
            checkpoint,
        }))
    }
}

fn broken(conn: &Conn, why: &ProofError) -> Fault {
    Fault::Corrupt {
        table: "ledger_tile",
        column: "hashes",
        id: format!("{} {why}", conn.tenant()),
    }
}

/// Tiles read for one proof: the nodes it needs lie in a few of them.
#[derive(Default)]
struct Tiles {
    read: HashMap<(u8, u64), Vec<Hash>>,
}

impl Tiles {
    async fn nodes(&mut self, conn: &mut Conn, needed: &[Node]) -> Result<Nodes, Fault> {
        let mut nodes = Nodes::new();
        for node in needed {
            nodes.insert(*node, self.node(conn, *node).await?);
        }
        Ok(nodes)
    }

    async fn node(&mut self, conn: &mut Conn, node: Node) -> Result<Hash, Fault> {
        let (level, height) = (node.level / 8, node.level % 8);
        let first = node.index << height;
        let index = first / TILE_WIDTH;
        if let std::collections::hash_map::Entry::Vacant(space) = self.read.entry((level, index)) {
            space.insert(tile(conn, level, index).await?);
        }
        let within = usize::try_from(first % TILE_WIDTH).unwrap_or(usize::MAX);
        self.read
            .get(&(level, index))
            .and_then(|hashes| hashes.get(within..within + (1 << height)))
            .map(tree::fold)
            .ok_or_else(|| broken(conn, &ProofError::Missing(node)))
    }
}

/// A tile's hashes: from its row if it is complete, otherwise those there are so far.
async fn tile(conn: &mut Conn, level: u8, index: u64) -> Result<Vec<Hash>, Fault> {
    let tenant = conn.tenant();
    let row = sqlx::query(
        "SELECT hashes FROM ledger_tile WHERE tenant = $1 AND level = $2 AND place = $3",
    )
    .bind(tenant.to_string())
    .bind(i64::from(level))
    .bind(number(index)?)
    .fetch_optional(conn.any())
    .await?;
    match row {
        Some(row) => {
            let bytes: Vec<u8> = row.try_get("hashes")?;
            Tile::from_bytes(level, index, &bytes)
                .map(|tile| tile.hashes)
                .ok_or_else(|| Fault::Corrupt {
                    table: "ledger_tile",
                    column: "hashes",
                    id: format!("{tenant} {level}/{index}"),
                })
        }
        None => children(conn, tenant, level, index * TILE_WIDTH, TILE_WIDTH).await,
    }
}
