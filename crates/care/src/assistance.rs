//! A nurse beside the patient (D to P with N): what the nurse may do there, on whose word, and until when.
//!
//! An instruction (訪問看護指示書, or the part of the plan that foresees it) lists acts by code. Each act is ordered by the
//! physician while live and closed by the nurse's own entry. What was not foreseen is added by a signed revision first,
//! and then only what helps a diagnosis.

use crate::{ConsultationId, InstructionId, PatientId, Refusal, Remedy};
use access::PersonId;
use guideline::{Clause, clause};
use jiff::{Timestamp, ToSpan as _, civil::Date};
use serde::{Deserialize, Serialize};

/// Assistance stays within what plan or instruction foresaw.
pub const FORESEEN: Clause = clause("cl-2.3-i-a");
/// Plan and instruction are looked at again in time.
pub const REVIEWED: Clause = clause("cl-2.3-i-b");
/// What was not foreseen is added before it is ordered.
pub const REVISED: Clause = clause("cl-2.3-i-c");
/// The physician is, in principle, one who visits this patient at home.
pub const HOME_VISITING: Clause = clause("cl-2.3-ii-a");
/// The nurse is of this institution, or of a station that was instructed for this patient.
pub const NURSE: Clause = clause("cl-2.3-ii-b");

/// Months within which the physician has seen the patient in person, unless the institution says otherwise.
pub const HOME_VISIT_MONTHS: i32 = 3;
/// Deviations after which an instruction is looked at again.
pub const DEVIATIONS_MAX: usize = 3;
/// Longest words of a condition, symptom or result, in characters.
pub const WORDS_CHARS_MAX: usize = 500;
/// Longest time an instruction holds, in months (訪問看護指示書 6 か月, 要確認).
pub const VALID_MONTHS_MAX: i32 = 6;

/// What an act is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Aim {
    /// It shows how the patient is.
    Observation,
    /// It helps a diagnosis.
    Diagnosis,
    /// It treats.
    Treatment,
}

macro_rules! acts {
    ($($(#[$doc:meta])* $name:ident $word:literal $aim:ident,)*) => {
        /// An act that a nurse does on a physician's order. What stands here is our list; an institution orders from it.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(rename_all = "snake_case")]
        pub enum Act { $($(#[$doc])* $name,)* }

        impl Act {
            /// Every act, in the order offered.
            pub const ALL: &[Self] = &[$(Self::$name,)*];

            /// The word stored and sent, and after `act-` the message id of its name.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$name => $word,)* }
            }

            /// What it is for.
            #[must_use]
            pub const fn aim(self) -> Aim {
                match self { $(Self::$name => Aim::$aim,)* }
            }
        }
    };
}

acts! {
    /// 体温・脈拍・血圧・呼吸・SpO2 の測定
    VitalSigns "vital_signs" Observation,
    /// 視診・触診・聴診の介助
    Examination "examination" Observation,
    /// 採血
    BloodSample "blood_sample" Diagnosis,
    /// 採尿・検体採取(鼻咽頭ぬぐい液など)
    Specimen "specimen" Diagnosis,
    /// 心電図
    Electrocardiogram "electrocardiogram" Diagnosis,
    /// 血糖測定
    BloodGlucose "blood_glucose" Diagnosis,
    /// 超音波(ポータブル)
    Ultrasound "ultrasound" Diagnosis,
    /// 創傷・褥瘡の処置
    WoundCare "wound_care" Treatment,
    /// 注射
    Injection "injection" Treatment,
    /// 点滴
    Infusion "infusion" Treatment,
    /// 吸引
    Suction "suction" Treatment,
    /// カテーテルの管理
    Catheter "catheter" Treatment,
    /// 服薬の介助
    Medication "medication" Treatment,
}

impl Act {
    /// The act of that word.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|act| act.as_str() == word)
    }
}

/// What an instruction rests on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "kind")]
pub enum Basis {
    /// A section of the care plan (診療計画): the nurse is of this institution.
    Plan,
    /// A home-nursing instruction (訪問看護指示書) to a station.
    HomeNursing {
        /// The station's name.
        station: String,
    },
}

/// An act that was foreseen, and when it may be done.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Foreseen {
    /// Which.
    pub act: Act,
    /// In which case; empty where it is always right.
    pub condition: String,
}

/// What a physician writes into an instruction. No `Debug`: clinical words.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Draft {
    /// What it rests on.
    pub basis: Basis,
    /// The acts, each once.
    pub acts: Vec<Foreseen>,
    /// First day.
    pub from: Date,
    /// Last day.
    pub until: Date,
    /// By when it is looked at again.
    pub review_by: Date,
}

/// A signed instruction.
#[derive(Clone, PartialEq, Eq)]
pub struct Instruction {
    /// Its name.
    pub id: InstructionId,
    /// For whom.
    pub patient: PatientId,
    /// Counted from 1 for each patient.
    pub version: i64,
    /// What it says.
    pub draft: Draft,
    /// The physician.
    pub signed_by: PersonId,
    /// When, by the server's clock.
    pub signed_at: Timestamp,
    /// The visit in which it was revised, if it was.
    pub revised_in: Option<ConsultationId>,
}

/// Something that makes an instruction due for review.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trigger {
    /// A symptom that nobody foresaw.
    NewSymptom,
    /// The patient was admitted to a hospital.
    Admission,
    /// An act was done otherwise than instructed.
    Deviation,
}

