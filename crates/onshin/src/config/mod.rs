//! The configuration: defaults, then the TOML file, then `ONSHIN_*`, then the command line. Secrets come by file only.

mod carriers;
mod fault;
mod layers;

pub(crate) use carriers::{Mail, MailTls, Sms, uncarried};
pub(crate) use fault::faults;

use crate::{
    Done,
    outcome::Outcome,
    tell::{Both, say},
};
use clap::Args;
use jiff::civil::Date;
use serde::Deserialize;
use std::{
    net::{IpAddr, SocketAddr},
    path::{Component, Path, PathBuf},
    process::ExitCode,
};
use store::Database;

/// Where the configuration lies when nothing is said.
pub(crate) const FILE: &str = "/etc/onshin/onshin.toml";
/// The media port when nothing is said: that of STUN, which firewalls know.
const MEDIA_PORT: u16 = 3478;

/// Where settings come from, on the command line.
#[derive(Args, Clone, Debug, Default)]
pub(crate) struct Sources {
    /// The configuration file (設定ファイル); without it ONSHIN_CONFIG, then /etc/onshin/onshin.toml if it is there
    #[arg(long, value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,
    /// One setting over the others, such as data.folder=/srv/onshin (ひとつの設定)
    #[arg(long = "set", value_name = "KEY=VALUE")]
    pub(crate) set: Vec<String>,
}

/// Everything that can be set. Unknown keys are refused.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Config {
    /// 患者の入口
    pub(crate) patient: Door,
    /// 職員の入口
    pub(crate) staff: Door,
    /// 管理の入口, loopback only
    pub(crate) admin: Door,
    /// Where the data lie.
    pub(crate) data: Data,
    /// The time-stamp authority.
    pub(crate) timestamp: TimeStamp,
    /// Who carries mail to patients.
    pub(crate) mail: Option<Mail>,
    /// Who carries short messages to patients.
    pub(crate) sms: Option<Sms>,
    /// The register of stores: the only places that may receive records.
    pub(crate) stores: Stores,
    /// Picture and sound.
    pub(crate) media: MediaPlace,
    /// Proxies in front.
    pub(crate) network: Network,
    /// The log.
    pub(crate) log: Log,
    /// The institution shown to those who have not signed in, by id; not needed where there is only one.
    pub(crate) home: Option<String>,
}

/// One surface.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Door {
    /// How browsers reach it: makes every link, and every unsafe request must come from it.
    pub(crate) url: String,
    /// Addresses to listen on. Plain HTTP only on loopback.
    pub(crate) listen: Vec<SocketAddr>,
    /// The operator's certificate.
    #[serde(default)]
    pub(crate) tls: Option<Tls>,
}

/// A certificate and its key, as PEM files.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Tls {
    /// The chain, the server's own certificate first.
    pub(crate) certificate_file: PathBuf,
    /// The key.
    pub(crate) key_file: PathBuf,
    /// TLS 1.2 besides 1.3, for a reason and until a day.
    #[serde(default)]
    pub(crate) old: Option<OldTls>,
}

/// Why TLS 1.2 is still served, and until when.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct OldTls {
    /// In words.
    pub(crate) reason: String,
    /// The last day.
    pub(crate) until: Date,
}

/// Where the data lie.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Data {
    /// The folder of everything that is backed up.
    pub(crate) folder: PathBuf,
    /// A SQLite file in it; `onshin.sqlite` when nothing is said.
    pub(crate) sqlite_file: Option<PathBuf>,
    /// A file whose one line is the URL of a PostgreSQL database: it holds a password.
    pub(crate) postgres_url_file: Option<PathBuf>,
    /// Where files beside the database go; not used yet.
    pub(crate) objects: Option<String>,
    /// Where backups go; not used yet.
    pub(crate) backup: Option<String>,
    /// The key of the installation, outside the folder and its backup.
    pub(crate) master_key_file: PathBuf,
    /// `checkpoints.log`, outside the folder, better on another machine.
    pub(crate) anchor_file: Option<PathBuf>,
}

/// The time-stamp authority (時刻認証局, RFC 3161) that the daily root of each ledger goes to.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct TimeStamp {
    /// Where it is asked; nothing else is ever asked. Without it nothing is stamped, and the checklist says so.
    pub(crate) url: Option<String>,
    /// Its root certificates as PEM: a token whose signer does not lead to them is refused.
    pub(crate) ca_file: Option<PathBuf>,
    /// The policy that its tokens must name, such as `1.2.392.…`.
    pub(crate) policy: Option<String>,
}

/// The register of stores.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Stores {
    /// Medical information systems, as folders or addresses. Without it, the data folder alone.
    pub(crate) register: Vec<String>,
}

/// Where the media server listens.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct MediaPlace {
    /// Addresses, for UDP and TCP alike.
    pub(crate) listen: Vec<SocketAddr>,
    /// What browsers are told; must be set behind address translation.
    pub(crate) advertise: Vec<IpAddr>,
}

/// What stands in front.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Network {
    /// Proxies whose `X-Forwarded-For` is believed.
    pub(crate) proxies: Vec<IpAddr>,
}

