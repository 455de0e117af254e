//! What is kept as evidence and who may read it: the signed block, the word of a correction, readers, refusals, registers.

use crate::{
    consultation_seed::{NOTE, Practice, SECRET, Seed, staff, write},
    support::Browser,
};
use access::Role;
use axum::http::StatusCode;
use care::plan::Segment;
use jiff::{SignedDuration, ToSpan as _};
use store::{dossier::legal_day, outbox::Sent};
use web::{Surface, visit::link};

async fn phone(practice: &Practice) -> Browser {
    let mut phone = practice.house.browser(Surface::Patient);
    let path = format!("/v/{}/enter", link::encode(practice.house.tenant, &SECRET));
    let birth = [("era", "showa"), ("y", "26"), ("m", "4"), ("d", "3")];
    let entered = phone.post(&path, &birth).await;
    assert_eq!(entered.status, StatusCode::SEE_OTHER, "{}", entered.body);
    phone
}

/// The note with one part written anew, and why.
fn amendment(part: &str, text: &'static str) -> Vec<(&'static str, &'static str)> {
    NOTE.into_iter()
        .map(|(name, value)| (name, if name == part { text } else { value }))
        .chain([("reason", "書きちがい")])
        .collect()
}

fn block(page: &str) -> &str {
    let block = page.split("id=\"derived\"").nth(1).unwrap();
    block.split("</section>").next().unwrap()
}

#[tokio::test]
async fn cl_3_2_i_a_what_the_server_wrote_stands_unchanged_beside_every_version() {
    let mut practice = Seed::follow_up().open().await;
    practice.closable().await;
    let before = block(&practice.page().await).to_owned();
    for said in [
        "例沢",
        "自宅",
        "ひとり",
        "75秒",
        "適する",
        "通信の危険",
        "第1版",
        "来院",
    ] {
        assert!(before.contains(said), "{said}: {before}");
    }
    for unasked in ["この医師が診た理由", "加わった人", "主治医"] {
        assert!(!before.contains(unasked), "{unasked}: {before}");
    }
    practice.done("close", &NOTE).await;
    // Measured, agreed and named anew afterwards: the signed block does not follow.
    practice.seen(900).await;
    let amend = format!("/patients/{}/notes/{}", practice.patient, practice.visit);
    let amended = practice
        .physician
        .post(&amend, &amendment("assessment", "よい"))
        .await;
    assert_eq!(amended.status, StatusCode::SEE_OTHER, "{}", amended.body);
    let over = practice.page().await;
    let versions = practice.physician.get(&amend).await.body;
    let chart = practice
        .physician
        .get(&format!("/patients/{}", practice.patient))
        .await
        .body;
    assert!(
        chart.contains("75秒") && !chart.contains("900秒"),
        "{chart}"
    );
    for page in [block(&over), block(&versions)] {
        for said in [
            "例沢",
            "自宅",
            "ひとり",
            "75秒",
            "適する",
            "通信の危険",
            "第1版",
        ] {
            assert!(page.contains(said), "{said}: {page}");
        }
        assert!(!page.contains("900秒"), "{page}");
    }
    assert!(versions.contains("訂正しても変わりません"));
}

async fn corrections(practice: &Practice) -> Vec<Sent> {
    let mut read = practice
        .house
        .store
        .read(practice.house.tenant)
        .await
        .unwrap();
    let sent = read.outbox().await.unwrap();
    sent.into_iter()
        .filter(|sent| sent.kind == "correction")
        .collect()
}

#[tokio::test]
async fn cl_3_2_i_a_the_patient_is_told_of_a_correction_and_not_what_it_says() {
    let mut practice = Seed::follow_up().open().await;
    practice.closable().await;
    practice.done("close", &NOTE).await;
    let amend = format!("/patients/{}/notes/{}", practice.patient, practice.visit);
    let post = amendment("assessment", "よい");
    practice.physician.post(&amend, &post).await;
    assert!(
        corrections(&practice).await.is_empty(),
        "what only the chart says is no news to the patient"
    );
    practice.house.pass(SignedDuration::from_mins(1));
    let post = amendment("explained", "半分にします");
    practice.physician.post(&amend, &post).await;
    let told = corrections(&practice).await;
    assert_eq!(told.len(), 1);
    let message = &told[0].message;
    assert_eq!(message.to, "0011112221");
    for word in [
        "半分にします",
        "続けます",
        "安定",
        "高血圧",
        "見本 正男",
        "書きちがい",
    ] {
        assert!(!message.text.contains(word), "{word}: {}", message.text);
    }
    for word in ["訂正がありました", "00-1234-5678", "/v/"] {
        assert!(message.text.contains(word), "{word}: {}", message.text);
    }
    // The link leads to the corrected words, for whoever knows the date of birth.
    let link = message
        .text
        .lines()
        .find_map(|line| line.find("/v/").and_then(|at| line.get(at..)))
        .unwrap();
    let mut phone = practice.house.browser(Surface::Patient);
    let birth = [("era", "showa"), ("y", "26"), ("m", "4"), ("d", "3")];
    let entered = phone.post(&format!("{link}/enter"), &birth).await;
    assert_eq!(entered.status, StatusCode::SEE_OTHER, "{}", entered.body);
    let page = phone.get("/visit/after").await.body;
    assert!(page.contains("半分にします"), "{page}");
}

