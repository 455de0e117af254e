//! Surgery and the like with a distant physician (遠隔手術等): for whom, after which guideline, over which line, tested when, and
//! who goes on when the line is lost. It stands on the joint visit: the attending physician is beside the patient.
//!
//! Picture and sound only: nothing here steers a device.

use crate::{
    Refusal, Remedy,
    attended::{Interval, Side},
};
use access::PersonId;
use guideline::{Clause, clause};
use jiff::{SignedDuration, Timestamp, ToSpan as _, civil::Date};
use serde::{Deserialize, Serialize};

/// Hard to do without the distant physician, for a patient who can hardly be moved.
pub const ELIGIBLE: Clause = clause("cl-2.4.1-i-a");
/// Who is eligible in detail follows the societies' guidelines.
pub const GUIDED: Clause = clause("cl-2.4.1-i-b");
/// A line without serious delay.
pub const CONNECTED: Clause = clause("cl-2.4.1-ii-a");
/// The line is checked beforehand.
pub const TESTED: Clause = clause("cl-2.4.1-ii-b");
/// The attending physician can go on safely when devices fail.
pub const CONTINUES: Clause = clause("cl-2.4.1-ii-c");
/// The structure follows the societies' guidelines.
pub const STRUCTURED: Clause = clause("cl-2.4.1-ii-d");

/// What is attested holds so many years.
pub const ATTESTED_YEARS: i32 = 1;
/// Probes of so many hours are looked at.
pub const LOOKED_AT: SignedDuration = SignedDuration::from_hours(72);
/// From the first probe to the last at least so long.
pub const SERIES_MIN: SignedDuration = SignedDuration::from_hours(24);
/// In at least so many hours of the clock there is a probe.
pub const HOURS_MIN: usize = 24;
/// A test counts for so long.
pub const TEST_LASTS: SignedDuration = SignedDuration::from_hours(1);
/// Longest decision time after a loss, in seconds. Ours, 要確認.
pub const DECISION_SECONDS_MAX: u32 = 300;
/// Longest delay limit of a line, in milliseconds. Ours, 要確認.
pub const DELAY_MS_MAX: u32 = 1000;
/// Seconds of picture and of sound from which a try of a line counts.
pub const SECONDS_MIN: u32 = 4;
/// Packets lost of a thousand up to which a try is good.
pub const LOSS_PERMILLE_MAX: u32 = 20;

access::id! {
    /// One entry of the registers of remote surgery: a guideline, a site, a line.
    EntryId
}

/// Which register.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Register {
    /// A society's guideline (学会のガイドライン).
    Guideline,
    /// A site (実施の場所).
    Site,
    /// A line (回線).
    Network,
}

impl Register {
    /// Every register.
    pub const ALL: [Self; 3] = [Self::Guideline, Self::Site, Self::Network];

    /// The word stored and sent.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Guideline => "guideline",
            Self::Site => "site",
            Self::Network => "network",
        }
    }

    /// The register of that word.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|one| one.as_str() == word)
    }
}

/// What an entry says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "register")]
pub enum Content {
    /// A society's guideline.
    Guideline {
        /// Society and title.
        name: String,
        /// Its edition.
        edition: String,
        /// Its criteria, one a line.
        criteria: Vec<String>,
    },
    /// A site.
    Site {
        /// Its name.
        name: String,
    },
    /// A line.
    Network {
        /// Its name.
        name: String,
        /// Nobody else is on it.
        dedicated: bool,
        /// Bandwidth, in megabits a second.
        mbps: u32,
        /// The line that takes over.
        redundancy: String,
        /// The delay limit of the guideline, in milliseconds.
        delay_ms_max: u32,
    },
}

impl Content {
    /// Of which register.
    #[must_use]
    pub const fn register(&self) -> Register {
        match self {
            Self::Guideline { .. } => Register::Guideline,
            Self::Site { .. } => Register::Site,
            Self::Network { .. } => Register::Network,
        }
    }

    /// What it is called.
    #[must_use]
    pub fn name(&self) -> &str {
        match self {
            Self::Guideline { name, .. } | Self::Site { name } | Self::Network { name, .. } => name,
        }
    }
}

/// One entry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Its name.
    pub id: EntryId,
    /// What it says.
    pub content: Content,
}

