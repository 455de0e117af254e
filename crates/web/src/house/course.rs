//! The certificate of the ministry's course (研修): its file is handed in, and a second person compares it once (cl-3.1-i).

use super::person::{broken, page, second_person};
use crate::{At, Errors, Form, Problem, StaffDesk, desk::go, words::Words};
use access::{PersonId, Ulid, qualification};
use axum::{
    extract::Multipart,
    http::header,
    response::{IntoResponse, Response},
};
use jiff::civil::Date;
use store::{
    Conn,
    course::{Course, FILE_BYTES_MAX, FileKind},
    dossier::legal_day,
};

/// Largest form that brings a file.
pub(super) const FORM_BYTES_MAX: usize = FILE_BYTES_MAX + 16 * 1024;
/// Longest text of a field, in characters.
const TEXT_CHARS_MAX: usize = 100;
/// Fields of the form at most.
const FIELDS_MAX: usize = 8;

/// One line of the register on a person's page.
pub(super) struct Line {
    pub(super) id: Ulid,
    pub(super) number: String,
    pub(super) on: String,
    pub(super) verified: Option<(String, String)>,
    pub(super) has_file: bool,
    pub(super) digest: String,
}

pub(super) async fn lines(
    read: &mut Conn,
    w: Words,
    person: PersonId,
) -> Result<Vec<Line>, Problem> {
    let mut lines = Vec::new();
    for course in read.course_register().await? {
        let certificate = course.certificate;
        if certificate.person != person {
            continue;
        }
        let verified = match (certificate.verified_by, course.verified) {
            (Some(by), Some(at)) => {
                let name = read.name_of(by).await?.unwrap_or_default();
                Some((name, w.day_time(at)))
            }
            _ => None,
        };
        lines.push(Line {
            id: course.id,
            number: certificate.number,
            on: w.date(certificate.completed_on),
            verified,
            has_file: course.kind.is_some(),
            digest: certificate.file,
        });
    }
    Ok(lines)
}

/// Number, date and file. It counts for nothing before it is verified.
pub(super) async fn hand_in(
    desk: StaffDesk,
    At(id): At<PersonId>,
    parts: Multipart,
) -> Result<Response, Problem> {
    let Handed { fields, file } = Handed::read(parts, FILE_BYTES_MAX).await?;
    let form = Form::of(fields);
    let mut reading = form.reading();
    let number = reading.need("number", TEXT_CHARS_MAX);
    let completed_on: Option<Date> = reading.parse("completed_on");
    if completed_on.is_some_and(|on| on > legal_day(desk.now)) {
        reading.wrong("completed_on", "field-wrong");
    }
    let kind = FileKind::of(&file);
    if file.is_empty() {
        reading.wrong("file", "field-empty");
    } else if kind.is_none() {
        reading.wrong("file", "house-course-file-wrong");
    }
    let errors = reading.errors();
    let (Some(completed_on), Some(kind), true) = (completed_on, kind, errors.is_empty()) else {
        return desk.page_wrong(&page(&desk, id, errors, form).await?);
    };
    let by = desk.by();
    desk.write(move |tx| {
        Box::pin(async move {
            tx.name_of(id).await?.ok_or(Problem::NotFound)?;
            let written = (number, completed_on);
            Ok(tx
                .enter_course_file(&by, id, written, (kind, &file))
                .await?)
        })
    })
    .await?;
    Ok(go(&format!("/house/people/{id}")))
}

/// 原本と見くらべた: by somebody else, once.
pub(super) async fn verify(
    desk: StaffDesk,
    At(id): At<String>,
    form: Form,
) -> Result<Response, Problem> {
    let id: Ulid = id.parse().map_err(|_| Problem::NotFound)?;
    let Course { certificate, .. } = known(&mut *desk.read().await?, id).await?;
    let of = certificate.person;
    second_person(&desk, of, qualification::COURSE)?;
    if !form.has("compared") {
        let errors = Errors::one("compared", "field-empty");
        return desk.page_wrong(&page(&desk, of, errors, form).await?);
    }
    let (by, verifier, today) = (desk.by(), desk.person, legal_day(desk.now));
    desk.write(move |tx| {
        Box::pin(async move {
            if known(tx, id).await?.verified.is_some() {
                return Err(Problem::OutOfTurn);
            }
            tx.verify_course(&by, verifier, id).await?;
            // The register is asked as the start of a visit would ask it: a number held by another is refused here.
            let _ = qualification::trained(&tx.courses().await?, of, today)?;
            Ok(())
        })
    })
    .await?;
    Ok(go(&format!("/house/people/{of}")))
}

/// The file, to be kept and never shown by the browser. The layer adds `nosniff` and a policy under which nothing runs.
pub(super) async fn file(desk: StaffDesk, At(id): At<String>) -> Result<Response, Problem> {
    let id: Ulid = id.parse().map_err(|_| Problem::NotFound)?;
    let mut read = desk.read().await?;
    let of = known(&mut read, id).await?.certificate.person;
    let (kind, bytes) = read.course_file(id).await?.ok_or(Problem::NotFound)?;
    drop(read);
    let entry = desk
        .entry("training.read", "administration")
        .object("person", of.to_string());
    desk.write(move |tx| {
        Box::pin(async move {
            tx.record(entry).await?;
            Ok(())
        })
    })
    .await?;
    let name = match kind {
        FileKind::Pdf => "attachment; filename=\"certificate.pdf\"",
        FileKind::Jpeg => "attachment; filename=\"certificate.jpg\"",
        FileKind::Png => "attachment; filename=\"certificate.png\"",
    };
    let headers = [
        (header::CONTENT_TYPE, kind.media_type()),
        (header::CONTENT_DISPOSITION, name),
    ];
    Ok((headers, bytes).into_response())
}

async fn known(read: &mut Conn, id: Ulid) -> Result<Course, Problem> {
    read.course_register()
        .await?
        .into_iter()
        .find(|course| course.id == id)
        .ok_or(Problem::NotFound)
}

/// What the form brought.
pub(crate) struct Handed {
    pub(crate) fields: Vec<(String, String)>,
    pub(crate) file: Vec<u8>,
}

impl Handed {
    /// Reads the fields, and one file of so many bytes at most.
    pub(crate) async fn read(mut parts: Multipart, bytes_max: usize) -> Result<Self, Problem> {
        let (mut fields, mut file) = (Vec::new(), Vec::new());
        while let Some(part) = parts.next_field().await.map_err(|why| broken(&why))? {
            let name = part.name().unwrap_or_default().to_owned();
            let bytes = part.bytes().await.map_err(|why| broken(&why))?;
            if name == "file" {
                if bytes.len() > bytes_max {
                    return Err(Problem::TooLarge);
                }
                file = bytes.to_vec();
                continue;
            }
            let text = std::str::from_utf8(&bytes).map_err(|_| Problem::Malformed)?;
            if fields.len() == FIELDS_MAX || text.contains('\0') {
                return Err(Problem::Malformed);
            }
            fields.push((name, text.to_owned()));
        }
        Ok(Self { fields, file })
    }
}
