//! The nine items of a plan, what makes each complete, and what counts as a change in substance.

use super::{
    ACUTE_POLICY, COMBINATION, COOPERATION, HOURS, METHOD, ONLINE_CARE, PHYSICIANS, RESPONSIBILITY,
    STOP_CONDITIONS,
};
use crate::{Missing, Part, PartnerId, Remedy, partner::Partner, rota::Team};
use access::PersonId;
use guideline::Clause;
use jiff::{SignedDuration, Timestamp, civil::Date};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// One of the nine items.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[expect(missing_docs, reason = "named after the clauses above")]
pub enum Item {
    OnlineCare,
    Combination,
    Hours,
    Method,
    StopConditions,
    Cooperation,
    AcutePolicy,
    Physicians,
    Responsibility,
}

impl Item {
    /// Every item, in the guideline's order.
    pub const ALL: [Self; 9] = [
        Self::OnlineCare,
        Self::Combination,
        Self::Hours,
        Self::Method,
        Self::StopConditions,
        Self::Cooperation,
        Self::AcutePolicy,
        Self::Physicians,
        Self::Responsibility,
    ];

    /// The word stored and sent.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::OnlineCare => "online_care",
            Self::Combination => "combination",
            Self::Hours => "hours",
            Self::Method => "method",
            Self::StopConditions => "stop_conditions",
            Self::Cooperation => "cooperation",
            Self::AcutePolicy => "acute_policy",
            Self::Physicians => "physicians",
            Self::Responsibility => "responsibility",
        }
    }

    /// The clause that asks for it.
    #[must_use]
    pub const fn clause(self) -> Clause {
        match self {
            Self::OnlineCare => ONLINE_CARE,
            Self::Combination => COMBINATION,
            Self::Hours => HOURS,
            Self::Method => METHOD,
            Self::StopConditions => STOP_CONDITIONS,
            Self::Cooperation => COOPERATION,
            Self::AcutePolicy => ACUTE_POLICY,
            Self::Physicians => PHYSICIANS,
            Self::Responsibility => RESPONSIBILITY,
        }
    }
}

/// The nine items as written. Sealed at rest.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "named after the items")]
pub struct Draft {
    pub online_care: OnlineCare,
    pub combination: Combination,
    pub hours: Hours,
    pub method: Method,
    pub stop: StopConditions,
    pub cooperation: Cooperation,
    pub acute: Acute,
    pub physicians: Vec<PlanPhysician>,
    pub responsibility: Responsibility,
    /// Why several physicians are listed in item 8.
    #[serde(default)]
    pub team: Option<Team>,
}

/// Item 1.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct OnlineCare {
    /// At least one, by code.
    pub diagnoses: Vec<Diagnosis>,
    /// What is done.
    pub treatment: String,
}

/// A coded diagnosis.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Diagnosis {
    /// ICD-10 or 標準病名 code.
    pub code: String,
    /// Name.
    pub name: String,
}

/// Item 2.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Combination {
    /// In person every so many months.
    pub every_months: Option<u8>,
    /// In person after so many online visits.
    pub every_visits: Option<u8>,
    /// Tests with due dates.
    pub tests: Vec<Test>,
    /// By when the patient is assessed in person, where the plan rests on a first visit online.
    #[serde(default)]
    pub assess_by: Option<Date>,
}

/// A test that is due.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Test {
    /// What.
    pub name: String,
    /// By when.
    pub due: Date,
}

/// Item 3.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hours {
    /// By appointment or at fixed hours.
    pub mode: Option<HoursMode>,
    /// Usual length.
    pub length_minutes: u16,
    /// Lateness and cancelling.
    pub lateness: String,
    /// Contact outside hours.
    pub outside: String,
}

/// How times are agreed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum HoursMode {
    /// 予約制
    Appointment,
    /// 決まった時間
    Fixed,
}

/// Item 4.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Method {
    /// System and version line.
    pub system: String,
    /// Kinds of patient device.
    pub devices: String,
    /// Lent instruments, if any.
    pub lent: String,
    /// Telephone, for reconnecting only.
    pub fallback: String,
}

/// Item 5.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct StopConditions {
    /// Clinical conditions.
    pub clinical: Vec<String>,
    /// Technical conditions.
    pub technical: Vec<String>,
    /// Seconds without the patient's media after which the visit stops.
    pub lost_seconds: u16,
    /// Where care goes on in person.
    pub destination: String,
    /// How to reach it.
    pub contact: String,
}

