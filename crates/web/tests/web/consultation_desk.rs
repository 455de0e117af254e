//! What the physician's page shows by itself and asks for: wish and marks, who is there, new answers, two texts, the chart, the end.

use crate::consultation_seed::{NOTE, Practice, SECRET, Seed, own, post, write};
use axum::http::StatusCode;
use care::{
    plan::{PlanPhysician, Test},
    proof::Answer as CardAnswer,
    statement::Body,
};
use jiff::{SignedDuration, ToSpan as _};
use store::{agreement::Left, dossier::legal_day};
use web::{Surface, visit::link};

/// The value of the hidden field of that name.
fn hidden(page: &str, name: &str) -> String {
    page.split(&format!("name=\"{name}\" value=\""))
        .nth(1)
        .and_then(|rest| rest.split('"').next())
        .unwrap_or_default()
        .to_owned()
}

impl Practice {
    /// A block of the page, asked for by a page that shows something else.
    async fn block(&mut self, name: &str) -> String {
        let path = format!("{}/{name}?drawn=old", self.address());
        let answer = self.physician.get(&path).await;
        assert_eq!(answer.status, StatusCode::OK, "{}", answer.body);
        answer.body
    }
}

/// A first visit whose patient read one item in a second and wants to ask about it.
async fn asking() -> Practice {
    let seed = Seed {
        acknowledged: false,
        agreed: false,
        ..Seed::first_visit()
    };
    let practice = seed.open().await;
    let (patient, visit, plan) = (
        practice.patient,
        practice.consultation().await,
        practice.plan,
    );
    write(&practice.house, move |tx| {
        Box::pin(async move {
            let by = own(patient);
            let texts = tx.texts("explanation").await?;
            for (at, text) in texts.iter().enumerate() {
                let left = Left {
                    seconds: if at == 0 { 1 } else { 20 },
                    wants_to_ask: at == 0,
                };
                tx.keep_shown(&by, &visit, text).await?;
                tx.keep_acknowledged(&by, &visit, (&text.tag, text.material), left)
                    .await?;
            }
            let left = Left {
                seconds: 20,
                wants_to_ask: false,
            };
            tx.keep_plan_read(&by, &visit, (plan, 1), left).await?;
            crate::consultation_seed::agree(tx, &by, &visit).await
        })
    })
    .await;
    practice
}

#[tokio::test]
async fn cl_1_1_ii_the_physician_sees_the_wish_its_time_and_what_the_patient_marked() {
    let mut practice = asking().await;
    practice.done("admit", &[]).await;
    let page = practice.page().await;
    let card = page.split("id=\"accept\"").nth(1).unwrap();
    for said in [
        "オンライン診療を 希望する(",
        "医師に聞きたい",
        "読む時間が短い",
        "開いていた時間 1秒",
        "開いていた時間 20秒",
    ] {
        assert!(card.contains(said), "{said}");
    }
}

#[tokio::test]
async fn cl_1_1_iv_an_item_that_was_left_out_is_marked_by_itself_and_nothing_is_accepted_before() {
    let mut practice = asking().await;
    practice.done("admit", &[]).await;
    practice
        .done("agreement", &[("left", "limits_and_combination")])
        .await;
    assert_eq!(practice.entries("agreement.accepted").await, 0);
    let page = practice.page().await;
    assert!(page.contains("説明ずみ"), "the others are marked");
    assert!(
        page.contains("value=\"limits_and_combination\""),
        "one is left"
    );
    let said = practice.refused("begin", &[]).await;
    assert_eq!(said.status, 409, "{}", said.body);
    practice.done("agreement", &[]).await;
    // The three kinds that a visit needs, and the patient's own part (sec-0.f).
    assert_eq!(practice.entries("agreement.accepted").await, 4);
}

#[tokio::test]
async fn cl_2_5_1_1_x_b_somebody_new_in_the_call_brings_the_strip_back() {
    let mut practice = Seed::follow_up().open().await;
    practice.closable().await;
    assert!(practice.page().await.contains("新しい人がいる"));
    practice.done("newcomer", &[]).await;
    assert!(practice.page().await.contains("id=\"strip\""));
    let said = practice.refused("close", &NOTE).await;
    assert_eq!(said.spoke(), (409, "cl-2.5.1.1-x-b"), "{}", said.body);
    practice
        .done("strip", &[("present", "隣の人"), ("asked", "yes")])
        .await;
    assert_eq!(practice.entries("third_party.checked").await, 2);
    assert_eq!(practice.entries("third_party.noticed").await, 1);
    practice.done("close", &NOTE).await;
    assert_eq!(practice.stage().await, "closed");
}

