//! Route by role by other clinic: whatever of another institution is asked for is not there, and nothing changes.

use crate::{
    consultation_seed::{Practice, Seed, write},
    support::{Browser, clinic, employ, person, person_id},
};
use access::{Role, TenantId, Ulid, policy::Audience};
use axum::{
    body::Body,
    http::{Method, header},
};
use web::{Surface, surface};

/// What has an id of no institution: every clinic has a text of that name, the catalogue is for everyone, and whether
/// storage takes anything is no matter of a visit.
const NOBODYS: &[&str] = &[
    "/house/texts/{kind}/{tag}",
    "/clauses/{id}",
    "/static/{*rest}",
    "/consultations/{id}/saving",
];
/// Acts that answer "out of turn" to whatever they do not find.
const OUT_OF_TURN: &[&str] = &[
    "/hand-overs/{id}/arrival",
    "/house/memberships/{id}/end",
    "/house/disputes/{id}",
];

/// Forms in which nothing is wrong but whose they are about, by the end of the path.
const FORMS: &[(&str, &str)] = &[
    (
        "/choose",
        "choose=here&subjective=a&objective=b&assessment=c&plan=d&explained=e",
    ),
    (
        "/identity/two",
        "document-1=resident_record&agrees-1=match&document-2=pension_book&agrees-2=match",
    ),
    ("/identity/none", "reason=lost&why=x&instead=asked_kin"),
    ("/rota", "reason=outside:urgent"),
    ("/arrange", "with=x&accepted_by=y"),
    ("/route", "basis=x"),
    ("/acute", "words=x"),
    ("/lift", "stable=yes"),
    (
        "/background",
        "matter=history&source=check_up&obtained=2026-11-01&text=x&grounds=y",
    ),
    (
        "/orders/add",
        "drug=620000001&amount=1&usage=breakfast&kind=daily&days=3",
    ),
    ("/orders/remove", "at=0&drug=620000001"),
    ("/orders/told", "words=x"),
    ("/received", "who=x"),
    ("/strike", "item=01ARZ3NDEKTSV4RRFFQ69G5FAV"),
    ("/preconsultation", "outcome=no_further&heard=x&told=y"),
    ("/decline", "words=x"),
    ("/beside", "answer=nobody"),
    ("/unperformed", "reason=line&told=x"),
    ("/emergency", "reason=sudden_change"),
    ("/explain-later", "reason=unreachable&again=2026-11-21"),
    (
        "/stop",
        "reason=touch&destination=x&target=2026-11-21&told=y",
    ),
    (
        "/proof",
        "valid_until=2027-11-20&compared=yes&registration_year=1998",
    ),
    ("/affiliation", "from=2026-11-20"),
    (
        "",
        "reason=x&document=driving_licence&matches=yes&agrees=yes&subjective=a&objective=b&assessment=c&plan=d&explained=e&enough=yes&on=2026-11-01&findings=x&code=I10&name=x",
    ),
];

/// A photograph and a certificate as browsers send them.
fn parts(path: &str) -> Vec<u8> {
    let fields: &[(&str, &[u8])] = if path.ends_with("/profile") {
        &[
            ("name", b"n"),
            ("department", b"d"),
            ("photo", crate::ward::PNG),
        ]
    } else if path.ends_with("/except") {
        &[
            ("round", b"mobile_clinic"),
            ("from", b"2026-12-01"),
            ("until", b"2026-12-02"),
            ("confirmed", b"2026-01-01"),
            ("authority", b"a"),
            ("contact", b"c"),
            ("file", b"%PDF-1.7"),
        ]
    } else {
        &[
            ("number", b"R7-9"),
            ("completed_on", b"2026-01-01"),
            ("file", b"%PDF-1.7"),
        ]
    };
    let mut body = Vec::new();
    for (name, value) in fields {
        let head = format!(
            "--x\r\nContent-Disposition: form-data; name=\"{name}\"; filename=\"a\"\r\n\r\n"
        );
        body.extend_from_slice(head.as_bytes());
        body.extend_from_slice(value);
        body.extend_from_slice(b"\r\n");
    }
    body.extend_from_slice(b"--x--\r\n");
    body
}

struct Strange {
    practice: Practice,
    other: TenantId,
    partner: String,
    membership: String,
}

/// A visit that runs at one clinic, and another clinic with a person for each role.
async fn strange() -> Strange {
    let mut practice = Seed::follow_up().open().await;
    practice.live().await;
    let now = practice.house.now();
    let other = TenantId(Ulid::from_parts(9, 9));
    let store = practice.house.store.clone();
    clinic(&store, other, "別の診療所", now).await;
    for role in Role::ALL {
        let id = person(&store, &format!("other-{}", role.as_str()), true, now).await;
        employ(&store, other, id, role, now).await;
    }
    let membership = employ(
        &store,
        practice.house.tenant,
        person_id("nurse"),
        Role::Nurse,
        now,
    )
    .await;
    let mut administrator = practice.house.signed_in("administrator").await;
    let added = administrator
        .post(
            "/partners",
            &[
                ("name", "別所病院"),
                ("phone", "00-0000-0000"),
                ("areas", "長野県みほん郡みずうみ町"),
                ("hours", "月〜土"),
                ("minutes", "20"),
                ("valid_until", "2027-03-31"),
                ("kind", "hospital"),
            ],
        )
        .await;
    let partner = write(&practice.house, |tx| {
        Box::pin(async move { tx.partners().await })
    })
    .await;
    let partner = partner.first().map_or_else(
        || panic!("{} {}", added.status, added.body),
        |partner| partner.id.to_string(),
    );
    Strange {
        practice,
        other,
        partner,
        membership: membership.to_string(),
    }
}

