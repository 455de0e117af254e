//! Attacks on what a patient can check and keep: the physician's proof at any time, the visit notice, the desks for
//! complaints and records, and what is the patient's own part.

use crate::{
    consultation_seed::{NOTE, Practice, SECRET, Seed, lines, own, post, profile, staff, write},
    support::{Answer, Browser, person_id},
};
use access::Role;
use care::{
    agreement::Kind as Agreed,
    statement::{Lines, PlaceKind},
    task::Kind,
};
use jiff::{SignedDuration, ToSpan as _};
use store::{Fault, Tx, physician::Verified, readiness::SEARCH};
use web::{Surface, visit::link};

/// The patient's browser, signed in by the link.
async fn phone(practice: &Practice) -> Browser {
    let mut phone = practice.house.browser(Surface::Patient);
    let link = format!("/v/{}", link::encode(practice.house.tenant, &SECRET));
    let birth = [("era", "showa"), ("y", "26"), ("m", "4"), ("d", "3")];
    let answer = phone.post(&format!("{link}/enter"), &birth).await;
    assert_eq!(answer.status.as_u16(), 303, "{}", answer.body);
    phone
}

/// A patient who knows the physician from a visit in person, and was never asked about the card.
fn unasked() -> Seed {
    Seed {
        card: None,
        ..Seed::follow_up()
    }
}

async fn show_card(practice: &Practice) {
    let (patient, visit) = (practice.patient, practice.consultation().await);
    write(&practice.house, move |tx| {
        Box::pin(async move { tx.keep_card_shown(&own(patient), &visit).await })
    })
    .await;
}

#[tokio::test]
async fn cl_1_4_iii_c_the_answer_is_skipped_by_the_server_alone() {
    let mut practice = unasked().open().await;
    show_card(&practice).await;
    practice.live().await;
    practice.done("strip", &[]).await;
    let known = practice.house.ledger(practice.house.tenant).await;
    assert!(
        known
            .iter()
            .any(|entry| entry.contains("identity.known") && entry.contains("cl-1.4-iii-c"))
    );
    let page = phone(&practice).await.get("/visit/physician").await;
    assert!(
        !page.body.contains("この医師で確認しました"),
        "nothing is asked"
    );
    assert!(page.body.contains("例沢 はるか"), "the card stays");
    for seed in [
        Seed {
            card: None,
            identity: Some(true),
            accepted: true,
            ..Seed::first_visit()
        },
        Seed {
            assessed_by: "second",
            ..unasked_with_colleague()
        },
    ] {
        let mut practice = seed.open().await;
        show_card(&practice).await;
        practice.done("admit", &[("known", "yes")]).await;
        assert_eq!(
            practice.refused("begin", &[("known", "yes")]).await.spoke(),
            (409, "cl-1.4-i-b")
        );
    }
}

/// A plan that lists a colleague as well, who alone has seen the patient.
fn unasked_with_colleague() -> Seed {
    let mut seed = unasked();
    let colleague = care::plan::PlanPhysician {
        person: person_id("second"),
        ..seed.draft.physicians[0].clone()
    };
    seed.draft.physicians.push(colleague);
    seed
}

#[tokio::test]
async fn cl_1_4_iii_d_a_number_and_an_address_reach_neither_page_nor_ledger() {
    const PLANTED: [&str; 2] = ["医籍第998877号", "本籍の町7-7"];
    let practice = Seed::follow_up().open().await;
    let mut administrator = practice.house.signed_in("administrator").await;
    let person = person_id("physician");
    let answer = administrator
        .post(
            &format!("/house/people/{person}/proof"),
            &[
                ("registration_year", "1998"),
                ("valid_until", "2027-11-20"),
                ("compared", "yes"),
                ("sex", "female"),
                ("number", PLANTED[0]),
                ("address", PLANTED[1]),
            ],
        )
        .await;
    assert_eq!(answer.status.as_u16(), 303, "{}", answer.body);
    let mut phone = phone(&practice).await;
    let mut seen = String::new();
    for page in ["/visit/physician", "/me/doctors", "/"] {
        seen.push_str(&phone.get(page).await.body);
    }
    seen.push_str(
        &administrator
            .get(&format!("/house/people/{person}"))
            .await
            .body,
    );
    seen.extend(practice.house.ledger(practice.house.tenant).await);
    for planted in PLANTED {
        assert!(!seen.contains(planted), "{planted}");
    }
}