#[tokio::test]
async fn cl_2_2_ii_a_nobody_is_named_beside_the_patient_without_the_consent_of_both() {
    let mut practice = Seed::follow_up().open().await;
    practice.live().await;
    let said = practice.refused("strip", &[("present", "隣の人")]).await;
    assert_eq!(
        (said.spoke(), said.reason()),
        ((422, "cl-2.2-ii-a"), "companion_consent"),
        "{}",
        said.body
    );
    practice
        .done("strip", &[("present", "隣の人"), ("asked", "yes")])
        .await;
    practice.seen(75).await;
    practice.enough().await;
    let page = practice.page().await;
    assert!(page.contains("隣の人("), "named on the panel");
}

#[tokio::test]
async fn cl_2_5_1_1_xi_a_the_dock_names_who_is_in_the_room_and_tells_of_a_stranger() {
    let mut practice = Seed::follow_up().open().await;
    practice.live().await;
    for drawn in [practice.page().await, practice.block("roster").await] {
        for said in ["部屋にいる人 2人", "患者 見本", "医師 "] {
            assert!(drawn.contains(said), "{said}");
        }
    }
    assert!(!practice.block("watch").await.contains("入ろうとしました"));
    let visit = practice.visit;
    write(&practice.house, move |tx| {
        Box::pin(async move { tx.keep_room_refused(visit, "patient", "other_device").await })
    })
    .await;
    let watch = practice.block("watch").await;
    assert!(watch.contains("入ろうとしました(1回"), "{watch}");
}

#[tokio::test]
async fn cl_1_4_i_b_the_patients_answer_enables_the_start_without_a_reload() {
    let mut practice = Seed {
        card: None,
        accepted: true,
        identity: Some(true),
        ..Seed::first_visit()
    }
    .open()
    .await;
    practice.done("admit", &[]).await;
    assert!(practice.block("ahead").await.contains("aria-disabled"));
    let (patient, visit) = (practice.patient, practice.consultation().await);
    write(&practice.house, move |tx| {
        Box::pin(async move {
            tx.keep_card_shown(&own(patient), &visit).await?;
            tx.keep_card_answer(&own(patient), &visit, CardAnswer::Confirmed)
                .await
        })
    })
    .await;
    let ahead = practice.block("ahead").await;
    assert!(!ahead.contains("aria-disabled"), "{ahead}");
    practice.withdraw().await;
    assert!(
        practice
            .block("watch")
            .await
            .contains("患者が同意を取りやめました"),
        "a withdrawal shows there too"
    );
}

#[tokio::test]
async fn cl_1_2_ii_a_what_was_answered_since_is_seen_before_anybody_is_let_in() {
    let mut practice = Seed::follow_up().open().await;
    let old = hidden(&practice.page().await, "seen");
    assert!(!old.is_empty());
    let (patient, visit) = (practice.patient, practice.consultation().await);
    practice.house.pass(SignedDuration::from_secs(1));
    write(&practice.house, move |tx| {
        Box::pin(async move {
            let body = Body::NewOrWorse {
                words: "めまいがする".into(),
            };
            tx.keep_body(&own(patient), &visit, &body).await?;
            let list = tx.symptom_list().await?;
            tx.keep_questionnaire(&own(patient), &visit, &list, (Vec::new(), String::new()))
                .await
        })
    })
    .await;
    let news = practice.block("gate").await;
    assert!(news.contains("id=\"answers\" hx-swap-oob"), "{news}");
    assert!(news.contains("めまいがする"));
    let said = practice.act("admit", &[("seen", &old)]).await;
    assert!(said.is_out_of_turn(), "{}", said.body);
    assert_eq!(practice.stage().await, "checks");
    let seen = hidden(&news, "seen");
    practice.done("admit", &[("seen", &seen)]).await;
    assert_eq!(practice.stage().await, "live");
}

#[tokio::test]
async fn the_dock_says_whether_the_patients_page_is_still_open() {
    let mut practice = Seed::follow_up().open().await;
    let mut phone = practice.house.browser(Surface::Patient);
    let address = format!("/v/{}", link::encode(practice.house.tenant, &SECRET));
    let birth = [("era", "showa"), ("y", "26"), ("m", "4"), ("d", "3")];
    phone.post(&format!("{address}/enter"), &birth).await;
    assert!(practice.block("roster").await.contains("待合にいます"));
    practice.house.pass(SignedDuration::from_secs(30));
    assert!(practice.block("roster").await.contains("開いていません"));
    let device = [("camera", "1"), ("microphone", "1"), ("tone", "1")];
    phone.post("/visit/device", &device).await;
    practice.house.pass(SignedDuration::from_secs(30));
    let waits = phone.get("/visit/wait").await;
    assert_eq!(waits.status, StatusCode::OK, "{}", waits.body);
    assert!(practice.block("roster").await.contains("待合にいます"));
}

