//! A whole routine follow-up through storage, on both engines: what the gates need is kept, loaded and judged.

#![expect(clippy::unwrap_used, reason = "what fails here fails the test")]

mod engines;

use access::{DeviceId, PersonId, Role, TenantId, Ulid, qualification::CourseCertificate};
use care::{
    Class, Consultation, PatientId,
    agreement::Kind,
    attendance::Part,
    examination::Measured,
    gate,
    identity::Document,
    patient::Profile,
    place::WorkPeriod,
    plan::{
        Acute, Basis, Combination, Cooperation, Diagnosis, Draft, Hours, HoursMode,
        Method as PlanMethod, OnlineCare, OutsideReason, PlanPhysician, Segment, SigningFacts,
        StopConditions,
    },
    proof::Answer,
    record::Soap,
    rota::Note,
    statement::{Body, Lines, Medicines, PlaceKind, Pressed},
    suitability::{Phase, Verdict},
};
use engines::{CLINIC, NOW, OTHER_CLINIC, Place, both_engines};
use jiff::{SignedDuration, Timestamp, ToSpan as _};
use std::pin::Pin;
use store::{
    By, Fault, Store, Tx,
    agreement::Left,
    call::RunMeasure,
    dossier::{Viewpoint, legal_day},
    institution::Institution,
    judgement::StripPress,
    person::{NewMembership, NewPerson},
    physician::{PhysicianProfile, Verified},
    plan::AssessmentContent,
};

const PHYSICIAN: PersonId = PersonId(Ulid::from_bytes([11; 16]));
const ADMINISTRATOR: PersonId = PersonId(Ulid::from_bytes([12; 16]));
const DESK: DeviceId = DeviceId(Ulid::from_bytes([21; 16]));
const PHONE: DeviceId = DeviceId(Ulid::from_bytes([22; 16]));

type Act<'t, T> = Pin<Box<dyn Future<Output = Result<T, Fault>> + Send + 't>>;

/// A clinic with one patient whose follow-up lacks nothing but the physician's presses.
struct Clinic {
    store: Store,
    patient: PatientId,
    visit: Consultation,
}

fn physician() -> By {
    By::Person {
        id: PHYSICIAN,
        role: Role::Physician,
        device: DESK,
    }
}

fn administrator() -> By {
    By::Person {
        id: ADMINISTRATOR,
        role: Role::Administrator,
        device: DESK,
    }
}

fn view(now: Timestamp) -> Viewpoint {
    Viewpoint {
        device: DESK,
        network: "net".into(),
        now,
    }
}

