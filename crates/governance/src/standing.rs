//! The standing of a clause: computed from ledger and registers each time it is asked, never stored.

use access::PersonId;
use care::{
    ConsultationId, Service,
    consultation::emergency_is_routine,
    place::room_inspection_overdue,
    plan::{self, Partner, Plan},
    preconsultation,
    presence::overlaps,
    record, rota, statement,
};
use guideline::{ClauseText, Kind};
use jiff::{Timestamp, civil::Date};

/// How a clause stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Standing {
    /// Something is wrong now; the findings say what.
    Finding,
    /// It is built, and its proof comes from use; there was none yet.
    Unproved,
    /// It is desirable (望ましい), and not done; nothing waits for it.
    Desirable,
    /// The program enforces it, or use has proved it.
    Met,
    /// It is about a service that the institution does not offer.
    NotOffered,
    /// No part of this build answers it.
    NotBuilt,
}

impl Standing {
    /// Every standing, by urgency.
    pub const ALL: [Self; 6] = [
        Self::Finding,
        Self::Unproved,
        Self::Desirable,
        Self::Met,
        Self::NotOffered,
        Self::NotBuilt,
    ];

    /// The word in addresses and texts.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Finding => "finding",
            Self::Unproved => "unproved",
            Self::Desirable => "desirable",
            Self::Met => "met",
            Self::NotOffered => "not_offered",
            Self::NotBuilt => "not_built",
        }
    }

    /// The standing of that word.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|standing| standing.as_str() == word)
    }
}