#[tokio::test]
async fn a_telephone_call_stands_in_the_dock_and_on_the_board_with_who_and_when() {
    let mut practice = Seed::follow_up().open().await;
    practice.done("phone", &[]).await;
    assert!(practice.block("roster").await.contains("に電話"));
    practice.house.pass(SignedDuration::from_mins(20));
    let mut desk = practice.house.signed_in("reception").await;
    let today = desk.get("/today").await.body;
    assert!(today.contains("電話しました"), "a late row offers it");
    let path = format!("/bookings/{}/phone", practice.visit);
    assert_eq!(post(&mut desk, &path, &[]).await.status, 303);
    assert!(desk.get("/today").await.body.contains("reception が"));
    assert_eq!(practice.entries("patient.telephoned").await, 2);
}

#[tokio::test]
async fn cl_1_1_iv_d_the_emergency_page_tells_what_waits_from_what_never_does() {
    let mut practice = Seed::first_visit().open().await;
    let path = format!("{}/emergency", practice.address());
    let page = practice.physician.get(&path).await.body;
    let later = page
        .split("id=\"later\"")
        .nth(1)
        .and_then(|rest| rest.split("id=\"holds\"").next())
        .unwrap();
    let holds = page.split("id=\"holds\"").nth(1).unwrap();
    assert!(
        later.contains("同意のカルテ記載"),
        "what begin asks remains due"
    );
    assert!(!later.contains("一度に一人"), "safety is not passed over");
    assert!(holds.contains("一度に一人"));
    assert!(holds.contains("患者の場所"));
}

/// The page that answers an autosave of these fields.
async fn saved(practice: &mut Practice, fields: &[(String, String)]) -> String {
    let path = format!("{}/draft", practice.address());
    let fields: Vec<(&str, &str)> = fields
        .iter()
        .map(|(name, value)| (name.as_str(), value.as_str()))
        .collect();
    practice.physician.post(&path, &fields).await.body
}

#[tokio::test]
async fn two_windows_never_write_over_each_other() {
    let mut practice = Seed::follow_up().open().await;
    practice.live().await;
    let draft = |words: &'static str, written: &str| {
        let mut fields = NOTE.to_vec();
        fields[2] = ("assessment", words);
        let mut fields: Vec<(String, String)> = fields
            .into_iter()
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .collect();
        fields.push(("written".into(), written.to_owned()));
        fields
    };
    let first = saved(&mut practice, &draft("ひとつめ", "")).await;
    let written = hidden(&first, "written");
    practice.house.pass(SignedDuration::from_secs(3));
    let second = saved(&mut practice, &draft("ふたつめ", "")).await;
    assert!(second.contains("二つの文を見くらべる"), "{second}");
    let again = saved(&mut practice, &draft("ひとつめ、つづき", &written)).await;
    assert!(
        !again.contains("二つの文"),
        "the first window goes on: {again}"
    );
    let page = practice.page().await;
    let both = page.split("id=\"other\"").nth(1).unwrap();
    assert!(both.contains("ひとつめ、つづき") && both.contains("ふたつめ"));
    practice.done("strip", &[]).await;
    practice.seen(75).await;
    practice.enough().await;
    let said = practice.refused("close", &NOTE).await;
    assert_eq!(
        (said.spoke(), said.reason()),
        ((409, "cl-3.2-i-a"), "note_in_two_texts"),
        "{}",
        said.body
    );
    practice.done("choose", &[("choose", "there")]).await;
    let page = practice.page().await;
    assert!(!page.contains("id=\"other\""));
    assert!(page.contains("ふたつめ"));
    practice.done("close", &[]).await;
    assert_eq!(practice.stage().await, "closed");
}

#[tokio::test]
async fn cl_2_1_iv_a_the_chart_pane_carries_plan_medicines_allergies_and_results() {
    let mut practice = Seed::follow_up().open().await;
    let page = practice.page().await;
    let chart = page.split("id=\"pane\"").nth(1).unwrap();
    for said in [
        "計画 第1版",
        "血圧を毎朝",
        "降圧薬の調整",
        "アレルギー",
        "検査の結果",
        "記録なし",
    ] {
        assert!(chart.contains(said), "{said}");
    }
}

