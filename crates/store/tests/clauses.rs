//! The attacks that the clauses answered by the engine must withstand, on the database file itself.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "what fails here fails the test"
)]

mod engines;

use engines::{CLINIC, NOW, OTHER_CLINIC, Place, both_engines};
use ledger::{Actor, Entry, What};
use sqlx::{AnyConnection, Connection as _};
use std::fs;
use store::{Fault, Standing, Store, Verified, verify};

/// More than two tiles, and a rest.
const ENTRIES: u64 = 600;
/// Acts side by side.
const WAITING: usize = 500;
/// More than two of the blocks that an audit reads at once, and a rest.
const MANY_ENTRIES: u64 = 2200;

async fn append(store: &Store, count: u64) {
    let mut waiting = tokio::task::JoinSet::new();
    for n in 0..count {
        // The writer's queue is bounded.
        if waiting.len() >= WAITING {
            waiting.join_next().await.unwrap().unwrap();
        }
        let store = store.clone();
        waiting.spawn(async move {
            let done: Result<u64, Fault> =
                store
                    .write(CLINIC, NOW, move |tx| {
                        let number = i64::try_from(n).unwrap();
                        Box::pin(tx.record(
                            Entry::new("chart.read", Actor::System, "care").field("n", number),
                        ))
                    })
                    .await;
            done.unwrap();
        });
    }
    waiting.join_all().await;
}

/// A closed database with entries of one clinic.
async fn written(place: &Place, count: u64) {
    let store = place.open().await;
    append(&store, count).await;
    store.close().await;
}

/// What a thief with the database file can do, the triggers being no hindrance to him.
async fn attack(place: &Place, statements: &str) {
    let url = match &place.database {
        store::Database::Postgres(url) => url.clone(),
        store::Database::Sqlite(path) => format!(
            "sqlite://{}",
            path.display().to_string().replace(' ', "%20")
        ),
        store::Database::Memory => panic!("no file"),
    };
    let mut thief = AnyConnection::connect(&url).await.unwrap();
    for table in ["ledger_entry", "ledger_tile", "ledger_checkpoint"] {
        let without_guard = match &place.database {
            store::Database::Postgres(_) => format!("ALTER TABLE {table} DISABLE TRIGGER USER"),
            _ => format!(
                "DROP TRIGGER IF EXISTS {table}_no_update; DROP TRIGGER IF EXISTS {table}_no_delete"
            ),
        };
        sqlx::raw_sql(sqlx::AssertSqlSafe(without_guard))
            .execute(&mut thief)
            .await
            .unwrap();
    }
    let statements = statements.replace("CLINIC", &format!("'{CLINIC}'"));
    sqlx::raw_sql(sqlx::AssertSqlSafe(statements))
        .execute(&mut thief)
        .await
        .unwrap();
    thief.close().await.unwrap();
}

async fn found(place: &Place, anchor: Option<&str>) -> Verified {
    let report = verify(&place.database, Some(&place.key), anchor)
        .await
        .unwrap();
    let code = report.exit_code();
    let ledger = report
        .ledgers
        .into_iter()
        .find(|ledger| ledger.tenant == CLINIC)
        .unwrap();
    let expected = match ledger.standing {
        Standing::Good => 0,
        Standing::Tampered(_) => 1,
        Standing::CannotTell { .. } => 2,
    };
    assert_eq!(code, expected);
    ledger
}

fn at(verified: &Verified) -> (u64, u64, What) {
    match &verified.standing {
        Standing::Tampered(found) => (found.entry, found.until, found.what),
        other => panic!("{other:?}"),
    }
}

#[test]
fn cl_2_5_2_1_x_a_an_untouched_ledger_is_good_and_says_what_it_cannot_exclude() {
    both_engines(async |place| {
        written(&place, ENTRIES).await;
        let alone = found(&place, None).await;
        assert_eq!(
            (alone.standing, alone.entries, alone.not_excluded.len()),
            (Standing::Good, ENTRIES, 2)
        );
        let anchor = fs::read_to_string(place.anchor()).unwrap();
        let anchored = found(&place, Some(&anchor)).await;
        assert_eq!(
            (
                anchored.standing,
                anchored.anchored,
                anchored.not_excluded.len()
            ),
            (Standing::Good, ENTRIES, 0)
        );
    });
}

