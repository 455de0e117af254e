//! What the demo tells: `demo.json` for programs, a short table for people.

use crate::{config::Config, outcome::Outcome, tell::say};
use care::{ConsultationId, patient::era_year};
use jiff::{Timestamp, civil::Date, tz::TimeZone};
use serde::{Deserialize, Serialize};
use std::{io::Write as _, os::unix::fs::OpenOptionsExt as _, path::Path, time::Duration};

/// The file's name in the state folder.
pub(super) const FILE: &str = "demo.json";

/// Everything that is told.
#[derive(Serialize, Deserialize)]
pub(super) struct Told {
    patient: String,
    staff: String,
    admin: String,
    clinic: Clinic,
    users: Vec<Worker>,
    patients: Vec<Visit>,
}

/// The made-up institution.
#[derive(Serialize, Deserialize)]
struct Clinic {
    id: String,
    name: String,
    phone: String,
}

/// One sign-in.
#[derive(Clone, Serialize, Deserialize)]
pub(super) struct Worker {
    pub(super) role: String,
    pub(super) login: String,
    pub(super) password: String,
    /// Base32, as authenticators take it.
    pub(super) totp_secret: String,
    pub(super) name: String,
}

/// One visit in the book.
#[derive(Serialize, Deserialize)]
pub(super) struct Visit {
    /// What it is there to show.
    pub(super) purpose: String,
    pub(super) name: String,
    pub(super) kana: String,
    /// Who speaks for the patient and opens the link, if somebody does.
    pub(super) proxy: Option<String>,
    /// The birth date that the link asks for: the patient's, or the proxy's own.
    pub(super) birth: Birth,
    /// Chart number.
    pub(super) number: i64,
    /// Booking number.
    pub(super) booking: i64,
    pub(super) patient: String,
    pub(super) consultation: String,
    /// The sign-in name of the treating physician.
    pub(super) physician: String,
    pub(super) class: String,
    pub(super) stage: String,
    /// RFC 3339, UTC.
    pub(super) booked_for: String,
    pub(super) link: Option<String>,
}

/// A birth date in both calendars.
#[derive(Serialize, Deserialize)]
pub(super) struct Birth {
    era: String,
    y: i16,
    m: i8,
    d: i8,
    iso: String,
}

impl Birth {
    pub(super) fn of(date: Date) -> Self {
        let (era, y) =
            era_year(date).map_or(("western", date.year()), |(era, year)| (era.as_str(), year));
        Self {
            era: era.to_owned(),
            y,
            m: date.month(),
            d: date.day(),
            iso: date.to_string(),
        }
    }

    fn short(&self) -> String {
        let era = match self.era.as_str() {
            "reiwa" => "令和",
            "heisei" => "平成",
            "showa" => "昭和",
            "taisho" => "大正",
            "meiji" => "明治",
            _ => "",
        };
        format!("{era}{}.{}.{}", self.y, self.m, self.d)
    }
}

impl Told {
    pub(super) fn new(config: &Config, users: Vec<Worker>, patients: Vec<Visit>) -> Self {
        let clinic = super::people::institution();
        Self {
            patient: config.patient.url.clone(),
            staff: config.staff.url.clone(),
            admin: config.admin.url.clone(),
            clinic: Clinic {
                id: super::CLINIC.to_string(),
                name: clinic.name,
                phone: clinic.phone,
            },
            users,
            patients,
        }
    }
}

/// What the last start told: passwords and links are known only from there.
pub(super) struct Known {
    pub(super) staff: Vec<Worker>,
    base: String,
    visits: Vec<Visit>,
}

impl Known {
    /// Whether a visit was told.
    pub(super) fn has(&self, visit: ConsultationId) -> bool {
        let id = visit.to_string();
        self.visits.iter().any(|told| told.consultation == id)
    }

    /// The link of a visit, on today's address.
    pub(super) fn link(&self, visit: ConsultationId, base: &str) -> Option<String> {
        let id = visit.to_string();
        let told = self.visits.iter().find(|told| told.consultation == id)?;
        let path = told.link.as_ref()?.strip_prefix(&self.base)?;
        Some(format!("{base}{path}"))
    }
}

/// Reads what the last start wrote. `None` where it never came to its end.
pub(super) fn read(file: &Path) -> Option<Known> {
    let told: Told = serde_json::from_str(&std::fs::read_to_string(file).ok()?).ok()?;
    Some(Known {
        staff: told.users,
        base: told.patient,
        visits: told.patients,
    })
}

/// Writes it for its owner only, whole or not at all.
pub(super) fn write(file: &Path, told: &Told) -> Result<(), Outcome> {
    let text = serde_json::to_string_pretty(told).map_err(Outcome::machine)?;
    let new = file.with_extension("json.new");
    let written = std::fs::OpenOptions::new()
        .create(true)
        .truncate(true)
        .write(true)
        .mode(0o600)
        .open(&new)
        .and_then(|mut out| writeln!(out, "{text}"))
        .and_then(|()| std::fs::rename(&new, file));
    written.map_err(|why| Outcome::file(file, &why))
}

/// Prints the sign-ins and the links of today.
pub(super) fn print(told: &Told, media_port: u16, state: &Path, took: Duration) {
    say("");
    say(format!(
        "  {} が開きました({} ms) / is open",
        told.clinic.name,
        took.as_millis()
    ));
    say("");
    say(format!("  患者 patient   {}", told.patient));
    say(format!("  職員 staff     {}", told.staff));
    say(format!(
        "  管理 admin     {}   映像 media: {media_port}",
        told.admin
    ));
    say("");
    say("  職員のサインイン / sign-ins");
    for user in &told.users {
        let role = match user.role.as_str() {
            "physician" => "医師",
            "nurse" => "看護師",
            "reception" => "受付",
            _ => "管理者",
        };
        let (name, login, password, factor) = (
            wide(&user.name, 12),
            &user.login,
            &user.password,
            &user.totp_secret,
        );
        say(format!(
            "  {} {name} {login:<9} {password}   {factor}",
            wide(role, 6)
        ));
    }
    say(format!(
        "  いまの番号 / codes of this moment   {}/codes",
        told.staff
    ));
    say("");
    say("  患者のリンク / patients' links (生年月日を聞かれます / it asks for the birth date)");
    for visit in &told.patients {
        let Some(link) = &visit.link else { continue };
        let name = visit.proxy.as_ref().unwrap_or(&visit.name);
        let at = clock(&visit.booked_for);
        say(format!(
            "  {at} {} {} {:<17} {link}",
            wide(name, 12),
            wide(&visit.birth.short(), 12),
            visit.purpose
        ));
    }
    say("");
    say(format!(
        "  くわしくは / more in {}",
        state.join(FILE).display()
    ));
    say("  止めるには Ctrl-C / Ctrl-C ends it");
    say("");
}

/// The hour in Japan.
fn clock(instant: &str) -> String {
    let tokyo = TimeZone::get("Asia/Tokyo").unwrap_or(TimeZone::UTC);
    let parsed: Option<Timestamp> = instant.parse().ok();
    parsed.map_or_else(String::new, |at| {
        at.to_zoned(tokyo).strftime("%m/%d %H:%M").to_string()
    })
}

/// Fills up to a width, a Japanese letter being two wide.
fn wide(text: &str, width: usize) -> String {
    let used: usize = text.chars().map(|c| if c.is_ascii() { 1 } else { 2 }).sum();
    format!("{text}{}", " ".repeat(width.saturating_sub(used)))
}
