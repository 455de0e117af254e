//! `onshin drugs import`: the drug master and the list of special management, from the files of their publishers, and the
//! list of drugs to be considered carefully, in our own layout.
//!
//! A file is taken whole or not at all, and no edition before it is lost.

use crate::{
    Done,
    config::{self, Sources},
    outcome::Outcome,
    running, serve,
    tell::{Both, say},
};
use access::TenantId;
use care::formulary::{self, Careful, Code, Fault, Formulary, Line, Why};
use clap::Args;
use std::{
    collections::BTreeSet,
    path::{Path, PathBuf},
    process::ExitCode,
};
use store::{
    By, Conn, MasterKey, Settings, Store,
    list::{List, NewEdition},
};

/// 医薬品マスターの取りこみ
#[derive(Args)]
pub(crate) struct Wish {
    #[command(flatten)]
    sources: Sources,
    /// The master (y_….csv), the list of special management saved as CSV, or the list of drugs to be considered carefully
    /// (取りこむファイル)
    file: PathBuf,
    /// What the edition is called; else the day in the file's name, or the newest day in it (版の名前)
    #[arg(long)]
    edition: Option<String>,
    /// For programs
    #[arg(long)]
    json: bool,
    /// The state folder of a demo, instead of a configuration (見本の場所)
    #[arg(long, value_name = "DIR", conflicts_with_all = ["config", "set"])]
    demo: Option<PathBuf>,
}

/// A file, read.
enum Content {
    Master(Vec<Line>),
    HighSafety(BTreeSet<Code>),
    Careful(Careful),
}

/// Both lists as they stand.
struct Lists {
    formulary: Formulary,
    high_safety: BTreeSet<Code>,
}

/// What is told of an import.
struct Told {
    edition: String,
    digest: String,
    is_new: bool,
    lists: Lists,
}

/// `onshin drugs import`
pub(crate) fn run(wish: &Wish) -> Done {
    let config = match &wish.demo {
        Some(state) => crate::demo::place(state),
        None => config::read(&wish.sources)?,
    };
    let file = std::fs::read(&wish.file).map_err(|why| Outcome::file(&wish.file, &why))?;
    let content = content(&file).map_err(|fault| explained(&wish.file, fault))?;
    running::run(async move {
        serve::make_folder(&config.data.folder)?;
        let store = Store::open(Settings {
            database: config.data.database()?,
            master_key: MasterKey::load(&config.data.master_key_file)?,
            anchor: config.data.anchor_file.clone(),
            reserve: None,
        })
        .await?;
        let told = import(&store, wish, &file, content).await;
        store.close().await;
        tell(wish.json, &told?);
        Ok(ExitCode::SUCCESS)
    })
}

/// What a file is, by what stands in it.
fn content(file: &[u8]) -> Result<Content, Fault> {
    if formulary::is_careful(file) {
        return Ok(Content::Careful(formulary::careful(file)?));
    }
    match formulary::high_safety(file) {
        Ok(codes) => Ok(Content::HighSafety(codes)),
        // It has the heading of one, so that its own fault is the one to tell.
        Err(fault) if fault.why != Why::Missing => Err(fault),
        Err(_) => Ok(Content::Master(formulary::read(file)?)),
    }
}

async fn import(
    store: &Store,
    wish: &Wish,
    file: &[u8],
    content: Content,
) -> Result<Told, Outcome> {
    let mut lists = load(&mut *store.read(TenantId::INSTALLATION).await?).await?;
    let (list, whole, rows) = match content {
        Content::Master(lines) => {
            lists.formulary = lists
                .formulary
                .next(&lines)
                .map_err(|fault| explained(&wish.file, fault))?;
            let whole = formulary::is_whole(&lines);
            (List::Drugs, whole, lines.len())
        }
        Content::Careful(careful) => (List::Careful, true, careful.groups.len()),
        Content::HighSafety(codes) => {
            let rows = codes.len();
            lists.high_safety = codes;
            (List::HighSafety, true, rows)
        }
    };
    let name = wish
        .edition
        .clone()
        .or_else(|| day_of(&wish.file))
        .or_else(|| lists.formulary.newest_change().map(|day| day.to_string()))
        .unwrap_or_else(|| running::now().to_string());
    let (digest, is_new) = {
        let (name, file) = (name.clone(), file.to_vec());
        let rows = i64::try_from(rows).unwrap_or(i64::MAX);
        store
            .write::<(String, bool), store::Fault, _>(
                TenantId::INSTALLATION,
                running::now(),
                move |tx| {
                    Box::pin(async move {
                        let new = NewEdition {
                            list,
                            name: &name,
                            whole,
                            rows,
                            file: &file,
                        };
                        tx.load_list(&By::System, &new).await
                    })
                },
            )
            .await?
    };
    Ok(Told {
        edition: name,
        digest,
        is_new,
        lists,
    })
}