impl Trigger {
    /// Every trigger.
    pub const ALL: [Self; 3] = [Self::NewSymptom, Self::Admission, Self::Deviation];

    /// The word stored and sent.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::NewSymptom => "new_symptom",
            Self::Admission => "admission",
            Self::Deviation => "deviation",
        }
    }

    /// The trigger of that word.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|trigger| trigger.as_str() == word)
    }
}

/// The nurse of a visit, as the register knows the person.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Nurse {
    /// Who.
    pub person: PersonId,
    /// Whether the person is affiliated with this institution today as a nurse.
    pub affiliated: bool,
    /// Whether the person belongs to the station named in the instruction.
    pub of_station: bool,
}

/// What is known of the assistance in one visit.
#[derive(Clone, PartialEq, Eq)]
pub struct Facts {
    /// The nurse who was asked to be there.
    pub nurse: Nurse,
    /// The newest signed instruction.
    pub instruction: Option<Instruction>,
    /// When somebody last reviewed it: its signature, or "unchanged" after it.
    pub reviewed: Option<Timestamp>,
    /// What happened since: trigger and time.
    pub triggers: Vec<(Trigger, Timestamp)>,
    /// Days on which this physician saw this patient in person.
    pub seen_in_person: Option<Date>,
    /// Why the physician departs from the principle.
    pub departure: Option<String>,
}

/// The instruction in force, looked at in time: what a start, an order and a performed act rest on.
#[derive(Clone, Copy, PartialEq, Eq)]
#[must_use]
pub struct InForce<'f>(&'f Instruction);

impl<'f> InForce<'f> {
    /// The instruction.
    pub const fn instruction(self) -> &'f Instruction {
        self.0
    }
}

/// Judges what a physician is about to sign.
///
/// # Errors
///
/// Nothing is foreseen, an act stands twice, a station has no name, or the days do not follow one another.
pub fn signable(draft: &Draft) -> Result<(), Refusal> {
    let wrong =
        |reason| Err(Refusal::content(FORESEEN, Remedy::CompleteInstruction).because(reason));
    let twice = |(at, one): (usize, &Foreseen)| {
        draft
            .acts
            .iter()
            .skip(at + 1)
            .any(|other| other.act == one.act)
    };
    if draft.acts.is_empty() {
        return wrong("no_act_foreseen");
    }
    if draft.acts.iter().enumerate().any(twice) {
        return wrong("act_twice");
    }
    if matches!(&draft.basis, Basis::HomeNursing { station } if station.trim().is_empty()) {
        return wrong("station_empty");
    }
    let last = draft.from.saturating_add(VALID_MONTHS_MAX.months());
    if draft.until < draft.from || draft.until > last {
        return wrong("period_wrong");
    }
    if draft.review_by < draft.from || draft.review_by > draft.until {
        return wrong("review_by_wrong");
    }
    Ok(())
}

/// The instruction that holds today (cl-2.3-i-a) and was looked at in time (cl-2.3-i-b).
///
/// # Errors
///
/// There is none, its days are over or to come, its review is overdue, or something happened after its last review.
pub fn in_force(facts: &Facts, today: Date) -> Result<InForce<'_>, Refusal> {
    let instruction = facts.instruction.as_ref().ok_or_else(|| {
        Refusal::state(FORESEEN, Remedy::SignInstruction).because("no_instruction")
    })?;
    let draft = &instruction.draft;
    if today < draft.from || today > draft.until {
        return Err(
            Refusal::state(FORESEEN, Remedy::SignInstruction).because("instruction_expired")
        );
    }
    if today > draft.review_by {
        return Err(Refusal::state(REVIEWED, Remedy::ReviewInstruction).because("review_overdue"));
    }
    let signed = instruction.signed_at;
    let reviewed = facts.reviewed.map_or(signed, |at| at.max(signed));
    let since = || facts.triggers.iter().filter(|(_, at)| *at > reviewed);
    let deviations = since()
        .filter(|(trigger, _)| *trigger == Trigger::Deviation)
        .count();
    let urges =
        since().any(|(trigger, _)| matches!(trigger, Trigger::NewSymptom | Trigger::Admission));
    if urges || deviations >= DEVIATIONS_MAX {
        return Err(Refusal::state(REVIEWED, Remedy::ReviewInstruction).because("review_triggered"));
    }
    Ok(InForce(instruction))
}

