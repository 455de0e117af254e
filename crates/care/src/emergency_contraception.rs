//! Emergency contraception from the first visit (緊急避妊): on what ground, by whom, one tablet, taken before a trained
//! pharmacist, and seen in person three weeks later.
//!
//! Nothing that stood at the booking is believed at the start: lists, ground and qualification are judged again.

pub mod list;

pub use crate::pathway::Setting;

use crate::{
    ConsultationId, Missing, PatientId, Refusal, Remedy,
    area::Area,
    prescription::{Line, Supply},
};
use access::PersonId;
use guideline::{Clause, clause};
use jiff::{ToSpan as _, civil::Date};
use list::{List, Place, PlaceKind};
use serde::{Deserialize, Serialize};

/// Only for geographic reasons, or where a physician of a counselling service judges a visit in person too hard.
pub const GROUND: Clause = clause("cl-1.2-ec-a");
/// An obstetrician-gynaecologist, or a physician with the designated training (指定研修).
pub const QUALIFIED: Clause = clause("cl-1.2-ec-b");
/// One tablet, dispensed outside (院外処方で一錠).
pub const ONE_TABLET: Clause = clause("cl-1.2-ec-c");
/// Taken before a trained pharmacist (面前での内服).
pub const PHARMACIST: Clause = clause("cl-1.2-ec-d");
/// More reliable contraception is explained by physician and pharmacist (より確かな避妊の説明).
pub const RELIABLE: Clause = clause("cl-1.2-ec-e");
/// Seen in person about three weeks later (三週間後の対面診察).
pub const THREE_WEEKS: Clause = clause("cl-1.2-ec-f");
/// Whoever did not know of an institution is introduced to one, and goes there (対面の医療機関の紹介).
pub const INTRODUCED: Clause = clause("cl-1.2-ec-g");
/// The published list of pharmacies says where to go (公開一覧).
pub const LISTED: Clause = clause("cl-1.2-ec-h");

access::id! {
    /// One time that somebody asked for it, from the question to the end of the course.
    CaseId
}

/// Oldest list of institutions that is used, in days since its source's date; the ministry renews it about so often (要確認).
pub const INSTITUTIONS_DAYS_MAX: u16 = 180;
/// Oldest list of pharmacies unless the institution says less.
pub const PHARMACIES_DAYS_MAX: u16 = 90;
/// After so many days a list is to be loaded anew.
pub const RELOAD_DAYS: u16 = 30;
/// The visit in person lies so many days ahead.
pub const FOLLOW_UP_DAYS: std::ops::RangeInclusive<i32> = 18..=24;
/// Days within which the pharmacist's report comes.
pub const REPORT_DAYS: u16 = 1;
/// Days within which the pharmacist's explanation is known.
pub const ADVICE_DAYS: u16 = 7;
/// Days after which nobody was seen and nothing is entered.
pub const OUTCOME_DAYS: u16 = 24;
/// So many documented attempts end a course in which the patient cannot be reached.
pub const ATTEMPTS: usize = 3;

/// A list as it was loaded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Loaded {
    /// Its number here, from 1.
    pub number: i64,
    /// What it is called.
    pub edition: String,
    /// The day its publisher gave it.
    pub source: Date,
    /// What stands in it.
    pub places: Vec<Place>,
}

impl Loaded {
    /// Whether it may not be used any more.
    #[must_use]
    pub fn is_stale(&self, days_max: u16, today: Date) -> bool {
        self.source.saturating_add(i32::from(days_max).days()) < today
    }

    /// Whether it is to be loaded anew.
    #[must_use]
    pub fn is_to_reload(&self, today: Date) -> bool {
        self.is_stale(RELOAD_DAYS, today)
    }
}

/// The newest of each list.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Lists {
    /// In-person institutions and counselling services.
    pub institutions: Option<Loaded>,
    /// Pharmacies able to dispense.
    pub pharmacies: Option<Loaded>,
}

impl Lists {
    /// The list of institutions, while it may be used.
    ///
    /// # Errors
    ///
    /// None was loaded, or it is too old.
    pub fn institutions(&self, today: Date) -> Result<&Loaded, Refusal> {
        self.institutions
            .as_ref()
            .filter(|loaded| !loaded.is_stale(INSTITUTIONS_DAYS_MAX, today))
            .ok_or_else(|| {
                Refusal::state(INTRODUCED, Remedy::LoadLists).because("institution_list_stale")
            })
    }

