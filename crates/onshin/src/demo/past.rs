//! What has happened so far: registration, assessments in person, plans, agreements, visits and their notes.
//!
//! Told through the same acts as the real thing, each at its own hour, so that ledger and rows agree.

use super::{
    CLINIC, Calendar,
    calendar::later,
    house::{HOSPITAL, TEXT_CHANGED, change_text},
    patients::{PATIENTS, Sample},
    people::{PEOPLE, Staff, broken, institution},
};
use crate::{outcome::Outcome, secret};
use access::DeviceId;
use care::{
    Class, Consultation, Event, PatientId, ProxyId, Refusal,
    agreement::Kind,
    examination::Measured,
    first_visit::{Chosen, Route},
    identity::Document,
    plan::{
        self, Acute, Basis, Combination, Cooperation, Draft, Hours, HoursMode, OnlineCare,
        PlanPhysician, PlanState, SigningFacts, StopConditions,
    },
    proof::Answer,
    referral::Backup,
    statement::{Body, Lines, Medicines, PlaceKind, Pressed},
    suitability::{Phase, Verdict},
};
use jiff::{Timestamp, civil::Date};
use store::{
    By, Fault, Store, Tx, agreement::Left, call::RunMeasure, consultation::Booking,
    judgement::StripPress, plan::AssessmentContent, statement::DeviceCheck,
};

/// Days ago on which the patients with a history were registered.
const REGISTERED: i64 = 220;
/// Minutes between two visits of a made-up day, and before each: booked, then the link opened.
const APART: i64 = 30;
pub(super) const BOOKED_BEFORE: i64 = 15;
pub(super) const OPENED_BEFORE: i64 = 14;
/// Minutes that a visit took.
const TOOK: i64 = 11;

/// Tells everything up to yesterday, day by day.
pub(super) async fn tell(store: &Store, calendar: &Calendar) -> Result<(), Outcome> {
    let staff = Staff::load(store, calendar).await?;
    let told = Telling {
        store,
        calendar: *calendar,
        staff,
    };
    // Every chapter with its day and turn; told in their order, so that the ledger reads as it happened.
    let mut chapters: Vec<(i64, i8, Chapter)> = vec![(TEXT_CHANGED, 0, Chapter::Text)];
    for (turn, sample) in (1_i8..).zip(&PATIENTS) {
        let registered = if sample.is_known() { REGISTERED } else { 1 };
        chapters.push((registered, turn, Chapter::Registered(sample)));
        chapters.extend(
            sample
                .in_person
                .iter()
                .map(|day| (*day, turn, Chapter::InPerson(sample))),
        );
        chapters.extend(
            sample
                .online
                .iter()
                .map(|day| (*day, turn, Chapter::Online(sample))),
        );
    }
    chapters.sort_by_key(|(day, turn, _)| (std::cmp::Reverse(*day), *turn));
    for (day, turn, chapter) in chapters {
        let at = later(calendar.at(day, 9, 0), i64::from(turn) * APART);
        match chapter {
            Chapter::Registered(sample) => told.register(sample, at).await?,
            Chapter::Text => told.text(at).await?,
            Chapter::InPerson(sample) => told.in_person(sample, calendar.day(day), at).await?,
            Chapter::Online(sample) => told.online(sample, at).await?,
        }
    }
    Ok(())
}

