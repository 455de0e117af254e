//! What people who mean no good may send to any route: never a panic, never a 5xx (design, sections 2 and 10).
//! A broken handler is caught by `layer` and answered with 503, so that a 503 here is a panic or a fault.

use crate::{
    consultation_seed::Seed,
    support::{Browser, House},
};
use axum::{
    body::Body,
    http::{Method, header},
};
use proptest::{
    prelude::*,
    test_runner::{Config, TestCaseError, TestRunner},
};
use std::cell::RefCell;
use web::{Form, Lang, Surface, Words, surface};

/// Cases of the walk over the routes. Each is one request in process, about a millisecond.
const CASES: u32 = 1_500;

/// Texts that have broken programs like this one.
const BAD: &[&str] = &[
    "",
    " ",
    "0",
    "-1",
    "1e309",
    "NaN",
    "18446744073709551616",
    "-9223372036854775808",
    "令和8年13月40日",
    "昭和64年1月8日",
    "明治0",
    "平成-1",
    "元",
    "0000-00-00",
    "2026-02-30",
    "2026-02-29",
    "9999-12-31",
    "-009999-01-01",
    "10000-01-01",
    "24:00",
    "23:59:60",
    "2026-11-20T05:42:00Z",
    "01ARZ3NDEKTSV4RRFFQ69G5FAV",
    "7ZZZZZZZZZZZZZZZZZZZZZZZZZ",
    "8ZZZZZZZZZZZZZZZZZZZZZZZZZ",
    "ﾐﾎﾝ ﾏｻｵ",
    "ヴァイオリン・ゞゝヿ",
    "み\u{3099}",
    "ｶﾞ\u{ff9e}",
    "\u{202e}txt.exe",
    "\u{feff}",
    "\u{0}",
    "a\u{0}b",
    "{ $name }",
    "{ $name",
    "{\"\\u{0041}\"}",
    "-term = x",
    "<script>alert(1)</script>",
    "\"><img src=x>",
    "../../../etc/passwd",
    "//evil.example",
    "/\\evil.example",
    "javascript:alert(1)",
    "' OR 1=1 --",
    "+81-90-0000-0000",
    "０９０−００００−００００",
    "１２",
    "👨‍👩‍👧‍👦",
    "𠮷野家",
];

/// Every name a field of ours has, read from the sources once, so that new forms are attacked too.
fn names() -> Vec<String> {
    let mut found = std::collections::BTreeSet::new();
    let mut folders = vec![std::path::PathBuf::from(concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/src"
    ))];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            let text = std::fs::read_to_string(&path).unwrap_or_default();
            let marks = [
                "name=\"",
                ".need(\"",
                ".maybe(\"",
                ".parse(\"",
                ".text(\"",
                ".get(\"",
                ".all(\"",
                ".areas(\"",
                ".date(\"",
                ".birth(\"",
            ];
            for mark in marks {
                for part in text.split(mark).skip(1) {
                    let name = part.split('"').next().unwrap_or_default();
                    let plain = |c: char| c.is_ascii_alphanumeric() || "-_".contains(c);
                    if !name.is_empty() && name.len() < 40 && name.chars().all(plain) {
                        found.insert(name.to_owned());
                    }
                }
            }
        }
    }
    assert!(found.len() > 60, "{found:?}");
    found.into_iter().collect()
}

fn text() -> BoxedStrategy<String> {
    prop_oneof![
        6 => prop::sample::select(BAD).prop_map(str::to_owned),
        2 => any::<String>(),
        1 => "[0-9]{1,30}",
        1 => "[0-9]{4}-[0-9]{2}-[0-9]{2}",
        1 => "(明治|大正|昭和|平成|令和|reiwa|showa)[0-9]{0,4}",
        1 => "[ァ-ヶー]{0,80}",
        1 => (1_usize..3_000).prop_map(|long| "あ".repeat(long)),
    ]
    .boxed()
}

