//! Time-stamps of the daily root: which checkpoint is due, what is kept, and what an audit says of it.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "what fails here fails the test"
)]

#[path = "../../signing/tests/authority/mod.rs"]
mod authority;
mod engines;

use authority::{Authority, authority};
use engines::{CLINIC, OTHER_CLINIC, Place, both_engines};
use jiff::{SignedDuration, Timestamp, civil::Date};
use ledger::{Actor, Entry, What};
use signing::{Question, Trust, Wanted, answer};
use sqlx::{AnyConnection, Connection as _};
use std::fs;
use store::{Against, Due, Fault, NewStamp, Standing, Store, Verified, verify_against};

/// The last second of 2026-11-20 in Tokyo.
const LAST_SECOND: Timestamp = Timestamp::constant(1_795_186_799, 0);
const SECOND: SignedDuration = SignedDuration::from_secs(1);
const DAY: SignedDuration = SignedDuration::from_hours(24);

fn day(day: i8) -> Date {
    Date::constant(2026, 11, day)
}

async fn append(store: &Store, at: Timestamp) {
    let done: Result<u64, Fault> = store
        .write(CLINIC, at, |tx| {
            Box::pin(tx.record(Entry::new("test.done", Actor::System, "care")))
        })
        .await;
    done.unwrap();
}

async fn due(store: &Store, today: Date) -> Option<Due> {
    let mut read = store.read(CLINIC).await.unwrap();
    read.stamp_due(today).await.unwrap()
}

/// Has a checkpoint stamped and keeps the token, as `onshin serve` does.
async fn stamp(store: &Store, authority: &Authority, due: Due, at: Timestamp) {
    let question = Question::new(due.checkpoint.as_bytes(), [7; 8], None).unwrap();
    let body = authority
        .pretend
        .answer(&question.to_der().unwrap(), at.as_microsecond(), 1, None)
        .unwrap();
    let trust = Trust::from_pem(authority.root_pem.as_bytes()).unwrap();
    let wanted = Wanted {
        content: due.checkpoint.as_bytes(),
        between: (0, i64::MAX),
        policy: None,
        trust: Some(&trust),
        pretended: true,
    };
    let stamped = answer(&body, &question, wanted).unwrap();
    let mut new = NewStamp {
        due,
        token: stamped.token,
        at: Timestamp::from_microsecond(stamped.at_us).unwrap(),
        authority: stamped.authority,
        copied: false,
    };
    new.copied = store.copy_time_stamp(CLINIC, &new).await.unwrap();
    let done: Result<(), Fault> = store
        .write(CLINIC, at, move |tx| {
            Box::pin(async move { tx.keep_time_stamp(&new).await })
        })
        .await;
    done.unwrap();
}

/// Three entries on the 20th and one on the 21st, the 20th stamped in the first minute of the 21st.
async fn two_days(place: &Place, authority: &Authority) -> Store {
    let store = place.open().await;
    for at in [
        LAST_SECOND - SECOND,
        LAST_SECOND,
        LAST_SECOND,
        LAST_SECOND + SECOND,
    ] {
        append(&store, at).await;
    }
    let due = due(&store, day(21)).await.unwrap();
    assert_eq!(due.size, 3);
    stamp(&store, authority, due, LAST_SECOND + SECOND * 60).await;
    store
}

async fn found(place: &Place, authority: &Authority, elsewhere: bool) -> Verified {
    let trust = Trust::from_pem(authority.root_pem.as_bytes()).unwrap();
    let file = place.folder.path().join("time-stamps.log");
    let copies = elsewhere.then(|| fs::read_to_string(file).unwrap());
    let against = Against {
        master: Some(&place.key),
        time_stamps: copies.as_deref(),
        trust: Some(&trust),
        pretended: true,
        now: Some(LAST_SECOND + DAY * 9),
        ..Against::default()
    };
    let report = verify_against(&place.database, &against).await.unwrap();
    report
        .ledgers
        .into_iter()
        .find(|ledger| ledger.tenant == CLINIC)
        .unwrap()
}

fn what(verified: &Verified) -> What {
    match &verified.standing {
        Standing::Tampered(found) => found.what,
        other => panic!("{other:?}"),
    }
}

