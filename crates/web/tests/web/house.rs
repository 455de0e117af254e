//! The house over HTTP: people and their proofs, the institution, its texts and registers, the checklist.

use crate::{
    support::{Browser, PASSWORD, employ, house, person, person_id},
    ward::{PNG, Ward, post_json, upload, upload_as, ward},
};
use access::{
    Role,
    qualification::{CourseCertificate, trained},
};
use axum::http::StatusCode;
use jiff::SignedDuration;
use web::{Surface, totp};

const JPEG: &[u8] = b"\xff\xd8\xff\xe0 another face";

/// A second physician who is the administrator as well, as in a small practice.
async fn both(ward: &Ward) -> String {
    let id = person_id("administrator");
    employ(
        &ward.house.store,
        ward.house.tenant,
        id,
        Role::Physician,
        ward.house.now(),
    )
    .await;
    id.to_string()
}

fn physician() -> String {
    person_id("physician").to_string()
}

async fn publishing_refused(tag: &str, clause: &str) {
    let ward = ward().await;
    let mut browser = ward.house.signed_in("administrator").await;
    let path = format!("/house/texts/explanation/{tag}");
    let full = [
        ("title_ja", "見出し"),
        ("title_en", "Heading"),
        ("body_ja", "文"),
        ("body_en", "Text"),
        ("change", "substance"),
    ];
    for field in ["body_ja", "body_en"] {
        for blank in ["", " \n\u{3000}"] {
            let fields =
                full.map(|(name, value)| (name, if name == field { blank } else { value }));
            let (status, body) = post_json(&mut browser, &path, &fields).await;
            assert_eq!(
                (status, &body["clause"]),
                (422, &clause.into()),
                "{field} {body}"
            );
        }
    }
    let version = async || {
        let mut read = ward.house.store.read(ward.house.tenant).await.unwrap();
        let texts = read.texts("explanation").await.unwrap();
        texts
            .into_iter()
            .find(|text| text.tag == tag)
            .map(|text| (text.version, text.material))
            .unwrap()
    };
    assert_eq!(version().await, (1, 1), "nothing was published");
    let (status, _) = post_json(
        &mut browser,
        "/house/texts/explanation/no_such_block",
        &full,
    )
    .await;
    assert_eq!(status, 404);
    let wording =
        full.map(|(name, value)| (name, if name == "change" { "wording" } else { value }));
    assert_eq!(
        browser.post(&path, &wording).await.status,
        StatusCode::SEE_OTHER
    );
    assert_eq!(version().await, (2, 1), "wording asks nobody anew");
    ward.house.pass(SignedDuration::from_secs(1));
    assert_eq!(
        browser.post(&path, &full).await.status,
        StatusCode::SEE_OTHER
    );
    assert_eq!(version().await, (3, 2));
}

#[tokio::test]
async fn cl_1_1_iv_a_no_text_is_published_without_its_limits() {
    publishing_refused("limits_and_combination", "cl-1.1-iv-a").await;
}

#[tokio::test]
async fn cl_1_1_iv_b_no_text_is_published_without_decided_each_time() {
    publishing_refused("decided_each_time", "cl-1.1-iv-b").await;
}

#[tokio::test]
async fn cl_2_1_i_a_nobody_sets_the_own_affiliation() {
    let ward = ward().await;
    let me = both(&ward).await;
    let mut browser = ward.house.signed_in("administrator").await;
    let fields = [("from", "2026-01-01")];
    let (status, body) = post_json(
        &mut browser,
        &format!("/house/people/{me}/affiliation"),
        &fields,
    )
    .await;
    assert_eq!(
        (status, &body["clause"]),
        (403, &"cl-2.1-i-a".into()),
        "{body}"
    );
    let other = browser
        .post(
            &format!("/house/people/{}/affiliation", physician()),
            &fields,
        )
        .await;
    assert_eq!(other.status, StatusCode::SEE_OTHER, "{}", other.body);
    let mut alone = ward.house.signed_in("physician").await;
    let denied = alone
        .post(
            &format!("/house/people/{}/affiliation", physician()),
            &fields,
        )
        .await;
    assert_eq!(denied.status, StatusCode::FORBIDDEN);
    let mut read = ward.house.store.read(ward.house.tenant).await.unwrap();
    assert!(
        read.affiliations(person_id("administrator"))
            .await
            .unwrap()
            .is_empty()
    );
}

