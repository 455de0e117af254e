//! Places at which several patients are seen (同じ場所の特定多数人): one place by its address, however it is typed, what it is
//! registered as, and whether one more patient may be booked there.

use crate::{Refusal, Remedy, SiteId, area::without_prefecture};
use guideline::{Clause, clause};
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use std::fmt::Write as _;
use unicode_normalization::UnicodeNormalization as _;

/// Care to several people at one place, other than a receiving facility, is notified as a clinic.
pub const GROUP: Clause = clause("cl-2.2-iii-a");
/// Rounds of a mobile clinic and of check-ups follow notices of their own.
pub const EXEMPT: Clause = clause("cl-2.2-iii-b");

/// Days before and after a visit in which others at the same place are counted.
pub const WINDOW_DAYS: i64 = 30;
/// From how many unrelated patients a place is one of several people: the source gives no number (要確認), and less than two is
/// nobody else.
pub const GROUP_FROM: usize = 2;
/// An exception lasts at most so many days: it is for days that are named, not for good.
pub const EXCEPTION_DAYS_MAX: i32 = 92;

/// Characters of an address that are looked at.
const TEXT_CHARS_MAX: usize = 200;

/// A place by its address, the same for every way of typing it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Key {
    /// Municipality, town and numbers.
    pub building: String,
    /// With the room, where one is named: two flats of a house are two homes.
    pub home: String,
}

impl Key {
    /// Reads an address; `None` where no number stands in it, for then it names no place.
    ///
    /// Full width, spaces, 丁目, 番地, 番, 号, kinds of dashes, kanji numerals before them, a postcode, the prefecture, and the
    /// name of a building do not count. Of what follows the numbers only the first number after them does: the room.
    #[must_use]
    pub fn read(address: &str) -> Option<Self> {
        let text = plain(address);
        let start = text.find(|c: char| c.is_ascii_digit())?;
        let (town, rest) = text.split_at(start);
        let end = rest
            .find(|c: char| !c.is_ascii_digit() && c != '-')
            .unwrap_or(rest.len());
        let (numbers, after) = rest.split_at(end);
        let building = format!("{town}{}", numbers.trim_matches('-'));
        let room: String = after
            .chars()
            .skip_while(|c| !c.is_ascii_digit())
            .take_while(char::is_ascii_digit)
            .collect();
        let mut home = building.clone();
        if !room.is_empty() {
            // Writing into a string does not fail.
            let _ = write!(home, "#{room}");
        }
        Some(Self { building, home })
    }
}

/// One way of writing an address.
fn plain(address: &str) -> String {
    let text: String = address
        .chars()
        .take(TEXT_CHARS_MAX)
        .nfkc()
        .filter(|c| !c.is_whitespace())
        .flat_map(char::to_lowercase)
        .map(|c| match c {
            'ヶ' => 'ケ',
            '‐' | '‑' | '–' | '—' | '―' | '−' | 'ー' | '─' | '~' => '-',
            other => other,
        })
        .collect();
    let text = text.trim_start_matches(|c: char| c == '〒' || c == '-' || c.is_ascii_digit());
    let text = counted(without_prefecture(text));
    let mut plain = String::with_capacity(text.len());
    let mut rest = text.as_str();
    while let Some(c) = rest.chars().next() {
        let mark = ["丁目", "番地の", "番地", "番", "号", "の"]
            .into_iter()
            .find_map(|mark| rest.strip_prefix(mark))
            .filter(|_| !rest.starts_with("番町"));
        let follows_number = plain.ends_with(|c: char| c.is_ascii_digit());
        match mark {
            Some(after) if follows_number => {
                // A dash only between numbers: 「1番2号室」 is 1-2, and the house behind it is no number.
                if after.starts_with(|c: char| c.is_ascii_digit()) {
                    plain.push('-');
                }
                rest = after;
            }
            _ => {
                // A long vowel in a name is no dash.
                let next = rest.get(c.len_utf8()..).unwrap_or_default();
                if c != '-' || follows_number && next.starts_with(|c: char| c.is_ascii_digit()) {
                    plain.push(c);
                }
                rest = next;
            }
        }
    }
    plain
}

