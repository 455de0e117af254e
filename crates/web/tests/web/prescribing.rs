//! What is known before a first visit, and what may be prescribed on it.

use crate::{
    consultation_seed::{FIRST_NOTE, NOTE, Practice, SECRET, Said, Seed, post, staff, write},
    support::{Browser, person_id},
};
use access::{Role, TenantId};
use axum::http::StatusCode;
use care::{
    Class, ConsultationId,
    background::Matter,
    formulary::{Ingredient, LegalClass},
    prescription::{Directions, Line, Ordered, Supply, Usage},
    statement::{Lines, Medicines},
};
use jiff::{SignedDuration, ToSpan as _};
use store::{
    By, Fault,
    dossier::legal_day,
    list::{List, NewEdition},
};
use web::{Surface, visit::link};

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
    let whole = [FIRST_NOTE.as_slice(), &[("prior", prior.as_str())]].concat();
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

/// The made-up lists of the demonstration.
const MASTER: &[u8] = include_bytes!("../../../../guidelines/sample/y_sample20261101.csv");
const HIGH_SAFETY: &[u8] = include_bytes!("../../../../guidelines/sample/high_safety_sample.csv");
const CAREFUL: &[u8] = include_bytes!("../../../../guidelines/consider-carefully.csv");

/// Ordinary, in two strengths; a drug of the societies' list; psychotropic, in two strengths; narcotic; of special management.
const PLAIN: &str = "620000001";
const WEAKER: &str = "620000002";
const ANTIBIOTIC: &str = "620000004";
const SLEEP: &str = "620000005";
const SLEEP_STRONGER: &str = "620000006";
const NARCOTIC: &str = "620000007";
const ANTICOAGULANT: &str = "620000008";

/// What is sent of a line besides its drug and its days.
const TAKEN: [(&str, &str); 3] = [("amount", "1"), ("usage", "breakfast"), ("kind", "daily")];
const EXTENDS: [(&str, &str); 2] = [("diagnosis", "I10"), ("grounds", "血圧がまだ高い")];

impl Practice {
    async fn list(&self, list: List, name: &'static str, file: &'static [u8]) {
        let act = self.house.store.write::<(), Fault, _>(
            TenantId::INSTALLATION,
            self.house.now(),
            move |tx| {
                Box::pin(async move {
                    let new = NewEdition {
                        list,
                        name,
                        whole: true,
                        rows: 1,
                        file,
                    };
                    tx.load_list(&By::System, &new).await.map(|_| ())
                })
            },
        );
        act.await.unwrap();
    }

    /// Every list is loaded.
    pub(crate) async fn lists(&self) {
        self.list(List::Drugs, "20261101", MASTER).await;
        self.list(List::HighSafety, "20261101", HIGH_SAFETY).await;
        self.list(List::Careful, "2022-11-24", CAREFUL).await;
    }

    /// Orders one line.
    async fn order(&mut self, drug: &str, days: &str, more: &[(&str, &str)]) -> Said {
        let fields = line(drug, days, more);
        self.act("orders/add", &fields).await
    }

    /// Orders one line that is refused and leaves nothing behind.
    async fn no_order(&mut self, drug: &str, days: &str, more: &[(&str, &str)]) -> Said {
        let fields = line(drug, days, more);
        let said = self.refused("orders/add", &fields).await;
        let ordered = self.lines().await;
        assert!(!ordered.iter().any(|line| line == drug), "{ordered:?}");
        said
    }

    /// The codes on the draft.
    async fn lines(&self) -> Vec<String> {
        let mut read = self.house.store.read(self.house.tenant).await.unwrap();
        let prescription = read.prescription(self.visit).await.unwrap();
        prescription
            .map(|prescription| prescription.lines)
            .unwrap_or_default()
            .iter()
            .map(|line| line.drug.to_string())
            .collect()
    }

    /// "患者と確かめた", with the version that is shown.
    pub(crate) async fn review(&mut self) -> Said {
        let path = format!("{}/orders", self.address());
        let page = self.physician.get(&path).await;
        assert_eq!(page.status, StatusCode::OK, "{}", page.body);
        let version = page
            .body
            .split_once("name=\"version\" value=\"")
            .and_then(|(_, after)| after.split('"').next())
            .unwrap_or_default()
            .to_owned();
        self.act("orders/review", &[("version", &version)]).await
    }