#[tokio::test]
async fn cl_1_4_iv_c_the_three_terms_and_the_link_are_shown_and_the_link_is_looked_at() {
    let practice = Seed::follow_up().open().await;
    write(&practice.house, |tx| {
        Box::pin(async move {
            tx.set_physician_sex(
                &staff(Role::Administrator),
                person_id("physician"),
                "female",
            )
            .await
        })
    })
    .await;
    let page = phone(&practice).await.get("/visit/physician").await;
    for needle in ["licenseif.mhlw.go.jp", "女性", "1998", "例沢 はるか"] {
        assert!(page.body.contains(needle), "{needle}");
    }
    let mut administrator = practice.house.signed_in("administrator").await;
    for blank in ["", "http://example.invalid/", "search"] {
        let said = post(
            &mut administrator,
            "/house/contacts",
            &desks("licence_search", blank),
        )
        .await;
        assert_eq!(said.spoke(), (422, "cl-1.4-iv-c"), "{blank}: {}", said.body);
    }
    for (reached, found) in [(true, false), (false, true)] {
        practice.house.pass(SignedDuration::from_secs(1));
        write(&practice.house, move |tx| {
            Box::pin(async move { tx.keep_link_check(SEARCH, reached).await })
        })
        .await;
        let page = administrator.get("/house/checklist").await;
        assert_eq!(page.body.contains("資格確認検索に つながらない"), found);
    }
}

/// The desks, with one field as given.
fn desks<'f>(field: &str, value: &'f str) -> Vec<(&'static str, &'f str)> {
    [
        ("complaint", "相談係"),
        ("complaint_phone", "00-1111-2222"),
        ("disclosure", "記録係"),
        ("disclosure_phone", "00-3333-4444"),
        (
            "licence_search",
            "https://licenseif.mhlw.go.jp/search_isei/",
        ),
    ]
    .map(|(name, known)| (name, if name == field { value } else { known }))
    .to_vec()
}

/// The name on the profile changes, and with it the proof lapses.
async fn lapse(practice: &Practice) {
    write(&practice.house, |tx| {
        Box::pin(async move {
            let mut changed = profile();
            changed.name = "例沢 はるな".into();
            tx.put_physician_profile(&staff(Role::Administrator), &changed)
                .await
        })
    })
    .await;
}

/// The proof ended yesterday.
async fn expire(practice: &Practice) {
    practice.house.pass(SignedDuration::from_secs(1));
    write(&practice.house, |tx| {
        Box::pin(async move {
            let verified = Verified {
                by: person_id("administrator"),
                registration_year: Some(1998),
                valid_until: store::dossier::legal_day(tx.now()).saturating_sub(1.day()),
            };
            tx.keep_proof(&staff(Role::Administrator), &profile(), verified)
                .await
        })
    })
    .await;
}

#[tokio::test]
async fn cl_1_4_iv_d_a_request_is_answered_at_once_or_holds_the_signature_until_the_licence_was_seen()
 {
    let mut practice = Seed::follow_up().open().await;
    practice.closable().await;
    let mut phone = phone(&practice).await;
    phone.get("/visit/physician").await;
    for subject in ["proof.requested", "proof.shown"] {
        assert!(practice.entries(subject).await >= 1, "{subject}");
    }
    expire(&practice).await;
    let page = phone.get("/visit/physician").await;
    assert!(
        page.body.contains("いま有効な証明がありません"),
        "{}",
        page.body
    );
    let page = practice.page().await;
    assert!(page.contains("proof-asked"), "the physician is told");
    let said = practice.refused("close", &NOTE).await;
    assert_eq!(said.spoke(), (409, "cl-1.4-iv-d"), "{}", said.body);
    let mut read = practice
        .house
        .store
        .read(practice.house.tenant)
        .await
        .unwrap();
    let tasks = read.open_tasks().await.unwrap();
    drop(read);
    assert!(
        tasks
            .iter()
            .any(|task| task.opening.kind == Kind::ProofRenewal)
    );
    let said = post(&mut practice.physician, "/visit/licence", &[]).await;
    assert!(
        (400..500).contains(&said.status),
        "not the physician's own word"
    );
    let said = post(&mut phone, "/visit/licence", &[]).await;
    assert_eq!(said.status, 303, "{}", said.body);
    practice.done("close", &NOTE).await;
    assert_eq!(practice.stage().await, "closed");
}