    /// The list of pharmacies, while it may be used.
    ///
    /// # Errors
    ///
    /// None was loaded, or it is too old.
    pub fn pharmacies(&self, days_max: u16, today: Date) -> Result<&Loaded, Refusal> {
        self.pharmacies
            .as_ref()
            .filter(|loaded| !loaded.is_stale(days_max, today))
            .ok_or_else(|| Refusal::state(LISTED, Remedy::LoadLists).because("pharmacy_list_stale"))
    }
}

/// Judges whether a list may be loaded.
///
/// # Errors
///
/// Its source's date lies in the future, or before that of the list that is there.
pub fn loadable(
    list: List,
    source: Date,
    before: Option<Date>,
    today: Date,
) -> Result<(), Refusal> {
    let clause = match list {
        List::Institutions => INTRODUCED,
        List::Pharmacies => LISTED,
    };
    if source > today {
        return Err(Refusal::content(clause, Remedy::LoadLists).because("list_of_the_future"));
    }
    if before.is_some_and(|before| source < before) {
        return Err(Refusal::content(clause, Remedy::LoadLists).because("list_older"));
    }
    Ok(())
}

/// Judges whether the service is open.
///
/// # Errors
///
/// It is not switched on, or one of the lists cannot be used.
pub fn open(setting: Option<&Setting>, lists: &Lists, today: Date) -> Result<(), Refusal> {
    let Some(setting) = setting.filter(|setting| setting.is_open()) else {
        return Err(Refusal::state(GROUND, Remedy::OfferService).because("not_offered"));
    };
    lists.institutions(today)?;
    lists.pharmacies(setting.days_max, today)?;
    Ok(())
}

/// What a physician carries in the staff register.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Entry {
    /// Belongs to, or works with, a counselling service (相談窓口に属する・連携する医師).
    Counselling,
    /// Obstetrician-gynaecologist (産婦人科医).
    Obstetrics,
    /// The training that the ministry designated (指定研修).
    Designated,
}

impl Entry {
    /// Every entry.
    pub const ALL: [Self; 3] = [Self::Counselling, Self::Obstetrics, Self::Designated];

    /// The word stored and sent.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Counselling => "counselling",
            Self::Obstetrics => "obstetrics",
            Self::Designated => "designated",
        }
    }

    /// The entry of that word.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|entry| entry.as_str() == word)
    }
}

/// One line of the staff register.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Registered {
    /// Who.
    pub person: PersonId,
    /// What.
    pub entry: Entry,
    /// From which day.
    pub from: Date,
    /// The last day; none where it does not end.
    pub until: Option<Date>,
    /// SHA-256 of the certificate.
    pub digest: String,
    /// Who entered it: never the person.
    pub by: PersonId,
}

impl Registered {
    fn holds(&self, person: PersonId, today: Date) -> bool {
        self.person == person
            && self.by != person
            && !self.digest.is_empty()
            && self.from <= today
            && self.until.is_none_or(|until| until >= today)
    }
}

/// Judges who may treat: a specialist, or somebody with the designated training, on the day.
///
/// # Errors
///
/// No such entry holds.
pub fn qualified(register: &[Registered], person: PersonId, today: Date) -> Result<(), Refusal> {
    let holds = register.iter().any(|one| {
        matches!(one.entry, Entry::Obstetrics | Entry::Designated) && one.holds(person, today)
    });
    if holds {
        Ok(())
    } else {
        Err(Refusal::state(QUALIFIED, Remedy::EnterSpecialty).because("not_qualified"))
    }
}

/// What the patient said after the institutions were shown.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Answer {
    /// 知らなかった: she goes to one of them, and nothing goes on online.
    DidNotKnow {
        /// Which.
        institution: String,
    },
    /// 知っているが、行けない.
    CannotGo {
        /// Because.
        because: String,
    },
}

/// The ground. There is no other.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Ground {
    /// 地理的な事情
    Geographic {
        /// Why none that is near can be reached; needed where one is near.
        explanation: String,
    },
    /// 心理的な事情, judged by a physician of a counselling service.
    Psychological {
        /// Who judged.
        by: PersonId,
        /// The judgement, for nobody but physicians.
        judgement: String,
    },
}

impl Ground {
    /// The word of its text.
    #[must_use]
    pub const fn as_str(&self) -> &'static str {
        match self {
            Self::Geographic { .. } => "geographic",
            Self::Psychological { .. } => "psychological",
        }
    }
}

