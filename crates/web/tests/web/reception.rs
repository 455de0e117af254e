//! What reception needs beside the board: the list on paper, what became of messages, the trial of a device, the house's rules.

use crate::{
    support::person_id,
    ward::{Ward, by, profile_of, ward},
};
use access::Role;
use axum::http::StatusCode;
use care::{Class, ConsultationId, area::Area, house::HouseRules, partner::PartnerKind};
use jiff::SignedDuration;
use store::{
    Fault,
    outbox::{Channel, Delivery},
};
use web::Surface;

/// The newest message's link.
async fn link(ward: &Ward) -> String {
    let mut read = ward.house.store.read(ward.house.tenant).await.unwrap();
    let sent = read.outbox().await.unwrap();
    let text = sent[0].message.text.clone();
    let line = text.lines().find(|line| line.contains("/v/")).unwrap();
    line.rsplit_once("/v/").unwrap().1.to_owned()
}

/// The port gives back whatever waits in line.
async fn given_back(ward: &Ward) {
    let now = ward.house.now();
    let mut read = ward.house.store.read(ward.house.tenant).await.unwrap();
    let queued = read.queued_messages(now).await.unwrap();
    drop(read);
    ward.house
        .store
        .write::<_, Fault, _>(ward.house.tenant, now, move |tx| {
            Box::pin(async move {
                for sent in &queued {
                    tx.keep_delivery(sent, Some("no_such_number")).await?;
                }
                Ok(())
            })
        })
        .await
        .unwrap();
}

async fn with_rules(ward: &Ward, rules: HouseRules) {
    ward.house
        .store
        .write::<_, Fault, _>(ward.house.tenant, ward.house.now(), move |tx| {
            Box::pin(async move {
                tx.keep_house_rules(&by("administrator", Role::Administrator), &rules)
                    .await
            })
        })
        .await
        .unwrap();
}

async fn booked_in(ward: &Ward, ahead: SignedDuration) -> ConsultationId {
    let (patient, now) = (ward.patient, ward.house.now());
    let mut reception = ward.house.signed_in("reception").await;
    let at = (now + ahead).to_zoned(jiff::tz::TimeZone::get("Asia/Tokyo").unwrap());
    let fields = [
        ("patient", patient.to_string()),
        ("physician", person_id("physician").to_string()),
        ("date", at.date().to_string()),
        ("time", at.strftime("%H:%M").to_string()),
        ("route", "sources".to_owned()),
    ];
    let fields: Vec<(&str, &str)> = fields
        .iter()
        .map(|(name, value)| (*name, value.as_str()))
        .collect();
    let answer = reception.post("/bookings/new", &fields).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.body);
    answer.location()[10..].parse().unwrap()
}

#[tokio::test]
async fn a_message_that_came_back_is_on_the_board_with_the_way_that_is_left() {
    let ward = ward().await;
    let now = ward.house.now();
    let (patient, visit) = ward
        .house
        .store
        .write::<_, Fault, _>(ward.house.tenant, now, move |tx| {
            Box::pin(async move {
                let reception = by("reception", Role::Reception);
                let mut profile = profile_of("例沢 めい", "れいざわ めい");
                profile.mail = "mei@patient.example".into();
                let patient = tx.add_patient(&reception, &profile).await?;
                let booking = tx
                    .book(
                        &reception,
                        patient,
                        person_id("physician"),
                        (Class::First, care::Service::Care),
                        now,
                    )
                    .await?;
                Ok((patient, booking.consultation.id))
            })
        })
        .await
        .unwrap();
    let mut reception = ward.house.signed_in("reception").await;
    let invite = format!("/bookings/{visit}/invite");
    assert_eq!(
        reception.post(&invite, &[]).await.status,
        StatusCode::SEE_OTHER
    );
    let board = reception.get("/today").await.body;
    assert!(!board.contains("不達") && !board.contains("まだ出ていません"));
    ward.house.pass(SignedDuration::from_mins(6));
    // An idle screen is covered by then.
    let mut reception = ward.house.signed_in("reception").await;
    let board = reception.get("/today").await.body;
    assert!(board.contains("メッセージがまだ出ていません"), "{board}");
    given_back(&ward).await;
    let board = reception.get("/today").await.body;
    assert!(
        board.contains("SMS不達") && board.contains("value=\"mail\""),
        "{board}"
    );
    // One press, the second channel.
    let fields = [("from", "today"), ("channel", "mail")];
    let pressed = reception.post(&invite, &fields).await;
    assert_eq!(pressed.location(), "/today");
    let mut read = ward.house.store.read(ward.house.tenant).await.unwrap();
    let newest = read.outbox().await.unwrap().remove(0);
    assert_eq!(
        (newest.channel, newest.message.to.as_str(), newest.patient),
        (Channel::Mail, "mei@patient.example", patient)
    );
    assert_eq!(newest.delivery, Delivery::Queued);
    drop(read);
    given_back(&ward).await;
    let board = reception.get("/today").await.body;
    assert!(
        board.contains("メール不達") && board.contains("value=\"sms\""),
        "{board}"
    );
    let failed = ward
        .house
        .entries(ward.house.tenant, "notice.undeliverable")
        .await;
    assert_eq!(failed, 2);
}