fn draft() -> Draft {
    Draft {
        online_care: OnlineCare {
            diagnoses: vec![Diagnosis {
                code: "I10".into(),
                name: "本態性高血圧".into(),
            }],
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
            person: PHYSICIAN,
            name: "例沢 はるか".into(),
            when: "いつも".into(),
            specialty: String::new(),
            partner: None,
        }],
        responsibility: care::plan::Responsibility {
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

fn lines() -> Lines {
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

fn soap() -> Soap {
    Soap {
        subjective: "ふらつきなし".into(),
        objective: "顔色よい".into(),
        assessment: "安定".into(),
        plan: "継続".into(),
        explained: "続けます".into(),
        treated: Vec::new(),
        cited: Vec::new(),
    }
}

async fn act<T: Send + 'static>(
    store: &Store,
    now: Timestamp,
    act: impl for<'t> FnOnce(&'t mut Tx) -> Act<'t, T> + Send + 'static,
) -> T {
    store.write(CLINIC, now, act).await.unwrap()
}

async fn house(tx: &mut Tx) -> Result<(), Fault> {
    let today = legal_day(tx.now());
    let long_ago = today.saturating_sub(1.year());
    let institution = Institution {
        name: "見本みずうみクリニック".into(),
        address: "長野県みほん郡みずうみ町1-2".into(),
        phone: "00-1234-5678".into(),
        hours: "月〜土 8:30〜18:00".into(),
        name_en: String::new(),
        address_en: String::new(),
        hours_en: String::new(),
        code: "0000000".into(),
        online_care_notified: true,
        desks: store::institution::Desks::default(),
    };
    tx.keep_institution(&institution, ledger::Actor::System)
        .await?;
    tx.seed_texts().await?;
    tx.sign_statement(&administrator()).await?;
    let profile = PhysicianProfile {
        person: PHYSICIAN,
        name: "例沢 はるか".into(),
        department: "内科".into(),
        photo: vec![1, 2, 3],
        photo_type: "image/png".into(),
    };
    tx.put_physician_profile(&administrator(), &profile).await?;
    let verified = Verified {
        by: ADMINISTRATOR,
        registration_year: Some(2008),
        valid_until: today.saturating_add(1.year()),
    };
    tx.keep_proof(&administrator(), &profile, verified).await?;
    tx.set_affiliation(&administrator(), ADMINISTRATOR, PHYSICIAN, (long_ago, None))
        .await?;
    let certificate = CourseCertificate {
        person: PHYSICIAN,
        number: "K-0001".into(),
        completed_on: long_ago,
        file: "0".repeat(64),
        verified_by: Some(ADMINISTRATOR),
    };
    tx.enter_course(&administrator(), &certificate).await?;
    tx.add_room(&administrator(), "診察室2", today).await?;
    tx.put_boundary(
        &administrator(),
        1,
        &Segment {
            name: "host".into(),
            owners: vec!["医療機関".into()],
        },
    )
    .await
}

async fn person(tx: &mut Tx) -> Result<PatientId, Fault> {
    let profile = Profile {
        name: "見本 正男".into(),
        kana: "みほん まさお".into(),
        birth: jiff::civil::date(1951, 4, 3),
        sex: "男".into(),
        phone: "0011112222".into(),
        mail: String::new(),
        address: "長野県みほん郡みずうみ町3".into(),
        alerts: vec!["ペニシリン アレルギー".into()],
    };
    tx.add_patient(&administrator(), &profile).await
}

async fn past(tx: &mut Tx, patient: PatientId, visit: &Consultation) -> Result<(), Fault> {
    let by = By::Patient {
        id: patient,
        proxy: None,
        device: PHONE,
    };
    let left = Left {
        seconds: 9,
        wants_to_ask: false,
    };
    let on = legal_day(tx.now()).saturating_sub(20.days());
    let content = AssessmentContent {
        diagnoses: vec![Diagnosis {
            code: "I10".into(),
            name: "本態性高血圧".into(),
        }],
        findings: "血圧 140/88".into(),
    };
    let assessment = tx
        .add_assessment(&physician(), patient, PHYSICIAN, on, &content)
        .await?;
    let plan = tx
        .draft_plan(
            &physician(),
            PHYSICIAN,
            patient,
            Some(Basis::InPerson { assessment }),
            &draft(),
        )
        .await?;
    for text in tx.texts("explanation").await? {
        tx.keep_shown(&by, visit, &text).await?;
        tx.keep_acknowledged(&by, visit, (&text.tag, text.material), left)
            .await?;
    }
    tx.keep_plan_read(&by, visit, (plan, 1), left).await?;
    tx.keep_wish(&by, visit, true).await?;
    for text in tx.texts("agreement").await? {
        let kind = Kind::parse(&text.tag).ok_or(Fault::Conflict)?;
        tx.keep_agreement(&by, visit, kind, &text).await?;
    }
    tx.accept_agreement(&physician(), PHYSICIAN, visit).await?;
    let plans = tx.plans(patient).await?;
    let plan = plans
        .first()
        .map(|version| version.plan.clone())
        .ok_or(Fault::Conflict)?;
    let agreements = tx.agreement_facts(patient).await?;
    let assessments: Vec<_> = tx
        .assessments(patient)
        .await?
        .into_iter()
        .map(|(row, _)| row)
        .collect();
    let facts = SigningFacts {
        first_visits: &[],
        assessments: &assessments,
        partners: &[],
        reach: &care::plan::reach::Facts::default(),
        agreements: &agreements,
        acknowledged: true,
        today: legal_day(tx.now()),
    };
    let signable = care::plan::signable(&plan, &facts).map_err(|_| Fault::Conflict)?;
    tx.sign_plan(&physician(), PHYSICIAN, &plan, signable)
        .await?;
    let licence = Document::parse("driving_licence").ok_or(Fault::Conflict)?;
    tx.keep_identity_check(&administrator(), ADMINISTRATOR, patient, licence, true)
        .await
}

async fn arrive(tx: &mut Tx, visit: Consultation) -> Result<Consultation, Fault> {
    let patient = visit.patient;
    let by = By::Patient {
        id: patient,
        proxy: None,
        device: PHONE,
    };
    tx.invite(&physician(), visit.id, patient, None, b"secret")
        .await?;
    let link = tx.invitation(b"secret").await?.ok_or(Fault::Conflict)?;
    tx.bind(&by, &link, PHONE).await?;
    let event = visit.arrive(tx.now()).map_err(|_| Fault::Conflict)?;
    let visit = tx.keep_event(&by, &visit, &event).await?;
    tx.keep_body(&by, &visit, &Body::Nothing).await?;
    tx.keep_guidance(&by, &visit, store::guidance::Told::Shown)
        .await?;
    tx.keep_statement(&by, &visit, Pressed::AsShown, 8, &lines())
        .await?;
    tx.keep_card_shown(&by, &visit).await?;
    tx.keep_card_answer(&by, &visit, Answer::Confirmed).await?;
    let period = WorkPeriod {
        person: PHYSICIAN,
        device: DESK,
        network: "net".into(),
        room: "診察室2".into(),
        separated: true,
        unseen: true,
        no_recording: true,
        opened: tx.now(),
        ended: None,
        locked: None,
    };
    tx.open_work_period(&physician(), &period).await?;
    tx.keep_chart_reading(&physician(), PHYSICIAN, &visit)
        .await?;
    Ok(visit)
}

impl Clinic {
    async fn open(place: &Place) -> Self {
        let store = place.open().await;
        let before = NOW.checked_sub(SignedDuration::from_hours(2)).unwrap();
        act(&store, before, |tx| Box::pin(house(tx))).await;
        let patient = act(&store, before, |tx| Box::pin(person(tx))).await;
        let visit = act(&store, before, move |tx| {
            Box::pin(async move {
                let booking = tx
                    .book(
                        &administrator(),
                        patient,
                        PHYSICIAN,
                        (Class::Followup, care::Service::Care),
                        NOW,
                    )
                    .await?;
                past(tx, patient, &booking.consultation).await?;
                Ok(booking.consultation)
            })
        })
        .await;
        let visit = act(&store, NOW, move |tx| Box::pin(arrive(tx, visit))).await;
        Self {
            store,
            patient,
            visit,
        }
    }

    async fn dossier(&self, now: Timestamp) -> care::Dossier {
        let mut read = self.store.read(CLINIC).await.unwrap();
        let booking = read.consultation(self.visit.id).await.unwrap().unwrap();
        Box::pin(read.dossier(&booking, &view(now))).await.unwrap()
    }
}

/// A clinic in which one visit went from the first press to the last.
async fn followed_up(place: &Place) -> Clinic {
    Box::pin(follow_up(place)).await
}

#[expect(
    clippy::too_many_lines,
    reason = "one visit from the first press to the last"
)]
async fn follow_up(place: &Place) -> Clinic {
    let clinic = Clinic::open(place).await;
    let visit = clinic.visit.clone();

    let dossier = clinic.dossier(NOW).await;
    let open: Vec<_> = gate::admit_lines(&dossier)
        .into_iter()
        .filter_map(|line| line.refusal)
        .collect();
    assert!(open.is_empty(), "{}: {open:?}", place.engine);

    act(&clinic.store, NOW, move |tx| {
        Box::pin(async move {
            tx.keep_judgement(
                &physician(),
                PHYSICIAN,
                &visit,
                (Phase::Provisional, Verdict::Go, "admit"),
            )
            .await?;
            tx.take_live_seat(PHYSICIAN, visit.id).await?;
            tx.open_live_lock(PHYSICIAN, visit.id).await?;
            tx.grant_seat(
                &physician(),
                PHYSICIAN,
                &visit,
                ("patient", "patient", PHONE),
            )
            .await?;
            tx.grant_seat(
                &physician(),
                PHYSICIAN,
                &visit,
                ("physician", "physician", DESK),
            )
            .await?;
            let backup = care::referral::Backup::Own;
            tx.keep_backup(&physician(), &visit, &backup).await
        })
    })
    .await;
    let dossier = clinic.dossier(NOW).await;
    let ready = gate::begin(&dossier).unwrap();
    let event = dossier.consultation.begin(ready, NOW).unwrap();
    let before = dossier.consultation.clone();
    let live = act(&clinic.store, NOW, move |tx| {
        Box::pin(async move { tx.keep_event(&physician(), &before, &event).await })
    })
    .await;

    let later = NOW.checked_add(SignedDuration::from_mins(2)).unwrap();
    let in_call = live.clone();
    act(&clinic.store, later, move |tx| {
        Box::pin(async move {
            let record = tx
                .assessments(in_call.patient)
                .await?
                .first()
                .map(|(row, _)| row.id);
            let press = StripPress {
                device: PHONE,
                present: Vec::new(),
                namesake: false,
                known: record,
            };
            tx.keep_opening_strip(&physician(), PHYSICIAN, &in_call, &press)
                .await?;
            // Two runs of the program: a restart adds up, it does not start over.
            for (run, seconds) in [("a", 40), ("b", 35)] {
                let measured = Measured {
                    two_way_seconds: seconds,
                    patient_video_now: true,
                    ..Measured::default()
                };
                let reading = RunMeasure {
                    run: run.into(),
                    measured,
                    counters: "{}".into(),
                };
                tx.keep_measure(in_call.id, &reading, false).await?;
            }
            tx.keep_draft(&physician(), PHYSICIAN, &in_call, (&soap(), ""))
                .await?;
            tx.keep_sufficiency(&physician(), PHYSICIAN, &in_call, (true, true))
                .await?;
            tx.keep_judgement(
                &physician(),
                PHYSICIAN,
                &in_call,
                (Phase::Final, Verdict::Go, "enough"),
            )
            .await
        })
    })
    .await;
    let dossier = clinic.dossier(later).await;
    assert_eq!(
        dossier.examination.measured.two_way_seconds, 75,
        "{}",
        place.engine
    );
    let signable = gate::sign(&dossier).unwrap();
    act(&clinic.store, later, move |tx| {
        Box::pin(async move {
            let ended = tx
                .keep_event(&physician(), &live, &live.end(later).unwrap())
                .await?;
            tx.end_call(&physician(), PHYSICIAN, ended.id).await?;
            tx.finalize_note(&physician(), PHYSICIAN, &ended).await?;
            tx.keep_event(&physician(), &ended, &ended.document(&signable).unwrap())
                .await
        })
    })
    .await;
    let dossier = clinic.dossier(later).await;
    let closable = gate::close(&dossier).unwrap();
    let documented = dossier.consultation.clone();
    act(&clinic.store, later, move |tx| {
        Box::pin(async move {
            tx.keep_event(
                &physician(),
                &documented,
                &documented.close(&closable).unwrap(),
            )
            .await
        })
    })
    .await;

    clinic
}

