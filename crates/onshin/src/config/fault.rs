//! What is wrong with a configuration: every fault, in both languages, with the name of the setting.

use super::{Config, Door, Tls, carriers, lies_in};
use crate::{door, stores, tell::Both};
use jiff::civil::Date;
use std::{net::SocketAddr, os::unix::fs::PermissionsExt as _, path::Path};

/// Longest reason that is read.
const REASON_CHARS_MIN: usize = 4;

/// Every fault of the configuration on a day.
pub(crate) fn faults(config: &Config, today: Date) -> Vec<Both> {
    let mut faults = Vec::new();
    for (name, door) in config.doors() {
        faults.extend(urls(name, door));
        faults.extend(doors(name, door, today));
    }
    faults.extend(admin(&config.admin));
    faults.extend(hosts(config));
    faults.extend(files(config));
    faults.extend(home(config));
    faults.extend(timestamp(config));
    faults.extend(config.mail.iter().flat_map(carriers::mail));
    faults.extend(config.sms.iter().flat_map(carriers::sms));
    faults.extend(stores::unregistered(config));
    faults
}

/// The parts of an address of ours: scheme and host with port.
fn parts(url: &str) -> Option<(&str, &str)> {
    let (scheme, rest) = url.split_once("://")?;
    let good = matches!(scheme, "http" | "https")
        && !rest.is_empty()
        && rest.bytes().all(|byte| byte.is_ascii_graphic())
        && !rest.contains(['/', '?', '#', '@', '\\']);
    good.then_some((scheme, rest))
}

