//! Measures the ledger on this machine: `cargo run --release -p store --example ledger_speed -- ENTRIES FOLDER`.
//!
//! Prints appends a second, alone and side by side, the time of an audit, and the time of a proof.

#![expect(
    clippy::print_stdout,
    reason = "a measuring program prints what it measured"
)]

use access::TenantId;
use jiff::Timestamp;
use ledger::{Actor, Entry};
use std::error::Error;
use std::path::PathBuf;
use std::time::Instant;
use store::{Database, Fault, MasterKey, Settings, Store, verify};

const NOW: Timestamp = Timestamp::constant(1_795_138_200, 0);
const CLINIC: TenantId = TenantId(access::Ulid::from_bytes([1; 16]));
/// Acts side by side: the pages of a busy vendor.
const SIDE_BY_SIDE: u32 = 32;
/// Entries of one act while the ledger is filled.
const ENTRIES_PER_ACT: u32 = 500;

fn entry(n: u32) -> Entry {
    Entry::new(
        "chart.read",
        Actor::Person {
            id: "01ARZ3NDEKTSV4RRFFQ69G5FAV".into(),
            role: "physician",
        },
        "care",
    )
    .device("01ARZ3NDEKTSV4RRFFQ69G5FAW")
    .object("patient", format!("01ARZ3NDEKTSV4RRFF{n:08}"))
    .clause("cl-2.5.2.1-x-a")
}

async fn append(store: &Store, entries: u32) -> Result<(), Fault> {
    store
        .write(CLINIC, NOW, move |tx| {
            Box::pin(async move {
                for n in 0..entries {
                    tx.record(entry(n)).await?;
                }
                Ok(())
            })
        })
        .await
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let mut words = std::env::args().skip(1);
    let entries: u32 = words.next().ok_or("ENTRIES is missing")?.parse()?;
    let folder = PathBuf::from(words.next().ok_or("FOLDER is missing")?);
    let database = Database::Sqlite(folder.join("speed.sqlite"));
    let key = MasterKey::generate()?;
    let started = Instant::now();
    let store = Store::open(Settings {
        database: database.clone(),
        master_key: key.copy(),
        anchor: None,
        reserve: None,
    })
    .await?;
    println!("opened and migrated in {:?}", started.elapsed());
    store.create_tenant(CLINIC, "speed", NOW).await?;

    let started = Instant::now();
    for _ in 0..1000 {
        append(&store, 1).await?;
    }
    println!(
        "one after the other: {:.0} acts/s",
        1000.0 / started.elapsed().as_secs_f64()
    );

    let started = Instant::now();
    let mut waiting = tokio::task::JoinSet::new();
    for _ in 0..SIDE_BY_SIDE {
        let store = store.clone();
        waiting.spawn(async move {
            for _ in 0..500 {
                append(&store, 1).await?;
            }
            Ok::<(), Fault>(())
        });
    }
    while let Some(done) = waiting.join_next().await {
        done??;
    }
    println!(
        "{SIDE_BY_SIDE} side by side: {:.0} acts/s",
        16_000.0 / started.elapsed().as_secs_f64()
    );

    let started = Instant::now();
    let acts = entries.saturating_sub(17_000) / ENTRIES_PER_ACT;
    for _ in 0..acts {
        append(&store, ENTRIES_PER_ACT).await?;
    }
    println!(
        "filled with {:.0} entries/s",
        f64::from(acts * ENTRIES_PER_ACT) / started.elapsed().as_secs_f64()
    );

    let mut read = store.read(CLINIC).await?;
    let size = read.checkpoint().await?.map_or(0, |(size, _)| size);
    let started = Instant::now();
    for n in 0..200 {
        read.inclusion(n * 9_876_543_211 % size).await?;
    }
    println!(
        "inclusion proof: {:?} each in a ledger of {size}",
        started.elapsed() / 200
    );
    let started = Instant::now();
    for n in 0..200 {
        read.consistency(1 + n * 9_876_543_211 % size).await?;
    }
    println!("consistency proof: {:?} each", started.elapsed() / 200);
    drop(read);
    store.close().await;

    let started = Instant::now();
    let report = verify(&database, Some(&key), None).await?;
    println!(
        "audit: {:?}, exit {}",
        started.elapsed(),
        report.exit_code()
    );
    Ok(())
}
