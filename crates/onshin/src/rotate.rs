//! `onshin rotate-master-key`: a new master.key, every institution's key wrapped under it in one commit, and no moment
//! at which a crash leaves records that no file opens.
//!
//! In order: `master.key.new` is written; the commit wraps all keys anew; `master.key` also becomes `master.key.old`;
//! `master.key.new` becomes `master.key`. The same command again goes on from wherever it was interrupted.

use crate::{
    Done,
    config::{self, Config, Data, Sources},
    outcome::Outcome,
    running, serve,
    tell::{Both, say, warn},
};
use clap::Args;
use std::{
    fs::File,
    path::{Path, PathBuf},
    process::ExitCode,
};
use store::{MasterKey, OpenError, Reader, Settings, Store};

/// 鍵の交換
#[derive(Args)]
pub(crate) struct Wish {
    #[command(flatten)]
    sources: Sources,
    /// Removes master.key.old, once no backup needs it any more (古い鍵を消す)
    #[arg(long)]
    forget_old: bool,
}

/// How the name of a new key that is not in force yet ends.
const NEW: &str = ".new";
/// How the name of the key before ends.
pub(crate) const OLD: &str = ".old";

/// What has been done; after each the machine may stop.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Step {
    /// The new key is on the disk.
    Written,
    /// Every institution's key is wrapped under the new one.
    Committed,
    /// The old key has its second name.
    OldKept,
    /// The new key has its name.
    Replaced,
}

/// The three files.
struct Files {
    key: PathBuf,
    new: PathBuf,
    old: PathBuf,
}

impl Files {
    fn of(data: &Data) -> Self {
        Self {
            key: data.master_key_file.clone(),
            new: data.key_beside(NEW),
            old: data.key_beside(OLD),
        }
    }
}

/// `onshin rotate-master-key`
pub(crate) fn run(wish: &Wish) -> Done {
    let config = config::read(&wish.sources)?;
    running::run(async move {
        if wish.forget_old {
            forget(&config).await?;
        } else {
            rotate(&config, Step::Replaced).await?;
            told(&Files::of(&config.data));
        }
        Ok(ExitCode::SUCCESS)
    })
}

/// An [`OpenError`] in words; an interrupted change of the key is told as what it is.
pub(crate) fn explained(why: OpenError, data: &Data) -> Outcome {
    match why {
        OpenError::WrongKey if data.key_beside(NEW).exists() => interrupted(),
        other => other.into(),
    }
}

fn interrupted() -> Outcome {
    Outcome::new(
        "鍵の交換が、途中で止まっています。onshin rotate-master-key をもう一度してください。",
        "a change of the master key was interrupted: run onshin rotate-master-key once more.",
    )
}

/// Changes the key, or goes on with a change that was interrupted, up to a step: a test lets the machine stop there.
async fn rotate(config: &Config, last: Step) -> Result<(), Outcome> {
    let files = Files::of(&config.data);
    if files.old.exists() && !files.new.exists() {
        let old = files.old.display();
        return Err(Outcome::new(
            format!(
                "前の交換の古い鍵 {old} が、まだあります。要らなくなったら onshin rotate-master-key --forget-old で消してから、もう一度してください。"
            ),
            format!(
                "{old}, the old key of the change before, is still there. When nothing needs it, remove it with onshin rotate-master-key --forget-old, then try again."
            ),
        ));
    }
    if !is_committed(config, &files).await? {
        let store = alone(config, &files.key).await?;
        let done = commit(&store, &files, last).await;
        store.close().await;
        done?;
        if last == Step::Written {
            return Ok(());
        }
    }
    if last == Step::Committed {
        return Ok(());
    }
    if !files.old.exists() {
        std::fs::hard_link(&files.key, &files.old)
            .map_err(|why| Outcome::file(&files.old, &why))?;
    }
    settle(&files.key)?;
    if last == Step::OldKept {
        return Ok(());
    }
    std::fs::rename(&files.new, &files.key).map_err(|why| Outcome::file(&files.key, &why))?;
    settle(&files.key)?;
    opens(config, &files.key).await
}