#[test]
fn a_routine_follow_up_passes_every_gate_and_closes() {
    both_engines(|place| async move {
        let clinic = followed_up(&place).await;
        let id = clinic.visit.id;
        let mut read = clinic.store.read(CLINIC).await.unwrap();
        assert_eq!(
            read.consultation(id)
                .await
                .unwrap()
                .unwrap()
                .consultation
                .stage
                .as_str(),
            "closed"
        );
        assert_eq!(read.chart(clinic.patient).await.unwrap().len(), 1);
        assert!(
            read.altered_notes().await.unwrap().is_empty(),
            "{}",
            place.engine
        );
        assert!(
            care::examination::without_media(&read.signed_acts("").await.unwrap().acts).is_empty()
        );
        drop(read);
        clinic.store.close().await;
    });
}

/// cl-1.6-iii: fifty starts at once for two patients; exactly one is let in, whichever engine keeps the seat.
#[test]
fn cl_1_6_iii_fifty_starts_at_once_let_exactly_one_in() {
    both_engines(|place| async move {
        let clinic = Clinic::open(&place).await;
        let other = act(&clinic.store, NOW, |tx| {
            Box::pin(async move {
                let patient = person(tx).await?;
                Ok(tx
                    .book(
                        &administrator(),
                        patient,
                        PHYSICIAN,
                        (Class::First, care::Service::Care),
                        NOW,
                    )
                    .await?
                    .consultation)
            })
        })
        .await;
        let mut starts = tokio::task::JoinSet::new();
        for turn in 0..50_u8 {
            let (store, id) = (
                clinic.store.clone(),
                if turn % 2 == 0 {
                    clinic.visit.id
                } else {
                    other.id
                },
            );
            // Every other start comes from another institution: the seat is the person's, not the clinic's.
            let tenant = if turn % 4 < 2 { CLINIC } else { OTHER_CLINIC };
            starts.spawn(async move {
                store
                    .write::<_, Fault, _>(tenant, NOW, move |tx| {
                        Box::pin(async move { tx.take_live_seat(PHYSICIAN, id).await })
                    })
                    .await
                    .map(|()| id)
            });
        }
        let mut seated = std::collections::BTreeSet::new();
        while let Some(done) = starts.join_next().await {
            if let Ok(id) = done.unwrap() {
                seated.insert(id);
            }
        }
        assert_eq!(
            seated.len(),
            1,
            "{}: one visit holds the seat",
            place.engine
        );
        clinic.store.close().await;
    });
}

/// cl-3.2-i-a: a signed note that was edited in the database is found out.
#[tokio::test]
async fn cl_3_2_i_a_a_note_edited_in_the_database_is_found_out() {
    let place = Place::sqlite();
    let clinic = Clinic::open(&place).await;
    let visit = clinic.visit.clone();
    act(&clinic.store, NOW, move |tx| {
        Box::pin(async move {
            tx.keep_draft(&physician(), PHYSICIAN, &visit, (&soap(), ""))
                .await?;
            tx.finalize_note(&physician(), PHYSICIAN, &visit).await?;
            // An amendment is a new version; the first stays as it was.
            tx.keep_draft(&physician(), PHYSICIAN, &visit, (&soap(), "追記"))
                .await?;
            tx.finalize_note(&physician(), PHYSICIAN, &visit).await
        })
    })
    .await;
    let mut read = clinic.store.read(CLINIC).await.unwrap();
    assert_eq!(read.notes_of(clinic.visit.id).await.unwrap().len(), 2);
    assert!(read.altered_notes().await.unwrap().is_empty());
    drop(read);
    clinic.store.close().await;

    let file = format!("sqlite://{}", place.file().display());
    sqlx::any::install_default_drivers();
    let mut raw = <sqlx::AnyConnection as sqlx::Connection>::connect(&file)
        .await
        .unwrap();
    sqlx::query(
        "UPDATE note SET content = (SELECT content FROM note WHERE version = 2) WHERE version = 1 AND kind = 'visit'",
    )
    .execute(&mut raw)
    .await
    .unwrap();
    <sqlx::AnyConnection as sqlx::Connection>::close(raw)
        .await
        .unwrap();

    let store = Store::open(place.settings()).await.unwrap();
    let altered = store
        .read(CLINIC)
        .await
        .unwrap()
        .altered_notes()
        .await
        .unwrap();
    assert_eq!(altered.len(), 1);
    store.close().await;
    place.remove().await;
}