const PDF: &[u8] = b"%PDF-1.4 a certificate";

/// Hands in a certificate and answers its line in the register.
async fn handed_in(ward: &Ward, browser: &mut Browser, person: &str, number: &str) -> String {
    let path = format!("/house/people/{person}/course");
    let fields = [("number", number), ("completed_on", "2025-05-01")];
    let answer = upload_as(browser, &path, &fields, Some(("file", PDF))).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.body);
    let mut read = ward.house.store.read(ward.house.tenant).await.unwrap();
    let register = read.course_register().await.unwrap();
    let line = register
        .into_iter()
        .find(|line| line.certificate.number == number)
        .unwrap();
    line.id.to_string()
}

#[tokio::test]
async fn cl_3_1_i_nobody_verifies_the_own_certificate_and_a_number_serves_one() {
    let ward = ward().await;
    let me = both(&ward).await;
    let mut browser = ward.house.signed_in("administrator").await;
    let own = handed_in(&ward, &mut browser, &me, "R7-2002").await;
    let compared = [("compared", "yes")];
    let path = |line: &str| format!("/house/courses/{line}/verify");
    let (status, body) = post_json(&mut browser, &path(&own), &compared).await;
    assert_eq!(
        (status, &body["clause"]),
        (403, &"cl-3.1-i".into()),
        "{body}"
    );
    let other = person(&ward.house.store, "physician2", true, ward.house.now()).await;
    employ(
        &ward.house.store,
        ward.house.tenant,
        other,
        Role::Physician,
        ward.house.now(),
    )
    .await;
    let other = other.to_string();
    let shared = handed_in(&ward, &mut browser, &other, "Ｒ７−１００１").await;
    let (status, body) = post_json(&mut browser, &path(&shared), &compared).await;
    assert_eq!(
        (status, &body["clause"]),
        (409, &"cl-3.1-i".into()),
        "{body}"
    );
    assert_eq!(
        ward.house
            .entries(ward.house.tenant, "training.verified")
            .await,
        1,
        "only the physician's of the beginning"
    );
}

#[tokio::test]
async fn cl_3_1_i_a_certificate_is_a_file_whose_digest_a_second_person_verifies_once() {
    let ward = ward().await;
    let other = person(&ward.house.store, "physician2", true, ward.house.now()).await;
    employ(
        &ward.house.store,
        ward.house.tenant,
        other,
        Role::Physician,
        ward.house.now(),
    )
    .await;
    let mut browser = ward.house.signed_in("administrator").await;
    let line = handed_in(&ward, &mut browser, &other.to_string(), "R7-2002").await;
    let today = store::dossier::legal_day(ward.house.now());
    let register = async || {
        let mut read = ward.house.store.read(ward.house.tenant).await.unwrap();
        read.courses().await.unwrap()
    };
    let mine = |row: &CourseCertificate| row.person == other;
    let kept = register().await.into_iter().find(mine).unwrap();
    // SHA-256 of the file, by a program that is not ours.
    assert_eq!(kept.file, DIGEST);
    assert!(
        trained(&register().await, other, today).is_err(),
        "nobody has compared it"
    );
    let path = format!("/house/courses/{line}/verify");
    let unticked = browser.post(&path, &[]).await;
    assert_eq!(unticked.status, StatusCode::UNPROCESSABLE_ENTITY);
    let compared = [("compared", "yes")];
    let first = browser.post(&path, &compared).await;
    assert_eq!(first.status, StatusCode::SEE_OTHER, "{}", first.body);
    assert!(trained(&register().await, other, today).is_ok());
    let (again, _) = post_json(&mut browser, &path, &compared).await;
    assert_eq!(again, 409, "once and for good");
    let ledger = ward.house.ledger(ward.house.tenant).await;
    let verified = ledger
        .iter()
        .any(|entry| entry.contains("training.verified") && entry.contains(DIGEST));
    assert!(verified);
}

