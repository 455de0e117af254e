//! Messages beside the visits: off until they are weighed, closed until the patient agrees, and no place for the body.

use crate::{
    consultation_seed::post,
    support::Browser,
    visit::{Scene, scene},
};
use axum::http::StatusCode;
use care::{Class, task::Kind};
use jiff::SignedDuration;

const WEIGHED: [(&str, &str); 5] = [
    ("risk", "症状が書かれて見おとされる"),
    ("benefit", "電話がつながらない人の予約の変更"),
    ("topics", "予約と書類のこと"),
    ("excluded", "症状、薬、急ぐこと"),
    ("hours", "平日 9-17時"),
];

struct Chat {
    scene: Scene,
    administrator: Browser,
    desk: Browser,
    phone: Browser,
}

impl Chat {
    async fn off() -> Self {
        let scene = scene(Class::Followup, 60).await;
        Self {
            administrator: scene.house.signed_in("administrator").await,
            desk: scene.house.signed_in("reception").await,
            phone: scene.inside().await,
            scene,
        }
    }

    async fn on() -> Self {
        let mut chat = Self::off().await;
        chat.sign(&WEIGHED).await;
        chat
    }

    async fn open() -> Self {
        let mut chat = Self::on().await;
        chat.accept().await;
        chat
    }

    async fn sign(&mut self, fields: &[(&str, &str)]) {
        let answer = self.administrator.post("/house/chat", fields).await;
        assert_eq!(answer.location(), "/house/chat", "{}", answer.body);
    }

    /// Presses what the page shows.
    async fn accept(&mut self) {
        let page = self.phone.get("/me/messages").await.body;
        let scope = page
            .split("name=\"scope\" value=\"")
            .nth(1)
            .and_then(|rest| rest.split('"').next())
            .expect("the version that is shown")
            .to_owned();
        let answer = self
            .phone
            .post("/me/messages/accept", &[("scope", &scope)])
            .await;
        assert_eq!(answer.location(), "/me/messages", "{}", answer.body);
    }

    fn thread(&self) -> String {
        format!("/patients/{}/messages", self.scene.patient)
    }

    async fn write(&mut self, words: &str) {
        let answer = self.phone.post("/me/messages", &[("words", words)]).await;
        assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.body);
    }

    async fn flagged(&self) -> Vec<String> {
        let mut read = self
            .scene
            .house
            .store
            .read(self.scene.house.tenant)
            .await
            .unwrap();
        read.open_tasks()
            .await
            .unwrap()
            .into_iter()
            .filter(|task| task.opening.kind == Kind::ChatFlagged)
            .map(|task| task.opening.words)
            .collect()
    }
}

#[tokio::test]
async fn cl_1_6_ii_c_nothing_is_exchanged_before_the_patient_accepts_what_it_is_for() {
    let mut chat = Chat::on().await;
    let said = post(&mut chat.phone, "/me/messages", &[("words", "こんにちは")]).await;
    assert_eq!(said.spoke(), (409, "cl-1.6-ii-c"));
    let thread = chat.thread();
    let said = post(&mut chat.desk, &thread, &[("words", "こんにちは")]).await;
    assert_eq!(said.spoke(), (409, "cl-1.6-ii-c"));

    chat.accept().await;
    chat.write("書類は いつもらえますか").await;
    let page = chat.desk.get(&thread).await.body;
    assert!(page.contains("書類は いつもらえますか") && page.contains("これは診療ではありません"));
}

#[tokio::test]
async fn cl_1_6_ii_c_what_speaks_of_the_body_leads_to_help_and_waits_for_a_decision() {
    let mut chat = Chat::open().await;
    chat.write("朝から 胸が 痛いです").await;
    let page = chat.phone.get("/me/messages").await.body;
    assert!(page.contains("tel:119"), "the patient is told to call");
    assert_eq!(chat.flagged().await, ["朝から 胸が 痛いです"]);
    let house = &chat.scene.house;
    let late = async |after| {
        let mut read = house.store.read(house.tenant).await.unwrap();
        let now = house.now() + SignedDuration::from_mins(after);
        read.late_tasks(Kind::ChatFlagged, now).await.unwrap()
    };
    assert_eq!((late(9).await, late(11).await), (0, 1));
    house.pass(SignedDuration::from_mins(11));
    let mut administrator = house.signed_in("administrator").await;
    let checklist = administrator.get("/house/checklist").await.body;
    assert!(
        checklist.contains("まだだれも決めていない"),
        "finding chat_flag_open"
    );
}

