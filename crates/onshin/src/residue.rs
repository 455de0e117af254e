//! The nightly search for what should not be there: patients' names in plain text, in the data or in temporary files
//! (cl-2.5.2.1-vi-a). Content is sealed at rest, so one readable name is a finding.

use aho_corasick::AhoCorasick;
use jiff::Timestamp;
use std::{
    collections::BTreeSet,
    fs::{self, File},
    io::BufReader,
    path::{Path, PathBuf},
};
use store::{Fault, Store};

/// The check's name in the register, the ledger and the findings.
const NAME: &str = "residue_found";
/// Shortest text that is looked for, in bytes: shorter ones stand in other words by chance.
const MARKER_BYTES_MIN: usize = 9;
/// Patients of one institution looked for in one night.
const PATIENTS_A_NIGHT: u64 = 2_000;
const DAY_SECONDS: i64 = 24 * 60 * 60;
/// Most files looked at in one night.
const FILES_MAX: usize = 20_000;
/// Largest file that is read whole; a larger one is read up to here.
const FILE_BYTES_MAX: u64 = 1 << 30;

/// Searches the places for names, kana and numbers of each institution's patients, and keeps how many files hold one.
///
/// So many patients of each institution are looked for in one night, the next ones the night after, until it begins anew:
/// nobody is left out for good.
///
/// # Errors
///
/// Storage failed. Files that cannot be read are passed over: another program's are not ours to open.
pub(crate) async fn search(
    store: &Store,
    places: &[PathBuf],
    now: Timestamp,
) -> Result<usize, Fault> {
    let mut sum = 0;
    for (tenant, _) in store.tenants().await? {
        let night = u64::try_from(now.as_second() / DAY_SECONDS).unwrap_or(0);
        let patients = store
            .read(tenant)
            .await?
            .patients_in_turn(night, PATIENTS_A_NIGHT)
            .await?;
        let markers: BTreeSet<String> = patients
            .into_iter()
            .flat_map(|patient| {
                [
                    patient.profile.name,
                    patient.profile.kana,
                    patient.profile.phone,
                ]
            })
            .filter(|text| text.len() >= MARKER_BYTES_MIN)
            .collect();
        let places = places.to_vec();
        let found = tokio::task::spawn_blocking(move || holding(&markers, &places))
            .await
            .unwrap_or(0);
        store
            .write::<_, Fault, _>(tenant, now, move |tx| {
                Box::pin(async move { tx.keep_invariant(NAME, found).await })
            })
            .await?;
        sum += found;
    }
    Ok(sum)
}

/// How many files below the places hold one of the texts, in UTF-8 or UTF-16.
fn holding(markers: &BTreeSet<String>, places: &[PathBuf]) -> usize {
    let wide = |text: &String| {
        text.encode_utf16()
            .flat_map(u16::to_le_bytes)
            .collect::<Vec<u8>>()
    };
    let patterns: Vec<Vec<u8>> = markers
        .iter()
        .flat_map(|text| [text.clone().into_bytes(), wide(text)])
        .collect();
    let Ok(finder) = AhoCorasick::new(patterns) else {
        return 0;
    };
    files(places)
        .iter()
        .filter(|file| holds(&finder, file))
        .count()
}

fn holds(finder: &AhoCorasick, file: &Path) -> bool {
    use std::io::Read as _;
    let Ok(file) = File::open(file) else {
        return false;
    };
    finder
        .stream_find_iter(BufReader::new(file.take(FILE_BYTES_MAX)))
        .any(|hit| hit.is_ok())
}