    /// A later visit of the same patient, booked only.
    async fn next(&mut self, class: Class) -> ConsultationId {
        let patient = self.patient;
        let visit = write(&self.house, move |tx| {
            Box::pin(async move {
                let (desk, physician) = (staff(Role::Reception), person_id("physician"));
                let at = tx.now();
                Ok(tx
                    .book(&desk, patient, physician, (class, care::Service::Care), at)
                    .await?
                    .consultation)
            })
        })
        .await;
        self.visit = visit.id;
        self.physician = self.house.signed_in("physician").await;
        visit.id
    }
}

fn line<'a>(drug: &'a str, days: &'a str, more: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
    let own = [("drug", drug), ("days", days)];
    // What is sent later stands before what is sent by itself: the first of a name counts.
    [more, own.as_slice(), TAKEN.as_slice()].concat()
}

#[tokio::test]
async fn cl_1_5_i_a_no_line_without_a_code_and_no_drug_of_the_list_without_a_reason() {
    let mut practice = first_visit().open().await;
    let bare = practice.no_order(PLAIN, "3", &[]).await;
    assert_eq!(bare.spoke(), (409, "cl-1.5-i-b"), "no master was imported");
    practice.list(List::Drugs, "20261101", MASTER).await;
    practice
        .list(List::HighSafety, "20261101", HIGH_SAFETY)
        .await;
    let no_list = practice.no_order(PLAIN, "3", &[]).await;
    assert_eq!(
        (no_list.spoke(), no_list.reason()),
        ((409, "cl-1.5-i-a"), "no_list")
    );
    practice.list(List::Careful, "2022-11-24", CAREFUL).await;
    for free in ["ミホンジピン錠5mg", "カリノシリン", "2171999F1010", ""] {
        assert_eq!(
            practice.no_order(free, "3", &[]).await.status,
            422,
            "{free}"
        );
    }
    let unknown = practice.no_order("699999999", "3", &[]).await;
    assert_eq!(unknown.spoke(), (409, "cl-1.5-i-b"));
    let listed = practice.no_order(ANTIBIOTIC, "3", &[]).await;
    assert_eq!(
        (listed.spoke(), listed.reason()),
        ((422, "cl-1.5-i-a"), "consider_carefully")
    );
    let reason = [("reason", "のどの所見と迅速検査で決めた")];
    assert_eq!(practice.order(ANTIBIOTIC, "3", &reason).await.status, 303);
    assert_eq!(practice.order(PLAIN, "3", &[]).await.status, 303);
    for comment in ["ミホンジピンも追加", "2錠ふやす", "3日分"] {
        let said = practice
            .refused("orders/comment", &[("comment", comment)])
            .await;
        assert_eq!(said.spoke(), (422, "cl-1.5-i-a"), "{comment}");
    }
    practice
        .done("orders/comment", &[("comment", "一包化してください")])
        .await;
    // A new edition of the list names what was drafted: everything is judged again at the signature.
    practice.closable().await;
    assert_eq!(practice.review().await.status, 303);
    let wider: &[u8] = b"group,code,caution_ja,caution_en,source,verified\nx,2171,a,b,c,yes\n";
    practice.list(List::Careful, "2027-01-01", wider).await;
    assert!(practice.page().await.contains("class=\"on-refusal\""));
    let said = practice.refused("close", &NOTE).await;
    assert_eq!(said.spoke(), (422, "cl-1.5-i-a"));
    practice
        .done("orders/remove", &[("at", "1"), ("drug", PLAIN)])
        .await;
    practice.done("close", &FIRST_NOTE).await;
    let ledger = practice.house.ledger(practice.house.tenant).await;
    let signed = ledger
        .iter()
        .find(|entry| entry.contains("\"prescription.signed\""))
        .unwrap();
    assert!(signed.contains("\"careful\":\"") && !signed.contains("カリノシリン"));
}

