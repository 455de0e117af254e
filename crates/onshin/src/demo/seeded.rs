//! The seed must be such that the gates let a visit through: shown on the gates themselves.

use super::{CLINIC, Calendar, house, past, patients::PATIENTS, people, report, today};
use crate::outcome::Outcome;
use care::{Consultation, Dossier, gate, place::WorkPeriod};
use jiff::{SignedDuration, Timestamp};
use store::{Database, Fault, MasterKey, Store, dossier::Viewpoint};

async fn seeded() -> (Store, Calendar, Vec<report::Visit>) {
    let store = Store::open(store::Settings {
        database: Database::Memory,
        master_key: MasterKey::generate().unwrap(),
        anchor: None,
        reserve: None,
    })
    .await
    .unwrap();
    let calendar = Calendar::of(crate::running::now());
    let fill = async {
        people::employ(&store, &calendar).await?;
        house::furnish(&store, &calendar).await?;
        past::tell(&store, &calendar).await?;
        today::fill(&store, &calendar, None, "http://localhost:8080").await
    };
    let visits: Result<_, Outcome> = fill.await;
    (store, calendar, visits.unwrap())
}

/// A follow-up that is about to be seen: the patient and the physician have their grants. Answers it with the hour.
pub(crate) async fn admitted() -> (Store, Consultation, Timestamp) {
    let (store, calendar, visits) = seeded().await;
    let visit = visits
        .iter()
        .find(|visit| visit.purpose == "followup-1")
        .unwrap();
    let dossier = prepared(&store, &calendar, visit, 1).await;
    let (visit, patient_device, now) = (
        dossier.consultation.clone(),
        dossier.patient_device.unwrap(),
        dossier.now,
    );
    let staff = people::Staff::load(&store, &calendar).await.unwrap();
    let consultation = visit.clone();
    store
        .write::<(), Fault, _>(CLINIC, now, move |tx| {
            Box::pin(async move {
                let (physician, by) = staff.physician(0);
                let device = by.device().unwrap();
                tx.grant_seat(
                    &by,
                    physician,
                    &visit,
                    ("patient", "patient", patient_device),
                )
                .await?;
                tx.grant_seat(&by, physician, &visit, ("physician", "physician", device))
                    .await
            })
        })
        .await
        .unwrap();
    (store, consultation, now)
}

/// How many of the newest entries of the clinic's ledger have a subject.
pub(crate) async fn entries(store: &Store, subject: &str) -> usize {
    let mut read = store.read(CLINIC).await.unwrap();
    let size = read.checkpoint().await.unwrap().map_or(0, |(size, _)| size);
    let newest = read.entries(size.saturating_sub(100), 1000).await.unwrap();
    let sought = format!("\"{subject}\"");
    newest
        .iter()
        .filter(|entry| entry.body.contains(&sought))
        .count()
}

/// Lets the patient do everything, the physician open a work period and the chart; answers what the gates then see.
async fn prepared(store: &Store, calendar: &Calendar, visit: &report::Visit, turn: i64) -> Dossier {
    let now = calendar.now + SignedDuration::from_secs(turn);
    let staff = people::Staff::load(store, calendar).await.unwrap();
    let id = visit.consultation.parse().unwrap();
    let sample = PATIENTS
        .iter()
        .find(|sample| sample.purpose == visit.purpose)
        .unwrap();
    let booking = store
        .read(CLINIC)
        .await
        .unwrap()
        .consultation(id)
        .await
        .unwrap()
        .unwrap();
    let telling = past::Telling {
        store,
        calendar: *calendar,
        staff,
    };
    telling
        .prepare(sample, &booking, calendar.now, calendar.now)
        .await
        .unwrap();
    let (physician, by) = staff.physician(sample.physician);
    let view = Viewpoint {
        device: by.device().unwrap(),
        network: "here".to_owned(),
        now,
    };
    let (device, visit) = (view.device, booking.consultation.clone());
    store
        .write::<(), Fault, _>(CLINIC, now, move |tx| {
            Box::pin(async move {
                let period = WorkPeriod {
                    person: physician,
                    device,
                    network: "here".to_owned(),
                    room: "診察室2".to_owned(),
                    separated: true,
                    unseen: true,
                    no_recording: true,
                    opened: now,
                    ended: None,
                    locked: None,
                };
                tx.open_work_period(&by, &period).await?;
                tx.keep_chart_reading(&by, physician, &visit).await
            })
        })
        .await
        .unwrap();
    let mut read = store.read(CLINIC).await.unwrap();
    let booking = read.consultation(id).await.unwrap().unwrap();
    Box::pin(read.dossier(&booking, &view)).await.unwrap()
}