/// cl-1.6-ii-b: a signed note with no sight and sound behind it, put straight into the database, is found at night.
#[tokio::test]
async fn cl_1_6_ii_b_a_signed_note_without_media_is_found_at_night() {
    let place = Place::sqlite();
    let clinic = Clinic::open(&place).await;
    let visit = clinic.visit.clone();
    act(&clinic.store, NOW, move |tx| {
        Box::pin(async move {
            tx.keep_draft(&physician(), PHYSICIAN, &visit, (&soap(), ""))
                .await?;
            tx.finalize_note(&physician(), PHYSICIAN, &visit).await
        })
    })
    .await;
    let acts = clinic
        .store
        .read(CLINIC)
        .await
        .unwrap()
        .signed_acts("")
        .await
        .unwrap()
        .acts;
    assert_eq!(care::examination::without_media(&acts).len(), 1);
    clinic.store.close().await;
}

/// Tables of the visit, read as another clinic: nothing is to be seen.
#[test]
fn another_clinic_sees_nothing_of_the_visit() {
    both_engines(|place| async move {
        let clinic = Clinic::open(&place).await;
        let mut read = clinic.store.read(OTHER_CLINIC).await.unwrap();
        let (id, patient) = (clinic.visit.id, clinic.patient);
        assert!(read.consultation(id).await.unwrap().is_none());
        assert!(read.patient(patient).await.unwrap().is_none());
        assert!(read.search_patients("").await.unwrap().is_empty());
        assert!(
            read.patients_by_contact("0011112222")
                .await
                .unwrap()
                .is_empty()
        );
        assert!(read.plans(patient).await.unwrap().is_empty());
        assert!(read.assessments(patient).await.unwrap().is_empty());
        assert!(read.explained_items(patient).await.unwrap().is_empty());
        assert!(read.agreement_facts(patient).await.unwrap().rows.is_empty());
        assert!(read.identity_check(patient).await.unwrap().is_none());
        assert!(read.statement_of(&clinic.visit).await.unwrap().is_none());
        assert!(read.body_answers(id, patient).await.unwrap().is_empty());
        assert!(read.device_check(id).await.unwrap().is_none());
        assert!(read.judgements(id).await.unwrap().is_empty());
        assert!(read.opening_strip(&clinic.visit).await.unwrap().is_none());
        assert!(read.notes_of(id).await.unwrap().is_empty());
        assert!(read.chart_reading(id).await.unwrap().is_none());
        assert!(read.grants(id).await.unwrap().is_empty());
        assert!(read.invitation(b"secret").await.unwrap().is_none());
        assert!(read.physician_profiles().await.unwrap().is_empty());
        assert!(read.physician_proof(PHYSICIAN).await.unwrap().is_none());
        assert!(read.affiliations(PHYSICIAN).await.unwrap().is_empty());
        assert!(read.courses().await.unwrap().is_empty());
        assert!(read.rooms().await.unwrap().is_empty());
        assert!(read.work_period(PHYSICIAN).await.unwrap().is_none());
        assert!(read.outbox().await.unwrap().is_empty());
        assert!(read.partners().await.unwrap().is_empty());
        drop(read);
        clinic.store.close().await;
    });
}

/// The ledger as parsed entries.
async fn ledger(store: &Store) -> Vec<serde_json::Value> {
    let mut read = store.read(CLINIC).await.unwrap();
    let entries = read.entries(0, 5_000).await.unwrap();
    entries
        .iter()
        .map(|entry| serde_json::from_str(&entry.body).unwrap())
        .collect()
}

fn of<'l>(ledger: &'l [serde_json::Value], subject: &str) -> Vec<&'l serde_json::Value> {
    ledger
        .iter()
        .filter(|entry| entry["subject"] == subject)
        .collect()
}

fn object<'e>(entry: &'e serde_json::Value, kind: &str) -> Option<&'e str> {
    entry["objects"]
        .as_array()?
        .iter()
        .find(|object| object["kind"] == kind)?["id"]
        .as_str()
}

/// cl-1.1-iv-a, -b, -c: each item's acknowledgement and explanation is filed under its own clause, and none where nothing was read.
#[test]
fn cl_1_1_iv_a_each_item_of_the_explanation_is_evidence_of_its_own_clause() {
    both_engines(|place| async move {
        let clinic = followed_up(&place).await;
        let book = ledger(&clinic.store).await;
        for subject in ["explanation.acknowledged", "explanation.given"] {
            for (item, clause) in [
                ("limits_and_combination", "cl-1.1-iv-a"),
                ("decided_each_time", "cl-1.1-iv-b"),
                ("care_plan", "cl-1.1-iv-c"),
            ] {
                let found: Vec<_> = of(&book, subject)
                    .into_iter()
                    .filter(|entry| entry["fields"]["item"] == item)
                    .collect();
                assert_eq!(found.len(), 1, "{subject} {item}");
                assert_eq!(found[0]["clause"], clause);
                assert!(object(found[0], "consultation").is_some());
            }
        }
        let evidence = clinic
            .store
            .read(CLINIC)
            .await
            .unwrap()
            .evidence()
            .await
            .unwrap();
        let items = ["a", "b", "c", "d", "e", "f", "g", "h", "i"];
        let of_plan = items.map(|item| format!("cl-1.3-i-{item}"));
        let named = ["cl-1.1-iv", "cl-1.1-iv-a", "cl-1.1-iv-b", "cl-1.1-iv-c"];
        for clause in named.into_iter().map(ToOwned::to_owned).chain(of_plan) {
            assert!(
                evidence.get(&clause).is_some_and(|seen| seen.done > 0),
                "{clause} counts nothing"
            );
        }
        // Pressed again with nothing new, nothing is given once more.
        let visit = clinic.visit.clone();
        act(&clinic.store, NOW, move |tx| {
            Box::pin(async move { tx.accept_agreement(&physician(), PHYSICIAN, &visit).await })
        })
        .await;
        let again = ledger(&clinic.store).await;
        for subject in ["explanation.given", "wish.confirmed", "agreement.charted"] {
            assert_eq!(
                of(&again, subject).len(),
                of(&book, subject).len(),
                "{subject}"
            );
        }
        clinic.store.close().await;
    });
}