/// What a thief with the database file can do, the triggers being no hindrance to him.
async fn attack(place: &Place, statements: &str) {
    let (url, guard) = match &place.database {
        store::Database::Postgres(url) => {
            (url.clone(), "ALTER TABLE time_stamp DISABLE TRIGGER USER")
        }
        _ => (
            format!(
                "sqlite://{}",
                place.file().display().to_string().replace(' ', "%20")
            ),
            "DROP TRIGGER IF EXISTS time_stamp_no_update; DROP TRIGGER IF EXISTS time_stamp_no_delete",
        ),
    };
    let mut thief = AnyConnection::connect(&url).await.unwrap();
    sqlx::raw_sql(guard).execute(&mut thief).await.unwrap();
    let statements = statements
        .replace("CLINIC", &format!("'{CLINIC}'"))
        .replace("OTHER", &format!("'{OTHER_CLINIC}'"));
    sqlx::raw_sql(sqlx::AssertSqlSafe(statements))
        .execute(&mut thief)
        .await
        .unwrap();
    thief.close().await.unwrap();
}

#[test]
fn the_last_checkpoint_of_the_day_is_due_once_and_speaks_for_missed_days() {
    both_engines(async |place| {
        let authority = authority();
        let store = place.open().await;
        assert_eq!(due(&store, day(20)).await, None, "an empty ledger");
        append(&store, LAST_SECOND).await;
        assert_eq!(due(&store, day(20)).await, None, "the day is not over");
        append(&store, LAST_SECOND + SECOND).await;
        let first = due(&store, day(21)).await.unwrap();
        assert_eq!(first.size, 1);
        stamp(&store, &authority, first, LAST_SECOND + SECOND * 2).await;
        assert_eq!(due(&store, day(21)).await, None);
        append(&store, LAST_SECOND + DAY * 2).await;
        // The entry of the 21st, the receipt, and the entry of the 22nd.
        let missed = due(&store, day(25)).await.unwrap();
        assert_eq!(missed.size, 4);
        store.close().await;
    });
}

#[test]
fn a_day_without_a_stamp_counts_from_a_day_after_its_end() {
    both_engines(async |place| {
        let authority = authority();
        let store = place.open().await;
        append(&store, LAST_SECOND).await;
        for (today, days) in [(20, 0), (21, 0), (22, 1), (24, 3)] {
            let mut read = store.read(CLINIC).await.unwrap();
            let stamping = read.stamping(day(today)).await.unwrap();
            assert_eq!((stamping.newest, stamping.days_without), (None, days));
        }
        let due = due(&store, day(24)).await.unwrap();
        let at = LAST_SECOND + DAY * 3;
        stamp(&store, &authority, due, at).await;
        let mut read = store.read(CLINIC).await.unwrap();
        let stamping = read.stamping(day(24)).await.unwrap();
        assert_eq!(stamping.newest, Some((at, "模擬 signer".to_owned())));
        assert_eq!(stamping.days_without, 0);
        drop(read);
        store.close().await;
    });
}

#[test]
fn cl_2_5_2_1_x_a_the_daily_root_carries_a_token_with_a_receipt_and_a_copy_and_the_audit_says_what_it_proves()
 {
    both_engines(async |place| {
        let authority = authority();
        two_days(&place, &authority).await.close().await;
        let alone = found(&place, &authority, false).await;
        assert_eq!(alone.standing, Standing::Good);
        assert_eq!(
            (
                alone.time_stamps.kept,
                alone.time_stamps.covered,
                alone.time_stamps.late
            ),
            (1, 3, 0)
        );
        assert_eq!(alone.time_stamps.pretended, 1);
        assert!(
            alone
                .not_excluded
                .iter()
                .any(|open| open.as_str().contains("newer than the last time-stamp"))
        );
        let copied = found(&place, &authority, true).await;
        assert_eq!((copied.standing, copied.anchored), (Standing::Good, 3));
        // Another authority's certificate traces nothing, and says so.
        let other = found(&place, &self::authority(), false).await;
        assert_eq!(
            (
                other.standing,
                other.time_stamps.untraced,
                other.time_stamps.covered
            ),
            (Standing::Good, 1, 0)
        );
        assert!(
            other
                .not_excluded
                .iter()
                .any(|open| open.as_str().contains("somebody else"))
        );
    });
}

