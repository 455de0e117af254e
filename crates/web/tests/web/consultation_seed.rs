//! A clinic with one patient and one visit that lacks nothing but what a test takes away; and the physician's browser.

use crate::support::{Answer, Browser, House, employ, house, person, person_id};
use access::{DeviceId, Role, Ulid, qualification::CourseCertificate};
use axum::http::StatusCode;
use care::{
    Class, Consultation, ConsultationId, PatientId, PlanId,
    agreement::Kind,
    examination::Measured,
    first_visit::{Chosen, Route},
    gate,
    identity::Document,
    patient::Profile,
    place::WorkPeriod,
    plan::{
        Acute, Basis, Combination, Cooperation, Diagnosis, Draft, Hours, HoursMode,
        Method as PlanMethod, OnlineCare, PlanPhysician, Responsibility, Segment, SigningFacts,
        StopConditions,
    },
    proof::Answer as CardAnswer,
    statement::{Body, Lines, Medicines, PlaceKind, Pressed},
    suitability::{Judgement, Phase},
};
use jiff::{SignedDuration, ToSpan as _};
use serde_json::Value;
use store::{
    By, Fault, Tx,
    agreement::Left,
    call::{RunMeasure, SeatGrant},
    dossier::{Viewpoint, legal_day},
    physician::{PhysicianProfile, Verified},
    plan::AssessmentContent,
};
use web::{Surface, visit::link};

/// The patient's browser, as the link is bound to it.
pub(crate) const PHONE: DeviceId = DeviceId(Ulid::from_bytes([22; 16]));
/// Another browser of the patient.
pub(crate) const TABLET: DeviceId = DeviceId(Ulid::from_bytes([23; 16]));
/// A desk from which nobody here signs in.
pub(crate) const ELSEWHERE: DeviceId = DeviceId(Ulid::from_bytes([24; 16]));
/// The secret of the patient's link.
pub(crate) const SECRET: [u8; link::SECRET_BYTES] = [7; link::SECRET_BYTES];

/// A note in which every part is written.
pub(crate) const NOTE: [(&str, &str); 5] = [
    ("subjective", "ふらつきなし"),
    ("objective", "顔色よい"),
    ("assessment", "安定"),
    ("plan", "継続"),
    ("explained", "続けます"),
];

/// The same for a first visit, with the sheet for its patient.
pub(crate) const FIRST_NOTE: [(&str, &str); 12] = [
    ("subjective", "ふらつきなし"),
    ("objective", "顔色よい"),
    ("assessment", "安定"),
    ("plan", "継続"),
    ("explained", "続けます"),
    ("sheet-next", "in_person"),
    ("sheet-day", "2026-12-18"),
    ("sheet-signs", "息が苦しい"),
    ("sheet-place", "当院"),
    ("sheet-phone", "00-1234-5678"),
    ("sheet-goes-on", "likely"),
    ("sheet-explained", "live"),
];

/// A hand-over to care in person in which nothing is missing.
pub(crate) const HAND_OVER: [(&str, &str); 4] = [
    ("reason", "touch"),
    ("destination", "当院"),
    ("target", "2026-11-21"),
    ("told", "電話で"),
];

/// What stands before the physician looks. Everything is settled unless a test says otherwise.
pub(crate) struct Seed {
    pub(crate) class: Class,
    pub(crate) service: care::Service,
    /// The plan rests on a first visit online, whoever has seen the patient.
    pub(crate) online_basis: bool,
    /// The patient telephoned; nobody had booked.
    pub(crate) called_in: bool,
    pub(crate) draft: Draft,
    /// Partners of the register, besides those that every clinic here has.
    pub(crate) partners: Vec<care::partner::Partner>,
    pub(crate) signed: bool,
    pub(crate) acknowledged: bool,
    pub(crate) agreed: bool,
    pub(crate) accepted: bool,
    pub(crate) identity: Option<bool>,
    pub(crate) assessed_days_ago: Option<i64>,
    pub(crate) assessed_by: &'static str,
    pub(crate) proven: bool,
    pub(crate) arrived: bool,
    pub(crate) body: Option<Body>,
    /// A first visit has a route.
    pub(crate) routed: bool,
    /// The list of symptoms is answered, with none of them, where it is asked.
    pub(crate) symptoms: bool,
    pub(crate) lines: Option<Lines>,
    /// The patient was told where to be.
    pub(crate) guided: bool,
    pub(crate) card: Option<CardAnswer>,
    pub(crate) work: bool,
    pub(crate) chart: bool,
}