#[test]
fn cl_2_5_2_1_x_a_the_database_itself_refuses_to_change_the_ledger() {
    both_engines(async |place| {
        written(&place, 300).await;
        let url = match &place.database {
            store::Database::Postgres(url) => url.clone(),
            _ => format!(
                "sqlite://{}",
                place.file().display().to_string().replace(' ', "%20")
            ),
        };
        let mut anyone = AnyConnection::connect(&url).await.unwrap();
        for statement in [
            "UPDATE ledger_entry SET body = ''",
            "DELETE FROM ledger_entry",
            "UPDATE ledger_tile SET place = 7",
            "DELETE FROM ledger_tile",
            "UPDATE ledger_checkpoint SET note = ''",
            "DELETE FROM ledger_checkpoint",
        ] {
            let refused = sqlx::raw_sql(statement)
                .execute(&mut anyone)
                .await
                .unwrap_err();
            assert!(
                refused.to_string().contains("the ledger only grows"),
                "{statement}: {refused}"
            );
        }
        if place.engine == "postgres" {
            assert!(
                sqlx::raw_sql("TRUNCATE ledger_entry")
                    .execute(&mut anyone)
                    .await
                    .is_err()
            );
        }
        anyone.close().await.unwrap();
    });
}

/// What is done, with which statements; and the first and last entry that the finding names, and what it says.
const ATTACKS: &[(&str, &str, u64, u64, What)] = &[
    (
        "an edited text",
        "UPDATE ledger_entry SET body = REPLACE(body, 'chart.read', 'chart.note') WHERE tenant = CLINIC AND seq = 37",
        37,
        37,
        What::Edited,
    ),
    (
        "a text moved to another place",
        "UPDATE ledger_entry SET body = (SELECT body FROM ledger_entry e WHERE e.tenant = CLINIC AND e.seq = 12) WHERE tenant = CLINIC AND seq = 11",
        11,
        11,
        What::Edited,
    ),
    (
        "two entries exchanged whole",
        "UPDATE ledger_entry SET seq = -1 WHERE tenant = CLINIC AND seq = 300; UPDATE ledger_entry SET seq = 300 WHERE tenant = CLINIC AND seq = 301; UPDATE ledger_entry SET seq = 301 WHERE tenant = CLINIC AND seq = -1",
        300,
        300,
        What::Replaced,
    ),
    (
        "a deleted entry",
        "DELETE FROM ledger_entry WHERE tenant = CLINIC AND seq = 555",
        555,
        555,
        What::Missing,
    ),
    (
        "the first entry deleted",
        "DELETE FROM ledger_entry WHERE tenant = CLINIC AND seq = 0",
        0,
        0,
        What::Missing,
    ),
    (
        "an end cut off",
        "DELETE FROM ledger_entry WHERE tenant = CLINIC AND seq >= 520",
        520,
        599,
        What::Truncated,
    ),
    (
        "everything cut off",
        "DELETE FROM ledger_entry WHERE tenant = CLINIC",
        0,
        599,
        What::Truncated,
    ),
    (
        "an entry put before the first",
        "INSERT INTO ledger_entry SELECT tenant, -1, body, leaf FROM ledger_entry WHERE tenant = CLINIC AND seq = 5",
        0,
        0,
        What::Missing,
    ),
    (
        "an entry added",
        "INSERT INTO ledger_entry SELECT tenant, 600, body, leaf FROM ledger_entry WHERE tenant = CLINIC AND seq = 5",
        600,
        600,
        What::Unsigned,
    ),
    (
        "a tile deleted",
        "DELETE FROM ledger_tile WHERE tenant = CLINIC AND place = 1",
        256,
        511,
        What::Tile,
    ),
    (
        "a tile put in",
        "INSERT INTO ledger_tile SELECT tenant, level, 9, root, hashes FROM ledger_tile WHERE tenant = CLINIC AND place = 1",
        600,
        600,
        What::Tile,
    ),
    (
        "the newest checkpoint deleted",
        "DELETE FROM ledger_checkpoint WHERE tenant = CLINIC AND size = 600",
        0,
        0,
        What::Unsigned,
    ),
    (
        "a checkpoint of size zero",
        "INSERT INTO ledger_checkpoint SELECT tenant, 0, note FROM ledger_checkpoint WHERE tenant = CLINIC AND size = 600",
        0,
        0,
        What::Checkpoint,
    ),
];