#[derive(Clone, Copy)]
enum Chapter {
    Registered(&'static Sample),
    Text,
    InPerson(&'static Sample),
    Online(&'static Sample),
}

/// The teller.
pub(super) struct Telling<'a> {
    pub(super) store: &'a Store,
    pub(super) calendar: Calendar,
    pub(super) staff: Staff,
}

/// Who is on the patient's side of a visit, and from which browser.
#[derive(Clone, Copy)]
pub(super) struct Side {
    patient: PatientId,
    proxy: Option<ProxyId>,
    device: DeviceId,
}

impl Side {
    const fn by(self) -> By {
        By::Patient {
            id: self.patient,
            proxy: self.proxy,
            device: self.device,
        }
    }

    fn seat(self) -> String {
        self.proxy
            .map_or_else(|| "patient".to_owned(), |proxy| format!("proxy:{proxy}"))
    }
}

/// Whose visit with the attending physician beside the patient is being prepared.
const JOINT: &str = "tomorrow-1";

impl Telling<'_> {
    async fn register(&self, sample: &'static Sample, at: Timestamp) -> Result<(), Outcome> {
        let staff = self.staff;
        self.store
            .write::<(), Fault, _>(CLINIC, at, move |tx| {
                Box::pin(async move {
                    let (reception, by) = staff.reception();
                    let patient = tx.add_patient(&by, &sample.profile()).await?;
                    if let Some(proxy) = sample.proxy() {
                        tx.add_proxy(&by, reception, patient, &proxy).await?;
                    }
                    if sample.is_known() {
                        let card = Document::parse("my_number_card").ok_or(Fault::Conflict)?;
                        tx.keep_identity_check(&by, reception, patient, card, true)
                            .await?;
                    }
                    if sample.purpose == JOINT {
                        // The other physician is asked for a second look, with the own one beside the patient.
                        let (own, _) = staff.physician(sample.physician);
                        let (other, _) = staff.physician(1 - sample.physician);
                        let service = care::Service::WithPhysician;
                        tx.open_joint(&by, patient, (own, other), service).await?;
                    }
                    Ok(())
                })
            })
            .await?;
        Ok(())
    }

    async fn text(&self, at: Timestamp) -> Result<(), Outcome> {
        let staff = self.staff;
        self.store
            .write::<(), Fault, _>(CLINIC, at, move |tx| {
                Box::pin(async move { change_text(tx, &staff).await })
            })
            .await?;
        Ok(())
    }

    /// An assessment face to face; the first one of all is followed by a plan.
    async fn in_person(
        &self,
        sample: &'static Sample,
        on: Date,
        at: Timestamp,
    ) -> Result<(), Outcome> {
        let (staff, patient) = (self.staff, find(self.store, sample).await?);
        self.store
            .write::<(), Fault, _>(CLINIC, at, move |tx| {
                Box::pin(async move {
                    let (physician, by) = staff.physician(sample.physician);
                    let content = AssessmentContent {
                        diagnoses: vec![sample.condition.diagnosis()],
                        findings: sample.condition.findings.to_owned(),
                    };
                    let assessment = tx
                        .add_assessment(&by, patient, physician, on, &content)
                        .await?;
                    if tx.plans(patient).await?.is_empty() {
                        let draft = draft(tx, &staff, sample).await?;
                        let basis = Basis::InPerson { assessment };
                        tx.draft_plan(&by, physician, patient, Some(basis), &draft)
                            .await?;
                    }
                    Ok(())
                })
            })
            .await?;
        Ok(())
    }

    async fn online(&self, sample: &'static Sample, at: Timestamp) -> Result<(), Outcome> {
        let patient = find(self.store, sample).await?;
        let booking = self
            .book(
                sample,
                patient,
                later(at, -BOOKED_BEFORE),
                at,
                Class::Followup,
            )
            .await?;
        let visit = self
            .prepare(sample, &booking, later(at, -OPENED_BEFORE), at)
            .await?;
        self.visit(sample, visit.0, visit.1, at, Note::Signed).await
    }

    /// Reception books.
    pub(super) async fn book(
        &self,
        sample: &'static Sample,
        patient: PatientId,
        now: Timestamp,
        at: Timestamp,
        class: Class,
    ) -> Result<Booking, Outcome> {
        let staff = self.staff;
        Ok(self
            .store
            .write::<Booking, Fault, _>(CLINIC, now, move |tx| {
                Box::pin(async move {
                    let (_, by) = staff.reception();
                    let (physician, _) = staff.physician(sample.physician);
                    let booking = tx
                        .book(&by, patient, physician, (class, care::Service::Care), at)
                        .await?;
                    if class.is_first() {
                        let grounds = "家族が長く通っていて、事情を知っている".to_owned();
                        let route = Route::Chosen(Chosen::Stated(grounds));
                        tx.keep_route(&by, &booking.consultation, &route).await?;
                    }
                    Ok(booking)
                })
            })
            .await?)
    }

    /// The patient opens the link, reads and agrees to what is new, answers, checks the device, and arrives.
    pub(super) async fn prepare(
        &self,
        sample: &'static Sample,
        booking: &Booking,
        now: Timestamp,
        read_on: Timestamp,
    ) -> Result<(Consultation, Side), Outcome> {
        let (staff, booking, secret) = (
            self.staff,
            booking.clone(),
            secret::bytes::<{ web::visit::link::SECRET_BYTES }>()?,
        );
        let side = self
            .store
            .write::<(Consultation, Side), Outcome, _>(CLINIC, now, move |tx| {
                Box::pin(async move {
                    let visit = booking.consultation;
                    let (_, reception) = staff.reception();
                    let proxy = tx
                        .proxies(visit.patient)
                        .await?
                        .first()
                        .map(|proxy| proxy.id);
                    tx.invite(&reception, visit.id, visit.patient, proxy, &secret)
                        .await?;
                    let token = digest(visit.patient);
                    let device = tx.keep_device("patient", &token, "phone").await?;
                    let side = Side {
                        patient: visit.patient,
                        proxy,
                        device,
                    };
                    let by = side.by();
                    let link = tx.invitation(&secret).await?.ok_or_else(broken)?;
                    tx.bind(&by, &link, device).await?;
                    read(tx, &by, &visit).await?;
                    state(tx, &by, &visit, device).await?;
                    let event = visit.arrive(tx.now()).map_err(out_of_turn)?;
                    let visit = tx.keep_event(&by, &visit, &event).await?;
                    Ok((visit, side))
                })
            })
            .await?;
        self.sign_plan(sample, &side.0, later(read_on, -5)).await?;
        Ok(side)
    }

    /// The physician signs a plan that the patient has read, where one waits for nothing else.
    async fn sign_plan(
        &self,
        sample: &'static Sample,
        visit: &Consultation,
        now: Timestamp,
    ) -> Result<(), Outcome> {
        let (staff, patient) = (self.staff, visit.patient);
        self.store
            .write::<(), Outcome, _>(CLINIC, now, move |tx| {
                Box::pin(async move {
                    let (physician, by) = staff.physician(sample.physician);
                    let newest = tx.plans(patient).await?.into_iter().next();
                    // A plan that rests on a first visit online is signed after that visit (cl-1.3-i).
                    let Some(version) = newest.filter(|version| {
                        version.plan.state == PlanState::Draft
                            && matches!(version.plan.basis, Some(Basis::InPerson { .. }))
                    }) else {
                        return Ok(());
                    };
                    let assessments: Vec<_> = tx
                        .assessments(patient)
                        .await?
                        .into_iter()
                        .map(|(row, _)| row)
                        .collect();
                    let (partners, agreements) =
                        (tx.partners().await?, tx.agreement_facts(patient).await?);
                    let facts = SigningFacts {
                        first_visits: &[],
                        assessments: &assessments,
                        partners: &partners,
                        agreements: &agreements,
                        acknowledged: version.read.is_some(),
                        today: store::dossier::legal_day(tx.now()),
                    };
                    let signable =
                        plan::signable(&version.plan, &facts).map_err(|why| refused(&why))?;
                    tx.sign_plan(&by, physician, &version.plan, signable)
                        .await?;
                    Ok(())
                })
            })
            .await
    }

    /// The visit itself, from the admit act to its end.
    pub(super) async fn visit(
        &self,
        sample: &'static Sample,
        visit: Consultation,
        side: Side,
        at: Timestamp,
        note: Note,
    ) -> Result<(), Outcome> {
        let staff = self.staff;
        let live = self
            .store
            .write::<Consultation, Fault, _>(CLINIC, at, move |tx| {
                Box::pin(async move { begin(tx, &staff, sample, visit, side).await })
            })
            .await?;
        let ended = self
            .store
            .write::<Consultation, Fault, _>(CLINIC, later(at, TOOK), move |tx| {
                Box::pin(async move { end(tx, &staff, sample, live).await })
            })
            .await?;
        self.store
            .write::<(), Fault, _>(CLINIC, later(at, TOOK + 3), move |tx| {
                Box::pin(async move {
                    let (physician, by) = staff.physician(sample.physician);
                    tx.keep_draft(&by, physician, &ended, (&sample.condition.note(), ""))
                        .await?;
                    match note {
                        Note::Waits => Ok(()),
                        Note::Signed => {
                            tx.finalize_note(&by, physician, &ended).await?;
                            let documented = tx.keep_event(&by, &ended, &Event::Documented).await?;
                            tx.keep_event(&by, &documented, &Event::Closed).await?;
                            Ok(())
                        }
                    }
                })
            })
            .await?;
        Ok(())
    }
}

/// Whether a visit's note was signed.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Note {
    /// 確定
    Signed,
    /// 下書き
    Waits,
}

