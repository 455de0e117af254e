//! Smoking cessation (禁煙外来) without any visit in person: only where check-ups exclude an overlooked disease, the treatment
//! carries very low risk, and benefits and disadvantages were weighed for this patient.
//!
//! What was judged when a course began is judged again at each booking and each start: a check-up ages.

use crate::{
    Missing, Part, PatientId, Refusal, Remedy, formulary::Code, pathway::Setting,
    prescription::Line,
};
use guideline::{Clause, clause};
use jiff::{Timestamp, ToSpan as _, civil::Date};
use serde::{Deserialize, Serialize};

/// Regular check-ups exclude that a disease is overlooked (健診などで見落としのおそれがない).
pub const CHECKED_UP: Clause = clause("cl-1.2-ix-a");
/// The treatment carries very low risk (治療の危険がごく低い).
pub const LOW_RISK: Clause = clause("cl-1.2-ix-b");
/// Benefits and disadvantages for the patient are weighed (利益と不利益).
pub const WEIGHED: Clause = clause("cl-1.2-ix-c");

/// Oldest check-up, in days, unless the institution says less.
pub const CHECKUP_DAYS_MAX: u16 = 365;
/// Furthest day of a visit in person that is set, in months. Ours.
pub const VISIT_MONTHS_MAX: i32 = 6;

access::id! {
    /// One check-up (健診の記録) of a patient.
    CheckupId
}

access::id! {
    /// One course of smoking cessation as a physician signed it (禁煙治療の計画).
    CourseId
}

/// A check-up, as the paper says it. No `Debug`: it is of a patient.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Checkup {
    /// The day of the check-up.
    pub on: Date,
    /// What came of it.
    pub result: String,
    /// Which paper says so.
    pub source: String,
    /// The physician's statement that the risk of an overlooked disease is excluded, with its grounds.
    pub excluded: String,
}

/// What may speak against the medicines (薬を使えない・気をつける事情). Every one is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Question {
    /// Psychiatric history (精神疾患).
    Psychiatric,
    /// Renal function (腎機能).
    Renal,
    /// Cardiac history (心臓の病気).
    Cardiac,
    /// Driving, or work with dangerous machines (運転や危険な機械).
    Driving,
}

impl Question {
    /// Every question, in the order asked.
    pub const ALL: [Self; 4] = [Self::Psychiatric, Self::Renal, Self::Cardiac, Self::Driving];

    /// The word stored and sent.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Psychiatric => "psychiatric",
            Self::Renal => "renal",
            Self::Cardiac => "cardiac",
            Self::Driving => "driving",
        }
    }

    const fn part(self) -> Part {
        match self {
            Self::Psychiatric => Part::Psychiatric,
            Self::Renal => Part::Renal,
            Self::Cardiac => Part::Cardiac,
            Self::Driving => Part::Driving,
        }
    }
}

/// Whether the patient is seen in person.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Way {
    /// Online alone (対面なし).
    OnlineOnly,
    /// With a visit in person by this day (対面の日を決める).
    WithVisit(Date),
}

/// What a physician signs for one patient. No `Debug`: clinical words.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Terms {
    /// Online alone, or with a visit.
    pub way: Way,
    /// Questions that were answered with yes; all of them were asked.
    pub yes: Vec<Question>,
    /// The medicines, of the institution's list.
    pub drugs: Vec<Code>,
    /// The judgement that the risk is very low, with its grounds.
    pub low_risk: String,
    /// What this patient gains by having no visit in person.
    pub benefits: String,
    /// What this patient loses by it.
    pub disadvantages: String,
}

/// A course as it is kept.
#[derive(Clone, PartialEq, Eq)]
pub struct Course {
    /// Its name.
    pub id: CourseId,
    /// Whose.
    pub patient: PatientId,
    /// The version of the care plan that was in force when it was signed; none before the first visit.
    pub plan_version: Option<i64>,
    /// What was signed.
    pub terms: Terms,
    /// When.
    pub signed: Timestamp,
    /// When the patient acknowledged benefits and disadvantages.
    pub acknowledged: Option<Timestamp>,
}

/// What a visit of this service rests on.
#[derive(Clone)]
pub struct Facts {
    /// What the institution has set.
    pub setting: Option<Setting>,
    /// The newest check-up.
    pub checkup: Option<Checkup>,
    /// The newest course.
    pub course: Option<Course>,
    /// Days on which the patient was seen in person.
    pub seen: Vec<Date>,
}

