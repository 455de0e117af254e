//! `onshin init`: master.key, an institution, and its first administrator with a printed recovery code.

use crate::{
    Done,
    config::{self, Config, Sources},
    demo,
    outcome::Outcome,
    recover, running, secret, serve,
    tell::{Both, say, warn},
};
use access::{PersonId, Role, TenantId, Ulid, credential};
use clap::Args;
use jiff::Timestamp;
use ledger::Actor;
use std::{
    io::{BufRead as _, IsTerminal as _, Write as _},
    path::PathBuf,
    process::ExitCode,
};
use store::{
    Fault, MasterKey, Store,
    institution::Institution,
    person::{NewMembership, NewPerson},
};
use web::{password, totp};

/// はじめの設定
#[derive(Args)]
pub(crate) struct Wish {
    #[command(flatten)]
    sources: Sources,
    /// 医療機関の名前
    #[arg(long)]
    name: Option<String>,
    /// 所在地
    #[arg(long)]
    address: Option<String>,
    /// 電話番号
    #[arg(long)]
    phone: Option<String>,
    /// 診療時間
    #[arg(long)]
    hours: Option<String>,
    /// 医療機関コード; may come later
    #[arg(long)]
    code: Option<String>,
    /// オンライン診療の届出をした (notice of online care was given)
    #[arg(long)]
    notified: bool,
    /// 管理者の名前
    #[arg(long)]
    administrator: Option<String>,
    /// 管理者のサインイン名
    #[arg(long)]
    login: Option<String>,
    /// A file whose one line is the administrator's first password; without it one is made and printed
    #[arg(long, value_name = "FILE")]
    password_file: Option<PathBuf>,
}

/// What is asked, once it is known.
struct Answers {
    institution: Institution,
    administrator: String,
    login: String,
}

/// `onshin init`
pub(crate) fn run(wish: Wish) -> Done {
    let config = config::read(&wish.sources)?;
    refuse_inside(&config)?;
    let given = wish
        .password_file
        .as_deref()
        .map(read_password)
        .transpose()?;
    let answers = ask(wish)?;
    if let Some(password) = &given
        && let Err(why) = credential::password(password, &answers.login)
    {
        return Err(Outcome::new(
            format!("この合言葉は使えません({why:?})。12文字より長く、名前を入れないでください。"),
            format!(
                "this password is too weak ({why:?}): at least 12 characters, without the name."
            ),
        ));
    }
    running::run(async move {
        let made_key = key(&config)?;
        let store = serve::open_store(&config, serve::Reserve::None).await?;
        let done = make(&store, &answers, given, running::now()).await;
        store.close().await;
        let made = done?;
        let recovery = recover::keep_code(&config)?;
        print(&config, &answers, &made, made_key, &recovery);
        Ok(ExitCode::SUCCESS)
    })
}

/// The key must never lie in what is backed up.
fn refuse_inside(config: &Config) -> Result<(), Outcome> {
    let (key, folder) = (&config.data.master_key_file, &config.data.folder);
    if config::lies_in(key, folder) {
        return Err(Outcome::new(
            format!(
                "data.master_key_file: {} がデータの場所 {} の中です。外にしてください。",
                key.display(),
                folder.display()
            ),
            format!(
                "data.master_key_file: {} lies in the data folder {}. Name a place outside.",
                key.display(),
                folder.display()
            ),
        ));
    }
    Ok(())
}

/// Makes the key where there is none; true if it was made.
fn key(config: &Config) -> Result<bool, Outcome> {
    let file = &config.data.master_key_file;
    if file.exists() {
        return Ok(false);
    }
    if let Some(folder) = file.parent() {
        serve::make_folder(folder)?;
    }
    MasterKey::generate()?.save(file)?;
    Ok(true)
}

/// The administrator as made: shown once.
struct Made {
    password: Option<String>,
    factor: Vec<u8>,
}