#[tokio::test]
async fn cl_1_4_iv_d_a_proof_that_is_in_force_again_answers_the_request() {
    let mut practice = Seed::follow_up().open().await;
    practice.closable().await;
    let mut phone = phone(&practice).await;
    expire(&practice).await;
    phone.get("/visit/physician").await;
    assert_eq!(
        practice.refused("close", &NOTE).await.spoke(),
        (409, "cl-1.4-iv-d")
    );
    practice.house.pass(SignedDuration::from_secs(1));
    write(&practice.house, |tx| {
        Box::pin(async move {
            let verified = Verified {
                by: person_id("administrator"),
                registration_year: Some(1998),
                valid_until: store::dossier::legal_day(tx.now()).saturating_add(1.year()),
            };
            tx.keep_proof(&staff(Role::Administrator), &profile(), verified)
                .await
        })
    })
    .await;
    practice.done("close", &NOTE).await;
}

#[tokio::test]
async fn cl_2_5_1_1_vii_nobody_is_booked_with_a_physician_without_a_proof() {
    let practice = Seed::follow_up().open().await;
    let mut reception = practice.house.signed_in("reception").await;
    let (patient, physician) = (
        practice.patient.to_string(),
        person_id("physician").to_string(),
    );
    let booking = |date: &'static str| {
        vec![
            ("patient", patient.clone()),
            ("physician", physician.clone()),
            ("date", date.to_owned()),
            ("time", "15:30".to_owned()),
        ]
    };
    let mut book = async |date: &'static str| {
        let fields = booking(date);
        let fields: Vec<_> = fields
            .iter()
            .map(|(name, value)| (*name, value.as_str()))
            .collect();
        let said = post(&mut reception, "/bookings/new", &fields).await;
        (said.status, said.clause().to_owned())
    };
    assert_eq!(book("2027-11-19").await.0, 303, "the proof still stands");
    assert_eq!(book("2027-12-01").await, (409, "cl-2.5.1.1-vii".to_owned()));
    lapse(&practice).await;
    assert_eq!(book("2026-11-25").await, (409, "cl-2.5.1.1-vii".to_owned()));
}

#[tokio::test]
async fn cl_2_5_2_1_ix_a_a_card_is_known_as_ours_on_any_device_and_a_forged_one_is_not() {
    let practice = Seed::follow_up().open().await;
    let mut anyone = practice.house.browser(Surface::Patient);
    let page = anyone.get("/me/doctors").await;
    let at = page.body.find("/card/").expect("a code for another device");
    let path: String = page.body[at..].chars().take_while(|c| *c != '"').collect();
    assert!(page.body.contains("on-qr"));
    let valid = |answer: &Answer| answer.body.contains("いま有効な証明です");
    assert!(valid(&anyone.get(&path).await));
    let word = path.trim_start_matches("/card/");
    let last = word.chars().last().unwrap();
    let other = if last == 'A' { 'B' } else { 'A' };
    let mut middle: Vec<char> = word.chars().collect();
    middle[50] = if middle[50] == 'x' { 'y' } else { 'x' };
    for forged in [
        format!("{}{other}", &word[..word.len() - 1]),
        middle.into_iter().collect::<String>(),
        word[..word.len() - 4].to_owned(),
        "x".to_owned(),
        "A".repeat(59),
        "A".repeat(300),
    ] {
        let answer = anyone.get(&format!("/card/{forged}")).await;
        assert!(!valid(&answer), "{forged}");
        assert!(answer.status.as_u16() < 500);
    }
    lapse(&practice).await;
    assert!(!valid(&anyone.get(&path).await), "withdrawn");
    let page = anyone.get("/me/doctors").await;
    assert!(!page.body.contains("/card/"), "no card, no code");
}