#[tokio::test]
async fn cl_1_5_i_b_no_way_in_brings_a_controlled_drug_into_a_first_visit() {
    let mut practice = Seed::follow_up().open().await;
    practice.lists().await;
    // In a follow-up, for what the plan treats, it may be given.
    let given = practice.order(SLEEP, "14", &EXTENDS).await;
    assert_eq!(given.status, 303, "{}", given.body);
    practice.closable().await;
    assert_eq!(practice.review().await.status, 303);
    practice.done("close", &NOTE).await;
    assert_eq!(practice.entries("prescription.signed").await, 1);
    practice.house.pass(SignedDuration::from_hours(24));
    practice.next(Class::First).await;
    for drug in [SLEEP, SLEEP_STRONGER, NARCOTIC] {
        for more in [
            &[][..],
            &[("class", "followup"), ("visit_class", "followup")],
            &EXTENDS,
            &[("reason", "どうしても"), ("known", "1")],
        ] {
            let said = practice.no_order(drug, "1", more).await;
            assert_eq!(
                (said.spoke(), said.reason()),
                ((409, "cl-1.5-i-b"), "narcotic_psychotropic"),
                "{drug}"
            );
        }
    }
    let copied = practice.refused("orders/copy", &[]).await;
    assert_eq!(copied.spoke(), (409, "cl-1.5-i-b"));
    assert!(practice.lines().await.is_empty());
    // Ordered in a follow-up that turns out to be for a new condition: the class of the server counts at the signature.
    practice.house.pass(SignedDuration::from_hours(1));
    practice.next(Class::FirstNewCondition).await;
    let said = practice.refused("orders/copy", &[]).await;
    assert_eq!(said.spoke(), (409, "cl-1.5-i-b"));
}

#[tokio::test]
async fn cl_1_5_i_b_a_follow_up_that_becomes_a_first_visit_loses_its_controlled_drug() {
    let mut practice = Seed::follow_up().open().await;
    practice.lists().await;
    assert_eq!(practice.order(SLEEP, "7", &EXTENDS).await.status, 303);
    practice.closable().await;
    assert_eq!(practice.review().await.status, 303);
    practice.done("new-condition", &[]).await;
    let said = practice.refused("close", &NOTE).await;
    assert_eq!(said.spoke(), (409, "cl-1.5-i-b"));
    let page = practice.page().await;
    assert!(
        page.contains("cl-1.5-i-b") && page.contains("向精神薬"),
        "shown at its line"
    );
}

#[tokio::test]
async fn cl_1_5_i_c_no_drug_of_special_management_while_the_background_is_unknown() {
    let mut practice = first_visit().open().await;
    practice.lists().await;
    let block = [
        ("risk_reason", "ほかにない"),
        ("risk_checks", "PT-INR"),
        ("risk_signs", "血が止まらない"),
        ("risk_monitor", "2026-11-24"),
        ("reason", "ほかにない"),
    ];
    for more in [
        &[][..],
        &[("known", "1"), ("background_known", "1")],
        &block,
    ] {
        let said = practice.no_order(ANTICOAGULANT, "5", more).await;
        assert_eq!(
            (said.spoke(), said.reason()),
            ((409, "cl-1.5-i-c"), "high_safety")
        );
    }
    let empty = practice.enters("history", "referral_letter", "").await;
    assert_eq!(empty.status, 409);
    practice.enters("history", "patient", "元気です").await;
    assert_eq!(
        practice.no_order(ANTICOAGULANT, "5", &block).await.spoke(),
        (409, "cl-1.5-i-c")
    );
    practice.background().await;
    let said = practice.order(ANTICOAGULANT, "5", &block).await;
    assert_eq!(said.status, 303, "{}", said.body);
}

#[tokio::test]
async fn cl_1_5_i_d_eight_days_are_refused_with_the_number_in_every_spelling() {
    let mut practice = first_visit().open().await;
    practice.lists().await;
    for (days, more, number) in [
        ("8", &[][..], "8"),
        ("7", &[("refills", "1")], "14"),
        ("1", &[("kind", "as_needed"), ("doses", "14")], "14"),
    ] {
        let said = practice.no_order(PLAIN, days, more).await;
        assert_eq!(
            (said.spoke(), said.reason()),
            ((409, "cl-1.5-i-d"), "eight_days")
        );
        assert!(
            said.body.to_string().contains(&format!("\"{number}\"")),
            "{}",
            said.body
        );
    }
    assert_eq!(practice.order(PLAIN, "4", &[]).await.status, 303);
    let twice = practice.no_order(WEAKER, "4", &[]).await;
    assert_eq!(twice.spoke(), (409, "cl-1.5-i-d"), "another strength");
    practice.closable().await;
    assert_eq!(practice.review().await.status, 303);
    practice.done("close", &FIRST_NOTE).await;
    // Another "first visit" on the next day.
    practice.house.pass(SignedDuration::from_hours(24));
    practice.next(Class::First).await;
    let again = practice.no_order(PLAIN, "4", &[]).await;
    assert_eq!(again.spoke(), (409, "cl-1.5-i-d"));
    assert_eq!(practice.order(PLAIN, "3", &[]).await.status, 303);
    practice.background().await;
    assert_eq!(
        practice.order(PLAIN, "60", &[]).await.status,
        303,
        "known from a letter"
    );
}

