//! What the clinic has besides people: proofs, courses, rooms, partners, boundaries, texts.

use super::{
    CLINIC, Calendar, certificate,
    people::{BEGAN, PEOPLE, Staff},
};
use crate::outcome::Outcome;
use care::{
    area::Area,
    chat::Scope,
    explanation::{Block, LIMITS_TAG},
    partner::{Partner, PartnerKind},
    plan::Segment,
    preconsultation::Terms,
};
use jiff::civil::Date;
use store::{
    Fault, NewText, Store, Tx,
    course::FileKind,
    physician::{PhysicianProfile, Verified},
};

/// Days ago on which the text about the limits of online care changed in substance: who was not here since reads it again.
pub(super) const TEXT_CHANGED: i64 = 40;
/// The hospital that answers at night.
pub(super) const HOSPITAL: &str = "見本中央病院";
/// Where the clinic's patients live; an area as addresses are written.
pub(super) const AREA: &str = "長野県みほん郡みずうみ町";

/// Furnishes the clinic as its administrator did when it began.
pub(super) async fn furnish(store: &Store, calendar: &Calendar) -> Result<(), Outcome> {
    let staff = Staff::load(store, calendar).await?;
    let calendar = *calendar;
    store
        .write::<(), Fault, _>(CLINIC, calendar.at(BEGAN, 10, 0), move |tx| {
            Box::pin(async move {
                tx.seed_texts().await?;
                tx.sign_statement(&staff.administrator().1).await?;
                registers(tx, &staff, &calendar).await?;
                messages(tx, &staff).await?;
                let (_, by) = staff.administrator();
                tx.offer_joint(&by, care::Service::WithPhysician, true)
                    .await?;
                before_care(tx, &staff).await?;
                physicians(tx, &staff, &calendar).await
            })
        })
        .await?;
    Ok(())
}

async fn physicians(tx: &mut Tx, staff: &Staff, calendar: &Calendar) -> Result<(), Fault> {
    let (administrator, by) = staff.administrator();
    let (nurse, nurse_by) = staff.nurse();
    for (which, person) in PEOPLE.iter().enumerate() {
        let Some(physician) = &person.physician else {
            continue;
        };
        let (id, _) = staff.physician(which);
        let profile = PhysicianProfile {
            person: id,
            name: person.name.to_owned(),
            department: physician.department.to_owned(),
            photo: physician.photo.to_vec(),
            photo_type: "image/svg+xml".to_owned(),
        };
        tx.set_affiliation(&by, administrator, id, (calendar.day(BEGAN), None))
            .await?;
        tx.put_physician_profile(&by, &profile).await?;
        let verified = Verified {
            by: nurse,
            registration_year: Some(physician.registration_year),
            valid_until: calendar.day(-700),
        };
        tx.keep_proof(&nurse_by, &profile, verified).await?;
        let written = (physician.course.to_owned(), calendar.day(BEGAN + 30));
        let file = certificate::pdf(physician.course);
        let course = tx
            .enter_course_file(&by, id, written, (FileKind::Pdf, &file))
            .await?;
        tx.verify_course(&by, administrator, course).await?;
    }
    Ok(())
}

/// What messages are for, weighed and signed.
async fn messages(tx: &mut Tx, staff: &Staff) -> Result<(), Fault> {
    let (administrator, by) = staff.administrator();
    let scope = Scope {
        topics: "予約の変更、書類や支払いのこと、スマートフォンの使い方".to_owned(),
        excluded: "症状や体の具合、薬の相談、急ぐこと".to_owned(),
        hours: "平日の 9時から17時。返事は次の日になることがあります".to_owned(),
        risk: "症状が書かれて見おとされること。言葉で見つけて知らせ、1日に3回、受付が見る。"
            .to_owned(),
        benefit: "電話がつながらない人も、予約や書類のことを たずねられる。".to_owned(),
    };
    if let Ok(signable) = scope.signable() {
        tx.sign_chat_scope(&by, administrator, &scope, signable)
            .await?;
    }
    Ok(())
}

/// What is published of pre-consultations.
async fn before_care(tx: &mut Tx, staff: &Staff) -> Result<(), Fault> {
    let (_, by) = staff.administrator();
    let terms = Terms {
        version: 0,
        offered: true,
        fee_yen: Some(3_300),
        charged: "相談の前日までに、振込またはカードで".to_owned(),
        refund: "前日までに取り消せば、全額を返します".to_owned(),
        may_not_proceed:
            "診療前相談の結果、オンライン診療に進まないことがあります。そのときも料金はかかります。"
                .to_owned(),
        external: String::new(),
    };
    tx.publish_preconsultation(&by, &terms).await?;
    Ok(())
}

async fn registers(tx: &mut Tx, staff: &Staff, calendar: &Calendar) -> Result<(), Fault> {
    let (_, by) = staff.administrator();
    for name in ["診察室2", "診察室3"] {
        tx.add_room(&by, name, calendar.day(20)).await?;
    }
    for (kind, name, phone, hours, night, minutes, until) in partners(calendar) {
        let partner = Partner {
            id: tx.fresh_partner()?,
            kind,
            name: name.to_owned(),
            phone: phone.to_owned(),
            hours: hours.to_owned(),
            night,
            areas: Area::read(AREA).into_iter().collect(),
            travel_minutes: minutes,
            valid_until: until,
        };
        tx.put_partner(&by, &partner).await?;
    }
    for (place, (name, owner)) in (1..).zip(SEGMENTS) {
        let segment = Segment {
            name: name.to_owned(),
            owners: vec![owner.to_owned()],
        };
        tx.put_boundary(&by, place, &segment).await?;
    }
    Ok(())
}

type PartnerRow = (
    PartnerKind,
    &'static str,
    &'static str,
    &'static str,
    bool,
    u16,
    Date,
);

fn partners(calendar: &Calendar) -> [PartnerRow; 3] {
    [
        (
            PartnerKind::Hospital,
            HOSPITAL,
            "00-2222-3333",
            "24時間(救急)",
            true,
            20,
            calendar.day(-300),
        ),
        (
            PartnerKind::Clinic,
            "見本北診療所",
            "00-4444-5555",
            "月〜金 9:00〜17:00",
            false,
            15,
            calendar.day(-10),
        ),
        (
            PartnerKind::Pharmacy,
            "みずうみ薬局",
            "00-9999-0000",
            "月〜土 9:00〜19:00",
            false,
            5,
            calendar.day(-200),
        ),
    ]
}

/// The parts of the way from the patient's device to the record, and the one who answers for each.
const SEGMENTS: [(&str, &str); 5] = [
    ("patient_device", "患者"),
    ("network", "通信事業者"),
    ("system", "システム事業者"),
    ("host", "見本みずうみクリニック"),
    ("clinic_device", "見本みずうみクリニック"),
];

/// Publishes the changed text about the limits of online care.
pub(super) async fn change_text(tx: &mut Tx, staff: &Staff) -> Result<(), Fault> {
    let texts = tx.texts("explanation").await?;
    let Some(text) = texts.into_iter().find(|text| text.tag == LIMITS_TAG) else {
        return Ok(());
    };
    let new = NewText {
        kind: "explanation",
        block: Block {
            tag: text.tag,
            ja: format!(
                "{} 皮膚のようすは、画面では色が変わって見えることがあります。",
                text.body_ja
            ),
            en: format!(
                "{} On a screen, the colour of skin can look different.",
                text.body_en
            ),
        },
        titles: (text.title_ja, text.title_en),
        in_substance: true,
    };
    tx.publish_text(&staff.administrator().1, &new).await
}
