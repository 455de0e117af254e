//! What stays open until somebody confirms it (残っていること): each kind with who settles it, by when, and how it may end.

use crate::{ConsultationId, PatientId, Refusal, Remedy, legal_day};
use access::Role;
use guideline::{Clause, clause};
use jiff::{SignedDuration, Timestamp, civil::Date};

access::id! {
    /// One open task (残っていること).
    TaskId
}

/// Complaints and requests for the records have a desk of their own; the web layer answers the clause.
const DESKS: Clause = clause("ext-4.2.e");

/// Longest text of an outcome, in characters.
pub const WORDS_CHARS_MAX: usize = 500;

macro_rules! kinds {
    ($($(#[$doc:meta])* $name:ident $word:literal $by:expr, $ends:ident, $clause:path;)*) => {
        /// What there is to do.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum Kind { $($(#[$doc])* $name,)* }

        impl Kind {
            /// Every kind, so that a test can walk them.
            pub const ALL: &[Self] = &[$(Self::$name,)*];

            /// The word stored, and after `task-` the message id of its text.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$name => $word,)* }
            }

            /// Who settles it.
            #[must_use]
            pub const fn roles(self) -> &'static [Role] {
                match self { $(Self::$name => $by,)* }
            }

            /// How it ends.
            #[must_use]
            pub const fn ends(self) -> Ends {
                match self { $(Self::$name => Ends::$ends,)* }
            }

            /// The clause that asks for it.
            #[must_use]
            pub const fn clause(self) -> Clause {
                match self { $(Self::$name => $clause,)* }
            }
        }
    };
}

/// How a task ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ends {
    /// Only by the act that it waits for: nobody ticks it off.
    ByAct,
    /// By hand, when somebody knows that the patient was seen in person, or why not.
    ByArrival,
    /// By hand, with what came of it in words.
    ByWords,
    /// By hand, and only when whoever takes the patient over has accepted, or the patient was seen there.
    ByReceiver,
}