/// Kanji numerals that stand before a mark of an address, in digits: 一丁目, 十二番.
fn counted(text: &str) -> String {
    const ONES: [char; 10] = ['〇', '一', '二', '三', '四', '五', '六', '七', '八', '九'];
    let chars: Vec<char> = text.chars().collect();
    let mut out = String::with_capacity(text.len());
    let mut at = 0;
    while let Some(c) = chars.get(at) {
        let run: Vec<char> = chars
            .iter()
            .skip(at)
            .take_while(|c| **c == '十' || ONES.contains(c))
            .copied()
            .collect();
        // 一番町 is a name.
        let marked = match chars.get(at + run.len()) {
            Some('番') => chars.get(at + run.len() + 1) != Some(&'町'),
            next => matches!(next, Some('丁' | '号')),
        };
        if run.is_empty() || !marked {
            out.push(*c);
            at += 1;
            continue;
        }
        let mut number = 0_u32;
        let mut one = 0_u32;
        for c in &run {
            if *c == '十' {
                number += one.max(1) * 10;
                one = 0;
            } else {
                let value = ONES.iter().position(|known| known == c).unwrap_or(0);
                one = one
                    .saturating_mul(10)
                    .saturating_add(u32::try_from(value).unwrap_or(0));
            }
        }
        let _ = write!(out, "{}", number.saturating_add(one));
        at += run.len();
    }
    out
}

/// What a place is registered as.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SiteKind {
    /// 家族の家: whoever is seen there lives together.
    Household,
    /// オンライン診療受診施設
    ReceivingFacility,
    /// 診療所の届出をした場所
    Clinic,
    /// 集まって受ける場所: several people are seen there, and nothing is notified.
    Group,
}

impl SiteKind {
    /// Every kind.
    pub const ALL: [Self; 4] = [
        Self::Household,
        Self::ReceivingFacility,
        Self::Clinic,
        Self::Group,
    ];

    /// The word stored and sent.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Household => "household",
            Self::ReceivingFacility => "receiving_facility",
            Self::Clinic => "clinic",
            Self::Group => "group",
        }
    }

    /// The kind of that word.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == word)
    }
}

/// Which notice an exception follows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Round {
    /// 巡回診療: notice of 20 June 1962, 医発第554号.
    MobileClinic,
    /// 巡回健診など: notice of 29 November 1995, 健政発第927号.
    Checkup,
}

impl Round {
    /// Both.
    pub const ALL: [Self; 2] = [Self::MobileClinic, Self::Checkup];

    /// The word stored and sent.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::MobileClinic => "mobile_clinic",
            Self::Checkup => "checkup_round",
        }
    }

    /// The round of that word.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|round| round.as_str() == word)
    }
}

/// An exception for named days at one place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Exception {
    /// Which notice.
    pub round: Round,
    /// First day.
    pub from: Date,
    /// Last day.
    pub until: Date,
    /// The day on which the authority confirmed it.
    pub confirmed: Date,
    /// Whether the administrator signed it.
    pub signed: bool,
}

/// A place of the register, as a booking looks at it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Site {
    /// Which.
    pub id: SiteId,
    /// What it is registered as.
    pub kind: SiteKind,
    /// Number of the notification as a clinic, and whether its document is kept.
    pub notified: Option<(String, bool)>,
    /// Exceptions, those of the past too.
    pub exceptions: Vec<Exception>,
}

/// What is known of the place of one booking.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Facts {
    /// The place in the register, if it is there.
    pub site: Option<Site>,
    /// Other patients at the same place within the window who are not of this patient's family.
    pub unrelated: usize,
    /// The day of the visit.
    pub on: Date,
    /// Whether the visit is a check of somebody healthy, and not treatment.
    pub is_checkup: bool,
}

/// Judges whether one more patient may be booked at a place.
///
/// # Errors
///
/// Several unrelated people are seen there, and the place is neither notified as a clinic with its document, nor a receiving
/// facility, nor under an exception that is signed and holds on that day for that kind of visit.
pub fn bookable(facts: &Facts) -> Result<(), Refusal> {
    let declared = facts
        .site
        .as_ref()
        .is_some_and(|site| site.kind == SiteKind::Group);
    if !declared && facts.unrelated.saturating_add(1) < GROUP_FROM {
        return Ok(());
    }
    let refuse = || Refusal::state(GROUP, Remedy::RegisterPlace);
    let site = facts
        .site
        .as_ref()
        .ok_or_else(|| refuse().because("group_at_unregistered_place"))?;
    match (site.kind, &site.notified) {
        (SiteKind::Household | SiteKind::ReceivingFacility, _)
        | (SiteKind::Clinic, Some((_, true))) => return Ok(()),
        (SiteKind::Clinic | SiteKind::Group, _) => {}
    }
    let on_that_day = |one: &&Exception| one.from <= facts.on && facts.on <= one.until;
    let held: Vec<&Exception> = site.exceptions.iter().filter(on_that_day).collect();
    if held.is_empty() {
        return Err(if site.exceptions.is_empty() {
            refuse().because("group_not_notified")
        } else {
            Refusal::state(EXEMPT, Remedy::RegisterPlace).because("exception_outside_dates")
        });
    }
    let signed: Vec<&Exception> = held.into_iter().filter(|one| one.signed).collect();
    if signed.is_empty() {
        return Err(Refusal::state(EXEMPT, Remedy::SignException).because("exception_unsigned"));
    }
    if signed
        .iter()
        .all(|one| one.round == Round::Checkup && !facts.is_checkup)
    {
        return Err(Refusal::state(EXEMPT, Remedy::RegisterPlace).because("treatment_at_checkup"));
    }
    Ok(())
}