/// The host without its port.
fn host(place: &str) -> &str {
    match place.rsplit_once(':') {
        Some((host, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => host,
        Some(_) | None => place,
    }
}

/// Whether browsers on this machine only can mean it.
pub(super) fn is_local(host: &str) -> bool {
    let plain = host.trim_matches(['[', ']']);
    plain.eq_ignore_ascii_case("localhost")
        || plain
            .parse::<std::net::IpAddr>()
            .is_ok_and(|address| address.is_loopback())
}

fn urls(name: &str, door: &Door) -> Option<Both> {
    let key = format!("{name}.url");
    let Some((scheme, place)) = parts(&door.url) else {
        return Some(Both::new(
            format!(
                "{key}: 「{}」は、https://名前 の形ではありません。終わりに / は書きません。",
                door.url
            ),
            format!(
                "{key}: {} is not of the form https://NAME, without a slash at the end.",
                door.url
            ),
        ));
    };
    (scheme == "http" && !is_local(host(place))).then(|| {
        Both::new(
            format!("{key}: この機械の外から見える所は https でなければなりません。"),
            format!("{key}: what is reached from other machines must be https."),
        )
    })
}

fn doors(name: &str, door: &Door, today: Date) -> Vec<Both> {
    let mut faults = Vec::new();
    if door.listen.is_empty() {
        faults.push(Both::new(
            format!("{name}.listen: 待ち受ける番地がありません。"),
            format!("{name}.listen: no address to listen on."),
        ));
    }
    match &door.tls {
        None => faults.extend(open_doors(name, &door.listen)),
        Some(tls) => faults.extend(certificate(name, tls, today)),
    }
    faults
}

fn open_doors(name: &str, listen: &[SocketAddr]) -> Option<Both> {
    let open: Vec<String> = listen
        .iter()
        .filter(|at| !at.ip().is_loopback())
        .map(ToString::to_string)
        .collect();
    (!open.is_empty()).then(|| {
        let open = open.join(", ");
        Both::new(
            format!("{name}.listen: {open} は、この機械の外に開いています。{name}.tls に証明書を書いてください。"),
            format!("{name}.listen: {open} is open to other machines. Name a certificate in {name}.tls."),
        )
    })
}

fn certificate(name: &str, tls: &Tls, today: Date) -> Vec<Both> {
    let mut faults = Vec::new();
    let mut whole = true;
    for (key, file) in [
        ("certificate_file", &tls.certificate_file),
        ("key_file", &tls.key_file),
    ] {
        if let Err(why) = std::fs::File::open(file) {
            whole = false;
            let file = file.display();
            faults.push(Both::new(
                format!("{name}.tls.{key}: {file} を読めません: {why}"),
                format!("{name}.tls.{key}: {file} cannot be read: {why}"),
            ));
        }
    }
    if let Some(mode) = mode(&tls.key_file).filter(|mode| mode & 0o007 != 0) {
        let file = tls.key_file.display();
        faults.push(Both::new(
            format!("{name}.tls.key_file: {file} をだれでも読めます({mode:03o})。chmod 640 か 600 をしてください。"),
            format!("{name}.tls.key_file: {file} can be read by anybody ({mode:03o}): chmod 640 or 600."),
        ));
    }
    if whole && let Err(why) = door::tls(tls, today) {
        faults.push(Both::new(
            format!("{name}.tls: 証明書と鍵が使えません: {why}"),
            format!("{name}.tls: certificate and key cannot be used: {why}"),
        ));
    }
    if let Some(old) = &tls.old {
        if old.reason.trim().chars().count() < REASON_CHARS_MIN {
            faults.push(Both::new(
                format!("{name}.tls.old.reason: TLS 1.2 を使うわけを書いてください。"),
                format!("{name}.tls.old.reason: write why TLS 1.2 is still served."),
            ));
        }
        if old.until < today {
            faults.push(Both::new(
                format!("{name}.tls.old.until: TLS 1.2 の期限 {} を過ぎました。この設定を消してください。", old.until),
                format!("{name}.tls.old.until: the time for TLS 1.2 ended on {}. Remove the setting.", old.until),
            ));
        }
    }
    faults
}

fn admin(door: &Door) -> Option<Both> {
    door.listen
        .iter()
        .any(|at| !at.ip().is_loopback())
        .then(|| {
            Both::new(
                "admin.listen: 管理の入口は、この機械の中だけ(127.0.0.1、[::1])にしてください。",
                "admin.listen: the operator's surface is for this machine only (127.0.0.1, [::1]).",
            )
        })
}

/// Cookies ignore ports: surfaces on one host name would see each other's.
fn hosts(config: &Config) -> Vec<Both> {
    let mut faults = Vec::new();
    let places: Vec<(&str, &str)> = config
        .doors()
        .into_iter()
        .filter_map(|(name, door)| Some((name, host(parts(&door.url)?.1))))
        .collect();
    for (at, (name, place)) in places.iter().enumerate() {
        let twin = places
            .iter()
            .take(at)
            .find(|(_, other)| other.eq_ignore_ascii_case(place) && !is_local(place));
        if let Some((other, _)) = twin {
            faults.push(Both::new(
                format!("{other}.url と {name}.url が同じ名前 {place} です。別の名前にしてください(Cookieはポートを区別しません)。"),
                format!("{other}.url and {name}.url have the same host {place}. Give each its own: cookies ignore ports."),
            ));
        }
    }
    faults
}

fn files(config: &Config) -> Vec<Both> {
    let data = &config.data;
    let mut faults = Vec::new();
    let key = data.master_key_file.display();
    match mode(&data.master_key_file) {
        None => faults.push(Both::new(
            format!("data.master_key_file: {key} がないか、読めません。はじめてなら onshin init を、そうでなければ控えの鍵を置いてください。"),
            format!("data.master_key_file: {key} is missing or cannot be read. Run onshin init for a new installation, else put the copy of the key there."),
        )),
        Some(mode) if mode & 0o077 != 0 => faults.push(Both::new(
            format!("data.master_key_file: {key} をほかの人が読めます({mode:03o})。chmod 600 をしてください。"),
            format!("data.master_key_file: {key} can be read by others ({mode:03o}): chmod 600."),
        )),
        Some(_) => {}
    }
    let mut outside = vec![("data.master_key_file", data.master_key_file.as_path())];
    outside.extend(
        data.anchor_file
            .iter()
            .map(|file| ("data.anchor_file", file.as_path())),
    );
    for (name, file) in outside {
        if lies_in(file, &data.folder) {
            let (file, folder) = (file.display(), data.folder.display());
            faults.push(Both::new(
                format!("{name}: {file} がデータの場所 {folder} の中にあります。外に置いてください(いっしょに盗まれ、いっしょに失われます)。"),
                format!("{name}: {file} lies in the data folder {folder}. Put it outside: together they are stolen, and together lost."),
            ));
        }
    }
    if data.sqlite_file.is_some() && data.postgres_url_file.is_some() {
        faults.push(Both::new(
            "data: sqlite_file と postgres_url_file は、どちらか1つです。",
            "data: sqlite_file and postgres_url_file: name one of them.",
        ));
    }
    if let Some(file) = &data.postgres_url_file {
        faults.extend(url_file(file));
    }
    faults
}

fn url_file(file: &Path) -> Option<Both> {
    let shown = file.display();
    match mode(file) {
        None => Some(Both::new(
            format!("data.postgres_url_file: {shown} を読めません。"),
            format!("data.postgres_url_file: {shown} cannot be read."),
        )),
        Some(mode) if mode & 0o077 != 0 => Some(Both::new(
            format!(
                "data.postgres_url_file: {shown} には合言葉があります。chmod 600 をしてください。"
            ),
            format!("data.postgres_url_file: {shown} holds a password: chmod 600."),
        )),
        Some(_) => None,
    }
}

fn home(config: &Config) -> Option<Both> {
    let id = config.home.as_ref()?;
    id.parse::<access::TenantId>().is_err().then(|| {
        Both::new(
            format!("home: 「{id}」は医療機関の番号(26文字)ではありません。"),
            format!("home: {id} is no id of an institution (26 letters)."),
        )
    })
}

/// The time-stamp authority; a pretended one (模擬) proves nothing and is refused.
fn timestamp(config: &Config) -> Vec<Both> {
    let set = &config.timestamp;
    let mut faults = Vec::new();
    if let Some(Err(why)) = set.url.as_deref().map(crate::remote::address) {
        faults.push(Both::new(
            format!("timestamp.url: 時刻認証局の番地として読めません: {why}"),
            format!("timestamp.url: no address of a time-stamp authority: {why}"),
        ));
    }
    if set.url.is_none() && (set.ca_file.is_some() || set.policy.is_some()) {
        faults.push(Both::new(
            "timestamp.url: 時刻認証局の番地がありません。",
            "timestamp.url: the address of the time-stamp authority is missing.",
        ));
    }
    match crate::timestamp::trust(config) {
        Ok(Some(trust)) if trust.pretends() => faults.push(Both::new(
            "timestamp.ca_file: 模擬の時刻認証局の証明書です。診療には使えません。",
            "timestamp.ca_file: the certificate of a pretended authority. It proves nothing.",
        )),
        Ok(Some(_) | None) => {}
        Err(outcome) => faults.extend(outcome.into_messages()),
    }
    if let Some(policy) = set
        .policy
        .as_deref()
        .filter(|text| signing::Policy::parse(text).is_none())
    {
        faults.push(Both::new(
            format!("timestamp.policy: 「{policy}」は、1.2.392 のような番号ではありません。"),
            format!("timestamp.policy: {policy} is no number such as 1.2.392."),
        ));
    }
    faults
}

/// The permission bits of a file that can be opened.
pub(super) fn mode(file: &Path) -> Option<u32> {
    let held = std::fs::File::open(file).ok()?.metadata().ok()?;
    Some(held.permissions().mode() & 0o777)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::OldTls;
    use jiff::civil::date;
    use std::{fs, path::PathBuf};

    const TODAY: Date = date(2026, 11, 20);

    struct Place {
        folder: tempfile::TempDir,
        config: Config,
    }

    /// A configuration without a fault, in a folder of its own.
    fn sound() -> Place {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        fs::create_dir(at("data")).unwrap();
        fs::write(at("master.key"), "key").unwrap();
        fs::set_permissions(at("master.key"), fs::Permissions::from_mode(0o600)).unwrap();
        let pair = rcgen::generate_simple_self_signed(vec!["localhost".into()]).unwrap();
        fs::write(at("certificate.pem"), pair.cert.pem()).unwrap();
        fs::write(at("key.pem"), pair.signing_key.serialize_pem()).unwrap();
        fs::set_permissions(at("key.pem"), fs::Permissions::from_mode(0o600)).unwrap();
        let mut config = Config::default();
        config.data.folder = at("data");
        config.data.master_key_file = at("master.key");
        config.data.anchor_file = Some(at("checkpoints.log"));
        Place { folder, config }
    }

    fn with_tls(place: &Place) -> Tls {
        Tls {
            certificate_file: place.folder.path().join("certificate.pem"),
            key_file: place.folder.path().join("key.pem"),
            old: None,
        }
    }

    #[test]
    #[expect(clippy::too_many_lines, reason = "one table")]
    fn every_fault_is_named_by_its_setting_in_both_languages() {
        type Change = fn(&mut Place);
        let table: &[(&str, Change, &str)] = &[
            ("nothing", |_| {}, ""),
            (
                "plain HTTP to everyone",
                |p| p.config.patient.listen = vec!["0.0.0.0:80".parse().unwrap()],
                "patient.listen",
            ),
            (
                "an http address of another machine",
                |p| p.config.patient.url = "http://visit.example".into(),
                "patient.url",
            ),
            (
                "an address with a path",
                |p| p.config.staff.url = "https://staff.example/".into(),
                "staff.url",
            ),
            (
                "two surfaces on one host",
                |p| {
                    p.config.patient.url = "https://clinic.example".into();
                    p.config.staff.url = "https://CLINIC.example:8443".into();
                },
                "patient.url",
            ),
            (
                "the operator's surface open",
                |p| {
                    p.config.admin.listen = vec!["192.0.2.1:8082".parse().unwrap()];
                    p.config.admin.tls = Some(with_tls(p));
                },
                "admin.listen",
            ),
            (
                "a missing certificate",
                |p| {
                    let mut tls = with_tls(p);
                    tls.certificate_file = PathBuf::from("/nowhere.pem");
                    p.config.patient.tls = Some(tls);
                },
                "patient.tls.certificate_file",
            ),
            (
                "a key of another certificate",
                |p| {
                    let other = rcgen::generate_simple_self_signed(vec!["x".into()]).unwrap();
                    let tls = with_tls(p);
                    fs::write(&tls.key_file, other.signing_key.serialize_pem()).unwrap();
                    p.config.patient.tls = Some(tls);
                },
                "patient.tls:",
            ),
            (
                "TLS 1.2 after its end",
                |p| {
                    let mut tls = with_tls(p);
                    tls.old = Some(OldTls {
                        reason: "古いタブレット".into(),
                        until: date(2026, 11, 19),
                    });
                    p.config.patient.tls = Some(tls);
                },
                "patient.tls.old.until",
            ),
            (
                "TLS 1.2 for no reason",
                |p| {
                    let mut tls = with_tls(p);
                    tls.old = Some(OldTls {
                        reason: " ".into(),
                        until: TODAY,
                    });
                    p.config.patient.tls = Some(tls);
                },
                "patient.tls.old.reason",
            ),
            (
                "no key",
                |p| fs::remove_file(&p.config.data.master_key_file).unwrap(),
                "data.master_key_file",
            ),
            (
                "an open key",
                |p| {
                    fs::set_permissions(
                        &p.config.data.master_key_file,
                        fs::Permissions::from_mode(0o644),
                    )
                    .unwrap();
                },
                "data.master_key_file",
            ),
            (
                "the key beside the data",
                |p| {
                    let inside = p.config.data.folder.join("master.key");
                    fs::rename(&p.config.data.master_key_file, &inside).unwrap();
                    p.config.data.master_key_file = inside;
                },
                "data.master_key_file",
            ),
            (
                "the anchor beside the data",
                |p| {
                    p.config.data.anchor_file =
                        Some(p.config.data.folder.join("sub/checkpoints.log"));
                },
                "data.anchor_file",
            ),
            (
                "an object store that nobody registered",
                |p| p.config.data.objects = Some("s3://elsewhere/bucket".into()),
                "data.objects",
            ),
            (
                "a backup that nobody registered",
                |p| p.config.data.backup = Some("/mnt/usb".into()),
                "data.backup",
            ),
            (
                "a database outside the register",
                |p| p.config.data.sqlite_file = Some("/tmp/onshin.sqlite".into()),
                "data.sqlite_file",
            ),
            (
                "a home that is no id",
                |p| p.config.home = Some("みずうみ".into()),
                "home",
            ),
        ];
        for (name, change, expected) in table {
            let mut place = sound();
            change(&mut place);
            let found = faults(&place.config, TODAY);
            if expected.is_empty() {
                assert_eq!(found, [], "{name}");
            } else {
                let named =
                    |both: &Both| both.ja.starts_with(expected) && both.en.starts_with(expected);
                assert!(found.iter().any(named), "{name}: {found:?}");
                assert_eq!(found.len(), 1, "{name}: {found:?}");
            }
        }
    }

    #[test]
    fn tls_on_every_address_and_a_registered_store_are_sound() {
        let mut place = sound();
        for door in [&mut place.config.patient, &mut place.config.staff] {
            door.listen = vec!["0.0.0.0:443".parse().unwrap()];
        }
        place.config.patient.url = "https://visit.clinic.example".into();
        place.config.staff.url = "https://staff.clinic.example".into();
        place.config.patient.tls = Some(with_tls(&place));
        place.config.staff.tls = Some(with_tls(&place));
        place.config.data.objects = Some("s3://clinic/objects".into());
        place.config.stores.register = vec![
            place.config.data.folder.display().to_string(),
            "s3://clinic".into(),
        ];
        assert_eq!(faults(&place.config, TODAY), []);
    }
}
