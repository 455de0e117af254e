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
use store::{Against, Database, MasterKey, Reader, Report, Standing};

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
        // A damaged database may not even open.
        let compared = match master {
            Ok(master) if report.exit_code() != CANNOT_TELL => notes(&database, master).await.ok(),
            Ok(_) | Err(_) => None,
        };
        Ok(tell(wish.json, &report, compared.as_deref()))
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
            note: one.note.to_string(),
        }));
    }
    Ok(altered)
}

fn tell(json: bool, report: &Report, notes: Option<&[Altered]>) -> ExitCode {
    let code = match notes {
        Some([_, ..]) => TAMPERED,
        Some([]) | None => report.exit_code(),
    };
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
            say(format!("    ? {open}"));
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
            format!("{tenant} 台帳: 判断できません。"),
            format!("{tenant} ledger: cannot tell. {why}"),
        ),
    }
}
