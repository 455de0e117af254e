//! The patient's way, from the link in a message to the waiting room, and the attacks on it.

use crate::support::{Answer, Browser, House, house, person_id};
use access::{DeviceId, Role, Ulid, qualification::CourseCertificate};
use axum::{
    body::Body,
    http::{Method, Request, StatusCode, header},
};
use care::{
    Class, Consultation, PatientId,
    agreement::Kind,
    explanation::Block,
    patient::Profile,
    plan::{Cooperation, Draft, OnlineCare},
    proof::Answer as CardAnswer,
    statement::{Lines, Medicines, PlaceKind, Pressed},
};
use http_body_util::BodyExt as _;
use jiff::{SignedDuration, civil::date};
use std::sync::{Arc, Mutex};
use store::{
    By, Fault, NewText, Tx,
    agreement::Left,
    consultation::Booking,
    patient::ProxyPerson,
    physician::{PhysicianProfile, Verified},
};
use tower::ServiceExt as _;
use web::{Surface, form::encode, visit::link};

/// Never in an address, a title, or the ledger.
const NAME: &str = "海辺 しおり";
const KANA: &str = "うみべ しおり";
const PHONE: &str = "09012345678";
pub(crate) const BIRTH: [(&str, &str); 4] = [("era", "showa"), ("y", "26"), ("m", "4"), ("d", "3")];
const WRONG: [(&str, &str); 4] = [("era", "showa"), ("y", "26"), ("m", "4"), ("d", "4")];

/// One patient with a visit and a link.
pub(crate) struct Scene {
    pub(crate) house: House,
    pub(crate) visit: Consultation,
    pub(crate) patient: PatientId,
    secret: [u8; link::SECRET_BYTES],
}

pub(crate) async fn write<T: Send + 'static>(
    house: &House,
    act: impl for<'t> FnOnce(
        &'t mut Tx,
    )
        -> std::pin::Pin<Box<dyn Future<Output = Result<T, Fault>> + Send + 't>>
    + Send
    + 'static,
) -> T {
    house
        .store
        .write::<T, Fault, _>(house.tenant, house.now(), act)
        .await
        .unwrap()
}

pub(crate) fn staff(role: Role) -> By {
    By::Person {
        id: person_id(role.as_str()),
        role,
        device: DeviceId(Ulid::from_parts(1, 77)),
    }
}

fn profile() -> Profile {
    Profile {
        name: NAME.into(),
        kana: KANA.into(),
        birth: date(1951, 4, 3),
        sex: "female".into(),
        phone: PHONE.into(),
        mail: String::new(),
        address: "長野県みほん郡".into(),
        alerts: Vec::new(),
    }
}

fn draft() -> Draft {
    Draft {
        online_care: OnlineCare {
            diagnoses: Vec::new(),
            treatment: "血圧の薬の調整".into(),
        },
        cooperation: Cooperation {
            statement: "血圧を毎朝 はかる".into(),
            prepare: Vec::new(),
        },
        ..Draft::default()
    }
}

pub(crate) fn lines() -> Lines {
    Lines {
        place: PlaceKind::Home,
        place_name: None,
        elsewhere: None,
        clean: true,
        safe: true,
        private: true,
        companions: Vec::new(),
        companions_agree: true,
        medicines: Medicines::Same,
        own_network: true,
        no_recording: true,
    }
}

/// A clinic ready for visits, and a visit booked so many minutes from now. A follow-up has everything settled before.
pub(crate) async fn scene(class: Class, minutes: i64) -> Scene {
    let house = house().await;
    let now = house.now();
    let secret = [7; link::SECRET_BYTES];
    let (visit, patient) = write(&house, move |tx| {
        Box::pin(async move {
            tx.seed_texts().await?;
            tx.sign_statement(&staff(Role::Administrator)).await?;
            physician(tx).await?;
            let by = staff(Role::Reception);
            let patient = tx.add_patient(&by, &profile()).await?;
            let physician = person_id("physician");
            let plan = tx
                .draft_plan(&staff(Role::Physician), physician, patient, None, &draft())
                .await?;
            if class == Class::Followup {
                let before = tx
                    .book(
                        &by,
                        patient,
                        physician,
                        (class, care::Service::Care),
                        now - SignedDuration::from_hours(24 * 28),
                    )
                    .await?;
                let own = By::Patient {
                    id: patient,
                    proxy: None,
                    device: DeviceId(Ulid::from_parts(1, 5)),
                };
                settled(tx, &own, &before.consultation, plan).await?;
            }
            let at = now + SignedDuration::from_mins(minutes);
            let booking = tx
                .book(&by, patient, physician, (class, care::Service::Care), at)
                .await?;
            tx.invite(&by, booking.consultation.id, patient, None, &secret)
                .await?;
            Ok((booking.consultation, patient))
        })
    })
    .await;
    // What an earlier visit left is older than what comes now.
    house.pass(SignedDuration::from_secs(1));
    Scene {
        house,
        visit,
        patient,
        secret,
    }
}

async fn physician(tx: &mut Tx) -> Result<(), Fault> {
    let by = staff(Role::Administrator);
    let profile = PhysicianProfile {
        person: person_id("physician"),
        name: "例沢 はるか".into(),
        department: "内科".into(),
        photo: b"\xff\xd8\xff a face".to_vec(),
        photo_type: "image/jpeg".into(),
    };
    tx.put_physician_profile(&by, &profile).await?;
    let verified = Verified {
        by: person_id("administrator"),
        registration_year: Some(1998),
        valid_until: date(2030, 3, 31),
    };
    tx.keep_proof(&by, &profile, verified).await?;
    let course = CourseCertificate {
        person: profile.person,
        number: "R7-1".into(),
        completed_on: date(2025, 5, 1),
        file: "0".repeat(64),
        verified_by: Some(person_id("administrator")),
    };
    tx.enter_course(&by, &course).await
}

