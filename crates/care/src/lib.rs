//! The online consultation as the guidelines see it: pure decisions, no input or output.
//!
//! The shell loads a [`Dossier`], the modules here judge it, the shell keeps the result.
//! A judgement answers with a proof that only its module can make, or with a [`Refusal`].

pub mod acute;
pub mod agreement;
pub mod area;
pub mod assistance;
pub mod attendance;
pub mod attended;
pub mod background;
pub mod chat;
pub mod consultation;
mod day;
pub mod dossier;
pub mod emergency_contraception;
pub mod examination;
pub mod explanation;
pub mod first_visit;
pub mod formulary;
pub mod gate;
pub mod house;
pub mod identity;
pub mod medicines;
pub mod missing;
pub mod notice;
pub mod opening;
pub mod partner;
pub mod pathway;
pub mod patient;
pub mod place;
pub mod plan;
pub mod preconsultation;
pub mod prescription;
pub mod presence;
pub mod proof;
pub mod record;
pub mod recording;
pub mod referral;
mod refusal;
pub mod rota;
pub mod service;
pub mod smoking;
pub mod specialist;
pub mod statement;
pub mod suitability;
pub mod surgery;
pub mod symptom;
pub mod task;

pub use consultation::{Class, Consultation, Event, OutOfTurn, Stage};
pub use day::legal_day;
pub use dossier::Dossier;
pub use missing::{Missing, Part};
pub use refusal::{Ground, Mender, Refusal, Remedy};
pub use service::Service;

use guideline::Duty;

access::id! {
    /// One patient (患者) of one institution.
    PatientId
}

access::id! {
    /// A parent or helper registered by name (登録代理人).
    ProxyId
}

access::id! {
    /// One consultation (オンライン診療).
    ConsultationId
}

access::id! {
    /// One version of a care plan (診療計画).
    PlanId
}

access::id! {
    /// One assessment face to face (対面診療の記録).
    InPersonId
}

access::id! {
    /// An institution, pharmacy or place in the partner register (連携先).
    PartnerId
}

access::id! {
    /// A place at which several patients are seen (同じ場所の特定多数人).
    SiteId
}

access::id! {
    /// One version of an instruction to a nurse (訪問看護指示書など).
    InstructionId
}

access::id! {
    /// One person's attendance in one visit (同席).
    AttendanceId
}

access::id! {
    /// One entry or version in a chart (診療録).
    NoteId
}

