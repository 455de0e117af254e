//! The care plan over HTTP: each item refused by name, signed only on an assessment, kept for two years.

use crate::{
    support::{Browser, person_id},
    ward::{Ward, by, post_json, ward},
};
use access::{DeviceId, Role, Ulid};
use axum::http::StatusCode;
use care::{PartnerId, agreement::Kind, plan::Partner};
use jiff::SignedDuration;
use store::{By, Fault, agreement::Left};

/// A complete plan, field by field.
fn complete() -> Vec<(String, String)> {
    [
        ("code-0", "I10"),
        ("name-0", "本態性高血圧"),
        ("treatment", "降圧薬の調整"),
        ("every_months", "3"),
        ("test-0", "採血"),
        ("test-due-0", "2026-12-18"),
        ("mode", "appointment"),
        ("length_minutes", "15"),
        ("lateness", "遅れ10分で電話"),
        ("outside", "夜は連携先"),
        ("system", "onshin/1"),
        ("devices", "本人のスマホ"),
        ("fallback", "電話はつなぎ直しだけ"),
        ("clinical", "胸痛"),
        ("technical", "映像が使えない"),
        ("lost_seconds", "60"),
        ("destination", "当院"),
        ("contact", "00-1234-5678"),
        ("statement", "協力がいります"),
        ("prepare", "血圧を毎朝"),
        ("acute", "own"),
        ("policy", "当院へ電話"),
        ("physician-0", ""),
        ("when-0", "いつも"),
    ]
    .into_iter()
    .map(|(name, value)| {
        let value = if name == "physician-0" {
            person_id("physician").to_string()
        } else {
            value.to_owned()
        };
        (name.to_owned(), value)
    })
    .collect()
}

fn with(mut fields: Vec<(String, String)>, changes: &[(&str, &str)]) -> Vec<(String, String)> {
    for (name, value) in changes {
        fields.retain(|(known, _)| known != name);
        fields.push(((*name).to_owned(), (*value).to_owned()));
    }
    fields
}

async fn save(
    browser: &mut Browser,
    ward: &Ward,
    fields: &[(String, String)],
) -> crate::support::Answer {
    let fields: Vec<(&str, &str)> = fields
        .iter()
        .map(|(name, value)| (name.as_str(), value.as_str()))
        .collect();
    browser
        .post(&format!("/patients/{}/plans/new", ward.patient), &fields)
        .await
}

/// Saving with these changes is refused, and the field is named under itself and at the top.
async fn refused(ward: &Ward, changes: &[(&str, &str)], field: &str) {
    let mut physician = ward.house.signed_in("physician").await;
    let answer = save(&mut physician, ward, &with(complete(), changes)).await;
    assert_eq!(
        answer.status,
        StatusCode::UNPROCESSABLE_ENTITY,
        "{changes:?}"
    );
    assert!(
        answer.body.contains(&format!("href=\"#{field}\"")),
        "{field}: {}",
        answer.body
    );
    let mut read = ward.house.store.read(ward.house.tenant).await.unwrap();
    assert!(
        read.plans(ward.patient).await.unwrap().is_empty(),
        "nothing is kept"
    );
}

#[tokio::test]
async fn cl_1_3_i_a_a_plan_names_a_coded_diagnosis_and_a_treatment() {
    let ward = ward().await;
    refused(&ward, &[("code-0", "")], "code-0").await;
    refused(&ward, &[("name-0", " ")], "code-0").await;
    refused(&ward, &[("treatment", " ")], "treatment").await;
}

#[tokio::test]
async fn cl_1_3_i_b_as_appropriate_is_no_rule() {
    let ward = ward().await;
    refused(&ward, &[("every_months", "適宜")], "every_months").await;
    refused(&ward, &[("every_months", "")], "every_months").await;
    refused(&ward, &[("every_months", "0")], "every_months").await;
    refused(&ward, &[("test-due-0", "そのうち")], "test-due-0").await;
}

