//! The engine keeps its promises alike on SQLite and PostgreSQL.

#![expect(clippy::unwrap_used, reason = "what fails here fails the test")]

mod engines;

use access::TenantId;
use engines::{CLINIC, NOW, OTHER_CLINIC, both_engines};
use ledger::{Actor, Entry};
use sqlx::{AnyConnection, Connection as _, Row as _};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use store::{Database, Fault, Store, Tx, rotate_master_key, verify};

fn entry(subject: &'static str) -> Entry {
    Entry::new(subject, Actor::System, "care")
}

async fn append(store: &Store, clinic: TenantId) -> Result<u64, Fault> {
    store
        .write(clinic, NOW, |tx| Box::pin(tx.record(entry("test.done"))))
        .await
}

async fn keep(store: &Store, patient: &'static str) -> Result<(), Fault> {
    store
        .write(CLINIC, NOW, move |tx: &mut Tx| {
            Box::pin(tx.new_patient_key(patient))
        })
        .await
}

async fn shred(store: &Store, patient: &'static str) -> Result<(), Fault> {
    store
        .write(CLINIC, NOW, move |tx: &mut Tx| {
            Box::pin(tx.shred_patient_key(patient))
        })
        .await
}

#[test]
fn entries_are_numbered_without_gaps_per_clinic() {
    both_engines(async |place| {
        let store = place.open().await;
        let mut waiting = tokio::task::JoinSet::new();
        for n in 0..600_u64 {
            let store = store.clone();
            waiting.spawn(async move {
                append(&store, if n % 3 == 0 { OTHER_CLINIC } else { CLINIC })
                    .await
                    .map(|seq| (n % 3 == 0, seq))
            });
        }
        let mut seen = waiting
            .join_all()
            .await
            .into_iter()
            .map(Result::unwrap)
            .collect::<Vec<_>>();
        seen.sort_unstable();
        let expected: Vec<(bool, u64)> = (0..400)
            .map(|n| (false, n))
            .chain((0..200).map(|n| (true, n)))
            .collect();
        assert_eq!(seen, expected);
        store.close().await;
    });
}

#[test]
fn an_act_that_fails_leaves_its_neighbours_in_the_same_commit_alone() {
    both_engines(async |place| {
        let store = place.open().await;
        let mut waiting = tokio::task::JoinSet::new();
        for n in 0..60_usize {
            let store = store.clone();
            waiting.spawn(async move {
                let done: Result<u64, Fault> = store
                    .write(CLINIC, NOW, move |tx| {
                        Box::pin(async move {
                            let seq = tx.record(entry("test.done")).await?;
                            tx.new_patient_key(&format!("p{n}")).await?;
                            match n % 4 {
                                1 => Err(Fault::Text),
                                // A statement that the database itself refuses: PostgreSQL gives up the transaction up to the savepoint.
                                2 => tx.new_patient_key(&format!("p{n}")).await.map(|()| seq),
                                3 => panic!("a defect"),
                                _ => Ok(seq),
                            }
                        })
                    })
                    .await;
                (n, done)
            });
        }
        let mut kept = Vec::new();
        for (n, done) in waiting.join_all().await {
            match (n % 4, done) {
                (0, Ok(seq)) => kept.push(seq),
                (1, Err(Fault::Text))
                | (2, Err(Fault::Conflict))
                | (3, Err(Fault::Unavailable(_))) => {}
                (_, other) => panic!("act {n}: {other:?}"),
            }
        }
        kept.sort_unstable();
        assert_eq!(kept, (0..15).collect::<Vec<u64>>());
        let mut read = store.read(CLINIC).await.unwrap();
        for n in 0..60 {
            let sealed = read.seal(&format!("p{n}"), "t", "r", b"x").await;
            assert_eq!(sealed.is_ok(), n % 4 == 0, "patient {n}");
        }
        drop(read);
        store.close().await;
    });
}