/// Writes the new key and wraps everything under it.
async fn commit(store: &Store, files: &Files, last: Step) -> Result<(), Outcome> {
    // One that lies there was never in force: the present key opens the database.
    match std::fs::remove_file(&files.new) {
        Err(why) if why.kind() != std::io::ErrorKind::NotFound => {
            return Err(Outcome::file(&files.new, &why));
        }
        Ok(()) | Err(_) => {}
    }
    let new = MasterKey::generate()?;
    new.save(&files.new)?;
    settle(&files.new)?;
    if last != Step::Written {
        store::rotate_master_key(store, &new, running::now()).await?;
    }
    Ok(())
}

/// Whether the commit of an interrupted change was made: then only the new key opens the database.
async fn is_committed(config: &Config, files: &Files) -> Result<bool, Outcome> {
    if !files.new.exists() {
        return Ok(false);
    }
    match alone(config, &files.key).await {
        Ok(store) => {
            store.close().await;
            Ok(false)
        }
        Err(why) if opens(config, &files.new).await.is_err() => Err(why),
        Err(_) => Ok(true),
    }
}

/// The database, with nobody beside.
async fn alone(config: &Config, key: &Path) -> Result<Store, Outcome> {
    serve::make_folder(&config.data.folder)?;
    Ok(Store::open_alone(Settings {
        database: config.data.database()?,
        master_key: MasterKey::load(key)?,
        anchor: config.data.anchor_file.clone(),
        reserve: None,
    })
    .await?)
}

/// Whether a key opens every institution's keys.
async fn opens(config: &Config, key: &Path) -> Result<(), Outcome> {
    let reader = Reader::open(&config.data.database()?, MasterKey::load(key)?).await?;
    for (tenant, _) in reader.tenants().await? {
        drop(reader.read(tenant).await?);
    }
    reader.close().await;
    Ok(())
}

/// Waits until the names in a file's folder are on the disk.
fn settle(file: &Path) -> Result<(), Outcome> {
    let folder = file
        .parent()
        .filter(|folder| !folder.as_os_str().is_empty())
        .unwrap_or(Path::new("."));
    File::open(folder)
        .and_then(|folder| folder.sync_all())
        .map_err(|why| Outcome::file(folder, &why))
}

/// Removes the old key, if the present one opens everything.
async fn forget(config: &Config) -> Result<(), Outcome> {
    let files = Files::of(&config.data);
    if files.new.exists() {
        return Err(interrupted());
    }
    opens(config, &files.key).await?;
    std::fs::remove_file(&files.old).map_err(|why| Outcome::file(&files.old, &why))?;
    settle(&files.key)?;
    say(Both::new(
        format!("古い鍵 {} を消しました。", files.old.display()),
        format!("The old key {} is removed.", files.old.display()),
    ));
    Ok(())
}

fn told(files: &Files) {
    let (key, old) = (files.key.display(), files.old.display());
    say(Both::new(
        format!("鍵を交換しました: {key}"),
        format!("The master key is changed: {key}"),
    ));
    warn(Both::new(
        format!(
            "新しい鍵 {key} の控えを、この機械とバックアップの外に、いま1つ作ってください。前の控えでは、もう開けません。"
        ),
        format!(
            "Make a copy of the new {key} now, outside this machine and its backups. The copy you have opens it no more."
        ),
    ));
    warn(Both::new(
        format!(
            "これまでのバックアップは、古い鍵 {old} でしか開けません。それらがなくなったら、onshin rotate-master-key --forget-old で消してください。"
        ),
        format!(
            "Backups made until now open only with the old key, {old}. When they are gone, remove it with onshin rotate-master-key --forget-old."
        ),
    ));
}