#[tokio::test]
async fn cl_2_5_1_1_viii_physicians_and_clinic_are_one_step_away_before_during_and_after_a_visit() {
    let mut practice = Seed::follow_up().open().await;
    let there = |answer: &Answer| {
        answer.body.contains("例沢 はるか") && answer.body.contains("00-1234-5678")
    };
    let mut stranger = practice.house.browser(Surface::Patient);
    assert!(
        there(&stranger.get("/me/doctors").await),
        "without a sign-in"
    );
    let mut phone = phone(&practice).await;
    assert!(there(&phone.get("/me/doctors").await), "before");
    practice.live().await;
    let page = phone.get("/me/doctors").await;
    assert!(there(&page) && page.body.contains("あなたの担当"), "during");
    for page in ["/lost", "/me/safety", "/me/voice", "/help/sound"] {
        assert!(
            stranger.get(page).await.body.contains("/me/doctors"),
            "{page}"
        );
    }
    for page in ["/visit/physician", "/visit/withdraw"] {
        assert!(phone.get(page).await.body.contains("/me/doctors"), "{page}");
    }
    assert!(practice.entries("clinic_page.served").await >= 1);
    practice.house.pass(SignedDuration::from_hours(24 * 365));
    let mut new_phone = practice.house.browser(Surface::Patient);
    assert!(
        new_phone
            .get("/me/doctors")
            .await
            .body
            .contains("00-1234-5678"),
        "a year after care"
    );
    let mut administrator = practice.house.signed_in("administrator").await;
    let said = administrator
        .post(
            "/house/institution",
            &[("name", "x"), ("address", "y"), ("hours", "z")],
        )
        .await;
    assert_eq!(said.status.as_u16(), 422, "the contact cannot be emptied");
}

fn at_facility() -> Lines {
    Lines {
        place: PlaceKind::Facility,
        place_name: Some("みほん公民館".into()),
        ..lines()
    }
}

/// A visit in a facility, signed; the notice is in line and nobody has it yet.
async fn signed_at_facility() -> Practice {
    let mut practice = Seed {
        lines: Some(at_facility()),
        ..Seed::follow_up()
    }
    .open()
    .await;
    practice.closable().await;
    practice.done("close", &NOTE).await;
    assert_eq!(practice.stage().await, "documented", "signed, not closed");
    practice
}

#[tokio::test]
async fn cl_1_4_iii_b_a_visit_in_a_facility_stays_open_until_the_notice_is_in_the_patients_hands() {
    let mut practice = signed_at_facility().await;
    assert_eq!(
        practice.refused("close", &[]).await.spoke(),
        (409, "cl-1.4-iii-b")
    );
    let mut reception = practice.house.signed_in("reception").await;
    let path = format!("/bookings/{}/notice", practice.visit);
    let slip = reception.get(&path).await;
    for needle in [
        "例沢 はるか",
        "見本みずうみクリニック",
        "00-1234-5678",
        "みほん公民館",
    ] {
        assert!(slip.body.contains(needle), "{needle}");
    }
    assert_eq!(post(&mut reception, &path, &[]).await.status, 303);
    practice.done("close", &[]).await;
    assert_eq!(practice.stage().await, "closed");
}

#[tokio::test]
async fn cl_1_4_iii_b_at_home_a_visit_is_closed_and_the_notice_is_sent_all_the_same() {
    let mut practice = Seed::follow_up().open().await;
    practice.closable().await;
    practice.done("close", &NOTE).await;
    assert_eq!(practice.stage().await, "closed");
    assert!(notice_link(&practice).await.starts_with("/n/"));
}

/// The link in the message of the notice.
async fn notice_link(practice: &Practice) -> String {
    let mut read = practice
        .house
        .store
        .read(practice.house.tenant)
        .await
        .unwrap();
    let sent = read.outbox().await.unwrap();
    let message = sent
        .into_iter()
        .find(|sent| sent.kind == "visit_notice")
        .expect("a message");
    let text = message.message.text;
    let at = text.find("/n/").expect("a link");
    text[at..].trim().to_owned()
}

