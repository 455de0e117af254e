//! `onshin doctor`: what is wrong with this installation, in plain words; on paper, the day's plans and contacts.

mod paper;

use crate::{
    Done,
    config::{self, Config, Sources},
    demo,
    outcome::Outcome,
    running, space,
    tell::{Both, say},
    verify,
};
use access::TenantId;
use clap::Args;
use jiff::{Timestamp, civil::Date};
use std::{path::PathBuf, process::ExitCode};
use store::{MasterKey, Reader, Stamping, Standing};

/// 具合をみる
#[derive(Args)]
pub(crate) struct Wish {
    #[command(flatten)]
    sources: Sources,
    /// Prints the day's plans and contacts, for when everything else fails (停電用の一覧)
    #[arg(long)]
    paper: bool,
    /// The state folder of a demo, instead of a configuration (見本の場所)
    #[arg(long, value_name = "DIR", conflicts_with_all = ["config", "set"])]
    demo: Option<PathBuf>,
}

/// What one look found.
enum Found {
    /// ✓
    Good(Both),
    /// ✗, with what to do.
    Wrong(Both),
    /// ? could not be looked at.
    Unknown(Both),
}

/// Free space on the data's disk under which it is time to make room.
const FREE_BYTES_MIN: u64 = 2 * 1024 * MEGABYTE;
const MEGABYTE: u64 = 1024 * 1024;
/// A clock before this program was written, or a hundred years after, is not set.
const CLOCK_FROM: i64 = 1_780_000_000;
const CLOCK_UNTIL: i64 = CLOCK_FROM + 100 * 365 * 86_400;
/// A file from the future by this many seconds means that the clock went back.
const BACK_SECONDS_MAX: u64 = 120;