/// cl-1.1-ii: wish and agreement name each other, and both name the visit they were given for.
#[tokio::test]
async fn cl_1_1_ii_wish_and_agreement_are_linked_in_the_ledger() {
    let place = Place::sqlite();
    let clinic = followed_up(&place).await;
    let book = ledger(&clinic.store).await;
    let stated = object(of(&book, "wish.stated")[0], "wish").unwrap();
    let confirmed = of(&book, "wish.confirmed")[0];
    assert_eq!(object(confirmed, "wish"), Some(stated));
    let given = of(&book, "agreement.given");
    // The three kinds that a visit needs, and the patient's own part (sec-0.f).
    assert_eq!(given.len(), 4);
    for entry in &given {
        assert_eq!(object(entry, "wish"), Some(stated));
        assert!(object(entry, "consultation").is_some());
    }
    let online = given
        .iter()
        .find(|entry| entry["fields"]["kind"] == "online_care")
        .unwrap();
    assert_eq!(object(confirmed, "agreement"), object(online, "agreement"));
    let (patient, visit) = (clinic.patient, clinic.visit.id);
    act(&clinic.store, NOW, move |tx| {
        let by = By::Patient {
            id: patient,
            proxy: None,
            device: PHONE,
        };
        Box::pin(async move { tx.keep_withdrawal(&by, patient, visit).await })
    })
    .await;
    let book = ledger(&clinic.store).await;
    let withdrawn = of(&book, "agreement.withdrawn")[0];
    assert_eq!(
        object(withdrawn, "consultation"),
        Some(visit.to_string().as_str())
    );
    clinic.store.close().await;
}

/// small-3.1.1.b and cl-2.1-i-a: reserved acts name the qualification they rest on; the start names the affiliation used.
#[tokio::test]
async fn small_3_1_1_b_a_reserved_act_names_the_qualification() {
    let place = Place::sqlite();
    let clinic = followed_up(&place).await;
    let book = ledger(&clinic.store).await;
    for subject in ["plan.signed", "record.finalized", "consultation.documented"] {
        let entries = of(&book, subject);
        assert!(!entries.is_empty(), "{subject}");
        for entry in entries {
            assert!(object(entry, "qualification").is_some(), "{subject}");
        }
    }
    assert_eq!(
        of(&book, "consultation.documented")[0]["clause"],
        "cl-3.2-i-a"
    );
    clinic.store.close().await;
}

#[tokio::test]
async fn cl_2_1_i_a_the_visit_keeps_which_affiliation_it_used() {
    let place = Place::sqlite();
    let clinic = followed_up(&place).await;
    let book = ledger(&clinic.store).await;
    let begun = of(&book, "consultation.begun")[0];
    assert!(object(begun, "affiliation").is_some());
    assert!(begun["fields"]["institution_code"].as_str().is_some());
    let evidence = clinic
        .store
        .read(CLINIC)
        .await
        .unwrap()
        .evidence()
        .await
        .unwrap();
    assert!(evidence["cl-2.1-i-a"].done > 0);
    clinic.store.close().await;
}

/// cl-1.6-ii-a: what was measured is the sum over the runs, told when the call ends, whoever closed the room before.
#[tokio::test]
async fn cl_1_6_ii_a_the_sum_of_all_runs_is_told_when_the_call_ends() {
    let place = Place::sqlite();
    let clinic = followed_up(&place).await;
    let book = ledger(&clinic.store).await;
    let measured = of(&book, "call.measured");
    assert_eq!(measured.len(), 1);
    assert_eq!(measured[0]["fields"]["two_way_seconds"], 75);
    let left: Vec<_> = of(&book, "room.left")
        .iter()
        .map(|entry| {
            (
                entry["fields"]["participant"].as_str().unwrap().to_owned(),
                entry["fields"]["participants"].as_i64().unwrap(),
            )
        })
        .collect();
    assert_eq!(
        left,
        [("patient".to_owned(), 1), ("physician".to_owned(), 0)]
    );
    clinic.store.close().await;
}

/// cl-2.2-ii-a: "others cannot see or hear" is evidence of its own; the line used is filed under the clause that asks for it.
#[tokio::test]
async fn cl_2_2_ii_a_privacy_is_stated_under_its_own_clause() {
    let place = Place::sqlite();
    let clinic = followed_up(&place).await;
    let book = ledger(&clinic.store).await;
    let private = of(&book, "place.stated")
        .into_iter()
        .find(|entry| entry["clause"] == "cl-2.2-ii-a")
        .unwrap();
    assert_eq!(private["fields"]["private"], 1);
    assert_eq!(of(&book, "network.declared")[0]["clause"], "sec-1.iii-d");
    assert_eq!(of(&book, "medication.stated")[0]["clause"], "cl-1.5-ii-b");
    // Into the waiting room is no arrival in person.
    assert_eq!(of(&book, "visit.arrived").len(), 1);
    assert!(of(&book, "arrival.confirmed").is_empty());
    clinic.store.close().await;
}

