//! Attacks on the ways in which a patient's identity is checked in the call, and on leaving it out.

use crate::{
    consultation_seed::{Practice, SECRET, Seed, own, post, staff, write},
    support::{Browser, person_id},
};
use access::Role;
use care::{Consultation, record::Soap, task::Kind};
use jiff::SignedDuration;
use store::{Fault, Tx};
use web::{Surface, visit::link};

/// A first visit, admitted and agreed, in which only identity is left.
async fn admitted() -> Practice {
    let mut practice = Seed::first_visit().open().await;
    practice.done("admit", &[]).await;
    practice.done("agreement", &[]).await;
    assert_eq!(
        practice.refused("begin", &[]).await.spoke(),
        (409, "cl-1.4-i-a")
    );
    practice
}

const PHOTO: [(&str, &str); 2] = [("document", "passport"), ("agrees", "yes")];
const TWO: [(&str, &str); 4] = [
    ("document-1", "qualification_certificate"),
    ("agrees-1", "match"),
    ("document-2", "resident_record"),
    ("agrees-2", "match"),
];
const ONE: [(&str, &str); 11] = [
    ("document", "qualification_certificate"),
    ("tilt", "match"),
    ("sides", "match"),
    ("body", "match"),
    ("question-1", "干支"),
    ("fits-1", "match"),
    ("question-2", "前の病院"),
    ("fits-2", "match"),
    ("question-3", "住所"),
    ("fits-3", "match"),
    ("why", "答えが合った"),
];
const NONE: [(&str, &str); 3] = [
    ("reason", "lost"),
    ("why", "財布をなくした"),
    ("instead", "asked_facts"),
];

fn without<'f>(fields: &[(&'f str, &'f str)], name: &str) -> Vec<(&'f str, &'f str)> {
    fields
        .iter()
        .copied()
        .filter(|(field, _)| *field != name)
        .collect()
}

fn with<'f>(fields: &[(&'f str, &'f str)], name: &str, value: &'f str) -> Vec<(&'f str, &'f str)> {
    fields
        .iter()
        .map(|(field, old)| (*field, if *field == name { value } else { *old }))
        .collect()
}

/// The patient's browser, signed in by the link.
async fn phone(practice: &Practice) -> Browser {
    let mut phone = practice.house.browser(Surface::Patient);
    let link = format!("/v/{}", link::encode(practice.house.tenant, &SECRET));
    let answer = phone
        .post(
            &format!("{link}/enter"),
            &[("era", "showa"), ("y", "26"), ("m", "4"), ("d", "3")],
        )
        .await;
    assert_eq!(answer.status.as_u16(), 303, "{}", answer.body);
    phone
}

#[tokio::test]
async fn cl_1_4_ii_a_no_picture_of_a_document_counts_before_the_patient_was_seen() {
    let mut practice = admitted().await;
    let sent_ahead = [PHOTO.as_slice(), &[("picture", "data:image/png;base64,AA")]].concat();
    for fields in [PHOTO.to_vec(), sent_ahead] {
        let said = practice.refused("identity", &fields).await;
        assert_eq!(
            (said.spoke(), said.reason()),
            ((409, "cl-1.4-ii-a"), "patient_not_seen"),
            "{}",
            said.body
        );
    }
    practice.seen(5).await;
    let plain = with(&PHOTO, "document", "resident_record");
    assert_eq!(
        practice.refused("identity", &plain).await.spoke(),
        (422, "cl-1.4-ii-a")
    );
    practice
        .done("identity", &with(&PHOTO, "agrees", "unclear"))
        .await;
    assert_eq!(
        practice.refused("begin", &[]).await.spoke(),
        (409, "cl-1.4-i-a"),
        "what is unclear is no match"
    );
    practice.house.pass(SignedDuration::from_secs(1));
    practice.done("identity", &PHOTO).await;
    practice.done("begin", &[]).await;
}

#[tokio::test]
async fn cl_1_4_i_e_what_is_not_on_the_list_is_described_and_no_individual_number_is_written() {
    let mut practice = admitted().await;
    practice.seen(5).await;
    for kind in ["library_card", "other_photo"] {
        assert_eq!(
            practice
                .refused("identity", &with(&PHOTO, "document", kind))
                .await
                .spoke(),
            (422, "cl-1.4-i-e"),
            "{kind}"
        );
    }
    let described = with(&PHOTO, "document", "other_photo");
    for number in ["裏の番号 1234 5678 9018", "１２３４５６７８９０１８"] {
        let fields = [described.as_slice(), &[("words", number)]].concat();
        let said = practice.refused("identity", &fields).await;
        assert_eq!(said.status, 422, "{}", said.body);
        assert!(said.body.to_string().contains("words"), "{}", said.body);
    }
    let fields = [described.as_slice(), &[("words", "船員手帳")]].concat();
    practice.done("identity", &fields).await;
    practice.done("begin", &[]).await;
}