/// `onshin doctor`
pub(crate) fn run(wish: &Wish) -> Done {
    let config = match &wish.demo {
        Some(state) => demo::place(state),
        None => config::read(&wish.sources)?,
    };
    if wish.paper {
        return paper::print(&config);
    }
    let now = running::now();
    let mut found = configured(&config);
    found.extend([clock(&config, now), space(&config), port(&config)]);
    found.extend(running::run(async {
        let mut found = database(&config).await;
        found.extend(time_stamps(&config, wish.demo.is_some(), now).await);
        if wish.demo.is_none() {
            found.push(messages(&config));
        }
        Ok::<_, Outcome>(found)
    })?);
    let mut good = true;
    for one in &found {
        match one {
            Found::Good(both) => say(format!("✓ {both}")),
            Found::Unknown(both) => say(format!("? {both}")),
            Found::Wrong(both) => {
                good = false;
                say(format!("✗ {both}"));
            }
        }
    }
    Ok(if good {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

/// Settings, keys, permissions and certificates.
fn configured(config: &Config) -> Vec<Found> {
    let faults = config::faults(config, running::today());
    if faults.is_empty() {
        return vec![Found::Good(Both::new(
            "設定・鍵・証明書に問題はありません。",
            "Configuration, keys and certificates are in order.",
        ))];
    }
    faults.into_iter().map(Found::Wrong).collect()
}

/// Who carries messages to patients. Nobody is no fault: reception can hand links over.
fn messages(config: &Config) -> Found {
    match config::uncarried(config.mail.as_ref(), config.sms.as_ref()) {
        Some(told) => Found::Unknown(told),
        None => Found::Good(Both::new(
            "患者への案内は、メールとSMSで送られます。",
            "Messages to patients go by mail and SMS.",
        )),
    }
}

fn clock(config: &Config, now: Timestamp) -> Found {
    let newest = std::fs::metadata(config.data.sqlite())
        .and_then(|file| file.modified())
        .ok();
    let written = newest.and_then(|at| at.duration_since(std::time::UNIX_EPOCH).ok());
    let seconds = u64::try_from(now.as_second()).unwrap_or_default();
    let went_back = written.is_some_and(|at| at.as_secs() > seconds + BACK_SECONDS_MAX);
    if went_back || !(CLOCK_FROM..CLOCK_UNTIL).contains(&now.as_second()) {
        return Found::Wrong(Both::new(
            "時計が合っていません。時刻の同期(NTP)を入れてください。6けたの番号でのサインインと、記録の時刻がくるいます。",
            "The clock is wrong. Turn on time synchronisation (NTP): one-time codes and the times of records depend on it.",
        ));
    }
    Found::Good(Both::new("時計は動いています。", "The clock runs."))
}

fn space(config: &Config) -> Found {
    match space::free_bytes(&config.data.folder) {
        Err(_) => Found::Unknown(Both::new(
            "ディスクの空きは分かりません。",
            "Free disk space is not known.",
        )),
        Ok(free) if free < FREE_BYTES_MIN => Found::Wrong(Both::new(
            format!(
                "ディスクの空きが {} MB しかありません。2 GB より多くあけてください。",
                free / MEGABYTE
            ),
            format!(
                "Only {} MB are free on the disk. Make room for more than 2 GB.",
                free / MEGABYTE
            ),
        )),
        Ok(free) => Found::Good(Both::new(
            format!("ディスクの空き {} MB。", free / MEGABYTE),
            format!("{} MB are free on the disk.", free / MEGABYTE),
        )),
    }
}

/// Whether picture and sound could listen, or something listens there already.
fn port(config: &Config) -> Found {
    for at in &config.media.listen {
        if let Err(why) = std::net::UdpSocket::bind(at) {
            return match why.kind() {
                std::io::ErrorKind::AddrInUse => Found::Good(Both::new(
                    format!(
                        "映像と音声の口 {at} は使用中です(onshin が動いていれば、それで正しい)。"
                    ),
                    format!("The media port {at} is in use, as it should be while onshin runs."),
                )),
                _ => Found::Wrong(Both::new(
                    format!("media.listen: {at} を開けません: {why}"),
                    format!("media.listen: {at} cannot be opened: {why}"),
                )),
            };
        }
    }
    Found::Good(Both::new(
        "映像と音声の口を開けます。外から届くかは、ルーターで UDP と TCP を通しているかによります。",
        "The media port can be opened. Whether it is reached from outside depends on the router: let UDP and TCP through.",
    ))
}

/// The database, read only: does it open with this key, and do the ledgers stand?
async fn database(config: &Config) -> Vec<Found> {
    let opened = async {
        let database = config.data.database()?;
        let master = MasterKey::load(&config.data.master_key_file)?;
        let anchor = config
            .data
            .anchor_file
            .as_ref()
            .and_then(|file| std::fs::read_to_string(file).ok());
        Ok::<_, Outcome>(store::verify(&database, Some(&master), anchor.as_deref()).await?)
    };
    let report = match opened.await {
        Ok(report) => report,
        Err(why) => return why.into_messages().into_iter().map(Found::Wrong).collect(),
    };
    report
        .ledgers
        .iter()
        .map(|ledger| {
            let both = verify::standing(ledger);
            match ledger.standing {
                Standing::Good => Found::Good(both),
                Standing::Tampered(_) => Found::Wrong(both),
                Standing::CannotTell { .. } => Found::Unknown(both),
            }
        })
        .collect()
}

/// Whether the daily root of each ledger has its time-stamp (cl-2.5.2.1-x-a).
async fn time_stamps(config: &Config, demo: bool, now: Timestamp) -> Vec<Found> {
    if config.timestamp.url.is_none() && !demo {
        return vec![Found::Wrong(Both::new(
            "時刻認証局が設定されていません(timestamp.url)。記録の時刻を、外の人に証明できません。",
            "no time-stamp authority configured (timestamp.url): the time of the records cannot be proved to others.",
        ))];
    }
    let unknown = || {
        Found::Unknown(Both::new(
            "時刻印のようすは分かりません。",
            "How the time-stamps stand is not known.",
        ))
    };
    match stampings(config, store::dossier::legal_day(now)).await {
        Err(_) => vec![unknown()],
        Ok(ledgers) => {
            let mut found: Vec<Found> = ledgers
                .into_iter()
                .map(|(tenant, stamping)| stamped(tenant, &stamping))
                .collect();
            if config.timestamp.ca_file.is_none() && !demo {
                found.push(Found::Unknown(Both::new(
                    "timestamp.ca_file がありません。だれが時刻印を押したかは、たしかめていません。",
                    "timestamp.ca_file is missing: who made the time-stamps is not verified.",
                )));
            }
            found
        }
    }
}

async fn stampings(config: &Config, today: Date) -> Result<Vec<(TenantId, Stamping)>, Outcome> {
    let master = MasterKey::load(&config.data.master_key_file)?;
    let reader = Reader::open(&config.data.database()?, master).await?;
    let mut found = Vec::new();
    let institutions = reader.tenants().await?.into_iter().map(|(id, _)| id);
    for tenant in [TenantId::INSTALLATION].into_iter().chain(institutions) {
        found.push((tenant, reader.read(tenant).await?.stamping(today).await?));
    }
    reader.close().await;
    Ok(found)
}

fn stamped(tenant: TenantId, stamping: &Stamping) -> Found {
    let days = stamping.days_without;
    let newest = stamping
        .newest
        .as_ref()
        .map(|(at, authority)| format!("{at} {authority}"));
    if days > 0 {
        return Found::Wrong(Both::new(
            format!(
                "{tenant} 台帳: {days} 日ぶんの時刻印がありません。時刻認証局とのつながりを見てください。"
            ),
            format!(
                "{tenant} ledger: {days} days are without a time-stamp. Look at the way to the authority."
            ),
        ));
    }
    Found::Good(match newest {
        Some(newest) => Both::new(
            format!("{tenant} 台帳の時刻印: {newest}"),
            format!("{tenant} ledger, time-stamped: {newest}"),
        ),
        None => Both::new(
            format!("{tenant} 台帳の時刻印: まだ、押す日が来ていません。"),
            format!("{tenant} ledger: nothing is due to be time-stamped yet."),
        ),
    })
}