/// The pharmacy that the patient chose.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Chosen {
    /// Its name.
    pub name: String,
    /// Where.
    pub address: String,
    /// Telephone.
    pub phone: String,
    /// Of which edition of the list.
    pub number: i64,
}

/// The visit in person three weeks later.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FollowUp {
    /// The obstetrician-gynaecologist's institution.
    pub institution: String,
    /// Telephone there.
    pub phone: String,
    /// The day.
    pub on: Date,
    /// Whether there is an appointment; else the institution has agreed to see her on that day.
    pub appointed: bool,
    /// Whether she wants to be reminded by message.
    pub remind: bool,
}

/// What the pharmacist returned.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Report {
    /// The pharmacist's name.
    pub pharmacist: String,
    /// The training is confirmed.
    pub trained: bool,
    /// Taken before the pharmacist's eyes, at this time.
    pub taken: String,
    /// More reliable contraception was explained.
    pub explained: bool,
}

/// How it came out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Outcome {
    /// The day she was seen in person.
    pub seen: Date,
    /// What was found.
    pub words: String,
}

/// One time that somebody asked for it. No `Debug` beside what a test needs: it is of a patient.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Case {
    /// Where she is.
    pub place: String,
    /// The edition of the list of institutions that was shown.
    pub institutions: i64,
    /// Names that were shown.
    pub shown: Vec<String>,
    /// How many of them are in the municipality where she is.
    pub near: usize,
    /// What she said.
    pub answer: Option<Answer>,
    /// On what ground.
    pub ground: Option<Ground>,
    /// Where she takes it.
    pub pharmacy: Option<Chosen>,
    /// Three weeks later.
    pub follow_up: Option<FollowUp>,
    /// She has read of more reliable contraception.
    pub read: bool,
    /// The physician has explained it.
    pub explained: bool,
    /// How it came out.
    pub outcome: Option<Outcome>,
}

/// What the gates look at.
#[derive(Clone, Debug)]
pub struct Facts {
    /// What the institution has set.
    pub setting: Option<Setting>,
    /// The lists.
    pub lists: Lists,
    /// The staff register.
    pub register: Vec<Registered>,
    /// The case of this visit; none where it was booked past the flow.
    pub case: Option<Case>,
    /// Whether another tablet was ordered for this patient in a course that has not ended.
    pub ordered_before: bool,
    /// Whether this visit has lines on its order.
    pub orders: bool,
}

/// Institutions to be shown to somebody who is there: those of the municipality, else those of the prefecture; and how many
/// of them are near.
#[must_use]
pub fn shown<'l>(lists: &'l Loaded, place: &Area) -> (Vec<&'l Place>, usize) {
    let institutions = || {
        lists
            .places
            .iter()
            .filter(|one| one.kind == PlaceKind::Institution)
    };
    let near: Vec<&Place> = institutions().filter(|one| one.area.meets(place)).collect();
    let count = near.len();
    if count > 0 {
        return (near, count);
    }
    let around = institutions()
        .filter(|one| one.area.shares_prefecture(place))
        .collect();
    (around, 0)
}

/// The counselling services, to be telephoned first.
pub fn counselling(lists: &Loaded) -> impl Iterator<Item = &Place> {
    lists
        .places
        .iter()
        .filter(|one| one.kind == PlaceKind::Counselling)
}

/// Judges the answer to what was shown.
///
/// # Errors
///
/// It was given before, names an institution that was not shown, or gives no reason.
pub fn answered(case: &Case, answer: &Answer) -> Result<(), Refusal> {
    if case.answer.is_some() {
        return Err(Refusal::state(INTRODUCED, Remedy::ShowInstitutions).because("answered"));
    }
    match answer {
        Answer::DidNotKnow { institution } if !case.shown.contains(institution) => {
            Err(Refusal::content(INTRODUCED, Remedy::ShowInstitutions).because("not_shown"))
        }
        Answer::CannotGo { because } if because.trim().is_empty() => {
            Err(Refusal::content(INTRODUCED, Remedy::SayWhyNotThere).because("no_reason"))
        }
        Answer::DidNotKnow { .. } | Answer::CannotGo { .. } => Ok(()),
    }
}