#[tokio::test]
async fn without_a_second_channel_somebody_calls() {
    let ward = ward().await;
    let mut reception = ward.house.signed_in("reception").await;
    ward.book(&mut reception).await;
    given_back(&ward).await;
    let board = reception.get("/today").await.body;
    assert!(
        board.contains("SMS不達") && board.contains("href=\"tel:09000001111\""),
        "{board}"
    );
}

#[tokio::test]
async fn the_list_on_paper_names_whom_to_call_and_is_written_down() {
    let ward = ward().await;
    let mut reception = ward.house.signed_in("reception").await;
    let empty = reception.get("/today/paper").await.body;
    assert!(
        empty.contains("きょうと あすの予約は ありません"),
        "{empty}"
    );
    ward.book(&mut reception).await;
    let opened = async || {
        let ledger = ward.house.ledger(ward.house.tenant).await;
        let patient = ward.patient.to_string();
        let about = |entry: &&String| entry.contains("\"paper\"") && entry.contains(&patient);
        ledger.iter().filter(about).count()
    };
    assert_eq!(opened().await, 0);
    let paper = reception.get("/today/paper").await.body;
    for needle in ["例沢", "09000001111", "11月20日", "計画はまだありません"] {
        assert!(paper.contains(needle), "{needle}: {paper}");
    }
    assert!(!paper.contains("ペニシリン"), "not for reception's eyes");
    assert_eq!(opened().await, 1);
    let mut physician = ward.house.signed_in("physician").await;
    let paper = physician.get("/today/paper").await.body;
    assert!(paper.contains("ペニシリン"), "{paper}");
    let mut administrator = ward.house.signed_in("administrator").await;
    assert_eq!(
        administrator.get("/today/paper").await.status,
        StatusCode::FORBIDDEN
    );
}

#[tokio::test]
async fn a_device_is_tried_before_the_day_without_a_birth_date_and_shows_nobody() {
    let ward = ward().await;
    let visit = booked_in(&ward, SignedDuration::from_hours(24)).await;
    let token = link(&ward).await;
    let mut phone = ward.house.browser(Surface::Patient);
    let page = phone.get(&format!("/t/{token}")).await;
    assert_eq!(page.status, StatusCode::OK, "{}", page.body);
    assert!(
        page.body
            .contains(&format!("data-echo-url=\"/t/{token}/echo\"")),
        "{}",
        page.body
    );
    for secret in ["例沢", "1951", "ペニシリン", "初診"] {
        assert!(!page.body.contains(secret), "{secret}");
    }
    let found = [
        ("camera", "yes"),
        ("mic", "yes"),
        ("tone", "yes"),
        ("path", "udp"),
    ];
    let kept = phone.post(&format!("/t/{token}"), &found).await;
    assert_eq!(kept.location(), format!("/t/{token}?done=1"));
    let done = phone.get(kept.location()).await.body;
    assert!(done.contains("通りました"), "{done}");
    let mut read = ward.house.store.read(ward.house.tenant).await.unwrap();
    assert!(read.trial(visit).await.unwrap().unwrap().is_good());
    assert!(
        read.device_check(visit).await.unwrap().is_none(),
        "the check of the day is still to be made"
    );
    drop(read);
    let mut reception = ward.house.signed_in("reception").await;
    let list = reception.get("/bookings").await.body;
    assert!(list.contains("機器ためし よし"), "{list}");
    let landing = phone.get(&format!("/v/{token}")).await.body;
    assert!(landing.contains(&format!("/t/{token}")), "{landing}");
}

#[tokio::test]
async fn a_trial_ends_where_the_waiting_room_begins_and_is_not_for_strangers() {
    let ward = ward().await;
    booked_in(&ward, SignedDuration::from_mins(60)).await;
    let token = link(&ward).await;
    let mut phone = ward.house.browser(Surface::Patient);
    assert_eq!(
        phone.get(&format!("/t/{token}")).await.status,
        StatusCode::OK
    );
    ward.house.pass(SignedDuration::from_mins(31));
    let late = phone.get(&format!("/t/{token}")).await;
    assert_eq!(late.location(), format!("/v/{token}"));
    for (path, fields) in [
        (format!("/t/{token}"), vec![("camera", "yes")]),
        (format!("/t/{token}/echo"), vec![]),
    ] {
        let refused = phone.post(&path, &fields).await;
        assert!(
            refused.status.is_client_error(),
            "{path} {}",
            refused.status
        );
    }
    assert_eq!(phone.get("/t/none").await.location(), "/lost");
    let stranger: String = token.chars().rev().collect();
    let to = phone.get(&format!("/t/{stranger}")).await;
    assert!(to.status.is_redirection(), "{}", to.status);
}

