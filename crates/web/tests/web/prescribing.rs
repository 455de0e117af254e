//! What is known before a first visit, and what may be prescribed on it.

use crate::consultation_seed::{NOTE, Practice, Said, Seed, post};
use axum::http::StatusCode;
use care::{Class, background::Matter};

/// A first visit in which nothing is missing but what a test asks for.
fn first_visit() -> Seed {
    Seed {
        accepted: true,
        identity: Some(true),
        ..Seed::first_visit()
    }
}

impl Practice {
    /// Somebody enters an item about the patient.
    async fn enters(&mut self, matter: &str, source: &str, text: &str) -> Said {
        let path = format!("/patients/{}/background", self.patient);
        let fields = [
            ("matter", matter),
            ("source", source),
            ("obtained", "2026-11-18"),
            ("text", text),
        ];
        post(&mut self.physician, &path, &fields).await
    }

    /// History, medicines and allergies are known from a letter.
    async fn background(&mut self) {
        for matter in ["history", "medication", "allergy"] {
            let said = self.enters(matter, "referral_letter", "高血圧").await;
            assert_eq!(said.status, 303, "{matter}: {}", said.body);
        }
    }
}

const GROUNDS: (&str, &str) = ("grounds", "かぜの症状だけで、紹介状と合う");

#[tokio::test]
async fn cl_1_2_iii_b_a_first_visit_rests_on_sources_that_say_something() {
    let mut practice = first_visit().open().await;
    let nothing = practice.refused("background", &[GROUNDS]).await;
    assert_eq!(nothing.spoke(), (409, "cl-1.2-iii-b"));
    for matter in ["history", "medication", "allergy"] {
        assert!(
            nothing.body.to_string().contains(matter),
            "{}",
            nothing.body
        );
    }
    for (source, text, reason) in [
        ("referral_letter", "", "source_empty"),
        ("medicine_notebook", "  ", "source_empty"),
    ] {
        let said = practice.enters("history", source, text).await;
        assert_eq!(
            (said.spoke(), said.reason()),
            ((409, "cl-1.2-iii-b"), reason)
        );
    }
    let path = format!("/patients/{}/background", practice.patient);
    let drawn = practice.physician.post(&path, &[("source", "x")]).await;
    assert_eq!(drawn.status, StatusCode::UNPROCESSABLE_ENTITY);
    practice
        .enters("history", "referral_letter", "高血圧")
        .await;
    practice
        .enters("medication", "medicine_notebook", "アムロジピン")
        .await;
    // The patient's own word alone makes nothing known, and nor does a tick.
    practice
        .enters("allergy", "patient", "ないと思います")
        .await;
    let said = practice
        .refused(
            "background",
            &[GROUNDS, ("known", "1"), ("allergy", "known")],
        )
        .await;
    assert_eq!(said.spoke(), (409, "cl-1.2-iii-b"));
    let named = said.body.to_string();
    assert!(
        named.contains("\"allergy\"") && !named.contains("\"history\""),
        "{named}"
    );
    let none = [
        ("matter", "allergy"),
        ("source", "check_up"),
        ("obtained", "2026-11-18"),
        ("none", "yes"),
    ];
    assert_eq!(
        post(&mut practice.physician, &path, &none).await.status,
        303
    );
    let no_grounds = practice.refused("background", &[("grounds", " ")]).await;
    assert_eq!(no_grounds.spoke(), (422, "cl-1.2-iii-b"));
    practice.done("background", &[GROUNDS]).await;
    assert_eq!(practice.entries("background.judged").await, 1);
    assert!(practice.page().await.contains("かぜの症状だけで"));
    let ledger = practice
        .house
        .ledger(practice.house.tenant)
        .await
        .join("\n");
    assert!(!ledger.contains("アムロジピン") && !ledger.contains("かぜの症状"));
}

#[tokio::test]
async fn cl_1_2_iii_c_what_was_obtained_beforehand_stands_in_the_signed_note() {
    let mut practice = first_visit().open().await;
    practice.background().await;
    practice.done("background", &[GROUNDS]).await;
    practice.closable().await;
    let absent = practice.refused("close", &NOTE).await;
    assert_eq!(
        (absent.spoke(), absent.reason()),
        ((409, "cl-1.2-iii-c"), "prior_block_absent")
    );
    let forged = [NOTE.as_slice(), &[("prior", "0000")]].concat();
    assert_eq!(
        practice.refused("close", &forged).await.spoke(),
        (409, "cl-1.2-iii-c")
    );
    // One item is struck out since: the block is shorter than what was judged on.
    let item = {
        let mut read = practice
            .house
            .store
            .read(practice.house.tenant)
            .await
            .unwrap();
        let items = read.prior_information(practice.patient).await.unwrap();
        let history = items
            .into_iter()
            .find(|item| item.matter == Matter::History);
        history.unwrap().id
    };
    let path = format!("/patients/{}/background/strike", practice.patient);
    let item = item.to_string();
    let struck = post(&mut practice.physician, &path, &[("item", &item)]).await;
    assert_eq!(struck.status, 303, "{}", struck.body);
    let prior = prior(&practice.page().await);
    let short = [NOTE.as_slice(), &[("prior", prior.as_str())]].concat();
    let said = practice.refused("close", &short).await;
    assert_eq!(
        (said.spoke(), said.reason()),
        ((409, "cl-1.2-iii-c"), "prior_block_short")
    );
    practice
        .enters("history", "own_chart", "高血圧と喘息")
        .await;
    practice.done("background", &[GROUNDS]).await;
    let prior = prior_of(&mut practice).await;
    let whole = [NOTE.as_slice(), &[("prior", prior.as_str())]].concat();
    practice.done("close", &whole).await;
    let note = {
        let mut read = practice
            .house
            .store
            .read(practice.house.tenant)
            .await
            .unwrap();
        read.notes_of(practice.visit).await.unwrap().remove(0)
    };
    let block = note.derived.unwrap().prior;
    assert_eq!(block.len(), 3);
    assert!(
        block
            .iter()
            .any(|one| one.text == "高血圧と喘息" && one.source == "own_chart")
    );
    assert_eq!(practice.entries("background.struck").await, 1);
}

async fn prior_of(practice: &mut Practice) -> String {
    prior(&practice.page().await)
}

/// What the closing form holds of the block.
fn prior(page: &str) -> String {
    let (_, after) = page.split_once("name=\"prior\" value=\"").unwrap();
    after.split('"').next().unwrap().to_owned()
}

#[tokio::test]
async fn a_follow_up_has_no_card_of_sources() {
    let mut practice = Seed::follow_up().open().await;
    assert!(!practice.page().await.contains("id=\"background\""));
    assert!(
        practice
            .act("background", &[GROUNDS])
            .await
            .is_out_of_turn()
    );
    assert_eq!(practice.consultation().await.class, Class::Followup);
}
