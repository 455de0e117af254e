//! `onshin verify ledger`: every ledger, and every finalised note against it. Exit 0 good, 1 tampered, 2 cannot tell.

use crate::{
    Done,
    config::{self, Sources},
    outcome::Outcome,
    running,
    tell::{Both, say},
    timestamp,
};
use clap::Args;
use std::{path::PathBuf, process::ExitCode};
use store::{Against, Database, Doubt, MasterKey, NotExcluded, Reader, Report, Standing};

/// 記録を確かめる
#[derive(Args)]
pub(crate) struct Wish {
    #[command(flatten)]
    sources: Sources,
    /// checkpoints.log, or any older checkpoint that was kept elsewhere (控えの印)
    #[arg(long, value_name = "FILE")]
    anchor: Option<PathBuf>,
    /// time-stamps.log, kept in the second place (時刻印の控え)
    #[arg(long, value_name = "FILE")]
    time_stamps: Option<PathBuf>,
    /// For programs
    #[arg(long)]
    json: bool,
    /// The state folder of a demo, instead of a configuration (見本の場所)
    #[arg(long, value_name = "DIR", conflicts_with_all = ["config", "set"])]
    demo: Option<PathBuf>,
}

/// The exit code of a finding that nothing can undo.
const TAMPERED: u8 = 1;
/// The exit code of no finding.
const CANNOT_TELL: u8 = 2;

/// A finalised note that is not what the ledger says.
struct Altered {
    institution: String,
    note: String,
}

/// What became of the comparison of the finalised notes with the ledger.
enum Notes {
    /// These are not what the ledger says.
    Compared(Vec<Altered>),
    /// The key is at hand, and the notes could not be read: that is never a good finding.
    Unreadable,
    /// Without the key nothing sealed is read, and without a ledger there is nothing to compare with.
    NotAsked,
}

impl Notes {
    fn altered(&self) -> Option<&[Altered]> {
        match self {
            Self::Compared(altered) => Some(altered),
            Self::Unreadable | Self::NotAsked => None,
        }
    }

    /// The exit code, where that of the ledgers is this.
    fn exit_code(&self, ledgers: u8) -> u8 {
        match self {
            Self::Compared(altered) if !altered.is_empty() => TAMPERED,
            Self::Unreadable if ledgers == 0 => CANNOT_TELL,
            Self::Compared(_) | Self::Unreadable | Self::NotAsked => ledgers,
        }
    }
}

/// `onshin verify ledger`
pub(crate) fn run(wish: &Wish) -> Done {
    let config = match &wish.demo {
        Some(state) => crate::demo::place(state),
        None => config::read(&wish.sources)?,
    };
    let anchor = text(wish.anchor.as_ref())?;
    let time_stamps = text(wish.time_stamps.as_ref())?;
    let trust = timestamp::trust_for(&config, wish.demo.as_deref())?;
    let pretended = wish.demo.is_some();
    running::run(async move {
        let database = config.data.database()?;
        let master = MasterKey::load(&config.data.master_key_file);
        let against = Against {
            master: master.as_ref().ok(),
            anchor: anchor.as_deref(),
            time_stamps: time_stamps.as_deref(),
            trust: trust.as_ref(),
            pretended,
            now: Some(running::now()),
        };
        let report = store::verify_against(&database, &against).await?;
        let compared = match master {
            Ok(master) if report.exit_code() != CANNOT_TELL => match notes(&database, master).await
            {
                Ok(altered) => Notes::Compared(altered),
                // A damaged database may not even open.
                Err(_) => Notes::Unreadable,
            },
            Ok(_) | Err(_) => Notes::NotAsked,
        };
        Ok(tell(wish.json, &report, &compared))
    })
}

/// What a file says, if one was named.
fn text(file: Option<&PathBuf>) -> Result<Option<String>, Outcome> {
    file.map(|file| std::fs::read_to_string(file).map_err(|why| Outcome::file(file, &why)))
        .transpose()
}

