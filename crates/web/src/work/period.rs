//! One statement opens the work period: which room, separated, nobody sees or hears, nothing is recorded.

use crate::{
    Errors, Form, Problem, StaffDesk,
    desk::go,
    scene::local_place,
    shell::{Section, StaffShell},
    words::Words,
};
use askama::Template;
use axum::{
    extract::{FromRequestParts, Query},
    http::request::Parts,
    response::Response,
};
use care::place::{self, WorkPeriod};
use serde::Deserialize;
use store::dossier::legal_day;

/// Longest description of a room, in characters.
const ROOM_CHARS_MAX: usize = 100;
/// The choice of a room that no register knows.
const OTHER: &str = "other";

#[derive(Template)]
#[template(path = "work/work.html")]
struct Page {
    shell: StaffShell,
    w: Words,
    errors: Errors,
    typed: Form,
    rooms: Vec<Room>,
    open: Option<Open>,
    next: String,
}

struct Room {
    id: String,
    name: String,
    overdue: bool,
}

struct Open {
    room: String,
    since: String,
    fits: bool,
}

/// Where to go afterwards: `?next=`.
pub(super) struct Next(String);

#[derive(Deserialize)]
struct Asked {
    next: Option<String>,
}

impl<S: Send + Sync> FromRequestParts<S> for Next {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let asked = Query::<Asked>::from_request_parts(parts, state).await.ok();
        let next = asked.and_then(|Query(asked)| asked.next);
        Ok(Self(
            next.as_deref()
                .and_then(local_place)
                .unwrap_or("/today")
                .to_owned(),
        ))
    }
}

pub(super) async fn show(desk: StaffDesk, Next(next): Next) -> Result<Response, Problem> {
    desk.page(&page(&desk, Errors::default(), blank()?, next).await?)
}

pub(super) async fn open(desk: StaffDesk, form: Form) -> Result<Response, Problem> {
    let next = local_place(form.text("next"))
        .unwrap_or("/today")
        .to_owned();
    let mut reading = form.reading();
    let chosen = reading.need("room", ROOM_CHARS_MAX);
    let described = reading.maybe("described", ROOM_CHARS_MAX);
    if chosen == OTHER && described.is_none() {
        reading.wrong("described", "field-empty");
    }
    // A registered room is one that the register knows; any other place is described.
    let registered = if chosen == OTHER {
        None
    } else {
        let found = desk.read().await?.registered_room(&chosen).await?;
        if found.is_none() && !chosen.is_empty() {
            reading.wrong("room", "field-wrong");
        }
        found
    };
    let errors = reading.errors();
    if !errors.is_empty() {
        return desk.page_wrong(&page(&desk, errors, form, next).await?);
    }
    let room = registered
        .map(|room| room.name)
        .or(described)
        .unwrap_or_default();
    let stated = form.text("stated") == "all";
    let period = WorkPeriod {
        person: desk.person,
        device: desk.device,
        network: super::network(&desk),
        room,
        separated: stated,
        unseen: stated,
        no_recording: stated,
        opened: desk.now,
        ended: None,
        locked: None,
    };
    place::openable(&period)?;
    let by = desk.by();
    desk.write(move |tx| Box::pin(async move { Ok(tx.open_work_period(&by, &period).await?) }))
        .await?;
    Ok(go(&next))
}

pub(super) async fn end(desk: StaffDesk) -> Result<Response, Problem> {
    let (by, person) = (desk.by(), desk.person);
    desk.write(move |tx| Box::pin(async move { Ok(tx.end_work_period(&by, person).await?) }))
        .await?;
    Ok(go("/work"))
}

fn blank() -> Result<Form, Problem> {
    Form::parse(b"")
}

async fn page(
    desk: &StaffDesk,
    errors: Errors,
    typed: Form,
    next: String,
) -> Result<Page, Problem> {
    let mut read = desk.read().await?;
    let today = legal_day(desk.now);
    let rooms = read.room_register().await?;
    let period = read
        .work_period(desk.person)
        .await?
        .filter(|period| period.ended.is_none());
    drop(read);
    let network = super::network(desk);
    let open = period.map(|period| Open {
        since: desk.w.time(period.opened),
        fits: period.device == desk.device
            && period.network == network
            && desk.now.duration_since(period.opened) <= place::WORK_PERIOD_MAX,
        room: period.room,
    });
    Ok(Page {
        shell: desk.shell("work-title", Section::Elsewhere).await?,
        w: desk.w,
        errors,
        typed,
        rooms: rooms
            .into_iter()
            .map(|room| Room {
                overdue: place::room_inspection_overdue(Some(room.inspected), today),
                id: room.id,
                name: room.name,
            })
            .collect(),
        open,
        next,
    })
}
