//! `[mail]` and `[sms]`: who carries messages to patients. Either, both, or neither may be there.

use super::fault::{is_local, mode};
use crate::{remote::address, tell::Both};
use serde::Deserialize;
use std::{
    net::IpAddr,
    path::{Path, PathBuf},
};

/// A mail server that takes our mail (SMTP submission).
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Mail {
    /// Its name.
    pub(crate) host: String,
    /// Its port; without it 587, or 465 with `tls = "tls"`.
    #[serde(default)]
    pub(crate) port: Option<u16>,
    /// How the line is secured.
    #[serde(default)]
    pub(crate) tls: MailTls,
    /// Sign-in name, where the server asks for one.
    #[serde(default)]
    pub(crate) user: Option<String>,
    /// A file whose one line is the password.
    #[serde(default)]
    pub(crate) password_file: Option<PathBuf>,
    /// The clinic's address, as receivers see it.
    pub(crate) from: String,
}

/// How the line to a mail server is secured. There is no "if possible".
#[derive(Clone, Copy, Debug, Default, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "lowercase")]
pub(crate) enum MailTls {
    /// STARTTLS, and nothing is sent without it.
    #[default]
    Starttls,
    /// TLS from the first byte.
    Tls,
    /// Not at all: a server on this machine only.
    None,
}

/// A gateway that takes short messages as JSON over HTTP. Every provider has another form (要確認): between theirs and
/// ours stands a few lines of the operator's own.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Sms {
    /// Where it is asked.
    pub(crate) url: String,
    /// A file whose one line is the bearer token.
    pub(crate) token_file: PathBuf,
}

impl Mail {
    /// The port, said or usual.
    pub(crate) fn port(&self) -> u16 {
        self.port.unwrap_or(match self.tls {
            MailTls::Tls => 465,
            MailTls::Starttls | MailTls::None => 587,
        })
    }
}

/// What is wrong with `[mail]`.
pub(super) fn mail(mail: &Mail) -> Vec<Both> {
    let mut faults = Vec::new();
    if mail.host.trim().is_empty() || mail.host.contains(['/', '@', ' ']) {
        faults.push(Both::new(
            format!(
                "mail.host: 「{}」は、サーバーの名前ではありません。",
                mail.host
            ),
            format!("mail.host: {} is no name of a server.", mail.host),
        ));
    }
    if mail.tls == MailTls::None && !is_here(&mail.host) {
        faults.push(Both::new(
            "mail.tls: この機械の外のサーバーへは、starttls か tls で送ってください。",
            "mail.tls: to a server elsewhere, mail is sent by starttls or tls.",
        ));
    }
    if mail.from.parse::<lettre::message::Mailbox>().is_err() {
        faults.push(Both::new(
            format!(
                "mail.from: 「{}」は、メールアドレスではありません。",
                mail.from
            ),
            format!("mail.from: {} is no mail address.", mail.from),
        ));
    }
    match (&mail.user, &mail.password_file) {
        (Some(_), Some(file)) => faults.extend(secret("mail.password_file", file)),
        (None, None) => {}
        (Some(_), None) | (None, Some(_)) => faults.push(Both::new(
            "mail.user: user と password_file は、両方書くか、どちらも書きません。",
            "mail.user: user and password_file are written both, or neither.",
        )),
    }
    faults
}

/// What is wrong with `[sms]`.
pub(super) fn sms(sms: &Sms) -> Vec<Both> {
    let mut faults: Vec<Both> = match address(&sms.url) {
        Err(why) => vec![Both::new(
            format!("sms.url: {why}"),
            format!("sms.url: {why}"),
        )],
        Ok(uri) if uri.scheme_str() == Some("http") && !is_here(uri.host().unwrap_or_default()) => {
            vec![Both::new(
                "sms.url: この機械の外のゲートウェイは https でなければなりません。",
                "sms.url: a gateway elsewhere must be https.",
            )]
        }
        Ok(_) => Vec::new(),
    };
    faults.extend(secret("sms.token_file", &sms.token_file));
    faults
}

/// A name or a number of this machine itself.
fn is_here(host: &str) -> bool {
    let number: Option<IpAddr> = host.trim_matches(['[', ']']).parse().ok();
    is_local(host) || number.is_some_and(|number| number.is_loopback())
}

