//! A routine follow-up in which everything is in order, the ways to spoil it, and how an answer is written down.

use access::{
    DeviceId, PersonId, TenantId, Ulid, affiliation::Affiliation, qualification::CourseCertificate,
};
use care::{
    Class, Consultation, ConsultationId, Dossier, Ground, InPersonId, OutOfTurn, PartnerId,
    PatientId, PlanId, Refusal, Stage,
    agreement::{self, Kind, SYSTEM, Wish},
    examination::{self, Measured, Sufficiency},
    explanation::{self, DECIDED_TAG, Explained, LIMITS_TAG, PLAN_TAG},
    gate,
    identity::{self, Check, Document, Method},
    place::WorkPeriod,
    plan::{
        self, Acute, Basis, Combination, Cooperation, Diagnosis, Draft, Hours, HoursMode,
        OnlineCare, Partner, Plan, PlanPhysician, PlanState, Responsibility, Segment,
        StopConditions, Test,
    },
    presence::ThirdPartyCheck,
    proof::{self, Answer, Proof},
    record::{Reading, Soap},
    referral,
    statement::{Body, Lines, Medicines, PlaceKind, Statement},
    suitability::{Judgement, Phase, Verdict},
};
use jiff::{
    SignedDuration, Timestamp,
    civil::{Date, date},
};

/// Ten in the morning of 16 November 2026 in Japan.
pub(crate) const NOW: Timestamp = Timestamp::constant(1_794_790_800, 0);
pub(crate) const TODAY: Date = date(2026, 11, 16);

pub(crate) const CLINIC: TenantId = TenantId(Ulid(1));
pub(crate) const OTHER_CLINIC: TenantId = TenantId(Ulid(2));
pub(crate) const PHYSICIAN: PersonId = PersonId(Ulid(11));
pub(crate) const OTHER_PHYSICIAN: PersonId = PersonId(Ulid(12));
pub(crate) const RECEPTION: PersonId = PersonId(Ulid(13));
pub(crate) const ADMINISTRATOR: PersonId = PersonId(Ulid(14));
pub(crate) const PATIENT: PatientId = PatientId(Ulid(21));
pub(crate) const OTHER_PATIENT: PatientId = PatientId(Ulid(22));
pub(crate) const VISIT: ConsultationId = ConsultationId(Ulid(31));
pub(crate) const OTHER_VISIT: ConsultationId = ConsultationId(Ulid(32));
pub(crate) const PHONE: DeviceId = DeviceId(Ulid(41));
pub(crate) const OTHER_PHONE: DeviceId = DeviceId(Ulid(42));
pub(crate) const DESK: DeviceId = DeviceId(Ulid(43));
pub(crate) const PLAN: PlanId = PlanId(Ulid(51));
pub(crate) const ASSESSMENT: InPersonId = InPersonId(Ulid(61));
pub(crate) const HOSPITAL: PartnerId = PartnerId(Ulid(71));

/// One thing spoilt.
pub(crate) type Spoil = fn(&mut Dossier);

/// What is changed, how, and what must be answered.
pub(crate) type Case<T, A = &'static str> = (&'static str, fn(&mut T), A);

pub(crate) fn seconds_ago(seconds: i64) -> Timestamp {
    NOW - SignedDuration::from_secs(seconds)
}

pub(crate) fn minutes_ago(minutes: i64) -> Timestamp {
    NOW - SignedDuration::from_mins(minutes)
}

pub(crate) fn days_ago(days: i64) -> Timestamp {
    NOW - SignedDuration::from_hours(24 * days)
}

/// A complete routine follow-up: admit, begin and sign pass.
pub(crate) fn followup() -> Dossier {
    Dossier {
        consultation: Consultation {
            id: VISIT,
            patient: PATIENT,
            physician: PHYSICIAN,
            class: Class::Followup,
            service: care::Service::Care,
            booked_for: NOW,
            stage: Stage::Checks {
                arrived: minutes_ago(5),
            },
            emergency: None,
        },
        institution: CLINIC,
        now: NOW,
        today: TODAY,
        after_visit: None,
        assistance: None,
        guided: true,
        attended: None,
        contraception: None,
        onward: None,
        smoking: None,
        agreement: agreement(),
        background: care::background::Facts::default(),
        explanation: explanation(),
        plan: plan_in_force(),
        identity: identity(),
        proof: proof(),
        judgements: vec![judged(Phase::Provisional), judged(Phase::Final)],
        statement: Some(statement()),
        body: Some(Body::Nothing),
        symptoms: care::symptom::Facts {
            in_force: true,
            answered: Some(answered(&[])),
            ..care::symptom::Facts::default()
        },
        acute: care::acute::Facts::default(),
        route: None,
        urgent_open: false,
        work_period: Some(work_period()),
        doubt: None,
        physician_device: DESK,
        physician_network: "clinic".to_owned(),
        patient_device: Some(PHONE),
        opening_strip: Some(ThirdPartyCheck {
            by: PHYSICIAN,
            at: minutes_ago(4),
            device: PHONE,
            present: vec![],
            namesake: false,
            reopened: None,
        }),
        live_seat: None,
        reading: Some(Reading {
            patient: PATIENT,
            by: PHYSICIAN,
            opened: minutes_ago(6),
        }),
        chart_source_up: true,
        examination: examination(),
        note: Some(note()),
        rota: care::rota::Facts::default(),
        notice: care::notice::Facts::default(),
        referral: referral(),
        affiliations: vec![affiliation()],
        courses: vec![course()],
        qualified: true,
    }
}

