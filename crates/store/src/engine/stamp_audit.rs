//! The audit of kept time-stamps: each token against its checkpoint, each receipt against its token, and what they prove.

use super::fault::Fault;
use super::stamps::{RECEIPT, token_digest};
use super::verify::{Against, Stop};
use crate::row::Cells;
use access::TenantId;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use jiff::Timestamp;
use ledger::log::{Anchor, time_us};
use ledger::{Tampered, Verifier, What};
use signing::{Chain, Refused, Stamped, Wanted, judge};
use sqlx::AnyConnection;
use std::collections::{BTreeMap, BTreeSet};

/// A stamp that came this long after the last entry it speaks for was made on another day than the day's next.
const LATE_US: i64 = 2 * 86_400 * 1_000_000;
/// Clocks of an authority and of this machine may differ by so much.
const CLOCK_SLACK_US: i64 = 600 * 1_000_000;
/// Names of authorities repeated in a report.
const AUTHORITIES_MAX: usize = 16;

/// What the time-stamps of one ledger prove.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Stamps {
    /// Tokens in the database.
    pub kept: u64,
    /// Entries that the newest token speaks for which was traced to the authority.
    pub covered: u64,
    /// The time of that token.
    pub newest: Option<Timestamp>,
    /// Who made the tokens, as their certificates say.
    pub authorities: BTreeSet<String>,
    /// Tokens whose signer was not traced to the authority: no certificate was given, or another's.
    pub untraced: u64,
    /// Tokens that were made more than two days after the last entry they speak for.
    pub late: u64,
    /// Tokens of a pretended authority (模擬), which prove nothing.
    pub pretended: u64,
}

impl Stamps {
    pub(super) fn to_json(&self) -> serde_json::Value {
        serde_json::json!({
            "kept": self.kept,
            "covered": self.covered,
            "newest": self.newest.map(|at| at.to_string()),
            "authorities": self.authorities,
            "untraced": self.untraced,
            "late": self.late,
            "pretended": self.pretended,
        })
    }
}

/// The stamps of one ledger while its entries are read.
pub(super) struct Held {
    /// The checkpoints that true tokens speak for.
    pub(super) anchors: Vec<Anchor>,
    /// Entries that a traced token of the second place speaks for.
    pub(super) elsewhere: u64,
    /// Records of the second place that are no true ones of this ledger.
    pub(super) doubtful: u64,
    found: Stamps,
    /// The time of the token at each size, and its name.
    tokens: BTreeMap<u64, (i64, String)>,
    receipts: BTreeMap<u64, String>,
    fault: Option<Tampered>,
}

/// One token with what was kept beside it.
struct Row {
    size: u64,
    checkpoint: String,
    token: Vec<u8>,
    gen_time: i64,
    authority: String,
}

/// Judges every token of a ledger.
pub(super) async fn load(
    any: &mut AnyConnection,
    tenant: TenantId,
    verifier: &Verifier,
    against: &Against<'_>,
) -> Result<Held, Stop> {
    let mut held = Held {
        anchors: Vec::new(),
        elsewhere: 0,
        doubtful: 0,
        found: Stamps::default(),
        tokens: BTreeMap::new(),
        receipts: BTreeMap::new(),
        fault: None,
    };
    for row in rows(any, tenant).await? {
        held.found.kept += 1;
        match true_token(&row, verifier, against) {
            Some((anchor, stamped)) => held.keep(&row, anchor, &stamped),
            None => held.object(row.size),
        }
        held.tokens
            .insert(row.size, (row.gen_time, token_digest(&row.token)));
    }
    let copies = against.time_stamps.unwrap_or_default().lines();
    for row in copies.filter_map(|line| copy(line, tenant)) {
        match true_token(&row, verifier, against) {
            Some((anchor, stamped)) => {
                if proves(&stamped, against) {
                    held.elsewhere = held.elsewhere.max(anchor.size);
                }
                held.anchors.push(anchor);
            }
            None => held.doubtful += 1,
        }
    }
    Ok(held)
}

impl Held {
    fn keep(&mut self, row: &Row, anchor: Anchor, stamped: &Stamped) {
        let found = &mut self.found;
        if found.authorities.len() < AUTHORITIES_MAX {
            found.authorities.insert(row.authority.clone());
        }
        found.pretended += u64::from(stamped.pretended);
        if stamped.chain == Chain::Trusted {
            found.covered = found.covered.max(row.size);
            found.newest = found
                .newest
                .max(Timestamp::from_microsecond(row.gen_time).ok());
        } else {
            found.untraced += 1;
        }
        self.anchors.push(anchor);
    }

    fn object(&mut self, size: u64) {
        let last = size.saturating_sub(1);
        self.fault.get_or_insert(Tampered {
            entry: 0,
            until: last,
            what: What::TimeStamp,
        });
    }