/// The lists as they were kept.
async fn load(read: &mut Conn) -> Result<Lists, Outcome> {
    let mut formulary = Formulary::default();
    for edition in read.editions(List::Drugs).await? {
        let file = read.list_file(&edition).await?;
        formulary = formulary::read(&file)
            .and_then(|lines| formulary.next(&lines))
            .map_err(|fault| explained(Path::new(&edition.name), fault))?;
    }
    let mut high_safety = BTreeSet::new();
    if let Some(edition) = read.editions(List::HighSafety).await?.pop() {
        let file = read.list_file(&edition).await?;
        high_safety = formulary::high_safety(&file)
            .map_err(|fault| explained(Path::new(&edition.name), fault))?;
    }
    Ok(Lists {
        formulary,
        high_safety,
    })
}

/// The day in a file's name: `y_ALL20240321.csv`.
fn day_of(file: &Path) -> Option<String> {
    let name = file.file_stem()?.to_str()?;
    let digits: String = name
        .chars()
        .rev()
        .take_while(char::is_ascii_digit)
        .collect();
    (digits.len() == 8).then(|| digits.chars().rev().collect())
}

fn explained(file: &Path, fault: Fault) -> Outcome {
    let (line, file) = (fault.line, file.display());
    let column_ja = fault
        .column
        .map_or_else(String::new, |column| format!(" {column}列"));
    let column_en = fault
        .column
        .map_or_else(String::new, |column| format!(", column {column}"));
    let (ja, en) = words(fault.why);
    Outcome::new(
        format!("{file} {line}行{column_ja}: {ja} 何も取りこんでいません。前の版のままです。"),
        format!(
            "{file}, line {line}{column_en}: {en} Nothing was taken; the edition before stands."
        ),
    )
}

fn words(why: Why) -> (String, String) {
    let said = |ja: &str, en: &str| (ja.to_owned(), en.to_owned());
    match why {
        Why::NotCp932 => said(
            "文字が読めません(CP932 ではありません)。",
            "it is no text of CP932.",
        ),
        Why::Columns(count) => (
            format!("{count}列あります。医薬品マスターは 40列か 42列です。"),
            format!("it has {count} columns; a drug master has 40 or 42."),
        ),
        Why::OtherMaster => said(
            "医薬品マスター(Y)ではありません。",
            "it is not the drug master (Y).",
        ),
        Why::Change => said(
            "変更区分が 0・1・2・3・5・9 のどれでもありません。",
            "the kind of change is none of 0, 1, 2, 3, 5, 9.",
        ),
        Why::Code => said(
            "医薬品コードが 9桁の数字ではありません。",
            "the drug's code is not nine digits.",
        ),
        Why::Twice => said(
            "同じ医薬品コードが 2度 出てきます。",
            "the same code stands there twice.",
        ),
        Why::Value => said(
            "この列にない値です。",
            "the layout knows no such value here.",
        ),
        Why::Missing => said("要る値がありません。", "a needed value is missing."),
        Why::Date => said("日付ではありません。", "it is no date."),
        Why::NothingToChange => said(
            "前の版にない薬の変更です。間の更新が抜けていないか確かめてください。",
            "it changes a drug that the edition before does not have: an update in between may be missing.",
        ),
        Why::NoEditionBefore => said(
            "更新ファイルです。先に全件ファイルを取りこんでください。",
            "it is an increment: import a full file first.",
        ),
        Why::Empty => said("中身がありません。", "there is nothing in it."),
        Why::TooLong => said("長すぎます。", "it is too long."),
    }
}

fn tell(json: bool, told: &Told) {
    let counts = told.lists.formulary.counts();
    let high_safety = told
        .lists
        .formulary
        .drugs()
        .filter(|drug| told.lists.high_safety.contains(&drug.code))
        .count();
    if json {
        let line = serde_json::json!({
            "rows": counts.rows,
            "narcotic": counts.narcotic,
            "poison": counts.poison,
            "stimulant_raw_material": counts.stimulant_raw_material,
            "psychotropic": counts.psychotropic,
            "high_safety": high_safety,
            "edition": told.edition,
            "sha256": told.digest,
        });
        say(line);
        return;
    }
    let (rows, edition, digest) = (counts.rows, &told.edition, &told.digest);
    if told.is_new {
        say(Both::new(
            format!("{edition} 版を取りこみました。薬は {rows} 件です。"),
            format!("Edition {edition} is imported: {rows} drugs."),
        ));
    } else {
        say(Both::new(
            format!("{edition} 版は、もう取りこんであります。何も変わっていません。"),
            format!("Edition {edition} was imported before; nothing changed."),
        ));
    }
    say(Both::new(
        format!(
            "麻薬 {}、毒薬 {}、覚醒剤原料 {}、向精神薬 {}、特に安全管理が必要な薬 {high_safety}。SHA-256 {digest}",
            counts.narcotic, counts.poison, counts.stimulant_raw_material, counts.psychotropic
        ),
        format!(
            "narcotic {}, poison {}, stimulant raw material {}, psychotropic {}, special management {high_safety}.",
            counts.narcotic, counts.poison, counts.stimulant_raw_material, counts.psychotropic
        ),
    ));
}
