//! `onshin verify ledger`: the audit of every ledger in a database, which is only read.

use super::conn::wrapped_keys;
use super::entries::Entries;
use super::fault::{Fault, OpenError};
use super::keys::{self, MasterKey, origin};
use super::stamp_audit::{self, Stamps};
use super::store::Database;
use super::{reader, tenant};
use access::TenantId;
use jiff::Timestamp;
use ledger::log::Anchors;
use ledger::{Audit, Hash, TILE_WIDTH, Tampered, Tile, Verifier, What, checkpoint};
use sqlx::{AnyConnection, Connection as _, Row as _};
use std::collections::{BTreeSet, VecDeque};
use std::fmt;

/// Checkpoints, or leaves of a finding, read by one statement: about 2 MB.
const PAGE: u64 = 4096;
/// Signatures checked in one ledger. The newest checkpoint's root speaks for all older ones; theirs are checked
/// to find a changed checkpoint, evenly spread where there are more.
const SIGNATURES_MAX: u64 = 2_000;

/// How one ledger stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Standing {
    /// Whole, as far as [`Verified::not_excluded`] says.
    Good,
    /// Not what was written.
    Tampered(Tampered),
    /// The audit could not come to a finding.
    CannotTell {
        /// Why not.
        why: Doubt,
    },
}

/// The finding on one ledger.
#[derive(Clone, Debug, PartialEq)]
pub struct Verified {
    /// Whose ledger.
    pub tenant: TenantId,
    /// How it stands.
    pub standing: Standing,
    /// Entries read.
    pub entries: u64,
    /// The root over them, if all were read.
    pub root: Option<Hash>,
    /// Entries that the newest checkpoint of the anchor speaks for; zero without an anchor.
    pub anchored: u64,
    /// Entries before which the clock had been set back by more than a minute.
    pub clock_set_back: Vec<u64>,
    /// What its time-stamps prove.
    pub time_stamps: Stamps,
    /// What a good finding does not exclude.
    pub not_excluded: Vec<NotExcluded>,
}

/// What the ledgers are held against, besides themselves.
#[derive(Clone, Copy, Default)]
pub struct Against<'a> {
    /// The key of the installation.
    pub master: Option<&'a MasterKey>,
    /// The text of `checkpoints.log` or of any older checkpoint.
    pub anchor: Option<&'a str>,
    /// The text of `time-stamps.log`.
    pub time_stamps: Option<&'a str>,
    /// The certificates of the time-stamp authority.
    pub trust: Option<&'a signing::Trust>,
    /// A pretended authority will do: demonstrations and tests only.
    pub pretended: bool,
    /// The present time, later than which no token can be.
    pub now: Option<Timestamp>,
}

/// The findings on all ledgers of a database.
#[derive(Clone, Debug, PartialEq)]
pub struct Report {
    /// The installation's first.
    pub ledgers: Vec<Verified>,
}

/// What a good finding does not exclude.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NotExcluded {
    /// Entries and checkpoints cut off together.
    CutOff,
    /// A rewrite by whoever holds the signing key.
    Resigned,
    /// Entries newer than the anchor, cut off or rewritten.
    NewerThanAnchor,
    /// A rewrite by whoever holds the key, of what no time-stamp covers in time.
    ResignedUnstamped,
    /// Time-stamps of somebody else than the authority.
    Untraced,
    /// Anything by the time-stamps of a pretended authority.
    Pretended,
    /// A rewrite under another key.
    KeyReplaced,
}

impl NotExcluded {
    /// The words for programs and the log.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::CutOff => "entries and checkpoints cut off together, back to an older checkpoint",
            Self::Resigned => "a rewrite by someone who holds the signing key",
            Self::NewerThanAnchor => "the same for entries that are newer than the anchor",
            Self::ResignedUnstamped => {
                "a rewrite by someone who holds the signing key, of entries newer than the last time-stamp or stamped late"
            }
            Self::Untraced => {
                "time-stamps made by somebody else than the authority: its certificate was not given, or is another"
            }
            Self::Pretended => "anything by the time-stamps of a pretended authority (模擬)",
            Self::KeyReplaced => "a rewrite under another key, since the master key was not given",
        }
    }
}

/// Why the audit could not come to a finding.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Doubt {
    /// The anchor speaks for a ledger of which the database knows nothing.
    NoSuchInstitution,
    /// So many notes or time-stamps kept elsewhere are not true ones of this ledger.
    Untrue(u64),
    /// The master key does not open this institution's keys.
    OtherKey,
    /// The head stands elsewhere than the entries end.
    Head {
        /// Where the head stands.
        head: u64,
        /// Where the entries end.
        size: u64,
    },
    /// The machine or the database says so.
    Machine(String),
}