impl StopConditions {
    /// Whether the patient's media have been away for longer than the plan allows: the visit goes on in person.
    ///
    /// A plan that names no limit (zero) sets none.
    #[must_use]
    pub fn lost_too_long(&self, lost: Timestamp, now: Timestamp) -> bool {
        let limit = SignedDuration::from_secs(i64::from(self.lost_seconds));
        self.lost_seconds > 0 && now.duration_since(lost) > limit
    }
}

/// Item 6.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cooperation {
    /// That the patient's help is needed.
    pub statement: String,
    /// What to prepare.
    pub prepare: Vec<String>,
}

/// Item 7.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Acute {
    /// Whether this institution responds itself.
    pub own: bool,
    /// Otherwise which partner does.
    pub partner: Option<PartnerId>,
    /// What the patient does.
    pub policy: String,
}

/// One line of item 8.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlanPhysician {
    /// Who.
    pub person: PersonId,
    /// Name as shown.
    pub name: String,
    /// In which case; for a single physician, that there is one.
    pub when: String,
    /// Specialty, as the register of staff gives it.
    #[serde(default)]
    pub specialty: String,
    /// The institution, where it is a partner and not this one.
    #[serde(default)]
    pub partner: Option<PartnerId>,
}

/// Item 9, generated from the boundary register.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Responsibility {
    /// Every part of the way.
    pub segments: Vec<Segment>,
    /// Digest of the register.
    pub digest: String,
}

/// One part of the way from the patient's device to the record.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Segment {
    /// Its tag: `patient_device`, `network`, `host`…
    pub name: String,
    /// Who answers for it: exactly one.
    pub owners: Vec<String>,
}

/// One thing that keeps an item from being complete.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ItemFault {
    /// Which item.
    pub item: Item,
    /// Which part of it.
    pub part: Part,
    /// What is named: the part itself, or a segment.
    pub names: Vec<Missing>,
}

impl ItemFault {
    /// What mends it.
    #[must_use]
    pub const fn remedy(&self) -> Remedy {
        match self.item {
            Item::Responsibility => Remedy::OwnSegment,
            Item::OnlineCare
            | Item::Combination
            | Item::Hours
            | Item::Method
            | Item::StopConditions
            | Item::Cooperation
            | Item::AcutePolicy
            | Item::Physicians => Remedy::CompletePlan,
        }
    }
}

/// Everything that keeps a draft from being complete, in the order of the items.
#[must_use]
pub fn complete(draft: &Draft, partners: &[Partner], today: Date) -> Vec<ItemFault> {
    let mut faults = Vec::new();
    let mut fault = |item, part: Part| {
        faults.push(ItemFault {
            item,
            part,
            names: vec![part.into()],
        });
    };
    let care = &draft.online_care;
    if !care
        .diagnoses
        .iter()
        .any(|diagnosis| filled(&diagnosis.code) && filled(&diagnosis.name))
    {
        fault(Item::OnlineCare, Part::Diagnosis);
    }
    if !filled(&care.treatment) {
        fault(Item::OnlineCare, Part::Treatment);
    }
    let rule = &draft.combination;
    if rule.every_months.unwrap_or(0) == 0 && rule.every_visits.unwrap_or(0) == 0 {
        fault(Item::Combination, Part::Rule);
    }
    if draft.hours.mode.is_none() {
        fault(Item::Hours, Part::Mode);
    }
    if draft.hours.length_minutes == 0 {
        fault(Item::Hours, Part::Length);
    }
    if !filled(&draft.hours.outside) {
        fault(Item::Hours, Part::Outside);
    }
    if !filled(&draft.method.system) || !filled(&draft.method.devices) {
        fault(Item::Method, Part::System);
    }
    if !filled(&draft.method.fallback) {
        fault(Item::Method, Part::Fallback);
    }
    let stop = &draft.stop;
    if !stop.clinical.iter().any(|reason| filled(reason)) {
        fault(Item::StopConditions, Part::Clinical);
    }
    if !stop.technical.iter().any(|reason| filled(reason)) {
        fault(Item::StopConditions, Part::Technical);
    }
    if !filled(&stop.destination) || !filled(&stop.contact) {
        fault(Item::StopConditions, Part::Destination);
    }
    if !filled(&draft.cooperation.statement) {
        fault(Item::Cooperation, Part::Statement);
    }
    if !acute_covered(&draft.acute, partners, today) {
        fault(Item::AcutePolicy, Part::Institution);
    }
    if !filled(&draft.acute.policy) {
        fault(Item::AcutePolicy, Part::Policy);
    }
    if draft.physicians.is_empty() || !draft.physicians.iter().all(|listed| filled(&listed.name)) {
        fault(Item::Physicians, Part::Names);
    }
    if !draft.physicians.iter().all(|listed| filled(&listed.when)) {
        fault(Item::Physicians, Part::When);
    }
    faults.extend(unowned(&draft.responsibility));
    faults
}

