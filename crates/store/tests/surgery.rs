//! Registers, probes, tries and losses of remote surgery, on both engines.

#![expect(clippy::unwrap_used, reason = "what fails here fails the test")]

#[expect(
    dead_code,
    reason = "nothing clinical is kept here: no file is searched"
)]
mod engines;

use access::{DeviceId, PersonId, Role, Ulid};
use care::{
    PatientId,
    attended::{JointId, Side},
    surgery::{Content, Counted, Decision, EntryId, Lost, Subject, Try},
};
use engines::{CLINIC, NOW, both_engines};
use jiff::SignedDuration;
use store::{By, Fault, Store};

const ADMINISTRATOR: PersonId = PersonId(Ulid::from_bytes([11; 16]));
const JOINT: JointId = JointId(Ulid::from_bytes([31; 16]));
const PATIENT: PatientId = PatientId(Ulid::from_bytes([41; 16]));

fn administrator() -> By {
    By::Person {
        id: ADMINISTRATOR,
        role: Role::Administrator,
        device: DeviceId(Ulid::from_bytes([21; 16])),
    }
}

async fn ledger(store: &Store, subject: &str) -> usize {
    let mut read = store.read(CLINIC).await.unwrap();
    let entries = read.entries(0, 200).await.unwrap();
    entries
        .iter()
        .filter(|entry| entry.body.contains(subject))
        .count()
}

#[test]
fn an_entry_ends_once_and_what_was_attested_of_it_stays() {
    both_engines(|place| async move {
        let store = place.open().await;
        let site = Content::Site {
            name: "見本の手術室".into(),
        };
        let entered = site.clone();
        let id: Result<EntryId, Fault> = store
            .write(CLINIC, NOW, move |tx| {
                Box::pin(async move {
                    let by = administrator();
                    let id = tx.enter_surgery(&by, ADMINISTRATOR, &entered).await?;
                    let about = (Subject::Structure, None, Some(id));
                    tx.attest_surgery(&by, ADMINISTRATOR, about).await?;
                    assert_eq!(tx.surgery_entries().await?[0].content, entered);
                    Ok(id)
                })
            })
            .await;
        let id = id.unwrap();
        let done: Result<(), Fault> = store
            .write(CLINIC, NOW, move |tx| {
                Box::pin(async move {
                    tx.end_surgery_entry(&administrator(), id).await?;
                    assert!(tx.surgery_entries().await?.is_empty());
                    let again = tx.end_surgery_entry(&administrator(), id).await;
                    assert!(matches!(again, Err(Fault::Conflict)));
                    let attested = tx.surgery_attestations().await?;
                    assert_eq!((attested.len(), attested[0].site), (1, Some(id)));
                    assert_eq!((attested[0].by, attested[0].at), (ADMINISTRATOR, NOW));
                    Ok(())
                })
            })
            .await;
        done.unwrap();
        store.close().await;
    });
}

#[test]
fn probes_are_read_by_hour_and_side_and_old_ones_no_more() {
    both_engines(|place| async move {
        let store = place.open().await;
        let line = EntryId(Ulid::from_bytes([51; 16]));
        // Two in one hour of one side, one of the other side, and one that is three days old and a little.
        for (before, side, delay) in [
            (
                SignedDuration::from_hours(72) + SignedDuration::from_secs(1),
                Side::Remote,
                900,
            ),
            (SignedDuration::from_mins(2), Side::Remote, 20),
            (SignedDuration::from_mins(1), Side::Remote, 35),
            (SignedDuration::from_mins(1), Side::Attending, 1),
        ] {
            store
                .write::<(), Fault, _>(CLINIC, NOW - before, move |tx| {
                    Box::pin(async move {
                        tx.keep_surgery_probe(&By::System, (line, side), delay)
                            .await
                    })
                })
                .await
                .unwrap();
        }
        let mut read = store.read(CLINIC).await.unwrap();
        let mut hours: Vec<_> = read
            .surgery_probes(line, NOW)
            .await
            .unwrap()
            .into_iter()
            .map(|hour| {
                (
                    hour.side.as_str(),
                    hour.worst_ms,
                    hour.last.duration_since(hour.first).as_secs(),
                )
            })
            .collect();
        hours.sort_unstable();
        assert_eq!(hours, [("attending", 1, 0), ("remote", 35, 60)]);
        drop(read);
        // The ledger has the first of an hour and side.
        assert_eq!(ledger(&store, "line.probed").await, 3);
        store.close().await;
    });
}

#[test]
fn the_newest_try_counts_and_whoever_waits_decides_again() {
    both_engines(|place| async move {
        let store = place.open().await;
        let done: Result<(), Fault> = store
            .write(CLINIC, NOW, |tx| {
                Box::pin(async move {
                    for good in [true, false] {
                        let what = (JOINT, Side::Remote, Try::Backup);
                        tx.keep_surgery_try(&By::System, what, (good, Counted::default()))
                            .await?;
                    }
                    let tries = tx.surgery_tries(JOINT).await?;
                    assert_eq!((tries.len(), tries[0].good), (1, false));

                    let lost = Lost {
                        since: NOW - SignedDuration::from_secs(40),
                        seconds: 40,
                    };
                    let whose = (JOINT, PATIENT);
                    for _ in 0..2 {
                        tx.keep_surgery_loss(&By::System, whose, lost).await?;
                    }
                    assert_eq!(tx.surgery_decision(JOINT, lost).await?, None);
                    for decision in [Decision::Wait, Decision::TakeOver] {
                        let how = (ADMINISTRATOR, decision);
                        tx.decide_surgery_loss(&administrator(), whose, lost, how)
                            .await?;
                        let kept = tx.surgery_decision(JOINT, lost).await?;
                        assert_eq!(kept, Some((decision, NOW)));
                    }
                    let how = (ADMINISTRATOR, Decision::Wait);
                    let late = tx
                        .decide_surgery_loss(&administrator(), whose, lost, how)
                        .await;
                    assert!(matches!(late, Err(Fault::Conflict)));
                    Ok(())
                })
            })
            .await;
        done.unwrap();
        // Said once, decided twice.
        assert_eq!(ledger(&store, "call.lost").await, 3);
        store.close().await;
    });
}