#[tokio::test]
async fn cl_2_1_i_c_the_notice_says_what_was_true_on_the_day_and_is_read_for_good() {
    let practice = signed_at_facility().await;
    let visit = practice.visit;
    let link = notice_link(&practice).await;
    lapse(&practice).await;
    practice.house.pass(SignedDuration::from_hours(24 * 90));
    let mut anyone = practice.house.browser(Surface::Patient);
    let page = anyone.get(&link).await;
    assert_eq!(page.status.as_u16(), 200, "{}", page.body);
    for needle in [
        "例沢 はるか",
        "見本みずうみクリニック",
        "00-1234-5678",
        "みほん公民館",
    ] {
        assert!(page.body.contains(needle), "{needle}");
    }
    assert!(!page.body.contains("例沢 はるな"), "the name of that day");
    assert!(!page.body.contains("見本 正男"), "it names no patient");
    assert_eq!(anyone.get("/n/AAAA").await.status.as_u16(), 404);
    // Whoever has opened it has it in hand.
    let facts = write(&practice.house, move |tx| {
        Box::pin(async move {
            let booking = tx.consultation(visit).await?.ok_or(Fault::Conflict)?;
            tx.notice_facts(&booking.consultation).await
        })
    })
    .await;
    assert!(care::notice::told(&facts).is_ok() && facts.at_facility);
}

#[tokio::test]
async fn cl_2_1_i_c_a_delivered_message_closes_as_well() {
    let mut practice = signed_at_facility().await;
    let mut read = practice
        .house
        .store
        .read(practice.house.tenant)
        .await
        .unwrap();
    let queued = read.queued_messages(practice.house.now()).await.unwrap();
    drop(read);
    write(&practice.house, move |tx| {
        Box::pin(async move {
            for sent in &queued {
                tx.keep_delivery(sent, None).await?;
            }
            Ok(())
        })
    })
    .await;
    practice.done("close", &[]).await;
    assert_eq!(practice.stage().await, "closed");
}

#[tokio::test]
async fn ext_4_2_e_the_desks_stand_on_every_page_and_are_never_empty() {
    let mut practice = Seed::follow_up().open().await;
    let mut administrator = practice.house.signed_in("administrator").await;
    for field in [
        "complaint",
        "complaint_phone",
        "disclosure",
        "disclosure_phone",
    ] {
        let said = post(&mut administrator, "/house/contacts", &desks(field, "")).await;
        assert_eq!(
            (said.spoke(), said.reason()),
            ((409, "ext-4.2.e"), "contact_required"),
            "{field}"
        );
    }
    let said = post(&mut administrator, "/house/contacts", &desks("", "")).await;
    assert_eq!(said.status, 303, "{}", said.body);
    let mut phone = phone(&practice).await;
    let mut anyone = practice.house.browser(Surface::Patient);
    practice.closable().await;
    practice.done("close", &NOTE).await;
    let pages = [
        anyone.get("/").await,
        anyone.get("/lost").await,
        phone.get("/me/voice").await,
        phone.get("/visit/after").await,
        anyone.get(&notice_link(&practice).await).await,
    ];
    for (at, page) in pages.iter().enumerate() {
        for number in ["00-1111-2222", "00-3333-4444"] {
            assert!(page.body.contains(number), "page {at}: {}", page.body);
        }
    }
}