impl fmt::Display for Doubt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoSuchInstitution => f.write_str(
                "the anchor speaks for this ledger, but the database holds no such institution",
            ),
            Self::Untrue(count) => write!(
                f,
                "{count} notes or time-stamps kept elsewhere are not true ones of this ledger"
            ),
            Self::OtherKey => f.write_str("the master key does not open this institution's keys"),
            Self::Head { head, size } => {
                write!(f, "the head stands at {head}, the entries end at {size}")
            }
            Self::Machine(why) => f.write_str(why),
        }
    }
}

impl Report {
    /// The exit code of the command: 0 good, 1 tampered, 2 cannot tell.
    pub fn exit_code(&self) -> u8 {
        let is = |wanted: fn(&Standing) -> bool| {
            self.ledgers.iter().any(|ledger| wanted(&ledger.standing))
        };
        if is(|standing| matches!(standing, Standing::Tampered(_))) {
            1
        } else if self.ledgers.is_empty()
            || is(|standing| matches!(standing, Standing::CannotTell { .. }))
        {
            2
        } else {
            0
        }
    }

    /// The report for programs.
    pub fn to_json(&self) -> serde_json::Value {
        let ledgers = self
            .ledgers
            .iter()
            .map(Verified::to_json)
            .collect::<Vec<_>>();
        serde_json::json!({ "exit": self.exit_code(), "ledgers": ledgers })
    }
}

impl Verified {
    fn to_json(&self) -> serde_json::Value {
        let mut value = serde_json::json!({
            "tenant": self.tenant.to_string(),
            "entries": self.entries,
            "root": self.root.map(|root| root.to_string()),
            "anchored": self.anchored,
            "clock_set_back": self.clock_set_back,
            "time_stamps": self.time_stamps.to_json(),
            "not_excluded": self.not_excluded.iter().map(|open| open.as_str()).collect::<Vec<_>>(),
        });
        let standing = match &self.standing {
            Standing::Good => serde_json::json!({ "standing": "good" }),
            Standing::Tampered(found) => serde_json::json!({
                "standing": "tampered", "entry": found.entry, "until": found.until, "what": found.what.as_str(),
            }),
            Standing::CannotTell { why } => {
                serde_json::json!({ "standing": "cannot_tell", "why": why.to_string() })
            }
        };
        if let (Some(value), serde_json::Value::Object(standing)) =
            (value.as_object_mut(), standing)
        {
            value.extend(standing);
        }
        value
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for ledger in &self.ledgers {
            write!(f, "{} {} entries: ", ledger.tenant, ledger.entries)?;
            match &ledger.standing {
                Standing::Good => f.write_str("good")?,
                Standing::Tampered(found) => write!(f, "TAMPERED, {found}")?,
                Standing::CannotTell { why } => write!(f, "cannot tell: {why}")?,
            }
            writeln!(f)?;
            for entry in &ledger.clock_set_back {
                writeln!(f, "  entry {entry}: the clock had been set back")?;
            }
            for open in &ledger.not_excluded {
                writeln!(f, "  not excluded: {}", open.as_str())?;
            }
        }
        Ok(())
    }
}

/// Audits every ledger of a database. `anchor` is the text of `checkpoints.log` or of any older checkpoint.
/// A running program may go on writing: the audit reads one state.
///
/// # Errors
///
/// The database could not be opened or its tenants not be read. What is wrong with a single ledger stands in the report.
pub async fn verify(
    database: &Database,
    master: Option<&MasterKey>,
    anchor: Option<&str>,
) -> Result<Report, OpenError> {
    let against = Against {
        master,
        anchor,
        ..Against::default()
    };
    verify_against(database, &against).await
}

/// The same against everything that is known.
///
/// # Errors
///
/// As [`verify`].
pub async fn verify_against(
    database: &Database,
    against: &Against<'_>,
) -> Result<Report, OpenError> {
    let (pool, begin) = reader::pool(database).await?;
    let entries = match database {
        Database::Sqlite(path) => Entries::sqlite(path),
        Database::Postgres(_) | Database::Memory => Entries::Postgres,
    };
    let mut connection = pool.acquire().await?;
    let mut state = connection.begin_with(begin).await?;
    let mut ledgers = Vec::new();
    let mut origins = BTreeSet::new();
    for (tenant, _) in tenant::list(&mut state).await? {
        origins.insert(origin(tenant));
        ledgers.push(verify_tenant(&mut state, &entries, tenant, against).await);
    }
    ledgers.extend(missing(against.anchor, &origins));
    drop(state);
    drop(connection);
    pool.close().await;
    Ok(Report { ledgers })
}