#[cfg(test)]
mod tests {
    use super::*;
    use access::TenantId;

    const CLINIC: TenantId = TenantId(access::Ulid::from_bytes([1; 16]));

    async fn installation() -> (tempfile::TempDir, Config) {
        let folder = tempfile::tempdir().unwrap();
        let mut config = Config::default();
        config.data.folder = folder.path().join("data");
        config.data.master_key_file = folder.path().join("master.key");
        config.data.anchor_file = None;
        MasterKey::generate()
            .unwrap()
            .save(&config.data.master_key_file)
            .unwrap();
        let store = served(&config).await.unwrap();
        store
            .create_tenant(CLINIC, "見本", running::now())
            .await
            .unwrap();
        store.close().await;
        (folder, config)
    }

    async fn served(config: &Config) -> Result<Store, Outcome> {
        serve::open_store(config, serve::Reserve::None).await
    }

    fn names(folder: &tempfile::TempDir) -> Vec<String> {
        let mut names: Vec<String> = std::fs::read_dir(folder.path())
            .unwrap()
            .map(|file| file.unwrap().file_name().into_string().unwrap())
            .filter(|name| name.starts_with("master"))
            .collect();
        names.sort();
        names
    }

    async fn rotations(config: &Config) -> usize {
        let key = MasterKey::load(&config.data.master_key_file).unwrap();
        let database = config.data.database().unwrap();
        let reader = Reader::open(&database, key).await.unwrap();
        let mut read = reader.read(TenantId::INSTALLATION).await.unwrap();
        let entries = read.entries(0, 100).await.unwrap();
        entries
            .iter()
            .filter(|entry| entry.body.contains("\"subject\":\"key.rotated\""))
            .count()
    }

    #[tokio::test]
    async fn a_change_that_stops_anywhere_is_finished_by_the_next() {
        for step in [Step::Written, Step::Committed, Step::OldKept] {
            let (folder, config) = installation().await;
            let before = std::fs::read(&config.data.master_key_file).unwrap();
            rotate(&config, step).await.unwrap();
            match served(&config).await {
                Ok(store) => {
                    assert_eq!(step, Step::Written, "the old key opens what it should not");
                    store.close().await;
                }
                Err(why) => {
                    let said = format!("{why:?}");
                    assert!(said.contains("rotate-master-key"), "{step:?}: {said}");
                }
            }
            rotate(&config, Step::Replaced).await.unwrap();
            assert_eq!(names(&folder), ["master.key", "master.key.old"], "{step:?}");
            assert!(std::fs::read(config.data.key_beside(OLD)).unwrap() == before);
            assert!(std::fs::read(&config.data.master_key_file).unwrap() != before);
            assert_eq!(rotations(&config).await, 1, "{step:?}");
            served(&config).await.unwrap().close().await;
        }
    }

    #[tokio::test]
    async fn the_old_key_is_removed_only_when_asked_and_stands_in_the_way_of_the_next_change() {
        let (folder, config) = installation().await;
        rotate(&config, Step::Replaced).await.unwrap();
        assert!(rotate(&config, Step::Replaced).await.is_err());
        forget(&config).await.unwrap();
        assert_eq!(names(&folder), ["master.key"]);
        rotate(&config, Step::Replaced).await.unwrap();
        assert_eq!(rotations(&config).await, 2);
    }

    #[tokio::test]
    async fn nothing_is_changed_while_another_program_has_the_database() {
        let (folder, config) = installation().await;
        let store = served(&config).await.unwrap();
        let said = format!("{:?}", rotate(&config, Step::Replaced).await.unwrap_err());
        assert!(said.contains("another program"), "{said}");
        assert_eq!(names(&folder), ["master.key"]);
        store.close().await;
        drop(store);
        let alone = alone(&config, &config.data.master_key_file).await.unwrap();
        assert!(served(&config).await.is_err());
        alone.close().await;
    }
}