/// What an earlier visit has left: read, agreed, stated, confirmed.
async fn settled(
    tx: &mut Tx,
    own: &By,
    before: &Consultation,
    plan: care::PlanId,
) -> Result<(), Fault> {
    let left = Left {
        seconds: 20,
        wants_to_ask: false,
    };
    for text in tx.texts("explanation").await? {
        tx.keep_shown(own, before, &text).await?;
        tx.keep_acknowledged(own, before, (&text.tag, text.material), left)
            .await?;
    }
    tx.keep_plan_read(own, before, (plan, 1), left).await?;
    tx.keep_wish(own, before, true).await?;
    for text in tx.texts("agreement").await? {
        let kind = Kind::parse(&text.tag).unwrap();
        tx.keep_agreement(own, before, kind, &text).await?;
    }
    tx.keep_statement(own, before, Pressed::Different, 40, &lines())
        .await?;
    tx.keep_card_shown(own, before).await?;
    tx.keep_card_answer(own, before, CardAnswer::Confirmed)
        .await
}

impl Scene {
    pub(crate) fn link(&self) -> String {
        format!("/v/{}", link::encode(self.house.tenant, &self.secret))
    }

    fn enter(&self) -> String {
        format!("{}/enter", self.link())
    }

    pub(crate) fn browser(&self) -> Browser {
        self.house.browser(Surface::Patient)
    }

    /// A browser in which the patient has come in.
    pub(crate) async fn inside(&self) -> Browser {
        let mut browser = self.browser();
        let answer = browser.post(&self.enter(), &BIRTH).await;
        assert_eq!(
            (answer.status, answer.location()),
            (StatusCode::SEE_OTHER, "/visit"),
            "{}",
            answer.body
        );
        browser
    }

    pub(crate) async fn booking(&self) -> Booking {
        let mut read = self.house.store.read(self.house.tenant).await.unwrap();
        read.consultation(self.visit.id).await.unwrap().unwrap()
    }

    pub(crate) async fn grant(&self, device: DeviceId) {
        let visit = self.visit.clone();
        write(&self.house, move |tx| {
            Box::pin(async move {
                tx.grant_seat(
                    &staff(Role::Physician),
                    visit.physician,
                    &visit,
                    ("patient", "patient", device),
                )
                .await
            })
        })
        .await;
    }

    pub(crate) async fn device(&self) -> DeviceId {
        let mut read = self.house.store.read(self.house.tenant).await.unwrap();
        read.newest_invitation(self.visit.id, None)
            .await
            .unwrap()
            .unwrap()
            .device
            .unwrap()
    }
}

/// Follows `/visit` to the step that is due.
pub(crate) async fn due(browser: &mut Browser) -> String {
    let answer = browser.get("/visit").await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.body);
    answer.location().to_owned()
}

/// Sends a form as a program would: the answer is problem+json.
pub(crate) async fn json(
    browser: &mut Browser,
    path: &str,
    fields: &[(&str, &str)],
) -> (Answer, serde_json::Value) {
    let body: Vec<String> = fields
        .iter()
        .map(|(name, value)| format!("{name}={}", encode(value)))
        .collect();
    let mut request: Request<Body> = browser
        .request(&Method::POST, path)
        .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
        .body(Body::from(body.join("&")))
        .unwrap();
    request
        .headers_mut()
        .insert(header::ACCEPT, "application/json".parse().unwrap());
    let answer = browser.send(request).await;
    let value = serde_json::from_str(&answer.body).unwrap_or_default();
    (answer, value)
}

/// The value of a hidden field on a page.
fn hidden<'p>(page: &'p str, name: &str) -> &'p str {
    let at = page
        .split(&format!("name=\"{name}\" value=\""))
        .nth(1)
        .unwrap_or_default();
    at.split('"').next().unwrap_or_default()
}

/// The versions that stand on the page of the explanation.
fn versions(page: &str) -> Vec<String> {
    page.split("name=\"version\" value=\"")
        .skip(1)
        .filter_map(|rest| rest.split('"').next())
        .map(ToOwned::to_owned)
        .collect()
}

/// What the one act of the explanation sends, for these versions.
fn understood(versions: &[String]) -> Vec<(&str, &str)> {
    let mut fields = vec![("answer", "understood"), ("seconds", "12")];
    fields.extend(versions.iter().map(|version| ("version", version.as_str())));
    fields
}

/// Reads the page of the explanation and answers it with its one act.
pub(crate) async fn read(browser: &mut Browser) -> Answer {
    let page = browser.get("/visit/explain").await;
    assert_eq!(page.status, StatusCode::OK, "{}", page.body);
    let versions = versions(&page.body);
    browser.post("/visit/explain", &understood(&versions)).await
}

pub(crate) const STATED: [(&str, &str); 9] = [
    ("pressed", "different"),
    ("place", "home"),
    ("clean", "yes"),
    ("safe", "yes"),
    ("private", "yes"),
    ("alone", "yes"),
    ("medicines", "same"),
    ("network", "own"),
    ("no_recording", "yes"),
];

pub(crate) const AGREED: [(&str, &str); 4] = [
    ("wish", "yes"),
    ("kind", "online_care"),
    ("kind", "security_risk"),
    ("kind", "system_use"),
];

pub(crate) const CHECKED: [(&str, &str); 6] = [
    ("camera", "yes"),
    ("mic", "yes"),
    ("tone", "yes"),
    ("path", "udp"),
    ("frames", "40"),
    ("rtt_ms", "30"),
];