/// Accepts what is entered of a notification: a number without its document proves nothing.
///
/// # Errors
///
/// A place notified as a clinic lacks number or document.
pub fn enterable(kind: SiteKind, number: &str, has_document: bool) -> Result<(), Refusal> {
    if kind == SiteKind::Clinic && (number.trim().is_empty() || !has_document) {
        return Err(
            Refusal::content(GROUP, Remedy::EnterNotification).because("notification_incomplete")
        );
    }
    Ok(())
}

/// Accepts an exception: named days, and a confirmation by the authority that is newer than what was used before.
///
/// # Errors
///
/// The days are none or too many, or the authority was not asked again since the last time.
pub fn exceptable(new: &Exception, before: &[Exception], today: Date) -> Result<(), Refusal> {
    let refuse = |why| Refusal::content(EXEMPT, Remedy::EnterException).because(why);
    let days = new
        .from
        .until(new.until)
        .map_or(i32::MAX, |span| span.get_days());
    if new.until < new.from || days >= EXCEPTION_DAYS_MAX {
        return Err(refuse("exception_days"));
    }
    let asked_again = before
        .iter()
        .filter(|one| one.round == new.round && one.signed)
        .all(|one| one.confirmed < new.confirmed);
    if new.confirmed > today || !asked_again {
        return Err(refuse("exception_not_confirmed_again"));
    }
    Ok(())
}

/// Whether two names are of one family: the same first word. A presumption, and the register corrects it (要確認).
#[must_use]
pub fn are_related(one: &str, other: &str) -> bool {
    let family = |name: &str| {
        name.nfkc()
            .collect::<String>()
            .split_whitespace()
            .next()
            .map(ToOwned::to_owned)
    };
    let (one, other) = (family(one), family(other));
    one.is_some() && one == other
}

#[cfg(test)]
mod tests {
    use super::*;
    use access::Ulid;

    fn key(address: &str) -> Key {
        Key::read(address).unwrap()
    }

    #[test]
    fn cl_2_2_iii_a_an_address_is_one_place_however_it_is_typed() {
        let one = key("東京都見本区見本町1-2-3");
        for way in [
            "見本区見本町1丁目2番3号",
            "東京都見本区見本町一丁目２番地３",
            "〒100-0000 東京都 見本区 見本町 １−２−３",
            "見本区見本町1ー2ー3 見本ホーム",
            "見本区見本町1丁目2番3号 見本センター",
        ] {
            assert_eq!(key(way).home, one.home, "{way}");
        }
        for other in ["見本区見本町1-2-4", "見本区見本町1-23", "見本区本町1-2-3"] {
            assert_ne!(key(other).building, one.building, "{other}");
        }
        // Two flats of one house are two homes in one building.
        let (a, b) = (
            key("見本区見本町1-2-3 メゾン101号室"),
            key("見本区見本町1-2-3 メゾン205"),
        );
        assert_eq!(
            (a.building.as_str(), a.home == b.home),
            (b.building.as_str(), false)
        );
        assert_eq!(key("見本市十二番三号").home, key("見本市12-3").home);
        assert_ne!(key("見本区一番町5-3").home, key("見本区一番町7-1").home);
        assert_eq!(Key::read("見本区のどこか"), None);
        assert_eq!(Key::read(""), None);
    }

    fn exception(round: Round, from: &str, until: &str, signed: bool) -> Exception {
        Exception {
            round,
            from: from.parse().unwrap(),
            until: until.parse().unwrap(),
            confirmed: "2026-11-01".parse().unwrap(),
            signed,
        }
    }