#[tokio::test]
async fn the_waiting_room_opens_when_the_house_says_and_the_message_says_so() {
    let ward = ward().await;
    let rules = HouseRules {
        arrival_minutes: 10,
        ..HouseRules::default()
    };
    with_rules(&ward, rules).await;
    let mut reception = ward.house.signed_in("reception").await;
    // 14:42, booked for 15:00.
    ward.book(&mut reception).await;
    let mut read = ward.house.store.read(ward.house.tenant).await.unwrap();
    let text = read.outbox().await.unwrap().remove(0).message.text;
    assert!(text.contains("14:50"), "{text}");
    drop(read);
    let token = link(&ward).await;
    let mut phone = ward.house.browser(Surface::Patient);
    let early = phone.get(&format!("/v/{token}")).await.body;
    assert!(early.contains("待合室には"), "{early}");
    ward.house.pass(SignedDuration::from_mins(8));
    let open = phone.get(&format!("/v/{token}")).await.body;
    assert!(!open.contains("待合室には"), "{open}");
}

#[tokio::test]
async fn cl_2_1_ii_the_house_sets_a_shorter_way_and_never_a_longer_one() {
    let ward = ward().await;
    let mut administrator = ward.house.signed_in("administrator").await;
    let form = administrator.get("/house/rules").await;
    assert_eq!(form.status, StatusCode::OK, "{}", form.body);
    let save = |arrival: &'static str, travel: &'static str, near: &'static str| {
        [("arrival", arrival), ("travel", travel), ("near", near)]
    };
    for (fields, field) in [
        (save("31", "60", ""), "arrival"),
        (save("9", "60", ""), "arrival"),
        (save("30", "61", ""), "travel"),
        (save("30", "0", ""), "travel"),
        (save("30", "60", "このあたり"), "near"),
    ] {
        let answer = administrator
            .post("/house/rules", &with_cover(&fields))
            .await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{field}");
        assert!(
            answer.body.contains(&format!("href=\"#{field}\"")),
            "{field} {}",
            answer.body
        );
    }
    let stricter = save("20", "30", "長野県みほん郡みずうみ町");
    let answer = administrator
        .post("/house/rules", &with_cover(&stricter))
        .await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.body);
    let mut read = ward.house.store.read(ward.house.tenant).await.unwrap();
    let rules = read.house_rules().await.unwrap();
    assert_eq!((rules.arrival_minutes, rules.travel_minutes_max), (20, 30));
    assert_eq!(
        rules.near,
        Vec::from_iter(Area::read("長野県みほん郡みずうみ町"))
    );
    drop(read);
    assert_eq!(
        ward.house
            .entries(ward.house.tenant, "house_rules.changed")
            .await,
        1
    );
    let mut reception = ward.house.signed_in("reception").await;
    assert_eq!(
        reception.get("/house/rules").await.status,
        StatusCode::FORBIDDEN
    );
}

/// The rest of the form, as it is drawn.
fn with_cover<'f>(fields: &[(&'f str, &'f str)]) -> Vec<(&'f str, &'f str)> {
    let mut fields = fields.to_vec();
    fields.push(("cover", "5"));
    fields
}

#[tokio::test]
async fn cl_2_1_ii_a_partner_is_entered_with_its_kind_and_municipalities() {
    let ward = ward().await;
    let mut reception = ward.house.signed_in("reception").await;
    let empty = reception.get("/partners").await.body;
    assert!(empty.contains("連携先は まだありません"), "{empty}");
    let full = [
        ("kind", "pharmacy"),
        ("name", "みずうみ薬局"),
        ("phone", "00-9999-0000"),
        ("hours", "月〜土 9:00〜19:00"),
        (
            "areas",
            "長野県みほん郡みずうみ町\n長野県　みほん郡 みずうみ町",
        ),
        ("minutes", "5"),
        ("valid_until", "2027-03-31"),
    ];
    for (field, value) in [
        ("kind", ""),
        ("kind", "school"),
        ("areas", ""),
        ("areas", "みずうみ町"),
        ("areas", "長野県"),
    ] {
        let fields = full.map(|(name, known)| (name, if name == field { value } else { known }));
        let answer = reception.post("/partners", &fields).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{field}");
        assert!(answer.body.contains(&format!("href=\"#{field}\"")));
    }
    let answer = reception.post("/partners", &full).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.body);
    let mut read = ward.house.store.read(ward.house.tenant).await.unwrap();
    let partner = read.partners().await.unwrap().remove(0);
    assert_eq!(partner.kind, PartnerKind::Pharmacy);
    assert_eq!(partner.areas.len(), 1, "said twice, kept once");
    drop(read);
    let list = reception.get("/partners").await.body;
    assert!(
        list.contains("薬局") && list.contains("長野県みほん郡みずうみ町"),
        "{list}"
    );
    let form = reception.get(&format!("/partners/{}", partner.id)).await;
    assert!(form.body.contains("value=\"pharmacy\" checked"));
}