/// cl-1.6-i: a stop names its reason and "enough, because…" its measurements; the words stay a digest.
#[tokio::test]
async fn cl_1_6_i_the_ledger_says_why_and_what_was_measured() {
    use care::examination::StopReason;
    let place = Place::sqlite();
    let clinic = Clinic::open(&place).await;
    let visit = clinic.visit.clone();
    act(&clinic.store, NOW, move |tx| {
        Box::pin(async move {
            let measured = Measured {
                two_way_seconds: 42,
                patient_video_now: true,
                poor_since: Some(NOW),
                poor_spell: Some(NOW),
            };
            let reading = RunMeasure {
                run: "a".into(),
                measured,
                counters: "{}".into(),
            };
            tx.keep_measure(visit.id, &reading, false).await?;
            tx.keep_continuation(&physician(), PHYSICIAN, &visit, "声は届いた")
                .await?;
            let reason = StopReason::Planned {
                condition: "胸の痛み".into(),
            };
            tx.keep_stop(&physician(), PHYSICIAN, &visit, &reason).await
        })
    })
    .await;
    let book = ledger(&clinic.store).await;
    let judged = of(&book, "continuation.judged")[0];
    assert_eq!(judged["fields"]["two_way_seconds"], 42);
    assert_eq!(judged["fields"]["poor_since"], NOW.as_microsecond());
    let stopped = of(&book, "consultation.stopped")[0];
    assert_eq!(stopped["fields"]["reason"], "planned");
    assert!(stopped["digests"]["words"].is_string());
    assert!(!stopped.to_string().contains("胸の痛み"));
    clinic.store.close().await;
}

/// cl-1.1-iii-b: that the patient came, and what became of it otherwise, are two different entries.
#[tokio::test]
async fn cl_1_1_iii_b_an_outcome_in_words_is_no_confirmed_arrival() {
    use care::suitability::HandOver;
    for (outcome, subject) in [
        ("", "arrival.confirmed"),
        ("他院に入院", "outcome.recorded"),
    ] {
        let place = Place::sqlite();
        let clinic = Clinic::open(&place).await;
        let visit = clinic.visit.clone();
        act(&clinic.store, NOW, move |tx| {
            Box::pin(async move {
                let form = HandOver {
                    destination: "当院".into(),
                    target: legal_day(NOW),
                    told: "電話で".into(),
                };
                tx.keep_hand_over(&physician(), PHYSICIAN, &visit, &form)
                    .await?;
                let task = tx.open_hand_overs().await?.remove(0);
                tx.confirm_arrival(&physician(), PHYSICIAN, &task, outcome)
                    .await
            })
        })
        .await;
        let book = ledger(&clinic.store).await;
        for one in ["arrival.confirmed", "outcome.recorded"] {
            assert_eq!(
                of(&book, one).len(),
                usize::from(one == subject),
                "{outcome} {one}"
            );
        }
        clinic.store.close().await;
    }
}

/// cl-1.2-i: the answer "enough" is part of what is signed: changed in the database, the note no longer matches its digest.
#[tokio::test]
async fn cl_1_2_i_the_answer_is_part_of_the_signed_note() {
    let place = Place::sqlite();
    let clinic = followed_up(&place).await;
    let mut read = clinic.store.read(CLINIC).await.unwrap();
    let note = read.notes_of(clinic.visit.id).await.unwrap().remove(0);
    let answer = note.answer.unwrap();
    assert!(answer.enough && answer.video_then);
    assert_eq!((answer.by, answer.two_way_seconds), (PHYSICIAN, 75));
    drop(read);
    clinic.store.close().await;
}

/// A statement on the database file itself.
async fn tamper(place: &Place, statement: &str) {
    let file = format!("sqlite://{}", place.file().display());
    sqlx::any::install_default_drivers();
    let mut raw = <sqlx::AnyConnection as sqlx::Connection>::connect(&file)
        .await
        .unwrap();
    sqlx::query(sqlx::AssertSqlSafe(statement.to_owned()))
        .execute(&mut raw)
        .await
        .unwrap();
    <sqlx::AnyConnection as sqlx::Connection>::close(raw)
        .await
        .unwrap();
}

async fn altered_after(statement: &str) -> usize {
    let place = Place::sqlite();
    let clinic = followed_up(&place).await;
    clinic.store.close().await;
    tamper(&place, statement).await;
    let store = Store::open(place.settings()).await.unwrap();
    let altered = store
        .read(CLINIC)
        .await
        .unwrap()
        .altered_notes()
        .await
        .unwrap();
    store.close().await;
    place.remove().await;
    altered.len()
}

/// cl-3.2-i-a: a signed note that was deleted is missed, not only one that was changed.
#[tokio::test]
async fn cl_3_2_i_a_a_deleted_note_is_missed() {
    assert_eq!(
        altered_after("DELETE FROM note WHERE kind = 'visit'").await,
        1
    );
}

/// cl-3.2-i-a: what stands beside the sealed text is signed as well, and no row is put in another's place unseen.
#[tokio::test]
async fn cl_3_2_i_a_a_signed_note_moved_replaced_or_put_in_is_found_out() {
    const OTHER: &str = "01J00000000000000000000000";
    let visit_note = "tenant, patient, consultation, kind, version, content, author, written_at, finalized_at, finalized_by";
    let replaced = format!(
        "INSERT INTO note (id, {visit_note}) SELECT '{OTHER}', tenant, patient, consultation, kind, 9, content, author, written_at, \
         finalized_at, finalized_by FROM note WHERE kind = 'visit'"
    );
    for (statement, found) in [
        (
            format!("UPDATE note SET author = '{OTHER}' WHERE kind = 'visit'"),
            1,
        ),
        (
            format!("UPDATE note SET finalized_by = '{OTHER}' WHERE kind = 'visit'"),
            1,
        ),
        (
            "UPDATE note SET finalized_at = finalized_at - 1 WHERE kind = 'visit'".to_owned(),
            1,
        ),
        (
            "UPDATE note SET written_at = written_at - 1 WHERE kind = 'visit'".to_owned(),
            1,
        ),
        (
            "UPDATE note SET version = 7 WHERE kind = 'visit'".to_owned(),
            1,
        ),
        (
            format!("UPDATE note SET consultation = '{OTHER}' WHERE kind = 'visit'"),
            1,
        ),
        // A signed note made a draft again, or called something else, is gone from the chart.
        (
            "UPDATE note SET finalized_at = NULL, finalized_by = NULL WHERE kind = 'visit'"
                .to_owned(),
            1,
        ),
        (
            "UPDATE note SET kind = 'letter' WHERE kind = 'visit'".to_owned(),
            1,
        ),
        // One that nobody signed is none of this chart, however well it is copied.
        (replaced, 1),
        // A name that is none keeps nobody from comparing the rest.
        (
            format!(
                "INSERT INTO note (id, {visit_note}) SELECT 'x', tenant, patient, consultation, kind, 9, content, author, written_at, \
                 finalized_at, finalized_by FROM note WHERE kind = 'visit'"
            ),
            1,
        ),
        // Put in another's place under a name of its own: the one is missed, the other unknown.
        (
            format!("UPDATE note SET id = '{OTHER}' WHERE kind = 'visit'"),
            2,
        ),
    ] {
        assert_eq!(altered_after(&statement).await, found, "{statement}");
    }
}