/// Judges whether the service is there.
///
/// # Errors
///
/// The administrator has not switched it on, with its medicines.
pub fn open(setting: Option<&Setting>) -> Result<&Setting, Refusal> {
    setting.filter(|setting| setting.is_open()).ok_or_else(|| {
        Refusal::state(LOW_RISK, Remedy::OfferSmoking).because("smoking_not_offered")
    })
}

/// Judges a check-up before it is kept.
///
/// # Errors
///
/// Its day lies ahead, or one of result, source and statement is empty (422).
pub fn enterable(checkup: &Checkup, today: Date) -> Result<(), Refusal> {
    let wrong = |why| Err(Refusal::content(CHECKED_UP, Remedy::EnterCheckup).because(why));
    if checkup.on > today {
        return wrong("checkup_of_the_future");
    }
    if checkup.result.trim().is_empty() || checkup.source.trim().is_empty() {
        return wrong("checkup_incomplete");
    }
    if checkup.excluded.trim().is_empty() {
        return wrong("risk_not_excluded");
    }
    Ok(())
}

/// Judges whether check-ups exclude an overlooked disease today (cl-1.2-ix-a).
///
/// # Errors
///
/// None is there, or the newest is too old.
pub fn checked_up(checkup: Option<&Checkup>, days_max: u16, today: Date) -> Result<(), Refusal> {
    let no = |why| Err(Refusal::state(CHECKED_UP, Remedy::RenewCheckup).because(why));
    match checkup {
        None => no("checkup_missing"),
        Some(checkup) if enterable(checkup, today).is_err() => no("checkup_incomplete"),
        Some(checkup) if !is_recent(checkup.on, days_max, today) => no("checkup_old"),
        Some(_) => Ok(()),
    }
}

fn is_recent(on: Date, days_max: u16, today: Date) -> bool {
    on <= today && on.saturating_add(i32::from(days_max).days()) >= today
}

/// Judges medicines and what speaks against them (cl-1.2-ix-b).
///
/// # Errors
///
/// No medicine, or one that is not on the institution's list; no judgement; or something speaks against going on online alone.
pub fn light(terms: &Terms, setting: &Setting) -> Result<(), Refusal> {
    if terms.drugs.is_empty() {
        return Err(Refusal::content(LOW_RISK, Remedy::ChooseListedDrug).because("no_drug"));
    }
    if let Some(other) = terms
        .drugs
        .iter()
        .find(|code| !setting.drugs.contains(code))
    {
        return Err(outside(*other));
    }
    if terms.low_risk.trim().is_empty() {
        return Err(Refusal::content(LOW_RISK, Remedy::JudgeLowRisk).because("risk_unjudged"));
    }
    if terms.way == Way::OnlineOnly && !terms.yes.is_empty() {
        return Err(Refusal::state(LOW_RISK, Remedy::SetVisit)
            .because("contraindicated")
            .naming(terms.yes.iter().map(|question| question.part())));
    }
    Ok(())
}

fn outside(code: Code) -> Refusal {
    Refusal::state(LOW_RISK, Remedy::ChooseListedDrug)
        .because("drug_outside")
        .naming([Missing::Named(code.to_string())])
}

/// Judges that benefits and disadvantages were weighed (cl-1.2-ix-c): both are written, and not the same words twice.
///
/// # Errors
///
/// One is empty, or they are identical (422).
pub fn weighed(terms: &Terms) -> Result<(), Refusal> {
    let words = |text: &str| text.split_whitespace().collect::<Vec<_>>().concat();
    let (benefits, disadvantages) = (words(&terms.benefits), words(&terms.disadvantages));
    let wrong = |why| Err(Refusal::content(WEIGHED, Remedy::WeighBoth).because(why));
    if benefits.is_empty() || disadvantages.is_empty() {
        return wrong("weighing_empty");
    }
    if benefits == disadvantages {
        return wrong("weighing_identical");
    }
    Ok(())
}

/// A course may be signed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use]
pub struct Signable(());