#[test]
fn entries_without_rows_share_a_commit_with_acts_and_with_failures_beside_them() {
    both_engines(async |place| {
        let store = place.open().await;
        let mut waiting = tokio::task::JoinSet::new();
        for n in 0..300_u32 {
            let store = store.clone();
            waiting.spawn(async move {
                match n % 3 {
                    0 => store
                        .append(CLINIC, NOW, vec![entry("test.read"), entry("test.read")])
                        .await
                        .unwrap(),
                    1 => append(&store, CLINIC).await.map(drop).unwrap(),
                    _ => {
                        let long = entry("test.long").field("f", "x".repeat(70_000));
                        let failed = store
                            .append(CLINIC, NOW, vec![entry("test.lost"), long])
                            .await;
                        assert!(failed.is_err());
                    }
                }
            });
        }
        waiting.join_all().await;
        let mut read = store.read(CLINIC).await.unwrap();
        let entries = read.entries(0, 1000).await.unwrap();
        let count = |word: &str| {
            entries
                .iter()
                .filter(|entry| entry.body.contains(word))
                .count()
        };
        assert_eq!(
            (count("test.read"), count("test.done"), count("test.lost")),
            (200, 100, 0)
        );
        drop(read);
        store.close().await;
        let report = verify(&place.database, Some(&place.key), None)
            .await
            .unwrap();
        assert_eq!(report.exit_code(), 0);
    });
}

#[test]
fn the_log_of_a_busy_sqlite_file_does_not_grow_without_end() {
    both_engines(async |place| {
        if place.engine != "sqlite" {
            return;
        }
        let store = place.open().await;
        for _ in 0..2_500 {
            append(&store, CLINIC).await.unwrap();
        }
        let mut log = place.file().as_os_str().to_owned();
        log.push("-wal");
        let bytes = std::fs::metadata(log).unwrap().len();
        assert!(bytes < 20 << 20, "{bytes} bytes");
        store.close().await;
    });
}

#[test]
fn an_answer_comes_only_after_the_commit() {
    both_engines(async |place| {
        let store = place.open().await;
        let mut waiting = tokio::task::JoinSet::new();
        for n in 0..200 {
            let store = store.clone();
            waiting.spawn(async move {
                let patient = format!("p{n}");
                let name = patient.clone();
                let done: Result<(), Fault> = store
                    .write(CLINIC, NOW, move |tx| {
                        Box::pin(async move { tx.new_patient_key(&name).await })
                    })
                    .await;
                done.unwrap();
                // A connection of its own: it sees only what was committed.
                let mut read = store.read(CLINIC).await.unwrap();
                read.seal(&patient, "t", "r", b"x").await.unwrap();
            });
        }
        waiting.join_all().await;
        store.close().await;
    });
}

#[test]
fn an_act_that_panics_does_not_stop_the_writer() {
    both_engines(async |place| {
        let store = place.open().await;
        let done: Result<(), Fault> = store.write(CLINIC, NOW, |_| panic!("a defect")).await;
        assert!(matches!(done, Err(Fault::Unavailable(_))));
        assert_eq!(append(&store, CLINIC).await, Ok(0));
        store.close().await;
    });
}

#[test]
fn a_full_queue_says_so_instead_of_waiting() {
    both_engines(async |place| {
        let store = place.open().await;
        let refused = Arc::new(AtomicUsize::new(0));
        let mut waiting = tokio::task::JoinSet::new();
        for _ in 0..3000 {
            let (store, refused) = (store.clone(), Arc::clone(&refused));
            waiting.spawn(async move {
                let done: Result<(), Fault> = store
                    .write(CLINIC, NOW, |_| {
                        Box::pin(async {
                            tokio::time::sleep(std::time::Duration::from_millis(1)).await;
                            Ok(())
                        })
                    })
                    .await;
                match done {
                    Ok(()) => {}
                    Err(Fault::Busy) => {
                        refused.fetch_add(1, Ordering::Relaxed);
                    }
                    Err(other) => panic!("{other}"),
                }
            });
        }
        waiting.join_all().await;
        assert!(refused.load(Ordering::Relaxed) > 0);
        assert_eq!(append(&store, CLINIC).await, Ok(0));
        store.close().await;
    });
}