impl Strange {
    /// A path of the table with what belongs to the first clinic in each of its parts.
    fn filled(&self, path: &str) -> String {
        let id = if path.starts_with("/bookings") || path.starts_with("/consultations") {
            self.practice.visit.to_string()
        } else if path.starts_with("/patients") || path.starts_with("/smoking") {
            self.practice.patient.to_string()
        } else if path.starts_with("/partners") {
            self.partner.clone()
        } else if path.starts_with("/house/memberships") {
            self.membership.clone()
        } else if path.contains("/people/") {
            person_id("physician").to_string()
        } else {
            // Hand-overs and certificates: the id of a visit is one that the first clinic knows as well.
            self.practice.visit.to_string()
        };
        path.replace("{id}", &id)
            .replace("{visit}", &self.practice.visit.to_string())
            .replace("{version}", "1")
    }
}

async fn ask(browser: &mut Browser, method: &Method, path: &str) -> (u16, String) {
    let form = if path.starts_with("/tasks/") {
        "outcome=done&words=x"
    } else {
        FORMS
            .iter()
            .find(|(end, _)| path.ends_with(end))
            .map_or("", |(_, form)| *form)
    };
    let multipart = [
        "/profile",
        "/course",
        "/entry",
        "/licence",
        "/except",
        "/checkup",
        "/house/places",
    ]
    .iter()
    .any(|end| path.ends_with(end));
    if multipart {
        let request = browser
            .request(method, path)
            .header(header::CONTENT_TYPE, "multipart/form-data; boundary=x")
            .body(Body::from(parts(path)))
            .unwrap();
        let answer = browser.send(request).await;
        return (answer.status.as_u16(), answer.body);
    }
    let (kind, body) = if path.ends_with("/signal") {
        ("application/sdp", "v=0")
    } else {
        ("application/x-www-form-urlencoded", form)
    };
    let mut request = browser.request(method, path);
    if *method == Method::POST {
        request = request.header(header::CONTENT_TYPE, kind);
    }
    let answer = browser.send(request.body(Body::from(body)).unwrap()).await;
    (answer.status.as_u16(), answer.body)
}

#[tokio::test]
async fn route_by_role_by_other_clinic_nothing_is_there_and_nothing_changes() {
    let strange = strange().await;
    let house = &strange.practice.house;
    let before = (
        strange.practice.state().await,
        house.ledger(house.tenant).await,
    );
    let marks = [
        strange.practice.visit.to_string(),
        strange.practice.patient.to_string(),
        "見本 正男".to_owned(),
        "例沢 はるか".to_owned(),
    ];
    let (mut asked, mut wrong) = (0, Vec::new());
    for role in Role::ALL {
        let mut browser = house.signed_in(&format!("other-{}", role.as_str())).await;
        for route in surface::table(Surface::Staff) {
            let path = route.path();
            if !path.contains('{')
                || NOBODYS.contains(&path)
                || route.audience() == Audience::Anyone
            {
                continue;
            }
            asked += 1;
            let (status, body) = ask(&mut browser, route.method(), &strange.filled(path)).await;
            let leaked = marks[2..].iter().any(|mark| body.contains(mark.as_str()));
            let out_of_turn = status == 409 && OUT_OF_TURN.contains(&path);
            if !(matches!(status, 403 | 404) || out_of_turn) || leaked {
                wrong.push(format!(
                    "{role:?} {} {path}: {status} {leaked}",
                    route.method()
                ));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
    assert!(asked > 4 * 40, "only {asked} routes were asked");
    let after = (
        strange.practice.state().await,
        house.ledger(house.tenant).await,
    );
    assert!(
        before.0 == after.0 && before.1 == after.1,
        "something changed"
    );
    for entry in house.ledger(strange.other).await {
        let names = marks.iter().any(|mark| entry.contains(mark.as_str()));
        // A refusal says what was asked for; nothing that was done may name another clinic's patient.
        let refused = entry.contains("\"outcome\":\"refused\"");
        assert!(
            refused || !names,
            "the other clinic's ledger names it: {entry}"
        );
    }
}

/// The lists of a clinic hold nothing of another's, whoever looks.
#[tokio::test]
async fn pages_without_an_id_show_nothing_of_another_clinic() {
    let strange = strange().await;
    let house = &strange.practice.house;
    for role in Role::ALL {
        let mut browser = house.signed_in(&format!("other-{}", role.as_str())).await;
        for route in surface::table(Surface::Staff) {
            let path = route.path();
            if *route.method() != Method::GET || path.contains('{') || path.ends_with("/events") {
                continue;
            }
            let answer = browser.get(path).await;
            for mark in [
                &strange.practice.visit.to_string(),
                &strange.practice.patient.to_string(),
                &strange.partner,
                "見本 正男",
                "例沢 はるか",
                "別所病院",
            ] {
                assert!(!answer.body.contains(mark), "{role:?} {path} shows {mark}");
            }
        }
    }
}