#[tokio::test]
async fn cl_1_6_ii_c_thanks_oblige_nobody() {
    let mut chat = Chat::open().await;
    chat.write("ありがとうございました").await;
    assert!(chat.flagged().await.is_empty());
    let list = chat.desk.get("/messages").await.body;
    assert!(list.contains(&chat.thread()), "it can be read");
    let _ = chat.desk.get(&chat.thread()).await;
    let list = chat.desk.get("/messages").await.body;
    assert!(!list.contains(&chat.thread()), "and is then no longer new");
}

#[tokio::test]
async fn cl_2_5_1_1_xiii_chat_stays_off_until_risk_and_benefit_are_weighed() {
    let mut chat = Chat::off().await;
    for missing in 0..WEIGHED.len() {
        let mut fields = WEIGHED;
        fields[missing].1 = " ";
        let said = post(&mut chat.administrator, "/house/chat", &fields).await;
        assert_eq!(said.spoke(), (409, "cl-2.5.1.1-xiii"), "{missing}");
    }
    let mut same = WEIGHED;
    same[1].1 = same[0].1;
    let said = post(&mut chat.administrator, "/house/chat", &same).await;
    assert_eq!(said.reason(), "chat_not_weighed");
    let said = post(&mut chat.desk, "/house/chat", &WEIGHED).await;
    assert_eq!(said.status, 403, "only the administrator");

    assert_eq!(chat.phone.get("/me/messages").await.status, 404);
    let said = post(&mut chat.phone, "/me/messages", &[("words", "もしもし")]).await;
    assert_eq!(said.spoke(), (409, "cl-2.5.1.1-xiii"));
}

#[tokio::test]
async fn cl_2_5_1_1_xiii_changed_instructions_are_acknowledged_anew() {
    let mut chat = Chat::open().await;
    chat.write("一つめ").await;
    // The same words signed again change nothing.
    chat.sign(&WEIGHED).await;
    chat.write("二つめ").await;
    let mut changed = WEIGHED;
    changed[4].1 = "月曜だけ";
    chat.sign(&changed).await;
    let said = post(&mut chat.phone, "/me/messages", &[("words", "三つめ")]).await;
    assert_eq!(said.spoke(), (409, "cl-2.5.1.1-xiii"));
    chat.accept().await;
    chat.write("三つめ").await;

    let answer = chat.administrator.post("/house/chat/end", &[]).await;
    assert_eq!(answer.location(), "/house/chat");
    let said = post(&mut chat.phone, "/me/messages", &[("words", "四つめ")]).await;
    assert_eq!(said.reason(), "chat_off");
    let page = chat.phone.get("/me/messages").await.body;
    assert!(page.contains("三つめ") && !page.contains("name=\"words\""));
}

#[tokio::test]
async fn cl_2_5_1_1_xiii_the_clinic_leads_nobody_to_another_messenger() {
    let mut chat = Chat::open().await;
    let thread = chat.thread();
    for words in [
        "LINE で どうぞ https://line.me/ti/p/abc",
        "つづきは WhatsApp で",
    ] {
        let said = post(&mut chat.desk, &thread, &[("words", words)]).await;
        assert_eq!(said.spoke(), (409, "cl-2.5.1.1-xiii"), "{words}");
    }
    let answer = chat
        .desk
        .post(&thread, &[("words", "書類ができました")])
        .await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.body);
    let page = chat.phone.get("/me/messages").await.body;
    assert!(page.contains("書類ができました"));
}

#[tokio::test]
async fn one_message_rings_for_what_is_unread_and_says_nothing_of_it() {
    let mut chat = Chat::open().await;
    let thread = chat.thread();
    for words in ["一つめ", "二つめ"] {
        let answer = chat.desk.post(&thread, &[("words", words)]).await;
        assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.body);
    }
    let house = &chat.scene.house;
    let mut read = house.store.read(house.tenant).await.unwrap();
    let texts: Vec<String> = read
        .outbox()
        .await
        .unwrap()
        .into_iter()
        .map(|letter| letter.message.text)
        .filter(|text| text.contains("連絡があります"))
        .collect();
    assert_eq!(texts.len(), 1);
    assert!(!texts[0].contains("一つめ") && texts[0].contains("/v/"));
    drop(read);
    for entry in house.ledger(house.tenant).await {
        assert!(!entry.contains("一つめ"), "{entry}");
    }
}

#[tokio::test]
async fn a_day_has_only_so_many_messages() {
    let mut chat = Chat::open().await;
    for at in 0..care::chat::MESSAGES_PER_DAY_MAX {
        chat.write(&format!("{at} つめ")).await;
    }
    let answer = chat
        .phone
        .post("/me/messages", &[("words", "もう一つ")])
        .await;
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
}