/// Judges an entry before it is kept.
///
/// # Errors
///
/// Something is empty, or a limit is no limit (422).
pub fn enterable(content: &Content) -> Result<(), Refusal> {
    let wrong = |clause, why| Err(Refusal::content(clause, Remedy::FillRegister).because(why));
    match content {
        Content::Guideline {
            name,
            edition,
            criteria,
        } if name.is_empty() || edition.is_empty() || criteria.is_empty() => {
            wrong(GUIDED, "guideline_incomplete")
        }
        Content::Site { name } if name.is_empty() => wrong(STRUCTURED, "site_incomplete"),
        Content::Network {
            name,
            mbps,
            redundancy,
            delay_ms_max,
            ..
        } if name.is_empty()
            || redundancy.is_empty()
            || *mbps == 0
            || !(1..=DELAY_MS_MAX).contains(delay_ms_max) =>
        {
            wrong(CONNECTED, "line_incomplete")
        }
        Content::Guideline { .. } | Content::Site { .. } | Content::Network { .. } => Ok(()),
    }
}

/// What is attested.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Subject {
    /// The service is switched on (この診療を行う).
    Service,
    /// The register holds the current edition of a guideline (版が新しい).
    Guideline,
    /// A site has staff, facility, equipment and training after a guideline (体制の点検).
    Structure,
    /// The take-over was practised (引きつぎの訓練).
    Drill,
}

impl Subject {
    /// Every subject.
    pub const ALL: [Self; 4] = [Self::Service, Self::Guideline, Self::Structure, Self::Drill];

    /// The word stored and sent.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Service => "remote_surgery",
            Self::Guideline => "surgery_guideline",
            Self::Structure => "surgery_structure",
            Self::Drill => "takeover_drill",
        }
    }

    /// The subject of that word.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|one| one.as_str() == word)
    }

    /// The clause that it answers.
    #[must_use]
    pub const fn clause(self) -> Clause {
        match self {
            Self::Service => ELIGIBLE,
            Self::Guideline => GUIDED,
            Self::Structure => STRUCTURED,
            Self::Drill => CONTINUES,
        }
    }
}

/// The parts of a site's structure; each is looked at.
pub const STRUCTURE_PARTS: [&str; 4] = ["staff", "facility", "equipment", "training"];

/// One attestation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attestation {
    /// Of what.
    pub subject: Subject,
    /// The guideline; none where it is of none.
    pub guideline: Option<EntryId>,
    /// The site; none where it is of none.
    pub site: Option<EntryId>,
    /// Who signed.
    pub by: PersonId,
    /// When.
    pub at: Timestamp,
}

impl Attestation {
    fn holds(&self, today: Date) -> bool {
        let signed = crate::legal_day(self.at);
        signed <= today && today < signed.saturating_add(ATTESTED_YEARS.years())
    }
}

/// For whom: two statements with grounds, after a guideline. No `Debug`: clinical words.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Eligibility {
    /// Why the procedure is hard without the distant physician.
    pub why_remote: String,
    /// Why the patient can hardly be moved.
    pub why_not_moved: String,
    /// The guideline; none was chosen yet.
    pub guideline: Option<EntryId>,
    /// Its edition, as it was applied.
    pub edition: String,
    /// The criteria that were applied.
    pub criteria: Vec<String>,
}

/// Where, over which line, and how it goes on without it.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Arrangement {
    /// Where the patient and the attending physician are.
    pub attending_site: EntryId,
    /// Where the distant physician is.
    pub remote_site: EntryId,
    /// The line.
    pub network: EntryId,
    /// Who takes over.
    pub takes_over: String,
    /// With which skills.
    pub skills: String,
    /// With which equipment.
    pub equipment: String,
    /// The time to decide in after a loss, in seconds.
    pub decision_seconds: u32,
}

impl Arrangement {
    fn decision_time(&self) -> SignedDuration {
        SignedDuration::from_secs(i64::from(self.decision_seconds))
    }
}

/// The statements with the signatures that they have.
#[derive(Clone)]
pub struct Stated {
    /// What they say.
    pub eligibility: Eligibility,
    /// Signed by the attending physician, who wrote them.
    pub attending: bool,
    /// Signed by the distant physician.
    pub remote: bool,
}

/// The probes of one hour of the clock, from one side of a line. Measured by the server, never typed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Hour {
    /// From where.
    pub side: Side,
    /// The first of them.
    pub first: Timestamp,
    /// The last of them.
    pub last: Timestamp,
    /// The longest way there and back, in milliseconds.
    pub worst_ms: u32,
}

/// What was tried.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Try {
    /// Picture and sound over the line.
    Main,
    /// The same after the switch to the backup line.
    Backup,
    /// The physician's own "good".
    Good,
}

