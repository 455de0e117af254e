//! Attacks on the way from a pre-consultation to a first visit by a physician who is not the regular one, and from there to
//! care in person.

use crate::{
    consultation_seed::{FIRST_NOTE, HAND_OVER, Practice, Said, Seed, own, post, staff, write},
    support::{Browser, House, person_id},
};
use access::{Role, Ulid};
use care::{
    Class, Consultation, ConsultationId, PartnerId, Service,
    area::Area,
    first_visit::{Chosen, Route},
    partner::{Partner, PartnerKind},
    preconsultation::{Acknowledged, Entry, Ground},
    statement::{Lines, Pressed},
    task::{Kind, Task},
};
use jiff::{SignedDuration, ToSpan as _, civil::Date};
use store::{appointment::Asked, dossier::legal_day, onward::Received};
use web::Surface;

const PLACE: &str = "長野県みほん郡みずうみ町1-2";
const NEAR: PartnerId = PartnerId(Ulid::from_parts(4, 1));

/// A hospital near the patient, with an entry until that day.
async fn partner(house: &House, valid_until: Date, night: bool) {
    write(house, move |tx| {
        Box::pin(async move {
            let partner = Partner {
                id: NEAR,
                kind: PartnerKind::Hospital,
                name: "見本総合病院".into(),
                phone: "0266-00-0000".into(),
                hours: "日 9:00〜10:00".into(),
                night,
                areas: vec![Area::read("長野県みほん郡みずうみ町").unwrap()],
                travel_minutes: 20,
                valid_until,
            };
            tx.put_partner(&staff(Role::Reception), &partner).await
        })
    })
    .await;
}

fn today(house: &House) -> Date {
    legal_day(house.now())
}

/// A pre-consultation that ended with "on to a first visit"; whom the patient named when asking.
async fn led(regular: &str) -> Practice {
    let mut practice = Seed {
        service: Service::PreConsultation,
        class: Class::First,
        signed: false,
        routed: false,
        symptoms: false,
        assessed_days_ago: None,
        ..Seed::follow_up()
    }
    .open()
    .await;
    let (visit, regular) = (practice.consultation().await, regular.to_owned());
    write(&practice.house, move |tx| {
        Box::pin(async move {
            let asked = Asked {
                name: "例".into(),
                kana: "れい".into(),
                birth: "1951-04-03".parse().unwrap(),
                phone: "0011112221".into(),
                address: PLACE.into(),
                about: "ねつ".into(),
                when: String::new(),
                regular,
            };
            let known = Acknowledged {
                version: 1,
                fee_yen: 1,
                at: tx.now(),
            };
            let by = staff(Role::Reception);
            let service = Service::PreConsultation;
            let id = tx
                .keep_appointment(service, &asked, Some(known), &[1; 16])
                .await?
                .unwrap();
            tx.accept_appointment(&by, id, visit.patient).await?;
            tx.use_appointment(&by, id, visit.id).await
        })
    })
    .await;
    practice.live().await;
    let ending = [
        ("heard", "三日前から熱"),
        ("told", "初診の予約をします"),
        ("outcome", "first_visit"),
    ];
    practice.done("preconsultation", &ending).await;
    practice
}