/// Judges the signature on a course.
///
/// # Errors
///
/// The service is off; something is not written; the medicines or the answers forbid it; no check-up carries it; or the day
/// of the visit in person does not lie ahead.
pub fn signable(terms: &Terms, facts: &Facts, today: Date) -> Result<Signable, Refusal> {
    let setting = open(facts.setting.as_ref())?;
    weighed(terms)?;
    light(terms, setting)?;
    match terms.way {
        Way::OnlineOnly => checked_up(facts.checkup.as_ref(), setting.days_max, today)?,
        Way::WithVisit(on) => {
            let last = today.saturating_add(VISIT_MONTHS_MAX.months());
            if on < today || on > last {
                return Err(
                    Refusal::content(CHECKED_UP, Remedy::SetVisit).because("visit_day_wrong")
                );
            }
        }
    }
    Ok(Signable(()))
}

/// The course that a visit rests on.
///
/// # Errors
///
/// None was signed.
fn course(facts: &Facts) -> Result<&Course, Refusal> {
    facts
        .course
        .as_ref()
        .ok_or_else(|| Refusal::state(CHECKED_UP, Remedy::SignCourse).because("no_course"))
}

/// Judges whether a disease can be overlooked as things stand today (cl-1.2-ix-a): a check-up that has not aged out, or
/// somebody has seen the patient in person, or will by the day that was set.
///
/// # Errors
///
/// No course; the check-up aged out and nobody has seen the patient; or the day set for the visit in person went by.
pub fn safe(facts: &Facts, today: Date) -> Result<(), Refusal> {
    let setting = open(facts.setting.as_ref())?;
    let course = course(facts)?;
    let seen_since = |day: Date| facts.seen.iter().any(|on| (day..=today).contains(on));
    match course.terms.way {
        Way::OnlineOnly => {
            let since = today.saturating_sub(i32::from(setting.days_max).days());
            if seen_since(since) {
                return Ok(());
            }
            checked_up(facts.checkup.as_ref(), setting.days_max, today)
        }
        Way::WithVisit(on) if today <= on => Ok(()),
        Way::WithVisit(_) if seen_since(crate::legal_day(course.signed)) => Ok(()),
        Way::WithVisit(_) => {
            Err(Refusal::state(CHECKED_UP, Remedy::RenewCheckup).because("visit_missed"))
        }
    }
}

/// Judges the medicines and answers of a course as the institution's list stands today (cl-1.2-ix-b).
///
/// # Errors
///
/// As [`light`]; or no course was signed.
pub fn low_risk(facts: &Facts) -> Result<(), Refusal> {
    light(&course(facts)?.terms, open(facts.setting.as_ref())?)
}

/// Judges that the patient has acknowledged what was weighed (cl-1.2-ix-c).
///
/// # Errors
///
/// Not yet.
pub fn acknowledged(facts: &Facts) -> Result<(), Refusal> {
    let course = course(facts)?;
    weighed(&course.terms)?;
    match course.acknowledged {
        Some(_) => Ok(()),
        None => {
            Err(Refusal::state(WEIGHED, Remedy::AcknowledgeWeighing)
                .because("weighing_unacknowledged"))
        }
    }
}

/// An hour may exist for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use]
pub struct Bookable(());

/// Judges the booking: everything but the patient's word, which follows on the patient's own pages.
///
/// # Errors
///
/// As [`safe`] and [`low_risk`].
pub fn bookable(facts: &Facts, today: Date) -> Result<Bookable, Refusal> {
    safe(facts, today)?;
    low_risk(facts)?;
    Ok(Bookable(()))
}

/// Whether a course online alone stands today: its check-up takes the place of the plan's visit in person.
#[must_use]
pub fn in_place_of_visit(facts: &Facts, today: Date) -> bool {
    course(facts).is_ok_and(|course| course.terms.way == Way::OnlineOnly)
        && bookable(facts, today).is_ok()
}

