//! How staff get in, and how others do not.

use crate::support::{PASSWORD, clinic, employ, house, person, person_id};
use access::{Role, TenantId, Ulid};
use axum::{
    body::Body,
    http::{Method, StatusCode, header},
};
use jiff::SignedDuration;
use web::Surface;

#[tokio::test]
async fn password_and_code_open_the_board_and_leave_their_entry() {
    let house = house().await;
    let mut browser = house.browser(Surface::Staff);
    let answer = house.sign_in(&mut browser, "reception").await;
    assert_eq!(
        (answer.status, answer.location()),
        (StatusCode::SEE_OTHER, "/today"),
        "{}",
        answer.body
    );
    for cookie in answer.headers.get_all(header::SET_COOKIE) {
        let text = cookie.to_str().unwrap();
        assert!(text.starts_with("__Host-onshin-staff"), "{text}");
        for part in ["; Path=/", "; Secure", "; HttpOnly", "; SameSite=Strict"] {
            assert!(text.contains(part), "{text}");
        }
    }
    let today = browser.get("/today").await;
    assert_eq!(today.status, StatusCode::OK);
    assert!(
        today.body.contains("きょうの一覧") && today.body.contains("受付 例沢 reception"),
        "{}",
        today.body
    );
    assert_eq!(house.entries(house.tenant, "session.opened").await, 1);

    let out = browser.post("/sign-out", &[]).await;
    assert_eq!(out.location(), "/sign-in");
    assert!(out.header("clear-site-data").contains("cache"));
    assert!(
        browser
            .get("/today")
            .await
            .location()
            .starts_with("/sign-in")
    );
    assert_eq!(house.entries(house.tenant, "session.ended").await, 1);
}

#[tokio::test]
async fn a_cookie_kept_after_sign_out_opens_nothing() {
    let house = house().await;
    let mut browser = house.signed_in("nurse").await;
    let kept = browser.cookies.clone();
    browser.post("/sign-out", &[]).await;
    browser.cookies = kept;
    assert!(
        browser
            .get("/today")
            .await
            .location()
            .starts_with("/sign-in")
    );
}

#[tokio::test]
async fn every_wrong_sign_in_gets_the_same_answer() {
    let house = house().await;
    let code = house.code("reception");
    let mut pages = Vec::new();
    for (name, password, code) in [
        ("reception", "wrong wrong wrong", code.as_str()),
        ("reception", PASSWORD, "000000"),
        ("reception", PASSWORD, ""),
        ("nobody", PASSWORD, code.as_str()),
        ("reception' OR 1=1 --", PASSWORD, code.as_str()),
    ] {
        let mut browser = house.browser(Surface::Staff);
        let answer = browser
            .post(
                "/sign-in",
                &[("name", name), ("password", password), ("code", code)],
            )
            .await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{name}");
        assert!(browser.cookies.is_empty(), "{name}");
        let nonce = answer.header(header::CONTENT_SECURITY_POLICY).to_owned();
        let nonce = nonce
            .split("'nonce-")
            .nth(1)
            .unwrap()
            .split('\'')
            .next()
            .unwrap()
            .to_owned();
        let once = answer
            .body
            .split("name=\"on-once\" value=\"")
            .nth(1)
            .unwrap()
            .split('"')
            .next()
            .unwrap()
            .to_owned();
        pages.push(answer.body.replace(&nonce, "").replace(&once, ""));
    }
    assert!(pages.windows(2).all(|pair| pair[0] == pair[1]));
}

#[tokio::test]
async fn a_code_is_good_once() {
    let house = house().await;
    let mut first = house.browser(Surface::Staff);
    assert_eq!(
        house.sign_in(&mut first, "physician").await.status,
        StatusCode::SEE_OTHER
    );
    let mut second = house.browser(Surface::Staff);
    assert_eq!(
        house.sign_in(&mut second, "physician").await.status,
        StatusCode::UNPROCESSABLE_ENTITY
    );
    house.pass(SignedDuration::from_secs(30));
    assert_eq!(
        house.sign_in(&mut second, "physician").await.status,
        StatusCode::SEE_OTHER
    );
}

