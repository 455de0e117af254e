//! What holds on every route of every surface.

use crate::support::{Answer, Browser, House, house};
use access::{
    Role,
    policy::{Asker, Audience, Verdict},
};
use axum::{
    body::Body,
    http::{Method, StatusCode, header},
};
use web::{Surface, surface};

/// A path with an id in each of its parts.
fn sample(path: &str) -> String {
    path.split('/')
        .map(|part| {
            if part.starts_with('{') {
                "01ARZ3NDEKTSV4RRFFQ69G5FAV"
            } else {
                part
            }
        })
        .collect::<Vec<_>>()
        .join("/")
}

async fn ask(browser: &mut Browser, method: &Method, path: &str) -> Answer {
    let path = sample(path);
    match *method {
        Method::GET => browser.get(&path).await,
        _ => browser.post(&path, &[]).await,
    }
}

#[tokio::test]
async fn every_route_carries_the_headers_and_answers_no_5xx() {
    let house = house().await;
    for surface in Surface::ALL {
        for route in surface::table(surface) {
            let mut browser = house.browser(surface);
            let answer = ask(&mut browser, route.method(), route.path()).await;
            let name = format!(
                "{surface:?} {} {}: {}",
                route.method(),
                route.path(),
                answer.status
            );
            assert!(!answer.status.is_server_error(), "{name}");
            let policy = answer.header(header::CONTENT_SECURITY_POLICY);
            for part in [
                "default-src 'none'",
                "script-src 'nonce-",
                "'strict-dynamic'",
                "require-trusted-types-for 'script'",
                "frame-ancestors 'none'",
                "media-src 'self' blob:",
            ] {
                assert!(policy.contains(part), "{name}: {policy}");
            }
            assert!(!policy.contains("unsafe"), "{name}");
            for (header, value) in [
                ("cache-control", "no-store"),
                ("x-content-type-options", "nosniff"),
                ("referrer-policy", "same-origin"),
                ("cross-origin-opener-policy", "same-origin"),
                ("cross-origin-resource-policy", "same-origin"),
            ] {
                assert_eq!(answer.header(header), value, "{name} {header}");
            }
            assert!(
                answer
                    .header("permissions-policy")
                    .contains("display-capture=()"),
                "{name}"
            );
            assert!(answer.headers.get(header::SERVER).is_none(), "{name}");
        }
    }
}

#[tokio::test]
async fn every_nonce_is_used_once() {
    let house = house().await;
    let mut browser = house.browser(Surface::Staff);
    let first = browser.get("/sign-in").await;
    let second = browser.get("/sign-in").await;
    let nonce = |answer: &Answer| {
        let policy = answer.header(header::CONTENT_SECURITY_POLICY).to_owned();
        policy
            .split("'nonce-")
            .nth(1)
            .unwrap()
            .split('\'')
            .next()
            .unwrap()
            .to_owned()
    };
    assert_ne!(nonce(&first), nonce(&second));
    assert!(first.body.contains(&format!("nonce=\"{}\"", nonce(&first))));
}

#[tokio::test]
async fn what_is_not_in_the_table_is_closed() {
    let house = house().await;
    for surface in [Surface::Patient, Surface::Staff] {
        let mut browser = house.browser(surface);
        for (method, path, status) in [
            (Method::GET, "/none", StatusCode::NOT_FOUND),
            (Method::POST, "/none", StatusCode::NOT_FOUND),
            (Method::GET, "/static/../Cargo.toml", StatusCode::NOT_FOUND),
            (Method::GET, "/static/onshin.css", StatusCode::NOT_FOUND),
            (Method::GET, "/lang", StatusCode::METHOD_NOT_ALLOWED),
            (Method::PUT, "/lang", StatusCode::METHOD_NOT_ALLOWED),
            (Method::DELETE, "/lang", StatusCode::METHOD_NOT_ALLOWED),
            (Method::TRACE, "/lang", StatusCode::METHOD_NOT_ALLOWED),
            (Method::OPTIONS, "/lang", StatusCode::METHOD_NOT_ALLOWED),
        ] {
            let request = browser.request(&method, path).body(Body::empty()).unwrap();
            let answer = browser.send(request).await;
            assert_eq!(answer.status, status, "{surface:?} {method} {path}");
            assert!(
                answer.body.contains("<h1>"),
                "{surface:?} {method} {path}: {}",
                answer.body
            );
        }
    }
}