/// Judges a ground: only after she has said that she knows of institutions and cannot go.
///
/// # Errors
///
/// She did not know, or has not said; a place is near and nothing explains it; the judging physician has no entry, or no
/// judgement is written.
pub fn grounded(
    case: &Case,
    ground: Option<&Ground>,
    register: &[Registered],
    today: Date,
) -> Result<(), Refusal> {
    match &case.answer {
        Some(Answer::CannotGo { .. }) => {}
        Some(Answer::DidNotKnow { .. }) => {
            return Err(Refusal::state(INTRODUCED, Remedy::GoToInstitution).because("did_not_know"));
        }
        None => {
            return Err(Refusal::state(INTRODUCED, Remedy::ShowInstitutions).because("unanswered"));
        }
    }
    match ground {
        None => Err(Refusal::state(GROUND, Remedy::ChooseGround).because("no_ground")),
        Some(Ground::Geographic { explanation })
            if case.near > 0 && explanation.trim().is_empty() =>
        {
            Err(Refusal::state(GROUND, Remedy::SayWhyNotThere).because("institution_near"))
        }
        Some(Ground::Geographic { .. }) => Ok(()),
        Some(Ground::Psychological { by, judgement }) => {
            let entered = register
                .iter()
                .any(|one| one.entry == Entry::Counselling && one.holds(*by, today));
            if !entered {
                return Err(Refusal::state(GROUND, Remedy::EnterCounselling)
                    .because("no_counselling_entry"));
            }
            if judgement.trim().is_empty() {
                return Err(
                    Refusal::content(GROUND, Remedy::WriteJudgement).because("no_judgement")
                );
            }
            Ok(())
        }
    }
}

/// An hour may exist for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use]
pub struct Bookable(());

/// Judges the booking: the service is open, the physician is qualified, the ground stands.
///
/// # Errors
///
/// The first of them that does not.
pub fn bookable(facts: &Facts, physician: PersonId, today: Date) -> Result<Bookable, Refusal> {
    open(facts.setting.as_ref(), &facts.lists, today)?;
    qualified(&facts.register, physician, today)?;
    stands(facts, today)?;
    Ok(Bookable(()))
}

/// Judges the ground of a case that is there.
///
/// # Errors
///
/// The flow was passed by, or the ground does not stand any more.
pub fn stands(facts: &Facts, today: Date) -> Result<(), Refusal> {
    let case = facts
        .case
        .as_ref()
        .ok_or_else(|| Refusal::state(INTRODUCED, Remedy::ShowInstitutions).because("no_flow"))?;
    grounded(case, case.ground.as_ref(), &facts.register, today)
}

/// Judges the lines of the order: one tablet of the service's own drug, nothing again, and no other order in the course.
///
/// # Errors
///
/// More, again, another drug, or a second order.
pub fn tablet(facts: &Facts, lines: &[Line]) -> Result<(), Refusal> {
    let refused = |reason| Err(Refusal::state(ONE_TABLET, Remedy::OneTablet).because(reason));
    let Some(line) = lines.first() else {
        return Ok(());
    };
    if facts.ordered_before {
        return refused("ordered_before");
    }
    if lines.len() > 1 {
        return refused("second_line");
    }
    let listed = facts
        .setting
        .as_ref()
        .is_some_and(|setting| setting.drugs.contains(&line.drug));
    if !listed {
        return Err(Refusal::state(ONE_TABLET, Remedy::OneTablet)
            .because("other_drug")
            .naming([Missing::Named(line.drug.to_string())]));
    }
    if line.refills != 0 {
        return refused("refilled");
    }
    let once = match line.supply {
        Supply::AsNeeded { doses, .. } => doses == 1,
        Supply::Daily { days } => days == 1,
        Supply::Package { .. } => false,
    };
    if !once || line.directions.amount_milli != 1_000 {
        return refused("more_than_one");
    }
    Ok(())
}

/// How a patient gets the drug, as it was asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    /// At the pharmacy's counter.
    Counter,
    /// By mail, or handed out here.
    Other,
}

/// Judges the choice of a pharmacy: one of the list in force, and never by mail.
///
/// # Errors
///
/// Another way, the list cannot be used, or the pharmacy is not on it.
pub fn sendable<'f>(
    facts: &'f Facts,
    (name, address): (&str, &str),
    way: Way,
    today: Date,
) -> Result<&'f Place, Refusal> {
    if way != Way::Counter {
        return Err(Refusal::state(PHARMACIST, Remedy::ChoosePharmacy).because("by_mail"));
    }
    let days_max = facts
        .setting
        .as_ref()
        .map_or(PHARMACIES_DAYS_MAX, |setting| setting.days_max);
    facts
        .lists
        .pharmacies(days_max, today)?
        .places
        .iter()
        .find(|one| one.kind == PlaceKind::Pharmacy && one.name == name && one.address == address)
        .ok_or_else(|| {
            Refusal::state(PHARMACIST, Remedy::ChoosePharmacy).because("pharmacy_not_listed")
        })
}

