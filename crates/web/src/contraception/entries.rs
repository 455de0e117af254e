//! What a physician carries beside the licence: specialty, designated training, cooperation with a counselling service. It is
//! entered by somebody else, with the certificate (cl-1.2-ec-a, cl-1.2-ec-b).

use crate::{
    At, Form, Problem, StaffDesk,
    desk::go,
    house::{Handed, second_person},
    words::Words,
};
use access::{PersonId, Ulid};
use axum::{extract::Multipart, response::Response};
use care::emergency_contraception::{Entry, GROUND, QUALIFIED};
use jiff::civil::Date;
use store::{
    Conn,
    course::{FILE_BYTES_MAX, FileKind},
    staff_entry::NewEntry,
};

/// Largest form that brings a certificate.
pub(super) const FORM_BYTES_MAX: usize = FILE_BYTES_MAX + 16 * 1024;
/// Longest title of a certificate, in characters.
const TEXT_CHARS_MAX: usize = 100;

/// One line on a person's page.
pub(crate) struct Line {
    pub(crate) id: Ulid,
    pub(crate) entry: &'static str,
    pub(crate) certificate: String,
    pub(crate) from: String,
    pub(crate) until: String,
    pub(crate) digest: String,
}

pub(crate) async fn lines(
    read: &mut Conn,
    w: Words,
    person: PersonId,
) -> Result<Vec<Line>, Problem> {
    Ok(read
        .staff_entries()
        .await?
        .into_iter()
        .filter(|line| line.entry.person == person)
        .map(|line| Line {
            id: line.id,
            entry: line.entry.entry.as_str(),
            certificate: line.certificate,
            from: w.date(line.entry.from),
            until: line
                .entry
                .until
                .map(|until| w.date(until))
                .unwrap_or_default(),
            digest: line.entry.digest,
        })
        .collect())
}

pub(super) async fn enter(
    desk: StaffDesk,
    At(id): At<PersonId>,
    parts: Multipart,
) -> Result<Response, Problem> {
    let known = desk.read().await?.name_of(id).await?;
    let _there = known.ok_or(Problem::NotFound)?;
    let Handed { fields, file } = Handed::read(parts, FILE_BYTES_MAX).await?;
    let form = Form::of(fields);
    let mut reading = form.reading();
    let entry = Entry::parse(form.text("entry"));
    let clause = match entry {
        Some(Entry::Counselling) => GROUND,
        Some(Entry::Obstetrics | Entry::Designated) | None => QUALIFIED,
    };
    second_person(&desk, id, clause)?;
    if entry.is_none() {
        reading.wrong("entry", "field-empty");
    }
    let certificate = reading.need("certificate", TEXT_CHARS_MAX);
    let from: Option<Date> = reading.parse("entry_from");
    let until: Option<Date> = match form.text("entry_until") {
        "" => None,
        _ => reading.parse("entry_until"),
    };
    if file.is_empty() {
        reading.wrong("file", "field-empty");
    } else if FileKind::of(&file).is_none() {
        reading.wrong("file", "house-course-file-wrong");
    }
    reading.done()?;
    let (Some(entry), Some(from)) = (entry, from) else {
        return Err(Problem::Malformed);
    };
    let (by, person) = (desk.by(), desk.person);
    desk.write(move |tx| {
        Box::pin(async move {
            tx.name_of(id).await?.ok_or(Problem::NotFound)?;
            let new = NewEntry {
                person: id,
                entry,
                certificate: &certificate,
                days: (from, until),
                file: &file,
            };
            tx.enter_staff_entry(&by, person, &new).await?;
            Ok(())
        })
    })
    .await?;
    Ok(go(&format!("/house/people/{id}")))
}

pub(super) async fn withdraw(
    desk: StaffDesk,
    At(id): At<String>,
    _form: Form,
) -> Result<Response, Problem> {
    let id: Ulid = id.parse().map_err(|_| Problem::NotFound)?;
    let by = desk.by();
    let person = desk
        .write(move |tx| {
            Box::pin(async move {
                let line = tx
                    .staff_entries()
                    .await?
                    .into_iter()
                    .find(|line| line.id == id)
                    .ok_or(Problem::NotFound)?;
                tx.withdraw_staff_entry(&by, &line).await?;
                Ok(line.entry.person)
            })
        })
        .await?;
    Ok(go(&format!("/house/people/{person}")))
}
