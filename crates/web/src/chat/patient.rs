//! `/me/messages`: what it is for, once; then the thread.

use super::{Line, enough};
use crate::{
    Errors, Form, PatientDesk, Problem, desk::go, shell::PatientShell, visit::Asking, words::Words,
};
use askama::Template;
use axum::response::Response;
use care::{
    PatientId,
    chat::{ChatScopeId, Flag, MESSAGE_CHARS_MAX, MESSAGES_PER_DAY_MAX, Scope, open},
};
use store::{Conn, Fault, chat::Writer};

#[derive(Template)]
#[template(path = "chat/patient.html")]
struct Page {
    shell: PatientShell,
    w: Words,
    errors: Errors,
    typed: Form,
    /// What it is for; none where it was switched off and only the thread is left.
    scope: Option<(ChatScopeId, Scope)>,
    /// Whether the patient has accepted this version.
    accepted: bool,
    lines: Vec<Line>,
    /// What the newest message of the patient speaks of.
    flag: Option<Flag>,
}

impl Page {
    async fn load(desk: &PatientDesk, errors: Errors, typed: Form) -> Result<Self, Problem> {
        let mut read = desk.read().await?;
        let scope = read.chat_scope().await?;
        let facts = read.chat_facts(desk.patient).await?;
        let thread = read.chat_thread(desk.patient).await?;
        if scope.is_none() && thread.is_empty() {
            return Err(Problem::NotFound);
        }
        let mut lines = Vec::with_capacity(thread.len());
        for message in thread {
            let name = match message.person {
                Some(person) => read.name_of(person).await?.unwrap_or_default(),
                None => String::new(),
            };
            lines.push(Line::of(message, true, name, desk.w));
        }
        drop(read);
        Ok(Self {
            shell: desk.shell("chat-title").await?,
            w: desk.w,
            errors,
            typed,
            scope: scope.map(|signed| (signed.id, signed.scope)),
            accepted: open(facts).is_ok(),
            flag: lines
                .iter()
                .rev()
                .find(|line| line.own)
                .and_then(|line| line.flag),
            lines,
        })
    }
}

/// The way to the messages from the patient's other pages: none where they are off and nothing was written; else whether the
/// clinic wrote something new.
pub(crate) async fn entrance(conn: &mut Conn, patient: PatientId) -> Result<Option<bool>, Fault> {
    let thread = conn.chat_thread(patient).await?;
    if thread.is_empty() && conn.chat_scope().await?.is_none() {
        return Ok(None);
    }
    Ok(Some(thread.iter().any(|message| {
        message.person.is_some() && message.read.is_none()
    })))
}

pub(super) async fn show(desk: PatientDesk) -> Result<Response, Problem> {
    let page = Page::load(&desk, Errors::default(), Form::parse(b"")?).await?;
    let asking = Asking::of(&desk);
    desk.write(move |tx| {
        Box::pin(async move {
            tx.keep_read(&asking.by(), "messages", &[asking.patient])
                .await?;
            Ok(tx.read_chat(asking.patient, Writer::Patient).await?)
        })
    })
    .await?;
    desk.page(&page)
}

/// One press for both: what is exchanged here, and how it is used. It is about the version that was shown.
pub(super) async fn accept(desk: PatientDesk, form: Form) -> Result<Response, Problem> {
    let mut reading = form.reading();
    let scope: Option<ChatScopeId> = reading.parse("scope");
    reading.done()?;
    let scope = scope.ok_or(Problem::Malformed)?;
    let asking = Asking::of(&desk);
    desk.write(move |tx| {
        Box::pin(async move {
            let in_force = tx.chat_scope().await?.map(|signed| signed.id);
            if in_force != Some(scope) {
                return Err(Problem::OutOfTurn);
            }
            let by = asking.by();
            Ok(tx
                .accept_chat(&by, asking.patient, asking.proxy, scope)
                .await?)
        })
    })
    .await?;
    Ok(go("/me/messages"))
}

pub(super) async fn send(desk: PatientDesk, form: Form) -> Result<Response, Problem> {
    let mut reading = form.reading();
    let words = reading.need("words", MESSAGE_CHARS_MAX);
    let errors = reading.errors();
    if !errors.is_empty() {
        return desk.page_wrong(&Page::load(&desk, errors, form).await?);
    }
    let asking = Asking::of(&desk);
    desk.write(move |tx| {
        Box::pin(async move {
            let now = tx.now();
            let open = open(tx.chat_facts(asking.patient).await?)?;
            if tx.chat_today(asking.patient, false, now).await? >= MESSAGES_PER_DAY_MAX {
                return Err(enough());
            }
            let said = (Writer::Patient, words.as_str());
            let _ = tx
                .keep_chat_message(&asking.by(), asking.patient, said, open)
                .await?;
            Ok(())
        })
    })
    .await?;
    Ok(go("/me/messages#newest"))
}