#[tokio::test]
async fn repeated_failures_shut_the_door_for_a_growing_while() {
    let house = house().await;
    let mut browser = house.browser(Surface::Staff);
    for _ in 0..5 {
        let answer = browser
            .post(
                "/sign-in",
                &[
                    ("name", "nurse"),
                    ("password", "wrong wrong wrong"),
                    ("code", "1"),
                ],
            )
            .await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
    }
    assert_eq!(
        house.sign_in(&mut browser, "nurse").await.status,
        StatusCode::UNPROCESSABLE_ENTITY
    );
    house.pass(SignedDuration::from_secs(31));
    assert_eq!(
        house.sign_in(&mut browser, "nurse").await.status,
        StatusCode::SEE_OTHER
    );
}

#[tokio::test]
async fn a_covered_screen_returns_to_the_same_place() {
    let house = house().await;
    let mut browser = house.signed_in("physician").await;
    house.pass(SignedDuration::from_mins(6));
    let answer = browser.get("/today?physician=all").await;
    assert_eq!(answer.location(), "/unlock?to=/today%3Fphysician%3Dall");
    assert_eq!(
        browser.post("/account", &[]).await.location(),
        "/unlock?to=/account"
    );
    let wrong = browser
        .post(
            "/unlock",
            &[("proof", "wrong wrong wrong"), ("to", "/today")],
        )
        .await;
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
    let code = house.code("physician");
    let right = browser
        .post(
            "/unlock",
            &[("proof", &code), ("to", "/today?physician=all")],
        )
        .await;
    assert_eq!(right.location(), "/today?physician=all");
    assert_eq!(browser.get("/today").await.status, StatusCode::OK);
    house.pass(SignedDuration::from_mins(61));
    assert!(
        browser
            .get("/today")
            .await
            .location()
            .starts_with("/sign-in")
    );
}

#[tokio::test]
async fn a_page_may_cover_the_screen_by_itself() {
    let house = house().await;
    let mut browser = house.signed_in("nurse").await;
    assert_eq!(
        browser.post("/lock", &[]).await.status,
        StatusCode::NO_CONTENT
    );
    assert!(
        browser
            .get("/today")
            .await
            .location()
            .starts_with("/unlock")
    );
    let opened = browser.post("/unlock", &[("proof", PASSWORD)]).await;
    assert_eq!(opened.location(), "/today");
}

#[tokio::test]
async fn a_session_ends_after_twelve_hours_of_work() {
    let house = house().await;
    let mut browser = house.signed_in("reception").await;
    for _ in 0..(12 * 60 / 4) {
        house.pass(SignedDuration::from_mins(4));
        browser.get("/today").await;
    }
    assert!(
        browser
            .get("/today")
            .await
            .location()
            .starts_with("/sign-in")
    );
}

#[tokio::test]
async fn who_works_at_two_places_says_where() {
    let house = house().await;
    let other = TenantId(Ulid::from_parts(1, 2));
    clinic(&house.store, other, "別の診療所", house.now()).await;
    employ(
        &house.store,
        other,
        person_id("physician"),
        Role::Physician,
        house.now(),
    )
    .await;
    let mut browser = house.browser(Surface::Staff);
    let answer = house.sign_in(&mut browser, "physician").await;
    assert_eq!(answer.location(), "/institution");
    assert!(
        browser
            .get("/today")
            .await
            .location()
            .starts_with("/sign-in")
    );
    let choice = browser.get("/institution").await;
    assert!(
        choice.body.contains("別の診療所") && choice.body.contains("見本みずうみクリニック"),
        "{}",
        choice.body
    );
    let stranger = TenantId(Ulid::from_parts(1, 3)).to_string();
    let wrong = browser
        .post("/institution", &[("institution", &stranger)])
        .await;
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
    let right = browser
        .post("/institution", &[("institution", &other.to_string())])
        .await;
    assert_eq!(right.location(), "/today");
    let today = browser.get("/today").await;
    assert!(today.body.contains("別の診療所"), "{}", today.body);
    assert_eq!(house.entries(other, "session.opened").await, 1);
}