fn unowned(responsibility: &Responsibility) -> Option<ItemFault> {
    if responsibility.segments.is_empty() {
        return Some(ItemFault {
            item: Item::Responsibility,
            part: Part::Segments,
            names: vec![Part::Segments.into()],
        });
    }
    let names: Vec<Missing> = owners_by_segment(responsibility)
        .into_iter()
        .filter(|(_, owners)| owners.iter().filter(|owner| filled(owner)).count() != 1)
        .map(|(name, _)| Missing::Named(name.to_owned()))
        .collect();
    (!names.is_empty()).then_some(ItemFault {
        item: Item::Responsibility,
        part: Part::Segments,
        names,
    })
}

/// The owners of each part of the way; a part that is written twice has the owners of both lines.
fn owners_by_segment(responsibility: &Responsibility) -> BTreeMap<&str, Vec<&str>> {
    let mut owners: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for segment in &responsibility.segments {
        owners
            .entry(segment.name.trim())
            .or_default()
            .extend(segment.owners.iter().map(String::as_str));
    }
    owners
}

/// Whether a sudden change is covered: by ourselves, or by a partner whose entry is in force and can be reached.
pub(crate) fn acute_covered(acute: &Acute, partners: &[Partner], today: Date) -> bool {
    acute.own
        || acute.partner.is_some_and(|id| {
            partners.iter().any(|partner| {
                partner.id == id
                    && partner.kind.sees_patients()
                    && partner.valid_until >= today
                    && filled(&partner.phone)
                    && filled(&partner.hours)
            })
        })
}

/// Items that differ in substance. Corrections of dates within the rule, of contacts and of wording ask nothing anew.
#[must_use]
pub fn changes(before: &Draft, after: &Draft) -> Vec<Item> {
    Item::ALL
        .into_iter()
        .filter(|item| substance(before, *item) != substance(after, *item))
        .collect()
}

/// What of an item the patient must have read.
fn substance(draft: &Draft, item: Item) -> Vec<String> {
    match item {
        Item::OnlineCare => draft
            .online_care
            .diagnoses
            .iter()
            .map(|diagnosis| diagnosis.code.clone())
            .chain([plain(&draft.online_care.treatment)])
            .collect(),
        Item::Combination => vec![
            format!("{:?}", draft.combination.every_months),
            format!("{:?}", draft.combination.every_visits),
            draft.combination.assess_by.is_some().to_string(),
            draft
                .combination
                .tests
                .iter()
                .map(|test| plain(&test.name))
                .collect::<Vec<_>>()
                .join("\n"),
        ],
        Item::Hours => vec![
            format!("{:?}", draft.hours.mode),
            plain(&draft.hours.outside),
        ],
        Item::Method => vec![plain(&draft.method.system), plain(&draft.method.fallback)],
        Item::StopConditions => [&draft.stop.clinical, &draft.stop.technical]
            .into_iter()
            .flatten()
            .map(|reason| plain(reason))
            .chain([plain(&draft.stop.destination)])
            .collect(),
        Item::Cooperation => vec![plain(&draft.cooperation.statement)],
        Item::AcutePolicy => vec![
            draft.acute.own.to_string(),
            format!("{:?}", draft.acute.partner),
            plain(&draft.acute.policy),
        ],
        Item::Physicians => draft
            .physicians
            .iter()
            .map(|listed| {
                let partner = listed.partner.map(|id| format!(" {id}"));
                format!(
                    "{} {}{}",
                    listed.person,
                    plain(&listed.when),
                    partner.unwrap_or_default()
                )
            })
            .chain(draft.team.map(|team| team.as_str().to_owned()))
            .collect(),
        Item::Responsibility => owners_by_segment(&draft.responsibility)
            .into_iter()
            .map(|(name, owners)| format!("{name}={}", owners.join(",")))
            .collect(),
    }
}

/// A text without white space and punctuation: what is left is not a matter of wording.
fn plain(text: &str) -> String {
    text.chars().filter(|c| c.is_alphanumeric()).collect()
}

fn filled(text: &str) -> bool {
    !text.trim().is_empty()
}