#[tokio::test]
async fn cl_1_5_i_e_a_block_is_carried_over_for_a_stable_repeat_and_the_patient_reads_the_signs() {
    let mut practice = Seed::follow_up().open().await;
    practice.lists().await;
    let bare = practice.no_order(ANTICOAGULANT, "28", &EXTENDS).await;
    assert_eq!(
        (bare.spoke(), bare.reason()),
        ((409, "cl-1.5-i-e"), "risk_block_empty")
    );
    let today = legal_day(practice.house.now());
    let (late, good) = (
        today.saturating_add(29.days()).to_string(),
        today.saturating_add(20.days()).to_string(),
    );
    let block = |day: &'_ str| {
        vec![
            ("diagnosis".to_owned(), "I10".to_owned()),
            ("grounds".to_owned(), "心房細動を伴う".to_owned()),
            ("risk_reason".to_owned(), "ほかにない".to_owned()),
            ("risk_checks".to_owned(), "PT-INR 2.1".to_owned()),
            ("risk_signs".to_owned(), "血が止まらないとき".to_owned()),
            ("risk_monitor".to_owned(), day.to_owned()),
        ]
    };
    let fields = block(&late);
    let fields: Vec<(&str, &str)> = fields
        .iter()
        .map(|(a, b)| (a.as_str(), b.as_str()))
        .collect();
    let beyond = practice.no_order(ANTICOAGULANT, "28", &fields).await;
    assert_eq!(beyond.reason(), "monitoring_beyond_supply");
    let fields = block(&good);
    let fields: Vec<(&str, &str)> = fields
        .iter()
        .map(|(a, b)| (a.as_str(), b.as_str()))
        .collect();
    assert_eq!(
        practice.order(ANTICOAGULANT, "28", &fields).await.status,
        303
    );
    practice.closable().await;
    assert_eq!(practice.review().await.status, 303);
    practice.done("close", &NOTE).await;
    // The patient reads what was given, and when to call.
    let mut phone = practice.house.browser(Surface::Patient);
    let link = format!("/v/{}", link::encode(practice.house.tenant, &SECRET));
    let birth = [("era", "showa"), ("y", "26"), ("m", "4"), ("d", "3")];
    phone.post(&format!("{link}/enter"), &birth).await;
    let after = phone.get("/visit/after").await;
    for words in [
        "ミナトファリン錠1mg",
        "1回 1錠 朝食後",
        "血が止まらないとき",
    ] {
        assert!(after.body.contains(words), "{words}: {}", after.body);
    }
    // A fortnight later, unchanged: carried over, nothing asked; a changed dose asks again.
    practice.house.pass(SignedDuration::from_hours(24 * 14));
    practice.next(Class::Followup).await;
    assert_eq!(practice.order(ANTICOAGULANT, "28", &[]).await.status, 303);
    let changed = practice
        .refused(
            "orders/add",
            &line(ANTICOAGULANT, "28", &[("amount", "1.5")]),
        )
        .await;
    assert_eq!(changed.spoke(), (409, "cl-1.5-i-e"));
    // After the day of the check it is due.
    practice.house.pass(SignedDuration::from_hours(24 * 7));
    practice.next(Class::Followup).await;
    let due = practice.no_order(ANTICOAGULANT, "28", &[]).await;
    assert_eq!(due.spoke(), (409, "cl-1.5-i-e"));
}

/// The patient's own browser, after the visit.
async fn phone(practice: &Practice) -> Browser {
    let mut phone = practice.house.browser(Surface::Patient);
    let link = format!("/v/{}", link::encode(practice.house.tenant, &SECRET));
    let birth = [("era", "showa"), ("y", "26"), ("m", "4"), ("d", "3")];
    let entered = phone.post(&format!("{link}/enter"), &birth).await;
    assert_eq!(entered.status, StatusCode::SEE_OTHER, "{}", entered.body);
    phone
}