/// The patient of a sample.
pub(super) async fn find(store: &Store, sample: &Sample) -> Result<PatientId, Outcome> {
    let mut read = store.read(CLINIC).await?;
    let found = read.search_patients(sample.name()).await?;
    Ok(found.first().ok_or_else(broken)?.id)
}

/// Reads what was not read before, and agrees to what was not agreed before.
async fn read(tx: &mut Tx, by: &By, visit: &Consultation) -> Result<(), Fault> {
    let known = tx.explained_items(visit.patient).await?;
    let left = |seconds| Left {
        seconds,
        wants_to_ask: false,
    };
    for text in tx.texts("explanation").await? {
        let was_read = known.iter().any(|item| {
            item.tag == text.tag && item.material == text.material && item.acknowledged.is_some()
        });
        if !was_read {
            tx.keep_shown(by, visit, &text).await?;
            tx.keep_acknowledged(by, visit, (&text.tag, text.material), left(24))
                .await?;
        }
    }
    let plan = tx.plans(visit.patient).await?.into_iter().next();
    if let Some(version) = plan.filter(|version| version.read.is_none()) {
        tx.keep_plan_read(by, visit, (version.plan.id, version.plan.version), left(41))
            .await?;
    }
    let facts = tx.agreement_facts(visit.patient).await?;
    if facts.wish.is_none() {
        tx.keep_wish(by, visit, true).await?;
    }
    for text in tx.texts("agreement").await? {
        let Some(kind) = Kind::parse(&text.tag) else {
            continue;
        };
        if !facts
            .rows
            .iter()
            .any(|row| row.kind == kind && row.material == text.material)
        {
            tx.keep_agreement(by, visit, kind, &text).await?;
        }
    }
    Ok(())
}