/// Judges the lines of an order (cl-1.2-ix-b): medicines of the course, as far as they are on the list today.
///
/// # Errors
///
/// A line with another drug.
pub fn listed(facts: &Facts, lines: &[Line]) -> Result<(), Refusal> {
    if lines.is_empty() {
        return Ok(());
    }
    let setting = open(facts.setting.as_ref())?;
    let course = course(facts)?;
    let other = lines
        .iter()
        .map(|line| line.drug)
        .find(|drug| !(setting.drugs.contains(drug) && course.terms.drugs.contains(drug)));
    other.map_or(Ok(()), |drug| Err(outside(drug)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    const TODAY: Date = date(2026, 11, 22);

    fn code(text: &str) -> Code {
        text.parse().unwrap()
    }

    fn terms(way: Way) -> Terms {
        Terms {
            way,
            yes: Vec::new(),
            drugs: vec![code("620000017")],
            low_risk: "持病なし".into(),
            benefits: "仕事を休まずに通える".into(),
            disadvantages: "聴診ができない".into(),
        }
    }

    fn facts(way: Way) -> Facts {
        Facts {
            setting: Some(Setting {
                offered: true,
                drugs: vec![code("620000017"), code("620000018")],
                days_max: CHECKUP_DAYS_MAX,
            }),
            checkup: Some(Checkup {
                on: date(2026, 6, 1),
                result: "異常なし".into(),
                source: "職場の健診".into(),
                excluded: "胸部X線に所見なし".into(),
            }),
            course: Some(Course {
                id: CourseId(access::Ulid::from_bytes([1; 16])),
                patient: PatientId(access::Ulid::from_bytes([2; 16])),
                plan_version: None,
                terms: terms(way),
                signed: "2026-11-01T00:00:00Z".parse().unwrap(),
                acknowledged: None,
            }),
            seen: Vec::new(),
        }
    }

    fn reason<T>(judged: Result<T, Refusal>) -> &'static str {
        judged.err().map_or("", |refusal| refusal.reason)
    }

    #[test]
    fn cl_1_2_ix_a_a_checkup_counts_for_a_year_and_to_the_day() {
        let mut facts = facts(Way::OnlineOnly);
        for (on, why) in [
            (date(2025, 11, 22), ""),
            (date(2025, 11, 21), "checkup_old"),
            (date(2026, 11, 23), "checkup_incomplete"),
        ] {
            facts.checkup.as_mut().unwrap().on = on;
            assert_eq!(reason(safe(&facts, TODAY)), why, "{on}");
        }
        // Whoever was seen in person within that time is carried by it; not by a visit before it.
        facts.checkup = None;
        for (on, why) in [
            (date(2026, 11, 22), ""),
            (date(2025, 11, 22), ""),
            (date(2025, 11, 21), "checkup_missing"),
            (date(2026, 11, 23), "checkup_missing"),
        ] {
            facts.seen = vec![on];
            assert_eq!(reason(safe(&facts, TODAY)), why, "{on}");
        }
    }

    #[test]
    fn cl_1_2_ix_a_a_visit_that_was_set_holds_until_its_day_and_after_it_only_if_it_took_place() {
        let mut facts = facts(Way::WithVisit(date(2026, 11, 22)));
        facts.checkup = None;
        assert_eq!(reason(safe(&facts, TODAY)), "");
        let after = date(2026, 11, 23);
        assert_eq!(reason(safe(&facts, after)), "visit_missed");
        facts.seen = vec![date(2026, 10, 31)];
        assert_eq!(reason(safe(&facts, after)), "visit_missed");
        facts.seen.push(date(2026, 11, 20));
        assert_eq!(reason(safe(&facts, after)), "");
    }

    #[test]
    fn cl_1_2_ix_b_each_answer_alone_removes_the_way_online_only() {
        let mut facts = facts(Way::OnlineOnly);
        assert!(in_place_of_visit(&facts, TODAY));
        for question in Question::ALL {
            let mut terms = terms(Way::OnlineOnly);
            terms.yes = vec![question];
            assert_eq!(reason(signable(&terms, &facts, TODAY)), "contraindicated");
            facts.course.as_mut().unwrap().terms = terms.clone();
            assert_eq!(reason(bookable(&facts, TODAY)), "contraindicated");
            assert!(!in_place_of_visit(&facts, TODAY));
            terms.way = Way::WithVisit(TODAY);
            assert_eq!(reason(signable(&terms, &facts, TODAY)), "");
        }
    }

    #[test]
    fn cl_1_2_ix_c_the_same_words_with_other_spaces_are_no_weighing() {
        let mut terms = terms(Way::OnlineOnly);
        terms.disadvantages = "仕事を 休まずに\n通える ".into();
        assert_eq!(reason(weighed(&terms)), "weighing_identical");
        terms.disadvantages = " \n".into();
        assert_eq!(reason(weighed(&terms)), "weighing_empty");
    }
}
