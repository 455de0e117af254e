//! A process that is killed at any moment loses nothing it has acknowledged, and leaves rows and ledger in agreement.
//!
//! `ONSHIN_TEST_KILLS` says how often (default 300; PostgreSQL gets a tenth, since only the client dies there).

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stdout,
    reason = "what fails here fails the test"
)]

#[expect(dead_code, reason = "this file goes through both engines by itself")]
mod engines;

use engines::{CLINIC, NOW, Place, server};
use ledger::{Actor, Entry};
use sqlx::{AnyConnection, Connection as _, Row as _};
use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader, Write as _};
use std::process::{Command, Stdio};
use std::time::Duration;
use store::{Database, Fault, MasterKey, Settings, Store, verify};

const KILLS: u64 = 300;
/// Numbers set aside for one life of the child.
const NUMBERS_PER_LIFE: u64 = 1_000_000;
/// Lives between two audits of the whole ledger.
const LIVES_PER_AUDIT: u64 = 50;
/// A child that has kept nothing by then is a failure of its own.
const FIRST_ACT_TIME_MAX: Duration = Duration::from_secs(20);
/// Acts that wait at the same time, so that commits hold several.
const WAITING: u64 = 8;

#[test]
fn nothing_acknowledged_is_lost_when_the_process_is_killed() {
    let kills = std::env::var("ONSHIN_TEST_KILLS")
        .ok()
        .and_then(|text| text.parse().ok())
        .unwrap_or(KILLS);
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(async {
        live_and_die(Place::sqlite(), kills).await;
        if let Some(server) = server() {
            live_and_die(Place::postgres(&server).await, kills / 10).await;
        }
    });
}

async fn live_and_die(place: Place, kills: u64) {
    let key = place.folder.path().join("master.key");
    place.key.save(&key).unwrap();
    place.open().await.close().await;
    let mut acknowledged = BTreeMap::new();
    for life in 0..kills {
        acknowledged.extend(one_life(&place, life));
        if (life + 1) % LIVES_PER_AUDIT == 0 || life + 1 == kills {
            audit(&place, &acknowledged).await;
        }
    }
    println!(
        "{}: {kills} kills, {} acknowledged acts, none lost",
        place.engine,
        acknowledged.len()
    );
    assert!(
        acknowledged.len() as u64 > kills,
        "the child hardly wrote anything"
    );
    place.remove().await;
}

/// Starts the child, kills it some time later, and returns what it had acknowledged: number and place in the ledger.
fn one_life(place: &Place, life: u64) -> Vec<(u64, u64)> {
    let database = match &place.database {
        Database::Postgres(url) => url.clone(),
        _ => place.file().display().to_string(),
    };
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args([
            "--exact",
            "a_child_writes_until_it_is_killed",
            "--nocapture",
        ])
        .env("ONSHIN_CRASH_DATABASE", database)
        .env("ONSHIN_CRASH_FOLDER", place.folder.path())
        .env("ONSHIN_CRASH_FROM", (life * NUMBERS_PER_LIFE).to_string())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let said = child.stdout.take().unwrap();
    let (tell, first) = std::sync::mpsc::channel();
    let reader = std::thread::spawn(move || {
        let lines = BufReader::new(said).lines().map_while(Result::ok);
        // A last line cut short acknowledges nothing.
        let kept = lines.filter_map(|line| acknowledgement(&line));
        kept.inspect(|_| {
            let _ = tell.send(());
        })
        .collect::<Vec<_>>()
    });
    // Every third child dies at any moment from its start, the opening included; the others while they write.
    if !life.is_multiple_of(3) {
        first.recv_timeout(FIRST_ACT_TIME_MAX).unwrap();
    }
    std::thread::sleep(Duration::from_millis(life * 37 % 97));
    child.kill().unwrap();
    child.wait().unwrap();
    reader.join().unwrap()
}

fn acknowledgement(line: &str) -> Option<(u64, u64)> {
    let mut words = line.strip_prefix("kept ")?.strip_suffix('.')?.split(' ');
    Some((words.next()?.parse().ok()?, words.next()?.parse().ok()?))
}