#[tokio::test]
async fn the_first_sign_in_adds_the_second_factor() {
    let house = house().await;
    let person = person(&house.store, "newcomer", false, house.now()).await;
    employ(&house.store, house.tenant, person, Role::Nurse, house.now()).await;
    let mut browser = house.browser(Surface::Staff);
    let answer = browser
        .post("/sign-in", &[("name", "newcomer"), ("password", PASSWORD)])
        .await;
    assert_eq!(answer.location(), "/account/factor", "{}", answer.body);
    assert_eq!(
        browser.get("/institution").await.location(),
        "/account/factor"
    );
    let tenant = house.tenant.to_string();
    let early = browser
        .post("/institution", &[("institution", &tenant)])
        .await;
    assert_eq!(early.location(), "/account/factor");
    let page = browser.get("/account/factor").await;
    let secret = page
        .body
        .split("name=\"secret\" value=\"")
        .nth(1)
        .unwrap()
        .split('"')
        .next()
        .unwrap()
        .to_owned();
    let wrong = browser
        .post(
            "/account/factor",
            &[("secret", &secret), ("code", "000000")],
        )
        .await;
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
    let code = web::totp::code(&web::totp::read_secret(&secret).unwrap(), house.now()).unwrap();
    let added = browser
        .post("/account/factor", &[("secret", &secret), ("code", &code)])
        .await;
    assert_eq!(added.location(), "/institution");
    let chosen = browser
        .post("/institution", &[("institution", &tenant)])
        .await;
    assert_eq!(chosen.location(), "/today");
    assert_eq!(browser.get("/today").await.status, StatusCode::OK);
}

#[tokio::test]
async fn a_role_that_ended_and_a_person_shut_out_are_out_at_once() {
    use ledger::Actor;
    use store::Fault;
    let house = house().await;
    let mut nurse = house.signed_in("nurse").await;
    let mut reception = house.signed_in("reception").await;
    let mut read = house.store.read(house.tenant).await.unwrap();
    let held = read
        .memberships(person_id("nurse"), house.now())
        .await
        .unwrap();
    drop(read);
    let id = held[0].id;
    house
        .store
        .write::<bool, Fault, _>(house.tenant, house.now(), move |tx| {
            Box::pin(async move { tx.end_membership(id, Actor::System).await })
        })
        .await
        .unwrap();
    house
        .store
        .write::<(), Fault, _>(TenantId::INSTALLATION, house.now(), |tx| {
            Box::pin(async move {
                tx.set_disabled(person_id("reception"), true, Actor::System)
                    .await
            })
        })
        .await
        .unwrap();
    assert!(nurse.get("/today").await.location().starts_with("/sign-in"));
    assert!(
        reception
            .get("/today")
            .await
            .location()
            .starts_with("/sign-in")
    );
    house.pass(SignedDuration::from_mins(1));
    let mut browser = house.browser(Surface::Staff);
    assert_eq!(
        house.sign_in(&mut browser, "reception").await.status,
        StatusCode::UNPROCESSABLE_ENTITY
    );
}

#[tokio::test]
async fn a_password_is_changed_with_both_factors_and_ends_other_sessions() {
    let house = house().await;
    let mut other = house.signed_in("physician").await;
    let mut browser = house.signed_in("physician").await;
    let code = house.code("physician");
    for (current, code, new, said) in [
        (
            "wrong wrong wrong",
            code.as_str(),
            "a new sentence to keep",
            "どれかがちがいます",
        ),
        (
            PASSWORD,
            "000000",
            "a new sentence to keep",
            "どれかがちがいます",
        ),
        (PASSWORD, code.as_str(), "short", "12文字より長く"),
        (PASSWORD, code.as_str(), PASSWORD, "いまのパスワードとは"),
    ] {
        let answer = browser
            .post(
                "/account",
                &[("current", current), ("code", code), ("new", new)],
            )
            .await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{said}");
        assert!(answer.body.contains(said), "{said}");
    }
    let answer = browser
        .post(
            "/account",
            &[
                ("current", PASSWORD),
                ("code", &code),
                ("new", "a new sentence to keep"),
            ],
        )
        .await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.body);
    assert!(answer.body.contains("パスワードを変えました"));
    assert_eq!(browser.get("/today").await.status, StatusCode::OK);
    assert!(other.get("/today").await.location().starts_with("/sign-in"));
    house.pass(SignedDuration::from_secs(30));
    let mut old = house.browser(Surface::Staff);
    assert_eq!(
        house.sign_in(&mut old, "physician").await.status,
        StatusCode::UNPROCESSABLE_ENTITY
    );
}