/// cl-3.2-i-a: what the program knows of a visit is sealed with the note, as it stood at the signature.
#[tokio::test]
async fn cl_3_2_i_a_what_the_program_knew_is_signed_with_the_note_and_stays() {
    let place = Place::sqlite();
    let clinic = followed_up(&place).await;
    let mut read = clinic.store.read(CLINIC).await.unwrap();
    let signed = read.notes_of(clinic.visit.id).await.unwrap().remove(0);
    let derived = signed.derived.unwrap();
    assert_eq!(
        (
            derived.class.as_str(),
            derived.place.as_deref(),
            derived.plan
        ),
        ("followup", Some("home"), Some(1))
    );
    assert_eq!((derived.two_way_seconds, derived.interruptions), (75, 0));
    assert_eq!(derived.present.as_deref(), Some([].as_slice()));
    assert!(derived.begun.is_some() && derived.ended > derived.begun);
    assert!(derived.known && derived.identity.is_some_and(|seen| seen.matches));
    let phases: Vec<_> = derived
        .judged
        .iter()
        .map(|one| one.phase.as_str())
        .collect();
    assert_eq!(phases, ["provisional", "final"]);
    // The three kinds that a visit needs, and the patient's own part (sec-0.f).
    assert_eq!(derived.agreed.len(), 4);
    drop(read);

    // What changes afterwards changes nothing that was signed, and an amendment takes it over.
    let visit = clinic.visit.clone();
    act(&clinic.store, NOW, move |tx| {
        Box::pin(async move {
            let reading = RunMeasure {
                run: "late".into(),
                measured: Measured {
                    two_way_seconds: 600,
                    ..Measured::default()
                },
                counters: "{}".into(),
            };
            tx.keep_measure(visit.id, &reading, false).await?;
            tx.keep_draft(&physician(), PHYSICIAN, &visit, (&soap(), "追記"))
                .await?;
            tx.finalize_note(&physician(), PHYSICIAN, &visit).await
        })
    })
    .await;
    let mut read = clinic.store.read(CLINIC).await.unwrap();
    for note in read.notes_of(clinic.visit.id).await.unwrap() {
        assert_eq!(note.derived.unwrap().two_way_seconds, 75);
        assert_eq!(note.answer.unwrap().two_way_seconds, 75);
    }
    assert!(read.altered_notes().await.unwrap().is_empty());
    drop(read);
    clinic.store.close().await;
    place.remove().await;
}

/// cl-3.2-i-a: a record signed before it said who took part is read as it was signed, to the byte that the digest counts.
#[test]
fn cl_3_2_i_a_a_record_signed_before_there_was_more_to_say_keeps_its_bytes() {
    let signed = r#"{"class":"followup","emergency":false,"physician":"例沢 はるか","room":"診察室2","place":"home","present":[],"begun":"2026-11-20T01:00:00Z","ended":null,"two_way_seconds":75,"interruptions":0,"identity":null,"known":true,"judged":[],"agreed":[],"plan":1,"next":null}"#;
    let read: care::record::Derived = serde_json::from_str(signed).unwrap();
    assert_eq!(serde_json::to_string(&read).unwrap(), signed);
}

/// cl-3.2-i-a, cl-1.3-i-h: who took part from when to when, and why it was this physician; ordinary care says nothing of it.
#[test]
fn cl_3_2_i_a_who_took_part_and_why_it_was_this_physician_is_known() {
    both_engines(|place| async move {
        let clinic = followed_up(&place).await;
        let (today, visit) = (legal_day(NOW), clinic.visit.clone());
        let at = |minute| NOW.checked_add(SignedDuration::from_mins(minute)).unwrap();
        let mut read = clinic.store.read(CLINIC).await.unwrap();
        let plain = read.derived(&visit, today).await.unwrap();
        assert!(plain.service.is_empty() && plain.attended.is_empty() && plain.turn.is_none());
        drop(read);

        let person = NewPerson {
            id: ADMINISTRATOR,
            login_name: "reida".into(),
            password_hash: String::new(),
            totp_secret: None,
        };
        let added = clinic
            .store
            .write::<(), Fault, _>(TenantId::INSTALLATION, NOW, move |tx| {
                Box::pin(async move { tx.create_person(&person, ledger::Actor::System).await })
            })
            .await;
        assert_eq!(added, Ok(()), "{}", place.engine);
        let asked = visit.clone();
        act(&clinic.store, NOW, move |tx| {
            Box::pin(async move {
                let nurse = NewMembership {
                    person: ADMINISTRATOR,
                    role: Role::Nurse,
                    from: NOW,
                    until: None,
                    name: "例田 つき".into(),
                };
                tx.add_membership(&nurse, ledger::Actor::System).await?;
                let named = (ADMINISTRATOR, Part::Nurse, "床ずれの処置");
                tx.ask_attendance(&physician(), PHYSICIAN, &asked, named)
                    .await?;
                let why = (OutsideReason::Other, "学会に出ている");
                tx.keep_outside_reason(&physician(), &asked, why).await?;
                tx.keep_handed_over(&administrator(), ADMINISTRATOR, &asked, &Note::default())
                    .await
            })
        })
        .await;
        // Asked and never let in, nobody took part.
        let mut read = clinic.store.read(CLINIC).await.unwrap();
        assert!(
            read.derived(&visit, today)
                .await
                .unwrap()
                .attended
                .is_empty()
        );
        drop(read);
        for (from, until) in [(3, 4), (6, 9)] {
            let (come, gone) = (visit.clone(), visit.id);
            act(&clinic.store, at(from), move |tx| {
                Box::pin(async move {
                    let seat = format!("staff:{ADMINISTRATOR}");
                    tx.grant_seat(&physician(), PHYSICIAN, &come, (&seat, "other", DESK))
                        .await
                })
            })
            .await;
            act(&clinic.store, at(until), move |tx| {
                Box::pin(async move { tx.end_call(&physician(), PHYSICIAN, gone).await })
            })
            .await;
        }
        let mut read = clinic.store.read(CLINIC).await.unwrap();
        let known = read.derived(&visit, today).await.unwrap();
        let there = known.attended.first().unwrap();
        assert_eq!(
            (there.part.as_str(), there.name.as_str(), there.breaks),
            ("nurse", "例田 つき", 1),
            "{}",
            place.engine
        );
        assert_eq!((there.from, there.until), (at(3), Some(at(9))));
        let turn = known.turn.unwrap();
        assert_eq!(
            (turn.reason.as_str(), turn.words.as_str()),
            ("outside:other", "学会に出ている")
        );
        assert_eq!(turn.handed_over, Some(("例田 つき".to_owned(), NOW)));
        // Signed already: the note does not follow.
        let signed = read.notes_of(visit.id).await.unwrap().remove(0).derived;
        assert!(signed.is_some_and(|signed| signed.attended.is_empty() && signed.turn.is_none()));
        drop(read);
        clinic.store.close().await;
    });
}