#[tokio::test]
async fn cl_1_5_i_f_a_problem_with_a_new_drug_stays_open_until_a_physician_has_answered() {
    let mut practice = Seed::follow_up().open().await;
    practice.lists().await;
    assert_eq!(practice.order(PLAIN, "28", &EXTENDS).await.status, 303);
    practice.closable().await;
    assert_eq!(practice.review().await.status, 303);
    practice.done("close", &NOTE).await;
    let entropy = web::system_entropy();
    // Not before its day, once on it, and not twice.
    for (hours, asked) in [(24, 0), (47, 0), (1, 1), (1, 0)] {
        practice.house.pass(SignedDuration::from_hours(hours));
        let sent = web::visit::ask_about_drugs(
            &practice.house.store,
            practice.house.tenant,
            practice.house.now(),
            ("http://localhost:8080", &entropy),
        )
        .await
        .unwrap();
        assert_eq!(sent, asked, "{hours}");
    }
    assert_eq!(practice.entries("adherence.asked").await, 1);
    // The first link is spent by the one in the message; the patient comes by that one.
    let visit = practice.visit;
    let patient = practice.patient;
    write(&practice.house, move |tx| {
        Box::pin(async move {
            let by = crate::consultation_seed::own(patient);
            let booking = tx.consultation(visit).await?.ok_or(Fault::Conflict)?;
            tx.keep_adherence(&by, &booking.consultation, (true, "発疹と熱"))
                .await
        })
    })
    .await;
    let mut physician = practice.house.signed_in("physician").await;
    let list = physician.get("/tasks").await.body;
    assert!(
        list.contains("薬の困りごと") && list.contains("発疹と熱"),
        "{list}"
    );
    let mut reception = practice.house.signed_in("reception").await;
    assert!(!reception.get("/tasks").await.body.contains("発疹と熱"));
    let task = {
        let mut read = practice
            .house
            .store
            .read(practice.house.tenant)
            .await
            .unwrap();
        let open = read.open_tasks().await.unwrap();
        assert_eq!(open.len(), 1, "the check itself is done by the answer");
        open[0].id
    };
    let end = format!("/tasks/{task}/end");
    let words = [("outcome", "done"), ("words", "中止し、来院とした")];
    assert_eq!(post(&mut reception, &end, &words).await.status, 403);
    let silent = post(&mut physician, &end, &[("outcome", "done")]).await;
    assert_eq!(silent.spoke(), (422, "cl-1.5-i-f"));
    // After a day without an answer it is a finding.
    practice.house.pass(SignedDuration::from_hours(25));
    let mut administrator = practice.house.signed_in("administrator").await;
    let checklist = administrator.get("/house/checklist").await.body;
    assert!(checklist.contains("薬の困りごとに まだ答えていない"));
    let mut physician = practice.house.signed_in("physician").await;
    assert_eq!(post(&mut physician, &end, &words).await.status, 303);
    let ledger = practice
        .house
        .ledger(practice.house.tenant)
        .await
        .join("\n");
    assert!(!ledger.contains("発疹"), "what was said stays sealed");
}

#[tokio::test]
async fn cl_1_5_i_f_the_patient_answers_on_the_page_and_a_stable_repeat_is_not_asked_about() {
    let mut practice = Seed::follow_up().open().await;
    practice.lists().await;
    assert_eq!(practice.order(PLAIN, "28", &EXTENDS).await.status, 303);
    practice.closable().await;
    assert_eq!(practice.review().await.status, 303);
    practice.done("close", &NOTE).await;
    let mut phone = phone(&practice).await;
    let page = phone.get("/visit/after").await;
    assert!(page.body.contains("薬のことで"), "{}", page.body);
    assert_eq!(post(&mut phone, "/visit/drugs", &[]).await.status, 422);
    // "All is well" on the day itself ends no check of the third day.
    let early = post(&mut phone, "/visit/drugs", &[("drugs", "fine")]).await;
    assert!(early.is_out_of_turn());
    let said = post(
        &mut phone,
        "/visit/drugs",
        &[("drugs", "problem"), ("words", "発疹が出た")],
    )
    .await;
    assert_eq!(said.status, 303, "{}", said.body);
    assert!(phone.get("/visit/after").await.body.contains("119"));
    // Nobody of the staff answers for the patient.
    phone.cookies.clone_from(&practice.physician.cookies);
    let forged = post(&mut phone, "/visit/drugs", &[("drugs", "fine")]).await;
    assert_eq!(forged.spoke(), (403, "cl-1.5-i-f"));
    assert_eq!(practice.entries("adherence.answered").await, 1);
    let ordered = |changed, high_safety| {
        let mut read_line = ORDERED.with(Clone::clone);
        read_line.changed = changed;
        read_line.high_safety = high_safety;
        care::prescription::check_after(&[read_line])
    };
    assert_eq!(ordered(false, false), None, "a stable repeat");
    assert_eq!(ordered(true, false), Some(3));
    assert_eq!(ordered(true, true), Some(1));
    assert_eq!(ordered(false, true), Some(1));
}

