//! `onshin serve`: opens everything, says where, runs until it is told to end, and ends in order.

use crate::{
    Done,
    carrier::Carriers,
    config::{self, Config, Sources},
    courier::{self, Port},
    demo, door, nightly,
    outcome::Outcome,
    reminder, room_watch, rotate, running, space,
    tell::{self, say},
    timestamp::{self, Authority},
};
use access::TenantId;
use jiff::civil::Date;
use media::Media;
use std::{path::Path, process::ExitCode};
use store::{MasterKey, Store};
use tokio::{
    signal::unix::{SignalKind, signal},
    sync::{mpsc, watch},
};
use web::{App, Parts, Surface, serve_router, system_clock, system_entropy};

/// `onshin serve`
pub(crate) fn run(sources: &Sources) -> Done {
    let config = config::sound(sources, running::today())?;
    tell::log_json(&config.log.level);
    running::run(async move {
        let store = open_store(&config, Reserve::Held).await?;
        if store
            .tenants()
            .await?
            .iter()
            .any(|(id, _)| *id == demo::CLINIC)
        {
            store.close().await;
            return Err(Outcome::new(
                "このデータベースは見本(demo)のものです。診療には使えません。onshin demo で開くか、別の場所で onshin init をしてください。",
                "this database is a demonstration's; no care is given on it. Open it with onshin demo, or run onshin init elsewhere.",
            ));
        }
        let home = home(&config, &store).await?;
        let wanted = Wanted {
            config: &config,
            home,
            authority: Authority::configured(&config)?,
            demo: false,
            today: running::today(),
        };
        let house = wanted.open(store).await?;
        tracing::info!(patient = %config.patient.url, staff = %config.staff.url, media_port = house.media_port, "ready");
        house.until_told().await?;
        Ok(ExitCode::SUCCESS)
    })
}

/// Space on the data's disk that is held back for the day the disk is full.
pub(crate) enum Reserve {
    /// While visits are served.
    Held,
    /// For a command that ends at once.
    None,
}

/// Opens storage with the key and the anchor of the configuration.
///
/// # Errors
///
/// The key or the database cannot be used.
pub(crate) async fn open_store(config: &Config, reserve: Reserve) -> Result<Store, Outcome> {
    let data = &config.data;
    make_folder(&data.folder)?;
    if let Some(folder) = data.anchor_file.as_ref().and_then(|file| file.parent()) {
        make_folder(folder)?;
    }
    Store::open(store::Settings {
        database: data.database()?,
        master_key: MasterKey::load(&data.master_key_file)?,
        anchor: data.anchor_file.clone(),
        reserve: match reserve {
            Reserve::Held => Some(data.folder.join("reserve")),
            Reserve::None => None,
        },
    })
    .await
    .map_err(|why| rotate::explained(why, data))
}

/// Makes a folder that only the owner can look into; one that exists stays as it is.
///
/// # Errors
///
/// It cannot be made.
pub(crate) fn make_folder(folder: &Path) -> Result<(), Outcome> {
    use std::os::unix::fs::DirBuilderExt as _;
    std::fs::DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(folder)
        .map_err(|why| Outcome::file(folder, &why))
}

/// The institution that strangers are shown: the configured one, or the only one.
async fn home(config: &Config, store: &Store) -> Result<Option<TenantId>, Outcome> {
    if let Some(id) = config.home.as_ref().and_then(|id| id.parse().ok()) {
        return Ok(Some(id));
    }
    match store.tenants().await?.as_slice() {
        [] => Err(Outcome::new(
            "医療機関がまだありません。onshin init をしてください。",
            "there is no institution yet: run onshin init.",
        )),
        [(only, _)] => Ok(Some(*only)),
        _ => Ok(None),
    }
}

/// What is to be opened.
pub(crate) struct Wanted<'a> {
    /// The configuration.
    pub(crate) config: &'a Config,
    /// The institution that strangers are shown.
    pub(crate) home: Option<TenantId>,
    /// Who stamps the daily root.
    pub(crate) authority: Option<Authority>,
    /// A demonstration.
    pub(crate) demo: bool,
    /// The legal day: TLS 1.2 ends on one.
    pub(crate) today: Date,
}