impl Seed {
    /// A routine follow-up.
    pub(crate) fn follow_up() -> Self {
        Self {
            class: Class::Followup,
            service: care::Service::Care,
            online_basis: false,
            called_in: false,
            draft: draft(),
            partners: Vec::new(),
            signed: true,
            acknowledged: true,
            agreed: true,
            accepted: true,
            identity: Some(true),
            assessed_days_ago: Some(20),
            assessed_by: "physician",
            proven: true,
            arrived: true,
            body: Some(Body::Nothing),
            routed: true,
            symptoms: true,
            lines: Some(lines()),
            guided: true,
            card: Some(CardAnswer::Confirmed),
            work: true,
            chart: true,
        }
    }

    /// A follow-up under a plan that names a colleague alone.
    pub(crate) fn stand_in() -> Self {
        let mut seed = Self {
            assessed_by: "second",
            ..Self::follow_up()
        };
        seed.draft.physicians[0].person = person_id("second");
        seed
    }

    /// A first visit: agreed by the patient, not yet by the physician; nobody has looked at a document.
    pub(crate) fn first_visit() -> Self {
        Self {
            class: Class::First,
            signed: false,
            accepted: false,
            identity: None,
            assessed_days_ago: None,
            ..Self::follow_up()
        }
    }

    /// Seeds a clinic and opens the physician's page.
    pub(crate) async fn open(self) -> Practice {
        let house = house().await;
        let (work, chart) = (self.work, self.chart);
        write(&house, |tx| Box::pin(clinic(tx))).await;
        if self.proven {
            write(&house, |tx| Box::pin(prove(tx))).await;
        }
        let (patient, visit, plan) = self.seed(&house, 1).await;
        let mut physician = house.signed_in("physician").await;
        if work {
            open_work(&mut physician).await;
        }
        let mut practice = Practice {
            house,
            patient,
            visit,
            plan,
            physician,
        };
        if chart {
            practice.page().await;
        }
        practice
    }