kinds! {
    /// An emergency began without the chart; it is read afterwards, and the note amended (緊急時の診療録の確認).
    ChartReview "chart_review" &[Role::Physician], ByAct, crate::record::CHART_LATER;
    /// Somebody was seen without a document; identity is checked at the next contact (本人確認).
    IdentityDue "identity_due" &[Role::Reception, Role::Physician], ByAct, crate::identity::EXEMPTED;
    /// It was left out more than once for one patient; the administrator looks why (本人確認の省略の見直し).
    IdentityExemptedAgain "identity_exempted_again" &[Role::Administrator], ByWords, crate::identity::EXEMPTED;
    /// A patient asked for the proof of a physician, and none was in force (医師の証明の更新).
    ProofRenewal "proof_renewal" &[Role::Administrator], ByWords, crate::proof::ON_REQUEST;
    /// A patient complains (苦情).
    Complaint "complaint" &[Role::Administrator], ByWords, DESKS;
    /// A patient asks to see, correct or stop the use of what is kept (開示などの請求).
    Disclosure "disclosure" &[Role::Administrator], ByWords, DESKS;
    /// How a new drug is taken, some days after it was given (服薬の様子の確認).
    MedicineCheck "medicine_check" &[Role::Nurse, Role::Physician], ByWords, crate::prescription::FOLLOWED;
    /// A patient says that something is wrong with a medicine; a physician writes the answer (薬の困りごと).
    MedicineProblem "medicine_problem" &[Role::Physician], ByWords, crate::prescription::FOLLOWED;
    /// A pre-consultation ended with "on to a first visit": its hour is booked (初診の予約).
    FirstVisitDue "first_visit_due" &[Role::Reception, Role::Physician], ByWords, crate::preconsultation::KNOWN_BEFORE;
    /// Somebody was handed over for care in person after a pre-consultation: whether it was reached (対面の受診の確認).
    Referred "referred" &[Role::Reception, Role::Nurse, Role::Physician], ByArrival, crate::referral::CONTACTED;
    /// Somebody was handed over to another institution that was spoken to: until it accepts, or the patient was seen (受け入れの確認).
    HandedOver "handed_over" &[Role::Reception, Role::Nurse, Role::Physician], ByReceiver, crate::referral::CONTACTED;
    /// A first visit after a pre-consultation stands on a ground in other words; the administrator looks at it (理由の見直し).
    GroundReview "ground_review" &[Role::Administrator], ByWords, crate::preconsultation::GROUND;
    /// After a first visit by a physician who is not the regular one, care in person follows (対面へのつなぎ).
    Linkage "linkage" &[Role::Reception, Role::Nurse, Role::Physician], ByArrival, crate::preconsultation::LINKED;
    /// Whoever referred the patient is written to (紹介元への返事).
    ReplyLetter "reply_letter" &[Role::Physician], ByAct, crate::preconsultation::REFERRED;
    /// The pharmacist's report has not come back (薬局からの報告).
    PharmacistReport "pharmacist_report" &[Role::Reception, Role::Nurse, Role::Physician], ByAct, crate::emergency_contraception::PHARMACIST;
    /// The pharmacist's report leaves the explanation open (薬局での説明の確認).
    PharmacistAdvice "pharmacist_advice" &[Role::Reception, Role::Nurse, Role::Physician], ByAct, crate::emergency_contraception::RELIABLE;
    /// A patient is seen in person three weeks later, and the outcome is known (三週間後の確認).
    ThreeWeeks "three_weeks" &[Role::Reception, Role::Nurse, Role::Physician], ByAct, crate::emergency_contraception::THREE_WEEKS;
    /// Somebody stands in at a visit, and nobody has handed the case over (代わりの医師への引きつぎ).
    HandOverNote "hand_over_note" &[Role::Physician], ByAct, crate::rota::HANDED_OVER;
    /// A patient declined a substitute; reception finds another hour with a physician of the plan, at no cost (予約のとりなおし).
    Rebook "rebook" &[Role::Reception, Role::Nurse, Role::Physician], ByWords, crate::rota::ACCEPTED;
    /// A message speaks of the body: somebody decides what comes of it (連絡にあった症状).
    ChatFlagged "chat_flagged" &[Role::Nurse, Role::Physician], ByWords, crate::chat::SCOPE;
    /// Online care goes on after a first visit: the plan is signed (診療計画の作成).
    PlanDue "plan_due" &[Role::Physician], ByAct, crate::plan::AFTER_FIRST;
    /// A summary went to the institution that responds; it says that it arrived (連携先への情報).
    SummaryReceipt "summary_receipt" &[Role::Reception, Role::Nurse, Role::Physician], ByAct, crate::plan::information::INFORMED_BEFOREHAND;
    /// A patient is expected somewhere in person (来院の確認).
    InPersonVisit "in_person_visit" &[Role::Reception, Role::Nurse, Role::Physician], ByArrival, crate::suitability::HANDED_OVER;
}

impl Kind {
    /// The kind of that word.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|kind| kind.as_str() == word)
    }
}

/// How it came out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// The act it waited for was done, or the words say what was done.
    Done,
    /// The patient was seen in person.
    Arrived,
    /// It is not needed any more; the words say why.
    NotNeeded,
    /// The patient cannot be reached; the words say what was tried.
    Lost,
    /// Whoever takes the patient over has accepted; the words say who, there.
    Accepted,
}

impl Outcome {
    /// Every outcome.
    pub const ALL: [Self; 5] = [
        Self::Done,
        Self::Arrived,
        Self::NotNeeded,
        Self::Lost,
        Self::Accepted,
    ];