thread_local! {
    /// A line as it was signed.
    static ORDERED: Ordered = Ordered {
        line: Line {
            drug: PLAIN.parse().unwrap(),
            directions: Directions {
                amount_milli: 1_000,
                usage: Usage::Breakfast,
            },
            supply: Supply::Daily { days: 28 },
            refills: 0,
            reason: None,
            extension: None,
            risk: None,
        },
        name: "ミホンジピン錠5mg".to_owned(),
        unit: "錠".to_owned(),
        ingredient: Ingredient("2171999".to_owned()),
        days: Some(28),
        class: LegalClass::Ordinary,
        high_safety: false,
        careful: false,
        tie: None,
        changed: false,
    };
}

#[tokio::test]
async fn cl_1_5_i_g_a_drug_not_given_before_needs_a_diagnosis_of_the_plan_and_grounds() {
    let mut practice = Seed::follow_up().open().await;
    practice.lists().await;
    for (more, spoke) in [
        (&[][..], (422, "cl-1.5-i-g")),
        (
            &[("diagnosis", "F51"), ("grounds", "眠れない")],
            (409, "cl-1.5-i-g"),
        ),
        (&[("diagnosis", "I10")], (422, "cl-1.5-i-g")),
    ] {
        assert_eq!(practice.no_order(SLEEP, "7", more).await.spoke(), spoke);
    }
    assert_eq!(practice.order(PLAIN, "28", &EXTENDS).await.status, 303);
    practice.closable().await;
    assert_eq!(practice.review().await.status, 303);
    practice.done("close", &NOTE).await;
    practice.house.pass(SignedDuration::from_hours(24 * 28));
    practice.next(Class::Followup).await;
    practice.done("orders/copy", &[]).await;
    assert_eq!(practice.lines().await, [PLAIN], "nothing asked");
}

#[tokio::test]
async fn cl_1_5_ii_a_nothing_is_signed_before_the_list_was_checked_as_it_stands() {
    let mut practice = Seed::follow_up().open().await;
    practice.lists().await;
    assert_eq!(practice.order(PLAIN, "28", &EXTENDS).await.status, 303);
    practice.closable().await;
    let unchecked = practice.refused("close", &NOTE).await;
    assert_eq!(
        (unchecked.spoke(), unchecked.reason()),
        ((409, "cl-1.5-ii-a"), "not_reviewed")
    );
    // What was not shown is not checked.
    let forged = practice.act("orders/review", &[("version", "x")]).await;
    assert!(forged.is_out_of_turn());
    assert_eq!(practice.review().await.status, 303);
    // The list changes after it: the review is due again.
    practice
        .done("orders/told", &[("words", "市販の頭痛薬も飲んでいる")])
        .await;
    assert_eq!(
        practice.refused("close", &NOTE).await.spoke(),
        (409, "cl-1.5-ii-a")
    );
    assert_eq!(practice.review().await.status, 303);
    practice.done("close", &NOTE).await;
    assert_eq!(practice.entries("medication.reviewed").await, 2);
    // Last month's review is none of this visit.
    practice.house.pass(SignedDuration::from_hours(24 * 28));
    let before = practice.visit;
    let visit = practice.next(Class::Followup).await;
    let mut read = practice
        .house
        .store
        .read(practice.house.tenant)
        .await
        .unwrap();
    let booking = read.consultation(visit).await.unwrap().unwrap();
    let today = legal_day(practice.house.now());
    let list = read.medicines(&booking.consultation, today).await.unwrap();
    for of in [visit, before] {
        let reviewed = read.medicines_reviewed(of, &list.version).await.unwrap();
        assert!(reviewed.is_none());
    }
}