#[test]
fn a_child_writes_until_it_is_killed() {
    let Ok(database) = std::env::var("ONSHIN_CRASH_DATABASE") else {
        return;
    };
    let folder = std::path::PathBuf::from(std::env::var("ONSHIN_CRASH_FOLDER").unwrap());
    let from: u64 = std::env::var("ONSHIN_CRASH_FROM").unwrap().parse().unwrap();
    let settings = Settings {
        database: if database.starts_with("postgres") {
            Database::Postgres(database)
        } else {
            Database::Sqlite(database.into())
        },
        master_key: MasterKey::load(&folder.join("master.key")).unwrap(),
        anchor: Some(folder.join("checkpoints.log")),
        reserve: None,
    };
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(async {
        let store = Store::open(settings).await.unwrap();
        let mut waiting = tokio::task::JoinSet::new();
        for lane in 0..WAITING {
            let store = store.clone();
            waiting.spawn(async move {
                for n in (from + lane..from + NUMBERS_PER_LIFE)
                    .step_by(usize::try_from(WAITING).unwrap())
                {
                    if let Some(seq) = act(&store, n).await {
                        let mut out = std::io::stdout().lock();
                        writeln!(out, "kept {n} {seq}.")
                            .and_then(|()| out.flush())
                            .unwrap();
                    }
                }
            });
        }
        waiting.join_all().await;
    });
}

/// One act: a row and its entry. Every fifth fails on purpose after both were written.
async fn act(store: &Store, n: u64) -> Option<u64> {
    let done: Result<u64, Fault> = store
        .write(CLINIC, NOW, move |tx| {
            Box::pin(async move {
                tx.new_patient_key(&format!("p{n}")).await?;
                let number = i64::try_from(n).unwrap();
                let seq = tx
                    .record(
                        Entry::new("patient.registered", Actor::System, "care").field("n", number),
                    )
                    .await?;
                if n % 5 == 4 {
                    Err(Fault::Text)
                } else {
                    Ok(seq)
                }
            })
        })
        .await;
    match done {
        Ok(seq) => Some(seq),
        Err(Fault::Text) => None,
        Err(fault) => panic!("{fault}"),
    }
}

/// Every acknowledged act is in the ledger at its place, every entry has its row and every row its entry.
async fn audit(place: &Place, acknowledged: &BTreeMap<u64, u64>) {
    let anchor = std::fs::read_to_string(place.anchor()).unwrap();
    let report = verify(&place.database, Some(&place.key), Some(&anchor))
        .await
        .unwrap();
    assert_eq!(report.exit_code(), 0, "{report}");
    let url = match &place.database {
        Database::Postgres(url) => url.clone(),
        _ => format!(
            "sqlite://{}",
            place.file().display().to_string().replace(' ', "%20")
        ),
    };
    let mut any = AnyConnection::connect(&url).await.unwrap();
    let mut entries = BTreeMap::new();
    for row in sqlx::query("SELECT seq, body FROM ledger_entry WHERE tenant = $1")
        .bind(CLINIC.to_string())
        .fetch_all(&mut any)
        .await
        .unwrap()
    {
        let body: serde_json::Value = serde_json::from_str(row.get("body")).unwrap();
        entries.insert(
            body["fields"]["n"].as_u64().unwrap(),
            u64::try_from(row.get::<i64, _>("seq")).unwrap(),
        );
    }
    let rows = sqlx::query("SELECT patient FROM patient_key WHERE tenant = $1")
        .bind(CLINIC.to_string())
        .fetch_all(&mut any)
        .await
        .unwrap();
    any.close().await.unwrap();
    let mut rows: Vec<u64> = rows
        .iter()
        .map(|row| row.get::<&str, _>("patient")[1..].parse().unwrap())
        .collect();
    rows.sort_unstable();
    assert_eq!(
        rows,
        entries.keys().copied().collect::<Vec<_>>(),
        "rows and entries differ"
    );
    for (n, seq) in acknowledged {
        assert_eq!(
            entries.get(n),
            Some(seq),
            "act {n} was acknowledged and is lost"
        );
    }
}
