//! The engine keeps its promises alike on SQLite and PostgreSQL.

mod engines;

use access::TenantId;
use engines::{CLINIC, NOW, OTHER_CLINIC, both_engines};
use ledger::{Actor, Entry};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use store::{Fault, Store, Tx};

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