macro_rules! codes {
    ($($(#[$doc:meta])* $name:ident $word:literal [$($clause:literal),+],)*) => {
        /// What can be wrong, with the clauses it belongs to.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
        pub enum Code { $($(#[$doc])* $name,)* }

        impl Code {
            /// Every code.
            pub const ALL: &[Self] = &[$(Self::$name,)*];

            /// The word in ledger, pages and exports.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$name => $word,)* }
            }

            /// The clauses whose standing it takes.
            #[must_use]
            pub const fn clauses(self) -> &'static [&'static str] {
                // Named as clauses, so that a misspelt id does not compile.
                match self { $(Self::$name => const { &[$(guideline::clause($clause).id()),+] },)* }
            }
        }
    };
}

impl Code {
    /// Whether it is about what is desirable alone: it is told, and nobody is called to mend it.
    #[must_use]
    pub fn is_desirable(self) -> bool {
        self.clauses().iter().all(|id| {
            guideline::find(id)
                .and_then(guideline::Clause::text)
                .is_some_and(|text| text.desirable)
        })
    }
}

codes! {
    /// A note is unsigned for more than a day.
    NoteUnsigned "note_unsigned" ["cl-3.2-i-a", "small-3.1.1.b"],
    /// A patient was handed over to care in person, and nobody knows whether it was reached.
    InPersonUnconfirmed "in_person_unconfirmed" ["cl-1.1-iii-b"],
    /// A plan in force names an institution whose entry has lapsed.
    AcuteInstitutionExpired "acute_institution_expired" ["cl-1.3-i-g"],
    /// An urgent answer that nobody took up within ten minutes.
    RedFlagUnacknowledged "red_flag_unacknowledged" ["cl-1.2-ii-c"],
    /// No edition of the list of symptoms is in force.
    SymptomListMissing "symptom_list_missing" ["cl-1.2-ii-a"],
    /// A sudden change was called stable on a record in person that is not there.
    AcuteBasisMissing "acute_basis_missing" ["cl-1.2-vii-b"],
    /// Online care goes on after a first visit, and its plan is late.
    PlanOverdue "plan_overdue" ["cl-1.3-ii-b"],
    /// The institution that responds to a sudden change was not informed in time.
    InformationOverdue "information_overdue" ["cl-1.3-iv-a"],
    /// A room was not inspected for more than a year.
    RoomInspectionOverdue "room_inspection_overdue" ["cl-2.1-v"],
    /// A patient said that it is not this physician.
    PhysicianDisputed "physician_disputed" ["cl-1.4-i-b"],
    /// A physician was with two patients at one time.
    PatientsOverlap "patients_overlap" ["cl-1.6-iii"],
    /// Emergency starts have become routine.
    EmergencyStartRoutine "emergency_start_routine" ["cl-1.1-iv-d"],
    /// Something was signed without picture and sound.
    OrderWithoutMedia "order_without_media" ["cl-1.6-ii-b"],
    /// A day of the ledger has no time-stamp.
    RootUnstamped "root_unstamped" ["cl-2.5.2.1-x-a"],
    /// No time-stamp authority is configured.
    NoTimeStampAuthority "no_time_stamp_authority" ["cl-2.5.2.1-x-a"],
    /// Files hold patients' names in plain text.
    ResidueFound "residue_found" ["cl-2.5.2.1-vi-a"],
    /// Patients are not told whom to ask.
    ClinicContactHidden "clinic_contact_hidden" ["cl-2.1-i-b"],
    /// A page on pre-consultations does not show fee and limits.
    PreconsultationNoticeMissing "preconsultation_notice_missing" ["cl-1.2-vi-a"],
    /// A patient's identity was left unchecked more than once.
    IdentityExemptedAgain "identity_exempted_again" ["cl-1.4-i-c"],
    /// An emergency began without the chart, and nobody has read it since.
    ChartReviewDue "chart_review_due" ["cl-2.1-iv-b"],
    /// The proof of a physician who can be booked lapses in the days ahead, or cannot be drawn.
    ProofLapsed "proof_lapsed" ["cl-2.5.1.1-vii", "cl-2.5.2.1-ix-a"],
    /// The public search for physicians was not reached when it was last looked at.
    LicenceSearchUnreachable "licence_search_unreachable" ["cl-1.4-iv-c"],
    /// Patients who have not agreed to what is theirs to look after.
    PatientConductOpen "patient_conduct_open" ["sec-0.f"],
    /// A complaint or a request for the records is past its day.
    RequestOverdue "request_overdue" ["ext-4.2.e"],
    /// One substitute sees one patient again and again, and the plan does not say so.
    SubstituteRecurring "substitute_recurring" ["cl-1.2-viii-c"],
    /// A plan in force lists somebody who is no physician here any more.
    PlanPhysicianMissing "plan_physician_missing" ["cl-1.2-viii-b"],
    /// A patient says that something is wrong with a medicine, and no physician has answered in time.
    AdherenceProblemOpen "adherence_problem_open" ["cl-1.5-i-f"],
    /// No pharmacist's report by the next day.
    PharmacistReportMissing "pharmacist_report_missing" ["cl-1.2-ec-d"],
    /// A pharmacist's report leaves the explanation open for a week.
    ContraceptionAdviceMissing "contraception_advice_missing" ["cl-1.2-ec-e"],
    /// Three weeks and more have passed, and nobody knows how it came out.
    OutcomeUnconfirmed "outcome_unconfirmed" ["cl-1.2-ec-f"],
    /// The service is on, and its list of institutions cannot be used.
    InstitutionListStale "institution_list_stale" ["cl-1.2-ec-g"],
    /// The service is on, and its list of pharmacies cannot be used.
    PharmacyListStale "pharmacy_list_stale" ["cl-1.2-ec-h"],
    /// Nobody has checked within a year that a society guideline is the current edition.
    SurgeryGuidelineOverdue "surgery_guideline_overdue" ["cl-2.4.1-i-b"],
    /// A message speaks of the body, and nobody has decided in time what comes of it.
    ChatFlagOpen "chat_flag_open" ["cl-1.6-ii-c"],
    /// A physician's licence cannot be shown as a picture, which is desirable and no duty.
    LicenceNotShown "licence_not_shown" ["cl-1.4-iv-b"],
    /// First visits after a pre-consultation often stand on a ground in other words.
    GroundOtherFrequent "ground_other_frequent" ["cl-1.2-iv-b"],
    /// After a first visit by a physician who is not the regular one, nobody knows in time whether care in person followed.
    LinkageUnresolved "linkage_unresolved" ["cl-1.2-iv-a", "cl-1.2-iv-e"],
    /// Guidance that the patient still needs cannot be opened any more.
    GuidanceLinkExpired "guidance_link_expired" ["cl-1.2-iv-f"],
}

/// One thing that is wrong, and how often.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Finding {
    /// What.
    pub code: Code,
    /// How many cases.
    pub cases: usize,
}

/// What findings are computed from.
#[derive(Clone, Debug)]
pub struct Facts {
    /// The instant.
    pub now: Timestamp,
    /// The legal day.
    pub today: Date,
    /// Ended visits without a signature: when each ended.
    pub unsigned: Vec<Timestamp>,
    /// Hand-overs without confirmed arrival: by when each was to arrive.
    pub hand_overs: Vec<Date>,
    /// Urgent answers that nobody took up: when each came.
    pub alarms: Vec<Timestamp>,
    /// Flags lifted on a record that is not there.
    pub acute_baseless: usize,
    /// Whether a list of symptoms is in force.
    pub symptom_list: bool,
    /// Plans in force.
    pub plans: Vec<Plan>,
    /// The partner register.
    pub partners: Vec<Partner>,
    /// Day of inspection of each room.
    pub rooms: Vec<Date>,
    /// Disputed physicians.
    pub disputes: usize,
    /// Live stretches of time, one list a physician.
    pub live: Vec<Vec<(ConsultationId, Timestamp, Timestamp)>>,
    /// Visits of the last month whose companion was a patient of that day.
    pub companions: usize,
    /// Emergency starts and consultations of the last month.
    pub emergencies: (u32, u32),
    /// Signed visits without sight and sound, as the newest night found them.
    pub without_media: usize,
    /// Days of the ledger that ended more than a day ago without a time-stamp; `None` without an authority to ask.
    pub days_unstamped: Option<u32>,
    /// Files with a patient's name in plain text, as the newest night found them.
    pub residue: usize,
    /// Pages that did not show the contact when the newest night drew them.
    pub pages_without_contact: usize,
    /// Whether name, address, telephone and hours are all there.
    pub contact_complete: bool,
    /// Whether pages on pre-consultations did not show fee and limits when they were looked at last.
    pub preconsultation_missed: usize,
    /// Patients whose identity was left unchecked more than once.
    pub exempted_again: usize,
    /// Charts that were to be read after an emergency start, and were not in time.
    pub charts_unread: usize,
    /// Physicians whose proof lapses in the days ahead.
    pub proofs_lapsing: usize,
    /// Whether the public search was not reached when it was last looked at.
    pub search_unreachable: bool,
    /// Patients without an agreement on their own part.
    pub own_parts_open: usize,
    /// Complaints and requests for the records past their day.
    pub requests_overdue: usize,
    /// Patients whom one substitute has seen again and again.
    pub substitutes: usize,
    /// Everybody who is a physician here today.
    pub physicians: Vec<PersonId>,
    /// Problems with medicines that no physician answered in time.
    pub medicine_problems: usize,
    /// Pharmacists' reports, their explanations, and outcomes that are late, in this order.
    pub courses_late: [usize; 3],
    /// Whether the lists of institutions and of pharmacies are too old for a service that is on, in this order.
    pub lists_stale: [bool; 2],
    /// Plans whose receiver was not informed in time.
    pub information_late: usize,
    /// Plans after a first visit that are late.
    pub plans_late: usize,
    /// Society guidelines whose edition nobody checked within a year.
    pub surgery_guidelines: usize,
    /// Messages about the body that nobody decided about in time.
    pub chat_flags: usize,
    /// Physicians whose licence cannot be shown as a picture.
    pub licences_missing: usize,
    /// First visits after a pre-consultation of the last months, and how many of them on a ground in other words.
    pub grounds: (usize, usize),
    /// Plans for care in person, and hand-overs, that are past their day.
    pub linkages_late: usize,
    /// Guidance that is still needed, and whose link has ended.
    pub guidance_expired: usize,
}

/// Everything that is wrong.
#[must_use]
pub fn findings(facts: &Facts) -> Vec<Finding> {
    let count = |code| match code {
        Code::NoteUnsigned => facts
            .unsigned
            .iter()
            .filter(|ended| record::unsigned(**ended, false, facts.now))
            .count(),
        Code::InPersonUnconfirmed => facts
            .hand_overs
            .iter()
            .filter(|target| **target < facts.today)
            .count(),
        Code::RedFlagUnacknowledged => facts
            .alarms
            .iter()
            .filter(|at| statement::unacknowledged(**at, facts.now))
            .count(),
        Code::AcuteBasisMissing => facts.acute_baseless,
        Code::SymptomListMissing => usize::from(!facts.symptom_list),
        Code::AcuteInstitutionExpired => {
            plan::acute_expired(&facts.plans, &facts.partners, facts.today).len()
        }
        Code::RoomInspectionOverdue => facts
            .rooms
            .iter()
            .filter(|inspected| room_inspection_overdue(Some(**inspected), facts.today))
            .count(),
        Code::PhysicianDisputed => facts.disputes,
        Code::PatientsOverlap => facts
            .live
            .iter()
            .map(|intervals| overlaps(intervals).len())
            .sum::<usize>()
            .saturating_add(facts.companions),
        Code::EmergencyStartRoutine => {
            let (emergencies, consultations) = facts.emergencies;
            usize::from(emergency_is_routine(emergencies, consultations))
        }
        Code::OrderWithoutMedia => facts.without_media,
        Code::RootUnstamped => {
            usize::try_from(facts.days_unstamped.unwrap_or(0)).unwrap_or(usize::MAX)
        }
        Code::NoTimeStampAuthority => usize::from(facts.days_unstamped.is_none()),
        Code::ResidueFound => facts.residue,
        Code::ClinicContactHidden => {
            usize::from(!facts.contact_complete).saturating_add(facts.pages_without_contact)
        }
        Code::PreconsultationNoticeMissing => facts.preconsultation_missed,
        Code::IdentityExemptedAgain => facts.exempted_again,
        Code::ChartReviewDue => facts.charts_unread,
        Code::ProofLapsed => facts.proofs_lapsing,
        Code::LicenceSearchUnreachable => usize::from(facts.search_unreachable),
        Code::PatientConductOpen => facts.own_parts_open,
        Code::RequestOverdue => facts.requests_overdue,
        Code::SubstituteRecurring => facts.substitutes,
        Code::PlanPhysicianMissing => rota::unlisted(&facts.plans, &facts.physicians).len(),
        Code::AdherenceProblemOpen => facts.medicine_problems,
        Code::PharmacistReportMissing => facts.courses_late[0],
        Code::ContraceptionAdviceMissing => facts.courses_late[1],
        Code::OutcomeUnconfirmed => facts.courses_late[2],
        Code::InstitutionListStale => usize::from(facts.lists_stale[0]),
        Code::PharmacyListStale => usize::from(facts.lists_stale[1]),
        Code::InformationOverdue => facts.information_late,
        Code::PlanOverdue => facts.plans_late,
        Code::SurgeryGuidelineOverdue => facts.surgery_guidelines,
        Code::ChatFlagOpen => facts.chat_flags,
        Code::LicenceNotShown => facts.licences_missing,
        Code::GroundOtherFrequent => {
            let (opened, other) = facts.grounds;
            usize::from(preconsultation::other_is_frequent(other, opened))
        }
        Code::LinkageUnresolved => facts.linkages_late,
        Code::GuidanceLinkExpired => facts.guidance_expired,
    };
    Code::ALL
        .iter()
        .map(|code| Finding {
            code: *code,
            cases: count(*code),
        })
        .filter(|finding| finding.cases > 0)
        .collect()
}

/// What the ledger holds under a clause.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Seen {
    /// Acts done.
    pub done: u32,
    /// Acts refused.
    pub refused: u32,
}

/// How one clause stands. `answered` means: a module of this build claims it in its table of duties.
///
/// A finding is told even of what is not built: it was measured. What is not claimed is never called met.
#[must_use]
pub fn standing(clause: &ClauseText, answered: bool, seen: Seen, findings: &[Finding]) -> Standing {
    if findings
        .iter()
        .any(|finding| finding.code.clauses().contains(&clause.id))
    {
        return if clause.desirable {
            Standing::Desirable
        } else {
            Standing::Finding
        };
    }
    if !answered {
        return Standing::NotBuilt;
    }
    match clause.kind {
        Kind::Enforced => Standing::Met,
        Kind::Evidenced | Kind::Attested if seen.done > 0 => Standing::Met,
        Kind::Evidenced | Kind::Attested => Standing::Unproved,
    }
}

/// Whether the clause is about something that the institution offers. What is about every visit always is.
#[must_use]
pub fn is_offered(clause: &ClauseText, offered: &[Service]) -> bool {
    match clause.applies {
        // A second physician beside the patient: all three services stand on these clauses.
        "d_to_p_with_d" => offered.iter().any(|service| service.is_joint()),
        applies => Service::parse(applies).is_none_or(|service| offered.contains(&service)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn calm() -> Facts {
        let now: Timestamp = "2026-11-20T05:42:00Z".parse().unwrap();
        Facts {
            now,
            today: "2026-11-20".parse().unwrap(),
            unsigned: vec![now - jiff::SignedDuration::from_hours(24)],
            hand_overs: vec!["2026-11-20".parse().unwrap()],
            alarms: vec![now - jiff::SignedDuration::from_mins(10)],
            acute_baseless: 0,
            symptom_list: true,
            plans: Vec::new(),
            partners: Vec::new(),
            rooms: vec!["2026-01-01".parse().unwrap()],
            disputes: 0,
            live: Vec::new(),
            companions: 0,
            emergencies: (1, 20),
            without_media: 0,
            days_unstamped: Some(0),
            residue: 0,
            pages_without_contact: 0,
            contact_complete: true,
            preconsultation_missed: 0,
            exempted_again: 0,
            charts_unread: 0,
            proofs_lapsing: 0,
            search_unreachable: false,
            own_parts_open: 0,
            requests_overdue: 0,
            substitutes: 0,
            physicians: Vec::new(),
            medicine_problems: 0,
            courses_late: [0; 3],
            lists_stale: [false; 2],
            information_late: 0,
            plans_late: 0,
            surgery_guidelines: 0,
            chat_flags: 0,
            licences_missing: 0,
            grounds: (15, 3),
            linkages_late: 0,
            guidance_expired: 0,
        }
    }

    fn text(id: &str) -> &'static ClauseText {
        guideline::find(id).unwrap().text().unwrap()
    }

    fn codes(facts: &Facts) -> Vec<&'static str> {
        findings(facts)
            .iter()
            .map(|finding| finding.code.as_str())
            .collect()
    }

    #[test]
    fn a_calm_house_has_no_finding() {
        assert_eq!(codes(&calm()), Vec::<&str>::new());
    }

    fn changed(change: impl FnOnce(&mut Facts)) -> Facts {
        let mut facts = calm();
        change(&mut facts);
        facts
    }

    #[test]
    fn each_trouble_of_the_records_is_one_finding() {
        let now = calm().now;
        let hour = jiff::SignedDuration::from_hours(1);
        let visit = |n| ConsultationId(access::Ulid::from_parts(1, n));
        for (facts, code) in [
            (
                changed(|facts| facts.unsigned = vec![now - hour * 25]),
                "note_unsigned",
            ),
            (
                changed(|facts| facts.hand_overs = vec!["2026-11-19".parse().unwrap()]),
                "in_person_unconfirmed",
            ),
            (
                changed(|facts| facts.alarms = vec![now - jiff::SignedDuration::from_secs(601)]),
                "red_flag_unacknowledged",
            ),
            (
                changed(|facts| facts.acute_baseless = 1),
                "acute_basis_missing",
            ),
            (
                changed(|facts| facts.symptom_list = false),
                "symptom_list_missing",
            ),
            (
                changed(|facts| facts.emergencies = (2, 10)),
                "emergency_start_routine",
            ),
            (
                changed(|facts| {
                    facts.live = vec![vec![
                        (visit(1), now - hour, now),
                        (visit(2), now - hour / 2, now),
                    ]];
                }),
                "patients_overlap",
            ),
            (changed(|facts| facts.companions = 1), "patients_overlap"),
            (
                changed(|facts| facts.without_media = 1),
                "order_without_media",
            ),
        ] {
            assert_eq!(codes(&facts), [code]);
        }
    }

    #[test]
    fn each_trouble_of_the_house_is_one_finding() {
        for (facts, code) in [
            (
                changed(|facts| facts.rooms = vec!["2025-11-01".parse().unwrap()]),
                "room_inspection_overdue",
            ),
            (changed(|facts| facts.disputes = 1), "physician_disputed"),
            (
                changed(|facts| facts.days_unstamped = Some(2)),
                "root_unstamped",
            ),
            (
                changed(|facts| facts.days_unstamped = None),
                "no_time_stamp_authority",
            ),
            (changed(|facts| facts.residue = 1), "residue_found"),
            (
                changed(|facts| facts.pages_without_contact = 2),
                "clinic_contact_hidden",
            ),
            (
                changed(|facts| facts.contact_complete = false),
                "clinic_contact_hidden",
            ),
            (changed(|facts| facts.proofs_lapsing = 1), "proof_lapsed"),
            (
                changed(|facts| facts.search_unreachable = true),
                "licence_search_unreachable",
            ),
            (
                changed(|facts| facts.own_parts_open = 1),
                "patient_conduct_open",
            ),
            (
                changed(|facts| facts.requests_overdue = 1),
                "request_overdue",
            ),
            (
                changed(|facts| facts.grounds = (14, 3)),
                "ground_other_frequent",
            ),
            (
                changed(|facts| facts.linkages_late = 1),
                "linkage_unresolved",
            ),
            (
                changed(|facts| facts.guidance_expired = 1),
                "guidance_link_expired",
            ),
            (
                changed(|facts| facts.substitutes = 1),
                "substitute_recurring",
            ),
            (
                changed(|facts| facts.exempted_again = 1),
                "identity_exempted_again",
            ),
            (changed(|facts| facts.charts_unread = 1), "chart_review_due"),
            (changed(|facts| facts.chat_flags = 1), "chat_flag_open"),
            (changed(|facts| facts.plans_late = 1), "plan_overdue"),
            (
                changed(|facts| facts.licences_missing = 1),
                "licence_not_shown",
            ),
            (
                changed(|facts| facts.information_late = 1),
                "information_overdue",
            ),
            (
                changed(|facts| facts.medicine_problems = 1),
                "adherence_problem_open",
            ),
            (
                changed(|facts| facts.courses_late = [1, 0, 0]),
                "pharmacist_report_missing",
            ),
            (
                changed(|facts| facts.courses_late = [0, 1, 0]),
                "contraception_advice_missing",
            ),
            (
                changed(|facts| facts.courses_late = [0, 0, 1]),
                "outcome_unconfirmed",
            ),
            (
                changed(|facts| facts.lists_stale = [true, false]),
                "institution_list_stale",
            ),
            (
                changed(|facts| facts.lists_stale = [false, true]),
                "pharmacy_list_stale",
            ),
        ] {
            assert_eq!(codes(&facts), [code]);
        }
    }

    #[test]
    fn cl_1_3_i_g_a_plan_that_names_a_lapsed_partner_is_a_finding() {
        let id = care::PartnerId(access::Ulid::from_parts(1, 9));
        let mut draft = plan::Draft::default();
        draft.acute.partner = Some(id);
        let signed = Plan {
            id: care::PlanId(access::Ulid::from_parts(1, 8)),
            patient: care::PatientId(access::Ulid::from_parts(1, 7)),
            version: 1,
            basis: None,
            draft,
            state: plan::PlanState::Signed {
                by: access::PersonId(access::Ulid::from_parts(1, 6)),
                at: calm().now,
            },
        };
        let partner = |valid_until: &str| Partner {
            id,
            kind: care::partner::PartnerKind::Hospital,
            name: "見本中央病院".into(),
            phone: "00-2222-3333".into(),
            hours: "24時間".into(),
            night: true,
            areas: Vec::new(),
            travel_minutes: 20,
            valid_until: valid_until.parse().unwrap(),
        };
        let facts = |until| Facts {
            plans: vec![signed.clone()],
            partners: vec![partner(until)],
            ..calm()
        };
        assert_eq!(codes(&facts("2026-11-20")), Vec::<&str>::new());
        assert_eq!(codes(&facts("2026-11-19")), ["acute_institution_expired"]);
    }

    #[test]
    fn what_nobody_claims_is_not_built_and_never_met() {
        let seen = Seen {
            done: 9,
            refused: 0,
        };
        for clause in guideline::catalogue() {
            assert_eq!(
                standing(clause, false, seen, &[]),
                Standing::NotBuilt,
                "{}",
                clause.id
            );
        }
    }

    #[test]
    fn what_is_about_a_service_is_asked_of_those_who_offer_it() {
        let surgery = [Service::RemoteSurgery];
        for (id, none, with) in [
            ("cl-1.1-i", true, true),
            ("cl-2.4.1-i-a", false, true),
            ("cl-2.4-i-a", false, true),
            ("cl-2.4.2-i", false, false),
            ("cl-1.2-ix-a", false, false),
            ("cl-1.2-vi-a", false, false),
            ("cl-1.2-ec-a", false, false),
        ] {
            assert_eq!(is_offered(text(id), &[]), none, "{id}");
            assert_eq!(is_offered(text(id), &surgery), with, "{id}");
        }
    }

    #[test]
    fn cl_1_4_iv_b_what_is_desirable_is_told_and_is_no_fault() {
        let clause = text("cl-1.4-iv-b");
        let without = findings(&changed(|facts| facts.licences_missing = 2));
        assert_eq!(
            standing(clause, true, Seen::default(), &without),
            Standing::Desirable
        );
        let once = Seen {
            done: 1,
            refused: 0,
        };
        // One picture of three physicians' does not make it met.
        assert_eq!(standing(clause, true, once, &without), Standing::Desirable);
        assert_eq!(standing(clause, true, once, &[]), Standing::Met);
    }

    #[test]
    fn what_use_must_prove_is_met_by_use_only() {
        let (place, agreement) = (text("cl-2.1-v"), text("cl-1.1-i"));
        assert_eq!(
            standing(place, true, Seen::default(), &[]),
            Standing::Unproved
        );
        assert_eq!(
            standing(
                place,
                true,
                Seen {
                    done: 0,
                    refused: 3
                },
                &[]
            ),
            Standing::Unproved
        );
        assert_eq!(
            standing(
                place,
                true,
                Seen {
                    done: 1,
                    refused: 0
                },
                &[]
            ),
            Standing::Met
        );
        assert_eq!(
            standing(agreement, true, Seen::default(), &[]),
            Standing::Met
        );
    }

    #[test]
    fn a_finding_takes_the_standing_of_each_of_its_clauses() {
        let finding = [Finding {
            code: Code::NoteUnsigned,
            cases: 1,
        }];
        for id in ["cl-3.2-i-a", "small-3.1.1.b"] {
            assert_eq!(
                standing(
                    text(id),
                    true,
                    Seen {
                        done: 5,
                        refused: 0
                    },
                    &finding
                ),
                Standing::Finding
            );
        }
        assert_eq!(
            standing(text("cl-1.1-i"), true, Seen::default(), &finding),
            Standing::Met
        );
    }
}
