//! `/messages` and `/patients/{id}/messages`: what patients wrote, and the answer. Nothing has to be answered but what is flagged.

use super::{Line, enough};
use crate::{
    At, Errors, Form, Problem, StaffDesk,
    desk::go,
    notice::Contact,
    patients::{self, Band},
    shell::{Section, StaffShell},
    visit::{
        Receiver,
        link::{self, SECRET_BYTES},
        reachable,
    },
    words::{Lang, Words},
};
use askama::Template;
use axum::response::Response;
use care::{
    PatientId,
    chat::{MESSAGE_CHARS_MAX, MESSAGES_PER_DAY_MAX, open, sendable},
};
use store::{
    By, Tx,
    chat::Writer,
    outbox::{Address, Message},
};

#[derive(Template)]
#[template(path = "chat/list.html")]
struct List {
    shell: StaffShell,
    w: Words,
    rows: Vec<Row>,
}

struct Row {
    patient: PatientId,
    name: String,
    since: String,
}

#[derive(Template)]
#[template(path = "chat/thread.html")]
struct Thread {
    shell: StaffShell,
    w: Words,
    band: Band,
    errors: Errors,
    typed: Form,
    lines: Vec<Line>,
    /// Why nothing can be written now; its text.
    shut: Option<&'static str>,
}

pub(super) async fn list(desk: StaffDesk) -> Result<Response, Problem> {
    let mut read = desk.read().await?;
    let (mut rows, mut seen) = (Vec::new(), Vec::new());
    for (id, since) in read.chat_unread().await? {
        let Some(patient) = read.patient(id).await? else {
            continue;
        };
        seen.push(id);
        rows.push(Row {
            patient: id,
            name: patient.profile.name,
            since: desk.w.day_time(since),
        });
    }
    drop(read);
    patients::opened(&desk, "messages", seen).await?;
    desk.page(&List {
        shell: desk.shell("chat-title", Section::Tasks).await?,
        w: desk.w,
        rows,
    })
}

async fn page(
    desk: &StaffDesk,
    id: PatientId,
    errors: Errors,
    typed: Form,
) -> Result<Thread, Problem> {
    let mut read = desk.read().await?;
    let (band, _) = Band::load(&mut read, id, desk.w, desk.now).await?;
    let facts = read.chat_facts(id).await?;
    let shut = match open(facts) {
        Err(refusal) => Some(match refusal.reason {
            "chat_off" => "chat-off",
            "chat_scope_changed" => "chat-changed",
            _ => "chat-not-accepted",
        }),
        Ok(_) if reachable(&mut read, id, desk.now).await?.is_none() => Some("chat-unreachable"),
        Ok(_) => None,
    };
    let mut lines = Vec::new();
    for message in read.chat_thread(id).await? {
        let name = match message.person {
            Some(person) => read.name_of(person).await?.unwrap_or_default(),
            None => String::new(),
        };
        lines.push(Line::of(message, false, name, desk.w));
    }
    drop(read);
    Ok(Thread {
        shell: desk.shell("chat-title", Section::Patients).await?,
        w: desk.w,
        band,
        errors,
        typed,
        lines,
        shut,
    })
}

pub(super) async fn show(desk: StaffDesk, At(id): At<PatientId>) -> Result<Response, Problem> {
    let page = page(&desk, id, Errors::default(), Form::parse(b"")?).await?;
    let (by, person) = (desk.by(), desk.person);
    desk.write(move |tx| {
        Box::pin(async move {
            patients::keep_opened(tx, &by, "messages", &[id]).await?;
            Ok(tx.read_chat(id, Writer::Clinic(person)).await?)
        })
    })
    .await?;
    desk.page(&page)
}

pub(super) async fn send(
    desk: StaffDesk,
    At(id): At<PatientId>,
    form: Form,
) -> Result<Response, Problem> {
    // What is not there is said before what is wrong with the form.
    desk.read()
        .await?
        .patient(id)
        .await?
        .ok_or(Problem::NotFound)?;
    let mut reading = form.reading();
    let words = reading.need("words", MESSAGE_CHARS_MAX);
    let errors = reading.errors();
    if !errors.is_empty() {
        return desk.page_wrong(&page(&desk, id, errors, form).await?);
    }
    let url = desk.app().settings().patient_url.clone();
    let secret: [u8; SECRET_BYTES] = desk.app().random().ok_or(Problem::Unavailable)?;
    let (by, person) = (desk.by(), desk.person);
    desk.write(move |tx| {
        Box::pin(async move {
            let now = tx.now();
            let open = open(tx.chat_facts(id).await?)?;
            sendable(&words, &url)?;
            if tx.chat_today(id, true, now).await? >= MESSAGES_PER_DAY_MAX {
                return Err(enough());
            }
            // One message on the telephone for what is unread, not one each.
            let waiting = tx
                .chat_thread(id)
                .await?
                .iter()
                .any(|message| message.person.is_some() && message.read.is_none());
            let said = (Writer::Clinic(person), words.as_str());
            let _ = tx.keep_chat_message(&by, id, said, open).await?;
            if waiting {
                return Ok(());
            }
            tell(tx, &by, id, (&url, &secret)).await
        })
    })
    .await?;
    Ok(go(&format!("/patients/{id}/messages#newest")))
}

/// Tells the patient that there is something to read, with a link to the newest visit that has a living one.
async fn tell(
    tx: &mut Tx,
    by: &By,
    id: PatientId,
    (url, secret): (&str, &[u8; SECRET_BYTES]),
) -> Result<(), Problem> {
    let unreachable = || Problem::Wrong(Errors::one("words", "chat-unreachable"));
    let now = tx.now();
    let visit = reachable(tx, id, now).await?.ok_or_else(unreachable)?;
    let patient = tx.patient(id).await?.ok_or(Problem::NotFound)?;
    let institution = tx.institution().await?.ok_or(Problem::Unavailable)?;
    let (channel, to) = Receiver::Patient(None)
        .contact(&patient)
        .ok_or_else(unreachable)?;
    tx.invite(by, visit, id, None, secret).await?;
    let w = Words::of(Lang::Ja);
    let values = [
        ("clinic", Contact::name_of(&institution, w)),
        ("phone", institution.phone.clone()),
    ];
    let address = link::address(url, tx.tenant(), secret);
    let message = Message {
        to,
        subject: w.fill_all("chat-mail-subject", &values).into_owned(),
        text: format!("{}\n{address}", w.fill_all("chat-sms", &values)),
    };
    let to = Address {
        patient: id,
        proxy: None,
        consultation: Some(visit),
        channel,
    };
    Ok(tx.post(by, &to, "chat", &message).await?)
}