#[test]
fn what_is_sealed_opens_only_in_its_row_for_its_patient_and_clinic() {
    both_engines(async |place| {
        let store = place.open().await;
        keep(&store, "p1").await.unwrap();
        keep(&store, "p2").await.unwrap();
        let mut read = store.read(CLINIC).await.unwrap();
        let text = "𠮷野家の渡邊さん 👨‍👩‍👧 𝒜";
        let sealed = read.seal_json("p1", "chart", "r1", &text).await.unwrap();
        assert_eq!(
            read.unseal_json::<String>("p1", "chart", "r1", &sealed)
                .await
                .unwrap(),
            text
        );
        for (patient, table, row) in [
            ("p2", "chart", "r1"),
            ("p1", "plan", "r1"),
            ("p1", "chart", "r2"),
        ] {
            let opened = read.unseal(patient, table, row, &sealed).await;
            assert!(
                matches!(opened, Err(Fault::Corrupt { .. })),
                "{patient} {table} {row}"
            );
        }
        let secret = read.seal_tenant("totp", "s1", b"secret").unwrap();
        drop(read);
        let mut other = store.read(OTHER_CLINIC).await.unwrap();
        assert!(other.unseal("p1", "chart", "r1", &sealed).await.is_err());
        assert!(other.unseal_tenant("totp", "s1", &secret).is_err());
        let read = store.read(CLINIC).await.unwrap();
        assert_eq!(
            read.unseal_tenant("totp", "s1", &secret).unwrap(),
            b"secret"
        );
        assert_ne!(
            read.lookup_hash("tel", "0312345678"),
            other.lookup_hash("tel", "0312345678")
        );
        assert_ne!(
            read.lookup_hash("tel", "0312345678"),
            read.lookup_hash("card", "0312345678")
        );
        drop((read, other));
        store.close().await;
    });
}

#[test]
fn shredding_a_key_erases_the_content_for_good() {
    both_engines(async |place| {
        let store = place.open().await;
        keep(&store, "p1").await.unwrap();
        let mut read = store.read(CLINIC).await.unwrap();
        let sealed = read.seal("p1", "chart", "r1", b"x").await.unwrap();
        drop(read);
        shred(&store, "p1").await.unwrap();
        let mut read = store.read(CLINIC).await.unwrap();
        assert_eq!(
            read.unseal("p1", "chart", "r1", &sealed).await,
            Err(Fault::Erased)
        );
        drop(read);
        assert_eq!(shred(&store, "p1").await, Err(Fault::Erased));
        assert_eq!(keep(&store, "p1").await, Err(Fault::Conflict));
        store.close().await;
        let again = place.open().await;
        let mut read = again.read(CLINIC).await.unwrap();
        assert_eq!(
            read.unseal("p1", "chart", "r1", &sealed).await,
            Err(Fault::Erased)
        );
        drop(read);
        again.close().await;
    });
}

#[test]
fn a_clinic_that_does_not_exist_is_neither_read_nor_written_and_disturbs_no_one() {
    both_engines(async |place| {
        let store = place.open().await;
        let nowhere = TenantId(access::Ulid::from_bytes([9; 16]));
        assert_eq!(store.read(nowhere).await.err(), Some(Fault::UnknownTenant));
        let (unknown, known) = tokio::join!(append(&store, nowhere), append(&store, CLINIC));
        assert_eq!((unknown, known), (Err(Fault::UnknownTenant), Ok(0)));
        store.close().await;
    });
}

#[test]
fn names_keep_every_letter_and_u0000_is_refused() {
    both_engines(async |place| {
        let store = place.open().await;
        let id = TenantId(access::Ulid::from_bytes([3; 16]));
        assert_eq!(store.create_tenant(id, "a\0b", NOW).await, Err(Fault::Text));
        let name = "髙﨑𠮷 ﾊﾛｰ %_'\";-- 👩🏽‍⚕️ \u{ffff}";
        store.create_tenant(id, name, NOW).await.unwrap();
        assert!(
            store
                .tenants()
                .await
                .unwrap()
                .contains(&(id, name.to_owned()))
        );
        store.close().await;
    });
}

#[test]
fn everything_is_there_after_reopening_and_a_foreign_master_key_is_refused() {
    both_engines(async |place| {
        let store = place.open().await;
        append(&store, CLINIC).await.unwrap();
        store.close().await;
        assert_eq!(append(&store, CLINIC).await, Err(Fault::Closed));
        let store = place.open().await;
        assert_eq!(append(&store, CLINIC).await, Ok(1));
        store.close().await;
        let mut foreign = place.settings();
        foreign.master_key = store::MasterKey::generate().unwrap();
        assert!(matches!(
            Store::open(foreign).await,
            Err(store::OpenError::WrongKey)
        ));
    });
}