#[tokio::test]
async fn a_follow_up_waits_after_six_presses_at_most() {
    let scene = scene(Class::Followup, 10).await;
    let mut browser = scene.browser();
    assert_eq!(browser.get(&scene.link()).await.status, StatusCode::OK);
    let mut presses = 0;
    let way: [(&str, &[(&str, &str)], i32); 4] = [
        (&scene.enter(), &BIRTH, 1),
        ("/visit/body", &[("answer", "none")], 1),
        (
            "/visit/statement",
            &[("pressed", "as_shown"), ("seconds", "8")],
            1,
        ),
        // One press asks for the camera, one says that the tone was heard.
        ("/visit/device", &CHECKED, 2),
    ];
    for (path, fields, cost) in way {
        if presses > 0 {
            assert_eq!(due(&mut browser).await, path);
            let page = browser.get(path).await;
            assert_eq!(page.status, StatusCode::OK, "{}", page.body);
        }
        let answer = browser.post(path, fields).await;
        assert_eq!(
            answer.status,
            StatusCode::SEE_OTHER,
            "{path} {}",
            answer.body
        );
        presses += cost;
    }
    assert_eq!(due(&mut browser).await, "/visit/wait");
    let page = browser.get("/visit/wait").await;
    assert!(
        page.body.contains("受付しました") && page.body.contains("1998年(平成10年)"),
        "{}",
        page.body
    );
    assert!(
        !page.body.contains("value=\"confirmed\""),
        "a known physician is not asked about again"
    );
    assert!(presses <= 6);
    assert_eq!(scene.booking().await.consultation.stage.as_str(), "checks");
}

#[tokio::test]
async fn a_first_visit_explains_asks_and_states_before_it_waits() {
    let scene = scene(Class::First, 10).await;
    let mut browser = scene.inside().await;
    browser
        .post("/visit/body", &[("answer", "new"), ("words", "せきが出る")])
        .await;
    assert_eq!(due(&mut browser).await, "/visit/symptoms");
    browser.post("/visit/symptoms", &[("answer", "none")]).await;
    assert_eq!(due(&mut browser).await, "/visit/explain");
    assert_eq!(read(&mut browser).await.status, StatusCode::SEE_OTHER);
    assert_eq!(due(&mut browser).await, "/visit/agree");
    assert_eq!(
        browser.post("/visit/agree", &AGREED).await.status,
        StatusCode::SEE_OTHER
    );
    assert_eq!(due(&mut browser).await, "/visit/statement");
    let form = browser.get("/visit/statement").await.body;
    assert!(
        form.contains("name=\"clean\"") && !form.contains(" checked"),
        "the form comes at once, with nothing chosen"
    );
    assert_eq!(
        browser.post("/visit/statement", &STATED).await.status,
        StatusCode::SEE_OTHER
    );
    assert_eq!(due(&mut browser).await, "/visit/device");
    browser.post("/visit/device", &CHECKED).await;
    assert_eq!(due(&mut browser).await, "/visit/wait");
    let wait = browser.get("/visit/wait").await.body;
    assert!(
        wait.contains("value=\"confirmed\""),
        "a first meeting is answered"
    );
    for (subject, count) in [
        ("explanation.shown", 2),
        ("explanation.acknowledged", 3),
        ("agreement.given", 3),
        ("wish.stated", 1),
        ("place.stated", 2),
        ("recording_ban.accepted", 1),
        ("proof.shown", 1),
        ("call.probed", 1),
        ("visit.arrived", 1),
        ("arrival.confirmed", 0),
    ] {
        assert_eq!(
            scene.house.entries(scene.house.tenant, subject).await,
            count,
            "{subject}"
        );
    }
}

#[tokio::test]
async fn five_wrong_dates_close_a_link_for_a_quarter_of_an_hour() {
    let scene = scene(Class::Followup, 10).await;
    let mut browser = scene.browser();
    for left in [4, 3, 2, 1] {
        let answer = browser.post(&scene.enter(), &WRONG).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(
            answer.body.contains(&format!("あと{left}回")),
            "{}",
            answer.body
        );
    }
    let answer = browser.post(&scene.enter(), &WRONG).await;
    assert!(answer.body.contains("15分 休みます"));
    let answer = browser.post(&scene.enter(), &BIRTH).await;
    assert!(
        answer.body.contains("15分 休みます"),
        "the right date rests, too"
    );
    assert!(
        scene
            .house
            .ledger(scene.house.tenant)
            .await
            .iter()
            .any(|entry| entry.contains("link_closed"))
    );
    scene.house.pass(SignedDuration::from_mins(15));
    scene.inside().await;
}

/// A page without what differs from one response to the next.
fn plain(page: &str, nonce: &str) -> String {
    let once = hidden(page, "on-once").to_owned();
    page.replace(nonce, "").replace(&once, "")
}

#[tokio::test]
async fn an_unknown_link_is_answered_like_a_wrong_date() {
    let scene = scene(Class::Followup, 10).await;
    let unknown = format!(
        "/v/{}",
        link::encode(scene.house.tenant, &[9; link::SECRET_BYTES])
    );
    let nonce = |answer: &Answer| {
        let policy = answer.header(header::CONTENT_SECURITY_POLICY).to_owned();
        policy
            .split("nonce-")
            .nth(1)
            .unwrap()
            .split('\'')
            .next()
            .unwrap()
            .to_owned()
    };
    for _ in 0..6 {
        let known = scene.browser().post(&scene.enter(), &WRONG).await;
        let other = scene
            .browser()
            .post(&format!("{unknown}/enter"), &BIRTH)
            .await;
        assert_eq!(known.status, other.status);
        let (a, b) = (
            plain(&known.body, &nonce(&known)),
            plain(&other.body, &nonce(&other)),
        );
        let word = |link: &str| link.trim_start_matches("/v/").to_owned();
        assert_eq!(
            a.replace(&word(&scene.link()), "LINK"),
            b.replace(&word(&unknown), "LINK")
        );
    }
    for broken in ["/v/x", "/v/AAAA", &format!("{}x", scene.link())] {
        assert_eq!(
            scene.browser().get(broken).await.location(),
            "/lost",
            "{broken}"
        );
    }
}