/// A complete first visit: nothing is planned yet and nobody has met in person.
pub(crate) fn first_visit() -> Dossier {
    let mut dossier = followup();
    dossier.consultation.class = Class::First;
    dossier.plan.in_force = None;
    dossier.route = Some(care::first_visit::Chosen::Stated("かかりつけ".to_owned()));
    dossier.plan.in_person = vec![];
    dossier.plan.online_since = 0;
    dossier.identity.in_person_with_physician = None;
    dossier.referral.plan_own = false;
    dossier
}

/// The list of symptoms answered a minute ago.
pub(crate) fn answered(hits: &[&str]) -> care::symptom::Answered {
    care::symptom::Answered {
        consultation: VISIT,
        edition: guideline::symptom::EDITION.to_owned(),
        at: minutes_ago(1),
        hits: hits.iter().map(|hit| (*hit).to_owned()).collect(),
        words: String::new(),
        urgent: false,
    }
}

/// A follow-up that began as an emergency and is documented.
pub(crate) fn emergency_documented() -> Dossier {
    let mut dossier = followup();
    dossier.consultation.stage = DOCUMENTED;
    dossier.consultation.emergency = Some(care::consultation::EmergencyStart {
        reason: care::consultation::EmergencyReason::SuddenChange,
        passed: vec![],
        still_impossible: None,
    });
    dossier
}

pub(crate) const LIVE: Stage = Stage::Live { since: NOW };
pub(crate) const ENDED: Stage = Stage::Ended {
    since: NOW,
    at: NOW,
};
pub(crate) const DOCUMENTED: Stage = Stage::Documented {
    since: NOW,
    at: NOW,
};

/// The follow-up with something changed.
pub(crate) fn spoilt(spoil: Spoil) -> Dossier {
    let mut dossier = followup();
    spoil(&mut dossier);
    dossier
}

/// Shows that the unchanged follow-up passes a gate and asks nothing, and what each spoilt one is answered.
pub(crate) fn attack(gate: fn(&Dossier) -> String, table: &[Case<Dossier>]) {
    assert_eq!(gate(&followup()), PASSES, "unchanged");
    for (what, spoil, answer) in table {
        assert_eq!(gate(&spoilt(*spoil)), *answer, "{what}");
    }
}

pub(crate) fn admit(dossier: &Dossier) -> String {
    said(gate::admit(dossier))
}

pub(crate) fn begin(dossier: &Dossier) -> String {
    said(gate::begin(dossier))
}

pub(crate) fn sign(dossier: &Dossier) -> String {
    said(gate::sign(dossier))
}

/// The answer of something that was not refused.
pub(crate) const PASSES: &str = "passes";

/// An answer as a test reads it: `409 cl-1.1-i agreement_stale: what, is, missing`, lines apart by ` | `.
pub(crate) fn said(answer: impl Said) -> String {
    answer.said()
}

pub(crate) trait Said {
    fn said(self) -> String;
}

impl<T> Said for Result<T, Refusal> {
    fn said(self) -> String {
        self.map_or_else(|refusal| written(&refusal), |_| PASSES.to_owned())
    }
}

impl<T> Said for Result<T, access::Refused> {
    fn said(self) -> String {
        self.map_err(Refusal::from).said()
    }
}

impl<T> Said for Result<T, Vec<Refusal>> {
    fn said(self) -> String {
        let Err(refusals) = self else {
            return PASSES.to_owned();
        };
        let mut lines: Vec<String> = refusals.iter().map(written).collect();
        lines.dedup();
        lines.join(" | ")
    }
}

impl<T> Said for Result<T, OutOfTurn> {
    fn said(self) -> String {
        self.map_or_else(|late| late.to_string(), |_| PASSES.to_owned())
    }
}

fn written(refusal: &Refusal) -> String {
    let status = match refusal.ground {
        Ground::State => 409,
        Ground::Person => 403,
        Ground::Content => 422,
    };
    let id = refusal.clause.id();
    let mut text = format!("{status} {id}");
    if refusal.reason != id {
        text = format!("{text} {}", refusal.reason);
    }
    if !refusal.items.is_empty() {
        let items: Vec<&str> = refusal.items.iter().map(care::Missing::as_str).collect();
        text = format!("{text}: {}", items.join(", "));
    }
    text
}