    fn at(kind: SiteKind, exceptions: Vec<Exception>) -> Facts {
        Facts {
            site: Some(Site {
                id: SiteId(Ulid::from_parts(1, 1)),
                kind,
                notified: None,
                exceptions,
            }),
            unrelated: 1,
            on: "2026-11-21".parse().unwrap(),
            is_checkup: false,
        }
    }

    fn said(facts: &Facts) -> Option<(&'static str, &'static str)> {
        bookable(facts)
            .err()
            .map(|refusal| (refusal.clause.id(), refusal.reason))
    }

    #[test]
    fn cl_2_2_iii_a_the_booking_that_reaches_the_number_needs_a_register_entry() {
        let nowhere = |unrelated| Facts {
            site: None,
            unrelated,
            ..at(SiteKind::Group, Vec::new())
        };
        assert_eq!(said(&nowhere(0)), None);
        assert_eq!(
            said(&nowhere(1)),
            Some(("cl-2.2-iii-a", "group_at_unregistered_place"))
        );
        assert_eq!(said(&at(SiteKind::Household, Vec::new())), None);
        assert_eq!(said(&at(SiteKind::ReceivingFacility, Vec::new())), None);
        // A declared place for several people is judged from the first one on.
        let first = Facts {
            unrelated: 0,
            ..at(SiteKind::Group, Vec::new())
        };
        assert_eq!(said(&first), Some(("cl-2.2-iii-a", "group_not_notified")));
        for (document, verdict) in [(true, None), (false, Some("group_not_notified"))] {
            let mut clinic = at(SiteKind::Clinic, Vec::new());
            if let Some(site) = &mut clinic.site {
                site.notified = Some(("診-12".into(), document));
            }
            assert_eq!(said(&clinic).map(|(_, why)| why), verdict);
        }
        for (number, document, taken) in [
            ("診-12", true, true),
            ("診-12", false, false),
            (" ", true, false),
        ] {
            assert_eq!(enterable(SiteKind::Clinic, number, document).is_ok(), taken);
        }
    }

    #[test]
    fn cl_2_2_iii_b_an_exception_holds_on_its_days_signed_and_for_its_purpose() {
        use Round::{Checkup, MobileClinic};
        let (from, until) = ("2026-11-20", "2026-11-22");
        for (round, from, until, signed, is_checkup, verdict) in [
            (MobileClinic, from, until, true, false, None),
            (Checkup, from, until, true, true, None),
            (
                MobileClinic,
                from,
                until,
                false,
                false,
                Some("exception_unsigned"),
            ),
            (
                MobileClinic,
                "2026-11-22",
                until,
                true,
                false,
                Some("exception_outside_dates"),
            ),
            (
                MobileClinic,
                from,
                "2026-11-20",
                true,
                false,
                Some("exception_outside_dates"),
            ),
            (
                Checkup,
                from,
                until,
                true,
                false,
                Some("treatment_at_checkup"),
            ),
        ] {
            let facts = Facts {
                is_checkup,
                ..at(SiteKind::Group, vec![exception(round, from, until, signed)])
            };
            let verdict = verdict.map(|why| ("cl-2.2-iii-b", why));
            assert_eq!(said(&facts), verdict, "{round:?} {from} {until}");
        }
    }

    #[test]
    fn cl_2_2_iii_b_before_it_is_used_again_the_authority_is_asked_again() {
        let today = "2026-11-21".parse().unwrap();
        let before = [exception(
            Round::MobileClinic,
            "2026-11-02",
            "2026-11-03",
            true,
        )];
        let mut again = exception(Round::MobileClinic, "2026-11-25", "2026-11-26", false);
        assert!(exceptable(&again, &[], today).is_ok());
        assert!(exceptable(&again, &before, today).is_err());
        again.confirmed = "2026-11-20".parse().unwrap();
        assert!(exceptable(&again, &before, today).is_ok());
        again.confirmed = "2026-11-22".parse().unwrap();
        assert!(exceptable(&again, &before, today).is_err(), "not yet");
        again.confirmed = today;
        again.until = "2027-11-26".parse().unwrap();
        assert!(exceptable(&again, &before, today).is_err(), "for good");
    }

    #[test]
    fn a_family_has_one_name() {
        assert!(are_related("見本 花子", "見本　太郎"));
        assert!(!are_related("見本 花子", "別見 太郎"));
        assert!(!are_related("", ""));
    }
}
