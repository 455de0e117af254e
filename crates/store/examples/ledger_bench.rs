//! The ledger that `cargo xtask bench` audits, and the floor beneath the audit.
//!
//! `ledger_bench fill STATE ENTRIES` makes it, or makes it longer, in the layout of a demo's folder, so that
//! `onshin verify ledger --demo STATE` reads it. `ledger_bench floor STATE` reads the same bytes and does with them
//! the least that any audit must: one SHA-256. `ledger_bench prove STATE COUNT` builds and checks proofs. Each prints one line of JSON; times are in milliseconds.

#![expect(
    clippy::print_stdout,
    reason = "a measuring program prints what it measured"
)]

use access::TenantId;
use futures_util::TryStreamExt as _;
use jiff::Timestamp;
use ledger::{Actor, Entry};
use sha2::{Digest as _, Sha256};
use sqlx::{
    ConnectOptions as _, Row as _,
    sqlite::{SqliteConnectOptions, SqliteConnection},
};
use std::{
    error::Error,
    path::{Path, PathBuf},
    time::Instant,
};
use store::{Database, Fault, MasterKey, Reader, Settings, Store};

const NOW: Timestamp = Timestamp::constant(1_795_138_200, 0);
const CLINIC: TenantId = TenantId(access::Ulid::from_bytes([1; 16]));
/// Entries of one act: few commits, so that filling is quick.
const ENTRIES_PER_ACT: u64 = 500;
const ROUNDS: u32 = 3;
/// A prime: its multiples come by every part of a ledger.
const SPREAD: u64 = 2_654_435_761;
const USAGE: &str = "ledger_bench fill STATE ENTRIES | floor STATE | prove STATE COUNT";

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    match words.as_slice() {
        ["fill", state, entries] => fill(Path::new(state), entries.parse()?).await,
        ["floor", state] => floor(Path::new(state)).await,
        ["prove", state, count] => prove(Path::new(state), count.parse()?).await,
        _ => Err(USAGE.into()),
    }
}

fn database(state: &Path) -> PathBuf {
    state.join("data/onshin.sqlite")
}

/// An ordinary entry: a chart was opened.
fn entry(n: u64) -> Entry {
    Entry::new(
        "record.opened",
        Actor::Person {
            id: "01ARZ3NDEKTSV4RRFFQ69G5FAV".into(),
            role: "physician",
        },
        "care",
    )
    .device("01ARZ3NDEKTSV4RRFFQ69G5FAW")
    .object(
        "patient",
        format!("01ARZ3NDEKTSV4RRFF{:08}", n % 100_000_000),
    )
    .clause("cl-2.5.2.1-x-a")
}

async fn fill(state: &Path, entries: u64) -> Result<(), Box<dyn Error>> {
    let key = state.join("master.key");
    std::fs::create_dir_all(state.join("data"))?;
    let new = !key.exists();
    if new {
        MasterKey::generate()?.save(&key)?;
    }
    let store = Store::open(Settings {
        database: Database::Sqlite(database(state)),
        master_key: MasterKey::load(&key)?,
        anchor: Some(state.join("checkpoints.log")),
        reserve: None,
    })
    .await?;
    if new {
        store.create_tenant(CLINIC, "bench", NOW).await?;
    }
    let began = Instant::now();
    let before = size(&store).await?;
    let mut at = before;
    while at < entries {
        let until = entries.min(at + ENTRIES_PER_ACT);
        append(&store, at, until).await?;
        at = until;
    }
    store.close().await;
    println!(
        "{}",
        serde_json::json!({ "entries": at, "added": at - before, "ms": ms(began) })
    );
    Ok(())
}

async fn size(store: &Store) -> Result<u64, Fault> {
    let checkpoint = store.read(CLINIC).await?.checkpoint().await?;
    Ok(checkpoint.map_or(0, |(size, _)| size))
}

async fn append(store: &Store, from: u64, until: u64) -> Result<(), Fault> {
    store
        .write(CLINIC, NOW, move |tx| {
            Box::pin(async move {
                for n in from..until {
                    tx.record(entry(n)).await?;
                }
                Ok(())
            })
        })
        .await
}

async fn floor(state: &Path) -> Result<(), Box<dyn Error>> {
    let mut connection = SqliteConnectOptions::new()
        .filename(database(state))
        .read_only(true)
        .connect()
        .await?;
    let (mut reads, mut hashes, mut bytes) = (Vec::new(), Vec::new(), 0);
    for _ in 0..ROUNDS {
        let began = Instant::now();
        bytes = 0;
        bodies(&mut connection, |body| bytes += body.len()).await?;
        reads.push(ms(began));
        let (began, mut hash) = (Instant::now(), Sha256::new());
        bodies(&mut connection, |body| hash.update(body)).await?;
        hashes.push(ms(began));
        std::hint::black_box(hash.finalize());
    }
    println!(
        "{}",
        serde_json::json!({ "bytes": bytes, "read_ms": reads, "read_and_hash_ms": hashes })
    );
    Ok(())
}

/// The bodies of all entries of all ledgers, one after the other.
async fn bodies(
    connection: &mut SqliteConnection,
    mut take: impl FnMut(&[u8]),
) -> Result<(), sqlx::Error> {
    let mut rows =
        sqlx::query("SELECT body FROM ledger_entry ORDER BY tenant, seq").fetch(connection);
    while let Some(row) = rows.try_next().await? {
        take(row.try_get::<&str, _>(0)?.as_bytes());
    }
    Ok(())
}

/// Builds and checks proofs that entries spread over the whole ledger are in it.
async fn prove(state: &Path, count: u64) -> Result<(), Box<dyn Error>> {
    let key = MasterKey::load(&state.join("master.key"))?;
    let reader = Reader::open(&Database::Sqlite(database(state)), key).await?;
    let mut read = reader.read(CLINIC).await?;
    let verifier = ledger::Verifier::new(read.ledger_public_key())?;
    let (size, _) = read.checkpoint().await?.ok_or("an empty ledger")?;
    let (mut times, mut longest) = (Vec::new(), 0);
    for n in 0..count {
        let entry = n.wrapping_mul(SPREAD) % size;
        let began = Instant::now();
        let proof = read.inclusion(entry).await?.ok_or("no such entry")?;
        let said = verifier.open(&proof.checkpoint)?;
        ledger::proof::check_inclusion(&proof.path, said.size, said.root, entry, proof.leaf)?;
        times.push(ms(began));
        longest = longest.max(proof.path.len());
    }
    drop(read);
    reader.close().await;
    println!(
        "{}",
        serde_json::json!({ "entries": size, "prove_ms": times, "hashes": longest })
    );
    Ok(())
}

fn ms(began: Instant) -> f64 {
    began.elapsed().as_secs_f64() * 1000.0
}