#[tokio::test]
async fn a_form_pressed_twice_is_done_once() {
    let house = house().await;
    let browser = house.browser(Surface::Staff);
    let code = house.code("reception");
    let form = [
        ("on-once", "t1"),
        ("name", "reception"),
        ("password", PASSWORD),
        ("code", code.as_str()),
    ];
    let body: Vec<String> = form
        .iter()
        .map(|(name, value)| format!("{name}={}", web::form::encode(value)))
        .collect();
    let request = || {
        browser
            .request(&Method::POST, "/sign-in")
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .body(Body::from(body.join("&")))
            .unwrap()
    };
    let (first, second) = (request(), request());
    let router = browser.router.clone();
    let (one, two) = tokio::join!(
        tower::ServiceExt::oneshot(router.clone(), first),
        tower::ServiceExt::oneshot(router, second)
    );
    for answer in [one.unwrap(), two.unwrap()] {
        assert_eq!(answer.status(), StatusCode::SEE_OTHER);
    }
    assert_eq!(house.entries(house.tenant, "session.opened").await, 1);
}

#[tokio::test]
async fn who_may_not_is_denied_and_the_ledger_says_so_once_a_minute() {
    let house = house().await;
    let mut browser = house.signed_in("nurse").await;
    let closed = web::surface::table(Surface::Staff).into_iter().find(|route| {
        let audience = route.audience();
        *route.method() == Method::GET
            && matches!(audience, access::policy::Audience::Roles(roles) if !roles.contains(&Role::Nurse))
    });
    let Some(route) = closed else { return };
    for _ in 0..3 {
        assert_eq!(
            browser.get(route.path()).await.status,
            StatusCode::FORBIDDEN
        );
    }
    assert_eq!(house.entries(house.tenant, "access.denied").await, 1);
}

#[tokio::test]
async fn a_demonstration_shows_its_codes_at_its_own_machine_and_nowhere_else() {
    let house = house().await;
    let demo = |demo| {
        let now = house.now();
        web::App::new(web::Parts {
            store: house.store.clone(),
            media: None,
            settings: web::Settings {
                demo,
                ..house.app.settings().clone()
            },
            clock: std::sync::Arc::new(move || now),
            entropy: web::system_entropy(),
        })
    };
    for (is_demo, client, status) in [
        (true, "127.0.0.1:5000", StatusCode::OK),
        (true, "[::1]:5000", StatusCode::OK),
        (true, "192.0.2.7:5000", StatusCode::NOT_FOUND),
        (false, "127.0.0.1:5000", StatusCode::NOT_FOUND),
    ] {
        let mut browser = house.browser(Surface::Staff);
        browser.router = web::serve_router(Surface::Staff, demo(is_demo));
        let client: std::net::SocketAddr = client.parse().unwrap();
        let ask = |browser: &crate::support::Browser, path| {
            let mut request = browser
                .request(&Method::GET, path)
                .body(Body::empty())
                .unwrap();
            request
                .extensions_mut()
                .insert(axum::extract::ConnectInfo(client));
            request
        };
        let request = ask(&browser, "/codes");
        let answer = browser.send(request).await;
        assert_eq!(answer.status, status, "{is_demo} {client}");
        let shown = answer.body.contains(&house.code("reception"));
        assert_eq!(shown, status == StatusCode::OK, "{}", answer.body);
        let request = ask(&browser, "/sign-in");
        let door = browser.send(request).await.body;
        assert_eq!(door.contains("href=\"/codes\""), is_demo);
    }
}