/// The log on standard error.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Log {
    /// `error`, `warn`, `info` or `debug`, or a filter of tracing.
    pub(crate) level: String,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            patient: Door::loopback("localhost", 8080),
            staff: Door::loopback("localhost", 8081),
            admin: Door::loopback("127.0.0.1", 8082),
            data: Data::default(),
            timestamp: TimeStamp::default(),
            mail: None,
            sms: None,
            stores: Stores::default(),
            media: MediaPlace::default(),
            network: Network::default(),
            log: Log::default(),
            home: None,
        }
    }
}

impl Default for Door {
    fn default() -> Self {
        Self::loopback("localhost", 8080)
    }
}

impl Door {
    /// Both loopback addresses, plain.
    pub(crate) fn loopback(host: &str, port: u16) -> Self {
        Self {
            url: format!("http://{host}:{port}"),
            listen: vec![
                SocketAddr::from((std::net::Ipv4Addr::LOCALHOST, port)),
                SocketAddr::from((std::net::Ipv6Addr::LOCALHOST, port)),
            ],
            tls: None,
        }
    }
}

impl Default for Data {
    fn default() -> Self {
        Self {
            folder: PathBuf::from("/var/lib/onshin"),
            sqlite_file: None,
            postgres_url_file: None,
            objects: None,
            backup: None,
            master_key_file: PathBuf::from("/etc/onshin/master.key"),
            anchor_file: Some(PathBuf::from("/var/log/onshin/checkpoints.log")),
        }
    }
}

impl Default for MediaPlace {
    fn default() -> Self {
        Self {
            listen: vec![
                SocketAddr::from((std::net::Ipv4Addr::UNSPECIFIED, MEDIA_PORT)),
                SocketAddr::from((std::net::Ipv6Addr::UNSPECIFIED, MEDIA_PORT)),
            ],
            advertise: Vec::new(),
        }
    }
}

impl Default for Log {
    fn default() -> Self {
        Self {
            level: "info".to_owned(),
        }
    }
}

impl Data {
    /// The database file of an installation on SQLite.
    pub(crate) fn sqlite(&self) -> PathBuf {
        match &self.sqlite_file {
            Some(file) if file.is_absolute() => file.clone(),
            Some(file) => self.folder.join(file),
            None => self.folder.join("onshin.sqlite"),
        }
    }

    /// The database as storage takes it.
    ///
    /// # Errors
    ///
    /// The file with the URL cannot be read.
    pub(crate) fn database(&self) -> Result<Database, Outcome> {
        match &self.postgres_url_file {
            None => Ok(Database::Sqlite(self.sqlite())),
            Some(file) => {
                let text =
                    std::fs::read_to_string(file).map_err(|why| Outcome::file(file, &why))?;
                Ok(Database::Postgres(text.trim().to_owned()))
            }
        }
    }

    /// A new master key before it is in force, and the one before it: beside the key.
    pub(crate) fn key_beside(&self, ending: &str) -> PathBuf {
        let mut name = self.master_key_file.as_os_str().to_owned();
        name.push(ending);
        PathBuf::from(name)
    }

    /// Where the recovery code is known by its digest: beside the key, not in the backup.
    pub(crate) fn recovery_file(&self) -> PathBuf {
        self.key_beside(".recovery")
    }
}

impl Config {
    /// The doors with their names in the configuration.
    pub(crate) const fn doors(&self) -> [(&'static str, &Door); 3] {
        [
            ("patient", &self.patient),
            ("staff", &self.staff),
            ("admin", &self.admin),
        ]
    }
}

/// Reads every source. Nothing is judged yet.
///
/// # Errors
///
/// A file or a setting cannot be read, or its name is unknown.
pub(crate) fn read(sources: &Sources) -> Result<Config, Outcome> {
    layers::read(sources, std::env::vars())
}

/// Reads and judges: what a command needs that is to run on the configuration.
///
/// # Errors
///
/// Every fault of it.
pub(crate) fn sound(sources: &Sources, today: Date) -> Result<Config, Outcome> {
    let config = read(sources)?;
    let faults = faults(&config, today);
    if faults.is_empty() {
        Ok(config)
    } else {
        Err(Outcome::all(faults))
    }
}

/// `onshin check-config`
pub(crate) fn check(sources: &Sources) -> Done {
    let config = read(sources)?;
    let faults = faults(&config, crate::running::today());
    if faults.is_empty() {
        say(Both::new(
            "設定に問題はありません。",
            "The configuration is sound.",
        ));
        if let Some(told) = uncarried(config.mail.as_ref(), config.sms.as_ref()) {
            say(format!("! {told}"));
        }
        return Ok(ExitCode::SUCCESS);
    }
    for fault in &faults {
        say(format!("✗ {fault}"));
    }
    say(Both::new(
        format!("直すところ: {}", faults.len()),
        format!("to mend: {}", faults.len()),
    ));
    Ok(ExitCode::FAILURE)
}

/// Whether a path lies in a folder, by its written form, links followed where they exist.
pub(crate) fn lies_in(path: &Path, folder: &Path) -> bool {
    settled(path).starts_with(settled(folder))
}

/// The path with its existing part made plain, and without steps back in the rest.
fn settled(path: &Path) -> PathBuf {
    let path = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    let mut plain = PathBuf::new();
    for part in path.components() {
        match part {
            Component::ParentDir => {
                plain.pop();
            }
            other => plain.push(other),
        }
        if let Ok(real) = plain.canonicalize() {
            plain = real;
        }
    }
    plain
}
