//! A clinic in memory, its people, a clock that tests turn, and browsers that keep cookies.

use access::{PersonId, Role, TenantId, Ulid, credential};
use axum::{
    Router,
    body::Body,
    http::{HeaderMap, Method, Request, StatusCode, header},
};
use http_body_util::BodyExt as _;
use jiff::{SignedDuration, Timestamp};
use ledger::Actor;
use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, OnceLock},
};
use store::{
    Database, Fault, MasterKey, Store,
    institution::Institution,
    outbox::Channel,
    person::{NewMembership, NewPerson},
};
use tower::ServiceExt as _;
use web::{App, Parts, Settings, Surface, form::encode, password, serve_router, totp};

/// The password of everyone in tests.
pub(crate) const PASSWORD: &str = "minato no asa 0800 hare";
/// What a program around the surfaces answers.
pub(crate) const OUTER: &[guideline::Duty] = &[(guideline::clause("cl-2.5.2.1-vi-a"), "stores")];
/// Where the surfaces say they are.
pub(crate) const PATIENT_URL: &str = "http://localhost:8080";
pub(crate) const STAFF_URL: &str = "http://localhost:8081";
pub(crate) const ADMIN_URL: &str = "http://127.0.0.1:8082";

/// A clinic in memory.
pub(crate) struct House {
    pub(crate) app: App,
    pub(crate) store: Store,
    pub(crate) tenant: TenantId,
    clock: Arc<Mutex<Timestamp>>,
}

/// A clinic with one person for each role; the sign-in name is the role's word.
pub(crate) async fn house() -> House {
    let store = Store::open(store::Settings {
        database: Database::Memory,
        master_key: MasterKey::generate().unwrap(),
        anchor: None,
        reserve: None,
    })
    .await
    .unwrap();
    let start: Timestamp = "2026-11-20T05:42:00Z".parse().unwrap();
    let clock = Arc::new(Mutex::new(start));
    let tenant = TenantId(Ulid::from_parts(1, 1));
    clinic(&store, tenant, "見本みずうみクリニック", start).await;
    for role in Role::ALL {
        let person = person(&store, role.as_str(), true, start).await;
        employ(&store, tenant, person, role, start).await;
    }
    let read = Arc::clone(&clock);
    let app = App::new(Parts {
        store: store.clone(),
        media: None,
        settings: Settings {
            patient_url: PATIENT_URL.into(),
            staff_url: STAFF_URL.into(),
            admin_url: ADMIN_URL.into(),
            proxies: Vec::new(),
            home: Some(tenant),
            time_stamp_authority: true,
            duties: OUTER,
            carried: vec![Channel::Sms, Channel::Mail],
            demo: false,
        },
        clock: Arc::new(move || *read.lock().unwrap()),
        entropy: web::system_entropy(),
    });
    House {
        app,
        store,
        tenant,
        clock,
    }
}

/// An institution with complete settings.
pub(crate) async fn clinic(store: &Store, tenant: TenantId, name: &str, now: Timestamp) {
    store.create_tenant(tenant, name, now).await.unwrap();
    let institution = institution(name);
    store
        .write::<(), Fault, _>(tenant, now, move |tx| {
            Box::pin(async move { tx.keep_institution(&institution, Actor::System).await })
        })
        .await
        .unwrap();
}

/// Complete settings.
pub(crate) fn institution(name: &str) -> Institution {
    Institution {
        name: name.into(),
        address: "長野県みほん郡みずうみ町1-2".into(),
        phone: "00-1234-5678".into(),
        hours: "月〜土 8:30〜18:00".into(),
        name_en: "Mihon Mizuumi Clinic".into(),
        address_en: String::new(),
        hours_en: String::new(),
        code: "1234567".into(),
        online_care_notified: true,
        desks: store::institution::Desks::default(),
    }
}

/// A person of that sign-in name, with or without a second factor.
pub(crate) async fn person(
    store: &Store,
    login_name: &str,
    with_factor: bool,
    now: Timestamp,
) -> PersonId {
    let id = person_id(login_name);
    let new = NewPerson {
        id,
        login_name: login_name.into(),
        password_hash: password_hash().into(),
        totp_secret: with_factor.then(|| secret(login_name)),
    };
    store
        .write::<(), Fault, _>(TenantId::INSTALLATION, now, move |tx| {
            Box::pin(async move { tx.create_person(&new, Actor::System).await })
        })
        .await
        .unwrap();
    id
}

/// Gives a role.
pub(crate) async fn employ(
    store: &Store,
    tenant: TenantId,
    person: PersonId,
    role: Role,
    now: Timestamp,
) -> Ulid {
    let new = NewMembership {
        person,
        role,
        from: now - SignedDuration::from_hours(24),
        until: None,
        name: format!("例沢 {}", role.as_str()),
    };
    store
        .write::<Ulid, Fault, _>(tenant, now, move |tx| {
            Box::pin(async move { tx.add_membership(&new, Actor::System).await })
        })
        .await
        .unwrap()
}

/// The id that a sign-in name has in tests.
pub(crate) fn person_id(login_name: &str) -> PersonId {
    let bytes = login_name.bytes().fold(7_u64, |sum, byte| {
        sum.wrapping_mul(31).wrapping_add(u64::from(byte))
    });
    PersonId(Ulid::from_parts(2, u128::from(bytes)))
}

fn secret(login_name: &str) -> Vec<u8> {
    let mut secret = login_name.as_bytes().to_vec();
    secret.resize(totp::SECRET_BYTES, 7);
    secret
}