#[tokio::test]
async fn cl_1_4_ii_b_two_documents_need_the_patients_own_word_and_two_kinds() {
    let mut practice = admitted().await;
    practice.seen(5).await;
    let said = practice.refused("identity/two", &TWO).await;
    assert_eq!(
        (said.spoke(), said.reason()),
        ((409, "cl-1.4-ii-b"), "photo_not_ruled_out")
    );
    let said = post(
        &mut practice.physician,
        "/visit/documents",
        &[("photo", "none")],
    )
    .await;
    assert!((400..500).contains(&said.status), "staff cannot say it");
    let visit = practice.consultation().await;
    write(&practice.house, move |tx| {
        Box::pin(async move { tx.keep_no_photo(&own(visit.patient), &visit, true).await })
    })
    .await;
    for (what, fields) in [
        (
            "one twice",
            with(&TWO, "document-2", "qualification_certificate"),
        ),
        ("names differ", with(&TWO, "agrees-2", "mismatch")),
        ("one unclear", with(&TWO, "agrees-1", "unclear")),
    ] {
        assert_eq!(
            practice.refused("identity/two", &fields).await.spoke(),
            (409, "cl-1.4-ii-b"),
            "{what}"
        );
    }
    let one = without(&TWO, "agrees-2");
    assert_eq!(practice.refused("identity/two", &one).await.status, 422);
    practice.done("identity/two", &TWO).await;
    practice.done("begin", &[]).await;
    let kept = practice.house.ledger(practice.house.tenant).await;
    assert!(
        kept.iter()
            .any(|entry| entry.contains("qualification_certificate resident_record")),
        "both kinds are kept"
    );
}

#[tokio::test]
async fn cl_1_4_ii_b_the_patient_says_it_on_the_own_screen() {
    let mut practice = admitted().await;
    let mut phone = phone(&practice).await;
    let page = phone.get("/visit/physician").await;
    assert!(page.body.contains("/visit/documents"), "{}", page.body);
    let said = post(&mut phone, "/visit/documents", &[("photo", "none")]).await;
    assert_eq!(said.status, 303, "{}", said.body);
    let page = phone.get("/visit/physician").await;
    assert!(page.body.contains("is-said"), "{}", page.body);
    let page = practice
        .physician
        .get(&format!("{}/identity", practice.address()))
        .await;
    assert!(
        page.body
            .contains("「顔写真つきの証明は ない」と答えました"),
        "{}",
        page.body
    );
}

#[tokio::test]
async fn cl_1_4_ii_c_one_document_takes_every_step_a_picture_that_flows_and_a_physician() {
    let mut practice = admitted().await;
    assert_eq!(
        practice.refused("identity/one", &ONE).await.spoke(),
        (409, "cl-1.4-ii-c"),
        "the patient's picture is off"
    );
    practice.seen(5).await;
    for step in ["tilt", "sides", "body", "fits-2", "question-3"] {
        assert_eq!(
            practice
                .refused("identity/one", &without(&ONE, step))
                .await
                .spoke(),
            (409, "cl-1.4-ii-c"),
            "{step}"
        );
    }
    assert_eq!(
        practice
            .refused("identity/one", &without(&ONE, "why"))
            .await
            .spoke(),
        (422, "cl-1.4-ii-c")
    );
    let mut reception = practice.house.signed_in("reception").await;
    let path = format!("{}/identity/one", practice.address());
    let said = post(&mut reception, &path, &ONE).await;
    assert_eq!(said.spoke(), (403, "cl-1.4-ii-c"), "{}", said.body);
    practice.done("identity/one", &ONE).await;
    practice.done("begin", &[]).await;
}

#[tokio::test]
async fn cl_1_4_i_c_a_check_is_left_out_with_a_reason_and_again_with_another() {
    let mut practice = admitted().await;
    for (field, clause) in [
        ("reason", "cl-1.4-i-c"),
        ("why", "cl-1.4-i-c"),
        ("instead", "cl-1.4-i-c"),
    ] {
        assert_eq!(
            practice
                .refused("identity/none", &without(&NONE, field))
                .await
                .spoke(),
            (422, clause),
            "{field}"
        );
    }
    practice.done("identity/none", &NONE).await;
    practice.done("begin", &[]).await;
    assert_eq!(practice.entries("identity.exempted").await, 1);
    assert_eq!(open(&practice, Kind::IdentityDue).await, 1);
    assert_eq!(open(&practice, Kind::IdentityExemptedAgain).await, 0);
    // The words of the last time are no reason; a new one is, and the repeat is counted.
    let said = practice.refused("identity/none", &NONE).await;
    assert_eq!(
        (said.spoke(), said.reason()),
        ((422, "cl-1.4-i-c"), "reason_repeated")
    );
    practice
        .done("identity/none", &with(&NONE, "why", "再発行がまだ届かない"))
        .await;
    assert_eq!(again(&practice).await, 1);
    assert_eq!(open(&practice, Kind::IdentityExemptedAgain).await, 1);
    let checklist = practice
        .house
        .signed_in("administrator")
        .await
        .get("/house/checklist")
        .await;
    assert!(
        checklist.body.contains("identity_exempted_again")
            || checklist.body.contains("くりかえし省いた")
    );
    practice.house.pass(SignedDuration::from_secs(1));
    practice.seen(5).await;
    practice.done("identity", &PHOTO).await;
    assert_eq!(again(&practice).await, 0, "checked since");
    assert_eq!(open(&practice, Kind::IdentityDue).await, 0);
}

