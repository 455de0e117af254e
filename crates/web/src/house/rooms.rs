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
    rooms: Vec<(String, String, bool)>,
    today: String,
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
    let rooms = desk.read().await?.rooms().await?;
    let today = legal_day(desk.now);
    Ok(Page {
        shell: desk.shell("house-rooms-title", Section::Publishing).await?,
        w: desk.w,
        errors,
        typed,
        today: today.to_string(),
        rooms: rooms
            .into_iter()
            .map(|(name, on)| {
                (
                    name,
                    desk.w.date(on),
                    room_inspection_overdue(Some(on), today),
                )
            })
            .collect(),
    })
}