#[tokio::test]
async fn opening_a_link_neither_binds_nor_uses_it_up() {
    let scene = scene(Class::Followup, 10).await;
    for _ in 0..3 {
        let mut browser = scene.browser();
        let answer = browser.get(&scene.link()).await;
        assert_eq!(answer.status, StatusCode::OK);
        assert!(!browser.cookies.contains_key("__Host-onshin-patient"));
    }
    let mut read = scene.house.store.read(scene.house.tenant).await.unwrap();
    assert!(
        read.newest_invitation(scene.visit.id, None)
            .await
            .unwrap()
            .unwrap()
            .device
            .is_none()
    );
    drop(read);
    assert_eq!(
        scene.house.entries(scene.house.tenant, "link.opened").await,
        0
    );
    scene.inside().await;
}

#[tokio::test]
async fn a_second_browser_ends_the_first() {
    let scene = scene(Class::Followup, 10).await;
    let mut first = scene.inside().await;
    let before = scene.device().await;
    assert_eq!(due(&mut first).await, "/visit/body");
    let mut second = scene.inside().await;
    assert_ne!(before, scene.device().await);
    assert_eq!(
        first.get("/visit/body").await.status,
        StatusCode::UNAUTHORIZED
    );
    assert_eq!(due(&mut second).await, "/visit/body");
    assert!(
        scene
            .house
            .ledger(scene.house.tenant)
            .await
            .iter()
            .any(|entry| entry.contains("\"new_device\":1"))
    );
}

#[tokio::test]
async fn a_link_sent_again_takes_nothing_from_the_browser_that_is_in() {
    let scene = scene(Class::Followup, 10).await;
    let mut browser = scene.inside().await;
    let device = scene.device().await;
    scene.house.pass(SignedDuration::from_secs(60));
    let (visit, patient) = (scene.visit.id, scene.patient);
    write(&scene.house, move |tx| {
        Box::pin(async move {
            tx.invite(&By::System, visit, patient, None, &[8; link::SECRET_BYTES])
                .await
        })
    })
    .await;
    assert_eq!(device, scene.device().await);
    assert_eq!(due(&mut browser).await, "/visit/body");
}

#[tokio::test]
async fn a_proxy_comes_in_by_the_own_birth_date() {
    let scene = scene(Class::Followup, 10).await;
    let (visit, patient) = (scene.visit.id, scene.patient);
    write(&scene.house, move |tx| {
        Box::pin(async move {
            let by = staff(Role::Reception);
            let person = ProxyPerson {
                name: "海辺 なぎ".into(),
                relation: "娘".into(),
                phone: "09000000000".into(),
                birth: date(1980, 1, 2),
            };
            let proxy = tx
                .add_proxy(&by, person_id("reception"), patient, &person)
                .await?;
            tx.invite(&by, visit, patient, Some(proxy), &[8; link::SECRET_BYTES])
                .await
        })
    })
    .await;
    let enter = format!(
        "/v/{}/enter",
        link::encode(scene.house.tenant, &[8; link::SECRET_BYTES])
    );
    let mut browser = scene.browser();
    assert_eq!(
        browser.post(&enter, &BIRTH).await.status,
        StatusCode::UNPROCESSABLE_ENTITY
    );
    let own = [("era", "western"), ("y", "1980"), ("m", "1"), ("d", "2")];
    assert_eq!(
        browser.post(&enter, &own).await.status,
        StatusCode::SEE_OTHER
    );
    browser.post("/visit/body", &[("answer", "none")]).await;
    let said = scene.house.ledger(scene.house.tenant).await;
    assert!(
        said.iter()
            .any(|entry| entry.contains("questionnaire.answered") && entry.contains("proxy"))
    );
}

#[tokio::test]
async fn before_half_an_hour_it_is_preparation_and_then_arrival() {
    let scene = scene(Class::Followup, 90).await;
    let mut browser = scene.inside().await;
    assert_eq!(scene.booking().await.consultation.stage.as_str(), "booked");
    browser.post("/visit/body", &[("answer", "none")]).await;
    browser
        .post("/visit/statement", &[("pressed", "as_shown")])
        .await;
    browser.post("/visit/device", &CHECKED).await;
    assert_eq!(due(&mut browser).await, "/visit/ready");
    assert!(
        browser
            .get("/visit/ready")
            .await
            .body
            .contains("準備ができました")
    );
    assert_eq!(
        browser.post("/visit/ready", &[("go", "1")]).await.status,
        StatusCode::CONFLICT
    );
    scene.house.pass(SignedDuration::from_mins(60));
    assert_eq!(
        browser.post("/visit/ready", &[("go", "1")]).await.status,
        StatusCode::SEE_OTHER
    );
    assert_eq!(due(&mut browser).await, "/visit/wait");
}

#[tokio::test]
async fn an_urgent_sign_stops_everything_and_a_mistake_is_kept_beside_it() {
    let scene = scene(Class::Followup, 10).await;
    let mut browser = scene.inside().await;
    let answer = browser.post("/visit/body", &[("answer", "chest")]).await;
    assert_eq!(answer.location(), "/visit/now");
    let page = browser.get("/visit/now").await.body;
    assert!(
        page.contains("tel:119") && page.contains("tel:%237119"),
        "{page}"
    );
    assert_eq!(due(&mut browser).await, "/visit/now");
    assert_eq!(
        scene
            .house
            .entries(scene.house.tenant, "red_flag.alerted")
            .await,
        1
    );
    scene.house.pass(SignedDuration::from_secs(1));
    browser.post("/visit/body", &[("answer", "none")]).await;
    assert_eq!(due(&mut browser).await, "/visit/statement");
    let mut read = scene.house.store.read(scene.house.tenant).await.unwrap();
    assert_eq!(
        read.body_answers(scene.visit.id, scene.patient)
            .await
            .unwrap()
            .len(),
        2
    );
    assert_eq!(
        browser
            .post("/visit/body", &[("answer", "nonsense")])
            .await
            .status,
        StatusCode::UNPROCESSABLE_ENTITY
    );
}