#[tokio::test]
async fn the_patient_surface_has_no_staff_route() {
    let staff: Vec<_> = surface::table(Surface::Staff)
        .into_iter()
        .filter(|route| route.audience() != Audience::Anyone)
        .map(|route| route.path())
        .collect();
    for route in surface::table(Surface::Patient) {
        assert!(
            matches!(route.audience(), Audience::Anyone | Audience::Patient),
            "{}",
            route.path()
        );
        assert!(
            route.path() == "/" || !staff.contains(&route.path()),
            "{}",
            route.path()
        );
    }
}

#[tokio::test]
async fn acts_from_another_site_are_refused() {
    let house = house().await;
    for surface in Surface::ALL {
        for route in surface::table(surface)
            .into_iter()
            .filter(|route| *route.method() == Method::POST)
        {
            let mut browser = house.browser(surface);
            let own = browser.url.clone();
            for (origin, site) in [
                (Some("https://evil.example".to_owned()), None),
                (Some("null".to_owned()), None),
                (Some(format!("{own}.evil.example")), None),
                (Some(own.to_uppercase()), None),
                (None, None),
                (Some(own.clone()), Some("cross-site")),
                (Some(own.clone()), Some("same-site")),
            ] {
                let mut request = axum::http::Request::post(sample(route.path()))
                    .header(header::HOST, &browser.host)
                    .header(header::ACCEPT, "text/html");
                if let Some(origin) = &origin {
                    request = request.header(header::ORIGIN, origin);
                }
                if let Some(site) = site {
                    request = request.header("sec-fetch-site", site);
                }
                let answer = browser.send(request.body(Body::empty()).unwrap()).await;
                assert_eq!(
                    answer.status,
                    StatusCode::FORBIDDEN,
                    "{} {origin:?} {site:?}",
                    route.path()
                );
            }
        }
    }
}

#[tokio::test]
async fn another_host_is_misdirected() {
    let house = house().await;
    for surface in Surface::ALL {
        let mut browser = house.browser(surface);
        for host in ["evil.example", "localhost.evil.example", "localhost:9", ""] {
            if surface == Surface::Admin && host == "localhost:9" {
                continue; // the operator may come by any name of loopback
            }
            let request = axum::http::Request::get("/")
                .header(header::HOST, host)
                .header(header::ACCEPT, "text/html");
            let answer = browser.send(request.body(Body::empty()).unwrap()).await;
            assert_eq!(
                answer.status,
                StatusCode::MISDIRECTED_REQUEST,
                "{surface:?} {host}"
            );
        }
    }
}

#[tokio::test]
async fn another_name_of_this_machine_leads_home_and_takes_no_act() {
    let house = house().await;
    for (surface, port) in [(Surface::Patient, 8080), (Surface::Staff, 8081)] {
        let mut browser = house.browser(surface);
        for name in ["127.0.0.1", "[::1]"] {
            let host = format!("{name}:{port}");
            let request = axum::http::Request::get("/lost?x=1").header(header::HOST, &host);
            let answer = browser.send(request.body(Body::empty()).unwrap()).await;
            assert_eq!(answer.status, StatusCode::TEMPORARY_REDIRECT);
            let home = format!("http://localhost:{port}/lost?x=1");
            assert_eq!(answer.location(), home);
            let act = axum::http::Request::post("/lost")
                .header(header::HOST, &host)
                .header(header::ORIGIN, format!("http://{host}"));
            let answer = browser.send(act.body(Body::empty()).unwrap()).await;
            assert_eq!(answer.status, StatusCode::MISDIRECTED_REQUEST);
        }
        for elsewhere in [
            "127.0.0.1:9",
            "127.0.0.2:8080",
            "127.0.0.1.evil.example:8080",
        ] {
            let request = axum::http::Request::get("/").header(header::HOST, elsewhere);
            let answer = browser.send(request.body(Body::empty()).unwrap()).await;
            assert_eq!(
                answer.status,
                StatusCode::MISDIRECTED_REQUEST,
                "{elsewhere}"
            );
        }
    }
}