pub(crate) fn agreement() -> agreement::Facts {
    agreement::Facts {
        wish: Some(Wish {
            wants: true,
            stated: days_ago(60),
            confirmed: Some((PHYSICIAN, days_ago(60))),
        }),
        rows: Kind::ALL.map(agreed_to).to_vec(),
        material: Kind::ALL.map(|kind| (kind, 1)).to_vec(),
        statement: agreement::Statement {
            material: 1,
            vendor: Some(1),
            institution: Some(1),
        },
    }
}

fn agreed_to(kind: Kind) -> agreement::Row {
    agreement::Row {
        kind,
        material: 1,
        system: SYSTEM.to_owned(),
        given: days_ago(60),
        accepted: Some((PHYSICIAN, days_ago(60))),
        withdrawn: None,
        charted: true,
    }
}

pub(crate) fn explanation() -> explanation::Facts {
    let read = |tag: &str| Explained {
        tag: tag.to_owned(),
        material: 1,
        acknowledged: Some(days_ago(60)),
        given: Some((PHYSICIAN, days_ago(60))),
    };
    explanation::Facts {
        items: [LIMITS_TAG, DECIDED_TAG, PLAN_TAG].map(read).to_vec(),
        current: [LIMITS_TAG, DECIDED_TAG]
            .map(|tag| (tag.to_owned(), 1))
            .to_vec(),
        unread_plan_items: vec![],
        plan_to_show: true,
    }
}

fn plan_in_force() -> plan::Facts {
    plan::Facts {
        in_force: Some(signed_plan()),
        in_person: vec![date(2026, 9, 16)],
        online_since: 1,
        rejudged: None,
        external_service: None,
        treated: vec!["I10".to_owned()],
        unplanned: None,
    }
}

pub(crate) fn signed_plan() -> Plan {
    Plan {
        id: PLAN,
        patient: PATIENT,
        version: 1,
        basis: Some(Basis::InPerson {
            assessment: ASSESSMENT,
        }),
        draft: draft(),
        state: PlanState::Signed {
            by: PHYSICIAN,
            at: days_ago(60),
        },
    }
}

/// The nine items of a plan for high blood pressure.
pub(crate) fn draft() -> Draft {
    Draft {
        online_care: OnlineCare {
            diagnoses: vec![Diagnosis {
                code: "I10".to_owned(),
                name: "高血圧症".to_owned(),
            }],
            treatment: "降圧薬を続ける".to_owned(),
        },
        combination: Combination {
            every_months: Some(6),
            every_visits: Some(3),
            tests: vec![Test {
                name: "採血".to_owned(),
                due: date(2027, 1, 31),
            }],
            assess_by: None,
        },
        hours: Hours {
            mode: Some(HoursMode::Appointment),
            length_minutes: 15,
            lateness: "10分まで待つ".to_owned(),
            outside: "電話".to_owned(),
        },
        method: plan::Method {
            system: SYSTEM.to_owned(),
            devices: "スマートフォン".to_owned(),
            lent: String::new(),
            fallback: "090".to_owned(),
        },
        stop: StopConditions {
            clinical: vec!["胸の痛み".to_owned()],
            technical: vec!["映像が届かない".to_owned()],
            lost_seconds: 120,
            destination: "当院".to_owned(),
            contact: "03".to_owned(),
        },
        cooperation: Cooperation {
            statement: "協力が要ります".to_owned(),
            prepare: vec!["血圧手帳".to_owned()],
        },
        acute: Acute {
            own: true,
            partner: None,
            policy: "すぐ電話する".to_owned(),
        },
        physicians: vec![PlanPhysician {
            person: PHYSICIAN,
            name: "青葉 医師".to_owned(),
            when: "この医師だけ".to_owned(),
            specialty: String::new(),
            partner: None,
        }],
        responsibility: Responsibility {
            segments: vec![
                owned("patient_device", "patient"),
                owned("network", "carrier"),
                owned("host", "institution"),
            ],
            digest: "d1".to_owned(),
        },
        team: None,
        reach: None,
        information: None,
    }
}

pub(crate) fn owned(segment: &str, owner: &str) -> Segment {
    Segment {
        name: segment.to_owned(),
        owners: vec![owner.to_owned()],
    }
}

/// A hospital in the register that takes patients by night.
pub(crate) fn hospital() -> Partner {
    Partner {
        id: HOSPITAL,
        kind: care::partner::PartnerKind::Hospital,
        name: "みなと病院".to_owned(),
        phone: "0500000000".to_owned(),
        hours: "月〜金 9:00〜17:00".to_owned(),
        night: true,
        areas: Vec::from_iter(care::area::Area::read("東京都港区")),
        travel_minutes: 20,
        valid_until: date(2027, 3, 31),
    }
}