#[tokio::test]
async fn cl_1_2_i_the_observation_starts_from_the_plans_headings_and_they_alone_are_none() {
    let mut practice = Seed::follow_up().open().await;
    practice.live().await;
    let page = practice.page().await;
    let text = page
        .split("name=\"objective\"")
        .nth(1)
        .and_then(|rest| rest.split('>').nth(1))
        .and_then(|rest| rest.split("</textarea").next())
        .unwrap()
        .to_owned();
    assert!(
        text.contains("測ったこと:") && text.contains("血圧を毎朝:"),
        "{text}"
    );
    practice.done("strip", &[]).await;
    practice.seen(75).await;
    let mut note = NOTE.to_vec();
    note[1] = ("objective", text.trim_end_matches("</textarea"));
    note.push(("enough", "yes"));
    practice.done("enough", &note).await;
    let said = practice.refused("close", &note).await;
    assert_eq!(said.spoke(), (409, "cl-1.2-i"), "{}", said.body);
    practice.done("close", &NOTE).await;
}

#[tokio::test]
async fn cl_3_2_i_a_the_closing_shows_what_the_server_knows_what_is_next_and_what_the_patient_reads()
 {
    let mut practice = Seed::follow_up().open().await;
    practice.closable().await;
    let page = practice.page().await;
    let derived = page.split("id=\"derived\"").nth(1).unwrap();
    for said in ["自宅", "ひとり", "75秒", "0回", "来院"] {
        assert!(derived.contains(said), "{said}");
    }
    let told = page.split("id=\"patients-view\"").nth(1).unwrap();
    assert!(told.contains("続けます"), "what was explained");
    let day = legal_day(practice.house.now()).saturating_add(30.days());
    let book = format!("/bookings/new?patient={}&#38;date={day}", practice.patient);
    assert!(told.contains(&book), "{told}");
    let said = practice.refused("close", &NOTE[..4]).await;
    assert_eq!(
        said.spoke(),
        (409, "cl-3.2-i-a"),
        "what was explained is asked for"
    );
    let path = format!("/bookings/new?patient={}&date={day}", practice.patient);
    let form = practice.physician.get(&path).await.body;
    assert!(
        form.contains(&format!("value=\"{day}\"")),
        "the day is filled in"
    );
}

#[tokio::test]
async fn cl_1_3_i_b_what_the_plan_asks_for_soon_is_offered_ahead_of_time() {
    let mut seed = Seed {
        assessed_days_ago: Some(80),
        ..Seed::follow_up()
    };
    seed.draft.combination.tests = vec![Test {
        name: "採血".into(),
        due: jiff::civil::date(2026, 10, 1),
    }];
    let mut practice = seed.open().await;
    let page = practice.page().await;
    let due = page.split("id=\"due\"").nth(1).unwrap();
    assert!(
        due.contains("予約をとる"),
        "the visit in person is due soon"
    );
    assert!(due.contains("採血"), "an overdue test is named");
    practice.live().await;
}

#[tokio::test]
async fn a_met_line_says_its_fact() {
    let mut practice = Seed::follow_up().open().await;
    let page = practice.page().await;
    let gate = page.split("id=\"gate\"").nth(1).unwrap();
    assert!(!gate.contains("<span>そろっています</span>"), "noise");
    for said in [
        "署名 20",
        "第1版 ",
        "診察室2",
        "に到着",
        "から所属",
        "修了 ",
        "に開いた",
        "まで有効",
    ] {
        assert!(gate.contains(said), "{said}");
    }
}

#[tokio::test]
async fn cl_1_3_i_h_a_listed_physician_is_asked_whether_the_stated_case_applies() {
    let mut seed = Seed::follow_up();
    seed.draft.physicians.insert(
        0,
        PlanPhysician {
            person: crate::support::person_id("second"),
            name: "別の医師".into(),
            when: "いつも".into(),
            specialty: String::new(),
            partner: None,
        },
    );
    seed.draft.physicians[1].when = "担当が休みの日".into();
    let mut practice = seed.open().await;
    let page = practice.page().await;
    let asked = page.split("id=\"outside\"").nth(1).unwrap();
    assert!(asked.contains("「担当が休みの日」のときに診ます"));
    let said = practice.refused("admit", &[]).await;
    assert_eq!(
        (said.clause(), said.reason()),
        ("cl-1.3-i-h", "reason_required")
    );
    practice.done("rota", &[("reason", "case:applies")]).await;
    practice.done("admit", &[]).await;
}

#[tokio::test]
async fn cl_1_3_i_h_a_stand_in_says_why_on_the_panel() {
    let mut practice = Seed::stand_in().open().await;
    let page = practice.page().await;
    assert!(page.contains("id=\"outside\""));
    let said = practice.refused("admit", &[]).await;
    assert_eq!(said.clause(), "cl-1.3-i-h", "{}", said.body);
    practice.done("rota", &[("reason", "outside:sick")]).await;
    practice.stood_in().await;
    practice.done("admit", &[]).await;
}
