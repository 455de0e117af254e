//! What a refusal names in particular: each part has its words in the shell, so that nobody reads a code (rev-0.c).

use crate::{agreement::Kind, explanation, plan::Item};

macro_rules! parts {
    ($($name:ident $word:literal $key:literal,)*) => {
        /// One thing the program itself can name as missing.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        #[expect(missing_docs, reason = "the word and the text it has in the shell stand beside each name")]
        pub enum Part { $($name,)* }

        impl Part {
            /// Every part, so that a test can walk them.
            pub const ALL: &[Self] = &[$(Self::$name,)*];

            /// The word that programs read.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$name => $word,)* }
            }

            /// The message id in the shell.
            #[must_use]
            pub const fn key(self) -> &'static str {
                match self { $(Self::$name => $key,)* }
            }
        }
    };
}

parts! {
    // The texts of the explanation.
    Limits "limits_and_combination" "missing-limits-and-combination",
    DecidedEachTime "decided_each_time" "missing-decided-each-time",
    CarePlan "care_plan" "missing-care-plan",
    // The kinds of agreement.
    AgreedOnlineCare "online_care" "missing-agreed-online-care",
    AgreedSecurityRisk "security_risk" "missing-agreed-security-risk",
    AgreedSystemUse "system_use" "missing-agreed-system-use",
    AgreedPatientConduct "patient_conduct" "missing-agreed-patient-conduct",
    // The nine items of the plan.
    ItemOnlineCare "online_care" "missing-item-online-care",
    ItemCombination "combination" "missing-item-combination",
    ItemHours "hours" "missing-item-hours",
    ItemMethod "method" "missing-item-method",
    ItemStopConditions "stop_conditions" "missing-item-stop-conditions",
    ItemCooperation "cooperation" "missing-item-cooperation",
    ItemAcutePolicy "acute_policy" "missing-item-acute-policy",
    ItemPhysicians "physicians" "missing-item-physicians",
    ItemResponsibility "responsibility" "missing-item-responsibility",
    // What an item of the plan lacks.
    Diagnosis "diagnosis" "plans-fault-diagnosis",
    Treatment "treatment" "plans-fault-treatment",
    Rule "rule" "plans-fault-rule",
    Mode "mode" "plans-fault-mode",
    Length "length" "plans-fault-length",
    Outside "outside" "plans-fault-outside",
    System "system" "plans-fault-system",
    Fallback "fallback" "plans-fault-fallback",
    Clinical "clinical" "plans-fault-clinical",
    Technical "technical" "plans-fault-technical",
    Destination "destination" "plans-fault-destination",
    Statement "statement" "plans-fault-statement",
    Institution "institution" "plans-fault-institution",
    Policy "policy" "plans-fault-policy",
    Names "names" "plans-fault-names",
    When "when" "plans-fault-when",
    Segments "segments" "plans-fault-segments",
    Team "team" "plans-fault-team",
    // Where the plan rests on a first visit online.
    AssessBy "assess_by" "plans-fault-assess-by",
    // The sheet after a first visit.
    SheetNext "sheet_next" "missing-sheet-next",
    SheetSigns "sheet_signs" "missing-sheet-signs",
    SheetPlace "sheet_place" "missing-sheet-place",
    SheetPhone "sheet_phone" "missing-sheet-phone",
    SheetGoesOn "sheet_goes_on" "missing-sheet-goes-on",
    SheetExplained "sheet_explained" "missing-sheet-explained",
    // The parts of a note.
    Subjective "subjective" "missing-subjective",
    Objective "objective" "missing-objective",
    Assessment "assessment" "missing-assessment",
    NotePlan "plan" "missing-plan",
    NoteExplained "explained" "missing-explained",
    // The hand-over to care in person.
    HandOverDestination "destination" "missing-destination",
    HandOverTarget "target" "missing-target",
    HandOverTold "told" "missing-told",
    // What speaks against smoking cessation online alone.
    Psychiatric "psychiatric" "smoking-psychiatric",
    Renal "renal" "smoking-renal",
    Cardiac "cardiac" "smoking-cardiac",
    Driving "driving" "smoking-driving",
    // Who has not stated that nothing is recorded.
    PatientSide "patient" "missing-patient",
    PhysicianSide "physician" "missing-physician",
    // The proof of a physician.
    RegistrationYear "registration_year" "missing-registration-year",
    // What is not known of a patient from a source.
    History "history" "missing-history",
    Medication "medication" "missing-medication",
    Allergy "allergy" "missing-allergy",
}

impl From<Kind> for Part {
    fn from(kind: Kind) -> Self {
        match kind {
            Kind::OnlineCare => Self::AgreedOnlineCare,
            Kind::SecurityRisk => Self::AgreedSecurityRisk,
            Kind::SystemUse => Self::AgreedSystemUse,
            Kind::PatientConduct => Self::AgreedPatientConduct,
        }
    }
}

impl From<Item> for Part {
    fn from(item: Item) -> Self {
        match item {
            Item::OnlineCare => Self::ItemOnlineCare,
            Item::Combination => Self::ItemCombination,
            Item::Hours => Self::ItemHours,
            Item::Method => Self::ItemMethod,
            Item::StopConditions => Self::ItemStopConditions,
            Item::Cooperation => Self::ItemCooperation,
            Item::AcutePolicy => Self::ItemAcutePolicy,
            Item::Physicians => Self::ItemPhysicians,
            Item::Responsibility => Self::ItemResponsibility,
        }
    }
}

/// What is missing in particular.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Missing {
    /// A part that the program knows; its words are in the shell.
    Part(Part),
    /// What people named themselves, such as a segment of the way or the code of a diagnosis: it is its own word.
    Named(String),
}

impl Missing {
    /// A text of the explanation, by its tag. A clinic's own text has no other word than its tag.
    #[must_use]
    pub fn text(tag: &str) -> Self {
        match tag {
            explanation::LIMITS_TAG => Self::Part(Part::Limits),
            explanation::DECIDED_TAG => Self::Part(Part::DecidedEachTime),
            explanation::PLAN_TAG => Self::Part(Part::CarePlan),
            own => Self::Named(own.to_owned()),
        }
    }

    /// The word that programs read.
    #[must_use]
    pub fn as_str(&self) -> &str {
        match self {
            Self::Part(part) => part.as_str(),
            Self::Named(name) => name,
        }
    }
}

impl<P: Into<Part>> From<P> for Missing {
    fn from(part: P) -> Self {
        Self::Part(part.into())
    }
}