#[tokio::test]
async fn cl_1_3_i_c_a_plan_says_how_times_are_agreed() {
    let ward = ward().await;
    refused(&ward, &[("mode", "")], "mode").await;
    refused(&ward, &[("length_minutes", "0")], "length_minutes").await;
    refused(&ward, &[("outside", "")], "outside").await;
}

#[tokio::test]
async fn cl_1_3_i_d_a_plan_names_system_devices_and_fallback() {
    let ward = ward().await;
    refused(&ward, &[("system", "")], "system").await;
    refused(&ward, &[("devices", "")], "system").await;
    refused(&ward, &[("fallback", "")], "fallback").await;
}

#[tokio::test]
async fn cl_1_3_i_e_a_plan_says_when_to_stop_and_where_to_go() {
    let ward = ward().await;
    refused(&ward, &[("technical", "")], "technical").await;
    refused(&ward, &[("clinical", "")], "clinical").await;
    refused(&ward, &[("destination", "")], "destination").await;
    refused(&ward, &[("contact", "")], "destination").await;
}

#[tokio::test]
async fn cl_1_3_i_f_the_statement_on_cooperation_stays() {
    let ward = ward().await;
    refused(&ward, &[("statement", " ")], "statement").await;
}

const PHARMACY: PartnerId = PartnerId(Ulid::from_parts(7, 8));

#[tokio::test]
async fn cl_1_3_i_g_no_response_of_the_own_needs_a_partner_in_force() {
    let ward = ward().await;
    let id = PartnerId(Ulid::from_parts(7, 7));
    ward.house
        .store
        .write::<_, Fault, _>(ward.house.tenant, ward.house.now(), move |tx| {
            Box::pin(async move {
                let partner = Partner {
                    id,
                    kind: care::partner::PartnerKind::Hospital,
                    name: "見本中央病院".into(),
                    phone: "00-2222-3333".into(),
                    hours: "24時間".into(),
                    night: true,
                    areas: vec![],
                    travel_minutes: 20,
                    valid_until: "2026-11-19".parse().unwrap(),
                };
                let pharmacy = Partner {
                    id: PHARMACY,
                    kind: care::partner::PartnerKind::Pharmacy,
                    valid_until: "2027-11-19".parse().unwrap(),
                    ..partner.clone()
                };
                let by = by("reception", Role::Reception);
                tx.put_partner(&by, &pharmacy).await?;
                tx.put_partner(&by, &partner).await
            })
        })
        .await
        .unwrap();
    refused(&ward, &[("acute", "partner")], "acute").await;
    refused(
        &ward,
        &[("acute", "partner"), ("partner", &id.to_string())],
        "acute",
    )
    .await;
    // A pharmacy is in force, and still no place to be seen at.
    let pharmacy = PHARMACY.to_string();
    refused(
        &ward,
        &[("acute", "partner"), ("partner", &pharmacy)],
        "acute",
    )
    .await;
    refused(&ward, &[("policy", "")], "policy").await;
    // Renewed over HTTP, it can be named.
    let mut reception = ward.house.signed_in("reception").await;
    let id = id.to_string();
    let fields = [
        ("id", id.as_str()),
        ("name", "見本中央病院"),
        ("phone", "00-2222-3333"),
        ("hours", "24時間"),
        ("kind", "hospital"),
        ("areas", "長野県みほん郡みずうみ町"),
        ("minutes", "20"),
        ("valid_until", "2027-03-31"),
    ];
    assert_eq!(
        reception.post("/partners", &fields).await.status,
        StatusCode::SEE_OTHER
    );
    let mut physician = ward.house.signed_in("physician").await;
    let answer = save(
        &mut physician,
        &ward,
        &with(
            complete(),
            &[
                ("acute", "partner"),
                ("partner", &id),
                ("information_days", "30"),
                ("information_content", "経過"),
            ],
        ),
    )
    .await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.body);
}