#[test]
fn cl_2_5_2_1_x_a_every_change_of_a_row_is_found_at_its_entry() {
    both_engines(async |place| {
        written(&place, ENTRIES).await;
        assert_eq!(found(&place, None).await.standing, Standing::Good);
    });
    for (name, statements, entry, until, what) in ATTACKS {
        let runtime = tokio::runtime::Runtime::new().unwrap();
        runtime.block_on(async {
            let place = Place::sqlite();
            written(&place, ENTRIES).await;
            attack(&place, statements).await;
            let found = at(&found(&place, None).await);
            if *what == What::Unsigned && *until == 0 {
                // How many entries the last commit held depends on the machine.
                assert!(
                    found.0 > 512 && found.1 == 599 && found.2 == What::Unsigned,
                    "{name}: {found:?}"
                );
            } else {
                assert_eq!(found, (*entry, *until, *what), "{name}");
            }
        });
    }
}

#[test]
fn cl_2_5_2_1_x_a_an_edit_is_found_on_both_engines() {
    both_engines(async |place| {
        written(&place, ENTRIES).await;
        attack(
            &place,
            "UPDATE ledger_entry SET body = '{}' WHERE tenant = CLINIC AND seq = 37",
        )
        .await;
        assert_eq!(at(&found(&place, None).await), (37, 37, What::Edited));
    });
}

#[test]
fn cl_2_5_2_1_x_a_an_edit_with_its_hash_made_anew_is_found_by_tile_or_checkpoint() {
    both_engines(async |place| {
        written(&place, ENTRIES).await;
        let forged = "{\"subject\":\"nothing.happened\"}";
        let leaf = ledger::leaf_hash(forged.as_bytes()).0;
        let leaf = leaf.map(|byte| format!("{byte:02x}")).concat();
        let bytes = if place.engine == "postgres" {
            format!("'\\x{leaf}'")
        } else {
            format!("X'{leaf}'")
        };
        attack(&place, &format!("UPDATE ledger_entry SET body = '{forged}', leaf = {bytes} WHERE tenant = CLINIC AND seq = 590")).await;
        let (entry, until, what) = at(&found(&place, None).await);
        assert!(
            entry <= 590 && 590 <= until && until - entry < 64 && what == What::Replaced,
            "{entry} {until} {what:?}"
        );
        attack(&place, &format!("UPDATE ledger_entry SET body = '{forged}', leaf = {bytes} WHERE tenant = CLINIC AND seq = 300")).await;
        let (entry, until, what) = at(&found(&place, None).await);
        assert_eq!((entry, until, what), (300, 300, What::Replaced));
    });
}

#[test]
fn cl_2_5_2_1_x_a_a_checkpoint_made_with_another_key_is_refused() {
    both_engines(async |place| {
        written(&place, 10).await;
        let forger =
            ledger::Signer::from_seed(&format!("onshin/ledger/{CLINIC}"), &[9; 32]).unwrap();
        let note = forger.sign(10, ledger::EMPTY_ROOT).unwrap();
        attack(
            &place,
            &format!(
                "UPDATE ledger_checkpoint SET note = '{note}' WHERE tenant = CLINIC AND size = 10"
            ),
        )
        .await;
        assert_eq!(at(&found(&place, None).await).2, What::Checkpoint);
        // With the public key replaced as well, the sealed private key still gives it away.
        attack(
            &place,
            &format!(
                "UPDATE tenant_key SET public = '{}' WHERE tenant = CLINIC AND kind = 'ledger'",
                forger.public()
            ),
        )
        .await;
        assert_eq!(at(&found(&place, None).await).2, What::Checkpoint);
    });
}

