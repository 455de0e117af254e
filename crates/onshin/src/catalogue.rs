//! `onshin clauses`: the duties of the guidelines as this program knows them.

use crate::{Done, outcome::Outcome, tell::say};
use clap::Args;
use guideline::{ClauseText, Kind, catalogue};
use std::process::ExitCode;

/// 条項の一覧
#[derive(Args)]
pub(crate) struct Wish {
    /// Only clauses whose id begins so (idの始まり)
    id: Option<String>,
    /// In English (英語で)
    #[arg(long)]
    en: bool,
    /// As JSON, one object a clause
    #[arg(long)]
    json: bool,
}

/// `onshin clauses`
pub(crate) fn run(wish: &Wish) -> Done {
    let begins = wish.id.as_deref().unwrap_or_default();
    let found: Vec<&ClauseText> = catalogue()
        .iter()
        .filter(|text| text.id.starts_with(begins))
        .collect();
    if wish.json {
        let rows: Vec<_> = found.iter().copied().map(row).collect();
        let text = serde_json::to_string_pretty(&rows).map_err(Outcome::machine)?;
        say(text);
        return Ok(ExitCode::SUCCESS);
    }
    for text in &found {
        let words = if wish.en { text.en } else { text.ja };
        say(format!(
            "{:<18} {:<10} {:<24} {words}",
            text.id, text.milestone, text.module
        ));
    }
    say(format!("{} / {}", found.len(), catalogue().len()));
    Ok(ExitCode::SUCCESS)
}

fn row(text: &ClauseText) -> serde_json::Value {
    let kind = match text.kind {
        Kind::Enforced => "enforced",
        Kind::Evidenced => "evidenced",
        Kind::Attested => "attested",
    };
    serde_json::json!({
        "id": text.id, "milestone": text.milestone, "module": text.module, "kind": kind,
        "source": text.source, "section": text.section, "ja": text.ja, "en": text.en,
    })
}