/// Compares the finalised notes with the ledger.
async fn notes(database: &Database, master: MasterKey) -> Result<Vec<Altered>, Outcome> {
    let reader = Reader::open(database, master).await?;
    let found = altered(&reader).await;
    reader.close().await;
    found
}

async fn altered(reader: &Reader) -> Result<Vec<Altered>, Outcome> {
    let mut altered = Vec::new();
    for (tenant, institution) in reader.tenants().await? {
        let found = reader.read(tenant).await?.altered_notes().await?;
        altered.extend(found.into_iter().map(|one| Altered {
            institution: institution.clone(),
            note: one.note,
        }));
    }
    Ok(altered)
}

fn tell(json: bool, report: &Report, notes: &Notes) -> ExitCode {
    let code = notes.exit_code(report.exit_code());
    let notes = notes.altered();
    if json {
        let mut value = report.to_json();
        let altered = notes.map(|notes| {
            notes
                .iter()
                .map(|one| serde_json::json!({ "institution": one.institution, "note": one.note }))
                .collect::<Vec<_>>()
        });
        if let Some(object) = value.as_object_mut() {
            object.insert("altered_notes".to_owned(), serde_json::json!(altered));
            object.insert("exit".to_owned(), serde_json::json!(code));
        }
        say(value);
        return ExitCode::from(code);
    }
    for ledger in &report.ledgers {
        let mark = match ledger.standing {
            Standing::Good => "✓",
            Standing::Tampered(_) => "✗",
            Standing::CannotTell { .. } => "?",
        };
        say(format!("{mark} {}", standing(ledger)));
        say(format!("    {}", stamped(&ledger.time_stamps)));
        for open in &ledger.not_excluded {
            say(format!("    ? {}", not_excluded(*open)));
        }
    }
    match notes {
        None => say(Both::new(
            "? 確定した記録は、くらべられませんでした。",
            "? finalised notes could not be compared.",
        )),
        Some([]) => say(Both::new(
            "✓ 確定した記録は、どれも台帳と合っています。",
            "✓ every finalised note agrees with the ledger.",
        )),
        Some(altered) => {
            for one in altered {
                say(Both::new(
                    format!(
                        "✗ 記録 {} ({}) が、台帳と合いません。",
                        one.note, one.institution
                    ),
                    format!(
                        "✗ note {} ({}) differs from the ledger.",
                        one.note, one.institution
                    ),
                ));
            }
        }
    }
    ExitCode::from(code)
}

/// What its time-stamps say, in words.
fn stamped(stamps: &store::Stamps) -> Both {
    let Some(newest) = stamps.newest else {
        return if stamps.kept == 0 {
            Both::new("時刻印はまだありません。", "no time-stamp yet.")
        } else {
            Both::new(
                format!(
                    "時刻印 {} 個。押した認証局は、たしかめられませんでした。",
                    stamps.kept
                ),
                format!("{} time-stamps, by whom could not be traced.", stamps.kept),
            )
        };
    };
    let authorities: Vec<&str> = stamps.authorities.iter().map(String::as_str).collect();
    let (by, covered, kept) = (authorities.join(" / "), stamps.covered, stamps.kept);
    let late = stamps.late;
    Both::new(
        format!(
            "時刻印 {kept} 個({by})。はじめの {covered} 件は、{newest} にこのとおりありました。遅れて押したもの {late} 個。"
        ),
        format!(
            "{kept} time-stamps ({by}). The first {covered} entries were so at {newest}. {late} were made late."
        ),
    )
}

