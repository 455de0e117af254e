//! `onshin recover-admin`: the administrator comes in again with the printed recovery code, which is used up.

use crate::{
    Done,
    config::{self, Config, Sources},
    init::read_password,
    outcome::Outcome,
    running, secret, serve,
    tell::{Both, say},
};
use access::{PersonId, Role, TenantId};
use clap::Args;
use ledger::Actor;
use std::{
    io::Write as _,
    os::unix::fs::OpenOptionsExt as _,
    path::{Path, PathBuf},
    process::ExitCode,
};
use store::{Fault, Store};
use web::{password, totp};

/// Letters of a recovery code: 160 bits, too many to try, so a plain digest keeps it.
const CODE_BYTES: usize = 32;

/// 管理者がはいれないとき
#[derive(Args)]
pub(crate) struct Wish {
    #[command(flatten)]
    sources: Sources,
    /// 管理者のサインイン名
    #[arg(long)]
    login: String,
    /// A file whose one line is the printed recovery code (回復コードを書いたファイル)
    #[arg(long, value_name = "FILE")]
    code_file: PathBuf,
}

/// `onshin recover-admin`
pub(crate) fn run(wish: Wish) -> Done {
    let config = config::read(&wish.sources)?;
    let code = read_password(&wish.code_file)?;
    if !fits(&config, &code) {
        return Err(Outcome::new(
            "回復コードがちがいます。何も変えていません。",
            "the recovery code is not right. Nothing was changed.",
        ));
    }
    running::run(async move {
        let store = serve::open_store(&config, serve::Reserve::None).await?;
        let done = recover(&store, &wish.login).await;
        store.close().await;
        let (new, factor) = done?;
        let next = keep_code(&config)?;
        say(Both::new(
            "管理者の入り方を作りなおしました。",
            "The administrator's sign-in was made anew.",
        ));
        say(format!("  合言葉 / password             {new}"));
        say(format!(
            "  6けたの番号の種 / TOTP secret  {}",
            totp::secret_text(&factor)
        ));
        say(format!("  新しい回復コード / next code  {next}"));
        say(Both::new(
            "前の回復コードはもう使えません。新しい紙を金庫にしまってください。",
            "The old recovery code is used up. Lock the new one away.",
        ));
        Ok(ExitCode::SUCCESS)
    })
}

async fn recover(store: &Store, login: &str) -> Result<(String, Vec<u8>), Outcome> {
    let now = running::now();
    let known = store
        .read(TenantId::INSTALLATION)
        .await?
        .credential(login)
        .await?;
    let person = known.map(|known| known.person);
    let person = match person {
        Some(person) if is_administrator(store, person).await? => person,
        Some(_) | None => {
            return Err(Outcome::new(
                format!("「{login}」という管理者はいません。"),
                format!("there is no administrator {login}."),
            ));
        }
    };
    let new = secret::readable::<16>()?;
    let hash = password::hash_password(&new, &secret::bytes()?)
        .ok_or_else(|| Outcome::machine("argon2id"))?;
    let factor = secret::bytes::<{ totp::SECRET_BYTES }>()?.to_vec();
    let kept = factor.clone();
    store
        .write::<(), Fault, _>(TenantId::INSTALLATION, now, move |tx| {
            Box::pin(async move {
                tx.set_password(person, &hash, Actor::System).await?;
                tx.set_totp(person, Some(&kept), Actor::System).await?;
                tx.set_disabled(person, false, Actor::System).await
            })
        })
        .await?;
    for tenant in store
        .read(TenantId::INSTALLATION)
        .await?
        .workplaces(person)
        .await?
    {
        store
            .write::<u64, Fault, _>(tenant, now, move |tx| {
                Box::pin(async move { tx.end_sessions_of(person, None).await })
            })
            .await?;
    }
    Ok((new, factor))
}

async fn is_administrator(store: &Store, person: PersonId) -> Result<bool, Outcome> {
    for tenant in store
        .read(TenantId::INSTALLATION)
        .await?
        .workplaces(person)
        .await?
    {
        let held = store
            .read(tenant)
            .await?
            .memberships(person, running::now())
            .await?;
        if held.iter().any(|one| one.role == Role::Administrator) {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Makes a new code and keeps its digest beside the key. Answers the code, to be printed once.
///
/// # Errors
///
/// The file cannot be written.
pub(crate) fn keep_code(config: &Config) -> Result<String, Outcome> {
    let code = secret::readable::<CODE_BYTES>()?;
    let file = config.data.recovery_file();
    write(&file, &digest(&code)).map_err(|why| Outcome::file(&file, &why))?;
    Ok(code)
}

fn fits(config: &Config, code: &str) -> bool {
    let kept = std::fs::read_to_string(config.data.recovery_file()).unwrap_or_default();
    let (kept, given) = (kept.trim().as_bytes(), digest(code));
    let given = given.as_bytes();
    let differences = kept.iter().zip(given).fold(0, |all, (a, b)| all | (a ^ b));
    !kept.is_empty() && kept.len() == given.len() && differences == 0
}

/// What is kept of a code, however it was typed.
fn digest(code: &str) -> String {
    let plain: String = code.chars().filter(char::is_ascii_alphanumeric).collect();
    ledger::leaf_hash(plain.to_ascii_lowercase().as_bytes()).to_string()
}

fn write(file: &Path, text: &str) -> std::io::Result<()> {
    let new = file.with_extension("new");
    let mut out = std::fs::OpenOptions::new()
        .create(true)
        .truncate(true)
        .write(true)
        .mode(0o600)
        .open(&new)?;
    writeln!(out, "{text}")?;
    out.sync_all()?;
    std::fs::rename(&new, file)
}