fn password_hash() -> &'static str {
    static HASH: OnceLock<String> = OnceLock::new();
    HASH.get_or_init(|| password::hash_password(PASSWORD, &[3; 16]).unwrap())
}

impl House {
    /// The hour.
    pub(crate) fn now(&self) -> Timestamp {
        *self.clock.lock().unwrap()
    }

    /// Turns the clock.
    pub(crate) fn pass(&self, time: SignedDuration) {
        let mut clock = self.clock.lock().unwrap();
        *clock += time;
    }

    /// A browser without cookies.
    pub(crate) fn browser(&self, surface: Surface) -> Browser {
        let url = self.app.settings().url(surface).to_owned();
        Browser {
            router: serve_router(surface, self.app.clone()),
            host: url.split_once("://").unwrap().1.to_owned(),
            url,
            cookies: BTreeMap::new(),
        }
    }

    /// The code that a person's authenticator shows.
    pub(crate) fn code(&self, login_name: &str) -> String {
        totp::code(&secret(login_name), self.now()).unwrap()
    }

    /// A browser in which somebody signed in; turns the clock by one code so that the next sign-in gets a fresh one.
    pub(crate) async fn signed_in(&self, login_name: &str) -> Browser {
        let mut browser = self.browser(Surface::Staff);
        let answer = self.sign_in(&mut browser, login_name).await;
        assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.body);
        self.pass(SignedDuration::from_secs(credential::STEP_SECONDS));
        browser
    }

    /// Sends the sign-in form with what is right.
    pub(crate) async fn sign_in(&self, browser: &mut Browser, login_name: &str) -> Answer {
        let code = self.code(login_name);
        browser
            .post(
                "/sign-in",
                &[
                    ("name", login_name),
                    ("password", PASSWORD),
                    ("code", &code),
                ],
            )
            .await
    }

    /// How many ledger entries of a subject a tenant has.
    pub(crate) async fn entries(&self, tenant: TenantId, subject: &str) -> usize {
        let needle = format!("\"subject\":\"{subject}\"");
        self.ledger(tenant)
            .await
            .iter()
            .filter(|entry| entry.contains(&needle))
            .count()
    }

    /// A tenant's ledger as text.
    pub(crate) async fn ledger(&self, tenant: TenantId) -> Vec<String> {
        let mut read = self.store.read(tenant).await.unwrap();
        let entries = read.entries(0, 1_000).await.unwrap();
        entries.into_iter().map(|entry| entry.body).collect()
    }
}

/// A browser: keeps cookies, sends Origin and the headers that browsers send.
pub(crate) struct Browser {
    pub(crate) router: Router,
    pub(crate) host: String,
    pub(crate) url: String,
    pub(crate) cookies: BTreeMap<String, String>,
}

/// What came back.
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: String,
}

impl Answer {
    /// A header's text.
    pub(crate) fn header(&self, name: impl header::AsHeaderName) -> &str {
        self.headers
            .get(name)
            .and_then(|value| value.to_str().ok())
            .unwrap_or_default()
    }

    /// Where it leads.
    pub(crate) fn location(&self) -> &str {
        self.header(header::LOCATION)
    }
}

impl Browser {
    /// Opens a page.
    pub(crate) async fn get(&mut self, path: &str) -> Answer {
        let request = self
            .request(&Method::GET, path)
            .body(Body::empty())
            .unwrap();
        self.send(request).await
    }

    /// Sends a form.
    pub(crate) async fn post(&mut self, path: &str, fields: &[(&str, &str)]) -> Answer {
        let body: Vec<String> = fields
            .iter()
            .map(|(name, value)| format!("{name}={}", encode(value)))
            .collect();
        let request = self
            .request(&Method::POST, path)
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .body(Body::from(body.join("&")))
            .unwrap();
        self.send(request).await
    }

    /// A request as this browser begins it.
    pub(crate) fn request(&self, method: &Method, path: &str) -> axum::http::request::Builder {
        let mut request = Request::builder()
            .method(method.clone())
            .uri(path)
            .header(header::HOST, &self.host)
            .header(header::ACCEPT, "text/html,*/*;q=0.8");
        if !matches!(*method, Method::GET | Method::HEAD) {
            request = request
                .header(header::ORIGIN, &self.url)
                .header("sec-fetch-site", "same-origin");
        }
        if !self.cookies.is_empty() {
            let cookies: Vec<String> = self
                .cookies
                .iter()
                .map(|(name, value)| format!("{name}={value}"))
                .collect();
            request = request.header(header::COOKIE, cookies.join("; "));
        }
        request
    }

    /// Sends a request and keeps the cookies of the answer.
    pub(crate) async fn send(&mut self, request: Request<Body>) -> Answer {
        let response = self.router.clone().oneshot(request).await.unwrap();
        let (parts, body) = response.into_parts();
        for set in parts.headers.get_all(header::SET_COOKIE) {
            let (pair, rest) = set.to_str().unwrap().split_once(';').unwrap();
            let (name, value) = pair.split_once('=').unwrap();
            if rest.contains("Max-Age=0") {
                self.cookies.remove(name);
            } else {
                self.cookies.insert(name.to_owned(), value.to_owned());
            }
        }
        let streams = parts
            .headers
            .get(header::CONTENT_TYPE)
            .is_some_and(|kind| kind == "text/event-stream");
        // A stream has no end; its head is all that is asked for here.
        let body = if streams {
            axum::body::Bytes::new()
        } else {
            body.collect().await.unwrap().to_bytes()
        };
        Answer {
            status: parts.status,
            headers: parts.headers,
            body: String::from_utf8_lossy(&body).into_owned(),
        }
    }
}