#[tokio::test]
async fn cl_1_5_ii_b_only_the_patient_states_and_what_is_told_aloud_is_entered_as_told() {
    let seed = Seed {
        lines: Some(Lines {
            medicines: Medicines::Unknown,
            ..crate::consultation_seed::lines()
        }),
        ..Seed::follow_up()
    };
    let mut practice = seed.open().await;
    practice.lists().await;
    // Staff do not speak for the patient.
    let mut phone = practice.house.browser(Surface::Patient);
    phone.cookies.clone_from(&practice.physician.cookies);
    let forged = post(
        &mut phone,
        "/visit/statement",
        &[("pressed", "different"), ("medicines", "same")],
    )
    .await;
    assert_eq!(forged.status, 403);
    let page = practice.page().await;
    assert!(
        page.contains("分からない") || page.contains("わからない"),
        "the panel says so"
    );
    practice.closable().await;
    assert_eq!(practice.order(PLAIN, "28", &EXTENDS).await.status, 303);
    let unasked = practice.review().await;
    assert_eq!(
        (unasked.spoke(), unasked.reason()),
        ((409, "cl-1.5-ii-a"), "medicines_not_stated")
    );
    assert_eq!(
        practice.refused("close", &NOTE).await.spoke(),
        (409, "cl-1.5-ii-a")
    );
    let stated = practice.entries("medication.stated").await;
    practice
        .done("orders/told", &[("words", "何も飲んでいない")])
        .await;
    assert_eq!(practice.entries("medication.told").await, 1);
    assert_eq!(practice.entries("medication.stated").await, stated);
    assert_eq!(practice.review().await.status, 303);
    practice.done("close", &NOTE).await;
}

#[tokio::test]
async fn drugs_are_found_by_name_kana_generic_name_and_code_with_what_matters() {
    let mut practice = Seed::follow_up().open().await;
    practice.lists().await;
    practice.live().await;
    for (sought, name, mark) in [
        ("ミホンジピン", "ミホンジピン錠5mg", ""),
        ("みほんじぴん", "ミホンジピン錠2.5mg", ""),
        ("【般】ネムリ", "ネムリゾラム錠0.25mg", "向精神薬"),
        ("620000007", "シラサギドン錠10mg", "麻薬"),
        ("ﾐﾅﾄﾌｧﾘﾝ", "ミナトファリン錠1mg", "特に安全管理"),
    ] {
        let path = format!(
            "{}/orders?q={}",
            practice.address(),
            web::form::encode(sought)
        );
        let page = practice.physician.get(&path).await;
        assert_eq!(page.status, StatusCode::OK);
        let (_, found) = page.body.split_once("id=\"found\"").unwrap();
        assert!(found.contains(name) && found.contains(mark), "{sought}");
    }
    let line = format!("{}/orders/line?drug={SLEEP}", practice.address());
    let form = practice.physician.get(&line).await;
    assert!(form.body.contains("向精神薬") && form.body.contains("name=\"diagnosis\""));
    let none = format!("{}/orders/line?drug=699999999", practice.address());
    assert_eq!(
        practice.physician.get(&none).await.status,
        StatusCode::NOT_FOUND
    );
}

#[tokio::test]
async fn cl_1_4_i_c_eight_days_are_refused_while_nobody_has_checked_who_it_is() {
    let unchecked = |seed: Seed| Seed {
        identity: None,
        accepted: true,
        ..seed
    };
    for seed in [unchecked(Seed::first_visit()), unchecked(Seed::follow_up())] {
        let mut practice = seed.open().await;
        practice.lists().await;
        practice.background().await;
        practice.done("admit", &[]).await;
        let left_out = [
            ("reason", "lost"),
            ("why", "財布をなくした"),
            ("instead", "asked_facts"),
        ];
        practice.done("identity/none", &left_out).await;
        let said = practice.no_order(PLAIN, "8", &[]).await;
        assert_eq!(
            (said.spoke(), said.reason()),
            ((409, "cl-1.5-i-d"), "eight_days"),
            "{}",
            said.body
        );
        let said = practice.order(PLAIN, "7", &[]).await;
        assert_eq!(said.status, 303, "{}", said.body);
    }
}