impl Try {
    /// Every try.
    pub const ALL: [Self; 3] = [Self::Main, Self::Backup, Self::Good];

    /// The word stored and sent.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Main => "main",
            Self::Backup => "backup",
            Self::Good => "good",
        }
    }

    /// The try of that word.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|one| one.as_str() == word)
    }
}

/// What the media server counted of a try.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counted {
    /// Seconds in which picture came.
    pub video_seconds: u32,
    /// Seconds in which sound came.
    pub audio_seconds: u32,
    /// Packets lost of a thousand.
    pub loss_permille: u32,
}

impl Counted {
    /// Whether picture and sound came whole.
    #[must_use]
    pub const fn is_good(self) -> bool {
        self.video_seconds >= SECONDS_MIN
            && self.audio_seconds >= SECONDS_MIN
            && self.loss_permille <= LOSS_PERMILLE_MAX
    }
}

/// The newest of its kind from one side.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tried {
    /// From where.
    pub side: Side,
    /// What.
    pub what: Try,
    /// Whether it was good.
    pub good: bool,
    /// When.
    pub at: Timestamp,
}

/// What remote surgery rests on.
#[derive(Clone, Default)]
pub struct Facts {
    /// The registers, without what has ended.
    pub entries: Vec<Entry>,
    /// What was attested, newest first.
    pub attested: Vec<Attestation>,
    /// For whom.
    pub stated: Option<Stated>,
    /// Where and how.
    pub arrangement: Option<Arrangement>,
    /// Probes of its line.
    pub probes: Vec<Hour>,
    /// Tries of this joint visit.
    pub tries: Vec<Tried>,
}

impl Facts {
    fn content(&self, id: EntryId) -> Option<&Content> {
        self.entries
            .iter()
            .find(|entry| entry.id == id)
            .map(|entry| &entry.content)
    }

    fn attests(&self, of: impl Fn(&Attestation) -> bool, today: Date) -> bool {
        self.attested.iter().any(|one| of(one) && one.holds(today))
    }
}

/// Judges for whom it is (cl-2.4.1-i-a): both statements with grounds, signed by both physicians.
///
/// # Errors
///
/// Nothing is stated, a statement is empty, or a signature is missing.
pub fn eligible(facts: &Facts) -> Result<(), Refusal> {
    let no = |remedy, why| Err(Refusal::state(ELIGIBLE, remedy).because(why));
    let Some(stated) = &facts.stated else {
        return no(Remedy::StateEligibility, "eligibility_missing");
    };
    let words = &stated.eligibility;
    if words.why_remote.trim().is_empty() || words.why_not_moved.trim().is_empty() {
        return no(Remedy::StateEligibility, "statement_missing");
    }
    match (stated.attending, stated.remote) {
        (true, true) => Ok(()),
        (false, _) => no(Remedy::SignEligibility, "attending_unsigned"),
        (true, false) => no(Remedy::SignEligibility, "remote_unsigned"),
    }
}

/// Judges the guideline (cl-2.4.1-i-b): of the register, in its current edition, with the criteria that were applied.
///
/// # Errors
///
/// None was chosen, it is not the edition of the register, no criterion of it was applied, or nobody has attested within a
/// year that the edition is current.
pub fn guided(facts: &Facts, today: Date) -> Result<(), Refusal> {
    let no = |remedy, why| Err(Refusal::state(GUIDED, remedy).because(why));
    let words = facts.stated.as_ref().map(|stated| &stated.eligibility);
    let Some((words, id)) = words.and_then(|words| Some((words, words.guideline?))) else {
        return no(Remedy::ChooseGuideline, "guideline_missing");
    };
    let Some(Content::Guideline {
        edition, criteria, ..
    }) = facts.content(id)
    else {
        return no(Remedy::ChooseGuideline, "guideline_missing");
    };
    if *edition != words.edition {
        return no(Remedy::ChooseGuideline, "guideline_outdated");
    }
    if words.criteria.is_empty() || words.criteria.iter().any(|one| !criteria.contains(one)) {
        return no(Remedy::ChooseGuideline, "criteria_missing");
    }
    let current =
        |one: &Attestation| one.subject == Subject::Guideline && one.guideline == Some(id);
    if facts.attests(current, today) {
        Ok(())
    } else {
        no(Remedy::AttestGuideline, "surgery_guideline_overdue")
    }
}