/// Answers about the body and the place, and the device check.
async fn state(tx: &mut Tx, by: &By, visit: &Consultation, device: DeviceId) -> Result<(), Fault> {
    tx.keep_body(by, visit, &Body::Nothing).await?;
    if visit.class.is_first() {
        let list = tx.symptom_list().await?;
        tx.keep_questionnaire(by, visit, &list, (Vec::new(), String::new()))
            .await?;
    }
    let pressed = match tx.last_statement(visit).await? {
        Some(_) => Pressed::AsShown,
        None => Pressed::Different,
    };
    tx.keep_guidance(by, visit, store::guidance::Told::Shown)
        .await?;
    tx.keep_statement(by, visit, pressed, 18, &lines(by))
        .await?;
    let check = DeviceCheck {
        device,
        at: tx.now(),
        camera: true,
        microphone: true,
        tone: true,
        path: "udp".to_owned(),
        frames: 92,
        rtt_ms: Some(38),
    };
    tx.keep_device_check(by, visit.id, &check).await
}

fn lines(by: &By) -> Lines {
    Lines {
        place: PlaceKind::Home,
        place_name: None,
        elsewhere: None,
        clean: true,
        safe: true,
        private: true,
        companions: by.proxy().map(|_| "母".to_owned()).into_iter().collect(),
        companions_agree: true,
        medicines: Medicines::Same,
        own_network: true,
        no_recording: true,
    }
}

/// Admit, the opening strip, and begin.
async fn begin(
    tx: &mut Tx,
    staff: &Staff,
    sample: &Sample,
    visit: Consultation,
    side: Side,
) -> Result<Consultation, Fault> {
    let (physician, by) = staff.physician(sample.physician);
    let device = by.device().unwrap_or(side.device);
    tx.keep_chart_reading(&by, physician, &visit).await?;
    tx.keep_card_shown(&side.by(), &visit).await?;
    if tx.proof_card(&visit).await?.1.is_none() {
        tx.keep_card_answer(&side.by(), &visit, Answer::Confirmed)
            .await?;
    }
    tx.keep_judgement(
        &by,
        physician,
        &visit,
        (Phase::Provisional, Verdict::Go, ""),
    )
    .await?;
    tx.keep_backup(&by, &visit, &Backup::Own).await?;
    tx.grant_seat(
        &by,
        physician,
        &visit,
        (&side.seat(), "patient", side.device),
    )
    .await?;
    tx.grant_seat(&by, physician, &visit, ("physician", "physician", device))
        .await?;
    tx.take_live_seat(physician, visit.id).await?;
    tx.open_live_lock(physician, visit.id).await?;
    tx.accept_agreement(&by, physician, &visit).await?;
    let known = tx
        .assessments(visit.patient)
        .await?
        .into_iter()
        .find(|(row, _)| row.physician == physician)
        .map(|(row, _)| row.id);
    let press = StripPress {
        device: side.device,
        present: lines(&side.by()).companions,
        namesake: false,
        known,
    };
    tx.keep_opening_strip(&by, physician, &visit, &press)
        .await?;
    let plan = tx.plan_in_force(visit.patient).await?.map(|plan| plan.id);
    tx.keep_plan_of(visit.id, plan, RULE).await?;
    let event = Event::Begun {
        at: tx.now(),
        emergency: None,
    };
    tx.keep_event(&by, &visit, &event).await
}