/// Every route of the staff surface, asked by everyone: what the table says is what happens.
#[tokio::test]
async fn route_by_role_holds_as_the_table_says() {
    let house = house().await;
    let mut anonymous = house.browser(Surface::Staff);
    for route in surface::table(Surface::Staff) {
        if ends_the_session(route.path()) {
            continue;
        }
        let answer = ask(&mut anonymous, route.method(), route.path()).await;
        let closed = route.audience() != Audience::Anyone;
        let sent_away = answer.location().starts_with("/sign-in");
        assert_eq!(
            closed,
            sent_away && answer.status == StatusCode::SEE_OTHER,
            "nobody {} {}",
            route.method(),
            route.path()
        );
    }
    for role in Role::ALL {
        let mut browser = house.signed_in(role.as_str()).await;
        for route in surface::table(Surface::Staff) {
            if ends_the_session(route.path()) {
                continue;
            }
            let answer = ask(&mut browser, route.method(), route.path()).await;
            let name = format!(
                "{role:?} {} {}: {}",
                route.method(),
                route.path(),
                answer.status
            );
            let needs_media = route.path().ends_with("/echo") || route.path().ends_with("/signal");
            let no_media = needs_media && answer.status == StatusCode::SERVICE_UNAVAILABLE;
            assert!(no_media || !answer.status.is_server_error(), "{name}");
            let admitted = route.audience().judge(Asker::Staff(&[role])) == Verdict::Admitted;
            // An act that a clause reserves to physicians is refused by that clause, and says who can do it.
            let reserved = !admitted
                && answer.status == StatusCode::FORBIDDEN
                && answer.body.contains("資格を確かめた医師だけができます");
            let denied = reserved || answer.body.contains("この役割では できません");
            assert_eq!(admitted, !denied, "{name}");
            assert!(!answer.location().starts_with("/sign-in"), "{name}");
        }
    }
}

fn ends_the_session(path: &str) -> bool {
    matches!(path, "/sign-out" | "/lock" | "/sign-in")
}

#[tokio::test]
async fn a_staff_cookie_is_refused_on_the_patient_surface() {
    let house = house().await;
    let browser = house.signed_in("physician").await;
    let (tenant, token) = session_of(&browser);
    let hash: [u8; 32] = <sha2::Sha256 as sha2::Digest>::digest(decoded(&token)).into();
    let mut read = house.store.read(house.tenant).await.unwrap();
    assert_eq!(tenant, house.tenant.to_string());
    assert!(read.session("staff", &hash).await.unwrap().is_some());
    assert!(read.session("patient", &hash).await.unwrap().is_none());
}

fn session_of(browser: &Browser) -> (String, String) {
    let (tenant, token) = browser.cookies["__Host-onshin-staff"]
        .split_once('.')
        .unwrap();
    (tenant.to_owned(), token.to_owned())
}

fn decoded(token: &str) -> Vec<u8> {
    use base64::Engine as _;
    base64::prelude::BASE64_URL_SAFE_NO_PAD
        .decode(token)
        .unwrap()
}

#[tokio::test]
async fn bad_bytes_are_refused_with_their_field() {
    let house = house().await;
    let mut browser = house.browser(Surface::Staff);
    for (body, status, said) in [
        ("name=a%00b&password=x".to_owned(), 422, "#name"),
        ("name=%ff&password=x".to_owned(), 422, "#name"),
        ("name=%".to_owned(), 422, "#name"),
        ("%00=1".to_owned(), 400, "読み取れません"),
        ("a=1&".repeat(65), 413, "大きすぎます"),
        (format!("name={}", "x".repeat(70_000)), 413, "大きすぎます"),
    ] {
        let request = browser
            .request(&Method::POST, "/sign-in")
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .body(Body::from(body.clone()))
            .unwrap();
        let answer = browser.send(request).await;
        let start: String = body.chars().take(30).collect();
        assert_eq!(answer.status.as_u16(), status, "{start}");
        assert!(answer.body.contains(said), "{start}: {}", answer.body);
    }
    let request = browser
        .request(&Method::POST, "/sign-in")
        .header(header::CONTENT_TYPE, "application/json");
    let answer = browser.send(request.body(Body::from("{}")).unwrap()).await;
    assert_eq!(answer.status, StatusCode::UNSUPPORTED_MEDIA_TYPE);
}

#[tokio::test]
async fn a_body_that_never_ends_or_breaks_off_is_the_senders_trouble() {
    let house = house().await;
    let mut browser = house.browser(Surface::Patient);
    let halt: futures_util::stream::Pending<Result<&str, std::io::Error>> =
        futures_util::stream::pending();
    let broken = futures_util::stream::iter([
        Ok("kind=mail&contact=a"),
        Err(std::io::Error::other("the line is gone")),
    ]);
    for (body, status, said) in [
        (Body::from_stream(halt), 408, "送り終わりませんでした"),
        (Body::from_stream(broken), 400, "読み取れません"),
    ] {
        let request = browser
            .request(&Method::POST, "/lost")
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .body(body)
            .unwrap();
        tokio::time::pause();
        let answer = browser.send(request).await;
        tokio::time::resume();
        assert_eq!(answer.status.as_u16(), status, "{}", answer.body);
        assert!(answer.body.contains(said), "{}", answer.body);
    }
}