#[tokio::test]
async fn cl_1_1_i_staff_cannot_agree_and_a_withdrawal_takes_effect_at_once() {
    let scene = scene(Class::Followup, 10).await;
    let signed_in = scene.house.signed_in("reception").await;
    let mut browser = scene.browser();
    browser.cookies = signed_in.cookies.clone();
    for (path, clause) in [
        ("/visit/agree", "cl-1.1-i"),
        ("/visit/wish", "cl-1.1-ii"),
        ("/visit/explain", "cl-1.1-iv"),
        ("/visit/statement", "cl-2.2-i"),
        ("/visit/physician", "cl-1.4-i-b"),
        ("/me/messages", "cl-1.6-ii-c"),
        ("/me/messages/accept", "cl-1.6-ii-c"),
    ] {
        let (answer, problem) = json(&mut browser, path, &AGREED).await;
        assert_eq!(answer.status, StatusCode::FORBIDDEN, "{path}");
        assert_eq!(
            (problem["clause"].as_str(), problem["reason"].as_str()),
            (Some(clause), Some("wrong_actor")),
            "{path}"
        );
    }
    let (answer, _) = json(&mut scene.browser(), "/visit/agree", &AGREED).await;
    assert_eq!(answer.status, StatusCode::UNAUTHORIZED);
    let mut patient = scene.inside().await;
    patient.post("/visit/body", &[("answer", "none")]).await;
    assert_eq!(
        patient
            .post("/visit/withdraw", &[("go", "1")])
            .await
            .location(),
        "/visit/in-person"
    );
    let (answer, problem) = signal(&mut patient).await;
    assert_eq!(
        (answer.status, problem["clause"].as_str()),
        (StatusCode::CONFLICT, Some("cl-1.1-i"))
    );
    assert_eq!(due(&mut patient).await, "/visit/in-person");
    // Thinking again asks anew, and only then does the way go on.
    let page = patient.get("/visit/agree").await.body;
    assert!(
        page.contains("value=\"online_care\"") && page.contains("value=\"system_use\""),
        "{page}"
    );
    scene.house.pass(SignedDuration::from_secs(1));
    patient.post("/visit/agree", &AGREED).await;
    assert_eq!(due(&mut patient).await, "/visit/statement");
}

/// An offer that no browser would send: the judgements come before the description is looked at.
async fn signal(browser: &mut Browser) -> (Answer, serde_json::Value) {
    let request = browser
        .request(&Method::POST, "/visit/signal")
        .header(header::CONTENT_TYPE, "application/sdp")
        .body(Body::from("v=0\r\n"))
        .unwrap();
    let mut request = request;
    request
        .headers_mut()
        .insert(header::ACCEPT, "application/sdp".parse().unwrap());
    let answer = browser.send(request).await;
    let value = serde_json::from_str(&answer.body).unwrap_or_default();
    (answer, value)
}

/// A first visit whose explanations are read.
pub(crate) async fn explained() -> (Scene, Browser) {
    let scene = scene(Class::First, 10).await;
    let mut browser = scene.inside().await;
    browser.post("/visit/body", &[("answer", "none")]).await;
    browser.post("/visit/symptoms", &[("answer", "none")]).await;
    read(&mut browser).await;
    (scene, browser)
}

#[tokio::test]
async fn cl_1_1_ii_the_wish_is_said_by_the_patient_and_nothing_is_chosen_before() {
    let (scene, mut browser) = explained().await;
    let page = browser.get("/visit/agree").await.body;
    assert!(
        page.contains("name=\"wish\" value=\"yes\"") && !page.contains(" checked"),
        "{page}"
    );
    let kinds = [
        ("kind", "online_care"),
        ("kind", "security_risk"),
        ("kind", "system_use"),
    ];
    for wish in [
        &[][..],
        &[("wish", "clinic")],
        &[("wish", "yes"), ("wish", "no")],
    ] {
        let fields: Vec<_> = wish.iter().chain(&kinds).copied().collect();
        let (answer, problem) = json(&mut browser, "/visit/agree", &fields).await;
        assert_eq!(
            (answer.status, problem["clause"].as_str()),
            (StatusCode::CONFLICT, Some("cl-1.1-ii")),
            "{wish:?}"
        );
    }
    assert_eq!(
        scene
            .house
            .entries(scene.house.tenant, "agreement.given")
            .await,
        0
    );
    let (answer, problem) = json(
        &mut browser,
        "/visit/agree",
        &[&[("wish", "no")][..], &kinds].concat(),
    )
    .await;
    assert_eq!(
        (answer.status, problem["clause"].as_str()),
        (StatusCode::CONFLICT, Some("cl-1.1-ii"))
    );
    assert_eq!(
        scene
            .house
            .entries(scene.house.tenant, "agreement.given")
            .await,
        0
    );
    assert_eq!(
        due(&mut browser).await,
        "/visit/in-person",
        "希望しない leads to care in person, never asked twice"
    );
    scene.house.pass(SignedDuration::from_secs(1));
    browser.post("/visit/agree", &AGREED).await;
    assert_eq!(due(&mut browser).await, "/visit/statement");
}

#[tokio::test]
async fn cl_1_1_i_an_agreement_left_out_is_named() {
    let (scene, mut browser) = explained().await;
    for (left_out, clause) in [
        ("online_care", "cl-1.1-i"),
        ("security_risk", "cl-2.5.1-i-b"),
        ("system_use", "cl-2.5.1.1-iii-a"),
    ] {
        let fields: Vec<_> = AGREED
            .into_iter()
            .filter(|(_, value)| *value != left_out)
            .collect();
        let (answer, problem) = json(&mut browser, "/visit/agree", &fields).await;
        assert_eq!(
            (answer.status, problem["clause"].as_str()),
            (StatusCode::CONFLICT, Some(clause)),
            "{left_out}"
        );
        assert_eq!(problem["items"][0], left_out);
    }
    assert_eq!(
        scene
            .house
            .entries(scene.house.tenant, "agreement.given")
            .await,
        0
    );
}