/// What a good finding does not exclude, in words.
fn not_excluded(open: NotExcluded) -> Both {
    let ja = match open {
        NotExcluded::CutOff => {
            "記録とチェックポイントを、前のチェックポイントまで一緒に切り取ること"
        }
        NotExcluded::Resigned => "署名の鍵を持つ人が書きかえること",
        NotExcluded::NewerThanAnchor => {
            "控え(checkpoints.log)より新しい記録について、切り取りや書きかえ"
        }
        NotExcluded::ResignedUnstamped => {
            "最後の時刻印より新しいか、遅れて時刻印を押した記録を、署名の鍵を持つ人が書きかえること"
        }
        NotExcluded::Untraced => {
            "認証局でない人が押した時刻印(認証局の証明書がないか、別のものです)"
        }
        NotExcluded::Pretended => "模擬の時刻認証局の時刻印では、何も示せません",
        NotExcluded::KeyReplaced => "別の鍵での書きかえ(master.key がないため)",
    };
    Both::new(
        format!("ないとは言えないこと: {ja}"),
        format!("not excluded: {}", open.as_str()),
    )
}

/// Why there is no finding, in Japanese; the type's own words are the English.
fn doubt(why: &Doubt) -> String {
    match why {
        Doubt::NoSuchInstitution => "控えにある医療機関が、データベースにありません。".to_owned(),
        Doubt::Untrue(count) => {
            format!("別の所にある控えか時刻印 {count} 個が、この台帳のものではありません。")
        }
        Doubt::OtherKey => "master.key が、この医療機関の鍵を開けません。".to_owned(),
        Doubt::Head { head, size } => {
            format!("台帳の先頭は {head}、記録は {size} で終わっています。")
        }
        Doubt::Machine(why) => format!("機械かデータベースの答え: {why}"),
    }
}

/// How one ledger stands, in words.
pub(crate) fn standing(ledger: &store::Verified) -> Both {
    let (tenant, entries) = (ledger.tenant, ledger.entries);
    match &ledger.standing {
        Standing::Good => Both::new(
            format!("{tenant} 台帳 {entries} 件: 問題ありません。"),
            format!("{tenant} ledger of {entries} entries: good."),
        ),
        Standing::Tampered(found) => Both::new(
            format!(
                "{tenant} 台帳 {entries} 件: 書きかえられています。{} 番から。",
                found.entry
            ),
            format!("{tenant} ledger of {entries} entries: tampered with. {found}"),
        ),
        Standing::CannotTell { why } => Both::new(
            format!("{tenant} 台帳: 判断できません。{}", doubt(why)),
            format!("{tenant} ledger: cannot tell. {why}"),
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cl_3_2_i_a_notes_that_cannot_be_read_are_never_called_good() {
        let altered = || Altered {
            institution: "見本".to_owned(),
            note: "1".to_owned(),
        };
        for (notes, ledgers, code) in [
            (Notes::Compared(Vec::new()), 0, 0),
            (Notes::Compared(vec![altered()]), 0, TAMPERED),
            (Notes::Unreadable, 0, CANNOT_TELL),
            (Notes::Unreadable, TAMPERED, TAMPERED),
            (Notes::NotAsked, 0, 0),
            (Notes::NotAsked, CANNOT_TELL, CANNOT_TELL),
        ] {
            assert_eq!(notes.exit_code(ledgers), code);
        }
    }

    #[test]
    fn every_doubt_is_said_in_both_languages() {
        let has_kana = |text: &str| text.chars().any(|c| ('ぁ'..='ん').contains(&c));
        for open in [
            NotExcluded::CutOff,
            NotExcluded::Resigned,
            NotExcluded::NewerThanAnchor,
            NotExcluded::ResignedUnstamped,
            NotExcluded::Untraced,
            NotExcluded::Pretended,
            NotExcluded::KeyReplaced,
        ] {
            let both = not_excluded(open);
            assert!(
                has_kana(&both.ja) && both.en.contains(open.as_str()),
                "{both}"
            );
        }
        for why in [
            Doubt::NoSuchInstitution,
            Doubt::Untrue(2),
            Doubt::OtherKey,
            Doubt::Head { head: 3, size: 4 },
            Doubt::Machine("no such file".into()),
        ] {
            assert!(has_kana(&doubt(&why)), "{why}");
        }
    }
}