    /// Looks at the next entry.
    pub(super) fn entry(&mut self, seq: u64, body: &str) {
        if let Some((stamped, _)) = self.tokens.get(&(seq + 1))
            && let Some(at) = time_us(body.as_bytes())
        {
            self.found.late += u64::from(stamped.saturating_sub(at) > LATE_US);
        }
        // The subject stands last in canonical order.
        if body
            .strip_suffix("\"}")
            .is_some_and(|body| body.ends_with(RECEIPT))
            && let Some((size, token)) = receipt(body)
        {
            self.receipts.insert(size, token);
        }
    }

    /// The end of the entries: each receipt has its token, each token its receipt.
    pub(super) fn end(mut self) -> Result<Stamps, Tampered> {
        let sizes: BTreeSet<u64> = self
            .receipts
            .keys()
            .chain(self.tokens.keys())
            .copied()
            .collect();
        for size in sizes {
            let kept = self.tokens.get(&size).map(|(_, token)| token);
            if kept != self.receipts.get(&size) {
                self.object(size);
            }
        }
        self.fault.map_or(Ok(self.found), Err)
    }
}

/// Whether a token shows when its checkpoint was there.
fn proves(stamped: &Stamped, against: &Against<'_>) -> bool {
    stamped.chain == Chain::Trusted && (against.pretended || !stamped.pretended)
}

/// The checkpoint of a token that is what was kept beside it, and is a true one of this ledger.
fn true_token(row: &Row, verifier: &Verifier, against: &Against<'_>) -> Option<(Anchor, Stamped)> {
    let said = verifier.open(&row.checkpoint).ok()?;
    let latest = against
        .now
        .map_or(i64::MAX, |now| now.as_microsecond() + CLOCK_SLACK_US);
    let wanted = Wanted {
        content: row.checkpoint.as_bytes(),
        between: (0, latest),
        policy: None,
        trust: against.trust,
        pretended: true,
    };
    let stamped = match judge(&row.token, wanted) {
        // Of another authority than the one whose certificate was given, perhaps a former one: it is told apart.
        Err(Refused::Chain) => judge(
            &row.token,
            Wanted {
                trust: None,
                ..wanted
            },
        ),
        judged => judged,
    }
    .ok()?;
    let as_kept = said.size == row.size
        && stamped.at_us == row.gen_time
        && stamped.authority == row.authority;
    as_kept.then_some((
        Anchor {
            size: said.size,
            root: said.root,
        },
        stamped,
    ))
}

async fn rows(any: &mut AnyConnection, tenant: TenantId) -> Result<Vec<Row>, Fault> {
    let rows = sqlx::query(
        "SELECT size, checkpoint, token, gen_time, authority
         FROM time_stamp
         WHERE tenant = $1
         ORDER BY size",
    )
    .bind(tenant.to_string())
    .fetch_all(any)
    .await?;
    rows.iter()
        .map(|row| {
            let cells = Cells::of("time_stamp", row);
            Ok(Row {
                size: u64::try_from(cells.int("size")?).map_err(|_| cells.corrupt("size"))?,
                checkpoint: cells.text("checkpoint")?,
                token: cells.bytes("token")?,
                gen_time: cells.int("gen_time")?,
                authority: cells.text("authority")?,
            })
        })
        .collect()
}

/// A record of `time-stamps.log`, if it is of this ledger. A last line cut short by a crash is left out.
fn copy(line: &str, tenant: TenantId) -> Option<Row> {
    let value: serde_json::Value = serde_json::from_str(line).ok()?;
    let text = |name| value.get(name).and_then(serde_json::Value::as_str);
    if text("tenant") != Some(tenant.to_string().as_str()) {
        return None;
    }
    let checkpoint = text("checkpoint").unwrap_or_default().to_owned();
    let at: Option<Timestamp> = text("gen_time").and_then(|at| at.parse().ok());
    Some(Row {
        size: ledger::checkpoint::read(&checkpoint).map_or(0, |said| said.size),
        checkpoint,
        token: STANDARD
            .decode(text("token").unwrap_or_default())
            .unwrap_or_default(),
        gen_time: at.map_or(0, Timestamp::as_microsecond),
        authority: text("authority").unwrap_or_default().to_owned(),
    })
}

/// Which token a receipt speaks of: the size of its checkpoint, and its name.
fn receipt(body: &str) -> Option<(u64, String)> {
    let value: serde_json::Value = serde_json::from_str(body).ok()?;
    let fields = value.get("fields")?;
    Some((
        fields.get("size")?.as_u64()?,
        fields.get("token_sha256")?.as_str()?.to_owned(),
    ))
}