/// Everything that runs.
pub(crate) struct House {
    store: Store,
    doors: Vec<door::Open>,
    end: watch::Sender<bool>,
    /// The port of picture and sound.
    pub(crate) media_port: u16,
}

impl Wanted<'_> {
    /// Starts media, the surfaces and the timers.
    ///
    /// # Errors
    ///
    /// A port is taken, or a certificate cannot be used.
    pub(crate) async fn open(self, store: Store) -> Result<House, Outcome> {
        let config = self.config;
        let port = if self.demo {
            Port::Fake
        } else {
            Port::Real(Box::new(Carriers::configured(config)?))
        };
        let (media, notices) = media(config)?;
        let media_port = media.port();
        let app = App::new(Parts {
            store: store.clone(),
            media: Some(media.clone()),
            settings: web::Settings {
                patient_url: config.patient.url.clone(),
                staff_url: config.staff.url.clone(),
                admin_url: config.admin.url.clone(),
                proxies: config.network.proxies.clone(),
                home: self.home,
                demo: self.demo,
                time_stamp_authority: self.authority.is_some(),
                duties: crate::DUTIES,
                carried: port.channels(),
            },
            clock: system_clock(),
            entropy: system_entropy(),
        });
        let (end, ended) = watch::channel(false);
        let mut doors = Vec::new();
        for (surface, (name, door)) in [Surface::Patient, Surface::Staff, Surface::Admin]
            .into_iter()
            .zip(config.doors())
        {
            let secure = door
                .tls
                .as_ref()
                .map(|tls| door::tls(tls, self.today))
                .transpose()
                .map_err(|why| {
                    Outcome::new(format!("{name}.tls: {why}"), format!("{name}.tls: {why}"))
                })?;
            let router = serve_router(surface, app.clone());
            let opened = door::open(door, router, secure, &ended)
                .await
                .map_err(|why| {
                    Outcome::new(
                        format!("{name}.listen: 待ち受けられません: {why}"),
                        format!("{name}.listen: cannot listen: {why}"),
                    )
                })?;
            doors.push(opened);
        }
        tokio::spawn(room_watch::run(
            store.clone(),
            media,
            notices,
            system_clock(),
        ));
        tokio::spawn(space::run(
            store.clone(),
            config.data.folder.clone(),
            ended.clone(),
        ));
        tokio::spawn(courier::run(
            store.clone(),
            port,
            system_clock(),
            ended.clone(),
        ));
        if let Some(authority) = self.authority {
            let (store, ended) = (store.clone(), ended.clone());
            tokio::spawn(timestamp::run(store, authority, system_clock(), ended));
        }
        tokio::spawn(reminder::run(
            store.clone(),
            config.patient.url.clone(),
            (system_clock(), system_entropy()),
            ended.clone(),
        ));
        let places = vec![config.data.folder.clone(), std::env::temp_dir()];
        tokio::spawn(nightly::run(store.clone(), places, system_clock(), ended));
        Ok(House {
            store,
            doors,
            end,
            media_port,
        })
    }
}

fn media(config: &Config) -> Result<(Media, mpsc::Receiver<media::Notice>), Outcome> {
    Media::start(media::Settings {
        listen: config.media.listen.clone(),
        advertise: config.media.advertise.clone(),
    })
    .map_err(|why| {
        Outcome::new(
            format!("media.listen: 映像と音声の待ち受けができません: {why}"),
            format!("media.listen: cannot listen for picture and sound: {why}"),
        )
    })
}

impl House {
    /// Serves until SIGTERM or SIGINT; then lets what is under way finish, and closes storage last.
    ///
    /// # Errors
    ///
    /// The machine gives no signals.
    pub(crate) async fn until_told(self) -> Result<(), Outcome> {
        let mut terminate = signal(SignalKind::terminate()).map_err(Outcome::machine)?;
        let mut interrupt = signal(SignalKind::interrupt()).map_err(Outcome::machine)?;
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => say(""),
        }
        tracing::info!("ending");
        let _ = self.end.send(true);
        for door in self.doors {
            door.ended().await;
        }
        self.store.close().await;
        Ok(())
    }
}