    /// The word stored and sent.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Done => "done",
            Self::Arrived => "arrived",
            Self::NotNeeded => "not_needed",
            Self::Lost => "lost",
            Self::Accepted => "accepted",
        }
    }

    /// The outcome of that word.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|outcome| outcome.as_str() == word)
    }

    /// Whether a task that ends so may come out like this by hand.
    #[must_use]
    pub const fn fits(self, ends: Ends) -> bool {
        match (ends, self) {
            (Ends::ByArrival, Self::Arrived | Self::NotNeeded | Self::Lost)
            | (Ends::ByWords, Self::Done | Self::NotNeeded)
            | (Ends::ByReceiver, Self::Arrived | Self::Accepted) => true,
            (Ends::ByAct, _)
            | (Ends::ByArrival, Self::Done | Self::Accepted)
            | (Ends::ByWords, Self::Arrived | Self::Lost | Self::Accepted)
            | (Ends::ByReceiver, Self::Done | Self::NotNeeded | Self::Lost) => false,
        }
    }
}

/// What is opened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Opening {
    /// What there is to do.
    pub kind: Kind,
    /// For whom.
    pub patient: PatientId,
    /// In the course of which visit.
    pub visit: Option<ConsultationId>,
    /// The thing itself, where a visit has several: its id, never words.
    pub about: Option<String>,
    /// Where and with whom, in words; sealed.
    pub words: String,
    /// By when.
    pub due: Timestamp,
}

/// A task, as the list shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Task {
    /// Its name.
    pub id: TaskId,
    /// What it is.
    pub opening: Opening,
    /// Since when.
    pub opened: Timestamp,
    /// How it ended.
    pub closed: Option<Closed>,
}

/// How a task ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Closed {
    /// When that was entered.
    pub at: Timestamp,
    /// How it came out.
    pub outcome: Outcome,
    /// The day on which the patient was seen in person.
    pub day: Option<Date>,
    /// In words.
    pub words: String,
}

impl Task {
    /// Whether its time is over and it is still open.
    #[must_use]
    pub fn is_late(&self, now: Timestamp) -> bool {
        self.closed.is_none() && self.opening.due < now
    }
}

/// What somebody entered as the end of a task.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settling {
    /// How it came out.
    pub outcome: Outcome,
    /// The day on which the patient was seen, for [`Outcome::Arrived`].
    pub day: Option<Date>,
    /// In words; required unless the patient arrived.
    pub words: String,
}

/// A task may end like this.
#[derive(Clone, Debug, PartialEq, Eq)]
#[must_use]
pub struct Settled {
    pub(crate) task: TaskId,
    pub(crate) settling: Settling,
}

impl Settled {
    /// Which task.
    #[must_use]
    pub const fn task(&self) -> TaskId {
        self.task
    }

    /// How it ends.
    #[must_use]
    pub const fn settling(&self) -> &Settling {
        &self.settling
    }
}

/// Judges the end of a task by hand.
///
/// # Errors
///
/// The task ended before, ends only by its act, belongs to other roles, or the entry is not whole: an arrival without a
/// day, or before the task began or in the future; any other outcome without words.
pub fn settle(
    task: &Task,
    roles: &[Role],
    settling: Settling,
    now: Timestamp,
) -> Result<Settled, Refusal> {
    let clause = task.opening.kind.clause();
    if !roles
        .iter()
        .any(|role| task.opening.kind.roles().contains(role))
    {
        return Err(Refusal::person(clause, Remedy::TaskOfOthers));
    }
    if task.closed.is_some() {
        return Err(Refusal::state(clause, Remedy::TaskEnded).because("task_ended"));
    }
    if !settling.outcome.fits(task.opening.kind.ends()) {
        return Err(Refusal::state(clause, Remedy::DoWhatTaskAsks).because("task_by_act"));
    }
    if settling.outcome == Outcome::Arrived {
        match settling.day {
            Some(day) if day >= legal_day(task.opened) && day <= legal_day(now) => {}
            Some(_) | None => {
                return Err(
                    Refusal::content(clause, Remedy::EnterArrivalDay).because("arrival_day")
                );
            }
        }
    } else if settling.words.trim().is_empty() {
        return Err(Refusal::content(clause, Remedy::SayWhatCameOfIt).because("outcome_empty"));
    }
    Ok(Settled {
        task: task.id,
        settling,
    })
}