    /// One more patient with a visit to the same physician.
    pub(crate) async fn seed(
        self,
        house: &House,
        number: u8,
    ) -> (PatientId, ConsultationId, PlanId) {
        let (patient, visit, plan) = write(house, move |tx| Box::pin(past(tx, self, number))).await;
        // What was given before is older than what comes now.
        house.pass(SignedDuration::from_secs(1));
        (patient, visit, plan)
    }
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

pub(crate) fn own(patient: PatientId) -> By {
    By::Patient {
        id: patient,
        proxy: None,
        device: PHONE,
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

/// A plan in which nothing is missing; the clinic itself answers for a sudden change.
pub(crate) fn draft() -> Draft {
    Draft {
        online_care: OnlineCare {
            diagnoses: vec![hypertension()],
            treatment: "降圧薬の調整".into(),
        },
        combination: Combination {
            every_months: Some(3),
            every_visits: Some(3),
            tests: Vec::new(),
            assess_by: None,
        },
        hours: Hours {
            mode: Some(HoursMode::Appointment),
            length_minutes: 15,
            lateness: "10分".into(),
            outside: "項目7".into(),
        },
        method: PlanMethod {
            system: "onshin/1".into(),
            devices: "スマホ".into(),
            lent: String::new(),
            fallback: "電話はつなぎ直しだけ".into(),
        },
        stop: StopConditions {
            clinical: vec!["胸の痛み".into()],
            technical: vec!["60秒以上 映像がない".into()],
            lost_seconds: 60,
            destination: "当院".into(),
            contact: "00-1234-5678".into(),
        },
        cooperation: Cooperation {
            statement: "患者の協力が要る".into(),
            prepare: vec!["血圧を毎朝".into()],
        },
        acute: Acute {
            own: true,
            partner: None,
            policy: "当院へ電話".into(),
        },
        physicians: vec![PlanPhysician {
            person: person_id("physician"),
            name: "例沢 はるか".into(),
            when: "いつも".into(),
            specialty: String::new(),
            partner: None,
        }],
        responsibility: Responsibility {
            segments: vec![Segment {
                name: "host".into(),
                owners: vec!["医療機関".into()],
            }],
            digest: "d".into(),
        },
        team: None,
        reach: None,
        information: None,
    }
}

fn hypertension() -> Diagnosis {
    Diagnosis {
        code: "I10".into(),
        name: "本態性高血圧".into(),
    }
}

async fn clinic(tx: &mut Tx) -> Result<(), Fault> {
    let by = staff(Role::Administrator);
    let today = legal_day(tx.now());
    tx.seed_texts().await?;
    tx.sign_statement(&by).await?;
    tx.set_affiliation(
        &by,
        person_id("administrator"),
        person_id("physician"),
        (today.saturating_sub(1.year()), None),
    )
    .await?;
    let course = CourseCertificate {
        person: person_id("physician"),
        number: "R7-1".into(),
        completed_on: today.saturating_sub(1.year()),
        file: "0".repeat(64),
        verified_by: Some(person_id("administrator")),
    };
    tx.enter_course(&by, &course).await?;
    tx.put_physician_profile(&by, &profile()).await?;
    tx.add_room(&by, "診察室2", today).await?;
    let host = Segment {
        name: "host".into(),
        owners: vec!["医療機関".into()],
    };
    tx.put_boundary(&by, 1, &host).await
}

pub(crate) fn profile() -> PhysicianProfile {
    PhysicianProfile {
        person: person_id("physician"),
        name: "例沢 はるか".into(),
        department: "内科".into(),
        photo: b"\x89PNG\r\n\x1a\n a face".to_vec(),
        photo_type: "image/png".into(),
    }
}

async fn prove(tx: &mut Tx) -> Result<(), Fault> {
    let verified = Verified {
        by: person_id("administrator"),
        registration_year: Some(1998),
        valid_until: legal_day(tx.now()).saturating_add(1.year()),
    };
    tx.keep_proof(&staff(Role::Administrator), &profile(), verified)
        .await
}

async fn visit_of(tx: &mut Tx, seed: &Seed, patient: PatientId) -> Result<Consultation, Fault> {
    let (desk, treating) = (staff(Role::Reception), person_id("physician"));
    let booking = if seed.called_in {
        tx.open_called_in(&desk, patient, treating, (seed.class, seed.service))
            .await?
    } else {
        tx.book(
            &desk,
            patient,
            treating,
            (seed.class, seed.service),
            tx.now(),
        )
        .await?
    };
    Ok(booking.consultation)
}

/// Enters the partners of a seed.
async fn register(tx: &mut Tx, by: &By, partners: &[care::partner::Partner]) -> Result<(), Fault> {
    for partner in partners {
        tx.put_partner(by, partner).await?;
    }
    Ok(())
}

async fn past(
    tx: &mut Tx,
    seed: Seed,
    number: u8,
) -> Result<(PatientId, ConsultationId, PlanId), Fault> {
    let (desk, physician) = (staff(Role::Reception), staff(Role::Physician));
    let treating = person_id("physician");
    let patient = tx
        .add_patient(
            &desk,
            &Profile {
                name: format!("見本 正男{number}"),
                kana: "みほん まさお".into(),
                birth: jiff::civil::date(1951, 4, 3),
                sex: "male".into(),
                phone: format!("001111222{number}"),
                mail: String::new(),
                address: "長野県みほん郡みずうみ町".into(),
                alerts: Vec::new(),
            },
        )
        .await?;
    register(tx, &desk, &seed.partners).await?;
    let by = own(patient);
    let visit = visit_of(tx, &seed, patient).await?;
    let basis = match seed.assessed_days_ago {
        Some(days) => {
            let on = legal_day(tx.now()).saturating_sub(days.days());
            let content = AssessmentContent {
                diagnoses: vec![hypertension()],
                findings: "血圧 140/88".into(),
            };
            let assessment = tx
                .add_assessment(
                    &physician,
                    patient,
                    person_id(seed.assessed_by),
                    on,
                    &content,
                )
                .await?;
            Some(Basis::InPerson { assessment })
        }
        None => None,
    };
    let basis = if seed.online_basis {
        let consultation = visit.id;
        Some(Basis::FirstOnline { consultation })
    } else {
        basis
    };
    // Without a word in it there is no plan yet.
    let planned = seed.draft != Draft::default();
    let mut draft = seed.draft.clone();
    if seed.online_basis {
        draft.combination.assess_by = Some(legal_day(tx.now()).saturating_add(60.days()));
    }
    let plan = if planned {
        tx.draft_plan(&physician, treating, patient, basis, &draft)
            .await?
    } else {
        PlanId(Ulid::from_bytes([0; 16]))
    };
    let left = Left {
        seconds: 20,
        wants_to_ask: false,
    };
    if seed.acknowledged {
        for text in tx.texts("explanation").await? {
            tx.keep_shown(&by, &visit, &text).await?;
            tx.keep_acknowledged(&by, &visit, (&text.tag, text.material), left)
                .await?;
        }
        if planned {
            tx.keep_plan_read(&by, &visit, (plan, 1), left).await?;
        }
    }
    if seed.agreed {
        agree(tx, &by, &visit).await?;
    }
    if seed.accepted {
        tx.accept_agreement(&physician, treating, &visit).await?;
    }
    if seed.signed {
        sign(tx, patient, visit.id).await?;
    }
    if let Some(matches) = seed.identity {
        let licence = Document::parse("driving_licence").ok_or(Fault::Conflict)?;
        tx.keep_identity_check(&desk, person_id("reception"), patient, licence, matches)
            .await?;
    }
    let secret: &[u8] = &[SECRET[0] + number - 1; link::SECRET_BYTES];
    tx.invite(&desk, visit.id, patient, None, secret).await?;
    let visit = if seed.arrived {
        let link = tx.invitation(secret).await?.ok_or(Fault::Conflict)?;
        tx.bind(&by, &link, PHONE).await?;
        let event = visit.arrive(tx.now()).map_err(|_| Fault::Conflict)?;
        tx.keep_event(&by, &visit, &event).await?
    } else {
        visit
    };
    answers(tx, &seed, &by, &visit).await?;
    Ok((patient, visit.id, plan))
}

/// What the patient answered before the visit.
async fn answers(tx: &mut Tx, seed: &Seed, by: &By, visit: &Consultation) -> Result<(), Fault> {
    if let Some(body) = &seed.body {
        tx.keep_body(by, visit, body).await?;
    }
    if seed.class.is_first() && seed.routed {
        let route = Route::Chosen(Chosen::Stated("かかりつけ".into()));
        tx.keep_route(by, visit, &route).await?;
    }
    if seed.class.is_first() && seed.symptoms {
        let list = tx.symptom_list().await?;
        tx.keep_questionnaire(by, visit, &list, (Vec::new(), String::new()))
            .await?;
    }
    if let Some(lines) = &seed.lines {
        if seed.guided {
            tx.keep_guidance(by, visit, store::guidance::Told::Shown)
                .await?;
        }
        tx.keep_statement(by, visit, Pressed::AsShown, 8, lines)
            .await?;
    }
    if let Some(answer) = seed.card {
        tx.keep_card_shown(by, visit).await?;
        tx.keep_card_answer(by, visit, answer).await?;
    }
    Ok(())
}

pub(crate) async fn agree(tx: &mut Tx, by: &By, visit: &Consultation) -> Result<(), Fault> {
    tx.keep_wish(by, visit, true).await?;
    for text in tx.texts("agreement").await? {
        let kind = Kind::parse(&text.tag).ok_or(Fault::Conflict)?;
        tx.keep_agreement(by, visit, kind, &text).await?;
    }
    Ok(())
}

async fn sign(tx: &mut Tx, patient: PatientId, first_visit: ConsultationId) -> Result<(), Fault> {
    let plan = tx
        .plans(patient)
        .await?
        .into_iter()
        .next()
        .ok_or(Fault::Conflict)?
        .plan;
    let agreements = tx.agreement_facts(patient).await?;
    let assessments: Vec<_> = tx
        .assessments(patient)
        .await?
        .into_iter()
        .map(|(row, _)| row)
        .collect();
    let partners = tx.partners().await?;
    let facts = SigningFacts {
        first_visits: &[first_visit],
        assessments: &assessments,
        partners: &partners,
        reach: &care::plan::reach::Facts::default(),
        agreements: &agreements,
        acknowledged: true,
        today: legal_day(tx.now()),
    };
    let signable = care::plan::signable(&plan, &facts).map_err(|_| Fault::Conflict)?;
    tx.sign_plan(
        &staff(Role::Physician),
        person_id("physician"),
        &plan,
        signable,
    )
    .await
}

pub(crate) async fn open_work(physician: &mut Browser) {
    let answer = physician
        .post("/work", &[("room", "診察室2"), ("stated", "all")])
        .await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.body);
}

/// The clinic, the visit, and the physician who looks at it.
pub(crate) struct Practice {
    pub(crate) house: House,
    pub(crate) patient: PatientId,
    pub(crate) visit: ConsultationId,
    pub(crate) plan: PlanId,
    pub(crate) physician: Browser,
}

/// A refusal as programs read it.
pub(crate) struct Said {
    pub(crate) status: u16,
    pub(crate) body: Value,
}

impl Said {
    fn of(answer: &Answer) -> Self {
        let body: Value = serde_json::from_str(&answer.body).unwrap_or_default();
        if answer.status.is_client_error() {
            assert_eq!(
                answer.header(axum::http::header::CONTENT_TYPE),
                "application/problem+json"
            );
        }
        Self {
            status: answer.status.as_u16(),
            body,
        }
    }

    pub(crate) fn clause(&self) -> &str {
        self.body["clause"].as_str().unwrap_or_default()
    }

    pub(crate) fn reason(&self) -> &str {
        self.body["reason"].as_str().unwrap_or_default()
    }

    pub(crate) fn is_out_of_turn(&self) -> bool {
        self.status == 409 && self.body["type"] == "urn:onshin:problem:out-of-turn"
    }

    /// Status and clause: what most attacks ask for.
    pub(crate) fn spoke(&self) -> (u16, &str) {
        (self.status, self.clause())
    }
}

/// Posts as a program would.
pub(crate) async fn post(browser: &mut Browser, path: &str, fields: &[(&str, &str)]) -> Said {
    use axum::{body::Body, http::Method, http::header};
    let body: Vec<String> = fields
        .iter()
        .map(|(name, value)| format!("{name}={}", web::form::encode(value)))
        .collect();
    let mut request = browser
        .request(&Method::POST, path)
        .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
        .body(Body::from(body.join("&")))
        .unwrap();
    request
        .headers_mut()
        .insert(header::ACCEPT, "application/json".parse().unwrap());
    Said::of(&browser.send(request).await)
}

/// What a visit has come to: everything that an act can change.
#[derive(Debug, PartialEq)]
pub(crate) struct State {
    stage: &'static str,
    judgements: usize,
    grants: Vec<SeatGrant>,
    notes: Vec<(i64, bool, String)>,
    acts: Vec<String>,
}

impl State {
    pub(crate) fn notes(&self) -> &[(i64, bool, String)] {
        &self.notes
    }
}

impl Practice {
    pub(crate) fn address(&self) -> String {
        format!("/consultations/{}", self.visit)
    }

    /// The physician presses.
    pub(crate) async fn act(&mut self, act: &str, fields: &[(&str, &str)]) -> Said {
        let path = format!("{}/{act}", self.address());
        post(&mut self.physician, &path, fields).await
    }

    /// The physician presses, and it is done.
    pub(crate) async fn done(&mut self, act: &str, fields: &[(&str, &str)]) {
        let said = self.act(act, fields).await;
        assert_eq!(said.status, 303, "{act}: {}", said.body);
    }

    /// The page as the physician sees it.
    pub(crate) async fn page(&mut self) -> String {
        let answer = self.physician.get(&self.address()).await;
        assert_eq!(answer.status, StatusCode::OK, "{}", answer.body);
        assert!(!answer.body.contains('\u{fffd}'), "broken text");
        answer.body
    }

    /// Runs an act that a clause must refuse, and proves that nothing came of it but the entry about the refusal.
    pub(crate) async fn refused(&mut self, act: &str, fields: &[(&str, &str)]) -> Said {
        let (before, told) = (
            self.state().await,
            self.house
                .entries(self.house.tenant, "refusal.recorded")
                .await,
        );
        let said = self.act(act, fields).await;
        assert!(
            (400..500).contains(&said.status),
            "{act}: {} {}",
            said.status,
            said.body
        );
        assert_eq!(before, self.state().await, "{act} changed something");
        if said.body["type"] == "urn:onshin:problem:refused" {
            assert!(
                self.house
                    .entries(self.house.tenant, "refusal.recorded")
                    .await
                    > told,
                "{act}: not in the ledger"
            );
            self.house.pass(SignedDuration::from_secs(61));
        }
        said
    }

    pub(crate) async fn state(&self) -> State {
        let mut read = self.house.store.read(self.house.tenant).await.unwrap();
        let visit = read
            .consultation(self.visit)
            .await
            .unwrap()
            .unwrap()
            .consultation;
        let notes = read.notes_of(self.visit).await.unwrap();
        let (judgements, grants) = (
            read.judgements(self.visit).await.unwrap(),
            read.grants(self.visit).await.unwrap(),
        );
        drop(read);
        let acts = self
            .house
            .ledger(self.house.tenant)
            .await
            .into_iter()
            .filter(|entry| !entry.contains("refusal.recorded") && !entry.contains("access.denied"))
            .collect();
        State {
            stage: visit.stage.as_str(),
            judgements: judgements.len(),
            grants,
            notes: notes
                .into_iter()
                .map(|note| (note.version, note.finalized.is_some(), note.soap.assessment))
                .collect(),
            acts,
        }
    }

    pub(crate) async fn stage(&self) -> &'static str {
        self.consultation().await.stage.as_str()
    }

    pub(crate) async fn consultation(&self) -> Consultation {
        let mut read = self.house.store.read(self.house.tenant).await.unwrap();
        read.consultation(self.visit)
            .await
            .unwrap()
            .unwrap()
            .consultation
    }

    pub(crate) async fn judgements(&self) -> Vec<Judgement> {
        let mut read = self.house.store.read(self.house.tenant).await.unwrap();
        read.judgements(self.visit).await.unwrap()
    }

    pub(crate) async fn grants(&self) -> Vec<SeatGrant> {
        let mut read = self.house.store.read(self.house.tenant).await.unwrap();
        read.grants(self.visit).await.unwrap()
    }

    pub(crate) async fn entries(&self, subject: &str) -> usize {
        self.house.entries(self.house.tenant, subject).await
    }

    /// What the media server counted.
    pub(crate) async fn measured(&self, measured: Measured) {
        let visit = self.visit;
        write(&self.house, move |tx| {
            Box::pin(async move {
                let reading = RunMeasure {
                    run: "a".into(),
                    measured,
                    counters: "{}".into(),
                };
                tx.keep_measure(visit, &reading, false).await
            })
        })
        .await;
    }

    /// Seen and heard for so many seconds, and still so.
    pub(crate) async fn seen(&self, two_way_seconds: i64) {
        self.measured(Measured {
            two_way_seconds,
            patient_video_now: true,
            ..Measured::default()
        })
        .await;
    }

    /// "足りる" with a whole note.
    pub(crate) async fn enough(&mut self) -> Said {
        self.act("enough", &[NOTE.as_slice(), &[("enough", "yes")]].concat())
            .await
    }

    /// As far as a live visit.
    pub(crate) async fn live(&mut self) {
        self.done("admit", &[]).await;
        assert_eq!(self.stage().await, "live");
    }

    /// As far as a visit that lacks nothing but the signature.
    pub(crate) async fn closable(&mut self) {
        self.live().await;
        self.done("strip", &[]).await;
        self.seen(75).await;
        let said = self.enough().await;
        assert_eq!(said.status, 303, "{}", said.body);
    }

    /// What the server wrote by itself, on the closing panel or beside the signed note.
    pub(crate) async fn record(&mut self) -> String {
        let page = self.page().await;
        let block = page.split("id=\"derived\"").nth(1).unwrap();
        block.split("</section>").next().unwrap().to_owned()
    }

    /// Lines that a stage leaves open, for messages of failing tests.
    pub(crate) async fn open_lines(&self) -> Vec<String> {
        let mut read = self.house.store.read(self.house.tenant).await.unwrap();
        let booking = read.consultation(self.visit).await.unwrap().unwrap();
        let period = read.work_period(person_id("physician")).await.unwrap();
        let view = Viewpoint {
            device: period.as_ref().map_or(ELSEWHERE, |period| period.device),
            network: period.map(|period| period.network).unwrap_or_default(),
            now: self.house.now(),
        };
        let dossier = Box::pin(read.dossier(&booking, &view)).await.unwrap();
        gate::admit_lines(&dossier)
            .into_iter()
            .chain(gate::begin_lines(&dossier))
            .filter_map(|line| line.refusal)
            .map(|refusal| refusal.to_string())
            .collect()
    }

    /// The patient withdraws, from the own phone.
    pub(crate) async fn withdraw(&self) {
        let (patient, visit) = (self.patient, self.visit);
        write(&self.house, move |tx| {
            Box::pin(async move { tx.keep_withdrawal(&own(patient), patient, visit).await })
        })
        .await;
    }

    /// One more physician, with the same standing.
    pub(crate) async fn other_physician(&self) -> Browser {
        let now = self.house.now();
        let id = person(&self.house.store, "second", true, now).await;
        employ(
            &self.house.store,
            self.house.tenant,
            id,
            Role::Physician,
            now,
        )
        .await;
        self.house.signed_in("second").await
    }

    /// The patient accepted the physician who stands in, and the case was handed over and read.
    pub(crate) async fn stood_in(&self) {
        let (patient, visit) = (self.patient, self.consultation().await);
        write(&self.house, move |tx| {
            Box::pin(async move {
                tx.keep_substitute_answer(&own(patient), &visit, true)
                    .await?;
                let note = care::rota::Note::default();
                let by = staff(Role::Physician);
                tx.keep_handed_over(&by, person_id("second"), &visit, &note)
                    .await?;
                tx.keep_hand_over_read(&by, &visit).await
            })
        })
        .await;
    }

    /// The open work period.
    pub(crate) async fn period(&self) -> WorkPeriod {
        let mut read = self.house.store.read(self.house.tenant).await.unwrap();
        read.work_period(person_id("physician"))
            .await
            .unwrap()
            .unwrap()
    }

    /// The physician's browser once more, with the same session: a press of its own.
    pub(crate) fn same_browser(&self) -> Browser {
        let mut browser = self.house.browser(Surface::Staff);
        browser.cookies.clone_from(&self.physician.cookies);
        browser
    }

    /// Whether the in-person place of the visit was stored as of this kind.
    pub(crate) async fn resolved(&self, kind: &str) -> bool {
        let (visit, kind) = (self.visit.to_string(), format!("\"kind\":\"{kind}\""));
        let ledger = self.house.ledger(self.house.tenant).await;
        ledger.iter().any(|entry| {
            entry.contains("linkage.resolved") && entry.contains(&visit) && entry.contains(&kind)
        })
    }

    pub(crate) async fn phase(&self, phase: Phase) -> usize {
        self.judgements()
            .await
            .iter()
            .filter(|row| row.phase == phase)
            .count()
    }
}