/// What was measured, what was judged, and the end.
async fn end(
    tx: &mut Tx,
    staff: &Staff,
    sample: &Sample,
    visit: Consultation,
) -> Result<Consultation, Fault> {
    let (physician, by) = staff.physician(sample.physician);
    let reading = RunMeasure {
        run: tx.fresh_id()?.to_string(),
        measured: Measured {
            two_way_seconds: TOOK * 60 - 24,
            patient_video_now: true,
            poor_since: None,
            poor_spell: None,
        },
        counters: "{}".to_owned(),
    };
    tx.keep_measure(visit.id, &reading, true).await?;
    tx.keep_sufficiency(&by, physician, &visit, (true, true))
        .await?;
    tx.keep_judgement(&by, physician, &visit, (Phase::Final, Verdict::Go, ""))
        .await?;
    let event = Event::Ended { at: tx.now() };
    let ended = tx.keep_event(&by, &visit, &event).await?;
    tx.end_call(&by, physician, visit.id).await?;
    Ok(ended)
}

/// The rule of item 8 for the patient's own physician.
const RULE: &str = "ふだんの診察";
/// The rule for the other one.
const OTHER_RULE: &str = "もう1人の医師が休みのとき";

/// The nine items, complete.
pub(super) async fn draft(tx: &mut Tx, staff: &Staff, sample: &Sample) -> Result<Draft, Fault> {
    let clinic = institution();
    let hospital = tx
        .partners()
        .await?
        .into_iter()
        .find(|partner| partner.name == HOSPITAL);
    let own = sample.physician;
    let physicians = [own, 1 - own]
        .into_iter()
        .zip([RULE, OTHER_RULE])
        .filter_map(|(which, when)| {
            Some(PlanPhysician {
                person: staff.physician(which).0,
                name: PEOPLE.get(which)?.name.to_owned(),
                when: when.to_owned(),
                specialty: String::new(),
                partner: None,
            })
        })
        .collect();
    Ok(Draft {
        online_care: OnlineCare {
            diagnoses: vec![sample.condition.diagnosis()],
            treatment: sample.condition.treatment(),
        },
        combination: Combination {
            every_months: Some(3),
            every_visits: None,
            tests: Vec::new(),
            assess_by: None,
        },
        hours: Hours {
            mode: Some(HoursMode::Appointment),
            length_minutes: 15,
            lateness: "10分おくれたら病院から電話します。前の日まで変えられます。".to_owned(),
            outside: format!("夜と休みの日は {HOSPITAL} 00-2222-3333"),
        },
        method: plan::Method {
            system: care::agreement::SYSTEM.to_owned(),
            devices: "スマートフォンかパソコン(画面と声)".to_owned(),
            lent: String::new(),
            fallback: format!("電話 {}(つなぎ直すときだけ)", clinic.phone),
        },
        stop: StopConditions {
            clinical: vec![
                "胸の痛み、息苦しさ".to_owned(),
                sample.condition.stop.to_owned(),
            ],
            technical: vec!["画面か声が60秒より長くとどかないとき".to_owned()],
            lost_seconds: 60,
            destination: format!("{} きょうの来院の枠", clinic.name),
            contact: clinic.phone.clone(),
        },
        cooperation: Cooperation {
            statement: "画面で診るには、はかった記録と、明るい部屋と、正直な答えが要ります。"
                .to_owned(),
            prepare: vec!["お薬手帳".to_owned(), "はかった記録".to_owned()],
        },
        acute: Acute {
            own: true,
            partner: hospital.map(|partner| partner.id),
            policy: format!(
                "胸の痛み・意識がうすれるときは119。ほかは {} へ電話。夜は {HOSPITAL}。",
                clinic.phone
            ),
        },
        physicians,
        responsibility: tx.responsibility().await?,
        team: None,
    })
}

/// A digest that no cookie has, one per patient: the patient's phone of the past.
fn digest(patient: PatientId) -> [u8; 32] {
    let id = patient.0.to_bytes();
    let mut digest = [0xd0; 32];
    for (place, byte) in digest.iter_mut().zip(id) {
        *place = byte;
    }
    digest
}

fn refused(why: &Refusal) -> Outcome {
    Outcome::new(
        format!("見本の記録がきまりに合いません: {}", why.clause),
        format!("the made-up record breaks a rule: {}", why.clause),
    )
}

pub(super) fn out_of_turn(why: care::OutOfTurn) -> Outcome {
    Outcome::new(
        format!("見本の記録の順番がちがいます: {why}"),
        format!("the made-up record is out of turn: {why}"),
    )
}