#[tokio::test]
async fn cl_1_1_iv_no_agreement_before_every_item_is_read() {
    let scene = scene(Class::First, 10).await;
    let mut browser = scene.inside().await;
    let (answer, problem) = json(&mut browser, "/visit/agree", &AGREED).await;
    assert_eq!(
        (answer.status, problem["clause"].as_str()),
        (StatusCode::CONFLICT, Some("cl-1.1-iv"))
    );
    assert_eq!(
        problem["items"],
        serde_json::json!(["limits_and_combination", "decided_each_time", "care_plan"])
    );
    // Versions that were never put on this screen: guessed right or not, they are refused.
    let material = scene
        .house
        .store
        .read(scene.house.tenant)
        .await
        .unwrap()
        .texts("explanation")
        .await
        .unwrap();
    let guessed: Vec<String> = material
        .iter()
        .map(|text| format!("{}:{}", text.tag, text.material))
        .collect();
    assert_eq!(
        browser
            .post("/visit/explain", &understood(&guessed))
            .await
            .status,
        StatusCode::CONFLICT
    );
    // One page holds every item under its own heading; one item left out, and nothing of it is stored.
    let page = browser.get("/visit/explain").await.body;
    let shown = versions(&page);
    assert_eq!(shown.len(), 3, "{page}");
    for (left_out, version) in shown.iter().enumerate() {
        let tag = version.split(':').next().unwrap();
        assert!(
            page.contains(&format!(
                "<section class=\"on-card on-stack is-tight\" id=\"{tag}\""
            )),
            "{tag} has its own place: {page}"
        );
        let two: Vec<String> = shown
            .iter()
            .enumerate()
            .filter(|(at, _)| *at != left_out)
            .map(|(_, version)| version.clone())
            .collect();
        let (answer, problem) = json(&mut browser, "/visit/explain", &understood(&two)).await;
        assert_eq!(answer.status, StatusCode::CONFLICT, "{tag}");
        assert_eq!(problem["items"], serde_json::json!([tag]));
    }
    assert_eq!(
        scene
            .house
            .entries(scene.house.tenant, "explanation.acknowledged")
            .await,
        0
    );
    // A text changed in substance after the page was drawn: the superseded version is refused.
    change(&scene, "decided_each_time").await;
    let (answer, problem) = json(&mut browser, "/visit/explain", &understood(&shown)).await;
    assert_eq!(answer.status, StatusCode::CONFLICT);
    assert_eq!(problem["items"], serde_json::json!(["decided_each_time"]));
    assert_eq!(read(&mut browser).await.status, StatusCode::SEE_OTHER);
    // And after it was read, only that item is asked again, here and by the agreement.
    change(&scene, "decided_each_time").await;
    let (answer, problem) = json(&mut browser, "/visit/agree", &AGREED).await;
    assert_eq!(
        (answer.status, problem["clause"].as_str()),
        (StatusCode::CONFLICT, Some("cl-1.1-iv-b"))
    );
    assert_eq!(problem["items"], serde_json::json!(["decided_each_time"]));
    let page = browser.get("/visit/explain").await.body;
    assert_eq!(versions(&page).len(), 1, "{page}");
    assert!(page.contains("変わったところ"), "{page}");
    read(&mut browser).await;
    assert_eq!(
        browser.post("/visit/agree", &AGREED).await.status,
        StatusCode::SEE_OTHER
    );
}

/// Publishes a change in substance of one text of the explanation.
async fn change(scene: &Scene, tag: &'static str) {
    scene.house.pass(SignedDuration::from_secs(1));
    write(&scene.house, move |tx| {
        Box::pin(async move {
            let text = NewText {
                kind: "explanation",
                block: Block {
                    tag: tag.into(),
                    ja: "毎回 きめます。".into(),
                    en: "Decided each time.".into(),
                },
                titles: ("毎回の判断".into(), "Each time".into()),
                in_substance: true,
            };
            tx.publish_text(&staff(Role::Administrator), &text).await
        })
    })
    .await;
}

#[tokio::test]
async fn cl_2_2_i_driving_holds_and_nothing_is_repeated_that_was_never_said() {
    let first = scene(Class::First, 10).await;
    let mut browser = first.inside().await;
    let (answer, problem) =
        json(&mut browser, "/visit/statement", &[("pressed", "as_shown")]).await;
    assert_eq!(
        (answer.status, problem["clause"].as_str()),
        (StatusCode::UNPROCESSABLE_ENTITY, Some("cl-2.2-i"))
    );
    let followup = scene(Class::Followup, 10).await;
    let mut browser = followup.inside().await;
    browser.post("/visit/body", &[("answer", "none")]).await;
    browser
        .post(
            "/visit/statement",
            &[("pressed", "different"), ("place", "driving")],
        )
        .await;
    assert_eq!(due(&mut browser).await, "/visit/hold");
    assert!(browser.get("/visit/hold").await.body.contains("とまって"));
    assert_eq!(browser.get("/visit/wait").await.location(), "/visit/hold");
    assert_eq!(browser.get("/visit/call").await.location(), "/visit/hold");
    followup.house.pass(SignedDuration::from_secs(1));
    browser.post("/visit/statement", &STATED).await;
    assert_eq!(due(&mut browser).await, "/visit/device");
    let wrong = browser
        .post(
            "/visit/statement",
            &[("pressed", "different"), ("place", "moon")],
        )
        .await;
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(wrong.body.contains("on-errors"), "{}", wrong.body);
}

#[tokio::test]
async fn cl_2_2_ii_a_a_room_where_others_hear_holds_the_visit() {
    let scene = scene(Class::Followup, 10).await;
    let mut browser = scene.inside().await;
    browser.post("/visit/body", &[("answer", "none")]).await;
    let heard: Vec<_> = STATED
        .into_iter()
        .map(|(name, value)| {
            if name == "private" {
                (name, "no")
            } else {
                (name, value)
            }
        })
        .collect();
    browser.post("/visit/statement", &heard).await;
    assert_eq!(due(&mut browser).await, "/visit/hold");
    assert!(
        browser
            .get("/visit/hold")
            .await
            .body
            .contains("聞かれない部屋")
    );
}

