//! `/house/rooms`: rooms in which physicians work, with the day each was inspected (cl-2.1-v).

use crate::{
    Errors, Form, Problem, StaffDesk,
    desk::go,
    shell::{Section, StaffShell},
    words::Words,
};
use askama::Template;
use axum::response::Response;
use care::place::room_inspection_overdue;
use jiff::civil::Date;
use store::dossier::legal_day;

/// Longest name of a room, in characters.
const NAME_CHARS_MAX: usize = 80;

#[derive(Template)]
#[template(path = "house/rooms.html")]
struct Page {
    shell: StaffShell,
    w: Words,
    errors: Errors,
    typed: Form,
    rooms: Vec<Row>,
    today: String,
}

struct Row {
    name: String,
    on: String,
    overdue: bool,
    /// The inspections before the newest.
    before: Vec<String>,
}

pub(super) async fn show(desk: StaffDesk) -> Result<Response, Problem> {
    let typed = Form::parse(format!("inspected={}", legal_day(desk.now)).as_bytes())?;
    desk.page(&page(&desk, Errors::default(), typed).await?)
}

pub(super) async fn add(desk: StaffDesk, form: Form) -> Result<Response, Problem> {
    let mut reading = form.reading();
    let name = reading.need("name", NAME_CHARS_MAX);
    let inspected: Option<Date> = reading.parse("inspected");
    if inspected.is_some_and(|on| on > legal_day(desk.now)) {
        reading.wrong("inspected", "field-wrong");
    }
    let errors = reading.errors();
    let (Some(inspected), true) = (inspected, errors.is_empty()) else {
        return desk.page_wrong(&page(&desk, errors, form).await?);
    };
    let by = desk.by();
    desk.write(move |tx| Box::pin(async move { Ok(tx.add_room(&by, &name, inspected).await?) }))
        .await?;
    Ok(go("/house/rooms"))
}

async fn page(desk: &StaffDesk, errors: Errors, typed: Form) -> Result<Page, Problem> {
    let today = legal_day(desk.now);
    let mut read = desk.read().await?;
    let mut rooms = Vec::new();
    for room in read.room_register().await? {
        let before = read.inspections(&room.id).await?;
        rooms.push(Row {
            name: room.name,
            on: desk.w.date(room.inspected),
            overdue: room_inspection_overdue(Some(room.inspected), today),
            before: before
                .into_iter()
                .filter(|on| *on != room.inspected)
                .map(|on| desk.w.date(on))
                .collect(),
        });
    }
    drop(read);
    Ok(Page {
        shell: desk.shell("house-rooms-title", Section::Publishing).await?,
        w: desk.w,
        errors,
        typed,
        today: today.to_string(),
        rooms,
    })
}