/// Ledgers that the anchor speaks for, but the database does not know.
fn missing(anchor: Option<&str>, known: &BTreeSet<String>) -> Vec<Verified> {
    let notes = anchor.map(checkpoint::split).unwrap_or_default();
    let mut lost = BTreeSet::new();
    for said in notes
        .into_iter()
        .filter_map(|note| checkpoint::read(note).ok())
    {
        if !known.contains(&said.origin)
            && let Some(tenant) = said
                .origin
                .strip_prefix("onshin/ledger/")
                .and_then(|id| id.parse().ok())
        {
            lost.insert((tenant, said.size));
        }
    }
    let newest: std::collections::BTreeMap<TenantId, u64> = lost.into_iter().collect();
    newest
        .into_iter()
        .map(|(tenant, size)| Verified {
            tenant,
            standing: Standing::CannotTell {
                why: Doubt::NoSuchInstitution,
            },
            entries: 0,
            root: None,
            anchored: size,
            clock_set_back: Vec::new(),
            time_stamps: Stamps::default(),
            not_excluded: Vec::new(),
        })
        .collect()
}

async fn verify_tenant(
    any: &mut AnyConnection,
    entries: &Entries,
    tenant: TenantId,
    against: &Against<'_>,
) -> Verified {
    let mut verified = Verified {
        tenant,
        standing: Standing::Good,
        entries: 0,
        root: None,
        anchored: 0,
        clock_set_back: Vec::new(),
        time_stamps: Stamps::default(),
        not_excluded: Vec::new(),
    };
    verified.standing = match audit(any, entries, tenant, against, &mut verified).await {
        Ok(()) => Standing::Good,
        Err(Stop::Tampered(found)) => {
            Standing::Tampered(sharpen(any, tenant, found).await.unwrap_or(found))
        }
        Err(Stop::CannotTell(why)) => Standing::CannotTell { why },
    };
    verified
}

/// The very entry within a range that a checkpoint objected to, where a tile was written over it.
async fn sharpen(any: &mut AnyConnection, tenant: TenantId, found: Tampered) -> Option<Tampered> {
    if found.what != What::Replaced {
        return None;
    }
    let rows = sqlx::query("SELECT seq, leaf FROM ledger_entry WHERE tenant = $1 AND seq >= $2 AND seq <= $3 ORDER BY seq LIMIT $4")
        .bind(tenant.to_string())
        .bind(signed(found.entry))
        .bind(signed(found.until))
        .bind(signed(PAGE))
        .fetch_all(&mut *any)
        .await
        .ok()?;
    let mut read: Option<Tile> = None;
    for row in &rows {
        let seq = unsigned(row.try_get("seq").ok()?);
        let index = seq / TILE_WIDTH;
        if read.as_ref().is_none_or(|tile| tile.index != index) {
            let row = sqlx::query(
                "SELECT hashes FROM ledger_tile WHERE tenant = $1 AND level = 0 AND place = $2",
            )
            .bind(tenant.to_string())
            .bind(signed(index))
            .fetch_optional(&mut *any)
            .await
            .ok()??;
            read = Tile::from_bytes(0, index, row.try_get("hashes").ok()?);
        }
        let kept = read
            .as_ref()?
            .hashes
            .get(usize::try_from(seq % TILE_WIDTH).ok()?)?;
        if row.try_get::<&[u8], _>("leaf").ok()? != kept.0 {
            return Some(Tampered {
                entry: seq,
                until: seq,
                what: What::Replaced,
            });
        }
    }
    None
}

pub(super) enum Stop {
    Tampered(Tampered),
    CannotTell(Doubt),
}

impl From<Tampered> for Stop {
    fn from(found: Tampered) -> Self {
        Self::Tampered(found)
    }
}

impl From<Fault> for Stop {
    fn from(fault: Fault) -> Self {
        Self::CannotTell(Doubt::Machine(fault.to_string()))
    }
}

impl From<sqlx::Error> for Stop {
    fn from(error: sqlx::Error) -> Self {
        Fault::from(error).into()
    }
}