async fn open(practice: &Practice, kind: Kind) -> usize {
    let mut read = practice
        .house
        .store
        .read(practice.house.tenant)
        .await
        .unwrap();
    let tasks = read.open_tasks().await.unwrap();
    tasks
        .iter()
        .filter(|task| task.opening.kind == kind)
        .count()
}

#[tokio::test]
async fn cl_2_1_iv_b_an_emergency_without_the_chart_leaves_a_review_until_it_was_read_and_noted() {
    let mut practice = Seed {
        chart: false,
        ..Seed::follow_up()
    }
    .open()
    .await;
    let said = practice.refused("emergency", &[]).await;
    assert_eq!(said.status, 422, "no reason: {}", said.body);
    practice
        .done("emergency", &[("reason", "sudden_change")])
        .await;
    assert_eq!(practice.stage().await, "live");
    assert_eq!(open(&practice, Kind::ChartReview).await, 1);
    assert_eq!(unread(&practice).await, 0, "a day is left");
    practice.house.pass(SignedDuration::from_hours(25));
    assert_eq!(unread(&practice).await, 1);
    // A note that is signed without the chart ends nothing.
    let visit = practice.consultation().await;
    let note = visit.clone();
    write(&practice.house, move |tx| {
        Box::pin(async move { signed_note(tx, &note).await })
    })
    .await;
    assert_eq!(open(&practice, Kind::ChartReview).await, 1);
    let mut physician = practice.house.signed_in("physician").await;
    physician.get(&practice.address()).await;
    write(&practice.house, move |tx| {
        Box::pin(async move { signed_note(tx, &visit).await })
    })
    .await;
    assert_eq!(open(&practice, Kind::ChartReview).await, 0);
    assert_eq!(unread(&practice).await, 0);
}

#[tokio::test]
async fn cl_2_1_iv_b_an_emergency_after_the_chart_was_read_leaves_nothing_to_review() {
    let mut practice = Seed::follow_up().open().await;
    practice
        .done("emergency", &[("reason", "sudden_change")])
        .await;
    assert_eq!(open(&practice, Kind::ChartReview).await, 0);
}

async fn signed_note(tx: &mut Tx, visit: &Consultation) -> Result<(), Fault> {
    let soap = Soap {
        subjective: "急に悪くなった".into(),
        ..Soap::default()
    };
    let by = staff(Role::Physician);
    tx.keep_draft(&by, person_id("physician"), visit, (&soap, ""))
        .await?;
    tx.finalize_note(&by, person_id("physician"), visit).await?;
    Ok(())
}

async fn unread(practice: &Practice) -> usize {
    let mut read = practice
        .house
        .store
        .read(practice.house.tenant)
        .await
        .unwrap();
    let now = practice.house.now();
    read.late_tasks(Kind::ChartReview, now).await.unwrap()
}

async fn again(practice: &Practice) -> usize {
    let mut read = practice
        .house
        .store
        .read(practice.house.tenant)
        .await
        .unwrap();
    read.exempted_again().await.unwrap().len()
}

#[tokio::test]
async fn cl_1_4_i_c_the_next_visit_asks_for_a_document_again() {
    let mut practice = admitted().await;
    practice.done("identity/none", &NONE).await;
    let (patient, first) = (practice.patient, practice.visit);
    let physician = person_id("physician");
    let next = write(&practice.house, move |tx| {
        Box::pin(async move {
            let booking = tx
                .book(
                    &staff(Role::Reception),
                    patient,
                    physician,
                    (care::Class::First, care::Service::Care),
                    tx.now(),
                )
                .await?;
            Ok(booking.consultation)
        })
    })
    .await;
    assert_ne!(next.id, first);
    let mut read = practice
        .house
        .store
        .read(practice.house.tenant)
        .await
        .unwrap();
    let left_out = read.identity_exempted(patient).await.unwrap().unwrap();
    assert!(left_out.exempts(first) && !left_out.exempts(next.id));
}