/// A file with one secret line, for nobody else's eyes.
fn secret(key: &str, file: &Path) -> Option<Both> {
    let shown = file.display();
    match std::fs::read_to_string(file) {
        Err(why) => Some(Both::new(
            format!("{key}: {shown} を読めません: {why}"),
            format!("{key}: {shown} cannot be read: {why}"),
        )),
        Ok(text) if text.trim().is_empty() || text.trim().lines().count() != 1 => Some(Both::new(
            format!("{key}: {shown} には、1行だけ書いてください。"),
            format!("{key}: {shown} must hold one line."),
        )),
        Ok(_) => {
            let open = mode(file).filter(|mode| mode & 0o007 != 0)?;
            Some(Both::new(
                format!(
                    "{key}: {shown} をだれでも読めます({open:03o})。chmod 640 か 600 をしてください。"
                ),
                format!("{key}: {shown} can be read by anybody ({open:03o}): chmod 640 or 600."),
            ))
        }
    }
}

/// What an installation without a carrier for a channel is told. It is no fault: reception hands links over itself.
pub(crate) fn uncarried(mail: Option<&Mail>, sms: Option<&Sms>) -> Option<Both> {
    match (mail, sms) {
        (Some(_), Some(_)) => None,
        (None, None) => Some(Both::new(
            "メールもSMSも、送る先が決めてありません([mail]、[sms])。患者への案内は送られません。受付が予約の画面からリンクを渡してください。",
            "Neither mail nor SMS is connected ([mail], [sms]): no message reaches a patient. Reception hands links over from the booking's page.",
        )),
        (Some(_), None) => Some(Both::new(
            "SMSの送り先が決めてありません([sms])。電話番号だけの患者には、受付が予約の画面からリンクを渡してください。",
            "SMS is not connected ([sms]): patients without a mail address get their link from reception, from the booking's page.",
        )),
        (None, Some(_)) => Some(Both::new(
            "メールの送り先が決めてありません([mail])。メールだけの患者には、受付が予約の画面からリンクを渡してください。",
            "Mail is not connected ([mail]): patients without a telephone number for SMS get their link from reception, from the booking's page.",
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::{fs, os::unix::fs::PermissionsExt as _};

    /// A file with one secret line, for its owner only.
    fn kept(folder: &tempfile::TempDir, name: &str, text: &str, mode: u32) -> PathBuf {
        let file = folder.path().join(name);
        fs::write(&file, text).unwrap();
        fs::set_permissions(&file, fs::Permissions::from_mode(mode)).unwrap();
        file
    }

    #[test]
    fn every_fault_of_a_carrier_is_named_by_its_setting() {
        let folder = tempfile::tempdir().unwrap();
        let good = kept(&folder, "good", "word\n", 0o600);
        let open = kept(&folder, "open", "word\n", 0o644);
        let empty = kept(&folder, "empty", "\n", 0o600);
        let sound = Mail {
            host: "mail.example".into(),
            port: None,
            tls: MailTls::Starttls,
            user: Some("clinic".into()),
            password_file: Some(good.clone()),
            from: "みほん <clinic@mail.example>".into(),
        };
        let with = |change: &dyn Fn(&mut Mail)| {
            let mut set = sound.clone();
            change(&mut set);
            mail(&set)
        };
        for (found, named) in [
            (with(&|_| {}), ""),
            (with(&|set| set.host = "smtp://x".into()), "mail.host"),
            (with(&|set| set.tls = MailTls::None), "mail.tls"),
            (with(&|set| set.from = "clinic".into()), "mail.from"),
            (with(&|set| set.user = None), "mail.user"),
            (
                with(&|set| set.password_file = Some(open.clone())),
                "mail.password_file",
            ),
            (
                with(&|set| set.password_file = Some(empty.clone())),
                "mail.password_file",
            ),
            (
                with(&|set| set.password_file = Some("/nowhere".into())),
                "mail.password_file",
            ),
            (
                with(&|set| {
                    set.host = "127.0.0.1".into();
                    set.tls = MailTls::None;
                }),
                "",
            ),
        ] {
            match named {
                "" => assert_eq!(found, []),
                named => assert!(
                    found.len() == 1 && found.iter().all(|both| both.ja.starts_with(named)),
                    "{named}: {found:?}"
                ),
            }
        }
        for (url, file, count) in [
            ("https://sms.example/send", &good, 0),
            ("http://localhost:9/send", &good, 0),
            ("http://sms.example/send", &good, 1),
            ("https://user:word@sms.example/", &good, 1),
            ("sms.example", &good, 1),
            ("https://sms.example/send", &open, 1),
        ] {
            let set = Sms {
                url: url.into(),
                token_file: file.clone(),
            };
            assert_eq!(sms(&set).len(), count, "{url}");
        }
        assert_eq!((sound.port(), sound.user.is_some()), (587, true));
    }

    #[test]
    fn who_carries_nothing_is_told_so() {
        let here = Sms {
            url: "http://localhost:9/".into(),
            token_file: "/nowhere".into(),
        };
        assert!(uncarried(None, None).is_some_and(|told| told.ja.contains("受付")));
        assert!(uncarried(None, Some(&here)).is_some_and(|told| told.en.contains("[mail]")));
    }
}