async fn audit(
    any: &mut AnyConnection,
    entries: &Entries,
    tenant: TenantId,
    against: &Against<'_>,
    verified: &mut Verified,
) -> Result<(), Stop> {
    let newest = newest_checkpoint(any, tenant).await?;
    let public = verifier(any, tenant, against.master, newest).await?;
    let anchors = against
        .anchor
        .map(|file| Anchors::read(file, &public))
        .unwrap_or_default();
    let mut stamps = stamp_audit::load(any, tenant, &public, against).await?;
    let anchored = anchors.held.last().map_or(0, |anchor| anchor.size);
    verified.anchored = anchored.max(stamps.elsewhere);
    let doubtful = anchors.doubtful + stamps.doubtful;
    let mut audit = Audit::new(public, anchors.and(stamps.anchors.drain(..)));
    let mut checkpoints = Checkpoints::new(any, tenant, newest).await?;
    let mut reading = entries.of(any, tenant).await?;
    while let Some(part) = reading.next(any, audit.size()).await? {
        for read in part.entries() {
            audit.hashed(read.seq, read.body.as_bytes(), read.hash, read.leaf)?;
            stamps.entry(read.seq, read.body);
            verified.entries = audit.size();
            if audit.due().is_some() {
                tiles(any, tenant, &mut audit).await?;
            }
            if checkpoints.due(audit.size()) {
                checkpoints.at(any, &mut audit).await?;
            }
        }
    }
    drop(reading);
    verified.clock_set_back = audit.clock_set_back().to_vec();
    let (size, root) = (audit.size(), audit.root());
    audit.end(newest)?;
    ends(any, tenant, size).await?;
    verified.root = Some(root);
    verified.time_stamps = stamps.end()?;
    if doubtful > 0 {
        return Err(Stop::CannotTell(Doubt::Untrue(doubtful)));
    }
    verified.not_excluded = open_questions(verified, size, against);
    Ok(())
}

/// What a good finding on so many entries leaves open.
fn open_questions(verified: &Verified, size: u64, against: &Against<'_>) -> Vec<NotExcluded> {
    let mut open = Vec::new();
    let stamps = &verified.time_stamps;
    let pretended = stamps.pretended > 0 && !against.pretended;
    if verified.anchored == 0 && size > 0 {
        open.push(NotExcluded::CutOff);
        open.push(if stamps.covered > 0 && !pretended {
            NotExcluded::ResignedUnstamped
        } else {
            NotExcluded::Resigned
        });
    } else if verified.anchored < size {
        open.push(NotExcluded::NewerThanAnchor);
    }
    if stamps.untraced > 0 {
        open.push(NotExcluded::Untraced);
    }
    if pretended {
        open.push(NotExcluded::Pretended);
    }
    if against.master.is_none() {
        open.push(NotExcluded::KeyReplaced);
    }
    open
}

/// The ledger's public key: from the sealed private one where the master key is given, since a row can be replaced.
async fn verifier(
    any: &mut AnyConnection,
    tenant: TenantId,
    master: Option<&MasterKey>,
    newest: u64,
) -> Result<Verifier, Stop> {
    let forged = Tampered {
        entry: 0,
        until: newest.saturating_sub(1),
        what: What::Checkpoint,
    };
    let wrapped = wrapped_keys(any, tenant).await?;
    if let Some(master) = master {
        match keys::open_tenant(master, tenant, &wrapped) {
            Ok(Some(_)) => {}
            Ok(None) => {
                return Err(Stop::CannotTell(Doubt::OtherKey));
            }
            Err(Fault::Corrupt { .. }) => return Err(forged.into()),
            Err(fault) => return Err(fault.into()),
        }
    }
    let verifier = Verifier::new(&wrapped.public)
        .map_err(|why| Stop::CannotTell(Doubt::Machine(why.to_string())))?;
    if verifier.origin() == origin(tenant) {
        Ok(verifier)
    } else {
        Err(forged.into())
    }
}

async fn newest_checkpoint(any: &mut AnyConnection, tenant: TenantId) -> Result<u64, Stop> {
    let row = sqlx::query(
        "SELECT COALESCE(MAX(size), 0) AS size FROM ledger_checkpoint WHERE tenant = $1",
    )
    .bind(tenant.to_string())
    .fetch_one(any)
    .await?;
    Ok(unsigned(row.try_get("size")?))
}