#[tokio::test]
async fn cl_1_3_i_h_each_physician_has_a_rule() {
    let ward = ward().await;
    refused(&ward, &[("when-0", "")], "when-0").await;
    refused(&ward, &[("physician-0", "")], "physician-0").await;
    let nurse = person_id("nurse").to_string();
    refused(&ward, &[("physician-0", &nurse)], "physician-0").await;
}

#[tokio::test]
async fn cl_1_2_viii_b_only_people_and_institutions_of_the_registers_are_listed() {
    let ward = ward().await;
    for nobody in ["当番医", "例沢 はるか"] {
        refused(&ward, &[("physician-0", nobody)], "physician-0").await;
    }
    let ended = PartnerId(Ulid::from_parts(7, 7));
    ward.house
        .store
        .write::<_, Fault, _>(ward.house.tenant, ward.house.now(), move |tx| {
            Box::pin(async move {
                let partner = Partner {
                    id: ended,
                    kind: care::partner::PartnerKind::Clinic,
                    name: "見本坂の上クリニック".into(),
                    phone: "00-2222-3333".into(),
                    hours: "月〜金 9:00〜17:00".into(),
                    night: false,
                    areas: vec![],
                    travel_minutes: 20,
                    valid_until: "2026-11-19".parse().unwrap(),
                };
                tx.put_partner(&by("reception", Role::Reception), &partner)
                    .await
            })
        })
        .await
        .unwrap();
    for institution in [ended, PHARMACY] {
        let institution = institution.to_string();
        refused(&ward, &[("partner-0", &institution)], "physician-0").await;
    }
    // Two take turns: what kind of team it is, and a specialty for each.
    let physician = person_id("physician").to_string();
    let two = [("physician-1", physician.as_str()), ("when-1", "火曜")];
    refused(&ward, &two, "team").await;
    let two = [two.as_slice(), &[("team", "specialties")]].concat();
    let mut browser = ward.house.signed_in("physician").await;
    let answer = save(&mut browser, &ward, &with(complete(), &two)).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.body);
}

#[tokio::test]
async fn cl_1_3_i_i_a_part_without_an_owner_keeps_a_plan_back() {
    let ward = ward().await;
    let mut administrator = ward.house.signed_in("administrator").await;
    for owners in ["", "病院、事業者"] {
        let answer = administrator
            .post(
                "/house/boundary",
                &[("segment", "host"), ("owners", owners)],
            )
            .await;
        assert_eq!(answer.status, StatusCode::SEE_OTHER);
        refused(&ward, &[], "responsibility").await;
    }
    let answer = administrator
        .post(
            "/house/boundary",
            &[("segment", "host"), ("owners", "事業者")],
        )
        .await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER);
    let mut physician = ward.house.signed_in("physician").await;
    assert_eq!(
        save(&mut physician, &ward, &complete()).await.status,
        StatusCode::SEE_OTHER
    );
}

/// The patient's side of a signature: the agreement to the risks, and the plan read.
async fn patient_reads(ward: &Ward, version: i64) {
    let mut reception = ward.house.signed_in("reception").await;
    let visit = ward.book(&mut reception).await;
    let patient = ward.patient;
    ward.house
        .store
        .write::<_, Fault, _>(ward.house.tenant, ward.house.now(), move |tx| {
            Box::pin(async move {
                let visit = tx.consultation(visit).await?.unwrap().consultation;
                let by = By::Patient {
                    id: patient,
                    proxy: None,
                    device: DeviceId(Ulid::from_parts(4, 4)),
                };
                for text in tx.texts("agreement").await? {
                    let kind = Kind::parse(&text.tag).unwrap();
                    tx.keep_agreement(&by, &visit, kind, &text).await?;
                }
                let plan = tx
                    .plans(patient)
                    .await?
                    .into_iter()
                    .find(|known| known.plan.version == version)
                    .unwrap();
                let left = Left {
                    seconds: 9,
                    wants_to_ask: false,
                };
                tx.keep_plan_read(&by, &visit, (plan.plan.id, version), left)
                    .await
            })
        })
        .await
        .unwrap();
}