/// Guidelines whose edition nobody has attested within a year (finding `surgery_guideline_overdue`).
#[must_use]
pub fn guidelines_overdue(facts: &Facts, today: Date) -> usize {
    facts
        .entries
        .iter()
        .filter(|entry| entry.content.register() == Register::Guideline)
        .filter(|entry| {
            let of = |one: &Attestation| {
                one.subject == Subject::Guideline && one.guideline == Some(entry.id)
            };
            !facts.attests(of, today)
        })
        .count()
}

/// Judges the line (cl-2.4.1-ii-a): of the register, and probed from both sides for a day and a night without a delay over its
/// limit.
///
/// # Errors
///
/// No line, no such series from one of the sides, or a probe over the limit.
pub fn connected(facts: &Facts, now: Timestamp) -> Result<(), Refusal> {
    let no = |remedy, why| Err(Refusal::state(CONNECTED, remedy).because(why));
    let line = facts
        .arrangement
        .as_ref()
        .and_then(|arrangement| facts.content(arrangement.network));
    let Some(Content::Network { delay_ms_max, .. }) = line else {
        return no(Remedy::ArrangeSurgery, "line_missing");
    };
    for side in Side::ALL {
        let series = || {
            facts.probes.iter().filter(move |hour| {
                hour.side == side && now.duration_since(hour.first) <= LOOKED_AT
            })
        };
        let first = series().map(|hour| hour.first).min();
        let last = series().map(|hour| hour.last).max();
        let whole = first
            .zip(last)
            .is_some_and(|(first, last)| last.duration_since(first) >= SERIES_MIN);
        if !whole || series().count() < HOURS_MIN {
            return no(Remedy::ProbeLine, "no_probe_series");
        }
        if series().any(|hour| hour.worst_ms > *delay_ms_max) {
            return no(Remedy::ProbeLine, "delay_over_limit");
        }
    }
    Ok(())
}

/// Judges how it goes on without the line (cl-2.4.1-ii-c): who takes over, with which skills and equipment, within which time;
/// and practised within a year.
///
/// # Errors
///
/// No such plan, or no drill within a year.
pub fn continues(facts: &Facts, today: Date) -> Result<(), Refusal> {
    let planned = facts.arrangement.as_ref().is_some_and(|one| {
        let words = [&one.takes_over, &one.skills, &one.equipment];
        words.iter().all(|words| !words.trim().is_empty())
            && (1..=DECISION_SECONDS_MAX).contains(&one.decision_seconds)
    });
    if !planned {
        return Err(
            Refusal::state(CONTINUES, Remedy::ArrangeSurgery).because("no_continuation_plan")
        );
    }
    if facts.attests(|one| one.subject == Subject::Drill, today) {
        Ok(())
    } else {
        Err(Refusal::state(CONTINUES, Remedy::PractiseTakeover).because("drill_overdue"))
    }
}

/// Judges the structure of both sites (cl-2.4.1-ii-d), after the guideline that was chosen.
///
/// # Errors
///
/// A site has no checklist that was signed within a year.
pub fn structured(facts: &Facts, today: Date) -> Result<(), Refusal> {
    let no = |why| Err(Refusal::state(STRUCTURED, Remedy::SignStructure).because(why));
    let guideline = facts
        .stated
        .as_ref()
        .and_then(|stated| stated.eligibility.guideline);
    let (Some(one), Some(guideline)) = (&facts.arrangement, guideline) else {
        return no("structure_unsigned");
    };
    for site in [one.attending_site, one.remote_site] {
        let of = |attested: &Attestation| {
            attested.subject == Subject::Structure
                && attested.site == Some(site)
                && attested.guideline == Some(guideline)
        };
        if facts.content(site).is_none() || !facts.attested.iter().any(of) {
            return no("structure_unsigned");
        }
        if !facts.attests(of, today) {
            return no("structure_lapsed");
        }
    }
    Ok(())
}

/// What is asked before an hour exists, and the test of the last hour besides, before the start: in the order in which a
/// physician prepares it.
pub fn judged(facts: &Facts, now: Timestamp) -> [(Clause, Result<(), Refusal>); 6] {
    let today = crate::legal_day(now);
    [
        (ELIGIBLE, eligible(facts)),
        (GUIDED, guided(facts, today)),
        (STRUCTURED, structured(facts, today)),
        (CONTINUES, continues(facts, today)),
        (CONNECTED, connected(facts, now)),
        (TESTED, tested(facts, now)),
    ]
}