#[tokio::test]
async fn ext_4_2_e_a_complaint_and_a_request_are_cases_with_a_day() {
    let practice = Seed::follow_up().open().await;
    let mut phone = phone(&practice).await;
    for (what, words) in [
        ("complaint", "電話がつながらない"),
        ("disclosure", "カルテを見たい"),
    ] {
        let said = post(&mut phone, "/me/voice", &[("what", what), ("words", words)]).await;
        assert_eq!(said.status, 303, "{}", said.body);
        practice.house.pass(SignedDuration::from_secs(1));
    }
    let said = post(
        &mut phone,
        "/me/voice",
        &[("what", "complaint"), ("words", "")],
    )
    .await;
    assert_eq!(said.status, 422);
    let open = |tasks: Vec<care::task::Task>, kind| {
        tasks
            .iter()
            .filter(|task| task.opening.kind == kind)
            .count()
    };
    let tasks = async || {
        let mut read = practice
            .house
            .store
            .read(practice.house.tenant)
            .await
            .unwrap();
        read.open_tasks().await.unwrap()
    };
    assert_eq!(open(tasks().await, Kind::Complaint), 1);
    assert_eq!(open(tasks().await, Kind::Disclosure), 1);
    let ledger = practice.house.ledger(practice.house.tenant).await.join("");
    assert!(!ledger.contains("電話がつながらない"));
    practice.house.pass(SignedDuration::from_hours(24 * 15));
    let mut administrator = practice.house.signed_in("administrator").await;
    let page = administrator.get("/house/checklist").await;
    assert!(page.body.contains("苦情・開示の請求が 期日を過ぎた"));
}

/// Agrees to what a visit needs, and leaves the own part out.
async fn agree_without_own_part(practice: &Practice) {
    let (patient, visit) = (practice.patient, practice.consultation().await);
    write(&practice.house, move |tx| {
        Box::pin(async move {
            let by = own(patient);
            tx.keep_wish(&by, &visit, true).await?;
            for text in tx.texts("agreement").await? {
                let kind = Agreed::parse(&text.tag).ok_or(Fault::Conflict)?;
                if kind != Agreed::PatientConduct {
                    tx.keep_agreement(&by, &visit, kind, &text).await?;
                }
            }
            accepted(tx, &visit).await
        })
    })
    .await;
}

async fn accepted(tx: &mut Tx, visit: &care::Consultation) -> Result<(), Fault> {
    tx.accept_agreement(&staff(Role::Physician), person_id("physician"), visit)
        .await
}

#[tokio::test]
async fn sec_0_f_the_own_part_is_shown_as_open_and_holds_nothing_up() {
    let mut practice = Seed {
        agreed: false,
        accepted: false,
        signed: false,
        ..Seed::follow_up()
    };
    practice.class = care::Class::First;
    let mut practice = practice.open().await;
    agree_without_own_part(&practice).await;
    assert!(
        practice.page().await.contains("own-part"),
        "the panel says so"
    );
    let open = async |practice: &Practice| {
        let mut read = practice
            .house
            .store
            .read(practice.house.tenant)
            .await
            .unwrap();
        read.own_parts_open().await.unwrap()
    };
    assert_eq!(open(&practice).await, 1);
    practice.done("admit", &[]).await;
    assert_eq!(practice.grants().await.len(), 2, "nobody waits for it");
    for path in ["/visit/agree"] {
        let said = post(
            &mut practice.physician,
            path,
            &[("wish", "yes"), ("kind", "patient_conduct")],
        )
        .await;
        assert!((400..500).contains(&said.status), "{}", said.body);
    }
    let settled = Seed::follow_up().open().await;
    assert_eq!(open(&settled).await, 0);
}

#[tokio::test]
async fn sec_0_f_it_is_a_row_of_its_own_on_the_agreement_screen() {
    let seed = Seed {
        agreed: false,
        ..Seed::first_visit()
    };
    let practice = seed.open().await;
    let mut phone = phone(&practice).await;
    let page = phone.get("/visit/agree").await;
    assert!(
        page.body.contains("value=\"patient_conduct\""),
        "{}",
        page.body
    );
    assert!(!page.body.contains("value=\"patient_conduct\" checked"));
    let before = practice.entries("agreement.given").await;
    let said = post(
        &mut phone,
        "/visit/agree",
        &[
            ("wish", "yes"),
            ("kind", "online_care"),
            ("kind", "security_risk"),
            ("kind", "system_use"),
            ("kind", "patient_conduct"),
        ],
    )
    .await;
    assert_eq!(said.status, 303, "{}", said.body);
    assert_eq!(practice.entries("agreement.given").await, before + 4);
}