/// What is sent with a request.
#[derive(Clone, Debug)]
enum Sent {
    Form(Vec<(String, String)>),
    Raw(&'static str, Vec<u8>),
}

const KINDS: &[&str] = &[
    "application/x-www-form-urlencoded",
    "application/json",
    "multipart/form-data; boundary=x",
    "multipart/form-data",
    "multipart/form-data; boundary=\"",
    "application/sdp",
    "text/plain",
    "",
];

fn sent(names: Vec<String>) -> BoxedStrategy<Sent> {
    let field = (prop::sample::select(names), text());
    let fields = prop::collection::vec(field, 0..24);
    let parts = fields.clone().prop_map(|fields| {
        let mut body = Vec::new();
        for (name, value) in &fields {
            let head = format!(
                "--x\r\nContent-Disposition: form-data; name=\"{name}\"; filename=\"{name}\"\r\nContent-Type: image/png\r\n\r\n"
            );
            body.extend_from_slice(head.as_bytes());
            body.extend_from_slice(value.as_bytes());
            body.extend_from_slice(b"\r\n");
        }
        body.extend_from_slice(b"--x--\r\n");
        Sent::Raw("multipart/form-data; boundary=x", body)
    });
    let raw = (
        prop::sample::select(KINDS),
        prop::collection::vec(any::<u8>(), 0..300),
    );
    prop_oneof![
        8 => fields.prop_map(Sent::Form),
        2 => parts,
        2 => raw.prop_map(|(kind, body)| Sent::Raw(kind, body)),
        1 => prop::sample::select(BAD).prop_map(|text| {
            Sent::Raw("application/json", format!("{{\"a\":\"{text}\",\"b\":[[[[{text}").into_bytes())
        }),
    ]
    .boxed()
}

#[derive(Clone, Debug)]
struct Attack {
    staff: bool,
    who: usize,
    route: prop::sample::Index,
    parts: Vec<Option<String>>,
    query: Option<(String, String)>,
    sent: Sent,
}

fn attack() -> impl Strategy<Value = Attack> {
    let names = names();
    (
        prop::bool::weighted(0.75),
        0_usize..5,
        any::<prop::sample::Index>(),
        prop::collection::vec(prop::option::weighted(0.4, text()), 3),
        prop::option::weighted(0.3, (prop::sample::select(names.clone()), text())),
        sent(names),
    )
        .prop_map(|(staff, who, route, parts, query, sent)| Attack {
            staff,
            who,
            route,
            parts,
            query,
            sent,
        })
}

/// What ends the caller's own session would only make the rest of the walk anonymous.
fn ends_the_session(path: &str) -> bool {
    matches!(
        path,
        "/sign-out" | "/lock" | "/sign-in" | "/visit/leave" | "/visit/events" | "/today/events"
    )
}

struct World {
    house: House,
    staff: Vec<Browser>,
    patient: Browser,
    ids: [String; 3],
}

async fn world() -> World {
    let practice = Seed::follow_up().open().await;
    let ids = [
        practice.visit.to_string(),
        practice.patient.to_string(),
        "1".to_owned(),
    ];
    let house = practice.house;
    let mut staff = vec![practice.physician];
    for name in ["nurse", "reception", "administrator"] {
        staff.push(house.signed_in(name).await);
    }
    staff.push(house.browser(Surface::Staff));
    let patient = house.browser(Surface::Patient);
    World {
        house,
        staff,
        patient,
        ids,
    }
}

impl World {
    async fn suffer(&mut self, attack: &Attack) -> Result<(), TestCaseError> {
        let surface = if attack.staff {
            Surface::Staff
        } else {
            Surface::Patient
        };
        let routes: Vec<_> = surface::table(surface)
            .into_iter()
            .filter(|route| !ends_the_session(route.path()))
            .collect();
        let route = attack.route.get(&routes);
        let mut given = attack.parts.iter();
        let mut path = String::new();
        for part in route.path().split('/').skip(1) {
            path.push('/');
            if !part.starts_with('{') {
                path.push_str(part);
                continue;
            }
            let own = match part {
                "{version}" => &self.ids[2],
                _ if route.path().starts_with("/patients") && part == "{id}" => &self.ids[1],
                _ => &self.ids[0],
            };
            let bad = given.next().cloned().flatten();
            path.push_str(&web::form::encode(bad.as_ref().unwrap_or(own)));
        }
        if let Some((name, value)) = &attack.query {
            path.extend(["?", name, "=", &web::form::encode(value)]);
        }
        let browser = if attack.staff {
            &mut self.staff[attack.who]
        } else {
            &mut self.patient
        };
        let (kind, body) = match &attack.sent {
            Sent::Form(fields) => {
                let pairs: Vec<String> = fields
                    .iter()
                    .map(|(name, value)| format!("{name}={}", web::form::encode(value)))
                    .collect();
                (KINDS[0], pairs.join("&").into_bytes())
            }
            Sent::Raw(kind, body) => (*kind, body.clone()),
        };
        let mut request = browser.request(route.method(), &path);
        let is_post = *route.method() == Method::POST;
        if is_post && !kind.is_empty() {
            request = request.header(header::CONTENT_TYPE, kind);
        }
        let body = if is_post {
            Body::from(body)
        } else {
            Body::empty()
        };
        let Ok(request) = request.body(body) else {
            return Ok(()); // No request: a path that no browser can send.
        };
        let answer = browser.send(request).await;
        // Where there is no media server, its routes say so.
        let needs_media = route.path().ends_with("/echo") || route.path().ends_with("/signal");
        let no_media = needs_media && answer.status.as_u16() == 503;
        prop_assert!(
            no_media || !answer.status.is_server_error(),
            "{} {path}: {}",
            route.method(),
            answer.status
        );
        Ok(())
    }
}

#[test]
fn whatever_is_sent_to_whatever_route_nothing_breaks() {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    let world = RefCell::new(runtime.block_on(world()));
    let config = Config {
        cases: CASES,
        failure_persistence: None,
        max_shrink_iters: 200,
        ..Config::default()
    };
    TestRunner::new(config)
        .run(&attack(), |attack| {
            runtime.block_on(world.borrow_mut().suffer(&attack))
        })
        .unwrap();
    let world = world.into_inner();
    runtime.block_on(world.house.store.close());
}

proptest! {
    #![proptest_config(Config { cases: 2_000, failure_persistence: None, ..Config::default() })]

    #[test]
    fn any_bytes_are_a_form_or_are_refused(body in prop::collection::vec(any::<u8>(), 0..2_000)) {
        if let Ok(form) = Form::parse(&body) {
            let mut reading = form.reading();
            for (name, _) in form.fields() {
                let _ = reading.need(name, 10);
                let _: Option<jiff::civil::Date> = reading.parse(name);
                let _: Option<access::PersonId> = reading.parse(name);
            }
        }
    }

    #[test]
    fn what_a_form_sends_is_what_is_read(fields in prop::collection::vec(("[a-z-]{1,20}", "[^\\x00]{0,40}"), 0..20)) {
        let pairs: Vec<String> = fields
            .iter()
            .map(|(name, value)| format!("{name}={}", web::form::encode(value)))
            .collect();
        let form = Form::parse(pairs.join("&").as_bytes()).ok().unwrap();
        let read: Vec<_> = form.fields().map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
        let sent: Vec<_> = fields.into_iter().filter(|(name, _)| name != "on-once").collect();
        prop_assert_eq!(read, sent);
    }

    #[test]
    fn fluent_says_every_argument_as_it_is_and_breaks_on_none(value in text()) {
        for lang in [Lang::Ja, Lang::En] {
            let said = Words::of(lang).fill("begin-why", "count", value.as_str()).to_string();
            prop_assert!(said.contains(&value), "{} / {}", said, value);
            let _ = Words::of(lang).say(&value);
            let _ = Words::of(lang).fill(&value, "name", value.as_str());
        }
    }
}