fn identity() -> identity::Facts {
    identity::Facts {
        patient: PATIENT,
        check: Some(Check {
            patient: PATIENT,
            visit: Some(OTHER_VISIT),
            method: Method::PhotoDocumentLive,
            documents: Document::parse("my_number_card").into_iter().collect(),
            by: PHYSICIAN,
            at: days_ago(60),
            matches: true,
        }),
        exempted: None,
        recovered: None,
        doubted: None,
        interval: None,
        in_person_with_physician: Some((ASSESSMENT, PHYSICIAN)),
        substitute: false,
    }
}

fn proof() -> proof::Facts {
    proof::Facts {
        proof: Some(Proof {
            person: PHYSICIAN,
            name: "青葉 医師".to_owned(),
            photo: "photo-1".to_owned(),
            registration_year: Some(2004),
            basis: proof::Basis::PhotoDocument,
            verified_by: ADMINISTRATOR,
            verified: days_ago(90),
            valid_until: date(2027, 3, 31),
            withdrawn: None,
        }),
        profile: proof::Profile {
            name: "青葉 医師".to_owned(),
            photo: "photo-1".to_owned(),
        },
        shown: true,
        answer: Some(Answer::Confirmed),
        request: None,
    }
}

pub(crate) fn judged(phase: Phase) -> Judgement {
    Judgement {
        consultation: VISIT,
        phase,
        verdict: Verdict::Go,
        by: PHYSICIAN,
        at: NOW,
    }
}

pub(crate) fn statement() -> Statement {
    Statement {
        at: minutes_ago(10),
        proxy: None,
        seconds: 20,
        lines: Lines {
            place: PlaceKind::Home,
            place_name: None,
            elsewhere: None,
            clean: true,
            safe: true,
            private: true,
            companions: vec![],
            companions_agree: true,
            medicines: Medicines::Same,
            own_network: true,
            no_recording: true,
        },
    }
}

pub(crate) fn work_period() -> WorkPeriod {
    WorkPeriod {
        person: PHYSICIAN,
        device: DESK,
        network: "clinic".to_owned(),
        room: "診察室2".to_owned(),
        separated: true,
        unseen: true,
        no_recording: true,
        opened: minutes_ago(60),
        ended: None,
        locked: None,
    }
}

fn examination() -> examination::Facts {
    examination::Facts {
        measured: Measured {
            two_way_seconds: 240,
            patient_video_now: true,
            poor_since: None,
            poor_spell: None,
        },
        sufficiency: Some(Sufficiency {
            enough: true,
            by: PHYSICIAN,
            at: NOW,
            video_then: true,
        }),
        observation: "顔色よし、家庭血圧 128/76".to_owned(),
        continued: None,
        stopped: None,
        lost: None,
        aids: examination::Aids::default(),
    }
}

fn note() -> Soap {
    Soap {
        subjective: "変わりなし".to_owned(),
        objective: "家庭血圧 128/76".to_owned(),
        assessment: "血圧は落ち着いている".to_owned(),
        plan: "同じ薬を続ける".to_owned(),
        explained: "次は来院".to_owned(),
        treated: Vec::new(),
        cited: Vec::new(),
    }
}

fn referral() -> referral::Facts {
    referral::Facts {
        plan_own: true,
        plan_partner: None,
        elsewhere: None,
        usual_area: "東京都新宿区".to_owned(),
        own_area: "東京都新宿区".to_owned(),
        own_near: vec![],
        own_reachable: true,
        partners: vec![hospital()],
        at: date(2026, 11, 20).at(10, 30, 0, 0),
        arrangement: None,
        travel_max: 60,
    }
}

pub(crate) fn affiliation() -> Affiliation {
    Affiliation {
        person: PHYSICIAN,
        institution: CLINIC,
        institution_code: "1312345678".to_owned(),
        online_care_notified: true,
        from: date(2020, 4, 1),
        until: None,
        set_by: ADMINISTRATOR,
    }
}

pub(crate) fn course() -> CourseCertificate {
    CourseCertificate {
        person: PHYSICIAN,
        number: "A-1024".to_owned(),
        completed_on: date(2022, 5, 1),
        file: "0".repeat(64),
        verified_by: Some(ADMINISTRATOR),
    }
}

#[test]
fn a_complete_follow_up_and_a_complete_first_visit_pass_every_gate() {
    for dossier in [followup(), first_visit()] {
        assert_eq!(admit(&dossier), PASSES);
        assert_eq!(begin(&dossier), PASSES);
        assert_eq!(sign(&dossier), PASSES);
    }
}