#[tokio::test]
async fn a_correction_after_the_links_have_ended_asks_to_call() {
    let mut practice = Seed::follow_up().open().await;
    practice.closable().await;
    practice.done("close", &NOTE).await;
    practice.house.pass(SignedDuration::from_hours(24 * 31));
    let mut physician = practice.house.signed_in("physician").await;
    let amend = format!("/patients/{}/notes/{}", practice.patient, practice.visit);
    let amended = physician.post(&amend, &amendment("plan", "やめる")).await;
    assert_eq!(amended.status, StatusCode::SEE_OTHER, "{}", amended.body);
    let told = corrections(&practice).await;
    assert_eq!(told.len(), 1);
    assert!(!told[0].message.text.contains("/v/"));
    assert!(told[0].message.text.contains("お電話でお聞きください"));
}

#[tokio::test]
async fn cl_2_5_2_1_x_a_a_patient_reads_who_opened_the_own_record_and_no_other() {
    let practice = Seed::follow_up().open().await;
    let (other, ..) = Seed::follow_up().seed(&practice.house, 2).await;
    let mut phone = phone(&practice).await;
    let page = phone.get("/me/readers").await;
    assert_eq!(page.status, StatusCode::OK, "{}", page.body);
    assert!(page.body.contains("あなたの記録を開いた人"));
    assert!(
        !page.body.contains("看護師") && !page.body.contains("受付 "),
        "{}",
        page.body
    );

    // A nurse opens the other patient's chart: nothing of it is seen here.
    let mut nurse = practice.house.signed_in("nurse").await;
    let opened = nurse.get(&format!("/patients/{other}")).await;
    assert_eq!(opened.status, StatusCode::OK);
    let page = phone.get("/me/readers").await.body;
    assert!(!page.contains("看護師"), "{page}");
    assert!(!page.contains(&other.to_string()));

    // Now this patient's: the role, the day, in plain words.
    let opened = nurse.get(&format!("/patients/{}", practice.patient)).await;
    assert_eq!(opened.status, StatusCode::OK);
    let page = phone.get("/me/readers").await.body;
    let today = legal_day(practice.house.now());
    let day = format!("{}年{}月{}日", today.year(), today.month(), today.day());
    for part in ["看護師", &day, "あなたの記録を開きました"] {
        assert!(page.contains(part), "{part}: {page}");
    }
    assert_eq!(
        page.matches("看護師").count(),
        1,
        "one line a day and person"
    );

    // A list with the name in it is told apart from the record.
    let mut reception = practice.house.signed_in("reception").await;
    let board = reception.get("/today").await;
    assert_eq!(board.status, StatusCode::OK);
    let page = phone.get("/me/readers").await.body;
    let line = page
        .split("<li>")
        .find(|line| line.contains("受付"))
        .unwrap();
    assert!(line.contains("お名前の出る一覧"), "{line}");

    // The footer leads there, and nobody else comes in.
    assert!(phone.get("/me/voice").await.status.is_success());
    let withdraw = phone.get("/visit/withdraw").await.body;
    assert!(withdraw.contains("href=\"/me/readers\""));
    let mut stranger = practice.house.browser(Surface::Patient);
    let page = stranger.get("/me/readers").await;
    assert!(!page.body.contains("開きました"), "{}", page.body);
    assert_ne!(page.status, StatusCode::OK);
    let mut nurse_there = practice.house.browser(Surface::Patient);
    nurse_there.cookies.clone_from(&nurse.cookies);
    assert_ne!(nurse_there.get("/me/readers").await.status, StatusCode::OK);
}