async fn make(
    store: &Store,
    answers: &Answers,
    given: Option<String>,
    now: Timestamp,
) -> Result<Made, Outcome> {
    let known = store.tenants().await?;
    if known.iter().any(|(id, _)| *id == demo::CLINIC) {
        return Err(Outcome::new(
            "ここには見本(demo)のデータがあります。別の場所にしてください。",
            "there is a demonstration's data here. Choose another place.",
        ));
    }
    let login = answers.login.clone();
    if store
        .read(TenantId::INSTALLATION)
        .await?
        .credential(&login)
        .await?
        .is_some()
    {
        return Err(Outcome::new(
            format!("サインイン名「{login}」はもう使われています。"),
            format!("the sign-in name {login} is taken."),
        ));
    }
    let tenant = TenantId(fresh(now)?);
    let person = PersonId(fresh(now)?);
    let password = match given {
        Some(password) => (password, false),
        None => (secret::readable::<16>()?, true),
    };
    let factor = secret::bytes::<{ totp::SECRET_BYTES }>()?.to_vec();
    let new = NewPerson {
        id: person,
        login_name: login,
        password_hash: password::hash_password(&password.0, &secret::bytes()?)
            .ok_or_else(|| Outcome::machine("argon2id"))?,
        totp_secret: Some(factor.clone()),
    };
    let institution = answers.institution.clone();
    let membership = NewMembership {
        person,
        role: Role::Administrator,
        from: now,
        until: None,
        name: answers.administrator.clone(),
    };
    store.create_tenant(tenant, &institution.name, now).await?;
    store
        .write::<(), Fault, _>(TenantId::INSTALLATION, now, move |tx| {
            Box::pin(async move { tx.create_person(&new, Actor::System).await })
        })
        .await?;
    store
        .write::<(), Fault, _>(tenant, now, move |tx| {
            Box::pin(async move {
                tx.keep_institution(&institution, Actor::System).await?;
                tx.seed_texts().await?;
                tx.add_membership(&membership, Actor::System).await?;
                Ok(())
            })
        })
        .await?;
    Ok(Made {
        password: password.1.then_some(password.0),
        factor,
    })
}

fn fresh(now: Timestamp) -> Result<Ulid, Outcome> {
    let millis = u64::try_from(now.as_millisecond()).unwrap_or_default();
    Ok(Ulid::from_parts(
        millis,
        u128::from_be_bytes(secret::bytes()?),
    ))
}

pub(crate) fn read_password(file: &std::path::Path) -> Result<String, Outcome> {
    let text = std::fs::read_to_string(file).map_err(|why| Outcome::file(file, &why))?;
    Ok(text.lines().next().unwrap_or_default().to_owned())
}

fn ask(wish: Wish) -> Result<Answers, Outcome> {
    let institution = Institution {
        name: need(
            wish.name,
            "name",
            "医療機関の名前 / name of the institution",
        )?,
        address: need(wish.address, "address", "所在地 / address")?,
        phone: need(wish.phone, "phone", "電話番号 / telephone")?,
        hours: need(wish.hours, "hours", "診療時間 / hours")?,
        name_en: String::new(),
        address_en: String::new(),
        hours_en: String::new(),
        code: wish.code.unwrap_or_default(),
        online_care_notified: wish.notified,
        desks: store::institution::Desks::default(),
    };
    Ok(Answers {
        institution,
        administrator: need(
            wish.administrator,
            "administrator",
            "管理者の名前 / administrator's name",
        )?,
        login: need(wish.login, "login", "管理者のサインイン名 / sign-in name")?,
    })
}

/// What was given, or what is typed at a terminal; never empty.
fn need(given: Option<String>, flag: &str, question: &str) -> Result<String, Outcome> {
    let missing = || {
        Outcome::new(
            format!("--{flag} が要ります。"),
            format!("--{flag} is needed."),
        )
    };
    if let Some(text) = given.filter(|text| !text.trim().is_empty()) {
        return Ok(text);
    }
    if !std::io::stdin().is_terminal() {
        return Err(missing());
    }
    let _ = write!(std::io::stderr(), "{question}: ");
    let mut line = String::new();
    let read = std::io::stdin().lock().read_line(&mut line);
    match read {
        Ok(_) if !line.trim().is_empty() => Ok(line.trim().to_owned()),
        Ok(_) | Err(_) => Err(missing()),
    }
}

fn print(config: &Config, answers: &Answers, made: &Made, made_key: bool, recovery: &str) {
    let key = config.data.master_key_file.display();
    say(Both::new(
        format!("{} ができました。", answers.institution.name),
        format!("{} is ready.", answers.institution.name),
    ));
    say("");
    say(format!("  サインイン名 / sign-in name   {}", answers.login));
    if let Some(password) = &made.password {
        say(format!("  合言葉 / password             {password}"));
    }
    say(format!(
        "  6けたの番号の種 / TOTP secret  {}",
        totp::secret_text(&made.factor)
    ));
    say(format!("  {}", totp::uri(&made.factor, &answers.login)));
    say(format!("  回復コード / recovery code    {recovery}"));
    say("");
    say(Both::new(
        "この紙を印刷して、金庫にしまってください。二度と表示されません。",
        "Print this and lock it away. It is not shown again.",
    ));
    if made_key {
        warn(Both::new(
            format!(
                "{key} の控えを、この機械とバックアップの外に必ず1つ置いてください。なくすと、すべての記録が読めなくなります。"
            ),
            format!(
                "Keep a copy of {key} outside this machine and its backups. Lost key, lost records: nothing can read them again."
            ),
        ));
    }
}