/// Judges that a pharmacy of the list in force was chosen.
///
/// # Errors
///
/// None was chosen, or it is not on the list any more.
pub fn sent(facts: &Facts, today: Date) -> Result<(), Refusal> {
    let chosen = facts
        .case
        .as_ref()
        .and_then(|case| case.pharmacy.as_ref())
        .ok_or_else(|| Refusal::state(PHARMACIST, Remedy::ChoosePharmacy).because("no_pharmacy"))?;
    sendable(facts, (&chosen.name, &chosen.address), Way::Counter, today).map(|_| ())
}

/// Judges the visit in person three weeks later, as it stands on the day of the signature.
///
/// # Errors
///
/// None is arranged, or its day lies outside the window.
pub fn followed(case: Option<&Case>, today: Date) -> Result<(), Refusal> {
    let refused =
        |reason| Err(Refusal::state(THREE_WEEKS, Remedy::ArrangeThreeWeeks).because(reason));
    let Some(follow_up) = case.and_then(|case| case.follow_up.as_ref()) else {
        return refused("no_appointment");
    };
    if follow_up.institution.trim().is_empty() {
        return refused("no_institution");
    }
    let days = today.until(follow_up.on).map_or(0, |span| span.get_days());
    if FOLLOW_UP_DAYS.contains(&days) {
        Ok(())
    } else {
        refused("not_three_weeks")
    }
}

/// Judges that more reliable contraception was explained by the physician, on material that the patient has.
///
/// # Errors
///
/// It was not.
pub fn explained(case: Option<&Case>) -> Result<(), Refusal> {
    match case {
        Some(case) if case.read && case.explained => Ok(()),
        Some(case) if case.read => {
            Err(Refusal::state(RELIABLE, Remedy::ExplainReliable).because("not_explained"))
        }
        Some(_) | None => Err(Refusal::state(RELIABLE, Remedy::ReadReliable).because("not_read")),
    }
}

/// Judges a pharmacist's report.
///
/// # Errors
///
/// One was returned before; or it has no name, no confirmed training, or no time.
pub fn reported(before: bool, report: &Report) -> Result<(), Refusal> {
    if before {
        return Err(Refusal::state(PHARMACIST, Remedy::ReportOnce).because("reported_before"));
    }
    if report.pharmacist.trim().is_empty() || !report.trained || report.taken.trim().is_empty() {
        return Err(Refusal::content(PHARMACIST, Remedy::CompleteReport).because("report_open"));
    }
    Ok(())
}

/// A course may end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use]
pub struct Ended(());

/// Judges the end of a course: seen in person with what was found, or tried three times and documented.
///
/// # Errors
///
/// Neither was entered.
pub fn ended(case: &Case, attempts: usize) -> Result<Ended, Refusal> {
    let seen = case
        .outcome
        .as_ref()
        .is_some_and(|outcome| !outcome.words.trim().is_empty());
    if seen || attempts >= ATTEMPTS {
        Ok(Ended(()))
    } else {
        Err(Refusal::state(THREE_WEEKS, Remedy::ConfirmOutcome).because("outcome_unconfirmed"))
    }
}

/// Judges the day on which she was seen: after the prescription, not in the future.
///
/// # Errors
///
/// Another day, or nothing is said of what was found.
pub fn seen(outcome: &Outcome, signed: Date, today: Date) -> Result<(), Refusal> {
    if outcome.seen < signed || outcome.seen > today || outcome.words.trim().is_empty() {
        return Err(Refusal::content(THREE_WEEKS, Remedy::ConfirmOutcome).because("outcome_day"));
    }
    Ok(())
}

/// A case as it is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Kept {
    /// Its name.
    pub id: CaseId,
    /// Of whom.
    pub patient: PatientId,
    /// The visit that was booked on it.
    pub visit: Option<ConsultationId>,
    /// What is known.
    pub case: Case,
    /// Whether the course has ended.
    pub ended: bool,
}
