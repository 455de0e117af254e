//! `/house/chat`: risk and benefit weighed, and what chat is for; off until it is signed (cl-2.5.1.1-xiii).

use crate::{
    Errors, Form, Problem, StaffDesk,
    desk::go,
    form::encode,
    shell::{Section, StaffShell},
    words::Words,
};
use askama::Template;
use axum::response::Response;
use care::chat::Scope;

/// Longest text of a field, in characters.
const TEXT_CHARS_MAX: usize = 600;

#[derive(Template)]
#[template(path = "chat/house.html")]
struct Page {
    shell: StaffShell,
    w: Words,
    errors: Errors,
    typed: Form,
    /// Since when it is on, and who signed it.
    on: Option<(String, String)>,
    /// Rows of the word list, and how many of them nobody has approved.
    words: usize,
    unverified: usize,
}

pub(super) async fn show(desk: StaffDesk) -> Result<Response, Problem> {
    let mut read = desk.read().await?;
    let signed = read.chat_scope().await?;
    let on = match &signed {
        Some(signed) => {
            let name = read.name_of(signed.signed_by).await?.unwrap_or_default();
            Some((desk.w.day_time(signed.signed), name))
        }
        None => None,
    };
    drop(read);
    let scope = signed.map_or_else(
        || Scope {
            topics: desk.w.say("chat-seed-topics").into_owned(),
            excluded: desk.w.say("chat-seed-excluded").into_owned(),
            ..Scope::default()
        },
        |signed| signed.scope,
    );
    let typed = [
        ("topics", &scope.topics),
        ("excluded", &scope.excluded),
        ("hours", &scope.hours),
        ("risk", &scope.risk),
        ("benefit", &scope.benefit),
    ]
    .map(|(name, value)| format!("{name}={}", encode(value)))
    .join("&");
    let rows = guideline::chat::WORDS;
    desk.page(&Page {
        shell: desk.shell("house-chat-title", Section::Publishing).await?,
        w: desk.w,
        errors: Errors::default(),
        typed: Form::parse(typed.as_bytes())?,
        on,
        words: rows.len(),
        unverified: rows.iter().filter(|row| !row.verified).count(),
    })
}

pub(super) async fn sign(desk: StaffDesk, form: Form) -> Result<Response, Problem> {
    let mut reading = form.reading();
    let mut text = |field| reading.maybe(field, TEXT_CHARS_MAX).unwrap_or_default();
    let scope = Scope {
        topics: text("topics"),
        excluded: text("excluded"),
        hours: text("hours"),
        risk: text("risk"),
        benefit: text("benefit"),
    };
    reading.done()?;
    let signable = scope.signable()?;
    let (by, person) = (desk.by(), desk.person);
    desk.write(move |tx| {
        Box::pin(async move {
            // The same words again are the same version: nobody is asked anew.
            if tx
                .chat_scope()
                .await?
                .is_none_or(|signed| signed.scope != scope)
            {
                let _ = tx.sign_chat_scope(&by, person, &scope, signable).await?;
            }
            Ok(())
        })
    })
    .await?;
    Ok(go("/house/chat"))
}

pub(super) async fn end(desk: StaffDesk, _form: Form) -> Result<Response, Problem> {
    let by = desk.by();
    desk.write(move |tx| Box::pin(async move { Ok(tx.end_chat(&by).await?) }))
        .await?;
    Ok(go("/house/chat"))
}
