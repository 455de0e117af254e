//! What stays open until somebody confirms it: seen daily, ended once, by its own people, with a day or in words.

use crate::consultation_seed::{Practice, Seed, post, write};
use care::{
    PatientId,
    task::{Kind, Opening, TaskId, in_days},
};
use jiff::SignedDuration;
use store::By;

const WORDS: &str = "海辺病院 内科 0120-000-000";

async fn opened(practice: &Practice, kind: Kind, days: u16) -> TaskId {
    let now = practice.house.now();
    let opening = Opening {
        kind,
        patient: practice.patient,
        visit: None,
        about: None,
        words: WORDS.to_owned(),
        due: in_days(now, days),
    };
    write(&practice.house, move |tx| {
        Box::pin(async move { tx.open_task(&By::System, &opening).await })
    })
    .await
}

async fn open_tasks(practice: &Practice, patient: PatientId) -> usize {
    let mut read = practice
        .house
        .store
        .read(practice.house.tenant)
        .await
        .unwrap();
    let tasks = read.tasks_of(patient).await.unwrap();
    tasks.iter().filter(|task| task.closed.is_none()).count()
}

#[tokio::test]
async fn a_visit_in_person_stays_open_until_a_day_or_words_end_it() {
    let practice = Seed::follow_up().open().await;
    let id = opened(&practice, Kind::InPersonVisit, 3).await;
    // The same again is the same task.
    assert_eq!(opened(&practice, Kind::InPersonVisit, 9).await, id);
    let mut reception = practice.house.signed_in("reception").await;
    let board = reception.get("/today").await;
    assert!(board.body.contains("残っていること 1 件"), "{}", board.body);
    let page = reception.get("/tasks").await;
    assert!(page.body.contains(WORDS) && page.body.contains("来院の確認"));
    let end = format!("/tasks/{id}/end");
    for (form, reason) in [
        (vec![("outcome", "arrived")], "arrival_day"),
        (
            vec![("outcome", "arrived"), ("day", "2020-01-01")],
            "arrival_day",
        ),
        (vec![("outcome", "lost")], "outcome_empty"),
    ] {
        let refused = post(&mut reception, &end, &form).await;
        assert_eq!(refused.status, 422);
        assert!(
            refused.body.to_string().contains(reason),
            "{}",
            refused.body
        );
    }
    let ticked = post(&mut reception, &end, &[("outcome", "done")]).await;
    assert_eq!(ticked.status, 409, "{}", ticked.body);
    let mut administrator = practice.house.signed_in("administrator").await;
    let others = post(
        &mut administrator,
        &end,
        &[("outcome", "lost"), ("words", "三回電話した")],
    )
    .await;
    assert_eq!(others.status, 403, "{}", others.body);
    assert_eq!(open_tasks(&practice, practice.patient).await, 1);

    let today = store::dossier::legal_day(practice.house.now()).to_string();
    let arrived = [("outcome", "arrived"), ("day", today.as_str())];
    let done = reception.post(&end, &arrived).await;
    assert_eq!(done.location(), "/tasks");
    assert_eq!(open_tasks(&practice, practice.patient).await, 0);
    let again = post(&mut reception, &end, &arrived).await;
    assert_eq!(again.status, 409, "{}", again.body);
    assert!(
        !reception
            .get("/today")
            .await
            .body
            .contains("残っていること 1 件")
    );
    let entries = practice.house.entries(practice.house.tenant, "task.closed");
    assert_eq!(entries.await, 1);
}

#[tokio::test]
async fn an_overdue_task_is_called_late_and_one_of_others_is_shown_without_a_form() {
    let practice = Seed::follow_up().open().await;
    let id = opened(&practice, Kind::ChartReview, 1).await;
    let mut reception = practice.house.signed_in("reception").await;
    let page = reception.get("/tasks").await;
    assert!(
        !page.body.contains(&format!("/tasks/{id}/end")),
        "{}",
        page.body
    );
    assert!(!page.body.contains("期限切れ") && page.body.contains("確かめる人"));
    practice.house.pass(SignedDuration::from_hours(49));
    let mut reception = practice.house.signed_in("reception").await;
    let page = reception.get("/tasks").await;
    assert!(page.body.contains("期限切れ"), "{}", page.body);
    let board = reception.get("/today").await;
    assert!(board.body.contains("期限切れ 1 件"), "{}", board.body);
}