#[tokio::test]
async fn every_follow_up_that_is_meant_to_go_well_passes_the_admit_gate_and_the_others_do_not() {
    let (store, calendar, visits) = seeded().await;
    for (turn, (purpose, open)) in (1..).zip([
        ("followup-1", vec![]),
        ("followup-2", vec![]),
        ("followup-3", vec![]),
        ("followup-4", vec![]),
        ("changed-text", vec![]),
        ("proxy", vec![]),
        ("first-visit", vec![]),
        ("first-visit-2", vec![]),
        ("overdue-in-person", vec!["cl-1.3-i-b"]),
    ]) {
        let visit = visits
            .iter()
            .find(|visit| visit.purpose == purpose)
            .unwrap();
        let dossier = prepared(&store, &calendar, visit, turn).await;
        let lines: Vec<_> = gate::admit_lines(&dossier)
            .into_iter()
            .filter_map(|line| line.refusal.map(|refusal| refusal.clause.id()))
            .collect();
        assert_eq!(lines, open, "{purpose}");
        if purpose.starts_with("followup") {
            // One press is left: the judgement of the day, and the card that the waiting page shows.
            let left: Vec<_> = gate::begin_lines(&dossier)
                .into_iter()
                .filter_map(|line| line.refusal.map(|refusal| refusal.clause.id()))
                .collect();
            assert_eq!(left, ["cl-1.1-iii-a", "cl-1.4-iii-a"], "{purpose}");
        }
    }
    store.close().await;
}

#[tokio::test]
async fn nothing_signed_in_the_made_up_past_is_without_sight_and_sound() {
    let (store, calendar, _) = seeded().await;
    let found = crate::invariants::all(&store, calendar.now).await.unwrap();
    assert!(found.iter().all(|one| one.without_media == 0));
    assert_eq!(
        store
            .read(CLINIC)
            .await
            .unwrap()
            .altered_notes()
            .await
            .unwrap(),
        []
    );
    store.close().await;
}

#[tokio::test]
async fn every_later_day_has_visits_that_can_be_opened_now() {
    let (store, calendar, first) = seeded().await;
    for hours in [1, 24, 24 * 10] {
        let later = Calendar::of(calendar.now + SignedDuration::from_hours(hours));
        let visits = today::fill(&store, &later, None, "http://localhost:8080")
            .await
            .unwrap();
        for purpose in [
            "followup-1",
            "followup-2",
            "followup-3",
            "followup-4",
            "first-visit",
            "proxy",
        ] {
            let visit = visits
                .iter()
                .find(|visit| visit.purpose == purpose)
                .unwrap();
            let at: Timestamp = visit.booked_for.parse().unwrap();
            let ahead = at.duration_since(later.now).as_mins();
            assert!(
                (0..30).contains(&ahead),
                "{purpose} after {hours} h: {ahead}"
            );
            assert!(visit.stage == "booked" && visit.link.is_some(), "{purpose}");
            let before = first.iter().find(|visit| visit.purpose == purpose).unwrap();
            assert_ne!(before.consultation, visit.consultation, "{purpose}");
        }
    }
    store.close().await;
}