#[tokio::test]
async fn cl_2_5_1_1_xii_who_does_not_promise_is_held() {
    let scene = scene(Class::Followup, 10).await;
    let mut browser = scene.inside().await;
    browser.post("/visit/body", &[("answer", "none")]).await;
    let needed: Vec<_> = STATED
        .into_iter()
        .map(|(name, value)| {
            if name == "no_recording" {
                (name, "no")
            } else {
                (name, value)
            }
        })
        .collect();
    browser.post("/visit/statement", &needed).await;
    assert_eq!(due(&mut browser).await, "/visit/hold");
    assert_eq!(
        scene
            .house
            .entries(scene.house.tenant, "recording_ban.accepted")
            .await,
        1,
        "of the visit before only"
    );
}

/// A follow-up in the waiting room.
pub(crate) async fn waiting() -> (Scene, Browser) {
    let scene = scene(Class::Followup, 10).await;
    let mut browser = scene.inside().await;
    browser.post("/visit/body", &[("answer", "none")]).await;
    browser
        .post(
            "/visit/statement",
            &[("pressed", "as_shown"), ("seconds", "9")],
        )
        .await;
    browser.post("/visit/device", &CHECKED).await;
    assert_eq!(browser.get("/visit/wait").await.status, StatusCode::OK);
    (scene, browser)
}

#[tokio::test]
async fn cl_1_4_i_b_not_the_person_closes_the_room() {
    let (scene, mut browser) = waiting().await;
    let photo = browser.get("/visit/physician/photo").await;
    assert_eq!(
        (photo.status, photo.header(header::CONTENT_TYPE)),
        (StatusCode::OK, "image/jpeg")
    );
    scene.grant(scene.device().await).await;
    assert_eq!(due(&mut browser).await, "/visit/call");
    browser
        .post("/visit/physician", &[("answer", "not_the_person")])
        .await;
    assert_eq!(due(&mut browser).await, "/visit/wait");
    assert!(
        browser
            .get("/visit/wait")
            .await
            .body
            .contains("つなぐのを やめました")
    );
    let (answer, problem) = signal(&mut browser).await;
    assert_eq!(
        (answer.status, problem["clause"].as_str()),
        (StatusCode::CONFLICT, Some("cl-1.4-i-b"))
    );
    assert_eq!(problem["reason"], "physician_disputed");
    let mut read = scene.house.store.read(scene.house.tenant).await.unwrap();
    assert_eq!(read.disputes().await.unwrap().len(), 1);
    assert!(read.grants(scene.visit.id).await.unwrap().is_empty());
}

#[tokio::test]
async fn cl_1_4_i_b_a_card_without_a_valid_proof_is_not_shown() {
    let (scene, mut browser) = waiting().await;
    // The physician's own account replaces the photograph: the proof falls with it.
    write(&scene.house, |tx| {
        Box::pin(async move {
            let mut profile = tx.physician_profile(person_id("physician")).await?.unwrap();
            profile.photo = b"another face".to_vec();
            tx.put_physician_profile(&staff(Role::Physician), &profile)
                .await
        })
    })
    .await;
    let page = browser.get("/visit/wait").await.body;
    assert!(
        page.contains("証明を いま出せません") && !page.contains("on-proof"),
        "{page}"
    );
    let (answer, _) = json(&mut browser, "/visit/physician", &[("answer", "confirmed")]).await;
    assert_eq!(answer.status, StatusCode::CONFLICT);
    assert!(
        scene
            .browser()
            .get(&scene.link())
            .await
            .body
            .contains("いま確かめています")
    );
}

#[tokio::test]
async fn the_call_page_opens_only_for_the_admitted_device() {
    let (scene, mut browser) = waiting().await;
    assert_eq!(browser.get("/visit/call").await.location(), "/visit/wait");
    let (answer, _) = signal(&mut browser).await;
    assert_eq!(
        answer.status,
        StatusCode::SERVICE_UNAVAILABLE,
        "transport may connect, but this house has no media server"
    );
    scene.grant(scene.device().await).await;
    let page = browser.get("/visit/call").await;
    assert_eq!(page.status, StatusCode::OK, "{}", page.body);
    for part in [
        "data-signal-url=\"/visit/signal\"",
        "data-call",
        "data-call-mute",
        "録音なし",
        "00-1234-5678",
    ] {
        assert!(page.body.contains(part), "{part}");
    }
    assert!(
        browser
            .get("/visit/out")
            .await
            .body
            .contains("href=\"/visit/call\"")
    );
    let mut other = scene.inside().await;
    assert_eq!(other.get("/visit/call").await.status, StatusCode::SEE_OTHER);
    assert_eq!(
        browser.get("/visit/call").await.status,
        StatusCode::UNAUTHORIZED
    );
}

#[tokio::test]
async fn the_stream_draws_the_place_and_says_admit() {
    let (scene, browser) = waiting().await;
    let request = browser
        .request(&Method::GET, "/visit/events?at=wait")
        .body(Body::empty())
        .unwrap();
    let response = browser.router.clone().oneshot(request).await.unwrap();
    assert_eq!(
        response.headers()[header::CONTENT_TYPE],
        "text/event-stream"
    );
    let mut body = response.into_body();
    let first = body.frame().await.unwrap().unwrap().into_data().unwrap();
    assert!(
        String::from_utf8_lossy(&first).contains("受付しました"),
        "{first:?}"
    );
    scene.grant(scene.device().await).await;
    let next = tokio::time::timeout(std::time::Duration::from_secs(5), body.frame())
        .await
        .unwrap();
    let next = next.unwrap().unwrap().into_data().unwrap();
    let next = String::from_utf8_lossy(&next);
    assert!(next.contains("event: admit"), "{next}");
    let number = scene.booking().await.number;
    assert!(
        next.contains(&format!("data: {number} / ")),
        "what stands over the picture: {next}"
    );
}