#[tokio::test]
async fn rev_0_c_refusals_are_counted_by_clause_without_anybodys_name() {
    let mut practice = Seed {
        lines: None,
        ..Seed::follow_up()
    }
    .open()
    .await;
    let mut administrator = practice.house.signed_in("administrator").await;
    let page = administrator.get("/house/refusals").await;
    assert_eq!(page.status, StatusCode::OK, "{}", page.body);
    assert!(
        page.body.contains("止めたことは ありません"),
        "{}",
        page.body
    );

    // The same refusal within a minute is one entry; the next entry stands for both that were held back.
    for seconds in [0, 10, 10, 60] {
        practice.house.pass(SignedDuration::from_secs(seconds));
        let said = practice.act("admit", &[]).await;
        assert_eq!(said.spoke(), (409, "cl-2.2-i"), "{}", said.body);
    }
    let page = administrator.get("/house/refusals").await.body;
    let row = page
        .split("<tr")
        .find(|row| row.contains("href=\"/clauses/cl-2.2-i\""))
        .unwrap();
    let counts: Vec<_> = row
        .split("on-num\"")
        .skip(1)
        .filter_map(|cell| cell.split('>').nth(1)?.split('<').next())
        .collect();
    assert_eq!(counts, ["4", "0"], "by staff and by patients: {row}");
    for name in [
        "正男",
        "みほん",
        &practice.patient.to_string(),
        &practice.visit.to_string(),
    ] {
        assert!(!page.contains(name), "{name}: {page}");
    }

    // What is older than the month counts no more.
    practice.house.pass(SignedDuration::from_hours(24 * 31));
    let mut administrator = practice.house.signed_in("administrator").await;
    let page = administrator.get("/house/refusals").await.body;
    assert!(page.contains("止めたことは ありません"), "{page}");
    for role in ["reception", "nurse", "physician"] {
        let mut other = practice.house.signed_in(role).await;
        let page = other.get("/house/refusals").await;
        assert_eq!(page.status, StatusCode::FORBIDDEN, "{role}");
    }
}

#[tokio::test]
async fn cl_1_3_i_i_plans_are_listed_by_name_when_a_part_moves_to_another_owner() {
    let practice = Seed::follow_up().open().await;
    let mut administrator = practice.house.signed_in("administrator").await;
    let page = administrator.get("/house/boundary").await.body;
    assert!(!page.contains("id=\"affected\""), "{page}");
    write(&practice.house, |tx| {
        Box::pin(async move {
            let register = tx.responsibility().await?;
            let moved = Segment {
                name: register.segments[0].name.clone(),
                owners: vec!["よその会社".into()],
            };
            tx.put_boundary(&staff(Role::Administrator), 0, &moved)
                .await
        })
    })
    .await;
    let before = practice.entries("record.opened").await;
    let page = administrator.get("/house/boundary").await.body;
    let affected = page.split("id=\"affected\"").nth(1).unwrap();
    assert!(
        affected.contains("見本") && affected.contains("第1版"),
        "{affected}"
    );
    assert_eq!(
        practice.entries("record.opened").await,
        before + 1,
        "who is shown is written down"
    );
}

#[tokio::test]
async fn cl_2_1_v_a_room_inspected_again_keeps_its_history() {
    let practice = Seed::follow_up().open().await;
    let today = legal_day(practice.house.now());
    let days = [2, 0, 1].map(|years| today.saturating_sub(years.years()));
    write(&practice.house, move |tx| {
        Box::pin(async move {
            for day in days {
                tx.add_room(&staff(Role::Administrator), "診察室3", day)
                    .await?;
            }
            // The same day entered twice is one inspection.
            tx.add_room(&staff(Role::Administrator), "診察室3", today)
                .await
        })
    })
    .await;
    let mut read = practice
        .house
        .store
        .read(practice.house.tenant)
        .await
        .unwrap();
    let room = read.registered_room("診察室3").await.unwrap().unwrap();
    assert_eq!(room.inspected, today, "the newest counts");
    let mut kept = days;
    kept.sort_by(|a, b| b.cmp(a));
    assert_eq!(read.inspections(&room.id).await.unwrap(), kept);
    drop(read);
    let mut administrator = practice.house.signed_in("administrator").await;
    let page = administrator.get("/house/rooms").await.body;
    for day in kept {
        let said = format!("{}年{}月{}日", day.year(), day.month(), day.day());
        assert!(page.contains(&said), "{said}: {page}");
    }
}