/// The clauses this crate answers, one line each, and where.
pub const DUTIES: &[Duty] = &[
    (acute::IN_PERSON_FIRST, "acute"),
    (acute::STABLE, "acute"),
    (first_visit::REGULAR, "first_visit"),
    (first_visit::sheet::FOLLOWS, "first_visit"),
    (agreement::THREE_PARTIES, "agreement"),
    (agreement::ONLINE_CARE, "agreement"),
    (agreement::WISH, "agreement"),
    (agreement::SECURITY_RISK, "agreement"),
    (agreement::SYSTEM_USE, "agreement"),
    (agreement::OWN_PART, "agreement"),
    (assistance::FORESEEN, "assistance"),
    (assistance::REVIEWED, "assistance"),
    (assistance::REVISED, "assistance"),
    (assistance::HOME_VISITING, "assistance"),
    (assistance::NURSE, "assistance"),
    (attended::BESIDE, "attended"),
    (attended::INFORMED, "attended"),
    (attended::RESPONSIBLE, "attended"),
    (attended::SHARED, "attended"),
    (background::FROM_SOURCES, "background"),
    (chat::SCOPE, "chat"),
    (chat::INSTRUCTED, "chat"),
    (consultation::EMERGENCY, "consultation"),
    (emergency_contraception::GROUND, "emergency_contraception"),
    (
        emergency_contraception::QUALIFIED,
        "emergency_contraception",
    ),
    (
        emergency_contraception::ONE_TABLET,
        "emergency_contraception",
    ),
    (
        emergency_contraception::PHARMACIST,
        "emergency_contraception",
    ),
    (emergency_contraception::RELIABLE, "emergency_contraception"),
    (
        emergency_contraception::THREE_WEEKS,
        "emergency_contraception",
    ),
    (
        emergency_contraception::INTRODUCED,
        "emergency_contraception",
    ),
    (emergency_contraception::LISTED, "emergency_contraception"),
    (examination::SUFFICIENT, "examination"),
    (examination::STOPPED, "examination"),
    (examination::SEEN_AND_HEARD, "examination"),
    (examination::AIDED, "examination"),
    (explanation::BEFORE_AGREEMENT, "explanation"),
    (explanation::LIMITS, "explanation"),
    (explanation::DECIDED_EACH_TIME, "explanation"),
    (explanation::PLAN_SHOWN, "explanation"),
    (identity::DOCUMENT, "identity"),
    (identity::KNOWN, "identity"),
    (identity::EXEMPTED, "identity"),
    (identity::KINDS, "identity"),
    (identity::PHOTO, "identity"),
    (identity::TWO_KINDS, "identity"),
    (identity::ONE_KIND, "identity"),
    (medicines::STATED, "medicines"),
    (notice::NAME, "notice"),
    (notice::CONTACT, "notice"),
    (place::PHYSICIAN_ROOM, "place"),
    (place::CLEAN_AND_SAFE, "place"),
    (place::PATIENT_ROOM, "place"),
    (place::UNSEEN, "place"),
    (place::site::GROUP, "place"),
    (place::site::EXEMPT, "place"),
    (plan::ASSESSED_FIRST, "plan"),
    (plan::ONLINE_CARE, "plan"),
    (plan::COMBINATION, "plan"),
    (plan::HOURS, "plan"),
    (plan::METHOD, "plan"),
    (plan::STOP_CONDITIONS, "plan"),
    (plan::COOPERATION, "plan"),
    (plan::ACUTE_POLICY, "plan"),
    (plan::PHYSICIANS, "plan"),
    (plan::RESPONSIBILITY, "plan"),
    (plan::AFTER_FIRST, "plan"),
    (plan::information::INFORMED_BEFOREHAND, "plan"),
    (plan::reach::AGREED_BEFOREHAND, "plan"),
    (plan::proposal::PATIENTS_WILL, "plan"),
    (preconsultation::PUBLISHED, "preconsultation"),
    (preconsultation::KNOWN_BEFORE, "preconsultation"),
    (preconsultation::GROUND, "preconsultation"),
    (preconsultation::REFERRED, "preconsultation"),
    (preconsultation::PLACED, "preconsultation"),
    (preconsultation::LINKED, "preconsultation"),
    (prescription::CONSIDERED, "prescription"),
    (prescription::CONTROLLED, "prescription"),
    (prescription::HIGH_SAFETY, "prescription"),
    (prescription::EIGHT_DAYS, "prescription"),
    (prescription::GRAVE, "prescription"),
    (prescription::FOLLOWED, "prescription"),
    (prescription::EXTENSION, "prescription"),
    (prescription::REVIEWED, "prescription"),
    (presence::NOBODY_ELSE, "presence"),
    (presence::ONE_PATIENT, "presence"),
    (proof::SHOWN, "proof"),
    (proof::NAME_AND_PHOTO, "proof"),
    (proof::REGISTRATION_YEAR, "proof"),
    (proof::LICENCE, "proof"),
    (proof::KNOWN, "proof"),
    (proof::NAME_ALONE, "proof"),
    (proof::LOOKED_UP, "proof"),
    (proof::ON_REQUEST, "proof"),
    (proof::READY, "proof"),
    (proof::GENUINE, "proof"),
    (record::RESERVED_ACTS, "record"),
    (record::CHART_READ, "record"),
    (record::CHART_LATER, "record"),
    (record::AGREEMENT_CHARTED, "record"),
    (record::OBTAINED_BEFORE, "record"),
    (record::DOCUMENTED, "record"),
    (recording::NO_RECORDING, "recording"),
    (referral::IN_PERSON_PLACE, "referral"),
    (referral::CONTACTED, "referral"),
    (referral::GUIDED, "referral"),
    (referral::PASSED_ON, "referral"),
    (rota::IN_TURN, "rota"),
    (rota::NAMED, "rota"),
    (rota::ACCEPTED, "rota"),
    (rota::HANDED_OVER, "rota"),
    (rota::MAINLY_HEALTHY, "rota"),
    (smoking::CHECKED_UP, "smoking"),
    (smoking::LOW_RISK, "smoking"),
    (smoking::WEIGHED, "smoking"),
    (specialist::NEED, "specialist"),
    (specialist::TOGETHER, "specialist"),
    (specialist::COORDINATED, "specialist"),
    (statement::URGENT, "statement"),
    (surgery::ELIGIBLE, "surgery"),
    (surgery::GUIDED, "surgery"),
    (surgery::CONNECTED, "surgery"),
    (surgery::TESTED, "surgery"),
    (surgery::CONTINUES, "surgery"),
    (surgery::STRUCTURED, "surgery"),
    (suitability::EACH_TIME, "suitability"),
    (suitability::HANDED_OVER, "suitability"),
    (symptom::IN_PERSON, "symptom"),
    (symptom::LISTED, "symptom"),
];