#[test]
fn two_programs_that_write_for_one_clinic_never_fork_its_ledger() {
    both_engines(async |place| {
        let (one, two) = (place.open().await, place.open().await);
        let mut waiting = tokio::task::JoinSet::new();
        for n in 0..200 {
            let store = if n % 2 == 0 { one.clone() } else { two.clone() };
            waiting.spawn(async move { append(&store, CLINIC).await.unwrap() });
        }
        let mut seen = waiting.join_all().await;
        seen.sort_unstable();
        assert_eq!(seen, (0..200).collect::<Vec<u64>>());
        one.close().await;
        two.close().await;
        let report = verify(&place.database, Some(&place.key), None)
            .await
            .unwrap();
        assert_eq!(report.exit_code(), 0, "{report}");
    });
}

#[test]
fn a_new_master_key_opens_everything_and_the_old_one_nothing() {
    both_engines(async |place| {
        let store = place.open().await;
        keep(&store, "p1").await.unwrap();
        let mut read = store.read(CLINIC).await.unwrap();
        let sealed = read
            .seal("p1", "chart", "r1", "渡邊".as_bytes())
            .await
            .unwrap();
        drop(read);
        let new = store::MasterKey::generate().unwrap();
        assert_eq!(rotate_master_key(&store, &new, NOW).await, Ok(3));
        // The running program holds the old key: what it made now, nobody could open.
        let id = TenantId(access::Ulid::from_bytes([3; 16]));
        assert!(matches!(
            store.create_tenant(id, "x", NOW).await,
            Err(Fault::Unavailable(_))
        ));
        store.close().await;
        assert!(matches!(
            Store::open(place.settings()).await,
            Err(store::OpenError::WrongKey)
        ));
        let mut settings = place.settings();
        settings.master_key = new.copy();
        let store = Store::open(settings).await.unwrap();
        let mut read = store.read(CLINIC).await.unwrap();
        assert_eq!(
            read.unseal("p1", "chart", "r1", &sealed).await.unwrap(),
            "渡邊".as_bytes()
        );
        drop(read);
        store.close().await;
        let report = verify(&place.database, Some(&new), None).await.unwrap();
        assert_eq!(report.exit_code(), 0, "{report}");
    });
}

#[test]
fn a_page_reads_one_state_even_while_others_write() {
    both_engines(async |place| {
        let store = place.open().await;
        append(&store, CLINIC).await.unwrap();
        let mut read = store.read(CLINIC).await.unwrap();
        assert_eq!(read.entries(0, 10).await.unwrap().len(), 1);
        append(&store, CLINIC).await.unwrap();
        assert_eq!(read.entries(0, 10).await.unwrap().len(), 1);
        drop(read);
        let mut later = store.read(CLINIC).await.unwrap();
        assert_eq!(later.entries(0, 10).await.unwrap().len(), 2);
        let mut other = store.read(OTHER_CLINIC).await.unwrap();
        assert_eq!(other.entries(0, 10).await.unwrap(), []);
        drop((later, other));
        store.close().await;
    });
}

/// Tables that belong to no clinic, each with its reason.
const GLOBAL_TABLES: [(&str, &str); 3] = [
    ("tenant", "the list of clinics itself"),
    ("migration", "the state of the schema"),
    (
        "live_seat",
        "a person sits in one visit at a time, wherever",
    ),
];

#[test]
fn every_table_has_the_clinic_first_in_its_key() {
    both_engines(async |place| {
        place.open().await.close().await;
        let (url, sql) = match &place.database {
            Database::Postgres(url) => (
                url.clone(),
                "SELECT c.relname::TEXT AS name, a.attname::TEXT AS first
                 FROM pg_class c
                 JOIN pg_index i ON i.indrelid = c.oid AND i.indisprimary
                 JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = i.indkey[0]
                 WHERE c.relkind = 'r' AND c.relnamespace = 'public'::regnamespace",
            ),
            _ => (
                format!(
                    "sqlite://{}",
                    place.file().display().to_string().replace(' ', "%20")
                ),
                "SELECT m.name AS name, p.name AS first
                 FROM sqlite_schema m
                 JOIN pragma_table_info(m.name) p ON p.pk = 1
                 WHERE m.type = 'table'",
            ),
        };
        let mut any = AnyConnection::connect(&url).await.unwrap();
        let rows = sqlx::query(sql).fetch_all(&mut any).await.unwrap();
        any.close().await.unwrap();
        assert!(rows.len() > 6);
        for row in rows {
            let (table, first): (String, String) = (row.get("name"), row.get("first"));
            let global = GLOBAL_TABLES.iter().any(|(name, _)| *name == table);
            assert!(global || first == "tenant", "{table} begins with {first}");
        }
    });
}