/// What is sent to open it.
struct Sent(Vec<(&'static str, String)>);

impl Sent {
    fn on(ground: &str) -> Self {
        Self(vec![
            ("ground", ground.to_owned()),
            ("location", PLACE.to_owned()),
        ])
    }

    fn with(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.0.retain(|(known, _)| *known != name);
        self.0.push((name, value.into()));
        self
    }

    async fn to(&self, reception: &mut Browser, address: &str) -> Said {
        let fields: Vec<_> = self
            .0
            .iter()
            .map(|(name, value)| (*name, &**value))
            .collect();
        post(reception, address, &fields).await
    }
}

async fn book(reception: &mut Browser, address: &str) -> Said {
    let physician = person_id("physician").to_string();
    let fields = [
        ("physician", &*physician),
        ("date", "2026-11-21"),
        ("time", "15:00"),
    ];
    post(reception, &format!("{address}/book"), &fields).await
}

async fn tasks(practice: &Practice) -> Vec<Task> {
    let mut read = practice
        .house
        .store
        .read(practice.house.tenant)
        .await
        .unwrap();
    read.open_tasks().await.unwrap()
}

async fn open_kinds(practice: &Practice) -> Vec<Kind> {
    let open = tasks(practice).await;
    open.into_iter().map(|task| task.opening.kind).collect()
}

#[tokio::test]
async fn cl_1_2_iv_b_no_first_visit_without_a_ground_that_fits_what_the_patient_said() {
    let practice = led("となりの医院 例田").await;
    partner(&practice.house, today(&practice.house), false).await;
    let mut reception = practice.house.signed_in("reception").await;
    let address = format!("/onward/{}", practice.visit);
    assert_eq!(open_kinds(&practice).await, [Kind::FirstVisitDue]);
    let page = reception.get("/tasks").await.body;
    assert!(page.contains(&address), "the task leads there");
    let page = reception.get(&address).await.body;
    assert!(page.contains("となりの医院 例田") && page.contains("見本総合病院"));

    let early = book(&mut reception, &address).await;
    assert_eq!(early.spoke(), (409, "cl-1.2-iv-b"), "{}", early.body);
    for (sent, reason) in [
        (Sent::on(""), "no_ground"),
        (
            Sent::on("no_regular").with("regular", "例田"),
            "regular_named",
        ),
        (Sent::on("no_regular"), "regular_named"),
        (Sent::on("regular_unavailable"), "regular_not_named"),
        (
            Sent::on("other").with("regular", "例田"),
            "ground_reason_empty",
        ),
    ] {
        let said = sent.to(&mut reception, &address).await;
        assert_eq!(said.spoke(), (409, "cl-1.2-iv-b"), "{}", said.body);
        assert_eq!(said.reason(), reason);
        practice.house.pass(SignedDuration::from_secs(61));
        assert_eq!(
            book(&mut reception, &address).await.status,
            409,
            "nothing is opened"
        );
    }
    // Whoever presses on the page reads there what is missing, and keeps what was written.
    let drawn = reception
        .post(
            &address,
            &[
                ("on-once", "once-1"),
                ("ground", "other"),
                ("location", PLACE),
                ("regular", "例田"),
            ],
        )
        .await;
    assert_eq!(drawn.status, 409);
    assert!(
        drawn.body.contains("cl-1.2-iv-b") && drawn.body.contains(PLACE),
        "{}",
        drawn.body
    );
    let reconciled = Sent::on("no_regular").with("reason", "先月やめたと聞きなおした");
    assert_eq!(reconciled.to(&mut reception, &address).await.status, 303);
    let other = Sent::on("other")
        .with("reason", "旅先")
        .with("regular", "例田");
    assert_eq!(other.to(&mut reception, &address).await.status, 303);
    assert_eq!(practice.entries("preconsultation.opened").await, 2);

    let said = book(&mut reception, &address).await;
    assert_eq!(
        said.spoke(),
        (409, "cl-1.2-iv-d"),
        "in force today, not tomorrow"
    );
    partner(
        &practice.house,
        today(&practice.house).tomorrow().unwrap(),
        false,
    )
    .await;
    let said = book(&mut reception, &address).await;
    assert_eq!(said.status, 303, "{}", said.body);
    assert_eq!(open_kinds(&practice).await, [Kind::GroundReview]);
    assert_eq!(
        book(&mut reception, &address).await.status,
        409,
        "one visit"
    );
    let again = other.to(&mut reception, &address).await;
    assert!(again.is_out_of_turn(), "{}", again.body);
    let ledger = practice
        .house
        .ledger(practice.house.tenant)
        .await
        .join("\n");
    assert!(
        ledger.contains("\"ground\":\"other\"") && ledger.contains("\"route\":\"preconsultation\"")
    );
    assert!(!ledger.contains("旅先") && !ledger.contains("例田"));
    let page = reception.get(&address).await.body;
    assert!(
        page.contains("旅先") && page.contains("/bookings/"),
        "{page}"
    );
}

#[tokio::test]
async fn cl_1_2_iv_b_grounds_in_other_words_are_a_finding_when_they_are_frequent() {
    let practice = led("").await;
    let from = practice.consultation().await;
    let mut administrator = practice.house.signed_in("administrator").await;
    for opened in 0..3_u64 {
        let page = administrator.get("/house/checklist").await.body;
        assert!(!page.contains("診療前相談からの初診の理由に"), "{opened}");
        let from = Consultation {
            id: ConsultationId(Ulid::from_parts(9, opened.into())),
            ..from.clone()
        };
        write(&practice.house, move |tx| {
            Box::pin(async move {
                tx.keep_onward(&staff(Role::Reception), &from, &entry(Ground::Other))
                    .await
            })
        })
        .await;
    }
    let page = administrator.get("/house/checklist").await.body;
    assert!(page.contains("診療前相談からの初診の理由に"), "{page}");
}

#[tokio::test]
async fn cl_1_2_iv_c_a_referral_is_on_record_and_of_this_very_patient() {
    let practice = led("").await;
    partner(
        &practice.house,
        today(&practice.house).tomorrow().unwrap(),
        false,
    )
    .await;
    let other = Seed::follow_up().seed(&practice.house, 2).await.0;
    let received = Received {
        referrer: "となりの医院 例田".into(),
        on: today(&practice.house),
        content: "胸のかげ".into(),
    };
    let strangers = write(&practice.house, move |tx| {
        Box::pin(async move {
            tx.keep_coordination(&staff(Role::Reception), other, &received)
                .await
        })
    })
    .await;
    let mut reception = practice.house.signed_in("reception").await;
    let address = format!("/onward/{}", practice.visit);
    let referred = || Sent::on("referred_specialist");
    for (sent, reason) in [
        (referred(), "no_coordination"),
        (
            referred().with("coordination", strangers.to_string()),
            "coordination_of_another",
        ),
        (
            referred().with("coordination", Ulid::from_parts(1, 1).to_string()),
            "no_coordination",
        ),
        (
            referred().with("referred_on", "2026-11-20"),
            "no_coordination",
        ),
        (
            referred()
                .with("referred_on", "2026-11-21")
                .with("referrer", "例田")
                .with("content", "x"),
            "no_coordination",
        ),
    ] {
        let said = sent.to(&mut reception, &address).await;
        assert_eq!(
            (said.spoke(), said.reason()),
            ((409, "cl-1.2-iv-c"), reason),
            "{}",
            said.body
        );
        practice.house.pass(SignedDuration::from_secs(61));
    }
    assert_eq!(
        practice.entries("referral.received").await,
        1,
        "the stranger's alone"
    );
    let whole = referred()
        .with("coordination", "new")
        .with("referred_on", "2026-11-19")
        .with("referrer", "となりの医院 例田")
        .with("content", "胸のかげ");
    assert_eq!(whole.to(&mut reception, &address).await.status, 303);
    assert_eq!(practice.entries("referral.received").await, 2);
    let page = reception.get(&format!("{address}?edit=1")).await.body;
    assert!(page.contains("胸のかげ") && !page.contains(&strangers.to_string()));
    assert_eq!(book(&mut reception, &address).await.status, 303);
}

#[tokio::test]
async fn cl_1_2_iv_d_nobody_is_booked_where_no_partner_stands_ready() {
    let practice = led("").await;
    let mut reception = practice.house.signed_in("reception").await;
    let address = format!("/onward/{}", practice.visit);
    let day = today(&practice.house);
    let uncovered = (409, "cl-1.2-iv-d");
    let said = Sent::on("no_regular").to(&mut reception, &address).await;
    assert_eq!(said.spoke(), uncovered, "nobody at all: {}", said.body);
    partner(&practice.house, day.yesterday().unwrap(), false).await;
    practice.house.pass(SignedDuration::from_secs(61));
    let said = Sent::on("no_regular").to(&mut reception, &address).await;
    assert_eq!(said.spoke(), uncovered, "expired yesterday");
    partner(&practice.house, day.saturating_add(1.year()), false).await;
    for elsewhere in ["沖縄県那覇市", "こことは ちがう"] {
        practice.house.pass(SignedDuration::from_secs(61));
        let sent = Sent::on("no_regular").with("location", elsewhere);
        assert_eq!(sent.to(&mut reception, &address).await.spoke(), uncovered);
    }
    assert_eq!(
        Sent::on("no_regular")
            .to(&mut reception, &address)
            .await
            .status,
        303
    );
    // It lapses between the opening and the booking: the hour does not come about.
    partner(&practice.house, day.yesterday().unwrap(), false).await;
    let said = book(&mut reception, &address).await;
    assert_eq!(said.spoke(), uncovered, "{}", said.body);
    practice.house.pass(SignedDuration::from_secs(61));
    let half = Sent::on("no_regular").with("institution", "島の診療所");
    assert_eq!(half.to(&mut reception, &address).await.spoke(), uncovered);
    let accepted = half.with("accepted_by", "例里医師");
    assert_eq!(accepted.to(&mut reception, &address).await.status, 303);
    assert_eq!(book(&mut reception, &address).await.status, 303);
}

#[tokio::test]
async fn only_a_pre_consultation_that_led_on_is_opened() {
    let mut practice = Seed::follow_up().open().await;
    practice.live().await;
    let mut reception = practice.house.signed_in("reception").await;
    for address in [
        format!("/onward/{}", practice.visit),
        format!("/onward/{}", Ulid::from_parts(1, 2)),
    ] {
        assert_eq!(reception.get(&address).await.status, 404);
        let said = Sent::on("no_regular").to(&mut reception, &address).await;
        assert_eq!(said.status, 404);
        assert_eq!(book(&mut reception, &address).await.status, 404);
    }
    assert_eq!(
        practice.act("linkage", &[]).await.status,
        404,
        "an ordinary visit"
    );
    assert_eq!(practice.act("guidance", &[]).await.status, 404);
    assert_eq!(practice.act("reply", &[]).await.status, 404);
}

fn entry(ground: Ground) -> Entry {
    Entry {
        ground,
        reason: "旅先".into(),
        regular: None,
        coordination: None,
        location: PLACE.into(),
        named: None,
    }
}

/// A first visit after a pre-consultation that lacks nothing before its start; a referral is its ground.
async fn first_visit(night: bool) -> Practice {
    let practice = Seed {
        class: Class::First,
        assessed_days_ago: Some(0),
        ..Seed::follow_up()
    }
    .open()
    .await;
    partner(&practice.house, today(&practice.house), night).await;
    let visit = practice.consultation().await;
    write(&practice.house, move |tx| {
        Box::pin(async move {
            let by = staff(Role::Reception);
            let received = Received {
                referrer: "となりの医院 例田".into(),
                on: legal_day(tx.now()),
                content: "胸のかげ".into(),
            };
            let id = tx.keep_coordination(&by, visit.patient, &received).await?;
            let from = Consultation {
                id: ConsultationId(Ulid::from_parts(9, 9)),
                ..visit.clone()
            };
            let entry = Entry {
                coordination: tx.coordination(id).await?,
                ..entry(Ground::ReferredSpecialist)
            };
            tx.keep_onward(&by, &from, &entry).await?;
            tx.book_onward(from.id, visit.id).await?;
            let route = Route::Chosen(Chosen::Consulted(from.id));
            tx.keep_route(&by, &visit, &route).await
        })
    })
    .await;
    practice
}

#[tokio::test]
async fn cl_1_2_iv_d_whoever_is_elsewhere_today_is_judged_from_there() {
    let mut practice = first_visit(true).await;
    let visit = practice.consultation().await;
    let place = |elsewhere: Option<&str>| Lines {
        elsewhere: elsewhere.map(str::to_owned),
        ..crate::consultation_seed::lines()
    };
    for (elsewhere, good) in [(Some("沖縄県那覇市"), false), (None, true)] {
        let (visit, lines) = (visit.clone(), place(elsewhere));
        practice.house.pass(SignedDuration::from_secs(61));
        write(&practice.house, move |tx| {
            Box::pin(async move {
                let by = own(visit.patient);
                tx.keep_statement(&by, &visit, Pressed::Different, 8, &lines)
                    .await
            })
        })
        .await;
        if good {
            practice.live().await;
        } else {
            let said = practice.refused("admit", &[]).await;
            assert_eq!(said.status, 409);
            let open = practice.open_lines().await.join("\n");
            assert!(
                open.contains("refused by cl-1.2-iv-d: area_uncovered"),
                "{open}"
            );
        }
    }
}

const PLAN: [(&str, &str); 4] = [
    ("place", "見本みずうみクリニック"),
    ("condition", "熱が続けば"),
    ("due", "2026-11-25"),
    ("who", "clinic"),
];
const NO_GUIDANCE: [(&str, &str); 2] = [("needed", "no"), ("reason", "あす来院する")];

fn but<'f>(fields: &[(&'f str, &'f str)], name: &str, value: &'f str) -> Vec<(&'f str, &'f str)> {
    let changed =
        |(known, kept): &(&'f str, &'f str)| (*known, if *known == name { value } else { *kept });
    fields.iter().map(changed).collect()
}

#[tokio::test]
async fn cl_1_2_iv_a_nothing_is_signed_before_the_way_to_care_in_person_is_planned() {
    let mut practice = first_visit(true).await;
    practice.closable().await;
    practice.done("guidance", &NO_GUIDANCE).await;
    let said = practice.refused("close", &FIRST_NOTE).await;
    assert_eq!(said.spoke(), (409, "cl-1.2-iv-a"), "{}", said.body);
    let nobody = Ulid::from_parts(7, 7).to_string();
    for (wrong, reason) in [
        (but(&PLAN, "place", ""), "institution_unknown"),
        (but(&PLAN, "place", "どこかの医院"), "institution_unknown"),
        (but(&PLAN, "place", &nobody), "institution_unknown"),
        (but(&PLAN, "condition", " "), "linkage_condition_empty"),
        (but(&PLAN, "due", "2026-11-19"), "linkage_day_passed"),
    ] {
        let said = practice.refused("linkage", &wrong).await;
        assert_eq!(
            (said.spoke(), said.reason()),
            ((409, "cl-1.2-iv-a"), reason)
        );
    }
    assert_eq!(
        practice.act("linkage", &but(&PLAN, "who", "")).await.status,
        422
    );
    assert_eq!(
        practice.refused("close", &FIRST_NOTE).await.spoke(),
        (409, "cl-1.2-iv-a")
    );
    let near = NEAR.to_string();
    practice.done("linkage", &but(&PLAN, "place", &near)).await;
    practice.done("close", &FIRST_NOTE).await;
    assert_eq!(practice.stage().await, "closed");
    assert_eq!(practice.entries("linkage.planned").await, 1);
    assert!(practice.act("linkage", &PLAN).await.is_out_of_turn());

    // It stays open until somebody knows: seen, not needed and why, or lost.
    let mut administrator = practice.house.signed_in("administrator").await;
    let unresolved = "対面の診療につながったかが わかっていない";
    assert!(
        !administrator
            .get("/house/checklist")
            .await
            .body
            .contains(unresolved)
    );
    practice.house.pass(SignedDuration::from_hours(24 * 6));
    let mut administrator = practice.house.signed_in("administrator").await;
    assert!(
        administrator
            .get("/house/checklist")
            .await
            .body
            .contains(unresolved)
    );
    let task = tasks(&practice)
        .await
        .into_iter()
        .find(|task| task.opening.kind == Kind::Linkage)
        .unwrap();
    assert!(
        task.opening.words.contains("見本総合病院") && task.opening.words.contains("熱が続けば")
    );
    let mut reception = practice.house.signed_in("reception").await;
    let end = format!("/tasks/{}/end", task.id);
    for wrong in [
        vec![("outcome", "lost")],
        vec![("outcome", "not_needed")],
        vec![("outcome", "arrived")],
    ] {
        assert_eq!(post(&mut reception, &end, &wrong).await.status, 422);
    }
    assert_eq!(
        post(
            &mut reception,
            &end,
            &[("outcome", "done"), ("words", "済")]
        )
        .await
        .status,
        409
    );
    let seen = [("outcome", "arrived"), ("day", "2026-11-24")];
    assert_eq!(post(&mut reception, &end, &seen).await.status, 303);
    assert!(
        !administrator
            .get("/house/checklist")
            .await
            .body
            .contains(unresolved)
    );
}

#[tokio::test]
async fn cl_1_2_iv_c_the_reply_to_whoever_referred_stays_open_until_it_is_sent() {
    let mut practice = first_visit(true).await;
    practice.closable().await;
    practice.done("guidance", &NO_GUIDANCE).await;
    practice.done("linkage", &PLAN).await;
    let letter = [("how", "郵送"), ("text", "胸のかげは心配ありません")];
    assert!(
        practice.act("reply", &letter).await.is_out_of_turn(),
        "nothing is signed"
    );
    practice.done("close", &FIRST_NOTE).await;
    assert!(open_kinds(&practice).await.contains(&Kind::ReplyLetter));
    let page = practice
        .physician
        .get(&format!("{}/reply", practice.address()))
        .await
        .body;
    assert!(
        page.contains("となりの医院 例田") && page.contains("安定"),
        "{page}"
    );
    assert_eq!(practice.act("reply", &letter[1..]).await.status, 422);
    practice.done("reply", &letter).await;
    assert!(!open_kinds(&practice).await.contains(&Kind::ReplyLetter));
    assert_eq!(practice.entries("reply.sent").await, 1);
    assert!(
        practice.act("reply", &letter).await.is_out_of_turn(),
        "sent once"
    );
    assert!(
        !practice
            .house
            .ledger(practice.house.tenant)
            .await
            .join("\n")
            .contains("胸のかげ")
    );
}

const CONTACT: [(&str, &str); 4] = [
    ("contact_who", "内科 例本医師"),
    ("contact_how", "電話"),
    ("contact_at", "14:00"),
    ("document", "三日前から38度"),
];

#[tokio::test]
async fn cl_1_2_iv_e_a_hand_over_has_contact_and_document_and_ends_with_the_receiver() {
    let mut practice = first_visit(true).await;
    practice.closable().await;
    let form = practice
        .physician
        .get(&format!("{}/stop", practice.address()))
        .await
        .body;
    assert!(form.contains("contact_who") && form.contains("cl-1.2-iv-e"));
    let whole = [&HAND_OVER[..], &CONTACT].concat();
    for (wrong, reason) in [
        (HAND_OVER.to_vec(), "no_contact"),
        (but(&whole, "contact_who", ""), "no_contact"),
        (but(&whole, "contact_how", " "), "no_contact"),
        (but(&whole, "contact_at", ""), "no_contact"),
        (but(&whole, "contact_at", "23:59"), "no_contact"),
        (but(&whole, "document", " "), "no_document"),
    ] {
        let said = practice.refused("stop", &wrong).await;
        assert_eq!(
            (said.spoke(), said.reason()),
            ((409, "cl-1.2-iv-e"), reason),
            "{}",
            said.body
        );
    }
    assert_eq!(
        practice
            .refused("stop", &but(&whole, "told", ""))
            .await
            .status,
        422
    );
    practice.done("stop", &whole).await;
    assert_eq!(practice.stage().await, "switched_in_person");
    let [task] = &tasks(&practice).await[..] else {
        panic!("one task")
    };
    assert_eq!(task.opening.kind, Kind::HandedOver);
    let end = format!("/tasks/{}/end", task.id);
    let mut reception = practice.house.signed_in("reception").await;
    for (outcome, status) in [
        ("done", 409),
        ("not_needed", 409),
        ("lost", 409),
        ("accepted", 422),
    ] {
        let words = if outcome == "accepted" { " " } else { "済" };
        let said = post(
            &mut reception,
            &end,
            &[("outcome", outcome), ("words", words)],
        )
        .await;
        assert_eq!(
            said.spoke(),
            (status, "cl-1.2-iv-e"),
            "{outcome}: {}",
            said.body
        );
        practice.house.pass(SignedDuration::from_secs(61));
    }
    let early = [("outcome", "arrived"), ("day", "2026-11-19")];
    let said = post(&mut reception, &end, &early).await;
    assert_eq!(said.spoke(), (422, "cl-1.2-iv-e"), "before the contact");
    assert!(
        !reception.get("/today").await.body.contains("/hand-overs/"),
        "it is one task, not two"
    );
    let accepted = [("outcome", "accepted"), ("words", "例本医師")];
    assert_eq!(post(&mut reception, &end, &accepted).await.status, 303);
    let ledger = practice.house.ledger(practice.house.tenant).await;
    let sent = ledger
        .iter()
        .find(|entry| entry.contains("cl-1.2-iv-e") && entry.contains("\"document\":"))
        .unwrap();
    assert!(sent.contains("referral.sent") && !ledger.join("\n").contains("38度"));
    // Seen here, nobody is to be called.
    let mut practice = first_visit(true).await;
    practice.closable().await;
    let here = [&HAND_OVER[..], &[("here", "yes")]].concat();
    practice.done("stop", &here).await;
    assert_eq!(tasks(&practice).await.len(), 0);
}

const GUIDANCE: [(&str, &str); 4] = [
    ("needed", "yes"),
    ("symptoms", "39度をこえる熱"),
    ("summary", "三日前から38度、既往なし"),
    ("until", "2026-12-31"),
];

/// The newest link to the guidance, out of the message.
async fn link(practice: &Practice) -> String {
    let mut read = practice
        .house
        .store
        .read(practice.house.tenant)
        .await
        .unwrap();
    let all = read.outbox().await.unwrap();
    let texts: Vec<_> = all
        .into_iter()
        .map(|one| one.message.text)
        .filter(|text| text.contains("/g/"))
        .collect();
    assert!(texts.iter().all(|text| !text.contains("38度")), "{texts:?}");
    let text = texts.first().unwrap();
    format!("/g/{}", text.split("/g/").nth(1).unwrap().trim())
}

const BORN: [(&str, &str); 4] = [
    ("era", "showa"),
    ("year", "26"),
    ("month", "4"),
    ("day", "3"),
];

#[tokio::test]
async fn cl_1_2_iv_f_whether_guidance_is_needed_is_answered_and_somebody_can_be_reached() {
    let mut practice = first_visit(false).await;
    practice.closable().await;
    practice.done("linkage", &PLAN).await;
    let said = practice.refused("close", &FIRST_NOTE).await;
    assert_eq!(said.spoke(), (409, "cl-1.2-iv-f"), "{}", said.body);
    let near = NEAR.to_string();
    let by_near = [&GUIDANCE[..], &[("reach", near.as_str())]].concat();
    for (wrong, reason) in [
        (vec![], "guidance_unanswered"),
        (but(&NO_GUIDANCE, "reason", " "), "guidance_reason_empty"),
        (by_near.clone(), "contact_unreachable"),
    ] {
        let said = practice.refused("guidance", &wrong).await;
        assert_eq!(
            (said.spoke(), said.reason()),
            ((409, "cl-1.2-iv-f"), reason),
            "{}",
            said.body
        );
    }
    // With a way at night it can be reached at any hour.
    partner(&practice.house, today(&practice.house), true).await;
    for (name, value) in [("symptoms", " "), ("summary", ""), ("until", "2026-11-19")] {
        let said = practice
            .refused("guidance", &but(&by_near, name, value))
            .await;
        assert_eq!(
            (said.spoke(), said.reason()),
            ((409, "cl-1.2-iv-f"), "guidance_incomplete")
        );
    }
    practice.done("guidance", &by_near).await;
    assert_eq!(practice.entries("guidance.sent").await, 1);
    // Whoever is named is gone again before the signature: it is answered anew.
    partner(&practice.house, today(&practice.house), false).await;
    assert_eq!(
        practice.refused("close", &FIRST_NOTE).await.spoke(),
        (409, "cl-1.2-iv-f")
    );
    partner(&practice.house, today(&practice.house), true).await;
    practice.done("close", &FIRST_NOTE).await;

    let link = link(&practice).await;
    let mut phone = practice.house.browser(Surface::Patient);
    let asked = phone.get(&link).await.body;
    assert!(
        !asked.contains("38度") && !asked.contains("見本 正男"),
        "{asked}"
    );
    let wrong = phone.post(&link, &but(&BORN, "day", "4")).await;
    assert_eq!(wrong.status, 422);
    assert!(!wrong.body.contains("38度"));
    let before = practice.entries("guidance.shown").await;
    let page = phone.post(&link, &BORN).await;
    assert_eq!(page.status, 200);
    for words in [
        "0266-00-0000",
        "39度をこえる熱",
        "三日前から38度",
        "2026年12月31日",
    ] {
        assert!(page.body.contains(words), "{words}: {}", page.body);
    }
    assert_eq!(practice.entries("guidance.shown").await, before + 1);
    assert!(
        !practice
            .house
            .ledger(practice.house.tenant)
            .await
            .join("\n")
            .contains("38度")
    );
}

#[tokio::test]
async fn cl_1_2_iv_f_a_link_that_ends_before_its_day_is_a_finding() {
    let mut practice = first_visit(true).await;
    practice.closable().await;
    let near = NEAR.to_string();
    practice
        .done(
            "guidance",
            &[&GUIDANCE[..], &[("reach", near.as_str())]].concat(),
        )
        .await;
    let first = link(&practice).await;
    let expired = "要る日より先に終わっている";
    let mut administrator = practice.house.signed_in("administrator").await;
    assert!(
        !administrator
            .get("/house/checklist")
            .await
            .body
            .contains(expired)
    );
    practice.done("guidance/link", &[("link", "end")]).await;
    assert!(
        administrator
            .get("/house/checklist")
            .await
            .body
            .contains(expired)
    );
    let mut phone = practice.house.browser(Surface::Patient);
    assert_eq!(phone.get(&first).await.status, 404);
    practice.house.pass(SignedDuration::from_secs(1));
    practice.done("guidance/link", &[("link", "anew")]).await;
    assert!(
        !administrator
            .get("/house/checklist")
            .await
            .body
            .contains(expired)
    );
    let second = link(&practice).await;
    assert!(first != second);
    assert_eq!(phone.get(&second).await.status, 200);
    assert_eq!(practice.act("guidance/link", &[]).await.status, 422);
    // No link opens longer than a month, though this guidance is needed longer.
    practice.house.pass(SignedDuration::from_hours(24 * 32));
    let mut administrator = practice.house.signed_in("administrator").await;
    assert!(
        administrator
            .get("/house/checklist")
            .await
            .body
            .contains(expired)
    );
    practice.house.pass(SignedDuration::from_hours(24 * 20));
    let mut administrator = practice.house.signed_in("administrator").await;
    assert!(
        !administrator
            .get("/house/checklist")
            .await
            .body
            .contains(expired),
        "its day has passed"
    );
}

#[tokio::test]
async fn what_a_partner_can_take_is_confirmed_and_asked_again_after_a_year() {
    let practice = Seed::follow_up().open().await;
    let mut reception = practice.house.signed_in("reception").await;
    let fields = [
        ("kind", "hospital"),
        ("name", "見本総合病院"),
        ("phone", "0266-00-0000"),
        ("hours", "24時間"),
        ("areas", "長野県みほん郡みずうみ町"),
        ("minutes", "20"),
        ("valid_until", "2028-11-20"),
    ];
    assert_eq!(post(&mut reception, "/partners", &fields).await.status, 303);
    assert!(
        reception.get("/partners").await.body.contains("is-warn"),
        "nobody has asked"
    );
    let id = {
        let mut read = practice
            .house
            .store
            .read(practice.house.tenant)
            .await
            .unwrap();
        read.partners().await.unwrap()[0].id.to_string()
    };
    let known = [
        &fields[..],
        &[("id", id.as_str()), ("takes", "発熱、夜間の入院")],
    ]
    .concat();
    for on in ["", "2026-11-21"] {
        let wrong = [&known[..], &[("confirmed_on", on)]].concat();
        assert_eq!(
            reception.post("/partners", &wrong).await.status,
            422,
            "{on}"
        );
    }
    let asked = [&known[..], &[("confirmed_on", "2026-11-20")]].concat();
    for _ in 0..2 {
        assert_eq!(post(&mut reception, "/partners", &asked).await.status, 303);
    }
    assert_eq!(
        practice.entries("partner.confirmed").await,
        1,
        "once, though it was saved twice"
    );
    let page = reception.get("/partners").await.body;
    assert!(
        page.contains("発熱、夜間の入院") && !page.contains("on-chip is-warn"),
        "{page}"
    );
    practice.house.pass(SignedDuration::from_hours(24 * 366));
    let mut reception = practice.house.signed_in("reception").await;
    assert!(
        reception
            .get("/partners")
            .await
            .body
            .contains("on-chip is-warn")
    );
}
