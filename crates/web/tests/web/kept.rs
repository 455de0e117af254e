//! A press that meets a covered screen: what was written is carried along and given back, and nothing is done before.

use crate::{
    consultation_seed::{NOTE, Practice, Seed},
    support::{Answer, Browser, PASSWORD},
};
use axum::{
    body::Body,
    http::{Method, StatusCode, header},
};
use web::form::encode;

/// A visit whose call has ended, and whose physician's screen was covered over the note.
async fn covered() -> Practice {
    let mut practice = Seed::follow_up().open().await;
    practice.closable().await;
    practice.done("end", &[]).await;
    assert_eq!(
        practice.physician.post("/lock", &[]).await.status,
        StatusCode::NO_CONTENT
    );
    practice
}

/// The value of a hidden field on a page, as the browser would send it back.
fn hidden(page: &str, name: &str) -> String {
    let value = page
        .split(&format!("name=\"{name}\" value=\""))
        .nth(1)
        .and_then(|rest| rest.split('"').next())
        .unwrap_or_else(|| panic!("{name} is not on the page: {page}"));
    value
        .replace("&#34;", "\"")
        .replace("&#39;", "'")
        .replace("&#60;", "<")
        .replace("&#62;", ">")
        .replace("&#38;", "&")
}

async fn send(browser: &mut Browser, path: &str, headers: &[(&str, &str)], body: String) -> Answer {
    let mut request = browser
        .request(&Method::POST, path)
        .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
        .body(Body::from(body))
        .unwrap();
    for (name, value) in headers {
        let name: header::HeaderName = name.parse().unwrap();
        request.headers_mut().insert(name, value.parse().unwrap());
    }
    browser.send(request).await
}

#[tokio::test]
async fn what_was_written_is_carried_through_the_unlock_page_and_given_back() {
    let mut practice = covered().await;
    let before = practice.state().await;
    let note = format!("{}/note", practice.address());
    let typed = [
        ("subjective", "ふらつき <なし> \"きのう\" & 今日"),
        ("objective", "顔色よい"),
        ("plan", ""),
    ];
    let asked = practice.physician.post(&note, &typed).await;
    assert_eq!(asked.status, StatusCode::UNAUTHORIZED);
    assert!(asked.header(header::CACHE_CONTROL).contains("no-store"));
    let (to, kept) = (hidden(&asked.body, "kept_to"), hidden(&asked.body, "kept"));
    assert_eq!(to, note);
    // A wrong password keeps it, too; nothing was done with it yet.
    let fields = |proof| [("proof", proof), ("kept_to", to.as_str()), ("kept", &kept)];
    let wrong = practice.physician.post("/unlock", &fields("no")).await;
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(hidden(&wrong.body, "kept"), kept);
    let back = practice.physician.post("/unlock", &fields(PASSWORD)).await;
    assert_eq!(back.status, StatusCode::OK, "{}", back.body);
    assert!(back.body.contains(&format!("action=\"{note}\"")));
    assert!(!back.body.contains(PASSWORD));
    assert_eq!(practice.state().await.notes(), before.notes());
    let again: Vec<(&str, String)> = typed
        .iter()
        .map(|(name, _)| (*name, hidden(&back.body, name)))
        .collect();
    let again: Vec<(&str, &str)> = again
        .iter()
        .map(|(name, value)| (*name, value.as_str()))
        .collect();
    assert_eq!(again, typed, "word for word");
    let sent = practice.physician.post(&note, &again).await;
    assert_eq!(sent.status, StatusCode::SEE_OTHER);
    assert!(practice.page().await.contains("顔色よい"));
    let ledger = practice.house.ledger(practice.house.tenant).await.join("");
    assert!(!ledger.contains("顔色よい"));
}

#[tokio::test]
async fn a_page_with_a_script_stays_under_its_cover_and_is_uncovered_by_a_proof_only() {
    let mut practice = covered().await;
    let note = format!("{}/note", practice.address());
    let body = format!("subjective={}", encode("ふらつきなし"));
    let block = [("hx-request", "true")];
    let told = send(&mut practice.physician, &note, &block, body.clone()).await;
    assert_eq!(
        (
            told.status,
            told.header("hx-trigger"),
            told.header("hx-reswap")
        ),
        (StatusCode::UNAUTHORIZED, "on-covered", "none")
    );
    assert!(
        told.headers.get("hx-redirect").is_none() && !told.body.contains("ふらつき"),
        "nothing leads away from the page"
    );
    let json = [("accept", "application/json")];
    for (proof, status) in [
        ("", StatusCode::UNPROCESSABLE_ENTITY),
        ("no", StatusCode::UNPROCESSABLE_ENTITY),
        (PASSWORD, StatusCode::NO_CONTENT),
    ] {
        let body = format!("proof={}", encode(proof));
        let said = send(&mut practice.physician, "/unlock", &json, body).await;
        assert_eq!(said.status, status, "{proof}");
    }
    let sent = send(&mut practice.physician, &note, &block, body).await;
    assert_eq!(sent.status, StatusCode::SEE_OTHER);
    let page = practice.page().await;
    assert!(page.contains("data-uncover") && page.contains("ふらつきなし"));
}

#[tokio::test]
async fn what_cannot_be_carried_leads_to_the_unlock_page_alone() {
    let mut practice = covered().await;
    let note = format!("{}/note", practice.address());
    let long = NOTE[0].1.repeat(6_000);
    let asked = practice
        .physician
        .post(&note, &[("subjective", &long)])
        .await;
    assert!(asked.status == StatusCode::SEE_OTHER, "{}", asked.status);
    assert_eq!(
        asked.location(),
        format!("/unlock?to={}", encode(&practice.address())),
        "back to the visit, not to the address of the act"
    );
    // Nothing is given back to another site, and no broken bundle is.
    for (to, kept) in [("//evil/", "[]"), ("/today", "{"), ("/today", "")] {
        let fields = [("proof", PASSWORD), ("kept_to", to), ("kept", kept)];
        let opened = practice.physician.post("/unlock", &fields).await;
        assert_eq!(
            (opened.status, opened.location()),
            (StatusCode::SEE_OTHER, "/today"),
            "{to} {kept}"
        );
    }
}