/// Judges who the nurse is (cl-2.3-ii-b).
///
/// # Errors
///
/// Neither of this institution nor of the station that was instructed for this patient.
pub fn entitled(facts: &Facts) -> Result<(), Refusal> {
    if facts.nurse.affiliated || facts.nurse.of_station {
        Ok(())
    } else {
        Err(Refusal::person(NURSE, Remedy::EnterAffiliation).because("nurse_of_nobody"))
    }
}

/// Judges the principle that the physician visits this patient at home (cl-2.3-ii-a).
///
/// # Errors
///
/// Not seen in person by this physician within [`HOME_VISIT_MONTHS`], and no reason is written.
pub fn home_visiting(facts: &Facts, today: Date) -> Result<(), Refusal> {
    let since = today.saturating_sub(HOME_VISIT_MONTHS.months());
    let seen = facts.seen_in_person.is_some_and(|day| day >= since);
    let reasoned = facts
        .departure
        .as_ref()
        .is_some_and(|reason| !reason.trim().is_empty());
    if seen || reasoned {
        Ok(())
    } else {
        Err(Refusal::state(HOME_VISITING, Remedy::SayWhyNotVisiting).because("no_home_visit"))
    }
}

/// An act may be ordered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use]
pub struct Ordered {
    pub(crate) act: Act,
    pub(crate) instruction: InstructionId,
}

impl Ordered {
    /// Which act.
    pub const fn act(self) -> Act {
        self.act
    }

    /// On which version of the instruction.
    pub const fn instruction(self) -> InstructionId {
        self.instruction
    }
}

/// Judges an order (cl-2.3-i-a). Only the physician orders, and only while the visit is live.
///
/// # Errors
///
/// The act is not foreseen, or the visit is not live.
pub fn order(in_force: InForce<'_>, act: Act, live: bool) -> Result<Ordered, Refusal> {
    let instruction = in_force.instruction();
    if !live {
        return Err(Refusal::state(FORESEEN, Remedy::OrderWhileLive).because("not_live"));
    }
    if instruction.draft.acts.iter().any(|one| one.act == act) {
        Ok(Ordered {
            act,
            instruction: instruction.id,
        })
    } else {
        Err(Refusal::state(FORESEEN, Remedy::ReviseInstruction).because("act_not_foreseen"))
    }
}

/// What was not foreseen: the symptom, the act that it calls for, and why.
#[derive(Clone, PartialEq, Eq)]
pub struct Unforeseen {
    /// What was noticed.
    pub symptom: String,
    /// What is to be done now.
    pub act: Act,
    /// Why.
    pub reason: String,
}

/// The next version of an instruction, with what was not foreseen (cl-2.3-i-c).
///
/// # Errors
///
/// The visit is not live, symptom or reason is empty, the act is foreseen already, or it treats: only what helps a
/// diagnosis is added this way.
pub fn revise(in_force: InForce<'_>, found: &Unforeseen, live: bool) -> Result<Draft, Refusal> {
    if !live {
        return Err(Refusal::state(REVISED, Remedy::OrderWhileLive).because("not_live"));
    }
    if found.symptom.trim().is_empty() || found.reason.trim().is_empty() {
        return Err(Refusal::content(REVISED, Remedy::GiveReason).because("revision_empty"));
    }
    if found.act.aim() == Aim::Treatment {
        return Err(
            Refusal::content(REVISED, Remedy::SignInstruction).because("treatment_not_added")
        );
    }
    let mut draft = in_force.instruction().draft.clone();
    if draft.acts.iter().any(|one| one.act == found.act) {
        return Err(Refusal::state(REVISED, Remedy::OrderAct).because("act_foreseen"));
    }
    draft.acts.push(Foreseen {
        act: found.act,
        condition: found.reason.clone(),
    });
    Ok(draft)
}

/// An order of this visit, and whether it was carried out.
#[derive(Clone, PartialEq, Eq)]
pub struct Order {
    /// Its name.
    pub id: OrderId,
    /// Which act.
    pub act: Act,
    /// When it was ordered.
    pub ordered_at: Timestamp,
    /// When the nurse entered it as done, and what came of it.
    pub performed: Option<(Timestamp, String)>,
}

access::id! {
    /// One order to a nurse in one visit.
    OrderId
}

/// Judges the entry of an act as done: on an order of this visit, once, with what came of it.
///
/// # Errors
///
/// It was done already, or nothing is said of it.
pub fn perform(order: &Order, result: &str) -> Result<(), Refusal> {
    if order.performed.is_some() {
        return Err(Refusal::state(FORESEEN, Remedy::TaskEnded).because("act_performed"));
    }
    if result.trim().is_empty() {
        return Err(Refusal::content(FORESEEN, Remedy::SayWhatCameOfIt).because("result_empty"));
    }
    Ok(())
}