/// cl-3.2-i-a: whoever holds the keys and writes other minutes under the signature is found out by the ledger's digest.
#[tokio::test]
async fn cl_3_2_i_a_what_the_program_knew_is_not_rewritten_with_the_keys_in_hand() {
    for (part, value) in [
        ("two_way_seconds", serde_json::json!(3_600)),
        ("present", serde_json::json!(["見本 花"])),
        ("place", serde_json::json!("facility")),
        ("judged", serde_json::json!([])),
        ("agreed", serde_json::json!([])),
        ("plan", serde_json::json!(2)),
        ("known", serde_json::json!(false)),
        ("service", serde_json::json!("with_physician")),
        (
            "attended",
            serde_json::json!([{"part": "attending", "name": "例田", "from": NOW, "until": null, "breaks": 0}]),
        ),
        ("turn", serde_json::json!({"reason": "outside:sick"})),
    ] {
        let place = Place::sqlite();
        let clinic = followed_up(&place).await;
        let id = clinic
            .store
            .read(CLINIC)
            .await
            .unwrap()
            .notes_of(clinic.visit.id)
            .await
            .unwrap()
            .remove(0)
            .id
            .to_string();
        let patient = clinic.patient.to_string();
        let sealed = sealed_of(&place, &id).await;
        let forged = act(&clinic.store, NOW, move |tx| {
            Box::pin(async move {
                let mut content: serde_json::Value =
                    tx.unseal_json(&patient, "note", &id, &sealed).await?;
                content["derived"][part] = value;
                tx.seal_json(&patient, "note", &id, &content).await
            })
        })
        .await;
        clinic.store.close().await;
        let hex = forged.iter().fold(String::new(), |mut text, byte| {
            use std::fmt::Write as _;
            write!(text, "{byte:02x}").unwrap();
            text
        });
        tamper(
            &place,
            &format!("UPDATE note SET content = X'{hex}' WHERE kind = 'visit'"),
        )
        .await;
        let store = Store::open(place.settings()).await.unwrap();
        let mut read = store.read(CLINIC).await.unwrap();
        assert_eq!(read.altered_notes().await.unwrap().len(), 1, "{part}");
        drop(read);
        store.close().await;
        place.remove().await;
    }
}

/// What lies sealed in a note's row.
async fn sealed_of(place: &Place, id: &str) -> Vec<u8> {
    use sqlx::Row as _;
    let file = format!("sqlite://{}", place.file().display());
    sqlx::any::install_default_drivers();
    let mut raw = <sqlx::AnyConnection as sqlx::Connection>::connect(&file)
        .await
        .unwrap();
    let row = sqlx::query("SELECT content FROM note WHERE id = $1")
        .bind(id.to_owned())
        .fetch_one(&mut raw)
        .await
        .unwrap();
    let sealed = row.get("content");
    <sqlx::AnyConnection as sqlx::Connection>::close(raw)
        .await
        .unwrap();
    sealed
}

/// cl-2.5.1.1-iii-b: the chart's entry about the agreement is found out when it is deleted or put over another.
#[tokio::test]
async fn cl_2_5_1_1_iii_b_an_agreement_entry_deleted_or_changed_is_found_out() {
    assert_eq!(
        altered_after("DELETE FROM note WHERE kind = 'agreement'").await,
        1
    );
    let over = "UPDATE note SET content = (SELECT content FROM note WHERE kind = 'visit') WHERE kind = 'agreement'";
    assert_eq!(altered_after(over).await, 1);
}

/// cl-2.5.1.1-iii-b: the entry says what was explained, in which text, both parties and when; a later one stands beside it.
#[tokio::test]
async fn cl_2_5_1_1_iii_b_the_entry_says_what_was_explained_and_an_edit_keeps_the_version() {
    let place = Place::sqlite();
    let clinic = followed_up(&place).await;
    let entries = clinic
        .store
        .read(CLINIC)
        .await
        .unwrap()
        .charted_agreements(clinic.patient)
        .await
        .unwrap();
    assert_eq!(entries.len(), 1);
    let entry = &entries[0].entry;
    let items: Vec<_> = entry
        .explained
        .iter()
        .map(|item| item.item.as_str())
        .collect();
    assert_eq!(
        items,
        ["care_plan", "decided_each_time", "limits_and_combination"]
    );
    assert!(entry.explained.iter().all(|item| !item.text.is_empty()));
    // The three kinds that a visit needs, and the patient's own part (sec-0.f).
    assert_eq!(entry.agreed.len(), 4);
    assert!(entry.agreed.iter().all(|one| one.text.len() == 64));
    assert_eq!(entry.accepted_by, PHYSICIAN);

    let visit = clinic.visit.clone();
    act(&clinic.store, NOW, move |tx| {
        Box::pin(async move {
            let by = By::Patient {
                id: visit.patient,
                proxy: None,
                device: PHONE,
            };
            let text = tx.texts("agreement").await?.remove(0);
            tx.keep_agreement(&by, &visit, Kind::OnlineCare, &text)
                .await?;
            tx.accept_agreement(&physician(), PHYSICIAN, &visit).await
        })
    })
    .await;
    let mut read = clinic.store.read(CLINIC).await.unwrap();
    let entries = read.charted_agreements(clinic.patient).await.unwrap();
    let versions: Vec<_> = entries.iter().map(|entry| entry.version).collect();
    assert_eq!(
        versions.len(),
        2,
        "the original stays visible: {versions:?}"
    );
    assert!(read.altered_notes().await.unwrap().is_empty());
    drop(read);
    clinic.store.close().await;
}