#[tokio::test]
async fn leaving_gives_the_visit_up_and_nothing_is_connected_any_more() {
    let (scene, mut browser) = waiting().await;
    assert_eq!(
        browser
            .post("/visit/leave", &[("go", "1")])
            .await
            .location(),
        "/visit/over"
    );
    assert_eq!(browser.get("/visit/over").await.status, StatusCode::OK);
    assert_eq!(signal(&mut browser).await.0.status, StatusCode::GONE);
    assert_eq!(scene.booking().await.consultation.stage.as_str(), "aborted");
    assert!(
        scene
            .browser()
            .get(&scene.link())
            .await
            .body
            .contains("終わっています")
    );
}

#[tokio::test]
async fn a_lost_link_goes_to_the_contact_on_file_three_times_an_hour_and_tells_nothing() {
    let scene = scene(Class::Followup, 10).await;
    let sent = |scene: &Scene| {
        let store = scene.house.store.clone();
        let tenant = scene.house.tenant;
        async move { store.read(tenant).await.unwrap().outbox().await.unwrap() }
    };
    let mut answers = Vec::new();
    for contact in ["090-1234-5678", "090-9999-9999"] {
        let answer = scene.browser().post("/lost", &[("contact", contact)]).await;
        answers.push((answer.status, answer.location().to_owned()));
    }
    assert_eq!(answers[0], answers[1]);
    for _ in 0..40 {
        if !sent(&scene).await.is_empty() {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    let messages = sent(&scene).await;
    assert_eq!(messages.len(), 1);
    assert_eq!(messages[0].message.to, PHONE);
    let text = &messages[0].message.text;
    assert!(!text.contains(NAME) && text.contains("/v/"), "{text}");
    let path = text
        .lines()
        .find_map(|line| line.strip_prefix("http://localhost:8080"))
        .unwrap()
        .to_owned();
    let mut browser = scene.browser();
    assert_eq!(
        browser.post(&format!("{path}/enter"), &BIRTH).await.status,
        StatusCode::SEE_OTHER
    );
}

#[tokio::test]
async fn cl_2_1_i_b_every_page_of_the_way_says_whose_it_is_and_where_to_call() {
    let (scene, mut browser) = waiting().await;
    let link = scene.link();
    let pages = [
        link.as_str(),
        "/",
        "/lost",
        "/me/doctors",
        "/me/voice",
        "/help/camera",
        "/help/line",
        "/help/network",
        "/help/sound",
        "/visit/body",
        "/visit/explain",
        "/me/safety",
        "/visit/withdraw",
        "/visit/statement",
        "/visit/device",
        "/visit/leave",
        "/visit/wait",
        "/visit/physician",
    ];
    for lang in ["ja", "en"] {
        browser
            .post("/lang", &[("lang", lang), ("to", "/lost")])
            .await;
        for path in pages {
            let mut page = browser.get(path).await;
            if page.status == StatusCode::SEE_OTHER {
                page = scene.browser().get(path).await;
            }
            assert_eq!(page.status, StatusCode::OK, "{path} {}", page.body);
            for part in ["00-1234-5678", "長野県みほん郡みずうみ町1-2", "8:30"] {
                assert!(page.body.contains(part), "{path} lacks {part}");
            }
            // A text that is missing stands in brackets.
            assert!(
                !page.body.contains("[visit-") && !page.body.contains("[shell-"),
                "{path} {}",
                page.body
            );
            let title = page
                .body
                .split("<title>")
                .nth(1)
                .unwrap()
                .split('<')
                .next()
                .unwrap();
            assert!(!title.contains(NAME), "{title}");
        }
    }
}

/// Hears every word that is logged.
#[derive(Clone, Default)]
struct Ear(Arc<Mutex<String>>);

impl tracing::field::Visit for Ear {
    fn record_debug(&mut self, field: &tracing::field::Field, value: &dyn std::fmt::Debug) {
        use std::fmt::Write as _;
        write!(self.0.lock().unwrap(), "{field}={value:?} ").unwrap();
    }
}

impl tracing::Subscriber for Ear {
    fn enabled(&self, _: &tracing::Metadata<'_>) -> bool {
        true
    }

    fn new_span(&self, span: &tracing::span::Attributes<'_>) -> tracing::span::Id {
        span.record(&mut self.clone());
        tracing::span::Id::from_u64(1)
    }

    fn record(&self, _: &tracing::span::Id, values: &tracing::span::Record<'_>) {
        values.record(&mut self.clone());
    }

    fn record_follows_from(&self, _: &tracing::span::Id, _: &tracing::span::Id) {}

    fn event(&self, event: &tracing::Event<'_>) {
        event.record(&mut self.clone());
    }

    fn enter(&self, _: &tracing::span::Id) {}

    fn exit(&self, _: &tracing::span::Id) {}
}

#[tokio::test]
async fn no_name_stands_in_an_address_a_page_the_log_or_the_ledger() {
    let ear = Ear::default();
    let _listening = tracing::subscriber::set_default(ear.clone());
    tracing::info!("the ear hears");
    let (scene, mut browser) = waiting().await;
    browser.post(&scene.enter(), &WRONG).await;
    browser
        .post(
            "/visit/statement",
            &[("pressed", "different"), ("elsewhere", NAME)],
        )
        .await;
    scene.browser().post("/lost", &[("contact", PHONE)]).await;
    for path in [
        "/visit",
        "/visit/wait",
        "/visit/body",
        "/visit/statement",
        "/visit/physician",
    ] {
        let answer = browser.get(path).await;
        for marker in [NAME, KANA, PHONE, "1951"] {
            assert!(
                !answer.location().contains(marker) && !answer.body.contains(marker),
                "{path} {marker}"
            );
        }
    }
    let log = ear.0.lock().unwrap().clone();
    assert!(log.contains("the ear hears"));
    for marker in [NAME, KANA, PHONE, "1951"] {
        assert!(!log.contains(marker), "{marker} in {log}");
    }
    for entry in scene.house.ledger(scene.house.tenant).await {
        for marker in [NAME, KANA, PHONE, "1951-04-03"] {
            assert!(!entry.contains(marker), "{entry}");
        }
    }
}