/// Holds every tile that is complete now against its row.
async fn tiles(any: &mut AnyConnection, tenant: TenantId, audit: &mut Audit) -> Result<(), Stop> {
    while let Some((level, index)) = audit.due() {
        let row = sqlx::query(
            "SELECT root, hashes FROM ledger_tile WHERE tenant = $1 AND level = $2 AND place = $3",
        )
        .bind(tenant.to_string())
        .bind(i64::from(level))
        .bind(signed(index))
        .fetch_optional(&mut *any)
        .await?;
        let Some(row) = row else {
            audit.tiles_shown()?;
            return Ok(());
        };
        audit.tile(level, index, row.try_get("root")?, row.try_get("hashes")?)?;
    }
    Ok(())
}

/// The checkpoints' rows, read in pages beside the entries.
struct Checkpoints {
    tenant: TenantId,
    newest: u64,
    rows: VecDeque<(u64, String)>,
    read_until: u64,
    /// Every how manieth signature is checked.
    spread: u64,
    count: u64,
}

impl Checkpoints {
    async fn new(any: &mut AnyConnection, tenant: TenantId, newest: u64) -> Result<Self, Stop> {
        let row = sqlx::query("SELECT COUNT(*) AS held, COALESCE(MIN(size), 1) AS least FROM ledger_checkpoint WHERE tenant = $1")
            .bind(tenant.to_string())
            .fetch_one(any)
            .await?;
        let least: i64 = row.try_get("least")?;
        if least < 1 {
            return Err(Tampered {
                entry: 0,
                until: 0,
                what: What::Checkpoint,
            }
            .into());
        }
        let held = unsigned(row.try_get("held")?);
        Ok(Self {
            tenant,
            newest,
            rows: VecDeque::new(),
            read_until: 0,
            spread: held.div_ceil(SIGNATURES_MAX).max(1),
            count: 0,
        })
    }

    /// Whether there is one at this size, or its page must be read to know.
    fn due(&self, size: u64) -> bool {
        size > self.read_until || self.rows.front().is_some_and(|(at, _)| *at == size)
    }

    /// Gives the audit the checkpoint at its present size, if there is one.
    async fn at(&mut self, any: &mut AnyConnection, audit: &mut Audit) -> Result<(), Stop> {
        let size = audit.size();
        if size > self.read_until {
            self.read(any, size).await?;
        }
        if self.rows.front().is_none_or(|(at, _)| *at != size) {
            return Ok(());
        }
        if let Some((size, note)) = self.rows.pop_front() {
            let prove = size == self.newest || self.count.is_multiple_of(self.spread);
            self.count += 1;
            audit.checkpoint(size, &note, prove)?;
        }
        Ok(())
    }

    async fn read(&mut self, any: &mut AnyConnection, from: u64) -> Result<(), Stop> {
        self.read_until = from + PAGE - 1;
        let rows = sqlx::query(
            "SELECT size, note
             FROM ledger_checkpoint
             WHERE tenant = $1 AND size >= $2 AND size <= $3
             ORDER BY size",
        )
        .bind(self.tenant.to_string())
        .bind(signed(from))
        .bind(signed(self.read_until))
        .fetch_all(any)
        .await?;
        for row in &rows {
            self.rows
                .push_back((unsigned(row.try_get("size")?), row.try_get("note")?));
        }
        Ok(())
    }
}

/// The head must stand where the entries end, and no tile may speak for more than them.
async fn ends(any: &mut AnyConnection, tenant: TenantId, size: u64) -> Result<(), Stop> {
    let row = sqlx::query("SELECT size FROM ledger_head WHERE tenant = $1")
        .bind(tenant.to_string())
        .fetch_optional(&mut *any)
        .await?;
    let head = row
        .map(|row| row.try_get::<i64, _>("size"))
        .transpose()?
        .map_or(0, unsigned);
    if head > size {
        return Err(Tampered {
            entry: size,
            until: head - 1,
            what: What::Truncated,
        }
        .into());
    }
    if head < size {
        return Err(Stop::CannotTell(Doubt::Head { head, size }));
    }
    let row = sqlx::query("SELECT COUNT(*) AS held FROM ledger_tile WHERE tenant = $1")
        .bind(tenant.to_string())
        .fetch_one(any)
        .await?;
    let tiles = unsigned(row.try_get("held")?);
    let due: u64 = (0..ledger::tile::LEVELS_MAX)
        .map(|level| ledger::tile::completed(level, 0, size).end)
        .sum();
    if tiles == due {
        Ok(())
    } else {
        Err(Tampered {
            entry: size,
            until: size,
            what: What::Tile,
        }
        .into())
    }
}

fn signed(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

fn unsigned(number: i64) -> u64 {
    u64::try_from(number).unwrap_or(u64::MAX)
}