/// `printf '%s' '%PDF-1.4 a certificate' | sha256sum`
const DIGEST: &str = "1a34a2ff97dff2d3d7e10bcf308d5dcde127fbd75e560dfc4ab61f5cc04f601b";

#[tokio::test]
async fn cl_3_1_i_a_certificate_is_handed_back_and_never_shown() {
    let ward = ward().await;
    let mut browser = ward.house.signed_in("administrator").await;
    let path = format!("/house/people/{}/course", physician());
    let fields = [("number", "R7-2002"), ("completed_on", "2025-05-01")];
    let many = vec![b' '; 2 * 1024 * 1024 + 1];
    let large: Vec<u8> = PDF.iter().copied().chain(many).collect();
    for (file, status) in [
        (b"<html><script>".as_slice(), 422),
        (b"<svg xmlns=\"http://www.w3.org/2000/svg\"/>", 422),
        (b"MZ\x90\x00", 422),
        (b"", 422),
        (&large, 413),
    ] {
        let answer = upload_as(&mut browser, &path, &fields, Some(("file", file))).await;
        assert_eq!(answer.status.as_u16(), status, "{}", file.len());
    }
    let line = handed_in(&ward, &mut browser, &physician(), "R7-2002").await;
    let answer = browser.get(&format!("/house/courses/{line}/file")).await;
    assert_eq!(answer.body.as_bytes(), PDF);
    assert_eq!(answer.header("content-type"), "application/pdf");
    assert!(
        answer
            .header("content-disposition")
            .starts_with("attachment")
    );
    assert_eq!(answer.header("x-content-type-options"), "nosniff");
    assert!(
        answer
            .header("content-security-policy")
            .contains("default-src 'none'")
    );
    assert_eq!(
        ward.house.entries(ward.house.tenant, "training.read").await,
        1
    );
    let mut reception = ward.house.signed_in("reception").await;
    let denied = reception.get(&format!("/house/courses/{line}/file")).await;
    assert_eq!(denied.status, StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn cl_1_4_i_b_nobody_replaces_the_own_photograph_or_proof() {
    let ward = ward().await;
    let me = both(&ward).await;
    let mut browser = ward.house.signed_in("administrator").await;
    let own = upload(
        &mut browser,
        &format!("/house/people/{me}/profile"),
        &[("name", "例原 けい")],
        Some(PNG),
    )
    .await;
    assert_eq!(own.status, StatusCode::FORBIDDEN);
    assert!(own.body.contains("cl-1.4-i-b"), "{}", own.body);
    let proof = [
        ("registration_year", "1998"),
        ("valid_until", "2027-11-20"),
        ("compared", "yes"),
    ];
    let (status, _) = post_json(&mut browser, &format!("/house/people/{me}/proof"), &proof).await;
    assert_eq!(status, 403);
    let mut alone = ward.house.signed_in("physician").await;
    let own = upload(
        &mut alone,
        &format!("/house/people/{}/profile", physician()),
        &[("name", "だれか")],
        Some(JPEG),
    )
    .await;
    assert_eq!(own.status, StatusCode::FORBIDDEN);
    let mut read = ward.house.store.read(ward.house.tenant).await.unwrap();
    assert!(
        read.physician_profile(person_id("administrator"))
            .await
            .unwrap()
            .is_none()
    );
    assert_eq!(
        read.physician_profile(person_id("physician"))
            .await
            .unwrap()
            .unwrap()
            .photo,
        PNG
    );
}

#[tokio::test]
async fn cl_1_4_iii_a_a_changed_photograph_withdraws_the_proof_until_it_is_verified_again() {
    let ward = ward().await;
    let mut browser = ward.house.signed_in("administrator").await;
    let page = format!("/house/people/{}", physician());
    let withdrawn = "確かめ直してください";
    assert!(!browser.get(&page).await.body.contains(withdrawn));
    let fields = [("name", "例沢 はるか"), ("department", "内科")];
    let same = upload(&mut browser, &format!("{page}/profile"), &fields, None).await;
    assert_eq!(same.status, StatusCode::SEE_OTHER, "{}", same.body);
    assert!(
        !browser.get(&page).await.body.contains(withdrawn),
        "nothing changed"
    );
    let changed = upload(
        &mut browser,
        &format!("{page}/profile"),
        &fields,
        Some(JPEG),
    )
    .await;
    assert_eq!(changed.status, StatusCode::SEE_OTHER, "{}", changed.body);
    assert!(browser.get(&page).await.body.contains(withdrawn));
    ward.house.pass(SignedDuration::from_secs(1));
    let proof = [
        ("registration_year", "1998"),
        ("valid_until", "2027-11-20"),
        ("compared", "yes"),
    ];
    assert_eq!(
        browser.post(&format!("{page}/proof"), &proof).await.status,
        StatusCode::SEE_OTHER
    );
    assert!(!browser.get(&page).await.body.contains(withdrawn));
}

#[tokio::test]
async fn cl_1_4_iv_a_no_proof_without_a_year_of_registration() {
    let ward = ward().await;
    let mut browser = ward.house.signed_in("administrator").await;
    let path = format!("/house/people/{}/proof", physician());
    for year in ["", "そのころ", "1024", "2027"] {
        let fields = [
            ("registration_year", year),
            ("valid_until", "2027-11-20"),
            ("compared", "yes"),
        ];
        let (status, body) = post_json(&mut browser, &path, &fields).await;
        assert_eq!(
            (status, &body["clause"]),
            (422, &"cl-1.4-iv-a".into()),
            "{year} {body}"
        );
    }
    let unseen = browser
        .post(
            &path,
            &[("registration_year", "1998"), ("valid_until", "2027-11-20")],
        )
        .await;
    assert_eq!(unseen.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(unseen.body.contains("#compared"));
    let mut alone = ward.house.signed_in("physician").await;
    let own = alone.post(&path, &[("registration_year", "1970")]).await;
    assert_eq!(own.status, StatusCode::FORBIDDEN);
    let me = both(&ward).await;
    let own = [
        ("registration_year", "1970"),
        ("valid_until", "2027-11-20"),
        ("compared", "yes"),
    ];
    let (status, body) = post_json(&mut browser, &format!("/house/people/{me}/proof"), &own).await;
    assert_eq!(
        (status, &body["clause"]),
        (403, &"cl-1.4-iv-a".into()),
        "{body}"
    );
}

#[tokio::test]
async fn a_photograph_is_a_picture_and_is_served_as_one() {
    let ward = ward().await;
    let mut browser = ward.house.signed_in("administrator").await;
    let path = format!("/house/people/{}/profile", physician());
    let fields = [("name", "例沢 はるか")];
    let page = upload(
        &mut browser,
        &path,
        &fields,
        Some(b"<html><script>1</script>"),
    )
    .await;
    assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
    let large = vec![0xff; 600 * 1024];
    let large = upload(&mut browser, &path, &fields, Some(&large)).await;
    assert_eq!(
        large.status,
        StatusCode::PAYLOAD_TOO_LARGE,
        "{}",
        large.body
    );
    let photo = browser.get(&format!("/people/{}/photo", physician())).await;
    assert_eq!(photo.header("content-type"), "image/png");
    assert_eq!(photo.header("x-content-type-options"), "nosniff");
    assert!(
        photo
            .header("content-security-policy")
            .contains("default-src 'none'")
    );
}

#[tokio::test]
async fn a_person_joins_signs_in_and_leaves() {
    let house = house().await;
    let mut administrator = house.signed_in("administrator").await;
    let added = administrator
        .post(
            "/house/people",
            &[
                ("name", "仮野 あかり"),
                ("login", "karino"),
                ("role", "reception"),
            ],
        )
        .await;
    assert_eq!(added.status, StatusCode::OK, "{}", added.body);
    let shown: Vec<&str> = added
        .body
        .split("<dd class=\"on-num\">")
        .skip(1)
        .map(|rest| rest.split('<').next().unwrap())
        .collect();
    let [secret_word, secret] = shown[..] else {
        panic!("{shown:?}")
    };
    assert_ne!(secret_word, PASSWORD);
    let again = administrator.get("/house/people").await;
    assert!(
        again.body.contains("karino") && !again.body.contains(secret_word),
        "shown once"
    );
    let code = totp::code(&totp::read_secret(secret).unwrap(), house.now()).unwrap();
    let mut browser = house.browser(Surface::Staff);
    let entered = browser
        .post(
            "/sign-in",
            &[
                ("name", "karino"),
                ("password", secret_word),
                ("code", &code),
            ],
        )
        .await;
    assert_eq!(entered.status, StatusCode::SEE_OTHER, "{}", entered.body);
    assert_eq!(browser.get("/today").await.status, StatusCode::OK);
    let taken = administrator
        .post(
            "/house/people",
            &[("name", "だれか"), ("login", "karino"), ("role", "nurse")],
        )
        .await;
    assert_eq!(taken.status, StatusCode::UNPROCESSABLE_ENTITY);
    let page = administrator.get("/house/people").await;
    let row = page.body.split("karino").nth(1).unwrap();
    let end = row
        .split("action=\"")
        .nth(1)
        .unwrap()
        .split('"')
        .next()
        .unwrap()
        .to_owned();
    assert_eq!(
        administrator.post(&end, &[]).await.status,
        StatusCode::SEE_OTHER
    );
    assert_ne!(
        browser.get("/today").await.status,
        StatusCode::OK,
        "out at the minute"
    );
}

#[tokio::test]
async fn sec_0_b_the_administrator_signs_the_statement_once() {
    let ward = ward().await;
    let mut browser = ward.house.signed_in("administrator").await;
    assert!(
        browser
            .get("/house/statement")
            .await
            .body
            .contains("まだです")
    );
    assert_eq!(
        browser.post("/house/statement", &[]).await.status,
        StatusCode::SEE_OTHER
    );
    assert!(
        !browser
            .get("/house/statement")
            .await
            .body
            .contains("まだです")
    );
    ward.house.pass(SignedDuration::from_secs(1));
    assert_eq!(
        browser.post("/house/statement", &[]).await.status,
        StatusCode::CONFLICT
    );
    let mut physician = ward.house.signed_in("physician").await;
    assert_eq!(
        physician.post("/house/statement", &[]).await.status,
        StatusCode::FORBIDDEN
    );
}

#[tokio::test]
async fn the_checklist_has_every_clause_and_says_what_is_not_built() {
    let ward = ward().await;
    let mut browser = ward.house.signed_in("administrator").await;
    let page = browser.get("/house/checklist").await;
    assert_eq!(page.status, StatusCode::OK);
    for clause in guideline::catalogue()
        .iter()
        .filter(|clause| clause.source == "001")
    {
        assert!(
            page.body.contains(&format!("/clauses/{}\"", clause.id)),
            "{}",
            clause.id
        );
    }
    assert!(page.body.contains("209") && page.body.contains("この版にはまだありません"));
    let not_built = browser.get("/house/checklist?show=not_built").await;
    assert!(
        not_built.body.contains("/clauses/cl-0-a\"")
            && !not_built.body.contains("/clauses/cl-1.1-i\"")
    );
    let late = [("name", "診察室3"), ("inspected", "2025-01-01")];
    assert_eq!(
        browser.post("/house/rooms", &late).await.status,
        StatusCode::SEE_OTHER
    );
    let findings = browser.get("/house/checklist?show=finding").await;
    assert!(
        findings.body.contains("/clauses/cl-2.1-v\"")
            && findings.body.contains("room_inspection_overdue")
    );
    let clause = browser.get("/clauses/cl-3.1-i").await;
    assert!(
        clause.body.contains("access::qualification") && clause.body.contains("台帳"),
        "{}",
        clause.body
    );
    assert_eq!(
        browser.get("/clauses/cl-9.9").await.status,
        StatusCode::NOT_FOUND
    );
    let mut reception = ward.house.signed_in("reception").await;
    assert_eq!(
        reception.get("/house/checklist").await.status,
        StatusCode::FORBIDDEN
    );
    assert_eq!(
        reception.get("/clauses/cl-1.1-i").await.status,
        StatusCode::OK
    );
}

#[tokio::test]
async fn what_is_not_offered_is_asked_of_nobody_until_it_is() {
    let ward = ward().await;
    let mut browser = ward.house.signed_in("administrator").await;
    let row = "/clauses/cl-2.4.1-ii-a\"";
    let shown = "/house/checklist?show=";
    let apart = browser.get(&format!("{shown}not_offered")).await.body;
    assert!(apart.contains(row) && !apart.contains("/clauses/cl-1.1-i\""));
    let on = [("on", "yes"), ("attest", "yes")];
    let switched = browser.post("/house/surgery", &on).await;
    assert_eq!(switched.status, StatusCode::SEE_OTHER);
    let apart = browser.get(&format!("{shown}not_offered")).await.body;
    assert!(!apart.contains(row));
    // Offered, and nothing of it has been used yet.
    let unproved = browser.get(&format!("{shown}unproved")).await.body;
    assert!(unproved.contains(row));
}

#[tokio::test]
async fn every_claimed_clause_is_on_the_page_and_none_of_them_as_not_built() {
    let ward = ward().await;
    let mut browser = ward.house.signed_in("administrator").await;
    let page = browser.get("/house/checklist").await.body;
    let not_built = browser.get("/house/checklist?show=not_built").await.body;
    let ours = [
        access::DUTIES,
        care::DUTIES,
        governance::DUTIES,
        web::DUTIES,
        crate::support::OUTER,
    ];
    let ours = ours.into_iter().flatten().map(|(clause, _)| clause.id());
    let others = ledger::DUTIES
        .iter()
        .chain(media::DUTIES)
        .map(|(id, _)| *id);
    for id in ours.chain(others) {
        if guideline::find(id).unwrap().text().unwrap().source != "001" {
            continue;
        }
        let row = format!("/clauses/{id}\"");
        assert!(page.contains(&row), "{id} is not on the page");
        assert!(
            !not_built.contains(&row),
            "{id} is claimed and shown as not built"
        );
    }
    assert!(not_built.contains("/clauses/cl-0-a\""));
}

#[tokio::test]
async fn the_outbox_is_a_page_of_demonstrations_only() {
    let house = house().await;
    let mut browser = house.signed_in("reception").await;
    assert_eq!(browser.get("/outbox").await.status, StatusCode::NOT_FOUND);
}

/// What patients read is what was published, not what stands at the moment, and only after somebody pressed.
#[tokio::test]
async fn the_checklist_is_published_by_a_press_and_stays_as_it_was() {
    let ward = ward().await;
    let mut patient = ward.house.browser(Surface::Patient);
    assert_eq!(patient.get("/me/checklist").await.status, 404);
    assert!(!patient.get("/").await.body.contains("/me/checklist"));
    let mut reception = ward.house.signed_in("reception").await;
    assert_eq!(
        reception.post("/house/checklist/publish", &[]).await.status,
        403
    );
    let mut administrator = ward.house.signed_in("administrator").await;
    let said = administrator.post("/house/checklist/publish", &[]).await;
    assert_eq!(said.status, 303, "{}", said.body);
    assert!(patient.get("/").await.body.contains("/me/checklist"));
    let page = patient.get("/me/checklist").await.body;
    let clauses = guideline::catalogue()
        .iter()
        .filter(|clause| clause.source == "001");
    for clause in clauses {
        assert!(page.contains(clause.ja), "{}", clause.id);
    }
    assert!(
        page.contains("まだ証拠がありません"),
        "what is not proved is published as well"
    );
    ward.house.pass(SignedDuration::from_hours(48));
    assert_eq!(
        patient
            .get("/me/checklist")
            .await
            .body
            .matches("<li>")
            .count(),
        page.matches("<li>").count()
    );
    assert_eq!(
        ward.house
            .entries(ward.house.tenant, "checklist.published")
            .await,
        1
    );
}

/// Every page of the staff that this build serves, in both languages: no text is missing, no field keeps what was typed.
#[tokio::test]
async fn every_page_speaks_both_languages_and_clinical_fields_are_not_remembered() {
    let ward = ward().await;
    let mut reception = ward.house.signed_in("reception").await;
    let visit = ward.book(&mut reception).await;
    let patient = ward.patient;
    let (mine, desk, physicians) = (
        [
            "people",
            "institution",
            "texts",
            "texts/explanation/decided_each_time",
            "statement",
            "boundary",
            "rooms",
            "places",
            "checklist",
        ]
        .map(|page| format!("/house/{page}")),
        [
            "/today".to_owned(),
            "/today?show=lacking".to_owned(),
            "/bookings".to_owned(),
            "/bookings/new".to_owned(),
            format!("/bookings/new?patient={patient}"),
            format!("/bookings/{visit}"),
            "/patients".to_owned(),
            "/patients/new".to_owned(),
            format!("/patients/{patient}"),
            format!("/patients/{patient}/identity"),
            format!("/patients/{patient}/recover"),
            format!("/patients/{patient}/proxies/new"),
            "/partners".to_owned(),
            "/clauses/cl-1.3-i".to_owned(),
        ],
        [
            "/work".to_owned(),
            "/work/device".to_owned(),
            format!("/patients/{patient}/assessments/new"),
            format!("/patients/{patient}/plans/new"),
            format!("/patients/{patient}/notes/{visit}"),
            format!("/patients/{patient}"),
        ],
    );
    let person = format!("/house/people/{}", physician());
    for (login, pages) in [
        (
            "administrator",
            mine.iter().chain([&person]).collect::<Vec<_>>(),
        ),
        ("reception", desk.iter().collect()),
        ("physician", physicians.iter().collect()),
    ] {
        let mut browser = ward.house.signed_in(login).await;
        for lang in ["ja", "en"] {
            browser.post("/lang", &[("lang", lang), ("to", "/")]).await;
            for page in &pages {
                let answer = browser.get(page).await;
                assert_eq!(answer.status, StatusCode::OK, "{lang} {page}");
                let main = answer.body.split("<main").nth(1).unwrap();
                let lost = main.split('[').skip(1).find(|rest| {
                    let key = rest.split(']').next().unwrap_or_default();
                    key.contains('-')
                        && key
                            .bytes()
                            .all(|byte| byte.is_ascii_lowercase() || b"-_.".contains(&byte))
                });
                assert!(
                    lost.is_none(),
                    "{lang} {page}: [{}",
                    lost.unwrap_or_default()
                        .chars()
                        .take(60)
                        .collect::<String>()
                );
                for field in main.split("<textarea").skip(1) {
                    let tag = field.split('>').next().unwrap();
                    assert!(tag.contains("autocomplete=\"off\""), "{page}: {tag}");
                }
                let title = answer
                    .body
                    .split("<title>")
                    .nth(1)
                    .unwrap()
                    .split('<')
                    .next()
                    .unwrap();
                assert!(!title.contains("正男"), "{page}: titles carry no names");
            }
        }
    }
}
