//! `/house/people/{id}/licence`: the picture of a physician's licence (医師免許証), its private parts hidden, for patients (cl-1.4-iv-b).
//!
//! No route hands the picture out as it was handed in: it is made smaller at once, and whoever looks at it finds a mark on it.

use super::{course::Handed, second_person};
use crate::{
    At, Errors, Form, Problem, StaffDesk,
    desk::go,
    picture,
    scan::scan,
    shell::{Section, StaffShell},
    words::{Words, tokyo},
};
use access::PersonId;
use askama::Template;
use axum::{
    extract::Multipart,
    http::{HeaderValue, header},
    response::{IntoResponse, Response},
};
use care::proof::LICENCE;
use store::{Tx, licence::Licence};

/// A picture at most, in bytes.
const PICTURE_BYTES_MAX: usize = 10 * 1024 * 1024;
/// The form around it.
pub(super) const FORM_BYTES_MAX: usize = PICTURE_BYTES_MAX + 4 * 1024;
/// Longest side of the picture as it is kept, in points: enough to recognise a licence, too little to copy one.
const SIDE: u32 = 1_000;
/// Columns and lines of the grid by which parts are hidden.
const GRID: (u32, u32) = (10, 10);

/// One cell of the grid.
struct Cell {
    at: u32,
    line: u32,
    column: u32,
}

#[derive(Template)]
#[template(path = "house/licence.html")]
struct Page {
    shell: StaffShell,
    w: Words,
    id: PersonId,
    name: String,
    errors: Errors,
    /// Whether there is a picture, and whether its private parts are hidden.
    handed_in: bool,
    shown: bool,
    at: String,
    cells: Vec<Cell>,
    is_me: bool,
}

async fn page(desk: &StaffDesk, id: PersonId, errors: Errors) -> Result<Page, Problem> {
    let mut read = desk.read().await?;
    let name = read.name_of(id).await?.ok_or(Problem::NotFound)?;
    let licence = read.licence(id).await?;
    drop(read);
    let (columns, lines) = GRID;
    Ok(Page {
        shell: desk.shell("licence-title", Section::People).await?,
        w: desk.w,
        id,
        name,
        errors,
        handed_in: licence.is_some(),
        shown: licence.as_ref().is_some_and(|one| one.masked.is_some()),
        at: licence
            .map(|one| desk.w.day_time(one.handed_in))
            .unwrap_or_default(),
        cells: (0..columns * lines)
            .map(|at| Cell {
                at,
                line: at / columns + 1,
                column: at % columns + 1,
            })
            .collect(),
        is_me: id == desk.person,
    })
}

pub(super) async fn show(desk: StaffDesk, At(id): At<PersonId>) -> Result<Response, Problem> {
    let page = page(&desk, id, Errors::default()).await?;
    desk.page(&page)
}

/// The picture is handed in, made smaller, and waits for its private parts to be hidden. No patient sees it before.
pub(super) async fn hand_in(
    desk: StaffDesk,
    At(id): At<PersonId>,
    parts: Multipart,
) -> Result<Response, Problem> {
    second_person(&desk, id, LICENCE)?;
    let Handed { file, .. } = Handed::read(parts, PICTURE_BYTES_MAX).await?;
    let wrong = |key| Errors::one("file", key);
    if file.is_empty() {
        return desk.page_wrong(&page(&desk, id, wrong("field-empty")).await?);
    }
    let read = match scan(&file) {
        Some(_) => None,
        None => picture::read(file, SIDE).await?,
    };
    let Some(picture) = read else {
        return desk.page_wrong(&page(&desk, id, wrong("licence-no-picture")).await?);
    };
    let bytes = picture.jpeg().await?;
    keep(&desk, id, bytes, None).await?;
    Ok(go(&format!("/house/people/{id}/licence")))
}

/// Hides what was marked, for good, and shows the rest to patients.
pub(super) async fn mask(
    desk: StaffDesk,
    At(id): At<PersonId>,
    form: Form,
) -> Result<Response, Problem> {
    second_person(&desk, id, LICENCE)?;
    if !form.has("private") {
        let errors = Errors::one("private", "licence-private-open");
        return desk.page_wrong(&page(&desk, id, errors).await?);
    }
    let (columns, lines) = GRID;
    let mut cells: Vec<u32> = form
        .all("cell")
        .filter_map(|cell| cell.parse().ok())
        .filter(|cell| *cell < columns * lines)
        .collect();
    cells.sort_unstable();
    cells.dedup();
    let Licence {
        picture: bytes,
        masked,
        ..
    } = desk
        .read()
        .await?
        .licence(id)
        .await?
        .ok_or(Problem::OutOfTurn)?;
    let mut picture = picture::read(bytes, SIDE)
        .await?
        .ok_or(Problem::OutOfTurn)?;
    picture.hide(GRID, &cells);
    // What was hidden before is gone, and stays on the list.
    cells.extend(masked.unwrap_or_default());
    cells.sort_unstable();
    cells.dedup();
    let bytes = picture.jpeg().await?;
    keep(&desk, id, bytes, Some(cells)).await?;
    Ok(go(&format!("/house/people/{id}/licence")))
}

async fn keep(
    desk: &StaffDesk,
    id: PersonId,
    bytes: Vec<u8>,
    masked: Option<Vec<u32>>,
) -> Result<(), Problem> {
    let by = desk.by();
    desk.write(move |tx: &mut Tx| {
        Box::pin(async move {
            tx.name_of(id).await?.ok_or(Problem::NotFound)?;
            Ok(tx.put_licence(&by, id, &bytes, masked.as_deref()).await?)
        })
    })
    .await
}

/// Patients see it no more.
pub(super) async fn remove(
    desk: StaffDesk,
    At(id): At<PersonId>,
    _form: Form,
) -> Result<Response, Problem> {
    second_person(&desk, id, LICENCE)?;
    let by = desk.by();
    desk.write(move |tx| {
        Box::pin(async move {
            tx.licence(id).await?.ok_or(Problem::NotFound)?;
            Ok(tx.remove_licence(&by, id).await?)
        })
    })
    .await?;
    Ok(go(&format!("/house/people/{id}/licence")))
}

/// The picture for whoever hides its parts: marked with who looks at it, and when.
pub(super) async fn picture(desk: StaffDesk, At(id): At<PersonId>) -> Result<Response, Problem> {
    let licence = desk
        .read()
        .await?
        .licence(id)
        .await?
        .ok_or(Problem::NotFound)?;
    let viewer: String = desk.person.to_string().chars().rev().take(6).collect();
    marked(licence.picture, &viewer, desk.now).await
}

/// A picture of a licence as somebody is shown it: with the viewer's mark and the time across all of it.
pub(crate) async fn marked(
    bytes: Vec<u8>,
    viewer: &str,
    now: jiff::Timestamp,
) -> Result<Response, Problem> {
    let mut picture = picture::read(bytes, SIDE).await?.ok_or(Problem::NotFound)?;
    let at = now.to_zoned(tokyo()).strftime("%Y-%m-%d %H:%M:%S");
    picture.mark(&format!("{viewer} {at}"));
    let kind = (header::CONTENT_TYPE, HeaderValue::from_static("image/jpeg"));
    Ok(([kind], picture.jpeg().await?).into_response())
}