#[test]
fn cl_2_5_2_1_x_a_a_file_rolled_back_a_day_is_found_with_the_anchor() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(async {
        let place = Place::sqlite();
        written(&place, 300).await;
        let yesterday = fs::read(place.file()).unwrap();
        let yesterdays_anchor = fs::read_to_string(place.anchor()).unwrap();
        written(&place, 50).await;
        fs::write(place.file(), yesterday).unwrap();
        let _ = fs::remove_file(format!("{}-wal", place.file().display()));
        let alone = found(&place, None).await;
        assert_eq!(alone.standing, Standing::Good);
        assert!(
            alone
                .not_excluded
                .iter()
                .any(|open| open.as_str().contains("cut off"))
        );
        let anchor = fs::read_to_string(place.anchor()).unwrap();
        assert_eq!(
            at(&found(&place, Some(&anchor)).await),
            (300, 349, What::Truncated)
        );
        assert_eq!(
            found(&place, Some(&yesterdays_anchor)).await.standing,
            Standing::Good
        );
    });
}

#[test]
fn cl_2_5_2_1_x_a_a_ledger_written_anew_with_the_stolen_key_is_found_with_the_anchor() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(async {
        // The thief has the master key and the program: he makes a flawless ledger of the same length.
        let place = Place::sqlite();
        let empty = {
            place.open().await.close().await;
            fs::read(place.file()).unwrap()
        };
        written(&place, 300).await;
        let anchor = fs::read_to_string(place.anchor()).unwrap();
        fs::write(place.file(), &empty).unwrap();
        let mut stolen = place.settings();
        stolen.anchor = None;
        let thief = Store::open(stolen).await.unwrap();
        for n in 0..300_i64 {
            let done: Result<u64, Fault> = thief
                .write(CLINIC, NOW, move |tx| {
                    Box::pin(
                        tx.record(Entry::new("chart.read", Actor::System, "care").field("n", -n)),
                    )
                })
                .await;
            done.unwrap();
        }
        thief.close().await;
        assert_eq!(found(&place, None).await.standing, Standing::Good);
        assert_eq!(at(&found(&place, Some(&anchor)).await).2, What::Rewritten);
    });
}

#[test]
fn cl_2_5_2_1_x_a_without_its_ledger_nothing_is_written_or_undone() {
    both_engines(async |place| {
        let store = place.open().await;
        let url = match &place.database {
            store::Database::Postgres(url) => url.clone(),
            _ => format!(
                "sqlite://{}",
                place.file().display().to_string().replace(' ', "%20")
            ),
        };
        let mut saboteur = AnyConnection::connect(&url).await.unwrap();
        sqlx::raw_sql("ALTER TABLE ledger_entry RENAME TO hidden")
            .execute(&mut saboteur)
            .await
            .unwrap();
        let done: Result<(), Fault> = store
            .write(CLINIC, NOW, |tx| {
                Box::pin(async move {
                    tx.new_patient_key("p1").await?;
                    tx.record(Entry::new("patient.registered", Actor::System, "care"))
                        .await
                        .map(drop)
                })
            })
            .await;
        assert!(matches!(done, Err(Fault::Unavailable(_))), "{done:?}");
        sqlx::raw_sql("ALTER TABLE hidden RENAME TO ledger_entry")
            .execute(&mut saboteur)
            .await
            .unwrap();
        saboteur.close().await.unwrap();
        let mut read = store.read(CLINIC).await.unwrap();
        assert!(read.seal("p1", "t", "r", b"x").await.is_err());
        drop(read);
        append(&store, 1).await;
        store.close().await;
        assert_eq!(found(&place, None).await.standing, Standing::Good);
    });
}

#[test]
fn cl_2_5_2_1_x_a_a_whole_ledger_removed_is_noticed_with_the_anchor() {
    both_engines(async |place| {
        written(&place, 3).await;
        let anchor = fs::read_to_string(place.anchor()).unwrap();
        attack(
            &place,
            "DELETE FROM ledger_entry WHERE tenant = CLINIC; DELETE FROM ledger_checkpoint WHERE tenant = CLINIC; DELETE FROM ledger_head WHERE tenant = CLINIC;
             DELETE FROM tenant_key WHERE tenant = CLINIC; DELETE FROM tenant WHERE id = CLINIC",
        )
        .await;
        assert_eq!(
            verify(&place.database, Some(&place.key), None)
                .await
                .unwrap()
                .exit_code(),
            0
        );
        assert_eq!(
            verify(&place.database, Some(&place.key), Some(&anchor))
                .await
                .unwrap()
                .exit_code(),
            2
        );
    });
}