#[tokio::test]
async fn a_refusal_is_problem_json_for_programs_and_a_block_for_htmx() {
    let house = house().await;
    let mut browser = house.browser(Surface::Staff);
    let request = axum::http::Request::get("/none").header(header::HOST, &browser.host);
    let answer = browser.send(request.body(Body::empty()).unwrap()).await;
    assert_eq!(
        answer.header(header::CONTENT_TYPE),
        "application/problem+json"
    );
    let body: serde_json::Value = serde_json::from_str(&answer.body).unwrap();
    assert_eq!(body["status"], 404);
    assert_eq!(body["title_ja"], "そのページは ありません");
    assert_eq!(body["title_en"], "There is no such page");

    let request = browser
        .request(&Method::GET, "/none")
        .header("hx-request", "true");
    let answer = browser.send(request.body(Body::empty()).unwrap()).await;
    assert_eq!(answer.header("hx-retarget"), "#told");
    assert!(answer.body.contains("on-told") && !answer.body.contains("<html"));
}

#[tokio::test]
async fn the_language_is_a_choice_that_stays() {
    let house = house().await;
    let mut browser = house.browser(Surface::Staff);
    let japanese = browser.get("/sign-in").await;
    assert!(japanese.body.contains("<html lang=\"ja\">") && japanese.body.contains("職員の入り口"));
    let answer = browser
        .post("/lang", &[("lang", "en"), ("to", "//evil.example")])
        .await;
    assert_eq!(
        (answer.status, answer.location()),
        (StatusCode::SEE_OTHER, "/")
    );
    let english = browser.get("/sign-in").await;
    assert!(english.body.contains("<html lang=\"en\">") && english.body.contains("Staff sign-in"));
    assert!(english.body.contains("Mihon Mizuumi Clinic"));
    let wrong = browser.post("/lang", &[("lang", "fr")]).await;
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
}

#[tokio::test]
async fn anonymous_routes_are_limited() {
    let house = house().await;
    for surface in Surface::ALL {
        for route in surface::table(surface)
            .into_iter()
            .filter(|route| route.audience() == Audience::Anyone)
        {
            let mut browser = house.browser(surface);
            let mut last = StatusCode::OK;
            for _ in 0..500 {
                let answer = ask(&mut browser, route.method(), route.path()).await;
                last = answer.status;
                if last == StatusCode::TOO_MANY_REQUESTS {
                    assert!(!answer.header(header::RETRY_AFTER).is_empty());
                    break;
                }
            }
            assert_eq!(
                last,
                StatusCode::TOO_MANY_REQUESTS,
                "{surface:?} {} {}",
                route.method(),
                route.path()
            );
        }
    }
}

#[tokio::test]
async fn the_operator_sees_live_and_ready() {
    let house = house().await;
    let mut browser = house.browser(Surface::Admin);
    assert_eq!(browser.get("/livez").await.body, "live\n");
    assert_eq!(browser.get("/readyz").await.body, "ready\n");
    house.store.close().await;
    assert_eq!(
        browser.get("/readyz").await.status,
        StatusCode::SERVICE_UNAVAILABLE
    );
    assert_eq!(browser.get("/livez").await.status, StatusCode::OK);
}

#[tokio::test]
async fn with_storage_gone_the_answer_is_503_with_the_telephone() {
    let house: House = house().await;
    let mut browser = house.signed_in("reception").await;
    assert_eq!(browser.get("/today").await.status, StatusCode::OK);
    house.store.close().await;
    let answer = browser.get("/today").await;
    assert_eq!(answer.status, StatusCode::SERVICE_UNAVAILABLE);
    assert!(answer.body.contains("00-1234-5678"), "{}", answer.body);
    assert!(answer.body.contains("いまは 保存できません"));
}

#[tokio::test]
async fn a_file_has_its_hash_in_its_address_and_may_be_kept() {
    let address = web::asset::address("onshin.css");
    if address.is_empty() {
        eprintln!("no files were built in: run `cargo xtask assets`");
        return;
    }
    let house = house().await;
    let mut browser = house.browser(Surface::Patient);
    let answer = browser.get(address).await;
    assert_eq!(answer.status, StatusCode::OK);
    assert_eq!(
        answer.header(header::CONTENT_TYPE),
        "text/css; charset=utf-8"
    );
    assert_eq!(
        answer.header(header::CACHE_CONTROL),
        "public, max-age=31536000, immutable"
    );
}