#[tokio::test]
async fn cl_1_3_i_the_plan_is_signed_on_an_assessment_in_person_after_the_patient_read_it() {
    let ward = ward().await;
    let mut physician = ward.house.signed_in("physician").await;
    assert_eq!(
        save(&mut physician, &ward, &complete()).await.status,
        StatusCode::SEE_OTHER
    );
    patient_reads(&ward, 1).await;
    let sign = format!("/patients/{}/plans/1/sign", ward.patient);
    let (status, body) = post_json(&mut physician, &sign, &[]).await;
    assert_eq!(
        (status, &body["clause"]),
        (409, &"cl-1.3-i".into()),
        "no assessment: {body}"
    );
    let assess = format!("/patients/{}/assessments/new", ward.patient);
    let findings = [
        ("on", "2026-09-18"),
        ("code-0", "i10"),
        ("name-0", "本態性高血圧"),
        ("findings", "血圧 140/90"),
    ];
    let later = physician
        .post(
            &assess,
            &[("on", "2026-11-21"), findings[1], findings[2], findings[3]],
        )
        .await;
    assert_eq!(
        later.status,
        StatusCode::UNPROCESSABLE_ENTITY,
        "a day that has not come"
    );
    assert_eq!(
        physician.post(&assess, &findings).await.status,
        StatusCode::SEE_OTHER
    );
    let mut read = ward.house.store.read(ward.house.tenant).await.unwrap();
    let basis = read.assessments(ward.patient).await.unwrap()[0]
        .0
        .id
        .to_string();
    drop(read);
    let second = save(
        &mut physician,
        &ward,
        &with(complete(), &[("basis", &basis)]),
    )
    .await;
    assert_eq!(
        second.location(),
        format!("/patients/{}/plans/2", ward.patient)
    );
    let sign = format!("/patients/{}/plans/2/sign", ward.patient);
    let (status, body) = post_json(&mut physician, &sign, &[]).await;
    assert_eq!(
        (status, &body["clause"]),
        (409, &"cl-1.1-iv-c".into()),
        "unread: {body}"
    );
    patient_reads(&ward, 2).await;
    let mut nurse = ward.house.signed_in("nurse").await;
    let (status, body) = post_json(&mut nurse, &sign, &[]).await;
    assert_eq!(
        (status, &body["reason"]),
        (403, &"qualification_required".into()),
        "{body}"
    );
    let answer = physician.post(&sign, &[]).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.body);
    let mut read = ward.house.store.read(ward.house.tenant).await.unwrap();
    assert_eq!(
        read.plan_in_force(ward.patient)
            .await
            .unwrap()
            .unwrap()
            .version,
        2
    );
    drop(read);
    let page = physician
        .get(&format!("/patients/{}/plans/2", ward.patient))
        .await;
    assert!(
        page.body.contains("署名 ") && page.body.contains("本態性高血圧 (I10)"),
        "{}",
        page.body
    );
    // With a plan in force the next visit is a follow-up, derived by the server.
    let mut reception = ward.house.signed_in("reception").await;
    let visit = ward.book(&mut reception).await;
    let mut read = ward.house.store.read(ward.house.tenant).await.unwrap();
    let booking = read.consultation(visit).await.unwrap().unwrap();
    assert_eq!(booking.consultation.class, care::Class::Followup);
}