/// So many days from an instant.
#[must_use]
pub fn in_days(now: Timestamp, days: u16) -> Timestamp {
    now.checked_add(SignedDuration::from_hours(24 * i64::from(days)))
        .unwrap_or(Timestamp::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn task(kind: Kind) -> Task {
        Task {
            id: "01J00000000000000000000000".parse().unwrap(),
            opening: Opening {
                kind,
                patient: "01J00000000000000000000001".parse().unwrap(),
                visit: None,
                about: None,
                words: String::new(),
                due: now(),
            },
            opened: now(),
            closed: None,
        }
    }

    fn now() -> Timestamp {
        "2026-11-20T10:00:00+09:00".parse().unwrap()
    }

    fn later() -> Timestamp {
        "2026-11-25T10:00:00+09:00".parse().unwrap()
    }

    fn arrived(day: &str) -> Settling {
        Settling {
            outcome: Outcome::Arrived,
            day: Some(day.parse().unwrap()),
            words: String::new(),
        }
    }

    #[test]
    fn an_arrival_has_a_day_between_the_opening_and_today() {
        let task = task(Kind::InPersonVisit);
        let judge = |settling| settle(&task, &[Role::Reception], settling, later());
        assert!(judge(arrived("2026-11-20")).is_ok());
        assert!(judge(arrived("2026-11-25")).is_ok());
        for wrong in ["2026-11-19", "2026-11-26"] {
            assert_eq!(judge(arrived(wrong)).unwrap_err().reason, "arrival_day");
        }
        let without = Settling {
            day: None,
            ..arrived("2026-11-20")
        };
        assert_eq!(judge(without).unwrap_err().reason, "arrival_day");
    }

    #[test]
    fn what_did_not_happen_is_said_in_words() {
        let task = task(Kind::InPersonVisit);
        for outcome in [Outcome::NotNeeded, Outcome::Lost] {
            let mut settling = Settling {
                outcome,
                day: None,
                words: " \n".into(),
            };
            let judged = settle(&task, &[Role::Nurse], settling.clone(), later());
            assert_eq!(judged.unwrap_err().reason, "outcome_empty");
            settling.words = "三回電話した".into();
            assert!(settle(&task, &[Role::Nurse], settling, later()).is_ok());
        }
    }

    #[test]
    fn a_task_ends_once_by_its_own_people_and_never_by_a_tick_where_an_act_is_asked() {
        let mut task = task(Kind::InPersonVisit);
        assert_eq!(
            settle(
                &task,
                &[Role::Administrator],
                arrived("2026-11-20"),
                later()
            )
            .unwrap_err()
            .ground,
            crate::Ground::Person
        );
        task.closed = Some(Closed {
            at: later(),
            outcome: Outcome::Lost,
            day: None,
            words: String::new(),
        });
        assert_eq!(
            settle(&task, &[Role::Reception], arrived("2026-11-20"), later())
                .unwrap_err()
                .reason,
            "task_ended"
        );
        let review = self::task(Kind::ChartReview);
        for outcome in Outcome::ALL {
            let settling = Settling {
                outcome,
                day: Some("2026-11-20".parse().unwrap()),
                words: "見た".into(),
            };
            assert_eq!(
                settle(&review, &[Role::Physician], settling, later())
                    .unwrap_err()
                    .reason,
                "task_by_act"
            );
        }
    }

    #[test]
    fn every_kind_has_people_and_a_word_of_its_own() {
        for kind in Kind::ALL {
            assert!(!kind.roles().is_empty());
            assert_eq!(Kind::parse(kind.as_str()), Some(*kind));
        }
    }
}