#[test]
fn cl_2_5_2_1_x_a_a_running_ledger_proves_its_entries_to_outsiders() {
    both_engines(async |place| {
        let store = place.open().await;
        append(&store, ENTRIES).await;
        let mut read = store.read(CLINIC).await.unwrap();
        let verifier = ledger::Verifier::new(read.ledger_public_key()).unwrap();
        for entry in [0, 1, 255, 256, 511, 512, 513, 598, 599] {
            let proof = read.inclusion(entry).await.unwrap().unwrap();
            let said = verifier.open(&proof.checkpoint).unwrap();
            let body = &read.entries(entry, 1).await.unwrap()[0].body;
            let leaf = ledger::leaf_hash(body.as_bytes());
            ledger::proof::check_inclusion(&proof.path, said.size, said.root, entry, leaf).unwrap();
            assert!(
                ledger::proof::check_inclusion(
                    &proof.path,
                    said.size,
                    said.root,
                    entry,
                    ledger::leaf_hash(b"x")
                )
                .is_err()
            );
        }
        assert_eq!(read.inclusion(ENTRIES).await.unwrap(), None);
        let (old, note) = read.checkpoint().await.unwrap().unwrap();
        let older = verifier.open(&note).unwrap();
        drop(read);
        append(&store, 100).await;
        let mut read = store.read(CLINIC).await.unwrap();
        let proof = read.consistency(old).await.unwrap().unwrap();
        let newer = verifier.open(&proof.checkpoint).unwrap();
        ledger::proof::check_consistency(
            &proof.path,
            newer.size,
            newer.root,
            older.size,
            older.root,
        )
        .unwrap();
        drop(read);
        let mut other = store.read(OTHER_CLINIC).await.unwrap();
        assert_eq!(other.inclusion(0).await.unwrap(), None);
        drop(other);
        store.close().await;
    });
}

#[test]
fn cl_2_5_2_1_x_a_a_clock_set_back_is_pinpointed() {
    both_engines(async |place| {
        let store = place.open().await;
        // The names of an entry cannot be mistaken for its time.
        let entry = || {
            Entry::new(
                "test.done",
                Actor::Person {
                    id: ",\"at\":1".into(),
                    role: "nurse",
                },
                "care",
            )
            .field("at", 1_i64)
        };
        for hours in [0, 1, 2, -24, -23, -22, 3] {
            let now = NOW + jiff::SignedDuration::from_hours(hours);
            let done: Result<u64, Fault> = store
                .write(CLINIC, now, move |tx| Box::pin(tx.record(entry())))
                .await;
            done.unwrap();
        }
        store.close().await;
        let found = found(&place, None).await;
        assert_eq!(
            (found.standing, found.clock_set_back),
            (Standing::Good, vec![3])
        );
    });
}

#[test]
fn cl_2_5_2_1_x_a_a_change_within_a_long_ledger_is_found_at_its_entry() {
    both_engines(async |place| {
        written(&place, MANY_ENTRIES).await;
        let whole = found(&place, None).await;
        assert_eq!(
            (whole.standing, whole.entries),
            (Standing::Good, MANY_ENTRIES)
        );
        for (statements, entry, what) in [
            (
                "UPDATE ledger_entry SET body = REPLACE(body, 'chart.read', 'chart.note') WHERE tenant = CLINIC AND seq = 2100",
                2100,
                What::Edited,
            ),
            (
                "UPDATE ledger_entry SET body = REPLACE(body, ',', '\u{1e}') WHERE tenant = CLINIC AND seq = 1500",
                1500,
                What::Edited,
            ),
            (
                "UPDATE ledger_entry SET leaf = (SELECT leaf FROM ledger_entry e WHERE e.tenant = CLINIC AND e.seq = 9) WHERE tenant = CLINIC AND seq = 1200",
                1200,
                What::Edited,
            ),
            (
                "DELETE FROM ledger_entry WHERE tenant = CLINIC AND seq >= 1024 AND seq < 2048",
                1024,
                What::Missing,
            ),
            (
                "DELETE FROM ledger_entry WHERE tenant = CLINIC AND seq = 700",
                700,
                What::Missing,
            ),
        ] {
            attack(&place, statements).await;
            assert_eq!(
                at(&found(&place, None).await),
                (entry, entry, what),
                "{statements}"
            );
        }
    });
}