#[test]
fn cl_2_5_2_1_x_a_a_token_that_was_changed_removed_or_put_in_is_found() {
    for statement in [
        "UPDATE time_stamp SET gen_time = gen_time - 1000000 WHERE tenant = CLINIC",
        "UPDATE time_stamp SET authority = 'x' WHERE tenant = CLINIC",
        "UPDATE time_stamp SET size = 4 WHERE tenant = CLINIC",
        "UPDATE time_stamp SET token = checkpoint_bytes WHERE tenant = CLINIC",
        "UPDATE time_stamp SET checkpoint = (SELECT note FROM ledger_checkpoint WHERE tenant = CLINIC AND size = 2) WHERE tenant = CLINIC",
        "DELETE FROM time_stamp WHERE tenant = CLINIC",
    ] {
        both_engines(async |place| {
            let authority = authority();
            two_days(&place, &authority).await.close().await;
            let bytes = if place.engine == "sqlite" {
                "X'3000'"
            } else {
                "'\\x3000'::bytea"
            };
            attack(&place, &statement.replace("checkpoint_bytes", bytes)).await;
            let found = found(&place, &authority, false).await;
            assert_eq!(what(&found), What::TimeStamp, "{statement}");
        });
    }
}

#[test]
fn cl_2_5_2_1_x_a_going_back_or_rewriting_with_the_true_key_is_found_by_a_stamp_kept_elsewhere() {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(async {
        let (place, authority) = (Place::sqlite(), authority());
        let store = place.open().await;
        append(&store, LAST_SECOND - SECOND).await;
        store.close().await;
        let earlier = fs::read(place.file()).unwrap();
        let store = place.open().await;
        append(&store, LAST_SECOND).await;
        let due = due(&store, day(21)).await.unwrap();
        stamp(&store, &authority, due, LAST_SECOND + SECOND).await;
        store.close().await;
        assert_eq!(
            found(&place, &authority, true).await.standing,
            Standing::Good
        );
        // The file of the day before.
        fs::write(place.file(), &earlier).unwrap();
        assert_eq!(
            found(&place, &authority, false).await.standing,
            Standing::Good
        );
        assert_eq!(
            what(&found(&place, &authority, true).await),
            What::Truncated
        );
        // From there on another past, signed with the key that the file holds.
        let store = place.open().await;
        for _ in 0..3 {
            append(&store, LAST_SECOND - SECOND / 2).await;
        }
        store.close().await;
        assert_eq!(
            found(&place, &authority, false).await.standing,
            Standing::Good
        );
        assert_eq!(
            what(&found(&place, &authority, true).await),
            What::Rewritten
        );
    });
}

#[test]
fn cl_2_5_2_1_x_a_a_past_that_was_stamped_anew_shows_by_its_late_stamps() {
    both_engines(async |place| {
        let authority = authority();
        let store = place.open().await;
        append(&store, LAST_SECOND).await;
        let due = due(&store, day(24)).await.unwrap();
        stamp(&store, &authority, due, LAST_SECOND + DAY * 3).await;
        store.close().await;
        let found = found(&place, &authority, false).await;
        assert_eq!(
            (found.standing, found.time_stamps.late),
            (Standing::Good, 1)
        );
    });
}

#[test]
fn the_database_refuses_to_change_a_stamp() {
    both_engines(async |place| {
        two_days(&place, &authority()).await.close().await;
        let url = match &place.database {
            store::Database::Postgres(url) => url.clone(),
            _ => format!(
                "sqlite://{}",
                place.file().display().to_string().replace(' ', "%20")
            ),
        };
        let mut any = AnyConnection::connect(&url).await.unwrap();
        for statement in [
            "UPDATE time_stamp SET gen_time = 0",
            "DELETE FROM time_stamp",
        ] {
            assert!(sqlx::raw_sql(statement).execute(&mut any).await.is_err());
        }
        any.close().await.unwrap();
    });
}
