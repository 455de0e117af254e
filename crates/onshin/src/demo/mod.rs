//! `onshin demo`: a made-up clinic on this machine only, usable at every start, kept between starts.

pub(crate) mod authority;
mod calendar;
mod certificate;
mod conditions;
mod house;
mod lists;
mod past;
mod pathways;
mod patients;
mod people;
mod report;
#[cfg(test)]
pub(crate) mod seeded;
mod today;

use crate::{
    Done,
    config::{Config, Door, MediaPlace},
    outcome::Outcome,
    running, serve,
    tell::{self, say},
};
use access::{TenantId, Ulid};
use calendar::Calendar;
use clap::Args;
use std::{
    net::{Ipv4Addr, Ipv6Addr, SocketAddr},
    path::{Path, PathBuf},
    process::ExitCode,
    time::Instant,
};
use store::{Database, MasterKey, Store};

/// The id of every demonstration's clinic, and of nothing else: a database that holds it is refused by `serve`.
pub(crate) const CLINIC: TenantId = TenantId(Ulid(0x00de_3000_0000_0000_0000_0000_0000_0001));

/// 見本の診療所
#[derive(Args)]
pub(crate) struct Wish {
    /// Port of the patients' pages (患者の入口)
    #[arg(long, default_value_t = 8080)]
    patient_port: u16,
    /// Port of the staff's pages (職員の入口)
    #[arg(long, default_value_t = 8081)]
    staff_port: u16,
    /// Port of the operator's pages (管理の入口)
    #[arg(long, default_value_t = 8082)]
    admin_port: u16,
    /// Port of picture and sound, UDP and TCP; 0 is any free one (映像と音声)
    #[arg(long, default_value_t = 0)]
    media_port: u16,
    /// Folder of the demo's state [default: ./target/demo]
    #[arg(long)]
    state: Option<PathBuf>,
    /// Begins anew: everything of the last demo is thrown away (はじめから)
    #[arg(long)]
    fresh: bool,
}

/// `onshin demo`
pub(crate) fn run(wish: &Wish) -> Done {
    let began = Instant::now();
    tell::log_plain("warn");
    let state = crate::demo_state(wish.state.clone());
    let known = report::read(&state.join(report::FILE));
    let new = wish.fresh || known.is_none();
    if new {
        clear(&state)?;
    }
    let config = config(wish, &state);
    running::run(async move {
        let store = open_store(&config).await?;
        let calendar = Calendar::of(running::now());
        let known = known.filter(|_| !new);
        say(if new {
            "見本の診療所をつくっています / making a made-up clinic"
        } else {
            "見本の診療所を開けています / opening the made-up clinic"
        });
        let workers = match &known {
            None => people::employ(&store, &calendar).await?,
            Some(known) => known.staff.clone(),
        };
        if new {
            step("医師・職員・体制 / people and registers");
            house::furnish(&store, &calendar).await?;
            lists::load(&store, &calendar).await?;
            pathways::open(&store, &calendar).await?;
            step("患者と記録 / patients and their charts");
            past::tell(&store, &calendar).await?;
        }
        step("きょうの予約 / today's bookings");
        let visits = today::fill(&store, &calendar, known.as_ref(), &config.patient.url).await?;
        let told = report::Told::new(&config, workers, visits);
        report::write(&state.join(report::FILE), &told)?;
        let wanted = serve::Wanted {
            config: &config,
            home: Some(CLINIC),
            authority: Some(authority::of(&state)?),
            demo: true,
            today: calendar.today,
        };
        let house = wanted.open(store).await?;
        report::print(&told, house.media_port, &state, began.elapsed());
        house.until_told().await?;
        say("終わりました。 / ended.");
        Ok(ExitCode::SUCCESS)
    })
}

fn step(what: &str) {
    say(format!("  ・{what}"));
}

/// Where a demo's data lie.
pub(crate) fn place(state: &Path) -> Config {
    let mut config = Config::default();
    config.data.folder = state.join("data");
    config.data.master_key_file = state.join("master.key");
    config.data.anchor_file = Some(state.join("checkpoints.log"));
    config
}

/// The demo's configuration: loopback only, both families.
fn config(wish: &Wish, state: &Path) -> Config {
    Config {
        patient: Door::loopback("localhost", wish.patient_port),
        staff: Door::loopback("localhost", wish.staff_port),
        admin: Door::loopback("127.0.0.1", wish.admin_port),
        media: MediaPlace {
            listen: vec![
                SocketAddr::from((Ipv4Addr::LOCALHOST, wish.media_port)),
                SocketAddr::from((Ipv6Addr::LOCALHOST, wish.media_port)),
            ],
            advertise: Vec::new(),
        },
        ..place(state)
    }
}

/// What a demo keeps in its folder; nothing else there is touched.
const KEPT: [&str; 8] = [
    "data",
    "master.key",
    "checkpoints.log",
    "time-stamps.log",
    authority::ROOT,
    authority::SIGNER,
    authority::KEY,
    report::FILE,
];

fn clear(state: &Path) -> Result<(), Outcome> {
    for name in KEPT {
        let path = state.join(name);
        let removed = if path.is_dir() {
            std::fs::remove_dir_all(&path)
        } else {
            std::fs::remove_file(&path)
        };
        match removed {
            Err(why) if why.kind() != std::io::ErrorKind::NotFound => {
                return Err(Outcome::file(&path, &why));
            }
            Ok(()) | Err(_) => {}
        }
    }
    Ok(())
}

/// The demo's own storage: a key is made when there is none, and no space is held back on the disk.
async fn open_store(config: &Config) -> Result<Store, Outcome> {
    serve::make_folder(&config.data.folder)?;
    let key = &config.data.master_key_file;
    if !key.exists() {
        MasterKey::generate()?.save(key)?;
    }
    Ok(Store::open(store::Settings {
        database: Database::Sqlite(config.data.sqlite()),
        master_key: MasterKey::load(key)?,
        anchor: config.data.anchor_file.clone(),
        reserve: None,
    })
    .await?)
}