#[tokio::test]
async fn an_ended_version_cannot_be_deleted_for_two_years() {
    let ward = ward().await;
    let mut physician = ward.house.signed_in("physician").await;
    let assess = format!("/patients/{}/assessments/new", ward.patient);
    let findings = [
        ("on", "2026-09-18"),
        ("code-0", "I10"),
        ("name-0", "本態性高血圧"),
        ("findings", "血圧 140/90"),
    ];
    physician.post(&assess, &findings).await;
    let mut read = ward.house.store.read(ward.house.tenant).await.unwrap();
    let basis = read.assessments(ward.patient).await.unwrap()[0]
        .0
        .id
        .to_string();
    drop(read);
    for version in [1, 2] {
        save(
            &mut physician,
            &ward,
            &with(complete(), &[("basis", &basis)]),
        )
        .await;
        patient_reads(&ward, version).await;
        let signed = physician
            .post(
                &format!("/patients/{}/plans/{version}/sign", ward.patient),
                &[],
            )
            .await;
        assert_eq!(signed.status, StatusCode::SEE_OTHER, "{}", signed.body);
    }
    let first = format!("/patients/{}/plans/1", ward.patient);
    let page = physician.get(&first).await;
    assert!(
        page.body.contains("2028年11月20日まで") || page.body.contains("2028年11月20日 まで"),
        "{}",
        page.body
    );
    assert_eq!(
        physician.post(&format!("{first}/delete"), &[]).await.status,
        StatusCode::CONFLICT
    );
    ward.house.pass(SignedDuration::from_hours(24 * 730));
    let mut physician = ward.house.signed_in("physician").await;
    assert_eq!(
        physician.post(&format!("{first}/delete"), &[]).await.status,
        StatusCode::CONFLICT
    );
    ward.house.pass(SignedDuration::from_hours(48));
    let mut physician = ward.house.signed_in("physician").await;
    let in_force = format!("/patients/{}/plans/2/delete", ward.patient);
    assert_eq!(
        physician.post(&in_force, &[]).await.status,
        StatusCode::CONFLICT,
        "in force"
    );
    assert_eq!(
        physician.post(&format!("{first}/delete"), &[]).await.status,
        StatusCode::SEE_OTHER
    );
    assert_eq!(
        ward.house
            .entries(ward.house.tenant, "retention.expired")
            .await,
        1
    );
}

#[tokio::test]
async fn a_new_version_shows_what_changed() {
    let ward = ward().await;
    let mut physician = ward.house.signed_in("physician").await;
    save(&mut physician, &ward, &complete()).await;
    let prefilled = physician
        .get(&format!("/patients/{}/plans/new", ward.patient))
        .await;
    assert!(
        prefilled.body.contains("降圧薬の調整") && prefilled.body.contains("第2版"),
        "{}",
        prefilled.body
    );
    save(
        &mut physician,
        &ward,
        &with(complete(), &[("clinical", "収縮期180以上")]),
    )
    .await;
    let page = physician
        .get(&format!("/patients/{}/plans/2", ward.patient))
        .await;
    for words in ["胸痛", "収縮期180以上", "まだ見ていません", "第1版"] {
        assert!(page.body.contains(words), "{words}: {}", page.body);
    }
}

#[tokio::test]
async fn the_overview_says_which_plans_wait_and_for_whom() {
    let ward = ward().await;
    let mut physician = ward.house.signed_in("physician").await;
    let empty = physician.get("/plans").await.body;
    assert!(
        empty.contains("見直しが近い計画は ありません")
            && empty.contains("書きかけの計画は ありません"),
        "{empty}"
    );
    assert!(empty.contains("href=\"/plans\""), "in the navigation");
    let answer = save(&mut physician, &ward, &complete()).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.body);
    let page = physician.get("/plans").await.body;
    assert!(
        page.contains("例沢") && page.contains("まだ見ていません"),
        "{page}"
    );
    let opened = ward
        .house
        .ledger(ward.house.tenant)
        .await
        .into_iter()
        .any(|entry| entry.contains("\"plans\"") && entry.contains(&ward.patient.to_string()));
    assert!(opened, "who was shown is written down");
    let mut reception = ward.house.signed_in("reception").await;
    assert_eq!(reception.get("/plans").await.status, StatusCode::FORBIDDEN);
}