/// Ordinary files below the places, links not followed.
fn files(places: &[PathBuf]) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut folders: Vec<PathBuf> = places.to_vec();
    while let Some(folder) = folders.pop() {
        let Ok(entries) = fs::read_dir(&folder) else {
            continue;
        };
        for entry in entries.flatten() {
            match entry.file_type() {
                Ok(kind) if kind.is_dir() => folders.push(entry.path()),
                Ok(kind) if kind.is_file() => found.push(entry.path()),
                Ok(_) | Err(_) => {}
            }
            if found.len() == FILES_MAX {
                return found;
            }
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use access::{TenantId, Ulid};
    use care::patient::Profile;
    use store::{By, Database, MasterKey, Settings};

    const CLINIC: TenantId = TenantId(Ulid::from_bytes([7; 16]));

    #[tokio::test]
    async fn cl_2_5_2_1_vi_a_a_name_in_plain_text_is_found_at_night() {
        let folder = tempfile::tempdir().unwrap();
        let (data, temp) = (folder.path().join("data"), folder.path().join("tmp"));
        fs::create_dir_all(&data).unwrap();
        fs::create_dir_all(&temp).unwrap();
        let now: Timestamp = "2026-11-20T18:00:00Z".parse().unwrap();
        let settings = Settings {
            database: Database::Sqlite(data.join("onshin.sqlite")),
            master_key: MasterKey::generate().unwrap(),
            anchor: None,
            reserve: None,
        };
        let store = Store::open(settings).await.unwrap();
        store
            .create_tenant(CLINIC, "見本の診療所", now)
            .await
            .unwrap();
        let profile = Profile {
            name: "標識 名前太郎".to_owned(),
            kana: "ひょうしき なまえたろう".to_owned(),
            birth: jiff::civil::date(1951, 4, 3),
            sex: String::new(),
            phone: "00123456789".to_owned(),
            mail: String::new(),
            address: String::new(),
            alerts: Vec::new(),
        };
        store
            .write::<_, Fault, _>(CLINIC, now, move |tx| {
                Box::pin(async move { tx.add_patient(&By::System, &profile).await })
            })
            .await
            .unwrap();
        let places = [data, temp.clone()];
        assert_eq!(
            search(&store, &places, now).await.unwrap(),
            0,
            "what is kept is sealed"
        );

        fs::write(temp.join("crash.txt"), "… 標識 名前太郎 …").unwrap();
        let wide: Vec<u8> = "ひょうしき なまえたろう"
            .encode_utf16()
            .flat_map(u16::to_le_bytes)
            .collect();
        fs::write(temp.join("session.bin"), wide).unwrap();
        let next = now + jiff::SignedDuration::from_hours(24);
        assert_eq!(search(&store, &places, next).await.unwrap(), 2);
        let mut read = store.read(CLINIC).await.unwrap();
        assert_eq!(read.newest_check(NAME).await.unwrap().unwrap().0, 2);
        drop(read);
        store.close().await;
    }

    #[tokio::test]
    async fn cl_2_5_2_1_vi_a_every_patient_has_a_turn() {
        let now: Timestamp = "2026-11-20T18:00:00Z".parse().unwrap();
        let store = Store::open(Settings {
            database: Database::Memory,
            master_key: MasterKey::generate().unwrap(),
            anchor: None,
            reserve: None,
        })
        .await
        .unwrap();
        store
            .create_tenant(CLINIC, "見本の診療所", now)
            .await
            .unwrap();
        for number in 0..7 {
            let profile = Profile {
                name: format!("標識 {number}"),
                kana: String::new(),
                birth: jiff::civil::date(1951, 4, 3),
                sex: String::new(),
                phone: format!("0012345678{number}"),
                mail: String::new(),
                address: String::new(),
                alerts: Vec::new(),
            };
            store
                .write::<_, Fault, _>(CLINIC, now, move |tx| {
                    Box::pin(async move { tx.add_patient(&By::System, &profile).await })
                })
                .await
                .unwrap();
        }
        let mut seen = BTreeSet::new();
        for night in 0..3 {
            let mut read = store.read(CLINIC).await.unwrap();
            let some = read.patients_in_turn(night, 3).await.unwrap();
            assert!(some.len() <= 3);
            seen.extend(some.into_iter().map(|patient| patient.profile.name));
        }
        assert_eq!(seen.len(), 7);
        let mut read = store.read(CLINIC).await.unwrap();
        assert_eq!(
            read.patients_in_turn(3, 3).await.unwrap().len(),
            3,
            "and anew"
        );
        drop(read);
        store.close().await;
    }
}