/// Judges whether an hour may exist for it: everything but the test of the last hour.
///
/// # Errors
///
/// The first that does not stand.
pub fn bookable(facts: &Facts, now: Timestamp) -> Result<(), Refusal> {
    judged(facts, now)
        .into_iter()
        .filter(|(clause, _)| *clause != TESTED)
        .try_for_each(|(_, judged)| judged)
}

fn tried(facts: &Facts, side: Side, what: Try, now: Timestamp) -> bool {
    facts.tries.iter().any(|one| {
        one.side == side
            && one.what == what
            && one.good
            && (SignedDuration::ZERO..=TEST_LASTS).contains(&now.duration_since(one.at))
    })
}

/// Judges the delay of the last hour from one side.
fn prompt(facts: &Facts, side: Side, now: Timestamp) -> bool {
    let limit = facts
        .arrangement
        .as_ref()
        .and_then(|one| facts.content(one.network))
        .and_then(|content| match content {
            Content::Network { delay_ms_max, .. } => Some(*delay_ms_max),
            Content::Guideline { .. } | Content::Site { .. } => None,
        });
    let newest = facts
        .probes
        .iter()
        .filter(|hour| hour.side == side)
        .max_by_key(|hour| hour.last);
    limit.zip(newest).is_some_and(|(limit, hour)| {
        hour.worst_ms <= limit && now.duration_since(hour.last) <= TEST_LASTS
    })
}

/// Judges whether a physician may call the test good: the own side was tried over both lines.
///
/// # Errors
///
/// One was not tried within the hour, or the delay was not measured or is over the limit.
pub fn may_call_good(facts: &Facts, side: Side, now: Timestamp) -> Result<(), Refusal> {
    let no = |why| Err(Refusal::state(TESTED, Remedy::TestTogether).because(why));
    if !tried(facts, side, Try::Main, now) {
        return no("media_untested");
    }
    if !tried(facts, side, Try::Backup, now) {
        return no("backup_untested");
    }
    if !prompt(facts, side, now) {
        return no("delay_untested");
    }
    Ok(())
}

/// Judges the joint test (cl-2.4.1-ii-b): both sides, over both lines, within the last hour, and both physicians say "good".
///
/// # Errors
///
/// Something of it is missing, or longer ago.
pub fn tested(facts: &Facts, now: Timestamp) -> Result<(), Refusal> {
    for side in Side::ALL {
        may_call_good(facts, side, now)?;
    }
    for side in Side::ALL {
        if !tried(facts, side, Try::Good, now) {
            return Err(Refusal::state(TESTED, Remedy::TestTogether).because("not_both_good"));
        }
    }
    Ok(())
}

/// The distant physician is away for longer than there is time to decide.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Lost {
    /// Since when.
    pub since: Timestamp,
    /// For so many seconds.
    pub seconds: i64,
}

/// What the attending physician decided when the line was lost.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Decision {
    /// To take over (引きつぐ).
    TakeOver,
    /// To wait for the line: for the time that was set, then it is asked again.
    Wait,
}

impl Decision {
    /// The word stored and sent.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::TakeOver => "take_over",
            Self::Wait => "wait",
        }
    }

    /// The decision of that word.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        [Self::TakeOver, Self::Wait]
            .into_iter()
            .find(|one| one.as_str() == word)
    }
}

/// Since when the line is lost: nothing has come from the distant physician for the time that was set (cl-2.4.1-ii-c). What
/// never came is not lost.
#[must_use]
pub fn lost(facts: &Facts, remote: &[Interval], now: Timestamp) -> Option<Lost> {
    let after = facts.arrangement.as_ref()?.decision_time();
    if remote.iter().any(|time| time.until.is_none()) {
        return None;
    }
    let since = remote.iter().filter_map(|time| time.until).max()?;
    let away = now.duration_since(since);
    (away >= after).then(|| Lost {
        since,
        seconds: away.as_secs(),
    })
}

/// Whether the attending physician is asked to take over: the line is lost and nothing was decided, or the time of a decision to
/// wait is over (cl-2.4.1-ii-c).
#[must_use]
pub fn asks(facts: &Facts, decided: Option<(Decision, Timestamp)>, now: Timestamp) -> bool {
    match (decided, &facts.arrangement) {
        (None, _) => true,
        (Some((Decision::Wait, at)), Some(arrangement)) => {
            now.duration_since(at) >= arrangement.decision_time()
        }
        (Some(_), _) => false,
    }
}
